// The builder: numbering, dead code, pruning, inlining, linear routing, failures, long programs.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ir/builder.h"

static ir_module *module;
static const ir_type *scalar, *vector;

static int set_up(void **state) {
    (void)state;
    module = ir_module_new();
    module->verify = true;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ir_module_free(module);
    return 0;
}

static void prepare(void) {
    scalar = ir_type_scalar(module, CV_F32);
    vector = ir_type_get(module, CV_F32, 1, (int64_t[]){3});
}

// Runs a body that may raise; a test fails with the message of what it raised.
static void run(void (*body)(void *)) {
    base_failure failure;
    if (base_protect(body, NULL, &failure)) fail_msg("%s", failure.message);
}

#define TEST(name)                                \
    static void body_##name(void *argument);      \
    static void test_##name(void **state) {       \
        (void)state;                              \
        run(body_##name);                         \
    }                                             \
    static void body_##name(void *argument)
#define UNUSED (void)argument, prepare()

static void assert_text(const ir_function *f, const char *expected) {
    base_arena arena = {0};
    base_text text = {.arena = &arena};
    ir_print(&text, f);
    assert_string_equal(base_text_get(&text), expected);
    base_arena_free(&arena);
}

TEST(finish_numbers_depth_first_from_the_results) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, scalar), y = ir_param(b, scalar);
    ir_val right = ir_cos(b, y), left = ir_sin(b, x);
    ir_val sum = ir_add(b, left, right);
    assert_text(ir_finish(b, (ir_val[]){sum, right}, 2), "func @f(%0: f32[], %1: f32[]) -> (f32[], f32[]) {\n"
                                                         "  %2 = sin %0 : f32[]\n"
                                                         "  %3 = cos %1 : f32[]\n"
                                                         "  %4 = add %2, %3 : f32[]\n"
                                                         "  return %4, %3\n"
                                                         "}\n");
}

TEST(order_of_emission_does_not_matter) {
    UNUSED;
    const ir_function *f[2];
    for (int swapped = 0; swapped < 2; swapped++) {
        ir_builder *b = ir_builder_new(module, "f");
        ir_val x = ir_param(b, scalar), s, c;
        if (swapped) c = ir_cos(b, x), s = ir_sin(b, x);
        else s = ir_sin(b, x), c = ir_cos(b, x);
        ir_val r = ir_sub(b, s, c);
        f[swapped] = ir_finish(b, &r, 1);
    }
    assert_ptr_not_equal(f[0], f[1]);
    assert_true(ir_equal(f[0], f[1]));
}

TEST(finish_drops_what_no_result_needs) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, scalar), unused = ir_param(b, vector);
    ir_val r = ir_sin(b, x);
    ir_exp(b, ir_neg(b, r));
    ir_cos(b, unused);
    const ir_function *f = ir_finish(b, &r, 1);
    assert_int_equal(f->n_ops, 1);
    assert_int_equal(f->n_params, 2);
    assert_int_equal(f->n_values, 3);
    assert_ptr_equal(ir_param_type(f, 1), vector);
    assert_int_equal(f->def[0], IR_NONE);
    assert_int_equal(f->def[2], 0);
}

TEST(parameters_may_come_late_and_keep_their_order) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, scalar);
    ir_val s = ir_sin(b, x);
    ir_val y = ir_param(b, scalar);
    ir_val r = ir_add(b, y, s);
    assert_text(ir_finish(b, &r, 1), "func @f(%0: f32[], %1: f32[]) -> (f32[]) {\n"
                                     "  %2 = sin %0 : f32[]\n"
                                     "  %3 = add %1, %2 : f32[]\n"
                                     "  return %3\n"
                                     "}\n");
}

TEST(pruning_drops_unused_parameters_from_the_first_on) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x[4];
    for (int i = 0; i < 4; i++) x[i] = ir_param(b, i == 3 ? vector : scalar);
    ir_sin(b, x[2]); // dead, so no use
    bool kept[3];
    const ir_function *f = ir_finish_pruned(b, &x[3], 1, 1, kept);
    assert_false(kept[0]);
    assert_false(kept[1]);
    assert_true(kept[2]);
    assert_int_equal(f->n_params, 2);
    assert_ptr_equal(ir_param_type(f, 0), scalar);
    assert_ptr_equal(ir_param_type(f, 1), vector);
    assert_int_equal(f->results[0], 1);
}

static const ir_function *sine_and_cosine(void) {
    ir_builder *b = ir_builder_new(module, "both");
    ir_val x = ir_param(b, scalar);
    ir_val s = ir_sin(b, x), c = ir_cos(b, x);
    return ir_finish(b, (ir_val[]){s, c}, 2);
}

TEST(operations_may_have_several_results) {
    UNUSED;
    const ir_function *both = sine_and_cosine();
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, scalar);
    ir_val first = ir_emit(b, IR_call, &x, 1, &(ir_call_attributes){both});
    assert_ptr_equal(ir_def_of(b, first), ir_def_of(b, first + 1));
    assert_null(ir_def_of(b, x));
    ir_val second = first + 1;
    const ir_function *f = ir_finish(b, &second, 1);
    assert_int_equal(f->n_values, 3);
    assert_int_equal(f->ops[0].n_out, 2);
    assert_int_equal(f->results[0], 2);
    assert_int_equal(f->def[1], 0);
    assert_int_equal(f->def[2], 0);
}

TEST(inlining_applies_a_function_to_values) {
    UNUSED;
    const ir_function *both = sine_and_cosine();
    ir_builder *b = ir_builder_new(module, "f");
    ir_set_source(b, "user.c", 7, "cv_something");
    ir_val x = ir_param(b, scalar), y = ir_exp(b, x), out[2];
    ir_inline(b, both, &y, out);
    assert_string_equal(b->place.file, "user.c");
    assert_string_equal(b->operation, "cv_something");
    ir_val r = ir_mul(b, out[1], out[0]);
    assert_text(ir_finish(b, &r, 1), "func @f(%0: f32[]) -> (f32[]) {\n"
                                     "  %1 = exp %0 : f32[]\n"
                                     "  %2 = cos %1 : f32[]\n"
                                     "  %3 = sin %1 : f32[]\n"
                                     "  %4 = mul %2, %3 : f32[]\n"
                                     "  return %4\n"
                                     "}\n");
}

static const ir_function *escaped;

static void make_caller(void *argument) {
    (void)argument;
    const ir_function *both = sine_and_cosine();
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, scalar);
    ir_val r = ir_emit(b, IR_call, &x, 1, &(ir_call_attributes){both});
    escaped = ir_retain(ir_finish(b, &r, 1));
}

TEST(functions_hold_the_functions_that_they_call) {
    UNUSED;
    run(make_caller); // the callee's own reference goes with this protected call
    const ir_call_attributes *call = escaped->ops[0].attributes;
    assert_int_equal(call->function->n_ops, 2);
    assert_string_equal(call->function->name, "both");
    ir_release(escaped);
}

TEST(attributes_are_copied) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, vector);
    int64_t shape[2] = {3, 1};
    ir_val r = ir_reshape(b, x, (ir_dims){2, shape});
    shape[0] = 99;
    const ir_function *f = ir_finish(b, &r, 1);
    const ir_reshape_attributes *a = f->ops[0].attributes;
    assert_int_equal(a->shape.at[0], 3);
}

TEST(shorthands_leave_out_what_changes_nothing) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, vector);
    assert_int_equal(ir_convert(b, x, CV_F32), x);
    assert_int_equal(ir_reshape(b, x, IR_DIMS(3)), x);
    assert_int_equal(ir_transpose(b, x, IR_DIMS(0)), x);
    assert_int_equal(ir_broadcast_in_dim(b, x, IR_DIMS(3), IR_DIMS(0)), x);
    assert_int_equal(ir_slice(b, x, IR_DIMS(0), IR_DIMS(3), IR_DIMS(1)), x);
    assert_int_equal(ir_reduce_sum(b, x, (ir_dims){0, NULL}), x);
    assert_int_equal(ir_rev(b, x, (ir_dims){0, NULL}), x);
    assert_int_equal(ir_concatenate(b, &x, 1, 0), x);
    assert_int_equal(b->ops.n, 0);
    ir_val y = ir_broadcast_leading(b, x, 5), z = ir_move_axis(b, y, 0, 1);
    assert_int_equal(b->ops.n, 2);
    assert_int_equal(ir_type_of(b, y)->dims[0], 5);
    assert_int_equal(ir_type_of(b, z)->dims[0], 3);
    assert_int_equal(ir_type_of(b, z)->dims[1], 5);
}

static ir_builder *failing;

static void add_unequal_shapes(void *argument) {
    (void)argument;
    ir_add(failing, 0, 1);
}

static void add_one_operand(void *argument) {
    (void)argument;
    ir_emit(failing, IR_add, (ir_val[]){0}, 1, NULL);
}

TEST(a_caught_failure_names_the_place_and_leaves_the_builder_whole) {
    UNUSED;
    base_failure failure;
    failing = ir_builder_new(module, "f");
    ir_val x = ir_param(failing, vector);
    ir_param(failing, ir_type_get(module, CV_F32, 1, (int64_t[]){4}));
    char file[] = "model.c";
    ir_set_source(failing, file, 42, "cv_add");
    memset(file, '?', 7); // the name need not stay
    assert_int_equal(base_protect(add_unequal_shapes, NULL, &failure), CV_INVALID);
    assert_non_null(strstr(failure.message, "model.c:42: cv_add: "));
    assert_non_null(strstr(failure.message, "f32[3]"));
    assert_int_equal(base_protect(add_one_operand, NULL, &failure), CV_INVALID);
    assert_non_null(strstr(failure.message, "model.c:42: cv_add: "));
    ir_val r = ir_sin(failing, x);
    const ir_function *f = ir_finish(failing, &r, 1);
    assert_int_equal(f->n_ops, 1);
    assert_string_equal(f->ops[0].place.file, "model.c");
    assert_int_equal(f->ops[0].place.line, 42);
}

TEST(linear_operations_go_to_the_linear_program) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "primal");
    b->linear = ir_builder_new(module, "linear");
    ir_val x = ir_param(b, scalar);
    ir_val dx = ir_param(b->linear, scalar) | IR_LINEAR;
    ir_val s = ir_sin(b, x), c = ir_cos(b, x);
    ir_val two = ir_full(b, scalar, 2);
    ir_val ds = ir_mul(b, dx, c);
    assert_true(ds & IR_LINEAR);
    assert_false(s & IR_LINEAR);
    assert_ptr_equal(ir_type_of(b, ds), scalar);
    assert_int_equal(ir_def_of(b, ds)->primitive, IR_mul);
    // The same value crosses once; a constant is made again instead of crossing.
    ir_val d = ir_mul(b, ir_mul(b, ds, c), two);
    assert_int_equal(b->residuals.n, 1);
    assert_int_equal(b->residuals.at[0], c);
    assert_int_equal(b->linear->params.n, 2);

    ir_val result = d & ~IR_LINEAR;
    const ir_function *linear = ir_finish(b->linear, &result, 1);
    const ir_function *primal = ir_finish(b, (ir_val[]){s, b->residuals.at[0]}, 2);
    assert_text(primal, "func @primal(%0: f32[]) -> (f32[], f32[]) {\n"
                        "  %1 = sin %0 : f32[]\n"
                        "  %2 = cos %0 : f32[]\n"
                        "  return %1, %2\n"
                        "}\n");
    assert_text(linear, "func @linear(%0: f32[], %1: f32[]) -> (f32[]) {\n"
                        "  %2 = mul %0, %1 : f32[]\n"
                        "  %3 = mul %2, %1 : f32[]\n"
                        "  %4 = constant {value=2} : f32[]\n"
                        "  %5 = mul %3, %4 : f32[]\n"
                        "  return %5\n"
                        "}\n");
}

TEST(a_program_of_many_operations_is_built) {
    UNUSED;
    enum { N = 200000 };
    ir_builder *b = ir_builder_new(module, "chain");
    ir_val x = ir_param(b, scalar), y = x;
    for (int i = 0; i < N; i++) y = i % 2 ? ir_add(b, y, x) : ir_sin(b, y);
    const ir_function *f = ir_finish(b, &y, 1);
    assert_int_equal(f->n_ops, N);
    for (uint32_t i = 0; i < N; i++) assert_int_equal(f->ops[i].out, i + 1);
    assert_int_equal(f->results[0], N);
}

TEST(an_operation_may_have_many_operands) {
    UNUSED;
    enum { N = 200000 };
    ir_builder *b = ir_builder_new(module, "wide");
    ir_val *x = base_new_array(&b->arena, ir_val, N);
    ir_val p = ir_param(b, vector);
    for (int i = 0; i < N; i++) x[i] = i % 3 ? ir_neg(b, p) : p;
    ir_val r = ir_concatenate(b, x, N, 0);
    const ir_function *f = ir_finish(b, &r, 1);
    assert_int_equal(ir_result_type(f, 0)->dims[0], 3 * N);
    assert_int_equal(f->ops[f->n_ops - 1].n_in, N);
}

TEST(a_chain_of_functions_is_released_without_recursion) {
    UNUSED;
    const ir_function *f = sine_and_cosine();
    for (int i = 0; i < 20000; i++) {
        ir_builder *b = ir_builder_new(module, "link");
        ir_val x = ir_param(b, scalar);
        ir_val r = ir_emit(b, IR_call, &x, 1, &(ir_call_attributes){f});
        f = ir_finish(b, &r, 1);
    }
    assert_int_equal(f->n_ops, 1);
}

static void build_everything(void *argument) {
    UNUSED;
    const ir_function *both = sine_and_cosine();
    ir_builder *b = ir_builder_new(module, "f");
    b->linear = ir_builder_new(module, "linear");
    ir_val x = ir_param(b, scalar), out[2];
    ir_val d = ir_mul(b, ir_param(b->linear, scalar) | IR_LINEAR, ir_exp(b, x));
    ir_inline(b, both, &x, out);
    ir_val r = ir_emit(b, IR_call, &out[1], 1, &(ir_call_attributes){both});
    d &= ~IR_LINEAR;
    ir_finish(b->linear, &d, 1);
    ir_finish(b, &r, 1);
}

// Every allocation fails once: what was made must go, and the failure must come out as such. That
// nothing leaks is for the address sanitizer to see.
static void test_any_allocation_may_fail(void **state) {
    base_failure failure;
    cv_status status = CV_OUT_OF_MEMORY;
    uint64_t number = 0;
    while (status == CV_OUT_OF_MEMORY) {
        tear_down(state);
        set_up(state); // nothing is interned yet, so that interning fails too
        base_fail_allocation(++number);
        status = base_protect(build_everything, NULL, &failure);
        base_fail_allocation(0);
    }
    assert_int_equal(status, CV_OK);
    assert_true(number > 20);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(finish_numbers_depth_first_from_the_results),
        CASE(order_of_emission_does_not_matter),
        CASE(finish_drops_what_no_result_needs),
        CASE(parameters_may_come_late_and_keep_their_order),
        CASE(pruning_drops_unused_parameters_from_the_first_on),
        CASE(operations_may_have_several_results),
        CASE(inlining_applies_a_function_to_values),
        CASE(functions_hold_the_functions_that_they_call),
        CASE(attributes_are_copied),
        CASE(shorthands_leave_out_what_changes_nothing),
        CASE(a_caught_failure_names_the_place_and_leaves_the_builder_whole),
        CASE(linear_operations_go_to_the_linear_program),
        CASE(a_program_of_many_operations_is_built),
        CASE(an_operation_may_have_many_operands),
        CASE(a_chain_of_functions_is_released_without_recursion),
        CASE(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
