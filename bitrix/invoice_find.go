package bitrix

import (
	"context"
	"errors"
)

// InvoiceByXMLID finds the invoice that carries our reference, the oldest when there are several;
// found is false when there certainly is none. Where the portal refuses to filter by the reference,
// which its documentation leaves open, or ignores the filter, the deal's invoices are listed and
// compared instead. Look here before adding an invoice again: the portal knows no idempotency
// (reference bitrix24 3.1, 6.3).
func (p *Portal) InvoiceByXMLID(ctx context.Context, dealID int64, xmlID string) (inv Invoice, found bool, err error) {
	if xmlID == "" {
		return Invoice{}, false, nil
	}

	var page invoicePage
	got, err := p.Call(ctx, "crm.item.list", map[string]any{
		"entityTypeId": TypeInvoice, "filter": map[string]any{"=xmlId": xmlID},
		"order": map[string]any{"id": "ASC"}, "select": invoiceFields(),
	}, &page)
	if err != nil && ClassOf(err) != Invalid {
		return Invoice{}, false, err
	}
	if err == nil {
		if inv, found := withXMLID(invoicesOn(page), xmlID); found {
			return inv, true, nil
		}
		// An honoured filter leaves nothing, or what we looked for. Rows of others mean that it was ignored.
		if len(page.Items) == 0 && got.Next == nil {
			return Invoice{}, false, nil
		}
	}

	return p.compareXMLID(ctx, dealID, xmlID)
}

func (p *Portal) compareXMLID(ctx context.Context, dealID int64, xmlID string) (Invoice, bool, error) {
	if dealID <= 0 {
		return Invoice{}, false, &Error{Method: "crm.item.list", Class: Invalid, Err: errors.New("no deal to search in")}
	}
	rows, err := collect(ctx, p, "crm.item.list", invoicesOf(dealID), 0, invoiceRows)
	if err != nil {
		return Invoice{}, false, err
	}
	all, err := invoicesFrom(rows, dealID)
	if err != nil {
		return Invoice{}, false, err
	}
	inv, found := withXMLID(all, xmlID)

	return inv, found, nil
}

func invoicesOn(page invoicePage) []Invoice {
	all := make([]Invoice, 0, len(page.Items))
	for _, row := range page.Items {
		all = append(all, row.invoice())
	}

	return all
}

// withXMLID picks the lowest id among the invoices that carry the reference.
func withXMLID(all []Invoice, xmlID string) (Invoice, bool) {
	var best Invoice
	for _, inv := range all {
		if inv.XMLID == xmlID && inv.ID > 0 && (best.ID == 0 || inv.ID < best.ID) {
			best = inv
		}
	}

	return best, best.ID > 0
}
