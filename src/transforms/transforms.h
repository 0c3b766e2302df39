// Transforms: function in, function out.
//
// Every transform is memoised on the function that it reads (ir_memo), so what it returns is
// borrowed: it lives as long as that function. Masks have an entry for every parameter or result.
#ifndef TRANSFORMS_TRANSFORMS_H
#define TRANSFORMS_TRANSFORMS_H

#include "ir/builder.h"

// Forward mode. Parameters: those of f, then a tangent for each active one; results: those of f,
// then a tangent for each result with active_out. A result with want_out[i] has a tangent in any
// case (zeros if need be). want_out may be NULL. active[i] must be false for what has no tangents.
typedef struct xf_jvp_result {
    const ir_function *function;
    const bool *active_out; // of each result of f
} xf_jvp_result;
xf_jvp_result xf_jvp(const ir_function *f, const bool *active, const bool *want_out);

// Which results depend differentiably on the active parameters, without rewriting anything.
void xf_active_results(const ir_function *f, const bool *active, bool *active_out);

// Linearization. primal: parameters of f -> results of f, then residuals. linear: tangents of the
// active parameters, then residuals -> tangents of the results with active_out.
typedef struct xf_linear_result {
    const ir_function *primal, *linear;
    const bool *active_out;
    uint32_t n_residuals;
} xf_linear_result;
xf_linear_result xf_linearize(const ir_function *f, const bool *active, const bool *want_out);

// Transposition of a function that is linear in the parameters with linear[i] (together).
// Parameters of the result: the non-linear parameters of f, in order; a cotangent of each result
// with has_ct[o]; an accumulator for each linear parameter with accumulate[i] (a subset of linear;
// may be NULL). Results: for each linear parameter with ct_out[i], its cotangent: what was given as its accumulator
// plus the contribution. accumulate[i] and want_ct[i] (may be NULL) imply ct_out[i].
typedef struct xf_transpose_result {
    const ir_function *function;
    const bool *ct_out; // of each parameter of f
} xf_transpose_result;
xf_transpose_result xf_transpose(const ir_function *f, const bool *linear, const bool *has_ct,
                                 const bool *accumulate, const bool *want_ct);

// Raises CV_INTERNAL if f is not linear in these parameters. Used by tests and when module->verify is set.
void xf_check_linear(const ir_function *f, const bool *linear);

// Reverse mode. Parameters: those of f, then a cotangent for each differentiable result; results:
// those of f, then a cotangent for each active parameter (zeros where f does not depend on it).
const ir_function *xf_vjp(const ir_function *f, const bool *active);

// Gradient of the first result, a floating scalar, by the active parameters. (Of a complex scalar, with the
// cotangent 1: the derivative, if f is holomorphic; the caller knows.) Parameters: those of f.
// Results: all results of f if with_value, then a gradient for each active parameter.
const ir_function *xf_grad(const ir_function *f, const bool *active, bool with_value);

// Batching over a leading axis. Parameters with batched[i] and results with batched_out[i] have a
// leading axis of this size; want_out[i] (may be NULL) forces it.
typedef struct xf_batch_result {
    const ir_function *function;
    const bool *batched_out;
} xf_batch_result;
xf_batch_result xf_batch(const ir_function *f, const bool *batched, const bool *want_out, int64_t size,
                         const char *axis_name);

// vmap as users see it: in_axes[i] and out_axes[o] are axes, or IR_UNMAPPED. A result that does
// not depend on a mapped parameter is broadcast when its out axis asks for it. axes of out count
// from the end when negative.
#define IR_UNMAPPED INT64_MIN
const ir_function *xf_vmap(const ir_function *f, const int64_t *in_axes, const int64_t *out_axes, int64_t size,
                           const char *axis_name);

// Calls replaced by the bodies of what they call, all the way down (bodies of control flow included).
const ir_function *xf_inline(const ir_function *f);

// Each `while` whose number of steps is known made the scan that it is, with sliced inputs and stacked outputs.
const ir_function *xf_recover_scans(const ir_function *f);

// Primitives that no target has instructions for, in terms of others (the expand rules).
const ir_function *xf_expand(const ir_function *f);

// Complex numbers as pairs of real ones, for targets, which have none. Parameters and results keep their
// memory: one that is complex becomes a real one with a last axis of 2.
const ir_function *xf_split_complex(const ir_function *f);

// Folding, common subexpressions, dead code, algebra, canonical dots and broadcasts, hoisting out
// of loops, to a fixed point, and last the forming of fma. Bodies of control flow and callees are
// simplified too. Meant for programs on their way to execution.
const ir_function *xf_simplify(const ir_function *f);

// All of that which stands between a program and a plan: scans recovered, expanded, split, simplified. (Rules of pairs may
// emit what is expanded in its turn.)
const ir_function *xf_lower(const ir_function *f);

#endif
