// The verifier finds every rule of program.h that is broken: a right function is copied, one thing
// in the copy is spoilt, and the message must name the function, the operation and the thing.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ir/builder.h"

static ir_module *module, *other_module;
static base_arena arena;

static int set_up(void **state) {
    (void)state;
    module = ir_module_new();
    other_module = ir_module_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    base_arena_free(&arena);
    ir_module_free(module);
    ir_module_free(other_module);
    return 0;
}

static const char right[] =
    "func @held(%a: f32[]) -> (f32[]) {\n"
    "  %b = sin %a : f32[]\n"
    "  return %b\n"
    "}\n"
    "func @main(%x: f32[2,3], %i: s32[], %y: f32[]) -> (f32[3,2], f32[], s32[2]) {\n"
    "  %t = transpose %x {permutation=[1,0]} : f32[3,2]\n"     // operation 0, value 3
    "  %u = add %t, %t : f32[3,2]\n"                           // 1, 4
    "  %c = cond %i, %y {branches=[@held, @held]} : f32[]\n"   // 2, 5
    "  %d = call %c {function=@held} : f32[]\n"                // 3, 6
    "  %k = constant {value=[1, 2]} : s32[2]\n"                // 4, 7
    "  return %u, %d, %k\n"
    "}\n";

// A copy that may be written to; held functions are shared. It lives in the test's arena.
static ir_function *copy_of(const ir_function *f) {
    ir_function *copy = base_arena_copy(&arena, f, sizeof *f);
    uint32_t n_operands = 0;
    for (uint32_t i = 0; i < f->n_ops; i++) n_operands += f->ops[i].n_in;
    copy->types = base_arena_copy(&arena, f->types, f->n_values * sizeof *f->types);
    copy->def = base_arena_copy(&arena, f->def, f->n_values * sizeof *f->def);
    copy->ops = base_arena_copy(&arena, f->ops, f->n_ops * sizeof *f->ops);
    copy->operands = base_arena_copy(&arena, f->operands, n_operands * sizeof *f->operands);
    copy->results = base_arena_copy(&arena, f->results, f->n_results * sizeof *f->results);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_layout *layout = ir_primitives[f->ops[i].primitive].layout;
        if (layout->size) copy->ops[i].attributes = ir_attributes_copy(&arena, layout, f->ops[i].attributes);
    }
    atomic_store(&copy->verified, false);
    return copy;
}

// Of an operation of the copy, to write to.
static void *attributes(ir_function *f, uint32_t op) {
    return (void *)(uintptr_t)f->ops[op].attributes;
}

static ir_dims *permutation(ir_function *f) {
    return &((ir_transpose_attributes *)attributes(f, 0))->permutation;
}

static void spoil_nothing(ir_function *f) { (void)f; }
static void spoil_parameter_definition(ir_function *f) { f->def[1] = 0; }
static void spoil_parameter_count(ir_function *f) { f->n_params = 9; }
static void spoil_parameter_type(ir_function *f) { f->types[1] = ir_type_scalar(other_module, CV_S32); }
static void spoil_parameter_no_type(ir_function *f) { f->types[1] = NULL; }
static void spoil_primitive(ir_function *f) { f->ops[1].primitive = (ir_primitive)999; }
static void spoil_arity(ir_function *f) { f->ops[1].n_in = 1; }
static void spoil_operand_start(ir_function *f) { f->ops[1].in = 0; }
static void spoil_result_start(ir_function *f) { f->ops[1].out = 5; }
static void spoil_result_count(ir_function *f) { f->ops[4].n_out = 2; }
static void spoil_result_count_within(ir_function *f) { f->ops[1].n_out = 2; }
static void spoil_order(ir_function *f) { f->operands[f->ops[1].in + 1] = 6; }
static void spoil_own_result(ir_function *f) { f->operands[f->ops[1].in] = 4; }
static void spoil_absent_operand(ir_function *f) { f->operands[f->ops[1].in] = IR_NONE; }
static void spoil_definition(ir_function *f) { f->def[5] = 1; }
static void spoil_value_count(ir_function *f) { f->n_values = 9; }
static void spoil_result(ir_function *f) { f->results[2] = 8; }
static void spoil_missing_attributes(ir_function *f) { f->ops[0].attributes = NULL; }
static void spoil_needless_attributes(ir_function *f) { f->ops[1].attributes = f->ops[0].attributes; }
static void spoil_held(ir_function *f) { ((ir_call_attributes *)attributes(f, 3))->function = NULL; }
static void spoil_dims(ir_function *f) { permutation(f)->at = NULL; }
static void spoil_length(ir_function *f) { permutation(f)->n = -1; }
static void spoil_literal(ir_function *f) { ((ir_constant_attributes *)attributes(f, 4))->value.data = NULL; }
static void spoil_no_type(ir_function *f) { f->types[4] = NULL; }
static void spoil_type(ir_function *f) { f->types[4] = f->types[0]; }
static void spoil_operand_type(ir_function *f) { f->operands[f->ops[1].in] = 0; }
static void spoil_no_name(ir_function *f) { f->name = NULL; }

static void spoil_branches(ir_function *f) {
    ir_cond_attributes *a = attributes(f, 2);
    a->branches.at = (const ir_function *const[]){a->branches.at[0], NULL};
    a->branches.at = base_arena_copy(&arena, a->branches.at, 2 * sizeof *a->branches.at);
}

static void spoil_no_branches(ir_function *f) {
    ((ir_cond_attributes *)attributes(f, 2))->branches.n = 0;
}

static void spoil_module(ir_function *f) {
    ir_call_attributes *a = attributes(f, 3);
    ir_function *held = copy_of(a->function);
    held->module = other_module;
    a->function = held;
}

// The fault is two functions down.
static void spoil_below(ir_function *f) {
    ir_call_attributes *a = attributes(f, 3);
    ir_function *held = copy_of(a->function);
    held->results[0] = 7;
    a->function = held;
}

static const struct {
    const char *name;
    void (*spoil)(ir_function *);
    const char *message; // NULL: nothing is wrong
} cases[] = {
    {"nothing", spoil_nothing, NULL},
    {"parameter definition", spoil_parameter_definition,
     "@main: parameter %1 is said to be made by operation 0"},
    {"parameter count", spoil_parameter_count, "@main: 9 parameters among 8 values"},
    {"parameter type", spoil_parameter_type, "@main: the type of parameter %1 is not one of the module"},
    {"parameter without type", spoil_parameter_no_type, "@main: parameter %1 has no type"},
    {"primitive", spoil_primitive, "operation 1, ?: there is no primitive 999"},
    {"arity", spoil_arity, "operation 1, add: 1 operands instead of 2"},
    {"operand start", spoil_operand_start, "operation 1, add: its operands begin at 0 instead of 1"},
    {"result start", spoil_result_start, "operation 1, add: its results begin at %5 instead of %4"},
    {"result count", spoil_result_count, "operation 4, constant: its results pass the 8 values"},
    {"result count within", spoil_result_count_within, "operation 1, add: the definition of %5"},
    {"order", spoil_order, "operation 1, add: operand 1, %6, is not made before it"},
    {"own result", spoil_own_result, "operation 1, add: operand 0, %4, is not made before it"},
    {"absent operand", spoil_absent_operand, "operation 1, add: operand 0, %4294967295, is not made"},
    {"definition", spoil_definition, "operation 2, cond: the definition of %5 is said to be operation 1"},
    {"value count", spoil_value_count, "@main: 8 values are made, 9 are counted"},
    {"result", spoil_result, "@main: result 2, %8, is no value"},
    {"missing attributes", spoil_missing_attributes, "operation 0, transpose: the attributes are missing"},
    {"needless attributes", spoil_needless_attributes, "operation 1, add: there are attributes"},
    {"held function", spoil_held, "operation 3, call: attribute function holds no function"},
    {"branches", spoil_branches, "operation 2, cond: attribute branches holds no function"},
    {"no branches", spoil_no_branches, "operation 2, cond: its type rule refuses it"},
    {"module", spoil_module, "operation 3, call: attribute function holds a function of another module"},
    {"dims", spoil_dims, "operation 0, transpose: attribute permutation has no numbers"},
    {"length", spoil_length, "operation 0, transpose: attribute permutation has a negative length"},
    {"literal", spoil_literal, "operation 4, constant: attribute value is incomplete"},
    {"no type", spoil_no_type, "@main: %4 has no type"},
    {"type", spoil_type, "operation 1, add: result 0 has the type f32[2,3], by its type rule f32[3,2]"},
    {"operand type", spoil_operand_type, "operation 1, add: its type rule refuses it: "},
    {"name", spoil_no_name, "@?: the function has no name"},
    {"below", spoil_below, "@held: result 0, %7, is no value"},
};

static void verify(void *argument) {
    ir_verify(argument);
}

static void check_cases(void *argument) {
    (void)argument;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ir_function *f = copy_of(ir_parse(module, "text", right));
        cases[i].spoil(f);
        base_failure failure;
        cv_status status = base_protect(verify, f, &failure);
        if (status != (cases[i].message ? CV_INTERNAL : CV_OK))
            fail_msg("%s: status %d: %s", cases[i].name, status, status ? failure.message : "");
        if (cases[i].message && !strstr(failure.message, cases[i].message))
            fail_msg("%s: '%s'", cases[i].name, failure.message);
        assert_int_equal(atomic_load(&f->verified), !cases[i].message);
    }
}

static void test_every_rule_is_checked(void **state) {
    (void)state;
    base_failure failure;
    if (base_protect(check_cases, NULL, &failure)) fail_msg("%s", failure.message);
}

// Each calls the one below twice: a walk along paths would not end.
static const ir_function *tower(int levels) {
    const ir_type *scalar = ir_type_scalar(module, CV_F32);
    const ir_function *f = NULL;
    for (int i = 0; i <= levels; i++) {
        ir_builder *b = ir_builder_new(module, "level");
        ir_val x = ir_param(b, scalar);
        for (int k = 0; k < 2; k++)
            x = f ? ir_emit(b, IR_call, &x, 1, &(ir_call_attributes){f}) : ir_sin(b, x);
        f = ir_finish(b, &x, 1);
    }
    return f;
}

static void check_tower(void *argument) {
    (void)argument;
    const ir_function *f = tower(20000);
    assert_false(atomic_load(&f->verified));
    ir_verify(f);
    while (f->ops[0].primitive == IR_call) {
        assert_true(atomic_load(&f->verified));
        f = ((const ir_call_attributes *)f->ops[0].attributes)->function;
    }
}

static void test_held_functions_are_verified_once_each(void **state) {
    (void)state;
    base_failure failure;
    if (base_protect(check_tower, NULL, &failure)) fail_msg("%s", failure.message);
}

static void check_marks(void *argument) {
    (void)argument;
    ir_function *f = copy_of(ir_parse(module, "text", right));
    ir_verify(f);
    base_fail_allocation(0); // counts from here
    ir_verify(f);
    assert_int_equal(base_fail_allocation(0), 0); // nothing is looked at again
}

static void test_what_was_verified_is_remembered(void **state) {
    (void)state;
    base_failure failure;
    if (base_protect(check_marks, NULL, &failure)) fail_msg("%s", failure.message);
}

static void check_many(void *argument) {
    (void)argument;
    ir_builder *b = ir_builder_new(module, "chain");
    ir_val x = ir_param(b, ir_type_scalar(module, CV_F32));
    for (int i = 0; i < 200000; i++) x = ir_sin(b, x);
    ir_verify(ir_finish(b, &x, 1));
}

static void test_a_program_of_many_operations_is_verified(void **state) {
    (void)state;
    base_failure failure;
    if (base_protect(check_many, NULL, &failure)) fail_msg("%s", failure.message);
}

static void check_finish(void *argument) {
    (void)argument;
    module->verify = true;
    assert_true(atomic_load(&ir_parse(module, "text", right)->verified));
    module->verify = false;
    assert_false(atomic_load(&ir_parse(module, "text", right)->verified));
}

static void test_finishing_verifies_when_asked(void **state) {
    (void)state;
    base_failure failure;
    if (base_protect(check_finish, NULL, &failure)) fail_msg("%s", failure.message);
}

static void check_memory(void *argument) {
    (void)argument;
    ir_function *f = copy_of(ir_parse(module, "text", right));
    base_failure failure;
    cv_status status = CV_OUT_OF_MEMORY;
    uint64_t number = 0;
    while (status == CV_OUT_OF_MEMORY) {
        assert_false(atomic_load(&f->verified));
        base_fail_allocation(++number);
        status = base_protect(verify, f, &failure);
        base_fail_allocation(0);
    }
    assert_int_equal(status, CV_OK);
    assert_true(number > 1);
}

static void test_any_allocation_may_fail(void **state) {
    (void)state;
    base_failure failure;
    if (base_protect(check_memory, NULL, &failure)) fail_msg("%s", failure.message);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_rule_is_checked),
        CASE(held_functions_are_verified_once_each),
        CASE(what_was_verified_is_remembered),
        CASE(a_program_of_many_operations_is_verified),
        CASE(finishing_verifies_when_asked),
        CASE(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
