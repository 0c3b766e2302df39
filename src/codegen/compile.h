// The compiler: a program to an executable, or to any of the forms on the way.
#ifndef CODEGEN_COMPILE_H
#define CODEGEN_COMPILE_H

#include "codegen/program.h"
#include "ir/program.h"

// What the time of compiling is spent on.
typedef enum cg_phase {
    CG_PHASE_SIMPLIFY, // program to program
    CG_PHASE_PLAN,
    CG_PHASE_SCHEDULE,
    CG_PHASE_CODE, // LLVM
    CG_PHASE_LINK,
    CG_PHASES
} cg_phase;

typedef struct cg_options {
    bool check_indices; // loads and stores are checked: a program that leaves its buffers returns a status
    bool aligned;       // params and results will lie at multiples of 64 bytes
    bool verify;        // plans and kernels are verified
    bool quick;         // for a program that runs a few times: kernels that do little are not worth good code
    bool profile;       // the code tells the runtime what its time is spent on (cg_runtime.lap)
    int threads;        // that compile; 0: base_threads()
    double *phase_ms;   // if not NULL: what each phase took is added to it
} cg_options;

// Owned by the caller: cg_program_free. Raises CV_UNSUPPORTED for what has no machine code yet. It holds
// nothing of f.
const cg_program *cg_compile(const ir_function *f, const cg_options *options);

typedef enum cg_form { CG_FORM_KERNELS, CG_FORM_PLAN, CG_FORM_LLVM, CG_FORM_ASSEMBLY, CG_FORMS } cg_form;
void cg_print(base_text *text, const ir_function *f, cg_form form, const cg_options *options);

#endif
