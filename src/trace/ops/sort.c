// Sorting and searching. In: arrays, and how they are ordered. Out: sorts, and a search by gathers.
//
// Places are found by sorting a row of numbers along with what is sorted. A comparator of the user's is
// traced for scalars and becomes part of the operation, which is closed: it can capture nothing.

#include "trace/ops/common.h"

// The axis of operand 0; by default the last.
static int64_t axis_of(const tr_op *op, cv_ints axis) {
    static const int64_t last[] = {-1};
    return tr_one_axis(op, 0, axis.at || axis.n ? axis : (cv_ints){1, last});
}

static cv_dtype dtype_of(const tr_op *op, ir_val x) { return ir_type_of(op->b, x)->dtype; }

static ir_val emit_sort(const tr_op *op, const ir_val *in, uint32_t n, int64_t axis,
                        const ir_function *comparator) {
    return ir_emit(op->b, IR_sort, in, n, &(ir_sort_attributes){axis, comparator});
}

// Sorts x and, beside it, the places along the axis; returns the sorted x, whose places follow it.
static ir_val sort_with_places(const tr_op *op, ir_val x, int64_t axis, bool descending) {
    const ir_type *type = ir_type_of(op->b, x);
    char text[IR_TYPE_TEXT];
    if (type->dims[axis] > INT32_MAX)
        tr_wrong(op, "%s: places on axis %lld do not fit s32", ir_type_text(type, text), (long long)axis);
    ir_val in[] = {x, ir_iota(op->b, CV_S32, ir_shape(type), axis)};
    cv_dtype dtypes[] = {type->dtype, CV_S32};
    return emit_sort(op, in, 2, axis, ir_sort_order(op->b->module, dtypes, 2, 1, descending));
}

ir_val tr_sorted(const tr_op *op, ir_val x, int64_t axis) {
    cv_dtype dtype = dtype_of(op, x);
    return emit_sort(op, &x, 1, axis, ir_sort_order(op->b->module, &dtype, 1, 1, false));
}

static void build_sort(tr_op *op, const void *options) {
    const cv_sort_options *o = options;
    int64_t axis = axis_of(op, o->axis);
    ir_val x = tr_as(op, 0, tr_kind_of(op, 0).dtype);
    cv_dtype dtype = dtype_of(op, x);
    op->out[0] = emit_sort(op, &x, 1, axis, ir_sort_order(op->b->module, &dtype, 1, 1, o->descending));
    op->weak_out[0] = op->weak[0];
}

cv_val cv_sort_at(cv_val x, cv_sort_options options, cv_here here) {
    return tr_operation("cv_sort", here, build_sort, &options, &x, 1);
}

static void build_argsort(tr_op *op, const void *options) {
    const cv_sort_options *o = options;
    int64_t axis = axis_of(op, o->axis);
    op->out[0] = sort_with_places(op, tr_as(op, 0, tr_kind_of(op, 0).dtype), axis, o->descending) + 1;
}

cv_val cv_argsort_at(cv_val x, cv_sort_options options, cv_here here) {
    return tr_operation("cv_argsort", here, build_argsort, &options, &x, 1);
}

// The user's comparator as a program of scalars.
static const ir_function *comparator_of(tr_op *op, cv_fn f) {
    const ir_type **types = base_new_array(&op->b->arena, const ir_type *, 2 * op->n_in + 1);
    for (uint32_t i = 0; i < 2 * op->n_in; i++)
        types[i] = ir_type_scalar(op->b->module, dtype_of(op, op->in[i / 2]));
    return tr_closed_function(op, f, "the comparator", types, 2 * op->n_in, 1);
}

static void build_together(tr_op *op, const void *options) {
    const cv_sort_together_options *o = options;
    int64_t axis = axis_of(op, o->axis);
    uint32_t n_keys = o->num_keys ? (uint32_t)o->num_keys : 1;
    if (o->num_keys < 0 || n_keys > op->n_in)
        tr_wrong(op, "num_keys is %d and there are %u arrays", o->num_keys, op->n_in);
    cv_dtype *dtypes = base_new_array(&op->b->arena, cv_dtype, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) {
        op->in[i] = tr_as(op, i, tr_kind_of(op, i).dtype);
        dtypes[i] = dtype_of(op, op->in[i]);
    }
    bool own = o->comparator.slot || o->comparator.generation;
    const ir_function *comparator =
        own ? comparator_of(op, o->comparator)
            : ir_sort_order(op->b->module, dtypes, op->n_in, n_keys, o->descending);
    ir_val first = emit_sort(op, op->in, op->n_in, axis, comparator);
    for (uint32_t i = 0; i < op->n_in; i++) {
        op->out[i] = first + i;
        op->weak_out[i] = op->weak[i];
    }
}

static void build_nothing(tr_op *op, const void *options) {
    (void)options;
    tr_wrong(op, "there is nothing to sort");
}

cv_status cv_sort_together_at(cv_vals list, cv_val *out, cv_sort_together_options options, cv_here here) {
    bool empty = list.n < 1 || !list.at;
    uint32_t n = empty ? 0 : (uint32_t)list.n;
    return tr_operation_n("cv_sort_together", here, empty ? build_nothing : build_together, &options, list.at,
                          n, out, n);
}

static void build_top_k(tr_op *op, const void *options) {
    int64_t k = *(const int64_t *)options, axis = axis_of(op, (cv_ints){0, NULL});
    char text[IR_TYPE_TEXT];
    if (k < 0 || k > tr_type(op, 0)->dims[axis])
        tr_wrong(op, "%s has no %lld elements along its last axis", tr_text(op, 0, text), (long long)k);
    ir_val sorted = sort_with_places(op, tr_as(op, 0, tr_kind_of(op, 0).dtype), axis, true);
    for (uint32_t i = 0; i < 2; i++) op->out[i] = tr_slice_axis(op->b, sorted + i, axis, 0, k);
    op->weak_out[0] = op->weak[0];
}

cv_status cv_top_k_at(cv_val x, int64_t k, cv_val out[2], cv_here here) {
    return tr_operation_n("cv_top_k", here, build_top_k, &k, &x, 1, out, 2);
}

// The elements of a sorted array at places inside it.
ir_val tr_elements(ir_builder *b, ir_val sorted, ir_val places) {
    int64_t zero = 0, one = 1;
    ir_dims none = {0, &zero}, axis = {1, &zero};
    ir_gather_attributes a = {none, axis, axis, none, none, {1, &one}, IR_CLIP};
    return ir_gather(b, sorted, tr_insert_axis(b, places, ir_type_of(b, places)->rank), &a);
}

// A place is built of powers of 2, the largest first: one stays if what it jumps over goes before the value.
ir_val tr_search(ir_builder *b, ir_val sorted, ir_val value, bool right) {
    int64_t n = ir_type_of(b, sorted)->count, step = 1;
    const ir_type *type = ir_type_with_dtype(b->module, ir_type_of(b, value), CV_S32);
    ir_val place = ir_zeros(b, type);
    while (step <= n / 2) step *= 2;
    for (; n && step; step /= 2) {
        ir_val further = ir_add(b, place, ir_full_int(b, type, step));
        ir_val passed = tr_elements(b, sorted, ir_sub(b, further, ir_full_int(b, type, 1)));
        ir_val before =
            right ? ir_not(b, ir_goes_before(b, value, passed)) : ir_goes_before(b, passed, value);
        before = ir_and(b, before, ir_le(b, further, ir_full_int(b, type, n)));
        place = ir_select(b, before, further, place);
    }
    return place;
}

void tr_check_sorted(const tr_op *op, uint32_t i) {
    char text[IR_TYPE_TEXT];
    if (tr_type(op, i)->rank != 1) tr_wrong(op, "%s: the sorted array has one axis", tr_text(op, i, text));
    if (tr_type(op, i)->count >= INT32_MAX) tr_wrong(op, "%s: places do not fit s32", tr_text(op, i, text));
}

static void build_searchsorted(tr_op *op, const void *options) {
    const cv_searchsorted_options *o = options;
    tr_check_sorted(op, 0);
    tr_cast(op, 0, 2, tr_common_kind(op, 0, 2).dtype);
    op->out[0] = tr_search(op->b, op->in[0], op->in[1], o->right);
}

cv_val cv_searchsorted_at(cv_val sorted, cv_val values, cv_searchsorted_options options, cv_here here) {
    return tr_operation("cv_searchsorted", here, build_searchsorted, &options, (cv_val[]){sorted, values}, 2);
}
