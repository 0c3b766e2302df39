// What the benchmarks are measured against: the same work written by hand in C (reference.c, compiled with
// -O3 -march=native, by clang where there is one) and the BLIS library called directly.
#ifndef BENCH_REFERENCE_H
#define BENCH_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

// a[i] = b[i] + 3 c[i] over n floats by this many threads; with plain or with non-temporal stores.
void reference_triad(float *a, const float *b, const float *c, size_t n, int threads, int non_temporal);
// Softmax of each row of 1024 floats, all of them finite, by this many threads: e^x within one unit in the
// last place, true division. Where the processor lacks AVX2 or fused multiply-add: false, nothing is done.
bool reference_softmax(float *y, const float *x, size_t rows, int threads);
// Steps of the classical Runge-Kutta method for the Lorenz equations (sigma 10, rho 28, beta 8/3).
void reference_lorenz(double state[3], int steps, double h);
// c = a b, square matrices, by this many threads of BLIS; false if there is none.
bool reference_matmul(float *c, const float *a, const float *b, int n, int threads);

#endif
