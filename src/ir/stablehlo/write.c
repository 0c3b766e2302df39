// In: a function. Out: a module of StableHLO text that computes the same.
//
//     module @f {
//       func.func public @main(%0: tensor<3xf32>) -> tensor<3xf32> {
//         %1 = "stablehlo.sine"(%0) : (tensor<3xf32>) -> tensor<3xf32>
//         return %1 : tensor<3xf32>
//       }
//     }
//
// Operations stand in the generic form, which says everything and is the same for all. A function that is
// called is a function there, once however often it is called. What control flow and folds hold is written
// where it is used, as a region; a region may use what is around it, so constants of loops are not passed.
// Values are numbered through, since names in a region must not hide those around it.
//
// What StableHLO does not have is written in terms of what it has (write_expand.c). Text that the reader
// reads back, and JAX runs, to the same results (scripts/check_stablehlo_jax.py).

#include <string.h>

#include "base/error.h"
#include "ir/stablehlo/stablehlo.h"
#include "ir/stablehlo/write.h"

// Functions that are functions of the module, by address.
typedef struct sh_symbols {
    base_arena arena;
    base_index index, names, seen_index; // of `called`, of their names, of `seen`
    base_vector(struct called {
        const ir_function *f;
        const char *name;
    }) called;
    base_vector(const ir_function *) seen;
    base_vector(struct pending {
        const ir_function *f;
        bool called;
    }) stack;
} sh_symbols;

static uint64_t hash_pointer(const ir_function *f) { return base_hash(&f, sizeof f, 0); }

static const char *symbol_of(const sh_symbols *s, const ir_function *f) {
    uint64_t hash = hash_pointer(f);
    uint32_t probe;
    for (uint32_t i = base_index_first(&s->index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&s->index, hash, &probe))
        if (s->called.at[i].f == f) return s->called.at[i].name;
    return NULL;
}

static bool is_taken(const sh_symbols *s, const char *name) {
    uint64_t hash = base_hash(name, strlen(name), 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&s->names, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&s->names, hash, &probe))
        if (!strcmp(s->called.at[i].name, name)) return true;
    return false;
}

// Names come from users: what would end the quotes or the line is replaced.
static char *printable(sh_symbols *s, const char *name) {
    char *copy = base_arena_strdup(&s->arena, name);
    for (char *c = copy; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') *c = '_';
    return copy;
}

// The function's name; its number behind it, if another has it.
static void add_symbol(sh_symbols *s, const ir_function *f, const char *wanted) {
    char *name = printable(s, wanted);
    if (is_taken(s, name)) name = base_format(&s->arena, "%s_%u", name, s->called.n);
    while (is_taken(s, name)) name = base_format(&s->arena, "%s_", name);
    base_index_add(&s->names, base_hash(name, strlen(name), 0), s->called.n);
    base_index_add(&s->index, hash_pointer(f), s->called.n);
    base_push(&s->arena, &s->called, (struct called){f, name});
}

static bool is_seen(sh_symbols *s, const ir_function *f) {
    uint64_t hash = hash_pointer(f);
    uint32_t probe;
    for (uint32_t i = base_index_first(&s->seen_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&s->seen_index, hash, &probe))
        if (s->seen.at[i] == f) return true;
    base_index_add(&s->seen_index, hash, s->seen.n);
    base_push(&s->arena, &s->seen, f);
    return false;
}

typedef struct holding {
    sh_symbols *s;
    bool called;
} holding;

static void push_held(void *argument, const ir_function **slot) {
    const holding *h = argument;
    base_push(&h->s->arena, &h->s->stack, (struct pending){*slot, h->called});
}

// The entry, and all that is called, however deep in what is held.
static void find_symbols(sh_symbols *s, const ir_function *entry) {
    base_push(&s->arena, &s->stack, (struct pending){entry, true});
    while (s->stack.n) {
        struct pending p = s->stack.at[--s->stack.n];
        if (p.called && !symbol_of(s, p.f)) add_symbol(s, p.f, s->called.n ? p.f->name : "main");
        if (is_seen(s, p.f)) continue;
        for (uint32_t i = p.f->n_ops; i-- > 0;) {
            const ir_op *op = &p.f->ops[i];
            if (!op->attributes) continue;
            ir_attributes_functions(ir_primitives[op->primitive].layout, op->attributes, push_held,
                                    &(holding){s, op->primitive == IR_call});
        }
    }
}

// Pieces of text.

static const char *dtype_word(cv_dtype dtype) {
    static const char *const words[CV_DTYPE_COUNT] = {
        [CV_BOOL] = "i1",           [CV_S8] = "i8",
        [CV_S16] = "i16",           [CV_S32] = "i32",
        [CV_S64] = "i64",           [CV_U8] = "ui8",
        [CV_U16] = "ui16",          [CV_U32] = "ui32",
        [CV_U64] = "ui64",          [CV_F16] = "f16",
        [CV_BF16] = "bf16",         [CV_F32] = "f32",
        [CV_F64] = "f64",           [CV_C64] = "complex<f32>",
        [CV_C128] = "complex<f64>",
    };
    return words[dtype];
}

void sh_write_type(base_text *text, const ir_type *type) {
    base_text_add(text, "tensor<");
    for (uint32_t d = 0; d < type->rank; d++) base_text_printf(text, "%lldx", (long long)type->dims[d]);
    base_text_printf(text, "%s>", dtype_word(type->dtype));
}

static const char *list_of(sh_writer *w, const char *before, ir_dims dims, const char *after) {
    base_text text = {.arena = w->arena};
    base_text_add(&text, before);
    for (int64_t i = 0; i < dims.n; i++)
        base_text_printf(&text, "%s%lld", i ? ", " : "", (long long)dims.at[i]);
    base_text_add(&text, after);
    return text.at;
}

const char *sh_list(sh_writer *w, ir_dims dims) { return list_of(w, "[", dims, "]"); }

const char *sh_array(sh_writer *w, ir_dims dims) {
    return list_of(w, dims.n ? "array<i64: " : "array<i64", dims, ">");
}

static void start_line(sh_writer *w) { base_text_printf(w->text, "%*s", 2 * (int)w->indent, ""); }

static void write_symbol(base_text *text, const char *name) {
    static const char identifier[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$";
    bool plain = *name && !name[strspn(name, identifier)] && (*name < '0' || *name > '9');
    base_text_printf(text, plain ? "@%s" : "@\"%s\"", name);
}

static void write_names(sh_writer *w, const sh_named *values, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) base_text_printf(w->text, "%s%s", i ? ", " : "", values[i].name);
}

static void write_types(sh_writer *w, const sh_named *values, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) base_text_add(w->text, ", ");
        sh_write_type(w->text, values[i].type);
    }
}

static void write_arguments(sh_writer *w, const sh_named *values, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        base_text_printf(w->text, "%s%s: ", i ? ", " : "", values[i].name);
        sh_write_type(w->text, values[i].type);
    }
}

static sh_named new_value(sh_writer *w, const ir_type *type) {
    return (sh_named){base_format(w->arena, "%%%u", w->next++), type};
}

// "operation %1, %2 : types"
static void write_terminator(sh_writer *w, const char *op, const sh_named *values, uint32_t n) {
    start_line(w);
    base_text_add(w->text, op);
    if (n) {
        base_text_add(w->text, " ");
        write_names(w, values, n);
        base_text_add(w->text, " : ");
        write_types(w, values, n);
    }
    base_text_add(w->text, "\n");
}

// Operations.

void sh_begin(sh_writer *w, const char *op, const sh_named *in, uint32_t n_in, const char *attributes,
              const ir_type *const *out_types, uint32_t n_out, sh_named *out) {
    uint32_t number = w->next++;
    start_line(w);
    base_text_printf(w->text, "%%%u", number);
    if (n_out > 1) base_text_printf(w->text, ":%u", n_out);
    base_text_printf(w->text, " = \"%s\"(", op);
    write_names(w, in, n_in);
    base_text_add(w->text, ")");
    if (*attributes) base_text_printf(w->text, " <{%s}>", attributes);
    for (uint32_t i = 0; i < n_out; i++) {
        out[i].name =
            n_out > 1 ? base_format(w->arena, "%%%u#%u", number, i) : base_format(w->arena, "%%%u", number);
        out[i].type = out_types[i];
    }
}

void sh_end(sh_writer *w, const sh_named *in, uint32_t n_in, const sh_named *out, uint32_t n_out) {
    base_text_add(w->text, " : (");
    write_types(w, in, n_in);
    base_text_add(w->text, ") -> (");
    write_types(w, out, n_out);
    base_text_add(w->text, ")\n");
}

sh_named sh_line(sh_writer *w, const char *op, const sh_named *in, uint32_t n_in, const char *attributes,
                 const ir_type *out_type) {
    sh_named out;
    sh_begin(w, op, in, n_in, attributes, &out_type, 1, &out);
    sh_end(w, in, n_in, &out, 1);
    return out;
}

static void open_region(sh_writer *w, const sh_named *arguments, uint32_t n, bool first) {
    base_text_add(w->text, first ? " ({\n" : ", {\n");
    w->indent++;
    if (!n) return;
    start_line(w);
    base_text_add(w->text, "^bb0(");
    write_arguments(w, arguments, n);
    base_text_add(w->text, "):\n");
}

static void close_region(sh_writer *w, const sh_named *results, uint32_t n) {
    write_terminator(w, "stablehlo.return", results, n);
    w->indent--;
    start_line(w);
    base_text_add(w->text, "}");
}

void sh_end_regions(sh_writer *w) { base_text_add(w->text, ")"); }

void sh_region(sh_writer *w, const ir_function *f, const sh_named *given, uint32_t n_given, bool first) {
    sh_named *params = base_new_array(w->arena, sh_named, f->n_params + 1);
    sh_named *results = base_new_array(w->arena, sh_named, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = i < n_given ? given[i] : new_value(w, f->types[i]);
    open_region(w, params + n_given, f->n_params - n_given, first);
    sh_write_body(w, f, params, results);
    close_region(w, results, f->n_results);
}

void sh_region_of(sh_writer *w, const char *op, const ir_type *type) {
    sh_named in[2] = {new_value(w, type), new_value(w, type)};
    open_region(w, in, 2, true);
    sh_named out = sh_line(w, op, in, 2, "", type);
    close_region(w, &out, 1);
}

// As deep as control flow is nested.
void sh_write_body(sh_writer *w, const ir_function *f, const sh_named *params, sh_named *out) {
    sh_named *values = base_new_array(w->arena, sh_named, f->n_values + 1);
    if (f->n_params) memcpy(values, params, sizeof *params * f->n_params);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        sh_named few[8], *in = op->n_in <= 8 ? few : base_new_array(w->arena, sh_named, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = values[ir_in(f, op)[k]];
        sh_write_op(w, f, op, in, values + op->out);
    }
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = values[f->results[i]];
}

void sh_call(sh_writer *w, const ir_function *callee, const sh_named *in, uint32_t n_in, sh_named *out) {
    base_text symbol = {.arena = w->arena};
    const ir_type **types = base_new_array(w->arena, const ir_type *, callee->n_results + 1);
    for (uint32_t i = 0; i < callee->n_results; i++) types[i] = ir_result_type(callee, i);
    base_text_add(&symbol, "callee = ");
    write_symbol(&symbol, symbol_of(w->symbols, callee));
    sh_begin(w, "func.call", in, n_in, symbol.at, types, callee->n_results, out);
    sh_end(w, in, n_in, out, callee->n_results);
}

// The module.

static void write_function(sh_writer *w, const struct called *c, bool is_entry) {
    const ir_function *f = c->f;
    sh_named *params = base_new_array(w->arena, sh_named, f->n_params + 1);
    sh_named *results = base_new_array(w->arena, sh_named, f->n_results + 1);
    w->next = 0;
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = new_value(w, f->types[i]);
    for (uint32_t i = 0; i < f->n_results; i++) results[i].type = ir_result_type(f, i);
    w->indent = 1;
    start_line(w);
    base_text_add(w->text, is_entry ? "func.func public " : "func.func private ");
    write_symbol(w->text, c->name);
    base_text_add(w->text, "(");
    write_arguments(w, params, f->n_params);
    base_text_add(w->text, ") -> (");
    write_types(w, results, f->n_results);
    base_text_add(w->text, ") {\n");
    w->indent++;
    sh_write_body(w, f, params, results);
    write_terminator(w, "func.return", results, f->n_results);
    w->indent--;
    start_line(w);
    base_text_add(w->text, "}\n");
}

typedef struct writing {
    sh_writer writer;
    sh_symbols symbols;
    const ir_function *entry;
    base_arena arena; // of one function at a time
} writing;

static void write_module(void *argument) {
    writing *a = argument;
    find_symbols(&a->symbols, a->entry);
    a->writer.symbols = &a->symbols;
    base_text name = {.arena = &a->symbols.arena};
    write_symbol(&name, printable(&a->symbols, a->entry->name));
    base_text_printf(a->writer.text, "module %s {\n", name.at);
    for (uint32_t i = 0; i < a->symbols.called.n; i++) {
        a->writer.arena = &a->arena;
        write_function(&a->writer, &a->symbols.called.at[i], i == 0);
        base_arena_free(&a->arena);
    }
    base_text_add(a->writer.text, "}\n");
}

void ir_write_stablehlo(base_text *text, const ir_function *f) {
    writing a = {.writer = {.text = text, .module = f->module}, .entry = f};
    base_failure failure;
    cv_status status = base_protect(write_module, &a, &failure);
    base_index_free(&a.symbols.index);
    base_index_free(&a.symbols.names);
    base_index_free(&a.symbols.seen_index);
    base_arena_free(&a.symbols.arena);
    base_arena_free(&a.arena);
    if (status) base_raise_again(&failure);
}
