// The other side of the benchmarks: hand-written loops.

#define _GNU_SOURCE
#include "reference.h"

#include <immintrin.h>
#include <pthread.h>

typedef struct part {
    float *a;
    const float *b, *c;
    size_t n;
    int non_temporal;
} part;

static void *triad(void *argument) {
    const part *p = argument;
    float *restrict a = p->a;
    const float *restrict b = p->b, *restrict c = p->c;
    if (!p->non_temporal) {
        for (size_t i = 0; i < p->n; i++) a[i] = b[i] + 3 * c[i];
        return NULL;
    }
    __m128 three = _mm_set1_ps(3); // the parts are aligned and a multiple of four
    for (size_t i = 0; i < p->n; i += 4)
        _mm_stream_ps(a + i, _mm_add_ps(_mm_load_ps(b + i), _mm_mul_ps(three, _mm_load_ps(c + i))));
    _mm_sfence();
    return NULL;
}

void reference_triad(float *a, const float *b, const float *c, size_t n, int threads, int non_temporal) {
    part parts[64];
    pthread_t others[64];
    size_t each = n / (size_t)threads / 16 * 16;
    for (int t = 0; t < threads; t++) {
        size_t from = each * (size_t)t, to = t == threads - 1 ? n : from + each;
        parts[t] = (part){a + from, b + from, c + from, to - from, non_temporal};
        if (t) pthread_create(&others[t], NULL, triad, &parts[t]);
    }
    triad(&parts[0]);
    for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
}

static void derivative(const double s[3], double d[3]) {
    d[0] = 10 * (s[1] - s[0]);
    d[1] = s[0] * (28 - s[2]) - s[1];
    d[2] = s[0] * s[1] - 8.0 / 3 * s[2];
}

static void moved(const double s[3], const double d[3], double h, double out[3]) {
    for (int i = 0; i < 3; i++) out[i] = s[i] + h * d[i];
}

void reference_lorenz(double state[3], int steps, double h) {
    double s[3] = {state[0], state[1], state[2]};
    for (int step = 0; step < steps; step++) {
        double k1[3], k2[3], k3[3], k4[3], at[3];
        derivative(s, k1);
        moved(s, k1, h / 2, at);
        derivative(at, k2);
        moved(s, k2, h / 2, at);
        derivative(at, k3);
        moved(s, k3, h, at);
        derivative(at, k4);
        for (int i = 0; i < 3; i++) s[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
    for (int i = 0; i < 3; i++) state[i] = s[i];
}
