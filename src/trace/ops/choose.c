// Choices between arrays, and numbers of elements. In: conditions or indices, and what to choose from. Out:
// selections, one for each choice: all choices are operands anyway.

#include "trace/ops/common.h"

// The first choice whose condition holds; the last operand where none does. Operands: conditions, choices,
// default.
static void build_select(tr_op *op, const void *options) {
    (void)options;
    uint32_t n = op->n_in / 2;
    if (op->n_in % 2 == 0 || !n)
        tr_wrong(op, "needs as many choices as conditions, and one at least");
    tr_kind kind = tr_common_kind(op, n, n + 1);
    for (uint32_t i = 0; i < n; i++) op->in[i] = tr_truth(op->b, op->in[i]);
    tr_cast(op, n, n + 1, kind.dtype);
    tr_broadcast(op, 0, op->n_in);
    ir_val x = op->in[2 * n];
    for (uint32_t i = n; i--;) x = ir_select(op->b, op->in[i], op->in[n + i], x);
    op->out[0] = x;
    op->weak_out[0] = kind.weak;
}

static uint32_t join(cv_val *all, uint32_t n, cv_vals list) {
    for (int64_t i = 0; list.at && i < list.n && n < CV_MOST_CHOICES; i++) all[n++] = list.at[i];
    return n;
}

static void build_too_many(tr_op *op, const void *options) {
    (void)options;
    tr_wrong(op, "at most %d operands can be handled", CV_MOST_CHOICES);
}

cv_val cv_select_at(cv_vals conditions, cv_vals choices, cv_val otherwise, cv_here here) {
    cv_val all[CV_MOST_CHOICES + 1];
    bool fits = tr_list_length(conditions) + tr_list_length(choices) <= CV_MOST_CHOICES;
    uint32_t n = join(all, join(all, 0, conditions), choices);
    bool pairs = tr_list_length(conditions) == tr_list_length(choices);
    all[n] = otherwise;
    return tr_operation("cv_select", here, fits ? build_select : build_too_many, NULL, all,
                        pairs ? n + 1 : 0);
}

// Choice 0, 1, ... by the index; an index outside is moved to the nearest choice, or wraps.
static void build_choose(tr_op *op, const void *options) {
    const cv_choose_options *o = options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    int64_t n = (int64_t)op->n_in - 1;
    cv_dtype dtype = tr_kind_of(op, 0).dtype;
    if (n < 1) tr_wrong(op, "there must be at least one choice");
    if (!ir_is_integer(dtype))
        tr_wrong(op, "%s: indices are integers; cv_astype converts", tr_text(op, 0, text));
    tr_kind kind = tr_common_kind(op, 1, op->n_in - 1);
    op->in[0] = tr_as(op, 0, cv_dtype_size(dtype) < 4 ? CV_S32 : dtype);
    tr_cast(op, 1, op->n_in - 1, kind.dtype);
    tr_broadcast(op, 0, op->n_in);
    ir_val index = op->in[0], size = ir_full_like(b, index, (double)n), x = op->in[n];
    if (o->wrap) {
        index = ir_sub(b, index, ir_mul(b, ir_div(b, index, size), size));
        if (ir_is_signed(dtype))
            index = ir_select(b, ir_lt(b, index, ir_full_like(b, index, 0)), ir_add(b, index, size), index);
    }
    for (int64_t i = n - 1; i-- > 0;)
        x = ir_select(b, ir_le(b, index, ir_full_like(b, index, (double)i)), op->in[1 + i], x);
    op->out[0] = x;
    op->weak_out[0] = kind.weak;
}

cv_val cv_choose_at(cv_val indices, cv_vals choices, cv_choose_options options, cv_here here) {
    cv_val all[CV_MOST_CHOICES] = {indices};
    bool fits = tr_list_length(choices) < CV_MOST_CHOICES;
    uint32_t n = join(all, 1, choices);
    return tr_operation("cv_choose", here, fits ? build_choose : build_too_many, &options, all, n);
}

// Places in an array of a shape as one index of each axis, and back.

static int64_t total_of(ir_dims shape) {
    int64_t total = 1;
    for (int64_t i = 0; i < shape.n; i++) total *= shape.at[i];
    return total;
}

static ir_val places(const tr_op *op, uint32_t i) {
    char text[IR_TYPE_TEXT];
    cv_dtype dtype = tr_kind_of(op, i).dtype;
    if (!ir_is_integer(dtype))
        tr_wrong(op, "%s: indices are integers; cv_astype converts", tr_text(op, i, text));
    return tr_as(op, i, cv_dtype_size(dtype) < 4 ? CV_S32 : dtype);
}

static ir_val remainder_of(ir_builder *b, ir_val x, ir_val n) {
    return ir_sub(b, x, ir_mul(b, ir_div(b, x, n), n));
}

static void build_unravel(tr_op *op, const void *options) {
    ir_builder *b = op->b;
    ir_dims shape = tr_shape(op, *(const cv_ints *)options);
    int64_t total = total_of(shape);
    char text[IR_TYPE_TEXT];
    if (!total)
        tr_wrong(op, "the shape %s has no elements", tr_dims_text((cv_ints){shape.n, shape.at}, text));
    ir_val x = places(op, 0);
    const ir_type *type = ir_type_of(b, x);
    ir_val zero = ir_full_int(b, type, 0), size = ir_full_int(b, type, total);
    if (ir_is_signed(type->dtype)) x = ir_select(b, ir_lt(b, x, zero), ir_add(b, x, size), x);
    x = ir_clamp(b, zero, x, ir_full_int(b, type, total - 1));
    for (int64_t i = shape.n; i--;) {
        ir_val n = ir_full_int(b, type, shape.at[i]);
        op->out[i] = remainder_of(b, x, n);
        x = ir_div(b, x, n);
    }
}

cv_status cv_unravel_index_at(cv_val indices, cv_ints shape, cv_val *out, cv_here here) {
    uint32_t n = shape.n > 0 && shape.at ? (uint32_t)shape.n : 0;
    return tr_operation_n("cv_unravel_index", here, build_unravel, &shape, &indices, 1, out, n);
}

typedef struct raveling {
    cv_ints shape;
    bool wrap;
} raveling;

static void build_ravel_multi_index(tr_op *op, const void *options) {
    const raveling *o = options;
    ir_builder *b = op->b;
    ir_dims shape = tr_shape(op, o->shape);
    char text[IR_TYPE_TEXT];
    if (!op->n_in || (int64_t)op->n_in != shape.n)
        tr_wrong(op, "%u arrays of indices for the %lld axes of %s", op->n_in, (long long)shape.n,
                 tr_dims_text((cv_ints){shape.n, shape.at}, text));
    if (!total_of(shape))
        tr_wrong(op, "the shape %s has no elements", tr_dims_text((cv_ints){shape.n, shape.at}, text));
    for (uint32_t i = 0; i < op->n_in; i++) op->in[i] = places(op, i);
    tr_cast(op, 0, op->n_in, tr_common_kind(op, 0, op->n_in).dtype);
    tr_broadcast(op, 0, op->n_in);
    const ir_type *type = ir_type_of(b, op->in[0]);
    ir_val zero = ir_full_int(b, type, 0), place = zero;
    for (uint32_t i = 0; i < op->n_in; i++) {
        ir_val n = ir_full_int(b, type, shape.at[i]), x = op->in[i];
        if (o->wrap) {
            x = remainder_of(b, x, n);
            if (ir_is_signed(type->dtype)) x = ir_select(b, ir_lt(b, x, zero), ir_add(b, x, n), x);
        }
        x = ir_clamp(b, zero, x, ir_full_int(b, type, shape.at[i] - 1));
        place = ir_add(b, ir_mul(b, place, n), x);
    }
    op->out[0] = place;
}

cv_val cv_ravel_multi_index_at(cv_vals indices, cv_ints shape, cv_choose_options options, cv_here here) {
    raveling o = {shape, options.wrap};
    return tr_operation("cv_ravel_multi_index", here, build_ravel_multi_index, &o, indices.at,
                        tr_list_length(indices));
}
