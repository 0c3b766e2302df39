// The rules of elementary functions that are formulas: exp2, cbrt, asin, acos, atan, atan2, sinh, cosh,
// asinh, acosh, atanh; and those of tan, whose reduction of arguments is a matter of the target
// (codegen/llvm).
//
// In: rule contexts (rules.h). Out: types, derivatives, values, expansions. The errors of the formulas stand
// in ir/accuracy.h; special values are those of C's annex F. Most are an odd polynomial x + x z P(z), z =
// x^2, on an interval around zero, which the identity that is named moves the other arguments to. asinh,
// acosh and atanh are computed in f64. Of complex numbers the functions are pair rules (complex_functions.c,
// complex_inverse.c).

#include <tgmath.h>

#include "ir/primitives/evaluate_elements.h"
#include "ir/primitives/formula.h"
#include "ir/primitives/formula_coefficients.h"

#define FORMULA(name) static ir_val name##_formula(const fm *f, const ir_val *in)

static fm_pair half_pi(const fm *f) { return fm_pair_of(f, 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54); }
static fm_pair whole_pi(const fm *f) { return fm_pair_of(f, 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53); }

// a - x for a constant a.
static ir_val pair_less(const fm *f, fm_pair a, ir_val x) {
    return ir_sub(f->b, a.high, ir_sub(f->b, x, a.low));
}

// a - (x + rest), rounded once where it matters; |x| is not above a, unless that is 0.
static ir_val pair_less_sum(const fm *f, fm_pair a, ir_val x, ir_val rest) {
    fm_pair sum = fm_fast_two_sum(f, a.high, ir_neg(f->b, x));
    return ir_add(f->b, sum.high, ir_sub(f->b, ir_add(f->b, sum.low, a.low), rest));
}

// x = n + r, |r| <= 1/2: 2^n (1 + r P(r)).
FORMULA(exp2) {
    ir_val x = fm_bound(f, in[0], f->wide ? -1080 : -160, f->wide ? 1025 : 129);
    fm_rounded n = fm_round(f, x, 2 * f->bias);
    ir_val r = ir_sub(f->b, x, n.real);
    return fm_scale_by_power(f, fm_mad(f, r, FM_POLYNOMIAL(f, exp2, r), fm_real(f, 1)), n.low_bits);
}

// x = 2^(3 n + j) m. A polynomial for the inverse root y of 2^j m; steps of an iteration of third, and of one
// of second order (A. Householder) on 1 - m y^3; c = m y^2, corrected by what c^3 is off, which is found
// exactly.
FORMULA(cbrt) {
    ir_builder *b = f->b;
    fm_split_number x = fm_split(f, ir_abs(b, in[0]));
    fm_rounded n = fm_round_product(f, x.k, 1.0 / 3, f->bias);
    ir_val j = fm_rest(f, n.real, fm_real(f, 3), x.k), one = fm_real(f, 1);
    ir_val below = fm_is(f, j, IR_lt, 0), above = fm_is(f, j, IR_gt, 0);
    ir_val power = ir_select(b, below, fm_real(f, 0.5), fm_replace(f, above, 2, one)),
           m = ir_mul(b, x.m, power);
    ir_val root = ir_select(b, below, fm_real(f, 0x1.428a2f98d728bp+0),
                            fm_replace(f, above, 0x1.965fea53d6e3dp-1, one));
    ir_val y = ir_mul(b, fm_polynomial(f, fm_cbrt_start, FM_COUNT(fm_cbrt_start), x.m), root);
    for (int step = 0; step < (f->wide ? 2 : 1); step++) {
        ir_val h = fm_rest(f, ir_mul(b, m, fm_square(f, y)), y, one), third = fm_real(f, 1.0 / 3);
        y = fm_mad(f, ir_mul(b, y, h), step ? third : fm_mad(f, h, fm_real(f, 2.0 / 9), third), y);
    }
    ir_val square = fm_square(f, y), c = ir_mul(b, m, square);
    fm_pair c2 = fm_two_product(f, c, c), c3 = fm_two_product(f, c2.high, c);
    ir_val off = ir_add(b, ir_sub(b, c3.high, m), fm_mad(f, c2.low, c, c3.low));
    c = fm_mad(f, off, fm_scale(f, square, -1.0 / 3), c);
    c = fm_copysign(f, ir_mul(b, c, fm_power_of_two(f, n.low_bits)), in[0]);
    ir_val size = ir_abs(b, in[0]);
    ir_val regular = ir_and(b, fm_is(f, size, IR_gt, 0), fm_is(f, size, IR_lt, (double)INFINITY));
    return ir_select(b, regular, c, in[0]);
}

// asin x = pi/2 - 2 asin s and acos x = 2 asin s for s = sqrt((1 - x) / 2). `rest` is asin less its argument.
typedef struct arcsine {
    ir_val far, argument, rest; // far: above 1/2, where the argument is s
} arcsine;

static arcsine arcsine_of(const fm *f, ir_val size) {
    ir_val far = fm_is(f, size, IR_gt, 0.5);
    ir_val z = ir_select(f->b, far, fm_scale(f, ir_sub(f->b, fm_real(f, 1), size), 0.5), fm_square(f, size));
    ir_val argument = ir_select(f->b, far, ir_sqrt(f->b, z), size);
    return (arcsine){far, argument, ir_mul(f->b, ir_mul(f->b, argument, z), FM_POLYNOMIAL(f, asin, z))};
}

FORMULA(asin) {
    arcsine a = arcsine_of(f, ir_abs(f->b, in[0]));
    ir_val near = ir_add(f->b, a.argument, a.rest);
    ir_val far = pair_less_sum(f, half_pi(f), fm_scale(f, a.argument, 2), fm_scale(f, a.rest, 2));
    return fm_copysign(f, ir_select(f->b, a.far, far, near), in[0]);
}

FORMULA(acos) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), negative = fm_is(f, in[0], IR_lt, 0);
    arcsine a = arcsine_of(f, size);
    // The root's rounding, doubled, would count in full: what it lost comes back with the rest.
    ir_val z = fm_scale(f, ir_sub(b, fm_real(f, 1), size), 0.5),
           safe = fm_replace(f, fm_is(f, a.argument, IR_eq, 0), 1, a.argument);
    ir_val lost = ir_div(b, fm_rest(f, a.argument, a.argument, z), fm_scale(f, safe, 2));
    ir_val far = fm_scale(f, ir_add(b, a.argument, ir_add(b, a.rest, lost)), 2);
    far = ir_select(b, negative, pair_less(f, whole_pi(f), far), far);
    fm_pair right = half_pi(f);
    right.low = ir_sub(b, right.low, ir_select(b, negative, ir_neg(b, a.rest), a.rest));
    return ir_select(b, a.far, far, pair_less(f, right, in[0]));
}

// atan q - q for 0 <= q <= 1
static ir_val arctangent_rest(const fm *f, ir_val q) {
    ir_val z = fm_square(f, q), p = fm_real(f, 0);
    const double *c = f->wide ? fm_atan_f64 : fm_atan_f32;
    // One after the other: the terms alternate and are not small, so that their order matters.
    for (int i = f->wide ? FM_COUNT(fm_atan_f64) : FM_COUNT(fm_atan_f32); i-- > 0;)
        p = fm_mad(f, p, z, fm_real(f, c[i]));
    return ir_mul(f->b, ir_mul(f->b, q, z), p);
}

// atan x = pi/2 - atan(1 / x)
FORMULA(atan) {
    ir_val size = ir_abs(f->b, in[0]), far = fm_is(f, size, IR_gt, 1);
    ir_val q = ir_select(f->b, far, ir_div(f->b, fm_real(f, 1), size), size), rest = arctangent_rest(f, q);
    ir_val arc = ir_select(f->b, far, pair_less_sum(f, half_pi(f), q, rest), ir_add(f->b, q, rest));
    return fm_copysign(f, arc, in[0]);
}

// The angle is that of the octant, q = smaller / larger, and up to half a turn before or behind. Zeros and
// infinities have the octants that their signs say.
FORMULA(atan2) {
    ir_builder *b = f->b;
    ir_val y = ir_abs(b, in[0]), x = ir_abs(b, in[1]), steep = ir_gt(b, y, x), zero = fm_real(f, 0);
    ir_val smaller = ir_select(b, steep, x, y), larger = ir_select(b, steep, y, x),
           q = ir_div(b, smaller, larger);
    q = fm_replace(f, fm_is(f, ir_max(b, smaller, larger), IR_eq, 0), 0, q); // a NaN is none of both
    ir_val infinite = fm_is(f, ir_min(b, smaller, larger), IR_eq, (double)INFINITY);
    q = fm_replace(f, infinite, 1, q);
    ir_val left = ir_ge(b, fm_as_bits(f, in[1]), fm_sign_bit(f)); // -0 too
    fm_pair none = {zero, zero};
    fm_pair from = fm_pair_select(f, steep, half_pi(f), fm_pair_select(f, left, whole_pi(f), none));
    ir_val rest = arctangent_rest(f, q), back = ir_ne(b, steep, left);
    ir_val turned = ir_select(b, back, q, ir_neg(b, q)), its_rest = ir_select(b, back, rest, ir_neg(b, rest));
    return fm_copysign(f, pair_less_sum(f, from, turned, its_rest), in[0]);
}

// e^|x| / 2 = E + E d, where E = e^(|x| - l) with l a little above ln 2, so that E overflows no earlier than
// the result, and of so few bits that the difference is exact.
static ir_val hyperbolic(const fm *f, ir_val size, bool sine) {
    ir_builder *b = f->b;
    ir_val e = ir_exp(b, fm_plus(f, size, -0x1.62e5p-1)), d = fm_real(f, 0x1.a0210d4f70599p-18);
    ir_val inverse = ir_div(b, fm_real(f, sine ? -0.25 : 0.25), fm_mad(f, e, d, e));
    return ir_add(b, e, fm_mad(f, e, d, inverse));
}

FORMULA(sinh) {
    ir_val size = ir_abs(f->b, in[0]), z = fm_square(f, size);
    ir_val near = fm_odd(f, size, z, FM_POLYNOMIAL(f, sinh, z)), far = hyperbolic(f, size, true);
    return fm_copysign(f, ir_select(f->b, fm_is(f, size, IR_le, 1), near, far), in[0]);
}

FORMULA(cosh) { return hyperbolic(f, ir_abs(f->b, in[0]), false); }

// log(x + root) for a root not below x, or log(2 x) where the root is x.
static ir_val log_of_sum(const fm *f, ir_val x, ir_val root) {
    ir_builder *b = f->b;
    ir_val far = fm_is(f, x, IR_gt, 0x1p30);
    fm_pair sum = fm_two_sum(f, root, x);
    ir_val more = ir_select(b, far, fm_real(f, 0x1.62e42fefa39efp-1), ir_div(b, sum.low, sum.high));
    return ir_add(b, ir_log(b, ir_select(b, far, x, sum.high)), more);
}

FORMULA(asinh) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), z = fm_square(f, size);
    ir_val near = fm_odd(f, size, z, fm_polynomial(f, fm_asinh_f64, FM_COUNT(fm_asinh_f64), z));
    ir_val far = log_of_sum(f, size, ir_sqrt(b, fm_mad(f, size, size, fm_real(f, 1))));
    return fm_copysign(f, ir_select(b, fm_is(f, size, IR_le, 1), near, far), in[0]);
}

// Near 1 with t = x - 1: sqrt(2 t) (1 + t P(t)).
FORMULA(acosh) {
    ir_builder *b = f->b;
    ir_val t = fm_plus(f, in[0], -1), root = ir_sqrt(b, ir_add(b, t, t));
    ir_val near = fm_odd(f, root, t, fm_polynomial(f, fm_acosh_f64, FM_COUNT(fm_acosh_f64), t));
    ir_val far = log_of_sum(f, in[0], ir_sqrt(b, fm_mad(f, in[0], in[0], fm_real(f, -1))));
    return ir_select(b, fm_is(f, in[0], IR_le, 2), near, far);
}

FORMULA(atanh) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), z = fm_square(f, size), one = fm_real(f, 1);
    ir_val near = fm_odd(f, size, z, fm_polynomial(f, fm_atanh_f64, FM_COUNT(fm_atanh_f64), z));
    ir_val quotient = ir_div(b, ir_add(b, one, size), ir_sub(b, one, size));
    ir_val far = fm_scale(f, ir_log(b, quotient), 0.5);
    return fm_copysign(f, ir_select(b, fm_is(f, size, IR_le, 0.5), near, far), in[0]);
}

// Derivatives

static ir_val integer_pow(ir_builder *b, ir_val x, int64_t exponent) {
    return ir_emit(b, IR_integer_pow, &x, 1, &(ir_integer_pow_attributes){exponent});
}

// 1 - x^2 without cancellation.
static ir_val one_less_square(ir_builder *b, ir_val x) {
    ir_val one = ir_full_like(b, x, 1);
    return ir_mul(b, ir_add(b, one, x), ir_sub(b, one, x));
}

// 1 / sqrt(x^2 + 1) without overflow, by a factor that does not depend on x as far as derivatives go.
static ir_val inverse_root(ir_builder *b, ir_val x) {
    ir_val one = ir_full_like(b, x, 1), size = ir_stop_gradient(b, ir_abs(b, x));
    ir_val factor = ir_div(b, one, ir_max(b, one, size)), scaled = ir_mul(b, x, factor);
    ir_val sum = ir_add(b, ir_mul(b, scaled, scaled), ir_mul(b, factor, factor));
    return ir_mul(b, factor, ir_rsqrt(b, sum));
}

// f^2 (1 + z^2) or, where `less`, f^2 (1 - z^2), with a factor f as above. The sums of products of the parts
// lose nothing near to the roots, and keep the sign of a zero, which tells the sides of a branch cut apart.
static ir_val square_and_one(ir_builder *b, ir_val z, bool less, ir_val *factor) {
    ir_val x = ir_real(b, z), y = ir_imag(b, z), one = ir_full_like(b, x, 1);
    ir_val size = ir_stop_gradient(b, ir_max(b, ir_abs(b, x), ir_abs(b, y)));
    ir_val f = ir_div(b, one, ir_max(b, one, size));
    x = ir_mul(b, x, f), y = ir_mul(b, y, f);
    ir_val across = less ? y : x, along = less ? x : y;
    ir_val re = ir_add(b, ir_mul(b, across, across), ir_mul(b, ir_sub(b, f, along), ir_add(b, f, along)));
    ir_val im = ir_mul(b, ir_mul(b, x, ir_full_like(b, x, less ? -2 : 2)), y);
    *factor = ir_complex(b, f, ir_full_like(b, f, 0));
    return ir_complex(b, re, im);
}

static ir_val complex_slope(ir_builder *b, const ir_op *op, ir_val x) {
    ir_primitive p = op->primitive;
    bool less = p == IR_asin || p == IR_acos || p == IR_atanh;
    ir_val factor, square = square_and_one(b, x, less, &factor);
    if (p == IR_atan || p == IR_atanh) return ir_div(b, ir_mul(b, factor, factor), square);
    ir_val inverse = ir_mul(b, factor, ir_rsqrt(b, square));
    return p == IR_acos ? ir_neg(b, inverse) : inverse;
}

static ir_val slope(ir_builder *b, const ir_op *op, ir_val x, ir_val out) {
#define NUMBER(value) ir_full_like(b, x, value)
    bool is_complex = ir_is_complex(ir_type_of(b, x)->dtype);
    switch (op->primitive) {
    case IR_exp2: return ir_mul(b, NUMBER(0x1.62e42fefa39efp-1), out);
    case IR_cbrt: return ir_mul(b, NUMBER(1.0 / 3), integer_pow(b, out, -2));
    case IR_tan: return ir_add(b, NUMBER(1), ir_mul(b, out, out));
    case IR_sinh: return ir_cosh(b, x);
    case IR_cosh: return ir_sinh(b, x);
    // a difference on both sides keeps the sign of a zero
    case IR_acosh:
        return ir_mul(b, ir_rsqrt(b, ir_sub(b, x, NUMBER(1))), ir_rsqrt(b, ir_sub(b, x, NUMBER(-1))));
    default: if (is_complex) return complex_slope(b, op, x);
    }
    switch (op->primitive) {
    case IR_asin: return ir_rsqrt(b, one_less_square(b, x));
    case IR_acos: return ir_neg(b, ir_rsqrt(b, one_less_square(b, x)));
    case IR_atan: return ir_div(b, NUMBER(1), ir_add(b, NUMBER(1), ir_mul(b, x, x)));
    case IR_asinh: return inverse_root(b, x);
    case IR_atanh: return ir_div(b, NUMBER(1), one_less_square(b, x));
    default: base_check(!"a row for the primitive");
    }
#undef NUMBER
    return IR_NONE;
}

static void jvp(ir_jvp *c) { ir_jvp_by_slope(c, slope); }

// atan2(y, x): (x dy - y dx) / (x^2 + y^2)
static void atan2_jvp(ir_jvp *c) {
    ir_builder *b = c->b;
    ir_val y = c->in[0], x = c->in[1], norm = ir_add(b, ir_mul(b, x, x), ir_mul(b, y, y));
    for (int i = 0; i < 2; i++) {
        if (c->tangent[i] == IR_NONE) continue;
        ir_val weight = ir_div(b, i ? ir_neg(b, y) : x, norm);
        c->tangent_out[0] = ir_accumulate(b, c->tangent_out[0], ir_mul(b, c->tangent[i], weight));
    }
}

// Values: those of complex numbers in the widest format.

// The angle y ln 2, of which the digits behind the last one of the format count if y is large, in two parts.
static long double _Complex wide_exp2(long double _Complex z) {
    const long double ln2 = 0xb.17217f7d1cf79acp-4L, more = -0xd.871319ff0342543p-70L;
    long double y = cimagl(z), size = exp2l(creall(z)), angle = y * ln2;
    long double rest = fmal(y, ln2, -angle) + y * more;
    if (y == 0) return __builtin_complex(size, y);
    if (size == 0) return 0;
    long double re = cosl(angle) * cosl(rest) - sinl(angle) * sinl(rest);
    return __builtin_complex(size * re, size * (sinl(angle) * cosl(rest) + cosl(angle) * sinl(rest)));
}

EVALUATE(exp2,  FLOATS(UNARY, exp2(x)) COMPLEXES(UNARY, wide_exp2(x)))
EVALUATE(cbrt,  FLOATS(UNARY, cbrt(x)))
EVALUATE(tan,   FLOATS(UNARY, tan(x)) COMPLEXES(UNARY, ctanl(x)))
EVALUATE(asin,  FLOATS(UNARY, asin(x)) COMPLEXES(UNARY, casinl(x)))
EVALUATE(acos,  FLOATS(UNARY, acos(x)) COMPLEXES(UNARY, cacosl(x)))
EVALUATE(atan,  FLOATS(UNARY, atan(x)) COMPLEXES(UNARY, catanl(x)))
EVALUATE(atan2, FLOATS(BINARY, atan2(x, y)))
EVALUATE(sinh,  FLOATS(UNARY, sinh(x)) COMPLEXES(UNARY, csinhl(x)))
EVALUATE(cosh,  FLOATS(UNARY, cosh(x)) COMPLEXES(UNARY, ccoshl(x)))
EVALUATE(asinh, FLOATS(UNARY, asinh(x)) COMPLEXES(UNARY, casinhl(x)))
EVALUATE(acosh, FLOATS(UNARY, acosh(x)) COMPLEXES(UNARY, cacoshl(x)))
EVALUATE(atanh, FLOATS(UNARY, atanh(x)) COMPLEXES(UNARY, catanhl(x)))

// The records

#define FUNCTION(name, format, ...)                                                                \
    static void name##_expand(ir_expansion *c) { fm_expand(c, format, name##_formula); }           \
    IR_ELEMENTWISE_RULES(name, SMOOTH, .expand = name##_expand, __VA_ARGS__)
#define SMOOTH .type = ir_type_elementwise, .jvp = jvp, .no_transpose = IR_NOT_LINEAR, .cost = 20
IR_ELEMENTWISE_RULES(tan, SMOOTH, .pair = ir_pair_tan)
FUNCTION(exp2, FM_OWN, .pair = ir_pair_exp2)
FUNCTION(cbrt, FM_OWN)
FUNCTION(asin, FM_OWN, .pair = ir_pair_asin)
FUNCTION(acos, FM_OWN, .pair = ir_pair_acos)
FUNCTION(atan, FM_OWN, .pair = ir_pair_atan)
FUNCTION(sinh, FM_OWN, .pair = ir_pair_sinh)
FUNCTION(cosh, FM_OWN, .pair = ir_pair_cosh)
FUNCTION(asinh, FM_WIDE, .pair = ir_pair_asinh)
FUNCTION(acosh, FM_WIDE, .pair = ir_pair_acosh)
FUNCTION(atanh, FM_WIDE, .pair = ir_pair_atanh)
static void atan2_expand(ir_expansion *c) { fm_expand(c, FM_OWN, atan2_formula); }
IR_ELEMENTWISE_RULES(atan2, .type = ir_type_elementwise, .jvp = atan2_jvp, .expand = atan2_expand,
                     .no_transpose = IR_NOT_LINEAR, .cost = 30)
