package jobs_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"receivepayment/jobs"
)

// patience is how long a test waits for what must come; it is no measure.
const patience = 20 * time.Second

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// job is what a handler was given.
type job struct {
	kind jobs.Kind
	id   string
	at   time.Time
}

func kinds() []jobs.Kind {
	return []jobs.Kind{
		jobs.Purchase, jobs.Refund, jobs.WriteBack, jobs.Prove,
		jobs.Notice, jobs.Mailing, jobs.Open, jobs.People, jobs.Tend, jobs.Change, jobs.Function, jobs.Settle,
	}
}

// recording handles every kind by telling the channel.
func recording(done chan<- job) jobs.Handlers {
	h := jobs.Handlers{}
	for _, k := range kinds() {
		h[k] = func(_ context.Context, id string) error {
			done <- job{kind: k, id: id, at: time.Now()}
			return nil
		}
	}
	return h
}

func serve(t testing.TB, opt asynq.RedisClientOpt, h jobs.Handlers, concurrency int) {
	t.Helper()
	s := jobs.NewServer(opt, h, concurrency, discard())
	must(t, s.Start())
	t.Cleanup(s.Stop)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon reads what must come.
func soon[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("it did not come")
		panic("unreachable")
	}
}

// eventually asks again and again until it holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}
