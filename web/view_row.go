package web

import (
	"html/template"
	"strings"

	"github.com/google/uuid"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/payments"
	"receivepayment/words"
)

// rowView is one document with the one action that it offers.
type rowView struct {
	invoices.Document
	Action  string // send, show, refund, or empty with Why
	Why     string
	Foreign bool // in another currency than the totals
	// Again is set where it was paid and went back: charging it anew is possible,
	// and not what most people come for.
	Again bool
	w     *words.Voice
	Send  *sendForm
	// Refunds are the purchases that can be refunded, the latest first.
	Refunds []refundForm
}

// sendForm charges what a document owes.
type sendForm struct {
	RequestID string
	Document  invoices.Document
	Pick      pickView
	Extras    extrasView
	w         *words.Voice
}

func (v receiveView) row(d invoices.Document) rowView {
	row := rowView{Document: d, Foreign: d.Currency != v.Currency(), w: v.Who.Voice}
	row.Refunds = v.refundsOf(d)
	again := chargedAndBack(d)
	if d.Open == nil && !d.Closed && d.Outstanding > 0 && v.Who.may(access.Take) {
		row.Send, row.Again = v.sendForm(d), again
	}
	switch {
	case d.Open != nil:
		row.Action = "show"
	case d.Closed:
		row.Why = row.w.T("Closed as not paid in the CRM.")
	case row.Send != nil && !again:
		row.Action = "send"
	case d.Outstanding > 0 && !again:
		row.Why = row.w.T(rightsNote(access.Take))
	case len(row.Refunds) > 0:
		row.Action = "refund"
	case d.Returned:
		row.Why = row.w.T(returnedWhy)
	case d.Settled:
		row.Why = row.w.T("Marked as paid in the CRM.")
	case v.unlinked(d):
		row.Why = row.w.T(noLinkWhy)
	}
	return row
}

// chargedAndBack reports whether something is owed only because a refund gave
// it back: the customer may have to pay it anew, and more often has not.
func chargedAndBack(d invoices.Document) bool {
	return d.Outstanding > 0 && d.Refunded > 0 && d.Paid >= d.Total
}

func (v receiveView) sendForm(d invoices.Document) *sendForm {
	f := &sendForm{
		RequestID: uuid.NewString(), Document: d, w: v.Who.Voice,
		Pick: newPick(v.Who.Voice, "send-"+slug(d.ID), d.Currency, v.Pick, ""),
	}
	f.Extras = extrasFor(v.Who, v.View.Policy, f.Pick)
	return f
}

// returnedWhy is why a document that was refunded is not charged again.
const returnedWhy words.Key = "It was refunded, and its stage in the CRM says so. Reopen it there to charge it again."

// Name is the document's title; the payments of an order have their order's.
func (r rowView) Name() string { return r.w.Stored(r.Title) }

// Kind says what it is, with its number.
func (r rowView) Kind() string { return kindOf(r.w, r.Document) }

// kindOf names a document by its number.
func kindOf(w *words.Voice, d invoices.Document) string {
	if strings.HasPrefix(d.ID, "O:") {
		return w.T("Payment %s", d.Number)
	}
	return w.T("Invoice %s", d.Number)
}

// Slug names the row in markup.
func (r rowView) Slug() string { return slug(r.ID) }

// StatusWords is the status for people.
func (r rowView) StatusWords() words.Key { return documentStatusWords(r.Status) }

// TotalText is what the document costs.
func (r rowView) TotalText() string { return moneyText(r.w, r.Money(r.Total)) }

// LeftText is what is still owed.
func (r rowView) LeftText() string { return moneyText(r.w, r.Money(r.Outstanding)) }

// Path is the document's page in the portal; 31 is the type of smart invoices
// (reference bitrix24 6.1).
func (r rowView) Path() string {
	if id, found := strings.CutPrefix(r.ID, "SI:"); found {
		return "/crm/type/31/details/" + id + "/"
	}
	if name, found := strings.CutPrefix(r.ID, "O:"); found {
		order, _, _ := strings.Cut(name, "/")
		return "/shop/orders/details/" + order + "/"
	}
	return ""
}

// Note is the line below the name: what keeps the row from being charged.
func (r rowView) Note() string {
	if r.Open == nil {
		return r.Why
	}
	open := *r.Open
	key, again := words.Key("Payment of %s on %s, started by %s."), words.Key("Its result is not known yet. Do not charge again.")
	switch {
	case open.Kind == payments.Refund:
		key, again = "Refund of %s on %s, started by %s.", "Its result is not known yet. Do not make this refund again."
	case open.CashOnly:
		key = "Cash-out of %s on %s, started by %s."
	}
	what := r.w.T(key, r.amountText(open), open.TerminalName, open.StartedByName)
	switch open.State {
	case payments.Unknown, payments.Review:
		return r.w.Join(what, r.w.T(again))
	case payments.Created, payments.Sent:
		return what
	case payments.Declined, payments.Cancelled:
		return r.w.Join(what, r.w.T("Its refusal is still being confirmed."))
	case payments.Approved, payments.NeverStarted:
		return ""
	}
	return ""
}

func (r rowView) amountText(p payments.Payment) string { return moneyText(r.w, r.Money(p.Amount)) }

// Subtitle names what is paid.
func (f sendForm) Subtitle() string { return subtitleOf(f.w, f.Document) }

func subtitleOf(w *words.Voice, d invoices.Document) string {
	if strings.HasPrefix(d.ID, "O:") {
		return w.T("Payment %s of an order", d.Number)
	}
	return w.T("Invoice %s, %s", d.Number, d.Title)
}

// Slug names the form in markup.
func (f sendForm) Slug() string { return slug(f.Document.ID) }

// Amount is what is owed, as the form proposes it.
func (f sendForm) Amount() string { return f.Document.Money(f.Document.Outstanding).String() }

// AmountText is the same for people.
func (f sendForm) AmountText() string {
	return moneyText(f.w, f.Document.Money(f.Document.Outstanding))
}

// BackText is what a refund gave back of a document that was paid; empty for
// any other.
func (f sendForm) BackText() string {
	if !chargedAndBack(f.Document) {
		return ""
	}
	return moneyText(f.w, f.Document.Money(f.Document.Refunded))
}

// AmountEcho repeats on the form's button what the terminal will be asked for.
func (f sendForm) AmountEcho() template.HTML {
	return amountEcho(f.w, f.Document.Currency, f.AmountText(), "tip cashOut")
}

// pastView is a payment in a row's own list.
type pastView struct {
	payments.Payment
	w *words.Voice
}

// Past are the payments of the document that are decided, newest first.
func (r rowView) Past() []pastView {
	var out []pastView
	for _, p := range r.Payments {
		if r.Open == nil || p.ID != r.Open.ID {
			out = append(out, pastView{p, r.w})
		}
	}
	return out
}

// Words says in a line what it was.
func (p pastView) Words() string {
	amount := moneyText(p.w, payments.Money{Minor: p.Headline(), Currency: p.Currency})
	switch {
	case p.Kind == payments.Refund:
		return p.w.T("Refund of %s", amount)
	case p.CashOnly:
		return p.w.T("Cash-out of %s", amount)
	}
	return p.w.T("Payment of %s", amount)
}

// StatusWords is the state for people.
func (p pastView) StatusWords() words.Key { return paymentStateWords(p.State) }
