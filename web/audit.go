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
	if !wantsJSON(c) {
		return s.showAudit(c, auditView{deskTabs: deskTabs{Who: who, Tab: "audit"}, Text: f.Text, Rows: rowsOf(who, lines), Next: next})
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

// auditProofJSON is what reading the whole chain found.
type auditProofJSON struct {
	Lines  int64            `json:"lines"` // the number of the newest
	Newest string           `json:"newest"`
	Faults []auditFaultJSON `json:"faults"` // empty where the chain is whole
}

type auditFaultJSON struct {
	Seq  int64  `json:"seq"`
	What string `json:"what"`
}

// proveAudit reads the portal's whole chain and says what was done to it.
func (s *Server) proveAudit(c echo.Context, who caller) error {
	head, faults, err := s.Audit.VerifyPortal(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	out := auditProofJSON{Lines: head.Seq, Newest: head.Hash, Faults: make([]auditFaultJSON, len(faults))}
	for i, f := range faults {
		out.Faults[i] = auditFaultJSON{Seq: f.Seq, What: f.What}
	}
	if !wantsJSON(c) {
		return s.fragment(c, http.StatusOK, "audit-proof", out)
	}
	return c.JSON(http.StatusOK, out)
}
