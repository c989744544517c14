package invoices

import (
	"slices"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// stageFacts is everything that the decision about an invoice's stage hangs on.
type stageFacts struct {
	current, previous string // as the CRM says
	funnel            bitrix.Funnel
	stages            StageMap
	ours              map[string]bool // the stages that our write-backs set on this invoice
	before            string          // what was current when this write-back first wrote, or empty
	total             int64
	ledger            payments.Ledger
}

// verdict is what becomes of the stage.
type verdict struct {
	move    string    // to this stage, or empty to leave it
	ours    string    // the stage that stands there by our doing
	note    words.Key // why it is left
	trouble words.Key // what only a person can put right
}

// wanted is the stage that what was collected asks for, empty for none.
func (f stageFacts) wanted() string {
	net := f.ledger.Paid - f.ledger.Refunded
	switch {
	case f.ledger.Refunded > 0 && net <= 0:
		return f.stages.Refunded
	case net >= f.total:
		return f.stages.Paid
	case net > 0 && f.ledger.Refunded == 0:
		return f.stages.PartlyPaid
	}
	return ""
}

// decide says whether the invoice is moved. People's own choice stays: a stage
// that somebody chose after we wrote is never undone, and a stage that ends the
// invoice is left only for one that a new fact asks for and that we had set.
func (f stageFacts) decide() verdict {
	want := f.wanted()
	switch {
	case want == "":
		return verdict{note: f.reason()}
	case f.current == want:
		return f.there(want)
	case f.before != "" && f.previous == want:
		return verdict{ours: want, note: "moved on by a person afterwards; left alone"}
	case f.before != "" && f.current != f.before:
		return verdict{note: "moved by a person meanwhile; left alone"}
	}
	switch want {
	case f.stages.Paid:
		return f.toPaid(want)
	case f.stages.Refunded:
		return f.toRefunded(want)
	}
	if f.ended() && !f.ours[f.current] {
		return verdict{note: "closed by a person; left alone"}
	}
	return verdict{move: want}
}

// reason says why no stage is wanted.
func (f stageFacts) reason() words.Key {
	net := f.ledger.Paid - f.ledger.Refunded
	switch {
	case f.ledger.Paid == 0:
		return "nothing is collected any more; the stage is left for a person"
	case f.ledger.Refunded > 0 && net <= 0:
		return "no stage is chosen for refunds; the timeline tells"
	case net >= f.total:
		return "the funnel has no stage that means paid"
	case f.ledger.Refunded > 0:
		return "partly refunded; the stage is left alone"
	}
	return "partly paid; the stage is left alone"
}

// there is an invoice that stands where it should: by an earlier try of ours
// whose answer was lost, or by people, whose stage it stays.
func (f stageFacts) there(want string) verdict {
	if f.before != "" && f.before != want {
		return verdict{ours: want, note: "set by an earlier try"}
	}
	if f.ours[want] {
		return verdict{note: "set for an earlier payment"}
	}
	return verdict{note: "the invoice was in that stage already"}
}

func (f stageFacts) ended() bool { return f.funnel.Succeeded(f.current) || f.funnel.Failed(f.current) }

func (f stageFacts) toPaid(want string) verdict {
	switch {
	case f.funnel.Succeeded(f.current) && !f.ours[f.current]:
		return verdict{note: "the invoice was in a paid stage already"}
	case f.funnel.Failed(f.current) && !f.ours[f.current]:
		return verdict{trouble: "the invoice was closed as not paid, and a payment was approved"}
	}
	return verdict{move: want}
}

// toRefunded leaves a stage that people chose: only ours, or the one that means
// paid, becomes the refunded one.
func (f stageFacts) toRefunded(want string) verdict {
	paid := append(slices.Clone(f.funnel.Success), f.stages.Paid)
	if !f.ours[f.current] && !slices.Contains(paid, f.current) {
		return verdict{note: "moved by a person before the refund; left alone"}
	}
	return verdict{move: want}
}
