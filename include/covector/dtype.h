// Element types of arrays.
#ifndef COVECTOR_DTYPE_H
#define COVECTOR_DTYPE_H

#include <stddef.h>

#include "covector/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// The one table of dtypes: code, name, bytes of one element.
// Booleans are one byte, 0 or 1. A tape is opaque: what a `while` loop records for its reverse mode.
#define CV_DTYPE_TABLE(row)                                                                      \
    row(CV_BOOL, "bool", 1) row(CV_S8, "s8", 1) row(CV_S16, "s16", 2) row(CV_S32, "s32", 4)      \
    row(CV_S64, "s64", 8) row(CV_U8, "u8", 1) row(CV_U16, "u16", 2) row(CV_U32, "u32", 4)        \
    row(CV_U64, "u64", 8) row(CV_F16, "f16", 2) row(CV_BF16, "bf16", 2) row(CV_F32, "f32", 4)    \
    row(CV_F64, "f64", 8) row(CV_C64, "c64", 8) row(CV_C128, "c128", 16) row(CV_TAPE, "tape", 0)

typedef enum cv_dtype {
#define CV_DTYPE_ROW(code, name, size) code,
    CV_DTYPE_TABLE(CV_DTYPE_ROW)
#undef CV_DTYPE_ROW
    CV_DTYPE_COUNT,
    CV_DTYPE_DEFAULT = -1 // "as the operation chooses", in options; never the type of a value
} cv_dtype;

// The name of a dtype, as programs print it; a static string.
CV_API const char *cv_dtype_name(cv_dtype dtype);
// The bytes of one element; 0 for a tape.
CV_API size_t cv_dtype_size(cv_dtype dtype);

#ifdef __cplusplus
}
#endif
#endif
