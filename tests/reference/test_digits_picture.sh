#!/usr/bin/env bash
# The pictures of examples/digits.c are files of their kinds, after a few steps and after none.
#     test_digits_picture.sh DIGITS yes|no       whether it was built with cairo
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for steps in 0 30; do
    "$1" --steps "$steps" --picture "$folder/digits$steps"
    "$(dirname "$0")/check_pictures.sh" "$folder/digits$steps" "$2"
done
