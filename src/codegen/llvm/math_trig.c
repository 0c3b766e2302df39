// sin and cos.
//
// sin: x = n pi + r, sin x = (-1)^n sin r. cos: x = (2 n + 1) pi / 2 + r, cos x = -(-1)^n sin r. So |r| <=
// pi / 2 and one polynomial, r + r^3 P(r^2), serves both, at a lower price than a choice of two on half the
// interval.
//
// The multiple of pi / 2 is subtracted in three pieces (Cody and Waite): the first difference is exact,
// since fused or short enough not to be rounded, and the others are rounded where r already is small. That
// holds for |x| up to 2^15 (f32), 2^30 (f64) or 2^20 (f64 without fused multiply-add). Where a lane has
// more, a branch leads to a loop over the lanes that calls a scalar function of the module, which
// multiplies the mantissa by those digits of 2 / pi that its exponent leaves a meaning (M. Payne and R.
// Hanek, "Radian reduction for trigonometric functions", 1983). Which lanes take which result depends on
// their own size only.

#include "codegen/llvm/math_coefficients.h"
#include "codegen/llvm/math_emit.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef enum cg_wave { SINE, COSINE } cg_wave;

// x, or -x if the lowest bit of `parity` is set.
static LLVMValueRef flip_sign(const cg_fp *f, LLVMValueRef x, LLVMValueRef parity) {
    return e_as_real(f, e_xor(f, e_as_bits(f, x), e_shl(f, parity, f->width - 1)));
}

// sin r for |r| <= pi / 2, as r + r t with t = z (c0 + z P1(z)). The terms are added such that the errors
// sum up to less than one unit in the last place below 1: no result is above 1. Without fused multiply-add
// they may.
static LLVMValueRef sine_polynomial(const cg_fp *f, LLVMValueRef r) {
    const double *c = f->wide ? cg_sin_f64 : cg_sin_f32;
    LLVMValueRef z = e_mul(f, r, r);
    LLVMValueRef rest = e_mul(f, e_mul(f, z, z), e_polynomial(f, c + 1, f->wide ? 7 : 4, z));
    LLVMValueRef sine = e_mad(f, r, e_mad(f, z, e_real(f, c[0]), rest), r);
    return f->m->fma ? sine : e_at_least(f, e_at_most(f, sine, 1), -1);
}

// Of size = |x| below the limit.
static LLVMValueRef moderate(const cg_fp *f, cg_wave wave, LLVMValueRef size) {
    const double *half_pi = !f->wide    ? cg_half_pi_fused_f32
                            : f->m->fma ? cg_half_pi_fused_f64
                                        : cg_half_pi_f64;
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
static LLVMValueRef radians(const cg_fp *f, LLVMValueRef size) {
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
    return e_add(f, r.high, e_add(f, r.low, e_mad(f, s, pi_low, e_mul(f, s_low, pi))));
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
    return flip_sign(f, sine_polynomial(f, radians(f, size)), sign);
}

// The scalar function of f64 in the module, made when first needed. It is not optimised: that would take
// longer to compile than all of the code around it, for what rarely runs.
static LLVMValueRef scalar_function(cg_math *m, cg_wave wave) {
    const char *name = wave == SINE ? "cg.sin.large" : "cg.cos.large";
    LLVMValueRef function = LLVMGetNamedFunction(m->module, name);
    if (function) return function;
    LLVMTypeRef real = LLVMDoubleTypeInContext(m->context);
    function = LLVMAddFunction(m->module, name, LLVMFunctionType(real, &real, 1, false));
    LLVMSetLinkage(function, LLVMInternalLinkage);
    const char *const attributes[] = {"noinline", "optnone", "nounwind", "cold"};
    for (unsigned i = 0; i < COUNT(attributes); i++) {
        unsigned kind = LLVMGetEnumAttributeKindForName(attributes[i], strlen(attributes[i]));
        LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                LLVMCreateEnumAttribute(m->context, kind, 0));
    }
    cg_math inside = *m;
    inside.builder = LLVMCreateBuilderInContext(m->context);
    LLVMPositionBuilderAtEnd(inside.builder, LLVMAppendBasicBlockInContext(m->context, function, ""));
    LLVMValueRef x = LLVMGetParam(function, 0);
    cg_fp f = cg_fp_of(&inside, x);
    LLVMBuildRet(inside.builder, by_digits(&f, wave, x));
    LLVMDisposeBuilder(inside.builder);
    return function;
}

static LLVMValueRef call_scalar(const cg_fp *f, cg_wave wave, LLVMValueRef x) {
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef real = LLVMDoubleTypeInContext(f->m->context);
    LLVMValueRef wide = LLVMBuildFPExt(b, x, real, "");
    LLVMValueRef result = LLVMBuildCall2(b, LLVMFunctionType(real, &real, 1, false),
                                         scalar_function(f->m, wave), &wide, 1, "");
    return LLVMBuildFPTrunc(b, result, LLVMTypeOf(x), "");
}

static LLVMBasicBlockRef new_block(cg_math *m) {
    LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(m->builder));
    return LLVMAppendBasicBlockInContext(m->context, function, "");
}

// The scalar function of each lane, in a loop for vectors.
static LLVMValueRef call_each_lane(const cg_fp *f, cg_wave wave, LLVMValueRef x) {
    if (LLVMGetTypeKind(f->type) != LLVMVectorTypeKind) return call_scalar(f, wave, x);
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef counter = LLVMInt32TypeInContext(f->m->context);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), loop = new_block(f->m), after = new_block(f->m);
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef lane = LLVMBuildPhi(b, counter, ""), results = LLVMBuildPhi(b, f->type, "");
    LLVMValueRef result = call_scalar(f, wave, LLVMBuildExtractElement(b, x, lane, ""));
    LLVMValueRef more = LLVMBuildInsertElement(b, results, result, lane, "");
    LLVMValueRef next = LLVMBuildAdd(b, lane, LLVMConstInt(counter, 1, false), "");
    LLVMValueRef end = LLVMConstInt(counter, LLVMGetVectorSize(f->type), false);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next, end, ""), loop, after);
    LLVMBasicBlockRef from[] = {before, loop};
    LLVMAddIncoming(lane, (LLVMValueRef[]){LLVMConstInt(counter, 0, false), next}, from, 2);
    LLVMAddIncoming(results, (LLVMValueRef[]){x, more}, from, 2);
    LLVMPositionBuilderAtEnd(b, after);
    return more;
}

// Which way branches go, for the layout of blocks.
static void mark_unlikely(cg_math *m, LLVMValueRef branch) {
    LLVMTypeRef weight = LLVMInt32TypeInContext(m->context);
    const char *name = "branch_weights";
    LLVMMetadataRef parts[] = {
        LLVMMDStringInContext2(m->context, name, strlen(name)),
        LLVMValueAsMetadata(LLVMConstInt(weight, 1, false)),
        LLVMValueAsMetadata(LLVMConstInt(weight, 1 << 20, false)),
    };
    LLVMValueRef weights = LLVMMetadataAsValue(m->context, LLVMMDNodeInContext2(m->context, parts, 3));
    LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(m->context, "prof", 4), weights);
}

static LLVMValueRef sine_or_cosine(const cg_fp *f, cg_wave wave, LLVMValueRef x) {
    if (!f->wide && !f->m->fma) { // three pieces of f32 are not enough
        cg_fp wide = cg_fp_widened(f);
        LLVMValueRef result = sine_or_cosine(&wide, wave, LLVMBuildFPExt(f->m->builder, x, wide.type, ""));
        return LLVMBuildFPTrunc(f->m->builder, result, f->type, "");
    }
    LLVMBuilderRef b = f->m->builder;
    LLVMValueRef size = e_abs(f, x);
    LLVMValueRef fast = moderate(f, wave, size);
    if (wave == SINE) { // sin(-x) = -sin x, -0 too
        LLVMValueRef sign = e_and(f, e_as_bits(f, x), e_bits(f, (uint64_t)1 << (f->width - 1)));
        fast = e_as_real(f, e_xor(f, e_as_bits(f, fast), sign));
    }
    double limit = !f->wide ? 0x1p15 : f->m->fma ? 0x1p30 : 0x1p20;
    LLVMValueRef large = e_is(f, size, LLVMRealOGE, limit), any = large;
    large = LLVMBuildAnd(b, large, e_is(f, size, LLVMRealOLT, __builtin_inf()), "");
    if (LLVMGetTypeKind(f->type) == LLVMVectorTypeKind) {
        LLVMTypeRef type = LLVMTypeOf(large);
        any = cg_intrinsic(f->m, "llvm.vector.reduce.or", &type, 1, &large, 1);
    }
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), rare = new_block(f->m), after = new_block(f->m);
    mark_unlikely(f->m, LLVMBuildCondBr(b, any, rare, after));
    LLVMPositionBuilderAtEnd(b, rare);
    LLVMValueRef chosen = LLVMBuildSelect(b, large, call_each_lane(f, wave, x), fast, "");
    LLVMBasicBlockRef rare_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
    LLVMValueRef result = LLVMBuildPhi(b, f->type, "");
    LLVMAddIncoming(result, (LLVMValueRef[]){fast, chosen}, (LLVMBasicBlockRef[]){before, rare_end}, 2);
    return result;
}

LLVMValueRef cg_math_sin(const cg_fp *f, LLVMValueRef x) {
    return sine_or_cosine(f, SINE, x);
}

LLVMValueRef cg_math_cos(const cg_fp *f, LLVMValueRef x) {
    return sine_or_cosine(f, COSINE, x);
}
