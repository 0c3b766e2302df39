// What a counted loop is: one whose number of steps is known before it runs.
#ifndef TRANSFORMS_COUNTED_H
#define TRANSFORMS_COUNTED_H

#include "ir/builder.h"

// An integer (or boolean) that is slope * t + offset in step t. Never wraps on its way from the first to the
// last step that it was found for. One that is the same in every step has the slope 0.
typedef struct xf_affine {
    bool known;
    int64_t slope, offset;
} xf_affine;

// The values of f that are affine for steps [first, last], given those of its parameters. Values of one
// element count, whatever their rank; others stay unknown.
xf_affine *xf_affine_values(base_arena *arena, const ir_function *f, const xf_affine *params, int64_t first,
                            int64_t last);

typedef struct xf_counted {
    int64_t length;          // how often the body runs
    const ir_function *body; // with the calls put in that get the counter
    xf_affine *values;       // of the values of body, in steps [0, length)
} xf_counted;

// True if the `while` with these attributes and operands is counted. operands: what is known of them.
// A carry whose parameter is affine in `values` is so in step `length` too, when the loop is done.
bool xf_counted_loop(base_arena *arena, const ir_while_attributes *a, uint32_t n_carries,
                     const xf_affine *operands, xf_counted *counted);

#endif
