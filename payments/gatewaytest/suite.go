package gatewaytest

import (
	"slices"
	"strings"
	"testing"

	"receivepayment/payments"
)

// Situation is something that can happen to a payment on its way to a terminal
// and back.
type Situation string

// The situations.
const (
	Approved         Situation = "the customer pays"
	DeclinedByBank   Situation = "the bank declines"
	NotReached       Situation = "the request is lost before the terminal has it"
	AnswerLost       Situation = "the terminal takes the money and its answer is lost"
	AnswerSpoiled    Situation = "the terminal takes the money and its answer cannot be read"
	AnswerForAnother Situation = "an answer names another payment"
	AnswerLate       Situation = "the answer comes long after the money has moved"
	DoubtThenTruth   Situation = "asked, the provider cannot say at first, and then can"
	FalseSuccess     Situation = "something looks like success and no money moved"
	Busy             Situation = "the terminal is at work for somebody else"
	NothingHappens   Situation = "the terminal never says a word"
	AskedTwice       Situation = "the same request comes twice"
	MoneyBack        Situation = "an approved payment is refunded in part"
	ProvenAbsence    Situation = "asked, the provider is certain that it never saw the payment"
	CancelFromHere   Situation = "the operator presses the terminal's cancel on our screen"
	AmountLarger     Situation = "the provider reports more than was asked for"
	Surcharge        Situation = "the terminal adds a surcharge"
)

// allowed is what a situation may come to: the states in which the payment may
// rest or stay in doubt, and how often money may have moved.
type allowed struct {
	states []payments.State
	moved  int
	exact  bool // the approved amount is the one that was asked for
}

// doubt are the states that promise nothing and block a second charge.
var doubt = []payments.State{payments.Sent, payments.Unknown, payments.Review}

func rules() map[Situation]allowed {
	unpaid := []payments.State{payments.Declined, payments.Cancelled, payments.NeverStarted}
	approved := allowed{states: []payments.State{payments.Approved}, moved: 1, exact: true}
	unmoved := allowed{states: slices.Concat(unpaid, doubt)}
	return map[Situation]allowed{
		Approved: approved, AnswerLost: approved, AnswerSpoiled: approved, AnswerForAnother: approved,
		AnswerLate: approved, DoubtThenTruth: approved, AskedTwice: approved, MoneyBack: approved,
		DeclinedByBank: {states: []payments.State{payments.Declined}},
		NotReached:     {states: []payments.State{payments.NeverStarted}},
		ProvenAbsence:  {states: []payments.State{payments.NeverStarted}},
		CancelFromHere: {states: []payments.State{payments.Cancelled}},
		FalseSuccess:   unmoved, Busy: unmoved, NothingHappens: unmoved,
		AmountLarger: {states: []payments.State{payments.Approved}, moved: 1},
		Surcharge:    {states: []payments.State{payments.Approved}, moved: 1, exact: true},
	}
}

// Seen is what a provider's test saw of one payment when it rested, or when
// nothing more would come.
type Seen struct {
	State           payments.State
	Asked, Approved int64  // minor units for the document; Approved as the payment says
	Moved           int    // how often the provider's books say that money moved for it
	Impossible      string // the situation cannot be; the reason
}

// Run holds a provider against the table. play arranges the situation and takes
// the payment.
func Run(t *testing.T, play func(t *testing.T, s Situation) Seen) {
	t.Helper()
	for s, rule := range rules() {
		t.Run(strings.ReplaceAll(string(s), " ", "_"), func(t *testing.T) {
			seen := play(t, s)
			if seen.Impossible != "" {
				if len(strings.Fields(seen.Impossible)) < 4 {
					t.Errorf("declared impossible with no reason to speak of: %q", seen.Impossible)
				}
				t.Logf("impossible: %s", seen.Impossible)
				return
			}
			rule.hold(t, seen)
		})
	}
}

func (a allowed) hold(t *testing.T, seen Seen) {
	t.Helper()
	if !slices.Contains(a.states, seen.State) {
		t.Errorf("the payment is %s; allowed: %v", seen.State, a.states)
	}
	if seen.Moved != a.moved {
		t.Errorf("money moved %d times, want %d", seen.Moved, a.moved)
	}
	if a.exact && seen.Approved != seen.Asked {
		t.Errorf("booked %d, asked for %d", seen.Approved, seen.Asked)
	}
	if seen.State != payments.Approved && seen.Approved != 0 {
		t.Errorf("%s, and an approved amount of %d", seen.State, seen.Approved)
	}
}
