// What callbacks use of their surroundings: values of enclosing traces, arrays, C scalars.

#include "public_api.h"

static int traced;

static void times_captured(cv_val *out, const cv_val *in, void *context) {
    traced++;
    out[0] = cv_mul(in[0], *(const cv_val *)context);
}

static cv_fn times(cv_val factor) {
    return cv_fun(times_captured, .in = 1, .out = 1, .context = &factor, .size = sizeof factor);
}

static cv_val maps_with_argument(cv_val x, cv_val y) {
    return cv_call_one(cv_vmap(times(cv_mul(x, x))), y);
}

static cv_val sum_of_map(cv_val x, cv_val y) {
    return cv_sum(maps_with_argument(x, y));
}

static cv_val inner_gradient(cv_val x) {
    // d/dy (y x^2) = x^2, whose derivative by x is 2 x
    return cv_call_one(cv_grad(times(cv_mul(x, x))), 1.0);
}

static cv_val through_jit(cv_val x, cv_val y) {
    cv_fn f = cv_jit(times(x));
    return cv_add(cv_call_one(f, y), cv_call_one(f, cv_mul(y, 10)));
}

static void test_values_of_enclosing_traces_are_captured(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val y = VECTOR(1, 2);
    for (int k = 0; k < 2; k++) {
        cv_fn f = cv_fun(maps_with_argument);
        EXPECT(cv_call_one(k ? cv_jit(f) : f, 3.0, y), 9, 18);
    }
    EXPECT(cv_call_one(cv_grad(cv_fun(sum_of_map)), 3.0, y), 18);
    EXPECT(cv_call_one(cv_jit(cv_fun(inner_gradient)), 3.0), 9);
    EXPECT(cv_call_one(cv_grad(cv_fun(inner_gradient)), 3.0), 6);
    EXPECT(cv_call_one(cv_vmap(cv_grad(cv_fun(inner_gradient))), VECTOR(3, 4)), 6, 8);
    EXPECT(cv_call_one(cv_grad(cv_fun(through_jit)), 3.0, 2.0), 22);
    cv_scope_end();
}

static void test_jitted_function_with_capture_is_traced_once_in_a_trace(void **state) {
    (void)state;
    cv_shutdown(); // what the tests before traced
    cv_scope_begin();
    traced = 0;
    EXPECT(cv_call_one(cv_jit(cv_fun(through_jit)), 3.0, 2.0), 66);
    assert_int_equal(traced, 1);
    cv_scope_end();
}

// Two levels: the innermost function uses values of both traces around it.
static void innermost(cv_val *out, const cv_val *in, void *context) {
    const cv_val *v = context;
    out[0] = cv_add(cv_mul(v[0], v[1]), in[0]);
}

static void middle(cv_val *out, const cv_val *in, void *context) {
    cv_val values[] = {*(const cv_val *)context, cv_mul(in[0], 10)};
    cv_fn f = cv_jit(cv_fun(innermost, .in = 1, .out = 1, .context = values, .size = sizeof values));
    out[0] = cv_call_one(f, in[0]);
}

static cv_val outermost(cv_val x, cv_val y) {
    return cv_call_one(cv_jit(cv_fun(middle, .in = 1, .out = 1, .context = &x, .size = sizeof x)), y);
}

static void test_captures_pass_through_levels(void **state) {
    (void)state;
    cv_scope_begin();
    EXPECT(cv_call_one(cv_fun(outermost), 2.0, 3.0), 63);
    EXPECT(cv_call_one(cv_jit(cv_fun(outermost)), 2.0, 3.0), 63);
    cv_val out[2];
    cv_call(cv_grad(cv_fun(outermost), .argnums = CV_INTS(0, 1)), out, 2, 2.0, 3.0);
    EXPECT(out[0], 30);
    EXPECT(out[1], 21);
    cv_scope_end();
}

static void test_arrays_are_hidden_arguments_and_retained(void **state) {
    (void)state;
    cv_scope_begin();
    traced = 0;
    cv_val w = VECTOR(2, 3);
    cv_fn f = cv_jit(times(w)), g = cv_jvp(times(w));
    EXPECT(cv_call_one(f, VECTOR(1, 1)), 2, 3);
    const char *text = cv_make_ir(times(w), VECTOR(1, 1));
    assert_non_null(strstr(text, "(%0: f32[2], %1: f32[2]) -> (f32[2])"));
    assert_null(strstr(text, "constant"));
    cv_drop(w);
    EXPECT(cv_call_one(f, VECTOR(1, 2)), 2, 6);
    assert_int_equal(traced, 1);
    cv_val out[2];
    cv_call(g, out, 2, VECTOR(1, 2), VECTOR(1, 0)); // tangents stand before what is captured
    EXPECT(out[0], 2, 6);
    EXPECT(out[1], 2, 0);
    cv_call(cv_vjp(cv_jit(f)), out, 2, VECTOR(1, 2), VECTOR(0, 1));
    EXPECT(out[1], 0, 3);
    cv_scope_end();
}

static void test_literals_are_constants_and_stay_weak(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = times(CV_VAL(0.1));
    assert_true(cv_item(cv_call_one(cv_jit(f), cv_f64(1))) == 0.1);
    EXPECT(cv_call_one(cv_jit(f), cv_f32(1)), 0.1f);
    assert_non_null(strstr(cv_make_ir(f, cv_f32(1)), "constant"));
    cv_scope_end();
}

static cv_val returns_argument(cv_val x) { return x; }
static cv_val returns_scalar(cv_val x) { (void)x; return CV_VAL(2.5); }

static void returns_array(cv_val *out, const cv_val *in, void *context) {
    (void)in;
    out[0] = *(const cv_val *)context;
}

static void test_results_may_come_from_anywhere(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val w = VECTOR(4, 5);
    EXPECT(cv_call_one(cv_jit(cv_fun(returns_argument)), w), 4, 5);
    EXPECT(cv_call_one(cv_jit(cv_fun(returns_scalar)), w), 2.5f);
    assert_true(cv_is_weak(cv_call_one(cv_jit(cv_fun(returns_scalar)), w)));
    cv_fn f = cv_fun(returns_array, .in = 1, .out = 1, .context = &w, .size = sizeof w);
    EXPECT(cv_call_one(cv_jit(f), 1), 4, 5);
    EXPECT(cv_call_one(f, 1), 4, 5);
    cv_scope_end();
}

// A gradient step whose weights live outside: many captures, more than are compared one by one.
enum { MANY = 40 };

static void sum_of_many(cv_val *out, const cv_val *in, void *context) {
    const cv_val *w = context;
    cv_val sum = in[0];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) sum = cv_add(sum, w[i]);
    out[0] = sum;
}

static void test_many_captures_are_found_again(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val w[MANY];
    for (int i = 0; i < MANY; i++) w[i] = cv_f32((float)i);
    cv_fn f = cv_fun(sum_of_many, .in = 1, .out = 1, .context = w, .size = sizeof w);
    EXPECT(cv_call_one(cv_jit(f), 1.0), 1 + MANY * (MANY - 1));
    EXPECT(cv_call_one(cv_jit(cv_fun(returns_argument)), cv_call_one(f, 1.0)), 1 + MANY * (MANY - 1));
    cv_scope_end();
}

// Arrays and functions made while tracing belong to the trace; the program keeps what it needs.
static cv_val makes_array(cv_val x) {
    cv_scope_begin(); // ended with the trace
    cv_val w = VECTOR(2, 3);
    return cv_mul(x, w);
}

static void test_arrays_made_in_a_trace(void **state) {
    (void)state;
    cv_scope_begin();
    for (int k = 0; k < 2; k++) {
        EXPECT(cv_call_one(cv_jit(cv_fun(makes_array)), 2.0), 4, 6);
        EXPECT(cv_call_one(cv_fun(makes_array), 2.0), 4, 6);
    }
    cv_scope_end();
    assert_true(cv_ok());
}

// The cache keeps programs of functions that are gone, but not without limit what only they hold.
static int alive;

static void release(void *argument) {
    (void)argument;
    alive--;
}

static void test_cache_lets_go_of_large_arrays(void **state) {
    (void)state;
    enum { N = 1 << 20, ROUNDS = 100 };
    static float data[N];
    alive = 0;
    int most = 0;
    for (int i = 0; i < ROUNDS; i++) {
        cv_scope_begin();
        alive++;
        cv_val w = cv_array_view(CV_F32, CV_INTS(N), data, release, NULL);
        EXPECT(cv_sum(cv_call_one(cv_jit(times(w)), 2.0)), 0);
        cv_scope_end();
        if (alive > most) most = alive;
    }
    assert_true(most > 1 && most < 40);
    cv_shutdown();
    assert_int_equal(alive, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_enclosing_traces_are_captured),
        cmocka_unit_test(test_jitted_function_with_capture_is_traced_once_in_a_trace),
        cmocka_unit_test(test_captures_pass_through_levels),
        cmocka_unit_test(test_arrays_are_hidden_arguments_and_retained),
        cmocka_unit_test(test_literals_are_constants_and_stay_weak),
        cmocka_unit_test(test_results_may_come_from_anywhere),
        cmocka_unit_test(test_many_captures_are_found_again),
        cmocka_unit_test(test_arrays_made_in_a_trace),
        cmocka_unit_test(test_cache_lets_go_of_large_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
