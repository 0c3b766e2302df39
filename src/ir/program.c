// In: functions. Out: their lifetime, their memo tables, their equality.

#include "ir/program.h"

#include <string.h>

#include "base/error.h"

const ir_function *ir_retain(const ir_function *f) {
    if (f) atomic_fetch_add_explicit(&((ir_function *)(uintptr_t)f)->references, 1, memory_order_relaxed);
    return f;
}

// Functions hold functions; a chain of them (grad of grad of ...) is released without recursion by
// collecting what dies.
struct dying {
    ir_function *head; // linked through `def`, which a dead function does not need
};

static void drop(void *argument, const ir_function **slot) {
    struct dying *dying = argument;
    ir_function *f = (ir_function *)(uintptr_t)*slot;
    if (!f || atomic_fetch_sub_explicit(&f->references, 1, memory_order_acq_rel) > 1) return;
    f->def = (uint32_t *)(void *)dying->head;
    dying->head = f;
}

void ir_release(const ir_function *f) {
    struct dying dying = {NULL};
    drop(&dying, &f);
    while (dying.head) {
        ir_function *dead = dying.head;
        dying.head = (ir_function *)(void *)dead->def;
        for (uint32_t i = 0; i < dead->n_ops; i++)
            if (dead->ops[i].attributes)
                ir_attributes_functions(ir_primitives[dead->ops[i].primitive].layout, dead->ops[i].attributes,
                                        drop, &dying);
        for (ir_memo *memo = dead->memo; memo; memo = memo->next) {
            drop(&dying, &memo->functions[0]);
            drop(&dying, &memo->functions[1]);
        }
        for (ir_memo *memo = dead->memo; memo;) {
            ir_memo *next = memo->next;
            base_free(memo);
            memo = next;
        }
        base_arena_free(&dead->arena);
        base_free(dead);
    }
}

static const ir_memo *find(const ir_function *f, const void *key, size_t key_size) {
    for (const ir_memo *memo = f->memo; memo; memo = memo->next)
        if (memo->key_size == key_size && !memcmp(memo->key, key, key_size)) return memo;
    return NULL;
}

const ir_memo *ir_memo_find(const ir_function *f, const void *key, size_t key_size) {
    pthread_mutex_lock(&f->module->lock);
    const ir_memo *memo = find(f, key, key_size);
    pthread_mutex_unlock(&f->module->lock);
    return memo;
}

const ir_memo *ir_memo_keep(const ir_function *f, const void *key, size_t key_size, const ir_function *first,
                            const ir_function *second, const void *info, size_t info_size) {
    // A memo that holds its own function would never go.
    base_check(first != f && second != f);
    ir_memo *memo = base_malloc(sizeof *memo + key_size + info_size);
    char *bytes = (char *)(memo + 1);
    *memo = (ir_memo){.key_size = key_size, .key = bytes + info_size, .functions = {first, second},
                      .info_size = info_size, .info = bytes};
    if (info_size) memcpy(bytes, info, info_size);
    memcpy(bytes + info_size, key, key_size);
    ir_function *owner = (ir_function *)(uintptr_t)f;
    pthread_mutex_lock(&f->module->lock);
    const ir_memo *kept = find(f, key, key_size);
    if (!kept) {
        ir_retain(first);
        ir_retain(second);
        memo->next = owner->memo;
        owner->memo = memo;
        kept = memo;
    }
    pthread_mutex_unlock(&f->module->lock);
    if (kept != memo) base_free(memo);
    return kept;
}

bool ir_equal(const ir_function *a, const ir_function *b) {
    if (a == b) return true;
    if (a->module != b->module || a->n_params != b->n_params || a->n_results != b->n_results ||
        a->n_ops != b->n_ops || a->n_values != b->n_values)
        return false;
    if (memcmp(a->types, b->types, sizeof *a->types * a->n_values)) return false;
    if (memcmp(a->results, b->results, sizeof *a->results * a->n_results)) return false;
    for (uint32_t i = 0; i < a->n_ops; i++) {
        const ir_op *x = &a->ops[i], *y = &b->ops[i];
        if (x->primitive != y->primitive || x->n_in != y->n_in || x->n_out != y->n_out) return false;
        if (memcmp(ir_in(a, x), ir_in(b, y), sizeof(ir_val) * x->n_in)) return false;
        if (x->attributes && !ir_attributes_equal(ir_primitives[x->primitive].layout, x->attributes, y->attributes))
            return false;
    }
    return true;
}
