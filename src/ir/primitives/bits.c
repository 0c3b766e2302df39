// The rules of what looks at the bits of numbers: shifts, popcnt, clz,
// bitcast_convert, nextafter, is_finite.
//
// In: rule contexts (rules.h). Out: types, values, expansions. None but nextafter has a derivative. Amounts
// of shifts are unsigned: by the width or more, or by what is negative, everything is shifted out, and what
// comes in is 0 or the sign. bitcast_convert is between dtypes of one width here; ir_bitcast_convert, below,
// is that of XLA.

#include <string.h>

#include "ir/primitives/evaluate_elements.h"
#include "ir/primitives/formula.h"

static void is_finite_type(ir_typing *t) {
    ir_check_dtype(t, 0);
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], CV_BOOL);
}

static void bitcast_type(ir_typing *t) {
    cv_dtype to = ((const ir_convert_attributes *)t->attributes)->dtype, from = t->in[0]->dtype;
    char text[IR_TYPE_TEXT];
    ir_check_dtype(t, 0);
    if ((uint32_t)to >= CV_DTYPE_COUNT || !(ir_primitives[t->primitive].dtypes >> to & 1))
        ir_type_error(t, "%s: bits are not taken as %s", ir_type_text(t->in[0], text), cv_dtype_name(to));
    if (cv_dtype_size(from) != cv_dtype_size(to))
        ir_type_error(t, "%s has elements of %d bits, and %s has %d", ir_type_text(t->in[0], text),
                      8 * (int)cv_dtype_size(from), cv_dtype_name(to), 8 * (int)cv_dtype_size(to));
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], to);
}

// Between widths: an element of a wide dtype is a last axis of narrow ones, the lowest bits first.

static cv_dtype unsigned_of(size_t bytes) {
    return bytes == 1 ? CV_U8 : bytes == 2 ? CV_U16 : bytes == 4 ? CV_U32 : CV_U64;
}

static ir_val same_width(ir_builder *b, ir_val x, cv_dtype dtype) {
    if (ir_type_of(b, x)->dtype == dtype) return x;
    return ir_emit(b, IR_bitcast_convert, &x, 1, &(ir_convert_attributes){dtype});
}

// How far each part is shifted, for parts along the last axis of a shape.
static ir_val places(ir_builder *b, cv_dtype dtype, ir_dims shape, int width) {
    ir_val number = ir_iota(b, dtype, shape, shape.n - 1);
    return ir_mul(b, number, ir_full_like(b, number, width));
}

static ir_val in_parts(ir_builder *b, ir_val x, cv_dtype to, int64_t n) {
    const ir_type *type = ir_type_of(b, x);
    const ir_type *parts = ir_type_insert_axis(b->module, type, type->rank, n);
    int64_t dims[IR_MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) dims[i] = i;
    x = ir_broadcast_in_dim(b, x, ir_shape(parts), (ir_dims){type->rank, dims});
    ir_val by = places(b, type->dtype, ir_shape(parts), 8 * (int)cv_dtype_size(to));
    return ir_convert(b, ir_shift_right_logical(b, x, by), to);
}

static ir_val of_parts(ir_builder *b, ir_val x, cv_dtype to, int width) {
    x = ir_convert(b, x, to);
    const ir_type *type = ir_type_of(b, x);
    x = ir_shift_left(b, x, places(b, to, ir_shape(type), width));
    return ir_reduce(b, IR_reduce_or, x, IR_DIMS(type->rank - 1));
}

ir_val ir_bitcast_convert(ir_builder *b, ir_val x, cv_dtype dtype) {
    const ir_type *type = ir_type_of(b, x);
    size_t from = cv_dtype_size(type->dtype), to = cv_dtype_size(dtype);
    char text[IR_TYPE_TEXT];
    if (from == to) return same_width(b, x, dtype);
    if (from < to && (!type->rank || (size_t)type->dims[type->rank - 1] * from != to))
        ir_fail(b, CV_INVALID, "%s to %s: the last axis must hold the %d parts of an element",
                ir_type_text(type, text), cv_dtype_name(dtype), (int)(to / from));
    ir_val bits = same_width(b, x, unsigned_of(from));
    bits = from > to ? in_parts(b, bits, unsigned_of(to), (int64_t)(from / to))
                     : of_parts(b, bits, unsigned_of(to), 8 * (int)from);
    return same_width(b, bits, dtype);
}

// Values

#define WIDTH (8 * sizeof(T))
#define FAR(y) (UNSIGNED_OF(y) >= WIDTH)
#define UNSIGNED_OF(x) (WRAP(x) << (64 - WIDTH) >> (64 - WIDTH))
EVALUATE(shift_left, INTEGERS(BINARY, FAR(y) ? 0 : WRAP(x) << y))
EVALUATE(shift_right_logical, INTEGERS(BINARY, FAR(y) ? 0 : UNSIGNED_OF(x) >> y))
// The sign of what is unsigned is its highest bit, as in XLA.
EVALUATE(shift_right_arithmetic, INTEGERS(BINARY, (int64_t)(WRAP(x) << (64 - WIDTH)) >> (64 - WIDTH) >>
                                                      (FAR(y) ? WIDTH - 1 : WRAP(y))))
EVALUATE(popcnt, INTEGERS(UNARY, __builtin_popcountll(UNSIGNED_OF(x))))
EVALUATE(clz,
         INTEGERS(UNARY, UNSIGNED_OF(x) ? __builtin_clzll(UNSIGNED_OF(x)) - (int)(64 - WIDTH) : (int)WIDTH))

void ir_evaluate_bitcast_convert(ir_evaluation *c) {
    if (c->out[0].type->bytes) memcpy(c->out[0].data, c->in[0].data, c->out[0].type->bytes);
}

#define FINITE(code, element, ...) LOOP(code, element, uint8_t, X, __VA_ARGS__)
EVALUATE(is_finite, FLOATS(FINITE, isfinite(x)))

// The bits of the next number of a format of 16 bits, given those of x and y.
static uint16_t next_half(uint16_t bits, uint16_t towards, double x, double y) {
    if (isnan(x) || isnan(y)) return isnan(x) ? bits : towards;
    if (x == y) return towards;
    if (x == 0) return (towards & 0x8000) | 1;
    return (uint16_t)(bits + ((x < y) == (x > 0) ? 1 : -1));
}

EVALUATE(nextafter,
         LOOP(CV_F32, float, float, XY, nextafterf(x, y)) LOOP(CV_F64, double, double, XY, nextafter(x, y))
             BINARY(CV_F16, uint16_t, next_half(x, y, ir_f16_to_double(x), ir_f16_to_double(y)))
                 BINARY(CV_BF16, uint16_t, next_half(x, y, ir_bf16_to_double(x), ir_bf16_to_double(y))))

// Expansions

static void is_finite_expand(ir_expansion *c) {
    ir_val infinity = ir_full_like(c->b, c->in[0], (double)INFINITY);
    c->out[0] = ir_lt(c->b, ir_abs(c->b, c->in[0]), infinity);
}

// The bits of a number less its sign are in the order of magnitudes, so the next number is the next integer,
// up or down. From zero it is the least number, with the sign of y. Zeros are equal: the result is y.
static void nextafter_expand(ir_expansion *c) {
    ir_builder *b = c->b;
    fm own = fm_of(b, ir_type_of(b, c->in[0])), *f = &own;
    ir_val x = c->in[0], y = c->in[1], bits = fm_as_bits(f, x), one = fm_bits(f, 1), zero = fm_real(f, 0);
    ir_val grows = ir_xor(b, ir_lt(b, x, y), ir_lt(b, x, zero));
    ir_val moved = ir_select(b, grows, ir_add(b, bits, one), ir_sub(b, bits, one));
    ir_val least = ir_or(b, ir_and(b, fm_as_bits(f, y), fm_sign_bit(f)), one);
    ir_val next = fm_as_real(f, ir_select(b, ir_eq(b, x, zero), least, moved));
    next = ir_select(b, ir_eq(b, x, y), y, next);
    ir_val none = ir_or(b, ir_ne(b, x, x), ir_ne(b, y, y));
    c->out[0] = fm_replace(f, none, (double)NAN, next);
}

// Of x it keeps all but the last place; it does not follow y.
static void nextafter_jvp(ir_jvp *c) { c->tangent_out[0] = c->tangent[0]; }

// The records

#define BITS(name, ...)                                                                                      \
    IR_ELEMENTWISE_RULES(name, .type = ir_type_elementwise, .jvp = ir_jvp_zero,                              \
                         .no_transpose = IR_NO_COTANGENTS, __VA_ARGS__)
BITS(shift_left)
BITS(shift_right_arithmetic)
BITS(shift_right_logical)
BITS(popcnt)
BITS(clz)
IR_ELEMENTWISE_RULES(bitcast_convert, .type = bitcast_type, .jvp = ir_jvp_zero, .no_transpose = IR_STEP)
IR_ELEMENTWISE_RULES(is_finite, .type = is_finite_type, .jvp = ir_jvp_zero, .expand = is_finite_expand,
                     .no_transpose = "none, because its result is bool")
IR_ELEMENTWISE_RULES(nextafter, .type = ir_type_elementwise, .jvp = nextafter_jvp, .expand = nextafter_expand,
                     .no_transpose = IR_NOT_LINEAR, .cost = 12)
