// Schedules of hand-built kernels: which loops are merged, become vectors, are unrolled; and that a
// scheduled kernel still means the same.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "codegen/schedule.h"

static base_arena arena;
static const cg_schedule_options options = {.vector_bytes = 32, .cache_bytes = 1 << 20};

static cg_kernel *k;
static cg_expr idx(uint32_t loop) { return cg_index(k, loop); }
static cg_expr row_major(cg_expr i, int64_t stride, cg_expr j) {
    return cg_add(k, cg_scale(k, i, stride), j);
}
static cg_expr op1(ir_primitive p, cg_expr x) { return cg_apply(k, p, cg_node_of(k, x)->dtype, &x, 1); }
static uint32_t in(int64_t count) { return cg_add_buffer(k, CV_F32, count, CG_READ); }
static uint32_t out(int64_t count) { return cg_add_buffer(k, CV_F32, count, CG_WRITE); }
static void to(cg_block *block, cg_statement *s) { base_push(&arena, block, s); }
static uint32_t grid(int64_t extent) {
    uint32_t loop = cg_add_loop(k, extent, CG_ABSENT);
    base_push(&arena, &k->grid, loop);
    return loop;
}
static cg_block *loop_in(cg_block *block, int64_t extent, uint32_t *loop) {
    *loop = cg_add_loop(k, extent, CG_ABSENT);
    cg_statement *s = cg_for(k, *loop);
    to(block, s);
    return &s->body;
}
static uint32_t set_new(cg_block *block, float value) {
    uint32_t local = cg_add_local(k, CV_F32, 1);
    to(block, cg_set(k, local, cg_constant(k, CV_F32, &(union ir_scalar){.f32 = value})));
    return local;
}

static void start(void) { k = cg_kernel_new(&arena, "test"); }
static void schedule(void) {
    k->verify = true;
    cg_kernel_finish(k);
    cg_schedule(k, &options);
}
static const cg_loop *grid_loop(uint32_t i) { return &k->loops.at[k->grid.at[i]]; }
static const cg_loop *body_loop(uint32_t statement) { return &k->loops.at[k->body.at[statement]->id]; }

static int setup(void **unused) {
    (void)unused;
    start();
    return 0;
}

static int teardown(void **unused) {
    (void)unused;
    base_arena_free(&arena);
    return 0;
}

static void test_elementwise_is_one_vector_loop(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(4096)), j = idx(grid(1)), l = idx(grid(1024)),
            at = row_major(row_major(i, 1, j), 1024, l);
    to(&k->body, cg_store(k, out(4096 * 1024), at, op1(IR_neg, cg_load(k, in(4096 * 1024), at))));
    schedule();
    assert_int_equal(k->grid.n, 1);
    assert_int_equal(grid_loop(0)->extent, 4096 * 1024);
    assert_int_equal(grid_loop(0)->lanes, 32);
    assert_true(grid_loop(0)->parallel);
    assert_int_equal(k->streamed, k->buffers.at[0].access == CG_WRITE ? 1 : 2); // the result, 16 MiB
    assert_int_equal(cg_schedule_iterations(k), 4096 * 1024);
    assert_int_equal(cg_schedule_grain(k) % 32, 0);
    assert_true(cg_schedule_grain(k) < 4096 * 1024 / 2);
}

static void test_broadcast_keeps_the_loops_apart(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(64)), j = idx(grid(100)), at = row_major(i, 100, j);
    cg_expr sum = cg_apply2(k, IR_add, cg_load(k, in(6400), at), cg_load(k, in(100), j));
    to(&k->body, cg_store(k, out(6400), at, sum));
    schedule();
    assert_int_equal(k->grid.n, 2);
    assert_int_equal(grid_loop(0)->lanes, 1);
    assert_int_equal(grid_loop(1)->lanes, 32);
    assert_int_equal(k->streamed, 0);
}

static void test_counter_as_data_keeps_the_loops_apart(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(64)), j = idx(grid(100)), value = cg_apply(k, IR_convert, CV_F32, &j, 1);
    to(&k->body, cg_store(k, out(6400), row_major(i, 100, j), value));
    schedule();
    assert_int_equal(k->grid.n, 2);
}

static void test_transposed_store_turns_the_grid(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(256)), j = idx(grid(512)), x = cg_load(k, in(1), cg_int(k, 0));
    to(&k->body, cg_store(k, out(256 * 512), row_major(j, 256, i), x));
    schedule();
    assert_int_equal(grid_loop(1)->extent, 256);
    assert_int_equal(grid_loop(1)->lanes, 32);
}

static void test_transposing_copy_runs_along_the_lines(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(256)), j = idx(grid(512));
    to(&k->body,
       cg_store(k, out(256 * 512), row_major(j, 256, i), cg_load(k, in(256 * 512), row_major(i, 512, j))));
    schedule();
    assert_int_equal(k->grid.n, 1);
    assert_int_equal(grid_loop(0)->extent, 256);
    assert_int_equal(grid_loop(0)->lanes, 16);
    assert_int_equal(body_loop(0)->extent, 512);
    assert_false(body_loop(0)->parallel);
}

static void reduce_matrix(bool rows) {
    cg_expr outer = idx(grid(200));
    uint32_t inner, sum = set_new(&k->body, 0);
    cg_block *body = loop_in(&k->body, 300, &inner);
    cg_expr at = rows ? row_major(outer, 300, idx(inner)) : row_major(idx(inner), 200, outer);
    to(body, cg_reduce(k, sum, IR_add, cg_load(k, in(60000), at)));
    to(&k->body, cg_store(k, out(200), outer, cg_local_value(k, sum)));
    schedule();
}

static void test_row_sum_is_vector_along_the_row(void **unused) {
    (void)unused;
    reduce_matrix(true);
    assert_int_equal(grid_loop(0)->lanes, 1);
    assert_int_equal(body_loop(1)->lanes, 32);
    assert_int_equal(cg_schedule_unit(k), 1);
}

static void test_column_sum_is_vector_over_the_columns(void **unused) {
    (void)unused;
    reduce_matrix(false);
    assert_int_equal(grid_loop(0)->lanes, 32);
    assert_int_equal(body_loop(1)->lanes, 1);
    assert_int_equal(cg_schedule_unit(k), 32);
}

static void test_inner_loops_merge(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(10));
    uint32_t a, b, sum = set_new(&k->body, 0);
    cg_block *body = loop_in(loop_in(&k->body, 30, &a), 50, &b);
    to(body,
       cg_reduce(k, sum, IR_add, cg_load(k, in(15000), row_major(row_major(i, 30, idx(a)), 50, idx(b)))));
    to(&k->body, cg_store(k, out(10), i, cg_local_value(k, sum)));
    schedule();
    assert_int_equal(body_loop(1)->extent, 1500);
    assert_int_equal(body_loop(1)->lanes, 32);
    assert_int_equal(k->body.at[1]->body.at[0]->kind, CG_REDUCE);
}

// x[i + 1] = x[i], and a sum that each step reads, run in order.
static void test_what_is_carried_is_no_vector(void **unused) {
    (void)unused;
    uint32_t i, j, x = cg_add_buffer(k, CV_F32, 101, CG_READ_WRITE), sum = set_new(&k->body, 0);
    cg_block *body = loop_in(&k->body, 100, &i);
    to(body, cg_store(k, x, cg_add(k, idx(i), cg_int(k, 1)), cg_load(k, x, idx(i))));
    body = loop_in(&k->body, 100, &j);
    to(body,
       cg_set(k, sum, op1(IR_neg, cg_apply2(k, IR_add, cg_local_value(k, sum), cg_load(k, x, idx(j))))));
    to(body, cg_store(k, out(100), idx(j), cg_local_value(k, sum)));
    schedule();
    assert_int_equal(body_loop(1)->lanes, 1);
    assert_int_equal(body_loop(2)->lanes, 1);
}

static void test_short_loops_are_unrolled(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(1000));
    uint32_t a, sum = set_new(&k->body, 0);
    cg_block *body = loop_in(&k->body, 3, &a);
    to(body, cg_reduce(k, sum, IR_add, cg_load(k, in(3000), row_major(idx(a), 1000, i))));
    to(&k->body, cg_store(k, out(1000), i, cg_local_value(k, sum)));
    schedule();
    assert_int_equal(grid_loop(0)->lanes, 32);
    assert_true(body_loop(1)->unrolled);
}

static void test_lanes_fit_the_type_and_the_extent(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(12));
    uint32_t from = cg_add_buffer(k, CV_F64, 12, CG_READ), made = cg_add_buffer(k, CV_F64, 12, CG_WRITE);
    to(&k->body, cg_store(k, made, i, cg_load(k, from, i)));
    schedule();
    assert_int_equal(grid_loop(0)->lanes, 8);
}

static void test_a_brief_kernel_is_one_piece(void **unused) {
    (void)unused;
    cg_expr i = idx(grid(1000));
    to(&k->body, cg_store(k, out(1000), i, cg_load(k, in(1000), i)));
    schedule();
    assert_true(cg_schedule_grain(k) >= 1000);
}

static void evaluate(const cg_kernel *of, float *made) {
    static float from[16 * 24];
    for (int i = 0; i < 16 * 24; i++) from[i] = (float)(i * 7 % 31);
    cg_kernel_evaluate(of, (void *[]){from, made});
}

// A kernel with merged, turned and moved loops gives what it gave.
static void merged_evaluates(void *unused) {
    (void)unused;
    float before[16 * 24] = {0}, after[16 * 24] = {0};
    cg_expr i = idx(grid(4)), j = idx(grid(4)), l = idx(grid(24)), row = row_major(i, 4, j);
    uint32_t from = in(16 * 24), made = out(16 * 24);
    to(&k->body,
       cg_store(k, made, row_major(l, 16, row), op1(IR_neg, cg_load(k, from, row_major(row, 24, l)))));
    k->verify = true;
    cg_kernel_finish(k);
    evaluate(k, before);
    cg_schedule(k, &options);
    base_check(k->grid.n == 1 && grid_loop(0)->extent == 16);
    evaluate(k, after);
    base_check(!memcmp(before, after, sizeof before) && after[5] != 0);
}

static void test_merged_evaluates_the_same(void **unused) {
    (void)unused;
    base_failure failure;
    if (base_protect(merged_evaluates, NULL, &failure) != CV_OK) fail_msg("%s", failure.message);
}

// Rows less their maximum, or its opposite as a second local: the last loop looks at what the first one sets,
// or not.
enum { ROWS = 288, COLUMNS = 600 };

static void build_rows(bool apart) {
    cg_expr i = idx(grid(ROWS));
    uint32_t a, b, from = in(ROWS * COLUMNS), made = out(ROWS * COLUMNS), most = set_new(&k->body, -1000);
    cg_block *body = loop_in(&k->body, COLUMNS, &a);
    to(body, cg_reduce(k, most, IR_max, cg_load(k, from, row_major(i, COLUMNS, idx(a)))));
    uint32_t own = cg_add_local(k, CV_F32, 1);
    to(&k->body, cg_set(k, own, op1(IR_neg, cg_local_value(k, most))));
    body = loop_in(&k->body, COLUMNS, &b);
    cg_expr at = row_major(i, COLUMNS, idx(b)), x = cg_load(k, from, at);
    x = apart ? x : cg_apply2(k, IR_mul, x, cg_local_value(k, most));
    to(body, cg_store(k, made, at, cg_apply2(k, IR_add, x, cg_local_value(k, own))));
    k->verify = true;
    cg_kernel_finish(k);
}

static void rows_overlap(void *unused) {
    (void)unused;
    static float from[ROWS * COLUMNS], before[ROWS * COLUMNS], after[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++) from[i] = (float)(i * 7 % 1031 - 500);
    build_rows(true);
    cg_kernel_evaluate(k, (void *[]){from, before});
    cg_schedule(k, &options);
    base_check(k->grid.n == 1 && grid_loop(0)->extent == 32 && grid_loop(0)->parallel); // tiles of 9 rows
    const cg_statement *row = k->body.at[k->body.n - 1], *both = row->body.at[row->body.n - 1];
    base_check(row->kind == CG_FOR && k->loops.at[row->id].extent == 9 && !k->loops.at[row->id].unrolled);
    base_check(both->kind == CG_FOR && k->loops.at[both->id].lanes == 32 && both->body.n == 2);
    base_check(both->body.at[0]->kind == CG_REDUCE && both->body.at[1]->kind == CG_STORE);
    cg_kernel_evaluate(k, (void *[]){from, after});
    base_check(!memcmp(before, after, sizeof before) && after[5] != 0);
}

static void rows_stay_apart(void *unused) {
    (void)unused;
    build_rows(false);
    cg_schedule(k, &options);
    base_check(grid_loop(0)->extent == ROWS && k->body.n == 4);
}

static void test_rows_overlap(void **unused) {
    (void)unused;
    base_failure failure;
    if (base_protect(rows_overlap, NULL, &failure) != CV_OK) fail_msg("%s", failure.message);
}

static void test_rows_that_depend_stay_apart(void **unused) {
    (void)unused;
    base_failure failure;
    if (base_protect(rows_stay_apart, NULL, &failure) != CV_OK) fail_msg("%s", failure.message);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_elementwise_is_one_vector_loop),
        TEST(test_broadcast_keeps_the_loops_apart),
        TEST(test_counter_as_data_keeps_the_loops_apart),
        TEST(test_transposed_store_turns_the_grid),
        TEST(test_transposing_copy_runs_along_the_lines),
        TEST(test_row_sum_is_vector_along_the_row),
        TEST(test_column_sum_is_vector_over_the_columns),
        TEST(test_inner_loops_merge),
        TEST(test_what_is_carried_is_no_vector),
        TEST(test_short_loops_are_unrolled),
        TEST(test_lanes_fit_the_type_and_the_extent),
        TEST(test_a_brief_kernel_is_one_piece),
        TEST(test_merged_evaluates_the_same),
        TEST(test_rows_overlap),
        TEST(test_rows_that_depend_stay_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
