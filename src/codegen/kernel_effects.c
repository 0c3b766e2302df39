// In: statements. Out: which locals and buffers running them reads and changes, as masks.
//
// A block is summed up front to back: what is set before anything has read it does not come from
// before the block. The body of a loop that sets a local which it read first carries it from one
// iteration to the next. A conditional statement sets nothing for certain.

#include "codegen/kernel_nodes.h"

static uint64_t bit(uint32_t id) { return UINT64_C(1) << id % 64; }

cg_effects cg_statement_effects(const cg_kernel *k, const cg_statement *s) {
    cg_effects e = {0};
    uint64_t own = 0;
    for (uint32_t i = 0; i < cg_n_roots(s); i++) {
        cg_expr root = cg_root(k, s, i);
        if (root != CG_ABSENT) e.read_first |= cg_node_of(k, root)->locals;
    }
    for (uint32_t i = 0; i < s->ids.n; i++) own |= bit(s->ids.at[i]);
    switch (s->kind) {
    case CG_STORE:
        e.buffers = bit(s->id);
        e.puts = true;
        break;
    case CG_PUT:
        e.written = bit(s->id);
        e.puts = true;
        break;
    case CG_SET:
        e.written = own;
        e.set = own & ~e.read_first;
        e.carried = own & e.read_first;
        break;
    case CG_REDUCE: e.written = e.reduced = bit(s->id); break;
    case CG_ARG: e.written = e.reduced = own; break;
    case CG_FOR:
    case CG_WHILE:
    case CG_IF: {
        cg_effects body = cg_block_effects(k, &s->body);
        body.read_first |= e.read_first;
        body.set = 0;
        e = body;
    }
    }
    return e;
}

cg_effects cg_block_effects(const cg_kernel *k, const cg_block *block) {
    cg_effects sum = {0};
    for (uint32_t i = 0; i < block->n; i++) {
        cg_effects e = cg_statement_effects(k, block->at[i]);
        sum.read_first |= e.read_first & ~sum.set;
        sum.reduced |= e.reduced & ~sum.set;
        sum.carried |= ((e.set | e.carried) & sum.read_first) | (e.carried & ~sum.set);
        sum.set |= e.set & ~sum.read_first;
        sum.written |= e.written;
        sum.buffers |= e.buffers;
        sum.puts |= e.puts;
    }
    return sum;
}
