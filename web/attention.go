package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/payments"
	"receivepayment/words"
)

// attentionItem is one thing that is not as it should be, with the one next
// step that we recommend.
type attentionItem struct {
	Type        string       `json:"type"` // payment, write_back, terminal, portal
	ID          string       `json:"id"`
	Code        string       `json:"code"`
	Text        string       `json:"text"`
	Recommended string       `json:"recommended"`
	Since       time.Time    `json:"since"`
	Payment     *summaryJSON `json:"payment"`
	Document    *string      `json:"document"`
	Terminal    *namedJSON   `json:"terminal"`
	Request     *string      `json:"refundRequest"`
}

type attentionJSON struct {
	Items []attentionItem `json:"items"`
	Next  *string         `json:"next"`
}

// listAttention is the attention desk: empty on a good day.
func (s *Server) listAttention(c echo.Context, who caller) error {
	items, err := s.attention(c.Request().Context(), who)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.fragment(c, http.StatusOK, "attention", attentionView{Who: who, Items: items, Now: s.Now()})
	}
	return c.JSON(http.StatusOK, attentionJSON{Items: items})
}

func (s *Server) attention(ctx context.Context, who caller) ([]attentionItem, error) {
	out := []attentionItem{}
	for _, part := range []func(context.Context, caller) ([]attentionItem, error){
		s.openOutcomes, s.waitingRefunds, s.stuckWriteBacks, s.sickTerminals, s.silencedPortal,
	} {
		items, err := part(ctx, who)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

// openOutcomes are payments that are unknown, in review, or carry an alert that
// nobody has dealt with.
func (s *Server) openOutcomes(ctx context.Context, who caller) ([]attentionItem, error) {
	rows, err := s.Payments.Attention(ctx, who.PortalID)
	if err != nil {
		return nil, err
	}
	var out []attentionItem
	for _, p := range rows {
		switch p.State {
		case payments.Unknown:
			out = append(out, itemOf(p, "unknown", who.T("The result is not known yet. We go on asking."),
				who.T("Do not charge again. Look at the terminal's last receipt, or check now."), p.CreatedAt))
		case payments.Review:
			out = append(out, itemOf(p, "review", who.T("The result could not be learnt."),
				who.T("Compare with the terminal or the bank, then decide with a reason."), p.CreatedAt))
		case payments.Created, payments.Sent, payments.Approved, payments.Declined, payments.Cancelled, payments.NeverStarted:
		}
	}
	alerts, err := s.Payments.OpenAlerts(ctx, who.PortalID)
	if err != nil {
		return nil, err
	}
	for _, a := range alerts {
		i := slices.IndexFunc(rows, func(p payments.Payment) bool { return p.ID == a.PaymentID })
		if i >= 0 {
			out = append(out, itemOf(rows[i], a.Code, who.Stored(a.Text), who.T(adviceFor(rows[i].Kind, a.Code)), a.At))
		}
	}
	return out, nil
}

func itemOf(p payments.Payment, code, text, advice string, since time.Time) attentionItem {
	summary := summaryOf(p)
	return attentionItem{
		Type: "payment", ID: p.ID, Code: code, Text: text, Recommended: advice, Since: since, Payment: &summary,
		Document: &p.Document, Terminal: &namedJSON{ID: p.TerminalID, Name: p.TerminalName},
	}
}

func adviceFor(kind payments.Kind, code string) words.Key {
	late := code == payments.AlertLateApproval
	switch {
	case late && kind == payments.Refund, code == payments.AlertRefundedTwice:
		return "If the money went back twice, speak with the customer, then with the bank."
	case late, code == payments.AlertPaidTwice:
		return "If the customer paid twice, refund exactly this payment."
	}
	switch code {
	case payments.AlertContradiction:
		return "Compare with the terminal's last receipt and the bank's list before you decide."
	case payments.AlertAmountMissing, payments.AlertOverApproved:
		return "Compare the amount with the receipt."
	case payments.AlertQuestion:
		return "Check now. If it stays, look at the terminal's last receipt."
	}
	return "Look at the payment's history."
}

func (s *Server) stuckWriteBacks(ctx context.Context, who caller) ([]attentionItem, error) {
	rows, err := s.WriteBacks.Attention(ctx, who.PortalID)
	if err != nil {
		return nil, err
	}
	var out []attentionItem
	for _, w := range rows {
		p, err := s.Payments.Find(ctx, who.PortalID, w.PaymentID)
		if err != nil {
			return nil, err
		}
		item := itemOf(p, "write_back", who.T("The CRM was not told: %s", who.Stored(w.LastError)),
			who.T("Mend it in the CRM, then press retry. The payment itself is recorded."), w.CreatedAt)
		item.Type = "write_back"
		out = append(out, item)
	}
	return out, nil
}

func (s *Server) sickTerminals(ctx context.Context, who caller) ([]attentionItem, error) {
	sick, err := s.Terminals.Sick(ctx, who.PortalID, who.Person.ID, who.may(access.Pair))
	if err != nil {
		return nil, err
	}
	var out []attentionItem
	for _, c := range sick {
		since := c.CreatedAt
		if c.LastSeenAt != nil {
			since = *c.LastSeenAt
		}
		out = append(out, attentionItem{
			Type: "terminal", ID: c.ID, Code: "terminal", Text: who.T("%s: %s", c.Name, who.Stored(c.StatusReason)), Since: since,
			Recommended: who.T("Test the terminal in the app's settings, or pair it again."), Terminal: &namedJSON{ID: c.ID, Name: c.Name},
		})
	}
	return out, nil
}

func (s *Server) silencedPortal(ctx context.Context, who caller) ([]attentionItem, error) {
	portal, err := s.Portals.Portal(ctx, who.PortalID)
	if err != nil {
		return nil, err
	}
	dead, err := s.Portals.Silenced(ctx, portal)
	if err != nil || !dead {
		return nil, err
	}
	return []attentionItem{{
		Type: "portal", ID: portal.ID, Code: "token", Since: portal.UpdatedAt,
		Text:        who.T("Bitrix24 no longer accepts our token: payments work, the CRM is told later."),
		Recommended: who.T("An administrator opens this app once; that heals it."),
	}}, nil
}

// acknowledgeAlert notes that somebody has dealt with an alert.
func (s *Server) acknowledgeAlert(c echo.Context, who caller) error {
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	if err := s.Payments.Acknowledge(c.Request().Context(), p.ID, c.Param("code"), who.Person); err != nil {
		return err
	}
	c.Response().Header().Set("HX-Trigger", `{"attention:changed":{}}`)
	return s.answerPayment(c, who, http.StatusOK, p.ID)
}

// takeOverPayment notes that the caller has a colleague's open payment on the
// screen now.
func (s *Server) takeOverPayment(c echo.Context, who caller) error {
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	if err := s.Payments.TakeOver(c.Request().Context(), p.ID, who.Person); err != nil {
		return err
	}
	return s.answerPayment(c, who, http.StatusOK, p.ID)
}
