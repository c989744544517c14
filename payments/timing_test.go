package payments

import (
	"testing"
	"time"

	"receivepayment/internal/testkit"
)

// moment is a payment at a moment after it was sent, and what next must say.
type moment struct {
	name   string
	p      Payment
	now    time.Duration // since sending
	from   time.Duration // the earliest and latest answer, from now on
	to     time.Duration
	nobody bool // nothing is due
}

func TestNextSaysWhenAPaymentNeedsSomethingAgain(t *testing.T) {
	t.Parallel()
	for _, m := range moments() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			sent := testkit.NewClock().Now()
			now := sent.Add(m.now)
			for range 50 { // jitter
				got := DefaultTiming().next(m.p, now)
				if (got == nil) != m.nobody {
					t.Fatalf("due %v", got)
				}
				if got == nil {
					return
				}
				if wait := got.Sub(now); wait < m.from || wait > m.to {
					t.Fatalf("waits %s, want %s to %s", wait, m.from, m.to)
				}
			}
		})
	}
}

// after is a time since sending, as a column.
func after(d time.Duration) *time.Time {
	at := testkit.NewClock().Now().Add(d)
	return &at
}

func moments() []moment {
	const s, m, h = time.Second, time.Minute, time.Hour
	sent := func(change func(*Payment)) Payment {
		p := Payment{State: Sent, CreatedAt: *after(0), SentAt: after(0), BeginOverAt: after(0), LastEventAt: after(0), Seen: true}
		change(&p)
		return p
	}
	asks := func(n int) func(*Payment) { return func(p *Payment) { p.Asks = n } }
	state := func(st State, change func(*Payment)) Payment {
		return sent(func(p *Payment) {
			p.State = st
			change(p)
		})
	}
	same := func(*Payment) {}
	told := func(at time.Duration, n int) func(*Payment) {
		return func(p *Payment) { p.Told, p.ToldAt, p.Asks = approved(1), after(at), n }
	}
	return []moment{
		{name: "created is due at once", p: Payment{State: Created, CreatedAt: *after(0)}},
		{name: "while the call runs its process keeps the claim", p: sent(func(p *Payment) { p.BeginOverAt = nil }), now: 19 * s, from: 5 * s, to: 5 * s},
		{name: "a call that never returned is over after its bound", p: sent(func(p *Payment) { p.BeginOverAt, p.LastEventAt, p.Seen = nil, nil, false }), now: 20 * s, from: s / 2, to: 3 * s / 2},
		{name: "accepted: the terminal is given time to speak", p: sent(same), from: 19 * s / 2, to: 21 * s / 2},
		{name: "unclear: asked after a second", p: sent(func(p *Payment) { p.Seen, p.LastEventAt = false, nil }), from: s / 2, to: 3 * s / 2},
		{name: "silent: the first wait", p: sent(asks(1)), now: 10 * s, from: s / 2, to: 3 * s / 2},
		{name: "silent: doubled", p: sent(asks(2)), now: 11 * s, from: 3 * s / 2, to: 5 * s / 2},
		{name: "silent: doubled again", p: sent(asks(3)), now: 13 * s, from: 7 * s / 2, to: 9 * s / 2},
		{name: "silent: and again", p: sent(asks(4)), now: 17 * s, from: 15 * s / 2, to: 17 * s / 2},
		{name: "silent: at most ten seconds", p: sent(asks(5)), now: 25 * s, from: 19 * s / 2, to: 21 * s / 2},
		{name: "silent: however often", p: sent(asks(500)), now: 25 * s, from: 19 * s / 2, to: 21 * s / 2},
		{name: "the deadline of unknown is not overslept", p: sent(asks(9)), now: 175 * s, from: 5 * s, to: 5 * s},
		{name: "an event moves that deadline", p: sent(func(p *Payment) { p.LastEventAt = after(170 * s) }), now: 175 * s, from: 19 * s / 2, to: 21 * s / 2},
		{name: "a result told is asked about at once, then after a second", p: sent(told(0, 1)), from: s, to: s},
		{name: "a result told: doubling", p: sent(told(0, 3)), now: 3 * s, from: 4 * s, to: 4 * s},
		{name: "a result told: believed after ten seconds", p: sent(told(0, 4)), now: 7 * s, from: 3 * s, to: 3 * s},
		{name: "a result told to a payment in review likewise", p: state(Review, told(0, 4)), now: 7 * s, from: 3 * s, to: 3 * s},
		{name: "unknown: five seconds", p: state(Unknown, same), now: 3 * m, from: 5 * s, to: 5 * s},
		{name: "unknown: doubling", p: state(Unknown, asks(1)), now: 3 * m, from: 10 * s, to: 10 * s},
		{name: "unknown: at most ten seconds", p: state(Unknown, asks(50)), now: 4 * m, from: 10 * s, to: 10 * s},
		{name: "unknown: review is not overslept", p: state(Unknown, asks(9)), now: 15*m - 10*s, from: 10 * s, to: 10 * s},
		{name: "review: still asking", p: state(Review, same), now: 15 * m, from: 5 * s, to: 5 * s},
		{name: "review: at most ten minutes", p: state(Review, asks(20)), now: h, from: 10 * m, to: 10 * m},
		{name: "review: the end is not overslept", p: state(Review, asks(20)), now: 168*h - m, from: m, to: m},
		{name: "review: after the end a person decides", p: state(Review, same), now: 168 * h, nobody: true},
		{name: "approved and proven rests", p: state(Approved, func(p *Payment) { p.ConfirmedAt = after(0) }), nobody: true},
		{name: "cancelled before it was sent rests", p: Payment{State: Cancelled, CreatedAt: *after(0)}, nobody: true},
		{name: "approved on a callback's word is asked about", p: state(Approved, func(p *Payment) { p.Source = Callback }), from: 5 * s, to: 5 * s},
		{name: "its last result does not hurry it", p: state(Approved, func(p *Payment) { p.Source, p.Told, p.ToldAt = Callback, approved(1), after(0) }), from: 5 * s, to: 5 * s},
		{name: "never started is asked about", p: state(NeverStarted, asks(1)), now: 40 * s, from: 10 * s, to: 10 * s},
		{name: "never started rests at the end", p: state(NeverStarted, same), now: 168 * h, nobody: true},
		{name: "declined by a person rests at the end", p: state(Declined, func(p *Payment) { p.Source = Manual }), now: 168 * h, nobody: true},
		{name: "what still blocks is given up before it rests", p: state(Cancelled, func(p *Payment) { p.Source = Callback }), now: 168 * h},
	}
}

func TestPaymentsClocks(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	// A GET that says 202 is no event: it does not keep the operator waiting.
	h.wantState(h.run(p.ID, 3*time.Minute-time.Second), Sent)
	h.wantState(h.run(p.ID, 2*time.Second), Unknown)
	asked := h.bank.asked
	h.wantState(h.run(p.ID, 11*time.Minute), Unknown)
	if n := h.bank.asked - asked; n < 20 {
		t.Errorf("asked %d times in eleven minutes of unknown", n)
	}
	h.wantState(h.run(p.ID, time.Minute), Review)
	asked = h.bank.asked
	p = h.run(p.ID, time.Hour)
	h.wantState(p, Review)
	if n := h.bank.asked - asked; n < 6 || p.DueAt == nil {
		t.Errorf("asked %d times in an hour of review, next %v", n, p.DueAt)
	}
	h.bank.answers(approval(18700), nil)
	h.wantState(h.run(p.ID, 20*time.Minute), Approved)
}

func TestWhileTheTerminalSpeaksNobodyAsks(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	for range 40 {
		h.must(h.Receive(t.Context(), p, Message{Display: &Display{Lines: []string{"ENTER PIN", ""}}}))
		h.wantState(h.run(p.ID, 9*time.Second), Sent)
	}
	if h.bank.asked != 0 {
		t.Errorf("asked %d times although the terminal spoke every 9 seconds", h.bank.asked)
	}
}

func TestAskingEndsAndThePersonKeepsThePayment(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	h.timing.AskFor = 40 * time.Minute
	h.bank.answers(Answer{}, errNoNetwork)
	p := h.run(h.sent().ID, time.Hour)
	h.wantState(p, Review)
	if p.DueAt != nil {
		t.Errorf("still due at %s", p.DueAt)
	}
	p, err := h.Resolve(t.Context(), p.ID, false, "the bank says no", mere)
	h.must(err)
	h.wantState(p, Declined)
	if p.DueAt != nil || p.BlocksDocument() {
		t.Errorf("due %v, blocks %v", p.DueAt, p.BlocksDocument())
	}
}

func TestDeclineThatOnlyACallbackToldBlocksUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(Answer{}, errNoNetwork)
	h.must(h.Receive(t.Context(), p, Message{Result: declined()}))
	h.wantState(h.run(p.ID, 9*time.Second), Sent)
	p = h.run(p.ID, 2*time.Second)
	h.wantState(p, Declined)
	if p.Source != Callback || p.ConfirmedAt != nil {
		t.Fatalf("on whose word? %+v", p)
	}
	again := order("r2")
	again.Terminal.ID = "t_2"
	if _, err := h.Start(t.Context(), again); !isConflict(err, ErrDocumentOpen, p.ID) {
		t.Fatalf("a second charge may start: %v", err)
	}

	h.bank.answers(decline(), nil)
	p = h.run(p.ID, time.Minute)
	if p.ConfirmedAt == nil || p.Source != Callback || p.DueAt != nil {
		t.Fatalf("not confirmed: %+v", p)
	}
	_, err := h.Start(t.Context(), again)
	h.must(err)
}

func TestPaymentIsSentWithinAMinuteOfTheClickOrNotAtAll(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.start()
	h.clock.Advance(61 * time.Second)
	p = h.step(p.ID)
	h.wantState(p, NeverStarted)
	if len(h.bank.begun) != 0 || p.DueAt != nil {
		t.Errorf("sent %v, due %v", h.bank.begun, p.DueAt)
	}
	late, err := h.Start(t.Context(), order("r2"))
	h.must(err)
	h.clock.Advance(60 * time.Second)
	h.wantState(h.step(late.ID), Sent)
}
