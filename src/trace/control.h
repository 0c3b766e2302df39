// What the files of control flow share: callbacks as bodies, and entry points over two lists.
//
// A region is a function value that takes part in an operation as a branch, a condition or a body.
// It is opened (its counts of arguments and results are checked), traced for the types that it
// meets, and then it is a program with parameters (arguments, captures). Loops want what a body
// captures in front; tr_constants_first rearranges it.
#ifndef TRACE_CONTROL_H
#define TRACE_CONTROL_H

#include "trace/promote.h"
#include "trace/trace.h"

typedef struct tr_region {
    cv_fn f;
    const char *role; // "the body", "cond", "branch 2", ...
    tr_node *node;
    const tr_entry *entry;
    char name[TR_NAME];
} tr_region;

// Raises if it takes or returns other counts.
void tr_region_open(tr_work *w, tr_region *r, int64_t n_in, int64_t n_out);
void tr_region_trace(tr_work *w, tr_region *r, const tr_argument *in, uint32_t n_in);
// What it captures as values of the trace around it.
ir_val *tr_region_captures(tr_work *w, const tr_region *r);

// Operands as arguments, the literals among them with their default dtypes; `raw` keeps them as they came.
tr_argument *tr_settle_operands(tr_work *w, ir_val *raw);
const ir_type *tr_settled_type(const tr_work *w, uint32_t i); // of operand i, for messages
ir_val *tr_new_values(tr_work *w, uint32_t n);

// The least dtype of two in which a weak one gives way.
cv_dtype tr_joined(const tr_work *w, tr_argument a, tr_argument b);
static inline bool tr_same_shape(const ir_type *a, const ir_type *b) {
    return ir_dims_equal(ir_shape(a), ir_shape(b));
}

// The program of a body with its captures first, and its first results with the dtypes of `carry`.
const ir_function *tr_constants_first(tr_work *w, const tr_entry *e, const tr_argument *carry,
                                      uint32_t n_carry);

// A scan of a body with captures first, at `in`: (captures, carries, xs) to out: (carries, ys). `unroll`
// steps at a time are written out one after the other; what is left over comes last.
void tr_emit_scan(tr_work *w, const ir_scan_attributes *a, int64_t unroll, const ir_val *in, uint32_t n_in,
                  ir_val *out);
// An axis as the user gave it, which may count from the end.
int64_t tr_axis_of(tr_work *w, int64_t axis, const ir_type *type, const char *what);

// Movement: x[from .. to) by a stride along an axis; an axis cut in two, and two made one.
ir_val tr_part(ir_builder *b, ir_val x, int64_t axis, int64_t from, int64_t to, int64_t by);
ir_val tr_split_axis(ir_builder *b, ir_val x, int64_t axis, int64_t outer, int64_t inner);
ir_val tr_join_axes(ir_builder *b, ir_val x, int64_t axis);

// Entry points

static inline bool tr_is_poison_fn(cv_fn f) { return !f.slot && f.generation == 1; }
cv_status tr_poison_all(cv_val *out, int64_t n);
// Fails with this message.
cv_status tr_refused(tr_site site, const char *why, cv_val *out, int64_t n);
extern const char tr_negative_count[];
// Memory for so many handles, to be given to base_free.
cv_status tr_room(tr_site site, int64_t n, cv_val **at);
// The operation on two lists of operands, one after the other. `out` may overlap them.
cv_status tr_operate_on(tr_site site, tr_build *build, const void *options, cv_vals first, cv_vals second,
                        cv_val *out, uint32_t n_out, tr_operate_options how);

#endif
