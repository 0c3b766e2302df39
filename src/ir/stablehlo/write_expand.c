// In: an operation. Out: a function that computes it by what StableHLO has, or NULL if it has the operation.
//
// A function of the expand rules is used where StableHLO and its client's level have none. Cumulative
// operations become log n combinations with the array moved along; indices out of bounds are tested where
// StableHLO would move them to the nearest, and moved where it would drop them; the place of the greatest
// element is a fold of pairs; a scan is a while (write_loops.c). Sums and products of f16 and bf16 are
// computed in f32 and rounded once, as everywhere.

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "ir/primitives/complex.h"
#include "ir/stablehlo/write.h"
#include "ir/stablehlo/write_loops.h"

double sh_neutral_number(ir_primitive combiner, cv_dtype dtype) {
    switch (combiner) {
    case IR_mul: return 1;
    case IR_and: return ir_is_signed(dtype) ? -1 : (double)INFINITY; // all bits
    case IR_max: return dtype == CV_BOOL ? 0 : -(double)INFINITY;    // integers saturate
    case IR_min: return (double)INFINITY;
    default: return 0;
    }
}

// An operation whose expansion is built; in[] are its operands.
typedef struct expansion {
    ir_builder *b;
    const ir_function *f;
    const ir_op *op;
    ir_val *in, *out;
} expansion;

static const ir_type *operand_type(const ir_function *f, const ir_op *op, uint32_t i) {
    return f->types[ir_in(f, op)[i]];
}

// Numbers of 16 bits.

static bool is_composed(ir_primitive p) {
    return p == IR_fma || p == IR_exp2 || p == IR_integer_pow || p == IR_polygamma || p == IR_bessel_i0e;
}

// Of elementwise operations StableHLO has most, and computes them so by itself; those that it has not are
// many here.
static bool widens(const ir_function *f, const ir_op *op) {
    if (!ir_computes_in_f32(op->primitive)) return false;
    bool any = false;
    for (uint32_t i = 0; i < op->n_in; i++) any |= ir_is_half(operand_type(f, op, i)->dtype);
    return any && (!(ir_primitives[op->primitive].traits & IR_ELEMENTWISE) || is_composed(op->primitive));
}

static void widen(expansion *e) {
    ir_val wide[3] = {IR_NONE, IR_NONE, IR_NONE};
    base_check(e->op->n_in <= 3);
    for (uint32_t i = 0; i < e->op->n_in; i++)
        wide[i] =
            ir_is_half(ir_type_of(e->b, e->in[i])->dtype) ? ir_convert(e->b, e->in[i], CV_F32) : e->in[i];
    ir_val out = ir_emit(e->b, e->op->primitive, wide, e->op->n_in, e->op->attributes);
    *e->out = ir_convert(e->b, out, e->f->types[e->op->out]->dtype);
}

// Elementwise.

static void fused(expansion *e) { *e->out = ir_add(e->b, ir_mul(e->b, e->in[0], e->in[1]), e->in[2]); }

static void exp2_of(expansion *e) { *e->out = ir_pow(e->b, ir_full_like(e->b, e->in[0], 2), e->in[0]); }

static void unsigned_sign(expansion *e) { *e->out = ir_min(e->b, e->in[0], ir_full_like(e->b, e->in[0], 1)); }

static void unsigned_abs(expansion *e) { *e->out = e->in[0]; }

// What StableHLO has only of real numbers, by the parts that code generation would have.
static void by_parts(expansion *e) {
    ir_val re[2], im[2], out[2];
    base_check(e->op->n_in <= 2);
    for (uint32_t i = 0; i < e->op->n_in; i++) {
        re[i] = ir_real(e->b, e->in[i]);
        im[i] = ir_imag(e->b, e->in[i]);
    }
    ir_rules_of(e->op->primitive)->pair(&(ir_pairing){e->b, e->f, e->op, re, im, &out[0], &out[1]});
    *e->out = ir_complex(e->b, out[0], out[1]);
}

static void by_rule(expansion *e) {
    ir_rules_of(e->op->primitive)->expand(&(ir_expansion){e->b, e->f, e->op, e->in, e->out});
}

// Starts of slices have one dtype.
static void same_starts(expansion *e) {
    uint32_t first = e->op->primitive == IR_dynamic_slice ? 1 : 2;
    for (uint32_t i = first; i < e->op->n_in; i++) e->in[i] = ir_convert(e->b, e->in[i], CV_S64);
    *e->out = ir_emit(e->b, e->op->primitive, e->in, e->op->n_in, e->op->attributes);
}

static bool starts_differ(const ir_function *f, const ir_op *op) {
    uint32_t first = op->primitive == IR_dynamic_slice ? 1 : 2;
    for (uint32_t i = first + 1; i < op->n_in; i++)
        if (operand_type(f, op, i) != operand_type(f, op, first)) return true;
    return false;
}

// Cumulative operations.

static ir_val log_of_sum(ir_builder *b, ir_val x, ir_val y) {
    if (ir_is_complex(ir_type_of(b, x)->dtype)) {
        ir_pair sum = ir_pair_log_add_exp(b, (ir_pair){ir_real(b, x), ir_imag(b, x)},
                                          (ir_pair){ir_real(b, y), ir_imag(b, y)});
        return ir_complex(b, sum.re, sum.im);
    }
    ir_val difference = ir_sub(b, x, y), size = ir_exp(b, ir_neg(b, ir_abs(b, difference)));
    ir_val sum = ir_add(b, ir_max(b, x, y), ir_log1p(b, size));
    return ir_select(b, ir_ne(b, difference, difference), ir_add(b, x, y), sum); // infinities, NaN
}

// After the step with distance s an element is made of the 2 s elements up to it.
static void cumulative(expansion *e) {
    const ir_cumulative_attributes *a = e->op->attributes;
    ir_builder *b = e->b;
    ir_val x = e->in[0];
    const ir_type *type = ir_type_of(b, x), *element = ir_type_scalar(b->module, type->dtype);
    ir_primitive combiner = ir_combiner(e->op->primitive);
    bool logs = combiner == IR_PRIMITIVE_COUNT;
    double neutral = logs ? -(double)INFINITY : sh_neutral_number(combiner, type->dtype);
    ir_val start = ir_full(b, element, neutral);
    if (ir_is_complex(type->dtype) && ir_is_idempotent(combiner)) // both parts are the least or greatest
        start = ir_complex(b, ir_real(b, start), ir_real(b, start));
    int64_t towards[IR_MAX_RANK] = {0}, away[IR_MAX_RANK] = {0}, none[IR_MAX_RANK] = {0}, rank = type->rank;
    for (int64_t s = 1; s < type->dims[a->axis] && type->count; s *= 2) {
        towards[a->axis] = s;
        away[a->axis] = -s;
        ir_dims low = {rank, a->reverse ? away : towards}, high = {rank, a->reverse ? towards : away};
        ir_val moved = ir_pad(b, x, start, low, high, (ir_dims){rank, none});
        x = logs ? log_of_sum(b, moved, x) : ir_emit(b, combiner, (ir_val[]){moved, x}, 2, NULL);
    }
    *e->out = x;
}

// The place of the greatest or smallest element, the first one of equal ones; a NaN counts as that.
static const ir_function *extreme_body(ir_module *module, const ir_type *value, const ir_type *place,
                                       bool greatest) {
    ir_builder *b = ir_builder_new(module, "extreme");
    ir_val x = ir_param(b, value), i = ir_param(b, place), y = ir_param(b, value), j = ir_param(b, place);
    ir_val beyond = greatest ? ir_gt(b, x, y) : ir_lt(b, x, y);
    ir_val first = ir_or(b, beyond, ir_ne(b, x, x));
    ir_val before = ir_or(b, first, ir_and(b, ir_eq(b, x, y), ir_lt(b, i, j)));
    ir_val out[] = {ir_select(b, first, x, y), ir_select(b, before, i, j)};
    return ir_finish(b, out, 2);
}

static void extreme(expansion *e) {
    const ir_argmax_attributes *a = e->op->attributes;
    ir_builder *b = e->b;
    bool greatest = e->op->primitive == IR_argmax;
    const ir_type *type = ir_type_of(b, e->in[0]), *value = ir_type_scalar(b->module, type->dtype);
    const ir_type *place = ir_type_scalar(b->module, a->dtype);
    ir_reduce_attributes fold = {IR_DIMS(a->axis), extreme_body(b->module, value, place, greatest)};
    double start = sh_neutral_number(greatest ? IR_max : IR_min, type->dtype);
    ir_val in[] = {e->in[0], ir_iota(b, a->dtype, ir_shape(type), a->axis), ir_full(b, value, start),
                   ir_zeros(b, place)};
    *e->out = ir_emit(b, IR_reduce, in, 4, &fold) + 1;
}

// Indices out of bounds.

// The largest index of each component of the index vectors, as a row of 64-bit integers that is broadcast to
// them.
static ir_val largest_indices(ir_builder *b, const ir_type *indices, ir_dims map, const ir_type *x,
                              const int64_t *window) {
    int64_t *bound = base_new_array(&b->arena, int64_t, map.n + 1);
    for (int64_t i = 0; i < map.n; i++) bound[i] = x->dims[map.at[i]] - window[map.at[i]];
    ir_val row = ir_constant(b, ir_type_get(b->module, CV_S64, 1, &map.n), false, bound);
    return ir_broadcast_in_dim(b, row, ir_shape(indices), IR_DIMS((int64_t)indices->rank - 1));
}

// A window that is out of bounds is not read; the fill value stands for it.
static void gather_filling(expansion *e) {
    ir_gather_attributes a = *(const ir_gather_attributes *)e->op->attributes;
    ir_builder *b = e->b;
    const ir_type *x = ir_type_of(b, e->in[0]), *out = e->f->types[e->op->out];
    ir_val index = ir_convert(b, e->in[1], CV_S64); // one beyond the signed range becomes negative
    const ir_type *indices = ir_type_of(b, index);
    ir_val most = largest_indices(b, indices, a.start_index_map, x, a.slice_sizes.at);
    ir_val inside = ir_and(b, ir_ge(b, index, ir_zeros(b, indices)), ir_le(b, index, most));
    inside = ir_reduce(b, IR_reduce_and, inside, IR_DIMS((int64_t)indices->rank - 1));
    int64_t dims[IR_MAX_RANK], n = 0;
    for (int64_t d = 0; d < out->rank; d++)
        if (!ir_dims_contain(a.offset_dims, d)) dims[n++] = d;
    inside = ir_broadcast_in_dim(b, inside, ir_shape(out), (ir_dims){n, dims});
    double fill = a.mode == IR_FILL_ZERO_OR_DROP   ? 0
                  : ir_is_differentiable(x->dtype) ? (double)NAN
                  : ir_is_signed(x->dtype)         ? -(double)INFINITY
                                                   : (double)INFINITY;
    a.mode = IR_CLIP;
    ir_val read = ir_gather(b, e->in[0], e->in[1], &a);
    *e->out = ir_select(b, inside, read, ir_full(b, out, fill));
}

static void scatter_clipping(expansion *e) {
    ir_scatter_attributes a = *(const ir_scatter_attributes *)e->op->attributes;
    ir_builder *b = e->b;
    const ir_type *x = ir_type_of(b, e->in[0]), *updates = ir_type_of(b, e->in[2]);
    int64_t window[IR_MAX_RANK];
    for (int64_t d = 0, k = 0; d < x->rank; d++) {
        bool single =
            ir_dims_contain(a.inserted_window_dims, d) || ir_dims_contain(a.operand_batching_dims, d);
        window[d] = single ? 1 : updates->dims[a.update_window_dims.at[k++]];
    }
    ir_val index = e->in[1];
    const ir_type *given = ir_type_of(b, index);
    if (given->dtype == CV_U64) index = ir_min(b, index, ir_full_int(b, given, INT64_MAX));
    index = ir_convert(b, index, CV_S64);
    const ir_type *indices = ir_type_of(b, index);
    ir_val most = largest_indices(b, indices, a.scatter_dims_to_operand_dims, x, window);
    a.mode = IR_FILL_OR_DROP;
    ir_val in[] = {e->in[0], ir_clamp(b, ir_zeros(b, indices), index, most), e->in[2]};
    *e->out = ir_emit(b, e->op->primitive, in, 3, &a);
}

// An operand without axes gets one: XLA's simplifier fails on several updates of a scalar.
static void scatter_to_scalar(expansion *e) {
    static const int64_t first = 0;
    ir_builder *b = e->b;
    const ir_type *x = ir_type_of(b, e->in[0]), *indices = ir_type_of(b, e->in[1]);
    int64_t shape[IR_MAX_RANK];
    memcpy(shape, indices->dims, indices->rank * sizeof *shape);
    shape[indices->rank - 1] = 1;
    ir_scatter_attributes a = {.inserted_window_dims = {1, &first},
                               .scatter_dims_to_operand_dims = {1, &first},
                               .mode = IR_FILL_OR_DROP};
    ir_val in[] = {ir_reshape(b, e->in[0], IR_DIMS(1)),
                   ir_zeros(b, ir_type_get(b->module, CV_S32, indices->rank, shape)), e->in[2]};
    *e->out = ir_reshape(b, ir_emit(b, e->op->primitive, in, 3, &a), ir_shape(x));
}

static void scan(expansion *e) { sh_scan_as_while(e->b, e->op->attributes, e->in, e->op->n_in, e->out); }

typedef void expand_rule(expansion *);

// What it takes to write the operation, or NULL.
static expand_rule *rule_of(const ir_function *f, const ir_op *op) {
    bool is_unsigned = op->n_in && ir_is_unsigned(operand_type(f, op, 0)->dtype);
    bool is_complex = op->n_in && ir_is_complex(operand_type(f, op, 0)->dtype);
    if (widens(f, op)) return widen;
    switch (op->primitive) {
    case IR_fma: return fused;
    case IR_exp2: return exp2_of;
    case IR_max:
    case IR_min:
    case IR_reduce_max:
    case IR_reduce_min: return is_complex ? by_parts : NULL;
    case IR_abs: return is_unsigned ? unsigned_abs : NULL;
    case IR_sign: return is_unsigned ? unsigned_sign : NULL;
    case IR_integer_pow:
    case IR_polygamma:
    case IR_bessel_i0e: return by_rule;
    case IR_dynamic_slice:
    case IR_dynamic_update_slice: return starts_differ(f, op) ? same_starts : NULL;
    case IR_cumsum:
    case IR_cumprod:
    case IR_cummax:
    case IR_cummin:
    case IR_cumlogsumexp: return cumulative;
    case IR_argmax:
    case IR_argmin: return extreme;
    case IR_gather:
        return ((const ir_gather_attributes *)op->attributes)->mode == IR_CLIP ? NULL : gather_filling;
    case IR_scatter:
    case IR_scatter_add:
    case IR_scatter_mul:
    case IR_scatter_max:
    case IR_scatter_min:
        if (!operand_type(f, op, 0)->rank) return scatter_to_scalar;
        return ((const ir_scatter_attributes *)op->attributes)->mode == IR_CLIP ? scatter_clipping : NULL;
    case IR_scan: return scan;
    default: return NULL;
    }
}

const ir_function *sh_expanded(ir_module *module, const ir_function *f, const ir_op *op) {
    expand_rule *rule = rule_of(f, op);
    if (!rule) return NULL;
    ir_builder *b = ir_builder_new(module, ir_primitives[op->primitive].name);
    ir_val *in = base_new_array(&b->arena, ir_val, op->n_in + 1);
    ir_val *out = base_new_array(&b->arena, ir_val, op->n_out + 1);
    ir_set_place(b, op);
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = ir_param(b, operand_type(f, op, i));
    rule(&(expansion){b, f, op, in, out});
    return ir_finish(b, out, op->n_out);
}
