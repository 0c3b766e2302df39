#!/usr/bin/env python3
"""Makes src/codegen/llvm/math_coefficients.h: the polynomials of the compiler's elementary functions.

    python3 scripts/math_coefficients.py > src/codegen/llvm/math_coefficients.h      (needs mpmath)

Each polynomial is the minimax one of its form, found by Remez' exchange algorithm (E. Remez, 1934; as in
J.-M. Muller, "Elementary Functions", 3rd ed., ch. 3): choose n + 1 points, solve for the polynomial whose
weighted error alternates with equal size on them, move the points to the extremes of that error, repeat.
Coefficients must be numbers of the format. On intervals above zero the lowest is rounded and the others are
fitted again without it, until all are fixed, so that each makes up for the rounding of those before it.
The constants of range reduction are pieces of ln 2 and pi / 2 (W. Cody and W. Waite, "Software Manual for
the Elementary Functions", 1980).
"""

from mpmath import mp, mpf, matrix, lu_solve, pi, floor, frexp, ldexp
from mpmath import atanh, cos, exp, expm1, log, log1p, sin, sqrt, tanh

mp.prec = 500
F32, F64 = 24, 53
GRID = 501 # odd, so that 0 is not a point


def rounded(value, bits):
    """The nearest number of that many bits (no subnormals are met here)."""
    if value == 0:
        return mpf(0)
    mantissa, exponent = frexp(value)
    return ldexp(floor(ldexp(mantissa, bits) + mpf(1) / 2), exponent - bits)


def remez(target, weight, n, low, high, tolerance=0):
    """The n coefficients of sum c_i u^i closest to target(u), errors measured times weight(u).

    It ends where no error is above the levelled one by more than the tolerance, a part of it, at the latest
    where the points stay."""
    middle, half = (low + high) / 2, (high - low) / 2
    grid = [middle - half * mp.cos(pi * i / GRID) for i in range(GRID + 1)]
    targets, weights = [target(u) for u in grid], [abs(weight(u)) for u in grid]
    points = [round(GRID * i / n) for i in range(n + 1)]
    for _ in range(40):
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for row, at in enumerate(points):
            for i in range(n):
                system[row, i] = grid[at] ** i
            system[row, n] = (-1) ** row / weights[at]
            right[row] = targets[at]
        solution = lu_solve(system, right)
        coefficients = [solution[i] for i in range(n)]
        errors = [(horner(coefficients, u) - t) * w for u, t, w in zip(grid, targets, weights)]
        extremes = []
        for i, e in enumerate(errors):
            if extremes and (e > 0) == (errors[extremes[-1]] > 0):
                if abs(e) > abs(errors[extremes[-1]]):
                    extremes[-1] = i
            else:
                extremes.append(i)
        while len(extremes) > n + 1:
            extremes.pop(0 if abs(errors[extremes[0]]) < abs(errors[extremes[-1]]) else -1)
        if len(extremes) < n + 1 or extremes == points:
            break
        if max(abs(errors[i]) for i in extremes) <= abs(solution[n]) * (1 + tolerance):
            break
        points = extremes
    return coefficients


def horner(coefficients, u):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * u + c
    return total


def remembered(function):
    values = {}

    def value(u):
        if u not in values:
            values[u] = function(u)
        return values[u]

    return value


def fit(name, comment, target, weight, n, low, high, bits, raised=0):
    """Fits, rounds to the format, and prints the table with the error that is left.

    The second coefficient is raised by so many units in its last place in the end, for the sake of what the
    roundings of the evaluation make of some argument."""
    target, weight, fixed = remembered(target), remembered(weight), []
    while low > 0 and len(fixed) < n:
        rest = lambda u: (target(u) - horner(fixed, u)) / u ** len(fixed)
        coefficients = remez(rest, lambda u: weight(u) * u ** len(fixed), n - len(fixed), low, high)
        fixed.append(rounded(coefficients[0], bits))
    if not fixed:
        fixed = [rounded(c, bits) for c in remez(target, weight, n, low, high)]
    fixed[1] += raised * ldexp(1, frexp(fixed[1])[1] - bits)
    error = max(abs((horner(fixed, u) - target(u)) * weight(u))
                for u in (low + (high - low) * i / 997 for i in range(998)))
    print_table(name, comment, fixed, error)


def print_table(name, comment, coefficients, error, prefix="cg"):
    print(f"// {comment}; error below 2^{float(log(error) / log(2)):.1f}")
    print(f"static const double {prefix}_{name}[] = {{")
    for at in range(0, len(coefficients), 4):
        print("    " + " ".join(hexadecimal(c) + "," for c in coefficients[at:at + 4]))
    print("};")


def hexadecimal(value):
    text = float(value).hex()
    mantissa, exponent = text.split("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}"


def pieces(name, comment, value, widths, prefix="cg"):
    """The value as a sum of numbers of so many bits each."""
    print(f"// {comment}")
    parts = []
    for bits in widths:
        parts.append(rounded(value, bits))
        value -= parts[-1]
    print(f"static const double {prefix}_{name}[] = {{\n    " + ", ".join(hexadecimal(p) for p in parts) + "};")


def bits_of_two_over_pi(words):
    """After one word of zeros, the binary digits of 2 / pi, 64 to a word."""
    mp.prec = 64 * words + 64
    digits = int(floor(2 / pi * mpf(2) ** (64 * words)))
    mp.prec = 500
    print("// 64 zeros, then the digits of 2 / pi behind its binary point")
    print("static const uint64_t cg_two_over_pi[] = {")
    row = [0] + [digits >> 64 * (words - 1 - i) & (1 << 64) - 1 for i in range(words)]
    for at in range(0, len(row), 5):
        print("    " + " ".join(f"0x{word:016x}," for word in row[at:at + 5]))
    print("};")


def main():
    ln2 = log(mpf(2))
    tiny = mpf(2) ** -20 # intervals that hold zero begin beside it: targets are quotients
    print("// Polynomials and constants of the elementary functions. Made by scripts/math_coefficients.py,\n"
          "// which says how; not edited by hand. Lowest coefficient first; errors are relative to the\n"
          "// function.")
    print("#ifndef CODEGEN_LLVM_MATH_COEFFICIENTS_H\n#define CODEGEN_LLVM_MATH_COEFFICIENTS_H\n\n"
          "#include <stdint.h>\n")

    reach = ln2 / 2 * (1 + mpf(2) ** -10)
    inner = lambda u: u if abs(u) > tiny else tiny
    quotient = lambda r: (expm1(inner(r)) - inner(r)) / inner(r) ** 2
    weight = lambda r: inner(r) ** 2 / expm1(inner(r))
    for name, n, bits in (("expm1_f32", 5, F32), ("expm1_f64", 10, F64)):
        fit(name, "(e^r - 1 - r) / r^2 for |r| <= ln 2 / 2", quotient, weight, n, -reach, reach, bits)
    # 2^r is formed for pow of f32 only, in f64.
    fit("exp2_wide", "2^r for |r| <= 1/2", lambda r: exp(r * ln2), lambda r: exp(-r * ln2), 7,
        -mpf(1) / 2, mpf(1) / 2, F64)

    low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
    fit("log1p_f32", "(log(1 + f) - f + f^2 / 2) / f^3 for 1 + f between sqrt(1/2) and sqrt(2)",
        lambda f: (log1p(inner(f)) - inner(f) + inner(f) ** 2 / 2) / inner(f) ** 3,
        lambda f: inner(f) ** 3 / log1p(inner(f)), 8, low, high, F32)
    most = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * (1 + mpf(2) ** -20)
    series = lambda z: atanh(sqrt(z)) / sqrt(z) # 1 + z/3 + z^2/5 + ...
    fit("log_f64", "(2 atanh(s) - 2 s) / s^3 in z = s^2, s = f / (2 + f)",
        lambda z: 2 * (series(z) - 1) / z, lambda z: z / (2 * series(z)), 7, tiny, most, F64)
    fit("log2_wide", "log2((1 + s) / (1 - s)) / s in z = s^2",
        lambda z: 2 * series(z) / ln2, lambda z: ln2 / (2 * series(z)), 5, tiny, most, F64)
    fit("log_tail_f64", "(2 atanh(s) - 2 s - 2/3 s^3) / s^5 in z = s^2",
        lambda z: 2 * (series(z) - 1 - z / 3) / z ** 2, lambda z: z ** 2 / (2 * series(z)), 8, tiny, most,
        F64)

    quarter = (pi / 2 * (1 + mpf(2) ** -9)) ** 2
    ratio_of_sine = lambda z: sin(sqrt(z)) / sqrt(z)
    # raised so that the sine of pi / 2, which is the cosine of 0, is 1
    for name, n, bits, raised in (("sin_f32", 5, F32, 0), ("sin_f64", 8, F64, 1)):
        fit(name, "(sin(r) - r) / r^3 in z = r^2, |r| <= pi / 2", lambda z: (ratio_of_sine(z) - 1) / z,
            lambda z: z / ratio_of_sine(z), n, tiny, quarter, bits, raised)
    eighth = (pi / 4 * (1 + mpf(2) ** -9)) ** 2
    for name, n, bits in (("cos_f32", 4, F32), ("cos_f64", 7, F64)):
        fit(name, "(cos(r) - 1 + r^2 / 2) / r^4 in z = r^2, |r| <= pi / 4",
            lambda z: (cos(sqrt(z)) - 1 + z / 2) / z ** 2, lambda z: z ** 2 / cos(sqrt(z)), n, tiny, eighth, bits)

    half = (mpf(9) / 16) ** 2
    ratio = lambda z: tanh(sqrt(z)) / sqrt(z)
    for name, n, bits in (("tanh_f32", 5, F32), ("tanh_f64", 10, F64)):
        fit(name, "(tanh(x) - x) / x^3 in z = x^2, |x| <= 9/16", lambda z: (ratio(z) - 1) / z,
            lambda z: z / ratio(z), n, tiny, half, bits)

    pieces("ln2_f32", "ln 2; the first times an exponent is exact", ln2, (15, F32))
    pieces("ln2_f64", "ln 2, likewise", ln2, (42, F64))
    pieces("half_pi_fused_f32", "pi / 2, for targets with fused multiply-add", pi / 2, (F32, F32, F32))
    pieces("half_pi_fused_f64", "pi / 2, likewise", pi / 2, (F64, F64, F64))
    pieces("half_pi_f64", "pi / 2; multiples up to 2^20 of the first two are exact", pi / 2, (33, 33, F64))
    pieces("pi_f64", "pi", pi, (F64, F64))
    bits_of_two_over_pi(20)
    print("\n#endif")


if __name__ == "__main__":
    main()
