// The list of passes. Each writes the next form and leaves the one before alone:
//
//     program -> expanded -> split into real numbers -> simplified -> plan and kernels -> schedules ->
//         objects -> code
//
// All but the code goes with an arena at the end.

#include "codegen/compile.h"

#include <string.h>
#include <time.h>

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
    double since; // when the phase at hand began, in ms
} compilation;

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void end_phase(compilation *c, cg_phase phase) {
    if (!c->options->phase_ms) return;
    double now = milliseconds();
    c->options->phase_ms[phase] += now - c->since;
    c->since = now;
}

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
    return xf_lower(f);
}

static const cg_plan *make_plan(compilation *c) {
    const ir_function *f = simplified(c);
    end_phase(c, CG_PHASE_SIMPLIFY);
    const cg_plan *plan = cg_plan_new(&c->arena, f);
    if (c->options->verify) cg_plan_verify(plan);
    end_phase(c, CG_PHASE_PLAN);
    cg_cpu_schedule(plan, &c->cpu);
    end_phase(c, CG_PHASE_SCHEDULE);
    return plan;
}

// The executable, which outlives the rest. Its lists and texts lie behind it.

static const char *next_text(char **at) {
    const char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

static void add_text(base_text *texts, const char *text) { base_text_add_n(texts, text, strlen(text) + 1); }

static cg_program *program_new(const cg_plan *plan, const cg_options *options) {
    base_text texts = {.arena = plan->arena};
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        const cg_kernel *k = plan->kernels.at[i];
        base_text_add(&texts, k->name);
        if (k->place.file) base_text_printf(&texts, " (%s:%u)", k->place.file, k->place.line);
        base_text_add_n(&texts, "", 1);
    }
    uint32_t n_profiled = 0;
    const cg_profiled *lines = options->profile ? cg_plan_profile(plan, &n_profiled) : NULL;
    for (uint32_t i = 0; i < n_profiled; i++) {
        add_text(&texts, lines[i].name);
        add_text(&texts, lines[i].place);
    }
    const cg_plan_function *entry = plan->functions.at[plan->functions.n - 1];
    size_t lists = sizeof(char *) * plan->kernels.n + sizeof *lines * n_profiled;
    cg_program *p = base_malloc(sizeof *p + lists + texts.n + 1);
    cg_profiled *profiled = (cg_profiled *)(p + 1);
    const char **kernels = (const char **)(profiled + n_profiled);
    char *at = (char *)(kernels + plan->kernels.n);
    if (texts.n) memcpy(at, texts.at, texts.n);
    for (uint32_t i = 0; i < plan->kernels.n; i++) kernels[i] = next_text(&at);
    for (uint32_t i = 0; i < n_profiled; i++) {
        profiled[i] = lines[i];
        profiled[i].name = next_text(&at);
        profiled[i].place = next_text(&at);
    }
    *p = (cg_program){.arena_bytes = entry->arena_bytes,
                      .n_params = entry->source->n_params,
                      .n_results = entry->source->n_results,
                      .n_kernels = plan->kernels.n,
                      .aligned = options->aligned,
                      .kernels = kernels,
                      .n_profiled = n_profiled,
                      .profiled = profiled};
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
    c->program = program_new(plan, c->options); // numbers the steps of a profile
    cg_objects *objects = cg_cpu_objects(plan, &c->cpu);
    end_phase(c, CG_PHASE_CODE);
    c->program->code = cg_cpu_link(objects, &c->program->entry);
    end_phase(c, CG_PHASE_LINK);
}

static void print(void *argument) {
    compilation *c = argument;
    const cg_plan *plan = make_plan(c);
    base_text *text = c->text;
    switch (c->form) {
    case CG_FORM_KERNELS:
        for (uint32_t i = 0; i < plan->kernels.n; i++) {
            base_text_printf(text, "%sk%u: ", i ? "\n" : "", i);
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
                              .profile = c->options->profile,
                              .threads = c->options->threads ? c->options->threads : base_threads()};
    c->since = milliseconds();
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
