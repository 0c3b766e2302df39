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
typedef struct cv_linspace_options {
    bool exclude_stop; // n equal steps, of which the last ends at stop
    int end;
} cv_linspace_options;
#define cv_linspace(...) CV_LINSPACE_(__VA_ARGS__, .end = 0)
#define CV_LINSPACE_(dtype, start, stop, n, ...)                                                   \
    cv_linspace_at(dtype, CV_VAL(start), CV_VAL(stop), n, (cv_linspace_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_linspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, cv_linspace_options options,
                             cv_here here);
// base to the powers that cv_linspace gives; n numbers from start to stop of one ratio, which must have one
// sign.
#define cv_logspace(...) CV_LOGSPACE_(__VA_ARGS__, .end = 0)
#define CV_LOGSPACE_(dtype, start, stop, n, base, ...)                                             \
    cv_logspace_at(dtype, CV_VAL(start), CV_VAL(stop), n, base, (cv_linspace_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_logspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, double base,
                             cv_linspace_options options, cv_here here);
#define cv_geomspace(...) CV_GEOMSPACE_(__VA_ARGS__, .end = 0)
#define CV_GEOMSPACE_(dtype, start, stop, n, ...)                                                  \
    cv_geomspace_at(dtype, CV_VAL(start), CV_VAL(stop), n, (cv_linspace_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_geomspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, cv_linspace_options options,
                              cv_here here);
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

#define cv_identity(dtype, n) cv_eye(dtype, n)

// The diagonals of two axes, elements [i, i + k], as the last axis; trace: their sum, in the dtypes of
// cv_sum.
typedef struct cv_diagonal_axes_options {
    int64_t k;
    int64_t axis1, axis2; // of the rows and of the columns; default (both 0): 0 and 1
    int end;
} cv_diagonal_axes_options;
#define cv_diagonal(...) CV_DIAGONAL_(__VA_ARGS__, .end = 0)
#define CV_DIAGONAL_(x, ...) cv_diagonal_at(CV_VAL(x), (cv_diagonal_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_diagonal_at(cv_val x, cv_diagonal_axes_options options, cv_here here);
#define cv_trace(...) CV_TRACE_(__VA_ARGS__, .end = 0)
#define CV_TRACE_(x, ...) cv_trace_at(CV_VAL(x), (cv_diagonal_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_trace_at(cv_val x, cv_diagonal_axes_options options, cv_here here);
// Of a matrix its diagonal k; of n elements the matrix of n + |k| rows and columns that has them on
// diagonal k, zeros elsewhere. diag takes a vector or a matrix, diagflat any array as a vector.
#define cv_diag(...) CV_DIAG_(__VA_ARGS__, .end = 0)
#define CV_DIAG_(x, ...) cv_diag_at(CV_VAL(x), (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_diag_at(cv_val x, cv_diagonal_options options, cv_here here);
#define cv_diagflat(...) CV_DIAGFLAT_(__VA_ARGS__, .end = 0)
#define CV_DIAGFLAT_(x, ...) cv_diagflat_at(CV_VAL(x), (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_diagflat_at(cv_val x, cv_diagonal_options options, cv_here here);
// x with the scalar where all indices are equal; of more than two axes, all must have one size.
#define cv_fill_diagonal(x, value) cv_fill_diagonal_at(CV_VAL(x), CV_VAL(value), CV_HERE)
CV_API cv_val cv_fill_diagonal_at(cv_val x, cv_val value, cv_here here);
// out[0] the rows and out[1] the columns (s32) of what cv_tril and cv_triu leave of n rows and m columns,
// and of the diagonal of n.
#define cv_tril_indices(...) CV_TRIL_INDICES_(__VA_ARGS__, .end = 0)
#define CV_TRIL_INDICES_(n, out, ...) cv_tril_indices_at(n, out, (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_tril_indices_at(int64_t n, cv_val *out, cv_diagonal_options options, cv_here here);
#define cv_triu_indices(...) CV_TRIU_INDICES_(__VA_ARGS__, .end = 0)
#define CV_TRIU_INDICES_(n, out, ...) cv_triu_indices_at(n, out, (cv_diagonal_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_triu_indices_at(int64_t n, cv_val *out, cv_diagonal_options options, cv_here here);
#define cv_diag_indices(n, out) cv_diag_indices_at(n, out, CV_HERE)
CV_API cv_status cv_diag_indices_at(int64_t n, cv_val *out, cv_here here);

// For scalars or vectors x_0, x_1, ...: out[i] holds x_i along its own axis, in a shape of all their sizes.
// With CV_XY, the default, the first two axes are exchanged: the second vector counts rows.
typedef enum cv_indexing { CV_XY, CV_IJ } cv_indexing;
typedef struct cv_meshgrid_options {
    cv_indexing indexing;
    bool sparse; // size 1 along the other axes
    int end;
} cv_meshgrid_options;
#define cv_meshgrid(...) CV_MESHGRID_(__VA_ARGS__, .end = 0)
#define CV_MESHGRID_(list, out, ...) cv_meshgrid_at(list, out, (cv_meshgrid_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_meshgrid_at(cv_vals list, cv_val *out, cv_meshgrid_options options, cv_here here);
// [rank, shape...]: element [a, i0, i1, ...] is i_a.
#define cv_indices(dtype, shape) cv_indices_at(dtype, shape, CV_HERE)
CV_API cv_val cv_indices_at(cv_dtype dtype, cv_ints shape, cv_here here);

// Windows of n points, of the default float: symmetric, 1 in the middle. n = 1 gives 1.
#define cv_bartlett(n) cv_bartlett_at(n, CV_HERE)
CV_API cv_val cv_bartlett_at(int64_t n, cv_here here);
#define cv_blackman(n) cv_blackman_at(n, CV_HERE)
CV_API cv_val cv_blackman_at(int64_t n, cv_here here);
#define cv_hamming(n) cv_hamming_at(n, CV_HERE)
CV_API cv_val cv_hamming_at(int64_t n, cv_here here);
#define cv_hanning(n) cv_hanning_at(n, CV_HERE)
CV_API cv_val cv_hanning_at(int64_t n, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
