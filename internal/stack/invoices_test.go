package stack

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	bitrixsim "receivepayment/bitrix/sim"
)

func (s *shop) add(in Object) Answer {
	s.t.Helper()
	return s.cashier.Do(http.MethodPost, "/api/v1/invoices", in)
}

func TestInvoiceTakesWhatIsLeftOfTheDeal(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	whole := s.add(Object{"requestId": "i-1", "deal": "513"}).Want(http.StatusCreated)
	want := Object{
		"id": "SI:77", "number": "77", "title": "Mooring lines, six boats", "status": "unpaid", "openPayment": nil, "payments": []any{},
		"total": aud("816.00"), "outstanding": aud("816.00"), "paid": aud("0.00"), "refunded": aud("0.00"), "refundable": aud("0.00"),
	}
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Errorf("the invoice for all of it (-want +got):\n%s", diff)
	}
	inCRM, _ := s.Bitrix.Invoice(77)
	if inCRM.Rows != 1 || inCRM.DealID != 513 || inCRM.CreatedBy != Cashier || inCRM.CompanyID != 61 {
		t.Errorf("the CRM has %+v", inCRM)
	}

	part := s.add(Object{"requestId": "i-2", "deal": "512", "title": "Deposit", "amount": "100.00", "currency": "AUD"}).Want(http.StatusCreated)
	if part.Text("title") != "Deposit" || part.Text("total", "amount") != "100.00" {
		t.Errorf("the deposit is %v", part)
	}
	rest := s.add(Object{"requestId": "i-3", "deal": "512"}).Want(http.StatusCreated)
	if rest.Text("title") != "Wharf pump kit" || rest.Text("total", "amount") != "187.00" {
		t.Errorf("the rest is %v", rest)
	}
	for id, rows := range map[int]int{78: 1, 79: 1} { // in parts: one line each, with the name and the amount
		if inv, _ := s.Bitrix.Invoice(id); inv.Rows != rows {
			t.Errorf("invoice %d has %d rows, want %d", id, inv.Rows, rows)
		}
	}
	s.add(Object{"requestId": "i-4", "deal": "512"}).refused(422, "invalid", "amount") // nothing is left
	s.lawful()
}

func TestInvoiceOverTheWholeDealCopiesItsProducts(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]Object{
		"without an amount":     {"requestId": "i-1", "deal": "512"},
		"with the whole amount": {"requestId": "i-1", "deal": "512", "amount": "287.00", "title": "All of it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, Options{})
			s.add(in).Want(http.StatusCreated)
			if inv, _ := s.Bitrix.Invoice(77); inv.Rows != 2 || inv.Amount != "287" {
				t.Errorf("the CRM has %d rows over %s", inv.Rows, inv.Amount)
			}
			s.lawful()
		})
	}
}

func TestInvoiceIsAddedOncePerRequest(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		in := Object{"requestId": "i-1", "deal": "512", "title": "Deposit", "amount": "100.00"}
		const clicks = 20
		ids := make([]string, clicks)
		var wait sync.WaitGroup
		for n := range clicks {
			wait.Go(func() { ids[n] = s.add(in).Want(http.StatusCreated).Text("id") })
		}
		wait.Wait()
		for n, id := range ids {
			if id != "SI:77" {
				t.Errorf("click %d got %q", n, id)
			}
		}
		if got := len(s.Bitrix.Invoices(0)); got != 1 {
			t.Errorf("the CRM has %d invoices", got)
		}

		again := in.with("amount", "100") // the same amount, written otherwise
		if got := s.add(again).Want(http.StatusCreated).Text("id"); got != "SI:77" {
			t.Errorf("repeated, the request gives %s", got)
		}
		for member, value := range map[string]any{"deal": "513", "title": "Other", "amount": "101.00", "currency": "NZD"} {
			s.add(in.with(member, value)).refused(409, "request_reused", "")
		}
		s.lawful()
	})
}

func TestRefusedInvoiceStoresNothingAndLeavesItsRequestFree(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	good := Object{"requestId": "i-1", "deal": "512", "title": "Deposit", "amount": "100.00", "currency": "AUD"}
	before := s.dump(t).counts()
	for _, one := range []struct {
		name, member string
		value        any
		status       int
		code, field  string
	}{
		{"no request id", "requestId", nil, 422, "invalid", "requestId"},
		{"a request id that is a number", "requestId", 7, 422, "invalid", "requestId"},
		{"no deal", "deal", nil, 422, "invalid", "deal"},
		{"a deal that is no number", "deal", "x", 422, "invalid", "deal"},
		{"a deal that is not there", "deal", "99999", 404, "not_found", ""},
		{"a title with a line break", "title", "a\nb", 422, "invalid", "title"},
		{"a title without end", "title", string(make([]rune, 201)), 422, "invalid", "title"},
		{"an amount with three decimals", "amount", "100.001", 422, "invalid", "amount"},
		{"an amount of zero", "amount", "0.00", 422, "invalid", "amount"},
		{"a negative amount", "amount", "-100.00", 422, "invalid", "amount"},
		{"an amount in words", "amount", "hundred", 422, "invalid", "amount"},
		{"an amount that is a number", "amount", 100, 422, "invalid", "amount"},
		{"another currency than the deal's", "currency", "NZD", 422, "invalid", "currency"},
	} {
		t.Run(one.name, func(t *testing.T) {
			s.cashier.in(t).Do(http.MethodPost, "/api/v1/invoices", good.with(one.member, one.value)).refused(one.status, one.code, one.field)
			if diff := cmp.Diff(before, s.dump(t).counts()); diff != "" {
				t.Errorf("something was stored:\n%s", diff)
			}
		})
	}
	if got := s.Bitrix.Invoices(0); len(got) != 0 {
		t.Errorf("the CRM has %+v", got)
	}
	s.Enter(16, "DEFAULT", 0).Do(http.MethodPost, "/api/v1/invoices", good).refused(403, "forbidden", "")
	s.add(good).Want(http.StatusCreated) // the same id was refused thirteen times and is free
}

// A deal of 10.005 cannot be charged to the cent; rounding it would show one
// amount and take another.
func TestDealThatCannotBeSaidInCentsIsRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	deal := s.Bitrix.AddDeal(bitrixsim.NewDeal{Title: "Rope", Lines: []bitrixsim.Line{{Name: "Rope", Price: "10.005"}}})
	got := s.add(Object{"requestId": "i-1", "deal": itoa(deal)})
	if amount, _ := s.Bitrix.Deal(deal); amount.Amount != "10.005" {
		t.Skipf("the portal rounds by itself, to %s", amount.Amount)
	}
	got.refused(502, "upstream_refused", "")
	if left := s.Bitrix.Invoices(0); len(left) != 0 {
		t.Errorf("an invoice stays behind: %+v", left)
	}
}

// Whatever happens on the way to the CRM, the repetition mends it, and one
// invoice over the right amount is there.
func TestInvoiceSurvivesTheCRMsFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []bitrixsim.FaultKind{
		bitrixsim.FaultErrorBefore, bitrixsim.FaultErrorAfter, bitrixsim.FaultLostAnswer, bitrixsim.FaultHTML,
		bitrixsim.FaultDown, bitrixsim.FaultQueryLimit, bitrixsim.FaultExpiredToken,
	} {
		for _, method := range []string{"crm.item.add", "crm.item.productrow.set"} {
			t.Run(string(kind)+" "+method, func(t *testing.T) {
				t.Parallel()
				s := Start(t, Options{})
				cashier := s.enterAfterInstall()
				s.Bitrix.Inject(bitrixsim.Fault{Kind: kind, Method: method, Times: 1})
				in := Object{"requestId": "i-1", "deal": "512"}
				first := cashier.Do(http.MethodPost, "/api/v1/invoices", in)
				if first.Status != http.StatusCreated {
					first.refused(503, "upstream_unavailable", "")
				}
				again := cashier.Do(http.MethodPost, "/api/v1/invoices", in).Want(http.StatusCreated)
				if again.Text("id") != "SI:77" || again.Text("total", "amount") != "287.00" {
					t.Errorf("repeated: %s over %s", again.Text("id"), again.Text("total", "amount"))
				}
				inCRM := s.Bitrix.Invoices(0)
				if len(inCRM) != 1 || inCRM[0].Amount != "287" || inCRM[0].Rows != 2 || inCRM[0].XMLID == "" {
					t.Errorf("the CRM has %+v", inCRM)
				}
				s.lawful()
			})
		}
	}
}

func TestInvoiceThatCannotBeFilledIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"crm.item.productrow.list", "crm.item.productrow.set"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := Start(t, Options{})
			cashier := s.enterAfterInstall()
			s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultAccessDenied, Method: method, Times: 1})
			in := Object{"requestId": "i-1", "deal": "512"}
			cashier.Do(http.MethodPost, "/api/v1/invoices", in).refused(403, "forbidden", "")
			if got := s.Bitrix.Invoices(0); len(got) != 0 {
				t.Errorf("an invoice stays behind: %+v", got)
			}
			cashier.Do(http.MethodPost, "/api/v1/invoices", in.with("amount", "50.00")).Want(http.StatusCreated) // the id is free
			s.lawful()
		})
	}
}
