// In: a function. Out: its reverse mode, composed of linearization and transposition; the gradient is
// reverse mode with the cotangent one.

#include "transforms/activity.h"

#include "ir/rules.h"

// Emits f's primal results and the cotangents of its active parameters. ct[o]: of result o, or IR_NONE.
static void pull_back(ir_builder *b, const ir_function *f, const bool *active, const ir_val *params, const ir_val *ct,
                      ir_val *results, ir_val *gradients, base_arena *arena) {
    xf_linear_result lin = xf_linearize(f, active, NULL);
    ir_val *primal_out = base_new_array(arena, ir_val, lin.primal->n_results + 1);
    ir_inline(b, lin.primal, params, primal_out);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = primal_out[i];

    const ir_function *linear = lin.linear;
    bool *tangents = base_new_array(arena, bool, linear->n_params + 1);
    bool *has_ct = base_new_array(arena, bool, linear->n_results + 1);
    xf_list in = {0};
    for (uint32_t i = 0; i < lin.n_residuals; i++) base_push(arena, &in, primal_out[f->n_results + i]);
    for (uint32_t i = 0, o = 0; i < f->n_results; i++) {
        if (!lin.active_out[i]) continue;
        has_ct[o] = ct[i] != IR_NONE;
        if (has_ct[o++]) base_push(arena, &in, ct[i]);
    }
    uint32_t n_tangents = linear->n_params - lin.n_residuals;
    for (uint32_t i = 0; i < n_tangents; i++) tangents[i] = true;
    xf_transpose_result back = xf_transpose(linear, tangents, has_ct, NULL, NULL);
    ir_val *back_out = base_new_array(arena, ir_val, back.function->n_results + 1);
    ir_inline(b, back.function, in.at, back_out);
    for (uint32_t i = 0, tangent = 0, next = 0; i < f->n_params; i++) {
        if (!active[i]) continue;
        gradients[i] = back.ct_out[tangent++] ? back_out[next++] : ir_zeros(b, f->types[i]);
    }
}

const ir_function *xf_vjp(const ir_function *f, const bool *active) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, "vjp");
    xf_key_mask(&key, active, f->n_params);
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) return memo->functions[0];

    ir_builder *b = xf_builder(f, "vjp");
    ir_val *params = base_new_array(arena, ir_val, f->n_params + 1), *ct = base_new_array(arena, ir_val, f->n_results + 1);
    ir_val *results = base_new_array(arena, ir_val, f->n_results + f->n_params + 1);
    ir_val *gradients = base_new_array(arena, ir_val, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < f->n_results; i++)
        ct[i] = ir_is_differentiable(ir_result_type(f, i)->dtype) ? ir_param(b, ir_result_type(f, i)) : IR_NONE;
    pull_back(b, f, active, params, ct, results, gradients, arena);
    uint32_t n = f->n_results;
    for (uint32_t i = 0; i < f->n_params; i++)
        if (active[i]) results[n++] = gradients[i];
    const ir_function *made = ir_finish(b, results, n);
    return ir_memo_keep(f, key.text.at, key.text.n, made, NULL, NULL, 0)->functions[0];
}

const ir_function *xf_grad(const ir_function *f, const bool *active, bool with_value) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, with_value ? "value and grad" : "grad");
    xf_key_mask(&key, active, f->n_params);
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) return memo->functions[0];

    if (!f->n_results) base_raise(CV_INVALID, "grad of %s: it has no result", f->name);
    const ir_type *type = ir_result_type(f, 0);
    if (type->rank || !ir_is_differentiable(type->dtype)) {
        char text[IR_TYPE_TEXT];
        base_raise(CV_INVALID, "grad of %s: result 0 is %s, not a floating scalar", f->name, ir_type_text(type, text));
    }
    ir_builder *b = xf_builder(f, "grad");
    ir_val *params = base_new_array(arena, ir_val, f->n_params + 1), *ct = base_new_array(arena, ir_val, f->n_results + 1);
    ir_val *results = base_new_array(arena, ir_val, f->n_results + f->n_params + 1);
    ir_val *gradients = base_new_array(arena, ir_val, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 1; i < f->n_results; i++) ct[i] = IR_NONE;
    ct[0] = ir_full(b, type, 1);
    pull_back(b, f, active, params, ct, results, gradients, arena);
    uint32_t n = with_value ? f->n_results : 0;
    for (uint32_t i = 0; i < f->n_params; i++)
        if (active[i]) results[n++] = gradients[i];
    const ir_function *made = ir_finish(b, results, n);
    return ir_memo_keep(f, key.text.at, key.text.n, made, NULL, NULL, 0)->functions[0];
}
