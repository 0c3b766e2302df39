// In: dtypes and shapes. Out: interned types and names. One lock per module; the common operations
// of tracing reuse the type of an operand and never come here.

#include "ir/type.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

ir_module *ir_module_new(void) {
    ir_module *module = base_malloc(sizeof *module);
    *module = (ir_module){0};
    pthread_mutex_init(&module->lock, NULL);
    return module;
}

void ir_module_free(ir_module *module) {
    if (!module) return;
    base_index_free(&module->type_index);
    base_index_free(&module->name_index);
    base_arena_free(&module->arena);
    pthread_mutex_destroy(&module->lock);
    base_free(module);
}

// What goes on under the lock may raise, so it is a protected call of its own.
struct locked {
    ir_module *module;
    cv_dtype dtype;
    int64_t rank, count;
    const int64_t *dims;
    const ir_type *type;
    const char *name;
};

static void with_lock(ir_module *module, void (*body)(void *), struct locked *argument) {
    base_failure failure;
    pthread_mutex_lock(&module->lock);
    cv_status status = base_protect(body, argument, &failure);
    pthread_mutex_unlock(&module->lock);
    if (status) base_raise_again(&failure);
}

static uint64_t hash_type(const struct locked *a) {
    return base_hash(a->dims, (size_t)a->rank * sizeof *a->dims, (uint64_t)a->dtype);
}

static bool find_type(struct locked *a) {
    ir_module *module = a->module;
    uint64_t hash = hash_type(a);
    uint32_t probe;
    for (uint32_t i = base_index_first(&module->type_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&module->type_index, hash, &probe)) {
        const ir_type *type = module->types.at[i];
        if (type->dtype != a->dtype || !ir_dims_equal(ir_shape(type), (ir_dims){a->rank, a->dims})) continue;
        a->type = type;
        return true;
    }
    return false;
}

static void intern_type(void *argument) {
    struct locked *a = argument;
    ir_module *module = a->module;
    if (find_type(a)) return; // another thread was faster
    ir_type *type = base_arena_alloc(&module->arena, sizeof *type + (size_t)a->rank * sizeof *a->dims);
    *type = (ir_type){.dtype = a->dtype, .rank = (uint32_t)a->rank, .count = a->count,
                      .bytes = (size_t)a->count * cv_dtype_size(a->dtype), .id = module->types.n};
    if (a->rank) memcpy(type->dims, a->dims, (size_t)a->rank * sizeof *a->dims);
    base_reserve(&module->arena, &module->types, 1);
    base_index_add(&module->type_index, hash_type(a), module->types.n);
    base_push(&module->arena, &module->types, type);
    a->type = type;
}

const ir_type *ir_type_get(ir_module *module, cv_dtype dtype, int64_t rank, const int64_t *dims) {
    if (rank < 0 || rank > IR_MAX_RANK)
        base_raise(CV_INVALID, "rank %lld is not between 0 and %d", (long long)rank, IR_MAX_RANK);
    int64_t count = 1;
    bool empty = false;
    for (int64_t i = 0; i < rank; i++) {
        if (dims[i] < 0) base_raise(CV_INVALID, "size %lld of axis %d is negative", (long long)dims[i], (int)i);
        empty |= dims[i] == 0;
        if (dims[i] && __builtin_mul_overflow(count, dims[i], &count)) count = INT64_MAX / 16;
        if (count > INT64_MAX / 32) count = INT64_MAX / 16; // too large, unless an axis is empty
    }
    if (empty) count = 0;
    if (count > INT64_MAX / 32) base_raise(CV_INVALID, "an array has too many elements");
    struct locked a = {.module = module, .dtype = dtype, .rank = rank, .count = count, .dims = dims};
    pthread_mutex_lock(&module->lock);
    bool found = find_type(&a); // the usual case, which cannot raise
    pthread_mutex_unlock(&module->lock);
    if (!found) with_lock(module, intern_type, &a);
    return a.type;
}

const ir_type *ir_type_scalar(ir_module *module, cv_dtype dtype) {
    return ir_type_get(module, dtype, 0, NULL);
}

const ir_type *ir_type_with_dtype(ir_module *module, const ir_type *type, cv_dtype dtype) {
    return type->dtype == dtype ? type : ir_type_get(module, dtype, type->rank, type->dims);
}

const ir_type *ir_type_insert_axis(ir_module *module, const ir_type *type, int64_t axis, int64_t size) {
    int64_t dims[IR_MAX_RANK + 1];
    for (int64_t i = 0, from = 0; i <= type->rank; i++) dims[i] = i == axis ? size : type->dims[from++];
    return ir_type_get(module, type->dtype, (int64_t)type->rank + 1, dims);
}

const ir_type *ir_type_remove_axis(ir_module *module, const ir_type *type, int64_t axis) {
    int64_t dims[IR_MAX_RANK];
    int64_t n = 0;
    for (int64_t i = 0; i < type->rank; i++)
        if (i != axis) dims[n++] = type->dims[i];
    return ir_type_get(module, type->dtype, n, dims);
}

static void intern_name(void *argument) {
    struct locked *a = argument;
    ir_module *module = a->module;
    uint64_t hash = base_hash(a->name, strlen(a->name), 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&module->name_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&module->name_index, hash, &probe))
        if (!strcmp(module->names.at[i], a->name)) {
            a->name = module->names.at[i];
            return;
        }
    const char *kept = base_arena_strdup(&module->arena, a->name);
    base_reserve(&module->arena, &module->names, 1);
    base_index_add(&module->name_index, hash, module->names.n);
    base_push(&module->arena, &module->names, kept);
    a->name = kept;
}

const char *ir_name(ir_module *module, const char *name) {
    struct locked a = {.module = module, .name = name};
    with_lock(module, intern_name, &a);
    return a.name;
}

void ir_type_print(base_text *text, const ir_type *type) {
    base_text_printf(text, "%s[", cv_dtype_name(type->dtype));
    for (uint32_t i = 0; i < type->rank; i++)
        base_text_printf(text, "%s%lld", i ? "," : "", (long long)type->dims[i]);
    base_text_add(text, "]");
}

// The longest type, 32 axes of 19 digits, does not fit: it ends in "...".
const char *ir_type_text(const ir_type *type, char buffer[IR_TYPE_TEXT]) {
    size_t n = (size_t)snprintf(buffer, IR_TYPE_TEXT, "%s[", cv_dtype_name(type->dtype));
    for (uint32_t i = 0; i < type->rank && n < IR_TYPE_TEXT - 32; i++)
        n += (size_t)snprintf(buffer + n, IR_TYPE_TEXT - n, "%s%lld", i ? "," : "", (long long)type->dims[i]);
    snprintf(buffer + n, IR_TYPE_TEXT - n, n < IR_TYPE_TEXT - 32 ? "]" : "...]");
    return buffer;
}

const char *cv_dtype_name(cv_dtype dtype) {
    static const char *const names[] = {
#define ROW(code, name, size) [code] = name,
        CV_DTYPE_TABLE(ROW)
#undef ROW
    };
    return (size_t)dtype < CV_DTYPE_COUNT ? names[dtype] : "?";
}

size_t cv_dtype_size(cv_dtype dtype) {
    static const unsigned char sizes[] = {
#define ROW(code, name, size) [code] = size,
        CV_DTYPE_TABLE(ROW)
#undef ROW
    };
    return (size_t)dtype < CV_DTYPE_COUNT ? sizes[dtype] : 0;
}
