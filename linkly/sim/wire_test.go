package sim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestA202IsEmptyAndStillClaimsToBeJSON(t *testing.T) {
	t.Parallel()
	p := start(t)
	req, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/v1/sessions/"+uuid.NewString()+"/transaction?async=true",
		strings.NewReader(p.sale("P", 1000, newRef(), "")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := p.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != 202 || res.ContentLength != 0 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		t.Errorf("%d, length %d, %q", res.StatusCode, res.ContentLength, res.Header.Get("Content-Type"))
	}
}

func TestCallbacksArePascalAndTheStatusAnswerIsCamel(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.result(session, "transaction")
	_, status := p.send("GET", "/v1/sessions/"+session+"/transaction", p.token, "")
	calls := p.await("all", func([]callback) bool { return true })
	pascal := calls[len(calls)-1].Body

	for _, want := range []string{`{"SessionId":"` + session + `","ResponseType":"transaction","Response":{"TxnType":"P"`, `"RRN":"`, `"Success":true`, `"RFN":"`} {
		if !strings.Contains(pascal, want) {
			t.Errorf("callback lacks %s:\n%s", want, pascal)
		}
	}
	for _, want := range []string{`{"responseType":"transaction","response":{"txnType":"P"`, `"rrn":"`, `"success":true`, `"RFN":"`, `"amtPurchase":1000`, `"isPrePrint":false`} {
		if !strings.Contains(status, want) {
			t.Errorf("status lacks %s:\n%s", want, status)
		}
	}
	if !json.Valid([]byte(status)) {
		t.Errorf("no JSON: %s", status)
	}
}

func TestTheLettersCanBeChosen(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Casing = sim.Casing{HTTP: sim.Pascal, Callbacks: sim.Lower} })
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.settle(session)
	_, status := p.send("GET", "/v1/sessions/"+session+"/transaction", p.token, "")
	if !strings.HasPrefix(status, `{"ResponseType":"transaction","Response":{"TxnType":"P"`) {
		t.Errorf("status %s", status)
	}
	calls := p.await("first display", func(c []callback) bool { return len(c) > 0 })
	if !strings.Contains(calls[0].Body, `"sessionid":"`+session) || !strings.Contains(calls[0].Body, `"okkeyflag":false`) {
		t.Errorf("callback %s", calls[0].Body)
	}
}

func TestRequestsAreReadInAnyLetterCase(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	body := strings.NewReplacer(`"Request"`, `"request"`, `"TxnType"`, `"txnType"`, `"AmtPurchase"`, `"amtpurchase"`, `"TxnRef"`, `"TXNREF"`,
		`"Notification"`, `"notification"`, `"Uri"`, `"uri"`, `"AuthorizationHeader"`, `"authorizationHeader"`).Replace(p.sale("P", 1000, newRef(), ""))
	session := uuid.NewString()
	if status := p.post(session, "transaction", body); status != http.StatusAccepted {
		t.Fatalf("post: %d", status)
	}
	if r := p.settle(session).Response; !r.Success {
		t.Errorf("result %+v", r)
	}
	p.clean()
}

func TestCallbacksCarryTheHeaderVerbatimAndTheTemplateIsFilledInLowerCaseOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := strings.ToUpper(uuid.NewString())
	body := strings.Replace(p.sale("P", 1000, newRef(), ""), "/n/op4que/{{type}}", "/n/{{sessionid}}/{{sessionId}}/{{type}}", 1)
	p.post(session, "transaction", body)
	p.result(session, "transaction")
	for _, c := range p.await("all", func([]callback) bool { return true }) {
		if want := "/n/" + session + "/{{sessionId}}/" + c.Env.ResponseType; c.Path != want || c.Auth != header {
			t.Errorf("path %s, header %q; want %s, %q", c.Path, c.Auth, want, header)
		}
	}
	if got := rules(p.sim.Violations()); got != "notification-template" {
		t.Errorf("rules %q", got)
	}
}

func TestTheSessionIdIsKnownInBothFormsAndUsedOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := uuid.NewString()
	bare := strings.ToUpper(strings.ReplaceAll(session, "-", ""))
	if status := p.post(bare, "transaction", p.sale("P", 1000, newRef(), "")); status != http.StatusAccepted {
		t.Fatalf("bare id: %d", status)
	}
	p.settle(session)
	if status := p.post(session, "transaction", p.sale("P", 1000, newRef(), "")); status != http.StatusConflict {
		t.Errorf("second use: %d, want 409", status)
	}
	if status := p.post(session, "logon", p.wrap(`{}`)); status != http.StatusConflict {
		t.Errorf("other type with the same id: %d, want 409", status)
	}
	if got := rules(p.sim.Violations()); got != "session-reused session-reused" {
		t.Errorf("rules %q", got)
	}
	if got := len(p.sim.Charges()); got != 1 {
		t.Errorf("%d charges, want 1", got)
	}
}

func TestASynchronousSaleAnswersWithTheResultAndShowsDisplaysMeanwhile(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := uuid.NewString()
	status, body := p.send("POST", "/v1/sessions/"+session+"/transaction?async=false", p.token, p.sale("P", 1000, newRef(), ""))
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil || status != 200 || !e.Response.Success || !strings.HasPrefix(body, `{"responseType"`) {
		t.Fatalf("%d %s", status, body)
	}
	calls := story(p.await("last display", func(c []callback) bool { return len(c) >= 5 }))
	want := []string{"display PRESENT CARD", "display PROCESSING", "receipt C", "receipt M", "display APPROVED"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	p.clean()
}

func TestASynchronousSaleTimesOutAndIsStillFoundAfterwards(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.SyncLimit = 30 * time.Millisecond })
	session := uuid.NewString()
	if status, _ := p.send("POST", "/v1/sessions/"+session+"/transaction", p.token, p.sale("P", 1000, newRef(), "")); status != 408 {
		t.Fatalf("post: %d, want 408", status)
	}
	if status, _ := p.ask(session); status != http.StatusAccepted {
		t.Errorf("meanwhile: %d, want 202", status)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	if r := p.settle(session).Response; !r.Success {
		t.Errorf("result %+v", r)
	}
}

func TestATerminalDoesNotKnowTheSessionsOfAnother(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.settle(session)
	other := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
	if status, _ := other.ask(session); status != http.StatusNotFound {
		t.Errorf("status %d, want 404", status)
	}
	if status := other.key(session, "0", ""); status != http.StatusNotFound {
		t.Errorf("key %d, want 404", status)
	}
}
