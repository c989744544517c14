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

	# Those that start processes and browsers of their own, and wait for them, come last and one at a time: beside the
	# others they would mostly measure how busy this machine is.
	local_programs='/internal/(soak|journey)$'
	printf '==> go test -race\n'
	mapfile -t packages < <(go list ./...)
	mapfile -t apart < <(printf '%s\n' "${packages[@]}" | grep -E "$local_programs")
	mapfile -t together < <(printf '%s\n' "${packages[@]}" | grep -vE "$local_programs")
	CGO_ENABLED=1 go test -race -timeout 20m "${together[@]}" || red=1
	CGO_ENABLED=1 go test -race -timeout 20m -p 1 "${apart[@]}" || red=1
	exit "$red"
fi

scripts/install.sh test
make bundle
exec scripts/with-servers.sh "$0" checks
