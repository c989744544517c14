package sim_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestV2FieldsAreCheckedAsTheOfficialClientsCheckThem(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Online(false) // whatever is accepted ends at once
	with := func(members string) []string { return []string{`"AmtCash":0`, `"AmtCash":0,` + members} }
	cases := []struct {
		name   string
		change []string
		status int
		rule   string
	}{
		{"a proper sale", nil, 200, ""},
		{"TxnRef of 33 characters", []string{`"txnRef":"`, `"txnRef":"12345678901234567`}, 400, "txnref-length"},
		{"TxnRef of 32 characters", []string{`"txnRef":"`, `"txnRef":"a-3456789012345.`}, 200, ""},
		{"Pan of 16 characters", with(`"pan":"4111111111111111"`), 400, "length"},
		{"Pan padded to 20", with(`"PAN":"4111111111111111    "`), 200, ""},
		{"Pan empty", with(`"pan":""`), 200, ""},
		{"Track2 of 39 characters", with(`"track2":"` + strings.Repeat("0", 39) + `"`), 400, "length"},
		{"Track2 of 40 characters", with(`"track2":"` + strings.Repeat("0", 40) + `"`), 200, ""},
		{"expiry in month 13", with(`"dateExpiry":"1329"`), 400, "expiry"},
		{"authorisation code of seven digits", with(`"authCode":1234567`), 400, "range"},
		{"amount zero", []string{`"AmtPurchase":1000`, `"AmtPurchase":0`}, 400, "amount"},
		{"amount of ten digits", []string{`"AmtPurchase":1000`, `"AmtPurchase":1000000000`}, 400, "amount"},
		{"currency of two letters", []string{`"AUD"`, `"AU"`}, 400, "length currency"},
		{"merchant of one character", []string{`"merchant":"00"`, `"merchant":"0"`}, 400, "length"},
		{"no posName", []string{`"posName":"` + posName + `",`, ""}, 200, "introduction"},
		{"another posVersion than the token's", []string{posVer, "9.9.9"}, 200, "introduction"},
		{"posId without hyphens is the same", []string{posID, strings.ReplaceAll(posID, "-", "")}, 200, ""},
		{"a posId that is a number", []string{`"` + posID + `"`, "7"}, 400, "type introduction"},
		{"names beside the request", []string{`"request":{"posName":"` + posName + `",`, `"posName":"` + posName + `","request":{`}, 200, ""},
		{"an NME tag that differs", []string{`"OPR"`, `"NME":"Other","OPR"`}, 200, "pad-nme"},
		{"a Notification, which v2 does not have", []string{`{"request"`, `{"notification":{"uri":"https://x.example/{{type}}"},"request"`}, 200, "unknown-member"},
		{"no request", []string{`"request"`, `"body"`}, 400, "request"},
		{"completion without RFN", []string{`"txnType":"P"`, `"txnType":"L"`}, 400, "rfn"},
	}
	for _, c := range cases {
		before := len(p.sim.Violations())
		if status, _ := p.post2(uuid.NewString(), "transaction", sale2("P", 1000, newRef(), c.change...)); status != c.status {
			t.Errorf("%s: %d, want %d", c.name, status, c.status)
		}
		if got := rules(p.sim.Violations()[before:]); got != c.rule {
			t.Errorf("%s: rules %q, want %q", c.name, got, c.rule)
		}
	}
}
