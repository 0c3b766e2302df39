// The process's threads: a loop whose iterations are shared out.
//
// Workers are started when they are first needed and wait between loops: awake for some
// microseconds, asleep after that. The caller of a loop takes part in it, and waits only for
// iterations that another thread is in the middle of, so a loop inside a loop, or several callers at once,
// cannot stand still. Which thread runs which iterations is not fixed: what is computed must not depend on it.
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdint.h>

// Runs iterations [begin, end). It must not raise (base_protect inside it is fine).
typedef void base_loop_body(void *argument, int64_t begin, int64_t end);

// Runs body for all of [0, n) on at most `threads` threads, the caller among them, and returns when all is
// done. Pieces begin at multiples of `grain` and are at least that long, but for the last.
void base_parallel_for(int threads, int64_t n, int64_t grain, base_loop_body *body, void *argument);

// COVECTOR_THREADS, or the number of processors that the process may use.
int base_threads(void);

// Ends the workers once they have done what they are at, and waits for that; the next loop starts new ones.
// Not from inside a loop.
void base_pool_stop(void);

#endif
