package sim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

func TestParametersMayComeInEveryForm(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	want := map[string]any{"result.items.0.id": 513.0, "total": 1.0}
	tests := map[string]func() answer{
		"json": func() answer { return w.call(token, "crm.item.list", `{"entityTypeId":2,"filter":{"id":513}}`) },
		"json with a doubled slash": func() answer {
			return w.call(token, "/crm.item.list.json", `{"entityTypeId":"2","filter":{"@id":[513]}}`)
		},
		"form with brackets": func() answer {
			return w.do(http.MethodPost, w.url+"/rest/crm.item.list/", form+"; charset=UTF-8", "auth="+token+"&entityTypeId=2&filter%5Bid%5D=513&select[]=id")
		},
		"query": func() answer {
			return w.do(http.MethodGet, w.url+"/rest/crm.item.list.json?bx24_sdk_ver=2&entityTypeId=2&filter[id]=513&auth="+token, "", "")
		},
		"query and body together": func() answer {
			return w.do(http.MethodPost, w.url+"/rest/crm.item.list?entityTypeId=9", "application/json", `{"auth":"`+token+`","entityTypeId":2,"filter":{"=id":513}}`)
		},
		"multipart": func() answer {
			part := func(name, text string) string {
				return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + text + "\r\n"
			}
			body := part("auth", token) + part("entityTypeId", "2") + part("filter[id]", "513") + "--b--\r\n"
			return w.do(http.MethodPost, w.url+"/rest/crm.item.list", "multipart/form-data; boundary=b", body)
		},
	}
	for name, ask := range tests {
		t.Run(name, func(t *testing.T) { ask().want(t, 200, want) })
	}
	w.wantViolations()
}

func TestThePortalRefusesCallsItCannotPlace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, params string
		status         int
		code           any
		rule           string
	}{
		"an unknown method":             {"crm.item.frobnicate", "", 404, "ERROR_METHOD_NOT_FOUND", "unknown method"},
		"the new api for crm":           {"api/crm.item.get", "", 404, "ERROR_METHOD_NOT_FOUND", "unknown method"},
		"a missing parameter":           {"crm.item.get", `{"entityTypeId":2}`, 400, 100.0, "missing parameter"},
		"an entity type it has not":     {"crm.item.list", `{"entityTypeId":5}`, 400, "NOT_FOUND", "entity type"},
		"an unknown filter":             {"crm.item.list", `{"entityTypeId":31,"filter":{"paymentRef":1}}`, 400, "INVALID_ARG_VALUE", "unknown filter"},
		"an unknown order":              {"crm.item.list", `{"entityTypeId":31,"order":{"id":"upwards"}}`, 400, "INVALID_ARG_VALUE", "unknown order"},
		"rows without their owner":      {"crm.item.productrow.list", `{"filter":{"ownerType":"D"}}`, 400, "INVALID_ARG_VALUE", "owner filter"},
		"a row of an unknown kind":      {"crm.item.productrow.set", `{"ownerType":"Q","ownerId":1,"productRows":[]}`, 400, "ENTITY_TYPE_NOT_SUPPORTED", "owner type"},
		"text where a number belongs":   {"crm.item.add", `{"entityTypeId":31,"fields":{"opportunity":"lots"}}`, 400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "wrong type"},
		"a batch inside a batch's list": {"batch", `{"halt":0}`, 400, 100.0, "missing parameter"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.t = t
			w.call(token, tt.method, tt.params).want(t, tt.status, map[string]any{"error": tt.code})
			w.wantViolations(tt.rule)
		})
	}
}

func TestAMethodWithoutItsScopeIsRefused(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.Scopes = []string{"crm"} })
	w.call(token, "userfieldconfig.list", "").want(t, 403, map[string]any{"error": "insufficient_scope"})
	w.wantViolations("scope")
}

func TestACallWithoutAUsableTokenIsRefused(t *testing.T) {
	t.Parallel()
	w, _ := installed(t)
	refresh := w.sim.EntryForm(14, "DEFAULT", 0).Body.Get("REFRESH_ID")
	w.call("", "profile", "").want(t, 401, map[string]any{"error": "NO_AUTH_FOUND"})
	w.call(refresh, "profile", "").want(t, 401, map[string]any{"error": "NO_AUTH_FOUND"})
	w.wantViolations("no token", "refresh token as access token")
	w.call("feedface", "profile", "").want(t, 401, map[string]any{"error": "NO_AUTH_FOUND"})
	w.do(http.MethodPost, w.url+"/rest/profile", "application/json", `{"auth":`).want(t, 400, map[string]any{"error": "INVALID_REQUEST"})
}

func TestAFramesScriptMayCallThePortal(t *testing.T) {
	t.Parallel()
	w, _ := installed(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, w.url+"/rest/user.current?bx24_request_id=1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "http://localhost:8600")
	resp, err := w.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got := map[string]string{
		"origin": resp.Header.Get("Access-Control-Allow-Origin"), "headers": resp.Header.Get("Access-Control-Allow-Headers"),
	}
	if diff := cmp.Diff(map[string]string{"origin": "*", "headers": "content-type, origin"}, got); diff != "" {
		t.Errorf("preflight differs (-want +got):\n%s", diff)
	}
}

func TestTheBucketLeaksTwoCallsASecond(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	for range 50 {
		w.call(token, "profile", "").want(t, 200, map[string]any{"result.ID": "1"})
	}
	w.call(token, "profile", "").want(t, 503, map[string]any{"error": "QUERY_LIMIT_EXCEEDED"})
	w.wantViolations("rate")
	w.clock.advance(time.Second)
	w.call(token, "profile", "").want(t, 200, nil)
	w.call(token, "profile", "").want(t, 200, nil)
	w.call(token, "profile", "").want(t, 503, nil)
}

func TestListsComeInPagesOfFifty(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.RateBurst = -1 })
	for i := range 116 {
		w.sim.AddDeal(sim.NewDeal{Title: fmt.Sprintf("Deal %03d", i)})
	}
	const only = `{"entityTypeId":2,"filter":{"%title":"deal "},"order":{"id":"DESC"},"select":["title"],"start":`
	w.call(token, "crm.item.list", only+`0}`).want(t, 200, map[string]any{"total": 116.0, "next": 50.0, "result.items.0.title": "Deal 115"})
	w.call(token, "crm.item.list", only+`100}`).want(t, 200, map[string]any{"total": 116.0, "next": nil, "result.items.0.title": "Deal 015"})
	uncounted := w.call(token, "crm.item.list", only+`-1}`)
	uncounted.want(t, 200, map[string]any{"total": 0.0, "next": nil})
	if n := strings.Count(uncounted.raw, `"title"`); n != 50 {
		t.Errorf("start=-1 gave %d rows, want 50", n)
	}
}

func TestAMovedPortalAnswersWithItsNewAddress(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.MoveDomain("moved.example:8601")
	moved := w.call(token, "profile", "")
	if moved.status != http.StatusFound || moved.header.Get("Location") != "http://moved.example:8601/rest/profile" {
		t.Errorf("status %d to %q, want 302 to the new domain", moved.status, moved.header.Get("Location"))
	}
	if domain := w.sim.EntryForm(1, "DEFAULT", 0).Query.Get("DOMAIN"); domain != "moved.example:8601" {
		t.Errorf("pages are opened with DOMAIN %q", domain)
	}
}

func TestCallsAreRecordedWithoutTokens(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "crm.item.update", `{"entityTypeId":2,"id":512,"fields":{"title":"Pumps"}}`)
	calls := w.sim.Calls()
	want := sim.Call{
		At: w.clock.Now(), Method: "crm.item.update", UserID: 1,
		Params: map[string]string{"auth": "***", "entityTypeId": "2", "id": "512", "fields[title]": "Pumps"},
	}
	if diff := cmp.Diff(want, calls[len(calls)-1]); diff != "" {
		t.Errorf("record differs (-want +got):\n%s", diff)
	}
	w.refreshWith(url.QueryEscape(token), nil)
	for _, c := range w.sim.Calls() {
		if strings.Contains(fmt.Sprint(c), token) || strings.Contains(fmt.Sprint(c), "s3cret") {
			t.Errorf("the record holds a secret: %v", c.Method)
		}
	}
}

func TestOddParametersDoNoHarm(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	deep := strings.Repeat("[a]", 500)
	for name, body := range map[string]string{
		"an open bracket":          "filter[id=1",
		"no name before a bracket": "[id]=1",
		"very deep brackets":       "filter" + deep + "=1",
		"a scalar turned array":    "filter=1&filter[id]=512",
		"empty pairs":              "&&=&a",
	} {
		t.Run(name, func(t *testing.T) {
			w.do(http.MethodPost, w.url+"/rest/crm.item.list", form, "auth="+token+"&entityTypeId=2&"+body).want(t, 200, nil)
		})
	}
	for name, body := range map[string]string{
		"very deep json": strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500),
		"two documents":  `{} {}`,
		"half a name":    `{"a`,
	} {
		t.Run(name, func(t *testing.T) {
			w.do(http.MethodPost, w.url+"/rest/profile?auth="+token, "application/json", body).want(t, 400, map[string]any{"error": "INVALID_REQUEST"})
		})
	}
	w.do(http.MethodPost, w.url+"/rest/profile", form, "a=%zz").want(t, 400, map[string]any{"error": "INVALID_REQUEST"})
	for _, amount := range []string{`"1e9999999"`, `1e400`, `"1/3"`, `"0x10"`, `"99999999999999999999999"`, `{"a":1}`} {
		w.call(token, "crm.item.add", `{"entityTypeId":31,"fields":{"opportunity":`+amount+`,"isManualOpportunity":"Y"}}`).
			want(t, 400, map[string]any{"error": "CRM_FIELD_ERROR_VALUE_NOT_VALID"})
	}
}
