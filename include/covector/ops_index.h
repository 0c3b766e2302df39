// Indexing. Indices are integers; negative ones count from the end (once), except in cv_gather and
// the cv_scatter family, which are jax.lax's. C integers are checked against the shape.
#ifndef COVECTOR_OPS_INDEX_H
#define COVECTOR_OPS_INDEX_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// x[i] on the leading axis: i is a C integer or an integer scalar; out of bounds it is the nearest.
#define cv_index(x, i) cv_index_at(CV_VAL(x), CV_VAL(i), CV_HERE)
CV_API cv_val cv_index_at(cv_val x, cv_val i, cv_here here);

// What an index out of bounds does: it reads NaN (or the smallest signed, the largest unsigned integer, true)
// and writes nothing; is moved to the nearest inside; counts on from the other end, however far (not in
// cv_gather and the cv_scatter family); or there is none, the caller promises, and if there is after all any
// element inside may be meant.
typedef enum cv_index_mode { CV_FILL, CV_CLIP, CV_WRAP, CV_PROMISE_IN_BOUNDS } cv_index_mode;
#define CV_DROP CV_FILL

typedef struct cv_take_options {
    cv_ints axis; // a list of one; default: x is flattened
    cv_index_mode mode;
    int end;
} cv_take_options;
// Elements of x along an axis: the axis is replaced by the axes of the indices.
#define cv_take(...) CV_TAKE_(__VA_ARGS__, .end = 0)
#define CV_TAKE_(x, indices, ...)                                                                            \
    cv_take_at(CV_VAL(x), CV_VAL(indices), (cv_take_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_take_at(cv_val x, cv_val indices, cv_take_options options, cv_here here);
// out[a, i, b] = x[a, indices[a, i, b], b] along `axis`; the other axes are broadcast.
#define cv_take_along_axis(...) CV_TAKE_ALONG_AXIS_(__VA_ARGS__, .end = 0)
#define CV_TAKE_ALONG_AXIS_(x, indices, ...)                                                       \
    cv_take_along_axis_at(CV_VAL(x), CV_VAL(indices), (cv_take_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_take_along_axis_at(cv_val x, cv_val indices, cv_take_options options, cv_here here);

// x with out[a, indices[a, i, b], b] = values[a, i, b] along `axis`; indices are broadcast along the other
// axes, and the values to the indices. jnp.put_along_axis.
#define cv_put_along_axis(...) CV_PUT_ALONG_AXIS_(__VA_ARGS__, .end = 0)
#define CV_PUT_ALONG_AXIS_(x, indices, values, ...)                                                \
    cv_put_along_axis_at(CV_VAL(x), CV_VAL(indices), CV_VAL(values), (cv_take_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_put_along_axis_at(cv_val x, cv_val indices, cv_val values, cv_take_options options, cv_here here);

// Operands that are chosen from, conditions included.
#define CV_MOST_CHOICES 128
// The choice of the first condition that holds, else the default; all are broadcast, choices and the default
// promoted. cv_select(CV_LIST(c, d), CV_LIST(x, y), 0)
#define cv_select(conditions, choices, otherwise) cv_select_at(conditions, choices, CV_VAL(otherwise), CV_HERE)
CV_API cv_val cv_select_at(cv_vals conditions, cv_vals choices, cv_val otherwise, cv_here here);
// choices[index], elementwise; all are broadcast. An index outside means the nearest choice, or wraps.
typedef struct cv_choose_options {
    bool wrap;
    int end;
} cv_choose_options;
#define cv_choose(...) CV_CHOOSE_(__VA_ARGS__, .end = 0)
#define CV_CHOOSE_(indices, choices, ...)                                                          \
    cv_choose_at(CV_VAL(indices), choices, (cv_choose_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_choose_at(cv_val indices, cv_vals choices, cv_choose_options options, cv_here here);

// Places in the row-major order of a shape, as one array of indices for each axis, to out; negative places
// count from the end, and those outside are moved inside. And back; indices outside are moved inside, or
// wrap.
#define cv_unravel_index(indices, shape, out) cv_unravel_index_at(CV_VAL(indices), shape, out, CV_HERE)
CV_API cv_status cv_unravel_index_at(cv_val indices, cv_ints shape, cv_val *out, cv_here here);
#define cv_ravel_multi_index(...) CV_RAVEL_MULTI_INDEX_(__VA_ARGS__, .end = 0)
#define CV_RAVEL_MULTI_INDEX_(indices, shape, ...)                                                 \
    cv_ravel_multi_index_at(indices, shape, (cv_choose_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_ravel_multi_index_at(cv_vals indices, cv_ints shape, cv_choose_options options, cv_here here);

// sizes[i] elements of axis i from starts[i] on, one integer scalar for each axis; starts are moved so
// that the slice is inside. cv_dynamic_slice(x, CV_LIST(i, 0), CV_INTS(1, 4))
#define cv_dynamic_slice(x, starts, sizes) cv_dynamic_slice_at(CV_VAL(x), starts, sizes, CV_HERE)
CV_API cv_val cv_dynamic_slice_at(cv_val x, cv_vals starts, cv_ints sizes, cv_here here);
// x with `update` written at starts, which are moved so that it is inside.
#define cv_dynamic_update_slice(x, update, starts)                                                 \
    cv_dynamic_update_slice_at(CV_VAL(x), CV_VAL(update), starts, CV_HERE)
CV_API cv_val cv_dynamic_update_slice_at(cv_val x, cv_val update, cv_vals starts, cv_here here);

typedef struct cv_at_options {
    cv_index_mode mode;
    bool unique_indices; // a promise: no index repeats
    int end;
} cv_at_options;
// x.at[indices].set(values), .add, .multiply, .max and .min on the leading axis: the values have, or are
// broadcast to, the shape of the indices followed by that of one element x[i]. If indices repeat, set keeps
// the last of their values, the others combine all. The dtype is that of x. The derivative of cv_at_mul by
// the values needs unique_indices.
#define cv_at_set(...) CV_AT_(set, __VA_ARGS__, .end = 0)
#define cv_at_add(...) CV_AT_(add, __VA_ARGS__, .end = 0)
#define cv_at_mul(...) CV_AT_(mul, __VA_ARGS__, .end = 0)
#define cv_at_max(...) CV_AT_(max, __VA_ARGS__, .end = 0)
#define cv_at_min(...) CV_AT_(min, __VA_ARGS__, .end = 0)
#define CV_AT_(name, x, indices, values, ...)                                                      \
    cv_at_##name##_at(CV_VAL(x), CV_VAL(indices), CV_VAL(values), (cv_at_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_at_set_at(cv_val x, cv_val indices, cv_val values, cv_at_options options, cv_here here);
CV_API cv_val cv_at_add_at(cv_val x, cv_val indices, cv_val values, cv_at_options options, cv_here here);
CV_API cv_val cv_at_mul_at(cv_val x, cv_val indices, cv_val values, cv_at_options options, cv_here here);
CV_API cv_val cv_at_max_at(cv_val x, cv_val indices, cv_val values, cv_at_options options, cv_here here);
CV_API cv_val cv_at_min_at(cv_val x, cv_val indices, cv_val values, cv_at_options options, cv_here here);

// The general forms, with the dimension numbers of jax.lax.GatherDimensionNumbers and
// ScatterDimensionNumbers. The last axis of the indices holds index vectors.
typedef struct cv_gather_options {
    cv_ints slice_sizes; // one for each axis of x
    cv_ints offset_dims, collapsed_slice_dims, start_index_map, operand_batching_dims,
        start_indices_batching_dims;
    cv_index_mode mode;
    int end;
} cv_gather_options;
#define cv_gather(...) CV_GATHER_(__VA_ARGS__, .end = 0)
#define CV_GATHER_(x, indices, ...)                                                                \
    cv_gather_at(CV_VAL(x), CV_VAL(indices), (cv_gather_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_gather_at(cv_val x, cv_val indices, cv_gather_options options, cv_here here);

typedef struct cv_scatter_options {
    cv_ints update_window_dims, inserted_window_dims, scatter_dims_to_operand_dims, operand_batching_dims,
        scatter_indices_batching_dims;
    cv_index_mode mode;
    bool unique_indices;
    int end;
} cv_scatter_options;
#define cv_scatter(...) CV_SCATTER_(scatter, __VA_ARGS__, .end = 0)
#define cv_scatter_add(...) CV_SCATTER_(scatter_add, __VA_ARGS__, .end = 0)
#define cv_scatter_mul(...) CV_SCATTER_(scatter_mul, __VA_ARGS__, .end = 0)
#define cv_scatter_max(...) CV_SCATTER_(scatter_max, __VA_ARGS__, .end = 0)
#define cv_scatter_min(...) CV_SCATTER_(scatter_min, __VA_ARGS__, .end = 0)
#define CV_SCATTER_(name, x, indices, updates, ...)                                                          \
    cv_##name##_at(CV_VAL(x), CV_VAL(indices), CV_VAL(updates), (cv_scatter_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_scatter_at(cv_val x, cv_val indices, cv_val updates, cv_scatter_options options,
                                cv_here here);
CV_API cv_val cv_scatter_add_at(cv_val x, cv_val indices, cv_val updates, cv_scatter_options options,
                                    cv_here here);
CV_API cv_val cv_scatter_mul_at(cv_val x, cv_val indices, cv_val updates, cv_scatter_options options,
                                    cv_here here);
CV_API cv_val cv_scatter_max_at(cv_val x, cv_val indices, cv_val updates, cv_scatter_options options,
                                    cv_here here);
CV_API cv_val cv_scatter_min_at(cv_val x, cv_val indices, cv_val updates, cv_scatter_options options,
                                    cv_here here);

#ifdef __cplusplus
}
#endif
#endif
