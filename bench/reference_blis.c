// The other side of the benchmarks: the library called directly. A file of its own, since its header needs
// the compiler that the project is built with.

#include "reference.h"

#include <blis.h>

void reference_matmul(float *c, const float *a, const float *b, int n, int threads) {
    float one = 1, zero = 0;
    rntm_t runtime;
    bli_rntm_init(&runtime);
    bli_rntm_set_num_threads(threads, &runtime);
    bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, n, n, n, &one, (float *)(size_t)a, n, 1, (float *)(size_t)b, n, 1,
                 &zero, c, n, 1, NULL, &runtime);
}
