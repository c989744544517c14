package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/access"
	"receivepayment/audit"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// What the panel offers depends on who looks, and on what others have done.

func TestWithdrawingIsOfferedOnlyWhenSendingTakesLong(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for name, c := range map[string]struct {
		age    time.Duration
		hidden bool
	}{"just now": {time.Second, true}, "for two seconds": {2 * time.Second, false}} {
		view := liveOf(payments.Created, payments.Purchase, cashierOf())
		view.CreatedAt = noon().Add(-c.age)
		_, hidden := s.draw("live-inner", view).Find("[data-test=key-cancel]").Attr("hidden")
		if hidden != c.hidden {
			t.Errorf("sending %s: hidden %v, want %v", name, hidden, c.hidden)
		}
	}
}

func TestTakingOverIsForColleaguesOfTheOneWhoLooksAfterIt(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	view := liveOf(payments.Sent, payments.Purchase, cashierOf())
	for name, c := range map[string]struct {
		operator, viewer string
		want             bool
	}{
		"the one who started it":               {"", "14", false},
		"a colleague":                          {"", "15", true},
		"the starter, after it was taken over": {"15", "14", true},
		"the one who took it over":             {"15", "15", false},
	} {
		view.Operator, view.OperatorName, view.Who.Person.ID = c.operator, "Tom Reid", c.viewer
		if c.operator == "" {
			view.OperatorName = ""
		}
		doc := s.draw("live-inner", view)
		if got := doc.Find("[data-test=take-over]").Length() == 1; got != c.want {
			t.Errorf("%s may take over: %v, want %v", name, got, c.want)
		}
		if got := strings.Contains(said(doc, "meta"), "taken over by Tom Reid"); got != (c.operator != "") {
			t.Errorf("%s reads who has it: %v", name, got)
		}
	}
	view.State = payments.Approved
	if s.draw("live-inner", view).Find("[data-test=take-over]").Length() > 0 {
		t.Error("a decided payment can be taken over")
	}
}

func TestNobodyDecidesByHandWhileTheTerminalsOwnResultIsBeingConfirmed(t *testing.T) {
	t.Parallel()
	view := liveOf(payments.Unknown, payments.Purchase, adminOf())
	if !view.MayResolve() {
		t.Fatal("an administrator may not decide at all")
	}
	view.Told = &payments.Result{Success: true}
	if view.MayResolve() || len(view.Keys()) > 0 || view.HintAfter() != nil {
		t.Error("the terminal has reported its result, and people are still asked")
	}
}

func TestADecisionThatWaitsForASecondPersonIsShown(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	view := liveOf(payments.Review, payments.Purchase, adminOf())
	view.Proposed = &payments.Decision{Paid: true, Reason: hostile, ByName: "Maria Kern"}
	doc := s.draw("live-inner", view)
	if got := said(doc, "proposed"); !strings.HasPrefix(got, "Maria Kern decided: it was paid") || !strings.Contains(got, "second person") {
		t.Errorf("it says %q", got)
	}
	if doc.Find("[data-test=resolve]").Length() != 1 || doc.Find("img, script").Length() > 0 {
		t.Error("the second person cannot decide, or a text became markup")
	}
}

func TestAnAlertStaysUntilSomebodyHasDealtWithIt(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	view := liveOf(payments.Approved, payments.Purchase, cashierOf())
	view.Alerts = []payments.Alert{{Code: "paid_twice", Text: "Paid twice."}, {Code: "contradiction", Text: "Two answers.", SeenAt: at(noon())}}
	doc := s.draw("live-inner", view)
	if diff := cmp.Diff([]string{"alert", "alert-seen", "alert"}, tests(doc, "[data-test^=alert]")); diff != "" {
		t.Errorf("alerts and their buttons (-want +got):\n%s", diff)
	}
	view.Who.Rights = []access.Right{access.Report}
	if s.draw("live-inner", view).Find("[data-test=alert-seen]").Length() > 0 {
		t.Error("somebody who may not act can put an alert away")
	}
}

func TestEveryActionOfTheAuditHasWords(t *testing.T) {
	t.Parallel()
	for _, action := range audit.Actions() {
		if auditWords[action] == "" {
			t.Errorf("%s has no words", action)
		}
	}
	if len(auditWords) != len(audit.Actions()) {
		t.Errorf("%d words for %d actions", len(auditWords), len(audit.Actions()))
	}
}

// TestTheOpeningFormShowsWhatIsSaved: else the next Save would switch the check off.
func TestTheOpeningFormShowsWhatIsSaved(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("groups-tab", newGroupsView(adminOf(), nil, pairing.Portal{OpensAt: "08:30", TimeZone: "Pacific/Auckland"}, nil, nil, "Australia/Sydney"))
	form := doc.Find("[data-test=opening-form]")
	if at, zone := form.Find("[name=opensAt]").AttrOr("value", ""), form.Find("[name=timeZone]").AttrOr("value", ""); at != "08:30" || zone != "Pacific/Auckland" {
		t.Errorf("the form shows %q in %q", at, zone)
	}
}
