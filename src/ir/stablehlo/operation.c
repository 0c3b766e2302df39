// In: tokens. Out: operations, each with the values that it uses and makes.
//
// The generic form says everything: "name"(operands) <{properties}> ({regions}) {attributes} : types. Pretty
// forms are read by one permissive rule, since nearly all of them are operands, attributes and words in some
// order up to a colon and types; only functions, slices, while and reduce have grammars of their own
// (custom.c).
//
// Names of values are visible up to the end of the region that they stand in. A region knows the values of
// its surroundings that it uses: numbers grow, so those are the ones below its first.

#include <string.h>

#include "ir/stablehlo/operation.h"

// Names

const char *sh_word(sh_reader *r, sh_slice word) {
    uint64_t hash = base_hash(word.at, word.n, 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&r->words, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&r->words, hash, &probe))
        if (sh_slice_is(word, r->word_list.at[i])) return r->word_list.at[i];
    char *copy = base_arena_zeroed(r->arena, word.n + 1);
    memcpy(copy, word.at, word.n);
    base_index_add(&r->words, hash, r->word_list.n);
    base_push(r->arena, &r->word_list, copy);
    return copy;
}

static const struct sh_name *find_name(const sh_reader *r, sh_slice name) {
    uint64_t hash = base_hash(name.at, name.n, 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&r->names, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&r->names, hash, &probe)) {
        const struct sh_name *entry = &r->visible.at[i];
        if (entry->name.n == name.n && !memcmp(entry->name.at, name.at, name.n)) return entry;
    }
    return NULL;
}

void sh_define(sh_reader *r, const sh_token *name, uint32_t first, uint32_t n) {
    if (find_name(r, name->text))
        sh_fail(&r->l, name, "%%%.*s has a value already", (int)(name->text.n & 127), name->text.at);
    base_index_add(&r->names, base_hash(name->text.at, name->text.n, 0), r->visible.n);
    base_push(r->arena, &r->visible, (struct sh_name){name->text, first, n});
}

uint32_t sh_new_value(sh_reader *r, sh_type type, const sh_op *op) {
    base_push(r->arena, &r->values, (sh_value){type.type, type.written, op});
    return r->values.n - 1;
}

static void capture(sh_reader *r, struct sh_open_region *region, uint32_t value) {
    struct sh_captured key = {region->first_value, value};
    uint64_t hash = base_hash(&key, sizeof key, 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&r->captured, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&r->captured, hash, &probe))
        if (!memcmp(&r->captured_list.at[i], &key, sizeof key)) return;
    base_index_add(&r->captured, hash, r->captured_list.n);
    base_push(r->arena, &r->captured_list, key);
    base_push(r->arena, &region->captures, value);
}

// %0, %0#1
uint32_t sh_take_value(sh_reader *r) {
    sh_token t = sh_take(&r->l, SH_TOKEN_VALUE, "a value such as %0");
    const char *part = memchr(t.text.at, '#', t.text.n);
    uint64_t number = 0;
    sh_slice name = t.text;
    if (part) {
        name.n = (size_t)(part - name.at);
        for (const char *c = part + 1; c < t.text.at + t.text.n && number < UINT32_MAX; c++)
            number = *c >= '0' && *c <= '9' ? number * 10 + (uint64_t)(*c - '0') : UINT32_MAX;
    }
    const struct sh_name *entry = find_name(r, name);
    if (!entry || number >= entry->n)
        sh_fail(&r->l, &t, "%%%.*s has no value here", (int)(t.text.n & 127), t.text.at);
    uint32_t value = entry->first + (uint32_t)number;
    for (struct sh_open_region *region = r->region; region && value < region->first_value;
         region = region->outer)
        capture(r, region, value);
    return value;
}

// Regions

void sh_open(sh_reader *r, struct sh_open_region *region) {
    sh_deepen(r);
    // The number is taken, so that no two regions begin with the same one.
    *region = (struct sh_open_region){
        .outer = r->region, .visible = r->visible.n, .first_value = sh_new_value(r, (sh_type){0}, NULL)};
    region->first_arg = r->values.n;
    r->region = region;
}

void sh_take_argument(sh_reader *r) {
    sh_token name = sh_take(&r->l, SH_TOKEN_VALUE, "an argument such as %arg0: tensor<f32>");
    sh_expect(&r->l, ':');
    sh_type type = sh_take_type(r);
    sh_define(r, &name, sh_new_value(r, type, NULL), 1);
    if (sh_at(&r->l, '{')) sh_skip_brackets(&r->l);
    sh_take_location(r);
    r->region->n_args++;
}

void sh_take_arguments(sh_reader *r) {
    sh_expect(&r->l, '(');
    for (bool first = true; !sh_at(&r->l, ')'); first = false) {
        if (!first) sh_expect(&r->l, ',');
        sh_take_argument(r);
    }
    sh_expect(&r->l, ')');
}

void sh_take_body(sh_reader *r) {
    struct sh_open_region *region = r->region;
    while (!sh_at(&r->l, '}')) {
        if (r->l.token.kind == SH_TOKEN_BLOCK)
            sh_fail(&r->l, &r->l.token, "a region of several blocks is not supported");
        if (r->l.token.kind == SH_TOKEN_END) sh_fail_expected(&r->l, "an operation or '}'");
        const sh_op *op = sh_take_op(r);
        base_push(r->arena, &region->ops, op);
    }
    sh_expect(&r->l, '}');
}

sh_region sh_close(sh_reader *r) {
    struct sh_open_region *region = r->region;
    while (r->visible.n > region->visible) {
        const struct sh_name *name = &r->visible.at[--r->visible.n];
        base_index_remove(&r->names, base_hash(name->name.at, name->name.n, 0), r->visible.n);
    }
    r->region = region->outer;
    r->depth--;
    return (sh_region){region->n_args,      region->ops.n,       region->captures.n, region->first_arg,
                       region->first_value, region->captures.at, region->ops.at};
}

// {^bb0(%arg0: tensor<f32>): operations}
static sh_region take_region(sh_reader *r) {
    struct sh_open_region region;
    sh_expect(&r->l, '{');
    sh_open(r, &region);
    if (r->l.token.kind == SH_TOKEN_BLOCK) {
        sh_advance(&r->l);
        if (sh_at(&r->l, '(')) sh_take_arguments(r);
        sh_expect(&r->l, ':');
    }
    sh_take_body(r);
    return sh_close(r);
}

// Operations

void sh_take_operand(sh_reader *r, sh_op_draft *d) {
    uint32_t value = sh_take_value(r);
    base_push(r->arena, &d->in, value);
}

// After the colon: (types) -> types, types -> types, or types alone, which are those of the results or, if
// there are more than results, end with that of the only one.
void sh_take_signature(sh_reader *r, sh_op_draft *d) {
    sh_token where = r->l.token;
    bool functional = false;
    if (sh_at(&r->l, '(')) {
        sh_skip_brackets(&r->l);
        functional = true;
    } else {
        d->types.n = 0;
        do {
            sh_type type = sh_take_type(r);
            base_push(r->arena, &d->types, type);
        } while (sh_accept(&r->l, ','));
    }
    if (r->l.token.kind == SH_TOKEN_ARROW) {
        sh_advance(&r->l);
        sh_take_types(r, &d->types);
    } else if (functional) {
        sh_fail_expected(&r->l, "'->'");
    } else if (d->n_out == 1 && d->types.n > 1) {
        d->types.at[0] = d->types.at[d->types.n - 1];
        d->types.n = 1;
    } else if (!d->n_out) {
        d->types.n = 0;
    }
    if (d->types.n != d->n_out)
        sh_fail(&r->l, &where, "%s has %u result%s, not %u", d->name, d->types.n, d->types.n == 1 ? "" : "s",
                d->n_out);
}

static void take_generic(sh_reader *r, sh_op_draft *d) {
    sh_expect(&r->l, '(');
    while (!sh_at(&r->l, ')')) {
        if (d->in.n) sh_expect(&r->l, ',');
        sh_take_operand(r, d);
    }
    sh_expect(&r->l, ')');
    if (sh_at(&r->l, '<')) { // <{...}>
        sh_advance(&r->l);
        if (!sh_at(&r->l, '{')) sh_fail_expected(&r->l, "'{'");
        sh_take_dictionary(r, &d->attributes);
        sh_expect(&r->l, '>');
    }
    if (sh_accept(&r->l, '(')) {
        do {
            sh_region region = take_region(r);
            base_push(r->arena, &d->regions, region);
        } while (sh_accept(&r->l, ','));
        sh_expect(&r->l, ')');
    }
    if (sh_at(&r->l, '{')) sh_take_dictionary(r, &d->attributes);
    sh_expect(&r->l, ':');
    sh_take_signature(r, d);
}

// Whether a word begins an operation: it names a dialect.
static bool begins_operation(const sh_lexer *l) {
    return memchr(l->token.text.at, '.', l->token.text.n) != NULL;
}

// Operands, attributes with names, attributes without, in any order and in parentheses.
void sh_take_items(sh_reader *r, sh_op_draft *d) {
    for (;;) {
        sh_lexer *l = &r->l;
        if (l->token.kind == SH_TOKEN_VALUE) {
            sh_take_operand(r, d);
        } else if (sh_accept(l, '(')) {
            sh_deepen(r);
            sh_take_items(r, d);
            sh_expect(l, ')');
            r->depth--;
        } else if (sh_at(l, '{')) {
            sh_take_dictionary(r, &d->attributes);
        } else if (sh_accept(l, ',') || sh_accept(l, '=')) {
            continue;
        } else if (sh_at(l, '<')) { // sdy.mesh @mesh = <["x"=2]>
            sh_skip_brackets(l);
        } else if (l->token.kind == SH_TOKEN_WORD && !sh_at_word(l, "dense") && !sh_at_word(l, "array")) {
            if (begins_operation(l) || sh_at_word(l, "loc")) return;
            sh_token word = l->token;
            sh_attribute a = {.kind = SH_WORD, .text = word.text, .place = sh_place_of(&word)};
            sh_advance(l);
            if (sh_accept(l, '=')) {
                a = sh_take_attribute(r, false);
                sh_add_attribute(r, &d->attributes, word.text, a);
            } else {
                base_push(r->arena, &d->positional, a);
            }
        } else if (l->token.kind == SH_TOKEN_WORD || l->token.kind == SH_TOKEN_NUMBER || sh_at(l, '[') ||
                   l->token.kind == SH_TOKEN_STRING || l->token.kind == SH_TOKEN_SYMBOL ||
                   l->token.kind == SH_TOKEN_ALIAS) {
            sh_attribute a = sh_take_attribute(r, false);
            base_push(r->arena, &d->positional, a);
        } else {
            return;
        }
    }
}

void sh_take_pretty(sh_reader *r, sh_op_draft *d) {
    sh_take_items(r, d);
    if (sh_accept(&r->l, ':'))
        sh_take_signature(r, d);
    else if (d->n_out)
        sh_fail_expected(&r->l, "':'");
}

// The results that stand in front: %0, %1:2 =
typedef struct result_name {
    sh_token name;
    uint32_t n;
} result_name;
typedef base_vector(result_name) result_names;

static uint32_t take_result_names(sh_reader *r, result_names *names) {
    uint64_t n = 0;
    if (r->l.token.kind != SH_TOKEN_VALUE) return 0;
    do {
        result_name result = {sh_take(&r->l, SH_TOKEN_VALUE, "a value"), 1};
        if (sh_accept(&r->l, ':')) {
            sh_token count = sh_take(&r->l, SH_TOKEN_NUMBER, "how many results");
            uint64_t given = 0;
            for (size_t i = 0; i < count.text.n && given < 1u << 20; i++)
                given = given * 10 + (uint64_t)(unsigned char)(count.text.at[i] - '0');
            if (!given || given >= 1u << 20) sh_fail(&r->l, &count, "that is no number of results");
            result.n = (uint32_t)given;
        }
        n += result.n;
        base_push(r->arena, names, result);
        if (n >= 1u << 20) sh_fail(&r->l, &result.name, "an operation has too many results");
    } while (sh_accept(&r->l, ','));
    sh_expect(&r->l, '=');
    return (uint32_t)n;
}

// Names that stand without their dialect in the pretty form.
static const char *full_name(sh_reader *r, sh_slice name) {
    static const char *const full[][2] = {
        {"call", "func.call"}, {"return", "func.return"}, {"module", "builtin.module"}};
    for (size_t i = 0; i < sizeof full / sizeof *full; i++)
        if (sh_slice_is(name, full[i][0])) return full[i][1];
    return sh_word(r, name);
}

const sh_op *sh_finish_op(sh_reader *r, sh_op_draft *d) {
    sh_op *op = base_new(r->arena, sh_op);
    *op = (sh_op){.name = d->name,
                  .place = d->place,
                  .location = d->location,
                  .n_in = d->in.n,
                  .in = d->in.at,
                  .n_out = d->types.n,
                  .n_regions = d->regions.n,
                  .regions = d->regions.at,
                  .n_attributes = d->attributes.n,
                  .attributes = d->attributes.at,
                  .out = r->values.n};
    for (uint32_t i = 0; i < d->types.n; i++) sh_new_value(r, d->types.at[i], op);
    return op;
}

const sh_op *sh_take_op(sh_reader *r) {
    result_names names = {0};
    sh_op_draft d = {0};
    d.n_out = take_result_names(r, &names);
    sh_token where = r->l.token;
    d.place = sh_place_of(&where);
    if (where.kind == SH_TOKEN_STRING) {
        d.name = sh_word(r, where.text);
        sh_advance(&r->l);
        take_generic(r, &d);
    } else {
        if (where.kind != SH_TOKEN_WORD) sh_fail_expected(&r->l, "an operation");
        d.name = full_name(r, where.text);
        sh_advance(&r->l);
        sh_take_custom(r, &d);
        sh_name_attributes(r, d.name, &d.attributes, &d.positional);
    }
    d.location = sh_take_location(r);
    const sh_op *op = sh_finish_op(r, &d);
    uint32_t at = op->out;
    for (uint32_t i = 0; i < names.n; i++) {
        sh_define(r, &names.at[i].name, at, names.at[i].n);
        at += names.at[i].n;
    }
    return op;
}

// Modules

typedef struct parse {
    sh_reader r;
    const char *file, *text;
    sh_module *module;
} parse;

static void parse_all(void *argument) {
    parse *p = argument;
    sh_reader *r = &p->r;
    base_vector(const sh_op *) ops = {0};
    sh_lexer_start(&r->l, p->file, p->text);
    while (r->l.token.kind != SH_TOKEN_END) {
        if (r->l.token.kind == SH_TOKEN_ALIAS || r->l.token.kind == SH_TOKEN_BANG) {
            sh_take_alias(r);
        } else {
            const sh_op *op = sh_take_op(r);
            base_push(r->arena, &ops, op);
        }
    }
    sh_sort_aliases(r);
    sh_module *m = p->module = base_new(r->arena, sh_module);
    m->file = base_arena_strdup(r->arena, p->file);
    m->n_ops = ops.n;
    m->ops = ops.at;
    if (ops.n == 1 && !strcmp(ops.at[0]->name, "builtin.module") && ops.at[0]->n_regions) {
        m->n_ops = ops.at[0]->regions[0].n_ops;
        m->ops = ops.at[0]->regions[0].ops;
    }
    m->n_values = r->values.n;
    m->values = r->values.at;
    m->n_aliases = r->aliases.n;
    m->aliases = r->aliases.at;
}

const sh_module *sh_parse(base_arena *arena, ir_module *module, const char *file, const char *text) {
    parse p = {.r = {.arena = arena, .module = module}, .file = file, .text = text};
    base_failure failure;
    cv_status status = base_protect(parse_all, &p, &failure);
    base_index_free(&p.r.words);
    base_index_free(&p.r.names);
    base_index_free(&p.r.captured);
    if (status) base_raise_again(&failure);
    return p.module;
}

// A program of our own begins with "func @"; a module with "module", an alias, "func.func" or a string.
bool sh_is_module(const char *text) {
    static const char *const beginnings[] = {"module", "builtin.module", "func.func", "#", "\"", "!"};
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (text[0] != '/' || text[1] != '/') break;
        text += strcspn(text, "\n");
    }
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (!strncmp(text, beginnings[i], strlen(beginnings[i]))) return true;
    return false;
}

const sh_attribute *sh_find(const sh_op *op, const char *name) {
    for (uint32_t i = 0; i < op->n_attributes; i++)
        if (sh_slice_is(op->attributes[i].name, name)) return &op->attributes[i];
    return NULL;
}
