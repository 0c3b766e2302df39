// Loops over arrays, compiled at once: one elementwise primitive at a chosen number of lanes.
#ifndef TESTS_MATH_JIT_H
#define TESTS_MATH_JIT_H

#include <stdbool.h>
#include <stdint.h>

#include "covector/dtype.h"
#include "ir/primitive.h"

typedef struct jit jit;

typedef struct jit_kernel {
    ir_primitive primitive;
    cv_dtype from, to;  // of the data operands, of the result
    unsigned lanes;     // 1: scalars, not vectors
    bool fma;           // for this processor; else for the least that the architecture has
} jit_kernel;

// results[i] = primitive(a[i], b[i], c[i]) for i < n, a multiple of the lanes. Booleans are bytes.
typedef void jit_loop(const void *a, const void *b, const void *c, void *results, int64_t n);

const void *jit_attributes(const jit_kernel *k); // those that the primitive is emitted with

// `quick`: without fma, the primitive of this name is an instruction all the same, not a call. The bits are
// the same: it is for those who measure errors only.
jit *jit_new(bool quick);
void jit_free(jit *j);
bool jit_has(const jit *j, bool fma); // can code of this kind be made, and run, here
// `calls`, if not NULL, is set to whether the code refers to functions that are not its own.
jit_loop *jit_compile(jit *j, const jit_kernel *kernel, bool *calls);

// All of the kernels, scalar, as PTX. To be freed with jit_free_text; NULL if LLVM has no such target.
char *jit_ptx(const jit_kernel *kernels, unsigned n);
void jit_free_text(char *text);

#endif
