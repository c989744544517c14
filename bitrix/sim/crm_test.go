package sim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

// addInvoice adds one as the administrator and returns its id as text.
func (w *world) addInvoice(token, fields string) string {
	w.t.Helper()
	added := w.call(token, "crm.item.add", `{"entityTypeId":31,"fields":{`+fields+`}}`)
	id, ok := added.at("result.item.id").(float64)
	if !ok {
		w.t.Fatalf("no invoice: %s", added.raw)
	}
	return itoa(int(id))
}

func TestTheUniversalMethodsSendRealTypes(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "crm.item.get", `{"entityTypeId":2,"id":"512"}`).want(t, 200, map[string]any{
		"result.item.id": 512.0, "result.item.opportunity": 287.0, "result.item.isManualOpportunity": "N",
		"result.item.contactIds": []any{208.0}, "result.item.categoryId": 0.0, "result.item.stageSemanticId": "P",
		"result.item.createdTime": "2026-11-21T10:00:00+13:00", "result.item.entityTypeId": 2.0, "result.item.closed": "N",
	})
	w.call(token, "crm.item.list", `{"entityTypeId":4,"filter":{"isMyCompany":"Y"},"select":["id","title"]}`).want(t, 200, map[string]any{
		"result.items": []any{map[string]any{"id": 3.0, "title": "Harbour Supplies Ltd"}},
	})
	w.call(token, "crm.item.fields", `{"entityTypeId":31}`).want(t, 200, map[string]any{
		"result.fields.opportunity.type": "double", "result.fields.accountNumber.isReadOnly": true,
		"result.fields.parentId2.upperName": "PARENT_ID_2", "result.fields.originId": nil,
	})
}

func TestTheOldMethodsSendTexts(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "crm.deal.get", `{"id":512}`).want(t, 200, map[string]any{
		"result.ID": "512", "result.OPPORTUNITY": "287.00", "result.COMPANY_ID": "61", "result.STAGE_ID": "EXECUTING",
		"result.IS_MANUAL_OPPORTUNITY": "N", "result.DATE_CREATE": "2026-11-21T10:00:00+13:00",
	})
	w.call(token, "crm.deal.list", `{"filter":{">OPPORTUNITY":400,"STAGE_ID":"NEW"}}`).want(t, 200, map[string]any{
		"result.0.ID": "514", "total": 1.0,
	})
	w.call(token, "crm.deal.productrows.get", `{"id":512}`).want(t, 200, map[string]any{
		"result.0.PRODUCT_NAME": "Bilge pump 24V", "result.0.PRICE": 115.0, "result.0.QUANTITY": 2.0,
	})
	w.call(token, "crm.deal.update", `{"id":512,"fields":{"STAGE_ID":"WON"}}`).want(t, 200, map[string]any{"result": true})
	w.call(token, "crm.deal.get", `{"id":512}`).want(t, 200, map[string]any{"result.STAGE_SEMANTIC_ID": "S", "result.CLOSED": "Y"})
	w.call(token, "crm.deal.get", `{"id":9}`).want(t, 400, map[string]any{"error": ""})
	w.call(token, "crm.contact.get", `{"id":208}`).want(t, 200, map[string]any{
		"result.ID": "208", "result.LAST_NAME": "Clarke", "result.EMAIL.0.VALUE": "wiremu.clarke@pelorus.example", "result.EMAIL.0.TYPE_ID": "EMAIL",
	})
	w.call(token, "crm.contact.get", `{"id":9}`).want(t, 400, map[string]any{"error": ""})
}

func TestTheAmountFollowsTheRowsUnlessItIsKeptByHand(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fields, rows string
		amount, tax  float64
	}{
		"an amount without the flag is overwritten": {`"opportunity":50`, "", 0, 0},
		"an amount kept by hand stays":              {`"opportunity":"50.25","isManualOpportunity":"Y"`, "", 50.25, 0},
		"rows do not touch an amount kept by hand":  {`"opportunity":50,"isManualOpportunity":"Y"`, `{"productName":"A","price":9}`, 50, 0},
		"rows sum up":                                {``, `{"productName":"A","price":"9.99","quantity":3},{"productName":"B","price":0.03}`, 30, 0},
		"tax is taken out of the final price":        {``, `{"productName":"A","price":115,"quantity":2,"taxRate":15,"taxIncluded":"Y"}`, 230, 30},
		"a broken quantity is rounded once per line": {``, `{"productName":"Rope","price":3.33,"quantity":1.5}`, 5, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.t = t
			id := w.addInvoice(token, tt.fields)
			if tt.rows != "" {
				w.call(token, "crm.item.productrow.set", `{"ownerType":"SI","ownerId":`+id+`,"productRows":[`+tt.rows+`]}`).want(t, 200, nil)
			}
			w.call(token, "crm.item.get", `{"entityTypeId":31,"id":`+id+`}`).want(t, 200, map[string]any{
				"result.item.opportunity": tt.amount, "result.item.taxValue": tt.tax,
			})
		})
	}
}

func TestProductRowsKnowTheirPrices(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	id := w.addInvoice(token, `"title":"x"`)
	w.call(token, "crm.item.productrow.set", `{"ownerType":"SI","ownerId":`+id+`,"productRows":[
		{"productName":"A","price":90,"taxRate":10,"discountTypeId":2,"discountRate":10}]}`).want(t, 200, map[string]any{
		"result.productRows.0.priceExclusive": 81.82, "result.productRows.0.priceNetto": 90.91,
		"result.productRows.0.priceBrutto": 100.0, "result.productRows.0.discountSum": 9.09,
		"result.productRows.0.quantity": 1.0, "result.productRows.0.taxIncluded": "N",
	})
	added := w.call(token, "crm.item.productrow.add", `{"fields":{"ownerType":"SI","ownerId":`+id+`,"productName":"B","price":10}}`)
	added.want(t, 200, map[string]any{"result.productRow.taxRate": nil, "result.productRow.sort": 20.0})
	row, _ := added.at("result.productRow.id").(float64)
	w.call(token, "crm.item.productrow.delete", `{"id":`+itoa(int(row))+`}`).want(t, 200, map[string]any{"result": nil})
	w.call(token, "crm.item.productrow.list", `{"filter":{"=ownerType":"SI","=ownerId":`+id+`}}`).want(t, 200, map[string]any{"total": 1.0})
	w.call(token, "crm.item.productrow.list", `{"filter":{"=ownerType":"SI","=ownerId":5}}`).want(t, 400, map[string]any{"error": "OWNER_NOT_FOUND"})
	if inv, _ := w.sim.Invoice(77); inv.Amount != "90" || inv.Rows != 1 {
		t.Errorf("the invoice has %s in %d rows", inv.Amount, inv.Rows)
	}
}

func TestFiltersPickWhatTheySay(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.RateBurst = -1 })
	tests := map[string]struct {
		filter string
		ids    []any
	}{
		"equal":               {`{"title":"navigation lights"}`, []any{515.0}},
		"not equal":           {`{"!currencyId":"AUD"}`, []any{515.0}},
		"greater":             {`{">opportunity":450}`, []any{513.0}},
		"at least":            {`{">=opportunity":"450.00"}`, []any{513.0, 514.0}},
		"less, after an id":   {`{"<opportunity":400,">id":512}`, []any{515.0}},
		"in":                  {`{"@stageId":["EXECUTING","PREPARATION"]}`, []any{512.0, 513.0}},
		"not in":              {`{"!@id":[512,513]}`, []any{514.0, 515.0}},
		"a list means in":     {`{"id":[512,515,9]}`, []any{512.0, 515.0}},
		"contains":            {`{"%title":"PUMP"}`, []any{512.0}},
		"like":                {`{"=%title":"%lights"}`, []any{515.0}},
		"not like":            {`{"!%title":"i"}`, []any{}},
		"one of several":      {`{"0":{"logic":"OR","id":512,"title":"Navigation lights"}}`, []any{512.0, 515.0}},
		"contacts of a deal":  {`{"contactIds":208,"id":514}`, []any{514.0}},
		"empty":               {`{"companyId":0}`, []any{}},
		"since a moment":      {`{">=updatedTime":"2026-11-21T10:00:01+13:00"}`, []any{}},
		"until a moment, UTC": {`{"<=createdTime":"2026-11-20T21:00:00Z","id":512}`, []any{512.0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := w.call(token, "crm.item.list", `{"entityTypeId":2,"order":{"id":"asc"},"select":["id"],"filter":`+tt.filter+`}`)
			got := []any{}
			items, _ := a.at("result.items").([]any)
			for _, it := range items {
				row, _ := it.(map[string]any)
				got = append(got, row["id"])
			}
			if diff := cmp.Diff(tt.ids, got); diff != "" {
				t.Errorf("rows differ (-want +got):\n%s\n%s", diff, a.raw)
			}
		})
	}
	w.wantViolations()
}

func TestAPortalMayRefuseToFilterByTheOutsideCode(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.RefuseFilter("xmlId")
	w.call(token, "crm.item.list", `{"entityTypeId":31,"filter":{"=xmlId":"a"}}`).want(t, 400, map[string]any{"error": "INVALID_ARG_VALUE"})
	w.wantViolations()
}

func TestReferencesMustExist(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{
		`"companyId":999`, `"contactIds":[208,999]`, `"parentId2":999`, `"stageId":"DT31_4:P"`, `"currencyId":"XTS"`,
		`"assignedById":99`, `"categoryId":8`,
	} {
		t.Run(fields, func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.t = t
			w.call(token, "crm.item.add", `{"entityTypeId":31,"fields":{`+fields+`}}`).
				want(t, 400, map[string]any{"error": "CRM_FIELD_ERROR_VALUE_NOT_VALID"})
			if left := w.sim.Invoices(0); len(left) != 0 {
				t.Errorf("a refused invoice was stored: %v", left)
			}
		})
	}
}

func TestAStageMayNeedAField(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.addInvoice(token, `"title":"x"`)
	w.sim.Require("DT31_3:P", "comments")
	const pay = `{"entityTypeId":31,"id":77,"fields":{"stageId":"DT31_3:P"}}`
	w.call(token, "crm.item.update", pay).want(t, 400, map[string]any{
		"error": "CRM_FIELD_ERROR_REQUIRED", "error_description": `The field "comments" is required.`,
	})
	w.call(token, "crm.item.update", `{"entityTypeId":31,"id":77,"fields":{"stageId":"DT31_3:P","comments":"cash desk"}}`).want(t, 200, nil)
	inv, _ := w.sim.Invoice(77)
	if inv.Stage != "DT31_3:P" || inv.Semantics != "S" {
		t.Errorf("the invoice stands in %s (%s)", inv.Stage, inv.Semantics)
	}
	w.wantViolations()
}

func TestRightsDecideWhatAUserSeesAndDoes(t *testing.T) {
	t.Parallel()
	w, admin := installed(t)
	w.addInvoice(admin, `"title":"x","parentId2":512`)
	ines, tom := w.token(16), w.token(15)
	w.call(ines, "crm.item.get", `{"entityTypeId":2,"id":512}`).want(t, 400, map[string]any{"error": "ACCESS_DENIED"})
	w.call(ines, "crm.item.list", `{"entityTypeId":31}`).want(t, 200, map[string]any{"result.items": []any{}, "total": 0.0})
	w.call(tom, "placement.bind", `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB","HANDLER":"http://a/"}`).want(t, 403, map[string]any{"error": "ACCESS_DENIED"})
	w.call(tom, "app.option.set", `{"options":{"a":"b"}}`).want(t, 403, nil)
	w.call(tom, "crm.status.add", `{"fields":{"ENTITY_ID":"SMART_INVOICE_STAGE_3","STATUS_ID":"X","NAME":"X"}}`).want(t, 400, map[string]any{"error": ""})

	w.sim.SetRights(15, sim.Rights{Read: true, Write: true, App: true})
	w.call(tom, "crm.item.update", `{"entityTypeId":31,"id":77,"fields":{"title":"y"}}`).want(t, 200, map[string]any{"result.item.title": "y"})
	w.call(tom, "crm.item.update", `{"entityTypeId":31,"id":77,"fields":{"stageId":"DT31_3:P"}}`).want(t, 400, map[string]any{"error": ""})
	w.sim.SetRights(15, sim.Rights{Read: true, App: true})
	w.call(tom, "crm.item.update", `{"entityTypeId":31,"id":77,"fields":{"title":"z"}}`).want(t, 400, map[string]any{"error": "ACCESS_DENIED"})
	w.sim.SetRights(15, sim.Rights{Read: true})
	w.call(tom, "profile", "").want(t, 403, map[string]any{"error": "user_access_error"})
	w.wantViolations()
}

func TestAnAdministratorAddsAStage(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	const add = `{"fields":{"ENTITY_ID":"SMART_INVOICE_STAGE_3","STATUS_ID":"POS_REFUNDED","NAME":"Refunded","SORT":50,"COLOR":"#A8ADB4","SEMANTICS":"F"}}`
	w.call(token, "crm.status.add", add).want(t, 200, map[string]any{"result": 601.0})
	w.call(token, "crm.status.add", add).want(t, 400, map[string]any{"error": "ERROR_CORE"})
	w.call(token, "crm.status.list", `{"filter":{"ENTITY_ID":"SMART_INVOICE_STAGE_3"},"order":{"SORT":"DESC"}}`).want(t, 200, map[string]any{
		"result.0.STATUS_ID": "DT31_3:POS_REFUNDED", "result.0.EXTRA.SEMANTICS": "failure", "total": 5.0,
	})
	w.call(token, "crm.status.list", `{"filter":{"ENTITY_ID":"SMART_INVOICE_STAGE_31"}}`).want(t, 200, map[string]any{"result": []any{}, "total": 0.0})
	w.call(token, "crm.currency.list", "").want(t, 200, map[string]any{"result.0.CURRENCY": "AUD", "result.0.BASE": "Y"})
	w.call(token, "crm.status.entity.types", "").want(t, 200, map[string]any{"result.1.PREFIX": "DT31_3", "result.1.CATEGORY_ID": 3.0})
}

func TestCustomFieldsHaveTwoSpellings(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.Scopes = []string{"crm", "placement", "im", "userfieldconfig"} })
	const field = `"field":{"entityId":"CRM_SMART_INVOICE","fieldName":"UF_CRM_SMART_INVOICE_POS_TXN","userTypeId":"string","editFormLabel":{"en":"POS"}}}`
	w.call(token, "userfieldconfig.add", `{"moduleId":"crm",`+field).want(t, 200, map[string]any{"result.field.id": "6901"})
	w.call(token, "userfieldconfig.list", `{"moduleId":"crm","filter":{"entityId":"CRM_SMART_INVOICE"}}`).want(t, 200, map[string]any{"total": 1.0})
	id := w.addInvoice(token, `"ufCrmSmartInvoicePosTxn":"P-1"`)
	w.call(token, "crm.item.get", `{"entityTypeId":31,"id":`+id+`}`).want(t, 200, map[string]any{"result.item.ufCrmSmartInvoicePosTxn": "P-1"})
	w.call(token, "crm.item.get", `{"entityTypeId":31,"useOriginalUfNames":"Y","id":`+id+`}`).want(t, 200, map[string]any{
		"result.item.UF_CRM_SMART_INVOICE_POS_TXN": "P-1",
	})
}

func TestCustomFieldsKeepTheirKind(t *testing.T) {
	t.Parallel()
	w, token := installed(t, func(c *sim.Config) { c.Scopes = []string{"crm", "userfieldconfig"} })
	for code, kind := range map[string]string{
		"PAID": "money", "DONE": "boolean", "COUNT": "integer", "RATE": "double", "DAY": "date", "AT": "datetime",
	} {
		w.call(token, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_`+code+`","userTypeId":"`+kind+`"}}`).want(t, 200, nil)
	}
	w.call(token, "crm.item.update", `{"entityTypeId":2,"id":512,"useOriginalUfNames":"Y","fields":{
		"UF_CRM_PAID":"12.50|NZD","UF_CRM_DONE":true,"UF_CRM_COUNT":"3","UF_CRM_RATE":"0.5","UF_CRM_DAY":"2026-11-22",
		"UF_CRM_AT":"2026-11-22T01:00:00Z"}}`).want(t, 200, map[string]any{
		"result.item.UF_CRM_PAID": "12.50|NZD", "result.item.UF_CRM_DONE": "Y", "result.item.UF_CRM_COUNT": 3.0,
		"result.item.UF_CRM_RATE": 0.5, "result.item.UF_CRM_DAY": "2026-11-22T00:00:00+13:00",
		"result.item.UF_CRM_AT": "2026-11-22T14:00:00+13:00",
	})
	w.call(token, "crm.item.list", `{"entityTypeId":2,"filter":{"UF_CRM_DONE":1},"select":["id"]}`).want(t, 200, map[string]any{"total": 1.0})
	for _, bad := range []string{`"fieldName":"PAID"`, `"fieldName":"UF_paid"`, `"fieldName":"UF_CRM_DONE"`} {
		w.call(token, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","userTypeId":"string",`+bad+`}}`).
			want(t, 400, map[string]any{"error": "0"})
	}
}

func TestWhatIsDeletedIsGone(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	id := w.addInvoice(token, `"title":"x","parentId2":512`)
	row := w.call(token, "crm.item.productrow.add", `{"fields":{"ownerType":"SI","ownerId":`+id+`,"productName":"B","price":10,"discountTypeId":1,"discountSum":2}}`)
	row.want(t, 200, map[string]any{"result.productRow.priceNetto": 12.0, "result.productRow.ownerType": "SI"})
	rowID, _ := row.at("result.productRow.id").(float64)
	w.call(token, "crm.item.productrow.get", `{"id":`+itoa(int(rowID))+`}`).want(t, 200, map[string]any{"result.productRow.price": 10.0})
	w.call(token, "crm.item.delete", `{"entityTypeId":31,"id":`+id+`}`).want(t, 200, map[string]any{"result": []any{}})
	w.call(token, "crm.item.get", `{"entityTypeId":31,"id":`+id+`}`).want(t, 400, map[string]any{"error": "NOT_FOUND"})
	w.call(token, "crm.item.productrow.get", `{"id":`+itoa(int(rowID))+`}`).want(t, 400, map[string]any{"error": "NOT_FOUND"})
	if deal, _ := w.sim.Deal(512); len(deal.Invoices) != 0 {
		t.Errorf("the deal still has invoices %v", deal.Invoices)
	}

	logged := w.call(token, "crm.timeline.logmessage.add", logMessage(2, 512, "x"))
	entry, _ := logged.at("result.logMessage.id").(float64)
	w.call(token, "crm.timeline.logmessage.delete", `{"id":`+itoa(int(entry))+`}`).want(t, 200, map[string]any{"result": nil})
	if left := w.sim.Timeline(2, 512); len(left) != 0 {
		t.Errorf("the timeline still has %v", left)
	}
}

func TestColleaguesChangeADealsProducts(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.SetLines(2, 512, []sim.Line{{Name: "Pump", Price: "300.05", Quantity: 3}})
	w.call(token, "crm.item.get", `{"entityTypeId":2,"id":512}`).want(t, 200, map[string]any{"result.item.opportunity": 900.15})
	w.call(token, "crm.deal.get", `{"id":512}`).want(t, 200, map[string]any{"result.OPPORTUNITY": "900.15"})
}

func TestUsersAreFoundById(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "user.get", `{"FILTER":{"ID":[14,15]}}`).want(t, 200, map[string]any{"result.0.ID": "14", "result.1.NAME": "Tom", "total": 2.0})
	w.call(token, "user.get", `{"ID":16}`).want(t, 200, map[string]any{"result.0.LAST_NAME": "Okafor", "total": 1.0})
	w.call(token, "user.admin", "").want(t, 200, map[string]any{"result": true})
	w.call(w.token(14), "user.admin", "").want(t, 200, map[string]any{"result": false})
	w.call(token, "crm.timeline.icon.list", "").want(t, 200, map[string]any{"result.icons.0.code": "info"})
}
