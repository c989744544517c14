package web

import (
	"receivepayment/access"
	"receivepayment/payments"
)

// check reads what was sent, as far as it can be understood without asking
// whether terminal and portal allow it. An amount of zero is for a cash-out
// alone.
func (in newPaymentIn) check() (payments.Money, payments.Extras, error) {
	if in.Terminal == "" || len(in.Terminal) > 100 {
		return payments.Money{}, payments.Extras{}, payments.Invalid("terminal", "Choose a terminal.")
	}
	extras := payments.Extras{AskTip: in.AskTip, Surcharge: in.Surcharge, MOTO: in.MOTO}
	for _, part := range []struct {
		field, text string
		into        *int64
	}{{"tip", in.Tip, &extras.Tip}, {"cashOut", in.CashOut, &extras.CashOut}} {
		if part.text == "" {
			continue
		}
		m, err := payments.ParseMoney(part.text, in.Currency)
		if err != nil {
			return m, extras, payments.Invalid(part.field, "Enter an amount like 5.00, with no more decimals than the currency has.")
		}
		*part.into = m.Minor
	}
	if extras.CashOut > 0 {
		if m, err := payments.ParseMoney(in.Amount, in.Currency); err == nil && m.Minor == 0 {
			return m, extras, nil
		}
	}
	amount, err := parseAmount(in.Amount, in.Currency)
	return amount, extras, err
}

// mayAsk reports whether the caller has the right to the extras: a card that
// is not there needs one of its own.
func (w caller) mayAsk(e payments.Extras) bool { return !e.MOTO || w.may(access.MOTO) }

// askedJSON is what the terminal was asked for beside the amount. On a refund
// tip and surcharge are what goes back with it.
type askedJSON struct {
	Tip       string `json:"tip"`
	Surcharge string `json:"surcharge"`
	CashOut   string `json:"cashOut"`
	Total     string `json:"total"`
	AskTip    bool   `json:"askTip"`
	Rules     bool   `json:"surchargeRules"`
	MOTO      bool   `json:"moto"`
	CashOnly  bool   `json:"cashOnly"`
	Unmatched bool   `json:"unmatched"`
}

func askedOf(p payments.Payment) askedJSON {
	text := func(minor int64) string { return payments.Money{Minor: minor, Currency: p.Currency}.String() }
	total := p.Amount + p.WantTip + p.WantSurcharge + p.WantCashOut
	if p.CashOnly {
		total = p.WantCashOut
	}
	return askedJSON{
		Tip: text(p.WantTip), Surcharge: text(p.WantSurcharge), CashOut: text(p.WantCashOut), Total: text(total),
		AskTip: p.AskTip, Rules: len(p.SurchargeRules) > 0, MOTO: p.MOTO, CashOnly: p.CashOnly, Unmatched: p.Unmatched,
	}
}
