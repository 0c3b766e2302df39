// The words that formulas are written in: see formula.h.
//
// Nothing here depends on a target. Integers and exponents are taken from the bits of numbers, since
// conversions between lanes of 64 bits are slow on many processors.

#include "ir/primitives/formula.h"

#include <math.h>

#include "ir/primitives/formula_coefficients.h"

fm fm_of(ir_builder *b, const ir_type *type) {
    static const struct {
        cv_dtype bits;
        int mantissa;
    } formats[CV_DTYPE_COUNT] = {
        [CV_F16] = {CV_U16, 10}, [CV_BF16] = {CV_U16, 7}, [CV_F32] = {CV_U32, 23}, [CV_F64] = {CV_U64, 52}};
    cv_dtype dtype = type->dtype;
    int width = 8 * (int)cv_dtype_size(dtype), mantissa = formats[dtype].mantissa;
    base_check(mantissa);
    return (fm){.b = b,
                .real = type,
                .bits = ir_type_with_dtype(b->module, type, formats[dtype].bits),
                .truth = ir_type_with_dtype(b->module, type, CV_BOOL),
                .wide = dtype == CV_F64,
                .exact = true,
                .mantissa = mantissa,
                .width = width,
                .bias = ((int64_t)1 << (width - mantissa - 2)) - 1};
}

void fm_expand(ir_expansion *c, fm_format format, fm_formula *formula) {
    const ir_type *type = ir_type_of(c->b, c->in[0]);
    cv_dtype dtype = format == FM_WIDE ? CV_F64 : type->dtype;
    fm f = fm_of(c->b, ir_type_with_dtype(c->b->module, type, dtype));
    f.exact = type->dtype == dtype;
    ir_val in[3];
    for (uint32_t i = 0; i < c->op->n_in; i++) in[i] = ir_convert(c->b, c->in[i], dtype);
    c->out[0] = ir_convert(c->b, formula(&f, in), type->dtype);
}

ir_val fm_bound(const fm *f, ir_val x, double low, double high) {
    x = fm_replace(f, fm_is(f, x, IR_lt, low), low, x);
    return fm_replace(f, fm_is(f, x, IR_gt, high), high, x);
}

ir_val fm_copysign(const fm *f, ir_val x, ir_val sign) {
    ir_val bit = fm_sign_bit(f);
    ir_val size = ir_and(f->b, fm_as_bits(f, x), ir_not(f->b, bit));
    return fm_as_real(f, ir_or(f->b, size, ir_and(f->b, fm_as_bits(f, sign), bit)));
}

// c[first] + c[first + step] u + c[first + 2 step] u^2 + ...
static ir_val horner(const fm *f, const double *c, int n, int first, int step, ir_val u) {
    int last = first + (n - 1 - first) / step * step;
    ir_val sum = fm_real(f, c[last]);
    for (int i = last; i > first; i -= step) sum = fm_mad(f, sum, u, fm_real(f, c[i - step]));
    return sum;
}

ir_val fm_polynomial(const fm *f, const double *c, int n, ir_val u) {
    if (n < 9) return horner(f, c, n, 0, 1, u);
    ir_val square = fm_square(f, u);
    ir_val rest = fm_mad(f, horner(f, c, n, 3, 2, square), u, horner(f, c, n, 2, 2, square));
    return fm_mad(f, fm_mad(f, rest, u, fm_real(f, c[1])), u, fm_real(f, c[0]));
}

static ir_val all_but_c0(const fm *f, const double *c, int n, double low, ir_val u) {
    return fm_mad(f, fm_polynomial(f, c + 1, n - 1, u), u, fm_real(f, low));
}

ir_val fm_polynomial_with(const fm *f, const double *c, int n, double low, ir_val u) {
    return fm_plus(f, all_but_c0(f, c, n, low, u), c[0]);
}

ir_val fm_polynomial_times(const fm *f, ir_val x, const double *c, int n, double low, ir_val u) {
    return fm_mad(f, x, fm_real(f, c[0]), ir_mul(f->b, x, all_but_c0(f, c, n, low, u)));
}

// What is tiny has a cube that is lost, or no number: it is left out.
ir_val fm_odd(const fm *f, ir_val x, ir_val z, ir_val p) {
    return fm_mad(f, ir_mul(f->b, x, z), p, x);
}

static fm_rounded rounded(const fm *f, ir_val sum, ir_val shift) {
    return (fm_rounded){ir_sub(f->b, sum, shift), fm_as_bits(f, sum)};
}

static ir_val shift_of(const fm *f, int64_t offset) {
    return fm_real(f, ldexp(1.5, f->mantissa) + (double)offset);
}

fm_rounded fm_round(const fm *f, ir_val x, int64_t offset) {
    ir_val shift = shift_of(f, offset);
    return rounded(f, ir_add(f->b, x, shift), shift);
}

fm_rounded fm_round_product(const fm *f, ir_val x, double factor, int64_t offset) {
    ir_val shift = shift_of(f, offset);
    return rounded(f, fm_mad(f, x, fm_real(f, factor), shift), shift);
}

ir_val fm_power_of_two(const fm *f, ir_val low_bits) {
    return fm_as_real(f, fm_shl(f, low_bits, f->mantissa));
}

// Two factors of about half the exponent each: the product with the first is exact.
ir_val fm_scale_by_power(const fm *f, ir_val p, ir_val low_bits) {
    ir_val half = fm_shr(f, low_bits, 1), rest = ir_sub(f->b, low_bits, half);
    return ir_mul(f->b, ir_mul(f->b, p, fm_power_of_two(f, half)), fm_power_of_two(f, rest));
}

// Subtracting the bits of sqrt(1/2) from those of x makes the exponent field the k that is wanted; k is made
// a real by putting it into the mantissa of a great number.
fm_split_number fm_split(const fm *f, ir_val x) {
    ir_builder *b = f->b;
    uint64_t low = f->wide ? 0x3fe6a09e667f3bcc : 0x3f3504f3; // the greatest number not above sqrt(1/2)
    uint64_t origin = low - (2 * (uint64_t)f->bias << f->mantissa), lifted = (uint64_t)(f->mantissa + 1)
                                                                             << f->mantissa;
    uint64_t below = ((uint64_t)1 << f->mantissa) - 1;
    ir_val small = fm_is(f, x, IR_lt, ldexp(1, 1 - (int)f->bias));
    x = ir_select(b, small, fm_scale(f, x, ldexp(1, f->mantissa + 1)), x);
    ir_val from = ir_select(b, small, fm_bits(f, origin + lifted), fm_bits(f, origin));
    ir_val offset = ir_sub(b, fm_as_bits(f, x), from);
    ir_val great = ir_or(b, fm_shr(f, offset, f->mantissa), fm_as_bits(f, fm_real(f, ldexp(1, f->mantissa))));
    ir_val k = fm_plus(f, fm_as_real(f, great), -(ldexp(1, f->mantissa) + 2 * (double)f->bias));
    ir_val m = ir_add(b, ir_and(b, offset, fm_bits(f, below)), fm_bits(f, low));
    return (fm_split_number){k, fm_as_real(f, m)};
}

fm_pair fm_fast_two_sum(const fm *f, ir_val a, ir_val b) {
    ir_val sum = ir_add(f->b, a, b);
    return (fm_pair){sum, ir_sub(f->b, b, ir_sub(f->b, sum, a))};
}

fm_pair fm_two_sum(const fm *f, ir_val a, ir_val b) {
    ir_val sum = ir_add(f->b, a, b), of_b = ir_sub(f->b, sum, a), of_a = ir_sub(f->b, sum, of_b);
    return (fm_pair){sum, ir_add(f->b, ir_sub(f->b, a, of_a), ir_sub(f->b, b, of_b))};
}

fm_pair fm_two_product(const fm *f, ir_val a, ir_val b) {
    ir_val product = ir_mul(f->b, a, b);
    return (fm_pair){product, fm_mad(f, a, b, ir_neg(f->b, product))};
}

fm_pair fm_pair_of(const fm *f, double high, double low) {
    if (f->wide) return (fm_pair){fm_real(f, high), fm_real(f, low)};
    return (fm_pair){fm_real(f, high), fm_real(f, high - (double)(float)high)};
}

fm_pair fm_number(const fm *f, ir_val x) { return (fm_pair){x, f->exact ? fm_real(f, 0) : IR_NONE}; }

fm_pair fm_pair_constant(const fm *f, double high, double low) {
    return f->exact ? fm_pair_of(f, high, low) : fm_number(f, fm_real(f, high));
}

fm_pair fm_sum(const fm *f, ir_val a, ir_val b) {
    return f->exact ? fm_two_sum(f, a, b) : fm_number(f, ir_add(f->b, a, b));
}

fm_pair fm_product(const fm *f, ir_val a, ir_val b) {
    return f->exact ? fm_two_product(f, a, b) : fm_number(f, ir_mul(f->b, a, b));
}

fm_pair fm_pair_add(const fm *f, fm_pair a, fm_pair b) {
    if (!f->exact) return fm_number(f, ir_add(f->b, a.high, b.high));
    fm_pair sum = fm_two_sum(f, a.high, b.high);
    return fm_fast_two_sum(f, sum.high, ir_add(f->b, sum.low, ir_add(f->b, a.low, b.low)));
}

fm_pair fm_pair_mul(const fm *f, fm_pair a, fm_pair b) {
    if (!f->exact) return fm_number(f, ir_mul(f->b, a.high, b.high));
    fm_pair p = fm_two_product(f, a.high, b.high);
    return fm_fast_two_sum(f, p.high, fm_mad(f, a.high, b.low, fm_mad(f, a.low, b.high, p.low)));
}

fm_pair fm_pair_div(const fm *f, fm_pair a, fm_pair b) {
    if (!f->exact) return fm_number(f, ir_div(f->b, a.high, b.high));
    ir_val q = ir_div(f->b, a.high, b.high);
    ir_val rest = fm_rest(f, q, b.low, ir_add(f->b, fm_rest(f, q, b.high, a.high), a.low));
    return fm_fast_two_sum(f, q, ir_div(f->b, rest, b.high));
}

fm_pair fm_pair_neg(const fm *f, fm_pair a) {
    return (fm_pair){ir_neg(f->b, a.high), f->exact ? ir_neg(f->b, a.low) : IR_NONE};
}

fm_pair fm_pair_select(const fm *f, ir_val where, fm_pair a, fm_pair b) {
    ir_val high = ir_select(f->b, where, a.high, b.high);
    return (fm_pair){high, f->exact ? ir_select(f->b, where, a.low, b.low) : IR_NONE};
}

// log m = 2 atanh(s), s = (m - 1) / (m + 1), is s (2 + 2/3 z + z^2 T(z)), z = s^2: s, z and the sum are
// pairs, and z^2 T(z), at most 2^-12 of it, is a number.
fm_pair fm_log_pair(const fm *f, fm_pair x) {
    ir_builder *b = f->b;
    if (!f->exact) return fm_number(f, ir_log(b, x.high));
    fm_split_number split = fm_split(f, x.high);
    ir_val above = fm_plus(f, split.m, -1);
    fm_pair s = fm_pair_div(f, (fm_pair){above, fm_real(f, 0)}, fm_fast_two_sum(f, fm_real(f, 2), above));
    fm_pair z = fm_pair_mul(f, s, s),
            c = fm_pair_mul(f, z, fm_pair_of(f, 0x1.5555555555555p-1, 0x1.5555555555555p-55));
    ir_val tail =
        ir_mul(b, fm_square(f, z.high), fm_polynomial(f, fm_log_tail_f64, FM_COUNT(fm_log_tail_f64), z.high));
    fm_pair u = fm_fast_two_sum(f, c.high, ir_add(b, c.low, tail)),
            v = fm_fast_two_sum(f, fm_real(f, 2), u.high);
    v.low = ir_add(b, v.low, u.low);
    fm_pair l = fm_pair_mul(f, s, v);
    fm_pair k = {fm_scale(f, split.k, fm_ln2_f64[0]), fm_scale(f, split.k, fm_ln2_f64[1])};
    l.low = ir_add(b, l.low, ir_div(b, x.low, x.high));
    return fm_pair_add(f, k, l);
}

// x = n ln 2 + r: the first product with n is exact. e^r = 1 + r + r^2 Q(r).
fm_pair fm_exp_pair(const fm *f, fm_pair x, ir_val *low_bits) {
    fm_rounded n = fm_round_product(f, x.high, 0x1.71547652b82fep+0, 2 * f->bias);
    ir_val r = fm_mad(f, n.real, fm_real(f, -fm_ln2_f64[0]), x.high);
    ir_val from_low = fm_scale(f, n.real, -fm_ln2_f64[1]);
    if (f->exact) from_low = ir_add(f->b, from_low, x.low);
    fm_pair rest = fm_fast_two_sum(f, r, from_low);
    ir_val q = fm_polynomial(f, fm_exp_f64, FM_COUNT(fm_exp_f64), rest.high);
    fm_pair line = fm_fast_two_sum(f, fm_real(f, 1), rest.high);
    *low_bits = n.low_bits;
    if (!f->exact)
        return fm_number(f, fm_mad(f, fm_mad(f, q, rest.high, fm_real(f, 1)), rest.high, fm_real(f, 1)));
    return (fm_pair){line.high, fm_mad(f, fm_square(f, rest.high), q, ir_add(f->b, line.low, rest.low))};
}
