// In: movement and indexing. Out: less of it.
//
// Two movements in a row become one; a movement of a broadcast becomes a smaller one before the
// broadcast; a movement that only adds or removes axes of size 1 becomes a reshape, or is taken into
// a neighbouring broadcast or iota. So what is left in front of a product or a reduction is a
// transposition that matters, and everything else is an index map that fusion takes in.

#include <string.h>

#include "transforms/simplify.h"

#define RULE(name) ir_val sx_rule_##name(sx *s, const sx_op *op)

static bool is_identity(ir_dims permutation) {
    for (int64_t i = 0; i < permutation.n; i++)
        if (permutation.at[i] != i) return false;
    return true;
}

static bool is_increasing(ir_dims dims) {
    for (int64_t i = 1; i < dims.n; i++)
        if (dims.at[i] <= dims.at[i - 1]) return false;
    return true;
}

// If the shapes are the same but for axes of size 1: for each other axis of `from`, its place in `to`;
// -1 for those of size 1.
static bool match_axes(ir_dims from, ir_dims to, int64_t *place) {
    int64_t j = 0;
    for (int64_t i = 0; i < from.n; i++) {
        place[i] = -1;
        if (from.at[i] == 1) continue;
        while (j < to.n && to.at[j] == 1) j++;
        if (j == to.n || to.at[j] != from.at[i]) return false;
        place[i] = j++;
    }
    while (j < to.n && to.at[j] == 1) j++;
    return j == to.n;
}

RULE(iota) {
    const ir_iota_attributes *a = op->attributes;
    if (a->shape.at[a->axis] != 1) return IR_NONE;
    return sx_full_int(s, ir_type_get(s->b->module, a->dtype, a->shape.n, a->shape.at), 0);
}

// broadcast(broadcast x) and broadcast(reshape x) where the reshape adds or removes axes of size 1.
static ir_val broadcast_again(sx *s, const ir_broadcast_attributes *a, const ir_op *inner) {
    int64_t dims[IR_MAX_RANK], place[IR_MAX_RANK];
    ir_val x = sx_in(s, inner, 0);
    ir_dims shape = ir_shape(sx_type(s, x));
    if (inner->primitive == IR_broadcast_in_dim) {
        memcpy(place, ((const ir_broadcast_attributes *)inner->attributes)->dims.at,
               sizeof *place * (size_t)shape.n);
    } else if (!match_axes(shape, ir_shape(sx_type(s, inner->out)), place)) {
        return IR_NONE;
    }
    for (int64_t i = 0; i < shape.n; i++) {
        if (place[i] < 0) return IR_NONE;
        dims[i] = a->dims.at[place[i]];
    }
    return sx_broadcast(s, x, a->shape, (ir_dims){shape.n, dims});
}

RULE(broadcast_in_dim) {
    const ir_broadcast_attributes *a = op->attributes;
    ir_val x = op->in[0];
    const ir_type *type = sx_type(s, x);
    if (is_identity(a->dims) && ir_dims_equal(ir_shape(type), a->shape)) return x;
    const ir_op *inner = ir_def_of(s->b, x);
    if (inner && (inner->primitive == IR_broadcast_in_dim || inner->primitive == IR_reshape)) {
        ir_val value = broadcast_again(s, a, inner);
        if (value != IR_NONE) return value;
    }
    int64_t count = 1;
    for (int64_t i = 0; i < a->shape.n; i++) count *= a->shape.at[i];
    return count == type->count && is_increasing(a->dims) ? sx_reshape(s, x, a->shape) : IR_NONE;
}

// reshape(broadcast x) where the reshape adds or removes axes of size 1 that x does not have.
static ir_val reshape_broadcast(sx *s, const ir_op *broadcast, ir_dims shape) {
    const ir_broadcast_attributes *a = broadcast->attributes;
    int64_t place[IR_MAX_RANK], dims[IR_MAX_RANK];
    if (a->dims.n && !match_axes(a->shape, shape, place)) return IR_NONE;
    for (int64_t i = 0; i < a->dims.n; i++) {
        dims[i] = place[a->dims.at[i]];
        if (dims[i] < 0) return IR_NONE;
    }
    return sx_broadcast(s, sx_in(s, broadcast, 0), shape, (ir_dims){a->dims.n, dims});
}

RULE(reshape) {
    ir_dims shape = ((const ir_reshape_attributes *)op->attributes)->shape;
    ir_val x = op->in[0];
    if (ir_dims_equal(ir_shape(sx_type(s, x)), shape)) return x;
    const ir_op *inner = ir_def_of(s->b, x);
    if (!inner) return IR_NONE;
    if (inner->primitive == IR_reshape) return sx_reshape(s, sx_in(s, inner, 0), shape);
    if (inner->primitive == IR_broadcast_in_dim) return reshape_broadcast(s, inner, shape);
    if (inner->primitive == IR_constant) {
        const ir_literal *literal = sx_literal(s, x);
        const ir_type *type = ir_type_get(s->b->module, literal->type->dtype, shape.n, shape.at);
        return sx_constant(s, type, literal->splat, literal->data);
    }
    if (inner->primitive == IR_iota) {
        const ir_iota_attributes *a = inner->attributes;
        int64_t place[IR_MAX_RANK];
        if (!match_axes(a->shape, shape, place) || place[a->axis] < 0) return IR_NONE;
        ir_iota_attributes moved = {a->dtype, shape, place[a->axis]};
        return sx_emit(s, IR_iota, NULL, 0, &moved);
    }
    return IR_NONE;
}

// True if axes other than those of size 1 keep their order.
static bool moves_units_only(ir_dims permutation, const ir_type *type) {
    int64_t last = -1;
    for (int64_t i = 0; i < permutation.n; i++) {
        if (type->dims[permutation.at[i]] == 1) continue;
        if (permutation.at[i] < last) return false;
        last = permutation.at[i];
    }
    return true;
}

// transpose(dot(x, y)) = dot(y, x) where only the free axes of x and y change places.
static ir_val transpose_dot(sx *s, const ir_op *dot, ir_dims permutation) {
    const ir_dot_attributes *a = dot->attributes;
    ir_val x = sx_in(s, dot, 0), y = sx_in(s, dot, 1);
    int64_t n_batch = a->lhs_batch.n;
    int64_t n_x = sx_type(s, x)->rank - n_batch - a->lhs_contract.n;
    int64_t n_y = sx_type(s, y)->rank - n_batch - a->rhs_contract.n;
    if (!sx_used_once(s, dot->out) || !n_x || !n_y) return IR_NONE;
    for (int64_t i = 0; i < permutation.n; i++) {
        int64_t expected = i < n_batch ? i : i < n_batch + n_y ? i + n_x : i - n_y;
        if (permutation.at[i] != expected) return IR_NONE;
    }
    ir_dot_attributes swapped = {a->rhs_contract, a->lhs_contract, a->rhs_batch, a->lhs_batch};
    return sx_emit(s, IR_dot_general, (ir_val[]){y, x}, 2, &swapped);
}

RULE(transpose) {
    ir_dims permutation = ((const ir_transpose_attributes *)op->attributes)->permutation;
    ir_val x = op->in[0];
    const ir_type *type = sx_type(s, x);
    if (is_identity(permutation)) return x;
    int64_t shape[IR_MAX_RANK], inverse[IR_MAX_RANK], axes[IR_MAX_RANK];
    for (int64_t i = 0; i < permutation.n; i++) {
        shape[i] = type->dims[permutation.at[i]];
        inverse[permutation.at[i]] = i;
    }
    ir_dims result = {permutation.n, shape};
    const ir_op *inner = ir_def_of(s->b, x);
    ir_primitive primitive = inner ? inner->primitive : IR_PRIMITIVE_COUNT;
    if (primitive == IR_transpose) {
        ir_dims first = ((const ir_transpose_attributes *)inner->attributes)->permutation;
        for (int64_t i = 0; i < permutation.n; i++) axes[i] = first.at[permutation.at[i]];
        return sx_transpose(s, sx_in(s, inner, 0), (ir_dims){permutation.n, axes});
    }
    if (primitive == IR_broadcast_in_dim) {
        ir_dims dims = ((const ir_broadcast_attributes *)inner->attributes)->dims;
        for (int64_t i = 0; i < dims.n; i++) axes[i] = inverse[dims.at[i]];
        return sx_broadcast(s, sx_in(s, inner, 0), result, (ir_dims){dims.n, axes});
    }
    if (primitive == IR_iota) {
        const ir_iota_attributes *a = inner->attributes;
        return sx_emit(s, IR_iota, NULL, 0, &(ir_iota_attributes){a->dtype, result, inverse[a->axis]});
    }
    if (moves_units_only(permutation, type)) return sx_reshape(s, x, result);
    return primitive == IR_dot_general ? transpose_dot(s, inner, permutation) : IR_NONE;
}

// The axis of the broadcast's operand that became `axis`, or -1.
static int64_t source_axis(const ir_broadcast_attributes *a, int64_t axis) {
    for (int64_t i = 0; i < a->dims.n; i++)
        if (a->dims.at[i] == axis) return i;
    return -1;
}

// Axes of `axes` along which reversal does something, less those that the operand is constant along.
static ir_dims reversed_axes(sx *s, ir_val x, ir_dims axes, int64_t *kept) {
    const ir_op *broadcast = sx_def(s, x, IR_broadcast_in_dim);
    ir_dims result = {0, kept};
    for (int64_t i = 0; i < axes.n; i++) {
        if (sx_type(s, x)->dims[axes.at[i]] == 1) continue;
        if (broadcast) {
            int64_t source = source_axis(broadcast->attributes, axes.at[i]);
            if (source < 0 || sx_type(s, sx_in(s, broadcast, 0))->dims[source] == 1) continue;
        }
        kept[result.n++] = axes.at[i];
    }
    return result;
}

static ir_val reverse(sx *s, ir_val x, ir_dims axes) {
    return axes.n ? sx_emit(s, IR_rev, &x, 1, &(ir_axes_attributes){axes}) : x;
}

RULE(rev) {
    ir_dims axes = ((const ir_axes_attributes *)op->attributes)->axes;
    ir_val x = op->in[0];
    int64_t kept[2 * IR_MAX_RANK];
    ir_dims left = reversed_axes(s, x, axes, kept);
    if (left.n < axes.n) return reverse(s, x, left);
    const ir_op *inner = sx_def(s, x, IR_rev);
    if (!inner) return IR_NONE;
    ir_dims first = ((const ir_axes_attributes *)inner->attributes)->axes;
    int64_t n = 0;
    for (int64_t i = 0; i < first.n; i++)
        if (!ir_dims_contain(axes, first.at[i])) kept[n++] = first.at[i];
    for (int64_t i = 0; i < axes.n; i++)
        if (!ir_dims_contain(first, axes.at[i])) kept[n++] = axes.at[i];
    return reverse(s, sx_in(s, inner, 0), (ir_dims){n, kept});
}

static int64_t slice_size(const ir_slice_attributes *a, int64_t axis) {
    int64_t range = a->limit.at[axis] - a->start.at[axis];
    return range <= 0 ? 0 : (range - 1) / a->stride.at[axis] + 1;
}

static ir_val slice_slice(sx *s, const ir_slice_attributes *a, const ir_op *inner) {
    const ir_slice_attributes *first = inner->attributes;
    int64_t start[IR_MAX_RANK], limit[IR_MAX_RANK], stride[IR_MAX_RANK], rank = a->start.n;
    for (int64_t i = 0; i < rank; i++) {
        int64_t size = slice_size(a, i);
        stride[i] = first->stride.at[i] * a->stride.at[i];
        // where nothing is taken, the step after the last may lie outside
        start[i] = size ? first->start.at[i] + a->start.at[i] * first->stride.at[i] : 0;
        limit[i] = size ? start[i] + (size - 1) * stride[i] + 1 : 0;
    }
    return sx_slice(s, sx_in(s, inner, 0), (ir_dims){rank, start}, (ir_dims){rank, limit},
                    (ir_dims){rank, stride});
}

// The slice moved by `shift` along one axis, of another value.
static ir_val slice_shifted(sx *s, ir_val x, const ir_slice_attributes *a, const int64_t *shift) {
    int64_t start[IR_MAX_RANK], limit[IR_MAX_RANK], rank = a->start.n;
    for (int64_t i = 0; i < rank; i++) {
        start[i] = a->start.at[i] - shift[i];
        limit[i] = a->limit.at[i] - shift[i];
    }
    return sx_slice(s, x, (ir_dims){rank, start}, (ir_dims){rank, limit}, a->stride);
}

// A slice that lies in one piece is a slice of that piece.
static ir_val slice_concatenate(sx *s, const ir_slice_attributes *a, const ir_op *inner) {
    int64_t axis = ((const ir_axis_attributes *)inner->attributes)->axis, at = 0;
    for (uint32_t i = 0; i < inner->n_in && at <= a->start.at[axis]; i++) {
        ir_val piece = sx_in(s, inner, i);
        int64_t size = sx_type(s, piece)->dims[axis], shift[IR_MAX_RANK] = {0};
        shift[axis] = at;
        if (a->start.at[axis] >= at && a->limit.at[axis] <= at + size)
            return slice_shifted(s, piece, a, shift);
        at += size;
    }
    return IR_NONE;
}

// A slice that lies in what was padded, or in the padding along one axis.
static ir_val slice_pad(sx *s, const ir_slice_attributes *a, const ir_op *inner) {
    const ir_pad_attributes *pad = inner->attributes;
    ir_val x = sx_in(s, inner, 0);
    const ir_type *type = sx_type(s, x);
    int64_t size[IR_MAX_RANK];
    bool within = true;
    for (int64_t i = 0; i < a->start.n; i++) {
        size[i] = slice_size(a, i);
        int64_t start = a->start.at[i] - pad->low.at[i], limit = a->limit.at[i] - pad->low.at[i];
        int64_t extent = type->dims[i] ? (type->dims[i] - 1) * (pad->interior.at[i] + 1) + 1 : 0;
        within = within && !pad->interior.at[i] && start >= 0 && limit <= extent;
    }
    for (int64_t i = 0; i < a->start.n; i++) {
        int64_t start = a->start.at[i] - pad->low.at[i], limit = a->limit.at[i] - pad->low.at[i];
        int64_t extent = type->dims[i] ? (type->dims[i] - 1) * (pad->interior.at[i] + 1) + 1 : 0;
        if (limit <= 0 || start >= extent)
            return sx_broadcast(s, sx_in(s, inner, 1), (ir_dims){a->start.n, size}, (ir_dims){0, NULL});
    }
    return within ? slice_shifted(s, x, a, pad->low.at) : IR_NONE;
}

// slice(broadcast x) = broadcast(slice x)
static ir_val slice_broadcast(sx *s, const ir_slice_attributes *a, const ir_op *inner) {
    const ir_broadcast_attributes *b = inner->attributes;
    ir_val x = sx_in(s, inner, 0);
    const ir_type *type = sx_type(s, x);
    int64_t shape[IR_MAX_RANK], start[IR_MAX_RANK], limit[IR_MAX_RANK], stride[IR_MAX_RANK],
        rank = type->rank;
    for (int64_t i = 0; i < a->start.n; i++) shape[i] = slice_size(a, i);
    for (int64_t i = 0; i < rank; i++) {
        int64_t axis = b->dims.at[i];
        bool expanded = type->dims[i] != b->shape.at[axis];
        start[i] = expanded ? 0 : a->start.at[axis];
        limit[i] = expanded ? 1 : a->limit.at[axis];
        stride[i] = expanded ? 1 : a->stride.at[axis];
    }
    x = sx_slice(s, x, (ir_dims){rank, start}, (ir_dims){rank, limit}, (ir_dims){rank, stride});
    return sx_broadcast(s, x, (ir_dims){a->start.n, shape}, b->dims);
}

// One element of an iota along its axis.
static ir_val slice_iota(sx *s, const ir_slice_attributes *a, const ir_op *inner) {
    const ir_iota_attributes *iota = inner->attributes;
    int64_t shape[IR_MAX_RANK];
    for (int64_t i = 0; i < a->start.n; i++) shape[i] = slice_size(a, i);
    if (shape[iota->axis] != 1) {
        if (a->start.at[iota->axis] || a->stride.at[iota->axis] != 1) return IR_NONE;
        ir_iota_attributes shorter = {iota->dtype, {a->start.n, shape}, iota->axis};
        return sx_emit(s, IR_iota, NULL, 0, &shorter);
    }
    const ir_type *type = ir_type_get(s->b->module, iota->dtype, a->start.n, shape);
    return sx_full_int(s, type, a->start.at[iota->axis]);
}

RULE(slice) {
    const ir_slice_attributes *a = op->attributes;
    ir_val x = op->in[0];
    const ir_type *type = sx_type(s, x);
    bool whole = true;
    for (int64_t i = 0; i < a->start.n; i++)
        whole = whole && !a->start.at[i] && a->limit.at[i] == type->dims[i] && a->stride.at[i] == 1;
    if (whole) return x;
    const ir_op *inner = ir_def_of(s->b, x);
    switch (inner ? inner->primitive : IR_PRIMITIVE_COUNT) {
    case IR_slice: return slice_slice(s, a, inner);
    case IR_concatenate: return slice_concatenate(s, a, inner);
    case IR_pad: return slice_pad(s, a, inner);
    case IR_broadcast_in_dim: return slice_broadcast(s, a, inner);
    case IR_iota: return slice_iota(s, a, inner);
    default: return IR_NONE;
    }
}

RULE(pad) {
    const ir_pad_attributes *a = op->attributes;
    const ir_type *type = sx_type(s, op->in[0]);
    bool nothing = true;
    int64_t shape[IR_MAX_RANK];
    for (int64_t i = 0; i < a->low.n; i++) {
        bool inside = a->interior.at[i] && type->dims[i] > 1;
        nothing = nothing && !a->low.at[i] && !a->high.at[i] && !inside;
        shape[i] = a->low.at[i] + a->high.at[i];
        if (type->dims[i]) shape[i] += (type->dims[i] - 1) * (a->interior.at[i] + 1) + 1;
    }
    if (nothing) return op->in[0];
    if (!type->count) return sx_broadcast(s, op->in[1], (ir_dims){a->low.n, shape}, (ir_dims){0, NULL});
    return IR_NONE;
}

// Neighbours that are slices of one value, the second where the first ends, are one slice.
static ir_val join_slices(sx *s, ir_val x, ir_val y, int64_t axis) {
    const ir_op *first = sx_def(s, x, IR_slice), *second = sx_def(s, y, IR_slice);
    if (!first || !second || sx_in(s, first, 0) != sx_in(s, second, 0)) return IR_NONE;
    const ir_slice_attributes *a = first->attributes, *b = second->attributes;
    int64_t limit[IR_MAX_RANK];
    for (int64_t i = 0; i < a->start.n; i++) {
        limit[i] = a->limit.at[i];
        if (i == axis) {
            if (a->stride.at[i] != 1 || b->stride.at[i] != 1 || a->limit.at[i] != b->start.at[i])
                return IR_NONE;
            limit[i] = b->limit.at[i];
        } else if (a->start.at[i] != b->start.at[i] || a->limit.at[i] != b->limit.at[i] ||
                   a->stride.at[i] != b->stride.at[i]) {
            return IR_NONE;
        }
    }
    return sx_slice(s, sx_in(s, first, 0), a->start, (ir_dims){a->start.n, limit}, a->stride);
}

RULE(concatenate) {
    int64_t axis = ((const ir_axis_attributes *)op->attributes)->axis;
    if (op->n_in == 1) return op->in[0];
    ir_val *kept = base_new_array(&s->arena, ir_val, op->n_in + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < op->n_in; i++) {
        if (!sx_type(s, op->in[i])->dims[axis]) continue;
        ir_val joined = n ? join_slices(s, kept[n - 1], op->in[i], axis) : IR_NONE;
        if (joined != IR_NONE)
            kept[n - 1] = joined;
        else
            kept[n++] = op->in[i];
    }
    if (n == op->n_in || !n) return IR_NONE;
    return sx_emit(s, IR_concatenate, kept, n, op->attributes);
}

// True if the operation's starts, from operand `first` on, are those of an update.
static bool same_starts(const sx *s, const sx_op *op, uint32_t first, const ir_op *update) {
    for (uint32_t i = 2; i < update->n_in; i++)
        if (op->in[first + i - 2] != sx_in(s, update, i)) return false;
    return true;
}

RULE(dynamic_slice) {
    const ir_dynamic_slice_attributes *a = op->attributes;
    ir_val x = op->in[0];
    const ir_type *type = sx_type(s, x);
    if (ir_dims_equal(ir_shape(type), a->sizes)) return x;
    // What was just written is read again.
    const ir_op *update = sx_def(s, x, IR_dynamic_update_slice);
    if (update && ir_dims_equal(ir_shape(sx_type(s, sx_in(s, update, 1))), a->sizes) && same_starts(s, op, 1, update))
        return sx_in(s, update, 1);
    int64_t start[IR_MAX_RANK], limit[IR_MAX_RANK], stride[IR_MAX_RANK];
    for (int64_t i = 0; i < a->sizes.n; i++) {
        union ir_scalar element;
        int64_t last = type->dims[i] - a->sizes.at[i];
        start[i] = 0;
        if (last) {
            ir_val index = op->in[i + 1];
            if (!sx_splat(s, index, &element)) return IR_NONE;
            cv_dtype dtype = sx_type(s, index)->dtype;
            start[i] = ir_scalar_to_int(&element, dtype);
            if (start[i] < 0) start[i] = dtype == CV_U64 ? last : 0;
            if (start[i] > last) start[i] = last;
        }
        limit[i] = start[i] + a->sizes.at[i];
        stride[i] = 1;
    }
    int64_t rank = a->sizes.n;
    return sx_slice(s, x, (ir_dims){rank, start}, (ir_dims){rank, limit}, (ir_dims){rank, stride});
}

RULE(dynamic_update_slice) {
    const ir_type *type = sx_type(s, op->in[0]), *update = sx_type(s, op->in[1]);
    if (type == update) return op->in[1];
    if (!update->count) return op->in[0];
    // What was just written, and is not used otherwise, is overwritten.
    const ir_op *older = sx_def(s, op->in[0], IR_dynamic_update_slice);
    if (!older || !sx_used_once(s, op->in[0]) || sx_type(s, sx_in(s, older, 1)) != update ||
        !same_starts(s, op, 2, older))
        return IR_NONE;
    ir_val in[IR_MAX_RANK + 2] = {sx_in(s, older, 0)};
    for (uint32_t i = 1; i < op->n_in; i++) in[i] = op->in[i];
    return sx_emit(s, IR_dynamic_update_slice, in, op->n_in, NULL);
}
