// How fast programs are traced: simple operations per second, from the call of the public function
// to the finished program, in processor time. Prints one JSON object.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "covector/covector.h"

enum { OPERATIONS = 200000, ROUNDS = 9 };

static cv_val chain(cv_val x) {
    cv_val y = x;
    for (int i = 0; i < OPERATIONS; i++) y = cv_add(y, x);
    return y;
}

static cv_val chain_with_scalars(cv_val x) {
    cv_val y = x;
    for (int i = 0; i < OPERATIONS; i++) y = cv_mul(y, 1.5);
    return y;
}

static cv_fn chain_function(void) {
    return cv_fun(chain);
}

static cv_fn chain_with_scalars_function(void) {
    return cv_fun(chain_with_scalars);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static cv_fn (*measured)(void);
static double seconds;

// A jitted function that is called in a trace is traced and finished on its own. Nothing here uses its
// result, so that what is compiled afterwards is empty.
static cv_val around(cv_val x) {
    double start = now();
    cv_call_one(cv_jit(measured()), x);
    seconds = now() - start;
    return x;
}

// The best of several rounds, each in a context of its own so that nothing is cached.
static double operations_per_second(cv_fn (*f)(void)) {
    double best = 1e30;
    measured = f;
    for (int round = 0; round < ROUNDS; round++) {
        cv_context *context = cv_context_new();
        cv_context_use(context);
        cv_call_one(cv_jit(cv_fun(around)), cv_f32(1));
        if (!cv_ok()) {
            fprintf(stderr, "%s\n", cv_message());
            exit(1);
        }
        cv_context_use(NULL);
        cv_context_free(context);
        if (seconds < best) best = seconds;
    }
    return OPERATIONS / best;
}

int main(void) {
    printf("{\"operations\": %d, \"add_per_second\": %.0f, \"mul_by_scalar_per_second\": %.0f}\n", OPERATIONS,
           operations_per_second(chain_function), operations_per_second(chain_with_scalars_function));
    cv_shutdown();
    return 0;
}
