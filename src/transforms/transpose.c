// In: a function that is linear in some of its parameters. Out: the function that takes cotangents
// of its results to cotangents of those parameters.
//
// One rule per linear primitive. Cotangents add up in accumulators, one for each linear value; a rule
// receives the accumulators of its operands and returns them, so that what reads a part of an array
// (a slice, a gather) adds into that part instead of adding a dense array of zeros around it.
//
// The order matters for that: an operation is ready when all users of its results are done, and
// among the ready ones those that write into parts wait until nothing else is, so that they find the
// accumulator that the others made. Without this, a loop that reads a row and then updates it would
// build a matrix of zeros in every step, depending on which of the two stands first.

#include "transforms/activity.h"

#include "ir/rules.h"

typedef struct transposing {
    const ir_function *f;
    ir_builder *b;
    base_arena *arena;
    bool *linear;      // of every value of f
    ir_val *value;     // in b, of every non-linear value of f
    ir_val *ct;        // in b, of every linear value of f: its accumulator, IR_NONE for zero
    uint32_t *waiting; // of every operation: how many uses of its results are not done yet
} transposing;

static bool has_linear_operand(const transposing *t, const ir_op *op) {
    for (uint32_t k = 0; k < op->n_in; k++)
        if (t->linear[ir_in(t->f, op)[k]]) return true;
    return false;
}

// Marks linear values, and copies the operations that have no linear operand.
static void copy_nonlinear(transposing *t) {
    const ir_function *f = t->f;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (has_linear_operand(t, op)) {
            for (uint32_t o = 0; o < op->n_out; o++) t->linear[op->out + o] = true;
            continue;
        }
        ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(t->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = t->value[ir_in(f, op)[k]];
        ir_set_place(t->b, op);
        ir_val first = ir_emit_like(t->b, f, op, in);
        for (uint32_t o = 0; o < op->n_out; o++) t->value[op->out + o] = first + o;
    }
}

static void transpose_operation(transposing *t, const ir_op *op) {
    const ir_function *f = t->f;
    const ir_primitive_info *info = &ir_primitives[op->primitive];
    bool *linear = base_new_array(t->arena, bool, op->n_in);
    ir_val *in = base_new_array(t->arena, ir_val, op->n_in), *accumulator = base_new_array(t->arena, ir_val, op->n_in);
    bool present = false;
    for (uint32_t o = 0; o < op->n_out; o++) present |= t->ct[op->out + o] != IR_NONE;
    if (!present) return;
    for (uint32_t k = 0; k < op->n_in; k++) {
        ir_val operand = ir_in(f, op)[k];
        linear[k] = t->linear[operand];
        in[k] = linear[k] ? IR_NONE : t->value[operand];
        accumulator[k] = IR_NONE;
        if (!linear[k]) continue;
        if (!(info->traits & IR_CONTROL) && !ir_is_linear_in(op->primitive, k))
            ir_fail_op(op, CV_INTERNAL, "transposed, but not linear in operand %u", k);
        // A value that stands twice among the operands gives its accumulator to the first place.
        bool again = false;
        for (uint32_t j = 0; j < k; j++) again |= ir_in(f, op)[j] == operand;
        if (!again) accumulator[k] = t->ct[operand];
    }
    const ir_rules *rules = ir_rules_of(op->primitive);
    if (!rules->transpose) ir_fail_op(op, CV_UNSUPPORTED, "has no reverse mode: %s", rules->no_transpose);
    ir_set_place(t->b, op);
    rules->transpose(&(ir_transposition){.b = t->b, .f = f, .op = op, .in = in, .linear = linear,
                                         .ct = t->ct + op->out, .accumulator = accumulator});
    for (uint32_t k = 0; k < op->n_in; k++) {
        if (!linear[k]) continue;
        ir_val operand = ir_in(f, op)[k];
        bool again = false;
        for (uint32_t j = 0; j < k; j++) again |= ir_in(f, op)[j] == operand;
        t->ct[operand] = again ? ir_accumulate(t->b, t->ct[operand], accumulator[k]) : accumulator[k];
        if (t->ct[operand] != IR_NONE) base_check(ir_type_of(t->b, t->ct[operand]) == f->types[operand]);
    }
}

// What adds into a part of an accumulator, and control flow, which takes accumulators along.
static bool writes_part(ir_primitive p) {
    return p == IR_slice || p == IR_dynamic_slice || p == IR_gather || ir_primitives[p].traits & IR_CONTROL;
}

static void transpose_all(transposing *t) {
    const ir_function *f = t->f;
    uint32_t *ready = base_new_array(t->arena, uint32_t, f->n_ops + 1), n_ready = 0;
    uint32_t *late = base_new_array(t->arena, uint32_t, f->n_ops + 1), n_late = 0;
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (t->linear[f->ops[i].out] && has_linear_operand(t, &f->ops[i]))
            for (uint32_t k = 0; k < f->ops[i].n_in; k++) {
                ir_val operand = ir_in(f, &f->ops[i])[k];
                if (t->linear[operand] && f->def[operand] != IR_NONE) t->waiting[f->def[operand]]++;
            }
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (has_linear_operand(t, &f->ops[i]) && !t->waiting[i]) {
            if (writes_part(f->ops[i].primitive)) late[n_late++] = i;
            else ready[n_ready++] = i;
        }
    while (n_ready || n_late) {
        const ir_op *op = &f->ops[n_ready ? ready[--n_ready] : late[--n_late]];
        transpose_operation(t, op);
        for (uint32_t k = 0; k < op->n_in; k++) {
            ir_val operand = ir_in(f, op)[k];
            if (!t->linear[operand] || f->def[operand] == IR_NONE || --t->waiting[f->def[operand]]) continue;
            if (writes_part(f->ops[f->def[operand]].primitive)) late[n_late++] = f->def[operand];
            else ready[n_ready++] = f->def[operand];
        }
    }
}

xf_transpose_result xf_transpose(const ir_function *f, const bool *linear, const bool *has_ct,
                                 const bool *accumulate, const bool *want_ct) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, "transpose");
    xf_key_mask(&key, linear, f->n_params);
    xf_key_mask(&key, has_ct, f->n_results);
    xf_key_mask(&key, accumulate, f->n_params);
    xf_key_mask(&key, want_ct, f->n_params);
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) return (xf_transpose_result){memo->functions[0], memo->info};

    transposing t = {.f = f, .b = xf_builder(f, "transpose"), .arena = arena,
                     .linear = base_new_array(arena, bool, f->n_values + 1),
                     .value = base_new_array(arena, ir_val, f->n_values + 1),
                     .ct = base_new_array(arena, ir_val, f->n_values + 1),
                     .waiting = base_new_array(arena, uint32_t, f->n_ops + 1)};
    for (uint32_t i = 0; i < f->n_values; i++) t.ct[i] = IR_NONE;
    for (uint32_t i = 0; i < f->n_params; i++) {
        t.linear[i] = linear[i];
        if (!linear[i]) t.value[i] = ir_param(t.b, f->types[i]);
    }
    copy_nonlinear(&t);
    ir_val *given = base_new_array(arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++)
        if (has_ct[i]) given[i] = ir_param(t.b, ir_result_type(f, i));
    // Accumulators first, so that cotangents of results that are parameters add into them.
    for (uint32_t i = 0; i < f->n_params; i++)
        if (accumulate && accumulate[i]) t.ct[i] = ir_param(t.b, f->types[i]);
    for (uint32_t i = 0; i < f->n_results; i++)
        if (has_ct[i] && t.linear[f->results[i]])
            t.ct[f->results[i]] = ir_accumulate(t.b, t.ct[f->results[i]], given[i]);
    transpose_all(&t);

    xf_list results = {0};
    bool *ct_out = base_new_array(arena, bool, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) {
        ct_out[i] = linear[i] && (t.ct[i] != IR_NONE || (want_ct && want_ct[i]));
        if (ct_out[i]) base_push(arena, &results, t.ct[i] != IR_NONE ? t.ct[i] : ir_zeros(t.b, f->types[i]));
    }
    const ir_function *made = ir_finish(t.b, results.at, results.n);
    memo = ir_memo_keep(f, key.text.at, key.text.n, made, NULL, ct_out, f->n_params);
    return (xf_transpose_result){memo->functions[0], memo->info};
}
