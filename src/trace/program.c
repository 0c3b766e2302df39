// In: a function value and the types of its arguments. Out: its program, from a cache.
//
// The program of a callback is a trace of it; that of a transform is made from the program of its
// child by a row of the table of kinds. Every node keeps its programs by argument types, weakness
// included. What a program captures comes last among its parameters, and the entry says where it
// comes from: concrete arrays are retained by it and stay arguments; values of a trace make the
// entry good in that trace only, which takes it out of the cache when it closes.
//
// Callbacks run without any lock. When two threads trace the same function at once, the first
// entry stays and is what both get.

#include <stdio.h>
#include <string.h>

#include "trace/trace.h"
#include "transforms/transforms.h"

// Entries

void tr_entry_release(void *entry) {
    tr_entry *e = entry;
    if (!e || atomic_fetch_sub_explicit(&e->references, 1, memory_order_acq_rel) > 1) return;
    for (uint32_t i = 0; i < e->n_captures; i++) tr_buffer_release(e->captures[i].buffer);
    tr_code_free(&e->code);
    ir_release(e->function);
    base_free(e);
}

// It belongs to the innermost protected call.
static tr_entry *new_entry(const tr_argument *in, uint32_t n_in, uint32_t n_out, uint32_t n_captures) {
    size_t captures = sizeof(tr_capture) * n_captures, arguments = sizeof(tr_argument) * ((size_t)n_in + n_out);
    tr_entry *e = base_malloc(sizeof *e + captures + arguments);
    memset(e, 0, sizeof *e + captures + arguments);
    e->references = 1;
    e->captures = (tr_capture *)(e + 1);
    e->in = (tr_argument *)(void *)((char *)(e + 1) + captures);
    e->out = e->in + n_in;
    e->n_in = n_in;
    e->n_out = n_out;
    if (n_in) memcpy(e->in, in, sizeof *in * n_in);
    for (uint32_t i = 0; i < n_in; i++) e->n_params += in[i].type != NULL;
    base_defer(tr_entry_release, e);
    return e;
}

static void set_capture(tr_entry *e, uint32_t i, const tr_capture *from) {
    e->captures[i] = *from;
    tr_buffer_retain(from->buffer);
    e->n_captures = i + 1;
}

// The innermost of the traces whose values are captured, or 0.
static uint32_t innermost_source(const tr_entry *e) {
    for (const tr_trace *t = tr_thread_get()->trace; t; t = t->outer)
        for (uint32_t i = 0; i < e->n_captures; i++)
            if (!e->captures[i].buffer && e->captures[i].source.generation == t->id) return t->id;
    return 0;
}

// An entry made from the one of the child, with the same captures.
static tr_entry *derive(const tr_entry *child, const ir_function *f, const tr_argument *in, uint32_t n_in,
                        uint32_t n_out) {
    tr_entry *e = new_entry(in, n_in, n_out, child->n_captures);
    for (uint32_t i = 0; i < child->n_captures; i++) set_capture(e, i, &child->captures[i]);
    e->function = ir_retain(f);
    e->trace = child->trace;
    return e;
}

// Arrangements

static bool is_as_it_is(const ir_function *f, const tr_arrangement *a) {
    if (a->n_params != f->n_params || a->n_results != f->n_results) return false;
    for (uint32_t i = 0; i < a->n_params; i++)
        if (a->argument[i] != i) return false;
    for (uint32_t i = 0; i < a->n_results; i++)
        if (a->result[i] != i || (a->dtype && a->dtype[i] != ir_result_type(f, i)->dtype)) return false;
    return true;
}

const ir_function *tr_arrange(const ir_function *f, const tr_arrangement *a) {
    if (is_as_it_is(f, a)) return f;
    ir_builder *b = ir_builder_new(f->module, f->name);
    b->place = f->place;
    for (uint32_t i = 0; i < a->n_params; i++) ir_param(b, a->params[i]);
    ir_val *out = base_new_array(&b->arena, ir_val, f->n_results);
    ir_val *results = base_new_array(&b->arena, ir_val, a->n_results);
    ir_inline(b, f, a->argument, out);
    for (uint32_t i = 0; i < a->n_results; i++) {
        results[i] = out[a->result[i]];
        if (a->dtype) results[i] = ir_convert(b, results[i], a->dtype[i]);
    }
    return ir_finish(b, results, a->n_results);
}

// What the making of one entry works with; the arena goes with the protected call.
typedef struct making {
    tr_node *node;
    const tr_argument *in;
    uint32_t n_in;
    const tr_site *site;
    base_arena arena;
} making;

typedef tr_entry *make_rule(making *m);

static void free_arena(void *arena) {
    base_arena_free(arena);
}

// Callbacks

typedef struct tracing {
    making *m;
    tr_trace trace;
    tr_entry *entry;
} tracing;

// A value that the callback returned, in its program.
static ir_val bring_result(tr_trace *t, const tr_node *node, cv_val v, uint32_t i, bool *weak) {
    if (tr_is_none(v)) base_raise(CV_INVALID, "%s returned no value for result %u", node->name, i);
    ir_val value = tr_bring(t, v, weak, (tr_label){"result", i, node->name});
    return tr_settle(t, value, *weak);
}

static void trace_callback(void *argument) {
    tracing *a = argument;
    making *m = a->m;
    tr_node *node = m->node;
    tr_trace *t = &a->trace;
    tr_trace_open(t, node->owner, node->name);
    cv_val *in = base_new_array(&t->arena, cv_val, node->n_in),
           *out = base_new_array(&t->arena, cv_val, node->n_out);
    for (uint32_t i = 0; i < node->n_in; i++) {
        if (!m->in[i].type) continue; // cv_none, as it is
        ir_val param = ir_param(t->builder, m->in[i].type);
        if (m->in[i].weak) tr_weak_set(t, param);
        in[i] = (cv_val){param, t->id};
    }
    uint32_t n_params = t->builder->params.n;
    tr_run_callback(node, in, out);

    ir_set_source(t->builder, m->site->here.file, m->site->here.line, m->site->name);
    ir_val *results = base_new_array(&t->arena, ir_val, node->n_out);
    bool *weak = base_new_array(&t->arena, bool, node->n_out);
    for (uint32_t i = 0; i < node->n_out; i++) results[i] = bring_result(t, node, out[i], i, &weak[i]);
    bool *kept = base_new_array(&t->arena, bool, t->captures.n);
    const ir_function *f = ir_finish_pruned(t->builder, results, node->n_out, n_params, kept);
    tr_entry *e = new_entry(m->in, m->n_in, node->n_out, t->captures.n);
    e->function = ir_retain(f);
    for (uint32_t i = 0, k = 0; i < t->captures.n; i++)
        if (kept[i]) set_capture(e, k++, &t->captures.at[i]);
    for (uint32_t i = 0; i < node->n_out; i++) e->out[i] = (tr_argument){ir_result_type(f, i), weak[i]};
    a->entry = e;
    e->references++; // leaves the protected call
}

// Protected on its own, so that the trace is closed whatever happens before anything else goes on.
static tr_entry *make_callback(making *m) {
    tracing a = {.m = m};
    base_failure failure;
    cv_status status = base_protect(trace_callback, &a, &failure);
    tr_trace_close(&a.trace);
    if (status) base_raise_again(&failure);
    base_defer(tr_entry_release, a.entry);
    a.entry->trace = innermost_source(a.entry);
    return a.entry;
}

// Imported programs

// A number of C takes the dtype that the program wants; everything else has its type.
static bool fits(tr_argument given, const ir_type *wanted) {
    if (given.type == wanted) return true;
    return given.type && given.weak && !given.type->rank && !wanted->rank;
}

// A call of the program, so that it stays one body however often it is used.
static tr_entry *make_imported(making *m) {
    const ir_function *f = m->node->function;
    char given[IR_TYPE_TEXT], wanted[IR_TYPE_TEXT];
    ir_builder *b = ir_builder_new(f->module, f->name);
    b->place = f->place;
    ir_val *in = base_new_array(&m->arena, ir_val, f->n_params),
           *out = base_new_array(&m->arena, ir_val, f->n_results);
    for (uint32_t i = 0; i < f->n_params; i++) {
        const ir_type *type = ir_param_type(f, i);
        if (!fits(m->in[i], type))
            base_raise(CV_INVALID, "argument %u of %s is %s, and the program takes %s", i, m->node->name,
                       m->in[i].type ? ir_type_text(m->in[i].type, given) : "cv_none",
                       ir_type_text(type, wanted));
        in[i] = ir_param(b, m->in[i].type);
    }
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_convert(b, in[i], ir_param_type(f, i)->dtype);
    ir_val first = ir_emit(b, IR_call, in, f->n_params, &(ir_call_attributes){f});
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = first + i;
    tr_entry *e = new_entry(m->in, m->n_in, f->n_results, 0);
    e->function = ir_retain(ir_finish(b, out, f->n_results));
    for (uint32_t i = 0; i < f->n_results; i++) e->out[i] = (tr_argument){ir_result_type(f, i), false};
    return e;
}

// Transforms

static const tr_entry *child_entry(making *m, const tr_argument *in, uint32_t n_in) {
    return tr_program(m->node->child, in, n_in, m->site);
}

// Transforms see a call of one function, however often it is used.
static tr_entry *make_jit(making *m) {
    const tr_entry *child = child_entry(m, m->in, m->n_in);
    const ir_function *f = child->function;
    ir_builder *b = ir_builder_new(f->module, f->name);
    b->place = f->place;
    ir_val *in = base_new_array(&m->arena, ir_val, f->n_params),
           *out = base_new_array(&m->arena, ir_val, f->n_results);
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, ir_param_type(f, i));
    ir_val first = ir_emit(b, IR_call, in, f->n_params, &(ir_call_attributes){f});
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = first + i;
    tr_entry *e = derive(child, ir_finish(b, out, f->n_results), m->in, m->n_in, child->n_out);
    if (child->n_out) memcpy(e->out, child->out, sizeof *e->out * child->n_out);
    return e;
}

// For each argument of the child, which parameter of its program it is.
static ir_val *param_numbers(making *m, const tr_entry *e) {
    ir_val *number = base_new_array(&m->arena, ir_val, e->n_in), n = 0;
    for (uint32_t i = 0; i < e->n_in; i++) number[i] = e->in[i].type ? n++ : IR_NONE;
    return number;
}

static bool has_tangent(tr_argument a) {
    return a.type && ir_is_differentiable(a.type->dtype);
}

static void check_grad_arguments(making *m) {
    char name[TR_NAME], text[IR_TYPE_TEXT];
    const cv_ints *argnums = &m->node->list;
    for (int64_t i = 0; i < argnums->n; i++) {
        tr_argument argument = m->in[argnums->at[i]];
        if (!has_tangent(argument))
            base_raise(CV_INVALID,
                       "grad of %s: argument %lld is %s, and only floating arguments have gradients",
                       tr_describe(m->node->child, name), (long long)argnums->at[i],
                       argument.type ? ir_type_text(argument.type, text) : "cv_none");
        if (m->node->holomorphic && !ir_is_complex(argument.type->dtype))
            base_raise(CV_INVALID,
                       "grad of %s: argument %lld is %s, and with .holomorphic = true it must be complex",
                       tr_describe(m->node->child, name), (long long)argnums->at[i],
                       ir_type_text(argument.type, text));
    }
}

static void check_grad_result(making *m, tr_argument first) {
    char name[TR_NAME], text[IR_TYPE_TEXT];
    bool complex = first.type && ir_is_complex(first.type->dtype);
    if (first.type && !first.type->rank && m->node->holomorphic && !complex)
        base_raise(CV_INVALID, "grad of %s: result 0 is %s, and with .holomorphic = true it must be complex",
                   tr_describe(m->node->child, name), ir_type_text(first.type, text));
    if (complex && !first.type->rank && !m->node->holomorphic)
        base_raise(
            CV_INVALID,
            "grad of %s: result 0 is %s, not real; take cv_real or cv_abs of it, give .holomorphic = true "
            "for the complex derivative, or use cv_vjp",
            tr_describe(m->node->child, name), ir_type_text(first.type, text));
    if (complex && !first.type->rank) return;
    if (!first.type || first.type->rank || !ir_is_float(first.type->dtype))
        base_raise(
            CV_INVALID,
            "grad of %s: result 0 is %s, not a floating scalar; take cv_sum or cv_mean of it, or use cv_vjp",
            tr_describe(m->node->child, name), first.type ? ir_type_text(first.type, text) : "cv_none");
}

// Gradients in the order of argnums, which may repeat.
static tr_entry *make_grad(making *m) {
    const tr_node *node = m->node;
    bool with_value = node->kind == TR_VALUE_AND_GRAD;
    check_grad_arguments(m);
    const tr_entry *child = child_entry(m, m->in, m->n_in);
    check_grad_result(m, child->out[0]);
    const ir_function *f = child->function;
    ir_val *number = param_numbers(m, child);
    bool *active = base_new_array(&m->arena, bool, f->n_params);
    for (int64_t i = 0; i < node->list.n; i++) active[number[node->list.at[i]]] = true;
    const ir_function *gradient = xf_grad(f, active, with_value);

    uint32_t n_values = with_value ? f->n_results : 0, n_results = n_values + (uint32_t)node->list.n;
    uint32_t *result = base_new_array(&m->arena, uint32_t, n_results);
    for (uint32_t i = 0; i < n_values; i++) result[i] = i;
    for (int64_t i = 0; i < node->list.n; i++) {
        result[n_values + i] = n_values;
        for (uint32_t k = 0; k < number[node->list.at[i]]; k++) result[n_values + i] += active[k];
    }
    ir_val *same = base_new_array(&m->arena, ir_val, f->n_params);
    for (uint32_t i = 0; i < f->n_params; i++) same[i] = i;
    tr_arrangement a = {f->n_params, f->types, same, n_results, result, NULL};
    tr_entry *e = derive(child, tr_arrange(gradient, &a), m->in, m->n_in, node->n_out);
    uint32_t n_out = with_value ? child->n_out : 0;
    if (n_out) memcpy(e->out, child->out, sizeof *e->out * n_out);
    for (int64_t i = 0; i < node->list.n; i++) e->out[n_out + i] = m->in[node->list.at[i]];
    return e;
}

// Parameters of f, then further ones, as a function whose captures come last. `extra` are the
// types of the further parameters.
static const ir_function *captures_last(making *m, const tr_entry *child, const ir_function *f) {
    uint32_t visible = child->n_params, captures = child->n_captures, extra = f->n_params - visible - captures;
    ir_val *argument = base_new_array(&m->arena, ir_val, f->n_params);
    const ir_type **params = base_new_array(&m->arena, const ir_type *, f->n_params);
    uint32_t *result = base_new_array(&m->arena, uint32_t, f->n_results);
    for (uint32_t i = 0; i < f->n_params; i++) {
        argument[i] = i < visible ? i : i < visible + captures ? i + extra : i - captures;
        params[argument[i]] = ir_param_type(f, i);
    }
    for (uint32_t i = 0; i < f->n_results; i++) result[i] = i;
    return tr_arrange(f, &(tr_arrangement){f->n_params, params, argument, f->n_results, result, NULL});
}

// A tangent or cotangent given for what has this type.
static void check_tangent(const char *what, const char *of, uint32_t i, tr_argument primal, tr_argument given) {
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    const ir_type *wanted = has_tangent(primal) ? primal.type : NULL;
    if (wanted == given.type) return;
    if (!wanted)
        base_raise(CV_INVALID, "the %s of %s %u must be cv_none: %s has none", what, of, i,
                   primal.type ? ir_type_text(primal.type, a) : "cv_none");
    if (!given.type)
        base_raise(CV_INVALID, "the %s of %s %u is absent; it must be %s", what, of, i,
                   ir_type_text(wanted, a));
    base_raise(CV_INVALID, "the %s of %s %u is %s and must have its type, %s", what, of, i,
               ir_type_text(given.type, a), ir_type_text(wanted, b));
}

static tr_entry *make_jvp(making *m) {
    uint32_t n = m->node->child->n_in;
    for (uint32_t i = 0; i < n; i++) check_tangent("tangent", "argument", i, m->in[i], m->in[n + i]);
    const tr_entry *child = child_entry(m, m->in, n);
    const ir_function *f = child->function;
    bool *active = base_new_array(&m->arena, bool, f->n_params),
         *want = base_new_array(&m->arena, bool, f->n_results);
    for (uint32_t i = 0; i < child->n_params; i++) active[i] = ir_is_differentiable(ir_param_type(f, i)->dtype);
    for (uint32_t i = 0; i < f->n_results; i++) want[i] = ir_is_differentiable(ir_result_type(f, i)->dtype);
    const ir_function *forward = xf_jvp(f, active, want).function;
    tr_entry *e = derive(child, captures_last(m, child, forward), m->in, m->n_in, 2 * child->n_out);
    for (uint32_t i = 0; i < child->n_out; i++) {
        e->out[i] = child->out[i];
        if (has_tangent(child->out[i])) e->out[child->n_out + i] = child->out[i];
    }
    return e;
}

static tr_entry *make_vjp(making *m) {
    uint32_t n = m->node->child->n_in;
    const tr_entry *child = child_entry(m, m->in, n);
    const ir_function *f = child->function;
    for (uint32_t i = 0; i < child->n_out; i++)
        check_tangent("cotangent", "result", i, child->out[i], m->in[n + i]);
    bool *active = base_new_array(&m->arena, bool, f->n_params);
    for (uint32_t i = 0; i < child->n_params; i++) active[i] = ir_is_differentiable(ir_param_type(f, i)->dtype);
    const ir_function *reverse = xf_vjp(f, active);
    tr_entry *e = derive(child, captures_last(m, child, reverse), m->in, m->n_in, child->n_out + n);
    for (uint32_t i = 0; i < child->n_out; i++) e->out[i] = child->out[i];
    for (uint32_t i = 0; i < n; i++)
        if (has_tangent(m->in[i])) e->out[child->n_out + i] = m->in[i];
    return e;
}

// vmap

static int64_t axis_of(const cv_ints *list, uint32_t i) {
    return list->at ? list->at[i] : 0;
}

// Fills in the axis of every argument; returns their size.
static int64_t check_axes(making *m, int64_t *axes) {
    const tr_node *node = m->node;
    char text[IR_TYPE_TEXT], name[TR_NAME];
    int64_t size = node->size ? node->size : -1;
    uint32_t first = IR_NONE;
    for (uint32_t i = 0; i < m->n_in; i++) {
        axes[i] = IR_UNMAPPED;
        int64_t given = axis_of(&node->list, i);
        const ir_type *type = m->in[i].type;
        if (!type || given == CV_NONE) continue;
        int64_t axis = given < 0 ? given + type->rank : given;
        if (axis < 0 || axis >= type->rank)
            base_raise(CV_INVALID,
                       "vmap of %s: axis %lld is out of range for argument %u, %s; CV_NONE does not map it",
                       tr_describe(node->child, name), (long long)given, i, ir_type_text(type, text));
        axes[i] = axis;
        if (size >= 0 && type->dims[axis] != size && first == IR_NONE)
            base_raise(CV_INVALID, "argument %u has size %lld along axis %lld and .size is %lld", i,
                       (long long)type->dims[axis], (long long)axis, (long long)size);
        if (size >= 0 && type->dims[axis] != size)
            base_raise(CV_INVALID, "argument %u has size %lld along axis %lld and argument %u %lld", first,
                       (long long)size, (long long)axes[first], i, (long long)type->dims[axis]);
        size = type->dims[axis];
        if (first == IR_NONE) first = i;
    }
    if (size < 0)
        base_raise(CV_INVALID, "vmap of %s: no argument is mapped; give .size",
                   tr_describe(node->child, name));
    return size;
}

static void check_out_axis(const tr_node *node, uint32_t i, int64_t axis, const ir_type *type) {
    char text[IR_TYPE_TEXT], name[TR_NAME];
    if (axis == CV_NONE || (axis <= type->rank && axis >= -(int64_t)type->rank - 1)) return;
    base_raise(CV_INVALID, "vmap of %s: out axis %lld is out of range for result %u, %s and one axis more",
               tr_describe(node->child, name), (long long)axis, i, ir_type_text(type, text));
}

static tr_entry *make_vmap(making *m) {
    const tr_node *node = m->node;
    ir_module *module = node->owner->module;
    int64_t *axes = base_new_array(&m->arena, int64_t, m->n_in);
    tr_argument *in = base_new_array(&m->arena, tr_argument, m->n_in);
    int64_t size = check_axes(m, axes);
    for (uint32_t i = 0; i < m->n_in; i++) {
        in[i] = m->in[i];
        if (axes[i] != IR_UNMAPPED) in[i].type = ir_type_remove_axis(module, in[i].type, axes[i]);
    }
    const tr_entry *child = child_entry(m, in, m->n_in);
    const ir_function *f = child->function;
    int64_t *in_axes = base_new_array(&m->arena, int64_t, f->n_params),
            *out_axes = base_new_array(&m->arena, int64_t, f->n_results);
    uint32_t k = 0;
    for (uint32_t i = 0; i < m->n_in; i++)
        if (in[i].type) in_axes[k++] = axes[i];
    while (k < f->n_params) in_axes[k++] = IR_UNMAPPED;
    k = 0;
    for (uint32_t i = 0; i < child->n_out; i++) {
        if (!child->out[i].type) continue;
        out_axes[k] = axis_of(&node->out_list, i);
        check_out_axis(node, i, out_axes[k++], child->out[i].type);
    }
    const ir_function *batched = xf_vmap(f, in_axes, out_axes, size, node->axis_name);
    tr_entry *e = derive(child, batched, m->in, m->n_in, child->n_out);
    for (uint32_t i = k = 0; i < child->n_out; i++)
        if (child->out[i].type) e->out[i] = (tr_argument){ir_result_type(batched, k++), child->out[i].weak};
    return e;
}

static make_rule *const make_rules[TR_KINDS] = {
    [TR_CALLBACK] = make_callback, [TR_IMPORTED] = make_imported,    [TR_JIT] = make_jit,
    [TR_GRAD] = make_grad,         [TR_VALUE_AND_GRAD] = make_grad, [TR_JVP] = make_jvp,
    [TR_VJP] = make_vjp,           [TR_VMAP] = make_vmap,
};

// The cache

// A function is used with few types, as a rule, and the first that differs tells.
tr_entry *tr_entry_find(const tr_node *node, const tr_argument *in, uint32_t n_in) {
    for (tr_entry *e = node->entries; e; e = e->next) {
        uint32_t i = 0;
        if (e->n_in != n_in) continue;
        while (i < n_in && e->in[i].type == in[i].type && e->in[i].weak == in[i].weak) i++;
        if (i == n_in && (!e->trace || tr_trace_is_on_stack(e->trace))) return e;
    }
    return NULL;
}

static const tr_entry *get_entry(tr_node *node, const tr_argument *in, uint32_t n_in) {
    tr_lock(node->owner);
    tr_entry *e = tr_entry_find(node, in, n_in);
    if (e) e->references++;
    tr_unlock(node->owner);
    if (e) base_defer(tr_entry_release, e);
    return e;
}

// A trace remembers what it must take out of the cache when it closes.
static void add_dependent(tr_entry *e) {
    tr_trace *t = tr_trace_find(e->trace);
    if (t->n_dependents == t->dependent_capacity) {
        uint32_t capacity = t->dependent_capacity ? t->dependent_capacity * 2 : 8;
        tr_entry **grown = base_new_array(&t->arena, tr_entry *, capacity);
        if (t->n_dependents) memcpy(grown, t->dependents, sizeof(tr_entry *) * t->n_dependents);
        t->dependents = grown;
        t->dependent_capacity = capacity;
    }
    e->references++;
    t->dependents[t->n_dependents++] = e;
}

static const tr_entry *put_entry(tr_node *node, tr_entry *e) {
    if (e->trace) add_dependent(e);
    tr_explain_entry(node, e);
    tr_lock(node->owner);
    tr_entry *first = tr_entry_find(node, e->in, e->n_in);
    if (!first) tr_entry_link(node, e);
    tr_entry *kept = first ? first : e;
    kept->references++;
    tr_unlock(node->owner);
    if (first) base_defer(tr_entry_release, first);
    return kept;
}

void tr_forget_entries(tr_trace *t) {
    for (uint32_t i = 0; i < t->n_dependents; i++) {
        tr_entry *e = t->dependents[i];
        tr_lock(t->context);
        bool is_listed = e->node != NULL;
        if (is_listed) tr_entry_unlink(e);
        tr_unlock(t->context);
        if (is_listed) tr_entry_release(e);
        tr_entry_release(e);
    }
}

const tr_entry *tr_program(tr_node *node, const tr_argument *in, uint32_t n_in, const tr_site *site) {
    const tr_entry *known = get_entry(node, in, n_in);
    if (known) return known;
    making *m = base_malloc(sizeof *m);
    *m = (making){.node = node, .in = in, .n_in = n_in, .site = site};
    base_defer(base_free, m);
    base_defer(free_arena, &m->arena);
    tr_entry *e = make_rules[node->kind](m);
    return put_entry(node, e);
}
