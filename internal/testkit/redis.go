package testkit

import (
	"log/slog"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/jobs"
)

// EachRedis runs the test on the embedded Redis and on a real one.
func EachRedis(t *testing.T, test func(t *testing.T, opt asynq.RedisClientOpt)) {
	t.Helper()
	t.Run("Embedded", func(t *testing.T) {
		t.Parallel()
		test(t, EmbeddedRedis(t))
	})
	t.Run("Redis", func(t *testing.T) {
		// Not parallel: the tests share the server's one set of queues.
		test(t, RealRedis(t))
	})
}

// EmbeddedRedis is a fresh Redis inside this process.
func EmbeddedRedis(t testing.TB) asynq.RedisClientOpt {
	t.Helper()
	e, err := jobs.StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return asynq.RedisClientOpt{Addr: e.Addr()}
}

// RealRedis is the server of TEST_REDIS_URL, emptied.
func RealRedis(t testing.TB) asynq.RedisClientOpt {
	t.Helper()
	o, err := redis.ParseURL(Need(t, "TEST_REDIS_URL"))
	if err != nil {
		t.Fatal("TEST_REDIS_URL is no URL")
	}
	c := redis.NewClient(o)
	defer func() { _ = c.Close() }()
	if err := c.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return asynq.RedisClientOpt{Addr: o.Addr, Password: o.Password, DB: o.DB}
}

// Bell is a bell on the given Redis.
func Bell(t testing.TB, opt asynq.RedisClientOpt) *jobs.Bell {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: opt.Addr, Password: opt.Password, DB: opt.DB})
	t.Cleanup(func() { _ = c.Close() })
	return jobs.NewBell(c, slog.New(slog.DiscardHandler))
}

// Queue is a queue on the given Redis.
func Queue(t testing.TB, opt asynq.RedisClientOpt) *jobs.Queue {
	t.Helper()
	q := jobs.NewQueue(opt)
	t.Cleanup(func() { _ = q.Close() })
	return q
}
