// In: a plan. Out: nothing, or CV_INTERNAL with what is wrong.
//
// First the shape: every number names something, arguments fit the buffers that they become, what is
// written may be written. Then the memory, by going through the steps as they will run and
// noting of each temporary whether what was written to it is still there: a write to one destroys all that
// lie in the same bytes. A value that is read must be there. Loops are gone through twice, so that what
// a step finds of the step before is seen too; of branches, only what all of them leave counts.
// It shares nothing with the placing of temporaries in buffers.c.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "codegen/plan.h"

typedef struct verifier {
    const cg_plan *plan;
    base_arena *arena;
    uint32_t number;
    const cg_plan_function *f;
    bool *open;         // of every loop: we are inside it
    cg_slot_id *memory; // of every slot: the temporary whose place its pointer has now
    bool *there;        // of every place: what was written last is intact
    cg_slot_id *placed; // temporaries, by offset
    uint32_t n_placed;
    int64_t widest; // bytes of the largest
} verifier;

#define VERIFY(v, condition, ...) ((condition) ? (void)0 : fail(v, __VA_ARGS__))

BASE_PRINTF(2, 3) _Noreturn static void fail(const verifier *v, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    base_raise(CV_INTERNAL, "the plan of %s (f%u) is wrong: %s", v->f->source->name, v->number, text);
}

static const cg_slot *slot_at(const verifier *v, cg_slot_id id) {
    VERIFY(v, id < v->f->slots.n, "there is no slot s%u", id);
    return &v->f->slots.at[id];
}

static cg_slot_id owner_of(const verifier *v, cg_slot_id id) {
    while (slot_at(v, id)->kind == CG_SLOT_SLICE)
        id = v->f->slots.at[id].base;
    return id;
}

static int64_t bytes_of(const verifier *v, cg_slot_id id) { return (int64_t)slot_at(v, id)->type->bytes; }

// Slots

static void verify_slot(const verifier *v, cg_slot_id id) {
    const cg_slot *s = slot_at(v, id);
    const ir_function *f = v->f->source;
    switch (s->kind) {
    case CG_SLOT_PARAM:
        VERIFY(v, s->number < f->n_params && f->types[s->number] == s->type, "s%u is not parameter %u", id,
               s->number);
        break;
    case CG_SLOT_RESULT:
        VERIFY(v, s->number < f->n_results && ir_result_type(f, s->number) == s->type, "s%u is not result %u",
               id, s->number);
        break;
    case CG_SLOT_CONSTANT:
        VERIFY(v, s->data_bytes == (int64_t)s->type->bytes, "the data of s%u do not fill it", id);
        break;
    case CG_SLOT_TEMPORARY:
        VERIFY(v, s->offset >= 0 && s->offset % 64 == 0, "s%u is not aligned", id);
        VERIFY(v, v->memory[id] == CG_ABSENT || s->offset + bytes_of(v, id) <= v->f->own_bytes,
               "s%u is outside of the arena", id);
        break;
    case CG_SLOT_SLICE:
        VERIFY(v, s->base < id && s->loop < v->f->n_loops, "s%u is no slice of an earlier slot", id);
        break;
    }
}

// Steps: their shape

static void verify_use(const verifier *v, cg_slot_id id, bool write) {
    for (cg_slot_id at = id; slot_at(v, at)->kind == CG_SLOT_SLICE; at = v->f->slots.at[at].base)
        VERIFY(v, v->open[v->f->slots.at[at].loop], "s%u is used outside of its loop", id);
    cg_slot_kind kind = slot_at(v, owner_of(v, id))->kind;
    VERIFY(v, !write || (kind != CG_SLOT_PARAM && kind != CG_SLOT_CONSTANT),
           "s%u is written, which is read only", id);
}

static void verify_blocks(const verifier *v, const cg_step *step, uint32_t n) {
    VERIFY(v, step->blocks.n == n, "a step has %u blocks, not %u", step->blocks.n, n);
}

static void verify_condition(const verifier *v, const cg_step *step, bool may_be_index) {
    const ir_type *type = slot_at(v, step->condition)->type;
    verify_use(v, step->condition, false);
    VERIFY(v, !type->rank && (type->dtype == CV_BOOL || (may_be_index && type->dtype == CV_S32)),
           "s%u is no condition", step->condition);
}

static void verify_kernel(const verifier *v, const cg_step *step) {
    VERIFY(v, step->kernel < v->plan->kernels.n, "there is no kernel k%u", step->kernel);
    const cg_kernel *k = v->plan->kernels.at[step->kernel];
    VERIFY(v, step->args.n == k->buffers.n, "k%u has %u buffers and gets %u", step->kernel, k->buffers.n,
           step->args.n);
    for (uint32_t i = 0; i < step->args.n; i++) {
        const cg_buffer *b = &k->buffers.at[i];
        const ir_type *type = slot_at(v, step->args.at[i])->type;
        VERIFY(v, type->dtype == b->dtype && type->count == b->count, "buffer %u of k%u is not s%u", i,
               step->kernel, step->args.at[i]);
        verify_use(v, step->args.at[i], b->access & CG_WRITE);
    }
}

static void verify_product(const verifier *v, const cg_step *step) {
    const cg_product *p = &step->product;
    VERIFY(v, step->args.n == 3, "a product has %u arguments", step->args.n);
    int64_t sizes[] = {p->batch * p->m * p->k, p->batch * p->k * p->n, p->batch * p->m * p->n};
    for (uint32_t i = 0; i < 3; i++) {
        const ir_type *type = slot_at(v, step->args.at[i])->type;
        VERIFY(v, type->dtype == p->dtype && type->count == sizes[i], "s%u is no operand of its product",
               step->args.at[i]);
        verify_use(v, step->args.at[i], i == 2);
    }
}

static void verify_call(const verifier *v, const cg_step *step) {
    VERIFY(v, step->callee < v->number, "f%u is called before it is there", step->callee);
    const ir_function *callee = v->plan->functions.at[step->callee]->source;
    bool listed = false;
    for (uint32_t i = 0; i < v->f->callees.n; i++) listed |= v->f->callees.at[i] == step->callee;
    VERIFY(v, listed, "f%u is not among the callees", step->callee);
    VERIFY(v, step->args.n == callee->n_params + callee->n_results, "f%u gets %u arguments", step->callee,
           step->args.n);
    for (uint32_t i = 0; i < step->args.n; i++) {
        bool result = i >= callee->n_params;
        const ir_type *type = result ? ir_result_type(callee, i - callee->n_params) : callee->types[i];
        VERIFY(v, slot_at(v, step->args.at[i])->type == type, "argument %u of f%u is not s%u", i,
               step->callee, step->args.at[i]);
        verify_use(v, step->args.at[i], result);
    }
}

static void verify_step(const verifier *v, const cg_step *step) {
    uint32_t n = step->blocks.n;
    switch (step->kind) {
    case CG_STEP_KERNEL: verify_kernel(v, step); break;
    case CG_STEP_PRODUCT: verify_product(v, step); break;
    case CG_STEP_CALL: verify_call(v, step); break;
    case CG_STEP_COPY:
    case CG_STEP_EXCHANGE:
        VERIFY(v, step->args.n == 2 && bytes_of(v, step->args.at[0]) == bytes_of(v, step->args.at[1]),
               "a copy does not fit");
        verify_use(v, step->args.at[0], true);
        verify_use(v, step->args.at[1], step->kind == CG_STEP_EXCHANGE);
        for (uint32_t i = 0; i < 2 && step->kind == CG_STEP_EXCHANGE; i++)
            VERIFY(v, slot_at(v, step->args.at[i])->kind == CG_SLOT_TEMPORARY, "s%u is exchanged",
                   step->args.at[i]);
        break;
    case CG_STEP_LOOP:
        verify_blocks(v, step, 1);
        VERIFY(v, step->loop < v->f->n_loops && !v->open[step->loop] && step->length >= 0, "loop %u",
               step->loop);
        break;
    case CG_STEP_WHILE:
        verify_blocks(v, step, 2);
        verify_condition(v, step, false);
        break;
    case CG_STEP_BRANCH:
        VERIFY(v, n > 0, "a branch has no case");
        verify_condition(v, step, true);
        break;
    }
}

// Memory

static void check_there(const verifier *v, cg_slot_id id) {
    cg_slot_id owner = owner_of(v, id);
    if (slot_at(v, owner)->kind != CG_SLOT_TEMPORARY || !bytes_of(v, id)) return;
    VERIFY(v, v->there[v->memory[owner]], "s%u is read, but was overwritten or never written", id);
}

static void overwrite(verifier *v, cg_slot_id id) {
    cg_slot_id owner = owner_of(v, id);
    if (slot_at(v, owner)->kind != CG_SLOT_TEMPORARY) return;
    cg_slot_id place = v->memory[owner];
    int64_t begin = v->f->slots.at[place].offset, end = begin + bytes_of(v, place);
    uint32_t low = 0, high = v->n_placed; // the first that may reach so far
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (v->f->slots.at[v->placed[middle]].offset + v->widest <= begin)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = low; i < v->n_placed && v->f->slots.at[v->placed[i]].offset < end; i++) {
        cg_slot_id other = v->placed[i];
        if (v->f->slots.at[other].offset + bytes_of(v, other) > begin) v->there[other] = false;
    }
    v->there[place] = true;
}

// What one step reads and writes must lie apart, or be the same.
static void check_apart(const verifier *v, const cg_step *step) {
    for (uint32_t i = 0; i < step->args.n; i++)
        for (uint32_t j = 0; j < i; j++) {
            cg_slot_id x = owner_of(v, step->args.at[i]), y = owner_of(v, step->args.at[j]);
            if (x == y || slot_at(v, x)->kind != CG_SLOT_TEMPORARY ||
                slot_at(v, y)->kind != CG_SLOT_TEMPORARY)
                continue;
            int64_t a = v->f->slots.at[v->memory[x]].offset, b = v->f->slots.at[v->memory[y]].offset;
            VERIFY(v, a >= b + bytes_of(v, y) || b >= a + bytes_of(v, x),
                   "s%u and s%u of one step share memory", x, y);
        }
}

static void run_block(verifier *v, const cg_step_block *block);

static void run_branches(verifier *v, const cg_step *step) {
    uint32_t n = v->f->slots.n;
    bool *before = base_arena_copy(v->arena, v->there, sizeof *v->there * n);
    bool *after = base_new_array(v->arena, bool, n + 1);
    memset(after, true, n);
    for (uint32_t b = 0; b < step->blocks.n; b++) {
        memcpy(v->there, before, n);
        run_block(v, step->blocks.at[b]);
        for (uint32_t s = 0; s < n; s++) after[s] &= v->there[s];
    }
    memcpy(v->there, after, n);
}

static void run_step(verifier *v, const cg_step *step) {
    const cg_kernel *k = step->kind == CG_STEP_KERNEL ? v->plan->kernels.at[step->kernel] : NULL;
    uint32_t n_params =
        step->kind == CG_STEP_CALL ? v->plan->functions.at[step->callee]->source->n_params : 0;
    verify_step(v, step);
    if (step->kind != CG_STEP_EXCHANGE) check_apart(v, step);
    switch (step->kind) {
    case CG_STEP_KERNEL:
    case CG_STEP_PRODUCT:
    case CG_STEP_CALL:
    case CG_STEP_COPY:
        for (int pass = 0; pass < 2; pass++)
            for (uint32_t i = 0; i < step->args.n; i++) {
                bool write = k                               ? k->buffers.at[i].access & CG_WRITE
                             : step->kind == CG_STEP_PRODUCT ? i == 2
                             : step->kind == CG_STEP_CALL    ? i >= n_params
                                                             : i == 0;
                // What is read and written may be scratch.
                if (!pass && !write) check_there(v, step->args.at[i]);
                if (pass && write) overwrite(v, step->args.at[i]);
            }
        break;
    case CG_STEP_EXCHANGE: {
        cg_slot_id a = step->args.at[0], b = step->args.at[1], memory = v->memory[a];
        v->memory[a] = v->memory[b];
        v->memory[b] = memory;
        break;
    }
    case CG_STEP_LOOP:
        v->open[step->loop] = true;
        for (int round = 0; round < (step->length < 2 ? step->length : 2); round++)
            run_block(v, step->blocks.at[0]);
        v->open[step->loop] = false;
        break;
    case CG_STEP_WHILE:
        for (int round = 0; round < 3; round++) {
            run_block(v, step->blocks.at[0]);
            check_there(v, step->condition);
            if (round < 2) run_block(v, step->blocks.at[1]);
        }
        break;
    case CG_STEP_BRANCH:
        check_there(v, step->condition);
        run_branches(v, step);
        break;
    }
}

static void run_block(verifier *v, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) run_step(v, &block->steps.at[i]);
}

// Temporaries that no step names have no place.
static void find_used(verifier *v, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        for (uint32_t k = 0; k <= step->args.n; k++) {
            bool tests = step->kind == CG_STEP_WHILE || step->kind == CG_STEP_BRANCH;
            if (k == step->args.n && !tests) continue;
            cg_slot_id owner = owner_of(v, k == step->args.n ? step->condition : step->args.at[k]);
            v->memory[owner] = owner;
        }
        for (uint32_t b = 0; b < step->blocks.n; b++) find_used(v, step->blocks.at[b]);
    }
}

typedef struct placed {
    int64_t offset;
    cg_slot_id slot;
} placed;

static int by_offset(const void *a, const void *b) {
    const placed *x = a, *y = b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void sort_places(verifier *v) {
    placed *all = base_new_array(v->arena, placed, v->f->slots.n + 1);
    for (cg_slot_id s = 0; s < v->f->slots.n; s++) {
        if (v->f->slots.at[s].kind != CG_SLOT_TEMPORARY || v->memory[s] == CG_ABSENT) continue;
        all[v->n_placed++] = (placed){v->f->slots.at[s].offset, s};
        if (bytes_of(v, s) > v->widest) v->widest = bytes_of(v, s);
    }
    qsort(all, v->n_placed, sizeof *all, by_offset);
    v->placed = base_new_array(v->arena, cg_slot_id, v->n_placed + 1);
    for (uint32_t i = 0; i < v->n_placed; i++) v->placed[i] = all[i].slot;
}

static void verify_function(const cg_plan *plan, uint32_t number, base_arena *arena) {
    const cg_plan_function *f = plan->functions.at[number];
    verifier v = {.plan = plan, .arena = arena, .number = number, .f = f};
    v.open = base_new_array(arena, bool, f->n_loops + 1);
    v.memory = base_new_array(arena, cg_slot_id, f->slots.n + 1);
    v.there = base_new_array(arena, bool, f->slots.n + 1);
    for (cg_slot_id s = 0; s < f->slots.n; s++) v.memory[s] = CG_ABSENT;
    find_used(&v, &f->body);
    for (cg_slot_id s = 0; s < f->slots.n; s++) verify_slot(&v, s);
    sort_places(&v);
    run_block(&v, &f->body);
    for (uint32_t i = 0; i < f->callees.n; i++)
        VERIFY(&v, f->own_bytes + plan->functions.at[f->callees.at[i]]->arena_bytes <= f->arena_bytes,
               "the arena has no room for f%u", f->callees.at[i]);
}

static void free_arena(void *arena) { base_arena_free(arena); }

void cg_plan_verify(const cg_plan *plan) {
    base_arena *arena = base_new(plan->arena, base_arena);
    base_defer(free_arena, arena);
    base_check(plan->functions.n);
    for (uint32_t i = 0; i < plan->functions.n; i++) verify_function(plan, i, arena);
    for (uint32_t i = 0; i < plan->kernels.n; i++) cg_kernel_verify(plan->kernels.at[i]);
}
