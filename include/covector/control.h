// Structured control flow, part of the program when traced. Bodies are functions that may use
// values of the trace around them. All raise an error when types do not fit.
#ifndef COVECTOR_CONTROL_H
#define COVECTOR_CONTROL_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// out = yes(arguments) if predicate (a bool scalar) else no(arguments).
#define cv_cond(predicate, yes, no, out, n_out, ...)                                               \
    cv_cond_at(CV_VAL(predicate), yes, no, out, n_out, CV_LIST(__VA_ARGS__), CV_HERE)
CV_API cv_status cv_cond_at(cv_val predicate, cv_fn yes, cv_fn no, cv_val *out, int n_out, cv_vals in, cv_here here);

// while (cond(carry)) carry = body(carry). carry[0 .. n) is read and replaced. Types stay the same.
#define cv_while(cond, body, carry, n) cv_while_at(cond, body, carry, n, CV_HERE)
CV_API cv_status cv_while_at(cv_fn cond, cv_fn body, cv_val *carry, int n, cv_here here);

// for i = lower .. upper - 1 (s32): carry = body(i, carry). A scan when the bounds are C integers.
#define cv_fori(lower, upper, body, carry, n) cv_fori_at(lower, upper, body, carry, n, CV_HERE)
CV_API cv_status cv_fori_at(int64_t lower, int64_t upper, cv_fn body, cv_val *carry, int n, cv_here here);

// For each step: (carry, ys[step]) = body(carry, xs[step]), along the leading axis of every x.
// carry[0 .. n_carry) is read and replaced; ys[0 .. n_ys) receives the stacked outputs.
typedef struct cv_scan_options {
    cv_vals xs;     // CV_LIST(a, b); may be empty if length is given
    int64_t length; // steps; default: the leading axis of xs
    bool reverse;   // from the last step to the first
    int end;
} cv_scan_options;
#define cv_scan(body, carry, n_carry, ys, ...) CV_SCAN_(body, carry, n_carry, ys, __VA_ARGS__, .end = 0)
#define CV_SCAN_(body, carry, n_carry, ys, n_ys, ...)                                              \
    cv_scan_at(body, carry, n_carry, ys, n_ys, (cv_scan_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_scan_at(cv_fn body, cv_val *carry, int n_carry, cv_val *ys, int n_ys, cv_scan_options options,
                            cv_here here);

#ifdef __cplusplus
}
#endif
#endif
