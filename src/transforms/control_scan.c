// Derivatives, transposition and batching of `scan`.
//
// Linearization splits a scan into a forward one, which also stacks the residuals of each step, and a
// linear one, which reads them. What need not be stacked is not: a residual that is a slice of an
// input is read from that input again, and one that does not change from step to step is computed
// once, in front of the loop.
//
// Transposition runs backwards. The cotangents of carries are its carries; so are the accumulators of
// linear constants, which every step adds to, in place. Cotangents of sliced inputs are stacked.

#include "transforms/activity.h"

#include <string.h>

#include "ir/primitives/control.h"

// Operands: constants [0, c), carries [c, c + n), xs [c + n, n_in). Results: carries, then ys.
typedef struct parts {
    const ir_scan_attributes *a;
    const ir_function *body;
    uint32_t c, n, x, y;
} parts;

static parts parts_of(const ir_op *op) {
    const ir_scan_attributes *a = op->attributes;
    uint32_t c = (uint32_t)a->constants, n = (uint32_t)a->carries;
    return (parts){a, a->body, c, n, op->n_in - c - n, op->n_out - n};
}

static ir_val emit_scan(ir_builder *b, const ir_function *body, xf_list constants, xf_list carries, xf_list xs,
                        int64_t length, bool reverse) {
    base_arena *arena = xf_scratch();
    ir_scan_attributes a = {body, constants.n, carries.n, length, reverse};
    for (uint32_t i = 0; i < carries.n; i++) base_push(arena, &constants, carries.at[i]);
    for (uint32_t i = 0; i < xs.n; i++) base_push(arena, &constants, xs.at[i]);
    return ir_emit(b, IR_scan, constants.at, constants.n, &a);
}

// The body's parameter mask at the fixed point of the carries.
static bool *body_mask(base_arena *arena, parts p, xf_dependence kind, const bool *operands) {
    bool *mask = base_arena_copy(arena, operands, p.c + p.n + p.x);
    bool *results = base_new_array(arena, bool, p.n + p.y + 1);
    xf_depends_loop(p.body, kind, mask, p.c, p.n, results);
    return mask;
}

static bool *moving_operands(base_arena *arena, const ir_jvp *c) {
    bool *active = base_new_array(arena, bool, c->op->n_in + 1);
    for (uint32_t k = 0; k < c->op->n_in; k++) active[k] = c->tangent[k] != IR_NONE;
    return active;
}

// The results that must have a tangent: active carries.
static bool *wanted(base_arena *arena, parts p, const bool *mask) {
    bool *want = base_new_array(arena, bool, p.n + p.y + 1);
    memcpy(want, mask + p.c, p.n);
    return want;
}

// A parameter of a body, and the same of the function that the body wraps.
static void param_at(ir_builder *b, const ir_function *f, ir_val *in, uint32_t at) {
    in[at] = ir_param(b, f->types[at]);
}

// jvp of the body with parameters (constants, their tangents, carries, theirs, xs, theirs) and
// results (carries, theirs, ys, theirs).
static const ir_function *body_with_tangents(parts p, const bool *mask, const bool **active_out, base_arena *arena) {
    xf_jvp_result jvp = xf_jvp(p.body, mask, wanted(arena, p, mask));
    const ir_function *f = jvp.function;
    *active_out = jvp.active_out;
    ir_builder *b = xf_builder(p.body, "jvp");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    uint32_t bounds[] = {0, p.c, p.c + p.n, p.c + p.n + p.x}, tangent = bounds[3];
    for (int group = 0; group < 3; group++) {
        for (uint32_t i = bounds[group]; i < bounds[group + 1]; i++) param_at(b, f, in, i);
        for (uint32_t i = bounds[group]; i < bounds[group + 1]; i++)
            if (mask[i]) param_at(b, f, in, tangent++);
    }
    ir_inline(b, f, in, out);
    xf_list results = {0};
    uint32_t tangent_out = p.n + p.y;
    for (uint32_t i = 0; i < p.n; i++) base_push(arena, &results, out[i]);
    for (uint32_t i = 0; i < p.n; i++)
        if (jvp.active_out[i]) base_push(arena, &results, out[tangent_out++]);
    for (uint32_t i = p.n; i < p.n + p.y; i++) base_push(arena, &results, out[i]);
    for (uint32_t i = p.n; i < p.n + p.y; i++)
        if (jvp.active_out[i]) base_push(arena, &results, out[tangent_out++]);
    return ir_finish(b, results.at, results.n);
}

static ir_val tangent_or_zeros(const ir_jvp *c, uint32_t k) {
    return c->tangent[k] != IR_NONE ? c->tangent[k] : ir_zeros(c->b, ir_type_of(c->b, c->in[k]));
}

void ir_scan_jvp(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    parts p = parts_of(op);
    const bool *mask = body_mask(arena, p, XF_DIFFERENTIABLE, moving_operands(arena, c)), *active_out;
    const ir_function *body = body_with_tangents(p, mask, &active_out, arena);
    xf_list group[3] = {{0}, {0}, {0}};
    uint32_t bounds[] = {0, p.c, p.c + p.n, op->n_in};
    for (int g = 0; g < 3; g++) {
        for (uint32_t k = bounds[g]; k < bounds[g + 1]; k++) base_push(arena, &group[g], c->in[k]);
        for (uint32_t k = bounds[g]; k < bounds[g + 1]; k++)
            if (mask[k]) base_push(arena, &group[g], tangent_or_zeros(c, k));
    }
    ir_val next = emit_scan(c->b, body, group[0], group[1], group[2], p.a->length, p.a->reverse);
    uint32_t out_bounds[] = {0, p.n, p.n + p.y};
    for (int g = 0; g < 2; g++) {
        for (uint32_t o = out_bounds[g]; o < out_bounds[g + 1]; o++) c->out[o] = next++;
        for (uint32_t o = out_bounds[g]; o < out_bounds[g + 1]; o++)
            if (active_out[o]) c->tangent_out[o] = next++;
    }
}

// Where the linear scan finds a residual of the body.
typedef enum residual_source { STACKED, INVARIANT, INPUT } residual_source;
typedef struct residual {
    residual_source source;
    ir_val value; // in the builder around the loop, once known
} residual;

// Marks the values of the primal body that do not change from step to step.
static bool *invariant_values(base_arena *arena, const ir_function *f, uint32_t n_constants) {
    bool *invariant = base_new_array(arena, bool, f->n_values + 1);
    for (uint32_t i = 0; i < n_constants; i++) invariant[i] = true;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool all = true;
        for (uint32_t k = 0; k < op->n_in; k++) all &= invariant[ir_in(f, op)[k]];
        for (uint32_t o = 0; o < op->n_out; o++) invariant[op->out + o] = all;
    }
    return invariant;
}

// Computes the invariant residuals in front of the loop: the operations that they need, once.
static void emit_invariants(ir_jvp *c, const ir_function *f, const bool *invariant, uint32_t first, residual *residuals,
                            uint32_t n, uint32_t n_constants, base_arena *arena) {
    bool *needed = base_new_array(arena, bool, f->n_values + 1);
    ir_val *value = base_new_array(arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < n; i++)
        if (residuals[i].source == INVARIANT) needed[f->results[first + i]] = true;
    for (uint32_t i = f->n_ops; i-- > 0;) {
        const ir_op *op = &f->ops[i];
        if (!invariant[op->out] || !xf_any(needed + op->out, op->n_out)) continue;
        for (uint32_t k = 0; k < op->n_in; k++) needed[ir_in(f, op)[k]] = true;
    }
    for (uint32_t i = 0; i < n_constants; i++) value[i] = c->in[i];
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (!op->n_out || !invariant[op->out] || !xf_any(needed + op->out, op->n_out)) continue;
        ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = value[ir_in(f, op)[k]];
        ir_val made = ir_emit_like(c->b, f, op, in);
        for (uint32_t o = 0; o < op->n_out; o++) value[op->out + o] = made + o;
    }
    for (uint32_t i = 0; i < n; i++)
        if (residuals[i].source == INVARIANT) residuals[i].value = value[f->results[first + i]];
}

// The primal body returning only the residuals that are stacked.
static const ir_function *stacking_body(const ir_function *f, uint32_t n_primal, const residual *residuals, base_arena *arena) {
    ir_builder *b = xf_builder(f, "stacking");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) param_at(b, f, in, i);
    ir_inline(b, f, in, out);
    uint32_t n = n_primal;
    for (uint32_t i = n_primal; i < f->n_results; i++)
        if (residuals[i - n_primal].source == STACKED) out[n++] = out[i];
    return ir_finish(b, out, n);
}

// The linear body with parameters (tangents of constants, invariant residuals, tangents of carries,
// tangents of xs, the other residuals).
static const ir_function *linear_body(parts p, const bool *mask, const ir_function *f, const residual *residuals,
                                      uint32_t n_residuals, base_arena *arena) {
    ir_builder *b = xf_builder(f, "body");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    uint32_t constants = xf_count(mask, p.c), n_tangents = f->n_params - n_residuals;
    for (uint32_t i = 0; i < constants; i++) param_at(b, f, in, i);
    for (uint32_t i = 0; i < n_residuals; i++)
        if (residuals[i].source == INVARIANT) param_at(b, f, in, n_tangents + i);
    for (uint32_t i = constants; i < n_tangents; i++) param_at(b, f, in, i);
    for (uint32_t i = 0; i < n_residuals; i++)
        if (residuals[i].source != INVARIANT) param_at(b, f, in, n_tangents + i);
    ir_inline(b, f, in, out);
    return ir_finish(b, out, f->n_results);
}

void ir_scan_linearize(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    parts p = parts_of(op);
    const bool *mask = body_mask(arena, p, XF_DIFFERENTIABLE, moving_operands(arena, c));
    xf_linear_result lin = xf_linearize(p.body, mask, wanted(arena, p, mask));
    const ir_function *primal = lin.primal;
    uint32_t n_primal = p.n + p.y, n_residuals = lin.n_residuals;

    const bool *invariant = invariant_values(arena, primal, p.c);
    residual *residuals = base_new_array(arena, residual, n_residuals + 1);
    for (uint32_t i = 0; i < n_residuals; i++) {
        ir_val value = primal->results[n_primal + i];
        if (invariant[value]) residuals[i].source = INVARIANT;
        else if (value >= p.c + p.n && value < primal->n_params) residuals[i] = (residual){INPUT, c->in[value]};
    }
    emit_invariants(c, primal, invariant, n_primal, residuals, n_residuals, p.c, arena);

    xf_list group[3] = {{0}, {0}, {0}};
    uint32_t bounds[] = {0, p.c, p.c + p.n, op->n_in};
    for (int g = 0; g < 3; g++)
        for (uint32_t k = bounds[g]; k < bounds[g + 1]; k++) base_push(arena, &group[g], c->in[k]);
    ir_val next = emit_scan(c->b, stacking_body(primal, n_primal, residuals, arena), group[0], group[1], group[2],
                            p.a->length, p.a->reverse);
    for (uint32_t o = 0; o < op->n_out; o++) c->out[o] = next++;
    for (uint32_t i = 0; i < n_residuals; i++)
        if (residuals[i].source == STACKED) residuals[i].value = next++;
    if (!xf_any(lin.active_out, n_primal)) return;

    xf_list linear[3] = {{0}, {0}, {0}};
    for (int g = 0; g < 3; g++)
        for (uint32_t k = bounds[g]; k < bounds[g + 1]; k++)
            if (mask[k]) base_push(arena, &linear[g], tangent_or_zeros(c, k));
    for (uint32_t i = 0; i < n_residuals; i++)
        base_push(arena, &linear[residuals[i].source == INVARIANT ? 0 : 2], residuals[i].value);
    const ir_function *body = linear_body(p, mask, lin.linear, residuals, n_residuals, arena);
    ir_val tangent = emit_scan(c->b, body, linear[0], linear[1], linear[2], p.a->length, p.a->reverse);
    for (uint32_t o = 0; o < op->n_out; o++)
        if (lin.active_out[o]) c->tangent_out[o] = tangent++;
}

// What a linear scan's transposition knows. Masks are of the body's parameters and results.
typedef struct backward {
    parts p;
    bool *linear, *has_ct, *reached, *accumulate;
    const ir_function *f; // the transposed body, and its body mask of cotangents
    const bool *ct_out;
} backward;

// Which carries have a cotangent, and which parameters are reached, at their common fixed point.
static backward plan_backward(const ir_transposition *c, base_arena *arena) {
    parts p = parts_of(c->op);
    uint32_t n_params = p.c + p.n + p.x, n_results = p.n + p.y;
    backward w = {.p = p, .has_ct = base_new_array(arena, bool, n_results + 1),
                  .reached = base_new_array(arena, bool, n_params + 1),
                  .accumulate = base_new_array(arena, bool, n_params + 1)};
    // A carry that starts from a constant zero is linear if what the body makes of it is.
    w.linear = body_mask(arena, p, XF_ANY, c->linear);
    for (uint32_t i = 0; i < p.n; i++)
        if (!w.linear[p.c + i])
            ir_fail_op(c->op, CV_INTERNAL, "transposed, but carry %u of the linear loop is not linear", i);
    for (uint32_t o = 0; o < n_results; o++) w.has_ct[o] = c->ct[o] != IR_NONE;
    for (bool grown = true; grown;) {
        grown = false;
        xf_reaches(p.body, w.linear, w.has_ct, w.reached);
        for (uint32_t i = 0; i < p.n; i++) {
            if (w.reached[p.c + i] && !w.has_ct[i]) w.has_ct[i] = grown = true;
            w.reached[p.c + i] |= w.has_ct[i];
        }
    }
    for (uint32_t i = 0; i < p.c; i++) w.accumulate[i] = w.reached[i];
    xf_transpose_result back = xf_transpose(p.body, w.linear, w.has_ct, w.accumulate, w.reached);
    w.f = back.function;
    w.ct_out = back.ct_out;
    return w;
}

// The transposed body with parameters (non-linear constants; cotangents of carries, accumulators;
// cotangents of ys, non-linear xs) and results (cotangents of carries, accumulators; of xs).
static const ir_function *backward_body(const backward *w, base_arena *arena) {
    const ir_function *f = w->f;
    parts p = w->p;
    ir_builder *b = xf_builder(p.body, "back");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), *out = base_new_array(arena, ir_val, f->n_results + 1);
    // f's parameters: non-linear constants, non-linear xs, cotangents of carries, of ys, accumulators.
    uint32_t constants = 0, xs = 0, carries = xf_count(w->has_ct, p.n), ys = xf_count(w->has_ct + p.n, p.y);
    for (uint32_t i = 0; i < p.c; i++) constants += !w->linear[i];
    for (uint32_t i = 0; i < p.x; i++) xs += !w->linear[p.c + p.n + i];
    uint32_t first_carry = constants + xs, first_y = first_carry + carries, first_accumulator = first_y + ys;
    for (uint32_t i = 0; i < constants; i++) param_at(b, f, in, i);
    for (uint32_t i = first_carry; i < first_y; i++) param_at(b, f, in, i);
    for (uint32_t i = first_accumulator; i < f->n_params; i++) param_at(b, f, in, i);
    for (uint32_t i = first_y; i < first_accumulator; i++) param_at(b, f, in, i);
    for (uint32_t i = constants; i < first_carry; i++) param_at(b, f, in, i);
    ir_inline(b, f, in, out);
    // f's results: accumulators, cotangents of carries, of xs.
    uint32_t accumulators = xf_count(w->accumulate, p.c);
    xf_list results = {0};
    for (uint32_t i = 0; i < carries; i++) base_push(arena, &results, out[accumulators + i]);
    for (uint32_t i = 0; i < accumulators; i++) base_push(arena, &results, out[i]);
    for (uint32_t i = accumulators + carries; i < f->n_results; i++) base_push(arena, &results, out[i]);
    return ir_finish(b, results.at, results.n);
}

void ir_scan_transpose(ir_transposition *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    backward w = plan_backward(c, arena);
    parts p = w.p;
    uint32_t first_x = p.c + p.n;
    xf_list constants = {0}, carries = {0}, xs = {0};
    for (uint32_t i = 0; i < p.c; i++)
        if (!w.linear[i]) base_push(arena, &constants, c->in[i]);
    for (uint32_t i = 0; i < p.n; i++)
        if (w.has_ct[i])
            base_push(arena, &carries, c->ct[i] != IR_NONE ? c->ct[i] : ir_zeros(c->b, c->f->types[op->out + i]));
    for (uint32_t i = 0; i < p.c; i++)
        if (w.accumulate[i])
            base_push(arena, &carries, c->accumulator[i] != IR_NONE ? c->accumulator[i]
                                                                    : ir_zeros(c->b, ir_operand_type(c->f, op, i)));
    for (uint32_t i = 0; i < p.y; i++)
        if (w.has_ct[p.n + i]) base_push(arena, &xs, c->ct[p.n + i]);
    for (uint32_t i = first_x; i < op->n_in; i++)
        if (!w.linear[i]) base_push(arena, &xs, c->in[i]);
    if (!carries.n && !w.f->n_results) return;
    ir_val next = emit_scan(c->b, backward_body(&w, arena), constants, carries, xs, p.a->length, !p.a->reverse);
    for (uint32_t i = 0; i < p.n; i++) {
        if (!w.has_ct[i]) continue;
        // The operand of a carry that starts from zero is no linear value: its cotangent is dropped.
        if (c->linear[p.c + i]) c->accumulator[p.c + i] = ir_accumulate(c->b, c->accumulator[p.c + i], next);
        next++;
    }
    for (uint32_t i = 0; i < p.c; i++)
        if (w.accumulate[i]) c->accumulator[i] = next++;
    for (uint32_t i = first_x; i < op->n_in; i++)
        if (w.ct_out[i]) c->accumulator[i] = ir_accumulate(c->b, c->accumulator[i], next++);
}

void ir_scan_batch(ir_batching *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    parts p = parts_of(op);
    const bool *mask = body_mask(arena, p, XF_ANY, c->batched);
    xf_batch_result body = xf_batch(p.body, mask, wanted(arena, p, mask), c->size, c->axis_name);
    xf_list group[3] = {{0}, {0}, {0}};
    for (uint32_t k = 0; k < p.c; k++) base_push(arena, &group[0], c->in[k]);
    for (uint32_t k = p.c; k < p.c + p.n; k++)
        base_push(arena, &group[1], mask[k] ? ir_with_batch_axis(c, k) : c->in[k]);
    // Steps lead in what is sliced and stacked; the batch axis comes second.
    for (uint32_t k = p.c + p.n; k < op->n_in; k++)
        base_push(arena, &group[2], c->batched[k] ? ir_move_axis(c->b, c->in[k], 0, 1) : c->in[k]);
    ir_val next = emit_scan(c->b, body.function, group[0], group[1], group[2], p.a->length, p.a->reverse);
    for (uint32_t o = 0; o < op->n_out; o++) {
        c->out[o] = next++;
        c->out_batched[o] = body.batched_out[o];
        if (o >= p.n && c->out_batched[o]) c->out[o] = ir_move_axis(c->b, c->out[o], 1, 0);
    }
}
