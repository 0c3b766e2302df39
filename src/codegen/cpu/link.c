// One linker for the process (ORC's LLJIT over JITLink), made when it is first needed and kept.
//
// Each program has a table of symbols of its own, so that programs may use the same names, and a resource
// tracker that its code goes with. Tables cannot be removed, so they are used again. A program finds nothing
// of the process but what is listed here: what LLVM calls where an instruction is missing or a copy is long.
//
// COVECTOR_DEBUG_CODE=1 tells gdb of the code and writes /tmp/perf-<pid>.map, where perf looks for names.

#include "codegen/cpu/link.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/LLJITUtils.h>
#include <llvm-c/Object.h>
#include <llvm-c/Orc.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

typedef struct table {
    struct table *next; // free
    LLVMOrcJITDylibRef symbols;
} table;

struct cg_code {
    table *table;
    LLVMOrcResourceTrackerRef tracker;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of these
static LLVMOrcLLJITRef linker;
static table *free_tables;
static unsigned n_tables;

static bool wants_debugging(void) {
    const char *word = getenv("COVECTOR_DEBUG_CODE");
    return word && *word && strcmp(word, "0");
}

static void check(LLVMErrorRef error, const char *what) {
    if (!error) return;
    char *words = LLVMGetErrorMessage(error), text[512];
    snprintf(text, sizeof text, "%s", words);
    LLVMDisposeErrorMessage(words);
    base_raise(CV_INTERNAL, "LLVM: %s: %s", what, text);
}

// Tables

// LLVM makes a call of it where it takes no more than the sign of an f16 that was rounded from f64.
#ifdef __FLT16_MANT_DIG__
static _Float16 __truncdfhf2(double x) { return (_Float16)(float)x; }
#define HALF_ROWS ROW(__truncdfhf2),
#else
#define HALF_ROWS
#endif

static const struct {
    const char *name;
    void (*address)(void);
} process_symbols[] = {
#define ROW(name)                                                                                            \
    { #name, (void (*)(void))name }
    HALF_ROWS ROW(memcpy), ROW(memmove), ROW(memset), ROW(fma),    ROW(fmaf), ROW(floor), ROW(floorf),
    ROW(rint),   ROW(rintf),   ROW(trunc),  ROW(truncf), ROW(fmod), ROW(fmodf),
#undef ROW
};
enum { PROCESS_SYMBOLS = sizeof process_symbols / sizeof *process_symbols };

static LLVMErrorRef define_process_symbols(LLVMOrcExecutionSessionRef session, LLVMOrcJITDylibRef symbols) {
    LLVMOrcCSymbolMapPair pairs[PROCESS_SYMBOLS];
    LLVMJITSymbolFlags flags = {LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0};
    for (int i = 0; i < PROCESS_SYMBOLS; i++) {
        pairs[i].Name = LLVMOrcExecutionSessionIntern(session, process_symbols[i].name);
        pairs[i].Sym =
            (LLVMJITEvaluatedSymbol){(LLVMOrcExecutorAddress)(uintptr_t)process_symbols[i].address, flags};
    }
    return LLVMOrcJITDylibDefine(symbols, LLVMOrcAbsoluteSymbols(pairs, PROCESS_SYMBOLS));
}

static void ignore(void *unused, LLVMErrorRef error) {
    (void)unused;
    LLVMConsumeError(error); // who asked is told too
}

// Under the lock.
static LLVMErrorRef make_linker(void) {
    if (linker) return NULL;
    LLVMOrcLLJITRef made;
    LLVMErrorRef error = LLVMOrcCreateLLJIT(&made, NULL);
    if (error) return error;
    LLVMOrcExecutionSessionSetErrorReporter(LLVMOrcLLJITGetExecutionSession(made), ignore, NULL);
    linker = made;
    return wants_debugging() ? LLVMOrcLLJITEnableDebugSupport(made) : NULL;
}

// Under the lock.
static LLVMErrorRef new_table(table *t) {
    char name[32];
    LLVMErrorRef error = make_linker();
    if (error) return error;
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(linker);
    snprintf(name, sizeof name, "program %u", n_tables++);
    t->symbols = LLVMOrcExecutionSessionCreateBareJITDylib(session, name);
    return define_process_symbols(session, t->symbols);
}

static void give_table(table *t) {
    pthread_mutex_lock(&lock);
    t->next = free_tables;
    free_tables = t;
    pthread_mutex_unlock(&lock);
}

static table *take_table(void) {
    pthread_mutex_lock(&lock);
    table *t = free_tables;
    if (t) free_tables = t->next;
    pthread_mutex_unlock(&lock);
    if (t) return t;
    t = base_malloc(sizeof *t);
    *t = (table){.next = NULL};
    pthread_mutex_lock(&lock);
    LLVMErrorRef error = new_table(t);
    pthread_mutex_unlock(&lock);
    if (error) base_free(t); // its symbols, if there are any, stay
    check(error, "no table of symbols");
    return t;
}

// Looking up

typedef struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    LLVMErrorRef error;
    const char *const *names;
    uint64_t *addresses;
    size_t n;
} lookup;

static void receive(LLVMErrorRef error, LLVMOrcCSymbolMapPairs found, size_t n_found, void *argument) {
    lookup *l = argument;
    pthread_mutex_lock(&l->lock);
    l->error = error;
    for (size_t i = 0; !error && i < n_found; i++)
        for (size_t k = 0; k < l->n; k++)
            if (!strcmp(LLVMOrcSymbolStringPoolEntryStr(found[i].Name), l->names[k]))
                l->addresses[k] = found[i].Sym.Address;
    l->done = true;
    pthread_cond_signal(&l->answered);
    pthread_mutex_unlock(&l->lock);
}

// Links what defines the names, if that was not done yet.
static LLVMErrorRef find_addresses(LLVMOrcJITDylibRef symbols, const char *const *names, size_t n,
                                   uint64_t *addresses) {
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(linker);
    lookup l = {.names = names, .addresses = addresses, .n = n};
    pthread_mutex_init(&l.lock, NULL);
    pthread_cond_init(&l.answered, NULL);
    LLVMOrcCJITDylibSearchOrderElement order = {symbols, LLVMOrcJITDylibLookupFlagsMatchAllSymbols};
    LLVMOrcCLookupSetElement *set = base_malloc(sizeof *set * n);
    for (size_t i = 0; i < n; i++)
        set[i] = (LLVMOrcCLookupSetElement){LLVMOrcExecutionSessionIntern(session, names[i]),
                                            LLVMOrcSymbolLookupFlagsRequiredSymbol};
    LLVMOrcExecutionSessionLookup(session, LLVMOrcLookupKindStatic, &order, 1, set, n, receive, &l);
    base_free(set);
    pthread_mutex_lock(&l.lock);
    while (!l.done) pthread_cond_wait(&l.answered, &l.lock);
    pthread_mutex_unlock(&l.lock);
    pthread_cond_destroy(&l.answered);
    pthread_mutex_destroy(&l.lock);
    return l.error;
}

// Names for perf: every function of the objects, with its size. An object tells where in its section a function
// is, the linker where those are that other objects may call; one of these places the whole section.

typedef struct function {
    const char *name;
    uint64_t offset, size;
} function;
typedef base_vector(function) functions;

static void dispose_binary(void *binary) { LLVMDisposeBinary(binary); }
static void dispose_symbols(void *symbols) { LLVMDisposeSymbolIterator(symbols); }
static void dispose_sections(void *sections) { LLVMDisposeSectionIterator(sections); }

static void find_functions(base_arena *arena, LLVMMemoryBufferRef object, functions *found) {
    char *message = NULL;
    LLVMBinaryRef binary = LLVMCreateBinary(object, NULL, &message);
    if (message) LLVMDisposeMessage(message);
    if (!binary) return;
    base_defer(dispose_binary, binary);
    LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
    base_defer(dispose_symbols, symbol);
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    base_defer(dispose_sections, section);
    for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
        function f = {.size = LLVMGetSymbolSize(symbol)};
        if (!f.size) continue;
        LLVMMoveToContainingSection(section, symbol);
        const char *name = LLVMGetSectionName(section);
        if (!name || strcmp(name, ".text")) continue;
        f.name = base_format(arena, "%s", LLVMGetSymbolName(symbol));
        f.offset = LLVMGetSymbolAddress(symbol);
        base_push(arena, found, f);
    }
}

static void write_names(LLVMOrcJITDylibRef symbols, const functions *objects, uint32_t n_objects) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    FILE *file = fopen(path, "a");
    if (!file) return;
    for (uint32_t o = 0; o < n_objects; o++) {
        uint64_t address = 0, section = 0;
        for (uint32_t i = 0; i < objects[o].n && !section; i++) {
            const function *f = &objects[o].at[i];
            LLVMErrorRef error = find_addresses(symbols, &f->name, 1, &address);
            if (error) LLVMConsumeError(error); // called from its own object alone
            else section = address - f->offset;
        }
        for (uint32_t i = 0; i < objects[o].n && section; i++) {
            const function *f = &objects[o].at[i];
            fprintf(file, "%llx %llx %s\n", (unsigned long long)(section + f->offset),
                    (unsigned long long)f->size, f->name);
        }
    }
    fclose(file);
}

// Programs

void cg_cpu_unlink(cg_code *code) {
    if (!code) return;
    if (code->tracker) {
        LLVMErrorRef error = LLVMOrcResourceTrackerRemove(code->tracker);
        if (error) LLVMConsumeError(error);
        LLVMOrcReleaseResourceTracker(code->tracker);
    }
    if (code->table) give_table(code->table);
    base_free(code);
}

typedef struct linking {
    base_arena arena;
    cg_objects *objects;
    cg_code *code;
    uint64_t entry;
} linking;

static void link_objects(void *argument) {
    linking *l = argument;
    cg_code *code = l->code;
    bool debugging = wants_debugging();
    functions *found = debugging ? base_new_array(&l->arena, functions, l->objects->n + 1) : NULL;
    code->table = take_table();
    code->tracker = LLVMOrcJITDylibCreateResourceTracker(code->table->symbols);
    for (uint32_t i = 0; i < l->objects->n; i++) {
        LLVMMemoryBufferRef object = l->objects->at[i];
        if (debugging) find_functions(&l->arena, object, &found[i]);
        l->objects->at[i] = NULL; // the linker's from now on
        check(LLVMOrcLLJITAddObjectFileWithRT(linker, code->tracker, object), "an object is refused");
    }
    check(find_addresses(code->table->symbols, &l->objects->entry, 1, &l->entry),
          "the program cannot be linked");
    base_check(l->entry);
    if (debugging) write_names(code->table->symbols, found, l->objects->n);
}

cg_code *cg_cpu_link(cg_objects *objects, cg_entry **entry) {
    base_failure failure;
    linking l = {.objects = objects, .code = base_malloc(sizeof *l.code)};
    *l.code = (cg_code){.table = NULL};
    cv_status status = base_protect(link_objects, &l, &failure);
    base_arena_free(&l.arena);
    if (status) {
        cg_cpu_unlink(l.code);
        base_raise_again(&failure);
    }
    *entry = (cg_entry *)(uintptr_t)l.entry;
    return l.code;
}
