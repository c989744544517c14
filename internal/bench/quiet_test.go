package bench

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/payments"
)

// watched is the product in a bubble of its own time, with streams that write
// into memory, and a count of what it asks its database.
type watched struct {
	*product
	handler http.Handler
	asked   *atomic.Int64
}

// inBubble runs the story in a bubble. Database and portal are made outside:
// only what waits has to be inside.
func inBubble(t *testing.T, story func(t *testing.T, w *watched)) {
	t.Helper()
	p := newProduct(t, testkit.SQLite(t), testkit.EmbeddedRedis(t))
	asked := new(atomic.Int64)
	count := func(*gorm.DB) { asked.Add(1) }
	on := p.db.Callback()
	must(t, on.Query().Before("*").Register("bench:query", count))
	must(t, on.Row().Before("*").Register("bench:row", count))
	must(t, on.Raw().Before("*").Register("bench:raw", count))
	must(t, on.Create().Before("*").Register("bench:create", count))
	must(t, on.Update().Before("*").Register("bench:update", count))
	synctest.Test(t, func(t *testing.T) {
		inner := *p
		inner.t = t
		w := &watched{product: &inner, asked: asked}
		w.handler = inner.wire(p.crm)
		story(t, w)
	})
}

// watch opens n streams of the payment; they end with the test.
func (w *watched) watch(t *testing.T, id string, n int) []*tape {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() { stop(); synctest.Wait() })
	out := make([]*tape, n)
	for i := range out {
		out[i] = &tape{header: http.Header{}}
		req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/payments/"+id+"/events", nil)
		req.Header.Set("Authorization", "Bearer "+w.token)
		go w.handler.ServeHTTP(out[i], req)
	}
	synctest.Wait()
	for _, one := range out {
		if !strings.Contains(one.String(), "event: payment") {
			t.Fatalf("the stream did not begin: %q", one)
		}
	}
	return out
}

// tape is an answer that is written while the test reads it.
type tape struct {
	header http.Header
	mu     sync.Mutex
	text   strings.Builder
}

func (a *tape) Header() http.Header { return a.header }

func (*tape) WriteHeader(int) {}

func (*tape) Flush() {}

func (a *tape) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.Write(p)
}

func (a *tape) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// during counts the queries of a while.
func (w *watched) during(d time.Duration) int64 {
	before := w.asked.Load()
	time.Sleep(d) // the bubble's time: nobody waits
	synctest.Wait()
	return w.asked.Load() - before
}

func TestStreamsOfADecidedPaymentAskTheDatabaseNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *watched) {
		p := w.approved(t)
		streams := w.watch(t, p.ID, 20)
		if n := w.during(10 * time.Minute); n != 0 {
			t.Errorf("%d queries in ten minutes in which nothing happened", n)
		}
		if body := streams[0].String(); strings.Contains(body, "event: end") || !strings.Contains(body, ": still here") {
			t.Errorf("the stream should be open, waiting for the CRM to know: %q", body)
		}
	})
}

func TestAnOpenPaymentIsReadOnceInFifteenSecondsHoweverManyWatch(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *watched) {
		rows := w.sent(2)
		w.watch(t, rows[0].ID, 1)
		alone := w.during(time.Minute)
		w.watch(t, rows[1].ID, 50)
		both := w.during(time.Minute)
		if alone == 0 || alone%4 != 0 {
			t.Errorf("%d queries in a minute are not four looks", alone)
		}
		if both != 2*alone {
			t.Errorf("%d queries for two payments, one with fifty streams; one payment with one stream costs %d", both, alone)
		}
	})
}

// approved is a payment that is decided, while the CRM does not know yet: its
// streams stay open.
func (w *watched) approved(t *testing.T) payments.Payment {
	t.Helper()
	p := w.sent(1)[0]
	now, amount := db.Now(), p.Amount
	p.State, p.DecidedAt, p.ConfirmedAt, p.Source, p.ApprovedAmount = payments.Approved, &now, &now, payments.Asked, &amount
	tx := w.db.WithContext(t.Context())
	must(t, tx.Model(&payments.Payment{}).Where("id = ?", p.ID).
		Select("State", "DecidedAt", "ConfirmedAt", "Source", "ApprovedAmount").Updates(&p).Error)
	must(t, tx.Create(&payments.WriteBack{
		ID: uuid.NewString(), PaymentID: p.ID, PortalID: p.PortalID, Target: payments.TargetDocument,
		State: payments.Waiting, DueAt: &now, CreatedAt: now,
	}).Error)
	return p
}
