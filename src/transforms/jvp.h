// The sweep that forward mode and linearization share.
#ifndef TRANSFORMS_JVP_H
#define TRANSFORMS_JVP_H

#include "transforms/activity.h"

// Emits the operations of f with their tangents. value[] and tangent[] are filled in for the
// parameters of f and have room for all its values; tangents are IR_NONE where absent. If the
// builder has a linear program, tangents are values of it and control flow is linearized.
void xf_forward_sweep(ir_builder *b, const ir_function *f, ir_val *value, ir_val *tangent);

#endif
