#!/usr/bin/env bash
# Builds Covector and trains a network on handwritten digits with it; the picture is build/digits.png. Needs
# nothing but a checkout.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh >&2
exec build/examples/digits --picture build/digits "$@"
