// The list of passes. Each writes the next form and leaves the one before alone:
//
//     program -> expanded -> simplified -> plan and kernels -> schedules -> objects -> code
//
// All but the code goes with an arena at the end.

#include "codegen/compile.h"

#include <string.h>

#include "base/error.h"
#include "base/pool.h"
#include "codegen/cpu/link.h"
#include "codegen/cpu/objects.h"
#include "codegen/plan.h"
#include "transforms/transforms.h"

enum { INLINED_OPERATIONS = 4000 }; // the largest program that calls are inlined for

typedef struct compilation {
    base_arena arena;
    const ir_function *f;
    const cg_options *options;
    cg_cpu_options cpu;
    cg_form form;
    base_text *text;
    cg_program *program;
} compilation;

// What a program has once everything that it calls stands where it is called; counting ends at `most`.
static int64_t inlined_size(const ir_function *f, int64_t most);

typedef struct counting {
    int64_t size, most;
} counting;

static void count_held(void *argument, const ir_function **held) {
    counting *c = argument;
    if (c->size < c->most) c->size += inlined_size(*held, c->most - c->size);
}

// As deep as the user's control flow and jitted functions are nested.
static int64_t inlined_size(const ir_function *f, int64_t most) {
    counting c = {f->n_ops, most};
    for (uint32_t i = 0; i < f->n_ops && c.size < most; i++)
        if (f->ops[i].attributes)
            ir_attributes_functions(ir_primitives[f->ops[i].primitive].layout, f->ops[i].attributes,
                                    count_held, &c);
    return c.size;
}

static const ir_function *simplified(const compilation *c) {
    const ir_function *f = c->f;
    if (inlined_size(f, INLINED_OPERATIONS) < INLINED_OPERATIONS) f = xf_inline(f);
    return xf_simplify(xf_expand(f));
}

static const cg_plan *make_plan(compilation *c) {
    const cg_plan *plan = cg_plan_new(&c->arena, simplified(c));
    if (c->options->verify) cg_plan_verify(plan);
    cg_cpu_schedule(plan, &c->cpu);
    return plan;
}

// The executable, which outlives the rest.

static cg_program *program_new(const cg_plan *plan, const cg_options *options) {
    base_text names = {.arena = plan->arena};
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        const cg_kernel *k = plan->kernels.at[i];
        base_text_add(&names, k->name);
        if (k->place.file) base_text_printf(&names, " (%s:%u)", k->place.file, k->place.line);
        base_text_add_n(&names, "", 1);
    }
    const cg_plan_function *entry = plan->functions.at[plan->functions.n - 1];
    cg_program *p = base_malloc(sizeof *p + sizeof *p->kernels * plan->kernels.n + names.n + 1);
    *p = (cg_program){.arena_bytes = entry->arena_bytes,
                      .n_params = entry->source->n_params,
                      .n_results = entry->source->n_results,
                      .n_kernels = plan->kernels.n,
                      .aligned = options->aligned,
                      .kernels = (const char **)(p + 1)};
    char *at = (char *)(p->kernels + plan->kernels.n);
    if (names.n) memcpy(at, names.at, names.n);
    for (uint32_t i = 0; i < plan->kernels.n; i++, at += strlen(at) + 1) p->kernels[i] = at;
    return p;
}

void cg_program_free(const cg_program *program) {
    if (!program) return;
    cg_cpu_unlink(program->code);
    base_free((void *)(uintptr_t)program);
}

static void compile(void *argument) {
    compilation *c = argument;
    const cg_plan *plan = make_plan(c);
    cg_objects *objects = cg_cpu_objects(plan, &c->cpu);
    c->program = program_new(plan, c->options);
    c->program->code = cg_cpu_link(objects, &c->program->entry);
}

static void print(void *argument) {
    compilation *c = argument;
    const cg_plan *plan = make_plan(c);
    base_text *text = c->text;
    switch (c->form) {
    case CG_FORM_KERNELS:
        for (uint32_t i = 0; i < plan->kernels.n; i++) {
            if (i) base_text_add(text, "\n");
            cg_kernel_print(text, plan->kernels.at[i]);
        }
        break;
    case CG_FORM_PLAN: cg_plan_print(text, plan); break;
    case CG_FORM_LLVM:
    case CG_FORM_ASSEMBLY: cg_cpu_print(plan, &c->cpu, c->form == CG_FORM_ASSEMBLY, text); break;
    case CG_FORMS: base_check(false);
    }
}

static void run(compilation *c, void (*body)(void *)) {
    base_failure failure;
    c->cpu = (cg_cpu_options){.check_indices = c->options->check_indices,
                              .aligned = c->options->aligned,
                              .quick = c->options->quick,
                              .threads = c->options->threads ? c->options->threads : base_threads()};
    cv_status status = base_protect(body, c, &failure);
    base_arena_free(&c->arena);
    if (!status) return;
    cg_program_free(c->program);
    base_raise_again(&failure);
}

const cg_program *cg_compile(const ir_function *f, const cg_options *options) {
    compilation c = {.f = f, .options = options};
    run(&c, compile);
    return c.program;
}

void cg_print(base_text *text, const ir_function *f, cg_form form, const cg_options *options) {
    compilation c = {.f = f, .options = options, .form = form, .text = text};
    run(&c, print);
}
