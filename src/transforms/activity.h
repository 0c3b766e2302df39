// Boolean analyses that transforms ask before they rewrite, and what else they share.
#ifndef TRANSFORMS_ACTIVITY_H
#define TRANSFORMS_ACTIVITY_H

#include "transforms/transforms.h"

// Which dependence counts: through derivatives (floating results of differentiable primitives), or any.
typedef enum xf_dependence { XF_DIFFERENTIABLE, XF_ANY } xf_dependence;

// results[o]: result o of f depends on a parameter with params[i]. Memoised.
void xf_depends(const ir_function *f, xf_dependence kind, const bool *params, bool *results);

// The least fixed point of a loop body's carries. mask: of all parameters of the body, carries at
// [first, first + n); the body's results begin with the carries. Grows the carries' part of mask
// until it holds what comes out of the body too; results: of all results at the fixed point.
void xf_depends_loop(const ir_function *body, xf_dependence kind, bool *mask, int64_t first, int64_t n, bool *results);

// Which of the linear parameters get a cotangent when the results with has_ct have one. Never too few.
void xf_reaches(const ir_function *f, const bool *linear, const bool *has_ct, bool *reached);

// Memory until the innermost protected call ends.
base_arena *xf_scratch(void);

// A key for ir_memo: a tag and masks, one after the other.
typedef struct xf_key {
    base_text text;
} xf_key;
xf_key xf_key_new(base_arena *arena, const char *tag);
void xf_key_mask(xf_key *key, const bool *mask, uint32_t n); // NULL counts as all false
void xf_key_bytes(xf_key *key, const void *bytes, size_t size);

// A function of the module named "<prefix>_<name of f>", for what a transform makes of f.
ir_builder *xf_builder(const ir_function *f, const char *prefix);

static inline bool xf_any(const bool *mask, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (mask[i]) return true;
    return false;
}

static inline uint32_t xf_count(const bool *mask, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) count += mask[i];
    return count;
}

// Growing lists of values, for the operands of what a rule emits.
typedef base_vector(ir_val) xf_list;

#endif
