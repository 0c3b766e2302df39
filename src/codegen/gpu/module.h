// A plan's kernels as LLVM's code for the GPU, on the way to PTX.
#ifndef CODEGEN_GPU_MODULE_H
#define CODEGEN_GPU_MODULE_H

#include <llvm-c/Types.h>

#include "codegen/gpu/schedule.h"
#include "codegen/plan.h"

// An entry and how it is launched. Its parameters are pointers to the kernel's buffers.
typedef struct cg_gpu_entry {
    const char *symbol; // <name>_<number of the kernel>, and _finish behind it; NULL: there is none
    cg_gpu_schedule schedule;
    int64_t shared; // bytes of shared memory that the launch asks for
} cg_gpu_entry;

// All kernels of a plan, an entry for each and one more for its finish, cleaned up by LLVM's passes. It goes
// with the innermost protected call. Loops of the plan's kernels that can be one are merged.
typedef struct cg_gpu_module {
    LLVMContextRef context;
    LLVMModuleRef module;
    cg_gpu_entry *bodies, *finishes; // of every kernel; a finish is launched after the body
} cg_gpu_module;
cg_gpu_module *cg_gpu_module_new(base_arena *arena, const cg_plan *plan);

#endif
