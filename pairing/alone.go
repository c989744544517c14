package pairing

import (
	"context"
	"fmt"
	"time"

	"receivepayment/jobs"
)

const (
	// aloneFor is how long one installer that died keeps another from making what
	// may exist only once; a living one renews it.
	aloneFor = 10 * time.Second
	// aloneLook is how often the others look whether it is done.
	aloneLook = 100 * time.Millisecond
)

// alone runs what looks for a thing in the portal and makes it when it is
// missing: two who look at the same time would both make it.
func (s *Portals) alone(ctx context.Context, portalID string, work func(context.Context) error) error {
	until, err := s.takeTurn(ctx, portalID)
	if err != nil {
		return err
	}
	renew := func(ctx context.Context) {
		next := s.Clock().Add(aloneFor)
		res := s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ? AND installing_until = ?", portalID, until).
			Update("installing_until", next)
		if res.Error == nil && res.RowsAffected == 1 {
			until = next
		}
	}
	err = jobs.Keep(ctx, aloneFor/3, renew, work)
	end := s.DB.WithContext(context.WithoutCancel(ctx)).Model(&Portal{}).
		Where("id = ? AND installing_until = ?", portalID, until).Update("installing_until", nil).Error
	if err == nil && end != nil {
		err = fmt.Errorf("end our turn: %w", end)
	}
	return err
}

// takeTurn waits until nobody else is at it.
func (s *Portals) takeTurn(ctx context.Context, portalID string) (time.Time, error) {
	for {
		now := s.Clock()
		until := now.Add(aloneFor)
		res := s.DB.WithContext(ctx).Model(&Portal{}).
			Where("id = ? AND (installing_until IS NULL OR installing_until <= ?)", portalID, now).
			Update("installing_until", until)
		if res.Error != nil {
			return until, fmt.Errorf("take our turn: %w", res.Error)
		}
		if res.RowsAffected == 1 {
			return until, nil
		}
		select {
		case <-ctx.Done():
			return until, ctx.Err()
		case <-time.After(aloneLook):
		}
	}
}
