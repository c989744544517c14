package sim_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

func TestTheStoreIsForAdministratorsAndRefusesInNumbers(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	cashier := w.sim.EntryForm(14, "CRM_ORDER_DETAIL_TAB", 900).Body.Get("AUTH_ID")
	for method, params := range map[string]string{
		"sale.order.get": `{"id":900}`, "sale.payment.list": `{"filter":{"=orderId":900}}`,
		"crm.orderentity.list": `{"filter":{"=orderId":900}}`, "sale.persontype.list": `{}`,
	} {
		w.call(cashier, method, params).want(t, 400, map[string]any{"error": 200040300010.0})
	}
	w.call(token, "sale.order.get", `{"id":900}`).want(t, 200, map[string]any{
		"result.order.id": 900.0, "result.order.price": 540.0, "result.order.personTypeId": 3.0,
		"result.order.payments.0.id": 1410.0, "result.order.payments.0.accountNumber": "900/1", "result.order.payments.0.paid": "N",
	})
	w.call(token, "sale.order.get", `{"id":901}`).want(t, 400, map[string]any{"error": 200540400001.0})
	w.call(token, "sale.payment.add", `{"fields":{"orderId":901,"paySystemId":6,"sum":1}}`).want(t, 400, map[string]any{"error": 201240400001.0})
	w.call(token, "sale.payment.update", `{"id":5,"fields":{"paySystemId":6}}`).want(t, 400, map[string]any{"error": 200640400001.0})
}

func TestPayingAnOrdersPaymentPaysTheOrder(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "sale.payment.update", `{"id":1410,"fields":{"paid":"Y","paySystemId":6,"psInvoiceId":"P-1","psSum":540}}`).
		want(t, 200, map[string]any{"result.payment.paid": "Y", "result.payment.empPaidId": 1.0, "result.payment.psInvoiceId": "P-1"})
	order, _ := w.sim.Order(900)
	if !order.Paid || !order.Payments[0].Paid || order.Payments[0].Fields["datePaid"] == "" {
		t.Errorf("the order is %+v", order)
	}
	w.call(token, "sale.payment.update", `{"id":1410,"fields":{"paySystemId":6,"sum":1}}`).want(t, 400, map[string]any{"error": 0.0})
	w.call(token, "sale.payment.add", `{"fields":{"orderId":900,"paySystemId":6,"sum":"20.00","xmlId":"x"}}`).
		want(t, 200, map[string]any{"result.payment.sum": 20.0, "result.payment.xmlId": "x", "result.payment.accountNumber": "900/2"})

	// The pay system is required again, and isReturn moves money: both are noted against the caller.
	w.call(token, "sale.payment.update", `{"id":1410,"fields":{"paid":"N"}}`).want(t, 400, map[string]any{"error": 100.0})
	w.call(token, "sale.payment.update", `{"id":1410,"fields":{"paid":"N","paySystemId":6,"isReturn":"Y"}}`).want(t, 200, nil)
	var rules []string
	for _, v := range w.sim.Violations() {
		rules = append(rules, v.Rule)
	}
	if diff := cmp.Diff([]string{"missing parameter", "isReturn"}, rules); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
}

func TestAnOrderHasOneOwnerAndItsPaySystemsGoWithTheApp(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "crm.orderentity.add", `{"fields":{"orderId":900,"ownerId":512,"ownerTypeId":2}}`).
		want(t, 200, map[string]any{"result.dealOrder.orderId": 900.0})
	w.call(token, "crm.orderentity.add", `{"fields":{"orderId":900,"ownerId":513,"ownerTypeId":2}}`).want(t, 400, map[string]any{"error": 201650000001.0})
	w.call(token, "crm.orderentity.list", `{"filter":{"=ownerTypeId":2,"=ownerId":512},"start":-1}`).
		want(t, 200, map[string]any{"result.orderEntity.0.orderId": 900.0})

	handler := `{"NAME":"EFTPOS","CODE":"eftpos","SETTINGS":{"FORM_DATA":{"ACTION_URI":"http://localhost"}}}`
	w.call(token, "sale.paysystem.handler.add", handler).want(t, 200, nil)
	w.call(token, "sale.paysystem.handler.add", handler).want(t, 400, map[string]any{"error": "ERROR_HANDLER_ALREADY_EXIST"})
	w.call(token, "sale.paysystem.add", `{"NAME":"EFTPOS","PERSON_TYPE_ID":9,"BX_REST_HANDLER":"eftpos","XML_ID":"eftpos"}`).
		want(t, 400, map[string]any{"error": "ERROR_PERSON_TYPE_NOT_FOUND"})
	w.call(token, "sale.paysystem.add", `{"NAME":"EFTPOS","PERSON_TYPE_ID":3,"BX_REST_HANDLER":"eftpos","XML_ID":"eftpos"}`).want(t, 200, nil)
	systems, _ := w.sim.PaySystems()
	if !slices.Equal(systems, []string{"eftpos 3"}) {
		t.Errorf("pay systems: %v", systems)
	}
	w.sim.Uninstall(false)
	if systems, handlers := w.sim.PaySystems(); len(systems)+len(handlers) != 0 {
		t.Errorf("after the uninstallation there are %v, %v", systems, handlers)
	}
}

func TestTheAppMeetsLifeInAPortal(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "event.bind", `{"event":"ONAPPPAYMENT","handler":"`+w.app.server.URL+`/events"}`).want(t, 200, nil)
	w.sim.ExpirePayment(true)
	w.sim.WaitEvents()
	got := w.app.received()
	post := got[len(got)-1]
	if post.Get("event") != "ONAPPPAYMENT" || post.Get("auth[application_token]") != "" || post.Get("auth[access_token]") != "" {
		t.Errorf("the event proves itself, which the documented one does not: %v", post)
	}
	w.call(token, "app.info", `{}`).want(t, 200, map[string]any{"result.PAYMENT_EXPIRED": "Y"})

	w.sim.AddFunnel(9, "Retail")
	w.call(token, "crm.item.add", `{"entityTypeId":31,"fields":{"title":"In another funnel","categoryId":9}}`).
		want(t, 200, map[string]any{"result.item.stageId": "DT31_9:N"})
	deal := w.sim.AddDeal(sim.NewDeal{Title: "Long"})
	w.sim.AddInvoices(deal, 60)
	if n := len(w.sim.Invoices(deal)); n != 60 {
		t.Errorf("the deal has %d invoices", n)
	}
}
