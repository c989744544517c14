package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

type thing struct {
	ID   string `gorm:"primaryKey"`
	Name string
	At   *time.Time
}

func (thing) TableName() string { return "things" }

func withThings(t *testing.T, d *db.DB) *gorm.DB {
	t.Helper()
	tx := d.WithContext(t.Context())
	must(t, tx.Exec(`CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> ''), at TIMESTAMP)`).Error)
	must(t, tx.Exec(`CREATE TABLE parts (id TEXT PRIMARY KEY, thing TEXT NOT NULL REFERENCES things (id))`).Error)
	must(t, tx.Create(&thing{ID: "1", Name: "one"}).Error)
	return tx
}

func TestOnlyASecondRowUnderAUniqueIndexIsADuplicate(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		tx := withThings(t, d)
		for _, c := range []struct {
			name string
			err  error
			want bool
		}{
			{"the same key", tx.Create(&thing{ID: "1", Name: "two"}).Error, true},
			{"the same unique value", tx.Create(&thing{ID: "2", Name: "one"}).Error, true},
			{"wrapped", fmt.Errorf("store: %w", tx.Create(&thing{ID: "2", Name: "one"}).Error), true},
			{"a check", tx.Create(&thing{ID: "3"}).Error, false},
			{"a missing value", tx.Exec("INSERT INTO things (id) VALUES ('4')").Error, false},
			{"a row that is not there", tx.Exec("INSERT INTO parts VALUES ('5', 'none')").Error, false},
			{"bad SQL", tx.Exec("INSERT").Error, false},
		} {
			if c.err == nil {
				t.Errorf("%s was taken", c.name)
			}
			if got := db.IsDuplicate(c.err); got != c.want {
				t.Errorf("%s: duplicate %v (%v)", c.name, got, c.err)
			}
		}
	})
	if db.IsDuplicate(nil) || db.IsDuplicate(errors.New("x")) || !db.IsDuplicate(gorm.ErrDuplicatedKey) {
		t.Error("other errors are told apart wrongly")
	}
}

func TestMissingRowHasOneName(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		tx := withThings(t, d)
		var row thing
		if err := db.NotFound(tx.Where("id = ?", "none").Take(&row).Error); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		if err := db.NotFound(tx.Where("id = ?", "1").Take(&row).Error); err != nil {
			t.Errorf("a row that is there: %v", err)
		}
		if err := db.NotFound(tx.Where("nonsense = ?", "1").Take(&row).Error); err == nil || errors.Is(err, db.ErrNotFound) {
			t.Errorf("another error became %v", err)
		}
	})
}

// Due rows are found by comparing times in SQL, and SQLite compares text.
func TestTimesCompareByInstantToTheMicrosecond(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 11, 21, 9, 59, 59, 0, time.UTC)
	steps := []time.Duration{
		0, time.Microsecond, 5 * time.Millisecond, 50 * time.Millisecond, 500 * time.Millisecond, 505 * time.Millisecond,
		999999 * time.Microsecond, time.Second, 14 * time.Hour, 31 * 24 * time.Hour, 40 * 24 * time.Hour,
	}
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		tx := withThings(t, d)
		for i, step := range steps {
			at := base.Add(step)
			must(t, tx.Create(&thing{ID: fmt.Sprintf("t%02d", i), Name: fmt.Sprint(i), At: &at}).Error)
		}
		for i, step := range steps {
			var due []string
			must(t, tx.Model(&thing{}).Where("at <= ?", base.Add(step)).Order("at").Pluck("id", &due).Error)
			var want []string
			for j := range i + 1 {
				want = append(want, fmt.Sprintf("t%02d", j))
			}
			if diff := cmp.Diff(want, due); diff != "" {
				t.Errorf("due at %s:\n%s", base.Add(step), diff)
			}
		}
	})
}

func TestTheClocksTimeComesBackAsItWasStored(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		tx := withThings(t, d)
		now := db.Now()
		must(t, tx.Create(&thing{ID: "now", Name: "now", At: &now}).Error)
		var back thing
		must(t, tx.Where("at = ?", now).Take(&back).Error)
		if !back.At.Equal(now) || now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
			t.Errorf("stored %s, read %s", now, back.At)
		}
	})
}

func TestTransactionThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		tx := withThings(t, d)
		add := func(tx *gorm.DB, id string) error { return tx.Create(&thing{ID: id, Name: id}).Error }

		err := d.InTx(t.Context(), func(tx *gorm.DB) error {
			must(t, add(tx, "failed"))
			return failure
		})
		if !errors.Is(err, failure) {
			t.Errorf("the error is lost: %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = d.InTx(t.Context(), func(tx *gorm.DB) error {
				must(t, add(tx, "panicked"))
				panic("no")
			})
		}()
		ctx, cancel := context.WithCancel(t.Context())
		if err := d.InTx(ctx, func(tx *gorm.DB) error {
			must(t, add(tx, "cancelled"))
			cancel()
			return nil
		}); err == nil {
			t.Error("committed for a caller that has gone")
		}
		must(t, d.InTx(t.Context(), func(tx *gorm.DB) error { return add(tx, "kept") }))

		var ids []string
		must(t, tx.Model(&thing{}).Order("id").Pluck("id", &ids).Error)
		if diff := cmp.Diff([]string{"1", "kept"}, ids); diff != "" {
			t.Error(diff)
		}
	})
}
