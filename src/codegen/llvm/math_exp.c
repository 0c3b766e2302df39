// exp, expm1, tanh and logistic.
//
// x = n ln 2 + r with |r| <= ln 2 / 2: n ln 2 is subtracted in two pieces, the first product exact (Cody
// and Waite). e^r - 1 is r + r^2 Q(r) with Q minimax. Then e^x = 2^n e^r, and e^x - 1 = 2^n (e^r - 1) +
// (2^n - 1), in which 2^n - 1 is exact or beyond the last place. Arguments are first moved between bounds
// where the result has become constant, so that n fits the exponent; NaNs pass all of it.

#include "codegen/llvm/math_coefficients.h"
#include "codegen/llvm/math_emit.h"

static const double log2_e = 0x1.71547652b82fep+0;

typedef struct reduced {
    LLVMValueRef r, low_bits; // n + offset in the lowest bits
} reduced;

static reduced reduce(const cg_fp *f, LLVMValueRef x, double offset) {
    cg_rounded n = e_round_product(f, x, log2_e, offset);
    const double *ln2 = f->wide ? cg_ln2_f64 : cg_ln2_f32;
    LLVMValueRef r = e_mad(f, n.real, e_real(f, -ln2[0]), x);
    return (reduced){e_mad(f, n.real, e_real(f, -ln2[1]), r), n.low_bits};
}

static LLVMValueRef q_polynomial(const cg_fp *f, LLVMValueRef r) {
    return f->wide ? e_polynomial(f, cg_expm1_f64, 10, r) : e_polynomial(f, cg_expm1_f32, 5, r);
}

// 1 + r (1 + r Q(r)) in two fused steps; where each would be rounded twice, 1 + (r + r^2 Q(r)), in which what
// is rounded before the last sum is small.
static LLVMValueRef exp_polynomial(const cg_fp *f, LLVMValueRef r) {
    LLVMValueRef one = e_real(f, 1), q = q_polynomial(f, r);
    if (f->m->fma) return e_mad(f, e_mad(f, q, r, one), r, one);
    return e_add(f, one, e_add(f, r, e_mul(f, e_mul(f, r, r), q)));
}

// 2^(n + offset - bias), of low bits that hold n + offset: between 1 and 2 bias.
static LLVMValueRef power_of_two(const cg_fp *f, LLVMValueRef low_bits) {
    return e_as_real(f, e_shl(f, low_bits, f->mantissa));
}

// Two factors of about half the exponent each: the product with the first is exact.
LLVMValueRef cg_math_scale(const cg_fp *f, LLVMValueRef p, LLVMValueRef low_bits) {
    LLVMValueRef half = e_lshr(f, low_bits, 1);
    LLVMValueRef rest = e_isub(f, low_bits, half);
    return e_mul(f, e_mul(f, p, power_of_two(f, half)), power_of_two(f, rest));
}

// e^x for x that is not above the logarithm of the greatest number, but for what rounds to infinity.
static LLVMValueRef exp_bounded(const cg_fp *f, LLVMValueRef x) {
    x = e_at_least(f, x, f->wide ? -746 : -104);
    reduced n = reduce(f, x, (double)(2 * f->bias));
    return cg_math_scale(f, exp_polynomial(f, n.r), n.low_bits);
}

LLVMValueRef cg_math_exp(const cg_fp *f, LLVMValueRef x) {
    return exp_bounded(f, e_at_most(f, x, f->wide ? 710 : 89));
}

// Half of the result is formed first, since 2^n overflows before the result does. Its sum begins with what
// often is exact and ends with the smallest term, so that the last rounding is the only one of weight. What
// is tiny is its own result: that keeps subnormals and the sign of zero.
LLVMValueRef cg_math_expm1(const cg_fp *f, LLVMValueRef x) {
    LLVMValueRef bounded = e_at_least(f, e_at_most(f, x, f->wide ? 710 : 89), f->wide ? -38 : -18);
    reduced n = reduce(f, bounded, (double)(f->bias - 1));
    LLVMValueRef power = power_of_two(f, n.low_bits);
    LLVMValueRef curve = e_mul(f, e_mul(f, n.r, n.r), q_polynomial(f, n.r));
    LLVMValueRef line = e_mad(f, n.r, power, e_sub(f, power, e_real(f, 0.5)));
    LLVMValueRef half = e_mad(f, curve, power, line);
    LLVMValueRef tiny = e_is(f, e_abs(f, x), LLVMRealOLT, f->wide ? 0x1p-54 : 0x1p-25);
    return e_select(f, tiny, x, e_add(f, half, half));
}

// Where tanh is below a half, x + x z P(z) with z = x^2; above, 1 - 2 / (e^(2|x|) + 1), which is 1 from |x|
// = 20 (10) on.
LLVMValueRef cg_math_tanh(const cg_fp *f, LLVMValueRef x) {
    LLVMValueRef z = e_mul(f, x, x);
    LLVMValueRef p = f->wide ? e_polynomial(f, cg_tanh_f64, 10, z) : e_polynomial(f, cg_tanh_f32, 5, z);
    LLVMValueRef near_zero = e_mad(f, e_mul(f, x, z), p, x);
    LLVMValueRef size = e_at_most(f, e_abs(f, x), f->wide ? 20 : 10);
    reduced n = reduce(f, e_add(f, size, size), (double)f->bias);
    LLVMValueRef e = e_mul(f, exp_polynomial(f, n.r), power_of_two(f, n.low_bits));
    LLVMValueRef rest = e_div(f, e_real(f, 2), e_add(f, e, e_real(f, 1)));
    LLVMValueRef far = e_sub(f, e_real(f, 1), rest);
    return e_copysign(f, e_select(f, e_is(f, size, LLVMRealOLT, 0.5625), near_zero, far), x); // -0 too
}

// The exponential of what is not positive does not overflow, and small results keep their digits. The
// quotient is corrected by what rounding took from 1 + e: to first order by the factor 1 - lost / (1 + e),
// and where the loss weighs most, 1 + e is near 1.
LLVMValueRef cg_math_logistic(const cg_fp *f, LLVMValueRef x) {
    LLVMValueRef e = exp_bounded(f, e_neg(f, e_abs(f, x)));
    LLVMValueRef one = e_real(f, 1);
    LLVMValueRef numerator = e_select(f, e_is(f, x, LLVMRealOLT, 0), e, one);
    LLVMValueRef sum = e_add(f, one, e);
    LLVMValueRef excess = e_sub(f, e_sub(f, sum, one), e);
    LLVMValueRef quotient = e_div(f, numerator, sum);
    return e_mad(f, quotient, excess, quotient);
}
