package kayaaku

import (
	"regexp"
	"strconv"
	"strings"
)

// Reply is an answer as far as we understand it; Fields is all of it without
// what must not be kept (reference kayaaku 1.4, 2.1).
type Reply struct {
	TxnID         string // of a refund's answer, RefundTxnID
	ResultCode    string // never proof of anything, see [Codes.Judge]
	RespCd        string
	RespDesc      string
	OrgRespCd     string
	HTR           string
	AuthIDResp    string
	TxnStat       string
	STAN          string
	RRN           string
	MRN           string
	TxnDTTime     string
	PaymentScheme string
	Last4         string
	QR            string // what a QR code on another screen would hold
	Amount        *int64 // sen, when the answer names one
	Fields        Message
}

// ParseReply reads an answer from the cable or the host. Names are taken in
// any case. Logins and anything like a card number are cut here.
func ParseReply(raw []byte) (Reply, error) {
	m, err := ParseMessage(raw)
	if err != nil {
		return Reply{}, err
	}
	return ReplyOf(m), nil
}

// ReplyOf understands a message as an answer.
func ReplyOf(m Message) Reply {
	r := Reply{
		TxnID: first(m, "RefundTxnID", "TxnID"), ResultCode: m.Get("ResultCode"),
		RespCd: strings.TrimSpace(m.Get("RespCd")), RespDesc: clip(m.Get("RespDesc"), 256),
		OrgRespCd: clip(m.Get("OrgRespCd"), 20), HTR: reference(m.Get("HTR")),
		AuthIDResp: reference(m.Get("AuthIdResp")), TxnStat: clip(m.Get("TxnStat"), 20),
		STAN: reference(m.Get("STAN")), RRN: reference(m.Get("RRN")), MRN: reference(m.Get("MRN")),
		TxnDTTime: clip(m.Get("TxnDTTime"), 20), PaymentScheme: clip(m.Get("PaymentScheme"), 20),
		Last4: last4(first(m, "maskedPAN", "CardNo")), QR: qr(m),
	}
	if text := m.Get("AmtTxn"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			n = 0 // an amount that cannot be read matches nothing
		}
		r.Amount = &n
	}
	r.Fields = clean(m)
	return r
}

// reference is a host's reference, or empty when it is only zeros or spaces:
// some hosts fill absent fields that way.
func reference(s string) string {
	s = clip(s, 40)
	if strings.Trim(s, "0 ") == "" {
		return ""
	}
	return s
}

// qr is the code's content where the device sends it. Under which name is not
// published; these are what other messages of the vendor would suggest.
func qr(m Message) string {
	text := first(m, "QRCode", "QRData", "QRString")
	if len(text) > 1024 {
		return ""
	}
	return text
}

func first(m Message, names ...string) string {
	for _, n := range names {
		if v := m.Get(n); v != "" {
			return v
		}
	}
	return ""
}

// secretFields never leave this package.
var secretFields = []string{"Email", "Pwd", "Password", "signedMessage"}

// cardNumber is 12 to 19 digits, perhaps with stars among them.
var cardNumber = regexp.MustCompile(`^[0-9]{4,6}[0-9*Xx ]{2,12}[0-9]{3,4}$`)

// clean is what may be stored of a message: no login, no signature, and of a
// card number the last four digits.
func clean(m Message) Message {
	out := m.Without(secretFields...)
	for i, f := range out {
		name := strings.ToLower(f.Name)
		if strings.Contains(name, "pan") || strings.Contains(name, "card") || strings.Contains(name, "track") {
			out[i].Value = last4(f.Value)
		}
	}
	return out
}

func last4(s string) string {
	s = strings.TrimSpace(s)
	if !cardNumber.MatchString(s) {
		return ""
	}
	s = s[len(s)-4:]
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// QRPaid reports whether the reported scheme is paid by QR: AF Alipay, PN
// PayNet (reference kayaaku 3.1).
func QRPaid(scheme string) bool { return scheme == "AF" || scheme == "PN" }

// SchemeName is the scheme in the words of a receipt.
func SchemeName(scheme string) string {
	names := map[string]string{
		"AF": "ALIPAY+", "JC": "JCB", "MC": "MASTERCARD", "PN": "DUITNOW", "UP": "UNIONPAY", "VS": "VISA",
	}
	if n := names[scheme]; n != "" {
		return n
	}
	return scheme
}
