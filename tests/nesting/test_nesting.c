// Every order of a number of transforms of {jvp, vjp, vmap, jit} over every function of a file of functions.
//
// The outermost transform is judged by its definition on the function inside it, which is itself a
// transform of a transform: jvp by central differences, vjp by the inner product with central
// differences, vmap by a loop, jit by the function itself. Nothing is compared with itself.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "functions.h"

enum { MAX_DEPTH = 3 };
typedef enum transform { JVP, VJP, VMAP, JIT, TRANSFORMS } transform;
static const char *const transform_names[] = {"jvp", "vjp", "vmap", "jit"};

// A function with arguments that it can be called with. An absent argument is cv_none.
typedef struct stage {
    cv_fn f;
    int n_in, n_out;
    cv_val in[MAX_VALUES];
} stage;

static char label[256];

static double random_number(void) {
    static uint64_t state = 12345;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)(1ull << 52) - 1;
}

cv_val nesting_array(cv_ints shape) {
    double data[256];
    int64_t n = 1;
    for (int64_t i = 0; i < shape.n; i++) n *= shape.at[i];
    for (int64_t i = 0; i < n; i++) data[i] = random_number();
    return cv_array(CV_F64, shape, data);
}

static bool absent(cv_val x) { return x.slot == 0 && x.generation == 0; }
static bool moves(cv_val x) { return !absent(x) && cv_dtype_of(x) == CV_F64; }

static void require(bool condition, const char *what) {
    if (!condition) fail_msg("%s: %s %s", label, what, cv_message());
}

static void call(const stage *s, const cv_val *in, cv_val *out) {
    cv_status status = cv_call_list(s->f, out, s->n_out, ((cv_vals){s->n_in, in}));
    require(status == CV_OK, "call failed:");
}

static int64_t shape_of(cv_val x, int64_t *dims) {
    int rank = cv_rank(x);
    for (int i = 0; i < rank; i++) dims[i] = cv_size(x, i);
    return rank;
}

static double *doubles(cv_val x) {
    double *data = malloc(sizeof(double) * ((size_t)cv_count(x) + 1));
    cv_val wide = cv_dtype_of(x) == CV_F64 ? x : cv_astype(x, CV_F64);
    require(cv_read(wide, data, sizeof(double) * (size_t)cv_count(x)) == CV_OK, "read failed:");
    return data;
}

static cv_val random_like(cv_val x) {
    int64_t dims[32], rank = shape_of(x, dims);
    return nesting_array((cv_ints){rank, rank ? dims : CV_SCALAR.at});
}

// x + step * direction
static cv_val moved(cv_val x, cv_val direction, double step) {
    if (!moves(x)) return x;
    double *a = doubles(x), *b = doubles(direction);
    int64_t dims[32], rank = shape_of(x, dims), n = cv_count(x);
    for (int64_t i = 0; i < n; i++) a[i] += step * b[i];
    cv_val result = cv_array(CV_F64, ((cv_ints){rank, dims}), a);
    free(a), free(b);
    return result;
}

static void assert_close(cv_val got, const double *expected, double tolerance, const char *what, int result) {
    double *data = doubles(got);
    double scale = 1;
    for (int64_t i = 0; i < cv_count(got); i++) scale = fmax(scale, fabs(expected[i]));
    for (int64_t i = 0; i < cv_count(got); i++)
        if (!(fabs(data[i] - expected[i]) <= tolerance * scale))
            fail_msg("%s: %s: element %d of result %d is %.12g, not %.12g", label, what, (int)i, result, data[i], expected[i]);
    free(data);
}

// (f(x + e d) - f(x - e d)) / 2e for every floating result; NULL for the others.
static void differences(const stage *s, const cv_val *direction, double **out) {
    const double step = 1e-5;
    cv_val plus[MAX_VALUES], minus[MAX_VALUES], high[MAX_VALUES], low[MAX_VALUES];
    for (int i = 0; i < s->n_in; i++) {
        plus[i] = moved(s->in[i], direction[i], step);
        minus[i] = moved(s->in[i], direction[i], -step);
    }
    call(s, plus, high);
    call(s, minus, low);
    for (int o = 0; o < s->n_out; o++) {
        out[o] = NULL;
        if (!moves(high[o])) continue;
        double *a = doubles(high[o]), *b = doubles(low[o]);
        for (int64_t i = 0; i < cv_count(high[o]); i++) a[i] = (a[i] - b[i]) / (2 * step);
        out[o] = a;
        free(b);
    }
}

static double inner(const double *a, const double *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static cv_val stacked(cv_val a, cv_val b) { return absent(a) ? cv_none : cv_stack(CV_LIST(a, b), .axis = 0); }

// The stage of a transform of s. second: for vmap, the other element of the batch.
static stage apply(transform t, const stage *s, cv_val *second) {
    stage r = *s;
    cv_val out[MAX_VALUES];
    if (t == JIT) r.f = cv_jit(s->f);
    if (t == JVP) {
        r.f = cv_jvp(s->f);
        r.n_in = 2 * s->n_in, r.n_out = 2 * s->n_out;
        for (int i = 0; i < s->n_in; i++) r.in[s->n_in + i] = moves(s->in[i]) ? random_like(s->in[i]) : cv_none;
    }
    if (t == VJP) {
        call(s, s->in, out);
        r.f = cv_vjp(s->f);
        r.n_in = s->n_in + s->n_out, r.n_out = s->n_out + s->n_in;
        for (int o = 0; o < s->n_out; o++) r.in[s->n_in + o] = moves(out[o]) ? random_like(out[o]) : cv_none;
    }
    if (t == VMAP) {
        r.f = cv_vmap(s->f);
        for (int i = 0; i < s->n_in; i++) {
            second[i] = moves(s->in[i]) ? moved(s->in[i], random_like(s->in[i]), 0.3) : s->in[i];
            r.in[i] = stacked(s->in[i], second[i]);
        }
    }
    require(r.n_in <= MAX_VALUES && r.n_out <= MAX_VALUES, "too many values");
    return r;
}

static void judge(transform t, const stage *s, const stage *r, const cv_val *second) {
    cv_val got[MAX_VALUES], out[MAX_VALUES];
    double *slope[MAX_VALUES];
    call(r, r->in, got);
    if (t != VMAP) { // primal results are those of the function inside
        call(s, s->in, out);
        for (int o = 0; o < s->n_out; o++) {
            if (absent(out[o])) continue;
            double *expected = doubles(out[o]);
            assert_close(got[o], expected, 1e-12, "primal", o);
            free(expected);
        }
    }
    if (t == JVP) {
        differences(s, r->in + s->n_in, slope);
        for (int o = 0; o < s->n_out; o++) {
            cv_val tangent = got[s->n_out + o];
            require(absent(tangent) == !slope[o], "tangent of an integer, or none of a float;");
            if (slope[o]) assert_close(tangent, slope[o], 2e-6, "tangent against differences", o);
            free(slope[o]);
        }
    }
    if (t == VJP) {
        cv_val direction[MAX_VALUES];
        for (int i = 0; i < s->n_in; i++) direction[i] = moves(s->in[i]) ? random_like(s->in[i]) : cv_none;
        differences(s, direction, slope);
        double forward = 0, backward = 0, scale = 1;
        for (int o = 0; o < s->n_out; o++) {
            if (!slope[o]) continue;
            double *ct = doubles(r->in[s->n_in + o]);
            double product = inner(ct, slope[o], cv_count(r->in[s->n_in + o]));
            forward += product, scale += fabs(product);
            free(ct), free(slope[o]);
        }
        for (int i = 0; i < s->n_in; i++) {
            cv_val ct = got[s->n_out + i];
            require(absent(ct) == absent(direction[i]), "cotangent of an integer, or none of a float;");
            if (absent(ct)) continue;
            double *a = doubles(ct), *b = doubles(direction[i]);
            double product = inner(a, b, cv_count(ct));
            backward += product, scale += fabs(product);
            free(a), free(b);
        }
        if (!(fabs(forward - backward) <= 2e-6 * scale))
            fail_msg("%s: <ct, J d> = %.12g but <J' ct, d> = %.12g", label, forward, backward);
    }
    if (t == VMAP)
        for (int element = 0; element < 2; element++) {
            call(s, element ? second : s->in, out);
            for (int o = 0; o < s->n_out; o++) {
                require(absent(out[o]) == absent(got[o]), "absent in the batch or the element, not in both;");
                if (absent(out[o])) continue;
                double *expected = doubles(out[o]);
                assert_close(cv_index(got[o], element), expected, 1e-10, "element against the batch", o);
                free(expected);
            }
        }
}

static int judged, excepted;

// order: the innermost transform first.
static void nest(const nesting_case *c, const transform *order) {
    bool reverse = false;
    snprintf(label, sizeof label, "%s", c->name);
    for (int k = 0; k < nesting_depth; k++) {
        char inside[sizeof label];
        memcpy(inside, label, sizeof label);
        snprintf(label, sizeof label, "%s(%.200s)", transform_names[order[k]], inside);
        reverse |= order[k] == VJP;
    }
    if (c->no_reverse && reverse) {
        excepted++;
        return;
    }
    cv_scope_begin();
    stage stages[MAX_DEPTH + 1] = {{.f = c->function(), .n_in = c->n_in, .n_out = c->n_out}};
    cv_val second[MAX_VALUES];
    c->inputs(stages[0].in);
    for (int k = 0; k < nesting_depth; k++) stages[k + 1] = apply(order[k], &stages[k], second);
    judge(order[nesting_depth - 1], &stages[nesting_depth - 1], &stages[nesting_depth], second);
    require(cv_ok(), "error left:");
    cv_scope_end();
    judged++;
}

static void test_nesting(void **unused) {
    (void)unused;
    int orders = 1;
    for (int k = 0; k < nesting_depth; k++) orders *= TRANSFORMS;
    for (int i = 0; i < nesting_case_count; i++)
        for (int number = 0; number < orders; number++) {
            transform order[MAX_DEPTH];
            for (int k = 0, rest = number; k < nesting_depth; k++, rest /= TRANSFORMS)
                order[k] = (transform)(rest % TRANSFORMS);
            nest(&nesting_cases[i], order);
        }
    printf("nesting: %d functions, %d nestings judged, %d excepted (reverse mode through a data-dependent while)\n",
           nesting_case_count, judged, excepted);
    assert_int_equal(judged + excepted, nesting_case_count * orders);
}

int main(void) {
    cv_context *context = cv_context_new(.default_float = CV_F64, .verify = true);
    cv_context_use(context);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nesting)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cv_context_use(NULL);
    cv_context_free(context);
    cv_shutdown();
    return failed;
}
