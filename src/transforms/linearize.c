// In: a function and its active parameters. Out: its primal program, which also returns residuals,
// and a linear program from tangents and residuals to tangents.
//
// Direct: the jvp rules run once with a builder that sends every operation with a linear operand
// to the linear program and the rest to the primal one (builder.c). What crosses from primal to
// linear is a residual, unless it costs nothing to make again. No partial evaluation is needed. Loops that
// are scans are made scans before, since a `while` keeps no residuals.

#include <string.h>

#include "transforms/jvp.h"

xf_linear_result xf_linearize(const ir_function *f, const bool *active, const bool *want_out) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, "linearize");
    xf_key_mask(&key, active, f->n_params);
    xf_key_mask(&key, want_out, f->n_results);
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (!memo) {
        const ir_function *given = f;
        f = xf_recover_scans(f);
        ir_builder *b = xf_builder(f, "primal");
        b->linear = xf_builder(f, "linear");
        ir_val *value = base_new_array(arena, ir_val, f->n_values + 1);
        ir_val *tangent = base_new_array(arena, ir_val, f->n_values + 1);
        for (uint32_t i = 0; i < f->n_params; i++) value[i] = ir_param(b, f->types[i]);
        for (uint32_t i = 0; i < f->n_params; i++)
            tangent[i] = active[i] ? ir_param(b->linear, f->types[i]) | IR_LINEAR : IR_NONE;
        uint32_t n_tangents = b->linear->params.n;
        xf_forward_sweep(b, f, value, tangent);

        xf_list primal = {0}, linear = {0};
        bool *active_out = base_new_array(arena, bool, f->n_results + 1);
        for (uint32_t i = 0; i < f->n_results; i++) {
            base_push(arena, &primal, value[f->results[i]]);
            ir_val moving = tangent[f->results[i]];
            active_out[i] = moving != IR_NONE || (want_out && want_out[i]);
            if (!active_out[i]) continue;
            base_push(arena, &linear, moving != IR_NONE ? moving & ~IR_LINEAR : ir_zeros(b->linear, ir_result_type(f, i)));
        }
        uint32_t n_crossed = b->residuals.n;
        bool *kept = base_new_array(arena, bool, n_crossed + 1);
        const ir_function *linear_function = ir_finish_pruned(b->linear, linear.at, linear.n, n_tangents, kept);
        for (uint32_t i = 0; i < n_crossed; i++)
            if (kept[i]) base_push(arena, &primal, b->residuals.at[i]);
        b->linear = NULL;
        const ir_function *primal_function = ir_finish(b, primal.at, primal.n);
        if (f->module->verify) {
            bool *tangents = base_new_array(arena, bool, linear_function->n_params + 1);
            memset(tangents, true, n_tangents);
            xf_check_linear(linear_function, tangents);
        }
        memo = ir_memo_keep(given, key.text.at, key.text.n, primal_function, linear_function, active_out, f->n_results);
    }
    return (xf_linear_result){memo->functions[0], memo->functions[1], memo->info,
                              memo->functions[0]->n_results - f->n_results};
}
