// Calls of function values.
//
// Inside a trace a call is an operation whose operands are the arguments and what the program
// captures: its operations go into the trace (of a jitted function that is one call operation).
// Outside, a plain callback runs as it stands, on arrays, so that printf and gdb work in it, with
// a scope of its own from which only the results are kept. Every other function runs as a program.

#include <string.h>

#include "trace/trace.h"

// Each level takes stack of ours and of the user's.
enum { DEEPEST = 256, MOST_ARGUMENTS = 1 << 20 };

void tr_check_counts(const tr_node *node, int64_t n_in, int64_t n_out) {
    char name[TR_NAME];
    if (n_in != node->n_in)
        base_raise(CV_INVALID, "%s takes %u argument%s, not %lld", tr_describe(node, name), node->n_in,
                   node->n_in == 1 ? "" : "s", (long long)n_in);
    if (n_out >= 0 && n_out != node->n_out)
        base_raise(CV_INVALID, "%s has %u result%s, not %lld", tr_describe(node, name), node->n_out,
                   node->n_out == 1 ? "" : "s", (long long)n_out);
}

typedef cv_val callback_1(cv_val);
typedef cv_val callback_2(cv_val, cv_val);
typedef cv_val callback_3(cv_val, cv_val, cv_val);
typedef cv_val callback_4(cv_val, cv_val, cv_val, cv_val);
typedef cv_val callback_5(cv_val, cv_val, cv_val, cv_val, cv_val);
typedef cv_val callback_6(cv_val, cv_val, cv_val, cv_val, cv_val, cv_val);
typedef cv_val callback_7(cv_val, cv_val, cv_val, cv_val, cv_val, cv_val, cv_val);
typedef cv_val callback_8(cv_val, cv_val, cv_val, cv_val, cv_val, cv_val, cv_val, cv_val);

static void apply(const tr_node *node, const cv_val *a, cv_val *out) {
    void (*f)(void) = node->callback;
    switch (node->arity) {
    case 0: ((cv_callback *)f)(out, a, (void *)(uintptr_t)node->context); break;
    case 1: *out = ((callback_1 *)f)(a[0]); break;
    case 2: *out = ((callback_2 *)f)(a[0], a[1]); break;
    case 3: *out = ((callback_3 *)f)(a[0], a[1], a[2]); break;
    case 4: *out = ((callback_4 *)f)(a[0], a[1], a[2], a[3]); break;
    case 5: *out = ((callback_5 *)f)(a[0], a[1], a[2], a[3], a[4]); break;
    case 6: *out = ((callback_6 *)f)(a[0], a[1], a[2], a[3], a[4], a[5]); break;
    case 7: *out = ((callback_7 *)f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]); break;
    default: *out = ((callback_8 *)f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]); break;
    }
}

void tr_run_callback(const tr_node *node, const cv_val *in, cv_val *out) {
    tr_thread *thread = tr_thread_get();
    if (thread->depth >= DEEPEST)
        base_raise(CV_INVALID, "%s is called inside %d other functions: does it call itself?", node->name,
                   DEEPEST);
    uint64_t failures = thread->failures;
    thread->depth++;
    apply(node, in, out);
    thread->depth--;
    if (thread->failures != failures && thread->failed) base_raise_again(thread->first);
}

typedef struct calling {
    cv_fn f;
    cv_val *out;
    int n_out;
    cv_vals in;
    tr_site site;
    void *const *memory; // of the results, or NULL
    const size_t *bytes;
    base_arena arena;
    tr_scope scope;
    // Of a call that runs a program: what it holds.
    tr_node *node;
    tr_argument *types; // of the arguments
    tr_array *arrays;
    const tr_entry *entry;
    tr_made made; // results
} calling;

// Inside a trace

static void build_call(tr_op *op, const void *options) {
    const calling *a = options;
    tr_work *w = (tr_work *)(void *)op;
    tr_node *node = tr_node_get(w->trace->context, a->f);
    tr_check_counts(node, op->n_in, op->n_out);
    tr_argument *in = base_new_array(&op->b->arena, tr_argument, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) {
        if (op->in[i] == IR_NONE) continue;
        op->in[i] = tr_settle(w->trace, op->in[i], op->weak[i]);
        in[i] = (tr_argument){ir_type_of(op->b, op->in[i]), op->weak[i]};
    }
    const tr_entry *e = tr_program(node, in, op->n_in, &w->site);
    const ir_function *f = e->function;
    ir_val *operands = base_new_array(&op->b->arena, ir_val, f->n_params);
    ir_val *results = base_new_array(&op->b->arena, ir_val, f->n_results);
    uint32_t n = 0, k = 0;
    for (uint32_t i = 0; i < op->n_in; i++)
        if (op->in[i] != IR_NONE) operands[n++] = op->in[i];
    for (uint32_t i = 0; i < e->n_captures; i++) operands[n++] = tr_bring_capture(w->trace, &e->captures[i]);
    ir_inline(op->b, f, operands, results);
    for (uint32_t i = 0; i < op->n_out; i++) {
        if (e->out[i].type) op->out[i] = results[k++];
        op->weak_out[i] = e->out[i].weak;
    }
}

// Outside

static void free_arena(void *arena) {
    base_arena_free(arena);
}

static void pop_scope(void *scope) {
    tr_scope_pop(scope);
}

static void copy_out(const calling *a, uint32_t i, const tr_buffer *buffer) {
    if (buffer->type->bytes) memcpy(a->memory[i], buffer->data, buffer->type->bytes);
}

static void check_memory(const calling *a, uint32_t i, const ir_type *type) {
    char text[IR_TYPE_TEXT];
    if (a->bytes[i] < type->bytes)
        base_raise(CV_INVALID, "result %u is %s of %zu bytes, and its memory has %zu", i,
                   ir_type_text(type, text), type->bytes, a->bytes[i]);
    if (!a->memory[i] && type->bytes) base_raise(CV_INVALID, "the memory of result %u is NULL", i);
}

// A result that the callback made, or found: the caller gets a handle of its own.
static void hand_over(const calling *a, const tr_node *node, uint32_t i, cv_val v) {
    cv_context *c = node->owner;
    if (tr_is_none(v)) base_raise(CV_INVALID, "%s returned no value for result %u", node->name, i);
    tr_array array = tr_array_get(c, v, (tr_label){"result", i, node->name});
    if (a->memory) {
        check_memory(a, i, array.buffer->type);
        copy_out(a, i, array.buffer);
        return;
    }
    tr_buffer_retain(array.buffer);
    a->out[i] = tr_value_new(a->scope.outer, &array);
}

static void call_directly(calling *a, const tr_node *node) {
    for (uint32_t i = 0; i < node->n_in; i++)
        if (!tr_is_none(a->in.at[i])) tr_array_get(node->owner, a->in.at[i], TR_ARGUMENT(i));
    cv_val *results = base_new_array(&a->arena, cv_val, node->n_out);
    tr_scope_push(&a->scope, tr_session_get(node->owner), true);
    base_defer(pop_scope, &a->scope);
    tr_run_callback(node, a->in.at, results);
    for (uint32_t i = 0; i < node->n_out; i++) hand_over(a, node, i, results[i]);
}

static void check_donated_once(const calling *a, cv_ints donate) {
    for (int64_t i = 0; i < donate.n; i++)
        for (int64_t k = 0; k < i; k++)
            if (tr_same(a->in.at[donate.at[i]], a->in.at[donate.at[k]]))
                base_raise(CV_INVALID,
                           "arguments %lld and %lld are the same array, which cannot be donated twice",
                           (long long)donate.at[k], (long long)donate.at[i]);
}

// Consumes the handles. What nothing else holds goes when the call ends, and is where the next results of
// its size are made.
static void donate_arguments(calling *a, const tr_node *node, const tr_argument *in) {
    char name[TR_NAME];
    check_donated_once(a, node->list);
    tr_describe(node->child, name);
    for (int64_t i = 0; i < node->list.n; i++) {
        uint32_t number = (uint32_t)node->list.at[i];
        if (!in[number].type) continue;
        tr_array array = tr_donate(node->owner, a->in.at[number], name, a->site.here, TR_ARGUMENT(number));
        base_defer(tr_buffer_release_later, array.buffer);
    }
}

static void put_results(calling *a) {
    tr_scope *scope = tr_session_get(a->node->owner)->scope;
    const tr_entry *e = a->entry;
    for (uint32_t i = 0, k = 0; i < e->n_out; i++) {
        a->out[i] = cv_none;
        if (!e->out[i].type) continue;
        tr_array array = tr_made_take(&a->made, k++, e->out[i].weak);
        a->out[i] = tr_value_new(scope, &array);
    }
}

// Under the lock: the argument's array and type; false if there is none.
static bool find_argument(calling *a, cv_context *c, uint32_t i) {
    tr_state state;
    a->types[i] = (tr_argument){0};
    a->arrays[i].buffer = NULL;
    if (tr_is_none(a->in.at[i])) return true;
    const tr_slot *slot = tr_slot_find(c, a->in.at[i], &state);
    if (!slot) return false;
    a->arrays[i] = slot->array;
    a->types[i] = (tr_argument){slot->array.buffer->type, slot->array.weak};
    return true;
}

static void release_recalled(void *argument) {
    calling *a = argument;
    for (uint32_t i = 0; i < a->in.n; i++) tr_buffer_release(a->arrays[i].buffer);
    tr_node_release(a->node);
}

// A function that was called before with these types: it, its arguments and its program are found under one
// lock. False, with nothing held, if anything is new or wrong: look_up makes it, or says what it is.
static bool recall(calling *a, cv_context *c) {
    const tr_entry *e = NULL;
    tr_lock(c);
    tr_node *node = tr_node_find(c, a->f);
    bool fits = node && node->kind != TR_CALLBACK && a->in.n == node->n_in && a->n_out == (int)node->n_out;
    for (uint32_t i = 0; fits && i < a->in.n; i++) fits = find_argument(a, c, i);
    if (fits) e = tr_entry_find(node, a->types, node->n_in);
    if (e) {
        tr_node_use(c, node);
        for (uint32_t i = 0; i < a->in.n; i++) tr_buffer_retain(a->arrays[i].buffer);
    }
    tr_unlock(c);
    if (!e) return false;
    a->node = node;
    a->entry = e; // as long as the function is in use, since no trace made it
    base_defer(release_recalled, a);
    return true;
}

static void look_up(calling *a, tr_node *node) {
    a->node = node;
    tr_arguments_get(node->owner, a->in, a->arrays);
    for (uint32_t i = 0; i < node->n_in; i++)
        if (a->arrays[i].buffer) a->types[i] = (tr_argument){a->arrays[i].buffer->type, a->arrays[i].weak};
        else a->types[i] = (tr_argument){0};
    a->entry = tr_program(node, a->types, node->n_in, &a->site);
}

static void call_program(calling *a) {
    const tr_node *node = a->node;
    const tr_entry *e = a->entry;
    const ir_function *f = e->function;
    tr_buffer **all = base_new_array(&a->arena, tr_buffer *, f->n_params),
              **out = base_new_array(&a->arena, tr_buffer *, f->n_results);
    uint32_t n = 0, k = 0;
    a->made = (tr_made){out, f->n_results};
    base_defer(tr_made_release, &a->made);
    for (uint32_t i = 0; i < node->n_in; i++)
        if (a->types[i].type) all[n++] = a->arrays[i].buffer;
    for (uint32_t i = 0; i < e->n_captures; i++) all[n++] = e->captures[i].buffer;
    for (uint32_t i = 0; a->memory && i < e->n_out; i++) {
        if (!e->out[i].type) continue;
        check_memory(a, i, e->out[i].type);
        out[k++] = tr_buffer_around(e->out[i].type, a->memory[i]);
    }
    if (node->kind == TR_JIT && node->list.n) donate_arguments(a, node, a->types);
    tr_execute(node->owner, f, (tr_code *)(uintptr_t)&e->code, all, out);
    if (!a->memory) put_results(a);
}

static void call_outside(void *argument) {
    calling *a = argument;
    base_defer(free_arena, &a->arena);
    cv_context *c = tr_context();
    size_t n = a->in.n < 0 || a->in.n > MOST_ARGUMENTS ? 0 : (size_t)a->in.n; // the wrong ones are refused below
    a->types = base_arena_alloc(&a->arena, sizeof *a->types * n);
    a->arrays = base_arena_alloc(&a->arena, sizeof *a->arrays * n);
    if (!recall(a, c)) {
        tr_node *node = tr_node_get(c, a->f);
        tr_check_counts(node, a->in.n, a->n_out);
        if (node->kind == TR_CALLBACK) {
            call_directly(a, node);
            return;
        }
        look_up(a, node);
    }
    call_program(a);
}

static cv_status enter_outside(calling *a) {
    _Alignas(16) char memory[1024]; // enough for most calls
    a->arena = (base_arena){.next = memory, .end = memory + sizeof memory};
    return tr_enter(a->site.name, a->site.here, call_outside, a);
}

static bool is_poisoned(const calling *a) {
    bool poisoned = !a->f.slot && a->f.generation == 1;
    for (int64_t i = 0; i < a->in.n; i++) poisoned |= tr_is_poison(a->in.at[i]);
    return poisoned;
}

static void poison(const calling *a) {
    for (int i = 0; i < a->n_out && a->out; i++) a->out[i] = TR_POISON;
}

cv_status cv_call_at(cv_fn f, cv_val *out, int n_out, cv_vals in, cv_here here) {
    calling a = {.f = f, .out = out, .n_out = n_out, .in = in, .site = {"cv_call", here}};
    cv_status status;
    if (is_poisoned(&a))
        status = tr_poisoned();
    else if (tr_thread_get()->trace && n_out >= 0 && in.n >= 0 && in.n <= INT32_MAX)
        status = tr_operate(a.site, build_call, &a, in.at, (uint32_t)in.n, out, (uint32_t)n_out,
                            (tr_operate_options){.allow_absent = true});
    else
        status = enter_outside(&a);
    if (status) poison(&a);
    return status;
}

cv_val cv_call_one_at(cv_fn f, cv_vals in, cv_here here) {
    cv_val out = TR_POISON;
    cv_call_at(f, &out, 1, in, here);
    return out;
}

static void refuse_trace(void *unused) {
    (void)unused;
    base_raise(CV_INVALID, "there is no memory to write to while a function is traced; use cv_call");
}

cv_status cv_call_into_at(cv_fn f, void *const *memory, const size_t *bytes, int n_out, cv_vals in,
                          cv_here here) {
    calling a = {
        .f = f, .n_out = n_out, .in = in, .site = {"cv_call_into", here}, .memory = memory, .bytes = bytes};
    if (is_poisoned(&a)) return tr_poisoned();
    if (tr_thread_get()->trace) return tr_enter("cv_call_into", here, refuse_trace, &a);
    return enter_outside(&a);
}
