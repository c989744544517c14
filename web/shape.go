package web

import (
	"time"

	"receivepayment/access"
	"receivepayment/payments"
)

// The JSON shapes of api.md, each made from what a feature answers. Amounts are
// decimal text with a currency, times RFC 3339 UTC.

type amountJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

func amountOf(m payments.Money) amountJSON {
	return amountJSON{Amount: m.String(), Currency: m.Currency}
}

type personJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type namedJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type summaryJSON struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	Amount    amountJSON `json:"amount"`
	CreatedAt time.Time  `json:"createdAt"`
}

func summaryOf(p payments.Payment) summaryJSON {
	return summaryJSON{
		ID: p.ID, Kind: string(p.Kind), State: string(p.State), CreatedAt: p.CreatedAt,
		Amount: amountOf(payments.Money{Minor: p.Amount, Currency: p.Currency}),
	}
}

func summariesOf(rows []payments.Payment) []summaryJSON {
	out := make([]summaryJSON, len(rows))
	for i, p := range rows {
		out[i] = summaryOf(p)
	}
	return out
}

type grantJSON struct {
	Subject string         `json:"subject"`
	Rights  []access.Right `json:"rights"`
}

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
