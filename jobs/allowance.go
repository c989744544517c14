package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

// Allowance shares out what a portal takes among all processes: so many
// requests at once, then so many a second, as a leaky bucket in Redis. A Redis
// that fails is done without: each process then keeps to the rate by itself. It
// is what package bitrix wants of a Limiter. Safe for concurrent use.
type Allowance struct {
	redis    redis.UniversalClient
	interval time.Duration
	burst    int
	now      func() time.Time
	sleep    func(ctx context.Context, d time.Duration) error
	log      *slog.Logger
	breaker  breaker

	mu      sync.Mutex
	own     map[string]*rate.Limiter
	blocked map[string]time.Time
}

// NewAllowance uses the given Redis client, which the caller closes.
func NewAllowance(client redis.UniversalClient, perSecond float64, burst int, now func() time.Time, log *slog.Logger) *Allowance {
	return &Allowance{
		redis: client, interval: time.Duration(float64(time.Second) / perSecond), burst: burst, now: now, sleep: sleep, log: log,
		own: map[string]*rate.Limiter{}, blocked: map[string]time.Time{},
	}
}

// ErrTooLate means that the caller would give up before its turn.
var ErrTooLate = errors.New("the portal's turn comes too late")

// patience is how long a caller without a deadline waits for its turn.
const patience = time.Minute

// take takes one request out of the bucket, which is kept as the moment when it
// will have drained, and answers in how many microseconds it may be sent; -1
// when that is beyond what the caller waits, and then nothing is taken.
var take = redis.NewScript(`
local now, interval, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local drained = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + interval
local wait = math.max(drained - burst * interval - now, 0)
if wait > most then return -1 end
redis.call('SET', KEYS[1], string.format('%.0f', drained), 'PX', math.ceil((drained - now) / 1000) + 1000)
return math.ceil(wait)
`)

// Wait returns when the portal may get one more request.
func (a *Allowance) Wait(ctx context.Context, portalID string) error {
	most := patience
	if deadline, has := ctx.Deadline(); has {
		most = time.Until(deadline)
	}
	wait, err := a.take(ctx, portalID, most)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return a.alone(portalID).Wait(ctx)
	case wait < 0:
		return ErrTooLate
	case wait == 0:
		return nil
	}
	return a.sleep(ctx, wait)
}

func (a *Allowance) take(ctx context.Context, portalID string, most time.Duration) (time.Duration, error) {
	var wait int64
	err := a.ask(ctx, func(ctx context.Context) error {
		var err error
		wait, err = take.Run(ctx, a.redis, []string{bucketOf(portalID)},
			a.now().UnixMicro(), a.interval.Microseconds(), a.burst, most.Microseconds()).Int64()
		return err
	})
	return time.Duration(wait) * time.Microsecond, err
}

// ask asks Redis, unless it failed a moment ago.
func (a *Allowance) ask(ctx context.Context, question func(context.Context) error) error {
	within, cancel := context.WithTimeout(ctx, enqueueWithin)
	defer cancel()
	err := a.breaker.try(func() error { return question(within) })
	if err != nil && !errors.Is(err, errResting) && ctx.Err() == nil {
		a.log.WarnContext(ctx, "the rate limit is kept by this process alone", "error", err)
	}
	return err
}

// Full is told when the portal itself has refused for its rate: its bucket is
// full, whoever filled it.
func (a *Allowance) Full(ctx context.Context, portalID string) {
	drained := a.now().Add(a.interval * time.Duration(a.burst))
	_ = a.ask(ctx, func(ctx context.Context) error {
		return a.redis.Set(ctx, bucketOf(portalID), drained.UnixMicro(), time.Until(drained)+time.Second).Err()
	})
	one, now := a.alone(portalID), a.now()
	if left := int(one.TokensAt(now)); left > 0 {
		one.AllowN(now, left)
	}
}

// Block keeps a method of the portal from being called until then, in every
// process.
func (a *Allowance) Block(ctx context.Context, portalID, method string, until time.Time) {
	key := blockOf(portalID, method)
	a.mu.Lock()
	a.blocked[key] = until
	a.mu.Unlock()
	_ = a.ask(ctx, func(ctx context.Context) error {
		return a.redis.Set(ctx, key, until.UnixMicro(), until.Sub(a.now())).Err()
	})
}

// Blocked is until when one of the methods may not be called, zero when all may.
func (a *Allowance) Blocked(ctx context.Context, portalID string, methods ...string) time.Time {
	keys := make([]string, 0, len(methods)+1)
	for _, method := range append([]string{""}, methods...) {
		keys = append(keys, blockOf(portalID, method))
	}
	until := a.blockedHere(keys)
	if !until.IsZero() {
		return until
	}
	_ = a.ask(ctx, func(ctx context.Context) error {
		stored, err := a.redis.MGet(ctx, keys...).Result()
		for _, one := range stored {
			text, _ := one.(string)
			if at, bad := strconv.ParseInt(text, 10, 64); bad == nil {
				until = later(until, time.UnixMicro(at).UTC())
			}
		}
		return err
	})
	return until
}

func (a *Allowance) blockedHere(keys []string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	var until time.Time
	now := a.now()
	for _, key := range keys {
		at, known := a.blocked[key]
		if known && !at.After(now) {
			delete(a.blocked, key)
			continue
		}
		until = later(until, at)
	}
	return until
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// alone is what this process keeps to without Redis.
func (a *Allowance) alone(portalID string) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.own[portalID]
	if one == nil {
		one = rate.NewLimiter(rate.Every(a.interval), a.burst)
		a.own[portalID] = one
	}
	return one
}

func bucketOf(portalID string) string { return "receivepayment:rate:" + portalID }

func blockOf(portalID, method string) string {
	return fmt.Sprintf("receivepayment:blocked:%s:%s", portalID, method)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
