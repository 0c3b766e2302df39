// Elementary and special functions, roundings, remainders, bits. The result has the broadcast shape of the
// operands. Errors are at most 2 units in the last place, 4 for polygamma; near the roots of lgamma, digamma
// and polygamma, of that of 1. Special values are those of C.
#ifndef COVECTOR_OPS_FUNCTIONS_H
#define COVECTOR_OPS_FUNCTIONS_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// Functions of floating numbers; integers and bool become the default float. exp2 is 2^x, cbrt the real cube
// root.
#define cv_exp2(x) cv_exp2_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_exp2_at(cv_val x, cv_here here);
#define cv_cbrt(x) cv_cbrt_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_cbrt_at(cv_val x, cv_here here);
#define cv_arcsin(x) cv_arcsin_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_arcsin_at(cv_val x, cv_here here);
#define cv_arccos(x) cv_arccos_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_arccos_at(cv_val x, cv_here here);
#define cv_arctan(x) cv_arctan_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_arctan_at(cv_val x, cv_here here);
#define cv_sinh(x) cv_sinh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sinh_at(cv_val x, cv_here here);
#define cv_cosh(x) cv_cosh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_cosh_at(cv_val x, cv_here here);
#define cv_arcsinh(x) cv_arcsinh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_arcsinh_at(cv_val x, cv_here here);
#define cv_arccosh(x) cv_arccosh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_arccosh_at(cv_val x, cv_here here);
#define cv_arctanh(x) cv_arctanh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_arctanh_at(cv_val x, cv_here here);

// The angle of the point (second operand x, first operand y), from -pi to pi; the signs of zeros count.
#define cv_arctan2(y, x) cv_arctan2_at(CV_VAL(y), CV_VAL(x), CV_HERE)
CV_API cv_val cv_arctan2_at(cv_val y, cv_val x, cv_here here);

// The error function, 1 less it, and its inverse, which is infinite at 1 and -1; the logarithm of |Gamma|,
// infinite at 0 and below it at the integers; its derivative, NaN below 0 at the integers.
#define cv_erf(x) cv_erf_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_erf_at(cv_val x, cv_here here);
#define cv_erfc(x) cv_erfc_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_erfc_at(cv_val x, cv_here here);
#define cv_erf_inv(x) cv_erf_inv_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_erf_inv_at(cv_val x, cv_here here);
#define cv_lgamma(x) cv_lgamma_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_lgamma_at(cv_val x, cv_here here);
#define cv_digamma(x) cv_digamma_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_digamma_at(cv_val x, cv_here here);

// The modified Bessel functions of the first kind and orders 0 and 1, times exp(-|x|).
#define cv_bessel_i0e(x) cv_bessel_i0e_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_bessel_i0e_at(cv_val x, cv_here here);
#define cv_bessel_i1e(x) cv_bessel_i1e_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_bessel_i1e_at(cv_val x, cv_here here);

// The first of them itself.
#define cv_i0(x) cv_i0_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_i0_at(cv_val x, cv_here here);

// Of integers, never negative but where a multiple overflows; gcd(0, 0) = lcm(x, 0) = 0.
#define cv_gcd(x, y) cv_gcd_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_gcd_at(cv_val x, cv_val y, cv_here here);
#define cv_lcm(x, y) cv_lcm_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_lcm_at(cv_val x, cv_val y, cv_here here);

// Whether x is negative, -0 or a NaN with that sign; |x| with the sign of y. Whether the imaginary part is
// not 0, is 0.
#define cv_signbit(x) cv_signbit_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_signbit_at(cv_val x, cv_here here);
#define cv_copysign(x, y) cv_copysign_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_copysign_at(cv_val x, cv_val y, cv_here here);
#define cv_iscomplex(x) cv_iscomplex_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_iscomplex_at(cv_val x, cv_here here);
#define cv_isreal(x) cv_isreal_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_isreal_at(cv_val x, cv_here here);

// The derivative of order n of digamma, for a C integer n from 0 to 40.
#define cv_polygamma(n, x) cv_polygamma_at(n, CV_VAL(x), CV_HERE)
CV_API cv_val cv_polygamma_at(int64_t n, cv_val x, cv_here here);

// To the nearest integer: halves to the even one, or away from zero (jax.lax.round). Integers and bool stay
// as they are.
#define cv_round(x) cv_round_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_round_at(cv_val x, cv_here here);
#define cv_round_away(x) cv_round_away_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_round_away_at(cv_val x, cv_here here);

// The next number after x in the direction of y; floating.
#define cv_nextafter(x, y) cv_nextafter_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_nextafter_at(cv_val x, cv_val y, cv_here here);

// x - y q, where q is x / y rounded towards zero (rem, fmod), or down (remainder: the sign is that of y); and
// x / y rounded down. The dtype is the common one. Integers by zero: rem gives x, fmod and remainder 0.
#define cv_rem(x, y) cv_rem_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_rem_at(cv_val x, cv_val y, cv_here here);
#define cv_fmod(x, y) cv_fmod_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_fmod_at(cv_val x, cv_val y, cv_here here);
#define cv_remainder(x, y) cv_remainder_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_remainder_at(cv_val x, cv_val y, cv_here here);
#define cv_floor_divide(x, y) cv_floor_divide_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_floor_divide_at(cv_val x, cv_val y, cv_here here);

// Shifts of integers by integers. By the width or more, or by a negative amount, everything is shifted out.
// To the right signed numbers keep their sign, unless the shift is logical.
#define cv_left_shift(x, y) cv_left_shift_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_left_shift_at(cv_val x, cv_val y, cv_here here);
#define cv_right_shift(x, y) cv_right_shift_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_right_shift_at(cv_val x, cv_val y, cv_here here);
#define cv_shift_right_logical(x, y) cv_shift_right_logical_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_shift_right_logical_at(cv_val x, cv_val y, cv_here here);

// Of integers: bits that are set, and zeros above the highest of them.
#define cv_population_count(x) cv_population_count_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_population_count_at(cv_val x, cv_here here);
#define cv_clz(x) cv_clz_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_clz_at(cv_val x, cv_here here);

// The bits of x taken as another dtype. An element of a wide dtype becomes a last axis of narrow ones, and
// the other way round.
#define cv_bitcast_convert(x, dtype) cv_bitcast_convert_at(CV_VAL(x), dtype, CV_HERE)
CV_API cv_val cv_bitcast_convert_at(cv_val x, cv_dtype dtype, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
