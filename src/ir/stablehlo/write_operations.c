// In: an operation and what its operands are called. Out: lines of StableHLO.
//
// Most primitives are one operation with the same operands; their names stand in one table. The others have
// attributes of their own, or regions.

#include "base/error.h"
#include "ir/stablehlo/write.h"

static const char *const same[IR_PRIMITIVE_COUNT] = {
    [IR_neg] = "stablehlo.negate",
    [IR_abs] = "stablehlo.abs",
    [IR_sign] = "stablehlo.sign",
    [IR_floor] = "stablehlo.floor",
    [IR_exp] = "stablehlo.exponential",
    [IR_expm1] = "stablehlo.exponential_minus_one",
    [IR_log] = "stablehlo.log",
    [IR_log1p] = "stablehlo.log_plus_one",
    [IR_tanh] = "stablehlo.tanh",
    [IR_logistic] = "stablehlo.logistic",
    [IR_sin] = "stablehlo.sine",
    [IR_cos] = "stablehlo.cosine",
    [IR_sqrt] = "stablehlo.sqrt",
    [IR_rsqrt] = "stablehlo.rsqrt",
    [IR_not] = "stablehlo.not",
    [IR_convert] = "stablehlo.convert",
    [IR_add] = "stablehlo.add",
    [IR_sub] = "stablehlo.subtract",
    [IR_mul] = "stablehlo.multiply",
    [IR_div] = "stablehlo.divide",
    [IR_pow] = "stablehlo.power",
    [IR_max] = "stablehlo.maximum",
    [IR_min] = "stablehlo.minimum",
    [IR_and] = "stablehlo.and",
    [IR_or] = "stablehlo.or",
    [IR_xor] = "stablehlo.xor",
    [IR_select] = "stablehlo.select",
    [IR_clamp] = "stablehlo.clamp",
    [IR_real] = "stablehlo.real",
    [IR_imag] = "stablehlo.imag",
    [IR_conj] = "chlo.conj",
    [IR_complex] = "stablehlo.complex",
    [IR_tan] = "stablehlo.tan",
    [IR_asin] = "chlo.asin",
    [IR_acos] = "chlo.acos",
    [IR_atan] = "chlo.atan",
    [IR_sinh] = "chlo.sinh",
    [IR_cosh] = "chlo.cosh",
    [IR_asinh] = "chlo.asinh",
    [IR_acosh] = "chlo.acosh",
    [IR_atanh] = "chlo.atanh",
    [IR_cbrt] = "stablehlo.cbrt",
    [IR_atan2] = "stablehlo.atan2",
    [IR_erf] = "chlo.erf",
    [IR_erfc] = "chlo.erfc",
    [IR_erf_inv] = "chlo.erf_inv",
    [IR_lgamma] = "chlo.lgamma",
    [IR_digamma] = "chlo.digamma",
    [IR_bessel_i1e] = "chlo.bessel_i1e",
    [IR_ceil] = "stablehlo.ceil",
    [IR_round] = "stablehlo.round_nearest_afz",
    [IR_round_even] = "stablehlo.round_nearest_even",
    [IR_rem] = "stablehlo.remainder",
    [IR_shift_left] = "stablehlo.shift_left",
    [IR_shift_right_arithmetic] = "stablehlo.shift_right_arithmetic",
    [IR_shift_right_logical] = "stablehlo.shift_right_logical",
    [IR_popcnt] = "stablehlo.popcnt",
    [IR_clz] = "stablehlo.count_leading_zeros",
    [IR_bitcast_convert] = "stablehlo.bitcast_convert",
    [IR_is_finite] = "stablehlo.is_finite",
    [IR_nextafter] = "chlo.next_after",
    [IR_reshape] = "stablehlo.reshape",
    [IR_dynamic_update_slice] = "stablehlo.dynamic_update_slice",
};

static const char *const directions[IR_PRIMITIVE_COUNT] = {
    [IR_eq] = "EQ", [IR_ne] = "NE", [IR_lt] = "LT", [IR_le] = "LE", [IR_gt] = "GT", [IR_ge] = "GE",
};

// An operation that is being written.
typedef struct line {
    sh_writer *w;
    const ir_function *f;
    const ir_op *op;
    const sh_named *in;
    const void *attributes;
    sh_named *out;
} line;

static const ir_type *out_type(const line *l) { return l->f->types[l->op->out]; }

// One operation with the operands and result of the primitive, and these attributes.
static void plain(const line *l, const char *op, const char *attributes) {
    *l->out = sh_line(l->w, op, l->in, l->op->n_in, attributes, out_type(l));
}

static void compare(const line *l) {
    cv_dtype dtype = l->in[0].type->dtype;
    const char *type = ir_is_differentiable(dtype) ? "FLOAT" : ir_is_signed(dtype) ? "SIGNED" : "UNSIGNED";
    plain(l, "stablehlo.compare",
          base_format(l->w->arena,
                      "comparison_direction = #stablehlo<comparison_direction %s>, compare_type = "
                      "#stablehlo<comparison_type %s>",
                      directions[l->op->primitive], type));
}

static sh_named constant(sh_writer *w, const ir_literal *literal) {
    base_text value = {.arena = w->arena};
    base_text_add(&value, "value = ");
    sh_write_literal(&value, literal);
    return sh_line(w, "stablehlo.constant", NULL, 0, value.at, literal->type);
}

static sh_named number(sh_writer *w, const ir_type *type, double value) {
    union ir_scalar scalar;
    ir_scalar_from_double(&scalar, type->dtype, value);
    return constant(w, &(ir_literal){type, true, &scalar});
}

// Creation and movement.

static void iota(const line *l) {
    int64_t axis = ((const ir_iota_attributes *)l->attributes)->axis;
    plain(l, "stablehlo.iota", base_format(l->w->arena, "iota_dimension = %lld : i64", (long long)axis));
}

static void concatenate(const line *l) {
    int64_t axis = ((const ir_axis_attributes *)l->attributes)->axis;
    plain(l, "stablehlo.concatenate", base_format(l->w->arena, "dimension = %lld : i64", (long long)axis));
}

static void with_array(const line *l, const char *op, const char *name, ir_dims dims) {
    plain(l, op, base_format(l->w->arena, "%s = %s", name, sh_array(l->w, dims)));
}

static void slice(const line *l) {
    const ir_slice_attributes *a = l->attributes;
    plain(l, "stablehlo.slice",
          base_format(l->w->arena, "start_indices = %s, limit_indices = %s, strides = %s",
                      sh_array(l->w, a->start), sh_array(l->w, a->limit), sh_array(l->w, a->stride)));
}

static void pad(const line *l) {
    const ir_pad_attributes *a = l->attributes;
    plain(l, "stablehlo.pad",
          base_format(l->w->arena, "edge_padding_low = %s, edge_padding_high = %s, interior_padding = %s",
                      sh_array(l->w, a->low), sh_array(l->w, a->high), sh_array(l->w, a->interior)));
}

static void gather(const line *l) {
    const ir_gather_attributes *a = l->attributes;
    sh_writer *w = l->w;
    plain(l, "stablehlo.gather",
          base_format(w->arena,
                      "dimension_numbers = #stablehlo.gather<offset_dims = %s, collapsed_slice_dims = %s, "
                      "operand_batching_dims = %s, start_indices_batching_dims = %s, start_index_map = %s, "
                      "index_vector_dim = %u>, slice_sizes = %s, indices_are_sorted = false",
                      sh_list(w, a->offset_dims), sh_list(w, a->collapsed_slice_dims),
                      sh_list(w, a->operand_batching_dims), sh_list(w, a->start_indices_batching_dims),
                      sh_list(w, a->start_index_map), l->in[1].type->rank - 1, sh_array(w, a->slice_sizes)));
}

static void scatter_region(const line *l) {
    const ir_type *type = ir_type_scalar(l->w->module, l->in[0].type->dtype);
    if (l->op->primitive != IR_scatter) {
        sh_region_of(l->w, same[ir_combiner(l->op->primitive)], type);
        return;
    }
    ir_builder *b = ir_builder_new(l->w->module, "update");
    ir_param(b, type);
    ir_val update = ir_param(b, type);
    sh_region(l->w, ir_finish(b, &update, 1), NULL, 0, true);
}

static void scatter(const line *l) {
    const ir_scatter_attributes *a = l->attributes;
    sh_writer *w = l->w;
    const ir_type *type = out_type(l);
    const char *attributes = base_format(
        w->arena,
        "scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = %s, inserted_window_dims = %s, "
        "input_batching_dims = %s, scatter_indices_batching_dims = %s, scatter_dims_to_operand_dims = %s, "
        "index_vector_dim = %u>, indices_are_sorted = false, unique_indices = %s",
        sh_list(w, a->update_window_dims), sh_list(w, a->inserted_window_dims),
        sh_list(w, a->operand_batching_dims), sh_list(w, a->scatter_indices_batching_dims),
        sh_list(w, a->scatter_dims_to_operand_dims), l->in[1].type->rank - 1, a->unique ? "true" : "false");
    sh_begin(w, "stablehlo.scatter", l->in, 3, attributes, &type, 1, l->out);
    scatter_region(l);
    sh_end_regions(w);
    sh_end(w, l->in, 3, l->out, 1);
}

// Folds, products, order.

static void reduction(const line *l) {
    sh_writer *w = l->w;
    const ir_type *type = out_type(l), *element = ir_type_scalar(w->module, type->dtype);
    ir_primitive combiner = ir_combiner(l->op->primitive);
    ir_dims axes = ((const ir_axes_attributes *)l->attributes)->axes;
    sh_named in[2] = {l->in[0], number(w, element, sh_neutral_number(combiner, type->dtype))};
    const char *attributes = base_format(w->arena, "dimensions = %s", sh_array(w, axes));
    sh_begin(w, "stablehlo.reduce", in, 2, attributes, &type, 1, l->out);
    sh_region_of(w, same[combiner], element);
    sh_end_regions(w);
    sh_end(w, in, 2, l->out, 1);
}

static void dot_general(const line *l) {
    const ir_dot_attributes *a = l->attributes;
    sh_writer *w = l->w;
    plain(l, "stablehlo.dot_general",
          base_format(w->arena,
                      "dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = %s, "
                      "rhs_batching_dimensions = %s, lhs_contracting_dimensions = %s, "
                      "rhs_contracting_dimensions = %s>, precision_config = [#stablehlo<precision HIGHEST>, "
                      "#stablehlo<precision HIGHEST>]",
                      sh_list(w, a->lhs_batch), sh_list(w, a->rhs_batch), sh_list(w, a->lhs_contract),
                      sh_list(w, a->rhs_contract)));
}

// An operation with regions that take all that they need as arguments, but for what is `given`.
static void with_regions(const line *l, const char *op, const sh_named *in, uint32_t n_in,
                         const char *attributes, const ir_function *const *regions, uint32_t n_regions) {
    sh_begin(l->w, op, in, n_in, attributes, l->f->types + l->op->out, l->op->n_out, l->out);
    for (uint32_t i = 0; i < n_regions; i++) sh_region(l->w, regions[i], NULL, 0, i == 0);
    sh_end_regions(l->w);
    sh_end(l->w, in, n_in, l->out, l->op->n_out);
}

static void sort(const line *l) {
    const ir_sort_attributes *a = l->attributes;
    with_regions(l, "stablehlo.sort", l->in, l->op->n_in,
                 base_format(l->w->arena, "dimension = %lld : i64, is_stable = true", (long long)a->axis),
                 &a->comparator, 1);
}

static void reduce(const line *l) {
    const ir_reduce_attributes *a = l->attributes;
    with_regions(l, "stablehlo.reduce", l->in, l->op->n_in,
                 base_format(l->w->arena, "dimensions = %s", sh_array(l->w, a->axes)), &a->body, 1);
}

// Control flow. Constants of loops and arguments of branches are used from around the region.

// The index as StableHLO takes it: an i32 of which what is too small or too large is not the last branch.
static sh_named branch_index(const line *l, int64_t n_branches) {
    sh_writer *w = l->w;
    const ir_type *type = ir_type_scalar(w->module, CV_S32);
    sh_named index = l->in[0];
    if (index.type != type) return sh_line(w, "stablehlo.convert", &index, 1, "", type);
    sh_named clamped[3] = {number(w, type, 0), index, number(w, type, (double)(n_branches - 1))};
    return sh_line(w, "stablehlo.clamp", clamped, 3, "", type);
}

static void cond(const line *l) {
    const ir_functions *branches = &((const ir_cond_attributes *)l->attributes)->branches;
    sh_named index = branch_index(l, branches->n);
    sh_begin(l->w, "stablehlo.case", &index, 1, "", l->f->types + l->op->out, l->op->n_out, l->out);
    for (int64_t i = 0; i < branches->n; i++)
        sh_region(l->w, branches->at[i], l->in + 1, l->op->n_in - 1, i == 0);
    sh_end_regions(l->w);
    sh_end(l->w, &index, 1, l->out, l->op->n_out);
}

static void loop(const line *l) {
    const ir_while_attributes *a = l->attributes;
    uint32_t n_cond = (uint32_t)a->cond_constants, n_body = (uint32_t)a->body_constants, n = l->op->n_out;
    const sh_named *carries = l->in + n_cond + n_body;
    sh_begin(l->w, "stablehlo.while", carries, n, "", l->f->types + l->op->out, n, l->out);
    sh_region(l->w, a->cond, l->in, n_cond, true);
    sh_region(l->w, a->body, l->in + n_cond, n_body, false);
    sh_end_regions(l->w);
    sh_end(l->w, carries, n, l->out, n);
}

void sh_write_op(sh_writer *w, const ir_function *f, const ir_op *op, const sh_named *in, sh_named *out) {
    line l = {w, f, op, in, op->attributes, out};
    const ir_function *expanded = sh_expanded(w->module, f, op);
    if (expanded) {
        sh_write_body(w, expanded, in, out);
        return;
    }
    if (same[op->primitive]) {
        plain(&l, same[op->primitive], "");
        return;
    }
    if (directions[op->primitive]) {
        compare(&l);
        return;
    }
    switch (op->primitive) {
    case IR_stop_gradient: *out = in[0]; break;
    case IR_constant: *out = constant(w, op->attributes); break;
    case IR_iota: iota(&l); break;
    case IR_broadcast_in_dim:
        with_array(&l, "stablehlo.broadcast_in_dim", "broadcast_dimensions",
                   ((const ir_broadcast_attributes *)op->attributes)->dims);
        break;
    case IR_transpose:
        with_array(&l, "stablehlo.transpose", "permutation",
                   ((const ir_transpose_attributes *)op->attributes)->permutation);
        break;
    case IR_rev:
        with_array(&l, "stablehlo.reverse", "dimensions", ((const ir_axes_attributes *)op->attributes)->axes);
        break;
    case IR_dynamic_slice:
        with_array(&l, "stablehlo.dynamic_slice", "slice_sizes",
                   ((const ir_dynamic_slice_attributes *)op->attributes)->sizes);
        break;
    case IR_slice: slice(&l); break;
    case IR_pad: pad(&l); break;
    case IR_concatenate: concatenate(&l); break;
    case IR_gather: gather(&l); break;
    case IR_scatter:
    case IR_scatter_add:
    case IR_scatter_mul:
    case IR_scatter_max:
    case IR_scatter_min: scatter(&l); break;
    case IR_reduce_sum:
    case IR_reduce_prod:
    case IR_reduce_max:
    case IR_reduce_min:
    case IR_reduce_and:
    case IR_reduce_or:
    case IR_reduce_xor: reduction(&l); break;
    case IR_dot_general: dot_general(&l); break;
    case IR_sort: sort(&l); break;
    case IR_reduce: reduce(&l); break;
    case IR_call:
        sh_call(w, ((const ir_call_attributes *)op->attributes)->function, in, op->n_in, out);
        break;
    case IR_cond: cond(&l); break;
    case IR_while: loop(&l); break;
    default:
        ir_fail_op(op, CV_UNSUPPORTED, "%s cannot be written as StableHLO",
                   ir_primitives[op->primitive].name);
    }
}
