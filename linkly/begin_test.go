package linkly_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly"
)

func TestBeginSendsTheDocumentedBytesAndNothingElse(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{202, ""})

	if err := c.terminal(t).Begin(t.Context(), session, purchase(), notify()); err != nil {
		t.Fatalf("begin: %v", err)
	}

	want := []seen{{
		http.MethodPost, beginURL,
		`{"Request":{"Merchant":"00","Application":"00","TxnType":"P","AmtPurchase":4250,"AmtCash":0,` +
			`"TxnRef":"B24K7Q2M9X4T1A01","CurrencyCode":"AUD","CutReceipt":"0","ReceiptAutoPrint":"0",` +
			`"PurchaseAnalysisData":{"OPR":"17|Dana K","AMT":"4250","PCM":"0000","NME":"Acme B24 Pay","VER":"1.4.0",` +
			`"VND":"2c9a7c1e-5f7e-4a2d-8b0a-0d6b1d1f4e77","UID":"9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d"}},` +
			`"Notification":{"Uri":"https://pay.example.com/linkly/notify/p_1/{{type}}?a=1&b=2","AuthorizationHeader":"Bearer notify-me-quietly"}}`,
		"Bearer token-0001",
	}}
	if diff := cmp.Diff(want, c.requests("/v1/sessions/")); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestBeginSendsEveryOptionalMember(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{202, ""})
	tx := purchase()
	tx.AmtCash, tx.EnableTip, tx.PanSource = 1000, true, "1"
	tx.PAD.OPR = linkly.Operator("1|7", "Dana | \n<K> & Co")
	tx.PAD.AMT, tx.PAD.UID, tx.PAD.PCM = 0, "", "10000000"
	tx.PAD.TipChoices = []int{5, 10}
	tx.PAD.Surcharge = []linkly.SurchargeRule{{BIN: "41", BasisPoints: 150}, {BIN: "3714", Cents: 50}}
	tx.PAD.Extra = map[string]string{"PLB": "0"}

	if err := c.terminal(t).Begin(t.Context(), session, tx, notify()); err != nil {
		t.Fatalf("begin: %v", err)
	}

	body := c.requests("/v1/sessions/")[0].Body
	for _, part := range []string{
		`"AmtPurchase":4250,"AmtCash":1000,`,
		`"ReceiptAutoPrint":"0","PanSource":"1","EnableTip":true,"PurchaseAnalysisData":{`,
		`{"OPR":"1 7|Dana <K> & Co","AMT":"5250","PCM":"10000000","NME"`,
		`"VND":"` + vendorID + `","TPO":"[05,10]","SC2":"[{\"b\":\"41\",\"v\":150},{\"b\":\"3714\",\"t\":\"$\",\"v\":50}]","PLB":"0"}`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("body lacks %s:\n%s", part, body)
		}
	}
}

func TestCashOutAloneAndAFixedTipAreSentAsDocumented(t *testing.T) {
	t.Parallel()
	cash, tip, unmatched := purchase(), purchase(), refund()
	cash.Type, cash.AmtPurchase, cash.AmtCash, cash.PAD.AMT = linkly.CashOut, 0, 5000, 0
	tip.PAD.TIP = 250
	unmatched.PAD.RFN, unmatched.Unmatched = "", true
	for part, tx := range map[string]linkly.Transaction{
		`"TxnType":"C","AmtPurchase":0,"AmtCash":5000,`: cash,
		`"TIP":"250"}`:  tip,
		`"TxnType":"R"`: unmatched,
	} {
		c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{202, ""})
		if err := c.terminal(t).Begin(t.Context(), session, tx, notify()); err != nil {
			t.Fatalf("begin: %v", err)
		}
		if body := c.requests("/v1/sessions/")[0].Body; !strings.Contains(body, part) || strings.Contains(body, "RFN") {
			t.Errorf("body lacks %s, or has an RFN:\n%s", part, body)
		}
	}
}

func TestRefundCarriesTheReferenceOfItsPurchase(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{202, ""})

	if err := c.terminal(t).Begin(t.Context(), session, refund(), notify()); err != nil {
		t.Fatalf("begin: %v", err)
	}

	body := c.requests("/v1/sessions/")[0].Body
	for _, part := range []string{`"TxnType":"R"`, `"UID":"9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d","RFN":"6241003188420001"}`} {
		if !strings.Contains(body, part) {
			t.Errorf("body lacks %s:\n%s", part, body)
		}
	}
}

func TestWhatTheFirstAnswerToBeginProves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		class  linkly.Class
	}{
		{400, linkly.Refused},
		{201, linkly.Unclear},
		{204, linkly.Unclear},
		{301, linkly.Unclear},
		{302, linkly.Unclear},
		{307, linkly.Unclear},
		{403, linkly.Unclear},
		{404, linkly.Unclear},
		{408, linkly.Unclear},
		{409, linkly.Unclear},
		{422, linkly.Unclear},
		{425, linkly.Unclear},
		{429, linkly.Unclear},
		{500, linkly.Unclear},
		{502, linkly.Unclear},
		{503, linkly.Unclear},
		{504, linkly.Unclear},
	} {
		t.Run(fmt.Sprintf("%d is %s", tt.status, tt.class), func(t *testing.T) {
			t.Parallel()
			c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{tt.status, ""})

			err := c.terminal(t).Begin(t.Context(), session, purchase(), notify())

			checkClass(t, err, tt.class, tt.status)
			if n := len(c.requests("/v1/sessions/")); n != 1 {
				t.Errorf("sent %d times, want once", n)
			}
		})
	}
}

func TestBeginTakes200ForAccepted(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{200, "<html>whatever</html>"})

	if err := c.terminal(t).Begin(t.Context(), session, purchase(), notify()); err != nil {
		t.Errorf("begin: %v", err)
	}
}

func TestBeginRepeatsOnceAfter401UnderTheSameSession(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{401, ""}, answer{202, ""})

	if err := c.terminal(t).Begin(t.Context(), session, purchase(), notify()); err != nil {
		t.Fatalf("begin: %v", err)
	}

	got := c.requests("/v1/sessions/")
	if len(got) != 2 || got[0].Body != got[1].Body || got[0].URL != got[1].URL {
		t.Fatalf("want the same request twice, got %+v", got)
	}
	if got[0].Authorization != "Bearer token-0001" || got[1].Authorization != "Bearer token-0002" {
		t.Errorf("tokens were %q then %q", got[0].Authorization, got[1].Authorization)
	}
}

func TestAfterA401OnlyAcceptanceIsClear(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 408, 409, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			c := newCloud().withTokens().on(http.MethodPost, beginURL, answer{401, ""}, answer{status, ""})

			err := c.terminal(t).Begin(t.Context(), session, purchase(), notify())

			checkClass(t, err, linkly.Unclear, status)
			if n := len(c.requests("/v1/sessions/")); n != 2 {
				t.Errorf("sent %d times, want twice", n)
			}
		})
	}
}

func TestBeginWithoutATokenSendsNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		token answer
		class linkly.Class
	}{
		{"dead secret", answer{401, ""}, linkly.Unpaired},
		{"wrong product", answer{400, ""}, linkly.Unpaired},
		{"forbidden", answer{403, ""}, linkly.NotStarted},
		{"redirected", answer{302, ""}, linkly.NotStarted},
		{"too many", answer{429, ""}, linkly.NotStarted},
		{"down", answer{503, "<html>down</html>"}, linkly.NotStarted},
		{"a page", answer{200, "<html>log in to the wifi</html>"}, linkly.NotStarted},
		{"no token in it", answer{200, `{"expirySeconds":60}`}, linkly.NotStarted},
		{"null token", answer{200, `{"token":null}`}, linkly.NotStarted},
		{"token that would split the header", answer{200, `{"token":"a\r\nHost: b"}`}, linkly.NotStarted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud().on(http.MethodPost, authURL+grantPath, tt.token).
				on(http.MethodPost, beginURL, answer{202, ""})

			err := c.terminal(t).Begin(t.Context(), session, purchase(), notify())

			if got := linkly.ClassOf(err); err == nil || got != tt.class {
				t.Errorf("class %v of %v, want %v", got, err, tt.class)
			}
			if linkly.IsUnpaired(err) != (tt.class == linkly.Unpaired) {
				t.Errorf("IsUnpaired of %v is wrong", err)
			}
			if n := len(c.requests("/v1/sessions/")); n != 0 {
				t.Errorf("the sale was sent %d times", n)
			}
		})
	}
}

func TestSaleAnswered401WithADeadSecretIsUnclearButSaysUnpaired(t *testing.T) {
	t.Parallel()
	c := newCloud().
		on(http.MethodPost, authURL+grantPath, answer{200, `{"token":"token-0001","expirySeconds":3600}`}, answer{401, ""}).
		on(http.MethodPost, beginURL, answer{401, ""})

	err := c.terminal(t).Begin(t.Context(), session, purchase(), notify())

	checkClass(t, err, linkly.Unclear, 401)
	if !linkly.IsUnpaired(err) {
		t.Errorf("%v hides that the terminal is not paired", err)
	}
}

// checkClass wants an error of that class and status.
func checkClass(t *testing.T, err error, class linkly.Class, status int) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", class)
	}
	if got := linkly.ClassOf(err); got != class {
		t.Errorf("class %v, want %v: %v", got, class, err)
	}
	var e *linkly.Error
	if !asError(err, &e) || e.Status != status {
		t.Errorf("status of %v, want %d", err, status)
	}
}
