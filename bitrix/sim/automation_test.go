package sim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

func TestATriggerPullsAheadAndNeverBack(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	const fire = `{"CODE":"pos_approved","OWNER_TYPE_ID":2,"OWNER_ID":514}`
	w.call(token, "crm.automation.trigger.execute", fire).want(t, 400, map[string]any{"error": ""})
	w.wantViolations("trigger not registered")
	w.call(token, "crm.automation.trigger.add", `{"CODE":"pos_approved","NAME":"Approved"}`).want(t, 200, map[string]any{"result": true})
	w.call(token, "crm.automation.trigger.add", `{"CODE":"pos_approved","NAME":"POS approved"}`).want(t, 200, nil)
	if diff := cmp.Diff([]string{"pos_approved POS approved"}, w.sim.Triggers()); diff != "" {
		t.Errorf("triggers differ (-want +got):\n%s", diff)
	}
	w.sim.TieTrigger("pos_approved", 2, "EXECUTING")
	w.call(token, "crm.automation.trigger.execute", fire).want(t, 200, map[string]any{"result": true})
	w.call(token, "crm.automation.trigger.execute", fire).want(t, 200, nil)
	w.sim.SetStage(2, 514, "FINAL_INVOICE")
	w.call(token, "crm.automation.trigger.execute", fire).want(t, 200, nil)
	var moved []bool
	for _, f := range w.sim.Fired() {
		moved = append(moved, f.Moved)
	}
	if diff := cmp.Diff([]bool{true, false, false}, moved); diff != "" {
		t.Errorf("moved differs (-want +got):\n%s", diff)
	}
	if d, _ := w.sim.Deal(514); d.Stage != "FINAL_INVOICE" {
		t.Errorf("the deal was pulled back to %s", d.Stage)
	}
	w.call(w.token(14), "crm.automation.trigger.execute", fire).want(t, 403, map[string]any{"error": "ACCESS_DENIED"})
}

func TestARobotIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	add := `{"CODE":"ask","HANDLER":"` + w.app.server.URL + `/bitrix/robot","NAME":{"en":"Ask"},"USE_SUBSCRIPTION":"Y","PROPERTIES":{"cashier":{"Name":"x","Type":"user"}},"RETURN_PROPERTIES":{"status":{"Name":"x","Type":"string"}}}`
	w.call(token, "bizproc.robot.add", add).want(t, 200, map[string]any{"result": true})
	w.call(token, "bizproc.robot.add", add).want(t, 400, map[string]any{"error": "ERROR_ACTIVITY_ALREADY_INSTALLED"})
	w.wantViolations()
	w.sim.RunRobot("ask", 31, 77, map[string]string{"cashier": "user_14"})
	w.sim.WaitEvents()
	posts := w.app.received()
	form := posts[len(posts)-1]
	if form.Get("document_id[2]") != "SMART_INVOICE_77" || form.Get("properties[cashier]") != "user_14" || form.Get("auth[application_token]") != w.sim.ApplicationToken() {
		t.Errorf("the robot posted %v", form)
	}
	answer := `{"EVENT_TOKEN":"` + form.Get("event_token") + `","RETURN_VALUES":{"status":"approved"},"LOG_MESSAGE":"done"}`
	w.call(token, "bizproc.event.send", answer).want(t, 200, map[string]any{"result": true})
	w.call(token, "bizproc.event.send", answer).want(t, 400, map[string]any{"error": ""})
	got := w.sim.Workflows()[0]
	if !got.Answered || got.Values["status"] != "approved" || got.Refused != 1 {
		t.Errorf("the workflow is %+v", got)
	}
	w.call(token, "bizproc.event.send", `{"EVENT_TOKEN":"guess"}`).want(t, 400, map[string]any{"error": ""})
	w.wantViolations("event token")
}

func TestASmartProcessHasItsOwnFieldsAndEvents(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "crm.type.add", `{"fields":{"title":"EFTPOS terminals"}}`).want(t, 200, map[string]any{
		"result.type.entityTypeId": 1038.0, "result.type.id": 1.0,
	})
	w.call(token, "crm.type.list", `{"filter":{"title":"EFTPOS terminals"}}`).want(t, 200, map[string]any{"total": 1.0})
	w.call(token, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_1","fieldName":"UF_CRM_1_POS_USERS","userTypeId":"employee","multiple":"Y"}}`).want(t, 200, nil)
	w.call(token, "event.bind", `{"event":"ONCRMDYNAMICITEMUPDATE","handler":"`+w.app.server.URL+`/bitrix/events"}`).want(t, 200, nil)
	w.call(token, "crm.item.add", `{"entityTypeId":1038,"useOriginalUfNames":"Y","fields":{"title":"Counter 1","xmlId":"t_1","UF_CRM_1_POS_USERS":[14,15]}}`).want(t, 200, map[string]any{
		"result.item.title": "Counter 1", "result.item.UF_CRM_1_POS_USERS": []any{14.0, 15.0},
	})
	w.sim.EditItem(1, 1038, 1, map[string]any{"title": "Front desk"})
	w.sim.WaitEvents()
	posts := w.app.received()
	if form := posts[len(posts)-1]; form.Get("data[FIELDS][ENTITY_TYPE_ID]") != "1038" || form.Get("data[FIELDS][ID]") != "1" {
		t.Errorf("the event is %v", form)
	}
	want := []sim.SmartItem{{ID: 1, Title: "Front desk", XMLID: "t_1", Custom: map[string]any{"POS_USERS": []int{14, 15}}}}
	if diff := cmp.Diff(want, w.sim.SmartItems(1038)); diff != "" {
		t.Errorf("cards differ (-want +got):\n%s", diff)
	}
}
