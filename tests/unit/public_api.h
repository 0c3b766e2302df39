// What the tests of the public API share: cmocka, arrays of a few floats, and their comparison.
#ifndef PUBLIC_API_H
#define PUBLIC_API_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "covector/covector.h"

#define COUNT(...) (sizeof((float[]){__VA_ARGS__}) / sizeof(float))
// An f32 vector of these numbers.
#define VECTOR(...) cv_array(CV_F32, CV_INTS(COUNT(__VA_ARGS__)), ((float[]){__VA_ARGS__}))
// The f32 array has exactly these elements.
#define EXPECT(x, ...) expect_floats(x, (float[]){__VA_ARGS__}, COUNT(__VA_ARGS__), __FILE__, __LINE__)

static inline void expect_floats(cv_val x, const float *wanted, size_t n, const char *file, int line) {
    float found[256];
    if (!cv_ok()) print_error("%s\n", cv_message());
    _assert_true(cv_ok(), "cv_ok()", file, line);
    _assert_int_equal(cv_dtype_of(x), CV_F32, file, line);
    _assert_int_equal(cv_count(x), n, file, line);
    _assert_int_equal(cv_read(x, found, sizeof found), CV_OK, file, line);
    for (size_t i = 0; i < n; i++) {
        if (found[i] != wanted[i]) print_error("element %zu is %.9g, not %.9g\n", i, (double)found[i], (double)wanted[i]);
        _assert_true(found[i] == wanted[i], "equal elements", file, line);
    }
}

// The thread's first error is this message with the place of `line` in front; it is cleared.
#define EXPECT_ERROR(at, message) expect_error(__FILE__, at, message, __LINE__)

static inline void expect_error(const char *file, int at, const char *message, int line) {
    char wanted[1024];
    if (at) snprintf(wanted, sizeof wanted, "%s:%d: %s", file, at, message);
    else snprintf(wanted, sizeof wanted, "%s", message);
    _assert_true(!cv_ok(), "an error", file, line);
    _assert_string_equal(cv_message(), wanted, file, line);
    cv_clear();
}

// Of a group of tests: frees what is left, so that a leak checker sees what should not be.
static inline int tear_down(void **state) {
    (void)state;
    cv_shutdown();
    return 0;
}

#endif
