// The rules of gather and of the scatters: scatter, scatter_add, scatter_mul, scatter_max, scatter_min.
//
// In: rule contexts (rules.h). Out: types, derivatives, batched operations, values.
//
// All move the same windows between an operand and an array of windows: the result of a
// gather, the updates of a scatter. Their dimension numbers say the same under other names, so they
// are read into one struct (`windows`), which is checked, batched and evaluated by one piece of
// code, and the transpose of a gather is a scatter_add with the same numbers, and back.
//
// Axes of the array that are not window axes run, in their order, over the axes of the indices but
// the last, which holds the index vectors. A window is taken whole or not at all: it is out of bounds
// when any part of it is. Where several updates meet, scatter keeps the last in row-major order of
// the updates and the others combine them in that order. `unique` promises that none meet.

#include <string.h>

#include "ir/primitives/complex.h"
#include "ir/primitives/evaluate.h"
#include "ir/primitives/strided.h"

typedef struct windows {
    ir_dims window;        // axes of the array that run over a window
    ir_dims inserted;      // axes of the operand that a window has with size 1 and the array has not
    ir_dims map;           // the axis of the operand that each entry of an index vector is for
    ir_dims operand_batch; // axes of the operand that run together with ...
    ir_dims indices_batch; // ... these axes of the indices
    int64_t mode;
    bool unique;
} windows;

// What the user calls these lists.
typedef struct names {
    const char *window, *inserted, *map, *operand_batch, *indices_batch;
} names;

static const names gather_names = {
    "offset_dims",           "collapsed_slice_dims",        "start_index_map",
    "operand_batching_dims", "start_indices_batching_dims",
};
static const names scatter_names = {
    "update_window_dims",    "inserted_window_dims",          "scatter_dims_to_operand_dims",
    "operand_batching_dims", "scatter_indices_batching_dims",
};

static windows of_gather(const ir_gather_attributes *a) {
    return (windows){a->offset_dims,           a->collapsed_slice_dims,        a->start_index_map,
                     a->operand_batching_dims, a->start_indices_batching_dims, a->mode, false};
}

static windows of_scatter(const ir_scatter_attributes *a) {
    return (windows){
        a->update_window_dims,    a->inserted_window_dims,          a->scatter_dims_to_operand_dims,
        a->operand_batching_dims, a->scatter_indices_batching_dims, a->mode, a->unique};
}

static ir_gather_attributes to_gather(const windows *w, ir_dims slice_sizes, int64_t mode) {
    return (ir_gather_attributes){w->window,        w->inserted, w->map, w->operand_batch,
                                  w->indices_batch, slice_sizes, mode};
}

static ir_scatter_attributes to_scatter(const windows *w, int64_t mode) {
    return (ir_scatter_attributes){w->window,        w->inserted, w->map,   w->operand_batch,
                                   w->indices_batch, mode,        w->unique};
}

// Checks

static void check_list(const ir_typing *t, const char *name, ir_dims list, int64_t rank, bool sorted) {
    char text[IR_DIMS_TEXT];
    for (int64_t i = 0; i < list.n; i++) {
        int64_t axis = list.at[i];
        if (axis < 0 || axis >= rank)
            ir_type_error(t, "%s %s: axis %lld is not one of the %lld", name, ir_dims_text(list, text),
                          (long long)axis, (long long)rank);
        for (int64_t k = 0; k < i; k++)
            if (list.at[k] == axis)
                ir_type_error(t, "%s %s: axis %lld is given twice", name, ir_dims_text(list, text),
                              (long long)axis);
        if (sorted && i && list.at[i - 1] > axis)
            ir_type_error(t, "%s %s must be in increasing order", name, ir_dims_text(list, text));
    }
}

static void check_apart(const ir_typing *t, const char *name, ir_dims list, const char *other_name,
                        ir_dims other) {
    char text[IR_DIMS_TEXT], other_text[IR_DIMS_TEXT];
    for (int64_t i = 0; i < list.n; i++)
        if (ir_dims_contain(other, list.at[i]))
            ir_type_error(t, "%s %s and %s %s both have axis %lld", name, ir_dims_text(list, text),
                          other_name, ir_dims_text(other, other_text), (long long)list.at[i]);
}

// All that is common: lists against the operand (operand 0), the indices (operand 1) and the rank of
// the array of windows.
static void check_windows(const ir_typing *t, const windows *w, const names *called) {
    const ir_type *x = t->in[0], *indices = t->in[1];
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT], list[IR_DIMS_TEXT];
    if (!ir_is_integer(indices->dtype))
        ir_type_error(t, "indices are %s: they must be integers", ir_type_text(indices, text));
    if (!indices->rank)
        ir_type_error(t, "indices are %s: they need an axis of index vectors", ir_type_text(indices, text));
    if (w->mode < 0 || w->mode >= IR_INDEX_MODES)
        ir_type_error(t, "there is no index mode %lld", (long long)w->mode);
    int64_t positions = (int64_t)indices->rank - 1;
    check_list(t, called->window, w->window, positions + w->window.n, true);
    check_list(t, called->inserted, w->inserted, x->rank, true);
    check_list(t, called->map, w->map, x->rank, false);
    check_list(t, called->operand_batch, w->operand_batch, x->rank, true);
    check_list(t, called->indices_batch, w->indices_batch, positions, false);
    check_apart(t, called->inserted, w->inserted, called->operand_batch, w->operand_batch);
    check_apart(t, called->map, w->map, called->operand_batch, w->operand_batch);
    if (w->map.n != indices->dims[positions])
        ir_type_error(t, "%s %s needs an entry for each of the %lld numbers of an index vector of %s",
                      called->map, ir_dims_text(w->map, list), (long long)indices->dims[positions],
                      ir_type_text(indices, text));
    if (w->operand_batch.n != w->indices_batch.n)
        ir_type_error(t, "%s has %lld entries and %s has %lld", called->operand_batch,
                      (long long)w->operand_batch.n, called->indices_batch, (long long)w->indices_batch.n);
    for (int64_t i = 0; i < w->operand_batch.n; i++)
        if (x->dims[w->operand_batch.at[i]] != indices->dims[w->indices_batch.at[i]])
            ir_type_error(t, "batching axis %lld of %s and %lld of the indices %s differ in size",
                          (long long)w->operand_batch.at[i], ir_type_text(x, text),
                          (long long)w->indices_batch.at[i], ir_type_text(indices, other));
    if (w->window.n + w->inserted.n + w->operand_batch.n != x->rank)
        ir_type_error(t, "%s: its %u axes are not the %lld of %s, %lld of %s and %lld of %s together",
                      ir_type_text(x, text), x->rank, (long long)w->window.n, called->window,
                      (long long)w->inserted.n, called->inserted, (long long)w->operand_batch.n,
                      called->operand_batch);
}

// The shape of a window, an entry for each axis of the operand, from the array of windows.
static ir_dims window_sizes(ir_dims_room room, const windows *w, const ir_type *x, const ir_type *array) {
    int64_t next = 0;
    for (uint32_t i = 0; i < x->rank; i++) {
        if (ir_dims_contain(w->inserted, i))
            room[i] = 1;
        else if (ir_dims_contain(w->operand_batch, i))
            room[i] = x->dims[i] ? 1 : 0;
        else
            room[i] = array->dims[w->window.at[next++]];
    }
    return (ir_dims){x->rank, room};
}

static void gather_type(ir_typing *t) {
    const ir_gather_attributes *a = t->attributes;
    windows w = of_gather(a);
    ir_check_dtype(t, 0);
    check_windows(t, &w, &gather_names);
    const ir_type *x = t->in[0], *indices = t->in[1];
    char text[IR_TYPE_TEXT], list[IR_DIMS_TEXT];
    ir_dims sizes = a->slice_sizes;
    if (sizes.n != x->rank)
        ir_type_error(t, "%s: slice_sizes %s needs an entry for each of the %u axes", ir_type_text(x, text),
                      ir_dims_text(sizes, list), x->rank);
    int64_t window[IR_MAX_RANK], n = 0;
    for (uint32_t i = 0; i < x->rank; i++) {
        int64_t size = sizes.at[i];
        if (size < 0 || size > x->dims[i])
            ir_type_error(t, "%s: a slice of size %lld does not fit in axis %u of size %lld",
                          ir_type_text(x, text), (long long)size, i, (long long)x->dims[i]);
        if (ir_dims_contain(w.inserted, i)) {
            if (size != 1)
                ir_type_error(t, "slice_sizes %s: the size of collapsed axis %u must be 1",
                              ir_dims_text(sizes, list), i);
        } else if (ir_dims_contain(w.operand_batch, i)) {
            if (size > 1)
                ir_type_error(t, "slice_sizes %s: the size of batching axis %u must be 1",
                              ir_dims_text(sizes, list), i);
        } else {
            window[n++] = size;
        }
    }
    int64_t rank = n + indices->rank - 1, dims[2 * IR_MAX_RANK];
    for (int64_t i = 0, next_window = 0, next_position = 0; i < rank; i++)
        dims[i] = ir_dims_contain(w.window, i) ? window[next_window++] : indices->dims[next_position++];
    t->out[0] = ir_typing_type(t, x->dtype, (ir_dims){rank, dims});
}

static void scatter_type(ir_typing *t) {
    windows w = of_scatter(t->attributes);
    ir_check_dtype(t, 0);
    check_windows(t, &w, &scatter_names);
    const ir_type *x = t->in[0], *indices = t->in[1], *updates = t->in[2];
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    if (updates->dtype != x->dtype)
        ir_type_error(t, "%s updated by %s: they must have one dtype", ir_type_text(x, text),
                      ir_type_text(updates, other));
    if (updates->rank != w.window.n + indices->rank - 1)
        ir_type_error(t,
                      "updates are %s: the %lld axes of update_window_dims and the axes of indices %s but "
                      "the last make rank %lld",
                      ir_type_text(updates, text), (long long)w.window.n, ir_type_text(indices, other),
                      (long long)w.window.n + indices->rank - 1);
    ir_dims_room room;
    ir_dims sizes = window_sizes(room, &w, x, updates);
    for (uint32_t i = 0; i < x->rank; i++)
        if (sizes.at[i] > x->dims[i] && !ir_dims_contain(w.inserted, i))
            ir_type_error(t, "%s updated by windows of %s: size %lld does not fit in axis %u",
                          ir_type_text(x, text), ir_type_text(updates, other), (long long)sizes.at[i], i);
    for (int64_t i = 0, next = 0; i < updates->rank; i++)
        if (!ir_dims_contain(w.window, i) && updates->dims[i] != indices->dims[next++])
            ir_type_error(t, "axis %lld of updates %s and axis %lld of indices %s differ in size",
                          (long long)i, ir_type_text(updates, text), (long long)next - 1,
                          ir_type_text(indices, other));
    t->out[0] = x;
}

// Derivatives

// A fill value does not depend on the operand: its tangent is zero.
static void gather_jvp(ir_jvp *c) {
    if (c->tangent[0] == IR_NONE) return;
    ir_gather_attributes a = *(const ir_gather_attributes *)c->op->attributes;
    if (a.mode == IR_FILL_OR_DROP) a.mode = IR_FILL_ZERO_OR_DROP;
    c->tangent_out[0] = ir_gather(c->b, c->tangent[0], c->in[1], &a);
}

static void gather_transpose(ir_transposition *c) {
    windows w = of_gather(c->op->attributes);
    ir_scatter_attributes a = to_scatter(&w, w.mode == IR_CLIP ? IR_CLIP : IR_FILL_OR_DROP);
    ir_val accumulator = c->accumulator[0];
    if (accumulator == IR_NONE) accumulator = ir_zeros(c->b, ir_operand_type(c->f, c->op, 0));
    c->accumulator[0] = ir_scatter_add(c->b, accumulator, c->in[1], c->ct[0], &a);
}

// What the updates of a scatter read of a cotangent: nothing where they were dropped.
static ir_gather_attributes reading(ir_dims_room room, const windows *w, const ir_type *x,
                                    const ir_type *updates) {
    return to_gather(w, window_sizes(room, w, x, updates),
                     w->mode == IR_CLIP ? IR_CLIP : IR_FILL_ZERO_OR_DROP);
}

static void scatter_add_transpose(ir_transposition *c) {
    windows w = of_scatter(c->op->attributes);
    const ir_type *x = ir_operand_type(c->f, c->op, 0), *updates = ir_operand_type(c->f, c->op, 2);
    if (c->linear[0]) c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], c->ct[0]);
    if (c->linear[2] && x->count) { // nothing is written to an empty operand
        ir_dims_room room;
        ir_gather_attributes a = reading(room, &w, x, updates);
        c->accumulator[2] = ir_accumulate(c->b, c->accumulator[2], ir_gather(c->b, c->ct[0], c->in[1], &a));
    }
}

// True if no two windows can meet: it is promised, or each member of the batch has at most one.
static bool windows_apart(const windows *w, const ir_type *indices) {
    if (w->unique) return true;
    for (int64_t i = 0; i + 1 < indices->rank; i++)
        if (indices->dims[i] > 1 && !ir_dims_contain(w->indices_batch, i)) return false;
    return true;
}

// Which updates stand in the result of a scatter. Each update scatters a number of its own in the
// same way, and those win that find it there afterwards.
static ir_val winners(ir_transposition *c, const ir_gather_attributes *reading) {
    ir_builder *b = c->b;
    const ir_type *x = ir_operand_type(c->f, c->op, 0), *updates = ir_operand_type(c->f, c->op, 2);
    cv_dtype dtype = ir_index_dtype(updates->count);
    ir_val ids = ir_reshape(b, ir_iota(b, dtype, IR_DIMS(updates->count), 0), ir_shape(updates));
    ir_val kept =
        ir_scatter(b, ir_zeros(b, ir_type_with_dtype(b->module, x, dtype)), c->in[1], ids, c->op->attributes);
    return ir_eq(b, ir_gather(b, kept, c->in[1], reading), ids);
}

static void scatter_transpose(ir_transposition *c) {
    ir_builder *b = c->b;
    windows w = of_scatter(c->op->attributes);
    const ir_type *x = ir_operand_type(c->f, c->op, 0), *updates = ir_operand_type(c->f, c->op, 2);
    if (c->linear[0]) {
        ir_val ct = ir_scatter(b, c->ct[0], c->in[1], ir_zeros(b, updates), c->op->attributes);
        c->accumulator[0] = ir_accumulate(b, c->accumulator[0], ct);
    }
    if (c->linear[2] && x->count) {
        ir_dims_room room;
        ir_gather_attributes a = reading(room, &w, x, updates);
        ir_val ct = ir_gather(b, c->ct[0], c->in[1], &a);
        if (!windows_apart(&w, ir_type_of(b, c->in[1])))
            ct = ir_select(b, winners(c, &a), ct, ir_zeros(b, updates));
        c->accumulator[2] = ir_accumulate(b, c->accumulator[2], ct);
    }
}

// With the updates u of an element x: dx * u + x * du. A product of several updates would need each without
// its own factor, which a quotient cannot say where that is 0.
static void scatter_mul_jvp(ir_jvp *c) {
    ir_builder *b = c->b;
    windows w = of_scatter(c->op->attributes);
    if (c->tangent[0] != IR_NONE)
        c->tangent_out[0] = ir_emit_like(b, c->f, c->op, (ir_val[]){c->tangent[0], c->in[1], c->in[2]});
    if (c->tangent[2] == IR_NONE) return;
    if (!windows_apart(&w, ir_operand_type(c->f, c->op, 1)))
        ir_fail_op(c->op, CV_UNSUPPORTED,
                   "the derivative by the updates needs indices that do not repeat; "
                   ".unique_indices = true promises it");
    ir_val zeros = ir_zeros(b, ir_type_of(b, c->in[0]));
    ir_val moved = ir_scatter_add(b, zeros, c->in[1], c->tangent[2], c->op->attributes);
    c->tangent_out[0] = ir_accumulate(b, c->tangent_out[0], ir_mul(b, c->in[0], moved));
}

static void scatter_mul_transpose(ir_transposition *c) {
    ir_val ct = ir_emit_like(c->b, c->f, c->op, (ir_val[]){c->ct[0], c->in[1], c->in[2]});
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

// Products have no parts of their own: where no updates meet they are put in the place of what they multiply.
void ir_pair_scatter_mul(ir_pairing *c) {
    ir_builder *b = c->b;
    windows w = of_scatter(c->op->attributes);
    const ir_type *x = ir_type_of(b, c->in[0]), *updates = ir_type_of(b, c->in[2]);
    c->out[0] = c->in[0];
    c->out_imag[0] = c->imag[0];
    if (!x->count || !updates->count) return;
    if (!windows_apart(&w, ir_type_of(b, c->in[1])))
        ir_fail_op(c->op, CV_UNSUPPORTED,
                   "compiled code multiplies complex elements only by updates that do not meet");
    ir_dims_room room;
    ir_gather_attributes read = reading(room, &w, x, updates);
    ir_pair there = {ir_gather(b, c->in[0], c->in[1], &read), ir_gather(b, c->imag[0], c->in[1], &read)};
    ir_pair product = ir_pair_product(b, there, ir_pair_operand(c, 2));
    c->out[0] = ir_scatter(b, c->in[0], c->in[1], product.re, c->op->attributes);
    c->out_imag[0] = ir_scatter(b, c->imag[0], c->in[1], product.im, c->op->attributes);
}

// The mean of the tangents of the operand and the updates that are the extreme.
static void scatter_extreme_jvp(ir_jvp *c) {
    ir_builder *b = c->b;
    windows w = of_scatter(c->op->attributes);
    const ir_type *x = ir_type_of(b, c->in[0]), *updates = ir_type_of(b, c->in[2]);
    ir_val dx = c->tangent[0], du = c->tangent[2], indices = c->in[1];
    if (!x->count) {
        c->tangent_out[0] = dx;
        return;
    }
    ir_dims_room room;
    ir_gather_attributes read = reading(room, &w, x, updates);
    ir_val zeros = ir_zeros(b, x), no_updates = ir_zeros(b, updates);
    ir_val kept = ir_eq(b, c->in[0], c->out[0]);
    ir_val won = ir_eq(b, c->in[2], ir_gather(b, c->out[0], indices, &read));
    ir_val count = ir_scatter_add(b, ir_convert(b, kept, x->dtype), indices, ir_convert(b, won, x->dtype),
                                  c->op->attributes);
    ir_val sum = dx == IR_NONE ? IR_NONE : ir_select(b, kept, dx, zeros);
    if (du != IR_NONE) {
        du = ir_select(b, won, du, no_updates);
        sum = ir_accumulate(b, sum, ir_scatter_add(b, zeros, indices, du, c->op->attributes));
    }
    c->tangent_out[0] = ir_div(b, sum, count);
}

// Batching

typedef struct batched_windows {
    windows w;
    ir_dims_room window, inserted, map, operand_batch, indices_batch;
} batched_windows;

// The numbers with a batch axis in front of the array and of the operand, the indices or both. With
// indices for each member the axis is one more of their axes, which the operand's goes along
// with; else it is an axis of the windows that they cover.
static void batch_windows(batched_windows *to, const windows *w, bool operand, bool indices) {
    int64_t by = operand ? 1 : 0;
    to->w.mode = w->mode;
    to->w.unique = w->unique;
    to->w.inserted = ir_dims_shift(to->inserted, w->inserted, by);
    to->w.map = ir_dims_shift(to->map, w->map, by);
    if (indices)
        to->w.window = ir_dims_shift(to->window, w->window, 1);
    else
        to->w.window = ir_dims_prepend(to->window, 0, w->window, 1);
    if (operand && indices) {
        to->w.operand_batch = ir_dims_prepend(to->operand_batch, 0, w->operand_batch, 1);
        to->w.indices_batch = ir_dims_prepend(to->indices_batch, 0, w->indices_batch, 1);
    } else {
        to->w.operand_batch = ir_dims_shift(to->operand_batch, w->operand_batch, by);
        to->w.indices_batch = ir_dims_shift(to->indices_batch, w->indices_batch, indices ? 1 : 0);
    }
}

static void gather_batch(ir_batching *c) {
    const ir_gather_attributes *from = c->op->attributes;
    windows w = of_gather(from);
    batched_windows to;
    ir_dims_room room;
    ir_dims sizes = from->slice_sizes;
    batch_windows(&to, &w, c->batched[0], c->batched[1]);
    if (c->batched[0]) sizes = ir_dims_prepend(room, c->batched[1] && c->size ? 1 : c->size, sizes, 0);
    ir_gather_attributes a = to_gather(&to.w, sizes, w.mode);
    c->out[0] = ir_gather(c->b, c->in[0], c->in[1], &a);
    c->out_batched[0] = true;
}

static void scatter_batch(ir_batching *c) {
    windows w = of_scatter(c->op->attributes);
    batched_windows to;
    batch_windows(&to, &w, true, c->batched[1]);
    ir_scatter_attributes a = to_scatter(&to.w, w.mode);
    ir_val in[] = {ir_with_batch_axis(c, 0), c->in[1], ir_with_batch_axis(c, 2)};
    c->out[0] = ir_emit(c->b, c->op->primitive, in, 3, &a);
    c->out_batched[0] = true;
}

// Evaluation

enum { OUTSIDE = -1 };

// The element of the operand where the window of an index vector begins, or OUTSIDE.
static int64_t window_start(const windows *w, const ir_type *x, const int64_t *stride, ir_dims sizes,
                            cv_dtype dtype, const char *vector) {
    int64_t start = 0;
    for (int64_t k = 0; k < w->map.n; k++) {
        int64_t axis = w->map.at[k], last = x->dims[axis] - sizes.at[axis];
        int64_t index = ir_read_index(dtype, vector + (size_t)k * cv_dtype_size(dtype));
        if (index < 0 || index > last) {
            if (w->mode != IR_CLIP) return OUTSIDE;
            index = index < 0 ? 0 : last;
        }
        start += index * stride[axis];
    }
    return start;
}

// The start of each window, in the order of the index vectors; from base_malloc.
static int64_t *window_starts(const windows *w, const ir_array *operand, const ir_array *indices,
                              ir_dims sizes) {
    const ir_type *x = operand->type, *type = indices->type;
    ir_dims positions = {(int64_t)type->rank - 1, type->dims};
    int64_t stride[IR_MAX_RANK], batch[IR_MAX_RANK] = {0}, count = 1;
    ir_strides(x, stride);
    for (int64_t i = 0; i < positions.n; i++) count *= positions.at[i];
    for (int64_t i = 0; i < w->operand_batch.n; i++)
        batch[w->indices_batch.at[i]] = stride[w->operand_batch.at[i]];
    int64_t *starts = base_malloc((size_t)count * sizeof *starts), n = 0;
    const char *vector = indices->data;
    ir_walk walk;
    for (bool more = ir_walk_begin(&walk, positions, batch, batch); more; more = ir_walk_next(&walk))
        for (int64_t i = 0; i < walk.n; i++) {
            int64_t start = window_start(w, x, stride, sizes, type->dtype, vector);
            starts[n++] = start == OUTSIDE ? OUTSIDE : start + walk.offset[0] + i * walk.step[0];
            vector += (size_t)w->map.n * cv_dtype_size(type->dtype);
        }
    return starts;
}

// Strides of the two numbers that tell where an element of the array is in the operand: which window
// it is of, and its place in that.
static void array_strides(const windows *w, const ir_type *x, const ir_type *array, int64_t *which,
                          int64_t *place) {
    int64_t stride[IR_MAX_RANK], axis[IR_MAX_RANK], n = 0, step = 1;
    ir_strides(x, stride);
    for (uint32_t i = 0; i < x->rank; i++)
        if (!ir_dims_contain(w->inserted, i) && !ir_dims_contain(w->operand_batch, i)) axis[n++] = i;
    for (int64_t i = (int64_t)array->rank - 1; i >= 0; i--) {
        bool of_window = ir_dims_contain(w->window, i);
        place[i] = of_window ? stride[axis[--n]] : 0;
        which[i] = of_window ? 0 : step;
        if (!of_window) step *= array->dims[i];
    }
}

static union ir_scalar fill_value(cv_dtype dtype, int64_t mode) {
    union ir_scalar value;
    double fill = mode == IR_FILL_ZERO_OR_DROP ? 0
                  : ir_is_signed(dtype)        ? -__builtin_inf() // saturates
                  : ir_is_unsigned(dtype)      ? __builtin_inf()
                  : dtype == CV_BOOL           ? 1
                                               : __builtin_nan("");
    ir_scalar_from_double(&value, dtype, fill);
    return value;
}

static void gather_evaluate(ir_evaluation *c) {
    windows w = of_gather(c->op->attributes);
    const ir_type *x = c->in[0].type, *y = c->out[0].type;
    size_t element = cv_dtype_size(y->dtype);
    union ir_scalar fill = fill_value(y->dtype, w.mode);
    int64_t which[IR_MAX_RANK], place[IR_MAX_RANK];
    const char *from = c->in[0].data;
    char *to = c->out[0].data;
    ir_walk walk;
    if (!y->count) return;
    int64_t *starts = window_starts(&w, &c->in[0], &c->in[1],
                                    ((const ir_gather_attributes *)c->op->attributes)->slice_sizes);
    array_strides(&w, x, y, which, place);
    for (bool more = ir_walk_begin(&walk, ir_shape(y), which, place); more; more = ir_walk_next(&walk))
        for (int64_t i = 0; i < walk.n; i++, to += element) {
            int64_t start = starts[walk.offset[0] + i * walk.step[0]];
            int64_t at = start + walk.offset[1] + i * walk.step[1];
            memcpy(to, start == OUTSIDE ? (const char *)&fill : from + (size_t)at * element, element);
        }
    base_free(starts);
}

// How an update meets what is there; memory may be unaligned.
typedef void combiner(char *to, const char *update, size_t element);

static void combine_set(char *to, const char *update, size_t element) { memcpy(to, update, element); }

// A combiner for each dtype of a row, from the expression of the new element, of what is there (a) and the
// update (x).
#define COMBINER(code, type, name, ...)                                                                      \
    static void name##_##code(char *to, const char *update, size_t element) {                                \
        type a, x;                                                                                           \
        memcpy(&a, to, element);                                                                             \
        memcpy(&x, update, element);                                                                         \
        a = (type)(__VA_ARGS__);                                                                             \
        memcpy(to, &a, element);                                                                             \
    }
// The same of numbers of 16 bits, rounded with each update.
#define HALVES(row, ...) row(CV_F16, f16, __VA_ARGS__) row(CV_BF16, bf16, __VA_ARGS__)
#define HALF_COMBINER(code, format, name, ...)                                                               \
    static void name##_##code(char *to, const char *update, size_t element) {                                \
        uint16_t bits, more;                                                                                 \
        memcpy(&bits, to, element);                                                                          \
        memcpy(&more, update, element);                                                                      \
        double a = ir_##format##_to_double(bits), x = ir_##format##_to_double(more);                         \
        bits = ir_##format##_from_double(__VA_ARGS__);                                                       \
        memcpy(to, &bits, element);                                                                          \
    }
#define COMBINED(code, type, name) [code] = name##_##code,

INTEGERS(COMBINER, add, WRAP(a) + WRAP(x))
FLOATS(COMBINER, add, a + x)
HALVES(HALF_COMBINER, add, a + x)
INTEGERS(COMBINER, mul, WRAP(a) * WRAP(x))
FLOATS(COMBINER, mul, a * x)
HALVES(HALF_COMBINER, mul, a * x)
COMPLEXES(COMBINER, add, a + x)
COMPLEXES(COMBINER, mul, COMPLEX_PRODUCT(a, x))
BOOLS(COMBINER, max, a | x)
INTEGERS(COMBINER, max, a > x ? a : x)
FLOATS(COMBINER, max, ir_maximum(a, x))
HALVES(HALF_COMBINER, max, ir_maximum(a, x))
BOOLS(COMBINER, min, a & x)
INTEGERS(COMBINER, min, a < x ? a : x)
FLOATS(COMBINER, min, ir_minimum(a, x))
HALVES(HALF_COMBINER, min, ir_minimum(a, x))

static void scatter_with(ir_evaluation *c, combiner *combine) {
    windows w = of_scatter(c->op->attributes);
    const ir_type *x = c->in[0].type, *updates = c->in[2].type;
    size_t element = cv_dtype_size(x->dtype);
    int64_t which[IR_MAX_RANK], place[IR_MAX_RANK];
    const char *update = c->in[2].data;
    char *to = c->out[0].data;
    ir_dims_room sizes;
    ir_walk walk;
    if (!x->count) return;
    memcpy(to, c->in[0].data, x->bytes);
    if (!updates->count) return;
    int64_t *starts = window_starts(&w, &c->in[0], &c->in[1], window_sizes(sizes, &w, x, updates));
    array_strides(&w, x, updates, which, place);
    for (bool more = ir_walk_begin(&walk, ir_shape(updates), which, place); more; more = ir_walk_next(&walk))
        for (int64_t i = 0; i < walk.n; i++, update += element) {
            int64_t start = starts[walk.offset[0] + i * walk.step[0]];
            int64_t at = start + walk.offset[1] + i * walk.step[1];
            if (start != OUTSIDE) combine(to + (size_t)at * element, update, element);
        }
    base_free(starts);
}

static void scatter_evaluate(ir_evaluation *c) { scatter_with(c, combine_set); }

#define COMBINING(name, ...)                                                                                 \
    static void scatter_##name##_evaluate(ir_evaluation *c) {                                                \
        static combiner *const combiners[CV_DTYPE_COUNT] = {__VA_ARGS__};                                    \
        combiner *combine = combiners[c->out[0].type->dtype];                                                \
        if (!combine) ir_evaluate_unsupported(c, c->out[0].type->dtype);                                     \
        scatter_with(c, combine);                                                                            \
    }
COMBINING(add, INTEGERS(COMBINED, add) FLOATS(COMBINED, add) HALVES(COMBINED, add) COMPLEXES(COMBINED, add))
COMBINING(mul, INTEGERS(COMBINED, mul) FLOATS(COMBINED, mul) HALVES(COMBINED, mul) COMPLEXES(COMBINED, mul))
COMBINING(max, BOOLS(COMBINED, max) INTEGERS(COMBINED, max) FLOATS(COMBINED, max) HALVES(COMBINED, max))
COMBINING(min, BOOLS(COMBINED, min) INTEGERS(COMBINED, min) FLOATS(COMBINED, min) HALVES(COMBINED, min))

const ir_rules ir_rules_gather = {.type = gather_type,
                                  .jvp = gather_jvp,
                                  .transpose = gather_transpose,
                                  .batch = gather_batch,
                                  .evaluate = gather_evaluate,
                                  .pair = ir_pair_gather};

const ir_rules ir_rules_scatter = {.type = scatter_type,
                                   .jvp = ir_jvp_linear,
                                   .transpose = scatter_transpose,
                                   .batch = scatter_batch,
                                   .evaluate = scatter_evaluate};

const ir_rules ir_rules_scatter_add = {.type = scatter_type,
                                       .jvp = ir_jvp_linear,
                                       .transpose = scatter_add_transpose,
                                       .batch = scatter_batch,
                                       .evaluate = scatter_add_evaluate};

const ir_rules ir_rules_scatter_mul = {.type = scatter_type,
                                       .jvp = scatter_mul_jvp,
                                       .transpose = scatter_mul_transpose,
                                       .batch = scatter_batch,
                                       .evaluate = scatter_mul_evaluate,
                                       .pair = ir_pair_scatter_mul};

#define EXTREME(name)                                                                                        \
    const ir_rules ir_rules_scatter_##name = {.type = scatter_type,                                          \
                                              .jvp = scatter_extreme_jvp,                                    \
                                              .no_transpose = "none, because it is not linear",              \
                                              .batch = scatter_batch,                                        \
                                              .evaluate = scatter_##name##_evaluate}
EXTREME(max);
EXTREME(min);
