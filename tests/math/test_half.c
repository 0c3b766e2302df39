// f16 and bf16: every one of their values, compiled at two widths, with and without the target's instructions
// for f16, and interpreted.
//
// What a value is worth is computed here from its bits, and the neighbours of a number among all values give
// its correct rounding: a midpoint goes to the even one, whatever is above or below it to the nearer one. In f64
// and f32, and in integers of 64 bits, numbers next to midpoints are the hardest there are.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ir/rules.h"
#include "jit.h"

enum { VALUES = 1 << 16, POINTS = 1 << 18 };
static unsigned n_faults;

#define FAULT(...) (n_faults++, printf("FAULT: " __VA_ARGS__), (void)putchar('\n'))

typedef struct format {
    cv_dtype dtype;
    int fraction, bias; // bits of the fraction; of the exponent
    uint16_t infinity;
} format;
static const format formats[] = {{CV_F16, 10, 15, 0x7c00}, {CV_BF16, 7, 127, 0x7f80}};

// Of a positive value; infinity is worth the power of two that follows the greatest.
static double worth(const format *f, uint16_t bits) {
    int exponent = bits >> f->fraction, fraction = bits & ((1 << f->fraction) - 1);
    int leading = exponent ? 1 << f->fraction : 0;
    return ldexp(leading + fraction, (exponent ? exponent : 1) - f->bias - f->fraction);
}

static bool is_nan(const format *f, uint16_t bits) { return (bits & 0x7fff) > f->infinity; }

// The arrays of one conversion: operands, and what is wanted.
static _Alignas(16) char operands[8 * POINTS], wanted[8 * POINTS], found[8 * POINTS];
static size_t n_points;

static void add_point(cv_dtype from, const void *x, cv_dtype to, const void *want) {
    memcpy(operands + n_points * cv_dtype_size(from), x, cv_dtype_size(from));
    memcpy(wanted + n_points * cv_dtype_size(to), want, cv_dtype_size(to));
    if (++n_points > POINTS) abort();
}

static void add_real(cv_dtype from, double x, cv_dtype to, uint16_t want) {
    union ir_scalar s = {.f64 = x};
    if (from == CV_F32) s.f32 = (float)x;
    add_point(from, &s, to, &want);
}

static void compare(const char *how, cv_dtype from, cv_dtype to) {
    size_t size = cv_dtype_size(to);
    for (size_t i = 0; i < n_points; i++) {
        if (!memcmp(found + i * size, wanted + i * size, size)) continue;
        union ir_scalar x = {0}, got = {0}, want = {0};
        memcpy(&x, operands + i * cv_dtype_size(from), cv_dtype_size(from));
        memcpy(&got, found + i * size, size);
        memcpy(&want, wanted + i * size, size);
        FAULT("%s to %s, %s: 0x%llx becomes 0x%llx, not 0x%llx", cv_dtype_name(from), cv_dtype_name(to), how,
              (unsigned long long)x.u64, (unsigned long long)got.u64, (unsigned long long)want.u64);
        return;
    }
}

// bf16 becomes f32 by a shift, which leaves a signalling NaN what it is.
static void make_quiet(cv_dtype from, cv_dtype to) {
    uint32_t *bits = (uint32_t *)(void *)found;
    if (from != CV_BF16 || to != CV_F32) return;
    for (size_t i = 0; i < n_points; i++)
        if ((bits[i] & 0x7fffffff) > 0x7f800000) bits[i] |= 0x400000;
}

static void check(jit *j, ir_module *module, cv_dtype from, cv_dtype to) {
    static const unsigned lanes[] = {1, 16};
    char how[64];
    size_t n = (n_points + 15) / 16 * 16;
    memset(operands + n_points * cv_dtype_size(from), 0, (n - n_points) * cv_dtype_size(from));
    for (int fma = 0; fma < 2; fma++)
        for (int l = 0; l < 2 && jit_has(j, fma); l++) {
            bool calls;
            jit_loop *loop = jit_compile(j, &(jit_kernel){IR_convert, from, to, lanes[l], fma}, &calls);
            if (calls) FAULT("%s to %s calls a library", cv_dtype_name(from), cv_dtype_name(to));
            loop(operands, NULL, NULL, found, (int64_t)n);
            make_quiet(from, to);
            snprintf(how, sizeof how, "%u lanes, %s", lanes[l], fma ? "all instructions" : "the least instructions");
            compare(how, from, to);
        }
    int64_t shape = (int64_t)n_points;
    ir_array in = {ir_type_get(module, from, 1, &shape), operands}, out = {ir_type_get(module, to, 1, &shape), found};
    ir_evaluate(IR_convert, &(ir_evaluation){.in = &in, .out = &out});
    compare("interpreted", from, to);
    printf("%zu of %s to %s\n", n_points, cv_dtype_name(from), cv_dtype_name(to));
    n_points = 0;
}

// Every value to a wider format; a NaN keeps its fraction and becomes quiet.
static void add_widened(const format *f, cv_dtype to) {
    int fraction = to == CV_F32 ? 23 : 52, width = to == CV_F32 ? 32 : 64;
    for (uint32_t bits = 0; bits < VALUES; bits++) {
        uint16_t x = (uint16_t)bits, size = x & 0x7fff;
        union ir_scalar s = {0};
        double value = size == f->infinity ? INFINITY : worth(f, size);
        if (to == CV_F32) s.f32 = (float)value;
        else s.f64 = value;
        if (is_nan(f, x)) {
            uint64_t nan = (UINT64_C(1) << (width - 1 - fraction)) - 1, quiet = UINT64_C(1) << (fraction - 1);
            uint64_t kept = (uint64_t)(x & ((1 << f->fraction) - 1)) << (fraction - f->fraction);
            s.u64 = nan << fraction | kept | quiet;
        }
        s.u64 |= (uint64_t)(x >> 15) << (width - 1);
        add_point(f->dtype, &x, to, &s);
    }
}

// Back, and what lies between neighbours: midpoints, and the numbers next to them and to the values.
static void add_narrowed(const format *f, cv_dtype from, double sign) {
    uint16_t minus = sign < 0 ? 0x8000 : 0;
    for (uint16_t x = 0; x < f->infinity; x++) {
        uint16_t low = x | minus, high = (uint16_t)(x + 1) | minus, even = x & 1 ? high : low;
        double a = worth(f, x), b = worth(f, x + 1), middle = a / 2 + b / 2;
        bool wide = from == CV_F64;
        double below = wide ? nextafter(middle, 0) : (double)nextafterf((float)middle, 0);
        double above = wide ? nextafter(middle, INFINITY) : (double)nextafterf((float)middle, INFINITY);
        double after = wide ? nextafter(a, INFINITY) : (double)nextafterf((float)a, INFINITY);
        add_real(from, sign * a, f->dtype, low);
        add_real(from, sign * after, f->dtype, low);
        add_real(from, sign * below, f->dtype, low);
        add_real(from, sign * middle, f->dtype, even);
        add_real(from, sign * above, f->dtype, high);
    }
    double greatest = from == CV_F64 ? 0x1.fffffffffffffp1023 : 0x1.fffffep127;
    add_real(from, sign * greatest, f->dtype, f->infinity | minus);
    add_real(from, sign * (double)INFINITY, f->dtype, f->infinity | minus);
    add_real(from, sign * (from == CV_F64 ? 0x1p-1074 : 0x1p-149), f->dtype, minus);
}

static void add_nans(const format *f, cv_dtype from) {
    int fraction = from == CV_F32 ? 23 : 52;
    uint64_t least = (uint64_t)(from == CV_F32 ? 0xff : 0x7ff) << fraction;
    for (uint64_t top = 0; top < UINT64_C(1) << f->fraction; top++)
        for (uint64_t low = top == 0; low < 2; low++) {
            union ir_scalar x = {.u64 = least | top << (fraction - f->fraction) | low};
            uint16_t want = (uint16_t)(f->infinity | top | UINT64_C(1) << (f->fraction - 1));
            add_point(from, &x, f->dtype, &want);
        }
}

static void add_integer(const format *f, cv_dtype from, int64_t x, uint16_t want) {
    union ir_scalar s;
    ir_scalar_from_int(&s, from, x);
    add_point(from, &s, f->dtype, &want);
}

// Midpoints that are integers of the dtype, and the integers next to them.
static void add_integers(const format *f, cv_dtype from) {
    double limit = ldexp(1, 8 * (int)cv_dtype_size(from) - ir_is_signed(from));
    for (uint16_t x = 0; x < f->infinity; x++) {
        double a = worth(f, x), middle = a / 2 + worth(f, x + 1) / 2;
        if (a == floor(a) && a < limit) add_integer(f, from, (int64_t)(uint64_t)a, x);
        if (middle != floor(middle) || middle + 1 >= limit) continue;
        int64_t at = (int64_t)(uint64_t)middle;
        for (int step = -1; step <= 1; step++) {
            uint16_t want = step < 0 ? x : step > 0 ? x + 1 : (uint16_t)(x + (x & 1));
            if (worth(f, x + 1) - a < 2) want = step ? (uint16_t)(x + (step > 0)) : want;
            add_integer(f, from, at + step, want);
            if (ir_is_signed(from)) add_integer(f, from, -(at + step), want | 0x8000);
        }
    }
}

// Integers: towards zero, to the nearest there is, and 0 for a NaN.
static void add_truncated(const format *f, cv_dtype to) {
    int bits = 8 * (int)cv_dtype_size(to);
    double most = ldexp(1, bits - ir_is_signed(to)), least = ir_is_signed(to) ? -most : 0;
    for (uint32_t i = 0; i < VALUES; i++) {
        uint16_t x = (uint16_t)i, size = x & 0x7fff;
        double value = trunc(size == f->infinity ? INFINITY : worth(f, size)) * (x >> 15 ? -1 : 1);
        union ir_scalar want = {0};
        if (is_nan(f, x)) want.u64 = 0;
        else if (value >= most) want.u64 = UINT64_MAX >> (64 - bits + ir_is_signed(to));
        else if (value <= least) want.u64 = ir_is_signed(to) ? UINT64_C(1) << (bits - 1) : 0;
        else if (value < 0) want.s64 = (int64_t)value;
        else want.u64 = (uint64_t)value;
        add_point(f->dtype, &x, to, &want);
    }
}

static void run_all(void *argument) {
    (void)argument;
    static const cv_dtype integers[] = {CV_S8, CV_S16, CV_S32, CV_S64, CV_U8, CV_U16, CV_U32, CV_U64};
    jit *j = jit_new(false);
    ir_module *module = ir_module_new();
    for (int k = 0; k < 2; k++) {
        const format *f = &formats[k];
        for (int wide = 0; wide < 2; wide++) {
            cv_dtype other = wide ? CV_F64 : CV_F32;
            add_widened(f, other);
            check(j, module, f->dtype, other);
            for (int minus = 0; minus < 2; minus++) {
                add_narrowed(f, other, minus ? -1 : 1);
                check(j, module, other, f->dtype);
            }
            add_nans(f, other);
            check(j, module, other, f->dtype);
        }
        for (int i = 0; i < 8; i++) {
            add_integers(f, integers[i]);
            check(j, module, integers[i], f->dtype);
            add_truncated(f, integers[i]);
            check(j, module, f->dtype, integers[i]);
        }
    }
    ir_module_free(module);
    jit_free(j);
}

int main(void) {
    base_failure failure;
    if (base_protect(run_all, NULL, &failure)) FAULT("%s", failure.message);
    return n_faults > 0;
}
