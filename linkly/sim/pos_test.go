package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

const (
	posName   = "Corner POS"
	posVer    = "1.4.0"
	posID     = "7d3f1e52-2f0b-4b0e-9d53-6f1f3c5d9a10"
	posVendor = "2c9a7c1e-5f7e-4a2d-8b0a-0d6b1d1f4e77"
	header    = "Bearer 6fQ2-callback"
)

// callback is one call that the POS received.
type callback struct {
	Auth, Path string
	Body       string
	Env        envelope
}

// envelope is what a test reads of an event; encoding/json ignores the case of its names.
type envelope struct {
	SessionID    string
	ResponseType string
	Response     struct {
		DisplayText []string
		CancelKeyFlag, OKKeyFlag, AcceptYesKeyFlag, DeclineNoKeyFlag,
		AuthoriseKeyFlag bool
		InputType, GraphicCode string

		Type        string
		ReceiptText []string
		IsPrePrint  bool

		TxnType, TxnRef, CardType, CardName, RRN, Pan, Track2, AccountType string
		AmtPurchase                                                        *int64
		AmtCash, AmtTip                                                    int64
		AuthCode                                                           int
		Success                                                            bool
		ResponseCode, ResponseText                                         string
		Catid, Caid                                                        string
		PurchaseAnalysisData                                               map[string]string
		TxnFlags                                                           struct{ CardEntry, PayPass string }
		Receipts                                                           []struct {
			Type        string
			ReceiptText []string
		}
		LoggedOn       bool
		SettlementData string
		RefundLimit    int64
		OptionsFlags   struct{ Refund, CashOut, Tipping bool }
	}
}

// pos is a point of sale as a test needs it: raw JSON over real HTTP, and a server that takes callbacks.
type pos struct {
	t      *testing.T
	sim    *sim.Sim
	url    string
	own    string
	term   *sim.Terminal
	secret string
	token  string
	clock  *clock
	http   *http.Client

	mu     sync.Mutex
	calls  []callback
	signal chan struct{}
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start makes a calm, fast Sim with one paired terminal; change may alter its configuration.
func start(t *testing.T, change ...func(*sim.Config)) *pos {
	t.Helper()
	p := &pos{t: t, clock: &clock{now: time.Date(2026, 9, 14, 11, 2, 37, 0, time.UTC)}, signal: make(chan struct{})}
	cfg := sim.Config{Calm: true, Now: p.clock.Now, Timing: sim.Fast()}
	for _, f := range change {
		f(&cfg)
	}
	p.sim = sim.New(cfg)
	server := httptest.NewServer(p.sim.Handler())
	own := httptest.NewServer(http.HandlerFunc(p.receive))
	transport := &http.Transport{}
	p.http = &http.Client{Transport: transport, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		p.sim.Close()
		server.Close()
		own.Close()
	})

	p.url, p.own = server.URL, own.URL
	p.term = p.sim.AddTerminal(sim.TerminalConfig{Name: "Front", Username: "0123456789", Password: "s3cr3t", Merchant: "Acme Cafe", Tipping: true})
	p.secret = p.term.PairExisting()
	p.token = p.newToken()
	return p
}

func (p *pos) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c := callback{Auth: r.Header.Get("Authorization"), Path: r.URL.Path, Body: string(body)}
	if !json.Valid(body) {
		p.t.Errorf("callback body is no JSON: %q", body)
	}
	_ = json.Unmarshal(body, &c.Env) // odd shapes are read as far as they go
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, c)
	close(p.signal)
	p.signal = make(chan struct{})
	w.WriteHeader(http.StatusOK)
}

// await returns all callbacks as soon as ok holds for them.
func (p *pos) await(what string, ok func([]callback) bool) []callback {
	p.t.Helper()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	for {
		p.mu.Lock()
		calls, signal := append([]callback(nil), p.calls...), p.signal
		p.mu.Unlock()
		if ok(calls) {
			return calls
		}
		select {
		case <-signal:
		case <-deadline.C:
			p.t.Fatalf("no callback: %s; got %d calls", what, len(calls))
		}
	}
}

// result waits for the callback with the result of one session.
func (p *pos) result(session, kind string) envelope {
	p.t.Helper()
	var found envelope
	p.await(kind+" of "+session, func(calls []callback) bool {
		for _, c := range calls {
			if c.Env.ResponseType == kind && c.Env.SessionID == session {
				found = c.Env
				return true
			}
		}
		return false
	})
	return found
}

// send makes one call and returns status and body; status 0 means that the connection was cut.
func (p *pos) send(method, path, bearer, body string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := p.http.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	var out bytes.Buffer
	_, _ = out.ReadFrom(res.Body)
	return res.StatusCode, out.String()
}

func (p *pos) newToken() string {
	p.t.Helper()
	token, ok := p.tryToken()
	if !ok {
		p.t.Fatal("no token")
	}
	return token
}

func (p *pos) tryToken() (string, bool) {
	p.t.Helper()
	status, body := p.send("POST", "/v1/tokens/cloudpos", "", tokenBody(p.secret))
	var got struct{ Token string }
	err := json.Unmarshal([]byte(body), &got)
	return got.Token, status == http.StatusOK && err == nil && got.Token != ""
}

func tokenBody(secret string) string {
	return fmt.Sprintf(`{"secret":%q,"posName":%q,"posVersion":%q,"posId":%q,"posVendorId":%q}`, secret, posName, posVer, posID, posVendor)
}

// sale is a proper purchase of so many cents; more members may be appended to the Request.
func (p *pos) sale(kind string, cents int64, ref, rfn string, more ...string) string {
	return p.wrap(fmt.Sprintf(`{"Merchant":"00","Application":"00","TxnType":%q,"AmtPurchase":%d,"AmtCash":0,"TxnRef":%q,
		"CurrencyCode":"AUD","CutReceipt":"0","ReceiptAutoPrint":"0","PurchaseAnalysisData":{"OPR":"17|Dana K","AMT":"%d","PCM":"0000",
		"NME":%q,"VER":%q,"VND":%q,"UID":"9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d"%s}%s}`,
		kind, cents, ref, cents, posName, posVer, strings.ReplaceAll(posVendor, "-", ""), rfnTag(rfn), strings.Join(append([]string{""}, more...), ",")))
}

func rfnTag(rfn string) string {
	if rfn == "" {
		return ""
	}
	return fmt.Sprintf(`,"RFN":%q`, rfn)
}

// wrap puts a Request into its envelope.
func (p *pos) wrap(request string) string {
	return fmt.Sprintf(`{"Request":%s,"Notification":{"Uri":"%s/n/op4que/{{type}}","AuthorizationHeader":%q}}`, request, p.own, header)
}

func (p *pos) post(session, kind, body string) int {
	p.t.Helper()
	status, _ := p.send("POST", "/v1/sessions/"+session+"/"+kind+"?async=true", p.token, body)
	return status
}

// charge sends a purchase and expects 202.
func (p *pos) charge(cents int64) string {
	p.t.Helper()
	session := uuid.NewString()
	if status := p.post(session, "transaction", p.sale("P", cents, newRef(), "")); status != http.StatusAccepted {
		p.t.Fatalf("purchase: %d", status)
	}
	return session
}

// ask looks at the status of a transaction.
func (p *pos) ask(session string) (int, envelope) {
	p.t.Helper()
	status, body := p.send("GET", "/v1/sessions/"+session+"/transaction", p.token, "")
	var e envelope
	if status == 200 && json.Unmarshal([]byte(body), &e) != nil {
		return status, envelope{} // a web page, perhaps
	}
	return status, e
}

// settle waits until the transaction has a result, and asks for it.
func (p *pos) settle(session string) envelope {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 15*time.Second)
	defer cancel()
	if err := p.sim.Finished(ctx, session); err != nil {
		p.t.Fatal(err)
	}
	status, e := p.ask(session)
	if status != http.StatusOK {
		p.t.Fatalf("finished, but the status question says %d", status)
	}
	return e
}

func (p *pos) key(session, key, data string) int {
	p.t.Helper()
	status, _ := p.send("POST", "/v1/sessions/"+session+"/sendkey?async=false", p.token,
		fmt.Sprintf(`{"Request":{"Key":%q,"Data":%q}}`, key, data))
	return status
}

// see waits until the terminal shows a text.
func (p *pos) see(text string) sim.Display {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 15*time.Second)
	defer cancel()
	d, err := p.term.Await(ctx, text)
	if err != nil {
		p.t.Fatalf("%v; the screen is %q", err, p.term.Screen().Lines)
	}
	return d
}

func (p *pos) press(presses ...sim.Press) {
	p.t.Helper()
	for _, pr := range presses {
		if err := p.term.Press(pr); err != nil {
			p.t.Fatal(err)
		}
	}
}

// clean fails the test when the real service would have refused anything.
func (p *pos) clean() {
	p.t.Helper()
	for _, v := range p.sim.Violations() {
		p.t.Errorf("violation %s: %s (%s %s)", v.Rule, v.Detail, v.Method, v.Path)
	}
}

func newRef() string { return strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", ""))[:16] }
