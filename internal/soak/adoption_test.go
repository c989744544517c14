package soak_test

import (
	"context"
	"sync"
	"time"

	"receivepayment/payments"
)

// claimed is for how long a step that died keeps its row: nobody can take it
// up before.
const claimed = 5 * time.Second

// adoption measures how long after a crash the open payments are taken up
// again: until somebody asks the provider about them, or moves them on.
type adoption struct {
	mu      sync.Mutex
	waiting map[string]tracked
	took    []time.Duration
}

// tracked is a payment that was being worked on, or about to be, when a
// process died.
type tracked struct {
	payment payments.Payment
	from    time.Time
}

// crashed notes what is to be taken up from now on. What waits already waits
// anew: this crash may have undone it.
func (a *adoption) crashed(s *soak, from time.Time) {
	var rows []payments.Payment
	err := s.db.Where("state IN ? AND due_at <= ?", []payments.State{payments.Created, payments.Sent, payments.Unknown},
		from.UTC().Add(claimed)).Find(&rows).Error
	if err != nil {
		s.breach("look at what is open: %v", err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range rows {
		a.waiting[p.ID] = tracked{payment: p, from: from}
	}
	a.lift(from)
}

// restamp starts the clock anew for everything that waits.
func (a *adoption) restamp(from time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lift(from)
}

func (a *adoption) lift(from time.Time) {
	for id, w := range a.waiting {
		w.from = from
		a.waiting[id] = w
	}
}

func (a *adoption) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting) == 0
}

// watch looks until the context ends and nothing waits any more.
func (a *adoption) watch(ctx context.Context, s *soak) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.look(s)
		}
	}
}

func (a *adoption) look(s *soak) {
	a.mu.Lock()
	ids := make([]string, 0, len(a.waiting))
	for id := range a.waiting {
		ids = append(ids, id)
	}
	a.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	var rows []payments.Payment
	if err := s.db.Select("id", "version").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		s.breach("look at what was taken up: %v", err)
		return
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range rows {
		w, still := a.waiting[p.ID]
		if still && (p.Version > w.payment.Version || s.spokenOf(w.payment.SessionID).After(w.from)) {
			a.took = append(a.took, now.Sub(w.from))
			delete(a.waiting, p.ID)
		}
	}
}
