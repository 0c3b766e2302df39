// The rules of creation and movement: constant, iota, broadcast_in_dim, reshape, transpose, rev,
// slice, pad, concatenate.
//
// In: rule contexts (rules.h). Out: types, derivatives, batched operations, values. Above each
// record stand its rules, in the order type, transpose, batch, evaluate. All movement is linear, so
// that its forward derivative is the same movement of the tangents (ir_jvp_linear).
//
// A batch axis is axis 0 of what is batched: axes that attributes name move up by one. Evaluation is
// a copy between strided views (strided.h). The transpose of a slice writes into a part of the
// accumulator where it can: adding an array of zeros around a small cotangent would make a loop
// over slices quadratic.

#include <string.h>

#include "ir/primitives/strided.h"

// Raises unless a list of attributes has an entry for each axis of the operand.
static void check_per_axis(const ir_typing *t, const char *name, ir_dims list) {
    char text[IR_TYPE_TEXT], given[IR_DIMS_TEXT];
    if (list.n != t->in[0]->rank)
        ir_type_error(t, "%s: %s %s needs an entry for each of the %u axes", ir_type_text(t->in[0], text),
                      name, ir_dims_text(list, given), t->in[0]->rank);
}

// Raises unless a primitive without operands may make this dtype.
static void check_made_dtype(const ir_typing *t, cv_dtype dtype) {
    const ir_primitive_info *info = &ir_primitives[t->primitive];
    uint32_t bit = (size_t)dtype < CV_DTYPE_COUNT ? 1u << dtype : 0;
    if (!(info->dtypes & bit)) ir_type_error(t, "%s cannot have dtype %s", info->name, cv_dtype_name(dtype));
    if (info->rules->not_yet & bit)
        ir_type_unsupported(t, "%s does not make %s yet", info->name, cv_dtype_name(dtype));
}

static ir_val emit_one(const ir_batching *c, const void *attributes) {
    c->out_batched[0] = true;
    return ir_emit(c->b, c->op->primitive, c->in, c->op->n_in, attributes);
}

// constant

static void constant_type(ir_typing *t) {
    const ir_constant_attributes *a = t->attributes;
    check_made_dtype(t, a->value.type->dtype);
    t->out[0] = a->value.type;
}

static void constant_evaluate(ir_evaluation *c) {
    const ir_literal *value = &((const ir_constant_attributes *)c->op->attributes)->value;
    const ir_type *type = value->type;
    if (value->splat)
        ir_fill(c->out[0].data, type->count, cv_dtype_size(type->dtype), value->data);
    else if (type->bytes)
        memcpy(c->out[0].data, value->data, type->bytes);
}

#define NO_OPERANDS "none, because it has no operands"

const ir_rules ir_rules_constant = {.type = constant_type,
                                    .no_jvp = NO_OPERANDS,
                                    .no_transpose = NO_OPERANDS,
                                    .no_batch = NO_OPERANDS,
                                    .evaluate = constant_evaluate,
                                    .pair = ir_pair_constant};

// iota

static void iota_type(ir_typing *t) {
    const ir_iota_attributes *a = t->attributes;
    check_made_dtype(t, a->dtype);
    ir_check_axis(t, a->axis, a->shape.n);
    t->out[0] = ir_typing_type(t, a->dtype, a->shape);
}

static void iota_evaluate(ir_evaluation *c) {
    const ir_type *type = c->out[0].type;
    int64_t axis = ((const ir_iota_attributes *)c->op->attributes)->axis, stride[IR_MAX_RANK];
    if (!type->count) return;
    ir_strides(type, stride);
    int64_t block = stride[axis], repeat = block * type->dims[axis];
    size_t element = cv_dtype_size(type->dtype);
    char *at = c->out[0].data;
    for (int64_t i = 0; i < type->dims[axis]; i++) {
        union ir_scalar value;
        ir_scalar_from_int(&value, type->dtype, i);
        ir_fill(at + (size_t)(i * block) * element, block, element, &value);
    }
    for (int64_t i = repeat; i < type->count; i += repeat)
        memcpy(at + (size_t)i * element, at, (size_t)repeat * element);
}

const ir_rules ir_rules_iota = {.type = iota_type,
                                .no_jvp = NO_OPERANDS,
                                .no_transpose = NO_OPERANDS,
                                .no_batch = NO_OPERANDS,
                                .evaluate = iota_evaluate,
                                .pair = ir_pair_iota};

// broadcast_in_dim

static void broadcast_type(ir_typing *t) {
    const ir_broadcast_attributes *a = t->attributes;
    const ir_type *x = t->in[0];
    char text[IR_TYPE_TEXT], shape[IR_DIMS_TEXT];
    ir_check_dtype(t, 0);
    check_per_axis(t, "dims", a->dims);
    const ir_type *result = ir_typing_type(t, x->dtype, a->shape);
    for (int64_t i = 0; i < a->dims.n; i++) {
        int64_t axis = a->dims.at[i];
        if (axis < 0 || axis >= a->shape.n)
            ir_type_error(t, "%s: axis %d cannot become axis %lld of a result of rank %lld",
                          ir_type_text(x, text), (int)i, (long long)axis, (long long)a->shape.n);
        for (int64_t k = 0; k < i; k++)
            if (a->dims.at[k] == axis)
                ir_type_error(t, "%s: axes %d and %d cannot both become axis %lld", ir_type_text(x, text),
                              (int)k, (int)i, (long long)axis);
        if (x->dims[i] != 1 && x->dims[i] != a->shape.at[axis])
            ir_type_error(
                t, "%s to %s: axis %d has size %lld, neither 1 nor the %lld of axis %lld of the result",
                ir_type_text(x, text), ir_dims_text(a->shape, shape), (int)i, (long long)x->dims[i],
                (long long)a->shape.at[axis], (long long)axis);
    }
    t->out[0] = result;
}

// The sum over all axes that the operand did not have or had with size 1; what is left comes in the
// order of the result's axes and goes back into that of the operand's.
static void broadcast_transpose(ir_transposition *c) {
    const ir_broadcast_attributes *a = c->op->attributes;
    const ir_type *x = ir_operand_type(c->f, c->op, 0);
    bool kept[IR_MAX_RANK] = {false};
    for (uint32_t i = 0; i < x->rank; i++) {
        int64_t axis = a->dims.at[i];
        kept[axis] = x->dims[i] == a->shape.at[axis];
    }
    int64_t summed[IR_MAX_RANK], position[IR_MAX_RANK], n_summed = 0, n_kept = 0;
    for (int64_t axis = 0; axis < a->shape.n; axis++) {
        position[axis] = n_kept;
        if (kept[axis])
            n_kept++;
        else
            summed[n_summed++] = axis;
    }
    int64_t permutation[IR_MAX_RANK], n = 0;
    for (uint32_t i = 0; i < x->rank; i++)
        if (kept[a->dims.at[i]]) permutation[n++] = position[a->dims.at[i]];
    ir_val ct = ir_reduce_sum(c->b, c->ct[0], (ir_dims){n_summed, summed});
    ct = ir_transpose(c->b, ct, (ir_dims){n, permutation});
    ct = ir_reshape(c->b, ct, ir_shape(x));
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

static void broadcast_batch(ir_batching *c) {
    const ir_broadcast_attributes *a = c->op->attributes;
    ir_dims_room shape, dims;
    c->out[0] = emit_one(c, &(ir_broadcast_attributes){ir_dims_prepend(shape, c->size, a->shape, 0),
                                                       ir_dims_prepend(dims, 0, a->dims, 1)});
}

static void broadcast_evaluate(ir_evaluation *c) {
    const ir_broadcast_attributes *a = c->op->attributes;
    const ir_type *x = c->in[0].type, *y = c->out[0].type;
    int64_t to[IR_MAX_RANK], stride[IR_MAX_RANK], from[IR_MAX_RANK] = {0};
    ir_strides(y, to);
    ir_strides(x, stride);
    for (uint32_t i = 0; i < x->rank; i++) from[a->dims.at[i]] = x->dims[i] == 1 ? 0 : stride[i];
    ir_strided_copy(ir_shape(y), cv_dtype_size(y->dtype), c->out[0].data, to, c->in[0].data, from);
}

const ir_rules ir_rules_broadcast_in_dim = {.type = broadcast_type,
                                            .jvp = ir_jvp_linear,
                                            .transpose = broadcast_transpose,
                                            .batch = broadcast_batch,
                                            .evaluate = broadcast_evaluate};

// reshape

static void reshape_type(ir_typing *t) {
    const ir_type *x = t->in[0];
    ir_check_dtype(t, 0);
    t->out[0] = ir_typing_type(t, x->dtype, ((const ir_reshape_attributes *)t->attributes)->shape);
    char from[IR_TYPE_TEXT], to[IR_TYPE_TEXT];
    if (t->out[0]->count != x->count)
        ir_type_error(t, "%s has %lld elements, %s has %lld", ir_type_text(x, from), (long long)x->count,
                      ir_type_text(t->out[0], to), (long long)t->out[0]->count);
}

static void reshape_transpose(ir_transposition *c) {
    ir_val ct = ir_reshape(c->b, c->ct[0], ir_shape(ir_operand_type(c->f, c->op, 0)));
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

static void reshape_batch(ir_batching *c) {
    const ir_reshape_attributes *a = c->op->attributes;
    ir_dims_room shape;
    c->out[0] = emit_one(c, &(ir_reshape_attributes){ir_dims_prepend(shape, c->size, a->shape, 0)});
}

static void reshape_evaluate(ir_evaluation *c) {
    if (c->out[0].type->bytes) memcpy(c->out[0].data, c->in[0].data, c->out[0].type->bytes);
}

const ir_rules ir_rules_reshape = {.type = reshape_type,
                                   .jvp = ir_jvp_linear,
                                   .transpose = reshape_transpose,
                                   .batch = reshape_batch,
                                   .evaluate = reshape_evaluate};

// transpose

static void transpose_type(ir_typing *t) {
    const ir_transpose_attributes *a = t->attributes;
    const ir_type *x = t->in[0];
    int64_t dims[IR_MAX_RANK];
    ir_check_dtype(t, 0);
    check_per_axis(t, "permutation", a->permutation);
    ir_check_axes(t, a->permutation, x->rank);
    for (uint32_t i = 0; i < x->rank; i++) dims[i] = x->dims[a->permutation.at[i]];
    t->out[0] = ir_typing_type(t, x->dtype, (ir_dims){x->rank, dims});
}

static void transpose_transpose(ir_transposition *c) {
    ir_dims permutation = ((const ir_transpose_attributes *)c->op->attributes)->permutation;
    int64_t inverse[IR_MAX_RANK];
    for (int64_t i = 0; i < permutation.n; i++) inverse[permutation.at[i]] = i;
    ir_val ct = ir_transpose(c->b, c->ct[0], (ir_dims){permutation.n, inverse});
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

static void transpose_batch(ir_batching *c) {
    const ir_transpose_attributes *a = c->op->attributes;
    ir_dims_room room;
    c->out[0] = emit_one(c, &(ir_transpose_attributes){ir_dims_prepend(room, 0, a->permutation, 1)});
}

static void transpose_evaluate(ir_evaluation *c) {
    const ir_transpose_attributes *a = c->op->attributes;
    const ir_type *y = c->out[0].type;
    int64_t to[IR_MAX_RANK], stride[IR_MAX_RANK], from[IR_MAX_RANK];
    ir_strides(y, to);
    ir_strides(c->in[0].type, stride);
    for (uint32_t i = 0; i < y->rank; i++) from[i] = stride[a->permutation.at[i]];
    ir_strided_copy(ir_shape(y), cv_dtype_size(y->dtype), c->out[0].data, to, c->in[0].data, from);
}

const ir_rules ir_rules_transpose = {.type = transpose_type,
                                     .jvp = ir_jvp_linear,
                                     .transpose = transpose_transpose,
                                     .batch = transpose_batch,
                                     .evaluate = transpose_evaluate};

// rev

static void rev_type(ir_typing *t) {
    ir_type_like_operand(t);
    ir_check_axes(t, ((const ir_axes_attributes *)t->attributes)->axes, t->in[0]->rank);
}

static void rev_transpose(ir_transposition *c) {
    ir_val ct = ir_rev(c->b, c->ct[0], ((const ir_axes_attributes *)c->op->attributes)->axes);
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

static void rev_batch(ir_batching *c) {
    ir_dims_room room;
    ir_dims axes = ((const ir_axes_attributes *)c->op->attributes)->axes;
    c->out[0] = emit_one(c, &(ir_axes_attributes){ir_dims_shift(room, axes, 1)});
}

static void rev_evaluate(ir_evaluation *c) {
    ir_dims axes = ((const ir_axes_attributes *)c->op->attributes)->axes;
    const ir_type *y = c->out[0].type;
    size_t element = cv_dtype_size(y->dtype);
    int64_t to[IR_MAX_RANK], from[IR_MAX_RANK], last = 0;
    if (!y->count) return;
    ir_strides(y, to);
    ir_strides(y, from);
    for (int64_t i = 0; i < axes.n; i++) {
        last += from[axes.at[i]] * (y->dims[axes.at[i]] - 1);
        from[axes.at[i]] *= -1;
    }
    ir_strided_copy(ir_shape(y), element, c->out[0].data, to,
                    (const char *)c->in[0].data + (size_t)last * element, from);
}

const ir_rules ir_rules_rev = {.type = rev_type,
                               .jvp = ir_jvp_linear,
                               .transpose = rev_transpose,
                               .batch = rev_batch,
                               .evaluate = rev_evaluate};

// slice

static int64_t sliced_size(int64_t start, int64_t limit, int64_t stride) {
    return limit > start ? (limit - start - 1) / stride + 1 : 0;
}

static void slice_type(ir_typing *t) {
    const ir_slice_attributes *a = t->attributes;
    const ir_type *x = t->in[0];
    char text[IR_TYPE_TEXT];
    int64_t dims[IR_MAX_RANK];
    ir_check_dtype(t, 0);
    check_per_axis(t, "start", a->start);
    check_per_axis(t, "limit", a->limit);
    check_per_axis(t, "stride", a->stride);
    for (uint32_t i = 0; i < x->rank; i++) {
        int64_t start = a->start.at[i], limit = a->limit.at[i], stride = a->stride.at[i];
        if (start < 0)
            ir_type_error(t, "%s: start %lld of axis %u is negative", ir_type_text(x, text), (long long)start,
                          i);
        if (limit > x->dims[i])
            ir_type_error(t, "%s: limit %lld of axis %u is beyond its size %lld", ir_type_text(x, text),
                          (long long)limit, i, (long long)x->dims[i]);
        if (start > limit)
            ir_type_error(t, "%s: start %lld of axis %u is beyond its limit %lld", ir_type_text(x, text),
                          (long long)start, i, (long long)limit);
        if (stride < 1)
            ir_type_error(t, "%s: stride %lld of axis %u is less than 1", ir_type_text(x, text),
                          (long long)stride, i);
        dims[i] = sliced_size(start, limit, stride);
    }
    t->out[0] = ir_typing_type(t, x->dtype, (ir_dims){x->rank, dims});
}

static bool is_unit(ir_dims stride) {
    for (int64_t i = 0; i < stride.n; i++)
        if (stride.at[i] != 1) return false;
    return true;
}

// The cotangent added to its part of the accumulator, and nothing else touched.
static ir_val add_at(ir_builder *b, ir_val accumulator, ir_val ct, const ir_slice_attributes *a) {
    const ir_type *x = ir_type_of(b, accumulator);
    int64_t largest = 0;
    for (uint32_t i = 0; i < x->rank; i++) largest = x->dims[i] > largest ? x->dims[i] : largest;
    const ir_type *scalar = ir_type_scalar(b->module, ir_index_dtype(largest));
    ir_val start[IR_MAX_RANK];
    for (uint32_t i = 0; i < x->rank; i++) start[i] = ir_full_int(b, scalar, a->start.at[i]);
    ir_val sum = ir_add(b, ir_slice(b, accumulator, a->start, a->limit, a->stride), ct);
    return ir_dynamic_update_slice(b, accumulator, sum, start);
}

static void slice_transpose(ir_transposition *c) {
    const ir_slice_attributes *a = c->op->attributes;
    const ir_type *x = ir_operand_type(c->f, c->op, 0), *y = ir_type_of(c->b, c->ct[0]);
    if (ir_dims_equal(ir_shape(x), ir_shape(y))) {
        c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], c->ct[0]);
        return;
    }
    if (c->accumulator[0] != IR_NONE && is_unit(a->stride)) {
        c->accumulator[0] = add_at(c->b, c->accumulator[0], c->ct[0], a);
        return;
    }
    int64_t high[IR_MAX_RANK], interior[IR_MAX_RANK];
    for (uint32_t i = 0; i < x->rank; i++) {
        int64_t covered = y->dims[i] ? (y->dims[i] - 1) * a->stride.at[i] + 1 : 0;
        high[i] = x->dims[i] - a->start.at[i] - covered;
        interior[i] = y->dims[i] > 1 ? a->stride.at[i] - 1 : 0;
    }
    ir_val zero = ir_zeros(c->b, ir_type_scalar(c->b->module, x->dtype));
    ir_val ct =
        ir_pad(c->b, c->ct[0], zero, a->start, (ir_dims){x->rank, high}, (ir_dims){x->rank, interior});
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

static void slice_batch(ir_batching *c) {
    const ir_slice_attributes *a = c->op->attributes;
    ir_dims_room start, limit, stride;
    c->out[0] = emit_one(c, &(ir_slice_attributes){ir_dims_prepend(start, 0, a->start, 0),
                                                   ir_dims_prepend(limit, c->size, a->limit, 0),
                                                   ir_dims_prepend(stride, 1, a->stride, 0)});
}

static void slice_evaluate(ir_evaluation *c) {
    const ir_slice_attributes *a = c->op->attributes;
    const ir_type *y = c->out[0].type;
    size_t element = cv_dtype_size(y->dtype);
    int64_t to[IR_MAX_RANK], from[IR_MAX_RANK], first = 0;
    if (!y->count) return;
    ir_strides(y, to);
    ir_strides(c->in[0].type, from);
    for (uint32_t i = 0; i < y->rank; i++) {
        first += a->start.at[i] * from[i];
        from[i] = y->dims[i] > 1 ? from[i] * a->stride.at[i] : 0;
    }
    ir_strided_copy(ir_shape(y), element, c->out[0].data, to,
                    (const char *)c->in[0].data + (size_t)first * element, from);
}

const ir_rules ir_rules_slice = {.type = slice_type,
                                 .jvp = ir_jvp_linear,
                                 .transpose = slice_transpose,
                                 .batch = slice_batch,
                                 .evaluate = slice_evaluate};

// pad: element i of an axis goes to low + i * (interior + 1); what falls outside is cut off.

// With one element or none there is no gap, whatever `interior` says.
static int64_t pad_step(int64_t size, int64_t interior) { return size > 1 ? interior + 1 : 1; }

static int64_t padded_size(const ir_typing *t, uint32_t axis, int64_t low, int64_t high, int64_t interior) {
    enum { BITS = 58 }; // no array has an axis as long, and sums of four such numbers fit
    const int64_t limit = INT64_C(1) << BITS;
    int64_t size = t->in[0]->dims[axis], gaps;
    char text[IR_TYPE_TEXT];
    ir_type_text(t->in[0], text);
    if (interior < 0)
        ir_type_error(t, "%s: interior padding %lld of axis %u is negative", text, (long long)interior, axis);
    if (__builtin_mul_overflow(size > 1 ? size - 1 : 0, interior, &gaps) || gaps > limit || low < -limit ||
        low > limit || high < -limit || high > limit)
        ir_type_error(t, "%s: padding of axis %u is too large", text, axis);
    size += low + gaps + high;
    if (size < 0)
        ir_type_error(t, "%s: padding %lld and %lld takes more from axis %u than it has", text,
                      (long long)low, (long long)high, axis);
    return size;
}

static void pad_type(ir_typing *t) {
    const ir_pad_attributes *a = t->attributes;
    const ir_type *x = t->in[0], *value = t->in[1];
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    int64_t dims[IR_MAX_RANK];
    ir_check_dtype(t, 0);
    if (value->rank || value->dtype != x->dtype)
        ir_type_error(t, "%s: padding value is %s, it must be %s[]", ir_type_text(x, text),
                      ir_type_text(value, other), cv_dtype_name(x->dtype));
    check_per_axis(t, "low", a->low);
    check_per_axis(t, "high", a->high);
    check_per_axis(t, "interior", a->interior);
    for (uint32_t i = 0; i < x->rank; i++)
        dims[i] = padded_size(t, i, a->low.at[i], a->high.at[i], a->interior.at[i]);
    t->out[0] = ir_typing_type(t, x->dtype, (ir_dims){x->rank, dims});
}

// True where a pad of this operand puts padding.
static ir_val padding_mask(ir_builder *b, const ir_type *x, const ir_pad_attributes *a) {
    ir_val inside = ir_full(b, ir_type_with_dtype(b->module, x, CV_BOOL), 0);
    ir_val outside = ir_full(b, ir_type_scalar(b->module, CV_BOOL), 1);
    return ir_pad(b, inside, outside, a->low, a->high, a->interior);
}

// The operand's part: padding is taken away by padding with the negative, gaps by a stride.
static ir_val unpad(ir_builder *b, ir_val ct, const ir_type *x, const ir_pad_attributes *a) {
    int64_t low[IR_MAX_RANK], high[IR_MAX_RANK], limit[IR_MAX_RANK], stride[IR_MAX_RANK];
    ir_dims_room none;
    for (uint32_t i = 0; i < x->rank; i++) {
        low[i] = -a->low.at[i];
        high[i] = -a->high.at[i];
        stride[i] = pad_step(x->dims[i], a->interior.at[i]);
        limit[i] = x->dims[i] ? (x->dims[i] - 1) * stride[i] + 1 : 0;
    }
    ir_dims zeros = ir_dims_filled(none, x->rank, 0);
    ir_val zero = ir_zeros(b, ir_type_scalar(b->module, x->dtype));
    ct = ir_pad(b, ct, zero, (ir_dims){x->rank, low}, (ir_dims){x->rank, high}, zeros);
    return ir_slice(b, ct, zeros, (ir_dims){x->rank, limit}, (ir_dims){x->rank, stride});
}

// The padding value's part is the sum over the padding, by a mask: the difference of the whole sum
// and the operand's would cancel.
static void pad_transpose(ir_transposition *c) {
    const ir_pad_attributes *a = c->op->attributes;
    const ir_type *x = ir_operand_type(c->f, c->op, 0);
    if (c->linear[0]) c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], unpad(c->b, c->ct[0], x, a));
    if (c->linear[1]) {
        ir_dims_room axes;
        for (uint32_t i = 0; i < x->rank; i++) axes[i] = i;
        ir_val mask = padding_mask(c->b, x, a);
        ir_val ct = ir_select(c->b, mask, c->ct[0], ir_zeros(c->b, ir_type_of(c->b, c->ct[0])));
        ct = ir_reduce_sum(c->b, ct, (ir_dims){x->rank, axes});
        c->accumulator[1] = ir_accumulate(c->b, c->accumulator[1], ct);
    }
}

// A batched padding value is put in by a mask, since a pad has only one.
static void pad_batch(ir_batching *c) {
    const ir_pad_attributes *a = c->op->attributes;
    const ir_type *x = ir_operand_type(c->f, c->op, 0);
    ir_dims_room low, high, interior;
    ir_dims more_low = ir_dims_prepend(low, 0, a->low, 0), more_high = ir_dims_prepend(high, 0, a->high, 0);
    ir_dims more_interior = ir_dims_prepend(interior, 0, a->interior, 0);
    ir_val value = c->batched[1] ? ir_zeros(c->b, ir_type_scalar(c->b->module, x->dtype)) : c->in[1];
    c->out[0] = ir_pad(c->b, ir_with_batch_axis(c, 0), value, more_low, more_high, more_interior);
    c->out_batched[0] = true;
    if (!c->batched[1]) return;
    ir_dims shape = ir_shape(ir_type_of(c->b, c->out[0]));
    ir_val mask = ir_broadcast_leading(c->b, padding_mask(c->b, x, a), c->size);
    c->out[0] = ir_select(c->b, mask, ir_broadcast_in_dim(c->b, c->in[1], shape, IR_DIMS(0)), c->out[0]);
}

static void pad_evaluate(ir_evaluation *c) {
    const ir_pad_attributes *a = c->op->attributes;
    const ir_type *x = c->in[0].type, *y = c->out[0].type;
    size_t element = cv_dtype_size(y->dtype);
    int64_t to[IR_MAX_RANK], from[IR_MAX_RANK], dims[IR_MAX_RANK], to_first = 0, from_first = 0;
    ir_fill(c->out[0].data, y->count, element, c->in[1].data);
    ir_strides(y, to);
    ir_strides(x, from);
    for (uint32_t i = 0; i < x->rank; i++) {
        // the elements [first, end) of the operand fall inside
        int64_t step = pad_step(x->dims[i], a->interior.at[i]), low = a->low.at[i];
        int64_t first = low < 0 ? (-low + step - 1) / step : 0;
        int64_t end = low < y->dims[i] ? (y->dims[i] - 1 - low) / step + 1 : 0;
        if (end > x->dims[i]) end = x->dims[i];
        if (first >= end) return;
        dims[i] = end - first;
        to_first += (low + first * step) * to[i];
        from_first += first * from[i];
        to[i] = dims[i] > 1 ? to[i] * step : 0;
    }
    ir_strided_copy((ir_dims){x->rank, dims}, element, (char *)c->out[0].data + (size_t)to_first * element,
                    to, (const char *)c->in[0].data + (size_t)from_first * element, from);
}

const ir_rules ir_rules_pad = {.type = pad_type,
                               .jvp = ir_jvp_linear,
                               .transpose = pad_transpose,
                               .batch = pad_batch,
                               .evaluate = pad_evaluate};

// concatenate

static void concatenate_type(ir_typing *t) {
    int64_t axis = ((const ir_axis_attributes *)t->attributes)->axis, dims[IR_MAX_RANK];
    if (!t->n_in) ir_type_error(t, "it needs at least one operand");
    const ir_type *x = t->in[0];
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    ir_check_dtype(t, 0);
    ir_check_axis(t, axis, x->rank);
    for (uint32_t k = 0; k < x->rank; k++) dims[k] = x->dims[k];
    for (uint32_t i = 1; i < t->n_in; i++) {
        const ir_type *y = t->in[i];
        if (y->dtype != x->dtype || y->rank != x->rank)
            ir_type_error(t, "operand 0 is %s and operand %u is %s: they must have one dtype and one rank",
                          ir_type_text(x, text), i, ir_type_text(y, other));
        for (uint32_t k = 0; k < x->rank; k++)
            if (k != axis && y->dims[k] != x->dims[k])
                ir_type_error(t,
                              "operand 0 is %s and operand %u is %s: sizes of axis %u differ, only those of "
                              "axis %lld may",
                              ir_type_text(x, text), i, ir_type_text(y, other), k, (long long)axis);
        if (__builtin_add_overflow(dims[axis], y->dims[axis], &dims[axis]))
            ir_type_error(t, "an array has too many elements");
    }
    t->out[0] = ir_typing_type(t, x->dtype, (ir_dims){x->rank, dims});
}

static void concatenate_transpose(ir_transposition *c) {
    int64_t axis = ((const ir_axis_attributes *)c->op->attributes)->axis, limit[IR_MAX_RANK];
    const ir_type *y = ir_type_of(c->b, c->ct[0]);
    ir_dims_room start, stride;
    ir_dims starts = ir_dims_filled(start, y->rank, 0), strides = ir_dims_filled(stride, y->rank, 1);
    for (uint32_t k = 0; k < y->rank; k++) limit[k] = y->dims[k];
    limit[axis] = 0;
    for (uint32_t i = 0; i < c->op->n_in; i++) {
        start[axis] = limit[axis];
        limit[axis] += ir_operand_type(c->f, c->op, i)->dims[axis];
        if (!c->linear[i]) continue;
        ir_val ct = ir_slice(c->b, c->ct[0], starts, (ir_dims){y->rank, limit}, strides);
        c->accumulator[i] = ir_accumulate(c->b, c->accumulator[i], ct);
    }
}

static void concatenate_batch(ir_batching *c) {
    int64_t axis = ((const ir_axis_attributes *)c->op->attributes)->axis;
    ir_val *in = base_new_array(&c->b->arena, ir_val, c->op->n_in);
    for (uint32_t i = 0; i < c->op->n_in; i++) in[i] = ir_with_batch_axis(c, i);
    c->out[0] = ir_concatenate(c->b, in, c->op->n_in, axis + 1);
    c->out_batched[0] = true;
}

static void concatenate_evaluate(ir_evaluation *c) {
    int64_t axis = ((const ir_axis_attributes *)c->op->attributes)->axis, to[IR_MAX_RANK], from[IR_MAX_RANK];
    size_t element = cv_dtype_size(c->out[0].type->dtype);
    char *at = c->out[0].data;
    ir_strides(c->out[0].type, to);
    for (uint32_t i = 0; i < c->op->n_in; i++) {
        const ir_type *x = c->in[i].type;
        ir_strides(x, from);
        ir_strided_copy(ir_shape(x), element, at, to, c->in[i].data, from);
        at += (size_t)(x->dims[axis] * to[axis]) * element;
    }
}

const ir_rules ir_rules_concatenate = {.type = concatenate_type,
                                       .jvp = ir_jvp_linear,
                                       .transpose = concatenate_transpose,
                                       .batch = concatenate_batch,
                                       .evaluate = concatenate_evaluate};
