package stack

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// forge is a good entry with one field changed; nil takes it away.
func forge(body url.Values, field string, value *string) url.Values {
	out := maps.Clone(body)
	if value == nil {
		out.Del(field)
		return out
	}
	out.Set(field, *value)
	return out
}

func text(s string) *string { return &s }

// Whoever posts to us may be anybody: nothing of a post is believed before the
// authorisation server, which we choose ourselves, confirms it.
func TestForgedEntriesAreRefusedAndNobodyElseIsAsked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	attacker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(`{"result":{}}`))
	}))
	t.Cleanup(attacker.Close)
	attackerHost := strings.TrimPrefix(attacker.URL, "http://")

	s := Start(t, Options{})
	s.Install()
	s.Enter(Cashier, "DEFAULT", 0)
	tokens := s.secretsOfEntries()
	rows := s.dump(t)
	for _, face := range []struct {
		name string
		make func() (address string, query, body url.Values)
	}{
		{"installer", func() (string, url.Values, url.Values) {
			e := s.Bitrix.InstallForm(Admin)
			return s.App + "/bitrix/install", e.Query, e.Body
		}},
		{"placement", func() (string, url.Values, url.Values) {
			e := s.Bitrix.EntryForm(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
			return s.App + "/bitrix/app", e.Query, e.Body
		}},
	} {
		for _, one := range []struct {
			name, field string
			value       *string
			status      int
			code, fault string
		}{
			{"another portal's member_id", "member_id", text("0123456789abcdef0123456789abcdef"), 401, "unauthenticated", ""},
			{"no member_id", "member_id", nil, 422, "invalid", "member_id"},
			{"a member_id with a blank", "member_id", text("a b"), 422, "invalid", "member_id"},
			{"an unknown token", "AUTH_ID", text("0123456789abcdef0123456789abcdef"), 401, "unauthenticated", ""},
			{"no token", "AUTH_ID", nil, 422, "invalid", "AUTH_ID"},
			{"a token without end", "AUTH_ID", text(strings.Repeat("a", 5000)), 422, "invalid", "AUTH_ID"},
			{"a token with a line break", "AUTH_ID", text("a\nb"), 422, "invalid", "AUTH_ID"},
			{"the attacker's auth server", "SERVER_ENDPOINT", text(attacker.URL + "/rest/"), 401, "unauthenticated", ""},
			{"the attacker's auth server after ours", "SERVER_ENDPOINT", text(s.Portal + "@" + attackerHost + "/rest/"), 401, "unauthenticated", ""},
			{"an auth server of another scheme", "SERVER_ENDPOINT", text("file:///etc/passwd"), 401, "unauthenticated", ""},
			{"the attacker's domain", "DOMAIN", text(attackerHost), 401, "unauthenticated", ""},
			{"a domain with a path", "DOMAIN", text(attackerHost + "/rest"), 422, "invalid", "DOMAIN"},
			{"a protocol that is none", "PROTOCOL", text("gopher"), 422, "invalid", "PROTOCOL"},
			{"an expiry that is none", "AUTH_EXPIRES", text("soon"), 422, "invalid", "AUTH_EXPIRES"},
			{"options that are no JSON", "PLACEMENT_OPTIONS", text("{"), 422, "invalid", "PLACEMENT_OPTIONS"},
		} {
			t.Run(face.name+" with "+one.name, func(t *testing.T) {
				address, query, body := face.make()
				if one.field == "DOMAIN" || one.field == "PROTOCOL" {
					query = forge(query, one.field, one.value)
				} else {
					body = forge(body, one.field, one.value)
				}
				s.postIn(t, address+"?"+query.Encode(), body).refused(one.status, one.code, one.fault)
				if diff := cmp.Diff(rows, s.dump(t)); diff != "" {
					t.Errorf("something was stored:\n%s", diff)
				}
			})
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the attacker's server was asked %d times", n)
	}
	s.wantSilent(tokens)
	s.lawful()
}

func (s *Stack) postIn(t *testing.T, address string, form url.Values) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.Anonymous().in(t).Send(req)
}

// secretsOfEntries are tokens as they are posted to us.
func (s *Stack) secretsOfEntries() []string {
	e := s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
	s.Post(e.URL, e.Body).Want(http.StatusOK)
	return []string{e.Body.Get("AUTH_ID"), e.Body.Get("REFRESH_ID"), e.Body.Get("APPLICATION_TOKEN")}
}

// An employee's post with another application token is not ours to serve; an
// administrator's verified one may bring a new token.
func TestApplicationTokenIsReplacedByAdministratorsOnly(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	s.Install()
	other := text("fedcba9876543210fedcba9876543210")
	e := s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
	s.Post(e.URL, forge(e.Body, "APPLICATION_TOKEN", other)).refused(401, "unauthenticated", "")
	e = s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
	s.Post(e.URL, forge(e.Body, "APPLICATION_TOKEN", nil)).Want(http.StatusOK) // older portals send none

	e = s.Bitrix.EntryForm(Admin, "DEFAULT", 0)
	s.Post(e.URL, forge(e.Body, "APPLICATION_TOKEN", other)).Want(http.StatusOK)
	e = s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
	s.Post(e.URL, forge(e.Body, "APPLICATION_TOKEN", other)).Want(http.StatusOK)
	s.lawful()
}

// A token of a colleague proves who the colleague is, not who the poster says.
func TestTokenOfACashierDoesNotInstall(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	s.Install()
	before := s.dump(t)
	e := s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
	s.Post(s.App+"/bitrix/install?"+e.Query.Encode(), e.Body).refused(403, "forbidden", "")
	if diff := cmp.Diff(before, s.dump(t)); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}

func TestAuthServerThatIsAwayIsSaidAndNothingIsStored(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	s.Install()
	before := s.dump(t)
	for _, kind := range []string{"error-before", "html", "down"} {
		s.Bitrix.Inject(bitrixFault(kind, "auth:app.info"))
		e := s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
		s.Post(e.URL, e.Body).refused(503, "upstream_unavailable", "")
		s.Bitrix.Heal()
	}
	if diff := cmp.Diff(before, s.dump(t)); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}
