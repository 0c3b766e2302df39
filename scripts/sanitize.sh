#!/usr/bin/env bash
# Builds with sanitizers, where no warning is left, and runs all tests, or under ThreadSanitizer those with threads.
#
#     scripts/sanitize.sh [address|undefined|thread]...      default: address and undefined in one
#                                                            build, then thread in another
# The compiler is $CC, or gcc.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitize() { # address,undefined
    local folder=build-${1//,/-} run=() tests=() options=()
    # Machine code that was made while the program runs has no word on its type in front of it.
    case ${CC:-gcc} in *clang*) options=(-Dc_args=-fno-sanitize=function) ;; esac
    # ThreadSanitizer has something to see where there are threads, and does not follow the switching of
    # stacks of other tests. It needs its part of the address space free, which randomisation may take.
    if [ "$1" = thread ]; then
        tests=(--suite threads)
        setarch "$(uname -m)" -R true 2>/dev/null && run=(setarch "$(uname -m)" -R)
    fi
    scripts/setup.sh
    [ -e "$folder/build.ninja" ] || "${run[@]}" meson setup "$folder" -Dwerror=true -Db_sanitize="$1" -Db_lundef=false \
        -Doptimization=1 "${options[@]}"
    # builds what these tests need
    "${run[@]}" meson test -C "$folder" --print-errorlogs --timeout-multiplier 10 "${tests[@]}"
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
