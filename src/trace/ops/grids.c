// Numbers at regular places: spaced by a ratio, on grids, under windows. In: dtypes, counts and scalars. Out:
// functions of iotas, which hold no data.

#include <math.h>

#include "trace/ops/common.h"

typedef struct spacing {
    cv_dtype dtype;
    int64_t n;
    double base;
    bool exclude_stop;
} spacing;

static void build_logspace(tr_op *op, const void *options) {
    const spacing *o = options;
    cv_dtype dtype = tr_dtype(op, o->dtype), in = tr_inexact(op, (tr_kind){dtype, false}).dtype;
    ir_val x = tr_spaced(op, in, o->n, o->exclude_stop);
    op->out[0] = ir_convert(op->b, ir_pow(op->b, ir_full_like(op->b, x, o->base), x), dtype);
}

cv_val cv_logspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, double base,
                      cv_linspace_options options, cv_here here) {
    spacing o = {dtype, n, base, options.exclude_stop};
    return tr_operation("cv_logspace", here, build_logspace, &o, (cv_val[]){start, stop}, 2);
}

// start (stop / start)^t, and stop itself at the end.
static void build_geomspace(tr_op *op, const void *options) {
    const spacing *o = options;
    ir_builder *b = op->b;
    cv_dtype dtype = tr_dtype(op, o->dtype), in = tr_inexact(op, (tr_kind){dtype, false}).dtype;
    char text[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < 2; i++)
        if (tr_type(op, i)->rank)
            tr_wrong(op, "%s of %s must be a scalar", i ? "stop" : "start", tr_text(op, i, text));
    ir_dims shape = tr_shape(op, (cv_ints){1, &o->n});
    ir_val start = tr_broadcast_to(b, tr_as(op, 0, in), shape),
           stop = tr_broadcast_to(b, tr_as(op, 1, in), shape);
    op->out[0] = ir_convert(b, start, dtype);
    if (o->n < 2) return;
    ir_val i = ir_iota(b, in, shape, 0);
    ir_val t = ir_div(b, i, ir_full_like(b, i, (double)(o->exclude_stop ? o->n : o->n - 1)));
    ir_val x = ir_mul(b, start, ir_pow(b, ir_div(b, stop, start), t));
    if (!o->exclude_stop) x = ir_select(b, ir_eq(b, i, ir_full_like(b, i, (double)(o->n - 1))), stop, x);
    op->out[0] = ir_convert(b, x, dtype);
}

cv_val cv_geomspace_at(cv_dtype dtype, cv_val start, cv_val stop, int64_t n, cv_linspace_options options,
                       cv_here here) {
    spacing o = {.dtype = dtype, .n = n, .exclude_stop = options.exclude_stop};
    return tr_operation("cv_geomspace", here, build_geomspace, &o, (cv_val[]){start, stop}, 2);
}

static void build_meshgrid(tr_op *op, const void *options) {
    const cv_meshgrid_options *o = options;
    int64_t sizes[IR_MAX_RANK], n = op->n_in;
    char text[IR_TYPE_TEXT];
    if (n > IR_MAX_RANK) tr_wrong(op, "at most %d axes can be handled", IR_MAX_RANK);
    if (o->indexing != CV_XY && o->indexing != CV_IJ)
        tr_wrong(op, "there is no indexing %d", (int)o->indexing);
    bool swap = o->indexing == CV_XY && n > 1;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = swap && i < 2 ? 1 - i : i;
        if (tr_type(op, (uint32_t)i)->rank > 1)
            tr_wrong(op, "operand %lld is %s: it must be a vector", (long long)i,
                     tr_text(op, (uint32_t)i, text));
        sizes[at] = tr_type(op, (uint32_t)i)->count;
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t at = swap && i < 2 ? 1 - i : i, shape[IR_MAX_RANK];
        tr_kind kind = tr_kind_of(op, (uint32_t)i);
        ir_val x = tr_flatten(op->b, tr_as(op, (uint32_t)i, kind.dtype));
        for (int64_t k = 0; k < n; k++) shape[k] = k == at || !o->sparse ? sizes[k] : 1;
        tr_shape(op, (cv_ints){n, shape});
        op->out[i] = ir_broadcast_in_dim(op->b, x, (ir_dims){n, shape}, (ir_dims){1, &at});
        op->weak_out[i] = kind.weak;
    }
}

cv_status cv_meshgrid_at(cv_vals list, cv_val *out, cv_meshgrid_options options, cv_here here) {
    uint32_t n = tr_list_length(list);
    return tr_operation_n("cv_meshgrid", here, build_meshgrid, &options, list.at, n, out, n);
}

typedef struct indexing {
    cv_dtype dtype;
    cv_ints shape;
} indexing;

static void build_indices(tr_op *op, const void *options) {
    const indexing *o = options;
    ir_dims shape = tr_shape(op, o->shape);
    cv_dtype dtype = o->dtype == CV_DTYPE_DEFAULT ? CV_S32 : tr_dtype(op, o->dtype);
    ir_val parts[IR_MAX_RANK];
    if (!shape.n) tr_wrong(op, "the shape of a scalar has no indices");
    for (int64_t i = 0; i < shape.n; i++) {
        parts[i] = ir_convert(op->b, ir_iota(op->b, dtype == CV_BOOL ? CV_S32 : dtype, shape, i), dtype);
        parts[i] = tr_insert_axis(op->b, parts[i], 0);
    }
    op->out[0] = ir_concatenate(op->b, parts, (uint32_t)shape.n, 0);
}

cv_val cv_indices_at(cv_dtype dtype, cv_ints shape, cv_here here) {
    return tr_operation("cv_indices", here, build_indices, &(indexing){dtype, shape}, NULL, 0);
}

// Windows

typedef enum window { BARTLETT, COSINES } window;
typedef struct windowing {
    window kind;
    double constant, once, twice; // and the factors of cosines of one and of two periods
    int64_t n;
} windowing;

static ir_val cosine(ir_builder *b, ir_val i, double factor, double step) {
    return ir_mul(b, ir_cos(b, ir_mul(b, i, ir_full_like(b, i, step))), ir_full_like(b, i, factor));
}

static void build_window(tr_op *op, const void *options) {
    const windowing *o = options;
    ir_builder *b = op->b;
    ir_dims shape = tr_shape(op, (cv_ints){1, &o->n});
    ir_val i = ir_iota(b, op->default_float, shape, 0), x;
    double last = (double)(o->n - 1);
    if (o->n < 2) {
        x = ir_full_like(b, i, 1);
    } else if (o->kind == BARTLETT) {
        ir_val from_middle = ir_sub(b, ir_mul(b, i, ir_full_like(b, i, 2 / last)), ir_full_like(b, i, 1));
        x = ir_sub(b, ir_full_like(b, i, 1), ir_abs(b, from_middle));
    } else {
        x = ir_add(b, cosine(b, i, o->once, 2 * M_PI / last), ir_full_like(b, i, o->constant));
        if (o->twice != 0) x = ir_add(b, x, cosine(b, i, o->twice, 4 * M_PI / last));
    }
    op->out[0] = x;
}

#define WINDOW(name, ...)                                                                          \
    cv_val cv_##name##_at(int64_t n, cv_here here) {                                               \
        return tr_operation("cv_" #name, here, build_window, &(windowing){__VA_ARGS__, n}, NULL, 0); \
    }
//     name      kind      constant  once   twice
WINDOW(bartlett, BARTLETT, 0,        0,     0)
WINDOW(blackman, COSINES,  0.42,     -0.5,  0.08)
WINDOW(hamming,  COSINES,  0.54,     -0.46, 0)
WINDOW(hanning,  COSINES,  0.5,      -0.5,  0)
