#!/usr/bin/env python3
"""Chooses the conformance cases that the repository keeps, and writes them as test_conformance.c reads them.

    select.py CASES [--failures FILE] [--each N] [--bytes B]

CASES holds a folder for each case: program.mlir, case.json, *.npy. A case.json names the group, the
operations, the dtype of each file, and for each run (forward, jvp, vjp, vmap) the files of arguments and
of results in order: for jvp arguments, then tangents; results, then tangents of results; for vjp
arguments, then cotangents of results; results, then cotangents of arguments. What is neither floating
nor complex has no tangent. FILE has a line "run TAB case TAB reason" for each run that is left out, and a case
without its forward run is left out altogether.

Taken are every whole program (a case that has runs of pairs of transforms; the pairs are left out); of each
group up to N cases, each the smallest of its dtype and of at most B bytes, so that dtypes are spread evenly;
and the smallest case of each operation that these leave out.

Writes cases/NAME.mlir; arrays.bin, the elements of all arrays, each once; index.txt, with lines

    case NAME
    run RUN exact|rounded ARRAY ... -> ARRAY ...

where an ARRAY is DTYPE[SHAPE]@OFFSET. Needs numpy.
"""

import argparse
import collections
import json
import pathlib
import shutil

import numpy as np

HERE = pathlib.Path(__file__).parent
RUNS = ("forward", "jvp", "vjp", "vmap")
DTYPES = {
    "bool": "bool", "int8": "s8", "int16": "s16", "int32": "s32", "int64": "s64", "uint8": "u8",
    "uint16": "u16", "uint32": "u32", "uint64": "u64", "float16": "f16", "bfloat16": "bf16",
    "float32": "f32", "float64": "f64",
    "complex64": "c64", "complex128": "c128",
}  # fmt: skip
# Operations that move or select and round nothing: a real program of these alone must give the same bits.
EXACT = set(
    """abs and bitcast_convert broadcast broadcast_in_dim ceil clamp compare concatenate constant
    count_leading_zeros dynamic_slice dynamic_update_slice floor gather imag iota is_finite maximum
    minimum negate not or pad popcnt real reshape return reverse round_nearest_afz
    round_nearest_even select shift_left shift_right_arithmetic shift_right_logical sign slice sort
    transpose xor complex top_k next_after""".split()
)


class Case:
    def __init__(self, folder, left_out):
        self.folder, self.name = folder, folder.name
        self.spec = json.loads((folder / "case.json").read_text())
        self.is_program = any("+" in run for run in self.spec["runs"])
        self.runs = [r for r in RUNS if r in self.spec["runs"] and (r, self.spec["name"]) not in left_out]
        files = {f for r in self.runs for part in ("args", "results") for f in self.spec["runs"][r][part]}
        self.bytes = sum((folder / f).stat().st_size for f in files | {"program.mlir"})
        self.operations = set(self.spec["operations"])
        first = next(iter(self.spec["runs"]["forward"]["args"]), self.spec["runs"]["forward"]["results"][0])
        self.dtype = self.spec["dtypes"][first]

    def is_exact(self, run):
        real = not any(dtype.startswith("complex") for dtype in self.spec["dtypes"].values())
        moves = all(op.split(".")[1] in EXACT for op in self.operations)
        return real and moves and run in ("forward", "vmap")


def choose(cases, each, most_bytes):
    chosen, dtypes = [c for c in cases if c.is_program], collections.Counter()
    groups = collections.defaultdict(dict)  # the smallest case of each dtype
    for case in sorted(cases, key=lambda c: (c.bytes, c.name)):
        if not case.is_program and case.bytes <= most_bytes:
            groups[case.spec["group"]].setdefault(case.dtype, case)
    # Those that have the least choice come first; the others take the dtypes that are rare so far.
    for _, smallest in sorted(groups.items(), key=lambda g: (len(g[1]), g[0])):
        for _ in range(min(each, len(smallest))):
            case = smallest.pop(min(smallest, key=lambda d: (dtypes[d], d)))
            chosen.append(case)
            dtypes[case.dtype] += 1
    seen = set().union(*(c.operations for c in chosen))
    for case in sorted(cases, key=lambda c: (c.bytes, c.name)):
        if case.operations - seen:
            chosen.append(case)
            seen |= case.operations
    return sorted(chosen, key=lambda c: c.name)


class Arrays:
    """The elements of arrays, those that are equal once, at offsets that are good for every dtype."""

    def __init__(self):
        self.offsets, self.content = {}, bytearray()

    def add(self, case, name):
        array = np.load(case.folder / name)
        data = np.ascontiguousarray(array).tobytes()
        if data not in self.offsets:
            self.content += bytes(-len(self.content) % 16)
            self.offsets[data] = len(self.content)
            self.content += data
        shape = ",".join(map(str, array.shape))
        return f"{DTYPES[case.spec['dtypes'][name]]}[{shape}]@{self.offsets[data]}"


def write(chosen):
    arrays, lines = Arrays(), []
    shutil.rmtree(HERE / "cases", ignore_errors=True)
    (HERE / "cases").mkdir()
    for case in chosen:
        shutil.copyfile(case.folder / "program.mlir", HERE / "cases" / f"{case.name}.mlir")
        lines.append(f"case {case.name}")
        for run in case.runs:
            files = case.spec["runs"][run]
            args, results = ([arrays.add(case, f) for f in files[part]] for part in ("args", "results"))
            how = "exact" if case.is_exact(run) else "rounded"
            lines.append(" ".join(["run", run, how, *args, "->", *results]))
    (HERE / "arrays.bin").write_bytes(arrays.content)
    (HERE / "index.txt").write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("--failures", type=pathlib.Path, help="runs to leave out")
    parser.add_argument("--each", type=int, default=2, help="cases of a group")
    parser.add_argument("--bytes", type=int, default=30000, help="of a case")
    options = parser.parse_args()
    lines = options.failures.read_text().splitlines() if options.failures else []
    left_out = {tuple(line.split("\t")[:2]) for line in lines}
    cases = [Case(p.parent, left_out) for p in options.cases.rglob("case.json")]
    chosen = choose([c for c in cases if "forward" in c.runs], options.each, options.bytes)
    write(chosen)
    runs = collections.Counter(run for case in chosen for run in case.runs)
    print(f"{len(chosen)} cases: " + ", ".join(f"{runs[run]} {run}" for run in RUNS))


if __name__ == "__main__":
    main()
