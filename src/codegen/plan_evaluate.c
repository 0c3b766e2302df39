// In: a plan and memory. Out: its results, slowly. For tests: what differs from the reference
// interpreter here is wrong in the planner, and not in the emission of code.

#include <string.h>

#include "codegen/plan.h"

typedef struct running {
    const cg_plan *plan;
    const cg_plan_function *f;
    char **memory;    // of every slot but slices
    int64_t *counter; // of every loop
} running;

static char *memory_of(const running *r, cg_slot_id slot) {
    const cg_slot *s = &r->f->slots.at[slot];
    if (s->kind != CG_SLOT_SLICE) return r->memory[slot];
    return memory_of(r, s->base) + s->offset + r->counter[s->loop] * s->stride;
}

static double number_at(const char *memory, cv_dtype dtype, int64_t at) {
    return dtype == CV_F32 ? (double)((const float *)memory)[at] : ((const double *)memory)[at];
}

static void multiply(const cg_product *p, const char *a, const char *b, char *c) {
    for (int64_t batch = 0; batch < p->batch; batch++)
        for (int64_t i = 0; i < p->m; i++)
            for (int64_t j = 0; j < p->n; j++) {
                double sum = 0;
                for (int64_t k = 0; k < p->k; k++)
                    sum += number_at(a, p->dtype, batch * p->stride_a + (p->transpose_a ? k * p->lda + i : i * p->lda + k)) *
                           number_at(b, p->dtype, batch * p->stride_b + (p->transpose_b ? j * p->ldb + k : k * p->ldb + j));
                int64_t at = batch * p->stride_c + i * p->ldc + j;
                if (p->dtype == CV_F32) ((float *)(void *)c)[at] = (float)sum;
                else ((double *)(void *)c)[at] = sum;
            }
}

static void run_block(running *r, const cg_step_block *block);

static void run_step(running *r, const cg_step *step) {
    void *args[256];
    base_check(step->args.n <= 256);
    for (uint32_t i = 0; i < step->args.n; i++) args[i] = memory_of(r, step->args.at[i]);
    switch (step->kind) {
    case CG_STEP_KERNEL: cg_kernel_evaluate(r->plan->kernels.at[step->kernel], args); break;
    case CG_STEP_PRODUCT: multiply(&step->product, args[0], args[1], args[2]); break;
    case CG_STEP_COPY: memmove(args[0], args[1], r->f->slots.at[step->args.at[0]].type->bytes); break;
    case CG_STEP_CALL: {
        const cg_plan_function *callee = r->plan->functions.at[step->callee];
        cg_plan_evaluate_function(r->plan, callee, args, args + callee->source->n_params);
        break;
    }
    case CG_STEP_LOOP:
        for (int64_t i = 0; i < step->length; i++) {
            r->counter[step->loop] = i;
            run_block(r, step->blocks.at[0]);
        }
        break;
    case CG_STEP_WHILE:
        for (;;) {
            run_block(r, step->blocks.at[0]);
            if (!*memory_of(r, step->condition)) break;
            run_block(r, step->blocks.at[1]);
        }
        break;
    case CG_STEP_BRANCH: {
        const char *at = memory_of(r, step->condition);
        int64_t index = r->f->slots.at[step->condition].type->dtype == CV_BOOL ? *at : *(const int32_t *)(const void *)at;
        if (index >= step->blocks.n) index = step->blocks.n - 1;
        run_block(r, step->blocks.at[index < 0 ? 0 : index]);
        break;
    }
    case CG_STEP_EXCHANGE: {
        char *first = r->memory[step->args.at[0]];
        r->memory[step->args.at[0]] = r->memory[step->args.at[1]];
        r->memory[step->args.at[1]] = first;
        break;
    }
    }
}

static void run_block(running *r, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) run_step(r, &block->steps.at[i]);
}

void cg_plan_evaluate_function(const cg_plan *plan, const cg_plan_function *f, void *const *params, void *const *results) {
    base_arena arena = {0};
    char *memory = base_arena_alloc(&arena, (size_t)f->own_bytes + 64);
    memset(memory, 0xa5, (size_t)f->own_bytes);
    running r = {plan, f, base_new_array(&arena, char *, f->slots.n + 1), base_new_array(&arena, int64_t, f->n_loops + 1)};
    for (uint32_t i = 0; i < f->slots.n; i++) {
        const cg_slot *slot = &f->slots.at[i];
        if (slot->kind == CG_SLOT_PARAM) r.memory[i] = params[slot->number];
        else if (slot->kind == CG_SLOT_RESULT) r.memory[i] = results[slot->number];
        else if (slot->kind == CG_SLOT_CONSTANT) r.memory[i] = (char *)(uintptr_t)slot->data;
        else r.memory[i] = memory + slot->offset;
    }
    run_block(&r, &f->body);
    base_arena_free(&arena);
}

void cg_plan_evaluate(const cg_plan *plan, void *const *params, void *const *results) {
    cg_plan_evaluate_function(plan, plan->functions.at[plan->functions.n - 1], params, results);
}
