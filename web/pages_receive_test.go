package web

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

func owed(id string, total, paid int64) invoices.Document {
	return invoices.Document{
		ID: id, Number: strings.TrimPrefix(id, "SI:"), Title: "Pump kit balance", DealID: "512", Currency: "AUD",
		Total: total, Paid: paid, Outstanding: total - paid, Status: invoices.Unpaid,
	}
}

func paid(id string) invoices.Document {
	d := owed(id, 6000, 6000)
	amount := int64(6000)
	d.Status, d.Refundable = invoices.Paid, amount
	d.Payments = []payments.Payment{{
		ID: "p_1", Kind: payments.Purchase, State: payments.Approved, Document: id, Amount: amount, ApprovedAmount: &amount,
		Currency: "AUD", RFN: "1", CardType: "VISA", Last4: "1142", TerminalID: "t_2", ConfirmedAt: at(noon()), CreatedAt: noon(),
	}}
	return d
}

func open(id string, state payments.State) invoices.Document {
	d := owed(id, 18700, 0)
	d.Status = invoices.InProgress
	d.Open = &payments.Payment{
		ID: "p_2", Kind: payments.Purchase, State: state, Amount: 18700, TerminalName: "Counter 1", StartedByName: "Maria Kern", StartedBy: "15",
	}
	d.Payments = []payments.Payment{*d.Open}
	return d
}

func received(who caller, cards []pairing.Card, docs ...invoices.Document) receiveView {
	server := &Server{Config: Config{Now: noon}}
	return server.receiveView(who, invoices.View{
		Entity: "deal", ID: "512", Title: "Wharf pump kit", Total: aud(28700), ToInvoice: aud(10000), Documents: docs,
	}, cards)
}

func TestEachRowOffersTheOneActionThatItsStateAllows(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	closed := owed("SI:77", 18700, 0)
	closed.Closed = true
	settled := owed("SI:77", 18700, 0)
	settled.Settled, settled.Outstanding, settled.Status = true, 0, invoices.Paid
	nobody := cashierOf()
	nobody.Rights = nil
	for name, c := range map[string]struct {
		who  caller
		doc  invoices.Document
		want []string
		note string
	}{
		"owed":                        {cashierOf(), owed("SI:77", 18700, 0), []string{"send-payment"}, ""},
		"owed, without the right":     {nobody, owed("SI:77", 18700, 0), []string{}, "You may not take payments."},
		"partly paid":                 {cashierOf(), owed("SI:77", 18700, 5000), []string{"send-payment"}, ""},
		"on the terminal":             {cashierOf(), open("SI:77", payments.Sent), []string{"show"}, "started by Maria Kern"},
		"not known":                   {cashierOf(), open("SI:77", payments.Unknown), []string{"show"}, "Do not charge again"},
		"waiting for a decision":      {cashierOf(), open("SI:77", payments.Review), []string{"show"}, "Do not charge again"},
		"paid":                        {adminOf(), paid("SI:77"), []string{"refund"}, ""},
		"paid, for a cashier":         {cashierOf(), paid("SI:77"), []string{"refund"}, ""}, // asks for it
		"partly given back":           {adminOf(), gaveBack("SI:77", 2000), []string{"refund", "charge-again"}, ""},
		"all given back":              {adminOf(), gaveBack("SI:77", 6000), []string{"charge-again"}, ""},
		"given back, no right":        {nobody, gaveBack("SI:77", 2000), []string{"refund"}, ""},
		"paid without a link":         {adminOf(), linkless("SI:77"), []string{}, "no link to its sale"},
		"closed in the CRM":           {adminOf(), closed, []string{}, "Closed as not paid"},
		"settled by other means":      {adminOf(), settled, []string{}, "Marked as paid in the CRM"},
		"a refusal not yet confirmed": {cashierOf(), open("SI:77", payments.Declined), []string{"show"}, "still being confirmed"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := s.draw("receive", received(c.who, []pairing.Card{counter("t_1", "Counter 1")}, c.doc))
			if diff := cmp.Diff(c.want, tests(doc, `[data-test="document-SI:77"] .doc-action button`)); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
			if got := said(doc, "document-note"); !strings.Contains(got, c.note) || (c.note == "") != (got == "") {
				t.Errorf("the row notes %q, want %q", got, c.note)
			}
		})
	}
}

func TestTheButtonsSayWhatTheIssueSays(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("receive", received(adminOf(), []pairing.Card{counter("t_1", "Counter 1")}, owed("SI:77", 18700, 0), paid("SI:71")))
	for name, want := range map[string]string{
		"send-payment": "Send Payment", "refund": "Refund", "add-submit": "Add Invoice",
		"send-submit": "Send $187.00 to Counter 1", "refund-submit": "Refund $60.00 on Counter 1",
		"totals": "Deal total$287.00 Invoiced$247.00$100.00 not invoiced yet Paid$60.00 Left to pay$187.00",
	} {
		if got := said(doc, name); got != want {
			t.Errorf("%s says %q, want %q", name, got, want)
		}
	}
	for field, want := range map[string]string{
		"add-title": "Wharf pump kit", "add-amount": "100.00", "amount": "187.00", "refund-amount": "60.00",
	} {
		if got := doc.Find(`[data-test="`+field+`"]`).AttrOr("value", ""); got != want {
			t.Errorf("%s proposes %q, want %q", field, got, want)
		}
	}
}

func TestEveryAttemptHasItsOwnNameAndOneOnly(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	seen := map[string]bool{}
	for range 2 {
		doc := s.draw("receive", received(adminOf(), nil, owed("SI:77", 18700, 0), owed("SI:78", 100, 0), paid("SI:71")))
		names := doc.Find("input[name=requestId]")
		if names.Length() != 4 {
			t.Fatalf("%d forms are named, want Add Invoice, two to send and one to refund", names.Length())
		}
		for i := range names.Length() {
			id := names.Eq(i).AttrOr("value", "")
			if id == "" || seen[id] {
				t.Errorf("the request id %q is empty or was used before", id)
			}
			seen[id] = true
		}
	}
}

func TestThePickerChoosesOnlyWhatCannotSurprise(t *testing.T) {
	t.Parallel()
	mine, other := counter("t_1", "Counter 1"), counter("t_2", "Counter 2")
	mine.Default = true
	busy := mine
	busy.Holder = &payments.Payment{Document: "SI:81", StartedByName: "Maria Kern", CreatedAt: noon()}
	broken := other
	broken.Status, broken.StatusReason = pairing.Attention, "Pair it again."
	foreign := other
	foreign.Currency = "NZD"
	plain := mine
	plain.Default = false
	for name, c := range map[string]struct {
		cards  []pairing.Card
		prefer string
		want   string
	}{
		"the viewer's default":                             {[]pairing.Card{mine, other}, "", "t_1"},
		"no other counter while the default is busy":       {[]pairing.Card{busy, other}, "", ""},
		"the only one":                                     {[]pairing.Card{plain}, "", "t_1"},
		"the only one that works":                          {[]pairing.Card{plain, broken}, "", "t_1"},
		"the only one of the currency":                     {[]pairing.Card{plain, foreign}, "", "t_1"},
		"nothing among several":                            {[]pairing.Card{plain, other}, "", ""},
		"the one that was used for the sale":               {[]pairing.Card{mine, other}, "t_2", "t_2"},
		"not one that was used for the sale but is broken": {[]pairing.Card{mine, broken}, "t_2", "t_1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := newPick(nil, "p", "AUD", ranked(c.cards), c.prefer).Chosen; got != c.want {
				t.Errorf("chosen %q, want %q", got, c.want)
			}
		})
	}
}

func TestABusyTerminalSaysWhoHasItAndCannotBeChosen(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	busy := counter("t_1", "Counter 1")
	busy.Holder = &payments.Payment{Document: "SI:81", StartedByName: "Maria Kern", CreatedAt: noon()}
	doc := s.draw("pick", newPick(nil, "send-x", "AUD", []pairing.Card{busy}, ""))
	if _, disabled := doc.Find("input[value=t_1]").Attr("disabled"); !disabled {
		t.Error("it can be chosen")
	}
	if got := said(doc, "pick"); !strings.Contains(got, "Maria Kern, invoice 81") {
		t.Errorf("it says %q", got)
	}
	if got := doc.Find("time[data-since]").AttrOr("data-since", ""); got != "2026-11-21T12:00:00Z" {
		t.Errorf("since %q", got)
	}
}

func TestThePageOpensWithTheViewersOwnPayment(t *testing.T) {
	t.Parallel()
	mine, theirs := open("SI:77", payments.Sent), open("SI:78", payments.Sent)
	mine.Open.ID, mine.Open.StartedBy, mine.Open.CreatedAt = "p_mine", "14", noon().Add(-60e9)
	theirs.Open.ID, theirs.Open.CreatedAt = "p_theirs", noon()
	for name, c := range map[string]struct {
		docs []invoices.Document
		want string
	}{
		"none":               {[]invoices.Document{owed("SI:79", 1, 0)}, ""},
		"a colleague's":      {[]invoices.Document{owed("SI:79", 1, 0), theirs}, "p_theirs"},
		"mine before theirs": {[]invoices.Document{theirs, mine}, "p_mine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := openPayment(invoices.View{Documents: c.docs}, "14"); got != c.want {
				t.Errorf("shown live: %q, want %q", got, c.want)
			}
		})
	}
}

func TestHostileNamesOfDealsInvoicesAndTerminalsStayText(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := paid("SI:77")
	doc.Title, doc.Number = hostile, hostile
	card := counter("t_1", hostile)
	card.Status, card.StatusReason = pairing.Attention, hostile
	view := received(adminOf(), []pairing.Card{card}, doc, owed("SI:78", 100, 0))
	view.View.Title = hostile
	got := s.draw("receive", view)
	if got.Find("img, script").Length() > 0 {
		t.Error("a text became markup")
	}
	if got.Find("[data-test=add-title]").AttrOr("value", "") != hostile {
		t.Error("the title is not proposed as it is")
	}
}

func TestAnInvoicesTabHasNoInvoicesToAdd(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	server := &Server{Config: Config{Now: noon}}
	page := server.receivePage(cashierOf(), "t", invoices.View{
		Entity: "invoice", ID: "77", Title: "Deposit", Total: aud(100), Documents: []invoices.Document{owed("SI:77", 100, 0)},
	}, nil, nil)
	doc := s.draw("receive-page", page)
	if doc.Find("[data-test=add-invoice], [data-test=add-dialog]").Length() > 0 {
		t.Error("an invoice can be added to an invoice")
	}
	if doc.Find("[data-test=no-terminal]").Length() != 1 {
		t.Error("nobody says that there is no terminal")
	}
	if got := doc.Find("#documents").AttrOr("hx-get", ""); got != "/api/v1/documents?entity=invoice&id=77" {
		t.Errorf("the list is read again from %q", got)
	}
	if !cashierOf().may(access.Take) {
		t.Fatal("the story needs somebody who may take payments")
	}
}

func TestSumsLeaveOutWhatCannotBeSummed(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	closed, foreign, settled := owed("SI:78", 5000, 0), owed("SI:79", 7000, 0), owed("SI:80", 4000, 0)
	closed.Closed = true
	foreign.Currency = "NZD"
	settled.Settled, settled.Outstanding = true, 0
	refunded := paid("SI:71")
	refunded.Refunded, refunded.Outstanding = 1000, 1000
	doc := s.draw("receive", received(adminOf(), nil, owed("SI:77", 18700, 700), closed, foreign, settled, refunded))
	for name, want := range map[string]string{
		"total-invoiced": "$287.00", // 187 + 40 + 60
		"total-paid":     "$97.00",  // 7 + 40 settled in the CRM + 60 less 10 refunded
		"total-left":     "$190.00", // 180 + 10 given back
	} {
		if got := said(doc, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := doc.Find(`[data-test="document-SI:79"] .tag`).Text(); got != "NZD" {
		t.Errorf("the foreign invoice is marked %q", got)
	}
}
