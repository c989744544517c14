package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

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
