// Contexts, scopes, errors, threads.

#include <pthread.h>

#include "base/memory.h"
#include "public_api.h"

static bool is_live(cv_val x) {
    bool live = cv_rank(x) >= 0;
    cv_clear();
    return live;
}

static void test_scope_ends_what_was_made_in_it(void **state) {
    (void)state;
    cv_val outer = cv_f32(1);
    cv_scope_begin();
    cv_val inner = cv_f32(2), kept = cv_keep(cv_f32(3));
    cv_scope_begin();
    cv_val twice = cv_keep(cv_keep(cv_f32(4))); // the second time it is no longer in this scope
    cv_scope_end();
    assert_true(is_live(twice));
    cv_scope_end();
    assert_false(is_live(inner));
    assert_false(is_live(twice));
    assert_true(is_live(kept) && is_live(outer));
    cv_drop(kept);
    cv_drop(outer);
    assert_false(is_live(kept));
}

static void test_scope_end_without_begin_is_an_error(void **state) {
    (void)state;
    cv_scope_end();
    EXPECT_ERROR(0, "cv_scope_end: no scope is open here; each cv_scope_end needs a cv_scope_begin before it");
}

static int called;

static void handler(cv_status status, const char *message, void *argument) {
    called++;
    assert_int_equal(status, CV_INVALID);
    assert_string_equal(message, cv_message());
    assert_ptr_equal(argument, &called);
}

static void test_first_error_is_kept_and_reported(void **state) {
    (void)state;
    called = 0;
    cv_on_error(handler, &called);
    assert_true(cv_ok());
    assert_string_equal(cv_message(), "");
    cv_array(CV_F32, CV_INTS(-1), NULL);
    cv_array(CV_F32, CV_INTS(-2), NULL);
    assert_int_equal(called, 1);
    assert_int_equal(cv_error(), CV_INVALID);
    assert_non_null(strstr(cv_message(), "size -1"));
    cv_clear();
    assert_int_equal(cv_error(), CV_OK);
    cv_array(CV_F32, CV_INTS(-2), NULL);
    assert_int_equal(called, 2);
    cv_on_error(NULL, NULL);
    cv_clear();
}

static void test_contexts_are_apart(void **state) {
    (void)state;
    cv_val in_default = cv_f32(1);
    cv_context *c = cv_context_new(.default_float = CV_F64);
    cv_context *was = cv_context_use(c);
    assert_false(is_live(in_default));
    cv_val x = CV_VAL(0.1);
    assert_int_equal(cv_dtype_of(x), CV_F64);
    assert_int_equal(cv_dtype_of(cv_add(0.1, 0.2)), CV_F64);
    assert_ptr_equal(cv_context_use(was), c);
    assert_true(is_live(in_default));
    assert_false(is_live(x));
    cv_context_free(c);
    cv_drop(in_default);
}

static void test_context_goes_with_what_it_holds(void **state) {
    (void)state;
    cv_context *c = cv_context_new();
    cv_context_use(c);
    cv_scope_begin(); // stays open
    for (int i = 0; i < 1000; i++) cv_keep(cv_add(cv_f32((float)i), 1));
    cv_context_free(c);
    cv_val x = cv_f32(1); // the default context is current again
    assert_true(is_live(x));
    cv_drop(x);
}

static void test_bad_options_are_refused(void **state) {
    (void)state;
    assert_null(cv_context_new(.default_float = CV_S32));
    EXPECT_ERROR(0, "cv_context_new: the default float is CV_F32 or CV_F64, not s32");
}

static void test_shutdown_starts_afresh(void **state) {
    (void)state;
    cv_val x = cv_f32(1);
    cv_shutdown();
    assert_false(is_live(x));
    cv_val y = cv_f32(2);
    EXPECT(y, 2);
    cv_shutdown();
}

// Several threads with one context

static cv_val square_sum(cv_val x) {
    return cv_sum(cv_mul(x, x));
}

static void *work(void *argument) {
    cv_context_use(argument);
    for (int i = 1; i <= 50; i++) {
        cv_scope_begin();
        cv_val out[2], x = VECTOR((float)i, 2);
        cv_call(cv_jit(cv_value_and_grad(cv_fun(square_sum))), out, 2, x);
        float gradient[2] = {0};
        cv_read(out[1], gradient, sizeof gradient);
        bool right = cv_ok() && cv_item(out[0]) == i * i + 4 && gradient[0] == 2 * i && gradient[1] == 4;
        cv_scope_end();
        if (!right) return (void *)cv_message();
    }
    cv_f32(1); // left to the end of the thread
    return NULL;
}

static void test_threads_share_a_context(void **state) {
    (void)state;
    cv_context *c = cv_context_new();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, c), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        if (wrong) print_error("%s\n", (const char *)wrong);
        assert_null(wrong);
    }
    cv_context_free(c);
}

// Everything that allocates, with each of its allocations failing in turn

static void add_captured(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_add(in[0], *(const cv_val *)context);
}

static cv_fn adds(cv_val x) {
    return cv_fun(add_captured, .in = 1, .out = 1, .context = &x, .size = sizeof x);
}

static cv_status transforms(cv_val *out) {
    cv_val pair[2];
    cv_status status = cv_call(cv_vmap(cv_value_and_grad(cv_fun(square_sum))), pair, 2, cv_array(CV_F32, CV_INTS(1, 2), ((float[]){1, 2})));
    *out = pair[1];
    return status;
}

static cv_val captures(cv_val x) {
    cv_val carry = cv_zeros_like(x), y;
    cv_scan(adds(cv_mul(x, 2)), &carry, 1, NULL, 0, .length = 2);
    cv_cond(cv_greater(cv_sum(carry), 0), adds(x), adds(carry), &y, 1, carry);
    return y;
}

static cv_status control_flow(cv_val *out) {
    return cv_call(cv_jit(cv_fun(captures)), out, 1, VECTOR(1, 2)) ? CV_INVALID : CV_OK;
}

static cv_val add_count(cv_val i, cv_val x) {
    return cv_add(x, cv_astype(i, CV_F32));
}

static cv_status immediate(cv_val *out) {
    cv_val w = VECTOR(1, 2), x = CV_VAL(1.0);
    cv_status status = cv_fori_loop(0, 1, cv_fun(add_count), &x, 1);
    cv_status after = cv_call(cv_jit(adds(w), .donate = CV_INTS(0)), out, 1, cv_mul(w, x));
    return status ? status : after;
}

static cv_status texts(cv_val *out) {
    cv_fn f = cv_keep_fn(cv_jit(cv_fun(square_sum)));
    cv_val x = cv_keep(VECTOR(1, 2));
    cv_val pair[2];
    cv_status status = cv_call(cv_jvp(f), pair, 2, x, x);
    bool empty = !*cv_make_simplified_ir(f, x) || !*cv_explain(f);
    *out = cv_add(x, x);
    return status || empty || cv_is_poison(*out) ? CV_INVALID : CV_OK;
}

// A matrix product, relu, sorting and a scan, differentiated, compiled, run.
static void decay(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_mul(in[0], 0.5);
}

static cv_val trained(cv_val w) {
    cv_val layer = cv_array(CV_F32, CV_INTS(2, 2), ((float[]){4, 8, 8, 4}));
    cv_val weight = cv_sum(cv_sort(cv_relu(cv_matmul(cv_reshape(w, CV_INTS(1, 2)), layer))));
    cv_scan(cv_fun(decay, .in = 1, .out = 1), &weight, 1, NULL, 0, .length = 2);
    return cv_add(weight, cv_sum(cv_mul(w, w)));
}

static cv_status training(cv_val *out) {
    return cv_call(cv_jit(cv_grad(cv_fun(trained))), out, 1, VECTOR(1, 2));
}

// One run with allocation n failing (0: none): its result is right, or its error is the one that it should be.
static void run_failing(size_t i, cv_status (*run)(cv_val *out), const float *right, uint64_t n, bool *failed) {
    cv_scope_begin();
    cv_val out = cv_none;
    base_fail_allocation(n);
    cv_status status = run(&out);
    *failed = base_fail_allocation(0) >= n && n;
    if (!status) EXPECT(out, right[0], right[1]);
    else if (cv_error() != CV_OUT_OF_MEMORY) fail_msg("case %zu, allocation %u: %s", i, (unsigned)n, cv_message());
    cv_clear();
    cv_scope_end();
    if (status && !*failed) fail_msg("case %zu fails with all allocations that it wants", i);
}

static void test_every_failing_allocation_is_an_error(void **state) {
    (void)state;
    struct { cv_status (*run)(cv_val *out); float right[2]; } cases[] = {
        {transforms, {2, 4}}, {control_flow, {5, 10}}, {immediate, {2, 4}}, {texts, {2, 4}}, {training, {5, 7}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool failed = true, again;
        int64_t before = base_live_allocations();
        for (uint64_t n = 1; failed; n++) {
            cv_context *c = cv_context_new(); // nothing is cached
            cv_context_use(c);
            run_failing(i, cases[i].run, cases[i].right, n, &failed);
            // What failed leaves nothing behind that would be in the way.
            if (n % 16 == 1) run_failing(i, cases[i].run, cases[i].right, 0, &again);
            cv_context_free(c);
            if (n > 1 && base_live_allocations() != before)
                fail_msg("case %zu, allocation %u: %lld allocations are not given back", i, (unsigned)n,
                         (long long)(base_live_allocations() - before));
            before = base_live_allocations();
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_ends_what_was_made_in_it),
        cmocka_unit_test(test_scope_end_without_begin_is_an_error),
        cmocka_unit_test(test_first_error_is_kept_and_reported),
        cmocka_unit_test(test_contexts_are_apart),
        cmocka_unit_test(test_context_goes_with_what_it_holds),
        cmocka_unit_test(test_bad_options_are_refused),
        cmocka_unit_test(test_shutdown_starts_afresh),
        cmocka_unit_test(test_threads_share_a_context),
        cmocka_unit_test(test_every_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
