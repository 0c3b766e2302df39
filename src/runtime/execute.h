// Runs compiled programs.
#ifndef RUNTIME_EXECUTE_H
#define RUNTIME_EXECUTE_H

#include "codegen/program.h"

// params and results: pointers to dense memory, aligned to 64 bytes if the program asks for it (8 if not).
// Results do not overlap anything else. threads: at most; 0: base_threads(). Raises CV_INTERNAL if an index
// check fails. Any number of threads may run one program at once.
void rt_run(const cg_program *program, int threads, void *const *params, void *const *results);

// The same for a program with a profile: adds to the laps, one for each of program->profiled.
typedef struct rt_lap {
    int64_t calls, nanoseconds;
} rt_lap;
void rt_run_profiled(const cg_program *program, int threads, void *const *params, void *const *results,
                     rt_lap *laps);

#endif
