package jobs_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"receivepayment/internal/testkit"
	"receivepayment/jobs"
)

// pickUpBar is the promise: an idle worker takes a click up within this time
// in 95 of 100 cases.
const pickUpBar = 30 * time.Millisecond

// BenchmarkPickUp measures how long a click waits for an idle worker, and what
// looking so often costs while nothing happens. [jobs.PickUp] sets both.
func BenchmarkPickUp(b *testing.B) {
	b.Run("Embedded", func(b *testing.B) { pickUp(b, testkit.EmbeddedRedis(b)) })
	b.Run("Redis", func(b *testing.B) { pickUp(b, testkit.RealRedis(b)) })
}

func pickUp(b *testing.B, opt asynq.RedisClientOpt) {
	taken := make(chan time.Time, 1)
	serve(b, opt, jobs.Handlers{jobs.Purchase: func(context.Context, string) error {
		taken <- time.Now()
		return nil
	}}, 4)
	q := testkit.Queue(b, opt)
	must(b, q.Now(b.Context(), jobs.Purchase, "warm"))
	soon(b, taken)

	idle := idleCPU(2 * time.Second)
	var waits []time.Duration
	for b.Loop() {
		for range 200 {
			<-time.After(rand.N(20 * time.Millisecond)) // #nosec G404 -- a gap, no secret
			clicked := time.Now()
			must(b, q.Now(b.Context(), jobs.Purchase, "row"))
			waits = append(waits, soon(b, taken).Sub(clicked))
		}
	}
	b.ReportMetric(idle, "idle-cpu-%")
	slices.Sort(waits)
	for _, at := range []struct {
		part float64
		name string
	}{{0.50, "p50-ms"}, {0.95, "p95-ms"}, {0.99, "p99-ms"}} {
		b.ReportMetric(float64(waits[int(at.part*float64(len(waits)-1))].Microseconds())/1000, at.name)
	}
	if p95 := waits[int(0.95*float64(len(waits)-1))]; p95 > pickUpBar {
		b.Errorf("a click waits %s at the 95th percentile, more than %s", p95, pickUpBar)
	}
}

// idleCPU is how much of one core this process uses while it waits.
func idleCPU(d time.Duration) float64 {
	before := cpu()
	<-time.After(d)
	return 100 * float64(cpu()-before) / float64(d)
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
