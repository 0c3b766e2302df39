// StableHLO text as a tree: what stands there, and nothing of what it means.
//
// In: the text of a module, in MLIR's pretty form or in the generic one. Out: operations with
// their operands, attributes, regions and result types; both forms give the same tree. Values are
// numbers, over the whole module, and a value is defined before it is used. What a tree cannot
// hold (other dialects' attributes and types, locations) is skipped by its brackets.
//
// Pretty forms put attributes under other names, or under none: a table in forms.c has them, so that
// what reads the tree knows the generic names alone. The fields of an attribute such as
// #stablehlo.gather<...> are attributes of the operation.
//
// The text may be hostile: nesting is bounded, and memory grows with the text, never with a number
// in it. Mistakes raise CV_INVALID with "file:line:column: what is wrong".
#ifndef IR_STABLEHLO_SYNTAX_H
#define IR_STABLEHLO_SYNTAX_H

#include "base/error.h"
#include "ir/program.h"

// A part of the text.
typedef struct sh_slice {
    const char *at;
    size_t n;
} sh_slice;

typedef struct sh_place {
    uint32_t line, column;
} sh_place;

typedef enum sh_kind {
    SH_NUMBER,     // text: as written
    SH_WORD,       // LT, true, unit
    SH_STRING,     // text: without quotes
    SH_SYMBOL,     // text: without @ and quotes
    SH_TYPE,       // type, where it is a tensor that programs can hold
    SH_DENSE,      // text: what stands in dense<...>; type, where it is written
    SH_LIST,       // [...], array<...>; also [...] x [...], a list of lists
    SH_DICTIONARY, // {...}
    SH_OPAQUE,     // anything else
} sh_kind;

typedef struct sh_attribute {
    sh_kind kind;
    sh_slice name; // in a dictionary
    sh_slice text;
    sh_place place;
    const ir_type *type;
    uint32_t n;
    const struct sh_attribute *items; // of a list or dictionary
} sh_attribute;

// A region of one block. Its values have numbers from first_value on.
typedef struct sh_region {
    uint32_t n_args, n_ops, n_captures;
    uint32_t first_arg, first_value;
    const uint32_t *captures; // values of the surroundings that are used inside, each once
    const struct sh_op *const *ops;
} sh_region;

typedef struct sh_op {
    const char *name; // with its dialect: "stablehlo.add"
    sh_place place;
    sh_slice location; // what stands in loc(...)
    uint32_t n_in, n_out, n_regions, n_attributes;
    uint32_t out; // the first result; the others follow
    const uint32_t *in;
    const sh_attribute *attributes;
    const sh_region *regions;
} sh_op;

typedef struct sh_value {
    const ir_type *type; // NULL: of a type that programs do not have
    sh_slice written;    // that type
    const sh_op *op;     // what makes it; NULL: a parameter of a region
} sh_value;

typedef struct sh_module {
    const char *file;
    uint32_t n_ops, n_values;
    const sh_op *const *ops; // functions
    const sh_value *values;
    uint32_t n_aliases;
    const struct sh_alias *aliases; // of locations, in order of their names
} sh_module;

// Recognises the text of a module, so that it can be told from a program of our own.
bool sh_is_module(const char *text);
// The tree lies in the arena and points into the text; names of operations are zero-terminated.
const sh_module *sh_parse(base_arena *arena, ir_module *module, const char *file, const char *text);

// The attribute with this name, or NULL.
const sh_attribute *sh_find(const sh_op *op, const char *name);
bool sh_slice_is(sh_slice slice, const char *text);
// The place in the user's source that the location of an operation names; false if it names none.
typedef struct sh_source {
    char file[256];
    uint32_t line;
} sh_source;
bool sh_find_source(const sh_module *module, const sh_op *op, sh_source *source);

// dense.c: the elements of a SH_DENSE of this type, in the arena. NULL, or what is wrong with them.
const char *sh_dense_read(base_arena *arena, sh_slice text, const ir_type *type, ir_literal *literal);

#endif
