package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/invoices"
	"receivepayment/payments"
	"receivepayment/words"
)

// liveOf is a payment in the state, as complete as that state allows.
func liveOf(state payments.State, kind payments.Kind, who caller) liveView {
	sent := noon().Add(-30 * time.Second)
	p := payments.Payment{
		ID: "p_1", Kind: kind, State: state, Provider: "linkly", Document: "SI:77", DocumentTitle: "Pump kit balance",
		TerminalID: "t_1", TerminalName: "Counter 1", Amount: 18700, Currency: "AUD", TxnRef: "B24K7Q2M9X4T1A01",
		StartedBy: "14", StartedByName: "Mere Tane", CreatedAt: sent, DueAt: at(noon().Add(5 * time.Second)),
		NotifyHash: "the-hash-of-a-secret", SessionID: "3b1c0f6e",
	}
	if kind == payments.Refund {
		p.RefundOf, p.Reason = "p_0", "returned item"
	}
	if state != payments.Created {
		p.SentAt, p.Seen, p.LastEventAt = &sent, true, at(noon().Add(-20*time.Second))
		p.Display = payments.Display{Lines: []string{"PRESENT CARD", "AUD 187.00"}, Keys: []payments.Key{payments.KeyCancel}, At: p.LastEventAt}
	}
	if state.Final() {
		p.DecidedAt, p.ConfirmedAt, p.Source, p.DueAt = at(noon()), at(noon()), payments.Asked, nil
		p.ResponseCode, p.ResponseText = "51", "DECLINED"
	}
	d := payments.Detail{Payment: p, History: []payments.Entry{
		{At: sent, FromState: payments.Created, ToState: payments.Created, Event: "click", Actor: "14"},
		{At: sent, FromState: payments.Created, ToState: state, Event: payments.Send, Actor: "worker"},
	}}
	if state == payments.Approved {
		approve(&d)
	}
	return liveView{Detail: d, Who: who, Now: noon()}
}

func approve(d *payments.Detail) {
	amount := d.Amount
	d.ApprovedAmount, d.Total, d.Refundable, d.RFN = &amount, amount, amount, "6241003188420001"
	d.MayGoBack = d.Kind == payments.Purchase
	d.ResponseCode, d.ResponseText = "00", "APPROVED"
	d.CardType, d.Last4, d.Entry, d.Account, d.AuthCode, d.RRN = "VISA", "1142", "contactless", "credit", "318842", "624100318842"
	d.Receipts = []payments.Receipt{{Hash: "h1", Type: "customer", Text: "     HARBOUR SUPPLIES\n"}}
	d.WriteBacks = []payments.WriteBack{
		{Target: payments.TargetTimeline, State: payments.Waiting, LastError: "the portal is closed", DueAt: at(noon().Add(time.Minute))},
		{Target: payments.TargetDocument, State: payments.Done, External: "DT31_3:P"},
	}
}

func TestEveryStateOfBothKindsDrawsAPanelThatCanBeReadAndHeard(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for _, state := range payments.States() {
		for _, kind := range []payments.Kind{payments.Purchase, payments.Refund} {
			for _, who := range []caller{cashierOf(), adminOf()} {
				t.Run(fmt.Sprintf("%s %s %s", state, kind, who.Person.Name), func(t *testing.T) {
					doc := s.draw("live", liveOf(state, kind, who))
					if got := doc.Find("[data-test=live]").AttrOr("data-state", ""); got != string(state) {
						t.Errorf("the panel is in state %q", got)
					}
					if got := doc.Find("[data-payment-stream]").AttrOr("data-payment-stream", ""); got != "/api/v1/payments/p_1/events" {
						t.Errorf("it follows %q", got)
					}
					if n := doc.Find("[data-autofocus]").Length(); n != 1 {
						t.Errorf("%d places want the focus", n)
					}
					if doc.Find("[data-announce]").AttrOr("data-announce", "") == "" || said(doc, "live-title") == "" || said(doc, "live-text") == "" {
						t.Error("a state without words")
					}
					if state.Final() && doc.Find("[data-test^=key-], [data-test=pad]").Length() > 0 {
						t.Error("a decided payment offers keys")
					}
					if html, _ := doc.Html(); strings.Contains(html, "the-hash-of-a-secret") || strings.Contains(html, "3b1c0f6e") {
						t.Error("what proves callbacks is in the page")
					}
				})
			}
		}
	}
}

func TestThePanelOffersExactlyTheKeysOfTheLatestDisplay(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for name, c := range map[string]struct {
		keys  []payments.Key
		input string
		want  []string
	}{
		"none":                   {nil, "", []string{}},
		"cancel":                 {[]payments.Key{"cancel"}, "", []string{"key-cancel"}},
		"ok":                     {[]payments.Key{"ok"}, "", []string{"key-ok"}},
		"yes and no":             {[]payments.Key{"yes", "no"}, "", []string{"key-yes", "key-no"}},
		"a password, and cancel": {[]payments.Key{"cancel", "auth"}, "password", []string{"key-data", "key-auth", "key-cancel"}},
	} {
		t.Run(name, func(t *testing.T) {
			view := liveOf(payments.Sent, payments.Purchase, cashierOf())
			view.Display.Keys, view.Display.Input = c.keys, c.input
			doc := s.draw("live-inner", view)
			if diff := cmp.Diff(c.want, tests(doc, "[data-test^=key-]")); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			asks := len(c.keys) > 0 && c.keys[0] != "cancel" || c.input != ""
			if got := doc.Find("[data-test=question] [data-autofocus]").Length() == 1; got != asks {
				t.Errorf("focus on a question: %v, want %v", got, asks)
			}
			if c.input == "password" && doc.Find("input[name=data]").AttrOr("type", "") != "password" {
				t.Error("a password would be readable")
			}
		})
	}
}

func TestNobodyWithoutTheRightIsOfferedKeysOrWaysOut(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	who := cashierOf() // may take, may not refund
	for _, state := range payments.States() {
		doc := s.draw("live-inner", liveOf(state, payments.Refund, who))
		got := tests(doc, "[data-test^=key-], [data-test=release], [data-test=resolve], [data-test=try-again], [data-test=panel-refund]")
		if len(got) > 0 {
			t.Errorf("a refund that is %s offers %v", state, got)
		}
	}
}

func TestAnUnknownResultSaysWhatIsCertainAndOffersTheWaysOut(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("live-inner", liveOf(payments.Unknown, payments.Purchase, adminOf()))
	if got := said(doc, "live-text"); !strings.Contains(got, "Do not take this payment again") {
		t.Errorf("it says %q", got)
	}
	for _, name := range []string{"check-now", "release", "resolve", "next-look", "certain"} {
		if doc.Find(`[data-test="`+name+`"]`).Length() != 1 {
			t.Errorf("%s is missing", name)
		}
	}
	free := liveOf(payments.Unknown, payments.Purchase, adminOf())
	free.Released = true
	if doc := s.draw("live-inner", free); doc.Find("[data-test=release]").Length() != 0 || !strings.Contains(said(doc, "certain"), "is free") {
		t.Error("a terminal that is free already is offered again")
	}
	if doc := s.draw("live-inner", liveOf(payments.Review, payments.Purchase, cashierOf())); doc.Find("[data-test=resolve]").Length() != 0 {
		t.Error("a cashier may decide by hand")
	}
}

func TestAnApprovalShowsItsProofAndTheCRMApart(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	view := liveOf(payments.Approved, payments.Purchase, adminOf())
	view.Surcharge, view.Total = 281, 18981
	doc := s.draw("live-inner", view)
	for name, want := range map[string]string{
		"live-title": "Approved", "live-amount": "$187.00", "live-text": "VISA ending 1142, contactless, credit.",
		"split": "For the invoice$187.00Surcharge$2.81Charged to the card$189.81",
	} {
		if got := said(doc, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, fact := range []string{"318842", "624100318842", "B24K7Q2M9X4T1A01"} {
		if !strings.Contains(said(doc, "facts"), fact) {
			t.Errorf("the facts lack %s", fact)
		}
	}
	if diff := cmp.Diff([]string{"write-back-invoice", "write-back-timeline"}, tests(doc, "[data-test=write-backs] li")); diff != "" {
		t.Errorf("what the CRM was told (-want +got):\n%s", diff)
	}
	if !strings.Contains(said(doc, "write-back-timeline"), "the portal is closed") || doc.Find("[data-test=retry-timeline]").Length() != 1 {
		t.Error("trouble with the CRM is not shown or cannot be retried")
	}
	if doc.Find("[data-test=write-back-invoice][data-reload-card]").Length() != 1 {
		t.Error("the portal's card would go on showing the old stage")
	}
	if got := doc.Find("[data-test=panel-refund]").AttrOr("data-dialog", ""); got != "#refund-p-1" {
		t.Errorf("Refund opens %q", got)
	}
}

func TestWhatIsNotProvenIsNotPromised(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for _, state := range []payments.State{payments.Declined, payments.Cancelled, payments.Approved} {
		view := liveOf(state, payments.Purchase, cashierOf())
		view.Source, view.ConfirmedAt = payments.Callback, nil
		doc := s.draw("live-inner", view)
		if got := said(doc, "live-text"); strings.Contains(got, "Nothing was charged") || !strings.Contains(got, "confirmation is still being asked for") {
			t.Errorf("%s on a callback's word says %q", state, got)
		}
		if doc.Find("[data-test=try-again]").Length() > 0 {
			t.Errorf("%s on a callback's word may be tried again", state)
		}
	}
}

func TestDeclinesAreSaidInPlainWords(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"51": "There is not enough money in the account.", "54": "The card has expired.", "55": "The PIN was wrong.",
		"05": "The customer's bank said no without giving a reason.", "91": "The customer's bank cannot be reached.",
		"TO": "Nobody answered at the terminal in time.", "BY": "The terminal was busy with something else.",
		"PF": "The terminal is not connected. Is it on, and online?",
		"TF": "The terminal has to log on to the bank first. An administrator can test it in the app's settings.",
		"Q9": "The terminal says: SOMETHING NEW.",
	} {
		if got := declineText(nil, code, "SOMETHING NEW"); got != want {
			t.Errorf("%s means %q, want %q", code, got, want)
		}
	}
	for code, words := range declineWords {
		if len(code) != 2 || !strings.HasSuffix(string(words), ".") && !strings.HasSuffix(string(words), "?") {
			t.Errorf("%q: %q is no sentence for a code", code, words)
		}
		if strings.Contains(string(words), "stolen") || strings.Contains(string(words), "lost card") {
			t.Errorf("%q accuses the customer", code)
		}
	}
}

func TestTheReasonWhyNothingStartedIsSaid(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for event, want := range map[payments.Event]string{
		payments.Expire:      "It could not be sent in time, and the customer may have gone. Nothing was charged.",
		payments.NotStarted:  "Linkly did not take it on. Nothing was charged.",
		payments.FoundAbsent: "Linkly is certain that it never saw it. Nothing was charged.",
	} {
		view := liveOf(payments.NeverStarted, payments.Purchase, cashierOf())
		view.History = append(view.History[:1:1], payments.Entry{FromState: payments.Sent, ToState: payments.NeverStarted, Event: event})
		if got := said(s.draw("live-inner", view), "live-text"); got != want {
			t.Errorf("%s says %q, want %q", event, got, want)
		}
	}
}

func TestATerminalWithoutASignOfLifeGetsAHintInTime(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for name, c := range map[string]struct {
		sent, spoke time.Duration
		hidden      bool
	}{
		"nothing shown for 14 s":    {14 * time.Second, 0, true},
		"nothing shown for 15 s":    {15 * time.Second, 0, false},
		"a customer who searches":   {50 * time.Second, 45 * time.Second, true},
		"silence for over a minute": {90 * time.Second, 61 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			view := liveOf(payments.Sent, payments.Purchase, cashierOf())
			view.SentAt, view.LastEventAt, view.Display = at(noon().Add(-c.sent)), nil, payments.Display{}
			if c.spoke > 0 {
				view.LastEventAt = at(noon().Add(-c.spoke))
				view.Display.At = view.LastEventAt
			}
			_, hidden := s.draw("live-inner", view).Find("[data-test=no-life]").Attr("hidden")
			if hidden != c.hidden {
				t.Errorf("hidden %v, want %v", hidden, c.hidden)
			}
		})
	}
}

func TestEveryEventOfTheHistoryHasWords(t *testing.T) {
	t.Parallel()
	view := liveOf(payments.Sent, payments.Purchase, cashierOf())
	for _, e := range append(payments.Events(), "click") {
		words := view.eventWords(payments.Entry{Event: e})
		if words == "" || words == string(e) || strings.Contains(words, "_") {
			t.Errorf("%s is shown as %q", e, words)
		}
	}
	if !slices.ContainsFunc(view.Story(), func(e entryView) bool { return e.By == "Mere Tane" }) {
		t.Error("the one who started it is not named")
	}
}

func TestHostileTextsOfTerminalAndCRMStayText(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for _, state := range payments.States() {
		view := liveOf(state, payments.Purchase, adminOf())
		view.DocumentTitle, view.TerminalName, view.StartedByName, view.ResponseText = hostile, hostile, hostile, hostile
		view.Display.Lines = []string{hostile, hostile}
		view.Display.Keys = []payments.Key{"yes", "no"}
		view.Alerts = []payments.Alert{{Code: "contradiction", Text: hostile}}
		view.Receipts = []payments.Receipt{{Hash: "h", Type: hostile, Text: hostile}}
		doc := s.draw("live", view)
		if doc.Find("img, script").Length() > 0 {
			t.Errorf("%s: a text became markup", state)
		}
		if !strings.Contains(doc.Text(), hostile) {
			t.Errorf("%s: the text is not shown as it came", state)
		}
	}
}

// TestWithoutAMailServerThereIsNoButton: everybody reads why.
func TestWithoutAMailServerThereIsNoButton(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for _, c := range []struct {
		who           caller
		off           words.Key
		button, words int
	}{
		{cashierOf(), "", 1, 0}, {adminOf(), "", 1, 0}, {cashierOf(), mailOff, 0, 1}, {adminOf(), mailOff, 0, 1},
	} {
		view := liveOf(payments.Approved, payments.Purchase, c.who)
		view.MailOff = c.off
		doc := s.draw("live", view)
		if b, w := doc.Find("[data-test=letter]").Length(), doc.Find("[data-test=letter-off]").Length(); b != c.button || w != c.words {
			t.Errorf("%s, off %q: %d buttons and %d reasons", c.who.Person.Name, c.off, b, w)
		}
	}
}

// TestWhatNobodyWantsToBeToldIsNotShownAsTold: and the document comes first.
func TestWhatNobodyWantsToBeToldIsNotShownAsTold(t *testing.T) {
	t.Parallel()
	view := liveOf(payments.Approved, payments.Purchase, cashierOf())
	view.WriteBacks = []payments.WriteBack{
		{Target: payments.TargetNotice, State: payments.Done, External: "8"},
		{Target: payments.TargetTrigger, State: payments.Done, Note: string(invoices.NotWanted)},
		{Target: payments.TargetDeal, State: payments.Done, External: "9"},
		{Target: payments.TargetDocument, State: payments.Done, External: "DT31_3:P"},
	}
	var got []payments.Target
	for _, tell := range view.Tells() {
		got = append(got, tell.Target)
	}
	if diff := cmp.Diff([]payments.Target{payments.TargetDocument, payments.TargetDeal, payments.TargetNotice}, got); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}
