// What the files that build expressions share: interning, and ranges of integers.
//
// A range is what an integer or bool expression lies in, as a number without wrapping. Every dtype but
// u64 has one; where nothing is known it is that of the dtype.
#ifndef CODEGEN_KERNEL_NODES_H
#define CODEGEN_KERNEL_NODES_H

#include "codegen/kernel.h"

typedef struct cg_range {
    int64_t low, high;
} cg_range;

// What a node without a value holds, in all its bytes: they are hashed and compared.
#define CG_NO_VALUE {.c128 = {0, 0}}

// kernel.c: the node with these fields, which an earlier one may be. The masks are found here.
cg_expr cg_intern(cg_kernel *k, const cg_node *node);
cg_expr cg_intern_apply(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args, uint32_t n,
                        cg_range range);

// fold.c
bool cg_has_range(cv_dtype dtype);
cg_range cg_dtype_range(cv_dtype dtype);
// The expression that an application is equal to, or CG_ABSENT.
cg_expr cg_fold(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args, uint32_t n);
cg_range cg_apply_range(const cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args);
static inline cg_range cg_range_of(const cg_kernel *k, cg_expr e) {
    return (cg_range){k->nodes.at[e].low, k->nodes.at[e].high};
}

// index.c: sums and products of s64, and what the difference of two of them lies in: false if one of
// them or the difference may wrap.
cg_expr cg_combine(cg_kernel *k, cg_expr x, int64_t x_factor, cg_expr y, int64_t y_factor);
bool cg_difference_range(const cg_kernel *k, cg_expr x, cg_expr y, cg_range *range);

// The expressions that a statement evaluates itself, without its body; CG_ABSENT for one that it lacks.
static inline uint32_t cg_n_roots(const cg_statement *s) { return s->values.n + 3; }
static inline cg_expr cg_root(const cg_kernel *k, const cg_statement *s, uint32_t i) {
    switch (i) {
    case 0: return s->kind == CG_FOR ? k->loops.at[s->id].limit : CG_ABSENT;
    case 1: return s->offset;
    case 2: return s->value;
    default: return s->values.at[i - 3];
    }
}

// kernel_effects.c: what running a block does with locals (masks), from its start to its end.
typedef struct cg_effects {
    uint64_t written;       // set, put, reduced or better
    uint64_t read_first;    // read before the block has set them
    uint64_t carried;       // set from what the block before read of them: a scan, if it is a loop's body
    uint64_t reduced;       // combined with what they were before the block
    uint64_t set;           // by a statement that always runs, before they are read
    uint64_t buffers;       // written (id modulo 64)
    bool puts;              // stores to a buffer or a local array
} cg_effects;
cg_effects cg_block_effects(const cg_kernel *k, const cg_block *block);
cg_effects cg_statement_effects(const cg_kernel *k, const cg_statement *s);

#endif
