// Memory for arrays: blocks at multiples of 64 bytes that are kept when they are given back.
//
// Fresh pages cost more than most arithmetic: the kernel clears each one when it is first touched. So
// a program that runs again gets the memory that it had before. Thread safe.
#ifndef RUNTIME_ALLOCATOR_H
#define RUNTIME_ALLOCATOR_H

#include <stddef.h>

enum { RT_ALIGNMENT = 64 };

void *rt_allocate(size_t size); // at least 64 bytes; raises CV_OUT_OF_MEMORY
void rt_free(void *memory);     // NULL is allowed

// Gives what is kept back to the system.
void rt_trim(void);

typedef struct rt_usage {
    size_t used, kept; // bytes handed out, and kept for later
} rt_usage;
rt_usage rt_memory_usage(void);

#endif
