package stack

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
	linklysim "receivepayment/linkly/sim"
)

// cards are the activities in a timeline.
func cards(entries []bitrixsim.TimelineEntry, kind string) []bitrixsim.TimelineEntry {
	return slices.DeleteFunc(entries, func(e bitrixsim.TimelineEntry) bool { return e.Kind != kind })
}

// A portal whose administrator wants everything is told everything: stages of
// its own, fields, payment documents, automation, people; and a payment has one
// card in each timeline, which tells the truth at all times. The CRM misbehaves
// once at each write.
func TestCRMIsToldEverythingThatTheAdministratorWants(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		for _, meaning := range []string{"refunded", "partlyPaid"} {
			for range 2 { // twice makes one
				s.admin.Do(http.MethodPost, "/api/v1/settings/stages", Object{"funnel": "3", "meaning": meaning}).Want(http.StatusOK)
			}
		}
		for range 2 {
			got := s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"fields": true, "automation": true}}).Want(http.StatusOK)
			if got.Text("crm", "stages", "3", "refunded") != "DT31_3:POS_REFUNDED" || got.Text("crm", "stages", "3", "partlyPaid") != "DT31_3:POS_PARTLY" {
				t.Errorf("the settings are %v", got)
			}
		}
		if n := len(s.Bitrix.Triggers()); n != 3 {
			t.Errorf("%d triggers", n)
		}
		s.Bitrix.TieTrigger("pos_payment_approved", 2, "FINAL_INVOICE")
		doc := s.invoice("i-1", "187.00")
		s.Bitrix.AddPaymentDocument(77, "100.00")
		for _, method := range []string{"crm.activity.configurable.add", "crm.item.update", "crm.automation.trigger.execute", "crm.activity.configurable.update"} {
			s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultErrorAfter, Method: method, Times: 1})
		}

		part := s.paid(s.order("p-1", doc, "87.00")).Text("id")
		s.awaitTold(part)
		s.stageIs(t, "DT31_3:POS_PARTLY")
		sale := s.paid(s.order("p-2", doc, "100.00")).Text("id")
		s.awaitTold(sale)
		s.stageIs(t, "DT31_3:P")
		s.fieldsAre(t, "Paid", "187.00|AUD", "0.00|AUD")
		if docs := s.Bitrix.PaymentDocuments(77); !docs[0].Paid {
			t.Error("the payment document is not marked as paid")
		}
		if d, _ := s.Bitrix.Deal(512); d.Stage != "FINAL_INVOICE" {
			t.Errorf("the automation left the deal in %s", d.Stage)
		}
		s.oneCardEach(t, 2)
		card := cards(s.Bitrix.Timeline(31, 77), "activity")[1]
		if !slices.Equal(card.Buttons, []string{"Receipt", "Refund"}) || !slices.Equal(card.Tags, []string{"success Approved"}) {
			t.Errorf("the card shows %v and %v", card.Buttons, card.Tags)
		}
		if !strings.Contains(card.Text, "APPROVED") {
			t.Errorf("the card has no receipt: %s", card.Text)
		}
		wantNotice(t, s, Cashier, "was approved")

		for i, p := range []string{part, sale} {
			refund := s.refund([]string{"r-1", "r-2"}[i], p, []string{"87.00", "100.00"}[i]).Text("id")
			s.awaitTold(refund)
			s.awaitTold(p)
		}
		s.stageIs(t, "DT31_3:POS_REFUNDED")
		s.fieldsAre(t, "Refunded", "187.00|AUD", "187.00|AUD")
		if docs := s.Bitrix.PaymentDocuments(77); docs[0].Paid {
			t.Error("the payment document is still marked as paid")
		}
		s.oneCardEach(t, 4)
		s.Await("the sale's card says refunded and offers no refund", func() bool {
			card := cards(s.Bitrix.Timeline(31, 77), "activity")[1]
			return slices.Equal(card.Tags, []string{"warning Refunded"}) && slices.Equal(card.Buttons, []string{"Receipt"})
		})
		wantNotice(t, s, Cashier, "refund")
		s.happened()
		s.honest()
	})
}

func (s *shop) stageIs(t *testing.T, want string) {
	t.Helper()
	if inv, _ := s.Bitrix.Invoice(77); inv.Stage != want {
		t.Errorf("the invoice is in %s, want %s", inv.Stage, want)
	}
}

func (s *shop) fieldsAre(t *testing.T, status, paid, refunded string) {
	t.Helper()
	got := s.Bitrix.Fields(31, 77)
	const prefix = "UF_CRM_SMART_INVOICE_POS_"
	if got[prefix+"STATUS"] != status || got[prefix+"PAID"] != paid || got[prefix+"REFUNDED"] != refunded || got[prefix+"REF"] == "" {
		t.Errorf("the fields are %v", got)
	}
}

// oneCardEach asserts that each approval has one card on the invoice and one on
// the deal.
func (s *shop) oneCardEach(t *testing.T, approvals int) {
	t.Helper()
	for name, entries := range map[string][]bitrixsim.TimelineEntry{"invoice": s.Bitrix.Timeline(31, 77), "deal": s.Bitrix.Timeline(2, 512)} {
		if n := len(cards(entries, "activity")); n != approvals {
			t.Errorf("%d cards on the %s for %d approvals", n, name, approvals)
		}
	}
}

func wantNotice(t *testing.T, s *shop, user int, words string) {
	t.Helper()
	s.Await("a notice says "+words, func() bool {
		return slices.ContainsFunc(s.Bitrix.Notifications(user), func(n bitrixsim.Notification) bool { return strings.Contains(n.Message, words) })
	})
}

// A payment that was shown as paid and is disproved is told to the CRM: its card
// changes in place, the stage is left, and a person gets a to-do, once.
func TestDisprovedPaymentIsToldAndLeftToAPerson(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quick})
	s.Terminal.Auto(linklysim.AutoConfig{Card: "nofunds"})
	s.Linkly.SetFaults(linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1})
	p := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.AwaitPayment(s.admin, p, "unknown")
	wantNotice(t, s, Cashier, "not known yet")
	act(s.admin, p, "resolve", Object{"outcome": "paid", "reason": "customer says so"}).Want(http.StatusOK)
	s.awaitTold(p)
	s.stageIs(t, "DT31_3:P")
	if card := cards(s.Bitrix.Timeline(31, 77), "activity"); len(card) != 1 || !slices.Contains(card[0].Tags, "secondary Decided by hand") {
		t.Errorf("the cards are %+v", card)
	}
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultLostAnswer, Method: "crm.activity.todo.add", Times: 1})
	s.Linkly.SetFaults(nil)
	act(s.admin, p, "check", nil).Want(http.StatusAccepted)
	s.AwaitPayment(s.admin, p, "review")
	s.Await("the card is in doubt", func() bool {
		card := cards(s.Bitrix.Timeline(31, 77), "activity")
		return len(card) == 1 && strings.Contains(card[0].Title, "in doubt") && slices.Equal(card[0].Buttons, []string{"Receipt"})
	})
	s.awaitTold(p)
	s.stageIs(t, "DT31_3:P")
	if todo := cards(s.Bitrix.Timeline(31, 77), "todo"); len(todo) != 1 || !strings.Contains(todo[0].Text, "not borne out") {
		t.Errorf("the to-dos are %+v", todo)
	}
	wantNotice(t, s, Cashier, "in doubt")
	s.honest()
}

// An older portal has no cards: entries tell instead, once each.
func TestPortalWithoutCardsGetsEntries(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Bitrix.Withdraw("crm.activity.configurable.add")
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultErrorAfter, Method: "crm.timeline.logmessage.add", Times: 1})
	p := s.paid(s.order("p-1", s.invoice("i-1", "187.00"), "187.00")).Text("id")
	s.awaitTold(p)
	s.told(t)
	if e := s.Bitrix.Timeline(31, 77)[0]; e.Kind != "logmessage" || !strings.Contains(e.Text, "187.00") {
		t.Errorf("the entry is %+v", e)
	}
	s.happened()
	s.honest()
}

// Whatever is written into the portal is in its own language: that of its
// administrator, whoever else comes by. What is looked for again is the same in
// each.
func TestCRMReadsItsOwnLanguage(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Bitrix.SetLanguage(Admin, "de")
	s.Bitrix.SetLanguage(Cashier, "ar")
	s.Enter(Admin, "DEFAULT", 0)
	s.Enter(Cashier, "DEFAULT", 0)
	s.Bitrix.Withdraw("crm.activity.configurable.add")
	s.admin.Do(http.MethodPost, "/api/v1/settings/stages", Object{"funnel": "3", "meaning": "refunded"}).Want(http.StatusOK)
	s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"fields": true, "automation": true, "terminals": true}}).Want(http.StatusOK)

	p := s.paid(s.order("p-1", s.invoice("i-1", "187.00"), "187.00"))
	s.awaitTold(p.Text("id"))
	entry := s.Bitrix.Timeline(31, 77)[0]
	if entry.Title != "Kartenzahlung genehmigt" || !strings.Contains(entry.Text, "von Mere Tane") || !strings.Contains(entry.Text, "Ref "+p.Text("txnRef")) {
		t.Errorf("the entry is %+v", entry)
	}
	s.fieldsAre(t, "Bezahlt", "187.00|AUD", "0.00|AUD")
	wantNotice(t, s, Cashier, "genehmigt")
	process := s.Bitrix.SmartTypes()["EFTPOS-Terminals"]
	if len(process) != 1 {
		t.Fatalf("the smart processes are %v", s.Bitrix.SmartTypes())
	}
	s.cardSays(process[0], "the card is German", func(i bitrixsim.SmartItem) bool {
		return i.Custom["POS_STATUS"] == "Bereit" && i.Custom["POS_MODE"] == "Alle"
	})
	s.honest()
}

// What people do to a stage afterwards stays, however often we try.
func TestPersonsLaterStageStays(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultErrorAfter, Method: "crm.item.update", Times: 1})
	p := s.paid(order).Text("id")
	s.Await("our own move has arrived, and its answer is lost", func() bool {
		inv, _ := s.Bitrix.Invoice(77)
		return inv.Stage == "DT31_3:P"
	})
	s.Bitrix.SetStage(31, 77, "DT31_3:S")
	s.awaitTold(p)
	s.stageIs(t, "DT31_3:S")
	items := s.cashier.Do(http.MethodGet, "/api/v1/write-backs", nil).Want(http.StatusOK).List("items")
	if len(items) != 0 {
		t.Errorf("still waiting: %v", items)
	}
	s.honest()
}

func TestQueueSaysWhatWaitsAndWhy(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	s.Bitrix.Require("DT31_3:P", "comments")
	p := s.paid(order).Text("id")
	var items []Object
	s.Await("the stage waits for a person", func() bool {
		items = s.cashier.Do(http.MethodGet, "/api/v1/write-backs", nil).Want(http.StatusOK).List("items")
		return len(items) == 1 && items[0].Text("state") == "attention"
	})
	if items[0].Text("target") != "invoice" || !strings.Contains(items[0].Text("lastError"), "comments") || items[0].Text("dueAt") == "" {
		t.Errorf("the queue shows %v", items[0])
	}
	s.Bitrix.Unrequire("DT31_3:P")
	act(s.cashier, p, "write-backs/invoice/retry", nil).Want(http.StatusAccepted)
	s.awaitWriteBacks(s.cashier, p)
	s.told(t)
	s.honest()
}
