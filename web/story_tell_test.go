package web

import (
	"strconv"
	"time"

	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// What the CRM is told, what a terminal does beside taking money, and what is
// answered into a page that is open already.

func queueStories() map[string]story {
	waits := func(who caller) queueItemView {
		p := liveOf(payments.Approved, payments.Purchase, who).Payment
		return queueItemView{Who: who, Payment: p, WriteBack: payments.WriteBack{
			PaymentID: p.ID, Target: payments.TargetDocument, State: payments.Waiting, DueAt: at(noon().Add(time.Minute)), CreatedAt: noon().Add(-time.Minute),
		}}
	}
	stuck := func(who caller) queueItemView {
		item := waits(who)
		item.Target, item.State, item.DueAt, item.LastError = payments.TargetTimeline, payments.Attention, nil, "the portal is closed"
		return item
	}
	return map[string]story{
		"crm": {page: "settings-page", data: func(who caller) any {
			v := shelf(nil)(who).(settingsPageView)
			v.CRM = &crmTellingView{Who: who, Settings: invoices.Settings{Notices: true}}
			return v
		}},
		"queue":       part("queue", func(who caller) any { return queueView{Who: who, Items: []queueItemView{waits(who), stuck(who)}} }),
		"queue-empty": part("queue", func(who caller) any { return queueView{Who: who} }),
	}
}

func functionStories() map[string]story {
	run := func(kind pairing.FunctionKind, state pairing.FunctionState, change func(f *pairing.Function)) story {
		return part("function", func(who caller) any {
			v := functionView{Who: who, now: noon(), Function: pairing.Function{ID: "f_1", TerminalID: "t_1", Kind: kind, State: state, CreatedAt: noon()}}
			change(&v.Function)
			return v
		})
	}
	return map[string]story{
		"function-runs": run(pairing.Logon, pairing.FunctionSent, func(f *pairing.Function) {
			f.Display = payments.Display{Lines: []string{"LOGON SUCCESSFUL", "PRESS OK"}, Keys: []payments.Key{payments.KeyOK}, At: at(noon())}
		}),
		"function-done": run(pairing.Totals, pairing.FunctionDone, func(f *pairing.Function) {
			f.EndedAt, f.Text = at(noon()), "TOTALS PRINTED"
			f.Receipts = []pairing.FunctionReceipt{{Text: "     HARBOUR SUPPLIES\n\nSALES      12   1,240.00\nREFUNDS     1      60.00\n"}}
		}),
		"function-failed":  run(pairing.Reprint, pairing.FunctionFailed, func(f *pairing.Function) { f.EndedAt, f.Text = at(noon()), "NO RECEIPT" }),
		"function-unknown": run(pairing.PreSettlement, pairing.FunctionUnknown, func(f *pairing.Function) { f.EndedAt = at(noon()) }),
		"settlement": {page: "settings-page", open: "#settle-t-1", data: shelf(nil, func(c *pairing.Card) {
			c.CheckAt = at(noon().Add(20 * time.Hour))
		})},
	}
}

// answerStories are pieces that come into a page, and choices that only larger
// portals have.
func answerStories() map[string]story {
	merchant := func(d *payments.Detail) {
		asking([]string{"SIGNATURE OK?", ""}, "", payments.KeyYes, payments.KeyNo)(d)
		d.Receipts = []payments.Receipt{{Hash: "h2", Type: "merchant", Text: "     HARBOUR SUPPLIES\n\nAUD 187.00\n\nX_________________\n"}}
	}
	test := func(d *payments.Detail) { d.Document, d.DocumentTitle = "T:t_1/r1", "Test" }
	many := func(n int) func(who caller) any {
		return func(who caller) any {
			cards := make([]pairing.Card, n)
			for i := range cards {
				cards[i] = counter("t_"+strconv.Itoa(i+1), "Counter "+strconv.Itoa(i+1))
			}
			return bench().receivePage(who, "token-1", dealOf(owed("SI:77", 18700, 0)), cards, nil)
		}
	}
	refused := func(open *payments.Payment) func(who caller) any {
		return func(who caller) any {
			return formErrorsView{Open: open, Problem: newProblem(409, "document_open", who.T("That did not work. Please try again."), "")}
		}
	}
	return map[string]story{
		"live-to-sign":     {page: "receive-page", data: panel(payments.Sent, payments.Purchase, merchant), as: cashierOf},
		"live-test":        {page: "receive-page", data: panel(payments.Approved, payments.Purchase, test)},
		"live-qr":          {page: "receive-page", data: panel(payments.Sent, payments.Purchase, func(d *payments.Detail) { d.Display.QR = "00020101021226" }), as: cashierOf},
		"refund-decide":    {page: "receive-page", data: panel(payments.Approved, payments.Purchase, asked(payments.RequestWaiting, "15"))},
		"send-one-of-many": {page: "receive-page", data: many(pickLimit), open: "#send-SI-77"},
		"refused":          part("form-errors", refused(&payments.Payment{ID: "p_9"})),
		"print-sheet": part("print-sheet", func(caller) any {
			return sheetView{Receipt: payments.Receipt{Text: "     HARBOUR SUPPLIES\n\nAUD 187.00\n"}}
		}),
		"details-for-support": part("support", func(caller) any { return supportView{Text: "payment p_1\nstate approved\nterminal Counter 1"} }),
		"bridge-code": part("bridge-code", func(caller) any {
			return bridgeCodeView{Name: "Counter 1", Code: "7K2M-9XQ4", Server: "https://pay.example"}
		}),
		"add-invoice-funnel": {page: "receive-page", open: "#add-invoice", data: func(who caller) any {
			v := bench().receivePage(who, "token-1", dealOf(), twoCounters(), nil)
			v.Receive.Funnels = []pairing.Funnel{{ID: 31, Name: "Invoices", Default: true}, {ID: 32, Name: "Subscriptions"}}
			return v
		}},
	}
}
