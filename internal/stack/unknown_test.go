package stack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	linklysim "receivepayment/linkly/sim"
)

// hurried shortens the clocks, so that an unknown outcome is reached while a
// test waits.
func hurried(c *house.Config) {
	c.SilenceAfter, c.UnknownAfter, c.ReviewAfter = 100*time.Millisecond, 600*time.Millisecond, time.Hour
}

// mute lets nothing be learnt: no callback arrives and no question is answered.
func mute() linklysim.Faults {
	return linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1}
}

// unknownPayment takes a payment whose outcome cannot be learnt.
func unknownPayment(t *testing.T, s *Stack, admin, cashier Client, terminal string) (payment, document string) {
	t.Helper()
	s.Terminal.Auto(linklysim.AutoConfig{})
	invoice := cashier.Do(http.MethodPost, "/api/v1/invoices", Object{"requestId": "i-1", "deal": "512"}).Want(http.StatusCreated)
	s.Linkly.SetFaults(mute())
	p := cashier.Do(http.MethodPost, "/api/v1/payments", Object{
		"requestId": "p-1", "document": invoice.Text("id"), "terminal": terminal, "amount": "287.00", "currency": "AUD",
	}).Want(http.StatusAccepted)
	s.AwaitPayment(admin, p.Text("id"), "unknown")
	return p.Text("id"), invoice.Text("id")
}

func desk(c Client) []Object {
	return c.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK).List("items")
}

func TestUnknownOutcomeBlocksTheDocumentUntilTheTruthComes(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{Change: hurried})
	admin := s.Install()
	terminal := s.Pair(admin)
	cashier := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	if items := desk(admin); len(items) != 0 {
		t.Fatalf("the attention desk is not empty on a good day: %v", items)
	}
	payment, document := unknownPayment(t, s, admin, cashier, terminal)

	second := Object{"requestId": "p-2", "document": document, "terminal": terminal, "amount": "287.00", "currency": "AUD"}
	if code := cashier.Do(http.MethodPost, "/api/v1/payments", second).Want(http.StatusConflict).Text("code"); code != "document_open" {
		t.Errorf("a second attempt is refused with %s", code)
	}
	if items := desk(admin); len(items) != 1 || items[0].Text("code") != "unknown" || items[0].Text("recommended") == "" {
		t.Errorf("the attention desk shows %v", items)
	}

	// The operator serves the next customer; then the network comes back.
	released := cashier.Do(http.MethodPost, "/api/v1/payments/"+payment+"/release", nil).Want(http.StatusOK)
	if released["released"] != true {
		t.Error("the terminal is not released")
	}
	s.Linkly.SetFaults(nil)
	cashier.Do(http.MethodPost, "/api/v1/payments/"+payment+"/check", nil).Want(http.StatusAccepted)
	p := s.AwaitPayment(cashier, payment, "approved")
	if alerts := p.List("alerts"); len(alerts) != 1 || alerts[0].Text("code") != "late_approval" {
		t.Errorf("a late approval of a released payment raises %v", alerts)
	}

	cashier.Do(http.MethodPost, "/api/v1/payments/"+payment+"/alerts/late_approval/acknowledge", nil).Want(http.StatusOK)
	s.Await("the desk is empty again", func() bool { return len(desk(admin)) == 0 })
}

func TestDecisionAboveTheLimitTakesTwoPeople(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{Change: hurried})
	admin := s.Install()
	terminal := s.Pair(admin)
	cashier := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	admin.Do(http.MethodPut, "/api/v1/settings", Object{"resolveLimit": Object{"amount": "100.00", "currency": "AUD"}}).Want(http.StatusOK)
	admin.Do(http.MethodPut, "/api/v1/rights/14", Object{"rights": []string{"take", "resolve"}}).Want(http.StatusOK)
	payment, _ := unknownPayment(t, s, admin, cashier, terminal)
	address := "/api/v1/payments/" + payment + "/resolve"

	first := cashier.Do(http.MethodPost, address, Object{"outcome": "not_paid", "reason": "journal shows nothing"}).Want(http.StatusAccepted)
	if first.Text("state") != "unknown" || first.Text("pendingApproval", "outcome") != "not_paid" {
		t.Fatalf("the first decision: state %s, pending %v", first.Text("state"), first["pendingApproval"])
	}
	again := cashier.Do(http.MethodPost, address, Object{"outcome": "not_paid", "reason": "still nothing"}).Want(http.StatusAccepted)
	if again.Text("state") != "unknown" {
		t.Fatal("one person decided twice")
	}
	other := admin.Do(http.MethodPost, address, Object{"outcome": "paid", "reason": "receipt seen"}).Want(http.StatusAccepted)
	if other.Text("pendingApproval", "outcome") != "paid" {
		t.Fatal("two people who disagree decided")
	}
	done := cashier.Do(http.MethodPost, address, Object{"outcome": "paid", "reason": "now I see it"}).Want(http.StatusOK)
	if done.Text("state") != "approved" || done.Text("result", "source") != "manual" {
		t.Fatalf("state %s on the word of %s", done.Text("state"), done.Text("result", "source"))
	}
}

func TestManualNotPaidIsToldToTheTimelineAndALaterApprovalIsBooked(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{Change: hurried})
	admin := s.Install()
	terminal := s.Pair(admin)
	cashier := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	payment, _ := unknownPayment(t, s, admin, cashier, terminal)

	cashier.Do(http.MethodPost, "/api/v1/payments/"+payment+"/resolve", Object{"outcome": "not_paid", "reason": "x"}).Want(http.StatusForbidden)
	admin.Do(http.MethodPost, "/api/v1/payments/"+payment+"/resolve", Object{"outcome": "not_paid", "reason": "journal shows nothing"}).Want(http.StatusOK)
	s.Await("the decision stands in the timeline", func() bool { return len(s.Bitrix.Timeline(31, 77)) == 1 })

	s.Linkly.SetFaults(nil)
	admin.Do(http.MethodPost, "/api/v1/payments/"+payment+"/check", nil).Want(http.StatusAccepted)
	p := s.AwaitPayment(admin, payment, "approved")
	if p.Text("result", "source") != "asked" || len(p.List("alerts")) == 0 {
		t.Errorf("booked on the word of %s with alerts %v", p.Text("result", "source"), p.List("alerts"))
	}
	s.Await("the approval stands in the timeline too", func() bool { return len(s.Bitrix.Timeline(31, 77)) == 2 })
	s.Await("the notice of the unknown result gave way to that of the approval", func() bool {
		got := s.Bitrix.Notifications(Cashier)
		return len(got) == 1 && strings.Contains(got[0].Message, "approved") && got[0].Replaced > 0
	})
}

func TestBusyTerminalSaysWhoHoldsItAndWhichIsFree(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	admin := s.Install()
	terminal := s.Pair(admin)
	spare := s.Linkly.AddTerminal(linklysim.TerminalConfig{Name: "Counter 2", Username: "demo", Password: "demo"})
	admin.Do(http.MethodPost, "/api/v1/terminals", Object{
		"name": "Counter 2", "provider": "linkly", "environment": "sandbox", "secret": spare.PairExisting(),
	}).Want(http.StatusCreated)
	s.Await("both terminals are ready", func() bool {
		for _, one := range admin.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items") {
			if one.Text("status") != "ready" {
				return false
			}
		}
		return true
	})
	cashier := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	first := cashier.Do(http.MethodPost, "/api/v1/invoices", Object{"requestId": "i-1", "deal": "512", "amount": "100.00"}).Want(http.StatusCreated)
	next := cashier.Do(http.MethodPost, "/api/v1/invoices", Object{"requestId": "i-2", "deal": "512", "amount": "50.00"}).Want(http.StatusCreated)
	held := cashier.Do(http.MethodPost, "/api/v1/payments", Object{
		"requestId": "p-1", "document": first.Text("id"), "terminal": terminal, "amount": "100.00", "currency": "AUD",
	}).Want(http.StatusAccepted)

	refused := admin.Do(http.MethodPost, "/api/v1/payments", Object{
		"requestId": "p-2", "document": next.Text("id"), "terminal": terminal, "amount": "50.00", "currency": "AUD",
	}).Want(http.StatusConflict)
	want := "Counter 1 is taking a payment for invoice 77 (Mere Tane, 0 s). Free now: Counter 2."
	if refused.Text("code") != "terminal_busy" || refused.Text("detail") != want {
		t.Errorf("refused with %s: %s", refused.Text("code"), refused.Text("detail"))
	}

	taken := admin.Do(http.MethodPost, "/api/v1/payments/"+held.Text("id")+"/take-over", nil).Want(http.StatusOK)
	if taken.Text("operator", "id") != "1" || taken.Text("startedBy", "id") != "14" {
		t.Errorf("taken over by %v, started by %v", taken["operator"], taken["startedBy"])
	}
}
