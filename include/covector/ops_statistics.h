// Norms, statistics, counts, differences and interpolation. Where it says floating, integers and bool
// become the default float.
#ifndef COVECTOR_OPS_STATISTICS_H
#define COVECTOR_OPS_STATISTICS_H

#include "covector/ops_linear.h"
#include "covector/ops_reduce.h"
#include "covector/ops_sort.h"

#ifdef __cplusplus
extern "C" {
#endif

// Floating. Without .ord the 2-norm sqrt(sum(|x|^2)) over all these axes. With .ord and one axis (or x a
// vector): sum(|x|^ord)^(1 / ord), or the greatest (INFINITY) or smallest (-INFINITY) magnitude. With .ord
// and two axes (or x a matrix), rows and columns: the greatest sum of magnitudes of a column (1) or a row
// (INFINITY), or the smallest (-1, -INFINITY); others are an error.
typedef struct cv_norm_options {
    cv_ints axis; // default: all axes
    double ord;
    bool keepdims;
    int end;
} cv_norm_options;
#define cv_norm(...) CV_NORM_(__VA_ARGS__, .end = 0)
#define CV_NORM_(x, ...) cv_norm_at(CV_VAL(x), (cv_norm_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_norm_at(cv_val x, cv_norm_options options, cv_here here);

#define CV_SKIPPING_(name, x, ...) cv_##name##_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
// The greatest less the smallest; of no elements: an error.
#define cv_ptp(...) CV_SKIPPING_(ptp, __VA_ARGS__, .end = 0)
CV_API cv_val cv_ptp_at(cv_val x, cv_reduce_options options, cv_here here);
// s32: how many are not 0.
#define cv_count_nonzero(...) CV_SKIPPING_(count_nonzero, __VA_ARGS__, .end = 0)
CV_API cv_val cv_count_nonzero_at(cv_val x, cv_reduce_options options, cv_here here);

// As sum, prod, mean, var, std, max, min and median, of what is not NaN. Where all is NaN: 0, 1, and else
// NaN.
#define cv_nansum(...) CV_SKIPPING_(nansum, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nansum_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanprod(...) CV_SKIPPING_(nanprod, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanprod_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanmean(...) CV_SKIPPING_(nanmean, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanmean_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanvar(...) CV_SKIPPING_(nanvar, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanvar_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanstd(...) CV_SKIPPING_(nanstd, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanstd_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanmax(...) CV_SKIPPING_(nanmax, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanmax_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanmin(...) CV_SKIPPING_(nanmin, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanmin_at(cv_val x, cv_reduce_options options, cv_here here);

// As argmax, argmin, cumsum and cumprod, of what is not NaN; argmax and argmin where all is NaN: -1.
#define cv_nanargmax(...) CV_SKIPPING_(nanargmax, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanargmax_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanargmin(...) CV_SKIPPING_(nanargmin, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanargmin_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nancumsum(...) CV_NAN_CUMULATIVE_(sum, __VA_ARGS__, .end = 0)
#define cv_nancumprod(...) CV_NAN_CUMULATIVE_(prod, __VA_ARGS__, .end = 0)
#define CV_NAN_CUMULATIVE_(name, x, ...)                                                           \
    cv_nancum##name##_at(CV_VAL(x), (cv_cumulative_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_nancumsum_at(cv_val x, cv_cumulative_options options, cv_here here);
CV_API cv_val cv_nancumprod_at(cv_val x, cv_cumulative_options options, cv_here here);

// Floating: sum(x w) / sum(w); weights of the shape of x, or a vector along the one axis.
#define cv_average(...) CV_AVERAGE_(__VA_ARGS__, .end = 0)
#define CV_AVERAGE_(x, weights, ...)                                                               \
    cv_average_at(CV_VAL(x), CV_VAL(weights), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_average_at(cv_val x, cv_val weights, cv_reduce_options options, cv_here here);

// Floating: the middle one, or the mean of both, along one axis (default: of all elements); NaN if one is
// NaN.
#define cv_median(...) CV_SKIPPING_(median, __VA_ARGS__, .end = 0)
CV_API cv_val cv_median_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_nanmedian(...) CV_SKIPPING_(nanmedian, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanmedian_at(cv_val x, cv_reduce_options options, cv_here here);
// Floating: of n elements in order, that at place q (n - 1), q between 0 and 1 (percentile: 100). Between
// two places: both in proportion, the lower, the higher, their mean, the nearer. NaN if one is NaN;
// nanquantile, nanpercentile: of what is not NaN. A vector q gives a leading axis.
typedef enum cv_quantile_method {
    CV_LINEAR,
    CV_LOWER,
    CV_HIGHER,
    CV_MIDPOINT,
    CV_NEAREST
} cv_quantile_method;
typedef struct cv_quantile_options {
    cv_ints axis; // a list of one; default: all elements
    bool keepdims;
    cv_quantile_method method;
    int end;
} cv_quantile_options;
#define CV_QUANTILE_(name, x, q, ...)                                                              \
    cv_##name##_at(CV_VAL(x), CV_VAL(q), (cv_quantile_options){__VA_ARGS__}, CV_HERE)
#define cv_quantile(...) CV_QUANTILE_(quantile, __VA_ARGS__, .end = 0)
CV_API cv_val cv_quantile_at(cv_val x, cv_val q, cv_quantile_options options, cv_here here);
#define cv_percentile(...) CV_QUANTILE_(percentile, __VA_ARGS__, .end = 0)
CV_API cv_val cv_percentile_at(cv_val x, cv_val q, cv_quantile_options options, cv_here here);
#define cv_nanquantile(...) CV_QUANTILE_(nanquantile, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanquantile_at(cv_val x, cv_val q, cv_quantile_options options, cv_here here);
#define cv_nanpercentile(...) CV_QUANTILE_(nanpercentile, __VA_ARGS__, .end = 0)
CV_API cv_val cv_nanpercentile_at(cv_val x, cv_val q, cv_quantile_options options, cv_here here);

// Floating. x: a row for each variable and its observations along it; a vector is one variable, and gives a
// scalar. Covariances divide by the observations less one; corrcoef by the standard deviations, into -1 .. 1.
typedef struct cv_cov_options {
    bool columns; // variables are columns
    bool biased;  // divide by the observations
    int end;
} cv_cov_options;
#define cv_cov(...) CV_COV_(cov, __VA_ARGS__, .end = 0)
#define cv_corrcoef(...) CV_COV_(corrcoef, __VA_ARGS__, .end = 0)
#define CV_COV_(name, x, ...) cv_##name##_at(CV_VAL(x), (cv_cov_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_cov_at(cv_val x, cv_cov_options options, cv_here here);
CV_API cv_val cv_corrcoef_at(cv_val x, cv_cov_options options, cv_here here);

// s32[length]: how often each of 0 .. length - 1 is in x, of integers; negative ones count as 0.
#define cv_bincount(x, length) cv_bincount_at(CV_VAL(x), length, CV_HERE)
CV_API cv_val cv_bincount_at(cv_val x, int64_t length, cv_here here);
// Floating: how many of x lie between each edge, included, and the next, excluded (the last: included).
// Edges rise.
#define cv_histogram(x, edges) cv_histogram_at(CV_VAL(x), CV_VAL(edges), CV_HERE)
CV_API cv_val cv_histogram_at(cv_val x, cv_val edges, cv_here here);
// s32: which bin x is in, bins being a vector that rises: i with bins[i - 1] <= x < bins[i], or with .right
// bins[i - 1] < x <= bins[i]; or one that falls: bins[i - 1] > x >= bins[i], or with .right bins[i - 1] >=
// x > bins[i].
#define cv_digitize(...) CV_DIGITIZE_(__VA_ARGS__, .end = 0)
#define CV_DIGITIZE_(x, bins, ...)                                                                 \
    cv_digitize_at(CV_VAL(x), CV_VAL(bins), (cv_searchsorted_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_digitize_at(cv_val x, cv_val bins, cv_searchsorted_options options, cv_here here);

// x[i + 1] - x[i] along an axis, n times; of bool: whether they differ. ediff1d: of x flattened.
typedef struct cv_diff_options {
    int64_t n;    // default: 1
    cv_ints axis; // a list of one; default: the last
    int end;
} cv_diff_options;
#define cv_diff(...) CV_DIFF_(__VA_ARGS__, .end = 0)
#define CV_DIFF_(x, ...) cv_diff_at(CV_VAL(x), (cv_diff_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_diff_at(cv_val x, cv_diff_options options, cv_here here);
#define cv_ediff1d(x) cv_ediff1d_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_ediff1d_at(cv_val x, cv_here here);

// Floating, the shape of x: central differences over 2 spacings, at the ends one-sided ones; a result for
// each axis, in their order, to out. An axis needs two elements.
typedef struct cv_gradient_options {
    cv_ints axis;   // default: all
    double spacing; // default: 1
    int end;
} cv_gradient_options;
#define cv_gradient(...) CV_GRADIENT_(__VA_ARGS__, .end = 0)
#define CV_GRADIENT_(x, out, ...) cv_gradient_at(CV_VAL(x), out, (cv_gradient_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_gradient_at(cv_val x, cv_val *out, cv_gradient_options options, cv_here here);

// Floating: the integral of y along an axis (default: the last) by trapezoids; x is the spacing, the points
// along the axis, or points of the shape of y.
#define cv_trapezoid(...) CV_TRAPEZOID_(__VA_ARGS__, .end = 0)
#define CV_TRAPEZOID_(y, x, ...)                                                                   \
    cv_trapezoid_at(CV_VAL(y), CV_VAL(x), (cv_last_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_trapezoid_at(cv_val y, cv_val x, cv_last_axis_options options, cv_here here);
// Floating, the shape of x: between rising points (a vector) in proportion to their values (as many),
// beyond them the value at the end.
#define cv_interp(x, points, values) cv_interp_at(CV_VAL(x), CV_VAL(points), CV_VAL(values), CV_HERE)
CV_API cv_val cv_interp_at(cv_val x, cv_val points, cv_val values, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
