package bitrix_test

import (
	"testing"
	"time"

	"receivepayment/bitrix"
)

const invoiceItem = `{"id":77,"title":"Pump kit balance","accountNumber":"77","xmlId":"pos-7b1c","opportunity":187.5,"taxValue":24.46,
	"isManualOpportunity":"N","currencyId":"NZD","categoryId":3,"stageId":"DT31_3:P","previousStageId":"DT31_3:N","parentId2":512,
	"companyId":61,"contactId":208,"contactIds":[208],"mycompanyId":3,"assignedById":14,"movedTime":"2026-11-21T10:04:11+13:00",
	"createdTime":"2026-11-20T09:00:00+13:00","updatedTime":"","begindate":"2026-11-20T00:00:00+13:00","closedate":null,"observers":[],"entityTypeId":31}`

func wantInvoice() bitrix.Invoice {
	return bitrix.Invoice{
		ID: 77, Title: "Pump kit balance", Number: "77", XMLID: "pos-7b1c", Amount: "187.5", Tax: "24.46", Currency: "NZD",
		CategoryID: 3, StageID: "DT31_3:P", PreviousStageID: "DT31_3:N", DealID: 512, CompanyID: 61, ContactIDs: []int64{208},
		MyCompanyID: 3, AssignedByID: 14, MovedTime: time.Date(2026, 11, 20, 21, 4, 11, 0, time.UTC),
		CreatedTime: time.Date(2026, 11, 19, 20, 0, 0, 0, time.UTC), IssuedOn: "2026-11-20",
	}
}

func TestAnInvoiceIsReadWhole(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.get", result(`{"item":`+invoiceItem+`}`))

	got, err := s.portal().Invoice(t.Context(), 77)
	succeeds(t, err)

	equal(t, got, wantInvoice())
	equal(t, s.last(), map[string]any{"entityTypeId": 31.0, "id": 77.0, "useOriginalUfNames": "Y"})
}

func TestTheInvoicesOfADealAreListed(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.list", ok(`{"result":{"items":`+items(60, 50, 512)+`},"next":50}`),
		ok(`{"result":{"items":[{"id":10,"parentId2":"512"},{"id":9}]}}`))

	got, err := s.portal().InvoicesOfDeal(t.Context(), 512)
	succeeds(t, err)

	equal(t, len(got), 52)
	equal(t, got[51].DealID, int64(512))
	equal(t, s.fields(0)["filter"], any(map[string]any{"parentId2": 512.0}))
	equal(t, s.fields(0)["order"], any(map[string]any{"id": "DESC"}))
}

func TestAnInvoiceOfNoDealInTheListIsAnError(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.list", result(`{"items":[{"id":10,"parentId2":null}]}`))

	_, err := s.portal().InvoicesOfDeal(t.Context(), 512)

	class(t, err, bitrix.Unclear)
}

func TestAnInvoiceIsFoundByOurReference(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.list", result(`{"items":[{"id":99,"xmlId":"pos-7b1c","parentId2":512},`+invoiceItem+`]}`))

	got, found, err := s.portal().InvoiceByXMLID(t.Context(), 512, "pos-7b1c")
	succeeds(t, err)

	equal(t, found, true)
	equal(t, got, wantInvoice())
	equal(t, s.last()["filter"], any(map[string]any{"=xmlId": "pos-7b1c"}))
}

func TestAReferenceThatNoInvoiceCarriesIsCertainlyAbsent(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.list", result(`{"items":[]}`))

	_, found, err := s.portal().InvoiceByXMLID(t.Context(), 512, "pos-7b1c")
	succeeds(t, err)
	equal(t, found, false)

	_, found, err = s.portal().InvoiceByXMLID(t.Context(), 512, "")
	succeeds(t, err)
	equal(t, found, false)
	equal(t, len(s.calls), 1)
}

func TestWithoutAUsableFilterTheDealsInvoicesAreCompared(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]reply{
		"filter refused":           refuses(400, "INVALID_ARG_VALUE"),
		"filter refused otherwise": says(400, `{"error":"","error_description":"Unknown field"}`),
		"filter ignored":           ok(`{"result":{"items":` + items(500, 50, 1) + `},"next":50}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.item.list", first, ok(`{"result":{"items":`+items(178, 50, 512)+`},"next":50}`),
				result(`{"items":[`+invoiceItem+`]}`), first, result(`{"items":[{"id":1,"xmlId":"POS-7B1C","parentId2":512}]}`))

			got, found, err := s.portal().InvoiceByXMLID(t.Context(), 512, "pos-7b1c")
			succeeds(t, err)
			equal(t, found, true)
			equal(t, got, wantInvoice())

			_, found, err = s.portal().InvoiceByXMLID(t.Context(), 512, "pos-7b1c")
			succeeds(t, err)
			equal(t, found, false)
		})
	}
}

func TestALookUpThatFailsIsNoAbsence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deal    int64
		replies []reply
		want    bitrix.Class
	}{
		"denied":              {512, []reply{refuses(400, "ACCESS_DENIED")}, bitrix.Denied},
		"unclear":             {512, []reply{says(500, "")}, bitrix.Unclear},
		"comparing fails":     {512, []reply{refuses(400, "INVALID_ARG_VALUE"), says(500, "")}, bitrix.Unclear},
		"nothing to compare":  {0, []reply{refuses(400, "INVALID_ARG_VALUE")}, bitrix.Invalid},
		"another deal's list": {512, []reply{refuses(400, "INVALID_ARG_VALUE"), result(`{"items":` + items(3, 1, 9) + `}`)}, bitrix.Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.item.list", c.replies...)

			_, found, err := s.portal().InvoiceByXMLID(t.Context(), c.deal, "pos-7b1c")

			class(t, err, c.want)
			equal(t, found, false)
		})
	}
}

func TestAnInvoiceIsAddedWithWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.add", result(`{"item":`+invoiceItem+`}`))
	custom := map[string]any{"UF_CRM_SMART_INVOICE_POS_TXN": "P-000184"}

	got, err := s.portal().AddInvoice(t.Context(), bitrix.InvoiceFields{
		Title: "Wharf pump kit", XMLID: "pos-7b1c", DealID: 512, CompanyID: 61, ContactIDs: []int64{208}, MyCompanyID: 3,
		Currency: "NZD", AssignedByID: 14, IssuedOn: "2026-11-21", DueOn: "2026-11-28", Amount: "187.50", Custom: custom,
	})
	succeeds(t, err)

	equal(t, got, wantInvoice())
	equal(t, s.last(), map[string]any{"entityTypeId": 31.0, "useOriginalUfNames": "Y", "fields": map[string]any{
		"title": "Wharf pump kit", "xmlId": "pos-7b1c", "parentId2": 512.0, "companyId": 61.0, "contactIds": []any{208.0},
		"mycompanyId": 3.0, "currencyId": "NZD", "assignedById": 14.0, "begindate": "2026-11-21", "closedate": "2026-11-28",
		"opportunity": 187.5, "isManualOpportunity": "Y", "UF_CRM_SMART_INVOICE_POS_TXN": "P-000184",
	}})
	equal(t, len(custom), 1)
}

func TestAnUpdateSendsOnlyWhatChanges(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.update", result(`{"item":`+invoiceItem+`}`))

	got, err := s.portal().UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})
	succeeds(t, err)

	equal(t, got.StageID, "DT31_3:P")
	equal(t, s.last(), map[string]any{
		"entityTypeId": 31.0, "id": 77.0, "useOriginalUfNames": "Y", "fields": map[string]any{"stageId": "DT31_3:P"},
	})
}

func TestAnInvoiceIsDeleted(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.delete", result(`[]`), refuses(400, "NOT_FOUND"))

	succeeds(t, s.portal().DeleteInvoice(t.Context(), 79))
	equal(t, s.last(), map[string]any{"entityTypeId": 31.0, "id": 79.0})
	class(t, s.portal().DeleteInvoice(t.Context(), 79), bitrix.NotFound)
}
