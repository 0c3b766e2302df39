// Machine code against the reference interpreter: every golden program, and programs of all kinds and sizes, their
// derivatives and batches. (Random programs have a test of their own, tests/random.) Each result ends at a page
// without access; each program runs with one thread and with two, which must give the same bits. With
// COVECTOR_SHOW in the environment what is compared is printed.

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../random/random.h"
#include "program_runs.h"
#include "base/pool.h"
#include "codegen/compile.h"
#include "runtime/allocator.h"
#include "runtime/execute.h"

typedef struct job {
    ir_module *module;
    uint64_t seed;
    const char *path, *text; // one of them
    const char *what;        // transform: "", "vjp", "batch"
    bool check_indices;
} job;

static const ir_function *program_of(const job *j, base_arena *arena) {
    if (j->text) return ir_parse(j->module, "test", j->text);
    return read_program(j->module, j->path, arena);
}

static void free_program(void *program) { cg_program_free(program); }

static void show(const job *j, const ir_function *f, const cg_options *options) {
    base_text text = {.arena = xf_scratch()};
    ir_print(&text, xf_simplify(f));
    cg_print(&text, f, CG_FORM_KERNELS, options);
    cg_print(&text, f, CG_FORM_PLAN, options);
    if (getenv("COVECTOR_SHOW")[0] == '2') cg_print(&text, f, CG_FORM_LLVM, options);
    printf("%s %s\n%s\n", j->path ? j->path : "", j->what, base_text_get(&text));
    fflush(stdout);
}

static void check(void *argument) {
    job *j = argument;
    base_arena *arena = xf_scratch();
    uint64_t state = j->seed;
    const ir_function *f = transformed(j->what, j->seed, program_of(j, arena), arena);
    cg_options options = {.verify = true, .check_indices = j->check_indices};
    if (getenv("COVECTOR_SHOW")) show(j, f, &options);
    const cg_program *program = cg_compile(f, &options);
    base_defer(free_program, (void *)(uintptr_t)program);
    ir_array *in = base_new_array(arena, ir_array, f->n_params + 1), *want = base_new_array(arena, ir_array, f->n_results + 1);
    void **params = base_new_array(arena, void *, f->n_params + 1), **results[2];
    for (uint32_t i = 0; i < f->n_params; i++) {
        in[i] = (ir_array){f->types[i], params[i] = allocate_guarded(arena, f->types[i]->bytes)};
        rp_fill(&in[i], &state);
    }
    for (uint32_t i = 0; i < f->n_results; i++)
        want[i] = (ir_array){ir_result_type(f, i), allocate_guarded(arena, ir_result_type(f, i)->bytes)};
    ir_interpret(f, in, want);
    for (int threads = 1; threads <= 2; threads++) {
        void **out = results[threads - 1] = base_new_array(arena, void *, f->n_results + 1);
        for (uint32_t i = 0; i < f->n_results; i++) out[i] = allocate_guarded(arena, want[i].type->bytes);
        rt_run(program, threads, params, out);
    }
    double tolerance = tolerance_of(f, arena);
    for (uint32_t i = 0; i < f->n_results; i++) {
        compare(results[0][i], &want[i], i, tolerance);
        if (memcmp(results[0][i], results[1][i], want[i].type->bytes))
            base_raise(CV_INTERNAL, "result %u has other bits with two threads", i);
    }
}

static int failures, passed, skipped;

static void run(job *j) {
    base_failure failure;
    cv_status status = base_protect(check, j, &failure);
    if (status == CV_OK) passed++;
    else if (status == CV_UNSUPPORTED || (j->path && status == CV_INVALID)) skipped++; // refused transforms, error goldens
    else {
        failures++;
        printf("FAILED %s %llu %s: %s\n", j->path ? j->path : j->text, (unsigned long long)j->seed, j->what,
               failure.message);
    }
    fflush(stdout);
}

static void run_goldens(ir_module *module, const char *source) {
    static const char *const folders[] = {"roundtrip", "simplify", "inline", "jvp", "vjp", "grad", "batch", "vmap", "linearize"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char folder[512], path[800];
        snprintf(folder, sizeof folder, "%s/tests/ir/%s", source, folders[i]);
        DIR *directory = opendir(folder);
        if (!directory) continue;
        for (struct dirent *entry; (entry = readdir(directory));) {
            if (!strstr(entry->d_name, ".ir") || strstr(entry->d_name, "error")) continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            run(&(job){.module = module, .seed = 7, .path = path, .what = ""});
        }
        closedir(directory);
    }
}

// Sizes that vectors do not divide, that threads share, that are nothing.
static const char *const programs[] = {
    // a chain with a broadcast and a reduction
    "func @chain(%x: f32[1000,77], %b: f32[77]) -> (f32[1000]) {\n"
    "  %1 = broadcast_in_dim %b {shape=[1000,77], dims=[1]} : f32[1000,77]\n"
    "  %2 = add %x, %1 : f32[1000,77]\n  %3 = mul %2, %2 : f32[1000,77]\n  %4 = tanh %3 : f32[1000,77]\n"
    "  %5 = reduce_sum %4 {axes=[1]} : f32[1000]\n  return %5\n}\n",
    // softmax over rows
    "func @softmax(%x: f32[513,100]) -> (f32[513,100]) {\n"
    "  %1 = reduce_max %x {axes=[1]} : f32[513]\n  %2 = broadcast_in_dim %1 {shape=[513,100], dims=[0]} : f32[513,100]\n"
    "  %3 = sub %x, %2 : f32[513,100]\n  %4 = exp %3 : f32[513,100]\n  %5 = reduce_sum %4 {axes=[1]} : f32[513]\n"
    "  %6 = broadcast_in_dim %5 {shape=[513,100], dims=[0]} : f32[513,100]\n  %7 = div %4, %6 : f32[513,100]\n  return %7\n}\n",
    // so many rows that they run in tiles, each beginning inside the one before
    "func @softmax_tiles(%x: f32[576,130]) -> (f32[576,130]) {\n"
    "  %1 = reduce_max %x {axes=[1]} : f32[576]\n  %2 = broadcast_in_dim %1 {shape=[576,130], dims=[0]} : f32[576,130]\n"
    "  %3 = sub %x, %2 : f32[576,130]\n  %4 = exp %3 : f32[576,130]\n  %5 = reduce_sum %4 {axes=[1]} : f32[576]\n"
    "  %6 = broadcast_in_dim %5 {shape=[576,130], dims=[0]} : f32[576,130]\n  %7 = div %4, %6 : f32[576,130]\n  return %7\n}\n",
    // reductions over every axis, few to many and many to few
    "func @reductions(%x: f32[33,5,129]) -> (f32[5,129], f32[33,129], f32[33,5], f32[], f32[33], f32[129]) {\n"
    "  %1 = reduce_sum %x {axes=[0]} : f32[5,129]\n  %2 = reduce_max %x {axes=[1]} : f32[33,129]\n"
    "  %3 = reduce_min %x {axes=[2]} : f32[33,5]\n  %4 = reduce_sum %x {axes=[0,1,2]} : f32[]\n"
    "  %5 = reduce_sum %x {axes=[1,2]} : f32[33]\n  %6 = reduce_max %x {axes=[0,1]} : f32[129]\n"
    "  return %1, %2, %3, %4, %5, %6\n}\n",
    "func @large_sum(%x: f32[100003]) -> (f32[], f32[], s32[]) {\n"
    "  %1 = reduce_sum %x {axes=[0]} : f32[]\n  %2 = mul %x, %x : f32[100003]\n  %3 = reduce_max %2 {axes=[0]} : f32[]\n"
    "  %4 = argmax %x {axis=0, dtype=s32} : s32[]\n  return %1, %3, %4\n}\n",
    "func @nothing(%x: f32[0,5], %y: f32[5,0]) -> (f32[5], f32[0,5], f32[5,5]) {\n"
    "  %1 = reduce_sum %x {axes=[0]} : f32[5]\n  %2 = exp %x : f32[0,5]\n"
    "  %3 = dot_general %y, %x {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[5,5]\n"
    "  return %1, %2, %3\n}\n",
    // products: generated, by the library, transposed, batched, with what surrounds them
    "func @dots(%x: f32[7,9], %y: f32[9,4], %a: f32[65,80], %b: f32[80,70], %c: f32[90,80]) -> (f32[7,4], f32[65,70], f32[65,90]) {\n"
    "  %1 = dot_general %x, %y {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[7,4]\n"
    "  %2 = dot_general %a, %b {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[65,70]\n"
    "  %3 = tanh %2 : f32[65,70]\n"
    "  %4 = dot_general %a, %c {lhs_contract=[1], rhs_contract=[1], lhs_batch=[], rhs_batch=[]} : f32[65,90]\n"
    "  return %1, %3, %4\n}\n",
    "func @batched(%x: f64[3,40,50], %y: f64[3,50,60]) -> (f64[3,40,60]) {\n"
    "  %1 = dot_general %x, %y {lhs_contract=[2], rhs_contract=[1], lhs_batch=[0], rhs_batch=[0]} : f64[3,40,60]\n"
    "  return %1\n}\n",
    "func @large_product(%x: f32[300,400], %y: f32[400,350]) -> (f32[300,350]) {\n"
    "  %1 = dot_general %x, %y {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[300,350]\n  return %1\n}\n",
    // scans: small, over rows, with stacked results, backwards
    "func @step(%k: f32[], %x: f32[], %u: f32[]) -> (f32[], f32[]) {\n"
    "  %1 = mul %k, %x : f32[]\n  %2 = add %1, %u : f32[]\n  %3 = tanh %2 : f32[]\n  return %3, %2\n}\n"
    "func @small_scan(%k: f32[], %x: f32[], %u: f32[1000]) -> (f32[], f32[1000]) {\n"
    "  %1, %2 = scan %k, %x, %u {body=@step, constants=1, carries=1, length=1000, reverse=false} : f32[], f32[1000]\n"
    "  return %1, %2\n}\n",
    "func @step(%w: f32[50,50], %h: f32[50], %u: f32[50]) -> (f32[50], f32[50]) {\n"
    "  %0 = constant {value=0.01} : f32[50,50]\n  %7 = mul %0, %w : f32[50,50]\n"
    "  %1 = dot_general %7, %h {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f32[50]\n"
    "  %2 = add %1, %u : f32[50]\n  %3 = tanh %2 : f32[50]\n  %4 = mul %3, %3 : f32[50]\n  return %3, %4\n}\n"
    "func @large_scan(%w: f32[50,50], %h: f32[50], %u: f32[30,50]) -> (f32[50], f32[30,50]) {\n"
    "  %1, %2 = scan %w, %h, %u {body=@step, constants=1, carries=1, length=30, reverse=true} : f32[50], f32[30,50]\n"
    "  return %1, %2\n}\n",
    // carries that change places
    "func @step(%a: f32[40], %b: f32[40], %c: f32[40]) -> (f32[40], f32[40], f32[40]) {\n"
    "  %1 = add %a, %b : f32[40]\n  return %b, %c, %1\n}\n"
    "func @ring(%a: f32[40], %b: f32[40], %c: f32[40]) -> (f32[40], f32[40], f32[40]) {\n"
    "  %1, %2, %3 = scan %a, %b, %c {body=@step, constants=0, carries=3, length=7, reverse=false} : f32[40], f32[40], f32[40]\n"
    "  return %1, %2, %3\n}\n",
    // a row at a time, in place
    "func @step(%m: f32[60,70], %i: s32[]) -> (f32[60,70], s32[]) {\n"
    "  %0 = constant {value=0} : s32[]\n  %1 = dynamic_slice %m, %i, %0 {sizes=[1,70]} : f32[1,70]\n"
    "  %2 = sin %1 : f32[1,70]\n  %3 = dynamic_update_slice %m, %2, %i, %0 : f32[60,70]\n"
    "  %4 = constant {value=1} : s32[]\n  %5 = add %i, %4 : s32[]\n  return %3, %5\n}\n"
    "func @rows(%m: f32[60,70]) -> (f32[60,70]) {\n"
    "  %0 = constant {value=0} : s32[]\n"
    "  %1, %2 = scan %m, %0 {body=@step, constants=0, carries=2, length=60, reverse=false} : f32[60,70], s32[]\n"
    "  return %1\n}\n",
    // while and cond
    "func @wants(%n: s32[], %i: s32[], %x: f32[300]) -> (bool[]) {\n  %1 = lt %i, %n : bool[]\n  return %1\n}\n"
    "func @body(%i: s32[], %x: f32[300]) -> (s32[], f32[300]) {\n"
    "  %1 = constant {value=1} : s32[]\n  %2 = add %i, %1 : s32[]\n  %3 = cos %x : f32[300]\n  return %2, %3\n}\n"
    "func @loop(%x: f32[300]) -> (s32[], f32[300]) {\n"
    "  %n = constant {value=17} : s32[]\n  %0 = constant {value=0} : s32[]\n"
    "  %1, %2 = while %n, %0, %x {cond=@wants, body=@body, cond_constants=1, body_constants=0} : s32[], f32[300]\n"
    "  return %1, %2\n}\n",
    "func @one(%x: f32[200]) -> (f32[200]) {\n  %1 = exp %x : f32[200]\n  return %1\n}\n"
    "func @two(%x: f32[200]) -> (f32[200]) {\n  return %x\n}\n"
    "func @three(%x: f32[200]) -> (f32[200]) {\n  %1 = rev %x {axes=[0]} : f32[200]\n  return %1\n}\n"
    "func @choose(%i: s32[], %x: f32[200], %p: bool[]) -> (f32[200], f32[200]) {\n"
    "  %1 = cond %i, %x {branches=[@one, @two, @three]} : f32[200]\n  %2 = cond %p, %1 {branches=[@two, @one]} : f32[200]\n"
    "  return %1, %2\n}\n",
    // scatter and gather
    "func @scatter(%x: f32[50,8], %i: s32[200,1], %u: f32[200,8]) -> (f32[50,8], f32[200,8]) {\n"
    "  %1 = scatter_add %x, %i, %u {update_window_dims=[1], inserted_window_dims=[0], scatter_dims_to_operand_dims=[0], "
    "operand_batching_dims=[], scatter_indices_batching_dims=[], mode=fill_or_drop} : f32[50,8]\n"
    "  %2 = gather %x, %i {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], operand_batching_dims=[], "
    "start_indices_batching_dims=[], slice_sizes=[1,8], mode=clip} : f32[200,8]\n  return %1, %2\n}\n",
    // one value twice, a parameter as it is, a constant
    "func @results(%x: f32[3]) -> (f32[3], f32[3], f32[3], f32[2]) {\n"
    "  %1 = neg %x : f32[3]\n  %2 = constant {value=[1, 2]} : f32[2]\n  return %1, %1, %x, %2\n}\n",
    // complex numbers: a product with an epilogue; a chain that many threads share
    "func @complex_product(%x: c64[40,70], %w: c64[70,50], %b: c64[50]) -> (f32[40,50], c64[40,50]) {\n"
    "  %1 = dot_general %x, %w {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : c64[40,50]\n"
    "  %2 = broadcast_in_dim %b {shape=[40,50], dims=[1]} : c64[40,50]\n  %3 = add %1, %2 : c64[40,50]\n"
    "  %4 = abs %3 : f32[40,50]\n  return %4, %3\n}\n",
    "func @complex_chain(%x: c128[900,77], %y: c128[77]) -> (c128[900], f64[900,77]) {\n"
    "  %1 = broadcast_in_dim %y {shape=[900,77], dims=[1]} : c128[900,77]\n  %2 = mul %x, %1 : c128[900,77]\n"
    "  %3 = exp %2 : c128[900,77]\n  %4 = div %x, %3 : c128[900,77]\n"
    "  %5 = reduce_sum %4 {axes=[1]} : c128[900]\n  %6 = imag %4 : f64[900,77]\n  return %5, %6\n}\n",
    // a while loop in a branch in a scan, with complex carries, constants and inputs
    "func @wants(%i: s32[], %z: c64[30]) -> (bool[]) {\n"
    "  %1 = constant {value=3} : s32[]\n  %2 = lt %i, %1 : bool[]\n  return %2\n}\n"
    "func @square(%c: c64[30], %i: s32[], %z: c64[30]) -> (s32[], c64[30]) {\n"
    "  %1 = constant {value=1} : s32[]\n  %2 = add %i, %1 : s32[]\n  %3 = tanh %z : c64[30]\n"
    "  %4 = mul %3, %c : c64[30]\n  return %2, %4\n}\n"
    "func @inner(%z: c64[30], %c: c64[30]) -> (c64[30], s32[]) {\n  %0 = constant {value=0} : s32[]\n"
    "  %1, %2 = while %c, %0, %z {cond=@wants, body=@square, cond_constants=0, body_constants=1} : s32[], c64[30]\n"
    "  return %2, %1\n}\n"
    "func @outer(%z: c64[30], %c: c64[30]) -> (c64[30], s32[]) {\n  %0 = constant {value=7} : s32[]\n"
    "  %1 = conj %z : c64[30]\n  return %1, %0\n}\n"
    "func @complex_step(%c: c64[30], %n: s32[], %z: c64[30], %r: f32[], %x: c64[30], %p: bool[]) "
    "-> (s32[], c64[30], f32[], c64[30], f32[]) {\n"
    "  %1, %2 = cond %p, %z, %c {branches=[@inner, @outer]} : c64[30], s32[]\n  %3 = add %1, %x : c64[30]\n"
    "  %4 = abs %3 : f32[30]\n  %5 = reduce_sum %4 {axes=[0]} : f32[]\n  %6 = add %n, %2 : s32[]\n"
    "  return %6, %3, %5, %1, %r\n}\n"
    "func @complex_flow(%c: c64[30], %n: s32[], %z: c64[30], %r: f32[], %x: c64[6,30], %p: bool[6]) "
    "-> (s32[], c64[30], f32[], c64[6,30], f32[6]) {\n"
    "  %1, %2, %3, %4, %5 = scan %c, %n, %z, %r, %x, %p {body=@complex_step, constants=1, carries=3, length=6, "
    "reverse=true} : s32[], c64[30], f32[], c64[6,30], f32[6]\n  return %1, %2, %3, %4, %5\n}\n",
};

static void run_programs(ir_module *module) {
    static const char *const transforms[] = {"", "vjp", "batch"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        for (int t = 0; t < 3; t++)
            for (int check_indices = 0; check_indices < 2; check_indices++)
                run(&(job){.module = module, .seed = 3 + i, .text = programs[i], .what = transforms[t],
                           .check_indices = check_indices});
}

int main(void) {
    const char *source = getenv("COVECTOR_SOURCE");
    ir_module *module = ir_module_new();
    module->verify = true;
    run_programs(module);
    if (source) run_goldens(module, source);
    ir_module_free(module);
    base_pool_stop();
    rt_trim();
    printf("programs: %d agree with the interpreter, %d skipped, %d failed\n", passed, skipped, failures);
    return failures != 0;
}
