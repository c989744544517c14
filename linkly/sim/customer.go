package sim

import (
	"strconv"
	"time"
)

// Card is a test card of the virtual PIN pad. Its number exists only masked.
type Card struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Scheme string `json:"scheme"` // CardType as the bank prints it
	Group  string `json:"group"`  // CardName, reference linkly 11.4
	Masked string `json:"masked"`
	Note   string `json:"note"`
	bin    string // the first six digits, for surcharge rules
	code   string // response code of the bank whatever the amount, empty = by the cents
}

// Cards lists the test cards; the first is the one used when none is named.
func Cards() []Card {
	return []Card{
		{ID: "visa", Label: "Visa", Scheme: "VISA", Group: "04", Masked: "4XXXXXXXXXXX1142", Note: "credit", bin: "411111"},
		{ID: "mastercard", Label: "Mastercard", Scheme: "MASTERCARD", Group: "03", Masked: "5XXXXXXXXXXX4444", Note: "debit", bin: "555555"},
		{ID: "amex", Label: "Amex", Scheme: "AMEX", Group: "05", Masked: "3XXXXXXXXXX0005", Note: "credit", bin: "371449"},
		{ID: "eftpos", Label: "eftpos", Scheme: "EFTPOS", Group: "01", Masked: "6XXXXXXXXXXX9012", Note: "CHQ / SAV", bin: "601234"},
		{ID: "expired", Label: "Expired", Scheme: "VISA", Group: "04", Masked: "4XXXXXXXXXXX0069", Note: "always 54", bin: "411111", code: "54"},
		{ID: "nofunds", Label: "No funds", Scheme: "MASTERCARD", Group: "03", Masked: "5XXXXXXXXXXX0051", Note: "always 51", bin: "555555", code: "51"},
	}
}

// cardByID finds a test card; the empty id is the first one, so that a bare tap works.
func cardByID(id string) (Card, bool) {
	cards := Cards()
	if id == "" {
		return cards[0], true
	}
	for _, c := range cards {
		if c.ID == id {
			return c, true
		}
	}
	return Card{}, false
}

// AutoConfig is a virtual customer. The zero value taps a Visa, picks CRD, and enters a PIN as soon as it is asked.
type AutoConfig struct {
	Card    string        `json:"card"`    // id of a test card, empty = "visa"
	Method  Key           `json:"method"`  // KeyTap, KeySwipe or KeyInsert, empty = KeyTap
	Account Key           `json:"account"` // KeyCheque, KeySavings or KeyCredit, empty = KeyCredit
	Delay   time.Duration `json:"delay"`   // nanoseconds before each act

	// Signature answers the signature question: KeyYes or KeyNo; empty leaves it to the operator.
	Signature Key `json:"signature"`
	// Cancel presses CANCEL instead of presenting a card.
	Cancel bool `json:"cancel"`
	// Tip chooses the first, second or third of the offered tips; 0 is none.
	Tip int `json:"tip"`
}

// withDefaults makes the zero customer the most ordinary one: a tap.
func (a AutoConfig) withDefaults() *AutoConfig {
	if a.Method == "" {
		a.Method = KeyTap
	}
	if a.Account == "" {
		a.Account = KeyCredit
	}
	return &a
}

// act is what the virtual customer does about a display; false when it waits for somebody else.
func (a *AutoConfig) act(d Display) (Press, bool) {
	if a == nil {
		return Press{}, false
	}
	switch {
	case d.Wants == "card" && a.Cancel:
		return Press{Key: KeyCancel}, true
	case d.Wants == "keyed":
		return Press{Key: KeyEnter, Card: a.Card}, true
	case d.Wants == "tip" && a.Tip > 0:
		return Press{Key: KeyDigit, Digit: strconv.Itoa(a.Tip)}, true
	case d.Wants == "tip":
		return Press{Key: KeyEnter}, true
	case d.Wants == "card":
		return Press{Key: a.Method, Card: a.Card}, true
	case d.Wants == "account":
		return Press{Key: a.Account}, true
	case d.Wants == "pin":
		return Press{Key: KeyEnter}, true
	case d.Wants == "answer" && a.Signature != "":
		return Press{Key: a.Signature}, true
	}
	return Press{}, false
}

// Script bends the bank's answers on one terminal. The zero value is the ordinary rule: the cents decide.
// Amounts are cents.
type Script struct {
	Code          string `json:"code"`          // every sale gets this response code; "00" is "always approve"
	Partial       int64  `json:"partial"`       // approve at most this much of a purchase
	PartialRate   int64  `json:"partialRate"`   // approve this share of a purchase, in basis points
	Surcharge     int64  `json:"surcharge"`     // fixed surcharge on purchases
	SurchargeRate int64  `json:"surchargeRate"` // basis points on top of Surcharge
	Tip           int64  `json:"tip"`           // what the customer adds when the POS enables tips

	// Amounts spoils the amount in the result of an approved sale: "missing", "zero" or "larger". The money moved stays right.
	Amounts string `json:"amounts"`
	// Supervisor makes refunds ask for this password on the POS (AUTH key).
	Supervisor string `json:"supervisor"`
}
