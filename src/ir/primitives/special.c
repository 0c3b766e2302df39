// The rules of special functions: erf, erfc, erf_inv, lgamma, digamma, polygamma.
//
// In: rule contexts (rules.h). Out: types, derivatives, values, expansions. All but erf and erf_inv of f32
// are computed in f64; where the result is f64 itself, sums that cancel are sums of pairs (formula.h). Errors
// stand in ir/accuracy.h. Values for the interpreter are in special_evaluate.c.

#include <math.h>

#include "ir/primitives/formula.h"
#include "ir/primitives/formula_coefficients.h"

#define FORMULA(name) static ir_val name##_formula(const fm *f, const ir_val *in)
#define TABLE(name) fm_##name, FM_COUNT(fm_##name)

enum { MOST_ORDER = 40 }; // of polygamma

static ir_val infinity(const fm *f) { return fm_real(f, (double)INFINITY); }

// erfc x for x >= 0, in f64: exp(-x^2) P(t) / (1 + 2 x), t = (x - 15/4) / (x + 15/4), in which the last
// factor varies little (M. Shepherd and J. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc
// x", 1981).
static ir_val far_erfc(const fm *f, ir_val x) {
    ir_builder *b = f->b;
    x = fm_replace(f, fm_is(f, x, IR_gt, 28), 28, x);
    ir_val t = ir_div(b, fm_plus(f, x, -3.75), fm_plus(f, x, 3.75)), low_bits;
    ir_val rest = ir_mul(b, t, fm_polynomial(f, fm_erfc_f64 + 1, FM_COUNT(fm_erfc_f64) - 1, t));
    fm_pair p = fm_number(f, fm_plus(f, rest, fm_erfc_f64[0]));
    if (f->exact) p = fm_fast_two_sum(f, fm_real(f, fm_erfc_f64[0]), fm_plus(f, rest, fm_erfc_f64_low));
    fm_pair quotient = fm_pair_div(f, p, fm_sum(f, fm_real(f, 1), ir_add(b, x, x)));
    fm_pair e = fm_exp_pair(f, fm_pair_neg(f, fm_product(f, x, x)), &low_bits);
    return fm_scale_by_power(f, fm_pair_value(f, fm_pair_mul(f, e, quotient)), low_bits);
}

static ir_val near_erf(const fm *f, ir_val x) {
    return fm_mad(f, x, FM_POLYNOMIAL(f, erf, fm_square(f, x)), x);
}

FORMULA(erfc) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), far = far_erfc(f, size),
           near = ir_sub(b, fm_real(f, 1), near_erf(f, in[0]));
    far = ir_select(b, fm_is(f, in[0], IR_lt, 0), ir_sub(b, fm_real(f, 2), far), far);
    return ir_select(b, fm_is(f, size, IR_lt, 0.5), near, far);
}

// x + x P(x^2), or 1 - erfc x: in f32, from 1 on, that is the exponential of a polynomial.
FORMULA(erf) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), near = near_erf(f, in[0]), far;
    if (f->wide) {
        far = far_erfc(f, size);
    } else {
        ir_val bounded = fm_replace(f, fm_is(f, size, IR_gt, 4), 4, size);
        far = ir_exp(b, fm_polynomial(f, TABLE(erf_far_f32), bounded));
    }
    far = fm_copysign(f, ir_sub(b, fm_real(f, 1), far), in[0]);
    return ir_select(b, fm_is(f, size, IR_le, 1), near, far);
}

// x + x P(x^2), or x P(w) with w = -log(1 - x^2), of which the quotient depends but little; for great w in
// sqrt(w) (M. Giles, "Approximating the erfinv function", 2010).

static ir_val scaled(const fm *f, ir_val x, const double *c, int n, double low, double shift, fm_pair v) {
    return fm_polynomial_times(f, x, c, n, low, ir_add(f->b, fm_plus(f, v.high, -shift), v.low));
}
#define SCALED(name, v)                                                                                      \
    scaled(f, x, TABLE(erf_inv_##name), fm_erf_inv_##name##_low, fm_erf_inv_##name##_shift, v)

// The root of a pair as one: its last place would count in full where it is far more than the quotient's.
static fm_pair root_of(const fm *f, fm_pair w) {
    ir_val root = ir_sqrt(f->b, w.high);
    ir_val rest = ir_add(f->b, fm_rest(f, root, root, w.high), w.low);
    return (fm_pair){root, ir_div(f->b, rest, ir_add(f->b, root, root))};
}

FORMULA(erf_inv) {
    ir_builder *b = f->b;
    ir_val x = in[0], size = ir_abs(b, x), near = fm_mad(f, x, FM_POLYNOMIAL(f, erf_inv, fm_square(f, x)), x),
           far;
    ir_val less = fm_rest(f, x, x, fm_real(f, 1));
    fm_pair log = f->wide ? fm_log_pair(f, fm_number(f, less)) : (fm_pair){ir_log(b, less), fm_real(f, 0)};
    fm_pair w = fm_pair_neg(f, log), root = root_of(f, w);
    if (f->wide) {
        far = ir_select(b, fm_is(f, w.high, IR_lt, 16), SCALED(middle_f64, root), SCALED(far_f64, root));
        far = ir_select(b, fm_is(f, w.high, IR_lt, 6), SCALED(near_f64, w), far);
    } else {
        far = ir_select(b, fm_is(f, w.high, IR_lt, 5), SCALED(near_f32, w), SCALED(far_f32, root));
    }
    far = fm_replace(f, fm_is(f, size, IR_gt, 1), (double)NAN, far);
    far = fm_replace(f, fm_is(f, size, IR_eq, 1), (double)INFINITY, far);
    return fm_copysign(f, ir_select(b, fm_is(f, size, IR_lt, 0.75), near, far), x);
}

// The gamma family: by Stirling's series in y = x from 8 on, and below that in y = x + 8, with the product
// x (x + 1) ... (x + 7) = q (q + 6) (q + 10) (q + 12), q = x (x + 7).

typedef struct shifted {
    ir_val near;      // x < 8
    fm_pair x, y, q;
    ir_val square;    // 1 / y^2
} shifted;

static shifted shifted_of(const fm *f, fm_pair x) {
    ir_builder *b = f->b;
    ir_val near = fm_is(f, x.high, IR_lt, 8), by = ir_select(b, near, fm_real(f, 8), fm_real(f, 0));
    fm_pair y = fm_pair_add(f, x, fm_number(f, by)), seven = fm_number(f, fm_real(f, 7));
    ir_val inverse = ir_div(b, fm_real(f, 1), y.high);
    return (shifted){near, x, y, fm_pair_mul(f, x, fm_pair_add(f, x, seven)), fm_square(f, inverse)};
}

static fm_pair plus(const fm *f, fm_pair x, double number) {
    return fm_pair_add(f, x, fm_number(f, fm_real(f, number)));
}

static fm_pair product_of_eight(const fm *f, fm_pair q) {
    fm_pair p =
        fm_pair_mul(f, fm_pair_mul(f, q, plus(f, q, 6)), fm_pair_mul(f, plus(f, q, 10), plus(f, q, 12)));
    return p;
}

static fm_pair number_one(const fm *f) { return fm_number(f, fm_real(f, 1)); }

// sin(pi x) / pi for 0 <= x <= 1/2
static fm_pair sine_of_half_turns(const fm *f, ir_val x) {
    fm_pair z = fm_product(f, x, x), first = fm_pair_constant(f, fm_half_turns_f64[0], fm_half_turns_f64_low);
    ir_val tail = fm_polynomial(f, fm_half_turns_f64 + 1, FM_COUNT(fm_half_turns_f64) - 1, z.high);
    fm_pair rest = fm_pair_mul(f, z, first), one = fm_number(f, fm_real(f, 1));
    rest = fm_pair_add(f, rest, fm_number(f, ir_mul(f->b, fm_square(f, z.high), tail)));
    return fm_pair_mul(f, fm_number(f, x), fm_pair_add(f, one, rest));
}

static fm_pair pi_of(const fm *f) { return fm_pair_constant(f, 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53); }

// What is behind the binary point of x >= 0.
static ir_val fraction_of(const fm *f, ir_val x) { return ir_sub(f->b, x, ir_floor(f->b, x)); }

// log Gamma(x) = (y - 1/2) (log y - 1) + log(2 pi) / 2 - 1/2 + R(1 / y^2) / y - log P, P the product or 1.
// Below zero log|Gamma(-x)| = log(pi / (x sin(pi x))) - log Gamma(x): log P becomes -log(x sin(pi x) / (pi
// P)), and the sign is the other.
FORMULA(lgamma) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), negative = fm_is(f, in[0], IR_lt, 0);
    shifted s = shifted_of(f, fm_number(f, size));
    fm_pair log_y = fm_log_pair(f, s.y);
    fm_pair sum = fm_pair_mul(f, plus(f, s.y, -0.5), plus(f, log_y, -1));
    sum = fm_pair_add(f, sum, fm_pair_constant(f, 0x1.acfe390c97d69p-2, 0x1.3494bc9001442p-56));
    ir_val rest = ir_div(b, fm_polynomial(f, TABLE(lgamma_f64), s.square), s.y.high);
    fm_pair stirling = fm_pair_add(f, sum, fm_number(f, rest));

    ir_val part = fraction_of(f, size);
    ir_val distance = ir_select(b, fm_is(f, part, IR_gt, 0.5), ir_sub(b, fm_real(f, 1), part), part);
    fm_pair p = fm_pair_select(f, s.near, product_of_eight(f, s.q), number_one(f));
    fm_pair reflected = fm_pair_div(f, fm_number(f, size), p);
    reflected = fm_pair_mul(f, reflected, sine_of_half_turns(f, distance));
    fm_pair log = fm_log_pair(f, fm_pair_select(f, negative, reflected, p));
    fm_pair result = fm_pair_add(f, stirling, fm_pair_select(f, negative, log, fm_pair_neg(f, log)));
    ir_val value = fm_pair_value(f, result);
    value = ir_select(b, negative, ir_neg(b, value), value);
    value = fm_replace(f, ir_or(b, fm_is(f, in[0], IR_eq, 1), fm_is(f, in[0], IR_eq, 2)), 0, value);
    value = ir_select(b, fm_is(f, size, IR_lt, 0x1p-500), ir_neg(b, ir_log(b, size)), value);
    ir_val pole = ir_and(b, fm_is(f, in[0], IR_le, 0), fm_is(f, distance, IR_eq, 0));
    ir_val great = fm_is(f, size, IR_gt, 0x1.74c9f77f64d5fp+1014); // beyond, it overflows
    great = ir_and(b, great, ir_or(b, fm_is(f, in[0], IR_gt, 0), fm_is(f, size, IR_eq, (double)INFINITY)));
    return ir_select(b, ir_or(b, pole, great), infinity(f), value);
}

// digamma(x) = log y - 1 / (2 y) - D(1 / y^2) / y^2 - P' / P; below zero digamma(-x) = digamma(1 + x) +
// pi cot(pi x). P' is (2 x + 7) 4 (q^3 + 21 q^2 + 126 q + 180).
FORMULA(digamma) {
    ir_builder *b = f->b;
    ir_val size = ir_abs(b, in[0]), negative = fm_is(f, in[0], IR_lt, 0), zero = fm_real(f, 0);
    shifted s = shifted_of(f, fm_sum(f, ir_select(b, negative, fm_real(f, 1), zero), size));
    fm_pair sum = fm_pair_add(f, fm_log_pair(f, s.y),
                              fm_pair_neg(f, fm_pair_div(f, fm_number(f, fm_real(f, 0.5)), s.y)));
    ir_val rest = ir_mul(b, s.square, fm_polynomial(f, TABLE(digamma_f64), s.square));
    sum = fm_pair_add(f, sum, fm_pair_neg(f, fm_number(f, rest)));

    fm_pair slope = plus(f, fm_pair_mul(f, plus(f, s.q, 21), s.q), 126);
    slope = fm_pair_mul(f, plus(f, fm_pair_mul(f, slope, s.q), 180), plus(f, fm_pair_add(f, s.x, s.x), 7));
    fm_pair four = fm_number(f, fm_real(f, 4));
    fm_pair steps = fm_pair_div(f, fm_pair_mul(f, four, slope), product_of_eight(f, s.q));
    sum = fm_pair_add(f, sum, fm_pair_neg(f, fm_pair_select(f, s.near, steps, fm_number(f, zero))));

    ir_val part = fraction_of(f, size), beyond = fm_is(f, part, IR_gt, 0.5);
    ir_val distance = ir_select(b, beyond, ir_sub(b, fm_real(f, 1), part), part);
    fm_pair cosine = sine_of_half_turns(f, ir_sub(b, fm_real(f, 0.5), distance));
    fm_pair cotangent = fm_pair_div(f, fm_pair_mul(f, pi_of(f), cosine), sine_of_half_turns(f, distance));
    cotangent = fm_pair_select(f, beyond, fm_pair_neg(f, cotangent), cotangent);
    ir_val value = fm_pair_value(f, fm_pair_select(f, negative, fm_pair_add(f, sum, cotangent), sum));
    value = fm_replace(f, ir_and(b, negative, fm_is(f, distance, IR_eq, 0)), (double)NAN, value);
    ir_val tiny =
        ir_div(b, fm_real(f, -1), fm_replace(f, fm_is(f, in[0], IR_eq, 0), 0, in[0])); // at -0 as at 0
    value = ir_select(b, fm_is(f, size, IR_lt, 0x1p-1000), tiny, value);
    return ir_select(b, fm_is(f, in[0], IR_eq, (double)INFINITY), in[0], value);
}

// Derivatives

static ir_val polygamma(ir_builder *b, ir_val x, int64_t order) {
    return ir_emit(b, IR_polygamma, &x, 1, &(ir_polygamma_attributes){order});
}

static ir_val bell(ir_builder *b, ir_val x) { return ir_exp(b, ir_neg(b, ir_mul(b, x, x))); }

static ir_val slope(ir_builder *b, const ir_op *op, ir_val x, ir_val out) {
#define NUMBER(value) ir_full_like(b, x, value)
    switch (op->primitive) {
    case IR_erf: return ir_mul(b, NUMBER(0x1.20dd750429b6dp+0), bell(b, x));
    case IR_erfc: return ir_mul(b, NUMBER(-0x1.20dd750429b6dp+0), bell(b, x));
    case IR_erf_inv: return ir_mul(b, NUMBER(0x1.c5bf891b4ef6bp-1), ir_exp(b, ir_mul(b, out, out)));
    case IR_lgamma: return ir_digamma(b, x);
    case IR_digamma: return polygamma(b, x, 1);
    case IR_polygamma: return polygamma(b, x, ((const ir_polygamma_attributes *)op->attributes)->order + 1);
    default: base_check(!"a row for the primitive");
    }
#undef NUMBER
    return IR_NONE;
}

static void jvp(ir_jvp *c) { ir_jvp_by_slope(c, slope); }

static void polygamma_type(ir_typing *t) {
    char text[IR_TYPE_TEXT];
    int64_t order = ((const ir_polygamma_attributes *)t->attributes)->order;
    ir_type_elementwise(t);
    if (order < 1 || order > MOST_ORDER)
        ir_type_error(t, "%s: derivatives of digamma have an order from 1 to %d, not %lld",
                      ir_type_text(t->in[0], text), MOST_ORDER, (long long)order);
}

// polygamma(n, x) = (-1)^(n+1) n! sum (x + k)^-(n+1): terms up to y = x + N are added, the rest is the
// formula of Euler and Maclaurin. Below zero, by d^n/dx^n of pi cot(pi x) = (-1)^n digamma(1 - x) -
// digamma(x), which is a polynomial in the cotangent.

static ir_val power(const fm *f, ir_val x, int64_t n) {
    return ir_emit(f->b, IR_integer_pow, &x, 1, &(ir_integer_pow_attributes){n});
}

static ir_val cotangent_derivative(const fm *f, int64_t n, ir_val cotangent) {
    double p[MOST_ORDER + 3] = {0, 1}, scale = pow(0x1.921fb54442d18p+1, (double)n + 1);
    for (int64_t k = 0; k < n; k++) {
        double next[MOST_ORDER + 3] = {0};
        for (int64_t i = 1; i <= k + 1; i++) {
            next[i - 1] -= (double)i * p[i];
            next[i + 1] -= (double)i * p[i];
        }
        for (int64_t i = 0; i <= k + 2; i++) p[i] = next[i];
    }
    // Only even or only odd powers.
    double even[MOST_ORDER + 3];
    int64_t first = (n + 1) % 2, terms = 0;
    for (int64_t i = first; i <= n + 1; i += 2) even[terms++] = p[i] * scale;
    ir_val sum = fm_polynomial(f, even, (int)terms, fm_square(f, cotangent));
    return first ? ir_mul(f->b, sum, cotangent) : sum;
}

static ir_val zeta(const fm *f, int64_t n, ir_val x) {
    static const double bernoulli[] = {1.0 / 6,  -1.0 / 30,     1.0 / 42, -1.0 / 30,
                                       5.0 / 66, -691.0 / 2730, 7.0 / 6};
    ir_builder *b = f->b;
    int64_t terms = 12 + n;
    double factor = 1;
    ir_val near = fm_is(f, x, IR_lt, (double)terms), y = ir_select(b, near, fm_plus(f, x, (double)terms), x);
    ir_val inverse = ir_div(b, fm_real(f, 1), y), square = fm_square(f, inverse);
    double c[FM_COUNT(bernoulli) + 1] = {0.5};
    for (int k = 1; k <= FM_COUNT(bernoulli); k++) { // s (s + 1) ... (s + 2 k - 2) / (2 k)!
        for (int64_t i = 2 * k - 3 < 0 ? 0 : 2 * k - 3; i <= 2 * k - 2; i++) factor *= (double)(n + 1 + i);
        factor /= 2 * k * (2 * k - 1);
        c[k] = bernoulli[k - 1] * factor;
    }
    ir_val tail = fm_mad(f, fm_polynomial(f, c + 1, FM_COUNT(bernoulli), square), inverse, fm_real(f, c[0]));
    tail = fm_mad(f, tail, inverse, fm_real(f, 1 / (double)n));
    ir_val sum = ir_mul(b, tail, power(f, inverse, n));
    for (int64_t k = terms; k-- > 0;) { // the smallest first
        ir_val term = ir_div(b, fm_real(f, 1), power(f, fm_plus(f, x, (double)k), n + 1));
        sum = ir_add(b, sum, ir_select(b, near, term, fm_real(f, 0)));
    }
    return sum;
}

static void polygamma_expand(ir_expansion *c) {
    ir_builder *b = c->b;
    const ir_type *type = ir_type_of(b, c->in[0]);
    fm wide = fm_of(b, ir_type_with_dtype(b->module, type, CV_F64)), *f = &wide;
    wide.exact = type->dtype == CV_F64;
    int64_t n = ((const ir_polygamma_attributes *)c->op->attributes)->order;
    double factorial = tgamma((double)n + 1), sign = n % 2 ? 1 : -1;
    ir_val x = ir_convert(b, c->in[0], CV_F64), size = ir_abs(b, x), negative = fm_is(f, x, IR_le, 0);
    ir_val from = ir_select(b, negative, fm_plus(f, size, 1), x),
           sum = fm_scale(f, zeta(f, n, from), sign * factorial);
    ir_val part = fraction_of(f, size), beyond = fm_is(f, part, IR_gt, 0.5);
    ir_val distance = ir_select(b, beyond, ir_sub(b, fm_real(f, 1), part), part);
    fm_pair cosine = sine_of_half_turns(f, ir_sub(b, fm_real(f, 0.5), distance));
    ir_val cotangent = fm_pair_value(f, fm_pair_div(f, cosine, sine_of_half_turns(f, distance)));
    cotangent =
        fm_replace(f, fm_is(f, distance, IR_lt, 0x1p-540), 0x1p540, cotangent); // powers of it overflow
    cotangent = ir_select(b, beyond, cotangent, ir_neg(b, cotangent)); // at x, which is below zero
    ir_val reflected = ir_sub(b, fm_scale(f, sum, -sign), cotangent_derivative(f, n, cotangent));
    reflected = fm_replace(f, fm_is(f, distance, IR_eq, 0), sign * (double)INFINITY, reflected);
    c->out[0] = ir_convert(b, ir_select(b, negative, reflected, sum), type->dtype);
}

// The records

#define SMOOTH(formula, price)                                                                     \
    .type = ir_type_elementwise, .jvp = jvp, .no_transpose = IR_NOT_LINEAR, .cost = price, \
    .expand = formula
#define FUNCTION(name, format, price)                                                              \
    static void name##_expand(ir_expansion *c) { fm_expand(c, format, name##_formula); }           \
    IR_ELEMENTWISE_RULES(name, SMOOTH(name##_expand, price))
FUNCTION(erf, FM_OWN, 40)
FUNCTION(erfc, FM_WIDE, 80)
FUNCTION(erf_inv, FM_OWN, 60)
FUNCTION(lgamma, FM_WIDE, 200)
FUNCTION(digamma, FM_WIDE, 200)
IR_ELEMENTWISE_RULES(polygamma, .type = polygamma_type, .jvp = jvp, .no_transpose = IR_NOT_LINEAR,
                     .cost = 200, .expand = polygamma_expand)
