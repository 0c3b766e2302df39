// What the threads of a block do together: shared memory, barriers, reductions.
//
// A row's threads combine within each warp by a butterfly of shuffles, which gives all its threads the
// same bits, since combining commutes. Each warp then leaves its part in shared memory, and after a
// barrier every warp reads all parts, one in each thread, and does the same again. In a block of
// columns the threads of a warp belong to different grid iterations: each leaves its part in shared
// memory, and all threads of a column combine the column's parts in their order.

#include <string.h>

#include "base/error.h"
#include "codegen/gpu/emit.h"
#include "codegen/llvm/math_emit.h"

LLVMValueRef gpu_take_shared(emit *e, int64_t bytes) {
    LLVMValueRef offset = gpu_int(e, e->shared_bytes);
    e->shared_bytes += cg_gpu_align(bytes);
    return LLVMConstInBoundsGEP2(e->i8, e->shared, &offset, 1);
}

void gpu_barrier(emit *e) {
    const char *name = "llvm.nvvm.barrier.cta.sync.aligned.all"; // before LLVM 21: llvm.nvvm.barrier0
    e->fresh = e->used = 0;
    if (e->s->along == 1) return;
    LLVMValueRef number = gpu_i32(e, 0);
    if (LLVMLookupIntrinsicID(name, strlen(name)))
        cg_intrinsic(&e->math, name, NULL, 0, &number, 1);
    else
        cg_intrinsic(&e->math, "llvm.nvvm.barrier0", NULL, 0, NULL, 0);
}

// ---- shuffles ------------------------------------------------------------------------------------

static LLVMValueRef shuffle_word(emit *e, LLVMValueRef word, uint32_t distance) {
    LLVMValueRef args[] = {gpu_i32(e, UINT32_MAX), word, gpu_i32(e, distance), gpu_i32(e, CG_GPU_WARP - 1)};
    return cg_intrinsic(&e->math, "llvm.nvvm.shfl.sync.bfly.i32", NULL, 0, args, 4);
}

// The value of the thread whose number in the warp differs in this bit. Shuffles move words of 32 bits.
static LLVMValueRef shuffle(emit *e, LLVMValueRef value, cv_dtype dtype, uint32_t distance) {
    uint32_t bits = dtype == CV_BOOL ? 1 : 8 * (uint32_t)cv_dtype_size(dtype);
    LLVMTypeRef type = LLVMTypeOf(value), integer = LLVMIntTypeInContext(e->math.context, bits);
    value = LLVMBuildBitCast(e->b, value, integer, "");
    if (bits <= 32) {
        value = shuffle_word(e, LLVMBuildZExt(e->b, value, e->i32, ""), distance);
        return LLVMBuildBitCast(e->b, LLVMBuildTrunc(e->b, value, integer, ""), type, "");
    }
    LLVMValueRef half = gpu_int(e, 32);
    LLVMValueRef low = shuffle_word(e, LLVMBuildTrunc(e->b, value, e->i32, ""), distance);
    LLVMValueRef high =
        shuffle_word(e, LLVMBuildTrunc(e->b, LLVMBuildLShr(e->b, value, half, ""), e->i32, ""), distance);
    high = LLVMBuildShl(e->b, LLVMBuildZExt(e->b, high, e->i64, ""), half, "");
    return LLVMBuildBitCast(e->b, LLVMBuildOr(e->b, high, LLVMBuildZExt(e->b, low, e->i64, ""), ""), type,
                            "");
}

// ---- reductions ----------------------------------------------------------------------------------

// What a reduction combines: one value, or a value and an index.
typedef struct part {
    LLVMValueRef values[2];
} part;

static uint32_t width(const cg_statement *s) { return s->kind == CG_ARG ? 2 : 1; }
static uint32_t local_of(const cg_statement *s, uint32_t i) {
    return s->kind == CG_ARG ? s->ids.at[i] : s->id;
}

static cv_dtype dtype_of(const emit *e, const cg_statement *s, uint32_t i) {
    return e->k->locals.at[local_of(s, i)].dtype;
}

static part combine(emit *e, const cg_statement *s, part x, part y) {
    if (s->kind == CG_REDUCE)
        return (part){{gpu_combine(e, s->combiner, dtype_of(e, s, 0), x.values[0], y.values[0])}};
    gpu_pair best =
        gpu_better(e, s, (gpu_pair){x.values[0], x.values[1]}, (gpu_pair){y.values[0], y.values[1]});
    return (part){{best.value, best.index}};
}

static part butterfly(emit *e, const cg_statement *s, part x, uint32_t threads) {
    for (uint32_t distance = threads / 2; distance; distance /= 2) {
        part other = {{0}};
        for (uint32_t i = 0; i < width(s); i++)
            other.values[i] = shuffle(e, x.values[i], dtype_of(e, s, i), distance);
        x = combine(e, s, x, other);
    }
    return x;
}

static part read_local(emit *e, const cg_statement *s) {
    part x = {{0}};
    for (uint32_t i = 0; i < width(s); i++) {
        LLVMTypeRef type = cg_math_type(e->math.context, dtype_of(e, s, i));
        x.values[i] = LLVMBuildLoad2(e->b, type, gpu_local(e, local_of(s, i)), "");
    }
    return x;
}

static bool is_idempotent(const cg_statement *s) {
    return s->kind == CG_ARG || ir_is_idempotent(s->combiner);
}

void gpu_begin_reductions(emit *e, gpu_reduction *reductions, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const cg_statement *s = reductions[i].s;
        if (is_idempotent(s)) continue;
        union ir_scalar neutral = {0};
        ir_scalar_from_double(&neutral, dtype_of(e, s, 0), s->combiner == IR_mul ? 1.0 : -0.0);
        reductions[i].initial = read_local(e, s).values[0];
        LLVMBuildStore(e->b, gpu_constant(e, dtype_of(e, s, 0), &neutral), gpu_local(e, s->id));
    }
}

LLVMBasicBlockRef gpu_begin_if(emit *e, LLVMValueRef condition) {
    LLVMBasicBlockRef then = LLVMAppendBasicBlockInContext(e->math.context, e->function, "then");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(e->math.context, e->function, "after");
    LLVMBuildCondBr(e->b, condition, then, after);
    LLVMPositionBuilderAtEnd(e->b, then);
    return after;
}

void gpu_end_if(emit *e, LLVMBasicBlockRef after) {
    LLVMBuildBr(e->b, after);
    LLVMPositionBuilderAtEnd(e->b, after);
}

// The part of each reduction, at its places in shared memory.
typedef struct shared_parts {
    part parts, places;
} shared_parts;

static void leave(emit *e, const gpu_reduction *reductions, uint32_t n, const shared_parts *p,
                  LLVMValueRef at) {
    at = LLVMBuildZExt(e->b, at, e->i64, "");
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < width(reductions[i].s); j++)
            gpu_write(e, dtype_of(e, reductions[i].s, j), p[i].places.values[j], at, p[i].parts.values[j]);
}

static part fetch(emit *e, const cg_statement *s, const part *places, LLVMValueRef at) {
    part x = {{0}};
    for (uint32_t j = 0; j < width(s); j++)
        x.values[j] = gpu_read(e, dtype_of(e, s, j), places->values[j], LLVMBuildZExt(e->b, at, e->i64, ""));
    return x;
}

static void combine_rows(emit *e, const gpu_reduction *reductions, uint32_t n, shared_parts *p) {
    uint32_t warps = e->s->along / CG_GPU_WARP;
    for (uint32_t i = 0; i < n; i++) p[i].parts = butterfly(e, reductions[i].s, p[i].parts, CG_GPU_WARP);
    if (warps == 1) return;
    LLVMValueRef lane = LLVMBuildAnd(e->b, e->along, gpu_i32(e, CG_GPU_WARP - 1), "");
    LLVMValueRef warp = LLVMBuildUDiv(e->b, e->along, gpu_i32(e, CG_GPU_WARP), "");
    LLVMBasicBlockRef after = gpu_begin_if(e, LLVMBuildICmp(e->b, LLVMIntEQ, lane, gpu_i32(e, 0), ""));
    leave(e, reductions, n, p, warp);
    gpu_end_if(e, after);
    gpu_barrier(e);
    LLVMValueRef own = LLVMBuildAnd(e->b, lane, gpu_i32(e, warps - 1), "");
    for (uint32_t i = 0; i < n; i++)
        p[i].parts = butterfly(e, reductions[i].s, fetch(e, reductions[i].s, &p[i].places, own), warps);
}

static void combine_columns(emit *e, const gpu_reduction *reductions, uint32_t n, shared_parts *p) {
    LLVMValueRef row = gpu_i32(e, e->s->across);
    leave(e, reductions, n, p, LLVMBuildAdd(e->b, LLVMBuildMul(e->b, e->along, row, ""), e->across, ""));
    gpu_barrier(e);
    for (uint32_t i = 0; i < n; i++) {
        const cg_statement *s = reductions[i].s;
        p[i].parts = fetch(e, s, &p[i].places, e->across);
        for (uint32_t y = 1; y < e->s->along; y++) {
            LLVMValueRef at = LLVMBuildAdd(e->b, e->across, gpu_i32(e, (int64_t)y * e->s->across), "");
            p[i].parts = combine(e, s, p[i].parts, fetch(e, s, &p[i].places, at));
        }
    }
}

void gpu_end_reductions(emit *e, const gpu_reduction *reductions, uint32_t n) {
    shared_parts p[CG_MAX_LOCALS];
    if (!n) return;
    for (uint32_t i = 0; i < n; i++) {
        const cg_statement *s = reductions[i].s;
        p[i].parts = read_local(e, s);
        for (uint32_t j = 0; j < width(s); j++)
            p[i].places.values[j] =
                gpu_take_shared(e, cg_gpu_scratch_bytes(e->s, cv_dtype_size(dtype_of(e, s, j))));
    }
    if (e->s->across == 1)
        combine_rows(e, reductions, n, p);
    else
        combine_columns(e, reductions, n, p);
    for (uint32_t i = 0; i < n; i++) {
        const cg_statement *s = reductions[i].s;
        part x = p[i].parts;
        if (!is_idempotent(s))
            x.values[0] = gpu_combine(e, s->combiner, dtype_of(e, s, 0), reductions[i].initial, x.values[0]);
        for (uint32_t j = 0; j < width(s); j++)
            LLVMBuildStore(e->b, x.values[j], gpu_local(e, local_of(s, j)));
    }
}
