package web

import (
	"time"

	"receivepayment/invoices"
	"receivepayment/pairing"
)

// What is owed, and the terminals to send it to.

type documentJSON struct {
	ID          string        `json:"id"`
	Number      string        `json:"number"`
	Title       string        `json:"title"`
	Total       amountJSON    `json:"total"`
	Paid        amountJSON    `json:"paid"`
	Refunded    amountJSON    `json:"refunded"`
	Outstanding amountJSON    `json:"outstanding"`
	Refundable  amountJSON    `json:"refundable"`
	Status      string        `json:"status"`
	OpenPayment *summaryJSON  `json:"openPayment"`
	Payments    []summaryJSON `json:"payments"`
}

func documentOf(d invoices.Document) documentJSON {
	out := documentJSON{
		ID: d.ID, Number: d.Number, Title: d.Title, Status: string(d.Status),
		Total: amountOf(d.Money(d.Total)), Paid: amountOf(d.Money(d.Paid)), Refunded: amountOf(d.Money(d.Refunded)),
		Outstanding: amountOf(d.Money(d.Outstanding)), Refundable: amountOf(d.Money(d.Refundable)),
		Payments: summariesOf(d.Payments),
	}
	if d.Open != nil {
		open := summaryOf(*d.Open)
		out.OpenPayment = &open
	}
	return out
}

type viewJSON struct {
	Entity    string             `json:"entity"`
	ID        string             `json:"id"`
	Title     string             `json:"title"`
	Total     amountJSON         `json:"total"`
	ToInvoice amountJSON         `json:"toInvoice"`
	Documents []documentJSON     `json:"documents"`
	Terminals []pickTerminalJSON `json:"terminals"`
}

type pickTerminalJSON struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Provider string    `json:"provider"`
	Status   string    `json:"status"`
	Default  bool      `json:"default"`
	BusyWith *busyJSON `json:"busyWith"`
}

// busyJSON is what keeps a terminal: a payment of a document, or a function
// that is no payment, with null for both.
type busyJSON struct {
	Payment  *string     `json:"payment"`
	Document *string     `json:"document"`
	Function *string     `json:"function"`
	By       *personJSON `json:"by"` // null when the app does it by itself
	Since    time.Time   `json:"since"`
}

func viewOf(v invoices.View, cards []pairing.Card) viewJSON {
	out := viewJSON{
		Entity: v.Entity, ID: v.ID, Title: v.Title, Total: amountOf(v.Total), ToInvoice: amountOf(v.ToInvoice),
		Documents: make([]documentJSON, len(v.Documents)), Terminals: make([]pickTerminalJSON, len(cards)),
	}
	for i, d := range v.Documents {
		out.Documents[i] = documentOf(d)
	}
	for i, c := range cards {
		out.Terminals[i] = pickTerminalJSON{
			ID: c.ID, Name: c.Name, Provider: c.Provider, Status: string(c.Status), Default: c.Default, BusyWith: busyOf(c),
		}
	}
	return out
}

func busyOf(c pairing.Card) *busyJSON {
	if h := c.Held; h != nil {
		busy := &busyJSON{Function: &h.What, Since: h.Since}
		if h.ByID != "" {
			busy.By = &personJSON{ID: h.ByID, Name: h.ByName}
		}
		return busy
	}
	if c.Holder == nil {
		return nil
	}
	h := c.Holder
	return &busyJSON{
		Payment: &h.ID, Document: &h.Document, Since: h.CreatedAt, By: &personJSON{ID: h.StartedBy, Name: h.StartedByName},
	}
}
