package linkly

import (
	"regexp"
	"strings"
)

// Result is how a transaction ended. Success is the only approval test; everything
// else is for showing, booking and proving. All texts are trimmed and masked.
// Reference linkly 5.3.
type Result struct {
	Success                    bool
	ResponseCode, ResponseText string

	CardType string // the scheme as the bank names it, for display
	CardName string // two digits, the bank's card group (reference linkly 11.4)
	Last4    string // "" when the terminal does not say
	Entry    string // contactless, chip, swiped, keyed, barcode or ""
	Account  string // cheque, savings, credit or ""

	// AuthCode, RRN and STAN are text: a leading zero belongs to them.
	AuthCode, RRN, STAN string

	// AmtPurchase, AmtCash and AmtTip are the cents approved, maybe fewer than asked
	// for; nil means that the answer does not say, which is not zero.
	AmtPurchase, AmtCash, AmtTip *int64
	// Surcharge and TotalCharged are the PAD's SUR and AMT in cents, nil if absent.
	Surcharge, TotalCharged *int64

	SettlementDate string // yyyy-mm-dd or ""
	Date           string // the terminal's clock as it came, usually without a zone
	CatID, CaID    string // terminal and merchant as the bank numbers them

	RFN string // must be stored: a refund needs it
	REF string // printed on the receipt, for disputes
	// HostCode and HostText are the PAD's HRC and HRT.
	HostCode, HostText string

	TxnRef, TxnType, SessionID string // "" where the answer leaves them out
	Receipts                   []Receipt
}

// transactionIn is the Response of a transaction. Track2, DateExpiry and the
// balances are left out on purpose: what is not decoded cannot leak.
type transactionIn struct {
	TxnType        text
	TxnRef         text
	CardType       text
	CardName       text
	Pan            text
	AccountType    text
	TxnFlags       object[struct{ CardEntry, PayPass text }]
	Success        verdict
	ResponseCode   text
	ResponseText   text
	RRN            text
	AuthCode       text
	Stan           text
	AmtPurchase    number
	AmtCash        number
	AmtTip         number
	DateSettlement text
	Date           text
	Catid          text
	Caid           text

	PurchaseAnalysisData object[padIn]
	Receipts             list[receiptIn]
}

type padIn struct {
	RFN, REF, HRC, HRT text
	AMT, SUR           number
}

func (in *transactionIn) result(session text, success bool) *Result {
	pad := in.PurchaseAnalysisData.in
	r := &Result{
		Success:        success,
		ResponseCode:   shown(in.ResponseCode),
		ResponseText:   shown(in.ResponseText),
		CardType:       shown(in.CardType),
		CardName:       shown(in.CardName),
		Last4:          last4(in.Pan.value),
		Entry:          in.entry(),
		Account:        account(in.AccountType.trimmed()),
		AuthCode:       shown(in.AuthCode),
		RRN:            reference(in.RRN, 12),
		STAN:           shown(in.Stan),
		AmtPurchase:    in.AmtPurchase.ptr(),
		AmtCash:        in.AmtCash.ptr(),
		AmtTip:         in.AmtTip.ptr(),
		Surcharge:      pad.SUR.ptr(),
		TotalCharged:   pad.AMT.ptr(),
		SettlementDate: day(in.DateSettlement.trimmed()),
		Date:           moment(in.Date.trimmed()),
		CatID:          reference(in.Catid, 8),
		CaID:           reference(in.Caid, 15),
		RFN:            reference(pad.RFN, maxRFN),
		REF:            reference(pad.REF, maxRFN),
		HostCode:       shown(pad.HRC),
		HostText:       shown(pad.HRT),
		TxnRef:         reference(in.TxnRef, 16),
		TxnType:        shown(in.TxnType),
		SessionID:      canonical(session.value),
	}
	for _, raw := range in.Receipts {
		if receipt := raw.receipt(); receipt != (Receipt{}) {
			r.Receipts = append(r.Receipts, receipt)
		}
	}
	return r
}

// shown is a member fit for screens and logs.
func shown(t text) string { return mask(withoutControl(t.trimmed())) }

// reference is an identifier that must stay whole to be of use. One longer than
// the protocol allows is something else and treated as text.
func reference(t text, most int) string {
	s := withoutControl(t.trimmed())
	if len(s) > most {
		return mask(s)
	}
	return s
}

// entry reads how the card was presented (reference linkly 11.5).
func (in *transactionIn) entry() string {
	flags := in.TxnFlags.in
	switch strings.ToUpper(flags.CardEntry.trimmed()) {
	case "C":
		return "contactless"
	case "E":
		return "chip"
	case "S":
		return "swiped"
	case "K":
		return "keyed"
	case "B":
		return "barcode"
	}
	if flags.PayPass.trimmed() == "1" {
		return "contactless"
	}
	return ""
}

// account reads the letter of Cloud, or the word of the TCP/IP family
// (reference linkly 5.1).
func account(s string) string {
	switch strings.ToLower(s) {
	case "1", "cheque", "chq":
		return "cheque"
	case "2", "credit", "crd", "cr":
		return "credit"
	case "3", "savings", "sav":
		return "savings"
	}
	return ""
}

var isoDay = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`)

// day is the date part of an ISO date or date-time. Year 1 is how .NET writes "none".
func day(s string) string {
	d := isoDay.FindString(s)
	if strings.HasPrefix(d, "0001-") {
		return ""
	}
	return d
}

// moment keeps a date-time as it came, if it is one.
func moment(s string) string {
	if day(s) == "" || len(s) > 40 {
		return ""
	}
	return mask(withoutControl(s))
}
