package pairing

import (
	"context"
	"errors"
	"fmt"

	"receivepayment/bitrix"
	"receivepayment/notices"
)

// Notify shows a notice to its person, in the app's name and with the
// administrator's token. It is the [notices.Sender] of the product.
func (s *Portals) Notify(ctx context.Context, n notices.Notice) error {
	api, err := s.AsAdmin(ctx, n.PortalID)
	if err != nil {
		return fmt.Errorf("speak to the portal: %w", err)
	}
	_, err = api.NotifySystem(ctx, bitrix.Notice{UserID: n.UserID, Message: n.Text, Tag: n.Tag})
	switch bitrix.ClassOf(err) {
	case bitrix.Invalid, bitrix.NotFound: // a person who has left, or a text that no try makes better
		return errors.Join(notices.ErrRefused, err)
	case bitrix.Denied, bitrix.Auth, bitrix.Limited, bitrix.Moved, bitrix.Gone, bitrix.Unavailable, bitrix.Unclear:
	}
	return err
}
