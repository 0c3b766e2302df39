// The inverses of trigonometric and hyperbolic functions of complex numbers, as real functions of the two
// parts: asin, acos, atan, asinh, acosh, atanh.
//
// In: a pairing (rules.h). Out: both parts of the result, with the branch cuts of C's annex G: a zero part
// of the operand says by its sign on which side of the cut it lies.
//
// asin and acos are those of T. Hull, T. Fairgrieve and P. Tang, Implementing the Complex Arcsine and
// Arccosine Functions Using Exception Handling (1997). With r and s the distances of z = x + i y from -1 and
// 1 (x, y not negative here) and a = (r + s) / 2, the real part of asin is asin(x / a) and the imaginary
// part log(a + sqrt(a^2 - 1)). The differences a - x and a - 1 are half-sums of r - (x + 1) = y^2 / (r + x +
// 1) and of s - |x - 1| = y^2 / (s + |x - 1|) or s + |x - 1|: nothing cancels. Their paper changes formulas
// by region; here the real part is always atan2(x, sqrt(a^2 - x^2)) and the imaginary one log1p(a - 1 +
// sqrt(a^2 - 1)), and what is left to select is which of the two sums is which. Where squares could
// overflow, z and the number 1 in the formulas are multiplied by one power of two.
//
// atanh is W. Kahan's (Branch Cuts for Complex Elementary Functions, 1987): the real part is log1p(4 x / ((1
// - x)^2 + y^2)) / 4, the imaginary part half the angle of ((1 - x) (1 + x) - y^2) + 2 i y.
//
// asinh, atan and acosh follow: with w = i conj(z), asinh z = i conj(asin w) and atan z = i conj(atanh w);
// acosh z is i acos z or -i acos z, the one whose real part is not negative.

#include <math.h>

#include "ir/primitives/complex.h"

static const double ln2 = 0x1.62e42fefa39efp-1, half_pi = 0x1.921fb54442d18p0;

// A part above 2^threshold is large: z times 2^-shift has no parts whose squares overflow, and none below
// 1/16.
typedef struct scaling {
    ir_val large, one, x, y; // one: 2^-shift or 1; x, y: |parts| times that
    int shift;
} scaling;

static scaling scaled(ir_builder *b, ir_pair z) {
    int threshold = ir_pair_is_wide(b, z.re) ? 510 : 62, shift = threshold + 4;
    ir_val x = ABS(z.re), y = ABS(z.im), large = ir_gt(b, ir_max(b, x, y), LIKE(x, ldexp(1, threshold)));
    ir_val one = SELECT(large, LIKE(x, ldexp(1, -shift)), LIKE(x, 1));
    return (scaling){large, one, MUL(x, one), MUL(y, one), shift};
}

// log(w) + shift ln 2 where `moved`, else log(1 + w). w is at least 1/16 where `moved`, and the logarithm
// small beside the shift.
static ir_val shifted_log(ir_builder *b, ir_val moved, ir_val w, int shift) {
    ir_val log = ir_log1p(b, SELECT(moved, SUB(w, LIKE(w, 1)), w));
    return ADD(log, SELECT(moved, LIKE(w, shift * ln2), LIKE(w, 0)));
}

static ir_val length(ir_builder *b, ir_val x, ir_val y) {
    ir_pair_size size = ir_pair_size_of(b, (ir_pair){x, y});
    return MUL(size.largest, size.hypotenuse);
}

static ir_val either_infinite(ir_builder *b, ir_pair z) {
    return ir_or(b, ir_pair_infinite(b, z.re), ir_pair_infinite(b, z.im));
}

// |x| and sqrt(a^2 - x^2), perhaps scaled, of which only the ratio counts; log(a + sqrt(a^2 - 1)).
typedef struct arc {
    ir_val x, root, height;
} arc;

static arc arc_of(ir_builder *b, ir_pair z) {
    scaling c = scaled(b, z);
    ir_val x = c.x, y = c.y, one = c.one, unit = LIKE(x, 1), after = ADD(x, one), before = SUB(x, one);
    ir_val r = length(b, after, y), s = length(b, before, y), a = SCALE(ADD(r, s), 0.5);
    ir_val to_r = DIV(unit, ADD(r, after)), sum = ADD(s, ABS(before)), to_s = DIV(unit, sum);
    // Beyond 1 these are twice (a - x) / y^2 and a - 1, before it (a - 1) / y^2 and a - x; at 1 the second
    // is both.
    ir_val by_square = ADD(to_r, to_s), whole = ADD(MUL(y, MUL(y, to_r)), sum);
    ir_val inside = ir_le(b, x, one), outside = ir_ge(b, x, one);
    ir_val root = ir_sqrt(b, MUL(SCALE(ADD(a, x), 0.5), SELECT(inside, whole, by_square)));
    root = MUL(root, SELECT(inside, unit, y));
    ir_val less_one = SCALE(SELECT(outside, whole, MUL(y, MUL(y, by_square))), 0.5);
    ir_val rest = ir_sqrt(b, MUL(SCALE(ADD(a, one), 0.5), SELECT(outside, whole, by_square)));
    rest = MUL(rest, SELECT(outside, unit, y));
    ir_val height = shifted_log(b, c.large, ADD(less_one, rest), c.shift);
    // Far away the real part of asin is the angle from the imaginary axis.
    ir_val infinite = either_infinite(b, z);
    return (arc){x, SELECT(infinite, y, root), SELECT(infinite, LIKE(x, (double)INFINITY), height)};
}

static ir_pair asin_pair(ir_builder *b, ir_pair z) {
    arc a = arc_of(b, z);
    ir_val angle = ir_atan2(b, WITH_SIGN(a.x, z.re), a.root);
    return (ir_pair){SELECT(IS_ZERO(z.re), z.re, angle), WITH_SIGN(a.height, z.im)};
}

void ir_pair_asin(ir_pairing *c) { ir_pair_set(c, asin_pair(c->b, ir_pair_operand(c, 0))); }

void ir_pair_asinh(ir_pairing *c) {
    ir_pair_set(c, ir_pair_swap(asin_pair(c->b, ir_pair_swap(ir_pair_operand(c, 0)))));
}

static ir_val acos_angle(ir_builder *b, arc a, ir_pair z) {
    ir_val angle = ir_atan2(b, a.root, WITH_SIGN(a.x, z.re));
    return SELECT(IS_ZERO(z.re), LIKE(angle, half_pi), angle);
}

void ir_pair_acos(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    arc a = arc_of(b, z);
    ir_pair_set(c, (ir_pair){acos_angle(b, a, z), WITH_SIGN(NEG(a.height), z.im)});
}

void ir_pair_acosh(ir_pairing *c) {
    ir_builder *b = c->b;
    ir_pair z = ir_pair_operand(c, 0);
    arc a = arc_of(b, z);
    ir_pair_set(c, (ir_pair){a.height, WITH_SIGN(acos_angle(b, a, z), z.im)});
}

static ir_pair atanh_pair(ir_builder *b, ir_pair z) {
    scaling c = scaled(b, z);
    ir_val x = c.x, y = c.y, one = c.one, rest = SUB(one, x), square = ir_fma(b, y, y, MUL(rest, rest));
    // Closer to 1 than numbers of this size are apart x is 1, and the logarithm is that of 4 / y^2.
    int shift = ir_pair_is_wide(b, x) ? 504 : 64;
    ir_val near = ir_and(b, IS_ZERO(rest), ir_lt(b, y, LIKE(y, ldexp(1, 4 - shift))));
    ir_val ratio = MUL(SCALE(DIV(x, square), 4), one), root = DIV(LIKE(y, 2), SCALE(y, ldexp(1, shift)));
    ir_val log = shifted_log(b, near, SELECT(near, root, ratio), shift);
    ir_val re = MUL(log, SELECT(near, LIKE(x, 0.5), LIKE(x, 0.25)));
    ir_val along = SUB(MUL(rest, ADD(one, x)), MUL(y, y));
    ir_val im = SCALE(ir_atan2(b, MUL(y, one), SCALE(along, 0.5)), 0.5);
    ir_val infinite = either_infinite(b, z);
    re = SELECT(infinite, LIKE(re, 0), re);
    im = SELECT(infinite, LIKE(im, half_pi), im);
    return (ir_pair){WITH_SIGN(SELECT(IS_ZERO(x), x, re), z.re), WITH_SIGN(im, z.im)};
}

void ir_pair_atanh(ir_pairing *c) { ir_pair_set(c, atanh_pair(c->b, ir_pair_operand(c, 0))); }

void ir_pair_atan(ir_pairing *c) {
    ir_pair_set(c, ir_pair_swap(atanh_pair(c->b, ir_pair_swap(ir_pair_operand(c, 0)))));
}
