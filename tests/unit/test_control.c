// cond, while, fori, scan: values, gradients, captures, promotion of carries, in a trace and outside.

#include "public_api.h"

static cv_val twice(cv_val x) { return cv_mul(2, x); }
static cv_val negated(cv_val x) { return cv_neg(x); }
static cv_val zero(cv_val x) { (void)x; return CV_VAL(0.0); }

static cv_val choose(cv_val x) {
    cv_val out;
    cv_cond(cv_greater(x, 0), cv_fun(twice), cv_fun(negated), &out, 1, x);
    return out;
}

static void test_cond_takes_one_branch(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val out;
    assert_int_equal(cv_cond(true, cv_fun(twice), cv_fun(negated), &out, 1, 3.0), CV_OK);
    EXPECT(out, 6);
    assert_int_equal(cv_cond(cv_bool(false), cv_fun(twice), cv_jit(cv_grad(cv_fun(twice))), &out, 1, 3.0), CV_OK);
    EXPECT(out, 2);
    EXPECT(cv_call_one(cv_jit(cv_fun(choose)), -3.0), 3);
    EXPECT(cv_call_one(cv_fun(choose), -3.0), 3);
    EXPECT(cv_call_one(cv_grad(cv_fun(choose)), -3.0), -1);
    EXPECT(cv_call_one(cv_vmap(cv_grad(cv_fun(choose))), VECTOR(-3, 3)), -1, 2);
    // A weak result takes the type of the other branch.
    assert_int_equal(cv_cond(true, cv_fun(zero), cv_fun(twice), &out, 1, cv_f64(1)), CV_OK);
    assert_int_equal(cv_dtype_of(out), CV_F64);
    assert_false(cv_is_weak(out));
    cv_scope_end();
}

// Each branch captures something else of the trace around it, and both share a third value.
typedef struct surroundings {
    cv_val a, b, shared;
} surroundings;

static void add_a(cv_val *out, const cv_val *in, void *context) {
    const surroundings *s = context;
    out[0] = cv_add(in[0], cv_mul(s->a, s->shared));
}

static void mul_b(cv_val *out, const cv_val *in, void *context) {
    const surroundings *s = context;
    out[0] = cv_mul(cv_mul(s->b, s->shared), in[0]);
}

static cv_val captures_in_cond(cv_val p, cv_val x, cv_val y) {
    surroundings s = {cv_mul(x, 10), cv_mul(y, 100), cv_add(x, y)};
    cv_fn yes = cv_fun(add_a, .in = 1, .out = 1, .context = &s, .size = sizeof s);
    cv_fn no = cv_fun(mul_b, .in = 1, .out = 1, .context = &s, .size = sizeof s);
    cv_val out;
    cv_cond(cv_greater(p, 0), yes, no, &out, 1, x);
    return out;
}

static void test_branches_capture_different_values(void **state) {
    (void)state;
    cv_scope_begin();
    for (int k = 0; k < 2; k++) {
        cv_fn f = k ? cv_fun(captures_in_cond) : cv_jit(cv_fun(captures_in_cond));
        EXPECT(cv_call_one(f, 1.0, 2.0, 3.0), 102);
        EXPECT(cv_call_one(f, -1.0, 2.0, 3.0), 3000);
    }
    cv_val out[2];
    cv_call(cv_grad(cv_fun(captures_in_cond), .argnums = CV_INTS(1, 2)), out, 2, 1.0, 2.0, 3.0);
    EXPECT(out[0], 71); // x + 10 x (x + y)
    EXPECT(out[1], 20);
    cv_scope_end();
}

static void below_limit(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_less(in[0], *(const cv_val *)context);
}

static void doubled(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_mul(in[0], 2);
    out[1] = cv_add(in[1], 1);
}

static cv_val steps_to(cv_val limit) {
    cv_val carry[] = {cv_f32(1), CV_VAL(0)};
    cv_fn goes_on = cv_fun(below_limit, .in = 2, .out = 1, .context = &limit, .size = sizeof limit);
    cv_while_loop(goes_on, cv_fun(doubled, .in = 2, .out = 2), carry, 2);
    return carry[1];
}

static void test_while_runs_until_cond_fails(void **state) {
    (void)state;
    cv_scope_begin();
    assert_int_equal(cv_item_int(steps_to(cv_f32(100))), 7);
    assert_int_equal(cv_item_int(cv_call_one(cv_jit(cv_fun(steps_to)), 1000.0)), 10);
    cv_val counts = cv_call_one(cv_vmap(cv_fun(steps_to)), VECTOR(1, 2, 3));
    const int32_t *found = cv_data(counts);
    assert_non_null(found);
    assert_true(found[0] == 0 && found[1] == 1 && found[2] == 2);
    cv_scope_end();
}

static void step(cv_val *out, const cv_val *in, void *context) {
    const cv_val *rate = context;
    out[0] = cv_add(cv_mul(in[0], *rate), in[1]);
    out[1] = cv_mul(in[0], in[0]);
}

static cv_val filter(cv_val rate, cv_val xs) {
    cv_val carry = CV_VAL(0.0), ys;
    cv_fn body = cv_fun(step, .in = 2, .out = 2, .context = &rate, .size = sizeof rate);
    cv_scan(body, &carry, 1, &ys, 1, .xs = CV_LIST(xs));
    return cv_add(carry, cv_sum(ys));
}

static void test_scan_carries_and_stacks(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val xs = VECTOR(1, 2, 3), carry = CV_VAL(0.0), ys, rate = cv_f32(2);
    cv_fn body = cv_fun(step, .in = 2, .out = 2, .context = &rate, .size = sizeof rate);
    assert_int_equal(cv_scan(body, &carry, 1, &ys, 1, .xs = CV_LIST(xs)), CV_OK);
    EXPECT(carry, 11); // 1, 4, 11
    EXPECT(ys, 0, 1, 16);
    assert_false(cv_is_weak(carry)); // it took the type that the body gave it
    carry = CV_VAL(0.0);
    cv_scan(body, &carry, 1, &ys, 1, .xs = CV_LIST(xs), .reverse = true);
    EXPECT(carry, 17); // 3, 8, 17
    EXPECT(ys, 64, 9, 0);
    EXPECT(cv_call_one(cv_jit(cv_fun(filter)), 2.0, xs), 28);
    cv_val out[2];
    cv_call(cv_grad(cv_fun(filter), .argnums = CV_INTS(0, 1)), out, 2, 2.0, xs);
    EXPECT(out[0], 14); // r^2 + 2 r + 3 + 1 + (r + 2)^2
    EXPECT(out[1], 22, 10, 1);
    cv_scope_end();
}

static cv_val add_index(cv_val i, cv_val x) {
    return cv_add(x, cv_astype(i, CV_F32));
}

static void test_fori_counts(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val x = CV_VAL(0.5);
    assert_int_equal(cv_fori_loop(3, 6, cv_fun(add_index), &x, 1), CV_OK);
    EXPECT(x, 12.5f);
    assert_int_equal(cv_fori_loop(3, 3, cv_fun(add_index), &x, 1), CV_OK);
    EXPECT(x, 12.5f);
    assert_int_equal(cv_fori_loop(0, INT64_MAX, cv_fun(add_index), &x, 1), CV_INVALID);
    EXPECT_ERROR(__LINE__ - 1, "cv_fori_loop: the bounds do not fit s32, the type of the counter");
    assert_true(cv_is_poison(x));
    cv_scope_end();
}

static cv_val plus_third(cv_val i, cv_val x) {
    (void)i;
    return cv_add(x, cv_f64(0));
}

static void test_weak_carry_takes_the_type_of_the_body(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val x = CV_VAL(0.1);
    assert_int_equal(cv_fori_loop(0, 2, cv_fun(plus_third), &x, 1), CV_OK);
    assert_int_equal(cv_dtype_of(x), CV_F64);
    assert_true(cv_item(x) == 0.1); // the scalar itself, not its rounding to f32
    cv_scope_end();
}

static void test_mistakes_are_named(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val x = VECTOR(1, 2), out;
    cv_cond(x, cv_fun(twice), cv_fun(twice), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_cond: the predicate is f32[2], not bool[]; cv_any or cv_all make one bool of many");
    cv_cond(1.0, cv_fun(twice), cv_fun(twice), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_cond: the predicate is f32[], not bool[]; compare it with something");
    cv_cond(true, cv_fun(twice), cv_fun(add_index), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_cond: no, add_index, takes 2 arguments, not 1");
    cv_while_loop(cv_fun(twice), cv_fun(twice), &x, 1);
    EXPECT_ERROR(__LINE__ - 1, "cv_while_loop: cond, twice, returns f32[2], not bool[]");
    cv_val carry = cv_f32(0);
    cv_scan(cv_fun(twice), &carry, 1, NULL, 0, .xs = {0, NULL});
    EXPECT_ERROR(__LINE__ - 1, "cv_scan: without xs the scan needs .length, its number of steps (CV_NO_STEPS for none)");
    carry = cv_f32(0);
    cv_scan(cv_fun(add_index), &carry, 1, NULL, 0, .xs = CV_LIST(1.0));
    EXPECT_ERROR(__LINE__ - 1, "cv_scan: xs[0] is f32[]: it has no leading axis to go along");
    carry = cv_f32(0);
    cv_val gone = cv_f32(1);
    cv_drop(gone);
    cv_cond(gone, cv_fun(twice), cv_fun(twice), &out, 1, carry);
    EXPECT_ERROR(__LINE__ - 1, "cv_cond: the predicate was dropped, or its scope has ended");
    cv_cond(true, cv_fun(twice), cv_fun(twice), &out, 1, gone);
    EXPECT_ERROR(__LINE__ - 1, "cv_cond: argument 0 was dropped, or its scope has ended");
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cond_takes_one_branch),
        cmocka_unit_test(test_branches_capture_different_values),
        cmocka_unit_test(test_while_runs_until_cond_fails),
        cmocka_unit_test(test_scan_carries_and_stacks),
        cmocka_unit_test(test_fori_counts),
        cmocka_unit_test(test_weak_carry_takes_the_type_of_the_body),
        cmocka_unit_test(test_mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
