#!/bin/sh
# Makes what the container image holds beside the binary: CA roots and the name of one user without rights under root/,
# and under home/ what belongs to that user. Time zones are inside the binary (build tag timetzdata).
# Called by the Dockerfile and by image.sh.
set -eu
root="$1/root"

mkdir -p "$root/etc/ssl/certs" "$root/tmp" "$1/home/data"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'app:x:65532:65532:app:/data:/none' >"$root/etc/passwd"
echo 'app:x:65532:' >"$root/etc/group"
chmod 1777 "$root/tmp"
