#!/usr/bin/env bash
# Runs a command beside a PostgreSQL and a Redis that exist only for its length.
#
#   scripts/with-servers.sh go test ./jobs/...
#
# Both listen on loopback only, on ports that were free, and keep their files in fresh directories. The command finds
# them in TEST_DATABASE_URL and TEST_REDIS_URL, and Chromium in TEST_CHROMIUM; TEST_REQUIRE=1 turns a skipped test
# into a failed one. Whatever happens, what was started here is stopped by its process id.
set -euo pipefail

say() { printf 'with-servers.sh: %s\n' "$*" >&2; }

pg_dir='' redis_dir='' redis_pid='' job=''

stop() {
	local code=$?
	set +e
	trap - EXIT
	trap '' INT TERM HUP # a second Ctrl-C must not leave servers behind
	[[ -n "$job" ]] && kill -- "-$job" 2>/dev/null && wait "$job" 2>/dev/null
	[[ -n "$redis_pid" ]] && kill "$redis_pid" 2>/dev/null && wait "$redis_pid" 2>/dev/null
	# SIGQUIT is PostgreSQL's immediate stop: nothing in there is worth a checkpoint.
	if [[ -n "$pg_dir" && -s "$pg_dir/data/postmaster.pid" ]]; then
		local pid
		pid="$(head -n 1 "$pg_dir/data/postmaster.pid")"
		kill -QUIT "$pid" 2>/dev/null
		for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
	fi
	[[ -n "$pg_dir" ]] && rm -rf "$pg_dir"
	[[ -n "$redis_dir" ]] && rm -rf "$redis_dir"
	exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A port on which nobody answers. Another process may still take it first, so the callers try again.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
	done
}

# PostgreSQL refuses to run as root.
as_postgres() {
	if [[ $EUID -eq 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
	local bin port
	bin="$(dirname "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)" 2>/dev/null)"
	[[ -x "$bin/initdb" ]] || bin="$(dirname "$(command -v initdb)")"

	pg_dir="$(mktemp -d /tmp/receivepayment-pg.XXXXXX)"
	[[ $EUID -eq 0 ]] && chown postgres: "$pg_dir"
	(cd "$pg_dir" && as_postgres "$bin/initdb" -D "$pg_dir/data" -U app -A trust --encoding=UTF8 --locale=C --no-sync) >"$pg_dir/initdb.log"

	for _ in 1 2 3 4 5; do
		port="$(free_port)"
		if (cd "$pg_dir" && as_postgres "$bin/pg_ctl" -D "$pg_dir/data" -w -t 30 -l "$pg_dir/pg.log" \
			-o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$pg_dir -c max_connections=1000" start) >/dev/null 2>&1; then
			(cd "$pg_dir" && as_postgres "$bin/psql" -h 127.0.0.1 -p "$port" -U app -d postgres -qc 'CREATE DATABASE app')
			export TEST_DATABASE_URL="postgres://app@127.0.0.1:$port/app?sslmode=disable"
			return
		fi
	done
	cat "$pg_dir/pg.log" >&2
	say 'PostgreSQL does not start'
	exit 1
}

start_redis() {
	local port
	redis_dir="$(mktemp -d /tmp/receivepayment-redis.XXXXXX)"

	for _ in 1 2 3 4 5; do
		port="$(free_port)"
		# Many databases: test programs that run side by side may each flush one of their own.
		redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --databases 1024 --dir "$redis_dir" >"$redis_dir/log" 2>&1 </dev/null &
		redis_pid=$!
		for _ in $(seq 50); do
			if [[ "$(redis-cli -p "$port" ping 2>/dev/null)" == PONG ]]; then
				export TEST_REDIS_URL="redis://127.0.0.1:$port/0"
				return
			fi
			kill -0 "$redis_pid" 2>/dev/null || break
			sleep 0.05
		done
		kill "$redis_pid" 2>/dev/null || true
	done
	cat "$redis_dir/log" >&2
	say 'Redis does not start'
	exit 1
}

[[ $# -gt 0 ]] || { say 'which command?'; exit 2; }

start_postgres
start_redis
TEST_CHROMIUM="$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)"
[[ -n "$TEST_CHROMIUM" ]] || { say 'Chromium is missing; run scripts/install.sh test'; exit 1; }
export TEST_CHROMIUM TEST_REQUIRE=1

# In the background with `wait`, so that a signal reaches the trap at once and not after the command;
# in a process group of its own, so that the trap can end whatever the command has started.
set -m
"$@" </dev/null &
job=$!
set +m
code=0
wait "$job" || code=$?
job=''
exit "$code"
