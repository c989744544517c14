package invoices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/payments"
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
	Log      *slog.Logger
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
type needsPerson struct{ why string }

func (n *needsPerson) Error() string { return n.why }

// done is what a successful write leaves in its row.
type done struct{ external, note string }

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
		return s.postpone(ctx, w, err)
	}
	now := s.Clock()
	err = s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Where("id = ?", w.ID).Updates(map[string]any{
		"state": payments.Done, "external": got.external, "note": got.note, "last_error": "",
		"due_at": nil, "claimed_until": nil, "done_at": now,
	}).Error
	if err != nil {
		return fmt.Errorf("record write-back %s: %w", w.ID, err)
	}
	fault.Here(fault.WriteBackDone)
	s.Bell.Ring(ctx, w.PaymentID)
	return nil
}

// claim makes this try ours and counts it before it is made, so that a try
// that died is known to have been made.
func (s *WriteBacks) claim(ctx context.Context, id string) (payments.WriteBack, bool, error) {
	var w payments.WriteBack
	now := s.Clock()
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(&w).Error; err != nil {
		return w, false, fmt.Errorf("read write-back: %w", db.NotFound(err))
	}
	res := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).
		Where("id = ? AND attempts = ? AND state <> ? AND due_at <= ?", id, w.Attempts, payments.Done, now).
		Where("claimed_until IS NULL OR claimed_until <= ?", now).
		Updates(map[string]any{
			"due_at": now.Add(writeLease), "claimed_until": now.Add(writeLease), "attempts": w.Attempts + 1,
		})
	if res.Error != nil {
		return w, false, fmt.Errorf("claim write-back %s: %w", id, res.Error)
	}
	w.Attempts++
	return w, res.RowsAffected == 1, nil
}

// renew keeps the claim while a try runs.
func (s *WriteBacks) renew(w payments.WriteBack) func(context.Context) {
	return func(ctx context.Context) {
		until := s.Clock().Add(writeLease)
		err := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).
			Where("id = ? AND attempts = ? AND claimed_until IS NOT NULL", w.ID, w.Attempts).
			Updates(map[string]any{"due_at": until, "claimed_until": until}).Error
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "could not renew the claim", "write-back", w.ID, "error", err)
		}
	}
}

func (s *WriteBacks) write(ctx context.Context, w payments.WriteBack, p payments.Payment) (done, error) {
	api, err := s.CRM.AsAdmin(ctx, p.PortalID)
	if err != nil {
		return done{}, err
	}
	id, err := parseDocument(p.Document)
	if err != nil {
		return done{}, &needsPerson{"the document is none that can be written back"}
	}
	switch w.Target {
	case payments.TargetDocument:
		return s.moveStage(ctx, api, w, p, id)
	case payments.TargetTimeline:
		return s.tell(ctx, api, w, entryOf(p, bitrix.TypeInvoice, id))
	case payments.TargetDecision:
		return s.tell(ctx, api, w, decisionOf(p, id))
	case payments.TargetDeal:
		deal, err := parseID("deal", p.DealID)
		if err != nil {
			return done{}, &needsPerson{"the deal's id is none"}
		}
		return s.tell(ctx, api, w, entryOf(p, bitrix.TypeDeal, deal))
	}
	return done{}, fmt.Errorf("unknown target %q", w.Target)
}

// moveStage puts a covered invoice into its paid stage. Setting a stage twice
// is harmless, so an ambiguous answer needs no look; what people moved
// meanwhile is left alone.
func (s *WriteBacks) moveStage(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	id int64,
) (done, error) {
	if p.Kind == payments.Refund {
		return done{note: "no stage is mapped for refunds; the timeline tells"}, nil
	}
	invoice, err := api.Invoice(ctx, id)
	if err != nil {
		return done{}, err
	}
	funnel, err := s.CRM.Funnel(ctx, p.PortalID, invoice.CategoryID)
	if err != nil {
		return done{}, err
	}
	switch {
	case funnel.Succeeded(invoice.StageID):
		return alreadyThere(w, invoice.StageID), nil
	case funnel.Failed(invoice.StageID):
		return done{}, &needsPerson{"the invoice was closed as not paid, and a payment was approved"}
	case funnel.Paid == "":
		return done{note: "the funnel has no stage that means paid"}, nil
	}
	covered, err := s.covers(ctx, p, invoice)
	if err != nil {
		return done{}, err
	}
	if !covered {
		return done{note: "partly paid; the stage is left alone"}, nil
	}
	fault.Here(fault.BeforeStage)
	if _, err := api.UpdateInvoice(ctx, id, bitrix.InvoiceFields{StageID: funnel.Paid}); err != nil {
		return done{}, err
	}
	fault.Here(fault.AfterStage)
	return done{external: funnel.Paid}, nil
}

// alreadyThere: a success stage is our own when an earlier try of this row may
// have set it and lost the answer; otherwise people set it, and it stays theirs.
func alreadyThere(w payments.WriteBack, stage string) done {
	if w.Attempts > 1 {
		return done{external: stage, note: "set by an earlier try"}
	}
	return done{note: "the invoice was in a paid stage already"}
}

// covers compares what was collected with what the invoice costs now. An
// amount that changed since the payment is for a person to look at.
func (s *WriteBacks) covers(ctx context.Context, p payments.Payment, invoice bitrix.Invoice) (bool, error) {
	total, err := payments.ParseCRM(orZero(invoice.Amount), invoice.Currency)
	if err != nil || total.Currency != p.Currency {
		return false, &needsPerson{"the invoice's amount or currency was changed since the payment"}
	}
	ledgers, err := s.Payments.Ledgers(ctx, p.PortalID, []string{p.Document})
	if err != nil {
		return false, err
	}
	l := ledgers[p.Document]
	covered := l.Paid-l.Refunded >= total.Minor
	if total.Minor != p.DocumentTotal && !covered {
		return false, &needsPerson{"the invoice's amount was changed since the payment"}
	}
	return covered, nil
}

// entry is one timeline entry, with the reference by which it is found again.
type entry struct {
	bitrix.LogMessage
	reference string
}

func entryOf(p payments.Payment, entityType int, id int64) entry {
	reference := "Ref " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info",
		Title: timelineTitle(p), Text: timelineText(p) + ". " + reference,
	}}
}

// decisionOf tells that a person decided that a payment was not paid.
func decisionOf(p payments.Payment, id int64) entry {
	reference := "Decision " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: bitrix.TypeInvoice, EntityID: id, Icon: "info", Title: "Card payment decided by hand: not paid",
		Text: p.Currency + " " + payments.Money{Minor: p.Amount, Currency: p.Currency}.String() + ", " + p.TerminalName +
			". The terminal's answer could not be learnt; a later approval will still be recorded. " + reference,
	}}
}

// tell writes one timeline entry, exactly once: from the second try on it looks
// first for our reference, because the first may have been applied.
func (s *WriteBacks) tell(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, e entry) (done, error) {
	if w.Attempts > 1 {
		found := int64(0)
		err := api.LogMessages(ctx, e.EntityTypeID, e.EntityID, func(m bitrix.LogMessage) bool {
			if strings.Contains(m.Text, e.reference) {
				found = m.ID
			}
			return found == 0
		})
		if err != nil {
			return done{}, err
		}
		if found != 0 {
			return done{external: strconv.FormatInt(found, 10), note: "found from an earlier try"}, nil
		}
	}
	fault.Here(fault.BeforeEntry)
	id, err := api.AddLogMessage(ctx, e.LogMessage)
	fault.Here(fault.AfterEntry)
	if err != nil {
		return done{}, err
	}
	return done{external: strconv.FormatInt(id, 10)}, nil
}

func timelineTitle(p payments.Payment) string {
	if p.Kind == payments.Refund {
		return "Card refund approved"
	}
	return "Card payment approved"
}

// timelineText says what a colleague or the bank will ask for.
func timelineText(p payments.Payment) string {
	parts := []string{p.Currency + " " + payments.Money{Minor: p.Collected(), Currency: p.Currency}.String(), p.TerminalName}
	if p.CardType != "" || p.Last4 != "" {
		parts = append(parts, strings.TrimSpace(p.CardType+" ••••"+p.Last4))
	}
	if p.AuthCode != "" {
		parts = append(parts, "auth "+p.AuthCode)
	}
	if p.RRN != "" {
		parts = append(parts, "RRN "+p.RRN)
	}
	for _, extra := range []struct {
		name  string
		minor int64
	}{{"surcharge", p.Surcharge}, {"tip", p.Tip}, {"cash-out", p.CashOut}} {
		if extra.minor > 0 {
			parts = append(parts, extra.name+" "+payments.Money{Minor: extra.minor, Currency: p.Currency}.String())
		}
	}
	if p.Source == payments.Manual {
		parts = append(parts, "decided by hand")
	}
	return strings.Join(append(parts, "by "+p.StartedByName), ", ")
}

// postpone keeps the row for another try, and asks for a person when trying
// again alone will not help.
func (s *WriteBacks) postpone(ctx context.Context, w payments.WriteBack, cause error) error {
	now := s.Clock()
	wait := time.Hour
	if w.Attempts <= len(backoffs) {
		wait = backoffs[w.Attempts-1]
	}
	state := payments.Waiting
	if personal(cause) {
		state = payments.Attention
		wait = time.Hour
	}
	due := now.Add(wait)
	set := map[string]any{"state": state, "last_error": sentence(cause), "due_at": due, "claimed_until": nil}
	if now.After(w.CreatedAt.Add(giveUpAfter)) {
		set["state"], set["due_at"] = payments.Attention, nil
	}
	if err := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Where("id = ?", w.ID).Updates(set).Error; err != nil {
		return fmt.Errorf("postpone write-back %s: %w", w.ID, err)
	}
	fault.Here(fault.WriteBackLater)
	s.Log.WarnContext(ctx, "write-back postponed", "payment", w.PaymentID, "target", w.Target, "wait", wait, "error", cause)
	if wait < time.Minute {
		if err := s.Queue.At(ctx, jobs.WriteBack, w.ID, due); err != nil {
			s.Log.DebugContext(ctx, "the janitor will take it", "error", err)
		}
	}
	s.Bell.Ring(ctx, w.PaymentID)
	return nil
}

func personal(err error) bool {
	var n *needsPerson
	if errors.As(err, &n) || errors.Is(err, bitrix.ErrTokenDead) {
		return true
	}
	switch bitrix.ClassOf(err) {
	case bitrix.Auth:
		return !aged(err)
	case bitrix.Denied, bitrix.NotFound, bitrix.Invalid, bitrix.Gone:
		return true
	case bitrix.Limited, bitrix.Moved, bitrix.Unavailable, bitrix.Unclear:
		return false
	}
	return false
}

// aged reports whether the token had expired again by the time the call was
// repeated: another call may have worn it out meanwhile. The next try renews
// it; only a token that cannot be renewed needs a person.
func aged(err error) bool {
	var e *bitrix.Error
	return errors.As(err, &e) && (e.HasCode("expired_token") || e.HasCode("invalid_token"))
}

// sentence is what people may read about the cause: the CRM's own words, which
// hold no secret (package bitrix sees to it).
func sentence(err error) string {
	text := err.Error()
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:300])
	}
	return text
}

// Retry makes a write-back due now; a try that is under way is seen through
// first, or both would write.
func (s *WriteBacks) Retry(ctx context.Context, paymentID, target string) error {
	var rows []payments.WriteBack
	err := s.DB.WithContext(ctx).Where("payment_id = ? AND target = ?", paymentID, target).Limit(1).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("read write-back: %w", err)
	}
	if len(rows) == 0 {
		return db.ErrNotFound
	}
	w := rows[0]
	res := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).
		Where("id = ? AND state <> ?", w.ID, payments.Done).Update("due_at", s.Clock())
	if res.Error != nil {
		return fmt.Errorf("retry write-back: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil // done already
	}
	if err := s.Queue.Now(ctx, jobs.WriteBack, w.ID); err != nil {
		s.Log.WarnContext(ctx, "the janitor will take it", "error", err)
	}
	return nil
}

// Attention lists write-backs of a portal that only a person can help, oldest
// first.
func (s *WriteBacks) Attention(ctx context.Context, portalID string) ([]payments.WriteBack, error) {
	var rows []payments.WriteBack
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND state = ?", portalID, payments.Attention).
		Order("created_at, id").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list write-backs that need a person: %w", err)
	}
	return rows, nil
}

// Due lists write-backs whose next try is overdue, for the janitor.
func (s *WriteBacks) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	var ids []string
	err := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Where("due_at <= ?", s.Clock()).
		Order("due_at").Limit(limit).Pluck("id", &ids).Error
	due := make([]jobs.Due, len(ids))
	for i, id := range ids {
		due[i] = jobs.Due{Kind: jobs.WriteBack, ID: id}
	}
	return due, err
}
