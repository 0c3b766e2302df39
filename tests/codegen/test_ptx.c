// PTX: its structure, and that ptxas takes it.
//
// What programs compute is tested without a GPU in test_gpu.c. Here stands how: how many kernels, which
// threads run them, how often they wait for each other, how much shared memory they need; that arithmetic is
// rounded as the program says; and, where the CUDA toolkit is, that ptxas accepts every module for sm_90.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "codegen/gpu/emit_ptx.h"
#include "gpu_programs.h"
#include "ir/rules.h"
#include "transforms/transforms.h"

static bool has_ptxas;

// ---- from text to PTX ----------------------------------------------------------------------------

typedef struct job {
    const char *text;
    bool vjp;
    base_arena arena;
    base_text ptx;
} job;

static void free_module(void *module) { ir_module_free(module); }

static void make(void *argument) {
    job *j = argument;
    ir_module *module = ir_module_new();
    base_defer(free_module, module);
    module->verify = true;
    j->ptx.arena = &j->arena;
    const ir_function *f = ir_parse(module, "test", j->text);
    bool *active = base_new_array(&j->arena, bool, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) active[i] = ir_is_float(ir_param_type(f, i)->dtype);
    if (j->vjp) f = xf_vjp(f, active);
    cg_print_ptx(&j->ptx, cg_plan_new(&j->arena, xf_lower(xf_inline(f))));
}

static int count(const char *text, const char *what) {
    int n = 0;
    for (; (text = strstr(text, what)); text += strlen(what)) n++;
    return n;
}

static void assemble(const char *ptx) {
    char path[] = "/tmp/covector-ptx-XXXXXX", command[128], line[512];
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, ptx, strlen(ptx)) == (ssize_t)strlen(ptx));
    close(file);
    snprintf(command, sizeof command, "ptxas -arch=sm_90 -o /dev/null %s 2>&1", path);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    while (fgets(line, sizeof line, output)) print_error("%s", line);
    int status = pclose(output);
    unlink(path);
    if (status) fail_msg("ptxas refuses:\n%s", ptx);
}

// Results are rounded once each, nothing is approximated, flushed or left to a library; .rn forbids ptxas to
// contract.
static void check_rounding(const char *ptx) {
    static const char *const forbidden[] = {".approx", ".ftz",    "div.full",     "add.f32", "add.f64",
                                            "sub.f32", "sub.f64", "mul.f32",      "mul.f64", "mad.f32",
                                            "ex2.",    "lg2.",    ".extern .func"};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        const char *code = strstr(ptx, ".version");
        if (strstr(code, forbidden[i])) fail_msg("%s in\n%s", forbidden[i], ptx);
    }
}

static const char *ptx_of(job *j, const char *text, bool vjp) {
    base_failure failure;
    *j = (job){.text = text, .vjp = vjp};
    if (base_protect(make, j, &failure)) fail_msg("%s", failure.message);
    const char *ptx = base_text_get(&j->ptx);
    check_rounding(ptx);
    if (has_ptxas) assemble(ptx);
    return ptx;
}

// ---- structure -----------------------------------------------------------------------------------

typedef struct expectation {
    const char *text;
    bool vjp;
    int entries, barriers;
    const char *parts[6]; // of the text
} expectation;

static void check(const expectation *e) {
    job j;
    const char *ptx = ptx_of(&j, e->text, e->vjp);
    if (count(ptx, ".visible .entry") != e->entries || count(ptx, "bar.sync") != e->barriers)
        fail_msg("%d entries with %d barriers, not %d with %d:\n%s", count(ptx, ".visible .entry"),
                 count(ptx, "bar.sync"), e->entries, e->barriers, ptx);
    for (int i = 0; i < 6 && e->parts[i]; i++)
        if (!strstr(ptx, e->parts[i])) fail_msg("no \"%s\" in\n%s", e->parts[i], ptx);
    base_arena_free(&j.arena);
}

// A row is read twice from memory (the second time it is in a cache) and its exponentials stay in shared
// memory.
static void test_softmax_is_one_block_for_each_row(void **state) {
    (void)state;
    check(&(expectation){SOFTMAX(4096, 1024), .entries = 1, .barriers = 2,
                         .parts = {"softmax_0, 4096 x 256 threads", ".reqntid 256",
                                   ".b8 softmax_0_shared[4160]", "shfl.sync.bfly", "ld.global.nc.b32",
                                   "max.NaN.f32"}});
}

// The one barrier is for the exponentials, which other threads might read.
static void test_a_warp_reduces_without_barriers(void **state) {
    (void)state;
    check(&(expectation){SOFTMAX(100000, 100), .entries = 1, .barriers = 1,
                         .parts = {"softmax_0, 100000 x 32 threads", ".b8 softmax_0_shared[400]"}});
}

// Kernels see real numbers only: a product and an exponential of complex ones are arithmetic on both parts.
static void test_complex_numbers_are_pairs(void **state) {
    (void)state;
    check(&(expectation){"func @rotate(%x: c64[1000,64], %y: c64[64]) -> (c64[1000]) {\n"
                         "  %1 = broadcast_in_dim %y {shape=[1000,64], dims=[1]} : c64[1000,64]\n"
                         "  %2 = mul %x, %1 : c64[1000,64]\n  %3 = exp %2 : c64[1000,64]\n"
                         "  %4 = reduce_sum %3 {axes=[1]} : c64[1000]\n  return %4\n}\n",
                         .entries = 1, .barriers = 0, .parts = {"rotate_0", "fma.rn.f32"}});
}

static void test_large_rows_ask_for_shared_memory(void **state) {
    (void)state;
    check(&(expectation){
        SOFTMAX(64, 16000), .entries = 1, .barriers = 2,
        .parts = {"bytes of shared memory", ".extern .shared .align 16 .b8 softmax_0_shared[]"}});
}

static void test_cross_entropy_reads_labels(void **state) {
    (void)state;
    check(
        &(expectation){CROSS_ENTROPY(512, 1000), .entries = 2, .barriers = 3,
                       .parts = {"cross_entropy_0, 512 x 256 threads", "cross_entropy_1, 1 x 128 threads"}});
}

static void test_layer_norm_and_its_gradient(void **state) {
    (void)state;
    check(&(expectation){LAYER_NORM(4096, 768), .entries = 1, .barriers = 2,
                         .parts = {"layer_norm_0, 4096 x 256 threads"}});
    check(&(expectation){LAYER_NORM(4096, 768), .vjp = true, .entries = 2, .barriers = 4,
                         .parts = {"layer_norm_0, 4096 x 256 threads", "layer_norm_1, 24 x 1024 threads"}});
}

static void test_a_chain_is_one_thread_for_each_element(void **state) {
    (void)state;
    check(&(expectation){CHAIN(1000, 333), .entries = 1, .barriers = 0,
                         .parts = {"chain_0, 1301 x 256 threads", "div.rn.f32", "fma.rn.f32"}});
}

static void test_columns_are_read_by_warps(void **state) {
    (void)state;
    check(&(expectation){COLUMN_SUM(4096, 1024), .entries = 1, .barriers = 1,
                         .parts = {"column_sum_0, 32 x 1024 threads", ".b8 column_sum_0_shared[4096]"}});
    check(&(expectation){COLUMN_SUM(100, 1000000), .entries = 1, .barriers = 0,
                         .parts = {"column_sum_0, 3907 x 256 threads"}});
}

static void test_a_total_is_finished_by_one_block(void **state) {
    (void)state;
    check(&(expectation){TOTAL(1000003), .entries = 2, .barriers = 1,
                         .parts = {"total_0, 62 x 1024 threads", "total_0_finish, 1 x 32 threads"}});
}

static void test_argmax_shuffles_values_and_indices(void **state) {
    (void)state;
    check(&(expectation){BEST(1000, 3000), .entries = 2, .barriers = 2,
                         .parts = {"best_0, 1000 x 256 threads", "setp.nan.f64"}});
}

static void test_moved_data(void **state) {
    (void)state;
    check(&(expectation){TAKE(1000, 500, 64), .entries = 1, .barriers = 0,
                         .parts = {"take_0, 250 x 256 threads"}});
    check(&(expectation){ADD_AT(100, 50, 64), .entries = 1, .barriers = 0,
                         .parts = {"copy", "add_at_0, 1 x 1 threads"}});
}

// Two bytes are loaded, a conversion away from f32; sums are made and shuffled in f32.
static void test_numbers_of_16_bits(void **state) {
    (void)state;
    check(&(expectation){HALF_SOFTMAX("f16", 4096, 1024), .entries = 1, .barriers = 2,
                         .parts = {"ld.global.nc.b16", "cvt.f32.f16", "cvt.rn.f16.f32", "add.rn.f32", "st.global.b16"}});
    check(&(expectation){HALF_SOFTMAX("bf16", 4096, 1024), .entries = 1, .barriers = 2,
                         .parts = {"ld.global.nc.b16", "add.rn.f32", "st.global.b16"}});
}

// A loop that carries its state is run by one thread, or by one for each of a batch.
static void test_small_loops_are_one_thread(void **state) {
    (void)state;
    check(&(expectation){LORENZ_SCALAR(1000), .entries = 1, .barriers = 0,
                         .parts = {"lorenz_0, 1 x 1 threads"}});
    check(&(expectation){LORENZ_BATCHED(10000, 100), .entries = 1, .barriers = 0,
                         .parts = {"many_0, 40 x 256 threads"}});
    check(&(expectation){HALVE, .entries = 3, .barriers = 0, .parts = {"halve_2, 1 x 1 threads"}});
}

static void test_library_products_stay_with_the_host(void **state) {
    (void)state;
    check(&(expectation){PRODUCT(f32, 100, 200, 300), .entries = 0, .barriers = 0,
                         .parts = {"library product of f32, 1 of 100 x 200 x 300 (s0, s1, s2)"}});
    check(&(expectation){PRODUCT(s32, 20, 3000, 15), .entries = 1, .barriers = 1,
                         .parts = {"product_0, 300 x 1024 threads"}});
}

static void test_every_dtype(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof small_programs / sizeof *small_programs; i++) {
        const gpu_program *p = &small_programs[i];
        for (int vjp = 0; vjp <= p->differentiable; vjp++) {
            job j;
            assert_true(count(ptx_of(&j, p->text, vjp), ".visible .entry") > 0);
            base_arena_free(&j.arena);
        }
    }
}

// Kernels have the names of functions, which may hold what PTX does not take.
static void test_symbols_are_names_of_ptx(void **state) {
    (void)state;
    check(&(expectation){"func @0.x(%a: f32[7]) -> (f32[7]) {\n  %b = exp %a : f32[7]\n  return %b\n}\n",
                         .entries = 1, .parts = {".visible .entry k0_x_0("}});
}

static void test_empty_arrays_launch_nothing(void **state) {
    (void)state;
    check(&(expectation){COLUMN_SUM(0, 5), .entries = 1, .barriers = 0,
                         .parts = {"column_sum_0, 1 x 32 threads"}});
    check(&(expectation){CHAIN(0, 5), .entries = 1, .barriers = 0, .parts = {"chain_0, 0 x 32 threads"}});
}

int main(void) {
    has_ptxas = !system("ptxas --version >/dev/null 2>&1");
    if (!has_ptxas) print_message("ptxas is not there: only the text is tested\n");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_softmax_is_one_block_for_each_row),
        cmocka_unit_test(test_a_warp_reduces_without_barriers),
        cmocka_unit_test(test_complex_numbers_are_pairs),
        cmocka_unit_test(test_large_rows_ask_for_shared_memory),
        cmocka_unit_test(test_cross_entropy_reads_labels),
        cmocka_unit_test(test_layer_norm_and_its_gradient),
        cmocka_unit_test(test_a_chain_is_one_thread_for_each_element),
        cmocka_unit_test(test_columns_are_read_by_warps),
        cmocka_unit_test(test_a_total_is_finished_by_one_block),
        cmocka_unit_test(test_argmax_shuffles_values_and_indices),
        cmocka_unit_test(test_moved_data),
        cmocka_unit_test(test_small_loops_are_one_thread),
        cmocka_unit_test(test_library_products_stay_with_the_host),
        cmocka_unit_test(test_numbers_of_16_bits),
        cmocka_unit_test(test_every_dtype),
        cmocka_unit_test(test_symbols_are_names_of_ptx),
        cmocka_unit_test(test_empty_arrays_launch_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
