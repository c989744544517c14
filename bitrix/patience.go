package bitrix

import (
	"context"
	"errors"
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
		p.heed(ctx, method, failure)
		if failure == nil || !failure.HasCode("QUERY_LIMIT_EXCEEDED") || repeats == limitRepeats {
			return env, status, failure
		}
		if p.client.pause(ctx, jittered(wait)) != nil {
			return env, status, failure
		}
		wait *= 2
	}
}

// How long a refusal is heeded when the portal does not say until when: a method that ran too long, and
// a portal whose support has put a stop to us (reference bitrix24 3.5).
const (
	blockedFor = 10 * time.Second
	stoppedFor = 10 * time.Minute
)

// heed tells everybody who calls this portal what it has just refused.
func (p *Portal) heed(ctx context.Context, method string, failure *Error) {
	if failure == nil || failure.Class != Limited {
		return
	}
	limit, now := p.client.limit, p.client.cfg.Now()
	switch {
	case failure.HasCode("QUERY_LIMIT_EXCEEDED"):
		limit.Full(ctx, p.memberID)
	case failure.HasCode("OPERATION_TIME_LIMIT"):
		until := failure.Until
		if !until.After(now) {
			until = now.Add(blockedFor)
		}
		limit.Block(ctx, p.memberID, method, until)
	case failure.HasCode("OVERLOAD_LIMIT"):
		limit.Block(ctx, p.memberID, "", now.Add(stoppedFor))
	}
}

// waitOut waits until the portal takes the methods again, or says until when it does not if ctx ends
// before.
func (p *Portal) waitOut(ctx context.Context, methods ...string) *Error {
	until := p.client.limit.Blocked(ctx, p.memberID, methods...)
	left := until.Sub(p.client.cfg.Now())
	if left <= 0 {
		return nil
	}
	if deadline, has := ctx.Deadline(); !has || time.Until(deadline) < left {
		return &Error{Method: methods[0], Class: Limited, Until: until, Err: errBlocked}
	}
	if err := p.client.pause(ctx, left); err != nil {
		return &Error{Method: methods[0], Class: Unavailable, Err: err}
	}

	return nil
}

var errBlocked = errors.New("the portal takes no such call for a while")

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
