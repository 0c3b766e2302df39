// What elementwise primitives mean, one element at a time: in doubles for floating point, in 64-bit
// integers, wrapped to the dtype when they are stored, for the others. A row per primitive.

#include <complex.h>
#include <math.h>
#undef I

#include "base/error.h"
#include "table.h"

static int64_t wrapping(uint64_t value) {
    return (int64_t)value;
}

static bool any_nan(double x, double y) {
    return isnan(x) || isnan(y);
}

// Of two zeros the positive one is larger.
static double larger(double x, double y) {
    if (any_nan(x, y)) return NAN;
    return x == y ? (signbit(x) ? y : x) : x > y ? x : y;
}

static double smaller(double x, double y) {
    return -larger(-x, -y);
}

// All integers are held in 64 signed bits; those of u64 are ordered as unsigned ones.
static bool less(cv_dtype dtype, int64_t x, int64_t y) {
    return dtype == CV_U64 ? (uint64_t)x < (uint64_t)y : x < y;
}

static int64_t larger_int(cv_dtype dtype, int64_t x, int64_t y) { return less(dtype, x, y) ? y : x; }
static int64_t smaller_int(cv_dtype dtype, int64_t x, int64_t y) { return less(dtype, y, x) ? y : x; }

// The smallest integer over -1 is itself, as the wrapped negation is.
static int64_t quotient(cv_dtype dtype, int64_t x, int64_t y) {
    if (y == 0) return -1;
    if (dtype == CV_U64) return wrapping((uint64_t)x / (uint64_t)y);
    return y == -1 ? wrapping(-(uint64_t)x) : x / y;
}

static int64_t sign_int(cv_dtype dtype, int64_t x) {
    return less(dtype, 0, x) - less(dtype, x, 0);
}

static int64_t clamp_int(cv_dtype dtype, int64_t low, int64_t x, int64_t high) {
    return smaller_int(dtype, larger_int(dtype, low, x), high);
}

#define U(x) ((uint64_t)(x))
#define NO_INTEGER 0
#define NO_REAL NAN

//  primitive       x, y, z as doubles                         x, y, z as integers
#define ELEMENTWISE(row)                                                                           \
    row(neg,           -x,                                     wrapping(-U(x)))                    \
    row(abs,           fabs(x),                               less(dtype, x, 0) ? wrapping(-U(x)) : x)\
    row(sign,          isnan(x) ? NAN : x > 0 ? 1 : x < 0 ? -1 : x, sign_int(dtype, x))                   \
    row(floor,         floor(x),                               NO_INTEGER)                         \
    row(exp,           exp(x),                                 NO_INTEGER)                         \
    row(expm1,         expm1(x),                               NO_INTEGER)                         \
    row(log,           log(x),                                 NO_INTEGER)                         \
    row(log1p,         log1p(x),                               NO_INTEGER)                         \
    row(tanh,          tanh(x),                                NO_INTEGER)                         \
    row(logistic,      x < -700 ? exp(x) : 1 / (1 + exp(-x)),  NO_INTEGER)                         \
    row(sin,           sin(x),                                 NO_INTEGER)                         \
    row(cos,           cos(x),                                 NO_INTEGER)                         \
    row(sqrt,          sqrt(x),                                NO_INTEGER)                         \
    row(rsqrt,         1 / sqrt(x),                            NO_INTEGER)                         \
    row(not,           NO_REAL,                                dtype == CV_BOOL ? !x : ~x)         \
    row(stop_gradient, x,                                      x)                                  \
    row(convert,       x,                                      x)                                  \
    row(add,           x + y,                                  wrapping(U(x) + U(y)))              \
    row(sub,           x - y,                                  wrapping(U(x) - U(y)))              \
    row(mul,           x * y,                                  wrapping(U(x) * U(y)))              \
    row(div,           x / y,                                 quotient(dtype, x, y))              \
    row(pow,           pow(x, y),                              NO_INTEGER)                         \
    row(max,           larger(x, y),                          larger_int(dtype, x, y))            \
    row(min,           smaller(x, y),                         smaller_int(dtype, x, y))           \
    row(and,           NO_REAL,                                x & y)                              \
    row(or,            NO_REAL,                                x | y)                              \
    row(xor,           NO_REAL,                                x ^ y)                              \
    row(eq,            x == y,                                 x == y)                             \
    row(ne,            x != y,                                 x != y)                             \
    row(lt,            x < y,                                 less(dtype, x, y))                  \
    row(le,            x <= y,                                !less(dtype, y, x))                 \
    row(gt,            x > y,                                 less(dtype, y, x))                  \
    row(ge,            x >= y,                                !less(dtype, x, y))                 \
    row(select,        x != 0 ? y : z,                         x ? y : z)                          \
    row(clamp,         smaller(larger(x, y), z),              clamp_int(dtype, x, y, z))          \
    row(fma,           fma(x, y, z),                           NO_INTEGER)

#define REAL(name, real, integer)                                                                  \
    static double real_##name(double x, double y, double z) {                                      \
        (void)x, (void)y, (void)z;                                                                 \
        return real;                                                                               \
    }
ELEMENTWISE(REAL)

#define INTEGER(name, real, integer)                                                               \
    static int64_t integer_##name(cv_dtype dtype, int64_t x, int64_t y, int64_t z) {               \
        (void)dtype, (void)x, (void)y, (void)z;                                                    \
        return integer;                                                                            \
    }
ELEMENTWISE(INTEGER)

static const struct {
    double (*real)(double x, double y, double z);
    int64_t (*integer)(cv_dtype dtype, int64_t x, int64_t y, int64_t z);
} meanings[IR_PRIMITIVE_COUNT] = {
#define MEANING(name, real, integer) [IR_##name] = {real_##name, integer_##name},
    ELEMENTWISE(MEANING)
};

// An integer of this dtype as an element of another.
static void set_integer(ir_array *out, int64_t i, cv_dtype dtype, int64_t value) {
    bool to_real = ir_is_differentiable(out->type->dtype);
    if (to_real) test_set_real(out, i, dtype == CV_U64 ? (double)(uint64_t)value : (double)value);
    else test_set_int(out, i, value);
}

static double complex expm1_of(double complex z) {
    double half = sin(cimag(z) / 2);
    return __builtin_complex(expm1(creal(z)) * cos(cimag(z)) - 2 * half * half, cimag(cexp(z)));
}

// What the same primitives mean of complex numbers, and those that only these have.
#define COMPLEX(row)                                                                               \
    row(neg, -x) row(abs, cabs(x)) row(sign, x == 0 ? x : x / cabs(x)) row(exp, cexp(x))           \
    row(expm1, expm1_of(x)) row(log, clog(x)) row(log1p, clog(1 + x)) row(tanh, ctanh(x))          \
    row(logistic, 1 / (1 + cexp(-x))) row(sin, csin(x)) row(cos, ccos(x)) row(sqrt, csqrt(x))      \
    row(rsqrt, 1 / csqrt(x)) row(stop_gradient, x) row(convert, x) row(real, creal(x))             \
    row(imag, cimag(x)) row(conj, conj(x)) row(add, x + y)                                      \
    row(complex, __builtin_complex(creal(x), creal(y)))                                            \
    row(sub, x - y) row(mul, x * y) row(div, x / y) row(pow, cexp(y * clog(x))) row(eq, x == y)    \
    row(ne, x != y) row(select, x != 0 ? y : z)
#define OF_COMPLEX(name, ...)                                                                      \
    static double complex complex_##name(double complex x, double complex y, double complex z) {   \
        (void)x, (void)y, (void)z;                                                                 \
        return __VA_ARGS__;                                                                        \
    }
COMPLEX(OF_COMPLEX)

typedef double complex complex_meaning(double complex x, double complex y, double complex z);
static complex_meaning *const complex_meanings[IR_PRIMITIVE_COUNT] = {
#define COMPLEX_MEANING(name, ...) [IR_##name] = complex_##name,
    COMPLEX(COMPLEX_MEANING)
};

static bool any_complex(const test_instance *t, const ir_array *in, const ir_array *out) {
    bool any = ir_is_complex(out[0].type->dtype) && t->c->primitive != IR_convert;
    for (uint32_t k = 0; k < t->c->n_in; k++) any |= ir_is_complex(in[k].type->dtype);
    return any;
}

static void expect_complex(const test_instance *t, const ir_array *in, ir_array *out) {
    for (int64_t i = 0; i < out[0].type->count; i++) {
        double complex x[3] = {0};
        for (uint32_t k = 0; k < t->c->n_in; k++) x[k] = test_complex(&in[k], i);
        test_set_complex(&out[0], i, complex_meanings[t->c->primitive](x[0], x[1], x[2]));
    }
}

bool test_expect_elementwise(const test_instance *t, const ir_array *in, ir_array *out) {
    ir_primitive p = t->c->primitive;
    if (complex_meanings[p] && any_complex(t, in, out)) {
        expect_complex(t, in, out);
        return true;
    }
    if (!meanings[p].real) return false;
    bool floating = false;
    for (uint32_t k = 0; k < t->c->n_in; k++) floating |= ir_is_float(in[k].type->dtype);
    for (int64_t i = 0; i < out[0].type->count; i++) {
        double x[3] = {0};
        int64_t n[3] = {0};
        for (uint32_t k = 0; k < t->c->n_in; k++) {
            x[k] = test_real(&in[k], i);
            n[k] = test_int(&in[k], i);
        }
        if (floating) test_set_real(&out[0], i, meanings[p].real(x[0], x[1], x[2]));
        else set_integer(&out[0], i, t->dtype, meanings[p].integer(t->dtype, n[0], n[1], n[2]));
    }
    return true;
}

static ir_array with_dtype(const test_instance *t, const ir_array *a, cv_dtype dtype) {
    ir_array other = test_array(t->arena, ir_type_with_dtype(t->module, a->type, dtype));
    for (int64_t i = 0; i < a->type->count; i++) test_set_real(&other, i, test_real(a, i));
    return other;
}

// Sums and the like of numbers of 16 bits are rounded once, at the end.
static bool expect_sums(const test_instance *t, const ir_array *in, ir_array *out) {
    if (!ir_is_half(t->dtype) || !ir_computes_in_f32(t->c->primitive)) return false;
    ir_array wide[TEST_MAX_IN], *sums = base_new_array(t->arena, ir_array, t->f->n_results + 1);
    for (uint32_t i = 0; i < t->c->n_in; i++)
        wide[i] = ir_is_half(in[i].type->dtype) ? with_dtype(t, &in[i], CV_F64) : in[i];
    for (uint32_t r = 0; r < t->f->n_results; r++) {
        bool half = ir_is_half(out[r].type->dtype);
        sums[r] = half ? test_array(t->arena, ir_type_with_dtype(t->module, out[r].type, CV_F64)) : out[r];
    }
    if (!test_expect_structure(t, wide, sums)) return false;
    for (uint32_t r = 0; r < t->f->n_results; r++)
        if (sums[r].type != out[r].type) out[r] = with_dtype(t, &sums[r], out[r].type->dtype);
    return true;
}

void test_expect(const test_instance *t, const ir_array *in, ir_array *out) {
    if (t->c->expect) {
        t->c->expect(t, in, out);
        return;
    }
    if (test_expect_elementwise(t, in, out) || expect_sums(t, in, out) || test_expect_structure(t, in, out)) return;
    base_raise(CV_INVALID, "there is no expectation for %s", ir_primitives[t->c->primitive].name);
}
