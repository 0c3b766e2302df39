// The rules of a primitive: the signatures that its family file implements.
//
// Rules build with the same builder that tracing uses, so their results can be transformed again.
// A rule that a primitive does not have is NULL and carries a reason ("none, because ...").
// Helpers that several families use are declared at the end and live in primitives/common.c.
#ifndef IR_RULES_H
#define IR_RULES_H

#include "ir/builder.h"

// Type rule: operand types and attributes in, result types out. Raises by ir_type_error.
typedef struct ir_typing {
    ir_module *module;
    ir_primitive primitive;
    const ir_type *const *in;
    uint32_t n_in;
    const void *attributes;
    const ir_type **out; // room for one; ir_typing_results makes room for more
    uint32_t n_out;      // 1 when the rule is called
    ir_place place;      // of the user's call, and its operation or NULL: for messages
    const char *operation;
    base_arena *arena;   // for the list of results
} ir_typing;
typedef void ir_type_rule(ir_typing *t);
const ir_type **ir_typing_results(ir_typing *t, uint32_t n); // sets n_out and returns room for n
_Noreturn void ir_type_error(const ir_typing *t, const char *format, ...) BASE_PRINTF(2, 3);

// Forward mode. `in` are the primal operands in the new function, `tangent` their tangents or
// IR_NONE (absent: zero). The driver has emitted the operation: `out` are its primal results.
// The rule sets tangent_out[i], which is IR_NONE when it is called. Tangents have the type of their
// primal. Each operation that the rule emits with a tangent operand must be linear in its tangent
// operands (a linearization puts those into another function).
// Control primitives make the primal results too (`out` is not set when their rule is called).
typedef struct ir_jvp {
    ir_builder *b;
    const ir_function *f;
    const ir_op *op;
    const ir_val *in, *tangent;
    ir_val *out, *tangent_out;
} ir_jvp;
typedef void ir_jvp_rule(ir_jvp *c);

// Transposition. linear[i] tells whether operand i is a linear value (else `in[i]` is its value in
// the new function). `ct[o]` is the cotangent of result o or IR_NONE; at least one is present.
// For every linear operand the rule adds its contribution to accumulator[i] (IR_NONE: zero so far),
// by ir_accumulate, or by writing into a part of the accumulator.
typedef struct ir_transposition {
    ir_builder *b;
    const ir_function *f;
    const ir_op *op;
    const ir_val *in;
    const bool *linear;
    const ir_val *ct;
    ir_val *accumulator;
} ir_transposition;
typedef void ir_transpose_rule(ir_transposition *c);
ir_val ir_accumulate(ir_builder *b, ir_val accumulator, ir_val contribution); // either may be IR_NONE
// The type of operand i, which has no value in the new function when it is linear.
static inline const ir_type *ir_operand_type(const ir_function *f, const ir_op *op, uint32_t i) {
    return f->types[ir_in(f, op)[i]];
}

// Batching. batched[i]: operand i has an extra leading axis of this size; at least one has. The
// rule emits the operation for all of them at once, sets out and out_batched (false when called).
// The batch axis is always axis 0: the ends of vmap move it, and simplification removes the moves.
typedef struct ir_batching {
    ir_builder *b;
    const ir_function *f;
    const ir_op *op;
    int64_t size;
    const char *axis_name; // or NULL
    const ir_val *in;
    const bool *batched;
    ir_val *out;
    bool *out_batched;
} ir_batching;
typedef void ir_batch_rule(ir_batching *c);
// Operand i with the batch axis, broadcast if it has none.
ir_val ir_with_batch_axis(const ir_batching *c, uint32_t i);

// Evaluation by the interpreter: operands in, results into memory that is there already.
typedef struct ir_evaluation {
    const ir_function *f;
    const ir_op *op;
    const ir_array *in;
    ir_array *out;
    struct ir_interpreter *interpreter; // runs what control flow holds (interpret.h)
} ir_evaluation;
typedef void ir_evaluate_rule(ir_evaluation *c);
// half.c: evaluates by the rule of the primitive, which need not know f16 and bf16: see ir_computes_in_f32.
void ir_evaluate(ir_primitive p, const ir_evaluation *c);

// Expansion, for a primitive that no target has instructions for: the same in terms of others, which may
// have expansions themselves. The rule sets out[] to values of the types of the results.
typedef struct ir_expansion {
    ir_builder *b;
    const ir_function *f;
    const ir_op *op;
    const ir_val *in;
    ir_val *out;
} ir_expansion;
typedef void ir_expand_rule(ir_expansion *c);

// The operation on complex values as one on their parts, for targets, which have none but real numbers.
// Operand i is in[i] + i imag[i], or in[i] alone where it is not complex (imag[i] is IR_NONE); so are
// the results.
typedef struct ir_pairing {
    ir_builder *b;
    const ir_function *f;
    const ir_op *op;
    const ir_val *in, *imag;
    ir_val *out, *out_imag;
} ir_pairing;
typedef void ir_pair_rule(ir_pairing *c);
void ir_pair_parts(ir_pairing *c); // complex.c: the operation on each part by itself

// Linearization of control flow: like jvp, with `tangent` and `tangent_out` values of the linear
// program and everything else of the primal one.
typedef struct ir_rules {
    ir_type_rule *type;
    ir_jvp_rule *jvp;
    const char *no_jvp; // why there is no rule
    ir_transpose_rule *transpose;
    const char *no_transpose;
    ir_batch_rule *batch;
    const char *no_batch;
    ir_evaluate_rule *evaluate;
    ir_jvp_rule *linearize; // control flow only
    ir_expand_rule *expand; // NULL: targets know it
    ir_pair_rule *pair;     // NULL: the operation on each part, if that is right by its traits
    uint32_t not_yet;       // dtypes of the row that the rules do not take yet
    int64_t cost;           // of one element in simple operations, if elementwise; 0: 1
} ir_rules;

#define PRIMITIVE(name, ...) extern const ir_rules ir_rules_##name;
#include "ir/primitives.def"
#undef PRIMITIVE

static inline const ir_rules *ir_rules_of(ir_primitive p) { return ir_primitives[p].rules; }
static inline int64_t ir_cost_of(ir_primitive p) { return ir_rules_of(p)->cost ? ir_rules_of(p)->cost : 1; }
// Whether a result of a primitive has no tangent although its dtype could.
static inline bool ir_has_zero_derivative(ir_primitive p, cv_dtype dtype) {
    uint32_t traits = ir_primitives[p].traits;
    return traits & IR_ZERO_DERIVATIVE || (traits & IR_REAL_STEP && !ir_is_complex(dtype));
}
static inline bool ir_is_linear_in(ir_primitive p, uint32_t operand) {
    return ir_primitives[p].linear >> (operand < 31 ? operand : 31) & 1;
}

// common.c: checks that the main operand has a dtype of the row, with the message that names it.
void ir_check_dtype(const ir_typing *t, uint32_t operand);
void ir_check_axis(const ir_typing *t, int64_t axis, int64_t rank);
// Axes in range and without repeats.
void ir_check_axes(const ir_typing *t, ir_dims axes, int64_t rank);

// A jvp rule for what is linear in its differentiable operands: the operation applied to the
// tangents, zeros where one is absent.
void ir_jvp_linear(ir_jvp *c);
// For what has no derivative although its result is floating: all tangents stay absent.
void ir_jvp_zero(ir_jvp *c);

#endif
