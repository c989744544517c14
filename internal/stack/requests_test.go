package stack

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

// The whole way of a refund that its asker may not make: asked, approved by
// somebody else, sent by whoever serves the customer.
func TestARefundIsAskedForApprovedAndWaitsForTheCard(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
		in := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "60.00", "reason": "returned item"}
		act(s.cashier, sale, "refunds", in).refused(403, "forbidden", "")

		r := act(s.cashier, sale, "refund-requests", in).Want(http.StatusAccepted)
		again := act(s.cashier, sale, "refund-requests", in).Want(http.StatusAccepted)
		act(s.cashier, sale, "refund-requests", in.with("amount", "61.00")).refused(409, "request_reused", "")
		act(s.cashier, sale, "refund-requests", in.with("requestId", "r-9").with("amount", "100.01")).refused(409, "over_refund", "amount")
		if r.Text("state") != "waiting" || again.Text("id") != r.Text("id") {
			t.Fatalf("the request is %v, again %v", r, again)
		}
		s.awaitNotice(Admin, "60.00")
		if items := s.admin.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK).List("items"); len(items) != 1 ||
			items[0].Text("type") != "refund_request" || items[0].Text("refundRequest") != r.Text("id") {
			t.Errorf("the attention desk shows %v", items)
		}

		request := "/api/v1/refund-requests/" + r.Text("id")
		s.cashier.Do(http.MethodPost, request+"/approve", Object{"reason": "mine"}).refused(403, "forbidden", "")
		s.cashier.Do(http.MethodPost, request+"/send", Object{"requestId": "s-0"}).refused(409, "wrong_state", "")
		s.admin.Do(http.MethodPost, request+"/approve", Object{"reason": " "}).refused(422, "invalid", "reason")
		done := s.admin.Do(http.MethodPost, request+"/approve", Object{"reason": "seen the goods"}).Want(http.StatusOK)
		if done.Text("state") != "approved" || done.Text("decidedBy", "id") != itoa(Admin) || done.Text("answer") != "seen the goods" {
			t.Errorf("approved: %v", done)
		}
		s.admin.Do(http.MethodPost, request+"/approve", Object{"reason": "again"}).refused(409, "wrong_state", "")
		s.awaitNotice(Cashier, "approved")
		if got := s.show(sale).Text("refundable", "amount"); got != "40.00" {
			t.Errorf("what is approved is not reserved: %s left", got)
		}
		act(s.admin, sale, "refunds", in.with("requestId", "r-2").with("amount", "40.01")).refused(409, "over_refund", "amount")

		s.Terminal.Auto(linklysim.AutoConfig{Cancel: true})
		first := s.cashier.Do(http.MethodPost, request+"/send", Object{"requestId": "s-1"}).Want(http.StatusAccepted).Text("id")
		s.AwaitPayment(s.cashier, first, "cancelled")
		s.Terminal.Auto(linklysim.AutoConfig{})
		refund := s.cashier.Do(http.MethodPost, request+"/send", Object{"requestId": "s-2"}).Want(http.StatusAccepted)
		s.AwaitPayment(s.cashier, refund.Text("id"), "approved")
		s.cashier.Do(http.MethodPost, request+"/send", Object{"requestId": "s-3"}).refused(409, "wrong_state", "")
		if got := s.cashier.Do(http.MethodGet, request, nil).Want(http.StatusOK); got.Text("state") != "done" || got.Text("refund", "id") != refund.Text("id") {
			t.Errorf("the request ends as %v", got)
		}
		s.admin.Do(http.MethodPost, request+"/reject", Object{"reason": "too late"}).refused(409, "wrong_state", "")
		if open := s.admin.Do(http.MethodGet, "/api/v1/refund-requests", nil).Want(http.StatusOK).List("items"); len(open) != 0 {
			t.Errorf("still listed: %v", open)
		}
		var story []string
		for _, h := range s.show(sale).List("history") {
			if strings.Contains(h.Text("event"), "request") {
				story = append(story, h.Text("event")+" by "+h.Text("by")+": "+h.Text("why"))
			}
		}
		if got := strings.Join(story, "; "); got != "refund_requested by 14: returned item; request_approved by 1: seen the goods" {
			t.Errorf("the sale's history tells %s", got)
		}
		s.honest()
	})
}

// awaitNotice waits until somebody's notification centre in the portal says it.
func (s *shop) awaitNotice(user int, text string) {
	s.t.Helper()
	s.Await("a notice about "+text, func() bool {
		for _, n := range s.Bitrix.Notifications(user) {
			if strings.Contains(n.Message, text) {
				return true
			}
		}
		return false
	})
}

func TestARejectedRequestReservesNothingAndALimitNeedsApproval(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), Object{"refundLimits": Object{"*": Object{"amount": "30.00", "currency": "AUD"}}})
	s.admin.grant("14", "take", "refund").Want(http.StatusOK)
	sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
	in := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "20.00", "reason": "returned item"}
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.cashier, act(s.cashier, sale, "refunds", in).Want(http.StatusAccepted).Text("id"), "approved")
	above := act(s.cashier, sale, "refunds", in.with("requestId", "r-2")).refused(403, "forbidden", "") // 40 in two steps
	if !strings.Contains(above.Text("detail"), "Ask for it") {
		t.Errorf("the refusal says %s", above.Text("detail"))
	}
	r := act(s.cashier, sale, "refund-requests", in.with("requestId", "r-3")).Want(http.StatusAccepted).Text("id")
	s.admin.Do(http.MethodPost, "/api/v1/refund-requests/"+r+"/reject", Object{"reason": "no receipt"}).Want(http.StatusOK)
	s.awaitNotice(Cashier, "no receipt")
	s.admin.Do(http.MethodPost, "/api/v1/refund-requests/"+r+"/approve", Object{"reason": "x"}).refused(409, "wrong_state", "")
	s.cashier.Do(http.MethodPost, "/api/v1/refund-requests/"+r+"/send", Object{"requestId": "s-1"}).refused(409, "wrong_state", "")
	if got := s.show(sale).Text("refundable", "amount"); got != "80.00" {
		t.Errorf("%s can be refunded", got)
	}
	s.refund("r-4", sale, "80.00") // administrators have no limit
	s.honest()
}

// Fifty hands at once, on both databases: requests approved, refunds started,
// requests sent. What goes back never exceeds what was taken.
func TestFiftyRefundsAndApprovalsAtOnceNeverExceedTheSale(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
		terminals := []string{s.terminal, s.pairSpare("Counter 2"), s.pairSpare("Counter 3")}
		s.Terminal.Auto(linklysim.AutoConfig{})
		in := func(n int, prefix string) Object {
			return Object{"requestId": prefix + itoa(n), "terminal": terminals[n%3], "amount": "30.00", "reason": "returned item"}
		}
		var requests []string
		for n := range 10 {
			requests = append(requests, act(s.cashier, sale, "refund-requests", in(n, "q-")).Want(http.StatusAccepted).Text("id"))
		}
		var wait sync.WaitGroup
		for n := range 50 {
			wait.Go(func() {
				request := "/api/v1/refund-requests/" + requests[n%10]
				switch n % 3 {
				case 0:
					act(s.admin, sale, "refunds", in(n, "r-"))
				case 1:
					s.admin.Do(http.MethodPost, request+"/approve", Object{"reason": "yes"})
				default:
					s.admin.Do(http.MethodPost, request+"/approve", Object{"reason": "yes"})
					s.cashier.Do(http.MethodPost, request+"/send", Object{"requestId": "s-" + itoa(n), "terminal": terminals[n%3]})
				}
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
		held := 0
		for _, r := range s.show(sale).List("refundRequests") {
			if r.Text("state") == "approved" {
				held++
			}
		}
		if back := len(s.show(sale).List("refunds")); back+held != 3 || s.show(sale).Text("refundable", "amount") != "10.00" {
			t.Errorf("%d refunds of 30.00 and %d approved requests of a sale of 100.00, %s left", back, held, s.show(sale).Text("refundable", "amount"))
		}
		s.honest()
	})
}

func TestARefundWithoutALinkIsBehindARightAndASwitch(t *testing.T) {
	t.Parallel()
	pad := everything()
	pad.UnmatchedRefunds, pad.NoRFN = true, true
	s := openTill(t, pad, nil)
	sale := s.paid(s.order("p-1", s.invoice("i-1", "50.00"), "50.00")).Text("id")
	in := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "50.00", "reason": "returned item", "unmatched": true}
	act(s.admin, sale, "refunds", in.with("unmatched", nil)).refused(409, "wrong_state", "")
	act(s.admin, sale, "refunds", in).refused(409, "wrong_state", "") // the portal does not allow it
	s.admin.Do(http.MethodPatch, "/api/v1/till-policy", Object{"unmatchedRefunds": true}).Want(http.StatusOK)
	s.admin.grant("14", "take", "refund").Want(http.StatusOK)
	act(s.cashier, sale, "refunds", in).refused(403, "forbidden", "")
	s.admin.grant("14", "take").Want(http.StatusOK)
	asked := act(s.cashier, sale, "refund-requests", in.with("requestId", "q-1")).Want(http.StatusAccepted).Text("id")
	s.admin.grant("15", "approve").Want(http.StatusOK) // without the right to what has no link
	s.Enter(15, "CRM_DEAL_DETAIL_TAB", 512).Do(http.MethodPost, "/api/v1/refund-requests/"+asked+"/approve", Object{"reason": "yes"}).
		refused(403, "forbidden", "")
	s.admin.grant("14", "take", "refund", "refund_unmatched").Want(http.StatusOK)
	s.Terminal.Auto(linklysim.AutoConfig{})
	refund := act(s.cashier, sale, "refunds", in).Want(http.StatusAccepted)
	p := s.AwaitPayment(s.cashier, refund.Text("id"), "approved")
	if p.at("asked", "unmatched") != true || s.show(sale).Text("refundable", "amount") != "0.00" {
		t.Errorf("the refund is %v", p)
	}
	act(s.cashier, sale, "refunds", in.with("requestId", "r-2").with("amount", "0.01")).refused(409, "over_refund", "amount")
	s.honest()
}
