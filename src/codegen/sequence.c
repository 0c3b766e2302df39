// In: operations that go along an axis step by step. Out: a kernel for each, parallel over the other axes.
//
// What an element depends on is all elements before it, so the axis is a loop within a grid iteration, and
// what is computed on the way is no expression of an element that others could take in. The operand may be
// one: it is read once, step by step.

#include <string.h>

#include "base/error.h"
#include "codegen/fusion.h"
#include "ir/rules.h"
#include "transforms/transforms.h"

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

// What a body's arguments are: values so far, and elements at an index.
typedef struct bound {
    cg_region *region;
    const ir_op *op;
    const uint32_t *so_far;
    const cg_expr *index;
} bound;

static cg_expr argument_at(cg_fusion *u, const cg_frame *frame, ir_val param, const cg_expr *index) {
    const bound *b = frame->bindings;
    uint32_t n = b->op->n_out;
    (void)index;
    if (param < n) return cg_local_value(u->kernel, b->so_far[param]);
    return cg_value_at(u, &u->frame, ir_in(b->region->f, b->op)[param - n], b->index);
}

const ir_function *cg_scalar_function(const ir_op *op, const ir_function *held, const char *role) {
    const ir_function *f = xf_simplify(held);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        uint32_t traits = ir_primitives[f->ops[i].primitive].traits;
        if (traits & (IR_CONTROL | IR_SEQUENCE | IR_SCATTER))
            ir_fail_op(op, CV_UNSUPPORTED, "its %s holds a %s: functions of scalars are compiled without",
                       role, ir_primitives[f->ops[i].primitive].name);
    }
    return f;
}

static void plan_reduce(cg_region *r, const ir_op *op, cg_step_block *block) {
    const ir_reduce_attributes *a = op->attributes;
    base_arena *arena = r->planner->arena;
    const ir_val *in = ir_in(r->f, op);
    const ir_type *from = r->f->types[in[0]], *to = r->f->types[op->out];
    const ir_function *body = cg_scalar_function(op, a->body, "body");
    uint32_t n = op->n_out, *so_far = base_new_array(arena, uint32_t, n);
    if (n > CG_MAX_LOCALS)
        ir_fail_op(op, CV_UNSUPPORTED, "%u arrays are folded at once, at most %d are", n, CG_MAX_LOCALS);
    cg_expr index[IR_MAX_RANK];
    cg_fusion *u = cg_fusion_new(r, to->dims, to->rank, op->place);
    cg_kernel *k = u->kernel;
    cg_statement *start = cg_statement_new(k, CG_SET), *next = cg_statement_new(k, CG_SET);
    for (uint32_t i = 0; i < n; i++) {
        so_far[i] = cg_add_local(k, r->f->types[op->out + i]->dtype, 1);
        base_push(k->arena, &start->ids, so_far[i]);
        base_push(k->arena, &start->values, cg_value_at(u, &u->frame, in[n + i], NULL));
        base_push(k->arena, &next->ids, so_far[i]);
    }
    base_push(arena, &u->after, start);
    cg_block *inner = &u->after;
    for (uint32_t d = 0, kept = 0; d < from->rank; d++) {
        if (!ir_dims_contain(a->axes, d)) {
            index[d] = u->outer_index[kept++];
            continue;
        }
        uint32_t loop = cg_add_loop(k, from->dims[d], CG_ABSENT);
        cg_statement *steps = cg_for(k, loop);
        index[d] = cg_index(k, loop);
        base_push(arena, inner, steps);
        inner = &steps->body;
    }
    bound b = {r, op, so_far, index};
    cg_frame *frame = base_new(arena, cg_frame);
    *frame = (cg_frame){.f = body, .param = argument_at, .bindings = &b};
    for (uint32_t i = 0; i < n; i++)
        base_push(k->arena, &next->values, cg_value_at(u, frame, body->results[i], NULL));
    base_check(!u->misaligned);
    base_push(arena, inner, next);
    for (uint32_t i = 0; i < n; i++)
        base_push(arena, &u->after,
                  cg_store(k, cg_buffer_for(u, cg_slot_of(r, op->out + i), CG_WRITE),
                           cg_offset(k, to, u->outer_index), cg_local_value(k, so_far[i])));
    cg_fusion_close(u, block);
}

void cg_plan_sequence(cg_region *r, const ir_op *op, cg_step_block *block) {
    if (op->primitive == IR_sort)
        cg_plan_sort(r, op, block);
    else if (op->primitive == IR_reduce)
        plan_reduce(r, op, block);
    else
        plan_cumulative(r, op, block);
}
