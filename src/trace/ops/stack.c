// Arrays put together and taken apart. In: several values, or one and where to cut it. Out: concatenations
// and slices.
//
// vstack, hstack, dstack and column_stack are rows: to how many axes operands are raised, and the axis that
// they are joined along.

#include "trace/ops/common.h"

// x with at least n axes: new ones stand where NumPy puts them.
static ir_val at_least(ir_builder *b, ir_val x, int64_t n) {
    int64_t rank = ir_type_of(b, x)->rank;
    if (rank < 1 && n > 0) x = tr_insert_axis(b, x, 0);
    if (rank < 2 && n > 1) x = tr_insert_axis(b, x, 0);
    if (rank < 3 && n > 2) x = tr_insert_axis(b, x, 2);
    return x;
}

static void build_at_least(tr_op *op, const void *options) {
    op->out[0] = at_least(op->b, tr_operand(op), *(const int64_t *)options);
}

cv_val cv_atleast_1d_at(cv_val x, cv_here here) {
    return tr_operation("cv_atleast_1d", here, build_at_least, &(int64_t){1}, &x, 1);
}

cv_val cv_atleast_2d_at(cv_val x, cv_here here) {
    return tr_operation("cv_atleast_2d", here, build_at_least, &(int64_t){2}, &x, 1);
}

cv_val cv_atleast_3d_at(cv_val x, cv_here here) {
    return tr_operation("cv_atleast_3d", here, build_at_least, &(int64_t){3}, &x, 1);
}

typedef struct joining {
    int64_t rank, axis;
    bool columns; // vectors are columns
} joining;

static void build_join(tr_op *op, const void *options) {
    const joining *o = options;
    if (!op->n_in) tr_wrong(op, "there must be at least one array");
    for (uint32_t i = 0; i < op->n_in; i++) {
        bool turn = o->columns && tr_type(op, i)->rank < 2;
        op->in[i] = at_least(op->b, op->in[i], o->rank);
        if (turn) op->in[i] = ir_transpose(op->b, op->in[i], IR_DIMS(1, 0));
    }
    int64_t axis = tr_type(op, 0)->rank > 1 ? o->axis : 0;
    for (uint32_t i = 1; i < op->n_in; i++) tr_check_alike(op, i, axis);
    tr_kind kind = tr_common_kind(op, 0, op->n_in);
    tr_cast(op, 0, op->n_in, kind.dtype);
    op->out[0] = ir_concatenate(op->b, op->in, op->n_in, axis);
    op->weak_out[0] = kind.weak;
}

#define JOIN(name, ...)                                                                            \
    cv_val cv_##name##_at(cv_vals list, cv_here here) {                                            \
        return tr_operation("cv_" #name, here, build_join, &(joining){__VA_ARGS__}, list.at,       \
                            tr_list_length(list));                                                 \
    }
//   name          axes  axis
JOIN(vstack,       2,    0, false)
JOIN(hstack,       1,    1, false)
JOIN(dstack,       3,    2, false)
JOIN(column_stack, 2,    1, true)

static void build_append(tr_op *op, const void *options) {
    const cv_axes_options *o = options;
    int64_t axis = 0;
    tr_check_list(op, o->axis, "axis");
    if (tr_given(o->axis)) axis = tr_one_axis(op, 0, o->axis);
    else for (uint32_t i = 0; i < 2; i++) op->in[i] = tr_flatten(op->b, op->in[i]);
    tr_check_alike(op, 1, axis);
    tr_kind kind = tr_common_kind(op, 0, 2);
    tr_cast(op, 0, 2, kind.dtype);
    op->out[0] = ir_concatenate(op->b, op->in, 2, axis);
    op->weak_out[0] = kind.weak;
}

cv_val cv_append_at(cv_val x, cv_val values, cv_axes_options options, cv_here here) {
    return tr_operation("cv_append", here, build_append, &options, (cv_val[]){x, values}, 2);
}

// Where to put or to take out along an axis, checked: at most `most` from the front.
static int64_t place(const tr_op *op, int64_t index, int64_t axis, int64_t size, int64_t most) {
    char text[IR_TYPE_TEXT];
    if (index < -size || index > most)
        tr_wrong(op, "index %lld is out of range for axis %lld of %s", (long long)index, (long long)axis,
                 tr_text(op, 0, text));
    return index < 0 ? index + size : index;
}

typedef struct placing {
    int64_t index;
    cv_axes_options options;
} placing;

static void build_delete(tr_op *op, const void *options) {
    const placing *o = options;
    int64_t axis;
    ir_val x = tr_along(op, o->options.axis, &axis);
    int64_t size = ir_type_of(op->b, x)->dims[axis], at = place(op, o->index, axis, size, size - 1);
    ir_val parts[] = {tr_slice_axis(op->b, x, axis, 0, at),
                      tr_slice_axis(op->b, x, axis, at + 1, size - at - 1)};
    op->out[0] = ir_concatenate(op->b, parts, 2, axis);
}

cv_val cv_delete_at(cv_val x, int64_t index, cv_axes_options options, cv_here here) {
    return tr_operation("cv_delete", here, build_delete, &(placing){index, options}, &x, 1);
}

// The values are broadcast to one element along the axis, or have as many as they bring.
static void build_insert(tr_op *op, const void *options) {
    const placing *o = options;
    ir_builder *b = op->b;
    int64_t axis, shape[IR_MAX_RANK];
    ir_val x = tr_along(op, o->options.axis, &axis);
    const ir_type *type = ir_type_of(b, x);
    int64_t size = type->dims[axis], at = place(op, o->index, axis, size, size);
    ir_val values = tr_weaker_as(op, 1, type->dtype);
    const ir_type *given = ir_type_of(b, values);
    for (int64_t i = 0; i < type->rank; i++) shape[i] = type->dims[i];
    shape[axis] = given->rank == type->rank ? given->dims[axis] : 1;
    values = tr_fill_shape(op, 1, values, (ir_dims){type->rank, shape});
    ir_val parts[] = {tr_slice_axis(b, x, axis, 0, at), values, tr_slice_axis(b, x, axis, at, size - at)};
    op->out[0] = ir_concatenate(b, parts, 3, axis);
}

cv_val cv_insert_at(cv_val x, int64_t index, cv_val values, cv_axes_options options, cv_here here) {
    return tr_operation("cv_insert", here, build_insert, &(placing){index, options}, (cv_val[]){x, values},
                        2);
}

// Several results

static void build_broadcast_arrays(tr_op *op, const void *options) {
    (void)options;
    for (uint32_t i = 0; i < op->n_in; i++) {
        tr_kind kind = tr_kind_of(op, i);
        op->in[i] = tr_as(op, i, kind.dtype);
        op->weak_out[i] = kind.weak;
    }
    tr_broadcast(op, 0, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) op->out[i] = op->in[i];
}

cv_status cv_broadcast_arrays_at(cv_vals list, cv_val *out, cv_here here) {
    uint32_t n = tr_list_length(list);
    return tr_operation_n("cv_broadcast_arrays", here, build_broadcast_arrays, NULL, list.at, n, out, n);
}

typedef struct cutting {
    cv_ints points; // where parts begin, but the first
    int64_t n, axis;
    int64_t axes_needed; // hsplit and its like: how many, and
    bool flat;           // whether a vector is cut along its only axis
} cutting;

static int64_t cut_axis(const tr_op *op, const cutting *o) {
    char text[IR_TYPE_TEXT];
    int64_t rank = tr_type(op, 0)->rank;
    if (rank < o->axes_needed)
        tr_wrong(op, "%s needs at least %lld %s", tr_text(op, 0, text), (long long)o->axes_needed,
                 o->axes_needed == 1 ? "axis" : "axes");
    return tr_axis(op, 0, o->flat && rank == 1 ? 0 : o->axis, 0);
}

// Parts that differ by one at most, the larger ones first.
static void build_array_split(tr_op *op, const void *options) {
    const cutting *o = options;
    ir_val x = tr_operand(op);
    int64_t axis = cut_axis(op, o), size = ir_type_of(op->b, x)->dims[axis], at = 0;
    char text[IR_TYPE_TEXT];
    if (o->n < 1) tr_wrong(op, "%lld parts: there must be at least one", (long long)o->n);
    if (o->axes_needed && size % o->n)
        tr_wrong(op, "axis %lld of %s cannot be split into %lld equal parts", (long long)axis,
                 tr_text(op, 0, text), (long long)o->n);
    for (int64_t i = 0; i < o->n; i++) {
        int64_t part = size / o->n + (i < size % o->n);
        op->out[i] = tr_slice_axis(op->b, x, axis, at, part);
        at += part;
    }
}

static cv_status split(const char *name, cv_here here, cutting o, cv_val x, cv_val *out) {
    return tr_operation_n(name, here, build_array_split, &o, &x, 1, out, o.n > 0 ? (uint32_t)o.n : 0);
}

cv_status cv_array_split_at(cv_val x, int n, cv_val *out, cv_axis_options options, cv_here here) {
    return split("cv_array_split", here, (cutting){.n = n, .axis = options.axis}, x, out);
}

cv_status cv_vsplit_at(cv_val x, int n, cv_val *out, cv_here here) {
    return split("cv_vsplit", here, (cutting){.n = n, .axes_needed = 2}, x, out);
}

cv_status cv_hsplit_at(cv_val x, int n, cv_val *out, cv_here here) {
    return split("cv_hsplit", here, (cutting){.n = n, .axis = 1, .axes_needed = 1, .flat = true}, x, out);
}

cv_status cv_dsplit_at(cv_val x, int n, cv_val *out, cv_here here) {
    return split("cv_dsplit", here, (cutting){.n = n, .axis = 2, .axes_needed = 3}, x, out);
}

// Points beyond the ends are moved to them, and a part that would end before it begins is empty, as in NumPy.
static void build_split_points(tr_op *op, const void *options) {
    const cutting *o = options;
    ir_val x = tr_operand(op);
    tr_check_list(op, o->points, "the list of points");
    int64_t axis = cut_axis(op, o), size = ir_type_of(op->b, x)->dims[axis], from = 0;
    for (int64_t i = 0; i <= o->points.n; i++) {
        int64_t to = i < o->points.n ? o->points.at[i] : size;
        if (to < 0) to = to < -size ? 0 : to + size;
        if (to > size) to = size;
        op->out[i] = tr_slice_axis(op->b, x, axis, from, to > from ? to - from : 0);
        from = to;
    }
}

cv_status cv_split_points_at(cv_val x, cv_ints points, cv_val *out, cv_axis_options options, cv_here here) {
    cutting o = {.points = points, .axis = options.axis};
    return tr_operation_n("cv_split_points", here, build_split_points, &o, &x, 1, out,
                          points.n > 0 && points.at ? (uint32_t)points.n + 1 : 1);
}

static void build_unstack(tr_op *op, const void *options) {
    const cutting *o = options;
    ir_val x = tr_operand(op);
    int64_t axis = cut_axis(op, o), size = ir_type_of(op->b, x)->dims[axis];
    char text[IR_TYPE_TEXT];
    if (size != o->n)
        tr_wrong(op, "axis %lld of %s has %lld elements, not %lld", (long long)axis, tr_text(op, 0, text),
                 (long long)size, (long long)o->n);
    for (int64_t i = 0; i < size; i++)
        op->out[i] = tr_remove_axis(op->b, tr_slice_axis(op->b, x, axis, i, 1), axis);
}

cv_status cv_unstack_at(cv_val x, int n, cv_val *out, cv_axis_options options, cv_here here) {
    return tr_operation_n("cv_unstack", here, build_unstack, &(cutting){.n = n, .axis = options.axis}, &x, 1,
                          out, n > 0 ? (uint32_t)n : 0);
}
