// Results do not depend on threads: the same bits with one, two and three, and in whatever order the pieces
// of a kernel run.
//
// Programs: one case of every primitive and shape of the table of primitives (../primitives/table.h), batched
// until its operands are worth sharing out; and programs whose one operation is large, where the batch does
// not lead to what is shared (sums over everything, columns, repeated targets, products). Each runs with one
// thread, several times with two and with three, and by a runtime of this test, which takes the smallest
// pieces that the code allows, last ones first. That one counts kernels that are shared out: a primitive of
// which no case has any fails, unless it has a reason.
//
//     test_threads [primitive ...]

#include <stdio.h>
#include <string.h>

#include "../primitives/table.h"
#include "base/error.h"
#include "base/pool.h"
#include "codegen/compile.h"
#include "runtime/allocator.h"
#include "runtime/execute.h"
#include "runtime/product.h"
#include "transforms/activity.h"

enum { ELEMENTS = 400000, EXAMPLES = 32, REPEATS = 3, MOST_THREADS = 3 };

typedef struct job {
    ir_module *module;
    const test_case *c; // or
    const char *text;
    uint32_t shared; // kernels that were shared out
} job;

// The runtime that takes small pieces backwards.

typedef struct backwards {
    uint32_t shared;
} backwards;

static int32_t run_backwards(const cg_runtime *runtime, cg_kernel_code *code, void *const *buffers, int64_t n,
                             int64_t grain) {
    int64_t pieces = (n + grain - 1) / grain;
    ((backwards *)runtime->state)->shared += pieces > 1;
    for (int64_t i = pieces; i-- > 0;) {
        int32_t status = code(buffers, i * grain, i + 1 < pieces ? (i + 1) * grain : n);
        if (status) return status;
    }
    return 0;
}

static void product(const cg_runtime *runtime, const int64_t *shape, const void *a, const void *b, void *c) {
    (void)runtime;
    rt_product(1, shape, a, b, c);
}

// Operands: those of the table for each of a few examples, over and over.

static bool is_batched(const ir_function *f, uint32_t i, const ir_type *one) { return f->types[i] != one; }

static void draw_batch(const test_instance *t, const ir_function *f, ir_array *in) {
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = test_array(t->arena, f->types[i]);
    ir_array one[TEST_MAX_IN];
    for (uint64_t e = 0; e < EXAMPLES; e++) {
        test_draw_operands(t, e, one);
        for (uint32_t i = 0; i < f->n_params; i++) {
            int64_t size = (int64_t)one[i].type->bytes;
            if (!size) continue;
            int64_t n = is_batched(f, i, one[i].type) ? (int64_t)f->types[i]->bytes / size : 1;
            for (int64_t at = (int64_t)e; at < n; at += EXAMPLES)
                memcpy((char *)in[i].data + at * size, one[i].data, (size_t)size);
        }
    }
}

// Numbers -1 to 1, or indices and lengths 0 to 6.
static void draw_any(const test_instance *t, const ir_function *f, ir_array *in) {
    uint64_t state = 1;
    for (uint32_t i = 0; i < f->n_params; i++) {
        in[i] = test_array(t->arena, f->types[i]);
        for (int64_t e = 0; e < f->types[i]->count; e++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            if (!ir_is_float(f->types[i]->dtype)) test_set_int(&in[i], e, (int64_t)(state >> 40) % 7);
            else test_set_real(&in[i], e, (double)(int32_t)(state >> 32) * 0x1p-31);
        }
    }
}

// The first shape with elements, and the first dtype of those where order could matter most.
static test_instance instance_of(const job *j, base_arena *arena) {
    static const cv_dtype preferred[] = {CV_F32, CV_S32, CV_BOOL, CV_C64};
    uint32_t dtypes = ir_primitives[j->c->primitive].dtypes & ~ir_rules_of(j->c->primitive)->not_yet;
    cv_dtype dtype = CV_BOOL;
    if (j->c->dtypes) dtypes &= j->c->dtypes;
    for (int i = 3; i >= 0; i--)
        if (dtypes >> preferred[i] & 1) dtype = preferred[i];
    return test_instance_new(j->c, dtype, test_variants(j->c) > 1 ? 3 : 0, j->module, arena);
}

static const ir_function *batched(const test_instance *t) {
    int64_t largest = 1;
    bool all[TEST_MAX_IN];
    for (uint32_t i = 0; i < t->f->n_params; i++) {
        all[i] = true;
        if (t->f->types[i]->count > largest) largest = t->f->types[i]->count;
    }
    return xf_batch(t->f, all, NULL, ELEMENTS / largest, NULL).function;
}

// Runs

static void free_program(void *program) { cg_program_free(program); }

static void **new_results(const ir_function *f, base_arena *arena) {
    void **results = base_new_array(arena, void *, f->n_results + 1);
    for (uint32_t r = 0; r < f->n_results; r++) results[r] = test_array(arena, ir_result_type(f, r)).data;
    return results;
}

static void compare(const ir_function *f, void *const *got, void *const *want, const char *how) {
    for (uint32_t r = 0; r < f->n_results; r++)
        if (memcmp(got[r], want[r], ir_result_type(f, r)->bytes))
            base_raise(CV_INTERNAL, "result %u has other bits %s", r, how);
}

static void run_in_pieces(job *j, const cg_program *program, void *const *params, void **results) {
    backwards own = {0};
    cg_runtime runtime = {.parallel = run_backwards, .product = product, .state = &own};
    void *scratch = rt_allocate((size_t)program->arena_bytes + 1);
    base_defer(rt_free, scratch);
    if (program->entry(&runtime, params, results, scratch)) base_raise(CV_INTERNAL, "the program fails");
    j->shared = own.shared;
}

static void check(void *argument) {
    job *j = argument;
    base_arena *arena = xf_scratch();
    test_instance t = {.module = j->module, .arena = arena};
    if (j->c) t = instance_of(j, arena);
    const ir_function *f = j->c ? batched(&t) : ir_parse(j->module, "test", j->text);
    ir_array *in = base_new_array(arena, ir_array, f->n_params + 1);
    void **params = base_new_array(arena, void *, f->n_params + 1), **want = new_results(f, arena),
         **got = new_results(f, arena);
    if (j->c) draw_batch(&t, f, in);
    else draw_any(&t, f, in);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = in[i].data;
    const cg_program *program = cg_compile(f, &(cg_options){.verify = true});
    base_defer(free_program, (void *)(uintptr_t)program);
    rt_run(program, 1, params, want);
    for (int threads = 2; threads <= MOST_THREADS; threads++)
        for (int i = 0; i < REPEATS; i++) {
            rt_run(program, threads, params, got);
            compare(f, got, want, threads == 2 ? "with two threads" : "with three threads");
        }
    run_in_pieces(j, program, params, got);
    compare(f, got, want, "in pieces, last ones first");
}

#define DOT "lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]"
#define SCATTER                                                                                              \
    "update_window_dims=[1], inserted_window_dims=[0], scatter_dims_to_operand_dims=[0], "                   \
    "operand_batching_dims=[], scatter_indices_batching_dims=[], mode=fill_or_drop"
static const char *const programs[] = {
    "func @iota() -> (s32[700,900]) {\n  %1 = iota {dtype=s32, shape=[700,900], axis=1} : s32[700,900]\n"
    "  return %1\n}\n",
    "func @constant() -> (f32[700,900]) {\n  %1 = constant {value=3} : f32[700,900]\n  return %1\n}\n",
    "func @sums(%x: f32[900,1100]) -> (f32[], f32[900], f32[1100]) {\n"
    "  %1 = reduce_sum %x {axes=[0,1]} : f32[]\n  %2 = reduce_sum %x {axes=[1]} : f32[900]\n"
    "  %3 = reduce_sum %x {axes=[0]} : f32[1100]\n  return %1, %2, %3\n}\n",
    "func @sum_f64(%x: f64[1000003]) -> (f64[]) {\n  %1 = reduce_sum %x {axes=[0]} : f64[]\n  return %1\n}\n",
    "func @extremes(%x: f32[1000003]) -> (f32[], f32[], s32[], s32[]) {\n"
    "  %1 = reduce_max %x {axes=[0]} : f32[]\n  %2 = reduce_min %x {axes=[0]} : f32[]\n"
    "  %3 = argmax %x {axis=0, dtype=s32} : s32[]\n  %4 = argmin %x {axis=0, dtype=s32} : s32[]\n"
    "  return %1, %2, %3, %4\n}\n",
    "func @few_columns(%x: f32[100000,7]) -> (f32[7], s32[7]) {\n"
    "  %1 = reduce_sum %x {axes=[0]} : f32[7]\n  %2 = argmax %x {axis=0, dtype=s32} : s32[7]\n"
    "  return %1, %2\n}\n",
    "func @inner(%x: f32[500000], %y: f32[500000]) -> (f32[]) {\n"
    "  %1 = dot_general %x, %y {lhs_contract=[0], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[]\n"
    "  return %1\n}\n",
    "func @product(%x: f32[300,400], %y: f32[400,350]) -> (f32[300,350]) {\n"
    "  %1 = dot_general %x, %y {" DOT "} : f32[300,350]\n  %2 = tanh %1 : f32[300,350]\n  return %2\n}\n",
    "func @product_f64(%x: f64[200,1500], %y: f64[1500,30]) -> (f64[200,30]) {\n"
    "  %1 = dot_general %x, %y {" DOT "} : f64[200,30]\n  return %1\n}\n",
    "func @vector(%x: f32[700,900], %y: f32[900]) -> (f32[700]) {\n"
    "  %1 = dot_general %x, %y {" DOT "} : f32[700]\n  return %1\n}\n",
    // targets that repeat: all updates meet in seven rows
    "func @scatter(%x: f32[50,64], %i: s32[20000,1], %u: f32[20000,64]) -> (f32[50,64], f32[50,64]) {\n"
    "  %1 = scatter_add %x, %i, %u {" SCATTER "} : f32[50,64]\n"
    "  %2 = scatter %x, %i, %u {" SCATTER "} : f32[50,64]\n  return %1, %2\n}\n",
    "func @update(%x: f32[900,1100], %u: f32[800,1000], %i: s32[]) -> (f32[900,1100]) {\n"
    "  %1 = dynamic_update_slice %x, %u, %i, %i : f32[900,1100]\n  return %1\n}\n",
    "func @softmax(%x: f32[3000,100]) -> (f32[3000,100]) {\n"
    "  %1 = reduce_max %x {axes=[1]} : f32[3000]\n"
    "  %2 = broadcast_in_dim %1 {shape=[3000,100], dims=[0]} : f32[3000,100]\n"
    "  %3 = sub %x, %2 : f32[3000,100]\n  %4 = exp %3 : f32[3000,100]\n"
    "  %5 = reduce_sum %4 {axes=[1]} : f32[3000]\n"
    "  %6 = broadcast_in_dim %5 {shape=[3000,100], dims=[0]} : f32[3000,100]\n"
    "  %7 = div %4, %6 : f32[3000,100]\n  return %7\n}\n",
    "func @step(%h: f32[60000], %u: f32[60000]) -> (f32[60000], f32[]) {\n"
    "  %1 = mul %h, %u : f32[60000]\n  %2 = sin %1 : f32[60000]\n  %3 = reduce_sum %2 {axes=[0]} : f32[]\n"
    "  return %2, %3\n}\n"
    "func @large_scan(%h: f32[60000], %u: f32[9,60000]) -> (f32[60000], f32[9]) {\n"
    "  %1, %2 = scan %h, %u {body=@step, constants=0, carries=1, length=9, reverse=false} "
    ": f32[60000], f32[9]\n  return %1, %2\n}\n",
};

// What is never shared out, and why.
static const char *alone_because(ir_primitive p) {
    if (!ir_primitives[p].n_in) return "no operands to batch: large ones are among the programs";
    if (!strncmp(ir_primitives[p].name, "scatter", 7))
        return "updates may meet: they are made one after another";
    if (p == IR_dynamic_update_slice) return "batched it is a scatter: a large one is among the programs";
    if (p == IR_stop_gradient) return "nothing is left of it when programs are compiled";
    return NULL;
}

static int failures;
static uint32_t n_runs, n_shared;

static bool passes(job *j, const char *name, const char *what) {
    base_failure failure;
    cv_status status = base_protect(check, j, &failure);
    n_runs++;
    n_shared += j->shared > 0;
    if (status) {
        failures++;
        printf("FAILED %s %s: %s\n", name, what, failure.message);
    }
    fflush(stdout);
    return !status;
}

static void run_table(ir_module *module, ir_primitive p) {
    uint32_t shared = 0;
    for (uint32_t i = 0; i < test_n_cases; i++) {
        job j = {.module = module, .c = &test_cases[i]};
        if (j.c->primitive != p || !j.c->n_in) continue;
        if (passes(&j, ir_primitives[p].name, j.c->name)) shared += j.shared;
    }
    if (shared || alone_because(p)) return;
    failures++;
    printf("FAILED %s: no case has a kernel that is shared out\n", ir_primitives[p].name);
}

int main(int n, char **names) {
    ir_module *module = ir_module_new();
    module->verify = true;
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++) {
        bool wanted = n < 2;
        for (int i = 1; i < n; i++) wanted |= !strcmp(names[i], ir_primitives[p].name);
        if (wanted) run_table(module, p);
    }
    for (size_t i = 0; n < 2 && i < sizeof programs / sizeof *programs; i++) {
        job j = {.module = module, .text = programs[i]};
        passes(&j, "", programs[i]);
    }
    ir_module_free(module);
    base_pool_stop();
    rt_trim();
    printf("threads: %u programs, %u of them with kernels that are shared out, %d failed\n", n_runs, n_shared,
           failures);
    return failures != 0;
}
