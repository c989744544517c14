package soak_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/cmd/app/house"
	"receivepayment/db"
	linklysim "receivepayment/linkly/sim"
)

// outside is everything that is not ours: the terminal provider with its
// terminals, and the portal. It lives in the test, and is never killed.
type outside struct {
	linkly *linklysim.Sim
	bitrix *bitrixsim.Sim
	pad    string // base URL of the provider
	portal string // base URL of the portal
	app    string // base URL of the app, where both find it

	down atomic.Bool // the provider cannot be reached
	// asked, when set, carries each request that the app sends to the portal.
	asked atomic.Pointer[func(next http.Handler, w http.ResponseWriter, r *http.Request)]

	mu      sync.Mutex
	touched map[string]time.Time // by session: when the app last spoke of it to the provider
	heard   map[string]int       // by payment: callbacks that the app took
	secrets map[string]string    // by terminal of the provider: its living secret
	token   map[string]string
}

// pace is how quick the simulated terminals are: a sale takes a fifth of a
// second, a silent terminal says nothing for longer than our operators wait.
func pace() linklysim.Timing {
	return linklysim.Timing{
		Step: 2 * time.Millisecond, Processing: 40 * time.Millisecond, Acknowledge: 200 * time.Millisecond,
		CustomerTimeout: 20 * time.Second, LateArrival: 400 * time.Millisecond, CallbackDelay: 700 * time.Millisecond,
		CallbackLimit: 2 * time.Second, Silence: 6 * time.Second,
	}
}

// newOutside starts both simulators, calm at first.
func newOutside(t testing.TB, app string, seed int64) *outside {
	t.Helper()
	o := &outside{
		app: app, touched: map[string]time.Time{}, heard: map[string]int{}, secrets: map[string]string{},
		token: map[string]string{},
	}
	callbacks := &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 10 * time.Second}
	o.linkly = linklysim.New(linklysim.Config{
		Calm: true, Seed: seed, Now: db.Now, Timing: pace(),
		Client: &http.Client{Transport: listener{o, callbacks}, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	})
	t.Cleanup(callbacks.CloseIdleConnections)
	t.Cleanup(o.linkly.Close)
	o.pad = serve(t, listen(t), o.watched(o.linkly.Handler()))

	portal := listen(t)
	o.bitrix = bitrixsim.New(bitrixsim.Config{
		AppURL: app, PublicHost: portal.Addr().String(), ClientID: house.DemoClientID, ClientSecret: house.DemoClientSecret,
		Calm: true, Seed: seed, Now: db.Now, RateBurst: -1,
	})
	t.Cleanup(o.bitrix.Close)
	next := o.bitrix.Handler()
	o.portal = serve(t, portal, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if carry := o.asked.Load(); carry != nil {
			(*carry)(next, w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
	return o
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func serve(t testing.TB, l net.Listener, h http.Handler) string {
	t.Helper()
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}}
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

var sessionPath = regexp.MustCompile(`^/v1/sessions/([^/]+)/transaction$`)

// ours marks the questions of the test itself.
const ours = "X-Soak"

// watched notes when the app speaks of a session, and is the provider's
// network: down means that nothing gets through.
func (o *outside) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(ours) != "" {
			next.ServeHTTP(w, r)
			return
		}
		if m := sessionPath.FindStringSubmatch(r.URL.Path); m != nil {
			o.mu.Lock()
			o.touched[m[1]] = time.Now()
			o.mu.Unlock()
		}
		if o.down.Load() {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// spokenOf is when the app last spoke of the session to the provider.
func (o *outside) spokenOf(session string) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.touched[session]
}

// hears reports whether the app ever took a callback of the payment.
func (o *outside) hears(payment string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.heard[payment] > 0
}

var notifyPath = regexp.MustCompile(`^/linkly/notify/([^/]+)/`)

// listener notes which callbacks the app took.
type listener struct {
	o    *outside
	next http.RoundTripper
}

func (l listener) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	if m := notifyPath.FindStringSubmatch(r.URL.Path); m != nil {
		l.o.mu.Lock()
		l.o.heard[m[1]]++
		l.o.mu.Unlock()
	}
	return res, nil
}
