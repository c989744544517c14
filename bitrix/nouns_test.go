package bitrix_test

import (
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

func TestTheProfileTellsWhoAsks(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("profile",
		result(`{"ID":"14","ADMIN":false,"NAME":"Mere","LAST_NAME":"Tane","PERSONAL_GENDER":"","TIME_ZONE":"Pacific/Auckland"}`),
		result(`{"ID":1,"ADMIN":"Y"}`), result(`[]`), result(`{}`))

	got, err := s.portal().Profile(t.Context())
	succeeds(t, err)
	equal(t, got, bitrix.Profile{ID: "14", Name: "Mere", LastName: "Tane", TimeZone: "Pacific/Auckland"})
	got, err = s.portal().Profile(t.Context())
	succeeds(t, err)
	equal(t, got, bitrix.Profile{ID: "1", Admin: true})

	for range 2 {
		_, err = s.portal().Profile(t.Context())
		class(t, err, bitrix.Unclear)
	}
}

func TestTheApplicationIsDescribed(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("app.info", result(`{"ID":5,"CODE":"vendor.eftpos","VERSION":1,"STATUS":"F","INSTALLED":true,
		"PAYMENT_EXPIRED":"N","DAYS":null,"LANGUAGE_ID":"en","LICENSE":"nz_std"}`)).
		on("scope", result(`["crm","placement"]`), result(`{"0":"crm"}`))

	info, err := s.portal().AppInfo(t.Context())
	succeeds(t, err)
	equal(t, info, bitrix.AppInfo{
		ID: 5, Code: "vendor.eftpos", Version: "1", Status: "F", Installed: true, Language: "en", License: "nz_std",
	})

	for _, want := range [][]string{{"crm", "placement"}, {"crm"}} {
		scope, err := s.portal().Scope(t.Context())
		succeeds(t, err)
		equal(t, scope, want)
	}
}

func TestPlacementsAreListedBoundAndUnbound(t *testing.T) {
	t.Parallel()
	handler := "https://pos.example.nz/bitrix/app"
	s := newScript(t).
		on("placement.list", result(`["CRM_DEAL_DETAIL_TAB","LEFT_MENU"]`)).
		on("placement.get", result(`[{"placement":"CRM_DEAL_DETAIL_TAB","userId":0,"handler":"`+handler+`","options":[],"title":"Receive Payment",
			"description":"","langAll":{"en":{"TITLE":"Receive Payment","DESCRIPTION":"","GROUP_NAME":null}}},
			{"placement":"LEFT_MENU","handler":"x","langAll":[]}]`)).
		on("placement.bind", result(`true`)).on("placement.unbind", result(`{"count":1}`), result(`{"count":0}`))
	p := s.portal()

	available, err := p.Placements(t.Context())
	succeeds(t, err)
	equal(t, available, []string{"CRM_DEAL_DETAIL_TAB", "LEFT_MENU"})

	bound, err := p.PlacementBindings(t.Context())
	succeeds(t, err)
	equal(t, bound, []bitrix.Placement{
		{Code: "CRM_DEAL_DETAIL_TAB", Handler: handler, Title: "Receive Payment", Lang: map[string]bitrix.PlacementText{"en": {Title: "Receive Payment"}}},
		{Code: "LEFT_MENU", Handler: "x"},
	})

	succeeds(t, p.BindPlacement(t.Context(), bitrix.Placement{
		Code: "CRM_DEAL_DETAIL_TAB", Handler: handler, Title: "Receive Payment", Description: "Take card payments",
		Lang: map[string]bitrix.PlacementText{"de": {Title: "Zahlung annehmen", GroupName: "Zahlungen"}},
	}))
	equal(t, s.last(), map[string]any{
		"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": handler, "TITLE": "Receive Payment", "DESCRIPTION": "Take card payments",
		"LANG_ALL": map[string]any{"de": map[string]any{"TITLE": "Zahlung annehmen", "DESCRIPTION": "", "GROUP_NAME": "Zahlungen"}},
	})

	succeeds(t, p.UnbindPlacement(t.Context(), "LEFT_MENU", handler))
	equal(t, s.last(), map[string]any{"PLACEMENT": "LEFT_MENU", "HANDLER": handler})
	succeeds(t, p.UnbindPlacement(t.Context(), "LEFT_MENU", ""))
	equal(t, s.last(), map[string]any{"PLACEMENT": "LEFT_MENU"})
}

func TestEventsAreListedBoundAndUnbound(t *testing.T) {
	t.Parallel()
	handler := "https://pos.example.nz/bitrix/events"
	s := newScript(t).on("events", result(`["ONAPPUNINSTALL"]`)).
		on("event.get", result(`[{"event":"ONAPPUNINSTALL","handler":"`+handler+`","auth_type":"0","offline":0}]`)).
		on("event.bind", result(`true`)).on("event.unbind", result(`{"count":1}`))
	p := s.portal()

	names, err := p.Events(t.Context())
	succeeds(t, err)
	equal(t, names, []string{"ONAPPUNINSTALL"})
	bound, err := p.EventBindings(t.Context())
	succeeds(t, err)
	equal(t, bound, []bitrix.EventBinding{{Event: "ONAPPUNINSTALL", Handler: handler}})

	want := map[string]any{"event": "ONAPPUNINSTALL", "handler": handler}
	succeeds(t, p.BindEvent(t.Context(), "ONAPPUNINSTALL", handler))
	equal(t, s.last(), want)
	succeeds(t, p.UnbindEvent(t.Context(), "ONAPPUNINSTALL", handler))
	equal(t, s.last(), want)
}

func TestBindingAgainIsASuccessAndOtherRefusalsAreNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer reply
		want   bitrix.Class
	}{
		"bound already":        {says(400, `{"error":"ERROR_CORE","error_description":"Unable to set placement handler: Handler already binded"}`), 0},
		"bound already, 200":   {says(200, `{"error":"ERROR_CORE","error_description":"Unable to set event handler: Handler already binded"}`), 0},
		"in better English":    {says(400, `{"error":"error_core","error_description":"Handler <b>already bound</b>"}`), 0},
		"other core error":     {says(400, `{"error":"ERROR_CORE","error_description":"Something else"}`), bitrix.Invalid},
		"unknown code":         {refuses(400, "ERROR_PLACEMENT_NOT_FOUND"), bitrix.NotFound},
		"not an administrator": {refuses(403, "ACCESS_DENIED"), bitrix.Denied},
		"error on 200":         {refuses(200, "ERROR_PLACEMENT_MAX_COUNT"), bitrix.Invalid},
		"answer false":         {result(`false`), bitrix.Unclear},
		"no answer":            {says(500, ""), bitrix.Unclear},
	} {
		t.Run(strings.ReplaceAll(name, ",", ""), func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("placement.bind", c.answer).on("event.bind", c.answer)

			equal(t, bitrix.ClassOf(s.portal().BindPlacement(t.Context(), bitrix.Placement{Code: "X", Handler: "h"})), c.want)
			equal(t, bitrix.ClassOf(s.portal().BindEvent(t.Context(), "X", "h")), c.want)
		})
	}
}

func TestProductRowsAreReadInTheirOrder(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.productrow.list",
		ok(`{"result":{"productRows":[{"id":9002,"productId":0,"productName":"Fitting","price":57.5,"quantity":1,"taxRate":null,"sort":20}]},"next":50,"total":2}`),
		ok(`{"result":{"productRows":[{"id":9001,"ownerId":512,"ownerType":"D","productId":"350","productName":"Bilge pump 24V","price":115,
			"priceExclusive":100,"quantity":"2.0000","discountTypeId":2,"discountRate":0,"discountSum":0,"taxRate":15,"taxIncluded":"Y",
			"measureCode":796,"measureName":"pcs","sort":10,"storeId":null}]},"total":2}`))

	got, err := s.portal().ProductRows(t.Context(), bitrix.OwnerDeal, 512)
	succeeds(t, err)

	equal(t, got, []bitrix.ProductRow{
		{
			ID: 9001, ProductID: 350, Name: "Bilge pump 24V", Price: "115", PriceExclusive: "100", Quantity: "2.0000",
			DiscountTypeID: 2, DiscountRate: "0", DiscountSum: "0", TaxRate: "15", TaxIncluded: true,
			MeasureCode: 796, MeasureName: "pcs", Sort: 10,
		},
		{ID: 9002, Name: "Fitting", Price: "57.5", Quantity: "1", Sort: 20},
	})
	equal(t, s.fields(0)["filter"], any(map[string]any{"=ownerType": "D", "=ownerId": 512.0}))
	equal(t, s.fields(1)["start"], any(50.0))
}

func TestProductRowsAreSetWithTheKeysThatMayBeWritten(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.productrow.set", result(`{"productRows":[{"id":9101,"price":115}]}`))

	got, err := s.portal().SetProductRows(t.Context(), bitrix.OwnerInvoice, 79, []bitrix.ProductRow{
		{
			ID: 9001, ProductID: 350, Name: "Bilge pump 24V", Price: "115", PriceExclusive: "100", Quantity: "2",
			DiscountTypeID: 2, DiscountRate: "0", DiscountSum: "0", TaxRate: "15", TaxIncluded: true, MeasureCode: 796, MeasureName: "pcs", Sort: 10,
		},
		{Name: "Deposit", Price: "100.00", DiscountTypeID: 1, DiscountSum: "5"},
	})
	succeeds(t, err)

	equal(t, got, []bitrix.ProductRow{{ID: 9101, Price: "115"}})
	equal(t, s.last(), map[string]any{"ownerType": "SI", "ownerId": 79.0, "productRows": []any{
		map[string]any{
			"productId": 350.0, "productName": "Bilge pump 24V", "price": 115.0, "quantity": 2.0, "discountTypeId": 2.0,
			"discountRate": 0.0, "taxRate": 15.0, "taxIncluded": "Y", "measureCode": 796.0, "sort": 10.0,
		},
		map[string]any{"productName": "Deposit", "price": 100.0, "quantity": 1.0, "discountTypeId": 1.0, "discountSum": 5.0},
	}})
}

func TestFunnelsAndTheirStages(t *testing.T) {
	t.Parallel()
	s := newScript(t).
		on("crm.category.list", ok(`{"result":{"categories":[{"id":3,"name":"General","sort":500,"entityTypeId":31,"isDefault":"Y"}]},"total":1}`)).
		on("crm.status.list", ok(`{"result":[
			{"ID":"401","STATUS_ID":"DT31_3:N","NAME":"New","SORT":"10","SEMANTICS":null,"EXTRA":{"SEMANTICS":"process","COLOR":"#39A8EF"}},
			{"ID":"402","STATUS_ID":"DT31_3:S","NAME":"Sent to client","SORT":"20","SEMANTICS":"","EXTRA":[]},
			{"ID":"403","STATUS_ID":"DT31_3:P","NAME":"Paid","SORT":"30","SEMANTICS":"S"}],"next":50}`),
			ok(`{"result":[{"STATUS_ID":"DT31_3:D","NAME":"Not paid","SORT":40,"EXTRA":{"SEMANTICS":"failure"}},
			{"STATUS_ID":"DT31_3:G","NAME":"Gift","SORT":50,"EXTRA":{"SEMANTICS":"success"}}]}`))

	categories, err := s.portal().Categories(t.Context(), bitrix.TypeInvoice)
	succeeds(t, err)
	equal(t, categories, []bitrix.Category{{ID: 3, Name: "General", Sort: 500, IsDefault: true}})

	stages, err := s.portal().Stages(t.Context(), bitrix.TypeInvoice, 3)
	succeeds(t, err)
	equal(t, stages, []bitrix.Stage{
		{ID: "DT31_3:N", Name: "New", Sort: 10},
		{ID: "DT31_3:S", Name: "Sent to client", Sort: 20},
		{ID: "DT31_3:P", Name: "Paid", Semantics: bitrix.StageSuccess, Sort: 30},
		{ID: "DT31_3:D", Name: "Not paid", Semantics: bitrix.StageFailure, Sort: 40},
		{ID: "DT31_3:G", Name: "Gift", Semantics: bitrix.StageSuccess, Sort: 50},
	})
	equal(t, s.fields(1)["filter"], any(map[string]any{"ENTITY_ID": "SMART_INVOICE_STAGE_3"}))
}

func TestEveryFunnelHasItsOwnDictionary(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	for _, c := range []struct {
		kind     int
		category int64
		want     string
	}{
		{bitrix.TypeDeal, 0, "DEAL_STAGE"},
		{bitrix.TypeDeal, 4, "DEAL_STAGE_4"},
		{bitrix.TypeInvoice, 13, "SMART_INVOICE_STAGE_13"},
		{1040, 2, "DYNAMIC_1040_STAGE_2"},
	} {
		s.on("crm.status.list", result(`[]`))
		_, err := s.portal().Stages(t.Context(), c.kind, c.category)
		succeeds(t, err)
		equal(t, s.last()["filter"], any(map[string]any{"ENTITY_ID": c.want}))
	}
}

func TestALogMessageIsWritten(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.timeline.logmessage.add",
		result(`{"logMessage":{"id":88012,"created":"2026-11-21T10:04:12+13:00"}}`), result(`{"logMessage":{}}`))
	m := bitrix.LogMessage{EntityTypeID: 31, EntityID: 77, Title: "Card payment approved", Text: "NZD 187.50. Ref P-000184"}

	id, err := s.portal().AddLogMessage(t.Context(), m)
	succeeds(t, err)
	equal(t, id, int64(88012))
	equal(t, s.last(), map[string]any{"fields": map[string]any{
		"entityTypeId": 31.0, "entityId": 77.0, "title": m.Title, "text": m.Text, "iconCode": "info",
	}})

	_, err = s.portal().AddLogMessage(t.Context(), m)
	class(t, err, bitrix.Unclear)
}

func TestLogMessagesAreReadOverAllPages(t *testing.T) {
	t.Parallel()
	pages := map[string][]reply{
		"with next":    {ok(`{"result":[{"id":5,"title":"e"},{"id":4}],"next":2,"total":3}`), ok(`{"result":[{"id":3}],"total":3}`)},
		"without next": {ok(`{"result":[{"id":5,"title":"e"},{"id":4}],"total":3}`), ok(`{"result":[{"id":3}],"total":3}`)},
		"no entries":   {ok(`{"result":[],"total":0}`)},
	}
	for name, want := range map[string][]int64{"with next": {5, 4, 3}, "without next": {5, 4, 3}, "no entries": nil} {
		s := newScript(t).on("crm.timeline.logmessage.list", pages[name]...)
		var got []int64
		err := s.portal().LogMessages(t.Context(), 31, 77, func(m bitrix.LogMessage) bool {
			got = append(got, m.ID)
			return true
		})
		succeeds(t, err)
		equal(t, got, want)
		equal(t, s.fields(0), map[string]any{"entityTypeId": 31.0, "entityId": 77.0, "order": map[string]any{"id": "desc"}})
		if len(want) > 0 {
			equal(t, s.last()["start"], any(2.0))
		}
	}
}

func TestReadingLogMessagesStopsWhenTheRightOneIsFound(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.timeline.logmessage.list",
		ok(`{"result":[{"id":"5","created":"2026-11-21T10:04:12+13:00","authorId":"1","title":"a","text":"Ref P-1","iconCode":"info"},{"id":4}],"next":10,"total":30}`))

	var found bitrix.LogMessage
	err := s.portal().LogMessages(t.Context(), 31, 77, func(m bitrix.LogMessage) bool {
		found = m
		return !strings.Contains(m.Text, "P-1")
	})
	succeeds(t, err)

	equal(t, found, bitrix.LogMessage{
		EntityTypeID: 31, EntityID: 77, Title: "a", Text: "Ref P-1", Icon: "info", ID: 5, AuthorID: 1,
		Created: time.Date(2026, 11, 20, 21, 4, 12, 0, time.UTC),
	})
	equal(t, len(s.calls), 1)
}

func TestANoticeIsSent(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("im.notify.system.add", result(`70155`), refuses(400, "MESSAGE_EMPTY"))

	id, err := s.portal().NotifySystem(t.Context(), bitrix.Notice{UserID: "14", Message: "Approved", MessageOut: "ok", Tag: "POS|P-1", SubTag: "POS"})
	succeeds(t, err)
	equal(t, id, int64(70155))
	equal(t, s.last(), map[string]any{"USER_ID": 14.0, "MESSAGE": "Approved", "MESSAGE_OUT": "ok", "TAG": "POS|P-1", "SUB_TAG": "POS"})

	_, err = s.portal().NotifySystem(t.Context(), bitrix.Notice{UserID: "x"})
	class(t, err, bitrix.Invalid)
}
