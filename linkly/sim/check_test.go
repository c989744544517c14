package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestWhatTheRealServiceRefusesIsRefusedAndWrittenDown(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Online(false) // whatever is accepted ends at once
	good := func() string { return p.sale("P", 1000, "REF"+newRef()[:12], "") }
	replace := func(old, with string) func() string {
		return func() string {
			body := strings.Replace(good(), old, with, 1)
			if body == good() {
				t.Errorf("%q is not in the body", old)
			}
			return body
		}
	}
	cases := []struct {
		name   string
		body   func() string
		status int
		rule   string
	}{
		{"a proper sale", good, 202, ""},
		{"no JSON", func() string { return "TxnType=P" }, 400, "json"},
		{"no Request", func() string { return `{"Notification":{}}` }, 400, "request"},
		{"no Notification although async", func() string { return `{"Request":{"TxnType":"P","TxnRef":"A","AmtPurchase":1}}` }, 400, "notification pad-nme pad-ver pad-vnd"},
		{"callback over plain http elsewhere", replace(p.own, "http://pay.example.com"), 400, "notification-uri"},
		{"callback to no address", replace(p.own, "pay"), 400, "notification-uri"},
		{"callback over https", replace(p.own, "https://127.0.0.1:1"), 202, ""},
		{"no TxnType", replace(`"TxnType":"P",`, ""), 400, "txntype"},
		{"a small letter for TxnType", replace(`"TxnType":"P"`, `"TxnType":"p"`), 400, "letter"},
		{"a letter of the TCP family", replace(`"TxnType":"P"`, `"TxnType":"M"`), 400, "letter"},
		{"no TxnRef", replace(`"TxnRef":"REF`, `"Nothing":"REF`), 400, "unknown-member txnref"},
		{"TxnRef of 17 characters", replace(`"TxnRef":"REF`, `"TxnRef":"ABREF`), 400, "txnref-length"},
		{"TxnRef with a hyphen", replace(`"TxnRef":"REF`, `"TxnRef":"RE-`), 202, "txnref-characters"},
		{"amount zero", replace(`"AmtPurchase":1000`, `"AmtPurchase":0`), 400, "amount"},
		{"amount negative", replace(`"AmtPurchase":1000`, `"AmtPurchase":-1`), 400, "amount amount"},
		{"amount of ten digits", replace(`"AmtPurchase":1000`, `"AmtPurchase":1000000000`), 400, "amount"},
		{"amount as text", replace(`"AmtPurchase":1000`, `"AmtPurchase":"1000"`), 400, "type amount"},
		{"amount in dollars", replace(`"AmtPurchase":1000`, `"AmtPurchase":10.50`), 400, "type amount"},
		{"currency in small letters", replace(`"AUD"`, `"aud"`), 400, "currency"},
		{"Merchant of one character", replace(`"Merchant":"00"`, `"Merchant":"0"`), 400, "length"},
		{"CutReceipt as a number", replace(`"CutReceipt":"0"`, `"CutReceipt":0`), 400, "type"},
		{"PAD value as a number", replace(`"PCM":"0000"`, `"PCM":0`), 400, "pad"},
		{"PAD is text", replace(`"PurchaseAnalysisData":{`, `"PurchaseAnalysisData":"","X":{`), 400, "pad unknown-member pad-nme pad-ver pad-vnd"},
		{"no NME", replace(`"NME":"`+posName+`",`, ""), 202, "pad-nme"},
		{"another VER than the token's", replace(`"VER":"1.4.0"`, `"VER":"1.4.1"`), 202, "pad-ver"},
		{"VND with hyphens is the same", replace(strings.ReplaceAll(posVendor, "-", ""), posVendor), 202, ""},
		{"OPR without a bar", replace("17|Dana K", "Dana"), 202, "pad-opr"},
		{"AMT with a point", replace(`"AMT":"1000"`, `"AMT":"10.00"`), 202, "pad-amt"},
		{"a tag in small letters", replace(`"PCM"`, `"pcm"`), 202, "pad-tag"},
		{"a misspelt member", replace(`"CurrencyCode"`, `"Currency"`), 202, "unknown-member"},
		{"no AuthorizationHeader", replace(`,"AuthorizationHeader":"`+header+`"`, ""), 202, "notification-unprotected"},
		{"keyed without a card", replace(`"AmtCash":0`, `"AmtCash":0,"PanSource":"K"`), 400, "pan-source"},
		{"expiry in the wrong order", replace(`"AmtCash":0`, `"AmtCash":0,"DateExpiry":"2913"`), 400, "expiry"},
		{"authorisation code as text", replace(`"AmtCash":0`, `"AmtCash":0,"AuthCode":"000123"`), 400, "type"},
		{"authorisation code of seven digits", replace(`"AmtCash":0`, `"AmtCash":0,"AuthCode":1234567`), 400, "range"},
		{"basket as a list", replace(`"AmtCash":0`, `"AmtCash":0,"Basket":[]`), 400, "type"},
		{"basket as an object", replace(`"AmtCash":0`, `"AmtCash":0,"Basket":{"id":"1"}`), 202, ""},
		{"null members", replace(`"AmtCash":0`, `"AmtCash":null,"Date":null,"RRN":null`), 202, ""},
		{"numbers as exponents", replace(`"AmtPurchase":1000`, `"AmtPurchase":1e3`), 400, "type amount"},
		{"PanSource of two letters", replace(`"AmtCash":0`, `"AmtCash":0,"PanSource":"KK"`), 400, "length"},
		{"swiped at the POS without a track", replace(`"AmtCash":0`, `"AmtCash":0,"PanSource":"S"`), 400, "pan-source"},
		{"RFN of 129 characters", func() string { return p.sale("R", 1000, newRef(), strings.Repeat("9", 129)) }, 400, "rfn"},
		{"inquiry without RFN or PAI", func() string { return p.sale("N", 1000, newRef(), "") }, 400, "rfn"},
		{"tip rates without brackets", replace(`"PCM":"0000"`, `"TPO":"05,10"`), 202, "pad-tpo"},
		{"tip rates as documented", replace(`"PCM":"0000"`, `"TPO":"[05,10,15]"`), 202, ""},
		{"UID that is no UUID", replace(`"UID":"9f3e`, `"UID":"zzzz`), 202, "pad-uid"},
		{"Notification is a list", func() string { return `{"Request":{},"Notification":[]}` }, 400, "notification"},
		{"Notification without Uri", func() string {
			return `{"Request":` + strings.SplitN(strings.TrimPrefix(good(), `{"Request":`), `,"Notification"`, 2)[0] + `,"Notification":{"AuthorizationHeader":"Bearer x"}}`
		}, 400, "notification"},
		{"another member beside Request", func() string { return strings.Replace(good(), `{"Request"`, `{"posName":"x","Request"`, 1) }, 202, "unknown-member"},
		{"cash on a refund", func() string {
			return strings.Replace(p.sale("R", 1000, newRef(), "123"), `"AmtCash":0`, `"AmtCash":5`, 1)
		}, 400, "amount"},
		{"completion without RFN", func() string { return p.sale("L", 1000, newRef(), "") }, 400, "rfn"},
	}
	for _, c := range cases {
		before := len(p.sim.Violations())
		if status := p.post(uuid.NewString(), "transaction", c.body()); status != c.status {
			t.Errorf("%s: %d, want %d", c.name, status, c.status)
		}
		found := p.sim.Violations()[before:]
		if got := rules(found); got != c.rule {
			t.Errorf("%s: rules %q, want %q", c.name, got, c.rule)
		}
		for _, v := range found {
			if v.Detail == "" || v.Method != "POST" || !strings.HasPrefix(v.Path, "/v1/sessions/") {
				t.Errorf("%s: violation says too little: %+v", c.name, v)
			}
		}
	}
}

func TestPathsAndIdsAreChecked(t *testing.T) {
	t.Parallel()
	p := start(t)
	v4 := "11111111-2222-4333-8444-555555555555"
	cases := []struct {
		name, method, path string
		status             int
		rule               string
	}{
		{"session id is no UUID", "POST", "/v1/sessions/17/transaction?async=true", 400, "session-id"},
		{"status of a session that is no UUID", "GET", "/v1/sessions/17/transaction", 400, "session-id"},
		{"unknown type", "POST", "/v1/sessions/" + v4 + "/refund?async=true", 404, "path"},
		{"type with capitals", "POST", "/v1/sessions/" + v4 + "/Transaction?async=true", 404, "path"},
		{"status of a logon", "GET", "/v1/sessions/" + v4 + "/logon", 404, "path"},
		{"version 2", "POST", "/v1/elsewhere", 404, "path"},
		{"async is a number", "POST", "/v1/sessions/" + v4 + "/transaction?async=1", 400, "async"},
	}
	for _, c := range cases {
		before := len(p.sim.Violations())
		if status, _ := p.send(c.method, c.path, p.token, p.sale("P", 1000, newRef(), "")); status != c.status {
			t.Errorf("%s: %d, want %d", c.name, status, c.status)
		}
		if got := rules(p.sim.Violations()[before:]); got != c.rule {
			t.Errorf("%s: rules %q, want %q", c.name, got, c.rule)
		}
	}
}

func TestAUUIDOfAnotherVersionIsNoted(t *testing.T) {
	t.Parallel()
	p := start(t)
	if status := p.post("11111111-2222-1333-8444-555555555555", "transaction", p.sale("P", 1000, newRef(), "")); status != http.StatusAccepted {
		t.Errorf("status %d", status)
	}
	if got := rules(p.sim.Violations()); got != "session-version" {
		t.Errorf("rules %q", got)
	}
}

func TestUsingATxnRefTwiceIsNoted(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Online(false)
	for range 2 {
		if status := p.post(uuid.NewString(), "transaction", p.sale("P", 1000, "SAMEREF1", "")); status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
	}
	if got := rules(p.sim.Violations()); got != "txnref-reused" {
		t.Errorf("rules %q", got)
	}
}

func TestSendkeyWantsAKeyThatIsAString(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(1000)
	p.see("PRESENT CARD")
	for body, rule := range map[string]string{
		`{"Request":{"Key":0}}`:                   "type",
		`{"Request":{"Key":"CANCEL"}}`:            "length",
		`{"Request":{}}`:                          "key",
		`{"Request":{"Key":"9"}}`:                 "letter",
		`{"Request":{"Key":"1","InputData":"x"}}`: "unknown-member",
		`{"Request":{"Key":"3","Data":"` + strings.Repeat("x", 61) + `"}}`: "length",
	} {
		before := len(p.sim.Violations())
		if status, _ := p.send("POST", "/v1/sessions/"+session+"/sendkey?async=false", p.token, body); status != http.StatusBadRequest {
			t.Errorf("%s: %d, want 400", body, status)
		}
		if got := rules(p.sim.Violations()[before:]); got != rule {
			t.Errorf("%s: rules %q, want %q", body, got, rule)
		}
	}
}

func TestACardNotPresentSaleNeedsAsync(t *testing.T) {
	t.Parallel()
	p := start(t)
	status, _ := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/transaction?async=false", p.token,
		p.sale("P", 1000, newRef(), "", `"PanSource":"2"`))
	if got := rules(p.sim.Violations()); status != 400 || got != "moto-sync" {
		t.Errorf("%d, rules %q", status, got)
	}
}

func TestBodiesThatNobodyShouldSendAreTurnedAway(t *testing.T) {
	t.Parallel()
	p := start(t)
	huge := `{"Request":{"TxnRef":"` + strings.Repeat("A", 2<<20) + `"}}`
	if status, _ := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/transaction", p.token, huge); status != 413 && status != 0 {
		t.Errorf("2 MB: %d, want 413", status)
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/v1/tokens/cloudpos", strings.NewReader(tokenBody(p.secret)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 400 {
		t.Errorf("without a content type: %d, want 400", res.StatusCode)
	}
	if got := rules(p.sim.Violations()); got != "size content-type" {
		t.Errorf("rules %q", got)
	}
}
