package stack

import (
	"net/http"
	"strings"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

func TestCheckIsTakenInAnyState(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	act(s.cashier, id, "check", nil).Want(http.StatusAccepted)
	s.awaitDisplay(id, "cancel")
	act(s.cashier, id, "check", nil).Want(http.StatusAccepted)
	s.Terminal.Auto(linklysim.AutoConfig{})
	before := s.AwaitPayment(s.cashier, id, "approved")
	after := act(s.cashier, id, "check", nil).Want(http.StatusAccepted)
	if after.Text("state") != "approved" || len(after.List("history")) != len(before.List("history")) {
		t.Errorf("asking again about a decided payment changed it: %v", after["history"])
	}
	act(s.cashier, "p_nowhere", "check", nil).refused(404, "not_found", "")
	s.honest()
}

func TestReleaseFreesTheTerminalAndKeepsTheDocument(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc, next := s.invoice("i-1", "10.00"), s.invoice("i-2", "20.00")
	id := s.taken(s.order("p-1", doc, "10.00"))
	s.awaitDisplay(id, "cancel")
	if got := act(s.cashier, id, "release", nil).Want(http.StatusOK); got["released"] != true || got.Text("state") != "sent" {
		t.Errorf("released: %v", got)
	}
	s.send(s.order("p-2", doc, "10.00")).refused(409, "document_open", "")
	act(s.cashier, id, "keys", Object{"key": "cancel"}).Want(http.StatusAccepted)
	s.AwaitPayment(s.cashier, id, "cancelled")
	act(s.cashier, id, "release", nil).refused(409, "wrong_state", "")
	s.paid(s.order("p-3", next, "20.00"))
	s.honest()
}

func TestOnlyAnUnknownOutcomeIsDecidedByHand(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quick})
	doc := s.invoice("i-1", "10.00")
	id := s.taken(s.order("p-1", doc, "10.00"))
	s.awaitDisplay(id, "cancel")
	decision := Object{"outcome": "paid", "reason": "receipt seen"}
	act(s.admin, id, "resolve", decision).refused(409, "wrong_state", "")

	s.Linkly.SetFaults(linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1})
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.admin, id, "unknown")
	act(s.cashier, id, "resolve", decision).refused(403, "forbidden", "")
	act(s.admin, "p_nowhere", "resolve", decision).refused(404, "not_found", "")
	for field, in := range map[string]Object{
		"outcome": decision.with("outcome", "maybe"),
		"reason":  decision.with("reason", " "),
	} {
		act(s.admin, id, "resolve", in).refused(422, "invalid", field)
	}
	act(s.admin, id, "resolve", decision.with("reason", strings.Repeat("é", 201))).refused(422, "invalid", "reason")
	act(s.admin, id, "resolve", decision.with("outcome", nil)).refused(422, "invalid", "outcome")

	done := act(s.admin, id, "resolve", decision.with("reason", strings.Repeat("é", 200))).Want(http.StatusOK)
	if done.Text("state") != "approved" || done.Text("result", "source") != "manual" || done.at("result", "confirmedAt") != nil ||
		done.Text("approved", "amount") != "10.00" {
		t.Errorf("decided by hand: %v", done)
	}
	act(s.admin, id, "resolve", decision).refused(409, "wrong_state", "")

	// The truth still comes, and the source stays whose word it was... until our own question agrees.
	s.Linkly.SetFaults(nil)
	act(s.admin, id, "check", nil).Want(http.StatusAccepted)
	s.Await("our own question agrees", func() bool { return s.show(id).Text("result", "confirmedAt") != "" })
	p := s.show(id)
	if p.Text("state") != "approved" || p.Text("result", "source") != "manual" {
		t.Errorf("confirmed: %s on the word of %s", p.Text("state"), p.Text("result", "source"))
	}
	s.honest()
}

// A manual "paid" that proves not paid goes to a person again.
func TestManualPaidThatProvesNotPaidIsReviewed(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quick})
	s.Terminal.Auto(linklysim.AutoConfig{Card: "nofunds"})
	s.Linkly.SetFaults(linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1})
	id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.AwaitPayment(s.admin, id, "unknown")
	act(s.admin, id, "resolve", Object{"outcome": "paid", "reason": "customer says so"}).Want(http.StatusOK)
	s.Linkly.SetFaults(nil)
	act(s.admin, id, "check", nil).Want(http.StatusAccepted)
	p := s.AwaitPayment(s.admin, id, "review")
	if alerts := p.List("alerts"); len(alerts) != 1 || alerts[0].Text("code") != "contradiction" {
		t.Errorf("alerts %v", alerts)
	}
	if p["approved"] != nil || p["result"] != nil {
		t.Errorf("in review with approved %v, result %v", p["approved"], p["result"])
	}
	done := act(s.admin, id, "resolve", Object{"outcome": "not_paid", "reason": "the bank says no"}).Want(http.StatusOK)
	if done.Text("state") != "declined" {
		t.Errorf("resolved as not paid it is %s", done.Text("state"))
	}
	s.honest()
}

// Who may decide is called, once, and whoever has asked need not be told.
func TestManagersAreCalledToAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quick})
	id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.awaitDisplay(id, "cancel")
	act(s.cashier, id, "ask-manager", nil).refused(409, "wrong_state", "")

	s.Linkly.SetFaults(linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1})
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.admin, id, "unknown")
	for range 2 {
		act(s.cashier, id, "ask-manager", nil).Want(http.StatusAccepted)
	}
	act(s.admin, id, "ask-manager", nil).Want(http.StatusAccepted)
	// That the outcome is not known, whoever started the payment is told besides.
	asked := func(person int) (calls []string) {
		for _, n := range s.Bitrix.Notifications(person) {
			if strings.Contains(n.Message, "asks for help") {
				calls = append(calls, n.Message)
			}
		}
		return calls
	}
	s.Await("the administrator is told", func() bool { return len(asked(1)) == 1 })
	if told := asked(1)[0]; !strings.Contains(told, "10.00") || !strings.Contains(told, "Counter 1") {
		t.Errorf("told: %s", told)
	}
	if told := asked(14); len(told) != 0 {
		t.Errorf("the cashier is told too: %v", told)
	}
}
