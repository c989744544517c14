package stack

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/cmd/app/house"
	kayaakusim "receivepayment/kayaaku/sim"
	"receivepayment/kayaaku/till"
)

// kuala is a shop that sells in ringgit on Kayaaku devices.
type kuala struct {
	*Stack
	admin Client
	deal  int
	n     atomic.Int64
}

func openKuala(t *testing.T, o Options) *kuala {
	t.Helper()
	change := o.Change
	o.Change = func(c *house.Config) {
		c.SilenceAfter, c.NeverSeenAfter, c.EnquiryGap = time.Second, 500*time.Millisecond, 100*time.Millisecond
		if change != nil {
			change(c)
		}
	}
	k := &kuala{Stack: Start(t, o)}
	k.admin = k.Install()
	k.deal = k.Bitrix.AddDeal(bitrixsim.NewDeal{Title: "Kedai", Currency: "MYR", Lines: []bitrixsim.Line{{Name: "Goods", Price: "900000.00"}}})
	return k
}

// owed adds an invoice and answers its document's id.
func (k *kuala) owed(amount string) string {
	k.t.Helper()
	return k.admin.Do(http.MethodPost, "/api/v1/invoices", Object{
		"requestId": fmt.Sprintf("kuala-inv-%d", k.n.Add(1)), "deal": itoa(k.deal), "amount": amount, "currency": "MYR",
	}).Want(http.StatusCreated).Text("id")
}

// send sends a payment of a fresh invoice and answers its id.
func (k *kuala) send(till *Till, amount, method string) string {
	k.t.Helper()
	return k.order(till, k.owed(amount), amount, method).Want(http.StatusAccepted).Text("id")
}

func (k *kuala) order(till *Till, document, amount, method string) Answer {
	k.t.Helper()
	in := Object{
		"requestId": fmt.Sprintf("kuala-pay-%d", k.n.Add(1)), "document": document, "terminal": till.Terminal, "amount": amount, "currency": "MYR",
	}
	if method != "" {
		in["method"] = method
	}
	return k.admin.Do(http.MethodPost, "/api/v1/payments", in)
}

func (k *kuala) refund(till *Till, purchase, amount string) Answer {
	return k.admin.Do(http.MethodPost, "/api/v1/payments/"+purchase+"/refunds", Object{
		"requestId": fmt.Sprintf("kuala-ref-%d", k.n.Add(1)), "terminal": till.Terminal, "amount": amount, "reason": "returned",
	})
}

func (k *kuala) state(id string) Object {
	return k.admin.Do(http.MethodGet, "/api/v1/payments/"+id, nil).Want(http.StatusOK)
}

// free makes sure that the device can take the next payment, and that the app
// holds the terminal no longer.
func (k *kuala) free(till *Till, id string) {
	k.t.Helper()
	if s := k.state(id); s["final"] != true && s["released"] != true {
		k.admin.Do(http.MethodPost, "/api/v1/payments/"+id+"/release", nil)
	}
	k.Await("the device is idle and its bridge free", func() bool {
		return till.Sim.Device.Screen().Step == "idle" && till.Sim.Plug() == nil && till.status(k.admin) == "ready"
	})
}

// TestKayaakuScenarios plays every scenario of the device on both ways to it
// and compares what the app believes with what the host booked.
func TestKayaakuScenarios(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{})
	sim := kayaakusim.Config{Auto: true, LateNext: 300 * time.Millisecond, Rich: true, SendQR: true}
	cable := k.Kayaaku(k.admin, KayaakuOptions{Name: "Kaunter 1", Sim: sim, Host: true, AnswerWithin: 500 * time.Millisecond})
	edc := k.Kayaaku(k.admin, KayaakuOptions{Name: "Kaunter 2", Sim: sim, HTTP: true})

	plays := []struct {
		how         kayaakusim.Scenario
		method      string
		cable, host string // the state that each way leads to; empty: not played
	}{
		{kayaakusim.Approve, "card", "approved", "approved"},
		{kayaakusim.Approve, "duitnow", "approved", "approved"},
		{kayaakusim.Approve, "alipay", "approved", "approved"},
		{kayaakusim.Decline, "", "declined", "declined"},
		{kayaakusim.DeclineHere, "card", "declined", "declined"},
		{kayaakusim.NextDelayed, "card", "approved", "approved"},
		{kayaakusim.LostReply, "card", "approved", "approved"},
		{kayaakusim.HalfReply, "card", "approved", "approved"},
		{kayaakusim.Noise, "card", "approved", "approved"},
		{kayaakusim.BadCheck, "card", "approved", "approved"},
		{kayaakusim.Unplug, "card", "approved", ""},
		{kayaakusim.CutReply, "card", "approved", "approved"},
		{kayaakusim.UnplugBefore, "card", "declined", ""},
		{kayaakusim.AlreadyExists, "card", "approved", "approved"},
		{kayaakusim.QRLate, "duitnow", "approved", "approved"},
		{kayaakusim.OtherTxnID, "card", "approved", "approved"},
		{kayaakusim.ResultCodeAlone, "card", "declined", "declined"}, // by the enquiry: 76
	}
	t.Run("Ways", func(t *testing.T) {
		for _, way := range []*Till{cable, edc} {
			t.Run(way.Name, func(t *testing.T) {
				t.Parallel()
				for _, c := range plays {
					want := c.cable
					if way == edc {
						want = c.host
					}
					if want == "" {
						continue
					}
					way.Sim.Device.Script(c.how)
					id := k.send(way, "10.50", c.method)
					k.AwaitPayment(k.admin, id, want)
					k.free(way, id)
				}
			})
		}
	})
	k.balanced(cable, edc)
	if strings.Contains(k.Log.String()+k.Tape.String(), kayaakusim.DemoPassword) {
		t.Error("the device's password is in a log or an answer")
	}
}

// balanced is the check that matters most: every approval of the host belongs
// to exactly one payment that is approved, unknown or in review, of the same
// amount; every approved payment has exactly one; no document has two.
func (k *kuala) balanced(tills ...*Till) {
	k.t.Helper()
	booked := map[string]kayaakusim.Record{}
	for _, t := range tills {
		for _, r := range t.Sim.Approvals() {
			if _, twice := booked[r.TxnID]; twice {
				k.t.Errorf("TxnID %s is approved twice", r.TxnID)
			}
			if r.Kind == "sale" {
				booked[r.TxnID] = r
			}
		}
		for _, v := range t.Sim.Violations() {
			k.t.Error(v)
		}
	}
	paid := map[string]int{}
	for _, p := range k.all() {
		ref, state := p.Text("txnRef"), p.Text("state")
		r, moved := booked[ref]
		delete(booked, ref)
		switch {
		case p.Text("kind") != "purchase":
		case moved && !slices.Contains([]string{"approved", "sent", "unknown", "review"}, state):
			k.t.Errorf("money moved and the payment is %s: %s", state, ref)
		case state == "approved" && !moved:
			k.t.Errorf("payment %s is approved and no money moved", ref)
		case moved && p.Text("amount", "amount") != fmt.Sprintf("%d.%02d", r.Amount/100, r.Amount%100):
			k.t.Errorf("payment %s is of %s, the host booked %d sen", ref, p.Text("amount", "amount"), r.Amount)
		}
		if moved {
			paid[p.Text("document")]++
		}
	}
	for ref := range booked {
		k.t.Errorf("the host has an approval that no payment knows: %s", ref)
	}
	for document, n := range paid {
		if n > 1 {
			k.t.Errorf("document %s collected %d times", document, n)
		}
	}
}

// all reads every payment in full.
func (k *kuala) all() []Object {
	k.t.Helper()
	var out []Object
	for cursor := ""; ; {
		o := k.admin.Do(http.MethodGet, "/api/v1/payments?cursor="+cursor, nil).Want(http.StatusOK)
		for _, p := range o.List("items") {
			out = append(out, k.state(p.Text("id")))
		}
		if cursor = o.Text("next"); cursor == "" {
			return out
		}
	}
}

// TestKayaakuDoubt: what an enquiry does not prove is left to a person, a late
// approval is booked and raised, and nobody can pay meanwhile.
func TestKayaakuDoubt(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{Change: func(c *house.Config) { c.UnknownAfter, c.ReviewAfter = 2*time.Second, 5*time.Second }})
	thin := k.Kayaaku(k.admin, KayaakuOptions{
		Name: "Thin", Sim: kayaakusim.Config{Patience: 30 * time.Second}, Host: true, AnswerWithin: 500 * time.Millisecond,
	})
	trusting := k.Kayaaku(k.admin, KayaakuOptions{
		Name: "Trusting", Sim: kayaakusim.Config{Auto: true}, Host: true, AnswerWithin: 500 * time.Millisecond,
		Change: func(o Object) { o["bareEnquiry"] = true },
	})
	blind := k.Kayaaku(k.admin, KayaakuOptions{
		Name: "Blind", Sim: kayaakusim.Config{Auto: true}, AnswerWithin: 500 * time.Millisecond,
	})

	// 63 three times and then a bare 00: proof only where the settings say so.
	trusting.Sim.Device.Script(kayaakusim.EnquiryUnclear)
	doubted := k.send(trusting, "5.00", "card")
	// NEXT is pressed when the payment is in doubt, and decided by hand meanwhile.
	late := k.send(thin, "7.00", "card")
	if !thin.Sim.Device.Act("tap") {
		t.Fatal("the device did not ask for a card")
	}
	blind.Sim.Device.Script(kayaakusim.LostReply)
	lost := k.send(blind, "6.00", "card")

	k.AwaitPayment(k.admin, lost, "review")
	if code := k.order(thin, k.state(lost).Text("document"), "6.00", "").Want(http.StatusConflict).Text("code"); code != "document_open" {
		t.Errorf("another payment of a document in doubt: %s", code)
	}
	if s := k.state(late).Text("state"); s != "unknown" && s != "review" {
		t.Fatalf("approved at the device, not yet told: %s", s)
	}
	k.admin.Do(http.MethodPost, "/api/v1/payments/"+late+"/resolve", Object{"outcome": "not_paid", "reason": "customer left"}).Want(http.StatusOK)
	if !thin.Sim.Device.Act("next") {
		t.Fatal("the device shows no receipt")
	}
	got := k.AwaitPayment(k.admin, late, "approved")
	if !slices.ContainsFunc(got.List("alerts"), func(a Object) bool { return a.Text("code") == "late_approval" }) {
		t.Errorf("the late approval raised %v", got.List("alerts"))
	}
	k.AwaitPayment(k.admin, doubted, "approved")
	k.admin.Do(http.MethodPost, "/api/v1/payments/"+lost+"/resolve", Object{"outcome": "paid", "reason": "seen in Kayaaku's list"}).Want(http.StatusOK)
	k.balanced(thin, trusting, blind)
}

// TestKayaakuBringsMoneyBack: void on the same day, refund otherwise, QR by
// refund only, and a plain sentence where neither can be.
func TestKayaakuBringsMoneyBack(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{})
	sim := kayaakusim.Config{Auto: true}
	noon := time.Now().In(time.FixedZone("noon", 0)) // a zone in which it is noon, so that the day is not over
	zone := fmt.Sprintf("Etc/GMT%+d", (noon.UTC().Hour()-12+12)%24-12)
	sameDay := func(o Object) { o["zone"], o["voidUntil"] = zone, "23:59" }
	cable := k.Kayaaku(k.admin, KayaakuOptions{Name: "Cable", Sim: sim, Host: true, Change: sameDay})
	edc := k.Kayaaku(k.admin, KayaakuOptions{Name: "EDC", Sim: sim, HTTP: true, Change: sameDay})
	bare := k.Kayaaku(k.admin, KayaakuOptions{Name: "Bare", Sim: sim, Change: sameDay})

	for _, c := range []struct {
		till   *Till
		method string
		amount string
		state  string
		kind   string
	}{
		{cable, "card", "10.00", "approved", "void"},
		{cable, "card", "4.00", "approved", "refund"},
		{cable, "duitnow", "10.00", "approved", "refund"},
		{edc, "card", "10.00", "approved", "void"},
		{edc, "alipay", "3.00", "approved", "refund"},
		{bare, "card", "10.00", "approved", "void"},
		{bare, "duitnow", "10.00", "refused", ""},
	} {
		sale := k.send(c.till, "10.00", c.method)
		k.AwaitPayment(k.admin, sale, "approved")
		k.free(c.till, sale)
		if c.state == "refused" {
			if a := k.refund(c.till, sale, c.amount); a.Status != http.StatusUnprocessableEntity || a.Object().Text("field") != "terminal" {
				t.Errorf("%s, %s: %d %s", c.till.Name, c.method, a.Status, a.Body)
			}
			continue
		}
		back := k.refund(c.till, sale, c.amount).Want(http.StatusAccepted).Text("id")
		k.AwaitPayment(k.admin, back, c.state)
		kind := ""
		for _, r := range c.till.Sim.Records() {
			if r.Of == k.state(sale).Text("txnRef") && r.Approved() {
				kind = r.Kind
			}
		}
		if kind != c.kind {
			t.Errorf("%s, %s of %s: went back by %q, want %q", c.till.Name, c.method, c.amount, kind, c.kind)
		}
	}
	k.balanced(cable, edc, bare)
}

// TestKayaakuBridgeAwayAndRevoked: what was not handed over is proven, and a
// bridge without its token is nobody.
func TestKayaakuBridgeAwayAndRevoked(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{})
	sim := kayaakusim.Config{Auto: true}
	c := k.Kayaaku(k.admin, KayaakuOptions{Name: "Kaunter 1", Sim: sim, Host: true})

	// The cable is out: the app says so before anybody tries.
	c.Sim.Pull()
	k.Await("the app knows that the cable is out", func() bool { return c.status(k.admin) == "attention" })
	if code := k.order(c, k.owed("1.00"), "1.00", "").Want(http.StatusConflict).Text("code"); code != "not_paired" {
		t.Errorf("a payment without a device: %s", code)
	}
	if err := c.Sim.Plug(); err != nil {
		t.Fatal(err)
	}
	k.Await("the app knows that it is back", func() bool { return c.status(k.admin) == "ready" })

	// The bridge dies with the command in its hands: nothing was written.
	died := make(chan struct{})
	c.At(func(b *till.Bridge, point string) {
		if point == "accepted" {
			b.Kill()
			close(died)
		}
	})
	id := k.send(c, "2.00", "card")
	<-died
	c.StopBridge()
	c.At(nil)
	c.StartBridge()
	k.AwaitPayment(k.admin, id, "never_started")
	k.free(c, id)

	// Wrong currency and method are refused before anything is sent.
	other := k.admin.Do(http.MethodPost, "/api/v1/terminals", Object{"name": "X", "provider": "kayaaku", "currency": "AUD"})
	if field := other.Want(http.StatusUnprocessableEntity).Text("field"); field != "currency" {
		t.Errorf("a Kayaaku device in AUD: %s", field)
	}
	if field := k.order(c, k.owed("1.00"), "1.00", "cash").Want(http.StatusUnprocessableEntity).Text("field"); field != "method" {
		t.Errorf("a method that nobody has: %s", field)
	}

	// A code is good once; a revoked bridge is let go.
	code := k.admin.Do(http.MethodPost, "/api/v1/terminals/"+c.Terminal+"/bridge-code", nil).Want(http.StatusOK).Text("bridge", "code")
	if _, err := till.Pair(t.Context(), k.App, code+"0", "test", t.TempDir()); err == nil {
		t.Error("a wrong code was taken")
	}
	if _, err := till.Pair(t.Context(), k.App, strings.ToLower(code), "test", t.TempDir()); err != nil {
		t.Errorf("the code, typed in small letters: %v", err)
	}
	if _, err := till.Pair(t.Context(), k.App, code, "test", t.TempDir()); err == nil {
		t.Error("a code was taken twice")
	}
	k.Await("the former bridge is nobody", func() bool { return c.status(k.admin) == "attention" })
	k.admin.Do(http.MethodDelete, "/api/v1/terminals/"+c.Terminal+"/bridge", nil).Want(http.StatusNoContent)
	k.balanced(c)
}
