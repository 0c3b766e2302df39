// Elementary functions of complex numbers, as real functions of the two parts; those that are inverses of
// trigonometric and hyperbolic ones are in complex_inverse.c.
//
// In: a pairing (rules.h). Out: both parts of the result. The error is meant normwise, |got - exact| against
// |exact|, and stays at a few units in the last place: sums that cancel are taken where what is left is small
// beside the other part, differences to 1 come from expm1 and log1p, and cosines of angles near to a zero of
// the result from half-angles. Nothing overflows or vanishes on the way that does not in the end:
// exponentials are taken in two halves where they are too large, sizes are divided by the larger part. Signs
// of zeros and infinities are those of C's annex G where they do not cost another function.
//
// With w = i conj(z), which is z with its parts exchanged, sinh z = i conj(sin w), cosh z = conj(cos w) and
// tan z = i conj(tanh w), signs of zeros included, since the functions are odd or even and have real values
// for real z. So each pair needs one formula.
//
// Source: W. Kahan, Branch Cuts for Complex Elementary Functions (1987), for which sums are safe.

#include <math.h>

#include "ir/primitives/complex.h"

// True for -0 and what is below; for a NaN false.
static ir_val is_negative(ir_builder *b, ir_val x) {
    ir_val zero = LIKE(x, 0), below = ir_lt(b, DIV(LIKE(x, 1), x), zero);
    return ir_or(b, ir_lt(b, x, zero), ir_and(b, IS_ZERO(x), below));
}

ir_val ir_pair_with_sign(ir_builder *b, ir_val y, ir_val x) { return SELECT(is_negative(b, x), NEG(y), y); }

// `power` (ir_exp, ir_exp2) of x, times the direction, whose parts are cosine and sine of an angle; real
// where z is. The power is taken in two halves above `bound`, where it could overflow and the product does
// not.
static ir_pair power_pair(ir_builder *b, ir_val (*power)(ir_builder *, ir_val), double bound, ir_pair z,
                          ir_pair direction) {
    ir_val halved = ir_gt(b, z.re, LIKE(z.re, bound)), zero = LIKE(z.re, 0);
    ir_val whole = power(b, SELECT(halved, SCALE(z.re, 0.5), z.re));
    ir_val rest = SELECT(halved, whole, LIKE(z.re, 1));
    ir_val re = MUL(MUL(whole, direction.re), rest), im = MUL(MUL(whole, direction.im), rest);
    // exp(-inf) is 0 in every direction, also in one that is not known
    ir_val vanishes = IS_ZERO(whole);
    re = SELECT(ir_and(b, vanishes, ir_ne(b, re, re)), zero, re);
    im = SELECT(ir_and(b, vanishes, ir_ne(b, im, im)), zero, im);
    return (ir_pair){re, SELECT(IS_ZERO(z.im), z.im, im)};
}

// exp(x) (cos y + i sin y)
static ir_pair exp_pair(ir_builder *b, ir_pair z) {
    ir_pair direction = {ir_cos(b, z.im), ir_sin(b, z.im)};
    return power_pair(b, ir_exp, ir_pair_is_wide(b, z.re) ? 700 : 88, z, direction);
}

void ir_pair_exp(ir_pairing *c) { ir_pair_set(c, exp_pair(c->b, ir_pair_operand(c, 0))); }

// 2^x (cos t + i sin t) with t = y ln 2: the product `angle`, and the `rest` that it has lost, which turns
// the direction by a small angle, (1 - rest^2 / 2) + i rest. It is small up to |y| of about 2^16 in c64.
void ir_pair_exp2(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    bool wide = ir_pair_is_wide(b, z.re);
    double high = wide ? 0x1.62e42fefa39efp-1 : 0x1.62e43p-1;
    double low = wide ? 0x1.abc9e3b39803fp-56 : -0x1.05c61p-29;
    ir_val ln2 = LIKE(z.im, high), angle = MUL(z.im, ln2);
    ir_val rest = ir_fma(b, z.im, LIKE(z.im, low), ir_fma(b, z.im, ln2, NEG(angle)));
    ir_pair turn = {SUB(LIKE(rest, 1), SCALE(MUL(rest, rest), 0.5)), rest};
    ir_pair direction = ir_pair_product(b, (ir_pair){ir_cos(b, angle), ir_sin(b, angle)}, turn);
    ir_pair_set(c, power_pair(b, ir_exp2, wide ? 1023 : 127, z, direction));
}

// expm1(x) cos y - 2 sin(y / 2)^2 near to 0, exp(x) cos y - 1 where that cannot cancel beside the other part.
void ir_pair_expm1(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0), e = exp_pair(b, z);
    ir_val half = ir_sin(b, SCALE(z.im, 0.5)), less = MUL(half, half), one = LIKE(z.re, 1);
    ir_val near = SUB(MUL(ir_expm1(b, z.re), ir_cos(b, z.im)), ADD(less, less));
    ir_val re = SELECT(ir_gt(b, ABS(z.re), one), SUB(e.re, one), near);
    ir_pair_set(c, (ir_pair){SELECT(IS_ZERO(z.im), ir_expm1(b, z.re), re), e.im});
}

static ir_val log_size(ir_builder *b, ir_pair z) {
    ir_pair_size size = ir_pair_size_of(b, z);
    ir_val small = DIV(ir_min(b, ABS(z.re), ABS(z.im)), size.unit);
    ir_val rest = SCALE(ir_log1p(b, MUL(small, small)), 0.5), largest = ir_log(b, size.largest);
    return SELECT(ir_pair_infinite(b, size.largest), size.largest, ADD(largest, rest));
}

static ir_pair log_pair(ir_builder *b, ir_pair z) {
    return (ir_pair){log_size(b, z), ir_atan2(b, z.im, z.re)};
}

void ir_pair_log(ir_pairing *c) { ir_pair_set(c, log_pair(c->b, ir_pair_operand(c, 0))); }

// log|1 + z| is half of log1p(x (x + 2) + y^2) near to 0.
static ir_pair log1p_pair(ir_builder *b, ir_pair z) {
    ir_pair moved = {ADD(z.re, LIKE(z.re, 1)), z.im}, far = log_pair(b, moved);
    ir_val near = ir_lt(b, ir_max(b, ABS(z.re), ABS(z.im)), LIKE(z.re, 0.5));
    ir_val x = SELECT(near, z.re, LIKE(z.re, 0)), y = SELECT(near, z.im, LIKE(z.re, 0));
    ir_val square = ADD(MUL(x, ADD(x, LIKE(x, 2))), MUL(y, y));
    return (ir_pair){SELECT(near, SCALE(ir_log1p(b, square), 0.5), far.re), far.im};
}

void ir_pair_log1p(ir_pairing *c) { ir_pair_set(c, log1p_pair(c->b, ir_pair_operand(c, 0))); }

// x less a multiple of 2 pi, which stands in two parts.
static ir_val wrapped_angle(ir_builder *b, ir_val x) {
    bool wide = ir_pair_is_wide(b, x);
    ir_val turns = NEG(ir_round_even(b, SCALE(x, 0x1.45f306dc9c883p-3)));
    ir_val rest = ir_fma(b, turns, LIKE(x, wide ? 0x1.921fb54442d18p2 : 0x1.921fb6p2), x);
    return ir_fma(b, turns, LIKE(x, wide ? 0x1.1a62633145c07p-52 : -0x1.777a5cp-23), rest);
}

// The one with the greater real part, plus log1p(exp of the other less that); exp(-inf) is nothing.
ir_pair ir_pair_log_add_exp(ir_builder *b, ir_pair x, ir_pair y) {
    ir_val swap = ir_lt(b, x.re, y.re), infinity = LIKE(x.re, (double)INFINITY);
    ir_pair most = {SELECT(swap, y.re, x.re), SELECT(swap, y.im, x.im)};
    ir_pair other = {SELECT(swap, x.re, y.re), SELECT(swap, x.im, y.im)};
    ir_pair more = log1p_pair(b, exp_pair(b, (ir_pair){SUB(other.re, most.re), SUB(other.im, most.im)}));
    ir_val nothing = ir_eq(b, most.re, NEG(infinity));
    return (ir_pair){SELECT(nothing, most.re, ADD(most.re, more.re)),
                     SELECT(nothing, LIKE(x.re, 0), wrapped_angle(b, ADD(most.im, more.im)))};
}

// sqrt(|x| / 2 + |z| / 2), and what that leaves of |y|; the first is the real part if x is positive.
typedef struct roots {
    ir_val main, other;
} roots;

// Of z divided by its unit, which is the larger part of it.
static roots roots_of(ir_builder *b, ir_pair z, ir_pair_size size) {
    ir_val x = DIV(ABS(z.re), size.unit), y = DIV(ABS(z.im), size.unit);
    ir_val main = ir_sqrt(b, SCALE(ADD(x, size.hypotenuse), 0.5));
    return (roots){main, DIV(y, ADD(main, main))};
}

void ir_pair_sqrt(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    ir_pair_size size = ir_pair_size_of(b, z);
    roots r = roots_of(b, z, size);
    ir_val scale = ir_sqrt(b, size.largest), left = is_negative(b, z.re);
    ir_val main = MUL(scale, r.main), other = MUL(scale, r.other);
    ir_val zero = LIKE(z.re, 0), infinity = LIKE(z.re, (double)INFINITY);
    // an infinite imaginary part is the larger one; beside an infinite real part what is finite is lost
    ir_val steep = ir_pair_infinite(b, z.im), flat = ir_pair_infinite(b, z.re);
    main = SELECT(ir_or(b, steep, flat), infinity, main);
    other = SELECT(steep, infinity, SELECT(flat, MUL(ABS(z.im), zero), other));
    ir_val re = SELECT(left, other, main), im = SELECT(left, main, other);
    ir_pair_set(c, (ir_pair){SELECT(IS_ZERO(size.largest), zero, re),
                             WITH_SIGN(SELECT(IS_ZERO(size.largest), zero, im), z.im)});
}

// The conjugate of the root of z / unit, divided by its length and by the root of the unit.
void ir_pair_rsqrt(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    ir_pair_size size = ir_pair_size_of(b, z);
    roots r = roots_of(b, z, size);
    ir_val scale = MUL(ir_sqrt(b, size.largest), size.hypotenuse), left = is_negative(b, z.re);
    ir_val main = DIV(r.main, scale), other = DIV(r.other, scale), zero = LIKE(z.re, 0);
    ir_val infinite = ir_pair_infinite(b, size.largest), nothing = IS_ZERO(size.largest);
    ir_val re = SELECT(infinite, zero, SELECT(left, other, main));
    ir_val im = SELECT(infinite, zero, SELECT(left, main, other));
    // 1 / sqrt(0) is infinite, in the direction of the positive real numbers
    re = SELECT(nothing, LIKE(z.re, (double)INFINITY), re);
    im = SELECT(nothing, LIKE(z.re, (double)NAN), im);
    ir_pair_set(c, (ir_pair){re, WITH_SIGN(NEG(im), z.im)});
}

// cosh and sinh of |y|, each to be multiplied by `rest` as well.
typedef struct hyperbolic {
    ir_val cosh, sinh, rest;
} hyperbolic;

static hyperbolic hyperbolic_of(ir_builder *b, ir_val y) {
    ir_val one = LIKE(y, 1), x = ABS(y), halved = ir_gt(b, x, LIKE(x, ir_pair_is_wide(b, x) ? 700 : 88));
    ir_val m = ir_expm1(b, SELECT(halved, SCALE(x, 0.5), x)), e = ADD(m, one);
    ir_val inverse = DIV(one, e), infinite = ir_pair_infinite(b, x);
    ir_val part = SELECT(infinite, one, DIV(m, e)); // 1 - exp(-x)
    return (hyperbolic){SCALE(ADD(e, inverse), 0.5), SCALE(ADD(m, part), 0.5), SELECT(halved, e, one)};
}

// factor * h * rest, 0 where the factor is (also times infinity), with its sign.
static ir_val vanishing(ir_builder *b, ir_val factor, ir_val h, ir_val rest) {
    return SELECT(IS_ZERO(factor), factor, MUL(MUL(factor, h), rest));
}

// sin x cosh y + i cos x sinh y
static ir_pair sin_pair(ir_builder *b, ir_pair z) {
    hyperbolic h = hyperbolic_of(b, z.im);
    ir_val im = WITH_SIGN(MUL(MUL(ir_cos(b, z.re), h.sinh), h.rest), z.im);
    return (ir_pair){vanishing(b, ir_sin(b, z.re), h.cosh, h.rest), SELECT(IS_ZERO(z.im), z.im, im)};
}

// cos x cosh y - i sin x sinh y
static ir_pair cos_pair(ir_builder *b, ir_pair z) {
    hyperbolic h = hyperbolic_of(b, z.im);
    ir_val sine = ir_sin(b, z.re), im = WITH_SIGN(NEG(vanishing(b, sine, h.sinh, h.rest)), z.im);
    ir_val re = MUL(MUL(ir_cos(b, z.re), h.cosh), h.rest), zero = LIKE(z.re, 0);
    return (ir_pair){re, SELECT(IS_ZERO(z.im), WITH_SIGN(WITH_SIGN(NEG(zero), sine), z.im), im)};
}

// With q = exp(-2 |x|): ((1 - q) (1 + q) + 4 i q sin y cos y) / ((1 - q)^2 + 4 q cos(y)^2)
static ir_pair tanh_pair(ir_builder *b, ir_pair z) {
    ir_val twice = NEG(ADD(ABS(z.re), ABS(z.re))), q = ir_exp(b, twice), m = NEG(ir_expm1(b, twice));
    ir_val sine = ir_sin(b, z.im), cosine = ir_cos(b, z.im), one = LIKE(q, 1), zero = LIKE(q, 0);
    ir_val turned = SCALE(MUL(q, cosine), 4);
    ir_val below = ADD(MUL(m, m), MUL(turned, cosine));
    ir_val re = DIV(MUL(m, ADD(one, q)), below), im = DIV(MUL(turned, sine), below);
    ir_val infinite = ir_pair_infinite(b, z.re);
    re = WITH_SIGN(SELECT(infinite, one, re), z.re);
    im = SELECT(infinite, SELECT(ir_lt(b, im, zero), NEG(zero), zero), im);
    return (ir_pair){re, SELECT(IS_ZERO(z.im), z.im, im)};
}

void ir_pair_sin(ir_pairing *c) { ir_pair_set(c, sin_pair(c->b, ir_pair_operand(c, 0))); }
void ir_pair_cos(ir_pairing *c) { ir_pair_set(c, cos_pair(c->b, ir_pair_operand(c, 0))); }
void ir_pair_tanh(ir_pairing *c) { ir_pair_set(c, tanh_pair(c->b, ir_pair_operand(c, 0))); }

void ir_pair_sinh(ir_pairing *c) {
    ir_pair_set(c, ir_pair_swap(sin_pair(c->b, ir_pair_swap(ir_pair_operand(c, 0)))));
}

void ir_pair_cosh(ir_pairing *c) {
    ir_pair w = cos_pair(c->b, ir_pair_swap(ir_pair_operand(c, 0)));
    ir_pair_set(c, (ir_pair){w.re, ir_neg(c->b, w.im)});
}

void ir_pair_tan(ir_pairing *c) {
    ir_pair_set(c, ir_pair_swap(tanh_pair(c->b, ir_pair_swap(ir_pair_operand(c, 0)))));
}

// 1 / (1 + exp(-z)). With q = exp(-|x|), s and k sine and cosine of y / 2, m = 1 - q and
// d = m^2 + 4 q k^2 the result is (m + 2 q k^2 + 2 i q s k) / d for positive x, and for negative x
// q (2 k^2 - m + 2 i s k) / d.
void ir_pair_logistic(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    ir_val x = NEG(ABS(z.re)), q = ir_exp(b, x), m = NEG(ir_expm1(b, x)), half = SCALE(z.im, 0.5);
    ir_val s = ir_sin(b, half), k = ir_cos(b, half), square = MUL(k, k), twice = ADD(square, square);
    ir_val q_twice = MUL(q, twice), below = ADD(MUL(m, m), ADD(q_twice, q_twice));
    ir_val left = ir_lt(b, z.re, LIKE(x, 0));
    ir_val re = SELECT(left, MUL(q, SUB(twice, m)), ADD(m, q_twice));
    ir_val im = MUL(MUL(ADD(q, q), s), k);
    ir_pair_set(c, (ir_pair){DIV(re, below), DIV(im, below)});
}

static ir_pair converted(ir_builder *b, ir_pair z, cv_dtype dtype) {
    return (ir_pair){ir_convert(b, z.re, dtype), ir_convert(b, z.im, dtype)};
}

// exp(w log z); 0^w is 1 for w = 0, 0 in the right half of the plane, else not defined. In f64, as pow of f32
// is: the error of the exponent, of which the result's is a multiple, has the size of its last place.
void ir_pair_pow(ir_pairing *c) {
    ir_builder *b = c->b;
    cv_dtype dtype = ir_type_of(b, c->in[0])->dtype;
    ir_pair z = converted(b, ir_pair_operand(c, 0), CV_F64), w = converted(b, ir_pair_operand(c, 1), CV_F64);
    ir_val zero = LIKE(z.re, 0), one = LIKE(z.re, 1), undefined = LIKE(z.re, (double)NAN);
    ir_val no_base = ir_and(b, IS_ZERO(z.re), IS_ZERO(z.im)),
           constant = ir_and(b, IS_ZERO(w.re), IS_ZERO(w.im));
    ir_pair power = exp_pair(b, ir_pair_product(b, w, log_pair(b, z)));
    ir_val defined = ir_gt(b, w.re, zero);
    ir_val re = SELECT(no_base, SELECT(defined, zero, undefined), power.re);
    ir_val im = SELECT(no_base, SELECT(defined, zero, undefined), power.im);
    ir_pair result = {SELECT(constant, one, re), SELECT(constant, zero, im)};
    ir_pair_set(c, converted(b, result, dtype));
}
