// The thread pool: every iteration once, loops inside loops, several callers at once, workers that come and
// go.

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/pool.h"

enum { MOST = 10000 };

typedef struct counts {
    _Atomic int of[MOST];
    int64_t grain, n;
    _Atomic int wrong;
} counts;

static void count(void *argument, int64_t begin, int64_t end) {
    counts *c = argument;
    if (begin % c->grain || (end % c->grain && end != c->n) || begin >= end) c->wrong++;
    for (int64_t i = begin; i < end; i++) atomic_fetch_add(&c->of[i], 1);
}

static void test_every_iteration_runs_once(void **state) {
    (void)state;
    static const int64_t sizes[] = {0, 1, 7, 64, 1000, MOST}, grains[] = {1, 3, 64, 5000};
    static counts c;
    for (int threads = 1; threads <= 5; threads++)
        for (int s = 0; s < 6; s++)
            for (int g = 0; g < 4; g++) {
                memset(&c, 0, sizeof c);
                c.grain = grains[g];
                c.n = sizes[s];
                base_parallel_for(threads, sizes[s], grains[g], count, &c);
                for (int64_t i = 0; i < MOST; i++) assert_int_equal(c.of[i], i < sizes[s]);
                assert_int_equal(c.wrong, 0);
            }
}

static void inner(void *argument, int64_t begin, int64_t end) {
    atomic_fetch_add((_Atomic int64_t *)argument, end - begin);
}

static void outer(void *argument, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) base_parallel_for(3, 100, 10, inner, argument);
}

static void test_loops_may_be_nested(void **state) {
    (void)state;
    _Atomic int64_t sum = 0;
    base_parallel_for(4, 50, 1, outer, &sum);
    assert_int_equal(sum, 5000);
}

static void *call_often(void *argument) {
    for (int i = 0; i < 300; i++) base_parallel_for(3, 97, 5, inner, argument);
    return NULL;
}

static void test_several_threads_may_call(void **state) {
    (void)state;
    pthread_t threads[6];
    _Atomic int64_t sums[6];
    for (int i = 0; i < 6; i++) {
        sums[i] = 0;
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &sums[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(sums[i], 300 * 97);
    }
}

static void test_workers_wake_after_sleep_and_start_again(void **state) {
    (void)state;
    _Atomic int64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        base_parallel_for(2, 1000, 1, inner, &sum);
        usleep(2000); // longer than a worker watches
    }
    base_pool_stop();
    base_pool_stop();
    base_parallel_for(2, 1000, 1, inner, &sum);
    base_pool_stop();
    assert_int_equal(sum, 4000);
    assert_true(base_threads() >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_iteration_runs_once),
        cmocka_unit_test(test_loops_may_be_nested),
        cmocka_unit_test(test_several_threads_may_call),
        cmocka_unit_test(test_workers_wake_after_sleep_and_start_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
