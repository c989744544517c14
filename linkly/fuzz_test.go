package linkly_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"receivepayment/linkly"
)

var longDigits = regexp.MustCompile(`[0-9]{13,}`)

// seeds are bodies from which the fuzzer starts.
func seeds() []string {
	return []string{
		approvedPascal, approvedCamel, "", "null", "{}", "[]", `{"Response":{}}`, "\xef\xbb\xbf{}",
		`{"SessionId":"` + session + `","ResponseType":"display","Response":{"DisplayText":["4111111111111142"],"CancelKeyFlag":true}}`,
		`{"ResponseType":"receipt","Response":{"Type":"C","ReceiptText":["4111 1111 1111 1142 4111"],"IsPrePrint":1}}`,
		`{"ResponseType":"receipt","Response":{"ReceiptText":"1234 1234 1234 12345678901234"}}`,
		`{"ResponseType":"logon","Response":{"Success":"1","PinPadVersion":4111111111111142}}`,
		`{"ResponseType":"status","Response":{"Success":0,"OptionsFlags":{"Refund":"1"},"RefundLimit":"000"}}`,
		`{"responseType":"transaction","response":{"success":true},"Response":{"Success":false}}`,
		`{"responseType":"transaction","response":{"success":true,"receipts":[{"receiptText":[[{}]]}],"purchaseAnalysisData":[1]}}`,
	}
}

func FuzzParseNotification(f *testing.F) {
	for _, body := range seeds() {
		f.Add("transaction", []byte(body))
		f.Add("{{type}}", []byte(body))
	}
	f.Fuzz(func(t *testing.T, pathType string, body []byte) {
		n, err := linkly.ParseNotification(pathType, body)
		if err != nil {
			if !errors.Is(err, linkly.ErrBadNotification) || longDigits.MatchString(err.Error()) {
				t.Fatalf("error %q", err)
			}
			return
		}
		if n.Display != nil {
			noCard(t, fmt.Sprint(*n.Display))
		}
		if n.Receipt != nil {
			noCard(t, fmt.Sprint(*n.Receipt))
		}
		if n.Logon != nil {
			noCard(t, fmt.Sprint(n.Logon.ResponseCode, "|", n.Logon.ResponseText, "|", n.Logon.Version, "|", n.Logon.STAN, "|", n.Logon.Date))
		}
		if n.Status != nil {
			s := n.Status
			noCard(t, fmt.Sprint(s.ResponseCode, "|", s.ResponseText, "|", s.Version, "|", s.TerminalType, "|", s.BankCode, "|", s.Bank, "|", s.Retailer))
		}
		checkResult(t, n.Result)
	})
}

func FuzzAsk(f *testing.F) {
	for _, body := range seeds() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := newCloud().withTokens().on(http.MethodGet, askURL, answer{200, string(body)})
		a, err := c.terminal(t).Ask(t.Context(), session, want())
		if (err == nil) != (a.Kind == linkly.Decided && a.Result != nil) {
			t.Fatalf("answer %+v beside error %v", a, err)
		}
		if err != nil && (linkly.ClassOf(err) != linkly.Unclear || longDigits.MatchString(err.Error())) {
			t.Fatalf("error %q", err)
		}
		checkResult(t, a.Result)
	})
}

// checkResult wants every text but the bank's own references free of card numbers.
func checkResult(t *testing.T, r *linkly.Result) {
	t.Helper()
	if r == nil {
		return
	}
	free := *r
	free.RRN, free.RFN, free.REF, free.CaID, free.CatID, free.TxnRef, free.SessionID = "", "", "", "", "", "", ""
	free.AmtPurchase, free.AmtCash, free.AmtTip, free.Surcharge, free.TotalCharged = nil, nil, nil, nil, nil
	noCard(t, fmt.Sprint(free))
	if len(r.Last4) != 0 && len(r.Last4) != 4 {
		t.Fatalf("last four digits are %q", r.Last4)
	}
}

func noCard(t *testing.T, printed string) {
	t.Helper()
	if longDigits.MatchString(printed) {
		t.Fatalf("a long number is left in %q", printed)
	}
}
