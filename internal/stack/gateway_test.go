package stack

import (
	"net/http"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	kayaakusim "receivepayment/kayaaku/sim"
	"receivepayment/kayaaku/till"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
	"receivepayment/payments/gatewaytest"
)

// restingOrDoubtful waits until the payment is decided, or until it has been in
// doubt for so long that nothing more will come by itself.
func restingOrDoubtful(s *Stack, c Client, id string) Object {
	s.t.Helper()
	var o Object
	s.Await("payment "+id+" rests or is in review", func() bool {
		o = c.Do(http.MethodGet, "/api/v1/payments/"+id, nil).Want(http.StatusOK)
		return o["final"] == true || o.Text("state") == "review"
	})
	return o
}

// seenOf is the payment as the suite judges it.
func seenOf(t *testing.T, o Object, moved int) gatewaytest.Seen {
	t.Helper()
	minor := func(text string) int64 {
		if text == "" {
			return 0
		}
		m, err := payments.ParseMoney(text, o.Text("amount", "currency"))
		if err != nil {
			t.Fatal(err)
		}
		return m.Minor
	}
	return gatewaytest.Seen{
		State: payments.State(o.Text("state")), Moved: moved,
		Asked: minor(o.Text("amount", "amount")), Approved: minor(o.Text("approved", "amount")),
	}
}

func pressed(c *house.Config) {
	c.SilenceAfter, c.NeverSeenAfter, c.EnquiryGap = 200*time.Millisecond, 500*time.Millisecond, 50*time.Millisecond
	c.UnknownAfter, c.ReviewAfter = 2*time.Second, 4*time.Second
}

// TestLinklyMeetsEverySituation is the first provider's column.
func TestLinklyMeetsEverySituation(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: func(c *house.Config) { pressed(c); c.UnknownAfter, c.ReviewAfter = 8*time.Second, 14*time.Second }})
	s.Terminal.Auto(linklysim.AutoConfig{})
	scenario := map[gatewaytest.Situation]string{
		gatewaytest.DeclinedByBank: "declined_quietly", gatewaytest.NotReached: "cut_before",
		gatewaytest.AnswerLost: "answer_lost", gatewaytest.AnswerSpoiled: "status_html",
		gatewaytest.AnswerForAnother: "callbacks_foreign", gatewaytest.AnswerLate: "callbacks_late",
		gatewaytest.DoubtThenTruth: "status_errors", gatewaytest.FalseSuccess: "display_lies",
		gatewaytest.Busy: "busy", gatewaytest.NothingHappens: "offline", gatewaytest.ProvenAbsence: "timeout_not_started",
		gatewaytest.AmountLarger: "amount_larger", gatewaytest.Surcharge: "surcharge",
	}
	gatewaytest.Run(t, func(t *testing.T, situation gatewaytest.Situation) gatewaytest.Seen {
		request := "gateway-" + string(situation)[:6] + itoa(len(situation)) + string(situation)[len(situation)-5:]
		if name := scenario[situation]; name != "" {
			found, ok := linklysim.ScenarioNamed(name)
			if !ok {
				t.Fatalf("no scenario %s", name)
			}
			found.Setup(s.Terminal)
		}
		if situation == gatewaytest.CancelFromHere {
			s.Terminal.Auto(linklysim.AutoConfig{Delay: time.Hour})
			defer s.Terminal.Auto(linklysim.AutoConfig{})
		}
		order := s.order(request, s.invoice("inv-"+request, "2.00"), "2.00")
		id := s.cashier.Do(http.MethodPost, "/api/v1/payments", order).Want(http.StatusAccepted).Text("id")
		switch {
		case situation == gatewaytest.AskedTwice:
			if again := s.cashier.Do(http.MethodPost, "/api/v1/payments", order).Want(http.StatusAccepted).Text("id"); again != id {
				t.Errorf("the same request made two payments")
			}
		case situation == gatewaytest.CancelFromHere:
			s.Await("the cancel key", func() bool {
				return s.cashier.Do(http.MethodPost, "/api/v1/payments/"+id+"/keys", Object{"key": "cancel"}).Status == http.StatusAccepted
			})
		}
		o := restingOrDoubtful(s.Stack, s.cashier, id)
		if situation == gatewaytest.MoneyBack {
			back := s.admin.Do(http.MethodPost, "/api/v1/payments/"+id+"/refunds", Object{
				"requestId": "back-" + request, "terminal": s.terminal, "amount": "1.00", "reason": "returned",
			}).Want(http.StatusAccepted).Text("id")
			s.AwaitPayment(s.admin, back, "approved")
		}
		moved := 0
		for _, c := range s.Linkly.Charges() {
			if c.TxnRef == o.Text("txnRef") && c.Approved {
				moved++
			}
		}
		return seenOf(t, o, moved)
	})
}

// kayaakuImpossible is what cannot happen with Kayaaku, and why.
func kayaakuImpossible() map[gatewaytest.Situation]string {
	return map[gatewaytest.Situation]string{
		gatewaytest.ProvenAbsence:  "Finexus publishes no code for an unknown TxnID, so asking never proves absence (reference kayaaku 4.4); before the hand-over it is proven by our own hand",
		gatewaytest.CancelFromHere: "no message cancels a running payment; the device is worked by hand, and no key is ever offered (reference kayaaku 5.2)",
		gatewaytest.AmountLarger:   "the documented answers name no amount; one that does and differs proves nothing (reference kayaaku 5.2)",
		gatewaytest.Surcharge:      "the field set has no surcharge, and the features of a Kayaaku terminal offer none",
	}
}

// TestKayaakuMeetsEverySituation is the second provider's column, once for each
// way to the device.
func TestKayaakuMeetsEverySituation(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{Change: pressed})
	sim := kayaakusim.Config{Auto: true, LateNext: 500 * time.Millisecond, Rich: true}
	cable := k.Kayaaku(k.admin, KayaakuOptions{Name: "Cable", Sim: sim, Host: true, AnswerWithin: 700 * time.Millisecond})
	edc := k.Kayaaku(k.admin, KayaakuOptions{Name: "EDC", Sim: sim, HTTP: true})
	for _, way := range []*Till{cable, edc} {
		t.Run(way.Name, func(t *testing.T) {
			gatewaytest.Run(t, func(t *testing.T, situation gatewaytest.Situation) gatewaytest.Seen {
				if why := kayaakuImpossible()[situation]; why != "" {
					return gatewaytest.Seen{Impossible: why}
				}
				if situation == gatewaytest.NotReached && way == edc {
					gone := k.Kayaaku(k.admin, KayaakuOptions{Name: "Gone", Sim: sim, HTTP: true})
					gone.CloseHost() // nobody listens any more
					return seenOf(t, restingOrDoubtful(k.Stack, k.admin, k.send(gone, "1.00", "")), len(gone.Sim.Approvals()))
				}
				return k.play(t, way, situation)
			})
		})
	}
	k.balanced(cable, edc)
}

func (k *kuala) play(t *testing.T, way *Till, situation gatewaytest.Situation) gatewaytest.Seen {
	scenario := map[gatewaytest.Situation]kayaakusim.Scenario{
		gatewaytest.DeclinedByBank: kayaakusim.Decline, gatewaytest.AnswerLost: kayaakusim.LostReply,
		gatewaytest.AnswerSpoiled: kayaakusim.BadCheck, gatewaytest.AnswerForAnother: kayaakusim.OtherTxnID,
		gatewaytest.AnswerLate: kayaakusim.NextDelayed, gatewaytest.DoubtThenTruth: kayaakusim.EnquiryUnclear,
		gatewaytest.FalseSuccess: kayaakusim.ResultCodeAlone, gatewaytest.Busy: kayaakusim.BusyDevice,
		gatewaytest.NothingHappens: kayaakusim.Silent,
	}[situation]
	if scenario != "" && situation != gatewaytest.NotReached {
		way.Sim.Device.Script(scenario)
	}
	died := make(chan struct{})
	if situation == gatewaytest.NotReached {
		way.At(func(b *till.Bridge, point string) {
			if point == "accepted" {
				b.Kill()
				close(died)
			}
		})
	}
	document := k.owed("1.00")
	in := Object{"requestId": "gw-" + way.Name + document, "document": document, "terminal": way.Terminal, "amount": "1.00", "currency": "MYR"}
	id := k.admin.Do(http.MethodPost, "/api/v1/payments", in).Want(http.StatusAccepted).Text("id")
	switch {
	case situation == gatewaytest.AskedTwice:
		if again := k.admin.Do(http.MethodPost, "/api/v1/payments", in).Want(http.StatusAccepted).Text("id"); again != id {
			t.Errorf("the same request made two payments")
		}
	case situation == gatewaytest.NotReached:
		<-died
		way.StopBridge()
		way.At(nil)
		way.StartBridge()
	}
	if situation == gatewaytest.DoubtThenTruth {
		k.AwaitPayment(k.admin, id, "approved") // however long the doubt lasts, the truth wins
	}
	o := restingOrDoubtful(k.Stack, k.admin, id)
	if situation == gatewaytest.MoneyBack {
		k.AwaitPayment(k.admin, k.refund(way, id, "0.40").Want(http.StatusAccepted).Text("id"), "approved")
	}
	moved := 0
	for _, r := range way.Sim.Approvals() {
		if r.TxnID == o.Text("txnRef") {
			moved++
		}
	}
	k.free(way, id)
	return seenOf(t, o, moved)
}
