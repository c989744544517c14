package testkit

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
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
		t.Parallel()
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

// RealRedis is an empty database of its own on the server of TEST_REDIS_URL.
func RealRedis(t testing.TB) asynq.RedisClientOpt {
	t.Helper()
	o, err := redis.ParseURL(RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	return asynq.RedisClientOpt{Addr: o.Addr, Password: o.Password, DB: o.DB}
}

// databases is how many databases the test server is started with; the first
// counts, the others are handed out in turn.
const databases = 1024

// RedisURL names an empty database of its own on the server of TEST_REDIS_URL,
// so that packages tested at the same time do not empty each other's.
func RedisURL(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(Need(t, "TEST_REDIS_URL"))
	if err != nil {
		t.Fatal("TEST_REDIS_URL is no URL")
	}
	u.Path = "/0"
	n := onRedis(t, u.String(), func(ctx context.Context, c *redis.Client) (int64, error) {
		return c.Incr(ctx, "testkit:databases").Result()
	})
	u.Path = "/" + strconv.FormatInt(n%(databases-1)+1, 10)
	onRedis(t, u.String(), func(ctx context.Context, c *redis.Client) (int64, error) { return 0, c.FlushDB(ctx).Err() })
	return u.String()
}

func onRedis(t testing.TB, address string, do func(context.Context, *redis.Client) (int64, error)) int64 {
	t.Helper()
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer func() { _ = c.Close() }()
	n, err := do(t.Context(), c)
	if err != nil {
		t.Fatalf("redis for tests: %v", err)
	}
	return n
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
