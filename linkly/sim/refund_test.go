package sim_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// refund sends a refund of a purchase and waits for its result.
func (p *pos) refund(cents int64, rfn string) envelope {
	p.t.Helper()
	session := uuid.NewString()
	if status := p.post(session, "transaction", p.sale("R", cents, newRef(), rfn)); status != http.StatusAccepted {
		p.t.Fatalf("refund: %d", status)
	}
	return p.settle(session)
}

func TestRefundsFindTheirPurchaseAndNeverExceedIt(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]

	steps := []struct {
		name  string
		cents int64
		rfn   string
		code  string
	}{
		{"more than was paid", 5100, rfn, "64"},
		{"a part", 3000, rfn, "00"},
		{"more than is left", 2100, rfn, "64"},
		{"the rest", 2000, rfn, "00"},
		{"once more", 100, rfn, "64"},
		{"an unknown purchase", 100, "6241003188420001", "12"},
		{"cents decide a refund too", 51, rfn, "51"},
	}
	for _, s := range steps {
		r := p.refund(s.cents, s.rfn).Response
		if r.ResponseCode != s.code || r.Success != (s.code == "00") {
			t.Errorf("%s: %s %v, want %s", s.name, r.ResponseCode, r.Success, s.code)
		}
	}
	var back int64
	for _, c := range p.sim.Charges() {
		if c.Type == "R" {
			back += c.Amount
		}
	}
	if back != 5000 {
		t.Errorf("given back %d, want 5000", back)
	}
	p.clean()
}

func TestARefundOfARefundOrOfADeclineIsNotPossible(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	refund := p.refund(1000, rfn).Response.PurchaseAnalysisData["RFN"]
	if refund == "" || refund == rfn {
		t.Fatalf("RFN of the refund: %q", refund)
	}
	if r := p.refund(100, refund).Response; r.ResponseCode != "12" {
		t.Errorf("refund of a refund: %s", r.ResponseCode)
	}
	if pad := p.settle(p.charge(1051)).Response.PurchaseAnalysisData; pad["RFN"] != "" {
		t.Errorf("a decline has RFN %q", pad["RFN"])
	}
}

func TestARefundWithoutRFNIsNotedAndDeclined(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	if r := p.refund(1000, "").Response; r.ResponseCode != "12" || r.Success {
		t.Errorf("result %s", r.ResponseCode)
	}
	if got := rules(p.sim.Violations()); got != "refund-rfn" {
		t.Errorf("rules %q", got)
	}
}

func TestTheTerminalsOwnLimitAndTheBanksPermissionStopRefunds(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	cases := []struct {
		code string
		cfg  sim.TerminalConfig
	}{{"61", sim.TerminalConfig{RefundLimit: 900}}, {"58", sim.TerminalConfig{NoRefunds: true}}}
	for _, c := range cases {
		other := p.sim.AddTerminal(c.cfg)
		other.Auto(sim.AutoConfig{})
		p.secret = other.PairExisting()
		p.token = p.newToken()
		if r := p.refund(1000, rfn).Response; r.ResponseCode != c.code {
			t.Errorf("result %s, want %s", r.ResponseCode, c.code)
		}
	}
}

func TestTwoTerminalsCannotRefundTheSameMoney(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	var wg sync.WaitGroup
	var mu sync.Mutex
	approved := 0
	for range 6 {
		term := p.sim.AddTerminal(sim.TerminalConfig{})
		term.Auto(sim.AutoConfig{})
		q := p2(p, term)
		wg.Go(func() {
			if q.refund(5000, rfn).Response.Success {
				mu.Lock()
				approved++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if approved != 1 {
		t.Errorf("%d refunds approved, want 1", approved)
	}
}

// p2 is another till of the same shop with its own terminal.
func p2(p *pos, term *sim.Terminal) *pos {
	q := &pos{t: p.t, sim: p.sim, url: p.url, own: p.own, term: term, clock: p.clock, http: p.http, signal: make(chan struct{})}
	q.secret = term.PairExisting()
	q.token = q.newToken()
	return q
}

func TestASupervisorHasToEnterThePasswordOnThePOS(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	p.term.Script(sim.Script{Supervisor: "4711"})
	for password, code := range map[string]string{"4711": "00", "0000": "57"} {
		session := uuid.NewString()
		p.post(session, "transaction", p.sale("R", 1000, newRef(), rfn))
		d := p.see("REFUND PASSWORD?")
		for d.Session != session { // the same question may still stand there from the refund before
			d = p.see("REFUND PASSWORD?")
		}
		if !d.Auth || !d.Cancel || d.Input != "4" {
			t.Errorf("question %+v", d)
		}
		if status := p.key(session, "3", password); status != http.StatusOK {
			t.Errorf("AUTH: %d", status)
		}
		if r := p.settle(session).Response; r.ResponseCode != code {
			t.Errorf("password %s: %s, want %s", password, r.ResponseCode, code)
		}
	}
	for _, r := range p.sim.Requests() {
		if strings.Contains(r.Body, "4711") || strings.Contains(r.Body, p.secret) || strings.Contains(r.Body, "6fQ2") {
			t.Errorf("a secret in the log: %s", r.Body)
		}
	}
}
