// In: text as print.c writes it. Out: the last function of it, built by the builder.
//
// One pass over the text by hand-written recursive descent, without recursion: the language has no
// nested constructs. Functions are named before they are used, so there are no cycles. Only
// a literal is read late, since the type that says what its elements are stands after it: it is
// skipped, and read when the type is known.
//
// The text may be hostile. Every token is checked before it is used, lists of numbers have at most
// IR_MAX_RANK entries, everything else grows with the text and never with a number written in it,
// and the type rules see every operation. Mistakes raise CV_INVALID with "file:line:column: what
// is wrong", those that a type rule finds with "file:line: primitive: what is wrong".

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/rules.h"

typedef enum token_kind {
    TOKEN_END,      // of the text
    TOKEN_WORD,     // sin, f32, true
    TOKEN_NUMBER,   // -1, 1e-5, 0x7fc00001
    TOKEN_VALUE,    // %0: the text without its sigil
    TOKEN_FUNCTION, // @f, @"jvp(f)": without sigil and quotes
    TOKEN_ARROW,    // ->
    TOKEN_CHARACTER // any other, one of ( ) [ ] { } , : = or a mistake
} token_kind;

typedef struct token {
    token_kind kind;
    const char *at;  // where it begins, sigil included
    const char *text;
    size_t n; // of text
    uint32_t line;
    const char *line_start;
} token;

typedef struct named {
    const char *name;
    size_t n;
    union {
        ir_val value;
        ir_primitive primitive;
        const ir_function *function;
    };
} named;

typedef struct name_table {
    base_index index;
    base_vector(named) list;
} name_table;

typedef struct parser {
    ir_module *module;
    const char *file;
    base_arena scratch;
    const char *next; // what is after the token
    uint32_t line;
    const char *line_start;
    token token;
    name_table primitives, functions, values; // values: of the function that is being read
    const ir_function *last;
    // Of the function and the operation that are being read; refilled for each.
    ir_builder *b;
    base_vector(token) results;
    base_vector(ir_val) operands;
    base_vector(const ir_type *) types;
    token literal; // the first token of a literal that was skipped
} parser;

enum { SHOWN = 40, NUMBER = 128 };

static _Noreturn void fail(const parser *p, const token *where, const char *format, ...) BASE_PRINTF(3, 4);

static void fail(const parser *p, const token *where, const char *format, ...) {
    char what[768];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    unsigned column = (unsigned)(where->at - where->line_start) + 1;
    base_raise(CV_INVALID, "%s:%u:%u: %s", p->file, where->line, column, what);
}

// A token as messages show it; what cannot be shown is '?'.
static const char *show(const token *t, char buffer[SHOWN + 8]) {
    if (t->kind == TOKEN_END) return "the end of the text";
    size_t n = (size_t)(t->text - t->at) + t->n;
    size_t shown = n > SHOWN ? SHOWN : n, at = 0;
    buffer[at++] = '\'';
    for (size_t i = 0; i < shown; i++) buffer[at++] = t->at[i] >= ' ' && t->at[i] <= '~' ? t->at[i] : '?';
    strcpy(buffer + at, n > shown ? "...'" : "'");
    return buffer;
}

static _Noreturn void fail_expected(const parser *p, const char *expected) {
    char shown[SHOWN + 8];
    fail(p, &p->token, "expected %s, found %s", expected, show(&p->token, shown));
}

// Tokens.

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_identifier(char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '$';
}

static bool in_number(char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '+' || c == '-';
}

static void skip_space(parser *p) {
    for (;; p->next++) {
        if (p->next[0] == '/' && p->next[1] == '/')
            p->next += strcspn(p->next, "\n");
        if (*p->next == '\n') {
            p->line++;
            p->line_start = p->next + 1;
        } else if (!*p->next || !strchr(" \t\r", *p->next)) {
            return;
        }
    }
}

static void take_while(token *t, bool (*belongs)(char)) {
    while (belongs(t->text[t->n])) t->n++;
}

static void advance(parser *p) {
    skip_space(p);
    token *t = &p->token;
    *t = (token){TOKEN_CHARACTER, p->next, p->next, 1, p->line, p->line_start};
    char c = *p->next;
    if (!c) {
        t->kind = TOKEN_END;
        t->n = 0;
    } else if (is_letter(c)) {
        t->kind = TOKEN_WORD;
        take_while(t, in_identifier);
    } else if (c == '-' && p->next[1] == '>') {
        t->kind = TOKEN_ARROW;
        t->n = 2;
    } else if (is_digit(c) || c == '-') {
        t->kind = TOKEN_NUMBER;
        take_while(t, in_number);
    } else if (c == '@' && p->next[1] == '"') {
        t->kind = TOKEN_FUNCTION;
        t->text = p->next + 2;
        t->n = strcspn(t->text, "\"\n");
        if (t->text[t->n] != '"') fail(p, t, "the quotes of this name are not closed");
        p->next = t->text + t->n + 1;
        return;
    } else if (c == '%' || c == '@') {
        t->kind = c == '%' ? TOKEN_VALUE : TOKEN_FUNCTION;
        t->text++;
        t->n = 0;
        take_while(t, in_identifier);
        if (!t->n) fail(p, t, "expected a name after '%c'", c);
    }
    p->next = t->text + t->n;
}

static bool at_character(const parser *p, char c) {
    return p->token.kind == TOKEN_CHARACTER && *p->token.at == c;
}

static bool accept(parser *p, char c) {
    bool found = at_character(p, c);
    if (found) advance(p);
    return found;
}

static void expect(parser *p, char c) {
    if (!accept(p, c)) fail_expected(p, (char[]){'\'', c, '\'', 0});
}

static bool is_word(const token *t, const char *word) {
    return t->kind == TOKEN_WORD && strlen(word) == t->n && !memcmp(t->text, word, t->n);
}

static void expect_word(parser *p, const char *word) {
    char quoted[SHOWN];
    snprintf(quoted, sizeof quoted, "'%s'", word);
    if (!is_word(&p->token, word)) fail_expected(p, quoted);
    advance(p);
}

static token take(parser *p, token_kind kind, const char *expected) {
    if (p->token.kind != kind) fail_expected(p, expected);
    token taken = p->token;
    advance(p);
    return taken;
}

// Names.

static named *find(const name_table *names, const token *t) {
    uint64_t hash = base_hash(t->text, t->n, 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&names->index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&names->index, hash, &probe)) {
        named *entry = &names->list.at[i];
        if (entry->n == t->n && !memcmp(entry->name, t->text, t->n)) return entry;
    }
    return NULL;
}

// The name itself is not copied: it stands in the text, or in the table of primitives.
static named *add(parser *p, name_table *names, const char *name, size_t n) {
    base_reserve(&p->scratch, &names->list, 1);
    base_index_add(&names->index, base_hash(name, n, 0), names->list.n);
    base_push(&p->scratch, &names->list, (named){.name = name, .n = n});
    return &names->list.at[names->list.n - 1];
}

static void define_value(parser *p, const token *name, ir_val value) {
    char shown[SHOWN + 8];
    if (find(&p->values, name)) fail(p, name, "%s has a value already", show(name, shown));
    add(p, &p->values, name->text, name->n)->value = value;
}

static ir_val take_value(parser *p) {
    char shown[SHOWN + 8];
    token name = take(p, TOKEN_VALUE, "a value such as %0");
    const named *entry = find(&p->values, &name);
    if (!entry) fail(p, &name, "%s has no value here", show(&name, shown));
    return entry->value;
}

static const ir_function *take_function(parser *p) {
    char shown[SHOWN + 8];
    token name = take(p, TOKEN_FUNCTION, "a function such as @f");
    const named *entry = find(&p->functions, &name);
    if (!entry) fail(p, &name, "no function %s stands above", show(&name, shown));
    return entry->function;
}

// Scalars, lists and types.

static void read_scalar(const parser *p, const token *t, union ir_scalar *scalar, cv_dtype dtype) {
    char copy[NUMBER], shown[SHOWN + 8];
    if (t->n >= sizeof copy) fail(p, t, "a number has more than %d characters", NUMBER - 1);
    memcpy(copy, t->text, t->n);
    copy[t->n] = 0;
    const char *wrong = ir_scalar_parse(scalar, dtype, copy);
    if (wrong) fail(p, t, "%s %s (dtype %s)", show(t, shown), wrong, cv_dtype_name(dtype));
}

static int64_t take_int(parser *p) {
    union ir_scalar scalar;
    token t = take(p, TOKEN_NUMBER, "an integer");
    read_scalar(p, &t, &scalar, CV_S64);
    return scalar.s64;
}

// The list up to ']', which is taken too.
static ir_dims take_dims(parser *p) {
    int64_t dims[IR_MAX_RANK];
    int64_t n = 0;
    expect(p, '[');
    while (!at_character(p, ']')) {
        if (n) expect(p, ',');
        if (n == IR_MAX_RANK) fail(p, &p->token, "a list has more than %d numbers", IR_MAX_RANK);
        dims[n++] = take_int(p);
    }
    expect(p, ']');
    return (ir_dims){n, base_arena_copy(&p->scratch, dims, (size_t)n * sizeof *dims)};
}

static cv_dtype take_dtype(parser *p) {
    for (int dtype = 0; dtype < CV_DTYPE_COUNT; dtype++)
        if (is_word(&p->token, cv_dtype_name((cv_dtype)dtype))) {
            advance(p);
            return (cv_dtype)dtype;
        }
    fail_expected(p, "a dtype such as f32");
}

typedef struct wanted_type {
    ir_module *module;
    cv_dtype dtype;
    ir_dims shape;
    const ir_type *type;
} wanted_type;

static void get_type(void *argument) {
    wanted_type *w = argument;
    w->type = ir_type_get(w->module, w->dtype, w->shape.n, w->shape.at);
}

// What is wrong with a shape is known to ir_type_get only, and where it stands only here.
static const ir_type *take_type(parser *p) {
    token where = p->token;
    wanted_type w = {.module = p->module, .dtype = take_dtype(p)};
    w.shape = take_dims(p);
    base_failure failure;
    cv_status status = base_protect(get_type, &w, &failure);
    if (status == CV_INVALID) fail(p, &where, "%s", failure.message);
    if (status) base_raise_again(&failure);
    return w.type;
}

// Attributes.

// An element of a literal: a word, a number, or "(re,im)" made into one token.
static token take_element(parser *p) {
    token t = p->token;
    if (at_character(p, '(')) {
        t.n = strcspn(t.at, ")\n");
        if (t.at[t.n] != ')') fail(p, &t, "a complex number has no ')'");
        p->next = t.at + ++t.n;
    } else if (t.kind != TOKEN_NUMBER && t.kind != TOKEN_WORD) {
        fail_expected(p, "an element");
    }
    advance(p);
    return t;
}

static void skip_literal(parser *p) {
    p->literal = p->token;
    if (!accept(p, '[')) {
        take_element(p);
        return;
    }
    for (bool first = true; !at_character(p, ']'); first = false) {
        if (!first) expect(p, ',');
        take_element(p);
    }
    expect(p, ']');
}

static void restart_at(parser *p, const token *t) {
    p->next = t->at;
    p->line = t->line;
    p->line_start = t->line_start;
    advance(p);
}

static void read_literal(parser *p, ir_literal *literal, const ir_type *type) {
    token after = p->token;
    size_t size = cv_dtype_size(type->dtype);
    base_text bytes = {.arena = &p->scratch};
    int64_t n = 0;
    union ir_scalar scalar;
    restart_at(p, &p->literal);
    bool splat = !accept(p, '[');
    while (splat ? n == 0 : !at_character(p, ']')) {
        if (n++) expect(p, ',');
        token element = take_element(p);
        read_scalar(p, &element, &scalar, type->dtype);
        base_text_add_n(&bytes, (const char *)&scalar, size);
    }
    if (!splat && n != type->count)
        fail(p, &p->literal, "%lld elements for a type of %lld", (long long)n, (long long)type->count);
    *literal = (ir_literal){type, splat, base_text_get(&bytes)};
    restart_at(p, &after);
}

static ir_functions take_functions(parser *p) {
    base_vector(const ir_function *) list = {0};
    expect(p, '[');
    while (!at_character(p, ']')) {
        if (list.n) expect(p, ',');
        const ir_function *f = take_function(p);
        base_push(&p->scratch, &list, f);
    }
    expect(p, ']');
    return (ir_functions){list.n, list.at};
}

static bool take_bool(parser *p) {
    bool value = is_word(&p->token, "true");
    if (!value && !is_word(&p->token, "false")) fail_expected(p, "true or false");
    advance(p);
    return value;
}

static int64_t take_mode(parser *p) {
    for (int64_t mode = 0; mode < IR_INDEX_MODES; mode++)
        if (is_word(&p->token, ir_index_mode_names[mode])) {
            advance(p);
            return mode;
        }
    fail_expected(p, "clip or fill_or_drop");
}

static void take_field(parser *p, ir_field_kind kind, void *value) {
    switch (kind) {
    case IR_FIELD_INT: *(int64_t *)value = take_int(p); break;
    case IR_FIELD_BOOL:
    case IR_FIELD_FLAG: *(bool *)value = take_bool(p); break;
    case IR_FIELD_DTYPE: *(cv_dtype *)value = take_dtype(p); break;
    case IR_FIELD_DIMS: *(ir_dims *)value = take_dims(p); break;
    case IR_FIELD_MODE: *(int64_t *)value = take_mode(p); break;
    case IR_FIELD_LITERAL: skip_literal(p); break;
    case IR_FIELD_FUNCTION: *(const ir_function **)value = take_function(p); break;
    case IR_FIELD_FUNCTIONS: *(ir_functions *)value = take_functions(p); break;
    }
}

// In any order, each once, none but flags left out.
static char *take_attributes(parser *p, const ir_primitive_info *info) {
    const ir_layout *layout = info->layout;
    char *attributes = base_arena_zeroed(&p->scratch, layout->size), shown[SHOWN + 8];
    uint64_t given = 0; // no layout has more than 64 fields
    token where = p->token;
    if (accept(p, '{')) {
        do {
            token name = take(p, TOKEN_WORD, "the name of an attribute");
            uint32_t i = 0;
            while (i < layout->n_fields && !is_word(&name, layout->fields[i].name)) i++;
            if (i == layout->n_fields)
                fail(p, &name, "%s has no attribute %s", info->name, show(&name, shown));
            if (given >> i & 1) fail(p, &name, "attribute %s is given twice", show(&name, shown));
            given |= (uint64_t)1 << i;
            expect(p, '=');
            take_field(p, layout->fields[i].kind, attributes + layout->fields[i].offset);
        } while (accept(p, ','));
        expect(p, '}');
    }
    for (uint32_t i = 0; i < layout->n_fields; i++)
        if (!(given >> i & 1) && layout->fields[i].kind != IR_FIELD_FLAG)
            fail(p, &where, "%s needs its attribute '%s'", info->name, layout->fields[i].name);
    return layout->size ? attributes : NULL;
}

// Operations and functions.

// The types that were read last are the ones that are computed.
static void check_types(const parser *p, const token *where, const char *what,
                        const ir_type *const *computed, uint32_t n) {
    char is[IR_TYPE_TEXT], written[IR_TYPE_TEXT];
    if (p->types.n != n)
        fail(p, where, "%s has %u result%s, not %u", what, n, n == 1 ? "" : "s", p->types.n);
    for (uint32_t i = 0; i < n; i++)
        if (p->types.at[i] != computed[i])
            fail(p, where, "result %u of %s has the type %s, not %s", i, what, ir_type_text(computed[i], is),
                 ir_type_text(p->types.at[i], written));
}

// One type or more, or "()" where that is how none are written.
static void take_types(parser *p) {
    p->types.n = 0;
    if (accept(p, '(')) {
        expect(p, ')');
        return;
    }
    do {
        const ir_type *type = take_type(p);
        base_push(&p->scratch, &p->types, type);
    } while (accept(p, ','));
}

static void take_operands(parser *p) {
    p->operands.n = 0;
    if (p->token.kind != TOKEN_VALUE) return;
    do {
        ir_val value = take_value(p);
        base_push(&p->scratch, &p->operands, value);
    } while (accept(p, ','));
}

static void take_result_names(parser *p) {
    p->results.n = 0;
    if (p->token.kind != TOKEN_VALUE) return;
    do {
        token name = take(p, TOKEN_VALUE, "a value such as %0");
        base_push(&p->scratch, &p->results, name);
    } while (accept(p, ','));
    expect(p, '=');
}

// %4, %5 = while %0, %1 {cond=@f, body=@g, ...} : f32[64,10], s32[]
static void take_op(parser *p) {
    char shown[SHOWN + 8];
    take_result_names(p);
    token word = take(p, TOKEN_WORD, p->results.n ? "a primitive" : "an operation or 'return'");
    const named *entry = find(&p->primitives, &word);
    if (!entry) fail(p, &word, "there is no primitive %s", show(&word, shown));
    const ir_primitive_info *info = &ir_primitives[entry->primitive];
    take_operands(p);
    char *attributes = take_attributes(p, info);
    expect(p, ':');
    token types_at = p->token;
    take_types(p);
    for (uint32_t i = 0; i < info->layout->n_fields; i++) {
        const ir_field *field = &info->layout->fields[i];
        if (field->kind != IR_FIELD_LITERAL) continue;
        if (!p->types.n) fail(p, &types_at, "%s has a result", info->name);
        read_literal(p, (ir_literal *)(void *)(attributes + field->offset), p->types.at[0]);
    }
    ir_set_source(p->b, p->file, (int)word.line, NULL);
    uint32_t first = p->b->types.n;
    ir_emit(p->b, entry->primitive, p->operands.at, p->operands.n, attributes);
    uint32_t n = p->b->types.n - first;
    check_types(p, &types_at, info->name, p->b->types.at + first, n);
    if (p->results.n != n)
        fail(p, &word, "%s has %u result%s, not %u", info->name, n, n == 1 ? "" : "s", p->results.n);
    for (uint32_t i = 0; i < n; i++) define_value(p, &p->results.at[i], first + i);
}

static void take_params(parser *p) {
    expect(p, '(');
    while (!at_character(p, ')')) {
        if (p->b->params.n) expect(p, ',');
        token name = take(p, TOKEN_VALUE, "a parameter such as %0: f32[3]");
        expect(p, ':');
        const ir_type *type = take_type(p);
        define_value(p, &name, ir_param(p->b, type));
    }
    expect(p, ')');
}

// return %4, %5
static const ir_function *take_return(parser *p, const token *function, uint32_t n_declared,
                                      const ir_type *const *declared) {
    token where = p->token;
    expect_word(p, "return");
    take_operands(p);
    uint32_t n = p->operands.n;
    const ir_type **returned = base_new_array(&p->scratch, const ir_type *, n);
    for (uint32_t i = 0; i < n; i++) returned[i] = ir_type_of(p->b, p->operands.at[i]);
    p->types.n = 0;
    for (uint32_t i = 0; i < n_declared; i++) base_push(&p->scratch, &p->types, declared[i]);
    check_types(p, &where, "the function", returned, n);
    ir_set_source(p->b, p->file, (int)function->line, NULL);
    return ir_finish(p->b, p->operands.at, n);
}

static void take_function_definition(parser *p) {
    char shown[SHOWN + 8];
    expect_word(p, "func");
    token name = take(p, TOKEN_FUNCTION, "the name of the function, such as @f");
    if (find(&p->functions, &name)) fail(p, &name, "%s is defined already", show(&name, shown));
    char *copy = base_arena_zeroed(&p->scratch, name.n + 1);
    memcpy(copy, name.text, name.n);
    base_index_free(&p->values.index);
    p->values.list.n = 0;
    p->b = ir_builder_new(p->module, copy);
    take_params(p);
    if (p->token.kind != TOKEN_ARROW) fail_expected(p, "'->'");
    advance(p);
    expect(p, '(');
    p->types.n = 0;
    if (!at_character(p, ')')) take_types(p);
    expect(p, ')');
    uint32_t n_declared = p->types.n;
    const ir_type *const *declared =
        base_arena_copy(&p->scratch, p->types.at, n_declared * sizeof *p->types.at);
    expect(p, '{');
    while (!is_word(&p->token, "return")) take_op(p);
    p->last = take_return(p, &name, n_declared, declared);
    expect(p, '}');
    add(p, &p->functions, name.text, name.n)->function = p->last;
}

static void parse_all(void *argument) {
    parser *p = argument;
    for (int i = 0; i < IR_PRIMITIVE_COUNT; i++) {
        const char *name = ir_primitives[i].name;
        add(p, &p->primitives, name, strlen(name))->primitive = (ir_primitive)i;
    }
    advance(p);
    do take_function_definition(p);
    while (p->token.kind != TOKEN_END);
    ir_retain(p->last); // the others go with this protected call
}

static void release(void *argument) {
    ir_release(argument);
}

const ir_function *ir_parse(ir_module *module, const char *file, const char *text) {
    parser p = {.module = module, .file = file, .next = text, .line = 1, .line_start = text};
    base_failure failure;
    cv_status status = base_protect(parse_all, &p, &failure);
    base_index_free(&p.primitives.index);
    base_index_free(&p.functions.index);
    base_index_free(&p.values.index);
    base_arena_free(&p.scratch);
    if (status) base_raise_again(&failure);
    base_defer(release, (void *)(uintptr_t)p.last);
    return p.last;
}
