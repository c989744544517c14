package kayaaku

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func kualaLumpur(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Kuala_Lumpur")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestCableSaleIsTheTablesFields(t *testing.T) {
	t.Parallel()
	d := CableDialect("2.0.1", kualaLumpur(t))
	m, err := d.CableSale(Sale{
		TxnID: "7K2Q9M4X1C0ZT5AB", Method: Card, Amount: 10000, At: time.Date(2020, 1, 31, 1, 10, 25, 0, time.UTC), Description: "Deal \x02512",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"MsgVer":"1.0","PmtType":"01","CallerDeviceType":"03","CallerDeviceVer":"2.0.1","TxnID":"7K2Q9M4X1C0ZT5AB",` +
		`"LocalTxnDTTime":"20200131091025","Email":"till@example.com","Pwd":"p&<w","AmtTxn":"000000010000","CrcyTxn":"458","TxnTyp":"STX",` +
		`"Description":"Deal  512","OptInPrintReceipt":"N","OptInSendEReceipt":"N","OptInPmtAckmnt":"Y"}`
	if got := string(m.WithLogin("till@example.com", "p&<w").JSON()); got != want {
		t.Errorf("sale\n%s\nwant\n%s", got, want)
	}
}

func TestFieldRulesAreKept(t *testing.T) {
	t.Parallel()
	d := CableDialect("1", kualaLumpur(t))
	good := Sale{TxnID: "A1", Method: Card, Amount: 1, At: time.Unix(0, 0)}
	for name, change := range map[string]func(*Sale){
		"no TxnID":           func(s *Sale) { s.TxnID = "" },
		"a TxnID of 21":      func(s *Sale) { s.TxnID = strings.Repeat("A", 21) },
		"a TxnID with signs": func(s *Sale) { s.TxnID = "a-1" },
		"nothing to pay":     func(s *Sale) { s.Amount = 0 },
		"less than nothing":  func(s *Sale) { s.Amount = -1 },
		"13 digits":          func(s *Sale) { s.Amount = 1_000_000_000_000 },
		"no such method":     func(s *Sale) { s.Method = "02" },
	} {
		s := good
		change(&s)
		if _, err := d.CableSale(s); !errors.Is(err, ErrField) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.CableSale(good); err != nil {
		t.Error(err)
	}
}

func TestVoidNeedsAllReferences(t *testing.T) {
	t.Parallel()
	d := CableDialect("1", kualaLumpur(t))
	of := References{TxnID: "A1", STAN: "000123", AuthIDResp: "654321", RRN: "624100318842", MRN: "M1"}
	m, err := d.CableVoid(Reversal{TxnID: "B2", Of: of, Amount: 5, At: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if m.Get("TxnTyp") != "VOD" || m.Get("TxnID") != "B2" || m.Get("RRN") != of.RRN || m.Get("AmtTxn") != "000000000005" {
		t.Errorf("void %s", m.JSON())
	}
	d.VoidByOriginal = true
	if m, _ = d.CableVoid(Reversal{TxnID: "B2", Of: of, Amount: 5}); m.Get("TxnID") != "A1" {
		t.Errorf("void by the original's TxnID: %s", m.JSON())
	}
	of.MRN = ""
	if _, err := d.CableVoid(Reversal{TxnID: "B2", Of: of, Amount: 5}); !errors.Is(err, ErrField) {
		t.Errorf("a void without MRN: %v", err)
	}
}

func TestReplyKeepsNoSecret(t *testing.T) {
	t.Parallel()
	r, err := ParseReply([]byte(`{"txnid":"A1","RespCd":"00","AuthIdResp":"654321","HTR":"000000","Email":"e@x","Pwd":"secret",` +
		`"maskedPAN":"541333******1142","CardNo":"4111111111111111","Track2":"4111111111111111=2512","AmtTxn":"000000000500","ResultCode":0}`))
	if err != nil {
		t.Fatal(err)
	}
	kept, _ := json.Marshal(r.Fields)
	for _, secret := range []string{"secret", "e@x", "4111111111", "541333"} {
		if strings.Contains(string(kept), secret) {
			t.Errorf("kept %q in %s", secret, kept)
		}
	}
	if r.TxnID != "A1" || r.Last4 != "1142" || r.HTR != "" || *r.Amount != 500 || r.AuthIDResp != "654321" {
		t.Errorf("understood %+v", r)
	}
}

func TestOddMessagesAreRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "OK", "[]", `{"a":{}}`, `{"a":[1]}`, `{"RespCd":"51","respcd":"00"}`, `{"a":"b"}{"c":"d"}`, `{"a":"b"`, "<html></html>",
		`{"a":"` + strings.Repeat("x", largest) + `"}`,
	} {
		if m, err := ParseMessage([]byte(raw)); err == nil {
			t.Errorf("took %.40q for %v", raw, m)
		}
	}
}
