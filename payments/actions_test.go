package payments

import (
	"errors"
	"time"

	"pgregory.net/rapid"
)

func (w *world) click(t *rapid.T) {
	o := order(newID("r_"))
	o.PortalID = w.portal
	o.Document.ID = rapid.SampledFrom([]string{"SI:1", "SI:2"}).Draw(t, "document")
	o.Document.Total.Minor = documentTotal
	o.Terminal.ID = w.terminal(rapid.IntRange(0, 2).Draw(t, "terminal"))
	o.Amount.Minor = rapid.SampledFrom([]int64{2500, 5000, documentTotal}).Draw(t, "amount")
	if rapid.IntRange(0, 9).Draw(t, "currency") == 0 {
		o.Terminal.Currency = "NZD"
		if _, err := w.h.Start(w.h.t.Context(), o); !errors.Is(err, ErrWrongCurrency) {
			t.Fatalf("a payment in another currency than the terminal's: %v", err)
		}
		return
	}
	p, err := w.h.Start(w.h.t.Context(), o)
	if err != nil {
		w.refused(t, err, ErrDocumentOpen, ErrTerminalBusy, ErrOverOutstand, ErrAlreadyPaid)
		return
	}
	w.ids, w.orders[p.ID] = append(w.ids, p.ID), o
}

func (w *world) refused(t *rapid.T, err error, allowed ...error) {
	for _, a := range allowed {
		if errors.Is(err, a) {
			return
		}
	}
	t.Fatalf("refused with %v", err)
}

func (w *world) clickAgain(t *rapid.T) {
	p := w.some(t, func(p Payment) bool { return p.Kind == Purchase })
	again, err := w.h.Start(w.h.t.Context(), w.orders[p.ID])
	if err != nil || again.ID != p.ID {
		t.Fatalf("the same click again: %s, %v", again.ID, err)
	}
}

func (w *world) refund(t *rapid.T) {
	p := w.some(t, func(p Payment) bool { return p.Kind == Purchase && p.State == Approved && p.RFN != "" })
	o := refundOrder(p, newID("r_"), rapid.SampledFrom([]int64{1000, 2500, p.Collected()}).Draw(t, "amount"))
	o.PortalID, o.Terminal.ID = w.portal, w.terminal(rapid.IntRange(0, 2).Draw(t, "terminal"))
	r, err := w.h.StartRefund(w.h.t.Context(), o)
	if err != nil {
		w.refused(t, err, ErrOverRefund, ErrTerminalBusy)
		return
	}
	w.ids = append(w.ids, r.ID)
}

func (w *world) time(t *rapid.T) {
	w.h.clock.Advance(beat * time.Duration(rapid.SampledFrom([]int{1, 1, 2, 4, 10, 30, 70, 200}).Draw(t, "beats")))
}

// janitor takes every step that is due, each in its own weather.
func (w *world) janitor(t *rapid.T) {
	for _, p := range w.due(t) {
		w.weather(t)
		w.must(t, w.h.Step(w.h.t.Context(), p.ID))
	}
}

// while lets time go by and takes every step in time, in lasting weather.
func (w *world) while(t *rapid.T) {
	w.weather(t)
	for range rapid.IntRange(1, 10).Draw(t, "beats") {
		for _, p := range w.due(t) {
			w.must(t, w.h.Step(w.h.t.Context(), p.ID))
		}
		w.promises(t)
		w.h.clock.Advance(beat)
	}
}

func (w *world) due(t *rapid.T) []Payment {
	now := w.h.clock.Now()
	var due []Payment
	for _, p := range w.all(t) {
		if p.DueAt != nil && !p.DueAt.After(now) {
			due = append(due, p)
		}
	}
	return due
}

// death takes a step in a process that dies somewhere on the way.
func (w *world) death(t *rapid.T) {
	due := w.due(t)
	if len(due) == 0 {
		t.Skip("nothing is due")
	}
	w.weather(t)
	w.reaper.in(rapid.IntRange(1, 12).Draw(t, "dies at"))
	_, err := survives(func() error { return w.h.Step(w.h.t.Context(), due[0].ID) })
	w.reaper.in(0)
	w.must(t, err)
}

// together takes one step in several processes at once.
func (w *world) together(t *rapid.T) {
	due := w.due(t)
	if len(due) == 0 {
		t.Skip("nothing is due")
	}
	w.weather(t)
	for _, err := range atOnce(3, func(int) error { return w.h.Step(w.h.t.Context(), due[0].ID) }) {
		w.must(t, err)
	}
}

// customer decides what happens to a sale that reached the terminal, and the
// terminal writes its callbacks.
func (w *world) customer(t *rapid.T) {
	p := w.some(t, func(p Payment) bool {
		s := w.bank.of(p)
		return s.arrived(w.h.clock.Now()) && s.outcome == nil
	})
	zero, more := int64(0), p.Amount+100
	r := rapid.SampledFrom([]*Result{
		approved(p.Amount), approved(p.Amount),
		{Success: true, RFN: "1"},
		{Success: true, RFN: "1", Amount: &zero},
		{Success: true, RFN: "1", Amount: &more},
		declined(),
		{Code: "TM", CancelledByKey: true},
	}).Draw(t, "outcome")
	w.bank.decide(p, r)
	w.mail = append(w.mail,
		letter{p.ID, Message{Display: &Display{Lines: []string{"PROCESSING", ""}, Keys: []Key{KeyCancel}}}},
		letter{p.ID, Message{Receipt: &Receipt{Type: "customer", Text: "slip"}}},
		letter{p.ID, Message{Result: r}})
}

func (w *world) take(t *rapid.T) letter {
	if len(w.mail) == 0 {
		t.Skip("no callback is under way")
	}
	i := rapid.IntRange(0, len(w.mail)-1).Draw(t, "letter") // in any order
	l := w.mail[i]
	w.mail = append(w.mail[:i:i], w.mail[i+1:]...)
	return l
}

func (w *world) deliver(t *rapid.T, l letter) {
	p := w.h.get(l.payment)
	if !p.Authentic(w.bank.of(p).proof) {
		t.Fatal("the payment's own callback is refused")
	}
	w.must(t, w.h.Receive(w.h.t.Context(), p, l.message))
}

func (w *world) callback(t *rapid.T) { w.deliver(t, w.take(t)) }

func (w *world) callbackTwice(t *rapid.T) {
	l := w.take(t)
	w.deliver(t, l)
	w.deliver(t, l)
}

func (w *world) callbackLost(t *rapid.T) { w.take(t) }

// lie delivers a result that is not the truth, in the provider's own name.
func (w *world) lie(t *rapid.T) {
	p := w.some(t, func(p Payment) bool { return p.Kind == Purchase && w.bank.of(p).arrived(w.h.clock.Now()) })
	w.tampered[p.Document] = true
	w.deliver(t, letter{p.ID, Message{Result: rapid.SampledFrom([]*Result{approved(p.Amount), declined()}).Draw(t, "lie")}})
}

func (w *world) foreign(t *rapid.T) {
	is := func(p Payment) bool { return w.bank.of(p).proof != "" }
	mine, other := w.some(t, is), w.some(t, is)
	if mine.ID != other.ID && mine.Authentic(w.bank.of(other).proof) {
		t.Fatal("a callback with another session's secret is taken")
	}
}

func (w *world) pairAgain(t *rapid.T) {
	w.bank.pairAgain(w.some(t, func(p Payment) bool { return p.State == Sent }), true)
}

func (w *world) check(t *rapid.T) {
	w.must(t, w.h.Check(w.h.t.Context(), w.some(t, func(Payment) bool { return true }).ID))
}

func (w *world) release(t *rapid.T) {
	p := w.some(t, func(p Payment) bool { return p.State == Sent || p.State == Unknown })
	_, err := w.h.Release(w.h.t.Context(), p.ID, mere)
	w.must(t, err)
}

// cancel is a wish once the payment was sent, and certain before.
func (w *world) cancel(t *rapid.T) {
	p := w.some(t, func(p Payment) bool { return !p.State.Final() })
	if err := w.h.Press(w.h.t.Context(), p, KeyCancel, "", mere); err != nil {
		w.refused(t, err, ErrKeyNotEnabled)
	}
}

func (w *world) resolve(t *rapid.T) {
	p := w.some(t, func(p Payment) bool { return p.Kind == Purchase && (p.State == Unknown || p.State == Review) })
	w.tampered[p.Document] = true
	if _, err := w.h.Resolve(w.h.t.Context(), p.ID, rapid.Bool().Draw(t, "paid"), "the slip", mere); err != nil {
		w.refused(t, err, ErrWrongState)
	}
}
