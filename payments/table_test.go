package payments

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// place stores a payment of its own document on its own terminal and puts it
// into the standing behind apply's back.
func (h *heart) place(st standing) Payment {
	h.t.Helper()
	o := order(newID("r_"))
	o.Terminal.ID, o.Document.ID = newID("t_"), newID("SI:")
	h.addTerminal(o.Terminal.ID)
	p, err := h.Start(h.t.Context(), o)
	h.must(err)

	now := h.clock.Now()
	p.State, p.DueAt = st.State, &now
	if st.State != Created && (st != standing{NeverStarted, true}) {
		p.SentAt, p.BeginOverAt, p.LastEventAt, p.Seen = &now, &now, &now, st.State != NeverStarted
	}
	if st.State.Final() {
		p.DecidedAt, p.Asks = &now, 3
		if st.State != NeverStarted {
			p.Source = Callback
		}
		if st.Proven && p.SentAt != nil {
			p.ConfirmedAt, p.Source = &now, Asked
		}
	}
	if st.State == Approved {
		p.ApprovedAmount, p.Total = &p.Amount, p.Amount
	}
	h.must(h.db.WithContext(h.t.Context()).Model(&Payment{}).Where("id = ?", p.ID).Select(columns).Updates(&p).Error)
	p = h.get(p.ID)
	if p.standing() != st {
		h.t.Fatalf("placed in %v, stands in %v", st, p.standing())
	}
	return p
}

// markOf is what comes with the event in real life.
func (h *heart) markOf(e Event) mark {
	m := mark{actor: "tester", why: "because"}
	now := h.clock.Now()
	outcome := func(r Result, source Source) func(*Payment) {
		return func(p *Payment) { record(p, r, source, now) }
	}
	switch e {
	case Send:
		m.change = func(p *Payment) { p.SentAt, p.NotifyHash = &now, "hash" }
	case Accepted:
		m.change = func(p *Payment) { p.BeginOverAt, p.Seen = &now, true }
	case Unclear, NotStarted:
		m.change = func(p *Payment) { p.BeginOverAt = &now }
	case FoundApproved:
		m.change = outcome(*approved(18700), Asked)
	case FoundDeclined:
		m.change = outcome(*declined(), Asked)
	case FoundCancelled:
		m.change = outcome(Result{Code: "TM", CancelledByKey: true}, Asked)
	case FoundAbsent:
		m.change = func(p *Payment) { p.AbsentCount, p.AbsentAt = 2, &now }
	case ToldApproved:
		m.change = outcome(*approved(18700), Callback)
	case ToldDeclined:
		m.change = outcome(*declined(), Callback)
	case ToldCancelled:
		m.change = outcome(Result{Code: "TM", CancelledByKey: true}, Callback)
	case Release:
		m.change = func(p *Payment) { p.Released = true }
	case ResolvePaid:
		m.change = func(p *Payment) { p.Source, p.ApprovedAmount, p.Total = Manual, &p.Amount, p.Amount }
	case ResolveNotPaid:
		m.change = func(p *Payment) { p.Source = Manual }
	case Expire, Withdraw, FellSilent, AskedEnough, GaveUp, refundRequested, requestApproved, requestRejected:
	}
	return m
}

func TestEveryCellOfTheTableDoesWhatItSaysAndBreaksNoPromise(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		for _, st := range standings() {
			for _, e := range Events() {
				p := h.place(st)
				before := h.detail(p.ID)
				h.clock.Advance(time.Second)
				_, err := h.apply(t.Context(), p.ID, e, h.markOf(e))
				after := h.detail(p.ID)
				h.wantKept(st, e, after.State)
				if cell, ok := table()[st][e]; ok {
					h.wantMoved(before, after, e, cell, err)
				} else {
					h.wantRefused(before, after, e, err)
				}
				if t.Failed() {
					t.Fatalf("in the cell %s, %s", st.label(), e)
				}
			}
		}
	})
}

func (h *heart) wantRefused(before, after Detail, e Event, err error) {
	h.t.Helper()
	if !errors.Is(err, ErrWrongState) {
		h.t.Errorf("%s: %v, want a refusal", e, err)
	}
	if d := cmp.Diff(before, after); d != "" {
		h.t.Errorf("a refused event changed the payment:\n%s", d)
	}
}

func (h *heart) wantMoved(before, after Detail, e Event, cell move, err error) {
	h.t.Helper()
	h.must(err)
	if after.State != cell.To {
		h.t.Errorf("state %s, want %s", after.State, cell.To)
	}
	codes := map[string]bool{}
	for _, a := range after.Alerts {
		codes[a.Code] = true
	}
	if codes[cell.Alert] != (cell.Alert != "") || len(codes) > 1 {
		h.t.Errorf("alerts %v, want %q", codes, cell.Alert)
	}
	if after.Version == before.Version {
		h.wantUntouched(before, after, cell)
		return
	}
	last := after.History[len(after.History)-1]
	got := Entry{
		ID: last.ID, Evidence: last.Evidence, PaymentID: after.ID, Seq: before.Version + 1, At: h.clock.Now(),
		FromState: before.State, ToState: cell.To, Event: e, Actor: "tester", Why: "because",
	}
	if d := cmp.Diff(got, last); d != "" || len(after.History) != len(before.History)+1 || after.Version != before.Version+1 {
		h.t.Errorf("history:\n%s", d)
	}
	h.wantDue(before, after, e)
}

// wantUntouched: an event that tells nothing new leaves no trace at all.
func (h *heart) wantUntouched(before, after Detail, cell move) {
	h.t.Helper()
	if d := cmp.Diff(before, after); d != "" || cell.To != before.State || cell.Alert != "" {
		h.t.Errorf("no new version, but:\n%s", d)
	}
}

// wantDue: what may still change stays due; what is proven rests, and so does
// an outcome that our own question disproved, because a person decides it.
func (h *heart) wantDue(before, after Detail, e Event) {
	h.t.Helper()
	rests := after.State.Final() && after.standing().Proven || before.State.Final() && after.State == Review
	if (after.DueAt == nil) != rests {
		h.t.Errorf("due at %v after %s became %s", after.DueAt, before.State, after.standing().label())
	}
	tells := (after.State == Approved) != (before.State == Approved) || e == ResolveNotPaid ||
		after.State == Unknown && before.State != Unknown
	if wrote := len(after.WriteBacks) > 0; wrote != tells {
		h.t.Errorf("%d write-backs after %s became %s", len(after.WriteBacks), before.State, after.State)
	}
	if booked := after.ApprovedAmount != nil; booked != (after.State == Approved) {
		h.t.Errorf("a payment that is %s carries an amount: %v", after.State, booked)
	}
}

func TestTableKnowsOnlyStandingsAndEventsThatExist(t *testing.T) {
	t.Parallel()
	states, events, known := map[State]bool{}, map[Event]bool{}, map[standing]bool{}
	for _, s := range States() {
		states[s] = true
	}
	for _, e := range Events() {
		events[e] = true
	}
	for _, s := range standings() {
		known[s] = true
	}
	for st, row := range table() {
		if !known[st] {
			t.Errorf("row %v is no standing", st)
		}
		for e, m := range row {
			if !events[e] || !states[m.To] {
				t.Errorf("cell %v, %s leads to %s", st, e, m.To)
			}
		}
	}
	if len(table()) != len(standings()) {
		t.Errorf("%d rows for %d standings", len(table()), len(standings()))
	}
}

// What the table raises an alert about is said in words.
func TestEachContradictionHasWords(t *testing.T) {
	t.Parallel()
	alerts := 0
	for from, row := range table() {
		for e, m := range row {
			if m.Alert == "" {
				continue
			}
			alerts++
			if recorded[from.State] == "" || arrived[e] == "" {
				t.Errorf("%s and then %s is told as %q", from.State, e, contradiction(Payment{State: from.State}, e))
			}
		}
	}
	if alerts == 0 {
		t.Error("the table raises no alert")
	}
}
