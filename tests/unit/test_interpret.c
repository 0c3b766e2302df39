// The reference interpreter: lifetimes of values, results in place, loops in constant memory, what a
// raise leaves behind; and the type rules of control flow by their messages.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ir/rules.h"

static ir_module *module;

static int set_up(void **state) {
    (void)state;
    module = ir_module_new();
    module->verify = true;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ir_module_free(module);
    return 0;
}

static void run(void (*body)(void *)) {
    base_failure failure;
    base_protect(body, NULL, &failure);
    if (failure.status) fail_msg("%s", failure.message);
}

static void run_expecting(void (*body)(void *), const char *message) {
    base_failure failure;
    assert_int_equal(base_protect(body, NULL, &failure), CV_INVALID);
    assert_string_equal(failure.message, message);
}

static const ir_type *f64(int64_t n) { return ir_type_get(module, CV_F64, 1, &n); }

static const ir_type *scalar(cv_dtype dtype) { return ir_type_scalar(module, dtype); }

// A function of these types that returns these of its parameters.
static const ir_function *select_params(const ir_type *const *types, uint32_t n, const ir_val *results,
                                        uint32_t n_results) {
    ir_builder *b = ir_builder_new(module, "body");
    for (uint32_t i = 0; i < n; i++) ir_param(b, types[i]);
    return ir_finish(b, results, n_results);
}

#define TYPES(...)                                                                                           \
    ((const ir_type *const[]){__VA_ARGS__}), sizeof((const ir_type *[]){__VA_ARGS__}) / sizeof(ir_type *)
#define VALUES(...) ((const ir_val[]){__VA_ARGS__}), sizeof((ir_val[]){__VA_ARGS__}) / sizeof(ir_val)

// Values.

static void body_results(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, f64(2)), y = ir_add(b, x, x), z = ir_mul(b, y, y);
    const ir_function *f = ir_finish(b, (ir_val[]){z, x, y, z}, 4);
    double in[2] = {1, 3}, out[4][2];
    ir_array results[4];
    for (int i = 0; i < 4; i++) results[i] = (ir_array){f64(2), out[i]};
    ir_interpret(f, &(ir_array){f64(2), in}, results);
    assert_memory_equal(out, ((double[]){4, 36, 1, 3, 2, 6, 4, 36}), sizeof out);
}

static void test_results_parameters_repeated_and_used_again(void **state) {
    (void)state;
    run(body_results);
}

static void body_empty(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, f64(0));
    const ir_function *f = ir_finish(b, (ir_val[]){ir_add(b, x, x), x}, 2);
    ir_array out[2] = {{f64(0), NULL}, {f64(0), NULL}};
    ir_interpret(f, &(ir_array){f64(0), NULL}, out);
}

static void test_empty_arrays_may_have_no_memory(void **state) {
    (void)state;
    run(body_empty);
}

enum { CHAIN = 200000 };

static void body_chain(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, scalar(CV_F64)), y = x;
    for (int i = 0; i < CHAIN; i++) y = ir_add(b, y, x);
    const ir_function *f = ir_finish(b, &y, 1);
    double in = 1, out;
    ir_interpret(f, &(ir_array){scalar(CV_F64), &in}, &(ir_array){scalar(CV_F64), &out});
    assert_true(out == CHAIN + 1);
}

static void test_a_long_program(void **state) {
    (void)state;
    run(body_chain);
}

static void body_wrong_type(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, f64(2));
    const ir_function *f = ir_finish(b, &x, 1);
    ir_interpret(f, &(ir_array){f64(3), NULL}, &(ir_array){f64(2), NULL});
}

static void test_arrays_of_other_types_are_refused(void **state) {
    (void)state;
    base_failure failure;
    assert_int_equal(base_protect(body_wrong_type, NULL, &failure), CV_INTERNAL);
}

// Loops.

enum { STEPS = 100000 };

// (k, c, d) -> d, c + (k - c) / 2 / 2 / 2 ..., 30 operations in all
static const ir_function *long_body(void) {
    ir_builder *b = ir_builder_new(module, "body");
    ir_val k = ir_param(b, f64(4)), c = ir_param(b, f64(4)), d = ir_param(b, f64(4)),
           half = ir_full(b, f64(4), 0.5);
    ir_val step = ir_sub(b, k, c);
    for (int i = 0; i < 27; i++) step = i % 2 ? ir_add(b, step, step) : ir_mul(b, step, half);
    return ir_finish(b, (ir_val[]){ir_add(b, c, step), ir_max(b, c, d)}, 2);
}

static void body_loop(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val in[3];
    for (int i = 0; i < 3; i++) in[i] = ir_param(b, f64(4));
    ir_scan_attributes scan = {long_body(), 1, 2, STEPS, false};
    ir_val first = ir_emit(b, IR_scan, in, 3, &scan);
    const ir_function *f = ir_finish(b, (ir_val[]){first, first + 1}, 2);
    double k[4] = {8, 8, 8, 8}, c[4] = {0}, out[2][4];
    ir_array arrays[3] = {{f64(4), k}, {f64(4), c}, {f64(4), c}},
             results[2] = {{f64(4), out[0]}, {f64(4), out[1]}};
    base_fail_allocation(0);
    ir_interpret(f, arrays, results);
    uint64_t allocations = base_fail_allocation(0);
    assert_true(allocations <= 31 * (uint64_t)STEPS); // a value each, and nothing for the loop itself
    assert_true(out[0][3] == 8 && out[1][3] <= 8);
    assert_true(c[0] == 0 && k[0] == 8);
}

static void test_a_long_loop_allocates_its_values_only(void **state) {
    (void)state;
    clock_t start = clock();
    run(body_loop);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20); // 0.2 s without a sanitizer
}

// Two scans of one body, one inside a function that is called twice: frames are found again.
static void body_shared(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "twice");
    ir_val x = ir_param(b, f64(2));
    const ir_function *twice = ir_finish(b, (ir_val[]){ir_add(b, x, x)}, 1);
    b = ir_builder_new(module, "four");
    x = ir_param(b, f64(2));
    ir_call_attributes call = {twice};
    x = ir_emit(b, IR_call, &x, 1, &call);
    x = ir_emit(b, IR_call, &x, 1, &call);
    const ir_function *four = ir_finish(b, &x, 1);
    b = ir_builder_new(module, "f");
    x = ir_param(b, f64(2));
    x = ir_emit(b, IR_scan, &x, 1, &(ir_scan_attributes){four, 0, 1, 3, false});
    x = ir_emit(b, IR_scan, &x, 1, &(ir_scan_attributes){twice, 0, 1, 2, true});
    const ir_function *f = ir_finish(b, &x, 1);
    double in[2] = {1, 3}, out[2];
    ir_interpret(f, &(ir_array){f64(2), in}, &(ir_array){f64(2), out});
    assert_true(out[0] == 256 && out[1] == 768 && in[0] == 1);
}

static void test_functions_used_several_times(void **state) {
    (void)state;
    run(body_shared);
}

// A swap of carries that the body passes through: neither set may overwrite the other.
static void body_swap(void *unused) {
    (void)unused;
    const ir_function *swap = select_params(TYPES(f64(2), f64(2)), VALUES(1, 0, 0));
    for (int64_t length = 0; length < 4; length++) {
        ir_builder *b = ir_builder_new(module, "f");
        ir_val x[2] = {ir_param(b, f64(2)), ir_param(b, f64(2))};
        ir_val y = ir_emit(b, IR_scan, x, 2, &(ir_scan_attributes){swap, 0, 2, length, false});
        const ir_function *f = ir_finish(b, (ir_val[]){y, y + 1, y + 2}, 3);
        double in[2][2] = {{1, 2}, {3, 4}}, out[2][2], seen[4][2] = {{0}};
        ir_array arrays[2] = {{f64(2), in[0]}, {f64(2), in[1]}};
        ir_array results[3] = {{f64(2), out[0]}, {f64(2), out[1]}, {ir_result_type(f, 2), seen}};
        ir_interpret(f, arrays, results);
        assert_memory_equal(out[0], in[length % 2], sizeof out[0]);
        assert_memory_equal(out[1], in[(length + 1) % 2], sizeof out[1]);
        for (int64_t i = 0; i < length; i++) assert_memory_equal(seen[i], in[i % 2], sizeof seen[i]);
    }
}

static void test_carries_that_swap(void **state) {
    (void)state;
    run(body_swap);
}

// Every allocation of an interpretation fails once; a sanitizer sees what a raise leaves behind.
static uint64_t failing;

static void body_failing(void *unused) {
    (void)unused;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val in[3];
    for (int i = 0; i < 3; i++) in[i] = ir_param(b, f64(4));
    ir_val first = ir_emit(b, IR_scan, in, 3, &(ir_scan_attributes){long_body(), 1, 2, 2, false});
    const ir_function *f = ir_finish(b, (ir_val[]){first, first + 1}, 2);
    double k[4] = {8, 8, 8, 8}, c[4] = {0}, out[2][4];
    ir_array arrays[3] = {{f64(4), k}, {f64(4), c}, {f64(4), c}},
             results[2] = {{f64(4), out[0]}, {f64(4), out[1]}};
    base_fail_allocation(failing);
    ir_interpret(f, arrays, results);
}

static void test_a_failed_allocation_leaks_nothing(void **state) {
    (void)state;
    base_failure failure;
    for (failing = 1; failing < 1000; failing++) {
        cv_status status = base_protect(body_failing, NULL, &failure);
        base_fail_allocation(0);
        if (!status) break;
        assert_int_equal(status, CV_OUT_OF_MEMORY);
    }
    assert_true(failing > 40 && failing < 1000);
}

// Messages.

static ir_val emit(ir_primitive primitive, const ir_type *const *types, uint32_t n, const void *attributes) {
    ir_builder *b = ir_builder_new(module, "f");
    ir_val in[8];
    for (uint32_t i = 0; i < n; i++) in[i] = ir_param(b, types[i]);
    return ir_emit(b, primitive, in, n, attributes);
}

static const ir_type *f32(int64_t n) { return ir_type_get(module, CV_F32, 1, &n); }

#define WRONG(name, ...)                                                                                     \
    static void wrong_##name(void *unused) {                                                                 \
        (void)unused;                                                                                        \
        __VA_ARGS__;                                                                                         \
    }

static const ir_function *converts(const ir_type *type, cv_dtype dtype) {
    ir_builder *b = ir_builder_new(module, "body");
    ir_val x = ir_convert(b, ir_param(b, type), dtype);
    return ir_finish(b, &x, 1);
}

static const ir_function *identity(const ir_type *type) { return select_params(TYPES(type), VALUES(0)); }

WRONG(call_count, emit(IR_call, TYPES(f32(2), f32(2)), &(ir_call_attributes){identity(f32(2))}))
WRONG(call_type, emit(IR_call, TYPES(f32(2)), &(ir_call_attributes){identity(f32(3))}))
WRONG(cond_none, emit(IR_cond, TYPES(scalar(CV_BOOL)), &(ir_cond_attributes){{0, NULL}}))
WRONG(cond_index, emit(IR_cond, TYPES(scalar(CV_S64), f32(2)),
                       &(ir_cond_attributes){{1, (const ir_function *[]){identity(f32(2))}}}))
WRONG(cond_results, emit(IR_cond, TYPES(scalar(CV_BOOL), f32(2), f32(3)),
                         &(ir_cond_attributes){
                             {2, (const ir_function *[]){select_params(TYPES(f32(2), f32(3)), VALUES(0)),
                                                         select_params(TYPES(f32(2), f32(3)), VALUES(1))}}}))
WRONG(cond_number,
      emit(IR_cond, TYPES(scalar(CV_BOOL), f32(2)),
           &(ir_cond_attributes){
               {2, (const ir_function *[]){identity(f32(2)), select_params(TYPES(f32(2)), VALUES(0, 0))}}}))
WRONG(while_cond, emit(IR_while, TYPES(scalar(CV_F32)),
                       &(ir_while_attributes){identity(scalar(CV_F32)), identity(scalar(CV_F32)), 0, 0}))
WRONG(while_carry, emit(IR_while, TYPES(f32(2)),
                        &(ir_while_attributes){converts(scalar(CV_F32), CV_BOOL), identity(f32(2)), 0, 0}))
WRONG(while_body,
      emit(IR_while, TYPES(scalar(CV_F32)),
           &(ir_while_attributes){converts(scalar(CV_F32), CV_BOOL), converts(scalar(CV_F32), CV_F64), 0, 0}))
WRONG(while_constants,
      emit(IR_while, TYPES(f32(2)), &(ir_while_attributes){identity(f32(2)), identity(f32(2)), 1, 1}))
WRONG(scan_carry,
      emit(IR_scan, TYPES(f32(3)), &(ir_scan_attributes){converts(f32(3), CV_F64), 0, 1, 5, false}))
WRONG(scan_length,
      emit(IR_scan, TYPES(f32(3)), &(ir_scan_attributes){identity(scalar(CV_F32)), 0, 0, 4, false}))
WRONG(scan_slice, emit(IR_scan, TYPES(f32(3)), &(ir_scan_attributes){identity(f32(1)), 0, 0, 3, false}))
WRONG(scan_negative, emit(IR_scan, TYPES(f32(3)), &(ir_scan_attributes){identity(f32(3)), 0, 1, -1, false}))
WRONG(scan_results,
      emit(IR_scan, TYPES(f32(3), f32(3)),
           &(ir_scan_attributes){select_params(TYPES(f32(3), f32(3)), VALUES(0)), 0, 2, 1, false}))

static void test_wrong_control_flow_is_refused(void **state) {
    (void)state;
    static const struct {
        void (*body)(void *);
        const char *message;
    } rows[] = {
        {wrong_call_count, "call: body takes 1 argument and is given 2"},
        {wrong_call_type, "call: body takes f32[3] as argument 0 and is given f32[2]"},
        {wrong_cond_none, "cond: there must be at least one branch"},
        {wrong_cond_index, "cond: the index that chooses the branch must be bool[] or s32[], not s64[]"},
        {wrong_cond_results, "cond: branch 0 returns f32[2] and branch 1 returns f32[3] as result 0"},
        {wrong_cond_number, "cond: branch 0 returns 1 result and branch 1 returns 2"},
        {wrong_while_cond, "while: cond returns f32[], not bool[]"},
        {wrong_while_carry, "while: cond takes f32[] as argument 0 and is given f32[2]"},
        {wrong_while_body,
         "while: carry 0 goes in as f32[] and comes out of the body as f64[]; make the body "
         "return the type it was given"},
        {wrong_while_constants,
         "while: 1 constants of cond and 1 constants of the body do not fit into 1 operands"},
        {wrong_scan_carry,
         "scan: carry 0 goes in as f32[3] and comes out of the body as f64[3]; make the body "
         "return the type it was given"},
        {wrong_scan_length, "scan: input 0 is f32[3]: its leading axis must have the length of the scan, 4"},
        {wrong_scan_slice, "scan: input 0 is f32[3], and the body takes f32[1] for one slice of it"},
        {wrong_scan_negative, "scan: length -1 is negative"},
        {wrong_scan_results, "scan: the number of carries is 2 and the body returns 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) run_expecting(rows[i].body, rows[i].message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_parameters_repeated_and_used_again),
        cmocka_unit_test(test_empty_arrays_may_have_no_memory),
        cmocka_unit_test(test_a_long_program),
        cmocka_unit_test(test_arrays_of_other_types_are_refused),
        cmocka_unit_test(test_a_long_loop_allocates_its_values_only),
        cmocka_unit_test(test_functions_used_several_times),
        cmocka_unit_test(test_carries_that_swap),
        cmocka_unit_test(test_a_failed_allocation_leaks_nothing),
        cmocka_unit_test(test_wrong_control_flow_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
