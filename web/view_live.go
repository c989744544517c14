package web

import (
	"slices"
	"strings"
	"time"

	"receivepayment/payments"
	"receivepayment/words"
)

const (
	// noLifeAfter is when a terminal that has shown nothing deserves a look.
	noLifeAfter = 15 * time.Second
	// quietAfter is the same for one that has shown something: customers look
	// for cards, so it is longer.
	quietAfter = time.Minute
)

// liveView is the live panel of one payment, drawn from what is stored and
// from nothing else: texts of the terminal are shown and never acted on.
type liveView struct {
	payments.Detail
	Who caller
	Now time.Time
	// Deadline is when the outcome is called unknown if nothing more is heard.
	Deadline *time.Time
	// MailOff is why no receipt can be e-mailed from here; empty when one can.
	MailOff words.Key
}

func (s *Server) liveView(who caller, d payments.Detail) liveView {
	timing := payments.DefaultTiming()
	if s.Payments != nil { // made-up screens have no service
		timing = s.Payments.Timing()
	}
	view := liveView{Detail: d, Who: who, Now: s.Now(), Deadline: timing.UnknownAt(d.Payment)}
	if s.Receipts != nil && !s.Receipts.On() {
		view.MailOff = mailOff
	}
	return view
}

// Slug names the panel's parts in markup.
func (v liveView) Slug() string { return slug(v.ID) }

// IsRefund tells a refund from a purchase.
func (v liveView) IsRefund() bool { return v.Kind == payments.Refund }

// T says a sentence in the viewer's language.
func (v liveView) T(key words.Key, args ...any) string { return v.Who.T(key, args...) }

// Open reports whether the outcome is not known.
func (v liveView) Open() bool { return !v.State.Final() }

// Provider names who carries the payment to the terminal.
func (v liveView) Provider() string {
	if v.Practice() {
		return v.TerminalName
	}
	return providerName(v.Payment.Provider)
}

func (v liveView) money(minor int64) string {
	return moneyText(v.Who.Voice, payments.Money{Minor: minor, Currency: v.Currency})
}

// AmountText is the amount that people call the payment by.
func (v liveView) AmountText() string { return v.money(v.Headline()) }

// AmountFor says what the amount is for.
func (v liveView) AmountFor() string {
	title := v.Who.Stored(v.DocumentTitle)
	switch {
	case v.CashOnly:
		return v.T("cash-out")
	case v.IsRefund():
		return v.T("back for %s", title)
	}
	return v.T("for %s", title)
}

// Title says in a few words where the payment stands.
func (v liveView) Title() string {
	switch v.State {
	case payments.Created:
		return v.T("Sending to %s", v.TerminalName)
	case payments.Sent:
		if v.Display.At == nil {
			return v.T("Sending to %s", v.TerminalName)
		}
		return v.T("On %s", v.TerminalName)
	case payments.Unknown:
		return v.T("We don't know yet")
	case payments.Review:
		return v.T("A person must decide")
	case payments.Approved:
		if v.IsRefund() {
			return v.T("Refund approved")
		}
		if v.Less() {
			return v.T("Approved in part")
		}
		return v.T("Approved")
	case payments.Declined:
		return v.T("Declined")
	case payments.Cancelled:
		return v.T("Cancelled")
	case payments.NeverStarted:
		return v.T("Never started")
	}
	return string(v.State)
}

// Text is the sentence below the title.
func (v liveView) Text() string {
	switch v.State {
	case payments.Created, payments.Sent:
		if v.IsRefund() {
			return v.T("The customer presents the card again and follows the terminal.")
		}
		return v.T("The customer follows the terminal.")
	case payments.Unknown:
		return v.Who.Join(v.T(v.dontRepeat()), v.T("%s has not told us the result; we go on asking.", v.Provider()))
	case payments.Review:
		return v.Who.Join(
			v.T("%s has given no final answer. Compare with the terminal's own journal or the bank.", v.Provider()),
			v.T(v.dontRepeat()), v.T("A late answer still wins over what a person decides."))
	case payments.Approved:
		return v.approvedText()
	case payments.Declined:
		return v.declinedText()
	case payments.Cancelled:
		return v.cancelledText()
	case payments.NeverStarted:
		return v.neverStartedText()
	}
	return ""
}

// Announce is what a screen reader says when it changes.
func (v liveView) Announce() string {
	switch {
	case v.Question():
		return v.T("The terminal asks: %s", v.DisplayText())
	case v.State == payments.Approved:
		return v.Who.List(v.Title(), v.AmountText())
	case v.State == payments.Sent && v.DisplayText() != "":
		return v.Title() + ": " + v.DisplayText()
	}
	return v.Who.Join(v.Title()+".", v.Text())
}

// dontRepeat is the sentence that keeps somebody from charging twice.
func (v liveView) dontRepeat() words.Key {
	if v.IsRefund() {
		return "Do not make this refund again."
	}
	return "Do not take this payment again."
}

// nothing says what is certain about money that did not move.
func (v liveView) nothing() string {
	if v.IsRefund() {
		return v.T("Nothing was refunded.")
	}
	return v.T("Nothing was charged.")
}

func (v liveView) declinedText() string {
	if v.Source == payments.Manual {
		return v.T("Decided by hand as not paid: %s", v.decision().Why)
	}
	return v.Who.Join(declineText(v.Who.Voice, v.ResponseCode, v.ResponseText), v.certainty())
}

func (v liveView) cancelledText() string {
	if v.SentAt == nil {
		return v.Who.Join(v.T("Stopped before anything was sent."), v.nothing())
	}
	return v.Who.Join(v.T("Stopped at the terminal before any money moved."), v.certainty())
}

// certainty is what we may promise: everything once our own question agrees,
// less on a callback's word.
func (v liveView) certainty() string {
	if v.Unproven() {
		return v.T("The confirmation is still being asked for from %s; do not take it again before that.", v.Provider())
	}
	return v.nothing()
}

func (v liveView) neverStartedText() string {
	last := v.lastMove()
	switch {
	case last.Event == payments.Expire && strings.HasPrefix(last.Why, "not sent: "):
		return v.Who.Join(v.T("It was not sent, because it is no longer owed."), v.nothing())
	case last.Event == payments.Expire:
		return v.Who.Join(v.T("It could not be sent in time, and the customer may have gone."), v.nothing())
	case last.Event == payments.NotStarted:
		return v.Who.Join(v.T("%s did not take it on.", v.Provider()), v.nothing())
	}
	return v.Who.Join(v.T("%s is certain that it never saw it.", v.Provider()), v.nothing())
}

// lastMove is the history line that brought the payment where it is.
func (v liveView) lastMove() payments.Entry {
	for _, h := range slices.Backward(v.History) {
		if h.ToState == v.State && h.FromState != h.ToState {
			return h
		}
	}
	return payments.Entry{}
}

// decision is the history line of the last decision by hand.
func (v liveView) decision() payments.Entry {
	for _, h := range slices.Backward(v.History) {
		if h.Event == payments.ResolvePaid || h.Event == payments.ResolveNotPaid {
			return h
		}
	}
	return payments.Entry{}
}

// Took is how long a decided payment was under way.
func (v liveView) Took() string {
	if v.DecidedAt == nil {
		return ""
	}
	return spanText(v.Who.Voice, v.DecidedAt.Sub(v.CreatedAt).Round(time.Second))
}

// HintAfter is when the panel may say that the terminal gives no sign of life;
// nil when it never should.
func (v liveView) HintAfter() *time.Time {
	if v.State != payments.Sent || v.Told != nil {
		return nil
	}
	after := v.SentAt.Add(noLifeAfter)
	if v.Display.At != nil {
		after = v.LastEventAt.Add(quietAfter)
	}
	return &after
}

// HintDue reports whether that moment has come.
func (v liveView) HintDue() bool {
	after := v.HintAfter()
	return after != nil && !v.Now.Before(*after)
}
