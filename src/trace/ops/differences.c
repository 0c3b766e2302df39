// Differences and sums along an axis, and interpolation between points. In: samples. Out: slices of them,
// subtracted, weighted and summed.

#include "covector/array.h"
#include "trace/ops/common.h"

static ir_val number(ir_builder *b, ir_val x, double value) { return ir_full_like(b, x, value); }

static int64_t last_axis(const tr_op *op, cv_ints axis) {
    static const int64_t last[] = {-1};
    return tr_one_axis(op, 0, axis.at || axis.n ? axis : (cv_ints){1, last});
}

// x[i + 1] - x[i]; of bool: whether they differ.
static ir_val differences(ir_builder *b, ir_val x, int64_t axis) {
    int64_t size = ir_type_of(b, x)->dims[axis], n = size ? size - 1 : 0;
    ir_val later = tr_slice_axis(b, x, axis, size - n, n), earlier = tr_slice_axis(b, x, axis, 0, n);
    return ir_type_of(b, x)->dtype == CV_BOOL ? ir_ne(b, later, earlier) : ir_sub(b, later, earlier);
}

static void build_diff(tr_op *op, const void *options) {
    const cv_diff_options *o = options;
    if (o->n < 0) tr_wrong(op, ".n = %lld is negative", (long long)o->n);
    int64_t axis = last_axis(op, o->axis);
    ir_val x = tr_operand(op);
    for (int64_t i = o->n ? o->n : 1; i && ir_type_of(op->b, x)->dims[axis]; i--)
        x = differences(op->b, x, axis);
    op->out[0] = x;
}

cv_val cv_diff_at(cv_val x, cv_diff_options options, cv_here here) {
    return tr_operation("cv_diff", here, build_diff, &options, &x, 1);
}

static void build_ediff1d(tr_op *op, const void *options) {
    (void)options;
    op->out[0] = differences(op->b, tr_flatten(op->b, tr_operand(op)), 0);
}

cv_val cv_ediff1d_at(cv_val x, cv_here here) {
    return tr_operation("cv_ediff1d", here, build_ediff1d, NULL, &x, 1);
}

// Central differences inside, one-sided ones at the ends.
static ir_val slope(ir_builder *b, ir_val x, int64_t axis, double spacing) {
    int64_t size = ir_type_of(b, x)->dims[axis];
    ir_val one = differences(b, x, axis);
    ir_val wide = ir_sub(b, tr_slice_axis(b, x, axis, 2, size - 2), tr_slice_axis(b, x, axis, 0, size - 2));
    ir_val ends = ir_concatenate(
        b, (ir_val[]){tr_slice_axis(b, one, axis, 0, 1), tr_slice_axis(b, one, axis, size - 2, 1)}, 2, axis);
    ends = ir_div(b, ends, number(b, ends, spacing));
    wide = ir_div(b, wide, number(b, wide, 2 * spacing));
    ir_val parts[] = {tr_slice_axis(b, ends, axis, 0, 1), wide, tr_slice_axis(b, ends, axis, 1, 1)};
    return ir_concatenate(b, parts, 3, axis);
}

static void build_gradient(tr_op *op, const void *options) {
    const cv_gradient_options *o = options;
    char text[IR_TYPE_TEXT];
    tr_check_list(op, o->axis, "axis");
    int64_t n = tr_given(o->axis) ? o->axis.n : tr_type(op, 0)->rank;
    base_check(n == op->n_out);
    tr_kind kind = tr_inexact(op, tr_kind_of(op, 0));
    ir_val x = tr_as(op, 0, kind.dtype);
    for (int64_t i = 0; i < n; i++) {
        int64_t axis = tr_given(o->axis) ? tr_axis(op, 0, o->axis.at[i], 0) : i;
        if (ir_type_of(op->b, x)->dims[axis] < 2)
            tr_wrong(op, "axis %lld of %s needs at least two elements", (long long)axis,
                     tr_text(op, 0, text));
        op->out[i] = slope(op->b, x, axis, o->spacing != 0 ? o->spacing : 1);
        op->weak_out[i] = kind.weak;
    }
}

cv_status cv_gradient_at(cv_val x, cv_val *out, cv_gradient_options options, cv_here here) {
    int64_t n = tr_given(options.axis) ? options.axis.n : cv_rank(x);
    return tr_operation_n("cv_gradient", here, build_gradient, &options, &x, 1, out, n > 0 ? (uint32_t)n : 0);
}

// The sum of (y[i] + y[i + 1]) / 2 times the steps, which are a number or differences of x.
static void build_trapezoid(tr_op *op, const void *options) {
    const cv_last_axis_options *o = options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    int64_t axis = last_axis(op, o->axis), size = tr_type(op, 0)->dims[axis], n = size ? size - 1 : 0;
    tr_kind kind = tr_inexact(op, tr_common_kind(op, 0, 2));
    tr_cast(op, 0, 2, kind.dtype);
    ir_val y = op->in[0], x = op->in[1];
    ir_dims shape = ir_shape(ir_type_of(b, y));
    if (ir_type_of(b, x)->rank == 1 && ir_type_of(b, x)->count == size) {
        x = ir_broadcast_in_dim(b, x, shape, (ir_dims){1, &axis});
    } else if (ir_type_of(b, x)->rank && !ir_dims_equal(ir_shape(ir_type_of(b, x)), shape)) {
        tr_wrong(op, "%s over %s: the points need its shape, or its size along the axis",
                 tr_text(op, 0, text), tr_text(op, 1, other));
    }
    ir_val pairs = ir_add(b, tr_slice_axis(b, y, axis, size - n, n), tr_slice_axis(b, y, axis, 0, n));
    ir_val steps = ir_type_of(b, x)->rank ? differences(b, x, axis)
                                          : tr_broadcast_to(b, x, ir_shape(ir_type_of(b, pairs)));
    ir_val sum = ir_reduce_sum(b, ir_mul(b, steps, pairs), (ir_dims){1, &axis});
    op->out[0] = ir_mul(b, sum, number(b, sum, 0.5));
    op->weak_out[0] = kind.weak;
}

cv_val cv_trapezoid_at(cv_val y, cv_val x, cv_last_axis_options options, cv_here here) {
    return tr_operation("cv_trapezoid", here, build_trapezoid, &options, (cv_val[]){y, x}, 2);
}

// Between the points around x; beyond the ends, the values there.
static void build_interp(tr_op *op, const void *options) {
    (void)options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    tr_check_sorted(op, 1);
    int64_t n = tr_type(op, 1)->count;
    if (!ir_dims_equal(ir_shape(tr_type(op, 1)), ir_shape(tr_type(op, 2))) || !n)
        tr_wrong(op, "points %s and values %s: there must be as many, and one at least", tr_text(op, 1, text),
                 tr_text(op, 2, other));
    tr_kind kind = tr_inexact(op, tr_common_kind(op, 0, 3));
    tr_cast(op, 0, 3, kind.dtype);
    ir_val x = op->in[0], points = op->in[1], values = op->in[2];
    ir_dims shape = ir_shape(ir_type_of(b, x));
    ir_val low = tr_slice_axis(b, points, 0, 0, 1), high = tr_slice_axis(b, points, 0, n - 1, 1);
    ir_val first = tr_slice_axis(b, values, 0, 0, 1), last = tr_slice_axis(b, values, 0, n - 1, 1),
           *ends[] = {&low, &high, &first, &last};
    for (int i = 0; i < 4; i++) *ends[i] = tr_broadcast_to(b, tr_remove_axis(b, *ends[i], 0), shape);
    op->out[0] = first;
    if (n == 1) return;
    ir_val right = tr_search(b, points, x, true);
    right = ir_clamp(b, number(b, right, 1), right, number(b, right, (double)(n - 1)));
    ir_val left = ir_sub(b, right, number(b, right, 1));
    ir_val from = tr_elements(b, points, left), step = ir_sub(b, tr_elements(b, points, right), from);
    ir_val start = tr_elements(b, values, left), rise = ir_sub(b, tr_elements(b, values, right), start);
    ir_val none = ir_eq(b, step, number(b, step, 0));
    ir_val part = ir_div(b, ir_sub(b, x, from), ir_select(b, none, number(b, step, 1), step));
    ir_val inside = ir_select(b, none, start, ir_add(b, start, ir_mul(b, part, rise)));
    inside = ir_select(b, ir_lt(b, x, low), first, inside);
    op->out[0] = ir_select(b, ir_gt(b, x, high), last, inside);
}

cv_val cv_interp_at(cv_val x, cv_val points, cv_val values, cv_here here) {
    return tr_operation("cv_interp", here, build_interp, NULL, (cv_val[]){x, points, values}, 3);
}
