// The names that pretty forms give to attributes, or leave out, beside those of the generic form.
//
// A row says: this operation's attribute `pretty` is `generic`. In the place of a name stands "0" or "1" for
// what has none: stablehlo.compare LT, %a, %b, SIGNED. A pair, [0] x [1], is split into two attributes.

#include <string.h>

#include "ir/stablehlo/reader.h"

typedef struct form {
    const char *op, *pretty, *generic, *second;
} form;

static const form forms[] = {
    {"stablehlo.compare", "0", "comparison_direction", NULL},
    {"stablehlo.compare", "1", "compare_type", NULL},
    {"stablehlo.constant", "0", "value", NULL},
    {"chlo.constant", "0", "value", NULL},
    {"stablehlo.composite", "0", "name", NULL},
    {"stablehlo.custom_call", "0", "call_target_name", NULL},
    {"func.call", "0", "callee", NULL},
    {"stablehlo.iota", "dim", "iota_dimension", NULL},
    {"stablehlo.dynamic_iota", "dim", "iota_dimension", NULL},
    {"stablehlo.broadcast", "sizes", "broadcast_sizes", NULL},
    {"stablehlo.broadcast_in_dim", "dims", "broadcast_dimensions", NULL},
    {"stablehlo.dynamic_broadcast_in_dim", "dims", "broadcast_dimensions", NULL},
    {"stablehlo.transpose", "dims", "permutation", NULL},
    {"stablehlo.reverse", "dims", "dimensions", NULL},
    {"stablehlo.reduce", "dimensions", "dimensions", NULL},
    {"stablehlo.concatenate", "dim", "dimension", NULL},
    {"stablehlo.get_dimension_size", "dim", "dimension", NULL},
    {"stablehlo.set_dimension_size", "dim", "dimension", NULL},
    {"stablehlo.pad", "low", "edge_padding_low", NULL},
    {"stablehlo.pad", "high", "edge_padding_high", NULL},
    {"stablehlo.pad", "interior", "interior_padding", NULL},
    {"stablehlo.dynamic_slice", "sizes", "slice_sizes", NULL},
    {"stablehlo.dot_general", "contracting_dims", "lhs_contracting_dimensions", "rhs_contracting_dimensions"},
    {"stablehlo.dot_general", "batching_dims", "lhs_batching_dimensions", "rhs_batching_dimensions"},
    {"stablehlo.dot_general", "precision", "precision_config", NULL},
    {"stablehlo.dot", "precision", "precision_config", NULL},
    {"stablehlo.fft", "type", "fft_type", NULL},
    {"stablehlo.fft", "length", "fft_length", NULL},
    {"stablehlo.rng", "distribution", "rng_distribution", NULL},
    {"stablehlo.rng_bit_generator", "algorithm", "rng_algorithm", NULL},
    {"stablehlo.convolution", "dim_numbers", "dimension_numbers", NULL},
};

static const form *find_form(const char *op, sh_slice pretty) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (!strcmp(forms[i].op, op) && sh_slice_is(pretty, forms[i].pretty)) return &forms[i];
    return NULL;
}

static sh_slice slice_of(const char *text) { return (sh_slice){text, strlen(text)}; }

void sh_name_attributes(sh_reader *r, const char *op, sh_attributes *attributes,
                        const sh_attributes *positional) {
    for (uint32_t i = 0; i < positional->n && i < 10; i++) {
        const form *f = find_form(op, (sh_slice){&"0123456789"[i], 1});
        if (f) sh_add_attribute(r, attributes, slice_of(f->generic), positional->at[i]);
    }
    for (uint32_t i = 0; i < attributes->n; i++) {
        sh_attribute *a = &attributes->at[i];
        const form *f = find_form(op, a->name);
        if (!f) continue;
        a->name = slice_of(f->generic);
        if (!f->second || a->kind != SH_LIST || a->n != 2) continue;
        sh_attribute pair[2] = {a->items[0], a->items[1]};
        *a = pair[0];
        a->name = slice_of(f->generic);
        sh_add_attribute(r, attributes, slice_of(f->second), pair[1]);
    }
}
