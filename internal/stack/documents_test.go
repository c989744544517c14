package stack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/cmd/app/house"
	linklysim "receivepayment/linkly/sim"
)

const dealAddress = "/api/v1/documents?entity=deal&id=512"

// document reads deal 512 and answers its only document.
func (s *shop) document() Object {
	s.t.Helper()
	docs := s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK).List("documents")
	if len(docs) != 1 {
		s.t.Fatalf("%d documents, want one", len(docs))
	}
	return docs[0]
}

func aud(amount string) map[string]any { return map[string]any{"amount": amount, "currency": "AUD"} }

// money are the amounts of a document, in the order that people think.
func money(d Object) []string {
	return []string{
		d.Text("total", "amount"), d.Text("paid", "amount"), d.Text("refunded", "amount"),
		d.Text("outstanding", "amount"), d.Text("refundable", "amount"), d.Text("status"),
	}
}

func (s *shop) wantMoney(when string, want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, money(s.document())); diff != "" {
		s.t.Errorf("%s: total, paid, refunded, outstanding, refundable, status (-want +got):\n%s", when, diff)
	}
}

func TestDocumentsOfADealThroughAWholeLife(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		empty := s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK)
		want := Object{
			"entity": "deal", "id": "512", "title": "Wharf pump kit", "total": aud("287.00"), "toInvoice": aud("287.00"),
			"documents": []any{}, "terminals": []any{map[string]any{
				"id": s.terminal, "name": "Counter 1", "provider": "linkly", "status": "ready", "default": false, "busyWith": nil,
			}},
		}
		if diff := cmp.Diff(want, empty); diff != "" {
			t.Errorf("a deal without invoices (-want +got):\n%s", diff)
		}
		doc := s.invoice("i-1", "")
		s.wantMoney("new", "287.00", "0.00", "0.00", "287.00", "0.00", "unpaid")

		first := s.taken(s.order("p-1", doc, "100.00"))
		s.awaitDisplay(first, "cancel")
		s.wantMoney("while the terminal has it", "287.00", "0.00", "0.00", "287.00", "0.00", "in_progress")
		s.wantBusy(first, doc)

		s.Terminal.Auto(linklysim.AutoConfig{})
		s.AwaitPayment(s.cashier, first, "approved")
		s.wantMoney("partly paid", "287.00", "100.00", "0.00", "187.00", "100.00", "partly_paid")
		second := s.paid(s.order("p-2", doc, "187.00")).Text("id")
		s.wantMoney("paid", "287.00", "287.00", "0.00", "0.00", "287.00", "paid")

		s.refund("r-1", second, "87.00")
		s.wantMoney("partly refunded", "287.00", "287.00", "87.00", "87.00", "200.00", "partly_refunded")
		s.refund("r-2", second, "100.00")
		s.refund("r-3", first, "100.00")
		s.wantMoney("refunded", "287.00", "287.00", "287.00", "287.00", "0.00", "refunded")

		after := s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK)
		if got := after.Text("toInvoice", "amount"); got != "0.00" {
			t.Errorf("%s is left to invoice", got)
		}
		if got := len(s.document().List("payments")); got != 5 {
			t.Errorf("%d payments are listed, want 5", got)
		}
		s.honest()
	})
}

// refund pays back over the same terminal and waits for its approval.
func (s *shop) refund(requestID, purchase, amount string) Object {
	s.t.Helper()
	s.Terminal.Auto(linklysim.AutoConfig{})
	r := act(s.admin, purchase, "refunds", Object{
		"requestId": requestID, "terminal": s.terminal, "amount": amount, "reason": "returned item",
	}).Want(http.StatusAccepted)
	done := s.AwaitPayment(s.admin, r.Text("id"), "approved")
	s.Terminal.AutoOff()
	return done
}

func (s *shop) wantBusy(payment, document string) {
	s.t.Helper()
	view := s.admin.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK)
	busy := view.List("terminals")[0].at("busyWith")
	held, _ := busy.(map[string]any)
	if Object(held).Text("since") == "" {
		s.t.Error("nobody knows since when the terminal is busy")
	}
	want := Object{"payment": payment, "document": document, "by": map[string]any{"id": "14", "name": "Mere Tane"}}
	if diff := cmp.Diff(want, Object(held).with("since", nil).with("function", nil)); diff != "" {
		s.t.Errorf("the terminal is busy with (-want +got):\n%s", diff)
	}
	open := view.List("documents")[0]
	if open.Text("openPayment", "id") != payment || open.Text("openPayment", "kind") != "purchase" ||
		open.Text("openPayment", "amount", "amount") != "100.00" {
		s.t.Errorf("the open payment is %v", open["openPayment"])
	}
}

func TestUnknownPaymentMakesItsDocumentUnknown(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quick})
	doc := s.invoice("i-1", "")
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.Linkly.SetFaults(linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1})
	p := s.taken(s.order("p-1", doc, "287.00"))
	s.AwaitPayment(s.cashier, p, "unknown")
	s.wantMoney("while nobody knows", "287.00", "0.00", "0.00", "287.00", "0.00", "unknown")

	s.Linkly.SetFaults(nil)
	act(s.cashier, p, "check", nil).Want(http.StatusAccepted)
	s.AwaitPayment(s.cashier, p, "approved")
	s.wantMoney("once it is known", "287.00", "287.00", "0.00", "0.00", "287.00", "paid")
	s.honest()
}

// quick shortens the clocks, so that a test sees what takes minutes at a till.
func quick(c *house.Config) {
	c.SilenceAfter, c.UnknownAfter = 100*time.Millisecond, 600*time.Millisecond
	c.NeverSeenAfter, c.SendTimeout = 100*time.Millisecond, 2*time.Second
}

func TestDealWithMoreInvoicesThanOnePageShowsAllOfThem(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	const many = 53
	auth := s.Bitrix.EntryForm(Cashier, "DEFAULT", 0).Body.Get("AUTH_ID")
	for n := range many {
		s.colleague("crm.item.add", url.Values{
			"auth": {auth}, "entityTypeId": {"31"}, "fields[parentId2]": {"512"}, "fields[title]": {"Part " + itoa(n)},
			"fields[opportunity]": {"1"}, "fields[isManualOpportunity]": {"Y"}, "fields[currencyId]": {"AUD"},
		})
	}
	view := s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK)
	seen := map[string]bool{}
	for _, d := range view.List("documents") {
		seen[d.Text("id")] = true
	}
	if len(seen) != many || len(view.List("documents")) != many {
		t.Errorf("%d documents of %d", len(seen), many)
	}
	if got := view.Text("toInvoice", "amount"); got != "234.00" {
		t.Errorf("%s is left to invoice, want 234.00", got)
	}
	s.lawful()
}

// colleague works in the CRM itself, beside the app.
func (s *shop) colleague(method string, form url.Values) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.Portal+"/rest/"+method, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s in the CRM answers %d", method, res.StatusCode)
	}
}

func TestDocumentsFollowTheViewersRightsAndTheCRM(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc := s.invoice("i-1", "")
	warehouse := s.Enter(16, "DEFAULT", 0) // may open the app, may not read the CRM
	for _, one := range []struct {
		name, query   string
		who           Client
		status        int
		code, atField string
	}{
		{"a colleague without the CRM's right", "entity=deal&id=512", warehouse, 403, "forbidden", ""},
		{"a deal that is not there", "entity=deal&id=99999", s.cashier, 404, "not_found", ""},
		{"an invoice that is not there", "entity=invoice&id=99999", s.cashier, 404, "not_found", ""},
		{"an unknown entity", "entity=lead&id=512", s.cashier, 422, "invalid", "entity"},
		{"no entity", "id=512", s.cashier, 422, "invalid", "entity"},
		{"an id that is no number", "entity=deal&id=abc", s.cashier, 422, "invalid", "id"},
		{"a negative id", "entity=deal&id=-512", s.cashier, 422, "invalid", "id"},
		{"an id with a leading zero", "entity=deal&id=0512", s.cashier, 422, "invalid", "id"},
		{"no id", "entity=deal", s.cashier, 422, "invalid", "id"},
	} {
		t.Run(one.name, func(t *testing.T) {
			one.who.in(t).Do(http.MethodGet, "/api/v1/documents?"+one.query, nil).refused(one.status, one.code, one.atField)
		})
	}
	own := s.cashier.Do(http.MethodGet, "/api/v1/documents?entity=invoice&id=77", nil).Want(http.StatusOK)
	if own.Text("entity") != "invoice" || own.List("documents")[0].Text("id") != doc || own.Text("toInvoice", "amount") != "0.00" {
		t.Errorf("the invoice shows itself as %v", own)
	}

	s.Bitrix.SetStage(31, 77, "DT31_3:P") // a colleague took cash and closed it
	s.wantMoney("closed as paid by people", "287.00", "0.00", "0.00", "0.00", "0.00", "paid")
	s.send(s.order("p-1", doc, "287.00")).refused(409, "already_paid", "")
	s.Bitrix.SetStage(31, 77, "DT31_3:D")
	s.send(s.order("p-1", doc, "287.00")).refused(409, "wrong_state", "")
	s.Bitrix.SetStage(31, 77, "DT31_3:N")
	s.taken(s.order("p-1", doc, "287.00")) // the refusals did not use the id up
}
