package bitrix_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"receivepayment/bitrix"
)

const (
	memberID = "5c1e0b7a94d84f2f8a6d3b905e7712aa"
	endpoint = "https://harbour-supplies.bitrix24.com/rest/"
	server   = "https://oauth.bitrix.info"
	secret   = "client-secret-0123456789"
	access   = "access-token-9f41b36a0071c2"
	refresh  = "refresh-token-8ec0da6a0071c2"
	access2  = "second-access-a17d00000000"
	refresh2 = "second-refresh-9b0200000000"
)

func now() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }

// reply is one scripted answer.
type reply struct {
	status int
	body   string
	header http.Header
	err    error
}

func ok(body string) reply               { return reply{status: 200, body: body} }
func says(status int, body string) reply { return reply{status: status, body: body} }
func result(v string) reply              { return ok(`{"result":` + v + `,"time":{"start":1.5,"operating":0.03}}`) }

func refuses(status int, c string) reply {
	return says(status, `{"error":"`+c+`","error_description":"no"}`)
}

// asked is one recorded request.
type asked struct {
	verb, url, contentType, method string
	body                           string
	fields                         map[string]any
}

// script is a portal and an authorisation server that give prepared answers, in order, by method.
type script struct {
	t      *testing.T
	mock   *httpmock.MockTransport
	client *bitrix.Client

	mu      sync.Mutex
	replies map[string][]reply
	calls   []asked
	pauses  []time.Duration
}

func newScript(t *testing.T) *script {
	t.Helper()
	return newScriptWith(t, bitrix.Config{AuthServers: []string{server}})
}

func newScriptWith(t *testing.T, cfg bitrix.Config) *script {
	t.Helper()
	s := &script{t: t, mock: httpmock.NewMockTransport(), replies: map[string][]reply{}}
	s.mock.RegisterNoResponder(s.respond)

	cfg.ClientID, cfg.ClientSecret, cfg.Now, cfg.Transport = "app.6a01", secret, now, s.mock
	c, err := bitrix.New(cfg)
	if err != nil {
		t.Fatalf("new client: %v", err)
	}
	bitrix.SetPause(c, func(ctx context.Context, d time.Duration) error {
		s.pauses = append(s.pauses, d)
		return ctx.Err()
	})
	s.client = c

	return s
}

// on prepares the answers for a method; "token" is the renewal.
func (s *script) on(method string, replies ...reply) *script {
	s.replies[method] = append(s.replies[method], replies...)
	return s
}

func (s *script) respond(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	a := asked{verb: r.Method, url: r.URL.String(), method: path.Base(r.URL.Path), contentType: r.Header.Get("Content-Type")}
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Errorf("read the request: %v", err)
		}
		a.body = string(b)
		if strings.HasPrefix(a.contentType, "application/json") {
			if err := json.Unmarshal(b, &a.fields); err != nil {
				s.t.Errorf("request is not JSON: %v", err)
			}
		}
	}
	s.calls = append(s.calls, a)

	queue := s.replies[a.method]
	if len(queue) == 0 {
		s.t.Errorf("unexpected request %s %s", a.verb, a.method)
		return httpmock.NewStringResponse(500, ""), nil
	}
	next := queue[0]
	s.replies[a.method] = queue[1:]
	if next.err != nil {
		return nil, next.err
	}
	resp := httpmock.NewStringResponse(next.status, next.body)
	if next.header != nil {
		resp.Header = next.header
	}

	return resp, nil
}

// methods lists what was asked, in order.
func (s *script) methods() []string {
	var names []string
	for _, c := range s.calls {
		names = append(names, c.method)
	}

	return names
}

// last is the latest request's fields without the token.
func (s *script) last() map[string]any {
	s.t.Helper()
	return s.fields(len(s.calls) - 1)
}

func (s *script) fields(i int) map[string]any {
	s.t.Helper()
	if i < 0 || i >= len(s.calls) {
		s.t.Fatalf("there were only %d requests", len(s.calls))
	}
	out := map[string]any{}
	for k, v := range s.calls[i].fields {
		if k != "auth" {
			out[k] = v
		}
	}

	return out
}

func (s *script) portal() *bitrix.Portal {
	return s.client.Portal(memberID, endpoint, &memory{token: token()})
}

func token() bitrix.Token {
	return bitrix.Token{
		Access: access, Refresh: refresh, Endpoint: endpoint, Server: server + "/rest/",
		MemberID: memberID, UserID: "14", ExpiresAt: now().Add(time.Hour),
	}
}

// memory keeps one token the way a caller's database does: one renewal at a time, compare and set.
type memory struct {
	mu    sync.Mutex
	token bitrix.Token
	err   error
	asked int
}

func (m *memory) Token(context.Context) (bitrix.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.token, m.err
}

func (m *memory) Renewed(
	ctx context.Context, stale bitrix.Token, renew func(context.Context, bitrix.Token) (bitrix.Token, error),
) (bitrix.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.asked++
	if m.token.Access != stale.Access {
		return m.token, nil
	}
	fresh, err := renew(ctx, m.token)
	if err != nil {
		return bitrix.Token{}, err
	}
	m.token = fresh

	return fresh, nil
}

func fresh() reply {
	return ok(`{"access_token":"` + access2 + `","client_endpoint":"` + endpoint + `","domain":"oauth.bitrix.info",
		"expires":1795225200,"expires_in":3600,"member_id":"` + memberID + `","refresh_token":"` + refresh2 + `",
		"scope":"crm","server_endpoint":"` + server + `/rest/","status":"F","user_id":14}`)
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

func succeeds(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// class asserts what a failure means, and that no secret is in its text.
func class(t *testing.T, err error, want bitrix.Class) {
	t.Helper()
	if got := bitrix.ClassOf(err); got != want {
		t.Fatalf("class = %v, want %v; error: %v", got, want, err)
	}
	harmless(t, err.Error())
}

func harmless(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{access, refresh, access2, refresh2, secret} {
		if strings.Contains(text, s) {
			t.Errorf("secret in %q", text)
		}
	}
}
