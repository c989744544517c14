package sim_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// try sends a purchase of 10.00 and returns whatever came of it.
func (p *pos) try() (status int, session string) {
	p.t.Helper()
	session = uuid.NewString()
	return p.post(session, "transaction", p.sale("P", 1000, newRef(), "")), session
}

// finished waits for a result without asking the service for it.
func (p *pos) finished(session string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 15*time.Second)
	defer cancel()
	if err := p.sim.Finished(ctx, session); err != nil {
		p.t.Fatal(err)
	}
}

// heard returns the callbacks of one session so far.
func (p *pos) heard(session string) []callback {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.calls), func(c callback) bool { return c.Env.SessionID != session })
}

// hears waits for so many callbacks of one session.
func (p *pos) hears(session string, n int) []callback {
	p.t.Helper()
	p.await("all of "+session, func([]callback) bool { return len(p.heard(session)) >= n })
	return p.heard(session)
}

// moved checks what the bank did: the amounts of all charges that were approved.
func (p *pos) moved(want ...int64) {
	p.t.Helper()
	var got []int64
	for _, c := range p.sim.Charges() {
		if c.Approved {
			got = append(got, c.Amount)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("money moved (-want +got):\n%s", diff)
	}
}

// neverRuns checks that a POST got a status, and that nothing came of it.
func neverRuns(status int) func(*pos) {
	return func(p *pos) {
		got, session := p.try()
		if asked, _ := p.ask(session); got != status || asked != http.StatusNotFound || len(p.sim.Charges()) != 0 {
			p.t.Errorf("post %d, want %d; asked %d; charges %+v", got, status, asked, p.sim.Charges())
		}
	}
}

// runsAnyway checks that a POST got a status, and that the sale ran.
func runsAnyway(status int) func(*pos) {
	return func(p *pos) {
		got, session := p.try()
		if got != status || !p.settle(session).Response.Success {
			p.t.Errorf("post %d, want %d", got, status)
		}
		p.moved(1000)
	}
}

// isAsked checks the first answers to the question for a result, and that the truth comes after them.
func isAsked(statuses ...int) func(*pos) {
	return func(p *pos) {
		// A kept connection would make net/http repeat a GET that was cut, and hide the fault.
		p.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		session := p.charge(1000)
		p.finished(session)
		for i, want := range statuses {
			if status, e := p.ask(session); status != want || e.Response.Success {
				p.t.Errorf("question %d: %d %+v, want %d", i+1, status, e.Response, want)
			}
		}
		if status, e := p.ask(session); status != http.StatusOK || !e.Response.Success {
			p.t.Errorf("in the end: %d %+v", status, e.Response)
		}
		p.moved(1000)
	}
}

// tells checks the callbacks of a sale.
func tells(want ...string) func(*pos) {
	return func(p *pos) {
		session := p.charge(1000)
		if diff := cmp.Diff(want, story(p.hears(session, len(want)))); diff != "" {
			p.t.Errorf("callbacks (-want +got):\n%s", diff)
		}
	}
}

// ends checks the code of a sale that moves nothing and never reaches the bank.
func ends(code string) func(*pos) {
	return func(p *pos) {
		if r := p.settle(p.charge(1000)).Response; r.Success || r.ResponseCode != code || len(p.sim.Charges()) != 0 {
			p.t.Errorf("result %+v, charges %+v", r, p.sim.Charges())
		}
	}
}

// says checks the amount in the result of a sale of 10.00 that moves exactly that.
func says(want *int64) func(*pos) {
	return func(p *pos) {
		r := p.settle(p.charge(1000)).Response
		if diff := cmp.Diff(want, r.AmtPurchase); !r.Success || diff != "" {
			p.t.Errorf("success %v, amount (-want +got):\n%s", r.Success, diff)
		}
		p.moved(1000)
	}
}

func cents(n int64) *int64 { return &n }

// doubled says everything twice.
func doubled(lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l, l)
	}
	return out
}

func arrivesLate(p *pos) {
	status, session := p.try()
	if asked, _ := p.ask(session); status != 0 || asked != http.StatusNotFound {
		p.t.Errorf("post %d, asked %d", status, asked)
	}
	if !p.settle(session).Response.Success {
		p.t.Error("the sale did not run")
	}
	p.moved(1000)
}

// repeats sends the same sale twice, as a POS does after it got a new token.
func repeats(first, second int) func(*pos) {
	return func(p *pos) {
		session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
		if status := p.post(session, "transaction", body); status != first {
			p.t.Errorf("first: %d, want %d", status, first)
		}
		p.token = p.newToken()
		if status := p.post(session, "transaction", body); status != second {
			p.t.Errorf("second: %d, want %d", status, second)
		}
		p.settle(session)
		p.moved(1000)
	}
}

func losesItsToken(p *pos) {
	status, session := p.try()
	if asked, _ := p.ask(session); status != http.StatusAccepted || asked != http.StatusUnauthorized {
		p.t.Errorf("post %d, asked %d", status, asked)
	}
	p.token = p.newToken()
	p.settle(session)
	p.moved(1000)
}

func isForgotten(p *pos) {
	session := p.charge(1000)
	p.finished(session)
	for range 5 {
		if status, _ := p.ask(session); status != http.StatusNotFound {
			p.t.Errorf("asked: %d, want 404", status)
		}
	}
	p.moved(1000)
}

func looksOdd(p *pos) {
	session := p.charge(1000)
	calls := p.hears(session, len(tapStory()))
	status, body := p.send("GET", "/v1/sessions/"+session+"/transaction", p.token, "")
	for _, text := range []string{calls[0].Body, calls[len(calls)-1].Body, body} {
		if status != http.StatusOK || !strings.Contains(strings.ToLower(text), `"vendornote"`) {
			p.t.Errorf("%d, ordinary: %s", status, text)
		}
	}
	p.moved(1000)
}

func losesEvents(p *pos) {
	p.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	session := p.charge2(1000)
	p.finished(session)
	if status, _ := p.poll(session, "false"); status != 0 {
		p.t.Errorf("first poll: %d, want a cut connection", status)
	}
	for end, got := time.Now().Add(15*time.Second), 0; got < len(tapStory()); {
		_, all := p.poll(session, "true")
		if got = len(all); time.Now().After(end) {
			p.t.Fatalf("only %q on the list", tale(all))
		}
	}
	p.moved(1000)
}

// staysQuiet checks that the question alone brings the result.
func staysQuiet(code string) func(*pos) {
	return func(p *pos) {
		session := p.charge(1000)
		if r := p.settle(session).Response; r.ResponseCode != code || r.Success != (code == "00") {
			p.t.Errorf("result %+v", r)
		}
		swallowed := func() (n int) {
			for _, c := range p.sim.Callbacks() {
				if c.Session == session && c.Fault == sim.CallbackDropped {
					n++
				}
			}
			return n
		}
		for end := time.Now().Add(15 * time.Second); swallowed() < len(tapStory()) && time.Now().Before(end); {
			p.send("GET", "/control/callbacks", "", "") // until the last one is written down
		}
		if got := p.heard(session); len(got) != 0 {
			p.t.Errorf("heard %q", story(got))
		}
	}
}

func comesLate(p *pos) {
	session := p.charge(1000)
	p.settle(session)
	if got := p.heard(session); len(got) != 0 {
		p.t.Errorf("heard already: %q", story(got))
	}
	p.hears(session, len(tapStory()))
}

func comesFirst(p *pos) {
	session := p.charge(1000) // returns with the 202
	if got := story(p.heard(session)); len(got) == 0 || got[0] != "display PRESENT CARD" {
		p.t.Errorf("heard before the 202: %q", got)
	}
	p.settle(session)
}

func hasForeignHeaders(p *pos) {
	session := p.charge(1000)
	for _, c := range p.hears(session, len(tapStory())) {
		if c.Auth == header || c.Auth == "" {
			p.t.Errorf("%s came with %q", c.Env.ResponseType, c.Auth)
		}
	}
}

func isForged(p *pos) {
	session := p.charge(1000)
	calls := p.hears(session, len(tapStory())+1)
	forged, honest := calls[len(calls)-2], calls[len(calls)-1]
	if !forged.Env.Response.Success || *forged.Env.Response.AmtPurchase != 1000 || forged.Auth == header {
		p.t.Errorf("forged: %q %s", forged.Auth, forged.Body)
	}
	if honest.Env.Response.Success || honest.Env.Response.ResponseCode != "05" || honest.Auth != header {
		p.t.Errorf("real: %q %s", honest.Auth, honest.Body)
	}
	p.moved()
}

func isSilent(p *pos) {
	session := p.charge(1000)
	if status, _ := p.ask(session); status != http.StatusAccepted || len(p.term.Screen().Lines) != 0 || len(p.heard(session)) != 0 {
		p.t.Errorf("meanwhile: %d, screen %q, heard %q", status, p.term.Screen().Lines, story(p.heard(session)))
	}
	p.settle(session)
	p.moved(1000)
}

// isPairedAgain pairs the terminal again after the sale and asks with the new secret.
func isPairedAgain(status int) func(*pos) {
	return func(p *pos) {
		session := p.charge(1000)
		p.finished(session)
		asked, _ := p.ask(session)
		if _, alive := p.tryToken(); alive || asked != http.StatusUnauthorized || p.term.PairCode() == "" {
			p.t.Errorf("asked %d, secret alive %v, code %q", asked, alive, p.term.PairCode())
		}
		p.secret = p.term.PairExisting()
		p.token = p.newToken()
		if got, _ := p.ask(session); got != status {
			p.t.Errorf("after pairing: %d, want %d", got, status)
		}
		p.moved(1000)
	}
}

// losesAKey presses CANCEL twice; only the second press counts.
func losesAKey(status int) func(*pos) {
	return func(p *pos) {
		p.term.AutoOff()
		session := p.charge(1000)
		p.see("PRESENT CARD")
		if got := p.key(session, "0", ""); got != status || p.term.Screen().Wants != "card" {
			p.t.Errorf("first: %d, want %d; screen %q", got, status, p.term.Screen().Lines)
		}
		if got := p.key(session, "0", ""); got != http.StatusOK || p.settle(session).Response.ResponseCode != "TM" {
			p.t.Errorf("second: %d", got)
		}
	}
}

func isSigned(p *pos) {
	session := p.charge(1000)
	p.see("SIGNATURE OK?")
	p.key(session, "1", "")
	if r := p.settle(session).Response; !r.Success || r.ResponseCode != "08" {
		p.t.Errorf("result %+v", r)
	}
	p.moved(1000)
}

func lies(p *pos) {
	session := p.charge(1000)
	calls := p.hears(session, len(tapStory()))
	want := append(tapStory()[:5:5], "transaction 05")
	if diff := cmp.Diff(want, story(calls)); diff != "" || calls[5].Env.Response.Success {
		p.t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	p.moved()
}

func waitsForOK(p *pos) {
	session := p.charge(1000)
	if d := p.see("SYSTEM ERROR"); !d.OK {
		p.t.Errorf("display %+v", d)
	}
	p.key(session, "0", "")
	if r := p.settle(session).Response; r.Success || r.ResponseCode != "50" {
		p.t.Errorf("result %+v", r)
	}
	p.moved()
}

func approvesHalf(p *pos) {
	if r := p.settle(p.charge(1051)).Response; !r.Success || *r.AmtPurchase != 525 {
		p.t.Errorf("result %+v", r)
	}
	p.moved(525)
}

func addsASurcharge(p *pos) {
	r := p.settle(p.charge(1000)).Response
	if !r.Success || *r.AmtPurchase != 1000 || r.PurchaseAnalysisData["SUR"] != "000000015" || r.PurchaseAnalysisData["AMT"] != "000001015" {
		p.t.Errorf("result %+v", r)
	}
	p.moved(1015)
}
