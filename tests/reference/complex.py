#!/usr/bin/env python3
"""Writes complex.inc: what elementary functions of complex numbers are, for tests/unit/test_complex.c.

    python3 complex.py > complex.inc        needs mpmath, numpy and JAX (on the CPU)

exact(...): arguments that are exact in c64 (or, the second list, in c128 only) and results rounded from 700 digits:
random ones of all sizes, and those where plain formulas overflow or cancel. special(...): zeros, infinities
and NaNs, where XLA (as JAX calls it) and the C library (as numpy calls it) say the same. powers(...): base,
exponent and result.
"""
import math
import os
import random

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np

mp.mp.dps = 700
random.seed(20)


def log1p(z):
    return mp.log(1 + z)


def expm1(z):
    return mp.exp(z) - 1


FUNCTIONS = {
    "exp": (mp.exp, jnp.exp, np.exp),
    "expm1": (expm1, None, None),
    "log": (mp.log, jnp.log, np.log),
    "log1p": (log1p, jnp.log1p, np.log1p),
    "sin": (mp.sin, jnp.sin, np.sin),
    "cos": (mp.cos, jnp.cos, np.cos),
    "tanh": (mp.tanh, jnp.tanh, np.tanh),
    "logistic": (lambda z: 1 / (1 + mp.exp(-z)), None, None),
    "sqrt": (mp.sqrt, jnp.sqrt, np.sqrt),
    "rsqrt": (lambda z: 1 / mp.sqrt(z), None, None),
    "exp2": (lambda z: mp.exp(z * mp.log(2)), None, None),
    "tan": (mp.tan, jnp.tan, np.tan),
    "sinh": (mp.sinh, jnp.sinh, np.sinh),
    "cosh": (mp.cosh, jnp.cosh, np.cosh),
    "asin": (mp.asin, jnp.arcsin, np.arcsin),
    "acos": (mp.acos, jnp.arccos, np.arccos),
    "atan": (mp.atan, jnp.arctan, np.arctan),
    "asinh": (mp.asinh, jnp.arcsinh, np.arcsinh),
    "acosh": (mp.acosh, jnp.arccosh, np.arccosh),
    "atanh": (mp.atanh, jnp.arctanh, np.arctanh),
    "abs": (abs, jnp.abs, np.abs),
    "sign": (lambda z: z / abs(z), None, None),
}


def rounded(x, dtype):
    return float(dtype(float(x)))


def arguments(dtype):
    """Real and imaginary parts, exact in the dtype."""
    info = np.finfo(dtype)
    top = float(np.log2(float(info.max))) - 0.01
    sizes = [0, 1, -1, 2, -3, 5, -8, -14, 20, -30]
    points = []
    for size in sizes:
        for _ in range(2):
            angle = random.uniform(-np.pi, np.pi)
            points.append((2.0**size * np.cos(angle), 2.0**size * np.sin(angle)))
    for _ in range(12):  # parts of very different sizes
        points.append(tuple(random.choice((-1, 1)) * 2.0 ** random.uniform(-40, 6) for _ in range(2)))
    pi = float(np.pi)
    points += [(0.8, 0.6), (1 + 2.0**-20, 2.0**-10), (1 - 2.0**-21, -(2.0**-10)), (-1e-3, 1e-6), (-0.5, 0.75)]
    points += [(x, y) for x in (0, 2.0**-12, -(2.0**-9)) for y in (pi, pi / 2, 2 * pi, -pi / 2)]
    points += [(y, x) for x in (2.0**-12, -(2.0**-9), 3) for y in (pi, pi / 2, -2 * pi)]
    log_max = float(np.log(float(info.max)))
    points += [(log_max + 0.2, 0.78), (log_max + 1.5, 1.5), (-log_max / 2, 2), (log_max - 1, -3)]
    points += [(0.5, log_max + 0.3), (1e-3, log_max + 3), (2, -log_max - 0.4)]
    small = float(info.tiny)
    # close to the branch points 1, -1, i and -i, and on the branch cuts
    ulp = float(info.eps)
    for x in (1, 1 - ulp, 1 + ulp, 1 - 3 * ulp, 1 + 2.0**-10):
        for y in (small, -small * 5, 2.0**-70, ulp, -(ulp**2), 2.0**-9, 0.3):
            points += [(x, y), (y, -x)]
    points += [(-1, small / 4), (1, float(info.smallest_subnormal)), (float(info.smallest_subnormal), 1)]
    for x, y in ((2, 0), (-3, 0), (0.25, 0), (2.0**40, 0), (1 + ulp, 0), (1.5, small)):
        for zero in (y, -y):
            points += [(x, zero), (zero, x), (zero, -x)]
    # where |z| is 1, or the real part of 1 - z^2 or 1 + z^2 is 0
    points += [(np.cos(t), np.sin(t)) for t in (0.01, 0.9, 1.5, 3)]
    points += [(np.sin(t), np.sqrt(1 - np.sin(t) ** 2)) for t in (1e-3, 0.7)] + [(1.25, 0.75), (2.0**20, 2.0**20)]
    # poles of tan and tanh
    points += [(pi / 2, small), (small, -pi / 2), (pi / 2, 2.0**-20), (2.0**-20, 3 * pi / 2)]
    # sizes at both ends of the exponents
    points += [(2.0**top, 2.0**top / 2), (-(2.0**top), 2.0 ** (top - 1)), (2.0**-100, -(2.0**top))]
    points += [(small, small), (-small * 3, small), (small * 8, -1e-3), (small / 16, small / 4)]
    return [(rounded(x, dtype), rounded(y, dtype)) for x, y in points]


def is_result(z, dtype):
    limit = float(np.finfo(dtype).max)
    return mp.isfinite(z) and abs(mp.re(z)) <= limit and abs(mp.im(z)) <= limit and abs(z) > float(np.finfo(dtype).tiny)


def write(rows):
    for row in rows:
        print("    {" + ", ".join(text(x) for x in row) + "},")


def text(x):
    if np.isnan(x):
        return "NAN"
    if np.isinf(x):
        return "INFINITY" if x > 0 else "-INFINITY"
    return float(x).hex()


def exact(name, dtype):
    rows = []
    for x, y in arguments(dtype):
        if x == 0 and y == 0:
            continue
        # a zero with its sign: on a branch cut it says which side is meant
        z = mp.mpc(x or mp.mpf(math.copysign(1, x)) * mp.mpf(10) ** -4000, y or mp.mpf(math.copysign(1, y)) * mp.mpf(10) ** -4000)
        try:
            w = FUNCTIONS[name][0](z)
        except (ZeroDivisionError, ValueError):
            continue
        # huge angles are a question of the reduction of real sines
        turns = "sin cos tan" if abs(x) > 1e6 else ""
        turns += " exp expm1 tanh logistic sinh cosh" if abs(y) > 1e6 else ""
        turns += " exp2" if abs(y) > 2.0**16 else ""
        if name in turns.split() or not is_result(w, dtype):
            continue
        rows.append((x, y, float(mp.re(w)), float(mp.im(w))))
    return rows


def same(a, b):
    if np.isnan(a) or np.isnan(b):
        return bool(np.isnan(a) and np.isnan(b))
    return bool(a == b and np.signbit(a) == np.signbit(b)) or (a != 0 and abs(a - b) < 1e-13 * abs(a))


def special(name):
    values = [0.0, -0.0, 1.0, -2.0, np.inf, -np.inf, np.nan]
    z = np.array([complex(x, y) for x in values for y in values])
    _, xla, c = FUNCTIONS[name]
    if not xla:  # not a function of the C library
        return []
    got = np.array(jax.jit(xla)(z)).astype(np.complex128)
    with np.errstate(all="ignore"):
        want = c(z).astype(np.complex128)
    rows = []
    for x, a, b in zip(z, got, want):
        if np.isfinite(x.real) and np.isfinite(x.imag) and x != 0:
            continue
        if same(a.real, b.real) and same(a.imag, b.imag):
            rows.append((x.real, x.imag, b.real, b.imag))
    return rows


def powers(dtype):
    """Bases of all sizes, near 1, and on the branch cut; exponents that are simple, or for which w log z is a
    number of any size with a result inside the range."""
    info = np.finfo(dtype)
    log_max, ulp = float(np.log(float(info.max))), float(info.eps)
    bases = [(2.0**size * np.cos(a), 2.0**size * np.sin(a)) for size in (0, 1, -1, 3, -10, 20)
             for a in (random.uniform(-np.pi, np.pi) for _ in range(2))]
    bases += [(1 + ulp, 0.0), (1 - ulp, -(2.0**-9)), (1, 2.0**-20), (0.8, 0.6)]
    bases += [(-2, 0.0), (-2, -0.0), (3, 0.0), (0, -1)]
    rows = []
    for base in bases:
        z = tuple(rounded(x, dtype) for x in base)
        log = mp.log(mp.mpc(z[0], z[1] or mp.mpf(math.copysign(1, z[1])) * mp.mpf(10) ** -4000))
        exponents = [mp.mpc(2), mp.mpc(-1, 0.5), mp.mpc(0.5), mp.mpc(0, 3)]
        for size in (-3, 1, 5, 12, 20):
            angle = random.choice((-1, 1)) * 2.0 ** (size * random.uniform(0.9, 1))
            real = min(2.0**size, log_max - 2) * random.uniform(-0.98, 1)
            exponents.append(mp.mpc(real, angle) / log)
        for exponent in exponents:
            w = (rounded(mp.re(exponent), dtype), rounded(mp.im(exponent), dtype))
            result = mp.exp(mp.mpc(*w) * log)
            if is_result(result, dtype):
                rows.append((*z, *w, float(mp.re(result)), float(mp.im(result))))
    return rows


def main():
    print("// Written by complex.py: (re, im) of the argument, (re, im) of the result.")
    for name in FUNCTIONS:
        for kind, rows in (("narrow", exact(name, np.float32)), ("wide", exact(name, np.float64)), ("special", special(name))):
            print(f"static const point {kind}_{name}[] = {{")
            write(rows)
            print("};")
    print("// of the base, of the exponent, of the result")
    for kind, dtype in (("narrow", np.float32), ("wide", np.float64)):
        print(f"static const double {kind}_powers[][6] = {{")
        write(powers(dtype))
        print("};")


main()
