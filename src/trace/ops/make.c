// Creation. In: dtypes and shapes, and scalars. Out: constants, iotas, and comparisons of iotas:
// nothing here holds data, so that whatever is made costs nothing until it is used.

#include <math.h>

#include "trace/ops/common.h"

typedef struct making {
    cv_dtype dtype;
    cv_ints shape;
    int64_t n; // the axis, the number of elements, or the value that fills
    cv_diagonal_options diagonal;
    bool upper, exclude_stop;
} making;

static void build_fill(tr_op *op, const void *options) {
    const making *m = options;
    cv_dtype dtype = tr_dtype(op, m->dtype);
    ir_dims shape = tr_shape(op, m->shape);
    op->out[0] = ir_full_int(op->b, ir_type_get(op->b->module, dtype, shape.n, shape.at), m->n);
}

cv_val cv_zeros_at(cv_dtype dtype, cv_ints shape, cv_here here) {
    return tr_operation("cv_zeros", here, build_fill, &(making){.dtype = dtype, .shape = shape, .n = 0}, NULL,
                        0);
}

cv_val cv_ones_at(cv_dtype dtype, cv_ints shape, cv_here here) {
    return tr_operation("cv_ones", here, build_fill, &(making){.dtype = dtype, .shape = shape, .n = 1}, NULL,
                        0);
}

static void build_full(tr_op *op, const void *options) {
    const making *m = options;
    tr_kind kind = tr_kind_of(op, 0);
    bool given = m->dtype != CV_DTYPE_DEFAULT;
    cv_dtype dtype = given ? tr_dtype(op, m->dtype) : kind.dtype;
    op->out[0] = tr_fill_shape(op, 0, tr_as(op, 0, dtype), tr_shape(op, m->shape));
    op->weak_out[0] = !given && kind.weak;
}

cv_val cv_full_at(cv_dtype dtype, cv_ints shape, cv_val value, cv_here here) {
    return tr_operation("cv_full", here, build_full, &(making){.dtype = dtype, .shape = shape}, &value, 1);
}

static void build_like(tr_op *op, const void *options) {
    const making *m = options;
    tr_kind kind = tr_kind_of(op, 0);
    ir_dims shape = ir_shape(tr_type(op, 0));
    if (op->n_in == 2) op->out[0] = tr_fill_shape(op, 1, tr_as(op, 1, kind.dtype), shape);
    else op->out[0] = ir_full_int(op->b, ir_type_get(op->b->module, kind.dtype, shape.n, shape.at), m->n);
    op->weak_out[0] = kind.weak;
}

cv_val cv_zeros_like_at(cv_val x, cv_here here) {
    return tr_operation("cv_zeros_like", here, build_like, &(making){.n = 0}, &x, 1);
}

cv_val cv_ones_like_at(cv_val x, cv_here here) {
    return tr_operation("cv_ones_like", here, build_like, &(making){.n = 1}, &x, 1);
}

cv_val cv_full_like_at(cv_val x, cv_val value, cv_here here) {
    return tr_operation("cv_full_like", here, build_like, &(making){0}, (cv_val[]){x, value}, 2);
}

// An iota of any dtype: those that iota does not take are converted from s32.
static ir_val counted(ir_builder *b, cv_dtype dtype, ir_dims shape, int64_t axis) {
    if (dtype == CV_BOOL) return ir_convert(b, ir_iota(b, CV_S32, shape, axis), dtype);
    return ir_iota(b, dtype, shape, axis);
}

// start + step * (0, 1, ...), computed in integers where all three are.
static void build_arange(tr_op *op, const void *options) {
    const making *m = options;
    double x[3];
    int64_t k[3], n;
    for (uint32_t i = 0; i < 3; i++)
        if (!tr_is_literal(op, i, &x[i], &k[i]))
            tr_wrong(op, "start, stop and step must be C numbers: the shape depends on them");
    tr_kind kind = tr_common_kind(op, 0, 3);
    cv_dtype dtype = m->dtype == CV_DTYPE_DEFAULT ? kind.dtype : tr_dtype(op, m->dtype);
    bool exact = !ir_is_float(kind.dtype);
    double count = ceil((x[1] - x[0]) / x[2]);
    if (x[2] == 0) tr_wrong(op, "the step must not be 0");
    if (!isfinite(x[0]) || !isfinite(x[2]) || !(count < (double)(INT64_MAX / 32)))
        tr_wrong(op, "from %g to %g by %g: the number of elements is not finite or too large", x[0], x[1],
                 x[2]);
    n = count > 0 ? (int64_t)count : 0;
    cv_dtype in = exact || !ir_is_integer(dtype) ? dtype : op->default_float;
    ir_dims shape = IR_DIMS(n);
    const ir_type *type = ir_type_get(op->b->module, in, 1, shape.at);
    ir_val start = exact ? ir_full_int(op->b, type, k[0]) : ir_full(op->b, type, x[0]);
    ir_val step = exact ? ir_full_int(op->b, type, k[2]) : ir_full(op->b, type, x[2]);
    ir_val i = counted(op->b, in, shape, 0);
    if (x[2] != 1) i = ir_mul(op->b, i, step);
    if (x[0] != 0) i = ir_add(op->b, i, start);
    op->out[0] = ir_convert(op->b, i, dtype);
}

cv_val cv_arange_at(cv_dtype dtype, cv_val start, cv_val stop, cv_val step, cv_here here) {
    return tr_operation("cv_arange", here, build_arange, &(making){.dtype = dtype},
                        (cv_val[]){start, stop, step}, 3);
}

// start (1 - t) + stop t with t = i / (n - 1): exact at both ends.
ir_val tr_spaced(tr_op *op, cv_dtype dtype, int64_t n, bool exclude_stop) {
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < 2; i++)
        if (tr_type(op, i)->rank)
            tr_wrong(op, "%s of %s must be a scalar", i ? "stop" : "start", tr_text(op, i, text));
    ir_dims shape = tr_shape(op, (cv_ints){1, &n});
    ir_val start = tr_broadcast_to(b, tr_as(op, 0, dtype), shape),
           stop = tr_broadcast_to(b, tr_as(op, 1, dtype), shape);
    if (n < 2) return start;
    ir_val i = ir_iota(b, dtype, shape, 0);
    ir_val t = ir_div(b, i, ir_full_like(b, i, (double)(exclude_stop ? n : n - 1)));
    ir_val from = ir_mul(b, start, ir_sub(b, ir_full_like(b, t, 1), t));
    return ir_add(b, from, ir_mul(b, stop, t));
}

static void build_linspace(tr_op *op, const void *options) {
    const making *m = options;
    cv_dtype dtype = tr_dtype(op, m->dtype);
    cv_dtype in = tr_inexact(op, (tr_kind){dtype, false}).dtype;
    ir_val x = tr_spaced(op, in, m->n, m->exclude_stop);
    if (in != dtype) x = ir_floor(op->b, x);
    op->out[0] = ir_convert(op->b, x, dtype);
}

cv_val cv_linspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, cv_linspace_options options,
                      cv_here here) {
    making m = {.dtype = dtype, .n = n, .exclude_stop = options.exclude_stop};
    return tr_operation("cv_linspace", here, build_linspace, &m, (cv_val[]){start, stop}, 2);
}

static void build_iota(tr_op *op, const void *options) {
    const making *m = options;
    char text[IR_TYPE_TEXT];
    int64_t rank = m->shape.n, axis = m->n < 0 ? m->n + rank : m->n;
    ir_dims shape = tr_shape(op, m->shape);
    if (axis < 0 || axis >= rank)
        tr_wrong(op, "axis %lld is out of range for the shape %s", (long long)m->n,
                 tr_dims_text(m->shape, text));
    op->out[0] = counted(op->b, tr_dtype(op, m->dtype), shape, axis);
}

cv_val cv_iota_at(cv_dtype dtype, cv_ints shape, int64_t axis, cv_here here) {
    return tr_operation("cv_iota", here, build_iota, &(making){.dtype = dtype, .shape = shape, .n = axis},
                        NULL, 0);
}

// Diagonals

typedef ir_val comparison(ir_builder *b, ir_val x, ir_val y);

// row + k (compared to) column, over the last two axes of the shape.
static ir_val diagonal_mask(ir_builder *b, ir_dims shape, int64_t k, comparison *compare) {
    int64_t last = shape.n - 1, size = shape.at[last] + shape.at[last - 1];
    int64_t most = k < 0 ? (k < -INT32_MAX ? INT64_MAX : -k) : k; // of what is compared
    cv_dtype dtype = most < INT32_MAX - size ? CV_S32 : CV_S64;
    ir_val row = ir_iota(b, dtype, shape, last - 1), column = ir_iota(b, dtype, shape, last);
    if (k) row = ir_add(b, row, ir_full_int(b, ir_type_of(b, row), k));
    return compare(b, row, column);
}

static void build_eye(tr_op *op, const void *options) {
    const making *m = options;
    int64_t sizes[2] = {m->n, m->diagonal.m ? m->diagonal.m : m->n};
    ir_dims shape = tr_shape(op, (cv_ints){2, sizes});
    cv_dtype dtype = tr_dtype(op, m->dtype);
    ir_val mask = diagonal_mask(op->b, shape, m->diagonal.k, m->upper ? ir_ge : ir_eq);
    op->out[0] = ir_convert(op->b, mask, dtype);
}

cv_val cv_eye_at(cv_dtype dtype, int64_t n, cv_diagonal_options options, cv_here here) {
    making m = {.dtype = dtype, .n = n, .diagonal = options};
    return tr_operation("cv_eye", here, build_eye, &m, NULL, 0);
}

cv_val cv_tri_at(cv_dtype dtype, int64_t n, cv_diagonal_options options, cv_here here) {
    making m = {.dtype = dtype, .n = n, .diagonal = options, .upper = true};
    return tr_operation("cv_tri", here, build_eye, &m, NULL, 0);
}

static void build_triangle(tr_op *op, const void *options) {
    const making *m = options;
    tr_kind kind = tr_kind_of(op, 0);
    ir_dims shape = ir_shape(tr_type(op, 0));
    char text[IR_TYPE_TEXT];
    if (shape.n < 2)
        tr_wrong(op, "%s: a triangle needs at least two axes", tr_text(op, 0, text));
    ir_val mask = diagonal_mask(op->b, shape, m->diagonal.k, m->upper ? ir_le : ir_ge);
    ir_val zero = ir_full_like(op->b, op->in[0], 0);
    op->out[0] = ir_select(op->b, mask, op->in[0], zero);
    op->weak_out[0] = kind.weak;
}

cv_val cv_tril_at(cv_val x, cv_diagonal_options options, cv_here here) {
    return tr_operation("cv_tril", here, build_triangle, &(making){.diagonal = options}, &x, 1);
}

cv_val cv_triu_at(cv_val x, cv_diagonal_options options, cv_here here) {
    return tr_operation("cv_triu", here, build_triangle, &(making){.diagonal = options, .upper = true}, &x,
                        1);
}

static void build_one_hot(tr_op *op, const void *options) {
    const making *m = options;
    ir_builder *b = op->b;
    tr_kind kind = tr_kind_of(op, 0);
    char text[IR_TYPE_TEXT];
    if (!ir_is_integer(kind.dtype))
        tr_wrong(op, "%s: places are integers, not %s; cv_astype converts", tr_text(op, 0, text),
                 cv_dtype_name(kind.dtype));
    cv_dtype dtype = tr_dtype(op, m->dtype);
    tr_shape(op, (cv_ints){1, &m->n});
    cv_dtype in = cv_dtype_size(kind.dtype) < 4 ? CV_S32 : kind.dtype; // the places 0 .. n - 1 fit
    ir_val x = tr_as(op, 0, in);
    int64_t rank = ir_type_of(b, x)->rank;
    ir_dims shape = ir_shape(ir_type_insert_axis(b->module, ir_type_of(b, x), rank, m->n));
    x = tr_broadcast_to(b, tr_insert_axis(b, x, rank), shape);
    op->out[0] = ir_convert(b, ir_eq(b, x, ir_iota(b, in, shape, rank)), dtype);
}

cv_val cv_one_hot_at(cv_dtype dtype, cv_val x, int64_t n, cv_here here) {
    return tr_operation("cv_one_hot", here, build_one_hot, &(making){.dtype = dtype, .n = n}, &x, 1);
}
