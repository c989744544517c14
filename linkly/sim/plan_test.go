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

// setup makes a scenario happen to the next sale.
func (p *pos) setup(name string) {
	p.t.Helper()
	sc, ok := sim.ScenarioNamed(name)
	if !ok {
		p.t.Fatalf("no scenario %s", name)
	}
	sc.Setup(p.term)
}

func TestAPlannedSaleIsShelteredFromTheWeather(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.SetFaults(sim.Faults{
		sim.Post500: 1, sim.PostCut: 1, sim.Get503: 1, sim.CallbackDropped: 1, sim.OddShapes: 1, sim.TokenDies: 1, sim.TerminalOffline: 1,
	})
	p.setup("amount_zero")
	session := p.charge(1000)
	if diff := cmp.Diff(tapStory(), story(p.hears(session, len(tapStory())))); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	if r := p.settle(session).Response; !r.Success || *r.AmtPurchase != 0 {
		t.Errorf("result %+v", r)
	}
	if status, _ := p.try(); status != http.StatusInternalServerError {
		t.Errorf("the next sale: %d, want 500", status)
	}
}

func TestAOneShotStrikesAPlannedSaleToo(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.setup("signature")
	p.sim.Next(sim.Post503Accepted, 1)
	if status, _ := p.try(); status != http.StatusServiceUnavailable {
		t.Errorf("post: %d, want 503", status)
	}
}

func TestAPlanIsForOneTerminalAndForSalesOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	other := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
	other.term.Auto(sim.AutoConfig{})
	p.setup("offline")
	if status, _ := other.send("POST", "/v1/sessions/"+uuid.NewString()+"/transaction?async=false", other.token,
		p.sale("P", 1000, newRef(), "")); status != http.StatusOK {
		t.Errorf("another terminal: %d", status)
	}
	p.moved(1000)
	if _, e := p.job("logon", `{}`); !e.Response.Success {
		t.Errorf("a logon: %+v", e.Response)
	}
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "PF" {
		t.Errorf("the sale: %+v", r)
	}
}

func TestAPlanStaysWithItsSessionHoweverOftenThatIsSent(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.term.NextSale(sim.Plan{Name: "twice", Faults: map[sim.Fault]int{sim.Post500: 2}, Script: &sim.Script{Code: "00", PartialRate: 5000}})
	session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	p.post(session, "transaction", body)
	p.setup("busy") // for another sale
	for i, want := range []int{500, 202} {
		if status := p.post(session, "transaction", body); status != want {
			t.Errorf("repeat %d: %d, want %d", i+1, status, want)
		}
	}
	if r := p.settle(session).Response; !r.Success || *r.AmtPurchase != 500 {
		t.Errorf("result %+v", r)
	}
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "BY" {
		t.Errorf("the other sale: %+v", r)
	}
}

func TestARepeatOfAnOldSaleDoesNotUseUpAPlan(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	p.post(session, "transaction", body)
	p.settle(session)
	p.setup("busy")
	if status := p.post(session, "transaction", body); status != http.StatusConflict {
		t.Errorf("repeat: %d, want 409", status)
	}
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "BY" {
		t.Errorf("the new sale: %+v", r)
	}
}

func TestAPlanIsReplacedAndTakenBack(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.setup("busy")
	p.setup("offline")
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "PF" {
		t.Errorf("result %+v", r)
	}
	p.setup("busy")
	p.term.NextSale(sim.Plan{})
	p.ordinary()
}

func TestAPlanDoesNotChangeWithTheCallersMap(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	faults := map[sim.Fault]int{sim.TerminalBusy: 1}
	p.term.NextSale(sim.Plan{Faults: faults})
	delete(faults, sim.TerminalBusy)
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "BY" {
		t.Errorf("result %+v", r)
	}
}

func TestScenariosHappenToV2Alike(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		status int
		want   []string
	}{
		{"answer_lost", 0, tapStory()},
		{"timeout_started", 408, tapStory()},
		{"busy", 200, []string{"transaction BY"}},
		{"display_lies", 200, append(tapStory()[:5:5], "transaction 05")},
		{"callbacks_doubled", 200, doubled(tapStory())},
		{"callback_forged", 200, []string{"display PRESENT CARD", "display PROCESSING", "receipt C", "receipt M", "display DECLINED", "transaction 05"}},
		{"callback_first", 200, tapStory()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			p.term.Auto(sim.AutoConfig{})
			p.setup(c.name)
			session := uuid.NewString()
			if status, _ := p.post2(session, "transaction", sale2("P", 1000, newRef())); status != c.status {
				t.Errorf("post: %d, want %d", status, c.status)
			}
			events := p.follow(session, "transaction")
			for end := time.Now().Add(15 * time.Second); len(events) < len(c.want) && time.Now().Before(end); {
				_, news := p.poll(session, "false")
				events = append(events, news...)
			}
			if diff := cmp.Diff(c.want, tale(events)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			p.clean()
		})
	}
}

func TestV2MeetsTheScenariosOfQuestions(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"status_empty": 200, "status_html": 200, "status_denied": 404, "status_timeout": 408} {
		p := start(t)
		p.term.Auto(sim.AutoConfig{})
		p.setup(name)
		session := p.charge2(1000)
		for range 3 {
			if got, news := p.poll(session, "false"); got != status || news != nil {
				t.Errorf("%s: %d %q", name, got, tale(news))
			}
		}
		if got := tale(p.follow(session, "transaction")); !cmp.Equal(tapStory(), got) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAProgramPicksAScenario(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	var list []struct{ Name, Group, Sentence string }
	p.control("GET", "/scenarios", "", &list)
	if len(list) != len(sim.Scenarios()) || list[0].Name != sim.Scenarios()[0].Name || list[0].Sentence == "" || list[0].Group == "" {
		t.Errorf("list %+v", list)
	}
	var v struct{ ID, Scenario string }
	if status := p.control("POST", "/scenario", `{"name":"busy","terminal":"t1"}`, &v); status != 200 || v.ID != "t1" || v.Scenario != "busy" {
		t.Errorf("%d %+v", status, v)
	}
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "BY" {
		t.Errorf("result %+v", r)
	}
	if p.control("GET", "/terminals/t1", "", &v); v.Scenario != "" {
		t.Errorf("still waiting: %q", v.Scenario)
	}
	p.control("POST", "/scenario", `{"name":"busy","terminal":"t1"}`, nil)
	if status := p.control("POST", "/scenario", `{"name":"","terminal":"t1"}`, &v); status != 200 || v.Scenario != "" {
		t.Errorf("taken back: %d %+v", status, v)
	}
	p.ordinary()
	for body, want := range map[string]int{
		`{"name":"meteor","terminal":"t1"}`: 400, `{"name":"busy","terminal":"t9"}`: 404, `{"name":"busy"}`: 404, `{"scenario":"busy"}`: 400, `[`: 400,
	} {
		if status := p.control("POST", "/scenario", body, nil); status != want {
			t.Errorf("%s: %d, want %d", body, status, want)
		}
	}
}

func TestAPersonPicksAScenarioOnThePage(t *testing.T) {
	t.Parallel()
	p := start(t)
	s := browser(t, p.url+"/pad/t1")
	s.sees("scenario", "Paired again forgotten")
	s.choose("scenario", "partial")
	s.sees("scenario-sentence", "The bank approves half of the amount.")
	s.shot("pad-scenario", 1280, 900)
	s.shot("pad-scenario-360", 360, 800)
	session := p.charge(4200)
	s.click("key-tap")
	s.sees("scenario-sentence", "Met by the last sale: The bank approves half")
	if r := p.settle(session).Response; *r.AmtPurchase != 2100 {
		t.Errorf("result %+v", r)
	}
	s.sees("charges", "21.00")
	s.choose("scenario", "busy")
	s.sees("scenario-sentence", "BY")
	s.choose("scenario", "")
	if got := s.text("scenario-sentence"); strings.Contains(got, "Met") {
		t.Errorf("taken back, and the page says %q", got)
	}
	for _, width := range []int64{360, 1280} {
		s.fits(width)
	}
}
