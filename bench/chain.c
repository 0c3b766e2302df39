// How the time of tracing, differentiating, simplifying and printing grows with the length of a chain of
// operations: 10,000 and 100,000 side by side. Prints a line of JSON; `ratio` is time(100,000) / time(10,000),
// which is 10 for what is linear.

#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "covector/covector.h"

static int length;

// length operations on a scalar: a product, a sum, a sine and a tanh in turn.
static cv_val chain(cv_val x) {
    cv_val y = x;
    for (int i = 0; i < length; i++) {
        if (i % 4 == 0) y = cv_mul(y, x);
        else if (i % 4 == 1) y = cv_add(y, x);
        else if (i % 4 == 2) y = cv_sin(y);
        else y = cv_tanh(y);
    }
    return y;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int operations_of(const char *text) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, " = ")); at++) n++;
    return n;
}

typedef struct timing {
    double trace_print, grad, simplify;
    int operations, grad_operations;
} timing;

// Each figure is what the step adds: the text of f, then that of its gradient, then simplified.
static timing measure(int n) {
    length = n;
    timing t;
    cv_context *context = cv_context_new();
    cv_context_use(context);
    cv_scope_begin();
    cv_val x = cv_f32(0.5f);
    double start = seconds();
    const char *text = cv_make_ir(cv_fun(chain), x);
    double traced = seconds();
    const char *gradient = cv_make_ir(cv_grad(cv_fun(chain)), x);
    double differentiated = seconds();
    const char *simplified = cv_make_simplified_ir(cv_grad(cv_fun(chain)), x);
    double end = seconds();
    t = (timing){traced - start, differentiated - traced, end - differentiated, operations_of(text), operations_of(gradient)};
    if (!*simplified) fprintf(stderr, "%s\n", cv_message());
    cv_scope_end();
    cv_context_use(NULL);
    cv_context_free(context);
    return t;
}

int main(void) {
    measure(1000); // warms caches
    timing a = measure(10000), b = measure(100000);
    printf("{\"benchmark\": \"chain\", \"operations\": [%d, %d], \"grad_operations\": [%d, %d], "
           "\"trace_and_print_ms\": [%.2f, %.2f], \"ratio_trace\": %.1f, \"grad_ms\": [%.2f, %.2f], \"ratio_grad\": %.1f, "
           "\"simplify_ms\": [%.2f, %.2f], \"ratio_simplify\": %.1f}\n",
           a.operations, b.operations, a.grad_operations, b.grad_operations, a.trace_print * 1e3, b.trace_print * 1e3,
           b.trace_print / a.trace_print, a.grad * 1e3, b.grad * 1e3, b.grad / a.grad, a.simplify * 1e3, b.simplify * 1e3,
           b.simplify / a.simplify);
    cv_shutdown();
    return 0;
}
