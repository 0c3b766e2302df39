// The activations of jax.nn. In: one value. Out: a value of its shape (glu: half of one axis); integers and
// bool become the default float.
//
// A row emits for a float, given its parameter; what it is when the user gives none stands in the row. Pieces
// are chosen by selections where JAX does so and by maxima where JAX does so, since that decides the
// derivative at the seams.

#include <math.h>

#include "trace/ops/elementwise.h"

static ir_val number(ir_builder *b, ir_val x, double value) { return ir_full_like(b, x, value); }
static ir_val scaled(ir_builder *b, ir_val x, double factor) { return ir_mul(b, x, number(b, x, factor)); }
static ir_val shifted(ir_builder *b, ir_val x, double by) { return ir_add(b, x, number(b, x, by)); }

typedef struct activation {
    ir_val (*emit)(ir_builder *b, ir_val x, double parameter);
    double parameter;
} activation;

static void build_activation(tr_op *op, const void *options) {
    const activation *row = options;
    tr_kind kind = into_domain(op, INEXACT);
    set_result(op, row->emit(op->b, op->in[0], row->parameter), kind.weak);
}

// Selections, whose derivative at 0 and at 6 is 0; so written that NaN passes.
static ir_val emit_relu6(ir_builder *b, ir_val x, double most) {
    ir_val zero = number(b, x, 0), six = number(b, x, most);
    return ir_select(b, ir_le(b, x, zero), zero, ir_select(b, ir_ge(b, x, six), six, x));
}

// alpha (exp(x) - 1) where x is not positive; the exponential never sees a positive x.
static ir_val emit_elu(ir_builder *b, ir_val x, double alpha) {
    ir_val positive = ir_gt(b, x, number(b, x, 0)), negative = ir_select(b, positive, number(b, x, 0), x);
    return ir_select(b, positive, x, scaled(b, ir_expm1(b, negative), alpha));
}

static ir_val emit_selu(ir_builder *b, ir_val x, double scale) {
    return scaled(b, emit_elu(b, x, 1.6732632423543772848170429916717), scale);
}

static ir_val emit_celu(ir_builder *b, ir_val x, double alpha) {
    ir_val zero = number(b, x, 0), below = ir_expm1(b, ir_div(b, ir_min(b, x, zero), number(b, x, alpha)));
    return ir_add(b, ir_max(b, x, zero), scaled(b, below, alpha));
}

static ir_val emit_leaky_relu(ir_builder *b, ir_val x, double slope) {
    return ir_select(b, ir_ge(b, x, number(b, x, 0)), x, scaled(b, x, slope));
}

static ir_val emit_hard_tanh(ir_builder *b, ir_val x, double most) {
    ir_val one = number(b, x, most), minus_one = number(b, x, -most);
    return ir_select(b, ir_gt(b, x, one), one, ir_select(b, ir_lt(b, x, minus_one), minus_one, x));
}

static ir_val emit_hard_sigmoid(ir_builder *b, ir_val x, double most) {
    return ir_div(b, emit_relu6(b, shifted(b, x, 3), most), number(b, x, 6));
}

static ir_val emit_hard_silu(ir_builder *b, ir_val x, double most) {
    return ir_mul(b, x, emit_hard_sigmoid(b, x, most));
}

static ir_val emit_log_sigmoid(ir_builder *b, ir_val x, double unused) {
    (void)unused;
    return ir_neg(b, tr_softplus(b, ir_neg(b, x)));
}

static ir_val emit_mish(ir_builder *b, ir_val x, double unused) {
    (void)unused;
    return ir_mul(b, x, ir_tanh(b, tr_softplus(b, x)));
}

static ir_val emit_soft_sign(ir_builder *b, ir_val x, double one) {
    return ir_div(b, x, shifted(b, ir_abs(b, x), one));
}

static ir_val emit_squareplus(ir_builder *b, ir_val x, double curvature) {
    return scaled(b, ir_add(b, x, ir_sqrt(b, shifted(b, ir_mul(b, x, x), curvature))), 0.5);
}

// 0, (x + 1)^2 / 4, x; its derivative is the second.
static ir_val emit_sparse_plus(ir_builder *b, ir_val x, double one) {
    ir_val middle = shifted(b, x, one);
    middle = scaled(b, ir_mul(b, middle, middle), 0.25);
    ir_val upper = ir_select(b, ir_ge(b, x, number(b, x, one)), x, middle);
    return ir_select(b, ir_le(b, x, number(b, x, -one)), number(b, x, 0), upper);
}

static ir_val emit_sparse_sigmoid(ir_builder *b, ir_val x, double one) {
    return scaled(b, ir_min(b, ir_max(b, shifted(b, x, one), number(b, x, 0)), number(b, x, 2)), 0.5);
}

// log(1 - exp(-x)): by expm1 for small x, by log1p for large ones.
static ir_val emit_log1mexp(ir_builder *b, ir_val x, double border) {
    ir_val small = ir_lt(b, x, number(b, x, border)), one = number(b, x, 1);
    ir_val near = ir_select(b, small, x, one), far = ir_select(b, small, one, x);
    near = ir_log(b, ir_neg(b, ir_expm1(b, ir_neg(b, near))));
    far = ir_log1p(b, ir_neg(b, ir_exp(b, ir_neg(b, far))));
    return ir_select(b, small, near, far);
}

// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), Hendrycks and Gimpel 2016.
static ir_val emit_gelu(ir_builder *b, ir_val x, double cubic) {
    ir_val cube = ir_mul(b, ir_mul(b, x, x), x);
    ir_val inner = scaled(b, ir_add(b, x, scaled(b, cube, cubic)), sqrt(2 / M_PI));
    return ir_mul(b, x, scaled(b, shifted(b, ir_tanh(b, inner), 1), 0.5));
}

// x times the normal distribution function, which is erfc(-x / sqrt(2)) / 2: what is small keeps its digits.
static ir_val emit_exact_gelu(ir_builder *b, ir_val x, double half) {
    return scaled(b, ir_mul(b, x, ir_erfc(b, scaled(b, x, -M_SQRT1_2))), half);
}

#define ACTIVATION(name, value, emit)                                                              \
    cv_val cv_##name##_at(cv_val x, cv_here here) {                                                \
        return tr_operation("cv_" #name, here, build_activation, &(activation){emit, value}, &x, 1); \
    }
// clang-format off
//         name            parameter                            emits
ACTIVATION(relu6,          6,                                   emit_relu6)
ACTIVATION(selu,           1.0507009873554804934193349852946,   emit_selu)
ACTIVATION(hard_tanh,      1,                                   emit_hard_tanh)
ACTIVATION(hard_sigmoid,   6,                                   emit_hard_sigmoid)
ACTIVATION(hard_silu,      6,                                   emit_hard_silu)
ACTIVATION(hard_swish,     6,                                   emit_hard_silu)
ACTIVATION(log_sigmoid,    0,                                   emit_log_sigmoid)
ACTIVATION(mish,           0,                                   emit_mish)
ACTIVATION(soft_sign,      1,                                   emit_soft_sign)
ACTIVATION(sparse_plus,    1,                                   emit_sparse_plus)
ACTIVATION(sparse_sigmoid, 1,                                   emit_sparse_sigmoid)
ACTIVATION(log1mexp,       M_LN2,                               emit_log1mexp)

#define PARAMETRIC(name, option, usual, emit)                                                      \
    cv_val cv_##name##_at(cv_val x, cv_activation_options options, cv_here here) {                 \
        activation row = {emit, options.option != 0 ? options.option : usual};                     \
        return tr_operation("cv_" #name, here, build_activation, &row, &x, 1);                     \
    }
//         name            option          usual  emits
PARAMETRIC(elu,            alpha,          1,     emit_elu)
PARAMETRIC(celu,           alpha,          1,     emit_celu)
PARAMETRIC(leaky_relu,     negative_slope, 0.01,  emit_leaky_relu)
PARAMETRIC(squareplus,     b,              4,     emit_squareplus)
// clang-format on

cv_val cv_gelu_at(cv_val x, cv_gelu_options options, cv_here here) {
    activation row = options.exact ? (activation){emit_exact_gelu, 0.5} : (activation){emit_gelu, 0.044715};
    return tr_operation("cv_gelu", here, build_activation, &row, &x, 1);
}

// Along an axis

static int64_t last_axis(const tr_op *op, cv_ints axis) {
    static const int64_t last[] = {-1};
    return tr_one_axis(op, 0, axis.at || axis.n ? axis : (cv_ints){1, last});
}

// The first half times the logistic function of the second.
static void build_glu(tr_op *op, const void *options) {
    const cv_last_axis_options *o = options;
    int64_t axis = last_axis(op, o->axis), size = tr_type(op, 0)->dims[axis];
    char text[IR_TYPE_TEXT];
    if (size % 2)
        tr_wrong(op, "axis %lld of %s has no two halves", (long long)axis, tr_text(op, 0, text));
    tr_kind kind = into_domain(op, INEXACT);
    ir_val value = tr_slice_axis(op->b, op->in[0], axis, 0, size / 2),
           gate = tr_slice_axis(op->b, op->in[0], axis, size / 2, size / 2);
    set_result(op, ir_mul(op->b, value, ir_logistic(op->b, gate)), kind.weak);
}

cv_val cv_glu_at(cv_val x, cv_last_axis_options options, cv_here here) {
    return tr_operation("cv_glu", here, build_glu, &options, &x, 1);
}

static ir_val mean_along(ir_builder *b, ir_val x, ir_dims axes, int64_t count) {
    const ir_type *type = ir_type_of(b, x);
    int64_t kept[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < type->rank; i++)
        if (!ir_dims_contain(axes, i)) kept[n++] = i;
    ir_val mean = ir_reduce_sum(b, x, axes);
    mean = ir_div(b, mean, number(b, mean, (double)count));
    return ir_broadcast_in_dim(b, mean, ir_shape(type), (ir_dims){n, kept});
}

static void build_standardize(tr_op *op, const void *options) {
    const cv_standardize_options *o = options;
    ir_builder *b = op->b;
    static const int64_t last[] = {-1};
    int64_t room[IR_MAX_RANK], count = 1;
    ir_dims axes = tr_axes(op, 0, o->axis.at || o->axis.n ? o->axis : (cv_ints){1, last}, room);
    tr_kind kind = into_domain(op, INEXACT);
    for (int64_t i = 0; i < axes.n; i++) count *= tr_type(op, 0)->dims[axes.at[i]];
    ir_val x = ir_convert(b, op->in[0], tr_summing_dtype(kind.dtype));
    ir_val centered = ir_sub(b, x, mean_along(b, x, axes, count));
    ir_val variance = mean_along(b, ir_mul(b, centered, centered), axes, count);
    ir_val factor = ir_rsqrt(b, shifted(b, variance, o->epsilon != 0 ? o->epsilon : 1e-5));
    set_result(op, ir_convert(b, ir_mul(b, centered, factor), kind.dtype), kind.weak);
}

cv_val cv_standardize_at(cv_val x, cv_standardize_options options, cv_here here) {
    return tr_operation("cv_standardize", here, build_standardize, &options, &x, 1);
}
