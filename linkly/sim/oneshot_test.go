package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestAOneShotHappensAsOftenAsOrderedAndThenNoMore(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.sim.Next(sim.Get503, 3)
	var got []int
	for range 5 {
		status, _ := p.ask("11111111-2222-4333-8444-555555555555")
		got = append(got, status)
	}
	if want := [5]int{503, 503, 503, 404, 404}; [5]int(got) != want {
		t.Errorf("statuses %v, want %v", got, want)
	}
}

func TestAOneShotWaitsForItsOccasion(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.Post500Accepted, 1)
	p.job("logon", `{}`) // no occasion: only transactions are spoilt
	session := uuid.NewString()
	if status := p.post(session, "transaction", p.sale("P", 1000, newRef(), "")); status != http.StatusInternalServerError {
		t.Errorf("the sale: %d, want 500", status)
	}
	if status := p.post(uuid.NewString(), "transaction", p.sale("P", 1000, newRef(), "")); status != http.StatusAccepted {
		t.Errorf("the next sale: %d, want 202", status)
	}
}

func TestFaultsChangeWhileTheSimRuns(t *testing.T) {
	t.Parallel()
	p := start(t)
	faults := sim.Faults{sim.Get500: 1}
	p.sim.SetFaults(faults)
	delete(faults, sim.Get500) // the caller's map is its own
	if status, _ := p.ask("11111111-2222-4333-8444-555555555555"); status != 500 {
		t.Errorf("after SetFaults: %d, want 500", status)
	}
	p.sim.Faults()[sim.Get500] = 0 // and so is the copy that it gets
	if status, _ := p.ask("11111111-2222-4333-8444-555555555555"); status != 500 {
		t.Errorf("after changing a copy: %d, want 500", status)
	}
	p.sim.SetFaults(nil)
	if status, _ := p.ask("11111111-2222-4333-8444-555555555555"); status != 404 {
		t.Errorf("calm: %d, want 404", status)
	}
}

func TestARedirectAndALimitSayWhatTheyWant(t *testing.T) {
	t.Parallel()
	p := start(t)
	for fault, want := range map[sim.Fault][2]string{
		sim.PostRedirect: {"Location", "/v1/sessions/"}, sim.Post429: {"Retry-After", "1"},
	} {
		p.sim.Next(fault, 1)
		req, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/v1/sessions/"+uuid.NewString()+"/transaction?async=true",
			strings.NewReader(p.sale("P", 1000, newRef(), "")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+p.token)
		res, err := p.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Get(want[0]); !strings.HasPrefix(got, want[1]) {
			t.Errorf("%s: %s is %q, want %q", fault, want[0], got, want[1])
		}
	}
}

func TestTheVirtualCustomersSignatureMayBeRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Signature: sim.KeyNo})
	if r := p.settleOne(4208).Response; r.Success || r.ResponseCode != "TL" || len(p.sim.Charges()) != 0 {
		t.Errorf("result %+v, charges %+v", r, p.sim.Charges())
	}
}

func TestTheSupervisorMayCancelARefund(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settleOne(5000).Response.PurchaseAnalysisData["RFN"]
	p.term.Script(sim.Script{Supervisor: "4711"})
	session := uuid.NewString()
	p.post(session, "transaction", p.sale("R", 1000, newRef(), rfn))
	p.see("REFUND PASSWORD?")
	if status := p.key(session, "0", ""); status != http.StatusOK {
		t.Errorf("cancel: %d", status)
	}
	if r := p.settle(session).Response; r.ResponseCode != "TM" {
		t.Errorf("result %s", r.ResponseCode)
	}
	p.clean()
}

func TestEveryProcessOfAPOSMayHoldItsOwnToken(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	first := p.token
	p.token = p.newToken()
	if first == p.token {
		t.Fatal("the same token was given twice")
	}
	session := p.charge(1000)
	p.settle(session)
	p.token = first
	if status, e := p.ask(session); status != http.StatusOK || !e.Response.Success {
		t.Errorf("with the older token: %d", status)
	}
	p.clean()
}
