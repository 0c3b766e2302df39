// Elementwise operations. The result has the broadcast shape of the operands.
#ifndef COVECTOR_OPS_ELEMENTWISE_H
#define COVECTOR_OPS_ELEMENTWISE_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// Numbers; the dtype stays. bool is an error, except for abs (itself) and square (an s32).
#define cv_neg(x) cv_neg_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_neg_at(cv_val x, cv_here here);
#define cv_abs(x) cv_abs_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_abs_at(cv_val x, cv_here here);
#define cv_sign(x) cv_sign_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sign_at(cv_val x, cv_here here);
#define cv_square(x) cv_square_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_square_at(cv_val x, cv_here here);

// Parts of complex numbers. Of a real number the real part and the conjugate are itself, the imaginary part
// is 0 and the angle 0 or pi. abs of a complex number is real. complex(re, im): f32 or f64 parts.
#define cv_real(x) cv_real_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_real_at(cv_val x, cv_here here);
#define cv_imag(x) cv_imag_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_imag_at(cv_val x, cv_here here);
#define cv_conj(x) cv_conj_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_conj_at(cv_val x, cv_here here);
#define cv_angle(x) cv_angle_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_angle_at(cv_val x, cv_here here);
#define cv_complex(re, im) cv_complex_at(CV_VAL(re), CV_VAL(im), CV_HERE)
CV_API cv_val cv_complex_at(cv_val re, cv_val im, cv_here here);

// Rounding down and up; integers and bool stay as they are.
#define cv_floor(x) cv_floor_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_floor_at(cv_val x, cv_here here);
#define cv_ceil(x) cv_ceil_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_ceil_at(cv_val x, cv_here here);

// Functions of floating numbers; integers and bool become the default float.
// rsqrt is 1 / sqrt, reciprocal 1 / x, logistic and sigmoid are 1 / (1 + exp(-x)).
#define cv_exp(x) cv_exp_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_exp_at(cv_val x, cv_here here);
#define cv_expm1(x) cv_expm1_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_expm1_at(cv_val x, cv_here here);
#define cv_log(x) cv_log_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_log_at(cv_val x, cv_here here);
#define cv_log1p(x) cv_log1p_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_log1p_at(cv_val x, cv_here here);
#define cv_sqrt(x) cv_sqrt_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sqrt_at(cv_val x, cv_here here);
#define cv_rsqrt(x) cv_rsqrt_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_rsqrt_at(cv_val x, cv_here here);
#define cv_reciprocal(x) cv_reciprocal_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_reciprocal_at(cv_val x, cv_here here);
#define cv_sin(x) cv_sin_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sin_at(cv_val x, cv_here here);
#define cv_cos(x) cv_cos_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_cos_at(cv_val x, cv_here here);
#define cv_tan(x) cv_tan_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_tan_at(cv_val x, cv_here here);
#define cv_tanh(x) cv_tanh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_tanh_at(cv_val x, cv_here here);
#define cv_logistic(x) cv_logistic_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_logistic_at(cv_val x, cv_here here);
#define cv_sigmoid(x) cv_sigmoid_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sigmoid_at(cv_val x, cv_here here);

// Activations. relu keeps the dtype; its derivative at 0 is 0, as jax.nn.relu's. softplus is log(1 + exp(x)),
// without overflow; silu is x * sigmoid(x).
#define cv_relu(x) cv_relu_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_relu_at(cv_val x, cv_here here);
#define cv_softplus(x) cv_softplus_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_softplus_at(cv_val x, cv_here here);
#define cv_silu(x) cv_silu_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_silu_at(cv_val x, cv_here here);

// x, with derivative zero.
#define cv_stop_gradient(x) cv_stop_gradient_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_stop_gradient_at(cv_val x, cv_here here);

// logical_not: bool, true where x == 0. bitwise_not: of bool and integers.
#define cv_logical_not(x) cv_logical_not_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_logical_not_at(cv_val x, cv_here here);
#define cv_bitwise_not(x) cv_bitwise_not_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_bitwise_not_at(cv_val x, cv_here here);

// bool. Integers are finite.
#define cv_isnan(x) cv_isnan_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_isnan_at(cv_val x, cv_here here);
#define cv_isfinite(x) cv_isfinite_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_isfinite_at(cv_val x, cv_here here);

// Arithmetic in the common dtype; integers wrap. Of two bool, add is `or` and mul is `and`.
#define cv_add(x, y) cv_add_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_add_at(cv_val x, cv_val y, cv_here here);
#define cv_sub(x, y) cv_sub_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_sub_at(cv_val x, cv_val y, cv_here here);
#define cv_mul(x, y) cv_mul_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_mul_at(cv_val x, cv_val y, cv_here here);

// True division: integers and bool become the default float.
#define cv_div(x, y) cv_div_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_div_at(cv_val x, cv_val y, cv_here here);

// x to the power of y. A C integer for y means repeated multiplication: exact, with derivatives everywhere;
// it must not be negative if x is an integer. Integers to an integer array wrap, and negative exponents
// give the truncated quotient: 1, -1 or 0. Everything else is computed in floating point.
#define cv_pow(x, y) cv_pow_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_pow_at(cv_val x, cv_val y, cv_here here);

// The greater, the smaller; NaN if one is NaN.
#define cv_maximum(x, y) cv_maximum_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_maximum_at(cv_val x, cv_val y, cv_here here);
#define cv_minimum(x, y) cv_minimum_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_minimum_at(cv_val x, cv_val y, cv_here here);

// bool; operands are true where they are not 0.
#define cv_logical_and(x, y) cv_logical_and_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_logical_and_at(cv_val x, cv_val y, cv_here here);
#define cv_logical_or(x, y) cv_logical_or_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_logical_or_at(cv_val x, cv_val y, cv_here here);
#define cv_logical_xor(x, y) cv_logical_xor_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_logical_xor_at(cv_val x, cv_val y, cv_here here);

// Of bool and integers.
#define cv_bitwise_and(x, y) cv_bitwise_and_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_bitwise_and_at(cv_val x, cv_val y, cv_here here);
#define cv_bitwise_or(x, y) cv_bitwise_or_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_bitwise_or_at(cv_val x, cv_val y, cv_here here);
#define cv_bitwise_xor(x, y) cv_bitwise_xor_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_bitwise_xor_at(cv_val x, cv_val y, cv_here here);

// Comparisons: bool. NaN is unequal to all and neither less nor greater.
#define cv_equal(x, y) cv_equal_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_equal_at(cv_val x, cv_val y, cv_here here);
#define cv_not_equal(x, y) cv_not_equal_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_not_equal_at(cv_val x, cv_val y, cv_here here);
#define cv_less(x, y) cv_less_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_less_at(cv_val x, cv_val y, cv_here here);
#define cv_less_equal(x, y) cv_less_equal_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_less_equal_at(cv_val x, cv_val y, cv_here here);
#define cv_greater(x, y) cv_greater_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_greater_at(cv_val x, cv_val y, cv_here here);
#define cv_greater_equal(x, y) cv_greater_equal_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_greater_equal_at(cv_val x, cv_val y, cv_here here);

// x where the condition is not 0, else y; the dtype is that of x and y.
#define cv_where(condition, x, y) cv_where_at(CV_VAL(condition), CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_where_at(cv_val condition, cv_val x, cv_val y, cv_here here);

// minimum(maximum(x, low), high), as jnp.clip; high wins where low > high. clamp, as jax.lax.clamp,
// differs in the order of operands and in its derivative: zero on the bounds instead of a half.
#define cv_clip(x, low, high) cv_clip_at(CV_VAL(x), CV_VAL(low), CV_VAL(high), CV_HERE)
CV_API cv_val cv_clip_at(cv_val x, cv_val low, cv_val high, cv_here here);
#define cv_clamp(low, x, high) cv_clamp_at(CV_VAL(low), CV_VAL(x), CV_VAL(high), CV_HERE)
CV_API cv_val cv_clamp_at(cv_val low, cv_val x, cv_val high, cv_here here);

// x * y + z, rounded once. Integers and bool become the default float.
#define cv_fma(x, y, z) cv_fma_at(CV_VAL(x), CV_VAL(y), CV_VAL(z), CV_HERE)
CV_API cv_val cv_fma_at(cv_val x, cv_val y, cv_val z, cv_here here);

// x with another dtype: floating to integer truncates and saturates (NaN: 0), integers wrap, and to
// bool is x != 0.
// CV_DTYPE_DEFAULT means the default float. The result is not weak.
#define cv_astype(x, dtype) cv_astype_at(CV_VAL(x), dtype, CV_HERE)
CV_API cv_val cv_astype_at(cv_val x, cv_dtype dtype, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
