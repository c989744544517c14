package payments

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// heart is a payment service on a real database and queue, with a provider
// that answers as the test says and a clock that the test moves.
type heart struct {
	*Service
	t     *testing.T
	clock *testkit.Clock
	bank  *bank
}

// bank is the scripted provider. It counts what it is asked to do.
type bank struct {
	mu     sync.Mutex
	begin  func(Payment) error
	ask    func(Payment) (Answer, error)
	press  func(Payment, Key) error
	begun  map[string]int // sessions
	asked  int
	proofs map[string]string // Authorization by session
}

func (b *bank) Begin(_ context.Context, p Payment, authorization string) error {
	b.mu.Lock()
	b.begun[p.SessionID]++
	b.proofs[p.SessionID] = authorization
	begin := b.begin
	b.mu.Unlock()
	return begin(p)
}

func (b *bank) Ask(_ context.Context, p Payment) (Answer, error) {
	b.mu.Lock()
	b.asked++
	ask := b.ask
	b.mu.Unlock()
	return ask(p)
}

func (b *bank) Press(_ context.Context, p Payment, k Key, _ string) error { return b.press(p, k) }

func (b *bank) answers(a Answer, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ask = func(Payment) (Answer, error) { return a, err }
}

func newHeart(t *testing.T, d *db.DB) *heart {
	t.Helper()
	clock := testkit.NewClock()
	b := &bank{
		begin: func(Payment) error { return nil },
		ask:   func(Payment) (Answer, error) { return Answer{Kind: Pending, Status: 202}, nil },
		press: func(Payment, Key) error { return nil },
		begun: map[string]int{}, proofs: map[string]string{},
	}
	redis := testkit.EmbeddedRedis(t)
	h := &heart{t: t, clock: clock, bank: b, Service: New(Config{
		DB: d, Clock: clock.Now, Timing: DefaultTiming(), Queue: testkit.Queue(t, redis),
		Bell: testkit.Bell(t, redis), Gateways: map[string]Gateway{"linkly": b}, Log: slog.New(slog.DiscardHandler),
	})}
	h.must(d.WithContext(t.Context()).Exec(`INSERT INTO portals (id, domain, endpoint, server, created_at, updated_at)
		VALUES ('portal', 'x', 'x', 'x', ?, ?)`, clock.Now(), clock.Now()).Error)
	h.addTerminal("t_1")
	h.addTerminal("t_2")
	return h
}

func (h *heart) addTerminal(id string) {
	h.t.Helper()
	h.must(h.db.WithContext(h.t.Context()).Exec(`INSERT INTO terminals
		(id, portal_id, name, provider, environment, currency, status, register_id, created_at)
		VALUES (?, 'portal', ?, 'linkly', 'sandbox', 'AUD', 'ready', 'r', ?)`, id, id, h.clock.Now()).Error)
}

func (h *heart) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

var mere = Person{ID: "14", Name: "Mere Tane"}

func order(request string) Order {
	return Order{
		PortalID: "portal", RequestID: request, By: mere,
		Document: Owed{ID: "SI:77", Title: "Pump kit", DealID: "512", Total: Money{18700, "AUD"}},
		Terminal: Terminal{ID: "t_1", Name: "Counter 1", Provider: "linkly", PairingID: "pair_1", Currency: "AUD"},
		Amount:   Money{18700, "AUD"},
	}
}

func (h *heart) start() Payment {
	h.t.Helper()
	p, err := h.Start(h.t.Context(), order("r1"))
	h.must(err)
	return p
}

// step takes a step now, due or not.
func (h *heart) step(id string) Payment {
	h.t.Helper()
	now := h.clock.Now()
	h.must(h.db.WithContext(h.t.Context()).Model(&Payment{}).Where("id = ?", id).Update("due_at", now).Error)
	h.must(h.Step(h.t.Context(), id))
	return h.get(id)
}

// run takes every step that falls due within d, moving the clock to each.
func (h *heart) run(id string, d time.Duration) Payment {
	h.t.Helper()
	end := h.clock.Now().Add(d)
	for range 2000 {
		p := h.get(id)
		if p.DueAt == nil || p.DueAt.After(end) {
			break
		}
		if wait := p.DueAt.Sub(h.clock.Now()); wait > 0 {
			h.clock.Advance(wait)
		}
		h.must(h.Step(h.t.Context(), id))
	}
	if left := end.Sub(h.clock.Now()); left > 0 {
		h.clock.Advance(left)
	}
	return h.get(id)
}

func (h *heart) get(id string) Payment {
	h.t.Helper()
	p, err := h.Get(h.t.Context(), id)
	h.must(err)
	return p
}

func (h *heart) detail(id string) Detail {
	h.t.Helper()
	d, err := h.Detail(h.t.Context(), "portal", id)
	h.must(err)
	return d
}

func (h *heart) wantState(p Payment, want State) {
	h.t.Helper()
	if p.State != want {
		h.t.Fatalf("state is %s, want %s", p.State, want)
	}
}

func (h *heart) wantAlert(id, code string) {
	h.t.Helper()
	for _, a := range h.detail(id).Alerts {
		if a.Code == code {
			return
		}
	}
	h.t.Fatalf("payment has no alert %s", code)
}

func approval(amount int64) Answer {
	return Answer{Kind: Decided, Status: 200, Result: approved(amount)}
}

func approved(amount int64) *Result {
	return &Result{
		Success: true, Code: "00", Text: "APPROVED", CardType: "VISA", Last4: "1142",
		AuthCode: "318842", RRN: "624100318842", RFN: "6241003188420001", Amount: &amount,
	}
}

func decline() Answer { return Answer{Kind: Decided, Status: 200, Result: declined()} }

func declined() *Result { return &Result{Code: "51", Text: "DECLINED"} }
