// In: handles and a function that emits. Out: handles.
//
// In a trace an operation takes no lock and allocates nothing of its own: operands are numbers, the
// types come from the builder, and results are numbers again. Outside, it is a program of its own,
// built by the same steps and run at once.

#include <string.h>

#include "trace/trace.h"

enum { FEW = 8 };

struct operating {
    tr_work work;
    tr_build *build;
    const void *options;
    const cv_val *in;
    cv_val *out;
    tr_operate_options how;
    tr_trace *trace; // of one operation
    ir_val few_in[FEW], few_out[FEW];
    bool few_weak_in[FEW], few_weak_out[FEW];
};

static tr_label label_of(const struct operating *o, uint32_t i) {
    if (!o->how.first) return TR_ARGUMENT(i);
    return i ? TR_ARGUMENT(i - 1) : (tr_label){o->how.first, IR_NONE, NULL};
}

static void make_room(struct operating *o, base_arena *arena) {
    tr_op *op = &o->work.op;
    bool small_in = op->n_in <= FEW, small_out = op->n_out <= FEW;
    op->in = small_in ? o->few_in : base_new_array(arena, ir_val, op->n_in);
    op->weak = small_in ? o->few_weak_in : base_new_array(arena, bool, op->n_in);
    op->out = small_out ? o->few_out : base_new_array(arena, ir_val, op->n_out);
    op->weak_out = small_out ? o->few_weak_out : base_new_array(arena, bool, op->n_out);
    for (uint32_t i = 0; i < op->n_out; i++) op->out[i] = IR_NONE, op->weak_out[i] = false;
}

// Brings the operands in and emits.
static void emit(struct operating *o, tr_trace *t) {
    tr_op *op = &o->work.op;
    o->work.trace = t;
    op->b = t->builder;
    op->default_float = t->context->default_float;
    ir_set_source(op->b, o->work.site.here.file, o->work.site.here.line, op->name);
    make_room(o, &t->builder->arena);
    for (uint32_t i = 0; i < op->n_in; i++) {
        op->weak[i] = false;
        if (o->how.allow_absent && tr_is_none(o->in[i])) op->in[i] = IR_NONE;
        else op->in[i] = tr_bring(t, o->in[i], &op->weak[i], label_of(o, i));
    }
    o->build(op, o->options);
    for (uint32_t i = 0; i < op->n_out; i++)
        base_check(op->out[i] < op->b->types.n || (o->how.allow_absent && op->out[i] == IR_NONE));
}

static void operate_in_trace(void *argument) {
    struct operating *o = argument;
    tr_trace *t = tr_thread_get()->trace;
    tr_op *op = &o->work.op;
    emit(o, t);
    for (uint32_t i = 0; i < op->n_out; i++)
        if (op->weak_out[i] && op->out[i] != IR_NONE) tr_weak_set(t, op->out[i]);
    for (uint32_t i = 0; i < op->n_out; i++)
        o->out[i] = op->out[i] == IR_NONE ? cv_none : (cv_val){op->out[i], t->id};
}

static void run(struct operating *o, tr_trace *t, const ir_val *results, uint32_t n) {
    tr_op *op = &o->work.op;
    tr_scope *scope = tr_session_get(t->context)->scope;
    uint32_t n_params = t->captures.n;
    tr_buffer **in = base_new_array(&t->arena, tr_buffer *, n_params);
    tr_buffer **out = base_new_array(&t->arena, tr_buffer *, n);
    for (uint32_t i = 0; i < n_params; i++) in[i] = t->captures.at[i].buffer;
    tr_made *made = base_new_array(&t->arena, tr_made, 1);
    *made = (tr_made){out, n};
    base_defer(tr_made_release, made);
    tr_execute_once(t->context, ir_finish(t->builder, results, n), in, out);
    for (uint32_t i = 0, k = 0; i < op->n_out; i++) {
        o->out[i] = cv_none;
        if (op->out[i] == IR_NONE) continue;
        tr_array array = tr_made_take(made, k++, op->weak_out[i]);
        o->out[i] = tr_value_new(scope, &array);
    }
}

static void operate_at_once(void *argument) {
    struct operating *o = argument;
    tr_trace *t = o->trace;
    tr_op *op = &o->work.op;
    tr_one_shot_open(t, tr_context(), op->name);
    emit(o, t);
    // What was emitted is freed when the function is finished; what is read afterwards moves out first.
    ir_val *out = base_new_array(&t->arena, ir_val, op->n_out),
           *results = base_new_array(&t->arena, ir_val, op->n_out);
    bool *weak = base_new_array(&t->arena, bool, op->n_out);
    uint32_t n = 0;
    for (uint32_t i = 0; i < op->n_out; i++) {
        weak[i] = op->weak_out[i];
        out[i] = op->out[i];
        if (out[i] != IR_NONE) results[n++] = tr_settle(t, out[i], weak[i]);
    }
    op->out = out;
    op->weak_out = weak;
    run(o, t, results, n);
}

cv_status tr_operate(tr_site site, tr_build *build, const void *options, const cv_val *in, uint32_t n_in,
                     cv_val *out, uint32_t n_out, tr_operate_options how) {
    for (uint32_t i = 0; i < n_in; i++) {
        if (!tr_is_poison(in[i])) continue;
        for (uint32_t o = 0; o < n_out; o++) out[o] = TR_POISON;
        return tr_poisoned();
    }
    struct operating o;
    o.work = (tr_work){.op = {.name = site.name, .n_in = n_in, .n_out = n_out}, .site = site};
    o.build = build;
    o.options = options;
    o.in = in;
    o.out = out;
    o.how = how;
    cv_status status;
    if (tr_thread_get()->trace) {
        status = tr_enter(site.name, site.here, operate_in_trace, &o);
    } else {
        tr_trace t = {0};
        o.trace = &t;
        status = tr_enter(site.name, site.here, operate_at_once, &o);
        tr_trace_close(&t);
    }
    for (uint32_t i = 0; status && i < n_out; i++) out[i] = TR_POISON;
    return status;
}

cv_status tr_operation_n(const char *name, cv_here here, tr_build *build, const void *options, const cv_val *in,
                         uint32_t n_in, cv_val *out, uint32_t n_out) {
    return tr_operate((tr_site){name, here}, build, options, in, n_in, out, n_out, (tr_operate_options){0});
}

cv_val tr_operation(const char *name, cv_here here, tr_build *build, const void *options, const cv_val *in,
                    uint32_t n_in) {
    cv_val out;
    tr_operation_n(name, here, build, options, in, n_in, &out, 1);
    return out;
}
