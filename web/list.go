package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
)

type listJSON struct {
	Items []summaryOfList `json:"items"`
	Next  *string         `json:"next"`
}

// summaryOfList is a payment in a list: what it takes to find it again.
type summaryOfList struct {
	summaryJSON
	Document  string     `json:"document"`
	Terminal  namedJSON  `json:"terminal"`
	StartedBy personJSON `json:"startedBy"`
	RefundOf  *string    `json:"refundOf"`
	Last4     string     `json:"last4"`
	RRN       string     `json:"rrn"`
	TxnRef    string     `json:"txnRef"`
	Practice  bool       `json:"practice"`
}

func listed(rows []payments.Payment) []summaryOfList {
	out := make([]summaryOfList, len(rows))
	for i, p := range rows {
		out[i] = summaryOfList{
			summaryJSON: summaryOf(p), Document: p.Document, Terminal: namedJSON{ID: p.TerminalID, Name: p.TerminalName},
			StartedBy: personJSON{ID: p.StartedBy, Name: p.StartedByName}, RefundOf: textOrNil(p.RefundOf),
			Last4: p.Last4, RRN: p.RRN, TxnRef: p.TxnRef, Practice: p.Practice(),
		}
	}
	return out
}

// period reads from and to; what is left out is the zero time.
func period(c echo.Context) (from, to time.Time, err error) {
	for _, t := range []struct {
		field string
		into  *time.Time
	}{{"from", &from}, {"to", &to}} {
		text := c.QueryParam(t.field)
		if text == "" {
			continue
		}
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return from, to, payments.Invalid(t.field, "Send a time like 2026-11-21T10:00:00Z.")
		}
		*t.into = when
	}
	return from, to, nil
}

func (s *Server) listPayments(c echo.Context, who caller) error {
	f := payments.Filter{State: payments.State(c.QueryParam("state")), Text: c.QueryParam("q"), Cursor: c.QueryParam("cursor")}
	if f.State != "" && !slices.Contains(payments.States(), f.State) {
		return payments.Invalid("state", "There is no such state.")
	}
	if len(f.Text) > 100 {
		return payments.Invalid("q", "Search for at most 100 characters.")
	}
	var err error
	if f.From, f.To, err = period(c); err != nil {
		return err
	}
	rows, next, err := s.Payments.List(c.Request().Context(), who.PortalID, f)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, listJSON{Items: listed(rows), Next: textOrNil(next)})
}
