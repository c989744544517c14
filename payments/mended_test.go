package payments

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// The stories in this file are faults that were found and mended. Each names
// what went wrong for people.

var errNoNetwork = errors.New("no network")

// sent is a payment that the provider took.
func (h *heart) sent() Payment {
	h.t.Helper()
	p := h.step(h.start().ID)
	h.wantState(p, Sent)
	return p
}

func (h *heart) wantNoAlert(id string) {
	h.t.Helper()
	for _, a := range h.detail(id).Alerts {
		h.t.Errorf("unwanted alert %s: %s", a.Code, a.Text)
	}
}

func TestManualPaidThatProvesNotPaidWaitsForAPerson(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(Answer{}, errNoNetwork)
	p = h.run(p.ID, 4*time.Minute)
	h.wantState(p, Unknown)
	_, err := h.Resolve(t.Context(), p.ID, true, "the slip says approved", mere)
	h.must(err)

	h.bank.answers(decline(), nil)
	p = h.run(p.ID, time.Hour)
	h.wantState(p, Review)
	h.wantAlert(p.ID, AlertContradiction)
	if p.DueAt != nil {
		t.Error("it is asked about again, and would turn to declined without anybody's decision")
	}
}

func TestOurAnswerAgainstTheCallbacksRaisesAnAlert(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(decline(), nil)
	h.must(h.Receive(t.Context(), p, Message{Result: approved(18700)}))
	p = h.run(p.ID, time.Minute)
	h.wantState(p, Declined)
	h.wantAlert(p.ID, AlertContradiction)
}

func TestCallbacksDeclineThatIsGivenUpStaysWithAPerson(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	h.timing.AskFor = time.Hour
	p := h.sent()
	h.bank.answers(Answer{}, errNoNetwork)
	h.must(h.Receive(t.Context(), p, Message{Result: declined()}))
	p = h.run(p.ID, time.Minute)
	h.wantState(p, Declined)
	p = h.run(p.ID, 2*time.Hour)
	h.wantState(p, Review)

	h.must(h.Check(t.Context(), p.ID))
	p = h.run(p.ID, time.Hour)
	h.wantState(p, Review)
	if p.Told != nil {
		t.Error("the callback's word is still waiting to be believed")
	}
}

func TestPaymentThatBlocksIsDueUntilItWasGivenUp(t *testing.T) {
	t.Parallel()
	timing := DefaultTiming()
	sent := testkit.NewClock().Now()
	p := Payment{State: Declined, Source: Callback, SentAt: &sent}
	now := sent.Add(timing.AskFor)
	if due := timing.next(p, now); due == nil || due.After(now) {
		t.Errorf("a crash now would leave the document blocked for ever: due %v", due)
	}
}

func TestSlowCommitUsesUpTheTimeToSend(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.start()
	// The clock jumps between the moment that SentAt is taken and the call, as
	// when the database holds the commit's answer back.
	sending, looks := false, 0
	h.rules.proof = func() (string, string) { sending = true; return NewProof() }
	h.now = func() time.Time {
		if sending {
			if looks++; looks == 2 {
				h.clock.Advance(DefaultTiming().SendTimeout + time.Second)
			}
		}
		return h.clock.Now()
	}
	h.must(h.Step(t.Context(), p.ID))
	if n := h.bank.begun[p.SessionID]; n != 0 {
		t.Fatalf("the terminal was called %d times after others may have proved it absent", n)
	}
	h.wantState(h.get(p.ID), NeverStarted)
}

func TestAbsenceCountsFromWhenItWasAskedFor(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	h.bank.begin = func(Payment) error { return errNoNetwork }
	p := h.sent()
	h.clock.Advance(DefaultTiming().NeverSeenAfter - time.Second)
	h.bank.mu.Lock()
	h.bank.ask = func(Payment) (Answer, error) {
		h.clock.Advance(5 * time.Second) // a slow answer, looked up at once
		return Answer{Kind: Absent, Status: 404}, nil
	}
	h.bank.mu.Unlock()
	if p = h.step(p.ID); p.AbsentCount != 0 {
		t.Fatal("an answer counts although it was asked for while the request may have been under way")
	}
	if p = h.step(p.ID); p.AbsentCount != 1 {
		t.Fatalf("the first answer that counts was not counted: %d", p.AbsentCount)
	}
	h.wantState(h.step(p.ID), Sent) // asked at once after the first
	h.wantState(h.step(p.ID), NeverStarted)
}

func TestSameRequestAgainIsTheSamePaymentEvenWhileItIsOpen(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.start()
	again, err := h.Start(t.Context(), order("r1"))
	h.must(err)
	if again.ID != p.ID {
		t.Error("the repetition is another payment")
	}
	other := order("r1")
	other.Amount.Minor--
	if _, err := h.Start(t.Context(), other); !errors.Is(err, ErrRequestReused) {
		t.Errorf("the id with other content: %v", err)
	}
}

func TestResolveDoesNotOvertakeACallbacksResult(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(Answer{}, errNoNetwork)
	p = h.run(p.ID, 4*time.Minute)
	h.wantState(p, Unknown)
	h.must(h.Receive(t.Context(), p, Message{Result: approved(18700)}))
	if _, err := h.Resolve(t.Context(), p.ID, false, "nothing on the slip", mere); !errors.Is(err, ErrWrongState) {
		t.Fatalf("resolve: %v", err)
	}
	p = h.run(p.ID, time.Minute)
	h.wantState(p, Approved)
	if p.Source != Callback {
		t.Errorf("source %q", p.Source)
	}
}

func TestPaymentIsNotSentWhenTheDocumentWasPaidMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	h.bank.begin = func(Payment) error { return fmt.Errorf("dial: %w", ErrNotStarted) }
	dead := h.step(h.start().ID)
	h.wantState(dead, NeverStarted)
	second, err := h.Start(t.Context(), order("r2"))
	h.must(err)

	h.bank.answers(approval(18700), nil)
	h.wantState(h.step(dead.ID), Approved)
	h.wantState(h.step(second.ID), NeverStarted)
	if n := h.bank.begun[second.SessionID]; n != 0 {
		t.Errorf("the customer was charged %d times more", n)
	}
}

func TestRefundIsNotSentWhenTheMoneyWasPaidBackMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(approval(18700), nil)
	p = h.step(p.ID)
	h.wantState(p, Approved)

	h.bank.begin = func(Payment) error { return fmt.Errorf("dial: %w", ErrNotStarted) }
	dead := h.refund(p, "r2", 18700)
	dead = h.step(dead.ID)
	h.wantState(dead, NeverStarted)
	second := h.refund(p, "r3", 18700)
	h.wantState(h.step(dead.ID), Approved)
	h.wantState(h.step(second.ID), NeverStarted)
	if n := h.bank.begun[second.SessionID]; n != 0 {
		t.Errorf("the customer was paid back %d times more", n)
	}
}

func (h *heart) refund(purchase Payment, request string, amount int64) Payment {
	h.t.Helper()
	r, err := h.StartRefund(h.t.Context(), refundOrder(purchase, request, amount))
	h.must(err)
	return r
}

func refundOrder(purchase Payment, request string, amount int64) RefundOrder {
	return RefundOrder{
		PortalID: "portal", RequestID: request, Purchase: purchase.ID, Amount: Money{amount, "AUD"},
		Terminal: order("").Terminal, Reason: "returned", By: mere,
	}
}

func TestClocksRunWithoutAnybodyToAsk(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	delete(h.gateways, "linkly")
	h.wantState(h.run(p.ID, 4*time.Minute), Unknown)
	h.wantState(h.run(p.ID, 15*time.Minute), Review)
}

func TestAnswerThatMakesNoSenseDoesNotStopTheClocks(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(Answer{}, nil)
	h.wantState(h.run(p.ID, 4*time.Minute), Unknown)
}

func TestOutcomeThatIsNotBookedRaisesNoAlertAboutItsAmount(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	p := h.sent()
	h.bank.answers(decline(), nil)
	h.wantState(h.step(p.ID), Declined)
	h.wantNoAlert(p.ID)

	h.bank.answers(Answer{Kind: Decided, Status: 200, Result: &Result{Success: true}}, nil)
	h.wantState(h.step(p.ID), Declined)
	h.wantAlert(p.ID, AlertContradiction)
	for _, a := range h.detail(p.ID).Alerts {
		if a.Code == AlertAmountMissing {
			t.Errorf("nothing is booked, but the alert says: %s", a.Text)
		}
	}
}

func TestAlertThatWasDealtWithOpensAnewWithAnotherFact(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		p := h.sent()
		h.bank.answers(decline(), nil)
		h.wantState(h.step(p.ID), Declined)
		h.must(h.Receive(t.Context(), p, Message{Result: approved(18700)}))
		h.wantAlert(p.ID, AlertContradiction)
		h.must(h.Acknowledge(t.Context(), p.ID, AlertContradiction, mere))
		if open, err := h.OpenAlerts(t.Context(), "portal"); err != nil || len(open) != 0 {
			t.Fatalf("still open: %v, %v", open, err)
		}
		h.must(h.Receive(t.Context(), p, Message{Result: approved(18700)}))
		if open, err := h.OpenAlerts(t.Context(), "portal"); err != nil || len(open) != 1 {
			t.Errorf("a second contradiction is hidden: %v, %v", open, err)
		}
	})
}
