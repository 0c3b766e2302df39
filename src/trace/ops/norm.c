// Norms, ranges and counts; and reductions that skip NaN. In: one value and a list of axes. Out: as in
// reduce.c, in whose frame these rows stand.
//
// NaN is skipped by putting in its place what the reduction does not notice, and by counting the rest.

#include <math.h>

#include "trace/ops/reduce.h"

static ir_val number(ir_builder *b, ir_val x, double value) { return ir_full_like(b, x, value); }

static ir_val sum_of(const reduction *r, ir_val x) { return ir_reduce_sum(r->b, x, r->axes); }

// Norms

static ir_val magnitudes(const reduction *r) { return ir_abs(r->b, r->x); }

static ir_val emit_2_norm(const reduction *r) {
    return ir_sqrt(r->b, sum_of(r, tr_squared(r->b, r->x)));
}

static ir_val emit_vector_norm(const reduction *r) {
    ir_builder *b = r->b;
    double order = r->parameter;
    if (order == 2) return emit_2_norm(r);
    ir_val x = magnitudes(r);
    if (isinf(order)) {
        tr_check_some(r, order > 0 ? "maximum" : "minimum");
        return (order > 0 ? ir_reduce_max : ir_reduce_min)(b, x, r->axes);
    }
    if (order == 1) return sum_of(r, x);
    ir_val sum = sum_of(r, ir_pow(b, x, number(b, x, order)));
    return ir_pow(b, sum, number(b, sum, 1 / order));
}

// The greatest or smallest sum of a column (order 1, -1) or a row (infinite orders).
static ir_val emit_matrix_norm(const reduction *r) {
    ir_builder *b = r->b;
    bool rows = isinf(r->parameter);
    int64_t summed = r->axes.at[rows], left = r->axes.at[!rows];
    tr_check_some(r, "extreme");
    ir_val sums = ir_reduce_sum(b, magnitudes(r), (ir_dims){1, &summed});
    left -= left > summed;
    return (r->parameter > 0 ? ir_reduce_max : ir_reduce_min)(b, sums, (ir_dims){1, &left});
}

static void build_norm(tr_op *op, const void *options) {
    static const reduce_row rows[] = {{FLOATING, false, false, emit_2_norm},
                                      {FLOATING, false, false, emit_vector_norm},
                                      {FLOATING, false, false, emit_matrix_norm}};
    const cv_norm_options *o = options;
    int64_t axes = tr_given(o->axis) ? o->axis.n : tr_type(op, 0)->rank;
    double order = o->ord;
    char text[IR_TYPE_TEXT];
    tr_check_list(op, o->axis, "axis");
    if (order != 0 && axes != 1 && axes != 2)
        tr_wrong(op, "%s: .ord = %g is of vectors or matrices: give one or two axes", tr_text(op, 0, text),
                 order);
    if (axes == 2 && order != 0 && fabs(order) != 1 && !isinf(order))
        tr_wrong(op, "there is no matrix norm .ord = %g here: they are 1, -1, INFINITY, -INFINITY", order);
    // The axes are sorted; the norms of a transposed matrix are each other's.
    if (axes == 2 && order != 0 && tr_given(o->axis) &&
        tr_axis(op, 0, o->axis.at[0], 0) > tr_axis(op, 0, o->axis.at[1], 0))
        order = isinf(order) ? copysign(1, order) : copysign((double)INFINITY, order);
    reducing r = {&rows[order == 0 ? 0 : axes], {.axis = o->axis, .keepdims = o->keepdims, .ddof = order}};
    tr_build_reduce(op, &r);
}

cv_val cv_norm_at(cv_val x, cv_norm_options options, cv_here here) {
    return tr_operation("cv_norm", here, build_norm, &options, &x, 1);
}

// Ranges and counts

static ir_val emit_ptp(const reduction *r) {
    tr_check_some(r, "range");
    return ir_sub(r->b, ir_reduce_max(r->b, r->x, r->axes), ir_reduce_min(r->b, r->x, r->axes));
}

static ir_val emit_count_nonzero(const reduction *r) { return sum_of(r, ir_convert(r->b, r->x, CV_S32)); }

// What skips NaN

static bool has_nan(const reduction *r) { return ir_is_differentiable(r->type->dtype); }

static ir_val replaced(const reduction *r, double by) {
    return has_nan(r) ? ir_select(r->b, ir_ne(r->b, r->x, r->x), number(r->b, r->x, by), r->x) : r->x;
}

// How many are not NaN, in the dtype of x.
static ir_val counted(const reduction *r) {
    return sum_of(r, ir_convert(r->b, ir_eq(r->b, r->x, r->x), r->type->dtype));
}

static ir_val emit_nansum(const reduction *r) { return sum_of(r, replaced(r, 0)); }
static ir_val emit_nanprod(const reduction *r) {
    return ir_reduce(r->b, IR_reduce_prod, replaced(r, 1), r->axes);
}
static ir_val emit_nanmean(const reduction *r) { return ir_div(r->b, emit_nansum(r), counted(r)); }

static ir_val emit_nanvar(const reduction *r) {
    ir_builder *b = r->b;
    ir_val centered = ir_sub(b, r->x, tr_spread(r, emit_nanmean(r)));
    centered = ir_select(b, ir_ne(b, r->x, r->x), number(b, r->x, 0), centered);
    ir_val n = ir_sub(b, counted(r), number(b, counted(r), r->parameter));
    ir_val enough = ir_gt(b, n, number(b, n, 0));
    ir_val sum = sum_of(r, tr_squared(b, centered));
    return ir_div(b, sum, ir_select(b, enough, n, number(b, n, (double)NAN)));
}

static ir_val emit_nanstd(const reduction *r) { return ir_sqrt(r->b, emit_nanvar(r)); }

static ir_val extreme(const reduction *r, double neutral, const char *what) {
    ir_builder *b = r->b;
    tr_check_some(r, what);
    ir_val value = (neutral < 0 ? ir_reduce_max : ir_reduce_min)(b, replaced(r, neutral), r->axes);
    if (!has_nan(r)) return value;
    ir_val none = ir_eq(b, counted(r), number(b, value, 0));
    return ir_select(b, none, number(b, value, (double)NAN), value);
}

static ir_val emit_nanmax(const reduction *r) { return extreme(r, -(double)INFINITY, "maximum"); }
static ir_val emit_nanmin(const reduction *r) { return extreme(r, (double)INFINITY, "minimum"); }

// clang-format off
//        name           dtype     keeps shape  weak   emits
REDUCTION(ptp,           SAME,     false,       false, emit_ptp)
REDUCTION(count_nonzero, BOOLEAN,  false,       false, emit_count_nonzero)
REDUCTION(nansum,        SUMMED,   false,       false, emit_nansum)
REDUCTION(nanprod,       SUMMED,   false,       false, emit_nanprod)
REDUCTION(nanmean,       FLOATING, false,       false, emit_nanmean)
REDUCTION(nanvar,        FLOATING, false,       false, emit_nanvar)
REDUCTION(nanstd,        FLOATING, false,       false, emit_nanstd)
REDUCTION(nanmax,        SAME,     false,       false, emit_nanmax)
REDUCTION(nanmin,        SAME,     false,       false, emit_nanmin)
// clang-format on
