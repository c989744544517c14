// Package db opens the database and is the only place that knows that there
// are two kinds of it: a SQLite file for a newcomer, PostgreSQL for a chain of
// shops. Everything above writes one SQL (see migrations) and asks this
// package for the three things in which the two differ: opening, the clock's
// precision, and the names of their errors.
//
// It also owns the clock: [Now] is the only call of time.Now in production
// code, always UTC and cut to microseconds, which is what PostgreSQL keeps.
package db
