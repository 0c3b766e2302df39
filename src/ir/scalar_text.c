// In: elements, or their text. Out: the other of the two, bit for bit.
//
// A float is printed as the shortest text of %g that reads back to the same bits, where more digits
// can make a shorter text: 65504 instead of 6.55e+04. The search starts from the digits that every
// decimal of the format survives (FLT_DIG and the like: a decimal with fewer digits that reads back
// is the same one without its zeros). Below the normal numbers that does not hold, so there it
// starts from one digit. The C locale is set around each conversion: a host program may write its
// numbers with commas.

#include <fenv.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/scalar.h"
#include "ir/type.h"

typedef struct real_format {
    int first_digits, last_digits; // to try
    double smallest_normal;
    uint64_t nan; // the bits that are printed as "nan"
} real_format;

static const real_format real_formats[CV_DTYPE_COUNT] = {
    [CV_F16] = {3, 5, 0x1p-14, 0x7e00},
    [CV_BF16] = {2, 6, 0x1p-126, 0x7fc0},
    [CV_F32] = {FLT_DIG, FLT_DECIMAL_DIG, FLT_MIN, 0x7fc00000},
    [CV_F64] = {DBL_DIG, DBL_DECIMAL_DIG, DBL_MIN, 0x7ff8000000000000},
};

enum { LONGEST = 128 }; // characters of one number, with its end

static uint64_t bits_of(const union ir_scalar *s, cv_dtype dtype) {
    switch (cv_dtype_size(dtype)) {
    case 2: return s->u16;
    case 4: return s->u32;
    default: return s->u64;
    }
}

static void set_bits(union ir_scalar *s, cv_dtype dtype, uint64_t bits) {
    switch (cv_dtype_size(dtype)) {
    case 2: s->u16 = (uint16_t)bits; break;
    case 4: s->u32 = (uint32_t)bits; break;
    default: s->u64 = bits; break;
    }
}

static void print_real(base_text *text, const union ir_scalar *s, cv_dtype dtype) {
    const real_format *format = &real_formats[dtype];
    uint64_t bits = bits_of(s, dtype);
    double value = ir_scalar_to_double(s, dtype);
    if (isnan(value)) {
        if (bits == format->nan) base_text_add(text, "nan");
        else base_text_printf(text, "0x%0*llx", 2 * (int)cv_dtype_size(dtype), (unsigned long long)bits);
        return;
    }
    if (isinf(value)) {
        base_text_add(text, value < 0 ? "-inf" : "inf");
        return;
    }
    char shortest[LONGEST], buffer[LONGEST];
    size_t length = SIZE_MAX;
    bool normal = fabs(value) >= format->smallest_normal;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old = uselocale(plain);
    for (int digits = normal ? format->first_digits : 1; digits <= format->last_digits; digits++) {
        union ir_scalar back = {0};
        snprintf(buffer, sizeof buffer, "%.*g", digits, value);
        size_t n = strlen(buffer);
        if (n >= length || ir_scalar_parse(&back, dtype, buffer) || bits_of(&back, dtype) != bits) continue;
        length = n;
        memcpy(shortest, buffer, n + 1);
    }
    uselocale(old);
    freelocale(plain);
    base_text_add(text, shortest);
}

static cv_dtype part_of(cv_dtype dtype) {
    return dtype == CV_C64 ? CV_F32 : CV_F64;
}

void ir_scalar_print(base_text *text, const union ir_scalar *s, cv_dtype dtype) {
    if (dtype == CV_BOOL) {
        base_text_add(text, s->boolean ? "true" : "false");
    } else if (ir_is_float(dtype)) {
        print_real(text, s, dtype);
    } else if (ir_is_complex(dtype)) {
        cv_dtype part = part_of(dtype);
        union ir_scalar parts[2] = {{0}, {0}};
        size_t size = cv_dtype_size(part);
        for (size_t i = 0; i < 2; i++) memcpy(&parts[i], (const char *)s + i * size, size);
        base_text_add(text, "(");
        print_real(text, &parts[0], part);
        base_text_add(text, ",");
        print_real(text, &parts[1], part);
        base_text_add(text, ")");
    } else if (dtype == CV_U64) {
        base_text_printf(text, "%llu", (unsigned long long)s->u64);
    } else {
        base_text_printf(text, "%lld", (long long)ir_scalar_to_int(s, dtype));
    }
}

// Sign, digits, and nothing else; the range of the dtype.
static const char *parse_integer(union ir_scalar *s, cv_dtype dtype, const char *text) {
    bool negative = *text == '-';
    const char *digit = text + negative;
    uint64_t value = 0;
    bool fits = true;
    if (!*digit) return "is not a number";
    for (; *digit; digit++) {
        if (*digit < '0' || *digit > '9') return "is not an integer";
        fits &= !__builtin_mul_overflow(value, 10u, &value);
        fits &= !__builtin_add_overflow(value, (uint64_t)(*digit - '0'), &value);
    }
    int width = 8 * (int)cv_dtype_size(dtype);
    uint64_t largest = UINT64_MAX >> (64 - width);
    if (ir_is_signed(dtype)) largest = (largest >> 1) + negative;
    else if (negative && value) fits = false;
    if (!fits || value > largest) return "does not fit";
    ir_scalar_from_int(s, dtype, (int64_t)(negative ? -value : value));
    return NULL;
}

static const char *parse_bits(union ir_scalar *s, cv_dtype dtype, const char *digits) {
    if (strlen(digits) != 2 * cv_dtype_size(dtype)) return "has more or fewer digits than the dtype";
    if (digits[strspn(digits, "0123456789abcdefABCDEF")]) return "is not a number";
    set_bits(s, dtype, strtoull(digits, NULL, 16));
    return NULL;
}

// Rounded to odd: of the two doubles around the number the one whose last bit is set, so that rounding it to
// f16 or bf16 is as if the text had been rounded once.
static double odd_from_text(const char *text, char **end) {
    int mode = fegetround();
    fesetround(FE_DOWNWARD);
    double below = strtod(text, end);
    fesetround(FE_UPWARD);
    double above = strtod(text, end);
    fesetround(mode);
    uint64_t bits;
    memcpy(&bits, &below, sizeof bits);
    return bits & 1 ? below : above;
}

static const char *parse_real(union ir_scalar *s, cv_dtype dtype, const char *text) {
    if (!strncmp(text, "0x", 2)) return parse_bits(s, dtype, text + 2);
    if (!strcmp(text, "nan")) {
        set_bits(s, dtype, real_formats[dtype].nan);
        return NULL;
    }
    bool infinite = !strcmp(text, "inf") || !strcmp(text, "-inf");
    // What strtod takes besides, such as hexadecimal floats, is not of this language.
    if (!infinite && (!*text || text[strspn(text, "0123456789.eE+-")])) return "is not a number";
    char *end;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old = uselocale(plain);
    if (dtype == CV_F32) s->f32 = strtof(text, &end); // rounded once, not by way of double
    else if (dtype == CV_F64) s->f64 = strtod(text, &end);
    else ir_scalar_from_double(s, dtype, odd_from_text(text, &end));
    uselocale(old);
    freelocale(plain);
    if (*end) return "is not a number";
    if (!infinite && isinf(ir_scalar_to_double(s, dtype))) return "does not fit";
    return NULL;
}

static const char *parse_complex(union ir_scalar *s, cv_dtype dtype, const char *text) {
    static const char *const wrong = "is not a complex number, (real,imaginary)";
    cv_dtype part = part_of(dtype);
    const char *from = text;
    for (int i = 0; i < 2; i++) {
        if (*from++ != (i ? ',' : '(')) return wrong;
        from += strspn(from, " ");
        size_t n = strcspn(from, " ,)");
        char buffer[LONGEST];
        if (n >= sizeof buffer) return wrong;
        memcpy(buffer, from, n);
        buffer[n] = 0;
        union ir_scalar value = {0};
        const char *reason = parse_real(&value, part, buffer);
        if (reason) return reason;
        memcpy((char *)s + (size_t)i * cv_dtype_size(part), &value, cv_dtype_size(part));
        from += n + strspn(from + n, " ");
    }
    return strcmp(from, ")") ? wrong : NULL;
}

const char *ir_scalar_parse(union ir_scalar *s, cv_dtype dtype, const char *text) {
    memset(s, 0, sizeof *s);
    if (dtype == CV_BOOL) {
        s->boolean = !strcmp(text, "true");
        return s->boolean || !strcmp(text, "false") ? NULL : "is not true or false";
    }
    if (ir_is_float(dtype)) return parse_real(s, dtype, text);
    if (ir_is_complex(dtype)) return parse_complex(s, dtype, text);
    if (ir_is_integer(dtype)) return parse_integer(s, dtype, text);
    return "has no elements that can be written";
}
