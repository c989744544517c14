package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/internal/testkit"
	"receivepayment/jobs"
)

func TestKeepRenewsWhileTheWorkRunsAndNotAfter(t *testing.T) {
	t.Parallel()
	renewed := make(chan struct{}, 100)
	failure := errors.New("no answer")
	err := jobs.Keep(t.Context(), time.Millisecond, func(context.Context) { renewed <- struct{}{} },
		func(context.Context) error {
			soon(t, renewed)
			soon(t, renewed)
			return failure
		})
	if !errors.Is(err, failure) {
		t.Errorf("the work's error is lost: %v", err)
	}
	after := len(renewed)
	<-time.After(20 * time.Millisecond)
	if len(renewed) != after {
		t.Error("the claim is renewed although the work has ended")
	}
}

func TestKeepStopsRenewingWhenTheWorkPanics(t *testing.T) {
	t.Parallel()
	renewed := make(chan struct{}, 1000)
	func() {
		defer func() { _ = recover() }()
		_ = jobs.Keep(t.Context(), time.Millisecond, func(context.Context) { renewed <- struct{}{} },
			func(context.Context) error {
				soon(t, renewed)
				panic("a gateway's mistake")
			})
	}()
	after := len(renewed)
	<-time.After(20 * time.Millisecond)
	if len(renewed) != after {
		t.Error("nobody will ever take the step again: its claim is renewed for ever")
	}
}

func TestKeepDoesNotRenewForAProcessThatIsTold(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var renewals atomic.Int64
	err := jobs.Keep(ctx, time.Hour, func(context.Context) { renewals.Add(1) }, func(ctx context.Context) error {
		stop()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || renewals.Load() != 0 {
		t.Errorf("%v, %d renewals", err, renewals.Load())
	}
}

func TestKeysOfTheEmbeddedRedisExpire(t *testing.T) {
	t.Parallel()
	opt := testkit.EmbeddedRedis(t)
	c := redis.NewClient(&redis.Options{Addr: opt.Addr})
	t.Cleanup(func() { _ = c.Close() })
	must(t, c.Set(t.Context(), "lease", "x", 300*time.Millisecond).Err())
	eventually(t, "the key expires by itself", func() bool {
		n, err := c.Exists(t.Context(), "lease").Result()
		must(t, err)
		return n == 0
	})

	client := asynq.NewClient(opt)
	t.Cleanup(func() { _ = client.Close() })
	enqueue := func() error {
		_, err := client.Enqueue(asynq.NewTask("x", nil), asynq.Unique(time.Second))
		return err
	}
	must(t, enqueue())
	if err := enqueue(); !errors.Is(err, asynq.ErrDuplicateTask) {
		t.Fatalf("asynq's lock does not hold: %v", err)
	}
	eventually(t, "asynq's lock runs out", func() bool { return enqueue() == nil })
}
