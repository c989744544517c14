package soak_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	flagPayments  = flag.Int("payments", 0, "soak: payments to make in each place; 0 leaves the long soak out")
	flagMinutes   = flag.Float64("minutes", 10, "soak: the longest time to sell for")
	flagSeed      = flag.Uint64("seed", 1, "soak: chooses what goes wrong")
	flagTerminals = flag.Int("terminals", 64, "soak: terminals to sell on")
	flagPlace     = flag.String("place", "", "soak: embedded or servers; empty means both, one after the other")
	flagHard      = flag.Bool("hard", false, "soak: also restart PostgreSQL itself; it must be ours alone")
)

// scenario is the size of one soak.
type scenario struct {
	payments  int
	least     int // payments below which the run has shown nothing
	within    time.Duration
	seed      uint64
	terminals int
	spares    int  // terminals of the second till
	hard      bool // restart the database server itself
	patient   bool // at the end wait, instead of pressing Check now
}

// TestShortSoak is a few hundred payments in each place.
func TestShortSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	for _, at := range places() {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			run(t, at, scenario{payments: 220, least: 40, within: 20 * time.Second, seed: 7, terminals: 56, spares: 6})
		})
	}
}

// TestSoak is as long as its flags say: `make soak`.
func TestSoak(t *testing.T) {
	if *flagPayments == 0 {
		t.Skip("the long soak is run by `make soak`")
	}
	for _, at := range places() {
		if *flagPlace != "" && *flagPlace != string(at) {
			continue
		}
		t.Run(string(at), func(t *testing.T) {
			run(t, at, scenario{
				payments: *flagPayments, least: *flagPayments, within: time.Duration(*flagMinutes * float64(time.Minute)), seed: *flagSeed,
				terminals: *flagTerminals, spares: max(4, *flagTerminals/8), hard: *flagHard, patient: true,
			})
		})
	}
}

// bound is the time that was promised. The long soak holds to it; the tests
// that run beside the rest of the tree, on a machine of unknown load, allow
// three times as much.
func bound(promised time.Duration) time.Duration {
	if *flagPayments > 0 {
		return promised
	}
	return 3 * promised
}

// soak is one run: tills at work, and everything that happens to them.
type soak struct {
	*running
	scenario
	t    testing.TB
	boss *person
	till []*person

	terminals []terminal
	spare     []terminal
	invoice   []invoice
	next      atomic.Int64 // of invoice
	stored    atomic.Int64 // payments that the app took on

	mu       sync.Mutex
	count    map[string]int
	breaches []string
	outages  []span // of the provider's network
	calm     time.Time

	adoption adoption
}

// span is a stretch of time.
type span struct{ from, till time.Time }

// run sells, torments, lets the dust settle, and audits.
func run(t *testing.T, at place, sc scenario) {
	s := &soak{running: newRunning(t, at, int64(sc.seed)), scenario: sc, t: t, count: map[string]int{}}
	s.adoption.waiting = map[string]tracked{}
	s.start(t)
	s.open(t)
	began := time.Now()

	selling, closed := context.WithTimeout(t.Context(), sc.within)
	defer closed()
	weather, calm := context.WithCancel(t.Context())
	defer calm()
	var keepers, tills sync.WaitGroup
	for _, p := range s.processes {
		keepers.Go(func() { s.keep(weather, p) })
	}
	keepers.Go(func() { s.weather(weather) })
	keepers.Go(func() { s.adoption.watch(weather, s) })
	keepers.Go(func() { s.tell(weather) })
	s.storm()
	for i := range s.terminals {
		tills.Go(func() { s.sell(selling, i) })
	}
	tills.Wait()
	calm()
	keepers.Wait()
	sold := time.Since(began)

	s.settle()
	a := s.audit()
	t.Logf("\n%s", a.table(s, sold))
	for _, wrong := range a.wrong {
		t.Error(wrong)
	}
}

// tell says now and then how far a long run is.
func (s *soak) tell(ctx context.Context) {
	const often = 30 * time.Second
	for pause(ctx, often); ctx.Err() == nil; pause(ctx, often) {
		s.t.Logf("%d payments", s.stored.Load())
	}
}

// open installs the app, pairs the terminals and enters what is to be paid.
func (s *soak) open(t testing.TB) {
	s.boss = s.person(admin)
	s.boss.install(t)
	mere := s.person(cashier)
	mere.enter(t.Context())
	s.till = []*person{s.boss, mere}
	all := s.pair(t, s.boss, s.scenario.terminals+s.spares)
	s.terminals, s.spare = all[:s.scenario.terminals], all[s.scenario.terminals:]
	s.invoice = s.invoices(t, s.payments*3/4+50, invoiceTotal)
	s.odd()
}

// dice are one actor's own, so that the same seed throws the same for each.
func (s *soak) dice(actor uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, actor)) }

func (s *soak) add(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[what]++
}

// breach notes something that must never happen.
func (s *soak) breach(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.breaches = append(s.breaches, fmt.Sprintf(format, args...))
}

// pause waits, or less when the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
