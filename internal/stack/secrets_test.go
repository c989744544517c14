package stack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"receivepayment/cmd/app/house"
	linklysim "receivepayment/linkly/sim"
)

// wantSilent asserts that none of the secrets is in the log, in an answer or in
// a column of the database.
func (s *Stack) wantSilent(secrets []string) {
	s.t.Helper()
	places := map[string]string{"the log": s.Log.String(), "an answer": s.Tape.String()}
	if t, isTest := s.t.(*testing.T); isTest {
		places["the database"] = s.dump(t).String()
	}
	for _, secret := range secrets {
		if len(secret) < 6 {
			s.t.Fatalf("%q is too short to be looked for", secret)
		}
		for place, text := range places {
			if at := find(text, secret); at >= 0 {
				s.t.Errorf("a secret is in %s: …%s[here]…", place, text[max(at-120, 0):at])
			}
		}
	}
}

// find looks for a secret. A pair code is six digits, which may be part of any
// longer number: it counts only where it stands alone.
func find(text, secret string) int {
	if strings.Trim(secret, "0123456789") != "" || len(secret) > 6 {
		return strings.Index(text, secret)
	}
	alone := regexp.MustCompile(`(^|[^0-9A-Za-z.+/=_-])` + secret + `($|[^0-9A-Za-z.+/=_-])`)
	if found := alone.FindStringIndex(text); found != nil {
		return found[0]
	}
	return -1
}

// wire stands between the house and Linkly: it keeps what is confidential on
// that line, and puts a whole card number into what comes back.
type wire struct {
	mu      sync.Mutex
	secrets map[string]bool
	proxy   *httputil.ReverseProxy
}

// confidential are the members that must stay on the line, in small letters.
var confidential = []string{"secret", "token", "password", "paircode", "authorizationheader", "track2"}

const wholeNumber = "4111111111111142"

func newWire(t *testing.T, target string) (*wire, string) {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{secrets: map[string]bool{}, proxy: httputil.NewSingleHostReverseProxy(to)}
	w.proxy.ModifyResponse = func(res *http.Response) error {
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		w.listen(raw)
		raw = bytes.ReplaceAll(raw, []byte("4XXXXXXXXXXX1142"), []byte(wholeNumber))
		res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		res.Header.Set("Content-Length", itoa(len(raw)))
		return nil
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return w, server.URL
}

func (w *wire) ServeHTTP(res http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(res, "", http.StatusBadGateway)
		return
	}
	w.listen(raw)
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
		w.keep(token)
	}
	req.Body = io.NopCloser(bytes.NewReader(raw))
	w.proxy.ServeHTTP(res, req)
}

// listen keeps the confidential members of a body, however deep.
func (w *wire) listen(raw []byte) {
	var value any
	if json.Unmarshal(raw, &value) == nil {
		w.walk("", value)
	}
}

func (w *wire) walk(name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for k, inner := range v {
			w.walk(strings.ToLower(k), inner)
		}
	case []any:
		for _, inner := range v {
			w.walk(name, inner)
		}
	case string:
		for _, member := range confidential {
			if name == member && strings.TrimSpace(v) != "" {
				w.keep(strings.TrimPrefix(v, "Bearer "))
			}
		}
	}
}

func (w *wire) keep(secret string) {
	if len(secret) < 6 {
		return // the word demo is everywhere
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[secret] = true
}

func (w *wire) heard() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for s := range w.secrets {
		out = append(out, s)
	}
	return out
}

// A whole day at the till, with everything that is confidential on each line
// known to the test: none of it is found where people or programs can read.
func TestNothingConfidentialIsLoggedAnsweredOrStoredInTheClear(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"Embedded": {}, "Servers": {Postgres: true, Redis: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var line *wire
			o.Change = func(c *house.Config) {
				line, c.LinklyAuthURL = newWire(t, c.LinklyAuthURL)
				c.LinklyRestURL = c.LinklyAuthURL
			}
			s := openDay(t, o)
			s.wantSilent(line.heard())
			s.wantSilent([]string{wholeNumber, wholeNumber[:12], "1 4111", house.DemoClientSecret})
			if heard := len(line.heard()); heard < 8 {
				t.Fatalf("only %d secrets were on the line: the test listens at the wrong place", heard)
			}
			s.honest()
		})
	}
}

// openDay installs, fails to pair, pairs twice, sells, declines, refunds and
// restarts, and looks for Bitrix24's and our own tokens.
func openDay(t *testing.T, o Options) *shop {
	t.Helper()
	s := &shop{Stack: Start(t, o)}
	s.admin = s.Install()
	pad := s.Linkly.AddTerminal(linklysim.TerminalConfig{Username: "shop-7731", Password: "kakapo-and-weka"})
	pair := Object{"name": "Counter 2", "provider": "linkly", "environment": "sandbox", "username": "shop-7731", "password": "kakapo-and-weka"}
	s.admin.Do(http.MethodPost, "/api/v1/terminals", pair.with("pairCode", "wrong-code-1")).refused(422, "pairing_refused", "pairCode")
	s.admin.Do(http.MethodPost, "/api/v1/terminals", pair.with("pairCode", pad.NewPairCode())).Want(http.StatusCreated)
	s.admin.Do(http.MethodPost, "/api/v1/terminals", Object{
		"name": "Counter 3", "provider": "linkly", "environment": "sandbox", "secret": "not-a-secret-that-anybody-has",
	}).refused(422, "pairing_refused", "secret")
	s.terminal = s.Pair(s.admin)
	s.cashier = s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)

	doc := s.invoice("i-1", "")
	s.Linkly.Next(linklysim.Post500Accepted, 1)
	s.Linkly.Next(linklysim.GetHTML, 1)
	sale := s.paid(s.order("p-1", doc, "100.00")).Text("id")
	s.refund("r-1", sale, "50.00")
	bundle := s.cashier.Do(http.MethodGet, "/api/v1/payments/"+sale+"/support", nil).Want(http.StatusOK).Text("text")
	if ref := s.show(sale).Text("txnRef"); !strings.Contains(bundle, ref) || strings.Contains(bundle, "Mere") {
		t.Errorf("the bundle for support says:\n%s", bundle)
	}
	s.run(s.admin, "reprint", 1)
	s.rotate()
	s.Bitrix.Inject(bitrixFault("expired-token", "crm.item.get"))
	s.Bitrix.Heal()
	e := s.Bitrix.EntryForm(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	s.Post(e.URL, e.Body).Want(http.StatusOK)
	s.wantSilent([]string{e.Body.Get("AUTH_ID"), e.Body.Get("REFRESH_ID"), e.Body.Get("APPLICATION_TOKEN")})

	ticket := s.ticket(s.cashier)
	events, _ := s.follow(s.Anonymous(), "?ticket="+ticket, sale)
	<-events
	for _, own := range []string{s.cashier.Token, s.admin.Token, ticket} { // these are answered, once, to whom they belong
		if strings.Contains(s.Log.String(), own) || strings.Contains(s.dump(t).String(), own) {
			t.Error("a token of our own is in the log or in the database")
		}
	}
	return s
}
