// The caching allocator: alignment, sizes, what is handed out again, what is given back, several threads.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/allocator.h"

static void test_blocks_are_aligned_and_large_enough(void **state) {
    (void)state;
    char *blocks[300];
    size_t n = 0;
    for (size_t size = 0; size < 3 << 20; size += size / 9 + 1) {
        blocks[n] = rt_allocate(size);
        assert_int_equal((uintptr_t)blocks[n] % RT_ALIGNMENT, 0);
        memset(blocks[n], (int)n, size ? size : 1);
        n++;
    }
    size_t size = 0;
    for (size_t i = 0; i < n; i++, size += size / 9 + 1) {
        assert_int_equal((unsigned char)blocks[i][0], i & 255);
        if (size) assert_int_equal((unsigned char)blocks[i][size - 1], i & 255);
        rt_free(blocks[i]);
    }
    rt_free(NULL);
}

static void test_what_is_given_back_is_handed_out_again(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 64, 65, 1000, 5000, 1 << 20, (size_t)100 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *first = rt_allocate(sizes[i]);
        rt_free(first);
        base_fail_allocation(0);
        void *second = rt_allocate(sizes[i]);
        assert_int_equal(base_fail_allocation(0), 0); // nothing was asked of malloc
        assert_ptr_equal(first, second);
        rt_free(second);
    }
}

static void test_usage_is_known(void **state) {
    (void)state;
    rt_trim();
    rt_usage before = rt_memory_usage();
    assert_int_equal(before.kept, 0);
    void *block = rt_allocate(1 << 16);
    assert_int_equal(rt_memory_usage().used, before.used + (1 << 16));
    rt_free(block);
    assert_int_equal(rt_memory_usage().used, before.used);
    assert_int_equal(rt_memory_usage().kept, 1 << 16);
    rt_trim();
    assert_int_equal(rt_memory_usage().kept, 0);
}

static void ask_for(void *size) { rt_free(rt_allocate(*(size_t *)size)); }

static void test_no_memory_is_an_error(void **state) {
    (void)state;
    base_failure failure;
    size_t size = SIZE_MAX / 4;
    assert_int_equal(base_protect(ask_for, &size, &failure), CV_OUT_OF_MEMORY);
    size = 12345678;
    rt_trim();
    base_fail_allocation(1);
    assert_int_equal(base_protect(ask_for, &size, &failure), CV_OUT_OF_MEMORY);
    base_fail_allocation(0);
    assert_int_equal(base_protect(ask_for, &size, &failure), CV_OK);
}

static void *use_often(void *argument) {
    uintptr_t own = (uintptr_t)argument;
    for (size_t i = 0; i < 2000; i++) {
        size_t size = (i * 7919 + own * 104729) % 9000 + 1;
        unsigned char *a = rt_allocate(size), *b = rt_allocate(size);
        memset(a, (int)own, size);
        memset(b, (int)own + 100, size);
        if (a == b || a[size - 1] != own || b[0] != own + 100) return (void *)1;
        rt_free(a);
        rt_free(b);
    }
    return NULL;
}

static void test_several_threads_may_use_it(void **state) {
    (void)state;
    pthread_t threads[6];
    for (uintptr_t i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_often, (void *)i), 0);
    for (int i = 0; i < 6; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    rt_trim();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_aligned_and_large_enough),
        cmocka_unit_test(test_what_is_given_back_is_handed_out_again),
        cmocka_unit_test(test_usage_is_known),
        cmocka_unit_test(test_no_memory_is_an_error),
        cmocka_unit_test(test_several_threads_may_use_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
