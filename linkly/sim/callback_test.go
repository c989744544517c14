package sim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// sellTo sends a sale whose callbacks go to another address, and waits for its result.
func (p *pos) sellTo(address string) envelope {
	p.t.Helper()
	session := uuid.NewString()
	body := strings.Replace(p.sale("P", 1000, newRef(), ""), p.own, address, 1)
	if status := p.post(session, "transaction", body); status != http.StatusAccepted {
		p.t.Fatalf("post: %d", status)
	}
	return p.settle(session)
}

func TestACallbackIsNotRepeatedWhateverThePOSAnswers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 204, 302, 400, 401, 404, 500, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			var calls, elsewhere atomic.Int32
			last := make(chan struct{}, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					elsewhere.Add(1)
					return
				}
				calls.Add(1)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
				if strings.HasSuffix(r.URL.Path, "/transaction") {
					last <- struct{}{}
				}
			}))
			defer server.Close()

			p := start(t)
			p.term.Auto(sim.AutoConfig{})
			if !p.sellTo(server.URL).Response.Success {
				t.Error("the sale failed because of the POS")
			}
			<-last
			p.sim.Close()
			if got := int(calls.Load()); got != len(tapStory()) {
				t.Errorf("%d calls for %d events", got, len(tapStory()))
			}
			if elsewhere.Load() != 0 {
				t.Error("a redirect was followed")
			}
		})
	}
}

func TestAPOSThatCannotBeReachedDoesNotHoldUpTheSale(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if !p.sellTo(gone.URL).Response.Success {
		t.Error("the sale failed because of the POS")
	}
	p.sim.Close()
	for _, c := range p.sim.Callbacks() {
		if c.Status != 0 || c.Fault != "" {
			t.Errorf("callback %+v", c)
		}
	}
}

func TestAPOSThatNeverAnswersIsGivenUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)

	p := start(t, func(c *sim.Config) { c.Timing.CallbackLimit = 5 * time.Millisecond })
	p.term.Auto(sim.AutoConfig{})
	if !p.sellTo(slow.URL).Response.Success {
		t.Error("the sale failed because of the POS")
	}
}

func TestCallbacksOfTwoTerminalsDoNotMix(t *testing.T) {
	t.Parallel()
	p := start(t)
	other := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
	p.term.Auto(sim.AutoConfig{})
	other.term.Auto(sim.AutoConfig{Card: "nofunds"})
	first, second := p.charge(1000), other.charge(2000)
	p.result(first, "transaction")
	p.result(second, "transaction")
	calls := p.await("both", func(c []callback) bool { return len(c) == 2*len(tapStory()) })

	stories := map[string][]callback{}
	for _, c := range calls {
		stories[c.Env.SessionID] = append(stories[c.Env.SessionID], c)
	}
	if diff := cmp.Diff(tapStory(), story(stories[first])); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	want := tapStory()
	want[4], want[5] = "display DECLINED", "transaction 51"
	if diff := cmp.Diff(want, story(stories[second])); diff != "" {
		t.Errorf("second (-want +got):\n%s", diff)
	}
}

func TestTheLogOfCallbacksSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.result(session, "transaction")
	p.sim.Close()
	log := p.sim.Callbacks()
	if len(log) != len(tapStory()) {
		t.Fatalf("%d entries, want %d", len(log), len(tapStory()))
	}
	want := sim.Callback{At: p.clock.Now(), Session: session, Type: "display", URI: p.own + "/n/op4que/{{type}}", Status: 200}
	if diff := cmp.Diff(want, log[0]); diff != "" {
		t.Errorf("first entry (-want +got):\n%s", diff)
	}
}

func TestDisplaysCarryEveryMember(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4200)
	p.see("PRESENT CARD")
	calls := p.await("one", func(c []callback) bool { return len(c) > 0 })
	want := `{"SessionId":"` + session + `","ResponseType":"display","Response":{"NumberOfLines":2,"LineLength":20,` +
		`"DisplayText":["PRESENT CARD        ","PURCHASE   AUD 42.00"],"CancelKeyFlag":true,"AcceptYesKeyFlag":false,` +
		`"DeclineNoKeyFlag":false,"AuthoriseKeyFlag":false,"OKKeyFlag":false,"InputType":"0","GraphicCode":"3","PurchaseAnalysisData":{}}}`
	if diff := cmp.Diff(want, calls[0].Body); diff != "" {
		t.Errorf("display (-want +got):\n%s", diff)
	}
}

func TestEachStepHasItsGraphicAndItsKeys(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4208)
	p.see("PRESENT CARD")
	p.press(sim.Press{Key: sim.KeyInsert})
	p.see("SELECT ACCOUNT")
	p.press(sim.Press{Key: sim.KeyCredit})
	p.see("SIGNATURE OK?")
	p.key(session, "1", "")
	p.result(session, "transaction")

	type step struct {
		Text, Graphic, Input    string
		Cancel, OK, Yes, No, AU bool
	}
	var got []step
	for _, c := range p.await("all", func([]callback) bool { return true }) {
		if r := c.Env.Response; c.Env.ResponseType == "display" {
			got = append(got, step{
				strings.TrimSpace(r.DisplayText[0]), r.GraphicCode, r.InputType,
				r.CancelKeyFlag, r.OKKeyFlag, r.AcceptYesKeyFlag, r.DeclineNoKeyFlag, r.AuthoriseKeyFlag,
			})
		}
	}
	want := []step{
		{Text: "PRESENT CARD", Graphic: "3", Input: "0", Cancel: true},
		{Text: "SELECT ACCOUNT", Graphic: "4", Input: "0", Cancel: true},
		{Text: "PROCESSING", Graphic: "0", Input: "0"},
		{Text: "SIGNATURE OK?", Graphic: "2", Input: "0", Yes: true, No: true},
		{Text: "APPROVED", Graphic: "6", Input: "0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("displays (-want +got):\n%s", diff)
	}
}
