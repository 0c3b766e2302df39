// In: a kernel. Out: the threads that run it.
//
// The choice is by an estimate: bytes that one grid iteration moves, divided by the part of the GPU that
// the threads keep busy. Memory is moved in sectors of 32 bytes, so what counts is the step from one
// thread of a warp to the next: a row is cheap for the threads of a block that stride over it, a
// column for threads that have a column each. A rule for softmax or for column sums is not needed.
//
// Threads may share a loop if its iterations are independent but for reductions: each local that its
// body changes is either set before it is read, and not used outside, or only combined; and what
// different iterations store lies apart, by an offset that is injective in the loop counters. Loops
// that carry anything else are run by one thread, many of them side by side if the grid is large.

#include "codegen/gpu/schedule.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"

enum {
    BUSY_THREADS = 1 << 17,    // that keep a GPU busy: half of what 132 multiprocessors hold
    THREADS = 256,             // of a block of independent threads
    MOST_THREADS = 1024,       // of any block
    OWN_ARRAY_BYTES = 4 << 10, // of local arrays that each thread may have for itself
    SECTOR = 32,               // bytes that memory moves at once
    WIDEST = 8,                // bytes of an element
};

typedef struct analysis {
    const cg_kernel *k;
    const cg_block *block;
    const uint32_t *memory;
    uint8_t *marks;  // of every node
    uint64_t arrays; // locals that are arrays
    int64_t array_bytes;
    uint64_t grid; // loops
    double iterations;
} analysis;

static uint64_t bit(uint32_t id) { return UINT64_C(1) << id % 64; }

static int64_t saturating_mul(int64_t x, int64_t y) {
    int64_t product;
    return __builtin_mul_overflow(x, y, &product) ? INT64_MAX : product;
}

// ---- what expressions and statements touch -------------------------------------------------------

static void mark_arguments(const analysis *a) {
    for (uint32_t i = a->k->nodes.n; i-- > 0;)
        for (uint32_t j = 0; a->marks[i] && j < a->k->nodes.at[i].n_args; j++)
            a->marks[a->k->nodes.at[i].args[j]] = 1;
}

static void mark_roots(const analysis *a, const cg_statement *s, bool nested) {
    for (uint32_t r = 0; r < cg_n_roots(s); r++)
        if (cg_root(a->k, s, r) != CG_ABSENT) a->marks[cg_root(a->k, s, r)] = 1;
    for (uint32_t i = 0; nested && i < s->body.n; i++) mark_roots(a, s->body.at[i], true);
}

static void mark_block(const analysis *a, const cg_block *block) {
    memset(a->marks, 0, a->k->nodes.n);
    for (uint32_t i = 0; i < block->n; i++) mark_roots(a, block->at[i], true);
    mark_arguments(a);
}

static uint64_t named_by(const cg_kernel *k, const cg_statement *s) {
    uint64_t named = s->kind == CG_REDUCE || s->kind == CG_PUT ? bit(s->id) : 0;
    for (uint32_t r = 0; r < cg_n_roots(s); r++)
        if (cg_root(k, s, r) != CG_ABSENT) named |= cg_node_of(k, cg_root(k, s, r))->locals;
    for (uint32_t i = 0; i < s->ids.n; i++) named |= bit(s->ids.at[i]);
    for (uint32_t i = 0; i < s->body.n; i++) named |= named_by(k, s->body.at[i]);
    return named;
}

// Locals that statements of the block other than this one name.
static uint64_t named_outside(const analysis *a, const cg_statement *inside) {
    uint64_t named = 0;
    for (uint32_t i = 0; i < a->block->n; i++)
        if (a->block->at[i] != inside) named |= named_by(a->k, a->block->at[i]);
    return named;
}

// ---- loops that threads may share ----------------------------------------------------------------

// True if all combinations of the local are by one operation; *way is -1, or that of others.
static bool combines_one_way(const cg_block *block, uint32_t local, int *way) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        bool touches = s->kind == CG_REDUCE && s->id == local;
        for (uint32_t j = 0; j < s->ids.n; j++) touches |= s->ids.at[j] == local;
        int own = (int)s->kind << 16 | (int)s->combiner;
        if (touches && (s->kind == CG_SET || (*way >= 0 && *way != own))) return false;
        if (touches) *way = own;
        if (!combines_one_way(&s->body, local, way)) return false;
    }
    return true;
}

// Iterations that differ in one of the `loops` have different offsets, whatever the counters of `inner` are:
// each step is longer than all shorter ones together reach.
static bool is_injective(const analysis *a, cg_expr offset, uint64_t loops, uint64_t inner,
                         uint64_t written) {
    const cg_kernel *k = a->k;
    const cg_node *n = cg_node_of(k, offset);
    int64_t steps[CG_MAX_LOOPS], reach = 0, last = 0;
    uint64_t all = loops | inner, left = 0;
    if (n->locals & written || !cg_affine(k, offset, all, steps)) return false;
    for (uint32_t i = 0; i < k->loops.n; i++) {
        if (!(all >> i & 1) || k->loops.at[i].extent < 2) continue;
        if (steps[i] == INT64_MIN || (!steps[i] && loops >> i & 1)) return false;
        if (steps[i] < 0) steps[i] = -steps[i];
        if (steps[i]) left |= bit(i);
    }
    while (left) {
        uint32_t next = CG_ABSENT;
        for (uint64_t rest = left; rest; rest &= rest - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(rest);
            if (next == CG_ABSENT || steps[i] < steps[next]) next = i;
        }
        if (steps[next] <= reach) return false;
        last = saturating_mul(steps[next], k->loops.at[next].extent - 1);
        if (__builtin_add_overflow(reach, last, &reach)) return false;
        left &= ~bit(next);
    }
    return true;
}

typedef struct nest {
    const cg_block *body;
    uint64_t loops;   // shared
    uint64_t written; // locals
} nest;

static bool accessed_elsewhere(const analysis *a, const cg_block *block, const cg_statement *write) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        if (s->kind == write->kind && s->id == write->id && s->offset != write->offset) return true;
        if (accessed_elsewhere(a, &s->body, write)) return true;
    }
    for (uint32_t i = 0; i < a->k->nodes.n && write->kind == CG_PUT; i++) {
        const cg_node *n = &a->k->nodes.at[i];
        if (a->marks[i] && n->kind == CG_ELEMENT && n->id == write->id && n->args[0] != write->offset)
            return true;
    }
    return false;
}

// The nodes that the body of the nest reaches are marked.
static bool writes_apart(const analysis *a, const nest *n, const cg_block *block, uint64_t inner) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        bool writes = s->kind == CG_STORE || s->kind == CG_PUT;
        if (writes && !is_injective(a, s->offset, n->loops, inner, n->written)) return false;
        if (writes && accessed_elsewhere(a, n->body, s)) return false;
        if (!writes_apart(a, n, &s->body, s->kind == CG_FOR ? inner | bit(s->id) : inner)) return false;
    }
    return true;
}

// Whether threads may share the iterations of the statement's loop and of depth - 1 loops right inside it.
static bool may_share(const analysis *a, const cg_statement *outer, uint32_t depth) {
    const cg_kernel *k = a->k;
    nest n = {.body = &outer->body, .loops = bit(outer->id)};
    for (const cg_statement *s = outer; --depth; n.body = &s->body) n.loops |= bit((s = s->body.at[0])->id);
    cg_effects e = cg_block_effects(k, n.body);
    n.written = e.written;
    for (uint64_t rest = n.loops; rest; rest &= rest - 1) {
        cg_expr limit = k->loops.at[__builtin_ctzll(rest)].limit;
        if (limit == CG_ABSENT) continue;
        const cg_node *node = cg_node_of(k, limit);
        if (node->loops & n.loops || node->locals & e.written || node->buffers & e.buffers) return false;
    }
    uint64_t combined = e.reduced & ~a->arrays, own = e.written & ~a->arrays & ~combined;
    if (e.carried & ~a->arrays || combined & (e.read_first | e.set) || own & ~e.set) return false;
    if (own && own & named_outside(a, outer)) return false;
    for (uint64_t rest = combined; rest; rest &= rest - 1) {
        int way = -1;
        if (!combines_one_way(n.body, (uint32_t)__builtin_ctzll(rest), &way)) return false;
    }
    mark_block(a, n.body);
    return writes_apart(a, &n, n.body, 0);
}

static uint32_t depth_of_chain(const cg_statement *s) {
    uint32_t depth = 1;
    for (; s->body.n == 1 && s->body.at[0]->kind == CG_FOR; depth++) s = s->body.at[0];
    return depth;
}

static bool is_plain(const cg_statement *s) {
    return s->kind != CG_FOR && s->kind != CG_WHILE && s->kind != CG_IF;
}

// A load of memory that the block stores to: threads that run ahead would change it for others.
static bool reads_what_it_writes(const analysis *a) {
    cg_effects e = {0};
    mark_block(a, a->block);
    for (uint32_t i = 0; i < a->block->n; i++)
        e.buffers |= cg_statement_effects(a->k, a->block->at[i]).buffers;
    for (uint32_t i = 0; i < a->k->nodes.n; i++) {
        const cg_node *n = &a->k->nodes.at[i];
        if (!a->marks[i] || n->kind != CG_LOAD) continue;
        for (uint32_t b = 0; b < a->k->buffers.n; b++)
            if (e.buffers & bit(b) && (b == n->id || (a->memory && a->memory[b] == a->memory[n->id])))
                return true;
    }
    return false;
}

// Finds the loops to share. False if several threads cannot run one grid iteration: every thread runs what is
// at the top of the body, but a compound statement that stores is run by one, which then alone knows
// the locals that it sets.
static bool find_shared_loops(const analysis *a, cg_gpu_schedule *s) {
    bool any = false;
    if (reads_what_it_writes(a)) return false;
    for (uint32_t i = 0; i < a->block->n; i++) {
        const cg_statement *at = a->block->at[i];
        uint32_t depth = at->kind == CG_FOR ? depth_of_chain(at) : 0;
        while (depth && !may_share(a, at, depth)) depth--;
        for (uint32_t j = 0; j < i && at->kind == CG_FOR; j++) // the same loop again
            if (a->block->at[j]->kind == CG_FOR && a->block->at[j]->id == at->id) return false;
        if (depth) s->shared_loops[at->id] = (uint8_t)depth;
        any |= depth > 0;
        if (depth || is_plain(at)) continue;
        cg_effects e = cg_statement_effects(a->k, at);
        if (e.puts && e.written & ~a->arrays & named_outside(a, at)) return false;
    }
    return any;
}

// ---- estimates -----------------------------------------------------------------------------------

// The loops around a statement, and which of them neighbouring threads step through.
typedef struct place {
    double trips[CG_MAX_LOOPS];
    uint64_t open;
    uint32_t fast; // or CG_ABSENT: all threads are at one iteration
} place;

static double bytes_of_access(const analysis *a, const place *p, cg_expr offset, cv_dtype dtype) {
    int64_t steps[CG_MAX_LOOPS];
    if (p->fast == CG_ABSENT) return SECTOR;
    if (!(cg_node_of(a->k, offset)->loops >> p->fast & 1)) return 1; // once for all threads of a warp
    if (!cg_affine(a->k, offset, bit(p->fast), steps)) return SECTOR;
    return fmin(SECTOR, fabs((double)steps[p->fast]) * (double)cv_dtype_size(dtype));
}

// Times that an access is made: what does not depend on a loop is moved out of it.
static double repetitions(const analysis *a, const place *p, cg_expr offset) {
    const cg_node *n = cg_node_of(a->k, offset);
    double product = 1;
    for (uint64_t rest = n->locals ? p->open : p->open & n->loops; rest; rest &= rest - 1)
        product *= p->trips[__builtin_ctzll(rest)];
    return product;
}

static double bytes_of_statement(const analysis *a, const place *p, const cg_statement *s, bool own_arrays) {
    const cg_kernel *k = a->k;
    double bytes = 0;
    if (s->kind == CG_STORE || (own_arrays && s->kind == CG_PUT)) {
        cv_dtype dtype = cg_node_of(k, s->value)->dtype;
        double each =
            s->kind == CG_STORE ? bytes_of_access(a, p, s->offset, dtype) : (double)cv_dtype_size(dtype);
        bytes += each * repetitions(a, p, s->offset);
    }
    memset(a->marks, 0, k->nodes.n);
    mark_roots(a, s, false);
    mark_arguments(a);
    for (uint32_t i = 0; i < k->nodes.n; i++) {
        const cg_node *n = &k->nodes.at[i];
        if (!a->marks[i]) continue;
        double each = n->kind == CG_LOAD                    ? bytes_of_access(a, p, n->args[0], n->dtype)
                      : n->kind == CG_ELEMENT && own_arrays ? (double)cv_dtype_size(n->dtype)
                                                            : 0;
        if (each > 0) bytes += each * repetitions(a, p, n->args[0]);
    }
    return bytes;
}

// s: whose shared loops count; NULL: every thread runs every loop.
static double bytes_of_block(const analysis *a, const place *p, const cg_block *block,
                             const cg_gpu_schedule *s, bool own_arrays) {
    double bytes = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *at = block->at[i];
        place inside = *p;
        bytes += bytes_of_statement(a, p, at, own_arrays);
        if (at->kind == CG_FOR) {
            inside.trips[at->id] = (double)a->k->loops.at[at->id].extent;
            inside.open |= bit(at->id);
            const cg_statement *last = at;
            for (uint32_t d = s ? s->shared_loops[at->id] : 0; d; d--) {
                if (a->k->loops.at[last->id].extent > 1) inside.fast = last->id;
                if (d > 1) last = last->body.at[0];
            }
        }
        bytes += bytes_of_block(a, &inside, &at->body, NULL, own_arrays);
    }
    return bytes;
}

// Time, but for a factor, of threads each of which moves a part of the bytes.
static double time_of(double bytes, double threads) { return bytes / fmin(1, threads / BUSY_THREADS); }

static int64_t longest_shared(const analysis *a, const cg_gpu_schedule *s) {
    int64_t longest = 0;
    for (uint32_t i = 0; i < a->block->n; i++) {
        const cg_statement *at = a->block->at[i];
        int64_t count = 1;
        for (uint32_t d = at->kind == CG_FOR ? s->shared_loops[at->id] : 0; d; d--) {
            count = saturating_mul(count, a->k->loops.at[at->id].extent);
            if (count > longest && d == 1) longest = count;
            if (d > 1) at = at->body.at[0];
        }
    }
    return longest;
}

// ---- the choice ----------------------------------------------------------------------------------

static double try_threads(const analysis *a, cg_gpu_schedule *s) {
    double best = INFINITY;
    s->across = CG_GPU_WARP;
    while (s->across < THREADS && s->across < a->iterations) s->across *= 2;
    s->along = 1;
    s->fastest = CG_ABSENT;
    if (!a->grid) s->across = 1;
    for (uint32_t i = a->grid ? a->k->grid.n : 1; i-- > 0;) {
        place p = {.open = 0, .fast = a->grid ? a->k->grid.at[i] : CG_ABSENT};
        double time = time_of(bytes_of_block(a, &p, a->block, NULL, true), a->iterations);
        if (time >= best) continue;
        best = time;
        s->fastest = p.fast;
    }
    return best;
}

// A warp's threads side by side, warps along: each warp has a few iterations at least.
static double try_columns(const analysis *a, cg_gpu_schedule *s, double threads_time) {
    uint32_t along = MOST_THREADS / CG_GPU_WARP;
    int64_t longest = longest_shared(a, s);
    while (along > 1 && (along * 4 > longest || a->iterations * along > 2 * BUSY_THREADS)) along /= 2;
    if (along == 1 || !a->grid || a->arrays) return INFINITY;
    if (a->k->locals.n * WIDEST * CG_GPU_WARP * along > CG_GPU_SHARED) return INFINITY;
    s->across = CG_GPU_WARP;
    s->along = along;
    double alone = fmin(1, a->iterations / BUSY_THREADS),
           together = fmin(1, a->iterations * along / BUSY_THREADS);
    return threads_time * alone / together * 1.1; // combining takes a little
}

static double try_rows(const analysis *a, cg_gpu_schedule *s) {
    int64_t longest = longest_shared(a, s);
    uint32_t most = a->iterations * THREADS < BUSY_THREADS ? MOST_THREADS : THREADS, along = CG_GPU_WARP;
    while (along < most && along * 4 < longest) along *= 2;
    if (longest < 2 || a->array_bytes + CG_MAX_LOCALS * WIDEST * CG_GPU_WARP > CG_GPU_SHARED) return INFINITY;
    s->across = 1;
    s->along = along;
    s->shared_arrays = true;
    double used =
        (double)longest / (ceil((double)longest / along) * along); // some threads idle in the last round
    place p = {.open = 0, .fast = CG_ABSENT};
    return time_of(bytes_of_block(a, &p, a->block, s, false), a->iterations * along * used);
}

static void take_better(cg_gpu_schedule *best, double *best_time, const cg_gpu_schedule *s, double time) {
    if (time >= *best_time) return;
    *best = *s;
    *best_time = time;
}

static void count_arrays(analysis *a) {
    uint64_t named = 0;
    for (uint32_t i = 0; i < a->block->n; i++) named |= named_by(a->k, a->block->at[i]);
    for (uint32_t i = 0; i < a->k->locals.n; i++) {
        const cg_local *l = &a->k->locals.at[i];
        if (l->count == 1) continue;
        a->arrays |= bit(i);
        if (named & bit(i)) a->array_bytes += cg_gpu_align(l->count * (int64_t)cv_dtype_size(l->dtype));
    }
}

cg_gpu_schedule cg_gpu_schedule_of(const cg_kernel *k, bool finish, const uint32_t *memory) {
    analysis a = {.k = k, .block = finish ? &k->finish : &k->body, .memory = memory};
    int64_t iterations = 1;
    a.marks = base_new_array(k->arena, uint8_t, k->nodes.n + 1);
    count_arrays(&a);
    for (uint32_t i = 0; !finish && i < k->grid.n; i++) {
        a.grid |= bit(k->grid.at[i]);
        iterations = saturating_mul(iterations, k->loops.at[k->grid.at[i]].extent);
    }
    a.iterations = (double)iterations;
    cg_gpu_schedule threads = {.iterations = iterations}, best;
    double threads_time = try_threads(&a, &threads), best_time = threads_time;
    best = threads;
    if (iterations > 0) {
        cg_gpu_schedule shared = threads, alone = threads;
        if (a.array_bytes > OWN_ARRAY_BYTES) best_time = INFINITY;
        if (find_shared_loops(&a, &shared)) {
            cg_gpu_schedule columns = shared, rows = shared;
            take_better(&best, &best_time, &columns, try_columns(&a, &columns, threads_time));
            take_better(&best, &best_time, &rows, try_rows(&a, &rows));
        }
        // Large arrays and nothing to share: one thread that has a block's shared memory for itself.
        alone.across = 1;
        alone.shared_arrays = true;
        if (best_time == INFINITY && a.array_bytes <= CG_GPU_SHARED) best = alone;
    }
    best.blocks = iterations / best.across + (iterations % best.across != 0);
    return best;
}

int64_t cg_gpu_scratch_bytes(const cg_gpu_schedule *s, size_t size) {
    if (s->along == 1 || (s->across == 1 && s->along == CG_GPU_WARP)) return 0;
    int64_t values = s->across == 1 ? s->along / CG_GPU_WARP : s->along * s->across;
    return cg_gpu_align(values * (int64_t)size);
}
