#!/usr/bin/env bash
# STEM.svg and STEM.png are whole pictures, or there are none without cairo: check_pictures.sh STEM yes|no
set -euo pipefail

if [ "$2" = no ]; then
    [ ! -e "$1.svg" ] && [ ! -e "$1.png" ]
    exit
fi
fail() { echo "check_pictures: $1" >&2; exit 1; }
[ "$(head -c 8 "$1.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "$1.png does not begin as PNG"
[ "$(tail -c 8 "$1.png" | od -An -tx1 | tr -d ' \n')" = 49454e44ae426082 ] || fail "$1.png does not end as PNG"
[ "$(stat -c %s "$1.png")" -gt 20000 ] || fail "$1.png is too small for what it shows"
head -c 200 "$1.svg" | grep -q '<svg ' || fail "$1.svg does not begin as SVG"
[ "$(tail -n 1 "$1.svg")" = '</svg>' ] || fail "$1.svg does not end as SVG"
[ "$(grep -c '<path' "$1.svg")" -gt 30 ] || fail "$1.svg has too few curves"
