package jobs_test

import (
	"context"
	"sync"
	"testing"

	"github.com/hibiken/asynq"

	"receivepayment/internal/testkit"
	"receivepayment/jobs"
)

// listening is a bell with its subscription running.
func listening(t *testing.T, opt asynq.RedisClientOpt) *jobs.Bell {
	t.Helper()
	b := testkit.Bell(t, opt)
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { b.Run(ctx) })
	t.Cleanup(func() {
		stop()
		wait.Wait()
	})
	return b
}

func TestBellIsHeardInAnotherProcessAndOnlyForItsRow(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		ringer, hearer := testkit.Bell(t, opt), listening(t, opt)
		mine, stop := hearer.Listen(t.Name())
		defer stop()
		other, stopOther := hearer.Listen("another")
		defer stopOther()

		// The subscription may not stand yet: ring until it is heard.
		eventually(t, "the ring is heard", func() bool {
			ringer.Ring(t.Context(), t.Name())
			select {
			case <-mine:
				return true
			default:
				return false
			}
		})
		select {
		case <-other:
			t.Error("another row's listener was rung")
		default:
		}
	})
}

func TestBellRingsInItsOwnProcessWithoutRedis(t *testing.T) {
	t.Parallel()
	b := testkit.Bell(t, gone(t))
	rings, stop := b.Listen(t.Name())
	b.Ring(t.Context(), t.Name())
	b.Ring(t.Context(), t.Name()) // falls together with the first
	soon(t, rings)
	select {
	case <-rings:
		t.Error("a slow reader is rung twice for one look")
	default:
	}
	stop()
	stop() // ending twice is harmless
	b.Ring(t.Context(), t.Name())
	select {
	case <-rings:
		t.Error("a listener that stopped was rung")
	default:
	}
}
