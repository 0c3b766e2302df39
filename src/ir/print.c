// In: a function. Out: its text, after the texts of the functions that it calls or holds.
//
//     func @loss(%0: f32[64,10], %1: s32[]) -> (f32[]) {
//       %2 = sin %0 : f32[64,10]
//       %3 = broadcast_in_dim %1 {shape=[2,3], dims=[]} : s32[2,3]
//       %4, %5 = while %0, %1 {cond=@f, body=@g, cond_constants=0, body_constants=0} : f32[64,10], s32[]
//       return %4
//     }
//
// Every function stands after those that it names, and once, so the text is as long as the program
// however often it calls the same function; the last one is the entry. The order is depth first,
// with a stack of its own. Names are made unique; one that is no identifier is quoted: @"jvp(f)".
// Attributes are printed from the field table of the layout, so a new primitive needs nothing here.

#include <string.h>

#include "ir/program.h"

// A name that is taken, with the suffix to try next when it is wanted again: without that, a
// thousand functions of one name would be compared half a million times.
typedef struct taken_name {
    const char *name;
    uint32_t next_suffix;
} taken_name;

typedef struct printed_function {
    const ir_function *f;
    const char *name;
} printed_function;

typedef struct visit {
    const ir_function *f;
    bool leaving; // what it holds has been seen to
} visit;

typedef struct printer {
    base_text *text;
    const ir_function *entry;
    base_arena scratch;
    base_vector(visit) stack;
    base_index function_index, name_index;
    base_vector(printed_function) functions;
    base_vector(taken_name) names;
} printer;

static uint64_t hash_pointer(const void *pointer) {
    return base_hash(&pointer, sizeof pointer, 0);
}

static printed_function *find_function(const printer *p, const ir_function *f) {
    uint64_t hash = hash_pointer(f);
    uint32_t probe;
    for (uint32_t i = base_index_first(&p->function_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&p->function_index, hash, &probe))
        if (p->functions.at[i].f == f) return &p->functions.at[i];
    return NULL;
}

static taken_name *find_name(const printer *p, const char *name) {
    uint64_t hash = base_hash(name, strlen(name), 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&p->name_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&p->name_index, hash, &probe))
        if (!strcmp(p->names.at[i].name, name)) return &p->names.at[i];
    return NULL;
}

static const char *unique_name(printer *p, const char *name) {
    taken_name *taken = find_name(p, name);
    const char *unique = name;
    while (taken && find_name(p, unique))
        unique = base_format(&p->scratch, "%s_%u", name, taken->next_suffix++);
    base_index_add(&p->name_index, base_hash(unique, strlen(unique), 0), p->names.n);
    base_push(&p->scratch, &p->names, (taken_name){unique, 1});
    return unique;
}

// Names come from users: what would end the quotes or the line is replaced.
static const char *printable_name(printer *p, const char *name) {
    char *copy = base_arena_strdup(&p->scratch, name);
    for (char *c = copy; *c; c++)
        if (*c == '"' || (unsigned char)*c < ' ') *c = '_';
    return copy;
}

static void name_function(printer *p, const ir_function *f) {
    const char *name = unique_name(p, printable_name(p, f->name));
    base_index_add(&p->function_index, hash_pointer(f), p->functions.n);
    base_push(&p->scratch, &p->functions, (printed_function){f, name});
}

static void print_function_name(base_text *text, const char *name) {
    static const char identifier[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$";
    bool plain = *name && !name[strspn(name, identifier)];
    base_text_printf(text, plain ? "@%s" : "@\"%s\"", name);
}

static void print_reference(const printer *p, const ir_function *f) {
    print_function_name(p->text, find_function(p, f)->name);
}

static void print_dims(base_text *text, ir_dims dims) {
    base_text_add(text, "[");
    for (int64_t i = 0; i < dims.n; i++)
        base_text_printf(text, "%s%lld", i ? "," : "", (long long)dims.at[i]);
    base_text_add(text, "]");
}

static void print_literal(base_text *text, const ir_literal *literal) {
    cv_dtype dtype = literal->type->dtype;
    size_t size = cv_dtype_size(dtype);
    int64_t n = literal->splat ? 1 : literal->type->count;
    if (!literal->splat) base_text_add(text, "[");
    for (int64_t i = 0; i < n; i++) {
        union ir_scalar element = {0};
        memcpy(&element, (const char *)literal->data + (size_t)i * size, size);
        if (i) base_text_add(text, ", ");
        ir_scalar_print(text, &element, dtype);
    }
    if (!literal->splat) base_text_add(text, "]");
}

static void print_functions(const printer *p, const ir_functions *list) {
    base_text_add(p->text, "[");
    for (int64_t i = 0; i < list->n; i++) {
        if (i) base_text_add(p->text, ", ");
        print_reference(p, list->at[i]);
    }
    base_text_add(p->text, "]");
}

static void print_field(const printer *p, ir_field_kind kind, const void *value) {
    switch (kind) {
    case IR_FIELD_INT: base_text_printf(p->text, "%lld", (long long)*(const int64_t *)value); break;
    case IR_FIELD_BOOL:
    case IR_FIELD_FLAG: base_text_add(p->text, *(const bool *)value ? "true" : "false"); break;
    case IR_FIELD_DTYPE: base_text_add(p->text, cv_dtype_name(*(const cv_dtype *)value)); break;
    case IR_FIELD_DIMS: print_dims(p->text, *(const ir_dims *)value); break;
    case IR_FIELD_MODE: base_text_add(p->text, ir_index_mode_names[*(const int64_t *)value]); break;
    case IR_FIELD_LITERAL: print_literal(p->text, value); break;
    case IR_FIELD_FUNCTION: print_reference(p, *(const ir_function *const *)value); break;
    case IR_FIELD_FUNCTIONS: print_functions(p, value); break;
    }
}

static void print_attributes(const printer *p, const ir_layout *layout, const void *attributes) {
    for (uint32_t i = 0; i < layout->n_fields; i++) {
        const ir_field *field = &layout->fields[i];
        if (field->kind == IR_FIELD_FLAG && !*(const bool *)((const char *)attributes + field->offset)) continue;
        base_text_printf(p->text, "%s%s=", i ? ", " : " {", field->name);
        print_field(p, field->kind, (const char *)attributes + field->offset);
    }
    if (layout->n_fields) base_text_add(p->text, "}");
}

static void print_types(base_text *text, const ir_type *const *types, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) base_text_add(text, ", ");
        ir_type_print(text, types[i]);
    }
}

static void print_value(base_text *text, const char *before, ir_val value) {
    base_text_printf(text, "%s%%%u", before, value);
}

static void print_op(const printer *p, const ir_function *f, const ir_op *op) {
    const ir_primitive_info *info = &ir_primitives[op->primitive];
    base_text_add(p->text, "  ");
    for (uint32_t i = 0; i < op->n_out; i++) print_value(p->text, i ? ", " : "", op->out + i);
    base_text_printf(p->text, "%s%s", op->n_out ? " = " : "", info->name);
    for (uint32_t i = 0; i < op->n_in; i++) print_value(p->text, i ? ", " : " ", ir_in(f, op)[i]);
    print_attributes(p, info->layout, op->attributes);
    base_text_add(p->text, op->n_out ? " : " : " : ()");
    print_types(p->text, f->types + op->out, op->n_out);
    base_text_add(p->text, "\n");
}

static void print_function(const printer *p, const printed_function *printed) {
    const ir_function *f = printed->f;
    base_text *text = p->text;
    base_text_add(text, "func ");
    print_function_name(text, printed->name);
    base_text_add(text, "(");
    for (uint32_t i = 0; i < f->n_params; i++) {
        print_value(text, i ? ", " : "", i);
        base_text_add(text, ": ");
        ir_type_print(text, f->types[i]);
    }
    base_text_add(text, ") -> (");
    for (uint32_t i = 0; i < f->n_results; i++) {
        if (i) base_text_add(text, ", ");
        ir_type_print(text, ir_result_type(f, i));
    }
    base_text_add(text, ") {\n");
    for (uint32_t i = 0; i < f->n_ops; i++) print_op(p, f, &f->ops[i]);
    base_text_add(text, "  return");
    for (uint32_t i = 0; i < f->n_results; i++) print_value(text, i ? ", " : " ", f->results[i]);
    base_text_add(text, "\n}\n");
}

static void push_held(void *argument, const ir_function **slot) {
    printer *p = argument;
    if (!find_function(p, *slot)) base_push(&p->scratch, &p->stack, (visit){*slot, false});
}

// Puts what f holds on the stack, the first on top.
static void push_all_held(printer *p, const ir_function *f) {
    uint32_t from = p->stack.n;
    for (const ir_op *op = f->ops; op < f->ops + f->n_ops; op++)
        if (op->attributes)
            ir_attributes_functions(ir_primitives[op->primitive].layout, op->attributes, push_held, p);
    for (uint32_t i = from, j = p->stack.n; i + 1 < j; i++) {
        visit swapped = p->stack.at[i];
        p->stack.at[i] = p->stack.at[--j];
        p->stack.at[j] = swapped;
    }
}

static void print_all(void *argument) {
    printer *p = argument;
    base_push(&p->scratch, &p->stack, (visit){p->entry, false});
    while (p->stack.n) {
        visit *top = &p->stack.at[p->stack.n - 1];
        const ir_function *f = top->f;
        if (find_function(p, f)) { // it stood on the stack twice
            p->stack.n--;
        } else if (top->leaving) {
            p->stack.n--;
            name_function(p, f);
        } else {
            top->leaving = true;
            push_all_held(p, f);
        }
    }
    for (uint32_t i = 0; i < p->functions.n; i++) {
        if (i) base_text_add(p->text, "\n");
        print_function(p, &p->functions.at[i]);
    }
}

void ir_print(base_text *text, const ir_function *f) {
    printer p = {.text = text, .entry = f};
    base_failure failure;
    cv_status status = base_protect(print_all, &p, &failure);
    base_index_free(&p.function_index);
    base_index_free(&p.name_index);
    base_arena_free(&p.scratch);
    if (status) base_raise_again(&failure);
}
