#!/bin/sh
# Fills the root of the container image beside the binary: CA roots, one user without rights, a place for data.
# Time zones are inside the binary (build tag timetzdata). Called by the Dockerfile and by image.sh.
set -eu
root="$1"

mkdir -p "$root/etc/ssl/certs" "$root/data" "$root/tmp"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'app:x:65532:65532:app:/data:/none' >"$root/etc/passwd"
echo 'app:x:65532:' >"$root/etc/group"
chmod 1777 "$root/tmp"
