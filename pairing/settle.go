package pairing

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/payments"
	"receivepayment/words"
)

var clockText = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// SettleAt chooses when a terminal settles by itself each day, as 23:30 on the
// clock of an IANA time zone; an empty time means never, which is the beginning.
func (s *Terminals) SettleAt(ctx context.Context, portalID, id, at, zone string) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	set := map[string]any{"settle_at": "", "settle_zone": "", "settle_due": nil}
	said := t.Name + ": never by itself"
	if at != "" {
		if !clockText.MatchString(at) {
			return payments.Invalid("at", "Send a time like 23:30.")
		}
		where, err := time.LoadLocation(zone)
		if err != nil || zone == "" || zone == "Local" {
			return payments.Invalid("zone", "Send a time zone like Australia/Sydney.")
		}
		set = map[string]any{"settle_at": at, "settle_zone": zone, "settle_due": nextClock(s.Clock(), at, where)}
		said = t.Name + ": " + at + " " + zone
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Model(&Terminal{}).Where("id = ?", id).Updates(set).Error; err != nil {
			return err
		}
		return s.audit(tx, t, audit.SettlementSet, said)
	})
	if err != nil {
		return fmt.Errorf("choose when terminal %s settles: %w", id, err)
	}
	s.Bell.Ring(ctx, id)
	return nil
}

// nextClock is the next moment, after now, at which a clock there shows the time.
// Where a change of the clock leaves the time out, it is the moment that Go puts
// in its place.
func nextClock(now time.Time, at string, where *time.Location) time.Time {
	shown, _ := time.Parse("15:04", at) // checked when it was chosen
	local := now.In(where)
	for day := 0; ; day++ {
		next := time.Date(local.Year(), local.Month(), local.Day()+day, shown.Hour(), shown.Minute(), 0, 0, where)
		if next.After(now) {
			return next.UTC()
		}
	}
}

// settleAgain is how long a settlement waits for a sale that has the terminal.
const settleAgain = time.Minute

// StepSettle begins a settlement whose chosen time has come. It is the job's
// handler; of several that come at once one begins it.
func (s *Terminals) StepSettle(ctx context.Context, id string) error {
	var t Terminal
	tx := s.DB.WithContext(ctx)
	if err := tx.Where("id = ? AND settle_due <= ?", id, s.Clock()).Limit(1).Find(&t).Error; err != nil {
		return fmt.Errorf("read terminal: %w", err)
	}
	if t.ID == "" || t.SettleDue == nil {
		return nil
	}
	where, err := time.LoadLocation(t.SettleZone)
	if err != nil {
		return fmt.Errorf("settle terminal %s: %w", id, err)
	}
	next := nextClock(s.Clock(), t.SettleAt, where)
	res := tx.Model(&Terminal{}).Where("id = ? AND settle_due = ?", id, *t.SettleDue).Update("settle_due", next)
	if res.Error != nil || res.RowsAffected == 0 || t.Status == Retired {
		return res.Error
	}
	_, err = s.Begin(ctx, t.PortalID, id, Settlement, payments.Person{Name: words.English("at the chosen time")})
	if errors.Is(err, payments.ErrTerminalBusy) {
		return tx.Model(&Terminal{}).Where("id = ? AND settle_due = ?", id, next).
			Update("settle_due", s.Clock().Add(settleAgain)).Error
	}
	if errors.Is(err, ErrNotPaired) {
		s.Log.WarnContext(ctx, "a terminal did not settle: it is not paired", "terminal", id)
		return nil
	}
	return err
}
