// In: a kernel whose loops have lanes, its grid the rows. Out: the same results, where the last loop of a
// row is also the first loop of the next row.
//
// A softmax reads a row for its maximum, works on it in the cache, and divides and writes it. While it works
// the memory has nothing to do, and while it reads or divides the arithmetic units have little. What row
// i + 1 begins with needs nothing from row i, so it may run inside the last loop of row i: its loads arrive
// while the divider is busy, and one pass over a row is saved.
//
//     for each row                           for each tile of rows
//       FIRST: for j: m max= x[row, j]         FIRST of row 0
//       ... uses m                     ==>     for each row of the tile
//       LAST: for j: y[row, j] = ...             ...
//                                                for j: FIRST's body of the next row; LAST's body
//
// Iterations of the grid are independent by the meaning of kernels, so memory allows it; of the locals, FIRST
// sets all that it reads, and LAST looks at none of those. The last row of a tile has no next one and reads
// itself once more: its result is not used, and its elements are near. Loads come before the stores of the
// same pass: rows a multiple of a page apart would be taken for the same memory by the processor.

#include <string.h>

#include "codegen/kernel_nodes.h"
#include "codegen/schedule.h"

enum {
    // Of a tile: enough for what it does once more to be little, and more than is written out; and so many
    // tiles that threads have enough to share.
    LEAST_ROWS = 9,
    MOST_ROWS = 16,
    LEAST_TILES = 32,
    LEAST_OPERATIONS = 1 << 18, // of the kernel: less is not worth the longer code
};

typedef struct rows {
    cg_kernel *k;
    uint32_t first, last; // statements of the body
    int64_t count;        // of a tile
    uint32_t n_nodes;
    cg_expr *rebuilt;
} rows;

static uint64_t bit(uint32_t id) { return UINT64_C(1) << id % 64; }

static uint32_t row_loop(const cg_kernel *k) { return k->grid.at[k->grid.n - 1]; }

static cg_effects effects_until(const cg_kernel *k, uint32_t n) {
    cg_block part = k->body;
    part.n = n;
    return cg_block_effects(k, &part);
}

static uint64_t buffers_read(const cg_kernel *k, const cg_block *block) {
    uint64_t buffers = 0;
    for (uint32_t i = 0; i < block->n; i++)
        for (uint32_t r = 0; r < cg_n_roots(block->at[i]); r++) {
            cg_expr root = cg_root(k, block->at[i], r);
            if (root != CG_ABSENT) buffers |= cg_node_of(k, root)->buffers;
        }
    return buffers;
}

static bool only_combines(const cg_block *block) {
    for (uint32_t i = 0; i < block->n; i++) {
        cg_statement_kind kind = block->at[i]->kind;
        if (kind != CG_SET && kind != CG_REDUCE && kind != CG_ARG) return false;
    }
    return true;
}

static bool steps_alike(const cg_kernel *k, uint32_t x, uint32_t y) {
    const cg_loop *a = &k->loops.at[x], *b = &k->loops.at[y];
    return a->lanes > 1 && a->lanes == b->lanes && a->extent == b->extent && a->limit == CG_ABSENT &&
           b->limit == CG_ABSENT;
}

// Rows of a tile, which divide the rows; 0: too few for it, or no such number.
static int64_t choose_count(const cg_kernel *k) {
    const cg_loop *loop = &k->loops.at[row_loop(k)];
    if (loop->lanes > 1 || loop->limit != CG_ABSENT) return 0;
    for (int64_t n = MOST_ROWS; n >= LEAST_ROWS; n--)
        if (loop->extent % n == 0 && loop->extent / n >= LEAST_TILES) return n;
    return 0;
}

static bool find(rows *r) {
    const cg_kernel *k = r->k;
    if (!k->grid.n || k->operations < LEAST_OPERATIONS || k->loops.n + 2 > CG_MAX_LOOPS) return false;
    if (!(r->count = choose_count(k))) return false;
    while (r->first < k->body.n && k->body.at[r->first]->kind == CG_SET) r->first++;
    r->last = k->body.n - 1;
    if (r->first >= r->last) return false;
    const cg_statement *first = k->body.at[r->first], *last = k->body.at[r->last];
    if (first->kind != CG_FOR || last->kind != CG_FOR || !steps_alike(k, first->id, last->id)) return false;
    cg_effects before = effects_until(k, r->first + 1), after = cg_statement_effects(k, last);
    uint64_t read = buffers_read(k, &first->body);
    return only_combines(&first->body) && read && !(read & after.buffers) &&
           !(before.read_first | before.reduced | before.carried) &&
           !(before.written & (after.read_first | after.written | after.reduced));
}

// Every expression with other counters: of the loops that have one here.
static void rebuild(rows *r, const cg_expr *counters) {
    uint64_t changed = 0;
    for (uint32_t i = 0; i < CG_MAX_LOOPS; i++)
        if (counters[i] != CG_ABSENT) changed |= bit(i);
    for (uint32_t i = 0; i < r->n_nodes; i++)
        r->rebuilt[i] = cg_node_of(r->k, i)->loops & changed ? cg_rebuild(r->k, i, r->rebuilt, counters) : i;
}

static void rebuild_statement(const rows *r, cg_statement *s) {
    if (s->offset != CG_ABSENT) s->offset = r->rebuilt[s->offset];
    if (s->value != CG_ABSENT) s->value = r->rebuilt[s->value];
    for (uint32_t i = 0; i < s->values.n; i++) s->values.at[i] = r->rebuilt[s->values.at[i]];
    if (s->kind == CG_FOR && r->k->loops.at[s->id].limit != CG_ABSENT)
        r->k->loops.at[s->id].limit = r->rebuilt[r->k->loops.at[s->id].limit];
    for (uint32_t i = 0; i < s->body.n; i++) rebuild_statement(r, s->body.at[i]);
}

static cg_statement *copied(const rows *r, const cg_statement *s) {
    cg_kernel *k = r->k;
    cg_statement *to = cg_statement_new(k, s->kind);
    to->id = s->id;
    to->offset = s->offset;
    to->value = s->value;
    to->combiner = s->combiner;
    for (uint32_t i = 0; i < s->ids.n; i++) base_push(k->arena, &to->ids, s->ids.at[i]);
    for (uint32_t i = 0; i < s->values.n; i++) base_push(k->arena, &to->values, s->values.at[i]);
    for (uint32_t i = 0; i < s->body.n; i++) base_push(k->arena, &to->body, copied(r, s->body.at[i]));
    return to;
}

// Appends copies of statements, with the expressions that were rebuilt last.
static void append(const rows *r, cg_block *to, cg_statement *const *from, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        cg_statement *s = copied(r, from[i]);
        rebuild_statement(r, s);
        base_push(r->k->arena, to, s);
    }
}

static void rewrite(rows *r) {
    cg_kernel *k = r->k;
    uint32_t grid = row_loop(k);
    cg_statement **body = k->body.at;
    const cg_statement *first = body[r->first], *last = body[r->last];
    uint32_t tile = cg_add_loop(k, k->loops.at[grid].extent / r->count, CG_ABSENT),
             row = cg_add_loop(k, r->count, CG_ABSENT);
    cg_expr origin = cg_scale(k, cg_index(k, tile), r->count), counter = cg_index(k, row);
    cg_expr next = cg_clamp(k, cg_add(k, counter, cg_int(k, 1)), 0, r->count - 1);
    cg_expr counters[CG_MAX_LOOPS];
    for (uint32_t i = 0; i < CG_MAX_LOOPS; i++) counters[i] = CG_ABSENT;
    cg_block whole = {0};
    cg_statement *each = cg_for(k, row), *both = cg_for(k, last->id);

    counters[grid] = cg_add(k, origin, cg_int(k, 0));
    rebuild(r, counters);
    append(r, &whole, body, r->first + 1);

    counters[grid] = cg_add(k, origin, next);
    counters[first->id] = cg_index(k, last->id);
    rebuild(r, counters);
    cg_block sets = {0};
    append(r, &sets, body, r->first);
    append(r, &both->body, first->body.at, first->body.n);

    counters[grid] = cg_add(k, origin, counter);
    counters[first->id] = CG_ABSENT;
    rebuild(r, counters);
    append(r, &each->body, body + r->first + 1, r->last - r->first - 1);
    append(r, &both->body, last->body.at, last->body.n);

    for (uint32_t i = 0; i < sets.n; i++) base_push(k->arena, &each->body, sets.at[i]);
    base_push(k->arena, &each->body, both);
    base_push(k->arena, &whole, each);
    k->body = whole;
    k->grid.at[k->grid.n - 1] = tile;
}

bool cg_overlap_rows(cg_kernel *k) {
    rows r = {.k = k, .n_nodes = k->nodes.n};
    if (!find(&r)) return false;
    r.rebuilt = base_new_array(k->arena, cg_expr, k->nodes.n + 1);
    rewrite(&r);
    cg_kernel_free(k);
    return true;
}
