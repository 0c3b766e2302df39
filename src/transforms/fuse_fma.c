// In: a simplified function. Out: the same with fma, in all that it holds too.
//
// a * b + c becomes fma(a, b, c) where the sum is the only use of the product: a product that is
// needed anyway would be computed twice. In a sum of two products the first one is fused. The
// decision is made here, once, and not by code generation, so that a value that two kernels compute
// has the same bits in both.

#include "base/error.h"
#include "ir/rules.h"
#include "transforms/bottom_up.h"
#include "transforms/simplify.h"

static const char key[] = "fma";

static bool done(const ir_function *f) { return ir_memo_find(f, key, sizeof key) != NULL; }

static const ir_function *fused(const ir_function *f) {
    const ir_memo *memo = ir_memo_find(f, key, sizeof key);
    base_check(memo);
    return memo->functions[0] ? memo->functions[0] : f;
}

// What a sum is made of, in values of the old function: sign a * sign b + sign c.
typedef struct sum_of_product {
    const ir_op *product;
    ir_val addend;
    bool negative_product, negative_addend;
} sum_of_product;

static bool takes_fma(const ir_type *type) {
    return ir_primitives[IR_fma].dtypes >> type->dtype & 1 &&
           !(ir_rules_of(IR_fma)->not_yet >> type->dtype & 1);
}

static bool find_product(const ir_function *f, const ir_op *op, const uint32_t *uses, sum_of_product *found) {
    if ((op->primitive != IR_add && op->primitive != IR_sub) || !takes_fma(f->types[op->out])) return false;
    for (uint32_t i = 0; i < 2; i++) {
        ir_val product = ir_in(f, op)[i];
        if (f->def[product] == IR_NONE || uses[product] != 1) continue;
        if (f->ops[f->def[product]].primitive != IR_mul) continue;
        bool minus = op->primitive == IR_sub;
        *found =
            (sum_of_product){&f->ops[f->def[product]], ir_in(f, op)[!i], minus && i == 1, minus && i == 0};
        return true;
    }
    return false;
}

static ir_val emit_fma(sx *s, const ir_function *f, const ir_val *map, const sum_of_product *sum) {
    ir_val a = map[ir_in(f, sum->product)[0]], b = map[ir_in(f, sum->product)[1]], c = map[sum->addend];
    if (sum->negative_product) { // the sign goes where it costs nothing, if there is such a place
        bool free_in_b = sx_literal(s, b) || sx_def(s, b, IR_neg);
        if (free_in_b)
            b = sx_unary(s, IR_neg, b);
        else
            a = sx_unary(s, IR_neg, a);
    }
    if (sum->negative_addend) c = sx_unary(s, IR_neg, c);
    return sx_share(s, &(sx_op){IR_fma, (ir_val[]){a, b, c}, 3, NULL});
}

static const ir_function *rewrite(const ir_function *f) {
    sx *s = sx_new(f->module, f->name);
    const uint32_t *uses = sx_use_counts(&s->arena, f);
    ir_val few[8], *map = base_new_array(&s->arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = ir_param(s->b, f->types[i]);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        sum_of_product sum;
        ir_set_place(s->b, op);
        if (find_product(f, op, uses, &sum)) {
            map[op->out] = emit_fma(s, f, map, &sum);
            continue;
        }
        ir_val *in = op->n_in <= 8 ? few : base_new_array(&s->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = map[ir_in(f, op)[k]];
        sx_op same = {op->primitive, in, op->n_in, xf_with_held(&s->arena, op, fused)};
        ir_val first = sx_share(s, &same);
        for (uint32_t o = 0; o < op->n_out; o++) map[op->out + o] = first + o;
    }
    ir_val *results = base_new_array(&s->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = map[f->results[i]];
    s->b->place = f->place;
    return sx_finish(s, results, f->n_results);
}

static bool changes(const ir_function *f) {
    base_arena arena = {0};
    bool any = false;
    const uint32_t *uses = sx_use_counts(&arena, f);
    sum_of_product sum;
    for (uint32_t i = 0; i < f->n_ops && !any; i++)
        any = find_product(f, &f->ops[i], uses, &sum) || xf_held_changes(&f->ops[i], fused);
    base_arena_free(&arena);
    return any;
}

static void visit(const ir_function *f) {
    const ir_function *result = changes(f) ? rewrite(f) : NULL;
    ir_memo_keep(f, key, sizeof key, result, NULL, NULL, 0);
    if (result) ir_memo_keep(result, key, sizeof key, NULL, NULL, NULL, 0);
}

const ir_function *sx_fuse_fma(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    return fused(f);
}
