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

// Softmax. Each pass over a row takes four vectors at a time; the last one finds the maximum of the next row
// too, whose elements were fetched during the pass before. NaNs and infinities would need more.

enum { COLUMNS = 1024, VECTORS = 4, STEP = 8 * VECTORS };
#define AVX2 __attribute__((target("avx2,fma"), always_inline)) static inline
#define EACH for (int v = 0; v < VECTORS; v++)

AVX2 __m256 all(double x) { return _mm256_set1_ps((float)x); }

// x = n ln 2 + r; 2^n in two factors, for results that are subnormal.
AVX2 void exponential(__m256 x[VECTORS]) {
    const double shift = 0x1.8p23 + 254, ln2 = 0x1.62e4p-1, rest = 0x1.7f7d1cp-20;
    static const double q[] = {0x1.1227f4p-7, 0x1.555674p-5, 0x1.5554bp-3, 0x1.fffffep-2, 1, 1};
    __m256 n[VECTORS], p[VECTORS];
    EACH x[v] = _mm256_max_ps(all(-104), _mm256_min_ps(all(89), x[v]));
    EACH n[v] = _mm256_fmadd_ps(x[v], all(0x1.71547652b82fep+0), all(shift));
    EACH p[v] = _mm256_sub_ps(n[v], all(shift));
    EACH x[v] = _mm256_fnmadd_ps(p[v], all(ln2), x[v]);
    EACH x[v] = _mm256_fnmadd_ps(p[v], all(rest), x[v]);
    EACH p[v] = all(0x1.6bebdcp-10);
    for (int i = 0; i < 6; i++) EACH p[v] = _mm256_fmadd_ps(p[v], x[v], all(q[i]));
    EACH {
        __m256i bits = _mm256_castps_si256(n[v]), half = _mm256_srli_epi32(bits, 1);
        x[v] = _mm256_mul_ps(p[v], _mm256_castsi256_ps(_mm256_slli_epi32(half, 23)));
        bits = _mm256_sub_epi32(bits, half);
        x[v] = _mm256_mul_ps(x[v], _mm256_castsi256_ps(_mm256_slli_epi32(bits, 23)));
    }
}

AVX2 void update_maximum(__m256 most[VECTORS], const float *x) {
    EACH most[v] = _mm256_max_ps(most[v], _mm256_loadu_ps(x + 8 * v));
}

AVX2 __m256 combine(const __m256 x[VECTORS], bool add) {
    float lanes[STEP];
    EACH _mm256_storeu_ps(lanes + 8 * v, x[v]);
    for (int n = STEP / 2; n; n /= 2)
        for (int i = 0; i < n; i++) {
            float other = lanes[i + n];
            lanes[i] = add ? lanes[i] + other : lanes[i] > other ? lanes[i] : other;
        }
    return _mm256_set1_ps(lanes[0]);
}

__attribute__((target("avx2,fma"))) static void softmax_rows(float *y, const float *x, size_t rows) {
    _Alignas(64) float row[COLUMNS];
    __m256 most[VECTORS], sums[VECTORS];
    EACH most[v] = all(-__builtin_inf());
    for (int i = 0; i < COLUMNS; i += STEP) update_maximum(most, x + i);
    for (size_t r = 0; r < rows; r++, x += COLUMNS, y += COLUMNS) {
        const float *next = r + 1 < rows ? x + COLUMNS : x;
        __m256 maximum = combine(most, false);
        EACH sums[v] = all(0), most[v] = all(-__builtin_inf());
        for (int i = 0; i < COLUMNS; i += STEP) {
            __m256 e[VECTORS];
            _mm_prefetch((const char *)(next + i), _MM_HINT_T0);
            _mm_prefetch((const char *)(next + i + 16), _MM_HINT_T0);
            EACH e[v] = _mm256_sub_ps(_mm256_loadu_ps(x + i + 8 * v), maximum);
            exponential(e);
            EACH _mm256_store_ps(row + i + 8 * v, e[v]);
            EACH sums[v] = _mm256_add_ps(sums[v], e[v]);
        }
        __m256 sum = combine(sums, true);
        for (int i = 0; i < COLUMNS; i += STEP) {
            update_maximum(most, next + i);
            EACH _mm256_storeu_ps(y + i + 8 * v, _mm256_div_ps(_mm256_load_ps(row + i + 8 * v), sum));
        }
    }
}

static void *softmax(void *argument) {
    const part *p = argument;
    softmax_rows(p->a, p->b, p->n);
    return NULL;
}

bool reference_softmax(float *y, const float *x, size_t rows, int threads) {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return false;
    part parts[64] = {{0}};
    pthread_t others[64];
    size_t each = rows / (size_t)threads;
    for (int t = 0; t < threads; t++) {
        size_t from = each * (size_t)t, to = t == threads - 1 ? rows : from + each;
        parts[t] = (part){y + from * COLUMNS, x + from * COLUMNS, NULL, to - from, 0};
        if (t) pthread_create(&others[t], NULL, softmax, &parts[t]);
    }
    softmax(&parts[0]);
    for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
    return true;
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
