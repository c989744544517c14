package kayaaku

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Method is how the customer pays (PmtType, reference kayaaku 1.3 and 3.1).
type Method string

// The methods. With Choose the customer picks on the device, so only the answer
// tells what was used.
const (
	Choose   Method = "00"
	Card     Method = "01"
	DuitNow  Method = "04" // DuitNow QR, shown by the merchant
	AlipayQR Method = "08" // Alipay+ QR, shown by the merchant
)

// QR reports whether the customer scans a code. QR payments can be refunded
// but never voided (reference kayaaku 3.1).
func (m Method) QR() bool { return m == DuitNow || m == AlipayQR }

// MYR is the only currency that the documents show (reference kayaaku 3.2).
const (
	MYR        = "MYR"
	myrNumeric = "458"
)

// Dialect is what the documents leave open or contradict about a message
// (reference kayaaku 1.9 and 5.4). Start from [CableDialect] or [HostDialect].
type Dialect struct {
	MsgVer           string
	CallerDeviceType string
	CallerDeviceVer  string
	PrintReceipt     bool // OptInPrintReceipt: the device offers to print
	SendEReceipt     bool // OptInSendEReceipt
	Acknowledge      bool // OptInPmtAckmnt: the device shows that it was paid
	PadAmount        bool // AmtTxn as twelve digits
	VoidByOriginal   bool // a void carries the sale's TxnID instead of one of its own
	Zone             *time.Location
}

// CableDialect is the assumption for the cable.
func CableDialect(version string, zone *time.Location) Dialect {
	return Dialect{
		MsgVer: "1.0", CallerDeviceType: "03", CallerDeviceVer: version,
		Acknowledge: true, PadAmount: true, Zone: zone,
	}
}

// HostDialect is the assumption for the `thirdparty` host: other numbers for
// the caller's device, another MsgVer, an amount without padding (1.9), and a
// void that names the sale (reference kayaaku 2.1).
func HostDialect(version string, zone *time.Location) Dialect {
	return Dialect{
		MsgVer: "1", CallerDeviceType: "04", CallerDeviceVer: version,
		Acknowledge: true, VoidByOriginal: true, Zone: zone,
	}
}

// Sale asks for money.
type Sale struct {
	TxnID       string // ours, unique for ever, at most 20 of 0-9A-Z
	Method      Method
	Amount      int64 // sen
	At          time.Time
	Description string
}

// References are what a sale's answer must leave behind for its reversal.
type References struct {
	TxnID, STAN, AuthIDResp, RRN, MRN, HTR string
}

// Reversal gives money back: a void takes the whole sale back before it is
// settled, a refund pays back any part of it.
type Reversal struct {
	TxnID  string // ours, of the reversal
	Of     References
	Amount int64 // sen; of a void, the sale's
	At     time.Time
}

// ErrField is what every refusal of a message of our own is: nothing was sent.
var ErrField = errors.New("the message breaks a field rule")

// txnID: at most 20, although the sale allows 50, because a refund could not
// name it otherwise (reference kayaaku 1.9).
var txnID = regexp.MustCompile(`^[0-9A-Z]{1,20}$`)

const mostSen = 999_999_999_999 // AmtTxn is 12 digits

func checkAmount(id string, amount int64) error {
	switch {
	case !txnID.MatchString(id):
		return fmt.Errorf("%w: TxnID is 1 to 20 of 0-9 and A-Z", ErrField)
	case amount <= 0 || amount > mostSen:
		return fmt.Errorf("%w: AmtTxn is 1 to 12 digits and above zero", ErrField)
	}
	return nil
}

func (s Sale) check() error {
	switch s.Method {
	case Choose, Card, DuitNow, AlipayQR:
	default:
		return fmt.Errorf("%w: no such PmtType", ErrField)
	}
	return checkAmount(s.TxnID, s.Amount)
}

// CableSale is the sale for the cable, without the login, which only the till
// knows (see [Message.WithLogin]). Reference kayaaku 1.3.
func (d Dialect) CableSale(s Sale) (Message, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	m := Message{
		{"MsgVer", d.MsgVer},
		{"PmtType", string(s.Method)},
		{"CallerDeviceType", d.CallerDeviceType},
		{"CallerDeviceVer", clip(d.CallerDeviceVer, 20)},
		{"TxnID", s.TxnID},
		{"LocalTxnDTTime", d.local(s.At)},
		{"AmtTxn", d.amount(s.Amount)},
		{"CrcyTxn", myrNumeric},
		{"TxnTyp", "STX"},
	}
	return append(m, d.options(s.Description)...), nil
}

// CableVoid takes a card sale back over the cable (reference kayaaku 1.5).
func (d Dialect) CableVoid(r Reversal) (Message, error) {
	if err := checkAmount(r.TxnID, r.Amount); err != nil {
		return nil, err
	}
	for _, f := range []Field{{"STAN", r.Of.STAN}, {"AuthIdResp", r.Of.AuthIDResp}, {"RRN", r.Of.RRN}, {"MRN", r.Of.MRN}} {
		if f.Value == "" {
			return nil, fmt.Errorf("%w: the sale came back without %s, which a void needs", ErrField, f.Name)
		}
	}
	return Message{
		{"MsgVer", d.MsgVer},
		{"CallerDeviceType", d.CallerDeviceType},
		{"CallerDeviceVer", clip(d.CallerDeviceVer, 20)},
		{"TxnID", d.voids(r)},
		{"LocalTxnDTTime", d.local(r.At)},
		{"AmtTxn", d.amount(r.Amount)},
		{"CrcyTxn", myrNumeric},
		{"TxnTyp", "VOD"},
		{"STAN", r.Of.STAN},
		{"AuthIdResp", r.Of.AuthIDResp},
		{"RRN", r.Of.RRN},
		{"MRN", r.Of.MRN},
	}, nil
}

func (d Dialect) voids(r Reversal) string {
	if d.VoidByOriginal {
		return r.Of.TxnID
	}
	return r.TxnID
}

// WithLogin puts the device's login where the vendor's table has it.
func (m Message) WithLogin(email, password string) Message {
	return m.After("LocalTxnDTTime", Field{"Email", email}, Field{"Pwd", password})
}

func (d Dialect) options(description string) []Field {
	out := []Field{}
	if description = clip(description, 256); description != "" {
		out = append(out, Field{"Description", description})
	}
	return append(out,
		Field{"OptInPrintReceipt", yesNo(d.PrintReceipt)},
		Field{"OptInSendEReceipt", yesNo(d.SendEReceipt)},
		Field{"OptInPmtAckmnt", yesNo(d.Acknowledge)},
	)
}

// local is 14 digits; the date format that the table prints is a misprint
// (reference kayaaku 1.9).
func (d Dialect) local(t time.Time) string { return t.In(d.Zone).Format("20060102150405") }

func (d Dialect) amount(sen int64) string {
	if d.PadAmount {
		return fmt.Sprintf("%012d", sen)
	}
	return strconv.FormatInt(sen, 10)
}

func yesNo(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// clip shortens to at most n characters and keeps control characters out.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > n {
		s = string(r[:n])
	}
	return strings.TrimSpace(s)
}
