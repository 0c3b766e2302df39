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

// Einstein summation, numpy.einsum's subscripts: a term of letters for each operand, a letter for each
// axis, and after an arrow those of the result; what is not in the result is summed over. Without an arrow
// it has the letters that occur once, in the order of ASCII. An ellipsis stands for the axes that are not
// named, which are broadcast; a letter twice in a term means the diagonal; an axis of size 1 is stretched;
// spaces are skipped. Several operands are contracted two at a time, the cheapest product first. bool: `or`
// of `and`.
//     cv_einsum("bij,bjk->bik", x, y)     cv_einsum("ii", x)     cv_einsum("...i,...i->...", x, y)
#define cv_einsum(subscripts, ...) cv_einsum_at(subscripts, CV_LIST(__VA_ARGS__), CV_HERE)
#define cv_einsum_list(subscripts, operands) cv_einsum_at(subscripts, operands, CV_HERE)
CV_API cv_val cv_einsum_at(const char *subscripts, cv_vals operands, cv_here here);
// The product of two or more matrices, in the cheapest order; the first and the last may be vectors.
#define cv_multi_dot(matrices) cv_multi_dot_at(matrices, CV_HERE)
CV_API cv_val cv_multi_dot_at(cv_vals matrices, cv_here here);

// The sum over the last axes of both; the other axes of x, then those of y. With a scalar: the product.
#define cv_inner(x, y) cv_inner_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_inner_at(cv_val x, cv_val y, cv_here here);
// Matrices [.., m, n] and vectors [.., n] -> [.., m]; vectors [.., m] and matrices [.., m, n] -> [.., n];
// the other axes are broadcast.
#define cv_matvec(x, y) cv_matvec_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_matvec_at(cv_val x, cv_val y, cv_here here);
#define cv_vecmat(x, y) cv_vecmat_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_vecmat_at(cv_val x, cv_val y, cv_here here);

typedef struct cv_last_axis_options {
    cv_ints axis; // a list of one, of both operands; default: the last
    int end;
} cv_last_axis_options;
// The sum of products along the axis, of the conjugate of x with y; the other axes are broadcast.
#define cv_vecdot(...) CV_VECDOT_(__VA_ARGS__, .end = 0)
#define CV_VECDOT_(x, y, ...)                                                                      \
    cv_vecdot_at(CV_VAL(x), CV_VAL(y), (cv_last_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_vecdot_at(cv_val x, cv_val y, cv_last_axis_options options, cv_here here);
// The vector product along the axis, of size 3; of vectors of 2: the third component, without the axis.
#define cv_cross(...) CV_CROSS_(__VA_ARGS__, .end = 0)
#define CV_CROSS_(x, y, ...)                                                                       \
    cv_cross_at(CV_VAL(x), CV_VAL(y), (cv_last_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_cross_at(cv_val x, cv_val y, cv_last_axis_options options, cv_here here);
// The Kronecker product: element [i n + j] along an axis is x[i] y[j], n being the size of y there.
#define cv_kron(x, y) cv_kron_at(CV_VAL(x), CV_VAL(y), CV_HERE)
CV_API cv_val cv_kron_at(cv_val x, cv_val y, cv_here here);

// Vectors of m and n elements: all m + n - 1 places where they overlap; the middle max(m, n); or those
// where they overlap wholly. The default is CV_FULL for convolve and CV_VALID for correlate, as in NumPy.
// Integers and bool become the default float. correlate takes the conjugate of y.
typedef enum cv_convolve_mode { CV_CONVOLVE_DEFAULT, CV_VALID, CV_SAME, CV_FULL } cv_convolve_mode;
typedef struct cv_convolve_options {
    cv_convolve_mode mode;
    int end;
} cv_convolve_options;
#define cv_convolve(...) CV_CONVOLVE_(convolve, __VA_ARGS__, .end = 0)
#define cv_correlate(...) CV_CONVOLVE_(correlate, __VA_ARGS__, .end = 0)
#define CV_CONVOLVE_(name, x, y, ...)                                                              \
    cv_##name##_at(CV_VAL(x), CV_VAL(y), (cv_convolve_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_convolve_at(cv_val x, cv_val y, cv_convolve_options options, cv_here here);
CV_API cv_val cv_correlate_at(cv_val x, cv_val y, cv_convolve_options options, cv_here here);

// A polynomial at x; the coefficients are a vector, that of the highest power first.
#define cv_polyval(coefficients, x) cv_polyval_at(CV_VAL(coefficients), CV_VAL(x), CV_HERE)
CV_API cv_val cv_polyval_at(cv_val coefficients, cv_val x, cv_here here);
// [count of x, n]: powers n - 1 to 0 of the vector x, or `increasing` ones.
typedef struct cv_vander_options {
    int64_t n; // default: as many as x has elements
    bool increasing;
    int end;
} cv_vander_options;
#define cv_vander(...) CV_VANDER_(__VA_ARGS__, .end = 0)
#define CV_VANDER_(x, ...) cv_vander_at(CV_VAL(x), (cv_vander_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_vander_at(cv_val x, cv_vander_options options, cv_here here);
// The product of n times the square matrix in the last two axes, n being 0 or more.
#define cv_matrix_power(x, n) cv_matrix_power_at(CV_VAL(x), n, CV_HERE)
CV_API cv_val cv_matrix_power_at(cv_val x, int64_t n, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
