package sim

import (
	"encoding/binary"
	"encoding/hex"
	"time"
)

// grant is one pair of tokens, bound to a user, a portal and (there being one) the app.
type grant struct {
	portal         *portal
	userID         int
	access         string
	refresh        string
	issued         time.Time
	accessExpires  time.Time
	refreshExpires time.Time
	// refreshed is set when the refresh token was used; using it again is refused.
	refreshed bool
	// revoked is set when the app is removed or the frame got a new pair.
	revoked bool
	// toldExpired is set when the access token was answered expired_token: then a refresh is in order at any time.
	toldExpired bool
	// fromEvent marks pairs that came with an event; their refresh token must not be used (reference bitrix24, 10).
	fromEvent bool
}

// tokenStore finds a pair by either token. Used and dead pairs stay, so that their reuse is told from mere guessing.
type tokenStore struct {
	byAccess  map[string]*grant
	byRefresh map[string]*grant
}

// newTokenStore is empty.
func newTokenStore() tokenStore {
	return tokenStore{byAccess: map[string]*grant{}, byRefresh: map[string]*grant{}}
}

// issue makes a pair. The lock must be held.
func (s *Sim) issue(p *portal, userID int) *grant {
	now := s.now()
	g := &grant{
		portal: p, userID: userID, issued: now,
		accessExpires: now.Add(s.cfg.TokenTTL), refreshExpires: now.Add(refreshLife),
	}
	g.access = tokenText(g.accessExpires, p.app.id, userID)
	g.refresh = tokenText(g.refreshExpires, p.app.id, userID)
	s.tokens.byAccess[g.access] = g
	s.tokens.byRefresh[g.refresh] = g
	return g
}

// tokenText has the shape of the real ones (reference bitrix24, 1.4): expiry, app, user, then noise; 70 hex digits.
func tokenText(expires time.Time, appID, userID int) string {
	head := make([]byte, 16)
	binary.LittleEndian.PutUint32(head, uint32(expires.Unix())) //nolint:gosec // only a look-alike
	binary.BigEndian.PutUint32(head[8:], uint32(appID))         //nolint:gosec // only a look-alike
	binary.BigEndian.PutUint32(head[12:], uint32(userID))       //nolint:gosec // only a look-alike
	return hex.EncodeToString(head) + randomHex(19)
}

// revokeAll ends every token of the portal, as removing the app does.
func (s *Sim) revokeAll(p *portal) {
	for _, g := range s.tokens.byAccess {
		if g.portal == p {
			g.revoked = true
		}
	}
}

// expired says whether the access token is over, by the clock or because it was answered so.
func (g *grant) expired(now time.Time) bool { return g.toldExpired || !now.Before(g.accessExpires) }

// expiresIn is in whole seconds.
func (g *grant) expiresIn(now time.Time) int { return int(g.accessExpires.Sub(now) / time.Second) }

// MoveDomain gives the main portal a new address; the old one answers 302 from now on (reference bitrix24, 2.5).
func (s *Sim) MoveDomain(host string) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	if host == "" || host == p.domain {
		return
	}
	p.oldDomain, p.domain = p.domain, host
}
