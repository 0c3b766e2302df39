// In: the program of one operation outside any trace. Out: its results; its code from a cache.
//
// Operations with the same program share its code: the same primitives, attributes and types. Constants
// are not part of it but become parameters, or a loop that scales by another number each time would compile
// each time. An entry is counted: the table's reference goes when the table was full and starts anew, the
// others when the operation is done.

#include <string.h>

#include "runtime/allocator.h"
#include "trace/trace.h"

enum { MOST_ENTRIES = 4096, MOST_CONSTANTS = 16 };

typedef struct tr_immediate {
    _Atomic uint32_t references;
    uint64_t hash;
    const ir_function *function; // retained
    tr_code code;
} tr_immediate;

static void release(void *argument) {
    tr_immediate *e = argument;
    if (!e || atomic_fetch_sub_explicit(&e->references, 1, memory_order_acq_rel) > 1) return;
    tr_code_free(&e->code);
    ir_release(e->function);
    base_free(e);
}

// Constants as parameters

typedef struct lifting {
    uint32_t n;
    uint32_t op[MOST_CONSTANTS]; // of each constant
} lifting;

static bool is_lifted(const ir_op *op) {
    if (op->primitive != IR_constant) return false;
    const ir_literal *value = &((const ir_constant_attributes *)op->attributes)->value;
    return value->splat || value->type->count == 1;
}

static lifting find_constants(const ir_function *f) {
    lifting l = {0};
    for (uint32_t i = 0; i < f->n_ops && l.n < MOST_CONSTANTS; i++)
        if (is_lifted(&f->ops[i])) l.op[l.n++] = i;
    return l;
}

static const ir_function *lift(const ir_function *f, const lifting *l) {
    if (!l->n) return f;
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *map = base_new_array(&b->arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < l->n; i++) {
        ir_val out = f->ops[l->op[i]].out;
        const ir_type *type = f->types[out];
        map[out] = ir_param(b, ir_type_scalar(f->module, type->dtype));
        if (type->rank) map[out] = ir_broadcast_in_dim(b, map[out], ir_shape(type), (ir_dims){0, NULL});
    }
    for (uint32_t i = 0, k = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (k < l->n && l->op[k] == i) {
            k++;
            continue;
        }
        ir_val *in = base_new_array(&b->arena, ir_val, op->n_in + 1);
        for (uint32_t a = 0; a < op->n_in; a++) in[a] = map[ir_in(f, op)[a]];
        ir_val first = ir_emit_like(b, f, op, in);
        for (uint32_t o = 0; o < op->n_out; o++) map[op->out + o] = first + o;
    }
    ir_val *results = base_new_array(&b->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = map[f->results[i]];
    return ir_finish(b, results, f->n_results);
}

// The table

static uint64_t hash_of(const ir_function *f) {
    uint64_t hash = base_hash(f->results, sizeof *f->results * f->n_results, f->n_params);
    for (uint32_t i = 0; i < f->n_values; i++) hash = (hash ^ f->types[i]->id) * 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        hash = base_hash(ir_in(f, op), sizeof(ir_val) * op->n_in, hash ^ op->primitive);
        if (op->attributes)
            hash = ir_attributes_hash(ir_primitives[op->primitive].layout, op->attributes, hash);
    }
    return hash;
}

typedef struct finding {
    cv_context *c;
    const ir_function *f;
    uint64_t hash;
    tr_immediate *made, *found;
    tr_immediate **dropped; // room for all entries; those that go when the table is full
    uint32_t n_dropped;
} finding;

// Under the lock.
static void find(void *argument) {
    finding *a = argument;
    cv_context *c = a->c;
    uint32_t probe;
    for (uint32_t i = base_index_first(&c->immediate_index, a->hash, &probe); i != BASE_ABSENT && !a->found;
         i = base_index_next(&c->immediate_index, a->hash, &probe))
        if (ir_equal(c->immediate[i]->function, a->f)) a->found = c->immediate[i];
    if (!a->found && a->made) {
        if (!c->immediate) c->immediate = base_malloc(sizeof *c->immediate * MOST_ENTRIES);
        while (c->n_immediate == MOST_ENTRIES || (a->n_dropped && c->n_immediate)) {
            tr_immediate *last = c->immediate[--c->n_immediate];
            base_index_remove(&c->immediate_index, last->hash, c->n_immediate);
            a->dropped[a->n_dropped++] = last;
        }
        base_index_add(&c->immediate_index, a->hash, c->n_immediate);
        c->immediate[c->n_immediate++] = a->found = a->made;
        atomic_fetch_add_explicit(&a->made->references, 1, memory_order_relaxed);
    }
    if (a->found) atomic_fetch_add_explicit(&a->found->references, 1, memory_order_relaxed);
}

static tr_immediate *entry_of(cv_context *c, const ir_function *f) {
    finding a = {.c = c, .f = f, .hash = hash_of(f)};
    tr_locked(c, find, &a);
    if (!a.found) {
        a.made = base_malloc(sizeof *a.made);
        *a.made =
            (tr_immediate){.references = 1, .hash = a.hash, .function = ir_retain(f), .code.quick = true};
        base_defer(release, a.made);
        a.dropped = base_malloc(sizeof *a.dropped * MOST_ENTRIES);
        base_defer(base_free, a.dropped);
        tr_locked(c, find, &a);
        for (uint32_t i = 0; i < a.n_dropped; i++) release(a.dropped[i]); // not under the lock: code goes too
    }
    base_defer(release, a.found);
    return a.found;
}

void tr_free_immediate(cv_context *c) {
    for (uint32_t i = 0; i < c->n_immediate; i++) release(c->immediate[i]);
    base_free(c->immediate);
    base_index_free(&c->immediate_index);
}

void tr_execute_once(cv_context *c, const ir_function *f, tr_buffer *const *in, tr_buffer **out) {
    lifting l = find_constants(f);
    const ir_function *lifted = lift(f, &l);
    tr_immediate *e = entry_of(c, lifted);
    void **params = base_malloc(sizeof *params * (lifted->n_params + 1));
    base_defer(base_free, params);
    char *constants = l.n ? rt_allocate((size_t)l.n * RT_ALIGNMENT) : NULL;
    base_defer(rt_free, constants);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = in[i]->data;
    for (uint32_t i = 0; i < l.n; i++) {
        const ir_constant_attributes *a = f->ops[l.op[i]].attributes;
        params[f->n_params + i] =
            memcpy(constants + (size_t)i * RT_ALIGNMENT, a->value.data, cv_dtype_size(a->value.type->dtype));
    }
    tr_run(c, e->function, &e->code, params, out);
}
