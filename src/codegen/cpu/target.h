// The CPU that the program runs on, as LLVM sees it: modules, the passes over them, objects.
//
// A target and all that is made with it belong to one thread at a time.
#ifndef CODEGEN_CPU_TARGET_H
#define CODEGEN_CPU_TARGET_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "base/text.h"
#include "codegen/cpu/emit_kernel.h"
#include "codegen/schedule.h"

typedef struct cg_target {
    LLVMTargetMachineRef machine, quick; // the second generates worse code in a quarter of the time
    LLVMTargetDataRef data;
    char *triple, *cpu, *features; // LLVM's; also what a cache of objects is keyed by
    cg_schedule_options schedule;
    bool fma, f16;
} cg_target;

// Raises CV_INTERNAL with LLVM's words if it knows no such machine. cg_target_free takes NULL.
cg_target *cg_target_new(void);
void cg_target_free(cg_target *target);

// A module for this machine, in a context of the caller's.
LLVMModuleRef cg_target_module(const cg_target *target, LLVMContextRef context, const char *name);
// The pass list. Kernels come as SSA form with vectors: this only cleans up.
void cg_target_optimize(const cg_target *target, LLVMModuleRef module);
// Position-independent machine code, to be disposed of by the caller; or its text.
LLVMMemoryBufferRef cg_target_object(const cg_target *target, LLVMModuleRef module, bool quick);
void cg_target_print_assembly(const cg_target *target, LLVMModuleRef module, base_text *text);

#endif
