// Greatest common divisors and least common multiples, and what asks for the sign or the parts of numbers.
//
// In: operands of any fitting dtypes and shapes. Out: one value of the broadcast shape. The divisor is
// Euclid's, as a while loop over all elements at once: (x, y) becomes (y, x mod y) until every y is 0. Its
// remainders shrink by half at least every two steps, so it takes less than twice as many steps as numbers
// have bits.

#include "trace/ops/elementwise.h"

static ir_val zero_like(ir_builder *b, ir_val x) { return ir_full_int(b, ir_type_of(b, x), 0); }

static const ir_function *some_left(ir_module *module, const ir_type *type) {
    ir_builder *b = ir_builder_new(module, "some_left");
    ir_param(b, type);
    ir_val y = ir_param(b, type), left = ir_ne(b, y, zero_like(b, y));
    int64_t axes[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) axes[i] = i;
    if (type->rank) left = ir_reduce(b, IR_reduce_or, left, (ir_dims){type->rank, axes});
    return ir_finish(b, &left, 1);
}

static const ir_function *euclid_step(ir_module *module, const ir_type *type) {
    ir_builder *b = ir_builder_new(module, "euclid");
    ir_val x = ir_param(b, type), y = ir_param(b, type), zero = zero_like(b, y), left = ir_ne(b, y, zero);
    ir_val next[] = {ir_select(b, left, y, x), ir_select(b, left, ir_rem(b, x, y), zero)};
    return ir_finish(b, next, 2);
}

static ir_val size_of(ir_builder *b, ir_val x) { return ir_is_unsigned(dtype_of(b, x)) ? x : ir_abs(b, x); }

static ir_val emit_gcd(ir_builder *b, ir_val x, ir_val y) {
    const ir_type *type = ir_type_of(b, x);
    ir_while_attributes loop = {.cond = some_left(b->module, type), .body = euclid_step(b->module, type)};
    return ir_emit(b, IR_while, (ir_val[]){size_of(b, x), size_of(b, y)}, 2, &loop);
}

static ir_val emit_lcm(ir_builder *b, ir_val x, ir_val y) {
    ir_val divisor = emit_gcd(b, x, y), zero = zero_like(b, x), none = ir_eq(b, divisor, zero);
    ir_val safe = ir_select(b, none, ir_full_int(b, ir_type_of(b, x), 1), divisor);
    ir_val multiple = ir_mul(b, x, ir_div(b, y, safe));
    return ir_select(b, none, zero, size_of(b, multiple));
}

static void build_integers(tr_op *op, const void *options) {
    ir_val (*const *emit)(ir_builder *, ir_val, ir_val) = options;
    char text[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < 2; i++)
        if (!ir_is_integer(tr_type(op, i)->dtype))
            tr_wrong(op, "%s: divisors and multiples are those of integers", tr_text(op, i, text));
    tr_kind kind = into_domain(op, COMMON);
    tr_broadcast(op, 0, 2);
    set_result(op, (*emit)(op->b, op->in[0], op->in[1]), kind.weak);
}

#define INTEGERS(name)                                                                             \
    cv_val cv_##name##_at(cv_val x, cv_val y, cv_here here) {                                      \
        ir_val (*emit)(ir_builder *, ir_val, ir_val) = emit_##name;                                \
        return tr_operation("cv_" #name, here, build_integers, &emit, (cv_val[]){x, y}, 2);        \
    }
INTEGERS(gcd)
INTEGERS(lcm)

// Whether the sign is that of a negative number: of a floating one its first bit.
static ir_val emit_signbit(ir_builder *b, ir_val x) {
    static const cv_dtype bits[] = {[2] = CV_S16, [4] = CV_S32, [8] = CV_S64};
    cv_dtype dtype = dtype_of(b, x);
    if (dtype == CV_BOOL) return zero_like(b, x);
    if (ir_is_float(dtype)) x = ir_bitcast_convert(b, x, bits[cv_dtype_size(dtype)]);
    return ir_lt(b, x, zero_like(b, x));
}

static ir_val emit_copysign(ir_builder *b, ir_val x, ir_val y) {
    return ir_select(b, ir_ne(b, emit_signbit(b, x), emit_signbit(b, y)), ir_neg(b, x), x);
}

static ir_val emit_iscomplex(ir_builder *b, ir_val x) {
    if (!ir_is_complex(dtype_of(b, x)))
        return ir_full_int(b, ir_type_with_dtype(b->module, ir_type_of(b, x), CV_BOOL), 0);
    ir_val im = ir_imag(b, x);
    return ir_ne(b, im, ir_full_like(b, im, 0));
}

static ir_val emit_isreal(ir_builder *b, ir_val x) { return ir_not(b, emit_iscomplex(b, x)); }

// The size as a maximum, whose derivative at 0 is 0.
static ir_val emit_i0(ir_builder *b, ir_val x) {
    return ir_mul(b, ir_exp(b, ir_max(b, x, ir_neg(b, x))), ir_emit(b, IR_bessel_i0e, &x, 1, NULL));
}

//     name       operands emits
UNARY(signbit,    COMMON,  emit_signbit)
UNARY(iscomplex,  COMMON,  emit_iscomplex)
UNARY(isreal,     COMMON,  emit_isreal)
UNARY(i0,         INEXACT, emit_i0)
BINARY(copysign,  INEXACT, emit_copysign)
