package db_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

func TestNonsenseIsRefusedWithoutQuotingThePassword(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"another kind of database":         "mysql://app:hunter2@db/app",
		"no url":                           "hunter2",
		"a port that is none":              "postgres://app:hunter2@db:port/app",
		"a bad escape":                     "postgres://app:hunter2%zz@db/app",
		"nobody listening":                 "postgres://app:hunter2@127.0.0.1:1/app",
		"nobody, password in the query":    "postgres://127.0.0.1:1/app?user=app&password=hunter2",
		"a setting, password in the query": "postgres://127.0.0.1:1/app?sslmode=nonsense&password=hunter2",
		"a setting unknown to PostgreSQL":  "postgres://app:hunter2@127.0.0.1:1/app?connect_timeout=soon",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := db.Open(t.Context(), dsn, t.TempDir())
			if err == nil {
				_ = d.Close()
				t.Fatal("it was opened")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error quotes the password: %v", err)
			}
		})
	}
}

func TestDatabaseFileLiesInItsFolderWhateverTheFolderIsCalled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain", "what?", "100%25", "shop #2", "with space", filepath.Join("deep", "er")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), name)
			d, err := db.Open(t.Context(), "", dir)
			must(t, err)
			t.Cleanup(func() { _ = d.Close() })
			must(t, d.Exec("CREATE TABLE x (a TEXT)").Error)
			if _, err := os.Stat(filepath.Join(dir, "app.db")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFolderThatCannotBeMadeIsSaid(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if d, err := db.Open(t.Context(), "", filepath.Join(file, "data")); err == nil {
		_ = d.Close()
		t.Error("a folder inside a file was opened")
	}
}

func TestPingTellsADatabaseThatIsGone(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		must(t, d.Ping(t.Context()))
		must(t, d.Close())
		if err := d.Ping(t.Context()); err == nil {
			t.Error("a closed database answers")
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
