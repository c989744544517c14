package stack

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
)

// shop is a stack with the app installed and one terminal that is ready.
type shop struct {
	*Stack
	admin, cashier Client
	terminal       string
}

func openShop(t *testing.T, o Options) *shop {
	t.Helper()
	s := &shop{Stack: Start(t, o)}
	s.admin = s.Install()
	s.terminal = s.Pair(s.admin)
	s.cashier = s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	return s
}

// eachShop runs the story on the embedded default and on real servers.
func eachShop(t *testing.T, story func(t *testing.T, s *shop)) {
	t.Helper()
	for name, o := range map[string]Options{"Embedded": {}, "Servers": {Postgres: true, Redis: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, openShop(t, o))
		})
	}
}

// invoice adds an invoice to deal 512 and answers the document's id.
func (s *shop) invoice(requestID, amount string) string {
	s.t.Helper()
	in := Object{"requestId": requestID, "deal": "512"}
	if amount != "" {
		in["amount"] = amount
	}
	return s.cashier.Do(http.MethodPost, "/api/v1/invoices", in).Want(http.StatusCreated).Text("id")
}

// order is the body of a Send Payment.
func (s *shop) order(requestID, document, amount string) Object {
	return Object{"requestId": requestID, "document": document, "terminal": s.terminal, "amount": amount, "currency": "AUD"}
}

// with is a copy with one member set; nil takes it away.
func (o Object) with(key string, value any) Object {
	out := Object{}
	for k, v := range o {
		out[k] = v
	}
	out[key] = value
	if value == nil {
		delete(out, key)
	}
	return out
}

func (s *shop) send(order Object) Answer {
	s.t.Helper()
	return s.cashier.Do(http.MethodPost, "/api/v1/payments", order)
}

// taken sends a payment that must be accepted, and answers its id.
func (s *shop) taken(order Object) string {
	s.t.Helper()
	return s.send(order).Want(http.StatusAccepted).Text("id")
}

// paid takes a payment to its approval by a customer who taps.
func (s *shop) paid(order Object) Object {
	s.t.Helper()
	s.Terminal.Auto(linklysim.AutoConfig{})
	p := s.AwaitPayment(s.cashier, s.taken(order), "approved")
	s.Terminal.AutoOff()
	return p
}

// show reads a payment.
func (s *shop) show(id string) Object {
	s.t.Helper()
	return s.cashier.Do(http.MethodGet, "/api/v1/payments/"+id, nil).Want(http.StatusOK)
}

// act posts to an address below a payment.
func act(c Client, payment, what string, body any) Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, "/api/v1/payments/"+payment+"/"+what, body)
}

// awaitDisplay waits until the terminal asks for a card, so that a key or a
// customer meets a display and not the moment before it.
func (s *shop) awaitDisplay(payment, key string) Object {
	s.t.Helper()
	var p Object
	s.Await("payment "+payment+" offers the key "+key, func() bool {
		p = s.show(payment)
		keys, _ := p.at("display", "keys").([]any)
		for _, k := range keys {
			if k == key {
				return true
			}
		}
		return false
	})
	return p
}

// at follows keys into nested objects.
func (o Object) at(keys ...string) any {
	var at any = map[string]any(o)
	for _, k := range keys {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[k]
	}
	return at
}

// refused asserts a refusal: its status, its code and the field at fault.
func (a Answer) refused(status int, code, field string) Object {
	a.t.Helper()
	o := a.Want(status)
	if got := o.Text("code"); got != code {
		a.t.Errorf("refused with %s, want %s: %s", got, code, o.Text("detail"))
	}
	if got := o.Text("field"); got != field {
		a.t.Errorf("the field at fault is %q, want %q", got, field)
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("a refusal comes as %s", got)
	}
	return o
}

// stored counts the payments that are stored.
func (s *shop) stored() int64 {
	s.t.Helper()
	var n int64
	if err := s.House.DB.WithContext(s.t.Context()).Model(&payments.Payment{}).Count(&n).Error; err != nil {
		s.t.Fatal(err)
	}
	return n
}

// honest asserts what must hold at the end of every story: no payment charged
// twice, each charge on record, and nothing sent that a real service refuses.
func (s *shop) honest() {
	s.t.Helper()
	charged := map[string]int{}
	for _, c := range s.Linkly.Charges() {
		if c.Approved {
			charged[c.TxnRef]++
		}
	}
	var rows []payments.Payment
	if err := s.House.DB.WithContext(s.t.Context()).Where("state = ?", payments.Approved).Find(&rows).Error; err != nil {
		s.t.Fatal(err)
	}
	approved := map[string]int{}
	for _, p := range rows {
		approved[p.TxnRef]++
	}
	if diff := cmp.Diff(charged, approved); diff != "" {
		s.t.Errorf("charged at the terminal (-) and approved here (+) differ:\n%s", diff)
	}
	s.lawful()
}

// lawful asserts that the services were asked for nothing that they refuse.
func (s *Stack) lawful() {
	s.t.Helper()
	if v := s.Linkly.Violations(); len(v) > 0 {
		s.t.Errorf("Linkly would have refused: %+v", v)
	}
	if v := s.Bitrix.Violations(); len(v) > 0 {
		s.t.Errorf("Bitrix24 would have refused: %+v", v)
	}
}

// in is the same client speaking for a subtest.
func (c Client) in(t testing.TB) Client {
	c.t = t
	return c
}
