// References: double for f32; long double for f64, which has 11 bits more or, on other processors, 60. What
// libm has not is by what the interpreter has, in long double.

#include "reference.h"

#include <math.h>
#include <string.h>

#include "ir/primitives/special.h"

static double logistic(double x) { return 1 / (1 + exp(-x)); }
static long double long_logistic(long double x) { return 1 / (1 + expl(-x)); }

// The sign of Gamma, which lgamma would leave in a variable of the process, goes here.
static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

reference_function *reference_libm(ir_primitive p) {
    switch (p) {
    case IR_exp: return exp;
    case IR_expm1: return expm1;
    case IR_log: return log;
    case IR_log1p: return log1p;
    case IR_tanh: return tanh;
    case IR_logistic: return logistic;
    case IR_sin: return sin;
    case IR_cos: return cos;
    case IR_exp2: return exp2;
    case IR_cbrt: return cbrt;
    case IR_tan: return tan;
    case IR_asin: return asin;
    case IR_acos: return acos;
    case IR_atan: return atan;
    case IR_sinh: return sinh;
    case IR_cosh: return cosh;
    case IR_asinh: return asinh;
    case IR_acosh: return acosh;
    case IR_atanh: return atanh;
    case IR_erf: return erf;
    case IR_erfc: return erfc;
    case IR_lgamma: return log_gamma;
    default: return NULL;
    }
}

double reference_f32(ir_primitive p, double x, double y) {
    reference_function *libm = reference_libm(p);
    if (libm) return libm(x);
    if (p == IR_pow) return pow(x, y);
    return p == IR_atan2 ? atan2(x, y) : (double)reference_f64(p, x, y);
}

long double reference_f64(ir_primitive p, double x, double y) {
    switch (p) {
    case IR_exp: return expl(x);
    case IR_expm1: return expm1l(x);
    case IR_log: return logl(x);
    case IR_log1p: return log1pl(x);
    case IR_tanh: return tanhl(x);
    case IR_logistic: return long_logistic(x);
    case IR_sin: return sinl(x);
    case IR_cos: return cosl(x);
    case IR_exp2: return exp2l(x);
    case IR_cbrt: return cbrtl(x);
    case IR_tan: return tanl(x);
    case IR_asin: return asinl(x);
    case IR_acos: return acosl(x);
    case IR_atan: return atanl(x);
    case IR_atan2: return atan2l(x, y);
    case IR_sinh: return sinhl(x);
    case IR_cosh: return coshl(x);
    case IR_asinh: return asinhl(x);
    case IR_acosh: return acoshl(x);
    case IR_atanh: return atanhl(x);
    case IR_erf: return erfl(x);
    case IR_erfc: return erfcl(x);
    case IR_erf_inv: return ir_long_erf_inv(x);
    case IR_lgamma: return lgammal(x);
    case IR_digamma: return ir_long_digamma(x);
    case IR_bessel_i0e: return ir_long_scaled_bessel(0, x);
    case IR_bessel_i1e: return ir_long_scaled_bessel(1, x);
    case IR_polygamma: return ir_long_polygamma(1, x);
    default: return powl(x, y);
    }
}

// The gamma family has roots where great terms cancel: near them errors are those of results of size 1.
static int least_exponent(ir_primitive p, bool wide) {
    return p == IR_lgamma || p == IR_digamma || p == IR_polygamma ? 0 : wide ? -1022 : -126;
}

double reference_error(ir_primitive p, bool wide, double y, long double exact) {
    int digits = wide ? 53 : 24, most = wide ? 1024 : 128, least = least_exponent(p, wide);
    if (isnan(exact) || isnan(y)) return isnan(exact) && isnan(y) ? 0 : INFINITY;
    if (!signbit(y) != !signbit(exact) && !(least == 0 && fabsl(exact) < 1 && exact != 0)) return INFINITY;
    if (isinf(exact) || exact == 0) return (long double)y == exact ? 0 : INFINITY;
    long double beyond = ldexpl(1, most), size = fabsl(exact),
                got = !signbit(y) == !signbit(exact) ? fabs(y) : -fabs(y);
    if (size > beyond) size = beyond;
    if (got > beyond) got = beyond;
    int exponent;
    frexpl(size, &exponent);
    if (exponent < least + 1) exponent = least + 1;
    if (exponent > most) exponent = most;
    return (double)ldexpl(fabsl(got - size), digits - exponent);
}

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// Without branches, so that compilers make vectors of it: masks are numbers whose sign says yes. What is a
// NaN, has another sign, is finite where the value is not, or not 0 where the value is, is not near.
bool reference_near(ir_primitive p, const float *y, const double *exact, double units) {
    const double unit = units * 0x1p-23, least = ldexp(unit, least_exponent(p, false));
    const uint64_t field = (uint64_t)0x7ff << 52, one = (uint64_t)1 << 52; // their sum is 2^63
    uint64_t far = 0;
    for (unsigned i = 0; i < REFERENCE_BLOCK; i++) {
        double value = exact[i], got = (double)y[i], error = fabs(got - value), power;
        uint64_t exponent = bits_of(value) & field;
        memcpy(&power, &exponent, sizeof power);
        double other = got == value ? 0 : -1.0, zero = value == 0 ? -1.0 : 0;
        double above = error <= power * unit ? 0 : -1.0, above_least = error <= least ? 0 : -1.0;
        uint64_t is_far = (bits_of(above) & bits_of(above_least)) | bits_of(zero) | (exponent + one);
        far |= (bits_of(other) & is_far) | (bits_of(got) ^ bits_of(value));
    }
    return !(far >> 63);
}
