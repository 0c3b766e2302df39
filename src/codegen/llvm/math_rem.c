// rem of floating numbers: x - y trunc(x / y), exactly, with the sign of x.
//
// Below 2^52 the rounded quotient q, whole or not, is above the true one by less than 1, so with t = floor(q)
// the remainder |x| - t |y| is a number of the format, found without rounding by a fused multiply-add (or
// from the exact product as a pair), and once |y| is added where it is negative, it is the result. f32 is
// computed in f64, where every other case is rare. Greater quotients take the division of integers, digits at
// a time.

#include "codegen/llvm/math_emit.h"

#include <math.h>

// The mantissa with its hidden bit, and the biased exponent (1 for subnormal numbers): x = m 2^(e - 1075).
typedef struct scaled { LLVMValueRef mantissa, exponent; } scaled;

static scaled scaled_of(const cg_fp *f, LLVMValueRef size) {
    LLVMBuilderRef b = f->m->builder;
    LLVMValueRef bits = e_as_bits(f, size), field = e_lshr(f, bits, 52), zero = e_bits(f, 0),
                 one = e_bits(f, 1);
    LLVMValueRef normal = LLVMBuildICmp(b, LLVMIntNE, field, zero, "");
    LLVMValueRef hidden = e_select(f, normal, e_bits(f, (uint64_t)1 << 52), zero);
    LLVMValueRef below = e_and(f, bits, e_bits(f, ((uint64_t)1 << 52) - 1));
    return (scaled){e_or(f, below, hidden), e_select(f, normal, field, one)};
}

// The dividend's mantissa modulo the divisor's, with the difference of exponents as zeros behind it, 11 at a
// time: what remains is below 2^53. Lanes whose result is not wanted come here too: without a fault, to an
// end.
static LLVMValueRef by_integers(const cg_fp *f, const LLVMValueRef *args) {
    LLVMBuilderRef b = f->m->builder;
    LLVMContextRef context = f->m->context;
    scaled x = scaled_of(f, e_abs(f, args[0])), y = scaled_of(f, e_abs(f, args[1]));
    LLVMValueRef one = e_bits(f, 1), none = LLVMBuildICmp(b, LLVMIntULT, x.exponent, y.exponent, "");
    y.mantissa = e_select(f, LLVMBuildICmp(b, LLVMIntEQ, y.mantissa, e_bits(f, 0), ""), one, y.mantissa);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMValueRef function = LLVMGetBasicBlockParent(before);
    LLVMBasicBlockRef loop = LLVMAppendBasicBlockInContext(context, function, "");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(context, function, "");
    LLVMValueRef first = LLVMBuildURem(b, x.mantissa, y.mantissa, "");
    LLVMValueRef zeros = e_select(f, none, e_bits(f, 0), e_isub(f, x.exponent, y.exponent));
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef rest = LLVMBuildPhi(b, f->integer, ""), left = LLVMBuildPhi(b, f->integer, "");
    LLVMValueRef many = e_bits(f, 11);
    LLVMValueRef step = e_select(f, LLVMBuildICmp(b, LLVMIntULT, left, many, ""), left, many);
    LLVMValueRef next = LLVMBuildURem(b, LLVMBuildShl(b, rest, step, ""), y.mantissa, ""),
                 fewer = e_isub(f, left, step);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, fewer, e_bits(f, 0), ""), loop, after);
    LLVMBasicBlockRef from[] = {before, loop};
    LLVMAddIncoming(rest, (LLVMValueRef[]){first, next}, from, 2);
    LLVMAddIncoming(left, (LLVMValueRef[]){zeros, fewer}, from, 2);
    LLVMPositionBuilderAtEnd(b, after);
    LLVMValueRef fraction = e_mul(f, LLVMBuildUIToFP(b, next, f->type, ""), e_power(f, -52));
    return e_copysign(f, e_mul(f, fraction, e_as_real(f, e_shl(f, y.exponent, 52))), args[0]);
}

LLVMValueRef cg_math_rem(const cg_fp *f, LLVMValueRef x, LLVMValueRef y) {
    LLVMBuilderRef b = f->m->builder;
    if (!f->wide) {
        cg_fp wide = cg_fp_widened(f);
        LLVMValueRef rest =
            cg_math_rem(&wide, LLVMBuildFPExt(b, x, wide.type, ""), LLVMBuildFPExt(b, y, wide.type, ""));
        return LLVMBuildFPTrunc(b, rest, f->type, "");
    }
    LLVMValueRef dividend = e_abs(f, x), divisor = e_abs(f, y), q = e_div(f, dividend, divisor);
    LLVMValueRef t = e_floor(f, q), rest, far = e_is(f, q, LLVMRealOGE, 0x1p52);
    if (f->m->fma) {
        rest = e_mad(f, e_neg(f, t), divisor, dividend);
    } else { // the pair holds the product between these
        cg_pair product = e_two_product(f, t, divisor);
        rest = e_sub(f, e_sub(f, dividend, product.high), product.low);
        far = LLVMBuildOr(b, far, e_is(f, dividend, LLVMRealOGT, 0x1p900), "");
        far = LLVMBuildOr(b, far, e_is(f, divisor, LLVMRealOLT, 0x1p-900), "");
        far = LLVMBuildAnd(b, far, e_is(f, q, LLVMRealOGE, 1), "");
    }
    rest = e_select(f, e_is(f, rest, LLVMRealOLT, 0), e_add(f, rest, divisor), rest);
    rest =
        e_select(f, LLVMBuildFCmp(b, LLVMRealOLT, dividend, divisor, ""), dividend, rest); // also of infinity
    rest = e_copysign(f, rest, x);
    far = LLVMBuildAnd(b, far, e_is(f, dividend, LLVMRealOLT, INFINITY), "");
    far = LLVMBuildAnd(b, far, e_is(f, divisor, LLVMRealOGT, 0), "");
    static const cg_rare rare = {"cg.rem.far", by_integers, 2};
    return cg_math_rarely(f, &rare, far, (LLVMValueRef[]){x, y}, rest);
}
