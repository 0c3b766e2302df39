// Statistics that are not one reduction: weighted means, quantiles, covariances, counts in bins.
// In: values, and what they are weighted with, cut at or counted into. Out: sums, sorts, searches and
// scatters.

#include <math.h>

#include "trace/ops/common.h"

static ir_val number(ir_builder *b, ir_val x, double value) { return ir_full_like(b, x, value); }

// Operands 0 .. n - 1 in their common floating dtype.
static tr_kind floating(tr_op *op, uint32_t n) {
    tr_kind kind = tr_inexact(op, tr_common_kind(op, 0, n));
    tr_cast(op, 0, n, kind.dtype);
    return kind;
}


// Weights have the shape of x, or are a vector along the one axis.
static void build_average(tr_op *op, const void *options) {
    const cv_reduce_options *o = options;
    ir_builder *b = op->b;
    int64_t room[IR_MAX_RANK], shape[IR_MAX_RANK], n = 0;
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    ir_dims axes = tr_axes(op, 0, o->axis, room);
    floating(op, 2);
    const ir_type *x = tr_type(op, 0), *w = tr_type(op, 1);
    ir_val weights = op->in[1];
    if (!ir_dims_equal(ir_shape(x), ir_shape(w))) {
        if (axes.n != 1 || w->rank != 1 || w->count != x->dims[axes.at[0]])
            tr_wrong(op, "%s with weights %s: they need its shape, or its size along the one axis",
                     tr_text(op, 0, text), tr_text(op, 1, other));
        weights = ir_broadcast_in_dim(b, weights, ir_shape(x), axes);
    }
    ir_val sum = ir_reduce_sum(b, ir_mul(b, op->in[0], weights), axes);
    sum = ir_div(b, sum, ir_reduce_sum(b, weights, axes));
    for (int64_t i = 0; i < x->rank; i++)
        if (!ir_dims_contain(axes, i) || o->keepdims) shape[n++] = ir_dims_contain(axes, i) ? 1 : x->dims[i];
    op->out[0] = ir_reshape(b, sum, (ir_dims){n, shape});
}

cv_val cv_average_at(cv_val x, cv_val weights, cv_reduce_options options, cv_here here) {
    return tr_operation("cv_average", here, build_average, &options, (cv_val[]){x, weights}, 2);
}

// Quantiles

typedef struct quantile {
    cv_quantile_options options;
    double scale;  // q is given in units of this
    bool skip_nan; // of the elements that are no NaN
} quantile;

// Elements of sorted x, whose axis is the last, at places (one for each of the other axes' elements, or one).
static ir_val at_places(ir_builder *b, ir_val x, ir_val places) {
    int64_t rank = ir_type_of(b, x)->rank, last = rank - 1, ones[IR_MAX_RANK], batch[IR_MAX_RANK];
    for (int64_t i = 0; i < rank; i++) ones[i] = 1, batch[i] = i;
    ir_dims others = {last, batch};
    ir_gather_attributes attributes = {{0, ones}, {1, &last},   {1, &last}, others,
                                       others,    {rank, ones}, IR_CLIP};
    ir_val indices = tr_insert_axis(b, ir_convert(b, places, CV_S32), last);
    return ir_gather(b, x, indices, &attributes);
}

// One quantile of x, sorted along its last axis; n is how many elements count (of the shape without that
// axis).
static ir_val quantile_of(const tr_op *op, ir_val x, ir_val q, ir_val n, cv_quantile_method method) {
    ir_builder *b = op->b;
    ir_val one = number(b, n, 1), zero = number(b, n, 0), half = number(b, n, 0.5);
    ir_val place = ir_mul(b, tr_broadcast_to(b, q, ir_shape(ir_type_of(b, n))), ir_sub(b, n, one));
    ir_val low = ir_floor(b, place), part = ir_sub(b, place, low);
    ir_val high = ir_min(b, ir_select(b, ir_gt(b, part, zero), ir_add(b, low, one), low), ir_sub(b, n, one));
    ir_val below = at_places(b, x, low), above = at_places(b, x, high);
    switch (method) {
    case CV_LOWER: return below;
    case CV_HIGHER: return above;
    case CV_MIDPOINT: return ir_mul(b, ir_add(b, below, above), half);
    case CV_NEAREST: return ir_select(b, ir_gt(b, part, half), above, below);
    default: return ir_add(b, ir_mul(b, below, ir_sub(b, one, part)), ir_mul(b, above, part));
    }
}

static void build_quantile(tr_op *op, const void *options) {
    const quantile *o = options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    bool along = tr_given(o->options.axis);
    int64_t axis = 0, rank = tr_type(op, 0)->rank, shape[IR_MAX_RANK], parts_n;
    tr_check_list(op, o->options.axis, "axis");
    if (o->options.method < CV_LINEAR || o->options.method > CV_NEAREST)
        tr_wrong(op, "there is no method %d", (int)o->options.method);
    if (tr_type(op, 1)->rank > 1)
        tr_wrong(op, "q is %s: it must be a scalar or a vector", tr_text(op, 1, text));
    if (along) axis = tr_one_axis(op, 0, o->options.axis);
    floating(op, 2);
    ir_val x = along ? op->in[0] : tr_flatten(b, op->in[0]), q = op->in[1];
    const ir_type *type = ir_type_of(b, x);
    int64_t last = (int64_t)type->rank - 1, size = type->dims[axis];
    if (!size) tr_wrong(op, "%s: no elements have no quantile", tr_text(op, 0, text));
    x = tr_sorted(op, ir_move_axis(b, x, axis, last), last);
    if (o->scale != 1) q = ir_div(b, q, number(b, q, o->scale));
    // NaN is sorted to the end: one there makes every quantile NaN, or does not count.
    ir_val end = tr_remove_axis(b, tr_slice_axis(b, x, last, size - 1, 1), last);
    ir_val n = number(b, end, (double)size);
    if (o->skip_nan)
        n = ir_reduce_sum(b, ir_convert(b, ir_eq(b, x, x), ir_type_of(b, x)->dtype), (ir_dims){1, &last});
    bool many = ir_type_of(b, q)->rank;
    parts_n = ir_type_of(b, q)->count;
    ir_val *parts = base_new_array(&b->arena, ir_val, parts_n + 1);
    int64_t k = 0;
    for (int64_t i = 0; along && i < rank; i++)
        if (i != axis || o->options.keepdims) shape[k++] = i == axis ? 1 : tr_type(op, 0)->dims[i];
    for (; !along && o->options.keepdims && k < rank; k++) shape[k] = 1;
    for (int64_t i = 0; i < parts_n; i++) {
        ir_val own = many ? tr_remove_axis(b, tr_slice_axis(b, q, 0, i, 1), 0) : q;
        ir_val value = quantile_of(op, x, own, n, o->options.method);
        ir_val nothing = o->skip_nan ? ir_eq(b, n, number(b, n, 0)) : ir_ne(b, end, end);
        value = ir_select(b, nothing, number(b, value, (double)NAN), value);
        parts[i] = ir_reshape(b, value, (ir_dims){k, shape});
        if (many) parts[i] = tr_insert_axis(b, parts[i], 0);
    }
    if (many && !parts_n) tr_wrong(op, "q has no elements");
    op->out[0] = many ? ir_concatenate(b, parts, (uint32_t)parts_n, 0) : parts[0];
}

#define QUANTILE(name, scale, skip_nan)                                                            \
    cv_val cv_##name##_at(cv_val x, cv_val q, cv_quantile_options options, cv_here here) {         \
        return tr_operation("cv_" #name, here, build_quantile, &(quantile){options, scale, skip_nan}, \
                            (cv_val[]){x, q}, 2);                                                  \
    }
QUANTILE(quantile, 1, false)
QUANTILE(percentile, 100, false)
QUANTILE(nanquantile, 1, true)
QUANTILE(nanpercentile, 100, true)

static cv_val median(const char *name, cv_val x, cv_reduce_options options, bool skip_nan, cv_here here) {
    quantile o = {{.axis = options.axis, .keepdims = options.keepdims}, 1, skip_nan};
    return tr_operation(name, here, build_quantile, &o, (cv_val[]){x, cv_weak_float(0.5)}, 2);
}

cv_val cv_median_at(cv_val x, cv_reduce_options options, cv_here here) {
    return median("cv_median", x, options, false, here);
}

cv_val cv_nanmedian_at(cv_val x, cv_reduce_options options, cv_here here) {
    return median("cv_nanmedian", x, options, true, here);
}

// Covariances

// x x^T / (observations - ddof) of rows that are centered; one variable gives a scalar.
static ir_val covariance(tr_op *op, const cv_cov_options *o) {
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    floating(op, 1);
    ir_val x = op->in[0];
    int64_t rank = ir_type_of(b, x)->rank, one = 1, zero = 0;
    if (rank < 1 || rank > 2) tr_wrong(op, "%s: observations are a vector or a matrix", tr_text(op, 0, text));
    if (rank == 1) x = tr_insert_axis(b, x, 0);
    else if (o->columns) x = ir_transpose(b, x, IR_DIMS(1, 0));
    const ir_type *type = ir_type_of(b, x);
    ir_val mean = ir_reduce_sum(b, x, (ir_dims){1, &one});
    mean = ir_div(b, mean, number(b, mean, (double)type->dims[1]));
    x = ir_sub(b, x, ir_broadcast_in_dim(b, mean, ir_shape(type), (ir_dims){1, &zero}));
    ir_dot_attributes attributes = {.lhs_contract = {1, &one}, .rhs_contract = {1, &one},
                                    .lhs_batch = {0, &zero}, .rhs_batch = {0, &zero}};
    ir_val products = ir_dot_general(b, x, x, &attributes);
    double n = (double)type->dims[1] - (o->biased ? 0 : 1);
    products = ir_div(b, products, number(b, products, n > 0 ? n : 0));
    return type->dims[0] == 1 ? ir_reshape(b, products, (ir_dims){0, &zero}) : products;
}

static void build_cov(tr_op *op, const void *options) { op->out[0] = covariance(op, options); }

cv_val cv_cov_at(cv_val x, cv_cov_options options, cv_here here) {
    return tr_operation("cv_cov", here, build_cov, &options, &x, 1);
}

static void build_corrcoef(tr_op *op, const void *options) {
    ir_builder *b = op->b;
    ir_val c = covariance(op, options);
    const ir_type *type = ir_type_of(b, c);
    int64_t zero = 0, one = 1;
    if (!type->rank) {
        op->out[0] = ir_div(b, c, c);
        return;
    }
    ir_val deviation = ir_sqrt(b, tr_diagonal(b, c, 0, 1, 0));
    c = ir_div(b, c, ir_broadcast_in_dim(b, deviation, ir_shape(type), (ir_dims){1, &zero}));
    c = ir_div(b, c, ir_broadcast_in_dim(b, deviation, ir_shape(type), (ir_dims){1, &one}));
    op->out[0] = ir_clamp(b, number(b, c, -1), c, number(b, c, 1));
}

cv_val cv_corrcoef_at(cv_val x, cv_cov_options options, cv_here here) {
    return tr_operation("cv_corrcoef", here, build_corrcoef, &options, &x, 1);
}

// Bins

// How often each of 0 .. length - 1 is in a vector of places; others are not counted.
static ir_val counts(ir_builder *b, ir_val places, int64_t length, cv_dtype dtype) {
    int64_t zero = 0;
    ir_dims none = {0, &zero}, axis = {1, &zero};
    const ir_type *type = ir_type_get(b->module, dtype, 1, &length);
    ir_val ones = ir_full_int(b, ir_type_with_dtype(b->module, ir_type_of(b, places), dtype), 1);
    ir_scatter_attributes attributes = {.update_window_dims = none, .inserted_window_dims = axis,
                                        .scatter_dims_to_operand_dims = axis, .operand_batching_dims = none,
                                        .scatter_indices_batching_dims = none, .mode = IR_FILL_OR_DROP};
    if (!length) return ir_zeros(b, type);
    return ir_scatter_add(b, ir_zeros(b, type), tr_insert_axis(b, places, 1), ones, &attributes);
}

static void build_bincount(tr_op *op, const void *options) {
    int64_t length = *(const int64_t *)options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    cv_dtype dtype = tr_kind_of(op, 0).dtype;
    if (!ir_is_integer(dtype) && dtype != CV_BOOL)
        tr_wrong(op, "%s: what is counted are integers; cv_astype converts", tr_text(op, 0, text));
    tr_shape(op, (cv_ints){1, &length});
    ir_val x = tr_as(op, 0, cv_dtype_size(dtype) < 4 ? CV_S32 : dtype);
    x = tr_flatten(b, ir_max(b, x, number(b, x, 0)));
    op->out[0] = counts(b, x, length, CV_S32);
}

cv_val cv_bincount_at(cv_val x, int64_t length, cv_here here) {
    return tr_operation("cv_bincount", here, build_bincount, &length, &x, 1);
}

// The last bin has its right edge too.
static void build_histogram(tr_op *op, const void *options) {
    (void)options;
    ir_builder *b = op->b;
    tr_check_sorted(op, 1);
    tr_kind kind = floating(op, 2);
    int64_t bins = tr_type(op, 1)->count - 1;
    if (bins < 1) tr_wrong(op, "bins lie between at least two edges");
    ir_val x = tr_flatten(b, op->in[0]), edges = op->in[1];
    ir_val last = tr_slice_axis(b, edges, 0, bins, 1);
    last = tr_broadcast_to(b, last, ir_shape(ir_type_of(b, x)));
    ir_val place = tr_search(b, edges, x, true);
    place = ir_select(b, ir_eq(b, x, last), number(b, place, (double)bins), place);
    place = ir_sub(b, place, number(b, place, 1));
    op->out[0] = counts(b, place, bins, kind.dtype);
}

cv_val cv_histogram_at(cv_val x, cv_val edges, cv_here here) {
    return tr_operation("cv_histogram", here, build_histogram, NULL, (cv_val[]){x, edges}, 2);
}

// Bins may descend: then places are counted from the other end.
static void build_digitize(tr_op *op, const void *options) {
    const cv_searchsorted_options *o = options;
    ir_builder *b = op->b;
    int64_t zero = 0, n;
    tr_check_sorted(op, 1);
    tr_cast(op, 0, 2, tr_common_kind(op, 0, 2).dtype);
    ir_val x = op->in[0], bins = op->in[1];
    n = ir_type_of(b, bins)->count;
    op->out[0] = tr_search(b, bins, x, !o->right);
    if (n < 2) return;
    ir_val down = ir_lt(b, tr_slice_axis(b, bins, 0, n - 1, 1), tr_slice_axis(b, bins, 0, 0, 1));
    ir_val back = tr_search(b, ir_rev(b, bins, (ir_dims){1, &zero}), x, !o->right);
    back = ir_sub(b, number(b, back, (double)n), back);
    down = tr_broadcast_to(b, ir_reshape(b, down, (ir_dims){0, &zero}), ir_shape(ir_type_of(b, back)));
    op->out[0] = ir_select(b, down, back, op->out[0]);
}

cv_val cv_digitize_at(cv_val x, cv_val bins, cv_searchsorted_options options, cv_here here) {
    return tr_operation("cv_digitize", here, build_digitize, &options, (cv_val[]){x, bins}, 2);
}
