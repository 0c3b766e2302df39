#!/usr/bin/env bash
# Every name that docs/from-jax.md gives stands in a public header. Usage: test_from_jax.sh SOURCE_ROOT
set -euo pipefail
cd "$1"
words() { grep -ohE '\bcv_[a-z0-9_]+' "$@" | sort -u; }
missing=$(comm -23 <(words docs/from-jax.md) <(words include/covector/*.h))
[ -z "$missing" ] || { echo "named, but in no header:" $missing; exit 1; }
