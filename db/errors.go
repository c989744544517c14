package db

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

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

// IsAway reports whether err means that the database could not be reached, or
// went away in the middle: what was asked may be asked again. A commit that
// failed so may have been carried out.
func IsAway(err error) bool {
	var network *net.OpError
	var connecting *pgconn.ConnectError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &connecting), errors.As(err, &network):
		return true
	case errors.As(err, &pg):
		return goneAway(pg.Code)
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// goneAway knows PostgreSQL's words for it: class 08 is the connection, class
// 57P an operator who stops or starts the server, 53300 too many connections.
func goneAway(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == "53300"
}

// NotFound turns gorm's word for an empty answer into [ErrNotFound] and leaves
// every other error alone.
func NotFound(err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	return err
}
