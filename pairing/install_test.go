package pairing_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix"
	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/pairing"
	"receivepayment/secrets"
)

const (
	clientID     = "app.6a01"
	clientSecret = "client-secret"
	appURL       = "http://localhost:8600"
)

// office is a portal that can install us, and our side of the installation.
type office struct {
	*pairing.Portals
	sim *bitrixsim.Sim
}

// carrier carries requests, and dies with the request that it is told to: the
// goroutine that sends ends there, as it does when a process is killed.
type carrier struct {
	next http.RoundTripper
	sent atomic.Int64
	// dieAt is the number of the request that is the last; before it is sent, or
	// after it was answered.
	dieAt int64
	after bool
	// methods are what was sent, one request after the other.
	methods []string
}

func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	n := c.sent.Add(1)
	c.methods = append(c.methods, path.Base(r.URL.Path))
	if n == c.dieAt && !c.after {
		runtime.Goexit()
	}
	res, err := c.next.RoundTrip(r)
	if n == c.dieAt {
		if err == nil {
			_ = res.Body.Close()
		}
		runtime.Goexit()
	}
	return res, err
}

func newOffice(t *testing.T) *office {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	sim := bitrixsim.New(bitrixsim.Config{
		AppURL: appURL, PublicHost: host, ClientID: clientID, ClientSecret: clientSecret, Calm: true, Now: db.Now, RateBurst: -1,
	})
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: sim.Handler()}}
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(sim.Close)
	keys, err := secrets.LoadOrCreate(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{sim: sim, Portals: &pairing.Portals{
		DB: testkit.SQLite(t), Clock: db.Now, Keys: keys, Log: slog.New(slog.DiscardHandler),
		Handler: appURL + "/bitrix/app", EventHandler: appURL + "/bitrix/events",
	}}
	o.speak(t, "http://"+host+"/auth", http.DefaultTransport)
	return o
}

// speak gives the office a client that sends through the carrier: a process that
// was started anew.
func (o *office) speak(t *testing.T, auth string, by http.RoundTripper) {
	t.Helper()
	client, err := bitrix.New(bitrix.Config{
		ClientID: clientID, ClientSecret: clientSecret, AuthServers: []string{auth}, Now: db.Now, Transport: by,
		Rate: 10_000, Burst: 10_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Bitrix = client
}

// install runs the installer in a goroutine of its own, which may die.
func (o *office) install(ctx context.Context) (finished bool, err error) {
	e := o.sim.InstallForm(1)
	var wait sync.WaitGroup
	wait.Go(func() {
		_, err = o.Install(ctx, e.Body, e.Query)
		finished = true
	})
	wait.Wait()
	return finished, err
}

// furniture is everything that we made in the portal.
func (o *office) furniture() []string {
	systems, handlers := o.sim.PaySystems()
	all := append(systems, handlers...)
	all = append(all, o.sim.Placements()...)
	all = append(all, o.sim.Events()...)
	slices.Sort(all)
	return all
}

func TestAnInstallerThatIsKilledAnywhereLeavesOneOfEverything(t *testing.T) {
	t.Parallel()
	want := newOffice(t)
	counted := &carrier{next: http.DefaultTransport}
	want.speak(t, want.auth(), counted)
	if _, err := want.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(want.furniture()); got < 15 {
		t.Fatalf("the installer made only %d things: %v", got, want.furniture())
	}

	for _, request := range telling(counted.methods) {
		for _, after := range []bool{false, true} {
			o := newOffice(t)
			o.speak(t, o.auth(), &carrier{next: http.DefaultTransport, dieAt: request, after: after})
			if finished, _ := o.install(t.Context()); finished {
				t.Fatalf("request %d (after it: %v) did not kill the installer", request, after)
			}
			o.speak(t, o.auth(), http.DefaultTransport)
			o.Clock = func() time.Time { return db.Now().Add(time.Minute) } // what the dead one held has run out
			if _, err := o.install(t.Context()); err != nil {
				t.Fatalf("killed at request %d (after it: %v), the next one fails: %v", request, after, err)
			}
			if diff := cmp.Diff(want.furniture(), o.furniture()); diff != "" {
				t.Errorf("killed at request %d (after it: %v), this differs:\n%s", request, after, diff)
			}
		}
	}
}

// telling are the numbers of the requests worth dying at: of each method the
// first and, where something is made, the last.
func telling(methods []string) []int64 {
	var out []int64
	for i, method := range methods {
		last := !slices.Contains(methods[i+1:], method)
		if !slices.Contains(methods[:i], method) || (last && (strings.HasSuffix(method, "add") || strings.HasSuffix(method, "bind"))) {
			out = append(out, int64(i+1))
		}
	}
	return out
}

func TestAnInstallerThatIsRepeatedTenTimesAndTwiceAtOnceLeavesOneOfEverything(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			if _, err := o.install(t.Context()); err != nil {
				t.Errorf("two at once: %v", err)
			}
		})
	}
	wait.Wait()
	first := o.furniture()
	for range 10 {
		if _, err := o.install(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(first, o.furniture()); diff != "" {
		t.Errorf("it changed:\n%s", diff)
	}
	if doubled := slices.Compact(slices.Clone(first)); len(doubled) != len(first) {
		t.Errorf("something is there twice: %v", first)
	}
	if v := o.sim.Violations(); len(v) > 0 {
		t.Errorf("Bitrix24 would have refused: %+v", v)
	}
}

func TestEachStepMayFailAndBeTakenAgain(t *testing.T) {
	t.Parallel()
	for method, step := range map[string]string{
		"crm.status.list": "stages", "event.bind": "events", "placement.bind": "placements", "placement.list": "placements",
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.sim.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultAccessDenied, Method: method, Times: 1})
			_, err := o.install(t.Context())
			if err == nil || !strings.Contains(err.Error(), step) {
				t.Fatalf("the installer says %v", err)
			}
			id := o.sim.MemberID()
			p, err := o.Portal(t.Context(), id)
			if err != nil || p.Installed || p.Steps[step].Outcome != pairing.StepFailed || p.Steps[step].Text == "" {
				t.Fatalf("after the failure: installed %v, %+v, %v", p.Installed, p.Steps[step], err)
			}
			p, err = o.RunStep(t.Context(), id, "1", step)
			if err != nil || !p.Installed || p.Steps[step].Outcome != pairing.StepDone {
				t.Errorf("after the retry: installed %v, %+v, %v", p.Installed, p.Steps[step], err)
			}
		})
	}
}

func TestWhatSomebodyMovedIsPutBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if _, err := o.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := o.furniture()
	// The app's address was another one before: its tabs must not stay beside ours.
	o.Handler, o.EventHandler = appURL+"/old/app", appURL+"/old/events"
	if _, err := o.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.Handler, o.EventHandler = appURL+"/bitrix/app", appURL+"/bitrix/events"
	if _, err := o.Repair(t.Context(), o.sim.MemberID(), "1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, o.furniture()); diff != "" {
		t.Errorf("after the repair this differs:\n%s", diff)
	}
}

func TestAPortalWithoutAStoreInstallsAllTheSame(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.sim.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultAccessDenied, Method: "sale.persontype.list"})
	if _, err := o.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := o.Portal(t.Context(), o.sim.MemberID())
	if err != nil || !p.Installed || p.Steps["store"].Outcome != pairing.StepFailed {
		t.Errorf("installed %v, store %+v, %v", p.Installed, p.Steps["store"], err)
	}
}

// auth is the simulator's authorisation server.
func (o *office) auth() string {
	e := o.sim.InstallForm(1)
	return strings.TrimSuffix(e.Body.Get("SERVER_ENDPOINT"), "/rest/")
}
