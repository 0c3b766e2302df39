// In: a program that is about to be compiled. Out: a file with its text, where COVECTOR_DUMP names a folder.
//
// FOLDER/<number>-<name>.cv, in the order in which programs are compiled by this process; `covector print`,
// `run` and `bench` take them. So one sees what the library makes of a program that uses it, without changing
// it. Operations outside functions are programs too. A folder that cannot be written to is an error of
// the call.

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/trace.h"

static void close_file(void *file) { fclose(file); }

void tr_dump(base_arena *arena, const ir_function *f) {
    static _Atomic unsigned dumped;
    const char *folder = getenv("COVECTOR_DUMP");
    if (!folder || !*folder) return;
    base_text path = {.arena = arena}, text = {.arena = arena};
    base_text_printf(&path, "%s/%06u-", folder, atomic_fetch_add(&dumped, 1));
    for (const char *name = f->name; *name; name++) // a file in this folder, whatever its name
        base_text_printf(&path, "%c", *name == '/' ? '_' : *name);
    base_text_add(&path, ".cv");
    ir_print(&text, f);
    const char *words = base_text_get(&text);
    FILE *file = fopen(base_text_get(&path), "w");
    if (file) base_defer(close_file, file);
    if (!file || fputs(words, file) < 0 || fflush(file))
        base_raise(CV_IO, "COVECTOR_DUMP: %s cannot be written: %s", base_text_get(&path), strerror(errno));
}
