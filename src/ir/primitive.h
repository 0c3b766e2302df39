// The primitives: an enumeration and one table, both made from primitives.def.
#ifndef IR_PRIMITIVE_H
#define IR_PRIMITIVE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ir_primitive {
#define PRIMITIVE(name, ...) IR_##name,
#include "ir/primitives.def"
#undef PRIMITIVE
    IR_PRIMITIVE_COUNT
} ir_primitive;

enum ir_trait {
    IR_ELEMENTWISE = 1 << 0,  // operands and result have one shape; element i depends on elements i
    IR_COMMUTATIVE = 1 << 1,  // in its first two operands
    IR_MULTILINEAR = 1 << 2,  // linear in each operand of its linear mask alone; else in all of them together
    IR_CONTROL = 1 << 3,      // holds functions; its rules make primal results too
    IR_MOVEMENT = 1 << 4,     // every element of the result is an element of an operand
    IR_REDUCTION = 1 << 5,    // folds axes away
    IR_ZERO_DERIVATIVE = 1 << 6, // floating result whose derivative is zero: floor, stop_gradient
    IR_SCATTER = 1 << 7,      // writes windows of its third operand into its first
    IR_SEQUENCE = 1 << 8,     // goes along an axis step by step, element by element of the others
    IR_HOLDS = 1 << 9,        // holds functions, and is no control flow
    IR_OWN_WIDTH = 1 << 11,   // elementwise, and takes numbers of 16 bits for what they are
    IR_REAL_STEP = 1 << 10,   // as IR_ZERO_DERIVATIVE of real operands, but not of complex ones: sign
};

enum { IR_VARIADIC = -1 };

struct ir_layout;
struct ir_rules;

// A row of the table.
typedef struct ir_primitive_info {
    const char *name;
    int n_in;                       // or IR_VARIADIC
    const struct ir_layout *layout; // of its attributes
    uint32_t traits;
    uint32_t linear;                // bit i: linear in operand i (bit 31: all operands from 31 on too)
    uint32_t dtypes;                // bit d: the main operand may have dtype d
    const struct ir_rules *rules;   // rules.h
} ir_primitive_info;

extern const ir_primitive_info ir_primitives[IR_PRIMITIVE_COUNT];

// The elementwise operation by which a reduction, a cumulative operation or a scatter puts two values together
// (reduce_sum: add), or IR_PRIMITIVE_COUNT.
ir_primitive ir_combiner(ir_primitive p);
// True if combining a value with itself changes nothing.
static inline bool ir_is_idempotent(ir_primitive combiner) {
    return combiner == IR_max || combiner == IR_min || combiner == IR_and || combiner == IR_or;
}

// True if f16 and bf16 are widened to f32 for the operation, and its results rounded: one rounding for each
// elementwise operation, one for each element of a sum or a product. What moves elements does not compute
// with them; what updates memory in place rounds with each update.
static inline bool ir_computes_in_f32(ir_primitive p) {
    uint32_t as_they_are = IR_MOVEMENT | IR_CONTROL | IR_HOLDS | IR_SCATTER | IR_OWN_WIDTH;
    return ir_primitives[p].n_in && !(ir_primitives[p].traits & as_they_are);
}

#endif
