// From a scheduled kernel to LLVM: one function that runs grid iterations.
#ifndef CODEGEN_CPU_EMIT_KERNEL_H
#define CODEGEN_CPU_EMIT_KERNEL_H

#include <llvm-c/Core.h>

#include "codegen/kernel.h"

typedef struct cg_emit_options {
    bool check_indices;     // each access compares its offset with the size of the buffer
    bool aligned;           // buffers start at multiples of 64 bytes
    bool fma, f16;          // the target has fused multiply-add, and converts f16
    // Of every buffer: buffers with equal numbers may be the same memory; then no load of one follows a store
    // to the other in a grid iteration. NULL: all are apart.
    const uint32_t *memory;
} cg_emit_options;

// Adds `i32 symbol(ptr buffers, i64 begin, i64 end)`, a cg_kernel_code, and returns it; and, if the kernel
// has a `finish`, `i32 <symbol>_finish(ptr buffers)`. The kernel was scheduled (cg_schedule).
LLVMValueRef cg_emit_kernel(LLVMModuleRef module, const cg_kernel *k, const char *symbol,
                            const cg_emit_options *options);

#endif
