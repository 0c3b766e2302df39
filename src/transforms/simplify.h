// Simplification, inside: what its files share.
//
// A sweep goes once over a function and emits every operation again through sx_emit, which knows
// the rules: an operation is simplified while it is emitted, so a rule sees operands that are
// simple already, and folding, algebra and common subexpressions are one pass. What a rule returns
// is any value of the new function; what nothing needs any more is dropped when it is finished.
//
//   simplify.c        the driver: sweeps to a fixed point, memo, order of functions
//   emit.c            emission: canonical operands, folding, rules, sharing of equal operations
//   fold.c            constants
//   algebra.c         rules of elementwise primitives
//   movement_rules.c  rules of movement and indexing
//   product_rules.c   rules of reductions and products
//   region.c          bodies of control flow: liveness, invariants, rebuilding
//   branch.c          call, cond
//   loop.c            while, scan
//   fuse_fma.c        the forming of fma, after everything else
#ifndef TRANSFORMS_SIMPLIFY_H
#define TRANSFORMS_SIMPLIFY_H

#include "ir/builder.h"

// What stands for a value in something that is built from it, a body for instance.
typedef struct sx_binding {
    const void *owner;
    ir_val bound;
} sx_binding;

// The state of one sweep.
typedef struct sx {
    ir_builder *b;
    base_arena arena;           // of the tables of the sweep
    base_index shared;          // hash of an operation -> its number in the builder
    base_vector(uint32_t) uses; // of each new value: uses of the old values that became it
    base_vector(sx_binding) bindings; // of each new value: the last one
    uint32_t depth;             // rules at work inside each other
} sx;

// An operation that is about to be emitted.
typedef struct sx_op {
    ir_primitive primitive;
    const ir_val *in;
    uint32_t n_in;
    const void *attributes;
} sx_op;

// A value that equals the result of the operation, or IR_NONE. Has one result.
typedef ir_val sx_rule(sx *s, const sx_op *op);

// simplify.c

sx *sx_new(ir_module *module, const char *name); // freed when the innermost protected call ends
const ir_function *sx_finish(sx *s, const ir_val *results, uint32_t n_results);
// Emits all operations of f through the rules.
void sx_inline(sx *s, const ir_function *f, const ir_val *in, ir_val *out);
// How often operations and results of f use each of its values.
uint32_t *sx_use_counts(base_arena *arena, const ir_function *f);
// The same for one operation that has results out[0 .. n_out); those without used[] may stay IR_NONE.
void sx_emit_any(sx *s, const sx_op *op, uint32_t n_out, const bool *used, ir_val *out);
// f simplified, but for the forming of fma.
const ir_function *sx_simplified(const ir_function *f);

// emit.c

// The first result of the operation, simplified; control flow is emitted as it is.
ir_val sx_emit(sx *s, ir_primitive primitive, const ir_val *in, uint32_t n_in, const void *attributes);
// The same without rules: an equal operation that is there already, or a new one.
ir_val sx_share(sx *s, const sx_op *op);
// Counts uses of an old value that became this one.
void sx_count_uses(sx *s, ir_val value, uint32_t uses);
// False if the value is known to have several uses.
bool sx_used_once(const sx *s, ir_val value);

// The operation of this primitive that made the value, or NULL; its operands.
const ir_op *sx_def(const sx *s, ir_val value, ir_primitive primitive);
static inline ir_val sx_in(const sx *s, const ir_op *op, uint32_t i) { return s->b->operands.at[op->in + i]; }
// The operand of the operation of this primitive that made the value, or IR_NONE.
ir_val sx_undo(const sx *s, ir_val value, ir_primitive primitive);
static inline const ir_type *sx_type(const sx *s, ir_val value) { return s->b->types.at[value]; }

ir_val sx_unary(sx *s, ir_primitive primitive, ir_val x);
ir_val sx_binary(sx *s, ir_primitive primitive, ir_val x, ir_val y);
ir_val sx_convert(sx *s, ir_val x, cv_dtype dtype);
ir_val sx_broadcast(sx *s, ir_val x, ir_dims shape, ir_dims dims);
ir_val sx_broadcast_leading(sx *s, ir_val x, int64_t size);
ir_val sx_reshape(sx *s, ir_val x, ir_dims shape);
ir_val sx_transpose(sx *s, ir_val x, ir_dims permutation);
ir_val sx_slice(sx *s, ir_val x, ir_dims start, ir_dims limit, ir_dims stride);
ir_val sx_reduce(sx *s, ir_primitive primitive, ir_val x, ir_dims axes);

// fold.c

// The value of a constant, or NULL.
const ir_literal *sx_literal(const sx *s, ir_val value);
// True for a constant that fills its type with one element.
bool sx_splat(const sx *s, ir_val value, union ir_scalar *element);
// True for a constant that fills its type with this number.
bool sx_is(const sx *s, ir_val value, double number);
// A constant, as a splat where its elements are equal.
ir_val sx_constant(sx *s, const ir_type *type, bool splat, const void *data);
ir_val sx_full_int(sx *s, const ir_type *type, int64_t value);
ir_val sx_full(sx *s, const ir_type *type, double value);
sx_rule sx_fold;

// The rules: algebra.c, movement_rules.c, product_rules.c

sx_rule sx_sink_broadcast; // of every elementwise primitive
#define SX_RULES(row)                                                                              \
    row(neg) row(abs) row(not) row(stop_gradient) row(convert) row(add) row(sub) row(mul) row(div) \
    row(pow) row(max) row(min) row(and) row(or) row(xor) row(eq) row(ne) row(lt) row(le) row(gt)   \
    row(ge) row(select) row(fma)                                                                   \
    row(constant) row(iota) row(broadcast_in_dim) row(reshape) row(transpose) row(rev) row(slice)  \
    row(pad) row(concatenate) row(dynamic_slice) row(dynamic_update_slice)                         \
    row(reduce_sum) row(reduce_prod) row(reduce_max) row(reduce_min) row(reduce_and) row(reduce_or)    \
    row(reduce_xor) row(dot_general)
#define SX_DECLARE_RULE(name) sx_rule sx_rule_##name;
SX_RULES(SX_DECLARE_RULE)
#undef SX_DECLARE_RULE

// branch.c, loop.c: emission of control flow. Fills out[o] for each result with used[o].

typedef void sx_control_rule(sx *s, const sx_op *op, const bool *used, ir_val *out);
sx_control_rule sx_call, sx_cond, sx_while, sx_scan;

// fuse_fma.c

// a * b + c becomes fma(a, b, c) where nothing else uses the product, in all that f holds too.
const ir_function *sx_fuse_fma(const ir_function *f);

// region.c: a function that control flow holds, seen from outside.

typedef struct sx_region {
    const ir_function *f;
    ir_val *outer;   // of each value: the value outside that equals it, or IR_NONE
    bool *invariant; // of each value: the same at each step, so that it can be made outside
    bool *inside;    // of each value: cheap enough to be made inside although invariant
    bool *needed;    // of each value: the new body needs it
    bool *lifted;    // of each value: needed, and made outside
    bool *wanted;    // of each value: needed outside
    bool takes_transposes; // a constant that is a transposition is made inside if products take it in
    base_vector(ir_val) stack;
    base_vector(uint32_t) reached; // parameters found needed that the holder has not looked at
    // The new body, while it is built.
    ir_builder *b;
    ir_val *map; // of each value: its number there
    base_vector(ir_val) constants; // what the holder passes for the parameters that are bound
} sx_region;

// Starts with no outer values, nothing invariant and nothing needed.
sx_region *sx_region_new(sx *s, const ir_function *f);
// From invariant[] of the parameters: that of all values, and what is better made inside.
// `with_control`: control flow may be made outside (it would run in any case).
void sx_region_find_invariants(sx *s, sx_region *r, bool with_control);
// The new body needs the value: marks what that takes, and lists reached parameters.
void sx_region_need(sx *s, sx_region *r, ir_val value);
// Makes what is lifted or wanted in the function outside; sets outer[].
void sx_region_make_outside(sx *s, sx_region *r);
// The value of the new body that equals a value outside: a copy of a constant, or a parameter.
// Parameters come in the order of binding, so constants are bound before other parameters are made.
ir_val sx_region_bind(sx *s, sx_region *r, ir_val outer);
// Binds the needed parameters that have a value outside, and all lifted values.
void sx_region_start(sx *s, sx_region *r);
// Makes a parameter of the new body from one of the old.
void sx_region_param(sx *s, sx_region *r, uint32_t param);
// Copies what is needed, and returns the simplified new body; f itself if nothing changed.
const ir_function *sx_region_finish(sx *s, sx_region *r, const ir_val *results, uint32_t n_results);
// What the owner bound to a value outside, IR_NONE if nothing yet; valid until the next call. An owner
// is memory of the sweep's arena, so that no other has its address, and must be done with its
// bindings before the next one starts.
ir_val *sx_bound(sx *s, const void *owner, ir_val outer);
// True if a value outside is copied into bodies rather than passed: a splat constant or an iota.
bool sx_is_copied(const sx *s, ir_val outer);

#endif
