// The compiler against what it must keep up with, both sides alternating in one run.
//
//     bench_cpu [workload]...
//
// Prints a line of JSON for each workload: microseconds of both sides (medians) and their ratio. Machines are
// shared and noisy: read the ratios. `limit` is what the ratio is meant to stay under.

#define _GNU_SOURCE
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "covector/covector.h"
#include "reference.h"
#include "timing.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int threads(void) {
    const char *given = getenv("COVECTOR_THREADS");
    return given ? atoi(given) : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

// The two sides of a workload, run in turn.
typedef void side(void *state);
static void compare(const char *name, side *ours, side *theirs, void *state, int rounds, double limit) {
    double a[200], b[200];
    for (int warm = 0; warm < 2; warm++) ours(state), theirs(state);
    for (int i = 0; i < rounds; i++) {
        double start = now();
        ours(state);
        double middle = now();
        theirs(state);
        a[i] = middle - start, b[i] = now() - middle;
    }
    double x = median(a, rounds), y = median(b, rounds);
    printf("{\"workload\": \"%s\", \"us\": %.1f, \"reference_us\": %.1f, \"ratio\": %.3f, \"limit\": %.2f}\n", name, x, y,
           x / y, limit);
    fflush(stdout);
}

static float *floats(size_t n, double scale) {
    float *x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);
    check(x, "malloc");
    for (size_t i = 0; i < n; i++) x[i] = (float)(scale * sin((double)i * 0.37));
    return x;
}

static void call_and_drop(cv_fn f, cv_val *in, int n) {
    cv_val out;
    cv_call_list(f, &out, 1, ((cv_vals){n, in}));
    cv_drop(out);
}

// Elementwise work over 2^24 floats, beside a triad, which moves as many bytes.

typedef struct arrays {
    cv_fn f;
    cv_val in[2];
    float *a, *b, *c;
    size_t n;
    int non_temporal;
} arrays;

static void run_function(void *state) {
    arrays *s = state;
    call_and_drop(s->f, s->in, 2);
}

static void run_function_of_one(void *state) {
    arrays *s = state;
    call_and_drop(s->f, s->in, 1);
}

static void run_triad(void *state) {
    arrays *s = state;
    reference_triad(s->a, s->b, s->c, s->n, threads(), s->non_temporal);
}

static arrays new_arrays(size_t n) {
    return (arrays){.a = floats(n, 0), .b = floats(n, 1), .c = floats(n, 2), .n = n};
}

// The faster of the two kinds of stores on this machine.
static void choose_stores(arrays *s) {
    double best[2];
    for (int kind = 0; kind < 2; kind++) {
        double times[7];
        for (int i = 0; i < 7; i++) {
            double start = now();
            reference_triad(s->a, s->b, s->c, s->n, threads(), kind);
            times[i] = now() - start;
        }
        best[kind] = median(times, 7);
    }
    s->non_temporal = best[1] < best[0];
}

static void free_arrays(arrays *s) { free(s->a), free(s->b), free(s->c); }

static cv_val chain(cv_val x, cv_val y) {
    cv_val z = cv_add(cv_mul(2.0, x), y);
    return cv_add(cv_maximum(cv_sub(cv_mul(z, z), x), 0.0), cv_div(y, 2.0));
}

static void bench_chain(void) {
    size_t n = 1 << 24;
    arrays s = new_arrays(n);
    s.f = cv_jit(cv_fun(chain));
    s.in[0] = cv_array(CV_F32, CV_INTS((int64_t)n), s.b);
    s.in[1] = cv_array(CV_F32, CV_INTS((int64_t)n), s.c);
    choose_stores(&s);
    compare("elementwise_chain", run_function, run_triad, &s, 15, 1 / 0.8);
    free_arrays(&s);
}

static cv_val softmax(cv_val x) { return cv_softmax(x, .axis = CV_INTS(-1)); }

static void run_softmax(void *state) {
    arrays *s = state;
    reference_softmax(s->a, s->b, s->n, threads());
}

// Both sides compute the same, but for roundings.
static void check_alike(cv_fn f, cv_val in, const float *theirs, size_t n) {
    float *ours = floats(n, 0);
    check(cv_read(cv_call_one(f, in), ours, n * sizeof *ours) == CV_OK, "softmax");
    for (size_t i = 0; i < n; i++) check(fabsf(ours[i] - theirs[i]) <= 1e-6f * theirs[i], "softmax in C");
    free(ours);
}

static void bench_softmax(void) {
    size_t rows = 4096, columns = 1024, n = rows * columns * 2 / 3 / 64 * 64; // two arrays of ours are three of the triad's
    arrays s = new_arrays(n);
    float *x = floats(rows * columns, 3);
    s.f = cv_jit(cv_fun(softmax));
    s.in[0] = cv_array(CV_F32, CV_INTS((int64_t)rows, (int64_t)columns), x);
    choose_stores(&s);
    compare("softmax_rows", run_function_of_one, run_triad, &s, 31, 2);
    free_arrays(&s);
    s.a = floats(rows * columns, 0), s.b = x, s.n = rows;
    if (reference_softmax(s.a, s.b, s.n, threads())) {
        check_alike(s.f, s.in[0], s.a, rows * columns);
        compare("softmax_rows_beside_c", run_function_of_one, run_softmax, &s, 31, 1.25);
    }
    free(s.a), free(x);
}

// 100,000 steps of a small system in a scan, beside the same loop in C.

enum { STEPS = 100000 };
static const double step_size = 0.001;

static cv_val lorenz_derivative(cv_val s) {
    cv_val x = cv_index(s, 0), y = cv_index(s, 1), z = cv_index(s, 2);
    return cv_stack(CV_LIST(cv_mul(10.0, cv_sub(y, x)), cv_sub(cv_mul(x, cv_sub(28.0, z)), y),
                            cv_sub(cv_mul(x, y), cv_mul(8.0 / 3, z))), .axis = 0);
}

static cv_val lorenz_step(cv_val s) {
    double h = step_size;
    cv_val k1 = lorenz_derivative(s), k2 = lorenz_derivative(cv_add(s, cv_mul(h / 2, k1)));
    cv_val k3 = lorenz_derivative(cv_add(s, cv_mul(h / 2, k2))), k4 = lorenz_derivative(cv_add(s, cv_mul(h, k3)));
    return cv_add(s, cv_mul(h / 6, cv_add(cv_add(k1, cv_mul(2.0, k2)), cv_add(cv_mul(2.0, k3), k4))));
}

static cv_val lorenz(cv_val s) {
    cv_scan(cv_fun(lorenz_step), &s, 1, NULL, 0, .length = STEPS);
    return s;
}

static void run_lorenz(void *state) {
    (void)state;
    double s[3] = {1, 1, 1};
    reference_lorenz(s, STEPS, step_size);
    *(double *)((arrays *)state)->a = s[0];
}

static void bench_lorenz(void) {
    arrays s = {.a = floats(16, 0), .f = cv_jit(cv_fun(lorenz))};
    s.in[0] = cv_array(CV_F64, CV_INTS(3), ((const double[]){1, 1, 1}));
    double expected[3] = {1, 1, 1}, got[3];
    reference_lorenz(expected, 1000, step_size); // chaos: the ends differ
    (void)expected;
    cv_val out = cv_call_one(s.f, s.in[0]);
    check(cv_read(out, got, sizeof got) == CV_OK && fabs(got[0]) < 50, "lorenz");
    compare("lorenz_rk4", run_function_of_one, run_lorenz, &s, 31, 1.5);
    free(s.a);
}

// A matrix product.

static cv_val product(cv_val x, cv_val y) { return cv_matmul(x, y); }

static void run_blis(void *state) {
    arrays *s = state;
    check(reference_matmul(s->a, s->b, s->c, 1024, threads()), "BLIS");
}

static void bench_matmul(void) {
    arrays s = new_arrays(1024 * 1024);
    s.f = cv_jit(cv_fun(product));
    s.in[0] = cv_array(CV_F32, CV_INTS(1024, 1024), s.b);
    s.in[1] = cv_array(CV_F32, CV_INTS(1024, 1024), s.c);
    compare("matmul_1024", run_function, run_blis, &s, 31, 1.1);
    free_arrays(&s);
}

// A scan that updates one row of a matrix in each step. A matrix four times as large costs a call the copy of
// its argument, and a step nothing: the first is seen in the times of calls, the second in the difference of
// calls with more and fewer steps.

enum { UPDATES = 20000, ROW = 1000 };

static void row_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val row = cv_dynamic_slice(in[0], CV_LIST(in[1], 0), CV_INTS(1, ROW));
    out[0] = cv_dynamic_update_slice(in[0], cv_add(cv_mul(0.5, row), 0.25), CV_LIST(in[1], 0));
}

// The rows: s32[steps].
static cv_val row_updates(cv_val m, cv_val rows) {
    cv_scan(cv_fun(row_step, .in = 2, .out = 1), &m, 1, NULL, 0, .xs = CV_LIST(rows));
    return m;
}

static cv_val row_updates_loss(cv_val m, cv_val rows) {
    return cv_sum(cv_slice(row_updates(m, rows), CV_INTS(0, 0), CV_INTS(1, ROW)));
}

typedef struct matrices {
    cv_fn f;
    cv_val small, large, few, many; // matrices; rows, as many and twice as many
} matrices;

static void run_rows(matrices *m, cv_val matrix, cv_val rows) { call_and_drop(m->f, (cv_val[]){matrix, rows}, 2); }
static void run_small(void *state) { run_rows(state, ((matrices *)state)->small, ((matrices *)state)->few); }
static void run_large(void *state) { run_rows(state, ((matrices *)state)->large, ((matrices *)state)->few); }

static double time_rows(matrices *m, cv_val matrix, cv_val rows) {
    double start = now();
    run_rows(m, matrix, rows);
    return now() - start;
}

static void compare_steps(const char *name, matrices *m, double limit) {
    enum { ROUNDS = 15 };
    double large[ROUNDS], small[ROUNDS];
    for (int i = -2; i < ROUNDS; i++) {
        double l = time_rows(m, m->large, m->many) - time_rows(m, m->large, m->few);
        double s = time_rows(m, m->small, m->many) - time_rows(m, m->small, m->few);
        if (i >= 0) large[i] = 1e3 * l / UPDATES, small[i] = 1e3 * s / UPDATES;
    }
    double x = median(large, ROUNDS), y = median(small, ROUNDS);
    printf("{\"workload\": \"%s\", \"ns\": %.1f, \"reference_ns\": %.1f, \"ratio\": %.3f, \"limit\": %.2f}\n", name, x, y,
           x / y, limit);
    fflush(stdout);
}

static cv_val row_numbers(int64_t steps) { // 0 .. 997, not in order of memory
    return cv_rem(cv_mul(cv_arange(CV_S32, 0, (double)steps, 1), 499), 998);
}

static void bench_rows(void) {
    matrices m = {cv_jit(cv_fun(row_updates)), cv_zeros(CV_F32, CV_INTS(1000, ROW)), cv_zeros(CV_F32, CV_INTS(4000, ROW)),
                  row_numbers(UPDATES), row_numbers(2 * UPDATES)};
    compare("row_updates_4000_beside_1000", run_large, run_small, &m, 9, 1.5);
    compare_steps("step_of_row_updates_4000_beside_1000", &m, 1.1);
    m.f = cv_jit(cv_grad(cv_fun(row_updates_loss)));
    compare("row_updates_grad_4000_beside_1000", run_large, run_small, &m, 9, 1.5);
    compare_steps("step_of_row_updates_grad_4000_beside_1000", &m, 1.1);
}

// A call of a compiled scalar function, arguments resident, result taken and released; in nanoseconds.

static cv_val sum_of_two(cv_val a, cv_val b) { return cv_add(a, b); }

static void bench_call(void) {
    cv_fn f = cv_jit(cv_fun(sum_of_two));
    cv_val in[2] = {cv_f32(1), cv_f32(2)};
    double times[200];
    for (int i = 0; i < 1000; i++) call_and_drop(f, in, 2);
    for (int i = 0; i < 200; i++) {
        double start = now();
        for (int k = 0; k < 1000; k++) call_and_drop(f, in, 2);
        times[i] = now() - start;
    }
    check(true, "call");
    printf("{\"workload\": \"scalar_call\", \"ns\": %.1f, \"limit\": 300}\n", median(times, 200));
}

typedef struct workload {
    const char *name;
    void (*run)(void);
} workload;

int main(int n, char **words) {
    static const workload workloads[] = {{"chain", bench_chain},   {"softmax", bench_softmax}, {"lorenz", bench_lorenz},
                                         {"matmul", bench_matmul}, {"rows", bench_rows},       {"call", bench_call}};
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        bool wanted = n < 2;
        for (int k = 1; k < n; k++) wanted |= !strcmp(words[k], workloads[i].name);
        if (!wanted) continue;
        cv_scope_begin();
        workloads[i].run();
        check(true, workloads[i].name);
        cv_scope_end();
    }
    cv_shutdown();
    return 0;
}
