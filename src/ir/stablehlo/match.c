// Whether two small functions compute the same by the same operations, whatever is shared in them: JAX prints
// a constant in each place where it is used, or once outside.
//
// In: two functions of elementwise operations and constants. Both are numbered in one list of distinct
// expressions, so that they are the same when their results have the same numbers.

#include <string.h>

#include "ir/stablehlo/importer.h"

enum { MOST_OPS = 256, MOST_IN = 3 };

typedef struct expression {
    const ir_op *op; // NULL: a parameter
    uint32_t in[MOST_IN];
} expression;

typedef struct expressions {
    uint32_t n;
    expression at[2 * MOST_OPS];
} expressions;

static uint32_t number_of(expressions *list, const expression *e) {
    const ir_layout *layout = ir_primitives[e->op->primitive].layout;
    uint32_t i = 0;
    for (; i < list->n; i++) {
        const expression *other = &list->at[i];
        if (!other->op || other->op->primitive != e->op->primitive || memcmp(other->in, e->in, sizeof e->in))
            continue;
        if (!layout->size || ir_attributes_equal(layout, other->op->attributes, e->op->attributes)) return i;
    }
    list->at[list->n++] = *e;
    return i;
}

// Fills number[value]; false if the function is not of the kind that is compared.
static bool number_values(expressions *list, const ir_function *f, uint32_t *number) {
    for (uint32_t i = 0; i < f->n_params; i++) number[i] = i;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        expression e = {op, {0}};
        if (op->n_out != 1 || op->n_in > MOST_IN) return false;
        for (uint32_t k = 0; k < op->n_in; k++) e.in[k] = number[ir_in(f, op)[k]];
        number[op->out] = number_of(list, &e);
    }
    return true;
}

bool sh_same_function(sh_importer *im, const ir_function *f, const ir_function *g) {
    if (f->n_ops + f->n_params > MOST_OPS || g->n_ops + g->n_params > MOST_OPS) return false;
    if (f->n_params != g->n_params || f->n_results != g->n_results) return false;
    expressions *list = base_new(&im->arena, expressions);
    uint32_t *first = base_new_array(&im->arena, uint32_t, f->n_values + 1);
    uint32_t *second = base_new_array(&im->arena, uint32_t, g->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++)
        if (f->types[i] != g->types[i]) return false;
    list->n = f->n_params;
    if (!number_values(list, f, first) || !number_values(list, g, second)) return false;
    for (uint32_t i = 0; i < f->n_results; i++)
        if (first[f->results[i]] != second[g->results[i]]) return false;
    return true;
}
