package payments

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"receivepayment/internal/testkit"
)

// A rule of evidence of design section 4: how to see that it holds, and the
// mistakes that must be seen. The check never fails the test by itself, so
// that it can be run against a planted bug.
type rule struct {
	number int
	says   string
	check  func(h *heart) error
	plants map[string]func(h *heart)
}

func rulesOfEvidence() []rule {
	return []rule{
		{1, "approved only on success, declined only on an explicit no", ruleSuccess, plantedSuccess()},
		{2, "never seen is proof only with care", ruleAbsent, plantedAbsent()},
		{3, "only what certainly did not start never started", ruleNotStarted, plantedNotStarted()},
		{4, "one session, sent once, whatever the sending call says", ruleOnce, plantedOnce()},
		{5, "a refused question says nothing of the sale", ruleQuestion, plantedQuestion()},
		{6, "another pairing's absence is no proof", rulePairing, plantedPairing()},
		{7, "the reported amount is booked, a missing one is the requested", ruleAmount, plantedAmount()},
		{8, "a callback needs the secret of its own session", ruleProof, plantedProof()},
		{9, "one currency for amount, terminal and document", ruleCurrency, plantedCurrency()},
	}
}

func TestRulesOfEvidenceHold(t *testing.T) {
	t.Parallel()
	for _, r := range rulesOfEvidence() {
		t.Run(fmt.Sprintf("%d %s", r.number, r.says), func(t *testing.T) {
			t.Parallel()
			if err := r.check(newHeart(t, testkit.SQLite(t))); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEveryRulesCheckSeesItsPlantedBugs(t *testing.T) {
	t.Parallel()
	for _, r := range rulesOfEvidence() {
		if len(r.plants) == 0 {
			t.Errorf("rule %d has no planted bug", r.number)
		}
		for bug, plant := range r.plants {
			t.Run(fmt.Sprintf("%d %s", r.number, bug), func(t *testing.T) {
				t.Parallel()
				h := newHeart(t, testkit.SQLite(t))
				plant(h)
				if err := r.check(h); err == nil {
					t.Error("nobody would notice")
				}
			})
		}
	}
}

// fresh is a payment of its own document on its own terminal, and one step
// taken: it is sent, however that went.
func (h *heart) fresh() Payment {
	h.t.Helper()
	o := order(newID("r_"))
	o.Terminal.ID, o.Document.ID = newID("t_"), newID("SI:")
	h.addTerminal(o.Terminal.ID)
	p, err := h.Start(h.t.Context(), o)
	h.must(err)
	return h.step(p.ID)
}

func (p Payment) mustBe(when string, states ...State) error {
	for _, s := range states {
		if p.State == s {
			return nil
		}
	}
	return fmt.Errorf("%s: %s, want one of %v", when, p.State, states)
}

func (h *heart) begins(err error) {
	h.bank.mu.Lock()
	defer h.bank.mu.Unlock()
	h.bank.begin = func(Payment) error { return err }
}

func ruleSuccess(h *heart) error {
	p := h.fresh()
	for when, answer := range map[string]Answer{
		"no result in a decided answer": {Kind: Decided, Status: 200},
		"an answer of no kind":          {Status: 200},
		"still working":                 {Kind: Pending, Status: 202},
	} {
		h.bank.answers(answer, nil)
		if err := h.step(p.ID).mustBe(when, Sent); err != nil {
			return err
		}
	}
	h.bank.answers(Answer{}, errNoNetwork)
	if err := h.step(p.ID).mustBe("no answer", Sent); err != nil {
		return err
	}
	h.bank.answers(Answer{Kind: Decided, Status: 200, Result: &Result{Code: "00", Text: "APPROVED"}}, nil)
	if err := h.step(p.ID).mustBe("success is false although code and text are nice", Declined); err != nil {
		return err
	}

	h.bank.answers(Answer{Kind: Decided, Status: 200, Result: &Result{Success: true, Code: "08", Text: "SIGNATURE"}}, nil)
	return h.step(h.fresh().ID).mustBe("success is true although the code is odd", Approved)
}

func ruleAbsent(h *heart) error {
	h.begins(errNoNetwork)
	h.bank.answers(Answer{Kind: Absent, Status: 404}, nil)
	for _, check := range []func(*heart) error{absentNeedsGrace, absentWithoutReturn, absentAfterSeen, absentTooLate} {
		if err := check(h); err != nil {
			return err
		}
	}
	return nil
}

func absentNeedsGrace(h *heart) error {
	p := h.fresh()
	for range 9 {
		h.clock.Advance(time.Second)
		if err := h.step(p.ID).mustBe("the request may still be under way", Sent); err != nil {
			return err
		}
	}
	h.clock.Advance(time.Second)
	for _, wait := range []time.Duration{0, 0, 2 * time.Second} {
		h.clock.Advance(wait)
		if err := h.step(p.ID).mustBe("answers less than 3 s apart are one", Sent); err != nil {
			return err
		}
	}
	h.clock.Advance(time.Second)
	return h.step(p.ID).mustBe("two answers, 3 s apart, after the grace", NeverStarted)
}

// absentWithoutReturn: the process died while it was sending.
func absentWithoutReturn(h *heart) error {
	p := h.place(standing{State: Sent})
	h.rewrite(p.ID, map[string]any{"begin_over_at": nil, "seen": false, "last_event_at": nil})
	for range 7 {
		h.clock.Advance(4 * time.Second)
		if err := h.step(p.ID).mustBe("within 30 s of sending", Sent); err != nil {
			return err
		}
	}
	h.clock.Advance(2 * time.Second)
	if err := h.step(p.ID).mustBe("the first that counts", Sent); err != nil {
		return err
	}
	h.clock.Advance(3 * time.Second)
	return h.step(p.ID).mustBe("the second", NeverStarted)
}

func absentAfterSeen(h *heart) error {
	p := h.fresh()
	h.bank.answers(Answer{Kind: Pending, Status: 202}, nil)
	h.clock.Advance(20 * time.Second)
	h.step(p.ID)
	h.bank.answers(Answer{Kind: Absent, Status: 404}, nil)
	for range 3 {
		h.clock.Advance(20 * time.Second)
		if err := h.step(p.ID).mustBe("the provider knew it once", Sent, Unknown); err != nil {
			return err
		}
	}
	return nil
}

func absentTooLate(h *heart) error {
	p := h.fresh()
	h.clock.Advance(11 * time.Minute)
	for range 3 {
		if err := h.step(p.ID).mustBe("after 10 minutes it may have been forgotten", Unknown); err != nil {
			return err
		}
		h.clock.Advance(5 * time.Second)
	}
	return nil
}

// rewrite changes columns behind apply's back.
func (h *heart) rewrite(id string, to map[string]any) {
	h.t.Helper()
	h.must(h.db.WithContext(h.t.Context()).Model(&Payment{}).Where("id = ?", id).Updates(to).Error)
}

func ruleNotStarted(h *heart) error {
	for _, failure := range []error{
		errNoNetwork, context.DeadlineExceeded, errors.New("403"), errors.New("404"), errors.New("408"),
		errors.New("409"), errors.New("429"), errors.New("302"), errors.New("503"), errors.New("400 the second time"),
	} {
		h.begins(failure)
		if err := h.fresh().mustBe(failure.Error(), Sent); err != nil {
			return err
		}
	}
	h.begins(fmt.Errorf("dial: %w", ErrNotStarted))
	return h.fresh().mustBe("nothing left this machine", NeverStarted)
}

func ruleOnce(h *heart) error {
	h.begins(errors.New("401 twice"))
	h.bank.answers(Answer{}, errNoNetwork)
	p := h.fresh()
	if p.BeginOverAt == nil {
		return errors.New("the end of the sending call is not recorded")
	}
	session := p.SessionID
	for range 20 {
		h.clock.Advance(15 * time.Second)
		p = h.step(p.ID)
	}
	if err := p.mustBe("asked without an answer", Unknown); err != nil {
		return err
	}
	if n := h.bank.begun[session]; n != 1 || p.SessionID != session || len(h.bank.begun) != 1 {
		return fmt.Errorf("sent %d times, in %d sessions", n, len(h.bank.begun))
	}
	return nil
}

func ruleQuestion(h *heart) error {
	h.begins(errNoNetwork)
	h.bank.answers(Answer{Kind: BadQuestion, Status: 400}, nil)
	p := h.run(h.fresh().ID, 2*time.Minute)
	if err := p.mustBe("the question is refused", Sent); err != nil {
		return err
	}
	for _, a := range h.detail(p.ID).Alerts {
		if a.Code == AlertQuestion {
			return nil
		}
	}
	return errors.New("nobody hears of the refused question")
}

func rulePairing(h *heart) error {
	h.begins(errNoNetwork)
	h.bank.answers(Answer{Kind: Absent, Status: 404, OtherPairing: true}, nil)
	p := h.run(h.fresh().ID, 4*time.Minute)
	if err := p.mustBe("only a later pairing was asked", Unknown); err != nil {
		return err
	}
	h.bank.answers(Answer{Kind: Decided, Status: 200, OtherPairing: true, Result: approved(18700)}, nil)
	return h.step(p.ID).mustBe("an outcome is an outcome", Approved)
}

func ruleAmount(h *heart) error {
	zero, less, more := int64(0), int64(10000), int64(18999)
	for _, c := range []struct {
		says  *int64
		books int64
		alert string
	}{{nil, 18700, AlertAmountMissing}, {&zero, 18700, AlertAmountMissing}, {&less, less, ""}, {&more, more, AlertOverApproved}} {
		h.bank.answers(Answer{Kind: Decided, Status: 200, Result: &Result{Success: true, Amount: c.says}}, nil)
		det := h.detail(h.step(h.fresh().ID).ID)
		if det.Collected() != c.books {
			return fmt.Errorf("books %d, want %d", det.Collected(), c.books)
		}
		found := c.alert == ""
		for _, a := range det.Alerts {
			found = found || a.Code == c.alert
		}
		if !found || (c.alert == "" && len(det.Alerts) > 0) {
			return fmt.Errorf("booked %d with alerts %v, want %q", c.books, det.Alerts, c.alert)
		}
	}
	return nil
}

func ruleProof(h *heart) error {
	mine, other := h.fresh(), h.fresh()
	proof, foreign := h.bank.proofs[mine.SessionID], h.bank.proofs[other.SessionID]
	if !mine.Authentic(proof) || proof == "" {
		return errors.New("the payment's own callback is refused")
	}
	for name, header := range map[string]string{
		"another session's": foreign, "none": "", "the stored hash": mine.NotifyHash, "part of it": proof[:len(proof)-1],
	} {
		if mine.Authentic(header) {
			return fmt.Errorf("a callback with %s header is taken", name)
		}
	}
	if unsent := h.place(standing{State: Created}); unsent.Authentic("") || unsent.Authentic(proof) {
		return errors.New("a payment that was not sent takes callbacks")
	}
	if strings.Contains(mine.NotifyHash, strings.TrimPrefix(proof, "Bearer ")) {
		return errors.New("the database holds the secret itself")
	}
	return nil
}

func ruleCurrency(h *heart) error {
	before := h.count()
	for name, change := range map[string]func(*Order){
		"the amount":   func(o *Order) { o.Amount.Currency = "NZD" },
		"the terminal": func(o *Order) { o.Terminal.Currency = "NZD" },
		"the document": func(o *Order) { o.Document.Total.Currency = "NZD" },
	} {
		o := order(newID("r_"))
		change(&o)
		if _, err := h.Start(h.t.Context(), o); !errors.Is(err, ErrWrongCurrency) {
			return fmt.Errorf("%s is in another currency: %w", name, err)
		}
	}
	if after := h.count(); after != before {
		return fmt.Errorf("a refused payment was stored")
	}

	h.bank.answers(approval(18700), nil)
	paid := h.step(h.fresh().ID)
	for name, change := range map[string]func(*RefundOrder){
		"the amount":   func(o *RefundOrder) { o.Amount.Currency = "NZD" },
		"the terminal": func(o *RefundOrder) { o.Terminal.Currency = "NZD" },
	} {
		o := refundOrder(paid, newID("r_"), 100)
		change(&o)
		if _, err := h.StartRefund(h.t.Context(), o); !errors.Is(err, ErrWrongCurrency) {
			return fmt.Errorf("%s of a refund is in another currency: %w", name, err)
		}
	}
	return nil
}

func (h *heart) count() int64 {
	h.t.Helper()
	var n int64
	h.must(h.db.WithContext(h.t.Context()).Model(&Payment{}).Count(&n).Error)
	return n
}
