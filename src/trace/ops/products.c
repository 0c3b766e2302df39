// Products that are not one contraction: kron, cross, vecdot, convolutions of vectors, polynomials, powers.
// In: operands of any fitting dtypes. Out: products and sums of moved operands.
//
// A convolution is a product of a vector and a matrix of windows, which is index arithmetic: rows of
// P elements laid end to end and cut again every P + 1 elements are each shifted by one against the row
// before.

#include <string.h>

#include "trace/ops/common.h"

static void promote(tr_op *op) {
    tr_kind kind = tr_common_kind(op, 0, op->n_in);
    tr_cast(op, 0, op->n_in, kind.dtype);
    op->weak_out[0] = kind.weak;
}

// x of rank n with an axis of size 1 next to each of its own: behind it, or in front.
static ir_val interleaved(const tr_op *op, ir_val x, int64_t rank, bool in_front) {
    const ir_type *type = ir_type_of(op->b, x);
    int64_t shape[2 * IR_MAX_RANK], lacking = rank - (int64_t)type->rank;
    if (2 * rank > IR_MAX_RANK) tr_wrong(op, "at most %d axes can be handled", IR_MAX_RANK / 2);
    for (int64_t i = 0; i < rank; i++) {
        shape[2 * i + in_front] = i < lacking ? 1 : type->dims[i - lacking];
        shape[2 * i + !in_front] = 1;
    }
    return ir_reshape(op->b, x, (ir_dims){2 * rank, shape});
}

static void build_kron(tr_op *op, const void *options) {
    (void)options;
    int64_t m = tr_type(op, 0)->rank, n = tr_type(op, 1)->rank, rank = m > n ? m : n;
    promote(op);
    op->in[0] = interleaved(op, op->in[0], rank, false);
    op->in[1] = interleaved(op, op->in[1], rank, true);
    tr_broadcast(op, 0, 2);
    ir_val x = ir_mul(op->b, op->in[0], op->in[1]);
    for (int64_t i = 0; i < rank; i++) x = tr_merge_axes(op->b, x, i);
    op->out[0] = x;
}

cv_val cv_kron_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_kron", here, build_kron, NULL, (cv_val[]){x, y}, 2);
}

// An axis of an operand that may be counted in either, moved to the end.
static void axis_last(tr_op *op, uint32_t i, int64_t axis) {
    if (!tr_type(op, i)->rank) tr_wrong(op, "operand %u is a scalar: it has no axis of vectors", i);
    int64_t at = tr_axis(op, i, axis, 0);
    op->in[i] = ir_move_axis(op->b, op->in[i], at, (int64_t)tr_type(op, i)->rank - 1);
}

static void build_vecdot(tr_op *op, const void *options) {
    const cv_last_axis_options *o = options;
    int64_t axis = tr_given(o->axis) && o->axis.n == 1 ? o->axis.at[0] : -1, size[2], last;
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    tr_check_list(op, o->axis, "axis");
    for (uint32_t i = 0; i < 2; i++) {
        axis_last(op, i, axis);
        size[i] = tr_type(op, i)->dims[tr_type(op, i)->rank - 1];
    }
    if (size[0] != size[1])
        tr_wrong(op, "%s x %s: vectors of %lld and %lld elements", tr_text(op, 0, x), tr_text(op, 1, y),
                 (long long)size[0], (long long)size[1]);
    promote(op);
    if (ir_is_complex(tr_type(op, 0)->dtype)) op->in[0] = ir_conj(op->b, op->in[0]);
    last = tr_broadcast(op, 0, 2).n - 1;
    op->out[0] = ir_reduce_sum(op->b, ir_mul(op->b, op->in[0], op->in[1]), (ir_dims){1, &last});
}

cv_val cv_vecdot_at(cv_val x, cv_val y, cv_last_axis_options options, cv_here here) {
    return tr_operation("cv_vecdot", here, build_vecdot, &options, (cv_val[]){x, y}, 2);
}

// x_i y_j - x_j y_i; components are the last axis, which stays with size 1.
static ir_val component(ir_builder *b, ir_val x, ir_val y, int64_t i, int64_t j) {
    int64_t axis = (int64_t)ir_type_of(b, x)->rank - 1;
    ir_val forth = ir_mul(b, tr_slice_axis(b, x, axis, i, 1), tr_slice_axis(b, y, axis, j, 1));
    ir_val back = ir_mul(b, tr_slice_axis(b, x, axis, j, 1), tr_slice_axis(b, y, axis, i, 1));
    return ir_sub(b, forth, back);
}

static void build_cross(tr_op *op, const void *options) {
    const cv_last_axis_options *o = options;
    ir_builder *b = op->b;
    int64_t axis = tr_given(o->axis) && o->axis.n == 1 ? o->axis.at[0] : -1, size[2], last;
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    tr_check_list(op, o->axis, "axis");
    promote(op);
    for (uint32_t i = 0; i < 2; i++) {
        axis_last(op, i, axis);
        size[i] = tr_type(op, i)->dims[tr_type(op, i)->rank - 1];
    }
    if (size[0] != size[1] || (size[0] != 2 && size[0] != 3))
        tr_wrong(op, "%s x %s: vectors have 3 components both, or 2, not %lld and %lld", tr_text(op, 0, x),
                 tr_text(op, 1, y), (long long)size[0], (long long)size[1]);
    last = tr_broadcast(op, 0, 2).n - 1;
    if (size[0] == 2) {
        op->out[0] = tr_remove_axis(b, component(b, op->in[0], op->in[1], 0, 1), last);
        return;
    }
    ir_val parts[3];
    for (int64_t i = 0; i < 3; i++) parts[i] = component(b, op->in[0], op->in[1], (i + 1) % 3, (i + 2) % 3);
    ir_val product = ir_concatenate(b, parts, 3, last);
    op->out[0] = ir_move_axis(b, product, last, axis < 0 ? axis + last + 1 : axis);
}

cv_val cv_cross_at(cv_val x, cv_val y, cv_last_axis_options options, cv_here here) {
    return tr_operation("cv_cross", here, build_cross, &options, (cv_val[]){x, y}, 2);
}

// Convolutions

// [m, n]: row i is x from element i on; x has n + m - 1 elements or more.
static ir_val windows(ir_builder *b, ir_val x, int64_t m, int64_t n) {
    int64_t size = ir_type_of(b, x)->count, zero = 0, rows = m * size, none[] = {0, 0};
    ir_val flat = ir_reshape(b, ir_broadcast_leading(b, x, m), IR_DIMS(rows));
    ir_val filler = tr_scalar_constant(b, ir_type_of(b, x)->dtype, 0);
    flat = ir_pad(b, flat, filler, (ir_dims){1, &zero}, (ir_dims){1, &m}, (ir_dims){1, &zero});
    return ir_slice(b, ir_reshape(b, flat, IR_DIMS(m, size + 1)), (ir_dims){2, none}, IR_DIMS(m, n),
                    IR_DIMS(1, 1));
}

typedef struct convolving {
    cv_convolve_options options;
    bool correlate; // y is not turned round
} convolving;

static void build_convolve(tr_op *op, const void *options) {
    const convolving *o = options;
    ir_builder *b = op->b;
    cv_convolve_mode mode = o->options.mode;
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    const ir_type *x = tr_type(op, 0), *y = tr_type(op, 1);
    if (x->rank != 1 || y->rank != 1 || !x->count || !y->count)
        tr_wrong(op, "%s and %s: takes vectors of one or more elements", tr_text(op, 0, first),
                 tr_text(op, 1, second));
    if (mode < CV_CONVOLVE_DEFAULT || mode > CV_FULL) tr_wrong(op, "there is no mode %d", (int)mode);
    if (mode == CV_CONVOLVE_DEFAULT) mode = o->correlate ? CV_VALID : CV_FULL;
    tr_kind kind = tr_inexact(op, tr_common_kind(op, 0, 2));
    tr_cast(op, 0, 2, kind.dtype);
    if (o->correlate && ir_is_complex(kind.dtype)) op->in[1] = ir_conj(op->b, op->in[1]);
    bool swap = x->count < y->count;
    int64_t n = swap ? y->count : x->count, m = swap ? x->count : y->count, zero = 0, edge = m - 1;
    ir_val longer = op->in[swap], shorter = op->in[!swap];
    // The kernel is the shorter one; the windows want it in the order of a correlation. Correlating with
    // the operands swapped is correlating and turning the result round.
    if (!o->correlate) shorter = ir_rev(b, shorter, (ir_dims){1, &zero});
    ir_val filler = tr_scalar_constant(b, ir_type_of(b, longer)->dtype, 0);
    longer = ir_pad(b, longer, filler, (ir_dims){1, &edge}, (ir_dims){1, &edge}, (ir_dims){1, &zero});
    ir_dot_attributes attributes = {.lhs_contract = {1, &zero}, .rhs_contract = {1, &zero},
                                    .lhs_batch = {0, &zero}, .rhs_batch = {0, &zero}};
    ir_val full = ir_dot_general(b, shorter, windows(b, longer, m, n + m - 1), &attributes);
    if (o->correlate && swap) full = ir_rev(b, full, (ir_dims){1, &zero});
    int64_t size = mode == CV_FULL ? n + m - 1 : mode == CV_SAME ? n : n - m + 1;
    int64_t start = (n + m - 1 - size) / 2;
    if (o->correlate && swap && mode == CV_SAME) start = n + m - 1 - size - start;
    op->out[0] = tr_slice_axis(b, full, 0, start, size);
}

cv_val cv_convolve_at(cv_val x, cv_val y, cv_convolve_options options, cv_here here) {
    return tr_operation("cv_convolve", here, build_convolve, &(convolving){options, false}, (cv_val[]){x, y},
                        2);
}

cv_val cv_correlate_at(cv_val x, cv_val y, cv_convolve_options options, cv_here here) {
    return tr_operation("cv_correlate", here, build_convolve, &(convolving){options, true}, (cv_val[]){x, y},
                        2);
}

// Powers and polynomials

// Horner's rule: the first coefficient is that of the highest power.
static void build_polyval(tr_op *op, const void *options) {
    (void)options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    int64_t n = tr_type(op, 0)->count;
    if (tr_type(op, 0)->rank != 1)
        tr_wrong(op, "the coefficients are %s: they must be a vector", tr_text(op, 0, text));
    promote(op);
    ir_val x = op->in[1], value = ir_full_like(b, x, 0);
    ir_dims shape = ir_shape(ir_type_of(b, x));
    for (int64_t i = 0; i < n; i++) {
        ir_val c = tr_remove_axis(b, tr_slice_axis(b, op->in[0], 0, i, 1), 0);
        c = tr_broadcast_to(b, c, shape);
        value = i ? ir_add(b, ir_mul(b, value, x), c) : c;
    }
    op->out[0] = value;
}

cv_val cv_polyval_at(cv_val coefficients, cv_val x, cv_here here) {
    return tr_operation("cv_polyval", here, build_polyval, NULL, (cv_val[]){coefficients, x}, 2);
}

// 1, x, x x, ...: cumulative products, which are exact for integers and whose derivatives exist at 0.
static void build_vander(tr_op *op, const void *options) {
    const cv_vander_options *o = options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    if (tr_type(op, 0)->rank != 1) tr_wrong(op, "%s must be a vector", tr_text(op, 0, text));
    tr_kind kind = tr_kind_of(op, 0);
    ir_val x = tr_as(op, 0, kind.dtype == CV_BOOL ? CV_S32 : kind.dtype);
    int64_t rows = ir_type_of(b, x)->count, columns = o->n ? o->n : rows, one = 1;
    tr_shape(op, (cv_ints){2, (int64_t[]){rows, columns}});
    ir_val powers = ir_full_like(b, tr_insert_axis(b, x, 1), 1);
    if (columns > 1) {
        powers = ir_concatenate(b, (ir_val[]){powers, tr_repeat_axis(op, x, 1, columns - 1)}, 2, 1);
        powers = ir_emit(b, IR_cumprod, &powers, 1, &(ir_cumulative_attributes){1, false});
    }
    if (!columns) powers = tr_slice_axis(b, powers, 1, 0, 0);
    op->out[0] = o->increasing ? powers : ir_rev(b, powers, (ir_dims){1, &one});
}

cv_val cv_vander_at(cv_val x, cv_vander_options options, cv_here here) {
    return tr_operation("cv_vander", here, build_vander, &options, &x, 1);
}

static ir_val multiply(ir_builder *b, ir_val x, ir_val y) {
    int64_t rank = ir_type_of(b, x)->rank, batch[IR_MAX_RANK], left = rank - 1, right = rank - 2;
    for (int64_t i = 0; i < rank; i++) batch[i] = i;
    ir_dot_attributes attributes = {.lhs_contract = {1, &left}, .rhs_contract = {1, &right},
                                    .lhs_batch = {rank - 2, batch}, .rhs_batch = {rank - 2, batch}};
    return ir_dot_general(b, x, y, &attributes);
}

// By squaring.
static void build_matrix_power(tr_op *op, const void *options) {
    int64_t n = *(const int64_t *)options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    ir_val power = tr_operand(op), result = IR_NONE;
    const ir_type *type = ir_type_of(b, power);
    if (type->rank < 2 || type->dims[type->rank - 1] != type->dims[type->rank - 2])
        tr_wrong(op, "%s is no square matrix", tr_text(op, 0, text));
    if (n < 0) tr_wrong(op, "the power %lld is negative: it needs the inverse", (long long)n);
    for (uint64_t bits = (uint64_t)n; bits; bits >>= 1) {
        if (bits & 1) result = result == IR_NONE ? power : multiply(b, result, power);
        if (bits > 1) power = multiply(b, power, power);
    }
    if (result == IR_NONE) {
        ir_dims shape = ir_shape(type);
        ir_val equal =
            ir_eq(b, ir_iota(b, CV_S32, shape, shape.n - 2), ir_iota(b, CV_S32, shape, shape.n - 1));
        result = ir_convert(b, equal, type->dtype);
    }
    op->out[0] = result;
}

cv_val cv_matrix_power_at(cv_val x, int64_t n, cv_here here) {
    return tr_operation("cv_matrix_power", here, build_matrix_power, &n, &x, 1);
}
