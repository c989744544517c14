package bitrix_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

const order900 = `{"id":900,"accountNumber":"900","price":540,"currency":"NZD","canceled":"N","personTypeId":"3",
	"clients":[{"entityTypeId":3,"entityId":208,"isPrimary":"Y"},{"entityTypeId":"4","entityId":"61"}],
	"payments":[{"id":1400,"orderId":900,"accountNumber":"900/1","paid":"N","sum":540,"currency":"NZD","paySystemId":6,"isReturn":"N","psInvoiceId":190}]}`

func wantOrder() bitrix.Order {
	return bitrix.Order{
		ID: 900, Number: "900", Price: "540", Currency: "NZD", PersonTypeID: 3, ContactIDs: []int64{208}, CompanyIDs: []int64{61},
		Payments: []bitrix.OrderPayment{{
			ID: 1400, OrderID: 900, Number: "900/1", Sum: "540", Currency: "NZD", PaySystemID: 6, InvoiceID: "190",
		}},
	}
}

func TestAnOrderComesWithItsPaymentsAndTheDealItIsBoundTo(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch",
		result(`{"result":{"order":{"order":`+order900+`},"owner":{"orderEntity":[{"orderId":"900","ownerId":"512","ownerTypeId":"2"}]}}}`),
		result(`{"result":{"order":{"order":`+order900+`}},"result_error":{"owner":{"error":200040300010}}}`),
		result(`{"result":{"order":{"order":{"id":901}}}}`),
		result(`{"result":[],"result_error":{"order":{"error":200540400001,"error_description":"order is not exists"}}}`))

	order, deal, err := s.portal().OrderWithDeal(t.Context(), 900)
	succeeds(t, err)
	equal(t, order, wantOrder())
	equal(t, deal, int64(512))
	// A portal that does not tell bindings has orders all the same.
	order, deal, err = s.portal().OrderWithDeal(t.Context(), 900)
	succeeds(t, err)
	equal(t, order, wantOrder())
	equal(t, deal, int64(0))
	for _, want := range []bitrix.Class{bitrix.Unclear, bitrix.NotFound} {
		_, _, err = s.portal().OrderWithDeal(t.Context(), 900)
		class(t, err, want)
	}
}

func TestTheOrdersOfADealAreOneRequestOnceTheyAreKnown(t *testing.T) {
	t.Parallel()
	bound := `"bound":{"orderEntity":[{"orderId":900,"ownerId":512,"ownerTypeId":2},{"orderId":77,"ownerId":513,"ownerTypeId":2}]}`
	s := newScript(t).on("batch",
		result(`{"result":{`+bound+`}}`), result(`{"result":{"order900":{"order":`+order900+`}}}`),
		result(`{"result":{`+bound+`,"order900":{"order":`+order900+`}}}`),
		result(`{"result":{"bound":{"orderEntity":[]}},"result_error":{"order900":{"error":"200540400001"}}}`))

	for _, requests := range []int{2, 3} {
		orders, err := s.portal().OrdersOfDeal(t.Context(), 512)
		succeeds(t, err)
		equal(t, orders, []bitrix.Order{wantOrder()})
		equal(t, len(s.calls), requests)
	}
	orders, err := s.portal().OrdersOfDeal(t.Context(), 512)
	succeeds(t, err)
	equal(t, len(orders), 0)
}

func TestHalfADealsOrdersAreAnError(t *testing.T) {
	t.Parallel()
	bound := `"bound":{"orderEntity":[{"orderId":900,"ownerId":512,"ownerTypeId":2}]}`
	for name, second := range map[string]reply{
		"the order's answer fails":  result(`{"result":[],"result_error":{"order900":{"error":"INTERNAL_SERVER_ERROR"}}}`),
		"another order is answered": result(`{"result":{"order900":{"order":{"id":1}}}}`),
		"another order's payment":   result(`{"result":{"order900":{"order":{"id":900,"payments":[{"id":1,"orderId":5}]}}}}`),
		"nothing is answered":       result(`{"result":[]}`),
		"the batch fails":           says(500, "<html>"),
	} {
		s := newScript(t).on("batch", result(`{"result":{`+bound+`}}`), second)
		if orders, err := s.portal().OrdersOfDeal(t.Context(), 512); bitrix.ClassOf(err) != bitrix.Unclear {
			t.Errorf("%s: %v, %v", name, orders, err)
		}
	}
}

func TestAnOrdersPaymentIsAddedMarkedAndReturnedWithoutTheFlagThatMovesMoney(t *testing.T) {
	t.Parallel()
	done := result(`{"payment":{"id":1410,"orderId":900,"accountNumber":"900/2","paid":"Y","sum":"200.00","currency":"NZD","paySystemId":31,"xmlId":"pos-1"}}`)
	s := newScript(t).on("sale.payment.add", done).on("sale.payment.update", done, done, done, result(`{"payment":{"id":5}}`))
	p, at := s.portal(), time.Date(2026, 11, 21, 10, 30, 0, 0, time.FixedZone("", 13*3600))

	added, err := p.AddOrderPayment(t.Context(), 900, 31, "200.00", "pos-1")
	succeeds(t, err)
	equal(t, added, bitrix.OrderPayment{
		ID: 1410, OrderID: 900, Number: "900/2", XMLID: "pos-1", Sum: "200.00", Currency: "NZD", PaySystemID: 31, Paid: true,
	})
	equal(t, s.last(), map[string]any{"fields": map[string]any{
		"orderId": 900.0, "paySystemId": 31.0, "sum": 200.0, "paid": "N", "xmlId": "pos-1",
	}})

	_, err = p.MarkOrderPaid(t.Context(), 1410, bitrix.PaidBy{
		PaySystemID: 31, Reference: "P-1", Code: "00", Message: "APPROVED", Voucher: "6327", Sum: "200.00", Currency: "NZD", At: at,
	})
	succeeds(t, err)
	equal(t, s.last(), map[string]any{"id": 1410.0, "fields": map[string]any{
		"paySystemId": 31.0, "paid": "Y", "datePaid": "2026-11-20T21:30:00Z", "psStatus": "Y", "psSum": 200.0, "psCurrency": "NZD",
		"psResponseDate": "2026-11-20T21:30:00Z", "psInvoiceId": "P-1", "payVoucherDate": "2026-11-20T21:30:00Z",
		"psStatusCode": "00", "psStatusMessage": "APPROVED", "payVoucherNum": "6327",
	}})

	for _, full := range []bool{true, false} {
		_, err = p.MarkOrderReturned(t.Context(), 1410, bitrix.ReturnedBy{PaySystemID: 31, Full: full, Reference: "R-1", At: at, Comment: "returned"})
		succeeds(t, err)
		fields, _ := s.last()["fields"].(map[string]any)
		if _, set := fields["isReturn"]; set {
			t.Error("isReturn would pay the buyer a second time")
		}
		if paid, set := fields["paid"]; set != full || (full && paid != "N") {
			t.Errorf("full %v, and paid becomes %v", full, paid)
		}
		equal(t, fields["payReturnDate"], any("2026-11-20"))
	}
	_, err = p.MarkOrderReturned(t.Context(), 1410, bitrix.ReturnedBy{PaySystemID: 31})
	class(t, err, bitrix.Unclear)
}

func TestOurPaySystemIsLookedForAndMade(t *testing.T) {
	t.Parallel()
	s := newScript(t).
		on("sale.paysystem.list", result(`[{"ID":"6","NAME":"Bank","XML_ID":"","ACTIVE":"Y","PERSON_TYPE_ID":3},
			{"ID":31,"NAME":"EFTPOS terminal","XML_ID":"eftpos_terminal","ACTIVE":"Y","PERSON_TYPE_ID":"3"}]`)).
		on("sale.persontype.list", result(`{"personTypes":[{"id":3},{"id":"4"}]}`)).
		on("sale.paysystem.handler.add", result(`7`), refuses(400, "ERROR_HANDLER_ALREADY_EXIST"), refuses(400, "ERROR_CHECK_FAILURE")).
		on("sale.paysystem.add", result(`32`), result(`0`))
	p := s.portal()

	// The portal ignored the filter: another one's is not ours.
	have, err := p.PaySystems(t.Context(), "eftpos_terminal")
	succeeds(t, err)
	equal(t, have, []bitrix.PaySystem{{ID: 31, Name: "EFTPOS terminal", XMLID: "eftpos_terminal", Active: true, PersonTypeID: 3}})
	types, err := p.PersonTypes(t.Context())
	succeeds(t, err)
	equal(t, types, []int64{3, 4})
	for range 2 {
		succeeds(t, p.AddPaySystemHandler(t.Context(), "EFTPOS terminal", "eftpos_terminal", "https://pos.example.nz/bitrix/app"))
	}
	class(t, p.AddPaySystemHandler(t.Context(), "EFTPOS terminal", "eftpos_terminal", "https://pos.example.nz/bitrix/app"), bitrix.Invalid)
	id, err := p.AddPaySystem(t.Context(), bitrix.PaySystem{Name: "EFTPOS terminal", XMLID: "eftpos_terminal", Active: true, PersonTypeID: 4}, "eftpos_terminal")
	succeeds(t, err)
	equal(t, id, int64(32))
	_, err = p.AddPaySystem(t.Context(), bitrix.PaySystem{}, "eftpos_terminal")
	class(t, err, bitrix.Unclear)
}

func TestWhatMayBeReadIsCounted(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch", result(`{"result":{"item0":{"item":{"id":1}}},"result_error":{"item1":{"error":"ACCESS_DENIED"},
		"item2":{"error":"NOT_FOUND"},"item3":{"error":"ENTITY_TYPE_NOT_SUPPORTED"}}}`), result(`{"result":[],"result_error":{"item0":{"error":"INTERNAL_SERVER_ERROR"}}}`))
	items := []bitrix.Item{{Type: 2, ID: 1}, {Type: 3, ID: 2}, {Type: 4, ID: 3}, {Type: 5, ID: 4}}
	readable, denied, err := s.portal().Readable(t.Context(), items)
	succeeds(t, err)
	equal(t, [2]int{readable, denied}, [2]int{1, 1})
	_, _, err = s.portal().Readable(t.Context(), items[:1])
	class(t, err, bitrix.Unclear)
	readable, denied, err = s.portal().Readable(t.Context(), nil)
	succeeds(t, err)
	equal(t, [2]int{readable, denied}, [2]int{0, 0})
}

func TestARequiredFieldIsNamedForPeople(t *testing.T) {
	t.Parallel()
	fields := result(`{"fields":{"title":{"title":"Name","upperName":"TITLE"},"UF_CRM_SMART_INVOICE_PO":{"title":"Order number","upperName":"UF_CRM_SMART_INVOICE_PO"}}}`)
	for name, c := range map[string]struct{ code, text, field, title string }{
		"by its title":       {"", `The field \"Order number\" is required.`, "UF_CRM_SMART_INVOICE_PO", "Order number"},
		"by its name":        {"CRM_FIELD_ERROR_REQUIRED", `The field \"UF_CRM_SMART_INVOICE_PO\" is empty`, "UF_CRM_SMART_INVOICE_PO", "Order number"},
		"a field of nobody":  {"CRM_FIELD_ERROR_REQUIRED", "Something is empty", "", ""},
		"of something other": {"INVALID_ARG_VALUE", "Wrong title", "", ""},
	} {
		s := newScript(t).on("crm.item.add", says(400, fmt.Sprintf(`{"error":"%s","error_description":"%s"}`, c.code, c.text))).on("crm.item.fields", fields)
		_, err := s.portal().AddInvoice(t.Context(), bitrix.InvoiceFields{Title: "Deposit"})
		field, title := s.portal().RequiredField(t.Context(), bitrix.TypeInvoice, err)
		if field != c.field || title != c.title {
			t.Errorf("%s: %q, %q", name, field, title)
		}
	}
	field, _ := newScript(t).portal().RequiredField(t.Context(), bitrix.TypeInvoice, nil)
	equal(t, field, "")
}

func TestADealIsReadWithWhoOpensIt(t *testing.T) {
	t.Parallel()
	profile := `"profile":{"ID":"14","ADMIN":false,"NAME":"Mere","LAST_NAME":"Tane"}`
	s := newScript(t).on("batch",
		result(`{"result":{`+profile+`,"deal":{"item":`+dealItem+`},"invoices":{"items":`+items(78, 2, 512)+`}}}`),
		result(`{"result":{`+profile+`},"result_error":{"deal":{"error":"ACCESS_DENIED"}}}`),
		result(`{"result":[],"result_error":{"profile":{"error":"ERROR_CORE"}}}`))

	who, opened, err := s.portal().OpenDeal(t.Context(), 512)
	succeeds(t, err)
	equal(t, who, bitrix.Profile{ID: "14", Name: "Mere", LastName: "Tane"})
	deal, invoices, err := opened.Deal()
	succeeds(t, err)
	equal(t, deal, wantDeal())
	equal(t, len(invoices), 2)
	if cmd := fmt.Sprint(s.last()["cmd"]); !strings.Contains(cmd, "profile?") {
		t.Errorf("the profile was not asked for: %s", cmd)
	}

	who, opened, err = s.portal().OpenDeal(t.Context(), 512)
	succeeds(t, err)
	equal(t, who.ID, "14")
	_, _, err = opened.Deal()
	class(t, err, bitrix.Denied)
	_, _, err = s.portal().OpenDeal(t.Context(), 512)
	class(t, err, bitrix.Invalid)
}
