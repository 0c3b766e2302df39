// Attributes of operations: one struct per layout, and for each layout a list of its fields, so
// that attributes are printed, parsed, copied, hashed and compared by one piece of code each.
//
// A primitive names its layout in primitives.def. Lists, data and functions that attributes point
// to are copied (functions: retained) when an operation is emitted, so callers may pass locals.
#ifndef IR_ATTRIBUTES_H
#define IR_ATTRIBUTES_H

#include "ir/scalar.h"
#include "ir/type.h"

struct ir_function;

typedef struct ir_functions {
    int64_t n;
    const struct ir_function *const *at;
} ir_functions;

// The value of a `constant`: one element that fills the type (splat), or all of them in row-major order.
typedef struct ir_literal {
    const ir_type *type;
    bool splat;
    const void *data;
} ir_literal;

// What gather and scatter do with an index out of bounds: move it to the nearest that is inside;
// read a fill value (NaN, true, the smallest signed or largest unsigned integer) and drop writes;
// read zero and drop writes, which is what derivatives of the second need.
typedef enum ir_index_mode {
    IR_CLIP,
    IR_FILL_OR_DROP,
    IR_FILL_ZERO_OR_DROP,
    IR_INDEX_MODES
} ir_index_mode;

typedef struct ir_none_attributes { char unused; } ir_none_attributes;
typedef struct ir_constant_attributes { ir_literal value; } ir_constant_attributes;
typedef struct ir_iota_attributes { cv_dtype dtype; ir_dims shape; int64_t axis; } ir_iota_attributes;
typedef struct ir_convert_attributes { cv_dtype dtype; } ir_convert_attributes;
typedef struct ir_integer_pow_attributes { int64_t exponent; } ir_integer_pow_attributes;
typedef struct ir_polygamma_attributes { int64_t order; } ir_polygamma_attributes;
typedef struct ir_reshape_attributes { ir_dims shape; } ir_reshape_attributes;
// dims[i]: the axis of the result that axis i of the operand becomes (strictly increasing not required).
typedef struct ir_broadcast_attributes { ir_dims shape, dims; } ir_broadcast_attributes;
// permutation[i]: the axis of the operand that becomes axis i of the result.
typedef struct ir_transpose_attributes { ir_dims permutation; } ir_transpose_attributes;
typedef struct ir_axes_attributes { ir_dims axes; } ir_axes_attributes;
typedef struct ir_slice_attributes { ir_dims start, limit, stride; } ir_slice_attributes;
typedef struct ir_pad_attributes { ir_dims low, high, interior; } ir_pad_attributes;
typedef struct ir_axis_attributes { int64_t axis; } ir_axis_attributes;
typedef struct ir_dynamic_slice_attributes { ir_dims sizes; } ir_dynamic_slice_attributes;
typedef struct ir_argmax_attributes { int64_t axis; cv_dtype dtype; } ir_argmax_attributes;
// From the first element of the axis to the last, or `reverse`.
typedef struct ir_cumulative_attributes { int64_t axis; bool reverse; } ir_cumulative_attributes;
typedef struct ir_dot_attributes { ir_dims lhs_contract, rhs_contract, lhs_batch, rhs_batch; } ir_dot_attributes;
// As jax.lax.GatherDimensionNumbers; the index vector is the last axis of the indices.
typedef struct ir_gather_attributes {
    ir_dims offset_dims, collapsed_slice_dims, start_index_map, operand_batching_dims,
        start_indices_batching_dims, slice_sizes;
    int64_t mode; // ir_index_mode
} ir_gather_attributes;
// As jax.lax.ScatterDimensionNumbers.
typedef struct ir_scatter_attributes {
    ir_dims update_window_dims, inserted_window_dims, scatter_dims_to_operand_dims,
        operand_batching_dims, scatter_indices_batching_dims;
    int64_t mode;
    bool unique; // a promise: no element is written twice
} ir_scatter_attributes;

// comparator(a0, b0, a1, b1, ...): whether the a's, an element of each operand, go before the b's.
typedef struct ir_sort_attributes {
    int64_t axis;
    const struct ir_function *comparator;
} ir_sort_attributes;

// body(a0, ..., x0, ...) -> the next a's, where a is what was folded so far and x an element of each array.
typedef struct ir_reduce_attributes {
    ir_dims axes;
    const struct ir_function *body;
} ir_reduce_attributes;

// Control flow. All functions are closed: what a body uses of its surroundings is an operand.
typedef struct ir_call_attributes { const struct ir_function *function; } ir_call_attributes;
// operands: index (bool or s32; clamped to the branches), then the arguments of every branch.
typedef struct ir_cond_attributes { ir_functions branches; } ir_cond_attributes;
// operands: constants of cond, constants of body, carries.
// cond: (its constants, carries) -> bool[]; body: (its constants, carries) -> carries.
typedef struct ir_while_attributes {
    const struct ir_function *cond, *body;
    int64_t cond_constants, body_constants;
} ir_while_attributes;
// operands: constants, initial carries, sliced inputs (leading axis `length`);
// body: (constants, carries, one slice of each) -> (carries, one slice of each stacked output);
// results: final carries, stacked outputs. `reverse` goes from the last slice to the first.
typedef struct ir_scan_attributes {
    const struct ir_function *body;
    int64_t constants, carries, length;
    bool reverse;
} ir_scan_attributes;

typedef enum ir_field_kind {
    IR_FIELD_INT,       // int64_t
    IR_FIELD_BOOL,      // bool
    IR_FIELD_FLAG,      // bool, written only where it is true
    IR_FIELD_DTYPE,     // cv_dtype
    IR_FIELD_DIMS,      // ir_dims
    IR_FIELD_MODE,      // int64_t that holds an ir_index_mode, printed by name
    IR_FIELD_LITERAL,   // ir_literal
    IR_FIELD_FUNCTION,  // const ir_function *
    IR_FIELD_FUNCTIONS, // ir_functions
} ir_field_kind;

typedef struct ir_field {
    const char *name;
    ir_field_kind kind;
    size_t offset;
} ir_field;

typedef struct ir_layout {
    size_t size; // 0 for no attributes
    uint32_t n_fields;
    const ir_field *fields;
} ir_layout;

// The layouts that primitives.def names: ir_layout_none, ir_layout_constant, ...
#define IR_LAYOUTS(row)                                                                            \
    row(none) row(constant) row(iota) row(convert) row(integer_pow) row(polygamma) row(reshape) row(broadcast) row(transpose) \
    row(axes) row(slice) row(pad) row(axis) row(dynamic_slice) row(argmax) row(dot) row(gather)    \
    row(scatter) row(cumulative) row(sort) row(reduce) row(call) row(cond) row(while) row(scan)
#define IR_DECLARE_LAYOUT(name) extern const ir_layout ir_layout_##name;
IR_LAYOUTS(IR_DECLARE_LAYOUT)
#undef IR_DECLARE_LAYOUT

extern const char *const ir_index_mode_names[IR_INDEX_MODES];

// A deep copy in the arena; functions are not retained by it.
const void *ir_attributes_copy(base_arena *arena, const ir_layout *layout, const void *attributes);
bool ir_attributes_equal(const ir_layout *layout, const void *a, const void *b);
uint64_t ir_attributes_hash(const ir_layout *layout, const void *attributes, uint64_t seed);
// Calls visit(argument, slot) for every function that the attributes hold; a visitor may replace it.
void ir_attributes_functions(const ir_layout *layout, const void *attributes,
                             void (*visit)(void *argument, const struct ir_function **slot), void *argument);

#endif
