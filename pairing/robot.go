package pairing

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
	"receivepayment/words"
)

// Robot verifies a workflow's post to our robot: it must carry the portal's
// application token, which nobody but the portal and we know. Nothing else of
// it is believed.
func (s *Portals) Robot(ctx context.Context, form url.Values) (bitrix.RobotCall, error) {
	c, err := bitrix.ParseRobotCall(form)
	var field *bitrix.FieldError
	if errors.As(err, &field) {
		return c, payments.Invalid(field.Field, words.Key(field.Problem))
	}
	if err != nil {
		return c, err
	}
	p, err := s.Portal(ctx, c.Auth.MemberID)
	if errors.Is(err, db.ErrNotFound) || (err == nil && !p.Installed) {
		return c, fmt.Errorf("%w: a robot of a portal that is none of ours", ErrUnverified)
	}
	if err != nil {
		return c, err
	}
	stored, err := s.Keys.Open(p.ApplicationToken, applicationTokenOf(p.ID))
	if err != nil || stored == "" || subtle.ConstantTimeCompare([]byte(stored), []byte(c.Auth.ApplicationToken)) != 1 {
		return c, fmt.Errorf("%w: the robot's application token differs", ErrUnverified)
	}
	return c, nil
}
