#!/usr/bin/env python3
"""What JAX makes of the StableHLO that Covector writes, against Covector's own results.

    check_stablehlo_jax.py --driver BUILD/tests/test_written [--store FILE] [--match TEXT] [FILE.cv ...]

The driver (tests/primitives/test_written.c) writes every case of the table of primitives, the golden programs and
random programs with their derivatives and batches, or the programs of the files given (an example run with
COVECTOR_DUMP=FOLDER writes its own): text, operands and what the interpreter computes. Here
each text is compiled and run by JAX's client for the CPU. Elements with a subnormal operand are left out: XLA takes
it for zero there. --store writes the outcome as JSON (tests/stablehlo/written_jax.json). The exit status is
0 if every program that is not listed as known to differ agrees.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # ten thousand programs are compiled

import jax
import ml_dtypes
import numpy as np
from jax._src.lib import xla_client

DTYPES = {
    "bool": np.bool_, "s8": np.int8, "s16": np.int16, "s32": np.int32, "s64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
    "f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64,
    "c64": np.complex64, "c128": np.complex128,
}  # fmt: skip

# The largest difference, relative to the largest element (and to 1): some units of the last place.
TOLERANCE = {"f16": 2**-7, "bf16": 2**-5, "f32": 3e-5, "c64": 3e-5, "f64": 1e-10, "c128": 1e-10}

# What XLA computes otherwise, as it may, and why. A pattern of the text that a result comes from, and the reason.
KNOWN = {
    r'"stablehlo.reduce"\(.*\) <\{dimensions = array<i64>\}>': "a fold over no axes is its operand, even where the "
    "initial value changes something",
}


def source(text, index):
    """The operations of @main, with their regions, that a result comes from; other functions whole if one calls them."""
    main, _, functions = text.partition("\n  }\n")
    operations, name = {}, None
    for line in main.splitlines():
        made = re.match(r"    (%\d+)(?::\d+)? = ", line)
        name = made.group(1) if made else name
        operations[name] = operations.get(name, "") + line + "\n"
    results = re.search(r"func.return (.*) : ", main).group(1).split(", ")
    wanted, seen = [results[index].partition("#")[0]], set()
    while wanted:
        name = wanted.pop()
        if name in operations and name not in seen:
            seen.add(name)
            wanted += re.findall(r"%\d+", operations[name])
    inside = "".join(operations[name] for name in seen)
    return inside + (functions if "func.call" in inside else "")


def tolerance_of(dtype, text):
    """A result of a program with several dtypes is as good as the narrowest that it comes from."""
    if dtype not in TOLERANCE:
        return 0
    return max(TOLERANCE[d] for d in [dtype, *re.findall(r"[<x](?:complex<)?(b?f\d+)>", text)])


def read_programs(folder):
    """Name, operands and wanted results of each program."""
    name, arrays, data, at = None, None, b"", 0
    for line in [*open(folder / "programs.txt"), "program \n"]:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "program":
            if name is not None:
                yield name, arrays["in"], arrays["out"]
            if rest:
                name, arrays, at = rest, {"in": [], "out": []}, 0
                data = (folder / f"{name}.bin").read_bytes()
            continue
        dtype, shape = re.fullmatch(r"(\w+)\[(.*)\]", rest).groups()
        shape = tuple(int(d) for d in shape.split(",") if d)
        count = int(np.prod(shape, dtype=np.int64))
        array = np.frombuffer(data, DTYPES[dtype], count, at).reshape(shape)
        at += array.nbytes
        arrays[word].append((dtype, array))


class Runner:
    def __init__(self):
        self.device = jax.devices("cpu")[0]
        self.client = self.device.client
        self.devices = xla_client.DeviceList((self.device,))

    def run(self, text, operands):
        executable = self.client.compile_and_load(text, self.devices, xla_client.CompileOptions())
        placed = [jax.device_put(np.array(a), self.device) for _, a in operands]
        outcome = executable.execute_sharded(placed)
        return [np.asarray(r[0]) for r in outcome.disassemble_into_single_device_arrays()]


def subnormal(array):
    wide = np.abs(array.astype(np.complex128 if array.dtype.kind == "c" else np.float64))
    kind = np.float32 if array.dtype == np.complex64 else np.float64 if array.dtype == np.complex128 else array.dtype
    return (wide != 0) & (wide < float(ml_dtypes.finfo(kind).tiny))


def flushed(operands, shape):
    """Where an operand is subnormal, which XLA takes for zero on the CPU."""
    mask = np.zeros(shape, bool)
    for dtype, array in operands:
        if dtype in TOLERANCE and array.shape == shape:
            mask |= subnormal(array)
    return mask


def difference(got, dtype, want, ignored):
    """The largest difference relative to the scale of the result; infinite where one is no number."""
    if got.shape != want.shape or got.dtype != want.dtype:
        return np.inf
    if dtype not in TOLERANCE:
        return 0.0 if np.array_equal(got[~ignored], want[~ignored]) else np.inf
    wide = np.complex128 if dtype[0] == "c" else np.float64
    with np.errstate(all="ignore"):
        got, want = got.astype(wide), want.astype(wide)
        same = ignored | (got == want) | (np.isnan(got) & np.isnan(want))
        finite = np.abs(want)[np.isfinite(want)]
        scale = max(1.0, finite.max(initial=0.0))
        distance = np.where(same, 0.0, np.abs(got - want) / scale)
    return float(np.nan_to_num(distance, nan=np.inf, posinf=np.inf).max(initial=0.0))


def merged(texts):
    """One module for several, whose @main calls theirs one after the other: most of the time is the client's own."""
    functions, signatures = [], []
    for i, text in enumerate(texts):
        body = text.split("\n", 1)[1].rsplit("}", 1)[0]
        functions.append(body.replace("func.func public @main(", f"func.func private @p{i}(", 1))
        head = re.search(r"@main\((.*)\) -> \((.*)\) \{", text)
        types = [argument.split(": ", 1)[1] for argument in re.findall(r"%\d+: tensor<[^:]*>", head.group(1))]
        signatures.append((types, re.findall(r"tensor<(?:[^<>]|<[^>]*>)*>", head.group(2))))
    lines, parameters, results, outputs = [], [], [], []
    for i, (ins, outs) in enumerate(signatures):
        names = [f"%a{len(parameters) + k}" for k in range(len(ins))]
        parameters += [f"{name}: {kind}" for name, kind in zip(names, ins)]
        count = f":{len(outs)}" if len(outs) > 1 else ""
        lines.append(f"    %r{i}{count} = func.call @p{i}({', '.join(names)}) : ({', '.join(ins)}) -> ({', '.join(outs)})")
        results += [f"%r{i}#{k}" if count else f"%r{i}" for k in range(len(outs))]
        outputs += outs
    lines.append(f"    func.return {', '.join(results)} : {', '.join(outputs)}")
    main = f"  func.func public @main({', '.join(parameters)}) -> ({', '.join(outputs)}) {{\n"
    return "module @merged {\n" + main + "\n".join(lines) + "\n  }\n" + "".join(functions) + "}\n"


def compare(name, text, got, operands, results):
    """What is wrong and, if that is known, why; or None."""
    if len(got) != len(results):
        return f"{len(got)} results, not {len(results)}", None
    for i, (dtype, want) in enumerate(results):
        distance = difference(got[i], dtype, want, flushed(operands, want.shape))
        if distance > TOLERANCE.get(dtype, 0):
            origin = source(text, i)
            if not name.startswith("random_") or distance > tolerance_of(dtype, origin):
                why = next((why for pattern, why in KNOWN.items() if re.search(pattern, origin)), None)
                return f"result {i} differs by {distance:.3g}", why
    return None



def judge(runner, folder, programs):
    """What is wrong with each program and why, or None; by itself where they cannot be run together."""
    texts = [(folder / f"{name}.mlir").read_text() for name, _, _ in programs]
    try:
        text = texts[0] if len(texts) == 1 else merged(texts)
        got = runner.run(text, [a for _, operands, _ in programs for a in operands])
    except Exception as error:  # what the client raises has no common class
        if len(programs) == 1:
            return [("refused: " + str(error).splitlines()[0][:160], None)]
        half = len(programs) // 2
        return judge(runner, folder, programs[:half]) + judge(runner, folder, programs[half:])
    verdicts = []
    for (name, operands, results), text in zip(programs, texts):
        verdicts.append(compare(name, text, got[: len(results)], operands, results))
        got = got[len(results) :]
    return verdicts


def groups(folder, match):
    """Programs of one function, many at a time; others alone."""
    group = []
    for program in read_programs(folder):
        if match not in program[0]:
            continue
        text = (folder / f"{program[0]}.mlir").read_text()
        if text.count("func.func") > 1 or not program[2]:
            yield [program]
            continue
        group.append(program)
        if len(group) == 64:
            yield group
            group = []
    if group:
        yield group


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--store", type=pathlib.Path)
    parser.add_argument("--match", default="")
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    runner = Runner()
    agreed, differing, unexpected = collections.Counter(), {}, 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([options.driver, "-o", folder, *options.programs], check=True)
        for programs in groups(folder, options.match):
            for (name, _, _), wrong in zip(programs, judge(runner, folder, programs)):
                if not wrong:
                    agreed[re.sub(r"_\d.*", "", name)] += 1
                    continue
                what, why = wrong
                differing[name] = {"what": what, "why": why}
                unexpected += not why
                print(f"{name}: {what}" + (f" ({why})" if why else ""), flush=True)
    print(f"{sum(agreed.values())} programs agree, {len(differing)} do not, {unexpected} of them unexpectedly")
    if options.store:
        outcome = {"jax": jax.__version__, "agree": dict(sorted(agreed.items())), "differ": differing}
        options.store.write_text(json.dumps(outcome, indent=1) + "\n")
    return unexpected != 0


if __name__ == "__main__":
    sys.exit(main())
