package sim_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// outcome is what a till believes after it asked long enough.
type outcome struct {
	session  string
	approved bool
	known    bool // false: the service denied the session for good
}

// Four tills sell in foul weather. Whatever the answers of their POSTs were, what the status question says in the end is
// what happened to the money.
func TestInFoulWeatherTheStatusQuestionAgreesWithTheMoney(t *testing.T) {
	t.Parallel()
	sellInFoulWeather(t, (*pos).sellAnyhow)
}

func TestInFoulWeatherTheListAndTheHistoryOfV2AgreeWithTheMoney(t *testing.T) {
	t.Parallel()
	sellInFoulWeather(t, (*pos).sellAnyhow2)
}

func sellInFoulWeather(t *testing.T, sell func(*pos, int64) outcome) {
	t.Helper()
	faults := sim.Faults{}
	for _, f := range sim.AllFaults() {
		faults[f] = .15
	}
	for _, liar := range []sim.Fault{sim.ResultForgotten, sim.RepairForgets, sim.Silence, sim.Get404, sim.PairedAgain} {
		delete(faults, liar)
	}
	p := start(t, func(c *sim.Config) {
		c.Seed = 42
		c.Timing.LateArrival, c.Timing.CallbackDelay = 5*time.Millisecond, 5*time.Millisecond
	})
	p.http.Transport = &http.Transport{DisableKeepAlives: true}

	var mu sync.Mutex
	var outcomes []outcome
	var wg sync.WaitGroup
	for range 4 {
		q := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
		q.term.Auto(sim.AutoConfig{Method: sim.KeyInsert})
		wg.Go(func() {
			for i := range 15 {
				o := sell(q, []int64{1000, 1051, 2000}[i%3])
				mu.Lock()
				outcomes = append(outcomes, o)
				mu.Unlock()
			}
		})
	}
	p.sim.SetFaults(faults)
	wg.Wait()

	money := map[string]bool{}
	for _, c := range p.sim.Charges() {
		if _, twice := money[c.Session]; twice {
			t.Errorf("session %s was decided twice", c.Session)
		}
		money[c.Session] = c.Approved
	}
	unknown := 0
	for _, o := range outcomes {
		if !o.known {
			unknown++
		}
		if approved := money[o.session]; approved != o.approved {
			t.Errorf("session %s: the till says %v, the money %v", o.session, o.approved, approved)
		}
	}
	if len(outcomes) != 60 || unknown == 0 || unknown > 50 {
		t.Errorf("%d sales, %d of them never arrived", len(outcomes), unknown)
	}
	p.clean()
}

// sellAnyhow sends a sale once and asks until the answer is certain.
func (p *pos) sellAnyhow(cents int64) outcome {
	session := uuid.NewString()
	p.post(session, "transaction", p.sale("P", cents, newRef(), ""))
	return p.askAnyhow(session, func() (status int, certain, approved bool) {
		status, e := p.ask(session)
		return status, e.ResponseType == "transaction", e.Response.Success
	})
}

// sellAnyhow2 sends a sale over v2. A result that never came onto the list is looked up in the history.
func (p *pos) sellAnyhow2(cents int64) outcome {
	session, ref := uuid.NewString(), newRef()
	p.post2(session, "transaction", sale2("P", cents, ref))
	return p.askAnyhow(session, func() (status int, certain, approved bool) {
		status, events := p.poll(session, "true")
		_, found := p.lookup(ref, "ReferenceNo")
		for _, e := range append(events, found...) {
			if e.ResponseType == "transaction" {
				return status, true, e.Success
			}
		}
		return status, false, false
	})
}

// askAnyhow asks until the answer is certain.
func (p *pos) askAnyhow(session string, ask func() (status int, certain, approved bool)) outcome {
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()

	for denied := 0; ctx.Err() == nil; {
		status, certain, approved := ask()
		switch {
		case certain:
			return outcome{session, approved, true}
		case status == 401:
			p.retoken()
		case status == 404:
			if denied++; denied > 2 {
				return outcome{session: session}
			}
			// A late request may still be on its way: longer than that there is none.
			late, stop := context.WithTimeout(ctx, 60*time.Millisecond)
			if p.sim.Finished(late, session) == nil {
				denied = 0
			}
			stop()
		}
	}
	p.t.Errorf("no certain answer for %s", session)
	return outcome{session: session}
}

// retoken gets a new token in spite of faults.
func (p *pos) retoken() {
	for p.t.Context().Err() == nil {
		if token, ok := p.tryToken(); ok {
			p.token = token
			return
		}
	}
}
