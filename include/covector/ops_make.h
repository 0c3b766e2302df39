// Creation. The dtype comes first; CV_DTYPE_DEFAULT means the default float (except where another
// meaning is given). Results are not weak, except those of cv_full with CV_DTYPE_DEFAULT and a C scalar.
#ifndef COVECTOR_OPS_MAKE_H
#define COVECTOR_OPS_MAKE_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// cv_zeros(CV_F32, CV_INTS(2, 3)), cv_ones(CV_S32, CV_SCALAR)
#define cv_zeros(dtype, shape) cv_zeros_at(dtype, shape, CV_HERE)
CV_API cv_val cv_zeros_at(cv_dtype dtype, cv_ints shape, cv_here here);
#define cv_ones(dtype, shape) cv_ones_at(dtype, shape, CV_HERE)
CV_API cv_val cv_ones_at(cv_dtype dtype, cv_ints shape, cv_here here);
// The value, broadcast to the shape. CV_DTYPE_DEFAULT: the dtype of the value.
#define cv_full(dtype, shape, value) cv_full_at(dtype, shape, CV_VAL(value), CV_HERE)
CV_API cv_val cv_full_at(cv_dtype dtype, cv_ints shape, cv_val value, cv_here here);

// The shape and dtype of x.
#define cv_zeros_like(x) cv_zeros_like_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_zeros_like_at(cv_val x, cv_here here);
#define cv_ones_like(x) cv_ones_like_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_ones_like_at(cv_val x, cv_here here);
#define cv_full_like(x, value) cv_full_like_at(CV_VAL(x), CV_VAL(value), CV_HERE)
CV_API cv_val cv_full_like_at(cv_val x, cv_val value, cv_here here);

// start, start + step, ... up to but without stop. All three must be C numbers, since the shape
// depends on them. CV_DTYPE_DEFAULT: s32 if all are integers, else the default float.
#define cv_arange(dtype, start, stop, step)                                                        \
    cv_arange_at(dtype, CV_VAL(start), CV_VAL(stop), CV_VAL(step), CV_HERE)
CV_API cv_val cv_arange_at(cv_dtype dtype, cv_val start, cv_val stop, cv_val step, cv_here here);
// n numbers from start to stop, both included, at equal distances; rounded down for integer dtypes.
// start and stop are scalars.
#define cv_linspace(dtype, start, stop, n) cv_linspace_at(dtype, CV_VAL(start), CV_VAL(stop), n, CV_HERE)
CV_API cv_val cv_linspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, cv_here here);
// The index along one axis: element [i0, i1, ...] is i_axis.
#define cv_iota(dtype, shape, axis) cv_iota_at(dtype, shape, axis, CV_HERE)
CV_API cv_val cv_iota_at(cv_dtype dtype, cv_ints shape, int64_t axis, cv_here here);

// Diagonals: k = 0 is the main one, k > 0 lie above it.
typedef struct cv_diagonal_options {
    int64_t m; // columns; default: as many as rows
    int64_t k;
    int end;
} cv_diagonal_options;
// n rows: one on diagonal k, else zero. tri: one on and below it.
#define cv_eye(...) CV_EYE_(__VA_ARGS__, .end = 0)
#define CV_EYE_(dtype, n, ...) cv_eye_at(dtype, n, (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_eye_at(cv_dtype dtype, int64_t n, cv_diagonal_options options, cv_here here);
#define cv_tri(...) CV_TRI_(__VA_ARGS__, .end = 0)
#define CV_TRI_(dtype, n, ...) cv_tri_at(dtype, n, (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_tri_at(cv_dtype dtype, int64_t n, cv_diagonal_options options, cv_here here);
// x (of at least two axes) with zeros above diagonal k (tril) or below it (triu), in the last two axes.
#define cv_tril(...) CV_TRIL_(__VA_ARGS__, .end = 0)
#define CV_TRIL_(x, ...) cv_tril_at(CV_VAL(x), (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_tril_at(cv_val x, cv_diagonal_options options, cv_here here);
#define cv_triu(...) CV_TRIU_(__VA_ARGS__, .end = 0)
#define CV_TRIU_(x, ...) cv_triu_at(CV_VAL(x), (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_triu_at(cv_val x, cv_diagonal_options options, cv_here here);

// A new last axis of size n with a one at the place that x, of integers, names; all zero if it is not
// in 0 .. n - 1.
#define cv_one_hot(dtype, x, n) cv_one_hot_at(dtype, CV_VAL(x), n, CV_HERE)
CV_API cv_val cv_one_hot_at(cv_dtype dtype, cv_val x, int64_t n, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
