#!/usr/bin/env bash
# Builds with sanitizers and runs all tests.
#
#     scripts/sanitize.sh [address|undefined|thread]...      default: address and undefined in one
#                                                            build, then thread in another
# The compiler is $CC, or gcc.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitize() {
    local sanitizers=$1 folder=build-${1//,/-} run=()
    # ThreadSanitizer needs its part of the address space free, which randomisation may take.
    if [ "$sanitizers" = thread ] && setarch "$(uname -m)" -R true 2>/dev/null; then
        run=(setarch "$(uname -m)" -R)
    fi
    "${run[@]}" scripts/build.sh "$folder" -Db_sanitize="$sanitizers" -Db_lundef=false -Doptimization=1
    # the first report ends a test, so that it fails
    ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 \
        "${run[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier 10
}

case ${*:-all} in
all)
    sanitize address,undefined
    sanitize thread
    ;;
*)
    for one in "$@"; do
        case $one in
        address | undefined | thread) sanitize "$one" ;;
        *)
            echo "usage: scripts/sanitize.sh [address|undefined|thread]..." >&2
            exit 1
            ;;
        esac
    done
    ;;
esac
