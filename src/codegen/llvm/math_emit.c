// The words that the elementary functions are written in: see math_emit.h.

#include "codegen/llvm/math_emit.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

enum { MAX_LANES = 256 };

LLVMTypeRef cg_like(LLVMTypeRef element, LLVMTypeRef like) {
    if (LLVMGetTypeKind(like) != LLVMVectorTypeKind) return element;
    return LLVMVectorType(element, LLVMGetVectorSize(like));
}

LLVMValueRef cg_splat(LLVMValueRef constant, LLVMTypeRef like) {
    if (LLVMGetTypeKind(like) != LLVMVectorTypeKind) return constant;
    LLVMValueRef lanes[MAX_LANES];
    unsigned n = LLVMGetVectorSize(like);
    base_check(n <= MAX_LANES);
    for (unsigned i = 0; i < n; i++) lanes[i] = constant;
    return LLVMConstVector(lanes, n);
}

LLVMValueRef cg_intrinsic(cg_math *m, const char *name, const LLVMTypeRef *types, unsigned n_types,
                          const LLVMValueRef *args, unsigned n_args) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    base_check(id);
    LLVMTypeRef *overloads = (LLVMTypeRef *)types;
    LLVMValueRef callee = LLVMGetIntrinsicDeclaration(m->module, id, overloads, n_types);
    LLVMTypeRef type = LLVMIntrinsicGetType(m->context, id, overloads, n_types);
    return LLVMBuildCall2(m->builder, type, callee, (LLVMValueRef *)args, n_args, "");
}

static cg_fp format(cg_math *m, LLVMTypeRef type, bool wide) {
    LLVMTypeRef element = wide ? LLVMInt64TypeInContext(m->context) : LLVMInt32TypeInContext(m->context);
    return (cg_fp){
        .m = m, .type = type, .integer = cg_like(element, type), .wide = wide,
        .mantissa = wide ? 52 : 23, .width = wide ? 64 : 32, .bias = wide ? 1023 : 127,
    };
}

cg_fp cg_fp_of(cg_math *m, LLVMValueRef value) {
    LLVMTypeRef type = LLVMTypeOf(value);
    bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
    LLVMTypeKind kind = LLVMGetTypeKind(vector ? LLVMGetElementType(type) : type);
    base_check(kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind);
    return format(m, type, kind == LLVMDoubleTypeKind);
}

cg_fp cg_fp_widened(const cg_fp *f) {
    return format(f->m, cg_like(LLVMDoubleTypeInContext(f->m->context), f->type), true);
}

LLVMValueRef e_real(const cg_fp *f, double value) {
    LLVMContextRef context = f->m->context;
    LLVMTypeRef element = f->wide ? LLVMDoubleTypeInContext(context) : LLVMFloatTypeInContext(context);
    return cg_splat(LLVMConstReal(element, value), f->type);
}

LLVMValueRef e_bits(const cg_fp *f, uint64_t value) {
    LLVMTypeRef element = LLVMIntTypeInContext(f->m->context, f->width);
    return cg_splat(LLVMConstInt(element, f->wide ? value : (uint32_t)value, false), f->type);
}

LLVMValueRef e_power(const cg_fp *f, int64_t exponent) {
    return e_real(f, ldexp(1, (int)exponent));
}

LLVMValueRef e_nan(const cg_fp *f) {
    return e_real(f, NAN);
}

LLVMValueRef e_call(const cg_fp *f, const char *name, const LLVMValueRef *args, unsigned n) {
    return cg_intrinsic(f->m, name, &f->type, 1, args, n);
}

LLVMValueRef e_mad(const cg_fp *f, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c) {
    if (!f->m->fma) return e_add(f, e_mul(f, a, b), c);
    return e_call(f, "llvm.fma", (LLVMValueRef[]){a, b, c}, 3);
}

LLVMValueRef e_abs(const cg_fp *f, LLVMValueRef x) {
    return e_call(f, "llvm.fabs", &x, 1);
}

LLVMValueRef e_copysign(const cg_fp *f, LLVMValueRef magnitude, LLVMValueRef sign) {
    return e_call(f, "llvm.copysign", (LLVMValueRef[]){magnitude, sign}, 2);
}

// Targets with fused multiply-add have roundings too. Elsewhere: |x| is rounded to the nearest
// integer by adding and subtracting 2^mantissa, gets its sign back, and is corrected by one if it
// came out above x. What is larger than that is an integer, or no number.
LLVMValueRef e_floor(const cg_fp *f, LLVMValueRef x) {
    if (f->m->fma) return e_call(f, "llvm.floor", &x, 1);
    LLVMValueRef shift = e_power(f, f->mantissa), size = e_abs(f, x);
    LLVMValueRef nearest = e_copysign(f, e_sub(f, e_add(f, size, shift), shift), x);
    LLVMValueRef above = LLVMBuildFCmp(f->m->builder, LLVMRealOGT, nearest, x, "");
    LLVMValueRef below = e_sub(f, nearest, e_select(f, above, e_real(f, 1), e_real(f, 0)));
    return e_select(f, LLVMBuildFCmp(f->m->builder, LLVMRealOLT, size, shift, ""), below, x);
}

LLVMValueRef e_at_least(const cg_fp *f, LLVMValueRef x, double bound) {
    return e_select(f, e_is(f, x, LLVMRealOLT, bound), e_real(f, bound), x);
}

LLVMValueRef e_at_most(const cg_fp *f, LLVMValueRef x, double bound) {
    return e_select(f, e_is(f, x, LLVMRealOGT, bound), e_real(f, bound), x);
}

// c[first] + c[first + step] u + c[first + 2 step] u^2 + ...
static LLVMValueRef horner(const cg_fp *f, const double *c, unsigned n, unsigned first, unsigned step,
                           LLVMValueRef u) {
    unsigned last = first + (n - 1 - first) / step * step;
    LLVMValueRef sum = e_real(f, c[last]);
    for (unsigned i = last; i > first; i -= step) sum = e_mad(f, sum, u, e_real(f, c[i - step]));
    return sum;
}

LLVMValueRef e_polynomial(const cg_fp *f, const double *c, unsigned n, LLVMValueRef u) {
    if (n < 7) return horner(f, c, n, 0, 1, u);
    LLVMValueRef square = e_mul(f, u, u);
    return e_mad(f, horner(f, c, n, 1, 2, square), u, horner(f, c, n, 0, 2, square));
}

static cg_rounded rounded(const cg_fp *f, LLVMValueRef sum, LLVMValueRef shift) {
    return (cg_rounded){e_sub(f, sum, shift), e_as_bits(f, sum)};
}

cg_rounded e_round_product(const cg_fp *f, LLVMValueRef x, double factor, double offset) {
    LLVMValueRef shift = e_real(f, ldexp(1.5, (int)f->mantissa) + offset);
    return rounded(f, e_mad(f, x, e_real(f, factor), shift), shift);
}

cg_rounded e_round(const cg_fp *f, LLVMValueRef x, double offset) {
    LLVMValueRef shift = e_real(f, ldexp(1.5, (int)f->mantissa) + offset);
    return rounded(f, e_add(f, x, shift), shift);
}

// A value as the sum of two of half as many bits (G. Veltkamp, in Dekker's article). |a| below 2^990.
static cg_pair halves(const cg_fp *f, LLVMValueRef a) {
    LLVMValueRef scaled = e_mul(f, a, e_real(f, ldexp(1, ((int)f->mantissa + 2) / 2) + 1));
    LLVMValueRef high = e_sub(f, scaled, e_sub(f, scaled, a));
    return (cg_pair){high, e_sub(f, a, high)};
}

cg_pair e_two_product(const cg_fp *f, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef product = e_mul(f, a, b);
    if (f->m->fma) return (cg_pair){product, e_mad(f, a, b, e_neg(f, product))};
    cg_pair x = halves(f, a), y = halves(f, b);
    LLVMValueRef rest = e_sub(f, e_mul(f, x.high, y.high), product);
    rest = e_add(f, e_add(f, rest, e_mul(f, x.high, y.low)), e_mul(f, x.low, y.high));
    return (cg_pair){product, e_add(f, rest, e_mul(f, x.low, y.low))};
}

cg_pair e_fast_two_sum(const cg_fp *f, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef sum = e_add(f, a, b);
    return (cg_pair){sum, e_sub(f, b, e_sub(f, sum, a))};
}

cg_pair e_two_sum(const cg_fp *f, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef sum = e_add(f, a, b), of_b = e_sub(f, sum, a), of_a = e_sub(f, sum, of_b);
    return (cg_pair){sum, e_add(f, e_sub(f, a, of_a), e_sub(f, b, of_b))};
}
