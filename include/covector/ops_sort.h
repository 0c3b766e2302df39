// Sorting and searching. Numbers are ordered as numbers: -0 is equal to 0, NaN goes last, false before
// true.
// Sorting is stable: what is equal keeps its order, also when it descends.
#ifndef COVECTOR_OPS_SORT_H
#define COVECTOR_OPS_SORT_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cv_sort_options {
    cv_ints axis; // a list of one; default: the last
    bool descending;
    int end;
} cv_sort_options;
// The elements along an axis in order; and where they were (s32): x taken there along the axis is sorted.
#define cv_sort(...) CV_SORT_(sort, __VA_ARGS__, .end = 0)
#define cv_argsort(...) CV_SORT_(argsort, __VA_ARGS__, .end = 0)
#define CV_SORT_(name, x, ...) cv_##name##_at(CV_VAL(x), (cv_sort_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_sort_at(cv_val x, cv_sort_options options, cv_here here);
CV_API cv_val cv_argsort_at(cv_val x, cv_sort_options options, cv_here here);

// Arrays of one shape, sorted together to out[0 .. n): by the first num_keys of them, the first one first; or
// by a comparator, a function of two scalars of each array, (a0, b0, a1, b1, ...), that returns as one bool
// whether the a's go before the b's: cv_sort_together(CV_LIST(x, y), out, .comparator = cv_fun(before)).
typedef struct cv_sort_together_options {
    cv_ints axis; // a list of one; default: the last
    int num_keys; // default: 1
    bool descending;
    cv_fn comparator; // instead of num_keys and descending
    int end;
} cv_sort_together_options;
#define cv_sort_together(...) CV_SORT_TOGETHER_(__VA_ARGS__, .end = 0)
#define CV_SORT_TOGETHER_(list, out, ...)                                                          \
    cv_sort_together_at(list, out, (cv_sort_together_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_sort_together_at(cv_vals list, cv_val *out, cv_sort_together_options options,
                                     cv_here here);

// The k greatest elements along the last axis, the greatest first, to out[0], and where they are (s32) to
// out[1].
#define cv_top_k(x, k, out) cv_top_k_at(CV_VAL(x), k, out, CV_HERE)
CV_API cv_status cv_top_k_at(cv_val x, int64_t k, cv_val out[2], cv_here here);

// Where each value belongs in a sorted array of one axis (s32): in front of what is equal to it, or behind.
typedef struct cv_searchsorted_options {
    bool right;
    int end;
} cv_searchsorted_options;
#define cv_searchsorted(...) CV_SEARCHSORTED_(__VA_ARGS__, .end = 0)
#define CV_SEARCHSORTED_(sorted, values, ...)                                                      \
    cv_searchsorted_at(CV_VAL(sorted), CV_VAL(values), (cv_searchsorted_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_searchsorted_at(cv_val sorted, cv_val values, cv_searchsorted_options options, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
