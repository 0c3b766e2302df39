// The folders of src/ are a pipeline, and each includes only from itself and from those before it.
// Public headers may be included from everywhere and include nothing inside. LLVM is seen by the
// two folders that emit code, and by nothing else.
//
// COVECTOR_SOURCE names the root of the source tree.

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static const char *const layers[] = {"base", "ir", "transforms", "codegen", "runtime", "trace"};
enum { N_LAYERS = sizeof layers / sizeof *layers, PATH = 4096 };

static unsigned n_files, n_includes, n_faults;

// The layer that a path begins with, or N_LAYERS.
static int layer_of(const char *path) {
    size_t n = strcspn(path, "/");
    int layer = 0;
    while (layer < N_LAYERS && (strlen(layers[layer]) != n || strncmp(layers[layer], path, n))) layer++;
    return path[n] == '/' ? layer : N_LAYERS;
}

static bool begins_with(const char *text, const char *prefix) {
    return !strncmp(text, prefix, strlen(prefix));
}

static bool may_see_llvm(const char *file) {
    return begins_with(file, "src/codegen/llvm/") || begins_with(file, "src/codegen/cpu/") ||
           begins_with(file, "src/codegen/gpu/");
}

// Why the file (from the root on) may not include this, or NULL.
static const char *objection(const char *file, const char *included, bool quoted) {
    if (begins_with(included, "llvm") || begins_with(included, "clang") ||
        begins_with(included, "codegen/llvm/"))
        return may_see_llvm(file) ? NULL : "only codegen/llvm, codegen/cpu and codegen/gpu see LLVM";
    if (begins_with(included, "covector/")) return NULL;
    if (!quoted) return NULL;
    if (!begins_with(file, "src/")) return "a public header includes what is inside";
    int from = layer_of(file + strlen("src/")), to = layer_of(included);
    if (from == N_LAYERS) return "its folder is none of the pipeline";
    if (to == N_LAYERS) return "the included path does not begin with a folder of the pipeline";
    return to > from ? "the included folder comes later in the pipeline" : NULL;
}

static void check_line(const char *file, unsigned number, const char *line) {
    line += strspn(line, " \t");
    if (*line++ != '#') return;
    line += strspn(line, " \t");
    if (!begins_with(line, "include")) return;
    line += strlen("include");
    line += strspn(line, " \t");
    if (*line != '"' && *line != '<') return;
    char included[PATH];
    snprintf(included, sizeof included, "%.*s", (int)strcspn(line + 1, "\">\n"), line + 1);
    n_includes++;
    const char *why = objection(file, included, *line == '"');
    if (!why) return;
    n_faults++;
    print_error("%s:%u: %s: %s\n", file, number, included, why);
}

static void check_file(const char *root, const char *file) {
    char path[2 * PATH], line[PATH];
    snprintf(path, sizeof path, "%s/%s", root, file);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    for (unsigned number = 1; fgets(line, sizeof line, stream); number++) check_line(file, number, line);
    fclose(stream);
    n_files++;
}

static bool is_source(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h") || !strcmp(dot, ".def") || !strcmp(dot, ".inc"));
}

// Folders are few levels deep, so this recursion is too.
static void check_folder(const char *root, const char *folder) {
    char path[2 * PATH], below[PATH];
    snprintf(path, sizeof path, "%s/%s", root, folder);
    DIR *entries = opendir(path);
    if (!entries) return;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (entry->d_name[0] == '.') continue;
        struct stat status;
        int n = snprintf(below, sizeof below, "%s/%s", folder, entry->d_name);
        assert_true(n > 0 && n < PATH);
        snprintf(path, sizeof path, "%s/%s", root, below);
        assert_int_equal(stat(path, &status), 0);
        if (S_ISDIR(status.st_mode)) check_folder(root, below);
        else if (is_source(entry->d_name)) check_file(root, below);
    }
    closedir(entries);
}

static void test_rules_are_those_of_the_pipeline(void **state) {
    (void)state;
    assert_null(objection("src/ir/print.c", "ir/program.h", true));
    assert_null(objection("src/trace/value.c", "base/memory.h", true));
    assert_null(objection("src/base/error.h", "covector/status.h", true));
    assert_null(objection("src/base/hash.c", "xxhash.h", false));
    assert_null(objection("src/codegen/cpu/emit.c", "llvm-c/Core.h", false));
    assert_non_null(objection("src/codegen/compile.c", "llvm-c/Core.h", false));
    assert_null(objection("src/codegen/gpu/emit.c", "codegen/llvm/math.h", true));
    assert_non_null(objection("src/codegen/compile.c", "codegen/llvm/math.h", true));
    assert_non_null(objection("src/base/memory.c", "ir/type.h", true));
    assert_non_null(objection("src/ir/primitives/control.c", "transforms/transforms.h", true));
    assert_non_null(objection("src/ir/print.c", "program.h", true));
    assert_non_null(objection("src/odd/file.c", "base/memory.h", true));
    assert_non_null(objection("include/covector/value.h", "ir/type.h", true));
}

static void test_includes_follow_the_pipeline(void **state) {
    (void)state;
    const char *root = getenv("COVECTOR_SOURCE");
    if (!root) fail_msg("COVECTOR_SOURCE does not name the source tree");
    check_folder(root, "src");
    check_folder(root, "include");
    assert_true(n_files > 20 && n_includes > 50);
    assert_int_equal(n_faults, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_are_those_of_the_pipeline),
        cmocka_unit_test(test_includes_follow_the_pipeline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
