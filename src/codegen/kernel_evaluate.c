// In: a kernel and its buffers. Out: what it writes to them.
//
// The oracle between programs and machine code: a kernel that evaluates to something else than its
// program was lowered wrongly, one that evaluates right and runs wrongly was emitted wrongly. Scalars are
// computed by the rules of the reference interpreter. Every offset is checked against its buffer, every
// integer against the range that its expression claims, and locals begin each grid iteration as garbage.
//
// Before it runs, each statement gets the list of the nodes that it evaluates, arguments first. All nodes
// of a list are evaluated, also those that a selection does not take.

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"
#include "ir/rules.h"

typedef union ir_scalar scalar;

typedef struct nodes {
    const cg_expr *at;
    uint32_t n;
} nodes;

typedef struct step {
    const cg_statement *s;
    nodes nodes;
    struct step *body; // of s->body.n
} step;

typedef struct machine {
    const cg_kernel *k;
    void *const *buffers;
    int64_t counters[CG_MAX_LOOPS];
    char *locals[CG_MAX_LOCALS];
    scalar *values; // of every node
    nodes limits[CG_MAX_LOOPS];
    ir_type *types[CV_DTYPE_COUNT]; // scalars
    ir_op op;                       // named in messages of the rules
    base_arena arena;
} machine;

static void release(void *argument) {
    machine *m = argument;
    base_arena_free(&m->arena);
    base_free(m);
}

// Preparation

static nodes list_nodes(machine *m, const cg_expr *roots, uint32_t n_roots) {
    const cg_kernel *k = m->k;
    bool *reached = base_new_array(&m->arena, bool, k->nodes.n + 1);
    base_vector(cg_expr) list = {0};
    for (uint32_t i = 0; i < n_roots; i++)
        if (roots[i] != CG_ABSENT) reached[roots[i]] = true;
    for (uint32_t e = k->nodes.n; e-- > 0;)
        for (uint32_t i = 0; reached[e] && i < k->nodes.at[e].n_args; i++)
            reached[k->nodes.at[e].args[i]] = true;
    for (uint32_t e = 0; e < k->nodes.n; e++)
        if (reached[e] && k->nodes.at[e].kind != CG_CONSTANT) base_push(&m->arena, &list, e);
    return (nodes){list.at, list.n};
}

static step *list_steps(machine *m, const cg_block *block) {
    step *steps = base_new_array(&m->arena, step, block->n + 1);
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        uint32_t n = cg_n_roots(s);
        cg_expr *roots = base_new_array(&m->arena, cg_expr, n);
        for (uint32_t r = 0; r < n; r++) roots[r] = cg_root(m->k, s, r);
        steps[i] = (step){s, list_nodes(m, roots, n), list_steps(m, &s->body)};
    }
    return steps;
}

// Expressions

static void *place_of(const machine *m, const char *what, uint32_t id, char *memory, cv_dtype dtype,
                      int64_t count, cg_expr offset) {
    int64_t at = m->values[offset].s64;
    if (at < 0 || at >= count)
        base_raise(CV_INTERNAL, "kernel %s: offset %" PRId64 " in %s%u, which has %" PRId64 " elements",
                   m->k->name, at, what, id, count);
    return memory + (size_t)at * cv_dtype_size(dtype);
}

static void *buffer_place(const machine *m, uint32_t id, cg_expr offset) {
    const cg_buffer *b = &m->k->buffers.at[id];
    return place_of(m, "b", id, m->buffers[id], b->dtype, b->count, offset);
}

static void *local_place(const machine *m, uint32_t id, cg_expr offset) {
    const cg_local *l = &m->k->locals.at[id];
    return place_of(m, "a", id, m->locals[id], l->dtype, l->count, offset);
}

static void apply(const machine *m, ir_primitive primitive, cv_dtype dtype, scalar *result, cv_dtype operand,
                  const scalar *x, const scalar *y) {
    ir_array in[] = {{m->types[operand], (void *)(uintptr_t)x}, {m->types[operand], (void *)(uintptr_t)y}};
    ir_array out = {m->types[dtype], result};
    ir_evaluation c = {.op = &m->op, .in = in, .out = &out};
    ir_evaluate(primitive, &c);
}

static void apply_node(const machine *m, const cg_node *n, scalar *result) {
    ir_array in[3], out = {m->types[n->dtype], result};
    for (uint32_t i = 0; i < n->n_args; i++)
        in[i] = (ir_array){m->types[cg_node_of(m->k, n->args[i])->dtype], &m->values[n->args[i]]};
    ir_evaluation c = {.op = &m->op, .in = in, .out = &out};
    ir_evaluate(n->primitive, &c);
}

static void check_range(const machine *m, cg_expr e) {
    const cg_node *n = cg_node_of(m->k, e);
    if (!cg_has_range(n->dtype)) return;
    int64_t value = n->dtype == CV_BOOL ? m->values[e].boolean : ir_scalar_to_int(&m->values[e], n->dtype);
    bool garbage = n->kind == CG_LOCAL || n->kind == CG_ELEMENT;
    if (!garbage && (value < n->low || value > n->high))
        base_raise(CV_INTERNAL,
                   "kernel %s: node %u is %" PRId64 ", outside its range %" PRId64 " to %" PRId64, m->k->name,
                   e, value, n->low, n->high);
}

static void evaluate(machine *m, nodes list) {
    for (uint32_t i = 0; i < list.n; i++) {
        const cg_node *n = cg_node_of(m->k, list.at[i]);
        scalar *value = &m->values[list.at[i]];
        size_t size = cv_dtype_size(n->dtype);
        switch (n->kind) {
        case CG_CONSTANT: break;
        case CG_INDEX: value->s64 = m->counters[n->id]; break;
        case CG_LOCAL: memcpy(value, m->locals[n->id], size); break;
        case CG_ELEMENT: memcpy(value, local_place(m, n->id, n->args[0]), size); break;
        case CG_LOAD: memcpy(value, buffer_place(m, n->id, n->args[0]), size); break;
        case CG_APPLY: apply_node(m, n, value); break;
        case CG_QUOTIENT:
        case CG_REMAINDER: {
            int64_t x = m->values[n->args[0]].s64, d = n->value.s64, rest = x % d + (x % d < 0 ? d : 0);
            value->s64 = n->kind == CG_REMAINDER ? rest : x / d - (x % d < 0);
        }
        }
        check_range(m, list.at[i]);
    }
}

// Statements

static bool holds(const machine *m, ir_primitive comparison, cv_dtype dtype, const scalar *x,
                  const scalar *y) {
    scalar result = {0};
    apply(m, comparison, CV_BOOL, &result, dtype, x, y);
    return result.boolean;
}

// NaN is best; between equals, and between NaNs, the smaller index.
static bool is_better(const machine *m, const cg_statement *s, const scalar *x, const scalar *i,
                      const scalar *best, const scalar *best_i) {
    cv_dtype dtype = m->k->locals.at[s->ids.at[0]].dtype, index = m->k->locals.at[s->ids.at[1]].dtype;
    bool x_nan = holds(m, IR_ne, dtype, x, x), best_nan = holds(m, IR_ne, dtype, best, best);
    if (x_nan != best_nan) return x_nan;
    if (x_nan || holds(m, IR_eq, dtype, x, best)) return holds(m, IR_lt, index, i, best_i);
    return holds(m, s->combiner == IR_max ? IR_gt : IR_lt, dtype, x, best);
}

static void set(machine *m, const cg_statement *s) {
    for (uint32_t i = 0; i < s->ids.n; i++) {
        uint32_t id = s->ids.at[i];
        memcpy(m->locals[id], &m->values[s->values.at[i]], cv_dtype_size(m->k->locals.at[id].dtype));
    }
}

static scalar local_value(const machine *m, uint32_t id) {
    scalar value = {0};
    memcpy(&value, m->locals[id], cv_dtype_size(m->k->locals.at[id].dtype));
    return value;
}

static void reduce(machine *m, const cg_statement *s) {
    cv_dtype dtype = m->k->locals.at[s->id].dtype;
    scalar before = local_value(m, s->id), result = {0};
    apply(m, s->combiner, dtype, &result, dtype, &before, &m->values[s->value]);
    memcpy(m->locals[s->id], &result, cv_dtype_size(dtype));
}

// Iterations of a loop that is entered, its limit evaluated.
static int64_t iterations(const machine *m, uint32_t id) {
    const cg_loop *loop = &m->k->loops.at[id];
    if (loop->limit == CG_ABSENT) return loop->extent;
    int64_t limit = m->values[loop->limit].s64;
    if (limit > loop->extent)
        base_raise(CV_INTERNAL, "kernel %s: loop %u runs %" PRId64 " times, at most %" PRId64 " are allowed",
                   m->k->name, id, limit, loop->extent);
    return limit;
}

static void run(machine *m, const step *steps, uint32_t n);

static void run_step(machine *m, const step *at) {
    const cg_statement *s = at->s;
    evaluate(m, at->nodes);
    switch (s->kind) {
    case CG_FOR:
        for (int64_t i = 0, n = iterations(m, s->id); i < n; i++) {
            m->counters[s->id] = i;
            run(m, at->body, s->body.n);
        }
        break;
    case CG_WHILE:
        for (; m->values[s->value].boolean; evaluate(m, at->nodes)) run(m, at->body, s->body.n);
        break;
    case CG_IF:
        if (m->values[s->value].boolean) run(m, at->body, s->body.n);
        break;
    case CG_STORE:
        memcpy(buffer_place(m, s->id, s->offset), &m->values[s->value],
               cv_dtype_size(m->k->buffers.at[s->id].dtype));
        break;
    case CG_PUT:
        memcpy(local_place(m, s->id, s->offset), &m->values[s->value],
               cv_dtype_size(m->k->locals.at[s->id].dtype));
        break;
    case CG_SET: set(m, s); break;
    case CG_REDUCE: reduce(m, s); break;
    case CG_ARG: {
        scalar best = local_value(m, s->ids.at[0]), index = local_value(m, s->ids.at[1]);
        if (is_better(m, s, &m->values[s->values.at[0]], &m->values[s->values.at[1]], &best, &index))
            set(m, s);
    }
    }
}

static void run(machine *m, const step *steps, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) run_step(m, &steps[i]);
}

static void spoil_locals(machine *m) {
    for (uint32_t i = 0; i < m->k->locals.n; i++)
        memset(m->locals[i], 0xff,
               (size_t)m->k->locals.at[i].count * cv_dtype_size(m->k->locals.at[i].dtype));
}

static void run_grid(machine *m, const step *body, uint32_t depth) {
    if (depth == m->k->grid.n) {
        spoil_locals(m);
        run(m, body, m->k->body.n);
        return;
    }
    uint32_t id = m->k->grid.at[depth];
    evaluate(m, m->limits[id]);
    for (int64_t i = 0, n = iterations(m, id); i < n; i++) {
        m->counters[id] = i;
        run_grid(m, body, depth + 1);
    }
}

static machine *prepare(const cg_kernel *k, void *const *buffers) {
    machine *m = base_malloc(sizeof *m);
    *m = (machine){.k = k, .buffers = buffers, .op = {.primitive = IR_select, .place = k->place}};
    base_defer(release, m);
    m->values = base_new_array(&m->arena, scalar, k->nodes.n + 1);
    for (uint32_t e = 0; e < k->nodes.n; e++) m->values[e] = k->nodes.at[e].value;
    for (uint32_t i = 0; i < k->locals.n; i++)
        m->locals[i] =
            base_arena_alloc(&m->arena, (size_t)k->locals.at[i].count * cv_dtype_size(k->locals.at[i].dtype));
    for (int d = 0; d < CV_DTYPE_COUNT; d++) {
        m->types[d] = base_new(&m->arena, ir_type);
        *m->types[d] = (ir_type){.dtype = (cv_dtype)d, .count = 1, .bytes = cv_dtype_size((cv_dtype)d)};
    }
    for (uint32_t i = 0; i < k->loops.n; i++) m->limits[i] = list_nodes(m, &k->loops.at[i].limit, 1);
    return m;
}

void cg_kernel_evaluate(const cg_kernel *k, void *const *buffers) {
    machine *m = prepare(k, buffers);
    step *body = list_steps(m, &k->body), *finish = list_steps(m, &k->finish);
    run_grid(m, body, 0);
    spoil_locals(m);
    run(m, finish, k->finish.n);
}
