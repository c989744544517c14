package db

import "time"

// Clock tells the time. Services take one as a field so that tests can stand
// still or jump; production passes [Now].
type Clock func() time.Time

// Now is the current time in UTC, cut to microseconds: PostgreSQL keeps no
// more, and a value must compare equal before and after it was stored.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
