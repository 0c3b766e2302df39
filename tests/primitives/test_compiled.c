// Derivatives and batches of the cases of the table (table.h) as machine code, for complex numbers, which
// become pairs of real ones on the way: compiled results against those of the interpreter.
//
//     test_compiled [primitive ...]     only these
//
// (The table itself has a rule that compiles the primitives.)

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "codegen/compile.h"
#include "runtime/execute.h"
#include "table.h"
#include "transforms/transforms.h"

static const char *const form_names[TEST_FORMS] = {"", "vjp", "batch"};

typedef struct run {
    const test_case *c;
    cv_dtype dtype;
    int64_t variant;
    test_form form;
    ir_module *module;
    base_arena arena;
} run;

// Arguments: those of the case, one after the other for a batch; behind them cotangents.
static void arguments(const test_instance *t, const run *r, const ir_function *f, ir_array *in) {
    for (uint32_t i = 0; i < f->n_params; i++)
        in[i] =
            i < t->f->n_params ? test_array(t->arena, f->types[i]) : test_draw_like(t, f->types[i], 31 + i);
    for (uint64_t k = 0; k < (r->form == TEST_BATCHED ? TEST_BATCH : 1); k++) {
        ir_array drawn[TEST_MAX_IN];
        test_draw_operands(t, k, drawn);
        for (uint32_t i = 0; i < t->f->n_params; i++)
            if (drawn[i].type->bytes)
                memcpy((char *)in[i].data + k * drawn[i].type->bytes, drawn[i].data, drawn[i].type->bytes);
    }
}

static void free_program(void *program) { cg_program_free(program); }

static void check(void *argument) {
    run *r = argument;
    test_instance t = test_instance_new(r->c, r->dtype, r->variant, r->module, &r->arena);
    const ir_function *f = test_formed(&t, r->form);
    if (!f) return;
    ir_array in[2 * TEST_MAX_IN];
    arguments(&t, r, f, in);
    ir_array *want = test_run(&r->arena, f, in, f->n_params), got[2 * TEST_MAX_IN];
    const cg_program *program = cg_compile(f, &(cg_options){.verify = true});
    base_defer(free_program, (void *)(uintptr_t)program);
    void *params[2 * TEST_MAX_IN], *results[2 * TEST_MAX_IN];
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = in[i].data;
    for (uint32_t i = 0; i < f->n_results; i++) {
        got[i] = test_array(&r->arena, want[i].type);
        results[i] = got[i].data;
    }
    rt_run(program, 1, params, results);
    double epsilon = test_epsilon(r->dtype);
    for (uint32_t i = 0; i < f->n_results; i++)
        test_compare("compiled: result", i, &got[i], &want[i], (test_tolerance){32 * epsilon, 32 * epsilon});
}

static int failed, passed, refused;

static void run_one(run *r) {
    base_failure failure;
    cv_status status = base_protect(check, r, &failure);
    base_arena_free(&r->arena);
    passed += !status;
    refused += status == CV_UNSUPPORTED;
    if (!status || status == CV_UNSUPPORTED) return;
    failed++;
    printf("FAILED %s (%s, %s, shape %lld) %s: %s\n", ir_primitives[r->c->primitive].name, r->c->name,
           cv_dtype_name(r->dtype), (long long)r->variant, form_names[r->form], failure.message);
}

static void run_case(ir_module *module, const test_case *c) {
    bool parts = c->primitive == IR_complex; // its operands are real
    const uint32_t taken = ir_primitives[c->primitive].dtypes & ~ir_rules_of(c->primitive)->not_yet;
    cv_dtype dtype = parts ? CV_F32 : CV_C64;
    if (!(taken >> dtype & 1) || (c->dtypes && !(c->dtypes >> dtype & 1))) return;
    int64_t n = test_variants(c), matrix = n > 1 ? n - 2 : 0; // the last of the edge shapes but one
    for (int as = TEST_REVERSE; as < TEST_FORMS; as++) run_one(&(run){c, dtype, matrix, as, module, {0}});
}

int main(int n, char **names) {
    ir_module *module = ir_module_new();
    module->verify = true;
    for (uint32_t i = 0; i < test_n_cases; i++) {
        bool wanted = n < 2;
        for (int k = 1; k < n; k++) wanted |= !strcmp(names[k], ir_primitives[test_cases[i].primitive].name);
        if (wanted) run_case(module, &test_cases[i]);
    }
    printf("%d programs agree, %d do not, %d are refused\n", passed, failed, refused);
    ir_module_free(module);
    return failed != 0;
}
