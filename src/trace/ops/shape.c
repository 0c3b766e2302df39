// Shapes. In: one value, or several of one kind. Out: the same elements elsewhere.
//
// Everything is index maps (reshape, transpose, broadcast, slice, pad, concatenate): no operation
// here computes, so that none costs anything once it is fused.

#include "trace/ops/common.h"

typedef struct shaping {
    cv_ints list, limit, third; // the shape, the axes, the bounds
    int64_t a, b;
} shaping;

static cv_val run(const char *name, cv_here here, tr_build *build, const shaping *s, cv_val x) {
    return tr_operation(name, here, build, s, &x, 1);
}

static void build_reshape(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    const ir_type *type = ir_type_of(op->b, x);
    int64_t shape[IR_MAX_RANK], known = 1, open = -1;
    char from[IR_TYPE_TEXT], to[IR_TYPE_TEXT];
    tr_check_list(op, s->list, "shape");
    for (int64_t i = 0; i < s->list.n && i < IR_MAX_RANK; i++) {
        shape[i] = s->list.at[i];
        if (shape[i] == -1 && open >= 0)
            tr_wrong(op, "shape %s: only one size can be -1", tr_dims_text(s->list, to));
        if (shape[i] == -1) open = i, shape[i] = 1;
        if (__builtin_mul_overflow(known, shape[i], &known)) known = INT64_MAX;
    }
    if (open >= 0) {
        if (known <= 0 || type->count % known)
            tr_wrong(op, "%s cannot be reshaped to %s: %lld elements are no multiple of %lld",
                     tr_text(op, 0, from), tr_dims_text(s->list, to), (long long)type->count,
                     (long long)known);
        shape[open] = type->count / known;
        known = type->count;
    }
    ir_dims dims = tr_shape(op, (cv_ints){s->list.n, shape});
    if (known != type->count)
        tr_wrong(op, "%s cannot be reshaped to %s: %lld elements are not %lld", tr_text(op, 0, from),
                 tr_dims_text(s->list, to), (long long)type->count, (long long)known);
    op->out[0] = ir_reshape(op->b, x, dims);
}

cv_val cv_reshape_at(cv_val x, cv_ints shape, cv_here here) {
    return run("cv_reshape", here, build_reshape, &(shaping){.list = shape}, x);
}

static void build_ravel(tr_op *op, const void *options) {
    (void)options;
    op->out[0] = tr_flatten(op->b, tr_operand(op));
}

cv_val cv_ravel_at(cv_val x, cv_here here) {
    return run("cv_ravel", here, build_ravel, NULL, x);
}

static void build_transpose(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    int64_t rank = ir_type_of(op->b, x)->rank, permutation[IR_MAX_RANK], sorted[IR_MAX_RANK];
    char text[IR_TYPE_TEXT];
    ir_dims axes = tr_axes(op, 0, s->list, sorted); // in range, each once
    if (axes.n != rank)
        tr_wrong(op, "%s has %lld axes, and .axes orders %lld", tr_text(op, 0, text), (long long)rank,
                 (long long)axes.n);
    for (int64_t i = 0; i < rank; i++)
        permutation[i] = tr_given(s->list) ? tr_axis(op, 0, s->list.at[i], 0) : rank - 1 - i;
    op->out[0] = ir_transpose(op->b, x, (ir_dims){rank, permutation});
}

cv_val cv_transpose_at(cv_val x, cv_transpose_options options, cv_here here) {
    return run("cv_transpose", here, build_transpose, &(shaping){.list = options.axes}, x);
}

static void build_swapaxes(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    int64_t rank = ir_type_of(op->b, x)->rank, permutation[IR_MAX_RANK];
    int64_t first = tr_axis(op, 0, s->a, 0), second = tr_axis(op, 0, s->b, 0);
    for (int64_t i = 0; i < rank; i++) permutation[i] = i == first ? second : i == second ? first : i;
    op->out[0] = ir_transpose(op->b, x, (ir_dims){rank, permutation});
}

cv_val cv_swapaxes_at(cv_val x, int64_t axis1, int64_t axis2, cv_here here) {
    return run("cv_swapaxes", here, build_swapaxes, &(shaping){.a = axis1, .b = axis2}, x);
}

static void build_moveaxis(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    int64_t from = tr_axis(op, 0, s->a, 0), to = tr_axis(op, 0, s->b, 0);
    op->out[0] = ir_move_axis(op->b, x, from, to);
}

cv_val cv_moveaxis_at(cv_val x, int64_t from, int64_t to, cv_here here) {
    return run("cv_moveaxis", here, build_moveaxis, &(shaping){.a = from, .b = to}, x);
}

static void build_expand_dims(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    op->out[0] = tr_insert_axis(op->b, x, tr_axis(op, 0, s->a, 1));
}

cv_val cv_expand_dims_at(cv_val x, int64_t axis, cv_here here) {
    return run("cv_expand_dims", here, build_expand_dims, &(shaping){.a = axis}, x);
}

static void build_squeeze(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    const ir_type *type = ir_type_of(op->b, x);
    int64_t room[IR_MAX_RANK], shape[IR_MAX_RANK], n = 0;
    char text[IR_TYPE_TEXT];
    ir_dims axes = tr_axes(op, 0, s->list, room);
    for (int64_t i = 0; i < type->rank; i++) {
        bool wanted = ir_dims_contain(axes, i);
        if (wanted && type->dims[i] != 1 && tr_given(s->list))
            tr_wrong(op, "axis %lld of %s has size %lld, not 1", (long long)i, tr_text(op, 0, text),
                     (long long)type->dims[i]);
        if (!wanted || type->dims[i] != 1) shape[n++] = type->dims[i];
    }
    op->out[0] = ir_reshape(op->b, x, (ir_dims){n, shape});
}

cv_val cv_squeeze_at(cv_val x, cv_axes_options options, cv_here here) {
    return run("cv_squeeze", here, build_squeeze, &(shaping){.list = options.axis}, x);
}

static void build_flip(tr_op *op, const void *options) {
    const shaping *s = options;
    int64_t room[IR_MAX_RANK];
    ir_val x = tr_operand(op);
    op->out[0] = ir_rev(op->b, x, tr_axes(op, 0, s->list, room));
}

cv_val cv_flip_at(cv_val x, cv_axes_options options, cv_here here) {
    return run("cv_flip", here, build_flip, &(shaping){.list = options.axis}, x);
}

static void build_broadcast_to(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    op->out[0] = tr_fill_shape(op, 0, x, tr_shape(op, s->list));
}

cv_val cv_broadcast_to_at(cv_val x, cv_ints shape, cv_here here) {
    return run("cv_broadcast_to", here, build_broadcast_to, &(shaping){.list = shape}, x);
}

static void build_roll(tr_op *op, const void *options) {
    const shaping *s = options;
    int64_t axis;
    const ir_type *type = tr_type(op, 0);
    ir_val x = tr_along(op, s->list, &axis);
    int64_t size = ir_type_of(op->b, x)->dims[axis], by = size ? s->a % size : 0;
    if (by < 0) by += size;
    if (by) {
        ir_val end = tr_slice_axis(op->b, x, axis, size - by, by);
        ir_val begin = tr_slice_axis(op->b, x, axis, 0, size - by);
        x = ir_concatenate(op->b, (ir_val[]){end, begin}, 2, axis);
    }
    op->out[0] = ir_reshape(op->b, x, ir_shape(type));
}

cv_val cv_roll_at(cv_val x, int64_t shift, cv_axes_options options, cv_here here) {
    return run("cv_roll", here, build_roll, &(shaping){.list = options.axis, .a = shift}, x);
}

static void build_repeat(tr_op *op, const void *options) {
    const shaping *s = options;
    int64_t axis;
    if (s->a < 0) tr_wrong(op, "%lld repeats are negative", (long long)s->a);
    ir_val x = tr_along(op, s->list, &axis);
    op->out[0] = tr_merge_axes(op->b, tr_repeat_axis(op, x, axis + 1, s->a), axis);
}

cv_val cv_repeat_at(cv_val x, int64_t n, cv_axes_options options, cv_here here) {
    return run("cv_repeat", here, build_repeat, &(shaping){.list = options.axis, .a = n}, x);
}

static void build_tile(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    ir_dims counts = tr_shape(op, s->list);
    while (ir_type_of(op->b, x)->rank < counts.n) x = tr_insert_axis(op->b, x, 0);
    int64_t first = ir_type_of(op->b, x)->rank - counts.n;
    for (int64_t i = 0; i < counts.n; i++)
        if (counts.at[i] != 1)
            x = tr_merge_axes(op->b, tr_repeat_axis(op, x, first + i, counts.at[i]), first + i);
    op->out[0] = x;
}

cv_val cv_tile_at(cv_val x, cv_ints counts, cv_here here) {
    return run("cv_tile", here, build_tile, &(shaping){.list = counts}, x);
}

// Several operands

static void build_concatenate(tr_op *op, const void *options) {
    const shaping *s = options;
    if (!op->n_in) tr_wrong(op, "there must be at least one array");
    if (!tr_type(op, 0)->rank) tr_wrong(op, "scalars have no axis to join; cv_stack makes one");
    int64_t axis = tr_axis(op, 0, s->a, 0);
    for (uint32_t i = 1; i < op->n_in; i++) tr_check_alike(op, i, axis);
    tr_kind kind = tr_common_kind(op, 0, op->n_in);
    tr_cast(op, 0, op->n_in, kind.dtype);
    op->out[0] = ir_concatenate(op->b, op->in, op->n_in, axis);
    op->weak_out[0] = kind.weak;
}

static void build_stack(tr_op *op, const void *options) {
    const shaping *s = options;
    if (!op->n_in) tr_wrong(op, "there must be at least one array");
    int64_t axis = tr_axis(op, 0, s->a, 1);
    for (uint32_t i = 1; i < op->n_in; i++) tr_check_alike(op, i, -1);
    tr_kind kind = tr_common_kind(op, 0, op->n_in);
    tr_cast(op, 0, op->n_in, kind.dtype);
    for (uint32_t i = 0; i < op->n_in; i++) op->in[i] = tr_insert_axis(op->b, op->in[i], axis);
    op->out[0] = ir_concatenate(op->b, op->in, op->n_in, axis);
    op->weak_out[0] = kind.weak;
}

cv_val cv_concatenate_at(cv_vals list, cv_axis_options options, cv_here here) {
    return tr_operation("cv_concatenate", here, build_concatenate, &(shaping){.a = options.axis}, list.at,
                        tr_list_length(list));
}

cv_val cv_stack_at(cv_vals list, cv_axis_options options, cv_here here) {
    return tr_operation("cv_stack", here, build_stack, &(shaping){.a = options.axis}, list.at,
                        tr_list_length(list));
}

static void build_split(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    int64_t axis = tr_axis(op, 0, s->a, 0), size = ir_type_of(op->b, x)->dims[axis], n = s->b;
    char text[IR_TYPE_TEXT];
    if (n < 1) tr_wrong(op, "%lld parts: there must be at least one", (long long)n);
    if (size % n)
        tr_wrong(op, "axis %lld of %s cannot be split into %lld equal parts", (long long)axis,
                 tr_text(op, 0, text), (long long)n);
    for (int64_t i = 0; i < n; i++) op->out[i] = tr_slice_axis(op->b, x, axis, i * (size / n), size / n);
}

cv_status cv_split_at(cv_val x, int n, cv_val *out, cv_axis_options options, cv_here here) {
    shaping s = {.a = options.axis, .b = n};
    return tr_operation_n("cv_split", here, build_split, &s, &x, 1, out, n > 0 ? (uint32_t)n : 0);
}

// Slices and padding

// A bound of a slice, counted from the front.
static int64_t bound(const tr_op *op, int64_t given, int64_t axis) {
    int64_t size = tr_type(op, 0)->dims[axis];
    int64_t at = given == CV_END ? size : given < 0 ? given + size : given;
    char text[IR_TYPE_TEXT];
    if (at < 0 || at > size)
        tr_wrong(op, "bound %lld of axis %lld is out of range for %s", (long long)given, (long long)axis,
                 tr_text(op, 0, text));
    return at;
}

static void build_slice(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    const ir_type *type = ir_type_of(op->b, x);
    int64_t start[IR_MAX_RANK], limit[IR_MAX_RANK], stride[IR_MAX_RANK], n = type->rank;
    char text[IR_TYPE_TEXT];
    tr_check_list(op, s->list, "start");
    tr_check_list(op, s->limit, "limit");
    tr_check_list(op, s->third, "stride");
    if (s->list.n != s->limit.n || s->list.n > n || (s->third.n && s->third.n != s->list.n))
        tr_wrong(op, "%s with %lld starts, %lld limits and %lld strides: give one for each of the first axes",
                 tr_text(op, 0, text), (long long)s->list.n, (long long)s->limit.n, (long long)s->third.n);
    for (int64_t i = 0; i < n; i++) {
        start[i] = i < s->list.n ? bound(op, s->list.at[i], i) : 0;
        limit[i] = i < s->list.n ? bound(op, s->limit.at[i], i) : type->dims[i];
        stride[i] = i < s->third.n ? s->third.at[i] : 1;
        if (limit[i] < start[i]) limit[i] = start[i];
        if (stride[i] < 1)
            tr_wrong(op, "stride %lld is not positive; cv_flip reverses", (long long)stride[i]);
    }
    op->out[0] = ir_slice(op->b, x, (ir_dims){n, start}, (ir_dims){n, limit}, (ir_dims){n, stride});
}

cv_val cv_slice_at(cv_val x, cv_ints start, cv_ints limit, cv_slice_options options, cv_here here) {
    return run("cv_slice", here, build_slice,
               &(shaping){.list = start, .limit = limit, .third = options.stride}, x);
}

static void build_pad(tr_op *op, const void *options) {
    const shaping *s = options;
    ir_val x = tr_operand(op);
    const ir_type *type = ir_type_of(op->b, x), *filler = tr_type(op, 1);
    int64_t none[IR_MAX_RANK] = {0}, n = type->rank;
    char text[IR_TYPE_TEXT];
    tr_check_list(op, s->list, "low");
    tr_check_list(op, s->limit, "high");
    tr_check_list(op, s->third, "interior");
    if (filler->rank)
        tr_wrong(op, "the value that pads is %s: it must be a scalar", tr_text(op, 1, text));
    if (s->list.n != n || s->limit.n != n || (tr_given(s->third) && s->third.n != n))
        tr_wrong(op, "%s: low, high and .interior need an entry for each of the %lld axes",
                 tr_text(op, 0, text), (long long)n);
    if (s->a != CV_PAD_CONSTANT) {
        if (tr_given(s->third)) tr_wrong(op, ".interior is for padding with a value");
        tr_build_pad_mode(op, (cv_pad_mode)s->a, s->list, s->limit);
        return;
    }
    ir_val value = tr_weaker_as(op, 1, type->dtype);
    ir_dims interior = tr_given(s->third) ? (ir_dims){n, s->third.at} : (ir_dims){n, none};
    op->out[0] = ir_pad(op->b, x, value, (ir_dims){n, s->list.at}, (ir_dims){n, s->limit.at}, interior);
}

cv_val cv_pad_at(cv_val x, cv_val value, cv_ints low, cv_ints high, cv_pad_options options, cv_here here) {
    shaping s = {.list = low, .limit = high, .third = options.interior, .a = options.mode};
    return tr_operation("cv_pad", here, build_pad, &s, (cv_val[]){x, value}, 2);
}
