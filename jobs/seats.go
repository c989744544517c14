package jobs

import "sync"

// seatsFor is how many steps of one portal's work this process takes at once. A
// portal that answers in half a minute keeps these waiting, and nobody else's.
const seatsFor = 4

// Seats keep one portal from taking all of a worker's hands. The zero value is
// ready.
type Seats struct {
	mu    sync.Mutex
	taken map[string]int
}

// Take takes a seat of the portal's, and reports whether there was one. Whoever
// got it gives it back with Leave.
func (s *Seats) Take(portalID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[portalID] >= seatsFor {
		return false
	}
	if s.taken == nil {
		s.taken = map[string]int{}
	}
	s.taken[portalID]++
	return true
}

// Leave gives a seat back.
func (s *Seats) Leave(portalID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[portalID]--; s.taken[portalID] <= 0 {
		delete(s.taken, portalID)
	}
}
