package web

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// The typed data of each page and fragment. Templates ask these for words and
// decisions; they decide nothing themselves.

// frame is what every whole page carries.
type frame struct {
	Token    string
	Language string
	Title    string
	Who      caller
}

// receiveView is the Receive Payment screen: what is owed, and by which
// terminal it can be taken.
type receiveView struct {
	Who  caller
	View invoices.View
	Rows []rowView
	Pick []pairing.Card // terminals that can be chosen, best first
	Now  time.Time
	// AddRequestID names the next Add Invoice, so that a double click adds one.
	AddRequestID string
}

// rowView is one document with the one action that it offers.
type rowView struct {
	invoices.Document
	Action string // send, show, refund, or empty with Why
	Why    string
	// RequestID names the next payment or refund of this row.
	RequestID string
	// Purchase is what Refund would pay back.
	Purchase   *payments.Payment
	Refundable payments.Money
	Who        caller
	Pick       []pairing.Card
}

type receivePageView struct {
	frame
	Receive receiveView
	Live    *liveView // an open payment, shown at once
}

// liveView is the live panel of one payment.
type liveView struct {
	payments.Detail
	Who caller
	Now time.Time
}

type settingsPageView struct {
	frame
	Terminals terminalsView
}

type terminalsView struct {
	Who   caller
	Cards []terminalView
	Now   time.Time
}

type terminalView struct {
	pairing.Card
	Who caller
	Now time.Time
}

type installPageView struct{ frame }

type outsideView struct{}

type sorryView struct{ Problem problem }

type formErrorsView struct{ Problem problem }

func (s *Server) frame(who caller, token, title string) frame {
	return frame{Token: token, Language: who.Language, Title: title, Who: who}
}

func (s *Server) receivePage(who caller, token string, v invoices.View, cards []pairing.Card) receivePageView {
	page := receivePageView{frame: s.frame(who, token, "Receive payment"), Receive: s.receiveView(who, v, cards)}
	return page
}

func (s *Server) receiveView(who caller, v invoices.View, cards []pairing.Card) receiveView {
	pick := usable(cards)
	out := receiveView{Who: who, View: v, Pick: pick, Now: s.Now(), AddRequestID: uuid.NewString()}
	for _, d := range v.Documents {
		out.Rows = append(out.Rows, rowOf(who, d, pick))
	}
	return out
}

// usable puts the viewer's default first, then what is free, then what is
// busy; terminals that are not ready stay visible at the end.
func usable(cards []pairing.Card) []pairing.Card {
	out := slices.Clone(cards)
	slices.SortStableFunc(out, func(a, b pairing.Card) int { return rank(a) - rank(b) })
	return out
}

func rank(c pairing.Card) int {
	switch {
	case c.Status != pairing.Ready:
		return 3
	case c.Holder != nil:
		return 2
	case !c.Default:
		return 1
	}
	return 0
}

func rowOf(who caller, d invoices.Document, pick []pairing.Card) rowView {
	row := rowView{Document: d, Who: who, Pick: pick, RequestID: uuid.NewString()}
	row.Purchase, row.Refundable = refundableOf(d)
	switch {
	case d.Open != nil:
		row.Action = "show"
	case d.Closed:
		row.Why = "Closed as not paid in the CRM"
	case d.Outstanding > 0 && who.may(access.Take):
		row.Action = "send"
	case d.Outstanding > 0:
		row.Why = "You may not take payments"
	case row.Purchase != nil && who.may(access.Refund):
		row.Action = "refund"
	case row.Purchase != nil:
		row.Why = "You may not refund"
	}
	return row
}

// refundableOf is the latest purchase of the document that can be refunded,
// and how much of it.
func refundableOf(d invoices.Document) (*payments.Payment, payments.Money) {
	l := payments.Ledger{Payments: d.Payments}
	for i := range d.Payments {
		p := &d.Payments[i]
		if p.Kind != payments.Purchase || p.RFN == "" {
			continue
		}
		if left := l.Refundable(*p); left > 0 {
			return p, d.Money(left)
		}
	}
	return nil, payments.Money{}
}

func (s *Server) liveView(who caller, d payments.Detail) liveView {
	return liveView{Detail: d, Who: who, Now: s.Now()}
}

func (s *Server) settingsPage(who caller, token string, cards []pairing.Card) settingsPageView {
	return settingsPageView{frame: s.frame(who, token, "Terminals"), Terminals: s.terminalsView(who, cards)}
}

func (s *Server) terminalsView(who caller, cards []pairing.Card) terminalsView {
	out := terminalsView{Who: who, Now: s.Now()}
	for _, c := range cards {
		out.Cards = append(out.Cards, s.terminalView(who, c))
	}
	return out
}

func (s *Server) terminalView(who caller, c pairing.Card) terminalView {
	return terminalView{Card: c, Who: who, Now: s.Now()}
}

func (s *Server) installView(who caller, token string) installPageView {
	return installPageView{s.frame(who, token, "Installing")}
}
