// Products. Operands are promoted to their common dtype.
#ifndef COVECTOR_OPS_LINEAR_H
#define COVECTOR_OPS_LINEAR_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// The matrix product of the last two axes, the others broadcast; a one-axis x is a row, a one-axis
// y a column, and that axis is not in the result. Scalars are an error.
#define cv_matmul(x, y) cv_matmul_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_matmul_at(cv_val x, cv_val y, cv_here here);
// The sum over the last axis of x and the last but one of y (or its only one); the other axes of x,
// then those of y. With a scalar: the product.
#define cv_dot(x, y) cv_dot_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_dot_at(cv_val x, cv_val y, cv_here here);
// The sum of the products of all elements, which must be as many; a scalar.
#define cv_vdot(x, y) cv_vdot_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_vdot_at(cv_val x, cv_val y, cv_here here);
// [count of x, count of y]: all products of elements of x and y.
#define cv_outer(x, y) cv_outer_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_outer_at(cv_val x, cv_val y, cv_here here);

// The sum over pairs of axes; the other axes of x, then those of y. Either lists of axes or how many:
// the last ones of x with the first ones of y.
typedef struct cv_tensordot_options {
    int64_t axes;           // default 2; for none give two empty lists (CV_NO_INTS)
    cv_ints x_axes, y_axes; // x_axes[i] goes with y_axes[i]
    int end;
} cv_tensordot_options;
#define cv_tensordot(...) CV_TENSORDOT_(__VA_ARGS__, .end = 0)
#define CV_TENSORDOT_(x, y, ...)                                                                   \
    cv_tensordot_at(CV_VAL(x), CV_VAL(y), (cv_tensordot_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_tensordot_at(cv_val x, cv_val y, cv_tensordot_options options, cv_here here);

// jax.lax.dot_general: the batch axes, then the other axes of x, then those of y.
typedef struct cv_dot_options {
    cv_ints lhs_contract, rhs_contract, lhs_batch, rhs_batch;
    int end;
} cv_dot_options;
#define cv_dot_general(...) CV_DOT_GENERAL_(__VA_ARGS__, .end = 0)
#define CV_DOT_GENERAL_(x, y, ...)                                                                 \
    cv_dot_general_at(CV_VAL(x), CV_VAL(y), (cv_dot_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_dot_general_at(cv_val x, cv_val y, cv_dot_options options, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
