package sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// control makes one call of the control interface and decodes its answer.
func (p *pos) control(method, path, body string, into any) int {
	p.t.Helper()
	status, text := p.send(method, "/control"+path, "", body)
	if into != nil && status < 300 {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			p.t.Fatalf("%s %s: %v in %q", method, path, err, text)
		}
	}
	return status
}

// terminal is what a test reads of a terminal's view.
type terminal struct {
	ID, PairCode string
	Version      uint64
	PairCodeLeft int
	Online       bool
	Paired       bool
	Auto         bool
	Typed        int
	Screen       sim.Display
	Amount       int64
	Busy         bool
	Charges      []sim.Charge
}

func TestAProgramPaysThroughTheControlInterface(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4200)
	p.see("PRESENT CARD")
	var v terminal
	if status := p.control("GET", "/terminals/t1", "", &v); status != 200 || !v.Busy || v.Amount != 4200 || v.Screen.Wants != "card" {
		t.Fatalf("%d %+v", status, v)
	}
	if status := p.control("POST", "/terminals/t1/press", `{"key":"chq"}`, nil); status != http.StatusConflict {
		t.Errorf("a key that is not asked for: %d, want 409", status)
	}
	p.control("POST", "/terminals/t1/press", `{"key":"swipe","card":"eftpos"}`, nil)
	p.see("SELECT ACCOUNT")
	p.control("POST", "/terminals/t1/press", `{"key":"sav"}`, nil)
	p.see("ENTER PIN")
	for i := range 4 {
		p.control("POST", "/terminals/t1/press", fmt.Sprintf(`{"key":"digit","digit":"%d"}`, i), &v)
	}
	if v.Typed != 4 || strings.Contains(fmt.Sprintf("%+v", v), "0123 ") {
		t.Errorf("while typing: %+v", v)
	}
	p.control("POST", "/terminals/t1/press", `{"key":"enter"}`, nil)
	r := p.settle(session).Response
	if !r.Success || r.AccountType != "3" || r.TxnFlags.CardEntry != "S" || r.CardName != "01" {
		t.Errorf("result %+v", r)
	}
	var charges []sim.Charge
	p.control("GET", "/charges", "", &charges)
	if diff := cmp.Diff(p.sim.Charges(), charges); diff != "" {
		t.Errorf("charges (-want +got):\n%s", diff)
	}
	p.control("GET", "/terminals/t1", "", &v)
	if len(v.Charges) != 1 || v.Busy {
		t.Errorf("afterwards %+v", v)
	}
}

func TestAProgramPairsSwitchesAndScriptsATerminal(t *testing.T) {
	t.Parallel()
	p := start(t)
	var v terminal
	if status := p.control("POST", "/terminals", `{"name":"Bar","username":"777","password":"pw"}`, &v); status != 201 || v.ID != "t2" || v.Paired {
		t.Fatalf("%d %+v", status, v)
	}
	p.control("POST", "/terminals/t2/pair-code", "", &v)
	if len(v.PairCode) != 6 || v.PairCodeLeft != 180 {
		t.Errorf("code %+v", v)
	}
	if status, _ := p.send("POST", "/v1/pairing/cloudpos", "", pairBody("777", "pw", v.PairCode)); status != 200 {
		t.Errorf("pairing: %d", status)
	}
	var secret struct{ Secret string }
	p.control("POST", "/terminals/t2/secret", "", &secret)
	if status, _ := p.send("POST", "/v1/tokens/cloudpos", "", tokenBody(secret.Secret)); status != 200 {
		t.Errorf("token: %d", status)
	}

	p.control("POST", "/terminals/t1/online", `{"online":false}`, &v)
	if v.Online {
		t.Error("still online")
	}
	p.control("POST", "/terminals/t1/online", `{"online":true}`, &v)
	p.control("POST", "/terminals/t1/auto", `{"on":true,"card":"amex","delayMs":1}`, &v)
	p.control("POST", "/terminals/t1/script", `{"code":"91"}`, nil)
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "91" || r.CardName != "05" || !v.Auto {
		t.Errorf("result %+v", r)
	}
	p.control("POST", "/terminals/t1/auto", `{"on":false}`, &v)
	if v.Auto {
		t.Error("the virtual customer is still there")
	}
	var all []terminal
	p.control("GET", "/terminals", "", &all)
	if len(all) != 2 {
		t.Errorf("%d terminals", len(all))
	}
}

func TestAProgramSetsFaultsAndReadsWhatHappened(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.control("POST", "/faults/next", `{"fault":"post_408_accepted"}`, nil)
	session := uuid.NewString()
	if status := p.post(session, "transaction", p.sale("P", 1000, newRef(), "")); status != 408 {
		t.Errorf("post: %d, want 408", status)
	}
	p.settle(session)

	p.control("PUT", "/faults", `{"faults":{"get_503":1}}`, nil)
	if status, _ := p.ask(session); status != 503 {
		t.Errorf("ask: %d, want 503", status)
	}
	var faults struct {
		Calm   bool
		Faults []struct {
			Fault       string
			Probability float64
		}
	}
	p.control("PUT", "/faults", `{"preset":"calm"}`, &faults)
	if !faults.Calm || len(faults.Faults) != len(sim.AllFaults()) {
		t.Errorf("faults %+v", faults)
	}
	p.control("PUT", "/faults", `{"preset":"default"}`, &faults)
	if faults.Calm || !cmp.Equal(p.sim.Faults(), sim.DefaultFaults()) {
		t.Errorf("faults %+v", faults)
	}
	p.sim.SetFaults(nil)

	p.send("GET", "/v1/nowhere", "", "")
	var violations []sim.Violation
	var requests []sim.Request
	p.control("GET", "/violations", "", &violations)
	p.control("GET", "/requests?last=1", "", &requests)
	if len(violations) != 1 || violations[0].Rule != "path" || len(requests) != 1 || requests[0].Path != "/v1/nowhere" || requests[0].Status != 404 {
		t.Errorf("violations %+v, requests %+v", violations, requests)
	}
	var callbacks []sim.Callback
	if p.control("GET", "/callbacks", "", &callbacks); len(callbacks) == 0 {
		t.Error("no callbacks in the log")
	}
	var state struct{ Charges, Violations int }
	if p.control("GET", "/state", "", &state); state.Charges != 1 || state.Violations != 1 {
		t.Errorf("state %+v", state)
	}
}

func TestTheControlInterfaceSaysNo(t *testing.T) {
	t.Parallel()
	p := start(t)
	cases := []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/terminals/t9", "", 404},
		{"POST", "/terminals/t1/press", `{"button":"tap"}`, 400},
		{"POST", "/terminals/t1/press", `{`, 400},
		{"POST", "/terminals/t1/online", `{"online":"yes"}`, 400},
		{"POST", "/terminals/t1/auto", `[]`, 400},
		{"POST", "/terminals/t1/script", `{"kode":"1"}`, 400},
		{"POST", "/terminals", `{"nom":"x"}`, 400},
		{"PUT", "/faults", `{"faults":{"meteor":1}}`, 400},
		{"PUT", "/faults", `{"faults":{"post_500":1.5}}`, 400},
		{"PUT", "/faults", `{"preset":"wild"}`, 400},
		{"POST", "/faults/next", `{"fault":"meteor"}`, 400},
		{"POST", "/faults/next", `{"fault":"post_500","times":-1}`, 400},
	}
	for _, c := range cases {
		if got := p.control(c.method, c.path, c.body, nil); got != c.want {
			t.Errorf("%s %s %s: %d, want %d", c.method, c.path, c.body, got, c.want)
		}
	}
}

func TestControlIsOnlyForCallersOnThisMachineAndNotForOtherSites(t *testing.T) {
	t.Parallel()
	p := start(t)
	handler := p.sim.Handler()
	cases := []struct {
		name, from, origin, path string
		want                     int
	}{
		{"from this machine", "127.0.0.1:999", "", "/control/state", 200},
		{"from this machine over IPv6", "[::1]:999", "", "/control/state", 200},
		{"from the own page", "127.0.0.1:999", "http://example.com", "/control/state", 200},
		{"from the network", "203.0.113.9:999", "", "/control/state", 403},
		{"the page from the network", "203.0.113.9:999", "", "/pad/t1", 403},
		{"from somebody's page", "127.0.0.1:999", "https://evil.example", "/control/state", 403},
		{"from a page without an origin", "127.0.0.1:999", "null", "/control/state", 403},
	}
	for _, c := range cases {
		r := httptest.NewRequestWithContext(t.Context(), "GET", c.path, nil) // its host is example.com
		r.RemoteAddr = c.from
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.want)
		}
	}
}

func TestAWatcherIsToldOfAChangeAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	var before, after terminal
	p.control("GET", "/terminals/t1", "", &before)
	done := make(chan int, 1)
	go func() {
		done <- p.control("GET", fmt.Sprintf("/terminals/t1?after=%d", before.Version), "", &after)
	}()
	begun := time.Now()
	p.term.Online(false)
	if status := <-done; status != 200 || after.Online || after.Version <= before.Version {
		t.Errorf("%d %+v", status, after)
	}
	if waited := time.Since(begun); waited > 3*time.Second {
		t.Errorf("told after %v", waited)
	}
}

func TestThePageAndItsFilesAreServed(t *testing.T) {
	t.Parallel()
	p := start(t)
	for path, want := range map[string]string{
		"/pad/": "no money moves", "/pad/t1": `data-test="key-tap"`,
		"/pad/assets/pad.js": "follow()", "/pad/assets/pad.css": ".device", "/pad/assets/list.js": "refresh()",
	} {
		if status, body := p.send("GET", path, "", ""); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, lacks %q", path, status, want)
		}
	}
	if status, _ := p.send("GET", "/", "", ""); status != http.StatusSeeOther {
		t.Errorf("the root: %d, want 303", status)
	}
	if status, _ := p.send("GET", "/pad/t9", "", ""); status != 404 {
		t.Errorf("an unknown terminal: %d, want 404", status)
	}
}

func TestWaitingEndsWithTheContextAndWithTheSim(t *testing.T) {
	t.Parallel()
	p := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.term.Await(ctx, "NEVER"); err == nil || !strings.Contains(err.Error(), "NEVER") {
		t.Errorf("error %v", err)
	}
	p.sim.Close()
	if err := p.sim.Finished(t.Context(), uuid.NewString()); err == nil {
		t.Error("no error after Close")
	}
}
