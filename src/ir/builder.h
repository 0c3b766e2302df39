// Building functions: tracing, parsing and every transform go through ir_emit.
//
// A builder grows a function; ir_finish closes it: what no result needs is dropped, and the rest is
// renumbered depth first from the results, operands left to right, so that text and rounding do
// not depend on the order in which a C compiler evaluated arguments. A wrong emission raises
// CV_INVALID with the place of the user's call.
#ifndef IR_BUILDER_H
#define IR_BUILDER_H

#include "ir/program.h"

typedef struct ir_builder {
    ir_module *module;
    base_arena arena;
    const char *name;
    base_vector(const ir_type *) types; // of every value
    base_vector(uint32_t) def;          // of every value; IR_NONE for a parameter
    base_vector(ir_op) ops;
    base_vector(ir_val) operands;
    base_vector(ir_val) params;
    ir_place place;                     // given to what is emitted
    const char *operation;              // the user's operation in messages, or NULL: the primitive
    const char *file_given, *file_kept; // the last file name interned
    // Linearization: what is emitted with an operand in the linear program goes there. Values of
    // the linear program carry the bit IR_LINEAR; operands from here cross over as residuals.
    struct ir_builder *linear;
    base_vector(ir_val) crossed;   // of every value here: its number in the linear program, or IR_NONE
    base_vector(ir_val) residuals; // values here that became parameters there, in their order
} ir_builder;

#define IR_LINEAR 0x80000000u

// The builder is freed when the innermost protected call ends, or by ir_builder_free before that
// if it came from ir_builder_new_kept, which is for traces that live across protected calls.
ir_builder *ir_builder_new(ir_module *module, const char *name);
ir_builder *ir_builder_new_kept(ir_module *module, const char *name);
void ir_builder_free(ir_builder *b);

// Parameters may be added at any time; they keep their order.
ir_val ir_param(ir_builder *b, const ir_type *type);

// Appends an operation: copies attributes, runs the type rule, returns the first result (the
// others have the numbers after it; a primitive without results returns what would be the next).
ir_val ir_emit(ir_builder *b, ir_primitive primitive, const ir_val *in, uint32_t n_in, const void *attributes);
// The operation of another function with other operands.
ir_val ir_emit_like(ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in);
// Places what is emitted next where the operation came from.
void ir_set_place(ir_builder *b, const ir_op *op);
// The same for a C source position; `file` need not outlive the call.
void ir_set_source(ir_builder *b, const char *file, int line, const char *operation);

const ir_type *ir_type_of(const ir_builder *b, ir_val value);
// The operation that made a value, or NULL for a parameter.
const ir_op *ir_def_of(const ir_builder *b, ir_val value);

// The number in the linear program (without IR_LINEAR) of a value of the primal one: a parameter
// there, noted in `residuals`, or a copy of what costs nothing to make again.
ir_val ir_cross(ir_builder *b, ir_val value);

// Closes the function and frees what building took; the builder cannot be used any more.
const ir_function *ir_finish(ir_builder *b, const ir_val *results, uint32_t n_results);
// The same, without the parameters from `first` on that nothing uses; kept[i] tells of parameter first + i.
const ir_function *ir_finish_pruned(ir_builder *b, const ir_val *results, uint32_t n_results,
                                    uint32_t first, bool *kept);

// Puts the operations of f, applied to `in`, into the builder; fills out[0 .. f->n_results).
void ir_inline(ir_builder *b, const ir_function *f, const ir_val *in, ir_val *out);

// Raises CV_INVALID (or `status`) with the builder's place and operation in front.
_Noreturn void ir_fail(const ir_builder *b, cv_status status, const char *format, ...) BASE_PRINTF(3, 4);
// The same with the place of an operation.
_Noreturn void ir_fail_op(const ir_op *op, cv_status status, const char *format, ...) BASE_PRINTF(3, 4);

// Shorthands: the primitives under their names. Operands must have the types that the primitive wants.
#define IR_UNARY(name)                                                                             \
    static inline ir_val ir_##name(ir_builder *b, ir_val x) { return ir_emit(b, IR_##name, &x, 1, NULL); }
IR_UNARY(neg) IR_UNARY(abs) IR_UNARY(sign) IR_UNARY(floor) IR_UNARY(exp) IR_UNARY(expm1) IR_UNARY(log)
IR_UNARY(log1p) IR_UNARY(tanh) IR_UNARY(logistic) IR_UNARY(sin) IR_UNARY(cos) IR_UNARY(sqrt)
IR_UNARY(rsqrt) IR_UNARY(not) IR_UNARY(stop_gradient) IR_UNARY(ceil) IR_UNARY(round) IR_UNARY(round_even)
IR_UNARY(popcnt) IR_UNARY(clz) IR_UNARY(is_finite) IR_UNARY(exp2) IR_UNARY(cbrt) IR_UNARY(tan) IR_UNARY(asin)
IR_UNARY(acos) IR_UNARY(atan) IR_UNARY(sinh) IR_UNARY(cosh) IR_UNARY(asinh) IR_UNARY(acosh) IR_UNARY(atanh)
IR_UNARY(erf) IR_UNARY(erfc) IR_UNARY(erf_inv) IR_UNARY(lgamma) IR_UNARY(digamma) IR_UNARY(real) IR_UNARY(imag) IR_UNARY(conj)
#undef IR_UNARY
#define IR_BINARY(name)                                                                            \
    static inline ir_val ir_##name(ir_builder *b, ir_val x, ir_val y) {                            \
        return ir_emit(b, IR_##name, (ir_val[]){x, y}, 2, NULL);                                   \
    }
IR_BINARY(add) IR_BINARY(sub) IR_BINARY(mul) IR_BINARY(div) IR_BINARY(pow) IR_BINARY(max) IR_BINARY(min)
IR_BINARY(and) IR_BINARY(or) IR_BINARY(xor) IR_BINARY(eq) IR_BINARY(ne) IR_BINARY(lt) IR_BINARY(le)
IR_BINARY(gt) IR_BINARY(ge) IR_BINARY(rem) IR_BINARY(nextafter) IR_BINARY(shift_left)
IR_BINARY(shift_right_arithmetic) IR_BINARY(shift_right_logical) IR_BINARY(atan2) IR_BINARY(complex)
#undef IR_BINARY
static inline ir_val ir_select(ir_builder *b, ir_val predicate, ir_val yes, ir_val no) {
    return ir_emit(b, IR_select, (ir_val[]){predicate, yes, no}, 3, NULL);
}
static inline ir_val ir_clamp(ir_builder *b, ir_val low, ir_val x, ir_val high) {
    return ir_emit(b, IR_clamp, (ir_val[]){low, x, high}, 3, NULL);
}
static inline ir_val ir_fma(ir_builder *b, ir_val x, ir_val y, ir_val z) {
    return ir_emit(b, IR_fma, (ir_val[]){x, y, z}, 3, NULL);
}
ir_val ir_convert(ir_builder *b, ir_val x, cv_dtype dtype); // x itself if it has the dtype
// The bits of x taken as another dtype (primitives/bits.c). An element of twice the width or more is a last axis
// of narrow ones, the lowest bits first.
ir_val ir_bitcast_convert(ir_builder *b, ir_val x, cv_dtype dtype);

// A constant that fills the type, converted to its dtype (integers exactly, by ir_full_int).
ir_val ir_full(ir_builder *b, const ir_type *type, double value);
ir_val ir_full_int(ir_builder *b, const ir_type *type, int64_t value);
ir_val ir_full_like(ir_builder *b, ir_val x, double value);
ir_val ir_zeros(ir_builder *b, const ir_type *type);
ir_val ir_constant(ir_builder *b, const ir_type *type, bool splat, const void *data);
ir_val ir_iota(ir_builder *b, cv_dtype dtype, ir_dims shape, int64_t axis);

// Movement; each returns x itself where nothing would change.
ir_val ir_broadcast_in_dim(ir_builder *b, ir_val x, ir_dims shape, ir_dims dims);
ir_val ir_broadcast_leading(ir_builder *b, ir_val x, int64_t size); // one axis in front
ir_val ir_reshape(ir_builder *b, ir_val x, ir_dims shape);
ir_val ir_transpose(ir_builder *b, ir_val x, ir_dims permutation);
ir_val ir_move_axis(ir_builder *b, ir_val x, int64_t from, int64_t to);
ir_val ir_rev(ir_builder *b, ir_val x, ir_dims axes);
ir_val ir_slice(ir_builder *b, ir_val x, ir_dims start, ir_dims limit, ir_dims stride);
ir_val ir_pad(ir_builder *b, ir_val x, ir_val value, ir_dims low, ir_dims high, ir_dims interior);
ir_val ir_concatenate(ir_builder *b, const ir_val *x, uint32_t n, int64_t axis);
ir_val ir_dynamic_slice(ir_builder *b, ir_val x, const ir_val *start, ir_dims sizes);
ir_val ir_dynamic_update_slice(ir_builder *b, ir_val x, ir_val update, const ir_val *start);
ir_val ir_gather(ir_builder *b, ir_val x, ir_val indices, const ir_gather_attributes *attributes);
ir_val ir_scatter(ir_builder *b, ir_val x, ir_val indices, ir_val updates, const ir_scatter_attributes *attributes);
ir_val ir_scatter_add(ir_builder *b, ir_val x, ir_val indices, ir_val updates, const ir_scatter_attributes *attributes);

ir_val ir_reduce(ir_builder *b, ir_primitive primitive, ir_val x, ir_dims axes); // reduce_sum, reduce_prod, ...
ir_val ir_reduce_sum(ir_builder *b, ir_val x, ir_dims axes);
ir_val ir_reduce_max(ir_builder *b, ir_val x, ir_dims axes);
ir_val ir_reduce_min(ir_builder *b, ir_val x, ir_dims axes);
// Elementwise, whether x goes before y in the order of numbers with NaN last: -0 is equal to 0, NaN to NaN.
ir_val ir_goes_before(ir_builder *b, ir_val x, ir_val y);
// A comparator of operands with these dtypes by the first n_keys of them, the first one first, in this order
// or all of it the other way round.
const ir_function *ir_sort_order(ir_module *module, const cv_dtype *dtypes, uint32_t n, uint32_t n_keys,
                                 bool descending);
ir_val ir_argmax(ir_builder *b, ir_val x, int64_t axis, cv_dtype dtype);
ir_val ir_argmin(ir_builder *b, ir_val x, int64_t axis, cv_dtype dtype);
// The result has the batch axes, then the free axes of x, then those of y.
ir_val ir_dot_general(ir_builder *b, ir_val x, ir_val y, const ir_dot_attributes *attributes);

#endif
