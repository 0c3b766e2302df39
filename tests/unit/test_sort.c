// Sorting through the public API: every number of passes, several keys, comparators of the user's, their
// derivatives, and what sorts and folds by a function refuse; compiled, and by the interpreter.

#include <stdlib.h>

#include "public_api.h"

enum { MOST = 70, LANES = 3 };

static uint32_t state_of_numbers = 1;

// Few different numbers, so that many are equal.
static float next_number(void) {
    state_of_numbers = state_of_numbers * 1664525u + 1013904223u;
    return (float)(state_of_numbers >> 27) - 16;
}

static int by_number(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int by_number_and_place(const void *a, const void *b) {
    const float *x = a, *y = b;
    return x[0] != y[0] ? (x[0] > y[0]) - (x[0] < y[0]) : (x[1] > y[1]) - (x[1] < y[1]);
}

// LANES lanes of n along either axis, beside numbers that tell where they were.
static void check_lanes(int64_t n, bool last) {
    static float x[MOST * LANES], place[MOST * LANES], pairs[MOST][2];
    int64_t step = last ? 1 : LANES, lane = last ? n : 1;
    for (int64_t i = 0; i < n * LANES; i++) x[i] = next_number(), place[i] = (float)(i / step % n);
    cv_ints shape = last ? CV_INTS(LANES, n) : CV_INTS(n, LANES);
    cv_val in[] = {cv_array(CV_F32, shape, x), cv_array(CV_F32, shape, place)}, out[2];
    cv_sort_together(((cv_vals){2, in}), out, .axis = last ? CV_INTS(1) : CV_INTS(0));
    assert_true(cv_ok());
    const float *sorted = cv_data(out[0]), *places = cv_data(out[1]);
    for (int64_t l = 0; l < LANES; l++) {
        for (int64_t i = 0; i < n; i++) pairs[i][0] = x[l * lane + i * step], pairs[i][1] = (float)i;
        qsort(pairs, (size_t)n, sizeof *pairs, by_number_and_place);
        for (int64_t i = 0; i < n; i++) {
            assert_true(sorted[l * lane + i * step] == pairs[i][0]);
            assert_true(places[l * lane + i * step] == pairs[i][1]);
        }
    }
}

static void test_sort_is_right_and_stable_for_every_length(void **state) {
    (void)state;
    for (int64_t n = 1; n <= MOST; n += n < 20 ? 1 : 11) {
        cv_scope_begin();
        check_lanes(n, true);
        check_lanes(n, false);
        cv_scope_end();
    }
}

static void test_sort_of_many_elements(void **state) {
    (void)state;
    enum { N = 100003 };
    static float x[N];
    cv_scope_begin();
    for (int i = 0; i < N; i++) x[i] = next_number() + next_number() / 64;
    cv_val sorted = cv_sort(cv_array(CV_F32, CV_INTS(N), x));
    assert_true(cv_ok());
    qsort(x, N, sizeof *x, by_number);
    assert_memory_equal(cv_data(sorted), x, sizeof x);
    cv_scope_end();
}

// Comparators

static cv_val by_magnitude(cv_val a, cv_val b) { return cv_less(cv_abs(a), cv_abs(b)); }

// By the remainder of division by 4 downwards, then by the second array upwards.
static void by_remainder(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val p = cv_sub(in[0], cv_mul(cv_floor(cv_div(in[0], 4)), 4)), q = cv_sub(in[1], cv_mul(cv_floor(cv_div(in[1], 4)), 4));
    out[0] = cv_logical_or(cv_greater(p, q), cv_logical_and(cv_equal(p, q), cv_less(in[2], in[3])));
}

static void test_sort_by_a_comparator(void **state) {
    (void)state;
    cv_val out[2];
    cv_scope_begin();
    cv_sort_together(CV_LIST(VECTOR(3, -1, 2, -3, 1, 0)), out, .comparator = cv_fun(by_magnitude));
    EXPECT(out[0], 0, -1, 1, 2, 3, -3);
    cv_sort_together(CV_LIST(VECTOR(4, 7, 3, 9, 8, 5), VECTOR(2, 1, 0, 6, -1, 4)), out,
                     .comparator = cv_fun(by_remainder, .in = 4, .out = 1));
    EXPECT(out[0], 3, 7, 5, 9, 8, 4);
    EXPECT(out[1], 0, 1, 4, 6, -1, 2);
    cv_scope_end();
}

static cv_val weighted(cv_val x) {
    cv_val out[1];
    cv_sort_together(CV_LIST(cv_mul(x, x)), out, .comparator = cv_jit(cv_fun(by_magnitude)));
    return cv_sum(cv_mul(out[0], VECTOR(1, 10, 100)));
}

static void test_sort_has_derivatives(void **state) {
    (void)state;
    cv_val out[2];
    cv_scope_begin();
    cv_call(cv_jit(cv_jvp(cv_grad(cv_fun(weighted)))), out, 2, VECTOR(3, -1, 2), VECTOR(1, 1, 1));
    EXPECT(out[0], 600, -2, 40);
    EXPECT(out[1], 200, 2, 20);
    cv_val rows = cv_reshape(VECTOR(3, -1, 2, 1, 2, -3), CV_INTS(2, 3));
    cv_call(cv_vmap(cv_grad(cv_fun(weighted))), out, 1, rows);
    EXPECT(out[0], 600, -2, 40, 2, 40, -600);
    cv_scope_end();
}

// What is refused

static cv_val captured;
static cv_val by_captured(cv_val a, cv_val b) { return cv_less(cv_mul(a, captured), b); }
static cv_val by_difference(cv_val a, cv_val b) { return cv_sub(a, b); }

static void test_sort_refuses(void **state) {
    (void)state;
    cv_val out[2], x, y;
    cv_scope_begin();
    x = VECTOR(1, 2), y = VECTOR(1, 2, 3), captured = cv_f32(2);
    cv_sort_together(CV_LIST(x, y), out);
    EXPECT_ERROR(__LINE__ - 1, "cv_sort_together: operand 0 is f32[2] and operand 1 is f32[3]: they must have one shape");
    cv_sort_together(CV_LIST(x, x), out, .num_keys = 3);
    EXPECT_ERROR(__LINE__ - 1, "cv_sort_together: num_keys is 3 and there are 2 arrays");
    cv_sort_together(CV_LIST(x, x), out, .comparator = cv_fun(by_magnitude));
    EXPECT_ERROR(__LINE__ - 1, "cv_sort_together: the comparator, by_magnitude, takes 2 arguments and has 1 results, not 4 and 1");
    cv_sort_together(CV_LIST(x), out, .comparator = cv_fun(by_captured));
    EXPECT_ERROR(__LINE__ - 1, "cv_sort_together: the comparator, by_captured, uses an array that is no argument of it; pass it as one more operand");
    cv_sort_together(CV_LIST(x), out, .comparator = cv_fun(by_difference));
    EXPECT_ERROR(__LINE__ - 1, "cv_sort_together: the comparator returns f32[], not bool[]");
    assert_true(cv_is_poison(cv_sort(cv_f32(1))));
    EXPECT_ERROR(__LINE__ - 1, "cv_sort: axis -1 is out of range: f32[] is a scalar");
    cv_top_k(x, 3, out);
    EXPECT_ERROR(__LINE__ - 1, "cv_top_k: f32[2] has no 3 elements along its last axis");
    cv_reduce(CV_LIST(x, x), CV_LIST(0), cv_fun(by_magnitude), out);
    EXPECT_ERROR(__LINE__ - 1, "cv_reduce: each array needs an initial value");
    cv_reduce(CV_LIST(x), CV_LIST(0), cv_fun(by_magnitude), out);
    EXPECT_ERROR(__LINE__ - 1, "cv_reduce: result 0 of the body is bool[], not f32[]");
    cv_reduce(CV_LIST(x), CV_LIST(y), cv_fun(by_difference), out);
    EXPECT_ERROR(__LINE__ - 1, "cv_reduce: the initial value of f32[2] is f32[3], not f32[]");
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sort_is_right_and_stable_for_every_length),
        cmocka_unit_test(test_sort_of_many_elements),
        cmocka_unit_test(test_sort_by_a_comparator),
        cmocka_unit_test(test_sort_has_derivatives),
        cmocka_unit_test(test_sort_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
