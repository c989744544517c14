package invoices

import (
	"strconv"
	"strings"

	"receivepayment/bitrix"
	"receivepayment/payments"
)

// reference is a document's name taken apart: an invoice, or a payment of an
// order.
type reference struct {
	invoice        int64
	order, payment int64
}

// item is the item of the CRM in whose timeline the document is talked about.
func (r reference) item() (entityType int, id int64) {
	if r.order != 0 {
		return bitrix.TypeOrder, r.order
	}
	return bitrix.TypeInvoice, r.invoice
}

// invoiceDocument names a smart invoice as a document, SI:77.
func invoiceDocument(id int64) string { return "SI:" + strconv.FormatInt(id, 10) }

// orderDocument names a payment of an order as a document, O:900/1410.
func orderDocument(order, payment int64) string {
	return "O:" + strconv.FormatInt(order, 10) + "/" + strconv.FormatInt(payment, 10)
}

// RecordOf names the CRM's record on which a document is shown: an invoice
// itself, or the order of a payment. Both are empty for a name that is none.
func RecordOf(document string) (entity, id string) {
	ref, err := parseDocument(document)
	switch {
	case err != nil:
		return "", ""
	case ref.order != 0:
		return bitrix.EntityOrder, strconv.FormatInt(ref.order, 10)
	}
	return bitrix.EntityInvoice, strconv.FormatInt(ref.invoice, 10)
}

// parseDocument reads a document's name.
func parseDocument(name string) (reference, error) {
	if id, ok := strings.CutPrefix(name, "SI:"); ok {
		n, err := parseID("document", id)
		return reference{invoice: n}, err
	}
	order, payment, ok := strings.Cut(strings.TrimPrefix(name, "O:"), "/")
	if !ok || !strings.HasPrefix(name, "O:") {
		return reference{}, payments.Invalid("document", "Name an invoice like SI:77, or an order's payment like O:900/1410.")
	}
	var r reference
	var err error
	if r.order, err = parseID("document", order); err != nil {
		return reference{}, err
	}
	r.payment, err = parseID("document", payment)
	return r, err
}
