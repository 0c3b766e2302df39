// Arenas, growable arrays and texts; allocations that fail.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static void test_arena_memory_is_aligned_and_apart(void **state) {
    (void)state;
    enum { N = 2000 };
    static unsigned char *at[N];
    static size_t size[N];
    base_arena arena = {0};
    for (size_t i = 0; i < N; i++) {
        size[i] = i * 7 % 613;
        at[i] = base_arena_alloc(&arena, size[i]);
        assert_int_equal((uintptr_t)at[i] % 16, 0);
        memset(at[i], (int)(i % 251), size[i]);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < size[i]; k++) assert_int_equal(at[i][k], i % 251);
    base_arena_free(&arena);
    assert_null(arena.blocks);
    assert_int_equal(arena.total, 0);
}

static void test_arena_opens_few_blocks(void **state) {
    (void)state;
    base_arena arena = {0};
    base_fail_allocation(0);
    for (int i = 0; i < 100000; i++) base_arena_alloc(&arena, 32);
    uint64_t made = base_fail_allocation(0);
    assert_true(made < 30);
    assert_true(arena.total >= 3200000 && arena.total < 8000000);
    base_arena_free(&arena);
}

static void test_arena_takes_what_is_larger_than_a_block(void **state) {
    (void)state;
    base_arena arena = {0};
    char *small = base_arena_strdup(&arena, "small");
    char *large = base_arena_zeroed(&arena, (size_t)5 << 20);
    large[((size_t)5 << 20) - 1] = 1;
    char *after = base_arena_strdup(&arena, "after");
    assert_string_equal(small, "small");
    assert_string_equal(after, "after");
    assert_int_equal(large[0], 0);
    base_arena_free(&arena);
}

static void test_arena_zeroes_and_copies(void **state) {
    (void)state;
    base_arena arena = {0};
    memset(base_arena_alloc(&arena, 900), 0xff, 900);
    base_arena_free(&arena);
    int *numbers = base_new_array(&arena, int, 300);
    for (int i = 0; i < 300; i++) assert_int_equal(numbers[i], 0);
    int three[] = {1, 2, 3}, *copy = base_arena_copy(&arena, three, sizeof three);
    three[1] = 7;
    assert_int_equal(copy[1], 2);
    assert_non_null(base_arena_copy(&arena, NULL, 0));
    base_arena_free(&arena);
}

static void ask_for_too_much(void *argument) {
    base_arena_alloc(argument, SIZE_MAX - 3);
}

static void test_arena_refuses_sizes_that_overflow(void **state) {
    (void)state;
    base_arena arena = {0};
    base_failure failure;
    assert_int_equal(base_protect(ask_for_too_much, &arena, &failure), CV_OUT_OF_MEMORY);
    base_arena_free(&arena);
}

static void test_vector_grows_and_keeps(void **state) {
    (void)state;
    base_arena arena = {0};
    base_vector(uint32_t) v = {0};
    for (uint32_t i = 0; i < 100000; i++) base_push(&arena, &v, i * 3);
    assert_int_equal(v.n, 100000);
    assert_true(v.capacity >= v.n && v.capacity < 2 * v.n + 8);
    for (uint32_t i = 0; i < v.n; i++) assert_int_equal(v.at[i], i * 3);
    base_reserve(&arena, &v, 500000);
    assert_true(v.capacity >= 600000);
    assert_int_equal(v.at[99999], 299997);
    base_arena_free(&arena);
}

static void grow_too_far(void *argument) {
    uint32_t capacity = UINT32_MAX / 2 + 1;
    base_grow(argument, NULL, 0, UINT32_MAX, &capacity, 1);
}

static void test_vector_refuses_more_than_can_be_counted(void **state) {
    (void)state;
    base_arena arena = {0};
    base_failure failure;
    assert_int_equal(base_protect(grow_too_far, &arena, &failure), CV_OUT_OF_MEMORY);
    base_arena_free(&arena);
}

static void allocate_four(void *argument) {
    (void)argument;
    for (int i = 0; i < 4; i++) base_free(base_malloc(10));
}

static void test_exactly_the_chosen_allocation_fails(void **state) {
    (void)state;
    base_failure failure;
    for (uint64_t number = 1; number <= 4; number++) {
        base_fail_allocation(number);
        assert_int_equal(base_protect(allocate_four, NULL, &failure), CV_OUT_OF_MEMORY);
        assert_int_equal(base_fail_allocation(0), number);
    }
    base_fail_allocation(5);
    assert_int_equal(base_protect(allocate_four, NULL, &failure), CV_OK);
    assert_int_equal(base_fail_allocation(0), 4);
    base_fail_allocation(1);
    assert_null(base_try_malloc(10));
    base_fail_allocation(0);
}

static void realloc_fails(void *argument) {
    base_fail_allocation(1);
    base_realloc(argument, 1000);
}

static void test_realloc_that_fails_leaves_its_memory(void **state) {
    (void)state;
    base_failure failure;
    char *text = strcpy(base_malloc(11), "still here");
    assert_int_equal(base_protect(realloc_fails, text, &failure), CV_OUT_OF_MEMORY);
    base_fail_allocation(0);
    assert_string_equal(text, "still here");
    text = base_realloc(text, 1000);
    assert_string_equal(text, "still here");
    base_free(text);
}

static void test_text_grows(void **state) {
    (void)state;
    base_arena arena = {0};
    base_text text = {.arena = &arena};
    assert_string_equal(base_text_get(&text), "");
    for (int i = 0; i < 20000; i++) base_text_printf(&text, "%d,", i % 10);
    assert_int_equal(text.n, 40000);
    assert_int_equal(strlen(base_text_get(&text)), 40000);
    for (int i = 0; i < 20000; i++) assert_int_equal(text.at[2 * i], '0' + i % 10);
    base_arena_free(&arena);
}

static void test_text_takes_long_pieces(void **state) {
    (void)state;
    base_arena arena = {0};
    base_text text = {.arena = &arena};
    char *piece = base_arena_zeroed(&arena, 3001);
    memset(piece, 'a', 3000);
    base_text_add(&text, "<");
    base_text_printf(&text, "%s|%s", piece, piece);
    base_text_add_n(&text, ">>>", 1);
    assert_int_equal(text.n, 6003);
    assert_int_equal(text.at[3001], '|');
    assert_string_equal(text.at + 6001, "a>");
    assert_string_equal(base_format(&arena, "%s-%d", "x", 5), "x-5");
    base_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_memory_is_aligned_and_apart),
        cmocka_unit_test(test_arena_opens_few_blocks),
        cmocka_unit_test(test_arena_takes_what_is_larger_than_a_block),
        cmocka_unit_test(test_arena_zeroes_and_copies),
        cmocka_unit_test(test_arena_refuses_sizes_that_overflow),
        cmocka_unit_test(test_vector_grows_and_keeps),
        cmocka_unit_test(test_vector_refuses_more_than_can_be_counted),
        cmocka_unit_test(test_exactly_the_chosen_allocation_fails),
        cmocka_unit_test(test_realloc_that_fails_leaves_its_memory),
        cmocka_unit_test(test_text_grows),
        cmocka_unit_test(test_text_takes_long_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
