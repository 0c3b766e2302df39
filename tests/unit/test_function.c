// Function values: callbacks of every form, transforms in every order, the cache, texts.

#include "public_api.h"

static int traced; // how often a callback ran

static cv_val square_sum(cv_val x) {
    traced++;
    return cv_sum(cv_mul(x, x));
}

static cv_val cube(cv_val x) {
    return cv_mul(x, cv_mul(x, x));
}

static cv_val scaled(cv_val a, cv_val x) {
    return cv_mul(a, x);
}

static cv_val third(cv_val a, cv_val b, cv_val c) {
    (void)a, (void)b;
    return c;
}

static cv_val weighted(cv_val a, cv_val b, cv_val c, cv_val d) {
    return cv_add(cv_add(a, cv_mul(10, b)), cv_add(cv_mul(100, c), cv_mul(1000, d)));
}

static cv_val eighth(cv_val a, cv_val b, cv_val c, cv_val d, cv_val e, cv_val f, cv_val g, cv_val h) {
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    return cv_sub(h, g);
}

typedef struct affine {
    float slope, offset;
} affine;

static void apply_affine(cv_val *out, const cv_val *in, void *context) {
    const affine *a = context;
    traced++;
    out[0] = cv_add(cv_mul(in[0], a->slope), a->offset);
    out[1] = in[0];
}

static void test_callbacks_of_every_form_are_called(void **state) {
    (void)state;
    cv_scope_begin();
    EXPECT(cv_call_one(cv_fun(cube), 3.0), 27);
    EXPECT(cv_call_one(cv_fun(scaled), 2, VECTOR(1, 2)), 2, 4);
    EXPECT(cv_call_one(cv_jit(cv_fun(third)), 1, 2, 3.0), 3);
    EXPECT(cv_call_one(cv_jit(cv_fun(weighted)), 1.0, 2.0, 3.0, 4.0), 4321);
    EXPECT(cv_call_one(cv_jit(cv_fun(eighth)), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), 1);
    cv_val out[2];
    affine a = {2, 1};
    cv_fn f = cv_fun(apply_affine, .in = 1, .out = 2, .context = &a, .size = sizeof a);
    a.slope = 100; // the function has a copy
    for (int k = 0; k < 2; k++) {
        assert_int_equal(cv_call(k ? cv_jit(f) : f, out, 2, VECTOR(1, 2)), CV_OK);
        EXPECT(out[0], 3, 5);
        EXPECT(out[1], 1, 2);
    }
    assert_int_equal(cv_fn_inputs(f), 1);
    assert_int_equal(cv_fn_outputs(f), 2);
    cv_scope_end();
}

static void test_results_belong_to_the_caller(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val x = VECTOR(1, 2);
    cv_scope_begin();
    cv_val y = cv_keep(cv_call_one(cv_fun(third), 0, 0, x)); // the argument itself, under another handle
    cv_scope_end();
    cv_drop(x);
    EXPECT(y, 1, 2);
    cv_scope_end();
}

static void test_transforms_compose(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_fun(square_sum), g = cv_fun(cube);
    EXPECT(cv_call_one(cv_grad(f), VECTOR(1, 2, 3)), 2, 4, 6);
    EXPECT(cv_call_one(cv_grad(cv_grad(g)), 2.0), 12);
    EXPECT(cv_call_one(cv_vmap(cv_grad(cv_jit(g))), VECTOR(1, 2)), 3, 12);
    EXPECT(cv_call_one(cv_grad(cv_jit(cv_grad(cv_jit(g)))), 2.0), 12);
    cv_val x = cv_array(CV_F32, CV_INTS(2, 2), ((float[]){1, 2, 3, 4}));
    EXPECT(cv_call_one(cv_vmap(f), x), 5, 25);
    EXPECT(cv_call_one(cv_vmap(f, .in = CV_INTS(1)), x), 10, 20);
    EXPECT(cv_call_one(cv_vmap(cv_grad(f), .in = CV_INTS(-1), .out = CV_INTS(1)), x), 2, 4, 6, 8);
    EXPECT(cv_call_one(cv_vmap(cv_fun(scaled), .in = CV_INTS(CV_NONE, 0)), 2, VECTOR(1, 2)), 2, 4);
    EXPECT(cv_call_one(cv_vmap(g, .in = CV_INTS(CV_NONE), .size = 2), 2.0), 8, 8);
    cv_val out[4];
    cv_call(cv_value_and_grad(cv_fun(weighted), .argnums = CV_INTS(3, 0, 3)), out, 4, 1.0, 2.0, 3.0, 4.0);
    EXPECT(out[0], 4321);
    EXPECT(out[1], 1000);
    EXPECT(out[2], 1);
    EXPECT(out[3], 1000);
    cv_scope_end();
}

static cv_val choose(cv_val i, cv_val x) {
    return cv_mul(cv_astype(i, CV_F32), x);
}

static void float_and_index(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_argmax(in[0]);
    out[1] = cv_mul(in[0], in[0]);
}

static void test_jvp_and_vjp_take_cv_none_for_integers(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val out[4];
    assert_int_equal(cv_call(cv_jvp(cv_fun(choose)), out, 2, 3, 2.0, cv_none, 1.0), CV_OK);
    EXPECT(out[0], 6);
    EXPECT(out[1], 3);
    assert_int_equal(cv_call(cv_vjp(cv_fun(choose)), out, 3, 3, 2.0, 1.0), CV_OK);
    EXPECT(out[0], 6);
    assert_int_equal(out[1].slot + out[1].generation, 0);
    EXPECT(out[2], 3);
    cv_fn two = cv_fun(float_and_index, .in = 1, .out = 2);
    assert_int_equal(cv_call(cv_jvp(two), out, 4, VECTOR(1, 2), VECTOR(1, 1)), CV_OK);
    assert_int_equal(cv_item_int(out[0]), 1);
    EXPECT(out[1], 1, 4);
    assert_int_equal(out[2].slot + out[2].generation, 0);
    EXPECT(out[3], 2, 4);
    assert_int_equal(cv_call(cv_vjp(two), out, 3, VECTOR(1, 2), cv_none, VECTOR(1, 1)), CV_OK);
    EXPECT(out[2], 2, 4);
    // Nested: the inner one's cv_none passes through the outer one.
    cv_val deep[8];
    assert_int_equal(cv_call(cv_jvp(cv_jvp(cv_fun(choose))), deep, 4, 3, 2.0, cv_none, 1.0, cv_none, 1.0, cv_none, 0.0), CV_OK);
    EXPECT(deep[0], 6);
    EXPECT(deep[2], 3);
    assert_int_equal(cv_call(cv_vmap(cv_jvp(cv_fun(choose))), out, 2, cv_array(CV_S32, CV_INTS(2), ((int32_t[]){1, 2})), VECTOR(3, 4), cv_none, VECTOR(1, 1)), CV_OK);
    EXPECT(out[1], 1, 2);
    cv_scope_end();
}

// A call inside a trace

static cv_val calls_jitted(cv_val x) {
    cv_fn f = cv_jit(cv_fun(cube));
    return cv_add(cv_call_one(f, x), cv_call_one(f, cv_mul(2.0, x)));
}

static cv_val calls_gradient(cv_val x) {
    return cv_call_one(cv_grad(cv_fun(cube)), x);
}

static void test_calls_in_a_trace_are_part_of_the_program(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_jit(cv_fun(calls_jitted));
    EXPECT(cv_call_one(f, 1.0), 9);
    EXPECT(cv_call_one(cv_grad(f), 1.0), 27);
    EXPECT(cv_call_one(cv_grad(cv_fun(calls_gradient)), 2.0), 12);
    EXPECT(cv_call_one(cv_fun(calls_gradient), 2.0), 12);
    const char *text = cv_make_ir(cv_fun(calls_jitted), cv_f32(1));
    assert_string_equal(text, "func @cube(%0: f32[]) -> (f32[]) {\n"
                              "  %1 = mul %0, %0 : f32[]\n"
                              "  %2 = mul %0, %1 : f32[]\n"
                              "  return %2\n"
                              "}\n\n"
                              "func @calls_jitted(%0: f32[]) -> (f32[]) {\n"
                              "  %1 = call %0 {function=@cube} : f32[]\n"
                              "  %2 = constant {value=2} : f32[]\n"
                              "  %3 = mul %2, %0 : f32[]\n"
                              "  %4 = call %3 {function=@cube} : f32[]\n"
                              "  %5 = add %1, %4 : f32[]\n"
                              "  return %5\n"
                              "}\n");
    text = cv_make_simplified_ir(cv_fun(calls_jitted), cv_f32(1));
    assert_non_null(strstr(text, "func @calls_jitted"));
    assert_null(strstr(text, "call %"));
    cv_scope_end();
}

// The cache

static void test_equal_descriptions_are_traced_once(void **state) {
    (void)state;
    cv_shutdown(); // what the tests before traced
    traced = 0;
    for (int i = 0; i < 5; i++) {
        cv_scope_begin();
        EXPECT(cv_call_one(cv_jit(cv_grad(cv_fun(square_sum))), VECTOR(1, 2)), 2, 4);
        cv_scope_end();
    }
    assert_int_equal(traced, 1);
    cv_scope_begin();
    cv_call_one(cv_jit(cv_fun(square_sum)), VECTOR(1, 2)); // the callback's program is shared
    assert_int_equal(traced, 1);
    cv_call_one(cv_jit(cv_fun(square_sum)), VECTOR(1, 2, 3));
    cv_call_one(cv_jit(cv_fun(square_sum)), 1.0);
    cv_call_one(cv_jit(cv_fun(square_sum)), cv_f32(1)); // not weak
    assert_int_equal(traced, 4);
    cv_fn f = cv_fun(square_sum), g = cv_fun(square_sum);
    assert_true(f.slot == g.slot && f.generation == g.generation);
    cv_scope_end();
}

static void test_new_contexts_do_not_pile_up(void **state) {
    (void)state;
    traced = 0;
    for (int i = 0; i < 3000; i++) {
        cv_scope_begin();
        affine a = {(float)i, 0};
        cv_val out[2];
        cv_fn f = cv_jit(cv_fun(apply_affine, .in = 1, .out = 2, .context = &a, .size = sizeof a));
        assert_int_equal(cv_call(f, out, 2, 2.0), CV_OK);
        EXPECT(out[0], 2 * (float)i);
        assert_true(f.slot < 3000);
        cv_scope_end();
    }
    assert_int_equal(traced, 3000);
    cv_scope_begin();
    affine first = {0, 0}, last = {2999, 0};
    cv_val out[2];
    cv_call(cv_jit(cv_fun(apply_affine, .in = 1, .out = 2, .context = &last, .size = sizeof last)), out, 2, 2.0);
    assert_int_equal(traced, 3000);
    cv_call(cv_jit(cv_fun(apply_affine, .in = 1, .out = 2, .context = &first, .size = sizeof first)), out, 2, 2.0);
    assert_int_equal(traced, 3001); // evicted
    cv_scope_end();
}

static void test_functions_belong_to_scopes(void **state) {
    (void)state;
    cv_scope_begin();
    cv_scope_begin();
    affine a = {3, 4};
    cv_fn inner = cv_fun(apply_affine, .in = 1, .out = 2, .context = &a, .size = sizeof a), kept = cv_keep_fn(cv_grad(cv_fun(cube)));
    cv_scope_end();
    EXPECT(cv_call_one(kept, 1.0), 3);
    assert_int_equal(cv_fn_inputs(inner), 1); // idle: found as long as the cache has it
    cv_scope_end();
    cv_clear();
    assert_int_equal(cv_fn_inputs((cv_fn){9999, 3}), -1);
    EXPECT_ERROR(0, "cv_fn_inputs: the function was not made in this context, or its scope has ended");
}

static void test_call_into_writes_to_memory(void **state) {
    (void)state;
    cv_scope_begin();
    float value = 0, gradient[2] = {0}, x[2] = {1, 2};
    void *memory[] = {&value, gradient};
    size_t bytes[] = {sizeof value, sizeof gradient};
    cv_fn f = cv_value_and_grad(cv_fun(square_sum));
    assert_int_equal(cv_call_into(f, memory, bytes, 2, VECTOR(1, 2)), CV_OK);
    assert_true(value == 5 && gradient[0] == 2 && gradient[1] == 4);
    bytes[1] = 4;
    assert_int_equal(cv_call_into(f, memory, bytes, 2, VECTOR(1, 2)), CV_INVALID);
    EXPECT_ERROR(__LINE__ - 1, "cv_call_into: result 1 is f32[2] of 8 bytes, and its memory has 4");
    // Onto its own argument, and from a plain callback.
    void *onto[] = {x};
    size_t size[] = {sizeof x};
    cv_val view = cv_array_view(CV_F32, CV_INTS(2), x, NULL, NULL);
    assert_int_equal(cv_call_into(cv_jit(cv_fun(cube)), onto, size, 1, view), CV_OK);
    assert_true(x[0] == 1 && x[1] == 8);
    assert_int_equal(cv_call_into(cv_fun(cube), onto, size, 1, VECTOR(2, 3)), CV_OK);
    assert_true(x[0] == 8 && x[1] == 27);
    cv_scope_end();
}

static cv_val endless(cv_val x) {
    return cv_call_one(cv_jit(cv_fun(endless)), cv_add(x, 1));
}

static void test_endless_recursion_is_an_error(void **state) {
    (void)state;
    cv_scope_begin();
    assert_true(cv_is_poison(cv_call_one(cv_jit(cv_fun(endless)), 1.0)));
    assert_non_null(strstr(cv_message(), "cv_call: endless is called inside 256 other functions: does it call itself?"));
    cv_clear();
    assert_true(cv_is_poison(cv_call_one(cv_fun(endless), 1.0)));
    cv_clear();
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callbacks_of_every_form_are_called),
        cmocka_unit_test(test_results_belong_to_the_caller),
        cmocka_unit_test(test_transforms_compose),
        cmocka_unit_test(test_jvp_and_vjp_take_cv_none_for_integers),
        cmocka_unit_test(test_calls_in_a_trace_are_part_of_the_program),
        cmocka_unit_test(test_equal_descriptions_are_traced_once),
        cmocka_unit_test(test_new_contexts_do_not_pile_up),
        cmocka_unit_test(test_functions_belong_to_scopes),
        cmocka_unit_test(test_call_into_writes_to_memory),
        cmocka_unit_test(test_endless_recursion_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
