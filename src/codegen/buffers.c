// In: a plan. Out: where each temporary lies in its function's arena.
//
// A temporary lives from the first step that names it to the last. One that is named both inside and
// outside a loop lives as long as the loop, and so do two whose pointers a loop exchanges: they have
// one life together, since either may hold either's value afterwards. Places are given in the order of
// birth, lowest free first.

#include <stdlib.h>
#include <string.h>

#include "codegen/plan.h"

enum { ALIGNMENT = 64 };

typedef struct life {
    cg_slot_id slot;
    int64_t first, last; // step numbers; first > last: never
} life;

typedef struct liveness {
    base_arena *arena;
    cg_plan_function *f;
    life *lives;        // of every slot
    int64_t clock;
    cg_slot_id *partner; // the next in the ring of slots that are exchanged with each other, or itself
    base_vector(life) loops; // first and last step; inner ones first
} liveness;

static void name(liveness *l, cg_slot_id slot, int64_t when) {
    life *x = &l->lives[cg_slot_owner(l->f, slot)];
    if (when < x->first) x->first = when;
    if (when > x->last) x->last = when;
}

// Names every slot at its steps, and notes loops, inner ones first.
static void walk(liveness *l, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        int64_t begin = l->clock++;
        for (uint32_t k = 0; k < step->args.n; k++) name(l, step->args.at[k], begin);
        if (step->kind == CG_STEP_WHILE || step->kind == CG_STEP_BRANCH) name(l, step->condition, begin);
        for (uint32_t b = 0; b < step->blocks.n; b++) walk(l, step->blocks.at[b]);
        int64_t end = l->clock++;
        if (step->kind == CG_STEP_LOOP || step->kind == CG_STEP_WHILE)
            base_push(l->arena, &l->loops, (life){0, begin, end});
    }
}

// What lives across a loop's edge lives through all of it; so does what is exchanged in it.
static void extend(liveness *l, const life *loop) {
    for (uint32_t s = 0; s < l->f->slots.n; s++) {
        life *x = &l->lives[s];
        bool inside = x->last > loop->first && x->first <= loop->last;
        bool outside = x->first <= loop->first || x->last > loop->last;
        if (x->first > x->last || !inside || !(outside || l->partner[s] != s)) continue;
        if (x->first > loop->first) x->first = loop->first;
        if (x->last < loop->last) x->last = loop->last;
    }
}

static void find_partners(liveness *l, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        for (uint32_t b = 0; b < step->blocks.n; b++) find_partners(l, step->blocks.at[b]);
        if (step->kind != CG_STEP_EXCHANGE) continue;
        cg_slot_id a = cg_slot_owner(l->f, step->args.at[0]), b = cg_slot_owner(l->f, step->args.at[1]);
        // Rings of slots that share one life; two of one ring are partners already.
        bool joined = a == b;
        for (cg_slot_id p = l->partner[a]; p != a; p = l->partner[p]) joined |= p == b;
        if (joined) continue;
        cg_slot_id next = l->partner[a];
        l->partner[a] = l->partner[b];
        l->partner[b] = next;
    }
}

static int by_birth(const void *a, const void *b) {
    const life *x = a, *y = b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

typedef struct placed {
    int64_t offset, end, last;
} placed;

static int64_t place(placed *active, uint32_t *n, int64_t bytes, int64_t last, int64_t now) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *n; i++)
        if (active[i].last >= now) active[kept++] = active[i];
    *n = kept;
    int64_t offset = 0;
    uint32_t at = 0; // active ones are sorted by offset
    while (at < *n && active[at].offset < offset + bytes) {
        if (active[at].end > offset) offset = active[at].end;
        at++;
    }
    memmove(active + at + 1, active + at, sizeof *active * (*n - at));
    active[at] = (placed){offset, offset + bytes, last};
    ++*n;
    return offset;
}

static void place_function(cg_plan *plan, cg_plan_function *f) {
    base_arena *arena = plan->arena;
    uint32_t n = f->slots.n;
    liveness l = {.arena = arena, .f = f, .lives = base_new_array(arena, life, n + 1),
                  .partner = base_new_array(arena, cg_slot_id, n + 1)};
    for (uint32_t s = 0; s < n; s++) {
        l.lives[s] = (life){s, INT64_MAX, -1};
        l.partner[s] = s;
    }
    find_partners(&l, &f->body);
    walk(&l, &f->body);
    for (uint32_t i = 0; i < l.loops.n; i++) extend(&l, &l.loops.at[i]);
    for (uint32_t s = 0; s < n; s++) {
        int64_t first = l.lives[s].first, last = l.lives[s].last;
        for (cg_slot_id p = l.partner[s]; p != s; p = l.partner[p]) {
            if (l.lives[p].first < first) first = l.lives[p].first;
            if (l.lives[p].last > last) last = l.lives[p].last;
        }
        for (cg_slot_id p = l.partner[s]; p != s; p = l.partner[p]) l.lives[p].first = first, l.lives[p].last = last;
        l.lives[s].first = first, l.lives[s].last = last;
    }
    qsort(l.lives, n, sizeof *l.lives, by_birth);
    placed *active = base_new_array(arena, placed, n + 1);
    uint32_t n_active = 0;
    int64_t callees = 0;
    for (uint32_t i = 0; i < n; i++) {
        cg_slot *slot = &f->slots.at[l.lives[i].slot];
        if (slot->kind != CG_SLOT_TEMPORARY || l.lives[i].first > l.lives[i].last) continue;
        int64_t bytes = ((int64_t)slot->type->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (!bytes) bytes = ALIGNMENT;
        slot->offset = place(active, &n_active, bytes, l.lives[i].last, l.lives[i].first);
        if (slot->offset + bytes > f->arena_bytes) f->arena_bytes = slot->offset + bytes;
    }
    f->own_bytes = f->arena_bytes;
    for (uint32_t i = 0; i < f->callees.n; i++)
        if (plan->functions.at[f->callees.at[i]]->arena_bytes > callees)
            callees = plan->functions.at[f->callees.at[i]]->arena_bytes;
    f->arena_bytes += callees;
}

void cg_plan_buffers(cg_plan *plan) {
    for (uint32_t i = 0; i < plan->functions.n; i++) place_function(plan, plan->functions.at[i]);
}
