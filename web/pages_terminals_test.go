package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/payments"
)

func terminalOn(who caller, change func(*pairing.Card)) terminalView {
	card := counter("t_1", "Counter 1")
	card.Facts = pairing.Facts{MerchantName: "Harbour Supplies", TerminalID: "12340001", Serial: "SIM1", RefundLimit: "1000.00", Features: []string{"refund", "tipping"}}
	change(&card)
	return terminalView{Card: card, Who: who, around: around{names: map[string]string{"14": "Mere Tane"}}}
}

func TestATerminalCardAsksForItselfOnlyWhileItIsTested(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for status, want := range map[pairing.Status]string{
		pairing.Proving: "every 1s", pairing.Ready: "", pairing.Attention: "", pairing.Retired: "",
	} {
		doc := s.draw("terminal", terminalOn(adminOf(), func(c *pairing.Card) { c.Status = status }))
		card := doc.Find("[data-test=terminal-card]")
		if got := card.AttrOr("hx-trigger", ""); got != want {
			t.Errorf("%s: asks %q, want %q", status, got, want)
		}
		if got := card.AttrOr("data-status", ""); got != string(status) {
			t.Errorf("status %q, want %q", got, status)
		}
		if said(doc, "terminal-status") == "" {
			t.Errorf("%s has no words", status)
		}
	}
}

func TestACardShowsWhatTheTerminalSaysOfItselfAndWhoMayUseIt(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("terminal", terminalOn(adminOf(), func(c *pairing.Card) {
		c.Shared, c.Users = false, []string{"14", "99"}
		c.Status, c.StatusReason = pairing.Attention, "Linkly no longer accepts this pairing."
	}))
	facts := said(doc, "terminal-facts")
	for _, want := range []string{"Harbour Supplies", "12340001", "SIM1", "$1,000.00", "refunds, tips"} {
		if !strings.Contains(facts, want) {
			t.Errorf("the facts lack %q: %s", want, facts)
		}
	}
	if got := said(doc, "terminal-users"); got != "Employee 99, Mere Tane" {
		t.Errorf("may use it: %q", got)
	}
	if got := said(doc, "terminal-reason"); got != "Linkly no longer accepts this pairing." {
		t.Errorf("the reason is %q", got)
	}
}

func TestOnlyThoseWhoPairSeeTheToolsForIt(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	server := &Server{Config: Config{Now: noon}}
	seen := func(who caller) terminalsView {
		return terminalsView{deskTabs: deskTabs{Who: who, Tab: "terminals"}, Many: 1, Cards: []terminalView{{Card: counter("t_1", "Counter 1"), Who: who}}}
	}
	tools := "[data-test=pair-open], [data-test=terminal-test], [data-test=terminal-edit], [data-test=terminal-pair-again], [data-test=terminal-retire], form, .tabs"

	doc := s.draw("settings-page", server.settingsPage(cashierOf(), "t", seen(cashierOf()), nil))
	if got := tests(doc, tools); len(got) > 0 {
		t.Errorf("a cashier is offered %v", got)
	}
	if doc.Find("[data-test=terminal-make-default]").Length() != 1 {
		t.Error("a cashier cannot choose a default")
	}

	doc = s.draw("settings-page", server.settingsPage(adminOf(), "t", seen(adminOf()), nil))
	if n := doc.Find(tools).Length(); n != 9 {
		t.Errorf("an administrator has %d tools, forms and tabs, want 9", n)
	}
	if got := tests(doc, ".tab"); cmp.Diff([]string{"tab-terminals", "tab-people", "tab-groups", "tab-rights", "tab-till", "tab-audit"}, got) != "" {
		t.Errorf("the parts of the page are %v", got)
	}
}

func TestStaffWithoutATerminalGetASentenceAndAWayToAsk(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("terminals-tab", terminalsView{deskTabs: deskTabs{Who: cashierOf(), Tab: "terminals"}})
	if got := doc.Find("[data-test=ask-terminal]").AttrOr("hx-post", ""); got != "/api/v1/terminals/ask" {
		t.Errorf("asking goes to %q", got)
	}
	if got := said(doc, "empty"); !strings.Contains(got, "You have no terminal to send payments to") {
		t.Errorf("it says %q", got)
	}
	doc = s.draw("terminals-tab", terminalsView{deskTabs: deskTabs{Who: adminOf(), Tab: "terminals"}})
	if doc.Find("[data-test=ask-terminal]").Length() > 0 || doc.Find("[data-test=pair-first]").Length() != 1 {
		t.Error("an administrator is to pair, not to ask")
	}
}

// Each step of the wizard is complete, is marked as the present one, and has no
// place for a secret outside the one form.
func TestTheSevenStepsOfPairing(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	card := terminalOn(adminOf(), func(*pairing.Card) {}).Card
	at := func(step string, card *pairing.Card) pairView {
		return pairView{Who: adminOf(), Step: step, Card: card, Now: noon(), RequestID: "r-1"}
	}
	for step, view := range map[string]pairView{
		stepReady: at(stepReady, nil), stepEnter: at(stepEnter, nil), stepProve: at(stepProve, &card),
		stepAssign: at(stepAssign, &card), stepTry: at(stepTry, &card), stepDone: at(stepDone, &card),
	} {
		doc := s.draw("wizard", view)
		if doc.Find(".wizard-steps li").Length() != 7 || doc.Find(".wizard-steps [aria-current=step]").Length() != 1 {
			t.Errorf("%s: the seven steps are not shown", step)
		}
		if doc.Find("#wizard-title").Length() != 1 {
			t.Errorf("%s has no title", step)
		}
		secrets := doc.Find("[data-secret]").Length()
		if (step == stepEnter) != (secrets > 0) {
			t.Errorf("%s has %d places for secrets", step, secrets)
		}
	}

	form := s.draw("wizard", at(stepEnter, nil))
	visible := form.Find("[data-test=pair-form] .field").Not("details .field").Length()
	if visible != 6 {
		t.Errorf("the form has %d inputs, want 6", visible)
	}
	form.Find("[data-secret]").Each(func(_ int, field *goquery.Selection) {
		if field.AttrOr("value", "") != "" {
			t.Error("a secret stands in the page")
		}
	})
	again := s.draw("wizard", at(stepEnter, &card))
	if got := again.Find("[data-test=pair-form]").AttrOr("hx-post", ""); got != "/api/v1/terminals/t_1/pair" {
		t.Errorf("pairing again goes to %q", got)
	}
	if again.Find("[data-test=pair-name], [data-test=pair-environment]").Length() > 0 {
		t.Error("pairing again asks for what the terminal has already")
	}

	sick := terminalOn(adminOf(), func(c *pairing.Card) {
		c.Status, c.StatusReason = pairing.Attention, "The PIN pad is not connected to Linkly. Switch it on, and look whether it is on the network."
	}).Card
	doc := s.draw("wizard", at(stepProve, &sick))
	if !strings.Contains(said(doc, "prove-reason"), "The PIN pad is not connected") || doc.Find("[data-test=prove-match]").Length() > 0 {
		t.Error("a terminal that does not work is taken for proven")
	}
	noRefunds := terminalOn(adminOf(), func(c *pairing.Card) { c.Facts.Features = []string{"tipping"} }).Card
	if got := s.draw("wizard", at(stepTry, &noRefunds)).Text(); !strings.Contains(got, "This terminal makes no refunds") {
		t.Error("nothing says that the terminal makes no refunds")
	}
}

func TestAHostileTerminalStaysText(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("terminal", terminalOn(adminOf(), func(c *pairing.Card) {
		c.Name, c.StatusReason, c.Status, c.Facts.MerchantName = hostile, hostile, pairing.Attention, hostile
		c.Holder = &payments.Payment{StartedByName: hostile, Document: "SI:1"}
	}))
	if doc.Find("img, script").Length() > 0 {
		t.Error("a text became markup")
	}
}

func TestTheScriptIsToldThingsInAHeaderThatHoldsNoForeignLetters(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest("GET", "/", nil), recorder)
	trigger(c, closeDialog, toast("ok", "Счёт 78 \"😀\"\r\nis added"))
	want := `{"close-dialog":{},"toast":{"tone":"ok","text":"\u0421\u0447\u0451\u0442 78 \"\ud83d\ude00\"\r\nis added"}}`
	if diff := cmp.Diff(want, recorder.Header().Get("HX-Trigger")); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}
