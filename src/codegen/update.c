// In: dynamic_update_slice and scatters. Out: kernels that write only what changes.
//
// The result takes over the memory of the operand if that may be overwritten: it is a temporary or a
// loop's carry and nothing reads it any more. plan.c orders readers in front of updates so that this is
// the rule. Otherwise the operand is copied first. What is written may read the operand's memory only at
// the element that it writes; else it is made beforehand.

#include <string.h>

#include "codegen/fusion.h"

bool cg_is_update(const ir_function *f, const ir_op *op) {
    if (ir_primitives[op->primitive].traits & IR_SCATTER) return true;
    return op->primitive == IR_dynamic_update_slice && !cg_is_small_update(f, op);
}

// True if the root still reads the value: what stood between them may have become a root of its own.
static bool still_reads(cg_region *r, ir_val root, ir_val value) {
    uint32_t n;
    const ir_val *reads = cg_reads(r, root, &n);
    for (uint32_t i = 0; i < n; i++)
        if (reads[i] == value) return true;
    return false;
}

bool cg_is_free(cg_region *r, ir_val value, const ir_op *op) {
    if (!r->writable[value] || r->result[value]) return false;
    for (uint32_t i = 0; i < r->readers[value].n; i++) {
        uint32_t reader = r->readers[value].at[i];
        const ir_op *other = &r->f->ops[reader];
        if (!r->planned[reader] && other != op && still_reads(r, other->out, value)) return false;
    }
    return true;
}

// The slot that is updated: the operand's own, or the result's with a copy of the operand.
static cg_slot_id target_slot(cg_region *r, const ir_op *op, cg_step_block *block) {
    ir_val x = ir_in(r->f, op)[0], out = op->out;
    cg_slot_id from = cg_slot_of(r, x);
    bool again = false; // it is read as another operand of the update, too
    for (uint32_t k = 1; k < op->n_in; k++) again |= ir_in(r->f, op)[k] == x;
    if (r->slot[out] == CG_NO_SLOT && !again && cg_is_free(r, x, op)) {
        r->slot[out] = from;
        r->writable[out] = true;
        return from;
    }
    cg_slot_id to = cg_slot_of(r, out);
    r->writable[out] = r->owner->slots.at[to].kind == CG_SLOT_TEMPORARY;
    if (to != from) cg_copy_step(r, block, to, from);
    return to;
}

// True if the expression reads the buffer only at this offset.
static bool reads_only(const cg_kernel *k, cg_expr e, uint32_t buffer, cg_expr offset) {
    cg_expr stack[256];
    uint32_t n = 0, visited = 0;
    stack[n++] = e;
    while (n) {
        const cg_node *node = cg_node_of(k, stack[--n]);
        if (!(node->buffers >> (buffer & 63) & 1)) continue;
        if (node->kind == CG_LOAD && node->id == buffer && node->args[0] != offset) return false;
        if (++visited > 4096 || n + 3 > 256) return false;
        for (uint32_t i = 0; i < node->n_args; i++) stack[n++] = node->args[i];
    }
    return true;
}

// Makes an operand of an update in a temporary of its own.
static void make_first(cg_region *r, ir_val value, cg_step_block *block) {
    r->root[value] = true;
    cg_slot_of(r, value);
    cg_sequence alone = {.region = r, .block = block, .first = r->n_kernels};
    cg_sequence_add(&alone, value);
    cg_sequence_flush(&alone);
}

static cg_expr start_at(cg_fusion *u, const ir_op *op, uint32_t operand, int64_t size, int64_t window) {
    cg_kernel *k = u->kernel;
    cg_expr start = cg_value_at(u, &u->frame, ir_in(u->region->f, op)[operand], NULL);
    return cg_clamp(k, cg_as_index(k, start), 0, size - window);
}

static bool try_dynamic_update(cg_region *r, const ir_op *op, cg_slot_id to, cg_step_block *block) {
    const ir_function *f = r->f;
    const ir_type *type = f->types[op->out], *update = f->types[ir_in(f, op)[1]];
    cg_fusion *u = cg_fusion_new(r, update->dims, update->rank, op->place);
    cg_kernel *k = u->kernel;
    uint32_t buffer = cg_buffer_for(u, to, CG_WRITE);
    cg_expr index[IR_MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++)
        index[i] = cg_add(k, start_at(u, op, i + 2, type->dims[i], update->dims[i]), u->outer_index[i]);
    cg_expr offset = cg_offset(k, type, index);
    cg_expr value = cg_value_at(u, &u->frame, ir_in(f, op)[1], u->outer_index);
    // Starts are evaluated in every iteration: they may not come from what is written either.
    if (u->misaligned || !reads_only(k, value, buffer, offset) || cg_node_of(k, offset)->buffers >> (buffer & 63) & 1) {
        return false;
    }
    base_push(r->planner->arena, &u->after, cg_store(k, buffer, offset, value));
    cg_fusion_close(u, block);
    return true;
}

// One update after the other, since indices may repeat: the loops are no grid.
static bool try_scatter(cg_region *r, const ir_op *op, cg_slot_id to, cg_step_block *block) {
    const ir_function *f = r->f;
    base_arena *arena = r->planner->arena;
    const ir_scatter_attributes *a = op->attributes;
    const ir_val *in = ir_in(f, op);
    const ir_type *type = f->types[op->out], *indices = f->types[in[1]], *updates = f->types[in[2]];
    cg_fusion *u = cg_fusion_new(r, NULL, 0, op->place);
    cg_kernel *k = u->kernel;
    uint32_t buffer = cg_buffer_for(u, to, CG_READ_WRITE);
    cg_expr at[IR_MAX_RANK], batch[IR_MAX_RANK], window[IR_MAX_RANK], index[IR_MAX_RANK], inside = CG_ABSENT;
    cg_block *body = &u->after;
    for (uint32_t i = 0; i < updates->rank; i++) {
        uint32_t loop = cg_add_loop(k, updates->dims[i], CG_ABSENT);
        at[i] = cg_index(k, loop);
        cg_statement *statement = cg_for(k, loop);
        base_push(arena, body, statement);
        body = &statement->body;
    }
    int64_t n_batch = 0, n_window = 0, sizes[IR_MAX_RANK];
    for (uint32_t i = 0; i < updates->rank; i++)
        if (ir_dims_contain(a->update_window_dims, i)) sizes[n_window] = updates->dims[i], window[n_window++] = at[i];
        else batch[n_batch++] = at[i];
    n_window = 0;
    for (uint32_t d = 0; d < type->rank; d++) {
        bool whole = !ir_dims_contain(a->inserted_window_dims, d) && !ir_dims_contain(a->operand_batching_dims, d);
        int64_t size = whole ? sizes[n_window] : 1;
        cg_expr start = cg_int(k, 0);
        for (int64_t j = 0; j < a->operand_batching_dims.n; j++)
            if (a->operand_batching_dims.at[j] == d) start = batch[a->scatter_indices_batching_dims.at[j]];
        for (int64_t j = 0; j < a->scatter_dims_to_operand_dims.n; j++) {
            if (a->scatter_dims_to_operand_dims.at[j] != d) continue;
            cg_expr where[IR_MAX_RANK];
            memcpy(where, batch, sizeof *where * (size_t)n_batch);
            where[indices->rank - 1] = cg_int(k, j);
            start = cg_as_index(k, cg_value_at(u, &u->frame, in[1], where));
            if (a->mode != IR_CLIP) {
                cg_expr fits = cg_apply2(k, IR_and, cg_apply2(k, IR_ge, start, cg_int(k, 0)),
                                         cg_apply2(k, IR_le, start, cg_int(k, type->dims[d] - size)));
                inside = inside == CG_ABSENT ? fits : cg_apply2(k, IR_and, inside, fits);
            }
            // What is never written has an offset too, that must not be known to lie outside.
            start = cg_clamp(k, start, 0, type->dims[d] - size);
        }
        index[d] = whole ? cg_add(k, start, window[n_window++]) : start;
    }
    cg_expr value = cg_value_at(u, &u->frame, in[2], at);
    cg_expr offset = cg_offset(k, type, index);
    uint64_t touched = cg_node_of(k, value)->buffers | cg_node_of(k, offset)->buffers;
    if (inside != CG_ABSENT) touched |= cg_node_of(k, inside)->buffers;
    if (u->misaligned || touched >> (buffer & 63) & 1) {
        return false;
    }
    ir_primitive combiner = ir_combiner(op->primitive);
    if (combiner != IR_PRIMITIVE_COUNT) value = cg_apply2(k, combiner, cg_load(k, buffer, offset), value);
    if (inside != CG_ABSENT) {
        cg_statement *guard = cg_statement_new(k, CG_IF);
        guard->value = inside;
        base_push(arena, body, guard);
        body = &guard->body;
    }
    base_push(arena, body, cg_store(k, buffer, offset, value));
    cg_fusion_close(u, block);
    return true;
}

void cg_plan_update(cg_region *r, const ir_op *op, cg_step_block *block) {
    const ir_val *in = ir_in(r->f, op);
    bool (*attempt)(cg_region *, const ir_op *, cg_slot_id, cg_step_block *) =
        op->primitive == IR_dynamic_update_slice ? try_dynamic_update : try_scatter;
    cg_slot_id to = target_slot(r, op, block);
    if (attempt(r, op, to, block)) return;
    // What it writes or where depends on what it overwrites: from memory of its own, then.
    for (uint32_t k = 1; k < op->n_in; k++)
        if (r->f->def[in[k]] != IR_NONE && r->slot[in[k]] == CG_NO_SLOT) make_first(r, in[k], block);
    bool done = attempt(r, op, to, block);
    base_check(done);
}
