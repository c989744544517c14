package payments

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

func isConflict(err, refusal error, with string) bool {
	var c *Conflict
	return errors.Is(err, refusal) && errors.As(err, &c) && (with == "" || c.With.ID == with)
}

// atOnce runs n calls that all wait for the same start.
func atOnce[T any](n int, call func(i int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-start
			out[i] = call(i)
		})
	}
	close(start)
	wait.Wait()
	return out
}

type outcome struct {
	p   Payment
	err error
}

func TestFiftyTillsChargeOneDocumentOnce(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		for i := range 50 {
			h.addTerminal(fmt.Sprintf("till_%d", i))
		}
		outcomes := atOnce(50, func(i int) outcome {
			o := order(fmt.Sprintf("r_%d", i))
			o.Terminal.ID = fmt.Sprintf("till_%d", i)
			p, err := h.Start(t.Context(), o)
			return outcome{p, err}
		})
		var won []string
		for _, o := range outcomes {
			if o.err == nil {
				won = append(won, o.p.ID)
			}
		}
		if len(won) != 1 || h.count() != 1 {
			t.Fatalf("%d payments won, %d are stored", len(won), h.count())
		}
		for _, o := range outcomes {
			if o.err != nil && !isConflict(o.err, ErrDocumentOpen, won[0]) {
				t.Errorf("a loser is not told who holds the document: %v", o.err)
			}
		}
	})
}

func TestFiftyDocumentsOnOneTerminalTakeTurns(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		won := 0
		for _, o := range atOnce(50, func(i int) outcome {
			o := order(fmt.Sprintf("r_%d", i))
			o.Document.ID = fmt.Sprintf("SI:%d", i)
			p, err := h.Start(t.Context(), o)
			return outcome{p, err}
		}) {
			if o.err == nil {
				won++
			} else if !isConflict(o.err, ErrTerminalBusy, "") {
				t.Errorf("a loser is not told who holds the terminal: %v", o.err)
			}
		}
		if won != 1 || h.count() != 1 {
			t.Fatalf("%d payments won, %d are stored", won, h.count())
		}
	})
}

func TestOneRequestFiftyTimesIsOnePayment(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		ids := map[string]bool{}
		for _, o := range atOnce(50, func(int) outcome {
			p, err := h.Start(t.Context(), order("the same"))
			return outcome{p, err}
		}) {
			if o.err != nil {
				t.Errorf("a repetition is refused: %v", o.err)
				continue
			}
			ids[o.p.ID] = true
		}
		if len(ids) != 1 || h.count() != 1 {
			t.Errorf("%d payments answered, %d are stored", len(ids), h.count())
		}
	})
}

func TestFiftyRefundsAtOnceNeverPayBackMoreThanWasTaken(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		h.bank.answers(approval(18700), nil)
		purchase := h.step(h.sent().ID)
		h.wantState(purchase, Approved)
		for i := range 50 {
			h.addTerminal(fmt.Sprintf("till_%d", i))
		}
		won := 0
		for _, o := range atOnce(50, func(i int) outcome {
			o := refundOrder(purchase, fmt.Sprintf("refund_%d", i), 1500)
			o.Terminal.ID = fmt.Sprintf("till_%d", i)
			p, err := h.StartRefund(t.Context(), o)
			return outcome{p, err}
		}) {
			if o.err == nil {
				won++
			} else if !errors.Is(o.err, ErrOverRefund) {
				t.Errorf("refused with %v", o.err)
			}
		}
		if won != 12 { // 12 × 15.00 fit into 187.00
			t.Errorf("%d refunds of 15.00 are open on 187.00", won)
		}
		if left := h.detail(purchase.ID).Refundable; left != 700 {
			t.Errorf("still refundable: %d", left)
		}
	})
}

func TestFortyStepsAtOnceCallTheTerminalOnce(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		p := h.start()
		for _, err := range atOnce(40, func(int) error { return h.Step(t.Context(), p.ID) }) {
			h.must(err)
		}
		if n := h.bank.begun[p.SessionID]; n != 1 {
			t.Fatalf("called %d times", n)
		}
		p = h.get(p.ID)
		h.wantState(p, Sent)

		// Even without the claim the commit of "sent" has one winner.
		raced := h.place(standing{State: Created})
		for _, err := range atOnce(40, func(int) error { return ignoreStale(h.begin(t.Context(), raced)) }) {
			h.must(err)
		}
		if n := h.bank.begun[raced.SessionID]; n != 1 {
			t.Fatalf("called %d times", n)
		}
	})
}

func TestCallbacksAndOutcomeAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		p := h.sent()
		h.bank.answers(approval(18700), nil)
		for _, err := range atOnce(40, func(i int) error {
			switch i % 4 {
			case 0:
				return h.Receive(t.Context(), p, Message{Display: &Display{Lines: []string{fmt.Sprint(i), ""}}})
			case 1:
				return h.Receive(t.Context(), p, Message{Receipt: &Receipt{Type: "customer", Text: fmt.Sprint(i)}})
			case 2:
				return h.Receive(t.Context(), p, Message{Result: approved(18700)})
			}
			return h.Step(t.Context(), p.ID)
		}) {
			h.must(err)
		}
		p = h.run(p.ID, time.Minute)
		h.wantState(p, Approved)
		det := h.detail(p.ID)
		if p.Source != Asked || len(det.Receipts) != 10 || len(det.WriteBacks) != 5 || len(det.Alerts) != 0 {
			t.Errorf("source %s, %d receipts, %d write-backs, alerts %v", p.Source, len(det.Receipts), len(det.WriteBacks), det.Alerts)
		}
		if err := unbroken(det); err != nil {
			t.Error(err)
		}
	})
}

// unbroken checks a history: each line starts where the one before ended, and
// the last ends where the payment stands.
func unbroken(d Detail) error {
	at, seq := Created, int64(0)
	for _, e := range d.History {
		if e.FromState != at || e.Seq <= seq {
			return fmt.Errorf("history of %s breaks at %d: %s after %s", d.ID, e.Seq, e.FromState, at)
		}
		at, seq = e.ToState, e.Seq
	}
	if at != d.State {
		return fmt.Errorf("history of %s ends at %s, the payment stands at %s", d.ID, at, d.State)
	}
	return nil
}
