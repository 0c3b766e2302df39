#!/usr/bin/env python3
"""The training step of examples/digits.c, compiled by Covector, beside the same step jitted by JAX.

Both sides start from the same numbers and run in turn, some hundred steps each time, on as many processors as
there are threads. Prints a line of JSON for each number of threads: medians in microseconds of a step, their
ratio, and the losses that both sides end with, which must agree. Run by hand with a Python that has jax:

    python scripts/compare_digits_jax.py [--build build] [--threads 1 2] [--rounds 41] [--steps 200]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def compare(binary, threads, rounds, steps):
    """In a process of its own: the threads of JAX are as many as there are processors when it is loaded."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import jax
    import jax.numpy as jnp
    import numpy as np

    sys.path.insert(0, str(ROOT / "tests" / "reference"))
    import digits_jax

    jax.config.update("jax_default_matmul_precision", "highest")
    step = jax.jit(digits_jax.step, donate_argnums=(0, 1))

    def numbers(shape, limit):
        index = np.arange(np.prod(shape), dtype=np.float32)
        return (np.sin(index * np.float32(12.9898)) * np.float32(limit)).reshape(shape)

    shapes = [(64, 64), (64,), (64, 10), (10,)]
    limits = [0.2, 0, 0.3, 0]
    parameters = tuple(jnp.asarray(numbers(s, l)) for s, l in zip(shapes, limits))
    velocity = tuple(jnp.zeros(s, jnp.float32) for s in shapes)
    images = jnp.asarray(np.abs(numbers((64, 8, 8), 1)))
    labels = jnp.asarray(np.abs(numbers((64,), 9.5)).astype(np.int32))

    environment = dict(os.environ, COVECTOR_THREADS=str(threads))
    partner = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    ours, theirs = [], []
    for i in range(rounds + 1):  # the first warms up
        partner.stdin.write(f"{steps}\n")
        partner.stdin.flush()
        microseconds, our_loss = map(float, partner.stdout.readline().split())
        start = time.perf_counter()
        for _ in range(steps):
            parameters, velocity, loss = step(parameters, velocity, images, labels)
        their_loss = float(loss)
        spent = (time.perf_counter() - start) * 1e6 / steps
        if i == 0 and abs(our_loss - their_loss) > 1e-3 * abs(their_loss):
            sys.exit(f"after {steps} steps the losses are {our_loss} and {their_loss}")
        if i:
            ours.append(microseconds)
            theirs.append(spent)
    partner.stdin.close()
    partner.wait()
    x, y = statistics.median(ours), statistics.median(theirs)
    line = {"workload": "digits_step", "threads": threads, "us": round(x, 2), "jax_us": round(y, 2),
            "ratio": round(x / y, 3), "least_us": round(min(ours), 2), "jax_least_us": round(min(theirs), 2),
            "loss": our_loss, "jax_loss": round(their_loss, 6)}
    print(json.dumps(line), flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options.add_argument("--rounds", type=int, default=41)
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = options.parse_args()
    binary = options.build / "bench" / "bench_digits"
    for threads in options.threads:
        if options.here:
            compare(binary, threads, options.rounds, options.steps)
            continue
        again = [sys.executable, __file__, "--here", "--build", options.build, "--threads", str(threads),
                 "--rounds", str(options.rounds), "--steps", str(options.steps)]
        subprocess.run(list(map(str, again)), check=True)


if __name__ == "__main__":
    main()
