package sim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"receivepayment/bitrix/sim"
)

// clock is a hand-set clock.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a portal, an app that records the posts it gets, and a hand-made client.
type world struct {
	t     *testing.T
	sim   *sim.Sim
	clock *clock
	url   string
	host  string
	app   *fakeApp
	http  *http.Client
}

// fakeApp stands for our app's event handler.
type fakeApp struct {
	mu     sync.Mutex
	posts  []url.Values
	server *httptest.Server
}

func (a *fakeApp) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts = append(a.posts, r.PostForm)
}

func (a *fakeApp) received() []url.Values {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]url.Values{}, a.posts...)
}

func newWorld(t *testing.T, change ...func(*sim.Config)) *world {
	t.Helper()
	app := &fakeApp{}
	app.server = httptest.NewServer(app)
	t.Cleanup(app.server.Close)

	ticker := &clock{now: time.Date(2026, 11, 20, 21, 0, 0, 0, time.UTC)}
	server := httptest.NewUnstartedServer(nil)
	cfg := sim.Config{
		AppURL: app.server.URL, PublicHost: server.Listener.Addr().String(), Calm: true, Now: ticker.Now,
		ClientID: "app.test", ClientSecret: "s3cret",
	}
	for _, f := range change {
		f(&cfg)
	}
	s := sim.New(cfg)
	server.Config.Handler = s.Handler()
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)

	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &world{t: t, sim: s, clock: ticker, url: server.URL, host: cfg.PublicHost, app: app, http: client}
}

// installed is a world whose app is installed; the access token is the administrator's.
func installed(t *testing.T, change ...func(*sim.Config)) (*world, string) {
	t.Helper()
	w := newWorld(t, change...)
	token := w.sim.InstallForm(1).Body.Get("AUTH_ID")
	w.sim.FinishInstall()
	return w, token
}

func (w *world) token(userID int) string {
	return w.sim.EntryForm(userID, "DEFAULT", 0).Body.Get("AUTH_ID")
}

// answer is a decoded reply of the portal.
type answer struct {
	status int
	body   map[string]any
	raw    string
	header http.Header
}

func (w *world) do(method, address, contentType, body string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, raw: string(raw), header: resp.Header}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// call posts JSON, the token being put in beside the parameters: call(token, "crm.item.get", `{"id":1}`).
func (w *world) call(token, method, params string) answer {
	w.t.Helper()
	if params == "" {
		params = "{}"
	}
	body := `{"auth":"` + token + `"`
	if rest := strings.TrimPrefix(params, "{"); rest != "}" {
		body += "," + rest
	} else {
		body += "}"
	}
	return w.do(http.MethodPost, w.url+"/rest/"+method, "application/json", body)
}

// at walks into the answer, "result.item.id"; list indexes are numbers.
func (a answer) at(path string) any {
	var v any = a.body
	for key := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[key]
		case []any:
			i := int(key[0] - '0')
			if len(key) != 1 || i >= len(node) {
				return nil
			}
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

// want compares parts of the answer.
func (a answer) want(t *testing.T, status int, parts map[string]any) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	got := map[string]any{}
	for path := range parts {
		got[path] = a.at(path)
	}
	if diff := cmp.Diff(parts, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("answer differs (-want +got):\n%s\nin %s", diff, a.raw)
	}
}

func (w *world) wantViolations(rules ...string) {
	w.t.Helper()
	got := []string{}
	for _, v := range w.sim.Violations() {
		got = append(got, v.Rule)
	}
	if diff := cmp.Diff(append([]string{}, rules...), got); diff != "" {
		w.t.Errorf("violations differ (-want +got):\n%s\n%v", diff, w.sim.Violations())
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
