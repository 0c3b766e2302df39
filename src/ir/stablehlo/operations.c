// The table of operations: a row each. Most are a primitive with the same operands; the others have a handler
// in elementwise.c, structure.c, indexing.c, scatter.c, folds.c, windows.c or control.c.

#include <string.h>

#include "ir/stablehlo/importer.h"

#define SAME(name, n, primitive)                                                                             \
    { name, n, 0, sh_import_primitive, IR_##primitive, NULL }
#define ROW(name, n, regions, handler)                                                                       \
    { name, n, regions, handler, IR_PRIMITIVE_COUNT, NULL }
#define BROADCASTING(name, primitive)                                                                        \
    { name, 2, 0, sh_import_broadcasting, IR_##primitive, NULL }

static const sh_row rows[] = {
    // name, operands, (regions,) primitive or handler
    SAME("stablehlo.abs", 1, abs),
    SAME("stablehlo.add", 2, add),
    SAME("stablehlo.and", 2, and),
    SAME("stablehlo.atan2", 2, atan2),
    SAME("stablehlo.cbrt", 1, cbrt),
    SAME("stablehlo.ceil", 1, ceil),
    SAME("stablehlo.complex", 2, complex),
    SAME("stablehlo.cosine", 1, cos),
    SAME("stablehlo.count_leading_zeros", 1, clz),
    SAME("stablehlo.divide", 2, div),
    SAME("stablehlo.exponential", 1, exp),
    SAME("stablehlo.exponential_minus_one", 1, expm1),
    SAME("stablehlo.floor", 1, floor),
    SAME("stablehlo.is_finite", 1, is_finite),
    SAME("stablehlo.log", 1, log),
    SAME("stablehlo.log_plus_one", 1, log1p),
    SAME("stablehlo.logistic", 1, logistic),
    SAME("stablehlo.maximum", 2, max),
    SAME("stablehlo.minimum", 2, min),
    SAME("stablehlo.multiply", 2, mul),
    SAME("stablehlo.negate", 1, neg),
    SAME("stablehlo.not", 1, not ),
    SAME("stablehlo.or", 2, or),
    SAME("stablehlo.popcnt", 1, popcnt),
    SAME("stablehlo.remainder", 2, rem),
    SAME("stablehlo.round_nearest_afz", 1, round),
    SAME("stablehlo.round_nearest_even", 1, round_even),
    SAME("stablehlo.rsqrt", 1, rsqrt),
    SAME("stablehlo.shift_left", 2, shift_left),
    SAME("stablehlo.shift_right_arithmetic", 2, shift_right_arithmetic),
    SAME("stablehlo.shift_right_logical", 2, shift_right_logical),
    SAME("stablehlo.sign", 1, sign),
    SAME("stablehlo.sine", 1, sin),
    SAME("stablehlo.sqrt", 1, sqrt),
    SAME("stablehlo.subtract", 2, sub),
    SAME("stablehlo.tan", 1, tan),
    SAME("stablehlo.tanh", 1, tanh),
    SAME("stablehlo.xor", 2, xor),
    ROW("stablehlo.bitcast_convert", 1, 0, sh_import_bitcast),
    ROW("stablehlo.clamp", 3, 0, sh_import_clamp),
    ROW("stablehlo.compare", 2, 0, sh_import_compare),
    ROW("stablehlo.convert", 1, 0, sh_import_convert),
    ROW("stablehlo.imag", 1, 0, sh_import_imag),
    ROW("stablehlo.power", 2, 0, sh_import_power),
    ROW("stablehlo.real", 1, 0, sh_import_real),
    ROW("stablehlo.select", 3, 0, sh_import_select),
    ROW("stablehlo.optimization_barrier", IR_VARIADIC, 0, sh_import_identity),
    ROW("sdy.sharding_constraint", 1, 0, sh_import_identity), // where an array lies
    // creation and movement
    ROW("stablehlo.constant", 0, 0, sh_import_constant),
    ROW("stablehlo.iota", 0, 0, sh_import_iota),
    ROW("stablehlo.broadcast", 1, 0, sh_import_broadcast),
    ROW("stablehlo.broadcast_in_dim", 1, 0, sh_import_broadcast_in_dim),
    ROW("stablehlo.reshape", 1, 0, sh_import_reshape),
    ROW("stablehlo.transpose", 1, 0, sh_import_transpose),
    ROW("stablehlo.reverse", 1, 0, sh_import_reverse),
    ROW("stablehlo.slice", 1, 0, sh_import_slice),
    ROW("stablehlo.pad", 2, 0, sh_import_pad),
    ROW("stablehlo.concatenate", IR_VARIADIC, 0, sh_import_concatenate),
    ROW("stablehlo.dynamic_slice", IR_VARIADIC, 0, sh_import_dynamic_slice),
    ROW("stablehlo.dynamic_update_slice", IR_VARIADIC, 0, sh_import_dynamic_update_slice),
    ROW("stablehlo.gather", 2, 0, sh_import_gather),
    ROW("stablehlo.scatter", IR_VARIADIC, 1, sh_import_scatter),
    // shapes as operands, of results that are static
    ROW("stablehlo.dynamic_iota", 1, 0, sh_import_iota),
    ROW("stablehlo.dynamic_broadcast_in_dim", 2, 0, sh_import_broadcast_in_dim),
    ROW("stablehlo.dynamic_reshape", 2, 0, sh_import_reshape),
    ROW("stablehlo.dynamic_pad", 5, 0, sh_import_dynamic_pad),
    ROW("stablehlo.dynamic_gather", 3, 0, sh_import_gather),
    ROW("stablehlo.real_dynamic_slice", 4, 0, sh_import_real_dynamic_slice),
    ROW("stablehlo.get_dimension_size", 1, 0, sh_import_dimension_size),
    // folds, products, order
    ROW("stablehlo.reduce", IR_VARIADIC, 1, sh_import_reduce),
    {"stablehlo.reduce_window", 2, 1, sh_import_reduce_window, IR_PRIMITIVE_COUNT, sh_can_reduce_window},
    ROW("stablehlo.map", IR_VARIADIC, 1, sh_import_map),
    ROW("stablehlo.dot", 2, 0, sh_import_dot),
    ROW("stablehlo.dot_general", 2, 0, sh_import_dot_general),
    ROW("stablehlo.sort", IR_VARIADIC, 1, sh_import_sort),
    // control flow
    ROW("func.call", IR_VARIADIC, 0, sh_import_call),
    ROW("stablehlo.composite", IR_VARIADIC, 0, sh_import_composite),
    {"stablehlo.custom_call", IR_VARIADIC, 0, sh_import_custom_call, IR_PRIMITIVE_COUNT, sh_can_custom_call},
    ROW("stablehlo.case", 1, IR_VARIADIC, sh_import_case),
    ROW("stablehlo.if", 1, 2, sh_import_if),
    ROW("stablehlo.while", IR_VARIADIC, 2, sh_import_while),
    // the client's level
    SAME("chlo.acos", 1, acos),
    SAME("chlo.acosh", 1, acosh),
    SAME("chlo.asin", 1, asin),
    SAME("chlo.asinh", 1, asinh),
    SAME("chlo.atan", 1, atan),
    SAME("chlo.atanh", 1, atanh),
    SAME("chlo.bessel_i1e", 1, bessel_i1e),
    SAME("chlo.cosh", 1, cosh),
    SAME("chlo.digamma", 1, digamma),
    SAME("chlo.erf", 1, erf),
    SAME("chlo.erf_inv", 1, erf_inv),
    SAME("chlo.erfc", 1, erfc),
    SAME("chlo.lgamma", 1, lgamma),
    SAME("chlo.next_after", 2, nextafter),
    SAME("chlo.sinh", 1, sinh),
    SAME("chlo.tan", 1, tan),
    ROW("chlo.conj", 1, 0, sh_import_conj),
    ROW("chlo.constant", 0, 0, sh_import_constant),
    ROW("chlo.constant_like", 1, 0, sh_import_constant_like),
    ROW("chlo.is_inf", 1, 0, sh_import_is_inf),
    ROW("chlo.is_pos_inf", 1, 0, sh_import_is_inf),
    ROW("chlo.is_neg_inf", 1, 0, sh_import_is_inf),
    ROW("chlo.polygamma", 2, 0, sh_import_polygamma),
    ROW("chlo.square", 1, 0, sh_import_square),
    ROW("chlo.top_k", 1, 0, sh_import_top_k),
    BROADCASTING("chlo.broadcast_add", add),
    BROADCASTING("chlo.broadcast_and", and),
    BROADCASTING("chlo.broadcast_atan2", atan2),
    BROADCASTING("chlo.broadcast_complex", complex),
    BROADCASTING("chlo.broadcast_divide", div),
    BROADCASTING("chlo.broadcast_maximum", max),
    BROADCASTING("chlo.broadcast_minimum", min),
    BROADCASTING("chlo.broadcast_multiply", mul),
    BROADCASTING("chlo.broadcast_next_after", nextafter),
    BROADCASTING("chlo.broadcast_or", or),
    BROADCASTING("chlo.broadcast_power", pow),
    BROADCASTING("chlo.broadcast_remainder", rem),
    BROADCASTING("chlo.broadcast_shift_left", shift_left),
    BROADCASTING("chlo.broadcast_shift_right_arithmetic", shift_right_arithmetic),
    BROADCASTING("chlo.broadcast_shift_right_logical", shift_right_logical),
    BROADCASTING("chlo.broadcast_subtract", sub),
    BROADCASTING("chlo.broadcast_xor", xor),
    ROW("chlo.broadcast_compare", 2, 0, sh_import_broadcasting_compare),
    ROW("chlo.broadcast_select", 3, 0, sh_import_broadcasting),
};

enum { N_ROWS = sizeof rows / sizeof *rows };

static uint64_t hash_name(const char *name) { return base_hash(name, strlen(name), 0); }

void sh_index_rows(sh_importer *im) {
    for (uint32_t i = 0; i < N_ROWS; i++) base_index_add(&im->rows, hash_name(rows[i].name), i);
}

const sh_row *sh_find_row(const sh_importer *im, const char *name) {
    uint64_t hash = hash_name(name);
    uint32_t probe;
    for (uint32_t i = base_index_first(&im->rows, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&im->rows, hash, &probe))
        if (!strcmp(rows[i].name, name)) return &rows[i];
    return NULL;
}

// Booleans are numbers modulo nothing: their sum is "or", their product "and".
ir_primitive sh_combiner_primitive(const char *name, cv_dtype dtype) {
    static const struct {
        const char *name;
        ir_primitive primitive, of_bool;
    } combiners[] = {
        {"stablehlo.add", IR_add, IR_or},     {"stablehlo.multiply", IR_mul, IR_and},
        {"stablehlo.maximum", IR_max, IR_or}, {"stablehlo.minimum", IR_min, IR_and},
        {"stablehlo.and", IR_and, IR_and},    {"stablehlo.or", IR_or, IR_or},
        {"stablehlo.xor", IR_xor, IR_xor},
    };
    for (size_t i = 0; i < sizeof combiners / sizeof *combiners; i++)
        if (!strcmp(combiners[i].name, name))
            return dtype == CV_BOOL ? combiners[i].of_bool : combiners[i].primitive;
    return IR_PRIMITIVE_COUNT;
}
