#!/usr/bin/env bash
# Installs what the tests and the demo need on Debian, and only what is missing.
#
#   scripts/install.sh demo    Chromium is not needed: node, a C-less Go build and CA roots are enough
#   scripts/install.sh test    everything: PostgreSQL, Redis, Chromium, a C compiler for the race detector, fonts
#
# When all is there it answers at once and needs neither root nor the network.
set -euo pipefail

purpose="${1:-test}"

say() { printf '%s\n' "$*" >&2; }

installed() { [[ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null || true)" == "install ok installed" ]]; }

for tool in go node npm; do
	command -v "$tool" >/dev/null || { say "install.sh: $tool is missing; Go 1.26 and Node 20 have to be there already"; exit 1; }
done

if ! command -v dpkg-query >/dev/null; then
	say "install.sh: this is not Debian; make sure that PostgreSQL 15+, Redis 7+, Chromium and gcc are installed"
	exit 0
fi

wanted=(ca-certificates)
if [[ "$purpose" == test ]]; then
	wanted+=(postgresql-15 redis-server chromium gcc libc6-dev make procps
		fonts-liberation fonts-noto-core fonts-noto-cjk)
fi

missing=()
for package in "${wanted[@]}"; do
	installed "$package" || missing+=("$package")
done

# An image may carry the server programs without a package record of this name; the programs are what we need.
if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
	kept=()
	for package in ${missing[@]+"${missing[@]}"}; do
		[[ "$package" == postgresql-15 ]] || kept+=("$package")
	done
	missing=(${kept[@]+"${kept[@]}"})
fi

[[ ${#missing[@]} -eq 0 ]] && exit 0

if [[ $EUID -ne 0 ]]; then
	say "install.sh: missing ${missing[*]}"
	say "install.sh: run it as root, or: sudo apt-get install --no-install-recommends ${missing[*]}"
	exit 1
fi

# Debian starts servers as it installs them. The tests bring their own on private ports, so tell
# invoke-rc.d to leave them alone for the length of this install; a server that already runs is not touched.
policy=/usr/sbin/policy-rc.d
mine=false
if [[ ! -e "$policy" ]]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	mine=true
fi
trap '$mine && rm -f "$policy"; true' EXIT

say "install.sh: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
	tail -n 30 "$log" >&2
	exit 1
fi
rm -f "$log"
