package sim

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// delivery is one event on its way to one handler.
type delivery struct {
	event, handler string
	form           url.Values
}

// raise queues an event for every handler bound to it; they leave when the lock is released. Before the
// installation is finished nothing is sent (reference bitrix24, 1.3). The lock must be held.
func (s *Sim) raise(p *portal, event string, fields map[string]string, userID int) {
	if !p.app.finished {
		return
	}
	for _, b := range p.app.events {
		if b.event != event {
			continue
		}
		owner := b.authType
		if owner == 0 {
			owner = userID
		}
		form := s.eventForm(p, event, fields, owner)
		s.outbox = append(s.outbox, delivery{event: event, handler: b.handler, form: form})
	}
}

// eventForm is the body of reference bitrix24, 1.5 and 10.
func (s *Sim) eventForm(p *portal, event string, fields map[string]string, userID int) url.Values {
	form := url.Values{"event": {event}, "event_handler_id": {"1"}, "ts": {itoa(int(s.now().Unix()))}}
	lifecycle := strings.HasPrefix(event, "ONAPP")
	for name, text := range fields {
		if lifecycle {
			form.Set("data["+name+"]", text)
			continue
		}
		form.Set("data[FIELDS]["+name+"]", text)
	}

	auth := map[string]string{
		"domain": p.domain, "member_id": p.memberID, "application_token": p.app.token,
		"client_endpoint": p.restURL(), "server_endpoint": s.serverEndpoint(),
	}
	if event == "ONAPPPAYMENT" {
		// Documented without any proof of where it comes from.
		delete(auth, "application_token")
	}
	if event != "ONAPPUNINSTALL" && event != "ONAPPPAYMENT" {
		auth["scope"], auth["status"] = strings.Join(p.app.scopes, ","), p.app.status
		s.addTokens(auth, p, userID, event == "ONAPPINSTALL")
	}
	for name, text := range auth {
		form.Set("auth["+name+"]", text)
	}
	return form
}

// addTokens adds the pair that comes with an event. It may be missing: robots and agents cause events without a user.
func (s *Sim) addTokens(auth map[string]string, p *portal, userID int, refreshable bool) {
	if p.user(userID) == nil {
		return
	}
	if _, bare := s.faults.draw(FaultEventBare, "events"); bare {
		return
	}
	g := s.issue(p, userID)
	g.fromEvent = !refreshable
	auth["access_token"], auth["refresh_token"] = g.access, g.refresh
	auth["expires_in"], auth["expires"] = itoa(g.expiresIn(s.now())), itoa(int(g.accessExpires.Unix()))
	auth["user_id"] = itoa(userID)
}

// deliver posts an event once, without retry, in the background. Close waits for it.
func (s *Sim) deliver(d delivery) {
	if s.ctx.Err() != nil {
		return
	}
	if _, dropped := s.faults.draw(FaultEventDropped, d.event); dropped {
		return
	}
	times := 1
	if _, doubled := s.faults.draw(FaultEventDoubled, d.event); doubled {
		times = 2
	}
	late, _ := s.faults.draw(FaultEventLate, d.event)
	for range times {
		s.work.start(func() {
			if s.pause(late.Delay) {
				s.post(d)
			}
		})
	}
}

// pause waits and says whether to go on.
func (s *Sim) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.ctx.Err() == nil
	case <-s.ctx.Done():
		return false
	}
}

// post sends once. A handler that does not take the event loses it for good; that is noted, because a correct app
// answers 200 at once.
func (s *Sim) post(d delivery) {
	status, err := s.postForm(s.ctx, d.handler, d.form)
	if s.ctx.Err() != nil {
		return
	}
	if err != nil {
		s.book.violate(s.now(), d.event, "event not taken", "the handler did not answer")
		return
	}
	if status < 200 || status > 299 {
		s.book.violate(s.now(), d.event, "event not taken", "the handler answered "+itoa(status))
	}
}

// postForm posts a form and tells the status; the body is of no interest to the portal.
func (s *Sim) postForm(ctx context.Context, address string, form url.Values) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, nil
}
