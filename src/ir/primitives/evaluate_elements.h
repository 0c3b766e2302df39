// Evaluation of elementwise primitives: EVALUATE(name, rows) makes the rule of a primitive from rows of dtypes
// (evaluate.h), each with the expression of one element in x, y, z, of type T.
#ifndef IR_PRIMITIVES_EVALUATE_ELEMENTS_H
#define IR_PRIMITIVES_EVALUATE_ELEMENTS_H

#include "ir/primitives/evaluate.h"

// The loop over the elements for one dtype of the operands, with the result type R.
#define LOOP(code, element, R, load, ...)                                                          \
    case code: {                                                                                   \
        typedef element T;                                                                         \
        R *results = c->out[0].data;                                                               \
        for (int64_t i = 0; i < c->out[0].type->count; i++) {                                      \
            load;                                                                                  \
            results[i] = (R)(__VA_ARGS__);                                                         \
        }                                                                                          \
        return;                                                                                    \
    }
#define ELEMENT(operand) ((const T *)c->in[operand].data)[i]
#define X T x = ELEMENT(0)
#define XY T x = ELEMENT(0), y = ELEMENT(1)
#define XYZ T x = ELEMENT(0), y = ELEMENT(1), z = ELEMENT(2)
#define UNARY(code, element, ...) LOOP(code, element, element, X, __VA_ARGS__)
#define BINARY(code, element, ...) LOOP(code, element, element, XY, __VA_ARGS__)
#define TERNARY(code, element, ...) LOOP(code, element, element, XYZ, __VA_ARGS__)
#define COMPARE(code, element, ...) LOOP(code, element, uint8_t, XY, __VA_ARGS__)

#define EVALUATE(name, ...)                                                                        \
    void ir_evaluate_##name(ir_evaluation *c) {                                                    \
        switch (c->in[0].type->dtype) {                                                            \
            __VA_ARGS__                                                                            \
        default: ir_evaluate_unsupported(c, c->in[0].type->dtype);                                 \
        }                                                                                          \
    }

#endif
