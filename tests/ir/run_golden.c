// Runs golden tests: tests/ir/<pass>/<behaviour>.ir, given as files or as folders.
//
// A file holds lines of comment that say what it tests, a program, a line `// expect` or
// `// expect-error`, and the text of what the pass that its folder names makes of the program, or
// of the message that it raises. With COVECTOR_ACCEPT=1 in the environment the expected text is
// replaced by the actual one (the line above it is not: whether a program is refused is decided by
// hand); look at the difference before you commit it. A new folder goes into tests/meson.build.
//
// Options of a pass stand in the leading comments, a line each:
//     // active: 0,2       parameters that have tangents (default: all floating and complex ones)
//     // linear: 1         parameters in which the program is linear (the same default)
//     // accumulate: 1     linear parameters whose cotangent is added to one that is given (none)
//     // batched: 0        parameters with a batch axis (all)
//     // size: 4           of the batch axis (3)
//     // in-axes: 0,-,1    of vmap, `-` for one that is not mapped (0 for all)
//     // out-axes: 1       of vmap (0 for all)
//     // value: 1          the gradient comes with the value (0)
//
// Whatever a pass makes is verified, printed, parsed back and printed again: each golden file is a
// test of those as well.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "transforms/transforms.h"

typedef struct golden {
    const char *path, *file, *pass;
    const char *text;         // of the whole file
    char *program;            // up to the line that says what is expected
    const char *expected;
    bool expect_error;
    ir_module *module;
    base_text actual;
} golden;

// Options.

// The rest of the line `// key: ...` among the leading comments, or NULL.
static const char *option(const golden *g, const char *key) {
    size_t n = strlen(key);
    for (const char *line = g->program; !strncmp(line, "//", 2); line += strcspn(line, "\n") + 1) {
        const char *word = line + 2 + strspn(line + 2, " ");
        if (!strncmp(word, key, n) && word[n] == ':') return word + n + 1;
        if (!line[strcspn(line, "\n")]) break;
    }
    return NULL;
}

static int64_t int_option(const golden *g, const char *key, int64_t otherwise) {
    const char *value = option(g, key);
    return value ? strtoll(value, NULL, 10) : otherwise;
}

// Fills in the numbers of a list, `missing` for `-`; false if there is no such option.
static bool list_option(const golden *g, const char *key, int64_t *out, uint32_t *n, int64_t missing) {
    const char *at = option(g, key);
    uint32_t room = *n;
    *n = 0;
    if (!at) return false;
    for (;;) {
        char *end;
        at += strspn(at, " ,");
        int64_t value = strtoll(at, &end, 10);
        if (end == at && *at != '-') return true;
        base_check(*n < room);
        out[(*n)++] = end == at ? missing : value;
        at = end == at ? at + 1 : end;
    }
}

static bool is_differentiable(const ir_type *type) {
    return ir_is_differentiable(type->dtype);
}

static bool is_any(const ir_type *type) {
    return type != NULL;
}

static bool is_none(const ir_type *type) {
    return type == NULL;
}

// A mask over the parameters: those that the option lists, or those that belong by default.
static bool *mask_option(golden *g, const ir_function *f, const char *key, bool (*belongs)(const ir_type *)) {
    bool *mask = base_new_array(g->actual.arena, bool, f->n_params + 1);
    int64_t *listed = base_new_array(g->actual.arena, int64_t, f->n_params + 1);
    uint32_t n = f->n_params + 1;
    if (!list_option(g, key, listed, &n, -1)) {
        for (uint32_t i = 0; i < f->n_params; i++) mask[i] = belongs(ir_param_type(f, i));
        return mask;
    }
    for (uint32_t i = 0; i < n; i++) {
        base_check(listed[i] >= 0 && listed[i] < f->n_params);
        mask[listed[i]] = true;
    }
    return mask;
}

// Passes.

static void show(golden *g, const char *heading, const ir_function *f) {
    base_text text = {.arena = g->actual.arena}, again = {.arena = g->actual.arena};
    ir_verify(f);
    ir_print(&text, f);
    const ir_function *parsed = ir_parse(g->module, "printed", base_text_get(&text));
    ir_print(&again, parsed);
    base_check(ir_equal(f, parsed));
    base_check(!strcmp(base_text_get(&text), base_text_get(&again)));
    if (g->actual.n) base_text_add(&g->actual, "\n");
    if (heading) base_text_printf(&g->actual, "// %s\n", heading);
    base_text_add(&g->actual, base_text_get(&text));
}

static void run_roundtrip(golden *g, const ir_function *f) {
    show(g, NULL, f);
}

static void run_inline(golden *g, const ir_function *f) {
    show(g, NULL, xf_inline(f));
}

static void run_recover(golden *g, const ir_function *f) {
    show(g, NULL, xf_recover_scans(f));
}

static void run_simplify(golden *g, const ir_function *f) {
    show(g, NULL, xf_simplify(f));
}

static void run_split(golden *g, const ir_function *f) {
    show(g, NULL, xf_split_complex(f));
}

static void run_jvp(golden *g, const ir_function *f) {
    show(g, NULL, xf_jvp(f, mask_option(g, f, "active", is_differentiable), NULL).function);
}

static void run_linearize(golden *g, const ir_function *f) {
    const bool *active = mask_option(g, f, "active", is_differentiable);
    xf_linear_result linearized = xf_linearize(f, active, NULL);
    show(g, "primal", linearized.primal);
    show(g, "linear", linearized.linear);
}

static void run_transpose(golden *g, const ir_function *f) {
    bool *has_ct = base_new_array(g->actual.arena, bool, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) has_ct[i] = is_differentiable(ir_result_type(f, i));
    const bool *linear = mask_option(g, f, "linear", is_differentiable);
    const bool *accumulate = mask_option(g, f, "accumulate", is_none);
    show(g, NULL, xf_transpose(f, linear, has_ct, accumulate, NULL).function);
}

static void run_vjp(golden *g, const ir_function *f) {
    show(g, NULL, xf_vjp(f, mask_option(g, f, "active", is_differentiable)));
}

static void run_grad(golden *g, const ir_function *f) {
    show(g, NULL, xf_grad(f, mask_option(g, f, "active", is_differentiable), int_option(g, "value", 0) != 0));
}

static void run_batch(golden *g, const ir_function *f) {
    const bool *batched = mask_option(g, f, "batched", is_any);
    show(g, NULL, xf_batch(f, batched, NULL, int_option(g, "size", 3), NULL).function);
}

static void run_vmap(golden *g, const ir_function *f) {
    int64_t *in_axes = base_new_array(g->actual.arena, int64_t, f->n_params + 1);
    int64_t *out_axes = base_new_array(g->actual.arena, int64_t, f->n_results + 1);
    uint32_t n_in = f->n_params, n_out = f->n_results;
    if (list_option(g, "in-axes", in_axes, &n_in, IR_UNMAPPED)) base_check(n_in == f->n_params);
    if (list_option(g, "out-axes", out_axes, &n_out, IR_UNMAPPED)) base_check(n_out == f->n_results);
    show(g, NULL, xf_vmap(f, in_axes, out_axes, int_option(g, "size", 3), NULL));
}

// A folder each.
static const struct pass {
    const char *name;
    void (*run)(golden *, const ir_function *);
} passes[] = {
    {"roundtrip", run_roundtrip}, {"inline", run_inline},       {"simplify", run_simplify},
    {"jvp", run_jvp},             {"linearize", run_linearize}, {"transpose", run_transpose},
    {"vjp", run_vjp},             {"grad", run_grad},           {"batch", run_batch},
    {"vmap", run_vmap},           {"split", run_split},         {"recover", run_recover},
};

static void run_pass(void *argument) {
    golden *g = argument;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
        if (!strcmp(passes[i].name, g->pass)) {
            passes[i].run(g, ir_parse(g->module, g->file, g->program));
            return;
        }
    base_raise(CV_INVALID, "there is no pass '%s'", g->pass);
}

// Files.

static char *read_file(base_arena *arena, const char *path) {
    FILE *stream = fopen(path, "rb");
    if (!stream) return NULL;
    base_text text = {.arena = arena};
    char piece[4096];
    size_t n;
    base_text_add(&text, "");
    while ((n = fread(piece, 1, sizeof piece, stream))) base_text_add_n(&text, piece, n);
    fclose(stream);
    return text.at;
}

// Cuts the text at its line `// expect`; false if there is none.
static bool split(golden *g) {
    for (const char *line = g->text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, "// expect", 9)) continue;
        size_t n = strcspn(line, "\n");
        g->expect_error = !strncmp(line, "// expect-error", n) && n == 15;
        if (!g->expect_error && n != 9) continue;
        g->program = base_arena_strdup(g->actual.arena, g->text);
        g->program[line - g->text] = 0;
        g->expected = line + n + (line[n] == '\n');
        return true;
    }
    return false;
}

static bool accept(const golden *g) {
    FILE *stream = fopen(g->path, "wb");
    if (!stream) return false;
    fwrite(g->text, 1, (size_t)(g->expected - g->text), stream);
    fputs(base_text_get(&g->actual), stream);
    return fclose(stream) == 0;
}

static size_t line_length(const char *line) {
    size_t n = strcspn(line, "\n");
    return n + (line[n] == '\n');
}

static void print_lines(const char *mark, const char *from, const char *to) {
    while (from < to) {
        size_t n = strcspn(from, "\n");
        printf("    %s%.*s\n", mark, (int)n, from);
        from += line_length(from);
    }
}

// The lines between the common first and last ones.
static void print_difference(const char *expected, const char *actual) {
    const char *e = expected, *a = actual;
    while (*e && *a && line_length(e) == line_length(a) && !memcmp(e, a, line_length(e))) {
        e += line_length(e);
        a += line_length(a);
    }
    const char *e_end = e + strlen(e), *a_end = a + strlen(a), *e_line = e_end, *a_line = a_end;
    while (e_end > e && a_end > a && e_end[-1] == a_end[-1]) {
        e_end--, a_end--;
        if (e_end == e || a_end == a || e_end[-1] == '\n') e_line = e_end, a_line = a_end;
    }
    print_lines("- ", e, e_line);
    print_lines("+ ", a, a_line);
}

static const char *last_part(char *path) {
    char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool report(const golden *g, const char *what) {
    printf("FAILED %s: %s\n", g->path, what);
    return false;
}

static bool judge(golden *g, const base_failure *failure) {
    if (failure->status) {
        if (!g->expect_error) return report(g, failure->message);
        g->actual.n = 0;
        base_text_printf(&g->actual, "%s\n", failure->message);
    } else if (g->expect_error) {
        return report(g, "an error was expected, and there is none");
    }
    if (!strcmp(g->expected, base_text_get(&g->actual))) return true;
    const char *accepting = getenv("COVECTOR_ACCEPT");
    if (accepting && !strcmp(accepting, "1")) {
        printf("accepted %s\n", g->path);
        return accept(g) || report(g, "it cannot be written");
    }
    report(g, "the text differs (- expected, + actual; COVECTOR_ACCEPT=1 accepts it)");
    print_difference(g->expected, base_text_get(&g->actual));
    return false;
}

typedef struct task {
    const char *path;
    base_arena arena;
    ir_module *module;
    bool passed;
} task;

static void run_task(void *argument) {
    task *t = argument;
    char *folder = base_arena_strdup(&t->arena, t->path);
    golden g = {.path = t->path, .file = last_part(folder), .actual.arena = &t->arena};
    if (g.file > folder) folder[g.file - folder - 1] = 0;
    g.pass = last_part(folder);
    g.text = read_file(&t->arena, t->path);
    g.module = t->module = ir_module_new();
    g.module->verify = true;
    if (!g.text) {
        report(&g, "it cannot be read");
    } else if (!split(&g)) {
        report(&g, "no line says what is expected");
    } else {
        base_failure failure;
        base_protect(run_pass, &g, &failure);
        t->passed = judge(&g, &failure);
    }
}

static bool run_file(const char *path) {
    task t = {.path = path};
    base_failure failure;
    if (base_protect(run_task, &t, &failure)) printf("FAILED %s: %s\n", path, failure.message);
    ir_module_free(t.module);
    base_arena_free(&t.arena);
    return t.passed;
}

static int is_program(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && !strcmp(dot, ".ir");
}

static void run_folder(const char *path, unsigned *n, unsigned *failed) {
    struct dirent **entries;
    int found = scandir(path, &entries, is_program, alphasort);
    for (int i = 0; i < found; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        *failed += !run_file(file);
        ++*n;
        free(entries[i]);
    }
    if (found >= 0) free(entries);
}

int main(int n_arguments, char **arguments) {
    unsigned n = 0, failed = 0;
    for (int i = 1; i < n_arguments; i++) {
        struct stat status;
        if (!stat(arguments[i], &status) && S_ISDIR(status.st_mode)) {
            run_folder(arguments[i], &n, &failed);
        } else {
            failed += !run_file(arguments[i]);
            n++;
        }
    }
    printf("%u programs, %u failed\n", n, failed);
    return failed || !n;
}
