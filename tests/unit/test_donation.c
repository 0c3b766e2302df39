// Donated arguments: consumed by the call, an error afterwards, never harmful to other references.

#include "public_api.h"

static int released;

static void count_release(void *argument) {
    (void)argument;
    released++;
}

static cv_val step(cv_val w, cv_val g) {
    return cv_sub(w, g);
}

static cv_fn donating(void) {
    return cv_jit(cv_fun(step), .donate = CV_INTS(0));
}

static void test_donated_handle_is_consumed(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val w = VECTOR(5, 6), g = VECTOR(1, 1);
    cv_val next = cv_call_one(donating(), w, g); const int line = __LINE__;
    EXPECT(next, 4, 5);
    char wanted[256];
    assert_true(cv_is_poison(cv_add(w, 1)));
    snprintf(wanted, sizeof wanted, "cv_add: argument 0 was donated to step at %s:%d and cannot be used again", __FILE__, line);
    EXPECT_ERROR(__LINE__ - 2, wanted);
    assert_true(cv_is_poison(cv_call_one(donating(), w, g)));
    snprintf(wanted, sizeof wanted, "cv_call: argument 0 was donated to step at %s:%d and cannot be used again", __FILE__, line);
    EXPECT_ERROR(__LINE__ - 2, wanted);
    assert_int_equal(cv_rank(w), -1);
    cv_clear();
    EXPECT(cv_call_one(donating(), next, g), 3, 4);
    cv_drop(w); // what is left of it
    cv_scope_end();
    assert_true(cv_ok());
}

static void test_donated_memory_is_given_back_early(void **state) {
    (void)state;
    static float data[] = {1, 2};
    cv_scope_begin();
    released = 0;
    cv_val w = cv_array_view(CV_F32, CV_INTS(2), data, count_release, NULL);
    cv_call_one(donating(), w, 1.0);
    assert_int_equal(released, 1);
    cv_scope_end();
    assert_int_equal(released, 1);
}

static cv_val same(cv_val x) { return x; }

static void test_other_references_keep_their_data(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val w = VECTOR(5, 6), alias = cv_call_one(cv_fun(same), w);
    EXPECT(cv_call_one(donating(), w, 1.0), 4, 5);
    EXPECT(alias, 5, 6);
    cv_scope_end();
}

static void test_donating_twice_in_a_call_is_an_error(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val w = VECTOR(5, 6);
    cv_fn both = cv_jit(cv_fun(step), .donate = CV_INTS(0, 1));
    assert_true(cv_is_poison(cv_call_one(both, w, w)));
    EXPECT_ERROR(__LINE__ - 1, "cv_call: arguments 0 and 1 are the same array, which cannot be donated twice");
    EXPECT(cv_call_one(donating(), w, w), 0, 0);
    cv_jit(cv_fun(step), .donate = CV_INTS(2));
    EXPECT_ERROR(__LINE__ - 1, "cv_jit: donated argument 2 is out of range: step takes 2 arguments, counted from 0");
    cv_scope_end();
}

static cv_val donates_inside(cv_val x) {
    cv_val y = cv_call_one(donating(), x, 1.0);
    return cv_add(x, y); // fine: the trace only hands its value on
}

static void test_donation_inside_a_trace_only_forwards(void **state) {
    (void)state;
    cv_scope_begin();
    EXPECT(cv_call_one(cv_jit(cv_fun(donates_inside)), 3.0), 5);
    cv_val w = VECTOR(3);
    EXPECT(cv_call_one(cv_vmap(donating(), .in = CV_INTS(0, CV_NONE)), w, 1.0), 2);
    EXPECT(w, 3); // a transform of it does not consume
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_donated_handle_is_consumed),
        cmocka_unit_test(test_donated_memory_is_given_back_early),
        cmocka_unit_test(test_other_references_keep_their_data),
        cmocka_unit_test(test_donating_twice_in_a_call_is_an_error),
        cmocka_unit_test(test_donation_inside_a_trace_only_forwards),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
