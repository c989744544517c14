package linkly_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"receivepayment/linkly"
)

// hangUp ends the connection without an answer, after the request was read.
func hangUp(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Errorf("hijack: %v", err)
		return
	}
	_ = conn.Close()
}

// saleServer gives tokens, answers questions with 202 and leaves the sale to sale.
func saleServer(t *testing.T, sale http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var sales atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+grantPath, giveToken)
	mux.HandleFunc("GET /v1/sessions/{id}/transaction", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
	mux.HandleFunc("POST /v1/sessions/{id}/{kind}", func(w http.ResponseWriter, r *http.Request) {
		sales.Add(1)
		sale(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server, &sales
}

func TestSaleThatWasReadAndThenCutOffIsUnclearAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		warm  int // questions asked before, so that idle connections are about
		given bool
	}{
		{"first use of the client", 0, false},
		{"with an idle connection at hand", 3, false},
		{"with a transport from outside", 3, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, sales := saleServer(t, func(w http.ResponseWriter, r *http.Request) { hangUp(t, w, r) })
			terminal := localTerminal(t, server, func(cfg *linkly.Config) {
				if tt.given {
					cfg.Transport = server.Client().Transport
				}
			})
			for range tt.warm {
				if _, err := terminal.Ask(t.Context(), session, want()); err != nil {
					t.Fatalf("ask: %v", err)
				}
			}

			err := terminal.Begin(t.Context(), session, purchase(), notify())

			checkClass(t, err, linkly.Unclear, 0)
			if n := sales.Load(); n != 1 {
				t.Errorf("the sale arrived %d times, want once", n)
			}
		})
	}
}

// opaque hides that it is an http.Transport, so the client cannot make its own
// copy of it and must live with kept connections.
type opaque struct{ http.RoundTripper }

func TestSaleOnADyingKeptConnectionIsNotReplayed(t *testing.T) {
	t.Parallel()
	server, sales := saleServer(t, func(w http.ResponseWriter, r *http.Request) { hangUp(t, w, r) })
	terminal := localTerminal(t, server, func(cfg *linkly.Config) { cfg.Transport = opaque{server.Client().Transport} })
	if _, err := terminal.Ask(t.Context(), session, want()); err != nil {
		t.Fatalf("ask: %v", err)
	}

	err := terminal.Begin(t.Context(), session, purchase(), notify())

	checkClass(t, err, linkly.Unclear, 0)
	if n := sales.Load(); n != 1 {
		t.Errorf("the sale arrived %d times, want once", n)
	}
}

func TestKeyOnADyingConnectionIsNotPressedTwice(t *testing.T) {
	t.Parallel()
	server, keys := saleServer(t, func(w http.ResponseWriter, r *http.Request) { hangUp(t, w, r) })
	terminal := localTerminal(t, server, nil)
	if _, err := terminal.Ask(t.Context(), session, want()); err != nil {
		t.Fatalf("ask: %v", err)
	}

	err := terminal.SendKey(t.Context(), session, linkly.KeyYes, "")

	checkClass(t, err, linkly.Unclear, 0)
	if n := keys.Load(); n != 1 {
		t.Errorf("the key arrived %d times, want once", n)
	}
}

func TestEachSaleTravelsOnItsOwnConnection(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var froms []string
	server, _ := saleServer(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		froms = append(froms, r.RemoteAddr)
		w.WriteHeader(202)
	})
	terminal := localTerminal(t, server, nil)
	for range 3 {
		if err := terminal.Begin(t.Context(), session, purchase(), notify()); err != nil {
			t.Fatalf("begin: %v", err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(froms) != 3 || froms[0] == froms[1] || froms[1] == froms[2] {
		t.Errorf("connections %v, want three different", froms)
	}
}

// restless serves tokens and sends everything for the REST host to dial.
func restless(t *testing.T, restURL string, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *linkly.Terminal {
	t.Helper()
	auth := httptest.NewServer(http.HandlerFunc(giveToken))
	t.Cleanup(auth.Close)
	var plain net.Dialer
	return localTerminal(t, auth, func(cfg *linkly.Config) {
		cfg.RestURL = restURL
		cfg.Transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strings.HasPrefix(cfg.AuthURL, "http://"+addr) {
				return plain.DialContext(ctx, network, addr)
			}
			return dial(ctx, network, addr)
		}}
	})
}

// untouched is a server, not yet started, that no request may reach.
func untouched(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the sale arrived")
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(server.Close)
	return server
}

func TestSaleThatFoundNoConnectionNeverStarted(t *testing.T) {
	t.Parallel()
	var d net.Dialer
	selfSigned, plain := untouched(t), untouched(t)
	selfSigned.StartTLS()
	plain.Start()

	for _, tt := range []struct {
		name, url string
		dial      func(ctx context.Context, network, addr string) (net.Conn, error)
	}{
		{"name unknown", "https://rest.linkly.test", func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "rest.linkly.test", IsNotFound: true}
		}},
		{"port closed", "http://127.0.0.1:1", d.DialContext},
		{"certificate that nobody signed", selfSigned.URL, d.DialContext},
		{"no tls on the other side", strings.Replace(plain.URL, "http:", "https:", 1), d.DialContext},
	} {
		t.Run(tt.name, func(t *testing.T) {
			terminal := restless(t, tt.url, tt.dial)
			checkClass(t, terminal.Begin(t.Context(), session, purchase(), notify()), linkly.NotStarted, 0)
		})
	}
}

func TestSaleGivenUpWhileDiallingNeverStarted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	terminal := restless(t, "https://rest.linkly.test", func(inner context.Context, _, _ string) (net.Conn, error) {
		cancel()
		select {
		case <-inner.Done():
		case <-t.Context().Done():
		}
		return nil, context.Canceled
	})

	err := terminal.Begin(ctx, session, purchase(), notify())

	checkClass(t, err, linkly.NotStarted, 0)
}

func TestSaleOfACallerWhoHasGoneIsNotSent(t *testing.T) {
	t.Parallel()
	server, sales := saleServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	terminal := localTerminal(t, server, nil)

	for _, token := range []string{"yet to be fetched", "at hand"} {
		err := terminal.Begin(ctx, session, purchase(), notify())
		checkClass(t, err, linkly.NotStarted, 0)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("token %s: %v hides the cancellation", token, err)
		}
		if err := terminal.Authenticate(t.Context()); err != nil {
			t.Fatalf("authenticate: %v", err)
		}
	}
	if n := sales.Load(); n != 0 {
		t.Errorf("the sale arrived %d times", n)
	}
}

func TestSilenceAfterTheSaleIsUnclear(t *testing.T) {
	t.Parallel()
	quiet := make(chan struct{})
	defer close(quiet)
	server, _ := saleServer(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-quiet
	})
	terminal := localTerminal(t, server, func(cfg *linkly.Config) { cfg.SendTimeout = 100 * time.Millisecond })

	err := terminal.Begin(t.Context(), session, purchase(), notify())

	checkClass(t, err, linkly.Unclear, 0)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v hides the timeout", err)
	}
}

func TestAcceptanceCountsEvenWhenItsBodyIsCutOff(t *testing.T) {
	t.Parallel()
	server, _ := saleServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(202)
		_ = http.NewResponseController(w).Flush()
		hangUp(t, w, r)
	})

	if err := localTerminal(t, server, nil).Begin(t.Context(), session, purchase(), notify()); err != nil {
		t.Errorf("begin: %v", err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed a redirect") }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server, _ := saleServer(t, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL, status)
			})
			err := localTerminal(t, server, nil).Begin(t.Context(), session, purchase(), notify())
			checkClass(t, err, linkly.Unclear, status)
		})
	}
}

func TestEndlessAnswerIsNoAnswer(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+grantPath, giveToken)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, approvedCamel+strings.Repeat(" ", 1<<20))
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	_, err := localTerminal(t, server, nil).Ask(t.Context(), session, want())

	checkClass(t, err, linkly.Unclear, 200)
}

func TestATransportThatReportsNothingProvesNothing(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	c.RegisterResponder(http.MethodPost, beginURL, func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	})

	err := c.terminal(t).Begin(t.Context(), session, purchase(), notify())

	checkClass(t, err, linkly.Unclear, 0)
}

func TestNoRequestThatActsCanBeRewound(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	for _, url := range []string{pairURL, beginURL, keyURL, logonURL, statusURL} {
		c.RegisterResponder(http.MethodPost, url, func(r *http.Request) (*http.Response, error) {
			c.record(r)
			if r.GetBody != nil || r.Header.Get("Idempotency-Key") != "" || r.Header.Get("X-Idempotency-Key") != "" {
				t.Errorf("%s may be sent again by the transport", r.URL)
			}
			return nil, io.ErrUnexpectedEOF
		})
	}
	for name, do := range everyCall(t) {
		if name == "ask" {
			continue
		}
		if err := do(c.client(t)); linkly.ClassOf(err) != linkly.Unclear {
			t.Errorf("%s: %v", name, err)
		}
	}
	acting := append(c.requests("/sessions/"), c.requests("/pairing/")...)
	if len(acting) != 5 {
		t.Errorf("sent %d requests, want each of the five once: %+v", len(acting), acting)
	}
}
