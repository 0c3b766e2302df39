// Plans against the reference interpreter, without machine code: what the planner makes of random
// programs, of their derivatives and batches, and of every golden program, is evaluated slowly.
//
//     test_plan [first seed] [how many programs]

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../random/random.h"
#include "program_runs.h"
#include "codegen/plan.h"

typedef struct job {
    ir_module *module;
    uint64_t seed;
    const char *path; // or NULL: a random program
    const char *what; // transform: "", "vjp", "batch"
} job;

static ir_array allocate(base_arena *arena, const ir_type *type) {
    return (ir_array){type, base_arena_zeroed(arena, type->bytes + 1)};
}

// With COVECTOR_SHOW in the environment: what is compared, for debugging.
static void show(base_arena *arena, const ir_function *f, const cg_plan *plan) {
    base_text text = {.arena = arena};
    ir_print(&text, f);
    for (uint32_t i = 0; i < plan->kernels.n; i++) cg_kernel_print(&text, plan->kernels.at[i]);
    cg_plan_print(&text, plan);
    printf("%s\n", base_text_get(&text));
}

static void check(void *argument) {
    job *j = argument;
    base_arena *arena = xf_scratch();
    uint64_t state = j->seed;
    const ir_function *f = j->path ? read_program(j->module, j->path, arena) : rp_generate(j->module, &state, NULL);
    f = xf_lower(transformed(j->what, j->seed, f, arena));
    cg_plan *plan = cg_plan_new(arena, f);
    ir_array *in = base_new_array(arena, ir_array, f->n_params + 1);
    ir_array *want = base_new_array(arena, ir_array, f->n_results + 1), *got = base_new_array(arena, ir_array, f->n_results + 1);
    void **params = base_new_array(arena, void *, f->n_params + 1), **results = base_new_array(arena, void *, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) {
        in[i] = allocate(arena, f->types[i]);
        rp_fill(&in[i], &state);
        params[i] = in[i].data;
    }
    for (uint32_t i = 0; i < f->n_results; i++) {
        want[i] = allocate(arena, ir_result_type(f, i));
        got[i] = allocate(arena, ir_result_type(f, i));
        results[i] = got[i].data;
    }
    if (getenv("COVECTOR_SHOW")) show(arena, f, plan);
    ir_interpret(f, in, want);
    cg_plan_evaluate(plan, params, results);
    double tolerance = tolerance_of(f, arena);
    for (uint32_t i = 0; i < f->n_results; i++) compare(got[i].data, &want[i], i, tolerance);
}

static int failures, passed, skipped;

static void run(job *j) {
    base_failure failure;
    cv_status status = base_protect(check, j, &failure);
    if (status == CV_OK) passed++;
    else if (status == CV_UNSUPPORTED || (j->path && status == CV_INVALID)) skipped++; // refused transforms, error goldens
    else {
        failures++;
        printf("FAILED %s %llu %s: %s\n", j->path ? j->path : "seed", (unsigned long long)j->seed, j->what, failure.message);
    }
}

static void run_goldens(ir_module *module, const char *source) {
    static const char *const folders[] = {"roundtrip", "simplify", "inline", "jvp", "vjp", "grad", "batch", "vmap", "linearize"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char folder[512], path[800];
        snprintf(folder, sizeof folder, "%s/tests/ir/%s", source, folders[i]);
        DIR *directory = opendir(folder);
        if (!directory) continue;
        for (struct dirent *entry; (entry = readdir(directory));) {
            if (!strstr(entry->d_name, ".ir") || strstr(entry->d_name, "error")) continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            run(&(job){.module = module, .seed = 7, .path = path, .what = ""});
        }
        closedir(directory);
    }
}

int main(int n, char **words) {
    uint64_t first = n > 1 ? strtoull(words[1], NULL, 10) : 1, programs = n > 2 ? strtoull(words[2], NULL, 10) : 300;
    const char *source = getenv("COVECTOR_SOURCE");
    ir_module *module = ir_module_new();
    module->verify = true;
    if (source) run_goldens(module, source);
    static const char *const transforms[] = {"", "vjp", "batch"};
    for (uint64_t seed = first; seed < first + programs; seed++)
        for (int t = 0; t < 3; t++) run(&(job){.module = module, .seed = seed, .what = transforms[t]});
    ir_module_free(module);
    printf("plans: %d agree with the interpreter, %d skipped, %d failed\n", passed, skipped, failures);
    return failures != 0;
}
