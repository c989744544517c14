package pairing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/payments"
)

// Pair gets a secret for a new terminal and stores both, all or nothing, then
// asks for the terminal to be proven. A refusal is [ErrPairingRefused].
func (s *Terminals) Pair(ctx context.Context, portalID string, n NewTerminal) (Card, error) {
	n, err := n.checked()
	if err != nil {
		return Card{}, err
	}
	if n.Provider == payments.PracticeProvider {
		return s.addPractice(ctx, portalID, n)
	}
	now := s.Clock()
	t := Terminal{
		ID: newID("t_"), PortalID: portalID, Name: n.Name, Sought: strings.ToLower(n.Name), Provider: n.Provider, Environment: n.Environment,
		Currency: n.Currency, Status: Proving, Shared: true, RegisterID: uuid.NewString(),
		ProveFrom: &now, DueAt: &now, CreatedAt: now,
	}
	secret, err := s.secret(ctx, &t, n)
	if err != nil {
		return Card{}, err
	}
	row, err := s.seal(t.ID, secret)
	if err != nil {
		return Card{}, err
	}
	t.PairingID = row.ID
	card := Card{Users: []string{}}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&t).Error; err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if card.Code, err = s.storeKayaaku(ctx, tx, t, n); err != nil {
			return err
		}
		if err := s.reschedule(tx, portalID); err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalPaired, t.Name+" ("+t.Provider+", "+t.Environment+")")
	})
	if err != nil {
		return Card{}, fmt.Errorf("store terminal: %w", err)
	}
	s.enqueue(ctx, t.ID)
	s.changed(ctx, portalID)
	card.Terminal = t
	return card, nil
}

// PairAgain gives a terminal a new secret after its code was reset. It is
// always allowed; payments keep the pairing that they were sent with.
func (s *Terminals) PairAgain(ctx context.Context, portalID, id string, c Credentials) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	if t.Practice() {
		return payments.Invalid("provider", "A practice terminal has no pairing.")
	}
	if t.Provider == KayaakuProvider {
		return payments.Invalid("provider", "Ask for a new code or new settings of this Kayaaku device.")
	}
	if err := c.check(); err != nil {
		return err
	}
	secret, err := s.Linkly.secret(ctx, t, c)
	if err != nil {
		return err
	}
	row, err := s.seal(t.ID, secret)
	if err != nil {
		return err
	}
	now := s.Clock()
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := succeed(tx, t, row, now); err != nil {
			return err
		}
		err := tx.Model(&Terminal{}).Where("id = ?", t.ID).Select("Facts").Updates(&Terminal{}).Error // it may be other hardware now
		if err != nil {
			return err
		}
		if err := proveFrom(tx, t.ID, now); err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalAgain, t.Name)
	})
	if err != nil {
		return fmt.Errorf("store new pairing: %w", err)
	}
	s.Linkly.forget(ctx, t)
	s.enqueue(ctx, t.ID)
	return nil
}

// succeed puts a new pairing in the place of the terminal's; the old one stays
// for the payments that were sent with it.
func succeed(tx *gorm.DB, t Terminal, row pairingRow, now time.Time) error {
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	if err := tx.Model(&pairingRow{}).Where("id = ?", t.PairingID).Update("ended_at", now).Error; err != nil {
		return err
	}
	return tx.Model(&Terminal{}).Where("id = ?", t.ID).Update("pairing_id", row.ID).Error
}

func (s *Terminals) seal(terminalID, secret string) (pairingRow, error) {
	row := pairingRow{ID: newID("pair_"), TerminalID: terminalID, CreatedAt: s.Clock()}
	var err error
	row.Secret, err = s.Keys.Seal(secret, secretOf(row.ID))
	return row, err
}

func secretOf(pairingID string) string { return "secret of pairing " + pairingID }
