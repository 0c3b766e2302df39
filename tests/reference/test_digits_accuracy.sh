#!/usr/bin/env bash
# examples/digits.c learns: at least 0.95 of the images that it was not trained on are read right. Its
# standard output is that one line, and there is no progress bar where standard error is no terminal.
#
# usage: test_digits_accuracy.sh PATH-OF-DIGITS
set -euo pipefail

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
output=$("$1" 2>"$errors")
echo "$output"
[ ! -s "$errors" ]
awk '
    /^test accuracy [01]\.[0-9][0-9][0-9]$/ && $3 >= 0.95 { good = 1 }
    END { exit !(good && NR == 1) }
' <<<"$output"
