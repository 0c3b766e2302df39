// The greatest error of a result in units in the last place, for f32 and f64, on targets with fused
// multiply-add and on those without; tests/math measures it.
//
// Up to pow, and tan, the functions are instructions of a target (codegen/llvm/math.c); the others are
// programs of primitives (the expand rules). Near the roots of lgamma, digamma and polygamma (here: of order
// 1) the unit is that of results of size 1. Everything that has no row is rounded correctly, but for rsqrt,
// which is 1 / sqrt(x) in two steps, and integer_pow, a product of squares. Special values (zeros and their
// signs, infinities, NaNs, arguments outside of the domain) are those of C's annex F, and subnormal numbers
// are arguments and results like others.
#ifndef IR_ACCURACY_H
#define IR_ACCURACY_H

#define IR_ACCURACY(row)                                                                           \
    /*            with:  f32   f64   without: f32   f64 */                                         \
    row(exp,             1.0,  1.0,           1.2,  1.2)                                           \
    row(expm1,           1.7,  2.0,           1.8,  2.0)                                           \
    row(log,             1.0,  1.0,           1.0,  1.0)                                           \
    row(log1p,           1.5,  1.5,           1.6,  1.5)                                           \
    row(tanh,            1.7,  1.7,           1.7,  1.7)                                           \
    row(logistic,        2.0,  2.0,           2.0,  2.0)                                           \
    row(sin,             1.8,  1.8,           0.6,  2.0)                                           \
    row(cos,             1.8,  1.8,           0.6,  2.0)                                           \
    row(pow,             0.6,  1.5,           0.6,  1.5)                                           \
    row(exp2,            1.2,  1.2,           1.2,  1.2)                                           \
    row(cbrt,            0.6,  0.6,           0.6,  0.6)                                           \
    row(tan,             1.1,  1.1,           0.6,  1.2)                                           \
    row(asin,            1.5,  1.4,           1.5,  1.4)                                           \
    row(acos,            1.3,  1.3,           1.3,  1.3)                                           \
    row(atan,            1.7,  1.5,           1.7,  1.5)                                           \
    row(atan2,           1.8,  1.8,           1.8,  1.8)                                           \
    row(sinh,            2.0,  2.0,           2.0,  2.0)                                           \
    row(cosh,            1.7,  1.7,           1.8,  1.9)                                           \
    row(asinh,           0.6,  1.7,           0.6,  1.7)                                           \
    row(acosh,           0.6,  1.8,           0.6,  1.8)                                           \
    row(atanh,           0.6,  1.5,           0.6,  1.5)                                           \
    row(erf,             1.3,  1.3,           1.3,  1.3)                                           \
    row(erfc,            0.6,  1.5,           0.6,  1.5)                                           \
    row(erf_inv,         1.8,  2.0,           1.8,  2.0)                                           \
    row(lgamma,          0.6,  1.0,           0.6,  1.0)                                           \
    row(digamma,         0.6,  2.0,           0.6,  2.0)                                           \
    row(polygamma,       0.6,  4.0,           0.6,  4.0)                                           \
    row(bessel_i0e,      0.6,  1.9,           0.6,  1.9)                                           \
    row(bessel_i1e,      0.6,  1.9,           0.6,  1.9)

// Of complex numbers: the greatest error of compiled code as |got - exact| in units in the last place of
// |exact|, for c64 and c128; tests/unit/test_complex.c measures it. A part that is small beside the other
// may have lost all its digits. Angles are within a million (exp2: 2^16 in c64).
#define IR_COMPLEX_ACCURACY(row)                                                                   \
    row(exp, 3) row(expm1, 3) row(log, 2) row(log1p, 2) row(sin, 3) row(cos, 3) row(tanh, 4)       \
    row(logistic, 5) row(sqrt, 3) row(rsqrt, 3) row(abs, 2) row(sign, 2) row(exp2, 3) row(tan, 4)  \
    row(sinh, 3) row(cosh, 3) row(asin, 3) row(acos, 3) row(atan, 3) row(asinh, 3) row(acosh, 3)   \
    row(atanh, 3)

// pow of complex numbers is exp(w log z), and the error of an exponent is that of the result: |got - exact|
// of compiled code is at most so many units of |exact| in c128, times 1 + |w log z|. In c64, which is computed
// in f64, half a unit of its own is added: together they are at most one where |w log z| is up to 2^26.
enum { IR_COMPLEX_POW = 3 };

#endif
