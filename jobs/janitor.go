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
// program therefore takes up open payments immediately. Each source is swept
// by itself: a terminal that takes minutes to log on keeps no payment waiting.
// It returns when every step that it took itself has ended.
func (j *Janitor) Run(ctx context.Context) {
	every := j.Every
	if every == 0 {
		every = Sweep
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	for _, source := range j.Sources {
		wait.Go(func() { j.watch(ctx, source, every) })
	}
}

func (j *Janitor) watch(ctx context.Context, source Source, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	hands := crew{slots: make(chan struct{}, alone)}
	defer hands.wait.Wait()

	for {
		j.sweep(ctx, source, &hands)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (j *Janitor) sweep(ctx context.Context, source Source, hands *crew) {
	due, err := source(ctx, sweepLimit)
	if err != nil {
		if ctx.Err() == nil {
			j.Log.ErrorContext(ctx, "janitor cannot read what is due", "error", err)
		}
		return
	}
	for i, d := range due {
		err := j.Queue.Now(ctx, d.Kind, d.ID)
		if err == nil {
			continue
		}
		if ctx.Err() == nil {
			j.Log.WarnContext(ctx, "janitor works without the queue", "rows", len(due)-i, "error", err)
			j.work(ctx, due[i:], hands)
		}
		return
	}
}

// alone is how many steps of one source the janitor takes at once without the
// queue: a step may wait twenty seconds for a terminal, and others must not
// wait for it.
const alone = 32

// crew is the janitor's own hands for one source.
type crew struct {
	slots chan struct{}
	wait  sync.WaitGroup
}

// work takes the steps itself, as soon as a hand is free, and does not wait
// for their end: what stays overdue is found by the next sweep.
func (j *Janitor) work(ctx context.Context, due []Due, hands *crew) {
	for _, d := range due {
		handle, known := j.Handlers[d.Kind]
		if !known {
			continue
		}
		select {
		case hands.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		hands.wait.Go(func() {
			defer func() { <-hands.slots }()
			ctx, cancel := context.WithTimeout(ctx, d.Kind.timeout())
			defer cancel()
			if err := handle(ctx, d.ID); err != nil {
				j.Log.WarnContext(ctx, "step will be tried again", "kind", d.Kind, "id", d.ID, "error", err)
			}
		})
	}
}
