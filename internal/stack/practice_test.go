package stack

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	"receivepayment/payments"
	"receivepayment/payments/gatewaytest"
	"receivepayment/practice"
)

// quickly lets practised customers hurry.
func quickly(c *house.Config) {
	pressed(c)
	c.PracticeBeat, c.ReviewAfter = 40*time.Millisecond, 11*time.Second // a lost answer is found after 8.4 s
}

// practise adds the portal's practice terminal.
func (s *shop) practise() string {
	s.t.Helper()
	in := Object{"provider": "practice", "name": "Practice"}
	o := s.admin.Do(http.MethodPost, "/api/v1/terminals", in).Want(http.StatusCreated)
	if o.Text("status") != "ready" || o.Text("provider") != "practice" {
		s.t.Fatalf("a practice terminal needs no pairing: %v", o)
	}
	return o.Text("id")
}

// practised sends a payment to it.
func (s *shop) practised(request, document, terminal, scenario string) string {
	s.t.Helper()
	order := Object{
		"requestId": request, "document": document, "terminal": terminal, "amount": "20.00", "currency": "AUD", "method": scenario,
		"expectedOutstanding": "20.00",
	}
	return s.taken(order)
}

// TestPracticeMovesNothing: an administrator adds the terminal with one request
// and no account; a payment on it lives through its whole life, is paid back,
// and leaves the invoice, the CRM and every list of what needs a person alone.
func TestPracticeMovesNothing(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"Embedded": {Change: quickly}, "Servers": {Postgres: true, Redis: true, Change: quickly},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			practiceMovesNothing(t, openShop(t, o))
		})
	}
}

func practiceMovesNothing(t *testing.T, s *shop) {
	terminal := s.practise()
	if again := s.practise(); again != terminal {
		t.Errorf("a second click made a second practice terminal")
	}
	document := s.invoice("inv-practice", "20.00")
	before := len(s.Bitrix.Timeline(2, 512))

	first := s.practised("practice-1", document, terminal, practice.Approved)
	o := s.AwaitPayment(s.cashier, first, "approved")
	if o["practice"] != true || !strings.HasPrefix(o.Text("document"), "T:practice/") {
		t.Errorf("it is not marked as practice: %v", o)
	}
	if slips, _ := o["receipts"].([]any); len(slips) != 2 {
		t.Errorf("%d slips, want two", len(slips))
	}
	s.unpaid(document)
	again := s.practised("practice-2", document, terminal, practice.Approved)
	s.AwaitPayment(s.cashier, again, "approved") // as often as somebody likes

	lost := s.practised("practice-3", document, terminal, practice.NeverSaying)
	s.AwaitPayment(s.cashier, lost, "unknown")
	if items, _ := s.admin.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK)["items"].([]any); len(items) != 0 {
		t.Errorf("practice needs somebody: %v", items)
	}
	act(s.cashier, lost, "ask-manager", nil).refused(http.StatusConflict, "wrong_state", "")
	act(s.admin, lost, "resolve", Object{"outcome": "paid", "reason": "seen on the slip"}).Want(http.StatusOK)

	back := Object{"requestId": "back-practice", "terminal": s.terminal, "amount": "5.00", "reason": "returned"}
	act(s.admin, first, "refunds", back).refused(http.StatusUnprocessableEntity, "invalid", "terminal")
	refund := act(s.admin, first, "refunds", back.with("terminal", terminal)).Want(http.StatusAccepted).Text("id")
	s.AwaitPayment(s.admin, refund, "approved")

	s.unpaid(document)
	if n := len(s.Bitrix.Timeline(2, 512)); n != before {
		t.Errorf("practice left %d entries in the CRM", n-before)
	}
	var told int64
	if err := s.House.DB.WithContext(t.Context()).Model(&payments.WriteBack{}).Count(&told).Error; err != nil || told != 0 {
		t.Errorf("practice left %d write-backs (%v)", told, err)
	}
	lines := s.admin.Do(http.MethodGet, "/api/v1/audit", nil).Want(http.StatusOK)
	for _, word := range []string{"payment.refunded", "payment.resolved"} {
		if strings.Contains(fmt.Sprint(lines), word) {
			t.Errorf("the audit holds %s, which was practice", word)
		}
	}

	// The real thing goes through as if nothing had been.
	s.paid(s.order("real-1", document, "20.00"))
	s.practiceAndReal(terminal)
}

// practiceAndReal: of one list, the practised payments say that they are.
func (s *shop) practiceAndReal(terminal string) {
	s.t.Helper()
	items, _ := s.admin.Do(http.MethodGet, "/api/v1/payments", nil).Want(http.StatusOK)["items"].([]any)
	for _, one := range items {
		p := Object(one.(map[string]any))
		if p["practice"] != (p.Text("terminal", "id") == terminal) {
			s.t.Errorf("the list tells practice wrongly: %v", p)
		}
	}
	if len(items) != 5 {
		s.t.Errorf("%d payments in the list, want 5", len(items))
	}
}

// unpaid asserts that nothing was taken for a document.
func (s *shop) unpaid(document string) {
	s.t.Helper()
	view := s.cashier.Do(http.MethodGet, "/api/v1/documents?entity=deal&id=512", nil).Want(http.StatusOK)
	docs, _ := view["documents"].([]any)
	for _, one := range docs {
		d := Object(one.(map[string]any))
		if d.Text("id") != document {
			continue
		}
		if d.Text("outstanding", "amount") != "20.00" || d.Text("paid", "amount") != "0.00" || d["openPayment"] != nil {
			s.t.Errorf("practice touched the invoice: %v", d)
		}
		return
	}
	s.t.Errorf("no document %s", document)
}

// TestAPracticeTerminalIsNobodysOnlyTerminal: it serves nobody, is nobody's
// default, and is never proposed to somebody whose terminal is busy.
func TestAPracticeTerminalIsNobodysOnlyTerminal(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quickly})
	terminal := s.practise()
	for _, c := range []Client{s.cashier, s.admin} {
		c.Do(http.MethodPatch, "/api/v1/terminals/"+terminal, Object{"default": true}).refused(http.StatusUnprocessableEntity, "invalid", "default")
	}
	s.admin.Do(http.MethodPut, "/api/v1/people/14", Object{"default": terminal}).refused(http.StatusUnprocessableEntity, "invalid", "default")
	s.admin.Do(http.MethodPost, "/api/v1/terminals/"+terminal+"/pair", Object{"secret": "x"}).refused(http.StatusUnprocessableEntity, "invalid", "provider")
	s.send(s.order("wrong-1", s.invoice("inv-w", "20.00"), "20.00").with("terminal", terminal).with("method", "card")).
		refused(http.StatusUnprocessableEntity, "invalid", "method")

	s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"shared": false}).Want(http.StatusOK)
	board := s.admin.Do(http.MethodGet, "/api/v1/people?without=1", nil).Want(http.StatusOK)
	if items, _ := board["items"].([]any); len(items) == 0 {
		t.Errorf("the practice terminal is taken for one: %v", board)
	}
}

// TestPracticeSurvivesARestart: the process ends between the card and the
// answer; the next one learns the outcome that the first would have shown.
func TestPracticeSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: func(c *house.Config) { quickly(c); c.PracticeBeat = 100 * time.Millisecond }})
	terminal := s.practise()
	id := s.practised("restart-1", s.invoice("inv-r", "20.00"), terminal, practice.Slow)
	s.awaitDisplay(id, "cancel")
	s.Restart()
	s.AwaitPayment(s.cashier, id, "approved")
}

// practiceImpossible is what cannot happen in practice, and why.
func practiceImpossible() map[gatewaytest.Situation]string {
	const noWire = "nothing travels: the terminal is a part of this program, and an answer is what the scenario says"
	return map[gatewaytest.Situation]string{
		gatewaytest.AnswerSpoiled: noWire, gatewaytest.AnswerForAnother: noWire, gatewaytest.FalseSuccess: noWire,
		gatewaytest.ProvenAbsence: "what the scenario keeps from the terminal is refused while it is sent, and nobody has to ask",
		gatewaytest.Busy:          "nobody else can reach it: whoever uses it holds it by a payment of ours",
		gatewaytest.AmountLarger:  "no scenario reports another amount than the one that was asked for",
		gatewaytest.Surcharge:     "its features offer refunds and nothing beside the amount",
	}
}

// TestPracticeMeetsEverySituation is the third provider's column.
func TestPracticeMeetsEverySituation(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quickly})
	terminal := s.practise()
	scenario := map[gatewaytest.Situation]string{
		gatewaytest.DeclinedByBank: practice.Declined, gatewaytest.NotReached: practice.Offline,
		gatewaytest.AnswerLost: practice.LostAnswer, gatewaytest.DoubtThenTruth: practice.LostAnswer,
		gatewaytest.AnswerLate: practice.Slow, gatewaytest.CancelFromHere: practice.Slow,
		gatewaytest.NothingHappens: practice.NeverSaying,
	}
	document := s.invoice("inv-suite", "20.00")
	gatewaytest.Run(t, func(t *testing.T, situation gatewaytest.Situation) gatewaytest.Seen {
		if why := practiceImpossible()[situation]; why != "" {
			return gatewaytest.Seen{Impossible: why}
		}
		name := scenario[situation]
		if name == "" {
			name = practice.Approved
		}
		request := "suite-" + itoa(len(situation)) + name
		id := s.practised(request, document, terminal, name)
		if situation == gatewaytest.AskedTwice {
			if again := s.practised(request, document, terminal, name); again != id {
				t.Errorf("the same request made two payments")
			}
		}
		if situation == gatewaytest.CancelFromHere {
			s.awaitDisplay(id, "cancel")
			act(s.cashier, id, "keys", Object{"key": "cancel"}).Want(http.StatusAccepted)
		}
		o := restingOrDoubtful(s.Stack, s.cashier, id)
		if situation == gatewaytest.MoneyBack {
			back := Object{"requestId": "back-" + request, "terminal": terminal, "amount": "1.00", "reason": "returned"}
			s.AwaitPayment(s.admin, act(s.admin, id, "refunds", back).Want(http.StatusAccepted).Text("id"), "approved")
		}
		if o.Text("state") == "review" {
			act(s.admin, id, "resolve", Object{"outcome": "not_paid", "reason": "practised"}).Want(http.StatusOK)
		}
		return seenOf(t, o, pretended(o))
	})
	s.unpaid(document)
}

// pretended counts by the terminal's own slips how often it took the money.
func pretended(o Object) int {
	slips, _ := o["receipts"].([]any)
	n := 0
	for _, one := range slips {
		r := Object(one.(map[string]any))
		if r.Text("type") == "customer" && strings.Contains(r.Text("text"), "APPROVED") {
			n++
		}
	}
	return n
}

// TestAPractisedSignatureIsAnsweredByTheOperator, either way.
func TestAPractisedSignatureIsAnsweredByTheOperator(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quickly})
	terminal := s.practise()
	document := s.invoice("inv-sign", "20.00")
	for key, state := range map[string]string{"yes": "approved", "no": "declined"} {
		id := s.practised("sign-"+key, document, terminal, practice.Signature)
		s.awaitDisplay(id, key)
		act(s.cashier, id, "keys", Object{"key": key}).Want(http.StatusAccepted)
		o := s.AwaitPayment(s.cashier, id, state)
		if alerts, _ := o["alerts"].([]any); len(alerts) != 0 {
			t.Errorf("a key makes people look: %v", alerts)
		}
	}
}
