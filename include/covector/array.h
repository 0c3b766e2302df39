// Arrays: from and to C memory and .npy files. Arrays are dense and row-major (last axis fastest).
#ifndef COVECTOR_ARRAY_H
#define COVECTOR_ARRAY_H

#include "covector/value.h"

#ifdef __cplusplus
extern "C" {
#endif

// An array with a copy of the data: product(shape) elements of the dtype. Poison on error.
#define cv_array(dtype, shape, data) cv_array_at(dtype, shape, data, CV_HERE)
CV_API cv_val cv_array_at(cv_dtype dtype, cv_ints shape, const void *data, cv_here here);
// The same of data of another dtype, converted as cv_astype does:
// cv_array_from(CV_BF16, shape, CV_F32, floats). f16 and bf16 are their bits, uint16_t, in memory.
#define cv_array_from(dtype, shape, from, data) cv_array_from_at(dtype, shape, from, data, CV_HERE)
CV_API cv_val cv_array_from_at(cv_dtype dtype, cv_ints shape, cv_dtype from, const void *data, cv_here here);
// An array in the caller's memory, without a copy. The memory must stay valid and unchanged until
// `release(argument)` is called, which happens once, when nothing uses it any more (also on error).
// release may be NULL.
#define cv_array_view(dtype, shape, data, release, argument)                                       \
    cv_array_view_at(dtype, shape, data, release, argument, CV_HERE)
CV_API cv_val cv_array_view_at(cv_dtype dtype, cv_ints shape, const void *data, void (*release)(void *argument),
                               void *argument, cv_here here);
// Scalars of a definite (not weak) type.
CV_API cv_val cv_bool(bool x);
CV_API cv_val cv_s8(int8_t x);
CV_API cv_val cv_s16(int16_t x);
CV_API cv_val cv_s32(int32_t x);
CV_API cv_val cv_s64(int64_t x);
CV_API cv_val cv_u8(uint8_t x);
CV_API cv_val cv_u16(uint16_t x);
CV_API cv_val cv_u32(uint32_t x);
CV_API cv_val cv_u64(uint64_t x);
CV_API cv_val cv_f16(double x); // rounded
CV_API cv_val cv_bf16(double x);
CV_API cv_val cv_f32(float x);
CV_API cv_val cv_f64(double x);
#ifndef __cplusplus
CV_API cv_val cv_c64(float _Complex x);
CV_API cv_val cv_c128(double _Complex x);
#endif

// What is known of a value, traced or not. For poison: CV_DTYPE_DEFAULT, rank -1, size -1.
CV_API cv_dtype cv_dtype_of(cv_val x);
CV_API int cv_rank(cv_val x);
CV_API int64_t cv_size(cv_val x, int64_t axis); // negative axes count from the end
CV_API int64_t cv_count(cv_val x);              // elements
CV_API bool cv_is_weak(cv_val x);

// Copies a concrete array to memory of at least its size in bytes.
#define cv_read(x, memory, bytes) cv_read_at(x, memory, bytes, CV_HERE)
CV_API cv_status cv_read_at(cv_val x, void *memory, size_t bytes, cv_here here);
// The same, converted: cv_read_as(x, CV_F32, floats, sizeof floats).
#define cv_read_as(x, dtype, memory, bytes) cv_read_as_at(x, dtype, memory, bytes, CV_HERE)
CV_API cv_status cv_read_as_at(cv_val x, cv_dtype dtype, void *memory, size_t bytes, cv_here here);
// The data of a concrete array, valid as long as the handle; NULL on error.
#define cv_data(x) cv_data_at(x, CV_HERE)
CV_API const void *cv_data_at(cv_val x, cv_here here);
// The one element of a concrete array, converted; NaN or 0 on error. Of a complex number the real part, but
// for cv_item_complex.
#define cv_item(x) cv_item_at(x, CV_HERE)
CV_API double cv_item_at(cv_val x, cv_here here);
#define cv_item_int(x) cv_item_int_at(x, CV_HERE)
CV_API int64_t cv_item_int_at(cv_val x, cv_here here);
#ifndef __cplusplus
#define cv_item_complex(x) cv_item_complex_at(x, CV_HERE)
CV_API double _Complex cv_item_complex_at(cv_val x, cv_here here);
#endif

// NumPy's .npy format, versions 1 to 3, little-endian, C or Fortran order on reading, C on writing.
#define cv_load_npy(path) cv_load_npy_at(path, CV_HERE)
CV_API cv_val cv_load_npy_at(const char *path, cv_here here);
#define cv_save_npy(path, x) cv_save_npy_at(path, x, CV_HERE)
CV_API cv_status cv_save_npy_at(const char *path, cv_val x, cv_here here);

#ifdef __cplusplus
}
#endif
#endif
