// How a public operation runs: the one way from handles to the builder and back.
//
// tr_operation finds the innermost trace of the thread, or outside one starts a small program of
// its own; brings the operands into it (values of outer traces and concrete arrays become hidden
// parameters); calls `build`, which emits; and makes handles of the results - outside a trace by
// running the program at once. Errors become poison and the thread's first error, with the place
// of the user's call and the name of the operation in front. Poisoned operands give poison at once.
#ifndef TRACE_OPERATION_H
#define TRACE_OPERATION_H

#include "covector/value.h"
#include "ir/builder.h"

typedef struct tr_op {
    ir_builder *b;        // its place and operation are set
    const char *name;     // of the public operation: "cv_matmul"
    uint32_t n_in, n_out;
    ir_val *in;           // the operands in the builder; `build` may overwrite them
    bool *weak;           // of each operand: its type is weak
    ir_val *out;          // set by `build`; every one of n_out
    bool *weak_out;       // false when `build` is called
    cv_dtype default_float;
} tr_op;
typedef void tr_build(tr_op *op, const void *options);

// One result.
cv_val tr_operation(const char *name, cv_here here, tr_build *build, const void *options, const cv_val *in,
                    uint32_t n_in);
// Any number; all poison and the status on error.
cv_status tr_operation_n(const char *name, cv_here here, tr_build *build, const void *options, const cv_val *in,
                         uint32_t n_in, cv_val *out, uint32_t n_out);

// closed.c: the program of a callback for arguments of these types; it captures nothing. `role` is what messages call
// it: "the comparator". Raises if it takes or has another number of values.
const ir_function *tr_closed_function(tr_op *op, cv_fn f, const char *role, const ir_type *const *in, uint32_t n_in,
                                      uint32_t n_out);

// A weak C scalar comes as a rank-0 constant of f64, s64 or bool with its weak flag, so that nothing
// is lost before it meets another type (promote.c).

#endif
