// The parts of complex numbers (real, imag, conj, complex), and arithmetic on pairs.
//
// In: rule contexts (rules.h). Out: types, derivatives, values; and for code generation, which has no complex
// numbers, the same operation on real and imaginary parts (split_complex.c asks for it). The elementary
// functions on pairs are in complex_functions.c.
//
// Derivatives are those of JAX: a linear map of complex numbers is one over the real numbers, and its
// transpose is taken for the pairing Re(x y), without conjugation. So the cotangent of a real part is
// that number plus 0 i, that of an imaginary part -i times it, and the gradient of a real function is du - i
// dv.
//
// Products are (ac - bd) + (ad + bc) i as XLA has them, infinities and NaNs included. Quotients are Smith's
// (1962), with operands scaled by powers of two so that nothing on the way overflows or vanishes, and with
// the infinities of C's annex G.

#include "ir/primitives/complex.h"

#include <math.h>
#include <string.h>

static void type_part(ir_typing *t) {
    ir_check_dtype(t, 0);
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], ir_part_dtype(t->in[0]->dtype));
}

static void type_complex(ir_typing *t) {
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    ir_check_dtype(t, 0);
    if (t->in[0] != t->in[1])
        ir_type_error(t, "%s and %s: the types of the two parts differ", ir_type_text(t->in[0], first),
                      ir_type_text(t->in[1], second));
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], ir_complex_dtype(t->in[0]->dtype));
}

static void accumulate(ir_transposition *c, uint32_t i, ir_val contribution) {
    c->accumulator[i] = ir_accumulate(c->b, c->accumulator[i], contribution);
}

static void transpose_real(ir_transposition *c) {
    accumulate(c, 0, ir_complex(c->b, c->ct[0], ir_full_like(c->b, c->ct[0], 0)));
}

static void transpose_imag(ir_transposition *c) {
    accumulate(c, 0, ir_complex(c->b, ir_full_like(c->b, c->ct[0], 0), ir_neg(c->b, c->ct[0])));
}

static void transpose_conj(ir_transposition *c) { accumulate(c, 0, ir_conj(c->b, c->ct[0])); }

static void transpose_complex(ir_transposition *c) {
    if (c->linear[0]) accumulate(c, 0, ir_real(c->b, c->ct[0]));
    if (c->linear[1]) accumulate(c, 1, ir_neg(c->b, ir_imag(c->b, c->ct[0])));
}

static void batch(ir_batching *c) {
    ir_val in[2];
    for (uint32_t i = 0; i < c->op->n_in; i++) in[i] = ir_with_batch_axis(c, i);
    c->out[0] = ir_emit_like(c->b, c->f, c->op, in);
    c->out_batched[0] = true;
}

static void pair_real(ir_pairing *c) { c->out[0] = c->in[0]; }
static void pair_imag(ir_pairing *c) { c->out[0] = c->imag[0]; }
static void pair_conj(ir_pairing *c) { ir_pair_set(c, (ir_pair){c->in[0], ir_neg(c->b, c->imag[0])}); }
static void pair_complex(ir_pairing *c) { ir_pair_set(c, (ir_pair){c->in[0], c->in[1]}); }

#define PARTS(name, type_rule)                                                                               \
    const ir_rules ir_rules_##name = {                                                                       \
        .type = type_rule,                                                                                   \
        .jvp = ir_jvp_linear,                                                                                \
        .transpose = transpose_##name,                                                                       \
        .batch = batch,                                                                                      \
        .evaluate = ir_evaluate_##name,                                                                      \
        .pair = pair_##name,                                                                                 \
    };
PARTS(real, type_part)
PARTS(imag, type_part)
PARTS(conj, ir_type_like_operand)
PARTS(complex, type_complex)

// What is done to each part by itself.

void ir_pair_parts(ir_pairing *c) {
    uint32_t n = c->op->n_in;
    ir_val few[8], *im = n <= 8 ? few : base_new_array(&c->b->arena, ir_val, n);
    for (uint32_t i = 0; i < n; i++) im[i] = c->imag[i] == IR_NONE ? c->in[i] : c->imag[i];
    c->out[0] = ir_emit_like(c->b, c->f, c->op, c->in);
    c->out_imag[0] = ir_emit_like(c->b, c->f, c->op, im);
}

void ir_pair_constant(ir_pairing *c) {
    const ir_literal *literal = &((const ir_constant_attributes *)c->op->attributes)->value;
    const ir_type *type =
        ir_type_with_dtype(c->b->module, literal->type, ir_part_dtype(literal->type->dtype));
    int64_t n = literal->splat ? 1 : type->count;
    size_t size = cv_dtype_size(type->dtype);
    char *parts = base_arena_alloc(&c->b->arena, 2 * size * (size_t)n + 1);
    const char *from = literal->data;
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < n; i++)
            memcpy(parts + size * (size_t)(part * n + i), from + size * (size_t)(2 * i + part), size);
    c->out[0] = ir_constant(c->b, type, literal->splat, parts);
    c->out_imag[0] = ir_constant(c->b, type, literal->splat, parts + size * (size_t)n);
}

void ir_pair_iota(ir_pairing *c) {
    const ir_iota_attributes *a = c->op->attributes;
    c->out[0] = ir_iota(c->b, ir_part_dtype(a->dtype), a->shape, a->axis);
    c->out_imag[0] = ir_full_like(c->b, c->out[0], 0);
}

// The fill value is NaN with the imaginary part 0.
void ir_pair_gather(ir_pairing *c) {
    ir_gather_attributes a = *(const ir_gather_attributes *)c->op->attributes;
    c->out[0] = ir_gather(c->b, c->in[0], c->in[1], &a);
    if (a.mode == IR_FILL_OR_DROP) a.mode = IR_FILL_ZERO_OR_DROP;
    c->out_imag[0] = ir_gather(c->b, c->imag[0], c->in[1], &a);
}

void ir_pair_convert(ir_pairing *c) {
    cv_dtype to = ((const ir_convert_attributes *)c->op->attributes)->dtype;
    c->out[0] = ir_convert(c->b, c->in[0], ir_part_dtype(to));
    if (!ir_is_complex(to)) return;
    c->out_imag[0] = c->imag[0] == IR_NONE ? ir_full_like(c->b, c->out[0], 0)
                                           : ir_convert(c->b, c->imag[0], ir_part_dtype(to));
}

void ir_pair_eq(ir_pairing *c) {
    c->out[0] = ir_and(c->b, ir_eq(c->b, c->in[0], c->in[1]), ir_eq(c->b, c->imag[0], c->imag[1]));
}

void ir_pair_ne(ir_pairing *c) {
    c->out[0] = ir_or(c->b, ir_ne(c->b, c->in[0], c->in[1]), ir_ne(c->b, c->imag[0], c->imag[1]));
}

// Order.

ir_val ir_pair_left(ir_builder *b, ir_primitive p, ir_val im, ir_val re, ir_val extreme) {
    return SELECT(ir_eq(b, re, extreme), im, LIKE(im, p == IR_max ? -(double)INFINITY : (double)INFINITY));
}

ir_pair ir_pair_choose(ir_builder *b, ir_primitive p, ir_pair x, ir_pair y) {
    ir_val re = ir_emit(b, p, (ir_val[]){x.re, y.re}, 2, NULL);
    ir_val left[] = {ir_pair_left(b, p, x.im, x.re, re), ir_pair_left(b, p, y.im, y.re, re)};
    return (ir_pair){re, SELECT(ir_eq(b, re, re), ir_emit(b, p, left, 2, NULL), re)};
}

void ir_pair_extreme(ir_pairing *c) {
    ir_pair_set(c, ir_pair_choose(c->b, c->op->primitive, ir_pair_operand(c, 0), ir_pair_operand(c, 1)));
}

// Arithmetic.

ir_val ir_pair_infinite(ir_builder *b, ir_val x) { return ir_eq(b, ABS(x), LIKE(x, (double)INFINITY)); }

ir_pair ir_pair_product(ir_builder *b, ir_pair x, ir_pair y) {
    ir_val re = SUB(MUL(x.re, y.re), MUL(x.im, y.im));
    return (ir_pair){re, ADD(MUL(x.re, y.im), MUL(x.im, y.re))};
}

void ir_pair_mul(ir_pairing *c) {
    ir_pair_set(c, ir_pair_product(c->b, ir_pair_operand(c, 0), ir_pair_operand(c, 1)));
}

// Four products of real arrays.
void ir_pair_dot_general(ir_pairing *c) {
    ir_builder *b = c->b;
    const ir_dot_attributes *a = c->op->attributes;
    ir_val re = ir_dot_general(b, c->in[0], c->in[1], a), im = ir_dot_general(b, c->in[0], c->imag[1], a);
    c->out[0] = SUB(re, ir_dot_general(b, c->imag[0], c->imag[1], a));
    c->out_imag[0] = ADD(im, ir_dot_general(b, c->imag[0], c->in[1], a));
}

// Largest finite number, smallest normal one, digits.
typedef struct format {
    double greatest, least;
    int digits;
} format;

static format format_of(const ir_builder *b, ir_val x) {
    bool wide = ir_type_of(b, x)->dtype == CV_F64;
    return wide ? (format){0x1.fffffffffffffp1023, 0x1p-1022, 53} : (format){0x1.fffffep127, 0x1p-126, 24};
}

// A power of two that brings what is near to the ends of the exponents away from them.
static ir_val scale_of(ir_builder *b, ir_val largest) {
    format f = format_of(b, largest);
    ir_val large = ir_gt(b, largest, LIKE(largest, f.greatest / 16));
    ir_val small = ir_lt(b, largest, LIKE(largest, ldexp(f.least, 2 * f.digits)));
    ir_val one = LIKE(largest, 1), up = LIKE(largest, ldexp(1, 2 * f.digits)), down = LIKE(largest, 0.0625);
    return SELECT(large, down, SELECT(small, up, one));
}

static ir_val larger_part(ir_builder *b, ir_pair z) { return ir_max(b, ABS(z.re), ABS(z.im)); }

static ir_val either_infinite(ir_builder *b, ir_pair z) {
    return ir_or(b, ir_pair_infinite(b, z.re), ir_pair_infinite(b, z.im));
}

static ir_val is_finite(ir_builder *b, ir_pair z) {
    ir_val infinity = LIKE(z.re, (double)INFINITY);
    return ir_and(b, ir_lt(b, ABS(z.re), infinity), ir_lt(b, ABS(z.im), infinity));
}

// 1 with the sign of an infinite part, 0 in the place of a finite one.
static ir_pair direction(ir_builder *b, ir_pair z) {
    ir_val zero = LIKE(z.re, 0);
    return (ir_pair){SELECT(ir_pair_infinite(b, z.re), ir_sign(b, z.re), zero),
                     SELECT(ir_pair_infinite(b, z.im), ir_sign(b, z.im), zero)};
}

static ir_pair select_pair(ir_builder *b, ir_val p, ir_pair x, ir_pair y) {
    return (ir_pair){SELECT(p, x.re, y.re), SELECT(p, x.im, y.im)};
}

static ir_pair times(ir_builder *b, ir_pair z, ir_val factor) {
    return (ir_pair){MUL(z.re, factor), MUL(z.im, factor)};
}

// x times the conjugate of y.
static ir_pair conjugate_product(ir_builder *b, ir_pair x, ir_pair y) {
    return (ir_pair){ADD(MUL(x.re, y.re), MUL(x.im, y.im)), SUB(MUL(x.im, y.re), MUL(x.re, y.im))};
}

ir_pair ir_pair_quotient(ir_builder *b, ir_pair x, ir_pair y) {
    ir_val x_scale = scale_of(b, larger_part(b, x)), y_scale = scale_of(b, larger_part(b, y));
    ir_pair n = times(b, x, x_scale), d = times(b, y, y_scale);
    ir_val swap = ir_lt(b, ABS(d.re), ABS(d.im));
    ir_val large = SELECT(swap, d.im, d.re), small = SELECT(swap, d.re, d.im), ratio = DIV(small, large);
    ir_val over = ADD(large, MUL(small, ratio));
    // with |d.im| larger, n / d = (-i n) / (-i d)
    ir_val re = SELECT(swap, n.im, n.re), im = SELECT(swap, NEG(n.re), n.im);
    ir_val ratio_im = SELECT(swap, NEG(ratio), ratio);
    ir_pair q = {DIV(ADD(re, MUL(im, ratio_im)), over), DIV(SUB(im, MUL(re, ratio_im)), over)};
    q = times(b, q, DIV(y_scale, x_scale));
    // annex G: x / 0, infinite / finite, finite / infinite
    ir_val sign = DIV(LIKE(y.re, 1), y.re);
    ir_val by_zero = ir_and(b, IS_ZERO(y.re), IS_ZERO(y.im));
    q = select_pair(b, by_zero, times(b, x, sign), q);
    ir_val grows = ir_and(b, either_infinite(b, x), is_finite(b, y));
    ir_pair infinite = times(b, conjugate_product(b, direction(b, x), d), LIKE(y.re, (double)INFINITY));
    q = select_pair(b, ir_and(b, grows, ir_not(b, by_zero)), infinite, q);
    ir_val vanishes = ir_and(b, is_finite(b, x), either_infinite(b, y));
    ir_pair zero = times(b, conjugate_product(b, n, direction(b, y)), LIKE(y.re, 0));
    return select_pair(b, vanishes, zero, q);
}

void ir_pair_div(ir_pairing *c) {
    ir_pair_set(c, ir_pair_quotient(c->b, ir_pair_operand(c, 0), ir_pair_operand(c, 1)));
}

ir_pair_size ir_pair_size_of(ir_builder *b, ir_pair z) {
    ir_val x = ABS(z.re), y = ABS(z.im), one = LIKE(x, 1), infinite = either_infinite(b, z);
    ir_val largest = SELECT(infinite, LIKE(x, (double)INFINITY), ir_max(b, x, y));
    ir_val unit = SELECT(IS_ZERO(largest), one, largest), small = DIV(ir_min(b, x, y), unit);
    return (ir_pair_size){largest, unit, SELECT(infinite, one, ir_sqrt(b, ADD(one, MUL(small, small))))};
}

void ir_pair_abs(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair_size size = ir_pair_size_of(b, ir_pair_operand(c, 0));
    c->out[0] = MUL(size.largest, size.hypotenuse);
}

// z / |z|, with the zeros of z for 0. NaN where an infinite part is divided by the infinite size, as in XLA.
void ir_pair_sign(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    ir_pair_size size = ir_pair_size_of(b, z);
    ir_val length = SELECT(IS_ZERO(size.largest), LIKE(z.re, 1), size.hypotenuse);
    ir_pair_set(c, (ir_pair){DIV(DIV(z.re, size.unit), length), DIV(DIV(z.im, size.unit), length)});
}
