// Reductions and products of matrices.
//
// In: operands in the builder, the region of a reduction. Out: results. A region that is one operation of its
// two arguments is a reduction of ours, to which the initial value is added unless it changes nothing. The
// region that JAX prints for argmax and argmin is known by its structure. Any other is a fold by that
// function.

#include <string.h>

#include "ir/stablehlo/importer.h"

static ir_primitive reduction_of(ir_primitive combiner) {
    switch (combiner) {
    case IR_add: return IR_reduce_sum;
    case IR_mul: return IR_reduce_prod;
    case IR_max: return IR_reduce_max;
    case IR_min: return IR_reduce_min;
    case IR_and: return IR_reduce_and;
    case IR_or: return IR_reduce_or;
    case IR_xor: return IR_reduce_xor;
    default: return IR_PRIMITIVE_COUNT;
    }
}

// The element of a constant that has one, as a scalar; false if the value is none.
static bool constant_scalar(const sh_importer *im, ir_val value, union ir_scalar *scalar) {
    const ir_op *op = ir_def_of(im->b, value);
    const ir_type *type = ir_type_of(im->b, value);
    if (!op || op->primitive != IR_constant || type->rank) return false;
    memset(scalar, 0, sizeof *scalar);
    memcpy(scalar, ((const ir_constant_attributes *)op->attributes)->value.data, cv_dtype_size(type->dtype));
    return true;
}

// The smallest (or largest) value of a dtype, as initial values have it.
static void extreme_of(union ir_scalar *scalar, cv_dtype dtype, bool smallest) {
    double infinity = smallest ? -__builtin_inf() : __builtin_inf();
    memset(scalar, 0, sizeof *scalar);
    if (dtype == CV_BOOL)
        scalar->boolean = !smallest;
    else
        ir_scalar_from_double(scalar, dtype, infinity); // integers saturate
}

bool sh_is_neutral(const sh_importer *im, ir_primitive combiner, ir_val initial) {
    union ir_scalar scalar, neutral = {0};
    cv_dtype dtype = ir_type_of(im->b, initial)->dtype;
    if (!constant_scalar(im, initial, &scalar)) return false;
    if (combiner == IR_add && !ir_is_complex(dtype)) return ir_scalar_is(&scalar, dtype, 0);
    if (combiner == IR_mul && !ir_is_complex(dtype)) return ir_scalar_is(&scalar, dtype, 1);
    if (combiner == IR_max || combiner == IR_min)
        extreme_of(&neutral, dtype, combiner == IR_max);
    else if (combiner == IR_and)
        ir_scalar_from_int(&neutral, dtype, dtype == CV_BOOL ? 1 : -1);
    else if (combiner == IR_mul)
        ir_scalar_from_double(&neutral, dtype, 1);
    return !memcmp(&scalar, &neutral, cv_dtype_size(dtype));
}

static bool reduce_by_operation(sh_importer *im, const sh_op *op, ir_dims axes) {
    const char *name = op->n_in == 2 ? sh_region_combiner(&op->regions[0]) : NULL;
    ir_primitive combiner =
        name ? sh_combiner_primitive(name, sh_in_type(im, op, 0)->dtype) : IR_PRIMITIVE_COUNT;
    if (combiner == IR_PRIMITIVE_COUNT) return false;
    ir_val initial = sh_in(im, op, 1), out = ir_reduce(im->b, reduction_of(combiner), sh_in(im, op, 0), axes);
    if (!sh_is_neutral(im, combiner, initial)) {
        initial = sh_fill_shape(im, initial, ir_shape(ir_type_of(im->b, out)));
        out = ir_emit(im->b, combiner, (ir_val[]){initial, out}, 2, NULL);
    }
    sh_set_out(im, op, 0, out);
    return true;
}

// The body of JAX's argmax: (value, index) pairs; NaN wins, then the extreme, then the earlier one.
static const ir_function *extreme_body(ir_module *module, cv_dtype dtype, cv_dtype index,
                                       ir_primitive before) {
    ir_builder *b = ir_builder_new(module, "extreme");
    const ir_type *types[] = {ir_type_scalar(module, dtype), ir_type_scalar(module, index)};
    ir_val x = ir_param(b, types[0]), i = ir_param(b, types[1]), y = ir_param(b, types[0]),
           j = ir_param(b, types[1]);
    ir_val wins = ir_emit(b, before, (ir_val[]){x, y}, 2, NULL);
    wins = ir_or(b, wins, ir_ne(b, x, x));
    ir_val earlier = ir_or(b, wins, ir_and(b, ir_eq(b, x, y), ir_lt(b, i, j)));
    ir_val out[] = {ir_select(b, wins, x, y), ir_select(b, earlier, i, j)};
    return ir_finish(b, out, 2);
}

// The elements of x at these places of an axis.
static ir_val take_along(ir_builder *b, ir_val x, ir_val places, int64_t axis) {
    const ir_type *type = ir_type_of(b, x), *at = ir_type_of(b, places);
    int64_t others[IR_MAX_RANK], batch[IR_MAX_RANK], ones[IR_MAX_RANK], shape[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < type->rank; i++) {
        ones[i] = 1;
        if (i == axis) continue;
        shape[n] = at->dims[n];
        batch[n] = n;
        others[n++] = i;
    }
    shape[n] = 1;
    ir_gather_attributes a = {.collapsed_slice_dims = {1, &axis},
                              .start_index_map = {1, &axis},
                              .operand_batching_dims = {n, others},
                              .start_indices_batching_dims = {n, batch},
                              .slice_sizes = {type->rank, ones},
                              .mode = IR_CLIP};
    return ir_gather(b, x, ir_reshape(b, places, (ir_dims){n + 1, shape}), &a);
}

static bool is_iota_along(const sh_importer *im, ir_val value, int64_t axis) {
    const ir_op *op = ir_def_of(im->b, value);
    return op && op->primitive == IR_iota && ((const ir_iota_attributes *)op->attributes)->axis == axis;
}

static bool reduce_to_extreme(sh_importer *im, const sh_op *op, ir_dims axes, const ir_function *body) {
    if (op->n_in != 4 || axes.n != 1) return false;
    ir_val x = sh_in(im, op, 0), numbers = sh_in(im, op, 1);
    const ir_type *type = ir_type_of(im->b, x), *index = ir_type_of(im->b, numbers);
    union ir_scalar scalar, extreme;
    int64_t axis = axes.at[0];
    if (axis < 0 || axis >= type->rank || !type->count || ir_is_complex(type->dtype)) return false;
    if (!ir_is_integer(index->dtype) || !is_iota_along(im, numbers, axis)) return false;
    if (!constant_scalar(im, sh_in(im, op, 3), &scalar) || !ir_scalar_is(&scalar, index->dtype, 0))
        return false;
    bool largest = sh_same_function(im, body, extreme_body(im->module, type->dtype, index->dtype, IR_gt));
    if (!largest && !sh_same_function(im, body, extreme_body(im->module, type->dtype, index->dtype, IR_lt)))
        return false;
    extreme_of(&extreme, type->dtype, largest);
    if (!constant_scalar(im, sh_in(im, op, 2), &scalar)) return false;
    if (memcmp(&scalar, &extreme, cv_dtype_size(type->dtype))) return false;
    ir_val place =
        largest ? ir_argmax(im->b, x, axis, index->dtype) : ir_argmin(im->b, x, axis, index->dtype);
    sh_set_out(im, op, 0, take_along(im->b, x, place, axis));
    sh_set_out(im, op, 1, place);
    return true;
}

void sh_import_reduce(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    uint32_t n = op->n_in / 2;
    ir_dims axes = sh_get_dims(im, op, "dimensions");
    if (!n || op->n_in % 2 || op->n_out != n) sh_wrong(im, "%u operands and %u results", op->n_in, op->n_out);
    if (reduce_by_operation(im, op, axes)) return;
    const ir_function *body = sh_import_closed(im, &op->regions[0], "reducer");
    if (reduce_to_extreme(im, op, axes, body)) return;
    ir_val *in = base_new_array(&im->arena, ir_val, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = sh_in(im, op, i);
    ir_val out = ir_emit(im->b, IR_reduce, in, op->n_in, &(ir_reduce_attributes){axes, body});
    for (uint32_t i = 0; i < n; i++) sh_set_out(im, op, i, out + i);
}

// Products: computed in the dtype of the result if that holds the operands, else in theirs. Of booleans it is
// whether any pair is true: they are counted.
static cv_dtype product_dtype(cv_dtype x, cv_dtype y, cv_dtype out) {
    if (out == CV_BOOL) return CV_S32;
    cv_dtype wide = cv_dtype_size(x) >= cv_dtype_size(y) ? x : y;
    return cv_dtype_size(out) >= cv_dtype_size(wide) ? out : wide;
}

static void import_product(sh_importer *im, const sh_op *op, const ir_dot_attributes *a) {
    cv_dtype out = sh_out_type(im, op, 0)->dtype;
    cv_dtype dtype = product_dtype(sh_in_type(im, op, 0)->dtype, sh_in_type(im, op, 1)->dtype, out);
    ir_val x = ir_convert(im->b, sh_in(im, op, 0), dtype), y = ir_convert(im->b, sh_in(im, op, 1), dtype);
    sh_set_out(im, op, 0, ir_convert(im->b, ir_dot_general(im->b, x, y, a), out));
}

void sh_import_dot_general(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dot_attributes a = {
        .lhs_contract = sh_get_dims(im, op, "lhs_contracting_dimensions"),
        .rhs_contract = sh_get_dims(im, op, "rhs_contracting_dimensions"),
        .lhs_batch = sh_get_dims(im, op, "lhs_batching_dimensions"),
        .rhs_batch = sh_get_dims(im, op, "rhs_batching_dimensions"),
    };
    import_product(im, op, &a);
}

// The last axis of the first by the first of the second.
void sh_import_dot(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    int64_t rank = sh_in_type(im, op, 0)->rank;
    if (!rank || !sh_in_type(im, op, 1)->rank) sh_wrong(im, "its operands need an axis");
    import_product(im, op,
                   &(ir_dot_attributes){.lhs_contract = IR_DIMS(rank - 1), .rhs_contract = IR_DIMS(0)});
}
