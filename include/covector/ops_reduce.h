// Reductions, and what normalizes along axes.
#ifndef COVECTOR_OPS_REDUCE_H
#define COVECTOR_OPS_REDUCE_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// cv_sum(x), cv_sum(x, .axis = CV_INTS(0, -1), .keepdims = true). CV_NO_INTS reduces nothing.
typedef struct cv_reduce_options {
    cv_ints axis;  // default: all axes (softmax and log_softmax: the last)
    bool keepdims; // leave the reduced axes with size 1
    double ddof;   // var and std divide by the count less this
    int end;
} cv_reduce_options;

// Sums. bool and integers narrower than 32 bits are summed as s32 or u32, halves in f32.
#define cv_sum(...) CV_SUM_(__VA_ARGS__, .end = 0)
#define CV_SUM_(x, ...) cv_sum_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_sum_at(cv_val x, cv_reduce_options options, cv_here here);

// Products, in the dtypes of cv_sum; of nothing: 1.
#define cv_prod(...) CV_PROD_(__VA_ARGS__, .end = 0)
#define CV_PROD_(x, ...) cv_prod_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_prod_at(cv_val x, cv_reduce_options options, cv_here here);

// The bits of bool or integers combined; of nothing: all ones (and), none (or, xor).
#define cv_reduce_and(...) CV_REDUCE_AND_(__VA_ARGS__, .end = 0)
#define CV_REDUCE_AND_(x, ...) cv_reduce_and_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_reduce_and_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_reduce_or(...) CV_REDUCE_OR_(__VA_ARGS__, .end = 0)
#define CV_REDUCE_OR_(x, ...) cv_reduce_or_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_reduce_or_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_reduce_xor(...) CV_REDUCE_XOR_(__VA_ARGS__, .end = 0)
#define CV_REDUCE_XOR_(x, ...) cv_reduce_xor_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_reduce_xor_at(cv_val x, cv_reduce_options options, cv_here here);

// Mean, variance and standard deviation; integers and bool become the default float. Of nothing: NaN.
// Variances of complex numbers are real.
#define cv_mean(...) CV_MEAN_(__VA_ARGS__, .end = 0)
#define CV_MEAN_(x, ...) cv_mean_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_mean_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_var(...) CV_VAR_(__VA_ARGS__, .end = 0)
#define CV_VAR_(x, ...) cv_var_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_var_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_std(...) CV_STD_(__VA_ARGS__, .end = 0)
#define CV_STD_(x, ...) cv_std_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_std_at(cv_val x, cv_reduce_options options, cv_here here);

// The greatest and the smallest; NaN if one is NaN. Of no elements: an error. Complex numbers are in order by
// real parts, of equal ones by imaginary parts, here and in cv_cummax and cv_cummin.
#define cv_max(...) CV_MAX_(__VA_ARGS__, .end = 0)
#define CV_MAX_(x, ...) cv_max_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_max_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_min(...) CV_MIN_(__VA_ARGS__, .end = 0)
#define CV_MIN_(x, ...) cv_min_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_min_at(cv_val x, cv_reduce_options options, cv_here here);

// The index (s32) of the first greatest or smallest element, NaN above all, along one axis; without .axis,
// in the flattened array. Of no elements: an error.
#define cv_argmax(...) CV_ARGMAX_(__VA_ARGS__, .end = 0)
#define CV_ARGMAX_(x, ...) cv_argmax_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_argmax_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_argmin(...) CV_ARGMIN_(__VA_ARGS__, .end = 0)
#define CV_ARGMIN_(x, ...) cv_argmin_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_argmin_at(cv_val x, cv_reduce_options options, cv_here here);

// bool: whether any or all elements are not 0. Of nothing: false, true.
#define cv_any(...) CV_ANY_(__VA_ARGS__, .end = 0)
#define CV_ANY_(x, ...) cv_any_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_any_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_all(...) CV_ALL_(__VA_ARGS__, .end = 0)
#define CV_ALL_(x, ...) cv_all_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_all_at(cv_val x, cv_reduce_options options, cv_here here);

// log(sum(exp(x))) without overflow; of nothing: -inf. Integers and bool become the default float.
#define cv_logsumexp(...) CV_LOGSUMEXP_(__VA_ARGS__, .end = 0)
#define CV_LOGSUMEXP_(x, ...) cv_logsumexp_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_logsumexp_at(cv_val x, cv_reduce_options options, cv_here here);

// exp(x) / sum(exp(x)) and its logarithm, without overflow; the shape of x. Integers and bool become the
// default float.
#define cv_softmax(...) CV_SOFTMAX_(__VA_ARGS__, .end = 0)
#define CV_SOFTMAX_(x, ...) cv_softmax_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_softmax_at(cv_val x, cv_reduce_options options, cv_here here);
#define cv_log_softmax(...) CV_LOG_SOFTMAX_(__VA_ARGS__, .end = 0)
#define CV_LOG_SOFTMAX_(x, ...) cv_log_softmax_at(CV_VAL(x), (cv_reduce_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_log_softmax_at(cv_val x, cv_reduce_options options, cv_here here);

// Along an axis: element k is the sum, product, maximum, minimum or log(sum(exp)) of the elements up to k, or
// with .reverse from k on. bool is summed and multiplied as s32; integers and bool become the default float
// in cv_cumlogsumexp.
typedef struct cv_cumulative_options {
    cv_ints axis; // a list of one; default: x is flattened
    bool reverse;
    int end;
} cv_cumulative_options;
#define cv_cumsum(...) CV_CUMULATIVE_(sum, __VA_ARGS__, .end = 0)
#define cv_cumprod(...) CV_CUMULATIVE_(prod, __VA_ARGS__, .end = 0)
#define cv_cummax(...) CV_CUMULATIVE_(max, __VA_ARGS__, .end = 0)
#define cv_cummin(...) CV_CUMULATIVE_(min, __VA_ARGS__, .end = 0)
#define cv_cumlogsumexp(...) CV_CUMULATIVE_(logsumexp, __VA_ARGS__, .end = 0)
#define CV_CUMULATIVE_(name, x, ...)                                                               \
    cv_cum##name##_at(CV_VAL(x), (cv_cumulative_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_cumsum_at(cv_val x, cv_cumulative_options options, cv_here here);
CV_API cv_val cv_cumprod_at(cv_val x, cv_cumulative_options options, cv_here here);
CV_API cv_val cv_cummax_at(cv_val x, cv_cumulative_options options, cv_here here);
CV_API cv_val cv_cummin_at(cv_val x, cv_cumulative_options options, cv_here here);
CV_API cv_val cv_cumlogsumexp_at(cv_val x, cv_cumulative_options options, cv_here here);

// Folds arrays of one shape together, to out[0 .. n), by a function of n scalars so far and one of each
// array, (a0, ..., x0, ...), which returns the next n; inits are what it starts from. It goes through the
// elements in row-major order. cv_reduce(CV_LIST(x), CV_LIST(0), cv_fun(add), &sum)
typedef struct cv_fold_options {
    cv_ints axis; // default: all axes
    int end;
} cv_fold_options;
#define cv_reduce(...) CV_REDUCE_(__VA_ARGS__, .end = 0)
#define CV_REDUCE_(list, inits, body, out, ...)                                                    \
    cv_reduce_at(list, inits, body, out, (cv_fold_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_reduce_at(cv_vals list, cv_vals inits, cv_fn body, cv_val *out, cv_fold_options options,
                              cv_here here);

#ifdef __cplusplus
}
#endif
#endif
