package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// flat is what a test reads of an event of v2; encoding/json ignores the case of its names.
type flat struct {
	ResponseType           string
	DisplayText            []string
	CancelKeyFlag          bool
	Type                   string
	TxnRef, RRN            string
	AmtPurchase            int64
	Success                bool
	ResponseCode           string
	PurchaseAnalysisData   map[string]string
	Catid, Caid            string
	NII, MaxSAF            int
	CashoutLimit           int64
	PinPadSerialNumber     string
	InputType, GraphicCode string
}

// sale2 is a proper purchase or refund as the v2 clients write it; change replaces pieces, old and new in turn.
func sale2(kind string, cents int64, ref string, change ...string) string {
	return strings.NewReplacer(change...).Replace(fmt.Sprintf(
		`{"request":{"posName":%q,"posVersion":%q,"posId":%q,"merchant":"00","application":"00","receiptAutoPrint":"0","cutReceipt":"0",`+
			`"txnType":%q,"AmtPurchase":%d,"AmtCash":0,"txnRef":%q,"currencyCode":"AUD","purchaseAnalysisData":{"OPR":"17|Dana K"}}}`,
		posName, posVer, posID, kind, cents, ref))
}

// other2 is a request that moves no money; members end with a comma.
func other2(members string) string {
	return fmt.Sprintf(`{"request":{%s"posName":%q,"posVersion":%q,"posId":%q}}`, members, posName, posVer, posID)
}

func (p *pos) post2(session, kind, body string) (int, string) {
	p.t.Helper()
	return p.send("POST", "/v2/sessions/"+session+"/"+kind, p.token, body)
}

// charge2 sends a purchase over v2 and expects it to be taken.
func (p *pos) charge2(cents int64) string {
	p.t.Helper()
	session := uuid.NewString()
	if status, _ := p.post2(session, "transaction", sale2("P", cents, newRef())); status != http.StatusOK {
		p.t.Fatalf("purchase: %d", status)
	}
	return session
}

// poll asks once for events.
func (p *pos) poll(session, all string) (int, []flat) {
	p.t.Helper()
	status, body := p.send("GET", "/v2/sessions/"+session+"/result?all="+all, p.token, "")
	return status, p.flats(status, body)
}

// lookup asks for transactions by a reference.
func (p *pos) lookup(reference, by string) (int, []flat) {
	p.t.Helper()
	status, body := p.send("GET", "/v2/transaction?reference="+reference+"&referenceType="+by, p.token, "")
	return status, p.flats(status, body)
}

func (p *pos) flats(status int, body string) []flat {
	p.t.Helper()
	var list []flat
	if status == http.StatusOK && strings.HasPrefix(body, "[") {
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			p.t.Fatalf("%v in %s", err, body)
		}
	}
	return list
}

// follow polls until an event of the kind has come, and returns everything on the way.
func (p *pos) follow(session, kind string) []flat {
	p.t.Helper()
	var events []flat
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		status, news := p.poll(session, "false")
		events = append(events, news...)
		switch {
		case status != http.StatusOK && status != http.StatusTooEarly:
			p.t.Fatalf("poll: %d", status)
		case len(news) > 0 && news[len(news)-1].ResponseType == kind:
			return events
		}
	}
	p.t.Fatalf("no %s; got %q", kind, tale(events))
	return nil
}

// last is the final event of a conversation.
func last(events []flat) flat { return events[len(events)-1] }

// tale writes events like story writes callbacks.
func tale(events []flat) []string {
	var lines []string
	for _, e := range events {
		word := map[string]string{"receipt": e.Type, "transaction": e.ResponseCode}[e.ResponseType]
		if e.ResponseType == "display" {
			word = strings.TrimSpace(e.DisplayText[0])
		}
		lines = append(lines, e.ResponseType+" "+word)
	}
	return lines
}

func TestAV2SaleIsPolledFromTheFirstDisplayToTheResult(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := uuid.NewString()
	bare := strings.ToUpper(strings.ReplaceAll(session, "-", "")) // one official client posts bare and polls hyphenated
	status, body := p.post2(bare, "transaction", sale2("P", 1000, "ANORDERNUMBEROF32CHARACTERS-0001"))
	want := `{"requestId":"` + session + `","uri":"/v2/sessions/` + session + `/result"}`
	if status != http.StatusOK || body != want {
		t.Fatalf("post: %d %s, want %s", status, body, want)
	}
	events := p.follow(session, "transaction")
	if diff := cmp.Diff(tapStory(), tale(events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if r := last(events); !r.Success || r.AmtPurchase != 1000 || r.TxnRef != "ANORDERNUMBEROF32CHARACTERS-0001" || len(r.RRN) != 12 {
		t.Errorf("result %+v", r)
	}
	if got := p.sim.Charges(); len(got) != 1 || got[0].Amount != 1000 || !got[0].Approved {
		t.Errorf("charges %+v", got)
	}
	p.clean()
}

func TestAV2EventIsHandedOutOnceAndRepeatedOnlyWhenAllAreAskedFor(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge2(4200)
	p.see("PRESENT CARD")
	first := []string{"display PRESENT CARD"}
	if _, got := p.poll(session, "false"); !cmp.Equal(first, tale(got)) {
		t.Errorf("first: %q", tale(got))
	}
	if status, got := p.poll(session, "false"); status != http.StatusTooEarly || got != nil {
		t.Errorf("again: %d %q, want 425", status, tale(got))
	}
	for range 2 {
		if status, got := p.poll(session, "True"); status != 200 || !cmp.Equal(first, tale(got)) {
			t.Errorf("all: %d %q", status, tale(got))
		}
	}
	p.press(sim.Press{Key: sim.KeyTap})
	if got := tale(p.follow(session, "transaction")); !cmp.Equal(tapStory()[1:], got) {
		t.Errorf("rest: %q", got)
	}
	if status, _ := p.poll(session, "false"); status != http.StatusTooEarly {
		t.Errorf("after the end: %d, want 425", status)
	}
	if _, got := p.poll(session, "true"); !cmp.Equal(tapStory(), tale(got)) {
		t.Errorf("all at the end: %q", tale(got))
	}
}

func TestAV2QuestionWaitsForNewsAndIsWokenByIt(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.LongPoll = 15 * time.Second })
	session := p.charge2(1000)
	p.see("PRESENT CARD")
	p.poll(session, "false")
	begun, woken := time.Now(), make(chan []flat, 1)
	go func() {
		_, news := p.poll(session, "false")
		woken <- news
	}()
	p.press(sim.Press{Key: sim.KeyTap})
	if news := <-woken; len(news) == 0 || time.Since(begun) > 10*time.Second {
		t.Errorf("%q after %v", tale(news), time.Since(begun))
	}
}

func TestAV2QuestionWithoutNewsIsTooEarlyAfterTheConfiguredWait(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.LongPoll = 120 * time.Millisecond })
	session := p.charge2(1000)
	p.see("PRESENT CARD")
	p.poll(session, "false")
	begun := time.Now()
	if status, body := p.send("GET", "/v2/sessions/"+session+"/result?all=false", p.token, ""); status != 425 || body != "" {
		t.Errorf("%d %q, want 425 and nothing", status, body)
	}
	if waited := time.Since(begun); waited < 120*time.Millisecond {
		t.Errorf("answered after %v", waited)
	}
}

func TestV2TellsNobodyAboutSessionsThatAreNotTheirs(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	polled, called := p.charge2(1000), ""
	p.follow(polled, "transaction")
	called = p.charge(1000)
	p.settle(called)
	other := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
	cases := []struct {
		name string
		pos  *pos
		path string
		want int
	}{
		{"a session that nobody began", p, "/v2/sessions/" + uuid.NewString() + "/result?all=false", 404},
		{"another terminal's session", other, "/v2/sessions/" + polled + "/result?all=true", 404},
		{"a session of v1 has no list", p, "/v2/sessions/" + called + "/result?all=true", 404},
		{"a session of v2 can be asked about in v1", p, "/v1/sessions/" + polled + "/transaction", 200},
		{"no UUID", p, "/v2/sessions/42/result?all=false", 400},
		{"all is a number", p, "/v2/sessions/" + polled + "/result?all=1", 400},
		{"all is left out", p, "/v2/sessions/" + polled + "/result", 425},
	}
	for _, c := range cases {
		if status, body := c.pos.send("GET", c.path, c.pos.token, ""); status != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, status, body, c.want)
		}
	}
	if status, _ := p.send("GET", "/v2/sessions/"+polled+"/result?all=false", "made-up", ""); status != 401 {
		t.Errorf("without a token: %d, want 401", status)
	}
	if status, _ := other.lookup(strings.TrimSpace(p.sim.Charges()[0].TxnRef), "ReferenceNo"); status != 404 {
		t.Errorf("another terminal's transaction: %d, want 404", status)
	}
	if got := rules(p.sim.Violations()); got != "session-id all authorization" {
		t.Errorf("rules %q", got)
	}
}

func TestV2KeysReachTheTerminal(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge2(1000)
	p.see("PRESENT CARD")
	press := func(key string) int {
		status, _ := p.post2(session, "sendkey", `{"request":{"key":"`+key+`","data":""}}`)
		return status
	}
	if status := press("1"); status != http.StatusBadRequest {
		t.Errorf("YES, which is not lit: %d, want 400", status)
	}
	if status := press("0"); status != http.StatusOK {
		t.Errorf("CANCEL: %d, want 200", status)
	}
	if r := last(p.follow(session, "transaction")); r.Success || r.ResponseCode != "TM" {
		t.Errorf("result %+v", r)
	}
	p.clean()
}

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

func TestAV2SessionIsUsedOnceAcrossBothFaces(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge2(1000)
	p.follow(session, "transaction")
	if status, _ := p.post2(session, "transaction", sale2("P", 1000, newRef())); status != http.StatusConflict {
		t.Errorf("again by v2: %d, want 409", status)
	}
	if status := p.post(session, "transaction", p.sale("P", 1000, newRef(), "")); status != http.StatusConflict {
		t.Errorf("again by v1: %d, want 409", status)
	}
	if got := len(p.sim.Charges()); got != 1 {
		t.Errorf("%d charges, want 1", got)
	}
}

func TestATerminalIsBusyForTheOtherFaceToo(t *testing.T) {
	t.Parallel()
	p := start(t)
	called := p.charge(1000)
	p.see("PRESENT CARD")
	if r := last(p.follow(p.charge2(2000), "transaction")); r.ResponseCode != "BY" || r.Success {
		t.Errorf("v2 beside v1: %+v", r)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	p.settle(called)

	polled := p.charge2(1000)
	p.see("PRESENT CARD")
	if r := p.settle(p.charge(2000)).Response; r.ResponseCode != "BY" {
		t.Errorf("v1 beside v2: %+v", r)
	}
	session := uuid.NewString()
	p.post2(session, "logon", other2(""))
	if r := last(p.follow(session, "logon")); r.ResponseCode != "BY" {
		t.Errorf("a v2 logon meanwhile: %+v", r)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	if !last(p.follow(polled, "transaction")).Success || len(p.sim.Charges()) != 2 {
		t.Errorf("charges %+v", p.sim.Charges())
	}
	p.clean()
}

func TestATransactionIsFoundByItsReferenceLater(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	sell := func(cents int64, ref string) flat {
		session := uuid.NewString()
		p.post2(session, "transaction", sale2("P", cents, ref))
		return last(p.follow(session, "transaction"))
	}
	declined, approved := sell(1051, "ORDER7"), sell(1000, "ORDER7")
	v1 := uuid.NewString()
	p.post(v1, "transaction", p.sale("P", 3000, "ORDER8", ""))
	p.settle(v1)

	status, found := p.lookup("ORDER7", "ReferenceNo")
	if diff := cmp.Diff([]flat{declined, approved}, found); status != 200 || diff != "" {
		t.Errorf("by TxnRef: %d (-want +got):\n%s", status, diff)
	}
	if status, found = p.lookup(approved.RRN, "RRN"); status != 200 || len(found) != 1 || found[0].TxnRef != approved.TxnRef || !found[0].Success {
		t.Errorf("by RRN: %d %+v", status, found)
	}
	if status, found = p.lookup("ORDER8", "ReferenceNo"); status != 200 || len(found) != 1 || found[0].AmtPurchase != 3000 {
		t.Errorf("a sale of v1: %d %+v", status, found)
	}
	if got := rules(p.sim.Violations()); got != "txnref-reused" { // which is why there are two under one reference
		t.Errorf("rules %q", got)
	}
	for query, want := range map[[2]string]int{
		{"ORDER9", "ReferenceNo"}: 404, {"ORDER7", "RRN"}: 404, {"", "RRN"}: 400, {"ORDER7", "TxnRef"}: 400, {"ORDER7", ""}: 400,
	} {
		if status, _ := p.lookup(query[0], query[1]); status != want {
			t.Errorf("%q: %d, want %d", query, status, want)
		}
	}
}

func TestARunningTransactionIsNotInTheHistoryYet(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := uuid.NewString()
	p.post2(session, "transaction", sale2("P", 1000, "RUNNING1"))
	p.see("PRESENT CARD")
	if status, _ := p.lookup("RUNNING1", "ReferenceNo"); status != 404 {
		t.Errorf("meanwhile: %d, want 404", status)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	p.follow(session, "transaction")
	if status, _ := p.lookup("RUNNING1", "ReferenceNo"); status != 200 {
		t.Errorf("afterwards: %d, want 200", status)
	}
}

func TestV2EventsAreFlatAndSpeltForOneOfTheOfficialClients(t *testing.T) {
	t.Parallel()
	common := []string{
		`{"responseType":"display","numberOfLines":2,`, `"okKeyFlag":false`, `{"responseType":"receipt","type":"C"`,
		`"RRN":"625700000001"`, `"AmtPurchase":1000`, `"AmtCash":0`, `"AmtTip":0`, `"txnRef":"`, `"success":true`, `"RFN":"`, `"isPrePrint":false`,
	}
	cases := map[sim.Letters][]string{
		"":         {`"catId":"12340001"`, `"caId":"`, `"NII":0`, `"maxSAF":0`, `"cashoutLimit":0`},
		sim.CSharp: {`"catId":"12340001"`, `"caId":"`, `"NII":0`, `"maxSAF":0`, `"cashoutLimit":0`},
		sim.Java:   {`"catid":"12340001"`, `"caid":"`, `"nii":0`, `"maxSaf":0`, `"cashOutLimit":0`},
	}
	for letters, own := range cases {
		p := start(t, func(c *sim.Config) { c.Casing.V2 = letters })
		p.term.Auto(sim.AutoConfig{})
		sale, status := p.charge2(1000), uuid.NewString()
		p.follow(sale, "transaction")
		p.post2(status, "status", other2(`"statusType":"0",`))
		p.follow(status, "status")
		_, first := p.send("GET", "/v2/sessions/"+sale+"/result?all=true", p.token, "")
		_, second := p.send("GET", "/v2/sessions/"+status+"/result?all=true", p.token, "")
		for _, want := range append(common, own...) {
			if !strings.Contains(first+second, want) {
				t.Errorf("%q: lacks %s:\n%s\n%s", letters, want, first, second)
			}
		}
		if strings.Contains(first, `"response":`) || strings.Contains(first, "essionId") {
			t.Errorf("%q: not flat: %s", letters, first)
		}
		p.clean()
	}
}

func TestEveryOtherRequestOfV2EndsWithItsOwnEvent(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.follow(p.charge2(1000), "transaction")
	for kind, members := range map[string]string{
		"logon": `"logonType":" ",`, "status": `"statusType":"0",`, "settlement": `"settlementType":"S",`,
		"querycard": `"queryCardType":"0",`, "configuremerchant": `"catId":"1","caId":"2",`, "reprintreceipt": `"reprintType":"2",`,
	} {
		session := uuid.NewString()
		if status, body := p.post2(session, kind, other2(members)); status != 200 || !strings.Contains(body, session) {
			t.Errorf("%s: %d %s", kind, status, body)
		}
		if r := last(p.follow(session, kind)); !r.Success {
			t.Errorf("%s: %+v", kind, r)
		}
	}
	if status, _ := p.post2(uuid.NewString(), "fortune", other2("")); status != 404 {
		t.Errorf("an unknown type: %d, want 404", status)
	}
	if got := rules(p.sim.Violations()); got != "path" {
		t.Errorf("rules %q", got)
	}
}

func TestARefundOfV2FindsASaleOfV1(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	refund := func(cents int64) flat {
		session := uuid.NewString()
		p.post2(session, "transaction", sale2("R", cents, newRef(), `"OPR"`, `"RFN":"`+rfn+`","OPR"`))
		return last(p.follow(session, "transaction"))
	}
	if r := refund(3000); !r.Success {
		t.Errorf("refund %+v", r)
	}
	if r := refund(2100); r.Success || r.ResponseCode != "64" {
		t.Errorf("more than is left: %+v", r)
	}
	p.clean()
}
