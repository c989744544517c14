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
	return terminalView{Card: card, Who: who, names: map[string]string{"14": "Mere Tane"}}
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
	cards := []pairing.Card{counter("t_1", "Counter 1")}
	tools := "[data-test=pair-open], [data-test=terminal-test], [data-test=terminal-edit], [data-test=terminal-pair-again], [data-test=terminal-retire], form"

	doc := s.draw("settings-page", server.settingsPage(cashierOf(), "t", cards, nil, nil))
	if got := tests(doc, tools); len(got) > 0 {
		t.Errorf("a cashier is offered %v", got)
	}
	if doc.Find("[data-test=terminal-make-default]").Length() != 1 {
		t.Error("a cashier cannot choose a default")
	}

	doc = s.draw("settings-page", server.settingsPage(adminOf(), "t", cards, nil, nil))
	if n := doc.Find(tools).Length(); n != 10 {
		t.Errorf("an administrator has %d tools and forms, want 10", n)
	}
	for _, field := range []string{"pair-name", "pair-environment", "pair-currency", "pair-username", "pair-password", "pair-code", "pair-secret"} {
		if doc.Find(`#pair [data-test="`+field+`"]`).Length() != 1 {
			t.Errorf("the form lacks %s", field)
		}
	}
	doc.Find("[data-secret]").Each(func(_ int, field *goquery.Selection) {
		if field.AttrOr("value", "") != "" {
			t.Error("a secret stands in the page")
		}
	})
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
