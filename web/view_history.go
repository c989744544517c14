package web

import (
	"receivepayment/payments"
)

// entryView is one line of the history for people.
type entryView struct {
	payments.Entry
	Words string
	By    string
}

// Story is the payment's history, oldest first. What the machine did by itself
// names nobody.
func (v liveView) Story() []entryView {
	out := make([]entryView, len(v.History))
	for i, h := range v.History {
		out[i] = entryView{Entry: h, Words: v.eventWords(h), By: v.actorName(h.Actor)}
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
	return "Employee " + actor
}

func (v liveView) eventWords(h payments.Entry) string {
	switch h.Event {
	case payments.Send:
		return "Sent to " + v.TerminalName
	case payments.Expire:
		return "Not sent"
	case payments.Withdraw:
		return "Withdrawn"
	case payments.Accepted:
		return v.Provider() + " took it on"
	case payments.Unclear:
		return "No clear answer to the sending"
	case payments.NotStarted:
		return v.Provider() + " did not take it on"
	case payments.FoundApproved:
		return v.Provider() + " says: approved"
	case payments.FoundDeclined:
		return v.Provider() + " says: declined"
	case payments.FoundCancelled:
		return v.Provider() + " says: cancelled"
	case payments.FoundAbsent:
		return v.Provider() + " says: never seen"
	case payments.ToldApproved:
		return "The terminal reported: approved"
	case payments.ToldDeclined:
		return "The terminal reported: declined"
	case payments.ToldCancelled:
		return "The terminal reported: cancelled"
	case payments.FellSilent:
		return "No word for too long"
	case payments.AskedEnough:
		return "Handed to a person to decide"
	case payments.GaveUp:
		return "Asking ended without confirmation"
	case payments.Release:
		return "Terminal freed for the next customer"
	case payments.ResolvePaid:
		return "Decided by hand: paid"
	case payments.ResolveNotPaid:
		return "Decided by hand: not paid"
	}
	if h.Event == "click" {
		return "Started"
	}
	if h.Event == "take_over" {
		return "Taken over"
	}
	return string(h.Event)
}
