// Function values: nodes of callbacks and transforms, each described once.
//
// A node is found by its key, the bytes of everything that its meaning depends on: kind, child,
// callback, context, options. References come from the scopes that hold its handle, from parents and
// from running calls. A node that nothing refers to stays, with the programs that were made for it,
// until TR_IDLE_NODES others were used since: describing the same function again, as a loop with
// scopes of its own does, finds what was traced and compiled, and a loop that makes ever new contexts
// does not grow. Its programs retain the arrays that they capture: when idle nodes retain much, those
// go first of whose arrays the user's handles are gone.
//
// Nodes change under the context's lock. What dies is unlinked there and freed after the lock is
// given back, since a program may hold the last reference to a view of the user's.

#include <stdio.h>
#include <string.h>

#include "trace/trace.h"

// The description of a function, and the bytes of it.

typedef struct description {
    tr_node node; // what is known before it is interned; names and lists are the caller's
    size_t context_size;
    bool copies_context;
    cv_context *c;
    tr_scope *scope;
    base_arena arena;
    base_text key;
    tr_node *fresh; // for the table, unless it has an equal one
    tr_hold *hold;
    cv_fn out;
} description;

static void add_bytes(description *d, const void *bytes, size_t size) {
    base_text_add_n(&d->key, bytes, size);
}

static void add_list(description *d, cv_ints list) {
    add_bytes(d, &list.n, sizeof list.n);
    if (list.n) add_bytes(d, list.at, sizeof *list.at * (size_t)list.n);
}

static void make_key(description *d) {
    const tr_node *n = &d->node;
    struct {
        const void *child, *name, *axis_name, *context;
        void (*callback)(void);
        int64_t size, kind, arity, n_in, n_out, copies, holomorphic;
    } fixed;
    memset(&fixed, 0, sizeof fixed);
    fixed.child = n->child;
    fixed.name = n->name;
    fixed.axis_name = n->axis_name;
    fixed.context = d->copies_context ? NULL : n->context;
    fixed.callback = n->callback;
    fixed.size = n->size;
    fixed.kind = n->kind;
    fixed.arity = n->arity;
    fixed.n_in = n->n_in;
    fixed.n_out = n->n_out;
    fixed.copies = d->copies_context;
    fixed.holomorphic = n->holomorphic;
    add_bytes(d, &fixed, sizeof fixed);
    add_list(d, n->list);
    add_list(d, n->out_list);
    if (d->copies_context) add_bytes(d, n->context, d->context_size);
}

// The copy of the description that a node keeps: one allocation with its lists, context and key.
static tr_node *new_node(const description *d) {
    size_t lists = sizeof(int64_t) * (size_t)(d->node.list.n + d->node.out_list.n);
    size_t context = d->copies_context ? (d->context_size + 15) & ~(size_t)15 : 0;
    size_t head = (sizeof(tr_node) + 15) & ~(size_t)15;
    char *memory = base_malloc(head + context + lists + d->key.n);
    tr_node *node = (tr_node *)(void *)memory;
    *node = d->node;
    char *at = memory + head;
    if (d->copies_context) node->context = memcpy(at, d->node.context, d->context_size);
    at += context;
    cv_ints *const copied[] = {&node->list, &node->out_list};
    for (int i = 0; i < 2; i++) {
        size_t size = sizeof(int64_t) * (size_t)copied[i]->n;
        if (size) copied[i]->at = memcpy(at, copied[i]->at, size);
        at += size;
    }
    node->key = memcpy(at, d->key.at, d->key.n);
    return node;
}

// Life of nodes, under the lock

static void take_from_idle(cv_context *c, tr_node *node) {
    *(node->idle_previous ? &node->idle_previous->idle_next : &c->idle_first) = node->idle_next;
    *(node->idle_next ? &node->idle_next->idle_previous : &c->idle_last) = node->idle_previous;
    node->idle_previous = node->idle_next = NULL;
    node->is_idle = false;
    c->n_idle--;
    c->idle_bytes -= node->captured;
}

void tr_node_use(cv_context *c, tr_node *node) {
    if (node->is_idle) take_from_idle(c, node);
    node->references++;
}

static void make_idle(cv_context *c, tr_node *node) {
    if (--node->references) return;
    node->idle_previous = NULL;
    node->idle_next = c->idle_first;
    *(c->idle_first ? &c->idle_first->idle_previous : &c->idle_last) = node;
    c->idle_first = node;
    node->is_idle = true;
    c->n_idle++;
    c->idle_bytes += node->captured;
}

static size_t captured_bytes(const tr_entry *e) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < e->n_captures; i++)
        if (e->captures[i].buffer) bytes += e->captures[i].type->bytes;
    return bytes;
}

void tr_entry_link(tr_node *node, tr_entry *e) {
    e->next = node->entries;
    e->node = node;
    node->entries = e;
    node->captured += captured_bytes(e);
    if (node->is_idle) node->owner->idle_bytes += captured_bytes(e);
}

void tr_entry_unlink(tr_entry *e) {
    tr_node *node = e->node;
    tr_entry **at = &node->entries;
    while (*at != e) at = &(*at)->next;
    *at = e->next;
    e->node = NULL;
    node->captured -= captured_bytes(e);
    if (node->is_idle) node->owner->idle_bytes -= captured_bytes(e);
}

static void remove_node(cv_context *c, tr_node *node) {
    base_index_remove(&c->node_index, node->hash, node->slot);
    struct tr_node_slot *slot = &c->nodes[node->slot];
    slot->node = NULL;
    slot->generation = (slot->generation + 1) & ~TR_TRACED;
    slot->next_free = c->free_node;
    c->free_node = node->slot;
    for (tr_entry *e = node->entries; e; e = e->next) e->node = NULL;
}

// Takes an idle node out of the table and adds it to the list of what is to be freed.
static void evict_node(cv_context *c, tr_node *node, tr_node **garbage) {
    take_from_idle(c, node);
    remove_node(c, node);
    if (node->child) make_idle(c, node->child);
    node->idle_next = *garbage;
    *garbage = node;
}

static bool captures_what_is_gone(cv_context *c, const tr_node *node) {
    tr_state state;
    for (const tr_entry *e = node->entries; e; e = e->next)
        for (uint32_t i = 0; i < e->n_captures; i++)
            if (e->captures[i].buffer && !tr_slot_find(c, e->captures[i].source, &state)) return true;
    return false;
}

// The nodes over the limits, as a list through idle_next.
static tr_node *evict(cv_context *c) {
    tr_node *garbage = NULL;
    while (c->n_idle > TR_IDLE_NODES) evict_node(c, c->idle_last, &garbage);
    if (c->idle_bytes <= (c->idle_limit ? c->idle_limit : TR_IDLE_BYTES)) return garbage;
    for (tr_node *node = c->idle_last, *earlier; node; node = earlier) {
        earlier = node->idle_previous;
        if (!captures_what_is_gone(c, node)) continue;
        evict_node(c, node, &garbage);
        if (!earlier)
            earlier = node->child && node->child->is_idle ? node->child : NULL; // it now stands in front
    }
    // What is left belongs to live handles: not to be looked at again before it has doubled.
    c->idle_limit = 2 * c->idle_bytes > TR_IDLE_BYTES ? 2 * c->idle_bytes : TR_IDLE_BYTES;
    return garbage;
}

static void free_node(tr_node *node) {
    while (node->entries) {
        tr_entry *next = node->entries->next;
        tr_entry_release(node->entries);
        node->entries = next;
    }
    base_free(node->explained);
    ir_release(node->function);
    while (node->log) {
        tr_text *next = node->log->next;
        base_free(node->log);
        node->log = next;
    }
    base_free(node);
}

static void free_garbage(tr_node *garbage) {
    while (garbage) {
        tr_node *next = garbage->idle_next;
        free_node(garbage);
        garbage = next;
    }
}

void tr_node_release(void *argument) {
    tr_node *node = argument;
    cv_context *c = node->owner;
    tr_lock(c);
    make_idle(c, node);
    tr_node *garbage = evict(c);
    tr_unlock(c);
    free_garbage(garbage);
}

void tr_free_nodes(cv_context *c) {
    for (uint32_t i = 1; i < c->n_nodes; i++)
        if (c->nodes[i].node) free_node(c->nodes[i].node);
    base_free(c->nodes);
    base_index_free(&c->node_index);
}

// Handles

tr_node *tr_node_find(cv_context *c, cv_fn f) {
    if (!f.slot || f.slot >= c->n_nodes || c->nodes[f.slot].generation != f.generation) return NULL;
    return c->nodes[f.slot].node;
}

tr_node *tr_node_get(cv_context *c, cv_fn f) {
    tr_lock(c);
    tr_node *node = tr_node_find(c, f);
    if (node) tr_node_use(c, node);
    tr_unlock(c);
    if (!node) base_raise(CV_INVALID, "the function was not made in this context, or its scope has ended");
    base_defer(tr_node_release, node);
    return node;
}

static void hold(tr_scope *scope, tr_node *node, tr_hold *hold) {
    *hold = (tr_hold){.next_of_scope = scope->holds, .next_of_node = node->holds, .scope = scope, .node = node};
    scope->holds = node->holds = hold;
}

static tr_hold *find_hold(const tr_node *node, const tr_scope *scope) {
    tr_hold *hold = node->holds;
    while (hold && hold->scope != scope) hold = hold->next_of_node;
    return hold;
}

static void unlink_hold(tr_hold *hold) {
    tr_hold **at = &hold->node->holds;
    while (*at != hold) at = &(*at)->next_of_node;
    *at = hold->next_of_node;
    at = &hold->scope->holds;
    while (*at != hold) at = &(*at)->next_of_scope;
    *at = hold->next_of_scope;
}

void tr_drop_holds(tr_scope *scope) {
    cv_context *c = scope->session->context;
    while (scope->holds) {
        tr_lock(c);
        tr_hold *last = scope->holds;
        tr_node *node = last->node;
        unlink_hold(last);
        tr_unlock(c);
        base_free(last);
        tr_node_release(node);
    }
}

// Interning

static tr_node *find_equal(cv_context *c, const description *d) {
    uint32_t probe;
    for (uint32_t i = base_index_first(&c->node_index, d->node.hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&c->node_index, d->node.hash, &probe)) {
        tr_node *node = c->nodes[i].node;
        if (node->key_size == d->key.n && !memcmp(node->key, d->key.at, d->key.n)) return node;
    }
    return NULL;
}

// The number of a free slot; it is taken only when the node is put there.
static uint32_t find_slot(cv_context *c) {
    if (c->free_node) return c->free_node;
    if (c->n_nodes >= c->node_capacity) {
        uint32_t capacity = c->node_capacity ? c->node_capacity * 2 : 64;
        c->nodes = base_realloc(c->nodes, sizeof *c->nodes * capacity);
        c->node_capacity = capacity;
    }
    c->nodes[c->n_nodes] = (struct tr_node_slot){.generation = c->seed};
    return c->n_nodes;
}

static tr_node *put_new_node(cv_context *c, description *d) {
    uint32_t number = find_slot(c);
    base_index_add(&c->node_index, d->node.hash, number);
    struct tr_node_slot *slot = &c->nodes[number];
    tr_node *node = slot->node = d->fresh;
    d->fresh = NULL;
    if (node->function) ir_retain(node->function);
    node->slot = number;
    if (number == c->n_nodes) c->n_nodes++;
    else c->free_node = slot->next_free;
    if (node->child) tr_node_use(c, node->child);
    return node;
}

static void intern(void *argument) {
    description *d = argument;
    tr_node *node = find_equal(d->c, d);
    if (!node) node = put_new_node(d->c, d);
    d->out = (cv_fn){node->slot, d->c->nodes[node->slot].generation};
    if (find_hold(node, d->scope)) return;
    hold(d->scope, node, d->hold);
    d->hold = NULL;
    tr_node_use(d->c, node);
}

static void clean_up(void *argument) {
    description *d = argument;
    base_free(d->fresh);
    base_free(d->hold);
    base_arena_free(&d->arena);
}

// Fills in d->out: a handle of the current scope.
static void intern_node(description *d) {
    d->scope = tr_session_get(d->c)->scope;
    d->key.arena = &d->arena;
    base_defer(clean_up, d);
    make_key(d);
    d->node.owner = d->c;
    d->node.key_size = d->key.n;
    d->node.hash = base_hash(d->key.at, d->key.n, 0);
    d->fresh = new_node(d);
    d->hold = base_malloc(sizeof *d->hold);
    tr_locked(d->c, intern, d);
}

// The constructors: checks, then the description

typedef struct constructing {
    description d;
    cv_fn child;
    void (*check)(tr_node *node);
    const char *name, *axis_name;
    cv_fun_options fun;
} constructing;

static void construct_callback(void *argument) {
    constructing *a = argument;
    tr_node *n = &a->d.node;
    const cv_fun_options *o = &a->fun;
    a->d.c = tr_context();
    const char *name = o->name ? o->name : a->name ? a->name : "f";
    if (*name == '&') name++;
    if (!n->callback) base_raise(CV_INVALID, "the callback is NULL");
    if (n->arity < 0 || n->arity > 8)
        base_raise(CV_INVALID, "a callback of %d values is none of those that cv_fun takes", n->arity);
    if (o->in < 0 || o->out < 0 || (!n->arity && !o->out))
        base_raise(CV_INVALID,
                   "%s has the general form and needs .in and .out, the counts of its arguments and results",
                   name);
    if (n->arity && ((o->in && o->in != n->arity) || (o->out && o->out != 1)))
        base_raise(CV_INVALID, "%s takes %d arguments and returns 1 result, not %d and %d", name, n->arity,
                   o->in, o->out);
    if (o->size && !o->context)
        base_raise(CV_INVALID, "%s has a context of %zu bytes that is NULL", name, o->size);
    n->name = ir_name(a->d.c->module, name);
    n->n_in = (uint32_t)(n->arity ? n->arity : o->in);
    n->n_out = (uint32_t)(n->arity ? 1 : o->out);
    n->context = o->context;
    a->d.copies_context = o->size > 0;
    a->d.context_size = o->size;
    intern_node(&a->d);
}

cv_fn cv_fun_at(int arity, void (*callback)(void), cv_fun_options options, const char *name, cv_here here) {
    constructing a = {
        .d = {.node = {.kind = TR_CALLBACK, .callback = callback, .arity = arity}, .out = TR_POISON_FN},
        .name = name,
        .fun = options};
    tr_enter("cv_fun", here, construct_callback, &a);
    return a.d.out;
}

cv_fn tr_imported(cv_context *c, const ir_function *f, const char *name, const char *text, size_t size) {
    description *d = base_malloc(sizeof *d);
    base_defer(base_free, d);
    *d = (description){.node = {.kind = TR_IMPORTED, .name = name, .n_in = f->n_params, .n_out = f->n_results,
                                .function = f, .context = text},
                       .context_size = size, .copies_context = true, .c = c};
    intern_node(d);
    return d->out;
}

static void construct(void *argument) {
    constructing *a = argument;
    tr_node *n = &a->d.node;
    a->d.c = tr_context();
    n->child = tr_node_get(a->d.c, a->child);
    n->n_in = n->child->n_in;
    n->n_out = n->child->n_out;
    if (a->axis_name) n->axis_name = ir_name(a->d.c->module, a->axis_name);
    if (a->check) a->check(n);
    intern_node(&a->d);
}

static cv_fn transform(const char *name, cv_here here, cv_fn child, constructing *a, void (*check)(tr_node *)) {
    a->child = child;
    a->check = check;
    a->d.out = TR_POISON_FN;
    if (child.slot || child.generation != 1) tr_enter(name, here, construct, a);
    return a->d.out;
}

static const char *plural(uint32_t n) {
    return n == 1 ? "" : "s";
}

static void check_numbers(const tr_node *n, const char *option) {
    char name[TR_NAME];
    for (int64_t i = 0; i < n->list.n; i++)
        if (n->list.at[i] < 0 || n->list.at[i] >= n->child->n_in)
            base_raise(CV_INVALID, "%s %lld is out of range: %s takes %u argument%s, counted from 0", option,
                       (long long)n->list.at[i], tr_describe(n->child, name), n->child->n_in,
                       plural(n->child->n_in));
}

static void check_jit(tr_node *n) {
    check_numbers(n, "donated argument");
    for (int64_t i = 0; i < n->list.n; i++)
        for (int64_t k = 0; k < i; k++)
            if (n->list.at[i] == n->list.at[k])
                base_raise(CV_INVALID, "argument %lld is donated twice", (long long)n->list.at[i]);
}

cv_fn cv_jit_at(cv_fn f, cv_jit_options options, cv_here here) {
    constructing a = {.d = {.node = {.kind = TR_JIT, .list = options.donate}}};
    return transform("cv_jit", here, f, &a, check_jit);
}

static void check_grad(tr_node *n) {
    static const int64_t first[] = {0};
    if (!n->list.at) n->list = (cv_ints){1, first};
    if (!n->list.n) base_raise(CV_INVALID, "argnums is empty: name the arguments that have gradients");
    check_numbers(n, "argnum");
    n->n_out = (uint32_t)n->list.n + (n->kind == TR_VALUE_AND_GRAD ? n->child->n_out : 0);
}

cv_fn cv_grad_at(cv_fn f, cv_grad_options options, cv_here here) {
    constructing a = {
        .d = {.node = {.kind = TR_GRAD, .list = options.argnums, .holomorphic = options.holomorphic}}};
    return transform("cv_grad", here, f, &a, check_grad);
}

cv_fn cv_value_and_grad_at(cv_fn f, cv_grad_options options, cv_here here) {
    constructing a = {.d = {.node = {.kind = TR_VALUE_AND_GRAD,
                                     .list = options.argnums,
                                     .holomorphic = options.holomorphic}}};
    return transform("cv_value_and_grad", here, f, &a, check_grad);
}

static void count_jvp(tr_node *n) {
    n->n_in = 2 * n->child->n_in;
    n->n_out = 2 * n->child->n_out;
}

cv_fn cv_jvp_at(cv_fn f, cv_here here) {
    constructing a = {.d = {.node = {.kind = TR_JVP}}};
    return transform("cv_jvp", here, f, &a, count_jvp);
}

static void count_vjp(tr_node *n) {
    n->n_in = n->n_out = n->child->n_in + n->child->n_out;
}

cv_fn cv_vjp_at(cv_fn f, cv_here here) {
    constructing a = {.d = {.node = {.kind = TR_VJP}}};
    return transform("cv_vjp", here, f, &a, count_vjp);
}

static void check_vmap(tr_node *n) {
    char name[TR_NAME];
    const tr_node *child = n->child;
    if (n->list.at && n->list.n != child->n_in)
        base_raise(CV_INVALID, ".in has %lld axes and %s takes %u argument%s: give one for each, or CV_NONE",
                   (long long)n->list.n, tr_describe(child, name), child->n_in, plural(child->n_in));
    if (n->out_list.at && n->out_list.n != child->n_out)
        base_raise(CV_INVALID, ".out has %lld axes and %s has %u result%s: give one for each, or CV_NONE",
                   (long long)n->out_list.n, tr_describe(child, name), child->n_out, plural(child->n_out));
    if (n->size < 0) base_raise(CV_INVALID, ".size is negative");
    bool mapped = !n->list.at && child->n_in;
    for (int64_t i = 0; i < n->list.n; i++) mapped |= n->list.at[i] != CV_NONE;
    if (!mapped && !n->size)
        base_raise(CV_INVALID, "no argument of %s is mapped: give .size", tr_describe(child, name));
}

cv_fn cv_vmap_at(cv_fn f, cv_vmap_options options, cv_here here) {
    constructing a = {
        .d = {.node = {.kind = TR_VMAP, .list = options.in, .out_list = options.out, .size = options.size}},
        .axis_name = options.name};
    return transform("cv_vmap", here, f, &a, check_vmap);
}

// "grad(vmap(loss))"
const char *tr_describe(const tr_node *node, char text[TR_NAME]) {
    static const char *const names[TR_KINDS] = {[TR_JIT] = "jit",
                                                [TR_GRAD] = "grad",
                                                [TR_JVP] = "jvp",
                                                [TR_VJP] = "vjp",
                                                [TR_VALUE_AND_GRAD] = "value_and_grad",
                                                [TR_VMAP] = "vmap"};
    size_t n = 0;
    int open = 0;
    for (; node->child && n < TR_NAME / 2; node = node->child, open++)
        n += (size_t)snprintf(text + n, TR_NAME - n, "%s(", names[node->kind]);
    int length = snprintf(text + n, TR_NAME - n - (size_t)open, "%s", node->child ? "..." : node->name);
    n = n + (size_t)length < TR_NAME - (size_t)open ? n + (size_t)length : TR_NAME - (size_t)open - 1;
    while (open--) text[n++] = ')';
    text[n] = 0;
    return text;
}

// What is known of functions, and their scopes

typedef struct asking {
    cv_fn f;
    int in, out;
} asking;

static void ask(void *argument) {
    asking *a = argument;
    const tr_node *node = tr_node_get(tr_context(), a->f);
    a->in = (int)node->n_in;
    a->out = (int)node->n_out;
}

static asking known(const char *name, cv_fn f) {
    asking a = {.f = f, .in = -1, .out = -1};
    if (f.slot || f.generation != 1) tr_enter(name, TR_NOWHERE, ask, &a);
    return a;
}

int cv_fn_inputs(cv_fn f) {
    return known("cv_fn_inputs", f).in;
}

int cv_fn_outputs(cv_fn f) {
    return known("cv_fn_outputs", f).out;
}

// Holds the function in the outer scope before it lets go of it in the inner one.
typedef struct keeping {
    cv_fn f;
    tr_hold *spare;
} keeping;

static void free_spare(void *argument) {
    base_free(((keeping *)argument)->spare);
}

static void keep(void *argument) {
    keeping *a = argument;
    cv_context *c = tr_context();
    tr_scope *scope = tr_session_get(c)->scope;
    tr_node *node = tr_node_get(c, a->f);
    if (!scope->outer) return;
    base_defer(free_spare, a);
    a->spare = base_malloc(sizeof *a->spare);
    tr_lock(c);
    tr_hold *inner = find_hold(node, scope);
    if (inner) {
        bool is_held = find_hold(node, scope->outer);
        unlink_hold(inner);
        if (is_held) {
            node->references--; // the call's own reference remains
        } else {
            hold(scope->outer, node, a->spare);
            a->spare = NULL;
        }
    }
    tr_unlock(c);
    base_free(inner);
}

cv_fn cv_keep_fn(cv_fn function) {
    keeping a = {.f = function};
    if (!function.slot && function.generation == 1) return function;
    return tr_enter("cv_keep_fn", TR_NOWHERE, keep, &a) ? TR_POISON_FN : function;
}
