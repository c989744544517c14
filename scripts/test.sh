#!/usr/bin/env bash
# Everything that has to hold before a change is accepted. The last lines are those of `go test`.
# Style faults do not hide test results: all of it runs, and any fault makes the whole red.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "${1:-}" == checks ]]; then # the second half, beside the servers
	red=0
	check() {
		local name="$1"
		shift
		printf '==> %s\n' "$name"
		"$@" || { red=1; printf '==> %s: FAULTS, see above; the tests run all the same\n' "$name"; }
	}

	# Compared with the file as it lies here, committed or not: what counts is that the table draws exactly this.
	states_current() {
		[[ -e payments/STATES.md ]] || { echo 'payments/STATES.md is missing: make states'; return 1; }
		local before
		before="$(mktemp)"
		cp payments/STATES.md "$before"
		make states && diff -u "$before" payments/STATES.md
		local code=$?
		rm -f "$before"
		return "$code"
	}

	check 'lint' make lint
	check 'go vet' go vet ./...
	check 'generated files' states_current
	[[ -z "${CI:-}" ]] || check 'fuzz' make fuzz

	# Packages that run the whole product: they wait far more than they work, so more of their tests may run at a time.
	# The race detector would make them take an hour of two cores; `make race` lets it look at them too. Those that start
	# processes and browsers of their own come last and one at a time: beside others they would mostly measure how busy
	# this machine is.
	whole='/internal/(stack|bench)$' programs='/internal/(soak|journey)$'
	mapfile -t packages < <(go list ./...)
	of() { printf '%s\n' "${packages[@]}" | grep "$@"; }
	printf '==> go test -race\n'
	CGO_ENABLED=1 go test -race -timeout 30m $(of -vE "$whole|$programs") || red=1
	printf '==> go test, the whole product\n'
	go test -timeout 30m -parallel 6 $(of -E "$whole") || red=1
	go test -timeout 30m -p 1 $(of -E "$programs") || red=1
	exit "$red"
fi

scripts/install.sh test
make bundle
exec scripts/with-servers.sh "$0" checks
