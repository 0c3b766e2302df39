// Plans as functions: i32 (ptr runtime, ptr params, ptr results, ptr arena).
//
// A slot is an address: a pointer from params or results, a place in the arena, a global. Only slots whose
// pointers are exchanged have a variable of their own, a cell; loop counters that slices need are variables
// too. All of these lie in two arrays of the function, so that a long list of steps can be cut into parts,
// functions that get the arrays: LLVM's time grows faster than the length of a function.
//
// A kernel that is worth sharing out is given to the runtime; a smaller one is called. Statuses are
// looked at only where something can fail: when kernels check their indices.

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "codegen/cpu/emit_plan.h"
#include "codegen/schedule.h"

enum {
    PART_WEIGHT = 64, // of the steps of one LLVM function
    ALIGNMENT = 64,
};

// Members of cg_runtime.
enum { RUNTIME_PARALLEL, RUNTIME_PRODUCT, RUNTIME_LAP };

typedef struct plan_emitter {
    const cg_plan *plan;
    const cg_emit_plan_options *options;
    LLVMModuleRef module;
    LLVMContextRef context;
    LLVMBuilderRef b;
    LLVMTypeRef i8, i32, i64, pointer;
    LLVMTypeRef code_type, finish_type, plan_type, part_type, parallel_type, product_type, lap_type;
    LLVMValueRef *functions; // of every plan function

    // Of the plan function at hand.
    const cg_plan_function *f;
    uint32_t number, n_parts, n_cells;
    uint32_t *cell;          // of every slot: of its variable, or CG_ABSENT
    LLVMValueRef *constants; // of every slot: its global, once it is needed

    // Of the LLVM function at hand.
    LLVMValueRef function, runtime, params, results, arena, cells, counters;
    LLVMValueRef arguments; // room for the pointers of one call
    LLVMBasicBlockRef fail; // returns the status in `failure`
    LLVMValueRef failure;
} plan_emitter;

static LLVMValueRef integer(const plan_emitter *e, int64_t value) {
    return LLVMConstInt(e->i64, (unsigned long long)value, true);
}

static LLVMValueRef call(plan_emitter *e, LLVMTypeRef type, LLVMValueRef callee, LLVMValueRef *args) {
    return LLVMBuildCall2(e->b, type, callee, args, LLVMCountParamTypes(type), "");
}

static LLVMValueRef element(plan_emitter *e, LLVMTypeRef type, LLVMValueRef base, int64_t index) {
    if (!index) return base;
    LLVMValueRef at = integer(e, index);
    return LLVMBuildInBoundsGEP2(e->b, type, base, &at, 1, "");
}

static LLVMBasicBlockRef new_block(plan_emitter *e, const char *name) {
    return LLVMAppendBasicBlockInContext(e->context, e->function, name);
}

// Slots

static LLVMValueRef constant(plan_emitter *e, cg_slot_id id) {
    if (e->constants[id]) return e->constants[id];
    const cg_slot *s = &e->f->slots.at[id];
    LLVMValueRef data = LLVMConstStringInContext2(e->context, s->data, (size_t)s->data_bytes, true);
    LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(data), "constant");
    LLVMSetInitializer(global, data);
    LLVMSetGlobalConstant(global, true);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetAlignment(global, ALIGNMENT);
    return e->constants[id] = global;
}

static LLVMValueRef load_pointer(plan_emitter *e, LLVMValueRef array, uint32_t index) {
    return LLVMBuildLoad2(e->b, e->pointer, element(e, e->pointer, array, index), "");
}

static LLVMValueRef slot(plan_emitter *e, cg_slot_id id) {
    const cg_slot *s = &e->f->slots.at[id];
    if (e->cell[id] != CG_ABSENT) return load_pointer(e, e->cells, e->cell[id]);
    switch (s->kind) {
    case CG_SLOT_PARAM: return load_pointer(e, e->params, s->number);
    case CG_SLOT_RESULT: return load_pointer(e, e->results, s->number);
    case CG_SLOT_CONSTANT: return constant(e, id);
    case CG_SLOT_TEMPORARY: return element(e, e->i8, e->arena, s->offset);
    case CG_SLOT_SLICE: break;
    }
    LLVMValueRef base = element(e, e->i8, slot(e, s->base), s->offset);
    LLVMValueRef counter = LLVMBuildLoad2(e->b, e->i64, element(e, e->i64, e->counters, s->loop), "");
    LLVMValueRef offset = LLVMBuildMul(e->b, counter, integer(e, s->stride), "");
    return LLVMBuildInBoundsGEP2(e->b, e->i8, base, &offset, 1, "");
}

// Stores the addresses of slots next to each other; returns where.
static LLVMValueRef pass_slots(plan_emitter *e, const cg_slot_id *slots, uint32_t n, uint32_t first) {
    LLVMValueRef start = element(e, e->pointer, e->arguments, first);
    for (uint32_t i = 0; i < n; i++)
        LLVMBuildStore(e->b, slot(e, slots[i]), element(e, e->pointer, e->arguments, first + i));
    return start;
}

// Functions

static uint32_t most_arguments(const cg_step_block *block) {
    uint32_t most = 1;
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        if (step->args.n > most) most = step->args.n;
        for (uint32_t b = 0; b < step->blocks.n; b++) {
            uint32_t inside = most_arguments(step->blocks.at[b]);
            if (inside > most) most = inside;
        }
    }
    return most;
}

static void add_attributes(plan_emitter *e, LLVMValueRef function) {
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(e->context, nounwind, 0));
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(e->context, "frame-pointer", 13, "all", 3));
}

// Begins the body of a function, whose first parameters are those of a plan function.
static void open_function(plan_emitter *e, LLVMValueRef function) {
    e->function = function;
    add_attributes(e, function);
    LLVMPositionBuilderAtEnd(e->b, new_block(e, "entry"));
    e->runtime = LLVMGetParam(function, 0);
    e->params = LLVMGetParam(function, 1);
    e->results = LLVMGetParam(function, 2);
    e->arena = LLVMGetParam(function, 3);
    e->arguments =
        LLVMBuildArrayAlloca(e->b, e->pointer, integer(e, most_arguments(&e->f->body)), "arguments");
    e->fail = NULL;
    e->failure = NULL;
}

static LLVMValueRef zero_status(const plan_emitter *e) { return LLVMConstInt(e->i32, 0, false); }

static void close_function(plan_emitter *e) {
    LLVMBuildRet(e->b, zero_status(e));
    if (!e->fail) return;
    LLVMPositionBuilderAtEnd(e->b, e->fail);
    LLVMBuildRet(e->b, e->failure);
}

// Returns `result` at once if the status is not zero.
static void check_status(plan_emitter *e, LLVMValueRef status, LLVMValueRef result) {
    if (!e->options->check_indices) return;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), next = new_block(e, "");
    if (!e->fail) {
        e->fail = new_block(e, "fail");
        LLVMPositionBuilderAtEnd(e->b, e->fail);
        e->failure = LLVMBuildPhi(e->b, e->i32, "");
        LLVMPositionBuilderAtEnd(e->b, here);
    }
    LLVMValueRef fine = LLVMBuildICmp(e->b, LLVMIntEQ, status, zero_status(e), "");
    LLVMBuildCondBr(e->b, fine, next, e->fail);
    LLVMAddIncoming(e->failure, &result, &here, 1);
    LLVMPositionBuilderAtEnd(e->b, next);
}

static LLVMValueRef declare(plan_emitter *e, const char *name, LLVMTypeRef type) {
    LLVMValueRef known = LLVMGetNamedFunction(e->module, name);
    if (known) return known;
    LLVMValueRef function = LLVMAddFunction(e->module, name, type);
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(e->context, nounwind, 0));
    return function;
}

static LLVMValueRef runtime_function(plan_emitter *e, int member) {
    return load_pointer(e, e->runtime, (uint32_t)member);
}

// Steps

static void emit_kernel(plan_emitter *e, const cg_step *step) {
    const cg_kernel *k = e->plan->kernels.at[step->kernel];
    const char *symbol = e->options->kernels[step->kernel];
    int64_t n = cg_schedule_iterations(k), grain = cg_schedule_grain(k);
    LLVMValueRef code = declare(e, symbol, e->code_type), status;
    LLVMValueRef failed = LLVMConstInt(e->i32, step->kernel + 1, false);
    LLVMValueRef buffers = pass_slots(e, step->args.at, step->args.n, 0);
    if (n > grain) {
        LLVMValueRef args[] = {e->runtime, code, buffers, integer(e, n), integer(e, grain)};
        status = call(e, e->parallel_type, runtime_function(e, RUNTIME_PARALLEL), args);
    } else {
        status = call(e, e->code_type, code, (LLVMValueRef[]){buffers, integer(e, 0), integer(e, n)});
    }
    check_status(e, status, failed);
    if (!k->finish.n) return;
    const char *finish = base_format(e->plan->arena, "%s_finish", symbol);
    check_status(e, call(e, e->finish_type, declare(e, finish, e->finish_type), &buffers), failed);
}

static void emit_product(plan_emitter *e, const cg_step *step) {
    const cg_product *p = &step->product;
    int64_t numbers[] = {p->dtype,    p->batch,       p->m,          p->n,        p->k,
                         p->lda,      p->ldb,         p->ldc,        p->stride_a, p->stride_b,
                         p->stride_c, p->transpose_a, p->transpose_b};
    enum { N = sizeof numbers / sizeof *numbers };
    LLVMValueRef words[N];
    for (int i = 0; i < N; i++) words[i] = integer(e, numbers[i]);
    LLVMValueRef shape = LLVMAddGlobal(e->module, LLVMArrayType2(e->i64, N), "shape");
    LLVMSetInitializer(shape, LLVMConstArray2(e->i64, words, N));
    LLVMSetGlobalConstant(shape, true);
    LLVMSetLinkage(shape, LLVMPrivateLinkage);
    LLVMValueRef args[] = {e->runtime, shape, slot(e, step->args.at[0]), slot(e, step->args.at[1]),
                           slot(e, step->args.at[2])};
    call(e, e->product_type, runtime_function(e, RUNTIME_PRODUCT), args);
}

static void emit_copy(plan_emitter *e, const cg_step *step) {
    size_t bytes = e->f->slots.at[step->args.at[0]].type->bytes;
    LLVMBuildMemCpy(e->b, slot(e, step->args.at[0]), 1, slot(e, step->args.at[1]), 1,
                    integer(e, (int64_t)bytes));
}

static void emit_call(plan_emitter *e, const cg_step *step) {
    uint32_t n_params = e->plan->functions.at[step->callee]->source->n_params;
    LLVMValueRef params = pass_slots(e, step->args.at, n_params, 0);
    LLVMValueRef results = pass_slots(e, step->args.at + n_params, step->args.n - n_params, n_params);
    LLVMValueRef args[] = {e->runtime, params, results, element(e, e->i8, e->arena, e->f->own_bytes)};
    LLVMValueRef status = call(e, e->plan_type, e->functions[step->callee], args);
    check_status(e, status, status);
}

static void emit_exchange(plan_emitter *e, const cg_step *step) {
    LLVMValueRef a = element(e, e->pointer, e->cells, e->cell[step->args.at[0]]);
    LLVMValueRef b = element(e, e->pointer, e->cells, e->cell[step->args.at[1]]);
    LLVMValueRef x = LLVMBuildLoad2(e->b, e->pointer, a, ""), y = LLVMBuildLoad2(e->b, e->pointer, b, "");
    LLVMBuildStore(e->b, y, a);
    LLVMBuildStore(e->b, x, b);
}

static void emit_steps(plan_emitter *e, const cg_step *steps, uint32_t n);

static void emit_block(plan_emitter *e, const cg_step_block *block) {
    emit_steps(e, block->steps.at, block->steps.n);
}

static void emit_loop(plan_emitter *e, const cg_step *step) {
    if (!step->length) return;
    LLVMValueRef counter = element(e, e->i64, e->counters, step->loop);
    LLVMBasicBlockRef body = new_block(e, "loop"), after = new_block(e, "after");
    LLVMBuildStore(e->b, integer(e, 0), counter);
    LLVMBuildBr(e->b, body);
    LLVMPositionBuilderAtEnd(e->b, body);
    emit_block(e, step->blocks.at[0]);
    LLVMValueRef next = LLVMBuildAdd(e->b, LLVMBuildLoad2(e->b, e->i64, counter, ""), integer(e, 1), "");
    LLVMBuildStore(e->b, next, counter);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, next, integer(e, step->length), ""), body, after);
    LLVMPositionBuilderAtEnd(e->b, after);
}

static void emit_while(plan_emitter *e, const cg_step *step) {
    LLVMBasicBlockRef test = new_block(e, "test"), body = new_block(e, "body"), after = new_block(e, "after");
    LLVMBuildBr(e->b, test);
    LLVMPositionBuilderAtEnd(e->b, test);
    emit_block(e, step->blocks.at[0]);
    LLVMValueRef condition = LLVMBuildLoad2(e->b, e->i8, slot(e, step->condition), "");
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, condition, LLVMConstInt(e->i8, 0, false), ""), body,
                    after);
    LLVMPositionBuilderAtEnd(e->b, body);
    emit_block(e, step->blocks.at[1]);
    LLVMBuildBr(e->b, test);
    LLVMPositionBuilderAtEnd(e->b, after);
}

// Case 0 is for an index below it too, the last one for all above.
static void emit_branch(plan_emitter *e, const cg_step *step) {
    uint32_t n = step->blocks.n;
    bool is_bool = e->f->slots.at[step->condition].type->dtype == CV_BOOL;
    LLVMTypeRef type = is_bool ? e->i8 : e->i32;
    LLVMValueRef index = LLVMBuildLoad2(e->b, type, slot(e, step->condition), ""),
                 zero = LLVMConstInt(type, 0, false);
    if (!is_bool)
        index = LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, index, zero, ""), zero, index, "");
    LLVMBasicBlockRef after = new_block(e, "after"), last = new_block(e, "case");
    LLVMValueRef choice = LLVMBuildSwitch(e->b, index, last, n);
    for (uint32_t i = 0; i < n; i++) {
        LLVMBasicBlockRef block = i + 1 < n ? new_block(e, "case") : last;
        if (i + 1 < n) LLVMAddCase(choice, LLVMConstInt(type, i, false), block);
        LLVMPositionBuilderAtEnd(e->b, block);
        emit_block(e, step->blocks.at[i]);
        LLVMBuildBr(e->b, after);
    }
    LLVMPositionBuilderAtEnd(e->b, after);
}

static void emit_lap(plan_emitter *e, uint32_t row) {
    call(e, e->lap_type, runtime_function(e, RUNTIME_LAP), (LLVMValueRef[]){e->runtime, integer(e, row)});
}

static void emit_step(plan_emitter *e, const cg_step *step) {
    switch (step->kind) {
    case CG_STEP_KERNEL: emit_kernel(e, step); break;
    case CG_STEP_PRODUCT: emit_product(e, step); break;
    case CG_STEP_COPY: emit_copy(e, step); break;
    case CG_STEP_CALL: emit_call(e, step); break;
    case CG_STEP_LOOP: emit_loop(e, step); break;
    case CG_STEP_WHILE: emit_while(e, step); break;
    case CG_STEP_BRANCH: emit_branch(e, step); break;
    case CG_STEP_EXCHANGE: emit_exchange(e, step); break;
    }
    if (e->options->profile && step->profiled != CG_ABSENT) emit_lap(e, step->profiled);
}

// Parts

static uint32_t weight_of(const cg_step *step) {
    uint32_t weight = 1 + step->args.n / 8;
    for (uint32_t b = 0; b < step->blocks.n; b++)
        for (uint32_t i = 0; i < step->blocks.at[b]->steps.n && weight < PART_WEIGHT; i++)
            weight += weight_of(&step->blocks.at[b]->steps.at[i]);
    return weight < PART_WEIGHT ? weight : PART_WEIGHT;
}

// Steps as a function of their own, and a call of it.
static void emit_part(plan_emitter *e, const cg_step *steps, uint32_t n) {
    const char *name =
        base_format(e->plan->arena, "%s.f%u.part%u", e->f->source->name, e->number, e->n_parts++);
    LLVMValueRef part = LLVMAddFunction(e->module, name, e->part_type);
    LLVMSetLinkage(part, LLVMInternalLinkage);
    LLVMValueRef args[] = {e->runtime, e->params, e->results, e->arena, e->cells, e->counters};
    LLVMValueRef status = call(e, e->part_type, part, args);
    check_status(e, status, status);

    plan_emitter outer = *e;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    open_function(e, part);
    e->cells = LLVMGetParam(part, 4);
    e->counters = LLVMGetParam(part, 5);
    for (uint32_t i = 0; i < n; i++) emit_step(e, &steps[i]);
    close_function(e);
    outer.n_parts = e->n_parts;
    *e = outer;
    LLVMPositionBuilderAtEnd(e->b, here);
}

static void emit_steps(plan_emitter *e, const cg_step *steps, uint32_t n) {
    uint32_t whole = 0;
    for (uint32_t i = 0; i < n && whole <= PART_WEIGHT; i++) whole += weight_of(&steps[i]);
    if (whole <= PART_WEIGHT || n == 1) {
        for (uint32_t i = 0; i < n; i++) emit_step(e, &steps[i]);
        return;
    }
    for (uint32_t first = 0, weight = 0, i = 0; i < n; i++) {
        weight += weight_of(&steps[i]);
        uint32_t next = i + 1 < n ? weight_of(&steps[i + 1]) : PART_WEIGHT;
        if (weight + next <= PART_WEIGHT) continue;
        emit_part(e, steps + first, i + 1 - first);
        first = i + 1;
        weight = 0;
    }
}

// Plan functions

static void find_cells(plan_emitter *e, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        for (uint32_t k = 0; k < 2 && step->kind == CG_STEP_EXCHANGE; k++)
            if (e->cell[step->args.at[k]] == CG_ABSENT) e->cell[step->args.at[k]] = e->n_cells++;
        for (uint32_t b = 0; b < step->blocks.n; b++) find_cells(e, step->blocks.at[b]);
    }
}

static void fill_cells(plan_emitter *e) {
    for (cg_slot_id s = 0; s < e->f->slots.n; s++) {
        uint32_t cell = e->cell[s];
        if (cell == CG_ABSENT) continue;
        e->cell[s] = CG_ABSENT; // the slot's first address is not in its cell
        LLVMBuildStore(e->b, slot(e, s), element(e, e->pointer, e->cells, cell));
        e->cell[s] = cell;
    }
}

static void emit_plan_function(plan_emitter *e, uint32_t number, const char *name, bool entry) {
    base_arena *arena = e->plan->arena;
    e->number = number;
    e->f = e->plan->functions.at[number];
    e->n_parts = e->n_cells = 0;
    e->cell = base_new_array(arena, uint32_t, e->f->slots.n + 1);
    e->constants = base_new_array(arena, LLVMValueRef, e->f->slots.n + 1);
    memset(e->cell, 0xff, sizeof *e->cell * e->f->slots.n);
    find_cells(e, &e->f->body);
    LLVMValueRef function = LLVMAddFunction(e->module, name, e->plan_type);
    LLVMSetLinkage(function, entry ? LLVMExternalLinkage : LLVMInternalLinkage);
    e->functions[number] = function;
    open_function(e, function);
    e->cells = LLVMBuildArrayAlloca(e->b, e->pointer, integer(e, e->n_cells ? e->n_cells : 1), "cells");
    e->counters =
        LLVMBuildArrayAlloca(e->b, e->i64, integer(e, e->f->n_loops ? e->f->n_loops : 1), "counters");
    fill_cells(e);
    emit_block(e, &e->f->body);
    close_function(e);
}

static void make_types(plan_emitter *e) {
    LLVMTypeRef p = e->pointer, i = e->i64;
    e->code_type = LLVMFunctionType(e->i32, (LLVMTypeRef[]){p, i, i}, 3, false);
    e->finish_type = LLVMFunctionType(e->i32, &p, 1, false);
    e->plan_type = LLVMFunctionType(e->i32, (LLVMTypeRef[]){p, p, p, p}, 4, false);
    e->part_type = LLVMFunctionType(e->i32, (LLVMTypeRef[]){p, p, p, p, p, p}, 6, false);
    e->parallel_type = LLVMFunctionType(e->i32, (LLVMTypeRef[]){p, p, p, i, i}, 5, false);
    LLVMTypeRef nothing = LLVMVoidTypeInContext(e->context);
    e->product_type = LLVMFunctionType(nothing, (LLVMTypeRef[]){p, p, p, p, p}, 5, false);
    e->lap_type = LLVMFunctionType(nothing, (LLVMTypeRef[]){p, i}, 2, false);
}

static void dispose_builder(void *builder) { LLVMDisposeBuilder(builder); }

void cg_emit_plan(LLVMModuleRef module, const cg_plan *plan, const char *entry,
                  const cg_emit_plan_options *options) {
    LLVMContextRef context = LLVMGetModuleContext(module);
    plan_emitter e = {.plan = plan, .options = options, .module = module, .context = context};
    e.b = LLVMCreateBuilderInContext(context);
    base_defer(dispose_builder, e.b);
    e.i8 = LLVMInt8TypeInContext(context);
    e.i32 = LLVMInt32TypeInContext(context);
    e.i64 = LLVMInt64TypeInContext(context);
    e.pointer = LLVMPointerTypeInContext(context, 0);
    e.functions = base_new_array(plan->arena, LLVMValueRef, plan->functions.n);
    make_types(&e);
    for (uint32_t i = 0; i < plan->functions.n; i++) {
        bool last = i + 1 == plan->functions.n;
        const char *name = base_format(plan->arena, "%s.f%u", plan->functions.at[i]->source->name, i);
        emit_plan_function(&e, i, last ? entry : name, last);
    }
}
