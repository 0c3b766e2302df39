// Windows and elements whose places are known at run time; order.
//
// In: operands in the builder. Out: results. Gather moves a window to where it is inside, scatter drops one
// that is not, as ours do by their mode. The index vectors of StableHLO lie along any axis of the indices, or
// are single numbers; ours lie along the last axis.

#include <string.h>

#include "ir/stablehlo/importer.h"

void sh_import_dynamic_slice(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val start[IR_MAX_RANK];
    ir_dims sizes = sh_get_dims(im, op, "slice_sizes");
    if (!op->n_in || sizes.n != op->n_in - 1 || sizes.n > IR_MAX_RANK)
        sh_wrong(im, "%lld sizes for %u operands", (long long)sizes.n, op->n_in);
    for (uint32_t i = 1; i < op->n_in; i++) start[i - 1] = sh_in(im, op, i);
    sh_set_out(im, op, 0, ir_dynamic_slice(im->b, sh_in(im, op, 0), start, sizes));
}

void sh_import_dynamic_update_slice(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val start[IR_MAX_RANK];
    if (op->n_in < 2 || op->n_in != sh_in_type(im, op, 0)->rank + 2)
        sh_wrong(im, "it needs an operand, an update and a start for each axis");
    for (uint32_t i = 2; i < op->n_in; i++) start[i - 2] = sh_in(im, op, i);
    sh_set_out(im, op, 0, ir_dynamic_update_slice(im->b, sh_in(im, op, 0), sh_in(im, op, 1), start));
}

// The indices with their vectors along the last axis; batching axes of the indices are counted without that
// axis.
ir_val sh_index_vectors(sh_importer *im, const sh_op *op, ir_val indices, ir_dims *batching) {
    const ir_type *type = ir_type_of(im->b, indices);
    int64_t axis = sh_get_int(im, op, "index_vector_dim", 0), shape[IR_MAX_RANK + 1];
    if (axis < 0 || axis > type->rank) sh_wrong(im, "the indices have no axis %lld", (long long)axis);
    int64_t *moved = base_new_array(&im->arena, int64_t, batching->n + 1);
    for (int64_t i = 0; i < batching->n; i++) moved[i] = batching->at[i] - (batching->at[i] > axis);
    batching->at = moved;
    if (axis < type->rank) return ir_move_axis(im->b, indices, axis, (int64_t)type->rank - 1);
    for (uint32_t i = 0; i < type->rank; i++) shape[i] = type->dims[i];
    shape[type->rank] = 1;
    return ir_reshape(im->b, indices, (ir_dims){type->rank + 1, shape});
}

void sh_import_gather(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_gather_attributes a = {
        .offset_dims = sh_get_dims(im, op, "offset_dims"),
        .collapsed_slice_dims = sh_get_dims(im, op, "collapsed_slice_dims"),
        .start_index_map = sh_get_dims(im, op, "start_index_map"),
        .operand_batching_dims = sh_get_dims(im, op, "operand_batching_dims"),
        .start_indices_batching_dims = sh_get_dims(im, op, "start_indices_batching_dims"),
        .slice_sizes = op->n_in == 3 ? sh_constant_dims(im, sh_in(im, op, 2), "the size of the slices")
                                     : sh_get_dims(im, op, "slice_sizes"),
        .mode = IR_CLIP,
    };
    ir_val indices = sh_index_vectors(im, op, sh_in(im, op, 1), &a.start_indices_batching_dims);
    sh_set_out(im, op, 0, ir_gather(im->b, sh_in(im, op, 0), indices, &a));
}

// Order

// JAX's comparator of the first n_keys operands: -0 counts as 0 and every NaN as one, behind all numbers.
static ir_val canonical(ir_builder *b, ir_val x) {
    const ir_type *type = ir_type_of(b, x);
    if (!ir_is_float(type->dtype)) return x;
    ir_val zero = ir_zeros(b, type), nan = ir_full(b, type, __builtin_nan(""));
    ir_val number = ir_select(b, ir_eq(b, x, zero), zero, x);
    return ir_select(b, ir_ne(b, x, x), nan, number);
}

static const ir_function *jax_order(ir_module *module, const cv_dtype *dtypes, uint32_t n, uint32_t n_keys) {
    ir_builder *b = ir_builder_new(module, "order");
    ir_val *x = base_new_array(&b->arena, ir_val, 2 * n + 1), before = IR_NONE;
    for (uint32_t i = 0; i < 2 * n; i++) x[i] = ir_param(b, ir_type_scalar(module, dtypes[i / 2]));
    for (uint32_t key = n_keys; key-- > 0;) {
        ir_val first = canonical(b, x[2 * key]), second = canonical(b, x[2 * key + 1]);
        first = sh_total_order_key(b, first);
        second = sh_total_order_key(b, second);
        ir_val less = ir_lt(b, first, second);
        if (before != IR_NONE) less = ir_or(b, less, ir_and(b, ir_eq(b, first, second), before));
        before = less;
    }
    return ir_finish(b, &before, 1);
}

void sh_import_sort(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    uint32_t n = op->n_in;
    if (!n || op->n_out != n) sh_wrong(im, "%u operands and %u results", n, op->n_out);
    ir_val *in = base_new_array(&im->arena, ir_val, n);
    cv_dtype *dtypes = base_new_array(&im->arena, cv_dtype, n);
    bool real = true;
    for (uint32_t i = 0; i < n; i++) {
        in[i] = sh_in(im, op, i);
        dtypes[i] = sh_in_type(im, op, i)->dtype;
        real &= !ir_is_complex(dtypes[i]);
    }
    ir_sort_attributes a = {sh_get_int(im, op, "dimension", -1),
                            sh_import_closed(im, &op->regions[0], "comparator")};
    if (a.axis < 0) a.axis += sh_in_type(im, op, 0)->rank;
    for (uint32_t keys = 1; real && keys <= n && keys <= 8; keys++)
        if (sh_same_function(im, a.comparator, jax_order(im->module, dtypes, n, keys))) {
            a.comparator = ir_sort_order(im->module, dtypes, n, keys, false);
            break;
        }
    ir_val out = ir_emit(im->b, IR_sort, in, n, &a);
    for (uint32_t i = 0; i < n; i++) sh_set_out(im, op, i, out + i);
}

// The k largest along the last axis and their places, in the total order of floating numbers; of equal ones
// the earlier first.
void sh_import_top_k(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_builder *b = im->b;
    const ir_type *type = sh_in_type(im, op, 0);
    int64_t k = sh_get_int(im, op, "k", -1), zero[IR_MAX_RANK] = {0}, limit[IR_MAX_RANK], one[IR_MAX_RANK];
    if (op->n_out != 2 || !type->rank || k < 0 || k > type->dims[type->rank - 1])
        sh_wrong(im, "it takes the k largest along the last axis");
    int64_t axis = (int64_t)type->rank - 1;
    ir_val in[] = {sh_in(im, op, 0), ir_iota(b, CV_S32, ir_shape(type), axis)};
    ir_builder *order = ir_builder_new(im->module, "larger");
    ir_val x[4];
    for (int i = 0; i < 4; i++)
        x[i] = ir_param(order, ir_type_scalar(im->module, i < 2 ? type->dtype : CV_S32));
    ir_val larger = ir_gt(order, sh_total_order_key(order, x[0]), sh_total_order_key(order, x[1]));
    ir_sort_attributes a = {axis, ir_finish(order, &larger, 1)};
    ir_val sorted = ir_emit(b, IR_sort, in, 2, &a);
    for (int64_t i = 0; i <= axis; i++) {
        limit[i] = i == axis ? k : type->dims[i];
        one[i] = 1;
    }
    ir_dims start = {type->rank, zero}, end = {type->rank, limit}, stride = {type->rank, one};
    for (uint32_t i = 0; i < 2; i++) sh_set_out(im, op, i, ir_slice(b, sorted + i, start, end, stride));
}
