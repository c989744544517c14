package linkly_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"receivepayment/linkly"
)

// asks makes one harmless call, so that a token is needed.
func asks(t *testing.T, terminal *linkly.Terminal) error {
	t.Helper()
	_, err := terminal.Ask(t.Context(), session, want())
	return err
}

func TestTokenIsFetchedWithTheFiveMembers(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodGet, askURL, answer{202, ""})
	if err := asks(t, c.terminal(t)); err != nil {
		t.Fatalf("ask: %v", err)
	}
	want := []seen{{
		http.MethodPost, authURL + grantPath,
		`{"secret":"opaque-secret-5150","posName":"Acme B24 Pay","posVersion":"1.4.0",` +
			`"posId":"7d3f1e52-2f0b-4b0e-9d53-6f1f3c5d9a10","posVendorId":"2c9a7c1e-5f7e-4a2d-8b0a-0d6b1d1f4e77"}`,
		"",
	}}
	if diff := cmp.Diff(want, c.requests(grantPath)); diff != "" {
		t.Errorf("token requests (-want +got):\n%s", diff)
	}
}

func TestTokenIsRenewedEarlyButNotTooEarly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		expiry   string
		age      time.Duration
		fetches2 int // fetches after the second call
	}{
		{"an hour, five minutes and a second left", `3600`, 55*time.Minute - time.Second, 1},
		{"an hour, just under five minutes left", `3600`, 55*time.Minute + time.Second, 2},
		{"five minutes, a minute left", `300`, 4 * time.Minute, 1},
		{"five minutes, less than a fifth left", `300`, 4*time.Minute + time.Second, 2},
		{"expiry as text", `"3600"`, 50 * time.Minute, 1},
		{"expiry missing means five minutes", `null`, 4*time.Minute + time.Second, 2},
		{"expiry missing, still young", `null`, 3 * time.Minute, 1},
		{"expiry of nonsense", `-5`, 3 * time.Minute, 1},
		{"expiry beyond all bounds is a day", `9223372036854775807`, 24*time.Hour - 4*time.Minute, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud().on(http.MethodGet, askURL, answer{202, ""}).
				on(http.MethodPost, authURL+grantPath, answer{200, `{"token":"t","additional":1,"expirySeconds":` + tt.expiry + `}`})
			terminal := c.terminal(t)
			for i := range 2 {
				if err := asks(t, terminal); err != nil {
					t.Fatalf("ask %d: %v", i, err)
				}
				if i == 0 {
					c.clock.Advance(tt.age)
				}
			}
			if n := len(c.requests(grantPath)); n != tt.fetches2 {
				t.Errorf("%d fetches, want %d", n, tt.fetches2)
			}
		})
	}
}

func TestAgeingTokenServesWhileItsRenewalFails(t *testing.T) {
	t.Parallel()
	c := newCloud().on(http.MethodGet, askURL, answer{202, ""}).
		on(http.MethodPost, authURL+grantPath, answer{200, `{"token":"old","expirySeconds":3600}`}, answer{503, ""})
	terminal := c.terminal(t)
	if err := asks(t, terminal); err != nil {
		t.Fatalf("ask: %v", err)
	}

	c.clock.Advance(58 * time.Minute)
	if err := asks(t, terminal); err != nil {
		t.Errorf("with two minutes left: %v", err)
	}
	c.clock.Advance(2 * time.Minute)
	if err := asks(t, terminal); linkly.ClassOf(err) != linkly.NotStarted {
		t.Errorf("after its end: %v, want not started", err)
	}
}

func TestAgeingTokenDoesNotServeWhenTheSecretIsDead(t *testing.T) {
	t.Parallel()
	c := newCloud().on(http.MethodGet, askURL, answer{202, ""}).
		on(http.MethodPost, authURL+grantPath, answer{200, `{"token":"old","expirySeconds":3600}`}, answer{401, ""})
	terminal := c.terminal(t)
	if err := asks(t, terminal); err != nil {
		t.Fatalf("ask: %v", err)
	}
	c.clock.Advance(58 * time.Minute)

	err := asks(t, terminal)

	if linkly.ClassOf(err) != linkly.Unpaired || !linkly.IsUnpaired(err) {
		t.Errorf("%v, want not paired", err)
	}
}

func TestTokensAreKeptApartAndForgottenBySecret(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodGet, askURL, answer{202, ""})
	client := c.client(t)
	const other = "9f3e6a50-c7d1-4d0c-8a4f-2f6a7a0b1c2d"
	tills := []*linkly.Terminal{
		client.Terminal("first", posID), client.Terminal("first", other), client.Terminal("second", posID),
	}
	all := func() int {
		for _, till := range tills {
			if err := asks(t, till); err != nil {
				t.Fatalf("ask: %v", err)
			}
		}
		return len(c.requests(grantPath))
	}

	if n := all(); n != 3 {
		t.Errorf("%d fetches for three tills, want 3", n)
	}
	if n := all(); n != 3 {
		t.Errorf("%d fetches the second time, want still 3", n)
	}
	client.Forget("first")
	if n := all(); n != 5 {
		t.Errorf("%d fetches after forgetting two, want 5", n)
	}
}

// gate is a token endpoint that waits to be opened.
type gate struct {
	*cloud
	arrived chan struct{}
	open    chan struct{}
}

func newGate() *gate {
	g := &gate{cloud: newCloud(), arrived: make(chan struct{}, 100), open: make(chan struct{})}
	g.on(http.MethodGet, askURL, answer{202, ""})
	g.RegisterResponder(http.MethodPost, authURL+grantPath, func(r *http.Request) (*http.Response, error) {
		g.record(r)
		g.arrived <- struct{}{}
		<-g.open
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return httpmock.NewStringResponse(200, `{"token":"shared","expirySeconds":3600}`), nil
	})
	return g
}

func TestManyCallersShareOneFetch(t *testing.T) {
	t.Parallel()
	g := newGate()
	terminal := g.terminal(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := asks(t, terminal); err != nil {
				t.Errorf("ask: %v", err)
			}
		})
	}
	<-g.arrived
	close(g.open)
	wg.Wait()
	if n := len(g.requests(grantPath)); n != 1 {
		t.Errorf("%d fetches for twenty callers, want 1", n)
	}
}

func TestACallerWhoGivesUpDoesNotSpoilTheFetchOfOthers(t *testing.T) {
	t.Parallel()
	g := newGate()
	terminal := g.terminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	gone, stayed := make(chan error, 1), make(chan error, 1)

	go func() { _, err := terminal.Ask(ctx, session, want()); gone <- err }()
	<-g.arrived
	go func() { stayed <- asks(t, terminal) }()
	cancel()
	err := <-gone
	close(g.open)

	if linkly.ClassOf(err) != linkly.NotStarted || !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v, want not started and cancelled", err)
	}
	if err := <-stayed; err != nil {
		t.Errorf("who stayed got %v", err)
	}
	if n := len(g.requests(grantPath)); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

func TestATokenFetchedForAForgottenSecretIsNotKept(t *testing.T) {
	t.Parallel()
	g := newGate()
	client := g.client(t)
	terminal := client.Terminal(theSecret, posID)
	done := make(chan error, 1)
	go func() { done <- asks(t, terminal) }()
	<-g.arrived
	client.Forget(theSecret)
	close(g.open)
	if err := <-done; err != nil {
		t.Fatalf("ask: %v", err)
	}

	if err := asks(t, terminal); err != nil {
		t.Fatalf("ask: %v", err)
	}
	if n := len(g.requests(grantPath)); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestALateRejectionOfTheOldTokenSparesTheNewOne(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	arrived, refuse := make(chan struct{}, 2), make(chan struct{})
	c.RegisterResponder(http.MethodGet, askURL, func(r *http.Request) (*http.Response, error) {
		c.record(r)
		if r.Header.Get("Authorization") != "Bearer token-0001" {
			return httpmock.NewStringResponse(202, ""), nil
		}
		arrived <- struct{}{}
		<-refuse
		return httpmock.NewStringResponse(401, ""), nil
	})
	terminal := c.terminal(t)
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- asks(t, terminal) }()
		<-arrived
	}

	for range 2 { // the second is refused when the first has its new token already
		refuse <- struct{}{}
		if err := <-done; err != nil {
			t.Errorf("ask: %v", err)
		}
	}

	if n := len(c.requests(grantPath)); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestTokenErrorsSayWhatFailed(t *testing.T) {
	t.Parallel()
	c := newCloud().on(http.MethodPost, authURL+grantPath, answer{500, `{"Message":"over quota"}`})

	err := asks(t, c.terminal(t))

	want := "ask for transaction: not started: get token: not started, status 500 Internal Server Error: over quota"
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
