package sim_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

// bindEvents binds the app's handler and returns the administrator's token; the installation is not finished yet.
func bindEvents(t *testing.T, events ...string) (*world, string) {
	t.Helper()
	w := newWorld(t)
	token := w.sim.InstallForm(1).Body.Get("AUTH_ID")
	for _, event := range events {
		w.call(token, "event.bind", `{"event":"`+event+`","handler":"`+w.app.server.URL+`/bitrix/events"}`).
			want(t, 200, map[string]any{"result": true})
	}
	return w, token
}

func (w *world) events() []string {
	w.sim.WaitEvents()
	names := []string{}
	for _, post := range w.app.received() {
		names = append(names, post.Get("event"))
	}
	return names
}

func TestEventsAreWithheldUntilTheInstallationIsFinished(t *testing.T) {
	t.Parallel()
	w, token := bindEvents(t, "ONCRMDYNAMICITEMADD", "ONAPPINSTALL")
	w.addInvoice(token, `"title":"early"`)
	w.sim.FinishInstall()
	w.sim.WaitEvents()
	w.addInvoice(token, `"title":"late"`)
	if diff := cmp.Diff([]string{"ONAPPINSTALL", "ONCRMDYNAMICITEMADD"}, w.events()); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
	install := w.app.received()[0]
	got := map[string]string{"version": install.Get("data[VERSION]"), "token": install.Get("auth[application_token]"), "member": install.Get("auth[member_id]")}
	want := map[string]string{"version": "1", "token": w.sim.ApplicationToken(), "member": w.sim.MemberID()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ONAPPINSTALL differs (-want +got):\n%s", diff)
	}
}

func TestOnlyTheInstallEventsRefreshTokenMayBeUsed(t *testing.T) {
	t.Parallel()
	w, token := bindEvents(t, "ONAPPINSTALL", "ONCRMDEALUPDATE")
	w.sim.FinishInstall()
	w.sim.WaitEvents()
	w.call(token, "crm.item.update", `{"entityTypeId":2,"id":512,"fields":{"title":"x"}}`)
	w.sim.WaitEvents()
	posts := w.app.received()
	w.clock.advance(59 * 60 * 1e9)
	w.refreshWith(posts[0].Get("auth[refresh_token]"), nil).want(t, 200, nil)
	w.wantViolations()
	w.refreshWith(posts[1].Get("auth[refresh_token]"), nil).want(t, 200, nil)
	w.wantViolations("event token refreshed")
}

func TestUninstallingTellsTheAppWithoutTokensAndForgetsIt(t *testing.T) {
	t.Parallel()
	w, token := bindEvents(t, "ONAPPUNINSTALL")
	w.call(token, "placement.bind", `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB","HANDLER":"http://a/"}`)
	w.sim.FinishInstall()
	applicationToken := w.sim.ApplicationToken()
	w.sim.Uninstall(true)
	w.sim.WaitEvents()

	post := w.app.received()[0]
	delete(post, "ts")
	want := url.Values{
		"event": {"ONAPPUNINSTALL"}, "event_handler_id": {"1"}, "data[LANGUAGE_ID]": {"en"}, "data[CLEAN]": {"1"},
		"auth[domain]": {w.host}, "auth[member_id]": {w.sim.MemberID()}, "auth[application_token]": {applicationToken},
		"auth[client_endpoint]": {"http://" + w.host + "/rest/"}, "auth[server_endpoint]": {"http://" + w.host + "/auth/rest/"},
	}
	if diff := cmp.Diff(want, post); diff != "" {
		t.Errorf("ONAPPUNINSTALL differs (-want +got):\n%s", diff)
	}
	w.call(token, "profile", "").want(t, 401, map[string]any{"error": "ERROR_OAUTH"})
	if left := append(w.sim.Placements(), w.sim.Events()...); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	w.sim.InstallForm(1)
	w.call(w.token(1), "profile", "").want(t, 200, nil)
	if w.sim.ApplicationToken() == applicationToken {
		t.Error("a new installation has the old application token")
	}
}

func TestAnUpdateBringsANewTokenAndRemovesTheHandlers(t *testing.T) {
	t.Parallel()
	w, _ := bindEvents(t, "ONAPPUPDATE")
	w.sim.FinishInstall()
	w.sim.UpdateApp()
	w.sim.WaitEvents()
	post := w.app.received()[0]
	if post.Get("data[PREVIOUS_VERSION]") != "1" || post.Get("auth[application_token]") != w.sim.ApplicationToken() {
		t.Errorf("ONAPPUPDATE carries %v", post)
	}
	if len(w.sim.Events()) != 0 || w.sim.Installed() {
		t.Error("the new version must bind its handlers and finish its installation itself")
	}
}

func TestEventsMayBeLostDoubledOrBare(t *testing.T) {
	t.Parallel()
	w, _ := bindEvents(t, "ONCRMDYNAMICITEMUPDATE")
	w.sim.FinishInstall()
	fire := func() {
		if n := w.sim.FireEvent("ONCRMDYNAMICITEMUPDATE", map[string]string{"ID": "77", "ENTITY_TYPE_ID": "31"}); n != 1 {
			t.Errorf("%d handlers, want 1", n)
		}
		w.sim.WaitEvents()
	}
	w.sim.Inject(sim.Fault{Kind: sim.FaultEventDropped, Times: 1})
	fire()
	w.sim.Inject(sim.Fault{Kind: sim.FaultEventDoubled, Times: 1})
	fire()
	w.sim.Inject(sim.Fault{Kind: sim.FaultEventBare, Times: 1})
	fire()
	posts := w.app.received()
	if len(posts) != 3 {
		t.Fatalf("%d posts, want 0 + 2 + 1", len(posts))
	}
	if !posts[0].Has("auth[access_token]") || posts[2].Has("auth[access_token]") {
		t.Error("the last event alone should come without tokens")
	}
}

func TestBindingAnEventIsRefused(t *testing.T) {
	t.Parallel()
	w, token := bindEvents(t, "ONAPPTEST")
	handler := w.app.server.URL + "/bitrix/events"
	w.call(token, "event.bind", `{"event":"ONAPPTEST","handler":"`+handler+`"}`).want(t, 400, map[string]any{
		"error": "ERROR_CORE", "error_description": "Unable to set event handler: Handler already binded",
	})
	w.wantViolations()
	w.call(token, "event.bind", `{"event":"ONNOTHING","handler":"`+handler+`"}`).want(t, 400, map[string]any{"error": "ERROR_EVENT_NOT_FOUND"})
	w.call(token, "event.bind", `{"event":"ONAPPTEST"}`).want(t, 400, map[string]any{"error": "ERROR_ARGUMENT"})
	w.wantViolations("event", "missing parameter")
	w.call(w.token(14), "event.bind", `{"event":"ONAPPTEST","handler":"http://b/","auth_type":1}`).want(t, 403, map[string]any{"error": "ACCESS_DENIED"})
	w.call(token, "event.get", "").want(t, 200, map[string]any{"result.0.event": "ONAPPTEST", "result.0.handler": handler})
	w.call(token, "events", "").want(t, 200, map[string]any{"result.0": "ONAPPINSTALL"})
	w.sim.FinishInstall()
	w.call(token, "event.test", "").want(t, 200, map[string]any{"result": true})
	if diff := cmp.Diff([]string{"ONAPPTEST"}, w.events()); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
	w.call(token, "event.unbind", `{"event":"onapptest","handler":"`+handler+`"}`).want(t, 200, map[string]any{"result.count": 1.0})
}

func TestAnEventThatIsNotTakenIsLostAndNoted(t *testing.T) {
	t.Parallel()
	w, token := bindEvents(t, "ONAPPTEST")
	w.call(token, "event.bind", `{"event":"ONCRMDEALADD","handler":"`+w.url+`/no/such/page"}`).want(t, 200, nil)
	w.sim.FinishInstall()
	w.sim.AddDeal(sim.NewDeal{Title: "x"})
	w.sim.WaitEvents()
	w.wantViolations("event not taken")
	w.control("GET", "violations", "").want(t, 200, nil)
}
