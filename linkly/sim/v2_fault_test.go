package sim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestFaultsOfAV2PostTellTheTruthOnlyToWhoPolls(t *testing.T) {
	t.Parallel()
	cases := []struct {
		fault    sim.Fault
		status   int // 0 = connection cut
		accepted bool
	}{
		{sim.PostLost, 0, false},
		{sim.PostCut, 0, true},
		{sim.PostLate, 0, true},
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
			if status, _ := p.post2(session, "transaction", sale2("P", 1000, newRef())); status != c.status {
				t.Errorf("post: %d, want %d", status, c.status)
			}
			if !c.accepted {
				if status, _ := p.poll(session, "false"); status != http.StatusNotFound {
					t.Errorf("poll: %d, want 404", status)
				}
				return
			}
			p.settle(session) // a late one has no list before it arrived
			if !last(p.follow(session, "transaction")).Success || len(p.sim.Charges()) != 1 {
				t.Error("the sale did not run")
			}
			p.clean()
		})
	}
}

func TestFaultsOfTheV2QuestionsPassAndNothingIsLost(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	// A kept connection would make net/http repeat a GET that was cut, and hide the fault.
	p.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	session := uuid.NewString()
	p.post2(session, "transaction", sale2("P", 1000, "ORDER7"))
	p.settle(session)
	for fault, want := range map[sim.Fault]int{
		sim.Get400: 400, sim.Get401: 401, sim.Get404: 404, sim.Get408: 408, sim.Get500: 500, sim.Get503: 503, sim.GetCut: 0,
		sim.GetEmpty: 200, sim.GetHTML: 200,
	} {
		p.sim.Next(fault, 2)
		if status, news := p.poll(session, "false"); status != want || news != nil {
			t.Errorf("%s: %d %q", fault, status, tale(news))
		}
		if status, found := p.lookup("ORDER7", "ReferenceNo"); status != want || found != nil {
			t.Errorf("%s of the history: %d", fault, status)
		}
	}
	if got := tale(p.follow(session, "transaction")); !cmp.Equal(tapStory(), got) {
		t.Errorf("afterwards: %q", got)
	}
}

func TestAnAnswerThatIsLostOnItsWayTakesItsEventsAlong(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	session := p.charge2(1000)
	p.settle(session)
	for end, listed := time.Now().Add(15*time.Second), 0; listed < len(tapStory()) && time.Now().Before(end); {
		_, all := p.poll(session, "true")
		listed = len(all)
	}
	p.sim.Next(sim.PollCut, 1)
	if status, _ := p.poll(session, "false"); status != 0 {
		t.Errorf("poll: %d, want a cut connection", status)
	}
	if status, _ := p.poll(session, "false"); status != http.StatusTooEarly {
		t.Errorf("again: %d, want 425: they were handed out", status)
	}
	if _, all := p.poll(session, "true"); !cmp.Equal(tapStory(), tale(all)) {
		t.Errorf("all: %q", tale(all))
	}
}

func TestFaultsOfCallbacksHappenToV2EventsToo(t *testing.T) {
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
		{sim.CallbackEarly, tapStory()},       // there is no 202 to overtake
		{sim.CallbackWrongHeader, tapStory()}, // nor a header
	}
	for _, c := range cases {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			p := start(t, func(cfg *sim.Config) { cfg.Timing.CallbackDelay = 300 * time.Millisecond })
			p.term.Auto(sim.AutoConfig{})
			p.sim.Next(c.fault, 1)
			session := p.charge2(1000)
			var got []flat
			for end := time.Now().Add(15 * time.Second); len(got) < len(c.want) && time.Now().Before(end); {
				_, news := p.poll(session, "false")
				got = append(got, news...)
			}
			if diff := cmp.Diff(c.want, tale(got)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if log := p.sim.Callbacks(); len(c.want) != len(tapStory()) && !slices.ContainsFunc(log, func(cb sim.Callback) bool { return cb.Fault == c.fault }) {
				t.Errorf("the log does not name the fault: %+v", log)
			}
		})
	}
}

func TestAForgottenV2SessionIsUnknownEverywhere(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.ResultForgotten, 1)
	session := uuid.NewString()
	p.post2(session, "transaction", sale2("P", 1000, "ORDER7"))
	if err := p.sim.Finished(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if status, _ := p.poll(session, "true"); status != 404 {
		t.Errorf("poll: %d, want 404", status)
	}
	if status, _ := p.lookup("ORDER7", "ReferenceNo"); status != 404 {
		t.Errorf("history: %d, want 404", status)
	}
	if c := p.sim.Charges(); len(c) != 1 || !c[0].Approved {
		t.Errorf("charges %+v", c)
	}
}

func TestPairingAgainEndsThePollingUntilThereIsANewToken(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge2(1000)
	p.see("PRESENT CARD")
	p.secret = p.term.PairExisting()
	if status, _ := p.poll(session, "false"); status != 401 {
		t.Errorf("with the old token: %d, want 401", status)
	}
	p.token = p.newToken()
	p.press(sim.Press{Key: sim.KeyTap})
	if !last(p.follow(session, "transaction")).Success {
		t.Error("the sale did not run")
	}
}

func TestOddShapesAreFlatToo(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge2(1000)
	p.follow(session, "transaction")
	p.sim.SetFaults(sim.Faults{sim.OddShapes: 1})
	_, body := p.send("GET", "/v2/sessions/"+session+"/result?all=true", p.token, "")
	for _, want := range []string{`"responseType":"display"`, `"AmtTip":null`, `"authCode":"100001"`, `"purchaseAnalysisData":[]`, `"success":true`} {
		if !strings.Contains(body, want) {
			t.Errorf("lacks %s:\n%s", want, body)
		}
	}
}

func TestACloseEndsALongPoll(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.LongPoll = time.Minute })
	session := p.charge2(1000)
	p.see("PRESENT CARD")
	p.poll(session, "false")
	ended := make(chan int, 1)
	go func() {
		status, _ := p.poll(session, "false")
		ended <- status
	}()
	p.sim.Close()
	if status := <-ended; status != http.StatusTooEarly && status != http.StatusServiceUnavailable {
		t.Errorf("poll: %d", status)
	}
}
