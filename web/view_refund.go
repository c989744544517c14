package web

import (
	"html/template"

	"github.com/google/uuid"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/payments"
	"receivepayment/words"
)

// refundForm pays back one approved purchase.
type refundForm struct {
	RequestID string
	Document  invoices.Document
	Purchase  payments.Payment
	Left      payments.Money
	Rest      payments.Left // with tip and surcharge
	Pick      pickView
	// Asks is set for who may not refund this: the form sends a request.
	Asks bool
	// Unlinked is set where the bank gave no link to the sale.
	Unlinked bool
	// Alone is how much of it the viewer may refund without asking; nil: all.
	Alone  *payments.Money
	policy payments.Policy
	w      *words.Voice
}

// noLinkWhy is why a payment cannot go back over a terminal from here.
const noLinkWhy words.Key = "This payment has no link to its sale at the bank, so it cannot be refunded on a terminal here."

// refundsOf are the purchases of a document of which something can be refunded.
func (v receiveView) refundsOf(d invoices.Document) []refundForm {
	l := ledgerOf(d)
	var out []refundForm
	for _, p := range d.Payments {
		if p.Kind != payments.Purchase || !v.View.Policy.MayGoBack(p) || p.Currency != d.Currency {
			continue
		}
		if rest := l.Left(p); rest.Amount > 0 {
			out = append(out, v.refundForm(d, p, l))
		}
	}
	return out
}

// ledgerOf is what a document knows of its payments.
func ledgerOf(d invoices.Document) payments.Ledger {
	return payments.Ledger{Payments: d.Payments, Requests: d.Requests}
}

func (v receiveView) refundForm(d invoices.Document, p payments.Payment, l payments.Ledger) refundForm {
	rest, policy, w := l.Left(p), v.View.Policy, v.Who.Voice
	f := refundForm{
		RequestID: uuid.NewString(), Document: d, Purchase: p, Left: d.Money(rest.Amount), Rest: rest, w: w, policy: policy,
		Unlinked: p.RFN == "", Asks: !mayRefund(v.Who, p),
		Pick: newPick(w, "refund-"+slug(p.ID), d.Currency, v.Pick, p.TerminalID),
	}
	if f.Asks || v.Who.Admin {
		return f
	}
	if alone := policy.Alone(l, p, v.Who.Person.ID); alone != nil && alone.Minor < rest.Amount {
		f.Alone, f.Asks = alone, alone.Minor <= 0
	}
	return f
}

// mayRefund reports whether somebody may refund the purchase without asking,
// limits apart.
func mayRefund(who caller, p payments.Payment) bool {
	return who.may(access.Refund) && (p.RFN != "" || who.may(access.RefundUnmatched))
}

// unlinked reports whether money was taken for the document that has no way back.
func (v receiveView) unlinked(d invoices.Document) bool {
	l := ledgerOf(d)
	for _, p := range d.Payments {
		if p.Kind == payments.Purchase && !v.View.Policy.MayGoBack(p) && l.Refundable(p) > 0 {
			return true
		}
	}
	return false
}

// Subtitle names what is paid back.
func (f refundForm) Subtitle() string { return subtitleOf(f.w, f.Document) }

// Slug names the form in markup.
func (f refundForm) Slug() string { return slug(f.Purchase.ID) }

// Amount is what can be refunded, as the form proposes it.
func (f refundForm) Amount() string { return f.Left.String() }

// AmountText is the same for people.
func (f refundForm) AmountText() string { return moneyText(f.w, f.Left) }

// AmountEcho repeats the amount on the form's button.
func (f refundForm) AmountEcho() template.HTML {
	return amountEcho(f.w, f.Left.Currency, f.AmountText(), "")
}

// Card names the card that the customer has to present again.
func (f refundForm) Card() string { return cardText(f.w, f.Purchase) }

// LimitNote says how much the viewer may refund without asking; empty where
// that is all of it.
func (f refundForm) LimitNote() string {
	switch {
	case f.Alone == nil:
		return ""
	case f.Asks:
		return f.w.T("You may refund nothing more of it alone; ask for it.")
	}
	return f.w.T("You may refund %s of it alone; ask for more.", moneyText(f.w, *f.Alone))
}

// ExtrasNote says what becomes of tip and surcharge when a part is refunded;
// empty when there are none.
func (f refundForm) ExtrasNote() string {
	if f.Rest.Surcharge+f.Rest.Tip == 0 {
		return ""
	}
	extras := f.w.List(f.parts()...)
	switch f.policy.RefundExtras {
	case payments.Never:
		return f.w.T("%s of this payment are not refunded.", extras)
	case payments.Share:
		return f.w.T("%s go back too: each refund returns its share.", extras)
	case payments.WithFull:
	}
	return f.w.T("%s go back too when all of the amount is refunded, and not with a part of it.", extras)
}

func (f refundForm) parts() []string {
	var out []string
	if n := f.Rest.Surcharge; n > 0 {
		out = append(out, f.w.T("Surcharge %s", moneyText(f.w, f.Document.Money(n))))
	}
	if n := f.Rest.Tip; n > 0 {
		out = append(out, f.w.T("Tip %s", moneyText(f.w, f.Document.Money(n))))
	}
	return out
}

// Title is what the form is for: who may not refund asks.
func (f refundForm) Title() words.Key {
	if f.Asks {
		return "Ask for a refund"
	}
	return "Refund"
}

// MayRefund reports whether the viewer may refund without asking.
func (v liveView) MayRefund() bool { return mayRefund(v.Who, v.Payment) }

// NoWayBack is why an approved purchase cannot be refunded from here; empty
// where it can, or where nothing is left of it.
func (v liveView) NoWayBack() words.Key {
	if v.Test() || v.Practice() || v.Kind != payments.Purchase || v.State != payments.Approved || v.MayGoBack || v.Refundable <= 0 {
		return ""
	}
	return noLinkWhy
}
