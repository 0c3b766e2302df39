// Reading operations: what operation.c and custom.c share.
#ifndef IR_STABLEHLO_OPERATION_H
#define IR_STABLEHLO_OPERATION_H

#include "ir/stablehlo/reader.h"

struct sh_name {
    sh_slice name;
    uint32_t first, n; // values
};

struct sh_captured {
    uint32_t region, value; // the first value of the region
};

struct sh_open_region {
    struct sh_open_region *outer;
    uint32_t visible; // names from here on are the region's own
    uint32_t first_value, first_arg, n_args;
    base_vector(const sh_op *) ops;
    base_vector(uint32_t) captures;
};

// An operation that is being read.
typedef struct sh_op_draft {
    const char *name;
    sh_place place;
    sh_slice location;
    uint32_t n_out; // results that it has names for
    base_vector(uint32_t) in;
    sh_types types; // of the results
    sh_attributes attributes, positional;
    base_vector(sh_region) regions;
} sh_op_draft;

const char *sh_word(sh_reader *r, sh_slice word);
void sh_define(sh_reader *r, const sh_token *name, uint32_t first, uint32_t n);
uint32_t sh_new_value(sh_reader *r, sh_type type, const sh_op *op);
uint32_t sh_take_value(sh_reader *r);
void sh_take_operand(sh_reader *r, sh_op_draft *d);

// A region becomes the innermost one, gets arguments and operations, and is closed.
void sh_open(sh_reader *r, struct sh_open_region *region);
void sh_take_argument(sh_reader *r);
void sh_take_arguments(sh_reader *r);
void sh_take_body(sh_reader *r); // up to '}', which is taken too
sh_region sh_close(sh_reader *r);

const sh_op *sh_take_op(sh_reader *r);
const sh_op *sh_finish_op(sh_reader *r, sh_op_draft *d);
void sh_take_items(sh_reader *r, sh_op_draft *d);
void sh_take_signature(sh_reader *r, sh_op_draft *d);
void sh_take_pretty(sh_reader *r, sh_op_draft *d);

// custom.c: what stands behind the name of an operation in the pretty form.
void sh_take_custom(sh_reader *r, sh_op_draft *d);

#endif
