package sim

import (
	"maps"
	"math"
	"sync"
)

// Always makes a fault of a Plan happen whenever it can.
const Always = math.MaxInt

// Plan is what happens to one sale: the faults that strike it and how its bank answers. The weather (Config.Faults,
// SetFaults) does not touch a planned sale; one-shots ordered with Next still do.
type Plan struct {
	// Name is shown on the page while the plan waits; free text.
	Name string
	// Faults says how often each fault strikes this sale, its questions, its callbacks and its keys. Faults of pairing and
	// tokens belong to no sale and are not looked at, except for RepairForgets together with PairedAgain.
	Faults map[Fault]int
	// Script answers for this sale instead of the terminal's own; nil leaves that one in force.
	Script *Script
}

// NextSale makes p happen to the next transaction that a POS sends to this terminal, and to no other: it begins with the
// POST, so that it can be lost on its way, and lasts as long as anybody asks about that session. Only one plan waits at a
// time; the zero Plan takes back the one that does.
func (t *Terminal) NextSale(p Plan) {
	t.sim.plans.arm(t.id, p)
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	t.sim.touchLocked()
}

// plans holds the plans that wait, by terminal, and those that are under way, by session. It has a lock of its own,
// because faults are asked for with and without Sim.mu; it calls nobody.
type plans struct {
	mu    sync.Mutex
	armed map[string]Plan
	bound map[string]*Plan
}

// arm replaces the plan that waits for a terminal's next sale.
func (p *plans) arm(terminal string, plan Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if plan.Name == "" && len(plan.Faults) == 0 && plan.Script == nil {
		delete(p.armed, terminal)
		return
	}
	// The counts go down as faults strike; the caller's map is its own.
	plan.Faults = maps.Clone(plan.Faults)
	p.armed[terminal] = plan
}

// bind gives the waiting plan to a session, and reports whether there was one. A session keeps the plan that it has.
func (p *plans) bind(terminal, session string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	plan, waits := p.armed[terminal]
	if !waits || p.bound[normal(session)] != nil {
		return false
	}
	delete(p.armed, terminal)
	p.bound[normal(session)] = &plan
	return true
}

// waiting names the plan that waits for a terminal's next sale; empty when there is none.
func (p *plans) waiting(terminal string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.armed[terminal].Name
}

// hit reports whether the plan of a session makes a fault happen now, and whether the session has a plan at all.
func (p *plans) hit(session string, f Fault) (hit, planned bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	plan := p.bound[normal(session)]
	if plan == nil {
		return false, false
	}
	left := plan.Faults[f]
	if left > 0 && left != Always {
		plan.Faults[f]--
	}
	return left > 0, true
}

// script is the bank's behaviour for a session, when its plan has one.
func (p *plans) script(session string, def Script) Script {
	p.mu.Lock()
	defer p.mu.Unlock()
	if plan := p.bound[normal(session)]; plan != nil && plan.Script != nil {
		return *plan.Script
	}
	return def
}

// hit decides whether a fault strikes a session now: by its plan, by a one-shot, or by the dice.
func (s *Sim) hit(session string, f Fault) bool {
	hit, planned := s.plans.hit(session, f)
	switch {
	case hit:
		return true
	case planned:
		return s.dice.ordered(f)
	}
	return s.dice.hit(f)
}

// plan lets a waiting plan begin with this session, unless the session began before the plan was made.
func (s *Sim) plan(session string, t *Terminal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[normal(session)] == nil && s.plans.bind(t.id, session) {
		s.touchLocked()
	}
}
