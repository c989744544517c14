package sim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"receivepayment/bitrix/sim"
)

func (w *world) control(method, path, body string) answer {
	w.t.Helper()
	return w.do(method, w.url+"/control/"+path, "application/json", body)
}

func TestAProgramWithoutABrowserInstallsAndEnters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	installer := w.control(http.MethodGet, "entry?user=1&placement=INSTALL", "")
	installer.want(t, 200, map[string]any{"Body.PLACEMENT.0": "DEFAULT", "Body.member_id.0": w.sim.MemberID()})
	if address, _ := installer.at("URL").(string); !strings.HasPrefix(address, w.app.server.URL+"/bitrix/install?APP_SID=") {
		t.Errorf("the installer is at %q", address)
	}
	w.control(http.MethodPost, "install-finish", `{}`).want(t, 204, nil)
	w.control(http.MethodGet, "state", "").want(t, 200, map[string]any{"installed": true})
	w.control(http.MethodGet, "entry?user=14&placement=CRM_DEAL_DETAIL_TAB&id=512", "").want(t, 200, map[string]any{
		"Body.PLACEMENT.0": "CRM_DEAL_DETAIL_TAB", "Query.DOMAIN.0": w.host,
	})
	w.control(http.MethodGet, "entry?user=99", "").want(t, 400, nil)
	w.control(http.MethodPost, "uninstall", `{"clean":false}`).want(t, 204, nil)
	w.control(http.MethodGet, "state", "").want(t, 200, map[string]any{"installed": false})
}

func TestFaultsAreSwitchedOverHTTP(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.control(http.MethodPost, "faults", `{"kind":"query-limit","method":"profile","times":1,"delayMs":5}`).want(t, 204, nil)
	listed := w.control(http.MethodGet, "faults", "")
	if strings.TrimSpace(listed.raw) != `[{"kind":"query-limit","method":"profile","times":1,"delayMs":5}]` {
		t.Errorf("faults are %s", listed.raw)
	}
	w.call(token, "profile", "").want(t, 503, nil)
	w.call(token, "profile", "").want(t, 200, nil)
	w.control(http.MethodPost, "faults", `{"kind":"down"}`).want(t, 204, nil)
	w.control(http.MethodDelete, "faults", "").want(t, 204, nil)
	w.call(token, "profile", "").want(t, 200, nil)
	w.control(http.MethodPost, "faults", `{"kind":"gremlins"}`).want(t, 400, nil)
	w.control(http.MethodPost, "faults", `{"kind":"down","often":true}`).want(t, 400, nil)
	w.control(http.MethodPost, "events", `{"event":"ONCRMDEALUPDATE","id":512}`).want(t, 200, map[string]any{"handlers": 0.0})
	if calls := w.control(http.MethodGet, "calls", ""); !strings.Contains(calls.raw, `"Method":"profile"`) || strings.Contains(calls.raw, token) {
		t.Errorf("calls are %s", calls.raw)
	}
}

func TestControlsAreForThisMachineAndNotForPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(http.MethodPost, w.url+"/control/uninstall", form, "clean=1").want(t, http.StatusUnsupportedMediaType, nil)

	foreign := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/control/state", http.NoBody)
	foreign.RemoteAddr = "192.0.2.7:5555"
	got := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(got, foreign)
	if got.Code != http.StatusForbidden {
		t.Errorf("a stranger got %d, want 403", got.Code)
	}
}

func TestManyCallersMayWorkAtOnce(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.RateBurst = -1 })
	done := make(chan int)
	for i := range 8 {
		go func() {
			status := 0
			for range 20 {
				body := url.Values{"auth": {token}, "fields[title]": {itoa(i)}, "entityTypeId": {"31"}}.Encode()
				req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/rest/crm.item.add", strings.NewReader(body))
				req.Header.Set("Content-Type", form)
				req.Host = w.host
				got := httptest.NewRecorder()
				w.sim.Handler().ServeHTTP(got, req)
				w.sim.SetStage(31, 77, "DT31_3:S")
				status = got.Code
			}
			done <- status
		}()
	}
	for range 8 {
		if status := <-done; status != http.StatusOK {
			t.Errorf("a caller got %d", status)
		}
	}
	if n := len(w.sim.Invoices(0)); n != 160 {
		t.Errorf("%d invoices, want 160, each with its own id", n)
	}
}

func TestATesterActsAsAColleagueOverHTTP(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.control(http.MethodPost, "deals", `{"title":"Rope","lines":[{"name":"Rope","price":"12.00","quantity":2,"taxRate":"15"}]}`).
		want(t, 200, map[string]any{"id": 601.0})
	w.call(token, "crm.item.get", `{"entityTypeId":2,"id":601}`).want(t, 200, map[string]any{"result.item.opportunity": 24.0})
	w.control(http.MethodPost, "deals", `{"title":"Rope","lines":[{"name":"Rope","price":"dear"}]}`).want(t, 400, nil)
	w.control(http.MethodPost, "stage", `{"entityTypeId":2,"id":601,"stage":"LOSE"}`).want(t, 204, nil)
	if deal, _ := w.sim.Deal(601); deal.Stage != "LOSE" {
		t.Errorf("the deal stands in %s", deal.Stage)
	}
	w.control(http.MethodPost, "require", `{"stage":"WON","field":"comments"}`).want(t, 204, nil)
	const win = `{"entityTypeId":2,"id":512,"fields":{"stageId":"WON"}}`
	w.call(token, "crm.item.update", win).want(t, 400, map[string]any{"error": "CRM_FIELD_ERROR_REQUIRED"})
	w.control(http.MethodPost, "require", `{"stage":"WON"}`).want(t, 204, nil)
	w.call(token, "crm.item.update", win).want(t, 200, nil)
	w.control(http.MethodPost, "rights", `{"user":15,"app":true}`).want(t, 204, nil)
	w.call(w.token(15), "crm.item.get", `{"entityTypeId":2,"id":512}`).want(t, 400, map[string]any{"error": "ACCESS_DENIED"})
	w.control(http.MethodPost, "update", `{}`).want(t, 204, nil)
	w.call(token, "app.info", "").want(t, 200, map[string]any{"result.VERSION": 2.0, "result.INSTALLED": false})
}
