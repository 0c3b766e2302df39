// In: a function. Out: the same in primitives and dtypes that targets know, in all that it holds too.
//
// A primitive whose record has an expand rule is replaced by what the rule emits; that may hold such
// primitives again, so the function is rewritten until there are none. This runs once, on the way to
// execution and before simplification, which then sees what functions share (the exponential in a sinh and a
// cosh). Transforms come earlier and see the primitive itself.
//
// Sums, products of matrices and the like of f16 or bf16 become those of f32 between conversions, and so does
// what has an expand rule: only its result is rounded. Elementwise operations on such numbers stay, which
// targets compute in f32 themselves. And what has a rule on pairs stays, if its operands are complex:
// split_complex.c comes next, and what that emits is expanded in its turn.

#include "base/error.h"
#include "ir/rules.h"
#include "transforms/bottom_up.h"
#include "transforms/transforms.h"

static const char key[] = "expand";

static bool done(const ir_function *f) { return ir_memo_find(f, key, sizeof key) != NULL; }

static const ir_function *expanded(const ir_function *f) {
    const ir_memo *memo = ir_memo_find(f, key, sizeof key);
    base_check(memo);
    return memo->functions[0] ? memo->functions[0] : f;
}

static bool widens(const ir_function *f, const ir_op *op) {
    bool has_rule = ir_rules_of(op->primitive)->expand, any = false;
    if (!ir_computes_in_f32(op->primitive)) return false;
    if (ir_primitives[op->primitive].traits & IR_ELEMENTWISE && !has_rule) return false;
    for (uint32_t i = 0; i < op->n_in; i++) any |= ir_is_half(ir_operand_type(f, op, i)->dtype);
    return any;
}

static bool has_expansion(const ir_function *f, const ir_op *op) {
    const ir_rules *rules = ir_rules_of(op->primitive);
    bool split = rules->pair && op->n_in && ir_is_complex(ir_operand_type(f, op, 0)->dtype);
    return rules->expand && !split;
}

static bool expands(const ir_function *f, const ir_op *op) { return has_expansion(f, op) || widens(f, op); }

static bool changes(const ir_function *f) {
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (expands(f, &f->ops[i]) || xf_held_changes(&f->ops[i], expanded)) return true;
    return false;
}

static void emit_wide(ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in, ir_val *out) {
    ir_val *wide = base_new_array(&b->arena, ir_val, op->n_in + 1);
    for (uint32_t i = 0; i < op->n_in; i++)
        wide[i] = ir_is_half(ir_type_of(b, in[i])->dtype) ? ir_convert(b, in[i], CV_F32) : in[i];
    ir_val first = ir_emit(b, op->primitive, wide, op->n_in, op->attributes);
    for (uint32_t o = 0; o < op->n_out; o++) out[o] = ir_convert(b, first + o, f->types[op->out + o]->dtype);
}

static void emit(ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in, ir_val *out) {
    if (widens(f, op)) emit_wide(b, f, op, in, out);
    else if (has_expansion(f, op)) ir_rules_of(op->primitive)->expand(&(ir_expansion){b, f, op, in, out});
    else xf_emit_same(b, op, in, out, expanded);
}

// What a rule emits may hold functions that were not expanded yet, so the next round looks at them too.
static void visit(const ir_function *f) {
    const ir_function *result = changes(f) ? xf_expand(xf_rewrite(f, emit)) : NULL;
    ir_memo_keep(f, key, sizeof key, result, NULL, NULL, 0);
}

const ir_function *xf_expand(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    return expanded(f);
}

const ir_function *xf_lower(const ir_function *f) {
    return xf_simplify(xf_expand(xf_split_complex(xf_expand(xf_recover_scans(f)))));
}
