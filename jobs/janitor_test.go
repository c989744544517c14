package jobs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/internal/testkit"
	"receivepayment/jobs"
)

// rows is a table of due rows; done takes one out.
type rows struct {
	mu  sync.Mutex
	due map[string]jobs.Kind
}

func (r *rows) source(_ context.Context, limit int) ([]jobs.Due, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []jobs.Due
	for id, k := range r.due {
		if len(out) < limit {
			out = append(out, jobs.Due{Kind: k, ID: id})
		}
	}
	return out, nil
}

func (r *rows) done(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.due, id)
}

func (r *rows) left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.due)
}

func (r *rows) handler(_ context.Context, id string) error {
	r.done(id)
	return nil
}

func sweeping(t *testing.T, opt asynq.RedisClientOpt, h jobs.Handlers, sources ...jobs.Source) {
	t.Helper()
	j := &jobs.Janitor{Queue: testkit.Queue(t, opt), Handlers: h, Sources: sources, Log: discard(), Every: 30 * time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { j.Run(ctx) })
	t.Cleanup(func() {
		stop()
		wait.Wait()
	})
}

func many(kind jobs.Kind, n int) *rows {
	r := &rows{due: map[string]jobs.Kind{}}
	for i := range n {
		r.due[fmt.Sprintf("row_%d", i)] = kind
	}
	return r
}

func TestRowsThatRedisForgotAreEnqueuedAgain(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		r := many(jobs.Purchase, 40)
		q := testkit.Queue(t, opt)
		for id := range r.due {
			must(t, q.Now(t.Context(), jobs.Purchase, id))
		}
		c := redis.NewClient(&redis.Options{Addr: opt.Addr, Password: opt.Password, DB: opt.DB})
		t.Cleanup(func() { _ = c.Close() })
		must(t, c.FlushDB(t.Context()).Err())

		h := jobs.Handlers{jobs.Purchase: r.handler}
		serve(t, opt, h, 4)
		sweeping(t, opt, nil, r.source) // without hands of its own: only the queue can do it
		eventually(t, "every row done", func() bool { return r.left() == 0 })
	})
}

func TestJanitorWorksItselfWhenRedisIsDead(t *testing.T) {
	t.Parallel()
	r := many(jobs.Refund, 100)
	sweeping(t, gone(t), jobs.Handlers{jobs.Refund: r.handler}, r.source)
	eventually(t, "every row done", func() bool { return r.left() == 0 })
}

func TestSlowTerminalKeepsNoPaymentWaiting(t *testing.T) {
	t.Parallel()
	slow, quick := many(jobs.Prove, 1), many(jobs.Purchase, 5)
	stuck := make(chan struct{})
	entered := make(chan struct{}, 8)
	sweeping(t, gone(t), jobs.Handlers{
		jobs.Prove: func(_ context.Context, id string) error {
			slow.done(id)
			entered <- struct{}{}
			<-stuck
			return nil
		},
		jobs.Purchase: quick.handler,
	}, func(ctx context.Context, limit int) ([]jobs.Due, error) {
		return slow.source(ctx, limit)
	}, quick.source)
	t.Cleanup(func() { close(stuck) }) // before the janitor is waited for
	soon(t, entered)
	quick.mu.Lock()
	quick.due["late"] = jobs.Purchase
	quick.mu.Unlock()
	eventually(t, "payments done although a terminal logs on", func() bool { return quick.left() == 0 })
}

func TestJanitorGoesOnWhenADatabaseReadFails(t *testing.T) {
	t.Parallel()
	r := many(jobs.Purchase, 3)
	fails := 3
	var mu sync.Mutex
	sweeping(t, gone(t), jobs.Handlers{jobs.Purchase: r.handler}, func(ctx context.Context, limit int) ([]jobs.Due, error) {
		mu.Lock()
		defer mu.Unlock()
		if fails--; fails >= 0 {
			return nil, fmt.Errorf("the database is away")
		}
		return r.source(ctx, limit)
	})
	eventually(t, "every row done", func() bool { return r.left() == 0 })
}
