// The compiled artefact, all that the runtime knows of code generation.
//
// Code is position-free and holds no addresses of this process: it reaches the runtime through the
// table in its first argument.
#ifndef CODEGEN_PROGRAM_H
#define CODEGEN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A kernel's machine code: runs grid iterations [begin, end) of the flattened parallel loops on the
// buffers. begin is a multiple of the kernel's unit, and so is end unless it is the last one (schedule.h).
// Returns 0, or 1 + the number of the buffer whose index check failed.
typedef int32_t cg_kernel_code(void *const *buffers, int64_t begin, int64_t end);

// What compiled code asks of the runtime.
typedef struct cg_runtime {
    // Runs a kernel's n grid iterations, shared out among threads in pieces of at least `grain`. Returns 0, or
    // what one of the pieces returned.
    int32_t (*parallel)(const struct cg_runtime *runtime, cg_kernel_code *code, void *const *buffers, int64_t n,
                        int64_t grain);
    // C = A B, see cg_product in plan.h; shape points at {dtype, batch, m, n, k, lda, ldb, ldc, strides a, b, c,
    // transpose_a, transpose_b}.
    void (*product)(const struct cg_runtime *runtime, const int64_t *shape, const void *a, const void *b, void *c);
    // Only code with a profile calls it: what program.profiled[row] stands for has ended. Everything since the
    // last call, or the begin of the program, is its time.
    void (*lap)(const struct cg_runtime *runtime, int64_t row);
    void *state; // the thread pool
} cg_runtime;

// The whole program. params and results: pointers to their memory; arena: scratch of arena_bytes, aligned to 64.
// Returns 0, or the number of a kernel whose index check failed, counted from 1.
typedef int32_t cg_entry(const cg_runtime *runtime, void *const *params, void *const *results, char *arena);

// A line of a profile: a kernel, or a step of the plan that calls a library or copies.
typedef struct cg_profiled {
    const char *name, *place;  // "file:line", or ""
    int64_t bytes, operations; // of one run
} cg_profiled;

typedef struct cg_program {
    cg_entry *entry;
    int64_t arena_bytes;
    uint32_t n_params, n_results, n_kernels;
    bool aligned;         // params and results must lie at multiples of 64 bytes
    const char **kernels; // "name (file:line)", for messages
    uint32_t n_profiled;  // 0 without a profile
    const cg_profiled *profiled;
    struct cg_code *code; // what keeps it loaded
} cg_program;

// In compile.c.
void cg_program_free(const cg_program *program);

#endif
