// The table itself.

#include "ir/primitive.h"

#include "ir/rules.h"

#define B (1u << CV_BOOL)
#define I (1u << CV_S8 | 1u << CV_S16 | 1u << CV_S32 | 1u << CV_S64 | 1u << CV_U8 | 1u << CV_U16 | 1u << CV_U32 | 1u << CV_U64)
#define F (1u << CV_F16 | 1u << CV_BF16 | 1u << CV_F32 | 1u << CV_F64)
#define P (1u << CV_F32 | 1u << CV_F64)
#define C (1u << CV_C64 | 1u << CV_C128)
#define A (B | I | F | C)

const ir_primitive_info ir_primitives[IR_PRIMITIVE_COUNT] = {
#define PRIMITIVE(name, n_in, layout, traits, linear, dtypes)                                      \
    [IR_##name] = {#name, n_in, &ir_layout_##layout, traits, linear, dtypes, &ir_rules_##name},
#include "ir/primitives.def"
};

ir_primitive ir_combiner(ir_primitive p) {
    switch (p) {
    case IR_reduce_sum: case IR_cumsum: case IR_scatter_add: return IR_add;
    case IR_reduce_prod: case IR_cumprod: case IR_scatter_mul: return IR_mul;
    case IR_reduce_and: return IR_and;
    case IR_reduce_or: return IR_or;
    case IR_reduce_xor: return IR_xor;
    case IR_reduce_max: case IR_argmax: case IR_cummax: case IR_scatter_max: return IR_max;
    case IR_reduce_min: case IR_argmin: case IR_cummin: case IR_scatter_min: return IR_min;
    default: return IR_PRIMITIVE_COUNT;
    }
}
