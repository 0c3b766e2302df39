// Memory: the library's door to malloc, and the arena, a pool that is freed as a whole.
//
// Everything that the library allocates goes through base_malloc, so that tests can make any
// allocation fail. The plain functions raise CV_OUT_OF_MEMORY (error.h) instead of returning
// NULL. A pass allocates in the arena of what it builds and frees nothing one by one.
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

void *base_try_malloc(size_t size);              // NULL on failure
void *base_malloc(size_t size);                  // raises on failure
void *base_realloc(void *memory, size_t size);   // raises on failure; `memory` is then untouched
void base_free(void *memory);

typedef struct base_arena {
    struct base_block *blocks;
    char *next, *end;
    size_t total; // bytes asked of malloc
} base_arena;

// Memory from an arena is aligned to 16 bytes; base_arena_zeroed clears it.
void *base_arena_alloc(base_arena *arena, size_t size);
void *base_arena_zeroed(base_arena *arena, size_t size);
void *base_arena_copy(base_arena *arena, const void *from, size_t size);
char *base_arena_strdup(base_arena *arena, const char *text);
void base_arena_free(base_arena *arena); // leaves an empty arena

#define base_new(arena, type) ((type *)base_arena_zeroed(arena, sizeof(type)))
#define base_new_array(arena, type, n) ((type *)base_arena_zeroed(arena, sizeof(type) * (size_t)(n)))

// Growable arrays inside an arena: base_vector(int) v = {0}; base_push(arena, &v, 3);
#define base_vector(type)    \
    struct {                 \
        type *at;            \
        uint32_t n, capacity; \
    }
#define base_push(arena, vector, ...) (*base_push_slot(arena, vector) = (__VA_ARGS__))
#define base_push_slot(arena, vector)                                                              \
    (base_reserve(arena, vector, 1), &(vector)->at[(vector)->n++])
#define base_reserve(arena, vector, more)                                                          \
    ((vector)->n + (more) <= (vector)->capacity                                                    \
         ? (void)0                                                                                 \
         : (void)((vector)->at = base_grow(arena, (vector)->at, (vector)->n, (more),               \
                                           &(vector)->capacity, sizeof *(vector)->at)))
void *base_grow(base_arena *arena, void *old, uint32_t n, uint32_t more, uint32_t *capacity,
                size_t element);

// For tests: the allocation with this number (counted from 1) fails, each later one succeeds.
// 0 switches it off. Returns how many allocations were made since the last call.
uint64_t base_fail_allocation(uint64_t number);
// How many allocations were made and not freed.
int64_t base_live_allocations(void);

#endif
