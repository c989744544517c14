#!/usr/bin/env bash
# Builds the container image and starts the binary in it once.
#
# With Docker's or Podman's engine the whole Dockerfile is built. Without one, or without a registry to take its base
# images from, buildah assembles the last stage alone, word for word, around the bin/app that `make build` left:
# that is the part which decides what runs, and it needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."

name="${IMAGE:-receivepayment:dev}"
version="${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}"

for engine in docker podman; do
	if command -v "$engine" >/dev/null && "$engine" info >/dev/null 2>&1; then
		"$engine" build --build-arg VERSION="$version" -t "$name" .
		exec "$engine" run --rm --network none "$name" --version
	fi
done

command -v buildah >/dev/null || { echo 'image.sh: needs docker, podman or buildah (apt-get install buildah)' >&2; exit 1; }

work="$(mktemp -d /tmp/receivepayment-image.XXXXXX)"
store=(--storage-driver vfs --root "$work/store" --runroot "$work/run")
trap 'rm -rf "$work"' EXIT

# The tree that the build stage leaves in /out, made here by the same script.
mkdir -p "$work/context/out/root"
cp bin/app "$work/context/out/root/app"
scripts/image-root.sh "$work/context/out"

sed -n '/^FROM scratch/,$p' Dockerfile | sed -E 's/--from=build //; s# /out/# out/#' >"$work/Dockerfile"
buildah "${store[@]}" bud --format docker --isolation chroot -t "$name" -f "$work/Dockerfile" "$work/context"
buildah "${store[@]}" push "localhost/$name" "docker-archive:$work/image.tar" >/dev/null 2>&1

container="$(buildah "${store[@]}" from "localhost/$name")"
echo "user: $(buildah "${store[@]}" inspect --format '{{.OCIv1.Config.User}}' "$container"), archive: $(du -h "$work/image.tar" | cut -f1)"
buildah "${store[@]}" run --isolation chroot "$container" -- /app --version </dev/null
mkdir -p bin && cp "$work/image.tar" bin/image.tar
echo "bin/image.tar: an archive of $name"
