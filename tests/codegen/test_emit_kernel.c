// Machine code of hand-built kernels against kernel_evaluate: at sizes around the widths of vectors, in
// pieces, on buffers that lie between pages without access, with and without index checks.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <llvm-c/Analysis.h>

#include "kernel_runs.h"

static const int64_t sizes[] = {0, 1, 2, 7, 8, 15, 31, 32, 33, 40, 100, 1000};
enum { N_SIZES = sizeof sizes / sizeof *sizes, MAX_BUFFERS = 16 };

static cg_target *target;
static base_arena arena;

// Shorthand for building.
static cg_kernel *k;
static cg_expr idx(uint32_t loop) { return cg_index(k, loop); }
static cg_expr real(float value) { return cg_constant(k, CV_F32, &(union ir_scalar){.f32 = value}); }
static cg_expr op2(ir_primitive p, cg_expr x, cg_expr y) { return cg_apply2(k, p, x, y); }
static cg_expr op1(ir_primitive p, cg_expr x) { return cg_apply(k, p, cg_node_of(k, x)->dtype, &x, 1); }
static cg_expr convert(cg_expr x, cv_dtype dtype) { return cg_apply(k, IR_convert, dtype, &x, 1); }
static cg_expr choose(cg_expr p, cg_expr x, cg_expr y) {
    return cg_apply(k, IR_select, cg_node_of(k, x)->dtype, (cg_expr[]){p, x, y}, 3);
}
static cg_expr row_major(cg_expr i, int64_t stride, cg_expr j) {
    return cg_add(k, cg_scale(k, i, stride), j);
}
static uint32_t grid(int64_t extent) {
    uint32_t loop = cg_add_loop(k, extent, CG_ABSENT);
    base_push(&arena, &k->grid, loop);
    return loop;
}
static void to(cg_block *block, cg_statement *s) { base_push(&arena, block, s); }
static cg_block *loop_in(cg_block *block, int64_t extent, cg_expr limit, uint32_t *loop) {
    *loop = cg_add_loop(k, extent, limit);
    cg_statement *s = cg_for(k, *loop);
    to(block, s);
    return &s->body;
}
static uint32_t in(cv_dtype dtype, int64_t count) { return cg_add_buffer(k, dtype, count, CG_READ); }
static uint32_t out(cv_dtype dtype, int64_t count) { return cg_add_buffer(k, dtype, count, CG_WRITE); }

// Comparison

static uint64_t state = 1;
static uint32_t random_bits(void) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33);
}

static void fill(cv_dtype dtype, void *to_fill, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        union ir_scalar value;
        int x = (int)(random_bits() % 2001) - 1000;
        if (dtype == CV_BOOL)
            value.boolean = x & 1;
        else
            ir_scalar_from_double(&value, dtype, ir_is_float(dtype) ? x / 250.0 : x % 50);
        memcpy((char *)to_fill + (size_t)i * cv_dtype_size(dtype), &value, cv_dtype_size(dtype));
    }
}

static bool is_close(cv_dtype dtype, const char *x, const char *y, double tolerance) {
    size_t size = cv_dtype_size(dtype);
    if (!memcmp(x, y, size)) return true;
    if (!ir_is_float(dtype)) return false;
    union ir_scalar a, b;
    memcpy(&a, x, size);
    memcpy(&b, y, size);
    double p = ir_scalar_to_double(&a, dtype), q = ir_scalar_to_double(&b, dtype);
    return (isnan(p) && isnan(q)) || p == q || fabs(p - q) <= tolerance * fmax(fabs(p), fmax(fabs(q), 1));
}

typedef struct run {
    guarded memory[MAX_BUFFERS];
    void *buffers[MAX_BUFFERS];
} run;

static void start_run(run *r, const cg_kernel *of, char *const *initial, bool low, bool aligned) {
    for (uint32_t i = 0; i < of->buffers.n; i++) {
        r->memory[i] = new_guarded((size_t)of->buffers.at[i].count * cv_dtype_size(of->buffers.at[i].dtype),
                                   low, aligned ? 64 : 1);
        r->buffers[i] = r->memory[i].at;
        memcpy(r->buffers[i], initial[i], r->memory[i].size);
    }
}

static void end_run(run *r, const cg_kernel *of) {
    for (uint32_t i = 0; i < of->buffers.n; i++) free_guarded(&r->memory[i]);
}

static void print_code(const kernel_code *c, const cg_kernel *of) {
    base_text text = {.arena = &arena};
    cg_kernel_print(&text, of);
    char *llvm = LLVMPrintModuleToString(c->module);
    fprintf(stderr, "%s\n%s\n", base_text_get(&text), llvm);
    LLVMDisposeMessage(llvm);
}

static void compare(const kernel_code *c, const cg_kernel *of, const run *got, const run *wanted,
                    double tolerance, const char *what) {
    for (uint32_t b = 0; b < of->buffers.n; b++) {
        cv_dtype dtype = of->buffers.at[b].dtype;
        for (int64_t i = 0; i < of->buffers.at[b].count; i++) {
            const char *x = (char *)got->buffers[b] + (size_t)i * cv_dtype_size(dtype);
            const char *y = (char *)wanted->buffers[b] + (size_t)i * cv_dtype_size(dtype);
            if (is_close(dtype, x, y, tolerance)) continue;
            base_text text = {.arena = &arena};
            union ir_scalar u = {0}, v = {0};
            memcpy(&u, x, cv_dtype_size(dtype));
            memcpy(&v, y, cv_dtype_size(dtype));
            ir_scalar_print(&text, &u, dtype);
            base_text_add(&text, ", not ");
            ir_scalar_print(&text, &v, dtype);
            print_code(c, of);
            base_raise(CV_INTERNAL, "%s: b%u[%ld] is %s (%s)", of->name, b, (long)i, base_text_get(&text),
                       what);
        }
    }
}

// Evaluates the kernel, then schedules and compiles it and runs it in several ways.
static void check_with(cg_emit_options options, cg_schedule_options schedule, double tolerance) {
    char *initial[MAX_BUFFERS];
    run wanted, whole;
    k->verify = true;
    cg_kernel_finish(k);
    for (uint32_t i = 0; i < k->buffers.n; i++) {
        size_t size = (size_t)k->buffers.at[i].count * cv_dtype_size(k->buffers.at[i].dtype);
        initial[i] = base_arena_zeroed(&arena, size + 1);
        fill(k->buffers.at[i].dtype, initial[i], k->buffers.at[i].count);
    }
    start_run(&wanted, k, initial, false, false);
    cg_kernel_evaluate(k, wanted.buffers);
    cg_schedule(k, &schedule);
    start_run(&whole, k, initial, false, options.aligned);
    kernel_code c = compile_kernel(target, k, options);
    if (getenv("PRINT_CODE")) print_code(&c, k);
    int32_t status = run_kernel(&c, k, whole.buffers, 0, false);
    if (status) print_code(&c, k);
    base_check(!status);
    compare(&c, k, &whole, &wanted, tolerance, "whole");
    int64_t unit = cg_schedule_unit(k), pieces[] = {unit, 3 * unit, cg_schedule_grain(k)};
    for (int i = 0; i < 3; i++) {
        run piece;
        start_run(&piece, k, initial, i == 1, options.aligned);
        base_check(!run_kernel(&c, k, piece.buffers, pieces[i], i == 1));
        compare(&c, k, &piece, &whole, 0, "pieces");
        end_run(&piece, k);
    }
    end_run(&whole, k);
    end_run(&wanted, k);
    free_kernel_code(&c);
}

// `build` makes the kernel in k for a size. With index checks, which change nothing; without vectors; with
// buffers that are aligned, and those that are written past the caches.
static void check(const char *name, void (*build)(int64_t n), double tolerance) {
    for (int i = 0; i < N_SIZES; i++) {
        for (int way = 0; way < 4; way++) {
            k = cg_kernel_new(&arena, base_format(&arena, "%s %ld", name, (long)sizes[i]));
            build(sizes[i]);
            check_with((cg_emit_options){.check_indices = way == 1, .aligned = way == 3},
                       (cg_schedule_options){.vector_bytes = way == 2 ? 0 : 32, .cache_bytes = way == 3},
                       tolerance);
        }
        base_arena_free(&arena);
    }
}

static void protected_body(void *test) { ((void (*)(void))test)(); }
static void run_protected(void (*test)(void)) {
    base_failure failure;
    if (base_protect(protected_body, test, &failure) != CV_OK) fail_msg("%s", failure.message);
}

// Elementwise

static void build_chain(int64_t n) {
    cg_expr i = idx(grid(n)), x = cg_load(k, in(CV_F32, n), i), y = cg_load(k, in(CV_F32, n), i);
    cg_expr a = op2(IR_add, op2(IR_mul, real(2), x), y);
    cg_expr r =
        op2(IR_add, op2(IR_max, op2(IR_sub, op2(IR_mul, a, a), x), real(0)), op2(IR_mul, y, real(0.5f)));
    to(&k->body, cg_store(k, out(CV_F32, n), i, r));
}

// [5, n] + [n] + [5, 1], and a bool and an f64 of it.
static void build_broadcast(int64_t n) {
    cg_expr i = idx(grid(5)), j = idx(grid(n)), at = row_major(i, n, j);
    cg_expr x = cg_load(k, in(CV_F32, 5 * n), at), y = cg_load(k, in(CV_F32, n), j),
            z = cg_load(k, in(CV_F32, 5), i);
    cg_expr r = op2(IR_add, op2(IR_add, x, y), z), p = op2(IR_gt, r, real(0));
    to(&k->body, cg_store(k, out(CV_F32, 5 * n), at, r));
    to(&k->body, cg_store(k, out(CV_BOOL, 5 * n), at, p));
    to(&k->body, cg_store(k, out(CV_F64, 5 * n), at, convert(choose(p, r, real(-1)), CV_F64)));
    to(&k->body, cg_store(k, out(CV_F32, 5 * n), at, choose(cg_load(k, in(CV_BOOL, n), j), x, y)));
}

// One loop is left of three; integers of three widths; the counter as data.
static void build_merged(int64_t n) {
    cg_expr i = idx(grid(3)), j = idx(grid(2)), l = idx(grid(n));
    cg_expr at = row_major(row_major(i, 2, j), n, l), x = cg_load(k, in(CV_S32, 6 * n), at);
    cg_expr wide = op2(IR_mul, convert(x, CV_S64), cg_load(k, in(CV_S64, 6 * n), at));
    to(&k->body, cg_store(k, out(CV_S64, 6 * n), at, wide));
    to(&k->body, cg_store(k, out(CV_U32, 6 * n), at, op2(IR_div, convert(x, CV_U32), convert(wide, CV_U32))));
}

static void build_iota(int64_t n) {
    cg_expr i = idx(grid(n)), x = cg_load(k, in(CV_S64, n), i);
    to(&k->body, cg_store(k, out(CV_S64, n), i, op2(IR_add, x, i)));
    to(&k->body, cg_store(k, out(CV_F32, n), i, op2(IR_mul, convert(i, CV_F32), real(0.5f))));
    to(&k->body, cg_store(k, out(CV_BOOL, n), i, op2(IR_lt, cg_remainder(k, i, 7), cg_int(k, 3))));
    to(&k->body, cg_store(k, out(CV_S32, n), i, convert(cg_quotient(k, i, 3), CV_S32)));
    cg_expr below = cg_add(k, i, cg_int(k, -20));
    to(&k->body, cg_store(k, out(CV_S64, n), i,
                          cg_add(k, cg_quotient(k, below, 6), cg_scale(k, cg_remainder(k, below, 6), 100))));
}

// Movement

static void build_transpose(int64_t n) {
    cg_expr i = idx(grid(n)), j = idx(grid(9));
    to(&k->body, cg_store(k, out(CV_F32, 9 * n), row_major(j, n, i),
                          cg_load(k, in(CV_F32, 9 * n), row_major(i, 9, j))));
}

static void build_wide_transpose(int64_t n) {
    cg_expr i = idx(grid(n)), j = idx(grid(48)), x = cg_load(k, in(CV_F32, 48 * n), row_major(j, n, i));
    to(&k->body,
       cg_store(k, out(CV_F32, 48 * n), row_major(i, 48, j), op2(IR_add, x, cg_load(k, in(CV_F32, 48), j))));
}

static void build_moves(int64_t n) {
    cg_expr i = idx(grid(n)), x = cg_load(k, in(CV_F32, n), cg_add(k, cg_int(k, n - 1), cg_scale(k, i, -1)));
    cg_expr y = cg_load(k, in(CV_BOOL, 3 * n + 1), cg_add(k, cg_scale(k, i, 3), cg_int(k, 1)));
    to(&k->body, cg_store(k, out(CV_F32, n), i, choose(y, x, real(1))));
    to(&k->body, cg_store(k, out(CV_F32, n), cg_add(k, cg_int(k, n - 1), cg_scale(k, i, -1)), x));
    to(&k->body, cg_store(k, out(CV_F32, 2 * n), cg_scale(k, i, 2), x));
}

static cg_expr clamped(cg_expr i, int64_t n) { return cg_clamp(k, convert(i, CV_S64), 0, n - 1); }

static void build_gather(int64_t n) {
    cg_expr i = idx(grid(n)), j = idx(grid(5)), at = row_major(i, 5, j);
    cg_expr from = clamped(cg_load(k, in(CV_S32, n), i), 10);
    to(&k->body, cg_store(k, out(CV_F32, 5 * n), at, cg_load(k, in(CV_F32, 50), row_major(from, 5, j))));
    to(&k->body, cg_store(k, out(CV_F32, 5 * n), at,
                          cg_load(k, in(CV_F32, 10), clamped(cg_load(k, in(CV_S32, 5 * n), at), 10))));
}

// A padded copy: offsets that are clamped.
static void build_pad(int64_t n) {
    cg_expr i = idx(grid(n + 5)), at = cg_add(k, i, cg_int(k, -2));
    cg_expr inside = op2(IR_and, op2(IR_ge, at, cg_int(k, 0)), op2(IR_lt, at, cg_int(k, n)));
    uint32_t from = in(CV_F32, n + 1);
    to(&k->body,
       cg_store(k, out(CV_F32, n + 5), i, choose(inside, cg_load(k, from, cg_clamp(k, at, 0, n)), real(3))));
}

// Updates with repeated places: the order counts.
static void build_scatter_add(int64_t n) {
    uint32_t j, sums = cg_add_buffer(k, CV_F32, 8, CG_READ_WRITE), last = out(CV_F32, 8);
    cg_block *body = loop_in(&k->body, n, CG_ABSENT, &j);
    cg_expr at = clamped(cg_load(k, in(CV_S32, n), idx(j)), 8), x = cg_load(k, in(CV_F32, n), idx(j));
    to(body, cg_store(k, sums, at, op2(IR_add, cg_load(k, sums, at), x)));
    to(body, cg_store(k, last, at, x));
}

// Reductions

static uint32_t set_new(cg_block *block, cv_dtype dtype, double value) {
    union ir_scalar initial;
    ir_scalar_from_double(&initial, dtype, value);
    uint32_t local = cg_add_local(k, dtype, 1);
    to(block, cg_set(k, local, cg_constant(k, dtype, &initial)));
    return local;
}

static cg_statement *arg(uint32_t value, uint32_t index, ir_primitive combiner, cg_expr x, cg_expr i) {
    cg_statement *s = cg_statement_new(k, CG_ARG);
    s->combiner = combiner;
    base_push(&arena, &s->ids, value);
    base_push(&arena, &s->ids, index);
    base_push(&arena, &s->values, x);
    base_push(&arena, &s->values, i);
    return s;
}

static void build_row_reductions(int64_t n) {
    cg_expr i = idx(grid(3));
    uint32_t j, sum = set_new(&k->body, CV_S32, 5), max = set_new(&k->body, CV_F32, -INFINITY);
    uint32_t product = set_new(&k->body, CV_F64, 2), all = set_new(&k->body, CV_BOOL, 1);
    uint32_t best = set_new(&k->body, CV_F32, INFINITY), where = set_new(&k->body, CV_S32, 1 << 30);
    uint32_t most = set_new(&k->body, CV_S32, -1000), at_most = set_new(&k->body, CV_S64, 1 << 30);
    cg_block *body = loop_in(&k->body, n, CG_ABSENT, &j);
    cg_expr at = row_major(i, n, idx(j)), x = cg_load(k, in(CV_F32, 3 * n), at),
            y = cg_load(k, in(CV_S32, 3 * n), at);
    to(body, cg_reduce(k, sum, IR_add, y));
    to(body, cg_reduce(k, max, IR_max, x));
    to(body, cg_reduce(k, product, IR_mul,
                       op2(IR_add, convert(op2(IR_mul, x, real(0.01f)), CV_F64),
                           cg_constant(k, CV_F64, &(union ir_scalar){.f64 = 1}))));
    to(body, cg_reduce(k, all, IR_and, op2(IR_ne, x, real(0))));
    to(body, arg(best, where, IR_min, x, convert(idx(j), CV_S32)));
    to(body, arg(most, at_most, IR_max, y, idx(j)));
    uint32_t ids[] = {sum, max, product, all, best, where, most, at_most};
    for (int r = 0; r < 8; r++)
        to(&k->body, cg_store(k, out(k->locals.at[ids[r]].dtype, 3), i, cg_local_value(k, ids[r])));
}

static void build_column_sum(int64_t n) {
    cg_expr j = idx(grid(n));
    uint32_t i, sum = set_new(&k->body, CV_F32, 0), best = set_new(&k->body, CV_F32, -INFINITY);
    uint32_t where = set_new(&k->body, CV_S32, 100);
    cg_block *body = loop_in(&k->body, 11, CG_ABSENT, &i);
    cg_expr x = cg_load(k, in(CV_F32, 11 * n), row_major(idx(i), n, j));
    to(body, cg_reduce(k, sum, IR_add, x));
    to(body, arg(best, where, IR_max, x, convert(idx(i), CV_S32)));
    to(&k->body, cg_store(k, out(CV_F32, n), j, cg_local_value(k, sum)));
    to(&k->body, cg_store(k, out(CV_S32, n), j, cg_local_value(k, where)));
}

static void build_softmax(int64_t n) {
    cg_expr i = idx(grid(3));
    uint32_t a, b, c, row = cg_add_local(k, CV_F32, n ? n : 1), from = in(CV_F32, 3 * n),
                      made = out(CV_F32, 3 * n);
    uint32_t max = set_new(&k->body, CV_F32, -INFINITY), sum = set_new(&k->body, CV_F32, 0);
    cg_block *body = loop_in(&k->body, n, CG_ABSENT, &a);
    to(body, cg_reduce(k, max, IR_max, cg_load(k, from, row_major(i, n, idx(a)))));
    body = loop_in(&k->body, n, CG_ABSENT, &b);
    cg_expr e = op1(IR_exp, op2(IR_sub, cg_load(k, from, row_major(i, n, idx(b))), cg_local_value(k, max)));
    if (n > 1) to(body, cg_put(k, row, idx(b), e));
    to(body, cg_reduce(k, sum, IR_add, e));
    body = loop_in(&k->body, n, CG_ABSENT, &c);
    cg_expr kept =
        n > 1 ? cg_element(k, row, idx(c))
              : op1(IR_exp, op2(IR_sub, cg_load(k, from, row_major(i, n, idx(c))), cg_local_value(k, max)));
    to(body, cg_store(k, made, row_major(i, n, idx(c)), op2(IR_div, kept, cg_local_value(k, sum))));
}

static void build_product(int64_t n) {
    cg_expr i = idx(grid(4)), j = idx(grid(n));
    uint32_t l, sum = set_new(&k->body, CV_F32, 0);
    cg_block *body = loop_in(&k->body, 19, CG_ABSENT, &l);
    cg_expr x = cg_load(k, in(CV_F32, 4 * 19), row_major(i, 19, idx(l))),
            y = cg_load(k, in(CV_F32, 19 * n), row_major(idx(l), n, j));
    to(body, cg_set(k, sum, cg_apply(k, IR_fma, CV_F32, (cg_expr[]){x, y, cg_local_value(k, sum)}, 3)));
    to(&k->body, cg_store(k, out(CV_F32, 4 * n), row_major(i, n, j), cg_local_value(k, sum)));
}

// Partial sums of blocks, put together in the end.
static void build_partial(int64_t n) {
    cg_expr i = idx(grid(4));
    uint32_t j, l, partial = cg_add_buffer(k, CV_S32, 4, CG_READ_WRITE), sum = set_new(&k->body, CV_S32, 0);
    cg_block *body = loop_in(&k->body, n, CG_ABSENT, &j);
    to(body, cg_reduce(k, sum, IR_add, cg_load(k, in(CV_S32, 4 * n), row_major(i, n, idx(j)))));
    to(&k->body, cg_store(k, partial, i, cg_local_value(k, sum)));
    uint32_t all = set_new(&k->finish, CV_S32, 0);
    body = loop_in(&k->finish, 4, CG_ABSENT, &l);
    to(body, cg_reduce(k, all, IR_add, cg_load(k, partial, idx(l))));
    to(&k->finish, cg_store(k, out(CV_S32, 1), cg_int(k, 0), cg_local_value(k, all)));
}

// Control

// The Lorenz equations by Euler's rule, with what each step reads and writes.
static void build_scan(int64_t n) {
    uint32_t t, v[3], trace = out(CV_F32, 3 * n), force = in(CV_F32, n);
    for (int i = 0; i < 3; i++) v[i] = set_new(&k->body, CV_F32, i + 0.5);
    cg_block *body = loop_in(&k->body, n, CG_ABSENT, &t);
    cg_expr x = cg_local_value(k, v[0]), y = cg_local_value(k, v[1]), z = cg_local_value(k, v[2]),
            h = real(0.01f);
    cg_statement *s = cg_statement_new(k, CG_SET);
    cg_expr change[] = {op2(IR_mul, real(10), op2(IR_sub, y, x)),
                        op2(IR_sub, op2(IR_mul, x, op2(IR_sub, real(28), z)), y),
                        op2(IR_sub, op2(IR_mul, x, y), op2(IR_mul, z, real(2.5f)))};
    for (int i = 0; i < 3; i++) {
        base_push(&arena, &s->ids, v[i]);
        base_push(&arena, &s->values, op2(IR_add, cg_local_value(k, v[i]), op2(IR_mul, h, change[i])));
    }
    to(body, s);
    for (int i = 0; i < 3; i++) {
        cg_expr at = row_major(idx(t), 3, cg_int(k, i));
        to(body, cg_store(k, trace, at, op2(IR_add, cg_local_value(k, v[i]), cg_load(k, force, idx(t)))));
    }
    to(&k->body, cg_store(k, out(CV_F32, 1), cg_int(k, 0), cg_local_value(k, v[0])));
}

// The same steps for each of n: the grid in vectors, the loop inside; with sin, whose code has branches, and
// a table of each iteration's own.
static void build_ensemble(int64_t n) {
    cg_expr i = idx(grid(n));
    uint32_t t, u, x = cg_add_local(k, CV_F32, 1), table = cg_add_local(k, CV_F32, 6), angle = in(CV_F32, 1);
    to(&k->body, cg_set(k, x, cg_load(k, in(CV_F32, n), i)));
    cg_block *body = loop_in(&k->body, 6, CG_ABSENT, &t);
    cg_expr turned = op2(IR_add, cg_local_value(k, x), op1(IR_sin, cg_load(k, angle, cg_int(k, 0))));
    to(body, cg_set(k, x, op2(IR_mul, turned, real(0.75f))));
    to(body, cg_put(k, table, idx(t), op1(IR_sin, cg_local_value(k, x))));
    body = loop_in(&k->body, 6, CG_ABSENT, &u);
    to(body, cg_reduce(k, x, IR_add, cg_element(k, table, cg_add(k, cg_int(k, 5), cg_scale(k, idx(u), -1)))));
    cg_expr pick = clamped(cg_load(k, in(CV_S32, n), i), 6);
    to(&k->body,
       cg_store(k, out(CV_F32, n), i, op2(IR_add, cg_local_value(k, x), cg_element(k, table, pick))));
}

static cg_statement *conditional(cg_statement_kind kind, cg_expr condition) {
    cg_statement *s = cg_statement_new(k, kind);
    s->value = condition;
    return s;
}

static void build_control(int64_t n) {
    cg_expr i = idx(grid(n)), x = cg_load(k, in(CV_S32, n), i);
    uint32_t count = set_new(&k->body, CV_S32, 0), v = cg_add_local(k, CV_S32, 1), table = in(CV_S32, 60),
             made = out(CV_S32, n);
    uint32_t marks = cg_add_buffer(k, CV_BOOL, n, CG_READ_WRITE);
    to(&k->body, cg_set(k, v, x));
    cg_statement *loop = conditional(
        CG_WHILE, op2(IR_gt, cg_local_value(k, v), cg_constant(k, CV_S32, &(union ir_scalar){.s32 = 3})));
    to(&k->body, loop);
    to(&loop->body,
       cg_set(k, v, op2(IR_sub, cg_local_value(k, v), cg_constant(k, CV_S32, &(union ir_scalar){.s32 = 2}))));
    to(&loop->body, cg_reduce(k, count, IR_add, cg_local_value(k, v)));
    cg_statement *branch =
        conditional(CG_IF, op2(IR_gt, x, cg_constant(k, CV_S32, &(union ir_scalar){.s32 = 0})));
    to(&k->body, branch);
    to(&branch->body,
       cg_set(k, count, op2(IR_add, cg_local_value(k, count), cg_load(k, table, convert(x, CV_S64)))));
    to(&branch->body,
       cg_store(k, marks, i, op2(IR_ne, cg_load(k, marks, i), op2(IR_gt, x, cg_local_value(k, v)))));
    to(&k->body, cg_store(k, made, i, cg_local_value(k, count)));
}

// Rows of different lengths: a loop with a limit.
static void build_limit(int64_t n) {
    cg_expr i = idx(grid(5));
    cg_expr length = cg_clamp(k, convert(cg_load(k, in(CV_S32, 5), i), CV_S64), 0, n);
    uint32_t j, sum = set_new(&k->body, CV_S32, 0), copy = out(CV_S32, 5 * n);
    cg_block *body = loop_in(&k->body, n, length, &j);
    cg_expr x = cg_load(k, in(CV_S32, 5 * n), row_major(i, n, idx(j)));
    to(body, cg_reduce(k, sum, IR_add, x));
    to(body, cg_store(k, copy, row_major(i, n, idx(j)), x));
    to(&k->body, cg_store(k, out(CV_S32, 5), i, cg_local_value(k, sum)));
}

// Small loops that are written out, with local arrays that become registers.
static void build_small(int64_t n) {
    cg_expr i = idx(grid(n));
    uint32_t a, b, c, v = cg_add_local(k, CV_F64, 4), from = in(CV_F64, 4 * n), m = in(CV_F64, 16),
                      made = out(CV_F64, 4 * n);
    cg_block *body = loop_in(&k->body, 4, CG_ABSENT, &a);
    to(body, cg_put(k, v, idx(a), op1(IR_neg, cg_load(k, from, row_major(i, 4, idx(a))))));
    body = loop_in(&k->body, 4, CG_ABSENT, &b);
    uint32_t sum = set_new(body, CV_F64, 0);
    cg_block *inner = loop_in(body, 4, CG_ABSENT, &c);
    to(inner, cg_reduce(k, sum, IR_add,
                        op2(IR_mul, cg_load(k, m, row_major(idx(b), 4, idx(c))), cg_element(k, v, idx(c)))));
    to(body, cg_store(k, made, row_major(i, 4, idx(b)), cg_local_value(k, sum)));
}

// A buffer that is read and written at the same place, and a prefix sum in place.
static void build_in_place(int64_t n) {
    uint32_t i, j, x = cg_add_buffer(k, CV_F32, n, CG_READ_WRITE),
                   y = cg_add_buffer(k, CV_S32, n + 1, CG_READ_WRITE);
    cg_block *body = loop_in(&k->body, n, CG_ABSENT, &i);
    to(body, cg_store(k, x, idx(i), op2(IR_mul, cg_load(k, x, idx(i)), real(3))));
    body = loop_in(&k->body, n, CG_ABSENT, &j);
    cg_expr next = cg_add(k, idx(j), cg_int(k, 1));
    to(body, cg_store(k, y, next, op2(IR_add, cg_load(k, y, next), cg_load(k, y, idx(j)))));
}

#define CHECK(name, tolerance)                                                                               \
    static void check_##name(void) { check(#name, build_##name, tolerance); }                                \
    static void test_##name(void **unused) {                                                                 \
        (void)unused;                                                                                        \
        run_protected(check_##name);                                                                         \
    }
#define KERNELS(row)                                                                                         \
    row(chain, 0) row(broadcast, 0) row(merged, 0) row(iota, 0) row(transpose, 0) row(wide_transpose, 0)     \
        row(moves, 0) row(gather, 0) row(pad, 0) row(scatter_add, 0) row(row_reductions, 1e-10)              \
            row(column_sum, 1e-5) row(softmax, 1e-5) row(product, 0) row(partial, 0) row(scan, 0)            \
                row(ensemble, 1e-5) row(control, 0) row(limit, 0) row(small, 1e-14) row(in_place, 0)
KERNELS(CHECK)

// NaNs take part in reductions, wherever they are.
static void check_nans(void) {
    for (int64_t at = 0; at < 40; at++) {
        k = cg_kernel_new(&arena, "nans");
        uint32_t j, from = in(CV_F32, 40), max = set_new(&k->body, CV_F32, -INFINITY);
        uint32_t best = set_new(&k->body, CV_F32, -INFINITY), where = set_new(&k->body, CV_S32, 1000);
        cg_block *body = loop_in(&k->body, 40, CG_ABSENT, &j);
        cg_expr x = cg_load(k, from, idx(j));
        to(body, cg_reduce(k, max, IR_max, x));
        to(body, arg(best, where, IR_max, x, convert(idx(j), CV_S32)));
        to(&k->body, cg_store(k, out(CV_F32, 1), cg_int(k, 0), cg_local_value(k, max)));
        to(&k->body, cg_store(k, out(CV_S32, 1), cg_int(k, 0), cg_local_value(k, where)));
        cg_kernel_finish(k);
        cg_schedule(k, &target->schedule);
        kernel_code c = compile_kernel(target, k, (cg_emit_options){.aligned = false});
        float values[40], made = 0;
        int32_t index = 0;
        for (int i = 0; i < 40; i++) values[i] = (float)(i % 7);
        values[at] = values[(at * 7 + 3) % 40] = NAN;
        base_check(!run_kernel(&c, k, (void *[]){values, &made, &index}, 0, false));
        int64_t first = at < (at * 7 + 3) % 40 ? at : (at * 7 + 3) % 40;
        base_check(isnan(made) && index == first);
        free_kernel_code(&c);
    }
    base_arena_free(&arena);
}

static void test_nans(void **unused) {
    (void)unused;
    run_protected(check_nans);
}

// An offset that the kernel's maker got wrong: the number of the buffer is reported, and nothing is touched.
static void check_failure(int64_t shift, bool store, bool gathered) {
    enum { N = 100 };
    k = cg_kernel_new(&arena, "failure");
    cg_expr i = idx(grid(N)), at = cg_add(k, i, cg_int(k, shift));
    uint32_t x = in(CV_F32, N), index = in(CV_S64, N), y = out(CV_F32, N);
    if (gathered) at = cg_load(k, index, i);
    to(&k->body, store ? cg_store(k, y, at, cg_load(k, x, i)) : cg_store(k, y, i, cg_load(k, x, at)));
    cg_kernel_finish(k);
    cg_schedule(k, &target->schedule);
    kernel_code c = compile_kernel(target, k, (cg_emit_options){.check_indices = true});
    guarded a = new_guarded(sizeof(float[N]), false, 1), b = new_guarded(sizeof(int64_t[N]), false, 1),
            r = new_guarded(sizeof(float[N]), false, 1);
    for (int j = 0; j < N; j++) ((int64_t *)(void *)b.at)[j] = j == 77 ? shift > 0 ? N : -1 : j;
    int32_t status = run_kernel(&c, k, (void *[]){a.at, b.at, r.at}, 0, false);
    base_check(status == (shift == 0 && !gathered ? 0 : store ? 3 : 1));
    free_guarded(&a);
    free_guarded(&b);
    free_guarded(&r);
    free_kernel_code(&c);
    base_arena_free(&arena);
}

static void check_failures(void) {
    for (int way = 0; way < 4; way++)
        for (int64_t shift = -1; shift <= 1; shift++) check_failure(shift, way & 1, way & 2);
}

static void test_failures(void **unused) {
    (void)unused;
    run_protected(check_failures);
}

// Stores past the caches, on aligned buffers that end at a page without access.
static void check_streams(void) {
    enum { N = 1 << 16 };
    for (int64_t n = N - 33; n <= N; n += 33) {
        k = cg_kernel_new(&arena, "streams");
        build_chain(n);
        cg_kernel_finish(k);
        cg_schedule(k, &(cg_schedule_options){.vector_bytes = 32, .cache_bytes = 1000});
        base_check(k->streamed == 4);
        kernel_code c = compile_kernel(target, k, (cg_emit_options){.aligned = true});
        char *text = LLVMPrintModuleToString(c.module);
        base_check(strstr(text, "!nontemporal"));
        LLVMDisposeMessage(text);
        guarded memory[3];
        for (int i = 0; i < 3; i++) memory[i] = new_guarded((size_t)n * sizeof(float), false, 64);
        float *x = (float *)(void *)memory[0].at, *y = (float *)(void *)memory[1].at,
              *r = (float *)(void *)memory[2].at;
        fill(CV_F32, x, n);
        fill(CV_F32, y, n);
        base_check(!run_kernel(&c, k, (void *[]){x, y, r}, cg_schedule_grain(k), true));
        for (int64_t i = 0; i < n; i++) {
            float a = 2 * x[i] + y[i], b = a * a - x[i];
            base_check(r[i] == (b > 0 ? b : 0) + y[i] * 0.5f);
        }
        for (int i = 0; i < 3; i++) free_guarded(&memory[i]);
        free_kernel_code(&c);
        base_arena_free(&arena);
    }
}

static void test_streams(void **unused) {
    (void)unused;
    run_protected(check_streams);
}

static void make_target(void *unused) {
    (void)unused;
    target = cg_target_new();
}

int main(void) {
    base_failure failure;
    if (base_protect(make_target, NULL, &failure) != CV_OK)
        return fprintf(stderr, "%s\n", failure.message), 1;
#define ENTRY(name, tolerance) cmocka_unit_test(test_##name),
    const struct CMUnitTest tests[] = {KERNELS(ENTRY) cmocka_unit_test(test_nans),
                                       cmocka_unit_test(test_failures), cmocka_unit_test(test_streams)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cg_target_free(target);
    return failed;
}
