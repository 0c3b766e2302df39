#!/usr/bin/env bash
# Builds Covector and runs all tests. Needs nothing but a checkout.
#
#     scripts/test.sh [MESON TEST ARGUMENT...]      for example: scripts/test.sh npy, or --suite cli
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh
exec meson test -C build --no-rebuild --print-errorlogs "$@"
