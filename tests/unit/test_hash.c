// The index from hashes to numbers, against a plain list.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static bool holds(const base_index *index, uint64_t hash, uint32_t entry) {
    uint32_t probe;
    for (uint32_t i = base_index_first(index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(index, hash, &probe))
        if (i == entry) return true;
    return false;
}

static uint32_t count(const base_index *index, uint64_t hash) {
    uint32_t probe, n = 0;
    for (uint32_t i = base_index_first(index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(index, hash, &probe))
        n++;
    return n;
}

static void test_hash_depends_on_bytes_and_seed(void **state) {
    (void)state;
    assert_true(base_hash("abc", 3, 0) == base_hash("abc", 3, 0));
    assert_true(base_hash("abc", 3, 0) != base_hash("abd", 3, 0));
    assert_true(base_hash("abc", 3, 0) != base_hash("abc", 2, 0));
    assert_true(base_hash("abc", 3, 0) != base_hash("abc", 3, 1));
}

static void test_empty_index_has_nothing(void **state) {
    (void)state;
    base_index index = {0};
    uint32_t probe;
    assert_int_equal(base_index_first(&index, 5, &probe), BASE_ABSENT);
    base_index_free(&index);
}

static void test_index_finds_what_was_added(void **state) {
    (void)state;
    base_index index = {0};
    for (uint32_t i = 0; i < 20000; i++) base_index_add(&index, base_hash(&i, sizeof i, 0), i);
    assert_int_equal(index.n, 20000);
    assert_true(index.capacity >= 2 * index.n);
    for (uint32_t i = 0; i < 20000; i++) assert_true(holds(&index, base_hash(&i, sizeof i, 0), i));
    for (uint32_t i = 20000; i < 21000; i++) assert_false(holds(&index, base_hash(&i, sizeof i, 0), i));
    base_index_free(&index);
    assert_null(index.slots);
}

static void test_index_gives_all_entries_of_a_hash(void **state) {
    (void)state;
    base_index index = {0};
    for (uint32_t i = 0; i < 100; i++) base_index_add(&index, i % 3, i);
    assert_int_equal(count(&index, 0), 34);
    assert_int_equal(count(&index, 1), 33);
    assert_int_equal(count(&index, 2), 33);
    assert_int_equal(count(&index, 3), 0);
    base_index_free(&index);
}

static void test_removal_keeps_the_others_reachable(void **state) {
    (void)state;
    // Few homes, so that every probe sequence runs into others and around the end.
    enum { N = 300 };
    base_index index = {0};
    bool present[N];
    uint32_t random = 1;
    for (uint32_t i = 0; i < N; i++) {
        present[i] = true;
        base_index_add(&index, (i * 37 % 11) + 1017, i);
    }
    for (uint32_t step = 0; step < 3000; step++) {
        random = random * 1664525u + 1013904223u;
        uint32_t i = random >> 8;
        i %= N;
        uint64_t hash = (i * 37 % 11) + 1017;
        if (present[i]) base_index_remove(&index, hash, i);
        else base_index_add(&index, hash, i);
        present[i] = !present[i];
        if (step % 50) continue;
        uint32_t n = 0;
        for (uint32_t k = 0; k < N; k++) {
            assert_int_equal(holds(&index, (k * 37 % 11) + 1017, k), present[k]);
            n += present[k];
        }
        assert_int_equal(index.n, n);
    }
    base_index_free(&index);
}

static void test_removal_of_what_is_not_there_does_nothing(void **state) {
    (void)state;
    base_index index = {0};
    base_index_add(&index, 7, 1);
    base_index_remove(&index, 7, 2);
    base_index_remove(&index, 8, 1);
    assert_int_equal(index.n, 1);
    assert_true(holds(&index, 7, 1));
    base_index_free(&index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_depends_on_bytes_and_seed),
        cmocka_unit_test(test_empty_index_has_nothing),
        cmocka_unit_test(test_index_finds_what_was_added),
        cmocka_unit_test(test_index_gives_all_entries_of_a_hash),
        cmocka_unit_test(test_removal_keeps_the_others_reachable),
        cmocka_unit_test(test_removal_of_what_is_not_there_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
