// Programs that JAX exported, as functions: read from StableHLO text, called, differentiated, batched and
// jitted like a callback.
//
//     text of jax.jit(f).lower(*arguments).as_text(), or
//     jax.export.export(jax.jit(f))(*arguments).mlir_module()
#ifndef COVECTOR_IMPORT_H
#define COVECTOR_IMPORT_H

#include "covector/function.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cv_import_options {
    const char *file;  // what messages call the text; default: "module", or the path
    const char *entry; // the function of the module; default: "main"
    const char *name;  // in programs and messages; default: that of the entry
    int end;
} cv_import_options;

// cv_import(text): its arguments and results are those of the module's function, in their order, with exactly
// the types that it was exported for (cv_vmap adds axes). A C scalar takes the dtype that is wanted. Poison
// if the text is wrong ("model.mlir:12:10: ...") or has operations that cannot be run, all of which the
// message names. The text need not outlive the call; the same text is the same function.
//
// Derivatives are those of the operations that the text has. What JAX leaves out of it is not there: rules of
// custom_jvp and custom_vjp, stop_gradient, the mode of a gather. It writes lgamma, igamma and igammac of f32 out
// with operations on bits, which have the derivative 0: differentiate these in JAX before the export.
#define cv_import(...) CV_IMPORT_(__VA_ARGS__, .end = 0)
#define CV_IMPORT_(text, ...) cv_import_at(text, (cv_import_options){__VA_ARGS__}, CV_HERE)
CV_API cv_fn cv_import_at(const char *text, cv_import_options options, cv_here here);
// The same of the text in a file.
#define cv_import_file(...) CV_IMPORT_FILE_(__VA_ARGS__, .end = 0)
#define CV_IMPORT_FILE_(path, ...) cv_import_file_at(path, (cv_import_options){__VA_ARGS__}, CV_HERE)
CV_API cv_fn cv_import_file_at(const char *path, cv_import_options options, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
