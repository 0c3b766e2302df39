#!/usr/bin/env bash
# The examples compute the same with one thread and with more: the losses of every step of examples/digits.c
# in all their digits, and what examples/tour.c prints.
#
# usage: test_threads.sh PATH-OF-DIGITS PATH-OF-TOUR
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for threads in 1 2 3; do
    COVECTOR_THREADS=$threads "$1" --steps 200 --curve "$folder/curve$threads" >"$folder/digits$threads"
    COVECTOR_THREADS=$threads "$2" >"$folder/tour$threads"
done
[ "$(wc -l <"$folder/curve1")" = 200 ]
for threads in 2 3; do
    for what in curve digits tour; do
        cmp "$folder/${what}1" "$folder/$what$threads"
    done
done
echo "200 losses and $(cat "$folder"/digits1 "$folder"/tour1 | wc -l) lines, the same with 1, 2 and 3 threads"
