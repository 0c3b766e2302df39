#!/usr/bin/env bash
# Sets up, configures once and builds.
#
#     scripts/build.sh [FOLDER [MESON OPTION...]]      FOLDER: default build
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-build}
shift || true
scripts/setup.sh
[ -e "$folder/build.ninja" ] || meson setup "$folder" "$@"
ninja -C "$folder"
