// In: StableHLO text, or a file of it. Out: a function value.
//
// The node of an imported function holds its program; it is found again by the text and the names, as other
// nodes are by their callback, so that importing a model twice compiles it once. Its entries are calls of the
// program (program.c). Loops that are counted are scans from the start.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "covector/import.h"
#include "ir/stablehlo/stablehlo.h"
#include "trace/trace.h"
#include "transforms/transforms.h"

typedef struct importing {
    const char *text, *path;
    cv_import_options options;
    base_arena arena;
    cv_fn out;
} importing;

static void free_arena(void *arena) { base_arena_free(arena); }

static void close_file(void *file) { fclose(file); }

static const char *read_file(importing *a) {
    if (!a->path) base_raise(CV_INVALID, "the path is NULL");
    FILE *file = fopen(a->path, "rb");
    if (!file) base_raise(CV_IO, "%s: cannot be opened: %s", a->path, strerror(errno));
    base_defer(close_file, file);
    base_text text = {.arena = &a->arena};
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;) {
        if (memchr(buffer, 0, n)) base_raise(CV_INVALID, "%s: not a text", a->path);
        base_text_add_n(&text, buffer, n);
    }
    if (ferror(file)) base_raise(CV_IO, "%s: cannot be read: %s", a->path, strerror(errno));
    return base_text_get(&text);
}

static void import(void *argument) {
    importing *a = argument;
    const cv_import_options *o = &a->options;
    cv_context *c = tr_context();
    base_defer(free_arena, &a->arena);
    if (a->path || !a->text) a->text = read_file(a);
    const char *file = o->file ? o->file : a->path ? a->path : "module";
    if (!ir_is_stablehlo(a->text))
        base_raise(CV_INVALID, "%s:1:1: this is not the text of an MLIR module", file);
    const ir_function *f = xf_recover_scans(ir_import_stablehlo(c->module, file, a->text, o->entry));
    // What the function depends on: the text, the entry, and the file that messages name.
    base_text key = {.arena = &a->arena};
    const char *const parts[] = {file, o->entry ? o->entry : "", a->text};
    for (int i = 0; i < 3; i++) base_text_add_n(&key, parts[i], strlen(parts[i]) + 1);
    a->out = tr_imported(c, f, o->name ? ir_name(c->module, o->name) : f->name, key.at, key.n);
}

cv_fn cv_import_at(const char *text, cv_import_options options, cv_here here) {
    importing a = {.text = text ? text : "", .options = options, .out = TR_POISON_FN};
    tr_enter("cv_import", here, import, &a);
    return a.out;
}

cv_fn cv_import_file_at(const char *path, cv_import_options options, cv_here here) {
    importing a = {.path = path, .options = options, .out = TR_POISON_FN};
    tr_enter("cv_import_file", here, import, &a);
    return a.out;
}
