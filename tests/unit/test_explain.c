// cv_explain: one line for each time that a function was traced.

#include "public_api.h"

static cv_val total(cv_val x, cv_val y) {
    return cv_sum(cv_add(x, y));
}

static void test_every_tracing_has_its_reason(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_jit(cv_fun(total));
    assert_string_equal(cv_explain(f), "");
    cv_call_one(f, VECTOR(1, 2, 3), 1.0);
    cv_call_one(f, VECTOR(4, 5, 6), 2.0);
    assert_string_equal(cv_explain(f), "first call, with (f32[3], weak f32[])\n");
    cv_call_one(f, VECTOR(1, 2, 3, 4), 1.0);
    cv_call_one(f, VECTOR(1, 2, 3, 4), cv_f32(1));
    assert_string_equal(cv_explain(f), "first call, with (f32[3], weak f32[])\n"
                                       "argument 0 is f32[4], was f32[3]\n"
                                       "argument 1 is f32[], was weak f32[]\n");
    cv_scope_end();
}

static void times(cv_val *out, const cv_val *in, void *context) {
    (void)in;
    out[0] = cv_mul(in[0], **(cv_val **)context);
}

static cv_val captured;
static cv_val *pointer = &captured;

static cv_val outer(cv_val x) {
    captured = x;
    return cv_call_one(cv_jit(cv_fun(times, .in = 1, .out = 1, .context = &pointer)), 2.0);
}

static void test_captures_are_a_reason(void **state) {
    (void)state;
    cv_scope_begin();
    cv_call_one(cv_jit(cv_fun(outer)), 1.0);
    cv_call_one(cv_jit(cv_fun(outer)), VECTOR(1, 2));
    assert_true(cv_ok());
    assert_string_equal(cv_explain(cv_jit(cv_fun(times, .in = 1, .out = 1, .context = &pointer))),
                        "first call, with (weak f32[])\n"
                        "captures values of an enclosing trace\n");
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_tracing_has_its_reason),
        cmocka_unit_test(test_captures_are_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
