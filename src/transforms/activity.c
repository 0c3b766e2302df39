// In: functions and masks of parameters. Out: masks of results. No rewriting.
//
// Loops need a fixed point: which carries are active (or batched) depends on what the body does to
// them. It is found here on booleans, so that every body is rewritten once. Masks only grow, so a
// loop over n carries ends after at most n + 1 rounds; answers are memoised per function and mask.

#include "transforms/activity.h"

#include <string.h>

#include "ir/rules.h"

static void free_arena(void *argument) {
    base_arena_free(argument);
    base_free(argument);
}

base_arena *xf_scratch(void) {
    base_arena *arena = base_malloc(sizeof *arena);
    *arena = (base_arena){0};
    base_defer(free_arena, arena);
    return arena;
}

xf_key xf_key_new(base_arena *arena, const char *tag) {
    xf_key key = {{.arena = arena}};
    base_text_add_n(&key.text, tag, strlen(tag) + 1);
    return key;
}

void xf_key_bytes(xf_key *key, const void *bytes, size_t size) {
    base_text_add_n(&key->text, bytes, size);
}

void xf_key_mask(xf_key *key, const bool *mask, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) base_text_add_n(&key->text, mask && mask[i] ? "1" : "0", 1);
    base_text_add_n(&key->text, "|", 1);
}

ir_builder *xf_builder(const ir_function *f, const char *prefix) {
    base_arena *scratch = xf_scratch();
    const char *name = base_format(scratch, "%s_%s", prefix, f->name);
    ir_builder *b = ir_builder_new(f->module, ir_name(f->module, name));
    b->place = f->place;
    return b;
}

void xf_depends_loop(const ir_function *body, xf_dependence kind, bool *mask, int64_t first, int64_t n, bool *results) {
    for (bool grown = true; grown;) {
        grown = false;
        xf_depends(body, kind, mask, results);
        for (int64_t i = 0; i < n; i++)
            if (results[i] && !mask[first + i]) mask[first + i] = grown = true;
        for (int64_t i = 0; i < n; i++) results[i] |= mask[first + i];
    }
}

// The rule of dependence for each kind of control flow. in: of the operands, out: of the results.
static void depends_cond(const ir_function *f, const ir_op *op, xf_dependence kind, const bool *in, bool *out,
                         base_arena *arena) {
    (void)f;
    const ir_cond_attributes *a = op->attributes;
    bool *branch_out = base_new_array(arena, bool, op->n_out);
    for (int64_t k = 0; k < a->branches.n; k++) {
        xf_depends(a->branches.at[k], kind, in + 1, branch_out);
        for (uint32_t o = 0; o < op->n_out; o++) out[o] |= branch_out[o];
    }
    if (kind == XF_ANY && in[0])
        for (uint32_t o = 0; o < op->n_out; o++) out[o] = true;
}

static void depends_while(const ir_op *op, xf_dependence kind, const bool *in, bool *out, base_arena *arena) {
    const ir_while_attributes *a = op->attributes;
    int64_t cc = a->cond_constants, bc = a->body_constants, n = op->n_out;
    bool *body_mask = base_arena_copy(arena, in + cc, (size_t)(bc + n));
    xf_depends_loop(a->body, kind, body_mask, bc, n, out);
    if (kind != XF_ANY) return;
    bool *cond_mask = base_new_array(arena, bool, cc + n), predicate = false;
    memcpy(cond_mask, in, (size_t)cc);
    memcpy(cond_mask + cc, body_mask + bc, (size_t)n);
    xf_depends(a->cond, kind, cond_mask, &predicate);
    for (int64_t i = 0; i < n; i++) out[i] |= predicate; // who stops when depends on it
}

static void depends_scan(const ir_op *op, xf_dependence kind, const bool *in, bool *out, base_arena *arena) {
    const ir_scan_attributes *a = op->attributes;
    bool *mask = base_arena_copy(arena, in, op->n_in);
    xf_depends_loop(a->body, kind, mask, a->constants, a->carries, out);
}

void xf_depends(const ir_function *f, xf_dependence kind, const bool *params, bool *results) {
    base_arena *arena = xf_scratch();
    xf_key key = xf_key_new(arena, kind == XF_ANY ? "depends any" : "depends differentiably");
    xf_key_mask(&key, params, f->n_params);
    const ir_memo *memo = ir_memo_find(f, key.text.at, key.text.n);
    if (memo) {
        memcpy(results, memo->info, f->n_results);
        return;
    }
    bool *depends = base_new_array(arena, bool, f->n_values + 1);
    memcpy(depends, params, f->n_params);
    uint32_t widest = 0;
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (f->ops[i].n_in > widest) widest = f->ops[i].n_in;
    bool *in = base_new_array(arena, bool, widest + 1);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool *out = depends + op->out;
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = depends[ir_in(f, op)[k]];
        if (!xf_any(in, op->n_in)) continue;
        switch (op->primitive) {
        case IR_call: xf_depends(((const ir_call_attributes *)op->attributes)->function, kind, in, out); break;
        case IR_cond: depends_cond(f, op, kind, in, out, arena); break;
        case IR_while: depends_while(op, kind, in, out, arena); break;
        case IR_scan: depends_scan(op, kind, in, out, arena); break;
        default:
            for (uint32_t o = 0; o < op->n_out; o++)
                out[o] = kind == XF_ANY || ir_rules_of(op->primitive)->jvp;
        }
        if (kind == XF_DIFFERENTIABLE)
            for (uint32_t o = 0; o < op->n_out; o++)
                out[o] &= ir_is_differentiable(f->types[op->out + o]->dtype) &&
                          !ir_has_zero_derivative(op->primitive, f->types[op->out + o]->dtype);
    }
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = depends[f->results[i]];
    ir_memo_keep(f, key.text.at, key.text.n, NULL, NULL, results, f->n_results);
}

void xf_active_results(const ir_function *f, const bool *active, bool *active_out) {
    xf_depends(f, XF_DIFFERENTIABLE, active, active_out);
}

void xf_reaches(const ir_function *f, const bool *linear, const bool *has_ct, bool *reached) {
    base_arena *arena = xf_scratch();
    bool *needed = base_new_array(arena, bool, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_results; i++) needed[f->results[i]] |= has_ct[i];
    for (uint32_t i = f->n_ops; i-- > 0;) {
        const ir_op *op = &f->ops[i];
        if (!xf_any(needed + op->out, op->n_out)) continue;
        for (uint32_t k = 0; k < op->n_in; k++) needed[ir_in(f, op)[k]] = true;
    }
    for (uint32_t i = 0; i < f->n_params; i++) reached[i] = linear[i] && needed[i];
}
