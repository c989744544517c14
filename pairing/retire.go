package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/payments"
)

// Retire takes a terminal out of use; refused with [ErrInUse] while a payment's
// outcome is open. Its name and history stay. The terminal is held meanwhile, so
// that no payment begins between the question and the answer.
func (s *Terminals) Retire(ctx context.Context, portalID, id string) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	retiring := payments.Hold{TerminalID: t.ID, TerminalName: t.Name, ID: "retire " + t.ID, What: "retire"}
	if err := s.Payments.Hold(ctx, retiring, retireHold); err != nil {
		var payment *payments.Conflict
		if errors.As(err, &payment) {
			return ErrInUse
		}
		return err
	}
	err = s.retire(ctx, t)
	return errors.Join(err, s.Payments.LetGo(ctx, t.ID, retiring.ID))
}

const retireHold = 10 * time.Second

func (s *Terminals) retire(ctx context.Context, t Terminal) error {
	open, err := s.Payments.OpenOn(ctx, t.ID)
	if err != nil {
		return err
	}
	if open > 0 {
		return ErrInUse
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Terminal{}).Where("id = ?", t.ID).
			Updates(map[string]any{"status": Retired, "due_at": nil, "check_at": nil}).Error
		if err != nil {
			return err
		}
		if err := tx.Where("terminal_id = ?", t.ID).Delete(&defaultTerminal{}).Error; err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalRetired, t.Name)
	})
	if err != nil {
		return fmt.Errorf("retire terminal %s: %w", t.ID, err)
	}
	if t.Provider == KayaakuProvider {
		if err := s.Kayaaku.Revoke(ctx, t.ID); err != nil {
			return err
		}
	}
	if t.Provider == LinklyProvider {
		s.Linkly.forget(ctx, t)
	}
	s.Bell.Ring(ctx, t.ID)
	s.changed(ctx, t.PortalID)
	return nil
}
