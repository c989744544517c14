package payments

import "receivepayment/words"

// booked is what an approval moved, part by part.
type booked struct{ base, surcharge, tip, cash int64 }

func (m booked) total() int64 { return m.base + m.surcharge + m.tip + m.cash }

// recordAmounts books what was really moved (rule of evidence 7): a missing or
// zero amount means the requested one, everything else is believed.
func recordAmounts(p *Payment, r Result) {
	m := movedBy(*p, r)
	p.ApprovedAmount, p.Surcharge, p.Tip, p.CashOut, p.Total = &m.base, m.surcharge, m.tip, m.cash, m.total()
}

func movedBy(p Payment, r Result) booked {
	switch {
	case p.Kind == Refund:
		return returnedBy(p, positive(r.Amount, p.Asked()))
	case p.CashOnly:
		return booked{surcharge: value(r.Surcharge), cash: positive(r.CashOut, p.Amount)}
	}
	m := booked{base: positive(r.Amount, p.Amount), surcharge: value(r.Surcharge), tip: value(r.Tip), cash: value(r.CashOut)}
	if r.CashOut == nil {
		m.cash = p.WantCashOut
	}
	if r.Tip == nil {
		m.tip = p.WantTip
		if p.AskTip && r.Total != nil { // only the customer knows: what is in the sum and nothing else
			m.tip = max(*r.Total-m.base-m.surcharge-m.cash, 0)
		}
	}
	return m
}

// returnedBy splits the one sum of a refund. When less was approved than asked
// for, it is the document's amount that comes first; more is the document's too.
func returnedBy(p Payment, sum int64) booked {
	over := max(sum-p.Asked(), 0)
	m := booked{base: min(sum, p.Amount) + over}
	rest := sum - m.base
	m.surcharge = min(rest, p.WantSurcharge)
	m.tip = min(rest-m.surcharge, p.WantTip)
	return m
}

func positive(reported *int64, requested int64) int64 {
	if reported != nil && *reported > 0 {
		return *reported
	}
	return requested
}

// amountAlerts are what rule 7 wants people to see about an approval.
func amountAlerts(p Payment, r Result) []Alert {
	if !r.Success {
		return nil
	}
	reported := r.Amount
	if p.CashOnly {
		reported = r.CashOut
	}
	var out []Alert
	switch {
	case reported == nil || *reported <= 0:
		out = append(out, Alert{Code: AlertAmountMissing, Text: words.English(
			"The approval came without an amount; %s %s is booked as requested.", p.money(p.Asked()), p.Currency)})
	case *reported > p.Asked():
		out = append(out, Alert{Code: AlertOverApproved, Text: words.English(
			"The terminal approved %s %s, more than the %s asked for.", p.money(*reported), p.Currency, p.money(p.Asked()))})
	}
	return append(out, partAlerts(p, r)...)
}

// partAlerts tell of parts that are not what was asked for, or do not add up.
func partAlerts(p Payment, r Result) []Alert {
	m := movedBy(p, r)
	var out []Alert
	if p.Kind == Purchase && !p.CashOnly && m.cash != p.WantCashOut {
		out = append(out, Alert{Code: AlertCashOut, Text: words.English(
			"The terminal approved a cash-out of %s %s, and %s was asked for. Hand out what was approved.",
			p.money(m.cash), p.Currency, p.money(p.WantCashOut))})
	}
	if r.CashOut == nil && p.WantCashOut > 0 && !p.CashOnly {
		out = append(out, Alert{Code: AlertCashOut, Text: words.English(
			"The approval does not say how much cash to hand out; %s %s is booked as requested. Look at the receipt first.",
			p.money(p.WantCashOut), p.Currency)})
	}
	if total := value(r.Total); total > 0 && !p.accounts(total, m) {
		out = append(out, Alert{Code: AlertTotal, Text: words.English(
			"The terminal says that the card was charged %s %s in all, and the parts add up to %s. Compare with the receipt.",
			p.money(total), p.Currency, p.money(m.total()))})
	}
	return out
}

// accounts reports whether the reported total can be explained: the sum with
// or without the cash (no source says which), the amount alone, or our own
// AMT given back.
func (p Payment) accounts(total int64, m booked) bool {
	switch total {
	case m.total(), m.total() - m.cash, m.base, p.DocumentTotal, p.DocumentTotal + p.WantCashOut:
		return true
	}
	return false
}
