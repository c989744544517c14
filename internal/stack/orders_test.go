package stack

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	bitrixsim "receivepayment/bitrix/sim"
	linklysim "receivepayment/linkly/sim"
)

// order900 is the document of the seeded order's one payment.
const order900 = "O:900/1410"

func (c Client) documents(entity string, id int) Object {
	c.t.Helper()
	return c.Do(http.MethodGet, "/api/v1/documents?entity="+entity+"&id="+itoa(id), nil).Want(http.StatusOK)
}

// document picks one of a record's documents.
func (o Object) document(t *testing.T, id string) Object {
	t.Helper()
	for _, d := range o.List("documents") {
		if d.Text("id") == id {
			return d
		}
	}
	t.Fatalf("no document %s among %v", id, o["documents"])
	return nil
}

func TestAnOrdersPaymentIsTakenAndPaidBack(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		s.cashier = s.Enter(Cashier, "CRM_ORDER_DETAIL_TAB", 900)
		seen := s.cashier.documents("order", 900)
		if got := seen.at("toInvoice", "amount"); got != "0.00" {
			t.Errorf("%v of the order is said to be left, though its payment covers it", got)
		}
		d := seen.document(t, order900)
		if d.Text("number") != "900/1" || d.Text("outstanding", "amount") != "540.00" || d.Text("status") != "unpaid" {
			t.Fatalf("the order's payment is %v", d)
		}

		p := s.paid(s.order("o-1", order900, "540.00"))
		s.written(p.Text("id"))
		pay := s.orderPayment(900, 1410)
		if !pay.Paid || pay.PaySystem != "eftpos_terminal" || pay.Fields["psInvoiceId"] != p.Text("txnRef") ||
			pay.Fields["psSum"] != "540.00" || pay.Fields["psStatusCode"] != "00" || pay.Fields["payVoucherNum"] == "" {
			t.Errorf("the order's payment in the portal is %+v", pay)
		}
		if got := s.cashier.documents("order", 900).document(t, order900).Text("status"); got != "paid" {
			t.Errorf("the document is %s", got)
		}
		s.send(s.order("o-2", order900, "1.00")).refused(http.StatusConflict, "already_paid", "")
		if got := len(s.Bitrix.Timeline(14, 900)); got != 1 {
			t.Errorf("the order's timeline has %d entries", got)
		}

		s.orderRefund(t, p, "40.00", true)
		s.orderRefund(t, p, "500.00", false)
		d = s.cashier.documents("order", 900).document(t, order900)
		if d.Text("status") != "refunded" || d.Text("outstanding", "amount") != "540.00" {
			t.Errorf("after the refund the document is %v", d)
		}
		// Paid in cash now: not ours, and not to be charged again.
		s.Bitrix.PayOrder(1410)
		s.send(s.order("o-3", order900, "540.00")).refused(http.StatusConflict, "already_paid", "")
		s.honest()
	})
}

// orderRefund refunds and looks at what the portal was told.
func (s *shop) orderRefund(t *testing.T, purchase Object, amount string, staysPaid bool) {
	t.Helper()
	s.Terminal.Auto(linklysim.AutoConfig{})
	refund := act(s.admin, purchase.Text("id"), "refunds", Object{
		"requestId": "r-" + amount, "terminal": s.terminal, "amount": amount, "reason": "returned",
	}).Want(http.StatusAccepted)
	done := s.AwaitPayment(s.admin, refund.Text("id"), "approved")
	s.Terminal.AutoOff()
	s.written(done.Text("id"))
	pay := s.orderPayment(900, 1410)
	if pay.Paid != staysPaid || pay.IsReturn != "N" || pay.Fields["payReturnNum"] != done.Text("txnRef") ||
		!strings.Contains(pay.Fields["payReturnComment"], amount) || pay.Fields["payReturnDate"] == "" {
		t.Errorf("after refunding %s the order's payment is %+v", amount, pay)
	}
}

// written waits until the portal has been told everything of a payment.
func (s *shop) written(payment string) {
	s.t.Helper()
	s.Await("the portal is told of "+payment, func() bool {
		rows := s.show(payment).List("writeBacks")
		for _, w := range rows {
			if w.Text("state") != "done" {
				return false
			}
		}
		return len(rows) > 0
	})
}

func (s *Stack) orderPayment(order, id int) bitrixsim.OrderPayment {
	s.t.Helper()
	o, _ := s.Bitrix.Order(order)
	for _, p := range o.Payments {
		if p.ID == id {
			return p
		}
	}
	s.t.Fatalf("order %d has no payment %d", order, id)
	return bitrixsim.OrderPayment{}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	lines := []bitrixsim.Line{{Name: "Winch", Price: "320"}}

	t.Run("WhatIsLeftBecomesAPaymentOnce", func(t *testing.T) {
		id := s.Bitrix.AddOrder(bitrixsim.NewOrder{Lines: lines, Payments: []string{"120"}})
		c := s.cashier.in(t)
		if got := c.documents("order", id).at("toInvoice", "amount"); got != "200.00" {
			t.Errorf("left without a payment: %v", got)
		}
		ask := Object{"requestId": "add-" + itoa(id), "order": itoa(id)}
		// The answer is lost: the repetition finds what it made.
		s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultLostAnswer, Method: "sale.payment.add", Times: 1})
		c.Do(http.MethodPost, "/api/v1/invoices", ask).refused(http.StatusServiceUnavailable, "upstream_unavailable", "")
		first := c.Do(http.MethodPost, "/api/v1/invoices", ask).Want(http.StatusCreated)
		again := c.Do(http.MethodPost, "/api/v1/invoices", ask).Want(http.StatusCreated)
		if first.Text("id") != again.Text("id") || first.Text("total", "amount") != "200.00" {
			t.Errorf("added %v and then %v", first, again)
		}
		o, _ := s.Bitrix.Order(id)
		if len(o.Payments) != 2 || o.Payments[1].PaySystem != "eftpos_terminal" || o.Payments[1].Paid {
			t.Errorf("the order's payments are %+v", o.Payments)
		}
		c.Do(http.MethodPost, "/api/v1/invoices", Object{"requestId": "more-" + itoa(id), "order": itoa(id)}).
			refused(http.StatusUnprocessableEntity, "invalid", "amount")
		both := ask.with("requestId", "both").with("deal", "512")
		c.Do(http.MethodPost, "/api/v1/invoices", both).refused(http.StatusUnprocessableEntity, "invalid", "order")
	})
	t.Run("OnlyWhoMayReadTheBuyerOrTheDealSeesIt", func(t *testing.T) {
		stranger := s.Enter(16, "CRM_ORDER_DETAIL_TAB", 900).in(t)
		for _, path := range []string{"/api/v1/documents?entity=order&id=900"} {
			stranger.Do(http.MethodGet, path, nil).refused(http.StatusForbidden, "forbidden", "")
		}
		stranger.Do(http.MethodPost, "/api/v1/payments", s.order("x-1", order900, "540.00")).
			refused(http.StatusForbidden, "forbidden", "")
		open := s.Bitrix.AddOrder(bitrixsim.NewOrder{Lines: lines, NoClient: true})
		stranger.documents("order", open)
	})
	t.Run("ADealShowsTheOrdersThatAreBoundToIt", func(t *testing.T) {
		deal := s.Bitrix.AddDeal(bitrixsim.NewDeal{Title: "Refit", Lines: []bitrixsim.Line{{Name: "Work", Price: "500"}}})
		id := s.Bitrix.AddOrder(bitrixsim.NewOrder{Lines: lines, Payments: []string{"320"}, DealID: deal})
		c := s.cashier.in(t)
		seen := c.documents("deal", deal)
		name := "O:" + itoa(id) + "/" + itoa(s.lastOrderPayment(id))
		seen.document(t, name)
		if got := seen.at("toInvoice", "amount"); got != "180.00" {
			t.Errorf("left to invoice: %v", got)
		}
		p := s.paid(s.order("bound", name, "320.00"))
		s.written(p.Text("id"))
		if len(s.Bitrix.Timeline(2, deal)) == 0 || len(s.Bitrix.Timeline(14, id)) == 0 {
			t.Error("the deal or the order was not told")
		}
	})
	t.Run("ACancelledOrderTakesNoPayment", func(t *testing.T) {
		id := s.Bitrix.AddOrder(bitrixsim.NewOrder{Lines: lines, Payments: []string{"320"}})
		s.Bitrix.CancelOrder(id)
		name := "O:" + itoa(id) + "/" + itoa(s.lastOrderPayment(id))
		s.cashier.in(t).Do(http.MethodPost, "/api/v1/payments", s.order("cancelled", name, "320.00")).
			refused(http.StatusConflict, "wrong_state", "")
	})
	t.Run("NamesThatAreNone", func(t *testing.T) {
		for _, name := range []string{"O:900", "O:900/", "O:/1410", "O:0/1", "O:900/1410/1", "900/1410", "O:900/9999"} {
			a := s.cashier.in(t).Do(http.MethodPost, "/api/v1/payments", s.order("n-"+name, name, "1.00"))
			if a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusNotFound {
				t.Errorf("%s: status %d", name, a.Status)
			}
		}
	})
	t.Run("TheInstallerMadeOnePaySystemForEachKindOfBuyer", func(t *testing.T) {
		s.Install()
		systems, handlers := s.Bitrix.PaySystems()
		if diff := cmp.Diff([]string{"eftpos_terminal 3", "eftpos_terminal 4"}, systems); diff != "" {
			t.Errorf("pay systems (-want +got):\n%s", diff)
		}
		if len(handlers) != 1 {
			t.Errorf("handlers: %v", handlers)
		}
	})
	s.honest()
}

// lastOrderPayment is the id of an order's latest payment.
func (s *Stack) lastOrderPayment(order int) int {
	s.t.Helper()
	o, _ := s.Bitrix.Order(order)
	return o.Payments[len(o.Payments)-1].ID
}

// An order is called by its topic where somebody gave it one, by its number
// otherwise, in the viewer's words.
func TestOrderIsCalledByItsTopicOrItsNumber(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	yard := s.Bitrix.AddOrder(bitrixsim.NewOrder{Topic: "Winch for the yard", Price: "320.00", Payments: []string{"320.00"}})
	for id, want := range map[int]string{900: "Order 900", yard: "Winch for the yard"} {
		view := s.cashier.documents("order", id)
		if view.Text("title") != want || view.List("documents")[0].Text("title") != want {
			t.Errorf("order %d is called %q, its payment %q; want %q", id, view.Text("title"), view.List("documents")[0].Text("title"), want)
		}
	}
}
