// In: a kernel. Out: its schedule: which loops run as vectors and how wide, what is unrolled, what threads
// share, which stores pass by the caches.
//
// A vector loop runs `lanes` iterations at once; what differs between them are vectors, lanes wide, and
// loops inside it run once for all lanes. Vector loops do not nest, so each path from the grid down to a
// statement has one at most. Which one, is decided by cost: every loop that may be one is tried, and an
// expression costs its own price times the iterations of the loops it depends on, divided by the lanes if
// it is computed in vectors. An access that steps by one element is cheap in a vector loop, one that does not
// move is computed once for all lanes, any other is done lane by lane. So a sum over columns runs over the
// columns with the rows inside, and a softmax along its rows, without a rule for either.
//
// A loop may be a vector loop if its iterations are independent: those of the grid are, by the meaning of
// kernels; those of a CG_FOR are if each local is set before it is read or only combined (CG_REDUCE,
// CG_ARG: each lane combines its own, and the lanes are combined at the end, as a tree), and each
// iteration stores elsewhere than where others load and store.

#include "codegen/schedule.h"

#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"
#include "ir/rules.h"

enum {
    MAX_UNROLL = 4,          // registers for each vector
    UNROLLED_EXTENT = 8,     // longest loop that is written out
    UNROLLED_NODES = 128,    // most expressions that writing out makes
    PRIVATE_BYTES = 1 << 15, // of local arrays that have a copy in each lane
    BRIEF_OPERATIONS = 1 << 18,
    LINE_BYTES = 64,   // of the cache
    INNER_EXTENT = 16, // of the shortest loop that is moved into a vector loop
};

typedef struct scheduler {
    cg_kernel *k;
    const cg_schedule_options *options;
    uint8_t *marks; // of every node
} scheduler;

static uint64_t bit(uint32_t id) { return UINT64_C(1) << id % 64; }

// Legality

typedef struct candidate {
    const cg_kernel *k;
    uint32_t loop;
    bool in_grid;
    uint64_t wide; // locals that have a value for each lane
    const cg_block *body;
} candidate;

static bool varies(const candidate *c, cg_expr e) {
    const cg_node *n = cg_node_of(c->k, e);
    return n->loops & bit(c->loop) || n->locals & c->wide;
}

typedef enum motion { FIXED, FORWARD, STRIDED, SCATTERED } motion;

// How an offset moves from one iteration to the next.
static motion motion_of(const candidate *c, cg_expr offset) {
    const cg_node *n = cg_node_of(c->k, offset);
    int64_t steps[CG_MAX_LOOPS];
    if (!varies(c, offset)) return FIXED;
    if (n->locals & c->wide || !cg_affine(c->k, offset, bit(c->loop), steps)) return SCATTERED;
    return steps[c->loop] == 1 ? FORWARD : steps[c->loop] ? STRIDED : FIXED;
}

// Different iterations of the loop store to different places, whatever the loops inside it do.
static bool stores_apart(const candidate *c, cg_expr offset, uint64_t inner) {
    const cg_kernel *k = c->k;
    uint64_t loops = (inner & cg_node_of(k, offset)->loops) | bit(c->loop);
    int64_t steps[CG_MAX_LOOPS], reach = 0, smallest = INT64_MAX;
    if (cg_node_of(k, offset)->locals & c->wide || !cg_affine(k, offset, loops, steps)) return false;
    int64_t own = steps[c->loop] < 0 ? -steps[c->loop] : steps[c->loop];
    if (!own) return false;
    for (uint32_t i = 0; i < k->loops.n; i++) {
        if (i == c->loop || !(loops & bit(i))) continue;
        int64_t step = steps[i] < 0 ? -steps[i] : steps[i];
        if (__builtin_mul_overflow(step, k->loops.at[i].extent - 1, &step)) return false;
        if (__builtin_add_overflow(reach, step, &reach)) return false;
        if (steps[i])
            smallest = steps[i] < 0          ? -steps[i] < smallest ? -steps[i] : smallest
                       : steps[i] < smallest ? steps[i]
                                             : smallest;
    }
    int64_t span;
    return own > reach ||
           (!__builtin_mul_overflow(own, k->loops.at[c->loop].extent - 1, &span) && smallest > span);
}

static bool loads_only_at(const candidate *c, const cg_statement *s, const cg_statement *store, bool *marks) {
    const cg_kernel *k = c->k;
    cg_node_kind kind = store->kind == CG_STORE ? CG_LOAD : CG_ELEMENT;
    memset(marks, 0, k->nodes.n);
    for (uint32_t r = 0; r < cg_n_roots(s); r++)
        if (cg_root(k, s, r) != CG_ABSENT) marks[cg_root(k, s, r)] = true;
    for (uint32_t i = k->nodes.n; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        if (!marks[i]) continue;
        if (n->kind == kind && n->id == store->id && n->args[0] != store->offset) return false;
        for (uint32_t a = 0; a < n->n_args; a++) marks[n->args[a]] = true;
    }
    return true;
}

static bool reads_elsewhere(const candidate *c, const cg_block *block, const cg_statement *store,
                            bool *marks) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        if (s->kind == store->kind && s->id == store->id && s->offset != store->offset) return true;
        if (!loads_only_at(c, s, store, marks) || reads_elsewhere(c, &s->body, store, marks)) return true;
    }
    return false;
}

static bool statements_allow(const candidate *c, const cg_block *block, uint64_t inner, bool *marks) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        switch (s->kind) {
        case CG_FOR: {
            cg_expr limit = c->k->loops.at[s->id].limit;
            if (limit != CG_ABSENT && varies(c, limit)) return false;
            if (!statements_allow(c, &s->body, inner | bit(s->id), marks)) return false;
            break;
        }
        case CG_WHILE:
        case CG_IF:
            if (varies(c, s->value) || !statements_allow(c, &s->body, inner, marks)) return false;
            break;
        case CG_PUT:
            if (c->in_grid) {
                const cg_local *local = &c->k->locals.at[s->id];
                size_t bytes = cv_dtype_size(local->dtype) * 32;
                if ((uint64_t)local->count > PRIVATE_BYTES / bytes) return false;
                break;
            }
            // fall through
        case CG_STORE:
            if (c->in_grid) break;
            if (!stores_apart(c, s->offset, inner) || reads_elsewhere(c, c->body, s, marks)) return false;
            break;
        default: break;
        }
    }
    return true;
}

// Locals that an expression or statement outside the candidate's loop names.
static uint64_t named_outside(const cg_kernel *k, const cg_block *block, uint32_t loop) {
    uint64_t named = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        if (s->kind == CG_FOR && s->id == loop) continue;
        for (uint32_t r = 0; r < cg_n_roots(s); r++)
            if (cg_root(k, s, r) != CG_ABSENT) named |= cg_node_of(k, cg_root(k, s, r))->locals;
        for (uint32_t j = 0; j < s->ids.n; j++) named |= bit(s->ids.at[j]);
        if (s->kind == CG_REDUCE) named |= bit(s->id);
        named |= named_outside(k, &s->body, loop);
    }
    return named;
}

// All combinations of a local in the block are by one operation.
static bool combines_one_way(const cg_block *block, uint32_t local, int *way) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        bool touches = s->kind == CG_REDUCE && s->id == local;
        for (uint32_t j = 0; j < s->ids.n; j++) touches |= s->ids.at[j] == local;
        if (touches) {
            int own = (int)s->kind << 16 | (int)s->combiner;
            if (s->kind == CG_SET || (*way >= 0 && *way != own)) return false;
            *way = own;
        }
        if (!combines_one_way(&s->body, local, way)) return false;
    }
    return true;
}

static uint64_t scalars(const cg_kernel *k) {
    uint64_t mask = 0;
    for (uint32_t i = 0; i < k->locals.n; i++)
        if (k->locals.at[i].count == 1) mask |= bit(i);
    return mask;
}

// A loop of the block `within` (the whole body or finish) with this body.
static bool may_be_vector(scheduler *s, candidate *c, const cg_block *within) {
    const cg_kernel *k = s->k;
    cg_effects e = cg_block_effects(k, c->body);
    uint64_t all = scalars(k), written = e.written & all;
    c->wide = c->in_grid ? e.written : written;
    if (k->loops.at[c->loop].extent < 2) return false;
    if (!c->in_grid) {
        uint64_t combined = e.reduced & all, own = written & ~combined;
        if (e.carried & all || combined & (e.read_first | e.set) || own & ~e.set) return false;
        if (own && own & named_outside(k, within, c->loop)) return false;
        for (uint32_t i = 0; i < k->locals.n; i++) {
            int way = -1;
            if (combined & bit(i) && !combines_one_way(c->body, i, &way)) return false;
        }
    }
    return statements_allow(c, c->body, 0, (bool *)s->marks);
}

// Cost

static double price(const cg_node *n) {
    switch (n->kind) {
    case CG_CONSTANT:
    case CG_INDEX:
    case CG_LOCAL: return 0;
    case CG_APPLY: break;
    case CG_QUOTIENT:
    case CG_REMAINDER: return 4;
    default: return 1;
    }
    return (double)ir_cost_of(n->primitive);
}

// The cost of a block whose loops so far have `trips` iterations each and together; c: its vector loop, or
// NULL. Expressions of one statement that several others share are counted with each.
typedef struct trips {
    double of[CG_MAX_LOOPS];
    uint64_t open;
} trips;

static double repetitions(const trips *t, uint64_t loops) {
    double product = 1;
    for (uint64_t rest = t->open & loops; rest; rest &= rest - 1) product *= t->of[__builtin_ctzll(rest)];
    return product;
}

// Bytes of an element that is computed: f16 and bf16 are f32 on the way.
static size_t computed_size(const cg_node *n) {
    bool widened = n->kind == CG_APPLY && ir_is_half(n->dtype) && ir_computes_in_f32(n->primitive);
    return widened ? sizeof(float) : cv_dtype_size(n->dtype);
}

static double access_cost(const scheduler *s, const candidate *c, cg_expr offset, cv_dtype dtype,
                          bool *descend) {
    double registers = (double)cv_dtype_size(dtype) / s->options->vector_bytes;
    *descend = true;
    if (!c) return 1;
    motion m = motion_of(c, offset);
    *descend = m == SCATTERED;
    return m == FIXED ? 1 : m == FORWARD ? registers : m == STRIDED ? 1.5 : 2.5;
}

static double statement_cost(scheduler *s, const candidate *c, const cg_statement *at, const trips *t) {
    const cg_kernel *k = s->k;
    double cost = 0;
    bool descend;
    memset(s->marks, 0, k->nodes.n);
    for (uint32_t r = 0; r < cg_n_roots(at); r++)
        if (cg_root(k, at, r) != CG_ABSENT && r != 1) s->marks[cg_root(k, at, r)] = 1;
    if (at->kind == CG_STORE || at->kind == CG_PUT) {
        double own = access_cost(s, c, at->offset, cg_node_of(k, at->value)->dtype, &descend);
        cost +=
            repetitions(t, ~UINT64_C(0)) * (own < 1 ? own : own * 1.5); // apart, loads are faster than stores
        if (descend && c) s->marks[at->offset] = 1;
    }
    if (at->kind == CG_REDUCE || at->kind == CG_ARG)
        cost += repetitions(t, ~UINT64_C(0)) * (c ? 4.0 / s->options->vector_bytes : 1);
    for (uint32_t i = k->nodes.n; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        if (!s->marks[i] || n->kind == CG_CONSTANT) continue;
        double own = price(n), times = repetitions(t, n->locals ? ~UINT64_C(0) : n->loops);
        descend = true;
        if (n->kind == CG_LOAD || n->kind == CG_ELEMENT)
            own = access_cost(s, c, n->args[0], n->dtype, &descend);
        else if (c && varies(c, i))
            own *= (double)computed_size(n) / s->options->vector_bytes;
        cost += own * times;
        for (uint32_t a = 0; descend && a < n->n_args; a++) s->marks[n->args[a]] = 1;
    }
    return cost;
}

static double block_cost(scheduler *s, const candidate *c, const cg_block *block, const trips *t) {
    double cost = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *at = block->at[i];
        trips inside = *t;
        cost += statement_cost(s, c, at, t);
        if (at->kind == CG_FOR) {
            inside.of[at->id] = (double)s->k->loops.at[at->id].extent;
            inside.open |= bit(at->id);
        }
        cost += block_cost(s, c, &at->body, &inside);
    }
    return cost;
}

// Width

typedef struct width {
    size_t widest; // bytes of an element
    double work;   // instructions of one vector iteration, for one register
    bool scattered;
} width;

static void measure_block(scheduler *s, const candidate *c, const cg_block *block, width *w) {
    const cg_kernel *k = s->k;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *at = block->at[i];
        for (uint32_t r = 0; r < cg_n_roots(at); r++)
            if (cg_root(k, at, r) != CG_ABSENT && r != 1) s->marks[cg_root(k, at, r)] |= 1;
        if (at->kind == CG_STORE || at->kind == CG_PUT) {
            motion m = motion_of(c, at->offset);
            size_t size = cv_dtype_size(cg_node_of(k, at->value)->dtype);
            if (m == STRIDED || m == SCATTERED) w->scattered = true;
            if (m == SCATTERED) s->marks[at->offset] |= 1;
            if (size > w->widest) w->widest = size;
        }
        measure_block(s, c, &at->body, w);
    }
}

static width measure(scheduler *s, const candidate *c) {
    const cg_kernel *k = s->k;
    width w = {.widest = 1};
    memset(s->marks, 0, k->nodes.n);
    measure_block(s, c, c->body, &w);
    for (uint32_t i = k->nodes.n; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        if (!s->marks[i] || !varies(c, i)) continue;
        bool access = n->kind == CG_LOAD || n->kind == CG_ELEMENT;
        motion m = access ? motion_of(c, n->args[0]) : FIXED;
        if (m == STRIDED || m == SCATTERED) w.scattered = true;
        if (n->kind != CG_INDEX && computed_size(n) > w.widest && n->dtype != CV_S64)
            w.widest = computed_size(n);
        w.work += price(n);
        for (uint32_t a = 0; a < n->n_args && !(access && m != SCATTERED); a++) s->marks[n->args[a]] = 1;
    }
    for (uint32_t i = 0; i < k->nodes.n; i++) // data of the user, not indices
        if (s->marks[i] && varies(c, i) && cg_node_of(k, i)->kind == CG_LOAD &&
            cg_node_of(k, i)->dtype == CV_S64)
            w.widest = 8;
    return w;
}

static uint32_t lanes_of(scheduler *s, const candidate *c) {
    width w = measure(s, c);
    int64_t extent = s->k->loops.at[c->loop].extent;
    uint32_t lanes = s->options->vector_bytes / (uint32_t)w.widest;
    if (lanes > 32) lanes = 32;
    if (lanes < 2) lanes = 2;
    uint32_t unroll = w.work <= 40 ? MAX_UNROLL : w.work <= 100 ? 2 : 1;
    if (w.scattered) unroll = 1;
    // What takes microseconds to run is not worth milliseconds of code generation.
    if (w.work > 8 && s->k->operations < BRIEF_OPERATIONS && unroll > 2) unroll = 2;
    while (unroll > 1 && lanes * unroll > 64) unroll /= 2;
    if (w.scattered && lanes * w.widest < LINE_BYTES) lanes = LINE_BYTES / (uint32_t)w.widest;
    lanes *= unroll;
    while ((int64_t)lanes > extent) lanes /= 2;
    return lanes;
}

// Choice

static double choose_block(scheduler *s, const cg_block *block, const cg_block *within, trips t, bool apply);

static double vector_cost(scheduler *s, candidate *c, const trips *t, double scalar, uint32_t *lanes) {
    int64_t extent = s->k->loops.at[c->loop].extent;
    *lanes = lanes_of(s, c);
    double rest = extent ? (double)(extent % *lanes) / (double)extent : 0;
    return block_cost(s, c, c->body, t) * (1 - rest) + scalar * rest;
}

// The least cost of a loop in a block; sets lanes if `apply`.
static double choose_for(scheduler *s, const cg_statement *at, const cg_block *within, const trips *outside,
                         bool apply) {
    cg_loop *loop = &s->k->loops.at[at->id];
    trips t = *outside;
    t.of[at->id] = (double)loop->extent;
    t.open |= bit(at->id);
    double scalar = choose_block(s, &at->body, within, t, false), vector = 0;
    candidate c = {.k = s->k, .loop = at->id, .body = &at->body};
    uint32_t lanes = 1;
    bool legal = s->options->vector_bytes && may_be_vector(s, &c, within);
    if (legal) vector = vector_cost(s, &c, &t, scalar, &lanes);
    bool wide = legal && lanes > 1 && vector < scalar;
    if (!apply) return wide ? vector : scalar;
    if (wide)
        loop->lanes = lanes;
    else
        choose_block(s, &at->body, within, t, true);
    return wide ? vector : scalar;
}

static double choose_block(scheduler *s, const cg_block *block, const cg_block *within, trips t, bool apply) {
    double cost = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *at = block->at[i];
        cost += statement_cost(s, NULL, at, &t);
        if (at->kind == CG_FOR)
            cost += choose_for(s, at, within, &t, apply);
        else
            cost += choose_block(s, &at->body, within, t, apply);
    }
    return cost;
}

static void remove_from_grid(cg_kernel *k, uint32_t at) {
    for (uint32_t i = at; i + 1 < k->grid.n; i++) k->grid.at[i] = k->grid.at[i + 1];
    k->grid.n--;
}

// The grid's vector loop becomes its innermost one.
static void move_last(cg_kernel *k, uint32_t at) {
    uint32_t loop = k->grid.at[at];
    remove_from_grid(k, at);
    k->grid.at[k->grid.n++] = loop;
}

// The lines of the cache that the lanes of a transposing copy read apart are read on along another loop of
// the grid. That one runs inside the vector loop then, for as long as the lines are there.
static void move_inside(scheduler *s, const candidate *c) {
    cg_kernel *k = s->k;
    uint64_t along = 0;
    memset(s->marks, 0, k->nodes.n);
    measure_block(s, c, c->body, &(width){0});
    for (uint32_t i = k->nodes.n; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        if (!s->marks[i]) continue;
        for (uint32_t a = 0; a < n->n_args; a++) s->marks[n->args[a]] = 1;
        if (n->kind != CG_LOAD || motion_of(c, n->args[0]) != STRIDED) continue;
        for (uint32_t g = 0; g < k->grid.n; g++) {
            candidate other = *c;
            other.loop = k->grid.at[g];
            if (other.loop != c->loop && motion_of(&other, n->args[0]) == FORWARD) along |= bit(other.loop);
        }
    }
    for (uint32_t g = 0; g < k->grid.n; g++) {
        uint32_t loop = k->grid.at[g];
        if (!(along & bit(loop)) || k->loops.at[loop].extent < INNER_EXTENT) continue;
        cg_statement *inner = cg_for(k, loop);
        inner->body = k->body;
        k->body = (cg_block){0};
        base_push(k->arena, &k->body, inner);
        remove_from_grid(k, g);
        return;
    }
}

static void choose_grid(scheduler *s) {
    cg_kernel *k = s->k;
    trips t = {.open = 0};
    for (uint32_t i = 0; i < k->grid.n; i++) {
        t.of[k->grid.at[i]] = (double)k->loops.at[k->grid.at[i]].extent;
        t.open |= bit(k->grid.at[i]);
    }
    double best = choose_block(s, &k->body, &k->body, t, false);
    double scalar = block_cost(s, NULL, &k->body, &t);
    uint32_t chosen = CG_ABSENT, chosen_lanes = 1;
    for (uint32_t i = k->grid.n; s->options->vector_bytes && i-- > 0;) {
        candidate c = {.k = k, .loop = k->grid.at[i], .in_grid = true, .body = &k->body};
        uint32_t lanes;
        if (!may_be_vector(s, &c, &k->body)) continue;
        double cost = vector_cost(s, &c, &t, scalar, &lanes);
        if (lanes < 2 || cost >= best) continue;
        best = cost;
        chosen = i;
        chosen_lanes = lanes;
    }
    if (chosen == CG_ABSENT) {
        choose_block(s, &k->body, &k->body, t, true);
        return;
    }
    candidate c = {.k = k, .loop = k->grid.at[chosen], .in_grid = true, .body = &k->body};
    k->loops.at[c.loop].lanes = chosen_lanes;
    move_last(k, chosen);
    may_be_vector(s, &c, &k->body);
    move_inside(s, &c);
}

// Writing out short loops, from the innermost. Returns how many expressions the block has then.
static int64_t unroll(scheduler *s, const cg_block *block) {
    const cg_kernel *k = s->k;
    int64_t total = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *at = block->at[i];
        int64_t size = 1, body = unroll(s, &at->body);
        memset(s->marks, 0, k->nodes.n);
        for (uint32_t r = 0; r < cg_n_roots(at); r++)
            if (cg_root(k, at, r) != CG_ABSENT) s->marks[cg_root(k, at, r)] = 1;
        for (uint32_t n = k->nodes.n; n-- > 0;) {
            if (!s->marks[n]) continue;
            size += price(cg_node_of(k, n)) > 0;
            for (uint32_t a = 0; a < k->nodes.at[n].n_args; a++) s->marks[k->nodes.at[n].args[a]] = 1;
        }
        if (at->kind == CG_FOR) {
            cg_loop *loop = &k->loops.at[at->id];
            loop->unrolled = loop->lanes == 1 && loop->limit == CG_ABSENT &&
                             loop->extent <= UNROLLED_EXTENT && loop->extent * body <= UNROLLED_NODES;
            if (loop->unrolled) body *= loop->extent;
        }
        total += size + body;
    }
    return total;
}

// Results that are written once, never read, and larger than the caches together with all else that moves.
static void choose_streams(scheduler *s) {
    cg_kernel *k = s->k;
    k->streamed = 0;
    if (!s->options->cache_bytes || k->bytes / 4 < s->options->cache_bytes) return;
    for (uint32_t i = 0; i < k->buffers.n && i < 64; i++) {
        const cg_buffer *b = &k->buffers.at[i];
        int64_t bytes = b->count * (int64_t)cv_dtype_size(b->dtype);
        if (b->access == CG_WRITE && bytes >= s->options->cache_bytes) k->streamed |= bit(i);
    }
}

static void choose_lanes(scheduler *s) {
    cg_kernel *k = s->k;
    cg_merge_loops(k);
    s->marks = base_new_array(k->arena, uint8_t, k->nodes.n + 1);
    for (uint32_t i = 0; i < k->loops.n; i++) {
        k->loops.at[i].lanes = 1;
        k->loops.at[i].parallel = k->loops.at[i].unrolled = false;
    }
    choose_grid(s);
    choose_block(s, &k->finish, &k->finish, (trips){.open = 0}, true);
}

void cg_schedule(cg_kernel *k, const cg_schedule_options *options) {
    scheduler s = {.k = k, .options = options};
    choose_lanes(&s);
    if (cg_overlap_rows(k)) choose_lanes(&s);
    unroll(&s, &k->body);
    unroll(&s, &k->finish);
    for (uint32_t i = 0; i < k->grid.n; i++) k->loops.at[k->grid.at[i]].parallel = true;
    choose_streams(&s);
    if (k->verify) cg_kernel_verify(k);
}

int64_t cg_schedule_iterations(const cg_kernel *k) {
    int64_t n = 1;
    for (uint32_t i = 0; i < k->grid.n; i++) n *= k->loops.at[k->grid.at[i]].extent;
    return n;
}

int64_t cg_schedule_unit(const cg_kernel *k) {
    return k->grid.n ? k->loops.at[k->grid.at[k->grid.n - 1]].lanes : 1;
}

int64_t cg_schedule_grain(const cg_kernel *k) {
    const double task = 30e3, per_operation = 0.1, per_byte = 0.1; // nanoseconds
    double prices = 0, applied = 0;
    for (uint32_t i = 0; i < k->nodes.n; i++) {
        const cg_node *node = cg_node_of(k, i);
        if (node->kind != CG_APPLY || node->dtype == CV_S64) continue;
        prices += price(node);
        applied++;
    }
    int64_t n = cg_schedule_iterations(k), unit = cg_schedule_unit(k);
    if (n < 2) return unit;
    double compute = (double)k->operations * per_operation * (applied > 0 ? prices / applied : 1),
           memory = (double)k->bytes * per_byte;
    double each = (compute > memory ? compute : memory) / (double)n;
    double grain = each > 0 ? task / each : (double)n;
    if (grain >= (double)n) return (n + unit - 1) / unit * unit;
    int64_t whole = (int64_t)grain + 1, row = k->loops.at[k->grid.at[k->grid.n - 1]].extent;
    if (k->grid.n > 1 && whole > row && row % unit == 0) unit = row;
    return (whole + unit - 1) / unit * unit;
}
