package stack

import (
	"net/http"
	"sync"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

func TestRepeatedSendPaymentIsTheSamePayment(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		order := s.order("p-1", s.invoice("i-1", ""), "287.00")
		const clicks = 12
		ids := make([]string, clicks)
		var wait sync.WaitGroup
		for n := range clicks {
			wait.Go(func() { ids[n] = s.taken(order) })
		}
		wait.Wait()
		for n, id := range ids {
			if id != ids[0] {
				t.Errorf("click %d got %s, click 0 got %s", n, id, ids[0])
			}
		}
		s.Terminal.Auto(linklysim.AutoConfig{})
		s.AwaitPayment(s.cashier, ids[0], "approved")
		if got := len(s.Linkly.Charges()); got != 1 {
			t.Fatalf("%d charges for one payment", got)
		}
		if got := s.taken(order); got != ids[0] {
			t.Errorf("repeated after the approval it is %s", got)
		}
		s.honest()
	})
}

// The id is looked up before every other check: what would be refused today is
// answered with the payment that it made yesterday.
func TestRepetitionIsAnsweredBeforeEveryOtherCheck(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	p := s.paid(order).Text("id")
	s.Await("the invoice is paid in the CRM", func() bool {
		inv, _ := s.Bitrix.Invoice(77)
		return inv.Stage == "DT31_3:P"
	})
	s.Await("the terminal is retired", func() bool {
		return s.admin.Do(http.MethodDelete, "/api/v1/terminals/"+s.terminal, nil).Status == http.StatusNoContent
	})
	s.Bitrix.SetStage(31, 77, "DT31_3:D")

	for name, same := range map[string]Object{
		"word for word":                order,
		"the amount without decimals":  order.with("amount", "287"),
		"with an expectation":          order.with("expectedOutstanding", "1.00"),
		"with extras that are not set": order.with("tip", "").with("moto", false),
	} {
		if got := s.taken(same); got != p {
			t.Errorf("%s: %s, want %s", name, got, p)
		}
	}
	for member, value := range map[string]any{
		"document": "SI:78", "terminal": "t_other", "amount": "286.00", "currency": "NZD",
	} {
		s.send(order.with(member, value)).refused(409, "request_reused", "")
	}
	// Content that cannot even be read is other content too.
	for member, value := range map[string]any{"amount": "287.001", "currency": "???", "terminal": "", "tip": "5.00", "moto": true} {
		s.send(order.with(member, value)).refused(409, "request_reused", "")
	}
	s.honest()
}

func TestPaymentsAndRefundsShareTheirRequestIDs(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	first := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
	other := s.paid(s.order("p-2", s.invoice("i-2", "50.00"), "50.00")).Text("id")
	back := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "40.00", "reason": "returned item"}

	act(s.admin, first, "refunds", back.with("requestId", "p-1")).refused(409, "request_reused", "")
	r := act(s.admin, first, "refunds", back).Want(http.StatusAccepted).Text("id")
	for range 2 {
		if got := act(s.admin, first, "refunds", back.with("amount", "40")).Want(http.StatusAccepted).Text("id"); got != r {
			t.Errorf("repeated, the refund is %s, want %s", got, r)
		}
		s.Terminal.Auto(linklysim.AutoConfig{})
		s.AwaitPayment(s.admin, r, "approved")
	}
	act(s.admin, other, "refunds", back).refused(409, "request_reused", "")
	act(s.admin, "p_nowhere", "refunds", back).refused(409, "request_reused", "")
	for member, value := range map[string]any{"amount": "41.00", "reason": "another reason", "terminal": "t_other"} {
		act(s.admin, first, "refunds", back.with(member, value)).refused(409, "request_reused", "")
	}
	for member, value := range map[string]any{"amount": "x", "reason": "", "terminal": ""} {
		act(s.admin, first, "refunds", back.with(member, value)).refused(409, "request_reused", "")
	}
	s.send(s.order("r-1", "SI:77", "1.00")).refused(409, "request_reused", "")
	s.honest()
}
