// Kernels as functions: the grid, loops and statements.
//
// The innermost loop of the grid runs over the piece that the caller asks for; the outer ones are one
// loop, whose counter is taken apart once for each run of the innermost. A vector loop is several loops,
// one after the other: with all lanes as long as they fit, then with a quarter of them, then one by one.
// Local scalars are values: a loop has a phi for each that its body changes, a branch one where it ends.
//
// The edge from before a loop is added to its phis when the loop ends: until then, what is moved out
// of the loop may have put more blocks in front of it.

#include <string.h>

#include "base/error.h"
#include "codegen/cpu/emit.h"

enum { MIDDLE_FROM = 16 }; // lanes of a vector loop, from which on a quarter of them is tried too

static void emit_block(emit *e, const cg_block *block);

LLVMBasicBlockRef emit_new_block(emit *e, const char *name) {
    return LLVMAppendBasicBlockInContext(e->context, e->function, name);
}

void emit_continue(emit *e, LLVMBasicBlockRef block) {
    e->scopes[e->depth].block = block;
    LLVMPositionBuilderAtEnd(e->b, block);
}

static void open_scope(emit *e, LLVMBasicBlockRef block, bool branch, bool may_not_run) {
    base_check(e->depth + 1 < CG_MAX_SCOPES);
    e->scopes[++e->depth] = (emit_scope){++e->n_scopes, block, branch, may_not_run};
    LLVMPositionBuilderAtEnd(e->b, block);
}

static void close_scope(emit *e, LLVMBasicBlockRef next) {
    e->depth--;
    emit_continue(e, next);
}

static void assign(emit *e, uint32_t local, LLVMValueRef value) {
    e->locals[local].value = value;
    e->locals[local].event = emit_happens(e);
}

static LLVMValueRef local_value(emit *e, uint32_t local) {
    if (!e->locals[local].value) { // garbage before it is set
        LLVMTypeRef type = emit_type(e, e->k->locals.at[local].dtype);
        bool wide = e->lanes > 1 && e->wide_locals >> local & 1;
        e->locals[local].value = LLVMConstNull(emit_wide_type(type, wide ? e->lanes : 1));
    }
    return e->locals[local].value;
}

// Arrays and buffers that a block changes get an event in the scope at hand.
static void touch_memory(emit *e, const cg_effects *effects) {
    for (uint64_t rest = effects->written; rest; rest &= rest - 1)
        if (e->locals[__builtin_ctzll(rest)].memory) e->locals[__builtin_ctzll(rest)].event = emit_happens(e);
    for (uint64_t buffers = effects->buffers; buffers; buffers &= buffers - 1)
        for (uint64_t rest = e->memories[__builtin_ctzll(buffers)]; rest; rest &= rest - 1)
            e->stores[__builtin_ctzll(rest)] = emit_happens(e);
}

// Loops

// A loop that is being written: its header tests, its body follows.
typedef struct open_loop {
    const cg_effects *effects;
    LLVMBasicBlockRef header, exit;
    LLVMValueRef counter, start, step;
    LLVMValueRef phis[CG_MAX_LOCALS], before[CG_MAX_LOCALS]; // of the locals that it carries
    uint64_t carried;
} open_loop;

static void open_carrying(emit *e, open_loop *l, const cg_effects *effects, uint64_t carried,
                          bool may_not_run, const char *name) {
    l->effects = effects;
    l->carried = 0;
    for (uint64_t rest = carried; rest; rest &= rest - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(rest);
        if (e->locals[id].memory) continue;
        l->carried |= UINT64_C(1) << id;
        l->before[id] = local_value(e, id);
    }
    l->header = emit_new_block(e, name);
    l->exit = emit_new_block(e, "done");
    LLVMBuildBr(e->b, l->header);
    open_scope(e, l->header, false, may_not_run);
    for (uint64_t rest = l->carried; rest; rest &= rest - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(rest);
        l->phis[id] = LLVMBuildPhi(e->b, LLVMTypeOf(l->before[id]), "");
        assign(e, id, l->phis[id]);
    }
    touch_memory(e, effects);
}

// From the header into the body.
static void enter_body(emit *e, const open_loop *l, LLVMValueRef condition) {
    LLVMBasicBlockRef body = emit_new_block(e, "body");
    LLVMBuildCondBr(e->b, condition, body, l->exit);
    emit_continue(e, body);
}

static void close_carrying(emit *e, open_loop *l) {
    LLVMBasicBlockRef from[] = {e->scopes[e->depth - 1].block, e->scopes[e->depth].block};
    LLVMBuildBr(e->b, l->header);
    for (uint64_t rest = l->carried; rest; rest &= rest - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(rest);
        LLVMValueRef values[] = {l->before[id], e->locals[id].value};
        LLVMAddIncoming(l->phis[id], values, from, 2);
    }
    close_scope(e, l->exit);
    for (uint64_t rest = l->carried; rest; rest &= rest - 1)
        assign(e, (uint32_t)__builtin_ctzll(rest), l->phis[__builtin_ctzll(rest)]);
    touch_memory(e, l->effects);
}

static void bind_counter(emit *e, uint32_t loop, LLVMValueRef counter, uint32_t multiple) {
    e->loops[loop].counter = counter;
    e->loops[loop].multiple = multiple;
    e->loops[loop].event = emit_happens(e);
}

// Counts from start, by step, while less than end. loop: whose counter it is, or CG_ABSENT.
static void open_counting(emit *e, open_loop *l, uint32_t loop, LLVMValueRef start, LLVMValueRef end,
                          int64_t step, const cg_effects *effects, uint64_t carried, bool may_not_run) {
    open_carrying(e, l, effects, carried, may_not_run, step > 1 ? "vector" : "loop");
    l->start = start;
    l->step = emit_int(e, step);
    l->counter = LLVMBuildPhi(e->b, e->i64, "");
    if (loop != CG_ABSENT) bind_counter(e, loop, l->counter, 1);
    enter_body(e, l, LLVMBuildICmp(e->b, LLVMIntSLT, l->counter, end, ""));
}

static void close_counting(emit *e, open_loop *l) {
    LLVMValueRef next = LLVMBuildAdd(e->b, l->counter, l->step, ""), values[] = {l->start, next};
    LLVMSetNSW(next, true);
    LLVMBasicBlockRef from[] = {e->scopes[e->depth - 1].block, e->scopes[e->depth].block};
    LLVMAddIncoming(l->counter, values, from, 2);
    close_carrying(e, l);
}

static bool may_not_run(const cg_loop *loop) { return loop->limit != CG_ABSENT || loop->extent < 1; }

static void emit_unrolled(emit *e, const cg_statement *s) {
    for (int64_t i = 0; i < e->k->loops.at[s->id].extent; i++) {
        bind_counter(e, s->id, emit_int(e, i), 1);
        emit_block(e, &s->body);
    }
}

static void emit_for(emit *e, const cg_statement *s, LLVMValueRef end) {
    cg_effects effects = cg_block_effects(e->k, &s->body);
    open_loop l;
    open_counting(e, &l, s->id, emit_int(e, 0), end, 1, &effects, effects.written,
                  may_not_run(&e->k->loops.at[s->id]));
    emit_block(e, &s->body);
    close_counting(e, &l);
}

// Vector loops

// The widths that a vector loop goes through.
typedef struct passes {
    uint32_t n, lanes[3];
} passes;

// Which widths are needed for `count` iterations; count < 0: any number.
static passes passes_of(uint32_t lanes, int64_t count) {
    uint32_t all[] = {lanes, lanes >= MIDDLE_FROM ? lanes / 4 : 1, 1};
    passes p = {.n = 0};
    for (int i = 0; i < 3; i++) {
        if (p.n && p.lanes[p.n - 1] == all[i]) continue;
        if (count >= 0 && count < all[i]) continue;
        p.lanes[p.n++] = all[i];
        if (count >= 0) count %= all[i];
    }
    return p;
}

// What a counter has to be less than for all lanes to fit.
static LLVMValueRef end_of_starts(emit *e, LLVMValueRef end, uint32_t lanes) {
    return lanes == 1 ? end : LLVMBuildSub(e->b, end, emit_int(e, (int64_t)lanes - 1), "");
}

static const cg_statement *find_combination(const cg_block *block, uint32_t local) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i], *inside;
        if (s->kind == CG_REDUCE && s->id == local) return s;
        if (s->kind == CG_ARG && (s->ids.at[0] == local || s->ids.at[1] == local)) return s;
        if ((inside = find_combination(&s->body, local))) return inside;
    }
    return NULL;
}

// The locals that a vector loop combines: from what they were to what each lane begins with, from one
// width to a smaller one, and at last to one value.
typedef struct combination {
    const cg_statement *s;
    uint64_t locals;
    LLVMValueRef initial; // of a CG_REDUCE
} combination;

static void spread(emit *e, combination *c, uint32_t lanes) {
    if (c->s->kind == CG_REDUCE) {
        c->initial = local_value(e, c->s->id);
        cv_dtype dtype = e->k->locals.at[c->s->id].dtype;
        assign(e, c->s->id, emit_neutral(e, c->s->combiner, dtype, c->initial, lanes));
        return;
    }
    for (int i = 0; i < 2; i++)
        assign(e, c->s->ids.at[i], emit_splat(e, local_value(e, c->s->ids.at[i]), lanes));
}

static void fold(emit *e, const combination *c, uint32_t lanes, uint32_t to) {
    const cg_statement *s = c->s;
    if (s->kind == CG_REDUCE) {
        cv_dtype dtype = e->k->locals.at[s->id].dtype;
        LLVMValueRef value = emit_fold(e, s->combiner, dtype, e->locals[s->id].value, lanes, to);
        if (to == 1 && !emit_is_idempotent(s->combiner))
            value = emit_apply(e, s->combiner, dtype, dtype, (LLVMValueRef[]){c->initial, value});
        assign(e, s->id, value);
        return;
    }
    const uint32_t *ids = s->ids.at;
    emit_pair pair = {e->locals[ids[0]].value, e->locals[ids[1]].value};
    pair = emit_fold_pair(e, s->combiner, e->k->locals.at[ids[0]].dtype, e->k->locals.at[ids[1]].dtype, pair,
                          lanes, to);
    assign(e, ids[0], pair.value);
    assign(e, ids[1], pair.index);
}

// Locals that are set anew in each iteration: a value for each lane, of no matter what before that.
static void forget(emit *e, uint64_t locals) {
    for (uint64_t rest = locals; rest; rest &= rest - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(rest);
        e->locals[id].value = NULL;
        if (!e->locals[id].memory) assign(e, id, local_value(e, id));
    }
}

static uint32_t find_combinations(const cg_block *body, uint64_t combined, combination *out) {
    uint32_t n = 0;
    while (combined) {
        const cg_statement *s = find_combination(body, (uint32_t)__builtin_ctzll(combined));
        uint64_t locals = s->kind == CG_REDUCE ? UINT64_C(1) << s->id
                                               : UINT64_C(1) << s->ids.at[0] | UINT64_C(1) << s->ids.at[1];
        out[n++] = (combination){s, locals, NULL};
        combined &= ~locals;
    }
    return n;
}

static void emit_vector_for(emit *e, const cg_statement *s, LLVMValueRef end) {
    base_check(e->lanes == 1);
    const cg_loop *loop = &e->k->loops.at[s->id];
    cg_effects effects = cg_block_effects(e->k, &s->body);
    uint64_t scalars = 0;
    for (uint32_t i = 0; i < e->k->locals.n; i++)
        if (!e->locals[i].memory) scalars |= UINT64_C(1) << i;
    uint64_t combined = effects.reduced & scalars, own = effects.written & scalars & ~combined;
    combination combinations[CG_MAX_LOCALS];
    uint32_t n = find_combinations(&s->body, combined, combinations);
    passes p = passes_of(loop->lanes, loop->limit == CG_ABSENT ? loop->extent : -1);
    LLVMValueRef start = emit_int(e, 0);
    uint32_t wide = 1;
    e->vector_loop = s->id;
    e->wide_locals = effects.written & scalars;
    for (uint32_t i = 0; i < p.n; i++) {
        uint32_t lanes = p.lanes[i];
        if (lanes > 1 && wide == 1)
            for (uint32_t c = 0; c < n; c++) spread(e, &combinations[c], lanes);
        else if (wide > 1)
            for (uint32_t c = 0; c < n; c++) fold(e, &combinations[c], wide, lanes);
        wide = lanes;
        e->lanes = lanes;
        forget(e, own);
        open_loop l;
        open_counting(e, &l, s->id, start, end_of_starts(e, end, lanes), lanes, &effects, combined,
                      may_not_run(loop));
        e->loops[s->id].multiple = lanes;
        emit_block(e, &s->body);
        close_counting(e, &l);
        start = l.counter;
    }
    if (wide > 1)
        for (uint32_t c = 0; c < n; c++) fold(e, &combinations[c], wide, 1);
    e->lanes = 1;
    e->wide_locals = 0;
    forget(e, own);
}

// Other statements

static void emit_loop(emit *e, const cg_statement *s) {
    const cg_loop *loop = &e->k->loops.at[s->id];
    if (loop->unrolled) {
        emit_unrolled(e, s);
        return;
    }
    LLVMValueRef end = loop->limit == CG_ABSENT ? emit_int(e, loop->extent) : emit_scalar(e, loop->limit);
    if (loop->lanes > 1)
        emit_vector_for(e, s, end);
    else
        emit_for(e, s, end);
}

static void emit_while(emit *e, const cg_statement *s) {
    cg_effects effects = cg_block_effects(e->k, &s->body);
    open_loop l;
    open_carrying(e, &l, &effects, effects.written, true, "while");
    enter_body(e, &l, emit_scalar(e, s->value));
    emit_block(e, &s->body);
    close_carrying(e, &l);
}

static void emit_if(emit *e, const cg_statement *s) {
    cg_effects effects = cg_block_effects(e->k, &s->body);
    LLVMValueRef condition = emit_scalar(e, s->value), before[CG_MAX_LOCALS];
    uint64_t changed = 0;
    for (uint64_t rest = effects.written; rest; rest &= rest - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(rest);
        if (e->locals[id].memory) continue;
        changed |= UINT64_C(1) << id;
        before[id] = local_value(e, id);
    }
    LLVMBasicBlockRef then = emit_new_block(e, "then"), after = emit_new_block(e, "after");
    LLVMBuildCondBr(e->b, condition, then, after);
    open_scope(e, then, true, true);
    emit_block(e, &s->body);
    LLVMBuildBr(e->b, after);
    LLVMBasicBlockRef from[] = {e->scopes[e->depth - 1].block, e->scopes[e->depth].block};
    close_scope(e, after);
    for (uint64_t rest = changed; rest; rest &= rest - 1) {
        uint32_t id = (uint32_t)__builtin_ctzll(rest);
        LLVMValueRef values[] = {before[id], e->locals[id].value};
        LLVMValueRef phi = LLVMBuildPhi(e->b, LLVMTypeOf(before[id]), "");
        LLVMAddIncoming(phi, values, from, 2);
        assign(e, id, phi);
    }
    touch_memory(e, &effects);
}

static LLVMValueRef local_operand(emit *e, uint32_t local, cg_expr value) {
    return e->lanes > 1 && e->wide_locals >> local & 1 ? emit_wide(e, value) : emit_scalar(e, value);
}

static void emit_arg(emit *e, const cg_statement *s) {
    const uint32_t *ids = s->ids.at;
    emit_pair y = {local_operand(e, ids[0], s->values.at[0]), local_operand(e, ids[1], s->values.at[1])};
    emit_pair x = {local_value(e, ids[0]), local_value(e, ids[1])};
    x = emit_better(e, s->combiner, e->k->locals.at[ids[0]].dtype, e->k->locals.at[ids[1]].dtype, x, y);
    assign(e, ids[0], x.value);
    assign(e, ids[1], x.index);
}

static void emit_set(emit *e, const cg_statement *s) {
    LLVMValueRef values[CG_MAX_LOCALS];
    for (uint32_t i = 0; i < s->ids.n; i++) values[i] = local_operand(e, s->ids.at[i], s->values.at[i]);
    for (uint32_t i = 0; i < s->ids.n; i++) assign(e, s->ids.at[i], values[i]);
}

static void emit_reduce(emit *e, const cg_statement *s) {
    cv_dtype dtype = e->k->locals.at[s->id].dtype;
    LLVMValueRef value = local_operand(e, s->id, s->value), args[] = {local_value(e, s->id), value};
    assign(e, s->id, emit_apply(e, s->combiner, dtype, dtype, args));
}

static void emit_block(emit *e, const cg_block *block) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        switch (s->kind) {
        case CG_FOR: emit_loop(e, s); break;
        case CG_WHILE: emit_while(e, s); break;
        case CG_IF: emit_if(e, s); break;
        case CG_STORE:
        case CG_PUT: emit_store(e, s); break;
        case CG_SET: emit_set(e, s); break;
        case CG_REDUCE: emit_reduce(e, s); break;
        case CG_ARG: emit_arg(e, s); break;
        }
    }
}

// The grid

// The innermost loop from `start` to `end`; exact: both are multiples of the lanes, but for the loop's own
// end.
static void emit_innermost(emit *e, LLVMValueRef start, LLVMValueRef end, bool exact,
                           const cg_effects *effects) {
    uint32_t id = e->k->grid.at[e->k->grid.n - 1], lanes = e->k->loops.at[id].lanes;
    int64_t extent = e->k->loops.at[id].extent;
    passes p = passes_of(lanes, exact && extent >= lanes ? extent % lanes + lanes : exact ? extent : -1);
    e->vector_loop = id;
    for (uint32_t i = 0; i < p.n; i++) {
        open_loop l;
        e->lanes = p.lanes[i];
        open_counting(e, &l, id, start, end_of_starts(e, end, e->lanes), e->lanes, effects, 0, false);
        if (exact) e->loops[id].multiple = e->lanes;
        forget(e, effects->written);
        emit_block(e, &e->k->body);
        close_counting(e, &l);
        start = l.counter;
    }
    e->lanes = 1;
}

// Counters of the outer loops from the one that runs over all of them.
static void bind_outer(emit *e, LLVMValueRef counter) {
    const cg_kernel *k = e->k;
    for (uint32_t i = k->grid.n - 1; i-- > 0;) {
        LLVMValueRef extent = emit_int(e, k->loops.at[k->grid.at[i]].extent);
        bind_counter(e, k->grid.at[i], i ? LLVMBuildURem(e->b, counter, extent, "") : counter, 1);
        if (i) counter = LLVMBuildUDiv(e->b, counter, extent, "");
    }
}

static LLVMValueRef choose(emit *e, LLVMIntPredicate predicate, LLVMValueRef x, LLVMValueRef y) {
    return LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, predicate, x, y, ""), x, y, "");
}

static void emit_grid(emit *e, LLVMValueRef begin, LLVMValueRef end) {
    const cg_kernel *k = e->k;
    cg_effects effects = cg_block_effects(k, &k->body);
    e->wide_locals = effects.written;
    if (k->grid.n == 0) {
        forget(e, effects.written);
        emit_block(e, &k->body);
    } else if (k->grid.n == 1) {
        emit_innermost(e, begin, end, true, &effects);
    } else {
        const cg_loop *last = &k->loops.at[k->grid.at[k->grid.n - 1]];
        LLVMValueRef row = emit_int(e, last->extent), zero = emit_int(e, 0), one = emit_int(e, 1);
        LLVMValueRef first = LLVMBuildUDiv(e->b, begin, row, "");
        LLVMValueRef rows =
            LLVMBuildAdd(e->b, LLVMBuildUDiv(e->b, LLVMBuildSub(e->b, end, one, ""), row, ""), one, "");
        open_loop l;
        open_counting(e, &l, CG_ABSENT, first, rows, 1, &effects, 0, false);
        bind_outer(e, l.counter);
        LLVMValueRef before = LLVMBuildMul(e->b, l.counter, row, "");
        LLVMValueRef from = choose(e, LLVMIntSGT, LLVMBuildSub(e->b, begin, before, ""), zero);
        LLVMValueRef to = choose(e, LLVMIntSLT, LLVMBuildSub(e->b, end, before, ""), row);
        emit_innermost(e, from, to, last->extent % last->lanes == 0, &effects);
        close_counting(e, &l);
    }
    e->wide_locals = 0;
}

// Functions

static void start_function(emit *e, const char *symbol, uint32_t n_params) {
    LLVMTypeRef params[] = {e->pointer, e->i64, e->i64};
    e->function = LLVMAddFunction(e->module, symbol, LLVMFunctionType(e->i32, params, n_params, false));
    const char *names[] = {"buffers", "begin", "end"};
    for (uint32_t i = 0; i < n_params; i++)
        LLVMSetValueName2(LLVMGetParam(e->function, i), names[i], strlen(names[i]));
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddAttributeAtIndex(e->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(e->context, nounwind, 0));
    LLVMAddAttributeAtIndex(e->function, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(e->context, "frame-pointer", 13, "all", 3));
    memset(e->loops, 0, sizeof e->loops);
    memset(e->locals, 0, sizeof e->locals);
    memset(e->stores, 0, sizeof e->stores);
    memset(e->scalar, 0, sizeof *e->scalar * e->k->nodes.n);
    memset(e->wide, 0, sizeof *e->wide * e->k->nodes.n);
    e->depth = 0;
    e->scopes[0] = (emit_scope){.id = ++e->n_scopes, .block = NULL};
    emit_continue(e, emit_new_block(e, "entry"));
    emit_open_buffers(e, LLVMGetParam(e->function, 0));
}

static void return_zero(emit *e) { LLVMBuildRet(e->b, LLVMConstInt(e->i32, 0, false)); }

static void emit_run(emit *e, const char *symbol) {
    const cg_kernel *k = e->k;
    start_function(e, symbol, 3);
    LLVMValueRef begin = LLVMGetParam(e->function, 1), end = LLVMGetParam(e->function, 2);
    e->lanes = k->grid.n ? k->loops.at[k->grid.at[k->grid.n - 1]].lanes : 1;
    e->wide_locals = e->lanes > 1 ? cg_block_effects(k, &k->body).written : 0;
    emit_local_arrays(e);
    e->lanes = 1;
    LLVMBasicBlockRef work = emit_new_block(e, "work"), done = emit_new_block(e, "end");
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, begin, end, ""), work, done);
    open_scope(e, work, false, true);
    emit_grid(e, begin, end);
    if (k->streamed) LLVMBuildFence(e->b, LLVMAtomicOrderingSequentiallyConsistent, false, "");
    LLVMBuildBr(e->b, done);
    close_scope(e, done);
    return_zero(e);
}

static void emit_finish(emit *e, const char *symbol) {
    start_function(e, symbol, 1);
    emit_local_arrays(e);
    emit_block(e, &e->k->finish);
    return_zero(e);
}

static void release(void *argument) {
    emit *e = argument;
    if (e->b) LLVMDisposeBuilder(e->b);
    base_arena_free(&e->arena);
    base_free(e);
}

LLVMValueRef cg_emit_kernel(LLVMModuleRef module, const cg_kernel *k, const char *symbol,
                            const cg_emit_options *options) {
    LLVMContextRef context = LLVMGetModuleContext(module);
    emit *e = base_malloc(sizeof *e);
    memset(e, 0, sizeof *e);
    base_defer(release, e);
    e->k = k;
    e->options = options;
    e->context = context;
    e->module = module;
    e->lanes = 1;
    e->b = LLVMCreateBuilderInContext(context);
    e->math = (cg_math){context, module, e->b, options->fma, options->f16};
    e->i1 = LLVMInt1TypeInContext(context);
    e->i8 = LLVMInt8TypeInContext(context);
    e->i32 = LLVMInt32TypeInContext(context);
    e->i64 = LLVMInt64TypeInContext(context);
    e->pointer = LLVMPointerTypeInContext(context, 0);
    e->scalar = base_new_array(&e->arena, emit_value, k->nodes.n + 1);
    e->wide = base_new_array(&e->arena, emit_value, k->nodes.n + 1);
    emit_run(e, symbol);
    LLVMValueRef run = e->function;
    if (k->finish.n) emit_finish(e, base_format(&e->arena, "%s_finish", symbol));
    return run;
}
