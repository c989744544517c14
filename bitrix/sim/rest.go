package sim

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// method is one REST method: what it needs and what it does.
type method struct {
	scope string
	admin bool
	run   func(*call) (any, *restError)
}

// call is one method being run for one user. The Sim's lock is held while it runs.
type call struct {
	s      *Sim
	p      *portal
	user   *user
	grant  *grant
	method string
	args   *value
	now    time.Time
}

// serveREST is the portal's REST (reference bitrix24, section 3). path has no /rest/ prefix.
func (s *Sim) serveREST(w http.ResponseWriter, r *http.Request, path string) {
	allowCrossOrigin(w, r)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusOK)
		return
	}
	name := strings.TrimSuffix(strings.Trim(path, "/"), ".json")
	if s.movedAway(w, r, name) || s.upset(w, r, name, false) {
		return
	}
	args, err := readParams(r)
	if err != nil {
		s.book.violate(s.now(), name, "malformed", err.Error())
		writeError(w, refuse(http.StatusBadRequest, "INVALID_REQUEST", "Malformed request"))
		return
	}

	s.mu.Lock()
	c, refusal := s.admit(r, name, args)
	var result any
	if refusal == nil {
		result, refusal = c.execute()
	}
	s.unlock()

	s.recordCall(c, name, args, refusal)
	if refusal != nil {
		writeError(w, refusal)
		return
	}
	if s.upset(w, r, name, true) {
		return
	}
	writeJSON(w, http.StatusOK, envelope(s.now(), result))
}

// allowCrossOrigin lets the frame's own script call the portal, as the real one does.
func allowCrossOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "content-type, origin")
}

// movedAway answers 302 at an address that the portal has left (reference bitrix24, 2.5).
func (s *Sim) movedAway(w http.ResponseWriter, r *http.Request, name string) bool {
	if f, ok := s.faults.draw(FaultDomainMove, name); ok {
		s.MoveDomain(f.Value)
	}
	s.mu.Lock()
	_, moved := s.portalAt(r.Host)
	s.mu.Unlock()
	if moved == "" {
		return false
	}
	w.Header().Set("Location", "http://"+moved+r.URL.RequestURI())
	w.WriteHeader(http.StatusFound)
	return true
}

// admit finds whose call this is and whether it may be made at all.
func (s *Sim) admit(r *http.Request, name string, args *value) (*call, *restError) {
	now := s.now()
	p, _ := s.portalAt(r.Host)
	caller, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		caller = r.RemoteAddr
	}
	if refusal := s.pour(p.memberID+"|"+caller, now); refusal != nil {
		return nil, refusal
	}

	g, refusal := s.authorize(p, args.get("auth").str(), name, now)
	if refusal != nil {
		return nil, refusal
	}
	u := p.user(g.userID)
	if u == nil || u.dismissed {
		return nil, refuse(http.StatusUnauthorized, "authorization_error", "Unable to authorize user")
	}
	if !u.may(canOpen) {
		return nil, refuse(http.StatusForbidden, "user_access_error", "The user does not have access to the application.")
	}
	return &call{s: s, p: p, user: u, grant: g, method: name, args: args, now: now}, nil
}

// authorize finds the grant of an access token. A token of another portal or a refresh token in its place can only be
// the client's mistake.
func (s *Sim) authorize(p *portal, access, name string, now time.Time) (*grant, *restError) {
	if access == "" {
		return nil, breach(http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data", "no token")
	}
	if _, isRefresh := s.tokens.byRefresh[access]; isRefresh {
		return nil, breach(http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data", "refresh token as access token")
	}
	g, known := s.tokens.byAccess[access]
	if !known {
		return nil, refuse(http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data")
	}
	if g.portal != p {
		return nil, breach(http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data", "token of another portal")
	}
	if !p.app.added {
		return nil, refuse(http.StatusUnauthorized, "ERROR_OAUTH", "Application not installed")
	}
	if _, expire := s.faults.draw(FaultExpiredToken, name); expire || g.revoked || g.expired(now) {
		g.toldExpired = true
		return nil, refuse(http.StatusUnauthorized, "expired_token", "The access token provided has expired.")
	}
	return g, nil
}

// execute runs the method of the call after the checks that are common to all methods.
func (c *call) execute() (any, *restError) {
	m, known := c.s.methods[c.method]
	if c.p.withdrawn[c.method] {
		return nil, refuse(http.StatusNotFound, "ERROR_METHOD_NOT_FOUND", "Method not found!")
	}
	if !known {
		return nil, breach(http.StatusNotFound, "ERROR_METHOD_NOT_FOUND", "Method not found!", "unknown method")
	}
	if m.scope != "" && !c.p.app.granted(m.scope) {
		return nil, breach(http.StatusForbidden, "insufficient_scope",
			"The request requires higher privileges than provided by the access token", "scope")
	}
	if m.admin && !c.user.admin {
		return nil, refuse(http.StatusForbidden, "ACCESS_DENIED", "Access denied!")
	}
	if _, ok := c.s.faults.draw(FaultAccessDenied, c.method); ok {
		return nil, errDenied()
	}
	return m.run(c)
}

// recordCall writes down the call, and the violation if the refusal is one.
func (s *Sim) recordCall(c *call, name string, args *value, refusal *restError) {
	var g *grant
	if c != nil {
		g = c.grant
	}
	s.book.call(callOf(s.now(), name, g, args, refusal))
	s.recordBreach(name, refusal)
}

// recordBreach keeps a refusal that the client should have avoided.
func (s *Sim) recordBreach(name string, refusal *restError) {
	if refusal != nil && refusal.rule != "" {
		s.book.violate(s.now(), name, refusal.rule, codeText(refusal.code)+": "+refusal.text)
	}
}

// errDenied is the CRM's refusal; the platform's own ACCESS_DENIED has status 403 instead.
func errDenied() *restError { return refuse(http.StatusBadRequest, "ACCESS_DENIED", "Access denied.") }

// errNotFound is a 400, not a 404: that status means that the method is missing.
func errNotFound() *restError { return refuse(http.StatusBadRequest, "NOT_FOUND", "Element not found") }

// errMissing is the answer to a parameter that the method cannot do without.
func errMissing(name string) *restError {
	e := breach(http.StatusBadRequest, 100, "Could not find value for parameter {"+name+"}", "missing parameter")
	return e
}
