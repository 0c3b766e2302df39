// In: a compiled program, buffers. Out: its results.
//
// What compiled code asks for on the way comes from the table in its first argument: kernels are shared
// out among the threads of the process, matrix products go to the library. Scratch memory is that of
// the program that ran before, as a rule. Code with a profile says when a step has ended; the time since the
// step before is that of the step.

#include "runtime/execute.h"

#include <stdatomic.h>
#include <time.h>

#include "base/error.h"
#include "base/pool.h"
#include "runtime/allocator.h"
#include "runtime/product.h"

typedef struct state {
    int threads;
    rt_lap *laps;
    int64_t since; // when the step at hand began
} state;

static int threads_of(const cg_runtime *runtime) { return ((const state *)runtime->state)->threads; }

typedef struct sharing {
    cg_kernel_code *code;
    void *const *buffers;
    _Atomic int32_t status;
} sharing;

static void run_piece(void *argument, int64_t begin, int64_t end) {
    sharing *s = argument;
    int32_t status = s->code(s->buffers, begin, end);
    if (status) atomic_store_explicit(&s->status, status, memory_order_relaxed);
}

static int32_t parallel(const cg_runtime *runtime, cg_kernel_code *code, void *const *buffers, int64_t n,
                        int64_t grain) {
    sharing s = {code, buffers, 0};
    base_parallel_for(threads_of(runtime), n, grain, run_piece, &s);
    return atomic_load_explicit(&s.status, memory_order_relaxed);
}

static void product(const cg_runtime *runtime, const int64_t *shape, const void *a, const void *b, void *c) {
    rt_product(threads_of(runtime), shape, a, b, c);
}

static int64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void lap(const cg_runtime *runtime, int64_t row) {
    state *s = runtime->state;
    if (!s->laps) return;
    int64_t now = nanoseconds();
    s->laps[row].calls++;
    s->laps[row].nanoseconds += now - s->since;
    s->since = now;
}

void rt_run_profiled(const cg_program *program, int threads, void *const *params, void *const *results,
                     rt_lap *laps) {
    state own = {.threads = threads ? threads : base_threads(), .laps = laps};
    cg_runtime runtime = {parallel, product, lap, &own};
    char *arena = program->arena_bytes ? rt_allocate((size_t)program->arena_bytes) : NULL;
    if (laps) own.since = nanoseconds();
    int32_t status = program->entry(&runtime, params, results, arena);
    rt_free(arena);
    if (!status) return;
    uint32_t kernel = (uint32_t)status - 1;
    base_raise(CV_INTERNAL, "an index is outside of its buffer in kernel %s",
               kernel < program->n_kernels ? program->kernels[kernel] : "?");
}

void rt_run(const cg_program *program, int threads, void *const *params, void *const *results) {
    rt_run_profiled(program, threads, params, results, NULL);
}
