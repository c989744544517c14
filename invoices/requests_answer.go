package invoices

import (
	"context"
	"fmt"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// next asks the cashier first, then looks for the payment, then answers.
func (s *Requests) next(ctx context.Context, r *CardRequest) error {
	if r.State == requestNew {
		if err := s.askCashier(ctx, r); err != nil {
			return err
		}
		r.State, r.Attempts, r.LastError = requestAsked, 0, ""
		r.DueAt = later(s.Clock(), requestLook)
		if !r.Waits {
			r.State, r.DueAt, r.DoneAt = requestAnswered, nil, later(s.Clock(), 0)
		}
		return nil
	}
	if r.Outcome == "" {
		if err := s.look(ctx, r); err != nil {
			return err
		}
	}
	if r.Outcome == "" {
		r.DueAt = later(s.Clock(), requestLook)
		return nil
	}
	return s.answer(ctx, r)
}

// askCashier notifies the cashier with a link that opens Receive Payment. The
// tag makes a repetition replace the first.
func (s *Requests) askCashier(ctx context.Context, r *CardRequest) error {
	api, err := s.CRM.AsAdmin(ctx, r.PortalID)
	if err != nil {
		return err
	}
	id, err := parseID("id", r.EntityID)
	if err != nil {
		return err
	}
	title, responsible, err := titleOf(ctx, api, r.Entity, id)
	if err != nil {
		return err
	}
	if r.Cashier == "" {
		r.Cashier = number(responsible)
	}
	settings, err := readSettings(s.DB.WithContext(ctx), r.PortalID)
	if err != nil {
		return err
	}
	v := s.CRM.Voice(ctx, r.PortalID)
	text := v.Join(v.T("Please take the card payment for %s.", title), r.Note,
		"[URL="+requestLink(settings.AppCode, r.Entity, id)+"]"+v.T("Open Receive Payment")+"[/URL]")
	return s.Notices.Tell(ctx, r.PortalID, []string{r.Cashier}, "POS|ask|"+r.ID, text)
}

func titleOf(ctx context.Context, api *bitrix.Portal, entity string, id int64) (string, int64, error) {
	if entity == bitrix.EntityDeal {
		d, err := api.Deal(ctx, id)
		return d.Title, d.AssignedByID, err
	}
	invoice, err := api.Invoice(ctx, id)
	if invoice.Title == "" {
		invoice.Title = "№ " + invoice.Number
	}
	return invoice.Title, invoice.AssignedByID, err
}

// requestLink opens our page on the item (reference bitrix24 4.5); without the
// app's code it opens the item, where our tab is.
func requestLink(appCode, entity string, id int64) string {
	if appCode == "" {
		kind := map[string]int{bitrix.EntityDeal: bitrix.TypeDeal}[entity]
		if kind == 0 {
			kind = bitrix.TypeInvoice
		}
		return itemPath(kind, id)
	}
	return fmt.Sprintf("/marketplace/view/%s/?params[%s]=%d", appCode, entity, id)
}

// look finds what became of the request: the first payment that was approved
// since, or a refusal that no other card followed, or nothing within its time.
func (s *Requests) look(ctx context.Context, r *CardRequest) error {
	var rows []payments.Payment
	tx := s.DB.WithContext(ctx).Where("portal_id = ? AND kind = ? AND created_at >= ?", r.PortalID, payments.Purchase, r.CreatedAt)
	if r.Entity == bitrix.EntityDeal {
		tx = tx.Where("deal_id = ?", r.EntityID)
	} else {
		tx = tx.Where("document = ?", "SI:"+r.EntityID)
	}
	if err := tx.Order("created_at, id").Find(&rows).Error; err != nil {
		return fmt.Errorf("look for the payment of request %s: %w", r.ID, err)
	}
	now := s.Clock()
	open := false
	for _, p := range rows {
		switch {
		case p.State == payments.Approved:
			r.Outcome, r.PaymentID = string(payments.Approved), p.ID
			return nil
		case !p.State.Final():
			open = true
		case p.DecidedAt != nil && now.Sub(*p.DecidedAt) >= anotherCard:
			r.Outcome, r.PaymentID = string(p.State), p.ID
		}
	}
	switch {
	case open:
		r.Outcome, r.PaymentID = "", ""
	case r.Outcome == "" && now.Sub(r.CreatedAt) >= requestFor:
		r.Outcome = "expired"
	}
	return nil
}

// answer returns the outcome to the workflow. The token works once: when an
// earlier answer arrived and its reply was lost, this one is refused, and the
// workflow has gone on all the same.
func (s *Requests) answer(ctx context.Context, r *CardRequest) error {
	api, err := s.CRM.AsAdmin(ctx, r.PortalID)
	if err != nil {
		return err
	}
	values := map[string]string{robotStatus: r.Outcome, robotRef: "", robotAmount: ""}
	if r.PaymentID != "" {
		var p payments.Payment
		if err := s.DB.WithContext(ctx).Where("id = ?", r.PaymentID).Take(&p).Error; err != nil {
			return fmt.Errorf("read the payment of request %s: %w", r.ID, err)
		}
		values[robotRef] = p.TxnRef
		values[robotAmount] = amountText(p, p.Amount)
		if p.State == payments.Approved {
			values[robotAmount] = amountText(p, p.Collected())
		}
	}
	err = api.AnswerWorkflow(ctx, r.EventToken, values, outcomeWords(s.CRM.Voice(ctx, r.PortalID), r.Outcome))
	switch bitrix.ClassOf(err) {
	case bitrix.Invalid, bitrix.NotFound:
		r.LastError = sentence(err) // it does not wait any more
	case bitrix.Denied, bitrix.Auth, bitrix.Gone, bitrix.Limited, bitrix.Moved, bitrix.Unavailable, bitrix.Unclear:
		return err
	}
	r.State, r.DueAt, r.DoneAt = requestAnswered, nil, later(s.Clock(), 0)
	return nil
}

func outcomeWords(v *words.Voice, outcome string) string {
	switch outcome {
	case string(payments.Approved):
		return v.T("The card payment was approved.")
	case "expired":
		return v.T("Nobody took the card payment in time.")
	}
	return v.T("The card payment was not taken.")
}
