// In: a plan. Out: what a profile of it has lines for: each kernel, whichever steps launch it, and each step
// that is done outside of kernels: a matrix product, a copy. Every such step is given the number of its line.
//
// Control flow has no line: what it costs is part of the step that comes after it. Bytes and operations are
// those of the arithmetic alone, as kernel_count.c counts them: each operand once, whatever caches do.

#include <inttypes.h>

#include "codegen/plan.h"
#include "codegen/program.h"

typedef base_vector(cg_profiled) lines;

static const char *place_text(const cg_plan *plan, ir_place place) {
    return place.file ? base_format(plan->arena, "%s:%u", place.file, place.line) : "";
}

static cg_profiled kernel_line(const cg_plan *plan, uint32_t number) {
    const cg_kernel *k = plan->kernels.at[number];
    return (cg_profiled){base_format(plan->arena, "k%u %s", number, k->name), place_text(plan, k->place),
                         k->bytes, k->operations};
}

static cg_profiled product_line(const cg_plan *plan, const cg_step *step) {
    const cg_product *p = &step->product;
    const char *times = p->batch == 1 ? "" : base_format(plan->arena, "%" PRId64 " x ", p->batch);
    int64_t elements = p->batch * (p->m * p->k + p->k * p->n + p->m * p->n);
    return (cg_profiled){base_format(plan->arena, "product %s%s[%" PRId64 ",%" PRId64 ",%" PRId64 "]", times,
                                     cv_dtype_name(p->dtype), p->m, p->k, p->n),
                         place_text(plan, step->place), elements * (int64_t)cv_dtype_size(p->dtype),
                         2 * p->batch * p->m * p->k * p->n};
}

static cg_profiled copy_line(const cg_plan *plan, const cg_plan_function *f, const cg_step *step) {
    base_text name = {.arena = plan->arena};
    const ir_type *type = f->slots.at[step->args.at[0]].type;
    base_text_add(&name, "copy ");
    ir_type_print(&name, type);
    return (cg_profiled){base_text_get(&name), place_text(plan, step->place), 2 * (int64_t)type->bytes, 0};
}

// As deep as the user's control flow is nested.
static void number_steps(const cg_plan *plan, const cg_plan_function *f, cg_step_block *block, lines *all) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        cg_step *step = &block->steps.at[i];
        step->profiled = CG_ABSENT;
        if (step->kind == CG_STEP_KERNEL) {
            step->profiled = step->kernel;
        } else if (step->kind == CG_STEP_PRODUCT || step->kind == CG_STEP_COPY) {
            step->profiled = all->n;
            base_push(plan->arena, all,
                      step->kind == CG_STEP_COPY ? copy_line(plan, f, step) : product_line(plan, step));
        }
        for (uint32_t b = 0; b < step->blocks.n; b++) number_steps(plan, f, step->blocks.at[b], all);
    }
}

cg_profiled *cg_plan_profile(const cg_plan *plan, uint32_t *n) {
    lines all = {0};
    for (uint32_t i = 0; i < plan->kernels.n; i++) base_push(plan->arena, &all, kernel_line(plan, i));
    for (uint32_t i = 0; i < plan->functions.n; i++)
        number_steps(plan, plan->functions.at[i], &plan->functions.at[i]->body, &all);
    *n = all.n;
    return all.at;
}
