package bitrix_test

import (
	"fmt"
	"strings"
	"testing"

	"receivepayment/bitrix"
)

const dealItem = `{"id":512,"title":"Wharf pump kit","opportunity":287.5,"currencyId":"NZD","companyId":61,"contactId":208,
	"contactIds":[208,209],"mycompanyId":3,"assignedById":14,"categoryId":0,"stageId":"EXECUTING","stageSemanticId":"P"}`

func wantDeal() bitrix.Deal {
	return bitrix.Deal{
		ID: 512, Title: "Wharf pump kit", Opportunity: "287.5", Currency: "NZD", CompanyID: 61,
		ContactIDs: []int64{208, 209}, MyCompanyID: 3, AssignedByID: 14, StageID: "EXECUTING", StageSemantic: "P",
	}
}

func TestADealIsReadWhole(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.get", result(`{"item":`+dealItem+`}`))

	got, err := s.portal().Deal(t.Context(), 512)
	succeeds(t, err)

	equal(t, got, wantDeal())
	equal(t, s.last(), map[string]any{"entityTypeId": 2.0, "id": 512.0, "useOriginalUfNames": "Y"})
}

func TestADealWithGapsIsReadToo(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.get", result(`{"item":{"id":"512","title":null,"opportunity":"1000.00","currencyId":"NZD",
		"companyId":null,"contactId":"208","contactIds":[],"assignedById":"14","categoryId":"0","stageId":"NEW"}}`))

	got, err := s.portal().Deal(t.Context(), 512)
	succeeds(t, err)

	equal(t, got, bitrix.Deal{
		ID: 512, Opportunity: "1000.00", Currency: "NZD", ContactIDs: []int64{208}, AssignedByID: 14, StageID: "NEW",
	})
}

func TestADealThatMayNotBeSeen(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.get", refuses(400, "ACCESS_DENIED"), refuses(400, "NOT_FOUND"), result(`{"item":{"id":513}}`))
	for _, want := range []bitrix.Class{bitrix.Denied, bitrix.NotFound, bitrix.Unclear} {
		_, err := s.portal().Deal(t.Context(), 512)
		class(t, err, want)
	}
}

// items makes invoices of a deal from the highest id down.
func items(from, count, deal int) string {
	var rows []string
	for id := from; id > from-count; id-- {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"title":"No %d","opportunity":1.5,"currencyId":"NZD","parentId2":%d}`, id, id, deal))
	}

	return "[" + strings.Join(rows, ",") + "]"
}

func TestADealComesWithItsInvoicesInOneRequest(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch", result(`{"result":{"deal":{"item":`+dealItem+`},"invoices":{"items":`+items(78, 2, 512)+`}},
		"result_error":[],"result_total":{"invoices":2},"result_next":[]}`))

	deal, invoices, err := s.portal().DealWithInvoices(t.Context(), 512)
	succeeds(t, err)

	equal(t, deal, wantDeal())
	equal(t, len(invoices), 2)
	equal(t, invoices[0], bitrix.Invoice{ID: 78, Title: "No 78", Amount: "1.5", Currency: "NZD", DealID: 512})
	cmd := fmt.Sprint(s.last()["cmd"])
	for _, want := range []string{"entityTypeId=31", "filter[parentId2]=512", "order[id]=DESC", "select[]=parentId2", "select[]=xmlId"} {
		if !strings.Contains(cmd, want) {
			t.Errorf("%q is missing in %s", want, cmd)
		}
	}
}

func TestMoreThanAPageOfInvoicesIsReadInOneMoreBatchAndNextTimeInOne(t *testing.T) {
	t.Parallel()
	first := `"deal":{"item":` + dealItem + `},"invoices":{"items":` + items(200, 50, 512) + `}`
	// A new invoice pushed the pages along by one: 151 appears again.
	rest := `"invoices50":{"items":` + items(151, 50, 512) + `},"invoices100":{"items":` + items(101, 21, 512) + `}`
	s := newScript(t).on("batch",
		result(`{"result":{`+first+`},"result_error":[],"result_total":{"invoices":120},"result_next":{"invoices":50}}`),
		result(`{"result":{`+rest+`},"result_total":{"invoices50":121,"invoices100":121},"result_next":{"invoices50":100}}`),
		result(`{"result":{`+first+`,`+rest+`},"result_total":{"invoices":121},"result_next":{"invoices":50,"invoices50":100}}`))

	for round := range 2 {
		_, invoices, err := s.portal().DealWithInvoices(t.Context(), 512)
		succeeds(t, err)
		equal(t, len(invoices), 120)
		equal(t, invoices[119].ID, int64(81))
		equal(t, len(s.calls), 2+round)
	}

	rest = fmt.Sprint(s.fields(1)["cmd"])
	for _, want := range []string{"invoices50:", "start=50", "invoices100:", "start=100"} {
		if !strings.Contains(rest, want) {
			t.Errorf("%q is missing in %s", want, rest)
		}
	}
}

func TestHalfAListOfInvoicesIsAnError(t *testing.T) {
	t.Parallel()
	head := `{"result":{"deal":{"item":` + dealItem + `},"invoices":{"items":` + items(200, 50, 512) + `}},"result_error":[],`
	for name, s := range map[string]*script{
		"second page fails":      newScript(t).on("batch", result(head+`"result_next":{"invoices":50}}`), says(500, "<html>")),
		"second page refused":    newScript(t).on("batch", result(head+`"result_next":{"invoices":50}}`), result(`{"result":[],"result_error":{"invoices50":{"error":"INTERNAL_SERVER_ERROR"}}}`)),
		"pages run in a circle":  newScript(t).on("batch", result(head+`"result_next":{"invoices":50}}`), result(`{"result":{"invoices50":{"items":[]}},"result_next":{"invoices50":50}}`)),
		"next that is no number": newScript(t).on("batch", result(head+`"result_next":{"invoices":"soon"}}`)),
		"another deal's invoice": newScript(t).on("batch", result(`{"result":{"deal":{"item":`+dealItem+`},"invoices":{"items":`+items(78, 1, 513)+`}}}`)),
		"amount that is none":    newScript(t).on("batch", result(`{"result":{"deal":{"item":`+dealItem+`},"invoices":{"items":[{"id":1,"parentId2":512,"opportunity":"a lot"}]}}}`)),
		"no list at all":         newScript(t).on("batch", result(`{"result":{"deal":{"item":`+dealItem+`}}}`)),
		"another deal":           newScript(t).on("batch", result(`{"result":{"deal":{"item":{"id":5}},"invoices":{"items":[]}}}`)),
	} {
		_, invoices, err := s.portal().DealWithInvoices(t.Context(), 512)
		if bitrix.ClassOf(err) != bitrix.Unclear || invoices != nil {
			t.Errorf("%s: %d invoices, error %v", name, len(invoices), err)
		}
	}
}

func TestAFailureInsideTheBatchIsTheDealsOwn(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch",
		result(`{"result":{"invoices":{"items":[]}},"result_error":{"deal":{"error":"ACCESS_DENIED","error_description":"no"}}}`),
		result(`{"result":{"deal":{"item":`+dealItem+`}},"result_error":{"invoices":{"error":"ACCESS_DENIED"}}}`),
		refuses(503, "OVERLOAD_LIMIT"))
	for _, want := range []bitrix.Class{bitrix.Denied, bitrix.Denied, bitrix.Limited} {
		_, _, err := s.portal().DealWithInvoices(t.Context(), 512)
		class(t, err, want)
	}
}
