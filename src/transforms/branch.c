// In: calls and conditionals. Out: what of them is left.
//
// Results that nothing uses and operands that no branch needs are dropped; a result that every
// branch passes through, or makes as the same constant, is found outside; constants go into the
// branches of a conditional, where they fold. A conditional whose index is known is its branch.
//
// What is called often stays one function: a callee is changed only by dropping results and
// parameters, and each such variant is made once and kept on the callee. Callees of one operation
// or none are put in place of the call.

#include <string.h>

#include "base/error.h"
#include "transforms/simplify.h"

static bool is_param(const ir_function *f, ir_val value) { return value < f->n_params; }

// A constant result as the function outside would emit it, or NULL.
static const ir_literal *splat_result(const ir_function *f, uint32_t result) {
    ir_val value = f->results[result];
    if (is_param(f, value) || f->ops[f->def[value]].primitive != IR_constant) return NULL;
    const ir_literal *literal = &((const ir_constant_attributes *)f->ops[f->def[value]].attributes)->value;
    return literal->splat ? literal : NULL;
}

// A result that all of the functions have in common, outside: an operand, a constant, or IR_NONE.
static ir_val common_result(sx *s, const ir_functions *functions, uint32_t result, const ir_val *in) {
    const ir_function *first = functions->at[0];
    const ir_literal *literal = splat_result(first, result);
    ir_val param = first->results[result];
    if (!literal && !is_param(first, param)) return IR_NONE;
    for (int64_t k = 1; k < functions->n; k++) {
        const ir_function *other = functions->at[k];
        const ir_literal *same = splat_result(other, result);
        if (literal) {
            if (!same || memcmp(literal->data, same->data, cv_dtype_size(literal->type->dtype)))
                return IR_NONE;
        } else if (!is_param(other, other->results[result]) || in[other->results[result]] != in[param]) {
            return IR_NONE;
        }
    }
    return literal ? sx_constant(s, literal->type, true, literal->data) : in[param];
}

// Fills in what is common; kept[i] tells which results the operation must still make.
static uint32_t take_common_results(sx *s, const ir_functions *functions, const ir_val *in, const bool *used,
                                    ir_val *out, bool *kept) {
    uint32_t n_kept = 0, n = functions->at[0]->n_results;
    for (uint32_t i = 0; i < n; i++) {
        kept[i] = false;
        out[i] = IR_NONE;
        if (!used[i]) continue;
        out[i] = common_result(s, functions, i, in);
        kept[i] = out[i] == IR_NONE;
        n_kept += kept[i];
    }
    return n_kept;
}

static void give_results(const bool *kept, uint32_t n, ir_val first, ir_val *out) {
    for (uint32_t i = 0; i < n; i++)
        if (kept[i]) out[i] = first++;
}

// f with only the results that are kept and the parameters that these need; which[i] tells of
// parameter i. Equal variants are one function.
static const ir_function *variant(sx *s, const ir_function *f, const bool *kept, const bool **which) {
    static const char tag[8] = "variant";
    size_t size = sizeof tag + f->n_results;
    char *key = base_arena_alloc(&s->arena, size);
    memcpy(key, tag, sizeof tag);
    for (uint32_t i = 0; i < f->n_results; i++) key[sizeof tag + i] = kept[i];
    const ir_memo *memo = ir_memo_find(f, key, size);
    if (!memo) {
        ir_builder *b = ir_builder_new(f->module, f->name);
        ir_val *in = base_new_array(&s->arena, ir_val, f->n_params + 1);
        ir_val *out = base_new_array(&s->arena, ir_val, f->n_results + 1);
        bool *needed = base_new_array(&s->arena, bool, f->n_params + 1);
        uint32_t n = 0;
        for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, f->types[i]);
        ir_inline(b, f, in, out);
        for (uint32_t i = 0; i < f->n_results; i++)
            if (kept[i]) out[n++] = out[i];
        b->place = f->place;
        const ir_function *pruned = ir_finish_pruned(b, out, n, 0, needed);
        pruned = ir_equal(pruned, f) ? NULL : sx_simplified(pruned);
        memo = ir_memo_keep(f, key, size, pruned, NULL, needed, f->n_params);
    }
    *which = memo->info;
    return memo->functions[0] ? memo->functions[0] : f;
}

void sx_call(sx *s, const sx_op *op, const bool *used, ir_val *out) {
    const ir_function *f = sx_simplified(((const ir_call_attributes *)op->attributes)->function);
    if (f->n_ops <= 1) {
        sx_inline(s, f, op->in, out);
        return;
    }
    bool *kept = base_new_array(&s->arena, bool, f->n_results + 1);
    if (!take_common_results(s, &(ir_functions){1, &f}, op->in, used, out, kept)) return;
    const bool *which;
    const ir_function *callee = variant(s, f, kept, &which);
    ir_val *in = base_new_array(&s->arena, ir_val, op->n_in + 1);
    uint32_t n_in = 0;
    for (uint32_t i = 0; i < op->n_in; i++)
        if (which[i]) in[n_in++] = op->in[i];
    ir_val first = sx_share(s, &(sx_op){IR_call, in, n_in, &(ir_call_attributes){callee}});
    give_results(kept, f->n_results, first, out);
}

static bool all_equal(const ir_functions *functions) {
    for (int64_t k = 1; k < functions->n; k++)
        if (!ir_equal(functions->at[0], functions->at[k])) return false;
    return true;
}

// The branch that a constant index chooses, or -1.
static int64_t known_branch(const sx *s, ir_val index, const ir_functions *branches) {
    union ir_scalar element;
    if (all_equal(branches)) return 0;
    if (!sx_splat(s, index, &element)) return -1;
    int64_t branch = ir_scalar_to_int(&element, sx_type(s, index)->dtype);
    return branch < 0 ? 0 : branch >= branches->n ? branches->n - 1 : branch;
}

// The operands that some branch needs, each once, without those that are copied into branches.
static uint32_t shared_operands(sx *s, sx_region **regions, int64_t n, ir_val *operands) {
    uint32_t n_operands = 0;
    for (uint32_t i = 0; i < regions[0]->f->n_params; i++) {
        ir_val outer = regions[0]->outer[i], *seen = sx_bound(s, regions, outer);
        bool needed = false;
        for (int64_t k = 0; k < n && !needed; k++) needed = regions[k]->needed[i];
        if (!needed || *seen != IR_NONE || sx_is_copied(s, outer)) continue;
        *seen = n_operands;
        operands[n_operands++] = outer;
    }
    return n_operands;
}

static const ir_function *rebuild_branch(sx *s, sx_region *r, const ir_val *operands, uint32_t n_operands,
                                         const bool *kept) {
    ir_val *results = base_new_array(&s->arena, ir_val, r->f->n_results + 1);
    uint32_t n_results = 0;
    for (uint32_t i = 0; i < n_operands; i++) sx_region_bind(s, r, operands[i]);
    sx_region_start(s, r);
    for (uint32_t i = 0; i < r->f->n_results; i++)
        if (kept[i]) results[n_results++] = r->f->results[i];
    return sx_region_finish(s, r, results, n_results);
}

static void rebuild_cond(sx *s, ir_val index, const ir_functions *branches, const ir_val *arguments,
                         const bool *kept, ir_val *out) {
    const ir_function *first = branches->at[0];
    sx_region **regions = base_new_array(&s->arena, sx_region *, branches->n);
    const ir_function **rebuilt = base_new_array(&s->arena, const ir_function *, branches->n);
    for (int64_t k = 0; k < branches->n; k++) {
        regions[k] = sx_region_new(s, branches->at[k]);
        memcpy(regions[k]->outer, arguments, sizeof *arguments * first->n_params);
        for (uint32_t i = 0; i < first->n_results; i++)
            if (kept[i]) sx_region_need(s, regions[k], branches->at[k]->results[i]);
    }
    ir_val *in = base_new_array(&s->arena, ir_val, first->n_params + 1);
    uint32_t n_in = shared_operands(s, regions, branches->n, in + 1) + 1;
    in[0] = index;
    for (int64_t k = 0; k < branches->n; k++)
        rebuilt[k] = rebuild_branch(s, regions[k], in + 1, n_in - 1, kept);
    ir_cond_attributes a = {{branches->n, rebuilt}};
    give_results(kept, first->n_results, sx_share(s, &(sx_op){IR_cond, in, n_in, &a}), out);
}

void sx_cond(sx *s, const sx_op *op, const bool *used, ir_val *out) {
    const ir_functions *old = &((const ir_cond_attributes *)op->attributes)->branches;
    const ir_function **simplified = base_new_array(&s->arena, const ir_function *, old->n);
    for (int64_t k = 0; k < old->n; k++) simplified[k] = sx_simplified(old->at[k]);
    ir_functions branches = {old->n, simplified};
    ir_val index = op->in[0];
    int64_t known = known_branch(s, index, &branches);
    if (known >= 0) {
        sx_inline(s, branches.at[known], op->in + 1, out);
        return;
    }
    const ir_function *swapped[2];
    ir_val opposite = sx_undo(s, index, IR_not);
    if (opposite != IR_NONE && branches.n == 2) {
        swapped[0] = branches.at[1];
        swapped[1] = branches.at[0];
        branches.at = swapped;
        index = opposite;
    }
    bool *kept = base_new_array(&s->arena, bool, branches.at[0]->n_results + 1);
    if (take_common_results(s, &branches, op->in + 1, used, out, kept))
        rebuild_cond(s, index, &branches, op->in + 1, kept, out);
}
