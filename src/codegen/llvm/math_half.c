// Numbers of 16 bits: f16 and bf16 to f32 and back, rounded to the nearest, ties to even.
//
// In LLVM's hands both are their bits, i16: what moves or selects them needs nothing of them, and LLVM's own
// type for f16 serves for the conversions only, where the target has instructions for those (F16C, PTX).
// Everything else is arithmetic on integers of 32 bits, alike in scalars and vectors. A NaN keeps its sign
// and the upper bits of its fraction and becomes quiet, as with the instructions and in the interpreter; only
// bf16 to f32, which is a shift, leaves that to what is done with it.
//
// f64 becomes f32 first, rounded to odd: of the two f32 around it the one whose last bit is set. That one is
// never halfway between two numbers of 16 bits unless the f64 was, so it is rounded as the f64 would be
// (S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums", 2008).

#include "base/error.h"
#include "codegen/llvm/math_emit.h"
#include "ir/type.h"

enum { FRACTION = 23, F16_FRACTION = 10, LESS = FRACTION - F16_FRACTION, BIASES = 127 - 15 };

static cg_fp f32_like(cg_math *m, LLVMTypeRef like) {
    return cg_fp_of(m, LLVMGetUndef(cg_like(LLVMFloatTypeInContext(m->context), like)));
}

static LLVMValueRef above(const cg_fp *f, LLVMValueRef x, uint32_t bound) {
    return LLVMBuildICmp(f->m->builder, LLVMIntUGT, x, e_bits(f, bound), "");
}

// Rounds the bits of a positive f32 to those that are left when the lowest `n` go; a carry goes up into the
// exponent, as it shall.
static LLVMValueRef round_bits(const cg_fp *f, LLVMValueRef bits, unsigned n) {
    LLVMValueRef odd = e_and(f, e_lshr(f, bits, n), e_bits(f, 1));
    LLVMValueRef up = e_iadd(f, odd, e_bits(f, ((uint64_t)1 << (n - 1)) - 1));
    return e_lshr(f, e_iadd(f, bits, up), n);
}

static LLVMValueRef from_bits(const cg_fp *f, LLVMValueRef bits) {
    LLVMTypeRef narrow = cg_like(LLVMInt16TypeInContext(f->m->context), f->type);
    return LLVMBuildTrunc(f->m->builder, bits, narrow, "");
}

static LLVMValueRef narrow_bf16(const cg_fp *f, LLVMValueRef x) {
    LLVMValueRef bits = e_as_bits(f, x), is_nan = LLVMBuildFCmp(f->m->builder, LLVMRealUNO, x, x, "");
    LLVMValueRef nan = e_or(f, e_lshr(f, bits, 16), e_bits(f, 0x40));
    return from_bits(f, e_select(f, is_nan, nan, round_bits(f, bits, 16)));
}

// By class of the magnitude. Below the normal f16 a sum with 1/2 rounds: its last bit has the place of the
// last of a subnormal f16, so that the sum's bits are those of the result beyond those of 1/2.
static LLVMValueRef narrow_f16(const cg_fp *f, LLVMValueRef x) {
    const uint32_t infinity = 0xffu << FRACTION;
    const uint32_t overflow = (127 + 16u) << FRACTION, normal = (127 - 14u) << FRACTION;
    LLVMValueRef bits = e_as_bits(f, x), size = e_and(f, bits, e_bits(f, 0x7fffffff));
    LLVMValueRef sign = e_lshr(f, e_xor(f, bits, size), 16);
    LLVMValueRef rebiased = e_isub(f, size, e_bits(f, (uint64_t)BIASES << FRACTION));
    LLVMValueRef half = e_real(f, 0.5);
    LLVMValueRef sum = e_as_bits(f, e_add(f, e_as_real(f, size), half));
    LLVMValueRef small = e_isub(f, sum, e_as_bits(f, half));
    LLVMValueRef nan = e_or(f, e_and(f, e_lshr(f, size, LESS), e_bits(f, 0x3ff)), e_bits(f, 0x7e00));
    LLVMValueRef large = e_select(f, above(f, size, infinity), nan, e_bits(f, 0x7c00));
    LLVMValueRef result = e_select(f, above(f, size, normal - 1), round_bits(f, rebiased, LESS), small);
    result = e_select(f, above(f, size, overflow - 1), large, result);
    return from_bits(f, e_or(f, result, sign));
}

LLVMValueRef cg_half_from_f32(cg_math *m, cv_dtype to, LLVMValueRef x) {
    cg_fp f = cg_fp_of(m, x);
    if (to == CV_BF16) return narrow_bf16(&f, x);
    if (!m->f16) return narrow_f16(&f, x);
    LLVMTypeRef type = cg_like(LLVMHalfTypeInContext(m->context), f.type);
    LLVMTypeRef bits = cg_like(LLVMInt16TypeInContext(m->context), f.type);
    return LLVMBuildBitCast(m->builder, LLVMBuildFPTrunc(m->builder, x, type, ""), bits, "");
}

LLVMValueRef cg_half_from_f64(cg_math *m, cv_dtype to, LLVMValueRef x) {
    cg_fp f = f32_like(m, LLVMTypeOf(x)), wide = cg_fp_of(m, x);
    LLVMValueRef nearest = LLVMBuildFPTrunc(m->builder, x, f.type, "");
    LLVMValueRef back = LLVMBuildFPExt(m->builder, nearest, wide.type, "");
    LLVMValueRef inexact = LLVMBuildFCmp(m->builder, LLVMRealONE, back, x, "");
    LLVMValueRef outside = LLVMBuildFCmp(m->builder, LLVMRealOGT, e_abs(&wide, back), e_abs(&wide, x), "");
    LLVMValueRef towards_zero =
        e_isub(&f, e_as_bits(&f, nearest), LLVMBuildZExt(m->builder, outside, f.integer, ""));
    LLVMValueRef odd = e_or(&f, towards_zero, LLVMBuildZExt(m->builder, inexact, f.integer, ""));
    return cg_half_from_f32(m, to, e_as_real(&f, odd));
}

// The exponent of a normal number gets the other bias. A subnormal is a number of units of 2^-24: that of
// 1/2^14 is put in front and taken off again. Infinities and NaNs get the greatest exponent.
static LLVMValueRef widen_f16(const cg_fp *f, LLVMValueRef bits) {
    const uint64_t normal = (uint64_t)1 << FRACTION, special = (uint64_t)0x1f << FRACTION;
    LLVMValueRef size = e_shl(f, e_and(f, bits, e_bits(f, 0x7fff)), LESS);
    LLVMValueRef sign = e_shl(f, e_and(f, bits, e_bits(f, 0x8000)), 16);
    LLVMValueRef rebiased = e_iadd(f, size, e_bits(f, (uint64_t)BIASES << FRACTION));
    LLVMValueRef with_leading = e_iadd(f, rebiased, e_bits(f, normal));
    LLVMValueRef small = e_as_bits(f, e_sub(f, e_as_real(f, with_leading), e_power(f, -14)));
    LLVMValueRef large = e_iadd(f, rebiased, e_bits(f, (uint64_t)BIASES << FRACTION));
    LLVMValueRef quiet = e_or(f, large, e_bits(f, normal / 2));
    large = e_select(f, above(f, size, (uint32_t)special), quiet, large);
    LLVMValueRef result = e_select(f, above(f, size, (uint32_t)normal - 1), rebiased, small);
    result = e_select(f, above(f, size, (uint32_t)special - 1), large, result);
    return e_as_real(f, e_or(f, result, sign));
}

LLVMValueRef cg_half_to_f32(cg_math *m, cv_dtype from, LLVMValueRef x) {
    cg_fp f = f32_like(m, LLVMTypeOf(x));
    if (from == CV_F16 && m->f16) {
        LLVMTypeRef type = cg_like(LLVMHalfTypeInContext(m->context), f.type);
        return LLVMBuildFPExt(m->builder, LLVMBuildBitCast(m->builder, x, type, ""), f.type, "");
    }
    LLVMValueRef bits = LLVMBuildZExt(m->builder, x, f.integer, "");
    return from == CV_F16 ? widen_f16(&f, bits) : e_as_real(&f, e_shl(&f, bits, 16));
}
