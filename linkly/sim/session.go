package sim

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// session is one request that was accepted, with its conversation and its result.
type session struct {
	kind     string
	req      request
	terminal *Terminal
	pairing  *pairing

	gate  chan struct{} // closed when callbacks may leave: the POST has been answered
	first chan struct{} // closed when the first callback has left
	done  chan struct{} // closed when the result stands
	queue chan event    // for the courier; closed when nothing more will come
	once  struct{ gate, first sync.Once }

	// guarded by Sim.mu
	nth       int // sessions before this one
	result    *event
	forgotten bool
	denied    bool    // answered 401 although it runs
	events    []event // of a v2 session, in the order in which the POS gets them
	handed    int     // how many of them left with all=false
}

// takeLocked hands out the events that the POS has not had yet, each once; with all it repeats everything.
func (ses *session) takeLocked(all bool) []event {
	if all {
		return slices.Clone(ses.events)
	}
	list := slices.Clone(ses.events[ses.handed:])
	ses.handed = len(ses.events)
	return list
}

// open lets the callbacks leave.
func (ses *session) open() { ses.once.gate.Do(func() { close(ses.gate) }) }

// awaitFirst waits until a callback left, at most 2 s: a POS may well answer it only after its own POST returned.
func (ses *session) awaitFirst(ctx context.Context) {
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case <-ses.first:
	case <-t.C:
	case <-ctx.Done():
	}
}

// accept registers a request and starts its conversation; nil when the session id was used before.
// A terminal does one thing at a time: the second one runs too, only to end with BY (reference linkly 4).
func (s *Sim) accept(req request, tok *token) *session {
	// The id is looked up and taken in one step: of two equal requests at the same moment exactly one is accepted.
	s.mu.Lock()
	id := normal(req.session)
	if s.sessions[id] != nil {
		s.mu.Unlock()
		return nil
	}
	t := tok.pairing.terminal
	ses := &session{
		kind: req.kind, req: req, terminal: t, pairing: tok.pairing, nth: len(s.sessions),
		gate: make(chan struct{}), first: make(chan struct{}), done: make(chan struct{}), queue: make(chan event, 64),
	}
	s.sessions[id] = ses
	// Whether the terminal is busy is decided here too, and told to the POS only later, as the final event.
	busy := t.running != nil || req.kind == "transaction" && s.hit(req.session, TerminalBusy)
	if !busy {
		t.running = ses
	}
	s.mu.Unlock()

	// Two goroutines: a POS that is slow to answer callbacks must not slow the customer down.
	s.spawn(func() { s.deliver(ses) })
	s.spawn(func() { (&talk{s: s, t: t, ses: ses}).run(busy) })
	return ses
}

// wait answers a synchronous request when the terminal is done, or 408 after Timing.SyncLimit. The work goes on then.
func (s *Sim) wait(x *exchange, ses *session) {
	ses.open() // displays reach the POS while it waits
	// The work itself has no limit: a 408 leaves the outcome unknown, which is what makes recovery necessary.
	limit := time.NewTimer(s.cfg.Timing.SyncLimit)
	defer limit.Stop()
	select {
	case <-ses.done:
		s.mu.Lock()
		body := s.overHTTP(ses.result)
		s.mu.Unlock()
		x.answer(http.StatusOK, body)
	case <-limit.C:
		x.answer(http.StatusRequestTimeout, nil)
	case <-s.ctx.Done():
		x.answer(http.StatusServiceUnavailable, nil)
	case <-x.r.Context().Done():
	}
}
