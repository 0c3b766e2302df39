// Every public operation against JAX: dtype, weakness, shape and values, at once and within a trace,
// and the gradient by x of the sum of the result; and mapped over x against a loop. The cases are
// those that a script of tests/reference wrote: REFERENCE.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "covector/covector.h"

// What has several results, one of them at a time.
static cv_val sort_two(cv_val x, cv_val y, int which) {
    cv_val out[2];
    cv_sort_together(CV_LIST(x, y), out);
    return out[which];
}

static cv_val top_two(cv_val x, int which) {
    cv_val out[2];
    cv_top_k(x, 2, out);
    return out[which];
}

// The one of greatest magnitude so far, and a sum of the products with it.
static void fold_body(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_where(cv_less(cv_abs(in[0]), cv_abs(in[2])), in[2], in[0]);
    out[1] = cv_add(in[1], cv_mul(in[0], in[3]));
}

static cv_val fold_two(cv_val x, cv_val y, int64_t axis, int which) {
    cv_val out[2];
    cv_reduce(CV_LIST(x, y), CV_LIST(0, 1), cv_fun(fold_body, .in = 4, .out = 2), out, .axis = CV_INTS(axis));
    return out[which];
}

static cv_val multiplied(cv_val a, cv_val x) { return cv_mul(a, x); }
static cv_val fold_alone(cv_val x) {
    cv_val out;
    cv_reduce(CV_LIST(x), CV_LIST(1), cv_fun(multiplied), &out);
    return out;
}

#define V(...) (const double[]){__VA_ARGS__}
#define NONE V(0)
#define D(...) {__VA_ARGS__}

typedef struct input {
    const char *name;
    cv_dtype dtype;
    int rank;
    int64_t dims[4];
    const double *values;
} input;
static const input inputs[] = {
#define INPUT(name, dtype, rank, dims, values) {#name, dtype, rank, dims, values},
#define CASE(...)
#include REFERENCE
#undef INPUT
#undef CASE
};
enum { N_INPUTS = sizeof inputs / sizeof *inputs };

typedef struct one_case {
    const char *text;
    cv_val (*run)(const cv_val *in);
    cv_dtype dtype;
    bool weak;
    int rank;
    int64_t dims[5];
    const double *values, *gradient;
} one_case;

enum { // the inputs by name
#define INPUT(name, ...) AT_##name,
#define CASE(...)
#include REFERENCE
#undef INPUT
#undef CASE
};
#define LOCALS                                                                                     \
    cv_val x = in[AT_x], y = in[AT_y], m = in[AT_m], t = in[AT_t], s = in[AT_s], n = in[AT_n];     \
    cv_val k = in[AT_k], u = in[AT_u], b = in[AT_b], i = in[AT_i], far = in[AT_far], one = in[AT_one]; \
    (void)x, (void)y, (void)m, (void)t, (void)s, (void)n, (void)k, (void)u, (void)b, (void)i, (void)far, (void)one
#define INPUT(...)
#define CASE(number, call, ...)                                                                    \
    static cv_val case_##number(const cv_val *in) {                                                \
        LOCALS;                                                                                    \
        return call;                                                                               \
    }
#include REFERENCE
#undef CASE

static const one_case cases[] = {
#define CASE(number, call, dtype, weak, rank, dims, values, gradient)                              \
    {#call, case_##number, dtype, weak, rank, dims, values, gradient},
#include REFERENCE
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
    return cv_array_from(in->dtype, ((cv_ints){in->rank, in->dims}), CV_F64, in->values);
}

enum { MOST = 256 }; // elements of a result

static void read_elements(cv_val v, double *values) {
    assert_true(cv_count(v) <= MOST);
    cv_read_as(v, CV_F64, values, MOST * sizeof *values);
}

// Numbers of 16 bits are the neighbour at most; a gradient, which is made of some of them, may be a few away.
static bool close_enough(double got, double wanted, cv_dtype dtype, bool gradient) {
    double unit = dtype == CV_F16 ? 0x1p-10 : dtype == CV_BF16 ? 0x1p-7 : 0;
    if (isnan(wanted)) return isnan(got);
    if (isinf(wanted) || (!unit && dtype != CV_F32)) return got == wanted;
    if (unit) return fabs(got - wanted) <= (gradient ? 4 : 1) * unit * fabs(wanted) + (gradient ? unit : 1e-7);
    return fabs(got - wanted) <= 4e-6 * fabs(wanted) + 1e-6;
}

static void compare(const one_case *c, const char *how, cv_val got, const double *wanted) {
    char what[128];
    double found[MOST];
    read_elements(got, found);
    for (int64_t e = 0; e < cv_count(got); e++) {
        if (close_enough(found[e], wanted[e], cv_dtype_of(got), wanted == c->gradient)) continue;
        snprintf(what, sizeof what, "element %d is %.9g, not %.9g", (int)e, found[e], wanted[e]);
        fault(c, how, what);
        return;
    }
}

static void check(const one_case *c, const char *how, cv_val got) {
    if (!cv_ok() || cv_is_poison(got)) {
        fault(c, how, "error");
        return;
    }
    bool fits = cv_rank(got) == c->rank;
    for (int r = 0; fits && r < c->rank; r++) fits = cv_size(got, r) == c->dims[r];
    if (!fits) fault(c, how, "wrong shape");
    else if (cv_dtype_of(got) != c->dtype) fault(c, how, cv_dtype_name(cv_dtype_of(got)));
    else if (cv_is_weak(got) != c->weak) fault(c, how, c->weak ? "not weak" : "weak");
    else compare(c, how, got, c->values);
}

static void traced(cv_val *out, const cv_val *in, void *context) {
    out[0] = (*(const one_case *const *)context)->run(in);
}

static void summed(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_sum((*(const one_case *const *)context)->run(in));
}

// Mapped over x and x reversed: the first slice is the case, the second is what it gives without vmap.
static void check_mapped(const one_case *c, const cv_val *in) {
    int64_t axes[N_INPUTS];
    cv_val mapped[N_INPUTS], other[N_INPUTS], out;
    for (int at = 0; at < N_INPUTS; at++) {
        axes[at] = at == AT_x ? 0 : CV_NONE;
        mapped[at] = other[at] = in[at];
    }
    other[AT_x] = cv_flip(in[AT_x]);
    mapped[AT_x] = cv_stack(CV_LIST(in[AT_x], other[AT_x]));
    cv_fn f = cv_vmap(cv_fun(traced, .in = N_INPUTS, .out = 1, .context = &c, .size = sizeof c),
                      .in = ((cv_ints){N_INPUTS, axes}));
    cv_val wanted = c->run(other);
    cv_call_list(f, &out, 1, ((cv_vals){N_INPUTS, mapped}));
    if (!cv_ok()) {
        fault(c, "mapped", "error");
        return;
    }
    double values[MOST];
    read_elements(wanted, values);
    compare(c, "mapped", cv_index(out, 0), c->values);
    compare(c, "mapped, reversed", cv_index(out, 1), values);
}

static void run_case(const one_case *c, const cv_val *in) {
    check(c, "at once", c->run(in));
    cv_vals all = {N_INPUTS, in};
    cv_fn f = cv_jit(cv_fun(traced, .in = N_INPUTS, .out = 1, .context = &c, .size = sizeof c));
    cv_val out;
    cv_call_list(f, &out, 1, all);
    check(c, "traced", out);
    check_mapped(c, in);
    if (!c->gradient) return;
    cv_fn g = cv_grad(cv_fun(summed, .in = N_INPUTS, .out = 1, .context = &c, .size = sizeof c));
    cv_call_list(g, &out, 1, all);
    if (!cv_ok()) fault(c, "gradient", "error");
    else compare(c, "gradient", out, c->gradient);
}

static void test_operations_agree_with_jax(void **state) {
    (void)state;
    cv_scope_begin();
    cv_val in[N_INPUTS];
    for (int at = 0; at < N_INPUTS; at++) in[at] = make_input(&inputs[at]);
    for (int at = 0; at < N_CASES; at++) {
        cv_scope_begin();
        run_case(&cases[at], in);
        cv_scope_end();
    }
    cv_scope_end();
    cv_shutdown();
    assert_int_equal(failures, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operations_agree_with_jax)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
