// Rules one operation at a time, on data: run, refused, forward, transposed, batched.
//
// cmocka's assertions jump, so nothing is asserted inside a protected call: a body leaves what it
// found in its argument.
#ifndef TESTS_UNIT_RULE_RUNS_H
#define TESTS_UNIT_RULE_RUNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ir/rules.h"

static ir_module *module;

static int open_module(void **state) {
    (void)state;
    module = ir_module_new();
    module->verify = true;
    return 0;
}

static int close_module(void **state) {
    (void)state;
    ir_module_free(module);
    return 0;
}

#define NO_AXES ((ir_dims){0, NULL})
#define TYPE(dtype, ...) ir_type_get(module, dtype, IR_DIMS(__VA_ARGS__).n, IR_DIMS(__VA_ARGS__).at)

enum { MOST_OPERANDS = 3, MOST_BYTES = 1 << 14 };

typedef struct operation {
    ir_primitive primitive;
    const void *attributes;
    uint32_t n_in;
    const ir_type *types[MOST_OPERANDS];
} operation;

static const ir_function *function_of(const operation *o) {
    ir_builder *b = ir_builder_new(module, "f");
    ir_val in[MOST_OPERANDS];
    ir_set_source(b, "model.c", 42, NULL);
    for (uint32_t i = 0; i < o->n_in; i++) in[i] = ir_param(b, o->types[i]);
    ir_val out = ir_emit(b, o->primitive, in, o->n_in, o->attributes);
    return ir_finish(b, &out, 1);
}

// Runs the operation.
typedef struct evaluation {
    operation operation;
    const void *in[MOST_OPERANDS];
    const ir_type *type; // of the result
    _Alignas(16) char out[MOST_BYTES];
} evaluation;

static void evaluation_body(void *argument) {
    evaluation *e = argument;
    const ir_function *f = function_of(&e->operation);
    ir_array in[MOST_OPERANDS];
    for (uint32_t i = 0; i < e->operation.n_in; i++)
        in[i] = (ir_array){e->operation.types[i], (void *)e->in[i]};
    e->type = ir_result_type(f, 0);
    base_check(e->type->bytes <= MOST_BYTES);
    ir_interpret(f, in, &(ir_array){e->type, e->out});
}

static void expect_ok(void (*body)(void *), void *argument) {
    base_failure failure;
    if (base_protect(body, argument, &failure)) fail_msg("%s", failure.message);
}

static void evaluate_operation(evaluation *e) {
    expect_ok(evaluation_body, e);
}

// Checks status and message of an operation that is refused.
static void refused_body(void *argument) {
    function_of(argument);
}

static void expect_refused(operation o, cv_status status, const char *message) {
    base_failure failure = {0};
    assert_int_equal(base_protect(refused_body, &o, &failure), status);
    assert_string_equal(failure.message, message);
}

// Forward mode: f(operands, tangents of the active ones) -> tangent of the result.
typedef struct forward {
    operation operation;
    uint32_t active; // mask of operands
    const void *in[MOST_OPERANDS], *tangent[MOST_OPERANDS]; // if it is to be run
    bool run;
    // found:
    bool absent;      // no tangent came out
    bool is_tangent;  // it is the tangent that went in, unchanged
    uint32_t n_ops;
    const ir_type *type, *primal_type;
    _Alignas(16) char out[MOST_BYTES];
} forward;

static void forward_body(void *argument) {
    forward *w = argument;
    const ir_function *f = function_of(&w->operation);
    const ir_op *op = &f->ops[0];
    uint32_t n_in = op->n_in;
    ir_builder *b = ir_builder_new(module, "jvp");
    ir_val in[MOST_OPERANDS], tangent[MOST_OPERANDS], tangent_out = IR_NONE;
    ir_array arrays[2 * MOST_OPERANDS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_in; i++) {
        in[i] = ir_param(b, w->operation.types[i]);
        arrays[n++] = (ir_array){w->operation.types[i], (void *)w->in[i]};
    }
    for (uint32_t i = 0; i < n_in; i++) {
        bool active = w->active >> i & 1;
        tangent[i] = active ? ir_param(b, w->operation.types[i]) : IR_NONE;
        if (active) arrays[n++] = (ir_array){w->operation.types[i], (void *)w->tangent[i]};
    }
    ir_val out = ir_emit_like(b, f, op, in);
    w->primal_type = ir_type_of(b, out);
    ir_rules_of(op->primitive)->jvp(&(ir_jvp){b, f, op, in, tangent, &out, &tangent_out});
    w->absent = tangent_out == IR_NONE;
    if (w->absent) return;
    for (uint32_t i = 0; i < n_in; i++) w->is_tangent |= tangent_out == tangent[i];
    w->type = ir_type_of(b, tangent_out);
    const ir_function *made = ir_finish(b, &tangent_out, 1);
    w->n_ops = made->n_ops;
    if (w->run) ir_interpret(made, arrays, &(ir_array){w->type, w->out});
}

// Transposition by one operand: f(the other operands, cotangent) -> its cotangent.
typedef struct backward {
    operation operation;
    uint32_t wanted;
    const void *in[MOST_OPERANDS], *ct; // NULL: not to be run
    uint32_t n_ops;
    _Alignas(16) char out[MOST_BYTES];
} backward;

static void backward_body(void *argument) {
    backward *w = argument;
    const ir_function *f = function_of(&w->operation);
    const ir_op *op = &f->ops[0];
    ir_builder *b = ir_builder_new(module, "transpose");
    ir_val in[MOST_OPERANDS], accumulator[MOST_OPERANDS];
    bool linear[MOST_OPERANDS];
    ir_array arrays[MOST_OPERANDS + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i < op->n_in; i++) {
        linear[i] = i == w->wanted;
        accumulator[i] = in[i] = IR_NONE;
        if (linear[i]) continue;
        in[i] = ir_param(b, w->operation.types[i]);
        arrays[n++] = (ir_array){w->operation.types[i], (void *)w->in[i]};
    }
    ir_val ct = ir_param(b, ir_result_type(f, 0));
    arrays[n++] = (ir_array){ir_result_type(f, 0), (void *)w->ct};
    ir_rules_of(op->primitive)->transpose(&(ir_transposition){b, f, op, in, linear, &ct, accumulator});
    const ir_type *type = w->operation.types[w->wanted];
    base_check(ir_type_of(b, accumulator[w->wanted]) == type);
    base_check(type->bytes <= MOST_BYTES);
    const ir_function *made = ir_finish(b, &accumulator[w->wanted], 1);
    w->n_ops = made->n_ops;
    if (w->ct) ir_interpret(made, arrays, &(ir_array){type, w->out});
}

// Batching: f(operands, with a leading axis where batched) -> result with a leading axis.
typedef struct batching {
    operation operation; // of one example
    uint32_t batched;    // mask of operands
    int64_t size;
    const void *in[MOST_OPERANDS];
    const ir_type *type; // of the result of one example
    _Alignas(16) char out[MOST_BYTES];
} batching;

static void batching_body(void *argument) {
    batching *w = argument;
    const ir_function *f = function_of(&w->operation);
    const ir_op *op = &f->ops[0];
    ir_builder *b = ir_builder_new(module, "batch");
    ir_val in[MOST_OPERANDS], out = IR_NONE;
    bool batched[MOST_OPERANDS], out_batched = false;
    ir_array arrays[MOST_OPERANDS];
    for (uint32_t i = 0; i < op->n_in; i++) {
        batched[i] = w->batched >> i & 1;
        const ir_type *type = w->operation.types[i];
        if (batched[i]) type = ir_type_insert_axis(module, type, 0, w->size);
        in[i] = ir_param(b, type);
        arrays[i] = (ir_array){type, (void *)w->in[i]};
    }
    ir_batching c = {.b = b, .f = f, .op = op, .size = w->size, .in = in, .batched = batched, .out = &out,
                     .out_batched = &out_batched};
    ir_rules_of(op->primitive)->batch(&c);
    base_check(out_batched);
    w->type = ir_result_type(f, 0);
    const ir_type *type = ir_type_insert_axis(module, w->type, 0, w->size);
    base_check(ir_type_of(b, out) == type);
    base_check(type->bytes <= MOST_BYTES);
    ir_interpret(ir_finish(b, &out, 1), arrays, &(ir_array){type, w->out});
}

// What is equal as far as programs can tell: a NaN to a NaN, but -0 not to +0.
static bool same(double got, double want, double relative) {
    if (isnan(want)) return isnan(got);
    if (isinf(want) || want == 0) return got == want && signbit(got) == signbit(want);
    return fabs(got - want) <= relative * fabs(want);
}

static double element(const void *data, cv_dtype dtype, int64_t i) {
    union ir_scalar scalar;
    memcpy(&scalar, (const char *)data + (size_t)i * cv_dtype_size(dtype), cv_dtype_size(dtype));
    return ir_scalar_to_double(&scalar, dtype);
}

#endif
