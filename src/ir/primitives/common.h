// What the families of primitives share among themselves, beyond what rules.h declares for all.
#ifndef IR_PRIMITIVES_COMMON_H
#define IR_PRIMITIVES_COMMON_H

#include "ir/rules.h"

// Classes of dtypes as masks, for ir_rules.not_yet and for messages.
#define IR_BOOL_DTYPE (1u << CV_BOOL)
#define IR_INTEGER_DTYPES                                                                          \
    (1u << CV_S8 | 1u << CV_S16 | 1u << CV_S32 | 1u << CV_S64 | 1u << CV_U8 | 1u << CV_U16 |       \
     1u << CV_U32 | 1u << CV_U64)
#define IR_FLOAT_DTYPES (1u << CV_F16 | 1u << CV_BF16 | 1u << CV_F32 | 1u << CV_F64)
#define IR_COMPLEX_DTYPES (1u << CV_C64 | 1u << CV_C128)

// As ir_type_error, for what is correct but not supported: raises CV_UNSUPPORTED.
_Noreturn void ir_type_unsupported(const ir_typing *t, const char *format, ...) BASE_PRINTF(2, 3);

// As ir_check_axes, for the axes of the operand that is meant.
void ir_check_axes_of(const ir_typing *t, uint32_t operand, ir_dims axes);

// The type rule of what keeps the type of its only (or first) operand.
void ir_type_like_operand(ir_typing *t);

// Row-major strides, in elements.
void ir_strides(const ir_type *type, int64_t *strides);

// Pair rules: complex.c, complex_functions.c, complex_inverse.c, and of what multiplies in place
// gather_scatter.c.
#define IR_PAIR_RULES(row)                                                                         \
    row(parts) row(constant) row(iota) row(gather) row(scatter_mul) row(dot_general) row(convert)  \
    row(eq) row(ne) row(extreme) row(mul) row(div) row(pow) row(abs) row(sign) row(exp)            \
    row(expm1) row(log) row(log1p) row(tanh) row(logistic) row(sin) row(cos) row(sqrt) row(rsqrt)  \
    row(exp2) row(sinh) row(cosh) row(tan) row(asin) row(acos) row(atan) row(asinh) row(acosh)     \
    row(atanh)
#define IR_DECLARE_PAIR_RULE(name) ir_pair_rule ir_pair_##name;
IR_PAIR_RULES(IR_DECLARE_PAIR_RULE)
#undef IR_DECLARE_PAIR_RULE

// Evaluation rules under their primitives' names, for families that keep them in a file of their
// own beside that of the records.
#define PRIMITIVE(name, ...) ir_evaluate_rule ir_evaluate_##name;
#include "ir/primitives.def"
#undef PRIMITIVE

#endif
