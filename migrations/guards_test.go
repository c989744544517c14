package migrations_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// row is a line of a table, by column.
type row map[string]any

func (r row) with(changes row) row {
	out := maps.Clone(r)
	maps.Copy(out, changes)
	return out
}

func insert(t *testing.T, d *db.DB, table string, r row) error {
	t.Helper()
	names := slices.Sorted(maps.Keys(r))
	values := make([]any, len(names))
	for i, n := range names {
		values[i] = r[n]
	}
	sql := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "),
		strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", "))
	return d.WithContext(t.Context()).Exec(sql, values...).Error
}

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func portal(id string) row {
	return row{"id": id, "domain": "x", "endpoint": "x", "server": "x", "created_at": noon(), "updated_at": noon()}
}

func terminal(id string) row {
	return row{
		"id": id, "portal_id": "portal", "name": id, "provider": "linkly", "environment": "sandbox",
		"currency": "AUD", "status": "ready", "register_id": "r", "created_at": noon(),
	}
}

// payment is a valid payment that shares nothing with another number's.
func payment(n int) row {
	return row{
		"id": fmt.Sprintf("p_%d", n), "portal_id": "portal", "request_id": fmt.Sprintf("r_%d", n), "request_hash": "h",
		"kind": "purchase", "document": fmt.Sprintf("SI:%d", n), "document_total": 100, "terminal_id": fmt.Sprintf("t_%d", n),
		"terminal_name": "t", "provider": "linkly", "pairing_id": "x", "session_id": fmt.Sprintf("s_%d", n),
		"txn_ref": fmt.Sprintf("x_%d", n), "sale_uid": "u", "amount": 100, "currency": "AUD", "state": "created", "version": 1,
		"started_by": "1", "started_by_name": "x", "created_at": noon(),
	}
}

func approved() row {
	return row{"state": "approved", "sent_at": noon(), "decided_at": noon(), "source": "asked", "approved_amount": 100}
}

func open(state string) row { return row{"state": state, "sent_at": noon()} }

func told(state string) row {
	return row{"state": state, "sent_at": noon(), "decided_at": noon(), "source": "callback"}
}

func stage(t *testing.T, d *db.DB) {
	t.Helper()
	must(t, insert(t, d, "portals", portal("portal")))
	must(t, insert(t, d, "portals", portal("other")))
	for n := range 8 {
		must(t, insert(t, d, "terminals", terminal(fmt.Sprintf("t_%d", n))))
	}
}

func TestDatabaseRefusesPaymentsThatCannotBe(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		for name, change := range map[string]row{
			"a kind that is none":             {"kind": "gift"},
			"an amount of nothing":            {"amount": 0},
			"an amount below nothing":         {"amount": -1},
			"a state that is none":            {"state": "paid"},
			"a source that is none":           approved().with(row{"source": "rumour"}),
			"approved without an amount":      approved().with(row{"approved_amount": nil}),
			"approved on nobody's word":       approved().with(row{"source": ""}),
			"approved at no time":             approved().with(row{"decided_at": nil}),
			"approved without being sent":     approved().with(row{"sent_at": nil}),
			"declined with an amount":         told("declined").with(row{"approved_amount": 100}),
			"declined on nobody's word":       told("declined").with(row{"source": ""}),
			"declined at no time":             told("declined").with(row{"decided_at": nil}),
			"sent without being sent":         {"state": "sent"},
			"unknown without being sent":      {"state": "unknown"},
			"review without being sent":       {"state": "review"},
			"review with an amount":           open("review").with(row{"approved_amount": 100}),
			"of a portal that is not there":   {"portal_id": "nobody"},
			"on a terminal that is not there": {"terminal_id": "nowhere"},
			"of no document":                  {"document": nil},
			"without a session":               {"session_id": nil},
		} {
			if err := insert(t, d, "payments", payment(1).with(change)); err == nil {
				t.Errorf("taken: %s", name)
				must(t, d.WithContext(t.Context()).Exec("DELETE FROM payments").Error)
			} else if db.IsDuplicate(err) {
				t.Errorf("%s is refused for another reason: %v", name, err)
			}
		}
		must(t, insert(t, d, "payments", payment(1)))
	})
}

func TestDatabaseRefusesASecondPaymentOfTheSame(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		for _, c := range []struct {
			name          string
			first, second row
			refused       bool
		}{
			{"id", approved(), row{"id": "p_1"}, true},
			{"request", approved(), row{"request_id": "r_1"}, true},
			{"request of another portal", approved(), row{"request_id": "r_1", "portal_id": "other"}, false},
			{"session", approved(), row{"session_id": "s_1"}, true},
			{"reference", approved(), row{"txn_ref": "x_1"}, true},
			{"terminal, created", row{}, row{"terminal_id": "t_1"}, true},
			{"terminal, sent", open("sent"), row{"terminal_id": "t_1"}, true},
			{"terminal, unknown", open("unknown"), row{"terminal_id": "t_1"}, true},
			{"terminal, a refund", row{"kind": "refund"}, row{"terminal_id": "t_1"}, true},
			{"terminal, released", open("sent").with(row{"released": true}), row{"terminal_id": "t_1"}, false},
			{"terminal, review", open("review"), row{"terminal_id": "t_1"}, false},
			{"terminal, approved", approved(), row{"terminal_id": "t_1"}, false},
			{"document, created", row{}, row{"document": "SI:1"}, true},
			{"document, sent", open("sent"), row{"document": "SI:1"}, true},
			{"document, released", open("sent").with(row{"released": true}), row{"document": "SI:1"}, true},
			{"document, unknown", open("unknown"), row{"document": "SI:1"}, true},
			{"document, review", open("review"), row{"document": "SI:1"}, true},
			{"document, declined as a callback told", told("declined"), row{"document": "SI:1"}, true},
			{"document, cancelled as a callback told", told("cancelled"), row{"document": "SI:1"}, true},
			{"document, declined and confirmed", told("declined").with(row{"confirmed_at": noon()}), row{"document": "SI:1"}, false},
			{"document, declined by a person", told("declined").with(row{"source": "manual"}), row{"document": "SI:1"}, false},
			{"document, approved in part", approved(), row{"document": "SI:1"}, false},
			{"document, open refund", open("sent").with(row{"kind": "refund"}), row{"document": "SI:1"}, false},
			{"document, of another portal", open("sent"), row{"document": "SI:1", "portal_id": "other"}, false},
		} {
			must(t, insert(t, d, "payments", payment(1).with(c.first)))
			err := insert(t, d, "payments", payment(2).with(c.second))
			if db.IsDuplicate(err) != c.refused || (err == nil) == c.refused {
				t.Errorf("the same %s: %v", c.name, err)
			}
			must(t, d.WithContext(t.Context()).Exec("DELETE FROM payments").Error)
		}
	})
}

func TestDatabaseGuardsWhatBelongsToAPayment(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		must(t, insert(t, d, "payments", payment(1)))
		must(t, insert(t, d, "payments", payment(2)))
		history := row{"id": "h", "payment_id": "p_1", "seq": 1, "at": noon(), "from_state": "created", "to_state": "created", "event": "click", "actor": "1"}
		receipt := row{"payment_id": "p_1", "hash": "h", "type": "customer", "text": "x", "at": noon()}
		alert := row{"payment_id": "p_1", "code": "contradiction", "text": "x", "at": noon()}
		back := row{"id": "w", "payment_id": "p_1", "portal_id": "portal", "target": "invoice", "state": "waiting", "created_at": noon()}
		check := row{"id": "c", "terminal_id": "t_1", "pairing_id": "x", "kind": "logon", "session_id": "s", "notify_hash": "h", "state": "sent", "started_at": noon()}
		for _, c := range []struct {
			table   string
			row     row
			refused []row
		}{
			{"payment_history", history, []row{{"id": "h2"}, {"id": "h2", "seq": 2, "payment_id": "none"}}},
			{"payment_receipts", receipt, []row{{}, {"hash": "h2", "payment_id": "none"}}},
			{"payment_alerts", alert, []row{{}, {"code": "x", "payment_id": "none"}}},
			{"write_backs", back, []row{{"id": "w2"}, {"id": "w2", "target": "deal", "state": "perhaps"}, {"id": "w2", "target": "deal", "payment_id": "none"}}},
			{"terminal_checks", check, []row{{"id": "c2"}, {"id": "c2", "session_id": "s2", "kind": "dance"}, {"id": "c2", "session_id": "s2", "state": "perhaps"}}},
			{"terminals", terminal("t_9"), []row{{}, {"id": "t_10", "status": "perhaps"}, {"id": "t_10", "portal_id": "nobody"}}},
			{"pairings", row{"id": "x", "terminal_id": "t_1", "secret": "sealed", "created_at": noon()}, []row{{}, {"id": "y", "terminal_id": "nowhere"}}},
		} {
			must(t, insert(t, d, c.table, c.row))
			for _, change := range c.refused {
				if err := insert(t, d, c.table, c.row.with(change)); err == nil {
					t.Errorf("%s took %v", c.table, change)
				}
			}
		}
	})
}
