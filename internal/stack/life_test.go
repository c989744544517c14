package stack

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	linklysim "receivepayment/linkly/sim"
)

func TestApprovedPaymentTellsEverythingThatPeopleAskFor(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		order := s.order("p-1", s.invoice("i-1", "187.00"), "187.00")
		fresh := s.send(order).Want(http.StatusAccepted)
		if fresh.Text("state") != "created" && fresh.Text("state") != "sent" || fresh["final"] != false || fresh["approved"] != nil || fresh["result"] != nil {
			t.Errorf("just taken on: %v", fresh)
		}
		s.Terminal.Auto(linklysim.AutoConfig{})
		id := fresh.Text("id")
		s.AwaitPayment(s.cashier, id, "approved")
		s.awaitWriteBacks(s.cashier, id)
		p := s.show(id)

		approved := map[string]any{
			"amount": "187.00", "currency": "AUD", "surcharge": "0.00", "tip": "0.00", "cashOut": "0.00", "total": "187.00",
		}
		result := map[string]any{
			"responseCode": "00", "responseText": "APPROVED", "cardType": "VISA", "last4": "1142", "entry": "contactless",
			"account": "credit", "source": "asked",
		}
		got, _ := p["result"].(map[string]any)
		for member, pattern := range map[string]string{
			"authCode": `^[0-9]{6}$`, "rrn": `^[0-9]{6,12}$`, "stan": `^[0-9]+$`, "settlementDate": `^20[0-9-]{8}$`, "confirmedAt": `Z$`,
		} {
			if text, _ := got[member].(string); !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("%s is %q", member, text)
			}
			delete(got, member)
		}
		if diff := cmp.Diff(approved, p["approved"]); diff != "" {
			t.Errorf("approved (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(result, got); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		if p["final"] != true || p["released"] != false || p.Text("decidedAt") == "" || p.Text("sentAt") == "" || p["nextLookAt"] != nil {
			t.Errorf("final %v, released %v, decided at %v, sent at %v, next look %v",
				p["final"], p["released"], p["decidedAt"], p["sentAt"], p["nextLookAt"])
		}
		if keys := p.at("display", "keys"); len(keys.([]any)) != 0 {
			t.Errorf("a decided payment still offers %v", keys)
		}
		types := map[string]int{}
		for _, r := range p.List("receipts") {
			types[r.Text("type")]++
		}
		if diff := cmp.Diff(map[string]int{"customer": 1, "merchant": 1}, types); diff != "" {
			t.Errorf("receipts (-want +got):\n%s", diff)
		}
		wantWriteBacks(t, p, "invoice", "timeline", "deal", "notice", "trigger")
		wantHistory(t, p)
		s.honest()
	})
}

// wantHistory asserts an unbroken chain from created to approved.
func wantHistory(t *testing.T, p Object) {
	t.Helper()
	at := "created"
	for _, h := range p.List("history") {
		if h.Text("from") != at {
			t.Errorf("history jumps from %s to %s", at, h.Text("from"))
		}
		at = h.Text("to")
	}
	if at != p.Text("state") {
		t.Errorf("history ends at %s, the payment is %s", at, p.Text("state"))
	}
}

func wantWriteBacks(t *testing.T, p Object, targets ...string) {
	t.Helper()
	want, got := map[string]string{}, map[string]string{}
	for _, target := range targets {
		want[target] = "done"
	}
	for _, w := range p.List("writeBacks") {
		got[w.Text("target")] = w.Text("state")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("write-backs (-want +got):\n%s", diff)
	}
}

// awaitWriteBacks waits until the CRM knows everything.
func (s *shop) awaitWriteBacks(c Client, payment string) {
	s.t.Helper()
	s.Await("the CRM knows of "+payment, func() bool {
		rows := c.Do(http.MethodGet, "/api/v1/payments/"+payment, nil).Want(http.StatusOK).List("writeBacks")
		for _, w := range rows {
			if w.Text("state") != "done" {
				return false
			}
		}
		return len(rows) > 0
	})
}

// How a sale ends is the terminal's word; each ends in one state, with the
// terminal's code, and moves no money unless approved.
func TestEndingsOfASale(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name, amount string
		customer     *linklysim.AutoConfig
		press        []string
		unplugged    bool
		state, code  string
	}{
		{name: "declined by the bank", amount: "10.51", customer: &linklysim.AutoConfig{}, state: "declined", code: "51"},
		{name: "an expired card", amount: "10.00", customer: &linklysim.AutoConfig{Card: "expired"}, state: "declined", code: "54"},
		{name: "cancelled by the customer", amount: "10.00", customer: &linklysim.AutoConfig{Cancel: true}, state: "cancelled", code: "TM"},
		{name: "cancelled on the screen", amount: "10.00", press: []string{"cancel"}, state: "cancelled", code: "TM"},
		{name: "terminal offline", amount: "10.00", unplugged: true, state: "declined", code: "PF"},
		{name: "signature accepted on the screen", amount: "10.08", customer: &linklysim.AutoConfig{}, press: []string{"yes"}, state: "approved", code: "08"},
		{name: "signature refused on the screen", amount: "10.08", customer: &linklysim.AutoConfig{}, press: []string{"no"}, state: "declined", code: "TL"},
		{name: "a system error that waits to be read", amount: "10.50", customer: &linklysim.AutoConfig{}, press: []string{"ok"}, state: "declined", code: "50"},
		{name: "a swiped card with account and PIN", amount: "120.00", customer: &linklysim.AutoConfig{Method: linklysim.KeySwipe, Account: linklysim.KeySavings}, state: "approved", code: "00"},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, Options{})
			if one.customer != nil {
				s.Terminal.Auto(*one.customer)
			}
			s.Terminal.Online(!one.unplugged)
			id := s.taken(s.order("p-1", s.invoice("i-1", one.amount), one.amount))
			for _, key := range one.press {
				s.awaitDisplay(id, key)
				act(s.cashier, id, "keys", Object{"key": key}).Want(http.StatusAccepted)
			}
			p := s.AwaitPayment(s.cashier, id, one.state)
			if got := p.Text("result", "responseCode"); got != one.code {
				t.Errorf("ended with code %q, want %q", got, one.code)
			}
			if p.Text("result", "responseText") == "" || p.Text("result", "source") != "asked" {
				t.Errorf("the result is %v", p["result"])
			}
			if (p["approved"] != nil) != (one.state == "approved") {
				t.Errorf("%s with approved %v", one.state, p["approved"])
			}
			s.honest()
		})
	}
}

// A terminal that serves another till says BY: declined, with that code.
func TestTerminalBusyElsewhereDeclines(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.Await("the terminal waits for a card", func() bool { return s.Terminal.Screen().Wants == "card" })
	second := s.invoice("i-2", "20.00")
	act(s.cashier, s.onlyPayment(), "release", nil).Want(http.StatusOK) // we let go; the terminal does not
	p := s.AwaitPayment(s.cashier, s.taken(s.order("p-2", second, "20.00")), "declined")
	if got := p.Text("result", "responseCode"); got != "BY" {
		t.Errorf("declined with %q", got)
	}
	s.lawful()
}

func (s *shop) onlyPayment() string {
	s.t.Helper()
	rows := s.cashier.Do(http.MethodGet, "/api/v1/payments", nil).Want(http.StatusOK).List("items")
	if len(rows) != 1 {
		s.t.Fatalf("%d payments, want one", len(rows))
	}
	return rows[0].Text("id")
}

// A decline frees the document at once: the customer tries another card.
func TestAfterADeclineTheNextTryIsANewPayment(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc := s.invoice("i-1", "10.00")
	s.Terminal.Auto(linklysim.AutoConfig{Card: "nofunds"})
	s.AwaitPayment(s.cashier, s.taken(s.order("p-1", doc, "10.00")), "declined")
	if got := s.taken(s.order("p-1", doc, "10.00")); s.show(got).Text("state") != "declined" {
		t.Error("the same request id made another payment")
	}
	s.paid(s.order("p-2", doc, "10.00"))
	s.honest()
}

func TestOnlyKeysOfTheLatestDisplayAreTaken(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.awaitDisplay(id, "cancel")
	for _, key := range []string{"yes", "no", "ok", "auth"} {
		act(s.cashier, id, "keys", Object{"key": key}).refused(409, "key_not_enabled", "")
	}
	for name, in := range map[string]Object{
		"key":  {"key": "explode"},
		"data": {"key": "cancel", "data": "line\nbreak"},
	} {
		act(s.cashier, id, "keys", in).refused(422, "invalid", name)
	}
	act(s.cashier, id, "keys", Object{}).refused(422, "invalid", "key")
	act(s.cashier, "p_nowhere", "keys", Object{"key": "cancel"}).refused(404, "not_found", "")

	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.cashier, id, "approved")
	act(s.cashier, id, "keys", Object{"key": "cancel"}).refused(409, "key_not_enabled", "")
	s.honest()
}

// What the terminal reports is what is booked, whatever was asked for.
func TestPartialApprovalAndExtrasAreBookedAsReported(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Terminal.Script(linklysim.Script{Partial: 5000, Surcharge: 150})
	doc := s.invoice("i-1", "187.00")
	p := s.paid(s.order("p-1", doc, "187.00"))
	want := map[string]any{
		"amount": "50.00", "currency": "AUD", "surcharge": "1.50", "tip": "0.00", "cashOut": "0.00", "total": "51.50",
	}
	if diff := cmp.Diff(want, p["approved"]); diff != "" {
		t.Errorf("approved (-want +got):\n%s", diff)
	}
	s.wantMoney("partly approved", "187.00", "50.00", "0.00", "137.00", "50.00", "partly_paid")

	s.Terminal.Script(linklysim.Script{Amounts: "missing"})
	p = s.paid(s.order("p-2", doc, "37.00"))
	if alerts := p.List("alerts"); len(alerts) != 1 || alerts[0].Text("code") != "amount_missing" || p.Text("approved", "amount") != "37.00" {
		t.Errorf("without an amount: approved %v, alerts %v", p["approved"], alerts)
	}
	s.Terminal.Script(linklysim.Script{Amounts: "larger"})
	p = s.paid(s.order("p-3", doc, "100.00"))
	if alerts := p.List("alerts"); len(alerts) == 0 || alerts[0].Text("code") != "over_approved" || p.Text("approved", "amount") != "101.00" {
		t.Errorf("with too much: approved %v, alerts %v", p["approved"], alerts)
	}
	s.honest()
}
