package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/internal/testkit"
	"receivepayment/jobs"
)

// counter is a clock that stands still, and notes how long callers would have
// waited instead of waiting.
type counter struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func (c *counter) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *counter) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (c *counter) sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	return nil
}

// allowance is one process's share of the limits.
func (c *counter) allowance(t *testing.T, opt asynq.RedisClientOpt) *jobs.Allowance {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: opt.Addr, Password: opt.Password, DB: opt.DB})
	t.Cleanup(func() { _ = client.Close() })
	a := jobs.NewAllowance(client, 2, 40, c.now, discard())
	jobs.SetSleep(a, c.sleep)
	return a
}

func TestProcessesShareAPortalsLimit(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		c := &counter{at: time.Now()}
		one, two := c.allowance(t, opt), c.allowance(t, opt)
		for range 20 {
			must(t, one.Wait(t.Context(), "a"))
			must(t, two.Wait(t.Context(), "a"))
		}
		if len(c.slept) != 0 {
			t.Fatalf("the first forty had to wait: %v", c.slept)
		}
		must(t, one.Wait(t.Context(), "a"))
		must(t, two.Wait(t.Context(), "a"))
		if len(c.slept) != 2 || c.slept[0] != 500*time.Millisecond || c.slept[1] != time.Second {
			t.Errorf("the next two waited %v", c.slept)
		}
		must(t, two.Wait(t.Context(), "b")) // another portal's own
		if len(c.slept) != 2 {
			t.Error("a portal waited for another")
		}
		c.move(2 * time.Second)
		must(t, one.Wait(t.Context(), "a"))
		if len(c.slept) != 2 {
			t.Errorf("what has drained is not given again: %v", c.slept)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		one.Full(t.Context(), "a")
		for range 200 {
			if err := two.Wait(short, "a"); err != nil {
				if !errors.Is(err, jobs.ErrTooLate) {
					t.Errorf("who cannot wait is told %v", err)
				}
				return
			}
		}
		t.Error("a call was let in beyond its caller's patience")
	})
}

func TestWhatOnePortalForbidsOneProcessNoProcessCalls(t *testing.T) {
	t.Parallel()
	testkit.EachRedis(t, func(t *testing.T, opt asynq.RedisClientOpt) {
		c := &counter{at: time.Now().UTC().Truncate(time.Microsecond)}
		one, two := c.allowance(t, opt), c.allowance(t, opt)
		until := c.now().Add(5 * time.Minute)
		one.Block(t.Context(), "a", "crm.item.list", until)
		for name, a := range map[string]*jobs.Allowance{"the same process": one, "another": two} {
			if got := a.Blocked(t.Context(), "a", "profile", "crm.item.list"); !got.Equal(until) {
				t.Errorf("%s may call at %v", name, got)
			}
			if got := a.Blocked(t.Context(), "a", "profile"); !got.IsZero() {
				t.Errorf("%s may not call another method before %v", name, got)
			}
			if got := a.Blocked(t.Context(), "b", "crm.item.list"); !got.IsZero() {
				t.Errorf("%s may not call another portal before %v", name, got)
			}
		}
		two.Block(t.Context(), "a", "", until.Add(time.Minute))
		if got := one.Blocked(t.Context(), "a", "profile"); !got.Equal(until.Add(time.Minute)) {
			t.Errorf("a portal that stops us may be called at %v", got)
		}
	})
}

func TestWithoutRedisEachProcessKeepsToTheRateByItself(t *testing.T) {
	t.Parallel()
	embedded, err := jobs.StartEmbedded()
	must(t, err)
	c := &counter{at: time.Now()}
	a := c.allowance(t, asynq.RedisClientOpt{Addr: embedded.Addr()})
	embedded.Close()
	for range 40 {
		must(t, a.Wait(t.Context(), "a"))
	}
	// The burst is used up: a caller who cannot wait is not let in.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	refused := false
	for range 5 {
		refused = a.Wait(ctx, "a") != nil || refused
	}
	if !refused {
		t.Error("nothing limits the calls")
	}
	until := c.now().Add(time.Hour)
	a.Block(t.Context(), "a", "profile", until)
	if got := a.Blocked(t.Context(), "a", "profile"); !got.Equal(until) {
		t.Errorf("it may be called at %v", got)
	}
}

func TestAPortalTakesOnlyItsOwnSeats(t *testing.T) {
	t.Parallel()
	var s jobs.Seats
	taken := 0
	for range 100 {
		if s.Take("slow") {
			taken++
		}
	}
	if taken == 0 || taken == 100 {
		t.Fatalf("the slow portal has %d seats", taken)
	}
	if !s.Take("other") {
		t.Error("another portal found no seat")
	}
	s.Leave("slow")
	if !s.Take("slow") {
		t.Error("a seat that was left is not given again")
	}
}
