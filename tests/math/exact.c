// In: a function and arguments in f64. Out: its value by MPFR, rounded to long double.
//
// 200 bits are enough for results that are rounded to 64: the arguments are exact, and what cancels here are
// numbers of 53 bits. What MPFR does not have is made of what it has: the inverse of erf by a step of
// Newton's method from the long double value; trigamma, and lgamma, on which MPFR would spend minutes for
// great arguments, by reflection, recurrence and the asymptotic series (Abramowitz and Stegun, 6.4.7, 6.4.6,
// 6.4.12; 6.1.17, 6.1.15, 6.1.41); the Bessel functions by their power series and, far out, by the
// asymptotic one (9.6.10, 9.7.1), whose smallest term is e^-2x.
// Arguments at which the value is no ordinary number are left to the caller.

#include <math.h>
#include <mpfr.h>

#include "exact.h"
#include "ir/primitives/special.h"

enum { BITS = 200 };

static void logistic(mpfr_t y, const mpfr_t x) {
    mpfr_neg(y, x, MPFR_RNDN);
    mpfr_exp(y, y, MPFR_RNDN);
    mpfr_add_ui(y, y, 1, MPFR_RNDN);
    mpfr_ui_div(y, 1, y, MPFR_RNDN);
}

// y - (erf(y) - x) / erf'(y), erf'(y) = 2 / sqrt(pi) e^-y^2.
static void erf_inv(mpfr_t y, const mpfr_t x) {
    mpfr_t error, slope;
    mpfr_inits2(BITS, error, slope, (mpfr_ptr)0);
    mpfr_set_ld(y, ir_long_erf_inv(mpfr_get_ld(x, MPFR_RNDN)), MPFR_RNDN);
    mpfr_erf(error, y, MPFR_RNDN);
    mpfr_sub(error, error, x, MPFR_RNDN);
    mpfr_sqr(slope, y, MPFR_RNDN);
    mpfr_exp(slope, slope, MPFR_RNDN);
    mpfr_mul(error, error, slope, MPFR_RNDN);
    mpfr_const_pi(slope, MPFR_RNDN);
    mpfr_sqrt(slope, slope, MPFR_RNDN);
    mpfr_mul(error, error, slope, MPFR_RNDN);
    mpfr_div_ui(error, error, 2, MPFR_RNDN);
    mpfr_sub(y, y, error, MPFR_RNDN);
    mpfr_clears(error, slope, (mpfr_ptr)0);
}

// B_2k
static const struct {
    long numerator;
    unsigned long denominator;
} bernoulli[] = {
    {1, 6}, {-1, 30}, {1, 42}, {-1, 30}, {5, 66}, {-691, 2730}, {7, 6}, {-3617, 510}, {43867, 798},
    {-174611, 330}, {854513, 138}, {-236364091, 2730}, {8553103, 6}, {-23749461029, 870},
    {8615841276005, 14322},
};
enum { TERMS = sizeof bernoulli / sizeof *bernoulli, FROM = 40 }; // at 40 they leave out 2^-140

// Of x > 0: sum of 1 / (x + k)^2 up to z = x + n >= 40, then 1/z + 1/2z^2 + sum of B(2k) / z^(2k + 1).
static void trigamma_of_positive(mpfr_t y, const mpfr_t x) {
    mpfr_t z, term, power;
    mpfr_inits2(BITS, z, term, power, (mpfr_ptr)0);
    mpfr_set(z, x, MPFR_RNDN);
    mpfr_set_zero(y, 1);
    for (; mpfr_cmp_ui(z, FROM) < 0; mpfr_add_ui(z, z, 1, MPFR_RNDN)) {
        mpfr_sqr(term, z, MPFR_RNDN);
        mpfr_ui_div(term, 1, term, MPFR_RNDN);
        mpfr_add(y, y, term, MPFR_RNDN);
    }
    mpfr_ui_div(power, 1, z, MPFR_RNDN);
    mpfr_add(y, y, power, MPFR_RNDN);
    mpfr_sqr(z, power, MPFR_RNDN); // from here on 1 / z^2
    mpfr_div_ui(term, z, 2, MPFR_RNDN);
    mpfr_add(y, y, term, MPFR_RNDN);
    for (unsigned k = 0; k < TERMS; k++) {
        mpfr_mul(power, power, z, MPFR_RNDN);
        mpfr_mul_si(term, power, bernoulli[k].numerator, MPFR_RNDN);
        mpfr_div_ui(term, term, bernoulli[k].denominator, MPFR_RNDN);
        mpfr_add(y, y, term, MPFR_RNDN);
    }
    mpfr_clears(z, term, power, (mpfr_ptr)0);
}

// Of x > 0, where MPFR's own takes minutes for great x: (z - 1/2) (log z - 1) + (log(2 pi) - 1) / 2 + sum of
// B(2k) / (2k (2k - 1) z^(2k - 1)), z = x + n >= 40, less the logarithm of x (x + 1) ... (x + n - 1).
static void lgamma_of_positive(mpfr_t y, const mpfr_t x) {
    mpfr_t z, term, power;
    mpfr_inits2(BITS, z, term, power, (mpfr_ptr)0);
    mpfr_set(z, x, MPFR_RNDN);
    mpfr_set_ui(power, 1, MPFR_RNDN);
    for (; mpfr_cmp_ui(z, FROM) < 0; mpfr_add_ui(z, z, 1, MPFR_RNDN)) mpfr_mul(power, power, z, MPFR_RNDN);
    mpfr_log(y, power, MPFR_RNDN);
    mpfr_const_pi(term, MPFR_RNDN);
    mpfr_mul_ui(term, term, 2, MPFR_RNDN);
    mpfr_log(term, term, MPFR_RNDN);
    mpfr_sub_ui(term, term, 1, MPFR_RNDN);
    mpfr_div_ui(term, term, 2, MPFR_RNDN);
    mpfr_sub(y, term, y, MPFR_RNDN);
    mpfr_log(term, z, MPFR_RNDN);
    mpfr_sub_ui(term, term, 1, MPFR_RNDN);
    mpfr_sub_d(power, z, 0.5, MPFR_RNDN);
    mpfr_mul(term, term, power, MPFR_RNDN);
    mpfr_add(y, y, term, MPFR_RNDN);
    mpfr_ui_div(power, 1, z, MPFR_RNDN);
    mpfr_sqr(z, power, MPFR_RNDN); // from here on 1 / z^2
    for (unsigned k = 0; k < TERMS; k++) {
        mpfr_mul_si(term, power, bernoulli[k].numerator, MPFR_RNDN);
        mpfr_div_ui(term, term, bernoulli[k].denominator * (2 * k + 2) * (2 * k + 1), MPFR_RNDN);
        mpfr_add(y, y, term, MPFR_RNDN);
        mpfr_mul(power, power, z, MPFR_RNDN);
    }
    mpfr_clears(z, term, power, (mpfr_ptr)0);
}

// log(pi / |x sin(pi x)|) - lgamma(-x) for x < 0
static void log_gamma(mpfr_t y, const mpfr_t x) {
    if (mpfr_sgn(x) > 0) {
        lgamma_of_positive(y, x);
        return;
    }
    mpfr_t sine, pi;
    mpfr_inits2(BITS, sine, pi, (mpfr_ptr)0);
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_frac(sine, x, MPFR_RNDN);
    mpfr_mul(sine, sine, pi, MPFR_RNDN);
    mpfr_sin(sine, sine, MPFR_RNDN);
    mpfr_mul(sine, sine, x, MPFR_RNDN);
    mpfr_div(sine, pi, sine, MPFR_RNDN);
    mpfr_abs(sine, sine, MPFR_RNDN);
    mpfr_log(sine, sine, MPFR_RNDN);
    mpfr_neg(pi, x, MPFR_RNDN);
    lgamma_of_positive(y, pi);
    mpfr_sub(y, sine, y, MPFR_RNDN);
    mpfr_clears(sine, pi, (mpfr_ptr)0);
}

// (pi / sin(pi x))^2 - trigamma(1 - x) for x < 0.5
static void trigamma(mpfr_t y, const mpfr_t x) {
    if (mpfr_cmp_d(x, 0.5) >= 0) {
        trigamma_of_positive(y, x);
        return;
    }
    mpfr_t mirrored, sine;
    mpfr_init2(mirrored, 1200); // 1 - x exactly, for every x
    mpfr_init2(sine, BITS);
    mpfr_ui_sub(mirrored, 1, x, MPFR_RNDN);
    trigamma_of_positive(y, mirrored);
    mpfr_frac(mirrored, x, MPFR_RNDN);
    mpfr_const_pi(sine, MPFR_RNDN);
    mpfr_mul(mirrored, mirrored, sine, MPFR_RNDN);
    mpfr_sin(mirrored, mirrored, MPFR_RNDN);
    mpfr_div(sine, sine, mirrored, MPFR_RNDN);
    mpfr_sqr(sine, sine, MPFR_RNDN);
    mpfr_sub(y, sine, y, MPFR_RNDN);
    mpfr_clears(mirrored, sine, (mpfr_ptr)0);
}

// e^-|x| I_n(x), n of 0 and 1: all terms of the power series have one sign.
static void scaled_bessel(mpfr_t y, const mpfr_t x, unsigned n) {
    enum { FAR = 80 };
    mpfr_t size, term, factor;
    mpfr_inits2(BITS, size, term, factor, (mpfr_ptr)0);
    mpfr_abs(size, x, MPFR_RNDN);
    bool far = mpfr_cmp_ui(size, FAR) > 0;
    mpfr_set_ui(term, 1, MPFR_RNDN);
    if (!far && n) mpfr_div_ui(term, size, 2, MPFR_RNDN);
    mpfr_set(y, term, MPFR_RNDN);
    for (unsigned long k = 1; !mpfr_zero_p(term) && mpfr_get_exp(term) > mpfr_get_exp(y) - BITS; k++) {
        if (far) { // term * ((2k - 1)^2 - 4n^2) / (8 k x)
            mpfr_mul_si(term, term, (long)((2 * k - 1) * (2 * k - 1)) - 4 * (long)(n * n), MPFR_RNDN);
            mpfr_div_ui(term, term, 8 * k, MPFR_RNDN);
            mpfr_div(term, term, size, MPFR_RNDN);
            if (k > 2 * FAR) break;
        } else { // term * (x / 2)^2 / (k (k + n))
            mpfr_sqr(factor, size, MPFR_RNDN);
            mpfr_div_ui(factor, factor, 4 * k * (k + n), MPFR_RNDN);
            mpfr_mul(term, term, factor, MPFR_RNDN);
        }
        mpfr_add(y, y, term, MPFR_RNDN);
    }
    if (far) { // 1 / sqrt(2 pi x)
        mpfr_const_pi(factor, MPFR_RNDN);
        mpfr_mul(factor, factor, size, MPFR_RNDN);
        mpfr_mul_ui(factor, factor, 2, MPFR_RNDN);
        mpfr_sqrt(factor, factor, MPFR_RNDN);
        mpfr_div(y, y, factor, MPFR_RNDN);
    } else {
        mpfr_neg(size, size, MPFR_RNDN);
        mpfr_exp(size, size, MPFR_RNDN);
        mpfr_mul(y, y, size, MPFR_RNDN);
    }
    if (n && mpfr_signbit(x)) mpfr_neg(y, y, MPFR_RNDN);
    mpfr_clears(size, term, factor, (mpfr_ptr)0);
}

static bool compute(mpfr_t z, ir_primitive p, const mpfr_t x, const mpfr_t y) {
    switch (p) {
#define SAME(name) case IR_##name: mpfr_##name(z, x, MPFR_RNDN); return true;
        SAME(exp) SAME(expm1) SAME(log) SAME(log1p) SAME(tanh) SAME(sin) SAME(cos) SAME(exp2) SAME(cbrt)
        SAME(tan) SAME(asin) SAME(acos) SAME(atan) SAME(sinh) SAME(cosh) SAME(asinh) SAME(acosh) SAME(atanh)
        SAME(erf) SAME(erfc) SAME(digamma)
#undef SAME
    case IR_atan2: mpfr_atan2(z, x, y, MPFR_RNDN); return true;
    case IR_pow: mpfr_pow(z, x, y, MPFR_RNDN); return true;
    case IR_lgamma: log_gamma(z, x); return true;
    case IR_logistic: logistic(z, x); return true;
    case IR_erf_inv: erf_inv(z, x); return true;
    case IR_polygamma: trigamma(z, x); return true;
    case IR_bessel_i0e: scaled_bessel(z, x, 0); return true;
    case IR_bessel_i1e: scaled_bessel(z, x, 1); return true;
    default: return false;
    }
}

bool exact_f64(ir_primitive p, double x, double y, long double *value) {
    mpfr_t a, b, z;
    mpfr_inits2(BITS, a, b, z, (mpfr_ptr)0);
    mpfr_set_d(a, x, MPFR_RNDN);
    mpfr_set_d(b, y, MPFR_RNDN);
    bool known = compute(z, p, a, b) && mpfr_regular_p(z);
    if (known) *value = mpfr_get_ld(z, MPFR_RNDN);
    mpfr_clears(a, b, z, (mpfr_ptr)0);
    return known && isfinite(*value) && *value != 0;
}
