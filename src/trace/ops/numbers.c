// Elementwise operations that primitives express: roundings, tests, angles, logarithms of sums, comparisons
// with a tolerance. In: operands of any fitting dtypes and shapes. Out: one value of the broadcast shape.
//
// Where a formula fails at a point (0 / 0, infinity - infinity) the operand is replaced by a harmless one
// before the formula and the result by a selection after it, so that the derivative is finite too.

#include <float.h>
#include <math.h>

#include "trace/ops/elementwise.h"

static bool is_exact(const ir_builder *b, ir_val x) { return dtype_of(b, x) <= CV_U64; }

static ir_val scaled(ir_builder *b, ir_val x, double factor) {
    return ir_mul(b, x, ir_full_like(b, x, factor));
}

static ir_val constant_bool(ir_builder *b, ir_val like, bool value) {
    return ir_full_int(b, ir_type_with_dtype(b->module, ir_type_of(b, like), CV_BOOL), value);
}

static ir_val equals(ir_builder *b, ir_val x, double value) {
    return is_exact(b, x) ? constant_bool(b, x, false) : ir_eq(b, x, ir_full_like(b, x, value));
}

// One operand

static ir_val emit_positive(ir_builder *b, ir_val x) {
    (void)b;
    return x;
}

static ir_val emit_trunc(ir_builder *b, ir_val x) {
    if (is_exact(b, x)) return x;
    return ir_select(b, ir_lt(b, x, ir_full_like(b, x, 0)), ir_ceil(b, x), ir_floor(b, x));
}

static ir_val emit_isposinf(ir_builder *b, ir_val x) { return equals(b, x, (double)INFINITY); }
static ir_val emit_isneginf(ir_builder *b, ir_val x) { return equals(b, x, -(double)INFINITY); }

static ir_val emit_isinf(ir_builder *b, ir_val x) {
    return is_exact(b, x) ? constant_bool(b, x, false) : equals(b, ir_abs(b, x), (double)INFINITY);
}

static ir_val emit_deg2rad(ir_builder *b, ir_val x) { return scaled(b, x, M_PI / 180); }
static ir_val emit_rad2deg(ir_builder *b, ir_val x) { return scaled(b, x, 180 / M_PI); }

static ir_val emit_log_of_base(ir_builder *b, ir_val x, double base) {
    ir_val y = ir_log(b, x);
    return ir_div(b, y, ir_full_like(b, y, log(base)));
}

static ir_val emit_log2(ir_builder *b, ir_val x) { return emit_log_of_base(b, x, 2); }
static ir_val emit_log10(ir_builder *b, ir_val x) { return emit_log_of_base(b, x, 10); }

// sin(z) / z with z = pi x; at 0 the beginning of its series, whose derivatives there are right.
static ir_val emit_sinc(ir_builder *b, ir_val x) {
    ir_val z = scaled(b, x, M_PI), one = ir_full_like(b, x, 1);
    ir_val at_zero = ir_eq(b, x, ir_full_like(b, x, 0)), safe = ir_select(b, at_zero, one, z);
    ir_val zz = ir_mul(b, z, z), series = ir_add(b, scaled(b, zz, 1.0 / 120), ir_full_like(b, x, -1.0 / 6));
    series = ir_add(b, ir_mul(b, series, zz), one);
    return ir_select(b, at_zero, series, ir_div(b, ir_sin(b, safe), safe));
}

// clang-format off
//    name           operand  emits
UNARY(positive,      COMMON,  emit_positive)
UNARY(trunc,         COMMON,  emit_trunc)
UNARY(fix,           COMMON,  emit_trunc)
UNARY(isinf,         COMMON,  emit_isinf)
UNARY(isposinf,      COMMON,  emit_isposinf)
UNARY(isneginf,      COMMON,  emit_isneginf)
UNARY(fabs,          INEXACT, ir_abs)
UNARY(deg2rad,       INEXACT, emit_deg2rad)
UNARY(radians,       INEXACT, emit_deg2rad)
UNARY(rad2deg,       INEXACT, emit_rad2deg)
UNARY(degrees,       INEXACT, emit_rad2deg)
UNARY(log2,          INEXACT, emit_log2)
UNARY(log10,         INEXACT, emit_log10)
UNARY(sinc,          INEXACT, emit_sinc)
// clang-format on

// Two operands

// The greater, or the other where one is NaN; of equal ones the second.
static ir_val emit_fmax(ir_builder *b, ir_val x, ir_val y) {
    if (is_exact(b, x)) return ir_max(b, x, y);
    return ir_select(b, ir_or(b, ir_gt(b, x, y), ir_ne(b, y, y)), x, y);
}

static ir_val emit_fmin(ir_builder *b, ir_val x, ir_val y) {
    if (is_exact(b, x)) return ir_min(b, x, y);
    return ir_select(b, ir_or(b, ir_lt(b, x, y), ir_ne(b, y, y)), x, y);
}

static ir_val emit_heaviside(ir_builder *b, ir_val x, ir_val at_zero) {
    ir_val zero = ir_full_like(b, x, 0), one = ir_full_like(b, x, 1);
    ir_val result = ir_select(b, ir_lt(b, x, zero), zero, x); // NaN stays
    result = ir_select(b, ir_gt(b, x, zero), one, result);
    return ir_select(b, ir_eq(b, x, zero), at_zero, result);
}

// m sqrt(1 + (n / m)^2) with m the greater magnitude: nothing overflows. Infinity wins over NaN.
static ir_val emit_hypot(ir_builder *b, ir_val x, ir_val y) {
    ir_val u = ir_abs(b, x), v = ir_abs(b, y), m = ir_max(b, u, v), n = ir_min(b, u, v);
    ir_val zero = ir_full_like(b, m, 0), one = ir_full_like(b, m, 1), none = ir_eq(b, m, zero);
    ir_val ratio = ir_div(b, n, ir_select(b, none, one, m));
    ir_val result = ir_mul(b, m, ir_sqrt(b, ir_add(b, ir_mul(b, ratio, ratio), one)));
    ir_val infinity = ir_full_like(b, m, (double)INFINITY);
    ir_val infinite = ir_or(b, ir_eq(b, u, infinity), ir_eq(b, v, infinity));
    return ir_select(b, infinite, infinity, ir_select(b, none, m, result));
}

// Of complex numbers: that with the greater real part takes the place of the maximum, and the imaginary part
// is brought to within half a turn of 0, which is no matter of derivatives.
static ir_val complex_log_of_sum(ir_builder *b, ir_val x, ir_val y, double log_base) {
    ir_val u = ir_real(b, x), v = ir_real(b, y), swap = ir_lt(b, u, v), zero = ir_full_like(b, x, 0);
    ir_val infinite = ir_eq(b, ir_abs(b, u), ir_full_like(b, u, (double)INFINITY));
    ir_val most = ir_select(b, swap, y, x), difference = ir_sub(b, ir_select(b, swap, x, y), most);
    difference = ir_select(b, ir_and(b, infinite, ir_eq(b, u, v)), zero, difference);
    ir_val small = ir_log1p(b, ir_exp(b, scaled(b, difference, log_base)));
    ir_val result = ir_add(b, most, scaled(b, small, 1 / log_base)), angle = ir_imag(b, result);
    ir_val turns = ir_stop_gradient(b, ir_round_even(b, scaled(b, angle, log_base / (2 * M_PI))));
    angle = ir_sub(b, angle, scaled(b, turns, 2 * M_PI / log_base));
    return ir_complex(b, ir_real(b, result), angle);
}

// max + log(1 + exp(-|x - y|)), all in this base; where both are the same infinity, their sum.
static ir_val log_of_sum(ir_builder *b, ir_val x, ir_val y, double log_base) {
    if (ir_is_complex(dtype_of(b, x))) return complex_log_of_sum(b, x, y, log_base);
    ir_val difference = ir_sub(b, x, y), undefined = ir_ne(b, difference, difference);
    difference = ir_select(b, undefined, ir_full_like(b, x, 0), difference);
    ir_val exponent = ir_min(b, difference, ir_neg(b, difference)); // so that it has derivative 0 at 0
    ir_val small = ir_log1p(b, ir_exp(b, scaled(b, exponent, log_base)));
    if (log_base != 1) small = ir_div(b, small, ir_full_like(b, small, log_base));
    return ir_select(b, undefined, ir_add(b, x, y), ir_add(b, ir_max(b, x, y), small));
}

static ir_val emit_logaddexp(ir_builder *b, ir_val x, ir_val y) { return log_of_sum(b, x, y, 1); }
static ir_val emit_logaddexp2(ir_builder *b, ir_val x, ir_val y) { return log_of_sum(b, x, y, M_LN2); }

// clang-format off
//     name           operands emits
BINARY(fmax,          COMMON,  emit_fmax)
BINARY(fmin,          COMMON,  emit_fmin)
BINARY(heaviside,     INEXACT, emit_heaviside)
BINARY(hypot,         INEXACT, emit_hypot)
BINARY(logaddexp,     INEXACT, emit_logaddexp)
BINARY(logaddexp2,    INEXACT, emit_logaddexp2)
BINARY(float_power,   INEXACT, ir_pow)
// clang-format on

// With options

static double greatest(cv_dtype dtype) {
    switch (dtype) {
    case CV_F16: return 65504;
    case CV_BF16: return 0x1.fep127;
    case CV_F32: return (double)FLT_MAX;
    default: return DBL_MAX;
    }
}

static void build_nan_to_num(tr_op *op, const void *options) {
    const cv_nan_to_num_options *o = options;
    ir_builder *b = op->b;
    ir_val x = tr_operand(op);
    op->out[0] = x;
    if (is_exact(b, x)) return;
    double most = greatest(dtype_of(b, x));
    ir_val result = ir_select(b, ir_ne(b, x, x), ir_full_like(b, x, o->nan), x);
    result = ir_select(b, equals(b, x, (double)INFINITY),
                       ir_full_like(b, x, o->posinf != 0 ? o->posinf : most), result);
    op->out[0] = ir_select(b, equals(b, x, -(double)INFINITY),
                           ir_full_like(b, x, o->neginf != 0 ? o->neginf : -most), result);
}

cv_val cv_nan_to_num_at(cv_val x, cv_nan_to_num_options options, cv_here here) {
    return tr_operation("cv_nan_to_num", here, build_nan_to_num, &options, &x, 1);
}

static double tolerance(double given, double usual) {
    return given < 0 ? 0 : given > 0 ? given : usual;
}

// |x - y| <= atol + rtol |y|; infinities are close to themselves only.
static ir_val close_to(tr_op *op, const cv_close_options *o) {
    ir_builder *b = op->b;
    into_domain(op, INEXACT);
    tr_broadcast(op, 0, 2);
    ir_val x = op->in[0], y = op->in[1], size = ir_abs(b, y);
    ir_val bound = scaled(b, size, tolerance(o->rtol, 1e-5));
    bound = ir_add(b, bound, ir_full_like(b, bound, tolerance(o->atol, 1e-8)));
    ir_val near = ir_le(b, ir_abs(b, ir_sub(b, x, y)), bound);
    ir_val infinite = ir_or(b, emit_isinf(b, x), emit_isinf(b, y));
    near = ir_select(b, infinite, ir_eq(b, x, y), near);
    if (o->equal_nan) near = ir_or(b, near, ir_and(b, ir_ne(b, x, x), ir_ne(b, y, y)));
    return near;
}

// Whether all of it is true; of nothing: true.
static ir_val all_of(ir_builder *b, ir_val x) {
    int64_t axes[IR_MAX_RANK], n = ir_type_of(b, x)->rank;
    for (int64_t i = 0; i < n; i++) axes[i] = i;
    if (!ir_type_of(b, x)->count) return tr_scalar_constant(b, CV_BOOL, 1);
    return n ? ir_reduce_min(b, x, (ir_dims){n, axes}) : x;
}

static void build_isclose(tr_op *op, const void *options) { op->out[0] = close_to(op, options); }

cv_val cv_isclose_at(cv_val x, cv_val y, cv_close_options options, cv_here here) {
    return tr_operation("cv_isclose", here, build_isclose, &options, (cv_val[]){x, y}, 2);
}

static void build_allclose(tr_op *op, const void *options) {
    op->out[0] = all_of(op->b, close_to(op, options));
}

cv_val cv_allclose_at(cv_val x, cv_val y, cv_close_options options, cv_here here) {
    return tr_operation("cv_allclose", here, build_allclose, &options, (cv_val[]){x, y}, 2);
}

typedef struct comparing {
    bool equal_nan, broadcasts;
} comparing;

static bool shapes_fit(const ir_type *x, const ir_type *y) {
    for (uint32_t i = 1; i <= x->rank && i <= y->rank; i++) {
        int64_t m = x->dims[x->rank - i], n = y->dims[y->rank - i];
        if (m != n && m != 1 && n != 1) return false;
    }
    return true;
}

static void build_array_equal(tr_op *op, const void *options) {
    const comparing *o = options;
    ir_builder *b = op->b;
    const ir_type *x = tr_type(op, 0), *y = tr_type(op, 1);
    bool comparable = o->broadcasts ? shapes_fit(x, y) : ir_dims_equal(ir_shape(x), ir_shape(y));
    op->out[0] = tr_scalar_constant(b, CV_BOOL, 0);
    if (!comparable) return;
    into_domain(op, COMMON);
    tr_broadcast(op, 0, 2);
    ir_val same = ir_eq(b, op->in[0], op->in[1]);
    if (o->equal_nan && !is_exact(b, op->in[0]))
        same = ir_or(b, same, ir_and(b, ir_ne(b, op->in[0], op->in[0]), ir_ne(b, op->in[1], op->in[1])));
    op->out[0] = all_of(b, same);
}

cv_val cv_array_equal_at(cv_val x, cv_val y, cv_close_options options, cv_here here) {
    return tr_operation("cv_array_equal", here, build_array_equal, &(comparing){options.equal_nan, false},
                        (cv_val[]){x, y}, 2);
}

cv_val cv_array_equiv_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_array_equiv", here, build_array_equal, &(comparing){false, true},
                        (cv_val[]){x, y}, 2);
}
