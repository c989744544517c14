package invoices

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/echoes"
	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/notices"
	"receivepayment/payments"
	"receivepayment/words"
)

// WriteBacks tells the CRM what was paid, one row at a time. A CRM that is
// down or refuses delays a badge, never a sale.
type WriteBacks struct {
	DB       *db.DB
	Clock    db.Clock
	CRM      CRM
	Payments *payments.Service
	Queue    *jobs.Queue
	Bell     *jobs.Bell
	Notices  *notices.Service
	Echoes   *echoes.Echoes
	Log      *slog.Logger

	seats jobs.Seats
}

// writeLease is how long a try that died keeps others from trying. It is
// renewed while a try runs, and long enough that a call of the dead one, still
// on its way to the CRM, arrives before the next one looks.
const writeLease = 15 * time.Second

// giveUpAfter is when retrying ends; the row stays visible for a person.
const giveUpAfter = 7 * 24 * time.Hour

// backoffs are the waits between tries; then hourly.
var backoffs = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// needsPerson is an obstacle that trying again alone does not remove.
type needsPerson struct{ why words.Key }

func (n *needsPerson) Error() string { return string(n.why) }

// done is what a successful write leaves in its row.
type done struct {
	external, form string
	note           words.Key
	paidDocument   int64
}

// Step takes the next step of one write-back: the job's handler.
func (s *WriteBacks) Step(ctx context.Context, id string) error {
	w, won, err := s.claim(ctx, id)
	if err != nil || !won {
		return err
	}
	fault.Here(fault.WriteBackClaimed)
	p, err := s.Payments.Get(ctx, w.PaymentID)
	if err != nil {
		return err
	}
	var got done
	err = jobs.Keep(ctx, writeLease/3, s.renew(w), func(ctx context.Context) error {
		var err error
		got, err = s.write(ctx, w, p)
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return s.postpone(ctx, w, p, err)
	}
	if err := s.finish(ctx, w, got); err != nil {
		return err
	}
	fault.Here(fault.WriteBackDone)
	s.Bell.Ring(ctx, w.PaymentID)
	return nil
}

func (s *WriteBacks) write(ctx context.Context, w payments.WriteBack, p payments.Payment) (done, error) {
	api, err := s.CRM.AsAdmin(ctx, p.PortalID)
	if err != nil {
		return done{}, err
	}
	ref, err := parseDocument(p.Document)
	if err != nil {
		return done{}, &needsPerson{"the document is none that can be written back"}
	}
	entityType, id := ref.item()
	switch w.Target {
	case payments.TargetDocument:
		if ref.order != 0 {
			return s.markOrder(ctx, api, p, ref)
		}
		return s.moveStage(ctx, api, w, p, id)
	case payments.TargetTimeline:
		return s.show(ctx, api, w, p, entityType, id)
	case payments.TargetDecision:
		return s.tell(ctx, api, w, decisionOf(s.CRM.Voice(ctx, p.PortalID), p, entityType, id))
	case payments.TargetDeal:
		deal, err := parseID("deal", p.DealID)
		if err != nil {
			return done{}, &needsPerson{"the deal's id is none"}
		}
		return s.show(ctx, api, w, p, bitrix.TypeDeal, deal)
	case payments.TargetNotice:
		return s.notify(ctx, api, p, entityType, id)
	case payments.TargetTrigger:
		return s.fire(ctx, api, w, p, entityType, id)
	case payments.TargetTodo:
		return s.ask(ctx, api, w, p, entityType, id)
	}
	return done{}, fmt.Errorf("unknown target %q", w.Target)
}
