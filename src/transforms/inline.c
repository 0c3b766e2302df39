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

static void inline_op(ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in, ir_val *out) {
    (void)f;
    if (op->primitive == IR_call)
        ir_inline(b, inlined(((const ir_call_attributes *)op->attributes)->function), in, out);
    else
        xf_emit_same(b, op, in, out, inlined);
}

static void visit(const ir_function *f) {
    const ir_function *result = changes(f) ? xf_rewrite(f, inline_op) : NULL;
    ir_memo_keep(f, key, sizeof key, result, NULL, NULL, 0);
    if (result) ir_memo_keep(result, key, sizeof key, NULL, NULL, NULL, 0);
}

const ir_function *xf_inline(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    return inlined(f);
}
