// In: a function and which parameters carry a batch axis. Out: the function of the whole batch.
//
// One rule per primitive. Inside, the batch axis is always the leading one; the ends of vmap move it
// from and to where the user wants it, and code generation sees a move as index arithmetic.

#include "transforms/activity.h"

#include "ir/rules.h"

static void batch_operation(ir_batching *c) {
    const ir_op *op = c->op;
    const ir_rules *rules = ir_rules_of(op->primitive);
    bool any = xf_any(c->batched, op->n_in);
    for (uint32_t o = 0; o < op->n_out; o++) c->out_batched[o] = false;
    ir_set_place(c->b, op);
    if (!any) {
        ir_val first = ir_emit_like(c->b, c->f, op, c->in);
        for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = first + o;
        return;
    }
    if (!rules->batch) ir_fail_op(op, CV_UNSUPPORTED, "cannot be batched: %s", rules->no_batch);
    rules->batch(c);
    for (uint32_t o = 0; o < op->n_out; o++) {
        const ir_type *type = c->f->types[op->out + o], *got = ir_type_of(c->b, c->out[o]);
        if (c->out_batched[o]) base_check(got == ir_type_insert_axis(c->b->module, type, 0, c->size));
        else base_check(got == type);
    }
}

xf_batch_result xf_batch(const ir_function *f, const bool *batched, const bool *want_out, int64_t size,
                         const char *axis_name) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, "batch");
    xf_key_mask(&key, batched, f->n_params);
    xf_key_mask(&key, want_out, f->n_results);
    xf_key_bytes(&key, &size, sizeof size);
    base_text_add(&key.text, axis_name ? axis_name : "");
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) return (xf_batch_result){memo->functions[0], memo->info};

    ir_builder *b = xf_builder(f, "batch");
    ir_val *value = base_new_array(arena, ir_val, f->n_values + 1);
    bool *is_batched = base_new_array(arena, bool, f->n_values + 1);
    uint32_t widest = 0;
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (f->ops[i].n_in > widest) widest = f->ops[i].n_in;
    ir_val *in = base_new_array(arena, ir_val, widest + 1);
    bool *in_batched = base_new_array(arena, bool, widest + 1);
    for (uint32_t i = 0; i < f->n_params; i++) {
        is_batched[i] = batched[i];
        value[i] = ir_param(b, batched[i] ? ir_type_insert_axis(f->module, f->types[i], 0, size) : f->types[i]);
    }
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        for (uint32_t k = 0; k < op->n_in; k++) {
            in[k] = value[ir_in(f, op)[k]];
            in_batched[k] = is_batched[ir_in(f, op)[k]];
        }
        batch_operation(&(ir_batching){.b = b, .f = f, .op = op, .size = size, .axis_name = axis_name, .in = in,
                                       .batched = in_batched, .out = value + op->out, .out_batched = is_batched + op->out});
    }
    ir_val *results = base_new_array(arena, ir_val, f->n_results + 1);
    bool *batched_out = base_new_array(arena, bool, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) {
        results[i] = value[f->results[i]];
        batched_out[i] = is_batched[f->results[i]];
        if (batched_out[i] || !want_out || !want_out[i]) continue;
        results[i] = ir_broadcast_leading(b, results[i], size);
        batched_out[i] = true;
    }
    const ir_function *made = ir_finish(b, results, f->n_results);
    memo = ir_memo_keep(f, key.text.at, key.text.n, made, NULL, batched_out, f->n_results);
    return (xf_batch_result){memo->functions[0], memo->info};
}

const ir_function *xf_vmap(const ir_function *f, const int64_t *in_axes, const int64_t *out_axes, int64_t size,
                           const char *axis_name) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, "vmap");
    xf_key_bytes(&key, in_axes, f->n_params * sizeof *in_axes);
    xf_key_bytes(&key, out_axes, f->n_results * sizeof *out_axes);
    xf_key_bytes(&key, &size, sizeof size);
    base_text_add(&key.text, axis_name ? axis_name : "");
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) return memo->functions[0];

    bool *batched = base_new_array(arena, bool, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) batched[i] = in_axes[i] != IR_UNMAPPED;
    // Batched, a stack that a loop carries would have its rows along a later axis.
    xf_batch_result inner = xf_batch(xf_recover_scans(f), batched, NULL, size, axis_name);
    ir_builder *b = xf_builder(f, "vmap");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) {
        const ir_type *type = f->types[i];
        int64_t axis = in_axes[i] < 0 && batched[i] ? in_axes[i] + type->rank + 1 : in_axes[i];
        if (batched[i] && (axis < 0 || axis > type->rank))
            base_raise(CV_INVALID, "vmap of %s: axis %lld of argument %u is out of range for rank %u", f->name,
                       (long long)in_axes[i], i, type->rank + 1);
        in[i] = ir_param(b, batched[i] ? ir_type_insert_axis(f->module, type, axis, size) : type);
        if (batched[i]) in[i] = ir_move_axis(b, in[i], axis, 0);
    }
    ir_inline(b, inner.function, in, out);
    for (uint32_t i = 0; i < f->n_results; i++) {
        int64_t rank = ir_result_type(f, i)->rank;
        if (out_axes[i] == IR_UNMAPPED) {
            if (inner.batched_out[i])
                base_raise(CV_INVALID, "vmap of %s: result %u depends on a mapped argument, so it needs an out axis", f->name, i);
            continue;
        }
        int64_t axis = out_axes[i] < 0 ? out_axes[i] + rank + 1 : out_axes[i];
        if (axis < 0 || axis > rank)
            base_raise(CV_INVALID, "vmap of %s: out axis %lld of result %u is out of range for rank %lld", f->name,
                       (long long)out_axes[i], i, (long long)rank + 1);
        if (!inner.batched_out[i]) out[i] = ir_broadcast_leading(b, out[i], size);
        out[i] = ir_move_axis(b, out[i], 0, axis);
    }
    const ir_function *made = ir_finish(b, out, f->n_results);
    return ir_memo_keep(f, key.text.at, key.text.n, made, NULL, NULL, 0)->functions[0];
}
