package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// retries is small on purpose: what a handler could not do stays due in the
// database, and the janitor brings it back for as long as it is.
const retries = 3

// enqueueWithin bounds how long a step waits for a Redis that is gone; the
// janitor picks the row up then, and for a second nobody else waits at all.
const enqueueWithin = 500 * time.Millisecond

// Queue enqueues work. Safe for concurrent use.
type Queue struct {
	client  *asynq.Client
	soon    sync.WaitGroup
	breaker breaker
}

// NewQueue uses the Redis at opt. The caller closes it.
func NewQueue(opt asynq.RedisConnOpt) *Queue {
	return &Queue{client: asynq.NewClient(prompt{opt})}
}

// prompt makes connections that end a call when its context ends, and do not
// try again: a Redis that takes a request and never answers must cost a step
// no more than enqueueWithin.
type prompt struct{ asynq.RedisConnOpt }

func (p prompt) MakeRedisClient() any {
	made := p.RedisConnOpt.MakeRedisClient()
	client, single := made.(*redis.Client)
	if !single {
		return made
	}
	o := *client.Options()
	_ = client.Close()
	o.ContextTimeoutEnabled, o.MaxRetries = true, -1
	o.PushNotificationProcessor = nil // the first client's; a second handler there is refused with a warning
	return redis.NewClient(&o)
}

// Close waits for what was asked for with [Queue.Soon] and ends the connection
// to Redis.
func (q *Queue) Close() error {
	q.soon.Wait()
	return q.client.Close()
}

// Soon is [Queue.Now] for a caller with somebody waiting for an answer: it does
// not wait for Redis, nor end with ctx. A failure is told to failed, and left
// to the janitor.
func (q *Queue) Soon(ctx context.Context, k Kind, id string, failed func(error)) {
	ctx = context.WithoutCancel(ctx)
	q.soon.Go(func() {
		if err := q.enqueue(ctx, k, id); err != nil {
			failed(err)
		}
	})
}

// Now asks for the row's step to be taken at once.
func (q *Queue) Now(ctx context.Context, k Kind, id string) error {
	return q.enqueue(ctx, k, id)
}

// At asks for the row's step to be taken at a time, UTC. asynq keeps whole
// seconds: the time is rounded up, because a task that comes before its row is
// due finds nothing to do.
func (q *Queue) At(ctx context.Context, k Kind, id string, at time.Time) error {
	whole := at.Truncate(time.Second)
	if whole.Before(at) {
		whole = whole.Add(time.Second)
	}
	return q.enqueue(ctx, k, id, asynq.ProcessAt(whole))
}

func (q *Queue) enqueue(ctx context.Context, k Kind, id string, opts ...asynq.Option) error {
	ctx, cancel := context.WithTimeout(ctx, enqueueWithin)
	defer cancel()

	opts = append(opts, asynq.Queue(k.queue()), asynq.MaxRetry(retries), asynq.Timeout(k.timeout()))
	err := q.breaker.try(func() error {
		_, err := q.client.EnqueueContext(ctx, asynq.NewTask(string(k), []byte(id)), opts...)
		return err
	})
	if err != nil {
		return fmt.Errorf("enqueue %s %s: %w", k, id, err)
	}
	return nil
}
