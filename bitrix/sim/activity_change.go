package sim

import "slices"

// activity finds one by id, nil when there is none.
func (p *portal) activity(id int) *activity {
	for _, a := range p.activities {
		if a.id == id {
			return a
		}
	}
	return nil
}

// DeleteActivity takes an activity away with its entry in the timeline, as a person does.
func (s *Sim) DeleteActivity(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.portals[0]
	p.activities = slices.DeleteFunc(p.activities, func(a *activity) bool { return a.id == id })
	p.timeline = slices.DeleteFunc(p.timeline, func(e *timelineEntry) bool { return id != 0 && e.activity == id })
	s.touch()
}

// Withdraw makes the portal an older one that does not have the methods. It has no effect on requests under way.
func (s *Sim) Withdraw(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		s.portals[0].withdrawn[name] = true
	}
}
