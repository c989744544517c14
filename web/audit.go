package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/audit"
	"receivepayment/payments"
)

type auditJSON struct {
	Items []auditLineJSON `json:"items"`
	Next  *string         `json:"next"`
}

type auditLineJSON struct {
	Seq     int64      `json:"seq"`
	At      time.Time  `json:"at"`
	By      personJSON `json:"by"`
	Action  string     `json:"action"`
	Subject string     `json:"subject"`
	Detail  string     `json:"detail"`
	Hash    string     `json:"hash"`
}

// listAudit answers who did what in the portal, newest first.
func (s *Server) listAudit(c echo.Context, who caller) error {
	f := audit.Filter{Text: c.QueryParam("q"), Cursor: c.QueryParam("cursor")}
	if len(f.Text) > 100 {
		return payments.Invalid("q", "Search for at most 100 characters.")
	}
	var err error
	if f.From, f.To, err = period(c); err != nil {
		return err
	}
	lines, next, err := s.Audit.List(c.Request().Context(), who.PortalID, f)
	if err != nil {
		return err
	}
	out := auditJSON{Items: make([]auditLineJSON, len(lines)), Next: textOrNil(next)}
	for i, l := range lines {
		out.Items[i] = auditLineJSON{
			Seq: l.Seq, At: l.At, By: personJSON{ID: l.ActorID, Name: l.ActorName}, Action: string(l.Action),
			Subject: l.Subject, Detail: l.Detail, Hash: l.Hash,
		}
	}
	return c.JSON(http.StatusOK, out)
}
