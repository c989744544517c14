#!/usr/bin/env bash
# Photographs web/assets/STYLEGUIDE.html in both themes, 1280 and 360 px wide, into tmp/screens, and then every story of
# the storybook in every language and both widths (English in the dark too), with axe looking at each of them.
#
#   scripts/screens.sh [en|ar|…]   one language only
set -euo pipefail
cd "$(dirname "$0")/.."

browser="$(command -v chromium || command -v google-chrome)"
out="$PWD/tmp/screens"
guide="file://$PWD/web/assets/STYLEGUIDE.html"
profile="$(mktemp -d)"
trap 'rm -rf "$profile"' EXIT
mkdir -p "$out"

shoot() { # theme number, file, size, address
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --allow-file-access-from-files \
		--user-data-dir="$profile" --force-device-scale-factor=1 --blink-settings=preferredColorScheme="$1" \
		--window-size="$3" --screenshot="$out/$2" "$4" </dev/null >/dev/null 2>&1
}

# A browser window cannot be 360 px wide; a frame in it can.
printf '<body style="margin:0"><iframe src="%s" style="inline-size:360px;block-size:10200px;border:0"></iframe></body>' "$guide" >"$profile/narrow.html"

for theme in light:1 dark:0; do
	shoot "${theme#*:}" "styleguide-${theme%:*}-1280.png" 1280,6400 "$guide"
	shoot "${theme#*:}" "styleguide-${theme%:*}-360.png" 500,10200 "file://$profile/narrow.html"
done
ls -1 "$out"

STORYBOOK="${1:-all}" STORYBOOK_DIR="$out" TEST_CHROMIUM="$browser" TEST_REQUIRE=1 \
	go test ./web -count=1 -run TestNothingKeepsPeopleOut -timeout 2h
