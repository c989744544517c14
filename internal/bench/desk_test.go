package bench

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/pairing"
)

// manyBar is how many times as long the parts of the app's own page may take
// for a chain of shops as for a shop of five.
const (
	manyBar = 3.0
	looks   = 20
)

// deskParts are the pieces whose size grows with the portal.
var deskParts = []struct{ name, path string }{
	{"settings page", "/api/v1/terminals?tab=1"},
	{"picker", "/api/v1/terminals?pick=send&currency=AUD"},
	{"search in the picker", "/api/v1/terminals?pick=send&currency=AUD&find=counter+4"},
	{"board of people", "/api/v1/people"},
	{"people without a terminal", "/api/v1/people?without=1"},
	{"rights", "/api/v1/rights"},
	{"attention", "/api/v1/attention"},
}

// chain gives the portal terminals and people: each terminal belongs to four
// people by name and to one of ten shops, and none is everybody's. The viewer,
// a cashier otherwise, administers.
func (p *product) chain(terminals, people int) {
	p.t.Helper()
	tx := p.db.WithContext(p.t.Context())
	groups := make([]pairing.Group, 10)
	for i := range groups {
		groups[i] = pairing.Group{ID: "g_" + strconv.Itoa(i), PortalID: p.portal, Name: "Shop " + strconv.Itoa(i), Department: "D" + strconv.Itoa(100+i)}
	}
	must(p.t, tx.Create(&groups).Error)
	rows := make([]pairing.Terminal, terminals)
	for i := range rows {
		n := strconv.Itoa(i)
		rows[i] = pairing.Terminal{
			ID: "t_c" + n, PortalID: p.portal, Name: "Counter " + n, Sought: "counter " + n, Provider: pairing.LinklyProvider,
			Environment: "sandbox", Currency: "AUD", Status: pairing.Ready, RegisterID: n, PairingID: "pair_c" + n, GroupID: groups[i%10].ID, CreatedAt: db.Now(),
		}
	}
	must(p.t, tx.CreateInBatches(rows, 50).Error)
	must(p.t, p.db.InTx(p.t.Context(), func(tx *gorm.DB) error { return p.hire(tx, "t_c", terminals, people) }))
	must(p.t, tx.Model(&pairing.User{}).Where("user_id = ?", strconv.Itoa(cashier)).Update("admin", true).Error)
	if p.db.Dialect == db.Postgres {
		must(p.t, tx.Exec("ANALYZE").Error)
	}
}

// hire adds people: each to a department, of which half belong to a shop, and by
// name to one of the terminals.
func (p *product) hire(tx *gorm.DB, prefix string, terminals, people int) error {
	var already int64
	if err := tx.Model(&pairing.User{}).Count(&already).Error; err != nil {
		return err
	}
	for i := range people {
		id := strconv.Itoa(1000 + int(already) + i)
		for _, row := range []struct {
			sql  string
			vars []any
		}{
			{
				`INSERT INTO portal_users (portal_id, user_id, name, sought, admin, entered, active, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				[]any{p.portal, id, "Person " + id, "person " + id, false, true, true, db.Now()},
			},
			{`INSERT INTO user_departments (portal_id, user_id, subject) VALUES (?, ?, ?)`, []any{p.portal, id, "D" + strconv.Itoa(100+i%20)}},
			{`INSERT INTO terminal_users (terminal_id, portal_id, user_id) VALUES (?, ?, ?)`, []any{prefix + strconv.Itoa(i%terminals), p.portal, id}},
		} {
			if err := tx.Exec(row.sql, row.vars...).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// look asks for a piece of the page and answers how long that took.
func (p *product) look(path string) time.Duration {
	p.t.Helper()
	req := p.request(http.MethodGet, p.base+path, nil)
	req.Header.Set("Accept", "text/html")
	began := time.Now()
	send(p.t, req, http.StatusOK)
	return time.Since(began)
}

// BenchmarkDesk compares a portal of 500 terminals and 2,000 people with one of
// five and five, turn by turn in one run.
func BenchmarkDesk(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			d, opt := e.open(b)
			small := newProduct(b, d, opt)
			small.chain(5, 5)
			d, opt = e.open(b)
			large := newProduct(b, d, opt)
			large.chain(500, 2000)
			measured := false
			for b.Loop() {
				if measured {
					continue // one measurement is enough; the rest is the framework's wish
				}
				measured = true
				for _, part := range deskParts {
					var few, many figures
					for range looks {
						few = append(few, milliseconds(small.look(part.path)))
						many = append(many, milliseconds(large.look(part.path)))
					}
					show("      %-58s few %s ms, many %s ms", part.name, few.span(), many.span())
					bar(b, part.name, many.median()/few.median(), manyBar, "times")
				}
			}
		})
	}
}

// How often the database is asked must not depend on how many terminals and
// people there are.
func TestTheDeskAsksTheSameHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		p := newProduct(t, d, testkit.EmbeddedRedis(t))
		p.chain(15, 30)
		o := overhear(t, d)
		asked := func() map[string]int {
			out := map[string]int{}
			for _, part := range deskParts {
				out[part.name] = len(o.during(func() { p.look(part.path) }))
			}
			return out
		}
		few := asked()
		p.more(150, 600)
		for name, n := range asked() {
			if n > few[name] {
				t.Errorf("%s: %d statements for many, %d for few", name, n, few[name])
			}
			if few[name] == 0 {
				t.Errorf("%s: nothing was overheard", name)
			}
		}
	})
}

// more adds terminals and people to those of chain.
func (p *product) more(terminals, people int) {
	p.t.Helper()
	tx := p.db.WithContext(p.t.Context())
	rows := make([]pairing.Terminal, terminals)
	for i := range rows {
		n := "m" + strconv.Itoa(i)
		rows[i] = pairing.Terminal{
			ID: "t_" + n, PortalID: p.portal, Name: "Counter " + n, Sought: "counter " + n, Provider: pairing.LinklyProvider,
			Environment: "sandbox", Currency: "AUD", Status: pairing.Ready, RegisterID: n, PairingID: "pair_" + n, GroupID: "g_" + strconv.Itoa(i%10), CreatedAt: db.Now(),
		}
	}
	must(p.t, tx.CreateInBatches(rows, 50).Error)
	must(p.t, p.db.InTx(p.t.Context(), func(tx *gorm.DB) error { return p.hire(tx, "t_m", terminals, people) }))
}
