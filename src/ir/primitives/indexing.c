// The rules of dynamic_slice and dynamic_update_slice: windows whose place is known at run time.
//
// In: rule contexts (rules.h). Out: types, derivatives, batched operations, values. A start is moved
// to the nearest place where the whole window is inside, so that no window is ever cut.
//
// The transpose of a dynamic slice adds into its part of the accumulator. With a start for each
// member of a batch, a slice is a gather and an update a scatter that clip as these do; an axis that a
// window covers has only one place and takes no part in their index vectors.

#include <string.h>

#include "ir/primitives/strided.h"

static int64_t clamp_start(int64_t start, int64_t size, int64_t window) {
    if (start < 0) return 0;
    return start > size - window ? size - window : start;
}

// The element of x where the window begins.
static int64_t window_offset(const ir_evaluation *c, uint32_t first, const ir_type *window) {
    const ir_type *x = c->in[0].type;
    int64_t stride[IR_MAX_RANK], offset = 0;
    ir_strides(x, stride);
    for (uint32_t i = 0; i < x->rank; i++) {
        int64_t start = ir_read_index(c->in[first + i].type->dtype, c->in[first + i].data);
        offset += clamp_start(start, x->dims[i], window->dims[i]) * stride[i];
    }
    return offset;
}

static bool any_batched(const ir_batching *c, uint32_t first) {
    for (uint32_t i = first; i < c->op->n_in; i++)
        if (c->batched[i]) return true;
    return false;
}

// The starts behind a 0 for the batch axis.
static void starts_with_zero(const ir_batching *c, uint32_t first, ir_val *starts) {
    uint32_t n = c->op->n_in - first;
    starts[0] = ir_zeros(c->b, n ? ir_type_of(c->b, c->in[first]) : ir_type_scalar(c->b->module, CV_S32));
    for (uint32_t i = 0; i < n; i++) starts[i + 1] = c->in[first + i];
}

// Index vectors [size, n] of the starts of those axes that the window does not cover, and these axes.
static ir_val index_vectors(const ir_batching *c, uint32_t first, ir_dims window, ir_dims_room axes,
                            int64_t *n) {
    const ir_type *x = ir_operand_type(c->f, c->op, 0);
    ir_val columns[IR_MAX_RANK];
    *n = 0;
    for (uint32_t i = 0; i < x->rank; i++) {
        if (window.at[i] == x->dims[i]) continue;
        columns[*n] = ir_reshape(c->b, ir_with_batch_axis(c, first + i), IR_DIMS(c->size, 1));
        axes[(*n)++] = i;
    }
    return *n ? ir_concatenate(c->b, columns, (uint32_t)*n, 1) : IR_NONE;
}

// The axes of an unbatched operand of this rank, moved up by one: [1, 2, ...].
static ir_dims window_axes(ir_dims_room room, int64_t rank) {
    for (int64_t i = 0; i < rank; i++) room[i] = i + 1;
    return (ir_dims){rank, room};
}

// dynamic_slice

static void dynamic_slice_type(ir_typing *t) {
    ir_dims sizes = ((const ir_dynamic_slice_attributes *)t->attributes)->sizes;
    char text[IR_TYPE_TEXT], given[IR_DIMS_TEXT];
    ir_check_starts(t, 1);
    ir_check_dtype(t, 0);
    const ir_type *x = t->in[0];
    if (sizes.n != x->rank)
        ir_type_error(t, "%s: sizes %s needs an entry for each of the %u axes", ir_type_text(x, text),
                      ir_dims_text(sizes, given), x->rank);
    for (uint32_t i = 0; i < x->rank; i++)
        if (sizes.at[i] < 0 || sizes.at[i] > x->dims[i])
            ir_type_error(t, "%s: a window of size %lld does not fit in axis %u of size %lld",
                          ir_type_text(x, text), (long long)sizes.at[i], i, (long long)x->dims[i]);
    t->out[0] = ir_typing_type(t, x->dtype, sizes);
}

static void dynamic_slice_transpose(ir_transposition *c) {
    ir_dims sizes = ((const ir_dynamic_slice_attributes *)c->op->attributes)->sizes;
    ir_val accumulator = c->accumulator[0], ct = c->ct[0];
    if (accumulator == IR_NONE)
        accumulator = ir_zeros(c->b, ir_operand_type(c->f, c->op, 0));
    else
        ct = ir_add(c->b, ir_dynamic_slice(c->b, accumulator, c->in + 1, sizes), ct);
    c->accumulator[0] = ir_dynamic_update_slice(c->b, accumulator, ct, c->in + 1);
}

static void dynamic_slice_batch(ir_batching *c) {
    ir_dims sizes = ((const ir_dynamic_slice_attributes *)c->op->attributes)->sizes;
    ir_dims_room with_batch, axes, offsets, map, one = {0};
    c->out_batched[0] = true;
    if (!any_batched(c, 1)) {
        ir_val starts[IR_MAX_RANK + 1];
        starts_with_zero(c, 1, starts);
        c->out[0] = ir_dynamic_slice(c->b, c->in[0], starts, ir_dims_prepend(with_batch, c->size, sizes, 0));
        return;
    }
    int64_t n;
    ir_val indices = index_vectors(c, 1, sizes, axes, &n);
    if (indices == IR_NONE) { // all of the operand, wherever it starts
        c->out[0] = c->in[0];
        c->out_batched[0] = c->batched[0];
        return;
    }
    ir_gather_attributes a = {.offset_dims = window_axes(offsets, sizes.n),
                              .start_index_map = {n, axes},
                              .slice_sizes = sizes,
                              .mode = IR_CLIP};
    if (c->batched[0]) {
        a.start_index_map = ir_dims_shift(map, a.start_index_map, 1);
        a.operand_batching_dims = a.start_indices_batching_dims = (ir_dims){1, one};
        a.slice_sizes = ir_dims_prepend(with_batch, c->size ? 1 : 0, sizes, 0);
    }
    c->out[0] = ir_gather(c->b, c->in[0], indices, &a);
}

static void dynamic_slice_evaluate(ir_evaluation *c) {
    const ir_type *y = c->out[0].type;
    size_t element = cv_dtype_size(y->dtype);
    int64_t to[IR_MAX_RANK], from[IR_MAX_RANK];
    if (!y->count) return;
    ir_strides(y, to);
    ir_strides(c->in[0].type, from);
    ir_strided_copy(ir_shape(y), element, c->out[0].data, to,
                    (const char *)c->in[0].data + (size_t)window_offset(c, 1, y) * element, from);
}

const ir_rules ir_rules_dynamic_slice = {.type = dynamic_slice_type,
                                         .jvp = ir_jvp_linear,
                                         .transpose = dynamic_slice_transpose,
                                         .batch = dynamic_slice_batch,
                                         .evaluate = dynamic_slice_evaluate};

// dynamic_update_slice

static void dynamic_update_slice_type(ir_typing *t) {
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    ir_check_starts(t, 2);
    ir_check_dtype(t, 0);
    const ir_type *x = t->in[0], *update = t->in[1];
    if (update->dtype != x->dtype || update->rank != x->rank)
        ir_type_error(t, "%s updated by %s: they must have one dtype and one rank", ir_type_text(x, text),
                      ir_type_text(update, other));
    for (uint32_t i = 0; i < x->rank; i++)
        if (update->dims[i] > x->dims[i])
            ir_type_error(t, "%s updated by %s: the update does not fit in axis %u", ir_type_text(x, text),
                          ir_type_text(update, other), i);
    t->out[0] = x;
}

static void dynamic_update_slice_transpose(ir_transposition *c) {
    const ir_type *update = ir_operand_type(c->f, c->op, 1);
    const ir_val *starts = c->in + 2;
    if (c->linear[0]) {
        ir_val ct = ir_dynamic_update_slice(c->b, c->ct[0], ir_zeros(c->b, update), starts);
        c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
    }
    if (c->linear[1]) {
        ir_val ct = ir_dynamic_slice(c->b, c->ct[0], starts, ir_shape(update));
        c->accumulator[1] = ir_accumulate(c->b, c->accumulator[1], ct);
    }
}

static void dynamic_update_slice_batch(ir_batching *c) {
    const ir_type *update = ir_operand_type(c->f, c->op, 1);
    c->out_batched[0] = true;
    if (!any_batched(c, 2)) {
        ir_val starts[IR_MAX_RANK + 1];
        starts_with_zero(c, 2, starts);
        c->out[0] = ir_dynamic_update_slice(c->b, ir_with_batch_axis(c, 0), ir_with_batch_axis(c, 1), starts);
        return;
    }
    ir_dims_room axes, windows, map, one = {0};
    int64_t n;
    ir_val indices = index_vectors(c, 2, ir_shape(update), axes, &n);
    if (indices == IR_NONE) { // the update covers the operand, wherever it starts
        c->out[0] = c->in[1];
        c->out_batched[0] = c->batched[1];
        return;
    }
    ir_scatter_attributes a = {.update_window_dims = window_axes(windows, update->rank),
                               .scatter_dims_to_operand_dims = ir_dims_shift(map, (ir_dims){n, axes}, 1),
                               .operand_batching_dims = {1, one},
                               .scatter_indices_batching_dims = {1, one},
                               .mode = IR_CLIP};
    c->out[0] = ir_scatter(c->b, ir_with_batch_axis(c, 0), indices, ir_with_batch_axis(c, 1), &a);
}

static void dynamic_update_slice_evaluate(ir_evaluation *c) {
    const ir_type *x = c->in[0].type, *update = c->in[1].type;
    size_t element = cv_dtype_size(x->dtype);
    int64_t to[IR_MAX_RANK], from[IR_MAX_RANK];
    if (x->bytes) memcpy(c->out[0].data, c->in[0].data, x->bytes);
    if (!update->count) return;
    ir_strides(x, to);
    ir_strides(update, from);
    ir_strided_copy(ir_shape(update), element,
                    (char *)c->out[0].data + (size_t)window_offset(c, 2, update) * element, to, c->in[1].data,
                    from);
}

const ir_rules ir_rules_dynamic_update_slice = {.type = dynamic_update_slice_type,
                                                .jvp = ir_jvp_linear,
                                                .transpose = dynamic_update_slice_transpose,
                                                .batch = dynamic_update_slice_batch,
                                                .evaluate = dynamic_update_slice_evaluate};
