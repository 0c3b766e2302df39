// Matrix products by the library (BLIS), shared out among our own threads.
#ifndef RUNTIME_PRODUCT_H
#define RUNTIME_PRODUCT_H

#include <stdint.h>

// C = A B for each of a batch; shape is that of cg_runtime.product (codegen/program.h).
void rt_product(int threads, const int64_t *shape, const void *a, const void *b, void *c);

#endif
