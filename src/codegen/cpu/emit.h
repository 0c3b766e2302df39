// Private to the emitter of kernels: its state, and what its files ask of each other.
//
// Code is written in SSA form directly. Scopes are the open loops and branches, outermost (the
// function's entry) first. An expression is written into the outermost scope where all that it depends
// on is there, before the branch that leads into the next scope; its value is remembered with that
// scope. So nothing that a loop repeats is computed in it, and nothing is computed twice.
//
// Remembered values are checked, not removed: time goes on with each event that gives a counter, local or
// memory another value, and a value older than the last event of something that it depends on is
// none; neither is one of a scope that was left.
#ifndef CODEGEN_CPU_EMIT_H
#define CODEGEN_CPU_EMIT_H

#include "codegen/cpu/emit_kernel.h"
#include "codegen/kernel_nodes.h"
#include "codegen/llvm/math.h"

enum { CG_MAX_SCOPES = 256, CG_MAX_LANES = 64 };

typedef struct emit_value {
    LLVMValueRef value;
    uint64_t time;
    uint32_t scope, depth, lanes;
} emit_value;

typedef struct emit_scope {
    uint32_t id;
    LLVMBasicBlockRef block; // the last one: what leads into the inner scope ends it
    bool branch;             // of a CG_IF: only index arithmetic is moved out
    bool may_not_run;        // although the scope around it does: an access that may be outside stays in
} emit_scope;

// The last event that changed something, and the scope that it happened in.
typedef struct emit_event {
    uint64_t time;
    uint32_t depth;
} emit_event;

typedef struct emit {
    base_arena arena; // of what goes when the kernel is written
    const cg_kernel *k;
    const cg_emit_options *options;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef b;
    LLVMValueRef function;
    LLVMTypeRef i1, i8, i32, i64, pointer;
    cg_math math;

    emit_value *scalar; // of every expression: its value; of one that varies in a vector loop: in lane 0
    emit_value *wide;   // in all lanes
    emit_scope scopes[CG_MAX_SCOPES];
    uint32_t depth, n_scopes;
    uint64_t now;

    struct {
        LLVMValueRef counter; // of lane 0
        emit_event event;
        uint32_t multiple;    // the counter is a multiple of this power of two
    } loops[CG_MAX_LOOPS];
    struct {
        LLVMValueRef value;  // scalars: one value, or one for each lane
        LLVMValueRef memory; // arrays
        emit_event event;
    } locals[CG_MAX_LOCALS];
    LLVMValueRef *pointers;  // of every buffer
    LLVMBasicBlockRef *fail; // of every buffer: where a failed check goes, or NULL
    LLVMValueRef *scope_list, *others_list; // of every buffer: alias metadata
    emit_event stores[64];   // to buffers, by the number of their memory modulo 64
    uint64_t memories[64];   // which of those a mask of buffers stands for

    uint32_t lanes, vector_loop; // of the open vector loop; 1 lane: none is open
    uint64_t wide_locals;        // that have a value for each lane in it
    struct emit_want { cg_expr expr; bool wide; } *stack; // expressions that wait for others
    uint32_t n_stack, stack_capacity;
} emit;

// emit_value.c
LLVMValueRef emit_scalar(emit *e, cg_expr expr);
LLVMValueRef emit_wide(emit *e, cg_expr expr);  // scalar if no vector loop is open
bool emit_varies(const emit *e, cg_expr expr);
LLVMValueRef emit_apply(emit *e, ir_primitive primitive, cv_dtype from, cv_dtype to, const LLVMValueRef *args);
static inline emit_event emit_happens(emit *e) { return (emit_event){++e->now, e->depth}; }

// emit_memory.c: positions are those of the builder.
typedef enum emit_motion { EMIT_FORWARD, EMIT_BACKWARD, EMIT_STRIDED, EMIT_SCATTERED } emit_motion;
// How an offset moves along the lanes; *stride is set unless scattered.
emit_motion emit_motion_of(const emit *e, cg_expr offset, int64_t *stride);
void emit_open_buffers(emit *e, LLVMValueRef buffers);
void emit_local_arrays(emit *e);
LLVMValueRef emit_load(emit *e, const cg_node *n, bool wide); // CG_LOAD, CG_ELEMENT; offsets are there
void emit_store(emit *e, const cg_statement *s);              // CG_STORE, CG_PUT
bool emit_is_inside(const emit *e, const cg_node *n);         // whatever the loops do

// emit_lanes.c
LLVMTypeRef emit_type(const emit *e, cv_dtype dtype);        // of a value
LLVMTypeRef emit_memory_type(const emit *e, cv_dtype dtype); // of an element in memory: bool is a byte
LLVMTypeRef emit_wide_type(LLVMTypeRef type, uint32_t lanes);
LLVMValueRef emit_constant(const emit *e, cv_dtype dtype, const union ir_scalar *value);
LLVMValueRef emit_splat(emit *e, LLVMValueRef value, uint32_t lanes);
LLVMValueRef emit_iota(const emit *e, uint32_t lanes);       // 0, 1, ... as i64
LLVMValueRef emit_shuffle(emit *e, LLVMValueRef value, uint32_t first, int step, uint32_t lanes);
LLVMValueRef emit_lane(emit *e, LLVMValueRef value, uint32_t lane);
// What a lane begins with before it combines; and lanes put together: from lanes to `to` (1: a scalar).
LLVMValueRef emit_neutral(emit *e, ir_primitive combiner, cv_dtype dtype, LLVMValueRef initial, uint32_t lanes);
bool emit_is_idempotent(ir_primitive combiner);
LLVMValueRef emit_fold(emit *e, ir_primitive combiner, cv_dtype dtype, LLVMValueRef value, uint32_t lanes, uint32_t to);
// (value, index) pairs of CG_ARG: the better of two, which becomes the first; lanes put together.
typedef struct emit_pair {
    LLVMValueRef value, index;
} emit_pair;
emit_pair emit_better(emit *e, ir_primitive combiner, cv_dtype dtype, cv_dtype index, emit_pair x, emit_pair y);
emit_pair emit_fold_pair(emit *e, ir_primitive combiner, cv_dtype dtype, cv_dtype index, emit_pair x, uint32_t lanes,
                         uint32_t to);

// emit_kernel.c: goes on in another block.
void emit_continue(emit *e, LLVMBasicBlockRef block);
LLVMBasicBlockRef emit_new_block(emit *e, const char *name);
LLVMValueRef emit_int(const emit *e, int64_t value);

#endif
