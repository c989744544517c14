package invoices

import (
	"context"
	"errors"
	"fmt"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
)

// noSeat is after which time a write-back asks again for a seat.
const noSeat = 5 * time.Second

// Seated is [WriteBacks.Step] for a worker that serves many portals: while a
// portal is slow, only a few hands wait for it. A write-back that finds no seat
// stays due, a little later, and counts no try.
func (s *WriteBacks) Seated(ctx context.Context, id string) error {
	var portal string
	err := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Select("portal_id").Where("id = ?", id).Take(&portal).Error
	if err != nil {
		return fmt.Errorf("read write-back: %w", db.NotFound(err))
	}
	if s.seats.Take(portal) {
		defer s.seats.Leave(portal)
		return s.Step(ctx, id)
	}
	now := s.Clock()
	err = s.DB.WithContext(ctx).Model(&payments.WriteBack{}).
		Where("id = ? AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)", id, now, now).
		Update("due_at", now.Add(noSeat)).Error
	if err != nil {
		return fmt.Errorf("keep write-back %s for later: %w", id, err)
	}
	return nil
}

// until is when the portal said that it may be asked again, zero when it did
// not.
func until(err error) time.Time {
	var e *bitrix.Error
	if errors.As(err, &e) {
		return e.Until
	}
	return time.Time{}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
