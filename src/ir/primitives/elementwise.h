// What families of elementwise primitives share: one shape for all operands and for the result, and rules
// that follow from that.
#ifndef IR_PRIMITIVES_ELEMENTWISE_H
#define IR_PRIMITIVES_ELEMENTWISE_H

#include "ir/primitives/common.h"

// The operands have one type, which is that of the result.
ir_type_rule ir_type_elementwise;
// The same operation on operands that all have the batch axis.
ir_batch_rule ir_batch_elementwise;

// For functions of one operand: the tangent times what the function gives, the derivative at x, where the
// result is `out`.
typedef ir_val ir_slope(ir_builder *b, const ir_op *op, ir_val x, ir_val out);
static inline void ir_jvp_by_slope(ir_jvp *c, ir_slope *slope) {
    if (c->tangent[0] != IR_NONE)
        c->tangent_out[0] = ir_mul(c->b, c->tangent[0], slope(c->b, c->op, c->in[0], c->out[0]));
}

// The beginning of a record.
#define IR_ELEMENTWISE_RULES(name, ...)                                                            \
    const ir_rules ir_rules_##name = {                                                             \
        .batch = ir_batch_elementwise, .evaluate = ir_evaluate_##name, __VA_ARGS__};
#define IR_NOT_LINEAR "none, because it is not linear"
#define IR_STEP "none, because its derivative is zero"
#define IR_NO_COTANGENTS "none, because booleans and integers have no cotangents"

#endif
