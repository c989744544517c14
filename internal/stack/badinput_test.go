package stack

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/db"
	"receivepayment/pairing"
)

func bitrixFault(kind, method string) bitrixsim.Fault {
	return bitrixsim.Fault{Kind: bitrixsim.FaultKind(kind), Method: method}
}

// raw sends bytes as they are.
func (s *shop) raw(t *testing.T, c Client, method, path, kind, body string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.App+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return c.in(t).Send(req)
}

// writes are the addresses that take a body.
func (s *shop) writes(payment string) map[string]string {
	return map[string]string{
		"/api/v1/invoices": "POST", "/api/v1/payments": "POST", "/api/v1/terminals": "POST", "/api/v1/settings": "PUT",
		"/api/v1/payments/" + payment + "/keys": "POST", "/api/v1/payments/" + payment + "/refunds": "POST",
		"/api/v1/payments/" + payment + "/resolve": "POST", "/api/v1/terminals/" + s.terminal: "PATCH",
		"/api/v1/terminals/" + s.terminal + "/pair": "POST", "/api/v1/rights/14": "PUT",
	}
}

func TestBodiesThatCannotBeReadAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	s, payment, _ := waiting(t)
	before := s.dump(t).still()
	const json, form = "application/json", "application/x-www-form-urlencoded"
	huge := `{"requestId":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, one := range []struct {
		name, kind, body string
		status           int
		code             string
	}{
		{"nothing", json, "", 422, "invalid"},
		{"no JSON", json, "hello", 422, "invalid"},
		{"half an object", json, `{"requestId":`, 422, "invalid"},
		{"a list", json, `[]`, 422, "invalid"},
		{"a text", json, `"x"`, 422, "invalid"},
		{"null", json, `null`, 422, "invalid"},
		{"two objects", json, `{}{}`, 422, "invalid"},
		{"an object and a word", json, `{} x`, 422, "invalid"},
		{"bytes that are no letters", json, "{\"requestId\":\"\xff\xfe\"}", 422, "invalid"},
		{"the letter zero", json, `{"requestId":"a\u0000","title":"a\u0000","reason":"a\u0000","resolveLimit":null}`, 422, "invalid"},
		{"a form with the letter zero", form, "requestId=a&deal=512&title=a%00", 422, "invalid"},
		{"a form with bytes that are no letters", form, "requestId=a&deal=512&title=a%ff", 422, "invalid"},
		{"a form that is none", form, "a=%zz", 422, "invalid"},
		{"a form of parts without parts", "multipart/form-data; boundary=x", "nonsense", 422, "invalid"},
		{"plain text", "text/plain", `{}`, 415, "unsupported_media"},
		{"XML", "application/xml", `<a/>`, 415, "unsupported_media"},
		{"no content type", "", `{}`, 415, "unsupported_media"},
		{"2 MB of JSON", json, huge, 413, "too_large"},
		{"2 MB of form", form, "requestId=" + strings.Repeat("x", 2<<20), 413, "too_large"},
	} {
		t.Run(one.name, func(t *testing.T) {
			for path, method := range s.writes(payment) {
				if len(one.body) > 1<<20 && path != "/api/v1/payments" {
					continue // it is the same reader everywhere, and one is enough for so much
				}
				got := s.raw(t, s.admin, method, path, one.kind, one.body)
				o := got.Want(one.status)
				if o.Text("code") != one.code {
					t.Errorf("%s %s: %s", method, path, o.Text("code"))
				}
				if one.status == 422 && o.Text("field") == "" {
					t.Errorf("%s %s names no field", method, path)
				}
			}
		})
	}
	if diff := cmp.Diff(before, s.dump(t).still()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
	s.lawful()
}

// Bodies that come in pieces have no length to refuse them by.
func TestHugeBodyWithoutALengthIsRefusedToo(t *testing.T) {
	t.Parallel()
	s, payment, _ := waiting(t)
	for _, path := range []string{"/api/v1/payments", "/linkly/notify/" + payment + "/display", "/bitrix/app"} {
		body := struct{ *strings.Reader }{strings.NewReader(`{"requestId":"` + strings.Repeat("x", 2<<20))}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.App+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", map[bool]string{true: "application/x-www-form-urlencoded", false: "application/json"}[path == "/bitrix/app"])
		c := s.admin
		if path != "/api/v1/payments" {
			c = s.client("")
			req.Header.Set("Authorization", proof)
		}
		c.Send(req).refused(413, "too_large", "")
	}
}

func TestEntriesThatAreNoFormsAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	for _, path := range []string{"/bitrix/install", "/bitrix/app"} {
		for _, one := range []struct {
			name, kind, body string
			status           int
			code             string
		}{
			{"nothing at all", "", "", 422, "invalid"},
			{"an empty form", "application/x-www-form-urlencoded", "", 422, "invalid"},
			{"a form of something else", "application/x-www-form-urlencoded", "a=b", 422, "invalid"},
			{"a form that is none", "application/x-www-form-urlencoded", "AUTH_ID=%zz", 422, "invalid"},
			{"JSON", "application/json", `{"AUTH_ID":"x","member_id":"y"}`, 415, "unsupported_media"},
			{"2 MB", "application/x-www-form-urlencoded", "AUTH_ID=" + strings.Repeat("x", 2<<20), 413, "too_large"},
		} {
			t.Run(path+" "+one.name, func(t *testing.T) {
				got := s.raw(t, s.Anonymous(), http.MethodPost, path, one.kind, one.body).Want(one.status)
				if got.Text("code") != one.code {
					t.Errorf("refused with %s", got.Text("code"))
				}
			})
		}
	}
}

func TestUnknownAddressesAndMethodsAreRefusedAsProblems(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	for _, one := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/api/v1/nonsense", 404, "not_found"},
		{"GET", "/api/v2/payments", 404, "not_found"},
		{"GET", "/nonsense", 404, "not_found"},
		{"DELETE", "/api/v1/payments", 405, "method_not_allowed"},
		{"PUT", "/api/v1/payments/p_1", 405, "method_not_allowed"},
		{"GET", "/api/v1/invoices", 405, "method_not_allowed"},
		{"POST", "/api/v1/documents", 405, "method_not_allowed"},
		{"DELETE", "/bitrix/app", 405, "method_not_allowed"},
		{"GET", "/linkly/notify/p_1/display", 405, "method_not_allowed"},
		{"POST", "/healthz", 405, "method_not_allowed"},
	} {
		t.Run(one.method+" "+one.path, func(t *testing.T) {
			got := s.admin.in(t).Do(one.method, one.path, nil)
			got.refused(one.status, one.code, "")
			if one.status == 405 && got.Header.Get("Allow") == "" {
				t.Error("it does not say which methods are taken")
			}
		})
	}
}

// Bytes that no database takes as text must not become a fault of ours.
func TestAddressesThatHoldNoTextAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"Embedded": {}, "Servers": {Postgres: true, Redis: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Start(t, o)
			admin := s.Install()
			for _, bytes := range []string{"%00", "%ff", "a%00b", "%c3%28"} {
				for _, address := range []string{
					"/api/v1/payments/" + bytes, "/api/v1/payments/" + bytes + "/events", "/api/v1/terminals/" + bytes,
					"/api/v1/payments?q=" + bytes, "/api/v1/payments?cursor=" + bytes, "/api/v1/documents?entity=deal&id=" + bytes,
				} {
					if got := admin.Do(http.MethodGet, address, nil); got.Status != 422 || got.Object().Text("code") != "invalid" {
						t.Errorf("%s: %d %s", address, got.Status, got.Body)
					}
				}
				if got := admin.Do(http.MethodPost, "/linkly/notify/"+bytes+"/display", Object{}); got.Status != 422 {
					t.Errorf("a callback to %s: %d %s", bytes, got.Status, got.Body)
				}
			}
			admin.Do(http.MethodGet, "/api/v1/payments?cursor="+base64.RawURLEncoding.EncodeToString([]byte("2026-11-21T10:00:00Z \x00")), nil).
				refused(422, "invalid", "cursor")
		})
	}
}

// Another portal's things are as if they did not exist.
func TestAnotherPortalsThingsAreNotFound(t *testing.T) {
	t.Parallel()
	s, payment, _ := waiting(t)
	foreign := s.foreignAdmin(t)
	before := s.dump(t).still()
	for _, one := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/api/v1/payments/" + payment, nil},
		{"GET", "/api/v1/payments/" + payment + "/events", nil},
		{"POST", "/api/v1/payments/" + payment + "/keys", Object{"key": "cancel"}},
		{"POST", "/api/v1/payments/" + payment + "/refunds", Object{"requestId": "r", "terminal": s.terminal, "amount": "1.00", "reason": "x"}},
		{"POST", "/api/v1/payments/" + payment + "/check", nil},
		{"POST", "/api/v1/payments/" + payment + "/release", nil},
		{"POST", "/api/v1/payments/" + payment + "/resolve", Object{"outcome": "paid", "reason": "x"}},
		{"POST", "/api/v1/payments/" + payment + "/ask-manager", nil},
		{"POST", "/api/v1/payments/" + payment + "/take-over", nil},
		{"POST", "/api/v1/payments/" + payment + "/alerts/contradiction/acknowledge", nil},
		{"POST", "/api/v1/payments/" + payment + "/write-backs/invoice/retry", nil},
		{"GET", "/api/v1/terminals/" + s.terminal, nil},
		{"PATCH", "/api/v1/terminals/" + s.terminal, Object{"name": "Mine"}},
		{"PATCH", "/api/v1/terminals/" + s.terminal, Object{"default": true}},
		{"DELETE", "/api/v1/terminals/" + s.terminal, nil},
		{"POST", "/api/v1/terminals/" + s.terminal + "/test", nil},
		{"POST", "/api/v1/terminals/" + s.terminal + "/pair", Object{"secret": "x"}},
	} {
		t.Run(one.method+" "+one.path[:20], func(t *testing.T) {
			foreign.in(t).Do(one.method, one.path, one.body).refused(404, "not_found", "")
		})
	}
	for _, path := range []string{"/api/v1/payments", "/api/v1/terminals", "/api/v1/attention"} {
		if got := foreign.Do(http.MethodGet, path, nil).Want(http.StatusOK).List("items"); len(got) != 0 {
			t.Errorf("%s shows another portal's %v", path, got)
		}
	}
	if diff := cmp.Diff(before, s.dump(t).still()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}

// foreignAdmin is an administrator of another portal that has the app.
func (s *shop) foreignAdmin(t *testing.T) Client {
	t.Helper()
	const portal = "fedcba9876543210fedcba9876543210"
	now := db.Now()
	tx := s.House.DB.WithContext(t.Context())
	for _, row := range []any{
		&pairing.Portal{
			ID: portal, Domain: "other.example", Endpoint: "http://127.0.0.1:1/rest/", Server: "http://127.0.0.1:1/auth/rest/",
			AdminID: "1", Language: "en", Installed: true, Stages: pairing.Stages{}, CreatedAt: now, UpdatedAt: now,
		},
		&pairing.User{PortalID: portal, UserID: "1", Name: "Somebody Else", Admin: true, Entered: true, Active: true, SeenAt: now},
	} {
		if err := tx.Create(row).Error; err != nil {
			t.Fatal(err)
		}
	}
	err := tx.Exec("INSERT INTO portal_tokens (portal_id, user_id, access, refresh, expires_at) VALUES (?, '1', 'x', 'x', ?)", portal, now).Error
	if err != nil {
		t.Fatal(err)
	}
	return s.client(newMint(t, s.Stack).sign(changed(changed(s.claims(), "portal", portal), "sub", "1")))
}
