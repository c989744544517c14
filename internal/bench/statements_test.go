package bench

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// statement is what gorm sent, with the values apart, as the database saw it.
type statement struct {
	sql  string
	vars []any
}

// overheard keeps every statement that gorm sends.
type overheard struct {
	mu   sync.Mutex
	said []statement
}

func overhear(t *testing.T, d *db.DB) *overheard {
	t.Helper()
	o := &overheard{}
	keep := func(tx *gorm.DB) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.said = append(o.said, statement{tx.Statement.SQL.String(), append([]any(nil), tx.Statement.Vars...)})
	}
	on := d.Callback()
	must(t, on.Query().After("*").Register("bench:query", keep))
	must(t, on.Create().After("*").Register("bench:create", keep))
	must(t, on.Update().After("*").Register("bench:update", keep))
	return o
}

// during is what was said while do ran.
func (o *overheard) during(do func()) []statement {
	o.mu.Lock()
	o.said = nil
	o.mu.Unlock()
	do()
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]statement(nil), o.said...)
}

// sendStatements is what a Send Payment may ask of the database between its
// click and its answer: who asks, whether it was asked before, the portal with
// its token, which stage means refunded, the terminal; then in one transaction
// the payment, the check, whether the terminal is held for something else, its
// history.
const sendStatements = 9

func TestSendPaymentAsksTheDatabaseNineTimes(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		p := newProduct(t, d, testkit.EmbeddedRedis(t))
		o := overhear(t, d)
		c := p.clicks(1)[0]
		said := o.during(func() { p.call(http.MethodPost, "/api/v1/payments", c, http.StatusAccepted) })
		if len(said) != sendStatements {
			t.Errorf("%d statements, want %d:", len(said), sendStatements)
			for _, s := range said {
				t.Logf("%.160s", s.sql)
			}
		}
	})
}

func TestNoRequestOfATillWalksThroughAllPayments(t *testing.T) {
	t.Parallel()
	d := testkit.SQLite(t)
	p := newProduct(t, d, testkit.EmbeddedRedis(t))
	paid := p.sent(1)[0]
	must(t, d.WithContext(t.Context()).Model(&paid).
		Updates(map[string]any{"state": "approved", "approved_amount": 1000, "decided_at": db.Now(), "source": "asked"}).Error)
	o := overhear(t, d)
	c := p.clicks(1)[0]
	said := o.during(func() {
		p.call(http.MethodPost, "/api/v1/payments", c, http.StatusAccepted)
		p.call(http.MethodPost, "/api/v1/payments", c, http.StatusAccepted) // repeated
		c.RequestID += "-again"
		p.call(http.MethodPost, "/api/v1/payments", c, http.StatusConflict)
		p.call(http.MethodGet, "/api/v1/payments/"+paid.ID, nil, http.StatusOK)
		p.call(http.MethodGet, "/api/v1/documents?entity=deal&id=512", nil, http.StatusOK)
		p.call(http.MethodGet, "/api/v1/terminals", nil, http.StatusOK)
		_, err := p.payments.Due(t.Context(), 10)
		must(t, err)
	})
	for _, s := range said {
		var steps []struct{ Detail string }
		must(t, d.WithContext(t.Context()).Raw("EXPLAIN QUERY PLAN "+s.sql, s.vars...).Scan(&steps).Error)
		for _, step := range steps {
			if strings.HasPrefix(step.Detail, "SCAN payments") {
				t.Errorf("%s: %.200s", step.Detail, s.sql)
			}
		}
	}
}
