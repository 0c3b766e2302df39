// What is compiled once is not compiled again: a jitted function that is called many times outside a trace,
// and one that a program calls many times. Objects that LLVM writes are counted, as it writes them.

#define _GNU_SOURCE // RTLD_NEXT
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "base/error.h"
#include "codegen/compile.h"
#include "codegen/plan.h"
#include "covector/covector.h"
#include "transforms/activity.h"

enum { CALLS = 1000 };

static _Atomic long objects, object_bytes;
typedef LLVMBool emit_function(LLVMTargetMachineRef, LLVMModuleRef, LLVMCodeGenFileType, char **,
                               LLVMMemoryBufferRef *);

// In front of LLVM's own.
#pragma GCC visibility push(default)
LLVMBool LLVMTargetMachineEmitToMemoryBuffer(LLVMTargetMachineRef machine, LLVMModuleRef module,
                                             LLVMCodeGenFileType type, char **message,
                                             LLVMMemoryBufferRef *out) {
    emit_function *emit = (emit_function *)(uintptr_t)dlsym(RTLD_NEXT, "LLVMTargetMachineEmitToMemoryBuffer");
    assert_non_null(emit);
    LLVMBool failed = emit(machine, module, type, message, out);
    atomic_fetch_add(&objects, 1);
    if (!failed) atomic_fetch_add(&object_bytes, (long)LLVMGetBufferSize(*out));
    return failed;
}
#pragma GCC visibility pop

static _Atomic int traced;

static cv_val shifted(cv_val x, cv_val y) {
    traced++;
    return cv_add(cv_tanh(cv_mul(x, y)), cv_mean(x));
}

static cv_val vector(float first) {
    float numbers[300];
    for (int i = 0; i < 300; i++) numbers[i] = first + (float)i / 300;
    return cv_array(CV_F32, CV_INTS(300), numbers);
}

static void test_calls_of_a_function_compile_once(void **state) {
    (void)state;
    long before = objects;
    traced = 0;
    for (int i = 0; i < CALLS; i++) {
        cv_scope_begin();
        // Described anew for each call; other numbers of the same type, a C scalar among them.
        cv_val y = cv_call_one(cv_jit(cv_fun(shifted)), vector((float)i), (double)i);
        assert_int_equal(cv_count(y), 300);
        cv_scope_end();
        if (!i) assert_true(objects > before);
        if (!i) before = objects;
    }
    assert_int_equal(objects, before);
    assert_int_equal(traced, 1);
    cv_scope_begin();
    cv_val other = cv_array(CV_F32, CV_INTS(2), ((float[]){1, 2})); // another type: once more
    cv_call_one(cv_jit(cv_fun(shifted)), other, 1.0);
    assert_true(cv_ok() && traced == 2 && objects > before);
    cv_scope_end();
}

// Transforms of it: each is compiled once.
static cv_val scalar(cv_val x) {
    return cv_sum(cv_mul(x, cv_sin(x)));
}

static void test_calls_of_transforms_compile_once(void **state) {
    (void)state;
    long before = 0;
    for (int i = 0; i < CALLS; i++) {
        cv_scope_begin();
        cv_call_one(cv_grad(cv_jit(cv_fun(scalar))), vector((float)i));
        cv_call_one(cv_vmap(cv_jit(cv_fun(scalar))), cv_reshape(vector((float)i), CV_INTS(30, 10)));
        assert_true(cv_ok());
        cv_scope_end();
        if (!i) before = objects;
    }
    assert_int_equal(objects, before);
}

// Inside a program

static int uses;

// The body is large enough that a thousand of it are no longer inlined.
static cv_val body(cv_val x) {
    traced++;
    cv_val mean = cv_mean(x), centred = cv_sub(x, mean);
    cv_val spread = cv_sqrt(cv_add(cv_mean(cv_mul(centred, centred)), 1.0));
    return cv_tanh(cv_div(centred, spread));
}

static cv_val many(cv_val x) {
    for (int i = 0; i < uses; i++) x = cv_call_one(cv_jit(cv_fun(body)), x);
    return x;
}

static void test_calls_inside_a_program_compile_once(void **state) {
    (void)state;
    long made[2], bytes[2];
    static float expected[300], found[300];
    for (int larger = 0; larger < 2; larger++) {
        uses = larger ? CALLS : 1;
        cv_context *c = cv_context_new(), *was = cv_context_use(c); // nothing is cached
        cv_scope_begin();
        long objects_before = objects, bytes_before = object_bytes;
        traced = 0;
        cv_val y = cv_call_one(cv_jit(cv_fun(many)), vector(-1));
        assert_int_equal(cv_read(y, found, sizeof found), CV_OK);
        made[larger] = objects - objects_before;
        bytes[larger] = object_bytes - bytes_before;
        assert_int_equal(traced, 1);
        if (larger) { // the same as one call at a time
            cv_val x = vector(-1);
            for (int i = 0; i < CALLS; i++) x = cv_call_one(cv_jit(cv_fun(body)), x);
            assert_int_equal(cv_read(x, expected, sizeof expected), CV_OK);
            for (int i = 0; i < 300; i++) assert_float_equal(found[i], expected[i], 1e-4);
        }
        cv_scope_end();
        cv_context_use(was);
        cv_context_free(c);
    }
    print_message("one call: %ld objects, %ld bytes; a thousand: %ld objects, %ld bytes\n", made[0], bytes[0],
                  made[1], bytes[1]);
    // The calls themselves take some instructions each; the body, of about 2,000 bytes, stands once.
    assert_true(made[1] <= made[0] + 2);
    assert_true(bytes[1] - bytes[0] < 200 * CALLS);
}

// The plan of such a program: one function beside the entry, and as many kernels as for one call.

static const ir_function *calls(ir_module *module, int n) {
    ir_builder *b = ir_builder_new(module, "body");
    const ir_type *type = ir_type_get(module, CV_F32, 1, (const int64_t[]){300});
    ir_val x = ir_param(b, type), y = x;
    for (int i = 0; i < 4; i++) {
        const ir_axes_attributes all = {IR_DIMS(0)};
        ir_val sum = ir_emit(b, IR_reduce_sum, &y, 1, &all);
        y = ir_sin(b, ir_mul(b, y, ir_broadcast_in_dim(b, sum, IR_DIMS(300), (ir_dims){0, NULL})));
    }
    const ir_call_attributes callee = {ir_finish(b, &y, 1)};
    b = ir_builder_new(module, "many");
    x = ir_param(b, type);
    for (int i = 0; i < n; i++) x = ir_emit(b, IR_call, &x, 1, &callee);
    return ir_finish(b, &x, 1);
}

static void count_kernels(void *argument) {
    int *counts = argument; // calls; kernels, functions
    ir_module *module = ir_module_new();
    const cg_plan *plan = cg_plan_new(xf_scratch(), xf_simplify(calls(module, counts[0])));
    counts[1] = (int)plan->kernels.n;
    counts[2] = (int)plan->functions.n;
    ir_module_free(module);
}

static void test_a_plan_holds_a_function_once(void **state) {
    (void)state;
    int one[3] = {1}, thousand[3] = {CALLS};
    base_failure failure;
    if (base_protect(count_kernels, one, &failure) || base_protect(count_kernels, thousand, &failure))
        fail_msg("%s", failure.message);
    print_message("a plan of one call: %d kernels, %d functions; of a thousand: %d and %d\n", one[1], one[2],
                  thousand[1], thousand[2]);
    assert_int_equal(thousand[1], one[1]);
    assert_int_equal(thousand[2], 2);
}

static int tear_down(void **state) {
    (void)state;
    cv_shutdown();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_of_a_function_compile_once),
        cmocka_unit_test(test_calls_of_transforms_compile_once),
        cmocka_unit_test(test_calls_inside_a_program_compile_once),
        cmocka_unit_test(test_a_plan_holds_a_function_once),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
