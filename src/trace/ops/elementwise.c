// Elementwise operations. In: operands of any fitting dtypes and shapes. Out: one value of the
// broadcast shape.
//
// Operations that are alike are rows: a name, what happens to dtypes, and a function that emits for
// operands of one dtype and one shape. What can be said with primitives is said here, so that every
// transform and the compiler see primitives only.

#include <math.h>

#include "trace/ops/elementwise.h"

// One operand

static ir_val emit_abs(ir_builder *b, ir_val x) {
    bool nonnegative = dtype_of(b, x) == CV_BOOL || ir_is_unsigned(dtype_of(b, x));
    return nonnegative ? x : ir_abs(b, x);
}

static bool is_complex(const ir_builder *b, ir_val x) { return ir_is_complex(dtype_of(b, x)); }

static ir_val emit_real(ir_builder *b, ir_val x) { return is_complex(b, x) ? ir_real(b, x) : x; }

static ir_val emit_imag(ir_builder *b, ir_val x) {
    return is_complex(b, x) ? ir_imag(b, x) : ir_full_int(b, ir_type_of(b, x), 0);
}

static ir_val emit_conj(ir_builder *b, ir_val x) { return is_complex(b, x) ? ir_conj(b, x) : x; }

static ir_val emit_angle(ir_builder *b, ir_val x) {
    if (!is_complex(b, x)) x = ir_complex(b, x, ir_full_like(b, x, 0));
    return ir_imag(b, ir_log(b, x));
}

static ir_val emit_square(ir_builder *b, ir_val x) {
    if (dtype_of(b, x) == CV_BOOL) x = ir_convert(b, x, CV_S32);
    return ir_mul(b, x, x);
}

static ir_val emit_floor(ir_builder *b, ir_val x) {
    return dtype_of(b, x) <= CV_U64 ? x : ir_floor(b, x);
}

static ir_val emit_ceil(ir_builder *b, ir_val x) {
    return dtype_of(b, x) <= CV_U64 ? x : ir_ceil(b, x);
}

static ir_val emit_reciprocal(ir_builder *b, ir_val x) {
    return ir_div(b, ir_full_like(b, x, 1), x);
}

// A selection, not a maximum, which would have derivative 1/2 at 0; so written that NaN passes.
static ir_val emit_relu(ir_builder *b, ir_val x) {
    ir_val zero = ir_full_like(b, x, 0);
    return dtype_of(b, x) == CV_BOOL ? x : ir_select(b, ir_le(b, x, zero), zero, x);
}

// log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)), whose exponential never overflows. -|x| is a minimum
// here, since its derivative at 0 must be 0 for that of the whole to be 1/2.
ir_val tr_softplus(ir_builder *b, ir_val x) {
    ir_val small = ir_log1p(b, ir_exp(b, ir_min(b, x, ir_neg(b, x))));
    return ir_add(b, ir_max(b, x, ir_full_like(b, x, 0)), small);
}

static ir_val emit_silu(ir_builder *b, ir_val x) {
    return ir_mul(b, x, ir_logistic(b, x));
}

static ir_val constant_bool(ir_builder *b, ir_val like, bool value) {
    return ir_full_int(b, ir_type_with_dtype(b->module, ir_type_of(b, like), CV_BOOL), value);
}

static ir_val emit_isnan(ir_builder *b, ir_val x) {
    return dtype_of(b, x) <= CV_U64 ? constant_bool(b, x, false) : ir_ne(b, x, x);
}

static ir_val emit_isfinite(ir_builder *b, ir_val x) {
    if (dtype_of(b, x) <= CV_U64) return constant_bool(b, x, true);
    ir_val size = ir_abs(b, x);
    return ir_lt(b, size, ir_full_like(b, size, (double)INFINITY));
}

//    name           operand  emits
UNARY(neg,           COMMON,  ir_neg)
UNARY(abs,           COMMON,  emit_abs)
UNARY(sign,          COMMON,  ir_sign)
UNARY(square,        COMMON,  emit_square)
UNARY(real, COMMON, emit_real)
UNARY(imag, COMMON, emit_imag)
UNARY(conj, COMMON, emit_conj)
UNARY(angle, INEXACT, emit_angle)
UNARY(floor,         COMMON,  emit_floor)
UNARY(ceil,          COMMON,  emit_ceil)
UNARY(exp,           INEXACT, ir_exp)
UNARY(expm1,         INEXACT, ir_expm1)
UNARY(log,           INEXACT, ir_log)
UNARY(log1p,         INEXACT, ir_log1p)
UNARY(sqrt,          INEXACT, ir_sqrt)
UNARY(rsqrt,         INEXACT, ir_rsqrt)
UNARY(reciprocal,    INEXACT, emit_reciprocal)
UNARY(sin,           INEXACT, ir_sin)
UNARY(cos,           INEXACT, ir_cos)
UNARY(tan,           INEXACT, ir_tan)
UNARY(tanh,          INEXACT, ir_tanh)
UNARY(logistic,      INEXACT, ir_logistic)
UNARY(sigmoid,       INEXACT, ir_logistic)
UNARY(relu,          COMMON,  emit_relu)
UNARY(softplus,      INEXACT, tr_softplus)
UNARY(silu,          INEXACT, emit_silu)
UNARY(stop_gradient, COMMON,  ir_stop_gradient)
UNARY(logical_not,   TRUTH,   ir_not)
UNARY(bitwise_not,   BITS,    ir_not)
UNARY(isnan,         COMMON,  emit_isnan)
UNARY(isfinite,      COMMON,  emit_isfinite)

// Two operands

static ir_val emit_add(ir_builder *b, ir_val x, ir_val y) {
    return dtype_of(b, x) == CV_BOOL ? ir_or(b, x, y) : ir_add(b, x, y);
}

static ir_val emit_mul(ir_builder *b, ir_val x, ir_val y) {
    return dtype_of(b, x) == CV_BOOL ? ir_and(b, x, y) : ir_mul(b, x, y);
}

// Complex numbers are ordered by their real parts, those with the same by their imaginary parts.
static ir_val compare(ir_builder *b, ir_primitive p, ir_val x, ir_val y) {
    if (!is_complex(b, x)) return ir_emit(b, p, (ir_val[]){x, y}, 2, NULL);
    ir_val re[] = {ir_real(b, x), ir_real(b, y)}, im[] = {ir_imag(b, x), ir_imag(b, y)};
    return ir_select(b, ir_eq(b, re[0], re[1]), ir_emit(b, p, im, 2, NULL), ir_emit(b, p, re, 2, NULL));
}

static ir_val emit_less(ir_builder *b, ir_val x, ir_val y) { return compare(b, IR_lt, x, y); }
static ir_val emit_less_equal(ir_builder *b, ir_val x, ir_val y) { return compare(b, IR_le, x, y); }
static ir_val emit_greater(ir_builder *b, ir_val x, ir_val y) { return compare(b, IR_gt, x, y); }
static ir_val emit_greater_equal(ir_builder *b, ir_val x, ir_val y) { return compare(b, IR_ge, x, y); }

static ir_val emit_maximum(ir_builder *b, ir_val x, ir_val y) {
    return is_complex(b, x) ? ir_select(b, emit_greater(b, x, y), x, y) : ir_max(b, x, y);
}

static ir_val emit_minimum(ir_builder *b, ir_val x, ir_val y) {
    return is_complex(b, x) ? ir_select(b, emit_less(b, x, y), x, y) : ir_min(b, x, y);
}

//     name           operands emits
BINARY(add,           COMMON,  emit_add)
BINARY(sub,           COMMON,  ir_sub)
BINARY(mul,           COMMON,  emit_mul)
BINARY(div,           INEXACT, ir_div)
BINARY(maximum,       COMMON,  emit_maximum)
BINARY(minimum,       COMMON,  emit_minimum)
BINARY(logical_and,   TRUTH,   ir_and)
BINARY(logical_or,    TRUTH,   ir_or)
BINARY(logical_xor,   TRUTH,   ir_xor)
BINARY(bitwise_and,   BITS,    ir_and)
BINARY(bitwise_or,    BITS,    ir_or)
BINARY(bitwise_xor,   BITS,    ir_xor)
BINARY(equal,         COMMON,  ir_eq)
BINARY(not_equal,     COMMON,  ir_ne)
BINARY(less,          COMMON,  emit_less)
BINARY(less_equal,    COMMON,  emit_less_equal)
BINARY(greater,       COMMON,  emit_greater)
BINARY(greater_equal, COMMON,  emit_greater_equal)

// The parts in their common dtype, f32 or f64.
static void build_complex(tr_op *op, const void *options) {
    (void)options;
    char text[IR_TYPE_TEXT];
    tr_kind kind = tr_inexact(op, tr_common_kind(op, 0, 2));
    for (uint32_t i = 0; i < 2; i++)
        if (ir_is_complex(tr_type(op, i)->dtype))
            tr_wrong(op, "%s: the parts of a complex number are real; cv_real takes one",
                     tr_text(op, i, text));
    if (kind.dtype != CV_F64) kind.dtype = CV_F32;
    tr_cast(op, 0, 2, kind.dtype);
    tr_broadcast(op, 0, 2);
    set_result(op, ir_complex(op->b, op->in[0], op->in[1]), kind.weak);
}

cv_val cv_complex_at(cv_val re, cv_val im, cv_here here) {
    return tr_operation("cv_complex", here, build_complex, NULL, (cv_val[]){re, im}, 2);
}

// Powers

// x^y of integers, modulo the width: one step for each bit of y. The bits of a negative y give the
// inverse of a unit, which is right for 1 and -1; else the result is 0.
static ir_val power_of_integers(ir_builder *b, ir_val x, ir_val y) {
    cv_dtype dtype = dtype_of(b, x);
    ir_val zero = ir_full_like(b, x, 0), one = ir_full_like(b, x, 1), result = one, power = x;
    int bits = 8 * (int)cv_dtype_size(dtype);
    for (int i = 0; i < bits; i++) {
        ir_val bit = ir_full_int(b, ir_type_of(b, y), (int64_t)(UINT64_C(1) << i));
        ir_val set = ir_ne(b, ir_and(b, y, bit), zero);
        result = ir_select(b, set, ir_mul(b, result, power), result);
        if (i + 1 < bits) power = ir_mul(b, power, power);
    }
    if (ir_is_unsigned(dtype)) return result;
    ir_val vanishes = ir_and(b, ir_lt(b, y, zero), ir_ne(b, ir_abs(b, x), one));
    return ir_select(b, vanishes, zero, result);
}

static void build_pow(tr_op *op, const void *options) {
    (void)options;
    double number;
    int64_t n;
    tr_kind kind = tr_common_kind(op, 0, 2);
    if (kind.dtype == CV_BOOL) kind.dtype = CV_S32;
    bool exact = !ir_is_differentiable(kind.dtype);
    if (tr_is_literal(op, 1, &number, &n) && !ir_is_float(tr_type(op, 1)->dtype)) {
        if (n < 0 && exact)
            tr_wrong(op, "an integer to the power of %lld: make the base floating with cv_astype",
                     (long long)n);
        ir_val x = tr_as(op, 0, kind.dtype);
        x = ir_emit(op->b, IR_integer_pow, &x, 1, &(ir_integer_pow_attributes){n});
        set_result(op, x, tr_kind_of(op, 0).weak);
        return;
    }
    tr_cast(op, 0, 2, kind.dtype);
    tr_broadcast(op, 0, 2);
    set_result(op, (exact ? power_of_integers : ir_pow)(op->b, op->in[0], op->in[1]), kind.weak);
}

cv_val cv_pow_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_pow", here, build_pow, NULL, (cv_val[]){x, y}, 2);
}

// Three operands

static void build_where(tr_op *op, const void *options) {
    (void)options;
    tr_kind kind = tr_common_kind(op, 1, 2);
    op->in[0] = tr_truth(op->b, op->in[0]);
    tr_cast(op, 1, 2, kind.dtype);
    tr_broadcast(op, 0, 3);
    set_result(op, ir_select(op->b, op->in[0], op->in[1], op->in[2]), kind.weak);
}

cv_val cv_where_at(cv_val condition, cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_where", here, build_where, NULL, (cv_val[]){condition, x, y}, 3);
}

static ir_val emit_clip(ir_builder *b, ir_val x, ir_val low, ir_val high) {
    return ir_min(b, ir_max(b, low, x), high);
}

TERNARY(clip, x, low, high, COMMON, emit_clip)
TERNARY(clamp, low, x, high, COMMON, ir_clamp)
TERNARY(fma, x, y, z, INEXACT, ir_fma)

static void build_astype(tr_op *op, const void *options) {
    cv_dtype dtype = tr_dtype(op, *(const cv_dtype *)options);
    bool whether = dtype == CV_BOOL && ir_is_complex(tr_type(op, 0)->dtype); // i is not 0
    op->out[0] = whether ? tr_truth(op->b, op->in[0]) : tr_as(op, 0, dtype);
}

cv_val cv_astype_at(cv_val x, cv_dtype dtype, cv_here here) {
    return tr_operation("cv_astype", here, build_astype, &dtype, &x, 1);
}
