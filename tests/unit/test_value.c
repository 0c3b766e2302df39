// Handles and arrays: what is known of them, what they hold, when they go.

#include <math.h>

#include "public_api.h"

static int released;

static void count_release(void *argument) {
    (void)argument;
    released++;
}

static void test_array_holds_a_copy(void **state) {
    (void)state;
    float data[] = {1, 2, 3, 4, 5, 6};
    cv_val x = cv_array(CV_F32, CV_INTS(2, 3), data);
    data[0] = 7;
    EXPECT(x, 1, 2, 3, 4, 5, 6);
    assert_int_equal(cv_rank(x), 2);
    assert_int_equal(cv_size(x, 0), 2);
    assert_int_equal(cv_size(x, -1), 3);
    assert_int_equal(cv_count(x), 6);
    assert_false(cv_is_weak(x));
    assert_int_equal((uintptr_t)cv_data(x) % 64, 0);
    cv_drop(x);
}

static void test_scalars_have_definite_types(void **state) {
    (void)state;
    cv_scope_begin();
    struct { cv_val x; cv_dtype dtype; double value; } cases[] = {
        {cv_bool(true), CV_BOOL, 1}, {cv_s32(-3), CV_S32, -3}, {cv_s64(1), CV_S64, 1},
        {cv_u32(7), CV_U32, 7},      {cv_f32(0.5f), CV_F32, 0.5}, {cv_f64(0.1), CV_F64, 0.1},
        {cv_s8(-8), CV_S8, -8},      {cv_s16(300), CV_S16, 300},  {cv_u8(200), CV_U8, 200},
        {cv_u16(65535), CV_U16, 65535}, {cv_u64(UINT64_C(1) << 63), CV_U64, 0x1p63},
        {cv_f16(0.1), CV_F16, 0x1.998p-4}, {cv_bf16(0.1), CV_BF16, 0x1.9ap-4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(cv_dtype_of(cases[i].x), cases[i].dtype);
        assert_int_equal(cv_rank(cases[i].x), 0);
        assert_true(cv_item(cases[i].x) == cases[i].value);
        assert_false(cv_is_weak(cases[i].x));
    }
    assert_int_equal(cv_item_int(cases[1].x), -3);
    cv_scope_end();
}

static void test_arrays_are_converted_from_c_and_to_c(void **state) {
    (void)state;
    cv_scope_begin();
    const float given[] = {1, 0.1f, -65520, 1e-8f};
    const cv_dtype dtypes[] = {CV_F16, CV_BF16};
    const double wanted[][4] = {{1, 0x1.998p-4, (double)-INFINITY, 0}, {1, 0x1.9ap-4, -65536, 0x1.58p-27}};
    for (int i = 0; i < 2; i++) {
        cv_val x = cv_array_from(dtypes[i], CV_INTS(2, 2), CV_F32, given);
        double found[4];
        assert_int_equal(cv_dtype_of(x), dtypes[i]);
        assert_int_equal(cv_read_as(x, CV_F64, found, sizeof found), CV_OK);
        assert_memory_equal(found, wanted[i], sizeof found);
        // They stay what they are next to C scalars, sums are made in f32, and gradients have their dtype.
        assert_int_equal(cv_dtype_of(cv_mul(2.5, x)), dtypes[i]);
        assert_int_equal(cv_dtype_of(cv_add(x, cv_f32(1))), CV_F32);
        assert_true(cv_item(cv_sum(cv_full(dtypes[i], CV_INTS(2048), 1))) == 2048);
    }
    assert_int_equal(cv_dtype_of(cv_add(cv_f16(1), cv_bf16(1))), CV_F32);
    uint8_t bytes[2];
    assert_int_equal(cv_read_as(cv_array_from(CV_F16, CV_INTS(2), CV_F64, ((double[]){300, -1})), CV_U8, bytes, 2), CV_OK);
    assert_true(bytes[0] == 255 && bytes[1] == 0);
    float few[1];
    assert_int_equal(cv_read_as(cv_zeros(CV_BF16, CV_INTS(3)), CV_F32, few, sizeof few), CV_INVALID);
    EXPECT_ERROR(__LINE__ - 1, "cv_read_as: f32[3] has 12 bytes and does not fit the 4 that were given");
    cv_scope_end();
}

static cv_val half_loss(cv_val x) { return cv_sum(cv_mul(x, cv_tanh(x))); }

static void test_gradients_have_the_dtype_of_their_argument(void **state) {
    (void)state;
    const cv_dtype dtypes[] = {CV_F16, CV_BF16};
    for (int i = 0; i < 2; i++) {
        cv_scope_begin();
        cv_val x = cv_array_from(dtypes[i], CV_INTS(3), CV_F32, ((float[]){0.5f, -1, 2})), g;
        float found[3], unit = i ? 0x1p-7f : 0x1p-10f;
        cv_call(cv_jit(cv_grad(cv_fun(half_loss))), &g, 1, x);
        assert_true(cv_ok());
        assert_int_equal(cv_dtype_of(g), dtypes[i]);
        assert_int_equal(cv_read_as(g, CV_F32, found, sizeof found), CV_OK);
        const double exact[] = {0.8553410, -1.1815685, 1.1053289}; // tanh x + x (1 - tanh(x)^2)
        for (int k = 0; k < 3; k++) assert_true(fabs((double)found[k] - exact[k]) <= 4 * (double)unit);
        cv_scope_end();
    }
}

static void test_c_scalars_are_weak_and_keep_their_value(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val x = CV_VAL(0.1), n = CV_VAL(3), b = CV_VAL((bool)1);
    assert_true(cv_is_weak(x) && cv_is_weak(n) && cv_is_weak(b));
    assert_int_equal(cv_dtype_of(x), CV_F32);
    assert_int_equal(cv_dtype_of(n), CV_S32);
    assert_int_equal(cv_dtype_of(b), CV_BOOL);
    EXPECT(x, 0.1f);
    assert_int_equal(cv_item_int(n), 3);
    // Next to an f64 array nothing of 0.1 is lost.
    assert_true(cv_item(cv_add(x, cv_f64(0))) == 0.1);
    EXPECT(cv_add(x, cv_f32(0)), 0.1f);
    cv_scope_end();
}

static void test_view_is_released_once(void **state) {
    (void)state;
    static float data[] = {1, 2};
    released = 0;
    cv_val x = cv_array_view(CV_F32, CV_INTS(2), data, count_release, NULL);
    assert_ptr_equal(cv_data(x), data);
    cv_val y = cv_add(x, x);
    cv_drop(x);
    assert_int_equal(released, 1);
    EXPECT(y, 2, 4);
    cv_drop(y);
    assert_true(cv_is_poison(cv_array_view(CV_TAPE, CV_INTS(2), data, count_release, NULL)));
    assert_int_equal(released, 2);
    EXPECT_ERROR(__LINE__ - 2, "cv_array_view: 15 is not the dtype of an array");
    assert_true(cv_is_poison(cv_array_view(CV_F32, CV_INTS(1), (char *)data + 1, NULL, NULL)));
    assert_non_null(strstr(cv_message(), "needs a multiple of 4 bytes"));
    cv_clear();
}

static void test_booleans_are_0_or_1(void **state) {
    (void)state;
    cv_val x = cv_array(CV_BOOL, CV_INTS(3), ((uint8_t[]){0, 1, 200}));
    const uint8_t *data = cv_data(x);
    assert_int_equal(data[2], 1);
    cv_drop(x);
}

static void test_shapes_are_checked(void **state) {
    (void)state;
    float data[4] = {0};
    assert_true(cv_is_poison(cv_array(CV_F32, CV_INTS(2, -1), data)));
    EXPECT_ERROR(__LINE__ - 1, "cv_array: size -1 of axis 1 is negative");
    assert_true(cv_is_poison(cv_array(CV_F32, CV_INTS(INT64_MAX, 8), data)));
    EXPECT_ERROR(__LINE__ - 1, "cv_array: an array has too many elements");
    assert_true(cv_is_poison(cv_array(CV_F32, CV_INTS(4), NULL)));
    EXPECT_ERROR(__LINE__ - 1, "cv_array: the data are NULL");
    cv_val empty = cv_array(CV_F32, CV_INTS(0, 4), NULL);
    assert_int_equal(cv_count(empty), 0);
    assert_int_equal(cv_read(empty, NULL, 0), CV_OK);
    cv_drop(empty);
}

static void test_reading_is_checked(void **state) {
    (void)state;
    cv_val x = VECTOR(1, 2, 3);
    float out[3];
    assert_int_equal(cv_read(x, out, 8), CV_INVALID);
    EXPECT_ERROR(__LINE__ - 1, "cv_read: f32[3] has 12 bytes and does not fit the 8 that were given");
    assert_true(cv_item(x) != cv_item(x));
    EXPECT_ERROR(__LINE__ - 1, "cv_item: f32[3] has 3 elements, not one");
    assert_int_equal(cv_size(x, 1), -1);
    EXPECT_ERROR(0, "cv_size: axis 1 is out of range for f32[3]");
    cv_drop(x);
    assert_null(cv_data(x));
    EXPECT_ERROR(__LINE__ - 1, "cv_data: the value was dropped, or its scope has ended");
    assert_int_equal(cv_rank(x), -1);
    EXPECT_ERROR(0, "cv_rank: the value was dropped, or its scope has ended");
}

static void test_poison_has_no_properties_and_no_second_error(void **state) {
    (void)state;
    cv_val x = cv_array(CV_F32, CV_INTS(-1), NULL);
    assert_true(cv_is_poison(x));
    cv_clear();
    assert_int_equal(cv_rank(x), -1);
    assert_int_equal(cv_size(x, 0), -1);
    assert_int_equal(cv_count(x), -1);
    assert_int_equal(cv_dtype_of(x), CV_DTYPE_DEFAULT);
    assert_false(cv_is_weak(x));
    assert_null(cv_data(x));
    assert_true(cv_is_poison(cv_add(x, 1)));
    assert_true(cv_ok());
}

static void test_slots_are_used_again_without_confusion(void **state) {
    (void)state;
    cv_val old[200];
    for (int round = 0; round < 3; round++) {
        cv_scope_begin();
        for (int i = 0; i < 200; i++) {
            cv_val x = cv_s32(1000 * round + i);
            if (round) assert_int_equal(cv_rank(old[i]), -1);
            old[i] = x;
        }
        for (int i = 0; i < 200; i++) assert_int_equal(cv_item_int(old[i]), 1000 * round + i);
        cv_scope_end();
        cv_clear();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_array_holds_a_copy),
        cmocka_unit_test(test_scalars_have_definite_types),
        cmocka_unit_test(test_arrays_are_converted_from_c_and_to_c),
        cmocka_unit_test(test_gradients_have_the_dtype_of_their_argument),
        cmocka_unit_test(test_c_scalars_are_weak_and_keep_their_value),
        cmocka_unit_test(test_view_is_released_once),
        cmocka_unit_test(test_booleans_are_0_or_1),
        cmocka_unit_test(test_shapes_are_checked),
        cmocka_unit_test(test_reading_is_checked),
        cmocka_unit_test(test_poison_has_no_properties_and_no_second_error),
        cmocka_unit_test(test_slots_are_used_again_without_confusion),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
