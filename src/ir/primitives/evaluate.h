// Rows of dtypes for evaluation rules: a rule writes the expression of one element once, and a
// macro makes a typed loop of it for every row. For the bodies of rules only.
#ifndef IR_PRIMITIVES_EVALUATE_H
#define IR_PRIMITIVES_EVALUATE_H

#include <math.h>

#include "ir/primitives/common.h"

// row(code, type of an element, ...)
#define BOOLS(row, ...) row(CV_BOOL, uint8_t, __VA_ARGS__)
#define SIGNED(row, ...)                                                                           \
    row(CV_S8, int8_t, __VA_ARGS__) row(CV_S16, int16_t, __VA_ARGS__)                              \
    row(CV_S32, int32_t, __VA_ARGS__) row(CV_S64, int64_t, __VA_ARGS__)
#define UNSIGNED(row, ...)                                                                         \
    row(CV_U8, uint8_t, __VA_ARGS__) row(CV_U16, uint16_t, __VA_ARGS__)                            \
    row(CV_U32, uint32_t, __VA_ARGS__) row(CV_U64, uint64_t, __VA_ARGS__)
#define INTEGERS(row, ...) SIGNED(row, __VA_ARGS__) UNSIGNED(row, __VA_ARGS__)
#define FLOATS(row, ...) row(CV_F32, float, __VA_ARGS__) row(CV_F64, double, __VA_ARGS__)

#define COMPLEXES(row, ...)                                                                        \
    row(CV_C64, float _Complex, __VA_ARGS__) row(CV_C128, double _Complex, __VA_ARGS__)
// (ac - bd) + (ad + bc) i, with what that makes of infinities; C's own product looks for them.
#define COMPLEX_PRODUCT(x, y)                                                                      \
    __builtin_complex(__real__(x) * __real__(y) - __imag__(x) * __imag__(y),                       \
                      __real__(x) * __imag__(y) + __imag__(x) * __real__(y))

// row(code, type of an element, least value, greatest value)
#define INTEGER_RANGES(row)                                                                        \
    row(CV_S8, int8_t, INT8_MIN, INT8_MAX) row(CV_S16, int16_t, INT16_MIN, INT16_MAX)              \
    row(CV_S32, int32_t, INT32_MIN, INT32_MAX) row(CV_S64, int64_t, INT64_MIN, INT64_MAX)          \
    row(CV_U8, uint8_t, 0, UINT8_MAX) row(CV_U16, uint16_t, 0, UINT16_MAX)                         \
    row(CV_U32, uint32_t, 0, UINT32_MAX) row(CV_U64, uint64_t, 0, UINT64_MAX)

// For arithmetic that wraps: the low bits of 64 are right for every narrower type, signed or not.
#define WRAP(x) ((uint64_t)(x))

// maximum and minimum of IEEE 754-2019: a NaN is passed on, and -0 is less than +0.
static inline double ir_maximum(double x, double y) {
    if (isnan(x) || isnan(y)) return x + y;
    return x > y || (x == y && signbit(y)) ? x : y;
}

static inline double ir_minimum(double x, double y) {
    if (isnan(x) || isnan(y)) return x + y;
    return x < y || (x == y && signbit(x)) ? x : y;
}

// Complex numbers are in order by real parts, of equal ones by imaginary parts. A real part that is NaN is
// passed on to both.
static inline double _Complex ir_complex_extreme(double _Complex x, double _Complex y, bool greatest) {
    double (*choose)(double, double) = greatest ? ir_maximum : ir_minimum;
    double worst = greatest ? -(double)INFINITY : (double)INFINITY;
    double re = choose(__real__ x, __real__ y);
    double im = choose(__real__ x == re ? __imag__ x : worst, __real__ y == re ? __imag__ y : worst);
    return __builtin_complex(re, isnan(re) ? re : im);
}

// Raised by evaluation rules for dtypes that they have no row for.
_Noreturn static inline void ir_evaluate_unsupported(const ir_evaluation *c, cv_dtype dtype) {
    ir_fail_op(c->op, CV_UNSUPPORTED, "the interpreter does not take %s", cv_dtype_name(dtype));
}

#endif
