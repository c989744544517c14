package payments

import (
	"slices"

	"receivepayment/words"
)

// Extras is what is asked for beside the amount. Minor units of its currency;
// the zero value asks for nothing.
type Extras struct {
	Tip       int64 // fixed before the card is presented
	AskTip    bool  // the terminal asks the customer
	CashOut   int64 // handed out in notes on top; with an amount of zero, alone
	Surcharge bool  // by the portal's rules, see [Policy]
	MOTO      bool  // telephone or mail order: the card is keyed on the terminal, never here
}

// None reports whether nothing is asked for.
func (e Extras) None() bool { return e == Extras{} }

// parts name the extras for the hash of a request; none add nothing to it.
func (e Extras) parts(currency string) []string {
	if e.None() {
		return nil
	}
	text := func(minor int64) string { return Money{Minor: minor, Currency: currency}.String() }
	flag := map[bool]string{true: "yes", false: "no"}
	return []string{text(e.Tip), flag[e.AskTip], text(e.CashOut), flag[e.Surcharge], flag[e.MOTO]}
}

// The features of a terminal that extras need, as its facts name them.
const (
	FeatureTipping = "tipping"
	FeatureCashOut = "cashOut"
	FeatureMOTO    = "moto"
	FeatureRefund  = "refund"
)

// Can reports whether the terminal says that its bank allows the feature.
func (t Terminal) Can(feature string) bool { return slices.Contains(t.Features, feature) }

// allowed checks the extras against what the portal and the terminal allow.
// Each refusal names its field.
func (o Order) allowed(policy Policy) error {
	e, t := o.Extras, o.Terminal
	wantsTip := e.Tip > 0 || e.AskTip
	for _, c := range []struct {
		refused bool
		field   string
		text    words.Key
	}{
		{wantsTip && policy.NoTips, "tip", "Tips are switched off for this portal."},
		{wantsTip && !t.Can(FeatureTipping), "tip", "This terminal's bank allows no tips."},
		{e.Tip > 0 && e.AskTip, "tip", "Either the tip is fixed or the terminal asks for it, not both."},
		{e.Surcharge && policy.NoSurcharge, "surcharge", "Surcharges are switched off for this portal."},
		{e.Surcharge && len(policy.rulesFor(o.Amount.Currency)) == 0, "surcharge", "No surcharge rules are set for this portal."},
		{e.CashOut > 0 && policy.NoCashOut, "cashOut", "Cash-out is switched off for this portal."},
		{e.CashOut > 0 && !t.Can(FeatureCashOut), "cashOut", "This terminal's bank allows no cash-out."},
		{e.CashOut > t.CashOutLimit && t.CashOutLimit > 0, "cashOut", "It is more than this terminal hands out at once."},
		{e.CashOut > 0 && e.MOTO, "cashOut", "Nobody is there to take the cash."},
		{e.MOTO && policy.NoMOTO, "moto", "Telephone and mail orders are switched off for this portal."},
		{e.MOTO && !t.Can(FeatureMOTO), "moto", "This terminal's bank allows no telephone or mail orders."},
		{o.Amount.Minor == 0 && e.CashOut == 0, "amount", "Enter an amount above zero."},
		{o.Amount.Minor == 0 && e != Extras{CashOut: e.CashOut}, "cashOut", "Cash-out alone goes without anything else."},
		{o.Amount.Minor+e.Tip+e.CashOut > maxMinor, "amount", "That is more than a terminal takes at once."},
	} {
		if c.refused {
			return Invalid(c.field, c.text)
		}
	}
	return nil
}

// ask writes the extras into a payment. The rules are kept as they are now: a
// change of the portal's settings must not change what was sent.
func (p *Payment) ask(e Extras, policy Policy) {
	p.WantTip, p.AskTip, p.WantCashOut, p.MOTO = e.Tip, e.AskTip, e.CashOut, e.MOTO
	if e.AskTip {
		p.TipChoices = policy.TipChoices
	}
	if e.Surcharge {
		p.SurchargeRules = policy.rulesFor(p.Currency)
	}
	if p.Amount == 0 && e.CashOut > 0 {
		p.CashOnly, p.Amount = true, e.CashOut
	}
}

// Asked is what the terminal is asked to move in one sum: for a refund with
// the tip and the surcharge that go back too. Tip and cash-out of a purchase
// are asked for apart.
func (p Payment) Asked() int64 { return p.Amount + p.WantSurcharge + p.returnedTip() }

func (p Payment) returnedTip() int64 {
	if p.Kind == Refund {
		return p.WantTip
	}
	return 0
}
