#!/usr/bin/env bash
# Feeds hostile text to the readers of programs, with libFuzzer and sanitizers.
#
#     scripts/fuzz.sh [stablehlo|program] [SECONDS]      default: both, 1800 seconds each
#
# Texts that reach something new go to build-fuzz/found/NAME; what fails is written beside them, in build-fuzz/found, as
# crash-*, oom-* or timeout-*. The tests run the texts in tests/fuzz/corpus. To take over what was found:
#
#     build-fuzz/tests/fuzz_NAME -merge=1 tests/fuzz/corpus/NAME build-fuzz/found/NAME
#
# The compiler is clang-22, or $CC.
set -euo pipefail
cd "$(dirname "$0")/.."

names=(stablehlo program)
if [ $# -gt 0 ] && [[ $1 != [0-9]* ]]; then
    names=("$1")
    shift
fi
seconds=${1:-1800}

scripts/setup.sh clang-22 libclang-rt-22-dev
export CC=${CC:-clang-22} ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
scripts/build.sh build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 \
    -Dc_args=-fsanitize=fuzzer-no-link
words() { sed -nE "$1" "${@:2}" | sort -u | sed 's/.*/"&"/'; }
mkdir -p build-fuzz/found
words 's/^PRIMITIVE\(([a-z0-9_]+),.*/\1/p' src/ir/primitives.def >build-fuzz/program.dict
words 's/.*\{?"([a-z0-9_.]+)".*/\1/p' src/ir/stablehlo/*.c >build-fuzz/stablehlo.dict
# What the tests read anyway is where to start.
program=(tests/ir/roundtrip tests/ir/simplify tests/ir/vjp)
stablehlo=(tests/fuzz/corpus/stablehlo)
for name in "${names[@]}"; do
    declare -n seeds=$name
    mkdir -p "build-fuzz/found/$name"
    build-fuzz/tests/fuzz_"$name" -max_total_time="$seconds" -max_len=20000 -timeout=10 -rss_limit_mb=2048 \
        -dict=build-fuzz/"$name".dict -artifact_prefix="build-fuzz/found/$name-" -print_final_stats=1 \
        "build-fuzz/found/$name" "tests/fuzz/corpus/$name" "${seeds[@]}"
done
