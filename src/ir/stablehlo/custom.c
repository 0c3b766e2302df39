// Pretty forms with grammars of their own: functions, modules, slices, while, reduce.
//
// In: tokens behind the name of the operation. Out: the same draft that the generic form gives.

#include <string.h>

#include "ir/stablehlo/operation.h"

static sh_slice slice_of(const char *text) { return (sh_slice){text, strlen(text)}; }

static void add_region(sh_reader *r, sh_op_draft *d) {
    sh_region region = sh_close(r);
    base_push(r->arena, &d->regions, region);
}

static void take_symbol_name(sh_reader *r, sh_op_draft *d) {
    sh_token name = sh_take(&r->l, SH_TOKEN_SYMBOL, "a name such as @main");
    sh_attribute a = {.kind = SH_STRING, .text = name.text, .place = sh_place_of(&name)};
    sh_add_attribute(r, &d->attributes, slice_of("sym_name"), a);
}

// module @name attributes {...} {...}
static void take_module(sh_reader *r, sh_op_draft *d) {
    struct sh_open_region region;
    if (r->l.token.kind == SH_TOKEN_SYMBOL) take_symbol_name(r, d);
    if (sh_accept_word(&r->l, "attributes")) sh_take_dictionary(r, &d->attributes);
    sh_expect(&r->l, '{');
    sh_open(r, &region);
    sh_take_body(r);
    add_region(r, d);
}

// func.func public @main(%arg0: tensor<f32>) -> (tensor<f32>) attributes {...} {...}; without a body it is
// declared only, and its arguments may have no names.
static void take_function(sh_reader *r, sh_op_draft *d) {
    struct sh_open_region region;
    sh_lexer *l = &r->l;
    if (l->token.kind == SH_TOKEN_WORD) sh_advance(l); // public, private, nested
    take_symbol_name(r, d);
    sh_open(r, &region);
    sh_lexer start = *l;
    if (!sh_at(l, '(')) sh_fail_expected(l, "'('");
    sh_advance(l);
    bool named = l->token.kind == SH_TOKEN_VALUE || sh_at(l, ')');
    *l = start;
    if (named)
        sh_take_arguments(r);
    else
        sh_skip_brackets(l);
    if (l->token.kind == SH_TOKEN_ARROW) {
        sh_types types = {0};
        sh_advance(l);
        sh_take_types(r, &types);
    }
    if (sh_accept_word(l, "attributes")) sh_take_dictionary(r, &d->attributes);
    bool has_body = sh_accept(l, '{');
    if (has_body) sh_take_body(r);
    sh_region body = sh_close(r);
    if (has_body) base_push(r->arena, &d->regions, body);
}

// stablehlo.slice %0 [0:4:1, 2:3]: start, limit and stride of each axis.
static void take_slice(sh_reader *r, sh_op_draft *d) {
    static const char *const names[] = {"start_indices", "limit_indices", "strides"};
    sh_attributes lists[3] = {0};
    sh_take_operand(r, d);
    sh_attribute whole = {.kind = SH_LIST, .text = r->l.token.text, .place = sh_place_of(&r->l.token)};
    sh_expect(&r->l, '[');
    while (!sh_at(&r->l, ']')) {
        if (lists[0].n) sh_expect(&r->l, ',');
        for (int i = 0; i < 3; i++) {
            sh_attribute a = {.kind = SH_NUMBER, .text = slice_of("1"), .place = sh_place_of(&r->l.token)};
            if (i == 2 && !sh_accept(&r->l, ':')) {
                base_push(r->arena, &lists[i], a);
                break;
            }
            if (i == 1) sh_expect(&r->l, ':');
            a.text = sh_take(&r->l, SH_TOKEN_NUMBER, "an integer").text;
            base_push(r->arena, &lists[i], a);
        }
    }
    sh_expect(&r->l, ']');
    for (int i = 0; i < 3; i++) {
        whole.items = lists[i].at;
        whole.n = lists[i].n;
        sh_add_attribute(r, &d->attributes, slice_of(names[i]), whole);
    }
    sh_take_pretty(r, d);
}

// stablehlo.while(%iterArg = %0, ...) : types attributes {...} cond {...} do {...}: both regions have
// arguments of these names.
static void take_while(sh_reader *r, sh_op_draft *d) {
    base_vector(sh_token) names = {0};
    struct sh_open_region region;
    sh_expect(&r->l, '(');
    while (!sh_at(&r->l, ')')) {
        if (names.n) sh_expect(&r->l, ',');
        sh_token name = sh_take(&r->l, SH_TOKEN_VALUE, "an argument such as %iterArg = %0");
        base_push(r->arena, &names, name);
        sh_expect(&r->l, '=');
        sh_take_operand(r, d);
    }
    sh_expect(&r->l, ')');
    if (names.n || sh_at(&r->l, ':')) {
        sh_expect(&r->l, ':');
        d->types.n = 0;
        do {
            sh_type type = sh_take_type(r);
            base_push(r->arena, &d->types, type);
        } while (sh_accept(&r->l, ','));
    }
    if (d->types.n != names.n || (d->n_out && d->n_out != names.n))
        sh_fail(&r->l, &r->l.token, "this while has %u arguments, %u types and %u results", names.n,
                d->types.n, d->n_out);
    if (sh_accept_word(&r->l, "attributes")) sh_take_dictionary(r, &d->attributes);
    for (int i = 0; i < 2; i++) {
        sh_expect_word(&r->l, i ? "do" : "cond");
        sh_expect(&r->l, '{');
        sh_open(r, &region);
        for (uint32_t k = 0; k < names.n; k++)
            sh_define(r, &names.at[k], sh_new_value(r, d->types.at[k], NULL), 1);
        region.n_args = names.n;
        sh_take_body(r);
        add_region(r, d);
    }
}

// The region of `applies stablehlo.add`, which is not written: that operation of two scalars.
static void make_reducer(sh_reader *r, sh_op_draft *d, const sh_token *applied) {
    struct sh_open_region region;
    sh_type scalar = {NULL, applied->text};
    if (d->in.n) {
        const sh_value *reduced = &r->values.at[d->in.at[0]];
        if (reduced->type) scalar.type = ir_type_scalar(r->module, reduced->type->dtype);
        scalar.written = reduced->written;
    }
    sh_open(r, &region);
    uint32_t first = sh_new_value(r, scalar, NULL);
    sh_new_value(r, scalar, NULL);
    region.n_args = 2;
    sh_op_draft inner = {.name = sh_word(r, applied->text), .place = sh_place_of(applied)};
    base_push(r->arena, &inner.in, first);
    base_push(r->arena, &inner.in, first + 1);
    base_push(r->arena, &inner.types, scalar);
    const sh_op *op = sh_finish_op(r, &inner);
    base_push(r->arena, &region.ops, op);
    sh_op_draft end = {.name = "stablehlo.return", .place = inner.place};
    base_push(r->arena, &end.in, op->out);
    op = sh_finish_op(r, &end);
    base_push(r->arena, &region.ops, op);
    add_region(r, d);
}

// reducer(%a0: type, %x0: type) (%a1: type, %x1: type) {...}: first those of what was reduced so far, then
// those of the elements, as the generic form has them.
static void take_reducer(sh_reader *r, sh_op_draft *d) {
    struct sh_open_region region;
    base_vector(sh_token) names = {0};
    sh_types types = {0};
    sh_open(r, &region);
    while (sh_accept(&r->l, '(')) {
        for (int i = 0; i < 2; i++) {
            sh_token name = sh_take(&r->l, SH_TOKEN_VALUE, "an argument such as %arg0: tensor<f32>");
            base_push(r->arena, &names, name);
            sh_expect(&r->l, ':');
            sh_type type = sh_take_type(r);
            base_push(r->arena, &types, type);
            sh_take_location(r);
            if (!i) sh_expect(&r->l, ',');
        }
        sh_expect(&r->l, ')');
    }
    for (uint32_t half = 0; half < 2; half++)
        for (uint32_t i = half; i < names.n; i += 2)
            sh_define(r, &names.at[i], sh_new_value(r, types.at[i], NULL), 1);
    region.n_args = names.n;
    sh_expect(&r->l, '{');
    sh_take_body(r);
    add_region(r, d);
}

// stablehlo.reduce(%x init: %a), ... [applies op] across dimensions = [0] : types [reducer...]
static void take_reduce(sh_reader *r, sh_op_draft *d) {
    base_vector(uint32_t) initial = {0};
    do {
        sh_expect(&r->l, '(');
        sh_take_operand(r, d);
        sh_expect_word(&r->l, "init");
        sh_expect(&r->l, ':');
        uint32_t value = sh_take_value(r);
        base_push(r->arena, &initial, value);
        sh_expect(&r->l, ')');
    } while (sh_accept(&r->l, ','));
    for (uint32_t i = 0; i < initial.n; i++) base_push(r->arena, &d->in, initial.at[i]);
    sh_token applied = {0};
    if (sh_accept_word(&r->l, "applies")) applied = sh_take(&r->l, SH_TOKEN_WORD, "an operation");
    sh_expect_word(&r->l, "across");
    sh_take_pretty(r, d);
    if (applied.at) {
        make_reducer(r, d, &applied);
    } else {
        sh_expect_word(&r->l, "reducer");
        take_reducer(r, d);
    }
}

void sh_take_custom(sh_reader *r, sh_op_draft *d) {
    static const struct {
        const char *name;
        void (*take)(sh_reader *r, sh_op_draft *d);
    } custom[] = {
        {"builtin.module", take_module}, {"func.func", take_function},      {"stablehlo.slice", take_slice},
        {"stablehlo.while", take_while}, {"stablehlo.reduce", take_reduce},
    };
    for (size_t i = 0; i < sizeof custom / sizeof *custom; i++)
        if (!strcmp(custom[i].name, d->name)) {
            custom[i].take(r, d);
            return;
        }
    sh_take_pretty(r, d);
}
