package sim_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestFaultsOfAPostTellTheTruthOnlyToWhoAsks(t *testing.T) {
	t.Parallel()
	cases := []struct {
		fault    sim.Fault
		status   int // 0 = connection cut
		accepted bool
	}{
		{sim.PostLost, 0, false},
		{sim.PostCut, 0, true},
		{sim.Post401, 401, false},
		{sim.Post401Accepted, 401, true},
		{sim.Post403, 403, false},
		{sim.Post429, 429, false},
		{sim.PostRedirect, 307, false},
		{sim.Post408, 408, false},
		{sim.Post408Accepted, 408, true},
		{sim.Post500, 500, false},
		{sim.Post500Accepted, 500, true},
		{sim.Post503, 503, false},
		{sim.Post503Accepted, 503, true},
	}
	for _, c := range cases {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			p := start(t)
			p.term.Auto(sim.AutoConfig{})
			p.sim.Next(c.fault, 1)
			session := uuid.NewString()
			if status := p.post(session, "transaction", p.sale("P", 1000, newRef(), "")); status != c.status {
				t.Errorf("post: %d, want %d", status, c.status)
			}
			if !c.accepted {
				if status, _ := p.ask(session); status != http.StatusNotFound {
					t.Errorf("ask: %d, want 404", status)
				}
				return
			}
			if !p.settle(session).Response.Success || !p.result(session, "transaction").Response.Success {
				t.Error("the sale did not run")
			}
			log := p.sim.Requests()
			if i := slices.IndexFunc(log, func(r sim.Request) bool { return r.Fault == c.fault }); i < 0 || log[i].Status != c.status {
				t.Errorf("the log does not say what happened: %+v", log)
			}
			p.clean()
		})
	}
}

func TestALateRequestIsDeniedFirstAndRunsAfterwards(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.LateArrival = 300 * time.Millisecond })
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.PostLate, 1)
	session := uuid.NewString()
	if status := p.post(session, "transaction", p.sale("P", 1000, newRef(), "")); status != 0 {
		t.Fatalf("post: %d, want a cut connection", status)
	}
	if status, _ := p.ask(session); status != http.StatusNotFound {
		t.Errorf("at once: %d, want 404", status)
	}
	if !p.settle(session).Response.Success || len(p.sim.Charges()) != 1 {
		t.Error("the late request did not run")
	}
	p.clean()
}

func TestTheTokenDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.TokenDies, 1)
	session := p.charge(1000)
	if status, _ := p.ask(session); status != http.StatusUnauthorized {
		t.Errorf("ask: %d, want 401", status)
	}
	p.token = p.newToken()
	if !p.settle(session).Response.Success {
		t.Error("the sale did not run")
	}
	p.clean()
}

func TestFaultsOfTheStatusQuestionPassAndTheTruthStays(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.settle(session)
	// A kept connection would make net/http repeat a GET that was cut, and hide the fault.
	p.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for fault, want := range map[sim.Fault]int{
		sim.Get400: 400, sim.Get401: 401, sim.Get404: 404, sim.Get408: 408, sim.Get500: 500, sim.Get503: 503, sim.GetCut: 0,
	} {
		p.sim.Next(fault, 1)
		if status, _ := p.ask(session); status != want {
			t.Errorf("%s: %d", fault, status)
		}
	}
	for fault, want := range map[sim.Fault]string{sim.GetEmpty: "{}", sim.GetHTML: "<!doctype html>"} {
		p.sim.Next(fault, 1)
		status, body := p.send("GET", "/v1/sessions/"+session+"/transaction", p.token, "")
		if status != 200 || len(body) < len(want) || body[:len(want)] != want {
			t.Errorf("%s: %d %q", fault, status, body)
		}
	}
	if status, e := p.ask(session); status != 200 || !e.Response.Success {
		t.Errorf("afterwards: %d %+v", status, e)
	}
}

func TestAForgottenResultIsGoneForGoodButTheMoneyMoved(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.ResultForgotten, 1)
	session := p.charge(1000)
	if r := p.result(session, "transaction").Response; !r.Success {
		t.Errorf("callback %+v", r)
	}
	for range 2 {
		if status, _ := p.ask(session); status != http.StatusNotFound {
			t.Errorf("ask: %d, want 404", status)
		}
	}
	if c := p.sim.Charges(); len(c) != 1 || !c[0].Approved {
		t.Errorf("charges %+v", c)
	}
}

// all is the ordinary story of a tap.
func tapStory() []string {
	return []string{"display PRESENT CARD", "display PROCESSING", "receipt C", "receipt M", "display APPROVED", "transaction 00"}
}

func TestFaultsOfCallbacks(t *testing.T) {
	t.Parallel()
	cases := []struct {
		fault sim.Fault
		want  []string
	}{
		{sim.CallbackDropped, tapStory()[1:]},
		{sim.CallbackDoubled, append([]string{"display PRESENT CARD"}, tapStory()...)},
		{sim.CallbackReordered, []string{"display PROCESSING", "display PRESENT CARD", "receipt C", "receipt M", "display APPROVED", "transaction 00"}},
		{sim.CallbackDelayed, append(tapStory()[1:], "display PRESENT CARD")},
		{sim.CallbackContradicts, append(tapStory(), "transaction 05")},
	}
	for _, c := range cases {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			p := start(t, func(cfg *sim.Config) { cfg.Timing.CallbackDelay = 400 * time.Millisecond })
			p.term.Auto(sim.AutoConfig{})
			p.sim.Next(c.fault, 1)
			p.charge(1000)
			calls := p.await("the whole story", func(calls []callback) bool { return len(calls) == len(c.want) })
			if diff := cmp.Diff(c.want, story(calls)); diff != "" {
				t.Errorf("callbacks (-want +got):\n%s", diff)
			}
			p.sim.Close() // the last call is in the log only after it was answered
			if !slices.ContainsFunc(p.sim.Callbacks(), func(cb sim.Callback) bool { return cb.Fault == c.fault }) {
				t.Errorf("the log does not name the fault: %+v", p.sim.Callbacks())
			}
		})
	}
}

func TestACallbackWithAWrongHeaderIsForeign(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.CallbackWrongHeader, 1)
	p.charge(1000)
	calls := p.await("two", func(c []callback) bool { return len(c) >= 2 })
	if calls[0].Auth == header || calls[0].Auth == "" || calls[1].Auth != header {
		t.Errorf("headers %q and %q", calls[0].Auth, calls[1].Auth)
	}
}

func TestACallbackMayComeBeforeThe202(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.sim.Next(sim.CallbackEarly, 1)
	p.charge(1000) // returns with the 202
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) == 0 {
		t.Error("no callback before the 202")
	}
}

func TestASilentTerminalSaysNothingForAWhile(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.Silence, 1)
	session := p.charge(1000)
	if status, _ := p.ask(session); status != http.StatusAccepted || len(p.term.Screen().Lines) != 0 {
		t.Errorf("meanwhile: %d, screen %q", status, p.term.Screen().Lines)
	}
	if !p.settle(session).Response.Success {
		t.Error("the sale did not run")
	}
}

func TestTokenAndKeyFaults(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.sim.Next(sim.Token500, 1)
	if status, _ := p.send("POST", "/v1/tokens/cloudpos", "", tokenBody(p.secret)); status != 500 {
		t.Errorf("token: %d, want 500", status)
	}
	session := p.charge(1000)
	p.see("PRESENT CARD")
	p.sim.Next(sim.Sendkey500, 1)
	if status := p.key(session, "0", ""); status != 500 || p.term.Screen().Wants != "card" {
		t.Errorf("key: %d, screen %+v", status, p.term.Screen())
	}
	if status := p.key(session, "0", ""); status != 200 {
		t.Errorf("key again: %d", status)
	}
}

func TestTheSameSeedGivesTheSameFaultsAndCalmGivesNone(t *testing.T) {
	t.Parallel()
	statuses := func(seed int64, calm bool) []int {
		p := start(t, func(c *sim.Config) {
			c.Calm, c.Seed, c.Faults = calm, seed, sim.Faults{sim.Get500: .3}
		})
		var list []int
		for range 200 {
			status, _ := p.ask("11111111-2222-4333-8444-555555555555")
			list = append(list, status)
		}
		return list
	}
	first := statuses(7, false)
	if diff := cmp.Diff(first, statuses(7, false)); diff != "" {
		t.Errorf("same seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(first, statuses(8, false)) {
		t.Error("another seed gave the same faults")
	}
	failed := 0
	for _, s := range first {
		if s == 500 {
			failed++
		}
	}
	if failed < 40 || failed > 80 {
		t.Errorf("%d of 200 failed, want about 60", failed)
	}
	if slices.Contains(statuses(7, true), 500) {
		t.Error("a calm simulator failed")
	}
}

func TestASimMisbehavesUnlessItIsToldToBeCalm(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Calm = false })
	if diff := cmp.Diff(sim.DefaultFaults(), p.sim.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	for f := range maps.Keys(sim.DefaultFaults()) {
		if !slices.Contains(sim.AllFaults(), f) {
			t.Errorf("%s is not listed", f)
		}
	}
	p.sim.SetFaults(nil)
	if got := p.sim.Faults(); len(got) != 0 {
		t.Errorf("calm: %v", got)
	}
}

func TestPairingMayFailOrForgetItsSecret(t *testing.T) {
	t.Parallel()
	p := start(t)
	code := p.term.NewPairCode()
	p.sim.Next(sim.Pair500, 1)
	body := pairBody("0123456789", "s3cr3t", code)
	if status, _ := p.send("POST", "/v1/pairing/cloudpos", "", body); status != 500 || p.term.PairCode() != code {
		t.Errorf("500: %d, the code is %q", status, p.term.PairCode())
	}
	p.sim.Next(sim.PairEmpty, 1)
	if status, text := p.send("POST", "/v1/pairing/cloudpos", "", body); status != 200 || text != "{}" {
		t.Errorf("empty: %d %q", status, text)
	}
	if status, _ := p.send("POST", "/v1/pairing/cloudpos", "", body); status != 401 {
		t.Errorf("afterwards: %d, want 401", status)
	}
}

func TestATokenMayComeWithoutItsLifetime(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.sim.Next(sim.TokenNoExpiry, 1)
	if _, body := p.send("POST", "/v1/tokens/cloudpos", "", tokenBody(p.secret)); strings.Contains(body, "expirySeconds") || !strings.Contains(body, `"token":"`) {
		t.Errorf("body %q", body)
	}
}

func TestAKeyMayBeConfirmedAndLost(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(1000)
	p.see("PRESENT CARD")
	p.sim.Next(sim.SendkeyLost, 1)
	if status := p.key(session, "0", ""); status != 200 {
		t.Errorf("key: %d", status)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	if r := p.settle(session).Response; !r.Success {
		t.Errorf("the sale that was to be cancelled: %+v", r)
	}
}

func TestOddShapesSayTheSame(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.result(session, "transaction")
	p.sim.Next(sim.OddShapes, 1)
	_, body := p.send("GET", "/v1/sessions/"+session+"/transaction", p.token, "")
	for _, want := range []string{
		`"success":true`, `"amtPurchase":1000`, `"authCode":"100001"`, `"amtCash":"0"`, `"amtTip":null`, `"balanceReceived":"0"`,
		`"vendorNote"`, `"AMT":"000001000"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("lacks %s:\n%s", want, body)
		}
	}
	p.sim.SetFaults(sim.Faults{sim.OddShapes: 1})
	p.term.AutoOff()
	p.charge(2000)
	calls := p.await("an odd display", func(c []callback) bool {
		return len(c) > 0 && c[len(c)-1].Env.ResponseType == "display" && strings.Contains(c[len(c)-1].Body, `"1"`)
	})
	if body := calls[len(calls)-1].Body; !strings.Contains(body, `"CancelKeyFlag":"1"`) || !strings.Contains(body, `"PurchaseAnalysisData":[]`) || strings.Contains(body, "GraphicCode") {
		t.Errorf("display %s", body)
	}
}
