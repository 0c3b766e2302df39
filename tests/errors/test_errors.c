// What a user is told: for each mistake the exact message, with the file and line of the call; then
// the error is cleared and a correct call must work.

#include <pthread.h>

#include "../unit/public_api.h"

static cv_val square_sum(cv_val x) {
    return cv_sum(cv_mul(x, x));
}

// The library is well after every mistake.
static void check_works(void) {
    cv_val gradient = cv_call_one(cv_jit(cv_grad(cv_fun(square_sum))), VECTOR(1, 2));
    EXPECT(gradient, 2, 4);
}

#define REJECTED(at, message)                                                                      \
    do {                                                                                           \
        EXPECT_ERROR(at, message);                                                                 \
        check_works();                                                                             \
    } while (0)

static cv_val matrix(int64_t rows, int64_t columns) {
    return cv_zeros(CV_F32, CV_INTS(rows, columns));
}

static void test_shapes_that_do_not_match(void **state) {
    (void)state;
    cv_val a = matrix(8, 3), b = matrix(4, 5);
    assert_true(cv_is_poison(cv_matmul(a, b)));
    REJECTED(__LINE__ - 1, "cv_matmul: f32[8,3] x f32[4,5]: inner dimensions 3 and 4 differ");
    assert_true(cv_is_poison(cv_add(a, b)));
    REJECTED(__LINE__ - 1, "cv_add: f32[8,3] and f32[4,5]: shapes cannot be broadcast together");
}

static int wrong_line;

static cv_val wrong_in_trace(cv_val x) {
    wrong_line = __LINE__ + 1;
    return cv_matmul(x, matrix(4, 5));
}

static void test_mistake_inside_a_function_names_its_own_line(void **state) {
    (void)state;
    cv_val out[2];
    assert_int_equal(cv_call(cv_jit(cv_grad(cv_fun(wrong_in_trace))), out, 1, matrix(8, 3)), CV_INVALID);
    assert_true(cv_is_poison(out[0]));
    REJECTED(wrong_line, "cv_matmul: f32[8,3] x f32[4,5]: inner dimensions 3 and 4 differ");
    assert_true(cv_is_poison(cv_call_one(cv_fun(wrong_in_trace), matrix(8, 3))));
    REJECTED(wrong_line, "cv_matmul: f32[8,3] x f32[4,5]: inner dimensions 3 and 4 differ");
}

static void test_wrong_dtype(void **state) {
    (void)state;
    assert_true(cv_is_poison(cv_bitwise_and(cv_f32(1), 2)));
    REJECTED(__LINE__ - 1, "cv_bitwise_and: f32[]: bits are those of bool and integers; cv_astype converts");
    assert_true(cv_is_poison(cv_zeros((cv_dtype)99, CV_INTS(2))));
    REJECTED(__LINE__ - 1, "cv_zeros: 99 is not a dtype of arrays");
}

static void test_axis_out_of_range(void **state) {
    (void)state;
    assert_true(cv_is_poison(cv_sum(matrix(2, 3), .axis = CV_INTS(2))));
    REJECTED(__LINE__ - 1, "cv_sum: axis 2 is out of range for f32[2,3], which has 2 axes");
    cv_call_one(cv_vmap(cv_fun(square_sum), .in = CV_INTS(2)), matrix(2, 3));
    REJECTED(__LINE__ - 1, "cv_call: vmap of square_sum: axis 2 is out of range for argument 0, f32[2,3]; CV_NONE does not map it");
    cv_call_one(cv_vmap(cv_fun(square_sum), .out = CV_INTS(1)), matrix(2, 3));
    REJECTED(__LINE__ - 1, "cv_call: vmap of square_sum: out axis 1 is out of range for result 0, f32[] and one axis more");
}

static cv_val doubled(cv_val x) { return cv_mul(x, 2.0); }
static cv_val index_sum(cv_val x) { return cv_sum(cv_astype(x, CV_F32)); }

static void test_grad_of_what_has_no_gradient(void **state) {
    (void)state;
    cv_call_one(cv_grad(cv_fun(doubled)), VECTOR(1, 2, 3));
    REJECTED(__LINE__ - 1, "cv_call: grad of doubled: result 0 is f32[3], not a floating scalar; take cv_sum or cv_mean of it, or use cv_vjp");
    cv_call_one(cv_grad(cv_vmap(cv_fun(doubled))), VECTOR(1, 2, 3));
    REJECTED(__LINE__ - 1, "cv_call: grad of vmap(doubled): result 0 is f32[3], not a floating scalar; take cv_sum or cv_mean of it, or use cv_vjp");
    cv_call_one(cv_grad(cv_fun(index_sum)), cv_array(CV_S32, CV_INTS(2), ((int32_t[]){1, 2})));
    REJECTED(__LINE__ - 1, "cv_call: grad of index_sum: argument 0 is s32[2], and only floating arguments have gradients");
    cv_grad(cv_fun(doubled), .argnums = CV_INTS(0, 1));
    REJECTED(__LINE__ - 1, "cv_grad: argnum 1 is out of range: doubled takes 1 argument, counted from 0");
}

static void test_counts_that_do_not_match(void **state) {
    (void)state;
    cv_val out[2];
    cv_call(cv_jit(cv_fun(doubled)), out, 1, 1.0, 2.0);
    REJECTED(__LINE__ - 1, "cv_call: jit(doubled) takes 1 argument, not 2");
    cv_call(cv_fun(doubled), out, 2, 1.0);
    REJECTED(__LINE__ - 1, "cv_call: doubled has 1 result, not 2");
    assert_true(cv_is_poison(out[0]) && cv_is_poison(out[1]));
    cv_vmap(cv_fun(doubled), .in = CV_INTS(0, 0));
    REJECTED(__LINE__ - 1, "cv_vmap: .in has 2 axes and doubled takes 1 argument: give one for each, or CV_NONE");
}

static cv_val product(cv_val x, cv_val y) { return cv_mul(x, y); }

static void test_vmap_sizes_that_differ(void **state) {
    (void)state;
    cv_call_one(cv_vmap(cv_fun(product)), VECTOR(1, 2, 3), VECTOR(1, 2, 3, 4));
    REJECTED(__LINE__ - 1, "cv_call: argument 0 has size 3 along axis 0 and argument 1 4");
    cv_call_one(cv_vmap(cv_fun(doubled), .size = 2), VECTOR(1, 2, 3));
    REJECTED(__LINE__ - 1, "cv_call: argument 0 has size 3 along axis 0 and .size is 2");
    cv_vmap(cv_fun(doubled), .in = CV_INTS(CV_NONE));
    REJECTED(__LINE__ - 1, "cv_vmap: no argument of doubled is mapped: give .size");
}

static void test_tangents_that_do_not_fit(void **state) {
    (void)state;
    cv_val out[4];
    cv_call(cv_jvp(cv_fun(product)), out, 2, VECTOR(1, 2), 2.0, VECTOR(1), 1.0);
    REJECTED(__LINE__ - 1, "cv_call: the tangent of argument 0 is f32[1] and must have its type, f32[2]");
    cv_call(cv_jvp(cv_fun(product)), out, 2, 3, 2.0, 1, 1.0);
    REJECTED(__LINE__ - 1, "cv_call: the tangent of argument 0 must be cv_none: s32[] has none");
    cv_call(cv_vjp(cv_fun(product)), out, 3, 3.0, 2.0, cv_none);
    REJECTED(__LINE__ - 1, "cv_call: the cotangent of result 0 is absent; it must be f32[]");
}

// Handles in the wrong place

static cv_val escaped;

static cv_val lets_escape(cv_val x) {
    escaped = cv_mul(x, 2.0);
    return escaped;
}

static cv_val returns_escaped(cv_val x) {
    (void)x;
    return escaped;
}

static void two_results(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0];
}

static void test_handles_that_left_their_trace(void **state) {
    (void)state;
    cv_call_one(cv_jit(cv_fun(lets_escape)), 1.0);
    assert_true(cv_is_poison(cv_add(escaped, 1.0)));
    REJECTED(__LINE__ - 1, "cv_add: argument 0 is a value of a trace that has ended");
    cv_call_one(cv_jit(cv_fun(doubled)), escaped);
    REJECTED(__LINE__ - 1, "cv_call: argument 0 is a value of a trace that has ended");
    cv_call_one(cv_jit(cv_fun(returns_escaped)), 1.0);
    REJECTED(__LINE__ - 1, "cv_call: result 0 of returns_escaped is a value of a trace that has ended");
    cv_call_one(cv_fun(returns_escaped), 1.0);
    REJECTED(__LINE__ - 1, "cv_call: result 0 of returns_escaped is a value of a trace that has ended");
}

static void *use_elsewhere(void *message) {
    cv_add(escaped, 1.0);
    snprintf(message, 256, "%s", cv_message());
    return NULL;
}

static char message_of_thread[256];

static cv_val shares_with_a_thread(cv_val x) {
    pthread_t thread;
    escaped = x;
    pthread_create(&thread, NULL, use_elsewhere, message_of_thread);
    pthread_join(thread, NULL);
    return x;
}

static void test_handles_of_another_threads_trace(void **state) {
    (void)state;
    EXPECT(cv_call_one(cv_jit(cv_fun(shares_with_a_thread)), 1.0), 1);
    assert_non_null(strstr(message_of_thread, ": cv_add: argument 0 is a value of another thread's trace"));
    check_works();
}

static void test_results_that_are_missing(void **state) {
    (void)state;
    cv_val out[2];
    cv_fn f = cv_fun(two_results, .in = 1, .out = 2);
    cv_call(cv_jit(f), out, 2, 1.0);
    REJECTED(__LINE__ - 1, "cv_call: two_results returned no value for result 1");
    cv_call(f, out, 2, 1.0);
    REJECTED(__LINE__ - 1, "cv_call: two_results returned no value for result 1");
    cv_fun(two_results);
    REJECTED(__LINE__ - 1, "cv_fun: two_results has the general form and needs .in and .out, the counts of its arguments and results");
    assert_true(cv_is_poison(cv_add(cv_none, 1)));
    REJECTED(__LINE__ - 1, "cv_add: argument 0 is absent (cv_none)");
}

static void test_donated_and_dropped_handles(void **state) {
    (void)state;
    char wanted[256];
    cv_val w = VECTOR(1, 2), gone = VECTOR(1);
    cv_fn f = cv_jit(cv_fun(doubled), .donate = CV_INTS(0));
    cv_call_one(f, w); const int line = __LINE__;
    cv_call_one(cv_fun(doubled), w);
    snprintf(wanted, sizeof wanted, "cv_call: argument 0 was donated to doubled at %s:%d and cannot be used again", __FILE__, line);
    REJECTED(__LINE__ - 2, wanted);
    cv_drop(gone);
    cv_add(1, gone);
    REJECTED(__LINE__ - 1, "cv_add: argument 1 was dropped, or its scope has ended");
}

// Data of a value that has none yet

static cv_val reads(cv_val x) {
    wrong_line = __LINE__ + 1;
    return cv_mul(x, cv_item(x));
}

static void test_reading_a_traced_value(void **state) {
    (void)state;
    cv_call_one(cv_jit(cv_fun(reads)), 1.0);
    REJECTED(wrong_line, "cv_item: the value is traced: it has no data until the function runs");
}

// Control flow

static cv_val narrow(cv_val x) { return x; }
static cv_val wide(cv_val x) { return cv_astype(x, CV_F64); }
static cv_val grows(cv_val i, cv_val x) { (void)i; return cv_astype(x, CV_F64); }

static void second_changes(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0];
    out[1] = cv_astype(in[1], CV_F64);
}

static void test_types_in_control_flow(void **state) {
    (void)state;
    cv_val out, x = VECTOR(1, 2, 3), carry[2];
    cv_cond(true, cv_fun(narrow), cv_fun(wide), &out, 1, x);
    REJECTED(__LINE__ - 1, "cv_cond: narrow returns f32[3] and wide returns f64[3] as result 0; both must return the same type");
    carry[0] = cv_f32(0), carry[1] = x;
    cv_scan(cv_fun(second_changes, .in = 2, .out = 2), carry, 2, NULL, 0, .length = 3);
    REJECTED(__LINE__ - 1, "cv_scan: carry 1 goes in as f32[3] and comes out of the body as f64[3]; make the body return the type it was given");
    assert_true(cv_is_poison(carry[0]) && cv_is_poison(carry[1]));
    carry[0] = x;
    cv_fori_loop(0, 3, cv_fun(grows), carry, 1);
    REJECTED(__LINE__ - 1, "cv_fori_loop: carry 0 goes in as f32[3] and comes out of the body as f64[3]; make the body return the type it was given");
    carry[0] = cv_f32(0);
    cv_scan(cv_fun(grows), carry, 1, NULL, 0, .xs = CV_LIST(x), .length = 2);
    REJECTED(__LINE__ - 1, "cv_scan: xs[0] is f32[3], and the scan has 2 steps: its leading axis must be that long");
}

static void test_poison_is_passed_on_in_silence(void **state) {
    (void)state;
    cv_val bad = cv_matmul(matrix(8, 3), matrix(4, 5)), out;
    cv_clear();
    assert_true(cv_is_poison(cv_add(bad, 1)));
    assert_true(cv_is_poison(cv_call_one(cv_jit(cv_fun(doubled)), bad)));
    assert_int_equal(cv_cond(true, cv_fun(doubled), cv_fun(doubled), &out, 1, bad), CV_INVALID);
    assert_true(cv_is_poison(out));
    cv_fn none = cv_grad(cv_fun(doubled), .argnums = CV_INTS(5));
    cv_clear();
    assert_true(cv_is_poison(cv_call_one(cv_jit(cv_vmap(none)), 1.0)));
    assert_true(cv_ok());
    check_works();
}

static int set_up(void **state) {
    (void)state;
    cv_scope_begin();
    return 0;
}

static int close_scope(void **state) {
    (void)state;
    cv_scope_end();
    cv_shutdown();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, close_scope)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_shapes_that_do_not_match),
        TEST(test_mistake_inside_a_function_names_its_own_line),
        TEST(test_wrong_dtype),
        TEST(test_axis_out_of_range),
        TEST(test_grad_of_what_has_no_gradient),
        TEST(test_counts_that_do_not_match),
        TEST(test_vmap_sizes_that_differ),
        TEST(test_tangents_that_do_not_fit),
        TEST(test_handles_that_left_their_trace),
        TEST(test_handles_of_another_threads_trace),
        TEST(test_results_that_are_missing),
        TEST(test_donated_and_dropped_handles),
        TEST(test_reading_a_traced_value),
        TEST(test_types_in_control_flow),
        TEST(test_poison_is_passed_on_in_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
