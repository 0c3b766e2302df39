// From the tree of StableHLO to a program: what the parts of the importer share.
//
// Each operation of StableHLO is a row of one table (operations.c): its name, how many operands it takes, the
// handler that emits it and, for most, the primitive that it is.
#ifndef IR_STABLEHLO_IMPORTER_H
#define IR_STABLEHLO_IMPORTER_H

#include "ir/builder.h"
#include "ir/stablehlo/syntax.h"

struct sh_function;
struct sh_row;

typedef struct sh_importer {
    ir_module *module;
    base_arena arena;
    const char *file;
    const sh_module *text;
    ir_builder *b;           // of the function or region that is being imported
    ir_val *values;          // of every value of the text: its number in b
    uint32_t *stamps, stamp; // of every value: when it was last listed as captured
    const sh_op *op;         // for messages
    ir_place place;          // what b has, kept since b may be gone when a message is made
    bool explained;          // a message has its place already
    base_index rows, names;  // of the table, of the functions
    base_vector(struct sh_function) functions;
} sh_importer;

typedef void sh_handler(sh_importer *im, const sh_op *op, const struct sh_row *row);

typedef struct sh_row {
    const char *name;
    int n_in;      // or IR_VARIADIC
    int n_regions; // or IR_VARIADIC
    sh_handler *import;
    ir_primitive primitive;
    // Whether this operation can be run, or NULL: always.
    bool (*can)(struct sh_importer *im, const sh_op *op);
} sh_row;

const sh_row *sh_find_row(const sh_importer *im, const char *name);
void sh_index_rows(sh_importer *im);

// Messages: with the place and the name of the operation in front.
_Noreturn void sh_wrong(sh_importer *im, const char *format, ...) BASE_PRINTF(2, 3);
_Noreturn void sh_unsupported(sh_importer *im, const char *format, ...) BASE_PRINTF(2, 3);

// Operands and results.
static inline ir_val sh_in(const sh_importer *im, const sh_op *op, uint32_t i) {
    return im->values[op->in[i]];
}
static inline const ir_type *sh_in_type(const sh_importer *im, const sh_op *op, uint32_t i) {
    return im->text->values[op->in[i]].type;
}
const ir_type *sh_out_type(sh_importer *im, const sh_op *op, uint32_t i); // fails if the text names fewer
// Checks that the value has the type that the text says.
void sh_set_out(sh_importer *im, const sh_op *op, uint32_t i, ir_val value);

// Attributes: absent ones are empty, the number given, or false.
ir_dims sh_get_dims(sh_importer *im, const sh_op *op, const char *name);
ir_dims sh_get_padding(sh_importer *im, const sh_op *op, const char *name); // low and high of each axis in turn
int64_t sh_get_int(sh_importer *im, const sh_op *op, const char *name, int64_t absent);
bool sh_get_bool(const sh_op *op, const char *name);
bool sh_get_symbol(const sh_op *op, const char *name, sh_slice *symbol);
// The numbers of a value that is a constant of integers; raises if it is none.
ir_dims sh_constant_dims(sh_importer *im, ir_val value, const char *what);

// Regions as closed functions. `captures` are values of the text that become parameters, in front of the
// arguments of the region; others that it uses are constants, which are made again inside.
typedef struct sh_captures {
    uint32_t n;
    const uint32_t *at;
} sh_captures;
sh_captures sh_captures_of(sh_importer *im, const sh_region *regions, uint32_t n);
const ir_function *sh_import_region(sh_importer *im, const sh_region *region, sh_captures captures,
                                    const char *name);
// A region that uses nothing of its surroundings but constants.
const ir_function *sh_import_closed(sh_importer *im, const sh_region *region, const char *name);
const ir_function *sh_function_named(sh_importer *im, sh_slice name);
// The name of the only operation of a region (args a, b; op(a, b) or op(b, a); return), "first" or "second"
// if it returns an argument of these two, or NULL.
const char *sh_region_combiner(const sh_region *region);

// match.c: whether small elementwise functions do the same by the same operations.
bool sh_same_function(sh_importer *im, const ir_function *f, const ir_function *g);
// Emits the elementwise operations of f on arrays of this shape.
void sh_lift(sh_importer *im, const ir_function *f, ir_dims shape, const ir_val *in, ir_val *out);

// The indices of a gather or scatter with their vectors along the last axis; batching axes of the indices are
// then counted without the axis that the vectors had.
ir_val sh_index_vectors(sh_importer *im, const sh_op *op, ir_val indices, ir_dims *batching);

// Scalars and arrays.
ir_val sh_fill_shape(sh_importer *im, ir_val scalar, ir_dims shape); // itself if it has the shape
ir_val sh_total_order_key(ir_builder *b, ir_val x); // integers in the total order of the floating numbers x
// The elementwise primitive that an operation is for this dtype (booleans add by "or"), or
// IR_PRIMITIVE_COUNT.
ir_primitive sh_combiner_primitive(const char *name, cv_dtype dtype);
// Whether the initial value of a reduction is a constant that changes nothing.
bool sh_is_neutral(const sh_importer *im, ir_primitive combiner, ir_val initial);

// Handlers, by file.
sh_handler sh_import_primitive, sh_import_compare, sh_import_convert, sh_import_select, sh_import_clamp,
    sh_import_power, sh_import_real, sh_import_imag, sh_import_conj, sh_import_square, sh_import_broadcasting,
    sh_import_broadcasting_compare, sh_import_is_inf, sh_import_polygamma, sh_import_identity,
    sh_import_bitcast;
sh_handler sh_import_constant, sh_import_iota, sh_import_broadcast_in_dim, sh_import_broadcast,
    sh_import_reshape, sh_import_transpose, sh_import_reverse, sh_import_slice, sh_import_pad,
    sh_import_concatenate, sh_import_dynamic_pad, sh_import_real_dynamic_slice, sh_import_dimension_size,
    sh_import_constant_like;
sh_handler sh_import_dynamic_slice, sh_import_dynamic_update_slice, sh_import_gather, sh_import_scatter,
    sh_import_sort, sh_import_top_k;
sh_handler sh_import_reduce, sh_import_reduce_window, sh_import_map, sh_import_dot_general, sh_import_dot;
sh_handler sh_import_while, sh_import_case, sh_import_if, sh_import_call, sh_import_composite,
    sh_import_custom_call;
bool sh_can_custom_call(sh_importer *im, const sh_op *op);
bool sh_can_reduce_window(sh_importer *im, const sh_op *op);

#endif
