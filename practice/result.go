package practice

import (
	"fmt"

	"receivepayment/payments"
)

// slipWidth is that of a terminal's paper.
const slipWidth = 24

func resultOf(p payments.Payment, o outcome) payments.Result {
	switch o {
	case refused:
		return notPaid(p, "51", "INSUFFICIENT FUNDS")
	case unsigned:
		return notPaid(p, "T8", "SIGNATURE REFUSED")
	case stopped:
		r := notPaid(p, "TM", "CANCELLED")
		r.CancelledByKey = true
		return r
	case paid:
	}
	amount := p.Asked()
	return payments.Result{
		Success: true, Code: "00", Text: "APPROVED", CardType: "PRACTICE", Last4: "0000", Entry: "contactless",
		AuthCode: "PRACTICE", RFN: "practice " + p.TxnRef, Amount: &amount, Total: &amount,
		SettlementDate: p.SentAt.Format("2006-01-02"),
		Receipts:       []payments.Receipt{slip(p, "customer", "APPROVED"), slip(p, "merchant", "APPROVED")},
	}
}

func notPaid(p payments.Payment, code, text string) payments.Result {
	return payments.Result{Code: code, Text: text, Receipts: []payments.Receipt{slip(p, "customer", text)}}
}

// slip is a receipt that cannot be taken for one. It says the same whenever it
// is made, so that it is kept once.
func slip(p payments.Payment, kind, text string) payments.Receipt {
	what := "PURCHASE"
	if p.Kind == payments.Refund {
		what = "REFUND"
	}
	total := payments.Money{Minor: p.Asked(), Currency: p.Currency}
	mark := centred("*** PRACTICE ***") + centred("NO CARD WAS CHARGED")
	return payments.Receipt{Type: kind, Text: mark + "\n" +
		fmt.Sprintf("%-10s%14s\n", what, total.String()+" "+total.Currency) + centred(text) +
		fmt.Sprintf("REF %s\n\n", p.TxnRef) + mark}
}

func centred(text string) string {
	return fmt.Sprintf("%*s\n", (slipWidth+len(text))/2, text)
}
