// What the benchmarks share: a check that ends the program, and medians.
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "covector/covector.h"

static inline void check(bool condition, const char *what) {
    if (condition && cv_ok()) return;
    fprintf(stderr, "%s failed: %s\n", what, cv_message());
    exit(1);
}

static inline int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static inline double median(double *x, int n) { // sorts them
    qsort(x, (size_t)n, sizeof *x, by_size);
    return x[n / 2];
}

#endif
