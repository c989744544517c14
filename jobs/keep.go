package jobs

import (
	"context"
	"sync"
	"time"
)

// Keep runs work and, beside it, renew every so often until work returns. It
// is how a step that waits for a slow terminal keeps its claim on the row:
// if the process dies, or only the work does, the renewing stops and the claim
// runs out.
func Keep(ctx context.Context, every time.Duration, renew func(context.Context), work func(context.Context) error) error {
	beside, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-beside.Done():
				return
			case <-tick.C:
				renew(beside)
			}
		}
	})

	// Deferred, so that work that panics does not keep its claim for ever.
	defer wait.Wait()
	defer stop()
	return work(ctx)
}
