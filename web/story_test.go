package web

import (
	"slices"
	"sync"
	"time"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// The storybook: every page in every state, from made-up data, drawn by the
// templates that the product uses. `make screens` photographs it; tests hold
// each story to what every screen owes. A new screen is one more entry:
//
//	"refund-asked": {page: "receive-page", data: func(who caller) any { return … }},

// story is one screen in one state.
type story struct {
	page  string               // the template of a whole page, or
	piece string               // that of a part, which is told on a page of its own
	data  func(who caller) any // who looks, in the language that the story is told in
	as    func() caller        // nil means an administrator
	open  string               // a dialog to open, as a selector
	fold  string               // a <details> to unfold
}

// stories are all of them, by a name that says what is seen.
var stories = sync.OnceValue(func() map[string]story {
	all := map[string]story{}
	for _, chapter := range []map[string]story{
		listStories(), liveStories(), refundStories(), settingsStories(), smallStories(),
		wizardStories(), peopleStories(), kayaakuStories(), practiceStories(), crmStories(), queueStories(), functionStories(), answerStories(), mailStories(), tillStories(), auditStories(),
	} {
		for name, one := range chapter {
			if _, twice := all[name]; twice {
				panic("two stories are called " + name)
			}
			all[name] = one
		}
	}
	return all
})

func (st story) viewer() caller {
	if st.as == nil {
		return adminOf()
	}
	return st.as()
}

// bench is a server with a clock and nothing else: enough to make views.
func bench() *Server { return &Server{Config: Config{Now: noon}} }

func twoCounters() []pairing.Card {
	one, two := counter("t_1", "Counter 1"), counter("t_2", "Counter 2")
	one.Default = true
	two.Holder = &payments.Payment{
		Document: "SI:81", StartedByName: "Maria Kern", CreatedAt: noon().Add(-40 * time.Second),
	}
	return []pairing.Card{one, two}
}

func dealOf(docs ...invoices.Document) invoices.View {
	return invoices.View{Entity: "deal", ID: "512", Title: "Wharf pump kit", Total: aud(28700), ToInvoice: aud(10000), Documents: docs}
}

// deal is the Receive Payment page of a deal with these documents.
func deal(docs ...invoices.Document) func(who caller) any {
	return func(who caller) any { return bench().receivePage(who, "token-1", dealOf(docs...), twoCounters(), nil) }
}

// tillOf is the same where the terminals and the portal allow everything.
func tillOf(docs ...invoices.Document) func(who caller) any {
	return func(who caller) any {
		cards := twoCounters()
		for i := range cards {
			cards[i].Facts.Features = []string{"refund", "tipping", "cashOut", "moto"}
			cards[i].Facts.RefundLimit = "900.00"
		}
		v := dealOf(docs...)
		v.Policy = payments.Policy{
			RefundExtras: payments.WithFull, TipChoices: []int{5, 10, 15}, SurchargeRules: []payments.SurchargeRule{{BIN: "41", BasisPoints: 150}},
		}
		return bench().receivePage(who, "token-1", v, cards, nil)
	}
}

// tipped is a paid document whose customer added to it.
func tipped(id string) invoices.Document {
	d := paid(id)
	d.Payments[0].Tip, d.Payments[0].Surcharge = 700, 90
	return d
}

// asked is a request about the payment on the panel.
func asked(state payments.RequestState, by string) func(d *payments.Detail) {
	return func(d *payments.Detail) {
		d.Requests = []payments.RefundRequest{{
			ID: "rr_1", PaymentID: d.ID, Amount: 4000, Currency: "AUD", Reason: "returned item", State: state, TerminalName: "Counter 1",
			ByID: by, ByName: "Mere Tane", DecidedByName: "Maria Kern", Answer: "seen the goods",
		}}
	}
}

func listStories() map[string]story {
	nobody := func() caller { who := cashierOf(); who.Rights = nil; return who }
	closed := owed("SI:80", 4200, 0)
	closed.Closed = true
	return map[string]story{
		"ready":           {page: "receive-page", data: deal(owed("SI:77", 18700, 0), owed("SI:78", 12000, 5000), paid("SI:79"), closed)},
		"ready-cashier":   {page: "receive-page", data: deal(owed("SI:77", 18700, 0), paid("SI:79")), as: cashierOf},
		"ready-no-right":  {page: "receive-page", data: deal(owed("SI:77", 18700, 0), paid("SI:79")), as: nobody},
		"ready-past":      {page: "receive-page", data: deal(paid("SI:79")), fold: "[data-test=past]"},
		"empty":           {page: "receive-page", data: deal()},
		"add-invoice":     {page: "receive-page", data: deal(), open: "#add-invoice"},
		"send-payment":    {page: "receive-page", data: deal(owed("SI:77", 18700, 0)), open: "#send-SI-77"},
		"send-extras":     {page: "receive-page", data: tillOf(owed("SI:77", 18700, 0)), open: "#send-SI-77", fold: "[data-test=extras]"},
		"refund-extras":   {page: "receive-page", data: tillOf(tipped("SI:79")), open: "#refund-p-1"},
		"refund-ask":      {page: "receive-page", data: tillOf(tipped("SI:79")), as: cashierOf, open: "#refund-p-1"},
		"on-the-terminal": {page: "receive-page", data: deal(open("SI:77", payments.Sent), owed("SI:78", 12000, 0))},
		"not-known":       {page: "receive-page", data: deal(open("SI:77", payments.Unknown))},
		"no-terminal": {page: "receive-page", data: func(who caller) any {
			return bench().receivePage(who, "token-1", dealOf(owed("SI:77", 18700, 0)), nil, nil)
		}},
		"no-terminal-staff": {page: "receive-page", as: cashierOf, data: func(who caller) any {
			return bench().receivePage(who, "token-1", dealOf(owed("SI:77", 18700, 0)), nil, nil)
		}},
		"one-invoice": {page: "receive-page", data: func(who caller) any {
			v := dealOf(owed("SI:77", 18700, 0))
			v.Entity, v.ID = "invoice", "77"
			return bench().receivePage(who, "token-1", v, twoCounters(), nil)
		}},
		"practice": {page: "receive-page", data: func(who caller) any {
			cards := twoCounters()[:1]
			cards[0].Environment = pairing.Sandbox
			return bench().receivePage(who, "token-1", dealOf(owed("SI:77", 18700, 0)), cards, nil)
		}},
	}
}

// panel is the Receive Payment page with a payment on it, changed as told.
func panel(state payments.State, kind payments.Kind, change func(d *payments.Detail)) func(who caller) any {
	return func(who caller) any {
		d := liveOf(state, kind, who).Detail
		if change != nil {
			change(&d)
		}
		return bench().receivePage(who, "token-1", dealOf(around77(d)), countersWith(d.Payment), &d)
	}
}

// around77 is the invoice of the payment on the panel, as the list shows it.
func around77(d payments.Detail) invoices.Document {
	doc := open("SI:77", d.State)
	doc.Open.StartedBy, doc.Open.StartedByName, doc.Open.Kind = d.StartedBy, d.StartedByName, d.Kind
	switch {
	case d.Kind == payments.Refund || d.State == payments.Approved:
		open := doc.Open
		doc = paid("SI:77")
		doc.Total, doc.Paid, doc.Refundable = 18700, 18700, 18700
		doc.Payments[0].Amount, doc.Payments[0].ApprovedAmount, doc.Payments[0].TerminalID = 18700, &doc.Total, d.TerminalID
		if !d.State.Final() {
			doc.Open, doc.Status = open, invoices.InProgress
		}
	case d.State.Final():
		doc = owed("SI:77", 18700, 0)
	}
	return doc
}

// countersWith are the terminals while the payment is on one of them.
func countersWith(p payments.Payment) []pairing.Card {
	cards := twoCounters()
	if p.HoldsTerminal() {
		cards[0].Holder = &p
	}
	return cards
}

func asking(lines []string, input string, keys ...payments.Key) func(d *payments.Detail) {
	return func(d *payments.Detail) {
		d.Display = payments.Display{Lines: lines, Keys: keys, Input: input, At: d.LastEventAt}
	}
}

func liveStories() map[string]story {
	buy := payments.Purchase
	page := func(state payments.State, change func(d *payments.Detail)) story {
		return story{page: "receive-page", data: panel(state, buy, change), as: cashierOf}
	}
	silent := func(ago time.Duration) func(d *payments.Detail) {
		return func(d *payments.Detail) {
			d.SentAt, d.CreatedAt, d.Display = at(noon().Add(-ago)), noon().Add(-ago), payments.Display{}
		}
	}
	return map[string]story{
		"refund-requested":  page(payments.Approved, asked(payments.RequestWaiting, "15")),
		"refund-asked-mine": page(payments.Approved, asked(payments.RequestWaiting, "14")),
		"refund-waits":      page(payments.Approved, asked(payments.RequestApproved, "15")),
		"live-sending":      page(payments.Created, nil),
		"live-sent":         page(payments.Sent, silent(2*time.Second)),
		"live-on-terminal":  page(payments.Sent, nil),
		"live-told":         page(payments.Sent, func(d *payments.Detail) { d.Told = &payments.Result{Success: true}; d.Display.Keys = nil }),
		"live-signature":    page(payments.Sent, asking([]string{"SIGNATURE OK?", ""}, "", payments.KeyYes, payments.KeyNo)),
		"live-ok":           page(payments.Sent, asking([]string{"REMOVE CARD", "THEN PRESS OK"}, "", payments.KeyOK, payments.KeyCancel)),
		"live-amount":       page(payments.Sent, asking([]string{"ENTER AMOUNT", ""}, "amount", payments.KeyAuth, payments.KeyCancel)),
		"live-password":     page(payments.Sent, asking([]string{"REFUND PASSWORD", ""}, "password", payments.KeyAuth, payments.KeyCancel)),
		"live-supervisor":   page(payments.Sent, asking([]string{"SUPERVISOR", "PASSWORD"}, "supervisor", payments.KeyAuth)),
		"live-no-life":      page(payments.Sent, silent(20*time.Second)),
		"live-quiet": page(payments.Sent, func(d *payments.Detail) {
			d.LastEventAt = at(noon().Add(-2 * time.Minute))
			d.Display.At = d.LastEventAt
		}),
		"live-colleague":    {page: "receive-page", data: panel(payments.Sent, buy, nil)},
		"live-unknown":      page(payments.Unknown, nil),
		"live-unknown-boss": {page: "receive-page", data: panel(payments.Unknown, buy, nil), fold: "[data-test=resolve]"},
		"live-released":     page(payments.Unknown, func(d *payments.Detail) { d.Released = true }),
		"live-review":       page(payments.Review, nil),
		"live-second": {page: "receive-page", data: panel(payments.Review, buy, func(d *payments.Detail) {
			d.Proposed = &payments.Decision{Paid: true, Reason: "The journal shows it.", ByName: "Maria Kern"}
		})},
		"live-approved": {page: "receive-page", data: panel(payments.Approved, buy, nil)},
		"live-history":  {page: "receive-page", data: panel(payments.Approved, buy, nil), fold: "[data-test=history]"},
		"live-crm-later": page(payments.Approved, func(d *payments.Detail) {
			d.WriteBacks[0].State, d.WriteBacks[1] = payments.Attention, payments.WriteBack{Target: payments.TargetDocument, State: payments.Waiting}
		}),
		"live-split": page(payments.Approved, func(d *payments.Detail) {
			d.Surcharge, d.Tip, d.CashOut = 281, 1000, 5000
			d.Total = *d.ApprovedAmount + d.Surcharge + d.Tip + d.CashOut
		}),
		"live-less":     page(payments.Approved, func(d *payments.Detail) { *d.ApprovedAmount, d.Total = 10000, 10000 }),
		"live-unproven": page(payments.Approved, func(d *payments.Detail) { d.Source, d.ConfirmedAt = payments.Callback, nil }),
		"live-twice": page(payments.Approved, func(d *payments.Detail) {
			d.Alerts = []payments.Alert{{Code: payments.AlertLateApproval, At: noon(), Text: "Approved after the terminal was released for the next customer. " +
				"If the customer paid in another way meanwhile, refund exactly this payment."}}
		}),
		"live-declined": page(payments.Declined, nil),
		"live-pin":      page(payments.Declined, func(d *payments.Detail) { d.ResponseCode, d.ResponseText = "55", "INCORRECT PIN" }),
		"live-by-hand": page(payments.Declined, func(d *payments.Detail) {
			d.Source = payments.Manual
			d.History = append(d.History, payments.Entry{At: noon(), ToState: payments.Declined, Event: payments.ResolveNotPaid, Actor: "1", Why: "not in the journal"})
		}),
		"live-cancelled":     page(payments.Cancelled, nil),
		"live-never-started": page(payments.NeverStarted, nil),
		"live-resolved-late": page(payments.Approved, func(d *payments.Detail) {
			d.History = slices.Insert(d.History, 2, payments.Entry{
				At: noon().Add(-time.Minute), FromState: payments.Sent, ToState: payments.Unknown,
				Event: payments.FellSilent, Actor: "worker", Why: "no word from the terminal within the time allowed",
			},
				payments.Entry{At: noon(), FromState: payments.Unknown, ToState: payments.Approved, Event: payments.FoundApproved, Actor: "worker"})
		}),
	}
}

func refundStories() map[string]story {
	back := payments.Refund
	return map[string]story{
		"refund-nothing": {page: "receive-page", data: func(who caller) any {
			page := bench().receivePage(who, "token-1", dealOf(owed("SI:77", 18700, 0)), twoCounters(), nil)
			page.NoRefund = true
			return page
		}},
		"refund":          {page: "receive-page", data: deal(paid("SI:79")), open: "#refund-p-1"},
		"refund-live":     {page: "receive-page", data: panel(payments.Sent, back, nil)},
		"refund-unknown":  {page: "receive-page", data: panel(payments.Unknown, back, nil)},
		"refund-approved": {page: "receive-page", data: panel(payments.Approved, back, nil)},
		"refund-declined": {page: "receive-page", data: panel(payments.Declined, back, nil)},
	}
}

// shelf is the app's own page with these terminals and these troubles.
func shelf(items []attentionItem, change ...func(*pairing.Card)) func(who caller) any {
	return func(who caller) any {
		shown := terminalsView{deskTabs: deskTabs{Who: who, Tab: "terminals"}, Many: int64(len(change))}
		for i, one := range change {
			card := terminalOn(who, one).Card
			card.ID, card.Name = "t_"+string(rune('1'+i)), "Counter "+string(rune('1'+i))
			shown.Cards = append(shown.Cards, terminalView{Card: card, Who: who, around: around{names: map[string]string{"14": "Mere Tane"}}})
		}
		return bench().settingsPage(who, "token-1", shown, items)
	}
}

func settingsStories() map[string]story {
	ready := func(c *pairing.Card) { c.Default, c.LastSeenAt = true, at(noon()) }
	sick := func(c *pairing.Card) {
		c.Status, c.StatusReason = pairing.Attention, "Linkly no longer accepts this pairing. Pair the terminal again."
	}
	some := func(c *pairing.Card) { c.Shared, c.Users, c.Status = false, []string{"14"}, pairing.Proving }
	gone := func(c *pairing.Card) { c.Status = pairing.Retired }
	p := liveOf(payments.Unknown, payments.Purchase, adminOf()).Payment
	trouble := []attentionItem{
		itemOf(p, "unknown", "The result is not known yet. We go on asking.", "Do not charge again. Look at the terminal's last receipt, or check now.", noon()),
		itemOf(p, payments.AlertPaidTwice, "Paid twice.", "If the customer paid twice, refund exactly this payment.", noon()),
	}
	staff := func() caller { who := cashierOf(); who.Rights = []access.Right{access.Take}; return who }
	return map[string]story{
		"terminals": {page: "settings-page", data: shelf(nil, ready, sick, some, gone)},
		"connection": {page: "settings-page", data: func(who caller) any {
			v := shelf(nil)(who).(settingsPageView)
			v.Portal = &connectionView{Who: who, Silenced: true, Portal: pairing.Portal{PaymentExpired: true, Steps: pairing.Steps{
				pairing.StepNames()[0]: {Outcome: pairing.StepFailed, Text: "the portal is closed"}, pairing.StepNames()[1]: {Outcome: pairing.StepDone},
			}}}
			return v
		}},
		"terminals-none": {page: "settings-page", data: shelf(nil)},
		"terminals-ask":  {page: "settings-page", data: shelf(nil), as: staff},
		"terminals-many": {page: "settings-page", data: func(who caller) any {
			v := shelf(nil, ready, sick)(who).(settingsPageView)
			v.Terminals.Many, v.Terminals.Next = 240, "c"
			return v
		}},
		"terminals-not-found": {page: "settings-page", data: func(who caller) any {
			v := shelf(nil)(who).(settingsPageView)
			v.Terminals.Many, v.Terminals.In.Text = 240, "pier"
			return v
		}},
		"terminal-group": {page: "settings-page", data: func(who caller) any {
			v := shelf(nil, some)(who).(settingsPageView)
			v.Terminals.Cards[0].groups = []pairing.GroupCard{{Group: pairing.Group{ID: "g_1", Name: "Wharf shop"}}}
			return v
		}, open: "#edit-t-1"},
		"terminals-staff":   {page: "settings-page", data: shelf(nil, ready), as: staff},
		"terminals-trouble": {page: "settings-page", data: shelf(trouble, ready)},
		"terminal-edit":     {page: "settings-page", data: shelf(nil, ready, some), open: "#edit-t-2"},
		"terminal-retire":   {page: "settings-page", data: shelf(nil, ready), open: "#retire-t-1"},
	}
}

// installer is the installer after a step; with every step so far done as told.
func installer(taken string, outcome *pairing.StepState) func(who caller) any {
	return func(who caller) any {
		p := pairing.Portal{Steps: pairing.Steps{}}
		for _, name := range pairing.StepNames() {
			if outcome == nil {
				break
			}
			p.Steps[name] = *outcome
		}
		return installPageView{frame: bench().frame(who, "token-1", "Install Receive Payment"), Wizard: wizardAfter(p, taken)}
	}
}

func smallStories() map[string]story {
	sorry := func(code string, status int, err error) story {
		return story{page: "sorry-page", data: func(who caller) any {
			p := newProblem(status, code, "", "")
			if known, ok := bench().explain(who.Voice, err); ok {
				p = known
			}
			return sorryView{frame: bare("Receive Payment"), Problem: p}
		}}
	}
	return map[string]story{
		"installing":          {page: "install", data: installer("", nil)},
		"install-failed":      {page: "install", data: installer(pairing.StepNames()[0], &pairing.StepState{Outcome: pairing.StepFailed, Text: "the portal is closed"})},
		"installed":           {page: "install", data: installer(pairing.StepNames()[len(pairing.StepNames())-1], &pairing.StepState{Outcome: pairing.StepDone})},
		"outside":             {page: "outside-page", data: func(caller) any { return outsideView{bare("Receive Payment")} }},
		"sorry-expired":       sorry("unauthenticated", 401, errUnauthenticated),
		"sorry-no-right":      sorry("forbidden", 403, errForbidden),
		"sorry-not-installed": sorry("not_found", 404, pairing.ErrNotInstalled),
		"sorry-bitrix-down":   sorry("upstream_unavailable", 503, pairing.ErrPortalOffline),
	}
}
