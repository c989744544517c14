package db

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// uniqueViolation is PostgreSQL's SQLSTATE for a broken unique index.
const uniqueViolation = "23505"

// ErrNotFound means that the asked-for row does not exist (or belongs to
// another portal, which is the same to the asker).
var ErrNotFound = errors.New("not found")

// IsDuplicate reports whether err is the database's refusal of a second row
// under a unique index. gorm's own translation knows PostgreSQL only.
func IsDuplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == uniqueViolation
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE ||
			lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return errors.Is(err, gorm.ErrDuplicatedKey)
}

// NotFound turns gorm's word for an empty answer into [ErrNotFound] and leaves
// every other error alone.
func NotFound(err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	return err
}
