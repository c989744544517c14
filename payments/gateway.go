package payments

import (
	"context"
	"errors"
)

// Gateway is a provider of terminals. Implementations make exactly one attempt
// per call where money could move, and never report a decline, an approval or
// an absence that the provider did not state.
type Gateway interface {
	// Begin submits the payment under its session id. A nil error means that
	// the provider took it. An error that Is [ErrNotStarted] certainly moved
	// nothing; every other error leaves the outcome open.
	Begin(ctx context.Context, p Payment, authorization string) error
	// Ask looks the session up. An error means that nothing was learnt.
	Ask(ctx context.Context, p Payment) (Answer, error)
	// Press passes a key to the terminal. A nil error means "passed on".
	Press(ctx context.Context, p Payment, k Key, data string) error
}

// ErrNotStarted marks a Begin that failed before the first byte left, or was
// refused outright (rule of evidence 3).
var ErrNotStarted = errors.New("certainly not started")

// AnswerKind is what the provider says when asked about a session.
type AnswerKind string

// The answers.
const (
	Pending     AnswerKind = "pending"      // it is working on it
	Decided     AnswerKind = "decided"      // Result holds the outcome
	Absent      AnswerKind = "absent"       // it never saw the session
	BadQuestion AnswerKind = "bad_question" // it refuses the question, which says nothing of the sale
)

// Answer is the provider's reply to our own question.
type Answer struct {
	Kind   AnswerKind
	Result *Result
	Status int // of HTTP, for the evidence
	// OtherPairing is set when the payment's own pairing is dead and a later
	// one was asked: its "absent" is no proof (rule of evidence 6).
	OtherPairing bool
}

// Result is the outcome as the provider reports it. Amounts are minor units;
// nil means that the provider left them out.
type Result struct {
	Success        bool      `json:"success"`
	Code           string    `json:"code,omitempty"`
	Text           string    `json:"text,omitempty"`
	CancelledByKey bool      `json:"cancelledByKey,omitempty"` // the refusal is the operator's own cancel
	CardType       string    `json:"cardType,omitempty"`
	Last4          string    `json:"last4,omitempty"`
	Entry          string    `json:"entry,omitempty"`
	Account        string    `json:"account,omitempty"`
	AuthCode       string    `json:"authCode,omitempty"`
	RRN            string    `json:"rrn,omitempty"`
	STAN           string    `json:"stan,omitempty"`
	SettlementDate string    `json:"settlementDate,omitempty"`
	RFN            string    `json:"rfn,omitempty"`
	Reference      string    `json:"reference,omitempty"`
	Amount         *int64    `json:"amount,omitempty"`
	Surcharge      *int64    `json:"surcharge,omitempty"`
	Tip            *int64    `json:"tip,omitempty"`
	CashOut        *int64    `json:"cashOut,omitempty"`
	Total          *int64    `json:"total,omitempty"`
	Receipts       []Receipt `json:"receipts,omitempty"`
}

// found is the event of a result that answers our own question.
func (r Result) found() Event {
	switch {
	case r.Success:
		return FoundApproved
	case r.CancelledByKey:
		return FoundCancelled
	}
	return FoundDeclined
}

// told is the event of a result that only a callback reported.
func (r Result) told() Event {
	switch {
	case r.Success:
		return ToldApproved
	case r.CancelledByKey:
		return ToldCancelled
	}
	return ToldDeclined
}
