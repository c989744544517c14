package invoices

import (
	"strings"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// The words of a payment in the CRM's timeline, in the portal's language. The
// reference is the same in each, because it is looked for.

func cardTitle(v *words.Voice, p payments.Payment) string {
	refund := p.Kind == payments.Refund
	doubt := p.State == payments.Unknown || p.State == payments.Review
	switch {
	case p.CashOnly && p.State == payments.Approved:
		return v.T("Cash-out approved")
	case p.CashOnly && doubt:
		return v.T("Cash-out: the result is in doubt")
	case p.CashOnly:
		return v.T("Cash-out: not handed out")
	case p.State == payments.Approved && refund:
		return v.T("Card refund approved")
	case p.State == payments.Approved:
		return v.T("Card payment approved")
	case doubt && refund:
		return v.T("Card refund: the result is in doubt")
	case doubt:
		return v.T("Card payment: the result is in doubt")
	case refund:
		return v.T("Card refund: not refunded")
	}
	return v.T("Card payment: not paid")
}

// cardTags are the two coloured words beside the title.
func cardTags(v *words.Voice, d payments.Detail) []bitrix.Tag {
	var tags []bitrix.Tag
	refunded := refundedOf(d)
	switch {
	case d.State == payments.Unknown || d.State == payments.Review:
		tags = append(tags, bitrix.Tag{Text: v.T("Needs a decision"), Kind: "failure"})
	case d.State != payments.Approved:
		tags = append(tags, bitrix.Tag{Text: v.T("Not paid"), Kind: "failure"})
	case refunded > 0 && refunded >= d.Collected():
		tags = append(tags, bitrix.Tag{Text: v.T("Refunded"), Kind: "warning"})
	case refunded > 0:
		tags = append(tags, bitrix.Tag{Text: v.T("Partly refunded"), Kind: "warning"})
	default:
		tags = append(tags, bitrix.Tag{Text: v.T("Approved"), Kind: "success"})
	}
	if d.Source == payments.Manual {
		tags = append(tags, bitrix.Tag{Text: v.T("Decided by hand"), Kind: "secondary"})
	}
	return tags
}

func refundedOf(d payments.Detail) int64 {
	refunded := int64(0)
	for _, r := range d.Refunds {
		refunded += r.Collected()
	}
	return refunded
}

// cardLines say what a colleague or the bank will ask for. The customer's slip
// comes last, as the terminal printed it.
func cardLines(v *words.Voice, d payments.Detail) []bitrix.Line {
	money := func(minor int64) string {
		if minor == 0 {
			return ""
		}
		return amountText(d.Payment, minor)
	}
	amount, cash := d.Headline(), d.CashOut
	if d.CashOnly {
		amount, cash = 0, amount
	}
	lines := named([][2]string{
		{v.T("Amount"), money(amount)},
		{v.T("Surcharge"), money(d.Surcharge)},
		{v.T("Tip"), money(d.Tip)},
		{v.T("Cash-out"), money(cash)},
		{v.T("Refunded"), money(refundedOf(d))},
		{v.T("Terminal"), d.TerminalName},
		{v.T("Card"), cardName(d.Payment)},
		{v.T("Authorisation"), d.AuthCode},
		{"RRN", d.RRN},
		{v.T("Started by"), d.StartedByName},
		{v.T("Reason"), d.Reason},
	})
	lines = append(lines, bitrix.Line{Value: "Ref " + d.TxnRef})
	for _, r := range d.Receipts {
		if r.Type == "customer" && strings.TrimSpace(r.Text) != "" {
			return append(lines, bitrix.Line{Value: r.Text, Long: true})
		}
	}
	return lines
}

// named leaves out what is empty.
func named(pairs [][2]string) []bitrix.Line {
	var lines []bitrix.Line
	for _, pair := range pairs {
		if strings.TrimSpace(pair[1]) != "" {
			lines = append(lines, bitrix.Line{Name: pair[0], Value: pair[1]})
		}
	}
	return lines
}

func cardName(p payments.Payment) string {
	if p.CardType == "" && p.Last4 == "" {
		return ""
	}
	return strings.TrimSpace(p.CardType + " ••••" + p.Last4)
}

// amountText is an amount of the payment's currency as the CRM shows it.
func amountText(p payments.Payment, minor int64) string {
	return p.Currency + " " + payments.Money{Minor: minor, Currency: p.Currency}.String()
}
