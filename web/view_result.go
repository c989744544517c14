package web

import (
	"slices"
	"strings"

	"receivepayment/invoices"
	"receivepayment/payments"
	"receivepayment/words"
)

// What a decided payment proves: card, references, split of the sum, and what
// the CRM was told.

// cardText names a card as far as we know it: scheme and last four digits.
func cardText(w *words.Voice, p payments.Payment) string {
	switch {
	case p.Last4 == "":
		return p.CardType
	case p.CardType == "":
		return w.T("Card ending %s", p.Last4)
	}
	return w.T("%s ending %s", p.CardType, p.Last4)
}

func (v liveView) approvedText() string {
	if v.Source == payments.Manual {
		return v.T("Decided by hand as paid: %s", v.decision().Why)
	}
	parts := []string{}
	for _, part := range []string{cardText(v.Who.Voice, v.Payment), v.entryText(), v.accountText()} {
		if part != "" && part != "unknown" {
			parts = append(parts, part)
		}
	}
	text := v.Who.List(parts...)
	if text != "" {
		text += "."
	}
	if v.Unproven() {
		return v.Who.Join(text, v.T("The terminal reported it; the confirmation is still being asked for from %s.", v.Provider()))
	}
	if v.Less() {
		text = v.Who.Join(text, v.T("Less than asked for: %s is still to be paid.", v.Rest()))
	}
	if v.CashOut > 0 {
		text = v.Who.Join(text, v.T("Hand out %s in notes.", v.money(v.CashOut)))
	}
	return text
}

// entryText says how the card was read; words that we do not know are shown as
// they came.
func (v liveView) entryText() string {
	switch v.Entry {
	case "chip":
		return v.T("inserted")
	case "swipe", "swiped":
		return v.T("swiped")
	case "keyed":
		return v.T("keyed in")
	case "contactless":
		return v.T("contactless")
	}
	return v.Entry
}

// accountText says from which of the card's accounts it was paid.
func (v liveView) accountText() string {
	switch v.Account {
	case "credit":
		return v.T("credit")
	case "savings":
		return v.T("savings")
	case "cheque":
		return v.T("cheque")
	}
	return v.Account
}

// factView is a name with its value.
type factView struct {
	Name  words.Key
	Value string
	Date  bool // a day such as 2026-11-21
	Code  bool // digits and letters to be read one by one
}

func facts(all ...factView) []factView {
	var out []factView
	for _, f := range all {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// Facts are what the bank or a colleague will ask for.
func (v liveView) Facts() []factView {
	if !v.State.Final() {
		return nil
	}
	response := factView{Name: "Response", Value: strings.TrimSpace(v.ResponseCode + " " + v.ResponseText), Code: true}
	ours := factView{Name: "Our reference", Value: v.TxnRef, Code: true}
	on := factView{Name: "Terminal", Value: v.TerminalName}
	why := factView{}
	if v.IsRefund() {
		why = factView{Name: "Reason", Value: v.Reason}
	}
	if v.State != payments.Approved {
		return facts(response, ours, on, why)
	}
	return facts(
		factView{Name: "Authorisation", Value: number(v.AuthCode), Code: true},
		factView{Name: "Reference (RRN)", Value: number(v.RRN), Code: true},
		factView{Name: "Trace (STAN)", Value: number(v.STAN), Code: true},
		response,
		factView{Name: "Settlement date", Value: v.SettlementDate, Date: true},
		ours, on, why,
	)
}

// number leaves out what is only zeros: that is how the provider writes that
// there is none.
func number(text string) string {
	if strings.Trim(text, "0") == "" {
		return ""
	}
	return text
}

// partView is one line of the split of the sum.
type partView struct {
	Name  words.Key
	Money string
	Sum   bool
}

// Split shows what the card paid, part by part, when it is more than the
// document's own amount.
func (v liveView) Split() []partView {
	if v.State != payments.Approved || v.Surcharge+v.Tip+v.CashOut == 0 {
		return nil
	}
	out := []partView{{Name: "For the invoice", Money: v.money(v.Collected())}}
	for _, part := range []struct {
		name  words.Key
		minor int64
	}{{"Surcharge", v.Surcharge}, {"Tip", v.Tip}, {"Cash-out", v.CashOut}} {
		if part.minor != 0 {
			out = append(out, partView{Name: part.name, Money: v.money(part.minor)})
		}
	}
	sum := partView{Name: "Charged to the card", Money: v.money(v.Total), Sum: true}
	if v.IsRefund() {
		sum.Name = "Back on the card"
	}
	return append(out, sum)
}

// tellView is one thing that the CRM is told, apart from the money.
type tellView struct {
	payments.WriteBack
	Words    string
	Trouble  string // why it did not work yet
	MayRetry bool
	Reload   bool // the portal's card shows something old
}

// Tells says how far the CRM knows, the document first. What nobody wants to be
// told is not shown as told.
func (v liveView) Tells() []tellView {
	rank := func(w payments.WriteBack) int {
		first := []payments.Target{payments.TargetDeal, payments.TargetTimeline, payments.TargetDocument}
		return -slices.Index(first, w.Target) // the others after them
	}
	rows := slices.DeleteFunc(slices.Clone(v.WriteBacks), func(w payments.WriteBack) bool { return w.Note == string(invoices.NotWanted) })
	slices.SortStableFunc(rows, func(a, b payments.WriteBack) int {
		return rank(a) - rank(b)
	})
	out := make([]tellView, len(rows))
	for i, w := range rows {
		t := tellView{WriteBack: w, Words: v.tellWords(w)}
		if w.State != payments.Done {
			t.Trouble = v.Who.Stored(w.LastError)
			t.MayRetry = w.LastError != ""
		}
		t.Reload = w.State == payments.Done && w.Target == payments.TargetDocument && w.External != ""
		out[i] = t
	}
	return out
}

func (v liveView) tellWords(w payments.WriteBack) string {
	what := v.T(toldWords(w.Target, v.ofOrder()))
	switch {
	case w.State == payments.Attention:
		return v.T("%s: somebody has to help.", what)
	case w.State == payments.Waiting && w.LastError == "":
		return v.T("%s: being written.", what)
	case w.State == payments.Waiting:
		return v.T("%s: the CRM did not take it yet; it is tried again.", what)
	case w.Target != payments.TargetDocument:
		return v.T("%s: written.", what)
	case w.External != "" && v.ofOrder() && v.Kind == payments.Refund:
		return v.T("The order's payment is marked as returned.")
	case w.External != "" && v.ofOrder():
		return v.T("The order's payment is marked as paid.")
	case w.External != "":
		return v.T("The invoice is marked as paid in the CRM.")
	case w.Note != "":
		return v.T("%s: %s.", what, v.Who.Stored(w.Note))
	}
	return v.T("%s: up to date.", what)
}

// ofOrder reports whether an order's payment was paid, not an invoice.
func (v liveView) ofOrder() bool { return strings.HasPrefix(v.Document, "O:") }

// toldWords says what of the CRM a write-back is about.
func toldWords(t payments.Target, order bool) words.Key {
	switch {
	case t == payments.TargetDocument && order:
		return "Payment in the order"
	case t == payments.TargetTimeline && order:
		return "Entry in the order's timeline"
	case t == payments.TargetDocument:
		return "Invoice in the CRM"
	case t == payments.TargetTimeline:
		return "Entry in the invoice's timeline"
	case t == payments.TargetDeal:
		return "Entry in the deal's timeline"
	case t == payments.TargetDecision:
		return "Entry about the decision"
	case t == payments.TargetNotice:
		return "Notice to the people concerned"
	case t == payments.TargetTrigger:
		return "Automation"
	case t == payments.TargetTodo:
		return "To-do for a person"
	}
	return "CRM"
}

// slipView is a receipt as the terminal sent it.
type slipView struct {
	Title   words.Key
	Text    string
	Mark    string
	Payment string
	Printed bool // a copy from our store says that it is one
}

// Slips are the receipts of the payment.
func (v liveView) Slips() []slipView {
	out := make([]slipView, len(v.Receipts))
	for i, r := range v.Receipts {
		title := map[string]words.Key{"customer": "Customer receipt", "merchant": "Merchant receipt"}[r.Type]
		if title == "" {
			title = "Receipt"
		}
		out[i] = slipView{Title: title, Text: r.Text, Mark: r.Hash, Payment: v.ID, Printed: r.PrintedAt != nil}
	}
	return out
}
