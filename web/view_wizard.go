package web

import (
	"time"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// pairView is one step of pairing a terminal.
type pairView struct {
	around
	Who       caller
	Step      string
	Card      *pairing.Card // nil before there is one
	Model     string        // which drawing is shown
	Without   int64         // people who would find no terminal
	RequestID string        // names the test sale
	Now       time.Time
}

// wizardMark is one step in the list above.
type wizardMark struct {
	Title      words.Key
	Done, Here bool
}

// Marks are the seven steps.
func (v pairView) Marks() []wizardMark {
	names := []struct {
		step  string
		title words.Key
	}{
		{stepReady, "Get ready"},
		{stepEnter, "Enter"},
		{stepPairing, "Pairing"},
		{stepProve, "Prove it"},
		{stepAssign, "Assign"},
		{stepTry, "Try"},
		{stepDone, "Done"},
	}
	out := make([]wizardMark, len(names))
	done := true
	for i, n := range names {
		here := n.step == v.Step
		done = done && !here
		out[i] = wizardMark{Title: n.title, Here: here, Done: done}
	}
	return out
}

// Again reports whether the terminal was paired before: its name, people and
// history stay.
func (v pairView) Again() bool {
	return v.Card != nil && (v.Step == stepReady || v.Step == stepEnter)
}

// Post is where the form of step two goes.
func (v pairView) Post() string {
	if v.Card != nil {
		return "/api/v1/terminals/" + v.Card.ID + "/pair"
	}
	return "/api/v1/terminals"
}

// Query keeps the terminal from step to step.
func (v pairView) Query() string {
	if v.Card != nil {
		return "&terminal=" + v.Card.ID
	}
	return ""
}

// Terminal is the card as the list shows it.
func (v pairView) Terminal() terminalView {
	return terminalView{Card: *v.Card, Who: v.Who, around: v.around}
}

// Amount is what the test sale moves.
func (v pairView) Amount() payments.Money {
	m, _ := payments.ParseMoney("1", v.Card.Currency) // a terminal's currency is one
	return m
}

// MayRefund reports whether the viewer can pay the test sale back here.
func (v pairView) MayRefund() bool {
	return v.Who.may(access.Refund) && v.Card.Can("refund")
}

// Warning says how many people would find no terminal.
func (v pairView) Warning() string {
	if v.Without == 0 {
		return ""
	}
	return v.Who.T("%d people would find no terminal when they want to take a payment.", int(v.Without))
}
