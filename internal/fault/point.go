package fault

// Point is an instant at which a process may die.
type Point int

// The points, in the order of a payment's life, then a write-back's, then that
// of tokens.
const (
	PaymentStored    Point = iota + 1 // the click is committed, nobody knows yet
	PaymentClaimed                    // the step is claimed, nothing done
	SentCommitted                     // "sent" is committed, the terminal was not called
	BeforeBegin                       // the very moment before the call
	AfterBegin                        // the call has returned, its answer is not recorded
	MoveCommitted                     // a change of state is committed, nobody was told
	CallbackAdmitted                  // a callback proved itself, nothing of it is kept
	CallbackKept                      // what a callback said is committed, it was not answered
	BeforeAsk                         // our question is about to be asked
	AfterAsk                          // the provider has answered, nothing is recorded
	AbsenceNoted                      // the first "never seen" is committed
	ReceiptsKept                      // the outcome and the slips are committed, the step is not over
	WriteBackClaimed                  // the try is counted, nothing done
	BeforeStage                       // the CRM is about to be asked to move the invoice
	AfterStage                        // it has answered, nothing is recorded
	BeforeEntry                       // the CRM is about to be asked for a timeline entry
	AfterEntry                        // it has answered, nothing is recorded
	WriteBackDone                     // done is committed, nobody was told
	WriteBackLater                    // a failed try is committed, the next was not asked for
	TokenRenewed                      // the portal's new tokens are here, the old are dead, nothing is stored
)

// Points lists every point.
func Points() []Point {
	all := make([]Point, 0, TokenRenewed)
	for p := PaymentStored; p <= TokenRenewed; p++ {
		all = append(all, p)
	}
	return all
}

// String names the point as the constants do.
func (p Point) String() string {
	names := [...]string{
		"PaymentStored", "PaymentClaimed", "SentCommitted", "BeforeBegin", "AfterBegin", "MoveCommitted",
		"CallbackAdmitted", "CallbackKept", "BeforeAsk", "AfterAsk", "AbsenceNoted", "ReceiptsKept",
		"WriteBackClaimed", "BeforeStage", "AfterStage", "BeforeEntry", "AfterEntry", "WriteBackDone",
		"WriteBackLater", "TokenRenewed",
	}
	if p < 1 || int(p) > len(names) {
		return "unknown point"
	}
	return names[p-1]
}
