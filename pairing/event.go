package pairing

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
	"receivepayment/words"
)

// News is what a believed event says was changed in the CRM: read it again.
type News struct {
	PortalID, Entity, ID string
	// Kind is the entity type of a smart process's item, whose Entity is empty.
	Kind int
}

// believeWithin bounds the questions that an event about our own installation
// takes: the queue that sends events does not like to wait (reference bitrix24
// 10).
const believeWithin = 10 * time.Second

// Event takes an event of Bitrix24. It is believed only when it carries the
// portal's application token, or an access token that proves itself; of what it
// says only ids are used. Lifecycle events are carried out; others answer what
// is to be read again, or nil.
func (s *Portals) Event(ctx context.Context, form url.Values) (*News, error) {
	e, err := bitrix.ParseEvent(form)
	var field *bitrix.FieldError
	if errors.As(err, &field) {
		return nil, payments.Invalid(field.Field, words.Key(field.Problem))
	}
	if err != nil {
		return nil, err
	}
	p, err := s.Portal(ctx, e.Auth.MemberID)
	if errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("%w: an event of a portal that is none of ours", ErrUnverified)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case e.Name == "ONAPPPAYMENT":
		return nil, s.hint(ctx, p) // comes without any proof (reference bitrix24 1.5)
	case s.carriesOurs(p, e):
		return s.believed(ctx, p, e)
	case e.Name == "ONAPPINSTALL", e.Name == "ONAPPUPDATE":
		return nil, s.adoptToken(ctx, p, e)
	}
	return nil, fmt.Errorf("%w: the event's application token differs", ErrUnverified)
}

// carriesOurs compares the application token, in constant time.
func (s *Portals) carriesOurs(p Portal, e bitrix.Event) bool {
	stored, err := s.Keys.Open(p.ApplicationToken, applicationTokenOf(p.ID))
	if err != nil || stored == "" || e.Auth.ApplicationToken == "" {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(stored), []byte(e.Auth.ApplicationToken)) == 1
}

func (s *Portals) believed(ctx context.Context, p Portal, e bitrix.Event) (*News, error) {
	kind, id := e.Item()
	news := &News{PortalID: p.ID, ID: strconv.FormatInt(id, 10)}
	switch e.Name {
	case "ONAPPUNINSTALL":
		return nil, s.Leave(ctx, p.ID, e.Clean())
	case "ONCRMDYNAMICITEMUPDATE", "ONCRMDYNAMICITEMDELETE", "ONCRMDYNAMICITEMUPDATE_31", "ONCRMDYNAMICITEMDELETE_31":
		if kind != 0 && kind != bitrix.TypeInvoice {
			news.Kind = kind
			break
		}
		news.Entity = bitrix.EntityInvoice
	case "ONCRMDEALDELETE", "ONCRMDEALUPDATE":
		news.Entity = bitrix.EntityDeal
	case "ONSALEORDERSAVED", "ONORDERDELETED":
		news.Entity = bitrix.EntityOrder
	default:
		return nil, nil //nolint:nilnil // of no consequence to us
	}
	if id == 0 || !p.Installed {
		return nil, nil //nolint:nilnil // about nothing
	}
	return news, nil
}

// adoptToken takes a new application token, which an update of the app may
// bring, from a post whose own access token is an administrator's.
func (s *Portals) adoptToken(ctx context.Context, p Portal, e bitrix.Event) error {
	if e.Auth.ApplicationToken == "" || e.Auth.AccessToken == "" {
		return fmt.Errorf("%w: the event brings no proof", ErrUnverified)
	}
	ctx, cancel := context.WithTimeout(ctx, believeWithin)
	defer cancel()
	id, user, err := s.verify(ctx, bitrix.Entry{
		MemberID: e.Auth.MemberID, Domain: e.Auth.Domain, ServerEndpoint: e.Auth.ServerEndpoint, AccessToken: e.Auth.AccessToken,
	})
	if err != nil {
		return err
	}
	if !user.Admin {
		return fmt.Errorf("%w: the event's token is not an administrator's", ErrUnverified)
	}
	sealed, err := s.Keys.Seal(e.Auth.ApplicationToken, applicationTokenOf(id.MemberID))
	if err != nil {
		return err
	}
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", p.ID).
		Updates(map[string]any{"application_token": sealed, "updated_at": s.Clock()}).Error
	if err != nil {
		return fmt.Errorf("store the new application token: %w", err)
	}
	return nil
}

// hintAfter is how often a post without any proof may make us look.
const hintAfter = time.Minute

// hint makes us look at the portal soon. Nothing of the post is believed.
func (s *Portals) hint(ctx context.Context, p Portal) error {
	now := s.Clock()
	if !p.Installed || (p.SeenAt != nil && now.Sub(*p.SeenAt) < hintAfter) {
		return nil
	}
	err := s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", p.ID).
		Updates(map[string]any{"seen_at": nil, "due_at": now}).Error
	if err != nil {
		return fmt.Errorf("remember to look at the portal: %w", err)
	}
	return nil
}
