// Functions and their transforms. Transforms never run anything: they describe. They compose in
// any order and depth, inside and outside a trace.
//
// A function belongs to the current scope like a value; what was traced and compiled for it stays
// in the context's cache and is found again by an equal description.
#ifndef COVECTOR_FUNCTION_H
#define COVECTOR_FUNCTION_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// Callbacks are pure: what they return depends on their arguments, their context and arrays that
// they capture only. They are called when types are new, not on every call of the function. They may
// use values of an enclosing trace and concrete arrays, which become hidden arguments.
//
// General form: fills out[0 .. n_out) from in[0 .. n_in).
typedef void cv_callback(cv_val *out, const cv_val *in, void *context);

typedef struct cv_fun_options {
    int in, out;          // counts of arguments and results; required for the general form
    const void *context;  // passed to the callback: a copy of `size` bytes made now (or the pointer itself if size is 0)
    size_t size;
    const char *name;     // in programs and messages; default: the callback's own
    int end;
} cv_fun_options;

// cv_fun(f): f takes one to eight cv_val and returns one; or cv_fun(g, .in = 3, .out = 2, ...).
#define cv_fun(...) CV_FUN_(__VA_ARGS__, .end = 0)
#define CV_FUN_(f, ...) cv_fun_at(CV_ARITY_(f), (void (*)(void))(f), (cv_fun_options){__VA_ARGS__}, #f, CV_HERE)
#define CV_ARITY_(f)                                                                               \
    _Generic(&*(f), cv_callback *: 0, cv_val (*)(cv_val): 1, cv_val (*)(cv_val, cv_val): 2,        \
             cv_val (*)(cv_val, cv_val, cv_val): 3, cv_val (*)(cv_val, cv_val, cv_val, cv_val): 4, \
             cv_val (*)(cv_val, cv_val, cv_val, cv_val, cv_val): 5,                                \
             cv_val (*)(cv_val, cv_val, cv_val, cv_val, cv_val, cv_val): 6,                        \
             cv_val (*)(cv_val, cv_val, cv_val, cv_val, cv_val, cv_val, cv_val): 7,                \
             cv_val (*)(cv_val, cv_val, cv_val, cv_val, cv_val, cv_val, cv_val, cv_val): 8)
// arity: 1 to 8, or 0 for the general form.
CV_API cv_fn cv_fun_at(int arity, void (*callback)(void), cv_fun_options options, const char *name, cv_here here);

// jit: compiled as a unit, and a call of its own inside other programs. Same arguments and results.
// donate: arguments whose memory the call may reuse; their handles are consumed by it.
typedef struct cv_jit_options {
    cv_ints donate;
    int end;
} cv_jit_options;
#define cv_jit(...) CV_JIT_(__VA_ARGS__, .end = 0)
#define CV_JIT_(f, ...) cv_jit_at(f, (cv_jit_options){__VA_ARGS__}, CV_HERE)
CV_API cv_fn cv_jit_at(cv_fn f, cv_jit_options options, cv_here here);

// grad: arguments -> one gradient of the first result, a floating scalar, for each of argnums
// (default: argument 0), of the argument's type. By a complex argument x + i y it is d/dx - i d/dy, as in
// JAX. value_and_grad: all results of f, then the gradients.
typedef struct cv_grad_options {
    cv_ints argnums;
    bool holomorphic; // complex arguments and a complex result: the complex derivative
    int end;
} cv_grad_options;
#define cv_grad(...) CV_GRAD_(__VA_ARGS__, .end = 0)
#define CV_GRAD_(f, ...) cv_grad_at(f, (cv_grad_options){__VA_ARGS__}, CV_HERE)
CV_API cv_fn cv_grad_at(cv_fn f, cv_grad_options options, cv_here here);
#define cv_value_and_grad(...) CV_VALUE_AND_GRAD_(__VA_ARGS__, .end = 0)
#define CV_VALUE_AND_GRAD_(f, ...) cv_value_and_grad_at(f, (cv_grad_options){__VA_ARGS__}, CV_HERE)
CV_API cv_fn cv_value_and_grad_at(cv_fn f, cv_grad_options options, cv_here here);

// jvp: (arguments, then a tangent of each) -> (results, then a tangent of each).
// vjp: (arguments, then a cotangent of each result) -> (results, then a cotangent of each argument).
// In the place of a tangent of an integer or boolean stands cv_none, in and out.
#define cv_jvp(f) cv_jvp_at(f, CV_HERE)
CV_API cv_fn cv_jvp_at(cv_fn f, cv_here here);
#define cv_vjp(f) cv_vjp_at(f, CV_HERE)
CV_API cv_fn cv_vjp_at(cv_fn f, cv_here here);

// vmap: every mapped argument has an extra axis, all of one size; every result too.
typedef struct cv_vmap_options {
    cv_ints in;       // for each argument the axis that is mapped, or CV_NONE; default: 0 for all
    cv_ints out;      // for each result where the axis goes, or CV_NONE (the result must not depend on it); default: 0
    const char *name; // of the axis, for collectives
    int64_t size;     // of the axis; needed when no argument is mapped
    int end;
} cv_vmap_options;
#define cv_vmap(...) CV_VMAP_(__VA_ARGS__, .end = 0)
#define CV_VMAP_(f, ...) cv_vmap_at(f, (cv_vmap_options){__VA_ARGS__}, CV_HERE)
CV_API cv_fn cv_vmap_at(cv_fn f, cv_vmap_options options, cv_here here);

// Counts of arguments and results: what cv_call expects. The results of a callback's transform may
// be unknown (-1) until it was traced once, when the transform has as many as f has results.
CV_API int cv_fn_inputs(cv_fn f);
CV_API int cv_fn_outputs(cv_fn f);

// Calls. out[0 .. n_out) receives the results, poison on error. Inside a trace the call becomes part
// of the program: a call operation if f is jitted, else its operations. Arguments may be C scalars.
#define cv_call(f, out, n_out, ...) cv_call_at(f, out, n_out, CV_CALL_ARGUMENTS_(__VA_ARGS__), CV_HERE)
#define CV_CALL_ARGUMENTS_(...) CV_LIST(__VA_ARGS__)
CV_API cv_status cv_call_at(cv_fn f, cv_val *out, int n_out, cv_vals in, cv_here here);
// The same with a list: cv_call_list(f, out, n_out, CV_TREE(params)).
#define cv_call_list(f, out, n_out, in) cv_call_at(f, out, n_out, in, CV_HERE)
// The single result of a call.
#define cv_call_one(f, ...) cv_call_one_at(f, CV_CALL_ARGUMENTS_(__VA_ARGS__), CV_HERE)
CV_API cv_val cv_call_one_at(cv_fn f, cv_vals in, cv_here here);
// Results written to memory of the caller's, result i to memory[i] of bytes[i] bytes (outside a trace).
#define cv_call_into(f, memory, bytes, n_out, ...)                                                 \
    cv_call_into_at(f, memory, bytes, n_out, CV_CALL_ARGUMENTS_(__VA_ARGS__), CV_HERE)
CV_API cv_status cv_call_into_at(cv_fn f, void *const *memory, const size_t *bytes, int n_out, cv_vals in,
                                 cv_here here);

// The program of f for arguments of these types, as text; it belongs to the current scope. "" on error.
#define cv_make_ir(f, ...) cv_make_ir_at(f, CV_CALL_ARGUMENTS_(__VA_ARGS__), false, CV_HERE)
// The same as it is executed: calls inlined, simplified.
#define cv_make_simplified_ir(f, ...) cv_make_ir_at(f, CV_CALL_ARGUMENTS_(__VA_ARGS__), true, CV_HERE)
CV_API const char *cv_make_ir_at(cv_fn f, cv_vals in, bool simplified, cv_here here);
// The same as the text of an MLIR module in StableHLO, which JAX, XLA and IREE run and cv_import reads back.
#define cv_make_stablehlo(f, ...) cv_make_stablehlo_at(f, CV_CALL_ARGUMENTS_(__VA_ARGS__), CV_HERE)
CV_API const char *cv_make_stablehlo_at(cv_fn f, cv_vals in, cv_here here);

// Why f was traced each time it was, one line for each: "first call, with (f32[3])", "argument 0 is
// f32[4], was f32[3]", "captures values of an enclosing trace", ... The text belongs to the current scope.
CV_API const char *cv_explain(cv_fn f);

#ifdef __cplusplus
}
#endif
#endif
