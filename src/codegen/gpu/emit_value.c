// Expressions of one thread, and its loads and stores.
//
// The nodes that a statement needs are computed in the order of their numbers, arguments first. Each
// is computed where it is first needed; LLVM moves out of loops what they repeat.

#include <string.h>

#include "base/error.h"
#include "codegen/gpu/emit.h"

LLVMTypeRef gpu_memory_type(const emit *e, cv_dtype dtype) {
    return dtype == CV_BOOL ? e->i8 : cg_math_type(e->math.context, dtype);
}

LLVMValueRef gpu_int(const emit *e, int64_t value) { return LLVMConstInt(e->i64, (uint64_t)value, true); }
LLVMValueRef gpu_i32(const emit *e, int64_t value) { return LLVMConstInt(e->i32, (uint32_t)value, false); }

LLVMValueRef gpu_constant(const emit *e, cv_dtype dtype, const union ir_scalar *value) {
    LLVMTypeRef type = cg_math_type(e->math.context, dtype);
    switch (dtype) {
    case CV_BOOL: return LLVMConstInt(type, value->boolean != 0, false);
    case CV_F32:
        return LLVMConstBitCast(LLVMConstInt(e->i32, value->u32, false), type); // a NaN with its payload
    case CV_F64: return LLVMConstBitCast(LLVMConstInt(e->i64, value->u64, false), type);
    case CV_F16:
    case CV_BF16: return LLVMConstInt(type, value->u16, false);
    default: return LLVMConstInt(type, (uint64_t)ir_scalar_to_int(value, dtype), true);
    }
}

// ---- memory --------------------------------------------------------------------------------------

static LLVMValueRef address(const emit *e, cv_dtype dtype, LLVMValueRef base, LLVMValueRef offset) {
    return LLVMBuildInBoundsGEP2(e->b, gpu_memory_type(e, dtype), base, &offset, 1, "");
}

LLVMValueRef gpu_read(emit *e, cv_dtype dtype, LLVMValueRef base, LLVMValueRef offset) {
    LLVMValueRef value = LLVMBuildLoad2(e->b, gpu_memory_type(e, dtype), address(e, dtype, base, offset), "");
    LLVMSetAlignment(value, (unsigned)cv_dtype_size(dtype));
    return dtype == CV_BOOL ? LLVMBuildICmp(e->b, LLVMIntNE, value, LLVMConstNull(e->i8), "") : value;
}

void gpu_write(emit *e, cv_dtype dtype, LLVMValueRef base, LLVMValueRef offset, LLVMValueRef value) {
    if (dtype == CV_BOOL) value = LLVMBuildZExt(e->b, value, e->i8, "");
    LLVMSetAlignment(LLVMBuildStore(e->b, value, address(e, dtype, base, offset)),
                     (unsigned)cv_dtype_size(dtype));
}

// Scalars are each thread's own; arrays lie where the schedule says. Slots are made in the entry block.
LLVMValueRef gpu_local(emit *e, uint32_t local) {
    if (e->locals[local]) return e->locals[local];
    const cg_local *l = &e->k->locals.at[local];
    int64_t bytes = l->count * (int64_t)cv_dtype_size(l->dtype);
    if (l->count != 1 && e->s->shared_arrays) return e->locals[local] = gpu_take_shared(e, bytes);
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), entry = LLVMGetEntryBasicBlock(e->function);
    LLVMTypeRef type = l->count == 1 ? cg_math_type(e->math.context, l->dtype)
                                     : LLVMArrayType2(gpu_memory_type(e, l->dtype), (uint64_t)l->count);
    LLVMValueRef first = LLVMGetFirstInstruction(entry);
    if (first)
        LLVMPositionBuilderBefore(e->b, first);
    else
        LLVMPositionBuilderAtEnd(e->b, entry);
    e->locals[local] = LLVMBuildAlloca(e->b, type, "");
    LLVMPositionBuilderAtEnd(e->b, here);
    return e->locals[local];
}

// ---- expressions ---------------------------------------------------------------------------------

// x divided by a positive constant, rounded down. Most indices need 32 bits only, which GPUs divide faster.
static LLVMValueRef divide(const emit *e, const cg_node *n, LLVMValueRef x) {
    const cg_node *arg = cg_node_of(e->k, n->args[0]);
    bool quotient = n->kind == CG_QUOTIENT;
    if (arg->low >= 0 && arg->high <= UINT32_MAX && n->value.s64 <= UINT32_MAX) {
        LLVMValueRef d = gpu_i32(e, n->value.s64);
        x = LLVMBuildTrunc(e->b, x, e->i32, "");
        x = quotient ? LLVMBuildUDiv(e->b, x, d, "") : LLVMBuildURem(e->b, x, d, "");
        return LLVMBuildZExt(e->b, x, e->i64, "");
    }
    LLVMValueRef d = gpu_int(e, n->value.s64), rest = LLVMBuildSRem(e->b, x, d, "");
    LLVMValueRef below = LLVMBuildICmp(e->b, LLVMIntSLT, rest, gpu_int(e, 0), "");
    if (!quotient) return LLVMBuildSelect(e->b, below, LLVMBuildAdd(e->b, rest, d, ""), rest, "");
    return LLVMBuildAdd(e->b, LLVMBuildSDiv(e->b, x, d, ""), LLVMBuildSExt(e->b, below, e->i64, ""), "");
}

static LLVMValueRef compute(emit *e, const cg_node *n) {
    LLVMValueRef args[3];
    for (uint32_t i = 0; i < n->n_args; i++) args[i] = e->value[n->args[i]];
    switch (n->kind) {
    case CG_CONSTANT: return gpu_constant(e, n->dtype, &n->value);
    case CG_INDEX: return e->counters[n->id];
    case CG_LOCAL: {
        LLVMTypeRef type = cg_math_type(e->math.context, n->dtype);
        return LLVMBuildLoad2(e->b, type, gpu_local(e, n->id), "");
    }
    case CG_ELEMENT: return gpu_read(e, n->dtype, gpu_local(e, n->id), args[0]);
    case CG_LOAD: return gpu_read(e, n->dtype, e->buffers[n->id], args[0]);
    case CG_APPLY: {
        cv_dtype from = n->primitive == IR_select ? n->dtype : cg_node_of(e->k, n->args[0])->dtype;
        return cg_math_apply(&e->math, n->primitive, from, n->dtype, args);
    }
    default: return divide(e, n, args[0]);
    }
}

void gpu_evaluate(emit *e, const cg_expr *roots, uint32_t n) {
    const cg_kernel *k = e->k;
    cg_expr end = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (roots[i] == CG_ABSENT || e->value[roots[i]]) continue;
        e->wanted[roots[i]] = true;
        if (roots[i] >= end) end = roots[i] + 1;
    }
    for (cg_expr i = end; i-- > 0;)
        for (uint32_t j = 0; e->wanted[i] && j < k->nodes.at[i].n_args; j++)
            if (!e->value[k->nodes.at[i].args[j]]) e->wanted[k->nodes.at[i].args[j]] = true;
    for (cg_expr i = 0; i < end; i++) {
        if (!e->wanted[i]) continue;
        e->wanted[i] = false;
        e->value[i] = compute(e, &k->nodes.at[i]);
        base_push(k->arena, &e->known, (gpu_known){i, e->depth});
    }
}

LLVMValueRef gpu_expression(emit *e, cg_expr expr) {
    gpu_evaluate(e, &expr, 1);
    return e->value[expr];
}

void gpu_forget(emit *e, uint64_t locals, uint64_t buffers) {
    uint32_t kept = 0;
    if (!locals && !buffers) return;
    for (uint32_t i = 0; i < e->known.n; i++) {
        const cg_node *n = cg_node_of(e->k, e->known.at[i].expr);
        if (n->locals & locals || n->buffers & buffers)
            e->value[e->known.at[i].expr] = NULL;
        else
            e->known.at[kept++] = e->known.at[i];
    }
    e->known.n = kept;
}

void gpu_open(emit *e) { e->depth++; }

void gpu_close(emit *e) {
    e->depth--;
    while (e->known.n && e->known.at[e->known.n - 1].depth > e->depth)
        e->value[e->known.at[--e->known.n].expr] = NULL;
}

LLVMValueRef gpu_combine(emit *e, ir_primitive combiner, cv_dtype dtype, LLVMValueRef x, LLVMValueRef y) {
    return cg_math_apply(&e->math, combiner, dtype, dtype, (LLVMValueRef[]){x, y});
}

// NaN is best; between equals, and between NaNs, the smaller index.
gpu_pair gpu_better(emit *e, const cg_statement *s, gpu_pair x, gpu_pair y) {
    LLVMBuilderRef b = e->b;
    cv_dtype dtype = e->k->locals.at[s->ids.at[0]].dtype, index = e->k->locals.at[s->ids.at[1]].dtype;
    ir_primitive better = s->combiner == IR_max ? IR_gt : IR_lt;
    LLVMValueRef takes = cg_math_apply(&e->math, better, dtype, CV_BOOL, (LLVMValueRef[]){y.value, x.value});
    LLVMValueRef ties = cg_math_apply(&e->math, IR_eq, dtype, CV_BOOL, (LLVMValueRef[]){x.value, y.value});
    LLVMValueRef before = cg_math_apply(&e->math, IR_lt, index, CV_BOOL, (LLVMValueRef[]){y.index, x.index});
    if (ir_is_float(dtype)) {
        LLVMValueRef twice[][2] = {{x.value, x.value}, {y.value, y.value}};
        LLVMValueRef x_nan = cg_math_apply(&e->math, IR_ne, dtype, CV_BOOL, twice[0]);
        LLVMValueRef y_nan = cg_math_apply(&e->math, IR_ne, dtype, CV_BOOL, twice[1]);
        takes = LLVMBuildOr(b, takes, LLVMBuildAnd(b, y_nan, LLVMBuildNot(b, x_nan, ""), ""), "");
        ties = LLVMBuildOr(b, ties, LLVMBuildAnd(b, x_nan, y_nan, ""), "");
    }
    takes = LLVMBuildOr(b, takes, LLVMBuildAnd(b, ties, before, ""), "");
    return (gpu_pair){LLVMBuildSelect(b, takes, y.value, x.value, ""),
                      LLVMBuildSelect(b, takes, y.index, x.index, "")};
}
