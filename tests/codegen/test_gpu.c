// GPU kernels without a GPU: the LLVM code that PTX is made of runs on the CPU, thread by thread, and must
// give what the evaluator of kernels gives.
//
// The intrinsics of the target become calls. Each thread of a block has a stack of its own and runs until
// its next shuffle or barrier. A warp goes on when all its threads stand at the same shuffle, a block when
// all stand at a barrier; anything else is an error, as it would be on the GPU. Threads run in rising order
// and, once more, in falling order: what a barrier is missing for comes out differently. Shared memory begins
// as garbage, and behind each buffer stands a margin that must not change.
//
//     test_gpu [first seed] [how many programs]

#define _GNU_SOURCE
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <llvm-c/Core.h>
#include <llvm-c/ExecutionEngine.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>

#include "../random/random.h"
#include "base/error.h"
#include "codegen/gpu/module.h"
#include "codegen/kernel_nodes.h"
#include "gpu_programs.h"
#include "transforms/transforms.h"

// ---- a block of threads --------------------------------------------------------------------------

enum { MOST_THREADS = 1024, STACK = 256 << 10, MARGIN = 64 };
typedef enum event { RUNS, SHUFFLES, WAITS, ENDS } event;

static struct block {
    ucontext_t scheduler;
    struct thread {
        ucontext_t context;
        event event;
        uint32_t value, distance; // of a shuffle
    } threads[MOST_THREADS];
    char *stacks;
    uint32_t n, current;
    int32_t number;
    void (*entry)(void *const *buffers);
    void *const *buffers;
} block;

static void leave(event met) {
    struct thread *t = &block.threads[block.current];
    t->event = met;
    swapcontext(&t->context, &block.scheduler);
}

static int32_t thread_number(void) { return (int32_t)block.current; }
static int32_t block_number(void) { return block.number; }
static void barrier(void) { leave(WAITS); }
static void numbered_barrier(int32_t number) {
    (void)number;
    leave(WAITS);
}

static int32_t shuffle(int32_t mask, int32_t value, int32_t distance, int32_t clamp) {
    struct thread *t = &block.threads[block.current];
    if (mask != -1 || clamp != 31) leave(ENDS); // none of the shuffles that kernels are made of
    t->value = (uint32_t)value;
    t->distance = (uint32_t)distance;
    leave(SHUFFLES);
    return (int32_t)t->value;
}

static void run_thread(void) {
    block.entry(block.buffers);
    leave(ENDS);
}

static void start_thread(uint32_t number) {
    struct thread *t = &block.threads[number];
    getcontext(&t->context);
    t->context.uc_stack.ss_sp = block.stacks + (size_t)number * STACK;
    t->context.uc_stack.ss_size = STACK;
    t->context.uc_link = NULL;
    t->event = RUNS;
    makecontext(&t->context, run_thread, 0);
}

static event resume(uint32_t number) {
    block.current = number;
    swapcontext(&block.scheduler, &block.threads[number].context);
    return block.threads[number].event;
}

// Runs a warp until all its threads wait or all have ended.
static event run_warp(uint32_t first, bool falling) {
    uint32_t n = block.n - first < 32 ? block.n - first : 32;
    for (;;) {
        struct thread *t = &block.threads[first];
        uint32_t values[32];
        for (uint32_t i = 0; i < n; i++) resume(first + (falling ? n - 1 - i : i));
        for (uint32_t i = 1; i < n; i++)
            if (t[i].event != t->event || (t->event == SHUFFLES && t[i].distance != t->distance))
                base_raise(CV_INTERNAL, "the threads of a warp meet at different places");
        if (t->event != SHUFFLES) return t->event;
        if (n < 32) base_raise(CV_INTERNAL, "a shuffle of less than a warp");
        for (uint32_t i = 0; i < n; i++) values[i] = t[i].value;
        for (uint32_t i = 0; i < n; i++) t[i].value = values[i ^ t->distance];
    }
}

static void run_block(bool falling) {
    uint32_t warps = (block.n + 31) / 32;
    for (uint32_t i = 0; i < block.n; i++) start_thread(i);
    for (event all = WAITS; all == WAITS;)
        for (uint32_t w = 0; w < warps; w++) {
            event met = run_warp((falling ? warps - 1 - w : w) * 32, falling);
            if (w && met != all) base_raise(CV_INTERNAL, "not all threads come to a barrier");
            all = met;
        }
}

// ---- the module on the CPU -----------------------------------------------------------------------

static const struct replacement {
    const char *name;
    void *function;
} replacements[] = {
    {"llvm.nvvm.read.ptx.sreg.tid.x", (void *)thread_number},
    {"llvm.nvvm.read.ptx.sreg.ctaid.x", (void *)block_number},
    {"llvm.nvvm.barrier0", (void *)barrier},
    {"llvm.nvvm.barrier.cta.sync.aligned.all", (void *)numbered_barrier},
    {"llvm.nvvm.shfl.sync.bfly.i32", (void *)shuffle},
};
enum { REPLACEMENTS = sizeof replacements / sizeof *replacements };

typedef struct emulation {
    LLVMExecutionEngineRef engine;
    LLVMModuleRef module;
    LLVMValueRef replaced[REPLACEMENTS];
} emulation;

static void dispose_engine(void *argument) {
    emulation *m = argument;
    LLVMRemoveModule(m->engine, m->module, &m->module, &(char *){NULL}); // it belongs to the code generator
    LLVMDisposeExecutionEngine(m->engine);
}

// `void <symbol>_run(ptr buffers)` calls the entry with the pointers that are there.
static void add_caller(LLVMModuleRef module, LLVMContextRef context, const char *symbol, uint32_t n) {
    LLVMValueRef entry = LLVMGetNamedFunction(module, symbol), args[512];
    LLVMTypeRef pointer = LLVMPointerTypeInContext(context, 0), global = LLVMPointerTypeInContext(context, 1);
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(context), &pointer, 1, false);
    char name[256];
    snprintf(name, sizeof name, "%s_run", symbol);
    base_check(n <= 512);
    LLVMValueRef caller = LLVMAddFunction(module, name, type);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(context, caller, ""));
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef at = LLVMConstInt(LLVMInt64TypeInContext(context), i, false);
        args[i] =
            LLVMBuildLoad2(b, global, LLVMBuildGEP2(b, pointer, LLVMGetParam(caller, 0), &at, 1, ""), "");
    }
    LLVMSetFunctionCallConv(entry, LLVMCCallConv);
    LLVMBuildCall2(b, LLVMGlobalGetValueType(entry), entry, args, n, "");
    LLVMBuildRetVoid(b);
    LLVMDisposeBuilder(b);
}

static void replace_intrinsics(emulation *m) {
    for (int i = 0; i < REPLACEMENTS; i++) {
        LLVMValueRef old = LLVMGetNamedFunction(m->module, replacements[i].name);
        if (!old) continue;
        char name[32];
        snprintf(name, sizeof name, "emulated_%d", i);
        m->replaced[i] = LLVMAddFunction(m->module, name, LLVMGlobalGetValueType(old));
        LLVMReplaceAllUsesWith(old, m->replaced[i]);
        LLVMDeleteFunction(old);
    }
    for (LLVMValueRef g = LLVMGetFirstGlobal(m->module); g; g = LLVMGetNextGlobal(g)) {
        LLVMSetLinkage(g, LLVMExternalLinkage); // shared memory, so that its address can be found
        if (!LLVMIsDeclaration(g)) continue;
        base_raise(CV_UNSUPPORTED, "shared memory of the launch is not emulated");
    }
}

static emulation *emulation_new(base_arena *arena, const cg_gpu_module *made, const cg_plan *plan) {
    emulation *m = base_new(arena, emulation);
    char *message = NULL, *triple = LLVMGetDefaultTargetTriple();
    m->module = made->module;
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        uint32_t n = plan->kernels.at[i]->buffers.n;
        add_caller(m->module, made->context, made->bodies[i].symbol, n);
        if (made->finishes[i].symbol) add_caller(m->module, made->context, made->finishes[i].symbol, n);
    }
    replace_intrinsics(m);
    LLVMSetTarget(m->module, triple);
    LLVMDisposeMessage(triple);
    LLVMSetDataLayout(m->module, "");
    struct LLVMMCJITCompilerOptions options;
    LLVMInitializeMCJITCompilerOptions(&options, sizeof options);
    options.CodeModel = LLVMCodeModelLarge;
    if (LLVMCreateMCJITCompilerForModule(&m->engine, m->module, &options, sizeof options, &message))
        base_raise(CV_INTERNAL, "%s", message);
    base_defer(dispose_engine, m);
    for (int i = 0; i < REPLACEMENTS; i++)
        if (m->replaced[i]) LLVMAddGlobalMapping(m->engine, m->replaced[i], replacements[i].function);
    return m;
}

static void launch(const emulation *m, const cg_gpu_entry *entry, void *const *buffers, bool falling) {
    char name[256];
    const cg_gpu_schedule *s = &entry->schedule;
    if (!entry->symbol) return;
    snprintf(name, sizeof name, "%s_run", entry->symbol);
    uint64_t code = LLVMGetFunctionAddress(m->engine, name), shared = 0;
    base_check(code);
    snprintf(name, sizeof name, "%s_shared", entry->symbol);
    LLVMValueRef memory = LLVMGetNamedGlobal(m->module, name);
    if (memory) shared = LLVMGetGlobalValueAddress(m->engine, name);
    block.entry = (void (*)(void *const *))(uintptr_t)code;
    block.buffers = buffers;
    block.n = s->across * s->along;
    for (int64_t i = 0; i < s->blocks; i++) {
        block.number = (int32_t)(falling ? s->blocks - 1 - i : i);
        if (shared)
            memset((void *)(uintptr_t)shared, 0xff, LLVMGetArrayLength2(LLVMGlobalGetValueType(memory)));
        run_block(falling);
    }
}

// ---- one plan ------------------------------------------------------------------------------------

typedef struct job {
    ir_module *module;
    uint64_t seed;
    const char *name, *text; // or NULL: a random program
    const char *transform;   // "", "vjp", "batch"
    base_arena arena;
    uint32_t mapped[3]; // kernels counted: threads, rows, columns
} job;

typedef struct memory {
    void **buffers;
} memory;

static memory allocate(base_arena *arena, ir_module *module, const cg_kernel *k, uint64_t seed) {
    memory m = {base_new_array(arena, void *, k->buffers.n + 1)};
    for (uint32_t i = 0; i < k->buffers.n; i++) {
        const cg_buffer *b = &k->buffers.at[i];
        size_t bytes = (size_t)b->count * cv_dtype_size(b->dtype);
        const ir_type *type = ir_type_get(module, b->dtype, 1, &b->count);
        m.buffers[i] = base_arena_alloc(arena, bytes + MARGIN);
        rp_fill(&(ir_array){type, m.buffers[i]}, &seed);
        memset((char *)m.buffers[i] + bytes, 0xa5, MARGIN);
    }
    return m;
}

static bool close_enough(double a, double b, cv_dtype dtype, double scale) {
    if (a == b || (isnan(a) && isnan(b))) return true;
    double tolerance = dtype == CV_BF16  ? 0x1p-6
                       : dtype == CV_F16 ? 0x1p-9
                       : dtype == CV_F32 ? 1e-4
                                         : 1e-6; // f64 may come from f32
    return ir_is_float(dtype) && fabs(a - b) <= tolerance * fmax(scale, 1);
}

static double element(const void *data, cv_dtype dtype, int64_t at) {
    union ir_scalar value = {0};
    memcpy(&value, (const char *)data + (size_t)at * cv_dtype_size(dtype), cv_dtype_size(dtype));
    return dtype == CV_BOOL ? value.boolean : ir_scalar_to_double(&value, dtype);
}

static void compare(const cg_kernel *k, const memory *got, const memory *want, const char *order) {
    for (uint32_t i = 0; i < k->buffers.n; i++) {
        const cg_buffer *b = &k->buffers.at[i];
        size_t bytes = (size_t)b->count * cv_dtype_size(b->dtype);
        double scale = 0;
        for (size_t m = 0; m < MARGIN; m++)
            if (((unsigned char *)got->buffers[i])[bytes + m] != 0xa5)
                base_raise(CV_INTERNAL, "%s: written behind b%u", k->name, i);
        for (int64_t at = 0; at < b->count; at++) {
            double y = element(want->buffers[i], b->dtype, at);
            if (isfinite(y)) scale = fmax(scale, fabs(y));
        }
        for (int64_t at = 0; at < b->count; at++) {
            double x = element(got->buffers[i], b->dtype, at), y = element(want->buffers[i], b->dtype, at);
            if (!close_enough(x, y, b->dtype, scale))
                base_raise(CV_INTERNAL, "%s, %s order: b%u[%lld] is %.9g, not %.9g", k->name, order, i,
                           (long long)at, x, y);
        }
    }
}

// Random memory may make a while run for ever.
static bool has_while(const cg_block *statements) {
    for (uint32_t i = 0; i < statements->n; i++)
        if (statements->at[i]->kind == CG_WHILE || has_while(&statements->at[i]->body)) return true;
    return false;
}

static void free_arena(void *argument) { base_arena_free(argument); }

static const ir_function *transformed(const job *j, const ir_function *f, base_arena *arena) {
    bool *mask = base_new_array(arena, bool, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++)
        mask[i] = j->transform[0] == 'v' ? ir_is_float(f->types[i]->dtype) : (j->seed + i) % 3 != 0;
    if (j->transform[0] == 'v') return xf_vjp(f, mask);
    return j->transform[0] == 'b' ? xf_batch(f, mask, NULL, 5, NULL).function : f;
}

static void check(void *argument) {
    job *j = argument;
    base_arena *arena = &j->arena;
    base_defer(free_arena, arena);
    uint64_t state = j->seed;
    const ir_function *f =
        j->text ? ir_parse(j->module, j->name, j->text) : rp_generate(j->module, &state, NULL);
    cg_plan *plan = cg_plan_new(arena, xf_lower(transformed(j, f, arena)));
    memory *want = base_new_array(arena, memory, plan->kernels.n + 1);
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        const cg_kernel *k = plan->kernels.at[i];
        if (has_while(&k->body) && !j->text) continue;
        want[i] = allocate(arena, j->module, k, j->seed + i);
        cg_kernel_evaluate(k, want[i].buffers);
    }
    const cg_gpu_module *made = cg_gpu_module_new(arena, plan);
    emulation *m = emulation_new(arena, made, plan);
    for (uint32_t i = 0; i < plan->kernels.n; i++) {
        const cg_kernel *k = plan->kernels.at[i];
        const cg_gpu_schedule *s = &made->bodies[i].schedule;
        j->mapped[s->along == 1 ? 0 : s->across == 1 ? 1 : 2]++;
        for (int falling = 0; falling < 2 && want[i].buffers; falling++) {
            memory got = allocate(arena, j->module, k, j->seed + i);
            launch(m, &made->bodies[i], got.buffers, falling);
            launch(m, &made->finishes[i], got.buffers, falling);
            compare(k, &got, &want[i], falling ? "falling" : "rising");
        }
    }
}

static int failures, passed, skipped;
static uint32_t mapped[3];

static void run(job *j) {
    base_failure failure;
    cv_status status = base_protect(check, j, &failure);
    for (int i = 0; i < 3; i++) mapped[i] += j->mapped[i];
    if (status == CV_OK)
        passed++;
    else if (status == CV_UNSUPPORTED)
        skipped++;
    else {
        failures++;
        printf("FAILED %s %llu %s: %s\n", j->text ? j->name : "seed", (unsigned long long)j->seed,
               j->transform, failure.message);
    }
}

static void run_goldens(ir_module *module, const char *source) {
    static const char *const folders[] = {"roundtrip", "simplify", "inline", "grad", "vjp", "vmap"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char folder[512], path[800];
        static char text[1 << 16];
        snprintf(folder, sizeof folder, "%s/tests/ir/%s", source, folders[i]);
        DIR *directory = opendir(folder);
        for (struct dirent *entry; directory && (entry = readdir(directory));) {
            if (!strstr(entry->d_name, ".ir") || strstr(entry->d_name, "error")) continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            FILE *file = fopen(path, "rb");
            if (!file) continue;
            text[fread(text, 1, sizeof text - 1, file)] = 0;
            fclose(file);
            char *end = strstr(text, "\n// expect");
            if (end) end[1] = 0;
            if (!strstr(text, "while"))
                run(&(job){.module = module, .seed = 7, .name = path, .text = text, .transform = ""});
        }
        if (directory) closedir(directory);
    }
}

int main(int n, char **words) {
    uint64_t first = n > 1 ? strtoull(words[1], NULL, 10) : 1,
             programs = n > 2 ? strtoull(words[2], NULL, 10) : 40;
    const char *source = getenv("COVECTOR_SOURCE");
    LLVMLinkInMCJIT();
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    block.stacks =
        mmap(NULL, (size_t)MOST_THREADS * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block.stacks == MAP_FAILED) return 1;
    ir_module *module = ir_module_new();
    module->verify = true;
    for (size_t i = 0; i < sizeof small_programs / sizeof *small_programs; i++) {
        const gpu_program *p = &small_programs[i];
        run(&(job){.module = module, .seed = 1, .name = p->name, .text = p->text, .transform = ""});
        if (p->differentiable)
            run(&(job){.module = module, .seed = 1, .name = p->name, .text = p->text, .transform = "vjp"});
    }
    if (source) run_goldens(module, source);
    static const char *const transforms[] = {"", "vjp", "batch"};
    for (uint64_t seed = first; seed < first + programs; seed++)
        for (int t = 0; t < 3; t++) run(&(job){.module = module, .seed = seed, .transform = transforms[t]});
    ir_module_free(module);
    munmap(block.stacks, (size_t)MOST_THREADS * STACK);
    printf("GPU kernels: %d programs agree with the evaluator, %d skipped, %d failed; a thread, a block, a "
           "column of threads "
           "for each iteration: %u, %u, %u\n",
           passed, skipped, failures, mapped[0], mapped[1], mapped[2]);
    return failures != 0 || !mapped[0] || !mapped[1] || !mapped[2];
}
