// The rules of bessel_i0e and bessel_i1e: the modified Bessel functions of the first kind, times e^-|x|.
//
// In: rule contexts (rules.h). Out: derivatives, values, expansions. Up to 1/2 they are polynomials in x (of
// I1 with the factor x), up to 5/2 and up to 8 polynomials in the distance from the middle, and above that
// polynomials in 1 / x over the root of x; all in f64. The distances are exact, and the intervals so narrow
// that all terms but the first are a small part of the sum: their roundings count little. The interpreter has
// the mean of e^(x cos t) cos(n t) over half a turn, by a sum that converges faster than any power of its
// length.

#include <math.h>

#include "ir/primitives/evaluate_elements.h"
#include "ir/primitives/formula.h"
#include "ir/primitives/formula_coefficients.h"
#include "ir/primitives/special.h"

// The polynomial for each interval, of size = |x|.
#define TABLE(order, name)                                                                         \
    fm_bessel_i##order##e_##name##_f64, FM_COUNT(fm_bessel_i##order##e_##name##_f64),              \
        fm_bessel_i##order##e_##name##_f64_low
#define BESSEL(order)                                                                              \
    ir_builder *b = f->b;                                                                          \
    ir_val size = ir_abs(b, in[0]), inverse = ir_div(b, fm_real(f, 1), size);                      \
    ir_val near = order ? fm_polynomial_times(f, size, TABLE(order, near), size)                   \
                        : fm_polynomial_with(f, TABLE(order, near), size);                         \
    ir_val middle = fm_polynomial_with(f, TABLE(order, middle), fm_plus(f, size, -1.5));           \
    ir_val outer = fm_polynomial_with(f, TABLE(order, outer), fm_plus(f, size, -5.25));            \
    ir_val far = fm_polynomial_with(f, TABLE(order, far), fm_plus(f, inverse, -1.0 / 16));         \
    far = ir_select(b, fm_is(f, size, IR_le, 8), outer, ir_div(b, far, ir_sqrt(b, size)));         \
    near = ir_select(b, fm_is(f, size, IR_le, 0.5), near, middle);                                 \
    ir_val result = ir_select(b, fm_is(f, size, IR_le, 2.5), near, far)

static ir_val bessel_i0e_formula(const fm *f, const ir_val *in) {
    BESSEL(0); // polynomials for intervals of |x|
    return result;
}

static ir_val bessel_i1e_formula(const fm *f, const ir_val *in) {
    BESSEL(1);
    return fm_copysign(f, result, in[0]);
}

static ir_val bessel(ir_builder *b, ir_primitive p, ir_val x) { return ir_emit(b, p, &x, 1, NULL); }

static ir_val bessel_i0e_slope(ir_builder *b, const ir_op *op, ir_val x, ir_val out) {
    (void)op;
    return ir_sub(b, bessel(b, IR_bessel_i1e, x), ir_mul(b, ir_sign(b, x), out));
}

// i0e - i1e (sign x + 1 / x), which is 1/2 at 0, and so near it that 1 / x is a number.
static ir_val bessel_i1e_slope(ir_builder *b, const ir_op *op, ir_val x, ir_val out) {
    (void)op;
    bool narrow = ir_type_of(b, x)->dtype == CV_F16;
    ir_val least = ir_full_like(b, x, narrow ? 0x1p-12 : 0x1p-52), tiny = ir_le(b, ir_abs(b, x), least);
    ir_val safe = ir_select(b, tiny, least, x), one = ir_full_like(b, x, 1);
    ir_val rate = ir_add(b, ir_sign(b, safe), ir_div(b, one, safe));
    ir_val slope = ir_sub(b, bessel(b, IR_bessel_i0e, safe), ir_mul(b, out, rate));
    return ir_select(b, tiny, ir_full_like(b, x, 0.5), slope);
}

// Values: a series near 0, the mean, and the asymptotic series (M. Abramowitz and I. Stegun, 9.7.1).
long double ir_long_scaled_bessel(int order, long double x) {
    const long double pi = 3.14159265358979323846264338327950288L;
    enum { POINTS = 96, TERMS = 30 };
    long double size = fabsl(x), sum = 0, term = 1;
    if (isnan(x)) return x;
    if (size < 1) {
        term = order ? size / 2 : 1;
        for (int k = 1; k <= TERMS; k++) {
            sum += term;
            term *= size * size / 4 / k / (k + order);
        }
        sum *= expl(-size);
    } else if (size < 100) {
        for (int k = 0; k < POINTS; k++) {
            long double t = pi * (k + 0.5L) / POINTS;
            sum += expl(size * (cosl(t) - 1)) * cosl(order * t) / POINTS;
        }
    } else {
        for (int k = 1; k <= TERMS; k++) {
            sum += term;
            term *= -(4.0L * order * order - (2 * k - 1) * (2 * k - 1)) / (8 * k * size);
        }
        sum /= sqrtl(2 * pi * size);
    }
    return order ? copysignl(sum, x) : sum;
}

EVALUATE(bessel_i0e, FLOATS(UNARY, ir_long_scaled_bessel(0, x)))
EVALUATE(bessel_i1e, FLOATS(UNARY, ir_long_scaled_bessel(1, x)))

static void bessel_i0e_jvp(ir_jvp *c) { ir_jvp_by_slope(c, bessel_i0e_slope); }
static void bessel_i0e_expand(ir_expansion *c) { fm_expand(c, FM_WIDE, bessel_i0e_formula); }
IR_ELEMENTWISE_RULES(bessel_i0e, .type = ir_type_elementwise, .jvp = bessel_i0e_jvp,
                     .no_transpose = IR_NOT_LINEAR, .expand = bessel_i0e_expand, .cost = 60)
static void bessel_i1e_jvp(ir_jvp *c) { ir_jvp_by_slope(c, bessel_i1e_slope); }
static void bessel_i1e_expand(ir_expansion *c) { fm_expand(c, FM_WIDE, bessel_i1e_formula); }
IR_ELEMENTWISE_RULES(bessel_i1e, .type = ir_type_elementwise, .jvp = bessel_i1e_jvp,
                     .no_transpose = IR_NOT_LINEAR, .expand = bessel_i1e_expand, .cost = 60)
