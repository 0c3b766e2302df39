// Elementwise operations that are primitives: elementary and special functions, roundings, remainders, bits.
// In: operands of any fitting dtypes and shapes. Out: one value of the broadcast shape.

#include "trace/ops/elementwise.h"

// Integers and bool are whole.
static ir_val emit_round(ir_builder *b, ir_val x) {
    return dtype_of(b, x) <= CV_U64 ? x : ir_round_even(b, x);
}
static ir_val emit_round_away(ir_builder *b, ir_val x) {
    return dtype_of(b, x) <= CV_U64 ? x : ir_round(b, x);
}

static ir_val emit_bessel_i0e(ir_builder *b, ir_val x) { return ir_emit(b, IR_bessel_i0e, &x, 1, NULL); }
static ir_val emit_bessel_i1e(ir_builder *b, ir_val x) { return ir_emit(b, IR_bessel_i1e, &x, 1, NULL); }

//    name           operand  emits
UNARY(exp2,          INEXACT, ir_exp2)
UNARY(cbrt,          INEXACT, ir_cbrt)
UNARY(arcsin,        INEXACT, ir_asin)
UNARY(arccos,        INEXACT, ir_acos)
UNARY(arctan,        INEXACT, ir_atan)
UNARY(sinh,          INEXACT, ir_sinh)
UNARY(cosh,          INEXACT, ir_cosh)
UNARY(arcsinh,       INEXACT, ir_asinh)
UNARY(arccosh,       INEXACT, ir_acosh)
UNARY(arctanh,       INEXACT, ir_atanh)
UNARY(erf,           INEXACT, ir_erf)
UNARY(erfc,          INEXACT, ir_erfc)
UNARY(erf_inv,       INEXACT, ir_erf_inv)
UNARY(lgamma,        INEXACT, ir_lgamma)
UNARY(digamma,       INEXACT, ir_digamma)
UNARY(bessel_i0e,    INEXACT, emit_bessel_i0e)
UNARY(bessel_i1e,    INEXACT, emit_bessel_i1e)
UNARY(round,         COMMON,  emit_round)
UNARY(round_away,    COMMON,  emit_round_away)
UNARY(population_count, BITS, ir_popcnt)
UNARY(clz,           BITS,    ir_clz)

// jax.numpy has no remainder of integers by zero: they are divided by one.
static ir_val divisor_of(ir_builder *b, ir_val y) {
    if (!ir_is_integer(dtype_of(b, y))) return y;
    return ir_select(b, ir_eq(b, y, ir_full_like(b, y, 0)), ir_full_like(b, y, 1), y);
}

static ir_val emit_fmod(ir_builder *b, ir_val x, ir_val y) { return ir_rem(b, x, divisor_of(b, y)); }

// That of rem has the sign of x, this one that of y.
static ir_val emit_remainder(ir_builder *b, ir_val x, ir_val y) {
    ir_val zero = ir_full_like(b, x, 0), divisor = divisor_of(b, y), rest = ir_rem(b, x, divisor);
    ir_val apart = ir_ne(b, ir_lt(b, rest, zero), ir_lt(b, divisor, zero));
    ir_val other = ir_and(b, apart, ir_ne(b, rest, zero));
    return ir_select(b, other, ir_add(b, rest, divisor), rest);
}

// Of floating numbers (x - x rem y) / y, which is whole but for its rounding; one less where signs differ and
// there is a remainder.
static ir_val emit_floor_divide(ir_builder *b, ir_val x, ir_val y) {
    ir_val zero = ir_full_like(b, x, 0), one = ir_full_like(b, x, 1), rest = ir_rem(b, x, y), above = x;
    bool exact = ir_is_integer(dtype_of(b, x));
    if (!exact) above = ir_select(b, ir_eq(b, y, zero), x, ir_sub(b, x, rest));
    ir_val quotient = ir_div(b, above, y);
    if (ir_is_unsigned(dtype_of(b, x))) return quotient;
    ir_val apart = ir_ne(b, ir_sign(b, y), ir_sign(b, exact ? x : rest));
    ir_val less = ir_and(b, apart, ir_ne(b, rest, zero));
    quotient = ir_select(b, less, ir_sub(b, quotient, one), quotient);
    return exact ? quotient : ir_round(b, quotient);
}

static ir_val emit_right_shift(ir_builder *b, ir_val x, ir_val y) {
    return ir_is_unsigned(dtype_of(b, x)) ? ir_shift_right_logical(b, x, y)
                                          : ir_shift_right_arithmetic(b, x, y);
}

//     name                   operands emits
BINARY(arctan2,               INEXACT, ir_atan2)
BINARY(nextafter,             INEXACT, ir_nextafter)
BINARY(rem,                   COMMON,  ir_rem)
BINARY(fmod,                  COMMON,  emit_fmod)
BINARY(remainder,             COMMON,  emit_remainder)
BINARY(floor_divide,          COMMON,  emit_floor_divide)
BINARY(left_shift,            BITS,    ir_shift_left)
BINARY(right_shift,           BITS,    emit_right_shift)
BINARY(shift_right_logical,   BITS,    ir_shift_right_logical)

static void build_polygamma(tr_op *op, const void *options) {
    int64_t order = *(const int64_t *)options;
    tr_kind kind = into_domain(op, INEXACT);
    ir_val x = op->in[0];
    if (order) x = ir_emit(op->b, IR_polygamma, &x, 1, &(ir_polygamma_attributes){order});
    set_result(op, order ? x : ir_digamma(op->b, x), kind.weak);
}

cv_val cv_polygamma_at(int64_t n, cv_val x, cv_here here) {
    return tr_operation("cv_polygamma", here, build_polygamma, &n, &x, 1);
}

static void build_bitcast_convert(tr_op *op, const void *options) {
    char text[IR_TYPE_TEXT];
    cv_dtype dtype = tr_dtype(op, *(const cv_dtype *)options), from = tr_type(op, 0)->dtype;
    if (from == CV_BOOL || dtype == CV_BOOL || ir_is_complex(from) || ir_is_complex(dtype))
        tr_wrong(op, "%s to %s: bits are those of integers and real floating numbers", tr_text(op, 0, text),
                 cv_dtype_name(dtype));
    op->out[0] = ir_bitcast_convert(op->b, op->in[0], dtype);
}

cv_val cv_bitcast_convert_at(cv_val x, cv_dtype dtype, cv_here here) {
    return tr_operation("cv_bitcast_convert", here, build_bitcast_convert, &dtype, &x, 1);
}
