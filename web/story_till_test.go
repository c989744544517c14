package web

import (
	"receivepayment/invoices"
	"receivepayment/payments"
)

// ruled is a policy in which everything is set.
func ruled() payments.Policy {
	return payments.Policy{
		PortalID: "p_1", RefundExtras: payments.Share, TipChoices: []int{5, 10, 15}, NoCashOut: true,
		SurchargeRules: []payments.SurchargeRule{
			{BIN: "41", BasisPoints: 150}, {BIN: "3714", Amount: 75, Currency: "AUD"}, {BIN: "62", Amount: 1250, Currency: "KWD"},
		},
		RefundLimits: map[string]payments.Money{"*": aud(10000), "14": aud(25000), "90": aud(0)},
	}
}

// returned is a document that a refund moved to its stage.
func returned(id string) invoices.Document {
	d := paid(id)
	d.Payments, d.Refunded, d.Refundable, d.Status, d.Returned = nil, d.Total, 0, invoices.Refunded, true
	return d
}

func tillStories() map[string]story {
	till := func(p payments.Policy) func(who caller) any {
		return func(who caller) any {
			return tillView{deskTabs: deskTabs{Who: who, Tab: "till"}, Policy: p, Names: map[string]string{"14": "Mere Tane"}, Currency: "AUD"}
		}
	}
	return map[string]story{
		"refunded-for-good": {page: "receive-page", data: deal(returned("SI:79"))},
		"till":              {piece: "till-tab", data: till(ruled())},
		"till-fresh":        {piece: "till-tab", data: till(payments.Policy{RefundExtras: payments.WithFull})},
	}
}
