package web

import (
	"context"
	"encoding/json"
	"sync"

	"receivepayment/jobs"
	"receivepayment/payments"
)

// feeds lets the streams of one payment share its readings: one per change and
// process, however many people watch.
type feeds struct {
	payments *payments.Service
	bell     *jobs.Bell

	mu   sync.Mutex
	open map[string]*feed
}

type feed struct {
	watchers int
	reading  *reading
}

// reading is the payment as it was after a certain ring. It is shared by
// everybody who asks for that ring or for that look of the clock.
type reading struct {
	ring   uint64
	look   int64
	done   chan struct{}
	detail payments.Detail
	err    error
	json   func() ([]byte, error) // the same for everybody, made once
}

func newFeeds(p *payments.Service, b *jobs.Bell) *feeds {
	return &feeds{payments: p, bell: b, open: map[string]*feed{}}
}

// watch counts a stream in; call leave when it ends.
func (f *feeds) watch(id string) (leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[id] == nil {
		f.open[id] = &feed{}
	}
	f.open[id].watchers++
	return func() { f.leave(id) }
}

func (f *feeds) leave(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.open[id]
	if one == nil {
		return
	}
	if one.watchers--; one.watchers == 0 {
		delete(f.open, id)
	}
}

// read answers the payment as of the latest ring. look is the number of the
// safety look at the clock: a higher one forces a new reading.
func (f *feeds) read(ctx context.Context, portalID, id string, look int64) (*reading, error) {
	ring := f.bell.Count(id)
	r, mine := f.join(id, ring, look)
	if !mine {
		select {
		case <-r.done:
			return r, r.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	// The reading is for all who wait, so it does not end with one of them.
	r.detail, r.err = f.payments.Detail(context.WithoutCancel(ctx), portalID, id)
	close(r.done)
	return r, r.err
}

func (f *feeds) join(id string, ring uint64, look int64) (r *reading, mine bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.open[id]
	if one != nil && one.reading != nil && one.reading.ring >= ring && one.reading.look >= look {
		return one.reading, false
	}
	r = &reading{ring: ring, look: look, done: make(chan struct{})}
	r.json = sync.OnceValues(func() ([]byte, error) { return json.Marshal(paymentOf(r.detail)) })
	if one != nil {
		one.reading = r
	}
	return r, true
}
