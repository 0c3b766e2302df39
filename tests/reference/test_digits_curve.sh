#!/usr/bin/env bash
# The first 50 losses of examples/digits.c against those of the same training in JAX (digits_curve.txt,
# written by digits_jax.py): they agree to 1e-3, relative. Prints the largest difference.
#
# usage: test_digits_curve.sh PATH-OF-DIGITS
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
curve=$(mktemp)
trap 'rm -f "$curve"' EXIT
"$1" --steps 50 --curve "$curve"

paste "$here/digits_curve.txt" "$curve" | awk '
    NF != 2 { print "step " NR ": a loss is missing"; failed = 1; exit }
    {
        difference = ($2 - $1) / $1
        if (difference < 0) difference = -difference
        if (!(difference <= largest)) { largest = difference; at = NR }
    }
    END {
        printf "%d losses, largest relative difference %.2g at step %d, allowed 1e-3\n", NR, largest, at
        exit failed || NR != 50 || !(largest <= 1e-3)
    }
'
