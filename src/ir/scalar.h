// One element of any dtype, and conversions into it. f16 and bf16 are kept as their bits.
#ifndef IR_SCALAR_H
#define IR_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "covector/dtype.h"

union ir_scalar {
    uint8_t boolean;
    int8_t s8;
    int16_t s16;
    int32_t s32;
    int64_t s64;
    uint8_t u8;
    uint16_t u16; // also the bits of f16 and bf16
    uint32_t u32;
    uint64_t u64;
    float f32;
    double f64;
    float c64[2];
    double c128[2];
};

// Rounded to nearest even; integers saturate and a NaN becomes 0; anything but zero is true.
void ir_scalar_from_double(union ir_scalar *scalar, cv_dtype dtype, double value);
// Integers wrap.
void ir_scalar_from_int(union ir_scalar *scalar, cv_dtype dtype, int64_t value);
// The real part, exactly where double can.
double ir_scalar_to_double(const union ir_scalar *scalar, cv_dtype dtype);
int64_t ir_scalar_to_int(const union ir_scalar *scalar, cv_dtype dtype); // saturates; u64 wraps
bool ir_scalar_is(const union ir_scalar *scalar, cv_dtype dtype, double value);

// Rounded to odd, on the way to f16 and bf16.
double ir_odd_from_int(int64_t value);
double ir_odd_from_uint(uint64_t value);

uint16_t ir_f16_from_double(double value);
double ir_f16_to_double(uint16_t bits);
uint16_t ir_bf16_from_double(double value);
double ir_bf16_to_double(uint16_t bits);

// scalar_text.c: an element as programs print it: a decimal that reads back to the same bits, inf,
// -inf, nan, any other NaN as its bits (0x7fc00001), true, false, (re,im). Whatever the locale.
void ir_scalar_print(base_text *text, const union ir_scalar *scalar, cv_dtype dtype);
// Reads it back. Returns NULL, or what is wrong: "is not a number", "does not fit".
const char *ir_scalar_parse(union ir_scalar *scalar, cv_dtype dtype, const char *text);

#endif
