// What the public operations share: axes, shapes and indices as users write them, texts for messages.
#ifndef TRACE_OPS_COMMON_H
#define TRACE_OPS_COMMON_H

#include "covector/ops.h"
#include "trace/operation.h"
#include "trace/promote.h"

// A user's mistake: raises with the place and the operation in front.
#define tr_wrong(op, ...) ir_fail((op)->b, CV_INVALID, __VA_ARGS__)

// The type of operand i for messages: "f32[8,3]". Of a C scalar: with its default dtype.
const char *tr_text(const tr_op *op, uint32_t i, char buffer[IR_TYPE_TEXT]);
// "[8,3]".
const char *tr_dims_text(cv_ints dims, char buffer[IR_TYPE_TEXT]);
static inline const ir_type *tr_type(const tr_op *op, uint32_t i) { return ir_type_of(op->b, op->in[i]); }

// An axis of operand i counted from the front; negative ones count from the end. `extra` more axes
// than the operand has are allowed (for what puts an axis in).
int64_t tr_axis(const tr_op *op, uint32_t i, int64_t axis, int64_t extra);
// A list of axes of operand i, each once, sorted, in `room`. One that was not given is all axes.
ir_dims tr_axes(const tr_op *op, uint32_t i, cv_ints axes, int64_t room[IR_MAX_RANK]);
// The single axis of a list.
int64_t tr_one_axis(const tr_op *op, uint32_t i, cv_ints axis);
static inline bool tr_given(cv_ints list) { return list.at != NULL; }
// Raises for a list without numbers: what `.axis = 1` gives in C.
void tr_check_list(const tr_op *op, cv_ints list, const char *name);

// A shape that is to be made, checked.
ir_dims tr_shape(const tr_op *op, cv_ints shape);
// A dtype that was asked for, checked; CV_DTYPE_DEFAULT becomes the default float.
cv_dtype tr_dtype(const tr_op *op, cv_dtype dtype);

// x, which operand i has become, in a shape that it must be broadcastable to.
ir_val tr_fill_shape(const tr_op *op, uint32_t i, ir_val x, ir_dims shape);
// Operand i in the dtype of an array that it goes into: its own dtype must not be the wider one.
ir_val tr_weaker_as(const tr_op *op, uint32_t i, cv_dtype dtype);

// Shorthands of emission.
ir_val tr_truth(ir_builder *b, ir_val x); // x != 0
ir_val tr_scalar_constant(ir_builder *b, cv_dtype dtype, int64_t value);
// The value with axis `axis` of size 1 put in.
ir_val tr_insert_axis(ir_builder *b, ir_val x, int64_t axis);
ir_val tr_remove_axis(ir_builder *b, ir_val x, int64_t axis); // of size 1
ir_val tr_flatten(ir_builder *b, ir_val x);
// A slice of one axis: start .. start + size - 1.
ir_val tr_slice_axis(ir_builder *b, ir_val x, int64_t axis, int64_t start, int64_t size);
// The diagonal of two axes, as the last axis: elements [i, i + offset], or [i - offset, i] if it is negative.
ir_val tr_diagonal(ir_builder *b, ir_val x, int64_t row, int64_t column, int64_t offset);
// Axes `axis` and the next one made one; a new axis of this size at `axis`, all along which x is the same.
ir_val tr_merge_axes(ir_builder *b, ir_val x, int64_t axis);
ir_val tr_repeat_axis(const tr_op *op, ir_val x, int64_t axis, int64_t size);
// The mean and the like need floats, halves are summed in f32, and narrow integers in 32 bits.
cv_dtype tr_summing_dtype(cv_dtype dtype);

// Operand 0 with the dtype that its kind has; the results are as weak as it is. tr_along flattens it
// if no axis was given, and says where to work.
ir_val tr_operand(tr_op *op);
ir_val tr_along(tr_op *op, cv_ints axis, int64_t *at);
// Raises unless operand i agrees with operand 0 in all axes but `axis` (-1: in all).
void tr_check_alike(const tr_op *op, uint32_t i, int64_t axis);
static inline uint32_t tr_list_length(cv_vals list) {
    return list.n > 0 && list.at ? (uint32_t)list.n : 0;
}

// sort.c: x sorted along an axis; the place of each value in a sorted array of one axis; elements at
// places, which are moved inside.
ir_val tr_sorted(const tr_op *op, ir_val x, int64_t axis);
void tr_check_sorted(const tr_op *op, uint32_t i);
ir_val tr_search(ir_builder *b, ir_val sorted, ir_val value, bool right);
ir_val tr_elements(ir_builder *b, ir_val sorted, ir_val places);

// arrange.c: cv_pad with what is in operand 0. make.c: n numbers from operand 0 to operand 1, of this dtype.
void tr_build_pad_mode(tr_op *op, cv_pad_mode mode, cv_ints low, cv_ints high);
ir_val tr_spaced(tr_op *op, cv_dtype dtype, int64_t n, bool exclude_stop);

#endif
