package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"receivepayment/access"
	"receivepayment/payments"
	"receivepayment/words"
)

// What the forms of the till offer beside the amount, and what a refund takes
// back with it.

// extrasView is what a Send Payment form offers beside the amount: only what
// the portal, a terminal that can be used, and the viewer's rights allow.
type extrasView struct {
	Tip, AskTip, CashOut, Surcharge, MOTO bool
	Choices                               string
}

// Any reports whether there is anything to fold out.
func (v extrasView) Any() bool { return v.Tip || v.CashOut || v.Surcharge }

func extrasFor(who caller, policy payments.Policy, pick pickView) extrasView {
	can := func(feature string) bool {
		return slices.ContainsFunc(pick.Options, func(o pickOption) bool {
			return o.Off == "" && slices.Contains(o.Facts.Features, feature)
		})
	}
	tips := !policy.NoTips && can(payments.FeatureTipping)
	return extrasView{
		Tip: tips, AskTip: tips && len(policy.TipChoices) > 0, Choices: percentText(policy.TipChoices),
		CashOut:   !policy.NoCashOut && can(payments.FeatureCashOut),
		Surcharge: !policy.NoSurcharge && len(policy.SurchargeRules) > 0,
		MOTO:      !policy.NoMOTO && can(payments.FeatureMOTO) && who.may(access.MOTO),
	}
}

// RefundLimit is what a terminal refunds at once, shown where that matters.
func (o pickOption) RefundLimit() string {
	if !o.refunds {
		return ""
	}
	m, err := payments.ParseMoney(o.Facts.RefundLimit, o.Currency)
	if err != nil || m.Minor == 0 {
		return ""
	}
	return moneyText(o.w, m)
}

// refundPick reports whether a picker belongs to a refund.
func refundPick(name string) bool { return strings.HasPrefix(name, "refund-") }

// requestView is a refund request in the panel of its purchase.
type requestView struct {
	payments.RefundRequest
	State     string // waiting, approved, sent, done, rejected
	Money     string
	MayDecide bool
	MayRevoke bool
	MaySend   bool
	SendID    string // names the sending, so that a double click sends once
	w         *words.Voice
}

// Requests are the refund requests of this purchase, with what the viewer can
// do about each.
func (v liveView) Requests() []requestView {
	out := make([]requestView, len(v.Detail.Requests))
	for i, r := range v.Detail.Requests {
		state := requestState(r, v.RefundFor(r))
		mine := r.ByID == v.Who.Person.ID
		open := state == "waiting" || state == "approved"
		out[i] = requestView{
			RefundRequest: r, State: state, Money: moneyText(v.Who.Voice, r.Money()), w: v.Who.Voice, SendID: uuid.NewString(),
			MayDecide: state == "waiting" && !mine && mayApprove(v.Who, r),
			MayRevoke: open && (mine || state == "approved" && v.Who.may(access.Approve)),
			MaySend:   state == "approved" && (v.Who.may(access.Take) || v.Who.may(access.Refund)),
		}
	}
	return out
}

// Slug names the request in markup.
func (r requestView) Slug() string { return slug(r.ID) }

// Words says in a sentence where the request stands.
func (r requestView) Words() string {
	switch r.State {
	case "approved":
		return r.w.T("%s approved the refund of %s: %s. It waits for the customer's card.", r.DecidedByName, r.Money, r.Answer)
	case "sent":
		return r.w.T("The approved refund of %s is on a terminal.", r.Money)
	case "done":
		return r.w.T("The refund of %s, approved by %s, is done.", r.Money, r.DecidedByName)
	case "rejected":
		return r.w.T("%s rejected the refund of %s: %s", r.DecidedByName, r.Money, r.Answer)
	}
	return r.w.T("%s asks to refund %s: %s", r.ByName, r.Money, r.Reason)
}

// RestDialog is the dialog that takes what a partial approval left open.
func (v liveView) RestDialog() string {
	if !v.Less() || !v.MayAct() {
		return ""
	}
	return "#send-" + slug(v.Document)
}

// Less reports whether the bank approved less than was asked for: never shown
// with the sign of what is paid.
func (v liveView) Less() bool {
	return v.State == payments.Approved && !v.IsRefund() && !v.CashOnly && v.Collected() < v.Amount
}

// Mark is the status that the panel's colour and sign follow.
func (v liveView) Mark() string {
	if v.Less() {
		return "partly_paid"
	}
	return string(v.State)
}

// Rest is what it left open.
func (v liveView) Rest() string { return v.money(v.Amount - v.Collected()) }

// percentText writes whole percents as people list them.
func percentText(choices []int) string {
	out := make([]string, len(choices))
	for i, n := range choices {
		out[i] = strconv.Itoa(n) + " %"
	}
	return strings.Join(out, ", ")
}

// ToSign is the merchant's copy while the terminal asks whether the signature
// is right: it is printed and signed before anybody answers (reference linkly
// 8). Nil for every other question.
func (v liveView) ToSign() *slipView {
	if !v.Display.Allows(payments.KeyYes) || !v.Display.Allows(payments.KeyNo) {
		return nil
	}
	for i, r := range v.Receipts {
		if r.Type == "merchant" {
			slip := v.Slips()[i]
			return &slip
		}
	}
	return nil
}

// FoldedSlips are the receipts that wait below: all but the one to sign, which
// lies open already.
func (v liveView) FoldedSlips() []slipView {
	toSign := v.ToSign()
	return slices.DeleteFunc(v.Slips(), func(s slipView) bool { return toSign != nil && s.Mark == toSign.Mark })
}
