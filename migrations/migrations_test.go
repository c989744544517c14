package migrations_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/migrations"
)

// empty is a database that nothing has been done to yet, on each engine.
func empty(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	for name, open := range map[string]func(t *testing.T) (*db.DB, error){
		"SQLite":   func(t *testing.T) (*db.DB, error) { return db.Open(t.Context(), "", t.TempDir()) },
		"Postgres": func(t *testing.T) (*db.DB, error) { return db.Open(t.Context(), testkit.PostgresURL(t), "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := open(t)
			must(t, err)
			t.Cleanup(func() { _ = d.Close() })
			test(t, d)
		})
	}
}

func TestMigratingTwiceIsHarmlessAndCheckKnows(t *testing.T) {
	t.Parallel()
	empty(t, func(t *testing.T, d *db.DB) {
		if err := migrations.Check(t.Context(), d); !errors.Is(err, migrations.ErrBehind) {
			t.Errorf("an empty database is taken for ready: %v", err)
		}
		must(t, migrations.Up(t.Context(), d))
		must(t, migrations.Check(t.Context(), d))
		must(t, migrations.Up(t.Context(), d))
		must(t, migrations.Check(t.Context(), d))
	})
}

// migrateURL tells this test program that it is a child which migrates.
const migrateURL = "MIGRATIONS_TEST_CHILD"

func TestMigrateAsAChild(t *testing.T) {
	t.Parallel()
	url := os.Getenv(migrateURL)
	if url == "" {
		t.Skip("only as a child of the next test")
	}
	d, err := db.Open(t.Context(), url, "")
	must(t, err)
	defer func() { _ = d.Close() }()
	must(t, migrations.Up(t.Context(), d))
	must(t, migrations.Check(t.Context(), d))
}

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	url := testkit.PostgresURL(t)
	ended := make(chan error, 3)
	for range cap(ended) {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMigrateAsAChild$") // #nosec G204 -- this program
		child.Env = append(os.Environ(), migrateURL+"="+url)
		go func() {
			out, err := child.CombinedOutput()
			if err != nil {
				t.Logf("%s", out)
			}
			ended <- err
		}()
	}
	for range cap(ended) {
		must(t, <-ended)
	}
	d, err := db.Open(t.Context(), url, "")
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	var versions, distinct int64
	must(t, d.Raw("SELECT COUNT(*) FROM goose_db_version").Scan(&versions).Error)
	must(t, d.Raw("SELECT COUNT(DISTINCT version_id) FROM goose_db_version").Scan(&distinct).Error)
	if versions != distinct {
		t.Errorf("%d migrations ran for %d versions", versions, distinct)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
