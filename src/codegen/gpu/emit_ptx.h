// From a plan to PTX.
#ifndef CODEGEN_GPU_EMIT_PTX_H
#define CODEGEN_GPU_EMIT_PTX_H

#include "codegen/plan.h"

// Appends the PTX of all kernels of the plan, an entry for each and one more for its finish (module.h). In
// front, as comments, stands what the host does: launches with their grids, library calls, control flow.
void cg_print_ptx(base_text *text, const cg_plan *plan);

#endif
