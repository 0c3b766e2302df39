// What the planner makes of known programs: how many kernels, how many bytes they move, and what steps
// string them together. Structure is tested, not texts, so that a better order of terms changes nothing here.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "codegen/plan.h"
#include "transforms/activity.h"

typedef struct facts {
    ir_module *module;
    const char *file;
    bool differentiate; // the vjp by all floating parameters
    uint32_t kernels, steps, copies, exchanges;
    int64_t bytes;
    int64_t largest_copy_in_a_loop;
} facts;

static const ir_function *read_program(ir_module *module, const char *file, base_arena *arena) {
    char path[1024], *text = base_arena_zeroed(arena, 1 << 16);
    const char *source = getenv("COVECTOR_SOURCE");
    snprintf(path, sizeof path, "%s/tests/codegen/programs/%s", source ? source : ".", file);
    FILE *stream = fopen(path, "rb");
    if (!stream) base_raise(CV_IO, "cannot read %s", path);
    size_t n = fread(text, 1, (1 << 16) - 1, stream);
    fclose(stream);
    text[n] = 0;
    return ir_parse(module, file, text);
}

static void count_steps(facts *x, const cg_plan_function *f, const cg_step_block *block, bool in_loop) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        x->steps++;
        x->exchanges += step->kind == CG_STEP_EXCHANGE;
        if (step->kind == CG_STEP_COPY) {
            int64_t bytes = (int64_t)f->slots.at[step->args.at[0]].type->bytes;
            x->copies++;
            if (in_loop && bytes > x->largest_copy_in_a_loop) x->largest_copy_in_a_loop = bytes;
        }
        bool loop = in_loop || step->kind == CG_STEP_LOOP || step->kind == CG_STEP_WHILE;
        for (uint32_t b = 0; b < step->blocks.n; b++) count_steps(x, f, step->blocks.at[b], loop);
    }
}

static void gather_facts(void *argument) {
    facts *x = argument;
    base_arena *arena = xf_scratch();
    const ir_function *f = read_program(x->module, x->file, arena);
    if (x->differentiate) {
        bool *active = base_new_array(arena, bool, f->n_params + 1);
        for (uint32_t i = 0; i < f->n_params; i++) active[i] = ir_is_float(f->types[i]->dtype);
        f = xf_vjp(f, active);
    }
    const cg_plan *plan = cg_plan_new(arena, xf_simplify(f));
    x->kernels = plan->kernels.n;
    for (uint32_t i = 0; i < plan->kernels.n; i++) x->bytes += plan->kernels.at[i]->bytes;
    for (uint32_t i = 0; i < plan->functions.n; i++)
        count_steps(x, plan->functions.at[i], &plan->functions.at[i]->body, false);
}

static facts facts_of(const char *file, bool differentiate) {
    facts x = {.module = ir_module_new(), .file = file, .differentiate = differentiate};
    x.module->verify = true;
    base_failure failure;
    if (base_protect(gather_facts, &x, &failure)) fail_msg("%s: %s", file, failure.message);
    ir_module_free(x.module);
    return x;
}

static void test_softmax_reads_once_and_writes_once(void **state) {
    (void)state;
    facts x = facts_of("softmax.ir", false);
    assert_int_equal(x.kernels, 1);
    assert_int_equal(x.steps, 1);
    assert_int_equal(x.bytes, 2 * 4096 * 1024 * 4);
}

static void test_chain_with_broadcast_and_reduction_is_one_kernel(void **state) {
    (void)state;
    facts x = facts_of("chain.ir", false);
    assert_int_equal(x.kernels, 1);
    assert_int_equal(x.bytes, (512 * 256 + 256 + 512) * 4);
}

static void test_layer_norm_gradient_is_two_kernels(void **state) {
    (void)state;
    facts x = facts_of("layer_norm_grad.ir", false);
    assert_in_range(x.kernels, 1, 2);
    assert_int_equal(x.steps, x.kernels);
    // Two large arrays read by each kernel, one written, and what is a row or a column.
    assert_in_range(x.bytes, 0, 5 * 4096 * 1024 * 4 + 16 * 4096 * 4);
}

static void test_small_scan_is_one_kernel(void **state) {
    (void)state;
    facts x = facts_of("lorenz.ir", false);
    assert_int_equal(x.kernels, 1);
    assert_int_equal(x.steps, 1);
}

static void test_row_updates_happen_in_place(void **state) {
    (void)state;
    facts x = facts_of("row_update_scan.ir", false);
    assert_int_equal(x.largest_copy_in_a_loop, 0);
    assert_int_equal(x.exchanges, 0);
    assert_int_equal(x.copies, 1); // of the argument, into the result
    x = facts_of("row_update_scan.ir", true);
    assert_in_range(x.largest_copy_in_a_loop, 0, 4000);
    assert_int_equal(x.exchanges, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_softmax_reads_once_and_writes_once),
        cmocka_unit_test(test_chain_with_broadcast_and_reduction_is_one_kernel),
        cmocka_unit_test(test_layer_norm_gradient_is_two_kernels),
        cmocka_unit_test(test_small_scan_is_one_kernel),
        cmocka_unit_test(test_row_updates_happen_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
