package jobs

import "time"

// Kind names a sort of work. No kind is a prefix of another: asynq routes by
// prefix.
type Kind string

// The work that the product does.
const (
	Purchase  Kind = "purchase:step"  // take the next step of a purchase
	Refund    Kind = "refund:step"    // take the next step of a refund
	WriteBack Kind = "writeback:step" // tell the CRM
	Prove     Kind = "terminal:prove" // log a terminal on and read its status
	Tend      Kind = "portal:tend"    // look after a portal
	Change    Kind = "change:read"    // read again what the CRM says was changed
	Request   Kind = "request:step"   // a card payment that a workflow asks for
	Notice    Kind = "notice:tell"    // tell a person in the portal
	Mailing   Kind = "receipt:mail"   // send a receipt by e-mail
	Function  Kind = "function:step"  // logon, settlement and the like, for a person
	Settle    Kind = "settle:start"   // begin a settlement at the time that was chosen
	Open      Kind = "terminal:open"  // prove it before the shop opens
	People    Kind = "people:read"    // read who works at the portal
	Mirror    Kind = "mirror:look"    // bring terminals and their cards in the CRM together
)

// Queues by weight: a customer is standing at the till for the first, nobody
// waits for the last.
const (
	urgent = "urgent"
	normal = "normal"
	low    = "low"
)

func weights() map[string]int { return map[string]int{urgent: 6, normal: 3, low: 1} }

func (k Kind) queue() string {
	switch k {
	case Purchase, Refund:
		return urgent
	case Prove, Function:
		return normal
	case WriteBack, Request, Notice, Mailing, Open, People, Tend, Change, Settle, Mirror:
		return low
	}
	return low
}

// timeout bounds one run of a task. A step renews its row's claim itself, so
// the bound is only against a handler that hangs.
func (k Kind) timeout() time.Duration {
	if k == Prove || k == Function {
		return 4 * time.Minute // a terminal may take three minutes to log on
	}
	return time.Minute
}
