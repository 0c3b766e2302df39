// Promotion of every pair of dtypes, weak ones among them, against JAX (tests/reference/promotion.py).

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trace/promote.h"

static tr_kind kind_named(const char *name) {
    if (!strcmp(name, "int")) return (tr_kind){CV_S32, true};
    if (!strcmp(name, "float")) return (tr_kind){CV_F32, true};
    if (!strcmp(name, "complex")) return (tr_kind){CV_C64, true};
    for (cv_dtype dtype = CV_BOOL; dtype < CV_DTYPE_COUNT; dtype++)
        if (!strcmp(name, cv_dtype_name(dtype))) return (tr_kind){dtype, false};
    fail_msg("%s is no dtype", name);
    return (tr_kind){CV_BOOL, false};
}

static void test_promotion_agrees_with_jax(void **state) {
    (void)state;
    static const struct { const char *x, *y, *both; } rows[] = {
#define ROW(x, y, both) {x, y, both},
#include "../reference/promotion.inc"
#undef ROW
    };
    assert_int_equal(sizeof rows / sizeof *rows, 18 * 18);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tr_kind got = tr_join(kind_named(rows[i].x), kind_named(rows[i].y), CV_F32);
        tr_kind wanted = kind_named(rows[i].both);
        if (got.dtype != wanted.dtype || got.weak != wanted.weak)
            fail_msg("%s and %s are %s, not %s%s", rows[i].x, rows[i].y, rows[i].both,
                     cv_dtype_name(got.dtype), got.weak ? " (weak)" : "");
    }
}

static void test_weak_results_have_the_default_float(void **state) {
    (void)state;
    tr_kind kind = tr_join((tr_kind){CV_S32, false}, (tr_kind){CV_F64, true}, CV_F64);
    assert_int_equal(kind.dtype, CV_F64);
    assert_true(kind.weak);
    kind = tr_join((tr_kind){CV_F64, true}, (tr_kind){CV_F32, false}, CV_F64);
    assert_int_equal(kind.dtype, CV_F32);
    assert_false(kind.weak);
    kind = tr_join((tr_kind){CV_BOOL, true}, (tr_kind){CV_BOOL, false}, CV_F32);
    assert_false(kind.weak);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promotion_agrees_with_jax),
        cmocka_unit_test(test_weak_results_have_the_default_float),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
