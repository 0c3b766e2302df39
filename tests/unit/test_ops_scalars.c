// C scalars among arrays, dtypes that the reference cases leave out, lists, poison, nesting.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "covector/covector.h"

#define ARRAY(dtype, type, ...)                                                                              \
    cv_array(dtype, CV_INTS(sizeof((type[]){__VA_ARGS__}) / sizeof(type)), ((type[]){__VA_ARGS__}))

static void assert_kind(cv_val v, cv_dtype dtype, bool weak) {
    if (!cv_ok()) fail_msg("%s", cv_message());
    assert_string_equal(cv_dtype_name(cv_dtype_of(v)), cv_dtype_name(dtype));
    assert_int_equal(cv_is_weak(v), weak);
}

static void test_scalars_are_exact_in_the_dtype_they_meet(void **state) {
    (void)state;
    cv_val wide = cv_add(cv_f64(0), 0.1), narrow = cv_add(cv_f32(0), 0.1);
    assert_kind(wide, CV_F64, false);
    assert_true(cv_item(wide) == 0.1);
    assert_kind(narrow, CV_F32, false);
    assert_true(cv_item(narrow) == (double)0.1f);
    cv_val large = cv_add(cv_s64(1), INT64_C(1) << 60);
    assert_kind(large, CV_S64, false);
    assert_true(cv_item_int(large) == (INT64_C(1) << 60) + 1);
    assert_true(cv_item_int(cv_add(cv_u32(1), 4294967294u)) == 4294967295);
    assert_true(cv_item_int(cv_add(cv_u32(0), -1)) == 4294967295); // small numbers wrap, as in JAX
    assert_true(cv_item(cv_mul(cv_f64(1), INT64_C(9007199254740993))) == 9007199254740992.0);
}

static void test_scalars_alone_stay_weak(void **state) {
    (void)state;
    bool yes = true; // in C11 the word `true` is an int
    assert_kind(cv_add(1, 2), CV_S32, true);
    assert_kind(cv_add(1, 2.5), CV_F32, true);
    assert_kind(cv_div(1, 2), CV_F32, true);
    assert_kind(cv_exp(1), CV_F32, true);
    assert_kind(cv_add(yes, yes), CV_BOOL, false);
    assert_kind(cv_add(yes, 1), CV_S32, true);
    assert_kind(cv_less(1, 2), CV_BOOL, false);
    assert_kind(cv_pow(yes, 2), CV_S32, false);
    assert_kind(cv_add(cv_add(1, 2), cv_f64(1)), CV_F64, false);
    assert_kind(cv_mul(cv_s64(1), 0.5), CV_F32, true);
    assert_kind(cv_mul(cv_mul(cv_s32(1), 0.5), cv_f64(1)), CV_F64, false);
    assert_kind(cv_astype(1, CV_S32), CV_S32, false);
    assert_kind(cv_reshape(1.5, CV_INTS(1, 1)), CV_F32, true);
    assert_kind(cv_where(yes, 1, cv_f64(2)), CV_F64, false);
}

static void test_default_float_is_the_contexts(void **state) {
    (void)state;
    cv_context *c = cv_context_new(.default_float = CV_F64);
    cv_context *before = cv_context_use(c);
    assert_kind(cv_add(1, 0.1), CV_F64, true);
    assert_true(cv_item(cv_add(0, 0.1)) == 0.1);
    assert_kind(cv_zeros(CV_DTYPE_DEFAULT, CV_INTS(2)), CV_F64, false);
    assert_kind(cv_exp(cv_s32(1)), CV_F64, false);
    assert_kind(cv_mean(cv_bool(true)), CV_F64, false);
    assert_kind(cv_add(cv_f32(1), 0.1), CV_F32, false);
    cv_context_use(before);
    cv_context_free(c);
}

static void test_wide_dtypes(void **state) {
    (void)state;
    cv_val d = ARRAY(CV_F64, double, 1, 2, 4), l = ARRAY(CV_S64, int64_t, 1, -2, INT64_C(1) << 40);
    assert_kind(cv_sum(d), CV_F64, false);
    assert_kind(cv_sum(l), CV_S64, false);
    assert_kind(cv_add(d, l), CV_F64, false);
    assert_kind(cv_mean(l), CV_F32, false);
    assert_true(fabs(cv_item(cv_logsumexp(d)) - (4 + log(1 + exp(-2.0) + exp(-3.0)))) < 2e-15);
    assert_true(cv_item_int(cv_index(cv_pow(l, 2), 1)) == 4);
    assert_true(cv_item_int(cv_index(cv_pow(l, cv_s64(3)), 1)) == -8);
    assert_true(cv_item_int(cv_take(l, cv_s64(-1))) == INT64_C(1) << 40);
    assert_true(cv_item(cv_index(d, cv_s64(-1))) == 4);
    assert_kind(cv_matmul(d, cv_ones(CV_F32, CV_INTS(3))), CV_F64, false);
    assert_true(cv_item_int(cv_sum(cv_arange(CV_S64, 0, 5, 1))) == 10);
    assert_true(cv_item(cv_fma(cv_f64(1 + 0x1p-30), 1 + 0x1p-30, -1 - 0x1p-29)) == 0x1p-60); // rounded once
}

static void test_integer_powers_are_exact(void **state) {
    (void)state;
    assert_true(cv_item(cv_pow(cv_f32(1.1f), 3)) == (double)(1.1f * (1.1f * 1.1f)));
    assert_int_equal(cv_item_int(cv_pow(3, cv_s32(5))), 243);
    assert_int_equal(cv_item_int(cv_pow(cv_s32(2), cv_s32(-1))), 0);
    assert_int_equal(cv_item_int(cv_pow(cv_s32(-1), cv_s32(-3))), -1);
    assert_int_equal(cv_item_int(cv_pow(cv_s32(1), cv_s32(-3))), 1);
    assert_int_equal(cv_item_int(cv_pow(cv_s32(2), cv_s32(64))), 0);
    assert_int_equal(cv_item_int(cv_pow(cv_s32(-1), cv_s32(2147483647))), -1);
}

static void test_split_gives_equal_parts(void **state) {
    (void)state;
    cv_val x = cv_reshape(cv_arange(CV_S32, 0, 12, 1), CV_INTS(2, 6)), parts[5];
    assert_int_equal(cv_split(x, 3, parts, .axis = 1), CV_OK);
    for (int i = 0; i < 3; i++) {
        int32_t got[4], wanted[4] = {2 * i, 2 * i + 1, 6 + 2 * i, 7 + 2 * i};
        assert_int_equal(cv_read(parts[i], got, sizeof got), CV_OK);
        assert_memory_equal(got, wanted, sizeof got);
    }
    assert_int_equal(cv_split(x, 5, parts, .axis = -1), CV_INVALID);
    cv_clear();
}

static void test_updates_do_not_widen(void **state) {
    (void)state;
    cv_val x = ARRAY(CV_S32, int32_t, 1, 2, 3);
    assert_kind(cv_at_set(x, 0, 7), CV_S32, false);
    assert_kind(cv_at_add(x, 0, cv_bool(true)), CV_S32, false);
    assert_kind(cv_at_set(cv_astype(x, CV_F64), 0, cv_index(x, 1)), CV_F64, false);
    assert_true(cv_is_poison(cv_at_set(x, 0, 7.5)));
    cv_clear();
}

static void test_poison_passes_silently(void **state) {
    (void)state;
    cv_val bad = cv_reshape(cv_zeros(CV_F32, CV_INTS(3)), CV_INTS(2));
    assert_true(cv_is_poison(bad));
    char first[256];
    strncpy(first, cv_message(), sizeof first - 1);
    cv_val worse = cv_concatenate(CV_LIST(cv_sum(cv_matmul(bad, 2)), 1));
    assert_true(cv_is_poison(worse));
    assert_string_equal(cv_message(), first);
    cv_clear();
}

// Each use of an operand in a macro doubles nothing: this is a line of the C that it stands for.
static void test_nested_calls(void **state) {
    (void)state;
    cv_val x = cv_f32(1);
    cv_val y = cv_add(1, cv_mul(2, cv_add(1, cv_mul(2, cv_add(1, cv_mul(2, cv_add(1, cv_mul(2, cv_add(1, cv_mul(2, x))))))))));
    assert_true(cv_item(y) == 63);
    cv_val z = cv_sum(cv_stack(CV_LIST(cv_sum(cv_stack(CV_LIST(x, cv_mul(x, 2)), .axis = 0), .axis = CV_INTS(0)), 4.0)));
    assert_true(cv_item(z) == 7);
}

static cv_val by_index(cv_val x, cv_val i) {
    return cv_add(cv_index(x, i), cv_mul(0.5, cv_index(x, -1)));
}

static void test_operations_within_a_trace(void **state) {
    (void)state;
    cv_fn f = cv_jit(cv_fun(by_index));
    cv_val x = ARRAY(CV_F32, float, 1, 2, 4);
    assert_true(cv_item(cv_call_one(f, x, 1)) == 4);
    assert_true(cv_item(cv_call_one(f, x, cv_s32(-3))) == 3);
    assert_string_equal(cv_message(), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_are_exact_in_the_dtype_they_meet),
        cmocka_unit_test(test_scalars_alone_stay_weak),
        cmocka_unit_test(test_default_float_is_the_contexts),
        cmocka_unit_test(test_wide_dtypes),
        cmocka_unit_test(test_integer_powers_are_exact),
        cmocka_unit_test(test_split_gives_equal_parts),
        cmocka_unit_test(test_updates_do_not_widen),
        cmocka_unit_test(test_poison_passes_silently),
        cmocka_unit_test(test_nested_calls),
        cmocka_unit_test(test_operations_within_a_trace),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cv_shutdown();
    return failed;
}
