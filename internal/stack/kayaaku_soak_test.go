package stack

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/cmd/app/house"
	kayaakusim "receivepayment/kayaaku/sim"
	"receivepayment/kayaaku/till"
)

var (
	kayaakuPayments = flag.Int("kayaaku-payments", 60, "payments of the Kayaaku soak")
	kayaakuTills    = flag.Int("kayaaku-tills", 6, "tills of the Kayaaku soak")
	kayaakuSeed     = flag.Uint64("kayaaku-seed", 1, "chooses what goes wrong in the Kayaaku soak")
)

// TestKayaakuSoak takes payments at several tills at once while everything
// between the click and the device fails: the bridge dies at any step of its
// journal, the cable is pulled at any byte either way, there is noise on the
// line, the device plays its scenarios, and the server restarts. Afterwards the
// app's books are compared with the host's.
func TestKayaakuSoak(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{Change: func(c *house.Config) {
		c.UnknownAfter, c.ReviewAfter = 2*time.Second, 4*time.Second
		c.SilenceAfter, c.NeverSeenAfter = 200*time.Millisecond, 200*time.Millisecond
	}})
	w := &weather{kuala: k, plain: Client{Base: k.App, Token: k.admin.Token, t: t, http: &http.Client{}}}
	w.left.Store(int64(*kayaakuPayments))
	var counters []*soakTill
	for i := range *kayaakuTills {
		counters = append(counters, w.open(i))
	}

	var wait sync.WaitGroup
	for _, c := range counters {
		wait.Go(c.work)
	}
	stop := make(chan struct{})
	restarted := make(chan int)
	go func() { restarted <- w.restart(stop) }()
	wait.Wait()
	close(stop)
	restarts := <-restarted

	var tills []*Till
	for _, c := range counters {
		c.calm()
		tills = append(tills, c.Till)
	}
	counters[0].until("no payment is on its way", func() bool {
		for _, state := range []string{"created", "sent", "unknown"} {
			o := counters[0].do(http.MethodGet, "/api/v1/payments?state="+state, nil).Want(http.StatusOK)
			if len(o.List("items")) > 0 {
				return false
			}
		}
		return true
	})
	k.balanced(tills...)
	t.Logf("%d server restarts, %d bridge deaths; %s", restarts, w.deaths.Load(), k.census(tills))
	if w.deaths.Load() == 0 && *kayaakuPayments >= 60 {
		t.Error("no bridge ever died: the soak proves less than it says")
	}
}

// census counts what became of the payments and how often money moved.
func (k *kuala) census(tills []*Till) string {
	states := map[string]int{}
	for _, p := range k.all() {
		states[p.Text("state")]++
	}
	moved := 0
	for _, t := range tills {
		moved += len(t.Sim.Approvals())
	}
	return fmt.Sprintf("host approvals %d, payments %v", moved, states)
}

// weather is everything that goes wrong at once.
type weather struct {
	*kuala
	// plain speaks as the administrator, without comparing each exchange with
	// the description: a server that is too busy may say so anywhere.
	plain  Client
	left   atomic.Int64
	deaths atomic.Int64
	// house: the server is up while somebody holds it for reading.
	house sync.RWMutex
}

// soakTill is one till with its own dice.
type soakTill struct {
	*Till
	w    *weather
	dice *rand.Rand
	mu   sync.Mutex
	fine atomic.Bool // nothing goes wrong any more
}

// roll is safe for the simulator's own goroutines.
func (c *soakTill) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dice.IntN(n)
}

func (w *weather) open(i int) *soakTill {
	w.t.Helper()
	c := &soakTill{w: w, dice: rand.New(rand.NewPCG(*kayaakuSeed, uint64(i)))} // #nosec G404 -- a test's dice
	scenarios := kayaakusim.Scenarios()
	sim := kayaakusim.Config{
		Auto: true, Think: time.Millisecond, LateNext: 300 * time.Millisecond, Rich: i%3 != 1, SendQR: true,
		Choose: func() kayaakusim.Scenario {
			if c.fine.Load() || c.roll(2) == 0 {
				return kayaakusim.Approve
			}
			return scenarios[c.roll(len(scenarios))].Name
		},
		Cut: func(length int) int { return c.roll(length + 1) },
		PullAt: func() int {
			if c.fine.Load() || c.roll(12) > 0 {
				return 0
			}
			return 1 + c.roll(400)
		},
	}
	c.fine.Store(true)
	c.Till = w.Kayaaku(w.admin, KayaakuOptions{
		Name: fmt.Sprintf("Kaunter %d", i+1), Sim: sim, Host: i%3 != 2, HTTP: i%6 == 5, AnswerWithin: 400 * time.Millisecond,
		Change: func(o Object) { o["enquireAfter"] = 1 },
	})
	c.At(func(b *till.Bridge, _ string) {
		if !c.fine.Load() && c.roll(25) == 0 {
			b.Kill()
			w.deaths.Add(1)
		}
	})
	c.fine.Store(false)
	return c
}

// restart stops the server in the midst of it all, now and then.
func (w *weather) restart(stop <-chan struct{}) int {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return n
		case <-time.After(4 * time.Second):
		}
		w.house.Lock()
		w.Restart()
		w.house.Unlock()
	}
}

// do asks the server while it is there, again and again while it is too busy:
// every request carries its own id.
func (c *soakTill) do(method, path string, body any) Answer {
	for end := time.Now().Add(2 * patience); ; <-time.After(100 * time.Millisecond) {
		c.w.house.RLock()
		a := c.w.plain.Do(method, path, body)
		c.w.house.RUnlock()
		if a.Status != http.StatusServiceUnavailable || time.Now().After(end) {
			return a
		}
	}
}

func (c *soakTill) state(id string) Object {
	return c.do(http.MethodGet, "/api/v1/payments/"+id, nil).Want(http.StatusOK)
}

func (c *soakTill) order(document, amount, method string) Answer {
	return c.do(http.MethodPost, "/api/v1/payments", Object{
		"requestId": fmt.Sprintf("soak-pay-%d", c.w.n.Add(1)), "document": document, "terminal": c.Terminal,
		"amount": amount, "currency": "MYR", "method": method,
	})
}

// work sells until nothing is left to sell.
func (c *soakTill) work() {
	deal := 0
	for n := 0; ; n++ {
		left := c.w.left.Add(-1)
		if left < 0 {
			return
		}
		if left%200 == 0 {
			c.w.t.Logf("%d payments are left to take", left)
		}
		if n%10 == 0 { // a deal with hundreds of invoices is slow to read
			deal = c.w.Bitrix.AddDeal(bitrixsim.NewDeal{Title: c.Name, Currency: "MYR", Lines: []bitrixsim.Line{{Name: "Goods", Price: "9000.00"}}})
		}
		amount := fmt.Sprintf("%d.%02d", 1+c.roll(90), c.roll(100))
		document := c.do(http.MethodPost, "/api/v1/invoices", Object{
			"requestId": fmt.Sprintf("soak-inv-%d", c.w.n.Add(1)), "deal": itoa(deal), "amount": amount, "currency": "MYR",
		}).Want(http.StatusCreated).Text("id")
		for range 2 { // a payment that certainly failed is tried again on the same document
			if !c.sell(document, amount) {
				break
			}
		}
	}
}

// sell sends one payment and looks after the till until the next can go;
// again means that this one certainly moved nothing.
func (c *soakTill) sell(document, amount string) (again bool) {
	c.ready()
	answer := c.order(document, amount, []string{"card", "card", "duitnow", "alipay"}[c.roll(4)])
	if answer.Status != http.StatusAccepted {
		return answer.Object().Text("code") == "not_paired" // the cable went at this moment
	}
	if c.roll(3) == 0 {
		c.Sim.Disturb([]byte{0xff, 0x02, byte(c.roll(256)), '{', 0x15, byte(c.roll(256))})
	}
	id, state := answer.Object().Text("id"), Object{}
	for end := time.Now().Add(patience / 3); time.Now().Before(end); <-time.After(60 * time.Millisecond) {
		state = c.state(id)
		if state["final"] == true || state.Text("state") == "unknown" || state.Text("state") == "review" {
			break
		}
		c.revive()
	}
	if state["final"] != true {
		c.do(http.MethodPost, "/api/v1/payments/"+id+"/release", nil)
		c.second(id, document, amount)
	}
	s := state.Text("state")
	return s == "declined" || s == "never_started" || s == "cancelled"
}

// second: nobody may pay a document again whose payment is in doubt. When one
// is taken all the same, the first must have been decided meanwhile, and not
// as paid.
func (c *soakTill) second(first, document, amount string) {
	c.ready()
	if c.order(document, amount, "card").Status != http.StatusAccepted {
		return
	}
	if s := c.state(first); s["final"] != true || s.Text("state") == "approved" {
		c.w.t.Errorf("a second payment was taken while the first is %s", s.Text("state"))
	}
}

// revive starts a bridge that died and plugs in what was pulled.
func (c *soakTill) revive() {
	if err := c.Sim.Plug(); err != nil {
		c.w.t.Error(err)
	}
	if c.Ended() {
		c.StopBridge()
		c.StartBridge()
	}
}

// until waits with a patience that a loaded machine needs.
func (c *soakTill) until(what string, holds func() bool) {
	for end := time.Now().Add(4 * patience); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
		if holds() {
			return
		}
	}
	c.w.t.Errorf("waited in vain: %s", what)
}

// ready waits until the till could take a payment.
func (c *soakTill) ready() {
	c.until(c.Name+" is ready", func() bool {
		c.revive()
		return c.do(http.MethodGet, "/api/v1/terminals/"+c.Terminal, nil).Want(http.StatusOK).Text("status") == "ready"
	})
}

// calm ends the bad weather at this till.
func (c *soakTill) calm() {
	c.fine.Store(true)
	c.ready()
}
