// Private to the planner (elements.c, fusion.c, loops.c, plan.c): how program values become kernels.
#ifndef CODEGEN_FUSION_H
#define CODEGEN_FUSION_H

#include "codegen/plan.h"

// The planning of one plan.
typedef base_vector(uint32_t) cg_numbers;
typedef struct cg_planner {
    cg_plan *plan;
    base_arena *arena;
    ir_module *module;
    base_vector(const ir_function *) callees; // of plan->functions, by number
} cg_planner;

#define CG_NO_SLOT UINT32_MAX

// The planning of one function body: of a plan function, or of a loop or branch inside one.
typedef struct cg_region {
    cg_planner *planner;
    cg_plan_function *owner; // whose slots these are
    const ir_function *f;
    cg_slot_id *slot;  // of every value of f: where it is in memory, or CG_NO_SLOT
    bool *root;        // of every value: it is made once, not computed again by each user
    uint32_t *uses;    // of every value, results included
    bool *result;      // of every value: it is a result
    bool *writable;    // of every value: its memory may be overwritten once nothing reads it (carries)
    bool *planned;     // of every operation
    uint32_t *kernel_of;  // of every value: the number of the kernel that makes it, from 1; 0 for none
    uint32_t n_kernels;
    cg_numbers *readers; // of every value that is a root or parameter: root operations that read it
    cg_numbers *users; // of every value: all operations with it as an operand
    base_vector(ir_val) stack, reads; // scratch of cg_reads
    uint32_t *seen, stamp;
} cg_region;

struct cg_fusion;

// What the values of a function are inside one kernel. Frames nest: the body of a loop inside a
// kernel has one of its own.
typedef struct cg_frame {
    const ir_function *f;
    const cg_slot_id *slot; // of every value, CG_NO_SLOT for what is computed; NULL: none is in memory
    // An element of a parameter that is not in memory, or CG_ABSENT if it cannot be had here.
    cg_expr (*param)(struct cg_fusion *u, const struct cg_frame *frame, ir_val param, const cg_expr *index);
    const void *bindings;   // param's own
} cg_frame;

// A value that this kernel itself makes.
typedef struct cg_produced {
    ir_val value;
    bool soft;          // no root: computed on the way, and may be computed again
    uint32_t phase;     // it is there after this one
    uint32_t local;     // reduced: the local scalar; else CG_ABSENT
    uint32_t array;     // kept for the whole grid iteration: the local array; else CG_ABSENT
    cg_expr expr;       // mapped: its expression at the phase's own index
} cg_produced;

typedef struct cg_phase {
    int64_t rank, dims[IR_MAX_RANK];
    uint32_t loops[IR_MAX_RANK];
    cg_expr index[IR_MAX_RANK]; // the counters
    cg_block *before, *body;    // in front of the loops; of the innermost loop
} cg_phase;

// An element that was asked for before.
typedef struct cg_known {
    const cg_frame *frame;
    ir_val value;
    const cg_expr *index;
    cg_expr expr;
    uint32_t phase;
    uint64_t hash;
} cg_known;

// A kernel that is being made. Its grid are the outer axes; phases run one after the other in each
// grid iteration, over inner axes of their own.
typedef struct cg_fusion {
    cg_region *region;
    cg_kernel *kernel;
    int64_t outer_rank, outer[IR_MAX_RANK];
    uint32_t outer_loops[IR_MAX_RANK];
    cg_expr outer_index[IR_MAX_RANK];
    base_vector(cg_phase) phases;
    base_vector(cg_produced) produced;
    base_vector(cg_slot_id) args; // of the kernel's buffers
    base_vector(cg_known) known;
    base_index known_index;
    cg_block after;            // stores of reduced results, at the end of a grid iteration
    cg_statement *part_store;  // of a split reduction
    uint32_t phase;  // that is being filled
    ir_val making;   // the root that is being expanded, which is not read from its own memory
    bool misaligned; // an access was met that this kernel cannot serve
    uint32_t priced; // of the kernel's nodes, those whose cost is in `price`
    int64_t price;
    bool split;      // its result is there after finish only: no root may join it
    cg_frame frame;  // of the region
} cg_fusion;

// elements.c: one element of a value. Sets u->misaligned if the kernel makes the value but not there.
cg_expr cg_value_at(cg_fusion *u, const cg_frame *frame, ir_val value, const cg_expr *index);
// The kernel's buffer for a slot.
uint32_t cg_buffer_for(cg_fusion *u, cg_slot_id slot, cg_access access);
// An index of the user's, an integer of any dtype, as s64: what that has no room for is beyond every axis.
cg_expr cg_as_index(cg_kernel *k, cg_expr x);
cg_expr cg_offset(cg_kernel *k, const ir_type *type, const cg_expr *index); // row-major
// Reductions and products of at most this many terms are written out where they are used.
enum { CG_INLINE_TERMS = 16 };
bool cg_is_inline_reduction(const ir_function *f, const ir_op *op);
int64_t cg_reduced_count(const ir_function *f, const ir_op *op);

// roots.c: which values are made once.
void cg_mark_roots(cg_region *r);
// An update of so few elements that it is an expression.
bool cg_is_small_update(const ir_function *f, const ir_op *op);
// The roots, parameters and values in memory that a root reads, itself left out. Valid until the next call.
const ir_val *cg_reads(cg_region *r, ir_val root, uint32_t *n);

// fusion.c: kernels for maps, reductions and generated products.
typedef struct cg_sequence {
    cg_region *region;
    cg_step_block *block;
    base_vector(cg_fusion *) open; // kernels that still take roots in, in the order of their steps
    uint32_t first;                // number of kernels before them
} cg_sequence;
void cg_sequence_add(cg_sequence *s, ir_val root);
void cg_sequence_flush(cg_sequence *s); // closes the open kernels and appends their steps

cg_expr cg_zero(cg_kernel *k, cv_dtype dtype);
cg_expr cg_identity(cg_kernel *k, ir_primitive combiner, cv_dtype dtype);
bool cg_is_produced(const cg_fusion *u, ir_val value); // as a root
cg_expr cg_kept_at(cg_fusion *u, cg_produced *p, const cg_expr *inner); // CG_ABSENT if it is too large
cg_expr cg_keep_or(cg_fusion *u, const cg_frame *frame, ir_val value, const cg_expr *index, cg_expr expr);
// A kernel with this grid and nothing in it; and its end: appended to the plan, a step to the block.
cg_fusion *cg_fusion_new(cg_region *r, const int64_t *outer, int64_t rank, ir_place place);
void cg_fusion_close(cg_fusion *u, cg_step_block *block);

// update.c: dynamic_update_slice and scatters, in place where the operand is not needed any more.
bool cg_is_update(const ir_function *f, const ir_op *op);
bool cg_is_free(cg_region *r, ir_val value, const ir_op *op); // writable, and nothing else will read it
void cg_plan_update(cg_region *r, const ir_op *op, cg_step_block *block);

// product.c: matrix products by the library.
bool cg_is_library_product(const ir_function *f, const ir_op *op);
void cg_plan_product(cg_region *r, const ir_op *op, cg_step_block *block);

// sequence.c: what goes along an axis step by step.
void cg_plan_sequence(cg_region *r, const ir_op *op, cg_step_block *block);
// The function that such an operation holds, simplified; raises if it is not made of operations on elements.
const ir_function *cg_scalar_function(const ir_op *op, const ir_function *held, const char *role);
void cg_plan_sort(cg_region *r, const ir_op *op, cg_step_block *block); // sort.c

// loops.c: control flow as steps.
void cg_plan_control(cg_region *r, const ir_op *op, cg_step_block *block);

// The value that v is after updates in place: the operand of an update, the initial value of a carry. IR_NONE if
// v is made anew.
ir_val cg_updated_operand(const ir_function *f, ir_val v);

// small_loops.c: a scan or while over a small state as one kernel; false if it is not small.
bool cg_loop_in_kernel(cg_region *r, const ir_op *op, cg_step_block *block);

// plan.c
uint32_t cg_add_kernel(cg_plan *plan, cg_kernel *k); // its number: that of an equal kernel if there is one
uint32_t cg_plan_callee(cg_planner *planner, const ir_function *f); // the number of its plan function
cg_slot_id cg_new_slot(cg_plan_function *owner, base_arena *arena, cg_slot slot);
cg_slot_id cg_temporary(cg_region *r, const ir_type *type);
cg_slot_id cg_slot_of(cg_region *r, ir_val value); // made if it has none yet
cg_step *cg_step_new(cg_region *r, cg_step_block *block, cg_step_kind kind, ir_place place);
void cg_copy_step(cg_region *r, cg_step_block *block, cg_slot_id to, cg_slot_id from);
// Plans a function body whose parameters are in slot[0 .. n_params). Results are put into destination[i],
// or where the planner likes, if that is CG_NO_SLOT, and then noted there.
void cg_plan_body(cg_planner *planner, cg_plan_function *owner, const ir_function *f, const cg_slot_id *params,
                  const bool *writable, cg_slot_id *destination, cg_step_block *block);

#endif
