// log and log1p.
//
// x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), so that k = 0 around 1 and nothing cancels;
// log x = k ln 2 + log(1 + f). In f32, log(1 + f) = f - f^2 / 2 + f^3 P(f), P minimax. In f64 a polynomial
// in s = f / (2 + f) is shorter, as log(1 + f) = 2 atanh(s); with 2 s = f - s f, and the term f^2 / 2 apart,
// nothing that is added to f is large (the form is that of K. C. Ng's log in FDLIBM).

#include "codegen/llvm/math_coefficients.h"
#include "codegen/llvm/math_emit.h"

#include <math.h>

// The bits of the greatest number not above sqrt(1/2).
static uint64_t lowest_mantissa(const cg_fp *f) {
    return f->wide ? 0x3fe6a09e667f3bcc : 0x3f3504f3;
}

// Subtracting the bits of sqrt(1/2) from those of x makes the exponent field the k that is wanted. k is made
// a real by putting it into the mantissa of a great number, which works for lanes of 64 bits anywhere.
cg_split cg_math_split(const cg_fp *f, LLVMValueRef x, bool may_be_subnormal) {
    uint64_t bias = 2 * (uint64_t)f->bias << f->mantissa, low = lowest_mantissa(f);
    LLVMValueRef origin = e_bits(f, low - bias);
    if (may_be_subnormal) {
        LLVMValueRef small = e_is(f, x, LLVMRealOLT, ldexp(1, 1 - (int)f->bias));
        x = e_select(f, small, e_mul(f, x, e_power(f, f->mantissa + 1)), x);
        uint64_t lifted = (uint64_t)(f->mantissa + 1) << f->mantissa;
        origin = e_select(f, small, e_bits(f, low - bias + lifted), origin);
    }
    uint64_t below = ((uint64_t)1 << f->mantissa) - 1;
    LLVMValueRef offset = e_isub(f, e_as_bits(f, x), origin);
    LLVMValueRef great = e_or(f, e_lshr(f, offset, f->mantissa), e_as_bits(f, e_power(f, f->mantissa)));
    double zero = ldexp(1, (int)f->mantissa) + 2 * (double)f->bias;
    LLVMValueRef k = e_sub(f, e_as_real(f, great), e_real(f, zero));
    LLVMValueRef m = e_as_real(f, e_iadd(f, e_and(f, offset, e_bits(f, below)), e_bits(f, low)));
    return (cg_split){k, e_sub(f, m, e_real(f, 1)), e_and(f, offset, e_bits(f, ~below))};
}

static LLVMValueRef log_of_split(const cg_fp *f, LLVMValueRef k, LLVMValueRef x) {
    LLVMValueRef square = e_mul(f, x, x);
    if (!f->wide) {
        LLVMValueRef w = e_mad(f, x, e_polynomial(f, cg_log1p_f32, 8, x), e_real(f, -0.5));
        LLVMValueRef sum = e_mad(f, square, w, x);
        sum = e_mad(f, k, e_real(f, cg_ln2_f32[1]), sum);
        return e_mad(f, k, e_real(f, cg_ln2_f32[0]), sum);
    }
    LLVMValueRef s = e_div(f, x, e_add(f, x, e_real(f, 2)));
    LLVMValueRef z = e_mul(f, s, s);
    LLVMValueRef rest = e_mul(f, z, e_polynomial(f, cg_log_f64, 7, z));
    LLVMValueRef half_square = e_mul(f, square, e_real(f, 0.5));
    LLVMValueRef small = e_mad(f, s, e_add(f, half_square, rest), e_mul(f, k, e_real(f, cg_ln2_f64[1])));
    LLVMValueRef sum = e_sub(f, x, e_sub(f, half_square, small));
    return e_mad(f, k, e_real(f, cg_ln2_f64[0]), sum);
}

// A NaN and infinity are their own logarithm; at the pole it is -infinity, below it there is none.
static LLVMValueRef special(const cg_fp *f, LLVMValueRef x, double pole, LLVMValueRef result) {
    LLVMValueRef outside = e_select(f, e_is(f, x, LLVMRealOEQ, pole), e_real(f, -INFINITY), e_nan(f));
    result = e_select(f, e_is(f, x, LLVMRealOLT, INFINITY), result, x);
    return e_select(f, e_is(f, x, LLVMRealOLE, pole), outside, result);
}

LLVMValueRef cg_math_log(const cg_fp *f, LLVMValueRef x) {
    cg_split split = cg_math_split(f, x, true);
    return special(f, x, 0, log_of_split(f, split.k, split.f));
}

// k is that of 1 + x rounded; the rest is exact up to one rounding, as (1 + x) 2^-k - 1 = x 2^-k + (2^-k -
// 1), so no digit of a small x is lost. x 2^-k is formed in the exponent of x: where x is not normal, k is
// 0. 2^-k might be subnormal, so 2^(2 - k) is made. Zero gets its sign back at the end.
LLVMValueRef cg_math_log1p(const cg_fp *f, LLVMValueRef x) {
    cg_split split = cg_math_split(f, e_add(f, x, e_real(f, 1)), false);
    uint64_t bias = 2 * (uint64_t)f->bias << f->mantissa;
    LLVMValueRef down = e_isub(f, e_bits(f, bias), split.exponent); // -k, where the exponent stands
    LLVMValueRef scaled = e_as_real(f, e_iadd(f, e_as_bits(f, x), down));
    LLVMValueRef four = e_as_real(f, e_iadd(f, e_as_bits(f, e_real(f, 4)), down));
    LLVMValueRef rest = e_add(f, scaled, e_mad(f, four, e_real(f, 0.25), e_real(f, -1)));
    return special(f, x, -1, e_copysign(f, log_of_split(f, split.k, rest), x));
}
