package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
)

// deliver is the courier of one session: it takes events in order and calls the POS back, once each and without
// retries, unless a fault says otherwise (reference linkly 6). To a v2 POS it brings them onto the session's list, and
// the same faults lose, double or reorder them there.
func (s *Sim) deliver(ses *session) {
	select {
	case <-ses.gate:
	case <-s.ctx.Done():
	}

	// At most one event is held back; it leaves after the next one, or at the end.
	var held *event
	for e := range ses.queue {
		if s.ctx.Err() != nil || ses.req.notifyURI == "" && !ses.req.v2 {
			continue // drain, so that the conversation never blocks
		}
		if held == nil && s.hit(ses.req.session, CallbackReordered) {
			held = &e
			s.logCall(ses, e, 0, CallbackReordered)
			continue
		}
		s.send(ses, e)
		if held != nil {
			s.call(ses, *held, CallbackReordered)
			held = nil
		}
	}
	if held != nil {
		s.call(ses, *held, CallbackReordered)
	}
}

// send delivers one event, or what the faults make of it.
func (s *Sim) send(ses *session, e event) {
	defer ses.once.first.Do(func() { close(ses.first) })
	s.forge(ses, e)
	switch {
	case s.hit(ses.req.session, CallbackDropped):
		s.logCall(ses, e, 0, CallbackDropped)
		return
	case s.hit(ses.req.session, CallbackDelayed):
		s.spawn(func() {
			if s.pause(s.cfg.Timing.CallbackDelay) {
				s.call(ses, e, CallbackDelayed)
			}
		})
		return
	case !ses.req.v2 && s.hit(ses.req.session, CallbackWrongHeader):
		s.call(ses, e, CallbackWrongHeader)
	default:
		s.call(ses, e, "")
	}
	if s.hit(ses.req.session, CallbackDoubled) {
		s.call(ses, e, CallbackDoubled)
	}
	s.contradict(ses, e)
}

// forge comes before a result with a stranger's call that says approved. Whoever believes it has not looked at the
// header (reference linkly 6). There is nothing to forge where the POS asks by itself.
func (s *Sim) forge(ses *session, e event) {
	body, ok := e.Response.(transactionBody)
	if !ok || ses.req.v2 || !s.hit(ses.req.session, CallbackForged) {
		return
	}
	body.Success, body.ResponseCode, body.ResponseText = true, "00", wide("APPROVED")
	body.AmtPurchase = &ses.req.purchase
	e.Response = body
	s.call(ses, e, CallbackForged)
}

// contradict follows a result with one that says the opposite.
func (s *Sim) contradict(ses *session, e event) {
	body, ok := e.Response.(transactionBody)
	if !ok || !s.hit(ses.req.session, CallbackContradicts) {
		return
	}
	body.Success = !body.Success
	body.ResponseCode, body.ResponseText = "00", wide("APPROVED")
	if !body.Success {
		body.ResponseCode, body.ResponseText = "05", wide("DECLINED")
	}
	e.Response = body
	s.spawn(func() {
		if s.pause(s.cfg.Timing.CallbackDelay) {
			s.call(ses, e, CallbackContradicts)
		}
	})
}

// call posts one callback. Whatever the POS answers, it is not repeated.
func (s *Sim) call(ses *session, e event, why Fault) {
	if ses.req.v2 {
		s.list(ses, e, why)
		return
	}
	// A POS that does not answer costs its own later events time, but not the sale.
	ctx, cancel := context.WithTimeout(s.ctx, s.cfg.Timing.CallbackLimit)
	defer cancel()
	// The placeholders are matched exactly: {{sessionId}} was seen to arrive as it stands (reference linkly 6).
	uri := strings.NewReplacer("{{sessionid}}", ses.req.session, "{{type}}", e.ResponseType).Replace(ses.req.notifyURI)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, uri, bytes.NewReader(s.spell(e.SessionID, &e, s.cfg.Casing.Callbacks)))
	if err != nil {
		s.logCall(ses, e, 0, why)
		return
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if ses.req.notifyHeader != "" {
		req.Header.Set("Authorization", ses.req.notifyHeader)
	}
	if why == CallbackWrongHeader || why == CallbackForged {
		req.Header.Set("Authorization", "Bearer somebody-else")
	}

	res, err := s.client.Do(req)
	if err != nil {
		s.logCall(ses, e, 0, why)
		return
	}
	// Read to the end, or the connection cannot be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxBody))
	_ = res.Body.Close()
	s.logCall(ses, e, res.StatusCode, why)
}

// logCall writes a call down after it was answered or given up.
func (s *Sim) logCall(ses *session, e event, status int, why Fault) {
	s.book.callback(Callback{
		At: s.cfg.Now(), Session: ses.req.session, Type: e.ResponseType, URI: ses.req.notifyURI, Status: status, Fault: why,
	})
}
