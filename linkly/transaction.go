package linkly

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// maxAmount is the largest amount in cents (reference linkly 5.1).
const maxAmount = 999_999_999

// TxnType is Linkly's letter for a kind of transaction (reference linkly 5.1).
type TxnType string

// The kinds that this client sends.
const (
	Purchase TxnType = "P" // with AmtCash: and cash-out
	CashOut  TxnType = "C" // cash-out alone
	Refund   TxnType = "R"
)

// CardNotPresent is the PanSource of a telephone or mail order whose card is
// keyed on the terminal (reference linkly 5.1).
const CardNotPresent = "2"

// Transaction is what is asked of the terminal. Amounts are cents.
type Transaction struct {
	Type   TxnType
	TxnRef string // ours, unique: 1 to 16 of 0-9 and A-Z
	// AmtPurchase is 1 to 999999999, for a refund the amount to give back, for a
	// cash-out alone 0.
	AmtPurchase int64
	AmtCash     int64  // cash-out on top of a purchase or alone, 0 for a refund
	Currency    string // ISO code such as "AUD"
	PAD         PAD
	EnableTip   bool
	// PanSource is empty for the card on the terminal, or one of "0" to "5" for
	// sales without the card (reference linkly 5.1). Card numbers never pass us.
	PanSource string
	// Unmatched lets a refund go without RFN. Some banks take it, most do not
	// (reference linkly 10).
	Unmatched bool
}

// Notify is where Linkly posts what happens on the terminal (reference linkly 6).
type Notify struct {
	// URI is https, or http on loopback; it may hold the placeholder {{type}}.
	URI string
	// Authorization comes back verbatim in that header of each callback.
	Authorization string
}

type notification struct {
	URI           string `json:"Uri"`
	Authorization string `json:"AuthorizationHeader"`
}

type envelopeOut[T any] struct {
	Request      T             `json:"Request"`
	Notification *notification `json:"Notification,omitempty"`
}

// transactionOut has the members and the order of the documented example.
type transactionOut struct {
	Merchant         string
	Application      string
	TxnType          TxnType
	AmtPurchase      int64
	AmtCash          int64
	TxnRef           string
	CurrencyCode     string
	CutReceipt       string
	ReceiptAutoPrint string
	PanSource        string `json:",omitempty"`
	EnableTip        bool   `json:",omitempty"`

	PurchaseAnalysisData orderedTags
}

var (
	txnRef    = regexp.MustCompile(`^[0-9A-Z]{1,16}$`)
	currency  = regexp.MustCompile(`^[A-Z]{3}$`)
	panSource = regexp.MustCompile(`^[ 0-5]?$`)
)

// transaction checks everything before the first byte leaves, and encodes it.
func (cfg Config) transaction(tx Transaction, n Notify) ([]byte, error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	out, err := n.out()
	if err != nil {
		return nil, err
	}
	if out == nil {
		return nil, fmt.Errorf("a notification address is required")
	}
	pad, err := cfg.tags(tx)
	if err != nil {
		return nil, fmt.Errorf("pad: %w", err)
	}
	return encode(envelopeOut[transactionOut]{
		Request: transactionOut{
			Merchant: "00", Application: "00", TxnType: tx.Type,
			AmtPurchase: tx.AmtPurchase, AmtCash: tx.AmtCash,
			TxnRef: tx.TxnRef, CurrencyCode: tx.Currency,
			CutReceipt: "0", ReceiptAutoPrint: "0",
			PanSource: tx.PanSource, EnableTip: tx.EnableTip,
			PurchaseAnalysisData: pad,
		},
		Notification: out,
	}), nil
}

func (tx Transaction) check() error {
	switch {
	case tx.Type != Purchase && tx.Type != Refund && tx.Type != CashOut:
		return fmt.Errorf("transaction type must be purchase, cash-out or refund")
	case !txnRef.MatchString(tx.TxnRef):
		return fmt.Errorf("reference must be 1 to 16 of 0-9 and A-Z")
	case !currency.MatchString(tx.Currency):
		return fmt.Errorf("currency must be three capital letters")
	case !panSource.MatchString(tx.PanSource):
		return fmt.Errorf("pan source must be empty or 0 to 5")
	case tx.Type == Refund && strings.TrimSpace(tx.PAD.RFN) == "" && !tx.Unmatched:
		return fmt.Errorf("a refund needs the RFN of its purchase")
	case tx.Type != Refund && (tx.PAD.RFN != "" || tx.Unmatched):
		return fmt.Errorf("only a refund has an RFN")
	}
	if err := tx.amounts(); err != nil {
		return err
	}
	return tx.onlyPurchases()
}

func (tx Transaction) amounts() error {
	switch {
	case tx.Type == CashOut && tx.AmtPurchase != 0:
		return fmt.Errorf("a cash-out alone buys nothing")
	case tx.Type != CashOut && (tx.AmtPurchase < 1 || tx.AmtPurchase > maxAmount):
		return fmt.Errorf("amount must be 1 to %d cents", maxAmount)
	case tx.AmtCash < 0 || tx.AmtCash > maxAmount:
		return fmt.Errorf("cash-out must be 0 to %d cents", maxAmount)
	case tx.Type == CashOut && tx.AmtCash == 0:
		return fmt.Errorf("a cash-out needs at least 1 cent")
	case tx.Type == Refund && tx.AmtCash != 0:
		return fmt.Errorf("a refund has no cash-out")
	}
	return nil
}

// out checks the address; nil when there is none.
func (n Notify) out() (*notification, error) {
	if n == (Notify{}) {
		return nil, nil
	}
	u, err := url.Parse(n.URI)
	if err != nil {
		return nil, fmt.Errorf("notification address is no url")
	}
	if err := safeScheme(u); err != nil {
		return nil, fmt.Errorf("notification address %w", err)
	}
	if strings.TrimSpace(n.Authorization) == "" || !headerSafe(n.Authorization) {
		return nil, fmt.Errorf("notification authorization must be non-empty visible ascii")
	}
	return &notification{URI: n.URI, Authorization: n.Authorization}, nil
}

// headerSafe reports text that can stand in an HTTP header as it is.
func headerSafe(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
