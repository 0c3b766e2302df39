// In: attribute structs and the list of their fields. Out: copies, comparisons, hashes.

#include "ir/attributes.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "ir/program.h"

#define INT(layout, name) {#name, IR_FIELD_INT, offsetof(ir_##layout##_attributes, name)}
#define BOOL(layout, name) {#name, IR_FIELD_BOOL, offsetof(ir_##layout##_attributes, name)}
#define FLAG(layout, name) {#name, IR_FIELD_FLAG, offsetof(ir_##layout##_attributes, name)}
#define DTYPE(layout, name) {#name, IR_FIELD_DTYPE, offsetof(ir_##layout##_attributes, name)}
#define DIMS(layout, name) {#name, IR_FIELD_DIMS, offsetof(ir_##layout##_attributes, name)}
#define MODE(layout, name) {#name, IR_FIELD_MODE, offsetof(ir_##layout##_attributes, name)}
#define LITERAL(layout, name) {#name, IR_FIELD_LITERAL, offsetof(ir_##layout##_attributes, name)}
#define FUNCTION(layout, name) {#name, IR_FIELD_FUNCTION, offsetof(ir_##layout##_attributes, name)}
#define FUNCTIONS(layout, name) {#name, IR_FIELD_FUNCTIONS, offsetof(ir_##layout##_attributes, name)}

#define LAYOUT(name, ...)                                                                          \
    static const ir_field name##_fields[] = {__VA_ARGS__};                                         \
    const ir_layout ir_layout_##name = {sizeof(ir_##name##_attributes),                            \
                                        sizeof name##_fields / sizeof *name##_fields, name##_fields};

const ir_layout ir_layout_none = {0, 0, NULL};
LAYOUT(constant, LITERAL(constant, value))
LAYOUT(iota, DTYPE(iota, dtype), DIMS(iota, shape), INT(iota, axis))
LAYOUT(convert, DTYPE(convert, dtype))
LAYOUT(integer_pow, INT(integer_pow, exponent))
LAYOUT(polygamma, INT(polygamma, order))
LAYOUT(reshape, DIMS(reshape, shape))
LAYOUT(broadcast, DIMS(broadcast, shape), DIMS(broadcast, dims))
LAYOUT(transpose, DIMS(transpose, permutation))
LAYOUT(axes, DIMS(axes, axes))
LAYOUT(slice, DIMS(slice, start), DIMS(slice, limit), DIMS(slice, stride))
LAYOUT(pad, DIMS(pad, low), DIMS(pad, high), DIMS(pad, interior))
LAYOUT(axis, INT(axis, axis))
LAYOUT(dynamic_slice, DIMS(dynamic_slice, sizes))
LAYOUT(argmax, INT(argmax, axis), DTYPE(argmax, dtype))
LAYOUT(dot, DIMS(dot, lhs_contract), DIMS(dot, rhs_contract), DIMS(dot, lhs_batch), DIMS(dot, rhs_batch))
LAYOUT(gather, DIMS(gather, offset_dims), DIMS(gather, collapsed_slice_dims), DIMS(gather, start_index_map),
       DIMS(gather, operand_batching_dims), DIMS(gather, start_indices_batching_dims),
       DIMS(gather, slice_sizes), MODE(gather, mode))
LAYOUT(scatter, DIMS(scatter, update_window_dims), DIMS(scatter, inserted_window_dims),
       DIMS(scatter, scatter_dims_to_operand_dims), DIMS(scatter, operand_batching_dims),
       DIMS(scatter, scatter_indices_batching_dims), MODE(scatter, mode), FLAG(scatter, unique))
LAYOUT(cumulative, INT(cumulative, axis), BOOL(cumulative, reverse))
LAYOUT(sort, INT(sort, axis), FUNCTION(sort, comparator))
LAYOUT(reduce, DIMS(reduce, axes), FUNCTION(reduce, body))
LAYOUT(call, FUNCTION(call, function))
LAYOUT(cond, FUNCTIONS(cond, branches))
LAYOUT(while, FUNCTION(while, cond), FUNCTION(while, body), INT(while, cond_constants), INT(while, body_constants))
LAYOUT(scan, FUNCTION(scan, body), INT(scan, constants), INT(scan, carries), INT(scan, length), BOOL(scan, reverse))

const char *const ir_index_mode_names[IR_INDEX_MODES] = {"clip", "fill_or_drop", "zero_or_drop"};

static size_t literal_bytes(const ir_literal *literal) {
    return literal->splat ? cv_dtype_size(literal->type->dtype) : literal->type->bytes;
}

const void *ir_attributes_copy(base_arena *arena, const ir_layout *layout, const void *attributes) {
    char *copy = base_arena_copy(arena, attributes, layout->size);
    for (uint32_t i = 0; i < layout->n_fields; i++) {
        void *field = copy + layout->fields[i].offset;
        switch (layout->fields[i].kind) {
        case IR_FIELD_DIMS: {
            ir_dims *dims = field;
            dims->at = base_arena_copy(arena, dims->at, (size_t)dims->n * sizeof *dims->at);
            break;
        }
        case IR_FIELD_LITERAL: {
            ir_literal *literal = field;
            literal->data = base_arena_copy(arena, literal->data, literal_bytes(literal));
            break;
        }
        case IR_FIELD_FUNCTIONS: {
            ir_functions *list = field;
            list->at = base_arena_copy(arena, list->at, (size_t)list->n * sizeof *list->at);
            break;
        }
        default: break;
        }
    }
    return copy;
}

bool ir_attributes_equal(const ir_layout *layout, const void *a, const void *b) {
    if (a == b) return true;
    for (uint32_t i = 0; i < layout->n_fields; i++) {
        const void *x = (const char *)a + layout->fields[i].offset;
        const void *y = (const char *)b + layout->fields[i].offset;
        switch (layout->fields[i].kind) {
        case IR_FIELD_INT:
        case IR_FIELD_MODE:
            if (*(const int64_t *)x != *(const int64_t *)y) return false;
            break;
        case IR_FIELD_BOOL:
        case IR_FIELD_FLAG:
            if (*(const bool *)x != *(const bool *)y) return false;
            break;
        case IR_FIELD_DTYPE:
            if (*(const cv_dtype *)x != *(const cv_dtype *)y) return false;
            break;
        case IR_FIELD_DIMS:
            if (!ir_dims_equal(*(const ir_dims *)x, *(const ir_dims *)y)) return false;
            break;
        case IR_FIELD_LITERAL: {
            const ir_literal *p = x, *q = y;
            if (p->type != q->type || p->splat != q->splat) return false;
            if (memcmp(p->data, q->data, literal_bytes(p))) return false;
            break;
        }
        case IR_FIELD_FUNCTION:
            if (!ir_equal(*(const ir_function *const *)x, *(const ir_function *const *)y)) return false;
            break;
        case IR_FIELD_FUNCTIONS: {
            const ir_functions *p = x, *q = y;
            if (p->n != q->n) return false;
            for (int64_t k = 0; k < p->n; k++)
                if (!ir_equal(p->at[k], q->at[k])) return false;
            break;
        }
        }
    }
    return true;
}

// Functions count by their signature only: equal functions have equal hashes without a walk.
static uint64_t hash_function(const ir_function *f, uint64_t seed) {
    return base_hash((uint32_t[]){f->n_params, f->n_results, f->n_ops}, 3 * sizeof(uint32_t), seed);
}

uint64_t ir_attributes_hash(const ir_layout *layout, const void *attributes, uint64_t hash) {
    for (uint32_t i = 0; i < layout->n_fields; i++) {
        const void *x = (const char *)attributes + layout->fields[i].offset;
        switch (layout->fields[i].kind) {
        case IR_FIELD_INT:
        case IR_FIELD_MODE: hash = base_hash(x, sizeof(int64_t), hash); break;
        case IR_FIELD_BOOL:
        case IR_FIELD_FLAG: hash = base_hash(x, sizeof(bool), hash); break;
        case IR_FIELD_DTYPE: hash = base_hash(x, sizeof(cv_dtype), hash); break;
        case IR_FIELD_DIMS: {
            const ir_dims *dims = x;
            hash = base_hash(dims->at, (size_t)dims->n * sizeof *dims->at, hash + (uint64_t)dims->n);
            break;
        }
        case IR_FIELD_LITERAL: {
            const ir_literal *literal = x;
            hash = base_hash(literal->data, literal_bytes(literal), hash + literal->type->id);
            break;
        }
        case IR_FIELD_FUNCTION: hash = hash_function(*(const ir_function *const *)x, hash); break;
        case IR_FIELD_FUNCTIONS: {
            const ir_functions *list = x;
            for (int64_t k = 0; k < list->n; k++) hash = hash_function(list->at[k], hash);
            break;
        }
        }
    }
    return hash;
}

void ir_attributes_functions(const ir_layout *layout, const void *attributes,
                             void (*visit)(void *argument, const ir_function **slot), void *argument) {
    for (uint32_t i = 0; i < layout->n_fields; i++) {
        const void *field = (const char *)attributes + layout->fields[i].offset;
        if (layout->fields[i].kind == IR_FIELD_FUNCTION) {
            visit(argument, (const ir_function **)(uintptr_t)field);
        } else if (layout->fields[i].kind == IR_FIELD_FUNCTIONS) {
            const ir_functions *list = field;
            for (int64_t k = 0; k < list->n; k++) visit(argument, (const ir_function **)(uintptr_t)&list->at[k]);
        }
    }
}
