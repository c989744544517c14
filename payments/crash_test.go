package payments

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// dead is what a process that dies leaves: a panic that nobody in the heart
// may catch.
type dead struct{ at string }

// reaper kills the process at the nth point where it could die: before each
// write, and before and after each call to the provider.
type reaper struct {
	mu   sync.Mutex
	left int // points to go; 0 means never
}

func (r *reaper) in(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = n
}

func (r *reaper) point(at string) {
	r.mu.Lock()
	r.left--
	now := r.left == 0
	r.mu.Unlock()
	if now {
		panic(dead{at})
	}
}

// watch makes every write through the database a point.
func (r *reaper) watch(t *testing.T, d *db.DB) {
	t.Helper()
	before := func(op string) func(*gorm.DB) {
		return func(tx *gorm.DB) { r.point(op + " " + tx.Statement.Table) }
	}
	if err := d.Callback().Create().Before("gorm:create").Register("reaper", before("insert")); err != nil {
		t.Fatal(err)
	}
	if err := d.Callback().Update().Before("gorm:update").Register("reaper", before("update")); err != nil {
		t.Fatal(err)
	}
}

// mortal is a provider whose calls are points.
type mortal struct {
	Gateway
	reaper *reaper
}

func (m mortal) Begin(ctx context.Context, p Payment, authorization string) error {
	m.reaper.point("before begin")
	defer m.reaper.point("after begin")
	return m.Gateway.Begin(ctx, p, authorization)
}

func (m mortal) Ask(ctx context.Context, p Payment) (Answer, error) {
	m.reaper.point("before ask")
	defer m.reaper.point("after ask")
	return m.Gateway.Ask(ctx, p)
}

// survives runs fn as a process and reports where it died, if it did.
func survives(fn func() error) (at string, err error) {
	defer func() {
		if d, ok := recover().(dead); ok {
			at = d.at
		}
	}()
	return "", fn()
}

// life is what the world does to a payment, and how it must end.
type life struct {
	name   string
	begin  error
	answer Answer
	told   *Result
	ends   State
}

func lives() []life {
	absent := Answer{Kind: Absent, Status: 404}
	return []life{
		{name: "accepted and approved", answer: approval(18700), ends: Approved},
		{name: "accepted and declined", answer: decline(), ends: Declined},
		{name: "approved, but the answer to the call was lost", begin: errNoNetwork, answer: approval(18700), ends: Approved},
		{name: "the call never arrived, nobody knows", begin: errNoNetwork, answer: absent, ends: NeverStarted},
		{name: "the call certainly did not start", begin: fmt.Errorf("dial: %w", ErrNotStarted), answer: absent, ends: NeverStarted},
		{name: "approved, and a callback tells it", answer: approval(18700), told: approved(18700), ends: Approved},
	}
}

func TestPaymentEndsInTheTruthWhereverTheProcessDies(t *testing.T) {
	t.Parallel()
	for _, l := range lives() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			d := testkit.SQLite(t)
			h, r := newHeart(t, d), &reaper{}
			h.gateways["linkly"] = mortal{h.bank, r}
			r.watch(t, d)
			h.world(l)
			died := 0
			for n := 1; ; n++ {
				at := h.live(l, r, n)
				if at == "" {
					break // the whole life has fewer points
				}
				died++
			}
			if died < 8 {
				t.Errorf("only %d points were walked", died)
			}
		})
	}
}

// world makes the provider know what really happened: a session for which it
// was never called is one that it never saw.
func (h *heart) world(l life) {
	h.begins(l.begin)
	h.bank.mu.Lock()
	defer h.bank.mu.Unlock()
	h.bank.ask = func(p Payment) (Answer, error) {
		h.bank.mu.Lock()
		defer h.bank.mu.Unlock()
		if h.bank.begun[p.SessionID] == 0 {
			return Answer{Kind: Absent, Status: 404}, nil
		}
		return l.answer, nil
	}
}

// live lets a payment live and its process die at the nth point; the next
// process must take it up within the lease and end it in the truth.
func (h *heart) live(l life, r *reaper, n int) (at string) {
	h.t.Helper()
	o := order(newID("r_"))
	o.Terminal.ID, o.Document.ID = newID("t_"), newID("SI:")
	h.addTerminal(o.Terminal.ID)

	var p Payment
	r.in(n)
	at, err := survives(func() error {
		var err error
		if p, err = h.Start(h.t.Context(), o); err != nil {
			return err
		}
		if err := h.Step(h.t.Context(), p.ID); err != nil {
			return err
		}
		if l.told != nil {
			return h.Receive(h.t.Context(), h.get(p.ID), Message{Result: l.told})
		}
		h.clock.Advance(20 * time.Second)
		if err := h.Step(h.t.Context(), p.ID); err != nil {
			return err
		}
		h.clock.Advance(20 * time.Second)
		return h.Step(h.t.Context(), p.ID)
	})
	r.in(0)
	h.must(err)
	if p.ID == "" {
		h.wantNothingStored(o)
		return at
	}
	if at != "" {
		h.adopt(p.ID, at)
	}
	h.wantTruth(l, p, at)
	return at
}

func (h *heart) wantNothingStored(o Order) {
	h.t.Helper()
	_, found, err := h.Repeated(h.t.Context(), o.PortalID, o.RequestID, o.Hash())
	h.must(err)
	if found {
		h.t.Error("a payment is stored without its click")
	}
}

// longestWait is the most that a sent payment rests between two steps: the
// silence that a terminal is allowed, and its jitter.
const longestWait = 10*time.Second + 500*time.Millisecond

// adopt checks that the janitor of another process finds the payment in time,
// if it still needs something: a claim that nobody renews runs out.
func (h *heart) adopt(id, at string) {
	h.t.Helper()
	p := h.get(id)
	if p.State.Final() && p.DueAt == nil {
		return
	}
	if p.DueAt == nil || p.DueAt.Sub(h.clock.Now()) > longestWait {
		h.t.Fatalf("died at %q: %s, and due only at %v", at, p.State, p.DueAt)
	}
	h.clock.Advance(longestWait)
	due, err := h.Due(h.t.Context(), 1000)
	h.must(err)
	for _, d := range due {
		if d.ID == id {
			return
		}
	}
	h.t.Fatalf("died at %q: the janitor does not find it", at)
}

// wantTruth runs the clocks and compares with what really happened.
func (h *heart) wantTruth(l life, p Payment, at string) {
	h.t.Helper()
	begun, ends := h.bank.begun[p.SessionID], l.ends
	p = h.run(p.ID, 5*time.Minute)
	if begun == 0 {
		begun, ends = h.bank.begun[p.SessionID], NeverStarted // it died before the call: nothing was charged
	}
	if begun == 1 && ends == NeverStarted {
		ends = l.ends // or the next process made the call
	}
	if p.State != ends || begun > 1 {
		h.t.Errorf("died at %q: ends %s after %d calls, want %s", at, p.State, begun, ends)
	}
	det := h.detail(p.ID)
	if err := unbroken(det); err != nil {
		h.t.Errorf("died at %q: %v", at, err)
	}
	if wrote := len(det.WriteBacks) == 5; wrote != (p.State == Approved) {
		h.t.Errorf("died at %q: %s with %d write-backs", at, p.State, len(det.WriteBacks))
	}
}
