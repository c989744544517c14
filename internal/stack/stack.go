// Package stack starts the whole product for a test: the real house on a fresh
// database, both simulators, real HTTP between them on loopback, and a small
// client that speaks the JSON face as an outside program would.
//
// The portal is at 127.0.0.1 and the app at localhost, so that a browser sees
// the app's frame as a cross-site one.
package stack

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/cmd/app/house"
	"receivepayment/db"
	"receivepayment/internal/testkit"
	linklysim "receivepayment/linkly/sim"
)

// Options choose what the product runs on. The zero value is the embedded
// default with simulators that behave.
type Options struct {
	Postgres bool // else SQLite
	Redis    bool // a real one, else embedded
	Wild     bool // let the simulators misbehave by themselves
	Seed     int64
	// Faults replaces the terminal provider's faults.
	Faults linklysim.Faults
	// Timing speeds the simulator's displays up; zero means nearly at once.
	Timing linklysim.Timing
	// Change edits the app's configuration before it starts.
	Change func(*house.Config)
	// RateBurst of the pretend portal; zero means no limit.
	RateBurst int
	// Scopes that the portal grants; nil means all that the app asks for.
	Scopes []string
}

// Stack is everything that runs.
type Stack struct {
	App    string // base URL of the app, http://localhost:…
	Portal string // base URL of the portal, http://127.0.0.1:…
	Pad    string // base URL of the terminal provider

	House  *house.House
	Config house.Config
	Bitrix *bitrixsim.Sim
	Linkly *linklysim.Sim
	// Terminal is the first virtual PIN pad.
	Terminal *linklysim.Terminal

	Log *Log
	// Tape keeps the body of every answer that a client got.
	Tape *Log
	t    testing.TB
	stop func()

	scopes []string // that the portal grants, when not all
}

// Start runs the product until the test ends.
func Start(t testing.TB, o Options) *Stack {
	t.Helper()
	s := &Stack{t: t, Log: &Log{echo: os.Getenv("TEST_LOG") == "1"}, Tape: &Log{}}
	addr := testkit.FreeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	s.App = "http://localhost:" + port

	s.scopes = o.Scopes
	s.startLinkly(o)
	s.startBitrix(o)
	s.Config = s.configure(o, addr)

	s.Run()
	return s
}

func (s *Stack) startLinkly(o Options) {
	if o.Timing == (linklysim.Timing{}) {
		o.Timing = linklysim.Fast()
	}
	s.Linkly = linklysim.New(linklysim.Config{
		Calm: !o.Wild && o.Faults == nil, Seed: o.Seed, Faults: o.Faults, Now: db.Now, Timing: o.Timing,
	})
	s.t.Cleanup(s.Linkly.Close)
	server := httptest.NewServer(s.Linkly.Handler())
	s.t.Cleanup(server.Close)
	s.Pad = server.URL
	s.Terminal = s.Linkly.AddTerminal(linklysim.TerminalConfig{
		Name: "Counter 1", Username: "demo", Password: "demo", Merchant: "Harbour Supplies",
	})
}

func (s *Stack) startBitrix(o Options) {
	portal := listen(s.t)
	host := portal.Addr().String()
	burst := o.RateBurst
	if burst == 0 {
		burst = -1
	}
	s.Bitrix = bitrixsim.New(bitrixsim.Config{
		AppURL: s.App, PublicHost: host, ClientID: house.DemoClientID, ClientSecret: house.DemoClientSecret,
		Calm: !o.Wild, Seed: o.Seed, Now: db.Now, RateBurst: burst, Scopes: o.Scopes,
	})
	s.t.Cleanup(s.Bitrix.Close)
	server := &httptest.Server{Listener: portal, Config: &http.Server{Handler: s.Bitrix.Handler(), ReadHeaderTimeout: time.Minute}}
	server.Start()
	s.t.Cleanup(server.Close)
	s.Portal = "http://" + host
}

func (s *Stack) configure(o Options, addr string) house.Config {
	c := house.Defaults()
	c.Addr, c.PublicURL, c.DataDir = addr, s.App, s.t.TempDir()
	c.BitrixOAuthURL = s.Portal + "/auth"
	c.BitrixRate, c.BitrixBurst = 10_000, 10_000
	c.LinklyAuthURL, c.LinklyRestURL = s.Pad, s.Pad
	if o.Postgres {
		c.DatabaseURL = testkit.PostgresURL(s.t)
	}
	if o.Redis {
		c.RedisURL = testkit.RedisURL(s.t)
	}
	if o.Change != nil {
		o.Change(&c)
	}
	return c
}

// Run opens a house on the stack's configuration and works until the test
// ends; it returns when the house listens. Stop it earlier with the result.
func (s *Stack) Run() (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h, err := house.Open(ctx, s.Config, log)
	if err != nil {
		cancel()
		s.t.Fatal(err)
	}
	s.House = h
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- h.Run(ctx, house.Serve, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		s.t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				s.t.Errorf("stopping the house: %v", err)
			}
			h.Close()
		})
	}
	s.t.Cleanup(stop)
	s.stop = stop
	return stop
}

// Restart stops the house and opens it again on the same configuration.
func (s *Stack) Restart() {
	s.t.Helper()
	s.stop()
	s.Run()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Log keeps what is written, for tests that look for secrets in it. With
// TEST_LOG=1 what the house logs is also printed.
type Log struct {
	echo bool
	mu   sync.Mutex
	text strings.Builder
}

// Write takes one line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.echo {
		_, _ = os.Stderr.Write(p)
	}
	return l.text.Write(p)
}

// String is everything logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
