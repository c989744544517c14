package web

import (
	"receivepayment/access"
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

// gaveBack is a document that was paid and of which a refund gave a part back,
// or all.
func gaveBack(id string, minor int64) invoices.Document {
	d := paid(id)
	back := payments.Payment{
		ID: "p_9", Kind: payments.Refund, State: payments.Approved, Document: id, Amount: minor, ApprovedAmount: &minor,
		Currency: "AUD", RefundOf: "p_1", TerminalID: "t_2", StartedBy: "1", ConfirmedAt: at(noon()), CreatedAt: noon(),
	}
	d.Payments = append(d.Payments, back)
	d.Refunded, d.Outstanding, d.Refundable, d.Status = minor, minor, d.Paid-minor, invoices.PartlyRefunded
	if minor == d.Paid {
		d.Status = invoices.Refunded
	}
	return d
}

// linkless is a paid document whose sale the bank gave no link to.
func linkless(id string) invoices.Document {
	d := paid(id)
	d.Payments[0].RFN, d.Refundable = "", 0
	return d
}

// ruledBy is the Receive Payment page of a portal with this policy.
func ruledBy(policy payments.Policy, docs ...invoices.Document) func(who caller) any {
	return func(who caller) any {
		v := dealOf(docs...)
		v.Policy = policy
		return bench().receivePage(who, "token-1", v, twoCounters(), nil)
	}
}

// refunder may take and refund, and is no administrator.
func refunder() caller {
	who := cashierOf()
	who.Rights = append(who.Rights, access.Refund)
	return who
}

func limited(minor int64) payments.Policy {
	return payments.Policy{RefundExtras: payments.WithFull, RefundLimits: map[string]payments.Money{payments.Everybody: aud(minor)}}
}

func tillStories() map[string]story {
	till := func(p payments.Policy) func(who caller) any {
		return func(who caller) any {
			return tillView{deskTabs: deskTabs{Who: who, Tab: "till"}, Policy: p, Names: map[string]string{"14": "Mere Tane"}, Currency: "AUD"}
		}
	}
	return map[string]story{
		"refunded-for-good": {page: "receive-page", data: deal(returned("SI:79"))},
		"went-back":         {page: "receive-page", data: deal(gaveBack("SI:79", 2000))},
		"charge-again":      {page: "receive-page", data: deal(gaveBack("SI:79", 6000)), open: "#send-SI-79"},
		"refund-limited":    {page: "receive-page", as: refunder, data: ruledBy(limited(3000), paid("SI:79")), open: "#refund-p-1"},
		"refund-spent":      {page: "receive-page", as: refunder, data: ruledBy(limited(0), paid("SI:79")), open: "#refund-p-1"},
		"refund-unlinked":   {page: "receive-page", data: ruledBy(payments.Policy{Unmatched: true}, linkless("SI:79")), open: "#refund-p-1"},
		"no-way-back":       {page: "receive-page", data: deal(linkless("SI:79"))},
		"live-cash-alone": {page: "receive-page", data: panel(payments.Approved, payments.Purchase, func(d *payments.Detail) {
			nothing := int64(0)
			d.CashOnly, d.CashOut, d.ApprovedAmount, d.Refundable = true, d.Amount, &nothing, 0
		})},
		"live-no-way-back": {page: "receive-page", data: panel(payments.Approved, payments.Purchase, func(d *payments.Detail) { d.RFN, d.MayGoBack = "", false })},
		"till":             {piece: "till-tab", data: till(ruled())},
		"till-fresh":       {piece: "till-tab", data: till(payments.Policy{RefundExtras: payments.WithFull})},
	}
}
