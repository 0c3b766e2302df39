// What the parts of the writer share.
#ifndef IR_STABLEHLO_WRITE_H
#define IR_STABLEHLO_WRITE_H

#include "ir/rules.h"

// A value as the text calls it: "%5", or "%5#1".
typedef struct sh_named {
    const char *name;
    const ir_type *type;
} sh_named;

typedef struct sh_writer {
    base_text *text;
    base_arena *arena;
    ir_module *module;
    uint32_t next, indent; // the next number of a value; depth of regions
    const struct sh_symbols *symbols;
} sh_writer;

// write.c

// An operation in the generic form, on a line. It is begun, has regions, and is ended:
//     %5:2 = "stablehlo.case"(%0) <{attributes}> ({ region }, { region }) : (types) -> (types)
// Fills out[] with its results. `attributes` may be "".
void sh_begin(sh_writer *w, const char *op, const sh_named *in, uint32_t n_in, const char *attributes,
              const ir_type *const *out_types, uint32_t n_out, sh_named *out);
void sh_end(sh_writer *w, const sh_named *in, uint32_t n_in, const sh_named *out, uint32_t n_out);
// One without regions and with one result.
sh_named sh_line(sh_writer *w, const char *op, const sh_named *in, uint32_t n_in, const char *attributes,
                 const ir_type *out_type);
// Regions: `first` for the first one of its operation. sh_region writes f, its first parameters `given`, the
// others arguments of the region.
void sh_region(sh_writer *w, const ir_function *f, const sh_named *given, uint32_t n_given, bool first);
// A region of one operation of two arguments.
void sh_region_of(sh_writer *w, const char *op, const ir_type *type);
void sh_end_regions(sh_writer *w);
// The operations of f where the text is; out[] is what its results are called.
void sh_write_body(sh_writer *w, const ir_function *f, const sh_named *params, sh_named *out);
void sh_call(sh_writer *w, const ir_function *callee, const sh_named *in, uint32_t n_in, sh_named *out);
void sh_write_type(base_text *text, const ir_type *type);
const char *sh_list(sh_writer *w, ir_dims dims);  // "[1, 2]"
const char *sh_array(sh_writer *w, ir_dims dims); // "array<i64: 1, 2>"

// write_operations.c: one operation; in[] are its operands.
void sh_write_op(sh_writer *w, const ir_function *f, const ir_op *op, const sh_named *in, sh_named *out);

// write_expand.c: the operation in terms of those that StableHLO has, or NULL if it has it. The function's
// parameters are the operands.
// What combining with changes nothing: 0 for add, the smallest number for max; converted to the dtype.
double sh_neutral_number(ir_primitive combiner, cv_dtype dtype);
const ir_function *sh_expanded(ir_module *module, const ir_function *f, const ir_op *op);

// write_dense.c: dense<...> : type.
void sh_write_literal(base_text *text, const ir_literal *literal);

#endif
