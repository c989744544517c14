package payments

import (
	"encoding/json"
	"time"
)

// Kind tells a purchase from a refund. They share one life.
type Kind string

// The two directions that money moves.
const (
	Purchase Kind = "purchase"
	Refund   Kind = "refund"
)

// Source says on whose word a payment was decided.
type Source string

// The sources, strongest first. Only Asked is proof; Callback becomes
// confirmed when our own question agrees; Manual is a person's decision.
const (
	Asked    Source = "asked"
	Callback Source = "callback"
	Manual   Source = "manual"
)

// Payment is one attempt to move money over a terminal: domain type and row at
// once. Amounts are minor units of Currency, times are UTC. Only apply changes
// State.
type Payment struct {
	ID          string `gorm:"primaryKey"`
	PortalID    string
	RequestID   string
	RequestHash string
	Kind        Kind
	RefundOf    string // the purchase's id, for a refund

	Document      string // SI:77 or O:900/1410
	DocumentTitle string
	DocumentTotal int64 // as the CRM said when the payment was started
	DealID        string

	TerminalID   string
	TerminalName string
	Provider     string
	PairingID    string // what a later pairing answers is no proof of absence
	SessionID    string // ours, one for ever
	TxnRef       string // at most 16 of 0-9A-Z (reference linkly 5.1)
	SaleUID      string
	Link         string // a refund's way back to its sale

	Amount   int64 // for the document; what is asked for beside it follows
	Currency string
	Reason   string
	Method   string // how the customer pays, where the provider lets us choose; empty: on the terminal

	WantTip        int64 // of a purchase, fixed; of a refund, what goes back
	WantSurcharge  int64 // of a refund, what goes back
	WantCashOut    int64
	CashOnly       bool            // a cash-out alone: Amount is the cash, and nothing is for the document
	AskTip         bool            // the terminal asks the customer
	TipChoices     []int           `gorm:"type:text;serializer:json"`
	SurchargeRules []SurchargeRule `gorm:"type:text;serializer:json"`
	MOTO           bool            `gorm:"column:moto"`
	Unmatched      bool            // a refund without a link to its sale
	RefundRequest  string          // the approved request that a refund carries out

	State    State
	Released bool
	Version  int64
	DueAt    *time.Time

	StartedBy     string
	StartedByName string
	Operator      string // who took it over on the screen; empty means who started it
	OperatorName  string
	CreatedAt     time.Time
	SentAt        *time.Time
	BeginOverAt   *time.Time
	LastEventAt   *time.Time
	Asks          int
	Seen          bool
	AbsentCount   int
	AbsentAt      *time.Time
	NotifyHash    string
	Display       Display `gorm:"serializer:json"`
	Told          *Result `gorm:"serializer:json"`
	ToldAt        *time.Time

	DecidedAt   *time.Time
	ConfirmedAt *time.Time
	Source      Source

	ApprovedAmount *int64
	Surcharge      int64
	Tip            int64
	CashOut        int64
	Total          int64

	ResponseCode   string
	ResponseText   string
	CardType       string
	Last4          string
	Entry          string
	Account        string
	AuthCode       string
	RRN            string `gorm:"column:rrn"`
	STAN           string `gorm:"column:stan"`
	SettlementDate string
	RFN            string `gorm:"column:rfn"`
	Reference      string
}

// TableName is the table of payments.
func (Payment) TableName() string { return "payments" }

// standing is the payment's row in the table. What was never sent is proven by
// that alone.
func (p Payment) standing() standing {
	proven := p.State.Final() && (p.ConfirmedAt != nil || p.SentAt == nil)
	return standing{State: p.State, Proven: proven}
}

// Unproven reports whether the payment was sent and decided, but not on the
// answer to our own question. Such payments go on being asked about.
func (p Payment) Unproven() bool { return p.State.Final() && !p.standing().Proven }

// HoldsTerminal reports whether no other payment may use the terminal.
func (p Payment) HoldsTerminal() bool {
	switch p.State {
	case Created, Sent, Unknown:
		return !p.Released
	case Review, Approved, Declined, Cancelled, NeverStarted:
		return false
	}
	return false
}

// BlocksDocument reports whether no other purchase of the same document may
// start: the outcome is open, or a refusal is not confirmed yet.
func (p Payment) BlocksDocument() bool {
	switch p.State {
	case Created, Sent, Unknown, Review:
		return true
	case Declined, Cancelled:
		return p.Source == Callback && p.ConfirmedAt == nil
	case Approved, NeverStarted:
		return false
	}
	return false
}

// Collected is what an approved payment moved for the document itself, without
// tip, surcharge and cash-out; zero otherwise.
func (p Payment) Collected() int64 {
	if p.State != Approved || p.ApprovedAmount == nil {
		return 0
	}
	return *p.ApprovedAmount
}

// Headline is the amount that people call the payment by: what was asked for;
// once approved, what moved for the document, or, of a cash-out alone, the notes.
func (p Payment) Headline() int64 {
	switch {
	case p.State != Approved:
		return p.Amount
	case p.CashOnly:
		return p.CashOut
	}
	return p.Collected()
}

// Key is a key of the terminal that the operator may press from the screen.
type Key string

// The keys. Cancel and OK are one key on the wire; the terminal shows one of
// them at a time (reference linkly 5.11).
const (
	KeyCancel Key = "cancel"
	KeyOK     Key = "ok"
	KeyYes    Key = "yes"
	KeyNo     Key = "no"
	KeyAuth   Key = "auth"
)

// Display is what the terminal shows now, and the keys that it allows.
type Display struct {
	Lines []string   `json:"lines"`
	Keys  []Key      `json:"keys"`
	Input string     `json:"input,omitempty"` // what is asked for with KeyAuth: text, amount, password, …
	QR    string     `json:"qr,omitempty"`    // what a QR code for the customer holds
	At    *time.Time `json:"at,omitempty"`
}

// Allows reports whether the latest display enables the key.
func (d Display) Allows(k Key) bool {
	for _, allowed := range d.Keys {
		if allowed == k {
			return true
		}
	}
	return false
}

// Entry is one line of a payment's history: who moved it, when, from where to
// where, why, and on what evidence.
type Entry struct {
	ID        string `gorm:"primaryKey"`
	PaymentID string
	Seq       int64
	At        time.Time
	FromState State
	ToState   State
	Event     Event
	Actor     string // "worker", "callback", or a user id
	Why       string
	Evidence  json.RawMessage `gorm:"type:text;serializer:json"`
}

// TableName is the table of history.
func (Entry) TableName() string { return "payment_history" }

// Receipt is a slip that the terminal sent, spacing kept, card numbers masked.
type Receipt struct {
	PaymentID string    `gorm:"primaryKey" json:"-"`
	Hash      string    `gorm:"primaryKey" json:"-"`
	Type      string    `json:"type"` // customer, merchant, …
	Text      string    `json:"text"`
	At        time.Time `json:"-"`
	// PrintedAt is when it first left our store, on paper or by e-mail; later ones are
	// duplicates.
	PrintedAt *time.Time `json:"-"`
}

// TableName is the table of receipts.
func (Receipt) TableName() string { return "payment_receipts" }

// Alert is something about a payment that a person must see.
type Alert struct {
	PaymentID string `gorm:"primaryKey"`
	Code      string `gorm:"primaryKey"`
	Text      string
	At        time.Time
	SeenAt    *time.Time // when a person said that they have dealt with it
	SeenBy    string
}

// TableName is the table of alerts.
func (Alert) TableName() string { return "payment_alerts" }
