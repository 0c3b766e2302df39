// How the elementary functions are written down: formulas over values of one floating format, each
// e_ function one instruction (or the few that its comment says).
//
// A cg_fp stands for the format and for the number of lanes. Constants are splats of it.
#ifndef CODEGEN_LLVM_MATH_EMIT_H
#define CODEGEN_LLVM_MATH_EMIT_H

#include <stdint.h>

#include <llvm-c/Core.h>

#include "codegen/llvm/math.h"

typedef struct cg_fp {
    cg_math *m;
    LLVMTypeRef type, integer; // of values, and of integers of their width, with all lanes
    bool wide;                 // f64, else f32
    unsigned mantissa, width;  // stored bits of the mantissa: 23 or 52; all bits: 32 or 64
    int64_t bias;              // of the exponent: 127 or 1023
} cg_fp;

// The format of a value; and the f64 format with as many lanes.
cg_fp cg_fp_of(cg_math *m, LLVMValueRef value);
cg_fp cg_fp_widened(const cg_fp *f);

// An element's type, or that of a vector of as many as `like` has; and likewise for a constant.
LLVMTypeRef cg_like(LLVMTypeRef element, LLVMTypeRef like);
LLVMValueRef cg_splat(LLVMValueRef constant, LLVMTypeRef like);
LLVMValueRef cg_intrinsic(cg_math *m, const char *name, const LLVMTypeRef *types, unsigned n_types,
                          const LLVMValueRef *args, unsigned n_args); // overloaded on these types

LLVMValueRef e_real(const cg_fp *f, double value);
LLVMValueRef e_bits(const cg_fp *f, uint64_t value);
LLVMValueRef e_power(const cg_fp *f, int64_t exponent); // 2^exponent, a normal number
LLVMValueRef e_nan(const cg_fp *f);

LLVMValueRef e_call(const cg_fp *f, const char *name, const LLVMValueRef *args, unsigned n); // on values of f
// a * b + c: one instruction and one rounding where the target can, else two of each.
LLVMValueRef e_mad(const cg_fp *f, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c);
LLVMValueRef e_abs(const cg_fp *f, LLVMValueRef x);
LLVMValueRef e_copysign(const cg_fp *f, LLVMValueRef magnitude, LLVMValueRef sign);
// Towards minus infinity: where the target has no instruction, seven that have the same result.
LLVMValueRef e_floor(const cg_fp *f, LLVMValueRef x);
// The nearer of the bounds where x is outside; a NaN stays.
LLVMValueRef e_at_least(const cg_fp *f, LLVMValueRef x, double bound);
LLVMValueRef e_at_most(const cg_fp *f, LLVMValueRef x, double bound);
// The sum of c[i] u^i by Horner's rule; of long ones the even and the odd terms apart.
LLVMValueRef e_polynomial(const cg_fp *f, const double *c, unsigned n, LLVMValueRef u);

// The nearest integer, as a real; and a real whose lowest bits are that integer plus `offset`.
// Found by adding a number so large that the sum has no room for a fraction.
typedef struct cg_rounded { LLVMValueRef real, low_bits; } cg_rounded;
cg_rounded e_round_product(const cg_fp *f, LLVMValueRef x, double factor, double offset); // x * factor
cg_rounded e_round(const cg_fp *f, LLVMValueRef x, double offset);

// Unevaluated sums of two values, |low| at most half a unit in the last place of high.
// T. Dekker, "A floating-point technique for extending the available precision", 1971.
typedef struct cg_pair { LLVMValueRef high, low; } cg_pair;
cg_pair e_two_product(const cg_fp *f, LLVMValueRef a, LLVMValueRef b); // a * b exactly
// a + b exactly, if a is 0 or |a| >= |b|
cg_pair e_fast_two_sum(const cg_fp *f, LLVMValueRef a, LLVMValueRef b);
cg_pair e_two_sum(const cg_fp *f, LLVMValueRef a, LLVMValueRef b); // a + b exactly (D. Knuth)

// Short forms.
#define E_BINARY(name, Build)                                                                      \
    static inline LLVMValueRef name(const cg_fp *f, LLVMValueRef a, LLVMValueRef b) {              \
        return Build(f->m->builder, a, b, "");                                                     \
    }
E_BINARY(e_add, LLVMBuildFAdd) E_BINARY(e_sub, LLVMBuildFSub) E_BINARY(e_mul, LLVMBuildFMul)
E_BINARY(e_div, LLVMBuildFDiv) E_BINARY(e_iadd, LLVMBuildAdd) E_BINARY(e_isub, LLVMBuildSub)
E_BINARY(e_and, LLVMBuildAnd) E_BINARY(e_or, LLVMBuildOr) E_BINARY(e_xor, LLVMBuildXor)
#undef E_BINARY

static inline LLVMValueRef e_neg(const cg_fp *f, LLVMValueRef x) {
    return LLVMBuildFNeg(f->m->builder, x, "");
}

static inline LLVMValueRef e_shl(const cg_fp *f, LLVMValueRef x, unsigned by) {
    return LLVMBuildShl(f->m->builder, x, e_bits(f, by), "");
}

static inline LLVMValueRef e_lshr(const cg_fp *f, LLVMValueRef x, unsigned by) {
    return LLVMBuildLShr(f->m->builder, x, e_bits(f, by), "");
}

static inline LLVMValueRef e_as_bits(const cg_fp *f, LLVMValueRef x) {
    return LLVMBuildBitCast(f->m->builder, x, f->integer, "");
}

static inline LLVMValueRef e_as_real(const cg_fp *f, LLVMValueRef x) {
    return LLVMBuildBitCast(f->m->builder, x, f->type, "");
}

// x compared with a constant.
static inline LLVMValueRef e_is(const cg_fp *f, LLVMValueRef x, LLVMRealPredicate relation, double constant) {
    return LLVMBuildFCmp(f->m->builder, relation, x, e_real(f, constant), "");
}

static inline LLVMValueRef e_select(const cg_fp *f, LLVMValueRef condition, LLVMValueRef yes,
                                    LLVMValueRef no) {
    return LLVMBuildSelect(f->m->builder, condition, yes, no, "");
}

// The elementary functions: math_exp.c, math_log.c, math_pow.c, math_trig.c, math_rem.c.
typedef LLVMValueRef cg_function(const cg_fp *f, LLVMValueRef x);
cg_function cg_math_exp, cg_math_expm1, cg_math_tanh, cg_math_logistic, cg_math_log, cg_math_log1p,
    cg_math_sin, cg_math_cos, cg_math_tan;
LLVMValueRef cg_math_pow(const cg_fp *f, LLVMValueRef x, LLVMValueRef y);
LLVMValueRef cg_math_rem(const cg_fp *f, LLVMValueRef x, LLVMValueRef y);

// math_rare.c: `usual`, but where `where` is set the result of a scalar function of f64, which is made of what
// `emit` writes and has a name in the module. It is called for all lanes if for one, and must end without a fault
// whatever the arguments. Leaves the builder in another block.
typedef struct cg_rare {
    const char *name;
    LLVMValueRef (*emit)(const cg_fp *f, const LLVMValueRef *args);
    unsigned n; // arguments
} cg_rare;
LLVMValueRef cg_math_rarely(const cg_fp *f, const cg_rare *rare, LLVMValueRef where, const LLVMValueRef *args,
                            LLVMValueRef usual);

// Numbers of 16 bits: math_half.c.
LLVMValueRef cg_half_to_f32(cg_math *m, cv_dtype from, LLVMValueRef x);
LLVMValueRef cg_half_from_f32(cg_math *m, cv_dtype to, LLVMValueRef x);
LLVMValueRef cg_half_from_f64(cg_math *m, cv_dtype to, LLVMValueRef x);

// What pow shares with them.
// p * 2^n, rounded once where it is subnormal; low_bits hold n + 2 * bias.
LLVMValueRef cg_math_scale(const cg_fp *f, LLVMValueRef p, LLVMValueRef low_bits);
// x = 2^k (1 + f), 1 + f between sqrt(1/2) and sqrt(2); x positive and finite.
typedef struct cg_split {
    LLVMValueRef k, f;
    LLVMValueRef exponent; // k + 2 * bias where the exponent (and the sign) stand, zeros below it
} cg_split;
cg_split cg_math_split(const cg_fp *f, LLVMValueRef x, bool may_be_subnormal);

#endif
