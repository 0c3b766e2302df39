// From a plan to LLVM: the host code that strings kernels together.
#ifndef CODEGEN_CPU_EMIT_PLAN_H
#define CODEGEN_CPU_EMIT_PLAN_H

#include <llvm-c/Core.h>

#include "codegen/plan.h"

typedef struct cg_emit_plan_options {
    bool check_indices;         // kernels return whether a check failed
    bool profile;               // steps say when they end
    const char *const *kernels; // the symbol of each
} cg_emit_plan_options;

// Adds a function for each function of the plan; the last is a cg_entry (program.h) with the name `entry`.
// Kernels are scheduled, and are symbols that some other module defines.
void cg_emit_plan(LLVMModuleRef module, const cg_plan *plan, const char *entry,
                  const cg_emit_plan_options *options);

#endif
