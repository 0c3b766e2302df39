// Kernels are dealt out to modules in their order until a module is full, and so is the plan at the end: what
// LLVM takes grows faster than a module does, and modules become objects in parallel, each in an
// LLVM context of its own. A task works in an arena of its own too, which its kernels grow in
// while it has them. How modules are cut depends on the plan alone. The plan's own code does little
// but call, so that it is generated quickly.
//
// Targets are costly to make and belong to one thread at a time, so that a few wait in a list.

#include "codegen/cpu/objects.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"
#include "codegen/cpu/emit_kernel.h"
#include "codegen/cpu/emit_plan.h"
#include "codegen/cpu/target.h"

enum {
    MODULE_WEIGHT = 160, // expressions of a module's kernels
    STEP_WEIGHT = 2,     // of a step of the plan, in expressions
    WAITING_TARGETS = 16,
    QUICK_WORK = 1 << 14, // operations that are done sooner than code for them is generated well
};

// Targets

static pthread_mutex_t targets_lock = PTHREAD_MUTEX_INITIALIZER;
static cg_target *targets[WAITING_TARGETS];
static int n_targets;

static void give_target(void *target) {
    pthread_mutex_lock(&targets_lock);
    bool kept = n_targets < WAITING_TARGETS;
    if (kept) targets[n_targets++] = target;
    pthread_mutex_unlock(&targets_lock);
    if (!kept) cg_target_free(target);
}

// It goes back when the innermost protected call ends.
static cg_target *take_target(void) {
    pthread_mutex_lock(&targets_lock);
    cg_target *t = n_targets ? targets[--n_targets] : NULL;
    pthread_mutex_unlock(&targets_lock);
    if (!t) t = cg_target_new();
    base_defer(give_target, t);
    return t;
}

// Tasks: protected calls on any thread; the first failure in their order is the caller's.

typedef struct task {
    struct work *work;
    uint32_t number;
    base_arena arena; // lives as long as the caller's protected call
    base_failure failure;
} task;

typedef struct work {
    const cg_plan *plan;
    const cg_cpu_options *options;
    void (*body)(task *t);
    task *tasks;
    uint32_t n;
    // Of objects.
    const char **symbols;  // of kernels
    cg_emit_options *emit; // of kernels
    struct module {
        uint32_t first, n;
        bool plan, quick;
    } * modules;
    cg_objects *objects;
    const char **texts; // of modules, when they are printed
    bool assembly;
} work;

static void run_task(void *argument) {
    task *t = argument;
    t->work->body(t);
}

static void run_tasks(void *argument, int64_t begin, int64_t end) {
    work *w = argument;
    for (int64_t i = begin; i < end; i++) base_protect(run_task, &w->tasks[i], &w->tasks[i].failure);
}

static void free_arenas(void *argument) {
    work *w = argument;
    for (uint32_t i = 0; i < w->n; i++) base_arena_free(&w->tasks[i].arena);
}

static void run_all(work *w, uint32_t n, void (*body)(task *t)) {
    w->n = n;
    w->body = body;
    w->tasks = base_new_array(w->plan->arena, task, n + 1);
    for (uint32_t i = 0; i < n; i++) w->tasks[i] = (task){.work = w, .number = i};
    base_defer(free_arenas, w);
    base_parallel_for(w->options->threads, n, 1, run_tasks, w);
    for (uint32_t i = 0; i < n; i++)
        if (w->tasks[i].failure.status) base_raise_again(&w->tasks[i].failure);
}

static work *work_new(const cg_plan *plan, const cg_cpu_options *options) {
    work *w = base_new(plan->arena, work);
    *w = (work){.plan = plan, .options = options};
    return w;
}

// Schedules

static void schedule_some(task *t) {
    const cg_plan *plan = t->work->plan;
    const cg_target *target = take_target();
    for (uint32_t i = t->number; i < plan->kernels.n; i += t->work->n) {
        cg_kernel *k = plan->kernels.at[i];
        k->arena = &t->arena;
        cg_schedule(k, &target->schedule);
    }
}

void cg_cpu_schedule(const cg_plan *plan, const cg_cpu_options *options) {
    uint32_t parts = (uint32_t)options->threads;
    if (parts > plan->kernels.n / 8 + 1) parts = plan->kernels.n / 8 + 1;
    run_all(work_new(plan, options), parts, schedule_some);
}

// What a kernel may know of its buffers: which may be the same memory, and how they are aligned.

static bool is_aligned(const cg_plan_function *f, cg_slot_id id, bool outside_aligned) {
    for (;; id = f->slots.at[id].base) {
        const cg_slot *s = &f->slots.at[id];
        if (s->kind == CG_SLOT_PARAM || s->kind == CG_SLOT_RESULT) return outside_aligned;
        if (s->kind == CG_SLOT_SLICE && (s->offset % 64 || s->stride % 64)) return false;
        if (s->kind == CG_SLOT_CONSTANT || s->kind == CG_SLOT_TEMPORARY) return true;
    }
}

typedef struct reach {
    work *w;
    const cg_plan_function *f;
    bool *outside; // of every plan function: whether all that it is called with is aligned
    bool aligned;
} reach;

static void join(uint32_t *memory, uint32_t n, uint32_t a, uint32_t b) {
    uint32_t from = memory[b], to = memory[a];
    for (uint32_t i = 0; i < n; i++)
        if (memory[i] == from) memory[i] = to;
}

static void visit_steps(reach *r, const cg_step_block *block) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        bool aligned = true;
        for (uint32_t k = 0; k < step->args.n; k++) aligned &= is_aligned(r->f, step->args.at[k], r->aligned);
        if (step->kind == CG_STEP_CALL) r->outside[step->callee] &= aligned;
        if (step->kind == CG_STEP_KERNEL) {
            cg_emit_options *o = &r->w->emit[step->kernel];
            o->aligned &= aligned;
            for (uint32_t a = 0; a < step->args.n; a++)
                for (uint32_t b = 0; b < a; b++)
                    if (cg_slot_owner(r->f, step->args.at[a]) == cg_slot_owner(r->f, step->args.at[b]))
                        join((uint32_t *)(uintptr_t)o->memory, step->args.n, b, a);
        }
        for (uint32_t b = 0; b < step->blocks.n; b++) visit_steps(r, step->blocks.at[b]);
    }
}

static void know_buffers(work *w) {
    const cg_plan *plan = w->plan;
    const cg_target *target = take_target();
    w->emit = base_new_array(plan->arena, cg_emit_options, plan->kernels.n + 1);
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        uint32_t n = plan->kernels.at[i]->buffers.n, *memory = base_new_array(plan->arena, uint32_t, n + 1);
        for (uint32_t b = 0; b < n; b++) memory[b] = b;
        w->emit[i] = (cg_emit_options){
            .check_indices = w->options->check_indices, .aligned = true, .fma = target->fma,
            .f16 = target->f16, .memory = memory};
    }
    reach r = {.w = w, .outside = base_new_array(plan->arena, bool, plan->functions.n + 1)};
    for (uint32_t i = 0; i < plan->functions.n; i++) r.outside[i] = w->options->aligned;
    for (uint32_t i = plan->functions.n; i-- > 0;) { // callers come after those that they call
        r.f = plan->functions.at[i];
        r.aligned = r.outside[i];
        visit_steps(&r, &r.f->body);
    }
}

// Modules

static uint32_t plan_weight(const cg_step_block *block) {
    uint32_t weight = 0;
    for (uint32_t i = 0; i < block->steps.n; i++) {
        weight += STEP_WEIGHT;
        for (uint32_t b = 0; b < block->steps.at[i].blocks.n; b++)
            weight += plan_weight(block->steps.at[i].blocks.at[b]);
    }
    return weight;
}

static uint32_t cut(work *w) {
    const cg_plan *plan = w->plan;
    w->modules = base_new_array(plan->arena, struct module, plan->kernels.n + 2);
    uint32_t n = 0, weight = 0;
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        const cg_kernel *k = plan->kernels.at[i];
        uint32_t own = k->nodes.n;
        bool quick = w->options->quick && k->operations + k->bytes / 4 < QUICK_WORK;
        if (!n || weight + own > MODULE_WEIGHT || w->modules[n - 1].quick != quick) {
            w->modules[n++] = (struct module){.first = i, .quick = quick};
            weight = 0;
        }
        w->modules[n - 1].n++;
        weight += own;
    }
    for (uint32_t i = 0; i < plan->functions.n; i++) weight += plan_weight(&plan->functions.at[i]->body);
    if (!n || weight > MODULE_WEIGHT || !w->modules[n - 1].quick)
        w->modules[n++] = (struct module){.quick = true};
    w->modules[n - 1].plan = true;
    return n;
}

static void dispose_context(void *context) { LLVMContextDispose(context); }
static void dispose_module(void *module) { LLVMDisposeModule(module); }
static void dispose_text(void *text) { LLVMDisposeMessage(text); }

static void print_module(task *t, const cg_target *target, LLVMModuleRef module) {
    base_text text = {.arena = &t->arena};
    if (t->work->assembly) {
        cg_target_print_assembly(target, module, &text);
    } else {
        char *form = LLVMPrintModuleToString(module);
        base_defer(dispose_text, form);
        base_text_add(&text, form);
    }
    t->work->texts[t->number] = base_text_get(&text);
}

static void make_module(task *t) {
    work *w = t->work;
    const struct module *m = &w->modules[t->number];
    const cg_target *target = take_target();
    LLVMContextRef context = LLVMContextCreate();
    base_defer(dispose_context, context);
    LLVMModuleRef module =
        cg_target_module(target, context, w->plan->functions.at[w->plan->functions.n - 1]->source->name);
    base_defer(dispose_module, module);
    for (uint32_t i = m->first; i < m->first + m->n; i++) {
        cg_kernel *k = w->plan->kernels.at[i];
        k->arena = &t->arena;
        cg_emit_kernel(module, k, w->symbols[i], &w->emit[i]);
    }
    if (m->plan) {
        cg_emit_plan_options options = {
            .check_indices = w->options->check_indices, .profile = w->options->profile, .kernels = w->symbols};
        cg_emit_plan(module, w->plan, w->objects->entry, &options);
    }
    cg_target_optimize(target, module);
    if (w->texts)
        print_module(t, target, module);
    else
        w->objects->at[t->number] = cg_target_object(target, module, m->quick);
}

static void dispose_objects(void *argument) {
    cg_objects *objects = argument;
    for (uint32_t i = 0; i < objects->n; i++)
        if (objects->at[i]) LLVMDisposeMemoryBuffer(objects->at[i]);
}

static work *make_modules(const cg_plan *plan, const cg_cpu_options *options, int print) {
    work *w = work_new(plan, options);
    base_arena *arena = plan->arena;
    const char *name = plan->functions.at[plan->functions.n - 1]->source->name;
    w->symbols = base_new_array(arena, const char *, plan->kernels.n + 1);
    for (uint32_t i = 0; i < plan->kernels.n; i++)
        w->symbols[i] = base_format(arena, "%s.k%u", plan->kernels.at[i]->name, i);
    know_buffers(w);
    uint32_t n = cut(w);
    w->objects = base_new(arena, cg_objects);
    *w->objects = (cg_objects){.entry = name,
                               .n = n,
                               .at = base_new_array(arena, struct LLVMOpaqueMemoryBuffer *, n)};
    base_defer(dispose_objects, w->objects);
    if (print) w->texts = base_new_array(arena, const char *, n);
    w->assembly = print > 1;
    run_all(w, n, make_module);
    return w;
}

cg_objects *cg_cpu_objects(const cg_plan *plan, const cg_cpu_options *options) {
    return make_modules(plan, options, 0)->objects;
}

void cg_cpu_print(const cg_plan *plan, const cg_cpu_options *options, bool assembly, base_text *text) {
    const work *w = make_modules(plan, options, assembly ? 2 : 1);
    for (uint32_t i = 0; i < w->n; i++) base_text_printf(text, "%s%s", i ? "\n" : "", w->texts[i]);
}
