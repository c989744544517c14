package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/audit"
	"receivepayment/words"
)

// auditView is the record of who did what, as people read it.
type auditView struct {
	deskTabs
	Rows       []auditRow
	Text, Next string
}

// auditRow is one line of it.
type auditRow struct {
	audit.Line
	who caller
}

func rowsOf(who caller, lines []audit.Line) []auditRow {
	out := make([]auditRow, len(lines))
	for i, l := range lines {
		out[i] = auditRow{Line: l, who: who}
	}
	return out
}

// showAudit answers the part of the page, or the piece of it that was asked for.
func (s *Server) showAudit(c echo.Context, v auditView) error {
	switch {
	case c.QueryParam("cursor") != "":
		return s.fragment(c, http.StatusOK, "audit-rows", v)
	case c.QueryParam("list") != "":
		return s.fragment(c, http.StatusOK, "audit-list", v)
	}
	return s.fragment(c, http.StatusOK, "audit-tab", v)
}

// More is the address of the next piece, empty at the end.
func (v auditView) More() string {
	if v.Next == "" {
		return ""
	}
	return "/api/v1/audit?" + url.Values{"q": {v.Text}, "cursor": {v.Next}}.Encode()
}

// Number is the line's place in the chain.
func (r auditRow) Number() string { return strconv.FormatInt(r.Seq, 10) }

// Number is the newest line's.
func (p auditProofJSON) Number() string { return strconv.FormatInt(p.Lines, 10) }

// Number is the place of the line that is not as it was.
func (f auditFaultJSON) Number() string { return strconv.FormatInt(f.Seq, 10) }

// By is who did it. What the product did by itself names itself; a name that
// was forgotten leaves the number.
func (r auditRow) By() string {
	switch {
	case r.ActorName != "":
		return r.ActorName
	case r.ActorID != "":
		return r.who.T("Employee %s", r.ActorID)
	}
	return r.who.T("The app itself")
}

// Words say what was done.
func (r auditRow) Words() string {
	if key, known := auditWords[r.Action]; known {
		return r.who.T(key)
	}
	return strings.ReplaceAll(string(r.Action), ".", " ") // of a newer version
}

// auditWords are the actions in words. A test holds every action to it.
var auditWords = map[audit.Action]words.Key{
	audit.Installed:       "Installed the app",
	audit.PortalForgotten: "Forgot the people of the portal",
	audit.SettingsChanged: "Changed the settings",
	audit.RightsChanged:   "Changed rights",
	audit.TerminalPaired:  "Paired a terminal",
	audit.TerminalAgain:   "Paired a terminal again",
	audit.TerminalChanged: "Changed a terminal or who may use it",
	audit.TerminalRetired: "Retired a terminal",
	audit.CardRefused:     "Changed a terminal's card in the CRM without the right to; it was put back",
	audit.SettlementSet:   "Chose when a terminal settles",
	audit.FunctionStarted: "Ran a function of a terminal",
	audit.RefundStarted:   "Started a refund",
	audit.RequestApproved: "Approved a refund that somebody asked for",
	audit.RequestRejected: "Rejected a refund that somebody asked for",
	audit.PaymentResolved: "Decided a payment by hand",
	audit.PaymentExported: "Took out the details of a payment",
	audit.KeysRotated:     "Let a new key seal",
	audit.KeysRetired:     "Took away an old key",
}
