// From a plan to machine code of the CPU that the program runs on: relocatable objects, not linked yet.
#ifndef CODEGEN_CPU_OBJECTS_H
#define CODEGEN_CPU_OBJECTS_H

#include "codegen/plan.h"

typedef struct cg_cpu_options {
    bool check_indices; // every load and store compares its index with the size of the buffer
    bool aligned;       // params and results lie at multiples of 64 bytes
    bool quick;         // kernels that do little become code that is quickly made
    bool profile;       // steps tell the runtime when they end; they are numbered (cg_plan_profile)
    int threads;        // that code is made with
} cg_cpu_options;

// Gives every kernel its schedule for this machine.
void cg_cpu_schedule(const cg_plan *plan, const cg_cpu_options *options);

// Objects in the order of modules; they do not depend on the number of threads. They go with the innermost
// protected call, but for those that were taken out of the list (set to NULL).
struct LLVMOpaqueMemoryBuffer;
typedef struct cg_objects {
    const char *entry; // the symbol of the cg_entry
    uint32_t n;
    struct LLVMOpaqueMemoryBuffer **at;
} cg_objects;
cg_objects *cg_cpu_objects(const cg_plan *plan, const cg_cpu_options *options);

// The same as text: LLVM's intermediate form, as emitted and cleaned up, or assembly.
void cg_cpu_print(const cg_plan *plan, const cg_cpu_options *options, bool assembly, base_text *text);

#endif
