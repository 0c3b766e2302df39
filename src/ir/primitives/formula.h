// How functions of real numbers are written down as programs, for their expand rules: formulas over arrays of
// one floating format, each fm_ function one primitive or the few that its comment says.
//
// The steps are those of IEEE arithmetic, which no later pass regroups or approximates, so that the usual
// arguments about rounding hold: an fm_mad is rounded once, a product and the fm_mad that takes it away give
// its error. Bits of numbers are unsigned integers of their width.
#ifndef IR_PRIMITIVES_FORMULA_H
#define IR_PRIMITIVES_FORMULA_H

#include "ir/primitives/elementwise.h"

typedef struct fm {
    ir_builder *b;
    const ir_type *real, *bits, *truth;
    bool wide;            // f64
    bool exact;           // pairs have a second part: the result is not rounded to a narrower format
    int mantissa, width;  // stored bits of the mantissa; all bits
    int64_t bias;         // of the exponent
} fm;

// The format of values of a type.
fm fm_of(ir_builder *b, const ir_type *type);

// Expands the operation by a formula of its operands, which are f32 or f64 (transforms/expand.c): in their
// own format, or in f64, and the result is rounded at the end.
typedef ir_val fm_formula(const fm *f, const ir_val *in);
typedef enum fm_format { FM_OWN, FM_WIDE } fm_format;
void fm_expand(ir_expansion *c, fm_format format, fm_formula *formula);

static inline ir_val fm_real(const fm *f, double value) { return ir_full(f->b, f->real, value); }
static inline ir_val fm_bits(const fm *f, uint64_t value) {
    return ir_full_int(f->b, f->bits, (int64_t)value);
}

// a b + c, rounded once.
static inline ir_val fm_mad(const fm *f, ir_val a, ir_val b, ir_val c) { return ir_fma(f->b, a, b, c); }
// c - a b, rounded once.
static inline ir_val fm_rest(const fm *f, ir_val a, ir_val b, ir_val c) {
    return ir_fma(f->b, ir_neg(f->b, a), b, c);
}
static inline ir_val fm_scale(const fm *f, ir_val x, double by) { return ir_mul(f->b, x, fm_real(f, by)); }
static inline ir_val fm_plus(const fm *f, ir_val x, double by) { return ir_add(f->b, x, fm_real(f, by)); }
static inline ir_val fm_square(const fm *f, ir_val x) { return ir_mul(f->b, x, x); }

// x compared with a number by lt, le, gt, ge, eq or ne.
static inline ir_val fm_is(const fm *f, ir_val x, ir_primitive relation, double number) {
    return ir_emit(f->b, relation, (ir_val[]){x, fm_real(f, number)}, 2, NULL);
}
// A number where the comparison holds, else x.
static inline ir_val fm_replace(const fm *f, ir_val where, double number, ir_val x) {
    return ir_select(f->b, where, fm_real(f, number), x);
}

// The nearer of the bounds where x is outside; a NaN stays.
ir_val fm_bound(const fm *f, ir_val x, double low, double high);

static inline ir_val fm_as_bits(const fm *f, ir_val x) { return ir_bitcast_convert(f->b, x, f->bits->dtype); }
static inline ir_val fm_as_real(const fm *f, ir_val x) { return ir_bitcast_convert(f->b, x, f->real->dtype); }
static inline ir_val fm_shl(const fm *f, ir_val x, int by) {
    return ir_shift_left(f->b, x, fm_bits(f, (uint64_t)by));
}
static inline ir_val fm_shr(const fm *f, ir_val x, int by) {
    return ir_shift_right_logical(f->b, x, fm_bits(f, (uint64_t)by));
}
static inline ir_val fm_sign_bit(const fm *f) { return fm_bits(f, (uint64_t)1 << (f->width - 1)); }
// |x| with the sign of another.
ir_val fm_copysign(const fm *f, ir_val x, ir_val sign);

// The sum of c[i] u^i: Horner's rule, beyond the first two terms of long ones for even and odd powers apart.
ir_val fm_polynomial(const fm *f, const double *c, int n, ir_val u);
// That of the tables of the format: FM_POLYNOMIAL(f, asin, z) takes fm_asin_f32 or fm_asin_f64.
#define FM_POLYNOMIAL(f, name, u)                                                                  \
    ((f)->wide ? fm_polynomial(f, fm_##name##_f64, FM_COUNT(fm_##name##_f64), u)                   \
               : fm_polynomial(f, fm_##name##_f32, FM_COUNT(fm_##name##_f32), u))
// c0 + low + u (c1 + u (c2 + ...)), and this times x: rounded once where all but c0 is small.
ir_val fm_polynomial_with(const fm *f, const double *c, int n, double low, ir_val u);
ir_val fm_polynomial_times(const fm *f, ir_val x, const double *c, int n, double low, ir_val u);
#define FM_COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

// x + x z P(z) with z = x^2: of an odd function with slope 1 at 0, x itself where it is tiny.
ir_val fm_odd(const fm *f, ir_val x, ir_val z, ir_val p);

// The nearest integer, of what is below 2^(mantissa - 1), and a number whose lowest bits are that integer
// plus `offset`: found by adding a number so large that the sum has no room for a fraction.
typedef struct fm_rounded { ir_val real, low_bits; } fm_rounded;
fm_rounded fm_round(const fm *f, ir_val x, int64_t offset);
fm_rounded fm_round_product(const fm *f, ir_val x, double factor, int64_t offset); // x * factor
// 2^n, of low bits that hold n + bias. p 2^n, rounded once where it is subnormal; they hold n + 2 bias.
ir_val fm_power_of_two(const fm *f, ir_val low_bits);
ir_val fm_scale_by_power(const fm *f, ir_val p, ir_val low_bits);
// x = 2^k m, m between sqrt(1/2) and sqrt(2), for x positive and finite; k is a real, subnormal x are
// allowed.
typedef struct fm_split_number { ir_val k, m; } fm_split_number;
fm_split_number fm_split(const fm *f, ir_val x);

// Unevaluated sums of two numbers, |low| at most about half a unit in the last place of high
// (T. Dekker, "A floating-point technique for extending the available precision", 1971).
typedef struct fm_pair { ir_val high, low; } fm_pair;
fm_pair fm_fast_two_sum(const fm *f, ir_val a, ir_val b); // a + b exactly, if a is 0 or |a| >= |b|
fm_pair fm_two_sum(const fm *f, ir_val a, ir_val b);      // a + b exactly
fm_pair fm_two_product(const fm *f, ir_val a, ir_val b);  // a b exactly
fm_pair fm_pair_of(const fm *f, double high, double low); // two of f64, made to fit the format
// What follows has no low parts, IR_NONE, and the errors of the format, where it is not `exact`.
// With relative errors of a few units in the place of twice the format (sums: of that of the larger operand).
fm_pair fm_pair_add(const fm *f, fm_pair a, fm_pair b);
fm_pair fm_pair_mul(const fm *f, fm_pair a, fm_pair b);
fm_pair fm_pair_div(const fm *f, fm_pair a, fm_pair b);
fm_pair fm_pair_neg(const fm *f, fm_pair a);
fm_pair fm_pair_select(const fm *f, ir_val where, fm_pair a, fm_pair b);
static inline ir_val fm_pair_value(const fm *f, fm_pair a) {
    return f->exact ? ir_add(f->b, a.high, a.low) : a.high;
}
fm_pair fm_number(const fm *f, ir_val x); // x itself
fm_pair fm_pair_constant(const fm *f, double high, double low);
fm_pair fm_sum(const fm *f, ir_val a, ir_val b); // a + b
fm_pair fm_product(const fm *f, ir_val a, ir_val b);

// f64: log(x) for x positive and finite, with a relative error below 2^-62; e^x = 2^n times the result, of
// 2^-58, for |x| below 1000: low_bits hold n + 2 bias.
fm_pair fm_log_pair(const fm *f, fm_pair x);
fm_pair fm_exp_pair(const fm *f, fm_pair x, ir_val *low_bits);

#endif
