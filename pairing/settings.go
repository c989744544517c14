package pairing

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/payments"
)

// SetResolveLimit says up to which amount one person may decide alone about a
// payment whose outcome cannot be learnt; nil means any amount.
func (s *Portals) SetResolveLimit(ctx context.Context, portalID string, limit *payments.Money) error {
	set := map[string]any{"resolve_limit": nil, "resolve_currency": "", "updated_at": s.Clock()}
	if limit != nil {
		set["resolve_limit"], set["resolve_currency"] = limit.Minor, limit.Currency
	}
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Model(&Portal{}).Where("id = ?", portalID).Updates(set).Error; err != nil {
			return err
		}
		return audit.Write(tx, s.Clock(), portalID, audit.SettingsChanged, portalID, limitWords(limit))
	})
	if err != nil {
		return fmt.Errorf("store the limit for decisions: %w", err)
	}
	return nil
}

func limitWords(limit *payments.Money) string {
	if limit == nil {
		return "one person decides about any amount"
	}
	return "one person decides up to " + limit.String() + " " + limit.Currency
}

// NeedsSecond reports whether a decision about this amount takes two people. An
// amount in another currency than the limit's cannot be compared and does.
func (p Portal) NeedsSecond(amount payments.Money) bool {
	if p.ResolveLimit == nil {
		return false
	}
	return amount.Currency != p.ResolveCurrency || amount.Minor > *p.ResolveLimit
}

// Silenced reports whether our background work at the portal has no living
// token: an administrator heals it by opening the app.
func (s *Portals) Silenced(ctx context.Context, p Portal) (bool, error) {
	var n int64
	err := s.DB.WithContext(ctx).Model(&tokenRow{}).
		Where("portal_id = ? AND user_id = ? AND dead = ?", p.ID, p.AdminID, false).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("read the portal's token: %w", err)
	}
	return n == 0, nil
}
