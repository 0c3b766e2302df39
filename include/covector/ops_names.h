// Other names that jax.numpy has for the same operations.
#ifndef COVECTOR_OPS_NAMES_H
#define COVECTOR_OPS_NAMES_H

#define cv_absolute(x) cv_abs(x)
#define cv_negative(x) cv_neg(x)
#define cv_subtract(x, y) cv_sub(x, y)
#define cv_multiply(x, y) cv_mul(x, y)
#define cv_divide(x, y) cv_div(x, y)
#define cv_true_divide(x, y) cv_div(x, y)
#define cv_power(x, y) cv_pow(x, y)
#define cv_invert(x) cv_bitwise_not(x)
#define cv_bitwise_invert(x) cv_bitwise_not(x)
#define cv_amax(...) cv_max(__VA_ARGS__)
#define cv_amin(...) cv_min(__VA_ARGS__)
#define cv_cumulative_sum(...) cv_cumsum(__VA_ARGS__)
#define cv_cumulative_prod(...) cv_cumprod(__VA_ARGS__)
#define cv_concat(...) cv_concatenate(__VA_ARGS__)
#define cv_permute_dims(...) cv_transpose(__VA_ARGS__)
#define cv_empty(dtype, shape) cv_zeros(dtype, shape)
#define cv_empty_like(x) cv_zeros_like(x)

#endif
