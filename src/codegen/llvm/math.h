// The math builder: elementwise primitives as LLVM instructions, for every target.
//
// Instructions go where the builder stands. All operands are scalars, or all are vectors of one
// number of lanes, and what is emitted depends on neither: a value has the same bits at any width.
// It is straight-line code, but for sin, cos, tan and rem: they append blocks to the function, entered only for
// rare arguments, and leave the builder in another block than it came in.
//
// Nothing needs a library: functions are arithmetic and a few intrinsics that x86 and NVPTX lower to
// instructions (the primitive fma on a target without one is the exception). Nothing allows LLVM to
// reassociate or contract: arithmetic, comparisons and conversions have the bits of the interpreter.
#ifndef CODEGEN_LLVM_MATH_H
#define CODEGEN_LLVM_MATH_H

#include <stdbool.h>

#include <llvm-c/Types.h>

#include "covector/dtype.h"
#include "ir/primitive.h"

// The greatest error of a result in units in the last place, for f32 and f64, on targets with fused
// multiply-add and on those without; tests/math measures it. From exp2 on, but for tan, they are programs of
// primitives (the expand rules of ir/primitives/elementary.c and special.c). Near the roots of lgamma, digamma and
// polygamma the unit is that of results of size 1. Everything else is rounded correctly, but for rsqrt, which is
// 1 / sqrt(x) in two steps, and integer_pow, a product of squares. Special values (zeros and their signs, infinities, NaNs,
// arguments outside of the domain) are those of C's annex F, and subnormal numbers are arguments and
// results like others.
#define CG_MATH_ACCURACY(row)                                                                      \
    /*            with:  f32   f64   without: f32   f64 */                                         \
    row(exp,             1.0,  1.0,           1.3,  1.3)                                           \
    row(expm1,           1.7,  2.0,           1.8,  2.1)                                           \
    row(log,             1.0,  1.0,           1.0,  1.0)                                           \
    row(log1p,           1.5,  1.5,           1.5,  1.5)                                           \
    row(tanh,            1.7,  1.7,           1.7,  1.7)                                           \
    row(logistic,        2.0,  2.0,           2.2,  2.2)                                           \
    row(sin,             1.8,  1.8,           0.6,  2.0)                                           \
    row(cos,             1.8,  1.8,           0.6,  2.0)                                           \
    row(pow,             0.6,  1.5,           0.6,  1.5)                                           \
    row(exp2,            1.2,  1.2,           1.2,  1.2)                                           \
    row(cbrt,            0.6,  0.6,           0.6,  0.6)                                           \
    row(tan,             1.1,  1.1,           0.6,  1.2)                                           \
    row(asin,            1.5,  1.4,           1.5,  1.4)                                           \
    row(acos,            1.3,  1.3,           1.3,  1.3)                                           \
    row(atan,            1.7,  1.5,           1.7,  1.5)                                           \
    row(atan2,           1.8,  1.8,           1.8,  1.8)                                           \
    row(sinh,            2.0,  2.0,           2.0,  2.0)                                           \
    row(cosh,            1.7,  1.7,           1.8,  1.9)                                           \
    row(asinh,           0.6,  1.7,           0.6,  1.7)                                           \
    row(acosh,           0.6,  1.8,           0.6,  1.8)                                           \
    row(atanh,           0.6,  1.5,           0.6,  1.5)                                           \
    row(erf,             1.3,  1.3,           1.3,  1.3)                                           \
    row(erfc,            0.6,  1.5,           0.6,  1.5)                                           \
    row(erf_inv,         1.7,  2.0,           1.7,  2.0)                                           \
    row(lgamma,          0.6,  1.0,           0.6,  1.0)                                           \
    row(digamma,         0.6,  2.0,           0.6,  2.0)                                           \
    row(polygamma,       0.6,  4.0,           0.6,  4.0)

typedef struct cg_math {
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder;
    bool fma; // the target has fused multiply-add: x86 with FMA, PTX
    bool f16; // the target converts between f16 and f32: x86 with F16C, PTX
} cg_math;

// Whether there is a rule. What has none is rewritten in terms of others before it comes here.
bool cg_math_has(ir_primitive primitive, cv_dtype from);

// The primitive of these operands. `from` is the dtype of the first data operand (of those that a
// select chooses from); `to` that of the result, and of interest for convert only. Booleans are i1.
// f16 and bf16 are computed with in f32; each result is rounded. Raises CV_UNSUPPORTED for complex dtypes.
LLVMValueRef cg_math_apply(cg_math *m, ir_primitive primitive, cv_dtype from, cv_dtype to,
                           const LLVMValueRef *args);

// Whether it appends blocks.
bool cg_math_adds_blocks(ir_primitive primitive, cv_dtype dtype);

// The type of one element of a dtype: i1 for booleans, integers by width, float, double; of f16 and bf16
// i16, their bits.
LLVMTypeRef cg_math_type(LLVMContextRef context, cv_dtype dtype);

#endif
