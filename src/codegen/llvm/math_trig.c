// sin, cos and tan.
//
// sin: x = n pi + r, sin x = (-1)^n sin r. cos: x = (2 n + 1) pi / 2 + r, cos x = -(-1)^n sin r. So |r| <=
// pi / 2 and one polynomial, r + r^3 P(r^2), serves both, at a lower price than a choice of two on half the
// interval.
//
// The multiple of pi / 2 is subtracted in three pieces (Cody and Waite): the first difference is exact,
// since fused or short enough not to be rounded, and the others are rounded where r already is small. That
// holds for |x| up to 2^15 (f32), 2^30 (f64) or 2^20 (f64 without fused multiply-add). What is greater is
// rare: a scalar function (math_rare.c) multiplies the mantissa by those digits of 2 / pi that its exponent
// leaves a meaning (M. Payne and R. Hanek, "Radian reduction for trigonometric functions", 1983).

#include "codegen/llvm/math_coefficients.h"
#include "codegen/llvm/math_emit.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef enum cg_wave { SINE, COSINE } cg_wave;

// x, or -x if the lowest bit of `parity` is set.
static LLVMValueRef flip_sign(const cg_fp *f, LLVMValueRef x, LLVMValueRef parity) {
    return e_as_real(f, e_xor(f, e_as_bits(f, x), e_shl(f, parity, f->width - 1)));
}

// sin r for |r| <= pi / 2, as r + r t with t = z (c0 + z P1(z)). No result is above 1, and that of pi / 2 is 1,
// which makes the cosine of 0 exact. In f32 with fused multiply-add the errors are small enough for that; in
// f64 the coefficients are shifted so that 1 is reached, and what is above it is cut off.
static LLVMValueRef sine_polynomial(const cg_fp *f, LLVMValueRef r) {
    const double *c = f->wide ? cg_sin_f64 : cg_sin_f32;
    LLVMValueRef z = e_mul(f, r, r);
    LLVMValueRef rest = e_mul(f, e_mul(f, z, z), e_polynomial(f, c + 1, f->wide ? 7 : 4, z));
    LLVMValueRef sine = e_mad(f, r, e_mad(f, z, e_real(f, c[0]), rest), r);
    return f->m->fma && !f->wide ? sine : e_at_least(f, e_at_most(f, sine, 1), -1);
}

static const double *pieces_of_half_pi(const cg_fp *f) {
    return !f->wide ? cg_half_pi_fused_f32 : f->m->fma ? cg_half_pi_fused_f64 : cg_half_pi_f64;
}

// Of size = |x| below the limit.
static LLVMValueRef moderate(const cg_fp *f, cg_wave wave, LLVMValueRef size) {
    const double *half_pi = pieces_of_half_pi(f);
    const double one_over_pi = 0x1.45f306dc9c883p-2;
    cg_rounded n;
    LLVMValueRef multiple; // of pi or of pi / 2
    if (wave == SINE) {
        n = e_round_product(f, size, one_over_pi, 0);
        multiple = n.real;
    } else { // the offset of 1 changes the sign
        n = e_round(f, e_mad(f, size, e_real(f, one_over_pi), e_real(f, -0.5)), 1);
        multiple = e_mad(f, n.real, e_real(f, 2), e_real(f, 1));
    }
    LLVMValueRef pieces[3];
    for (int i = 0; i < 3; i++) pieces[i] = e_real(f, wave == SINE ? -2 * half_pi[i] : -half_pi[i]);
    LLVMValueRef first = e_mad(f, multiple, pieces[0], size);
    LLVMValueRef r = e_mad(f, multiple, pieces[1], first), last = r;
    if (f->m->fma) {
        r = e_mad(f, multiple, pieces[2], r);
    } else { // the second piece is not small: what its subtraction loses is added to the third
        LLVMValueRef lost = e_mad(f, multiple, pieces[1], e_sub(f, first, last));
        r = e_add(f, last, e_mad(f, multiple, pieces[2], lost));
    }
    return flip_sign(f, sine_polynomial(f, r), n.low_bits);
}

// The digits of 2 / pi from bit `at` of the table on: three words.
static void digits_from(const cg_fp *f, LLVMValueRef table, LLVMValueRef at, LLVMValueRef words[3]) {
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef array = LLVMGlobalGetValueType(table);
    LLVMValueRef first = e_lshr(f, at, 6), shift = e_and(f, at, e_bits(f, 63)), loaded[4];
    for (unsigned i = 0; i < 4; i++) {
        LLVMValueRef indices[] = {e_bits(f, 0), e_iadd(f, first, e_bits(f, i))};
        LLVMValueRef place = LLVMBuildInBoundsGEP2(b, array, table, indices, 2, "");
        loaded[i] = LLVMBuildLoad2(b, f->integer, place, "");
    }
    for (unsigned i = 0; i < 3; i++)
        words[i] = cg_intrinsic(f->m, "llvm.fshl", &f->integer, 1,
                                (LLVMValueRef[]){loaded[i], loaded[i + 1], shift}, 3);
}

static LLVMValueRef table_of_digits(cg_math *m) {
    const char *name = "cg.two_over_pi";
    LLVMValueRef table = LLVMGetNamedGlobal(m->module, name);
    if (table) return table;
    LLVMTypeRef word = LLVMInt64TypeInContext(m->context);
    LLVMValueRef words[COUNT(cg_two_over_pi)];
    for (unsigned i = 0; i < COUNT(words); i++) words[i] = LLVMConstInt(word, cg_two_over_pi[i], false);
    table = LLVMAddGlobal(m->module, LLVMArrayType2(word, COUNT(words)), name);
    LLVMSetInitializer(table, LLVMConstArray2(word, words, COUNT(words)));
    LLVMSetGlobalConstant(table, true);
    LLVMSetLinkage(table, LLVMInternalLinkage);
    return table;
}

// |x| in quarter turns modulo 4, as 128 bits of which the two topmost are whole ones. x, given by its
// bits, is an f64 scalar of 2^11 or more; for others the result is nonsense, but no fault.
//
// |x| = M 2^e, M the mantissa moved up to 64 bits. Digit i of 2 / pi (from 1) weighs 2^-i; those whose
// product with M 2^e is a multiple of 4 are left out, and 192 of the others taken: their product with M,
// modulo 2^192, begins with the result. The error, below 2^-125, is far below the least distance of any f64
// to a multiple of pi / 2, about 2^-61.
static LLVMValueRef quarter_turns(const cg_fp *f, LLVMValueRef bits) {
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef twice = LLVMInt128TypeInContext(f->m->context);
    LLVMValueRef hidden = e_bits(f, (uint64_t)1 << 63);
    LLVMValueRef mantissa = LLVMBuildZExt(b, e_or(f, e_shl(f, bits, 11), hidden), twice, "");
    // e is the biased exponent - 1086: from digit e - 1 on, which stands 63 bits further down the table.
    LLVMValueRef biased = e_and(f, e_lshr(f, bits, 52), e_bits(f, 0x7ff));
    LLVMValueRef in_range = LLVMBuildICmp(b, LLVMIntUGE, biased, e_bits(f, 1034), "");
    LLVMValueRef at = e_select(f, in_range, e_isub(f, biased, e_bits(f, 1024)), e_bits(f, 0)), words[3];
    digits_from(f, table_of_digits(f->m), at, words);

    LLVMValueRef products[3], word = LLVMConstInt(twice, 64, false);
    for (int i = 0; i < 3; i++)
        products[i] = LLVMBuildMul(b, mantissa, LLVMBuildZExt(b, words[i], twice, ""), "");
    LLVMValueRef turns = LLVMBuildAdd(b, LLVMBuildShl(b, products[0], word, ""), products[1], "");
    return LLVMBuildAdd(b, turns, LLVMBuildLShr(b, products[2], word, ""), "");
}

// size 2^-128 half turns in radians, from the 64 leading bits of size as a pair of reals, times pi.
static cg_pair radians(const cg_fp *f, LLVMValueRef size) {
    LLVMBuilderRef b = f->m->builder;
    LLVMValueRef word = LLVMConstInt(LLVMTypeOf(size), 64, false);
    LLVMValueRef high = LLVMBuildTrunc(b, LLVMBuildLShr(b, size, word, ""), f->integer, "");
    LLVMValueRef low = LLVMBuildTrunc(b, size, f->integer, "");
    LLVMValueRef defined = LLVMConstInt(LLVMInt1TypeInContext(f->m->context), 0, false);
    LLVMValueRef zeros = cg_intrinsic(f->m, "llvm.ctlz", &f->integer, 1, (LLVMValueRef[]){high, defined}, 2);
    LLVMValueRef shift[] = {high, low, zeros};
    LLVMValueRef leading = cg_intrinsic(f->m, "llvm.fshl", &f->integer, 1, shift, 3);
    LLVMValueRef upper = LLVMBuildUIToFP(b, e_and(f, leading, e_bits(f, ~(uint64_t)0x7ff)), f->type, "");
    LLVMValueRef lower = LLVMBuildUIToFP(b, e_and(f, leading, e_bits(f, 0x7ff)), f->type, "");
    LLVMValueRef power = e_as_real(f, e_shl(f, e_isub(f, e_bits(f, 1023 - 64), zeros), 52));
    LLVMValueRef s = e_mul(f, upper, power), s_low = e_mul(f, lower, power);
    LLVMValueRef pi = e_real(f, cg_pi_f64[0]), pi_low = e_real(f, cg_pi_f64[1]);
    cg_pair r = e_two_product(f, s, pi);
    return e_fast_two_sum(f, r.high, e_add(f, r.low, e_mad(f, s, pi_low, e_mul(f, s_low, pi))));
}

// sin or cos of x, an f64 scalar of 2^11 or more. In units of half turns the topmost bit is the whole one. A
// cosine is the sine a quarter turn later; another quarter turn rounds to the nearest half turn.
static LLVMValueRef by_digits(const cg_fp *f, cg_wave wave, LLVMValueRef x) {
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef twice = LLVMInt128TypeInContext(f->m->context);
    LLVMValueRef one = LLVMConstInt(twice, 1, false);
    LLVMValueRef quarter = LLVMBuildShl(b, one, LLVMConstInt(twice, 126, false), "");
    LLVMValueRef bits = e_as_bits(f, x), turns = quarter_turns(f, bits);
    if (wave == COSINE) turns = LLVMBuildAdd(b, turns, quarter, "");
    LLVMValueRef parity = LLVMBuildAdd(b, turns, quarter, "");
    parity = LLVMBuildLShr(b, parity, LLVMConstInt(twice, 127, false), "");
    LLVMValueRef fraction = LLVMBuildShl(b, turns, one, ""); // what remains, signed
    LLVMValueRef negative = LLVMBuildICmp(b, LLVMIntSLT, fraction, LLVMConstNull(twice), "");
    LLVMValueRef size = LLVMBuildSelect(b, negative, LLVMBuildNeg(b, fraction, ""), fraction, "");

    LLVMValueRef sign = LLVMBuildTrunc(b, parity, f->integer, "");
    sign = e_xor(f, sign, LLVMBuildZExt(b, negative, f->integer, ""));
    if (wave == SINE) sign = e_xor(f, sign, e_lshr(f, bits, 63));
    return flip_sign(f, sine_polynomial(f, radians(f, size).high), sign);
}

static LLVMValueRef sine_by_digits(const cg_fp *f, const LLVMValueRef *x) { return by_digits(f, SINE, *x); }
static LLVMValueRef cosine_by_digits(const cg_fp *f, const LLVMValueRef *x) {
    return by_digits(f, COSINE, *x);
}

// Where the three pieces of pi / 2 are not enough.
static LLVMValueRef with_large(const cg_fp *f, const cg_rare *rare, LLVMValueRef x, LLVMValueRef usual) {
    double limit = !f->wide ? 0x1p15 : f->m->fma ? 0x1p30 : 0x1p20;
    LLVMValueRef size = e_abs(f, x), large = e_is(f, size, LLVMRealOGE, limit);
    large = LLVMBuildAnd(f->m->builder, large, e_is(f, size, LLVMRealOLT, __builtin_inf()), "");
    return cg_math_rarely(f, rare, large, &x, usual);
}

// By f64 where f32 without fused multiply-add has too few digits, else by the function itself.
static LLVMValueRef in_format(const cg_fp *f, cg_function *function, LLVMValueRef x) {
    LLVMBuilderRef b = f->m->builder;
    if (f->wide || f->m->fma) return function(f, x);
    cg_fp wide = cg_fp_widened(f);
    return LLVMBuildFPTrunc(b, function(&wide, LLVMBuildFPExt(b, x, wide.type, "")), f->type, "");
}

static LLVMValueRef sine(const cg_fp *f, LLVMValueRef x) {
    static const cg_rare rare = {"cg.sin.large", sine_by_digits, 1};
    LLVMValueRef sign = e_and(f, e_as_bits(f, x), e_bits(f, (uint64_t)1 << (f->width - 1)));
    LLVMValueRef usual =
        e_xor(f, e_as_bits(f, moderate(f, SINE, e_abs(f, x))), sign); // sin(-x) = -sin x, -0 too
    return with_large(f, &rare, x, e_as_real(f, usual));
}

static LLVMValueRef cosine(const cg_fp *f, LLVMValueRef x) {
    static const cg_rare rare = {"cg.cos.large", cosine_by_digits, 1};
    return with_large(f, &rare, x, moderate(f, COSINE, e_abs(f, x)));
}

LLVMValueRef cg_math_sin(const cg_fp *f, LLVMValueRef x) { return in_format(f, sine, x); }
LLVMValueRef cg_math_cos(const cg_fp *f, LLVMValueRef x) { return in_format(f, cosine, x); }

// tan x, x = n pi / 2 + r with |r| <= pi / 4: sin r / cos r, or where n is odd -cos r / sin r. r, the sine
// and the cosine are pairs: their roundings would add up in the quotient.

// The quotient by the inverse, corrected by the remainder.
static LLVMValueRef quotient_of(const cg_fp *f, cg_pair above, cg_pair below) {
    LLVMValueRef inverse = e_div(f, e_real(f, 1), below.high), q = e_mul(f, above.high, inverse);
    cg_pair product = e_two_product(f, q, below.high);
    LLVMValueRef rest = e_sub(f, e_sub(f, above.high, product.high), product.low);
    rest = e_add(f, rest, e_mad(f, e_neg(f, q), below.low, above.low));
    return e_mad(f, rest, inverse, q);
}

static LLVMValueRef tangent_of_rest(const cg_fp *f, cg_pair r, LLVMValueRef parity) {
    const double *s = f->wide ? cg_sin_f64 : cg_sin_f32, *c = f->wide ? cg_cos_f64 : cg_cos_f32;
    LLVMValueRef one = e_real(f, 1), z = e_mul(f, r.high, r.high), half = e_mul(f, z, e_real(f, 0.5));
    LLVMValueRef t = e_mul(f, z, e_polynomial(f, s, f->wide ? 8 : 5, z));
    cg_pair sine = e_fast_two_sum(f, r.high, e_mad(f, r.high, t, e_mad(f, e_neg(f, half), r.low, r.low)));
    // 1 - z / 2 is rounded; what that takes away comes back with the small terms.
    LLVMValueRef first = e_sub(f, one, half), lost = e_sub(f, e_sub(f, one, first), half);
    LLVMValueRef small = e_mad(f, e_mul(f, z, z), e_polynomial(f, c, f->wide ? 7 : 4, z), lost);
    cg_pair cosine = e_fast_two_sum(f, first, e_mad(f, e_neg(f, r.high), r.low, small)), above, below;
    LLVMValueRef odd =
        LLVMBuildICmp(f->m->builder, LLVMIntNE, e_and(f, parity, e_bits(f, 1)), e_bits(f, 0), "");
    above.high = e_select(f, odd, e_neg(f, cosine.high), sine.high);
    above.low = e_select(f, odd, e_neg(f, cosine.low), sine.low);
    below.high = e_select(f, odd, sine.high, cosine.high);
    below.low = e_select(f, odd, sine.low, cosine.low);
    return quotient_of(f, above, below);
}

static LLVMValueRef tangent_by_digits(const cg_fp *f, const LLVMValueRef *x) {
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef twice = LLVMInt128TypeInContext(f->m->context);
    LLVMValueRef bits = e_as_bits(f, *x), turns = quarter_turns(f, bits);
    LLVMValueRef whole = LLVMConstInt(twice, 126, false), one = LLVMConstInt(twice, 1, false);
    LLVMValueRef nearest =
        LLVMBuildAdd(b, turns, LLVMBuildShl(b, one, LLVMConstInt(twice, 125, false), ""), "");
    nearest = LLVMBuildLShr(b, nearest, whole, "");
    LLVMValueRef rest = LLVMBuildSub(b, turns, LLVMBuildShl(b, nearest, whole, ""), ""); // signed
    LLVMValueRef negative = LLVMBuildICmp(b, LLVMIntSLT, rest, LLVMConstNull(twice), "");
    rest = LLVMBuildSelect(b, negative, LLVMBuildNeg(b, rest, ""), rest, "");
    LLVMValueRef parity = LLVMBuildTrunc(b, nearest, f->integer, "");
    LLVMValueRef tangent = tangent_of_rest(f, radians(f, LLVMBuildShl(b, rest, one, "")), parity);
    LLVMValueRef sign = e_xor(f, LLVMBuildZExt(b, negative, f->integer, ""), e_lshr(f, bits, 63));
    return flip_sign(f, tangent, sign);
}

static LLVMValueRef tangent(const cg_fp *f, LLVMValueRef x) {
    static const cg_rare rare = {"cg.tan.large", tangent_by_digits, 1};
    const double *half_pi = pieces_of_half_pi(f);
    cg_rounded n = e_round_product(f, x, 0x1.45f306dc9c883p-1, 0); // 2 / pi
    LLVMValueRef first = e_mad(f, n.real, e_real(f, -half_pi[0]), x);
    cg_pair second = e_two_product(f, n.real, e_real(f, -half_pi[1])), sum = e_two_sum(f, first, second.high);
    LLVMValueRef low = e_mad(f, n.real, e_real(f, -half_pi[2]), e_add(f, sum.low, second.low));
    cg_pair rest = e_fast_two_sum(f, sum.high, low);
    LLVMValueRef usual = tangent_of_rest(f, rest, n.low_bits);
    LLVMValueRef tiny =
        e_is(f, e_abs(f, x), LLVMRealOLT, f->wide ? 0x1p-30 : 0x1p-14); // -0, subnormal numbers
    return with_large(f, &rare, x, e_select(f, tiny, x, usual));
}

LLVMValueRef cg_math_tan(const cg_fp *f, LLVMValueRef x) { return in_format(f, tangent, x); }
