package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// Invoice is a smart invoice (reference bitrix24 6.3). Ids are 0 where there is none.
type Invoice struct {
	ID int64
	// Title may be empty; the portal then shows a name made of number and date.
	Title string
	// Number is the invoice's number as printed; XMLID is our own reference on it.
	Number, XMLID string
	// Amount and Tax are exact decimal text in Currency (ISO code). ManualAmount means that the amount
	// was given by hand and does not follow the product rows.
	Amount, Tax, Currency string
	ManualAmount          bool
	// CategoryID is the invoice funnel; stage codes carry it, such as DT31_3:N.
	CategoryID               int64
	StageID, PreviousStageID string
	// DealID is the deal that the invoice belongs to.
	DealID int64
	// CompanyID and ContactIDs are the customer; MyCompanyID is the seller.
	CompanyID   int64
	ContactIDs  []int64
	MyCompanyID int64
	// AssignedByID is the responsible user.
	AssignedByID int64
	// MovedTime is when the stage last changed. Times are UTC, zero when unknown.
	MovedTime, CreatedTime, UpdatedTime time.Time
	// IssuedOn and DueOn are days in the portal's own zone, 2006-01-02, or empty.
	IssuedOn, DueOn string
}

type invoiceWire struct {
	ID              FlexInt       `json:"id"`
	Title           FlexString    `json:"title"`
	Number          FlexString    `json:"accountNumber"`
	XMLID           FlexString    `json:"xmlId"`
	Amount          Amount        `json:"opportunity"`
	Tax             Amount        `json:"taxValue"`
	ManualAmount    FlexBool      `json:"isManualOpportunity"`
	Currency        FlexString    `json:"currencyId"`
	CategoryID      FlexInt       `json:"categoryId"`
	StageID         FlexString    `json:"stageId"`
	PreviousStageID FlexString    `json:"previousStageId"`
	DealID          maybeInt      `json:"parentId2"`
	CompanyID       FlexInt       `json:"companyId"`
	ContactID       FlexInt       `json:"contactId"`
	ContactIDs      List[FlexInt] `json:"contactIds"`
	MyCompanyID     FlexInt       `json:"mycompanyId"`
	AssignedByID    FlexInt       `json:"assignedById"`
	MovedTime       flexTime      `json:"movedTime"`
	CreatedTime     flexTime      `json:"createdTime"`
	UpdatedTime     flexTime      `json:"updatedTime"`
	IssuedOn        FlexString    `json:"begindate"`
	DueOn           FlexString    `json:"closedate"`
}

// invoiceFields names the fields above: a list answers only what was selected, and the parent deal
// only when it was named (reference bitrix24 6.4).
func invoiceFields() []string {
	return []string{
		"id", "title", "accountNumber", "xmlId", "opportunity", "taxValue", "isManualOpportunity", "currencyId",
		"categoryId", "stageId", "previousStageId", "parentId2", "companyId", "contactId", "contactIds",
		"mycompanyId", "assignedById", "movedTime", "createdTime", "updatedTime", "begindate", "closedate",
	}
}

func (w invoiceWire) invoice() Invoice {
	return Invoice{
		ID: int64(w.ID), Title: string(w.Title), Number: string(w.Number), XMLID: string(w.XMLID),
		Amount: string(w.Amount), Tax: string(w.Tax), Currency: string(w.Currency), ManualAmount: bool(w.ManualAmount),
		CategoryID: int64(w.CategoryID), StageID: string(w.StageID), PreviousStageID: string(w.PreviousStageID),
		DealID: int64(w.DealID.value), CompanyID: int64(w.CompanyID), ContactIDs: contacts(w.ContactIDs, w.ContactID),
		MyCompanyID: int64(w.MyCompanyID), AssignedByID: int64(w.AssignedByID),
		MovedTime: time.Time(w.MovedTime), CreatedTime: time.Time(w.CreatedTime), UpdatedTime: time.Time(w.UpdatedTime),
		IssuedOn: day(string(w.IssuedOn)), DueOn: day(string(w.DueOn)),
	}
}

// day cuts the date out of the midnight that the portal makes of it; converting the zone would move it.
func day(text string) string {
	if len(text) < len(time.DateOnly) {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)]); err != nil {
		return ""
	}

	return text[:len(time.DateOnly)]
}

type invoicePage struct {
	Items List[invoiceWire] `json:"items"`
}

func invoiceRows(raw json.RawMessage) ([]invoiceWire, error) {
	var page invoicePage
	if err := decodeResult("crm.item.list", http.StatusOK, raw, &page); err != nil {
		return nil, err
	}

	return page.Items, nil
}

// invoicesOf lists the invoices of a deal, newest first (reference bitrix24 6.5).
func invoicesOf(dealID int64) map[string]any {
	return map[string]any{
		"entityTypeId": TypeInvoice, "filter": map[string]any{"parentId2": dealID},
		"order": map[string]any{"id": "DESC"}, "select": invoiceFields(),
	}
}

// invoicesFrom drops the row that appears twice when a new invoice pushes the pages along, and
// refuses a list that the filter did not shape.
func invoicesFrom(rows []invoiceWire, dealID int64) ([]Invoice, error) {
	seen := make(map[int64]bool, len(rows))
	all := make([]Invoice, 0, len(rows))
	for _, row := range rows {
		inv := row.invoice()
		if !row.DealID.sent {
			inv.DealID = dealID
		}
		if inv.ID <= 0 || inv.DealID != dealID {
			return nil, &Error{Method: "crm.item.list", Class: Unclear, Err: errors.New("answer lists another deal's invoices")}
		}
		if !seen[inv.ID] {
			all = append(all, inv)
		}
		seen[inv.ID] = true
	}

	return all, nil
}

// Invoice reads one smart invoice.
func (p *Portal) Invoice(ctx context.Context, id int64) (Invoice, error) {
	return p.oneInvoice(ctx, "crm.item.get", itemParams(TypeInvoice, id), id)
}

// oneInvoice calls a method that answers a whole invoice.
func (p *Portal) oneInvoice(ctx context.Context, method string, params map[string]any, id int64) (Invoice, error) {
	var got itemAnswer[invoiceWire]
	if _, err := p.Call(ctx, method, params, &got); err != nil {
		return Invoice{}, err
	}
	if err := wrongItem(method, got.Item.ID, id); err != nil {
		return Invoice{}, err
	}

	return got.Item.invoice(), nil
}

// InvoicesOfDeal reads all smart invoices of a deal, newest first. The list is complete or an error.
func (p *Portal) InvoicesOfDeal(ctx context.Context, dealID int64) ([]Invoice, error) {
	rows, err := collect(ctx, p, "crm.item.list", invoicesOf(dealID), 0, invoiceRows)
	if err != nil {
		return nil, err
	}

	return invoicesFrom(rows, dealID)
}
