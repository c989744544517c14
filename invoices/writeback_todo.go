package invoices

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/payments"
	"receivepayment/words"
)

// todoWithin is how long a person has for what only they can put right.
const todoWithin = 24 * time.Hour

// ask writes a to-do on the document, once: from the second try on it looks
// first.
func (s *WriteBacks) ask(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	entityType int, id int64,
) (done, error) {
	t := todoOf(s.CRM.Voice(ctx, p.PortalID), w, p, entityType, id)
	if w.External != "" {
		return done{note: words.Key(w.Note)}, nil // asked before, and not answered by this
	}
	if w.Attempts > 1 {
		found, err := api.TodoWith(ctx, entityType, id, t.Reference)
		if err != nil && !bitrix.NotOffered(err) {
			return done{}, err
		}
		if found != 0 {
			return done{external: number(found), note: words.Key(w.Note)}, nil
		}
	}
	if entityType == bitrix.TypeInvoice {
		if invoice, err := api.Invoice(ctx, id); err == nil && invoice.AssignedByID > 0 {
			t.ResponsibleID = strconv.FormatInt(invoice.AssignedByID, 10)
		}
	}
	t.Deadline = s.Clock().Add(todoWithin)
	fault.Here(fault.BeforeEntry)
	made, err := api.AddTodo(ctx, t)
	fault.Here(fault.AfterEntry)
	if err != nil {
		return done{}, err
	}
	return done{external: number(made), note: words.Key(w.Note)}, nil
}

func todoOf(v *words.Voice, w payments.WriteBack, p payments.Payment, entityType int, id int64) bitrix.Todo {
	reference := "To-do " + p.TxnRef
	why := words.Key(w.Note)
	if why == "" {
		why = "The approval of this payment was not borne out: it is no longer taken for paid"
	}
	return bitrix.Todo{
		EntityTypeID: entityType, EntityID: id, ResponsibleID: p.StartedBy, Reference: reference,
		Title: v.T("Card payment: look at the document"),
		Text: v.T(why) + ". " + v.T("%s, %s. The stage was left as it is; compare with the terminal's receipt.",
			amountText(p, p.Amount), p.TerminalName) + " " + reference,
	}
}

// summon makes sure that a person is asked about a payment's document.
func (s *WriteBacks) summon(ctx context.Context, p payments.Payment, why words.Key) error {
	now := s.Clock()
	row := payments.NewWriteBack(p, payments.TargetTodo, now)
	row.Note = string(why)
	res := s.DB.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if res.Error != nil {
		return fmt.Errorf("ask a person about payment %s: %w", p.ID, res.Error)
	}
	if res.RowsAffected == 1 {
		if err := s.Queue.Now(ctx, jobs.WriteBack, row.ID); err != nil {
			s.Log.DebugContext(ctx, "the janitor will take it", "error", err)
		}
	}
	return nil
}
