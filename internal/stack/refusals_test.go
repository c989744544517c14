package stack

import (
	"net/http"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

// Each of these is refused before anything is stored or sent.
func TestPaymentThatCannotBeReadIsRefusedAndStoresNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	good := s.order("p-1", s.invoice("i-1", ""), "287.00")
	for _, one := range []struct {
		name, member string
		value        any
		status       int
		code, field  string
	}{
		{"no request id", "requestId", nil, 422, "invalid", "requestId"},
		{"an empty request id", "requestId", "", 422, "invalid", "requestId"},
		{"a request id of 101 characters", "requestId", string(make([]byte, 101)), 422, "invalid", "requestId"},
		{"a request id with a line break", "requestId", "a\nb", 422, "invalid", "requestId"},
		{"three decimals", "amount", "187.001", 422, "invalid", "amount"},
		{"zero", "amount", "0.00", 422, "invalid", "amount"},
		{"a bare zero", "amount", "0", 422, "invalid", "amount"},
		{"a negative amount", "amount", "-187.00", 422, "invalid", "amount"},
		{"a number instead of text", "amount", 187.00, 422, "invalid", "amount"},
		{"an exponent", "amount", "1e2", 422, "invalid", "amount"},
		{"a comma", "amount", "1,87", 422, "invalid", "amount"},
		{"a blank", "amount", " 187.00", 422, "invalid", "amount"},
		{"a sign", "amount", "+187.00", 422, "invalid", "amount"},
		{"words", "amount", "all", 422, "invalid", "amount"},
		{"no amount", "amount", nil, 422, "invalid", "amount"},
		{"an amount that fits no field", "amount", "10000000.00", 422, "invalid", "amount"},
		{"an amount without end", "amount", "1" + string(make([]byte, 1000)), 422, "invalid", "amount"},
		{"no currency", "currency", nil, 422, "invalid", "currency"},
		{"a currency that is none", "currency", "XXZ", 422, "invalid", "currency"},
		{"a currency in small letters", "currency", "aud", 422, "invalid", "currency"},
		{"another currency than the terminal's", "currency", "NZD", 422, "invalid", "currency"},
		{"no document", "document", nil, 422, "invalid", "document"},
		{"a document that is none", "document", "77", 422, "invalid", "document"},
		{"a document with a path in it", "document", "SI:77/../78", 422, "invalid", "document"},
		{"a document that is not there", "document", "SI:9999", 404, "not_found", ""},
		{"no terminal", "terminal", nil, 422, "invalid", "terminal"},
		{"a terminal that is not there", "terminal", "t_nowhere", 404, "not_found", ""},
		{"a tip where the terminal takes none", "tip", "5.00", 422, "invalid", "tip"},
		{"cash-out where the terminal gives none", "cashOut", "5.00", 422, "invalid", "cashOut"},
		{"a surcharge where the terminal adds none", "surcharge", true, 422, "invalid", "surcharge"},
		{"a phone order without the right", "moto", true, 403, "forbidden", ""},
		{"a flag that is text", "moto", "yes", 422, "invalid", "moto"},
		{"more than is owed", "amount", "287.01", 409, "over_outstanding", "amount"},
		{"another outstanding amount than expected", "expectedOutstanding", "187.00", 409, "amount_changed", ""},
		{"an expectation that is no amount", "expectedOutstanding", "much", 422, "invalid", "expectedOutstanding"},
	} {
		t.Run(one.name, func(t *testing.T) {
			s.cashier.in(t).Do(http.MethodPost, "/api/v1/payments", good.with(one.member, one.value)).refused(one.status, one.code, one.field)
			if n := s.stored(); n != 0 {
				t.Errorf("%d payments are stored", n)
			}
		})
	}
	s.taken(good.with("expectedOutstanding", "287.00")) // none of the refusals used the id up
	s.honest()
}

func TestPaymentInAnotherCurrencyThanTheTerminalsIsRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc := s.add(Object{"requestId": "i-1", "deal": "515"}).Want(http.StatusCreated) // in NZD, on an AUD terminal
	order := s.order("p-1", doc.Text("id"), "356.00").with("currency", "NZD")
	s.send(order).refused(422, "invalid", "currency")
	s.send(order.with("currency", "AUD")).refused(422, "invalid", "currency")
	if n := s.stored(); n != 0 {
		t.Errorf("%d payments are stored", n)
	}
}

// Where several things stand in the way, the first of the order is told:
// already_paid, over_outstanding, document_open, terminal_busy.
func TestRefusalsComeInTheirOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	paid, open, free := s.invoice("i-1", "50.00"), s.invoice("i-2", "60.00"), s.invoice("i-3", "70.00")
	s.paid(s.order("p-1", paid, "50.00"))
	held := s.taken(s.order("p-2", open, "60.00"))
	s.awaitDisplay(held, "cancel")

	for _, one := range []struct {
		name             string
		document, amount string
		code, field      string
	}{
		{"paid, and the terminal busy", paid, "50.00", "already_paid", ""},
		{"paid, too much, and the terminal busy", paid, "50.01", "already_paid", ""},
		{"too much, open, and the terminal busy", open, "60.01", "over_outstanding", "amount"},
		{"open, and the terminal busy", open, "60.00", "document_open", ""},
		{"too much, and the terminal busy", free, "70.01", "over_outstanding", "amount"},
		{"the terminal busy", free, "70.00", "terminal_busy", ""},
	} {
		s.send(s.order("p-3", one.document, one.amount)).refused(409, one.code, one.field)
		if t.Failed() {
			t.Fatalf("wrong order: %s", one.name)
		}
	}
	if n := s.stored(); n != 2 {
		t.Errorf("%d payments are stored, want 2", n)
	}
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.cashier, held, "approved")
	s.taken(s.order("p-3", free, "70.00"))
	s.honest()
}

func TestTerminalsThatAreNotReadyOrNotOursTakeNoPayment(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	order := s.order("p-1", s.invoice("i-1", ""), "287.00")
	address := "/api/v1/terminals/" + s.terminal

	s.admin.Do(http.MethodPatch, address, Object{"shared": false, "users": []string{"15"}}).Want(http.StatusOK)
	s.send(order).refused(403, "forbidden", "")
	s.admin.Do(http.MethodPatch, address, Object{"users": []string{"14"}}).Want(http.StatusOK)

	s.Terminal.Online(false)
	s.admin.Do(http.MethodPost, address+"/test", nil).Want(http.StatusAccepted)
	s.awaitTerminal("attention")
	s.send(order).refused(409, "not_paired", "")
	s.Terminal.Online(true)

	s.Terminal.NewPairCode() // un-paired at the terminal itself
	s.admin.Do(http.MethodPost, address+"/test", nil).Want(http.StatusAccepted)
	s.awaitTerminal("attention")
	s.send(order).refused(409, "not_paired", "")

	s.admin.Do(http.MethodPost, address+"/pair", Object{"secret": s.Terminal.PairExisting()}).Want(http.StatusOK)
	s.awaitTerminal("ready")
	if n := s.stored(); n != 0 {
		t.Errorf("%d payments are stored", n)
	}
	p := s.taken(order)
	s.admin.Do(http.MethodDelete, address, nil).refused(409, "terminal_busy", "")
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.AwaitPayment(s.cashier, p, "approved")
	s.Await("the terminal is retired", func() bool {
		return s.admin.Do(http.MethodDelete, address, nil).Status == http.StatusNoContent
	})
	s.cashier.Do(http.MethodPost, "/api/v1/payments", s.order("p-2", "SI:77", "1.00")).refused(409, "not_paired", "")
	s.honest()
}

// awaitTerminal waits for the outcome of a test.
func (s *shop) awaitTerminal(status string) Object {
	s.t.Helper()
	var o Object
	s.Await("the terminal is "+status, func() bool {
		o = s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK)
		return o.Text("status") == status
	})
	return o
}
