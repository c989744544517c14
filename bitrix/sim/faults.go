package sim

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// FaultKind names one way to misbehave.
type FaultKind string

// The kinds. Unless it says otherwise a fault hits REST calls, the authorisation server ("oauth/token",
// "auth:app.info") and is chosen per request; a batch is the method "batch".
const (
	// FaultExpiredToken expires the access token of the call, which is then answered 401 expired_token.
	FaultExpiredToken FaultKind = "expired-token"
	// FaultRefreshRefused answers a refresh with invalid_grant and keeps the refresh token alive.
	FaultRefreshRefused FaultKind = "refresh-refused"
	// FaultQueryLimit answers 503 QUERY_LIMIT_EXCEEDED.
	FaultQueryLimit FaultKind = "query-limit"
	// FaultOperationLimit answers 429 OPERATION_TIME_LIMIT.
	FaultOperationLimit FaultKind = "operation-limit"
	// FaultErrorBefore answers 500 and does nothing.
	FaultErrorBefore FaultKind = "error-before"
	// FaultErrorAfter does the work and then answers 500: the ambiguous write.
	FaultErrorAfter FaultKind = "error-after"
	// FaultLostAnswer does the work and then drops the connection.
	FaultLostAnswer FaultKind = "lost-answer"
	// FaultHTML answers 200 with a page instead of JSON and does nothing.
	FaultHTML FaultKind = "html"
	// FaultSlow waits for Delay before anything else.
	FaultSlow FaultKind = "slow"
	// FaultDown drops the connection and does nothing.
	FaultDown FaultKind = "down"
	// FaultAccessDenied refuses the method, also inside a batch, with ACCESS_DENIED.
	FaultAccessDenied FaultKind = "access-denied"
	// FaultRequiredField refuses a change of stage because the field named in Value is empty.
	FaultRequiredField FaultKind = "required-field"
	// FaultDomainMove moves the portal to the host named in Value; the old one answers 302 from then on.
	FaultDomainMove FaultKind = "domain-move"
	// FaultEventDropped, FaultEventDoubled, FaultEventLate and FaultEventBare (no tokens) hit events; the method is
	// the event's name. A late event waits for Delay and so may be overtaken.
	FaultEventDropped FaultKind = "event-dropped"
	FaultEventDoubled FaultKind = "event-doubled"
	FaultEventLate    FaultKind = "event-late"
	FaultEventBare    FaultKind = "event-without-tokens"
)

// Fault is a switch. With Times it fires exactly that often on matching requests and is then gone; otherwise it
// fires with Probability, and with neither it fires always.
type Fault struct {
	Kind        FaultKind     `json:"kind"`
	Method      string        `json:"method,omitempty"` // empty matches all; a trailing * matches a prefix
	Probability float64       `json:"probability,omitempty"`
	Times       int           `json:"times,omitempty"`
	Delay       time.Duration `json:"-"` // delayMs in the control API
	Value       string        `json:"value,omitempty"`
}

// matches says whether the fault is meant for the method.
func (f Fault) matches(kind FaultKind, method string) bool {
	if f.Kind != kind {
		return false
	}
	if prefix, ok := strings.CutSuffix(f.Method, "*"); ok {
		return strings.HasPrefix(method, prefix)
	}
	return f.Method == "" || f.Method == method
}

// faultBook holds what is switched on and the dice. It has its own lock, because faults are drawn with and without
// the Sim's.
type faultBook struct {
	mu     *sync.Mutex
	faults []Fault
	dice   *rand.Rand
}

// newFaultBook throws dice that fall the same way for the same seed.
func newFaultBook(seed int64) faultBook {
	source := rand.NewPCG(uint64(seed), 24)                     //nolint:gosec // repeatable on purpose, guards nothing
	return faultBook{mu: &sync.Mutex{}, dice: rand.New(source)} //nolint:gosec // as above
}

// misbehave sets the modest habits of a simulator that is not calm.
func (b *faultBook) misbehave() {
	b.faults = []Fault{
		{Kind: FaultSlow, Probability: 0.02, Delay: 300 * time.Millisecond},
		{Kind: FaultQueryLimit, Probability: 0.005},
		{Kind: FaultErrorBefore, Probability: 0.005},
		{Kind: FaultErrorAfter, Method: "crm.item.update", Probability: 0.02},
		{Kind: FaultErrorAfter, Method: "crm.timeline.logmessage.add", Probability: 0.02},
		{Kind: FaultErrorAfter, Method: "crm.activity.configurable.add", Probability: 0.02},
		{Kind: FaultExpiredToken, Probability: 0.005},
		{Kind: FaultEventDropped, Probability: 0.02},
		{Kind: FaultEventDoubled, Probability: 0.05},
		{Kind: FaultEventBare, Probability: 0.05},
	}
}

// draw decides whether a fault of the kind happens now.
func (b *faultBook) draw(kind FaultKind, method string) (Fault, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, f := range b.faults {
		if !f.matches(kind, method) {
			continue
		}
		if f.Times > 0 {
			b.spend(i)
			return f, true
		}
		if f.Probability == 0 || b.dice.Float64() < f.Probability {
			return f, true
		}
	}
	return Fault{}, false
}

// spend counts one firing of a fault with a number of times.
func (b *faultBook) spend(i int) {
	b.faults[i].Times--
	if b.faults[i].Times == 0 {
		b.faults = append(b.faults[:i:i], b.faults[i+1:]...)
	}
}

// Inject switches a fault on.
func (s *Sim) Inject(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.faults = append(s.faults.faults, f)
}

// Heal switches every fault off, the simulator's own habits included.
func (s *Sim) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.faults = nil
}

// upset plays the faults of the wire, those before or those after the work, and says whether it has answered.
func (s *Sim) upset(w http.ResponseWriter, r *http.Request, method string, after bool) bool {
	if after {
		return s.upsetAfter(w, method)
	}
	if f, ok := s.faults.draw(FaultSlow, method); ok {
		s.wait(r, f.Delay)
	}
	if _, ok := s.faults.draw(FaultDown, method); ok {
		panic(http.ErrAbortHandler)
	}
	if _, ok := s.faults.draw(FaultHTML, method); ok {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body><h1>Technical works</h1></body></html>"))
		return true
	}
	if refusal := s.drawRefusal(method); refusal != nil {
		s.book.call(callOf(s.now(), method, nil, nil, refusal))
		writeError(w, refusal)
		return true
	}
	return false
}

// upsetAfter is for the ambiguous: the work is done, only the caller does not learn it.
func (s *Sim) upsetAfter(w http.ResponseWriter, method string) bool {
	if _, ok := s.faults.draw(FaultLostAnswer, method); ok {
		panic(http.ErrAbortHandler)
	}
	if _, ok := s.faults.draw(FaultErrorAfter, method); ok {
		writeError(w, refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error"))
		return true
	}
	return false
}

// drawRefusal picks a refusal made before any work. The limits are the portal's; the authorisation server has its own.
func (s *Sim) drawRefusal(method string) *restError {
	if _, ok := s.faults.draw(FaultErrorBefore, method); ok {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error")
	}
	if method == "oauth/token" {
		if _, ok := s.faults.draw(FaultRefreshRefused, method); ok {
			return refuse(http.StatusBadRequest, "invalid_grant", "Invalid refresh token")
		}
		return nil
	}
	if _, ok := s.faults.draw(FaultQueryLimit, method); ok {
		return refuse(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests")
	}
	if _, ok := s.faults.draw(FaultOperationLimit, method); ok {
		return refuse(http.StatusTooManyRequests, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
	}
	return nil
}

// wait holds a request up, but not beyond its caller's patience or the simulator's life.
func (s *Sim) wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
}
