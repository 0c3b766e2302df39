// Kernels as entries of a module: the grid, nests that threads share, statements.
//
// Statements at the top of a block run in every thread of a grid iteration, which so all know its local
// scalars; those that store run in one of them. A nest that threads share becomes one loop over all its
// iterations, thread t takes t, t + along, ...; neighbouring threads take neighbouring elements. Barriers
// stand where one thread reads or writes elements of a local array that another one wrote or reads, and
// always at the top, where all threads come by.
//
// Loops test at their end, behind a test of the first iteration where it is needed: what a body
// repeats can be moved in front of it.

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "codegen/gpu/emit.h"
#include "codegen/llvm/math_emit.h"

enum { NARROW = 1 << 30 }; // counters up to this have 32 bits

static void emit_block(emit *e, const cg_block *block);

static LLVMBasicBlockRef new_block(emit *e, const char *name) {
    return LLVMAppendBasicBlockInContext(e->math.context, e->function, name);
}

static LLVMValueRef widen(emit *e, LLVMValueRef value) {
    return LLVMTypeOf(value) == e->i64 ? value : LLVMBuildZExt(e->b, value, e->i64, "");
}

static LLVMValueRef number(const emit *e, int64_t value, bool narrow) {
    return narrow ? gpu_i32(e, value) : gpu_int(e, value);
}

// ---- loops ---------------------------------------------------------------------------------------

typedef struct counting {
    LLVMValueRef counter, first, step, end;
    LLVMBasicBlockRef before, body, exit;
} counting;

// first, first + step, ... below end. runs: first is below end for certain.
static void open_loop(emit *e, counting *c, LLVMValueRef first, LLVMValueRef step, LLVMValueRef end,
                      bool runs) {
    *c = (counting){.first = first, .step = step, .end = end};
    c->before = LLVMGetInsertBlock(e->b);
    c->body = new_block(e, "loop");
    c->exit = new_block(e, "done");
    if (runs)
        LLVMBuildBr(e->b, c->body);
    else
        LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, first, end, ""), c->body, c->exit);
    LLVMPositionBuilderAtEnd(e->b, c->body);
    c->counter = LLVMBuildPhi(e->b, LLVMTypeOf(first), "");
}

static void close_loop(emit *e, const counting *c) {
    LLVMValueRef next = LLVMBuildAdd(e->b, c->counter, c->step, "");
    LLVMSetNSW(next, true);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, next, c->end, ""), c->body, c->exit);
    LLVMAddIncoming(c->counter, (LLVMValueRef[]){c->first, next},
                    (LLVMBasicBlockRef[]){c->before, LLVMGetInsertBlock(e->b)}, 2);
    LLVMPositionBuilderAtEnd(e->b, c->exit);
}

static void emit_for(emit *e, const cg_statement *s) {
    const cg_loop *loop = &e->k->loops.at[s->id];
    bool narrow = loop->limit == CG_ABSENT && loop->extent <= NARROW;
    if (loop->extent < 1) return;
    LLVMValueRef end =
        loop->limit == CG_ABSENT ? number(e, loop->extent, narrow) : gpu_expression(e, loop->limit);
    cg_effects effects = cg_block_effects(e->k, &s->body);
    gpu_forget(e, effects.written, effects.buffers);
    counting c;
    open_loop(e, &c, number(e, 0, narrow), number(e, 1, narrow), end, loop->limit == CG_ABSENT);
    gpu_open(e);
    e->counters[s->id] = widen(e, c.counter);
    emit_block(e, &s->body);
    gpu_close(e);
    close_loop(e, &c);
}

static void emit_while(emit *e, const cg_statement *s) {
    LLVMBasicBlockRef header = new_block(e, "while"), body = new_block(e, "body"),
                      exit = new_block(e, "done");
    cg_effects effects = cg_block_effects(e->k, &s->body);
    gpu_forget(e, effects.written, effects.buffers);
    LLVMBuildBr(e->b, header);
    LLVMPositionBuilderAtEnd(e->b, header);
    gpu_open(e);
    LLVMBuildCondBr(e->b, gpu_expression(e, s->value), body, exit);
    LLVMPositionBuilderAtEnd(e->b, body);
    emit_block(e, &s->body);
    gpu_close(e);
    LLVMBuildBr(e->b, header);
    LLVMPositionBuilderAtEnd(e->b, exit);
}

// ---- other statements ----------------------------------------------------------------------------

static void emit_if(emit *e, const cg_statement *s) {
    LLVMBasicBlockRef after = gpu_begin_if(e, gpu_expression(e, s->value));
    gpu_open(e);
    emit_block(e, &s->body);
    gpu_close(e);
    gpu_end_if(e, after);
}

static void emit_store(emit *e, const cg_statement *s) {
    cv_dtype dtype = cg_node_of(e->k, s->value)->dtype;
    gpu_evaluate(e, (cg_expr[]){s->offset, s->value}, 2);
    LLVMBasicBlockRef after = e->may_write ? gpu_begin_if(e, e->may_write) : NULL;
    LLVMValueRef base = s->kind == CG_STORE ? e->buffers[s->id] : gpu_local(e, s->id);
    gpu_write(e, dtype, base, e->value[s->offset], e->value[s->value]);
    if (after) gpu_end_if(e, after);
}

static void emit_set(emit *e, const cg_statement *s) {
    gpu_evaluate(e, s->values.at, s->values.n);
    for (uint32_t i = 0; i < s->ids.n; i++)
        LLVMBuildStore(e->b, e->value[s->values.at[i]], gpu_local(e, s->ids.at[i]));
}

static LLVMValueRef read_local(emit *e, uint32_t local) {
    return LLVMBuildLoad2(e->b, cg_math_type(e->math.context, e->k->locals.at[local].dtype),
                          gpu_local(e, local), "");
}

static void emit_reduce(emit *e, const cg_statement *s) {
    LLVMValueRef value = gpu_expression(e, s->value);
    value = gpu_combine(e, s->combiner, e->k->locals.at[s->id].dtype, read_local(e, s->id), value);
    LLVMBuildStore(e->b, value, gpu_local(e, s->id));
}

static void emit_arg(emit *e, const cg_statement *s) {
    const uint32_t *ids = s->ids.at;
    gpu_evaluate(e, s->values.at, s->values.n);
    gpu_pair y = {e->value[s->values.at[0]], e->value[s->values.at[1]]};
    gpu_pair best = gpu_better(e, s, (gpu_pair){read_local(e, ids[0]), read_local(e, ids[1])}, y);
    LLVMBuildStore(e->b, best.value, gpu_local(e, ids[0]));
    LLVMBuildStore(e->b, best.index, gpu_local(e, ids[1]));
}

static void emit_statement(emit *e, const cg_statement *s) {
    switch (s->kind) {
    case CG_FOR: emit_for(e, s); break;
    case CG_WHILE: emit_while(e, s); break;
    case CG_IF: emit_if(e, s); break;
    case CG_STORE:
    case CG_PUT: emit_store(e, s); break;
    case CG_SET: emit_set(e, s); break;
    case CG_REDUCE: emit_reduce(e, s); break;
    case CG_ARG: emit_arg(e, s); break;
    }
    cg_effects effects = cg_statement_effects(e->k, s);
    gpu_forget(e, effects.written, effects.buffers);
}

static void emit_block(emit *e, const cg_block *block) {
    for (uint32_t i = 0; i < block->n; i++) emit_statement(e, block->at[i]);
}

// ---- nests that threads share --------------------------------------------------------------------

// The statements that combine these locals.
static uint32_t find_reductions(const cg_block *block, uint64_t *locals, gpu_reduction *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        uint64_t own = s->kind == CG_REDUCE ? UINT64_C(1) << s->id
                       : s->kind == CG_ARG  ? UINT64_C(1) << s->ids.at[0] | UINT64_C(1) << s->ids.at[1]
                                            : 0;
        if (own & *locals) out[n++] = (gpu_reduction){.s = s};
        *locals &= ~own;
        n += find_reductions(&s->body, locals, out + n);
    }
    return n;
}

// Takes the counter of all iterations apart. Loops with a limit, but for the outermost, whose limit is that
// of the counter, are in the condition; NULL if there is none.
static LLVMValueRef bind_nest(emit *e, LLVMValueRef counter, const uint32_t *loops, uint32_t n) {
    LLVMValueRef rest = counter, condition = NULL;
    bool narrow = LLVMTypeOf(counter) == e->i32;
    for (uint32_t i = n; i-- > 0;) {
        const cg_loop *loop = &e->k->loops.at[loops[i]];
        LLVMValueRef extent = number(e, loop->extent, narrow);
        e->counters[loops[i]] = widen(e, i ? LLVMBuildURem(e->b, rest, extent, "") : rest);
        if (!i) break;
        rest = LLVMBuildUDiv(e->b, rest, extent, "");
        if (loop->limit == CG_ABSENT) continue;
        LLVMValueRef holds =
            LLVMBuildICmp(e->b, LLVMIntSLT, e->counters[loops[i]], e->value[loop->limit], "");
        condition = condition ? LLVMBuildAnd(e->b, condition, holds, "") : holds;
    }
    return condition;
}

static void emit_nest(emit *e, const cg_statement *s, uint32_t n_loops) {
    const cg_kernel *k = e->k;
    uint32_t loops[CG_MAX_LOOPS];
    int64_t inner = 1;
    for (uint32_t i = 0; i < n_loops; i++) {
        if (i) s = s->body.at[0];
        loops[i] = s->id;
        if (k->loops.at[s->id].extent < 1) return;
        if (i) inner *= k->loops.at[s->id].extent;
    }
    cg_effects effects = cg_block_effects(k, &s->body);
    uint64_t combined = effects.reduced & ~e->arrays;
    gpu_reduction reductions[CG_MAX_LOCALS];
    uint32_t n = find_reductions(&s->body, &combined, reductions);
    for (uint32_t i = 0; i < n_loops; i++)
        if (k->loops.at[loops[i]].limit != CG_ABSENT) gpu_expression(e, k->loops.at[loops[i]].limit);

    const cg_loop *outer = &k->loops.at[loops[0]];
    int64_t most = outer->extent * inner, threads = e->s->along;
    bool limited = outer->limit != CG_ABSENT, narrow = !limited && most <= NARROW;
    LLVMValueRef first = narrow ? e->along : widen(e, e->along), end = number(e, most, narrow);
    if (limited) end = LLVMBuildMul(e->b, e->value[outer->limit], gpu_int(e, inner), "");
    gpu_begin_reductions(e, reductions, n);
    gpu_forget(e, effects.written, effects.buffers);
    counting c;
    open_loop(e, &c, first, number(e, threads, narrow), end, !limited && most >= threads);
    gpu_open(e);
    LLVMValueRef condition = bind_nest(e, c.counter, loops, n_loops);
    LLVMBasicBlockRef after = condition ? gpu_begin_if(e, condition) : NULL;
    emit_block(e, &s->body);
    gpu_close(e);
    if (after) gpu_end_if(e, after);
    close_loop(e, &c);
    gpu_end_reductions(e, reductions, n);
}

// ---- the top of a block --------------------------------------------------------------------------

static uint64_t arrays_read(const emit *e, const cg_statement *s) {
    uint64_t read = 0;
    for (uint32_t r = 0; r < cg_n_roots(s); r++)
        if (cg_root(e->k, s, r) != CG_ABSENT) read |= cg_node_of(e->k, cg_root(e->k, s, r))->locals;
    for (uint32_t i = 0; i < s->body.n; i++) read |= arrays_read(e, s->body.at[i]);
    return read & e->arrays;
}

static void emit_once(emit *e, const cg_statement *s) {
    LLVMValueRef outside = e->may_write, one = LLVMBuildICmp(e->b, LLVMIntEQ, e->along, gpu_i32(e, 0), "");
    if (outside) one = LLVMBuildAnd(e->b, one, outside, "");
    LLVMBasicBlockRef after = gpu_begin_if(e, one);
    e->may_write = NULL;
    gpu_open(e);
    emit_statement(e, s);
    gpu_close(e);
    e->may_write = outside;
    gpu_end_if(e, after);
}

static void emit_top(emit *e) {
    for (uint32_t i = 0; i < e->block->n; i++) {
        const cg_statement *s = e->block->at[i];
        cg_effects effects = cg_statement_effects(e->k, s);
        uint64_t read = arrays_read(e, s), written = effects.written & e->arrays;
        uint32_t shared = s->kind == CG_FOR && e->s->along > 1 ? e->s->shared_loops[s->id] : 0;
        if ((read & e->fresh) || (written & (e->fresh | e->used))) gpu_barrier(e);
        e->fresh |= written;
        e->used |= read;
        if (shared)
            emit_nest(e, s, shared);
        else if (effects.puts && e->s->along > 1)
            emit_once(e, s);
        else
            emit_statement(e, s);
        gpu_forget(e, effects.written, effects.buffers);
    }
}

// ---- the grid ------------------------------------------------------------------------------------

// Counters of the grid's loops from the number of the iteration; the fastest loop is the innermost.
static void bind_grid(emit *e, LLVMValueRef iteration, bool narrow) {
    const cg_kernel *k = e->k;
    uint32_t loops[CG_MAX_LOOPS], n = 0;
    for (uint32_t i = 0; i < k->grid.n; i++)
        if (k->grid.at[i] != e->s->fastest) loops[n++] = k->grid.at[i];
    if (e->s->fastest != CG_ABSENT) loops[n++] = e->s->fastest;
    while (n--) {
        LLVMValueRef extent = number(e, k->loops.at[loops[n]].extent, narrow);
        e->counters[loops[n]] = widen(e, n ? LLVMBuildURem(e->b, iteration, extent, "") : iteration);
        if (n) iteration = LLVMBuildUDiv(e->b, iteration, extent, "");
    }
}

static void emit_grid(emit *e, LLVMBasicBlockRef end) {
    const cg_gpu_schedule *s = e->s;
    bool narrow = s->iterations <= NARROW;
    LLVMValueRef thread = cg_intrinsic(&e->math, "llvm.nvvm.read.ptx.sreg.tid.x", NULL, 0, NULL, 0),
                 across = gpu_i32(e, s->across);
    e->across = LLVMBuildURem(e->b, thread, across, "");
    e->along = LLVMBuildUDiv(e->b, thread, across, "");
    if (e->block == &e->k->body && e->k->grid.n) {
        LLVMValueRef block = cg_intrinsic(&e->math, "llvm.nvvm.read.ptx.sreg.ctaid.x", NULL, 0, NULL, 0),
                     own = e->across;
        if (!narrow) block = widen(e, block), own = widen(e, own);
        LLVMValueRef iteration = LLVMBuildMul(e->b, block, number(e, s->across, narrow), "");
        iteration = LLVMBuildAdd(e->b, iteration, own, "");
        if (s->iterations % s->across) {
            LLVMValueRef inside =
                LLVMBuildICmp(e->b, LLVMIntULT, iteration, number(e, s->iterations, narrow), "");
            LLVMBasicBlockRef work = new_block(e, "work");
            // Where threads work together, those beyond the grid do as if they were its last iteration's.
            if (s->along == 1) {
                LLVMBuildCondBr(e->b, inside, work, end);
                LLVMPositionBuilderAtEnd(e->b, work);
            } else {
                LLVMBuildBr(e->b, work);
                LLVMPositionBuilderAtEnd(e->b, work);
                iteration =
                    LLVMBuildSelect(e->b, inside, iteration, number(e, s->iterations - 1, narrow), "");
                e->may_write = inside;
            }
        }
        bind_grid(e, iteration, narrow);
    }
    emit_top(e);
}

// ---- entries -------------------------------------------------------------------------------------

static void add_attribute(emit *e, LLVMAttributeIndex at, const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(e->function, at, LLVMCreateEnumAttribute(e->math.context, kind, 0));
}

static void declare(emit *e, const char *symbol, const uint32_t *memory) {
    const cg_kernel *k = e->k;
    LLVMContextRef context = e->math.context;
    LLVMTypeRef *params = base_new_array(k->arena, LLVMTypeRef, k->buffers.n + 1);
    for (uint32_t i = 0; i < k->buffers.n; i++) params[i] = LLVMPointerTypeInContext(context, 1);
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(context), params, k->buffers.n, false);
    e->function = LLVMAddFunction(e->math.module, symbol, type);
    LLVMSetFunctionCallConv(e->function, LLVMPTXKernelCallConv);
    add_attribute(e, LLVMAttributeFunctionIndex, "nounwind");
    char threads[16];
    int length = snprintf(threads, sizeof threads, "%u", e->s->across * e->s->along);
    LLVMAddAttributeAtIndex(
        e->function, LLVMAttributeFunctionIndex,
        LLVMCreateStringAttribute(context, "nvvm.reqntid", 12, threads, (unsigned)length));
    e->buffers = base_new_array(k->arena, LLVMValueRef, k->buffers.n + 1);
    for (uint32_t i = 0; i < k->buffers.n; i++) {
        bool alone = true;
        for (uint32_t j = 0; memory && j < k->buffers.n; j++) alone &= j == i || memory[j] != memory[i];
        e->buffers[i] = LLVMGetParam(e->function, i);
        if (alone) add_attribute(e, i + 1, "noalias");
        if (k->buffers.at[i].access == CG_READ) add_attribute(e, i + 1, "readonly");
    }
}

// Static if it fits into what a block has anyway: decided when all is given away.
static int64_t make_shared(emit *e, LLVMValueRef stand_in, const char *symbol) {
    if (!e->shared_bytes) {
        LLVMDeleteGlobal(stand_in);
        return 0;
    }
    bool dynamic = e->shared_bytes > CG_GPU_STATIC_SHARED;
    LLVMTypeRef type = LLVMArrayType2(e->i8, dynamic ? 0 : (uint64_t)e->shared_bytes);
    LLVMValueRef memory = LLVMAddGlobalInAddressSpace(e->math.module, type, symbol, 3);
    LLVMSetAlignment(memory, 16);
    if (!dynamic) {
        LLVMSetInitializer(memory, LLVMGetUndef(type));
        LLVMSetLinkage(memory, LLVMInternalLinkage);
    }
    LLVMReplaceAllUsesWith(stand_in, memory);
    LLVMDeleteGlobal(stand_in);
    return dynamic ? e->shared_bytes : 0;
}

static void dispose_builder(void *builder) { LLVMDisposeBuilder(builder); }

int64_t gpu_entry(LLVMModuleRef module, const cg_kernel *k, const cg_gpu_schedule *s, bool finish,
                  const char *symbol, const uint32_t *memory) {
    LLVMContextRef context = LLVMGetModuleContext(module);
    emit *e = base_new(k->arena, emit);
    *e = (emit){.k = k, .block = finish ? &k->finish : &k->body, .s = s};
    e->b = LLVMCreateBuilderInContext(context);
    base_defer(dispose_builder, e->b);
    e->math = (cg_math){context, module, e->b, true, true};
    e->i1 = LLVMInt1TypeInContext(context);
    e->i8 = LLVMInt8TypeInContext(context);
    e->i32 = LLVMInt32TypeInContext(context);
    e->i64 = LLVMInt64TypeInContext(context);
    e->value = base_new_array(k->arena, LLVMValueRef, k->nodes.n + 1);
    e->wanted = base_new_array(k->arena, bool, k->nodes.n + 1);
    for (uint32_t i = 0; i < k->locals.n; i++)
        if (k->locals.at[i].count != 1) e->arrays |= UINT64_C(1) << i;
    declare(e, symbol, memory);
    e->shared = LLVMAddGlobalInAddressSpace(module, e->i8, "", 3);
    LLVMBasicBlockRef entry = new_block(e, "entry"), start = new_block(e, "start"), end = new_block(e, "end");
    LLVMPositionBuilderAtEnd(e->b, start);
    if (s->iterations > 0) emit_grid(e, end);
    LLVMBuildBr(e->b, end);
    LLVMPositionBuilderAtEnd(e->b, end);
    LLVMBuildRetVoid(e->b);
    LLVMPositionBuilderAtEnd(e->b, entry);
    LLVMBuildBr(e->b, start);
    return make_shared(e, e->shared, base_format(k->arena, "%s_shared", symbol));
}
