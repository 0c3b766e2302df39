// Derivatives, transposition and batching of `cond`: the same cond over transformed branches.
//
// All branches must agree on what they return. So a result is active if it is in any branch, and the
// residuals that branches leave for their linear programs share slots: a slot of a type is used by
// every branch that needs one, and filled with zeros by the others.

#include "transforms/activity.h"

#include <string.h>

#include "ir/primitives/control.h"

static ir_functions branches_of(const ir_op *op) {
    return ((const ir_cond_attributes *)op->attributes)->branches;
}

static ir_val emit_cond(ir_builder *b, const ir_function *const *branches, int64_t n, xf_list in) {
    return ir_emit(b, IR_cond, in.at, in.n, &(ir_cond_attributes){{n, branches}});
}

// The results that move in any branch.
static bool *active_in_any(base_arena *arena, const ir_op *op, const bool *active) {
    ir_functions branches = branches_of(op);
    bool *any = base_new_array(arena, bool, op->n_out + 1), *one = base_new_array(arena, bool, op->n_out + 1);
    for (int64_t k = 0; k < branches.n; k++) {
        xf_active_results(branches.at[k], active, one);
        for (uint32_t o = 0; o < op->n_out; o++) any[o] |= one[o];
    }
    return any;
}

static bool *moving_operands(base_arena *arena, const ir_jvp *c) {
    bool *active = base_new_array(arena, bool, c->op->n_in);
    for (uint32_t k = 1; k < c->op->n_in; k++) active[k - 1] = c->tangent[k] != IR_NONE;
    return active;
}

void ir_cond_jvp(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    ir_functions branches = branches_of(op);
    const bool *active = moving_operands(arena, c), *want = active_in_any(arena, op, active);
    const ir_function **made = base_new_array(arena, const ir_function *, branches.n);
    for (int64_t k = 0; k < branches.n; k++) made[k] = xf_jvp(branches.at[k], active, want).function;
    xf_list in = {0};
    for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &in, c->in[k]);
    for (uint32_t k = 1; k < op->n_in; k++)
        if (active[k - 1]) base_push(arena, &in, c->tangent[k]);
    ir_val next = emit_cond(c->b, made, branches.n, in);
    for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = next++;
    for (uint32_t o = 0; o < op->n_out; o++)
        if (want[o]) c->tangent_out[o] = next++;
}

// Slots for the residuals of all branches. slot[k][i]: where residual i of branch k goes.
typedef struct slots {
    base_vector(const ir_type *) types;
    uint32_t **slot;
} slots;

static slots share_slots(base_arena *arena, const xf_linear_result *lin, int64_t n) {
    slots s = {.slot = base_new_array(arena, uint32_t *, n)};
    for (int64_t k = 0; k < n; k++) {
        const ir_function *primal = lin[k].primal;
        uint32_t first = primal->n_results - lin[k].n_residuals;
        s.slot[k] = base_new_array(arena, uint32_t, lin[k].n_residuals + 1);
        bool *taken = base_new_array(arena, bool, s.types.n + lin[k].n_residuals + 1);
        for (uint32_t i = 0; i < lin[k].n_residuals; i++) {
            const ir_type *type = ir_result_type(primal, first + i);
            uint32_t at = 0;
            while (at < s.types.n && (taken[at] || s.types.at[at] != type)) at++;
            if (at == s.types.n) base_push(arena, &s.types, type);
            taken[at] = true;
            s.slot[k][i] = at;
        }
    }
    return s;
}

// The primal branch, its residuals in their slots.
static const ir_function *primal_branch(const xf_linear_result *lin, const slots *s, const uint32_t *slot,
                                        base_arena *arena) {
    const ir_function *f = lin->primal;
    uint32_t n_primal = f->n_results - lin->n_residuals;
    ir_builder *b = xf_builder(f, "branch");
    ir_val *params = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = ir_param(b, f->types[i]);
    ir_inline(b, f, params, out);
    ir_val *results = base_new_array(arena, ir_val, n_primal + s->types.n + 1);
    for (uint32_t i = 0; i < n_primal; i++) results[i] = out[i];
    for (uint32_t i = 0; i < s->types.n; i++) results[n_primal + i] = IR_NONE;
    for (uint32_t i = 0; i < lin->n_residuals; i++) results[n_primal + slot[i]] = out[n_primal + i];
    for (uint32_t i = 0; i < s->types.n; i++)
        if (results[n_primal + i] == IR_NONE) results[n_primal + i] = ir_zeros(b, s->types.at[i]);
    return ir_finish(b, results, n_primal + s->types.n);
}

// The linear branch, which picks its residuals out of the slots.
static const ir_function *linear_branch(const xf_linear_result *lin, const slots *s, const uint32_t *slot,
                                        base_arena *arena) {
    const ir_function *f = lin->linear;
    uint32_t n_tangents = f->n_params - lin->n_residuals;
    ir_builder *b = xf_builder(f, "branch");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    ir_val *shared = base_new_array(arena, ir_val, s->types.n + 1);
    for (uint32_t i = 0; i < n_tangents; i++) in[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < s->types.n; i++) shared[i] = ir_param(b, s->types.at[i]);
    for (uint32_t i = 0; i < lin->n_residuals; i++) in[n_tangents + i] = shared[slot[i]];
    ir_inline(b, f, in, out);
    return ir_finish(b, out, f->n_results);
}

void ir_cond_linearize(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    ir_functions branches = branches_of(op);
    const bool *active = moving_operands(arena, c), *want = active_in_any(arena, op, active);
    xf_linear_result *lin = base_new_array(arena, xf_linear_result, branches.n);
    for (int64_t k = 0; k < branches.n; k++) lin[k] = xf_linearize(branches.at[k], active, want);
    slots s = share_slots(arena, lin, branches.n);
    const ir_function **primal = base_new_array(arena, const ir_function *, branches.n);
    const ir_function **linear = base_new_array(arena, const ir_function *, branches.n);
    for (int64_t k = 0; k < branches.n; k++) {
        primal[k] = primal_branch(&lin[k], &s, s.slot[k], arena);
        linear[k] = linear_branch(&lin[k], &s, s.slot[k], arena);
    }
    xf_list in = {0}, linear_in = {0};
    for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &in, c->in[k]);
    ir_val next = emit_cond(c->b, primal, branches.n, in);
    for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = next++;
    if (!xf_any(want, op->n_out)) return;
    base_push(arena, &linear_in, c->in[0]);
    for (uint32_t k = 1; k < op->n_in; k++)
        if (active[k - 1]) base_push(arena, &linear_in, c->tangent[k]);
    for (uint32_t i = 0; i < s.types.n; i++) base_push(arena, &linear_in, next++);
    ir_val tangent = emit_cond(c->b, linear, branches.n, linear_in);
    for (uint32_t o = 0; o < op->n_out; o++)
        if (want[o]) c->tangent_out[o] = tangent++;
}

void ir_cond_transpose(ir_transposition *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    ir_functions branches = branches_of(op);
    uint32_t n = op->n_in - 1;
    bool *has_ct = base_new_array(arena, bool, op->n_out + 1), *accumulate = base_new_array(arena, bool, n + 1);
    bool *want = base_new_array(arena, bool, n + 1), *one = base_new_array(arena, bool, n + 1);
    for (uint32_t o = 0; o < op->n_out; o++) has_ct[o] = c->ct[o] != IR_NONE;
    for (int64_t k = 0; k < branches.n; k++) {
        xf_reaches(branches.at[k], c->linear + 1, has_ct, one);
        for (uint32_t i = 0; i < n; i++) want[i] |= one[i];
    }
    if (!xf_any(want, n)) return;
    for (uint32_t i = 0; i < n; i++) accumulate[i] = want[i] && c->accumulator[i + 1] != IR_NONE;
    const ir_function **made = base_new_array(arena, const ir_function *, branches.n);
    for (int64_t k = 0; k < branches.n; k++)
        made[k] = xf_transpose(branches.at[k], c->linear + 1, has_ct, accumulate, want).function;
    xf_list in = {0};
    for (uint32_t k = 0; k < op->n_in; k++)
        if (!c->linear[k]) base_push(arena, &in, c->in[k]);
    for (uint32_t o = 0; o < op->n_out; o++)
        if (has_ct[o]) base_push(arena, &in, c->ct[o]);
    for (uint32_t i = 0; i < n; i++)
        if (accumulate[i]) base_push(arena, &in, c->accumulator[i + 1]);
    ir_val next = emit_cond(c->b, made, branches.n, in);
    for (uint32_t i = 0; i < n; i++)
        if (want[i]) c->accumulator[i + 1] = next++;
}

// With one index for all, a cond over batched branches. With an index for each, every branch runs
// on the whole batch and each element selects its own.
void ir_cond_batch(ir_batching *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    ir_functions branches = branches_of(op);
    bool *want = base_new_array(arena, bool, op->n_out + 1), *one = base_new_array(arena, bool, op->n_out + 1);
    for (int64_t k = 0; k < branches.n; k++) {
        xf_depends(branches.at[k], XF_ANY, c->batched + 1, one);
        for (uint32_t o = 0; o < op->n_out; o++) want[o] |= one[o] || c->batched[0];
    }
    const ir_function **made = base_new_array(arena, const ir_function *, branches.n);
    for (int64_t k = 0; k < branches.n; k++)
        made[k] = xf_batch(branches.at[k], c->batched + 1, want, c->size, c->axis_name).function;
    for (uint32_t o = 0; o < op->n_out; o++) c->out_batched[o] = want[o];
    if (!c->batched[0]) {
        xf_list in = {0};
        for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &in, c->in[k]);
        ir_val next = emit_cond(c->b, made, branches.n, in);
        for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = next++;
        return;
    }
    ir_val index = ir_convert(c->b, c->in[0], CV_S32);
    ir_val *out = base_new_array(arena, ir_val, op->n_out + 1);
    // Indices out of range mean the first or the last branch.
    for (int64_t k = branches.n; k-- > 0;) {
        ir_inline(c->b, made[k], c->in + 1, out);
        ir_val here = ir_le(c->b, index, ir_full(c->b, ir_type_of(c->b, index), (double)k));
        for (uint32_t o = 0; o < op->n_out; o++) {
            const ir_type *type = ir_type_of(c->b, out[o]);
            ir_val chosen = ir_broadcast_in_dim(c->b, here, ir_shape(type), IR_DIMS(0));
            c->out[o] = k == branches.n - 1 ? out[o] : ir_select(c->b, chosen, out[o], c->out[o]);
        }
    }
}
