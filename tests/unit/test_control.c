// Control flow: values, gradients, captures, promotion of carries, messages, in a trace and outside.
// (tests/nesting/control_functions.c puts it under transforms of transforms.)

#include <math.h>

#include "public_api.h"

static cv_val twice(cv_val x) { return cv_mul(2, x); }
static cv_val negated(cv_val x) { return cv_neg(x); }
static cv_val plus(cv_val x, cv_val y) { return cv_add(x, y); }
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

#define INTEGERS(...) cv_array(CV_S32, CV_INTS(sizeof((int32_t[]){__VA_ARGS__}) / 4), ((int32_t[]){__VA_ARGS__}))
#define EXPECT_INTEGERS(x, ...) expect_integers(x, (int32_t[]){__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}) / 4, __LINE__)

static void expect_integers(cv_val x, const int32_t *wanted, size_t n, int line) {
    if (!cv_ok()) print_error("%s\n", cv_message());
    const int32_t *found = cv_data(x);
    _assert_true(found != NULL, "data", __FILE__, line);
    _assert_int_equal(cv_dtype_of(x), CV_S32, __FILE__, line);
    _assert_int_equal(cv_count(x), n, __FILE__, line);
    for (size_t i = 0; i < n; i++) _assert_int_equal(found[i], wanted[i], __FILE__, line);
}

static cv_val ten(cv_val x) { (void)x; return CV_VAL(10); }

static cv_val chosen(cv_val index, cv_val x) {
    cv_val out;
    cv_switch(index, CV_FNS(cv_fun(twice), cv_fun(negated), cv_fun(ten)), &out, 1, x);
    return out;
}

static void test_switch_takes_the_nearest_branch(void **state) {
    (void)state;
    cv_scope_begin();
    static const float wanted[] = {6, 6, -3, 10, 10};
    for (int i = -1; i <= 3; i++) EXPECT(chosen(CV_VAL(i), cv_f32(3)), wanted[i + 1]);
    // An index that does not fit s32 is the last branch or the first too.
    EXPECT(chosen(cv_s64(INT64_C(1) << 40), cv_f32(3)), 10);
    EXPECT(chosen(cv_s64(-(INT64_C(1) << 40)), cv_f32(3)), 6);
    EXPECT(chosen(cv_array(CV_U32, CV_SCALAR, ((uint32_t[]){UINT32_MAX})), cv_f32(3)), 10);
    EXPECT(chosen(cv_array(CV_S8, CV_SCALAR, ((int8_t[]){-128})), cv_f32(3)), 6);
    cv_fn each = cv_vmap(cv_fun(chosen));
    EXPECT(cv_call_one(each, INTEGERS(-7, 0, 1, 2, 9), VECTOR(1, 2, 3, 4, 5)), 2, 4, -3, 10, 10);
    EXPECT(cv_call_one(cv_vmap(cv_grad(cv_fun(chosen), .argnums = CV_INTS(1))), INTEGERS(0, 1, 2), VECTOR(1, 2, 3)), 2, -1, 0);
    cv_val out;
    assert_int_equal(cv_switch(5, CV_FNS(cv_fun(negated)), &out, 1, 3.0), CV_OK);
    EXPECT(out, -3);
    cv_scope_end();
}

static cv_val times_index(cv_val i, cv_val x) { return cv_mul(x, cv_add(i, 1)); }

static cv_val factorials(cv_val n, cv_val x) {
    cv_fori_loop(0, n, cv_fun(times_index), &x, 1);
    return x;
}

static cv_val from_to(cv_val lower, cv_val upper, cv_val x) {
    cv_fori_loop(lower, upper, cv_fun(times_index), &x, 1);
    return x;
}

static void test_fori_loop_takes_traced_bounds(void **state) {
    (void)state;
    cv_scope_begin();
    EXPECT(cv_call_one(cv_jit(cv_fun(factorials)), 5, 0.5), 60);
    EXPECT(cv_call_one(cv_jit(cv_fun(factorials)), -5, 0.5), 0.5f);
    EXPECT(cv_call_one(cv_vmap(cv_fun(factorials)), INTEGERS(0, 3, 1, 4), VECTOR(1, 1, 2, 1)), 1, 6, 2, 24);
    cv_fn lower = cv_vmap(cv_fun(from_to), .in = CV_INTS(0, CV_NONE, CV_NONE));
    EXPECT(cv_call_one(lower, INTEGERS(3, 1, 0), 3, 1.0), 1, 6, 6);
    cv_val out[2];
    cv_call(cv_jvp(cv_fun(factorials)), out, 2, 4, 1.0, cv_none, 2.0);
    EXPECT(out[1], 48);
    // The counter has the dtype of the bounds, and is as weak as they are.
    cv_val small = cv_array(CV_S8, CV_SCALAR, ((int8_t[]){1})), wide = small;
    assert_int_equal(cv_fori_loop(0, 4, cv_fun(times_index), &small, 1), CV_OK);
    assert_int_equal(cv_dtype_of(small), CV_S8);
    assert_int_equal(cv_item_int(small), 24);
    cv_fori_loop(0, cv_s64(2), cv_fun(times_index), &wide, 1);
    EXPECT_ERROR(__LINE__ - 1, "cv_fori_loop: carry 0 goes in as s8[] and comes out of the body as s64[]; make the body return the type it was given");
    cv_scope_end();
}

static cv_val below_ten(cv_val i, cv_val limit, cv_val x) { (void)x; return cv_less(i, limit); }
static cv_val at_least_two(cv_val i, cv_val limit, cv_val x) { (void)x, (void)limit; return cv_greater_equal(i, 2); }
static cv_val below_norm(cv_val i, cv_val limit, cv_val x) { (void)i; return cv_less(x, limit); }

typedef struct counting {
    cv_val (*cond)(cv_val, cv_val, cv_val);
    int first, step;
} counting;

static void count_and_square(cv_val *out, const cv_val *in, void *context) {
    const counting *c = context;
    out[0] = cv_add(in[0], c->step), out[1] = in[1], out[2] = cv_mul(in[2], in[2]);
}

static void powers(cv_val *out, const cv_val *in, void *context) {
    const counting *c = context;
    cv_val carry[] = {CV_VAL(c->first), CV_VAL(10), in[0]};
    cv_while_loop(cv_fun(c->cond), cv_fun(count_and_square, .in = 3, .out = 3, .context = c, .size = sizeof *c), carry, 3);
    out[0] = carry[2];
}
static const int powers_line = __LINE__ - 3;

static cv_fn powers_of(counting c) { return cv_fun(powers, .in = 1, .out = 1, .context = &c, .size = sizeof c); }

static void test_while_loop_that_counts_has_a_gradient(void **state) {
    (void)state;
    cv_scope_begin();
    EXPECT(cv_call_one(cv_grad(powers_of((counting){below_ten, 4, 3})), 2.0), 32);      // x^4: 4, 7
    EXPECT(cv_call_one(cv_grad(powers_of((counting){below_ten, 10, 3})), 2.0), 1);      // not once
    EXPECT(cv_call_one(cv_grad(powers_of((counting){at_least_two, 6, -2})), 2.0), 1024); // x^8: 6, 4, 2
    EXPECT(cv_call_one(cv_vmap(cv_grad(powers_of((counting){at_least_two, 3, -1}))), VECTOR(1, 2)), 4, 32);
    EXPECT(cv_call_one(powers_of((counting){below_norm, 0, 1}), 2.0), 16);
    cv_call_one(cv_grad(powers_of((counting){below_norm, 0, 1})), 2.0);
    EXPECT_ERROR(powers_line, "while: has no reverse mode, since its trip count is not known when traced; use cv_scan or "
                 "cv_fori_loop with C integers as bounds, forward mode (cv_jvp), or cv_stop_gradient");
    // It never ends, so it has no length.
    cv_call_one(cv_grad(powers_of((counting){below_ten, 4, -3})), 2.0);
    assert_int_equal(cv_ok(), false);
    cv_clear();
    cv_scope_end();
}

static void add_up(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_add(cv_mul(2, in[0]), in[2]), out[1] = cv_logical_not(in[1]);
    out[2] = cv_where(in[1], in[0], in[2]);
}

static void test_scan_unrolled_is_the_same(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn body = cv_fun(add_up, .in = 3, .out = 3);
    for (int length = 0; length <= 7; length++)
        for (int unroll = 2; unroll <= 8; unroll++)
            for (int reverse = 0; reverse < 2; reverse++) {
                cv_val xs = cv_arange(CV_S32, 1, 1 + length, 1), ys[2];
                cv_val carry[] = {cv_s32(3), cv_bool(true)}, other[] = {cv_s32(3), cv_bool(true)};
                cv_scan(body, carry, 2, &ys[0], 1, .xs = CV_LIST(xs), .reverse = reverse);
                cv_scan(body, other, 2, &ys[1], 1, .xs = CV_LIST(xs), .reverse = reverse, .unroll = unroll);
                assert_int_equal(cv_item_int(carry[0]), cv_item_int(other[0]));
                assert_int_equal(cv_item_int(carry[1]), cv_item_int(other[1]));
                expect_integers(ys[1], cv_data(ys[0]), (size_t)length, __LINE__);
            }
    // The definition, once: 3 -> 3 * 2 + 1 = 7 -> 16; y is x where the flag is false.
    cv_val carry[] = {cv_s32(3), cv_bool(true)}, ys;
    cv_scan(body, carry, 2, &ys, 1, .xs = CV_LIST(INTEGERS(1, 2)), .unroll = 2);
    EXPECT_INTEGERS(carry[0], 16);
    EXPECT_INTEGERS(ys, 3, 2);
    cv_scope_end();
}

static void keeps(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_mul(in[0], 2), out[1] = in[0];
}

static void test_no_steps_at_all(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val carry = VECTOR(1, 2), ys;
    assert_int_equal(cv_scan(cv_fun(keeps, .in = 1, .out = 2), &carry, 1, &ys, 1, .length = CV_NO_STEPS), CV_OK);
    EXPECT(carry, 1, 2);
    assert_int_equal(cv_rank(ys), 2);
    assert_int_equal(cv_size(ys, 0), 0);
    assert_int_equal(cv_size(ys, 1), 2);
    cv_val empty = cv_zeros(CV_F32, CV_INTS(0, 3)), out;
    for (int batch = 0; batch < 3; batch++) {
        assert_int_equal(cv_map(cv_fun(twice), &out, 1, CV_LIST(empty), .batch_size = batch), CV_OK);
        assert_int_equal(cv_size(out, 0), 0);
        assert_int_equal(cv_size(out, 1), 3);
    }
    assert_int_equal(cv_associative_scan(cv_fun(times_index), &empty, 1), CV_OK);
    assert_int_equal(cv_size(empty, 0), 0);
    cv_scope_end();
}

static cv_val affine(cv_val x, cv_val y) { return cv_add(cv_mul(10, x), y); }

static void test_map_is_a_loop(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val xs = INTEGERS(1, 2, 3, 4, 5, 6, 7), ys = INTEGERS(7, 6, 5, 4, 3, 2, 1), out;
    for (int batch = 0; batch <= 9; batch++) {
        assert_int_equal(cv_map(cv_fun(affine), &out, 1, CV_LIST(xs, ys), .batch_size = batch), CV_OK);
        EXPECT_INTEGERS(out, 17, 26, 35, 44, 53, 62, 71);
    }
    cv_map(cv_fun(affine), &out, 1, CV_LIST(xs, 1.0));
    EXPECT_ERROR(__LINE__ - 1, "cv_map: xs[1] is f32[]: it has no leading axis to go along");
    cv_map(cv_fun(affine), &out, 1, CV_LIST(xs, VECTOR(1, 2)));
    EXPECT_ERROR(__LINE__ - 1, "cv_map: xs[0] is s32[7] and xs[1] is f32[2]: their leading axes must be equally long");
    cv_map(cv_fun(twice), &out, 1, CV_LIST(xs, ys));
    EXPECT_ERROR(__LINE__ - 1, "cv_map: the function, twice, takes 1 arguments, not 2");
    cv_map(cv_fun(twice), &out, 1, CV_LIST(xs), .batch_size = -2);
    EXPECT_ERROR(__LINE__ - 1, "cv_map: batch_size is negative");
    cv_scope_end();
}

static cv_val difference(cv_val a, cv_val b) { return cv_sub(a, b); }
static cv_val either(cv_val a, cv_val b) { return cv_logical_or(a, b); }
static cv_val summed(cv_val a, cv_val b) { return cv_sum(cv_add(a, b)); }

static void test_associative_scan_of_every_length(void **state) {
    (void)state;
    cv_scope_begin();
    for (int n = 1; n <= 17; n++) {
        cv_val x = cv_arange(CV_S32, 1, 1 + n, 1), down = x;
        int32_t up[17], back[17];
        for (int i = 0; i < n; i++) up[i] = (i + 1) * (i + 2) / 2, back[i] = n * (n + 1) / 2 - i * (i + 1) / 2;
        cv_associative_scan(cv_fun(plus), &x, 1);
        cv_associative_scan(cv_fun(plus), &down, 1, .reverse = true);
        expect_integers(x, up, (size_t)n, __LINE__);
        expect_integers(down, back, (size_t)n, __LINE__);
    }
    // In JAX's order of combination, which a difference shows.
    cv_val x = VECTOR(0, 1, 2, 3, 4, 5, 6), y = VECTOR(0, 1, 2, 3, 4, 5);
    cv_associative_scan(cv_fun(difference), &x, 1);
    EXPECT(x, 0, -1, -3, 0, -4, 1, -5);
    cv_associative_scan(cv_fun(difference), &y, 1, .reverse = true);
    EXPECT(y, -1, -1, 0, -2, 1, 5);
    cv_val flags = cv_array(CV_BOOL, CV_INTS(1, 4), ((bool[]){false, true, false, false}));
    cv_associative_scan(cv_fun(either), &flags, 1, .axis = -1);
    const bool *found = cv_data(flags);
    assert_true(found && !found[0] && found[1] && found[2] && found[3]);
    // The sign of zero survives.
    cv_val zeros = VECTOR(-0.0f, -0.0f, -0.0f);
    cv_associative_scan(cv_fun(plus), &zeros, 1);
    const float *zero = cv_data(zeros);
    assert_true(zero && signbit(zero[0]) && signbit(zero[1]) && signbit(zero[2]));
    cv_scope_end();
}

static cv_val below_three(cv_val x, cv_val flag) { (void)flag; return cv_less(x, 3); }
static void add_halves(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_add(in[0], 1.5), out[1] = in[1];
}

static void test_weak_carries_are_promoted_as_in_jax(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val carry[] = {CV_VAL(0), cv_bool(true)};
    cv_while_loop(cv_fun(below_three), cv_fun(add_halves, .in = 2, .out = 2), carry, 2);
    EXPECT(carry[0], 3);
    assert_true(cv_is_weak(carry[0]));
    assert_int_equal(cv_dtype_of(carry[1]), CV_BOOL);
    cv_val sum = CV_VAL(0);
    cv_scan(cv_fun(plus), &sum, 1, NULL, 0, .xs = CV_LIST(VECTOR(1, 1, 1)));
    EXPECT(sum, 3);
    assert_false(cv_is_weak(sum));
    carry[0] = cv_s32(0); // not weak: it cannot become f32
    cv_while_loop(cv_fun(below_three), cv_fun(add_halves, .in = 2, .out = 2), carry, 2);
    EXPECT_ERROR(__LINE__ - 1, "cv_while_loop: carry 0 goes in as s32[] and comes out of the body as f32[]; make the body return the type it was given");
    cv_scope_end();
}

static void test_mistakes_with_counts_and_types_are_named(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val x = VECTOR(1, 2), out, carry = cv_f32(0);
    cv_switch(1.0, CV_FNS(cv_fun(twice)), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_switch: the index is f32[], not an integer scalar; cv_astype(index, CV_S32) makes one");
    cv_switch(INTEGERS(1, 2), CV_FNS(cv_fun(twice)), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_switch: the index is s32[2], not an integer scalar");
    cv_switch(1, ((cv_fns){0, NULL}), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_switch: there must be at least one branch");
    cv_switch(1, CV_FNS(cv_fun(twice), cv_fun(affine)), &out, 1, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_switch: branch 1, affine, takes 2 arguments, not 1");
    cv_switch(1, CV_FNS(cv_fun(affine), cv_fun(summed), cv_fun(affine)), &out, 1, x, x);
    EXPECT_ERROR(__LINE__ - 1, "cv_switch: affine returns f32[2] and summed returns f32[] as result 0; all must return the same type");
    cv_fori_loop(0, 2.5, cv_fun(times_index), &carry, 1);
    EXPECT_ERROR(__LINE__ - 1, "cv_fori_loop: the upper bound is f32[], not an integer scalar");
    carry = cv_f32(0);
    cv_fori_loop(cv_s64(0), cv_s32(2), cv_fun(times_index), &carry, 1);
    EXPECT_ERROR(__LINE__ - 1, "cv_fori_loop: the bounds are s64[] and s32[] and must have one dtype; cv_astype converts");
    carry = cv_f32(0);
    cv_scan(cv_fun(twice), &carry, 1, NULL, 0, .length = -2);
    EXPECT_ERROR(__LINE__ - 1, "cv_scan: length is negative");
    carry = cv_f32(0);
    cv_scan(cv_fun(twice), &carry, 1, NULL, 0, .length = 2, .unroll = -1);
    EXPECT_ERROR(__LINE__ - 1, "cv_scan: unroll is negative");
    cv_val values[] = {x, VECTOR(1, 2, 3)};
    cv_associative_scan(cv_fun(keeps, .in = 4, .out = 2), values, 2);
    EXPECT_ERROR(__LINE__ - 1, "cv_associative_scan: value 0 is f32[2] and value 1 is f32[3]: along axis 0 they must be equally long");
    cv_associative_scan(cv_fun(summed), &x, 1);
    EXPECT_ERROR(__LINE__ - 1, "cv_associative_scan: summed is given f32[1] for value 0 and returns f32[]; it must return the type it was given");
    x = VECTOR(1, 2);
    cv_associative_scan(cv_fun(plus), &x, 1, .axis = 1);
    EXPECT_ERROR(__LINE__ - 1, "cv_associative_scan: axis 1 is out of range for value 0, f32[2]");
    assert_true(cv_is_poison(x));
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
        cmocka_unit_test(test_switch_takes_the_nearest_branch),
        cmocka_unit_test(test_fori_loop_takes_traced_bounds),
        cmocka_unit_test(test_while_loop_that_counts_has_a_gradient),
        cmocka_unit_test(test_scan_unrolled_is_the_same),
        cmocka_unit_test(test_no_steps_at_all),
        cmocka_unit_test(test_map_is_a_loop),
        cmocka_unit_test(test_associative_scan_of_every_length),
        cmocka_unit_test(test_weak_carries_are_promoted_as_in_jax),
        cmocka_unit_test(test_mistakes_with_counts_and_types_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
