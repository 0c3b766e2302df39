// In: a function. Out: visits of all that it holds, depth first, what is held before its holder.
//
// The stack is explicit, since calls may be nested as deep as a program is long; a function that is
// reached on many ways is visited once, found by its address. A function cannot hold itself.
//
// And what most visits do: emit each operation again, or something else in its place.

#include "transforms/bottom_up.h"

#include "base/error.h"

typedef struct pending {
    const ir_function *f;
    bool leaving; // what it holds has been seen to
} pending;

typedef struct walk {
    const ir_function *f;
    bool (*done)(const ir_function *);
    void (*visit)(const ir_function *);
    base_arena arena;
    base_index seen; // entries of `visited`
    base_vector(const ir_function *) visited;
    base_vector(pending) stack;
} walk;

static uint64_t hash_pointer(const ir_function *f) { return base_hash(&f, sizeof f, 0); }

static bool is_visited(const walk *w, const ir_function *f) {
    uint64_t hash = hash_pointer(f);
    uint32_t probe;
    for (uint32_t i = base_index_first(&w->seen, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&w->seen, hash, &probe))
        if (w->visited.at[i] == f) return true;
    return false;
}

static void push_held(void *argument, const ir_function **slot) {
    walk *w = argument;
    if (!is_visited(w, *slot) && !w->done(*slot)) base_push(&w->arena, &w->stack, (pending){*slot, false});
}

static void push_all_held(walk *w, const ir_function *f) {
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (ir_primitives[f->ops[i].primitive].traits & (IR_CONTROL | IR_HOLDS))
            ir_attributes_functions(ir_primitives[f->ops[i].primitive].layout, f->ops[i].attributes,
                                    push_held, w);
}

struct visit {
    void (*visit)(const ir_function *);
    const ir_function *f;
};

static void run_visit(void *argument) {
    struct visit *a = argument;
    a->visit(a->f);
}

static void visit(walk *w, const ir_function *f) {
    base_failure failure;
    if (base_protect(run_visit, &(struct visit){w->visit, f}, &failure)) base_raise_again(&failure);
    base_index_add(&w->seen, hash_pointer(f), w->visited.n);
    base_push(&w->arena, &w->visited, f);
}

static void run(void *argument) {
    walk *w = argument;
    base_push(&w->arena, &w->stack, (pending){w->f, false});
    while (w->stack.n) {
        pending *top = &w->stack.at[w->stack.n - 1];
        const ir_function *f = top->f;
        if (top->leaving || is_visited(w, f)) {
            w->stack.n--;
            if (!is_visited(w, f)) visit(w, f);
        } else {
            top->leaving = true;
            push_all_held(w, f);
        }
    }
}

void xf_bottom_up(const ir_function *f, bool (*done)(const ir_function *),
                  void (*visit_one)(const ir_function *)) {
    if (done(f)) return;
    walk w = {.f = f, .done = done, .visit = visit_one};
    base_failure failure;
    cv_status status = base_protect(run, &w, &failure);
    base_index_free(&w.seen);
    base_arena_free(&w.arena);
    if (status) base_raise_again(&failure);
}

typedef struct replacing {
    const ir_function *(*replacement)(const ir_function *);
    bool write, changes;
} replacing;

static void replace(void *argument, const ir_function **slot) {
    replacing *r = argument;
    const ir_function *g = r->replacement(*slot);
    r->changes |= g != *slot;
    if (r->write) *slot = g;
}

bool xf_held_changes(const ir_op *op, const ir_function *(*replacement)(const ir_function *g)) {
    const ir_primitive_info *info = &ir_primitives[op->primitive];
    if (!(info->traits & (IR_CONTROL | IR_HOLDS))) return false;
    replacing r = {.replacement = replacement};
    ir_attributes_functions(info->layout, op->attributes, replace, &r);
    return r.changes;
}

const void *xf_with_held(base_arena *arena, const ir_op *op,
                         const ir_function *(*replacement)(const ir_function *g)) {
    if (!xf_held_changes(op, replacement)) return op->attributes;
    const ir_layout *layout = ir_primitives[op->primitive].layout;
    const void *copy = ir_attributes_copy(arena, layout, op->attributes);
    ir_attributes_functions(layout, copy, replace, &(replacing){.replacement = replacement, .write = true});
    return copy;
}

const ir_function *xf_rewrite(const ir_function *f, xf_emit_rule *emit) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *map = base_new_array(&b->arena, ir_val, f->n_values + 1), few[8];
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val *in = op->n_in <= 8 ? few : base_new_array(&b->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = map[ir_in(f, op)[k]];
        ir_set_place(b, op);
        emit(b, f, op, in, map + op->out);
    }
    ir_val *results = base_new_array(&b->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = map[f->results[i]];
    b->place = f->place;
    return ir_finish(b, results, f->n_results);
}

void xf_emit_same(ir_builder *b, const ir_op *op, const ir_val *in, ir_val *out,
                  const ir_function *(*replacement)(const ir_function *g)) {
    ir_val first = ir_emit(b, op->primitive, in, op->n_in, xf_with_held(&b->arena, op, replacement));
    for (uint32_t o = 0; o < op->n_out; o++) out[o] = first + o;
}
