package audit_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/internal/testkit"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fact adds one line as Mere Tane, in a transaction of its own.
func fact(t *testing.T, d *db.DB, portal string, n int) error {
	t.Helper()
	ctx := audit.By(t.Context(), "14", "Mere Tane")
	return d.InTx(ctx, func(tx *gorm.DB) error {
		return audit.Write(tx, db.Now(), portal, audit.RightsChanged, fmt.Sprint(n), "take, refund")
	})
}

func faults(t *testing.T, d *db.DB, known ...audit.Head) ([]audit.Head, string) {
	t.Helper()
	heads, found, err := (&audit.Log{DB: d}).Verify(t.Context(), known...)
	must(t, err)
	words := make([]string, len(found))
	for i, f := range found {
		words[i] = f.String()
	}
	return heads, strings.Join(words, "\n")
}

func TestLinesOfManyWritersMakeOneUnbrokenChainPerPortal(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		const writers, each = 8, 5
		var wait sync.WaitGroup
		for w := range writers {
			wait.Go(func() {
				for i := range each {
					if err := fact(t, d, []string{"one", "two"}[w%2], w*each+i); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		heads, broken := faults(t, d)
		if broken != "" || len(heads) != 2 || heads[0].Seq != writers/2*each || heads[1].Seq != writers/2*each {
			t.Errorf("heads %v, broken: %s", heads, broken)
		}
	})
}

func TestLineOfAChangeThatFailedDoesNotExist(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		must(t, fact(t, d, "one", 1))
		no := errors.New("no")
		err := d.InTx(t.Context(), func(tx *gorm.DB) error {
			must(t, audit.Write(tx, db.Now(), "one", audit.RefundStarted, "p_1", ""))
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		must(t, fact(t, d, "one", 2))
		if heads, broken := faults(t, d); broken != "" || heads[0].Seq != 2 {
			t.Errorf("heads %v, broken: %s", heads, broken)
		}
	})
}

// Each is what somebody with the database's password might do.
func TestWhateverIsDoneToAChainIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, want string }{
		"a word is altered":    {"UPDATE audit_lines SET detail = 'nothing' WHERE seq = 3", "one, line 3: altered"},
		"an actor is altered":  {"UPDATE audit_lines SET actor_name = 'Somebody' WHERE seq = 3", "one, line 3: altered"},
		"a time is altered":    {"UPDATE audit_lines SET at = '2020-01-01 00:00:00' WHERE seq = 3", "one, line 3: altered"},
		"a line is removed":    {"DELETE FROM audit_lines WHERE seq = 3", "one, line 3: removed"},
		"the first is removed": {"DELETE FROM audit_lines WHERE seq = 1", "one, line 1: removed"},
		"the last is removed":  {"DELETE FROM audit_lines WHERE seq = 5", "one, line 5: the newest line"},
		"all are removed":      {"DELETE FROM audit_lines", "one, line 5: the newest line"},
		"the rest is renumbered": {
			"DELETE FROM audit_lines WHERE seq = 5; UPDATE audit_lines SET seq = 5 WHERE seq = 4", "one, line 4: removed",
		},
		"the head is removed": {"DELETE FROM audit_heads", "the chain has no head"},
		"a hash is altered":   {"UPDATE audit_lines SET hash = 'x' WHERE seq = 3", "one, line 4: does not follow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := testkit.SQLite(t)
			for i := range 5 {
				must(t, fact(t, d, "one", i))
			}
			if _, broken := faults(t, d); broken != "" {
				t.Fatalf("whole, and said to be broken: %s", broken)
			}
			for _, sql := range strings.Split(c.sql, "; ") {
				must(t, d.WithContext(t.Context()).Exec(sql).Error)
			}
			if _, broken := faults(t, d); !strings.Contains(broken, c.want) {
				t.Errorf("found %q, want %q", broken, c.want)
			}
		})
	}
}

func TestChainThatWasWrittenAnewIsFoundByAHeadThatWasNoted(t *testing.T) {
	t.Parallel()
	d := testkit.SQLite(t)
	for i := range 3 {
		must(t, fact(t, d, "one", i))
	}
	noted, _ := faults(t, d)
	tx := d.WithContext(t.Context())
	must(t, tx.Exec("DELETE FROM audit_lines").Error)
	must(t, tx.Exec("DELETE FROM audit_heads").Error)
	for i := range 3 {
		must(t, fact(t, d, "one", i+10))
	}
	if _, broken := faults(t, d); broken != "" {
		t.Fatalf("a consistent chain is said to be broken: %s", broken)
	}
	if _, broken := faults(t, d, noted...); !strings.Contains(broken, "one, line 3: is not the line that was noted") {
		t.Errorf("found %q", broken)
	}
}

func TestLinesAreFoundByWhatTheySay(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		log := &audit.Log{DB: d}
		for i := range 60 {
			must(t, fact(t, d, "one", i))
		}
		must(t, fact(t, d, "two", 100))
		first, cursor, err := log.List(t.Context(), "one", audit.Filter{})
		must(t, err)
		rest, end, err := log.List(t.Context(), "one", audit.Filter{Cursor: cursor})
		must(t, err)
		if len(first) != 50 || len(rest) != 10 || end != "" || first[0].Seq != 60 || rest[9].Seq != 1 {
			t.Errorf("%d and %d lines, cursors %q %q", len(first), len(rest), cursor, end)
		}
		if first[0].ActorName != "Mere Tane" || first[0].ActorID != "14" {
			t.Errorf("acted by %+v", first[0])
		}
		for text, want := range map[string]int{"mere": 50, "RIGHTS.": 50, "59": 1, "14": 50, "%": 0, "refund": 50, "100": 0} {
			found, _, err := log.List(t.Context(), "one", audit.Filter{Text: text})
			must(t, err)
			if len(found) != want {
				t.Errorf("%q finds %d, want %d", text, len(found), want)
			}
		}
		none, _, err := log.List(t.Context(), "one", audit.Filter{From: db.Now().Add(time.Hour)})
		must(t, err)
		if len(none) != 0 {
			t.Errorf("the future holds %d lines", len(none))
		}
		if _, _, err := log.List(t.Context(), "one", audit.Filter{Cursor: "x"}); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("a foreign cursor: %v", err)
		}
	})
}

func TestChainStaysWholeWhenItsPeopleAreForgotten(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		for n := range 3 {
			must(t, fact(t, d, "one", n))
			must(t, fact(t, d, "two", n))
		}
		noted, _ := faults(t, d)
		must(t, d.InTx(t.Context(), func(tx *gorm.DB) error { return audit.Forget(tx, db.Now(), "one") }))
		must(t, fact(t, d, "one", 3)) // the portal has come back
		heads, broken := faults(t, d, noted...)
		if broken != "" || len(heads) != 3 || heads[1].Seq != 4 {
			t.Errorf("heads %v, broken: %s", heads, broken)
		}
		lines, _, err := (&audit.Log{DB: d}).List(t.Context(), "one", audit.Filter{})
		must(t, err)
		for _, l := range lines[1:] {
			if l.ActorName != "" || l.Detail != "" || l.Salt != "" || l.ActorID != "14" || l.Action != audit.RightsChanged {
				t.Errorf("what is left of a line is %+v", l)
			}
		}
		house, _, err := (&audit.Log{DB: d}).List(t.Context(), audit.House, audit.Filter{})
		must(t, err)
		if len(house) != 1 || house[0].Action != audit.PortalForgotten || house[0].Subject != "one" {
			t.Errorf("the house's chain says %+v", house)
		}
		others, _, err := (&audit.Log{DB: d}).List(t.Context(), "two", audit.Filter{Text: "Mere"})
		must(t, err)
		if len(others) != 3 {
			t.Errorf("of another portal's three lines %d have their names", len(others))
		}
	})
}

// One line without its words among others is no forgetting.
func TestWordsThatWereTakenFromOneLineAreMissed(t *testing.T) {
	t.Parallel()
	d := testkit.SQLite(t)
	for n := range 3 {
		must(t, fact(t, d, "one", n))
	}
	tx := d.WithContext(t.Context())
	must(t, tx.Exec("UPDATE audit_lines SET actor_name = '', detail = '', salt = '' WHERE seq = 2").Error)
	if _, broken := faults(t, d); broken != "one, line 2: its words were taken away" {
		t.Errorf("found %q", broken)
	}
}

// Lines of before there were covers are bound to the names themselves.
func TestChainOfAnEarlierVersionGoesWithItsNames(t *testing.T) {
	t.Parallel()
	d := testkit.SQLite(t)
	must(t, fact(t, d, "one", 1))
	must(t, d.WithContext(t.Context()).Exec("UPDATE audit_lines SET salt = '', cover = ''").Error)
	must(t, d.InTx(t.Context(), func(tx *gorm.DB) error { return audit.Forget(tx, db.Now(), "one") }))
	heads, broken := faults(t, d)
	if broken != "" || len(heads) != 1 || heads[0].PortalID != audit.House {
		t.Errorf("heads %v, broken: %s", heads, broken)
	}
}
