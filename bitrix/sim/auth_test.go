package sim_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"receivepayment/bitrix/sim"
)

const form = "application/x-www-form-urlencoded"

// refreshWith posts a refresh; change spoils the form.
func (w *world) refreshWith(token string, change func(url.Values)) answer {
	w.t.Helper()
	fields := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"app.test"}, "client_secret": {"s3cret"}, "refresh_token": {token},
	}
	if change != nil {
		change(fields)
	}
	return w.do(http.MethodPost, w.url+"/auth/oauth/token/", form, fields.Encode())
}

func TestARefreshTokenWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entry := w.sim.InstallForm(14)
	refresh := entry.Body.Get("REFRESH_ID")
	w.clock.advance(2 * time.Hour)
	w.call(entry.Body.Get("AUTH_ID"), "profile", "").want(t, 401, map[string]any{"error": "expired_token"})

	fresh := w.refreshWith(refresh, nil)
	fresh.want(t, 200, map[string]any{
		"user_id": 14.0, "expires_in": 3600.0, "client_endpoint": "http://" + w.host + "/rest/", "status": "F",
		"server_endpoint": "http://" + w.host + "/auth/rest/", "member_id": w.sim.MemberID(),
	})
	access, _ := fresh.at("access_token").(string)
	w.call(access, "profile", "").want(t, 200, map[string]any{"result.ID": "14"})
	w.wantViolations()

	w.refreshWith(refresh, nil).want(t, 400, map[string]any{"error": "invalid_grant"})
	w.wantViolations("refresh token reused")
}

func TestTheAuthServerRefuses(t *testing.T) {
	t.Parallel()
	set := func(name, text string) func(url.Values) {
		return func(v url.Values) { v.Set(name, text) }
	}
	tests := map[string]struct {
		change  func(url.Values)
		status  int
		code    string
		broken  string
		advance time.Duration
	}{
		"an unknown client, with status 200":     {set("client_id", "app.other"), 200, "wrong_client", "wrong client", 0},
		"a wrong secret":                         {set("client_secret", "guess"), 400, "invalid_client", "wrong secret", 0},
		"a missing refresh token":                {set("refresh_token", ""), 400, "invalid_request", "missing parameter", 0},
		"another grant":                          {set("grant_type", "password"), 400, "invalid_request", "grant type", 0},
		"a refresh token that it never issued":   {set("refresh_token", "ab12"), 400, "invalid_grant", "", 0},
		"a refresh token older than half a year": {nil, 400, "invalid_grant", "", 181 * 24 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			token := w.sim.InstallForm(1).Body.Get("REFRESH_ID")
			w.clock.advance(2*time.Hour + tt.advance)
			w.t = t
			w.refreshWith(token, tt.change).want(t, tt.status, map[string]any{"error": tt.code})
			if tt.broken == "" {
				w.wantViolations()
				return
			}
			w.wantViolations(tt.broken)
		})
	}
}

func TestSecretsInTheAddressAreAViolation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.sim.InstallForm(1).Body.Get("REFRESH_ID")
	w.clock.advance(2 * time.Hour)
	w.do(http.MethodGet, w.url+"/auth/oauth/token/?grant_type=refresh_token&client_id=app.test&client_secret=s3cret&refresh_token="+token, "", "").
		want(t, 200, map[string]any{"user_id": 1.0})
	w.wantViolations("secret in query")
}

func TestRefreshingOnATimerIsAViolation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.sim.InstallForm(1).Body.Get("REFRESH_ID")
	w.clock.advance(10 * time.Minute)
	w.refreshWith(token, nil).want(t, 200, map[string]any{"user_id": 1.0})
	w.wantViolations("refreshed too early")

	shortBefore := w.token(1)
	refresh := w.sim.EntryForm(1, "DEFAULT", 0).Body.Get("REFRESH_ID")
	w.clock.advance(57 * time.Minute)
	w.refreshWith(refresh, nil).want(t, 200, map[string]any{"user_id": 1.0})
	w.call(shortBefore, "profile", "").want(t, 200, map[string]any{"result.ID": "1"})
	w.wantViolations("refreshed too early")
}

func TestTheAuthServerTellsWhoseTokenItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whose := func(token string) answer {
		return w.do(http.MethodPost, w.url+"/auth/rest/app.info", form, url.Values{"auth": {token}}.Encode())
	}
	token := w.sim.InstallForm(14).Body.Get("AUTH_ID")
	whose(token).want(t, 200, map[string]any{"result.user_id": 14.0, "result.install.installed": false, "result.install.version": "1"})
	w.sim.FinishInstall()
	whose(token).want(t, 200, map[string]any{"result.install.installed": true, "result.install.client_endpoint": "http://" + w.host + "/rest/"})
	whose("0123456789abcdef").want(t, 400, map[string]any{"error": "invalid_client"})
	w.wantViolations()
	whose("").want(t, 401, map[string]any{"error": "NO_AUTH_FOUND"})
	w.wantViolations("no token")
	w.clock.advance(2 * time.Hour)
	whose(token).want(t, 401, map[string]any{"error": "expired_token"})
	w.sim.Uninstall(false)
	whose(token).want(t, 401, map[string]any{"error": "NOT_INSTALLED"})
}

func TestTokensBelongToOnePortal(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.AddPortal("127.0.0.2:1", "0ddc0ffee0ddc0ffee0ddc0ffee0ddc0")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/rest/profile?auth="+token, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "127.0.0.2:1"
	resp, err := w.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", resp.StatusCode)
	}
	w.wantViolations("token of another portal")
}

func TestAShorterTokenLifeIsKept(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.TokenTTL = 5 * time.Second })
	w.call(token, "server.time", "").want(t, 200, map[string]any{"result": "2026-11-21T10:00:00+13:00"})
	w.clock.advance(5 * time.Second)
	w.call(token, "server.time", "").want(t, 401, map[string]any{"error": "expired_token"})
}
