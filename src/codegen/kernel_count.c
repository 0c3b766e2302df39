// In: a complete kernel. Out: the bytes that one run moves and the operations that it computes, as a
// profile sets them beside the time.
//
// Bytes: each buffer counts once per direction, with the elements that are touched: an access touches as
// many as the loops in its offset have iterations, all of a buffer's together no more than the span
// of their ranges and the buffer itself. What depends on data is taken to be new each time.
// Operations: applications of primitives (not conversions and selections, nor index arithmetic) and
// combinations, times the iterations of the loops around them; one that several statements of a
// block share is computed once. The rounds of a `while` are not known: it counts once.

#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"

typedef struct touched {
    int64_t elements, low, high; // at least one access if elements is not 0
} touched;

typedef struct counter {
    cg_kernel *k;
    bool *counted, *wanted;  // of every node: a load that was counted; computed in the block at hand
    touched *reads, *writes; // of every buffer
} counter;

static int64_t saturating_mul(int64_t x, int64_t y) {
    int64_t product;
    return __builtin_mul_overflow(x, y, &product) ? INT64_MAX : product;
}

static int64_t saturating_add(int64_t x, int64_t y) {
    int64_t sum;
    return __builtin_add_overflow(x, y, &sum) ? INT64_MAX : sum;
}

static int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }

static int64_t span(int64_t low, int64_t high) {
    int64_t difference;
    return __builtin_sub_overflow(high, low, &difference) ? INT64_MAX : saturating_add(difference, 1);
}

static void touch(const counter *c, touched *t, cg_expr offset, int64_t trips) {
    const cg_node *n = cg_node_of(c->k, offset);
    int64_t elements = least(trips, 1);
    for (uint32_t i = 0; i < c->k->loops.n; i++)
        if (n->loops >> i & 1) elements = saturating_mul(elements, c->k->loops.at[i].extent);
    if (n->locals || n->buffers) elements = trips;
    elements = least(elements, span(n->low, n->high));
    if (!elements) return;
    if (!t->elements || n->low < t->low) t->low = n->low;
    if (!t->elements || n->high > t->high) t->high = n->high;
    t->elements = saturating_add(t->elements, elements);
}

static bool is_operation(const cg_node *n) {
    return n->kind == CG_APPLY && n->primitive != IR_convert && n->primitive != IR_select &&
           (!cg_has_range(n->dtype) || n->locals || n->buffers);
}

static bool is_memory(const cg_node *n) { return n->kind == CG_LOAD || n->kind == CG_ELEMENT; }

// Loads that an expression reaches by any way; operations that it reaches other than through offsets.
static int64_t count_expressions(counter *c, const cg_block *block, int64_t trips) {
    const cg_kernel *k = c->k;
    enum { VALUES, ALL };
    int64_t operations = 0;
    for (int pass = VALUES; pass <= ALL; pass++) {
        memset(c->wanted, 0, k->nodes.n);
        for (uint32_t i = 0; i < block->n; i++)
            for (uint32_t r = pass == VALUES ? 2 : 0; r < cg_n_roots(block->at[i]); r++) {
                cg_expr root = cg_root(k, block->at[i], r);
                if (root != CG_ABSENT) c->wanted[root] = true;
            }
        for (uint32_t i = k->nodes.n; i-- > 0;) {
            const cg_node *n = &k->nodes.at[i];
            if (!c->wanted[i]) continue;
            if (pass == VALUES && is_operation(n)) operations++;
            if (pass == VALUES && is_memory(n)) continue;
            for (uint32_t a = 0; a < n->n_args; a++) c->wanted[n->args[a]] = true;
            if (pass == VALUES || n->kind != CG_LOAD || c->counted[i]) continue;
            c->counted[i] = true;
            touch(c, &c->reads[n->id], n->args[0], trips);
        }
    }
    return saturating_mul(operations, trips);
}

static void count_block(counter *c, const cg_block *block, int64_t trips) {
    c->k->operations = saturating_add(c->k->operations, count_expressions(c, block, trips));
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        bool combines = s->kind == CG_REDUCE || s->kind == CG_ARG;
        if (combines) c->k->operations = saturating_add(c->k->operations, trips);
        if (s->kind == CG_STORE) touch(c, &c->writes[s->id], s->offset, trips);
        int64_t extent = s->kind == CG_FOR ? c->k->loops.at[s->id].extent : 1;
        count_block(c, &s->body, saturating_mul(trips, extent));
    }
}

static int64_t bytes_of(const cg_buffer *buffer, const touched *t) {
    if (!t->elements) return 0;
    int64_t elements = least(least(t->elements, span(t->low, t->high)), buffer->count);
    return saturating_mul(elements, (int64_t)cv_dtype_size(buffer->dtype));
}

void cg_kernel_count(cg_kernel *k) {
    size_t buffers = sizeof(touched) * k->buffers.n, nodes = k->nodes.n, size = 2 * (buffers + nodes) + 1;
    char *scratch = memset(base_malloc(size), 0, size);
    counter c = {.k = k, .reads = (touched *)scratch, .writes = (touched *)(scratch + buffers)};
    c.counted = (bool *)(scratch + 2 * buffers);
    c.wanted = c.counted + nodes;
    int64_t trips = 1;
    k->bytes = k->operations = 0;
    for (uint32_t i = 0; i < k->grid.n; i++) trips = saturating_mul(trips, k->loops.at[k->grid.at[i]].extent);
    count_block(&c, &k->body, trips);
    count_block(&c, &k->finish, 1);
    for (uint32_t i = 0; i < k->buffers.n; i++) {
        k->bytes = saturating_add(k->bytes, bytes_of(&k->buffers.at[i], &c.reads[i]));
        k->bytes = saturating_add(k->bytes, bytes_of(&k->buffers.at[i], &c.writes[i]));
    }
    base_free(scratch);
}

void cg_kernel_finish(cg_kernel *k) {
    if (k->verify) cg_kernel_verify(k);
    cg_kernel_count(k);
    cg_kernel_free(k);
}
