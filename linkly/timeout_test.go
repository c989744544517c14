package linkly_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"receivepayment/linkly"
)

// slowly answers after d, unless the caller gives up before.
func slowly(c *cloud, d time.Duration, a answer) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		c.record(r)
		select {
		case <-time.After(d):
			return httpmock.NewStringResponse(a.status, a.body), nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

const never = time.Hour

// took runs do inside a bubble of pretended time and returns how long it thought it took.
func took(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

func TestEveryCallHasItsBound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		call  string
		token time.Duration
		rest  time.Duration
		want  time.Duration
		class linkly.Class
	}{
		{"sale without an answer", "begin", 0, never, 20 * time.Second, linkly.Unclear},
		{"sale after a slow token", "begin", 12 * time.Second, never, 20 * time.Second, linkly.Unclear},
		{"sale without a token", "begin", never, 0, 15 * time.Second, linkly.NotStarted},
		{"question without an answer", "ask", 0, never, 15 * time.Second, linkly.Unclear},
		{"key without an answer", "key", 0, never, 15 * time.Second, linkly.Unclear},
		{"pairing without an answer", "pair", 0, never, 15 * time.Second, linkly.Unclear},
		{"logon outwaits the three minutes of the terminal", "logon", 0, never, 190 * time.Second, linkly.Unclear},
		{"status likewise", "status", 0, never, 190 * time.Second, linkly.Unclear},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCloud()
				c.RegisterResponder(http.MethodPost, authURL+grantPath, slowly(c, tt.token, answer{200, `{"token":"t"}`}))
				c.RegisterResponder(http.MethodPost, pairURL, slowly(c, tt.rest, answer{200, ""}))
				c.RegisterNoResponder(slowly(c, tt.rest, answer{202, ""}))

				var err error
				got := took(func() { err = everyCall(t)[tt.call](c.client(t)) })

				checkClass(t, err, tt.class, 0)
				if got != tt.want {
					t.Errorf("took %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestAGoodTokenIsNotKeptWaitingForItsSuccessor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud().withTokens().on(http.MethodGet, askURL, answer{202, ""})
		terminal := c.terminal(t)
		if err := asks(t, terminal); err != nil {
			t.Fatalf("ask: %v", err)
		}
		c.clock.Advance(57 * time.Minute)
		c.RegisterResponder(http.MethodPost, authURL+grantPath, slowly(c, 8*time.Second, answer{200, `{"token":"successor"}`}))

		var err error
		got := took(func() { err = asks(t, terminal) })

		if err != nil || got != 3*time.Second {
			t.Errorf("took %v, %v; want three seconds with the old token", got, err)
		}
		time.Sleep(8 * time.Second) // pretended time: the fetch goes on without its caller
		if err := asks(t, terminal); err != nil {
			t.Fatalf("ask: %v", err)
		}
		used := c.requests("/v1/sessions/")
		if used[1].Authorization != "Bearer token-0001" || used[2].Authorization != "Bearer successor" {
			t.Errorf("used %+v", used)
		}
		if n := len(c.requests(grantPath)); n != 2 {
			t.Errorf("%d fetches, want 2", n)
		}
	})
}

func TestACallerWithoutTimeGetsNoOldToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		c.RegisterResponder(http.MethodPost, authURL+grantPath, slowly(c, time.Minute, answer{200, `{"token":"t"}`}))
		cfg := config()
		cfg.Transport, cfg.SendTimeout = c, 2*time.Second

		var err error
		got := took(func() {
			err = mustNew(t, cfg).Terminal(theSecret, posID).Begin(t.Context(), session, purchase(), notify())
		})

		checkClass(t, err, linkly.NotStarted, 0)
		if got != 2*time.Second {
			t.Errorf("took %v, want two seconds", got)
		}
		time.Sleep(time.Minute)
	})
}
