package payments

import (
	"errors"
	"time"
)

// rules are what decides about a payment, gathered as values: the table, and
// the rules of evidence of design section 4 by their numbers. Production knows
// one set; tests plant a bug in each and see that rule's own test fail.
type rules struct {
	table        map[standing]map[Event]move
	counts       func(t Timing, p Payment, a Answer, asked, now time.Time) bool // 2 and 6
	proves       func(p Payment, asked time.Time) bool                          // 2
	notStarted   func(error) bool                                               // 3 and 4
	record       func(p *Payment, r Result, source Source, now time.Time)       // 7
	proof        func() (authorization, hash string)                            // 8
	sameCurrency func(codes ...string) bool                                     // 9

	// The ledger of refunds: what can still go back, and what goes along.
	left    func(l Ledger, purchase Payment) Left
	returns func(p Policy, purchase Payment, left Left, amount int64) (surcharge, tip int64)
}

// theRules are the ones in force. Rules 1 and 5 have no value here: they are
// that a result has one word for success, and that learn does nothing with a
// refused question but raise an alert.
func theRules() rules {
	return rules{
		table:        table(),
		counts:       Timing.countsAsAbsent,
		proves:       provesAbsent,
		notStarted:   func(err error) bool { return errors.Is(err, ErrNotStarted) },
		record:       record,
		proof:        NewProof,
		sameCurrency: sameCurrency,
		left:         Ledger.Left,
		returns:      Policy.Returns,
	}
}

// sameCurrency is rule of evidence 9: the amount, the terminal and the document
// are in one currency.
func sameCurrency(codes ...string) bool {
	for _, c := range codes {
		if c != codes[0] {
			return false
		}
	}
	return true
}
