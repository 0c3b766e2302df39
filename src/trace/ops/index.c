// Indexing. In: arrays and integers. Out: gathers, scatters and dynamic slices.
//
// Here negative indices count from the end: one selection each, or nothing for C integers, which are
// also checked. What is out of bounds after that is left to the mode of the gather or scatter.

#include "trace/ops/common.h"

// Indices of a dtype that gathers take and that holds `size`; raises if they are no integers.
static ir_val as_indices(const tr_op *op, uint32_t i, int64_t size) {
    cv_dtype dtype = tr_kind_of(op, i).dtype;
    char text[IR_TYPE_TEXT];
    if (!ir_is_integer(dtype))
        tr_wrong(op, "indices are integers, not %s; cv_astype converts", tr_text(op, i, text));
    if (dtype == CV_U64) dtype = CV_S64;
    if (cv_dtype_size(dtype) < 4) dtype = CV_S32;
    if (size > INT32_MAX && dtype != CV_S64) dtype = CV_S64;
    return tr_as(op, i, dtype);
}

// Counted from the front: index + size if it is negative.
static ir_val wrapped(ir_builder *b, ir_val index, int64_t size) {
    const ir_type *type = ir_type_of(b, index);
    if (ir_is_unsigned(type->dtype)) return index;
    ir_val from_end = ir_add(b, index, ir_full_int(b, type, size));
    return ir_select(b, ir_lt(b, index, ir_zeros(b, type)), from_end, index);
}

// The index modulo the size, from 0 on.
static ir_val modulo(ir_builder *b, ir_val index, int64_t size) {
    if (!size) return index; // there is nothing to take
    ir_val n = ir_full_int(b, ir_type_of(b, index), size);
    return wrapped(b, ir_sub(b, index, ir_mul(b, ir_div(b, index, n), n)), size);
}

// Operand i as indices into `axis` of operand 0. A C integer must be in range unless indices wrap.
static ir_val indices_into(const tr_op *op, uint32_t i, int64_t axis, int64_t size, cv_index_mode mode) {
    double number;
    int64_t at;
    char text[IR_TYPE_TEXT];
    ir_val indices = as_indices(op, i, size);
    if (mode == CV_WRAP) return modulo(op->b, indices, size);
    if (!tr_is_literal(op, i, &number, &at)) return wrapped(op->b, indices, size);
    if (at < -size || at >= size)
        tr_wrong(op, "index %lld is out of range for axis %lld of %s", (long long)at, (long long)axis,
                 tr_text(op, 0, text));
    return ir_full_int(op->b, ir_type_of(op->b, indices), at < 0 ? at + size : at);
}

static void check_leading_axis(const tr_op *op) {
    char text[IR_TYPE_TEXT];
    if (!tr_type(op, 0)->rank)
        tr_wrong(op, "%s is a scalar: it has no elements to index", tr_text(op, 0, text));
}

static void build_index(tr_op *op, const void *options) {
    (void)options;
    ir_builder *b = op->b;
    check_leading_axis(op);
    const ir_type *type = tr_type(op, 0);
    double number;
    int64_t at, sizes[IR_MAX_RANK];
    char text[IR_TYPE_TEXT];
    if (tr_type(op, 1)->rank)
        tr_wrong(op, "the index is %s: it must be a scalar; cv_take takes arrays of indices",
                 tr_text(op, 1, text));
    if (!type->dims[0]) tr_wrong(op, "%s has no elements to index", tr_text(op, 0, text));
    ir_val index = indices_into(op, 1, 0, type->dims[0], CV_CLIP), x = op->in[0];
    if (tr_is_literal(op, 1, &number, &at)) {
        x = tr_slice_axis(b, x, 0, at < 0 ? at + type->dims[0] : at, 1);
    } else {
        ir_val starts[IR_MAX_RANK] = {index}, zero = tr_scalar_constant(b, ir_type_of(b, index)->dtype, 0);
        for (int64_t i = 1; i < type->rank; i++) starts[i] = zero;
        for (int64_t i = 0; i < type->rank; i++) sizes[i] = i ? type->dims[i] : 1;
        x = ir_dynamic_slice(b, x, starts, (ir_dims){type->rank, sizes});
    }
    op->out[0] = tr_remove_axis(b, x, 0);
    op->weak_out[0] = op->weak[0];
}

cv_val cv_index_at(cv_val x, cv_val i, cv_here here) {
    return tr_operation("cv_index", here, build_index, NULL, (cv_val[]){x, i}, 2);
}

static int64_t index_mode(const tr_op *op, cv_index_mode mode) {
    if (mode < CV_FILL || mode > CV_PROMISE_IN_BOUNDS) tr_wrong(op, "there is no index mode %d", (int)mode);
    return mode == CV_FILL ? IR_FILL_OR_DROP : IR_CLIP; // the others are inside, and clipping costs least
}

// The axis to take from; without one, operand 0 is flattened.
static int64_t take_axis(tr_op *op, cv_ints axis) {
    tr_check_list(op, axis, "axis");
    if (tr_given(axis)) return tr_one_axis(op, 0, axis);
    op->in[0] = tr_flatten(op->b, tr_as(op, 0, tr_kind_of(op, 0).dtype));
    return 0;
}

// True if the result has no elements, and then makes it; raises if there is something to take from
// an empty axis.
static bool takes_nothing(tr_op *op, int64_t axis, ir_dims shape) {
    const ir_type *type = tr_type(op, 0),
                  *result = ir_type_get(op->b->module, type->dtype, shape.n, shape.at);
    char text[IR_TYPE_TEXT];
    if (result->count && !type->dims[axis])
        tr_wrong(op, "axis %lld of %s is empty: there is nothing to take", (long long)axis,
                 tr_text(op, 0, text));
    if (!result->count) op->out[0] = ir_zeros(op->b, result);
    return !result->count;
}

static void build_take(tr_op *op, const void *options) {
    const cv_take_options *o = options;
    ir_builder *b = op->b;
    int64_t axis = take_axis(op, o->axis);
    const ir_type *type = tr_type(op, 0);
    ir_val indices = indices_into(op, 1, axis, type->dims[axis], o->mode);
    const ir_type *index_type = ir_type_of(b, indices);
    int64_t rank = type->rank, index_rank = index_type->rank;
    int64_t offset[IR_MAX_RANK], sizes[IR_MAX_RANK], shape[IR_MAX_RANK], n = 0;
    if (rank - 1 + index_rank >= IR_MAX_RANK) tr_wrong(op, "the result has too many axes");
    for (int64_t i = 0; i < index_rank; i++) shape[axis + i] = index_type->dims[i];
    for (int64_t i = 0; i < rank; i++) {
        sizes[i] = i == axis ? 1 : type->dims[i];
        if (i == axis) continue;
        offset[n] = i < axis ? i : i - 1 + index_rank;
        shape[offset[n++]] = type->dims[i];
    }
    ir_gather_attributes attributes = {.offset_dims = {n, offset},
                                       .collapsed_slice_dims = {1, &axis},
                                       .start_index_map = {1, &axis},
                                       .operand_batching_dims = {0, sizes},
                                       .start_indices_batching_dims = {0, sizes},
                                       .slice_sizes = {rank, sizes},
                                       .mode = index_mode(op, o->mode)};
    op->weak_out[0] = op->weak[0];
    if (takes_nothing(op, axis, (ir_dims){n + index_rank, shape})) return;
    op->out[0] = ir_gather(b, op->in[0], tr_insert_axis(b, indices, index_rank), &attributes);
}

cv_val cv_take_at(cv_val x, cv_val indices, cv_take_options options, cv_here here) {
    return tr_operation("cv_take", here, build_take, &options, (cv_val[]){x, indices}, 2);
}

// All axes but one are batching axes of the gather, after they were broadcast.
static void build_take_along_axis(tr_op *op, const void *options) {
    const cv_take_options *o = options;
    ir_builder *b = op->b;
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    int64_t axis = take_axis(op, o->axis);
    const ir_type *x = tr_type(op, 0), *y = tr_type(op, 1);
    tr_text(op, 0, first), tr_text(op, 1, second);
    int64_t x_shape[IR_MAX_RANK], y_shape[IR_MAX_RANK], ones[IR_MAX_RANK], batch[IR_MAX_RANK], n = 0;
    if (x->rank != y->rank)
        tr_wrong(op, "%s and indices %s must have as many axes", first, second);
    if (x->rank >= IR_MAX_RANK) tr_wrong(op, "at most %d axes can be handled", IR_MAX_RANK - 1);
    ir_val indices = indices_into(op, 1, axis, x->dims[axis], o->mode);
    for (int64_t i = 0; i < x->rank; i++) {
        int64_t size = x->dims[i] == 1 ? y->dims[i] : x->dims[i];
        if (i != axis && y->dims[i] != 1 && y->dims[i] != size)
            tr_wrong(op, "%s and indices %s: sizes %lld and %lld of axis %lld differ", first, second,
                     (long long)x->dims[i], (long long)y->dims[i], (long long)i);
        x_shape[i] = i == axis ? x->dims[i] : size;
        y_shape[i] = i == axis ? y->dims[i] : size;
        ones[i] = 1;
        if (i != axis) batch[n++] = i;
    }
    ir_dims to = {x->rank, y_shape};
    op->weak_out[0] = op->weak[0];
    if (takes_nothing(op, axis, to)) return;
    ir_val from = tr_broadcast_to(b, op->in[0], (ir_dims){x->rank, x_shape});
    indices = tr_insert_axis(b, tr_broadcast_to(b, indices, to), x->rank);
    ir_dims others = {n, batch};
    ir_gather_attributes attributes = {.offset_dims = {0, ones}, .collapsed_slice_dims = {1, &axis},
                                       .start_index_map = {1, &axis}, .operand_batching_dims = others,
                                       .start_indices_batching_dims = others, .slice_sizes = {x->rank, ones},
                                       .mode = index_mode(op, o->mode)};
    op->out[0] = ir_gather(b, from, indices, &attributes);
}

cv_val cv_take_along_axis_at(cv_val x, cv_val indices, cv_take_options options, cv_here here) {
    return tr_operation("cv_take_along_axis", here, build_take_along_axis, &options, (cv_val[]){x, indices},
                        2);
}

// All axes but one are batching axes of the scatter.
static void build_put_along_axis(tr_op *op, const void *options) {
    const cv_take_options *o = options;
    ir_builder *b = op->b;
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    ir_dims given = ir_shape(tr_type(op, 0));
    int64_t axis = take_axis(op, o->axis), shape[IR_MAX_RANK], ones[IR_MAX_RANK], batch[IR_MAX_RANK], n = 0;
    const ir_type *x = tr_type(op, 0);
    if (x->rank != tr_type(op, 1)->rank)
        tr_wrong(op, "%s and indices %s must have as many axes", tr_text(op, 0, first),
                 tr_text(op, 1, second));
    if (x->rank >= IR_MAX_RANK) tr_wrong(op, "at most %d axes can be handled", IR_MAX_RANK - 1);
    ir_val indices = indices_into(op, 1, axis, x->dims[axis], o->mode);
    for (int64_t i = 0; i < x->rank; i++) {
        shape[i] = i == axis ? tr_type(op, 1)->dims[i] : x->dims[i];
        ones[i] = 1;
        if (i != axis) batch[n++] = i;
    }
    ir_dims to = {x->rank, shape}, others = {n, batch};
    indices = tr_insert_axis(b, tr_fill_shape(op, 1, indices, to), x->rank);
    ir_val values = tr_fill_shape(op, 2, tr_weaker_as(op, 2, x->dtype), to), result = op->in[0];
    ir_scatter_attributes attributes = {.update_window_dims = {0, ones}, .inserted_window_dims = {1, &axis},
                                        .scatter_dims_to_operand_dims = {1, &axis},
                                        .operand_batching_dims = others,
                                        .scatter_indices_batching_dims = others,
                                        .mode = index_mode(op, o->mode)};
    if (x->count && ir_type_of(b, values)->count)
        result = ir_scatter(b, result, indices, values, &attributes);
    op->out[0] = ir_reshape(b, result, given);
    op->weak_out[0] = op->weak[0];
}

cv_val cv_put_along_axis_at(cv_val x, cv_val indices, cv_val values, cv_take_options options, cv_here here) {
    return tr_operation("cv_put_along_axis", here, build_put_along_axis, &options,
                        (cv_val[]){x, indices, values}, 3);
}

// Dynamic slices

// Operands first .. first + rank - 1 as starts into operand 0: scalars of one dtype.
static void starts_into(const tr_op *op, uint32_t first, ir_val *starts) {
    const ir_type *type = tr_type(op, 0);
    uint32_t n = op->n_in - first;
    cv_dtype dtype = CV_S32;
    char text[IR_TYPE_TEXT];
    if (n != type->rank)
        tr_wrong(op, "%s and %u starts: give one for each of the %u axes", tr_text(op, 0, text), n,
                 type->rank);
    for (uint32_t i = 0; i < n; i++) {
        if (tr_type(op, first + i)->rank)
            tr_wrong(op, "start %u is %s: it must be a scalar", i, tr_text(op, first + i, text));
        cv_dtype own = ir_type_of(op->b, as_indices(op, first + i, type->dims[i]))->dtype;
        if (own != CV_S32) dtype = CV_S64;
    }
    for (uint32_t i = 0; i < n; i++)
        starts[i] = ir_convert(op->b, as_indices(op, first + i, type->dims[i]), dtype);
    for (uint32_t i = 0; i < n; i++) {
        double number;
        int64_t at;
        bool literal = tr_is_literal(op, first + i, &number, &at);
        if (!literal) starts[i] = wrapped(op->b, starts[i], type->dims[i]);
        else starts[i] = tr_scalar_constant(op->b, dtype, at < 0 ? at + type->dims[i] : at);
    }
}

static void build_dynamic_slice(tr_op *op, const void *options) {
    const cv_ints *sizes = options;
    const ir_type *type = tr_type(op, 0);
    ir_val starts[IR_MAX_RANK];
    char text[IR_TYPE_TEXT], list[IR_TYPE_TEXT];
    starts_into(op, 1, starts);
    tr_shape(op, *sizes);
    if (sizes->n != type->rank)
        tr_wrong(op, "%s and sizes %s: give one for each of the %u axes", tr_text(op, 0, text),
                 tr_dims_text(*sizes, list), type->rank);
    for (uint32_t i = 0; i < type->rank; i++)
        if (sizes->at[i] > type->dims[i])
            tr_wrong(op, "%s and sizes %s: a slice cannot be larger than axis %u", tr_text(op, 0, text),
                     tr_dims_text(*sizes, list), i);
    ir_val x = tr_as(op, 0, tr_kind_of(op, 0).dtype);
    op->out[0] = type->rank ? ir_dynamic_slice(op->b, x, starts, (ir_dims){sizes->n, sizes->at}) : x;
    op->weak_out[0] = op->weak[0];
}

// Operands and a list as one array of handles, which lives in the caller's block.
enum { MOST = IR_MAX_RANK + 2 };
static uint32_t joined(cv_val all[MOST], uint32_t n, cv_vals list) {
    for (int64_t i = 0; list.at && i < list.n && n < MOST; i++) all[n++] = list.at[i];
    return n;
}

cv_val cv_dynamic_slice_at(cv_val x, cv_vals starts, cv_ints sizes, cv_here here) {
    cv_val all[MOST] = {x};
    uint32_t n = joined(all, 1, starts);
    return tr_operation("cv_dynamic_slice", here, build_dynamic_slice, &sizes, all, n);
}

static void build_dynamic_update_slice(tr_op *op, const void *options) {
    (void)options;
    const ir_type *type = tr_type(op, 0), *update = tr_type(op, 1);
    ir_val starts[IR_MAX_RANK];
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    starts_into(op, 2, starts);
    bool fits = type->rank == update->rank;
    for (uint32_t i = 0; fits && i < type->rank; i++) fits = update->dims[i] <= type->dims[i];
    if (!fits)
        tr_wrong(op, "%s does not fit into %s", tr_text(op, 1, y), tr_text(op, 0, x));
    tr_kind kind = tr_kind_of(op, 0);
    ir_val into = tr_as(op, 0, kind.dtype), from = tr_weaker_as(op, 1, kind.dtype);
    op->out[0] = type->rank ? ir_dynamic_update_slice(op->b, into, from, starts) : from;
    op->weak_out[0] = op->weak[0];
}

cv_val cv_dynamic_update_slice_at(cv_val x, cv_val update, cv_vals starts, cv_here here) {
    cv_val all[MOST] = {x, update};
    uint32_t n = joined(all, 2, starts);
    return tr_operation("cv_dynamic_update_slice", here, build_dynamic_update_slice, NULL, all, n);
}

// Updates at indices of the leading axis

typedef struct scattering {
    ir_primitive primitive;
    cv_at_options at;           // of one, or
    cv_scatter_options options; // of the other
} scattering;

static void build_at(tr_op *op, const void *options) {
    const scattering *s = options;
    ir_builder *b = op->b;
    check_leading_axis(op);
    const ir_type *type = tr_type(op, 0);
    ir_val indices = indices_into(op, 1, 0, type->dims[0], s->at.mode);
    const ir_type *index_type = ir_type_of(b, indices);
    int64_t shape[2 * IR_MAX_RANK], window[IR_MAX_RANK], zero = 0, n = index_type->rank, rank = type->rank;
    if (n + rank - 1 >= IR_MAX_RANK) tr_wrong(op, "the values have too many axes");
    for (int64_t i = 0; i < n; i++) shape[i] = index_type->dims[i];
    for (int64_t i = 1; i < rank; i++) {
        shape[n + i - 1] = type->dims[i];
        window[i - 1] = n + i - 1;
    }
    ir_val values = tr_weaker_as(op, 2, type->dtype);
    values = tr_fill_shape(op, 2, values, (ir_dims){n + rank - 1, shape});
    op->weak_out[0] = op->weak[0];
    op->out[0] = op->in[0];
    if (!type->count) return; // nothing to write to
    ir_scatter_attributes attributes = {.update_window_dims = {rank - 1, window},
                                        .inserted_window_dims = {1, &zero},
                                        .scatter_dims_to_operand_dims = {1, &zero},
                                        .operand_batching_dims = {0, &zero},
                                        .scatter_indices_batching_dims = {0, &zero},
                                        .mode = index_mode(op, s->at.mode),
                                        .unique = s->at.unique_indices};
    ir_val in[] = {op->in[0], tr_insert_axis(b, indices, n), values};
    op->out[0] = ir_emit(b, s->primitive, in, 3, &attributes);
}

#define AT(name, primitive_)                                                                                 \
    cv_val cv_at_##name##_at(cv_val x, cv_val indices, cv_val values, cv_at_options options, cv_here here) { \
        scattering s = {.primitive = primitive_, .at = options};                                             \
        return tr_operation("cv_at_" #name, here, build_at, &s, (cv_val[]){x, indices, values}, 3);          \
    }
AT(set, IR_scatter)
AT(add, IR_scatter_add)
AT(mul, IR_scatter_mul)
AT(max, IR_scatter_max)
AT(min, IR_scatter_min)

// The general forms

// A list for attributes: never without an address.
static ir_dims dims(const tr_op *op, cv_ints list, const char *name) {
    static const int64_t none[1];
    tr_check_list(op, list, name);
    return (ir_dims){list.n, list.at ? list.at : none};
}
#define DIMS(field) .field = dims(op, o->field, #field)

static int64_t lax_mode(const tr_op *op, cv_index_mode mode) {
    if (mode == CV_WRAP) tr_wrong(op, "CV_WRAP is for cv_take and cv_at_set: wrap the indices beforehand");
    return index_mode(op, mode);
}

static void build_gather(tr_op *op, const void *options) {
    const cv_gather_options *o = options;
    ir_val x = tr_as(op, 0, tr_kind_of(op, 0).dtype), indices = as_indices(op, 1, 0);
    ir_gather_attributes attributes = {DIMS(offset_dims), DIMS(collapsed_slice_dims), DIMS(start_index_map),
                                       DIMS(operand_batching_dims), DIMS(start_indices_batching_dims),
                                       DIMS(slice_sizes), .mode = lax_mode(op, o->mode)};
    op->out[0] = ir_gather(op->b, x, indices, &attributes);
    op->weak_out[0] = op->weak[0];
}

cv_val cv_gather_at(cv_val x, cv_val indices, cv_gather_options options, cv_here here) {
    return tr_operation("cv_gather", here, build_gather, &options, (cv_val[]){x, indices}, 2);
}

static void build_scatter(tr_op *op, const void *options) {
    const scattering *s = options;
    const cv_scatter_options *o = &s->options;
    cv_dtype dtype = tr_kind_of(op, 0).dtype;
    ir_val x = tr_as(op, 0, dtype), indices = as_indices(op, 1, 0), updates = tr_weaker_as(op, 2, dtype);
    ir_scatter_attributes attributes = {DIMS(update_window_dims), DIMS(inserted_window_dims),
                                        DIMS(scatter_dims_to_operand_dims), DIMS(operand_batching_dims),
                                        DIMS(scatter_indices_batching_dims), .mode = lax_mode(op, o->mode),
                                        .unique = o->unique_indices};
    op->out[0] = ir_emit(op->b, s->primitive, (ir_val[]){x, indices, updates}, 3, &attributes);
    op->weak_out[0] = op->weak[0];
}

#define SCATTER(name)                                                                                        \
    cv_val cv_##name##_at(cv_val x, cv_val indices, cv_val updates, cv_scatter_options options,              \
                          cv_here here) {                                                                    \
        scattering s = {.primitive = IR_##name, .options = options};                                         \
        return tr_operation("cv_" #name, here, build_scatter, &s, (cv_val[]){x, indices, updates}, 3);       \
    }
SCATTER(scatter)
SCATTER(scatter_add)
SCATTER(scatter_mul)
SCATTER(scatter_max)
SCATTER(scatter_min)
