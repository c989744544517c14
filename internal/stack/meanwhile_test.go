package stack

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
	linklysim "receivepayment/linkly/sim"
)

// What is edited in the CRM while the customer stands at the terminal never
// hides that money moved, and never calls paid what is not: the payment is
// booked, the stage is left, and a person is asked.
func TestADocumentThatChangesUnderAPaymentIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(s *shop){
		"it costs more":             func(s *shop) { s.Bitrix.SetLines(31, 77, []bitrixsim.Line{{Name: "More", Price: "140"}}) },
		"it costs less":             func(s *shop) { s.Bitrix.SetLines(31, 77, []bitrixsim.Line{{Name: "Less", Price: "60"}}) },
		"it is in another currency": func(s *shop) { s.Bitrix.EditItem(Admin, 31, 77, map[string]any{"currencyId": "NZD"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, Options{})
			p := s.taken(s.order("p-1", s.invoice("i-1", "100.00"), "100.00"))
			s.awaitDisplay(p, "cancel")
			before := s.Bitrix.Invoices(512)[0].Stage
			edit(s)
			s.Terminal.Auto(linklysim.AutoConfig{})
			if got := approvedParts(s.AwaitPayment(s.cashier, p, "approved")); got != "100.00 + 0.00 + 0.00 + 0.00 = 100.00" {
				t.Errorf("booked as %s", got)
			}
			s.Await("a person is asked in the CRM", func() bool { return len(cards(s.Bitrix.Timeline(31, 77), "todo")) == 1 })
			if todo := cards(s.Bitrix.Timeline(31, 77), "todo")[0].Text; !strings.Contains(todo, "was changed since the payment") {
				t.Errorf("the to-do says %q", todo)
			}
			s.stageIs(t, before)
			s.Await("the desk shows it", func() bool { return strings.Contains(codesOf(desk(s.admin)), "write_back") })
			s.honest()
		})
	}
}

func codesOf(items []Object) string {
	var out []string
	for _, i := range items {
		out = append(out, i.Text("type")+"/"+i.Text("code"))
	}
	return strings.Join(out, " ")
}

// A refund whose outcome is not known is handled as a sale's: the document and
// what may be refunded are blocked, the terminal can be freed, and the late
// truth is booked.
func TestARefundsUnknownOutcomeIsHandledAsASales(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: hurried})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
	s.awaitTold(sale)
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.Linkly.SetFaults(mute())
	in := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "60.00", "reason": "returned item"}
	refund := act(s.admin, sale, "refunds", in).Want(http.StatusAccepted).Text("id")
	s.AwaitPayment(s.admin, refund, "unknown")

	act(s.admin, sale, "refunds", in.with("requestId", "r-2").with("amount", "40.01")).refused(http.StatusConflict, "over_refund", "amount")
	if got := s.show(sale).Text("refundable", "amount"); got != "40.00" {
		t.Errorf("while 60.00 may have gone back, %s can be refunded", got)
	}
	if got := codesOf(desk(s.admin)); !strings.Contains(got, "unknown") {
		t.Errorf("the desk shows %q", got)
	}
	act(s.admin, refund, "release", nil).Want(http.StatusOK)
	s.Linkly.SetFaults(nil)
	act(s.admin, refund, "check", nil).Want(http.StatusAccepted)
	p := s.AwaitPayment(s.admin, refund, "approved")
	if alerts := p.List("alerts"); len(alerts) != 1 || alerts[0].Text("code") != "late_approval" {
		t.Errorf("a late approval of a released refund raises %v", alerts)
	}
	if got := s.show(sale).Text("refundable", "amount"); got != "40.00" {
		t.Errorf("%s is left", got)
	}
	s.honest()
}

// How much of tip and surcharge goes back is the portal's to say.
func TestEachPolicySaysWhatGoesBackWithAPart(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string][2]string{
		"with_full": {"50.00 + 0.00 + 0.00 + 0.00 = 50.00", "50.00 + 2.00 + 8.00 + 0.00 = 60.00"},
		"share":     {"50.00 + 1.00 + 4.00 + 0.00 = 55.00", "50.00 + 1.00 + 4.00 + 0.00 = 55.00"},
		"never":     {"50.00 + 0.00 + 0.00 + 0.00 = 50.00", "50.00 + 0.00 + 0.00 + 0.00 = 50.00"},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := openTill(t, everything(), Object{"surchargeRules": []Object{{"bin": "41", "percent": "2.00"}}, "refundExtras": policy})
			sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00").with("tip", "8.00").with("surcharge", true)).Text("id")
			for n, what := range []string{"the first half", "the second half"} {
				if got := approvedParts(s.refund("r-"+itoa(n), sale, "50.00")); got != want[n] {
					t.Errorf("%s: %s, want %s", what, got, want[n])
				}
			}
			s.honest()
		})
	}
}

// Notes over the counter are no payment of the document, and the CRM does not
// read like one.
func TestCashOutAloneIsToldAsWhatItIs(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), nil)
	s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"notices": true}}).Want(http.StatusOK)
	before := s.order("p-1", s.invoice("i-1", "100.00"), "0.00").with("cashOut", "50.00")
	inv, _ := s.Bitrix.Invoice(77)
	p := s.paid(before).Text("id")
	s.awaitTold(p)
	card := cards(s.Bitrix.Timeline(31, 77), "activity")
	if len(card) != 1 || card[0].Title != "Cash-out approved" || !strings.Contains(card[0].Text, "Cash-out: AUD 50.00") ||
		strings.Contains(card[0].Text, "Amount") || slices.Contains(card[0].Buttons, "Refund") {
		t.Errorf("the timeline says %+v", card)
	}
	wantNotice(t, s, Cashier, "Nothing was paid for")
	s.stageIs(t, inv.Stage)
	s.wantMoney("nothing is paid", "100.00", "0.00", "0.00", "100.00", "0.00", "unpaid")
	s.honest()
}
