// Package testkit gives tests the real parts: a fresh, migrated database on
// each engine, a Redis on each kind, a clock that stands still.
//
// PostgreSQL and Redis are used when TEST_DATABASE_URL and TEST_REDIS_URL name
// them. Without, those tests skip in one line; with TEST_REQUIRE=1, as `make
// test` sets it, they fail instead.
package testkit
