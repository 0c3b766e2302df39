// In: a callback that an operation takes besides its operands: the comparator of a sort, the body of a
// reduction. Out: its program for given types, without captures.
//
// Such functions belong to operations that hold them and call them for elements: what they use has to come as
// their arguments, so a captured array is an error, and says how to mend it.

#include "trace/operation.h"
#include "trace/trace.h"

const ir_function *tr_closed_function(tr_op *op, cv_fn f, const char *role, const ir_type *const *in,
                                      uint32_t n_in, uint32_t n_out) {
    tr_work *w = (tr_work *)(void *)op; // every operation is run by tr_operate
    tr_node *node = tr_node_get(w->trace->context, f);
    char name[TR_NAME];
    tr_describe(node, name);
    if (node->n_in != n_in || node->n_out != n_out)
        ir_fail(op->b, CV_INVALID, "%s, %s, takes %u arguments and has %u results, not %u and %u", role, name,
                node->n_in, node->n_out, n_in, n_out);
    tr_argument *arguments = base_new_array(&op->b->arena, tr_argument, n_in + 1);
    for (uint32_t i = 0; i < n_in; i++) arguments[i] = (tr_argument){in[i], false};
    const tr_entry *e = tr_program(node, arguments, n_in, &w->site);
    for (uint32_t i = 0; i < n_out; i++)
        if (!e->out[i].type) ir_fail(op->b, CV_INVALID, "%s, %s, has cv_none for result %u", role, name, i);
    if (e->n_captures)
        ir_fail(op->b, CV_INVALID,
                "%s, %s, uses an array that is no argument of it; pass it as one more operand", role, name);
    return e->function;
}
