// Derivatives, transposition and batching of `call`: the call of the callee's transform, which is
// made once however often the callee is called.

#include "transforms/activity.h"

#include "ir/primitives/control.h"

static const ir_function *callee_of(const ir_op *op) {
    return ((const ir_call_attributes *)op->attributes)->function;
}

static ir_val emit_call(ir_builder *b, const ir_function *callee, xf_list in) {
    return ir_emit(b, IR_call, in.at, in.n, &(ir_call_attributes){callee});
}

static bool *present(base_arena *arena, const ir_val *values, uint32_t n) {
    bool *mask = base_new_array(arena, bool, n + 1);
    for (uint32_t i = 0; i < n; i++) mask[i] = values[i] != IR_NONE;
    return mask;
}

void ir_call_jvp(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    xf_jvp_result jvp = xf_jvp(callee_of(op), present(arena, c->tangent, op->n_in), NULL);
    xf_list in = {0};
    for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &in, c->in[k]);
    for (uint32_t k = 0; k < op->n_in; k++)
        if (c->tangent[k] != IR_NONE) base_push(arena, &in, c->tangent[k]);
    ir_val next = emit_call(c->b, jvp.function, in);
    for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = next++;
    for (uint32_t o = 0; o < op->n_out; o++)
        if (jvp.active_out[o]) c->tangent_out[o] = next++;
}

void ir_call_linearize(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    xf_linear_result lin = xf_linearize(callee_of(op), present(arena, c->tangent, op->n_in), NULL);
    xf_list in = {0}, linear_in = {0};
    for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &in, c->in[k]);
    ir_val next = emit_call(c->b, lin.primal, in);
    for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = next++;
    if (!lin.linear->n_results) return;
    for (uint32_t k = 0; k < op->n_in; k++)
        if (c->tangent[k] != IR_NONE) base_push(arena, &linear_in, c->tangent[k]);
    for (uint32_t i = 0; i < lin.n_residuals; i++) base_push(arena, &linear_in, next++);
    ir_val tangent = emit_call(c->b, lin.linear, linear_in);
    for (uint32_t o = 0; o < op->n_out; o++)
        if (lin.active_out[o]) c->tangent_out[o] = tangent++;
}

void ir_call_transpose(ir_transposition *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    const bool *accumulate = present(arena, c->accumulator, op->n_in);
    xf_transpose_result back = xf_transpose(callee_of(op), c->linear, present(arena, c->ct, op->n_out), accumulate, NULL);
    xf_list in = {0};
    for (uint32_t k = 0; k < op->n_in; k++)
        if (!c->linear[k]) base_push(arena, &in, c->in[k]);
    for (uint32_t o = 0; o < op->n_out; o++)
        if (c->ct[o] != IR_NONE) base_push(arena, &in, c->ct[o]);
    for (uint32_t k = 0; k < op->n_in; k++)
        if (accumulate[k]) base_push(arena, &in, c->accumulator[k]);
    if (!back.function->n_results) return;
    ir_val next = emit_call(c->b, back.function, in);
    for (uint32_t k = 0; k < op->n_in; k++)
        if (back.ct_out[k]) c->accumulator[k] = next++;
}

void ir_call_batch(ir_batching *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    xf_batch_result batch = xf_batch(callee_of(op), c->batched, NULL, c->size, c->axis_name);
    xf_list in = {0};
    for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &in, c->in[k]);
    ir_val next = emit_call(c->b, batch.function, in);
    for (uint32_t o = 0; o < op->n_out; o++) {
        c->out[o] = next++;
        c->out_batched[o] = batch.batched_out[o];
    }
}
