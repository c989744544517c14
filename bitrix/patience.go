package bitrix

import (
	"context"
	"math/rand/v2"
	"time"
)

// How often a call that met a full rate limit is repeated, and the first wait. The bucket drains two
// a second on most plans (reference bitrix24 3.5), so a few seconds are enough or nothing is.
const (
	limitRepeats = 3
	limitWait    = 500 * time.Millisecond
)

// pauseFunc waits, or returns the context's error when that ends first.
type pauseFunc func(ctx context.Context, d time.Duration) error

// patiently repeats a call that was refused for its rate, and only that: the portal refuses it
// before it runs the method.
func (p *Portal) patiently(ctx context.Context, method string, fields []byte, t Token) (envelope, int, *Error) {
	wait := limitWait
	for repeats := 0; ; repeats++ {
		env, status, failure := p.attempt(ctx, method, fields, t)
		if failure == nil || !failure.HasCode("QUERY_LIMIT_EXCEEDED") || repeats == limitRepeats {
			return env, status, failure
		}
		if p.client.pause(ctx, jittered(wait)) != nil {
			return env, status, failure
		}
		wait *= 2
	}
}

// jittered spreads the repeats of several callers over time.
func jittered(d time.Duration) time.Duration {
	return d + rand.N(d/2) //nolint:gosec // spreading load needs no secret randomness
}

// pause is the pauseFunc of production.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
