// In: a function. Out: the same without calls: each is replaced by the body of what it calls, in the
// bodies of control flow too.
//
// Callees come before their callers, so a body that is put in holds no calls any more: the work is
// linear in the size of the result, and a function that is called a thousand times is rewritten
// once. A function in which nothing changes is its own result; the memo then holds no function.

#include "base/error.h"
#include "transforms/bottom_up.h"
#include "transforms/transforms.h"

static const char key[] = "inline";

static const ir_memo *find(const ir_function *f) { return ir_memo_find(f, key, sizeof key); }

static bool done(const ir_function *f) { return find(f) != NULL; }

static const ir_function *inlined(const ir_function *f) {
    const ir_memo *memo = find(f);
    base_check(memo);
    return memo->functions[0] ? memo->functions[0] : f;
}

static bool changes(const ir_function *f) {
    bool any = false;
    for (uint32_t i = 0; i < f->n_ops && !any; i++)
        any = f->ops[i].primitive == IR_call || xf_held_changes(&f->ops[i], inlined);
    return any;
}

static void inline_op(ir_builder *b, const ir_op *op, const ir_val *in, ir_val *out) {
    ir_set_place(b, op);
    if (op->primitive == IR_call) {
        ir_inline(b, inlined(((const ir_call_attributes *)op->attributes)->function), in, out);
        return;
    }
    ir_val first = ir_emit(b, op->primitive, in, op->n_in, xf_with_held(&b->arena, op, inlined));
    for (uint32_t o = 0; o < op->n_out; o++) out[o] = first + o;
}

static const ir_function *rewrite(const ir_function *f) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *map = base_new_array(&b->arena, ir_val, f->n_values + 1), few[8];
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val *in = op->n_in <= 8 ? few : base_new_array(&b->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = map[ir_in(f, op)[k]];
        inline_op(b, op, in, map + op->out);
    }
    ir_val *results = base_new_array(&b->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = map[f->results[i]];
    b->place = f->place;
    return ir_finish(b, results, f->n_results);
}

static void visit(const ir_function *f) {
    const ir_function *result = changes(f) ? rewrite(f) : NULL;
    ir_memo_keep(f, key, sizeof key, result, NULL, NULL, 0);
    if (result) ir_memo_keep(result, key, sizeof key, NULL, NULL, NULL, 0);
}

const ir_function *xf_inline(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    return inlined(f);
}
