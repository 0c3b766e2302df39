#!/usr/bin/env bash
# The gradient through the pendulum's scan is that of differences, and its pictures are files of their kinds.
#     test_pendulum.sh PENDULUM yes|no       whether it was built with cairo
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" --out "$folder/pendulum" | tee "$folder/out"

awk '/^relative error of the gradient/ { found = 1; if ($NF > 1e-5) exit 1 } END { exit !found }' "$folder/out"
awk '/^energy/ { found = 1; if (($6 - $NF) ^ 2 > 1e-4) exit 1 } END { exit !found }' "$folder/out"
"$(dirname "$0")/check_pictures.sh" "$folder/pendulum" "$2"
