package stack

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

func TestRefundIsLinkedToItsSale(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "187.00"), "187.00")).Text("id")
	refund := s.refund("r-1", sale, "50.00")
	if refund.Text("kind") != "refund" || refund.Text("refundOf") != sale || refund.Text("reason") != "returned item" ||
		refund.Text("document") != "SI:77" || refund.Text("amount", "currency") != "AUD" {
		t.Errorf("the refund is %v", refund)
	}
	s.awaitWriteBacks(s.admin, refund.Text("id"))
	p := s.show(sale)
	rows := p.List("refunds")
	if len(rows) != 1 || rows[0].Text("id") != refund.Text("id") || rows[0].Text("kind") != "refund" ||
		rows[0].Text("state") != "approved" || rows[0].Text("amount", "amount") != "50.00" {
		t.Errorf("the sale lists %v", rows)
	}
	if got := p.Text("refundable", "amount"); got != "137.00" {
		t.Errorf("%s can still be refunded", got)
	}
	charges := s.Linkly.Charges()
	if len(charges) != 2 || charges[1].Refunds == "" || charges[1].Refunds != charges[0].RFN {
		t.Errorf("the bank knows %+v", charges)
	}
	s.honest()
}

func TestRefundsThatMayNotBe(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
	refund := s.refund("r-0", sale, "10.00").Text("id")
	s.Terminal.Auto(linklysim.AutoConfig{Card: "nofunds"})
	declined := s.AwaitPayment(s.cashier, s.taken(s.order("p-2", s.invoice("i-2", "50.00"), "50.00")), "declined").Text("id")
	s.Terminal.AutoOff()
	before := s.stored()

	good := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "40.00", "reason": "returned item"}
	for _, one := range []struct {
		name, of    string
		member      string
		value       any
		status      int
		code, field string
	}{
		{"of a declined sale", declined, "", nil, 409, "wrong_state", ""},
		{"of a refund", refund, "", nil, 409, "wrong_state", ""},
		{"of nothing", "p_nowhere", "", nil, 404, "not_found", ""},
		{"more than is left", sale, "amount", "90.01", 409, "over_refund", "amount"},
		{"nothing", sale, "amount", "0.00", 422, "invalid", "amount"},
		{"a negative amount", sale, "amount", "-1.00", 422, "invalid", "amount"},
		{"three decimals", sale, "amount", "1.001", 422, "invalid", "amount"},
		{"a number instead of text", sale, "amount", 40, 422, "invalid", "amount"},
		{"no reason", sale, "reason", nil, 422, "invalid", "reason"},
		{"a blank reason", sale, "reason", "  ", 422, "invalid", "reason"},
		{"a reason of 201 characters", sale, "reason", strings.Repeat("é", 201), 422, "invalid", "reason"},
		{"no terminal", sale, "terminal", nil, 422, "invalid", "terminal"},
		{"an unknown terminal", sale, "terminal", "t_nowhere", 404, "not_found", ""},
		{"no request id", sale, "requestId", nil, 422, "invalid", "requestId"},
	} {
		t.Run(one.name, func(t *testing.T) {
			in := good
			if one.member != "" {
				in = good.with(one.member, one.value)
			}
			act(s.admin.in(t), one.of, "refunds", in).refused(one.status, one.code, one.field)
			if n := s.stored(); n != before {
				t.Errorf("%d payments are stored, want %d", n, before)
			}
		})
	}

	act(s.cashier, sale, "refunds", good).refused(403, "forbidden", "") // take is not refund
	s.admin.Do(http.MethodPut, "/api/v1/rights/14", Object{"rights": []string{"refund"}}).Want(http.StatusOK)
	act(s.cashier, sale, "refunds", good.with("reason", strings.Repeat("é", 200))).Want(http.StatusAccepted)
	open := s.onlyOpen()
	act(s.admin, open, "refunds", good.with("requestId", "r-2")).refused(409, "wrong_state", "")
	s.honest()
}

// onlyOpen is the one payment that the terminal is busy with.
func (s *shop) onlyOpen() string {
	s.t.Helper()
	for _, one := range s.admin.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items") {
		if id := one.Text("busyWith", "payment"); id != "" {
			return id
		}
	}
	s.t.Fatal("no terminal is busy")
	return ""
}

func TestOpenSaleIsNotRefunded(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	sale := s.taken(s.order("p-1", s.invoice("i-1", "100.00"), "100.00"))
	act(s.admin, sale, "refunds", Object{"requestId": "r-1", "terminal": s.terminal, "amount": "1.00", "reason": "x"}).
		refused(409, "not_final", "")
}

// Two terminals, many clicks: what goes back never exceeds what was taken.
func TestRefundsTogetherNeverExceedTheSale(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
		spare := s.pairSpare("Counter 2")
		s.Terminal.Auto(linklysim.AutoConfig{})
		var wait sync.WaitGroup
		for n := range 8 {
			wait.Go(func() {
				terminal := []string{s.terminal, spare}[n%2]
				act(s.admin, sale, "refunds", Object{
					"requestId": "r-" + itoa(n), "terminal": terminal, "amount": "60.00", "reason": "returned item",
				})
			})
		}
		wait.Wait()
		s.Await("every refund is decided", func() bool {
			for _, r := range s.show(sale).List("refunds") {
				if r.Text("state") != "approved" {
					return false
				}
			}
			return true
		})
		if got := s.show(sale); len(got.List("refunds")) != 1 || got.Text("refundable", "amount") != "40.00" {
			t.Errorf("%d refunds, %s left", len(got.List("refunds")), got.Text("refundable", "amount"))
		}
		s.honest()
	})
}

// pairSpare adds one more terminal with a customer who taps, by its secret.
func (s *shop) pairSpare(name string) string {
	s.t.Helper()
	pad := s.Linkly.AddTerminal(linklysim.TerminalConfig{Name: name, Username: "demo", Password: "demo"})
	pad.Auto(linklysim.AutoConfig{})
	id := s.admin.Do(http.MethodPost, "/api/v1/terminals", Object{
		"name": name, "provider": "linkly", "environment": "sandbox", "secret": pad.PairExisting(),
	}).Want(http.StatusCreated).Text("id")
	s.Await(name+" is ready", func() bool {
		return s.admin.Do(http.MethodGet, "/api/v1/terminals/"+id, nil).Want(http.StatusOK).Text("status") == "ready"
	})
	return id
}
