// Elements in another arrangement: turned, flipped, padded from what is there, repeated to a size.
// In: one value. Out: the same elements, moved; nothing computes.
//
// A padded axis is a list of indices into the old one. It falls into runs that go up, go down or stand still,
// and each run is a slice, a reversed slice or a broadcast, so that no mode has code of its own.

#include "trace/ops/common.h"

static ir_val flipped(ir_builder *b, ir_val x, int64_t axis) {
    return ir_rev(b, x, (ir_dims){1, &axis});
}

typedef struct flipping {
    int64_t axes, axis;
} flipping;

static void build_flip(tr_op *op, const void *options) {
    const flipping *o = options;
    char text[IR_TYPE_TEXT];
    if (tr_type(op, 0)->rank < o->axes)
        tr_wrong(op, "%s needs at least %lld %s", tr_text(op, 0, text), (long long)o->axes,
                 o->axes == 1 ? "axis" : "axes");
    op->out[0] = flipped(op->b, tr_operand(op), o->axis);
}

cv_val cv_flipud_at(cv_val x, cv_here here) {
    return tr_operation("cv_flipud", here, build_flip, &(flipping){1, 0}, &x, 1);
}

cv_val cv_fliplr_at(cv_val x, cv_here here) {
    return tr_operation("cv_fliplr", here, build_flip, &(flipping){2, 1}, &x, 1);
}

static ir_val swapped(ir_builder *b, ir_val x, int64_t first, int64_t second) {
    int64_t permutation[IR_MAX_RANK], n = ir_type_of(b, x)->rank;
    for (int64_t i = 0; i < n; i++) permutation[i] = i == first ? second : i == second ? first : i;
    return ir_transpose(b, x, (ir_dims){n, permutation});
}

static int64_t modulo(int64_t x, int64_t n) {
    return (x % n + n) % n;
}

typedef struct turning {
    int64_t turns;
    cv_ints axes;
} turning;

// A quarter turn is a flip and a transposition; which comes first is the direction.
static void build_rot90(tr_op *op, const void *options) {
    const turning *o = options;
    ir_builder *b = op->b;
    char text[IR_TYPE_TEXT];
    ir_val x = tr_operand(op);
    tr_check_list(op, o->axes, "axes");
    if (ir_type_of(b, x)->rank < 2) tr_wrong(op, "%s: a plane needs two axes", tr_text(op, 0, text));
    if (tr_given(o->axes) && o->axes.n != 2)
        tr_wrong(op, ".axes has %lld entries; a plane has two axes", (long long)o->axes.n);
    int64_t from = tr_axis(op, 0, tr_given(o->axes) ? o->axes.at[0] : 0, 0),
            to = tr_axis(op, 0, tr_given(o->axes) ? o->axes.at[1] : 1, 0);
    if (from == to) tr_wrong(op, "axis %lld of %s is given twice", (long long)from, tr_text(op, 0, text));
    int64_t turns = modulo(o->turns, 4);
    if (turns == 1 || turns == 2) x = flipped(b, x, to);
    if (turns % 2) x = swapped(b, x, from, to);
    if (turns == 2) x = flipped(b, x, from);
    if (turns == 3) x = flipped(b, x, to);
    op->out[0] = x;
}

cv_val cv_rot90_at(cv_val x, int64_t turns, cv_turn_options options, cv_here here) {
    return tr_operation("cv_rot90", here, build_rot90, &(turning){turns, options.axes}, &x, 1);
}

static void build_matrix_transpose(tr_op *op, const void *options) {
    (void)options;
    char text[IR_TYPE_TEXT];
    int64_t rank = tr_type(op, 0)->rank;
    if (rank < 2) tr_wrong(op, "%s: a matrix needs two axes", tr_text(op, 0, text));
    op->out[0] = swapped(op->b, tr_operand(op), rank - 2, rank - 1);
}

cv_val cv_matrix_transpose_at(cv_val x, cv_here here) {
    return tr_operation("cv_matrix_transpose", here, build_matrix_transpose, NULL, &x, 1);
}

typedef struct rolling {
    int64_t axis, start;
} rolling;

static void build_rollaxis(tr_op *op, const void *options) {
    const rolling *o = options;
    int64_t rank = tr_type(op, 0)->rank, axis = tr_axis(op, 0, o->axis, 0);
    int64_t start = o->start == rank ? rank : tr_axis(op, 0, o->start, 0);
    op->out[0] = ir_move_axis(op->b, tr_operand(op), axis, axis < start ? start - 1 : start);
}

cv_val cv_rollaxis_at(cv_val x, int64_t axis, int64_t start, cv_here here) {
    return tr_operation("cv_rollaxis", here, build_rollaxis, &(rolling){axis, start}, &x, 1);
}

static void build_resize(tr_op *op, const void *options) {
    ir_builder *b = op->b;
    ir_val x = tr_flatten(b, tr_operand(op));
    const ir_type *type = ir_type_of(b, x);
    ir_dims shape = tr_shape(op, *(const cv_ints *)options);
    const ir_type *result = ir_type_get(b->module, type->dtype, shape.n, shape.at);
    if (!type->count || !result->count) {
        op->out[0] = ir_zeros(b, result);
        return;
    }
    int64_t copies = (result->count + type->count - 1) / type->count;
    x = tr_flatten(b, tr_repeat_axis(op, x, 0, copies));
    op->out[0] = ir_reshape(b, tr_slice_axis(b, x, 0, 0, result->count), shape);
}

cv_val cv_resize_at(cv_val x, cv_ints shape, cv_here here) {
    return tr_operation("cv_resize", here, build_resize, &shape, &x, 1);
}

// Padding with what is there

// The element of an axis of n that stands at place p, which may be outside.
static int64_t source(cv_pad_mode mode, int64_t p, int64_t n) {
    if (mode == CV_PAD_EDGE) return p < 0 ? 0 : p >= n ? n - 1 : p;
    if (mode == CV_PAD_WRAP) return modulo(p, n);
    int64_t period = mode == CV_PAD_REFLECT ? 2 * (n - 1) : 2 * n;
    if (!period) return 0;
    int64_t q = modulo(p, period);
    if (q < n) return q;
    return mode == CV_PAD_REFLECT ? period - q : period - 1 - q;
}

// Elements first, first + step, ... of an axis, `count` of them, step being -1, 0 or 1.
static ir_val run_of(const tr_op *op, ir_val x, int64_t axis, int64_t first, int64_t step, int64_t count) {
    ir_builder *b = op->b;
    if (step > 0) return tr_slice_axis(b, x, axis, first, count);
    if (step < 0) return flipped(b, tr_slice_axis(b, x, axis, first - count + 1, count), axis);
    ir_val one = tr_remove_axis(b, tr_slice_axis(b, x, axis, first, 1), axis);
    return tr_repeat_axis(op, one, axis, count);
}

static ir_val padded(const tr_op *op, ir_val x, int64_t axis, cv_pad_mode mode, int64_t low, int64_t high) {
    int64_t n = ir_type_of(op->b, x)->dims[axis], total = low + n + high;
    base_vector(ir_val) parts = {0};
    for (int64_t at = 0, count; at < total; at += count) {
        int64_t first = source(mode, at - low, n);
        int64_t step = at + 1 < total ? source(mode, at + 1 - low, n) - first : 1;
        if (step < -1 || step > 1) step = 1; // a jump ends the run, which is one element
        for (count = 1; at + count < total && source(mode, at + count - low, n) == first + count * step;)
            count++;
        base_push(&op->b->arena, &parts, run_of(op, x, axis, first, step, count));
    }
    return parts.n == 1 ? parts.at[0] : ir_concatenate(op->b, parts.at, (uint32_t)parts.n, axis);
}

void tr_build_pad_mode(tr_op *op, cv_pad_mode mode, cv_ints low, cv_ints high) {
    ir_val x = tr_operand(op);
    char text[IR_TYPE_TEXT];
    if (mode < CV_PAD_CONSTANT || mode > CV_PAD_WRAP) tr_wrong(op, "there is no padding mode %d", (int)mode);
    for (int64_t i = 0; i < low.n; i++) {
        int64_t size = ir_type_of(op->b, x)->dims[i];
        if (low.at[i] < 0 || high.at[i] < 0)
            tr_wrong(op, "axis %lld is padded by %lld and %lld: only zeros or more repeat what is there",
                     (long long)i, (long long)low.at[i], (long long)high.at[i]);
        if (!low.at[i] && !high.at[i]) continue;
        if (!size)
            tr_wrong(op, "axis %lld of %s is empty: there is nothing to repeat", (long long)i,
                     tr_text(op, 0, text));
        x = padded(op, x, i, mode, low.at[i], high.at[i]);
    }
    op->out[0] = x;
}
