// Runs hand-built kernels as machine code, on buffers that end (or begin) at a page without access.
#ifndef TESTS_KERNEL_RUNS_H
#define TESTS_KERNEL_RUNS_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>

#include "base/error.h"
#include "codegen/cpu/target.h"
#include "codegen/program.h"
#include "codegen/schedule.h"

typedef struct kernel_code {
    LLVMOrcLLJITRef jit;
    LLVMContextRef context;
    LLVMModuleRef module;
    cg_kernel_code *run;
    int32_t (*finish)(void *const *buffers);
} kernel_code;

static inline kernel_code compile_kernel(const cg_target *target, const cg_kernel *k, cg_emit_options options) {
    kernel_code c = {.context = LLVMContextCreate()};
    options.fma = target->fma;
    options.f16 = target->f16;
    c.module = cg_target_module(target, c.context, k->name);
    cg_emit_kernel(c.module, k, "kernel", &options);
    char *message = NULL;
    if (LLVMVerifyModule(c.module, LLVMReturnStatusAction, &message)) {
        char *text = LLVMPrintModuleToString(c.module);
        fprintf(stderr, "%s\n%s\n", text, message);
        LLVMDisposeMessage(text);
        base_raise(CV_INTERNAL, "the module of %s is broken", k->name);
    }
    LLVMDisposeMessage(message);
    cg_target_optimize(target, c.module);
    base_check(!LLVMOrcCreateLLJIT(&c.jit, NULL));
    base_check(!LLVMOrcLLJITAddObjectFile(c.jit, LLVMOrcLLJITGetMainJITDylib(c.jit), cg_target_object(target, c.module, false)));
    LLVMOrcExecutorAddress run, finish = 0;
    base_check(!LLVMOrcLLJITLookup(c.jit, &run, "kernel"));
    if (k->finish.n) base_check(!LLVMOrcLLJITLookup(c.jit, &finish, "kernel_finish"));
    c.run = (cg_kernel_code *)(uintptr_t)run;
    c.finish = (int32_t (*)(void *const *))(uintptr_t)finish;
    return c;
}

static inline void free_kernel_code(kernel_code *c) {
    LLVMOrcDisposeLLJIT(c->jit);
    LLVMDisposeModule(c->module);
    LLVMContextDispose(c->context);
}

// All iterations in pieces of `piece`, last first if `backwards`; 0: in one.
static inline int32_t run_kernel(const kernel_code *c, const cg_kernel *k, void *const *buffers, int64_t piece, bool backwards) {
    int64_t n = cg_schedule_iterations(k);
    if (!piece) piece = n ? n : 1;
    int64_t pieces = (n + piece - 1) / piece;
    for (int64_t i = 0; i < pieces; i++) {
        int64_t at = (backwards ? pieces - 1 - i : i) * piece;
        int32_t status = c->run(buffers, at, at + piece < n ? at + piece : n);
        if (status) return status;
    }
    return c->finish ? c->finish(buffers) : 0;
}

// Memory between two pages without access: flush with the upper one, or with the lower one. `alignment` leaves
// a gap before the upper one.
typedef struct guarded {
    char *pages, *at;
    size_t size, mapped;
} guarded;

static inline guarded new_guarded(size_t size, bool low, size_t alignment) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + alignment - 1) / alignment * alignment;
    size_t inside = (size + page - 1) / page * page;
    if (!inside) inside = page;
    guarded g = {.size = size, .mapped = inside + 2 * page};
    g.pages = mmap(NULL, g.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base_check(g.pages != MAP_FAILED);
    mprotect(g.pages, page, PROT_NONE);
    mprotect(g.pages + page + inside, page, PROT_NONE);
    g.at = low ? g.pages + page : g.pages + page + inside - room;
    return g;
}

static inline void free_guarded(guarded *g) { munmap(g->pages, g->mapped); }

#endif
