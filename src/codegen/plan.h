// The plan: what strings kernels together. One plan function for each program function that is
// called; bodies of loops and branches that are not inside kernels are blocks of steps.
//
// Slots are the buffers of a plan function. Their sizes are static. A slot is a parameter, a result, a
// constant, memory in the function's arena (at an offset that buffers.c decides), or a view of
// another slot. Loop carries are pairs of slots whose pointers are exchanged after each step, or one
// slot that is updated in place.
#ifndef CODEGEN_PLAN_H
#define CODEGEN_PLAN_H

#include "codegen/kernel.h"

typedef uint32_t cg_slot_id;

typedef enum cg_slot_kind {
    CG_SLOT_PARAM,    // number: the parameter. Read only
    CG_SLOT_RESULT,   // number: the result; memory from the caller
    CG_SLOT_CONSTANT, // data: bytes of the program, in the executable
    CG_SLOT_TEMPORARY,// in the arena
    CG_SLOT_SLICE,    // of slot `base` at counter of loop step * stride bytes
} cg_slot_kind;

typedef struct cg_slot {
    cg_slot_kind kind;
    const ir_type *type;
    uint32_t number;
    cg_slot_id base;
    uint32_t loop;       // of a slice: the loop (cg_step.loop) whose counter selects
    int64_t stride;      // of a slice, in bytes; negative with offset for loops that run backwards
    int64_t offset;      // of a slice: bytes added; of a temporary: place in the arena (buffers.c)
    const void *data;    // of a constant
    int64_t data_bytes;
} cg_slot;

typedef enum cg_step_kind {
    CG_STEP_KERNEL,  // kernel `kernel` on slots args
    CG_STEP_PRODUCT, // matrix product through the library: product
    CG_STEP_COPY,    // args[0] = args[1], whole
    CG_STEP_CALL,    // plan function `callee`: args are its parameters, then its results
    CG_STEP_LOOP,    // body `length` times
    CG_STEP_WHILE,   // test block, then body while the bool in slot `condition` holds
    CG_STEP_BRANCH,  // blocks[index]: slot `condition` holds a bool or s32, clamped
    CG_STEP_EXCHANGE,// the pointers of args[0] and args[1]
} cg_step_kind;

// C = A B for each of `batch`: row-major with leading dimensions, strides between batches, all in
// elements. A transposed operand is given by its flag.
typedef struct cg_product {
    cv_dtype dtype; // f32 or f64
    int64_t batch, m, n, k, lda, ldb, ldc, stride_a, stride_b, stride_c;
    bool transpose_a, transpose_b;
} cg_product;

typedef struct cg_step {
    cg_step_kind kind;
    base_vector(cg_slot_id) args;
    uint32_t kernel; // of the plan's kernels
    cg_product product;
    uint32_t callee;
    int64_t length;
    uint32_t loop;   // number of a loop, for slices
    cg_slot_id condition;
    base_vector(struct cg_step_block *) blocks; // loop: body; while: test, body; branch: one each
    ir_place place;
    uint32_t profiled; // its line in a profile, or CG_ABSENT (cg_plan_profile)
} cg_step;

typedef struct cg_step_block {
    base_vector(cg_step) steps;
} cg_step_block;

typedef struct cg_plan_function {
    const ir_function *source;
    base_vector(cg_slot) slots;
    uint32_t n_loops;
    cg_step_block body;
    base_vector(uint32_t) callees; // plan functions that its steps call
    int64_t own_bytes;   // of its temporaries; a callee's arena begins behind them
    int64_t arena_bytes; // of both
} cg_plan_function;

// The slot whose memory a slice lies in.
static inline cg_slot_id cg_slot_owner(const cg_plan_function *f, cg_slot_id slot) {
    while (f->slots.at[slot].kind == CG_SLOT_SLICE) slot = f->slots.at[slot].base;
    return slot;
}

typedef struct cg_plan {
    base_arena *arena;
    base_vector(cg_kernel *) kernels;
    base_index kernel_index;                   // kernels by hash: equal ones are one
    base_vector(cg_plan_function *) functions; // callees before callers; the last is the entry
} cg_plan;

// Program to plan: roots, kernels, steps, places of temporaries. f is simplified already. The plan goes
// with the innermost protected call and the arena.
cg_plan *cg_plan_new(base_arena *arena, const ir_function *f);
void cg_plan_free(cg_plan *plan); // what is not in the arena; cg_plan_new defers it
// Gives temporaries their places and marks what is done in place (buffers.c).
void cg_plan_buffers(cg_plan *plan);
// The lines of a profile, in the plan's arena; numbers the steps by them (profile.c).
struct cg_profiled *cg_plan_profile(const cg_plan *plan, uint32_t *n);
// plan_evaluate.c: slow, for tests. The first runs the entry.
void cg_plan_evaluate(const cg_plan *plan, void *const *params, void *const *results);
void cg_plan_evaluate_function(const cg_plan *plan, const cg_plan_function *f, void *const *params, void *const *results);
void cg_plan_print(base_text *text, const cg_plan *plan);
void cg_plan_verify(const cg_plan *plan);

#endif
