// Arrays put together and taken apart. Dtypes are promoted to the common one where arrays are joined.
#ifndef COVECTOR_OPS_STACK_H
#define COVECTOR_OPS_STACK_H

#include "covector/ops_shape.h"

#ifdef __cplusplus
extern "C" {
#endif

// With at least so many axes. New ones stand in front; in atleast_3d the third one stands last.
#define cv_atleast_1d(x) cv_atleast_1d_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_atleast_1d_at(cv_val x, cv_here here);
#define cv_atleast_2d(x) cv_atleast_2d_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_atleast_2d_at(cv_val x, cv_here here);
#define cv_atleast_3d(x) cv_atleast_3d_at(CV_VAL(x), CV_HERE)
CV_API cv_val cv_atleast_3d_at(cv_val x, cv_here here);

// One after the other along axis 0 (vectors are rows), axis 1 (vectors: axis 0), axis 2, or axis 1 with
// vectors as columns. The other axes must agree. cv_vstack(CV_LIST(a, b))
#define cv_vstack(list) cv_vstack_at(list, CV_HERE)
CV_API cv_val cv_vstack_at(cv_vals list, cv_here here);
#define cv_hstack(list) cv_hstack_at(list, CV_HERE)
CV_API cv_val cv_hstack_at(cv_vals list, cv_here here);
#define cv_dstack(list) cv_dstack_at(list, CV_HERE)
CV_API cv_val cv_dstack_at(cv_vals list, cv_here here);
#define cv_column_stack(list) cv_column_stack_at(list, CV_HERE)
CV_API cv_val cv_column_stack_at(cv_vals list, cv_here here);

// Along one axis, by default in the flattened array: the values behind x; x without element `index`; values,
// broadcast to one element or as many as they bring along the axis, in front of element `index`.
#define cv_append(...) CV_APPEND_(__VA_ARGS__, .end = 0)
#define CV_APPEND_(x, values, ...)                                                                 \
    cv_append_at(CV_VAL(x), CV_VAL(values), (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_append_at(cv_val x, cv_val values, cv_axes_options options, cv_here here);
#define cv_delete(...) CV_DELETE_(__VA_ARGS__, .end = 0)
#define CV_DELETE_(x, index, ...) cv_delete_at(CV_VAL(x), index, (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_delete_at(cv_val x, int64_t index, cv_axes_options options, cv_here here);
#define cv_insert(...) CV_INSERT_(__VA_ARGS__, .end = 0)
#define CV_INSERT_(x, index, values, ...)                                                          \
    cv_insert_at(CV_VAL(x), index, CV_VAL(values), (cv_axes_options){__VA_ARGS__}, CV_HERE)
CV_API cv_val cv_insert_at(cv_val x, int64_t index, cv_val values, cv_axes_options options, cv_here here);

// Several results go to out; all are poison on error. Every array in the shape that they broadcast to.
#define cv_broadcast_arrays(list, out) cv_broadcast_arrays_at(list, out, CV_HERE)
CV_API cv_status cv_broadcast_arrays_at(cv_vals list, cv_val *out, cv_here here);

// n parts along an axis, to out[0 .. n): as equal as possible, the larger ones first; or equal, along axis 0,
// axis 1 (of a vector: axis 0) and axis 2.
#define cv_array_split(...) CV_ARRAY_SPLIT_(__VA_ARGS__, .end = 0)
#define CV_ARRAY_SPLIT_(x, n, out, ...)                                                            \
    cv_array_split_at(CV_VAL(x), n, out, (cv_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_array_split_at(cv_val x, int n, cv_val *out, cv_axis_options options, cv_here here);
#define cv_vsplit(x, n, out) cv_vsplit_at(CV_VAL(x), n, out, CV_HERE)
CV_API cv_status cv_vsplit_at(cv_val x, int n, cv_val *out, cv_here here);
#define cv_hsplit(x, n, out) cv_hsplit_at(CV_VAL(x), n, out, CV_HERE)
CV_API cv_status cv_hsplit_at(cv_val x, int n, cv_val *out, cv_here here);
#define cv_dsplit(x, n, out) cv_dsplit_at(CV_VAL(x), n, out, CV_HERE)
CV_API cv_status cv_dsplit_at(cv_val x, int n, cv_val *out, cv_here here);
// jnp.split at these indices: the parts begin at 0 and at each of them; one more part than indices.
#define cv_split_points(...) CV_SPLIT_POINTS_(__VA_ARGS__, .end = 0)
#define CV_SPLIT_POINTS_(x, points, out, ...)                                                      \
    cv_split_points_at(CV_VAL(x), points, out, (cv_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_split_points_at(cv_val x, cv_ints points, cv_val *out, cv_axis_options options,
                                    cv_here here);
// The n elements along an axis, which must be all of them, without it.
#define cv_unstack(...) CV_UNSTACK_(__VA_ARGS__, .end = 0)
#define CV_UNSTACK_(x, n, out, ...) cv_unstack_at(CV_VAL(x), n, out, (cv_axis_options){__VA_ARGS__}, CV_HERE)
CV_API cv_status cv_unstack_at(cv_val x, int n, cv_val *out, cv_axis_options options, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
