package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"receivepayment/internal/testkit"
	"receivepayment/jobs"
)

func TestEveryKindIsTakenByItsOwnHandler(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		done := make(chan job, 8)
		serve(t, opt, recording(done), 4)
		q := testkit.Queue(t, opt)
		got, want := map[string]jobs.Kind{}, map[string]jobs.Kind{}
		for i, k := range kinds() {
			id := fmt.Sprintf("row_%d", i)
			want[id] = k
			must(t, q.Now(t.Context(), k, id))
		}
		for range kinds() {
			j := soon(t, done)
			got[j.id] = j.kind
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func TestWaitingCustomersAreServedBeforeWriteBacks(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		const each = 60
		q := testkit.Queue(t, opt)
		for i := range each {
			must(t, q.Now(t.Context(), jobs.WriteBack, fmt.Sprint(i)))
		}
		for i := range each {
			must(t, q.Now(t.Context(), jobs.Purchase, fmt.Sprint(i)))
		}
		done := make(chan job, 2*each)
		serve(t, opt, recording(done), 1)
		purchases := 0
		for range each {
			if soon(t, done).kind == jobs.Purchase {
				purchases++
			}
		}
		// Six to one by weight: 51 on average, and a standard deviation of 2.7.
		if purchases < 36 {
			t.Errorf("only %d of the first %d tasks were purchases", purchases, each)
		}
	})
}

func TestFailedStepIsTriedAgainAfterASecond(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		tries := make(chan time.Time, 4)
		serve(t, opt, jobs.Handlers{jobs.Refund: func(context.Context, string) error {
			tries <- time.Now()
			if len(tries) == 1 {
				return errors.New("the database is away")
			}
			return nil
		}}, 1)
		must(t, testkit.Queue(t, opt).Now(t.Context(), jobs.Refund, "row"))
		eventually(t, "two tries", func() bool { return len(tries) == 2 })
		first, second := <-tries, <-tries
		// asynq keeps whole seconds, so one second may take none of it but rounding.
		if gap := second.Sub(first); gap > 5*time.Second {
			t.Errorf("tried again after %s", gap)
		}
	})
}

func TestScheduledStepNeverComesBeforeItsRowIsDue(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		done := make(chan job, 4)
		serve(t, opt, recording(done), 1)
		q := testkit.Queue(t, opt)
		for _, wait := range []time.Duration{300 * time.Millisecond, 1100 * time.Millisecond} {
			due := time.Now().Add(wait).UTC()
			must(t, q.At(t.Context(), jobs.Purchase, "row", due))
			j := soon(t, done)
			if j.at.Before(due) {
				t.Errorf("came %s early", due.Sub(j.at))
			}
		}
	})
}

func TestSizesCountWhatStandsWhere(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		look := jobs.NewInspector(opt)
		t.Cleanup(func() { _ = look.Close() })
		want := []jobs.Size{{Queue: "urgent"}, {Queue: "normal"}, {Queue: "low"}}
		wantSizes(t, look, want)

		q := testkit.Queue(t, opt)
		must(t, q.Now(t.Context(), jobs.Purchase, "a"))
		must(t, q.Now(t.Context(), jobs.Refund, "b"))
		must(t, q.Now(t.Context(), jobs.WriteBack, "c"))
		must(t, q.At(t.Context(), jobs.Prove, "d", time.Now().Add(time.Hour)))
		want = []jobs.Size{{Queue: "urgent", Pending: 2}, {Queue: "normal", Scheduled: 1}, {Queue: "low", Pending: 1}}
		wantSizes(t, look, want)

		serve(t, opt, jobs.Handlers{
			jobs.Purchase:  func(context.Context, string) error { return errors.New("again") },
			jobs.Refund:    func(context.Context, string) error { return fmt.Errorf("never: %w", asynq.SkipRetry) },
			jobs.WriteBack: func(context.Context, string) error { return nil },
		}, 4)
		eventually(t, "one archived", func() bool {
			sizes, err := look.Sizes()
			must(t, err)
			return sizes[0].Archived == 1 && sizes[2] == jobs.Size{Queue: "low"}
		})
	})
}

func wantSizes(t *testing.T, look *jobs.Inspector, want []jobs.Size) {
	t.Helper()
	got, err := look.Sizes()
	must(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestQueueSaysWhenRedisIsGone(t *testing.T) {
	t.Parallel()
	opt := gone(t)
	began := time.Now()
	if err := testkit.Queue(t, opt).Now(t.Context(), jobs.Purchase, "row"); err == nil {
		t.Error("a task was taken by nobody")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a click waited %s for a Redis that is gone", took)
	}
	look := jobs.NewInspector(opt)
	t.Cleanup(func() { _ = look.Close() })
	if _, err := look.Sizes(); err == nil {
		t.Error("sizes of nothing")
	}
}

// gone is the address of a Redis that has stopped.
func gone(t *testing.T) asynq.RedisClientOpt {
	t.Helper()
	e, err := jobs.StartEmbedded()
	must(t, err)
	e.Close()
	return asynq.RedisClientOpt{Addr: e.Addr()}
}
