// In: a function and which parameters move. Out: the function that also computes how its results move.
//
// One loop over the operations and one rule per primitive. Tangents that are absent are zero and
// cost nothing: an operation without a tangent operand is copied, and rules skip absent operands.

#include "transforms/jvp.h"

#include "ir/rules.h"

// Makes the primal results of an operation and, where it has a tangent operand, their tangents.
static void forward(ir_jvp *c) {
    const ir_op *op = c->op;
    const ir_rules *rules = ir_rules_of(op->primitive);
    bool control = ir_primitives[op->primitive].traits & IR_CONTROL;
    bool moves = false;
    for (uint32_t k = 0; k < op->n_in; k++) moves |= c->tangent[k] != IR_NONE;
    for (uint32_t o = 0; o < op->n_out; o++) c->tangent_out[o] = IR_NONE;
    if (moves && control) {
        ir_jvp_rule *rule = c->b->linear ? rules->linearize : rules->jvp;
        base_check(rule);
        rule(c);
    } else {
        ir_val first = ir_emit_like(c->b, c->f, op, c->in);
        for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = first + o;
        if (moves && rules->jvp && !ir_has_zero_derivative(op->primitive, c->f->types[op->out]->dtype))
            rules->jvp(c);
    }
    for (uint32_t o = 0; o < op->n_out; o++) {
        const ir_type *type = c->f->types[op->out + o];
        ir_val *tangent = &c->tangent_out[o];
        if (!ir_is_differentiable(type->dtype)) *tangent = IR_NONE;
        // What is linear and does not depend on a tangent is zero.
        if (c->b->linear && !(*tangent & IR_LINEAR)) *tangent = IR_NONE;
        if (*tangent != IR_NONE) base_check(ir_type_of(c->b, *tangent) == type);
    }
}

void xf_forward_sweep(ir_builder *b, const ir_function *f, ir_val *value, ir_val *tangent) {
    uint32_t widest = 0;
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (f->ops[i].n_in > widest) widest = f->ops[i].n_in;
    ir_val *in = base_new_array(&b->arena, ir_val, widest + 1), *moving = base_new_array(&b->arena, ir_val, widest + 1);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        for (uint32_t k = 0; k < op->n_in; k++) {
            in[k] = value[ir_in(f, op)[k]];
            moving[k] = tangent[ir_in(f, op)[k]];
        }
        ir_set_place(b, op);
        forward(&(ir_jvp){.b = b, .f = f, .op = op, .in = in, .tangent = moving,
                          .out = value + op->out, .tangent_out = tangent + op->out});
    }
}

xf_jvp_result xf_jvp(const ir_function *f, const bool *active, const bool *want_out) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, "jvp");
    xf_key_mask(&key, active, f->n_params);
    xf_key_mask(&key, want_out, f->n_results);
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) return (xf_jvp_result){memo->functions[0], memo->info};

    ir_builder *b = xf_builder(f, "jvp");
    ir_val *value = base_new_array(arena, ir_val, f->n_values + 1), *tangent = base_new_array(arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) value[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < f->n_params; i++) tangent[i] = active[i] ? ir_param(b, f->types[i]) : IR_NONE;
    xf_forward_sweep(b, f, value, tangent);

    xf_list results = {0};
    bool *active_out = base_new_array(arena, bool, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) base_push(arena, &results, value[f->results[i]]);
    for (uint32_t i = 0; i < f->n_results; i++) {
        ir_val moving = tangent[f->results[i]];
        active_out[i] = moving != IR_NONE || (want_out && want_out[i]);
        if (!active_out[i]) continue;
        base_push(arena, &results, moving != IR_NONE ? moving : ir_zeros(b, ir_result_type(f, i)));
    }
    const ir_function *made = ir_finish(b, results.at, results.n);
    memo = ir_memo_keep(f, key.text.at, key.text.n, made, NULL, active_out, f->n_results);
    return (xf_jvp_result){memo->functions[0], memo->info};
}
