// Simplification: simplified programs compute the same, it ends, and it takes linear time.
//
// What it makes of particular programs is in tests/ir/simplify/. Here are whole programs, written by
// hand and at random, with control flow: the interpreter must give the same bits before and after,
// the sign of zeros and the payloads of NaNs aside. fma rounds differently, so random programs are
// compared before it is formed.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "transforms/simplify.h"
#include "transforms/transforms.h"
#include "../random/random.h"

// cmocka's assertions jump, so bodies of protected calls raise instead.
static void expect_ok(void (*body)(void *), void *argument) {
    base_failure failure;
    if (base_protect(body, argument, &failure)) fail_msg("%s", failure.message);
}

// Comparison of two functions on random arguments.

static bool close_enough(double x, double y, double tolerance) {
    if (isnan(x) || isnan(y)) return isnan(x) && isnan(y);
    return x == y || fabs(x - y) <= tolerance * (1 + fabs(x) + fabs(y));
}

static void compare(const ir_array *x, const ir_array *y, double tolerance) {
    size_t size = cv_dtype_size(x->type->dtype);
    for (int64_t i = 0; i < x->type->count; i++) {
        union ir_scalar a = {0}, b = {0};
        memcpy(&a, (char *)x->data + (size_t)i * size, size);
        memcpy(&b, (char *)y->data + (size_t)i * size, size);
        double p = ir_scalar_to_double(&a, x->type->dtype), q = ir_scalar_to_double(&b, x->type->dtype);
        if (!close_enough(p, q, ir_is_float(x->type->dtype) ? tolerance : 0))
            base_raise(CV_INTERNAL, "element %lld: %.17g became %.17g", (long long)i, p, q);
    }
}

static ir_array *arrays(base_arena *arena, const ir_function *f, bool results) {
    uint32_t n = results ? f->n_results : f->n_params;
    ir_array *made = base_new_array(arena, ir_array, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        made[i].type = results ? ir_result_type(f, i) : ir_param_type(f, i);
        made[i].data = base_arena_zeroed(arena, made[i].type->bytes + 1);
    }
    return made;
}

static void compare_functions(const ir_function *f, const ir_function *g, uint64_t *state, double tolerance) {
    base_arena *arena = &f->module->arena; // goes with the module, also after a failure
    ir_array *in = arrays(arena, f, false), *x = arrays(arena, f, true), *y = arrays(arena, g, true);
    base_check(f->n_params == g->n_params && f->n_results == g->n_results);
    for (uint32_t i = 0; i < f->n_params; i++) rp_fill(&in[i], state);
    ir_interpret(f, in, x);
    ir_interpret(g, in, y);
    for (uint32_t i = 0; i < f->n_results; i++) {
        base_check(x[i].type == y[i].type);
        compare(&x[i], &y[i], tolerance);
    }
}

static void check(const ir_function *f, uint64_t *state, double tolerance, bool with_fma) {
    const ir_function *g = sx_simplified(f);
    ir_verify(g);
    compare_functions(f, g, state, tolerance);
    base_check(sx_simplified(g) == g);
    const ir_function *fused = xf_simplify(f);
    ir_verify(fused);
    base_check(xf_simplify(f) == fused);
    if (with_fma) compare_functions(f, fused, state, 1e-4);
}

// Programs written by hand.

static const char *const programs[] = {
    // a recurrent cell with weights, a mask and a counter
    "func @body(%0: f32[4,4], %1: f32[4], %2: s32[], %3: f32[4], %4: f32[4]) -> (f32[4], s32[], f32[4], "
    "f32[4]) {\n"
    "  %5 = transpose %0 {permutation=[1,0]} : f32[4,4]\n"
    "  %6 = dot_general %5, %3 {lhs_contract=[0], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[4]\n"
    "  %7 = tanh %1 : f32[4]\n"
    "  %8 = add %6, %4 : f32[4]\n"
    "  %9 = mul %8, %7 : f32[4]\n"
    "  %10 = constant {value=1} : s32[]\n"
    "  %11 = add %2, %10 : s32[]\n"
    "  %12 = constant {value=3} : s32[]\n"
    "  %13 = lt %2, %12 : bool[]\n"
    "  %14 = broadcast_in_dim %13 {shape=[4], dims=[]} : bool[4]\n"
    "  %15 = select %14, %9, %3 : f32[4]\n"
    "  %16 = tanh %15 : f32[4]\n"
    "  return %1, %11, %16, %15\n"
    "}\n"
    "func @f(%0: f32[4,4], %1: f32[4], %2: f32[4], %3: f32[7,4]) -> (f32[4], s32[], f32[7,4]) {\n"
    "  %4 = constant {value=0} : s32[]\n"
    "  %5, %6, %7, %8 = scan %0, %1, %4, %2, %3 {body=@body, constants=1, carries=3, length=7, reverse=true} "
    ": f32[4], s32[], f32[4], f32[7,4]\n"
    "  return %7, %6, %8\n"
    "}\n",
    // a while that may stop at once, in a cond, with what could be hoisted
    "func @less(%0: f32[], %1: f32[], %2: f32[]) -> (bool[]) {\n"
    "  %3 = exp %0 : f32[]\n"
    "  %4 = lt %2, %3 : bool[]\n"
    "  return %4\n"
    "}\n"
    "func @step(%0: f32[], %1: f32[], %2: f32[], %3: f32[]) -> (f32[], f32[]) {\n"
    "  %4 = exp %1 : f32[]\n"
    "  %5 = abs %4 : f32[]\n"
    "  %6 = constant {value=0.25} : f32[]\n"
    "  %7 = add %5, %6 : f32[]\n"
    "  %8 = add %3, %7 : f32[]\n"
    "  return %2, %8\n"
    "}\n"
    "func @loop(%0: f32[], %1: f32[]) -> (f32[], f32[]) {\n"
    "  %2, %3 = while %0, %0, %1, %0, %1 {cond=@less, body=@step, cond_constants=1, body_constants=2} : "
    "f32[], f32[]\n"
    "  return %2, %3\n"
    "}\n"
    "func @swap(%0: f32[], %1: f32[]) -> (f32[], f32[]) {\n"
    "  return %1, %0\n"
    "}\n"
    "func @f(%0: bool[], %1: f32[], %2: f32[]) -> (f32[], f32[]) {\n"
    "  %3 = not %0 : bool[]\n"
    "  %4, %5 = cond %3, %1, %2 {branches=[@loop, @swap]} : f32[], f32[]\n"
    "  return %4, %5\n"
    "}\n",
    // layer norm as its definition has it
    "func @f(%0: f32[8,16], %1: f32[16]) -> (f32[8,16]) {\n"
    "  %2 = reduce_sum %0 {axes=[1]} : f32[8]\n"
    "  %3 = constant {value=16} : f32[8]\n"
    "  %4 = div %2, %3 : f32[8]\n"
    "  %5 = reshape %4 {shape=[8,1]} : f32[8,1]\n"
    "  %6 = broadcast_in_dim %5 {shape=[8,16], dims=[0,1]} : f32[8,16]\n"
    "  %7 = sub %0, %6 : f32[8,16]\n"
    "  %8 = mul %7, %7 : f32[8,16]\n"
    "  %9 = reduce_sum %8 {axes=[1]} : f32[8]\n"
    "  %10 = div %9, %3 : f32[8]\n"
    "  %11 = reshape %10 {shape=[8,1]} : f32[8,1]\n"
    "  %12 = constant {value=1e-05} : f32[]\n"
    "  %13 = broadcast_in_dim %12 {shape=[8,1], dims=[]} : f32[8,1]\n"
    "  %14 = add %11, %13 : f32[8,1]\n"
    "  %15 = rsqrt %14 : f32[8,1]\n"
    "  %16 = broadcast_in_dim %15 {shape=[8,16], dims=[0,1]} : f32[8,16]\n"
    "  %17 = mul %7, %16 : f32[8,16]\n"
    "  %18 = broadcast_in_dim %1 {shape=[8,16], dims=[1]} : f32[8,16]\n"
    "  %19 = mul %17, %18 : f32[8,16]\n"
    "  return %19\n"
    "}\n",
};

struct program {
    const char *text;
    ir_module *module;
};

static void check_program(void *argument) {
    struct program *p = argument;
    uint64_t state = 7;
    const ir_function *f = ir_parse(p->module, "program", p->text);
    for (int i = 0; i < 20; i++) check(f, &state, 0, true);
}

static ir_module *new_module(void) {
    ir_module *module = ir_module_new();
    module->verify = true;
    return module;
}

static void test_simplify_keeps_values(void **test) {
    (void)test;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct program p = {programs[i], new_module()};
        expect_ok(check_program, &p);
        ir_module_free(p.module);
    }
}

// Each allocation fails once: nothing is lost, and the next attempt succeeds.

static void simplify_parsed(void *argument) {
    struct program *p = argument;
    xf_simplify(xf_inline(ir_parse(p->module, "program", p->text)));
}

static void test_simplify_survives_failing_allocations(void **test) {
    (void)test;
    bool failed = true;
    for (uint64_t number = 1; failed; number += 1 + number / 50) {
        struct program p = {programs[0], ir_module_new()};
        base_failure failure;
        base_fail_allocation(number);
        failed = base_protect(simplify_parsed, &p, &failure) != CV_OK;
        base_fail_allocation(0);
        if (failed) assert_int_equal(failure.status, CV_OUT_OF_MEMORY);
        expect_ok(simplify_parsed, &p);
        ir_module_free(p.module);
    }
}

// The golden programs compute the same too, whatever text was accepted for them.

static void check_file(void *argument) {
    struct program *p = argument;
    base_text text = {.arena = &p->module->arena};
    FILE *stream = fopen(p->text, "r");
    if (!stream) base_raise(CV_IO, "it cannot be read");
    for (int c; (c = fgetc(stream)) != EOF;) base_text_add_n(&text, (char[]){(char)c}, 1);
    fclose(stream);
    char *end = strstr(base_text_get(&text), "// expect\n");
    base_check(end);
    *end = 0;
    uint64_t state = 11;
    const ir_function *f = ir_parse(p->module, p->text, base_text_get(&text));
    bool rounds = strstr(base_text_get(&text), " = pow ") != NULL;
    for (int i = 0; i < 3; i++) check(f, &state, rounds ? 1e-6 : 0, true);
}

static void test_simplify_keeps_values_of_golden_programs(void **test) {
    (void)test;
    const char *source = getenv("COVECTOR_SOURCE");
    if (!source) skip();
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/ir/simplify", source);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strstr(entry->d_name, ".ir")) continue;
        snprintf(path, sizeof path, "%s/tests/ir/simplify/%s", source, entry->d_name);
        struct program p = {path, new_module()};
        base_failure failure;
        if (base_protect(check_file, &p, &failure)) fail_msg("%s: %s", path, failure.message);
        ir_module_free(p.module);
    }
    closedir(folder);
}

// Programs at random.

struct seed {
    ir_module *module;
    uint64_t seed;
};

static void check_random_program(void *argument) {
    struct seed *p = argument;
    uint64_t state = p->seed;
    const ir_function *f = rp_generate(p->module, &state, NULL);
    check(f, &state, 0, false);
    const ir_function *inlined = xf_inline(f);
    ir_verify(inlined);
    compare_functions(f, inlined, &state, 0);
    base_check(xf_inline(inlined) == inlined);
}

static void test_simplify_keeps_values_of_random_programs(void **test) {
    (void)test;
    const char *only = getenv("COVECTOR_SEED");
    for (uint64_t i = 0; i < 600; i++) {
        struct seed p = {new_module(), only ? strtoull(only, NULL, 10) : i};
        base_failure failure;
        if (base_protect(check_random_program, &p, &failure))
            fail_msg("COVECTOR_SEED=%llu: %s", (unsigned long long)p.seed, failure.message);
        ir_module_free(p.module);
        if (only) break;
    }
}

// Long programs.

struct chain {
    ir_module *module;
    uint32_t n;
    bool gradient;
    double seconds;
    uint32_t n_ops;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void simplify_chain(void *argument) {
    struct chain *c = argument;
    ir_builder *b = ir_builder_new(c->module, "chain");
    ir_val x = ir_param(b, ir_type_scalar(c->module, CV_F32)), y = x;
    ir_val one = ir_full_like(b, x, 1);
    for (uint32_t i = 0; i < c->n; i++) {
        switch (i % 4) {
        case 0: y = ir_sin(b, y); break;
        case 1: y = ir_mul(b, y, one); break;
        case 2: y = ir_add(b, y, x); break;
        default: y = ir_mul(b, ir_neg(b, y), ir_neg(b, x)); break;
        }
    }
    const ir_function *f = ir_finish(b, &y, 1);
    if (c->gradient) f = xf_grad(f, (bool[]){true}, false);
    double start = now();
    const ir_function *g = xf_simplify(f);
    c->seconds = now() - start;
    c->n_ops = g->n_ops;
}

static double time_chain(uint32_t n, bool gradient, uint32_t *n_ops) {
    struct chain c = {.module = ir_module_new(), .n = n, .gradient = gradient};
    expect_ok(simplify_chain, &c);
    ir_module_free(c.module);
    *n_ops = c.n_ops;
    return c.seconds;
}

static void test_simplify_takes_linear_time(void **test) {
    (void)test;
    for (int gradient = 0; gradient < 2; gradient++) {
        uint32_t few, many;
        double small = time_chain(10000, gradient, &few), large = time_chain(100000, gradient, &many);
        print_message("%s: 10,000 steps %.1f ms, 100,000 steps %.1f ms; %u and %u operations left\n",
                      gradient ? "gradient" : "chain", 1e3 * small, 1e3 * large, few, many);
        assert_true(many <= 11 * few);
        assert_true(large < 40 * small + 0.5); // generous: it would be 100 times if it were quadratic
    }
}

// Chains that a single rule could follow from end to end.
static void simplify_deep(void *argument) {
    struct chain *c = argument;
    ir_builder *b = ir_builder_new(c->module, "deep");
    ir_val x = ir_param(b, ir_type_get(c->module, CV_F32, 1, (int64_t[]){1})), y = x;
    for (uint32_t i = 0; i < c->n; i++) y = ir_concatenate(b, (ir_val[]){y, i % 2 ? x : ir_sin(b, x)}, 2, 0);
    y = ir_slice(b, y, IR_DIMS(0), IR_DIMS(1), IR_DIMS(1));
    xf_simplify(ir_finish(b, &y, 1));
}

static void test_simplify_follows_deep_chains(void **test) {
    (void)test;
    struct chain c = {.module = ir_module_new(), .n = 20000};
    expect_ok(simplify_deep, &c);
    ir_module_free(c.module);
}

// Functions that call functions, a long way down: no recursion on the depth.
static void simplify_calls(void *argument) {
    struct chain *c = argument;
    const ir_type *type = ir_type_scalar(c->module, CV_F32);
    const ir_function *f = NULL;
    for (uint32_t i = 0; i < c->n; i++) {
        ir_builder *b = ir_builder_new(c->module, "f");
        ir_val x = ir_param(b, type), y = ir_sin(b, ir_mul(b, x, ir_full(b, type, 1)));
        if (f) y = ir_cos(b, ir_emit(b, IR_call, &y, 1, &(ir_call_attributes){f}));
        f = ir_finish(b, &y, 1);
    }
    const ir_function *g = xf_inline(xf_simplify(f));
    c->n_ops = g->n_ops;
}

static void test_simplify_goes_down_deep_calls(void **test) {
    (void)test;
    struct chain c = {.module = ir_module_new(), .n = 2000};
    expect_ok(simplify_calls, &c);
    assert_int_equal(c.n_ops, 2 * 2000 - 1);
    ir_module_free(c.module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simplify_keeps_values),
        cmocka_unit_test(test_simplify_survives_failing_allocations),
        cmocka_unit_test(test_simplify_keeps_values_of_golden_programs),
        cmocka_unit_test(test_simplify_keeps_values_of_random_programs),
        cmocka_unit_test(test_simplify_takes_linear_time),
        cmocka_unit_test(test_simplify_follows_deep_chains),
        cmocka_unit_test(test_simplify_goes_down_deep_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
