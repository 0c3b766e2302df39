// Shapes: views and rearrangements. The dtype stays.
#ifndef COVECTOR_OPS_SHAPE_H
#define COVECTOR_OPS_SHAPE_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// The same elements in row-major order; one size may be -1: what is left.
#define cv_reshape(x, shape) cv_reshape_at(CV_VAL(x), shape, CV_HERE)
CV_API cv_val cv_reshape_at(cv_val x, cv_ints shape, cv_here here);
// The same elements in one axis.
#define cv_ravel(x) cv_ravel_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_ravel_at(cv_val x, cv_here here);

// axes[i]: the axis of x that becomes axis i; default: all in reverse.
typedef struct cv_transpose_options {
    cv_ints axes;
    int end;
} cv_transpose_options;
#define cv_transpose(...) CV_TRANSPOSE_(__VA_ARGS__, .end = 0)
#define CV_TRANSPOSE_(x, ...) cv_transpose_at(CV_VAL(x), (cv_transpose_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_transpose_at(cv_val x, cv_transpose_options options, cv_here here);
#define cv_swapaxes(x, axis1, axis2) cv_swapaxes_at(CV_VAL(x), axis1, axis2, CV_HERE)
CV_API cv_val cv_swapaxes_at(cv_val x, int64_t axis1, int64_t axis2, cv_here here);
// Moves one axis; the others keep their order.
#define cv_moveaxis(x, from, to) cv_moveaxis_at(CV_VAL(x), from, to, CV_HERE)
CV_API cv_val cv_moveaxis_at(cv_val x, int64_t from, int64_t to, cv_here here);

// A new axis of size 1, which is axis `axis` of the result.
#define cv_expand_dims(x, axis) cv_expand_dims_at(CV_VAL(x), axis, CV_HERE)
CV_API cv_val cv_expand_dims_at(cv_val x, int64_t axis, cv_here here);
#define cv_broadcast_to(x, shape) cv_broadcast_to_at(CV_VAL(x), shape, CV_HERE)
CV_API cv_val cv_broadcast_to_at(cv_val x, cv_ints shape, cv_here here);

// Options of what works along some axes: a list, also for one axis.
typedef struct cv_axes_options {
    cv_ints axis;
    int end;
} cv_axes_options;
// Without these axes, which must have size 1. Default: all of size 1.
#define cv_squeeze(...) CV_SQUEEZE_(__VA_ARGS__, .end = 0)
#define CV_SQUEEZE_(x, ...) cv_squeeze_at(CV_VAL(x), (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_squeeze_at(cv_val x, cv_axes_options options, cv_here here);
// Reversed along these axes. Default: all.
#define cv_flip(...) CV_FLIP_(__VA_ARGS__, .end = 0)
#define CV_FLIP_(x, ...) cv_flip_at(CV_VAL(x), (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_flip_at(cv_val x, cv_axes_options options, cv_here here);
// Rotated by `shift` places towards the end along one axis. Default: as if x had one axis.
#define cv_roll(...) CV_ROLL_(__VA_ARGS__, .end = 0)
#define CV_ROLL_(x, shift, ...) cv_roll_at(CV_VAL(x), shift, (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_roll_at(cv_val x, int64_t shift, cv_axes_options options, cv_here here);
// Every element n times in a row along one axis. Default: x flattened.
#define cv_repeat(...) CV_REPEAT_(__VA_ARGS__, .end = 0)
#define CV_REPEAT_(x, n, ...) cv_repeat_at(CV_VAL(x), n, (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_repeat_at(cv_val x, int64_t n, cv_axes_options options, cv_here here);
// x side by side, counts[i] times along axis i; lists of different length are aligned at the end.
#define cv_tile(x, counts) cv_tile_at(CV_VAL(x), counts, CV_HERE)
CV_API cv_val cv_tile_at(cv_val x, cv_ints counts, cv_here here);

// Options of what works along one axis: a number, default 0.
typedef struct cv_axis_options {
    int64_t axis;
    int end;
} cv_axis_options;
// Arrays one after the other; they agree in all axes but this. cv_concatenate(CV_LIST(a, b), .axis = 1)
#define cv_concatenate(...) CV_CONCATENATE_(__VA_ARGS__, .end = 0)
#define CV_CONCATENATE_(list, ...) cv_concatenate_at(list, (cv_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_concatenate_at(cv_vals list, cv_axis_options options, cv_here here);
// Arrays of one shape along a new axis.
#define cv_stack(...) CV_STACK_(__VA_ARGS__, .end = 0)
#define CV_STACK_(list, ...) cv_stack_at(list, (cv_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_stack_at(cv_vals list, cv_axis_options options, cv_here here);
// n equal parts, to out[0 .. n); all poison on error.
#define cv_split(...) CV_SPLIT_(__VA_ARGS__, .end = 0)
#define CV_SPLIT_(x, n, out, ...) cv_split_at(CV_VAL(x), n, out, (cv_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_split_at(cv_val x, int n, cv_val *out, cv_axis_options options, cv_here here);

// Elements start .. limit - 1 of each axis, every stride-th. Negative bounds count from the end;
// CV_END is the end itself. Axes beyond the lists are taken whole.
#define CV_END INT64_MAX
typedef struct cv_slice_options {
    cv_ints stride; // positive; default 1
    int end;
} cv_slice_options;
#define cv_slice(...) CV_SLICE_(__VA_ARGS__, .end = 0)
#define CV_SLICE_(x, start, limit, ...)                                                            \
    cv_slice_at(CV_VAL(x), start, limit, (cv_slice_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_slice_at(cv_val x, cv_ints start, cv_ints limit, cv_slice_options options, cv_here here);

// What stands around: the value; the first or last element; the elements mirrored at it, or at the edge
// behind it; the elements again from the other end.
typedef enum cv_pad_mode {
    CV_PAD_CONSTANT,
    CV_PAD_EDGE,
    CV_PAD_REFLECT,
    CV_PAD_SYMMETRIC,
    CV_PAD_WRAP
} cv_pad_mode;
// low[i] and high[i] times the scalar `value` around axis i, interior[i] times between elements.
// Negative low and high cut off. The other modes do not look at the value and have no interior; what they
// repeat must not be empty.
typedef struct cv_pad_options {
    cv_ints interior; // default: none
    cv_pad_mode mode;
    int end;
} cv_pad_options;
#define cv_pad(...) CV_PAD_(__VA_ARGS__, .end = 0)
#define CV_PAD_(x, value, low, high, ...)                                                          \
    cv_pad_at(CV_VAL(x), CV_VAL(value), low, high, (cv_pad_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_pad_at(cv_val x, cv_val value, cv_ints low, cv_ints high, cv_pad_options options,
                        cv_here here);

// The first axis reversed, and the second one.
#define cv_flipud(x) cv_flipud_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_flipud_at(cv_val x, cv_here here);
#define cv_fliplr(x) cv_fliplr_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_fliplr_at(cv_val x, cv_here here);

// Turned by quarters, from the first axis of the plane towards the second. jnp.rot90.
typedef struct cv_turn_options {
    cv_ints axes; // two; default: 0, 1
    int end;
} cv_turn_options;
#define cv_rot90(...) CV_ROT90_(__VA_ARGS__, .end = 0)
#define CV_ROT90_(x, turns, ...) cv_rot90_at(CV_VAL(x), turns, (cv_turn_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_rot90_at(cv_val x, int64_t turns, cv_turn_options options, cv_here here);

// The last two axes exchanged.
#define cv_matrix_transpose(x) cv_matrix_transpose_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_matrix_transpose_at(cv_val x, cv_here here);
// The axis moved in front of axis `start`, which may be the rank.
#define cv_rollaxis(x, axis, start) cv_rollaxis_at(CV_VAL(x), axis, start, CV_HERE)
CV_API cv_val cv_rollaxis_at(cv_val x, int64_t axis, int64_t start, cv_here here);
// The elements in row-major order, from the first again when they are too few, in this shape.
#define cv_resize(x, shape) cv_resize_at(CV_VAL(x), shape, CV_HERE)
CV_API cv_val cv_resize_at(cv_val x, cv_ints shape, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
