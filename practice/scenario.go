package practice

import (
	"time"

	"receivepayment/payments"
)

// The scenarios: what the pretend customer, bank and network do. They travel as
// the payment's method, because that is what they are here.
const (
	Approved    = "approved"
	Declined    = "declined"
	Signature   = "signature"
	Cancelled   = "cancelled"
	Slow        = "slow"
	Offline     = "offline"
	LostAnswer  = "lost_answer"
	NeverSaying = "never_saying"
)

// Scenarios lists them in the order in which somebody learns.
func Scenarios() []string {
	return []string{Approved, Declined, Signature, Cancelled, Slow, Offline, LostAnswer, NeverSaying}
}

// line is what the terminal shows from a beat on.
type line struct {
	beat int
	text []string
	keys []payments.Key
}

// script is how a scenario runs, in beats since the payment was sent.
type script struct {
	lines []line
	// decided is the beat of the outcome; never when it is zero.
	decided int
	outcome outcome
	// lost is the beat at which the connection breaks: the sending call ends
	// without an answer, and no question is answered before decided.
	lost int
	// offline scripts begin with nothing at all.
	offline bool
}

// outcome is how a script ends when nobody presses anything.
type outcome int

const (
	paid outcome = iota
	refused
	stopped
	unsigned
)

// found is when a lost answer is found: after the operator was told that the
// outcome is not known, which is what there is to practise.
const found = 210

func cancel() []payments.Key { return []payments.Key{payments.KeyCancel} }

// present is how every script begins.
func present() line { return line{0, []string{"PRESENT CARD", "PRACTICE"}, cancel()} }

func processing(beat int) line { return line{beat, []string{"PROCESSING", "PRACTICE"}, nil} }

// scriptOf is the script of a payment. A refund, which names no scenario, is
// approved, and so is what this version does not know.
func scriptOf(p payments.Payment) script {
	switch p.Method {
	case Declined:
		return script{lines: []line{present(), processing(3)}, decided: 5, outcome: refused}
	case Signature:
		return script{lines: []line{
			present(), processing(3),
			{5, []string{"SIGNATURE OK?", "PRACTICE"}, []payments.Key{payments.KeyYes, payments.KeyNo}},
		}, decided: 65, outcome: unsigned}
	case Cancelled:
		return script{lines: []line{present()}, decided: 4, outcome: stopped}
	case Slow:
		return script{lines: []line{present(), {15, []string{"ENTER PIN", "PRACTICE"}, cancel()}, processing(30)}, decided: 45}
	case Offline:
		return script{offline: true}
	case LostAnswer:
		return script{lines: []line{present(), processing(3)}, lost: 5, decided: found}
	case NeverSaying:
		return script{lines: []line{present(), processing(3)}, lost: 5}
	}
	return script{lines: []line{present(), processing(3)}, decided: 5}
}

// at is the moment of a beat of the payment's script.
func (g *Gateway) at(p payments.Payment, beat int) time.Time {
	return p.SentAt.Add(time.Duration(beat) * g.Beat)
}
