package payments

import (
	"context"
	"fmt"
	"sync"
	"time"

	"receivepayment/internal/testkit"
)

// acquirer is the provider of the model: it knows what really happened to each
// session, whatever the network makes of the calls.
type acquirer struct {
	clock *testkit.Clock

	mu      sync.Mutex
	sales   map[string]*sale
	sending sendFault // what happens to the next calls
	asking  askFault
}

// sale is the truth about one session.
type sale struct {
	calls   int
	arrives *time.Time // when the request reaches the provider; nil never
	outcome *Result    // nil while the customer has not decided
	orphan  bool       // its pairing is dead, a later one is asked about it
	proof   string
}

func (s sale) arrived(now time.Time) bool { return s.arrives != nil && !s.arrives.After(now) }

type sendFault int

// What may happen to the sending call.
const (
	sendTaken      sendFault = iota // 202
	sendAnswerLost                  // it arrived, the answer did not
	sendLate                        // it arrives nine seconds after the call gave up
	sendSlow                        // it takes eighteen seconds and ends in an error
	sendLost                        // it never arrives, and nobody can tell
	sendNotStarted                  // it certainly never left
	sendFaults
)

type askFault int

// What may happen to a question.
const (
	askTruth       askFault = iota
	askUnreachable          // no answer
	askRefused              // 400: it speaks of the question
	askAmnesia              // the provider has forgotten what it knew
	askSlow                 // the truth of six seconds ago
	askFaults
)

func (a *acquirer) Begin(_ context.Context, p Payment, proof string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.sales[p.SessionID]
	if s == nil {
		s = &sale{proof: proof}
		a.sales[p.SessionID] = s
	}
	s.calls++
	now := a.clock.Now()
	switch a.sending {
	case sendTaken:
		s.arrives = &now
		return nil
	case sendAnswerLost:
		s.arrives = &now
	case sendLate:
		s.arrives = at(now.Add(9 * time.Second))
	case sendSlow:
		s.arrives = &now
		a.clock.Advance(18 * time.Second)
	case sendNotStarted:
		return fmt.Errorf("dial: %w", ErrNotStarted)
	case sendLost, sendFaults:
	}
	return errNoNetwork
}

func (a *acquirer) Ask(_ context.Context, p Payment) (Answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.sales[p.SessionID]; s != nil && s.orphan {
		return Answer{Kind: Absent, Status: 404, OtherPairing: true}, nil
	}
	answer := a.truth(p)
	switch a.asking {
	case askUnreachable:
		return Answer{}, errNoNetwork
	case askRefused:
		return Answer{Kind: BadQuestion, Status: 400}, nil
	case askAmnesia:
		if p.Seen {
			return Answer{Kind: Absent, Status: 404}, nil
		}
	case askSlow:
		a.clock.Advance(6 * time.Second)
	case askTruth, askFaults:
	}
	return answer, nil
}

func (a *acquirer) truth(p Payment) Answer {
	s := a.sales[p.SessionID]
	if s == nil || !s.arrived(a.clock.Now()) {
		return Answer{Kind: Absent, Status: 404}
	}
	if s.outcome == nil {
		return Answer{Kind: Pending, Status: 202}
	}
	return Answer{Kind: Decided, Status: 200, Result: s.outcome}
}

func (a *acquirer) Press(context.Context, Payment, Key, string) error { return nil }

// of is what is known of a payment's session, for the test to look at.
func (a *acquirer) of(p Payment) sale {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.sales[p.SessionID]; s != nil {
		return *s
	}
	return sale{}
}

// decide is the customer's and the bank's decision.
func (a *acquirer) decide(p Payment, r *Result) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sales[p.SessionID].outcome = r
}

// pairAgain sets whether the session's own pairing is dead.
func (a *acquirer) pairAgain(p Payment, dead bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.sales[p.SessionID]; s != nil {
		s.orphan = dead
	}
}

func (a *acquirer) will(send sendFault, ask askFault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sending, a.asking = send, ask
}
