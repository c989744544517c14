package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func logMessage(entityTypeID, id int, text string) string {
	return fmt.Sprintf(`{"fields":{"entityTypeId":%d,"entityId":%d,"title":"Paid","text":"%s","iconCode":"info"}}`, entityTypeID, id, text)
}

func TestTheTimelineIsReadInPagesOfTen(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	for i := range 12 {
		w.call(token, "crm.timeline.logmessage.add", logMessage(2, 512, "Ref P-"+itoa(i))).want(t, 200, nil)
	}
	w.call(token, "crm.timeline.comment.add", `{"fields":{"ENTITY_ID":512,"ENTITY_TYPE":"deal","COMMENT":"by hand"}}`).want(t, 200, nil)
	w.call(token, "crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":512}`).want(t, 200, map[string]any{
		"total": 12.0, "next": 10.0, "result.0.text": "Ref P-11", "result.9.text": "Ref P-2",
	})
	w.call(token, "crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":512,"start":10}`).want(t, 200, map[string]any{
		"next": nil, "result.0.text": "Ref P-1", "result.1.text": "Ref P-0", "result.2": nil,
	})
	w.call(token, "crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":512,"order":{"id":"asc"}}`).want(t, 200, map[string]any{
		"result.0.text": "Ref P-0",
	})
	w.call(token, "crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":513}`).want(t, 200, map[string]any{"result": []any{}})
}

func TestALogMessageNeedsAllItsFields(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "crm.timeline.logmessage.add", `{"fields":{"entityTypeId":2,"entityId":512,"title":"t","text":"x"}}`).
		want(t, 400, map[string]any{"error": 100.0})
	w.wantViolations("missing parameter")
	w.call(token, "crm.timeline.logmessage.add", logMessage(2, 1, "x")).want(t, 400, map[string]any{"error": "NOT_FOUND"})
	w.call(w.token(16), "crm.timeline.logmessage.add", logMessage(2, 512, "x")).want(t, 400, map[string]any{"error": "ACCESS_DENIED"})
}

func TestTheTimelineKeepsWhatTheAppWrites(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.addInvoice(token, `"title":"x","parentId2":512`)
	w.call(token, "crm.timeline.comment.add", `{"fields":{"ENTITY_ID":77,"ENTITY_TYPE":"dynamic_31","COMMENT":"receipt","FILES":[["r.txt","UkVD"]]}}`).want(t, 200, nil)
	w.call(token, "crm.activity.todo.add", `{"ownerTypeId":31,"ownerId":77,"deadline":"2026-11-22T09:00:00+13:00","title":"Look"}`).
		want(t, 200, map[string]any{"result.id": 3301.0})
	w.call(token, "crm.activity.configurable.add", card("Waiting", `"a":{"type":"text","properties":{"value":"AUD 5"}}`)).
		want(t, 200, map[string]any{"result.activity.id": 3302.0})
	w.call(token, "crm.activity.configurable.update", strings.Replace(
		card("Approved", `"a":{"type":"withTitle","properties":{"title":"Amount","block":{"type":"text","properties":{"value":"AUD 5"}}}}`),
		`"ownerTypeId":31,"ownerId":77`, `"id":3302`, 1)).want(t, 200, nil)
	w.call(token, "crm.activity.list", `{"filter":{"OWNER_TYPE_ID":31,"OWNER_ID":77,"ORIGIN_ID":"P-1"}}`).want(t, 200, map[string]any{
		"total": 1.0, "result.0.ID": "3302", "result.0.ORIGINATOR_ID": "app",
	})
	w.call(token, "crm.activity.list", `{"filter":{"OWNER_TYPE_ID":31,"OWNER_ID":77,"ORIGIN_ID":"P-2"}}`).want(t, 200, map[string]any{"total": 0.0})

	got := []string{}
	for _, e := range w.sim.Timeline(31, 77) {
		got = append(got, e.Kind+": "+e.Title+": "+e.Text)
	}
	want := []string{"comment: Comment: receipt\n[r.txt]", "todo: Look: ", "activity: Approved: Amount: AUD 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timeline differs (-want +got):\n%s", diff)
	}
}

// card is the body of a configurable activity on invoice 77.
func card(title, blocks string) string {
	return `{"ownerTypeId":31,"ownerId":77,"fields":{"completed":"Y","originatorId":"app","originId":"P-1"},
		"layout":{"icon":{"code":"info"},"header":{"title":"` + title + `"},"body":{"logo":{"code":"call"},"blocks":{` + blocks + `}}}}`
}

func TestAnActivityRefusesALayoutThatTheServiceRefuses(t *testing.T) {
	t.Parallel()
	const text = `"a":{"type":"text","properties":{"value":"x"}}`
	good := card("Paid", text)
	for name, tt := range map[string]struct{ body, code string }{
		"no layout":                  {`{"ownerTypeId":2,"ownerId":512,"fields":{}}`, "ERROR_EMPTY_LAYOUT"},
		"no block":                   {card("Paid", ""), "100"},
		"an unknown block":           {card("Paid", `"a":{"type":"picture","properties":{"value":"x"}}`), "ENUM_FIELD"},
		"a key with blanks":          {card("Paid", `"a b":{"type":"text","properties":{"value":"x"}}`), "KEY_CONTAIN_WRONG_SYMBOLS"},
		"an unknown tag":             {strings.Replace(good, `"title":"Paid"`, `"title":"Paid","tags":{"t":{"title":"x","type":"lavender"}}`, 1), "ENUM_FIELD"},
		"three buttons":              {strings.Replace(good, `"body"`, `"footer":{"buttons":{"a":{},"b":{},"c":{}}},"body"`, 1), "TOO_MANY_ITEMS"},
		"a button without an action": {strings.Replace(good, `"body"`, `"footer":{"buttons":{"a":{"title":"x","type":"primary"}}},"body"`, 1), "ENUM_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.t = t
			w.addInvoice(token, `"title":"x","parentId2":512`)
			w.call(token, "crm.activity.configurable.add", tt.body).want(t, 400, map[string]any{"error": tt.code})
			w.wantViolations("activity layout")
			if n := len(w.sim.Timeline(31, 77)); n != 0 {
				t.Errorf("%d entries of a refused activity", n)
			}
		})
	}
}

func TestANotificationReplacesTheOneWithItsTag(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "im.notify.system.add", `{"USER_ID":14,"MESSAGE":"first","TAG":"POS|1"}`).want(t, 200, map[string]any{"result": 70101.0})
	w.call(token, "im.notify.system.add", `{"USER_ID":14,"MESSAGE":"other"}`).want(t, 200, nil)
	w.call(token, "im.notify.personal.add", `{"USER_ID":"14","MESSAGE":"second","TAG":"POS|1"}`).want(t, 200, nil)
	got := []string{}
	for _, n := range w.sim.Notifications(14) {
		got = append(got, fmt.Sprint(n.FromID, " ", n.Message, " ", n.Replaced))
	}
	if diff := cmp.Diff([]string{"0 other 0", "1 second 1"}, got); diff != "" {
		t.Errorf("notifications differ (-want +got):\n%s", diff)
	}
	w.call(token, "im.notify.system.add", `{"USER_ID":99,"MESSAGE":"x"}`).want(t, 400, map[string]any{"error": "USER_ID_EMPTY"})
}
