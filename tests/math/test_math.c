// The math builder, compiled and run: elementary functions against libm at a higher precision,
// everything else against the interpreter, both at 1, 4 and 16 lanes, which must agree in every bit.
//
//     test_math                            100,000 points per function and dtype; prints the greatest errors
//     test_math FUNCTION                   this for one function
//     test_math --exhaustive [FUNCTION]    those of one f32 argument at every one, minutes each
//     test_math --mpfr [FUNCTION]          f64 at a million points each, by MPFR, a few minutes
//     test_math --speed                    nanoseconds per element, vectors in cache
//
// References are in reference.h; where long double is double itself, f64 is not compared. MPFR is there if it
// was when this was built.

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codegen/llvm/math.h"
#include "base/error.h"
#include "ir/accuracy.h"
#include "ir/rules.h"
#include "jit.h"
#include "reference.h"
#ifdef HAVE_MPFR
#include "exact.h"
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))
#ifdef FEW_CASES
enum { POINTS = 10000 / 16 * 16, FEW = 1 };
static const unsigned lane_counts[] = {1, 4};
#else
enum { POINTS = 100000 / 16 * 16, FEW = 0 };
static const unsigned lane_counts[] = {1, 4, 16};
#endif
static unsigned n_faults;

#define FAULT(...) (n_faults++, printf("FAULT: " __VA_ARGS__), (void)putchar('\n'))

// splitmix64 (G. Steele, D. Lea and C. Flood, 2014)
static uint64_t random_state = 1;
static uint64_t random_bits(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

// Of few cases: with fused multiply-add where the processor has it, else without.
static bool is_tested(const jit *j, bool fma) { return jit_has(j, fma) && (!FEW || fma == jit_has(j, true)); }

static double uniform(double low, double high) {
    return low + (high - low) * ldexp((double)(random_bits() >> 11), -53);
}

// The functions

static bool has_two(ir_primitive p) { return ir_primitives[p].n_in == 2; }

typedef struct function {
    const char *name;
    ir_primitive primitive;
    double bound[2][2]; // [fma][wide]
} function;
#define ROW(function, fused_f32, fused_f64, f32, f64)                                              \
    {#function, IR_##function, {{f32, f64}, {fused_f32, fused_f64}}},
static const function functions[] = {IR_ACCURACY(ROW)};
#undef ROW

// Points

static const double special_points[] = {
    0.0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, -1.5, 2.5, INFINITY, -INFINITY, NAN, FLT_MAX, -FLT_MAX,
    FLT_MIN, -FLT_MIN, FLT_TRUE_MIN, -FLT_TRUE_MIN, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, DBL_TRUE_MIN,
    -DBL_TRUE_MIN, 0x1.fffffep-127, 0x1.fffffffffffffp-1, 0x1.fffffep-1, 0x1.000002p0, 0x1.0000000000001p0,
    -0x1.fffffep-1, -0x1.fffffffffffffp-1, 88.72283, 88.72284, 88.7229, -103.97, -103.972, -103.98, -87.33655,
    -87.4, 709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, -708.3964185322641,
    -708.5, 8388607, 8388608, 8388609, 16777215, 16777216, -16777215, 4503599627370495.5, 4503599627370497,
    0x1.fffffffffffffp52, 0x1.0000000000001p53, -4503599627370497, 1e22, 1e300, 0x1p15, 0x1.fffffep14, 0x1p30,
    0x1.fffffffffffffp29, 0x1p20, 0x1p-12, 0x1p-25, 0x1p-26, 0x1p-54, 0x1p-55, 6.0, 10.0, 20.0, 0.5625,
    0x1.1fffffp-1, 0.34657359, 1.5707963267948966, 3.141592653589793,
    // sinh and cosh come close to the greatest number
    0x1.65a9f8p6, -0x1.65a9f8p6, 0x1.633ce8fb9f87dp9, -0x1.633ce8fb9f87dp9,
    // close to multiples of pi / 2, the first the closest of all f64 (J.-M. Muller, "Elementary Functions")
    0x1.6ac5b262ca1ffp849, 0x1.f67a02p99, 0x1.47d0fep34,
};

_Static_assert(COUNT(special_points) * COUNT(special_points) <= POINTS, "there is room for every pair");

static double any_bits(bool wide) {
    uint64_t bits = random_bits();
    double d;
    float s;
    memcpy(&d, &bits, sizeof d);
    memcpy(&s, &bits, sizeof s);
    return wide ? d : (double)s;
}

// As the functions need them: near their kinks, bounds and roots, small and great, and anything at all.
static double any_point(bool wide, unsigned i) {
    double sign = random_bits() & 1 ? 1 : -1;
    switch (i % 8) {
    case 0: return any_bits(wide);
    case 1: return wide ? uniform(-760, 720) : uniform(-110, 95);
    case 2: return sign * exp2(uniform(-30, 8));
    case 3: return 1 + sign * exp2(uniform(wide ? -53 : -24, 0));
    case 4: return rint(exp2(uniform(0, wide ? 50 : 23))) * sign * 1.5707963267948966;
    case 5: return uniform(-2, 2);
    case 6: return sign * exp2(uniform(0, wide ? 1023 : 127));
    default: return uniform(-20, 20);
    }
}

// Exponents that give results inside the range, or integers, or anything.
static double any_exponent(bool wide, double x, unsigned i) {
    double log_x = log2(fabs(x));
    switch (i % 4) {
    case 0: return rint(uniform(-40, 40));
    case 1: return any_point(wide, i / 4);
    default: return (wide ? uniform(-1080, 1030) : uniform(-152, 130)) / (log_x == 0 ? 1 : log_x);
    }
}

static double get(bool wide, const void *array, unsigned i) {
    return wide ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

static void set(bool wide, void *array, unsigned i, double value) {
    if (wide) ((double *)array)[i] = value;
    else ((float *)array)[i] = (float)value;
}

static void fill(bool wide, bool pairs, bool exponents, void *x, void *y) {
    unsigned n = COUNT(special_points), at = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!pairs) set(wide, x, at++, special_points[i]);
        for (unsigned k = 0; pairs && k < n; k++) {
            set(wide, x, at, special_points[i]);
            set(wide, y, at++, special_points[k]);
        }
    }
    for (unsigned i = at; i < POINTS; i++) {
        set(wide, x, i, any_point(wide, i));
        double second = exponents ? any_exponent(wide, get(wide, x, i), (unsigned)(random_bits() >> 40))
                                  : any_point(wide, (unsigned)(random_bits() >> 40));
        set(wide, y, i, pairs ? second : 0);
    }
}

// Accuracy

static char x_data[8 * POINTS], y_data[8 * POINTS], z_data[8 * POINTS], results[3][8 * POINTS];

static bool is_nan_of_16(cv_dtype dtype, const char *a) {
    uint16_t bits;
    memcpy(&bits, a, sizeof bits);
    return (bits & 0x7fff) > (dtype == CV_F16 ? 0x7c00 : 0x7f80);
}

// A NaN equals any other: which operand's NaN an instruction passes on is open.
static bool same_element(cv_dtype dtype, const char *a, const char *b) {
    if (dtype == CV_F32) return !memcmp(a, b, 4) || (isnan(get(false, a, 0)) && isnan(get(false, b, 0)));
    if (dtype == CV_F64) return !memcmp(a, b, 8) || (isnan(get(true, a, 0)) && isnan(get(true, b, 0)));
    if (ir_is_half(dtype) && is_nan_of_16(dtype, a) && is_nan_of_16(dtype, b)) return true;
    return !memcmp(a, b, cv_dtype_size(dtype));
}

static void check_lanes_agree(const char *what, cv_dtype dtype, int64_t n) {
    size_t size = cv_dtype_size(dtype);
    for (unsigned l = 1; l < COUNT(lane_counts); l++)
        for (int64_t i = 0; i < n; i++)
            if (!same_element(dtype, results[0] + (size_t)i * size, results[l] + (size_t)i * size)) {
                FAULT("%s: other bits at %u lanes than at 1", what, lane_counts[l]);
                break;
            }
}

static void run(jit *j, jit_kernel kernel, int64_t n) {
    const char *name = ir_primitives[kernel.primitive].name, *from = cv_dtype_name(kernel.from);
    for (unsigned l = 0; l < COUNT(lane_counts); l++) {
        bool calls;
        kernel.lanes = lane_counts[l];
        jit_loop *loop = jit_compile(j, &kernel, l == 1 ? &calls : NULL);
        bool given = ir_rules_of(kernel.primitive)->expand && !kernel.fma; // of formulas, fma is a part
        if (l == 1 && calls && !given)
            FAULT("%s of %s: calls a library at %u lanes", name, from, kernel.lanes);
        loop(x_data, y_data, z_data, results[l], n);
    }
    char what[64];
    snprintf(what, sizeof what, "%s of %s to %s%s", name, from, cv_dtype_name(kernel.to),
             kernel.fma ? "" : " without fma");
    check_lanes_agree(what, kernel.to, n);
}

typedef struct worst { double error, x, y, result; } worst;

static bool by_mpfr;

static long double exact_value(ir_primitive p, bool wide, double x, double y) {
#ifdef HAVE_MPFR
    long double value;
    if (by_mpfr && wide && isfinite(x) && isfinite(y) && exact_f64(p, x, y, &value)) return value;
#endif
    return wide ? reference_f64(p, x, y) : (long double)reference_f32(p, x, y);
}

static void note(worst *w, bool wide, ir_primitive p, double x, double y, double result, long double exact) {
    if (!wide && w->error >= 0.5 && result == (double)(float)exact && result != 0) return; // half at most
    double error = reference_error(p, wide, result, exact);
    if (error > w->error) *w = (worst){error, x, y, result};
}

static void report(const function *f, bool wide, bool fma, worst w) {
    double bound = f->bound[fma][wide];
    printf("%-9s %s %-6s %6.3f of %.1f ulp, at %a", f->name, wide ? "f64" : "f32", fma ? "fma" : "no fma",
           w.error, bound, w.x);
    if (has_two(f->primitive)) printf(", %a", w.y);
    printf("\n");
    if (!(w.error <= bound)) FAULT("%s: the error is above its bound; the result was %a", f->name, w.result);
    fflush(stdout);
}

// One round of points, with and without fused multiply-add: the values cost more than the functions.
static void measure_errors(jit *j, const function *f, bool wide, worst w[2]) {
    static long double exact[POINTS];
    fill(wide, has_two(f->primitive), f->primitive == IR_pow, x_data, y_data);
    for (unsigned i = 0; i < POINTS; i++)
        exact[i] = exact_value(f->primitive, wide, get(wide, x_data, i), get(wide, y_data, i));
    cv_dtype dtype = wide ? CV_F64 : CV_F32;
    for (int fma = 0; fma < 2; fma++) {
        if (!is_tested(j, fma)) continue;
        run(j, (jit_kernel){.primitive = f->primitive, .from = dtype, .to = dtype, .fma = fma}, POINTS);
        for (unsigned i = 0; i < POINTS; i++)
            note(&w[fma], wide, f->primitive, get(wide, x_data, i), get(wide, y_data, i),
                 get(wide, results[0], i), exact[i]);
    }
}

static void report_both(jit *j, const function *f, bool wide, const worst w[2]) {
    for (int fma = 1; fma >= 0; fma--)
        if (is_tested(j, fma)) report(f, wide, fma, w[fma]);
}

static void test_accuracy(jit *j, const function *f, bool wide) {
    if (wide && LDBL_MANT_DIG < DBL_MANT_DIG + 8) return;
    worst w[2] = {{0}};
    for (int round = 0; round < (by_mpfr ? 10 : 1); round++) measure_errors(j, f, wide, w);
    report_both(j, f, wide, w);
}

enum { CHUNK = 1 << 12, BLOCK = REFERENCE_BLOCK };

// A part of a sweep: arguments, what both kinds of code make of them, and the values.
typedef struct chunk {
    float x[CHUNK], results[2][CHUNK];
    double wide_x[CHUNK], exact[CHUNK];
} chunk;

// `loop` is of the function in f64, where libm has none.
static void find_values(chunk *c, reference_function *libm, jit_loop *loop) {
    for (unsigned i = 0; i < CHUNK; i++) c->wide_x[i] = (double)c->x[i];
    if (libm)
        for (unsigned i = 0; i < CHUNK; i++) c->exact[i] = libm(c->wide_x[i]);
    else loop(c->wide_x, NULL, NULL, c->exact, CHUNK);
}

static void note_chunk(worst *w, ir_primitive p, const chunk *c, const float *y) {
    for (unsigned at = 0; at < CHUNK; at += BLOCK) {
        if (reference_near(p, y + at, c->exact + at, w->error)) continue;
        for (unsigned i = at; i < at + BLOCK; i++)
            note(w, false, p, c->wide_x[i], 0, (double)y[i], c->exact[i]);
    }
}

// Where libm has no double function, the values are the compiled function's in f64: its error, at most 4
// units as --mpfr measures it, is 2^-27 of a unit of f32.
static void test_every_float(jit *j, const function *f) {
    static chunk c;
    jit_loop *loops[2] = {NULL}, *values = NULL;
    for (int fma = 0; fma < 2; fma++)
        if (is_tested(j, fma))
            loops[fma] = jit_compile(j, &(jit_kernel){f->primitive, CV_F32, CV_F32, 16, fma}, NULL);
    reference_function *libm = reference_libm(f->primitive);
    if (!libm)
        values = jit_compile(j, &(jit_kernel){f->primitive, CV_F64, CV_F64, 4, jit_has(j, true)}, NULL);
    worst w[2] = {{0}};
    for (uint64_t at = 0; at >> 32 == 0; at += CHUNK) {
        for (unsigned i = 0; i < CHUNK; i++) {
            uint32_t bits = (uint32_t)at + i;
            memcpy(&c.x[i], &bits, sizeof bits);
        }
        find_values(&c, libm, values);
        for (int fma = 0; fma < 2; fma++) {
            if (!loops[fma]) continue;
            loops[fma](c.x, NULL, NULL, c.results[fma], CHUNK);
            note_chunk(&w[fma], f->primitive, &c, c.results[fma]);
        }
    }
    report_both(j, f, false, w);
}

// What a user takes for granted: the greatest value of sine and cosine is 1, and is reached.
static void test_waves_reach_one(jit *j, bool wide, bool fma) {
    if (!is_tested(j, fma)) return;
    double quarter = 1.5707963267948966, small = wide ? 0x1p-24 : 0x1p-10;
    cv_dtype dtype = wide ? CV_F64 : CV_F32;
    for (int cosine = 0; cosine < 2; cosine++) {
        for (unsigned i = 0; i < POINTS; i++)
            set(wide, x_data, i, (cosine ? 0 : quarter) + (i ? uniform(-small, small) : 0));
        ir_primitive wave = cosine ? IR_cos : IR_sin;
        run(j, (jit_kernel){.primitive = wave, .from = dtype, .to = dtype, .fma = fma}, POINTS);
        double most = 0;
        for (unsigned i = 0; i < POINTS; i++) most = fmax(most, get(wide, results[0], i));
        if (most > 1 || get(wide, results[0], 0) != 1)
            FAULT("%s of %s%s: %a at the extreme, at most %a", cosine ? "cos" : "sin", cv_dtype_name(dtype),
                  fma ? "" : " without fma", get(wide, results[0], 0), most);
    }
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void measure(jit *j, const function *f, bool wide) {
    enum { N = 2048, ROUNDS = 20, REPEATS = 200 };
    cv_dtype dtype = wide ? CV_F64 : CV_F32;
    double least = INFINITY, start = seconds();
    jit_kernel kernel = {f->primitive, dtype, dtype, wide ? 4 : 8, jit_has(j, true)};
    jit_loop *loop = jit_compile(j, &kernel, NULL);
    double compile = seconds() - start;
    for (unsigned i = 0; i < N; i++) {
        set(wide, x_data, i, uniform(0.1, 8));
        set(wide, y_data, i, uniform(-3, 3));
    }
    for (unsigned r = 0; r < ROUNDS; r++) {
        start = seconds();
        for (unsigned i = 0; i < REPEATS; i++) loop(x_data, y_data, z_data, results[0], N);
        least = fmin(least, seconds() - start);
    }
    printf("%-9s %s %6.2f ns an element, %.1f ms to compile\n", f->name, cv_dtype_name(dtype),
           1e9 * least / (N * REPEATS), 1e3 * compile);
}

// Everything else against the interpreter

static bool is_elementary(ir_primitive p) {
    for (unsigned i = 0; i < COUNT(functions); i++)
        if (functions[i].primitive == p) return true;
    return false;
}

static bool is_taken(cv_dtype d) {
    return d == CV_BOOL || ir_is_integer(d) || ir_is_float(d);
}

// Small integers, those at the ends of the range, and any.
static void any_elements(cv_dtype dtype, void *data, unsigned n) {
    size_t size = cv_dtype_size(dtype);
    for (unsigned i = 0; i < n; i++) {
        uint64_t bits = random_bits();
        uint64_t choice = bits >> 60;
        if (ir_is_float(dtype) && !ir_is_half(dtype)) { // of 16 bits: any
            bool wide = dtype == CV_F64;
            double special = special_points[bits % COUNT(special_points)];
            set(wide, data, i, choice < 6 ? special : any_point(wide, i));
            continue;
        }
        if (dtype == CV_BOOL) bits &= 1;
        else if (ir_is_half(dtype)) bits &= 0xffff;
        else if (choice < 4) bits = (uint64_t)((int64_t)(bits & 7) - 3);
        else if (choice < 6) bits = ((uint64_t)1 << (8 * size - 1)) - (bits & 1);
        memcpy((char *)data + i * size, &bits, size);
    }
}

static void test_against_interpreter(jit *j, ir_module *types, jit_kernel kernel) {
    if (!is_tested(j, kernel.fma) || (kernel.primitive == IR_fma && !kernel.fma)) return;
    enum { N = 4096 };
    const int64_t shape = N;
    const ir_type *to = ir_type_get(types, kernel.to, 1, &shape);
    void *data[] = {x_data, y_data, z_data};
    ir_array in[3];
    for (int i = 0; i < 3; i++) {
        cv_dtype dtype = kernel.primitive == IR_select && i == 0 ? CV_BOOL : kernel.from;
        in[i] = (ir_array){ir_type_get(types, dtype, 1, &shape), data[i]};
        any_elements(in[i].type->dtype, data[i], N);
    }
    static char expected[8 * N];
    ir_array out = {to, expected};
    ir_op op = {.primitive = kernel.primitive, .attributes = jit_attributes(&kernel)};
    ir_evaluate(kernel.primitive, &(ir_evaluation){.op = &op, .in = in, .out = &out});
    run(j, kernel, N);
    size_t size = cv_dtype_size(kernel.to);
    for (unsigned i = 0; i < N; i++)
        if (!same_element(kernel.to, results[0] + i * size, expected + i * size)) {
            FAULT("%s of %s to %s%s: element %u is not the interpreter's",
                  ir_primitives[kernel.primitive].name, cv_dtype_name(kernel.from), cv_dtype_name(kernel.to),
                  kernel.fma ? "" : " without fma", i);
            return;
        }
}

static cv_dtype result_of(ir_primitive p, cv_dtype from) {
    return (p >= IR_eq && p <= IR_ge) || p == IR_is_finite ? CV_BOOL : from;
}

static bool gives(ir_primitive p, cv_dtype from, cv_dtype to) {
    if (p == IR_bitcast_convert) return to != CV_BOOL && cv_dtype_size(from) == cv_dtype_size(to);
    return p == IR_convert || to == result_of(p, from);
}

// The kernels of every elementwise primitive and dtype: pairs of dtypes for conversions.
static unsigned all_kernels(jit_kernel *kernels, bool fma) {
    unsigned n = 0;
    for (ir_primitive p = 0; p < IR_PRIMITIVE_COUNT; p++) {
        if (!(ir_primitives[p].traits & IR_ELEMENTWISE)) continue;
        for (cv_dtype from = 0; from < CV_DTYPE_COUNT; from++) {
            bool made = cg_math_has(p, from) || ir_rules_of(p)->expand;
            if (!is_taken(from) || !(ir_primitives[p].dtypes >> from & 1) || !made) continue;
            for (cv_dtype to = 0; to < CV_DTYPE_COUNT; to++)
                if (is_taken(to) && gives(p, from, to))
                    kernels[n++] = (jit_kernel){p, from, to, 1, fma};
        }
    }
    return n;
}

// PTX: no library, and no instruction that may be contracted; the assembler takes it where there is one.
static void test_ptx(const jit_kernel *kernels, unsigned n) {
    char *text = jit_ptx(kernels, n);
    if (!text) return;
    static const char *const unwanted[] = {".extern", "mul.f32", "mul.f64", "add.f32", "add.f64",
                                           "sub.f32", "sub.f64", ".approx", ".ftz"};
    for (unsigned i = 0; i < COUNT(unwanted); i++)
        if (strstr(text, unwanted[i])) FAULT("PTX: %s", unwanted[i]);
    bool has_assembler = !system("command -v ptxas >/dev/null");
    FILE *assembler = has_assembler ? popen("ptxas -arch=sm_90 -o /dev/null -", "w") : NULL;
    if (assembler) {
        fputs(text, assembler);
        if (pclose(assembler)) FAULT("ptxas refuses it");
    }
    printf("%u kernels as PTX, %zu bytes%s\n", n, strlen(text), assembler ? ", taken by ptxas" : "");
    jit_free_text(text);
}

static void run_all(void *arguments) {
    char **argv = arguments;
    bool given = argv[0] && argv[1], exhaustive = given && !strcmp(argv[1], "--exhaustive");
    const char *only = given ? argv[2] : NULL;
    by_mpfr = given && !strcmp(argv[1], "--mpfr");
    jit *j = jit_new(exhaustive || by_mpfr);
    if (given && !strcmp(argv[1], "--speed")) {
        for (unsigned i = 0; i < 2 * COUNT(functions); i++) measure(j, &functions[i / 2], i % 2);
    } else if (exhaustive) {
        for (unsigned i = 0; i < COUNT(functions); i++)
            if (!has_two(functions[i].primitive) && (!only || !strcmp(only, functions[i].name)))
                test_every_float(j, &functions[i]);
    } else if (by_mpfr) {
#ifndef HAVE_MPFR
        FAULT("built without MPFR (libmpfr-dev)");
#else
        for (unsigned i = 0; i < COUNT(functions); i++)
            if (!only || !strcmp(only, functions[i].name)) test_accuracy(j, &functions[i], true);
#endif
    } else if (given) {
        for (unsigned i = 0; i < COUNT(functions); i++)
            for (int wide = 0; wide < 2 && !strcmp(argv[1], functions[i].name); wide++)
                test_accuracy(j, &functions[i], wide);
    } else {
        for (unsigned i = 0; i < COUNT(functions); i++)
            for (int wide = 0; wide < 2; wide++) test_accuracy(j, &functions[i], wide);
        for (int i = 0; i < 4; i++) test_waves_reach_one(j, i & 1, i & 2);
        static jit_kernel kernels[1024];
        ir_module *types = ir_module_new();
        unsigned n = all_kernels(kernels, true);
        test_ptx(kernels, n);
        for (int fma = 1; fma >= 0; fma--) {
            n = all_kernels(kernels, fma);
            for (unsigned i = 0; i < n; i++)
                if (!is_elementary(kernels[i].primitive)) test_against_interpreter(j, types, kernels[i]);
        }
        printf("%u kernels against the interpreter\n", n);
        ir_module_free(types);
    }
    jit_free(j);
}

int main(int argc, char **argv) {
    base_failure failure;
    (void)argc;
    if (base_protect(run_all, argv, &failure)) FAULT("%s", failure.message);
    return n_faults > 0;
}
