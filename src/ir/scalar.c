// In: numbers of C. Out: elements of any dtype, and back. The half-width floats are rounded from
// double in one step: to nearest, ties to even.

#include "ir/scalar.h"

#include <math.h>
#include <string.h>

enum { F64_FRACTION = 52 }; // bits of it

// Rounds to a float format with this many bits of exponent and fraction and returns its bits. A NaN keeps
// the upper bits of its fraction and becomes quiet, as processors have it.
static uint16_t narrow(double value, int exponent_bits, int fraction_bits) {
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    uint16_t infinity = (uint16_t)(((1 << exponent_bits) - 1) << fraction_bits);
    int bias = (1 << (exponent_bits - 1)) - 1;
    if (isnan(value)) {
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        uint64_t fraction = bits << (64 - F64_FRACTION) >> (64 - fraction_bits);
        return (uint16_t)(sign | infinity | fraction | UINT64_C(1) << (fraction_bits - 1));
    }
    value = fabs(value);
    if (isinf(value)) return sign | infinity;
    if (value == 0) return sign;
    int exponent;
    frexp(value, &exponent); // value = m * 2^exponent with m in [0.5, 1)
    if (exponent - 1 < 1 - bias) exponent = 2 - bias; // subnormal: the spacing stays
    double units = nearbyint(ldexp(value, fraction_bits + 1 - exponent)); // in units of the last place
    // The fraction's overflow into the exponent is what rounding up to the next binade means.
    double bits = units + (double)(exponent - 2 + bias) * (double)(1 << fraction_bits);
    return bits >= infinity ? sign | infinity : (uint16_t)(sign | (uint16_t)bits);
}

static double widen(uint16_t bits, int exponent_bits, int fraction_bits) {
    int bias = (1 << (exponent_bits - 1)) - 1;
    int exponent = bits >> fraction_bits & ((1 << exponent_bits) - 1);
    int fraction = bits & ((1 << fraction_bits) - 1);
    double value;
    if (exponent == (1 << exponent_bits) - 1) {
        uint64_t infinity = UINT64_C(0x7ff) << F64_FRACTION, quiet = UINT64_C(1) << (F64_FRACTION - 1);
        uint64_t payload = (uint64_t)fraction << (F64_FRACTION - fraction_bits) | quiet;
        uint64_t wide = infinity | (fraction ? payload : 0);
        memcpy(&value, &wide, sizeof value);
    } else if (!exponent) value = ldexp(fraction, 1 - bias - fraction_bits);
    else value = ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
    return bits & 0x8000 ? -value : value;
}

// Numbers of more than 53 bits lose their low ones, of which the next keeps that there were some: what is
// rounded to fewer digits afterwards comes out as if it had been rounded once.
double ir_odd_from_int(int64_t value) {
    int64_t most = INT64_C(1) << 53, kept = (int64_t)((uint64_t)value & ~UINT64_C(0xfff));
    if (value >= -most && value <= most) return (double)value;
    return (double)(value == kept ? kept : kept | 0x800);
}

double ir_odd_from_uint(uint64_t value) {
    uint64_t most = UINT64_C(1) << 53, kept = value & ~UINT64_C(0xfff);
    if (value <= most) return (double)value;
    return (double)(value == kept ? kept : kept | 0x800);
}

uint16_t ir_f16_from_double(double value) { return narrow(value, 5, 10); }
double ir_f16_to_double(uint16_t bits) { return widen(bits, 5, 10); }
uint16_t ir_bf16_from_double(double value) { return narrow(value, 8, 7); }
double ir_bf16_to_double(uint16_t bits) { return widen(bits, 8, 7); }

static int64_t saturate(double value, double low, double high) {
    if (isnan(value)) return 0;
    if (value <= low) return (int64_t)low;
    return value >= high ? (int64_t)high : (int64_t)value;
}

static int64_t saturate_s64(double value) {
    return value >= 0x1p63 ? INT64_MAX : saturate(value, -0x1p63, 0x1p62 + (0x1p62 - 1024));
}

static uint64_t saturate_u64(double value) {
    if (isnan(value) || value <= 0) return 0;
    return value >= 0x1p64 ? UINT64_MAX : (uint64_t)value;
}

void ir_scalar_from_double(union ir_scalar *s, cv_dtype dtype, double value) {
    memset(s, 0, sizeof *s);
    switch (dtype) {
    case CV_BOOL: s->boolean = value != 0; break;
    case CV_S8: s->s8 = (int8_t)saturate(value, INT8_MIN, INT8_MAX); break;
    case CV_S16: s->s16 = (int16_t)saturate(value, INT16_MIN, INT16_MAX); break;
    case CV_S32: s->s32 = (int32_t)saturate(value, INT32_MIN, INT32_MAX); break;
    case CV_S64: s->s64 = saturate_s64(value); break;
    case CV_U8: s->u8 = (uint8_t)saturate(value, 0, UINT8_MAX); break;
    case CV_U16: s->u16 = (uint16_t)saturate(value, 0, UINT16_MAX); break;
    case CV_U32: s->u32 = (uint32_t)saturate(value, 0, UINT32_MAX); break;
    case CV_U64: s->u64 = saturate_u64(value); break;
    case CV_F16: s->u16 = ir_f16_from_double(value); break;
    case CV_BF16: s->u16 = ir_bf16_from_double(value); break;
    case CV_F32: s->f32 = (float)value; break;
    case CV_F64: s->f64 = value; break;
    case CV_C64: s->c64[0] = (float)value; break;
    case CV_C128: s->c128[0] = value; break;
    default: break;
    }
}

void ir_scalar_from_int(union ir_scalar *s, cv_dtype dtype, int64_t value) {
    memset(s, 0, sizeof *s);
    switch (dtype) {
    case CV_BOOL: s->boolean = value != 0; break;
    case CV_S8: case CV_U8: s->u8 = (uint8_t)value; break;
    case CV_S16: case CV_U16: s->u16 = (uint16_t)value; break;
    case CV_S32: case CV_U32: s->u32 = (uint32_t)value; break;
    case CV_S64: case CV_U64: s->u64 = (uint64_t)value; break;
    case CV_F32: s->f32 = (float)value; break;
    case CV_C64: s->c64[0] = (float)value; break;
    case CV_F16:
    case CV_BF16: ir_scalar_from_double(s, dtype, ir_odd_from_int(value)); break;
    default: ir_scalar_from_double(s, dtype, (double)value); break;
    }
}

double ir_scalar_to_double(const union ir_scalar *s, cv_dtype dtype) {
    switch (dtype) {
    case CV_U64: return (double)s->u64;
    case CV_F16: return ir_f16_to_double(s->u16);
    case CV_BF16: return ir_bf16_to_double(s->u16);
    case CV_F32: return s->f32;
    case CV_F64: return s->f64;
    case CV_C64: return s->c64[0];
    case CV_C128: return s->c128[0];
    default: return (double)ir_scalar_to_int(s, dtype);
    }
}

int64_t ir_scalar_to_int(const union ir_scalar *s, cv_dtype dtype) {
    switch (dtype) {
    case CV_BOOL: return s->boolean;
    case CV_S8: return s->s8;
    case CV_S16: return s->s16;
    case CV_S32: return s->s32;
    case CV_S64: return s->s64;
    case CV_U8: return s->u8;
    case CV_U16: return s->u16;
    case CV_U32: return s->u32;
    case CV_U64: return (int64_t)s->u64;
    default: return saturate_s64(ir_scalar_to_double(s, dtype));
    }
}

bool ir_scalar_is(const union ir_scalar *s, cv_dtype dtype, double value) {
    if (dtype == CV_C64 && s->c64[1] != 0) return false;
    if (dtype == CV_C128 && s->c128[1] != 0) return false;
    return ir_scalar_to_double(s, dtype) == value;
}
