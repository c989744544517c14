package invoices

import (
	"strings"

	"receivepayment/bitrix"
	"receivepayment/payments"
)

// The words of a payment in the CRM's timeline.

func cardTitle(p payments.Payment) string {
	kind := "Card payment"
	if p.Kind == payments.Refund {
		kind = "Card refund"
	}
	switch p.State {
	case payments.Approved:
		return kind + " approved"
	case payments.Unknown, payments.Review:
		return kind + ": the result is in doubt"
	case payments.Created, payments.Sent, payments.Declined, payments.Cancelled, payments.NeverStarted:
	}
	if p.Kind == payments.Refund {
		return kind + ": not refunded"
	}
	return kind + ": not paid"
}

// cardTags are the two coloured words beside the title.
func cardTags(d payments.Detail) []bitrix.Tag {
	var tags []bitrix.Tag
	refunded := int64(0)
	for _, r := range d.Refunds {
		refunded += r.Collected()
	}
	switch {
	case d.State == payments.Unknown || d.State == payments.Review:
		tags = append(tags, bitrix.Tag{Text: "Needs a decision", Kind: "failure"})
	case d.State != payments.Approved:
		tags = append(tags, bitrix.Tag{Text: "Not paid", Kind: "failure"})
	case refunded > 0 && refunded >= d.Collected():
		tags = append(tags, bitrix.Tag{Text: "Refunded", Kind: "warning"})
	case refunded > 0:
		tags = append(tags, bitrix.Tag{Text: "Partly refunded", Kind: "warning"})
	default:
		tags = append(tags, bitrix.Tag{Text: "Approved", Kind: "success"})
	}
	if d.Source == payments.Manual {
		tags = append(tags, bitrix.Tag{Text: "Decided by hand", Kind: "secondary"})
	}
	return tags
}

// cardLines say what a colleague or the bank will ask for. The reference stands
// in a line of its own, as it does in an entry.
func cardLines(d payments.Detail) []bitrix.Line {
	money := func(minor int64) string {
		if minor == 0 {
			return ""
		}
		return amountText(d.Payment, minor)
	}
	refunded := int64(0)
	for _, r := range d.Refunds {
		refunded += r.Collected()
	}
	amount := d.Collected()
	if amount == 0 {
		amount = d.Amount
	}
	lines := named([][2]string{
		{"Amount", money(amount)}, {"Surcharge", money(d.Surcharge)}, {"Tip", money(d.Tip)}, {"Cash-out", money(d.CashOut)},
		{"Refunded", money(refunded)}, {"Terminal", d.TerminalName}, {"Card", cardName(d.Payment)},
		{"Authorisation", d.AuthCode}, {"RRN", d.RRN}, {"By", d.StartedByName}, {"Reason", d.Reason},
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
