package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel is the one Redis channel on which changed rows are named.
const channel = "receivepayment:changed"

// Bell tells open screens, in every process, that a row has changed. It
// carries ids only; who hears it reads the row again. A ring may be lost (no
// Redis, a slow listener), so listeners also look by themselves now and then.
type Bell struct {
	redis   redis.UniversalClient
	log     *slog.Logger
	breaker breaker

	mu        sync.Mutex
	listeners map[string]*subject
}

// subject is a row that somebody listens to.
type subject struct {
	rings uint64
	ears  map[chan struct{}]struct{}
}

// NewBell uses the given Redis client, which the caller closes.
func NewBell(client redis.UniversalClient, log *slog.Logger) *Bell {
	return &Bell{redis: client, log: log, listeners: map[string]*subject{}}
}

// Ring says that the row changed. Listeners in this process hear it at once,
// others through Redis; a failure is logged and costs them a few seconds.
func (b *Bell) Ring(ctx context.Context, id string) {
	b.tell(id)
	ctx, cancel := context.WithTimeout(ctx, enqueueWithin)
	defer cancel()
	err := b.breaker.try(func() error { return b.redis.Publish(ctx, channel, id).Err() })
	if err != nil && !errors.Is(err, errResting) {
		b.log.WarnContext(ctx, "other processes will hear of a change late", "id", id, "error", err)
	}
}

// Listen returns a channel that holds a value after each ring for id; rings
// that come faster than they are read fall together. Call stop when done.
func (b *Bell) Listen(id string) (rings <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners[id] == nil {
		b.listeners[id] = &subject{ears: map[chan struct{}]struct{}{}}
	}
	b.listeners[id].ears[ch] = struct{}{}
	return ch, func() { b.forget(id, ch) }
}

// Count is how often the bell rang for id since somebody began to listen.
// Listeners that saw the same count may share one reading of the row.
func (b *Bell) Count(id string) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.listeners[id]; s != nil {
		return s.rings
	}
	return 0
}

func (b *Bell) forget(id string, ch chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.listeners[id]
	if s == nil {
		return
	}
	delete(s.ears, ch)
	if len(s.ears) == 0 {
		delete(b.listeners, id)
	}
}

func (b *Bell) tell(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.listeners[id]
	if s == nil {
		return
	}
	s.rings++
	for ch := range s.ears {
		select {
		case ch <- struct{}{}:
		default: // it has one waiting already
		}
	}
}

// Run listens to Redis until ctx ends, with one subscription for the whole
// process, and subscribes anew when the connection breaks.
func (b *Bell) Run(ctx context.Context) {
	for ctx.Err() == nil {
		b.hear(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (b *Bell) hear(ctx context.Context) {
	sub := b.redis.Subscribe(ctx, channel)
	defer func() { _ = sub.Close() }()
	for {
		select {
		case <-ctx.Done():
			return
		case m, open := <-sub.Channel():
			if !open {
				return
			}
			b.tell(m.Payload)
		}
	}
}
