// In: sizes. Out: memory, or a raised CV_OUT_OF_MEMORY.
// An arena is a list of blocks, each twice the last up to a megabyte; a request that does not fit
// opens a new block. Growable arrays double and leave their old copy behind: what is wasted is
// bounded by what is used, and everything goes at once with the arena.

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static _Atomic uint64_t allocations;
static _Atomic uint64_t failing;
static _Atomic int64_t live;

uint64_t base_fail_allocation(uint64_t number) {
    uint64_t made = atomic_exchange(&allocations, 0);
    atomic_store(&failing, number);
    return made;
}

// True if the allocation that is about to be made is the one that a test wants to fail.
static int fails(void) {
    uint64_t number = atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed) + 1;
    return number == atomic_load_explicit(&failing, memory_order_relaxed);
}

int64_t base_live_allocations(void) {
    return atomic_load(&live);
}

void *base_try_malloc(size_t size) {
    void *memory = fails() ? NULL : malloc(size ? size : 1);
    if (memory) atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return memory;
}

void *base_malloc(size_t size) {
    void *memory = base_try_malloc(size);
    if (!memory) base_raise(CV_OUT_OF_MEMORY, "out of memory: %zu bytes asked for", size);
    return memory;
}

void *base_realloc(void *memory, size_t size) {
    void *grown = fails() ? NULL : realloc(memory, size ? size : 1);
    if (!grown) base_raise(CV_OUT_OF_MEMORY, "out of memory: %zu bytes asked for", size);
    if (!memory) atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return grown;
}

void base_free(void *memory) {
    if (memory) atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    free(memory);
}

// The header keeps the 16-byte alignment of malloc for what follows it.
struct base_block {
    struct base_block *older;
    size_t size;
};

enum { FIRST_BLOCK = 1 << 10, LARGEST_BLOCK = 1 << 20 };

static void open_block(base_arena *arena, size_t needed) {
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) size = LARGEST_BLOCK;
    if (size < needed) size = needed;
    struct base_block *block = base_malloc(sizeof *block + size);
    *block = (struct base_block){arena->blocks, size};
    arena->blocks = block;
    arena->next = (char *)(block + 1);
    arena->end = arena->next + size;
    arena->total += sizeof *block + size;
}

void *base_arena_alloc(base_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) base_raise(CV_OUT_OF_MEMORY, "out of memory: %zu bytes asked for", size);
    size = (size + 15) & ~(size_t)15;
    if (!arena->next || (size_t)(arena->end - arena->next) < size) open_block(arena, size);
    void *memory = arena->next;
    arena->next += size;
    return memory;
}

void *base_arena_zeroed(base_arena *arena, size_t size) {
    return memset(base_arena_alloc(arena, size), 0, size);
}

void *base_arena_copy(base_arena *arena, const void *from, size_t size) {
    void *memory = base_arena_alloc(arena, size);
    if (size) memcpy(memory, from, size);
    return memory;
}

char *base_arena_strdup(base_arena *arena, const char *text) {
    return base_arena_copy(arena, text, strlen(text) + 1);
}

void base_arena_free(base_arena *arena) {
    struct base_block *block = arena->blocks;
    while (block) {
        struct base_block *older = block->older;
        base_free(block);
        block = older;
    }
    *arena = (base_arena){0};
}

void *base_grow(base_arena *arena, void *old, uint32_t n, uint32_t more, uint32_t *capacity,
                size_t element) {
    uint64_t wanted = *capacity ? (uint64_t)*capacity * 2 : 8;
    while (wanted < (uint64_t)n + more) wanted *= 2;
    if (wanted > UINT32_MAX) base_raise(CV_OUT_OF_MEMORY, "a program has too many operations");
    void *grown = base_arena_alloc(arena, (size_t)wanted * element);
    if (n) memcpy(grown, old, (size_t)n * element);
    *capacity = (uint32_t)wanted;
    return grown;
}
