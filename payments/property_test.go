package payments

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// TestMain keeps the property test short unless somebody asks for more with
// -rapid.checks.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "8")
	}
	_ = flag.Set("rapid.nofailfile", "true") // the seed is enough
	os.Exit(m.Run())
}

// TestWhateverHappensThePromisesHold draws sequences of everything that can
// happen and looks at the promises after each. Repeat a failure with the seed
// that it prints: -rapid.seed.
func TestWhateverHappensThePromisesHold(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) { rapid.Check(t, newModel(t, d).property) })
}

// The model sees one planted bug of each rule of evidence (design section 4).
func TestModelFindsPlantedBugs(t *testing.T) {
	t.Parallel()
	for _, bug := range []struct {
		rule   int
		name   string
		plant  func(*heart)
		season sendFault // in which the mistake shows soonest
		from   int       // the first seed: one that is known to find it, so that the test is quick
	}{
		{1, "success is read from the code", plantedSuccess()["success is read from the code"], sendTaken, 5},
		{2, "believed at once", plantedAbsent()["believed at once"], sendLate, 3},
		{3, "an unclear end is taken for not started", plantedNotStarted()["an unclear end is taken for not started"], sendAnswerLost, 0},
		{4, "an unclear end is sent again", plantedOnce()["an unclear end is sent again"], sendAnswerLost, 0},
		{5, "it is taken for a decline", plantedQuestion()["it is taken for a decline"], sendTaken, 5},
		{6, "who answered is forgotten", plantedPairing()["who answered is forgotten"], sendAnswerLost, 36},
		{7, "what was asked for is booked", plantedAmount()["what was asked for is booked"], sendTaken, 8},
		{8, "one secret for all", plantedProof()["one secret for all"], sendTaken, 1},
		{9, "nobody compares", plantedCurrency()["nobody compares"], sendTaken, 5},
	} {
		t.Run(fmt.Sprintf("%d %s", bug.rule, bug.name), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, testkit.SQLite(t))
			bug.plant(m.h)
			m.season = bug.season
			const most = 200
			for i := range most {
				if m.fails(bug.from + i) {
					t.Logf("found with seed %d", bug.from+i)
					return
				}
			}
			t.Errorf("nobody would notice in %d runs", most)
		})
	}
}

// model is a heart in a world that is drawn.
type model struct {
	h      *heart
	reaper *reaper
	bank   *acquirer
	season sendFault // the usual weather
	worlds int
}

func newModel(t *testing.T, d *db.DB) *model {
	t.Helper()
	m := &model{h: newHeart(t, d), reaper: &reaper{}}
	m.bank = &acquirer{clock: m.h.clock, sales: map[string]*sale{}}
	m.h.bank = nil // another provider
	m.h.timing.AskFor = 30 * time.Minute
	m.h.gateways["linkly"] = mortal{m.bank, m.reaper}
	m.reaper.watch(t, d)
	return m
}

// fails runs the property with one seed and reports whether it was broken.
func (m *model) fails(seed int) (broken bool) {
	rapid.Custom(func(t *rapid.T) bool {
		if broken {
			return rapid.Bool().Draw(t, "enough") // rapid tries again what did not end well
		}
		defer func() { broken = t.Failed() }()
		m.property(t)
		return true
	}).Example(seed)
	return broken
}

func (m *model) property(t *rapid.T) {
	m.worlds++
	w := newWorld(m.h, m.reaper, m.bank, t, m.worlds)
	w.season = m.season
	t.Repeat(map[string]func(*rapid.T){
		"a click":                  w.click,
		"the same click again":     w.clickAgain,
		"a refund":                 w.refund,
		"time":                     w.time,
		"the janitor":              w.janitor,
		"a while":                  w.while,
		"another while":            w.while,
		"a process that dies":      w.death,
		"steps at once":            w.together,
		"the customer":             w.customer,
		"a callback":               w.callback,
		"a callback twice":         w.callbackTwice,
		"a callback lost":          w.callbackLost,
		"a callback that lies":     w.lie,
		"somebody else's callback": w.foreign,
		"a terminal paired again":  w.pairAgain,
		"check now":                w.check,
		"the next customer":        w.release,
		"cancel":                   w.cancel,
		"a person decides":         w.resolve,
		"":                         w.promises,
	})
	w.settle(t)
}

// world is one shop: two documents, three terminals, and everything that was
// started there.
type world struct {
	h      *heart
	reaper *reaper
	bank   *acquirer
	season sendFault
	portal string
	orders map[string]Order // by payment
	ids    []string         // in the order of the clicks
	mail   []letter         // callbacks under way

	proven   map[string]State // what may never change again
	tampered map[string]bool  // documents of which a person or a liar spoke
}

type letter struct {
	payment string
	message Message
}

const documentTotal = 10000

func newWorld(h *heart, r *reaper, bank *acquirer, t *rapid.T, n int) *world {
	w := &world{
		h: h, reaper: r, bank: bank, portal: fmt.Sprintf("portal_%d", n),
		orders: map[string]Order{}, proven: map[string]State{}, tampered: map[string]bool{},
	}
	r.in(0)
	bank.will(sendTaken, askTruth)
	w.must(t, h.db.WithContext(h.t.Context()).Exec(`INSERT INTO portals (id, domain, endpoint, server, created_at, updated_at)
		VALUES (?, 'x', 'x', 'x', ?, ?)`, w.portal, h.clock.Now(), h.clock.Now()).Error)
	for i := range 3 {
		h.addTerminal(w.terminal(i))
	}
	return w
}

func (w *world) terminal(i int) string { return fmt.Sprintf("%s_t%d", w.portal, i) }

func (w *world) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// all are the payments of this world, in the order of the clicks.
func (w *world) all(t *rapid.T) []Payment {
	var rows []Payment
	w.must(t, w.h.db.WithContext(w.h.t.Context()).Where("portal_id = ?", w.portal).Find(&rows).Error)
	byID := map[string]Payment{}
	for _, p := range rows {
		byID[p.ID] = p
	}
	out := make([]Payment, 0, len(rows))
	for _, id := range w.ids {
		out = append(out, byID[id])
	}
	if len(out) != len(rows) {
		t.Fatalf("%d payments are stored, %d were answered", len(rows), len(out))
	}
	return out
}

// some draws one of the payments that the condition fits, or skips the action.
func (w *world) some(t *rapid.T, fits func(Payment) bool) Payment {
	var these []Payment
	for _, p := range w.all(t) {
		if fits(p) {
			these = append(these, p)
		}
	}
	if len(these) == 0 {
		t.Skip("nothing to do this to")
	}
	return these[rapid.IntRange(0, len(these)-1).Draw(t, "payment")]
}

func (w *world) weather(t *rapid.T) {
	send := sendFault(rapid.IntRange(0, 2*int(sendFaults)-1).Draw(t, "sending"))
	ask := askFault(rapid.IntRange(0, 2*int(askFaults)-1).Draw(t, "asking"))
	if send >= sendFaults {
		send = w.season // half of the time the usual
	}
	if ask >= askFaults {
		ask = askTruth
	}
	w.bank.will(send, ask)
}

// settle stops the faults, lets the clocks run, and compares with the truth.
func (w *world) settle(t *rapid.T) {
	w.reaper.in(0)
	w.bank.will(sendTaken, askTruth)
	for range 600 {
		var next *Payment
		for _, p := range w.all(t) {
			w.bank.pairAgain(p, false)
			if s := w.bank.of(p); s.arrives != nil && s.outcome == nil {
				w.bank.decide(p, approved(p.Amount))
			}
			if p.DueAt != nil && (next == nil || p.DueAt.Before(*next.DueAt)) {
				next = &p
			}
		}
		if next == nil {
			w.promises(t)
			w.truths(t)
			return
		}
		if wait := next.DueAt.Sub(w.h.clock.Now()); wait > 0 {
			w.forward(wait)
		}
		w.must(t, w.h.Step(w.h.t.Context(), next.ID))
	}
	t.Fatal("something is due for ever")
}

// beat is the grid on which the clock moves: whether a jittered time has come
// is then the same in every run, and a failure can be repeated.
const beat = 3 * time.Second

func (w *world) forward(d time.Duration) {
	w.h.clock.Advance((d + beat - 1).Truncate(beat))
}
