package pairing

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/notices"
	"receivepayment/payments"
	"receivepayment/secrets"
)

// Terminals pairs, proves, assigns and retires terminals. Safe for concurrent
// use.
type Terminals struct {
	DB       *db.DB
	Clock    db.Clock
	Keys     *secrets.Keys
	Linkly   *Linkly
	Kayaaku  *Kayaaku
	Payments *payments.Service
	Queue    *jobs.Queue
	Bell     *jobs.Bell
	Notices  *notices.Service
	// Keepers lists the people of the portal who look after its terminals: they
	// are told when one is not ready for the shop's opening.
	Keepers func(ctx context.Context, portalID string) ([]string, error)
	Log     *slog.Logger
	// OnChange is told of every terminal that was paired, changed, proven or
	// retired; nil when nobody wants to know.
	OnChange func(ctx context.Context, portalID string)
}

// changed tells whoever shows the portal's terminals elsewhere.
func (s *Terminals) changed(ctx context.Context, portalID string) {
	if s.OnChange != nil {
		s.OnChange(ctx, portalID)
	}
}

// audit notes what was done to a terminal, in the transaction that does it.
func (s *Terminals) audit(tx *gorm.DB, t Terminal, action audit.Action, detail string) error {
	return audit.Write(tx, s.Clock(), t.PortalID, action, t.ID, detail)
}

func (s *Terminals) enqueue(ctx context.Context, id string) {
	s.Bell.Ring(ctx, id)
	if err := s.Queue.Now(ctx, jobs.Prove, id); err != nil {
		s.Log.WarnContext(ctx, "the janitor will prove the terminal", "terminal", id, "error", err)
	}
}

// letters is Crockford's alphabet in lower case, for ids in addresses.
var letters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func newID(prefix string) string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return prefix + letters.EncodeToString(raw)
}

// Due lists terminals that wait to be proven, for the janitor.
func (s *Terminals) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Prove}.Overdue(s.DB.WithContext(ctx).Model(&Terminal{}), s.Clock(), limit)
}

// seen notes that the terminal gave a sign of life, at most every ten seconds:
// the row must not be written with each display.
func seen(ctx context.Context, d *db.DB, id, column string, now time.Time) error {
	err := d.WithContext(ctx).Model(&Terminal{}).
		Where("id = ? AND ("+column+" IS NULL OR "+column+" < ?)", id, now.Add(-10*time.Second)).
		Updates(map[string]any{column: now, "last_seen_at": now}).Error
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("note sign of life of terminal %s: %w", id, err)
	}
	return nil
}
