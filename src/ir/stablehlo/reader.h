// What the parts of the reader of syntax share.
#ifndef IR_STABLEHLO_READER_H
#define IR_STABLEHLO_READER_H

#include "ir/stablehlo/lexer.h"

enum { SH_MAX_DEPTH = 100 }; // of brackets and regions in each other

typedef base_vector(sh_attribute) sh_attributes;

typedef struct sh_type {
    const ir_type *type; // NULL: none that programs have
    sh_slice written;
} sh_type;
typedef base_vector(sh_type) sh_types;

typedef struct sh_reader {
    sh_lexer l;
    base_arena *arena;
    ir_module *module;
    uint32_t depth;
    base_index words; // names of operations
    base_vector(const char *) word_list;
    // Names of values that are visible, the innermost last.
    base_index names;
    base_vector(struct sh_name) visible;
    base_vector(sh_value) values;
    struct sh_open_region *region; // innermost
    base_index captured;           // pairs of region and value
    base_vector(struct sh_captured) captured_list;
    base_vector(struct sh_alias) aliases;
} sh_reader;

// Nesting of what reads itself; deepen fails over SH_MAX_DEPTH.
void sh_deepen(sh_reader *r);

// attribute.c
sh_type sh_take_type(sh_reader *r);
// One type, or several in parentheses.
void sh_take_types(sh_reader *r, sh_types *types);
bool sh_at_type(const sh_reader *r);
// typed: ": i64" may follow, and belongs to the attribute.
sh_attribute sh_take_attribute(sh_reader *r, bool typed);
// {name = value, ...} or <...>; the token is the opening bracket. Structs are opened: their fields are
// entries.
void sh_take_dictionary(sh_reader *r, sh_attributes *attributes);
void sh_add_attribute(sh_reader *r, sh_attributes *attributes, sh_slice name, sh_attribute value);

// forms.c: gives the attributes of a pretty form the names that the generic form has. `positional` are
// those that have no name, in their order.
void sh_name_attributes(sh_reader *r, const char *op, sh_attributes *attributes,
                        const sh_attributes *positional);

// location.c: "#loc3 = loc(...)", the token is the alias.
struct sh_alias {
    sh_slice name, location;
};
void sh_take_alias(sh_reader *r);
void sh_sort_aliases(sh_reader *r);
sh_slice sh_take_location(sh_reader *r); // of loc(...) if there is one

#endif
