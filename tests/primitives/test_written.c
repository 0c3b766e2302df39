// StableHLO text of programs, read back: every case of the table (table.h) for every dtype, golden programs,
// random ones, their derivatives and batches. What the text says is run by the interpreter against the
// program that it was written from.
//
//     test_written [FILE ...]             this; or for programs in files, such as COVECTOR_DUMP writes
//     test_written -o FOLDER [FILE ...]   writes text, operands and results there, for scripts/check_stablehlo_jax.py
//
// FOLDER/programs.txt has a line "program NAME", then "in dtype[shape]" and "out dtype[shape]" lines;
// NAME.mlir is the text, NAME.bin the bytes of operands and results, in that order.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../codegen/program_runs.h"
#include "../random/random.h"
#include "ir/stablehlo/stablehlo.h"
#include "table.h"

enum { RANDOM_PROGRAMS = 100 };

typedef struct job {
    const char *name;
    const test_case *c; // a case, or
    cv_dtype dtype;
    int64_t variant;
    const char *path; // a golden program, or
    uint64_t seed;    // a random one
    const char *what; // transform: "", "vjp", "batch"
    ir_module *module;
    base_arena arena;
    bool made; // the program is there
} job;

static const char *folder; // or NULL
static FILE *list;
static int written, refused, failed;

static void add_array(FILE *bytes, const char *word, const ir_array *a) {
    char text[IR_TYPE_TEXT];
    fprintf(list, "%s %s\n", word, ir_type_text(a->type, text));
    if (a->type->bytes) fwrite(a->data, 1, a->type->bytes, bytes);
}

static void keep(const job *j, const char *text, const ir_function *f, const ir_array *in,
                 const ir_array *out) {
    char path[800];
    snprintf(path, sizeof path, "%s/%s.mlir", folder, j->name);
    FILE *file = fopen(path, "wb");
    snprintf(path, sizeof path, "%s/%s.bin", folder, j->name);
    FILE *bytes = fopen(path, "wb");
    base_check(file && bytes);
    fputs(text, file);
    fprintf(list, "program %s\n", j->name);
    for (uint32_t i = 0; i < f->n_params; i++) add_array(bytes, "in", &in[i]);
    for (uint32_t i = 0; i < f->n_results; i++) add_array(bytes, "out", &out[i]);
    fclose(file);
    fclose(bytes);
}

static const ir_function *program_of(job *j, ir_array *in) {
    if (j->c) {
        test_instance t = test_instance_new(j->c, j->dtype, j->variant, j->module, &j->arena);
        test_draw_operands(&t, 1, in);
        return t.f;
    }
    uint64_t state = j->seed;
    const ir_function *f =
        j->path ? read_program(j->module, j->path, &j->arena) : rp_generate(j->module, &state, NULL);
    f = transformed(j->what, j->seed, f, &j->arena);
    for (uint32_t i = 0; i < f->n_params; i++) {
        in[i] = test_array(&j->arena, f->types[i]);
        rp_fill(&in[i], &state);
    }
    return f;
}

static void check(void *argument) {
    job *j = argument;
    ir_array in[64];
    const ir_function *f = program_of(j, in);
    j->made = true;
    base_check(f->n_params <= 64);
    ir_array *want = test_run(&j->arena, f, in, f->n_params);
    base_text text = {.arena = &j->arena};
    ir_write_stablehlo(&text, f);
    if (folder) {
        keep(j, base_text_get(&text), f, in, want);
        return;
    }
    const ir_function *g = ir_import_stablehlo(j->module, "written", base_text_get(&text), NULL);
    base_check(g->n_params == f->n_params && g->n_results == f->n_results);
    ir_array *got = test_run(&j->arena, g, in, g->n_params);
    double tolerance = tolerance_of(f, &j->arena);
    for (uint32_t i = 0; i < f->n_results; i++) compare(got[i].data, &want[i], i, tolerance);
}

static void run(job j) {
    base_failure failure;
    cv_status status = base_protect(check, &j, &failure);
    written += !status;
    if (status == CV_UNSUPPORTED && !j.c && !j.made) // there is no such transform of it
        refused++;
    else if (status) {
        failed++;
        printf("FAILED %s: %s\n", j.name, failure.message);
    }
    base_arena_free(&j.arena);
}

static void run_cases(ir_module *module) {
    for (uint32_t i = 0; i < test_n_cases; i++) {
        const test_case *c = &test_cases[i];
        uint32_t taken = ir_primitives[c->primitive].dtypes & ~ir_rules_of(c->primitive)->not_yet;
        if (c->dtypes) taken &= c->dtypes;
        for (cv_dtype dtype = 0; dtype < CV_DTYPE_COUNT; dtype++) {
            if (!(taken >> dtype & 1)) continue;
            for (int64_t variant = 0; variant < test_variants(c); variant++) {
                char name[200];
                snprintf(name, sizeof name, "%s_%u_%s_%lld", ir_primitives[c->primitive].name, i,
                         cv_dtype_name(dtype), (long long)variant);
                run((job){.name = name, .c = c, .dtype = dtype, .variant = variant, .module = module});
            }
        }
    }
}

static void run_goldens(ir_module *module, const char *source) {
    static const char *const folders[] = {"roundtrip", "simplify", "recover", "inline", "jvp", "vjp", "vmap"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[800], name[200];
        snprintf(path, sizeof path, "%s/tests/ir/%s", source, folders[i]);
        DIR *directory = opendir(path);
        if (!directory) continue;
        for (struct dirent *entry; (entry = readdir(directory));) {
            if (!strstr(entry->d_name, ".ir") || strstr(entry->d_name, "error")) continue;
            snprintf(path, sizeof path, "%s/tests/ir/%s/%s", source, folders[i], entry->d_name);
            snprintf(name, sizeof name, "golden_%s_%.*s", folders[i], (int)strlen(entry->d_name) - 3,
                     entry->d_name);
            run((job){.name = name, .path = path, .what = "", .seed = 7, .module = module});
        }
        closedir(directory);
    }
}

static void run_random(ir_module *module) {
    static const char *const transforms[] = {"", "vjp", "batch"};
    for (uint64_t seed = 1; seed <= RANDOM_PROGRAMS; seed++)
        for (int t = 0; t < 3; t++) {
            char name[64];
            snprintf(name, sizeof name, "random_%llu%s%s", (unsigned long long)seed, t ? "_" : "",
                     transforms[t]);
            run((job){.name = name, .seed = seed, .what = transforms[t], .module = module});
        }
}

static void run_file(ir_module *module, const char *path) {
    const char *slash = strrchr(path, '/');
    run((job){.name = slash ? slash + 1 : path, .path = path, .what = "", .seed = 7, .module = module});
}

int main(int n, char **words) {
    const char *source = getenv("COVECTOR_SOURCE");
    int first = 1;
    if (n >= 3 && !strcmp(words[1], "-o")) {
        char path[800];
        first = 3;
        folder = words[2];
        snprintf(path, sizeof path, "%s/programs.txt", folder);
        list = fopen(path, "wb");
        if (!list) return 1;
    }
    ir_module *module = ir_module_new();
    module->verify = true;
    for (int i = first; i < n; i++) run_file(module, words[i]);
    if (first >= n) {
        run_cases(module);
        if (source) run_goldens(module, source);
        run_random(module);
    }
    ir_module_free(module);
    if (list) fclose(list);
    printf("%d programs %s, %d refused, %d failed\n", written, folder ? "written" : "agree", refused, failed);
    return failed != 0;
}
