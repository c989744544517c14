package linkly_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"receivepayment/linkly"
)

const (
	authURL  = "https://auth.linkly.test"
	restURL  = "https://rest.linkly.test"
	vendorID = "2c9a7c1e-5f7e-4a2d-8b0a-0d6b1d1f4e77"
	posID    = "7d3f1e52-2f0b-4b0e-9d53-6f1f3c5d9a10"
	session  = "3b1c0f6e-7a40-4f9f-8a51-0f5a6f0c2b11"
	txnRef   = "B24K7Q2M9X4T1A01"

	// What must never be seen again once it was handed over.
	theSecret   = linkly.Secret("opaque-secret-5150")
	theToken    = "token-0001"
	thePassword = "s3cr3t-pass"
	theNotify   = "Bearer notify-me-quietly"
)

// clock stands still until it is told otherwise.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 9, 14, 11, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func config() linkly.Config {
	return linkly.Config{
		AuthURL: authURL, RestURL: restURL,
		POSName: "Acme B24 Pay", POSVersion: "1.4.0", POSVendorID: vendorID,
		Now: newClock().Now,
	}
}

// cloud is a scripted Linkly: it records each request and answers in order, the
// last answer again and again.
type cloud struct {
	*httpmock.MockTransport
	clock *clock

	mu     sync.Mutex
	seen   []seen
	tokens int
}

type seen struct {
	Method, URL, Body, Authorization string
}

// answer is what a scripted endpoint says.
type answer struct {
	status int
	body   string
}

func newCloud() *cloud {
	return &cloud{MockTransport: httpmock.NewMockTransport(), clock: newClock()}
}

// withTokens serves token-0001, token-0002, … for an hour each.
func (c *cloud) withTokens() *cloud {
	c.RegisterResponder(http.MethodPost, authURL+"/v1/tokens/cloudpos", func(r *http.Request) (*http.Response, error) {
		c.record(r)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tokens++
		return httpmock.NewStringResponse(200, fmt.Sprintf(`{"token":"token-%04d","expirySeconds":3600}`, c.tokens)), nil
	})
	return c
}

// on scripts one address.
func (c *cloud) on(method, url string, answers ...answer) *cloud {
	var mu sync.Mutex
	c.RegisterResponder(method, url, func(r *http.Request) (*http.Response, error) {
		c.record(r)
		mu.Lock()
		defer mu.Unlock()
		a := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		return httpmock.NewStringResponse(a.status, a.body), nil
	})
	return c
}

func (c *cloud) record(r *http.Request) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, seen{r.Method, r.URL.String(), string(body), r.Header.Get("Authorization")})
}

// requests returns what was asked of addresses that contain part.
func (c *cloud) requests(part string) []seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []seen
	for _, s := range c.seen {
		if strings.Contains(s.URL, part) {
			out = append(out, s)
		}
	}
	return out
}

func (c *cloud) client(t *testing.T) *linkly.Client {
	t.Helper()
	cfg := config()
	cfg.Transport, cfg.Now = c, c.clock.Now
	return mustNew(t, cfg)
}

func (c *cloud) terminal(t *testing.T) *linkly.Terminal {
	t.Helper()
	return c.client(t).Terminal(theSecret, posID)
}

func mustNew(t *testing.T, cfg linkly.Config) *linkly.Client {
	t.Helper()
	client, err := linkly.New(cfg)
	if err != nil {
		t.Fatalf("new client: %v", err)
	}
	t.Cleanup(client.Close)
	return client
}

// localTerminal speaks with a real server on loopback that plays both hosts.
func localTerminal(t *testing.T, server *httptest.Server, change func(*linkly.Config)) *linkly.Terminal {
	t.Helper()
	cfg := config()
	cfg.AuthURL, cfg.RestURL = server.URL, server.URL
	if change != nil {
		change(&cfg)
	}
	return mustNew(t, cfg).Terminal(theSecret, posID)
}

func giveToken(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"token":"`+theToken+`","expirySeconds":3600}`)
}

func purchase() linkly.Transaction {
	return linkly.Transaction{
		Type: linkly.Purchase, TxnRef: txnRef, AmtPurchase: 4250, Currency: "AUD",
		PAD: linkly.PAD{OPR: "17|Dana K", AMT: 4250, UID: "9f3e6a50-c7d1-4d0c-8a4f-2f6a7a0b1c2d"},
	}
}

func refund() linkly.Transaction {
	tx := purchase()
	tx.Type, tx.PAD.RFN = linkly.Refund, "6241003188420001"
	return tx
}

func notify() linkly.Notify {
	return linkly.Notify{URI: "https://pay.example.com/linkly/notify/p_1/{{type}}?a=1&b=2", Authorization: theNotify}
}

func want() linkly.Expect { return linkly.Expect{TxnRef: txnRef, Type: linkly.Purchase} }

const (
	grantPath   = "/v1/tokens/cloudpos"
	sessionPath = restURL + "/v1/sessions/" + session
	beginURL    = sessionPath + "/transaction?async=true"
	askURL      = sessionPath + "/transaction"
)
