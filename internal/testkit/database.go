package testkit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"receivepayment/db"
	"receivepayment/migrations"
)

// EachDatabase runs the test once per engine, each time on a fresh, migrated
// database of its own.
func EachDatabase(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite is a fresh, migrated database in a file.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	migrated, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "app.db"), migrated, 0o600); err != nil {
		t.Fatal(err)
	}
	return ready(t, "", dir)
}

// template is a migrated database file, made once for each test program:
// migrating is most of what a small test would do.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "testkit")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	d, err := db.Open(ctx, "", dir)
	if err != nil {
		return nil, err
	}
	err = migrations.Up(ctx, d)
	if err := errors.Join(err, d.Close()); err != nil { // closing empties the write-ahead log
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "app.db")) // #nosec G304 -- made above
})

// Postgres is a fresh, migrated database on the server of TEST_DATABASE_URL,
// dropped when the test ends.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return ready(t, PostgresURL(t), "")
}

// PostgresURL makes a fresh, empty database and names it; it is dropped when
// the test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := Need(t, "TEST_DATABASE_URL")
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("TEST_DATABASE_URL is no URL")
	}
	raw := make([]byte, 6)
	_, _ = rand.Read(raw)
	name := "t_" + hex.EncodeToString(raw)
	onServer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { onServer(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

func onServer(t testing.TB, dsn, sql string) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.WithContext(ctx).Exec(sql).Error; err != nil {
		t.Fatal(err)
	}
}

func ready(t testing.TB, dsn, dir string) *db.DB {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, dsn, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if d.Dialect == db.SQLite {
		// No test pulls the plug; waiting for the disk would be most of their time.
		if err := d.WithContext(ctx).Exec("PRAGMA synchronous = OFF").Error; err != nil {
			t.Fatal(err)
		}
		return d // from the template
	}
	if err := migrations.Up(ctx, d); err != nil {
		t.Fatal(err)
	}
	return d
}
