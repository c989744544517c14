package bitrix

import "context"

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
		if inv, found := withXMLID(page.Items, xmlID); found {
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
	rows, err := collect(ctx, p, "crm.item.list", invoicesOf(dealID), 0, invoiceRows)
	if err != nil {
		return Invoice{}, false, err
	}
	if _, err := invoicesFrom(rows, dealID); err != nil {
		return Invoice{}, false, err
	}
	inv, found := withXMLID(rows, xmlID)

	return inv, found, nil
}

// withXMLID picks the row with the lowest id among those that carry the reference.
func withXMLID(rows []invoiceWire, xmlID string) (Invoice, bool) {
	var best invoiceWire
	for _, row := range rows {
		if string(row.XMLID) == xmlID && row.ID > 0 && (best.ID == 0 || row.ID < best.ID) {
			best = row
		}
	}

	return best.invoice(), best.ID > 0
}
