// Reductions and products: types, derivatives, transposition, batching. Their evaluation is in
// reduction_evaluate.c.
//
// A reduction folds a list of axes away. A dot_general has batch axes, which pair up, contracted
// axes, which pair up and are summed over, and free axes; its result has the batch axes in the order
// of their list, then the free axes of the first operand, then those of the second. Transposing a
// product by one operand is a product of the cotangent with the other one, whose result has the right
// axes in another order: a transposition restores it, and disappears for a plain matrix product.

#include "ir/primitives/complex.h"
#include "ir/primitives/strided.h"

// Axes 0 .. rank-1 that are in neither list, ascending.
static ir_dims other_axes(ir_dims_room room, int64_t rank, ir_dims a, ir_dims b) {
    int64_t n = 0;
    for (int64_t i = 0; i < rank; i++)
        if (!ir_dims_contain(a, i) && !ir_dims_contain(b, i)) room[n++] = i;
    return (ir_dims){n, room};
}

// first, first + 1, ...
static ir_dims range(ir_dims_room room, int64_t first, int64_t n) {
    for (int64_t i = 0; i < n; i++) room[i] = first + i;
    return (ir_dims){n, room};
}

// The type without the axes, and with this dtype.
static const ir_type *reduced_type(const ir_typing *t, ir_dims axes, cv_dtype dtype) {
    const ir_type *type = t->in[0];
    ir_dims_room room;
    ir_dims shape = other_axes(room, type->rank, axes, (ir_dims){0, NULL});
    for (int64_t i = 0; i < shape.n; i++) room[i] = type->dims[room[i]];
    return ir_typing_type(t, dtype, shape);
}

static void type_reduce(ir_typing *t) {
    const ir_axes_attributes *attributes = t->attributes;
    ir_check_dtype(t, 0);
    ir_check_axes(t, attributes->axes, t->in[0]->rank);
    t->out[0] = reduced_type(t, attributes->axes, t->in[0]->dtype);
}

static void type_arg(ir_typing *t) {
    const ir_argmax_attributes *attributes = t->attributes;
    const ir_type *type = t->in[0];
    int64_t axis = attributes->axis;
    char text[IR_TYPE_TEXT];
    ir_check_dtype(t, 0);
    ir_check_axis(t, axis, type->rank);
    if (!type->dims[axis])
        ir_type_error(t, "%s: axis %lld is empty, so that no element of it is the extreme",
                      ir_type_text(type, text), (long long)axis);
    if (!ir_is_integer(attributes->dtype))
        ir_type_error(t, "%s: an index is an integer, not %s", ir_type_text(type, text),
                      cv_dtype_name(attributes->dtype));
    int64_t bits = 8 * (int64_t)cv_dtype_size(attributes->dtype) - ir_is_signed(attributes->dtype);
    if (bits < 63 && (type->dims[axis] - 1) >> bits)
        ir_type_error(t, "%s: the indices of axis %lld do not fit %s", ir_type_text(type, text),
                      (long long)axis, cv_dtype_name(attributes->dtype));
    t->out[0] = reduced_type(t, (ir_dims){1, &axis}, attributes->dtype);
}

// A value without the axes, repeated along them.
static ir_val spread(ir_builder *b, ir_val value, const ir_type *type, ir_dims axes) {
    ir_dims_room room;
    ir_dims kept = other_axes(room, type->rank, axes, (ir_dims){0, NULL});
    return ir_broadcast_in_dim(b, value, ir_shape(type), kept);
}

static void transpose_reduce_sum(ir_transposition *c) {
    const ir_axes_attributes *attributes = c->op->attributes;
    ir_val ct = spread(c->b, c->ct[0], ir_operand_type(c->f, c->op, 0), attributes->axes);
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

// The mean of the tangents where the extreme is reached, as in jax.lax; of no elements it does not vary.
static void jvp_reduce_extreme(ir_jvp *c) {
    const ir_axes_attributes *attributes = c->op->attributes;
    ir_builder *b = c->b;
    ir_val x = c->in[0], t = c->tangent[0];
    const ir_type *type = ir_type_of(b, x);
    if (t == IR_NONE || !type->count) return;
    ir_val reached = ir_eq(b, x, spread(b, c->out[0], type, attributes->axes));
    ir_val count = ir_reduce_sum(b, ir_convert(b, reached, type->dtype), attributes->axes);
    ir_val chosen = ir_select(b, reached, t, ir_zeros(b, type));
    c->tangent_out[0] = ir_div(b, ir_reduce_sum(b, chosen, attributes->axes), count);
}

// A product by halves of numbers that are two values: a dual number (the derivative of each multiplication is
// right where factors are 0, to any order) or the parts of a complex one. The first axis is all the reduced
// ones.
typedef struct dual {
    ir_val x, t;
} dual;

typedef dual multiplication(ir_builder *b, dual p, dual q);

static dual multiply_duals(ir_builder *b, dual p, dual q) {
    return (dual){ir_mul(b, p.x, q.x), ir_add(b, ir_mul(b, p.t, q.x), ir_mul(b, p.x, q.t))};
}

// Rows [first, first + n) of both.
static dual rows(ir_builder *b, dual p, int64_t first, int64_t n) {
    const ir_type *type = ir_type_of(b, p.x);
    ir_dims_room start, limit, stride;
    ir_dims from = ir_dims_filled(start, type->rank, 0), step = ir_dims_filled(stride, type->rank, 1);
    for (uint32_t i = 0; i < type->rank; i++) limit[i] = type->dims[i];
    start[0] = first;
    limit[0] = first + n;
    ir_dims to = {type->rank, limit};
    return (dual){ir_slice(b, p.x, from, to, step), ir_slice(b, p.t, from, to, step)};
}

static ir_val axes_in_front(ir_builder *b, ir_val x, ir_dims axes, ir_dims kept, ir_dims shape) {
    ir_dims_room permutation;
    for (int64_t i = 0; i < axes.n; i++) permutation[i] = axes.at[i];
    for (int64_t i = 0; i < kept.n; i++) permutation[axes.n + i] = kept.at[i];
    return ir_reshape(b, ir_transpose(b, x, (ir_dims){axes.n + kept.n, permutation}), shape);
}

static dual multiply_complex(ir_builder *b, dual p, dual q) {
    ir_pair product = ir_pair_product(b, (ir_pair){p.x, p.t}, (ir_pair){q.x, q.t});
    return (dual){product.re, product.im};
}

// Nothing to multiply gives `empty`.
static dual product_by_halves(ir_builder *b, dual x, ir_dims axes, dual empty, multiplication *multiply) {
    const ir_type *type = ir_type_of(b, x.x), *out = ir_type_of(b, empty.x);
    ir_dims_room room, shape_room;
    ir_dims kept = other_axes(room, type->rank, axes, (ir_dims){0, NULL});
    int64_t n = 1;
    for (int64_t i = 0; i < axes.n; i++) n *= type->dims[axes.at[i]];
    if (!n || !out->count) return empty;
    ir_dims shape = ir_dims_prepend(shape_room, n, ir_shape(out), 0);
    dual p = {axes_in_front(b, x.x, axes, kept, shape), axes_in_front(b, x.t, axes, kept, shape)};
    dual last = {IR_NONE, IR_NONE}; // what halving left over
    for (; n > 1; n /= 2) {
        if (n % 2) {
            dual odd = rows(b, p, n - 1, 1);
            last = last.x == IR_NONE ? odd : multiply(b, odd, last);
        }
        p = multiply(b, rows(b, p, 0, n / 2), rows(b, p, n / 2, n / 2));
    }
    if (last.x != IR_NONE) p = multiply(b, p, last);
    return (dual){ir_reshape(b, p.x, ir_shape(out)), ir_reshape(b, p.t, ir_shape(out))};
}

static void jvp_reduce_prod(ir_jvp *c) {
    ir_dims axes = ((const ir_axes_attributes *)c->op->attributes)->axes;
    if (c->tangent[0] == IR_NONE) return;
    dual empty = {c->out[0], IR_NONE};
    c->tangent_out[0] =
        product_by_halves(c->b, (dual){c->in[0], c->tangent[0]}, axes, empty, multiply_duals).t;
}

static void pair_reduce_prod(ir_pairing *c) {
    const ir_axes_attributes *a = c->op->attributes;
    const ir_type *type =
        ir_type_with_dtype(c->b->module, c->f->types[c->op->out], ir_type_of(c->b, c->in[0])->dtype);
    dual empty = {ir_full(c->b, type, 1), ir_full(c->b, type, 0)};
    dual product = product_by_halves(c->b, (dual){c->in[0], c->imag[0]}, a->axes, empty, multiply_complex);
    c->out[0] = product.x;
    c->out_imag[0] = product.t;
}

static void pair_reduce_extreme(ir_pairing *c) {
    const ir_axes_attributes *a = c->op->attributes;
    ir_builder *b = c->b;
    ir_primitive p = c->op->primitive;
    ir_val re = ir_reduce(b, p, c->in[0], a->axes);
    ir_val left = ir_pair_left(b, ir_combiner(p), c->imag[0], c->in[0],
                               spread(b, re, ir_type_of(b, c->in[0]), a->axes));
    c->out[0] = re;
    c->out_imag[0] = ir_select(b, ir_eq(b, re, re), ir_reduce(b, p, left, a->axes), re);
}

static void batch_reduce(ir_batching *c) {
    const ir_axes_attributes *attributes = c->op->attributes;
    ir_dims_room room;
    ir_axes_attributes shifted = {ir_dims_shift(room, attributes->axes, 1)};
    c->out[0] = ir_emit(c->b, c->op->primitive, c->in, 1, &shifted);
    c->out_batched[0] = true;
}

static void batch_arg(ir_batching *c) {
    const ir_argmax_attributes *attributes = c->op->attributes;
    ir_argmax_attributes shifted = {attributes->axis + 1, attributes->dtype};
    c->out[0] = ir_emit(c->b, c->op->primitive, c->in, 1, &shifted);
    c->out_batched[0] = true;
}

// dot_general

static void check_pairs(const ir_typing *t, const char *kind, ir_dims lhs, ir_dims rhs) {
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    if (lhs.n != rhs.n)
        ir_type_error(t, "%s x %s: %lld and %lld %s axes do not pair up", ir_type_text(t->in[0], x),
                      ir_type_text(t->in[1], y), (long long)lhs.n, (long long)rhs.n, kind);
    ir_check_axes_of(t, 0, lhs);
    ir_check_axes_of(t, 1, rhs);
    for (int64_t i = 0; i < lhs.n; i++) {
        int64_t m = t->in[0]->dims[lhs.at[i]], n = t->in[1]->dims[rhs.at[i]];
        if (m != n)
            ir_type_error(t, "%s x %s: %s dimensions %lld and %lld differ", ir_type_text(t->in[0], x),
                          ir_type_text(t->in[1], y), kind, (long long)m, (long long)n);
    }
}

static void check_disjoint(const ir_typing *t, uint32_t operand, ir_dims batch, ir_dims contract) {
    char text[IR_TYPE_TEXT];
    for (int64_t i = 0; i < batch.n; i++)
        if (ir_dims_contain(contract, batch.at[i]))
            ir_type_error(t, "%s: axis %lld is both a batch and an inner axis",
                          ir_type_text(t->in[operand], text), (long long)batch.at[i]);
}

static void type_dot_general(ir_typing *t) {
    const ir_dot_attributes *a = t->attributes;
    const ir_type *lhs = t->in[0], *rhs = t->in[1];
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    ir_check_dtype(t, 0);
    if (lhs->dtype != rhs->dtype)
        ir_type_error(t, "%s and %s: dtypes differ", ir_type_text(lhs, x), ir_type_text(rhs, y));
    check_pairs(t, "inner", a->lhs_contract, a->rhs_contract);
    check_pairs(t, "batch", a->lhs_batch, a->rhs_batch);
    check_disjoint(t, 0, a->lhs_batch, a->lhs_contract);
    check_disjoint(t, 1, a->rhs_batch, a->rhs_contract);
    ir_dims_room lhs_room, rhs_room;
    ir_dims lhs_free = other_axes(lhs_room, lhs->rank, a->lhs_batch, a->lhs_contract);
    ir_dims rhs_free = other_axes(rhs_room, rhs->rank, a->rhs_batch, a->rhs_contract);
    int64_t shape[2 * IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < a->lhs_batch.n; i++) shape[n++] = lhs->dims[a->lhs_batch.at[i]];
    for (int64_t i = 0; i < lhs_free.n; i++) shape[n++] = lhs->dims[lhs_free.at[i]];
    for (int64_t i = 0; i < rhs_free.n; i++) shape[n++] = rhs->dims[rhs_free.at[i]];
    t->out[0] = ir_typing_type(t, lhs->dtype, (ir_dims){n, shape});
}

static void jvp_dot_general(ir_jvp *c) {
    for (uint32_t i = 0; i < 2; i++) {
        if (c->tangent[i] == IR_NONE) continue;
        ir_val in[2] = {c->in[0], c->in[1]};
        in[i] = c->tangent[i];
        c->tangent_out[0] = ir_accumulate(c->b, c->tangent_out[0], ir_emit_like(c->b, c->f, c->op, in));
    }
}

// Where the contracted axes of the other operand, which a product leaves in ascending order, belong
// in the wanted operand: appended to `axes`, which has n entries.
static int64_t append_partners(int64_t *axes, int64_t n, ir_dims other, ir_dims wanted, int64_t other_rank) {
    for (int64_t axis = 0; axis < other_rank; axis++)
        for (int64_t i = 0; i < other.n; i++)
            if (other.at[i] == axis) axes[n++] = wanted.at[i];
    return n;
}

static int64_t append(int64_t *axes, int64_t n, ir_dims more) {
    for (int64_t i = 0; i < more.n; i++) axes[n++] = more.at[i];
    return n;
}

// The product of cotangent and one operand has, as its axis j, axis axes[j] of the other operand.
static ir_val reorder(ir_builder *b, ir_val product, const int64_t *axes, int64_t n) {
    int64_t permutation[IR_MAX_RANK];
    for (int64_t j = 0; j < n; j++) permutation[axes[j]] = j;
    return ir_transpose(b, product, (ir_dims){n, permutation});
}

static void transpose_dot_general(ir_transposition *c) {
    const ir_dot_attributes *a = c->op->attributes;
    int64_t lhs_rank = ir_operand_type(c->f, c->op, 0)->rank;
    int64_t rhs_rank = ir_operand_type(c->f, c->op, 1)->rank;
    ir_dims_room lhs_room, rhs_room, batch_room, free_room;
    ir_dims lhs_free = other_axes(lhs_room, lhs_rank, a->lhs_batch, a->lhs_contract);
    ir_dims rhs_free = other_axes(rhs_room, rhs_rank, a->rhs_batch, a->rhs_contract);
    ir_dims ct_batch = range(batch_room, 0, a->lhs_batch.n);
    int64_t axes[IR_MAX_RANK], n, wanted = c->linear[0] ? 0 : 1;
    ir_val product;
    base_check(c->linear[wanted] && !c->linear[1 - wanted]);
    if (wanted == 0) {
        // batch, free of lhs | free of rhs times the same of rhs: batch, free of lhs, contracted of rhs
        ir_dims ct_free = range(free_room, ct_batch.n + lhs_free.n, rhs_free.n);
        ir_dot_attributes by_rhs = {ct_free, rhs_free, ct_batch, a->rhs_batch};
        product = ir_dot_general(c->b, c->ct[0], c->in[1], &by_rhs);
        n = append(axes, 0, a->lhs_batch);
        n = append(axes, n, lhs_free);
        n = append_partners(axes, n, a->rhs_contract, a->lhs_contract, rhs_rank);
    } else {
        // lhs times the cotangent, in this order: batch, contracted of lhs, free of rhs
        ir_dims ct_free = range(free_room, ct_batch.n, lhs_free.n);
        ir_dot_attributes by_lhs = {lhs_free, ct_free, a->lhs_batch, ct_batch};
        product = ir_dot_general(c->b, c->in[0], c->ct[0], &by_lhs);
        n = append(axes, 0, a->rhs_batch);
        n = append_partners(axes, n, a->lhs_contract, a->rhs_contract, lhs_rank);
        n = append(axes, n, rhs_free);
    }
    ir_val ct = reorder(c->b, product, axes, n);
    c->accumulator[wanted] = ir_accumulate(c->b, c->accumulator[wanted], ct);
}

// Two batch axes become the first pair of batch axes; a single one is a free axis, which stands in
// front of the other free axes of its operand and has to be moved to the front of the result.
static void batch_dot_general(ir_batching *c) {
    const ir_dot_attributes *a = c->op->attributes;
    bool lhs = c->batched[0], rhs = c->batched[1];
    ir_dims_room rooms[4];
    ir_dot_attributes shifted = {
        .lhs_contract = ir_dims_shift(rooms[0], a->lhs_contract, lhs),
        .rhs_contract = ir_dims_shift(rooms[1], a->rhs_contract, rhs),
        .lhs_batch = ir_dims_shift(rooms[2], a->lhs_batch, lhs),
        .rhs_batch = ir_dims_shift(rooms[3], a->rhs_batch, rhs),
    };
    if (lhs && rhs) {
        shifted.lhs_batch = ir_dims_prepend(rooms[2], 0, a->lhs_batch, 1);
        shifted.rhs_batch = ir_dims_prepend(rooms[3], 0, a->rhs_batch, 1);
    }
    ir_val out = ir_dot_general(c->b, c->in[0], c->in[1], &shifted);
    int64_t lhs_free = ir_operand_type(c->f, c->op, 0)->rank - a->lhs_batch.n - a->lhs_contract.n;
    int64_t at = lhs && rhs ? 0 : a->lhs_batch.n + (lhs ? 0 : lhs_free);
    c->out[0] = ir_move_axis(c->b, out, at, 0);
    c->out_batched[0] = true;
}

// The records.
const ir_rules ir_rules_reduce_sum = {
    .type = type_reduce, .jvp = ir_jvp_linear, .transpose = transpose_reduce_sum, .batch = batch_reduce,
    .evaluate = ir_evaluate_reduce_sum,
};

const ir_rules ir_rules_reduce_prod = {
    .type = type_reduce,
    .jvp = jvp_reduce_prod,
    .batch = batch_reduce,
    .no_transpose = "none, because it is not linear",
    .evaluate = ir_evaluate_reduce_prod,
    .pair = pair_reduce_prod,
};

#define BITWISE(name)                                                                              \
    const ir_rules ir_rules_##name = {                                                             \
        .type = type_reduce, .jvp = ir_jvp_zero, .batch = batch_reduce,                            \
        .no_transpose = "none, because its result is no number", .evaluate = ir_evaluate_##name,   \
    };
BITWISE(reduce_and)
BITWISE(reduce_or)
BITWISE(reduce_xor)

#define EXTREME(name)                                                                              \
    const ir_rules ir_rules_##name = {                                                             \
        .type = type_reduce, .jvp = jvp_reduce_extreme, .batch = batch_reduce,                     \
        .no_transpose = "none, because it is not linear", .evaluate = ir_evaluate_##name,          \
        .pair = pair_reduce_extreme,                                                               \
    };
EXTREME(reduce_max)
EXTREME(reduce_min)

#define INDEX_OF_EXTREME(name)                                                                     \
    const ir_rules ir_rules_##name = {                                                             \
        .type = type_arg, .jvp = ir_jvp_zero, .batch = batch_arg,                                  \
        .no_transpose = "none, because its result is an integer", .evaluate = ir_evaluate_##name,   \
    };
INDEX_OF_EXTREME(argmax)
INDEX_OF_EXTREME(argmin)

const ir_rules ir_rules_dot_general = {
    .type = type_dot_general,
    .jvp = jvp_dot_general,
    .transpose = transpose_dot_general,
    .batch = batch_dot_general,
    .evaluate = ir_evaluate_dot_general,
    .pair = ir_pair_dot_general,
};
