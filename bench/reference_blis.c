// The other side of the benchmarks: the library called directly. It is loaded by hand, since the one that we link
// runs on one thread: from the path in BENCH_BLIS, or where Debian puts the ones with threads. Without any, it is
// measured on one thread. Run it with OMP_WAIT_POLICY=passive: threads of OpenMP that wait keep the processors
// busy, and what runs next is slower. It must bind to itself: its symbols are those of the library that we link.

#define _GNU_SOURCE // RTLD_DEEPBIND
#include "reference.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef void set_threads(long threads);
typedef void sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                   int lda, const float *b, int ldb, float beta, float *c, int ldc);
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };

static void *library(int threads) {
    const char *const threaded[] = {getenv("BENCH_BLIS"), "/usr/lib/x86_64-linux-gnu/blis-openmp/libblis.so.4",
                                    "/usr/lib/x86_64-linux-gnu/blis-pthread/libblis.so.4"};
    void *found = NULL;
    for (int i = 0; threads > 1 && !found && i < 3; i++)
        if (threaded[i]) found = dlopen(threaded[i], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (found) return found;
    fprintf(stderr, "matmul_1024: no BLIS with threads was found (BENCH_BLIS): the reference has one thread\n");
    return dlopen("libblis.so.4", RTLD_NOW | RTLD_LOCAL);
}

bool reference_matmul(float *c, const float *a, const float *b, int n, int threads) {
    static void *blis;
    static set_threads *set;
    static sgemm *multiply;
    if (!blis) {
        blis = library(threads);
        if (!blis) return false;
        set = (set_threads *)(size_t)dlsym(blis, "bli_thread_set_num_threads");
        multiply = (sgemm *)(size_t)dlsym(blis, "cblas_sgemm");
        if (!set || !multiply) return false;
        set(threads);
    }
    multiply(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, n, n, n, 1, a, n, b, n, 0, c, n);
    return true;
}
