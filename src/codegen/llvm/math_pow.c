// pow: e^(y log|x|), with the sign and the special cases of C's annex F put on afterwards.
//
// An error of y log|x| is a relative error of the result, and y log|x| reaches 745: the logarithm needs ten
// bits more than the format has. For f32 everything is f64 arithmetic. For f64 the logarithm and the
// product are pairs: 2 atanh(s) = s (2 + 2/3 z + z^2 T(z)), z = s^2, where s, z and the sum are pairs and
// z^2 T(z), at most 2^-12 of the sum, is a double; so the relative error of the logarithm stays below
// 2^-64.

#include "codegen/llvm/math_coefficients.h"
#include "codegen/llvm/math_emit.h"

#include <math.h>

static LLVMValueRef compare(const cg_fp *f, LLVMRealPredicate relation, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFCmp(f->m->builder, relation, a, b, "");
}

// What |x| not positive and finite makes of its logarithm.
static LLVMValueRef log_at_ends(const cg_fp *f, LLVMValueRef size, LLVMValueRef log) {
    log = e_select(f, e_is(f, size, LLVMRealOEQ, 0), e_real(f, -INFINITY), log);
    return e_select(f, e_is(f, size, LLVMRealOLT, INFINITY), log, size);
}

// |x|^y for f32, through f64: 2^(y log2|x|).
static LLVMValueRef power_f32(const cg_fp *narrow, LLVMValueRef x, LLVMValueRef y) {
    cg_fp wide = cg_fp_widened(narrow), *f = &wide;
    LLVMValueRef size = LLVMBuildFPExt(f->m->builder, x, f->type, "");
    y = LLVMBuildFPExt(f->m->builder, y, f->type, "");
    cg_split split = cg_math_split(f, size, false);
    LLVMValueRef s = e_div(f, split.f, e_add(f, split.f, e_real(f, 2)));
    LLVMValueRef log2 = e_mad(f, s, e_polynomial(f, cg_log2_wide, 5, e_mul(f, s, s)), split.k);
    LLVMValueRef e = e_mul(f, y, log_at_ends(f, size, log2));
    e = e_at_most(f, e_at_least(f, e, -200), 200);
    cg_rounded n = e_round(f, e, (double)f->bias);
    LLVMValueRef p = e_polynomial(f, cg_exp2_wide, 7, e_sub(f, e, n.real));
    p = e_mul(f, p, e_as_real(f, e_shl(f, n.low_bits, f->mantissa)));
    return LLVMBuildFPTrunc(f->m->builder, p, narrow->type, "");
}

// log(x) for x positive and finite.
static cg_pair log_pair(const cg_fp *f, LLVMValueRef x) {
    cg_split split = cg_math_split(f, x, true);
    // s = f / (2 + f): the quotient of the leading parts, and what its remainder adds.
    LLVMValueRef two = e_real(f, 2);
    LLVMValueRef d = e_add(f, split.f, two), d_low = e_sub(f, split.f, e_sub(f, d, two));
    LLVMValueRef inverse = e_div(f, e_real(f, 1), d);
    LLVMValueRef s = e_mul(f, split.f, inverse);
    cg_pair back = e_two_product(f, s, d);
    LLVMValueRef remainder = e_sub(f, e_sub(f, split.f, back.high), e_mad(f, s, d_low, back.low));
    LLVMValueRef s_low = e_mul(f, remainder, inverse);
    // z = s^2; c = 2/3 z; u = c + z^2 T(z); v = 2 + u.
    cg_pair z = e_two_product(f, s, s);
    z.low = e_mad(f, e_add(f, s, s), s_low, z.low);
    LLVMValueRef two_thirds = e_real(f, 0x1.5555555555555p-1), its_rest = e_real(f, 0x1.5555555555555p-55);
    cg_pair c = e_two_product(f, z.high, two_thirds);
    c.low = e_mad(f, z.high, its_rest, e_mad(f, z.low, two_thirds, c.low));
    LLVMValueRef tail = e_mul(f, e_mul(f, z.high, z.high), e_polynomial(f, cg_log_tail_f64, 8, z.high));
    cg_pair u = e_fast_two_sum(f, c.high, e_add(f, tail, c.low));
    cg_pair v = e_fast_two_sum(f, two, u.high);
    v.low = e_add(f, v.low, u.low);
    // log(1 + f) = s v, and k ln 2 to it.
    cg_pair l = e_two_product(f, s, v.high);
    l.low = e_mad(f, s_low, v.high, e_mad(f, s, v.low, l.low));
    cg_pair sum = e_fast_two_sum(f, e_mul(f, split.k, e_real(f, cg_ln2_f64[0])), l.high);
    return e_fast_two_sum(f, sum.high, e_add(f, sum.low, e_mad(f, split.k, e_real(f, cg_ln2_f64[1]), l.low)));
}

// |x|^y for f64. y is kept below 2^100, where every power but that of 1 has long become 0 or infinite.
static LLVMValueRef power_f64(const cg_fp *f, LLVMValueRef size, LLVMValueRef y) {
    cg_pair log = log_pair(f, size);
    y = e_at_most(f, e_at_least(f, y, -0x1p100), 0x1p100);
    LLVMValueRef high = e_mul(f, y, log_at_ends(f, size, log.high));
    cg_pair e = e_two_product(f, y, log.high);
    LLVMValueRef low = e_mad(f, y, log.low, e.low);
    low = e_select(f, e_is(f, e_abs(f, high), LLVMRealOLT, 1000), low, e_real(f, 0));
    high = e_at_most(f, e_at_least(f, high, -746), 710);

    cg_rounded n = e_round_product(f, high, 0x1.71547652b82fep+0, (double)(2 * f->bias));
    LLVMValueRef r = e_mad(f, n.real, e_real(f, -cg_ln2_f64[0]), high);
    r = e_add(f, r, e_mad(f, n.real, e_real(f, -cg_ln2_f64[1]), low));
    LLVMValueRef p = e_mad(f, e_mul(f, r, r), e_polynomial(f, cg_expm1_f64, 10, r), r);
    return cg_math_scale(f, e_add(f, p, e_real(f, 1)), n.low_bits);
}

// Anything to the power 0 and 1 to any power is 1. Negative x: the sign is that of (-1)^y, with no result
// where y is no integer and x is finite and not zero. y is odd if it is an integer and its half is not.
LLVMValueRef cg_math_pow(const cg_fp *f, LLVMValueRef x, LLVMValueRef y) {
    LLVMBuilderRef builder = f->m->builder;
    LLVMValueRef size = e_abs(f, x);
    LLVMValueRef p = f->wide ? power_f64(f, size, y) : power_f32(f, size, y);
    LLVMValueRef one = LLVMBuildOr(builder, e_is(f, y, LLVMRealOEQ, 0), e_is(f, size, LLVMRealOEQ, 1), "");
    p = e_select(f, one, e_real(f, 1), p);

    LLVMValueRef whole = compare(f, LLVMRealOEQ, e_floor(f, y), y);
    LLVMValueRef half = e_mul(f, y, e_real(f, 0.5));
    LLVMValueRef odd = LLVMBuildAnd(builder, whole, compare(f, LLVMRealONE, e_floor(f, half), half), "");
    p = e_select(f, odd, e_copysign(f, p, x), p);
    LLVMValueRef finite = e_is(f, x, LLVMRealOGT, -INFINITY);
    LLVMValueRef inside = LLVMBuildAnd(builder, e_is(f, x, LLVMRealOLT, 0), finite, "");
    LLVMValueRef none = LLVMBuildAnd(builder, inside, LLVMBuildNot(builder, whole, ""), "");
    return e_select(f, none, e_nan(f), p);
}
