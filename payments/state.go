package payments

// State is where a payment stands between the click and the proof.
type State string

// The states of design section 4. Created to Review are open: the outcome is
// not known. The others are decided.
const (
	Created      State = "created"       // stored, nothing sent
	Sent         State = "sent"          // may have been sent; the provider holds the truth
	Unknown      State = "unknown"       // no final answer within the window; still asking, slower
	Review       State = "review"        // asked long enough; a person decides, a late answer still wins
	Approved     State = "approved"      // money moved
	Declined     State = "declined"      // the bank or the terminal said no
	Cancelled    State = "cancelled"     // stopped before money moved
	NeverStarted State = "never_started" // the provider is certain that it never saw it
)

// States lists every state in the order of a payment's life.
func States() []State {
	return []State{Created, Sent, Unknown, Review, Approved, Declined, Cancelled, NeverStarted}
}

// Final reports whether the payment is decided. An outcome without proof of
// our own asking is final too, and may still be overtaken by proof.
func (s State) Final() bool {
	switch s {
	case Approved, Declined, Cancelled, NeverStarted:
		return true
	case Created, Sent, Unknown, Review:
		return false
	}
	return false
}

// Event is something that happened to a payment. Actions answer with an event
// and never choose a state: only the table does.
type Event string

// The events. "Found" is the provider's answer to our own question, which
// decides; "told" is a callback's result that our question could not confirm
// in time.
const (
	Send           Event = "send"             // this process won the right to call the terminal
	Expire         Event = "expire"           // not sent soon enough; the customer has gone
	Withdraw       Event = "withdraw"         // cancelled before anything was sent
	Accepted       Event = "accepted"         // the provider took the request
	Unclear        Event = "unclear"          // the sending call ended without a certain answer
	NotStarted     Event = "not_started"      // the sending call certainly did not reach or was refused
	FoundApproved  Event = "found_approved"   // asked: approved
	FoundDeclined  Event = "found_declined"   // asked: declined
	FoundCancelled Event = "found_cancelled"  // asked: cancelled by the operator
	FoundAbsent    Event = "found_absent"     // asked, with all the care of rule 2: never submitted
	ToldApproved   Event = "told_approved"    // callback: approved, not confirmed
	ToldDeclined   Event = "told_declined"    // callback: declined, not confirmed
	ToldCancelled  Event = "told_cancelled"   // callback: cancelled, not confirmed
	FellSilent     Event = "fell_silent"      // no event within UNKNOWN_AFTER
	AskedEnough    Event = "asked_enough"     // no answer within REVIEW_AFTER
	GaveUp         Event = "gave_up"          // ASK_FOR passed without confirmation
	Release        Event = "release"          // the operator serves the next customer
	ResolvePaid    Event = "resolve_paid"     // a person decides: paid
	ResolveNotPaid Event = "resolve_not_paid" // a person decides: not paid
)

// Events lists every event in the order of the constants.
func Events() []Event {
	return []Event{
		Send, Expire, Withdraw, Accepted, Unclear, NotStarted,
		FoundApproved, FoundDeclined, FoundCancelled, FoundAbsent,
		ToldApproved, ToldDeclined, ToldCancelled,
		FellSilent, AskedEnough, GaveUp, Release, ResolvePaid, ResolveNotPaid,
	}
}

// found reports whether the event is an outcome that our own question learnt.
func (e Event) found() bool { return e == FoundApproved || e == FoundDeclined || e == FoundCancelled }

// standing is a state together with whether a decided one is proven: by our
// own question, or because nothing was ever sent. Proof is what decides
// whether a later fact may still move it.
type standing struct {
	State  State
	Proven bool
}

// move is one cell of the table: where the event leads, and the alert that it
// raises if it contradicts what was believed.
type move struct {
	To    State
	Alert string
}

// Alert codes, as the JSON face shows them.
const (
	AlertContradiction = "contradiction"  // the provider said two different things
	AlertLateApproval  = "late_approval"  // money moved although the payment was taken for dead
	AlertAmountMissing = "amount_missing" // approved without an amount; the requested one is booked
	AlertOverApproved  = "over_approved"  // approved for more than was asked
	AlertPaidTwice     = "paid_twice"     // the document is now paid more than once
	AlertRefundedTwice = "refunded_twice" // more went back than was collected
	AlertCashOut       = "cash_out"       // other notes are to be handed out than were asked for
	AlertTotal         = "total_differs"  // the parts do not add up to what the terminal says
	AlertSurcharge     = "surcharge_off"  // the terminal added a surcharge that the portal forbids
	AlertQuestion      = "question_refused"
	AlertPairing       = "pairing_lost"
)

// standings lists every row of the table.
func standings() []standing {
	return []standing{
		{State: Created},
		{State: Sent},
		{State: Unknown},
		{State: Review},
		{State: Approved, Proven: true},
		{State: Approved},
		{State: Declined, Proven: true},
		{State: Declined},
		{State: Cancelled, Proven: true},
		{State: Cancelled},
		{State: NeverStarted, Proven: true},
		{State: NeverStarted},
	}
}

// table says what each event does to each standing. A missing cell is a
// refusal: apply changes nothing.
func table() map[standing]map[Event]move {
	return map[standing]map[Event]move{
		{State: Created}: {
			Send:     {To: Sent},
			Expire:   {To: NeverStarted},
			Withdraw: {To: Cancelled},
		},
		{State: Sent}: open(Sent, map[Event]move{
			NotStarted:  {To: NeverStarted},
			FoundAbsent: {To: NeverStarted},
			FellSilent:  {To: Unknown},
			Release:     {To: Sent},
		}),
		{State: Unknown}: open(Unknown, map[Event]move{
			NotStarted:     {To: NeverStarted},
			FoundAbsent:    {To: NeverStarted},
			AskedEnough:    {To: Review},
			Release:        {To: Unknown},
			ResolvePaid:    {To: Approved},
			ResolveNotPaid: {To: Declined},
		}),
		{State: Review}: open(Review, map[Event]move{
			ResolvePaid:    {To: Approved},
			ResolveNotPaid: {To: Declined},
		}),
		// Proven: a contradicting fact is told to people and changes nothing.
		{State: Approved, Proven: true}: settled(Approved, FoundApproved, ToldApproved),
		{State: Declined, Proven: true}: settled(Declined, FoundDeclined, FoundCancelled, ToldDeclined, ToldCancelled),
		{State: Cancelled, Proven: true}: settled(Cancelled,
			FoundDeclined, FoundCancelled, ToldDeclined, ToldCancelled),
		// Never sent at all: nothing can be heard of it.
		{State: NeverStarted, Proven: true}: {},
		// Not proven: our own question still decides.
		{State: Approved}: {
			Accepted:       {To: Approved},
			Unclear:        {To: Approved},
			FoundApproved:  {To: Approved},
			FoundDeclined:  {To: Review, Alert: AlertContradiction},
			FoundCancelled: {To: Review, Alert: AlertContradiction},
			ToldApproved:   {To: Approved},
			ToldDeclined:   {To: Approved, Alert: AlertContradiction},
			ToldCancelled:  {To: Approved, Alert: AlertContradiction},
		},
		{State: Declined}:  notPaid(Declined),
		{State: Cancelled}: notPaid(Cancelled),
		{State: NeverStarted}: {
			Accepted:       {To: NeverStarted, Alert: AlertContradiction},
			Unclear:        {To: NeverStarted},
			FoundApproved:  {To: Approved, Alert: AlertLateApproval},
			FoundDeclined:  {To: Declined},
			FoundCancelled: {To: Cancelled},
			FoundAbsent:    {To: NeverStarted},
			ToldApproved:   {To: NeverStarted, Alert: AlertContradiction},
			ToldDeclined:   {To: NeverStarted},
			ToldCancelled:  {To: NeverStarted},
		},
	}
}

// open is the row of a state whose outcome is not known: any outcome, found or
// told, decides it; what the sending call says late changes nothing.
func open(s State, more map[Event]move) map[Event]move {
	row := map[Event]move{
		Accepted:       {To: s},
		Unclear:        {To: s},
		FoundApproved:  {To: Approved},
		FoundDeclined:  {To: Declined},
		FoundCancelled: {To: Cancelled},
		ToldApproved:   {To: Approved},
		ToldDeclined:   {To: Declined},
		ToldCancelled:  {To: Cancelled},
	}
	for e, m := range more {
		row[e] = m
	}
	return row
}

// settled is the row of a proven outcome: it stays whatever comes, and every
// outcome that is not among the agreeing ones raises an alert.
func settled(s State, agreeing ...Event) map[Event]move {
	row := map[Event]move{Accepted: {To: s}, Unclear: {To: s}}
	for _, e := range []Event{FoundApproved, FoundDeclined, FoundCancelled, ToldApproved, ToldDeclined, ToldCancelled} {
		row[e] = move{To: s, Alert: AlertContradiction}
	}
	for _, e := range agreeing {
		row[e] = move{To: s}
	}
	return row
}

// notPaid is the row of a decline or cancel on a callback's or a person's
// word: proof of an approval overtakes it, and the money is booked. When
// asking ends without proof on a callback's word, a person decides.
func notPaid(s State) map[Event]move {
	return map[Event]move{
		Accepted:       {To: s},
		Unclear:        {To: s},
		FoundApproved:  {To: Approved, Alert: AlertLateApproval},
		FoundDeclined:  {To: Declined},
		FoundCancelled: {To: Cancelled},
		ToldApproved:   {To: s, Alert: AlertContradiction},
		ToldDeclined:   {To: s},
		ToldCancelled:  {To: s},
		GaveUp:         {To: Review},
	}
}
