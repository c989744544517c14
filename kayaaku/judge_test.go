package kayaaku

import (
	"slices"
	"testing"
)

func TestApprovalNeedsCodeIDAndReference(t *testing.T) {
	t.Parallel()
	const id = "7K2Q9M4X1C0ZT5AB"
	amount, other := int64(1050), int64(1000)
	card := Expect{TxnID: id, Method: Card, Amount: amount}
	qr := Expect{TxnID: id, Method: DuitNow, Amount: amount}
	for name, c := range map[string]struct {
		q    Question
		r    Reply
		want Expect
		is   Outcome
	}{
		"card with authorisation":      {AskedToSell, Reply{TxnID: id, RespCd: "00", AuthIDResp: "123456"}, card, Paid},
		"card with RRN only":           {AskedToSell, Reply{TxnID: id, RespCd: "00", RRN: "1"}, card, Unknown},
		"QR with HTR":                  {AskedToSell, Reply{TxnID: id, RespCd: "00", HTR: "H1"}, qr, Paid},
		"QR with RRN":                  {AskedToSell, Reply{TxnID: id, RespCd: "00", RRN: "R1"}, qr, Paid},
		"QR with authorisation only":   {AskedToSell, Reply{TxnID: id, RespCd: "00", AuthIDResp: "1"}, qr, Unknown},
		"chosen on the device, QR":     {AskedToSell, Reply{TxnID: id, RespCd: "00", HTR: "H", PaymentScheme: "PN"}, Expect{TxnID: id, Method: Choose, Amount: amount}, Paid},
		"chosen on the device, card":   {AskedToSell, Reply{TxnID: id, RespCd: "00", HTR: "H", PaymentScheme: "MC"}, Expect{TxnID: id, Method: Choose, Amount: amount}, Unknown},
		"ResultCode alone":             {AskedToSell, Reply{TxnID: id, ResultCode: "0", AuthIDResp: "1"}, card, Unknown},
		"another TxnID":                {AskedToSell, Reply{TxnID: "X", RespCd: "00", AuthIDResp: "1"}, card, Unknown},
		"another TxnID, declined":      {AskedToSell, Reply{TxnID: "X", RespCd: "51"}, card, Unknown},
		"the amount matches":           {AskedToSell, Reply{TxnID: id, RespCd: "00", AuthIDResp: "1", Amount: &amount}, card, Paid},
		"another amount":               {AskedToSell, Reply{TxnID: id, RespCd: "00", AuthIDResp: "1", Amount: &other}, card, Unknown},
		"declined":                     {AskedToSell, Reply{TxnID: id, RespCd: "51", ResultCode: "0"}, card, NotPaid},
		"declined and authorised":      {AskedToSell, Reply{TxnID: id, RespCd: "51", AuthIDResp: "1"}, card, Unknown},
		"rejected before payment":      {AskedToSell, Reply{TxnID: id, RespCd: "64"}, card, NotPaid},
		"busy":                         {AskedToSell, Reply{TxnID: id, RespCd: "77"}, card, Busy},
		"exists already":               {AskedToSell, Reply{TxnID: id, RespCd: "78"}, card, Busy},
		"status unknown":               {AskedToSell, Reply{TxnID: id, RespCd: "63"}, card, Unknown},
		"a reversal's code for a sale": {AskedToSell, Reply{TxnID: id, RespCd: "59"}, card, Unknown},
		"an unlisted code":             {AskedToSell, Reply{TxnID: id, RespCd: "99"}, card, Unknown},
		"refund refused":               {AskedToReverse, Reply{TxnID: id, RespCd: "59"}, Expect{TxnID: id, Amount: amount, Reversal: true}, NotPaid},
		"refund done":                  {AskedToReverse, Reply{TxnID: id, RespCd: "00"}, Expect{TxnID: id, Amount: amount, Reversal: true}, Paid},
		"bare enquiry":                 {AskedAbout, Reply{TxnID: id, RespCd: "00"}, card, Unknown},
		"enquiry with reference":       {AskedAbout, Reply{TxnID: id, RespCd: "00", AuthIDResp: "1"}, card, Paid},
		"enquiry: declined":            {AskedAbout, Reply{TxnID: id, RespCd: "76"}, card, NotPaid},
		"enquiry: our login is wrong":  {AskedAbout, Reply{TxnID: id, RespCd: "41"}, card, Unknown},
		"enquiry: refund, bare":        {AskedAbout, Reply{TxnID: id, RespCd: "00"}, Expect{TxnID: id, Amount: amount, Reversal: true}, Unknown},
	} {
		if got := DefaultCodes().Judge(c.q, c.r, c.want); got.Outcome != c.is || got.Why == "" {
			t.Errorf("%s: %v (%s), want %v", name, got.Outcome, got.Why, c.is)
		}
	}
	trusting := DefaultCodes()
	trusting.BareEnquiry = true
	if got := trusting.Judge(AskedAbout, Reply{TxnID: id, RespCd: "00"}, card); got.Outcome != Paid {
		t.Errorf("a bare enquiry that the settings trust: %v", got.Outcome)
	}
}

// TestEveryCodeOfTheReferenceIsSorted repeats the table of reference kayaaku
// 1.8 in its own words.
func TestEveryCodeOfTheReferenceIsSorted(t *testing.T) {
	t.Parallel()
	const id = "A1"
	is := map[string]Outcome{"51": NotPaid, "76": NotPaid, "77": Busy, "78": Busy}
	for _, code := range []string{
		"01", "02", "03", "04", "05", "06", "21", "22", "23", "24", "25", "34", "36", "64", "90", "91",
		"07", "38", "41", "19", "20", "43", "44", "46", "48", "52", "57", "58", "61", "62", "79",
	} {
		is[code] = NotPaid
	}
	for n := range 100 {
		code := string([]byte{byte('0' + n/10), byte('0' + n%10)})
		if code == "00" {
			continue
		}
		got := DefaultCodes().Judge(AskedToSell, Reply{TxnID: id, RespCd: code}, Expect{TxnID: id, Method: Card})
		if got.Outcome != is[code] {
			t.Errorf("code %s is %v, want %v", code, got.Outcome, is[code])
		}
	}
	for _, code := range []string{"63", "75", "47", "60", "17", "18", "49", "77", "78", "42", "50", "59", "26", "33", "35", "37"} {
		if TextOf(code) == "" || GroupOf(code) == Unlisted {
			t.Errorf("code %s has no words", code)
		}
	}
	if slices.Contains(DefaultCodes().Approved, "0") {
		t.Error("a ResultCode passes for a RespCd")
	}
}
