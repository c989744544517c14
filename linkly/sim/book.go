package sim

import (
	"regexp"
	"slices"
	"sync"
	"time"
)

// Violation is a request that the real service would refuse, or that accreditation would.
type Violation struct {
	At      time.Time `json:"at"`
	Rule    string    `json:"rule"`    // short name, such as "txnref-length"
	Detail  string    `json:"detail"`  // what was wrong, never a secret
	Refused bool      `json:"refused"` // answered with an error; otherwise processed all the same
	Method  string    `json:"method"`
	Path    string    `json:"path"`
}

// Charge is one decision of the bank: the truth about money. A transaction that was cancelled, timed out or found the
// terminal busy or offline never reached the bank and is not here.
type Charge struct {
	Session   string    `json:"session"` // as the POS wrote it
	TxnRef    string    `json:"txnRef"`
	Terminal  string    `json:"terminal"`
	Type      string    `json:"type"`      // "P", "R", …
	Amount    int64     `json:"amount"`    // cents actually moved: total with surcharge and tip, 0 unless approved
	Goods     int64     `json:"goods"`     // part of Amount that answers AmtPurchase
	Cash      int64     `json:"cash"`      // part of Amount handed out
	Surcharge int64     `json:"surcharge"` // parts of Amount, likewise
	Tip       int64     `json:"tip"`
	Approved  bool      `json:"approved"`
	Code      string    `json:"code"`
	Card      string    `json:"card"`
	RFN       string    `json:"rfn"`
	Refunds   string    `json:"refunds"` // of a refund: RFN of the purchase
	At        time.Time `json:"at"`
}

// Request is one call as it was answered. Secrets in Body are masked.
type Request struct {
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"` // with the query
	Body   string    `json:"body"`
	Status int       `json:"status"` // 0 = the connection was cut
	Fault  Fault     `json:"fault"`  // the fault that made the answer, if one did
}

// Callback is one attempt to call the POS back, or a decision not to; or an event for the list of a v2 session.
type Callback struct {
	At      time.Time `json:"at"`
	Session string    `json:"session"`
	Type    string    `json:"type"`
	URI     string    `json:"uri"`    // empty in v2
	Status  int       `json:"status"` // 0 = dropped, or not answered; 200 also for put on the list
	Fault   Fault     `json:"fault"`
}

// keep is how many requests and callbacks are remembered; charges and violations are all kept.
const keep = 20_000

// book is everything that is written down. It has its own lock, so that writing never waits for a terminal.
type book struct {
	mu         sync.Mutex
	violations []Violation
	charges    []Charge
	requests   []Request
	callbacks  []Callback
}

var secretMember = regexp.MustCompile(`(?i)("(?:password|secret|paircode|token|authorizationheader|pan|track2|cvv|data)"\s*:\s*)("(?:[^"\\]|\\.)*"|[-\d.]+)`)

// masked hides what may not stand in a log. It works on text and not on parsed JSON, because bodies that cannot be
// parsed are the ones most worth reading.
func masked(body []byte) string { return secretMember.ReplaceAllString(string(body), `$1"***"`) }

// violate keeps every violation: a test that ends with an empty list must be able to trust it.
func (b *book) violate(v Violation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.violations = append(b.violations, v)
}

// charge keeps every decision; refunds are checked against them, so none may be dropped.
func (b *book) charge(c Charge) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.charges = append(b.charges, c)
}

// request keeps the latest calls only. A soak makes hundreds of thousands.
func (b *book) request(r Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = tail(append(b.requests, r))
}

// callback keeps the latest calls back, like request.
func (b *book) callback(c Callback) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callbacks = tail(append(b.callbacks, c))
}

// tail drops the oldest half when the list is full, so that dropping is rare and cheap.
func tail[T any](list []T) []T {
	if len(list) < keep {
		return list
	}
	return slices.Clone(list[len(list)/2:])
}

// Violations lists every request that the real service would refuse, oldest first.
func (s *Sim) Violations() []Violation {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.violations)
}

// Charges lists every decision of the bank, oldest first.
func (s *Sim) Charges() []Charge {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.charges)
}

// Requests lists the latest calls of the POS, oldest first.
func (s *Sim) Requests() []Request {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.requests)
}

// Callbacks lists the latest callbacks, oldest first, those that a fault swallowed included.
func (s *Sim) Callbacks() []Callback {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.callbacks)
}
