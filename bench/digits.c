// The training step of examples/digits.c, compiled, for a partner that runs it in turn with something else.
//
// Reads numbers of steps from standard input, one a line, and answers each with a line: the microseconds that
// a step took, the mean of that many, and the last loss. The batch is resident and always the same; the training
// of one step is given away to the next.
// scripts/compare_digits_jax.py sets it beside JAX.

#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "digits_model.h"

static double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

// limit * sin(12.9898 i): the script makes the same.
static cv_val numbers(int64_t count, double limit) {
    return cv_mul(cv_sin(cv_mul(cv_arange(CV_F32, 0, (double)count, 1), 12.9898)), limit);
}

static layer first_layer(int rows, int columns, double limit) {
    cv_val weight = cv_reshape(numbers(rows * columns, limit), CV_INTS(rows, columns));
    return (layer){weight, cv_zeros(CV_F32, CV_INTS(columns))};
}

static step_in first(void) {
    step_in in;
    in.now.net = (network){first_layer(PIXELS, HIDDEN, 0.2), first_layer(HIDDEN, CLASSES, 0.3)};
    in.now.velocity = (network){first_layer(PIXELS, HIDDEN, 0), first_layer(HIDDEN, CLASSES, 0)};
    in.images = cv_reshape(cv_abs(numbers(BATCH * PIXELS, 1)), CV_INTS(BATCH, 8, 8));
    in.labels = cv_astype(cv_abs(numbers(BATCH, 9.5)), CV_S32);
    return in;
}

int main(void) {
    cv_fn f = training_step();
    step_in in = first();
    for (int steps; scanf("%d", &steps) == 1 && cv_ok();) {
        double start = microseconds(), loss = 0;
        for (int i = 0; i < steps && cv_ok(); i++) {
            step_out out;
            cv_call_list(f, (cv_val *)&out, CV_LEAVES(out), CV_TREE(in));
            if (i + 1 == steps) loss = cv_item(out.loss);
            cv_drop(out.loss);
            in.now = out.next;
        }
        printf("%.3f %.6f\n", (microseconds() - start) / steps, loss);
        fflush(stdout);
    }
    if (!cv_ok()) fprintf(stderr, "%s\n", cv_message());
    bool fine = cv_ok();
    cv_shutdown();
    return !fine;
}
