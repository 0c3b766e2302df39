// In: operations that go along an axis step by step. Out: a kernel for each, parallel over the other axes.
//
// What an element depends on is all elements before it, so the axis is a loop within a grid iteration, and
// what is computed on the way is no expression of an element that others could take in. The operand may be
// one: it is read once, step by step.

#include <string.h>

#include "codegen/fusion.h"

// The dims, or an index, without one axis.
static void leave_out(int64_t rank, const int64_t *dims, int64_t axis, int64_t *left) {
    for (int64_t i = 0; i < rank; i++)
        if (i != axis) *left++ = dims[i];
}

// log(exp a + exp x), relative to the larger one. The difference of equal infinities is none.
static cg_expr log_add_exp(cg_kernel *k, cg_expr a, cg_expr x) {
    cv_dtype dtype = cg_node_of(k, x)->dtype;
    cg_expr difference = cg_apply2(k, IR_sub, a, x), away = cg_apply(k, IR_abs, dtype, &difference, 1);
    away = cg_apply(k, IR_neg, dtype, &away, 1);
    away = cg_apply(k, IR_exp, dtype, &away, 1);
    away = cg_apply(k, IR_log1p, dtype, &away, 1);
    cg_expr sum = cg_apply2(k, IR_add, cg_apply2(k, IR_max, a, x), away);
    cg_expr none = cg_apply2(k, IR_ne, difference, difference);
    return cg_apply(k, IR_select, dtype, (cg_expr[]){none, cg_apply2(k, IR_add, a, x), sum}, 3);
}

// The counter of a sequence is the index of its axis, or counts down to it.
static cg_expr sequence_index(cg_fusion *u, const ir_type *type, int64_t axis, bool reverse, uint32_t loop,
                              cg_expr *index) {
    cg_kernel *k = u->kernel;
    cg_expr at = cg_index(k, loop);
    if (reverse) at = cg_add(k, cg_int(k, type->dims[axis] - 1), cg_scale(k, at, -1));
    for (int64_t i = 0, next = 0; i < type->rank; i++) index[i] = i == axis ? at : u->outer_index[next++];
    return cg_offset(k, type, index);
}

static void plan_cumulative(cg_region *r, const ir_op *op, cg_step_block *block) {
    const ir_cumulative_attributes *a = op->attributes;
    const ir_type *type = r->f->types[op->out];
    base_arena *arena = r->planner->arena;
    int64_t outer[IR_MAX_RANK];
    cg_expr index[IR_MAX_RANK];
    leave_out(type->rank, type->dims, a->axis, outer);
    cg_fusion *u = cg_fusion_new(r, outer, type->rank - 1, op->place);
    cg_kernel *k = u->kernel;
    uint32_t loop = cg_add_loop(k, type->dims[a->axis], CG_ABSENT), so_far = cg_add_local(k, type->dtype, 1);
    cg_expr offset = sequence_index(u, type, a->axis, a->reverse, loop, index);
    cg_expr x = cg_value_at(u, &u->frame, ir_in(r->f, op)[0], index), before = cg_local_value(k, so_far);
    base_check(!u->misaligned);
    bool exponentials = op->primitive == IR_cumlogsumexp;
    ir_primitive combiner = exponentials ? IR_max : ir_combiner(op->primitive);
    cg_expr next = exponentials ? log_add_exp(k, before, x) : cg_apply2(k, combiner, before, x);
    cg_statement *steps = cg_for(k, loop);
    uint32_t buffer = cg_buffer_for(u, cg_slot_of(r, op->out), CG_WRITE);
    base_push(arena, &steps->body, cg_set(k, so_far, next));
    base_push(arena, &steps->body, cg_store(k, buffer, offset, before));
    base_push(arena, &u->after, cg_set(k, so_far, cg_identity(k, combiner, type->dtype)));
    base_push(arena, &u->after, steps);
    cg_fusion_close(u, block);
}

void cg_plan_sequence(cg_region *r, const ir_op *op, cg_step_block *block) {
    if (op->primitive == IR_sort) cg_plan_sort(r, op, block);
    else plan_cumulative(r, op, block);
}
