package payments

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Hold is a terminal taken for something that moves no money: a logon, a
// settlement, an opening check. A payment holds its terminal by its own row
// (see [Payment.HoldsTerminal]); a hold and a payment exclude each other, and
// both databases guard that.
//
// A hold ends with [Service.LetGo], or by itself at Until when its holder died:
// the holder renews it with [Service.KeepHold] while it works.
type Hold struct {
	TerminalID   string `gorm:"primaryKey"`
	TerminalName string `gorm:"-"` // for the refusal's words only
	ID           string // the holder's own, so that only it lets go
	What         string // in one word: logon, status, settlement, …
	ByID         string // empty where the app itself takes it
	ByName       string
	Since        time.Time
	Until        time.Time
}

// TableName is the table of holds.
func (Hold) TableName() string { return "terminal_holds" }

// Held is a refusal because the terminal is doing something that is no
// payment. It Is [ErrTerminalBusy].
type Held struct{ With Hold }

func (h *Held) Error() string { return fmt.Sprintf("the terminal is held for %s", h.With.What) }

func (h *Held) Unwrap() error { return ErrTerminalBusy }

// Hold takes the terminal for so long. It is refused with a [Conflict] while a
// payment holds the terminal and with [Held] while another holder does; both
// are [ErrTerminalBusy]. Taking it again under the same id renews it.
func (s *Service) Hold(ctx context.Context, h Hold, lease time.Duration) error {
	if kept, err := s.KeepHold(ctx, h.TerminalID, h.ID, lease); kept || err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx *gorm.DB) error { return s.HoldIn(tx, h, lease) })
	if err != nil {
		return err
	}
	s.bell.Ring(ctx, h.TerminalID)
	return nil
}

// HoldIn takes the terminal as [Service.Hold] does, together with the claim of
// what it is taken for: neither outlives the other.
func (s *Service) HoldIn(tx *gorm.DB, h Hold, lease time.Duration) error {
	h.Since = s.now()
	h.Until = h.Since.Add(lease)
	// On PostgreSQL a payment's insert takes a share of its terminal's row, by
	// its foreign key, before it looks for a hold: this lock makes one of the
	// two wait for the other's commit. SQLite has one writer anyway.
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Table("terminals").
		Select("id").Where("id = ?", h.TerminalID).Take(&struct{ ID string }{}).Error
	if err != nil {
		return fmt.Errorf("hold terminal %s: %w", h.TerminalID, err)
	}
	payment, err := holderOf(tx, h.TerminalID)
	if err != nil {
		return fmt.Errorf("hold terminal %s: %w", h.TerminalID, err)
	}
	if payment != nil {
		return &Conflict{Err: ErrTerminalBusy, With: *payment}
	}
	if err := notHeld(tx, h.TerminalID, h.TerminalName, h.ID, h.Since); err != nil {
		return err
	}
	err = tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "terminal_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"id", "what", "by_id", "by_name", "since", "until"}),
	}).Create(&h).Error
	if err != nil {
		return fmt.Errorf("hold terminal %s: %w", h.TerminalID, err)
	}
	return nil
}

// notHeld refuses with [Held] while somebody but mine holds the terminal.
func notHeld(tx *gorm.DB, terminalID, terminalName, mine string, now time.Time) error {
	var rows []Hold
	err := tx.Where("terminal_id = ?", terminalID).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	held := rows[0]
	if held.ID == mine || !held.Until.After(now) {
		return nil
	}
	held.TerminalName = terminalName
	return &Held{With: held}
}

// KeepHold renews a hold. False means that it is gone: its time ran out, or it
// was let go.
func (s *Service) KeepHold(ctx context.Context, terminalID, id string, lease time.Duration) (bool, error) {
	now := s.now()
	res := s.db.WithContext(ctx).Model(&Hold{}).
		Where("terminal_id = ? AND id = ? AND until > ?", terminalID, id, now).Update("until", now.Add(lease))
	if res.Error != nil {
		return false, fmt.Errorf("keep hold of terminal %s: %w", terminalID, res.Error)
	}
	return res.RowsAffected > 0, nil
}

// LetGo ends a hold; one that is no longer ours stays.
func (s *Service) LetGo(ctx context.Context, terminalID, id string) error {
	if err := LetGoIn(s.db.WithContext(ctx), terminalID, id); err != nil {
		return err
	}
	s.bell.Ring(ctx, terminalID)
	return nil
}

// LetGoIn ends a hold together with what it was taken for, so that who sees
// the end may begin the next at once, whatever becomes of this process.
func LetGoIn(tx *gorm.DB, terminalID, id string) error {
	err := tx.Where("terminal_id = ? AND id = ?", terminalID, id).Delete(&Hold{}).Error
	if err != nil {
		return fmt.Errorf("let go of terminal %s: %w", terminalID, err)
	}
	return nil
}

// Holds answers which of the terminals are held for something that is no
// payment.
func (s *Service) Holds(ctx context.Context, terminals []string) (map[string]Hold, error) {
	out := map[string]Hold{}
	if len(terminals) == 0 {
		return out, nil
	}
	var rows []Hold
	err := s.db.WithContext(ctx).Where("terminal_id IN ? AND until > ?", terminals, s.now()).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what the terminals are held for: %w", err)
	}
	for _, h := range rows {
		out[h.TerminalID] = h
	}
	return out, nil
}
