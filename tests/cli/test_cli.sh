#!/usr/bin/env bash
# The command line on small programs: what it writes, and what it says when something is wrong.
#
# usage: test_cli.sh PATH-OF-COVECTOR
set -uo pipefail

covector=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
tests=0 failures=0

fail() {
    failures=$((failures + 1))
    echo "FAILED: $1"
    printf '    %s\n' "${@:2}"
}

# npy FILE DESCR SHAPE BYTES: an array; the bytes in octal, as printf reads them.
npy() {
    local header="{'descr': '$2', 'fortran_order': False, 'shape': $3, }"
    printf '\223NUMPY\001\000\166\000%-117s\n%b' "$header" "$4" >"$1"
}

# numbers FILE FORMAT: the elements as od prints them, one space between.
numbers() { tail -c +129 "$1" | od -An -v -t "$2" -w4096 | tr -s ' ' | sed 's/^ //; s/ $//'; }

# gives NAME FORMATS EXPECTED... -- WORD...: runs `covector run WORD... --out DIR`; out0.npy, out1.npy, ...
# are exactly as many as expected, and hold these numbers. Each has a format of od, the last one the rest.
gives() {
    local name=$1 formats expected=() i message
    read -ra formats <<<"$2"
    shift 2
    while [ "$1" != -- ]; do
        expected+=("$1")
        shift
    done
    shift
    tests=$((tests + 1))
    rm -rf out
    if ! message=$("$covector" run "$@" --out out 2>&1); then
        fail "$name" "$message"
        return
    fi
    [ "$(find out -name '*.npy' | wc -l)" -eq ${#expected[@]} ] || fail "$name" "files: $(ls out)"
    for i in "${!expected[@]}"; do
        local found
        found=$(numbers "out/out$i.npy" "${formats[i]:-${formats[-1]}}")
        [ "$found" = "${expected[i]}" ] || fail "$name" "result $i: $found" "expected: ${expected[i]}"
    done
}

# prints NAME EXPECTED-PATTERN WORD...: `covector print WORD...` prints a line that matches.
prints() {
    tests=$((tests + 1))
    local found
    if ! found=$("$covector" print "${@:3}" 2>&1) || ! grep -q -- "$2" <<<"$found"; then
        fail "$1" "$found" "expected: $2"
    fi
}

# rejects EXPECTED WORD...: exit status 1, nothing on standard output, this one line on standard error.
rejects() {
    tests=$((tests + 1))
    local status
    "$covector" "${@:2}" >stdout 2>stderr
    status=$?
    if [ $status -ne 1 ] || [ -s stdout ] || [ "$(cat stderr)" != "covector: $1" ]; then
        fail "${*:2}" "status $status: $(cat stderr)" "expected: covector: $1"
    fi
}

# f32: 1 is 00 00 80 3f, 2 is 00 00 00 40, 3 is 00 00 40 40, 4 is 00 00 80 40
one='\0000\0000\0200\0077' two='\0000\0000\0000\0100' three='\0000\0000\0100\0100' four='\0000\0000\0200\0100'
npy x.npy '<f4' '(3,)' "$one$two$three"
npy y.npy '<f4' '(3,)' "$two$two$four"
npy one.npy '<f4' '()' "$one"
npy rows.npy '<f4' '(2, 3)' "$one$two$three$three$two$one"
npy columns.npy '<f4' '(3, 2)' "$one$three$two$two$three$one"
npy deep.npy '<f4' '(1, 2, 3)' "$one$two$three$three$two$one"
npy weights.npy '<f4' '(2,)' "$one$two"
npy n.npy '<i4' '()' '\0002\0000\0000\0000'
head -c 130 x.npy >cut.npy
echo 'some text' >text.npy

# dot(x, y) = sum of x * y
cat >dot.cv <<'P'
func @dot(%0: f32[3], %1: f32[3]) -> (f32[]) {
  %2 = mul %0, %1 : f32[3]
  %3 = reduce_sum %2 {axes=[0]} : f32[]
  return %3
}
P
# two results, and an integer argument: (n * x, n + 1)
cat >scaled.cv <<'P'
func @scaled(%0: s32[], %1: f32[3]) -> (f32[3], s32[]) {
  %2 = convert %0 {dtype=f32} : f32[]
  %3 = broadcast_in_dim %2 {shape=[3], dims=[]} : f32[3]
  %4 = mul %3, %1 : f32[3]
  %5 = constant {value=1} : s32[]
  %6 = add %0, %5 : s32[]
  return %4, %6
}
P
cat >broken.cv <<'P'
func @broken(%0: f32[3]) -> (f32[3]) {
  %1 = sine %0 : f32[3]
  return %1
}
P
cat >mismatch.cv <<'P'
func @mismatch(%0: f32[3], %1: f32[4]) -> (f32[3]) {
  %2 = add %0, %1 : f32[3]
  return %2
}
P

gives 'run' f4 '18' -- dot.cv --args x.npy y.npy
gives 'a program from standard input' f4 '18' -- - --args x.npy y.npy <dot.cv
gives 'two results' 'f4 d4 f4' '2 4 6' '3' -- scaled.cv --args n.npy x.npy
gives 'options before the program' f4 '2 2 4' -- --grad dot.cv --args x.npy y.npy
gives 'jvp' f4 '18' '36' -- dot.cv --jvp --args x.npy y.npy x.npy y.npy
gives 'jvp without tangents of integers' 'f4 d4 f4' '2 4 6' '3' '4 4 8' -- \
    scaled.cv --jvp --args n.npy x.npy y.npy
gives 'vjp' f4 '18' '2 2 4' '1 2 3' -- dot.cv --vjp --args x.npy y.npy one.npy
gives 'vjp without cotangents of integers' 'f4 d4 f4' '2 4 6' '3' '4 4 8' -- \
    scaled.cv --vjp --args n.npy x.npy y.npy
gives 'grad' f4 '2 2 4' -- dot.cv --grad --args x.npy y.npy
gives 'grad of two arguments' f4 '2 2 4' '1 2 3' -- dot.cv --grad=0,1 --args x.npy y.npy
gives 'value-and-grad' f4 '18' '1 2 3' -- dot.cv --value-and-grad=1 --args x.npy y.npy
gives 'vmap' f4 '14 14' -- dot.cv --vmap --args rows.npy rows.npy
gives 'vmap of one argument' f4 '18 14' -- dot.cv --vmap=0,- --args rows.npy y.npy
gives 'vmap over another axis' f4 '18 14' -- dot.cv --vmap=-1,- --args columns.npy y.npy
gives 'vmap of grad' f4 '1 2 3 3 2 1' -- dot.cv --grad=1 --vmap=0,- --args rows.npy y.npy
gives 'vmap of vmap' f4 '18 14' -- dot.cv --vmap=0,- --vmap=0,- --args deep.npy y.npy
gives 'vmap inside jvp' f4 '18 14' '36 28' -- dot.cv --vmap=0,- --jvp --args rows.npy y.npy rows.npy y.npy
gives 'vmap over a tangent' f4 '18 18' '32 28' -- \
    dot.cv --jvp --vmap=-,-,0,- --args x.npy y.npy rows.npy x.npy

# bfloat16 travels as uint16: 1 is 80 3f, 2 is 00 40, -0.5 is 00 bf; 1, 2, 3 in f16 are 00 3c, 00 40, 00 42
npy half.npy '<u2' '(3,)' '\0200\0077\0000\0100\0000\0277'
npy other.npy '<f2' '(3,)' '\0000\0074\0000\0100\0000\0102'
cat >half.cv <<'P'
func @half(%0: bf16[3], %1: f16[3]) -> (bf16[3], f16[3], f32[]) {
  %2 = add %0, %0 : bf16[3]
  %3 = mul %1, %1 : f16[3]
  %4 = convert %0 {dtype=f32} : f32[3]
  %5 = reduce_sum %4 {axes=[0]} : f32[]
  return %2, %3, %5
}
P
gives 'numbers of 16 bits' 'x2 x2 f4' '4000 4080 bf80' '3c00 4400 4880' '2.5' -- half.cv --args half.npy other.npy
gives 'numbers of 16 bits, mapped' 'x2' '4000 4080 bf80' -- <(printf 'func @f(%%0: bf16[]) -> (bf16[]) {\n  %%1 = add %%0, %%0 : bf16[]\n  return %%1\n}\n') \
    --vmap --args half.npy
rejects 'other.npy: argument 0 is f16[3], the program takes bf16[3]' run half.cv --args other.npy other.npy --out out
gives 'the interpreter' f4 '18' -- dot.cv --interpret --args x.npy y.npy
gives 'threads and checked indices' f4 '18' -- dot.cv --threads 2 --check-indices --args x.npy y.npy

# bench: one line at the end, results as those of run
tests=$((tests + 1))
line=$("$covector" bench dot.cv --args x.npy y.npy --seconds 0.01 --out bench | tail -1)
[[ $line =~ ^\{\"compile_ms\":\ [0-9.]+,\ \"median_us\":\ [0-9.]+,\ \"min_us\":\ [0-9.]+,\ \"runs\":\ [0-9]+,\ \"peak_mib\":\ [0-9.]+\}$ ]] ||
    fail 'bench' "$line"
[ "$(numbers bench/out0.npy f4)" = 18 ] || fail 'bench' "$(numbers bench/out0.npy f4)"

# bench --profile: a table in front of that line, with a line for each kernel, product and copy that ran
cat >layer.cv <<'P'
func @layer(%0: f32[40,50], %1: f32[50,60]) -> (f32[40,60]) {
  %2 = dot_general %0, %1 {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[40,60]
  %3 = tanh %2 : f32[40,60]
  return %3
}
P
zeros() { head -c "$1" /dev/zero | tr '\000' '\\' | sed 's/\\/\\0000/g'; }
npy left.npy '<f4' '(40, 50)' "$(zeros 8000)"
npy right.npy '<f4' '(50, 60)' "$(zeros 12000)"
tests=$((tests + 1))
table=$("$covector" bench layer.cv --args left.npy right.npy --seconds 0.01 --out bench --profile)
number='[0-9]+\.[0-9]+'
grep -qE "^name +place +calls +ms +share +GB/s +Gop/s$" <<<"$table" || fail 'profile: head' "$table"
for line in 'k0 layer +layer\.cv:3' 'product f32\[40,50,60\] +layer\.cv:2'; do
    grep -qE "^$line +[0-9]+ +$number +$number% +$number +$number$" <<<"$table" || fail "profile: $line" "$table"
done
runs=$(sed -n 's/.*"runs": \([0-9]*\).*/\1/p' <<<"$table")
[ "$(awk '/^(k0|product)/ { print $4 }' <<<"$table" | sort -u)" = "$runs" ] || fail 'profile: calls' "$table"
awk '/%/ { share += $6; lines++ } END { exit !(lines == 2 && share > 99.5 && share < 100.5) }' <<<"$table" ||
    fail 'profile: shares' "$table"

# COVECTOR_DEBUG_CODE: perf finds the names of the kernel and of what calls it, with their places
tests=$((tests + 1))
COVECTOR_DEBUG_CODE=1 "$covector" run dot.cv --args x.npy y.npy --out out &
process=$!
wait "$process" || fail 'debug code' "status $?"
for name in dot dot.k0; do
    grep -qE "^[0-9a-f]{6,} [0-9a-f]+ $name\$" "/tmp/perf-$process.map" || fail "debug code: $name" "$(cat "/tmp/perf-$process.map")"
done
rm -f "/tmp/perf-$process.map"

prints 'print' '%2 = mul %0, %1 : f32\[3\]' dot.cv
prints 'print as ir' 'func @dot(%0: f32\[3\], %1: f32\[3\]) -> (f32\[\]) {' dot.cv --as ir
prints 'print of a mapped program' 'f32\[5,3\]' dot.cv --vmap=:5
prints 'print of a program mapped over one argument' '%0: f32\[5,3\], %1: f32\[3\]' dot.cv --vmap=0,-:5
prints 'print as simplified' 'dot_general\|reduce_sum' dot.cv --as=simplified
prints 'print as kernels' '^k0: kernel dot' dot.cv --as kernels
prints 'print as plan' 'f0 dot: 2 params, 1 results' dot.cv --as plan
prints 'print as llvm' 'define i32 @dot' dot.cv --as llvm
prints 'print as asm' 'dot:' dot.cv --as asm
prints 'print as stablehlo' 'func.func public @main(%0: tensor<3xf32>, %1: tensor<3xf32>) -> (tensor<f32>) {' dot.cv \
    --as stablehlo
"$covector" print dot.cv --as stablehlo >written.mlir
prints 'print of what was written' 'mul %0, %1 : f32\[3\]' written.mlir
prints 'print as ptx' '\.entry dot_0' dot.cv --device cuda --as ptx
prints 'help' 'covector run' --help

rejects 'a command is missing: run, bench or print (see --help)'
rejects 'walk: no such command; there are run, bench and print (see --help)' walk
rejects 'print: the program is missing (see --help)' print
rejects 'y.cv: the program is x.cv already' print x.cv y.cv
rejects '--fast: no such option of print (see --help)' print dot.cv --fast
rejects '--out: no such option of print (see --help)' print dot.cv --out x
rejects 'run: --out DIR is missing' run dot.cv --args x.npy y.npy
rejects '--out: a value is missing' run dot.cv --args x.npy y.npy --out
rejects '--as rust: no such form; there are ir, simplified, kernels, plan, llvm, asm, ptx and stablehlo' print dot.cv --as rust
rejects '--threads 0: a number from 1 on' run dot.cv --threads 0
rejects '--as ptx: this is code for --device cuda' print dot.cv --as ptx
rejects '--device tpu: no such device; there are cpu and cuda' print dot.cv --device tpu --as ptx
rejects 'absent.cv: cannot be opened: No such file or directory' print absent.cv
rejects 'broken.cv:2:8: there is no primitive '"'sine'"'' print broken.cv
rejects 'mismatch.cv:2: add: f32[3] and f32[4]: shapes differ' print mismatch.cv
rejects '--jvp=1: takes no value' print dot.cv --jvp=1
rejects '--profile: the interpreter has no kernels' bench dot.cv --profile --interpret --args x.npy y.npy --out out
rejects '--profile: no such option of run (see --help)' run dot.cv --profile --args x.npy y.npy --out out
rejects '--grad=x: a number expected before "x"' print dot.cv --grad=x
rejects '--grad=0;1: a comma expected before ";1"' print dot.cv '--grad=0;1'
rejects '--grad=2: there is no argument 2, the program has 2' print dot.cv --grad=2
rejects '--grad=1,0: the arguments must stand in increasing order' print dot.cv --grad=1,0
rejects '--grad: the first result is f32[3], not a floating scalar' print scaled.cv --grad
rejects '--grad=0:3: only --vmap takes a size' print dot.cv --grad=0:3
rejects '--vmap=0: 1 axes for 2 arguments' print dot.cv --vmap=0
rejects '--vmap=0,2: argument 1 has 2 axes, there is no axis 2' print dot.cv --vmap=0,2
rejects '--vmap: the size of the mapped axis is not known: write it as --vmap=...:N' print dot.cv --vmap
rejects '--vmap=:0: the size of the axis is a positive number' print dot.cv --vmap=:0
rejects '--args: 1 arrays for 2 arguments' run dot.cv --args x.npy --out out
rejects 'rows.npy: argument 1 is f32[2,3], the program takes f32[3]' \
    run dot.cv --args x.npy rows.npy --out out
rejects 'n.npy: argument 0 is s32[], the program takes f32[3]' \
    run dot.cv --args n.npy y.npy --out out
rejects '--args:1: cv_load_npy: "absent.npy": cannot be opened: No such file or directory' \
    run dot.cv --args x.npy absent.npy --out out
rejects '--args:0: cv_load_npy: "cut.npy": truncated: the elements need 12 bytes, 2 are there' \
    run dot.cv --args cut.npy y.npy --out out
rejects '--args:0: cv_load_npy: "text.npy": not an .npy file: it does not begin with \x93NUMPY' \
    run dot.cv --args text.npy y.npy --out out
rejects 'x.npy: cannot be made: File exists' run dot.cv --args x.npy y.npy --out x.npy
rejects 'absent/out: cannot be made: No such file or directory' \
    run dot.cv --args x.npy y.npy --out absent/out

echo "$tests command lines, $failures failures"
[ $failures -eq 0 ]
