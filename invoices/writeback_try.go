package invoices

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"gorm.io/gorm"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/payments"
)

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

// finish records what was told. When there is something newer to tell by now,
// the row stays due and is taken again at once.
func (s *WriteBacks) finish(ctx context.Context, w payments.WriteBack, got done) error {
	now := s.Clock()
	made := map[string]any{"claimed_until": nil}
	if got.external != "" {
		made["external"] = got.external
	}
	if got.form != "" {
		made["form"] = got.form
	}
	if got.paidDocument != 0 {
		made["paid_document"] = got.paidDocument
	}
	end := map[string]any{"state": payments.Done, "note": string(got.note), "last_error": "", "due_at": nil, "done_at": now}
	maps.Copy(end, made)
	rows := func() *gorm.DB { return s.DB.WithContext(ctx).Model(&payments.WriteBack{}) }
	res := rows().Where("id = ? AND revision = ?", w.ID, w.Revision).Updates(end)
	if res.Error != nil {
		return fmt.Errorf("record write-back %s: %w", w.ID, res.Error)
	}
	if res.RowsAffected == 1 {
		return nil
	}
	made["due_at"] = now
	if err := rows().Where("id = ?", w.ID).Updates(made).Error; err != nil {
		return fmt.Errorf("record write-back %s: %w", w.ID, err)
	}
	if err := s.Queue.Now(ctx, jobs.WriteBack, w.ID); err != nil {
		s.Log.DebugContext(ctx, "the janitor will take it", "error", err)
	}
	return nil
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

// postpone keeps the row for another try, and asks for a person when trying
// again alone will not help. What there is newer to tell by now is due at once.
func (s *WriteBacks) postpone(ctx context.Context, w payments.WriteBack, p payments.Payment, cause error) error {
	now := s.Clock()
	wait := time.Hour
	if w.Tries() <= len(backoffs) {
		wait = backoffs[w.Tries()-1]
	}
	state := payments.Waiting
	if personal(cause) {
		state = payments.Attention
		wait = time.Hour
	}
	due := latest(now.Add(wait), until(cause))
	set := map[string]any{"state": state, "last_error": sentence(cause), "due_at": due, "claimed_until": nil}
	if now.After(w.Since().Add(giveUpAfter)) {
		set["state"], set["due_at"] = payments.Attention, nil
	}
	res := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Where("id = ? AND revision = ?", w.ID, w.Revision).Updates(set)
	if res.Error != nil {
		return fmt.Errorf("postpone write-back %s: %w", w.ID, res.Error)
	}
	if res.RowsAffected == 0 {
		return s.finish(ctx, w, done{})
	}
	fault.Here(fault.WriteBackLater)
	s.Log.WarnContext(ctx, "write-back postponed", "payment", w.PaymentID, "target", w.Target, "wait", wait, "error", cause)
	if wait < time.Minute {
		if err := s.Queue.At(ctx, jobs.WriteBack, w.ID, due); err != nil {
			s.Log.DebugContext(ctx, "the janitor will take it", "error", err)
		}
	}
	s.Bell.Ring(ctx, w.PaymentID)
	var person *needsPerson
	if errors.As(cause, &person) && w.Target == payments.TargetDocument {
		return s.summon(ctx, p, person.why)
	}
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
