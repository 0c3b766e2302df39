// StableHLO in and out: text that JAX exports to a function of ours, and a function of ours to text.
#ifndef IR_STABLEHLO_STABLEHLO_H
#define IR_STABLEHLO_STABLEHLO_H

#include "ir/program.h"

// Recognises the text of an MLIR module, so that it can be told from a program of our own.
bool ir_is_stablehlo(const char *text);
// The function `entry` (NULL: "main", or the only public one) with what it calls, each function once.
// Raises CV_INVALID "file:line:column: what is wrong", or CV_UNSUPPORTED with all operations that cannot be
// run.
const ir_function *ir_import_stablehlo(ir_module *module, const char *file, const char *text,
                                       const char *entry);

// The text of a module whose @main computes what f does. Raises CV_UNSUPPORTED for what it cannot say.
void ir_write_stablehlo(base_text *text, const ir_function *f);

#endif
