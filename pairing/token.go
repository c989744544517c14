package pairing

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/db"
)

// tokenRow is one employee's token pair, sealed.
type tokenRow struct {
	PortalID  string `gorm:"primaryKey"`
	UserID    string `gorm:"primaryKey"`
	Access    string
	Refresh   string
	ExpiresAt time.Time
	Dead      bool
	Version   int64
}

func (tokenRow) TableName() string { return "portal_tokens" }

// flights lets one renewal per token be under way in this process.
type flights struct{ group singleflight.Group }

func (s *Portals) sealToken(portalID, userID, access, refresh string, expires time.Time) (tokenRow, error) {
	row := tokenRow{PortalID: portalID, UserID: userID, ExpiresAt: expires, Version: 1}
	var err error
	if row.Access, err = s.Keys.Seal(access, tokenName("access", portalID, userID)); err != nil {
		return row, err
	}
	row.Refresh, err = s.Keys.Seal(refresh, tokenName("refresh", portalID, userID))
	return row, err
}

func tokenName(kind, portalID, userID string) string {
	return kind + " token of " + userID + " at " + portalID
}

func putToken(tx *gorm.DB, row tokenRow) error {
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "portal_id"}, {Name: "user_id"}},
		DoUpdates: clause.Assignments(map[string]any{
			"access": row.Access, "refresh": row.Refresh, "expires_at": row.ExpiresAt, "dead": false,
			"version": gorm.Expr("portal_tokens.version + 1"), "renewing_until": nil,
		}),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("store token: %w", err)
	}
	return nil
}

// As is a client that speaks to the portal as one employee, so that Bitrix24's
// own rights hold, together with what the stages of the invoice funnels mean.
// One query brings the portal and the employee's token: it runs while staff
// wait.
func (s *Portals) As(ctx context.Context, portalID, userID string) (
	*bitrix.Portal, func(context.Context, int64) (bitrix.Funnel, error), error,
) {
	var row struct {
		Portal    Portal `gorm:"embedded"`
		Access    *string
		Refresh   *string
		ExpiresAt *time.Time
		Dead      *bool
		Version   *int64
	}
	err := s.DB.WithContext(ctx).Table("portals").
		Select("portals.id, endpoint, server, admin_id, stages, access, refresh, expires_at, dead, version").
		Joins("LEFT JOIN portal_tokens ON portal_id = portals.id AND user_id = ?", userID).
		Where("portals.id = ?", portalID).Take(&row).Error
	if err != nil {
		return nil, nil, fmt.Errorf("read portal: %w", db.NotFound(err))
	}
	tokens := &keptTokens{portals: s, portal: row.Portal, userID: userID}
	if row.Access != nil {
		tokens.first.Store(&tokenRow{
			PortalID: portalID, UserID: userID, Access: *row.Access, Refresh: *row.Refresh,
			ExpiresAt: *row.ExpiresAt, Dead: *row.Dead, Version: *row.Version,
		})
	}
	funnel := func(ctx context.Context, id int64) (bitrix.Funnel, error) { return s.funnel(ctx, row.Portal, id) }
	return s.Bitrix.Portal(portalID, row.Portal.Endpoint, tokens), funnel, nil
}

// AsAdmin is a client with the administrator's token, for work that nobody
// waits for and for what only administrators may do; the caller checks rights.
func (s *Portals) AsAdmin(ctx context.Context, portalID string) (*bitrix.Portal, error) {
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return nil, err
	}
	return s.speakAs(p, p.AdminID), nil
}

func (s *Portals) speakAs(p Portal, userID string) *bitrix.Portal {
	return s.Bitrix.Portal(p.ID, p.Endpoint, &keptTokens{portals: s, portal: p, userID: userID})
}

// keptTokens is one employee's tokens as package bitrix wants to see them.
type keptTokens struct {
	portals *Portals
	portal  Portal
	userID  string
	// first is the stored pair when it was read together with the portal; it
	// serves one call.
	first atomic.Pointer[tokenRow]
}

// Token opens the stored pair.
func (k *keptTokens) Token(ctx context.Context) (bitrix.Token, error) {
	if row := k.first.Swap(nil); row != nil {
		return k.open(*row)
	}
	t, _, err := k.read(ctx)
	return t, err
}

func (k *keptTokens) read(ctx context.Context) (bitrix.Token, tokenRow, error) {
	var row tokenRow
	s := k.portals
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND user_id = ?", k.portal.ID, k.userID).Take(&row).Error
	if err != nil {
		return bitrix.Token{}, row, fmt.Errorf("read token: %w", db.NotFound(err))
	}
	t, err := k.open(row)
	return t, row, err
}

// open unseals a stored pair.
func (k *keptTokens) open(row tokenRow) (bitrix.Token, error) {
	if row.Dead {
		return bitrix.Token{}, fmt.Errorf("token of user %s: %w", k.userID, bitrix.ErrTokenDead)
	}
	keys := k.portals.Keys
	access, err := keys.Open(row.Access, tokenName("access", k.portal.ID, k.userID))
	if err != nil { // as good as dead: the employee's next visit brings a new pair
		return bitrix.Token{}, fmt.Errorf("%w: %w", bitrix.ErrTokenDead, err)
	}
	refresh, err := keys.Open(row.Refresh, tokenName("refresh", k.portal.ID, k.userID))
	if err != nil {
		return bitrix.Token{}, fmt.Errorf("%w: %w", bitrix.ErrTokenDead, err)
	}
	return bitrix.Token{
		Access: access, Refresh: refresh, ExpiresAt: row.ExpiresAt, Endpoint: k.portal.Endpoint,
		Server: k.portal.Server, MemberID: k.portal.ID, UserID: k.userID,
	}, nil
}

func (k *keptTokens) replace(ctx context.Context, old tokenRow, fresh bitrix.Token) error {
	s := k.portals
	row, err := s.sealToken(k.portal.ID, k.userID, fresh.Access, fresh.Refresh, fresh.ExpiresAt)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *gorm.DB) error {
		res := tx.Model(&tokenRow{}).
			Where("portal_id = ? AND user_id = ? AND version = ?", old.PortalID, old.UserID, old.Version).
			Updates(map[string]any{
				"access": row.Access, "refresh": row.Refresh, "expires_at": row.ExpiresAt,
				"dead": false, "version": old.Version + 1, "renewing_until": nil,
			})
		if res.Error != nil {
			return fmt.Errorf("store renewed token: %w", res.Error)
		}
		if fresh.Endpoint == "" || fresh.Endpoint == k.portal.Endpoint {
			return nil
		}
		// The portal has moved; the auth server says where to (reference 2.5).
		return tx.Model(&Portal{}).Where("id = ?", k.portal.ID).Update("endpoint", fresh.Endpoint).Error
	})
}

// Moved stores the portal's new address. A failure is no matter: the old one
// answers with a redirect until it has been stored.
func (k *keptTokens) Moved(ctx context.Context, endpoint string) {
	_ = k.portals.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", k.portal.ID).Update("endpoint", endpoint).Error
}

// oneToken is the token of a post that is being verified: used once, never
// renewed, stored nowhere yet.
func oneToken(e bitrix.Entry, id bitrix.Identity) bitrix.Tokens {
	return postedToken{bitrix.Token{Access: e.AccessToken, Endpoint: id.Endpoint, MemberID: id.MemberID, UserID: id.UserID}}
}

type postedToken struct{ token bitrix.Token }

func (p postedToken) Token(context.Context) (bitrix.Token, error) { return p.token, nil }

func (p postedToken) Renewed(context.Context, bitrix.Token,
	func(context.Context, bitrix.Token) (bitrix.Token, error),
) (bitrix.Token, error) {
	return bitrix.Token{}, bitrix.ErrTokenDead
}
