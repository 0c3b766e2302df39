// Results of rare arguments, which cost too much to compute for all: by a branch that is taken when a lane
// has such an argument, to a loop over the lanes that calls a scalar function of the module. Which lanes take
// which result depends on their own arguments only, so that values have the same bits at any width.

#include "codegen/llvm/math_emit.h"

#include <string.h>

enum { MOST_ARGS = 2 };

// The scalar function of f64 in the module, made when first needed. It is not optimised: that would take
// longer to compile than all of the code around it, for what rarely runs.
static LLVMValueRef scalar_function(cg_math *m, const cg_rare *rare, LLVMTypeRef type) {
    LLVMValueRef function = LLVMGetNamedFunction(m->module, rare->name), args[MOST_ARGS];
    if (function) return function;
    function = LLVMAddFunction(m->module, rare->name, type);
    LLVMSetLinkage(function, LLVMInternalLinkage);
    const char *const attributes[] = {"noinline", "optnone", "nounwind", "cold"};
    for (unsigned i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        unsigned kind = LLVMGetEnumAttributeKindForName(attributes[i], strlen(attributes[i]));
        LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                LLVMCreateEnumAttribute(m->context, kind, 0));
    }
    cg_math inside = *m;
    inside.builder = LLVMCreateBuilderInContext(m->context);
    LLVMPositionBuilderAtEnd(inside.builder, LLVMAppendBasicBlockInContext(m->context, function, ""));
    for (unsigned i = 0; i < rare->n; i++) args[i] = LLVMGetParam(function, i);
    cg_fp f = cg_fp_of(&inside, args[0]);
    LLVMBuildRet(inside.builder, rare->emit(&f, args));
    LLVMDisposeBuilder(inside.builder);
    return function;
}

static LLVMValueRef call_scalar(const cg_fp *f, const cg_rare *rare, const LLVMValueRef *args) {
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef real = LLVMDoubleTypeInContext(f->m->context), reals[MOST_ARGS] = {real, real};
    LLVMTypeRef type = LLVMFunctionType(real, reals, rare->n, false);
    LLVMValueRef wide[MOST_ARGS];
    for (unsigned i = 0; i < rare->n; i++) wide[i] = LLVMBuildFPExt(b, args[i], real, "");
    LLVMValueRef result = LLVMBuildCall2(b, type, scalar_function(f->m, rare, type), wide, rare->n, "");
    return LLVMBuildFPTrunc(b, result, LLVMTypeOf(args[0]), "");
}

static LLVMBasicBlockRef new_block(cg_math *m) {
    LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(m->builder));
    return LLVMAppendBasicBlockInContext(m->context, function, "");
}

// The scalar function of each lane, in a loop for vectors.
static LLVMValueRef call_each_lane(const cg_fp *f, const cg_rare *rare, const LLVMValueRef *args) {
    if (LLVMGetTypeKind(f->type) != LLVMVectorTypeKind) return call_scalar(f, rare, args);
    LLVMBuilderRef b = f->m->builder;
    LLVMTypeRef counter = LLVMInt32TypeInContext(f->m->context);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), loop = new_block(f->m), after = new_block(f->m);
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef lane = LLVMBuildPhi(b, counter, ""), results = LLVMBuildPhi(b, f->type, ""),
                 of_lane[MOST_ARGS];
    for (unsigned i = 0; i < rare->n; i++) of_lane[i] = LLVMBuildExtractElement(b, args[i], lane, "");
    LLVMValueRef more = LLVMBuildInsertElement(b, results, call_scalar(f, rare, of_lane), lane, "");
    LLVMValueRef next = LLVMBuildAdd(b, lane, LLVMConstInt(counter, 1, false), "");
    LLVMValueRef end = LLVMConstInt(counter, LLVMGetVectorSize(f->type), false);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next, end, ""), loop, after);
    LLVMBasicBlockRef from[] = {before, loop};
    LLVMAddIncoming(lane, (LLVMValueRef[]){LLVMConstInt(counter, 0, false), next}, from, 2);
    LLVMAddIncoming(results, (LLVMValueRef[]){args[0], more}, from, 2);
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

LLVMValueRef cg_math_rarely(const cg_fp *f, const cg_rare *rare, LLVMValueRef where, const LLVMValueRef *args,
                            LLVMValueRef usual) {
    LLVMBuilderRef b = f->m->builder;
    LLVMValueRef any = where;
    if (LLVMGetTypeKind(f->type) == LLVMVectorTypeKind) {
        LLVMTypeRef type = LLVMTypeOf(where);
        any = cg_intrinsic(f->m, "llvm.vector.reduce.or", &type, 1, &where, 1);
    }
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), rarely = new_block(f->m), after = new_block(f->m);
    mark_unlikely(f->m, LLVMBuildCondBr(b, any, rarely, after));
    LLVMPositionBuilderAtEnd(b, rarely);
    LLVMValueRef chosen = LLVMBuildSelect(b, where, call_each_lane(f, rare, args), usual, "");
    LLVMBasicBlockRef rarely_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
    LLVMValueRef result = LLVMBuildPhi(b, f->type, "");
    LLVMAddIncoming(result, (LLVMValueRef[]){usual, chosen}, (LLVMBasicBlockRef[]){before, rarely_end}, 2);
    return result;
}
