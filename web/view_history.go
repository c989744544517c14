package web

import (
	"receivepayment/payments"
)

// entryView is one line of the history for people.
type entryView struct {
	payments.Entry
	Words  string
	By     string
	Reason string // Why in the viewer's language
}

// Story is the payment's history, oldest first. What the machine did by itself
// names nobody.
func (v liveView) Story() []entryView {
	out := make([]entryView, len(v.History))
	for i, h := range v.History {
		out[i] = entryView{Entry: h, Words: v.eventWords(h), By: v.actorName(h.Actor), Reason: v.Who.Stored(h.Why)}
	}
	return out
}

func (v liveView) actorName(actor string) string {
	switch actor {
	case "", "worker", "callback":
		return ""
	case v.StartedBy:
		return v.StartedByName
	case v.Who.Person.ID:
		return v.Who.Person.Name
	}
	return v.T("Employee %s", actor)
}

func (v liveView) eventWords(h payments.Entry) string {
	switch h.Event {
	case payments.Send:
		return v.T("Sent to %s", v.TerminalName)
	case payments.Expire:
		return v.T("Not sent")
	case payments.Withdraw:
		return v.T("Withdrawn")
	case payments.Accepted:
		return v.T("%s took it on", v.Provider())
	case payments.Unclear:
		return v.T("No clear answer to the sending")
	case payments.NotStarted:
		return v.T("%s did not take it on", v.Provider())
	case payments.FoundApproved:
		return v.T("%s says: approved", v.Provider())
	case payments.FoundDeclined:
		return v.T("%s says: declined", v.Provider())
	case payments.FoundCancelled:
		return v.T("%s says: cancelled", v.Provider())
	case payments.FoundAbsent:
		return v.T("%s says: never seen", v.Provider())
	case payments.ToldApproved:
		return v.T("The terminal reported: approved")
	case payments.ToldDeclined:
		return v.T("The terminal reported: declined")
	case payments.ToldCancelled:
		return v.T("The terminal reported: cancelled")
	case payments.FellSilent:
		return v.T("No word for too long")
	case payments.AskedEnough:
		return v.T("Handed to a person to decide")
	case payments.GaveUp:
		return v.T("Asking ended without confirmation")
	case payments.Release:
		return v.T("Terminal freed for the next customer")
	case payments.ResolvePaid:
		return v.T("Decided by hand: paid")
	case payments.ResolveNotPaid:
		return v.T("Decided by hand: not paid")
	}
	if h.Event == "click" {
		return v.T("Started")
	}
	if h.Event == "take_over" {
		return v.T("Taken over")
	}
	return string(h.Event)
}
