// Failures: what a protected call returns, what it releases, and in which order.

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"

static void do_nothing(void *argument) {
    (void)argument;
}

static void test_protect_returns_ok(void **state) {
    (void)state;
    base_failure failure = {.status = CV_INTERNAL};
    assert_int_equal(base_protect(do_nothing, NULL, &failure), CV_OK);
    assert_int_equal(failure.status, CV_OK);
}

static void raise_unsupported(void *argument) {
    base_raise(CV_UNSUPPORTED, "%s: %d", (const char *)argument, 7);
}

static void test_raise_carries_status_and_message(void **state) {
    (void)state;
    base_failure failure;
    char what[] = "f.c:3";
    assert_int_equal(base_protect(raise_unsupported, what, &failure), CV_UNSUPPORTED);
    assert_int_equal(failure.status, CV_UNSUPPORTED);
    assert_string_equal(failure.message, "f.c:3: 7");
}

static void raise_long(void *argument) {
    base_raise(CV_INVALID, "%s", (const char *)argument);
}

static void test_raise_cuts_a_long_message(void **state) {
    (void)state;
    base_failure failure;
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(base_protect(raise_long, text, &failure), CV_INVALID);
    assert_int_equal(strlen(failure.message), sizeof failure.message - 1);
}

// A list of numbers in the order in which they were written down.
static int noted[16], n_noted;

static void note(void *argument) {
    noted[n_noted++] = (int)(intptr_t)argument;
}

static void *number(int n) {
    return (void *)(intptr_t)n;
}

static void defer_three(void *argument) {
    for (int i = 1; i <= 3; i++) base_defer(note, number(i));
    assert_int_equal(n_noted, 0);
    if (argument) base_raise(CV_INVALID, "three");
}

static void check_three(bool raising) {
    base_failure failure;
    n_noted = 0;
    cv_status status = base_protect(defer_three, raising ? &failure : NULL, &failure);
    assert_int_equal(status, raising ? CV_INVALID : CV_OK);
    assert_int_equal(n_noted, 3);
    for (int i = 0; i < 3; i++) assert_int_equal(noted[i], 3 - i);
}

static void test_deferred_work_runs_last_first(void **state) {
    (void)state;
    check_three(false);
    check_three(true);
}

static void inner_fails(void *argument) {
    (void)argument;
    base_defer(note, number(1));
    base_raise(CV_IO, "inner");
}

static void outer_goes_on(void *argument) {
    (void)argument;
    base_failure failure;
    base_defer(note, number(2));
    assert_int_equal(base_protect(inner_fails, NULL, &failure), CV_IO);
    assert_int_equal(n_noted, 1);
    base_defer(note, number(3));
}

static void test_nested_protection_ends_at_the_inner_call(void **state) {
    (void)state;
    base_failure failure;
    n_noted = 0;
    assert_int_equal(base_protect(outer_goes_on, NULL, &failure), CV_OK);
    assert_int_equal(n_noted, 3);
    assert_int_equal(noted[0], 1);
    assert_int_equal(noted[1], 3);
    assert_int_equal(noted[2], 2);
}

static void outer_raises_again(void *argument) {
    (void)argument;
    base_failure failure;
    base_defer(note, number(2));
    base_protect(inner_fails, NULL, &failure);
    base_raise_again(&failure);
}

static void test_raise_again_reaches_the_outer_call(void **state) {
    (void)state;
    base_failure failure;
    n_noted = 0;
    assert_int_equal(base_protect(outer_raises_again, NULL, &failure), CV_IO);
    assert_string_equal(failure.message, "inner");
    assert_int_equal(n_noted, 2);
    assert_int_equal(noted[0], 1);
    assert_int_equal(noted[1], 2);
}

static void check_fails(void *argument) {
    base_check(argument != NULL);
    base_check(1 + 1 == 3);
}

static void test_check_names_file_and_condition(void **state) {
    (void)state;
    base_failure failure;
    assert_int_equal(base_protect(check_fails, &failure, &failure), CV_INTERNAL);
    assert_non_null(strstr(failure.message, "test_error.c:"));
    assert_non_null(strstr(failure.message, "1 + 1 == 3"));
}

static void nothing(void *argument) { (void)argument; }

// The first few are noted without memory of their own.
static void defer_without_memory(void *argument) {
    (void)argument;
    base_fail_allocation(1);
    for (int i = 0; i < 20; i++) base_defer(nothing, NULL);
    for (int i = 0; i < 20; i++) base_defer(note, number(9));
    fail_msg("base_defer came back");
}

static void test_defer_without_memory_releases_and_raises(void **state) {
    (void)state;
    base_failure failure;
    n_noted = 0;
    cv_status status = base_protect(defer_without_memory, NULL, &failure);
    base_fail_allocation(0);
    assert_int_equal(status, CV_OUT_OF_MEMORY);
    assert_true(n_noted > 1); // those that were noted too
    assert_int_equal(noted[0], 9);
}

static void raise_number(void *argument) {
    base_raise(CV_INVALID, "%d", *(int *)argument);
}

static void *raise_often(void *argument) {
    char expected[16];
    snprintf(expected, sizeof expected, "%d", *(int *)argument);
    for (int i = 0; i < 1000; i++) {
        base_failure failure;
        if (base_protect(raise_number, argument, &failure) != CV_INVALID) return argument;
        if (strcmp(failure.message, expected)) return argument;
    }
    return NULL;
}

static void test_threads_have_failures_of_their_own(void **state) {
    (void)state;
    pthread_t threads[4];
    int numbers[4] = {1, 22, 333, 4444};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, raise_often, &numbers[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

static void test_status_texts_are_all_there(void **state) {
    (void)state;
    for (int status = CV_OK; status <= CV_INTERNAL; status++)
        assert_string_not_equal(cv_status_text((cv_status)status), "unknown status");
    assert_string_equal(cv_status_text((cv_status)99), "unknown status");
    assert_string_equal(cv_status_text((cv_status)-1), "unknown status");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protect_returns_ok),
        cmocka_unit_test(test_raise_carries_status_and_message),
        cmocka_unit_test(test_raise_cuts_a_long_message),
        cmocka_unit_test(test_deferred_work_runs_last_first),
        cmocka_unit_test(test_nested_protection_ends_at_the_inner_call),
        cmocka_unit_test(test_raise_again_reaches_the_outer_call),
        cmocka_unit_test(test_check_names_file_and_condition),
        cmocka_unit_test(test_defer_without_memory_releases_and_raises),
        cmocka_unit_test(test_threads_have_failures_of_their_own),
        cmocka_unit_test(test_status_texts_are_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
