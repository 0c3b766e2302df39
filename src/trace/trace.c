// Programs under construction: traces of callbacks, and programs of one operation outside any.
//
// A trace stands on the stack of its thread from its opening to its closing, and the innermost
// receives every operation. What it uses from elsewhere becomes a hidden parameter, one for each
// distinct source: a value of a trace further out on the stack, or a concrete array, whose buffer it
// retains. C scalars are copied as constants instead. A program of one operation is the same thing without a place on the
// stack, so that immediate operations and traced ones share all their code: there, every operand
// is a capture.

#include <string.h>

#include "trace/trace.h"

static _Atomic uint32_t traces_made;

static void open(tr_trace *t, cv_context *c, uint32_t id, const char *name) {
    *t = (tr_trace){.id = id, .outer = tr_thread_get()->trace, .context = c};
    t->builder = ir_builder_new(c->module, name);
}

void tr_one_shot_open(tr_trace *t, cv_context *c, const char *name) {
    open(t, c, TR_ONE_SHOT, name);
}

void tr_trace_open(tr_trace *t, cv_context *c, const char *name) {
    uint32_t number = atomic_fetch_add_explicit(&traces_made, 1, memory_order_relaxed);
    if (number >= TR_ONE_SHOT - TR_TRACED - 1) {
        atomic_store(&traces_made, TR_ONE_SHOT - TR_TRACED - 1);
        base_raise(CV_UNSUPPORTED, "this process has traced functions 2^31 times");
    }
    tr_session *session = tr_session_get(c);
    open(t, c, TR_TRACED | number, name);
    tr_scope_push(&t->scope, session, true);
    tr_lock(c);
    t->next_live = c->traces;
    c->traces = t;
    tr_unlock(c);
    tr_thread_get()->trace = t;
    t->is_open = true;
}

void tr_trace_close(tr_trace *t) {
    if (t->is_open) {
        cv_context *c = t->context;
        tr_thread_get()->trace = t->outer;
        tr_lock(c);
        tr_trace **at = &c->traces;
        while (*at != t) at = &(*at)->next_live;
        *at = t->next_live;
        tr_unlock(c);
        tr_forget_entries(t);
        tr_scope_pop(&t->scope);
    }
    for (uint32_t i = 0; i < t->captures.n; i++) tr_buffer_release(t->captures.at[i].buffer);
    base_index_free(&t->capture_index);
    base_arena_free(&t->arena);
    *t = (tr_trace){0};
}

tr_trace *tr_trace_find(uint32_t id) {
    for (tr_trace *t = tr_thread_get()->trace; t; t = t->outer)
        if (t->id == id) return t;
    return NULL;
}

bool tr_trace_is_on_stack(uint32_t id) {
    return tr_trace_find(id) != NULL;
}

void tr_weak_set(tr_trace *t, ir_val v) {
    if (v / 64 >= t->weak_words) {
        uint32_t words = t->weak_words ? t->weak_words * 2 : 16;
        while (words <= v / 64) words *= 2;
        uint64_t *grown = base_new_array(&t->arena, uint64_t, words);
        if (t->weak_words) memcpy(grown, t->weak, sizeof *grown * t->weak_words);
        t->weak = grown;
        t->weak_words = words;
    }
    t->weak[v / 64] |= 1ull << v % 64;
}

// Captures

enum { FEW_CAPTURES = 8 };

static uint64_t hash_of(cv_val v) {
    return base_hash(&v, sizeof v, 0);
}

static tr_capture *find_capture(tr_trace *t, cv_val source) {
    if (t->captures.n <= FEW_CAPTURES) {
        for (uint32_t i = 0; i < t->captures.n; i++)
            if (tr_same(t->captures.at[i].source, source)) return &t->captures.at[i];
        return NULL;
    }
    uint32_t probe;
    uint64_t hash = hash_of(source);
    for (uint32_t i = base_index_first(&t->capture_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&t->capture_index, hash, &probe))
        if (tr_same(t->captures.at[i].source, source)) return &t->captures.at[i];
    return NULL;
}

// Takes the reference that `buffer` is only when it returns.
static ir_val add_capture(tr_trace *t, cv_val source, tr_buffer *buffer, const ir_type *type, bool weak) {
    base_reserve(&t->arena, &t->captures, 1);
    uint32_t n = t->captures.n;
    if (n == FEW_CAPTURES)
        for (uint32_t i = 0; i < n; i++)
            base_index_add(&t->capture_index, hash_of(t->captures.at[i].source), i);
    if (n >= FEW_CAPTURES) base_index_add(&t->capture_index, hash_of(source), n);
    ir_val param = ir_param(t->builder, type);
    if (weak) tr_weak_set(t, param);
    base_push(&t->arena, &t->captures, (tr_capture){source, buffer, type, weak, param});
    return param;
}

static ir_val bring_concrete(tr_trace *t, cv_val v, bool *weak, tr_label label) {
    cv_context *c = t->context;
    tr_array array = tr_array_get(c, v, label);
    *weak = array.weak;
    tr_capture *known = find_capture(t, v);
    if (known) return known->param;
    if (array.is_literal) {
        ir_val constant = ir_constant(t->builder, c->scalars[array.literal], true, &array.value);
        tr_weak_set(t, constant);
        return constant;
    }
    ir_val param = add_capture(t, v, array.buffer, array.buffer->type, array.weak);
    tr_buffer_retain(array.buffer);
    return param;
}

static ir_val bring_outer(tr_trace *t, const tr_trace *outer, cv_val v, bool *weak) {
    *weak = tr_weak_get(outer, v.slot);
    const ir_op *op = ir_def_of(outer->builder, v.slot);
    if (*weak && op && op->primitive == IR_constant) {
        ir_val constant = ir_emit(t->builder, IR_constant, NULL, 0, op->attributes);
        tr_weak_set(t, constant);
        return constant;
    }
    tr_capture *known = find_capture(t, v);
    return known ? known->param : add_capture(t, v, NULL, ir_type_of(outer->builder, v.slot), *weak);
}

ir_val tr_bring_far(tr_trace *t, cv_val v, bool *weak, tr_label label) {
    if (!tr_is_traced(v)) return bring_concrete(t, v, weak, label);
    const tr_trace *outer = tr_trace_find(v.generation);
    if (outer && outer != t && v.slot < outer->builder->types.n) return bring_outer(t, outer, v, weak);
    tr_state state = TR_ENDED;
    if (!outer) {
        tr_lock(t->context);
        tr_slot_find(t->context, v, &state);
        tr_unlock(t->context);
    }
    tr_raise_state(t->context, state, v, label);
}

ir_val tr_bring_capture(tr_trace *t, const tr_capture *capture) {
    bool weak;
    if (!capture->buffer)
        return tr_bring(t, capture->source, &weak, (tr_label){"a captured value", IR_NONE, NULL});
    tr_capture *known = find_capture(t, capture->source);
    if (known) return known->param;
    ir_val param = add_capture(t, capture->source, capture->buffer, capture->type, capture->weak);
    tr_buffer_retain(capture->buffer);
    return param;
}

// Weak values

ir_val tr_convert_weak(ir_builder *b, ir_val v, cv_dtype dtype) {
    const ir_type *type = ir_type_of(b, v);
    const ir_op *op = ir_def_of(b, v);
    if (type->dtype == dtype) return v;
    bool known = op && op->primitive == IR_constant && !type->rank;
    if (!known || ir_is_complex(type->dtype)) return ir_convert(b, v, dtype);
    const ir_constant_attributes *a = op->attributes;
    union ir_scalar from, to;
    memcpy(&from, a->value.data, type->bytes);
    if (ir_is_float(type->dtype)) ir_scalar_from_double(&to, dtype, ir_scalar_to_double(&from, type->dtype));
    else ir_scalar_from_int(&to, dtype, ir_scalar_to_int(&from, type->dtype));
    return ir_constant(b, ir_type_scalar(b->module, dtype), true, &to);
}

ir_val tr_settle(tr_trace *t, ir_val v, bool weak) {
    cv_dtype dtype = ir_type_of(t->builder, v)->dtype, settled = tr_settled_dtype(t->context, dtype, weak);
    if (settled == dtype) return v;
    ir_val value = tr_convert_weak(t->builder, v, settled);
    tr_weak_set(t, value);
    return value;
}
