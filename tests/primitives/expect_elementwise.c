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

static int64_t remainder_int(cv_dtype dtype, int64_t x, int64_t y) {
    if (y == 0 || y == -1) return y && dtype != CV_U64 ? 0 : !y ? x : wrapping((uint64_t)x % (uint64_t)y);
    return dtype == CV_U64 ? wrapping((uint64_t)x % (uint64_t)y) : x % y;
}

// Bits one by one, the lowest first.
static int width_of(cv_dtype dtype) { return 8 * (int)cv_dtype_size(dtype); }

static bool has_bit(int64_t x, int64_t i) { return (uint64_t)x >> i & 1; }

static bool shifts_out(cv_dtype dtype, int64_t by) {
    return (by < 0 && dtype != CV_U64) || (uint64_t)by >= (uint64_t)width_of(dtype);
}

static int64_t shift_left(cv_dtype dtype, int64_t x, int64_t by) {
    uint64_t bits = 0;
    for (int i = 0; i < width_of(dtype) && !shifts_out(dtype, by); i++)
        if (i >= by && has_bit(x, i - by)) bits |= UINT64_C(1) << i;
    return wrapping(bits);
}

static int64_t shift_right(cv_dtype dtype, int64_t x, int64_t by, bool signs) {
    uint64_t bits = 0;
    int width = width_of(dtype);
    bool out = shifts_out(dtype, by), sign = signs && has_bit(x, width - 1);
    for (int i = 0; i < width; i++)
        if (!out && i + by < width ? has_bit(x, i + by) : sign) bits |= UINT64_C(1) << i;
    return wrapping(bits);
}

static int64_t count_set(cv_dtype dtype, int64_t x) {
    int64_t n = 0;
    for (int i = 0; i < width_of(dtype); i++) n += has_bit(x, i);
    return n;
}

static int64_t count_zeros(cv_dtype dtype, int64_t x) {
    int64_t n = 0;
    while (n < width_of(dtype) && !has_bit(x, width_of(dtype) - 1 - n)) n++;
    return n;
}

// By bisection of erf, which does not tell apart what is close to 1, or of erfc.
static double inverse_of_erf(double x) {
    long double low = 0, high = 30, size = fabs(x);
    if (size < 1e-10L) return (double)(x * 0.886226925452758013649L);
    if (!(size < 1)) return size == 1 ? copysign(INFINITY, x) : NAN;
    for (int i = 0; i < 200; i++) {
        long double middle = (low + high) / 2;
        bool below = size < 0.5L ? erfl(middle) < size : erfcl(middle) > 1 - size;
        if (below) low = middle; else high = middle;
    }
    return copysign((double)high, x);
}

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

// By the power series, whose terms are positive; of great numbers by the first terms of the asymptotic one.
static double bessel(int order, double x) {
    long double size = fabs(x), term = order ? size / 2 : 1, sum = 0, rate = order ? 3 : -1;
    for (int k = 1; k < 300; k++) {
        sum += term;
        term *= size * size / 4 / k / (k + order);
    }
    sum *= expl(-size);
    if (size > 1e4L) sum = (1 - rate / (8 * size)) / sqrtl(2 * acosl(-1) * size);
    return isnan(x) ? x : order ? copysign((double)sum, x) : (double)sum;
}

// By their series, of which 20,000 terms are added; the rest is close to an integral.
enum { TERMS = 20000 };

static double digamma(double x) {
    if (x <= 0 && x == floor(x)) return x == 0 ? -INFINITY : NAN;
    if (isinf(x)) return x > 0 ? x : NAN;
    long double y = (long double)x + TERMS, sum = logl(y) - 1 / (2 * y) - 1 / (12 * y * y);
    for (int k = TERMS; k-- > 0;) sum -= 1 / ((long double)x + k);
    return (double)sum;
}

void test_expect_polygamma(const test_instance *t, const ir_array *in, ir_array *out) {
    int64_t n = ((const ir_polygamma_attributes *)t->c->attributes)->order;
    for (int64_t i = 0; i < out->type->count; i++) {
        long double x = test_real(&in[0], i), y = x + TERMS, s = (long double)n + 1;
        long double sum = powl(y, -s) * (y / (s - 1) + 0.5L + s / (12 * y));
        for (int k = TERMS; k-- > 0;) sum += 1 / powl(x + k, s);
        if (isinf(x)) sum = x > 0 ? 0 : (long double)NAN;
        if (x == 0) sum = INFINITY;
        test_set_real(&out[0], i, (double)((n % 2 ? 1 : -1) * tgammal(s) * sum));
    }
}

void test_expect_integer_pow(const test_instance *t, const ir_array *in, ir_array *out) {
    int64_t n = ((const ir_integer_pow_attributes *)t->c->attributes)->exponent;
    for (int64_t i = 0; i < out->type->count; i++) {
        if (ir_is_float(t->dtype)) {
            test_set_real(&out[0], i, pow(test_real(&in[0], i), (double)n));
            continue;
        }
        if (ir_is_complex(t->dtype)) {
            double complex product = 1;
            for (int64_t k = 0; k < n; k++) product *= test_complex(&in[0], i);
            test_set_complex(&out[0], i, product);
            continue;
        }
        uint64_t power = 1;
        for (int64_t k = 0; k < n; k++) power *= (uint64_t)test_int(&in[0], i);
        test_set_int(&out[0], i, wrapping(power));
    }
}

// The bits of each dtype as those of another.
const void *test_make_bitcast(const test_instance *t) {
    static const cv_dtype other[CV_DTYPE_COUNT] = {
        [CV_S8] = CV_U8,    [CV_U8] = CV_S8,    [CV_S16] = CV_U16, [CV_U16] = CV_S16,
        [CV_S32] = CV_F32,  [CV_U32] = CV_F32,  [CV_S64] = CV_F64, [CV_U64] = CV_F64,
        [CV_F16] = CV_BF16, [CV_BF16] = CV_S16, [CV_F32] = CV_U32, [CV_F64] = CV_S64};
    ir_convert_attributes *a = base_new(t->arena, ir_convert_attributes);
    a->dtype = other[t->dtype];
    return a;
}

void test_expect_bitcast(const test_instance *t, const ir_array *in, ir_array *out) {
    (void)t;
    for (size_t i = 0; i < out->type->bytes; i++) ((char *)out->data)[i] = ((const char *)in->data)[i];
}

// The nearest number of 16 bits on that side, of all of them.
static double next_half(cv_dtype dtype, double x, double y) {
    double next = x < y ? INFINITY : -INFINITY;
    if (isnan(x) || isnan(y)) return NAN;
    if (x == y) return y;
    for (uint32_t bits = 0; bits < 1u << 16; bits++) {
        union ir_scalar scalar = {.u16 = (uint16_t)bits};
        double candidate = ir_scalar_to_double(&scalar, dtype);
        if (x < y ? candidate > x && candidate < next : candidate < x && candidate > next) next = candidate;
    }
    return next == 0 ? copysign(0, x) : next;
}

void test_expect_nextafter(const test_instance *t, const ir_array *in, ir_array *out) {
    for (int64_t i = 0; i < out->type->count; i++) {
        double x = test_real(&in[0], i), y = test_real(&in[1], i), next = nextafterf((float)x, (float)y);
        if (t->dtype == CV_F64) next = nextafter(x, y);
        if (ir_is_half(t->dtype)) next = next_half(t->dtype, x, y);
        test_set_real(&out[0], i, next);
    }
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
    row(fma,           fma(x, y, z),                           NO_INTEGER)                         \
    row(exp2,          exp2(x),                                NO_INTEGER)                         \
    row(cbrt,          cbrt(x),                                NO_INTEGER)                         \
    row(tan,           tan(x),                                 NO_INTEGER)                         \
    row(asin,          asin(x),                                NO_INTEGER)                         \
    row(acos,          acos(x),                                NO_INTEGER)                         \
    row(atan,          atan(x),                                NO_INTEGER)                         \
    row(atan2,         atan2(x, y),                            NO_INTEGER)                         \
    row(sinh,          sinh(x),                                NO_INTEGER)                         \
    row(cosh,          cosh(x),                                NO_INTEGER)                         \
    row(asinh,         asinh(x),                               NO_INTEGER)                         \
    row(acosh,         acosh(x),                               NO_INTEGER)                         \
    row(atanh,         atanh(x),                               NO_INTEGER)                         \
    row(erf,           erf(x),                                 NO_INTEGER)                         \
    row(erfc,          erfc(x),                                NO_INTEGER)                         \
    row(erf_inv,       inverse_of_erf(x),                      NO_INTEGER)                         \
    row(lgamma,        log_gamma(x),                           NO_INTEGER)                         \
    row(digamma,       digamma(x),                             NO_INTEGER)                         \
    row(bessel_i0e,    bessel(0, x),                           NO_INTEGER)                         \
    row(bessel_i1e,    bessel(1, x),                           NO_INTEGER)                         \
    row(ceil,          ceil(x),                                NO_INTEGER)                         \
    row(round,         x < 0 ? -floor(0.5 - x) : x > 0 ? floor(x + 0.5) : x, NO_INTEGER)           \
    row(round_even,    nearbyint(x),                           NO_INTEGER)                         \
    row(rem,           fmod(x, y),                             remainder_int(dtype, x, y))         \
    row(shift_left,    NO_REAL,                                shift_left(dtype, x, y))            \
    row(shift_right_arithmetic, NO_REAL,                       shift_right(dtype, x, y, true))     \
    row(shift_right_logical,    NO_REAL,                       shift_right(dtype, x, y, false))    \
    row(popcnt,        NO_REAL,                                count_set(dtype, x))                \
    row(clz,           NO_REAL,                                count_zeros(dtype, x))              \
    row(is_finite,     isfinite(x),                            NO_INTEGER)

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

// By real parts, of equal ones by imaginary parts.
static double complex later(double complex x, double complex y) {
    bool first = creal(x) == creal(y) ? cimag(x) > cimag(y) : creal(x) > creal(y);
    return first ? x : y;
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
    row(max, later(x, y)) row(min, -later(-x, -y)) row(ne, x != y) row(select, x != 0 ? y : z) row(exp2, cexp(x * log(2))) row(tan, ctan(x))      \
    row(asin, casin(x)) row(acos, cacos(x)) row(atan, catan(x)) row(sinh, csinh(x))                \
    row(cosh, ccosh(x)) row(asinh, casinh(x)) row(acosh, cacosh(x)) row(atanh, catanh(x))
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
    if (test_expect_elementwise(t, in, out) || expect_sums(t, in, out)) return;
    if (test_expect_structure(t, in, out)) return;
    base_raise(CV_INVALID, "there is no expectation for %s", ir_primitives[t->c->primitive].name);
}
