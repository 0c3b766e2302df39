// Arrays as strided views, lists of axes, and types of results: what the rules of movement and
// indexing share. Strides count elements.
#ifndef IR_PRIMITIVES_STRIDED_H
#define IR_PRIMITIVES_STRIDED_H

#include "ir/primitives/common.h"

// A walk over an index space, row by row in row-major order, with two offsets that follow it:
//
//     for (bool more = ir_walk_begin(&w, shape, a, b); more; more = ir_walk_next(&w))
//         for (int64_t i = 0; i < w.n; i++)
//             use(w.offset[0] + i * w.step[0], w.offset[1] + i * w.step[1]);
//
// A stride of 0 stands still; an empty space has no rows and a scalar has one of one element.
typedef struct ir_walk {
    int64_t n, step[2], offset[2];
    int64_t outer, size[IR_MAX_RANK], at[IR_MAX_RANK];
    const int64_t *stride[2];
} ir_walk;
bool ir_walk_begin(ir_walk *w, ir_dims shape, const int64_t *a, const int64_t *b);
bool ir_walk_next(ir_walk *w);

// Copies elements of `element` bytes between views of one shape. The views do not overlap.
void ir_strided_copy(ir_dims shape, size_t element, void *to, const int64_t *to_stride, const void *from,
                     const int64_t *from_stride);
// Fills `count` elements that follow each other.
void ir_fill(void *to, int64_t count, size_t element, const void *value);

// The value of an index, an integer of any dtype; what s64 has no room for is beyond every axis.
int64_t ir_read_index(cv_dtype dtype, const void *index);
// The narrowest of them that holds every index of an axis of this size.
static inline cv_dtype ir_index_dtype(int64_t size) { return size > INT32_MAX ? CV_S64 : CV_S32; }

// The list with `by` added to each entry; the same behind a first entry of its own. `room` keeps it.
typedef int64_t ir_dims_room[IR_MAX_RANK + 1];
ir_dims ir_dims_shift(ir_dims_room room, ir_dims dims, int64_t by);
ir_dims ir_dims_prepend(ir_dims_room room, int64_t first, ir_dims dims, int64_t by);
ir_dims ir_dims_filled(ir_dims_room room, int64_t n, int64_t value);

// "[0,2]", cut where it gets too long; returns the buffer.
enum { IR_DIMS_TEXT = 128 };
const char *ir_dims_text(ir_dims dims, char buffer[IR_DIMS_TEXT]);

// The type of a result; a shape that cannot be is an error of the user's call.
const ir_type *ir_typing_type(const ir_typing *t, cv_dtype dtype, ir_dims shape);
// Operands from `first` on: a scalar of one index dtype for each axis of operand 0.
void ir_check_starts(const ir_typing *t, uint32_t first);

#endif
