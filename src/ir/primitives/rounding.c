// The rules of rounding to integers (ceil, round, round_even), of remainders, and of integer_pow.
//
// In: rule contexts (rules.h). Out: types, derivatives, values, expansions. round goes half away from zero,
// round_even to the even integer. rem has the sign of the dividend, as C's fmod and %; of integers x rem 0 is
// x.

#include <tgmath.h>

#include "ir/primitives/evaluate_elements.h"
#include "ir/primitives/formula.h"

// -0.0 rounds up to itself, and what is between -1 and 0 up to it.
static void ceil_expand(ir_expansion *c) { c->out[0] = ir_neg(c->b, ir_floor(c->b, ir_neg(c->b, c->in[0]))); }

// |x| less its floor is exact; of infinity it is no number, which is not above a half.
static ir_val round_formula(const fm *f, const ir_val *in) {
    ir_val size = ir_abs(f->b, in[0]), whole = ir_floor(f->b, size);
    ir_val up = fm_is(f, ir_sub(f->b, size, whole), IR_ge, 0.5);
    return fm_copysign(f, ir_select(f->b, up, fm_plus(f, whole, 1), whole), in[0]);
}

// Added to a number whose unit in the last place is 1, |x| loses its fraction.
static ir_val round_even_formula(const fm *f, const ir_val *in) {
    double great = ldexp(1, f->mantissa);
    ir_val size = ir_abs(f->b, in[0]), whole = fm_plus(f, fm_plus(f, size, great), -great);
    return ir_select(f->b, fm_is(f, size, IR_lt, great), fm_copysign(f, whole, in[0]), in[0]);
}

static void round_expand(ir_expansion *c) { fm_expand(c, FM_OWN, round_formula); }
static void round_even_expand(ir_expansion *c) { fm_expand(c, FM_OWN, round_even_formula); }

// x - y trunc(x / y): where the quotient jumps is left out.
static void rem_jvp(ir_jvp *c) {
    ir_builder *b = c->b;
    if (c->tangent[0] != IR_NONE) c->tangent_out[0] = c->tangent[0];
    if (c->tangent[1] == IR_NONE) return;
    ir_val quotient = ir_div(b, c->in[0], c->in[1]);
    ir_val whole = ir_mul(b, ir_sign(b, quotient), ir_floor(b, ir_abs(b, quotient)));
    c->tangent_out[0] = ir_accumulate(b, c->tangent_out[0], ir_mul(b, c->tangent[1], ir_neg(b, whole)));
}

static void integer_pow_type(ir_typing *t) {
    char text[IR_TYPE_TEXT];
    int64_t exponent = ((const ir_integer_pow_attributes *)t->attributes)->exponent;
    ir_type_elementwise(t);
    if (exponent < 0 && ir_is_integer(t->in[0]->dtype))
        ir_type_error(t, "%s to the power of %lld: only floating numbers have negative powers",
                      ir_type_text(t->in[0], text), (long long)exponent);
}

static ir_val integer_pow(ir_builder *b, ir_val x, int64_t exponent) {
    return ir_emit(b, IR_integer_pow, &x, 1, &(ir_integer_pow_attributes){exponent});
}

static ir_val integer_pow_slope(ir_builder *b, const ir_op *op, ir_val x, ir_val out) {
    (void)out;
    int64_t n = ((const ir_integer_pow_attributes *)op->attributes)->exponent;
    return ir_mul(b, ir_full_like(b, x, (double)n), integer_pow(b, x, n - 1));
}

static void integer_pow_jvp(ir_jvp *c) {
    if (((const ir_integer_pow_attributes *)c->op->attributes)->exponent)
        ir_jvp_by_slope(c, integer_pow_slope);
}

static uint64_t magnitude(int64_t n) { return n < 0 ? -(uint64_t)n : (uint64_t)n; }

// By squaring, from the lowest bit of the exponent on; of a negative one the inverse.
static void integer_pow_expand(ir_expansion *c) {
    ir_builder *b = c->b;
    ir_val power = c->in[0], one = ir_full_like(b, power, 1), result = one;
    int64_t n = ((const ir_integer_pow_attributes *)c->op->attributes)->exponent;
    for (uint64_t bits = magnitude(n); bits; bits >>= 1) {
        if (bits & 1) result = result == one ? power : ir_mul(b, result, power);
        if (bits > 1) power = ir_mul(b, power, power);
    }
    c->out[0] = n < 0 ? ir_div(b, one, result) : result;
}

// Values

EVALUATE(ceil,       FLOATS(UNARY, ceil(x)))
EVALUATE(round,      FLOATS(UNARY, round(x)))
EVALUATE(round_even, FLOATS(UNARY, rint(x)))
EVALUATE(rem,        SIGNED(BINARY, y == 0 ? x : y == -1 ? 0 : x % y) UNSIGNED(BINARY, y == 0 ? x : x % y)
                     FLOATS(BINARY, fmod(x, y)))

// In the order of the expansion.
#define INTEGER_PRODUCT(x, y) (WRAP(x) * WRAP(y))
#define FLOAT_PRODUCT(x, y) ((x) * (y))
#define POWER(code, element, one_by, product)                                                      \
    case code: {                                                                                   \
        typedef element T;                                                                         \
        for (int64_t i = 0; i < c->out[0].type->count; i++) {                                      \
            T x = ELEMENT(0), result = 1;                                                          \
            for (uint64_t bits = magnitude(n); bits; bits >>= 1) {                                 \
                if (bits & 1) result = (T)product(result, x);                                      \
                if (bits > 1) x = (T)product(x, x);                                                \
            }                                                                                      \
            ((T *)c->out[0].data)[i] = n < 0 ? (T)(one_by / result) : result;                      \
        }                                                                                          \
        return;                                                                                    \
    }
void ir_evaluate_integer_pow(ir_evaluation *c) {
    int64_t n = ((const ir_integer_pow_attributes *)c->op->attributes)->exponent;
    switch (c->in[0].type->dtype) {
        INTEGERS(POWER, 0, INTEGER_PRODUCT)
        FLOATS(POWER, 1, FLOAT_PRODUCT)
        COMPLEXES(POWER, (long double _Complex)1, COMPLEX_PRODUCT)
    default: ir_evaluate_unsupported(c, c->in[0].type->dtype);
    }
}

// The records

#define STEP(name, ...)                                                                            \
    IR_ELEMENTWISE_RULES(name, .type = ir_type_elementwise, .jvp = ir_jvp_zero, .no_transpose = IR_STEP, \
                         __VA_ARGS__)
STEP(ceil, .expand = ceil_expand)
STEP(round, .expand = round_expand, .cost = 8)
STEP(round_even, .expand = round_even_expand, .cost = 8)
IR_ELEMENTWISE_RULES(rem, .type = ir_type_elementwise, .jvp = rem_jvp, .no_transpose = IR_NOT_LINEAR,
                     .cost = 20)
IR_ELEMENTWISE_RULES(integer_pow, .type = integer_pow_type, .jvp = integer_pow_jvp,
                     .expand = integer_pow_expand, .no_transpose = IR_NOT_LINEAR, .cost = 3)
