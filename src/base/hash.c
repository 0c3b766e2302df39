// In: bytes and entries. Out: hashes (xxHash) and the entries that have them.
// Linear probing at most half full; removal closes the gap by moving later entries back, so that
// there are no tombstones.

#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"
#include "base/memory.h"

uint64_t base_hash(const void *bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

static uint32_t scan(const base_index *index, uint64_t hash, uint32_t *probe) {
    for (;; *probe = (*probe + 1) & (index->capacity - 1)) {
        const struct base_index_slot *slot = &index->slots[*probe];
        if (slot->entry == BASE_ABSENT || slot->hash == hash) return slot->entry;
    }
}

uint32_t base_index_first(const base_index *index, uint64_t hash, uint32_t *probe) {
    if (!index->capacity) return BASE_ABSENT;
    *probe = (uint32_t)hash & (index->capacity - 1);
    return scan(index, hash, probe);
}

uint32_t base_index_next(const base_index *index, uint64_t hash, uint32_t *probe) {
    *probe = (*probe + 1) & (index->capacity - 1);
    return scan(index, hash, probe);
}

static void place(base_index *index, uint64_t hash, uint32_t entry) {
    uint32_t at = (uint32_t)hash & (index->capacity - 1);
    while (index->slots[at].entry != BASE_ABSENT) at = (at + 1) & (index->capacity - 1);
    index->slots[at] = (struct base_index_slot){hash, entry};
}

void base_index_add(base_index *index, uint64_t hash, uint32_t entry) {
    if ((index->n + 1) * 2 > index->capacity) {
        base_index grown = {.n = index->n, .capacity = index->capacity ? index->capacity * 2 : 16};
        grown.slots = base_malloc(grown.capacity * sizeof *grown.slots);
        for (uint32_t i = 0; i < grown.capacity; i++) grown.slots[i].entry = BASE_ABSENT;
        for (uint32_t i = 0; i < index->capacity; i++)
            if (index->slots[i].entry != BASE_ABSENT)
                place(&grown, index->slots[i].hash, index->slots[i].entry);
        base_free(index->slots);
        *index = grown;
    }
    place(index, hash, entry);
    index->n++;
}

void base_index_remove(base_index *index, uint64_t hash, uint32_t entry) {
    uint32_t mask = index->capacity - 1, probe;
    uint32_t found = base_index_first(index, hash, &probe);
    while (found != BASE_ABSENT && found != entry) found = base_index_next(index, hash, &probe);
    if (found == BASE_ABSENT) return;
    uint32_t hole = probe;
    for (uint32_t at = (hole + 1) & mask; index->slots[at].entry != BASE_ABSENT; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)index->slots[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        index->slots[hole] = index->slots[at];
        hole = at;
    }
    index->slots[hole].entry = BASE_ABSENT;
    index->n--;
}

void base_index_free(base_index *index) {
    base_free(index->slots);
    *index = (base_index){0};
}
