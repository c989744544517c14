package sim

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// serveAuth is the authorisation server (reference bitrix24, sections 1.6 and 2). path has no /auth/ prefix.
func (s *Sim) serveAuth(w http.ResponseWriter, r *http.Request, path string) {
	path = strings.Trim(path, "/")
	args, err := readParams(r)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": err.Error()})
		return
	}

	switch path {
	case "oauth/token":
		s.serveToken(w, r, args)
	case "rest/app.info", "rest/app.info.json":
		s.serveWhose(w, r, args)
	default:
		s.book.violate(s.now(), path, "unknown method", "the authorisation server has no such address")
		writeError(w, refuse(http.StatusNotFound, "ERROR_METHOD_NOT_FOUND", "Method not found!"))
	}
}

// serveToken is /oauth/token/. GET is documented and taken, but secrets in an address end up in access logs, so that
// is a violation.
func (s *Sim) serveToken(w http.ResponseWriter, r *http.Request, args *value) {
	const method = "oauth/token"
	now := s.now()
	if r.URL.Query().Has("client_secret") || r.URL.Query().Has("refresh_token") {
		s.book.violate(now, method, "secret in query", "send the secret and the refresh token in the body")
	}
	if s.upset(w, r, method, false) {
		return
	}

	s.mu.Lock()
	g, refusal := s.refresh(args, now)
	var answer map[string]any
	if refusal == nil {
		answer = s.tokenAnswer(g, now)
	}
	s.mu.Unlock()

	s.book.call(callOf(now, method, g, args, refusal))
	if refusal != nil {
		writeError(w, refusal)
		return
	}
	if s.upset(w, r, method, true) {
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// refresh answers grant_type=refresh_token. Codes of the authorize page are not issued: the app lives in the frame.
func (s *Sim) refresh(args *value, now time.Time) (*grant, *restError) {
	const method = "oauth/token"
	if args.get("client_id").str() != s.cfg.ClientID {
		s.book.violate(now, method, "wrong client", "unknown client_id")
		return nil, &restError{status: http.StatusOK, code: "wrong_client", bare: true}
	}
	secret := args.get("client_secret").str()
	if subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.ClientSecret)) != 1 {
		s.book.violate(now, method, "wrong secret", "client_secret does not belong to client_id")
		return nil, refuse(http.StatusBadRequest, "invalid_client", "Invalid client")
	}
	if kind := args.get("grant_type").str(); kind != "refresh_token" {
		s.book.violate(now, method, "grant type", "this server knows grant_type=refresh_token only")
		return nil, refuse(http.StatusBadRequest, "invalid_request", "Unsupported grant_type")
	}
	token := args.get("refresh_token").str()
	if token == "" {
		s.book.violate(now, method, "missing parameter", "refresh_token is required")
		return nil, refuse(http.StatusBadRequest, "invalid_request", "The refresh_token is required")
	}
	return s.rotate(token, now)
}

// rotate swaps a refresh token for a new pair; the old one is dead from here on.
func (s *Sim) rotate(token string, now time.Time) (*grant, *restError) {
	const method = "oauth/token"
	bad := refuse(http.StatusBadRequest, "invalid_grant", "Invalid refresh token")
	old, known := s.tokens.byRefresh[token]
	if !known || !now.Before(old.refreshExpires) {
		return nil, bad
	}
	if old.refreshed {
		s.book.violate(now, method, "refresh token reused", "each refresh token works once; serialise refreshes")
		return nil, bad
	}
	if !old.portal.app.added {
		return nil, refuse(http.StatusUnauthorized, "NOT_INSTALLED", "Application is not installed")
	}
	if old.revoked {
		return nil, bad
	}
	if old.fromEvent {
		s.book.violate(now, method, "event token refreshed", "only ONAPPINSTALL brings a usable refresh token")
	}
	if s.refreshedEarly(old, now) {
		s.book.violate(now, method, "refreshed too early",
			"refresh after expired_token or shortly before expiry, not before each call or on a timer")
	}
	old.refreshed = true
	return s.issue(old.portal, old.userID), nil
}

// refreshedEarly allows the last tenth of the token's life, and at least a minute.
func (s *Sim) refreshedEarly(g *grant, now time.Time) bool {
	margin := max(s.cfg.TokenTTL/10, time.Minute)
	return !g.toldExpired && !g.revoked && now.Before(g.accessExpires.Add(-margin))
}

// tokenAnswer is the body of reference bitrix24, 2.2; its domain is the authorisation server's, not the portal's.
func (s *Sim) tokenAnswer(g *grant, now time.Time) map[string]any {
	return map[string]any{
		"access_token":    g.access,
		"refresh_token":   g.refresh,
		"client_endpoint": g.portal.restURL(),
		"server_endpoint": s.serverEndpoint(),
		"domain":          s.cfg.PublicHost,
		"expires":         g.accessExpires.Unix(),
		"expires_in":      g.expiresIn(now),
		"member_id":       g.portal.memberID,
		"scope":           strings.Join(g.portal.app.scopes, ","),
		"status":          g.portal.app.status,
		"user_id":         g.userID,
	}
}

// serverEndpoint is what apps get as SERVER_ENDPOINT; the token address follows from it by replacing rest/ with
// oauth/token/ (reference bitrix24, 2.1).
func (s *Sim) serverEndpoint() string { return "http://" + s.cfg.PublicHost + "/auth/rest/" }

// serveWhose is the authorisation server's app.info: whose token is this? (reference bitrix24, 1.6)
func (s *Sim) serveWhose(w http.ResponseWriter, r *http.Request, args *value) {
	const method = "auth:app.info"
	if s.upset(w, r, method, false) {
		return
	}
	now := s.now()
	s.mu.Lock()
	g, result, refusal := s.whose(args.get("auth").str(), now)
	s.mu.Unlock()

	s.book.call(callOf(now, method, g, args, refusal))
	if refusal != nil {
		writeError(w, refusal)
		return
	}
	writeJSON(w, http.StatusOK, envelope(now, result))
}

// whose finds the owner of an access token. An unknown token is no violation: apps have to ask about tokens that
// strangers post to them.
func (s *Sim) whose(access string, now time.Time) (*grant, any, *restError) {
	if access == "" {
		s.book.violate(now, "auth:app.info", "no token", "the parameter auth is required")
		return nil, nil, refuse(http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data")
	}
	g, known := s.tokens.byAccess[access]
	if !known {
		return nil, nil, refuse(http.StatusBadRequest, "invalid_client", "Invalid client")
	}
	if !g.portal.app.added {
		return g, nil, refuse(http.StatusUnauthorized, "NOT_INSTALLED", "Application is not installed")
	}
	if g.revoked || g.expired(now) {
		g.toldExpired = true
		return g, nil, refuse(http.StatusUnauthorized, "expired_token", "The access token provided has expired.")
	}
	return g, s.whoseAnswer(g), nil
}

// whoseAnswer is the auth server's shape of app.info, which differs from the portal's: version is a text, and the
// domain in it is the one to trust.
func (s *Sim) whoseAnswer(g *grant) map[string]any {
	p := g.portal
	scope := strings.Join(p.app.scopes, ",")
	return map[string]any{
		"client_id": s.cfg.ClientID,
		"scope":     scope,
		"expires":   portalTime(g.accessExpires),
		"user_id":   g.userID,
		"install": map[string]any{
			"installed":       p.app.finished,
			"version":         itoa(p.app.version),
			"status":          p.app.status,
			"scope":           scope,
			"domain":          p.domain,
			"uri":             "http://" + p.domain,
			"client_endpoint": p.restURL(),
			"member_id":       p.memberID,
			"member_type":     "portal",
		},
	}
}
