package web

import (
	"encoding/json"
	"slices"

	"receivepayment/access"
	"receivepayment/payments"
	"receivepayment/words"
)

// action is something that a person can do about a payment.
type action int

const (
	pressKeys     action = iota // the keys that the terminal allows now
	checkNow                    // ask the provider at once
	freeTerminal                // serve the next customer, and go on asking
	takeOver                    // look after a colleague's payment
	askManager                  // call somebody who may decide
	decideByHand                // with proof
	tryAgain                    // the same, with another card
	otherTerminal               // the same, elsewhere
	payBack                     // refund it
	putAway                     // close the panel
)

// offered is the one table that says which buttons each state has. What the
// viewer may do, and what the payment is at the moment, takes buttons away and
// never adds any.
var offered = map[payments.State][]action{
	payments.Created:      {pressKeys, takeOver},
	payments.Sent:         {pressKeys, checkNow, freeTerminal, takeOver},
	payments.Unknown:      {pressKeys, checkNow, freeTerminal, takeOver, askManager, decideByHand},
	payments.Review:       {checkNow, takeOver, askManager, decideByHand},
	payments.Approved:     {checkNow, payBack, putAway},
	payments.Declined:     {checkNow, tryAgain, otherTerminal, putAway},
	payments.Cancelled:    {checkNow, tryAgain, otherTerminal, putAway},
	payments.NeverStarted: {checkNow, tryAgain, otherTerminal, putAway},
}

func (v liveView) offers(a action) bool { return slices.Contains(offered[v.State], a) }

// MayAct reports whether the viewer may press keys and release the terminal.
func (v liveView) MayAct() bool { return v.Who.may(rightFor(v.Kind)) }

// MayCheck reports whether asking at once can bring news: while the outcome is
// open, or not proven.
func (v liveView) MayCheck() bool {
	return v.offers(checkNow) && (v.Open() || v.Unproven()) && v.SentAt != nil
}

// MayTakeOver reports whether a colleague of the one who looks after it sees
// this.
func (v liveView) MayTakeOver() bool {
	operator := v.Operator
	if operator == "" {
		operator = v.StartedBy
	}
	return v.offers(takeOver) && v.MayAct() && operator != v.Who.Person.ID
}

// MayRelease reports whether the terminal can be freed for the next customer.
func (v liveView) MayRelease() bool {
	return v.offers(freeTerminal) && v.MayAct() && !v.Released && v.HoldsTerminal()
}

// MayAskManager reports whether somebody else has to decide: the viewer stands
// before the payment and may not.
func (v liveView) MayAskManager() bool {
	return v.offers(askManager) && v.MayAct() && !v.Who.may(access.Resolve) && !v.Practice()
}

// MayResolve reports whether the viewer may decide by hand.
func (v liveView) MayResolve() bool {
	return v.offers(decideByHand) && v.Who.may(access.Resolve) && v.Told == nil
}

// AgainDialog is the dialog that tries the same again, when nothing stands in
// the way.
func (v liveView) AgainDialog() string {
	if !v.offers(tryAgain) || v.BlocksDocument() || !v.MayAct() {
		return ""
	}
	if v.IsRefund() {
		return "#refund-" + slug(v.RefundOf)
	}
	if on := payments.Practised(v.Document); on != "" {
		return "#send-" + slug(on)
	}
	return "#send-" + slug(v.Document)
}

// AgainWords is what its button says.
func (v liveView) AgainWords() words.Key {
	if v.State == payments.Declined && !v.IsRefund() {
		return "Try another card"
	}
	return "Try again"
}

// ElsewhereDialog is the same dialog with another terminal chosen.
func (v liveView) ElsewhereDialog() string {
	if !v.offers(otherTerminal) {
		return ""
	}
	return v.AgainDialog()
}

// RefundDialog is the dialog that pays this purchase back, when it can be.
func (v liveView) RefundDialog() string {
	if v.Test() || !v.offers(payBack) || v.Kind != payments.Purchase || !v.MayGoBack || v.Refundable <= 0 {
		return "" // who may not refund asks in the same dialog
	}
	return "#refund-" + v.Slug()
}

// TestBack is what pays a test sale, or a practised one, back at once: all of it, on its terminal.
// The request is named after the sale, so that a double click is one refund.
func (v liveView) TestBack() string {
	if !v.Test() || v.State != payments.Approved || !v.canRefund() {
		return ""
	}
	raw, _ := json.Marshal(map[string]string{ // texts always marshal
		"requestId": "back-" + v.ID, "terminal": v.TerminalID, "reason": v.Who.T("Test"),
		"amount": payments.Money{Minor: v.Refundable, Currency: v.Currency}.String(),
	})
	return string(raw)
}

func (v liveView) canRefund() bool {
	return v.offers(payBack) && v.Kind == payments.Purchase && v.MayGoBack && v.Refundable > 0 && mayRefund(v.Who, v.Payment)
}

// proofView is how an outcome that was not known came to be known.
type proofView struct {
	payments.Entry
	Words string
}

// ResolvedLate is that proof, for an outcome that people had to wait for.
func (v liveView) ResolvedLate() *proofView {
	last := v.lastMove()
	if !v.State.Final() || (last.FromState != payments.Unknown && last.FromState != payments.Review) {
		return nil
	}
	return &proofView{Entry: last, Words: v.eventWords(last)}
}
