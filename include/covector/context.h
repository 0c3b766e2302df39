// Contexts, scopes, errors.
#ifndef COVECTOR_CONTEXT_H
#define COVECTOR_CONTEXT_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// A context holds caches, arrays, functions and settings. Several threads may use one; scopes and
// traces are each thread's own. Without a context of its own a program uses the default one, which
// is made on first use, shared by the process and freed by cv_shutdown.
typedef struct cv_context cv_context;

typedef struct cv_context_options {
    cv_dtype default_float; // of C scalars that meet no array and of cv_zeros ...; 0 means CV_F32
    bool verify;            // check every program that is made (slow; for tests of the library)
    bool interpret;         // run programs by the reference interpreter: slow; COVECTOR_INTERPRET=1 too
    bool check_indices;     // code checks every index; a fault of the library is an error, not a crash
    int threads;            // that one call may use; 0: COVECTOR_THREADS or all processors
    int end;
} cv_context_options;

// A new context, or NULL when memory is out. Free it with cv_context_free when no thread uses it;
// that frees every array and function in it, kept or not.
// cv_context_new(), cv_context_new(.default_float = CV_F64)
#define cv_context_new(...) cv_context_new_at((cv_context_options){.end = 0, ##__VA_ARGS__})
CV_API cv_context *cv_context_new_at(cv_context_options options);
CV_API void cv_context_free(cv_context *context);
// Makes a context the calling thread's current one (NULL: the default one) and returns what was.
CV_API cv_context *cv_context_use(cv_context *context);
// Frees the default context and what the calling thread holds. For leak checkers and plugins; the
// next call starts afresh.
CV_API void cv_shutdown(void);

// Scopes. A value made outside a trace belongs to the innermost scope of its thread and goes when
// that ends; without an open scope it lives as long as the thread uses the context. Values made while
// tracing belong to the trace. Dropping a handle never pulls memory from under another.
CV_API void cv_scope_begin(void);
CV_API void cv_scope_end(void);
// Moves a value, or a function, to the scope around the current one. Returns it.
CV_API cv_val cv_keep(cv_val value);
CV_API cv_fn cv_keep_fn(cv_fn function);
// Gives a value back before its scope ends. cv_none and values of traces are ignored.
CV_API void cv_drop(cv_val value);

// Errors. A wrong call returns a poisoned value (or a status), and operations on poisoned values
// return poison without a further error. The first error of a thread is kept until it is cleared.
CV_API bool cv_ok(void);               // no error since the last cv_clear
CV_API cv_status cv_error(void);       // CV_OK or the status of the error
CV_API const char *cv_message(void);   // "model.c:42: cv_matmul: ...", or "" ; valid until cv_clear
CV_API void cv_clear(void);
// Called with every first error as it happens, on the thread where it happens. NULL removes it.
typedef void cv_error_handler(cv_status status, const char *message, void *argument);
CV_API void cv_on_error(cv_error_handler *handler, void *argument);
// True for a value that a wrong call returned.
CV_API bool cv_is_poison(cv_val value);

#ifdef __cplusplus
}
#endif
#endif
