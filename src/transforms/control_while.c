// Forward mode and batching of `while`.
//
// Forward mode carries the tangents of the active carries along. Reverse mode has to know how often the
// body runs, to make room for what it sees: a loop of which that is known is a scan by then
// (recover_scan.c). A function that needs it of another loop is told so.
//
// A batched predicate makes every carry batched: the loop runs while any element wants to, and an
// element that is done keeps its carries.

#include "transforms/activity.h"

#include <string.h>

#include "ir/primitives/control.h"

// The operands of a while: constants of cond, constants of body, carries.
typedef struct parts {
    const ir_while_attributes *a;
    uint32_t cc, bc, n;
} parts;

static parts parts_of(const ir_op *op) {
    const ir_while_attributes *a = op->attributes;
    return (parts){a, (uint32_t)a->cond_constants, (uint32_t)a->body_constants, op->n_out};
}

// mask of the body's parameters at the fixed point of the carries.
static bool *body_mask(base_arena *arena, parts p, xf_dependence kind, const bool *operands) {
    bool *mask = base_arena_copy(arena, operands + p.cc, p.bc + p.n);
    bool *results = base_new_array(arena, bool, p.n + 1);
    xf_depends_loop(p.a->body, kind, mask, p.bc, p.n, results);
    return mask;
}

static bool *moving_operands(base_arena *arena, const ir_jvp *c) {
    bool *active = base_new_array(arena, bool, c->op->n_in + 1);
    for (uint32_t k = 0; k < c->op->n_in; k++) active[k] = c->tangent[k] != IR_NONE;
    return active;
}

// cond with parameters (its constants, carries, tangents of active carries), which it does not look at.
static const ir_function *cond_with_tangents(parts p, const bool *carry_active, base_arena *arena) {
    const ir_function *f = p.a->cond;
    ir_builder *b = xf_builder(f, "jvp");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1), out;
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < p.n; i++)
        if (carry_active[i]) ir_param(b, f->types[p.cc + i]);
    ir_inline(b, f, in, &out);
    return ir_finish(b, &out, 1);
}

// body with parameters (constants, their tangents, carries, their tangents).
static const ir_function *body_with_tangents(parts p, const bool *mask, base_arena *arena) {
    const ir_function *f = xf_jvp(p.a->body, mask, mask + p.bc).function;
    ir_builder *b = xf_builder(p.a->body, "jvp");
    ir_val *in = base_new_array(arena, ir_val, f->n_params + 1),
           *out = base_new_array(arena, ir_val, f->n_results + 1);
    uint32_t constant_tangents = p.bc + p.n, carry_tangents = constant_tangents + xf_count(mask, p.bc);
    for (uint32_t i = 0; i < p.bc; i++) in[i] = ir_param(b, f->types[i]);
    for (uint32_t i = constant_tangents; i < carry_tangents; i++) in[i] = ir_param(b, f->types[i]);
    for (uint32_t i = p.bc; i < p.bc + p.n; i++) in[i] = ir_param(b, f->types[i]);
    for (uint32_t i = carry_tangents; i < f->n_params; i++) in[i] = ir_param(b, f->types[i]);
    ir_inline(b, f, in, out);
    return ir_finish(b, out, f->n_results);
}

void ir_while_jvp(ir_jvp *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    parts p = parts_of(op);
    const bool *mask = body_mask(arena, p, XF_DIFFERENTIABLE, moving_operands(arena, c)),
               *carry_active = mask + p.bc;
    uint32_t first = p.cc + p.bc; // of the carries
    xf_list in = {0};
    for (uint32_t k = 0; k < first; k++) base_push(arena, &in, c->in[k]);
    for (uint32_t k = p.cc; k < first; k++)
        if (mask[k - p.cc]) base_push(arena, &in, c->tangent[k]);
    for (uint32_t k = 0; k < p.n; k++) base_push(arena, &in, c->in[first + k]);
    for (uint32_t k = 0; k < p.n; k++) {
        if (!carry_active[k]) continue;
        ir_val moving = c->tangent[first + k];
        base_push(arena, &in,
                  moving != IR_NONE ? moving : ir_zeros(c->b, ir_type_of(c->b, c->in[first + k])));
    }
    ir_while_attributes a = {cond_with_tangents(p, carry_active, arena), body_with_tangents(p, mask, arena),
                             p.cc, p.bc + xf_count(mask, p.bc)};
    ir_val next = ir_emit(c->b, IR_while, in.at, in.n, &a);
    for (uint32_t o = 0; o < p.n; o++) c->out[o] = next++;
    for (uint32_t o = 0; o < p.n; o++)
        if (carry_active[o]) c->tangent_out[o] = next++;
}

void ir_while_linearize(ir_jvp *c) {
    base_arena *arena = xf_scratch();
    parts p = parts_of(c->op);
    const bool *mask = body_mask(arena, p, XF_DIFFERENTIABLE, moving_operands(arena, c));
    if (xf_any(mask + p.bc, p.n))
        ir_fail_op(
            c->op, CV_UNSUPPORTED,
            "has no reverse mode, since its trip count is not known when traced; use cv_scan or cv_fori_loop "
            "with C integers as bounds, forward mode (cv_jvp), or cv_stop_gradient");
    ir_val next = ir_emit_like(c->b, c->f, c->op, c->in);
    for (uint32_t o = 0; o < p.n; o++) c->out[o] = next++;
}

// any(cond): the loop's predicate when each element has its own.
static const ir_function *any_cond(const ir_function *batched_cond) {
    ir_builder *b = xf_builder(batched_cond, "any");
    base_arena *arena = xf_scratch();
    ir_val *in = base_new_array(arena, ir_val, batched_cond->n_params + 1), out;
    for (uint32_t i = 0; i < batched_cond->n_params; i++) in[i] = ir_param(b, batched_cond->types[i]);
    ir_inline(b, batched_cond, in, &out);
    out = ir_reduce_max(b, out, IR_DIMS(0));
    return ir_finish(b, &out, 1);
}

// The body that leaves the elements alone whose predicate is false. Parameters: constants of cond,
// constants of body, carries.
static const ir_function *masked_body(parts p, const ir_function *cond, const ir_function *body,
                                      base_arena *arena) {
    ir_builder *b = xf_builder(body, "masked");
    ir_val *cond_in = base_new_array(arena, ir_val, p.cc + p.n + 1),
           *body_in = base_new_array(arena, ir_val, p.bc + p.n + 1);
    ir_val *out = base_new_array(arena, ir_val, p.n + 1), wants;
    for (uint32_t i = 0; i < p.cc; i++) cond_in[i] = ir_param(b, cond->types[i]);
    for (uint32_t i = 0; i < p.bc; i++) body_in[i] = ir_param(b, body->types[i]);
    for (uint32_t i = 0; i < p.n; i++)
        cond_in[p.cc + i] = body_in[p.bc + i] = ir_param(b, body->types[p.bc + i]);
    ir_inline(b, cond, cond_in, &wants);
    ir_inline(b, body, body_in, out);
    for (uint32_t i = 0; i < p.n; i++) {
        ir_val chosen = ir_broadcast_in_dim(b, wants, ir_shape(ir_type_of(b, out[i])), IR_DIMS(0));
        out[i] = ir_select(b, chosen, out[i], body_in[p.bc + i]);
    }
    return ir_finish(b, out, p.n);
}

void ir_while_batch(ir_batching *c) {
    const ir_op *op = c->op;
    base_arena *arena = xf_scratch();
    parts p = parts_of(op);
    bool *mask = body_mask(arena, p, XF_ANY, c->batched), predicate = false;
    bool *cond_mask = base_new_array(arena, bool, p.cc + p.n + 1);
    memcpy(cond_mask, c->batched, p.cc);
    memcpy(cond_mask + p.cc, mask + p.bc, p.n);
    xf_depends(p.a->cond, XF_ANY, cond_mask, &predicate);
    if (predicate) {
        memset(mask + p.bc, true, p.n);
        memset(cond_mask + p.cc, true, p.n);
    }
    const ir_function *cond = xf_batch(p.a->cond, cond_mask, &predicate, c->size, c->axis_name).function;
    const ir_function *body = xf_batch(p.a->body, mask, mask + p.bc, c->size, c->axis_name).function;
    ir_while_attributes a = {cond, body, p.cc, p.bc};
    xf_list in = {0};
    for (uint32_t k = 0; k < p.cc; k++) base_push(arena, &in, c->in[k]);
    if (predicate) {
        a = (ir_while_attributes){any_cond(cond), masked_body(p, cond, body, arena), p.cc, p.cc + p.bc};
        for (uint32_t k = 0; k < p.cc; k++) base_push(arena, &in, c->in[k]);
    }
    for (uint32_t k = p.cc; k < op->n_in; k++) {
        bool carry = k >= p.cc + p.bc;
        base_push(arena, &in, carry && mask[k - p.cc] ? ir_with_batch_axis(c, k) : c->in[k]);
    }
    ir_val next = ir_emit(c->b, IR_while, in.at, in.n, &a);
    for (uint32_t o = 0; o < p.n; o++) {
        c->out[o] = next++;
        c->out_batched[o] = mask[p.bc + o];
    }
}
