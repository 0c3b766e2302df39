#!/usr/bin/env python3
"""Makes src/ir/primitives/formula_coefficients.h: the polynomials of functions that are formulas of primitives.

    python3 scripts/formula_coefficients.py > src/ir/primitives/formula_coefficients.h      (needs mpmath)

The method is that of math_coefficients.py. Where a function has a root, a pole or a factor that overflows, it
is fitted without it; the comments, which are those of the tables, say what is fitted.
"""

import sys

from mpmath import mp, mpf, pi
from mpmath import acosh, asin, asinh, atan, atanh, besseli, digamma, erf, erfc, erfinv, exp, expm1, log, loggamma, \
    sin, sinh, sqrt

from math_coefficients import F32, F64, horner, pieces, print_table, remembered, remez, rounded

TINY = mpf(2) ** -40 # instead of 0, where targets are quotients


def odd(name, function, text, high, **lengths):
    """(f(x) - x) / x^3 in z = x^2, errors relative to f."""
    ratio = lambda z: function(sqrt(z)) / sqrt(z)
    for suffix, n in lengths.items():
        make(f"{name}_{suffix}", f"({text} - x) / x^3 in z = x^2, z <= {high}", lambda z: (ratio(z) - 1) / z,
             lambda z: z / ratio(z), n, TINY, high, suffix)


def make(name, comment, target, weight, n, low, high, suffix, low_part=False):
    """Fits and rounds to the format. What rounding takes from the lowest coefficient can be kept as a number by
    itself, to be added where that coefficient is most of the result."""
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        return
    low, high, bits = mpf(low), mpf(high), F32 if suffix == "f32" else F64
    target, weight = remembered(target), remembered(weight)
    coefficients = remez(target, weight, n, low, high, mpf(2) ** -7)
    fixed = [rounded(c, bits) for c in coefficients]
    rest = coefficients[0] - fixed[0] if low_part else 0
    error = max(abs((horner(fixed, u) + rest - target(u)) * weight(u))
                for u in (low + (high - low) * i / 299 for i in range(300)))
    print_table(name, comment, fixed, error, "fm")
    if low_part:
        print(f"static const double fm_{name}_low = {float(rest).hex()};")


def exponentials():
    ln2 = log(mpf(2))
    inner = lambda u: u if abs(u) > mpf(2) ** -30 else mpf(2) ** -30
    for suffix, n in (("f32", 6), ("f64", 11)):
        make(f"exp2_{suffix}", "(2^r - 1) / r for |r| <= 1/2", lambda r: expm1(inner(r) * ln2) / inner(r),
             lambda r: inner(r) * exp(-r * ln2), n, -mpf(1) / 2, mpf(1) / 2, suffix)
    reach = ln2 / 2 * (1 + mpf(2) ** -10)
    make("exp_f64", "(e^r - 1 - r) / r^2 for |r| <= ln 2 / 2", lambda r: (expm1(inner(r)) - inner(r)) / inner(r) ** 2,
         lambda r: inner(r) ** 2 / exp(r), 11, -reach, reach, "f64")
    most = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * (1 + mpf(2) ** -20)
    series = lambda z: atanh(sqrt(z)) / sqrt(z)
    make("log_tail_f64", "(2 atanh(s) - 2 s - 2/3 s^3) / s^5 in z = s^2", lambda z: 2 * (series(z) - 1 - z / 3) / z ** 2,
         lambda z: z ** 2 / (2 * series(z)), 9, TINY, most, "f64")
    make("cbrt_start", "m^(-1/3) for m between sqrt(1/2) and sqrt(2)", lambda m: m ** (-mpf(1) / 3),
         lambda m: m ** (mpf(1) / 3), 4, sqrt(mpf(1) / 2), sqrt(mpf(2)), "f32")
    if len(sys.argv) < 2:
        pieces("ln2_f64", "ln 2; the first times an exponent is exact", ln2, (42, F64), "fm")


def arcs():
    odd("asin", asin, "asin(x)", 0.25, f32=5, f64=12)
    odd("atan", atan, "atan(x)", 1, f32=10, f64=22)
    odd("sinh", sinh, "sinh(x)", 1, f32=3, f64=7)
    odd("asinh", asinh, "asinh(x)", 1, f64=22)
    odd("atanh", atanh, "atanh(x)", 0.25, f64=14)
    ratio = lambda t: acosh(1 + t) / sqrt(2 * t)
    make("acosh_f64", "(acosh(1 + t) / sqrt(2 t) - 1) / t for t <= 1", lambda t: (ratio(t) - 1) / t,
         lambda t: t / ratio(t), 15, TINY, 1, "f64")


def errors():
    ratio = lambda z: erf(sqrt(z)) / sqrt(z)
    for suffix, n in (("f32", 7), ("f64", 13)):
        make(f"erf_{suffix}", "erf(x) / x - 1 in z = x^2, z <= 1", lambda z: ratio(z) - 1, lambda z: 1 / ratio(z), n,
             TINY, 1, suffix)
    make("erf_far_f32", "log(erfc(x)) for x between 1 and 4; the error is that of erfc", lambda x: log(erfc(x)), erfc, 7, 1, 4,
         "f32")
    x_of = lambda t: mpf(15) / 4 * (1 + t) / (1 - t)
    scaled = lambda x: (1 + 2 * x) * exp(x * x) * erfc(x)
    make("erfc_f64", "(1 + 2 x) exp(x^2) erfc(x) in t = (x - 15/4) / (x + 15/4)", lambda t: scaled(x_of(t)),
         lambda t: 1 / scaled(x_of(t)), 24, -1, (mpf(28) - mpf(15) / 4) / (28 + mpf(15) / 4), "f64", True)
    straight = lambda z: erfinv(sqrt(z)) / sqrt(z)
    for suffix, n in (("f32", 11), ("f64", 24)):
        make(f"erf_inv_{suffix}", "erf_inv(x) / x - 1 in z = x^2, z <= 9/16", lambda z: straight(z) - 1,
             lambda z: 1 / straight(z), n, TINY, mpf(9) / 16, suffix)
    quotient = lambda w: erfinv(sqrt(-expm1(-w))) / sqrt(-expm1(-w))
    start = -log(mpf(7) / 16) - mpf(2) ** -10
    parts = (("near_f32", "w", 5, 10, start, 5, "f32"), ("far_f32", "sqrt(w)", 17, 11, sqrt(mpf(5)), 4.1, "f32"),
             ("near_f64", "w", 6, 22, start, 6, "f64"), ("middle_f64", "sqrt(w)", 16, 21, sqrt(mpf(6)), 4, "f64"),
             ("far_f64", "sqrt(w)", 37, 20, 4, sqrt(mpf(37)), "f64"))
    for name, variable, most, n, low, high, suffix in parts:
        shift = mp.nint((mpf(low) + mpf(high)) * 4) / 8
        w_of = (lambda u, s=shift: u + s) if variable == "w" else (lambda u, s=shift: (u + s) ** 2)
        make(f"erf_inv_{name}", f"erf_inv(x) / x in {variable} - {shift}, w = -log(1 - x^2) up to {most}",
             lambda u, w_of=w_of: quotient(w_of(u)), lambda u, w_of=w_of: 1 / quotient(w_of(u)), n, low - shift,
             high - shift, suffix, True)
        print(f"static const double fm_erf_inv_{name}_shift = {float(shift)};")


def gammas():
    half_log = log(2 * pi) / 2
    y_of = lambda z: 1 / sqrt(z)
    rest = lambda y: (loggamma(y) - ((y - mpf(1) / 2) * log(y) - y + half_log)) * y
    make("lgamma_f64", "y (lgamma(y) - (y - 1/2) log y + y - log(2 pi) / 2) in z = 1 / y^2, y >= 8",
         lambda z: rest(y_of(z)), lambda z: sqrt(z), 8, TINY, mpf(1) / 64, "f64")
    make("digamma_f64", "y^2 (log y - 1 / (2 y) - digamma(y)) in z = 1 / y^2, y >= 8",
         lambda z: (log(y_of(z)) - sqrt(z) / 2 - digamma(y_of(z))) / z, lambda z: z, 8, TINY, mpf(1) / 64, "f64")
    wave = lambda z: sin(pi * sqrt(z)) / (pi * sqrt(z))
    make("half_turns_f64", "(sin(pi x) / (pi x) - 1) / x^2 in z = x^2, |x| <= 1/2", lambda z: (wave(z) - 1) / z,
         lambda z: z / wave(z), 9, TINY, mpf(1) / 4, "f64", True)


def bessels():
    for order in (0, 1):
        value = lambda x: exp(-x) * besseli(order, x)
        slope = lambda x: value(max(x, TINY ** 2)) / max(x, TINY ** 2)
        parts = (("near", mpf(0), mpf(1) / 2, 13), ("middle", mpf(1) / 2, mpf(5) / 2, 19),
                 ("outer", mpf(5) / 2, mpf(8), 25))
        for name, low, high, n in parts:
            over_x, shift = order and name == "near", 0 if name == "near" else (low + high) / 2
            at = lambda u, function=slope if over_x else value, shift=shift: function(u + shift)
            text = f"exp(-x) I{order}(x)" + " / x" * over_x
            text += f" in x, x <= {high}" if name == "near" else f" in x - {shift}, x from {low} to {high}"
            make(f"bessel_i{order}e_{name}_f64", text, at, lambda u, at=at: 1 / at(u), n, low - shift,
                 high - shift, "f64", True)
        far = lambda v: exp(-1 / v) * besseli(order, 1 / v) / sqrt(v)
        make(f"bessel_i{order}e_far_f64", f"exp(-x) I{order}(x) sqrt(x) in 1 / x - 1/16, x >= 8",
             lambda u: far(u + mpf(1) / 16), lambda u: 1 / far(u + mpf(1) / 16), 25, TINY - mpf(1) / 16,
             mpf(1) / 16, "f64", True)


def main():
    mp.prec = 200
    print("// Polynomials and constants of functions that are formulas. Made by scripts/formula_coefficients.py, which\n"
          "// says how; not edited by hand. Lowest coefficient first; errors are relative unless said.\n"
          "#ifndef IR_PRIMITIVES_FORMULA_COEFFICIENTS_H\n#define IR_PRIMITIVES_FORMULA_COEFFICIENTS_H\n")
    exponentials()
    arcs()
    errors()
    gammas()
    bessels()
    print("\n#endif")


if __name__ == "__main__":
    main()
