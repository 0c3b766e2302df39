// Public operations on complex numbers against JAX: dtype, weakness, shape and values, at once, within a
// trace and by the interpreter; the tangent of the result, the cotangent of z; mapped over z against a loop;
// scans, while loops and conditionals with complex carries. The cases are those of
// tests/reference/complex_ops.py. And what JAX has no cases of: C scalars and items, files, errors.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "covector/covector.h"

#define J __builtin_complex(0.0, 1.0)
#define V(...)                                                                                               \
    (const double[]) { __VA_ARGS__ }
#define D(...)                                                                                               \
    { __VA_ARGS__ }

typedef struct input {
    const char *name;
    cv_dtype dtype;
    int rank;
    int64_t dims[4];
    const double *values; // pairs
} input;
static const input inputs[] = {
#define INPUT(name, dtype, rank, dims, values) {#name, dtype, rank, dims, values},
#define CASE(...)
#include "../reference/complex_ops.inc"
#undef INPUT
#undef CASE
};
enum { N_INPUTS = sizeof inputs / sizeof *inputs };
enum { // the inputs by name
#define INPUT(name, ...) AT_##name,
#define CASE(...)
#include "../reference/complex_ops.inc"
#undef INPUT
#undef CASE
};

// Control flow, as in complex_ops.py.

static void horner_step(cv_val *out, const cv_val *in, void *context) { // z, p, c
    cv_val z = *(const cv_val *)context;
    out[0] = cv_add(cv_mul(in[0], z), in[1]);
    out[1] = cv_abs(in[0]);
}

static cv_val horner_of(cv_val z, cv_val w, bool sizes) {
    cv_val carry = cv_zeros_like(z), ys;
    cv_fn step = cv_fun(horner_step, .in = 2, .out = 2, .context = &z, .size = sizeof z);
    cv_scan(step, &carry, 1, &ys, 1, .xs = CV_LIST(w));
    return sizes ? ys : carry;
}

static cv_val horner(cv_val z, cv_val w) { return horner_of(z, w, false); }
static cv_val horner_sizes(cv_val z, cv_val w) { return horner_of(z, w, true); }

static cv_val is_small(cv_val i, cv_val v) {
    return cv_logical_and(cv_less(i, 6), cv_less(cv_max(cv_abs(v)), 50));
}

static void julia_step(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_add(in[0], 1);
    out[1] = cv_add(cv_mul(in[1], in[1]), cv_mul(*(const cv_val *)context, 0.25 - 0.5 * J));
}

static cv_val julia(cv_val z) {
    cv_val carry[] = {cv_s32(0), z};
    cv_while_loop(cv_fun(is_small), cv_fun(julia_step, .in = 2, .out = 2, .context = &z, .size = sizeof z),
                  carry, 2);
    return carry[1];
}

static cv_val quarter(cv_val total, cv_val row) {
    (void)row;
    return cv_mul(total, J);
}
static cv_val mirrored(cv_val total, cv_val row) { return cv_add(cv_conj(total), row); }

static void turned_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_cond(cv_greater(in[1], 1.5), cv_fun(quarter), cv_fun(mirrored), &out[0], 1, in[0], in[2]);
    out[1] = cv_add(in[1], cv_sum(cv_abs(in[2])));
    out[2] = cv_mul(out[0], in[1]);
}

static cv_val turned(cv_val z) {
    cv_val carry[] = {cv_zeros(CV_C64, CV_INTS(3)), cv_f32(0)}, ys;
    cv_scan(cv_fun(turned_step, .in = 3, .out = 3), carry, 2, &ys, 1, .xs = CV_LIST(z));
    return ys;
}

// Cases

typedef struct one_case {
    const char *text;
    cv_val (*run)(const cv_val *in);
    cv_dtype dtype;
    bool weak;
    int rank;
    int64_t dims[5];
    const double *values, *tangent, *cotangent;
} one_case;

#define INPUT(...)
#define CASE(number, call, ...)                                                                              \
    static cv_val case_##number(const cv_val *in) {                                                          \
        cv_val z = in[AT_z], w = in[AT_w], m = in[AT_m], x = in[AT_x], n = in[AT_n];                         \
        (void)z, (void)w, (void)m, (void)x, (void)n;                                                         \
        return call;                                                                                         \
    }
#include "../reference/complex_ops.inc"
#undef CASE
static const one_case cases[] = {
#define CASE(number, call, dtype, weak, rank, dims, values, tangent, cotangent)                              \
    {#call, case_##number, dtype, weak, rank, dims, values, tangent, cotangent},
#include "../reference/complex_ops.inc"
#undef CASE
#undef INPUT
};
enum { N_CASES = sizeof cases / sizeof *cases };

static int failures;

static void fault(const one_case *c, const char *how, const char *what) {
    failures++;
    print_error("%s, %s: %s%s%s\n", c->text, how, what, cv_ok() ? "" : ": ", cv_message());
    cv_clear();
}

static cv_val make_input(const input *in) {
    int64_t count = 1;
    for (int r = 0; r < in->rank; r++) count *= in->dims[r];
    union {
        float f32[64];
        int32_t s32[64];
    } data;
    for (int64_t e = 0; e < count; e++) {
        if (in->dtype == CV_C64)
            data.f32[2 * e] = (float)in->values[2 * e], data.f32[2 * e + 1] = (float)in->values[2 * e + 1];
        else if (in->dtype == CV_F32)
            data.f32[e] = (float)in->values[2 * e];
        else
            data.s32[e] = (int32_t)in->values[2 * e];
    }
    return cv_array(in->dtype, ((cv_ints){in->rank, in->dims}), &data);
}

static double _Complex element(cv_val v, int64_t at) {
    const void *data = cv_data(v);
    switch (cv_dtype_of(v)) {
    case CV_C64: return ((const float _Complex *)data)[at];
    case CV_F32: return (double)((const float *)data)[at];
    case CV_S32: return ((const int32_t *)data)[at];
    default: return ((const uint8_t *)data)[at];
    }
}

static double size_of(double _Complex x) { return hypot(__real__ x, __imag__ x); }

static bool close_enough(double _Complex got, const double *wanted) {
    if (isnan(wanted[0]) || isnan(wanted[1])) return got != got;
    double _Complex want = __builtin_complex(wanted[0], wanted[1]);
    return size_of(got - want) <= 8e-6 * size_of(want) + 2e-6;
}

static void compare(const one_case *c, const char *how, cv_val got, const double *wanted) {
    char what[160];
    if (!cv_ok() || cv_is_poison(got)) {
        fault(c, how, "error");
        return;
    }
    for (int64_t e = 0; e < cv_count(got); e++) {
        double _Complex x = element(got, e);
        if (close_enough(x, &wanted[2 * e])) continue;
        snprintf(what, sizeof what, "element %d is (%.9g, %.9g), not (%.9g, %.9g)", (int)e, __real__ x,
                 __imag__ x, wanted[2 * e], wanted[2 * e + 1]);
        fault(c, how, what);
        return;
    }
}

static void check(const one_case *c, const char *how, cv_val got) {
    bool fits = cv_rank(got) == c->rank;
    for (int r = 0; fits && r < c->rank; r++) fits = cv_size(got, r) == c->dims[r];
    if (!cv_ok())
        fault(c, how, "error");
    else if (!fits)
        fault(c, how, "wrong shape");
    else if (cv_dtype_of(got) != c->dtype)
        fault(c, how, cv_dtype_name(cv_dtype_of(got)));
    else if (cv_is_weak(got) != c->weak)
        fault(c, how, c->weak ? "not weak" : "weak");
    else
        compare(c, how, got, c->values);
}

typedef struct closure {
    const one_case *c;
    const cv_val *in;
} closure;

// A function of z.
static void traced(cv_val *out, const cv_val *in, void *context) {
    const closure *f = context;
    cv_val all[N_INPUTS];
    memcpy(all, f->in, sizeof all);
    all[AT_z] = in[0];
    out[0] = f->c->run(all);
}

static void check_derivatives(const one_case *c, cv_fn f, const cv_val *in) {
    cv_val out[2];
    if (c->tangent) {
        cv_call(cv_jvp(f), out, 2, in[AT_z], in[AT_dz]);
        compare(c, "tangent", out[1], c->tangent);
    }
    if (c->cotangent) {
        cv_val ones = cv_ones(c->dtype, ((cv_ints){c->rank, c->rank ? c->dims : (const int64_t[]){0}}));
        cv_call(cv_vjp(f), out, 2, in[AT_z], ones);
        compare(c, "cotangent", out[1], c->cotangent);
    }
}

static void check_mapped(const one_case *c, cv_fn f, const cv_val *in) {
    cv_val other[N_INPUTS], out;
    memcpy(other, in, sizeof other);
    other[AT_z] = cv_flip(in[AT_z]);
    cv_call(cv_vmap(f), &out, 1, cv_stack(CV_LIST(in[AT_z], other[AT_z])));
    double values[128];
    cv_val wanted = c->run(other);
    for (int64_t e = 0; e < cv_count(wanted); e++) {
        values[2 * e] = __real__ element(wanted, e);
        values[2 * e + 1] = __imag__ element(wanted, e);
    }
    compare(c, "mapped", cv_index(out, 0), c->values);
    compare(c, "mapped, reversed", cv_index(out, 1), values);
}

static void run_cases(bool interpret) {
    cv_context *own = cv_context_new(.interpret = interpret), *before = cv_context_use(own);
    cv_scope_begin();
    cv_val in[N_INPUTS];
    for (int at = 0; at < N_INPUTS; at++) in[at] = make_input(&inputs[at]);
    for (int at = 0; at < N_CASES; at++) {
        const one_case *c = &cases[at];
        cv_scope_begin();
        closure with = {c, in};
        cv_fn f = cv_fun(traced, .in = 1, .out = 1, .context = &with, .size = sizeof with);
        check(c, interpret ? "interpreted" : "at once", c->run(in));
        check(c, "traced", cv_call_one(cv_jit(f), in[AT_z]));
        check_derivatives(c, f, in);
        if (!interpret) check_mapped(c, f, in);
        cv_scope_end();
    }
    cv_scope_end();
    cv_context_use(before);
    cv_context_free(own);
    assert_int_equal(failures, 0);
}

static void test_operations_agree_with_jax(void **state) {
    (void)state;
    run_cases(false);
}

static void test_the_interpreter_agrees_with_jax(void **state) {
    (void)state;
    run_cases(true);
}

// C scalars, items, files

static void assert_item(cv_val x, cv_dtype dtype, double re, double im) {
    if (!cv_ok()) fail_msg("%s", cv_message());
    double _Complex got = cv_item_complex(x);
    assert_string_equal(cv_dtype_name(cv_dtype_of(x)), cv_dtype_name(dtype));
    if (__real__ got != re || __imag__ got != im)
        fail_msg("(%g, %g), not (%g, %g)", __real__ got, __imag__ got, re, im);
}

static void test_scalars_take_the_dtype_they_meet(void **state) {
    (void)state;
    cv_scope_begin();
    assert_item(cv_c64(1 + 2 * (float _Complex)J), CV_C64, 1, 2);
    assert_item(cv_c128(0.1 - J), CV_C128, 0.1, -1);
    assert_item(cv_add(cv_c128(0), 0.1 + 0.2 * J), CV_C128, 0.1, 0.2);
    assert_item(cv_add(cv_c64(0), 0.1 + 0.2 * J), CV_C64, 0.1f, 0.2f);
    assert_item(cv_add(cv_f64(0.1), J), CV_C128, 0.1, 1);
    assert_item(cv_add(cv_f32(0.5f), J), CV_C64, 0.5, 1);
    assert_item(cv_mul(cv_s32(3), J), CV_C64, 0, 3);
    assert_item(cv_mul(2, J), CV_C64, 0, 2);
    assert_true(cv_is_weak(cv_mul(2, J)));
    assert_item(cv_add(cv_mul(2, J), cv_f64(0.1)), CV_C128, 0.1, 2);
    assert_item(cv_real(cv_c128(0.1 - J)), CV_F64, 0.1, 0);
    assert_item(cv_complex(1, cv_f64(0.1)), CV_C128, 1, 0.1);
    assert_item(cv_f32(2), CV_F32, 2, 0);
    assert_true(cv_item(cv_c64(3 - (float _Complex)J)) == 3);
    cv_scope_end();
}

static void test_arrays_go_through_files(void **state) {
    (void)state;
    char path[] = "/tmp/covector-complex-XXXXXX";
    double _Complex data[] = {1 + 2 * J, -0.1 * J, INFINITY};
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    cv_scope_begin();
    for (int wide = 0; wide < 2; wide++) {
        cv_val x = cv_astype(cv_array(CV_C128, CV_INTS(3), data), wide ? CV_C128 : CV_C64);
        assert_int_equal(cv_save_npy(path, x), CV_OK);
        cv_val y = cv_load_npy(path);
        assert_int_equal(cv_dtype_of(y), cv_dtype_of(x));
        assert_memory_equal(cv_data(x), cv_data(y), wide ? sizeof data : sizeof data / 2);
    }
    cv_scope_end();
    unlink(path);
}

// Gradients

static cv_val squared_size(cv_val z) { return cv_sum(cv_mul(cv_real(z), cv_real(z)), .axis = CV_NO_INTS); }
static cv_val cube(cv_val z) { return cv_mul(cv_mul(z, z), z); }

static void assert_message(const char *what) {
    assert_false(cv_ok());
    if (!strstr(cv_message(), what)) fail_msg("\"%s\" is not in \"%s\"", what, cv_message());
    cv_clear();
}

static void test_gradients_of_complex_functions(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val z = cv_c64(1 + 2 * (float _Complex)J);
    assert_item(cv_call_one(cv_grad(cv_fun(squared_size)), z), CV_C64, 2, 0);
    assert_item(cv_call_one(cv_grad(cv_fun(cube), .holomorphic = true), z), CV_C64, -9, 12);
    assert_true(cv_is_poison(cv_call_one(cv_grad(cv_fun(cube)), z)));
    assert_message(
        "grad of cube: result 0 is c64[], not real; take cv_real or cv_abs of it, give .holomorphic = true");
    assert_true(cv_is_poison(cv_call_one(cv_grad(cv_fun(cube), .holomorphic = true), cv_f32(1))));
    assert_message("grad of cube: argument 0 is f32[], and with .holomorphic = true it must be complex");
    assert_true(cv_is_poison(cv_call_one(cv_grad(cv_fun(squared_size), .holomorphic = true), z)));
    assert_message(
        "grad of squared_size: result 0 is f32[], and with .holomorphic = true it must be complex");
    assert_true(cv_is_poison(cv_floor(z)));
    assert_message("floor takes floating point, not c64");
    assert_true(cv_is_poison(cv_complex(z, 1)));
    assert_message("cv_complex: c64[]: the parts of a complex number are real; cv_real takes one");
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations_agree_with_jax),
        cmocka_unit_test(test_the_interpreter_agrees_with_jax),
        cmocka_unit_test(test_scalars_take_the_dtype_they_meet),
        cmocka_unit_test(test_arrays_go_through_files),
        cmocka_unit_test(test_gradients_of_complex_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
