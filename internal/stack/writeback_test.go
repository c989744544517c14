package stack

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	linklysim "receivepayment/linkly/sim"
)

// told asserts that the CRM knows of the payment exactly once: the invoice is
// in its paid stage, and one entry stands on the invoice and one on the deal.
func (s *shop) told(t *testing.T) {
	t.Helper()
	if inv, _ := s.Bitrix.Invoice(77); inv.Stage != "DT31_3:P" {
		t.Errorf("the invoice is in stage %s", inv.Stage)
	}
	for name, entries := range map[string][]bitrixsim.TimelineEntry{
		"invoice": s.Bitrix.Timeline(31, 77), "deal": s.Bitrix.Timeline(2, 512),
	} {
		if len(entries) != 1 {
			t.Errorf("%d entries on the %s, want one", len(entries), name)
		}
	}
}

func TestTimelineSaysWhatColleaguesAndTheBankAskFor(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	p := s.paid(s.order("p-1", s.invoice("i-1", "187.00"), "187.00"))
	s.awaitWriteBacks(s.cashier, p.Text("id"))
	s.told(t)
	for _, entry := range []bitrixsim.TimelineEntry{s.Bitrix.Timeline(31, 77)[0], s.Bitrix.Timeline(2, 512)[0]} {
		for _, word := range []string{
			"187.00", "AUD", "VISA", "1142", p.Text("result", "authCode"), p.Text("result", "rrn"), p.Text("txnRef"), "Counter 1", "Mere Tane",
		} {
			if !strings.Contains(entry.Text, word) {
				t.Errorf("the entry does not say %q: %s", word, entry.Text)
			}
		}
	}
	refund := s.refund("r-1", p.Text("id"), "187.00")
	s.awaitWriteBacks(s.admin, refund.Text("id"))
	entries := s.Bitrix.Timeline(31, 77)
	if len(entries) != 2 || !strings.Contains(entries[1].Title, "refund") || !strings.Contains(entries[1].Text, "187.00") {
		t.Errorf("after the refund: %+v", entries)
	}
	s.honest()
}

func TestPartPaymentLeavesTheStageAlone(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc := s.invoice("i-1", "187.00")
	p := s.paid(s.order("p-1", doc, "87.00"))
	s.awaitWriteBacks(s.cashier, p.Text("id"))
	if inv, _ := s.Bitrix.Invoice(77); inv.Stage != "DT31_3:N" {
		t.Errorf("partly paid, and in stage %s", inv.Stage)
	}
	p = s.paid(s.order("p-2", doc, "100.00"))
	s.awaitWriteBacks(s.cashier, p.Text("id"))
	if inv, _ := s.Bitrix.Invoice(77); inv.Stage != "DT31_3:P" {
		t.Errorf("covered, and in stage %s", inv.Stage)
	}
	s.honest()
}

// Each of these happens once while the CRM is told. The payment is approved all
// the same, and in the end the CRM knows of it once.
func TestWriteBacksSurviveTheCRMsFaultsExactlyOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []bitrixsim.FaultKind{
		bitrixsim.FaultErrorBefore, bitrixsim.FaultErrorAfter, bitrixsim.FaultLostAnswer, bitrixsim.FaultHTML,
		bitrixsim.FaultDown, bitrixsim.FaultQueryLimit, bitrixsim.FaultOperationLimit, bitrixsim.FaultExpiredToken,
		bitrixsim.FaultSlow, bitrixsim.FaultAccessDenied,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := openShop(t, Options{})
			order := s.order("p-1", s.invoice("i-1", ""), "287.00")
			for _, method := range []string{"crm.item.update", "crm.activity.configurable.add"} {
				s.Bitrix.Inject(bitrixsim.Fault{Kind: kind, Method: method, Times: 1, Delay: 300 * time.Millisecond})
			}
			p := s.paid(order).Text("id")
			s.awaitTold(p)
			s.told(t)
			s.happened()
			s.honest()
		})
	}
}

// happened asserts that every fault that was ordered has come.
func (s *shop) happened() {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.Portal+"/control/faults", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	left, err := io.ReadAll(res.Body)
	if err != nil || strings.TrimSpace(string(left)) != "[]" {
		s.t.Errorf("never happened: %s", left)
	}
}

// awaitTold waits like awaitWriteBacks and presses retry now and then, as
// somebody who looks at the payment would.
func (s *shop) awaitTold(payment string) {
	s.t.Helper()
	s.Await("the CRM knows of "+payment, func() bool {
		rows := s.show(payment).List("writeBacks")
		done := len(rows) > 0
		for _, w := range rows {
			if w.Text("state") == "done" {
				continue
			}
			done = false
			if w.Text("lastError") != "" {
				act(s.cashier, payment, "write-backs/"+w.Text("target")+"/retry", nil).Want(http.StatusAccepted)
			}
		}
		return done
	})
}

// What only a person can mend asks for one at once, with the CRM's own words;
// retry does it when it is mended.
func TestWriteBackThatNeedsAPersonSaysSoAndIsRetried(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	s.Bitrix.Require("DT31_3:P", "comments")
	p := s.paid(order).Text("id")
	var stuck Object
	s.Await("the stage needs a person", func() bool {
		for _, w := range s.show(p).List("writeBacks") {
			if w.Text("target") == "invoice" && w.Text("state") == "attention" {
				stuck = w
				return true
			}
		}
		return false
	})
	if stuck.Text("lastError") == "" || stuck.Text("dueAt") == "" || stuck["attempts"] != 1.0 {
		t.Errorf("the write-back is %v", stuck)
	}
	items := s.admin.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK).List("items")
	if len(items) != 1 || items[0].Text("type") != "write_back" || items[0].Text("recommended") == "" {
		t.Errorf("the attention desk shows %v", items)
	}
	if got := s.document().Text("status"); got != "paid" {
		t.Errorf("the document is %s: the payment does not wait for the CRM", got)
	}

	s.Bitrix.Unrequire("DT31_3:P")
	act(s.cashier, p, "write-backs/invoice/retry", nil).Want(http.StatusAccepted)
	s.awaitWriteBacks(s.cashier, p)
	s.told(t)
	act(s.cashier, p, "write-backs/invoice/retry", nil).Want(http.StatusAccepted) // done already: nothing happens
	act(s.cashier, p, "write-backs/nonsense/retry", nil).refused(404, "not_found", "")
	act(s.cashier, "p_nowhere", "write-backs/invoice/retry", nil).refused(404, "not_found", "")
	s.told(t)
	s.honest()
}

// A dead token of the administrator silences us towards the CRM, not towards
// the customer; the administrator heals it by opening the app.
func TestDeadTokenIsHealedByTheAdministrator(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	id := s.taken(order)
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultRefreshRefused})
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultExpiredToken, Times: 1})
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.cashier, id, "approved")
	s.Await("somebody is asked for", func() bool {
		for _, i := range s.admin.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK).List("items") {
			if i.Text("type") == "portal" && i.Text("code") == "token" {
				return true
			}
		}
		return false
	})

	s.Bitrix.Heal()
	s.Enter(Admin, "DEFAULT", 0)
	s.awaitTold(id)
	s.told(t)
	if got := s.admin.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK).List("items"); len(got) != 0 {
		t.Errorf("the attention desk still shows %v", got)
	}
	s.honest()
}

// The portal moves to another address in the middle: the old one redirects, and
// the auth server says where to.
func TestPortalThatMovesIsFollowed(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	moved := strings.Replace(strings.TrimPrefix(s.Portal, "http://"), "127.0.0.1", "localhost", 1)
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultDomainMove, Method: "crm.item.update", Times: 1, Value: moved})
	p := s.paid(order).Text("id")
	s.awaitTold(p)
	s.told(t)
	s.happened()
	if !strings.Contains(s.dump(t).String(), moved) {
		t.Error("the new address is not kept")
	}
	if got := len(s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK).List("documents")); got != 1 {
		t.Errorf("after the move the deal has %d documents", got)
	}
	s.honest()
}

// While the CRM is away a new payment is refused, because its amount cannot be
// read; one that is open goes on.
func TestCRMThatIsDownStopsNoOpenPayment(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc := s.invoice("i-1", "100.00")
	next := s.invoice("i-2", "50.00")
	id := s.taken(s.order("p-1", doc, "100.00"))
	s.awaitDisplay(id, "cancel")
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultDown})
	s.send(s.order("p-2", next, "50.00")).refused(503, "upstream_unavailable", "")
	s.cashier.Do(http.MethodGet, dealAddress, nil).refused(503, "upstream_unavailable", "")
	s.add(Object{"requestId": "i-3", "deal": "512"}).refused(503, "upstream_unavailable", "")
	s.Terminal.Auto(linklysim.AutoConfig{})
	p := s.AwaitPayment(s.cashier, id, "approved")
	for _, w := range p.List("writeBacks") {
		unasked := w.Text("target") == "notice" || w.Text("target") == "trigger" // nobody chose to be told: done without a call
		if w.Text("state") == "done" && !unasked {
			t.Errorf("the %s is told although the CRM is down", w.Text("target"))
		}
	}
	s.Bitrix.Heal()
	s.awaitTold(id)
	s.told(t)
	s.honest()
}
