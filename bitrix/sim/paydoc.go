package sim

import (
	"net/http"
	"slices"
)

// PaymentDocument is a document of payment on an invoice (reference bitrix24, 6.8).
type PaymentDocument struct {
	ID        int
	InvoiceID int
	Sum       string
	Currency  string
	Paid      bool
	PaidBy    int
}

// runPayDocList is crm.item.payment.list.
func runPayDocList(c *call) (any, *restError) {
	typeID, ok := c.args.get("entityTypeId").number()
	id, okID := c.args.get("entityId").number()
	if !ok || !okID {
		return nil, errMissing("entityId")
	}
	if !c.user.may(canRead) {
		return nil, errDenied()
	}
	if c.p.item(typeID, id) == nil {
		return nil, refuse(http.StatusBadRequest, 0, "Element not found")
	}
	out := []any{}
	for _, d := range c.p.payDocs {
		if typeID == typeInvoice && d.InvoiceID == id {
			out = append(out, d.output())
		}
	}
	return out, nil
}

func (d *PaymentDocument) output() map[string]any {
	return map[string]any{
		"id": d.ID, "accountNumber": itoa(d.ID) + "/1", "paid": yesNo(d.Paid), "empPaidId": d.PaidBy,
		"sum": mustDecimal(d.Sum), "currency": d.Currency, "paySystemId": 6, "paySystemName": "Cash",
	}
}

// runPayDocPay and runPayDocUnpay need the right to change the invoice; failures have the numeric code 0.
func runPayDocPay(c *call) (any, *restError)   { return c.settlePayDoc(true) }
func runPayDocUnpay(c *call) (any, *restError) { return c.settlePayDoc(false) }

func (c *call) settlePayDoc(paid bool) (any, *restError) {
	id, ok := c.args.get("id").number()
	if !ok {
		return nil, errMissing("id")
	}
	at := slices.IndexFunc(c.p.payDocs, func(d *PaymentDocument) bool { return d.ID == id })
	if at < 0 {
		return nil, refuse(http.StatusBadRequest, 0, "Payment not found")
	}
	if !c.user.may(canWrite) {
		return nil, refuse(http.StatusBadRequest, 0, "Access denied")
	}
	d := c.p.payDocs[at]
	d.Paid, d.PaidBy = paid, c.user.id
	c.s.touch()
	return true, nil
}

// AddPaymentDocument hangs an unpaid document on an invoice, as a person does with "receive payment".
func (s *Sim) AddPaymentDocument(invoiceID int, sum string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.portals[0]
	d := &PaymentDocument{ID: p.nextID("paydoc"), InvoiceID: invoiceID, Sum: sum, Currency: p.item(typeInvoice, invoiceID).text("currencyId")}
	p.payDocs = append(p.payDocs, d)
	return d.ID
}

// PaymentDocuments lists the documents of an invoice.
func (s *Sim) PaymentDocuments(invoiceID int) []PaymentDocument {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []PaymentDocument
	for _, d := range s.portals[0].payDocs {
		if d.InvoiceID == invoiceID {
			found = append(found, *d)
		}
	}
	return found
}
