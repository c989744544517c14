package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite" // the pure-Go driver, registered as "sqlite"
)

// Dialect names the SQL that a database speaks, in goose's words.
type Dialect string

// The two databases that the product runs on.
const (
	SQLite   Dialect = "sqlite3"
	Postgres Dialect = "postgres"
)

// sqliteSettings: a write-ahead log so that readers do not wait, a full sync
// at each commit because a forgotten "sent" could charge twice, and
// transactions that take the write lock at their start so that they never
// deadlock on upgrading it. Times are written so that they sort as text.
const sqliteSettings = "_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_txlock=immediate&_time_format=sqlite"

// postgresConns is the pool of one process; several processes share a server
// that by default serves a hundred.
const postgresConns = 16

// DB is an open database: gorm for mapping and transactions, and the dialect
// for the migrations. Safe for concurrent use.
type DB struct {
	*gorm.DB
	Dialect Dialect
}

// Open connects to the database named by url. An empty url means the file
// app.db in dir, which is made when missing; postgres:// means PostgreSQL.
// The caller closes it. Errors never contain the url's password.
func Open(ctx context.Context, dsn, dir string) (*DB, error) {
	if dsn == "" {
		return openSQLite(ctx, dir)
	}
	u, err := url.Parse(dsn)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New("open database: DATABASE_URL must be empty or start with postgres://")
	}
	// A password may stand in the query too: only the place is shown.
	return openPostgres(ctx, dsn, u.Host+u.Path)
}

func openSQLite(ctx context.Context, dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open database: make data folder: %w", err)
	}
	// In the folder's name these would end the path or stand for others.
	escape := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")
	file := escape.Replace(filepath.ToSlash(filepath.Join(dir, "app.db")))
	g, err := open(sqlite.New(sqlite.Config{DriverName: "sqlite", DSN: "file:" + file + "?" + sqliteSettings}))
	if err != nil {
		return nil, fmt.Errorf("open database file: %w", err)
	}
	// One connection: SQLite has one writer, and a queue in front of it is
	// faster than many that poll a lock.
	return checked(ctx, &DB{DB: g, Dialect: SQLite}, 1)
}

func openPostgres(ctx context.Context, dsn, shown string) (*DB, error) {
	if _, err := pgx.ParseConfig(dsn); err != nil {
		// The driver's error quotes the whole url.
		return nil, fmt.Errorf("open database %s: DATABASE_URL has a setting that PostgreSQL does not know", shown)
	}
	g, err := open(postgres.New(postgres.Config{DSN: dsn}))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", shown, err)
	}
	return checked(ctx, &DB{DB: g, Dialect: Postgres}, postgresConns)
}

func open(d gorm.Dialector) (*gorm.DB, error) {
	return gorm.Open(d, &gorm.Config{
		SkipDefaultTransaction: true,
		NowFunc:                Now,
		Logger:                 logger.Discard,
	})
}

func checked(ctx context.Context, d *DB, conns int) (*DB, error) {
	pool, err := d.pool()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	if d.Dialect == Postgres {
		pool.SetConnMaxIdleTime(5 * time.Minute)
	}
	if err := d.Ping(ctx); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return d, nil
}

// Ping asks the database for a sign of life.
func (d *DB) Ping(ctx context.Context) error {
	pool, err := d.pool()
	if err != nil {
		return err
	}
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	return nil
}

// Close ends every connection.
func (d *DB) Close() error {
	pool, err := d.pool()
	if err != nil {
		return err
	}
	return pool.Close()
}

// InTx runs fn in one transaction: committed when fn returns nil, rolled back
// otherwise. fn must use only tx, must not call the network, and may be run
// against a single connection (SQLite), so it must not wait for another.
func (d *DB) InTx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return d.WithContext(ctx).Transaction(fn)
}

func (d *DB) pool() (*sql.DB, error) {
	pool, err := d.DB.DB()
	if err != nil {
		return nil, fmt.Errorf("database pool: %w", err)
	}
	return pool, nil
}
