// In: the shape of a matrix product, operands. Out: the product.
//
// The library runs on the calling thread alone: a large result is cut into blocks, each a call of its own,
// and our threads share the blocks: two for each, since a block packs its operands anew. The library adds up
// an element in the same order wherever a block begins, as long as it does not go its own way for small
// blocks, which large products forbid. So the bits do not depend on the number of threads. A transposed
// operand is one with its strides exchanged.

#include "runtime/product.h"

#include <string.h>

#include <blis.h>

#include "base/pool.h"
#include "covector/dtype.h"
#include "runtime/allocator.h"

typedef struct matrix {
    const char *data;
    int64_t row, column, batch; // strides in elements
} matrix;

typedef struct product {
    cv_dtype dtype;
    int64_t size; // of an element
    int64_t batch, m, n, k;
    matrix a, b, c;
    bool large;                          // it may be cut
    int64_t rows, columns, down, across; // of a block; blocks of one product
} product;

// Work that is worth a call of its own; the least side of a block, and what its sides are multiples of: whole
// tiles of the library's kernels.
static const double BLOCK_WORK = 4e6;
enum { LEAST_SIDE = 96, STEP = 48 };

static int64_t quotient_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Halves the longer side of the blocks until they are small or many enough.
static void cut(product *p, int threads) {
    p->down = p->across = 1;
    double work = (double)p->m * (double)p->n * (double)p->k;
    int64_t wanted = threads < 2 ? 1 : quotient_up(2 * threads, p->batch);
    p->large = work > 4 * BLOCK_WORK && (p->m >= 2 * LEAST_SIDE || p->n >= 2 * LEAST_SIDE);
    while (p->large && p->down * p->across < wanted &&
           work / (double)(p->down * p->across) > 2 * BLOCK_WORK) {
        int64_t height = p->m / p->down, width = p->n / p->across;
        if (height < 2 * LEAST_SIDE && width < 2 * LEAST_SIDE) break;
        if (height > width)
            p->down *= 2;
        else
            p->across *= 2;
    }
    p->rows = quotient_up(quotient_up(p->m, p->down), STEP) * STEP;
    p->columns = quotient_up(quotient_up(p->n, p->across), STEP) * STEP;
    p->down = quotient_up(p->m, p->rows);
    p->across = quotient_up(p->n, p->columns);
}

static const void *at(const product *p, const matrix *x, int64_t batch, int64_t row, int64_t column) {
    return x->data + (batch * x->batch + row * x->row + column * x->column) * p->size;
}

static void multiply(void *argument, int64_t begin, int64_t end) {
    const product *p = argument;
    rntm_t alone;
    bli_rntm_init(&alone);
    bli_rntm_set_num_threads(1, &alone);
    if (p->large) bli_rntm_disable_l3_sup(&alone);
    for (int64_t block = begin; block < end; block++) {
        int64_t batch = block / (p->down * p->across), within = block % (p->down * p->across);
        int64_t row = within / p->across * p->rows, column = within % p->across * p->columns;
        int64_t m = p->m - row < p->rows ? p->m - row : p->rows;
        int64_t n = p->n - column < p->columns ? p->n - column : p->columns;
        const void *a = at(p, &p->a, batch, row, 0), *b = at(p, &p->b, batch, 0, column);
        void *c = (void *)(uintptr_t)at(p, &p->c, batch, row, column);
        if (p->dtype == CV_F32) {
            float one = 1, zero = 0;
            bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, p->k, &one, (float *)(uintptr_t)a,
                         p->a.row, p->a.column, (float *)(uintptr_t)b, p->b.row, p->b.column, &zero, c,
                         p->c.row, p->c.column, NULL, &alone);
        } else {
            double one = 1, zero = 0;
            bli_dgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, p->k, &one, (double *)(uintptr_t)a,
                         p->a.row, p->a.column, (double *)(uintptr_t)b, p->b.row, p->b.column, &zero, c,
                         p->c.row, p->c.column, NULL, &alone);
        }
    }
}

static matrix matrix_of(const void *data, int64_t leading, int64_t batch, bool transposed) {
    return (matrix){data, transposed ? 1 : leading, transposed ? leading : 1, batch};
}

// The library's kernels for small matrices read whole vectors, up to 24 bytes past the end of a matrix
// (BLIS 0.9). A matrix that ends where its page does, and what is behind may not be ours, moves elsewhere.
enum { PAGE = 4096, READ_BEHIND = 32 };

static size_t bytes_of(const product *p, int64_t rows, int64_t columns) {
    return (size_t)(p->batch * rows * columns * p->size);
}

static void *moved(const matrix *x, size_t bytes) {
    uintptr_t end = (uintptr_t)x->data + bytes;
    return (end - 1) / PAGE == (end - 1 + READ_BEHIND) / PAGE ? NULL : rt_allocate(bytes);
}

static void *moved_operand(matrix *x, size_t bytes) {
    void *memory = moved(x, bytes);
    if (memory) x->data = memcpy(memory, x->data, bytes);
    return memory;
}

void rt_product(int threads, const int64_t *shape, const void *a, const void *b, void *c) {
    product p = {.dtype = (cv_dtype)shape[0], .batch = shape[1], .m = shape[2], .n = shape[3], .k = shape[4]};
    p.size = (int64_t)cv_dtype_size(p.dtype);
    p.a = matrix_of(a, shape[5], shape[8], shape[11]);
    p.b = matrix_of(b, shape[6], shape[9], shape[12]);
    p.c = matrix_of(c, shape[7], shape[10], false);
    cut(&p, threads);
    double work =
        (double)(p.rows < p.m ? p.rows : p.m) * (double)(p.columns < p.n ? p.columns : p.n) * (double)p.k;
    int64_t grain = work < BLOCK_WORK ? (int64_t)(BLOCK_WORK / (work > 1 ? work : 1)) + 1 : 1;
    size_t result = bytes_of(&p, p.m, p.n);
    void *left = moved_operand(&p.a, bytes_of(&p, p.m, p.k)),
         *right = moved_operand(&p.b, bytes_of(&p, p.k, p.n));
    void *memory = moved(&p.c, result);
    if (memory) p.c.data = memory;
    base_parallel_for(threads, p.batch * p.down * p.across, grain, multiply, &p);
    if (memory) memcpy(c, memory, result);
    rt_free(memory);
    rt_free(right);
    rt_free(left);
}
