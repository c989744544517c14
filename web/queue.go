package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
	"receivepayment/words"
)

// queueItemJSON is one thing that the CRM has not been told yet.
type queueItemJSON struct {
	Payment   summaryJSON             `json:"payment"`
	Document  string                  `json:"document"`
	Target    payments.Target         `json:"target"`
	State     payments.WriteBackState `json:"state"`
	Attempts  int                     `json:"attempts"`
	LastError *string                 `json:"lastError"`
	DueAt     *time.Time              `json:"dueAt"`
	Since     time.Time               `json:"since"`
}

// listWriteBacks shows what waits to be told to the CRM, and why.
func (s *Server) listWriteBacks(c echo.Context, who caller) error {
	ctx := c.Request().Context()
	rows, err := s.WriteBacks.Open(ctx, who.PortalID)
	if err != nil {
		return err
	}
	view := queueView{Who: who}
	for _, w := range rows {
		p, err := s.Payments.Find(ctx, who.PortalID, w.PaymentID)
		if err != nil {
			return err
		}
		view.Items = append(view.Items, queueItemView{WriteBack: w, Payment: p, Who: who})
	}
	if !wantsJSON(c) {
		return s.fragment(c, http.StatusOK, "queue", view)
	}
	items := make([]queueItemJSON, len(view.Items))
	for i, q := range view.Items {
		items[i] = queueItemJSON{
			Payment: summaryOf(q.Payment), Document: q.Payment.Document, Target: q.Target, State: q.State, Attempts: q.Attempts,
			LastError: orNull(q.LastError), DueAt: q.DueAt, Since: q.Since(),
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items, "next": nil})
}

// queueView is the page of what waits to be told to the CRM.
type queueView struct {
	Who   caller
	Items []queueItemView
}

// queueItemView is one row of it.
type queueItemView struct {
	payments.WriteBack
	Payment payments.Payment
	Who     caller
}

// About is the document and the amount.
func (v queueItemView) About() string {
	money := moneyText(v.Who.Voice, payments.Money{Minor: v.Payment.Amount, Currency: v.Payment.Currency})
	return v.Who.List(documentWords(v.Who.Voice, v.Payment.Document), money)
}

// What is to be told.
func (v queueItemView) What() words.Key { return targetWords(v.Target) }

// Why it was not told yet, in a sentence.
func (v queueItemView) Why() string {
	if v.LastError == "" {
		return v.Who.T("It is on its way.")
	}
	return v.Who.Stored(v.LastError)
}

// Tone is the colour of the row's pill.
func (v queueItemView) Tone() string {
	if v.State == payments.Attention {
		return "attention"
	}
	return "busy"
}

// Mark says where it stands.
func (v queueItemView) Mark() words.Key {
	if v.State == payments.Attention {
		return "Somebody has to help"
	}
	return "Waiting"
}

// targetWords names a target for people.
func targetWords(t payments.Target) words.Key {
	switch t {
	case payments.TargetDocument:
		return "The document itself"
	case payments.TargetTimeline:
		return "The document's timeline"
	case payments.TargetDeal:
		return "The deal's timeline"
	case payments.TargetDecision:
		return "The decision, in the timeline"
	case payments.TargetNotice:
		return "The people concerned"
	case payments.TargetTrigger:
		return "The automation"
	case payments.TargetTodo:
		return "A to-do for a person"
	}
	return "The CRM"
}
