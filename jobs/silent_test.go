package jobs_test

import (
	"net"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/jobs"
)

// silent is a Redis that takes everything and answers nothing, as one that was
// stopped in the middle of its work.
func silent(t *testing.T) asynq.RedisClientOpt {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	return asynq.RedisClientOpt{Addr: l.Addr().String()}
}

// TestStepDoesNotWaitForASilentRedis: a payment that has just been marked as
// sent has to be sent, and its clock is running.
func TestStepDoesNotWaitForASilentRedis(t *testing.T) {
	t.Parallel()
	const bound = 2 * time.Second // half a second at first, then nothing, and a slow machine
	opt := silent(t)
	q := jobs.NewQueue(opt)
	t.Cleanup(func() { _ = q.Close() })
	began := time.Now()
	for range 20 {
		if err := q.At(t.Context(), jobs.Purchase, "row", began.Add(time.Minute)); err == nil {
			t.Error("a task was taken by nobody")
		}
	}
	if took := time.Since(began); took > bound {
		t.Errorf("steps waited %s for their next ones to be queued", took)
	}

	client := redis.NewClient(&redis.Options{Addr: opt.Addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	began = time.Now()
	bell := jobs.NewBell(client, discard())
	for range 20 {
		bell.Ring(t.Context(), "row")
	}
	if took := time.Since(began); took > bound {
		t.Errorf("steps waited %s to tell the screens", took)
	}
}
