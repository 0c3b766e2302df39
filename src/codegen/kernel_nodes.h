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
// them may wrap.
cg_expr cg_combine(cg_kernel *k, cg_expr x, int64_t x_factor, cg_expr y, int64_t y_factor);
bool cg_difference_range(const cg_kernel *k, cg_expr x, cg_expr y, cg_range *range);

#endif
