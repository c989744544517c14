package sim

import "net/http"

// strike lets a fault answer a transaction POST that is not accepted (or not yet). It reports whether one did.
func (s *Sim) strike(x *exchange, tok *token, head request) bool {
	answers := []struct {
		fault  Fault
		status int
	}{
		{Post401, http.StatusUnauthorized},
		{PostRedirect, http.StatusTemporaryRedirect},
		{Post403, http.StatusForbidden},
		{Post429, http.StatusTooManyRequests},
		{Post408, http.StatusRequestTimeout},
		{Post500, http.StatusInternalServerError},
		{Post503, http.StatusServiceUnavailable},
	}
	for _, a := range answers {
		if s.hit(head.session, a.fault) {
			x.fault = a.fault
			if a.fault == PostRedirect {
				x.w.Header().Set("Location", x.r.URL.RequestURI())
			}
			if a.fault == Post429 {
				x.w.Header().Set("Retry-After", "1")
			}
			x.answer(a.status, nil)
			return true
		}
	}
	if s.hit(head.session, PostLost) {
		x.fault = PostLost
		x.cut()
	}
	if s.hit(head.session, PostLate) {
		x.fault = PostLate
		s.arriveLate(x, tok, head)
		x.cut()
	}
	return false
}

// arriveLate takes the request in after its sender has gone: a message that was still travelling.
func (s *Sim) arriveLate(x *exchange, tok *token, head request) {
	// The sender has gone, so there is no writer: only the log and the conversation are left.
	late := &exchange{s: s, r: x.r, body: x.body}
	s.spawn(func() {
		if !s.pause(s.cfg.Timing.LateArrival) {
			return
		}
		req, c := read(head, late.body, tok)
		late.violate(c.found...)
		if c.refused() {
			return
		}
		if ses := s.take(late, req, tok); ses != nil {
			ses.open()
		}
	})
}

// strikeAccepted lets a fault spoil the answer to a transaction that is running already.
func (s *Sim) strikeAccepted(x *exchange, ses *session, tok *token) bool {
	// The token dies beside whatever else goes wrong with this answer.
	if s.hit(ses.req.session, TokenDies) {
		x.fault = TokenDies
		s.mu.Lock()
		tok.dead = true
		s.mu.Unlock()
	}
	answers := []struct {
		fault  Fault
		status int
	}{
		{Post401Accepted, http.StatusUnauthorized},
		{Post408Accepted, http.StatusRequestTimeout},
		{Post500Accepted, http.StatusInternalServerError},
		{Post503Accepted, http.StatusServiceUnavailable},
	}
	for _, a := range answers {
		if s.hit(ses.req.session, a.fault) {
			x.fault = a.fault
			s.mu.Lock()
			ses.denied = a.fault == Post401Accepted
			s.mu.Unlock()
			x.answer(a.status, nil)
			ses.open()
			return true
		}
	}
	if s.hit(ses.req.session, PostCut) {
		x.fault = PostCut
		ses.open()
		x.cut()
	}
	return false
}

// strikeStatus lets a fault answer the status question, or a question of v2. The history asks about no session.
func (s *Sim) strikeStatus(x *exchange, session string) bool {
	answers := []struct {
		fault  Fault
		status int
		body   string
	}{
		{Get400, http.StatusBadRequest, ""},
		{Get401, http.StatusUnauthorized, ""},
		{Get404, http.StatusNotFound, ""},
		{Get408, http.StatusRequestTimeout, ""},
		{Get500, http.StatusInternalServerError, ""},
		{Get503, http.StatusServiceUnavailable, ""},
		{GetEmpty, http.StatusOK, "{}"},
		{GetHTML, http.StatusOK, "<!doctype html><title>Gateway</title><p>Please try again.</p>"},
	}
	for _, a := range answers {
		if s.hit(session, a.fault) {
			x.fault = a.fault
			x.answer(a.status, []byte(a.body))
			return true
		}
	}
	if s.hit(session, GetCut) {
		x.fault = GetCut
		x.cut()
	}
	return false
}
