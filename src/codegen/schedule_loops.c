// In: a kernel. Out: the same kernel with fewer loops: an elementwise kernel over [4096,1024] becomes one
// loop of 4194304 iterations.
//
// Two loops that are nested without a statement between them are one if each access that steps with them
// takes outer steps as long as the whole inner loop, and nothing else looks at their counters. That
// is a property of neighbours, so a chain of loops falls into groups. The merged loop has a new number
// and the expressions are built anew with its counter. Since index sums are ordered by the numbers of
// loops, all loops that stay are numbered again too, from the outermost inwards: what an inner loop
// repeats of a sum stays its first part.

#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"
#include "codegen/schedule.h"

typedef struct merger {
    cg_kernel *k;
    bool *wanted;     // of every node
    cg_expr *rebuilt; // of every node that there was when the loops were renumbered
    uint32_t n_nodes;
    uint32_t inner[CG_MAX_LOOPS];   // the loop that this one is one with; itself: gone; CG_ABSENT: it stays
    uint32_t renamed[CG_MAX_LOOPS]; // new numbers
    uint32_t order[CG_MAX_LOOPS], n_order; // of the loops that stay, outermost first
    bool changed;
} merger;

typedef struct pair {
    uint32_t outer, inner;
} pair;

static uint64_t bit(uint32_t loop) { return UINT64_C(1) << loop; }

static bool steps_as_one(const cg_kernel *k, cg_expr offset, pair p) {
    int64_t steps[CG_MAX_LOOPS];
    if (!cg_affine(k, offset, bit(p.outer) | bit(p.inner), steps)) return false;
    return steps[p.outer] == (int64_t)((uint64_t)steps[p.inner] * (uint64_t)k->loops.at[p.inner].extent);
}

// Marks what the block evaluates, apart from the offsets that it stores at. False if one of those forbids it.
static bool mark_roots(merger *m, const cg_block *block, const pair *p) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        for (uint32_t r = 0; r < cg_n_roots(s); r++) {
            cg_expr root = cg_root(m->k, s, r);
            if (root == CG_ABSENT) continue;
            if (p && root == s->offset) {
                if (!steps_as_one(m->k, root, *p)) return false;
                if (root != s->value) continue;
            }
            m->wanted[root] = true;
        }
        if (!mark_roots(m, &s->body, p)) return false;
    }
    return true;
}

static bool is_mergeable(merger *m, pair p) {
    const cg_kernel *k = m->k;
    uint64_t both = bit(p.outer) | bit(p.inner);
    int64_t product;
    if (__builtin_mul_overflow(k->loops.at[p.outer].extent, k->loops.at[p.inner].extent, &product))
        return false;
    memset(m->wanted, 0, k->nodes.n);
    if (!mark_roots(m, &k->body, &p) || !mark_roots(m, &k->finish, &p)) return false;
    for (uint32_t i = k->nodes.n; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        if (!m->wanted[i] || !(n->loops & both)) continue;
        if (n->kind == CG_INDEX) return false;
        if (n->kind == CG_LOAD || n->kind == CG_ELEMENT) {
            if (!steps_as_one(k, n->args[0], p)) return false;
            continue;
        }
        for (uint32_t a = 0; a < n->n_args; a++) m->wanted[n->args[a]] = true;
    }
    return true;
}

// A chain of loops: which are one with their neighbour, and which stay. Those with one iteration go into any.
static void group_chain(merger *m, const uint32_t *loops, uint32_t n) {
    uint32_t last = CG_ABSENT;
    for (uint32_t i = n; i-- > 0;) {
        m->inner[loops[i]] = CG_ABSENT;
        if (m->k->loops.at[loops[i]].extent == 1 && m->k->loops.at[loops[i]].limit == CG_ABSENT && n > 1) {
            m->inner[loops[i]] = loops[i]; // goes
            continue;
        }
        if (last != CG_ABSENT && is_mergeable(m, (pair){loops[i], last})) m->inner[loops[i]] = last;
        last = loops[i];
    }
    if (last == CG_ABSENT && n) m->inner[loops[n - 1]] = CG_ABSENT; // all have one iteration: one stays
    for (uint32_t i = 0; i < n; i++) {
        bool stays = m->inner[loops[i]] == CG_ABSENT;
        m->changed |= !stays || (m->n_order && m->order[m->n_order - 1] > loops[i]);
        if (stays) m->order[m->n_order++] = loops[i];
    }
}

static bool is_plain_loop(const cg_kernel *k, const cg_statement *s) {
    return s->kind == CG_FOR && k->loops.at[s->id].limit == CG_ABSENT;
}

static void group_block(merger *m, cg_block *block) {
    for (uint32_t i = 0; i < block->n; i++) {
        cg_statement *s = block->at[i];
        if (s->kind == CG_FOR) {
            uint32_t chain[CG_MAX_LOOPS], n = 0;
            chain[n++] = s->id;
            const cg_statement *at = s;
            while (is_plain_loop(m->k, at) && at->body.n == 1 && is_plain_loop(m->k, at->body.at[0]))
                chain[n++] = (at = at->body.at[0])->id;
            group_chain(m, chain, n);
            // The statements of loops that went go too: each of those that stay takes the next one's place.
            uint32_t kept = 0;
            cg_block body = at->body;
            cg_statement *to = s;
            for (uint32_t c = 0; c < n; c++) {
                if (m->inner[chain[c]] != CG_ABSENT) continue;
                if (kept++) to = to->body.at[0];
                to->id = chain[c];
            }
            to->body = body;
            group_block(m, &to->body);
        } else {
            group_block(m, &s->body);
        }
    }
}

static void rename_statements(const merger *m, cg_block *block) {
    for (uint32_t i = 0; i < block->n; i++) {
        cg_statement *s = block->at[i];
        if (s->kind == CG_FOR) s->id = m->renamed[s->id];
        if (s->offset != CG_ABSENT) s->offset = m->rebuilt[s->offset];
        if (s->value != CG_ABSENT) s->value = m->rebuilt[s->value];
        for (uint32_t v = 0; v < s->values.n; v++) s->values.at[v] = m->rebuilt[s->values.at[v]];
        rename_statements(m, &s->body);
    }
}

cg_expr cg_rebuild(cg_kernel *k, cg_expr id, const cg_expr *rebuilt, const cg_expr *counters) {
    cg_node n = k->nodes.at[id];
    cg_expr args[3];
    if (!n.loops) return id;
    for (uint32_t a = 0; a < n.n_args; a++) args[a] = rebuilt[n.args[a]];
    switch (n.kind) {
    case CG_INDEX: return counters[n.id] == CG_ABSENT ? id : counters[n.id];
    case CG_ELEMENT: return cg_element(k, n.id, args[0]);
    case CG_LOAD: return cg_load(k, n.id, args[0]);
    case CG_APPLY: return cg_apply(k, n.primitive, n.dtype, args, n.n_args);
    case CG_QUOTIENT: return cg_quotient(k, args[0], n.value.s64);
    case CG_REMAINDER: return cg_remainder(k, args[0], n.value.s64);
    default: return id;
    }
}

// New numbers for the loops that stay, new counters for old ones in every expression.
static void renumber(merger *m, const int64_t *extents) {
    cg_kernel *k = m->k;
    memset(m->wanted, 0, m->n_nodes);
    mark_roots(m, &k->body, NULL);
    mark_roots(m, &k->finish, NULL);
    for (uint32_t i = m->n_nodes; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        for (uint32_t a = 0; m->wanted[i] && a < n->n_args; a++) m->wanted[n->args[a]] = true;
    }
    for (uint32_t i = 0; i < m->n_order; i++)
        m->renamed[m->order[i]] = cg_add_loop(k, extents[m->order[i]], k->loops.at[m->order[i]].limit);
    cg_expr counters[CG_MAX_LOOPS];
    for (uint32_t i = 0; i < CG_MAX_LOOPS; i++) counters[i] = cg_int(k, 0);
    for (uint32_t i = 0; i < m->n_order; i++) counters[m->order[i]] = cg_index(k, m->renamed[m->order[i]]);
    for (uint32_t i = 0; i < m->n_nodes; i++)
        m->rebuilt[i] = m->wanted[i] ? cg_rebuild(k, i, m->rebuilt, counters) : i;
    for (uint32_t i = 0; i < m->n_order; i++) {
        cg_loop *loop = &k->loops.at[m->renamed[m->order[i]]];
        if (loop->limit != CG_ABSENT) loop->limit = m->rebuilt[loop->limit];
    }
    rename_statements(m, &k->body);
    rename_statements(m, &k->finish);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->grid.n; i++)
        if (m->inner[k->grid.at[i]] == CG_ABSENT) k->grid.at[kept++] = m->renamed[k->grid.at[i]];
    k->grid.n = kept;
}

static uint32_t count_loops(const cg_block *block) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < block->n; i++)
        n += (block->at[i]->kind == CG_FOR) + count_loops(&block->at[i]->body);
    return n;
}

void cg_merge_loops(cg_kernel *k) {
    if (k->loops.n + k->grid.n + count_loops(&k->body) + count_loops(&k->finish) > CG_MAX_LOOPS) return;
    merger m = {.k = k, .n_nodes = k->nodes.n};
    m.wanted = base_new_array(k->arena, bool, k->nodes.n + 1);
    m.rebuilt = base_new_array(k->arena, cg_expr, k->nodes.n + 1);
    for (uint32_t i = 0; i < k->loops.n; i++) m.inner[i] = i;
    group_chain(&m, k->grid.at, k->grid.n);
    group_block(&m, &k->body);
    group_block(&m, &k->finish);
    if (!m.changed) return;
    int64_t extents[CG_MAX_LOOPS];
    for (uint32_t i = 0; i < k->loops.n; i++) extents[i] = k->loops.at[i].extent;
    for (uint32_t i = 0; i < k->loops.n; i++) {
        uint32_t to = i;
        while (m.inner[to] != CG_ABSENT && m.inner[to] != to) to = m.inner[to];
        if (to != i) extents[to] *= k->loops.at[i].extent;
    }
    renumber(&m, extents);
    cg_kernel_free(k);
}
