package sim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

func TestBindingAPlacementIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		params string
		status int
		code   string
		rule   string
	}{
		"without a code, with status 200":    {`{"HANDLER":"https://a/"}`, 200, "ERROR_ARGUMENT", "missing parameter"},
		"for a code that does not exist":     {`{"PLACEMENT":"CRM_ORDER_DETAIL_TOOLBAR","HANDLER":"https://a/"}`, 400, "ERROR_PLACEMENT_NOT_FOUND", "placement"},
		"without a handler, with status 200": {`{"PLACEMENT":"LEFT_MENU"}`, 200, "EMPTY_ERROR_HANDLER_URL", "missing parameter"},
		"for something that is no address":   {`{"PLACEMENT":"LEFT_MENU","HANDLER":"panel"}`, 400, "ERROR_WRONG_HANDLER_URL", "handler"},
		"for a strange protocol":             {`{"PLACEMENT":"LEFT_MENU","HANDLER":"ftp://a/b"}`, 400, "ERROR_UNSUPPORTED_PROTOCOL", "handler"},
		"per user where there is no such":    {`{"PLACEMENT":"LEFT_MENU","HANDLER":"https://a/","USER_ID":14}`, 200, "ERROR_PLACEMENT_USER_MODE", "user mode"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.t = t
			w.call(token, "placement.bind", tt.params).want(t, tt.status, map[string]any{"error": tt.code})
			w.wantViolations(tt.rule)
		})
	}
}

func TestPlacementsAreListedAndUnbound(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "placement.list", "").want(t, 200, map[string]any{"result.0": "CRM_DEAL_DETAIL_TAB"})
	for _, handler := range []string{"https://a/1", "https://a/2"} {
		w.call(token, "placement.bind", `{"PLACEMENT":"crm_deal_detail_tab","HANDLER":"`+handler+`","TITLE":"Pay"}`).want(t, 200, map[string]any{"result": true})
	}
	w.call(token, "placement.bind", `{"PLACEMENT":"REST_APP_URI","HANDLER":"https://a/1"}`).want(t, 200, nil)
	w.call(token, "placement.bind", `{"PLACEMENT":"REST_APP_URI","HANDLER":"https://a/2"}`).want(t, 200, map[string]any{"error": "ERROR_PLACEMENT_MAX_COUNT"})
	w.call(token, "placement.get", "").want(t, 200, map[string]any{
		"result.0.placement": "CRM_DEAL_DETAIL_TAB", "result.0.handler": "https://a/1", "result.0.title": "Pay", "result.0.options": []any{},
	})
	w.call(token, "placement.unbind", `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB","HANDLER":"https://a/1"}`).want(t, 200, map[string]any{"result.count": 1.0})
	w.call(token, "placement.unbind", `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB"}`).want(t, 200, map[string]any{"result.count": 1.0})
	if diff := cmp.Diff([]string{"REST_APP_URI https://a/1"}, w.sim.Placements()); diff != "" {
		t.Errorf("placements differ (-want +got):\n%s", diff)
	}
}

func TestWithoutTheScopeThereAreNoPlacementsInTheCRM(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.Scopes = []string{"placement"} })
	w.call(token, "placement.bind", `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB","HANDLER":"https://a/"}`).
		want(t, 400, map[string]any{"error": "ERROR_PLACEMENT_NOT_FOUND"})
	w.call(token, "scope", "").want(t, 200, map[string]any{"result": []any{"placement"}})
	w.call(token, "method.get", `{"name":"crm.item.get"}`).want(t, 200, map[string]any{"result.isExisting": true, "result.isAvailable": false})
}

func TestPagesAreOpenedWithTheDocumentedFields(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "placement.bind", `{"PLACEMENT":"CRM_SMART_INVOICE_DETAIL_TOOLBAR","HANDLER":"`+w.app.server.URL+`/pay?x=1"}`)
	entry := w.sim.EntryForm(14, "CRM_SMART_INVOICE_DETAIL_TOOLBAR", 77)
	names := map[string]bool{}
	for name := range entry.Body {
		names[name] = true
	}
	want := map[string]bool{
		"AUTH_ID": true, "AUTH_EXPIRES": true, "REFRESH_ID": true, "SERVER_ENDPOINT": true, "APPLICATION_TOKEN": true,
		"APPLICATION_SCOPE": true, "member_id": true, "status": true, "PLACEMENT": true, "PLACEMENT_OPTIONS": true,
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
	query := map[string]string{
		"DOMAIN": entry.Query.Get("DOMAIN"), "PROTOCOL": entry.Query.Get("PROTOCOL"), "LANG": entry.Query.Get("LANG"),
		"options": entry.Body.Get("PLACEMENT_OPTIONS"), "url": entry.URL[:len(w.app.server.URL+"/pay?x=1&APP_SID=")],
	}
	wantQuery := map[string]string{
		"DOMAIN": w.host, "PROTOCOL": "0", "LANG": "en",
		"options": `{"ENTITY_ID":"77","URI":"\/crm\/type\/31\/details\/77\/"}`, "url": w.app.server.URL + "/pay?x=1&APP_SID=",
	}
	if diff := cmp.Diff(wantQuery, query); diff != "" {
		t.Errorf("address differs (-want +got):\n%s", diff)
	}
	if again := w.sim.EntryForm(14, "DEFAULT", 0); again.SID == entry.SID || again.Body.Has("PLACEMENT_OPTIONS") {
		t.Errorf("a second page has SID %s and options %q", again.SID, again.Body.Get("PLACEMENT_OPTIONS"))
	}
}

func TestOptionsAreKeptPerAppAndUser(t *testing.T) {
	t.Parallel()
	w, admin := installed(t)
	mere := w.token(14)
	w.call(admin, "app.option.get", "").want(t, 200, map[string]any{"result": []any{}})
	w.call(admin, "app.option.set", `{"options":{"flag":"on"}}`).want(t, 200, map[string]any{"result": true})
	w.call(mere, "app.option.get", `{"option":"flag"}`).want(t, 200, map[string]any{"result": "on"})
	w.call(mere, "user.option.set", `{"options":{"terminal":"T-02"}}`).want(t, 200, map[string]any{"result": true})
	w.call(mere, "user.option.get", "").want(t, 200, map[string]any{"result.terminal": "T-02"})
	w.call(admin, "user.option.get", "").want(t, 200, map[string]any{"result": []any{}})
	w.sim.Uninstall(true)
	w.sim.InstallForm(1)
	w.call(w.token(14), "app.option.get", "").want(t, 200, map[string]any{"result": []any{}})
}
