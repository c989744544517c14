package jobs

import (
	"fmt"
	"slices"

	"github.com/hibiken/asynq"
)

// Size is how many tasks of one queue stand where.
type Size struct {
	Queue     string // urgent, normal or low
	Pending   int    // waiting for a free hand
	Active    int    // being worked on
	Scheduled int    // to be taken later
	Retry     int    // to be tried again after an error
	Archived  int    // tried often enough; the janitor brings the row back if it is still due
}

// Inspector looks into the queues, for readiness and metrics. Safe for
// concurrent use.
type Inspector struct{ asynq *asynq.Inspector }

// NewInspector uses the Redis at opt. The caller closes it.
func NewInspector(opt asynq.RedisConnOpt) *Inspector {
	return &Inspector{asynq: asynq.NewInspector(opt)}
}

// Close ends the connection to Redis.
func (i *Inspector) Close() error { return i.asynq.Close() }

// Sizes counts every queue, the most urgent first. A queue that was never used
// is empty. An error means that Redis cannot be reached.
func (i *Inspector) Sizes() ([]Size, error) {
	used, err := i.asynq.Queues()
	if err != nil {
		return nil, fmt.Errorf("inspect queues: %w", err)
	}
	sizes := make([]Size, 0, 3)
	for _, queue := range []string{urgent, normal, low} {
		if !slices.Contains(used, queue) {
			sizes = append(sizes, Size{Queue: queue})
			continue
		}
		info, err := i.asynq.GetQueueInfo(queue)
		if err != nil {
			return nil, fmt.Errorf("inspect queue %s: %w", queue, err)
		}
		sizes = append(sizes, Size{
			Queue: queue, Pending: info.Pending, Active: info.Active,
			Scheduled: info.Scheduled, Retry: info.Retry, Archived: info.Archived,
		})
	}
	return sizes, nil
}
