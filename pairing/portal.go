package pairing

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
	"receivepayment/secrets"
	"receivepayment/words"
)

// Portal is a Bitrix24 account that installed the app.
type Portal struct {
	ID               string `gorm:"primaryKey"` // member_id
	Domain           string // as the auth server names it
	Endpoint         string
	Server           string
	ApplicationToken string // sealed
	AdminID          string // whose token works in the background
	Scope            string
	Language         string
	Installed        bool
	Stages           Stages     `gorm:"serializer:json"`
	PaySystems       PaySystems `gorm:"serializer:json;default:'{}'"`
	Funnels          []Funnel   `gorm:"serializer:json;default:'[]'"`
	Steps            Steps      `gorm:"serializer:json;default:'{}'"`
	PaymentExpired   bool       // the paid period of the app is over
	RetentionDays    int64      `gorm:"default:30"` // how long personal data outlives an uninstallation
	LeftAt           *time.Time
	ForgetAt         *time.Time
	SeenAt           *time.Time // when the portal last answered a look of ours
	DueAt            *time.Time
	ResolveLimit     *int64 // minor units of ResolveCurrency; nil means that one person decides
	ResolveCurrency  string
	OpensAt          string     // when the opening check is over, as 08:30; empty: no check
	TimeZone         string     // whose clock that is, an IANA name
	PeopleDueAt      *time.Time // when the directory is read again
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// TableName is the table of portals.
func (Portal) TableName() string { return "portals" }

// Refusals of an entry.
var (
	ErrUnverified    = errors.New("the request does not come from Bitrix24")
	ErrNotInstalled  = errors.New("the portal has not installed the app")
	ErrNotAdmin      = errors.New("an administrator must do this")
	ErrPortalOffline = errors.New("the portal or its auth server cannot be reached")
)

// Portals keeps portals. Safe for concurrent use.
type Portals struct {
	DB     *db.DB
	Clock  db.Clock
	Keys   *secrets.Keys
	Bitrix *bitrix.Client
	// Handler is the address of our placement page, /bitrix/app; EventHandler that
	// of our events, /bitrix/events.
	Handler, EventHandler string
	// Terminals are taken out of use when a portal leaves us.
	Terminals *Terminals
	Payments  *payments.Service
	// Look finds what no event told about one portal; nil looks at nothing.
	Look func(ctx context.Context, portalID string) error
	Log  *slog.Logger
	// OnDismiss drops what other packages keep of somebody who was dismissed, in
	// the same transaction; nil when there is nothing.
	OnDismiss func(tx *gorm.DB, portalID, userID string) error

	flights flights
}

// Visit is a verified entry: who opened which page of which portal.
type Visit struct {
	Portal    Portal
	User      User
	Entity    string // deal, invoice, order, or empty
	EntityID  string
	Placement string
	Language  string
	// Payment and Do are what a deep link, or a button of ours in a timeline, asks
	// for: one payment, and "refund" or "receipt". A claim like everything else
	// that comes with a placement.
	Payment, Do string
	// Opened is what was read on the way, or nil.
	Opened *bitrix.Opened
}

// Enter verifies a post of Bitrix24 to a placement: the auth server confirms
// the token, the portal tells who its owner is. Nothing posted is believed
// before that, and nothing is stored of a post that fails. With read set, the
// deal that is opened is read on the way.
func (s *Portals) Enter(ctx context.Context, form, query url.Values, read bool) (Visit, error) {
	e, err := parse(form, query)
	if err != nil {
		return Visit{}, err
	}
	dealID := int64(0)
	if entity, id := e.Entity(); read && entity == bitrix.EntityDeal {
		dealID = id
	}
	id, user, opened, err := s.verifyOpening(ctx, e, dealID)
	if err != nil {
		return Visit{}, err
	}
	portal, err := s.Portal(ctx, id.MemberID)
	if errors.Is(err, db.ErrNotFound) || (err == nil && !portal.Installed) {
		return Visit{}, ErrNotInstalled
	}
	if err != nil {
		return Visit{}, err
	}
	if err := s.sameApplication(portal, e, user.Admin); err != nil {
		return Visit{}, err
	}
	portal.Domain, portal.Endpoint, portal.Language = id.Domain, id.Endpoint, language(e.Lang)
	if err := s.remember(ctx, portal, user, e); err != nil {
		return Visit{}, err
	}
	v := visit(portal, user, e)
	v.Opened = opened
	if v.Do == "" {
		v.Do = query.Get("do") // the address of an entry point of ours
	}
	return v, nil
}

// ErrNoEntry means that somebody opened the address outside Bitrix24.
var ErrNoEntry = bitrix.ErrNoEntry

func parse(form, query url.Values) (bitrix.Entry, error) {
	e, err := bitrix.ParseEntry(form, query)
	var field *bitrix.FieldError
	if errors.As(err, &field) {
		return e, payments.Invalid(field.Field, words.Key(field.Problem))
	}
	return e, err
}

func visit(portal Portal, user User, e bitrix.Entry) Visit {
	entity, id := e.Entity()
	entityID := ""
	if entity != "" {
		entityID = strconv.FormatInt(id, 10)
	}
	return Visit{
		Portal: portal, User: user, Entity: entity, EntityID: entityID,
		Placement: e.Placement, Language: language(e.Lang),
		Payment: e.PlacementOptions["payment"], Do: e.PlacementOptions["do"],
	}
}

// verify is reference bitrix24 1.6, steps 1 to 3.
func (s *Portals) verify(ctx context.Context, e bitrix.Entry) (bitrix.Identity, User, error) {
	id, user, _, err := s.verifyOpening(ctx, e, 0)
	return id, user, err
}

// verifyOpening is the same, and reads the deal that is opened on the way, if
// one is.
func (s *Portals) verifyOpening(ctx context.Context, e bitrix.Entry, dealID int64) (bitrix.Identity, User, *bitrix.Opened, error) {
	id, err := s.Bitrix.Verify(ctx, e.ServerEndpoint, e.AccessToken)
	if err != nil {
		return id, User{}, nil, unverified("auth server", err)
	}
	if id.MemberID != e.MemberID || !sameDomain(id, e.Domain) {
		return id, User{}, nil, fmt.Errorf("%w: it names another portal", ErrUnverified)
	}
	api := s.Bitrix.Portal(id.MemberID, id.Endpoint, oneToken(e, id))
	var profile bitrix.Profile
	var opened *bitrix.Opened
	if dealID > 0 {
		profile, opened, err = api.OpenDeal(ctx, dealID)
	} else {
		profile, err = api.Profile(ctx)
	}
	if err != nil {
		return id, User{}, nil, unverified("profile", err)
	}
	if id.UserID != "" && profile.ID != id.UserID {
		return id, User{}, nil, fmt.Errorf("%w: the token belongs to another user", ErrUnverified)
	}
	user := User{
		PortalID: id.MemberID, UserID: profile.ID, Admin: profile.Admin, TimeZone: profile.TimeZone,
		Name: strings.TrimSpace(profile.Name + " " + profile.LastName), SeenAt: s.Clock(),
	}
	return id, s.place(ctx, user, api), opened, nil
}

// sameDomain compares the posted domain with what the auth server says; its own
// domain may leave out a port that the endpoint has.
func sameDomain(id bitrix.Identity, posted string) bool {
	if strings.EqualFold(id.Domain, posted) {
		return true
	}
	u, err := url.Parse(id.Endpoint)
	return err == nil && strings.EqualFold(u.Host, posted)
}

// unverified tells a server that cannot be reached from one that says no.
func unverified(step string, err error) error {
	switch bitrix.ClassOf(err) {
	case bitrix.Unavailable, bitrix.Limited, bitrix.Unclear:
		return fmt.Errorf("%w: %s: %w", ErrPortalOffline, step, err)
	case bitrix.Denied, bitrix.NotFound, bitrix.Invalid, bitrix.Auth, bitrix.Moved, bitrix.Gone:
		return fmt.Errorf("%w: %s: %w", ErrUnverified, step, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnverified, step, err)
}

// sameApplication compares the application token with the stored one. Only an
// administrator's verified post may bring a new one; an employee's post with
// another token is not ours to serve.
func (s *Portals) sameApplication(p Portal, e bitrix.Entry, admin bool) error {
	if e.ApplicationToken == "" || admin {
		return nil
	}
	stored, err := s.Keys.Open(p.ApplicationToken, applicationTokenOf(p.ID))
	if err != nil || stored == "" {
		return nil //nolint:nilerr // a lost key is healed by an administrator; the access token was verified above
	}
	if subtle.ConstantTimeCompare([]byte(stored), []byte(e.ApplicationToken)) != 1 {
		return fmt.Errorf("%w: application token differs", ErrUnverified)
	}
	return nil
}

func applicationTokenOf(portalID string) string { return "application token of " + portalID }

// remember stores what a verified entry brought: the employee, their tokens,
// the portal's present address, and from an administrator the application
// token.
func (s *Portals) remember(ctx context.Context, p Portal, u User, e bitrix.Entry) error {
	now := s.Clock()
	change := map[string]any{
		"domain": p.Domain, "endpoint": p.Endpoint, "updated_at": now,
	}
	if u.Admin { // the company's language is that of who runs its portal, not of whoever came last
		change["admin_id"], change["seen_at"], change["language"] = u.UserID, now, p.Language
		if e.ApplicationToken != "" {
			sealed, err := s.Keys.Seal(e.ApplicationToken, applicationTokenOf(p.ID))
			if err != nil {
				return err
			}
			change["application_token"] = sealed
		}
	}
	token, err := s.sealToken(p.ID, u.UserID, e.AccessToken, e.RefreshToken, expiry(now, e.ExpiresIn))
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Model(&Portal{}).Where("id = ?", p.ID).Updates(change).Error; err != nil {
			return fmt.Errorf("remember portal: %w", err)
		}
		return storeVisitor(tx, u, token)
	})
}

// Portal reads a portal; [db.ErrNotFound] when it never installed.
func (s *Portals) Portal(ctx context.Context, id string) (Portal, error) {
	var p Portal
	err := s.DB.WithContext(ctx).Where("id = ?", id).Take(&p).Error
	if err != nil {
		return p, fmt.Errorf("read portal: %w", db.NotFound(err))
	}
	return p, nil
}

// User reads an employee of a portal; [db.ErrNotFound] when never seen.
func (s *Portals) User(ctx context.Context, portalID, userID string) (User, error) {
	var u User
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND user_id = ?", portalID, userID).Take(&u).Error
	if err != nil {
		return u, fmt.Errorf("read employee: %w", db.NotFound(err))
	}
	return u, nil
}

// Users lists the employees of a portal who have opened the app, by name.
func (s *Portals) Users(ctx context.Context, portalID string) ([]User, error) {
	var rows []User
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND entered AND active", portalID).Order("name, user_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list employees: %w", err)
	}
	return rows, nil
}

func language(code string) string {
	code = strings.ToLower(strings.TrimSpace(code))
	if code == "" || len(code) > 8 {
		return "en"
	}
	return code
}

func expiry(now time.Time, life time.Duration) time.Time {
	if life <= 0 || life > 24*time.Hour {
		life = time.Hour // reference bitrix24 2.3
	}
	return now.Add(life)
}

// Voice speaks the portal's language; English when it cannot be read.
func (s *Portals) Voice(ctx context.Context, portalID string) *words.Voice {
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return words.In("")
	}
	return words.In(p.Language)
}
