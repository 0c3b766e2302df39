// Whether two kernels are the same but for names, and a hash that agrees with that.
//
// Only what statements reach counts, not what was made on the way to it. Arguments have smaller numbers
// than what they are arguments of, so going down through the numbers meets every node after all that
// use it: a pair of roots pairs their arguments, and so on, without recursion.

#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"

static uint64_t mix(uint64_t hash, uint64_t word) { return base_hash(&word, sizeof word, hash); }

static uint64_t hash_of(const uint64_t *hashes, cg_expr e) { return e == CG_ABSENT ? 0 : hashes[e]; }

static uint64_t hash_nodes_of(const cg_kernel *k, cg_expr e, const uint64_t *hashes) {
    const cg_node *n = cg_node_of(k, e);
    uint64_t words[8] = {(uint64_t)n->kind | (uint64_t)n->primitive << 16 | (uint64_t)n->dtype << 32,
                         (uint64_t)n->id | (uint64_t)n->n_args << 32};
    for (uint32_t i = 0; i < n->n_args; i++) words[2 + i] = hashes[n->args[i]];
    memcpy(words + 5, &n->value, sizeof n->value);
    return base_hash(words, sizeof words, 0);
}

static uint64_t hash_block(const cg_kernel *k, const cg_block *block, const uint64_t *hashes, uint64_t hash) {
    hash = mix(hash, block->n);
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        hash = mix(hash, (uint64_t)s->kind | (uint64_t)s->combiner << 16 | (uint64_t)s->id << 32);
        for (uint32_t r = 1; r < cg_n_roots(s); r++) hash = mix(hash, hash_of(hashes, cg_root(k, s, r)));
        for (uint32_t v = 0; v < s->ids.n; v++) hash = mix(hash, s->ids.at[v]);
        hash = hash_block(k, &s->body, hashes, hash);
    }
    return hash;
}

uint64_t cg_kernel_hash(const cg_kernel *k) {
    uint64_t *hashes = base_malloc(sizeof *hashes * ((size_t)k->nodes.n + 1));
    for (uint32_t i = 0; i < k->nodes.n; i++) hashes[i] = hash_nodes_of(k, i, hashes);
    uint64_t hash = mix(mix(k->streamed, k->buffers.n), k->locals.n);
    hash = mix(hash, (uint64_t)k->loops.n | (uint64_t)k->grid.n << 32);
    for (uint32_t i = 0; i < k->buffers.n; i++)
        hash = mix(mix(hash, k->buffers.at[i].dtype | (uint64_t)k->buffers.at[i].access << 32),
                   (uint64_t)k->buffers.at[i].count);
    for (uint32_t i = 0; i < k->locals.n; i++)
        hash = mix(mix(hash, k->locals.at[i].dtype), (uint64_t)k->locals.at[i].count);
    for (uint32_t i = 0; i < k->loops.n; i++) {
        const cg_loop *loop = &k->loops.at[i];
        hash = mix(mix(hash, (uint64_t)loop->extent), hash_of(hashes, loop->limit));
        hash = mix(hash, loop->lanes | (uint64_t)loop->parallel << 32 | (uint64_t)loop->unrolled << 33);
    }
    for (uint32_t i = 0; i < k->grid.n; i++) hash = mix(hash, k->grid.at[i]);
    hash = hash_block(k, &k->finish, hashes, hash_block(k, &k->body, hashes, hash));
    base_free(hashes);
    return hash;
}

// other[i] is the node of the other kernel that node i has to be equal to, or CG_ABSENT.
static bool pair(cg_expr *other, cg_expr x, cg_expr y) {
    if (x == CG_ABSENT || y == CG_ABSENT) return x == y;
    if (other[x] == CG_ABSENT) other[x] = y;
    return other[x] == y;
}

static bool pair_nodes(const cg_kernel *a, const cg_kernel *b, cg_expr *other) {
    for (uint32_t i = a->nodes.n; i-- > 0;) {
        if (other[i] == CG_ABSENT) continue;
        const cg_node *x = &a->nodes.at[i], *y = &b->nodes.at[other[i]];
        if (x->kind != y->kind || x->primitive != y->primitive || x->dtype != y->dtype || x->id != y->id ||
            x->n_args != y->n_args || memcmp(&x->value, &y->value, sizeof x->value))
            return false;
        for (uint32_t k = 0; k < x->n_args; k++)
            if (!pair(other, x->args[k], y->args[k])) return false;
    }
    return true;
}

static bool pair_blocks(const cg_kernel *a, const cg_kernel *b, const cg_block *x, const cg_block *y,
                        cg_expr *other) {
    if (x->n != y->n) return false;
    for (uint32_t i = 0; i < x->n; i++) {
        const cg_statement *s = x->at[i], *t = y->at[i];
        if (s->kind != t->kind || s->id != t->id || s->combiner != t->combiner || s->ids.n != t->ids.n ||
            s->values.n != t->values.n)
            return false;
        for (uint32_t v = 0; v < s->ids.n; v++)
            if (s->ids.at[v] != t->ids.at[v]) return false;
        for (uint32_t r = 1; r < cg_n_roots(s); r++)
            if (!pair(other, cg_root(a, s, r), cg_root(b, t, r))) return false;
        if (!pair_blocks(a, b, &s->body, &t->body, other)) return false;
    }
    return true;
}

static bool same_parts(const cg_kernel *a, const cg_kernel *b) {
    if (a->buffers.n != b->buffers.n || a->locals.n != b->locals.n || a->loops.n != b->loops.n ||
        a->grid.n != b->grid.n || a->streamed != b->streamed)
        return false;
    for (uint32_t i = 0; i < a->buffers.n; i++) {
        const cg_buffer *x = &a->buffers.at[i], *y = &b->buffers.at[i];
        if (x->dtype != y->dtype || x->count != y->count || x->access != y->access) return false;
    }
    for (uint32_t i = 0; i < a->locals.n; i++)
        if (a->locals.at[i].dtype != b->locals.at[i].dtype || a->locals.at[i].count != b->locals.at[i].count)
            return false;
    for (uint32_t i = 0; i < a->loops.n; i++) {
        const cg_loop *x = &a->loops.at[i], *y = &b->loops.at[i];
        if (x->extent != y->extent || x->lanes != y->lanes || x->parallel != y->parallel ||
            x->unrolled != y->unrolled)
            return false;
    }
    return !a->grid.n || !memcmp(a->grid.at, b->grid.at, sizeof *a->grid.at * a->grid.n);
}

bool cg_kernel_equal(const cg_kernel *a, const cg_kernel *b) {
    if (a == b) return true;
    if (!same_parts(a, b)) return false;
    cg_expr *other = base_malloc(sizeof *other * ((size_t)a->nodes.n + 1));
    for (uint32_t i = 0; i < a->nodes.n; i++) other[i] = CG_ABSENT;
    bool equal = true;
    for (uint32_t i = 0; equal && i < a->loops.n; i++)
        equal = pair(other, a->loops.at[i].limit, b->loops.at[i].limit);
    equal = equal && pair_blocks(a, b, &a->body, &b->body, other) &&
            pair_blocks(a, b, &a->finish, &b->finish, other) && pair_nodes(a, b, other);
    base_free(other);
    return equal;
}
