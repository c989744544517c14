package stack

import (
	"net/http"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

// openTill is a shop whose terminal allows everything, with a policy.
func openTill(t *testing.T, pad linklysim.TerminalConfig, policy Object) *shop {
	t.Helper()
	s := openShop(t, Options{})
	pad.Name, pad.Username, pad.Password = "Front desk", "demo", "demo"
	s.Terminal = s.Linkly.AddTerminal(pad)
	s.terminal = s.admin.Do(http.MethodPost, "/api/v1/terminals", Object{
		"name": "Front desk", "provider": "linkly", "environment": "sandbox", "secret": s.Terminal.PairExisting(),
	}).Want(http.StatusCreated).Text("id")
	s.Await("the front desk is ready", func() bool {
		return s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK).Text("status") == "ready"
	})
	if policy != nil {
		s.admin.Do(http.MethodPatch, "/api/v1/till-policy", policy).Want(http.StatusOK)
	}
	return s
}

func everything() linklysim.TerminalConfig {
	return linklysim.TerminalConfig{Tipping: true, CashoutLimit: 20_000, MOTO: true, RefundLimit: 15_000}
}

// approvedParts are the parts of an approval as the JSON tells them.
func approvedParts(p Object) string {
	return p.Text("approved", "amount") + " + " + p.Text("approved", "surcharge") + " + " + p.Text("approved", "tip") + " + " +
		p.Text("approved", "cashOut") + " = " + p.Text("approved", "total")
}

func TestEachExtraIsALineOfItsOwnAndTheInvoiceIsPaidByItsAmount(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), Object{
		"surchargeRules": []Object{{"bin": "41", "percent": "1.50"}, {"bin": "3714", "amount": "0.75"}}, "tipChoices": []int{5, 10},
	})
	s.admin.Do(http.MethodPut, "/api/v1/rights/14", Object{"rights": []string{"take", "moto"}}).Want(http.StatusOK)
	for n, one := range []struct {
		name   string
		extras Object
		auto   linklysim.AutoConfig
		parts  string
	}{
		{"a fixed tip", Object{"tip": "2.50"}, linklysim.AutoConfig{}, "10.00 + 0.00 + 2.50 + 0.00 = 12.50"},
		{"a tip that the customer chooses", Object{"askTip": true}, linklysim.AutoConfig{Tip: 2}, "10.00 + 0.00 + 1.00 + 0.00 = 11.00"},
		{"a surcharge by the card", Object{"surcharge": true}, linklysim.AutoConfig{}, "10.00 + 0.15 + 0.00 + 0.00 = 10.15"},
		{"a surcharge of a fixed amount", Object{"surcharge": true}, linklysim.AutoConfig{Card: "amex"}, "10.00 + 0.75 + 0.00 + 0.00 = 10.75"},
		{"cash-out on top", Object{"cashOut": "40.00"}, linklysim.AutoConfig{}, "10.00 + 0.00 + 0.00 + 40.00 = 50.00"},
		{"a telephone order", Object{"moto": true}, linklysim.AutoConfig{}, "10.00 + 0.00 + 0.00 + 0.00 = 10.00"},
		{"all at once", Object{"tip": "1.00", "surcharge": true, "cashOut": "20.00"}, linklysim.AutoConfig{}, "10.00 + 0.15 + 1.00 + 20.00 = 31.15"},
	} {
		document := s.invoice("i-"+itoa(n), "10.00")
		order := s.order("p-"+itoa(n), document, "10.00")
		for member, value := range one.extras {
			order = order.with(member, value)
		}
		s.Terminal.Auto(one.auto)
		p := s.AwaitPayment(s.cashier, s.taken(order), "approved")
		s.Terminal.AutoOff()
		if got := approvedParts(p); got != one.parts {
			t.Errorf("%s: %s, want %s", one.name, got, one.parts)
		}
		if list := p.List("alerts"); len(list) != 0 {
			t.Errorf("%s raises %v", one.name, list)
		}
		d := s.cashier.Do(http.MethodGet, "/api/v1/documents?entity=invoice&id="+document[3:], nil).Want(http.StatusOK).List("documents")[0]
		if d.Text("status") != "paid" || d.Text("paid", "amount") != "10.00" || d.Text("outstanding", "amount") != "0.00" {
			t.Errorf("%s: the invoice is %v", one.name, d)
		}
	}
	alone := s.order("p-cash", s.invoice("i-cash", "10.00"), "0.00").with("cashOut", "50.00")
	if got := approvedParts(s.paid(alone)); got != "0.00 + 0.00 + 0.00 + 50.00 = 50.00" {
		t.Errorf("cash-out alone: %s", got)
	}
	s.honest()
}

func TestExtrasThatAreNotAllowed(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), nil)
	document := s.invoice("i-1", "100.00")
	order := s.order("p-1", document, "100.00")
	s.send(order.with("moto", true)).refused(403, "forbidden", "")
	s.send(order.with("surcharge", true)).refused(422, "invalid", "surcharge") // no rules
	s.send(order.with("cashOut", "200.01")).refused(422, "invalid", "cashOut")
	s.send(order.with("tip", "x")).refused(422, "invalid", "tip")
	s.send(order.with("tip", "1.00").with("askTip", true)).refused(422, "invalid", "tip")
	s.send(order.with("amount", "0.00")).refused(422, "invalid", "amount")
	s.send(order.with("amount", "0.00").with("cashOut", "10.00").with("tip", "1.00")).refused(422, "invalid", "cashOut")
	s.admin.Do(http.MethodPatch, "/api/v1/till-policy", Object{
		"surcharge": false, "tips": false, "cashOut": false, "moto": false, "surchargeRules": []Object{{"bin": "41", "percent": "1.00"}},
	}).Want(http.StatusOK)
	s.admin.Do(http.MethodPut, "/api/v1/rights/14", Object{"rights": []string{"take", "moto"}}).Want(http.StatusOK)
	for _, member := range []string{"surcharge", "tip", "cashOut", "moto"} {
		value := map[string]any{"surcharge": true, "moto": true, "tip": "1.00", "cashOut": "10.00"}[member]
		s.send(order.with(member, value)).refused(422, "invalid", member)
	}
	s.cashier.Do(http.MethodPatch, "/api/v1/till-policy", Object{"surcharge": true}).refused(403, "forbidden", "")
	for field, value := range map[string]any{
		"surchargeRules": []Object{{"bin": "41", "percent": "100.00"}}, "tipChoices": []int{1, 2, 3, 4}, "refundExtras": "perhaps",
		"refundLimits": Object{"14": Object{"amount": "1.001", "currency": "AUD"}},
	} {
		s.admin.Do(http.MethodPatch, "/api/v1/till-policy", Object{field: value}).refused(422, "invalid", field)
	}
	if n := s.stored(); n != 0 {
		t.Errorf("%d payments are stored", n)
	}
	s.Terminal.Script(linklysim.Script{Code: "00", SurchargeRate: 100})
	p := s.paid(order)
	if alerts := p.List("alerts"); len(alerts) != 1 || alerts[0].Text("code") != "surcharge_off" {
		t.Errorf("a surcharge that the terminal adds by itself raises %v", alerts)
	}
	s.honest()
}

func TestAPartLeavesTheRestAndOneSaleIsOneUID(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), nil)
	document := s.invoice("i-1", "187.00")
	s.paid(s.order("p-1", document, "50.00"))
	s.Terminal.Script(linklysim.Script{Code: "00", Partial: 3000})
	less := s.paid(s.order("p-2", document, "100.00"))
	s.Terminal.Script(linklysim.Script{})
	if less.Text("approved", "amount") != "30.00" {
		t.Errorf("a partial approval is booked as %s", less.Text("approved", "amount"))
	}
	d := s.cashier.Do(http.MethodGet, "/api/v1/documents?entity=invoice&id="+document[3:], nil).Want(http.StatusOK).List("documents")[0]
	if d.Text("status") != "partly_paid" || d.Text("outstanding", "amount") != "107.00" {
		t.Errorf("the invoice is %v", d)
	}
	s.send(s.order("p-3", document, "107.01")).refused(409, "over_outstanding", "amount")
	s.paid(s.order("p-4", document, "107.00"))
	pads := s.sentPADs()
	for _, pad := range pads {
		if pad.Text("AMT") != "18700" || pad.Text("UID") == "" || pad.Text("UID") != pads[0].Text("UID") {
			t.Errorf("a tender of the sale carries %v", pad)
		}
	}
	if len(pads) != 3 {
		t.Errorf("%d tenders, want 3", len(pads))
	}
	s.honest()
}

// sentPADs are the purchase analysis data of every transaction so far.
func (s *shop) sentPADs() []Object {
	s.t.Helper()
	var out []Object
	for _, r := range s.Linkly.Requests() {
		if r.Method != http.MethodPost || r.Status != http.StatusAccepted {
			continue
		}
		body := Answer{Body: []byte(r.Body), t: s.t}.Object()
		if pad, ok := body.at("Request", "PurchaseAnalysisData").(map[string]any); ok && pad["AMT"] != nil {
			out = append(out, pad)
		}
	}
	return out
}

func TestAFullRefundReturnsEverythingAndAPartOnlyTheAmount(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), Object{"surchargeRules": []Object{{"bin": "41", "percent": "2.00"}}})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00").with("tip", "7.00").with("surcharge", true)).Text("id")
	part := s.refund("r-1", sale, "40.00")
	if got := approvedParts(part); got != "40.00 + 0.00 + 0.00 + 0.00 = 40.00" {
		t.Errorf("a part: %s", got)
	}
	act(s.admin, sale, "refunds", Object{"requestId": "r-2", "terminal": s.terminal, "amount": "60.01", "reason": "x"}).
		refused(409, "over_refund", "amount")
	rest := s.refund("r-3", sale, "60.00")
	if got := approvedParts(rest); got != "60.00 + 2.00 + 7.00 + 0.00 = 69.00" {
		t.Errorf("the rest: %s", got)
	}
	big := s.paid(s.order("p-2", s.invoice("i-2", "150.01"), "150.01").with("amount", "150.00")).Text("id")
	s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"name": "Counter"}).Want(http.StatusOK)
	act(s.admin, big, "refunds", Object{"requestId": "r-4", "terminal": s.terminal, "amount": "150.00", "reason": "x"}).Want(http.StatusAccepted)
	s.honest()
}

func TestARefundAboveTheTerminalsOwnLimitIsRefusedBeforeTheCustomerComes(t *testing.T) {
	t.Parallel()
	pad := everything()
	pad.RefundLimit = 5000
	s := openTill(t, pad, nil)
	sale := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
	in := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "50.01", "reason": "x"}
	act(s.admin, sale, "refunds", in).refused(409, "over_refund", "amount")
	s.refund("r-2", sale, "50.00")
	s.honest()
}

// A fixed surcharge has the decimals of its own currency, and counts for
// payments in that alone.
func TestFixedSurchargesAreCountedInTheirOwnCurrency(t *testing.T) {
	t.Parallel()
	s := openTill(t, everything(), nil)
	policy := func(rules ...Object) Answer {
		return s.admin.Do(http.MethodPatch, "/api/v1/till-policy", Object{"surchargeRules": rules})
	}
	for _, r := range []Object{
		{"bin": "41", "amount": "120", "currency": "JPY"},
		{"bin": "41", "amount": "1.250", "currency": "KWD"},
		{"bin": "41", "amount": "0.50", "currency": "AUD"},
		{"bin": "41", "percent": "1.50"},
	} {
		back := policy(r).Want(http.StatusOK).List("surchargeRules")[0]
		for _, member := range []string{"bin", "percent", "amount", "currency"} {
			if back[member] != r[member] {
				t.Errorf("%v comes back as %v", r, back)
			}
		}
	}
	for _, r := range []Object{
		{"bin": "41", "amount": "120.5", "currency": "JPY"},
		{"bin": "41", "amount": "1.2505", "currency": "KWD"},
		{"bin": "41", "amount": "0.505"},
		{"bin": "41", "amount": "1", "currency": "XXZ"},
		{"bin": "41", "percent": "1.505"},
	} {
		policy(r).refused(422, "invalid", "surchargeRules")
	}
	order := s.order("p-1", s.invoice("i-1", "10.00"), "10.00").with("surcharge", true)
	policy(Object{"bin": "41", "amount": "1.250", "currency": "KWD"}).Want(http.StatusOK)
	s.send(order).refused(422, "invalid", "surcharge")
	policy(Object{"bin": "41", "amount": "0.50"}, Object{"bin": "41", "amount": "120", "currency": "JPY"}).Want(http.StatusOK)
	if got := approvedParts(s.paid(order)); got != "10.00 + 0.50 + 0.00 + 0.00 = 10.50" {
		t.Errorf("the card paid %s", got)
	}
	lines := s.admin.Do(http.MethodGet, "/api/v1/audit", nil).Want(http.StatusOK).List("items")
	if len(lines) == 0 || lines[0].Text("action") != "settings.changed" {
		t.Errorf("the audit says %v", lines)
	}
	s.honest()
}
