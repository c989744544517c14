// Package soak proves, on real processes, that nobody is charged twice and no
// charge is forgotten. It holds tests only:
//
//   - The soak (soak_test.go): tills sell and refund through the JSON face
//     while both simulators misbehave and processes, Redis and the database are
//     killed, cut off and frozen; then the dust settles, and what our database
//     says is compared with what the simulated bank did. `make soak` runs it
//     with ten thousand payments, `make test` with a few hundred.
//   - The walk over the crash points (crash_test.go): a process dies at each
//     point of package fault, one after the other.
//   - The outages (outage_*_test.go): Redis, the database and Bitrix24 fail one
//     at a time, in the ways that docs/promises.md speaks of.
//
// A run is two places: "embedded" is one `app serve` on SQLite with its own
// Redis; "servers" is one `app web` and two `app worker` on PostgreSQL and
// Redis. The program is built from this tree with the tag faultpoints.
package soak
