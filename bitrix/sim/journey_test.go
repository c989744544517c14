package sim_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The whole of what the app does with a portal, each request written by hand as in reference bitrix24, section 14.
func TestAnAppInstallsCreatesAnInvoiceAndMarksItPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entry := w.sim.InstallForm(1)
	admin := entry.Body.Get("AUTH_ID")

	w.do(http.MethodGet, w.url+"/auth/rest/app.info/?auth="+admin, "", "").want(t, http.StatusOK, map[string]any{
		"result.client_id": "app.test", "result.user_id": 1.0, "result.install.installed": false,
		"result.install.member_id": entry.Body.Get("member_id"), "result.install.domain": w.host,
	})
	w.call(admin, "profile", "").want(t, 200, map[string]any{"result.ID": "1", "result.ADMIN": true})
	handler := w.app.server.URL + "/bitrix/app"
	bind := `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB","HANDLER":"` + handler + `","LANG_ALL":{"en":{"TITLE":"Receive Payment"}}}`
	w.call(admin, "placement.bind", bind).want(t, 200, map[string]any{"result": true})
	w.call(admin, "placement.bind", bind).want(t, 400, map[string]any{
		"error": "ERROR_CORE", "error_description": "Unable to set placement handler: Handler already binded",
	})
	w.call(admin, "event.bind", `{"event":"ONCRMDYNAMICITEMUPDATE","handler":"`+handler+`"}`).want(t, 200, map[string]any{"result": true})
	w.call(admin, "crm.category.list", `{"entityTypeId":31}`).want(t, 200, map[string]any{"result.categories.0.id": 3.0})
	w.call(admin, "crm.status.list", `{"filter":{"ENTITY_ID":"SMART_INVOICE_STAGE_3"},"order":{"SORT":"ASC"}}`).want(t, 200, map[string]any{
		"result.2.STATUS_ID": "DT31_3:P", "result.2.SEMANTICS": "S", "result.2.ID": "403", "result.0.SEMANTICS": nil,
		"result.1.STATUS_ID": "DT31_3:S", "total": 4.0,
	})
	w.sim.FinishInstall()

	cashier := w.sim.EntryForm(14, "CRM_DEAL_DETAIL_TAB", 512)
	if diff := cmp.Diff(`{"ID":"512","URI":"\/crm\/deal\/details\/512\/"}`, cashier.Body.Get("PLACEMENT_OPTIONS")); diff != "" {
		t.Error(diff)
	}
	mere := cashier.Body.Get("AUTH_ID")
	w.call(mere, "crm.item.get", `{"entityTypeId":2,"id":512}`).want(t, 200, map[string]any{
		"result.item.opportunity": 287.0, "result.item.currencyId": "AUD", "result.item.companyId": 61.0,
	})
	added := w.call(mere, "crm.item.add", `{"entityTypeId":31,"fields":{"title":"Wharf pump kit","xmlId":"pos-1","parentId2":512,
		"companyId":61,"contactIds":[208],"currencyId":"AUD","nonsense":1}}`)
	added.want(t, 200, map[string]any{
		"result.item.id": 77.0, "result.item.stageId": "DT31_3:N", "result.item.opportunity": 0.0,
		"result.item.contactId": 208.0, "result.item.accountNumber": "77", "result.item.createdBy": 14.0,
		"result.item.begindate": "2026-11-21T00:00:00+13:00", "result.item.closedate": "2026-11-28T00:00:00+13:00",
	})
	w.call(mere, "crm.item.productrow.set", `{"ownerType":"SI","ownerId":77,"productRows":[
		{"productName":"Bilge pump 24V","price":115,"quantity":2,"taxRate":15,"taxIncluded":"Y"},
		{"productName":"Hose fitting set","price":"57","taxRate":15,"taxIncluded":"Y"}]}`).want(t, 200, map[string]any{
		"result.productRows.0.priceExclusive": 100.0, "result.productRows.0.ownerType": "SI",
	})
	w.call(mere, "crm.item.list", `{"entityTypeId":31,"filter":{"=xmlId":"pos-1"},"select":["id","opportunity","taxValue"]}`).want(t, 200, map[string]any{
		"result.items.0": map[string]any{"id": 77.0, "opportunity": 287.0, "taxValue": 37.43}, "total": 1.0,
	})

	w.call(admin, "crm.item.update", `{"entityTypeId":31,"id":77,"fields":{"stageId":"DT31_3:P"}}`).want(t, 200, map[string]any{
		"result.item.stageId": "DT31_3:P", "result.item.previousStageId": "DT31_3:N", "result.item.movedBy": 1.0,
	})
	w.call(admin, "crm.timeline.logmessage.add", `{"fields":{"entityTypeId":31,"entityId":77,"title":"Paid","text":"Ref P-1","iconCode":"info"}}`).
		want(t, 200, map[string]any{"result.logMessage.title": "Paid", "result.logMessage.authorId": 1.0})
	w.call(admin, "crm.timeline.logmessage.list", `{"entityTypeId":31,"entityId":77}`).want(t, 200, map[string]any{
		"result.0.text": "Ref P-1", "total": 1.0,
	})

	w.sim.WaitEvents()
	posts := w.app.received()
	last := posts[len(posts)-1]
	want := url.Values{"event": {"ONCRMDYNAMICITEMUPDATE"}, "data[FIELDS][ID]": {"77"}, "data[FIELDS][ENTITY_TYPE_ID]": {"31"}}
	got := url.Values{}
	for name := range want {
		got[name] = last[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event differs (-want +got):\n%s", diff)
	}
	w.wantViolations()
}
