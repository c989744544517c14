#!/usr/bin/env bash
# The long soak: ten thousand payments on SQLite, then as many on PostgreSQL with Redis, while everything around them
# fails. It prints a table for each place and fails on any number that was not promised (docs/promises.md).
#
#   scripts/soak.sh -payments 2000 -minutes 5 -seed 42 -terminals 64 -place servers
#
# The servers exist for the run only, so that -hard may restart PostgreSQL itself.
set -euo pipefail
cd "$(dirname "$0")/.."

exec scripts/with-servers.sh go test ./internal/soak -run '^TestSoak$' -count=1 -v -timeout 90m -args \
	-payments 10000 -minutes 20 -terminals 128 -hard "$@"
