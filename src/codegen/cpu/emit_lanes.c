// Types, constants, and what is done across the lanes of a vector.
//
// Lanes are combined as a tree: the upper half with the lower half, until as few lanes are left as are
// wanted. The order depends on the number of lanes only.

#include "base/error.h"
#include "codegen/cpu/emit.h"

LLVMTypeRef emit_type(const emit *e, cv_dtype dtype) { return cg_math_type(e->context, dtype); }

LLVMTypeRef emit_memory_type(const emit *e, cv_dtype dtype) {
    return dtype == CV_BOOL ? e->i8 : emit_type(e, dtype);
}

LLVMTypeRef emit_wide_type(LLVMTypeRef type, uint32_t lanes) {
    return lanes > 1 ? LLVMVectorType(type, lanes) : type;
}

LLVMValueRef emit_int(const emit *e, int64_t value) { return LLVMConstInt(e->i64, (uint64_t)value, true); }

LLVMValueRef emit_constant(const emit *e, cv_dtype dtype, const union ir_scalar *value) {
    LLVMTypeRef type = emit_type(e, dtype);
    switch (dtype) {
    case CV_BOOL: return LLVMConstInt(type, value->boolean != 0, false);
    case CV_F32: // by its bits: a double does not carry the payload of a NaN
        return LLVMConstBitCast(LLVMConstInt(e->i32, value->u32, false), type);
    case CV_F64: return LLVMConstBitCast(LLVMConstInt(e->i64, value->u64, false), type);
    case CV_F16:
    case CV_BF16: return LLVMConstInt(type, value->u16, false);
    default: return LLVMConstInt(type, (uint64_t)ir_scalar_to_int(value, dtype), true);
    }
}

LLVMValueRef emit_splat(emit *e, LLVMValueRef value, uint32_t lanes) {
    if (lanes == 1) return value;
    if (LLVMIsConstant(value)) {
        LLVMValueRef all[CG_MAX_LANES];
        for (uint32_t i = 0; i < lanes; i++) all[i] = value;
        return LLVMConstVector(all, lanes);
    }
    LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(value), lanes);
    LLVMValueRef first =
        LLVMBuildInsertElement(e->b, LLVMGetPoison(type), value, LLVMConstInt(e->i64, 0, false), "");
    return LLVMBuildShuffleVector(e->b, first, LLVMGetPoison(type),
                                  LLVMConstNull(LLVMVectorType(e->i32, lanes)), "");
}

LLVMValueRef emit_iota(const emit *e, uint32_t lanes) {
    LLVMValueRef all[CG_MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++) all[i] = emit_int(e, i);
    return LLVMConstVector(all, lanes);
}

LLVMValueRef emit_shuffle(emit *e, LLVMValueRef value, uint32_t first, int step, uint32_t lanes) {
    LLVMValueRef mask[CG_MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++)
        mask[i] = LLVMConstInt(e->i32, (uint64_t)((int64_t)first + step * (int64_t)i), false);
    return LLVMBuildShuffleVector(e->b, value, LLVMGetPoison(LLVMTypeOf(value)), LLVMConstVector(mask, lanes),
                                  "");
}

LLVMValueRef emit_lane(emit *e, LLVMValueRef value, uint32_t lane) {
    return LLVMBuildExtractElement(e->b, value, emit_int(e, lane), "");
}

// `count` lanes from `first`, a scalar if it is one.
static LLVMValueRef part(emit *e, LLVMValueRef value, uint32_t first, uint32_t count) {
    return count == 1 ? emit_lane(e, value, first) : emit_shuffle(e, value, first, 1, count);
}

bool emit_is_idempotent(ir_primitive combiner) {
    return ir_is_idempotent(combiner);
}

LLVMValueRef emit_neutral(emit *e, ir_primitive combiner, cv_dtype dtype, LLVMValueRef initial,
                          uint32_t lanes) {
    if (emit_is_idempotent(combiner)) return emit_splat(e, initial, lanes);
    base_check(combiner == IR_add || combiner == IR_mul || combiner == IR_xor);
    union ir_scalar value = {0};
    ir_scalar_from_double(&value, dtype, combiner == IR_mul ? 1.0 : -0.0);
    return emit_splat(e, emit_constant(e, dtype, &value), lanes);
}

LLVMValueRef emit_fold(emit *e, ir_primitive combiner, cv_dtype dtype, LLVMValueRef value, uint32_t lanes,
                       uint32_t to) {
    for (; lanes > to; lanes /= 2) {
        LLVMValueRef halves[] = {part(e, value, 0, lanes / 2), part(e, value, lanes / 2, lanes / 2)};
        value = emit_apply(e, combiner, dtype, dtype, halves);
    }
    return value;
}

// NaN is best; between equals, and between NaNs, the smaller index.
emit_pair emit_better(emit *e, ir_primitive combiner, cv_dtype dtype, cv_dtype index, emit_pair x,
                      emit_pair y) {
    LLVMBuilderRef b = e->b;
    ir_primitive better = combiner == IR_min ? IR_lt : IR_gt;
    LLVMValueRef values[] = {y.value, x.value}, indices[] = {y.index, x.index};
    LLVMValueRef takes = emit_apply(e, better, dtype, CV_BOOL, values);
    LLVMValueRef ties = emit_apply(e, IR_eq, dtype, CV_BOOL, values);
    if (ir_is_float(dtype)) {
        LLVMValueRef x_nan = emit_apply(e, IR_ne, dtype, CV_BOOL, (LLVMValueRef[]){x.value, x.value});
        LLVMValueRef y_nan = emit_apply(e, IR_ne, dtype, CV_BOOL, (LLVMValueRef[]){y.value, y.value});
        takes = LLVMBuildOr(b, takes, LLVMBuildAnd(b, y_nan, LLVMBuildNot(b, x_nan, ""), ""), "");
        ties = LLVMBuildOr(b, ties, LLVMBuildAnd(b, x_nan, y_nan, ""), "");
    }
    LLVMValueRef before = emit_apply(e, IR_lt, index, CV_BOOL, indices);
    takes = LLVMBuildOr(b, takes, LLVMBuildAnd(b, ties, before, ""), "");
    return (emit_pair){LLVMBuildSelect(b, takes, y.value, x.value, ""),
                       LLVMBuildSelect(b, takes, y.index, x.index, "")};
}

emit_pair emit_fold_pair(emit *e, ir_primitive combiner, cv_dtype dtype, cv_dtype index, emit_pair x,
                         uint32_t lanes, uint32_t to) {
    for (; lanes > to; lanes /= 2) {
        uint32_t half = lanes / 2;
        emit_pair low = {part(e, x.value, 0, half), part(e, x.index, 0, half)};
        emit_pair high = {part(e, x.value, half, half), part(e, x.index, half, half)};
        x = emit_better(e, combiner, dtype, index, low, high);
    }
    return x;
}
