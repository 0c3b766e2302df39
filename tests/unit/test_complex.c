// Elementary functions of complex numbers: their error against exact results, special values where XLA and C
// agree, and the loss of no more than a few units in the last place for arguments of every size, in the
// interpreter and as machine code (which has other formulas, on pairs). The numbers are made by
// tests/reference/complex.py; at random points machine code is compared with the interpreter.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "codegen/compile.h"
#include "ir/accuracy.h"
#include "ir/builder.h"
#include "runtime/execute.h"

typedef struct point {
    double re, im, want_re, want_im;
} point;

#include "../reference/complex.inc"

// Errors in units in the last place of the size of the result: of the interpreter, which is rounded from a
// wider format, and of machine code.
typedef struct function {
    ir_primitive primitive;
    const char *name;
    double compiled;
    const point *narrow, *wide, *special;
    size_t n_narrow, n_wide, n_special;
} function;
#define N(list) sizeof list / sizeof *list
#define FUNCTION(p, compiled)                                                                                \
    {IR_##p, #p, compiled, narrow_##p, wide_##p, special_##p, N(narrow_##p), N(wide_##p), N(special_##p)},
enum { INTERPRETED = 1 };
static const function functions[] = {IR_COMPLEX_ACCURACY(FUNCTION)};

static double epsilon_of(cv_dtype dtype) { return dtype == CV_C64 ? 0x1p-23 : 0x1p-52; }

static void put(void *to, cv_dtype dtype, size_t i, double x) {
    if (dtype == CV_C64)
        ((float *)to)[i] = (float)x;
    else
        ((double *)to)[i] = x;
}

static double get(const void *from, cv_dtype dtype, size_t i) {
    return dtype == CV_C64 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

enum { MOST = 1 << 12 };
typedef struct run {
    const function *function;
    cv_dtype dtype;
    const point *points, *exponents; // the second of pow only
    size_t n;
    double got[2][MOST][2]; // interpreted, compiled
} run;

static void free_module(void *module) { ir_module_free(module); }

static void run_both(void *argument) {
    run *r = argument;
    ir_module *module = ir_module_new();
    base_defer(free_module, module);
    module->verify = true;
    static double in[2][2 * MOST], out[2 * MOST];
    const point *operands[] = {r->points, r->exponents};
    uint32_t n_in = r->exponents ? 2 : 1;
    ir_builder *b = ir_builder_new(module, r->function->name);
    ir_val x[2], y;
    ir_array arrays[2];
    for (uint32_t k = 0; k < n_in; k++) {
        arrays[k] = (ir_array){ir_type_get(module, r->dtype, 1, (const int64_t[]){(int64_t)r->n}), in[k]};
        x[k] = ir_param(b, arrays[k].type);
        for (size_t i = 0; i < r->n; i++) {
            put(in[k], r->dtype, 2 * i, operands[k][i].re);
            put(in[k], r->dtype, 2 * i + 1, operands[k][i].im);
        }
    }
    y = ir_emit(b, r->function->primitive, x, n_in, NULL);
    const ir_function *f = ir_finish(b, &y, 1);
    bool real = !ir_is_complex(ir_result_type(f, 0)->dtype);
    const cg_program *program = cg_compile(f, &(cg_options){.verify = true});
    for (int compiled = 0; compiled < 2; compiled++) {
        if (compiled)
            rt_run(program, 1, (void *[]){in[0], in[1]}, (void *[]){out});
        else
            ir_interpret(f, arrays, &(ir_array){ir_result_type(f, 0), out});
        for (size_t i = 0; i < r->n; i++) {
            r->got[compiled][i][0] = get(out, r->dtype, real ? i : 2 * i);
            r->got[compiled][i][1] = real ? 0 : get(out, r->dtype, 2 * i + 1);
        }
    }
    cg_program_free(program);
}

static run *evaluated_powers(const function *f, cv_dtype dtype, const point *points, const point *exponents,
                             size_t n) {
    static run r;
    r.function = f, r.dtype = dtype, r.points = points, r.exponents = exponents, r.n = n;
    assert_true(n <= MOST);
    base_failure failure;
    if (base_protect(run_both, &r, &failure)) fail_msg("%s: %s", f->name, failure.message);
    return &r;
}

static run *evaluated(const function *f, cv_dtype dtype, const point *points, size_t n) {
    return evaluated_powers(f, dtype, points, NULL, n);
}

static void check_errors(const function *f, cv_dtype dtype, const point *points, size_t n) {
    const run *r = evaluated(f, dtype, points, n);
    double worst[2] = {0, 0};
    size_t at[2] = {0, 0};
    for (int compiled = 0; compiled < 2; compiled++)
        for (size_t i = 0; i < n; i++) {
            const double *got = r->got[compiled][i];
            double unit = epsilon_of(dtype) * hypot(points[i].want_re, points[i].want_im);
            double error = hypot((got[0] - points[i].want_re) / unit, (got[1] - points[i].want_im) / unit);
            if (!(error <= worst[compiled])) worst[compiled] = error, at[compiled] = i;
        }
    print_message("%s, %s: %.2f interpreted, %.2f compiled\n", f->name, cv_dtype_name(dtype), worst[0],
                  worst[1]);
    for (int compiled = 0; compiled < 2; compiled++)
        if (!(worst[compiled] <= (compiled ? f->compiled : INTERPRETED))) {
            const point *p = &points[at[compiled]];
            const double *got = r->got[compiled][at[compiled]];
            fail_msg("%s, %s, %s: of (%a, %a) (%g, %g) it is (%.17g, %.17g), not (%.17g, %.17g)", f->name,
                     cv_dtype_name(dtype), compiled ? "compiled" : "interpreted", p->re, p->im, p->re, p->im,
                     got[0], got[1], p->want_re, p->want_im);
        }
}

static void test_errors_are_a_few_units(void **state) {
    (void)state;
    for (size_t i = 0; i < N(functions); i++) {
        check_errors(&functions[i], CV_C64, functions[i].narrow, functions[i].n_narrow);
        check_errors(&functions[i], CV_C128, functions[i].wide, functions[i].n_wide);
    }
}

// pow: by how much the relative error is above half a unit of c64, in units of c128 times 1 + |w log z|.
static double power_error(cv_dtype dtype, const point *z, const point *w, const double *want,
                          const double *got) {
    double size = hypot(want[0], want[1]), log_size = log(hypot(z->re, z->im));
    double exponent = hypot(w->re, w->im) * hypot(log_size, atan2(z->im, z->re));
    double error = hypot((got[0] - want[0]) / size, (got[1] - want[1]) / size);
    return (error - (dtype == CV_C64 ? 0x1p-24 : 0)) / (0x1p-52 * (1 + exponent));
}

static const function power = {.primitive = IR_pow, .name = "pow", .compiled = IR_COMPLEX_POW};

static void check_powers(cv_dtype dtype, const double (*rows)[6], size_t n) {
    static point z[MOST], w[MOST];
    for (size_t i = 0; i < n; i++) {
        z[i] = (point){rows[i][0], rows[i][1], rows[i][4], rows[i][5]};
        w[i] = (point){.re = rows[i][2], .im = rows[i][3]};
    }
    const run *r = evaluated_powers(&power, dtype, z, w, n);
    double worst[2] = {0, 0};
    for (int compiled = 0; compiled < 2; compiled++)
        for (size_t i = 0; i < n; i++) {
            double error = power_error(dtype, &z[i], &w[i], rows[i] + 4, r->got[compiled][i]);
            if (!(error <= worst[compiled])) worst[compiled] = error;
            if (!(error <= (compiled ? power.compiled : INTERPRETED)))
                fail_msg("pow, %s, %s: of (%a, %a) and (%a, %a) it is (%.17g, %.17g), not (%.17g, %.17g)",
                         cv_dtype_name(dtype), compiled ? "compiled" : "interpreted", z[i].re, z[i].im,
                         w[i].re, w[i].im, r->got[compiled][i][0], r->got[compiled][i][1], z[i].want_re,
                         z[i].want_im);
        }
    print_message("pow, %s: %.2f interpreted, %.2f compiled\n", cv_dtype_name(dtype), worst[0], worst[1]);
}

static void test_errors_of_powers_grow_with_the_exponent(void **state) {
    (void)state;
    check_powers(CV_C64, narrow_powers, N(narrow_powers));
    check_powers(CV_C128, wide_powers, N(wide_powers));
}

// Beside a NaN the sign of a zero is left open.
static bool same(double got, double want, double epsilon, bool with_sign) {
    if (isnan(want)) return isnan(got);
    if (isinf(want) || want == 0) return got == want && (!with_sign || signbit(got) == signbit(want));
    return fabs(got - want) <= 4 * epsilon * fabs(want);
}

static void test_special_values_are_those_of_xla_and_c(void **state) {
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < N(functions); i++)
        for (cv_dtype dtype = CV_C64; dtype <= CV_C128; dtype++) {
            const function *f = &functions[i];
            if (!f->n_special) continue;
            const run *r = evaluated(f, dtype, f->special, f->n_special);
            for (size_t k = 0; k < 2 * f->n_special; k++) {
                const point *p = &f->special[k / 2];
                const double *got = r->got[k % 2][k / 2];
                bool known = !isnan(p->want_re) && !isnan(p->want_im);
                if (same(got[0], p->want_re, epsilon_of(dtype), known) &&
                    same(got[1], p->want_im, epsilon_of(dtype), known))
                    continue;
                print_message("%s, %s, %s: of (%g, %g) it is (%g, %g), not (%g, %g)\n", f->name,
                              cv_dtype_name(dtype), k % 2 ? "compiled" : "interpreted", p->re, p->im, got[0],
                              got[1], p->want_re, p->want_im);
                wrong++;
            }
        }
    assert_int_equal(wrong, 0);
}

// Through memory: where gcc 12 makes vectors of pairs, it takes the conversion there and back for none.
static double rounded(bool wide, double x) {
    volatile float narrow = (float)x;
    return wide ? x : (double)narrow;
}

// Random parts: of all sizes, around 1, around multiples of pi / 2, and 0.
static double any_part(bool wide) {
    static uint64_t state = 1;
    uint64_t z = state += 0x9e3779b97f4a7c15; // splitmix64 (G. Steele, D. Lea and C. Flood, 2014)
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    double u = ldexp((double)(z >> 11), -53), sign = z & 1 ? -1 : 1, x = 0;
    switch (z >> 1 & 7) {
    case 0: x = exp2(wide ? -1020 + 2040 * u : -124 + 250 * u); break;
    case 1: x = 1 + sign * exp2((wide ? -53 : -24) * u); break;
    case 2: x = ceil(20 * u) * 1.5707963267948966; break;
    case 3: break;
    case 4: x = exp2(-20 + 25 * u); break;
    default: x = 4 * u;
    }
    return sign * rounded(wide, x);
}

static bool is_angle(const function *f, const point *p) {
    switch (f->primitive) {
    case IR_sin: case IR_cos: case IR_tan: return fabs(p->re) < 1e6;
    case IR_exp: case IR_expm1: case IR_sinh: case IR_cosh: case IR_tanh: case IR_logistic:
        return fabs(p->im) < 1e6;
    case IR_exp2: return fabs(p->im) < 65536;
    default: return true;
    }
}

// c64 against the interpreter's c128; c128 against its own, which has an error of half a unit.
static void test_errors_at_random_points(void **state) {
    (void)state;
    for (size_t i = 0; i < N(functions); i++)
        for (cv_dtype dtype = CV_C64; dtype <= CV_C128; dtype++) {
            static point points[MOST];
            static double want[MOST][2];
            const function *f = &functions[i];
            for (size_t k = 0; k < MOST; k++) {
                double re = any_part(dtype == CV_C128);
                points[k] = (point){.re = re, .im = any_part(dtype == CV_C128)};
            }
            memcpy(want, evaluated(f, CV_C128, points, MOST)->got[0], sizeof want);
            const run *r = evaluated(f, dtype, points, MOST);
            bool narrow = dtype == CV_C64;
            double worst = 0;
            double least = narrow ? 0x1p-126 : 0x1p-1022, most = narrow ? 0x1p127 : 0x1p1022;
            for (size_t k = 0; k < MOST; k++) {
                const double *got = r->got[1][k], *exact = want[k];
                double size = hypot(exact[0], exact[1]), unit = epsilon_of(dtype) * size;
                if (!(size > least && size < most) || !is_angle(f, &points[k])) continue;
                double error = hypot((got[0] - exact[0]) / unit, (got[1] - exact[1]) / unit);
                if (error > worst) worst = error;
                if (!(error <= f->compiled + (dtype == CV_C128 ? 0.5 : 0)))
                    fail_msg("%s, %s: of (%a, %a) it is (%.17g, %.17g), not (%.17g, %.17g)", f->name,
                             cv_dtype_name(dtype), points[k].re, points[k].im, got[0], got[1], exact[0],
                             exact[1]);
            }
            print_message("%s, %s at random points: %.2f\n", f->name, cv_dtype_name(dtype), worst);
        }
}

// Exponents for which w log z is of any size, with a result inside the range.
static void test_errors_of_powers_at_random_points(void **state) {
    (void)state;
    for (cv_dtype dtype = CV_C64; dtype <= CV_C128; dtype++) {
        static point z[MOST], w[MOST];
        static double want[MOST][2];
        bool wide = dtype == CV_C128;
        double worst = 0;
        for (size_t k = 0; k < MOST; k++) {
            double re = any_part(wide), im = any_part(wide), by = any_part(false), turn = any_part(false);
            double log_size = log(hypot(re, im)), angle = atan2(im, re), size = hypot(log_size, angle);
            double real = remainder(by, wide ? 1400 : 160), imaginary = remainder(turn, 0x1p20);
            z[k] = (point){.re = re, .im = im};
            w[k].re = rounded(wide, (real * log_size + imaginary * angle) / size / size);
            w[k].im = rounded(wide, (imaginary * log_size - real * angle) / size / size);
        }
        memcpy(want, evaluated_powers(&power, CV_C128, z, w, MOST)->got[0], sizeof want);
        const run *r = evaluated_powers(&power, dtype, z, w, MOST);
        for (size_t k = 0; k < MOST; k++) {
            double size = hypot(want[k][0], want[k][1]);
            if (!(size > (wide ? 0x1p-1022 : 0x1p-126) && size < (wide ? 0x1p1022 : 0x1p127))) continue;
            double error = power_error(dtype, &z[k], &w[k], want[k], r->got[1][k]);
            if (error > worst) worst = error;
            if (!(error <= power.compiled + (wide ? 0.5 : 0)))
                fail_msg("pow, %s: of (%a, %a) and (%a, %a) it is (%.17g, %.17g), not (%.17g, %.17g)",
                         cv_dtype_name(dtype), z[k].re, z[k].im, w[k].re, w[k].im, r->got[1][k][0],
                         r->got[1][k][1], want[k][0], want[k][1]);
        }
        print_message("pow, %s at random points: %.2f\n", cv_dtype_name(dtype), worst);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_are_a_few_units),
        cmocka_unit_test(test_errors_at_random_points),
        cmocka_unit_test(test_errors_of_powers_grow_with_the_exponent),
        cmocka_unit_test(test_errors_of_powers_at_random_points),
        cmocka_unit_test(test_special_values_are_those_of_xla_and_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
