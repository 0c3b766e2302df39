// The meaning of the elementwise primitives, element by element: what compiled code is compared
// with.
//
// A row per primitive: for each class of dtypes the expression of one element in x, y, z, of type
// T. The type-generic functions of <tgmath.h> make a row f32 arithmetic in f32 and f64 in double.
// What C leaves open is as XLA has it: integers wrap, integer division by zero gives -1 (all ones), the
// smallest integer over -1 gives itself, and floating max and min pass NaNs on.

#include <string.h>
#include <tgmath.h>

#include "ir/primitives/evaluate_elements.h"

// Complex operands with a real result.
#define PARTS(...)                                                                                 \
    LOOP(CV_C64, float _Complex, float, X, __VA_ARGS__) LOOP(CV_C128, double _Complex, double, X, __VA_ARGS__)

// Division where neither operand needs care.
#define IS_SIGNED ((T)-1 < (T)1)
#define QUOTIENT(x, y) ((y) == 0 ? (T)-1 : IS_SIGNED && (y) == (T)-1 ? (T)(0 - WRAP(x)) : (T)((x) / (y)))

// Functions of complex numbers are computed in the widest format, where plain formulas are good enough and
// nothing overflows on the way.
typedef long double _Complex wide;

static wide wide_of(long double re, long double im) { return __builtin_complex(re, im); }

static wide wide_expm1(wide z) {
    long double x = creall(z), y = cimagl(z), half = sinl(y / 2);
    if (y == 0 || (isinf(x) && x < 0)) return wide_of(expm1l(x), cimagl(cexpl(z)));
    return wide_of(expm1l(x) * cosl(y) - 2 * half * half, cimagl(cexpl(z)));
}

static wide wide_log1p(wide z) {
    long double x = creall(z), y = cimagl(z);
    wide far = clogl(wide_of(1 + x, y));
    if (!(fabsl(x) < 0.5L && fabsl(y) < 0.5L)) return far;
    return wide_of(log1pl(x * (2 + x) + y * y) / 2, cimagl(far));
}

// With x <= 0, 1 + exp(z) is 2 exp(x) cos(y / 2)^2 - expm1(x) + i exp(x) sin y: exact at the poles too.
static wide wide_logistic(wide z) {
    if (!isfinite(cimagl(z))) return wide_of((long double)NAN, (long double)NAN);
    bool left = creall(z) < 0;
    wide w = left ? z : -z;
    long double size = expl(creall(w)), half = cosl(cimagl(w) / 2);
    wide below = wide_of(2 * size * half * half - expm1l(creall(w)), size * sinl(cimagl(w)));
    return (left ? cexpl(w) : 1) / below;
}

static wide wide_rsqrt(wide z) {
    if (isinf(creall(z)) || isinf(cimagl(z))) return wide_of(0, copysignl(0, -cimagl(z)));
    return z == 0 ? wide_of((long double)INFINITY, (long double)NAN) : 1 / csqrtl(z);
}

static wide wide_sign(wide z) {
    long double size = cabsl(z);
    return size == 0 ? z : wide_of(creall(z) / size, cimagl(z) / size);
}

static wide wide_pow(wide z, wide w) {
    if (w == 0) return 1;
    if (z == 0) return creall(w) > 0 ? 0 : wide_of((long double)NAN, (long double)NAN);
    wide log = clogl(z);
    return cexpl(COMPLEX_PRODUCT(w, log));
}

EVALUATE(neg,      INTEGERS(UNARY, 0 - WRAP(x)) FLOATS(UNARY, -x) COMPLEXES(UNARY, -x))
EVALUATE(abs,      SIGNED(UNARY, x < 0 ? 0 - WRAP(x) : WRAP(x)) UNSIGNED(UNARY, x) FLOATS(UNARY, fabs(x))
                   PARTS(cabsl(x)))
EVALUATE(sign,     SIGNED(UNARY, (x > 0) - (x < 0)) UNSIGNED(UNARY, x > 0)
                   FLOATS(UNARY, x > 0 ? 1 : x < 0 ? -1 : x) COMPLEXES(UNARY, wide_sign(x)))
EVALUATE(floor,    FLOATS(UNARY, floor(x)))
EVALUATE(exp,      FLOATS(UNARY, exp(x)) COMPLEXES(UNARY, cexpl(x)))
EVALUATE(expm1,    FLOATS(UNARY, expm1(x)) COMPLEXES(UNARY, wide_expm1(x)))
EVALUATE(log,      FLOATS(UNARY, log(x)) COMPLEXES(UNARY, clogl(x)))
EVALUATE(log1p,    FLOATS(UNARY, log1p(x)) COMPLEXES(UNARY, wide_log1p(x)))
EVALUATE(tanh,     FLOATS(UNARY, tanh(x)) COMPLEXES(UNARY, ctanhl(x)))
// The exponential of what is not positive: it does not overflow, and small results keep their digits.
EVALUATE(logistic, FLOATS(UNARY, (x < 0 ? exp(x) : 1) / (1 + exp(-fabs(x))))
                   COMPLEXES(UNARY, wide_logistic(x)))
EVALUATE(sin,      FLOATS(UNARY, sin(x)) COMPLEXES(UNARY, csinl(x)))
EVALUATE(cos,      FLOATS(UNARY, cos(x)) COMPLEXES(UNARY, ccosl(x)))
EVALUATE(sqrt,     FLOATS(UNARY, sqrt(x)) COMPLEXES(UNARY, csqrtl(x)))
EVALUATE(rsqrt,    FLOATS(UNARY, 1 / sqrt(x)) COMPLEXES(UNARY, wide_rsqrt(x)))
EVALUATE(not,      BOOLS(UNARY, !x) INTEGERS(UNARY, ~x))

EVALUATE(real,     PARTS(__real__ x))
EVALUATE(imag,     PARTS(__imag__ x))
EVALUATE(conj,     COMPLEXES(UNARY, conj(x)))
EVALUATE(complex,  LOOP(CV_F32, float, float _Complex, XY, __builtin_complex(x, y))
                   LOOP(CV_F64, double, double _Complex, XY, __builtin_complex(x, y)))

EVALUATE(add,      INTEGERS(BINARY, WRAP(x) + WRAP(y)) FLOATS(BINARY, x + y) COMPLEXES(BINARY, x + y))
EVALUATE(sub,      INTEGERS(BINARY, WRAP(x) - WRAP(y)) FLOATS(BINARY, x - y) COMPLEXES(BINARY, x - y))
EVALUATE(mul,      INTEGERS(BINARY, WRAP(x) * WRAP(y)) FLOATS(BINARY, x * y)
                   COMPLEXES(BINARY, COMPLEX_PRODUCT(x, y)))
EVALUATE(div,      INTEGERS(BINARY, QUOTIENT(x, y)) FLOATS(BINARY, x / y)
                   COMPLEXES(BINARY, (wide)x / (wide)y))
EVALUATE(pow,      FLOATS(BINARY, pow(x, y)) COMPLEXES(BINARY, wide_pow(x, y)))
EVALUATE(max,      BOOLS(BINARY, x | y) INTEGERS(BINARY, x > y ? x : y) FLOATS(BINARY, ir_maximum(x, y))
                   COMPLEXES(BINARY, ir_complex_extreme(x, y, true)))
EVALUATE(min,      BOOLS(BINARY, x & y) INTEGERS(BINARY, x < y ? x : y) FLOATS(BINARY, ir_minimum(x, y))
                   COMPLEXES(BINARY, ir_complex_extreme(x, y, false)))
EVALUATE(and,      BOOLS(BINARY, x & y) INTEGERS(BINARY, x & y))
EVALUATE(or,       BOOLS(BINARY, x | y) INTEGERS(BINARY, x | y))
EVALUATE(xor,      BOOLS(BINARY, x ^ y) INTEGERS(BINARY, x ^ y))

#define ORDERED(...) BOOLS(COMPARE, __VA_ARGS__) INTEGERS(COMPARE, __VA_ARGS__) FLOATS(COMPARE, __VA_ARGS__)
EVALUATE(eq,       ORDERED(x == y) COMPLEXES(COMPARE, x == y))
EVALUATE(ne,       ORDERED(x != y) COMPLEXES(COMPARE, x != y))
EVALUATE(lt,       ORDERED(x < y))
EVALUATE(le,       ORDERED(x <= y))
EVALUATE(gt,       ORDERED(x > y))
EVALUATE(ge,       ORDERED(x >= y))

// clamp(low x, value y, high z): the high bound wins where they cross
#define LESS(x, y) ((x) < (y) ? (x) : (y))
EVALUATE(clamp,    INTEGERS(TERNARY, y < x ? LESS(x, z) : LESS(y, z))
                   FLOATS(TERNARY, ir_minimum(ir_maximum(x, y), z)))
EVALUATE(fma,      FLOATS(TERNARY, fma(x, y, z)))

// What only moves elements goes by their size.

void ir_evaluate_stop_gradient(ir_evaluation *c) {
    if (c->out[0].type->bytes) memcpy(c->out[0].data, c->in[0].data, c->out[0].type->bytes);
}

// The width is a constant in each case, so that a copy is a load and a store.
void ir_evaluate_select(ir_evaluation *c) {
    const uint8_t *predicate = c->in[0].data;
    const char *yes = c->in[1].data, *no = c->in[2].data;
    char *results = c->out[0].data;
    int64_t count = c->out[0].type->count;
#define SELECT(width)                                                                              \
    case width:                                                                                    \
        for (int64_t i = 0; i < count; i++)                                                        \
            memcpy(results + i * width, (predicate[i] ? yes : no) + i * width, width);             \
        return;
    switch (cv_dtype_size(c->out[0].type->dtype)) {
        SELECT(1) SELECT(2) SELECT(4) SELECT(8) SELECT(16)
    default: ir_evaluate_unsupported(c, c->out[0].type->dtype);
    }
#undef SELECT
}

// Conversion goes through a few elements at a time of a type that holds every source exactly:
// double for what is floating, 64 bits for the rest (those of u64 are read as unsigned again).

enum { CHUNK = 256 };

typedef struct chunk {
    cv_dtype from;
    int64_t n;
    double floats[CHUNK];
    int64_t integers[CHUNK];
} chunk;

static bool load(chunk *k, const void *data, int64_t at) {
#define LOAD(code, element, to, ...)                                                               \
    case code:                                                                                     \
        for (int64_t i = 0; i < k->n; i++) {                                                       \
            element x = ((const element *)data)[at + i];                                           \
            k->to[i] = __VA_ARGS__;                                                                \
        }                                                                                          \
        return true;
    switch (k->from) {
        BOOLS(LOAD, integers, x)
        INTEGERS(LOAD, integers, (int64_t)x)
        FLOATS(LOAD, floats, x)
        LOAD(CV_C64, float _Complex, floats, __real__ x)
        LOAD(CV_C128, double _Complex, floats, __real__ x)
        LOAD(CV_F16, uint16_t, floats, ir_f16_to_double(x))
        LOAD(CV_BF16, uint16_t, floats, ir_bf16_to_double(x))
    default: return false;
    }
#undef LOAD
}

// Floating to integer: towards zero, a NaN to 0, and to the nearest that there is.
#define SATURATED(x, low, high)                                                                    \
    (isnan(x) ? 0 : (x) <= (double)(low) ? (low) : (x) >= (double)(high) ? (high) : (T)(x))
#define STORE(code, element, source, ...)                                                          \
    case code: {                                                                                   \
        typedef element T;                                                                         \
        for (int64_t i = 0; i < k->n; i++) {                                                       \
            __auto_type x = source;                                                                \
            ((T *)data)[at + i] = (T)(__VA_ARGS__);                                                \
        }                                                                                          \
        return true;                                                                               \
    }

static bool store_floats(const chunk *k, cv_dtype to, void *data, int64_t at) {
#define STORE_SATURATED(code, element, low, high) STORE(code, element, k->floats[i], SATURATED(x, low, high))
    switch (to) {
        BOOLS(STORE, k->floats[i], x != 0)
        INTEGER_RANGES(STORE_SATURATED)
        FLOATS(STORE, k->floats[i], x)
        COMPLEXES(STORE, k->floats[i], x)
        STORE(CV_F16, uint16_t, k->floats[i], ir_f16_from_double(x))
        STORE(CV_BF16, uint16_t, k->floats[i], ir_bf16_from_double(x))
    default: return false;
    }
#undef STORE_SATURATED
}

static bool store_integers(const chunk *k, cv_dtype to, void *data, int64_t at) {
    switch (to) {
        BOOLS(STORE, k->integers[i], x != 0)
        INTEGERS(STORE, k->integers[i], x)
        FLOATS(STORE, k->integers[i], x)
        COMPLEXES(STORE, k->integers[i], x)
        STORE(CV_F16, uint16_t, k->integers[i], ir_f16_from_double(ir_odd_from_int(x)))
        STORE(CV_BF16, uint16_t, k->integers[i], ir_bf16_from_double(ir_odd_from_int(x)))
    default: return false;
    }
}

// u64 to what is floating, where the sign bit is a digit.
static bool store_unsigned(const chunk *k, cv_dtype to, void *data, int64_t at) {
    switch (to) {
        FLOATS(STORE, (uint64_t)k->integers[i], x)
        COMPLEXES(STORE, (uint64_t)k->integers[i], x)
        STORE(CV_F16, uint16_t, (uint64_t)k->integers[i], ir_f16_from_double(ir_odd_from_uint(x)))
        STORE(CV_BF16, uint16_t, (uint64_t)k->integers[i], ir_bf16_from_double(ir_odd_from_uint(x)))
    default: return false;
    }
}

// Of one format to the other: both parts.
static void convert_complex(const ir_array *from, const ir_array *to) {
    float _Complex *narrow = to->type->dtype == CV_C64 ? to->data : from->data;
    double _Complex *broad = to->type->dtype == CV_C64 ? from->data : to->data;
    for (int64_t i = 0; i < to->type->count; i++) {
        if (narrow == to->data) narrow[i] = (float _Complex)broad[i];
        else broad[i] = narrow[i];
    }
}

void ir_evaluate_convert(ir_evaluation *c) {
    cv_dtype to = c->out[0].type->dtype;
    if (ir_is_complex(to) && ir_is_complex(c->in[0].type->dtype)) {
        if (to != c->in[0].type->dtype) convert_complex(&c->in[0], &c->out[0]);
        else if (c->out[0].type->bytes) memcpy(c->out[0].data, c->in[0].data, c->out[0].type->bytes);
        return;
    }
    chunk k;
    k.from = c->in[0].type->dtype;
    int64_t count = c->out[0].type->count;
    for (int64_t at = 0; at < count; at += k.n) {
        k.n = count - at < CHUNK ? count - at : CHUNK;
        if (!load(&k, c->in[0].data, at)) ir_evaluate_unsupported(c, k.from);
        bool (*store)(const chunk *, cv_dtype, void *, int64_t) =
            ir_is_differentiable(k.from) ? store_floats
            : k.from == CV_U64 && ir_is_differentiable(to) ? store_unsigned : store_integers;
        if (!store(&k, to, c->out[0].data, at)) ir_evaluate_unsupported(c, to);
    }
}
