package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"receivepayment/jobs"
	"receivepayment/payments"
)

const (
	proveLease  = 10 * time.Second
	proveTries  = 6                // calls that end without an answer
	proveAgain  = 3 * time.Second  // between them
	awaitCheck  = 20 * time.Second // for the callback of a check that was only accepted
	proveHold   = 30 * time.Second // longer than any pause between two steps
	awaitHolder = 10 * time.Second // a check never disturbs a sale
)

// Test asks for the terminal to be proven anew; meanwhile it takes no payment.
func (s *Terminals) Test(ctx context.Context, portalID, id string) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	if t.Status == Retired {
		return ErrNotPaired
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		// Taken at once, so that no sale begins between this click and the first check.
		if err := s.Payments.HoldIn(tx, proving(t), proveHold); err != nil {
			return err
		}
		return proveFrom(tx, id, s.Clock())
	})
	if err != nil {
		return fmt.Errorf("test terminal %s: %w", id, err)
	}
	s.enqueue(ctx, id)
	return nil
}

// proveFrom makes the terminal wait for a proof of which nothing has passed yet.
func proveFrom(tx *gorm.DB, id string, now time.Time) error {
	return tx.Model(&Terminal{}).Where("id = ?", id).Updates(map[string]any{
		"status": Proving, "status_reason": "", "status_code": "", "prove_attempts": 0, "prove_from": now, "due_at": now,
	}).Error
}

// Prove takes the next step of proving a terminal: logon, then status. It is
// the job's handler and may be run again at any time.
func (s *Terminals) Prove(ctx context.Context, id string) error {
	t, won, err := s.claim(ctx, id)
	if err != nil || !won {
		return err
	}
	renew := func(ctx context.Context) {
		_ = s.later(ctx, t, proveLease)
		_, _ = s.Payments.KeepHold(ctx, t.ID, proving(t).ID, proveHold)
	}
	return jobs.Keep(ctx, proveLease/3, renew, func(ctx context.Context) error { return s.prove(ctx, t) })
}

// proving is the hold of the checks: they never disturb a sale, nor a sale them.
func proving(t Terminal) payments.Hold {
	return payments.Hold{TerminalID: t.ID, TerminalName: t.Name, ID: "prove " + t.ID, What: "test"}
}

// claim takes the next step and the terminal together: a step that comes after
// the conclusion finds nothing to claim, and so holds nothing that a crash
// would leave behind.
func (s *Terminals) claim(ctx context.Context, id string) (t Terminal, won bool, err error) {
	now := s.Clock()
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		res := tx.Model(&Terminal{}).
			Where("id = ? AND status = ? AND due_at <= ?", id, Proving, now).Update("due_at", now.Add(proveLease))
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		if err := tx.Where("id = ?", id).Take(&t).Error; err != nil {
			return err
		}
		err := s.Payments.HoldIn(tx, proving(t), proveHold)
		if errors.Is(err, payments.ErrTerminalBusy) {
			return tx.Model(&Terminal{}).Where("id = ?", id).Update("due_at", now.Add(awaitHolder)).Error
		}
		won = err == nil
		return err
	})
	if err != nil {
		return t, false, fmt.Errorf("claim terminal %s for proving: %w", id, err)
	}
	if won {
		s.Bell.Ring(ctx, id)
	}
	return t, won, nil
}

// prove runs the checks that have not passed since ProveFrom.
func (s *Terminals) prove(ctx context.Context, t Terminal) error {
	if t.Practice() {
		return s.conclude(ctx, t, Ready, "", "")
	}
	if t.Provider == KayaakuProvider {
		return s.proveKayaaku(ctx, t)
	}
	for _, kind := range []string{"logon", "status"} {
		last, err := s.lastCheck(ctx, t, kind)
		if err != nil {
			return err
		}
		if last.State == checkPassed {
			continue
		}
		if last.State == checkFailed {
			return s.conclude(ctx, t, Attention, codeOf(last.Text), last.Text)
		}
		if last.State == checkSent && s.Clock().Before(last.StartedAt.Add(awaitCheck)) {
			return s.later(ctx, t, proveAgain) // its callback may still come
		}
		passed, err := s.run(ctx, t, kind)
		if err != nil {
			return err
		}
		if !passed {
			return nil
		}
	}
	return s.conclude(ctx, t, Ready, "", "")
}

func (s *Terminals) conclude(ctx context.Context, t Terminal, status Status, code, reason string) error {
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Terminal{}).
			Where("id = ? AND status = ? AND pairing_id = ?", t.ID, Proving, t.PairingID).
			Updates(map[string]any{"status": status, "status_reason": reason, "status_code": code, "due_at": nil}).Error
		if err != nil {
			return err
		}
		return payments.LetGoIn(tx, t.ID, proving(t).ID)
	})
	if err == nil && status == Attention {
		err = s.unwell(ctx, t, code, reason)
	}
	if err != nil {
		return fmt.Errorf("conclude proving terminal %s: %w", t.ID, err)
	}
	s.changed(ctx, t.PortalID)
	return s.Payments.LetGo(ctx, t.ID, proving(t).ID)
}

func (s *Terminals) later(ctx context.Context, t Terminal, d time.Duration) error {
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("id = ? AND status = ? AND due_at IS NOT NULL", t.ID, Proving).
		Update("due_at", s.Clock().Add(d)).Error
	if err != nil {
		return fmt.Errorf("postpone proving terminal %s: %w", t.ID, err)
	}
	return nil
}
