package invoices

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/payments"
)

// noSeat is after which time a row asks again for a seat.
const noSeat = 5 * time.Second

// Seated is [WriteBacks.Step] for a worker that serves many portals: while a
// portal is slow, only a few hands wait for it. A write-back that finds no seat
// stays due, a little later, and counts no try.
func (s *WriteBacks) Seated(ctx context.Context, id string) error {
	rows := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Where("id = ?", id).Session(&gorm.Session{})
	return seated(rows, &s.seats, s.Clock(), func() error { return s.Step(ctx, id) })
}

// Seated is [Changes.Step] in the same way: hundreds of things may be changed in
// a portal at once.
func (c *Changes) Seated(ctx context.Context, id string) error {
	rows := c.DB.WithContext(ctx).Model(&change{}).Where("id = ?", id).Session(&gorm.Session{})
	return seated(rows, &c.seats, c.Clock(), func() error { return c.Step(ctx, id) })
}

// seated takes the step of one row when its portal has a seat left, and puts the
// row off otherwise. Nobody else's claim is touched: a claimed row is not due.
func seated(rows *gorm.DB, seats *jobs.Seats, now time.Time, step func() error) error {
	var portal string
	err := rows.Select("portal_id").Take(&portal).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		return nil // done already
	}
	if err != nil {
		return fmt.Errorf("read whose turn it is: %w", err)
	}
	if seats.Take(portal) {
		defer seats.Leave(portal)
		return step()
	}
	if err := rows.Where("due_at <= ?", now).Update("due_at", now.Add(noSeat)).Error; err != nil {
		return fmt.Errorf("keep a turn for later: %w", err)
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
