// More elementwise operations. The result has the broadcast shape of the operands.
#ifndef COVECTOR_OPS_NUMBERS_H
#define COVECTOR_OPS_NUMBERS_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// x itself; rounded towards zero (both names; integers and bool stay as they are).
#define cv_positive(x) cv_positive_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_positive_at(cv_val x, cv_here here);
#define cv_trunc(x) cv_trunc_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_trunc_at(cv_val x, cv_here here);
#define cv_fix(x) cv_fix_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_fix_at(cv_val x, cv_here here);

// bool: whether x is infinite; infinite and positive; infinite and negative. Integers are not.
#define cv_isinf(x) cv_isinf_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_isinf_at(cv_val x, cv_here here);
#define cv_isposinf(x) cv_isposinf_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_isposinf_at(cv_val x, cv_here here);
#define cv_isneginf(x) cv_isneginf_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_isneginf_at(cv_val x, cv_here here);

// Floating; integers and bool become the default float. The magnitude; degrees to radians and back;
// logarithms; sin(pi x) / (pi x), which is 1 at 0.
#define cv_fabs(x) cv_fabs_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_fabs_at(cv_val x, cv_here here);
#define cv_deg2rad(x) cv_deg2rad_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_deg2rad_at(cv_val x, cv_here here);
#define cv_radians(x) cv_radians_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_radians_at(cv_val x, cv_here here);
#define cv_rad2deg(x) cv_rad2deg_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_rad2deg_at(cv_val x, cv_here here);
#define cv_degrees(x) cv_degrees_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_degrees_at(cv_val x, cv_here here);
#define cv_log2(x) cv_log2_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_log2_at(cv_val x, cv_here here);
#define cv_log10(x) cv_log10_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_log10_at(cv_val x, cv_here here);
#define cv_sinc(x) cv_sinc_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sinc_at(cv_val x, cv_here here);

// The greater, the smaller; where one is NaN, the other. Of equal ones the second, as far as derivatives go.
#define cv_fmax(x, y) cv_fmax_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_fmax_at(cv_val x, cv_val y, cv_here here);
#define cv_fmin(x, y) cv_fmin_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_fmin_at(cv_val x, cv_val y, cv_here here);

// Floating; integers and bool become the default float. heaviside: 0 for negative x, 1 for positive ones, y
// at 0. hypot: sqrt(x^2 + y^2) without overflow. logaddexp: log(exp(x) + exp(y)), logaddexp2: log2(2^x +
// 2^y), both without overflow. float_power: x to the power of y, computed in floating point.
#define cv_heaviside(x, y) cv_heaviside_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_heaviside_at(cv_val x, cv_val y, cv_here here);
#define cv_hypot(x, y) cv_hypot_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_hypot_at(cv_val x, cv_val y, cv_here here);
#define cv_logaddexp(x, y) cv_logaddexp_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_logaddexp_at(cv_val x, cv_val y, cv_here here);
#define cv_logaddexp2(x, y) cv_logaddexp2_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_logaddexp2_at(cv_val x, cv_val y, cv_here here);
#define cv_float_power(x, y) cv_float_power_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_float_power_at(cv_val x, cv_val y, cv_here here);

// NaN, infinity and minus infinity replaced.
typedef struct cv_nan_to_num_options {
    double nan;            // default: 0
    double posinf, neginf; // default, also where 0 is given: the greatest finite number and its negative
    int end;
} cv_nan_to_num_options;
#define cv_nan_to_num(...) CV_NAN_TO_NUM_(__VA_ARGS__, .end = 0)
#define CV_NAN_TO_NUM_(x, ...) cv_nan_to_num_at(CV_VAL(x), (cv_nan_to_num_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_nan_to_num_at(cv_val x, cv_nan_to_num_options options, cv_here here);

// bool: |x - y| <= atol + rtol |y|, elementwise, and whether it holds everywhere. Infinities are close to
// themselves only. array_equal, array_equiv: a scalar, whether all elements are equal; false where the
// shapes are different, or cannot be broadcast together.
typedef struct cv_close_options {
    double rtol, atol; // default: 1e-5 and 1e-8; a negative number means 0
    bool equal_nan;    // NaN is close to NaN
    int end;
} cv_close_options;
#define cv_isclose(...) CV_CLOSE_(isclose, __VA_ARGS__, .end = 0)
#define cv_allclose(...) CV_CLOSE_(allclose, __VA_ARGS__, .end = 0)
#define cv_array_equal(...) CV_CLOSE_(array_equal, __VA_ARGS__, .end = 0)
#define CV_CLOSE_(name, x, y, ...)                                                                 \
    cv_##name##_at(CV_VAL(x), CV_VAL(y), (cv_close_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_isclose_at(cv_val x, cv_val y, cv_close_options options, cv_here here);
CV_API cv_val cv_allclose_at(cv_val x, cv_val y, cv_close_options options, cv_here here);
CV_API cv_val cv_array_equal_at(cv_val x, cv_val y, cv_close_options options, cv_here here);
#define cv_array_equiv(x, y) cv_array_equiv_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_array_equiv_at(cv_val x, cv_val y, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
