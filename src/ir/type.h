// Types, and what the functions of one context share.
//
// A type is a dtype and a static shape, interned in its module: two types are the same type when
// their pointers are equal.
#ifndef IR_TYPE_H
#define IR_TYPE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "covector/dtype.h"

// A list of dimensions, axes or sizes; the numbers belong to whoever made them.
typedef struct ir_dims {
    int64_t n;
    const int64_t *at;
} ir_dims;

#define IR_DIMS(...)                                                                               \
    ((ir_dims){sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (const int64_t[]){__VA_ARGS__}})

enum { IR_MAX_RANK = 32 };

typedef struct ir_type {
    cv_dtype dtype;
    uint32_t rank;
    int64_t count; // elements
    size_t bytes;
    uint32_t id;   // within the module, in order of first use
    int64_t dims[];
} ir_type;

// What functions of one context share: types, file names, the lock of their memo tables.
// Thread safe. A module outlives its functions.
typedef struct ir_module {
    pthread_mutex_t lock; // of everything below, and of the memo tables of all functions
    base_arena arena;
    base_index type_index, name_index;
    base_vector(const ir_type *) types;
    base_vector(const char *) names;
    bool verify; // run the verifier on every function that is finished
} ir_module;

ir_module *ir_module_new(void);
void ir_module_free(ir_module *module);

// Raises CV_INVALID for a negative size, a rank over IR_MAX_RANK or a product that overflows.
const ir_type *ir_type_get(ir_module *module, cv_dtype dtype, int64_t rank, const int64_t *dims);
const ir_type *ir_type_scalar(ir_module *module, cv_dtype dtype);
// The same shape with another dtype; the same type with an axis of this size put in at `axis`;
// with the axis taken out.
const ir_type *ir_type_with_dtype(ir_module *module, const ir_type *type, cv_dtype dtype);
const ir_type *ir_type_insert_axis(ir_module *module, const ir_type *type, int64_t axis, int64_t size);
const ir_type *ir_type_remove_axis(ir_module *module, const ir_type *type, int64_t axis);

// A name that lives as long as the module; equal names are the same pointer.
const char *ir_name(ir_module *module, const char *name);

static inline ir_dims ir_shape(const ir_type *type) {
    return (ir_dims){type->rank, type->dims};
}

static inline bool ir_dims_equal(ir_dims a, ir_dims b) {
    if (a.n != b.n) return false;
    for (int64_t i = 0; i < a.n; i++)
        if (a.at[i] != b.at[i]) return false;
    return true;
}

static inline bool ir_dims_contain(ir_dims dims, int64_t value) {
    for (int64_t i = 0; i < dims.n; i++)
        if (dims.at[i] == value) return true;
    return false;
}

// Classes of dtypes.
static inline bool ir_is_float(cv_dtype d) { return d == CV_F16 || d == CV_BF16 || d == CV_F32 || d == CV_F64; }
// Floating numbers of 16 bits, which are stored, and computed with in f32.
static inline bool ir_is_half(cv_dtype d) { return d == CV_F16 || d == CV_BF16; }
static inline bool ir_is_complex(cv_dtype d) { return d == CV_C64 || d == CV_C128; }
static inline bool ir_is_signed(cv_dtype d) { return d >= CV_S8 && d <= CV_S64; }
static inline bool ir_is_unsigned(cv_dtype d) { return d >= CV_U8 && d <= CV_U64; }
static inline bool ir_is_integer(cv_dtype d) { return d >= CV_S8 && d <= CV_U64; }
// What has tangents: floating point and complex.
static inline bool ir_is_differentiable(cv_dtype d) { return ir_is_float(d) || ir_is_complex(d); }

// The dtype of the parts of a complex one, or of the absolute value of anything: itself.
static inline cv_dtype ir_part_dtype(cv_dtype d) { return d == CV_C64 ? CV_F32 : d == CV_C128 ? CV_F64 : d; }
// The complex dtype with these parts.
static inline cv_dtype ir_complex_dtype(cv_dtype part) { return part == CV_F64 ? CV_C128 : CV_C64; }

// Prints "f32[3,4]".
void ir_type_print(base_text *text, const ir_type *type);
// The same as a string in the module's arena-free form: writes into `buffer` and returns it.
enum { IR_TYPE_TEXT = 256 };
const char *ir_type_text(const ir_type *type, char buffer[IR_TYPE_TEXT]);

#endif
