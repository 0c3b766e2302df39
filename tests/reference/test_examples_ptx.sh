#!/usr/bin/env bash
# Every program that the examples compile is printed for GPUs, and ptxas accepts it where the CUDA toolkit is.
#     test_examples_ptx.sh COVECTOR DIGITS PENDULUM TOUR RUN_JAX_MODEL
set -euo pipefail

covector=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder"/{digits,pendulum,tour,run_jax_model}
COVECTOR_DUMP="$folder/digits" "$2" --steps 1 >"$folder/out"
COVECTOR_DUMP="$folder/pendulum" "$3" --out "$folder/picture" >"$folder/out"
COVECTOR_DUMP="$folder/tour" "$4" >"$folder/out"
COVECTOR_DUMP="$folder/run_jax_model" "$5" >"$folder/out"
COVECTOR_DUMP="$folder/not/there" "$4" >"$folder/out" 2>&1 && exit 1
grep -q 'COVECTOR_DUMP: .*/not/there/.* cannot be written: No such file or directory' "$folder/out"

programs=0 kernels=0
has_ptxas=$(command -v ptxas || true)
for example in digits pendulum tour run_jax_model; do
    for program in "$folder/$example"/*.cv; do
        "$covector" print "$program" --device cuda --as ptx >"$folder/ptx"
        programs=$((programs + 1))
        kernels=$((kernels + $(grep -c '^\.visible \.entry' "$folder/ptx" || true)))
        if [ -n "$has_ptxas" ]; then ptxas -arch=sm_90 -o /dev/null "$folder/ptx"; fi
    done
done
echo "$programs programs, $kernels kernels${has_ptxas:+, accepted by ptxas}"
[ "$programs" -ge 30 ] && [ "$kernels" -ge 30 ]
