// In: reductions and products. Out: the same over fewer or better placed axes.
//
// The order in which floating sums are added up is kept: two sums in a row stay two, and a sum over
// a broadcast axis is not replaced by a product. A transposition in front of a product goes into its
// dimension numbers, one in front of a reduction behind it, where there is less to move.

#include "transforms/simplify.h"

#define RULE(name) ir_val sx_rule_##name(sx *s, const sx_op *op)

// Whether the result does not depend on the order of the elements.
static bool is_unordered(const sx *s, const sx_op *op) {
    return ir_is_idempotent(ir_combiner(op->primitive)) || !ir_is_differentiable(sx_type(s, op->in[0])->dtype);
}

// The shape without some axes.
static ir_dims without(ir_dims shape, ir_dims axes, int64_t *kept) {
    ir_dims result = {0, kept};
    for (int64_t i = 0; i < shape.n; i++)
        if (!ir_dims_contain(axes, i)) kept[result.n++] = shape.at[i];
    return result;
}

// Axes of size 1 are reshaped away.
static ir_val drop_unit_axes(sx *s, const sx_op *op, ir_dims axes) {
    const ir_type *type = sx_type(s, op->in[0]);
    int64_t squeezed[IR_MAX_RANK], rest[IR_MAX_RANK], n_squeezed = 0, n_rest = 0, removed = 0;
    for (int64_t i = 0; i < type->rank; i++) {
        bool reduced = ir_dims_contain(axes, i);
        if (reduced && type->dims[i] == 1) {
            removed++;
            continue;
        }
        if (reduced) rest[n_rest++] = i - removed;
        squeezed[n_squeezed++] = type->dims[i];
    }
    if (!removed) return IR_NONE;
    ir_val x = sx_reshape(s, op->in[0], (ir_dims){n_squeezed, squeezed});
    return n_rest ? sx_reduce(s, op->primitive, x, (ir_dims){n_rest, rest}) : x;
}

// reduce(broadcast x): axes that x has are reduced before the broadcast; those that it has not make
// no difference to what is idempotent.
static ir_val reduce_broadcast(sx *s, const sx_op *op, ir_dims axes, const ir_op *broadcast) {
    const ir_broadcast_attributes *a = broadcast->attributes;
    ir_val x = sx_in(s, broadcast, 0);
    const ir_type *type = sx_type(s, x);
    if (!sx_type(s, op->in[0])->count) return IR_NONE;
    int64_t inner[IR_MAX_RANK], dims[IR_MAX_RANK], shape[IR_MAX_RANK], n_inner = 0, n_dims = 0, last = -1;
    for (int64_t i = 0; i < type->rank; i++) {
        int64_t axis = a->dims.at[i];
        if (type->dims[i] != a->shape.at[axis]) return IR_NONE;
        if (ir_dims_contain(axes, axis)) {
            if (axis < last && !is_unordered(s, op)) return IR_NONE;
            last = axis;
            inner[n_inner++] = i;
        } else {
            int64_t before = 0;
            for (int64_t k = 0; k < axes.n; k++) before += axes.at[k] < axis;
            dims[n_dims++] = axis - before;
        }
    }
    if (n_inner < axes.n && !ir_is_idempotent(ir_combiner(op->primitive))) return IR_NONE;
    if (n_inner) x = sx_reduce(s, op->primitive, x, (ir_dims){n_inner, inner});
    return sx_broadcast(s, x, without(a->shape, axes, shape), (ir_dims){n_dims, dims});
}

// reduce(transpose x) = transpose(reduce x), if the reduced axes keep their order.
static ir_val reduce_transpose(sx *s, const sx_op *op, ir_dims axes, const ir_op *transpose) {
    ir_dims permutation = ((const ir_transpose_attributes *)transpose->attributes)->permutation;
    int64_t inner[IR_MAX_RANK], left[IR_MAX_RANK], last = -1, n_inner = 0, n_left = 0;
    for (int64_t i = 0; i < permutation.n; i++) {
        int64_t axis = permutation.at[i];
        if (!ir_dims_contain(axes, i)) {
            left[n_left++] = axis;
            continue;
        }
        if (axis < last && !is_unordered(s, op)) return IR_NONE;
        last = axis;
        inner[n_inner++] = axis;
    }
    ir_dims reduced = {n_inner, inner};
    for (int64_t i = 0; i < n_left; i++) {
        int64_t before = 0;
        for (int64_t k = 0; k < n_inner; k++) before += inner[k] < left[i];
        left[i] -= before;
    }
    ir_val x = sx_reduce(s, op->primitive, sx_in(s, transpose, 0), reduced);
    return sx_transpose(s, x, (ir_dims){n_left, left});
}

static ir_val reduction(sx *s, const sx_op *op) {
    ir_dims axes = ((const ir_axes_attributes *)op->attributes)->axes;
    if (!axes.n) return op->in[0];
    ir_val value = drop_unit_axes(s, op, axes);
    if (value != IR_NONE) return value;
    const ir_op *inner = ir_def_of(s->b, op->in[0]);
    if (!inner) return IR_NONE;
    if (inner->primitive == IR_broadcast_in_dim) return reduce_broadcast(s, op, axes, inner);
    if (inner->primitive == IR_transpose) return reduce_transpose(s, op, axes, inner);
    return IR_NONE;
}

RULE(reduce_sum) { return reduction(s, op); }
RULE(reduce_prod) { return reduction(s, op); }
RULE(reduce_and) { return reduction(s, op); }
RULE(reduce_or) { return reduction(s, op); }
RULE(reduce_xor) { return reduction(s, op); }
RULE(reduce_max) { return reduction(s, op); }
RULE(reduce_min) { return reduction(s, op); }

// One operand of a product, with room for changed axes.
typedef struct factor {
    ir_val x;
    ir_dims contract, batch;
    int64_t numbers[2 * IR_MAX_RANK];
} factor;

// Takes a transposition into the axes, if the free axes, which the result has in order, keep theirs.
static bool absorb_transpose(sx *s, factor *side) {
    const ir_op *transpose = sx_def(s, side->x, IR_transpose);
    if (!transpose) return false;
    ir_dims permutation = ((const ir_transpose_attributes *)transpose->attributes)->permutation;
    int64_t last = -1;
    for (int64_t i = 0; i < permutation.n; i++) {
        if (ir_dims_contain(side->contract, i) || ir_dims_contain(side->batch, i)) continue;
        if (permutation.at[i] < last) return false;
        last = permutation.at[i];
    }
    int64_t *contract = side->numbers, *batch = side->numbers + IR_MAX_RANK;
    for (int64_t i = 0; i < side->contract.n; i++) contract[i] = permutation.at[side->contract.at[i]];
    for (int64_t i = 0; i < side->batch.n; i++) batch[i] = permutation.at[side->batch.at[i]];
    side->x = sx_in(s, transpose, 0);
    side->contract.at = contract;
    side->batch.at = batch;
    return true;
}

RULE(dot_general) {
    const ir_dot_attributes *a = op->attributes;
    factor lhs = {.x = op->in[0], .contract = a->lhs_contract, .batch = a->lhs_batch};
    factor rhs = {.x = op->in[1], .contract = a->rhs_contract, .batch = a->rhs_batch};
    bool left = absorb_transpose(s, &lhs), right = absorb_transpose(s, &rhs);
    if (!left && !right) return IR_NONE;
    ir_dot_attributes absorbed = {lhs.contract, rhs.contract, lhs.batch, rhs.batch};
    return sx_emit(s, IR_dot_general, (ir_val[]){lhs.x, rhs.x}, 2, &absorbed);
}
