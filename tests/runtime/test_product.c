// Matrix products: all transpositions, batches and sizes against three loops, on matrices that end at a page
// without access; the same bits whatever the number of threads.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/pool.h"
#include "covector/dtype.h"
#include "runtime/allocator.h"
#include "runtime/product.h"

typedef struct pages {
    char *memory;
    size_t size;
    void *data;
} pages;

static pages new_pages(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page;
    pages p = {.size = whole + page};
    p.memory = mmap(NULL, p.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(p.memory != MAP_FAILED);
    assert_int_equal(mprotect(p.memory + whole, page, PROT_NONE), 0);
    p.data = p.memory + whole - bytes;
    return p;
}

static double get(cv_dtype dtype, const void *data, int64_t i) {
    return dtype == CV_F32 ? ((const float *)data)[i] : ((const double *)data)[i];
}

static pages random_matrix(cv_dtype dtype, int64_t count, unsigned seed) {
    pages p = new_pages((size_t)count * cv_dtype_size(dtype));
    for (int64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        double value = (double)(seed >> 8) / (1 << 24) - 0.5;
        if (dtype == CV_F32)
            ((float *)p.data)[i] = (float)value;
        else
            ((double *)p.data)[i] = value;
    }
    return p;
}

static void check(cv_dtype dtype, int64_t batch, int64_t m, int64_t n, int64_t k, bool ta, bool tb) {
    pages a = random_matrix(dtype, batch * m * k, 1), b = random_matrix(dtype, batch * k * n, 2), c[2];
    int64_t shape[] = {dtype, batch, m, n, k, ta ? m : k, tb ? k : n, n, m * k, k * n, m * n, ta, tb};
    size_t bytes = (size_t)(batch * m * n) * cv_dtype_size(dtype);
    for (int t = 0; t < 2; t++) {
        c[t] = new_pages(bytes);
        memset(c[t].data, 0xff, bytes);
        rt_product(1 + 4 * t, shape, a.data, b.data, c[t].data);
    }
    assert_memory_equal(c[0].data, c[1].data, bytes);
    double most = (dtype == CV_F32 ? 1e-6 : 1e-14) * (double)k;
    for (int64_t x = 0; x < batch; x++)
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++) {
                double sum = 0;
                for (int64_t l = 0; l < k; l++)
                    sum += get(dtype, a.data, x * m * k + (ta ? l * m + i : i * k + l)) *
                           get(dtype, b.data, x * k * n + (tb ? j * k + l : l * n + j));
                if (!(fabs(sum - get(dtype, c[0].data, x * m * n + i * n + j)) <= most)) fail_msg("%g", sum);
            }
    pages all[] = {a, b, c[0], c[1]};
    for (int i = 0; i < 4; i++) munmap(all[i].memory, all[i].size);
}

static void test_products_are_right(void **state) {
    (void)state;
    static const int64_t sizes[][4] = {{1, 2, 2, 4},      {1, 33, 17, 65},   {7, 12, 10, 9},
                                       {1, 128, 10, 200}, {2, 100, 3, 50},   {1, 3, 200, 64},
                                       {1, 250, 301, 70}, {1, 400, 350, 90}, {2, 333, 290, 530}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int bits = 0; bits < 8; bits++)
            check(bits & 4 ? CV_F64 : CV_F32, sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3], bits & 1,
                  bits & 2);
    base_pool_stop();
    rt_trim();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
