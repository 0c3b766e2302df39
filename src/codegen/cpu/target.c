// The CPU as a target of LLVM.
//
// What the emitter writes is in SSA form, with loops in vectors and what does not change moved out of
// them, so the pass list is short. It was chosen by measurement: sroa takes apart small local arrays,
// early-cse finds what the math builder repeats. instcombine would take longer than all of them and
// makes nothing faster; and it is free to treat the scalar and the vector form of an expression
// differently, where a NaN's bits can tell.

#include "codegen/cpu/target.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <llvm-c/Error.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "base/error.h"

static const char passes[] = "function(sroa,early-cse,simplifycfg,dce)";

// Raises with LLVM's words, which are released, after what is given up.
_Noreturn static void raise_llvm(cg_target *given_up, const char *what, char *message) {
    char text[512];
    snprintf(text, sizeof text, "%s: %s", what, message ? message : "no reason given");
    if (message) LLVMDisposeMessage(message);
    cg_target_free(given_up);
    base_raise(CV_INTERNAL, "LLVM: %s", text);
}

static bool has_feature(const char *features, const char *name) {
    size_t n = strlen(name);
    for (const char *at = features; (at = strstr(at, name)); at += n)
        if (at > features && at[-1] == '+' && (at[n] == ',' || !at[n])) return true;
    return false;
}

// Of the last-level cache that a processor reaches. The kernel knows what belongs to one instance of it;
// sysconf counts those of the whole package on some machines, which share nothing. 0: not known.
static int64_t last_cache_bytes(void) {
    FILE *file = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
    long kib = 0;
    int found = file ? fscanf(file, "%ldK", &kib) : 0;
    if (file) fclose(file);
    if (found == 1 && kib > 0) return (int64_t)kib * 1024;
#ifdef _SC_LEVEL3_CACHE_SIZE
    long whole = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (whole > 0) return whole;
#endif
    return 0;
}

static cg_schedule_options schedule_for(const char *triple, const char *features) {
    cg_schedule_options options = {.vector_bytes = 16};
    if (!strncmp(triple, "x86_64", 6)) {
        if (has_feature(features, "avx512f"))
            options.vector_bytes = 64;
        else if (has_feature(features, "avx"))
            options.vector_bytes = 32;
    }
    options.cache_bytes = last_cache_bytes();
    return options;
}

static void initialize(void) {
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
}

cg_target *cg_target_new(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    cg_target *t = memset(base_malloc(sizeof *t), 0, sizeof *t);
    char *message = NULL;
    LLVMTargetRef target;
    pthread_once(&once, initialize);
    t->triple = LLVMGetDefaultTargetTriple();
    t->cpu = LLVMGetHostCPUName();
    t->features = LLVMGetHostCPUFeatures();
    if (LLVMGetTargetFromTriple(t->triple, &target, &message))
        raise_llvm(t, "no code for this machine", message);
    t->machine = LLVMCreateTargetMachine(target, t->triple, t->cpu, t->features, LLVMCodeGenLevelDefault,
                                         LLVMRelocPIC, LLVMCodeModelDefault);
    t->quick = LLVMCreateTargetMachine(target, t->triple, t->cpu, t->features, LLVMCodeGenLevelNone,
                                       LLVMRelocPIC, LLVMCodeModelDefault);
    if (!t->machine || !t->quick) raise_llvm(t, "no target machine", NULL);
    t->data = LLVMCreateTargetDataLayout(t->machine);
    t->schedule = schedule_for(t->triple, t->features);
    bool arm = !strncmp(t->triple, "aarch64", 7);
    t->fma = arm || has_feature(t->features, "fma");
    t->f16 = arm || has_feature(t->features, "f16c");
    return t;
}

void cg_target_free(cg_target *t) {
    if (!t) return;
    if (t->data) LLVMDisposeTargetData(t->data);
    if (t->machine) LLVMDisposeTargetMachine(t->machine);
    if (t->quick) LLVMDisposeTargetMachine(t->quick);
    if (t->triple) LLVMDisposeMessage(t->triple);
    if (t->cpu) LLVMDisposeMessage(t->cpu);
    if (t->features) LLVMDisposeMessage(t->features);
    base_free(t);
}

LLVMModuleRef cg_target_module(const cg_target *t, LLVMContextRef context, const char *name) {
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext(name, context);
    LLVMSetTarget(module, t->triple);
    LLVMSetModuleDataLayout(module, t->data);
    return module;
}

void cg_target_optimize(const cg_target *t, LLVMModuleRef module) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, passes, t->machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error) return;
    char *words = LLVMGetErrorMessage(error), text[512];
    snprintf(text, sizeof text, "%s", words);
    LLVMDisposeErrorMessage(words);
    base_raise(CV_INTERNAL, "LLVM: the passes fail: %s", text);
}

static LLVMMemoryBufferRef generate(LLVMTargetMachineRef machine, LLVMModuleRef module,
                                    LLVMCodeGenFileType type) {
    char *message = NULL;
    LLVMMemoryBufferRef code = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &message, &code))
        raise_llvm(NULL, "no code is generated", message);
    return code;
}

// LLVM's quick generator makes vblendvps of a select between scalars by a comparison, and takes one of them
// from memory: 16 bytes of it, beyond the end of an array (LLVM 22, X86FastISel, with AVX). It does not where
// a freeze stands between the two.
static void guard_selects(LLVMModuleRef module) {
    LLVMBuilderRef b = LLVMCreateBuilderInContext(LLVMGetModuleContext(module));
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(f); block; block = LLVMGetNextBasicBlock(block))
            for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
                LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(i));
                if (!LLVMIsASelectInst(i) || (kind != LLVMFloatTypeKind && kind != LLVMDoubleTypeKind))
                    continue;
                LLVMPositionBuilderBefore(b, i);
                LLVMSetOperand(i, 0, LLVMBuildFreeze(b, LLVMGetOperand(i, 0), ""));
            }
    LLVMDisposeBuilder(b);
}

LLVMMemoryBufferRef cg_target_object(const cg_target *t, LLVMModuleRef module, bool quick) {
    if (quick) guard_selects(module);
    return generate(quick ? t->quick : t->machine, module, LLVMObjectFile);
}

static void dispose_buffer(void *buffer) { LLVMDisposeMemoryBuffer(buffer); }

void cg_target_print_assembly(const cg_target *t, LLVMModuleRef module, base_text *text) {
    LLVMMemoryBufferRef code = generate(t->machine, module, LLVMAssemblyFile);
    base_defer(dispose_buffer, code);
    base_text_add_n(text, LLVMGetBufferStart(code), LLVMGetBufferSize(code));
}
