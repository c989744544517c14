package payments

import (
	"pgregory.net/rapid"
)

// promises are what must hold at every moment.
func (w *world) promises(t *rapid.T) {
	open, held := map[string]string{}, map[string]string{}
	all := w.all(t)
	for _, p := range all {
		w.onePayment(t, p)
		if p.Kind == Purchase && p.BlocksDocument() {
			if other := open[p.Document]; other != "" {
				t.Fatalf("%s and %s both block %s", other, p.ID, p.Document)
			}
			open[p.Document] = p.ID
		}
		if p.HoldsTerminal() {
			if other := held[p.TerminalID]; other != "" {
				t.Fatalf("%s and %s both hold %s", other, p.ID, p.TerminalID)
			}
			held[p.TerminalID] = p.ID
		}
	}
	w.nobodyPaidTwice(t, all)
}

// onePayment: called once, approved only when it is so, proof stays.
func (w *world) onePayment(t *rapid.T, p Payment) {
	s, now := w.bank.of(p), w.h.clock.Now()
	if s.calls > 1 || (s.calls > 0 && p.SentAt == nil) {
		t.Fatalf("%s: the terminal was called %d times, sent at %v", p.ID, s.calls, p.SentAt)
	}
	yes := s.outcome != nil && s.outcome.Success
	if p.State == Approved && !yes && p.Source == Asked {
		t.Fatalf("%s is shown as paid and was not", p.ID)
	}
	if p.State == Approved && !yes && !w.tampered[p.Document] {
		t.Fatalf("%s is shown as paid on the word of %s, which nobody gave", p.ID, p.Source)
	}
	if p.State == Approved && p.ConfirmedAt != nil && p.Collected() != moved(p, *s.outcome) {
		t.Fatalf("%s books %d, and %d was moved", p.ID, p.Collected(), moved(p, *s.outcome))
	}
	if (p.State == Declined || p.State == Cancelled) && yes && p.ConfirmedAt != nil {
		t.Fatalf("%s is shown as %s and was paid", p.ID, p.State)
	}
	if p.State == NeverStarted && s.arrived(now) {
		t.Fatalf("%s is shown as never started and has started", p.ID)
	}
	if was, ok := w.proven[p.ID]; ok && was != p.State {
		t.Fatalf("%s was proven %s and became %s", p.ID, was, p.State)
	}
	if p.standing().Proven {
		w.proven[p.ID] = p.State
	}
}

// moved is rule 7: what was reported, or what was asked for when nothing was.
func moved(p Payment, r Result) int64 {
	if r.Amount == nil || *r.Amount == 0 {
		return p.Amount
	}
	return *r.Amount
}

// nobodyPaidTwice looks at what really happened at the bank: a document is not
// charged above its total, a purchase is not refunded above what it took,
// unless a person or a liar said so.
func (w *world) nobodyPaidTwice(t *rapid.T, all []Payment) {
	charged, returned := map[string]int64{}, map[string]int64{}
	for _, p := range all {
		if o := w.bank.of(p).outcome; o == nil || !o.Success {
			continue
		}
		if p.Kind == Purchase {
			charged[p.Document] += p.Amount
			continue
		}
		charged[p.Document] -= p.Amount
		returned[p.RefundOf] += p.Amount
	}
	for document, sum := range charged {
		if sum > documentTotal && !w.tampered[document] {
			t.Fatalf("%s costs %d and %d was charged", document, documentTotal, sum)
		}
	}
	for _, p := range all {
		if p.Kind == Purchase && returned[p.ID] > max(p.Collected(), p.Amount) && !w.tampered[p.Document] {
			t.Fatalf("%s took %d and %d was paid back", p.ID, p.Collected(), returned[p.ID])
		}
	}
}

// truths are what must hold at the end, when nothing disturbs any more.
func (w *world) truths(t *rapid.T) {
	for _, p := range w.all(t) {
		d, err := w.h.Detail(w.h.t.Context(), w.portal, p.ID)
		w.must(t, err)
		if err := unbroken(d); err != nil {
			t.Fatal(err)
		}
		if p.SentAt == nil && !p.State.Final() {
			t.Fatalf("%s is %s for ever", p.ID, p.State)
		}
		if p.SentAt != nil && !w.agrees(p) && p.State != Review && len(d.Alerts) == 0 && p.Source != Manual {
			t.Fatalf("%s is %s (%s), which is not the truth, and nobody hears of it", p.ID, p.State, p.Source)
		}
		if p.State == Approved && len(d.WriteBacks) == 0 {
			t.Fatalf("%s is approved and the CRM will not hear of it", p.ID)
		}
	}
}

// agrees reports whether the payment stands where the truth is.
func (w *world) agrees(p Payment) bool {
	s := w.bank.of(p)
	switch {
	case s.arrives == nil:
		return p.State == NeverStarted
	case s.outcome.Success:
		return p.State == Approved
	}
	return p.State == Declined || p.State == Cancelled
}
