// Schedules: how the loops of a kernel are run. The same for every target but for a few numbers.
//
// A schedule is an annotation of the kernel (lanes, parallel and unrolled of its loops, streamed) after its
// loops were put in order: what can be one loop is one, and the grid's vector loop is its innermost.
#ifndef CODEGEN_SCHEDULE_H
#define CODEGEN_SCHEDULE_H

#include "codegen/kernel.h"

typedef struct cg_schedule_options {
    uint32_t vector_bytes; // of a vector register; 0: no loop is made a vector loop
    int64_t cache_bytes;   // of the last-level cache: kernels that move much more store past it; 0: never
} cg_schedule_options;

void cg_schedule(cg_kernel *k, const cg_schedule_options *options);

// The grid's iterations; how many of them are worth a task of their own; pieces of it start at multiples of
// the unit. The grain is a multiple of the unit.
int64_t cg_schedule_iterations(const cg_kernel *k);
int64_t cg_schedule_unit(const cg_kernel *k);
int64_t cg_schedule_grain(const cg_kernel *k);

// schedule_loops.c: merges loops that are nested without anything between them where every access steps
// through both as through one, and numbers loops from the outermost inwards.
void cg_merge_loops(cg_kernel *k);
// The expression `id` with other counters, CG_ABSENT for a loop that keeps its own; its arguments are in
// `rebuilt`.
cg_expr cg_rebuild(cg_kernel *k, cg_expr id, const cg_expr *rebuilt, const cg_expr *counters);

// schedule_rows.c: where lanes are chosen, makes the last loop of a row the first loop of the next row too.
// False if the kernel stays as it is; else its loops are to be numbered and its lanes chosen again.
bool cg_overlap_rows(cg_kernel *k);

#endif
