package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Sweep is how often the janitor looks for overdue rows.
const Sweep = 2 * time.Second

// sweepLimit bounds one look: more comes with the next, two seconds later.
const sweepLimit = 200

// Due is a row that is overdue and the kind of work that it waits for.
type Due struct {
	Kind Kind
	ID   string
}

// Source lists what is overdue in one table, oldest first.
type Source func(ctx context.Context, limit int) ([]Due, error)

// Janitor is the safety net below the queue: whatever Redis lost, forgot or
// never heard of is found in the database and done.
type Janitor struct {
	Queue    *Queue
	Handlers Handlers
	Sources  []Source
	Log      *slog.Logger
	Every    time.Duration // zero means Sweep
}

// Run sweeps until ctx ends, at once and then every two seconds; a restarted
// program therefore takes up open payments immediately.
func (j *Janitor) Run(ctx context.Context) {
	every := j.Every
	if every == 0 {
		every = Sweep
	}
	tick := time.NewTicker(every)
	defer tick.Stop()

	for {
		j.sweep(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (j *Janitor) sweep(ctx context.Context) {
	for _, source := range j.Sources {
		due, err := source(ctx, sweepLimit)
		if err != nil {
			if ctx.Err() == nil {
				j.Log.ErrorContext(ctx, "janitor cannot read what is due", "error", err)
			}
			continue
		}
		j.hand(ctx, due)
	}
}

// hand gives the rows to the queue, and takes the steps itself as soon as the
// queue refuses one.
func (j *Janitor) hand(ctx context.Context, due []Due) {
	for i, d := range due {
		err := j.Queue.Now(ctx, d.Kind, d.ID)
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		j.Log.WarnContext(ctx, "janitor works without the queue", "rows", len(due)-i, "error", err)
		j.work(ctx, due[i:])
		return
	}
}

// alone is how many steps the janitor takes at once without the queue: a step
// may wait twenty seconds for a terminal, and others must not wait for it.
const alone = 8

func (j *Janitor) work(ctx context.Context, due []Due) {
	var wait sync.WaitGroup
	slots := make(chan struct{}, alone)
	for _, d := range due {
		handle, known := j.Handlers[d.Kind]
		if !known {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if err := handle(ctx, d.ID); err != nil {
				j.Log.WarnContext(ctx, "step will be tried again", "kind", d.Kind, "id", d.ID, "error", err)
			}
		})
	}
	wait.Wait()
}
