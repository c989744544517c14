package pairing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bojanz/currency"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/payments"
	"receivepayment/practice"
)

// errPracticeDefault: an amount must not land where nobody pays because
// somebody did not look.
var errPracticeDefault = payments.Invalid("default", "A practice terminal cannot be anybody's default.")

// Practice reports whether nothing on the terminal is real.
func (t Terminal) Practice() bool { return t.Provider == payments.PracticeProvider }

// Takes reports whether the terminal takes this currency; a practice terminal
// pretends in any.
func (t Terminal) Takes(code string) bool { return t.Practice() || t.Currency == code }

// In is the terminal for a payment in this currency.
func (t Terminal) In(code string) Terminal {
	if t.Practice() {
		t.Currency = code
	}
	return t
}

// realTerminal refuses a practice terminal as a default.
func realTerminal(tx *gorm.DB, id string) error {
	var n int64
	err := tx.Model(&Terminal{}).Where("id = ? AND provider = ?", id, payments.PracticeProvider).Count(&n).Error
	if err == nil && n > 0 {
		return errPracticeDefault
	}
	return err
}

// PracticeScenarios are the ways in which a practised payment can go.
func PracticeScenarios() []string { return practice.Scenarios() }

func checkScenario(name string) error {
	if name == "" || slices.Contains(practice.Scenarios(), name) {
		return nil
	}
	return payments.Invalid("method", "There is no such scenario.")
}

// checkedPractice is [NewTerminal.checked] for a practice terminal, which needs
// no account and no code.
func (n NewTerminal) checkedPractice() (NewTerminal, error) {
	n.Environment = Sandbox
	if n.Currency == "" {
		n.Currency = "AUD" // of no consequence: it pretends in any
	}
	if n.Currency = strings.ToUpper(n.Currency); !currency.IsValid(n.Currency) {
		return n, payments.Invalid("currency", "This is no ISO currency code.")
	}
	return n, nil
}

// addPractice gives the portal its practice terminal. One is enough: a portal
// that has one gets that.
func (s *Terminals) addPractice(ctx context.Context, portalID string, n NewTerminal) (Card, error) {
	now := s.Clock()
	t := Terminal{
		ID: newID("t_"), PortalID: portalID, Name: n.Name, Sought: strings.ToLower(n.Name), Provider: n.Provider, Environment: n.Environment,
		Currency: n.Currency, Status: Ready, Shared: true, RegisterID: uuid.NewString(), CreatedAt: now,
		Facts: Facts{Features: []string{payments.FeatureRefund}},
	}
	row, err := s.seal(t.ID, noKey)
	if err != nil {
		return Card{}, err
	}
	t.PairingID = row.ID
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		// The portal's row is ours until the commit, so that two clicks make one.
		if err := tx.Model(&Portal{}).Where("id = ?", portalID).Update("updated_at", now).Error; err != nil {
			return err
		}
		var known []Terminal
		err := tx.Where("portal_id = ? AND provider = ? AND status <> ?", portalID, n.Provider, Retired).Limit(1).Find(&known).Error
		if err != nil {
			return err
		}
		if len(known) > 0 {
			t = known[0]
			return nil
		}
		if err := tx.Create(&t).Error; err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalPaired, t.Name+" ("+t.Provider+")")
	})
	if err != nil {
		return Card{}, fmt.Errorf("store practice terminal: %w", err)
	}
	return s.Get(ctx, portalID, "", t.ID)
}
