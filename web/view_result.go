package web

import (
	"slices"
	"strings"

	"receivepayment/payments"
)

// What a decided payment proves: card, references, split of the sum, and what
// the CRM was told.

// cardText names a card as far as we know it: scheme and last four digits.
func cardText(p payments.Payment) string {
	name := p.CardType
	if p.Last4 != "" {
		name = strings.TrimSpace(name + " ending " + p.Last4)
	}
	return name
}

func (v liveView) approvedText() string {
	if v.Source == payments.Manual {
		return "Decided by hand as paid: " + v.decision().Why
	}
	parts := []string{}
	for _, part := range []string{cardText(v.Payment), entryWords(v.Entry), v.Account} {
		if part != "" && part != "unknown" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, ", ")
	if text != "" {
		text += ". "
	}
	if v.Unproven() {
		return text + "The terminal reported it; " + v.Provider() + "'s confirmation is still being asked for."
	}
	if left := v.Amount - v.Collected(); left > 0 {
		return text + "Less than asked for: " + v.money(left) + " is still to be paid."
	}
	return text
}

func entryWords(entry string) string {
	switch entry {
	case "chip":
		return "inserted"
	case "swipe", "swiped":
		return "swiped"
	case "keyed":
		return "keyed in"
	}
	return entry
}

// factView is a name with its value.
type factView struct {
	Name, Value string
	Code        bool // digits and letters to be read one by one
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
		factView{Name: "Settlement date", Value: v.SettlementDate},
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
	Name, Money string
	Sum         bool
}

// Split shows what the card paid, part by part, when it is more than the
// document's own amount.
func (v liveView) Split() []partView {
	if v.State != payments.Approved || v.Surcharge+v.Tip+v.CashOut == 0 {
		return nil
	}
	out := []partView{{Name: "For the invoice", Money: v.money(v.Collected())}}
	for _, part := range []struct {
		name  string
		minor int64
	}{{"Surcharge", v.Surcharge}, {"Tip", v.Tip}, {"Cash-out", v.CashOut}} {
		if part.minor != 0 {
			out = append(out, partView{Name: part.name, Money: v.money(part.minor)})
		}
	}
	return append(out, partView{Name: "Charged to the card", Money: v.money(v.Total), Sum: true})
}

// tellView is one thing that the CRM is told, apart from the money.
type tellView struct {
	payments.WriteBack
	Words    string
	Trouble  string // why it did not work yet
	MayRetry bool
	Reload   bool // the portal's card shows something old
}

// Tells says how far the CRM knows.
func (v liveView) Tells() []tellView {
	order := []payments.Target{payments.TargetDocument, payments.TargetTimeline, payments.TargetDeal}
	rows := slices.Clone(v.WriteBacks)
	slices.SortStableFunc(rows, func(a, b payments.WriteBack) int {
		return slices.Index(order, a.Target) - slices.Index(order, b.Target)
	})
	out := make([]tellView, len(rows))
	for i, w := range rows {
		t := tellView{WriteBack: w, Words: v.tellWords(w)}
		if w.State != payments.Done {
			t.Trouble = w.LastError
			t.MayRetry = w.LastError != ""
		}
		t.Reload = w.State == payments.Done && w.Target == payments.TargetDocument && w.External != ""
		out[i] = t
	}
	return out
}

func (v liveView) tellWords(w payments.WriteBack) string {
	what := map[payments.Target]string{
		payments.TargetDocument: "Invoice in the CRM",
		payments.TargetTimeline: "Entry in the invoice's timeline",
		payments.TargetDeal:     "Entry in the deal's timeline",
	}[w.Target]
	switch {
	case w.State == payments.Attention:
		return what + ": somebody has to help."
	case w.State == payments.Waiting && w.LastError == "":
		return what + ": being written."
	case w.State == payments.Waiting:
		return what + ": the CRM did not take it yet; it is tried again."
	case w.Target != payments.TargetDocument:
		return what + " is written."
	case w.External != "":
		return "The invoice is marked as paid in the CRM."
	case w.Note != "":
		return what + ": " + w.Note + "."
	}
	return what + " is up to date."
}

// slipView is a receipt as the terminal sent it.
type slipView struct {
	Title, Text string
	Mark        string
}

// Slips are the receipts of the payment.
func (v liveView) Slips() []slipView {
	out := make([]slipView, len(v.Receipts))
	for i, r := range v.Receipts {
		title := map[string]string{"customer": "Customer receipt", "merchant": "Merchant receipt"}[r.Type]
		if title == "" {
			title = "Receipt"
		}
		out[i] = slipView{Title: title, Text: r.Text, Mark: r.Hash}
	}
	return out
}
