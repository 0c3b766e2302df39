// In: a function that control flow holds, and what its holder knows of its parameters. Out: the
// same function with fewer parameters, results and operations.
//
// Liveness goes backwards from the results that the holder keeps. When it meets a value that is the
// same at each step, the value is lifted: the function outside makes it once, and the body gets it as
// a constant. Not lifted is what a body makes more cheaply than it reads it: constants, iotas,
// broadcasts, reshapes, and arithmetic that would be written out as a larger array than all that it
// is made of (a mask made of two index vectors).

#include <string.h>

#include "base/error.h"
#include "ir/rules.h"
#include "transforms/simplify.h"

enum { SMALL_COUNT = 64 };

sx_region *sx_region_new(sx *s, const ir_function *f) {
    sx_region *r = base_new(&s->arena, sx_region);
    r->f = f;
    r->outer = base_arena_alloc(&s->arena, sizeof(ir_val) * ((size_t)f->n_values + 1));
    memset(r->outer, 0xff, sizeof(ir_val) * ((size_t)f->n_values + 1));
    bool *flags = base_new_array(&s->arena, bool, 5 * (size_t)f->n_values + 1);
    r->invariant = flags;
    r->inside = flags + f->n_values;
    r->needed = flags + 2 * (size_t)f->n_values;
    r->lifted = flags + 3 * (size_t)f->n_values;
    r->wanted = flags + 4 * (size_t)f->n_values;
    return r;
}

static bool is_free(ir_primitive p) {
    return p == IR_constant || p == IR_iota || p == IR_broadcast_in_dim || p == IR_reshape;
}

// Elementwise arithmetic that costs less than a load from memory.
static bool is_cheap(ir_primitive p) {
    return ir_primitives[p].traits & IR_ELEMENTWISE && ir_cost_of(p) == 1 && !ir_rules_of(p)->expand;
}

// Bytes to read for a value that is made inside: those of what it is made of, if it stays there.
static bool stays_inside(const ir_function *f, const ir_op *op, const double *bytes, double *made_of) {
    const ir_type *type = f->types[op->out];
    *made_of = 0;
    for (uint32_t i = 0; i < op->n_in; i++) *made_of += bytes[ir_in(f, op)[i]];
    if (is_free(op->primitive)) return true;
    if (type->count <= SMALL_COUNT || !is_cheap(op->primitive)) return false;
    return op->primitive == IR_convert || (double)type->bytes > *made_of;
}

void sx_region_find_invariants(sx *s, sx_region *r, bool with_control) {
    const ir_function *f = r->f;
    double *bytes = base_new_array(&s->arena, double, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) bytes[i] = (double)f->types[i]->bytes;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool invariant = with_control || !(ir_primitives[op->primitive].traits & IR_CONTROL);
        for (uint32_t k = 0; k < op->n_in && invariant; k++) invariant = r->invariant[ir_in(f, op)[k]];
        double made_of;
        bool inside = op->n_out == 1 && stays_inside(f, op, bytes, &made_of);
        for (uint32_t o = 0; o < op->n_out; o++) {
            r->invariant[op->out + o] = invariant;
            r->inside[op->out + o] = inside;
            bytes[op->out + o] = inside ? made_of : (double)f->types[op->out + o]->bytes;
        }
    }
}

void sx_region_need(sx *s, sx_region *r, ir_val value) {
    base_push(&s->arena, &r->stack, value);
    while (r->stack.n) {
        ir_val v = r->stack.at[--r->stack.n];
        if (r->needed[v]) continue;
        r->needed[v] = true;
        if (r->f->def[v] == IR_NONE) {
            base_push(&s->arena, &r->reached, v);
        } else if (r->invariant[v] && !r->inside[v]) {
            r->lifted[v] = r->wanted[v] = true;
        } else {
            const ir_op *op = &r->f->ops[r->f->def[v]];
            for (uint32_t i = 0; i < op->n_in; i++) base_push(&s->arena, &r->stack, ir_in(r->f, op)[i]);
        }
    }
}

static bool any_of(const bool *flags, const ir_op *op) {
    for (uint32_t o = 0; o < op->n_out; o++)
        if (flags[op->out + o]) return true;
    return false;
}

static void emit_outside(sx *s, sx_region *r, const ir_op *op) {
    ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(&s->arena, ir_val, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) {
        in[i] = r->outer[ir_in(r->f, op)[i]];
        base_check(in[i] != IR_NONE);
    }
    sx_op emitted = {op->primitive, in, op->n_in, op->attributes};
    sx_emit_any(s, &emitted, op->n_out, r->wanted + op->out, r->outer + op->out);
}

void sx_region_make_outside(sx *s, sx_region *r) {
    for (uint32_t i = r->f->n_ops; i-- > 0;) {
        const ir_op *op = &r->f->ops[i];
        if (!any_of(r->wanted, op)) continue;
        for (uint32_t k = 0; k < op->n_in; k++) r->wanted[ir_in(r->f, op)[k]] = true;
    }
    for (uint32_t i = 0; i < r->f->n_ops; i++)
        if (any_of(r->wanted, &r->f->ops[i])) emit_outside(s, r, &r->f->ops[i]);
}

bool sx_is_copied(const sx *s, ir_val outer) {
    const ir_literal *literal = sx_literal(s, outer);
    return literal ? literal->splat : sx_def(s, outer, IR_iota) != NULL;
}

static void open_body(sx *s, sx_region *r) {
    if (r->b) return;
    r->b = ir_builder_new(s->b->module, r->f->name);
    r->map = base_arena_alloc(&s->arena, sizeof(ir_val) * ((size_t)r->f->n_values + 1));
}

ir_val *sx_bound(sx *s, const void *owner, ir_val outer) {
    while (s->bindings.n <= outer) base_push(&s->arena, &s->bindings, (sx_binding){NULL, IR_NONE});
    sx_binding *binding = &s->bindings.at[outer];
    if (binding->owner != owner) *binding = (sx_binding){owner, IR_NONE};
    return &binding->bound;
}

ir_val sx_region_bind(sx *s, sx_region *r, ir_val outer) {
    open_body(s, r);
    ir_val *bound = sx_bound(s, r, outer);
    if (*bound != IR_NONE) return *bound;
    if (sx_is_copied(s, outer)) {
        const ir_op *op = ir_def_of(s->b, outer);
        return *bound = ir_emit(r->b, op->primitive, NULL, 0, op->attributes);
    }
    base_push(&s->arena, &r->constants, outer);
    return *bound = ir_param(r->b, sx_type(s, outer));
}

// Products take in a transposition if it leaves them one free axis or none.
static bool takes_transpose(const ir_function *f, const ir_op *op, uint32_t operand) {
    if (op->primitive != IR_dot_general) return false;
    const ir_dot_attributes *a = op->attributes;
    return f->types[ir_in(f, op)[operand]]->rank <= a->lhs_batch.n + a->lhs_contract.n + 1;
}

// Parameters that nothing but such products uses.
static bool *product_params(sx *s, const sx_region *r) {
    const ir_function *f = r->f;
    bool *found = base_arena_alloc(&s->arena, f->n_params + 1);
    memset(found, r->takes_transposes, f->n_params);
    for (uint32_t i = 0; i < f->n_ops && r->takes_transposes; i++)
        for (uint32_t k = 0; k < f->ops[i].n_in; k++) {
            ir_val operand = ir_in(f, &f->ops[i])[k];
            if (operand < f->n_params && !takes_transpose(f, &f->ops[i], k)) found[operand] = false;
        }
    for (uint32_t i = 0; i < f->n_results; i++)
        if (f->results[i] < f->n_params) found[f->results[i]] = false;
    return found;
}

void sx_region_start(sx *s, sx_region *r) {
    const bool *product_param = product_params(s, r);
    open_body(s, r);
    for (uint32_t i = 0; i < r->f->n_params; i++) {
        if (!r->needed[i] || r->outer[i] == IR_NONE) continue;
        const ir_op *transpose = product_param[i] ? sx_def(s, r->outer[i], IR_transpose) : NULL;
        r->map[i] = sx_region_bind(s, r, transpose ? sx_in(s, transpose, 0) : r->outer[i]);
        if (transpose) r->map[i] = ir_emit(r->b, IR_transpose, &r->map[i], 1, transpose->attributes);
    }
    for (uint32_t v = r->f->n_params; v < r->f->n_values; v++)
        if (r->lifted[v]) r->map[v] = sx_region_bind(s, r, r->outer[v]);
}

void sx_region_param(sx *s, sx_region *r, uint32_t param) {
    open_body(s, r);
    r->map[param] = ir_param(r->b, r->f->types[param]);
}

static bool is_copied_op(const sx_region *r, const ir_op *op) {
    for (uint32_t o = 0; o < op->n_out; o++)
        if (r->needed[op->out + o] && !r->lifted[op->out + o]) return true;
    return false;
}

const ir_function *sx_region_finish(sx *s, sx_region *r, const ir_val *results, uint32_t n_results) {
    const ir_function *f = r->f;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (!is_copied_op(r, op)) continue;
        ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(&s->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = r->map[ir_in(f, op)[k]];
        ir_set_place(r->b, op);
        ir_val first = ir_emit(r->b, op->primitive, in, op->n_in, op->attributes);
        for (uint32_t o = 0; o < op->n_out; o++) r->map[op->out + o] = first + o;
    }
    ir_val *mapped = base_new_array(&s->arena, ir_val, n_results + 1);
    for (uint32_t i = 0; i < n_results; i++) mapped[i] = r->map[results[i]];
    r->b->place = f->place;
    const ir_function *body = ir_finish(r->b, mapped, n_results);
    return ir_equal(body, f) ? f : sx_simplified(body);
}
