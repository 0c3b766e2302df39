// Activations of jax.nn, elementwise unless an axis is named. Integers and bool become the default float.
// (relu, silu, softplus, sigmoid stand in ops_elementwise.h, softmax and logsumexp in ops_reduce.h, one_hot
// in ops_make.h.)
#ifndef COVECTOR_OPS_NN_H
#define COVECTOR_OPS_NN_H

#include "covector/ops_linear.h"

#ifdef __cplusplus
extern "C" {
#endif

// min(max(x, 0), 6)
#define cv_relu6(x) cv_relu6_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_relu6_at(cv_val x, cv_here here);
// 1.0507 elu(x) with alpha = 1.6733, in full precision (Klambauer et al. 2017)
#define cv_selu(x) cv_selu_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_selu_at(cv_val x, cv_here here);
// x between -1 and 1
#define cv_hard_tanh(x) cv_hard_tanh_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_hard_tanh_at(cv_val x, cv_here here);
// relu6(x + 3) / 6, and x times that (both names)
#define cv_hard_sigmoid(x) cv_hard_sigmoid_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_hard_sigmoid_at(cv_val x, cv_here here);
#define cv_hard_silu(x) cv_hard_silu_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_hard_silu_at(cv_val x, cv_here here);
#define cv_hard_swish(x) cv_hard_swish_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_hard_swish_at(cv_val x, cv_here here);
// x sigmoid(x): silu by its other name
#define cv_swish(x) cv_silu(x)
// -log(1 + exp(-x))
#define cv_log_sigmoid(x) cv_log_sigmoid_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_log_sigmoid_at(cv_val x, cv_here here);
// x tanh(softplus(x))
#define cv_mish(x) cv_mish_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_mish_at(cv_val x, cv_here here);
// x / (|x| + 1)
#define cv_soft_sign(x) cv_soft_sign_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_soft_sign_at(cv_val x, cv_here here);
// 0 up to -1, x from 1 on, (x + 1)^2 / 4 between; and its derivative
#define cv_sparse_plus(x) cv_sparse_plus_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sparse_plus_at(cv_val x, cv_here here);
#define cv_sparse_sigmoid(x) cv_sparse_sigmoid_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_sparse_sigmoid_at(cv_val x, cv_here here);
// log(1 - exp(-x)) for positive x, without cancellation
#define cv_log1mexp(x) cv_log1mexp_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_log1mexp_at(cv_val x, cv_here here);
// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which is what jax.nn.gelu computes by default; if
// .exact, x / 2 (1 + erf(x / sqrt(2))) (Hendrycks and Gimpel 2016)
typedef struct cv_gelu_options {
    bool exact;
    int end;
} cv_gelu_options;
#define cv_gelu(...) CV_GELU_(__VA_ARGS__, .end = 0)
#define CV_GELU_(x, ...) cv_gelu_at(CV_VAL(x), (cv_gelu_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_gelu_at(cv_val x, cv_gelu_options options, cv_here here);

typedef struct cv_activation_options {
    double alpha;          // elu, celu; default: 1
    double negative_slope; // leaky_relu; default: 0.01
    double b;              // squareplus; default: 4
    int end;
} cv_activation_options;
#define CV_ACTIVATION_(name, x, ...) cv_##name##_at(CV_VAL(x), (cv_activation_options){__VA_ARGS__}, CV_HERE)
// x where it is positive, else alpha (exp(x) - 1)
#define cv_elu(...) CV_ACTIVATION_(elu, __VA_ARGS__, .end = 0)
CV_API cv_val cv_elu_at(cv_val x, cv_activation_options options, cv_here here);
// max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1)
#define cv_celu(...) CV_ACTIVATION_(celu, __VA_ARGS__, .end = 0)
CV_API cv_val cv_celu_at(cv_val x, cv_activation_options options, cv_here here);
// x where it is not negative, else negative_slope x
#define cv_leaky_relu(...) CV_ACTIVATION_(leaky_relu, __VA_ARGS__, .end = 0)
CV_API cv_val cv_leaky_relu_at(cv_val x, cv_activation_options options, cv_here here);
// (x + sqrt(x^2 + b)) / 2
#define cv_squareplus(...) CV_ACTIVATION_(squareplus, __VA_ARGS__, .end = 0)
CV_API cv_val cv_squareplus_at(cv_val x, cv_activation_options options, cv_here here);

// The first half of an axis (default: the last) times the sigmoid of the second; an odd size is an error.
#define cv_glu(...) CV_GLU_(__VA_ARGS__, .end = 0)
#define CV_GLU_(x, ...) cv_glu_at(CV_VAL(x), (cv_last_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_glu_at(cv_val x, cv_last_axis_options options, cv_here here);
// (x - mean) / sqrt(variance + epsilon) over these axes; the shape of x.
typedef struct cv_standardize_options {
    cv_ints axis;   // default: the last
    double epsilon; // default: 1e-5
    int end;
} cv_standardize_options;
#define cv_standardize(...) CV_STANDARDIZE_(__VA_ARGS__, .end = 0)
#define CV_STANDARDIZE_(x, ...) cv_standardize_at(CV_VAL(x), (cv_standardize_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_standardize_at(cv_val x, cv_standardize_options options, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
