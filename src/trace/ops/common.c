// What the public operations share. In: lists as users write them (negative axes, absent lists).
// Out: checked lists of the program, or the failure in the user's words.

#include "trace/ops/common.h"

#include <stdio.h>
#include <string.h>

const char *tr_text(const tr_op *op, uint32_t i, char buffer[IR_TYPE_TEXT]) {
    const ir_type *type = tr_type(op, i);
    if (op->weak[i] && !type->rank) {
        snprintf(buffer, IR_TYPE_TEXT, "%s[]", cv_dtype_name(tr_kind_of(op, i).dtype));
        return buffer;
    }
    return ir_type_text(type, buffer);
}

const char *tr_dims_text(cv_ints dims, char buffer[IR_TYPE_TEXT]) {
    size_t n = (size_t)snprintf(buffer, IR_TYPE_TEXT, "[");
    for (int64_t i = 0; i < dims.n && n < IR_TYPE_TEXT - 32; i++)
        n += (size_t)snprintf(buffer + n, IR_TYPE_TEXT - n, "%s%lld", i ? "," : "", (long long)dims.at[i]);
    snprintf(buffer + n, IR_TYPE_TEXT - n, n < IR_TYPE_TEXT - 32 ? "]" : "...]");
    return buffer;
}

int64_t tr_axis(const tr_op *op, uint32_t i, int64_t axis, int64_t extra) {
    int64_t rank = (int64_t)tr_type(op, i)->rank, n = rank + extra;
    if (axis >= -n && axis < n) return axis < 0 ? axis + n : axis;
    char text[IR_TYPE_TEXT];
    tr_text(op, i, text);
    if (n == 0) tr_wrong(op, "axis %lld is out of range: %s is a scalar", (long long)axis, text);
    tr_wrong(op, "axis %lld is out of range for %s, which has %lld %s", (long long)axis, text,
             (long long)rank, rank == 1 ? "axis" : "axes");
}

void tr_check_list(const tr_op *op, cv_ints list, const char *name) {
    if (list.n < 0 || (list.n && !list.at))
        tr_wrong(op, "%s is a list: write CV_INTS(%lld)", name, (long long)list.n);
}

ir_dims tr_axes(const tr_op *op, uint32_t i, cv_ints axes, int64_t room[IR_MAX_RANK]) {
    tr_check_list(op, axes, "axis");
    bool seen[IR_MAX_RANK] = {0};
    int64_t rank = (int64_t)tr_type(op, i)->rank, n = 0;
    char text[IR_TYPE_TEXT];
    for (int64_t k = 0; k < axes.n; k++) {
        int64_t axis = tr_axis(op, i, axes.at[k], 0);
        if (seen[axis])
            tr_wrong(op, "axis %lld of %s is given twice", (long long)axis, tr_text(op, i, text));
        seen[axis] = true;
    }
    for (int64_t axis = 0; axis < rank; axis++)
        if (seen[axis] || !tr_given(axes)) room[n++] = axis;
    return (ir_dims){n, room};
}

int64_t tr_one_axis(const tr_op *op, uint32_t i, cv_ints axis) {
    tr_check_list(op, axis, "axis");
    if (axis.n != 1) tr_wrong(op, "takes one axis, not %lld", (long long)axis.n);
    return tr_axis(op, i, axis.at[0], 0);
}

ir_dims tr_shape(const tr_op *op, cv_ints shape) {
    char text[IR_TYPE_TEXT];
    if (shape.n && !shape.at)
        tr_wrong(op, "the shape is a list: write CV_INTS(%lld)", (long long)shape.n);
    if (shape.n < 0 || shape.n > IR_MAX_RANK)
        tr_wrong(op, "a shape has 0 to %d axes, not %lld", IR_MAX_RANK, (long long)shape.n);
    int64_t count = 1;
    bool empty = false;
    for (int64_t i = 0; i < shape.n; i++) {
        if (shape.at[i] < 0)
            tr_wrong(op, "shape %s: size %lld of axis %lld is negative", tr_dims_text(shape, text),
                     (long long)shape.at[i], (long long)i);
        empty |= !shape.at[i];
        if (shape.at[i] && __builtin_mul_overflow(count, shape.at[i], &count)) count = INT64_MAX;
    }
    if (!empty && count > INT64_MAX / 32)
        tr_wrong(op, "shape %s has too many elements", tr_dims_text(shape, text));
    return (ir_dims){shape.n, shape.at};
}

cv_dtype tr_dtype(const tr_op *op, cv_dtype dtype) {
    if (dtype == CV_DTYPE_DEFAULT) return op->default_float;
    if (dtype < 0 || dtype >= CV_TAPE) tr_wrong(op, "%d is not a dtype of arrays", (int)dtype);
    return dtype;
}

ir_val tr_fill_shape(const tr_op *op, uint32_t i, ir_val x, ir_dims shape) {
    const ir_type *type = ir_type_of(op->b, x);
    char from[IR_TYPE_TEXT], to[IR_TYPE_TEXT];
    bool fits = type->rank <= shape.n;
    for (int64_t k = 0; fits && k < type->rank; k++)
        fits = type->dims[k] == 1 || type->dims[k] == shape.at[shape.n - type->rank + k];
    if (!fits)
        tr_wrong(op, "%s cannot be broadcast to %s", tr_text(op, i, from),
                 tr_dims_text((cv_ints){shape.n, shape.at}, to));
    return tr_broadcast_to(op->b, x, shape);
}

ir_val tr_weaker_as(const tr_op *op, uint32_t i, cv_dtype dtype) {
    tr_kind kind = tr_kind_of(op, i);
    if (tr_join(kind, (tr_kind){dtype, false}, op->default_float).dtype != dtype)
        tr_wrong(op, "%s does not go into an array of %s; cv_astype converts", cv_dtype_name(kind.dtype),
                 cv_dtype_name(dtype));
    return tr_as(op, i, dtype);
}

ir_val tr_truth(ir_builder *b, ir_val x) {
    return ir_type_of(b, x)->dtype == CV_BOOL ? x : ir_ne(b, x, ir_full_like(b, x, 0));
}

ir_val tr_scalar_constant(ir_builder *b, cv_dtype dtype, int64_t value) {
    return ir_full_int(b, ir_type_scalar(b->module, dtype), value);
}

ir_val tr_insert_axis(ir_builder *b, ir_val x, int64_t axis) {
    const ir_type *type = ir_type_of(b, x);
    if (type->rank >= IR_MAX_RANK) ir_fail(b, CV_INVALID, "an array has at most %d axes", IR_MAX_RANK);
    return ir_reshape(b, x, ir_shape(ir_type_insert_axis(b->module, type, axis, 1)));
}

ir_val tr_remove_axis(ir_builder *b, ir_val x, int64_t axis) {
    return ir_reshape(b, x, ir_shape(ir_type_remove_axis(b->module, ir_type_of(b, x), axis)));
}

ir_val tr_flatten(ir_builder *b, ir_val x) {
    return ir_reshape(b, x, IR_DIMS(ir_type_of(b, x)->count));
}

ir_val tr_slice_axis(ir_builder *b, ir_val x, int64_t axis, int64_t start, int64_t size) {
    const ir_type *type = ir_type_of(b, x);
    int64_t from[IR_MAX_RANK], to[IR_MAX_RANK], step[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) {
        from[i] = i == axis ? start : 0;
        to[i] = i == axis ? start + size : type->dims[i];
        step[i] = 1;
    }
    int64_t n = type->rank;
    return ir_slice(b, x, (ir_dims){n, from}, (ir_dims){n, to}, (ir_dims){n, step});
}

// Rows of a matrix end to end: its diagonal is every (columns + 1)th element.
ir_val tr_diagonal(ir_builder *b, ir_val x, int64_t row, int64_t column, int64_t offset) {
    const ir_type *type = ir_type_of(b, x);
    int64_t rows = type->dims[row], columns = type->dims[column], rank = type->rank, n = 0;
    int64_t permutation[IR_MAX_RANK], shape[IR_MAX_RANK], start[IR_MAX_RANK] = {0}, step[IR_MAX_RANK];
    for (int64_t i = 0; i < rank; i++) {
        step[i] = 1;
        if (i == row || i == column) continue;
        shape[n] = type->dims[i];
        permutation[n++] = i;
    }
    permutation[n] = row;
    permutation[n + 1] = column;
    shape[n] = rows * columns;
    int64_t below = offset < 0 ? (offset < -rows ? rows : -offset) : 0, right = offset > 0 ? offset : 0;
    int64_t count = rows - below < columns - right ? rows - below : columns - right;
    int64_t limit[IR_MAX_RANK];
    memcpy(limit, shape, sizeof(int64_t) * (size_t)n);
    start[n] = count > 0 ? below * columns + right : 0;
    step[n] = columns + 1;
    limit[n] = count > 0 ? start[n] + (count - 1) * step[n] + 1 : 0;
    x = ir_reshape(b, ir_transpose(b, x, (ir_dims){rank, permutation}), (ir_dims){n + 1, shape});
    return ir_slice(b, x, (ir_dims){n + 1, start}, (ir_dims){n + 1, limit}, (ir_dims){n + 1, step});
}

ir_val tr_merge_axes(ir_builder *b, ir_val x, int64_t axis) {
    const ir_type *type = ir_type_of(b, x);
    int64_t shape[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < type->rank; i++)
        if (i == axis + 1) shape[n - 1] *= type->dims[i];
        else shape[n++] = type->dims[i];
    return ir_reshape(b, x, (ir_dims){n, shape});
}

ir_val tr_repeat_axis(const tr_op *op, ir_val x, int64_t axis, int64_t size) {
    const ir_type *type = ir_type_of(op->b, x);
    if (type->rank == IR_MAX_RANK) tr_wrong(op, "at most %d axes can be handled", IR_MAX_RANK - 1);
    int64_t dims[IR_MAX_RANK], shape[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) {
        dims[i] = i + (i >= axis);
        shape[dims[i]] = type->dims[i];
    }
    shape[axis] = size;
    ir_dims checked = tr_shape(op, (cv_ints){(int64_t)type->rank + 1, shape});
    return ir_broadcast_in_dim(op->b, x, checked, (ir_dims){type->rank, dims});
}

cv_dtype tr_summing_dtype(cv_dtype dtype) {
    if (dtype == CV_BOOL || dtype == CV_S8 || dtype == CV_S16) return CV_S32;
    if (dtype == CV_U8 || dtype == CV_U16) return CV_U32;
    return dtype == CV_F16 || dtype == CV_BF16 ? CV_F32 : dtype;
}

ir_val tr_operand(tr_op *op) {
    tr_kind kind = tr_kind_of(op, 0);
    tr_cast(op, 0, 1, kind.dtype);
    for (uint32_t i = 0; i < op->n_out; i++) op->weak_out[i] = kind.weak;
    return op->in[0];
}

ir_val tr_along(tr_op *op, cv_ints axis, int64_t *at) {
    ir_val x = tr_operand(op);
    tr_check_list(op, axis, "axis");
    *at = tr_given(axis) ? tr_one_axis(op, 0, axis) : 0;
    return tr_given(axis) ? x : tr_flatten(op->b, x);
}

void tr_check_alike(const tr_op *op, uint32_t i, int64_t axis) {
    const ir_type *x = tr_type(op, 0), *y = tr_type(op, i);
    char first[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    tr_text(op, 0, first);
    tr_text(op, i, other);
    if (x->rank != y->rank)
        tr_wrong(op, "%s and %s differ in the number of axes", first, other);
    for (int64_t k = 0; k < x->rank; k++)
        if (k != axis && x->dims[k] != y->dims[k])
            tr_wrong(op, "%s and %s: sizes %lld and %lld of axis %lld differ", first, other,
                     (long long)x->dims[k], (long long)y->dims[k], (long long)k);
}
