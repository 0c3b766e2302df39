// In: a finished function. Out: nothing, or a raised CV_INTERNAL that names the function, the
// operation and the rule that it breaks.
//
// The builder makes only what is right, so what is found here is a fault of a pass: the message is
// for its author. The rules are those of program.h, checked in two rounds: first the structure of
// every function, numbering, operands and attributes; then the types, by running each type rule,
// which may then trust the function it is given and those that the operation holds. Held functions
// come by way of a list instead of recursion, each once. What was found right is marked: functions
// never change, so the verifier may run after every pass at the cost of what is new.

#include <stdarg.h>
#include <stdio.h>

#include "ir/rules.h"

typedef struct verifier {
    const ir_function *entry;
    const ir_function *f; // that is looked at
    uint32_t op;          // number of the operation that is looked at, or IR_NONE
    base_arena arena;
    base_index index;
    base_vector(const ir_function *) list; // to verify, each once
} verifier;

static _Noreturn void fail(const verifier *v, const char *format, ...) BASE_PRINTF(2, 3);

static void fail(const verifier *v, const char *format, ...) {
    char what[768];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    const char *name = v->f->name ? v->f->name : "?";
    if (v->op == IR_NONE) base_raise(CV_INTERNAL, "verifier: @%s: %s", name, what);
    ir_primitive primitive = v->f->ops[v->op].primitive;
    const char *known = (uint32_t)primitive < IR_PRIMITIVE_COUNT ? ir_primitives[primitive].name : "?";
    base_raise(CV_INTERNAL, "verifier: @%s: operation %u, %s: %s", name, v->op, known, what);
}

static void add_function(verifier *v, const ir_function *f) {
    if (atomic_load_explicit(&f->verified, memory_order_acquire)) return;
    uint64_t hash = base_hash(&f, sizeof f, 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&v->index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&v->index, hash, &probe))
        if (v->list.at[i] == f) return;
    base_index_add(&v->index, hash, v->list.n);
    base_push(&v->arena, &v->list, f);
}

static void check_dims(const verifier *v, const char *name, const ir_dims *dims) {
    if (dims->n < 0) fail(v, "attribute %s has a negative length", name);
    if (dims->n && !dims->at) fail(v, "attribute %s has no numbers", name);
}

static void check_held(verifier *v, const char *name, const ir_function *held) {
    if (!held) fail(v, "attribute %s holds no function", name);
    if (held->module != v->f->module) fail(v, "attribute %s holds a function of another module", name);
    add_function(v, held);
}

static void check_field(verifier *v, const ir_field *field, const void *value) {
    switch (field->kind) {
    case IR_FIELD_INT:
    case IR_FIELD_BOOL:
    case IR_FIELD_FLAG: break;
    case IR_FIELD_DTYPE: {
        int dtype = (int)*(const cv_dtype *)value;
        if (dtype < 0 || dtype >= CV_DTYPE_COUNT) fail(v, "attribute %s is no dtype: %d", field->name, dtype);
        break;
    }
    case IR_FIELD_MODE: {
        int64_t mode = *(const int64_t *)value;
        if (mode < 0 || mode >= IR_INDEX_MODES)
            fail(v, "attribute %s is no mode: %lld", field->name, (long long)mode);
        break;
    }
    case IR_FIELD_DIMS: check_dims(v, field->name, value); break;
    case IR_FIELD_LITERAL: {
        const ir_literal *literal = value;
        if (!literal->type || !literal->data) fail(v, "attribute %s is incomplete", field->name);
        break;
    }
    case IR_FIELD_FUNCTION: check_held(v, field->name, *(const ir_function *const *)value); break;
    case IR_FIELD_FUNCTIONS: {
        const ir_functions *list = value;
        if (list->n < 0 || (list->n && !list->at)) fail(v, "attribute %s is incomplete", field->name);
        for (int64_t i = 0; i < list->n; i++) check_held(v, field->name, list->at[i]);
        break;
    }
    }
}

static void check_attributes(verifier *v, const ir_op *op) {
    const ir_layout *layout = ir_primitives[op->primitive].layout;
    if (!layout->size && op->attributes) fail(v, "there are attributes, and the primitive has none");
    if (layout->size && !op->attributes) fail(v, "the attributes are missing");
    for (uint32_t i = 0; i < layout->n_fields; i++)
        check_field(v, &layout->fields[i], (const char *)op->attributes + layout->fields[i].offset);
}

// `value` and `operand` are the next numbers of each.
static void check_op(verifier *v, const ir_op *op, uint32_t value, uint32_t operand) {
    const ir_function *f = v->f;
    if ((uint32_t)op->primitive >= IR_PRIMITIVE_COUNT)
        fail(v, "there is no primitive %u", (unsigned)op->primitive);
    int n_in = ir_primitives[op->primitive].n_in;
    if (n_in != IR_VARIADIC && op->n_in != (uint32_t)n_in)
        fail(v, "%u operands instead of %d", op->n_in, n_in);
    if (op->in != operand) fail(v, "its operands begin at %u instead of %u", op->in, operand);
    if (op->out != value) fail(v, "its results begin at %%%u instead of %%%u", op->out, value);
    if (op->n_out > f->n_values - value)
        fail(v, "its results pass the %u values of the function", f->n_values);
    for (uint32_t i = 0; i < op->n_in; i++) {
        ir_val in = ir_in(f, op)[i];
        if (in >= value) fail(v, "operand %u, %%%u, is not made before it", i, in);
    }
    for (uint32_t i = 0; i < op->n_out; i++)
        if (f->def[value + i] != v->op)
            fail(v, "the definition of %%%u is said to be operation %u", value + i, f->def[value + i]);
    check_attributes(v, op);
}

static void check_params(const verifier *v) {
    const ir_function *f = v->f;
    if (!f->name || !f->module) fail(v, "the function has no %s", f->name ? "module" : "name");
    if (f->n_params > f->n_values) fail(v, "%u parameters among %u values", f->n_params, f->n_values);
    for (uint32_t i = 0; i < f->n_params; i++) {
        if (f->def[i] != IR_NONE) fail(v, "parameter %%%u is said to be made by operation %u", i, f->def[i]);
        const ir_type *type = f->types[i];
        if (!type) fail(v, "parameter %%%u has no type", i);
        if (ir_type_get(f->module, type->dtype, type->rank, type->dims) != type)
            fail(v, "the type of parameter %%%u is not one of the module", i);
    }
}

static void check_structure(verifier *v) {
    const ir_function *f = v->f;
    v->op = IR_NONE;
    check_params(v);
    uint32_t value = f->n_params, operand = 0;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        v->op = i;
        check_op(v, &f->ops[i], value, operand);
        value += f->ops[i].n_out;
        operand += f->ops[i].n_in;
    }
    v->op = IR_NONE;
    if (value != f->n_values) fail(v, "%u values are made, %u are counted", value, f->n_values);
    for (uint32_t i = 0; i < f->n_results; i++)
        if (f->results[i] >= f->n_values) fail(v, "result %u, %%%u, is no value", i, f->results[i]);
    for (uint32_t i = 0; i < f->n_values; i++)
        if (!f->types[i]) fail(v, "%%%u has no type", i);
}

static void run_type_rule(void *argument) {
    ir_typing *t = argument;
    ir_rules_of(t->primitive)->type(t);
}

// The types that the rule computes from the operands are those that stand there.
static void check_types(verifier *v, const ir_op *op) {
    const ir_function *f = v->f;
    const ir_type *few[8], *one = NULL;
    const ir_type **in = op->n_in <= 8 ? few : base_new_array(&v->arena, const ir_type *, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = f->types[ir_in(f, op)[i]];
    ir_typing t = {.module = f->module, .primitive = op->primitive, .in = in, .n_in = op->n_in,
                   .attributes = op->attributes, .out = &one, .n_out = 1, .place = op->place,
                   .arena = &v->arena};
    base_failure failure;
    cv_status status = base_protect(run_type_rule, &t, &failure);
    if (status == CV_OUT_OF_MEMORY) base_raise_again(&failure);
    if (status) fail(v, "its type rule refuses it: %s", failure.message);
    if (t.n_out != op->n_out) fail(v, "%u results, by its type rule %u", op->n_out, t.n_out);
    char is[IR_TYPE_TEXT], should[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < op->n_out; i++)
        if (f->types[op->out + i] != t.out[i])
            fail(v, "result %u has the type %s, by its type rule %s", i,
                 ir_type_text(f->types[op->out + i], is), ir_type_text(t.out[i], should));
}

static void check_all(void *argument) {
    verifier *v = argument;
    add_function(v, v->entry);
    for (uint32_t i = 0; i < v->list.n; i++) {
        v->f = v->list.at[i];
        check_structure(v); // the list grows by what this function holds
    }
    for (uint32_t i = 0; i < v->list.n; i++) {
        v->f = v->list.at[i];
        for (v->op = 0; v->op < v->f->n_ops; v->op++) check_types(v, &v->f->ops[v->op]);
    }
    // Only now: a function is right when all that it holds is.
    for (uint32_t i = 0; i < v->list.n; i++) {
        ir_function *right = (ir_function *)(uintptr_t)v->list.at[i];
        atomic_store_explicit(&right->verified, true, memory_order_release);
    }
}

void ir_verify(const ir_function *f) {
    verifier v = {.entry = f, .f = f, .op = IR_NONE};
    base_failure failure;
    cv_status status = base_protect(check_all, &v, &failure);
    base_index_free(&v.index);
    base_arena_free(&v.arena);
    if (status) base_raise_again(&failure);
}
