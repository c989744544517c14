package bitrix

import (
	"context"
	"maps"
)

// InvoiceFields is what can be written to a smart invoice. A zero field is left as it is, so nothing
// can be cleared by accident.
type InvoiceFields struct {
	Title, XMLID string
	DealID       int64
	CompanyID    int64
	ContactIDs   []int64
	MyCompanyID  int64
	Currency     string
	AssignedByID int64
	CategoryID   int64
	StageID      string
	// Amount, exact decimal text, fixes the amount by hand; it then no longer follows the product rows.
	// Leave it empty for an invoice that gets rows.
	Amount string
	// IssuedOn and DueOn are days, 2006-01-02.
	IssuedOn, DueOn string
	Comments        string
	// Custom holds custom fields by their original names, UF_CRM_SMART_INVOICE_….
	Custom map[string]any
}

// wire builds the fields to send. It is written out rather than tagged, so that every name stands
// beside its rule.
func (f InvoiceFields) wire() map[string]any {
	out := maps.Clone(f.Custom)
	if out == nil {
		out = map[string]any{}
	}
	putText(out, "title", f.Title)
	putText(out, "xmlId", f.XMLID)
	putID(out, "parentId2", f.DealID)
	putID(out, "companyId", f.CompanyID)
	putID(out, "mycompanyId", f.MyCompanyID)
	putText(out, "currencyId", f.Currency)
	putID(out, "assignedById", f.AssignedByID)
	putID(out, "categoryId", f.CategoryID)
	putText(out, "stageId", f.StageID)
	putText(out, "begindate", f.IssuedOn)
	putText(out, "closedate", f.DueOn)
	putText(out, "comments", f.Comments)
	if len(f.ContactIDs) > 0 {
		out["contactIds"] = f.ContactIDs
	}
	if f.Amount != "" {
		out["opportunity"] = Amount(f.Amount)
		out["isManualOpportunity"] = "Y"
	}

	return out
}

func putText(out map[string]any, name, value string) {
	if value != "" {
		out[name] = value
	}
}

func putID(out map[string]any, name string, value int64) {
	if value != 0 {
		out[name] = value
	}
}

// AddInvoice creates a smart invoice and returns it as the portal stored it (reference bitrix24 6.4).
// It is not idempotent: give it an XMLID, and after an Unclear error look with InvoiceByXMLID.
func (p *Portal) AddInvoice(ctx context.Context, f InvoiceFields) (Invoice, error) {
	return p.oneInvoice(ctx, "crm.item.add", map[string]any{
		"entityTypeId": TypeInvoice, "fields": f.wire(), "useOriginalUfNames": "Y",
	}, 0)
}

// UpdateInvoice changes the given fields and returns the invoice as it is now. Invalid tells of a
// required field or a stage that may not be chosen, which only a person can mend. Compare the
// returned stage with the wanted one: automation may have moved it on.
func (p *Portal) UpdateInvoice(ctx context.Context, id int64, f InvoiceFields) (Invoice, error) {
	params := itemParams(TypeInvoice, id)
	params["fields"] = f.wire()

	return p.oneInvoice(ctx, "crm.item.update", params, id)
}

// DeleteInvoice deletes a smart invoice.
func (p *Portal) DeleteInvoice(ctx context.Context, id int64) error {
	_, err := p.Call(ctx, "crm.item.delete", map[string]any{"entityTypeId": TypeInvoice, "id": id}, nil)

	return err
}
