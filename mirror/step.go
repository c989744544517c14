package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"receivepayment/bitrix"
	"receivepayment/jobs"
)

const (
	// lease keeps others from looking at the same cards. It is long enough that a
	// call of a look that died, still on its way, arrives before the next look.
	lease = 15 * time.Second
	// lookEvery finds what no event told.
	lookEvery = 30 * time.Minute
	// tryAgain is the first wait after a look that did not work; it doubles, at
	// most to lookEvery.
	tryAgain = 15 * time.Second
)

// Step looks at the cards of one portal once: the job's handler.
func (m *Mirror) Step(ctx context.Context, portalID string) error {
	row, won, err := m.claim(ctx, portalID)
	if err != nil || !won {
		return err
	}
	err = jobs.Keep(ctx, lease/3, m.renew(portalID), func(ctx context.Context) error { return m.look(ctx, &row) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return m.finish(ctx, row, err)
}

func (m *Mirror) claim(ctx context.Context, portalID string) (State, bool, error) {
	now := m.Clock()
	res := m.DB.WithContext(ctx).Model(&State{}).
		Where("portal_id = ? AND wanted AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)", portalID, now, now).
		Update("claimed_until", now.Add(lease))
	if res.Error != nil {
		return State{}, false, fmt.Errorf("claim the mirror of %s: %w", portalID, res.Error)
	}
	if res.RowsAffected == 0 {
		return State{}, false, nil
	}
	row, err := m.Read(ctx, portalID)
	return row, err == nil, err
}

func (m *Mirror) renew(portalID string) func(context.Context) {
	return func(ctx context.Context) {
		err := m.DB.WithContext(ctx).Model(&State{}).Where("portal_id = ? AND claimed_until IS NOT NULL", portalID).
			Update("claimed_until", m.Clock().Add(lease)).Error
		if err != nil && ctx.Err() == nil {
			m.Log.WarnContext(ctx, "could not renew the claim on the cards", "portal", portalID, "error", err)
		}
	}
}

// finish plans the next look. What was changed meanwhile stays due.
func (m *Mirror) finish(ctx context.Context, row State, cause error) error {
	end := map[string]any{"claimed_until": nil, "failures": 0, "trouble": ""}
	next := m.Clock().Add(lookEvery)
	if cause != nil {
		m.Log.WarnContext(ctx, "the cards of terminals could not be kept", "portal", row.PortalID, "error", cause)
		end["failures"], end["trouble"] = row.Failures+1, trouble(cause)
		next = m.Clock().Add(min(tryAgain<<min(row.Failures, 10), lookEvery))
	}
	if bitrix.ClassOf(cause) == bitrix.NotFound {
		end["type_id"], end["entity_type_id"] = 0, 0 // the smart process was deleted: look for it anew
	}
	tx := m.DB.WithContext(ctx)
	err := tx.Model(&State{}).Where("portal_id = ?", row.PortalID).Updates(end).Error
	if err == nil {
		err = tx.Model(&State{}).Where("portal_id = ? AND revision = ?", row.PortalID, row.Revision).Update("due_at", next).Error
	}
	if err != nil {
		return fmt.Errorf("plan the next look at the cards of %s: %w", row.PortalID, err)
	}
	return nil
}

// trouble is what people may read about the cause: the CRM's own words, which
// hold no secret.
func trouble(err error) string {
	var refused *bitrix.Error
	text := err.Error()
	if errors.As(err, &refused) && refused.Description != "" {
		text = refused.Description
	}
	runes := []rune(text)
	return string(runes[:min(len(runes), 300)])
}
