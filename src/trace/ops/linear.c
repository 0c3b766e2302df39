// Products. In: two operands. Out: one dot_general, with reshapes and a transposition around it
// where NumPy's order of axes is another.
//
// Where a batch axis is stretched, the operand that has size 1 there is not repeated: the axis is a
// free axis of the other operand, and moves to its place afterwards.

#include "trace/ops/common.h"

static _Noreturn void differ(const tr_op *op, int64_t m, int64_t n) {
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    tr_wrong(op, "%s x %s: inner dimensions %lld and %lld differ", tr_text(op, 0, x), tr_text(op, 1, y),
             (long long)m, (long long)n);
}

static void promote(tr_op *op) {
    tr_kind kind = tr_common_kind(op, 0, 2);
    tr_cast(op, 0, 2, kind.dtype);
    op->weak_out[0] = kind.weak;
}

// The product over one axis of each and pairs of batch axes.
static ir_val contract(ir_builder *b, ir_val x, ir_val y, int64_t x_axis, int64_t y_axis, ir_dims x_batch,
                       ir_dims y_batch) {
    ir_dot_attributes attributes = {.lhs_contract = {1, &x_axis}, .rhs_contract = {1, &y_axis},
                                    .lhs_batch = x_batch, .rhs_batch = y_batch};
    return ir_dot_general(b, x, y, &attributes);
}

// One operand of a matmul on the way: which axis of the result each of its axes is.
typedef struct factor {
    int64_t rank, dims[IR_MAX_RANK];
    int64_t place[IR_MAX_RANK]; // -1 for the inner axis, which is in none
    int64_t n_in_batch, in_batch[IR_MAX_RANK];
} factor;

static void keep_axis(factor *f, int64_t size, int64_t place) {
    f->dims[f->rank] = size;
    f->place[f->rank++] = place;
}

// Splits the batch axes of an operand: those that the other has with the same size are batch axes of
// the product, those that only this one has are free, and those that are stretched go.
static factor factor_of(const ir_type *own, int64_t own_batch, const ir_type *other, int64_t other_batch,
                        int64_t n_batch) {
    factor f = {0};
    for (int64_t i = 0; i < own_batch; i++) {
        int64_t place = n_batch - own_batch + i, there = other_batch - own_batch + i;
        int64_t size = own->dims[i], other_size = there >= 0 ? other->dims[there] : 1;
        if (size == 1 && other_size != 1) continue;
        if (there >= 0 && size == other_size) f.in_batch[f.n_in_batch++] = f.rank;
        keep_axis(&f, size, place);
    }
    return f;
}

static void place_free_axes(const factor *f, int64_t *permutation, int64_t *at) {
    for (int64_t i = 0; i < f->rank; i++)
        if (f->place[i] >= 0 && !ir_dims_contain((ir_dims){f->n_in_batch, f->in_batch}, i))
            permutation[f->place[i]] = (*at)++;
}

static void build_matmul(tr_op *op, const void *options) {
    (void)options;
    ir_builder *b = op->b;
    const ir_type *x = tr_type(op, 0), *y = tr_type(op, 1);
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    if (!x->rank || !y->rank)
        tr_wrong(op, "%s x %s: a scalar is no matrix; cv_mul multiplies by it", tr_text(op, 0, first),
                 tr_text(op, 1, second));
    int64_t x_inner = x->dims[x->rank - 1], y_inner = y->dims[y->rank > 1 ? y->rank - 2 : 0];
    if (x_inner != y_inner) differ(op, x_inner, y_inner);
    int64_t x_batch = x->rank > 2 ? x->rank - 2 : 0, y_batch = y->rank > 2 ? y->rank - 2 : 0;
    int64_t n_batch = x_batch > y_batch ? x_batch : y_batch;
    for (int64_t i = 1; i <= x_batch && i <= y_batch; i++) {
        int64_t m = x->dims[x_batch - i], n = y->dims[y_batch - i];
        if (m != n && m != 1 && n != 1)
            tr_wrong(op, "%s x %s: batch dimensions %lld and %lld cannot be broadcast together",
                     tr_text(op, 0, first), tr_text(op, 1, second), (long long)m, (long long)n);
    }
    promote(op);
    factor l = factor_of(x, x_batch, y, y_batch, n_batch), r = factor_of(y, y_batch, x, x_batch, n_batch);
    bool rows = x->rank > 1, columns = y->rank > 1;
    if (rows) keep_axis(&l, x->dims[x->rank - 2], n_batch);
    keep_axis(&l, x_inner, -1);
    keep_axis(&r, y_inner, -1);
    if (columns) keep_axis(&r, y->dims[y->rank - 1], n_batch + rows);
    ir_val lhs = ir_reshape(b, op->in[0], (ir_dims){l.rank, l.dims});
    ir_val rhs = ir_reshape(b, op->in[1], (ir_dims){r.rank, r.dims});
    ir_val product = contract(b, lhs, rhs, l.rank - 1, r.rank - 1 - columns,
                              (ir_dims){l.n_in_batch, l.in_batch}, (ir_dims){r.n_in_batch, r.in_batch});
    // The product has batch axes, free axes of x, free axes of y: where each belongs.
    int64_t permutation[2 * IR_MAX_RANK], at = 0;
    for (int64_t i = 0; i < l.n_in_batch; i++) permutation[l.place[l.in_batch[i]]] = at++;
    place_free_axes(&l, permutation, &at);
    place_free_axes(&r, permutation, &at);
    op->out[0] = ir_transpose(b, product, (ir_dims){at, permutation});
}

cv_val cv_matmul_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_matmul", here, build_matmul, NULL, (cv_val[]){x, y}, 2);
}

static const int64_t no_axes[1];
#define NO_DIMS ((ir_dims){0, no_axes})

static void build_dot(tr_op *op, const void *options) {
    (void)options;
    int64_t m = tr_type(op, 0)->rank, n = tr_type(op, 1)->rank;
    if (!m || !n) {
        promote(op);
        tr_broadcast(op, 0, 2);
        op->out[0] = ir_mul(op->b, op->in[0], op->in[1]);
        return;
    }
    int64_t y_axis = n > 1 ? n - 2 : 0;
    int64_t x_size = tr_type(op, 0)->dims[m - 1], y_size = tr_type(op, 1)->dims[y_axis];
    if (x_size != y_size) differ(op, x_size, y_size);
    promote(op);
    op->out[0] = contract(op->b, op->in[0], op->in[1], m - 1, y_axis, NO_DIMS, NO_DIMS);
}

cv_val cv_dot_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_dot", here, build_dot, NULL, (cv_val[]){x, y}, 2);
}

static void build_inner(tr_op *op, const void *options) {
    int64_t m = tr_type(op, 0)->rank, n = tr_type(op, 1)->rank;
    if (!m || !n) {
        build_dot(op, options);
        return;
    }
    int64_t x_size = tr_type(op, 0)->dims[m - 1], y_size = tr_type(op, 1)->dims[n - 1];
    if (x_size != y_size) differ(op, x_size, y_size);
    promote(op);
    op->out[0] = contract(op->b, op->in[0], op->in[1], m - 1, n - 1, NO_DIMS, NO_DIMS);
}

cv_val cv_inner_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_inner", here, build_inner, NULL, (cv_val[]){x, y}, 2);
}

// A product of matrices, one of which is a vector for each element of its other axes.
static void build_with_vectors(tr_op *op, const void *options) {
    uint32_t vectors = *(const uint32_t *)options;
    int64_t rank = tr_type(op, vectors)->rank;
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    if (!rank || tr_type(op, 1 - vectors)->rank < 2)
        tr_wrong(op, "%s x %s: the vectors need one axis, the matrices two", tr_text(op, 0, first),
                 tr_text(op, 1, second));
    int64_t axis = vectors ? rank : rank - 1;
    op->in[vectors] = tr_insert_axis(op->b, op->in[vectors], axis);
    build_matmul(op, NULL);
    op->out[0] =
        tr_remove_axis(op->b, op->out[0], (int64_t)ir_type_of(op->b, op->out[0])->rank - (vectors ? 1 : 2));
}

cv_val cv_matvec_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_matvec", here, build_with_vectors, &(uint32_t){1}, (cv_val[]){x, y}, 2);
}

cv_val cv_vecmat_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_vecmat", here, build_with_vectors, &(uint32_t){0}, (cv_val[]){x, y}, 2);
}

static void build_vdot(tr_op *op, const void *options) {
    (void)options;
    int64_t m = tr_type(op, 0)->count, n = tr_type(op, 1)->count;
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    if (m != n)
        tr_wrong(op, "%s and %s: %lld elements are not %lld", tr_text(op, 0, x), tr_text(op, 1, y),
                 (long long)m, (long long)n);
    promote(op);
    if (ir_is_complex(tr_type(op, 0)->dtype)) op->in[0] = ir_conj(op->b, op->in[0]);
    op->out[0] =
        contract(op->b, tr_flatten(op->b, op->in[0]), tr_flatten(op->b, op->in[1]), 0, 0, NO_DIMS, NO_DIMS);
}

cv_val cv_vdot_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_vdot", here, build_vdot, NULL, (cv_val[]){x, y}, 2);
}

static void build_outer(tr_op *op, const void *options) {
    (void)options;
    promote(op);
    op->in[0] = tr_insert_axis(op->b, tr_flatten(op->b, op->in[0]), 1);
    op->in[1] = tr_insert_axis(op->b, tr_flatten(op->b, op->in[1]), 0);
    tr_broadcast(op, 0, 2);
    op->out[0] = ir_mul(op->b, op->in[0], op->in[1]);
}

cv_val cv_outer_at(cv_val x, cv_val y, cv_here here) {
    return tr_operation("cv_outer", here, build_outer, NULL, (cv_val[]){x, y}, 2);
}

// Axes of operand i in the order given, each once.
static ir_dims ordered_axes(const tr_op *op, uint32_t i, cv_ints list, const char *name,
                            int64_t room[IR_MAX_RANK]) {
    char text[IR_TYPE_TEXT];
    tr_check_list(op, list, name);
    if (list.n > IR_MAX_RANK) tr_wrong(op, ".%s has too many axes", name);
    for (int64_t k = 0; k < list.n; k++) {
        int64_t axis = tr_axis(op, i, list.at[k], 0);
        if (ir_dims_contain((ir_dims){k, room}, axis))
            tr_wrong(op, "axis %lld of %s is given twice", (long long)axis, tr_text(op, i, text));
        room[k] = axis;
    }
    return (ir_dims){list.n, room};
}

static void check_pairs(const tr_op *op, ir_dims x, ir_dims y) {
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    if (x.n != y.n)
        tr_wrong(op, "%s x %s: %lld axes of the first and %lld of the second do not pair up",
                 tr_text(op, 0, first), tr_text(op, 1, second), (long long)x.n, (long long)y.n);
    for (int64_t i = 0; i < x.n; i++) {
        int64_t m = tr_type(op, 0)->dims[x.at[i]], n = tr_type(op, 1)->dims[y.at[i]];
        if (m != n) differ(op, m, n);
    }
}

static void build_tensordot(tr_op *op, const void *options) {
    const cv_tensordot_options *o = options;
    int64_t x_room[IR_MAX_RANK], y_room[IR_MAX_RANK];
    int64_t m = tr_type(op, 0)->rank, n = tr_type(op, 1)->rank, count = o->axes ? o->axes : 2;
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    ir_dims x = ordered_axes(op, 0, o->x_axes, "x_axes", x_room),
            y = ordered_axes(op, 1, o->y_axes, "y_axes", y_room);
    if (!tr_given(o->x_axes) && !tr_given(o->y_axes)) {
        if (count < 0 || count > m || count > n)
            tr_wrong(op, "%s x %s do not both have %lld axes to sum over; give .axes", tr_text(op, 0, first),
                     tr_text(op, 1, second), (long long)count);
        for (int64_t i = 0; i < count; i++) x_room[i] = m - count + i, y_room[i] = i;
        x.n = y.n = count;
    }
    check_pairs(op, x, y);
    promote(op);
    ir_dot_attributes attributes = {
        .lhs_contract = x, .rhs_contract = y, .lhs_batch = NO_DIMS, .rhs_batch = NO_DIMS};
    op->out[0] = ir_dot_general(op->b, op->in[0], op->in[1], &attributes);
}

cv_val cv_tensordot_at(cv_val x, cv_val y, cv_tensordot_options options, cv_here here) {
    return tr_operation("cv_tensordot", here, build_tensordot, &options, (cv_val[]){x, y}, 2);
}

static void build_dot_general(tr_op *op, const void *options) {
    const cv_dot_options *o = options;
    int64_t room[4][IR_MAX_RANK];
    ir_dot_attributes attributes = {
        .lhs_contract = ordered_axes(op, 0, o->lhs_contract, "lhs_contract", room[0]),
        .rhs_contract = ordered_axes(op, 1, o->rhs_contract, "rhs_contract", room[1]),
        .lhs_batch = ordered_axes(op, 0, o->lhs_batch, "lhs_batch", room[2]),
        .rhs_batch = ordered_axes(op, 1, o->rhs_batch, "rhs_batch", room[3])};
    check_pairs(op, attributes.lhs_contract, attributes.rhs_contract);
    promote(op);
    op->out[0] = ir_dot_general(op->b, op->in[0], op->in[1], &attributes);
}

cv_val cv_dot_general_at(cv_val x, cv_val y, cv_dot_options options, cv_here here) {
    return tr_operation("cv_dot_general", here, build_dot_general, &options, (cv_val[]){x, y}, 2);
}
