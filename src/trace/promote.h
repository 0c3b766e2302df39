// Operands made to fit each other: dtype promotion, C scalars, broadcasting.
#ifndef TRACE_PROMOTE_H
#define TRACE_PROMOTE_H

#include "trace/operation.h"

// A dtype and whether it is weak: it came from C scalars only and gives way to the dtype of an array.
typedef struct tr_kind {
    cv_dtype dtype;
    bool weak;
} tr_kind;

// The least dtype that holds both, in JAX's lattice. Weak results have the default dtype of their class.
tr_kind tr_join(tr_kind a, tr_kind b, cv_dtype default_float);
// The same kind if it is floating or complex, else the default float; weak stays weak.
tr_kind tr_inexact(const tr_op *op, tr_kind kind);
// The kind of operand i (of a C scalar: the default dtype of its class), and the join of several.
tr_kind tr_kind_of(const tr_op *op, uint32_t i);
tr_kind tr_common_kind(const tr_op *op, uint32_t first, uint32_t n);

// Operand i with another dtype. A C scalar becomes a constant of that dtype at once, so that 0.1
// with f32 is 0.1f and with f64 is 0.1. tr_cast does it in place, for n operands.
ir_val tr_as(const tr_op *op, uint32_t i, cv_dtype dtype);
void tr_cast(tr_op *op, uint32_t first, uint32_t n, cv_dtype dtype);
// True if operand i is a C scalar; its value goes to *number (exact for integers: *integer).
bool tr_is_literal(const tr_op *op, uint32_t i, double *number, int64_t *integer);

// NumPy broadcasting of operands first .. first + n - 1, in place: ranks are padded on the left, axes
// of size 1 are stretched. Returns their common type's shape, kept in the arena of the builder.
ir_dims tr_broadcast(tr_op *op, uint32_t first, uint32_t n);
// One value to a shape that it is known to fit.
ir_val tr_broadcast_to(ir_builder *b, ir_val x, ir_dims shape);

#endif
