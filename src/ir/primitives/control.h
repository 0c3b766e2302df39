// Rules of control flow that rewrite the functions it holds: they stand in src/transforms/control_*.c.
#ifndef IR_PRIMITIVES_CONTROL_H
#define IR_PRIMITIVES_CONTROL_H

#include "ir/rules.h"

ir_jvp_rule ir_call_jvp, ir_cond_jvp, ir_while_jvp, ir_scan_jvp;
ir_jvp_rule ir_call_linearize, ir_cond_linearize, ir_while_linearize, ir_scan_linearize;
ir_transpose_rule ir_call_transpose, ir_cond_transpose, ir_scan_transpose;
ir_batch_rule ir_call_batch, ir_cond_batch, ir_while_batch, ir_scan_batch;

// `reduce`, which is no control flow but holds a body too; its jvp linearizes as well.
ir_jvp_rule ir_reduce_jvp;
ir_batch_rule ir_reduce_batch;

#endif
