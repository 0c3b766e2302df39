// Elementary functions of complex numbers, as real functions of the two parts.
//
// In: a pairing (rules.h). Out: both parts of the result. The error is meant normwise, |got - exact| against
// |exact|, and stays at a few units in the last place: sums that cancel are taken where what is left is small
// beside the other part, differences to 1 come from expm1 and log1p, and cosines of angles near to a zero of
// the result from half-angles. Nothing overflows or vanishes on the way that does not in the end:
// exponentials are taken in two halves where they are too large, sizes are divided by the larger part. Signs
// of zeros and infinities are those of C's annex G where they do not cost another function.
//
// Sources: W. Kahan, Branch Cuts for Complex Elementary Functions (1987), for which sums are safe; the
// coefficients of the arc tangent are those of the polynomial through Chebyshev's points.

#include <math.h>

#include "ir/primitives/complex.h"

static bool is_wide(const ir_builder *b, ir_val x) { return ir_type_of(b, x)->dtype == CV_F64; }

// True for -0 and what is below; for a NaN false.
static ir_val is_negative(ir_builder *b, ir_val x) {
    ir_val zero = LIKE(x, 0), below = ir_lt(b, DIV(LIKE(x, 1), x), zero);
    return ir_or(b, ir_lt(b, x, zero), ir_and(b, IS_ZERO(x), below));
}

// y with the sign of x.
static ir_val with_sign(ir_builder *b, ir_val y, ir_val x) { return SELECT(is_negative(b, x), NEG(y), y); }

// exp(x) = whole * rest: rest is 1 but where exp(x) could overflow, and there both are its square root.
typedef struct exponential {
    ir_val halved, argument, whole, rest;
} exponential;

static exponential exp_of(ir_builder *b, ir_val x) {
    ir_val halved = ir_gt(b, x, LIKE(x, is_wide(b, x) ? 700 : 88));
    ir_val argument = SELECT(halved, SCALE(x, 0.5), x), whole = ir_exp(b, argument);
    return (exponential){halved, argument, whole, SELECT(halved, whole, LIKE(x, 1))};
}

// exp(x) (cos y + i sin y), real where y is.
static ir_pair exp_pair(ir_builder *b, ir_pair z) {
    exponential e = exp_of(b, z.re);
    ir_val re = MUL(MUL(e.whole, ir_cos(b, z.im)), e.rest), im = MUL(MUL(e.whole, ir_sin(b, z.im)), e.rest);
    // exp(-inf) is 0 in every direction, also in one that is not known
    ir_val zero = LIKE(z.re, 0), vanishes = IS_ZERO(e.whole);
    re = SELECT(ir_and(b, vanishes, ir_ne(b, re, re)), zero, re);
    im = SELECT(ir_and(b, vanishes, ir_ne(b, im, im)), zero, im);
    return (ir_pair){re, SELECT(IS_ZERO(z.im), z.im, im)};
}

void ir_pair_exp(ir_pairing *c) { ir_pair_set(c, exp_pair(c->b, ir_pair_operand(c, 0))); }

// expm1(x) cos y - 2 sin(y / 2)^2
void ir_pair_expm1(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0), e = exp_pair(b, z);
    ir_val half = ir_sin(b, SCALE(z.im, 0.5)), less = MUL(half, half);
    ir_val re = SUB(MUL(ir_expm1(b, z.re), ir_cos(b, z.im)), ADD(less, less));
    // where exp(x) overflows in one piece the 1 does not count; a real number has a real result
    ir_val large = ir_gt(b, z.re, LIKE(z.re, 80)), lost = ir_lt(b, z.re, LIKE(z.re, -80));
    re = SELECT(lost, LIKE(z.re, -1), SELECT(large, e.re, re));
    ir_pair_set(c, (ir_pair){SELECT(IS_ZERO(z.im), ir_expm1(b, z.re), re), e.im});
}

// atan(t) of 0 <= t <= 1: of (t - 1) / (t + 1), with pi / 4 added, above tan(pi / 8).
static ir_val atan_unit(ir_builder *b, ir_val t) {
    static const double narrow[] = {-0x1.5555555502188p-2, 0x1.99999825953e7p-3,  -0x1.2491c08b29bb2p-3,
                                    0x1.c6f68736dbcb2p-4,  -0x1.71d3c0fd1197ap-4, 0x1.24434e494e325p-4,
                                    -0x1.4b3890f8866cap-5};
    static const double wide[] = {-0x1.5555555555555p-2, 0x1.9999999999997p-3,  -0x1.24924924920adp-3,
                                  0x1.c71c71c6ddbfcp-4,  -0x1.745d17356513bp-4, 0x1.3b13aea9e82cdp-4,
                                  -0x1.1110cee808ab6p-4, 0x1.e1d8e9bfb1339p-5,  -0x1.aebd1fa26dde1p-5,
                                  0x1.829ce310d3e5cp-5,  -0x1.503c441e33424p-5, 0x1.f5ef7372fe373p-6,
                                  -0x1.c8128f0cb448ap-7};
    const double *coefficients = is_wide(b, t) ? wide : narrow;
    size_t n = is_wide(b, t) ? sizeof wide / sizeof *wide : sizeof narrow / sizeof *narrow;
    ir_val one = LIKE(t, 1), zero = LIKE(t, 0), upper = ir_gt(b, t, LIKE(t, 0.41421356237309503));
    ir_val u = SELECT(upper, DIV(SUB(t, one), ADD(t, one)), t), square = MUL(u, u);
    ir_val sum = LIKE(t, coefficients[n - 1]);
    for (size_t i = n - 1; i-- > 0;) sum = ir_fma(b, sum, square, LIKE(t, coefficients[i]));
    ir_val angle = ir_fma(b, MUL(u, square), sum, u);
    return ADD(angle, SELECT(upper, LIKE(t, 0x1.921fb54442d18p-1), zero));
}

// The angle of x + i y, from -pi to pi, of zeros and infinities as in C's annex F.
static ir_val angle_of(ir_builder *b, ir_pair z) {
    ir_val x = ABS(z.re), y = ABS(z.im), steep = ir_gt(b, y, x), zero = LIKE(x, 0), one = LIKE(x, 1);
    ir_val large = SELECT(steep, y, x), small = SELECT(steep, x, y);
    ir_val both_zero = IS_ZERO(ir_max(b, x, y));
    ir_val both_infinite = ir_and(b, ir_pair_infinite(b, x), ir_pair_infinite(b, y));
    ir_val t = SELECT(both_zero, zero, SELECT(both_infinite, one, DIV(small, large)));
    ir_val angle = atan_unit(b, t);
    angle = SELECT(steep, SUB(LIKE(x, 0x1.921fb54442d18p0), angle), angle);
    angle = SELECT(is_negative(b, z.re), SUB(LIKE(x, 0x1.921fb54442d18p1), angle), angle);
    return with_sign(b, angle, z.im);
}

static ir_val log_size(ir_builder *b, ir_pair z) {
    ir_pair_size size = ir_pair_size_of(b, z);
    ir_val small = DIV(ir_min(b, ABS(z.re), ABS(z.im)), size.unit);
    ir_val rest = SCALE(ir_log1p(b, MUL(small, small)), 0.5), largest = ir_log(b, size.largest);
    return SELECT(ir_pair_infinite(b, size.largest), size.largest, ADD(largest, rest));
}

static ir_pair log_pair(ir_builder *b, ir_pair z) { return (ir_pair){log_size(b, z), angle_of(b, z)}; }

void ir_pair_log(ir_pairing *c) { ir_pair_set(c, log_pair(c->b, ir_pair_operand(c, 0))); }

// log|1 + z| is half of log1p(x (x + 2) + y^2) near to 0.
void ir_pair_log1p(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0), moved = {ADD(z.re, LIKE(z.re, 1)), z.im};
    ir_pair far = log_pair(b, moved);
    ir_val near = ir_lt(b, ir_max(b, ABS(z.re), ABS(z.im)), LIKE(z.re, 0.5));
    ir_val x = SELECT(near, z.re, LIKE(z.re, 0)), y = SELECT(near, z.im, LIKE(z.re, 0));
    ir_val square = ADD(MUL(x, ADD(x, LIKE(x, 2))), MUL(y, y));
    ir_pair_set(c, (ir_pair){SELECT(near, SCALE(ir_log1p(b, square), 0.5), far.re), far.im});
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
                             with_sign(b, SELECT(IS_ZERO(size.largest), zero, im), z.im)});
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
    ir_pair_set(c, (ir_pair){re, with_sign(b, NEG(im), z.im)});
}

// cosh and sinh of |y|, each to be multiplied by `rest` as well.
typedef struct hyperbolic {
    ir_val cosh, sinh, rest;
} hyperbolic;

static hyperbolic hyperbolic_of(ir_builder *b, ir_val y) {
    ir_val one = LIKE(y, 1), x = ABS(y), halved = ir_gt(b, x, LIKE(x, is_wide(b, x) ? 700 : 88));
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
void ir_pair_sin(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    hyperbolic h = hyperbolic_of(b, z.im);
    ir_val im = with_sign(b, MUL(MUL(ir_cos(b, z.re), h.sinh), h.rest), z.im);
    ir_pair_set(c, (ir_pair){vanishing(b, ir_sin(b, z.re), h.cosh, h.rest), SELECT(IS_ZERO(z.im), z.im, im)});
}

// cos x cosh y - i sin x sinh y
void ir_pair_cos(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    hyperbolic h = hyperbolic_of(b, z.im);
    ir_val sine = ir_sin(b, z.re), im = with_sign(b, NEG(vanishing(b, sine, h.sinh, h.rest)), z.im);
    ir_val re = MUL(MUL(ir_cos(b, z.re), h.cosh), h.rest), zero = LIKE(z.re, 0);
    ir_pair_set(c,
                (ir_pair){re, SELECT(IS_ZERO(z.im), with_sign(b, with_sign(b, NEG(zero), sine), z.im), im)});
}

// With q = exp(-2 |x|): ((1 - q) (1 + q) + 4 i q sin y cos y) / ((1 - q)^2 + 4 q cos(y)^2)
void ir_pair_tanh(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    ir_val twice = NEG(ADD(ABS(z.re), ABS(z.re))), q = ir_exp(b, twice), m = NEG(ir_expm1(b, twice));
    ir_val sine = ir_sin(b, z.im), cosine = ir_cos(b, z.im), one = LIKE(q, 1), zero = LIKE(q, 0);
    ir_val turned = SCALE(MUL(q, cosine), 4);
    ir_val below = ADD(MUL(m, m), MUL(turned, cosine));
    ir_val re = DIV(MUL(m, ADD(one, q)), below), im = DIV(MUL(turned, sine), below);
    ir_val infinite = ir_pair_infinite(b, z.re);
    re = with_sign(b, SELECT(infinite, one, re), z.re);
    im = SELECT(infinite, SELECT(ir_lt(b, im, zero), NEG(zero), zero), im);
    ir_pair_set(c, (ir_pair){re, SELECT(IS_ZERO(z.im), z.im, im)});
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

// exp(w log z); 0^w is 1 for w = 0, 0 in the right half of the plane, else not defined.
void ir_pair_pow(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0), w = ir_pair_operand(c, 1);
    ir_val zero = LIKE(z.re, 0), one = LIKE(z.re, 1), undefined = LIKE(z.re, (double)NAN);
    ir_val no_base = ir_and(b, IS_ZERO(z.re), IS_ZERO(z.im)),
           constant = ir_and(b, IS_ZERO(w.re), IS_ZERO(w.im));
    ir_pair power = exp_pair(b, ir_pair_product(b, w, log_pair(b, z)));
    ir_val defined = ir_gt(b, w.re, zero);
    ir_val re = SELECT(no_base, SELECT(defined, zero, undefined), power.re);
    ir_val im = SELECT(no_base, SELECT(defined, zero, undefined), power.im);
    ir_pair_set(c, (ir_pair){SELECT(constant, one, re), SELECT(constant, zero, im)});
}
