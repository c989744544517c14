package bitrix

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter shares out what a portal takes: it counts requests for each calling address, whoever they are
// for (reference bitrix24 3.5). All processes behind one address should use one Limiter. Safe for
// concurrent use.
type Limiter interface {
	// Wait returns when the portal may get one more request. The error is the context's, or says that it
	// would end before our turn.
	Wait(ctx context.Context, memberID string) error
	// Full is told when the portal itself has refused for its rate.
	Full(ctx context.Context, memberID string)
	// Block keeps a method of the portal from being called until then; an empty method means all.
	Block(ctx context.Context, memberID, method string, until time.Time)
	// Blocked is until when one of the methods may not be called, zero when all may.
	Blocked(ctx context.Context, memberID string, methods ...string) time.Time
}

// local is the Limiter of a single process.
type local struct {
	rate  rate.Limit
	burst int

	now func() time.Time

	mu      sync.Mutex
	portals map[string]*rate.Limiter
	blocked map[methodOf]time.Time
}

type methodOf struct{ member, method string }

func newLocal(perSecond float64, burst int, now func() time.Time) *local {
	return &local{
		rate: rate.Limit(perSecond), burst: burst, now: now,
		portals: map[string]*rate.Limiter{}, blocked: map[methodOf]time.Time{},
	}
}

func (l *local) of(memberID string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()

	one, ok := l.portals[memberID]
	if !ok {
		one = rate.NewLimiter(l.rate, l.burst)
		l.portals[memberID] = one
	}

	return one
}

func (l *local) Wait(ctx context.Context, memberID string) error { return l.of(memberID).Wait(ctx) }

func (l *local) Full(_ context.Context, memberID string) {
	one, now := l.of(memberID), l.now()
	if left := int(one.TokensAt(now)); left > 0 {
		one.AllowN(now, left)
	}
}

func (l *local) Block(_ context.Context, memberID, method string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.blocked[methodOf{memberID, method}] = until
}

func (l *local) Blocked(_ context.Context, memberID string, methods ...string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()

	until := l.blocked[methodOf{memberID, ""}]
	for _, method := range methods {
		if t := l.blocked[methodOf{memberID, method}]; t.After(until) {
			until = t
		}
	}

	return until
}
