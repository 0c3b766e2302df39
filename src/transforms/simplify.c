// In: a function. Out: one that computes the same, with less, and no more simplification to do.
//
// The driver sweeps over a function until a sweep changes nothing (or often enough: each sweep is
// linear in the size of the program, and rules that still fire then could only be chains longer than
// any that matters). What a function holds is simplified before it. A function that is simple is its
// own result: its memo then holds no function, and a result is marked so as soon as it is made.
//
// Forming fma comes last: a product inside an fma could not be folded, shared or hoisted any more.

#include "transforms/simplify.h"

#include "base/error.h"
#include "transforms/bottom_up.h"
#include "transforms/transforms.h"

enum { MOST_SWEEPS = 12 };

static void free_sweep(void *argument) {
    sx *s = argument;
    base_index_free(&s->shared);
    base_arena_free(&s->arena);
    base_free(s);
}

sx *sx_new(ir_module *module, const char *name) {
    sx *s = base_malloc(sizeof *s);
    *s = (sx){0};
    base_defer(free_sweep, s);
    s->b = ir_builder_new(module, name);
    return s;
}

const ir_function *sx_finish(sx *s, const ir_val *results, uint32_t n_results) {
    const ir_function *f = ir_finish(s->b, results, n_results);
    base_index_free(&s->shared);
    base_arena_free(&s->arena);
    return f;
}

uint32_t *sx_use_counts(base_arena *arena, const ir_function *f) {
    uint32_t *uses = base_new_array(arena, uint32_t, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_ops; i++)
        for (uint32_t k = 0; k < f->ops[i].n_in; k++) uses[ir_in(f, &f->ops[i])[k]]++;
    for (uint32_t i = 0; i < f->n_results; i++) uses[f->results[i]]++;
    return uses;
}

void sx_emit_any(sx *s, const sx_op *op, uint32_t n_out, const bool *used, ir_val *out) {
    switch (op->primitive) {
    case IR_call: sx_call(s, op, used, out); break;
    case IR_cond: sx_cond(s, op, used, out); break;
    case IR_while: sx_while(s, op, used, out); break;
    case IR_scan: sx_scan(s, op, used, out); break;
    default: {
        ir_val first = sx_emit(s, op->primitive, op->in, op->n_in, op->attributes);
        for (uint32_t o = 0; o < n_out; o++) out[o] = first + o;
    }
    }
}

void sx_inline(sx *s, const ir_function *f, const ir_val *in, ir_val *out) {
    uint32_t *uses = sx_use_counts(&s->arena, f);
    ir_val few[8], *map = base_arena_alloc(&s->arena, sizeof(ir_val) * ((size_t)f->n_values + 1));
    bool *used = base_arena_alloc(&s->arena, sizeof(bool) * ((size_t)f->n_values + 1));
    for (uint32_t i = 0; i < f->n_values; i++) used[i] = uses[i] > 0;
    for (uint32_t i = 0; i < f->n_params; i++) {
        map[i] = in[i];
        sx_count_uses(s, in[i], uses[i]);
    }
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val *operands = op->n_in <= 8 ? few : base_new_array(&s->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) operands[k] = map[ir_in(f, op)[k]];
        ir_set_place(s->b, op);
        sx_op emitted = {op->primitive, operands, op->n_in, op->attributes};
        sx_emit_any(s, &emitted, op->n_out, used + op->out, map + op->out);
        for (uint32_t o = 0; o < op->n_out; o++)
            if (uses[op->out + o]) sx_count_uses(s, map[op->out + o], uses[op->out + o]);
    }
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = map[f->results[i]];
}

static const ir_function *sweep(const ir_function *f) {
    sx *s = sx_new(f->module, f->name);
    ir_val *in = base_new_array(&s->arena, ir_val, f->n_params + 1);
    ir_val *out = base_new_array(&s->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(s->b, f->types[i]);
    sx_inline(s, f, in, out);
    s->b->place = f->place;
    return sx_finish(s, out, f->n_results);
}

static const char key[] = "simplify";

static bool done(const ir_function *f) { return ir_memo_find(f, key, sizeof key) != NULL; }

static void visit(const ir_function *f) {
    const ir_function *result = f;
    for (int i = 0; i < MOST_SWEEPS; i++) {
        const ir_function *next = sweep(result);
        if (ir_equal(next, result)) break;
        result = next;
    }
    ir_memo_keep(f, key, sizeof key, result == f ? NULL : result, NULL, NULL, 0);
    if (result != f) ir_memo_keep(result, key, sizeof key, NULL, NULL, NULL, 0);
}

const ir_function *sx_simplified(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    const ir_memo *memo = ir_memo_find(f, key, sizeof key);
    return memo->functions[0] ? memo->functions[0] : f;
}

const ir_function *xf_simplify(const ir_function *f) { return sx_fuse_fma(sx_simplified(f)); }
