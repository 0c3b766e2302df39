// Hashing, and an index from hashes to numbers.
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t base_hash(const void *bytes, size_t size, uint64_t seed);

// An open-addressing index: the caller keeps the entries in an array of its own and says which
// of the entries with a hash is the wanted one.
//
//     for (uint32_t i = base_index_first(&index, hash, &probe); i != BASE_ABSENT;
//          i = base_index_next(&index, hash, &probe))
//         if (entries[i] is the wanted one) return i;
//     base_index_add(&index, hash, n_entries);
typedef struct base_index {
    struct base_index_slot {
        uint64_t hash;
        uint32_t entry; // BASE_ABSENT when free
    } *slots;           // from base_malloc
    uint32_t n, capacity;
} base_index;

#define BASE_ABSENT UINT32_MAX

uint32_t base_index_first(const base_index *index, uint64_t hash, uint32_t *probe);
uint32_t base_index_next(const base_index *index, uint64_t hash, uint32_t *probe);
void base_index_add(base_index *index, uint64_t hash, uint32_t entry);
void base_index_remove(base_index *index, uint64_t hash, uint32_t entry);
void base_index_free(base_index *index);

#endif
