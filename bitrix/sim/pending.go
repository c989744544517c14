package sim

import "sync"

// pending counts background work. A WaitGroup will not do: work may begin while somebody waits.
type pending struct {
	mu   sync.Mutex
	n    int
	idle sync.Cond
}

// newPending counts from zero.
func newPending() *pending {
	p := &pending{}
	p.idle.L = &p.mu
	return p
}

// start runs work in the background and counts it from before it begins.
func (p *pending) start(work func()) {
	p.mu.Lock()
	p.n++
	p.mu.Unlock()
	go func() {
		defer p.finish()
		work()
	}()
}

// finish counts down and wakes the waiting at zero.
func (p *pending) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n--
	if p.n == 0 {
		p.idle.Broadcast()
	}
}

// wait returns when nothing is running.
func (p *pending) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.n > 0 {
		p.idle.Wait()
	}
}
