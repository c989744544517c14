package pairing

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
)

// retentionDays is how long personal data outlives an uninstallation, unless
// the portal's administrator said otherwise: long enough to come back after a
// mistake.
const retentionDays = 30

// Leave takes a portal that uninstalled us out of service. Its tokens are gone
// at once and its terminals are unpaired; payments stay, and those whose outcome
// is open are asked about to their end. Personal data goes after the time that
// the portal chose, or now when its administrator asked for that.
func (s *Portals) Leave(ctx context.Context, portalID string, clean bool) error {
	now := s.Clock()
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return err
	}
	forget := now.Add(time.Duration(p.RetentionDays) * 24 * time.Hour)
	if clean {
		forget = now
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		for _, table := range ofTheConnection() {
			if err := tx.Exec("DELETE FROM "+table+" WHERE portal_id = ?", portalID).Error; err != nil {
				return err
			}
		}
		return tx.Model(&Portal{}).Where("id = ?", portalID).Updates(map[string]any{
			"installed": false, "admin_id": "", "steps": "{}", "pay_systems": "{}", "left_at": now, "forget_at": forget,
			"due_at": now, "updated_at": now,
		}).Error
	})
	if err != nil {
		return fmt.Errorf("let portal %s go: %w", portalID, err)
	}
	if err := s.Terminals.RetireAll(ctx, portalID); err != nil {
		return err
	}
	if clean {
		return s.Forget(ctx, portalID)
	}
	return nil
}

// SetRetention says how many days personal data outlives an uninstallation.
func (s *Portals) SetRetention(ctx context.Context, portalID string, days int64) error {
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Portal{}).Where("id = ?", portalID).
			Updates(map[string]any{"retention_days": days, "updated_at": s.Clock()}).Error
		if err != nil {
			return err
		}
		return audit.Write(tx, s.Clock(), portalID, audit.SettingsChanged, "retention", fmt.Sprintf("%d days", days))
	})
	if err != nil {
		return fmt.Errorf("store how long personal data is kept: %w", err)
	}
	return nil
}

// ofTheConnection are the tables that are of no use without the portal. The
// cards of terminals stay with it, and are found again when it comes back.
func ofTheConnection() []string {
	return []string{"portal_tokens", "mirrors", "mirror_cards", "echoes"}
}

// ofPeople are the tables that know a portal's employees beside payments.
func ofPeople() []string {
	return []string{
		"portal_tokens", "portal_users", "user_departments", "departments", "rights", "terminal_users", "terminal_group_users",
		"default_terminals", "invoice_requests", "portal_changes", "notices", "card_requests",
	}
}

// Forget deletes what a portal told us about people. Records of payments and the
// audit stay, without names, as the law wants them.
func (s *Portals) Forget(ctx context.Context, portalID string) error {
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		for _, table := range ofPeople() {
			if err := tx.Exec("DELETE FROM "+table+" WHERE portal_id = ?", portalID).Error; err != nil {
				return err
			}
		}
		err := tx.Model(&Portal{}).Where("id = ?", portalID).
			Updates(map[string]any{"forget_at": nil, "domain": "", "endpoint": "", "application_token": ""}).Error
		if err != nil {
			return err
		}
		return audit.Forget(tx, s.Clock(), portalID)
	})
	if err != nil {
		return fmt.Errorf("forget the people of portal %s: %w", portalID, err)
	}
	return s.Payments.Forget(ctx, portalID)
}

// RetireAll takes every terminal of a portal out of use and lets the secrets go
// of those that no payment needs any more.
func (s *Terminals) RetireAll(ctx context.Context, portalID string) error {
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("portal_id = ? AND status <> ?", portalID, Retired).
		Updates(map[string]any{"status": Retired, "status_reason": "The app was uninstalled.", "due_at": nil}).Error
	if err != nil {
		return fmt.Errorf("retire the terminals of portal %s: %w", portalID, err)
	}
	_, err = s.unpair(ctx, portalID)
	return err
}

// unpair makes secrets of retired terminals useless, and answers how many are
// still needed: an open payment is asked about with the pairing that it was sent
// by.
func (s *Terminals) unpair(ctx context.Context, portalID string) (needed int, err error) {
	var rows []struct {
		ID, TerminalID, Provider string
		Open                     int64
	}
	err = s.DB.WithContext(ctx).Table("pairings").
		Select("pairings.id, terminals.id AS terminal_id, terminals.provider, (SELECT COUNT(*) FROM payments WHERE payments.pairing_id = pairings.id AND payments.due_at IS NOT NULL) AS open").
		Joins("JOIN terminals ON terminals.id = pairings.terminal_id").
		Where("terminals.portal_id = ? AND terminals.status = ? AND pairings.ended_at IS NULL", portalID, Retired).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("read the pairings of portal %s: %w", portalID, err)
	}
	for _, row := range rows {
		if row.Open > 0 {
			needed++
			continue
		}
		nothing, err := s.Keys.Seal("", secretOf(row.ID))
		if err != nil {
			return needed, err
		}
		err = s.DB.WithContext(ctx).Model(&pairingRow{}).Where("id = ?", row.ID).
			Updates(map[string]any{"secret": nothing, "ended_at": s.Clock()}).Error
		if err != nil {
			return needed, fmt.Errorf("unpair: %w", err)
		}
		if row.Provider == KayaakuProvider {
			if err := s.Kayaaku.Revoke(ctx, row.TerminalID); err != nil {
				return needed, err
			}
		}
	}
	return needed, nil
}
