// What the benchmarks are measured against: the same work written by hand in C (reference.c, compiled with
// -O3 -march=native, by clang where there is one) and the BLIS library called directly.
#ifndef BENCH_REFERENCE_H
#define BENCH_REFERENCE_H

#include <stddef.h>

// a[i] = b[i] + 3 c[i] over n floats by this many threads; with plain or with non-temporal stores.
void reference_triad(float *a, const float *b, const float *c, size_t n, int threads, int non_temporal);
// Steps of the classical Runge-Kutta method for the Lorenz equations (sigma 10, rho 28, beta 8/3).
void reference_lorenz(double state[3], int steps, double h);
// c = a b, square matrices, by this many threads of BLIS.
void reference_matmul(float *c, const float *a, const float *b, int n, int threads);

#endif
