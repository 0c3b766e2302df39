// Work on a function and on all that it holds, what is held first.
#ifndef TRANSFORMS_BOTTOM_UP_H
#define TRANSFORMS_BOTTOM_UP_H

#include "ir/builder.h"

// Calls visit(g) once for every function g that f calls or holds, however deep, and last for f;
// leaves out what done(g) holds for, and what only that holds. When visit(g) runs, everything that
// g holds has been visited or was done, so a visit finds its memos and need not recur.
// Each visit is a protected call of its own: what it builds and does not keep is freed at its end.
void xf_bottom_up(const ir_function *f, bool (*done)(const ir_function *),
                  void (*visit)(const ir_function *));

// Whether an operation holds a function g whose replacement(g) is another.
bool xf_held_changes(const ir_op *op, const ir_function *(*replacement)(const ir_function *g));

// The attributes of an operation with every function g that they hold replaced by replacement(g); the
// attributes themselves if nothing changes.
const void *xf_with_held(base_arena *arena, const ir_op *op,
                         const ir_function *(*replacement)(const ir_function *g));

// f with the same parameters, each operation emitted by the rule: it gets the operands in the new function and sets
// out[] for each result.
typedef void xf_emit_rule(ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in, ir_val *out);
const ir_function *xf_rewrite(const ir_function *f, xf_emit_rule *emit);
// What such a rule does with an operation that stays: only what it holds is replaced.
void xf_emit_same(ir_builder *b, const ir_op *op, const ir_val *in, ir_val *out,
                  const ir_function *(*replacement)(const ir_function *g));

#endif
