// In: sizes. Out: blocks, those given back before new ones.
//
// Sizes are rounded up to classes, four for each power of two, so that at most a quarter is not used
// (of large blocks, never touched). Each class has a stack of free blocks: the last one given back is the
// first one handed out, while it may still be in the cache. What is kept of large blocks is bounded by a
// share of the memory of the machine; what would go over it is given back to the system at once.
//
// A block has a header of one cache line in front. The block's own memory is hidden from AddressSanitizer
// while nobody uses it.

#include "runtime/allocator.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "base/error.h"
#include "base/lock.h"
#include "base/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#endif

enum { SMALLEST = 6, LARGEST = 47, STEPS = 4, CLASSES = (LARGEST - SMALLEST) * STEPS + 1, LARGE = 1 << 16 };

// In front of the memory of a block, which is at the next multiple of the alignment.
typedef struct block {
    struct block *next; // free
    void *allocation;   // what base_free takes
    size_t size;        // of its class
    uint32_t class;
} block;

_Static_assert(sizeof(block) <= RT_ALIGNMENT, "the header is one cache line");

typedef struct class {
    base_lock lock; // of what follows
    block *free;
    size_t used, kept; // bytes
} class;

static class classes[CLASSES] = {[0 ... CLASSES - 1] = {.lock = BASE_LOCK_INIT}};
static _Atomic size_t kept_large; // bytes, of all classes with large blocks

// The smallest class with blocks of this size: class 0 has 64 bytes, and the others 5/4, 6/4, 7/4 and 8/4 of
// a power of two.
static uint32_t class_of(size_t size, size_t *rounded) {
    *rounded = (size_t)1 << SMALLEST;
    if (size <= *rounded) return 0;
    uint32_t power = 63 - (uint32_t)__builtin_clzll(size - 1);
    size_t step = ((size_t)1 << power) / STEPS, steps = (size - ((size_t)1 << power) + step - 1) / step;
    *rounded = ((size_t)1 << power) + steps * step;
    return (power - SMALLEST) * STEPS + (uint32_t)steps;
}

static size_t most_kept(void) {
    static _Atomic size_t known;
    size_t most = atomic_load_explicit(&known, memory_order_relaxed);
    if (most) return most;
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    most = pages > 0 && size > 0 ? (size_t)pages * (size_t)size / 4 : (size_t)256 << 20;
    atomic_store_explicit(&known, most, memory_order_relaxed);
    return most;
}

static block *new_block(uint32_t number, size_t size) {
    size_t whole = size + 3 * RT_ALIGNMENT; // readable behind the end too, for whole vectors
    char *allocation = base_try_malloc(whole);
    if (!allocation && rt_memory_usage().kept) {
        rt_trim();
        allocation = base_try_malloc(whole);
    }
    if (!allocation) base_raise(CV_OUT_OF_MEMORY, "out of memory: %zu bytes asked for", size);
    uintptr_t memory =
        ((uintptr_t)allocation + RT_ALIGNMENT + RT_ALIGNMENT - 1) / RT_ALIGNMENT * RT_ALIGNMENT;
    block *b = (block *)(memory - RT_ALIGNMENT);
    *b = (block){.allocation = allocation, .size = size, .class = number};
    return b;
}

// Under the lock of the class: the block that was given back last, or NULL.
static block *pop(class *c, size_t size) {
    block *b = c->free;
    if (!b) return NULL;
    c->free = b->next;
    c->kept -= size;
    if (size >= LARGE) atomic_fetch_sub_explicit(&kept_large, size, memory_order_relaxed);
    return b;
}

void *rt_allocate(size_t size) {
    size_t rounded;
    if (size > SIZE_MAX >> (63 - LARGEST))
        base_raise(CV_OUT_OF_MEMORY, "out of memory: %zu bytes asked for", size);
    uint32_t number = class_of(size, &rounded);
    class *c = &classes[number];
    base_lock_take(&c->lock);
    block *b = pop(c, rounded);
    if (b) c->used += rounded;
    base_lock_give(&c->lock);
    if (b) {
        ASAN_UNPOISON_MEMORY_REGION(b + 1, RT_ALIGNMENT - sizeof *b + rounded);
        return (char *)b + RT_ALIGNMENT;
    }
    b = new_block(number, rounded);
    base_lock_take(&c->lock);
    c->used += rounded;
    base_lock_give(&c->lock);
    return (char *)b + RT_ALIGNMENT;
}

// Notes that a block is kept, if there may be one more.
static bool may_keep(size_t size) {
    if (size < LARGE) return true;
    if (atomic_fetch_add_explicit(&kept_large, size, memory_order_relaxed) + size <= most_kept()) return true;
    atomic_fetch_sub_explicit(&kept_large, size, memory_order_relaxed);
    return false;
}

void rt_free(void *memory) {
    if (!memory) return;
    block *b = (block *)(void *)((char *)memory - RT_ALIGNMENT);
    size_t size = b->size;
    class *c = &classes[b->class];
    bool keep = may_keep(size);
    if (keep) ASAN_POISON_MEMORY_REGION(b + 1, RT_ALIGNMENT - sizeof *b + size);
    base_lock_take(&c->lock);
    c->used -= size;
    if (keep) {
        c->kept += size;
        b->next = c->free;
        c->free = b;
    }
    base_lock_give(&c->lock);
    if (!keep) base_free(b->allocation);
}

void rt_trim(void) {
    for (uint32_t i = 0; i < CLASSES; i++)
        for (block *b = NULL;;) {
            base_lock_take(&classes[i].lock);
            b = classes[i].free ? pop(&classes[i], classes[i].free->size) : NULL;
            base_lock_give(&classes[i].lock);
            if (!b) break;
            ASAN_UNPOISON_MEMORY_REGION(b + 1, RT_ALIGNMENT - sizeof *b + b->size);
            base_free(b->allocation);
        }
}

rt_usage rt_memory_usage(void) {
    rt_usage sum = {0, 0};
    for (uint32_t i = 0; i < CLASSES; i++) {
        base_lock_take(&classes[i].lock);
        sum.used += classes[i].used;
        sum.kept += classes[i].kept;
        base_lock_give(&classes[i].lock);
    }
    return sum;
}
