// The frame of reductions: a row says what happens to the dtype and emits the reduced value. Included by
// the files that have such rows.
#ifndef TRACE_OPS_REDUCE_H
#define TRACE_OPS_REDUCE_H

#include "trace/ops/common.h"

typedef struct reduction {
    ir_builder *b;
    ir_val x;
    const ir_type *type; // of x
    ir_dims axes;
    int64_t count; // elements that become one
    double parameter; // ddof, or the order of a norm
} reduction;

typedef ir_val reduce_emit(const reduction *r);

typedef enum reduce_domain { SAME, SUMMED, FLOATING, BOOLEAN, BITS } reduce_domain;

typedef struct reduce_row {
    reduce_domain domain;
    bool keeps_shape; // the result has the shape of the operand; the default axis is the last
    bool weak;        // a weak operand gives a weak result
    reduce_emit *emit;
} reduce_row;

typedef struct reducing {
    const reduce_row *row;
    cv_reduce_options options;
} reducing;

tr_build tr_build_reduce; // options: reducing
// A reduced value repeated along the reduced axes.
ir_val tr_spread(const reduction *r, ir_val value);
// Raises if no elements become an element: "no elements have no maximum".
void tr_check_some(const reduction *r, const char *what);
ir_val tr_squared(ir_builder *b, ir_val x); // |x|^2

#define REDUCTION(name, domain, keeps_shape, weak, emit)                                           \
    cv_val cv_##name##_at(cv_val x, cv_reduce_options options, cv_here here) {                     \
        static const reduce_row row = {domain, keeps_shape, weak, emit};                           \
        return tr_operation("cv_" #name, here, tr_build_reduce, &(reducing){&row, options}, &x, 1);   \
    }

#endif
