package payments

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// till is a shop in calm weather where only the money is drawn: sales, parts,
// extras, refunds, requests and what people decide about them.
type till struct {
	h      *heart
	portal string
	bank   map[string]*Result // what the bank says about a session
	orders int
	refund []string // open requests
}

const tillTotal = 10000

// TestMoneyStaysInItsLedger draws what can happen at a till and adds up after
// each step. Repeat a failure with -rapid.seed.
func TestMoneyStaysInItsLedger(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) { newTills(t, d).check(t) })
}

// The property sees what somebody could forget about refunds.
func TestTheLedgerFindsPlantedBugs(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(*heart){
		"what waits for a card is forgotten": func(h *heart) {
			h.rules.left = func(l Ledger, p Payment) Left { l.Requests = nil; return l.Left(p) }
		},
		"open refunds are forgotten": func(h *heart) {
			h.rules.left = func(l Ledger, p Payment) Left {
				var decided Ledger
				for _, r := range l.Payments {
					if r.State.Final() {
						decided.add(r)
					}
				}
				decided.Requests = l.Requests
				return decided.Left(p)
			}
		},
		"tip and surcharge go back again and again": func(h *heart) {
			h.rules.left = func(l Ledger, p Payment) Left { return Left{l.Left(p).Amount, p.Surcharge, p.Tip} }
		},
		"a part of a refund is booked as all of it": func(h *heart) {
			h.rules.record = plantedWhole
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTills(t, testkit.SQLite(t))
			plant(s.h)
			for seed := range 200 {
				if s.fails(seed) {
					t.Logf("found with seed %d", seed)
					return
				}
			}
			t.Error("nobody would notice in 200 runs")
		})
	}
}

type tills struct {
	h     *heart
	count int
}

func newTills(t *testing.T, d *db.DB) *tills {
	t.Helper()
	return &tills{h: newHeart(t, d)}
}

func (s *tills) check(t *testing.T) { rapid.Check(t, s.property) }

func (s *tills) fails(seed int) (broken bool) {
	rapid.Custom(func(t *rapid.T) bool {
		if broken {
			return rapid.Bool().Draw(t, "enough")
		}
		defer func() { broken = t.Failed() }()
		s.property(t)
		return true
	}).Example(seed)
	return broken
}

func (s *tills) property(t *rapid.T) {
	s.count++
	w := &till{h: s.h, portal: fmt.Sprintf("till_%d", s.count), bank: map[string]*Result{}}
	w.open(t)
	t.Repeat(map[string]func(*rapid.T){
		"a sale":           w.sale,
		"another sale":     w.sale,
		"the bank decides": w.decide,
		"and decides":      w.decide,
		"a refund":         w.back,
		"another refund":   w.back,
		"a request":        w.request,
		"an answer":        w.answer,
		"a request sent":   w.send,
		"":                 w.sums,
	})
	for range 20 { // whatever is open ends
		w.decideAll(t)
	}
	w.sums(t)
}

func (w *till) open(t *rapid.T) {
	ctx := w.h.t.Context()
	now := w.h.clock.Now()
	if err := w.h.db.WithContext(ctx).Exec(`INSERT INTO portals (id, domain, endpoint, server, created_at, updated_at)
		VALUES (?, 'x', 'x', 'x', ?, ?)`, w.portal, now, now).Error; err != nil {
		t.Fatal(err)
	}
	w.h.addTerminal(w.portal + "_a")
	w.h.addTerminal(w.portal + "_b")
	w.h.bank.mu.Lock()
	w.h.bank.ask = func(p Payment) (Answer, error) {
		if r := w.bank[p.ID]; r != nil {
			return Answer{Kind: Decided, Status: 200, Result: r}, nil
		}
		return Answer{Kind: Pending, Status: 202}, nil
	}
	w.h.bank.mu.Unlock()
	policy := Policy{
		PortalID:       w.portal,
		RefundExtras:   rapid.SampledFrom([]RefundExtras{WithFull, Share, Never}).Draw(t, "policy"),
		SurchargeRules: []SurchargeRule{{BIN: "41", BasisPoints: 150}},
	}
	if err := w.h.SetPolicy(ctx, policy); err != nil {
		t.Fatal(err)
	}
}

func (w *till) terminal(t *rapid.T) Terminal {
	term := order("").Terminal
	term.ID = w.portal + rapid.SampledFrom([]string{"_a", "_b"}).Draw(t, "terminal")
	term.Features = []string{FeatureTipping, FeatureCashOut, FeatureMOTO, FeatureRefund}
	return term
}

// id names a request; the clock moves, so that payments have an order.
func (w *till) id() string {
	w.h.clock.Advance(time.Second)
	w.orders++
	return fmt.Sprintf("%s_%d", w.portal, w.orders)
}

func (w *till) sale(t *rapid.T) {
	o := order(w.id())
	o.PortalID, o.Terminal = w.portal, w.terminal(t)
	o.Document.ID = rapid.SampledFrom([]string{"SI:1", "SI:2"}).Draw(t, "document")
	o.Document.Total.Minor = tillTotal
	o.Amount.Minor = rapid.SampledFrom([]int64{0, 2500, 3333, 5000, tillTotal}).Draw(t, "amount")
	o.Extras = rapid.SampledFrom([]Extras{{}, {}, {Tip: 700}, {CashOut: 2000}, {Surcharge: true}, {Tip: 100, CashOut: 500, Surcharge: true}}).Draw(t, "extras")
	_, err := w.h.Start(w.h.t.Context(), o)
	var invalid *InvalidError
	if errors.As(err, &invalid) && o.Amount.Minor == 0 {
		return
	}
	w.allowed(t, err, ErrDocumentOpen, ErrTerminalBusy, ErrOverOutstand, ErrAlreadyPaid)
}

func (w *till) allowed(t *rapid.T, err error, these ...error) {
	for _, a := range these {
		if errors.Is(err, a) {
			return
		}
	}
	if err != nil {
		t.Fatalf("refused with %v", err)
	}
}

func (w *till) all(t *rapid.T) []Payment {
	var rows []Payment
	if err := w.h.db.WithContext(w.h.t.Context()).Where("portal_id = ?", w.portal).Order("created_at, id").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}

func (w *till) some(t *rapid.T, fits func(Payment) bool) Payment {
	var these []Payment
	for _, p := range w.all(t) {
		if fits(p) {
			these = append(these, p)
		}
	}
	if len(these) == 0 {
		t.Skip("nothing to do this to")
	}
	return these[rapid.IntRange(0, len(these)-1).Draw(t, "payment")]
}

func (w *till) decide(t *rapid.T) {
	w.decided(t, w.some(t, func(p Payment) bool { return !p.State.Final() }))
}

func (w *till) decideAll(t *rapid.T) {
	for _, p := range w.all(t) {
		if !p.State.Final() {
			w.decided(t, p)
		}
	}
}

// decided lets the bank approve all, approve a part, or decline.
func (w *till) decided(t *rapid.T, p Payment) {
	if p.State == Created {
		w.step(t, p.ID)
	}
	if w.h.get(p.ID).State.Final() {
		return // it no longer fitted
	}
	w.bank[p.ID] = w.verdict(t, p)
	w.step(t, p.ID)
}

func (w *till) verdict(t *rapid.T, p Payment) *Result {
	r := approved(p.Asked())
	switch rapid.IntRange(0, 5).Draw(t, "verdict") {
	case 0:
		return declined()
	case 1:
		part := max(p.Asked()*2/3, 1)
		r.Amount = &part
	}
	if p.Kind == Refund {
		return r
	}
	tip, cash, surcharge := p.WantTip, p.WantCashOut, int64(0)
	if len(p.SurchargeRules) > 0 {
		surcharge = *r.Amount * 150 / 10_000
	}
	if p.CashOnly {
		none := int64(0)
		r.Amount = &none
	}
	total := *r.Amount + tip + cash + surcharge
	r.Tip, r.CashOut, r.Surcharge, r.Total = &tip, &cash, &surcharge, &total
	return r
}

func (w *till) step(t *rapid.T, id string) {
	ctx := w.h.t.Context()
	if err := w.h.db.WithContext(ctx).Model(&Payment{}).Where("id = ?", id).Update("due_at", w.h.clock.Now()).Error; err != nil {
		t.Fatal(err)
	}
	if err := w.h.Step(ctx, id); err != nil {
		t.Fatal(err)
	}
}

func (w *till) refundOf(t *rapid.T) RefundOrder {
	p := w.some(t, func(p Payment) bool { return p.Kind == Purchase && p.Collected() > 0 })
	amount := rapid.SampledFrom([]int64{1, 1000, 1667, 2500, p.Collected() / 2, p.Collected()}).Draw(t, "amount")
	o := refundOrder(p, w.id(), max(amount, 1))
	o.PortalID, o.Terminal = w.portal, w.terminal(t)
	return o
}

func (w *till) back(t *rapid.T) {
	_, err := w.h.StartRefund(w.h.t.Context(), w.refundOf(t))
	w.allowed(t, err, ErrOverRefund, ErrTerminalBusy)
}

func (w *till) request(t *rapid.T) {
	r, err := w.h.RequestRefund(w.h.t.Context(), w.refundOf(t))
	w.allowed(t, err, ErrOverRefund)
	if err == nil {
		w.refund = append(w.refund, r.ID)
	}
}

func (w *till) anyRequest(t *rapid.T) RefundRequest {
	if len(w.refund) == 0 {
		t.Skip("nobody asked")
	}
	r, err := w.h.FindRequest(w.h.t.Context(), w.portal, w.refund[rapid.IntRange(0, len(w.refund)-1).Draw(t, "request")])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *till) answer(t *rapid.T) {
	_, err := w.h.DecideRequest(w.h.t.Context(), w.anyRequest(t), rapid.IntRange(0, 3).Draw(t, "yes") > 0, "seen", Person{ID: "1", Name: "Ana"})
	w.allowed(t, err, ErrOverRefund, ErrWrongState)
}

func (w *till) send(t *rapid.T) {
	r := w.anyRequest(t)
	_, err := w.h.StartRefund(w.h.t.Context(), RefundOrder{
		PortalID: w.portal, RequestID: w.id(), Purchase: r.PaymentID, Terminal: w.terminal(t), Amount: r.Money(),
		Reason: r.Reason, By: mere, Request: r.ID,
	})
	w.allowed(t, err, ErrWrongState, ErrTerminalBusy, ErrOverRefund)
	if r.State != RequestApproved && err == nil {
		t.Fatalf("a request that is %s was sent", r.State)
	}
	if r.State == RequestApproved && errors.Is(err, ErrOverRefund) {
		t.Fatal("what was reserved is gone")
	}
}

// sums are what must hold after every step.
func (w *till) sums(t *rapid.T) {
	all := w.all(t)
	ledgers, err := w.h.Ledgers(w.h.t.Context(), w.portal, []string{"SI:1", "SI:2"})
	if err != nil {
		t.Fatal(err)
	}
	paid, refunded := map[string]int64{}, map[string]int64{}
	for _, p := range all {
		w.one(t, p, ledgers[p.Document], all)
		if p.Kind == Refund {
			refunded[p.Document] += p.Collected()
			continue
		}
		paid[p.Document] += p.Collected()
	}
	for document, l := range ledgers {
		if l.Paid != paid[document] || l.Refunded != refunded[document] {
			t.Fatalf("%s: the ledger shows %d and %d, its payments %d and %d", document, l.Paid, l.Refunded, paid[document], refunded[document])
		}
		if l.Paid-l.Refunded > tillTotal || l.Paid < l.Refunded {
			t.Fatalf("%s costs %d; %d was paid and %d refunded", document, int64(tillTotal), l.Paid, l.Refunded)
		}
	}
}

func (w *till) one(t *rapid.T, p Payment, l Ledger, all []Payment) {
	if p.State == Approved {
		r := w.bank[p.ID]
		if sum := p.Collected() + p.Surcharge + p.Tip + p.CashOut; p.Total != sum {
			t.Fatalf("%s: the total is %d, its parts add up to %d", p.ID, p.Total, sum)
		}
		if moved := movedAtBank(p, r); moved != p.Total {
			t.Fatalf("%s: the bank moved %d, %d is booked", p.ID, moved, p.Total)
		}
	}
	if p.Kind != Purchase || p.State != Approved {
		return
	}
	var back, surcharge, tip, held int64
	for _, r := range all {
		if r.RefundOf == p.ID {
			back, surcharge, tip = back+r.Total, surcharge+r.Surcharge, tip+r.Tip
			held += r.reserves().Amount
		}
	}
	for _, r := range l.Requests {
		if r.PaymentID == p.ID {
			held += l.held(r)
		}
	}
	if back > p.Collected()+p.Surcharge+p.Tip || surcharge > p.Surcharge || tip > p.Tip {
		t.Fatalf("%s collected %d with %d and %d, and %d went back", p.ID, p.Collected(), p.Surcharge, p.Tip, back)
	}
	if held > p.Collected() {
		t.Fatalf("%s collected %d, and %d is refunded or reserved", p.ID, p.Collected(), held)
	}
}

// movedAtBank is the sum that the bank says it moved.
func movedAtBank(p Payment, r *Result) int64 {
	if p.Kind == Refund || r.Total == nil {
		return *r.Amount
	}
	return *r.Total
}
