package db_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"receivepayment/db"
)

func TestDatabaseThatIsAwayIsToldFromOneThatRefuses(t *testing.T) {
	t.Parallel()
	_, refused := db.Open(t.Context(), "postgres://app@127.0.0.1:1/app?sslmode=disable", "")
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"nobody listens":                 {refused, true},
		"the connection ended":           {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"the pool's connection is bad":   {driver.ErrBadConn, true},
		"the operator stops the server":  {&pgconn.PgError{Code: "57P01"}, true},
		"the server is starting":         {&pgconn.PgError{Code: "57P03"}, true},
		"there are too many connections": {&pgconn.PgError{Code: "53300"}, true},
		"a second row of the same key":   {&pgconn.PgError{Code: "23505"}, false},
		"a statement took too long":      {&pgconn.PgError{Code: "57014"}, false},
		"there is no such row":           {db.ErrNotFound, false},
		"something else":                 {errors.New("no"), false},
		"nothing":                        {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := db.IsAway(c.err); got != c.away {
				t.Errorf("away is %v for %v", got, c.err)
			}
		})
	}
}
