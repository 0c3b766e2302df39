// How a kernel's body or its finish runs on a GPU: which threads run what.
//
// A block of across * along threads runs `across` iterations of the grid, `along` threads each:
//
//     across   along
//     many     1       a thread for each grid iteration: maps, loops that carry a state
//     1        many    a block for each grid iteration, whose threads share its inner loops: rows
//     32       some    a warp's threads run neighbouring grid iterations, warps share their inner loops: sums
//                      over columns, which are read by rows
//
// The schedule depends on the kernel alone, so the order in which reductions combine does too.
#ifndef CODEGEN_GPU_SCHEDULE_H
#define CODEGEN_GPU_SCHEDULE_H

#include "codegen/kernel.h"

typedef struct cg_gpu_schedule {
    uint32_t across, along; // along: a power of two
    int64_t iterations;     // of the grid
    int64_t blocks;
    uint32_t fastest; // loop of the grid that neighbouring threads step through, or CG_ABSENT
    // Of the loop of a CG_FOR at the top of the body: it and how many more right inside it are one loop whose
    // iterations `along` threads share; 0: each thread runs all of them.
    uint8_t shared_loops[CG_MAX_LOOPS];
    bool shared_arrays; // local arrays lie in shared memory; else each thread has its own
} cg_gpu_schedule;

enum {
    CG_GPU_WARP = 32,
    CG_GPU_STATIC_SHARED = 48 << 10, // bytes of shared memory that a block has without asking
    CG_GPU_SHARED = 227 << 10,       // and at most (sm_90)
};

// The schedule of the kernel's body, or of its finish, which has no grid. memory: of every buffer; those
// with equal numbers may be the same memory. NULL: all are apart.
cg_gpu_schedule cg_gpu_schedule_of(const cg_kernel *k, bool finish, const uint32_t *memory);

// The bytes of shared memory that combining one value of this size across a row's threads takes.
int64_t cg_gpu_scratch_bytes(const cg_gpu_schedule *s, size_t size);
static inline int64_t cg_gpu_align(int64_t bytes) { return (bytes + 15) / 16 * 16; }

#endif
