// Hostile text: the reader of StableHLO, or, with FUZZ_PROGRAM, the parser of our own programs.
//
// In: any bytes. What must hold: no crash, no hang, no memory beyond what the text is worth; a text is refused
// with a message or gives a program that the verifier accepts, whose own text gives the same program again.
//
// With -fsanitize=fuzzer (scripts/fuzz.sh) this is a libFuzzer target. With FUZZ_REPLAY it has a main that runs the
// files and folders that it is given: the corpus, as a test.

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "ir/program.h"
#ifndef FUZZ_PROGRAM
#include "ir/stablehlo/stablehlo.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct job {
    const char *text;
    ir_module *module;
    base_arena arena;
    bool read; // the text was accepted
} job;

static const ir_function *read_text(const job *j) {
#ifdef FUZZ_PROGRAM
    return ir_parse(j->module, "fuzz", j->text);
#else
    return ir_import_stablehlo(j->module, "fuzz", j->text, NULL);
#endif
}

static void run(void *argument) {
    job *j = argument;
    const ir_function *f = read_text(j);
    j->read = true;
    ir_verify(f);
    base_text first = {.arena = &j->arena}, second = {.arena = &j->arena};
    ir_print(&first, f);
    if (first.n > 100000) return; // read again, it would only take time
    ir_print(&second, ir_parse(j->module, "printed", base_text_get(&first)));
    if (strcmp(base_text_get(&first), base_text_get(&second)))
        base_raise(CV_INTERNAL, "printed and read again it is another program");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    job j = {.text = NULL};
    base_failure failure;
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    j.text = text;
    j.module = ir_module_new();
    cv_status status = base_protect(run, &j, &failure);
    // Refused text is the user's mistake; anything after that is ours.
    if (status == CV_INTERNAL || (status && j.read)) {
        fprintf(stderr, "%s\n", failure.message);
        abort();
    }
    base_arena_free(&j.arena);
    ir_module_free(j.module);
    free(text);
    return 0;
}

#ifdef FUZZ_REPLAY
#include <dirent.h>

static int files;

static void replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) exit(1);
    long size = ftell(file);
    uint8_t *data = malloc((size_t)size + 1);
    rewind(file);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) exit(1);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    files++;
}

int main(int n, char **paths) {
    for (int i = 1; i < n; i++) {
        DIR *folder = opendir(paths[i]);
        if (!folder) return 1;
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", paths[i], entry->d_name);
            if (*entry->d_name != '.') replay(path);
        }
        closedir(folder);
    }
    printf("%d texts, none of them a fault\n", files);
    return files == 0;
}
#endif
