package stack

import (
	"net/http"
	"strings"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
)

func (c Client) addInvoice(in Object) Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, "/api/v1/invoices", in)
}

func TestADealsInvoices(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	lines := []bitrixsim.Line{{Name: "Rope", Price: "10", Quantity: 6}, {Name: "Anchor", Price: "90"}}

	t.Run("OfProductsThatAreNotInvoicedYet", func(t *testing.T) {
		c := s.cashier.in(t)
		deal := s.Bitrix.AddDeal(bitrixsim.NewDeal{Title: "Two parts", Lines: lines})
		first := c.addInvoice(Object{"requestId": "part-1", "deal": itoa(deal), "amount": "40.00"}).Want(http.StatusCreated)
		// A colleague puts products of the deal on it.
		id := s.Bitrix.Invoices(deal)[0].ID
		s.Bitrix.SetLines(31, id, []bitrixsim.Line{{Name: "Rope", Price: "10", Quantity: 4}})
		rest := c.addInvoice(Object{"requestId": "part-2", "deal": itoa(deal)}).Want(http.StatusCreated)
		if first.Text("total", "amount") != "40.00" || rest.Text("total", "amount") != "110.00" {
			t.Errorf("the invoices are over %s and %s", first.Text("total", "amount"), rest.Text("total", "amount"))
		}
		all := s.Bitrix.Invoices(deal)
		if got := all[len(all)-1].Rows; got != 2 {
			t.Errorf("the rest has %d lines, want what is left of the rope, and the anchor", got)
		}
		// What is left is no products any more: one line over the amount.
		s.Bitrix.SetLines(2, deal, append(lines, bitrixsim.Line{Name: "Late", Price: "25"}))
		part := c.addInvoice(Object{"requestId": "part-3", "deal": itoa(deal), "amount": "5.00"}).Want(http.StatusCreated)
		if part.Text("total", "amount") != "5.00" {
			t.Errorf("a free amount became %s", part.Text("total", "amount"))
		}
	})
	t.Run("InTheFunnelThatWasChosen", func(t *testing.T) {
		c := s.cashier.in(t)
		s.Bitrix.AddFunnel(7, "Retail")
		doc := c.addInvoice(Object{"requestId": "funnel", "deal": "513", "funnel": "7"}).Want(http.StatusCreated)
		got, _ := s.Bitrix.Invoice(number(t, doc.Text("id")))
		if !strings.HasPrefix(got.Stage, "DT31_7:") {
			t.Errorf("the invoice stands in %s", got.Stage)
		}
		p := s.paid(s.order("funnel-p", doc.Text("id"), "816.00"))
		s.written(p.Text("id"))
		if got, _ := s.Bitrix.Invoice(number(t, doc.Text("id"))); got.Stage != "DT31_7:P" {
			t.Errorf("after the payment it stands in %s", got.Stage)
		}
		c.addInvoice(Object{"requestId": "funnel-2", "deal": "513", "funnel": "x"}).refused(http.StatusUnprocessableEntity, "invalid", "funnel")
	})
	t.Run("WithAFieldThatThePortalRequires", func(t *testing.T) {
		c := s.cashier.in(t)
		s.Bitrix.Require("DT31_3:N", "sourceDescription")
		defer s.Bitrix.Unrequire("DT31_3:N")
		in := Object{"requestId": "required", "deal": "514"}
		refusal := c.addInvoice(in).refused(http.StatusBadGateway, "upstream_refused", "sourceDescription")
		if !strings.Contains(refusal.Text("detail"), "sourceDescription") {
			t.Errorf("the field is not named: %s", refusal.Text("detail"))
		}
		if n := len(s.Bitrix.Invoices(514)); n != 0 {
			t.Errorf("%d invoices stayed behind", n)
		}
		s.Bitrix.Unrequire("DT31_3:N")
		c.addInvoice(in).Want(http.StatusCreated)
	})
	t.Run("ManyOfThemAreOneRequestOnceTheirNumberIsKnown", func(t *testing.T) {
		deal := s.Bitrix.AddDeal(bitrixsim.NewDeal{Title: "Many", Lines: lines})
		s.Bitrix.AddInvoices(deal, 120)
		open := func() (requests []string, documents int) {
			before := len(s.Bitrix.Calls())
			e := s.Bitrix.EntryForm(Cashier, "CRM_DEAL_DETAIL_TAB", deal)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL, strings.NewReader(e.Body.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Accept", "text/html")
			page := s.Anonymous().Send(req)
			for _, call := range s.Bitrix.Calls()[before:] {
				if !call.Batched && (call.UserID == Cashier || call.Method == "batch") {
					requests = append(requests, call.Method)
				}
			}
			return requests, strings.Count(string(page.Body), "data-document=")
		}
		_, cold := open()
		warm, shown := open()
		if cold != 120 || shown != 120 {
			t.Fatalf("shown were %d and then %d invoices", cold, shown)
		}
		t.Logf("warm: %v", warm)
		if len(warm) > 2 {
			t.Errorf("opening the deal takes %d requests to Bitrix24: %v", len(warm), warm)
		}
	})
	s.honest()
}

// number is the id in a document's name.
func number(t *testing.T, document string) int {
	t.Helper()
	n := 0
	for _, r := range strings.TrimPrefix(document, "SI:") {
		n = n*10 + int(r-'0')
	}
	return n
}
