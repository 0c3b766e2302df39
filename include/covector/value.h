// Handles, lists, and the macros that let C scalars stand where arrays are expected.
#ifndef COVECTOR_VALUE_H
#define COVECTOR_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "covector/dtype.h"

#ifdef __cplusplus
extern "C" {
#endif

// An array, or a value of a program that is being traced. A handle is two numbers: copying it is
// free, and a handle that has outlived its value is recognised when it is used.
typedef struct cv_val {
    uint32_t slot, generation;
} cv_val;

// A function value: a callback, or a transform of another function (function.h).
typedef struct cv_fn {
    uint32_t slot, generation;
} cv_fn;

// The absent value: in the place of a tangent or cotangent of an integer or boolean.
#define cv_none ((cv_val){0, 0})
// The absent axis: an argument that cv_vmap does not map.
#define CV_NONE INT64_MIN

// A list of integers: axes, shapes, argument numbers. One that was not given is {0, NULL}.
typedef struct cv_ints {
    int64_t n;
    const int64_t *at;
} cv_ints;
#define CV_INTS(...)                                                                               \
    ((cv_ints){(int64_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]){__VA_ARGS__}})
// The list without entries, such as the shape of a scalar.
#define CV_NO_INTS ((cv_ints){0, (const int64_t[]){0}})
#define CV_SCALAR CV_NO_INTS

// A list of values.
typedef struct cv_vals {
    int64_t n;
    const cv_val *at;
} cv_vals;
#define CV_LIST(...)                                                                               \
    ((cv_vals){(int64_t)(sizeof((cv_val[]){CV_EACH_VAL(__VA_ARGS__)}) / sizeof(cv_val)),           \
               (const cv_val[]){CV_EACH_VAL(__VA_ARGS__)}})

// A struct made only of cv_val is an array of cv_val: CV_TREE(params) is the list of its leaves,
// CV_LEAVES(params) their number; (cv_val *)&params is where results go.
#define CV_LEAVES(tree)                                                                            \
    ((int)(sizeof(tree) / sizeof(cv_val) +                                                         \
           0 * sizeof(struct { _Static_assert(sizeof(tree) % sizeof(cv_val) == 0, "not made of cv_val"); int unused; })))
#define CV_TREE(tree) ((cv_vals){CV_LEAVES(tree), (const cv_val *)&(tree)})

// The place of a call in the user's source, which messages name.
typedef struct cv_here {
    const char *file;
    int line;
} cv_here;
#define CV_HERE ((cv_here){__FILE__, __LINE__})

// A C scalar as a value. Its type is weak: it takes the type of what it is combined with.
CV_API cv_val cv_weak_bool(bool x);
CV_API cv_val cv_weak_int(int64_t x);
CV_API cv_val cv_weak_float(double x);
#ifndef __cplusplus
CV_API cv_val cv_weak_complex(double _Complex x);
#endif
static inline cv_val cv_val_itself(cv_val x) { return x; }

// clang takes the variables of nested CV_VAL for shadowing.
#ifdef __clang__
#define CV_QUIET_BEGIN_ _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wshadow\"")
#define CV_QUIET_END_ _Pragma("clang diagnostic pop")
#else
#define CV_QUIET_BEGIN_
#define CV_QUIET_END_
#endif

// A value from a value or a C scalar. The statement expression names its argument once, so that
// nested operations do not expand exponentially.
#define CV_VAL(x)                                                                                  \
    __extension__({                                                                                \
        CV_QUIET_BEGIN_ __auto_type cv_scalar_ = (x); CV_QUIET_END_                                \
        _Generic(cv_scalar_, cv_val: cv_val_itself, _Bool: cv_weak_bool, float: cv_weak_float,     \
                 double: cv_weak_float, long double: cv_weak_float, float _Complex: cv_weak_complex, \
                 double _Complex: cv_weak_complex, long double _Complex: cv_weak_complex,          \
                 default: cv_weak_int)(cv_scalar_);                                                \
    })

// CV_EACH_VAL(a, b, ...) is CV_VAL(a), CV_VAL(b), ... for up to 32 arguments.
#define CV_EACH_VAL(...) CV_EACH_(CV_COUNT_(__VA_ARGS__), __VA_ARGS__)
#define CV_EACH_(n, ...) CV_EACH_N_(n, __VA_ARGS__)
#define CV_EACH_N_(n, ...) CV_EACH_##n(__VA_ARGS__)
#define CV_COUNT_(...)                                                                             \
    CV_COUNT_N_(__VA_ARGS__, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, \
                11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define CV_COUNT_N_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, \
                    a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, n, ...)            \
    n
#define CV_EACH_1(x) CV_VAL(x)
#define CV_EACH_2(x, ...) CV_VAL(x), CV_EACH_1(__VA_ARGS__)
#define CV_EACH_3(x, ...) CV_VAL(x), CV_EACH_2(__VA_ARGS__)
#define CV_EACH_4(x, ...) CV_VAL(x), CV_EACH_3(__VA_ARGS__)
#define CV_EACH_5(x, ...) CV_VAL(x), CV_EACH_4(__VA_ARGS__)
#define CV_EACH_6(x, ...) CV_VAL(x), CV_EACH_5(__VA_ARGS__)
#define CV_EACH_7(x, ...) CV_VAL(x), CV_EACH_6(__VA_ARGS__)
#define CV_EACH_8(x, ...) CV_VAL(x), CV_EACH_7(__VA_ARGS__)
#define CV_EACH_9(x, ...) CV_VAL(x), CV_EACH_8(__VA_ARGS__)
#define CV_EACH_10(x, ...) CV_VAL(x), CV_EACH_9(__VA_ARGS__)
#define CV_EACH_11(x, ...) CV_VAL(x), CV_EACH_10(__VA_ARGS__)
#define CV_EACH_12(x, ...) CV_VAL(x), CV_EACH_11(__VA_ARGS__)
#define CV_EACH_13(x, ...) CV_VAL(x), CV_EACH_12(__VA_ARGS__)
#define CV_EACH_14(x, ...) CV_VAL(x), CV_EACH_13(__VA_ARGS__)
#define CV_EACH_15(x, ...) CV_VAL(x), CV_EACH_14(__VA_ARGS__)
#define CV_EACH_16(x, ...) CV_VAL(x), CV_EACH_15(__VA_ARGS__)
#define CV_EACH_17(x, ...) CV_VAL(x), CV_EACH_16(__VA_ARGS__)
#define CV_EACH_18(x, ...) CV_VAL(x), CV_EACH_17(__VA_ARGS__)
#define CV_EACH_19(x, ...) CV_VAL(x), CV_EACH_18(__VA_ARGS__)
#define CV_EACH_20(x, ...) CV_VAL(x), CV_EACH_19(__VA_ARGS__)
#define CV_EACH_21(x, ...) CV_VAL(x), CV_EACH_20(__VA_ARGS__)
#define CV_EACH_22(x, ...) CV_VAL(x), CV_EACH_21(__VA_ARGS__)
#define CV_EACH_23(x, ...) CV_VAL(x), CV_EACH_22(__VA_ARGS__)
#define CV_EACH_24(x, ...) CV_VAL(x), CV_EACH_23(__VA_ARGS__)
#define CV_EACH_25(x, ...) CV_VAL(x), CV_EACH_24(__VA_ARGS__)
#define CV_EACH_26(x, ...) CV_VAL(x), CV_EACH_25(__VA_ARGS__)
#define CV_EACH_27(x, ...) CV_VAL(x), CV_EACH_26(__VA_ARGS__)
#define CV_EACH_28(x, ...) CV_VAL(x), CV_EACH_27(__VA_ARGS__)
#define CV_EACH_29(x, ...) CV_VAL(x), CV_EACH_28(__VA_ARGS__)
#define CV_EACH_30(x, ...) CV_VAL(x), CV_EACH_29(__VA_ARGS__)
#define CV_EACH_31(x, ...) CV_VAL(x), CV_EACH_30(__VA_ARGS__)
#define CV_EACH_32(x, ...) CV_VAL(x), CV_EACH_31(__VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
