package assets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"receivepayment/web/assets"
)

// stage plays both sides of a page: the app that serves it and the portal around its frame. It knows just enough of
// each for the front end; what it says over the wire follows the JSON face and reference bitrix24 5.3 and 5.4.
type stage struct {
	app    *httptest.Server
	portal *httptest.Server

	mu       sync.Mutex
	token    string // the only one that is accepted
	renewed  int
	tickets  int
	broken   bool
	fragment string
	streams  map[chan string]bool
	keys     []string
	gate     chan bool // lets /slow answer, or hang up
}

func newStage(t *testing.T, fragment, body string) *stage {
	t.Helper()

	s := &stage{token: "token-1", fragment: fragment, streams: map[chan string]bool{}, gate: make(chan bool)}

	app := http.NewServeMux()
	app.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets.FS)))
	app.HandleFunc("GET /probe.js", serveText("text/javascript", probe))
	app.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) { s.page(w, body) })
	app.HandleFunc("POST /bitrix/app", s.renew)
	app.HandleFunc("POST /api/v1/stream-tickets", s.ticket)
	app.HandleFunc("GET /api/v1/payments/p_1/events", s.events)
	app.HandleFunc("GET /api/v1/payments/p_1", s.payment)
	app.HandleFunc("POST /api/v1/payments/p_1/keys", s.key)
	app.HandleFunc("GET /slow", s.slowly)
	s.app = httptest.NewServer(app)
	t.Cleanup(s.app.Close)
	t.Cleanup(s.hangUp)

	portal := http.NewServeMux()
	portal.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { s.around(w) })
	s.portal = httptest.NewServer(portal)
	t.Cleanup(s.portal.Close)

	return s
}

// appOrigin differs from the portal's in site and not only in port, as in life.
func (s *stage) appOrigin() string { return strings.Replace(s.app.URL, "127.0.0.1", "localhost", 1) }

// probe collects what must not happen: script errors and breaches of the page's own policy.
const probe = `window.faults = [];
addEventListener("error", (e) => faults.push("error: " + e.message));
addEventListener("unhandledrejection", (e) => faults.push("rejection: " + e.reason));
addEventListener("securitypolicyviolation", (e) => faults.push("policy: " + e.violatedDirective + " " + e.blockedURI));`

func serveText(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(text))
	}
}

func (s *stage) page(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:")
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payment</title>
<meta name="app-token" content="token-1"><script src="/probe.js"></script>
<link rel="stylesheet" href="%s"><script type="module" src="%s"></script></head><body>%s</body></html>`,
		assets.URL("app.css"), assets.URL("app.js"), body)
}

func (s *stage) allowed(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return r.Header.Get("Authorization") == "Bearer "+s.token
}

func (s *stage) ticket(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r) {
		http.Error(w, "no", http.StatusUnauthorized)

		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if s.broken {
		http.Error(w, "no", http.StatusServiceUnavailable)

		return
	}

	s.tickets++
	_ = json.NewEncoder(w).Encode(map[string]string{"ticket": fmt.Sprintf("ticket-%d", s.tickets)})
}

func (s *stage) events(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	good := r.FormValue("ticket") == fmt.Sprintf("ticket-%d", s.tickets) && r.FormValue("face") == "html"
	line := make(chan string, 16)
	s.streams[line] = true
	line <- "payment\n" + s.fragment
	s.mu.Unlock()

	if !good {
		http.Error(w, "no", http.StatusUnauthorized)

		return
	}

	w.Header().Set("Content-Type", "text/event-stream")

	for {
		select {
		case <-r.Context().Done():
			return
		case text, open := <-line:
			if !open {
				return
			}

			name, data, _ := strings.Cut(text, "\n")
			_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, strings.ReplaceAll(data, "\n", "\ndata: "))
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func (s *stage) payment(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r) {
		http.Error(w, "no", http.StatusUnauthorized)

		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(s.fragment))
}

func (s *stage) key(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r) {
		http.Error(w, "no", http.StatusUnauthorized)

		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.keys = append(s.keys, r.FormValue("key"))
	w.WriteHeader(http.StatusNoContent)
}

// slowly answers when the test lets it.
func (s *stage) slowly(w http.ResponseWriter, r *http.Request) {
	select {
	case well := <-s.gate:
		if !well { // in the middle: what broke before its first byte the browser asks for again by itself
			w.Header().Set("Content-Length", "1000")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<p id="fresh">What was asked for</p>`))
	case <-r.Context().Done():
	}
}

// renew is POST /bitrix/app: the portal's fresh tokens for one of ours.
func (s *stage) renew(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if r.Header.Get("Accept") != "application/json" || !strings.HasPrefix(r.FormValue("AUTH_ID"), "portal-token") ||
		r.FormValue("member_id") != "m1" || r.FormValue("PLACEMENT") != "CRM_DEAL_DETAIL_TAB" || r.URL.Query().Get("APP_SID") != "sid1" {
		http.Error(w, "no", http.StatusUnprocessableEntity)

		return
	}

	s.renewed++
	_ = json.NewEncoder(w).Encode(map[string]any{"token": s.token, "expiresIn": 3600})
}

// show changes the payment and tells every open stream.
func (s *stage) show(fragment string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.fragment = fragment
	for line := range s.streams {
		line <- "payment\n" + fragment
	}
}

func (s *stage) end() {
	s.mu.Lock()
	defer s.mu.Unlock()

	for line := range s.streams {
		line <- "end\n{}"
	}
}

// hangUp cuts every open stream.
func (s *stage) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()

	for line := range s.streams {
		close(line)
		delete(s.streams, line)
	}
}

func (s *stage) set(change func(*stage)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// around is the portal's page: the app in a frame from another site, and the answers of reference bitrix24 5.4.
func (s *stage) around(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><title>Portal</title><script>
const app = %q;
let tokens = 0;
window.said = []; // what the frame asked for
const answers = {
  getInitData: () => ({ LANG: "en", DOMAIN: location.host, PROTOCOL: 0, PATH: "/rest", AUTH_ID: "a", AUTH_EXPIRES: 3600, REFRESH_ID: "r",
    MEMBER_ID: "m1", FIRST_RUN: false, IS_ADMIN: true, INSTALL: true, USER_OPTIONS: {}, APP_OPTIONS: {},
    PLACEMENT: "CRM_DEAL_DETAIL_TAB", PLACEMENT_OPTIONS: { ID: "512" } }),
  refreshAuth: () => ({ AUTH_ID: "portal-token-" + ++tokens, AUTH_EXPIRES: 3600, REFRESH_ID: "r" + tokens }),
  resizeWindow: (p) => { document.querySelector("iframe").style.height = p.height + "px"; return p; },
  selectUser: () => [{ id: "14", name: "Mere Tane" }, { id: "15", name: "Maria Kern" }],
  openPath: () => ({ result: "close" }),
  reloadData: () => ({}),
};
addEventListener("message", (event) => {
  const frame = document.querySelector("iframe").contentWindow;
  if (event.origin !== app || event.source !== frame) return;
  const parts = String(event.data).split(":");
  const [command, key] = [parts[0], parts.at(-2)];
  said.push(command);
  if (!(command in answers)) return;
  const params = parts.slice(1, -2).join(":");
  const answer = answers[command](params ? JSON.parse(params) : {});
  frame.postMessage(key + ":" + JSON.stringify(answer), app);
});
</script><body><script>
const frame = document.createElement("iframe");
frame.name = location.host + "|0|sid1";
frame.style = "width: 800px; height: 200px";
frame.src = app + "/page";
document.body.append(frame);
</script>`, s.appOrigin())
}
