// Package migrations holds the schema as numbered, forward-only files of SQL
// that both SQLite and PostgreSQL understand, and runs them.
//
// Rules: TIMESTAMP columns hold UTC; money is BIGINT minor units beside an ISO
// currency; TEXT ids are made by us; a CHECK or a unique index says again what
// the code promises about money. The first line of each file says why it is.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"receivepayment/db"
)

//go:embed *.sql
var files embed.FS

// ErrBehind means that the database's schema is older than the program.
var ErrBehind = errors.New("database schema is older than this program: run `app migrate`")

// Up brings the database's schema to the newest version. Running it again, or
// in several processes at once on PostgreSQL, is harmless.
func Up(ctx context.Context, d *db.DB) error {
	p, err := provider(d)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// Check returns [ErrBehind] when a migration has not been run yet.
func Check(ctx context.Context, d *db.DB) error {
	p, err := provider(d)
	if err != nil {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if pending {
		return ErrBehind
	}
	return nil
}
