// The math builder: elementwise primitives as LLVM instructions, for every target.
//
// Instructions go where the builder stands. All operands are scalars, or all are vectors of one
// number of lanes, and what is emitted depends on neither: a value has the same bits at any width.
// It is straight-line code, but for sin, cos, tan and rem: they append blocks to the function, entered only for
// rare arguments, and leave the builder in another block than it came in.
//
// Nothing needs a library: functions are arithmetic and a few intrinsics that x86 and NVPTX lower to
// instructions (the primitive fma on a target without one is the exception). Nothing allows LLVM to
// reassociate or contract: arithmetic, comparisons and conversions have the bits of the interpreter. The errors
// of the other functions are stated in ir/accuracy.h.
#ifndef CODEGEN_LLVM_MATH_H
#define CODEGEN_LLVM_MATH_H

#include <stdbool.h>

#include <llvm-c/Types.h>

#include "covector/dtype.h"
#include "ir/primitive.h"

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
