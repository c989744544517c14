package payments

import (
	"errors"
	"fmt"
)

// Refusals that a caller acts on.
var (
	ErrAmountChanged  = errors.New("the outstanding amount differs from the expected one")
	ErrAlreadyPaid    = errors.New("the document is already paid")
	ErrOverOutstand   = errors.New("the amount is more than is owed")
	ErrDocumentOpen   = errors.New("a payment of this document is still open")
	ErrTerminalBusy   = errors.New("the terminal is taking another payment")
	ErrOverRefund     = errors.New("the amount is more than can be refunded")
	ErrTerminalLimit  = errors.New("the terminal refunds less than this at once")
	ErrNeedsApproval  = errors.New("the refund is above what this person may refund alone")
	ErrOwnRequest     = errors.New("nobody decides about their own request")
	ErrNoLink         = errors.New("the purchase has no link by which it could be refunded")
	ErrMoneyChanged   = errors.New("the document's currency was changed after a payment")
	ErrNotFinal       = errors.New("the payment is not decided yet")
	ErrWrongState     = errors.New("the payment's state does not allow this")
	ErrKeyNotEnabled  = errors.New("the terminal does not allow this key now")
	ErrRequestReused  = errors.New("the request id was used with other content")
	ErrWrongCurrency  = errors.New("the terminal has another currency")
	ErrForeignSession = errors.New("the message speaks of another session")
	ErrUpstream       = errors.New("the provider did not take the key")
)

// Conflict is a refusal with the payment that stands in the way, so that
// people can be told who holds it and since when.
type Conflict struct {
	Err  error
	With Payment
}

func (c *Conflict) Error() string { return fmt.Sprintf("%v (payment %s)", c.Err, c.With.ID) }

func (c *Conflict) Unwrap() error { return c.Err }

// forbidden is the table's refusal of an event.
type forbidden struct {
	from  standing
	event Event
}

func (f *forbidden) Error() string {
	return fmt.Sprintf("a payment that is %s does not take %s", f.from.State, f.event)
}

func (f *forbidden) Is(target error) bool { return target == ErrWrongState }
