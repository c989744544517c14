package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Once lets a thing be used a single time, across every process, for as long
// as it would be valid anyway. Without Redis each process remembers for itself.
type Once struct {
	redis redis.UniversalClient
	now   func() time.Time
	log   *slog.Logger

	mu   sync.Mutex
	used map[string]time.Time
}

// NewOnce uses the given Redis client, which the caller closes.
func NewOnce(client redis.UniversalClient, now func() time.Time, log *slog.Logger) *Once {
	return &Once{redis: client, now: now, log: log, used: map[string]time.Time{}}
}

// First reports whether name is used for the first time within ttl.
func (o *Once) First(ctx context.Context, name string, ttl time.Duration) bool {
	if !o.firstHere(name, ttl) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, enqueueWithin)
	defer cancel()
	err := o.redis.SetArgs(ctx, "receivepayment:once:"+name, "1", redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
	if err == nil || errors.Is(err, redis.Nil) {
		return err == nil // redis.Nil means that it was there
	}
	o.log.WarnContext(ctx, "single use is remembered in this process only", "error", err)
	return true
}

func (o *Once) firstHere(name string, ttl time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for n, until := range o.used {
		if now.After(until) {
			delete(o.used, n)
		}
	}
	if _, known := o.used[name]; known {
		return false
	}
	o.used[name] = now.Add(ttl)
	return true
}
