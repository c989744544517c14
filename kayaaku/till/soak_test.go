package till

import (
	"flag"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/kayaaku/link"
	"receivepayment/kayaaku/sim"
)

var (
	tillPayments = flag.Int("till-payments", 200, "payments of the till's soak")
	tillSeed     = flag.Uint64("till-seed", 1, "chooses what goes wrong")
)

// TestTillSoak kills the bridge at any step of its journal, pulls the cable at
// any byte either way, disturbs the line and delivers commands twice, at eight
// tills at once. Afterwards the journal is held against the host's books: what
// the bridge calls not written moved nothing, what it calls paid moved once.
func TestTillSoak(t *testing.T) {
	t.Parallel()
	var deaths, moved atomic.Int64
	var wait sync.WaitGroup
	const tills = 8
	for i := range tills {
		s := newSoakCounter(t, uint64(i), &deaths)
		wait.Go(func() {
			for n := range *tillPayments / tills {
				s.pay(ids(n))
			}
			moved.Add(s.settle(*tillPayments / tills))
		})
	}
	wait.Wait()
	t.Logf("%d commands, %d bridge deaths, money moved %d times", *tillPayments/tills*tills, deaths.Load(), moved.Load())
	if deaths.Load() == 0 || moved.Load() == 0 {
		t.Error("nothing went wrong, or nothing went right: the soak proves nothing")
	}
}

type soakCounter struct {
	*counter
	mu   sync.Mutex
	dice *rand.Rand
	fine atomic.Bool
}

func (s *soakCounter) roll(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

func newSoakCounter(t *testing.T, i uint64, deaths *atomic.Int64) *soakCounter {
	t.Helper()
	s := &soakCounter{dice: rand.New(rand.NewPCG(*tillSeed, i))} // #nosec G404 -- a test's dice
	scenarios := sim.Scenarios()
	s.fine.Store(true)
	s.counter = newCounter(t, sim.Config{
		LateNext: 30 * time.Millisecond,
		Choose: func() sim.Scenario {
			if s.fine.Load() || s.roll(2) == 0 {
				return sim.Approve
			}
			return scenarios[s.roll(len(scenarios))].Name
		},
		Cut: func(length int) int { return s.roll(length + 1) },
		PullAt: func() int {
			if s.fine.Load() || s.roll(12) > 0 {
				return 0
			}
			return 1 + s.roll(400)
		},
	})
	s.config.AnswerWithin = Duration(150 * time.Millisecond)
	s.hook = func(b *Bridge, _ string) {
		if !s.fine.Load() && s.roll(20) == 0 && !b.died() {
			b.Kill()
			deaths.Add(1)
		}
	}
	s.run()
	s.fine.Store(false)
	return s
}

// pay sends one command, perhaps twice, and brings back to life what died.
func (s *soakCounter) pay(id string) {
	s.mend()
	if s.roll(3) == 0 {
		s.sim.Disturb([]byte{0xff, 0x02, byte(s.roll(256)), '{', 0x15, byte(s.roll(256))})
	}
	c := saleOf(s.t, id, kayaaku.Card)
	s.bridge.Do(c)
	if s.roll(4) == 0 {
		s.mend()
		s.bridge.Do(c)
	}
	s.await("a word about "+id, func() bool {
		s.mend()
		k, known := s.bridge.journal.find(id)
		return !known || k.last.Seq > 0
	})
}

// mend starts a bridge that died and plugs in what was pulled.
func (s *soakCounter) mend() {
	if err := s.sim.Plug(); err != nil {
		s.t.Error(err)
	}
	if s.bridge.died() {
		s.halt()
		s.run()
	}
}

// settle ends the bad weather and compares the journal with the books.
func (s *soakCounter) settle(n int) (moved int64) {
	s.fine.Store(true)
	s.mend()
	s.await("the device is idle", func() bool { return s.sim.Device.Screen().Step == "idle" })
	approved := map[string]bool{}
	for _, r := range s.sim.Approvals() {
		approved[r.TxnID] = true
		moved++
	}
	for i := range n {
		id := ids(i)
		k, known := s.bridge.journal.find(id)
		e := k.last.event()
		switch {
		case !known && approved[id]:
			s.t.Errorf("%s moved money and the journal does not know it", id)
		case e.Happened == link.Refused && approved[id]:
			s.t.Errorf("%s moved money and counts as never written: %s", id, e.Why)
		case e.Happened == link.Answered && judge(e, id, kayaaku.Card) == kayaaku.Paid && !approved[id]:
			s.t.Errorf("%s counts as paid and moved nothing", id)
		case e.Happened == link.Answered && judge(e, id, kayaaku.Card) == kayaaku.NotPaid && approved[id]:
			s.t.Errorf("%s moved money and counts as not paid", id)
		}
	}
	for _, v := range s.sim.Violations() {
		s.t.Error(v)
	}
	return moved
}
