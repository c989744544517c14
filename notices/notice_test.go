package notices_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/jobs"
	"receivepayment/notices"
)

// told is what arrived at a portal.
type told struct{ User, Tag, Text string }

// portal takes notices, or answers what it was told to answer.
type portal struct {
	mu    sync.Mutex
	fails error
	got   []told
}

func (p *portal) send(_ context.Context, n notices.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		return p.fails
	}
	p.got = append(p.got, told{User: n.UserID, Tag: n.Tag, Text: n.Text})
	return nil
}

func (p *portal) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = err
}

// desk is the service on a database, with a clock that we move.
type desk struct {
	*notices.Service
	t      *testing.T
	portal *portal
	now    time.Time
}

func open(t *testing.T, d *db.DB) *desk {
	t.Helper()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	err := d.WithContext(t.Context()).Exec(`INSERT INTO portals (id, domain, endpoint, server, created_at, updated_at)
		VALUES ('p', 'd', 'e', 's', ?, ?)`, now, now).Error
	if err != nil {
		t.Fatal(err)
	}
	queue := jobs.NewQueue(asynq.RedisClientOpt{Addr: "127.0.0.1:1"}) // nobody there: the janitor does it all
	t.Cleanup(func() { _ = queue.Close() })
	k := &desk{t: t, portal: &portal{}, now: now}
	k.Service = &notices.Service{
		DB: d, Queue: queue, Send: k.portal.send, Log: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return k.now },
	}
	return k
}

func (k *desk) tell(tag, text string, users ...string) {
	k.t.Helper()
	if err := k.Tell(k.t.Context(), "p", users, tag, text); err != nil {
		k.t.Fatal(err)
	}
}

// sweep is the janitor after a while; it answers how much was due.
func (k *desk) sweep(after time.Duration) int {
	k.t.Helper()
	k.now = k.now.Add(after)
	due, err := k.Due(k.t.Context(), 100)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, one := range due {
		for range 2 { // a task that comes twice
			if err := k.Step(k.t.Context(), one.ID); err != nil {
				k.t.Fatal(err)
			}
		}
	}
	return len(due)
}

func (k *desk) arrived(want ...told) {
	k.t.Helper()
	if diff := cmp.Diff(want, k.portal.got); diff != "" {
		k.t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestNoticeIsToldOnceUntilItSaysSomethingNew(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.tell("pay-1", "unknown", "14", "7")
		k.sweep(0)
		k.tell("pay-1", "unknown", "14")
		k.sweep(time.Minute)
		k.tell("pay-1", "approved", "14")
		k.sweep(time.Minute)
		k.arrived(told{"14", "pay-1", "unknown"}, told{"7", "pay-1", "unknown"}, told{"14", "pay-1", "approved"})
	})
}

func TestNoticeWaitsForThePortalAndOnlyTheNewestIsTold(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.portal.fail(errors.New("down"))
		k.tell("pay-1", "unknown", "14")
		k.sweep(0)
		if n := k.sweep(time.Second); n != 0 {
			t.Errorf("%d notices are due a second after a failure", n)
		}
		k.sweep(10 * time.Second)
		k.tell("pay-1", "approved", "14")
		k.portal.fail(nil)
		k.sweep(time.Hour)
		k.arrived(told{"14", "pay-1", "approved"})
	})
}

func TestNoticeIsGivenUpWhenItIsRefusedOrStale(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.portal.fail(notices.ErrRefused)
		k.tell("gone", "hello", "99")
		k.sweep(0)
		k.portal.fail(errors.New("down"))
		k.tell("old", "hello", "14")
		k.sweep(0)
		k.sweep(25 * time.Hour)
		k.portal.fail(nil)
		if n := k.sweep(25 * time.Hour); n != 0 {
			t.Errorf("%d notices are still due", n)
		}
		k.arrived()
	})
}
