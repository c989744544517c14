package web

import (
	"net/url"
	"strings"

	"github.com/google/uuid"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// receiveView is the Receive Payment screen: what is owed, and by which
// terminal it can be taken.
type receiveView struct {
	Who  caller
	View invoices.View
	Rows []rowView
	Pick []pairing.Card // terminals, in the order of the picker
	// AddRequestID names the next Add Invoice, so that a double click adds one.
	AddRequestID string
	// Funnels are the invoice funnels to choose from, if there are several.
	Funnels []pairing.Funnel
}

func (s *Server) receivePage(who caller, token string, v invoices.View, cards []pairing.Card, open *payments.Detail) receivePageView {
	page := receivePageView{frame: s.frame(who, token, "Receive Payment"), Receive: s.receiveView(who, v, cards)}
	if open != nil {
		live := s.liveView(who, *open)
		page.Live = &live
	}
	return page
}

func (s *Server) receiveView(who caller, v invoices.View, cards []pairing.Card) receiveView {
	pick := ranked(cards)
	out := receiveView{Who: who, View: v, Pick: pick, AddRequestID: uuid.NewString()}
	for _, d := range v.Documents {
		out.Rows = append(out.Rows, out.row(d))
	}
	return out
}

// Chips are the terminals at a glance: their health, and who has them.
func (v receiveView) Chips() []terminalView {
	out := make([]terminalView, 0, maxChips)
	for _, c := range v.Pick[:min(len(v.Pick), maxChips)] {
		out = append(out, terminalView{Card: c, Who: v.Who})
	}
	return out
}

// maxChips is how many terminals fit a glance; the picker shows them all.
const maxChips = 4

// openPayment is the id of the payment to show when the page opens: the
// viewer's own before a colleague's, then the latest.
func openPayment(v invoices.View, viewer string) string {
	var best *payments.Payment
	for _, d := range v.Documents {
		p := d.Open
		if p == nil {
			continue
		}
		mine, bestMine := p.StartedBy == viewer, best != nil && best.StartedBy == viewer
		if best == nil || (mine && !bestMine) || (mine == bestMine && p.CreatedAt.After(best.CreatedAt)) {
			best = p
		}
	}
	if best == nil {
		return ""
	}
	return best.ID
}

// Source is the address from which this fragment is read again.
func (v receiveView) Source() string {
	q := url.Values{"entity": {v.View.Entity}, "id": {v.View.ID}}
	return "/api/v1/documents?" + q.Encode()
}

// IsDeal reports whether invoices can be added here.
func (v receiveView) IsDeal() bool { return v.View.Entity == "deal" }

// refundAtStart is the refund dialog to open with the page: that of the payment
// which a link names, the first that there is for whoever came to refund, or,
// from the menu of a list, that of the only thing which is left to do with the
// document.
func (v receiveView) refundAtStart(visit pairing.Visit) string {
	menu := strings.HasSuffix(visit.Placement, "_LIST_MENU")
	if visit.Do != "refund" && !menu {
		return ""
	}
	for _, row := range v.Rows {
		for _, r := range row.Refunds {
			if r.Purchase.ID == visit.Payment || visit.Payment == "" && (visit.Do == "refund" || row.Action == "refund") {
				return "refund-" + r.Slug()
			}
		}
	}
	return ""
}

// IsOrder reports whether this is an order, whose payments are the documents.
func (v receiveView) IsOrder() bool { return v.View.Entity == "order" }

// CanAdd reports whether the viewer may add a document here: an invoice to a
// deal, or to an order a payment over what none covers.
func (v receiveView) CanAdd() bool {
	return v.MayTake() && (v.IsDeal() || v.IsOrder() && v.View.ToInvoice.Minor > 0)
}

// Heading names the list.
func (v receiveView) Heading() words.Key {
	switch {
	case v.IsOrder():
		return "Payments of the order"
	case v.IsDeal():
		return "Invoices"
	}
	return "Invoice"
}

// AddWords is what adding one is called.
func (v receiveView) AddWords() words.Key {
	if v.IsOrder() {
		return "Add Payment"
	}
	return "Add Invoice"
}

// MayTake reports whether the viewer may take payments.
func (v receiveView) MayTake() bool { return v.Who.may(access.Take) }

// Currency is the one in which the totals are.
func (v receiveView) Currency() string { return v.View.Total.Currency }

// Subtitle names the record that was opened.
func (v receiveView) Subtitle() string {
	if v.IsDeal() {
		return v.Who.T("Deal %s, %s", v.View.ID, v.View.Title)
	}
	if v.IsOrder() {
		return v.Who.Stored(v.View.Title)
	}
	number := v.View.ID
	if len(v.Rows) == 1 {
		number = v.Rows[0].Number
	}
	return v.Who.T("Invoice %s, %s", number, v.View.Title)
}

// totalView is one figure above the list.
type totalView struct {
	Name             words.Key
	Money, Note, Key string
	Lead             bool
}

// Totals are the figures above the list. Documents in another currency cannot
// be summed and are left out; what people settled by other means counts as
// paid.
func (v receiveView) Totals() []totalView {
	var invoiced, paid, left int64
	for _, d := range v.View.Documents {
		if d.Currency != v.Currency() || d.Closed {
			continue
		}
		invoiced += d.Total
		left += d.Outstanding
		if d.Settled {
			paid += d.Total
		} else {
			paid += d.Paid - d.Refunded
		}
	}
	sum := func(minor int64) string { return v.money(payments.Money{Minor: minor, Currency: v.Currency()}) }
	lead := totalView{Name: "Left to pay", Money: sum(left), Key: "left", Lead: true}
	if v.IsOrder() {
		return []totalView{
			{Name: "Order total", Money: v.money(v.View.Total), Key: "total"},
			{Name: "Paid", Money: sum(paid), Key: "paid"},
			lead,
		}
	}
	if !v.IsDeal() {
		return []totalView{
			{Name: "Invoice total", Money: v.money(v.View.Total), Key: "total"},
			{Name: "Paid", Money: sum(paid), Key: "paid"},
			lead,
		}
	}
	note := ""
	if v.View.ToInvoice.Minor > 0 {
		note = v.Who.T("%s not invoiced yet", v.money(v.View.ToInvoice))
	}
	return []totalView{
		{Name: "Deal total", Money: v.money(v.View.Total), Key: "total"},
		{Name: "Invoiced", Money: sum(invoiced), Note: note, Key: "invoiced"},
		{Name: "Paid", Money: sum(paid), Key: "paid"},
		lead,
	}
}

func (v receiveView) money(m payments.Money) string { return moneyText(v.Who.Voice, m) }

// AddAmount is what Add Invoice proposes: what is not invoiced yet.
func (v receiveView) AddAmount() string {
	if v.View.ToInvoice.Minor == 0 {
		return ""
	}
	return v.View.ToInvoice.String()
}

// Practice is the watermark of the page where no terminal that can be chosen
// charges a card, and empty otherwise.
func (v receiveView) Practice() words.Key {
	practised := 0
	for _, c := range v.Pick {
		if c.Environment != pairing.Sandbox {
			return ""
		}
		if c.Practice() {
			practised++
		}
	}
	switch {
	case len(v.Pick) == 0:
		return ""
	case practised == len(v.Pick):
		return "Practice: no card is charged, and every invoice stays as it is"
	}
	return "Practice: these terminals are in the sandbox, no card is charged"
}

// slug makes an id for markup from a document or payment id.
func slug(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, id)
}
