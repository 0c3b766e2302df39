// Diagonals. In: matrices, or vectors that become one. Out: their elements moved.
//
// A diagonal of a matrix is every (columns + 1)th element of its rows laid end to end, and a matrix with
// a given diagonal is that vector with zeros between: both are index maps, each the transpose of the other.

#include "trace/ops/common.h"

// The axes of the options, by default the first two.
static void two_axes(const tr_op *op, const cv_diagonal_axes_options *o, int64_t *row, int64_t *column) {
    char text[IR_TYPE_TEXT];
    bool given = o->axis1 || o->axis2;
    if (tr_type(op, 0)->rank < 2) tr_wrong(op, "%s: a diagonal needs two axes", tr_text(op, 0, text));
    *row = tr_axis(op, 0, o->axis1, 0);
    *column = tr_axis(op, 0, given ? o->axis2 : 1, 0);
    if (*row == *column)
        tr_wrong(op, "%s: axis %lld is given twice", tr_text(op, 0, text), (long long)*row);
}

static void build_diagonal(tr_op *op, const void *options) {
    const cv_diagonal_axes_options *o = options;
    int64_t row, column;
    two_axes(op, o, &row, &column);
    op->out[0] = tr_diagonal(op->b, tr_operand(op), row, column, o->k);
}

cv_val cv_diagonal_at(cv_val x, cv_diagonal_axes_options options, cv_here here) {
    return tr_operation("cv_diagonal", here, build_diagonal, &options, &x, 1);
}

static void build_trace(tr_op *op, const void *options) {
    const cv_diagonal_axes_options *o = options;
    int64_t row, column, last = (int64_t)tr_type(op, 0)->rank - 2;
    cv_dtype dtype = tr_kind_of(op, 0).dtype, computed = tr_summing_dtype(dtype);
    two_axes(op, o, &row, &column);
    ir_val x = tr_diagonal(op->b, tr_as(op, 0, computed), row, column, o->k);
    x = ir_reduce_sum(op->b, x, (ir_dims){1, &last});
    op->out[0] = ir_convert(op->b, x, ir_is_float(dtype) ? dtype : computed);
}

cv_val cv_trace_at(cv_val x, cv_diagonal_axes_options options, cv_here here) {
    return tr_operation("cv_trace", here, build_trace, &options, &x, 1);
}

// The matrix of n + |k| rows and columns whose diagonal k is this vector, by zeros between its elements.
static ir_val matrix_of(const tr_op *op, ir_val x, int64_t k) {
    ir_builder *b = op->b;
    int64_t n = ir_type_of(b, x)->count, size = n + (k < 0 ? -k : k);
    tr_shape(op, (cv_ints){2, (int64_t[]){size, size}});
    int64_t first = k < 0 ? -k * size : k, total = size * size, step = size;
    if (!n) return ir_zeros(b, ir_type_get(b->module, ir_type_of(b, x)->dtype, 2, (int64_t[]){size, size}));
    int64_t after = total - first - ((n - 1) * (step + 1) + 1);
    ir_val filler = tr_scalar_constant(b, ir_type_of(b, x)->dtype, 0);
    x = ir_pad(b, x, filler, (ir_dims){1, &first}, (ir_dims){1, &after}, (ir_dims){1, &step});
    return ir_reshape(b, x, IR_DIMS(size, size));
}

static void build_diag(tr_op *op, const void *options) {
    int64_t k = ((const cv_diagonal_options *)options)->k;
    char text[IR_TYPE_TEXT];
    ir_val x = tr_operand(op);
    int64_t rank = ir_type_of(op->b, x)->rank;
    if (rank != 1 && rank != 2)
        tr_wrong(op, "%s: takes a vector or a matrix; cv_diagonal takes more axes", tr_text(op, 0, text));
    op->out[0] = rank == 1 ? matrix_of(op, x, k) : tr_diagonal(op->b, x, 0, 1, k);
}

cv_val cv_diag_at(cv_val x, cv_diagonal_options options, cv_here here) {
    return tr_operation("cv_diag", here, build_diag, &options, &x, 1);
}

static void build_diagflat(tr_op *op, const void *options) {
    op->out[0] = matrix_of(op, tr_flatten(op->b, tr_operand(op)), ((const cv_diagonal_options *)options)->k);
}

cv_val cv_diagflat_at(cv_val x, cv_diagonal_options options, cv_here here) {
    return tr_operation("cv_diagflat", here, build_diagflat, &options, &x, 1);
}

// Written where all indices are equal, as numpy.fill_diagonal does without wrapping.
static void build_fill_diagonal(tr_op *op, const void *options) {
    (void)options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    ir_val x = tr_operand(op), value = tr_weaker_as(op, 1, ir_type_of(b, x)->dtype), mask = IR_NONE;
    const ir_type *type = ir_type_of(b, x);
    if (type->rank < 2) tr_wrong(op, "%s: a diagonal needs two axes", tr_text(op, 0, text));
    if (tr_type(op, 1)->rank)
        tr_wrong(op, "the value is %s: it must be a scalar; cv_where with cv_eye takes arrays",
                 tr_text(op, 1, text));
    for (int64_t i = 1; i < type->rank; i++) {
        if (type->rank > 2 && type->dims[i] != type->dims[0])
            tr_wrong(op, "%s: all axes must have one size", tr_text(op, 0, text));
        ir_val equal = ir_eq(b, ir_iota(b, CV_S32, ir_shape(type), 0), ir_iota(b, CV_S32, ir_shape(type), i));
        mask = mask == IR_NONE ? equal : ir_and(b, mask, equal);
    }
    op->out[0] = ir_select(b, mask, tr_broadcast_to(b, value, ir_shape(type)), x);
}

cv_val cv_fill_diagonal_at(cv_val x, cv_val value, cv_here here) {
    return tr_operation("cv_fill_diagonal", here, build_fill_diagonal, NULL, (cv_val[]){x, value}, 2);
}

// Indices of triangles and diagonals: constants, since their number depends on the shape.

typedef enum region { BELOW, ABOVE, ON } region;
typedef struct locating {
    region region;
    int64_t n, m, k;
} locating;

static void build_indices_of(tr_op *op, const void *options) {
    const locating *o = options;
    tr_shape(op, (cv_ints){2, (int64_t[]){o->n, o->m}});
    if (o->n > INT32_MAX || o->m > INT32_MAX)
        tr_wrong(op, "a matrix of %lld x %lld is too large", (long long)o->n, (long long)o->m);
    int64_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        int32_t *rows = pass ? base_new_array(&op->b->arena, int32_t, n + 1) : NULL,
                *columns = pass ? base_new_array(&op->b->arena, int32_t, n + 1) : NULL;
        int64_t count = 0;
        for (int64_t i = 0; i < o->n; i++) {
            int64_t on = i + o->k; // the column of the diagonal
            int64_t from = o->region == BELOW ? 0 : on, to = o->region == ABOVE ? o->m : on + 1;
            if (from < 0) from = 0;
            if (to > o->m) to = o->m;
            for (int64_t j = from; j < to && pass; j++)
                rows[count] = (int32_t)i, columns[count++] = (int32_t)j;
            if (!pass && to > from) count += to - from;
        }
        n = count;
        if (!pass) continue;
        const ir_type *type = ir_type_get(op->b->module, CV_S32, 1, &n);
        op->out[0] = ir_constant(op->b, type, false, rows);
        op->out[1] = ir_constant(op->b, type, false, columns);
    }
}

static cv_status locate(const char *name, cv_here here, locating o, cv_val *out) {
    return tr_operation_n(name, here, build_indices_of, &o, NULL, 0, out, 2);
}

cv_status cv_tril_indices_at(int64_t n, cv_val *out, cv_diagonal_options options, cv_here here) {
    return locate("cv_tril_indices", here, (locating){BELOW, n, options.m ? options.m : n, options.k}, out);
}

cv_status cv_triu_indices_at(int64_t n, cv_val *out, cv_diagonal_options options, cv_here here) {
    return locate("cv_triu_indices", here, (locating){ABOVE, n, options.m ? options.m : n, options.k}, out);
}

cv_status cv_diag_indices_at(int64_t n, cv_val *out, cv_here here) {
    return locate("cv_diag_indices", here, (locating){ON, n, n, 0}, out);
}
