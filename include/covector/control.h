// Structured control flow, part of the program when traced. Bodies are functions that may use
// values of the trace around them. All raise an error when types do not fit.
//
// Forward mode and vmap go through everything here. Reverse mode goes through everything whose number
// of steps is known when traced: not through a cv_while_loop, unless it counts by a constant step
// from one constant to another. A carry that starts as a C scalar takes the type the body gives it.
#ifndef COVECTOR_CONTROL_H
#define COVECTOR_CONTROL_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// out = yes(arguments) if predicate (a bool scalar) else no(arguments).
#define cv_cond(predicate, yes, no, out, n_out, ...)                                               \
    cv_cond_at(CV_VAL(predicate), yes, no, out, n_out, CV_LIST(__VA_ARGS__), CV_HERE)
CV_API cv_status cv_cond_at(cv_val predicate, cv_fn yes, cv_fn no, cv_val *out, int n_out, cv_vals in,
                            cv_here here);

// out = branches[index](arguments): cv_switch(i, CV_FNS(f, g, h), out, n_out, ...). An index (an integer
// scalar) below 0 is 0, one beyond the last branch is the last.
typedef struct cv_fns {
    int64_t n;
    const cv_fn *at;
} cv_fns;
#define CV_FNS(...)                                                                                \
    ((cv_fns){(int64_t)(sizeof((cv_fn[]){__VA_ARGS__}) / sizeof(cv_fn)), (const cv_fn[]){__VA_ARGS__}})
#define cv_switch(index, branches, out, n_out, ...)                                                \
    cv_switch_at(CV_VAL(index), branches, out, n_out, CV_LIST(__VA_ARGS__), CV_HERE)
CV_API cv_status cv_switch_at(cv_val index, cv_fns branches, cv_val *out, int n_out, cv_vals in,
                              cv_here here);

// while (cond(carry)) carry = body(carry). carry[0 .. n) is read and replaced. Types stay the same.
#define cv_while_loop(cond, body, carry, n) cv_while_loop_at(cond, body, carry, n, CV_HERE)
CV_API cv_status cv_while_loop_at(cv_fn cond, cv_fn body, cv_val *carry, int n, cv_here here);

// for i = lower .. upper - 1: carry = body(i, carry). With C integers as bounds a scan, i an s32 as weak
// as they are; with integer scalars a while, i of their dtype.
#define cv_fori_loop(lower, upper, body, carry, n)                                                 \
    cv_fori_loop_at(CV_VAL(lower), CV_VAL(upper), body, carry, n, CV_HERE)
CV_API cv_status cv_fori_loop_at(cv_val lower, cv_val upper, cv_fn body, cv_val *carry, int n, cv_here here);

// For each step: (carry, ys[step]) = body(carry, xs[step]), along the leading axis of every x.
// carry[0 .. n_carry) is read and replaced; ys[0 .. n_ys) receives the stacked outputs.
typedef struct cv_scan_options {
    cv_vals xs;     // CV_LIST(a, b); may be empty if length is given
    int64_t length; // steps; default: the leading axis of xs
    bool reverse;   // from the last step to the first
    int unroll;     // steps written out in one iteration of the loop, not seen in the results; default 1
    int end;
} cv_scan_options;
#define CV_NO_STEPS INT64_MIN // a length of 0, where 0 would mean that none was given
#define cv_scan(body, carry, n_carry, ys, ...) CV_SCAN_(body, carry, n_carry, ys, __VA_ARGS__, .end = 0)
#define CV_SCAN_(body, carry, n_carry, ys, n_ys, ...)                                              \
    cv_scan_at(body, carry, n_carry, ys, n_ys, (cv_scan_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_scan_at(cv_fn body, cv_val *carry, int n_carry, cv_val *ys, int n_ys,
                            cv_scan_options options, cv_here here);

// out[step] = f(xs[step]) along the leading axis of every x, one step after the other, or batch_size of
// them at a time as cv_vmap has it: cv_map(f, out, n_out, CV_LIST(a, b), .batch_size = 64).
typedef struct cv_map_options {
    int64_t batch_size; // default: without vmap
    int end;
} cv_map_options;
#define cv_map(f, out, n_out, ...) CV_MAP_(f, out, n_out, __VA_ARGS__, .end = 0)
#define CV_MAP_(f, out, n_out, xs, ...) cv_map_at(f, out, n_out, xs, (cv_map_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_map_at(cv_fn f, cv_val *out, int n_out, cv_vals xs, cv_map_options options, cv_here here);

// Prefix combinations along one axis: element i becomes x[0] . x[1] . ... . x[i], in O(log) steps. f takes
// n left and then n right operands and returns n; it must be associative, and is called with slices
// of the arrays along the axis, so it works elementwise along it. values[0 .. n) is read and replaced.
typedef struct cv_associative_scan_options {
    int64_t axis; // the same of all values, from the end of the first if negative; default 0
    bool reverse; // x[i] . ... . x[last]; f has the element further towards the end on its left
    int end;
} cv_associative_scan_options;
#define cv_associative_scan(f, values, ...) CV_ASSOCIATIVE_SCAN_(f, values, __VA_ARGS__, .end = 0)
#define CV_ASSOCIATIVE_SCAN_(f, values, n, ...)                                                    \
    cv_associative_scan_at(f, values, n, (cv_associative_scan_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_associative_scan_at(cv_fn f, cv_val *values, int n, cv_associative_scan_options options,
                                        cv_here here);

#ifdef __cplusplus
}
#endif
#endif
