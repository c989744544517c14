package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/jobs"
)

const (
	// tendEvery is how often we look whether a portal needs something of us.
	tendEvery = time.Hour
	// touchAfter is how long we may stay silent towards a portal: a refresh token
	// may live for thirty days only, whatever is promised (reference bitrix24 2.3).
	touchAfter = 10 * 24 * time.Hour
	// tendLease keeps two processes from tending the same portal at once.
	tendLease = time.Minute
)

// Due lists portals whose next look is overdue, for the janitor.
func (s *Portals) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Tend}.Overdue(s.DB.WithContext(ctx).Model(&Portal{}), s.Clock(), limit)
}

// Tend looks after one portal: the job's handler. It finds what no event told,
// keeps the tokens of an idle portal alive, passes our work on to another
// administrator when one has left, and forgets who is to be forgotten.
func (s *Portals) Tend(ctx context.Context, portalID string) error {
	now := s.Clock()
	res := s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ? AND due_at <= ?", portalID, now).
		Update("due_at", now.Add(tendLease))
	if res.Error != nil {
		return fmt.Errorf("claim portal %s: %w", portalID, res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return err
	}
	next, err := s.tend(ctx, p)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.Log.WarnContext(ctx, "a portal could not be looked after; later again", "portal", portalID, "error", err)
	}
	// An event may have asked for another look meanwhile, which then stays due.
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ? AND due_at = ?", portalID, now.Add(tendLease)).
		Update("due_at", next).Error
	if err != nil {
		return fmt.Errorf("plan the next look at portal %s: %w", portalID, err)
	}
	return nil
}

// tend answers when to look again, nil for never.
func (s *Portals) tend(ctx context.Context, p Portal) (*time.Time, error) {
	soon := s.Clock().Add(tendEvery)
	if p.LeftAt != nil {
		return s.tendLeft(ctx, p, soon)
	}
	if !p.Installed {
		return &soon, nil
	}
	if s.Look != nil {
		if err := s.Look(ctx, p.ID); err != nil {
			return &soon, err
		}
	}
	if err := s.succeed(ctx, &p); err != nil {
		return &soon, err
	}
	if p.SeenAt == nil || s.Clock().Sub(*p.SeenAt) >= touchAfter {
		return &soon, s.touch(ctx, p)
	}
	return &soon, nil
}

// tendLeft forgets in time, and unpairs what an open payment still needed.
func (s *Portals) tendLeft(ctx context.Context, p Portal, soon time.Time) (*time.Time, error) {
	needed, err := s.Terminals.unpair(ctx, p.ID)
	if err != nil {
		return &soon, err
	}
	if p.ForgetAt != nil && !p.ForgetAt.After(s.Clock()) {
		if err := s.Forget(ctx, p.ID); err != nil {
			return &soon, err
		}
		p.ForgetAt = nil
	}
	if needed > 0 {
		return &soon, nil
	}
	return p.ForgetAt, nil
}

// succeed hands our background work to another administrator whose tokens live,
// when those of the present one are dead or gone: they may have left the company.
func (s *Portals) succeed(ctx context.Context, p *Portal) error {
	silent, err := s.Silenced(ctx, *p)
	if err != nil || !silent {
		return err
	}
	var heir string
	err = s.DB.WithContext(ctx).Table("portal_users").Select("portal_users.user_id").
		Joins("JOIN portal_tokens ON portal_tokens.portal_id = portal_users.portal_id AND portal_tokens.user_id = portal_users.user_id").
		Where("portal_users.portal_id = ? AND portal_users.admin = ? AND portal_tokens.dead = ?", p.ID, true, false).
		Order("portal_users.seen_at DESC").Limit(1).Take(&heir).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		return nil // until an administrator opens the app
	}
	if err != nil {
		return fmt.Errorf("look for another administrator: %w", err)
	}
	p.AdminID = heir
	return s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", p.ID).Update("admin_id", heir).Error
}

// touch asks the portal how we stand there, which also keeps our tokens alive.
func (s *Portals) touch(ctx context.Context, p Portal) error {
	info, err := s.speakAs(p, p.AdminID).AppInfo(ctx)
	if bitrix.ClassOf(err) == bitrix.Gone {
		return s.Leave(ctx, p.ID, false) // the event that said so was lost
	}
	if err != nil {
		return err
	}
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", p.ID).
		Updates(map[string]any{"payment_expired": info.PaymentExpired, "seen_at": s.Clock()}).Error
	if err != nil {
		return fmt.Errorf("remember what the portal says: %w", err)
	}
	return nil
}
