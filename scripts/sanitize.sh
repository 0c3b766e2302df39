#!/usr/bin/env bash
# Builds with sanitizers and runs all tests.
#
#     scripts/sanitize.sh [address|undefined|thread]...      default: address and undefined in one
#                                                            build, then thread in another
# The compiler is $CC, or gcc.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitize() { # address,undefined
    local folder=build-${1//,/-} run=() tests=()
    # ThreadSanitizer needs its part of the address space free, which randomisation may take.
    # What is about values has nothing to show it: primitives, nested transforms, cases of conformance.
    [ "$1" = thread ] && tests=(--no-suite primitives --no-suite nesting --no-suite conformance)
    if [ "$1" = thread ] && setarch "$(uname -m)" -R true 2>/dev/null; then
        run=(setarch "$(uname -m)" -R)
    fi
    "${run[@]}" scripts/build.sh "$folder" -Db_sanitize="$1" -Db_lundef=false -Doptimization=1 &&
        "${run[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier 10 "${tests[@]}"
}

# The first report ends a test, so that it fails. A check of strstr would measure the rest of the text
# at every call, in quadratic time where a test counts lines.
common=intercept_strstr=0
export ASAN_OPTIONS=$common:detect_leaks=1 TSAN_OPTIONS=$common:halt_on_error=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

[ $# -gt 0 ] || set -- address,undefined thread
failed=0
for sanitizers in "$@"; do
    case $sanitizers in
    address | undefined | thread | address,undefined) sanitize "$sanitizers" || failed=1 ;;
    *)
        echo "usage: scripts/sanitize.sh [address|undefined|thread]..." >&2
        exit 1
        ;;
    esac
done
exit $failed
