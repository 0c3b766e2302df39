// Arrays in .npy files: every dtype there and back, the variants of the format that others write, what is
// said of a file that is wrong, and that no bytes of a file and no failing allocation do harm.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "covector/covector.h"

static char folder[] = "/tmp/test_npy_XXXXXX";
static char path[64];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/a.npy", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    rmdir(folder);
    cv_shutdown();
    return 0;
}

static void write_file(const void *bytes, size_t size) {
    unlink(path); // some file systems write a file out at once when it is emptied and filled again
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static size_t read_file(char *bytes, size_t room) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

// A file of the given version with this header, not padded, and these elements. Returns its size.
static size_t compose(char *bytes, int version, const char *header, const void *data, size_t size) {
    size_t length = strlen(header), n = 0;
    memcpy(bytes, "\x93NUMPY", 6), n = 6;
    bytes[n++] = (char)version, bytes[n++] = 0;
    for (int i = 0; i < (version == 1 ? 2 : 4); i++) bytes[n++] = (char)(length >> 8 * i & 255);
    memcpy(bytes + n, header, length);
    memcpy(bytes + n + length, data, size);
    return n + length + size;
}

static void write_npy(int version, const char *header, const void *data, size_t size) {
    char bytes[4096];
    write_file(bytes, compose(bytes, version, header, data, size));
}

static void test_npy_goes_there_and_back(void **state) {
    (void)state;
    uint8_t data[6 * 16];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(7 * i + 1);
    for (cv_dtype dtype = CV_BOOL; dtype < CV_TAPE; dtype++) {
        size_t size = cv_dtype_size(dtype);
        uint8_t ones[6] = {1, 0, 1, 1, 0, 0};
        cv_val saved = cv_array(dtype, CV_INTS(2, 3), dtype == CV_BOOL ? ones : data);
        assert_int_equal(cv_save_npy(path, saved), CV_OK);
        cv_val loaded = cv_load_npy(path);
        assert_true(cv_ok());
        assert_int_equal(cv_dtype_of(loaded), dtype == CV_BF16 ? CV_U16 : dtype);
        assert_int_equal(cv_rank(loaded), 2);
        assert_int_equal(cv_size(loaded, 0), 2);
        assert_int_equal(cv_size(loaded, 1), 3);
        assert_memory_equal(cv_data(loaded), cv_data(saved), 6 * size);
    }
}

static void test_npy_keeps_every_rank(void **state) {
    (void)state;
    int64_t ones[32];
    for (int i = 0; i < 32; i++) ones[i] = 1;
    const struct {
        cv_ints shape;
        int64_t count;
    } cases[] = {{CV_SCALAR, 1}, {CV_INTS(3), 3}, {CV_INTS(0), 0}, {CV_INTS(2, 0, 3), 0}, {{32, ones}, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cv_val saved = cv_array(CV_F32, cases[i].shape, ((float[]){1, 2, 3}));
        assert_int_equal(cv_save_npy(path, saved), CV_OK);
        cv_val loaded = cv_load_npy(path);
        assert_true(cv_ok());
        assert_int_equal(cv_rank(loaded), cases[i].shape.n);
        assert_int_equal(cv_count(loaded), cases[i].count);
    }
}

static void test_npy_writes_what_numpy_writes(void **state) {
    (void)state;
    static const char header[] = "\x93NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
    char bytes[256];
    assert_int_equal(cv_save_npy(path, cv_array(CV_F32, CV_INTS(3), ((float[]){1, 2, 3}))), CV_OK);
    assert_int_equal(read_file(bytes, sizeof bytes), 128 + 12);
    assert_memory_equal(bytes, header, sizeof header - 1);
    for (size_t i = sizeof header - 1; i < 127; i++) assert_int_equal(bytes[i], ' ');
    assert_int_equal(bytes[127], '\n');
    assert_memory_equal(bytes + 128, ((float[]){1, 2, 3}), 12);
}

// What other writers of the format do: all of these are the s32 matrix {{1, 2, 3}, {4, 5, 6}}.
static void test_npy_reads_all_variants(void **state) {
    (void)state;
    static const int32_t rows[] = {1, 2, 3, 4, 5, 6}, columns[] = {1, 4, 2, 5, 3, 6};
    static const char swapped[] = "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6";
    static const char both[] = "\0\0\0\1\0\0\0\4\0\0\0\2\0\0\0\5\0\0\0\3\0\0\0\6";
    static const struct {
        int version;
        const char *header;
        const void *data;
    } cases[] = {
        {1, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }   \n", rows},
        {2, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }\n", rows},
        {3, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }\n", rows},
        {1, "{'descr': '=i4', 'fortran_order': False, 'shape': (2, 3)}", rows},
        {1, "{'descr': 'i4', 'fortran_order': False, 'shape': (2,3)}", rows},
        {1, "{\"shape\":(2L,3L,),\"fortran_order\":False,\"descr\":\"<i4\"}", rows},
        {1, " { 'shape' : ( 2 , 3 ) , 'descr' : '<i4' , 'fortran_order' : False , } \n", rows},
        {1, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n", columns},
        {1, "{'descr': '>i4', 'fortran_order': False, 'shape': (2, 3), }\n", swapped},
        {1, "{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }\n", both},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_npy(cases[i].version, cases[i].header, cases[i].data, sizeof rows);
        cv_val loaded = cv_load_npy(path);
        if (!cv_ok()) fail_msg("%s: %s", cases[i].header, cv_message());
        assert_int_equal(cv_dtype_of(loaded), CV_S32);
        assert_int_equal(cv_size(loaded, 0), 2);
        assert_memory_equal(cv_data(loaded), rows, sizeof rows);
    }
}

static void test_npy_transposes_fortran_order(void **state) {
    (void)state;
    uint8_t columns[24], rows[24];
    for (int at = 0; at < 24; at++) {
        int i = at / 12, j = at / 4 % 3, k = at % 4;
        rows[at] = columns[i + 2 * j + 6 * k] = (uint8_t)(100 * i + 10 * j + k);
    }
    write_npy(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", columns, sizeof columns);
    cv_val loaded = cv_load_npy(path);
    assert_true(cv_ok());
    assert_memory_equal(cv_data(loaded), rows, sizeof rows);
    write_npy(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 0, 4), }", columns, 0);
    assert_int_equal(cv_count(cv_load_npy(path)), 0);
}

static void test_npy_swaps_the_parts_of_complex(void **state) {
    (void)state;
    static const unsigned char big[] = {0x3f, 0x80, 0, 0, 0x40, 0, 0, 0}; // 1, 2
    write_npy(1, "{'descr': '>c8', 'fortran_order': False, 'shape': (), }", big, sizeof big);
    cv_val loaded = cv_load_npy(path);
    assert_true(cv_ok());
    assert_memory_equal(cv_data(loaded), ((float[]){1, 2}), 8);
}

static void test_npy_bool_is_zero_or_one(void **state) {
    (void)state;
    write_npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", "\0\1\7", 3);
    cv_val loaded = cv_load_npy(path);
    assert_true(cv_ok());
    assert_memory_equal(cv_data(loaded), "\0\1\1", 3);
    write_npy(1, "{'descr': '?', 'fortran_order': False, 'shape': (3,), }", "\1\0\1", 3);
    assert_int_equal(cv_dtype_of(cv_load_npy(path)), CV_BOOL);
}

// The message is "test_npy.c:line: cv_load_npy: "path": problem".
static void assert_problem(cv_status status, const char *name, const char *at, int line,
                           const char *problem) {
    char expected[512];
    snprintf(expected, sizeof expected, "%s:%d: %s: \"%s\": %s", __FILE__, line, name, at, problem);
    assert_string_equal(cv_message(), expected);
    assert_int_equal(cv_error(), status);
    cv_clear();
}

static void test_npy_says_what_is_wrong_with_a_header(void **state) {
    (void)state;
#define HEADER(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"
    static const struct {
        const char *header, *problem;
    } cases[] = {
        {"", "malformed header: a dictionary expected at its end"},
        {"[1, 2]", "malformed header: a dictionary expected before \"[1, 2]\""},
        {"{", "malformed header: a key expected at its end"},
        {"{descr", "malformed header: a key expected before \"descr\""},
        {"{'descr", "malformed header: the end of a string expected before \"descr\""},
        {"{'descr'", "malformed header: ':' expected at its end"},
        {"{'descr': 4", "malformed header: a dtype expected before \"4\""},
        {"{'descr': '<f4'", "malformed header: '}' expected at its end"},
        {"{'descr': '<f4'}", "malformed header: 'fortran_order' is missing"},
        {"{'descr': '<f4', 'descr': '<f4'}", "malformed header: key 'descr' stands twice"},
        {"{'dtype': '<f4'}", "malformed header: key 'dtype' is not known"},
        {HEADER("'<f4'", "true", "(2,)"),
         "malformed header: True or False expected before \"true, 'shape': (\""},
        {HEADER("'<f4'", "False", "2"), "malformed header: the tuple of the shape expected before \"2, }\""},
        {HEADER("'<f4'", "False", "(2,"), "malformed header: a size expected before \", }\""},
        {HEADER("'<f4'", "False", "(-2,)"), "malformed header: a size expected before \"-2,), }\""},
        {HEADER("'<f4'", "False", "(2 3)"), "malformed header: ')' expected before \"3), }\""},
        {HEADER("'<f4'", "False", "(99999999999999999999,)"),
         "a size of the shape does not fit into 64 bits"},
        {HEADER("'<f4'", "False", "(4611686018427387904, 4)"),
         "the shape has more elements than memory can hold"},
        {HEADER("'<f4'", "False", "(4611686018427387904,)"),
         "the shape has more elements than memory can hold"},
        {HEADER("'<f4'", "False", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"),
         "the array has more than 32 axes"},
        {HEADER("'<f4'", "False", "(2,)") " x", "malformed header: nothing more expected before \"x\""},
        {HEADER("[('a', '<f4')]", "False", "(2,)"), "arrays of records are not supported"},
        {HEADER("'<U4'", "False", "(2,)"),
         "dtype '<U4' is not supported: convert it to a boolean, integer, float or complex type"},
        {HEADER("'|O'", "False", "(2,)"),
         "dtype '|O' is not supported: convert it to a boolean, integer, float or complex type"},
        {HEADER("'<f3'", "False", "(2,)"),
         "dtype '<f3' is not supported: convert it to a boolean, integer, float or complex type"},
        {HEADER("''", "False", "(2,)"),
         "dtype '' is not supported: convert it to a boolean, integer, float or complex type"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_npy(1, cases[i].header, "", 0);
        int line = __LINE__ + 1;
        assert_true(cv_is_poison(cv_load_npy(path)));
        assert_problem(CV_INVALID, "cv_load_npy", path, line, cases[i].problem);
    }
}

static void test_npy_says_what_is_wrong_with_a_file(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        cv_status status;
        const char *problem;
    } cases[] = {
        {"", 0, CV_INVALID, "not an .npy file: it does not begin with \\x93NUMPY"},
        {"PK\3\4 a .npz file", 16, CV_INVALID, "not an .npy file: it does not begin with \\x93NUMPY"},
        {"\x93NUMPY", 6, CV_IO, "truncated: it ends before the version"},
        {"\x93NUMPY\4\0", 8, CV_INVALID, "version 4 of the format is not known"},
        {"\x93NUMPY\1\0\1", 9, CV_IO, "truncated: the length of the header needs 2 bytes, 1 are there"},
        {"\x93NUMPY\2\0\1", 9, CV_IO, "truncated: the length of the header needs 4 bytes, 1 are there"},
        {"\x93NUMPY\1\0\5\0{", 11, CV_IO, "truncated: the header needs 5 bytes, 1 are there"},
        {"\x93NUMPY\2\0\0\0\0\x7f{", 13, CV_INVALID, "malformed header: it has 2130706432 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(cases[i].bytes, cases[i].size);
        int line = __LINE__ + 1;
        assert_true(cv_is_poison(cv_load_npy(path)));
        assert_problem(cases[i].status, "cv_load_npy", path, line, cases[i].problem);
    }
    write_npy(1, HEADER("'<f4'", "False", "(1000000, 1000000)"), "12345678", 8);
    cv_load_npy(path);
    assert_problem(CV_IO, "cv_load_npy", path, __LINE__ - 1,
                   "truncated: the elements need 4000000000000 bytes, 8 are there");
    cv_load_npy("/nowhere/a.npy");
    assert_problem(CV_IO, "cv_load_npy", "/nowhere/a.npy", __LINE__ - 1,
                   "cannot be opened: No such file or directory");
    cv_load_npy(folder);
    assert_problem(CV_IO, "cv_load_npy", folder, __LINE__ - 1, "cannot be read: Is a directory");
    cv_load_npy(NULL);
    assert_non_null(strstr(cv_message(), "cv_load_npy: the path is NULL"));
    cv_clear();
}

static void test_npy_says_why_it_cannot_write(void **state) {
    (void)state;
    cv_val x = cv_array(CV_F32, CV_INTS(2), ((float[]){1, 2}));
    assert_int_equal(cv_save_npy("/nowhere/a.npy", x), CV_IO);
    assert_problem(CV_IO, "cv_save_npy", "/nowhere/a.npy", __LINE__ - 1,
                   "cannot be opened: No such file or directory");
    assert_int_equal(cv_save_npy("/dev/full", x), CV_IO);
    assert_problem(CV_IO, "cv_save_npy", "/dev/full", __LINE__ - 1,
                   "cannot be written: No space left on device");
    assert_int_equal(cv_save_npy(path, cv_none), CV_INVALID);
    assert_non_null(strstr(cv_message(), "cv_save_npy: the array is"));
    cv_val poison = cv_load_npy("/nowhere/b.npy"); // no further error
    assert_int_equal(cv_save_npy(path, poison), CV_INVALID);
    assert_non_null(strstr(cv_message(), "cv_save_npy: the array is"));
    cv_clear();
}

// Every prefix of a file, and every byte of its header in many ways: poison or an array, no harm.
static void test_npy_survives_any_bytes(void **state) {
    (void)state;
    char whole[512], bytes[512];
    static const int32_t data[] = {1, 2, 3, 4, 5, 6};
    size_t size = compose(whole, 1, HEADER("'<i4'", "True", "(2, 3)"), data, sizeof data), read = 0;
    for (size_t n = 0; n < size; n++) {
        write_file(whole, n);
        assert_true(cv_is_poison(cv_load_npy(path)));
        assert_false(cv_ok());
        cv_clear();
    }
    static const char other[] = "\0\1\x7f\xff '\"{}()[],:0123456789<>=|?-bfuicL\n";
    for (size_t at = 0; at < size - sizeof data; at++)
        for (size_t i = 0; i < sizeof other; i++) {
            memcpy(bytes, whole, size);
            bytes[at] = other[i];
            write_file(bytes, size);
            cv_val loaded = cv_load_npy(path);
            assert_int_equal(cv_ok(), !cv_is_poison(loaded));
            read += cv_ok();
            cv_drop(loaded);
            cv_clear();
        }
    assert_true(read > 100); // white space, sizes that are smaller, other dtypes
}

static void test_npy_survives_failing_allocations(void **state) {
    (void)state;
    cv_val x = cv_array(CV_F32, CV_INTS(2), ((float[]){1, 2}));
    for (int reading = 0; reading < 2; reading++) {
        uint64_t number = 1;
        for (bool done = false; !done; number++) {
            base_fail_allocation(number);
            cv_status status = reading ? (cv_load_npy(path), cv_error()) : cv_save_npy(path, x);
            base_fail_allocation(0);
            done = status == CV_OK;
            if (!done) assert_int_equal(status, CV_OUT_OF_MEMORY);
            cv_clear();
        }
        assert_true(number > 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_npy_goes_there_and_back),
        cmocka_unit_test(test_npy_keeps_every_rank),
        cmocka_unit_test(test_npy_writes_what_numpy_writes),
        cmocka_unit_test(test_npy_reads_all_variants),
        cmocka_unit_test(test_npy_transposes_fortran_order),
        cmocka_unit_test(test_npy_swaps_the_parts_of_complex),
        cmocka_unit_test(test_npy_bool_is_zero_or_one),
        cmocka_unit_test(test_npy_says_what_is_wrong_with_a_header),
        cmocka_unit_test(test_npy_says_what_is_wrong_with_a_file),
        cmocka_unit_test(test_npy_says_why_it_cannot_write),
        cmocka_unit_test(test_npy_survives_any_bytes),
        cmocka_unit_test(test_npy_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
