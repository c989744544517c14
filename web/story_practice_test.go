package web

import (
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// What is practised, and that it cannot be taken for anything else.
func practiceStories() map[string]story {
	ours := func(c *pairing.Card) { c.Provider, c.Environment = payments.PracticeProvider, pairing.Sandbox }
	choose := func(docs ...invoices.Document) func(who caller) any {
		return func(who caller) any {
			cards := twoCounters()[:1]
			ours(&cards[0])
			return bench().receivePage(who, "token-1", dealOf(docs...), cards, nil)
		}
	}
	live := func(state payments.State) func(who caller) any {
		return panel(state, payments.Purchase, func(d *payments.Detail) { d.Provider = payments.PracticeProvider })
	}
	return map[string]story{
		"practice-terminal": {page: "settings-page", data: shelf(nil, ours)},
		"practice-send":     {page: "receive-page", data: choose(owed("SI:77", 18700, 0)), open: "#send-SI-77"},
		"practice-sent":     {page: "receive-page", data: live(payments.Sent)},
		"practice-approved": {page: "receive-page", data: live(payments.Approved)},
	}
}
