// The driver: runs the table of cases (table.h) and counts cells.
//
//     test_table [primitive ...]     only these, and no complaint about the others
//
// Prints what fails, at the end a line for each rule, and fails if a check failed or a cell is
// empty. The reasons why a cell may have no test are derived in none_because.

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "table.h"

static const char *const rule_names[TEST_RULES] = {"evaluate", "jvp", "vjp", "vmap", "compiled"};

static void (*const checks[TEST_RULES])(const test_instance *) = {
    test_check_evaluate,
    test_check_jvp,
    test_check_vjp,
    test_check_vmap,
    test_check_compiled,
};

// Why a primitive needs no test for a dtype and a rule, or NULL.
static const char *none_because(ir_primitive p, cv_dtype dtype, test_rule rule) {
    const ir_rules *rules = ir_rules_of(p);
    if (rule == TEST_EVALUATE || rule == TEST_COMPILED) return NULL;
    if (ir_primitives[p].n_in == 0) return "no operands";
    if (rule == TEST_VMAP) return rules->batch ? NULL : rules->no_batch;
    if (!ir_is_differentiable(dtype)) return "not differentiable";
    if (!rules->jvp) return rules->no_jvp;
    bool loop = ir_primitives[p].traits & IR_CONTROL;
    return rule == TEST_VJP && loop && !rules->transpose ? rules->no_transpose : NULL;
}

static struct cell {
    uint32_t tested, failed, refused;
} cells[IR_PRIMITIVE_COUNT][CV_DTYPE_COUNT][TEST_RULES];

typedef struct run {
    const test_case *c;
    cv_dtype dtype;
    int64_t variant;
    test_rule rule;
    ir_module *module;
    base_arena arena;
} run;

static void run_check(void *argument) {
    run *r = argument;
    test_instance t = test_instance_new(r->c, r->dtype, r->variant, r->module, &r->arena);
    checks[r->rule](&t);
}

// Of these the interpreter takes what machine code does not.
static bool may_be_refused(const run *r) {
    bool has_code = !ir_is_differentiable(r->dtype) || r->dtype == CV_F32 || r->dtype == CV_F64;
    return r->rule == TEST_COMPILED && !has_code;
}

static void check(run *r) {
    struct cell *cell = &cells[r->c->primitive][r->dtype][r->rule];
    base_failure failure;
    cv_status status = base_protect(run_check, r, &failure);
    if (status == CV_UNSUPPORTED && may_be_refused(r)) {
        cell->refused++;
    } else if (status) {
        cell->failed++;
        printf("FAILED %s (%s, %s, shape %lld) %s: %s\n", ir_primitives[r->c->primitive].name, r->c->name,
               cv_dtype_name(r->dtype), (long long)r->variant, rule_names[r->rule], failure.message);
    } else {
        cell->tested++;
    }
    base_arena_free(&r->arena);
}

static uint32_t dtypes_of(ir_primitive p) { return ir_primitives[p].dtypes & ~ir_rules_of(p)->not_yet; }

static void run_case(ir_module *module, const test_case *c) {
    for (int dtype = 0; dtype < CV_DTYPE_COUNT; dtype++) {
        if (!(dtypes_of(c->primitive) >> dtype & 1)) continue;
        if (c->dtypes && !(c->dtypes >> dtype & 1)) continue;
        for (int64_t variant = 0; variant < test_variants(c); variant++)
            for (int rule = 0; rule < TEST_RULES; rule++) {
                if (c->skip >> rule & 1 || none_because(c->primitive, dtype, rule)) continue;
                check(&(run){c, dtype, variant, rule, module, {0}});
            }
    }
}

// Returns how many cells of a rule are empty or failed. Reasons are counted by their text.
static int report(test_rule rule, const bool *wanted) {
    enum { REASONS = 32 };
    struct {
        const char *why;
        int n;
    } reasons[REASONS] = {{NULL, 0}};
    int tested = 0, failed = 0, empty = 0;
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++)
        for (int dtype = 0; wanted[p] && dtype < CV_DTYPE_COUNT; dtype++) {
            if (!(dtypes_of(p) >> dtype & 1)) continue;
            const struct cell *cell = &cells[p][dtype][rule];
            const char *why = none_because(p, dtype, rule);
            if (cell->refused && !cell->tested) why = "interpreted: there is no machine code for the dtype";
            int k = 0;
            while (why && k < REASONS - 1 && reasons[k].why && strcmp(reasons[k].why, why)) k++;
            if (why) {
                reasons[k].why = why;
                reasons[k].n++;
            } else if (cell->failed) {
                failed++;
            } else if (cell->tested) {
                tested++;
            } else {
                empty++;
                printf("EMPTY %s (%s) %s\n", ir_primitives[p].name, cv_dtype_name(dtype), rule_names[rule]);
            }
        }
    printf("%s: %d cells tested, %d failed, %d empty", rule_names[rule], tested, failed, empty);
    for (int k = 0; k < REASONS && reasons[k].why; k++)
        printf("%s %d none (%s)", k ? "," : ";", reasons[k].n, reasons[k].why);
    printf("\n");
    return failed + empty;
}

int main(int n, char **names) {
    bool wanted[IR_PRIMITIVE_COUNT];
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++) {
        wanted[p] = n < 2;
        for (int i = 1; i < n; i++) wanted[p] |= !strcmp(names[i], ir_primitives[p].name);
    }
    ir_module *module = ir_module_new();
    module->verify = true;
    for (uint32_t i = 0; i < test_n_cases; i++)
        if (wanted[test_cases[i].primitive]) run_case(module, &test_cases[i]);
    int bad = 0;
    for (int rule = 0; rule < TEST_RULES; rule++) bad += report(rule, wanted);
    ir_module_free(module);
    return bad != 0;
}
