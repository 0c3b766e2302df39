// Kernels: the algebra of index expressions against brute force, equality, text, verification, counting
// and evaluation of kernels made by hand.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codegen/kernel.h"

static base_arena arena;
static uint64_t state_of_random = 1;

static int64_t draw(int64_t low, int64_t high) {
    state_of_random = state_of_random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (int64_t)((state_of_random >> 33) % (uint64_t)(high - low + 1));
}

static int teardown(void **state) {
    (void)state;
    base_arena_free(&arena);
    return 0;
}

static cg_expr f32(cg_kernel *k, float value) {
    return cg_constant(k, CV_F32, &(union ir_scalar){.f32 = value});
}
static cg_expr unary(cg_kernel *k, ir_primitive p, cg_expr x) {
    return cg_apply(k, p, cg_node_of(k, x)->dtype, &x, 1);
}
static cg_expr ternary(cg_kernel *k, ir_primitive p, cv_dtype dtype, cg_expr x, cg_expr y, cg_expr z) {
    return cg_apply(k, p, dtype, (cg_expr[]){x, y, z}, 3);
}
static cg_expr convert(cg_kernel *k, cv_dtype dtype, cg_expr x) {
    return cg_apply(k, IR_convert, dtype, &x, 1);
}

#define add_to(k, block, ...)                                                                                \
    do {                                                                                                     \
        cg_statement *added = __VA_ARGS__;                                                                   \
        base_push((k)->arena, block, added);                                                                 \
    } while (0)

static uint32_t add_grid(cg_kernel *k, int64_t extent) {
    uint32_t loop = cg_add_loop(k, extent, CG_ABSENT);
    base_push(k->arena, &k->grid, loop);
    return loop;
}

typedef struct run {
    const cg_kernel *k;
    void *const *buffers;
    base_failure failure;
} run;

static void run_evaluate(void *argument) {
    run *r = argument;
    cg_kernel_verify(r->k);
    cg_kernel_evaluate(r->k, r->buffers);
}

static void evaluate(const cg_kernel *k, void *const *buffers) {
    run r = {k, buffers, {0}};
    if (base_protect(run_evaluate, &r, &r.failure)) fail_msg("%s", r.failure.message);
}

static void run_verify(void *argument) {
    run *r = argument;
    cg_kernel_verify(r->k);
}

static void expect_wrong(const cg_kernel *k, const char *message) {
    run r = {k, NULL, {0}};
    if (!base_protect(run_verify, &r, &r.failure)) fail_msg("accepted; expected: %s", message);
    assert_string_equal(r.failure.message, message);
    assert_int_equal(r.failure.status, CV_INTERNAL);
}

static const char *text_of(const cg_kernel *k) {
    base_text text = {.arena = &arena};
    cg_kernel_print(&text, k);
    return base_text_get(&text);
}

// The text of one expression: what stands behind the store of a kernel's only statement.
static const char *text_of_expression(cg_kernel *k, cg_expr e) {
    cg_kernel copy = *k;
    cg_local local = {cg_node_of(k, e)->dtype, 1};
    copy.body = (cg_block){0};
    copy.locals.n = 0;
    base_push(&arena, &copy.locals, local);
    add_to(&copy, &copy.body, cg_set(&copy, 0, e));
    return strstr(text_of(&copy), ":= ") + 3;
}

static void expect_text(cg_kernel *k, cg_expr e, const char *text) {
    const char *got = text_of_expression(k, e);
    if (strncmp(got, text, strlen(text)) || got[strlen(text)] != '\n') fail_msg("%s, not %s", got, text);
}

// Index algebra

static void test_expressions_are_shared(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "k");
    uint32_t b = cg_add_buffer(k, CV_F32, 100, CG_READ);
    cg_expr i = cg_index(k, add_grid(k, 10)), j = cg_index(k, add_grid(k, 10));
    cg_expr x = cg_load(k, b, cg_add(k, cg_scale(k, i, 10), j));
    cg_expr y = cg_load(k, b, cg_add(k, cg_add(k, j, cg_scale(k, i, 7)), cg_scale(k, i, 3)));
    assert_int_equal(x, y);
    uint32_t n = k->nodes.n;
    assert_int_equal(cg_apply2(k, IR_mul, x, y), cg_apply2(k, IR_mul, x, x));
    assert_int_equal(k->nodes.n, n + 1);
    assert_int_equal(cg_node_of(k, x)->loops, 3);
    assert_int_equal(cg_node_of(k, x)->buffers, 1);
    // -0 is another constant than 0, and a NaN the same as itself.
    assert_int_not_equal(f32(k, 0.0f), f32(k, -0.0f));
    assert_int_equal(f32(k, NAN), f32(k, NAN));
    cg_kernel_finish(k);
    assert_int_equal(cg_index(k, 0), i); // after the index was dropped
    cg_kernel_free(k);
}

static void test_sums_have_one_form(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "k");
    cg_expr i = cg_index(k, add_grid(k, 8)), j = cg_index(k, add_grid(k, 16)), one = cg_int(k, 1);
    cg_expr sum = cg_add(k, cg_add(k, cg_int(k, 5), j), cg_scale(k, i, 16));
    expect_text(k, sum, "i0*16 + i1 + 5");
    expect_text(k, cg_apply2(k, IR_sub, sum, cg_scale(k, i, 20)), "i0*-4 + i1 + 5");
    expect_text(k, cg_apply2(k, IR_sub, cg_int(k, 15), j), "i1*-1 + 15");
    expect_text(k, cg_apply2(k, IR_sub, i, cg_scale(k, j, 2)), "i0 - i1*2");
    assert_int_equal(cg_apply2(k, IR_sub, sum, sum), cg_int(k, 0));
    assert_int_equal(cg_apply2(k, IR_mul, one, i), i);
    assert_int_equal(cg_scale(k, cg_scale(k, sum, 3), 2), cg_scale(k, sum, 6));
    assert_int_equal(cg_node_of(k, sum)->low, 5);
    assert_int_equal(cg_node_of(k, sum)->high, 7 * 16 + 15 + 5);
    assert_int_equal(cg_index(k, add_grid(k, 1)), cg_int(k, 0));
    cg_kernel_free(k);
}

static void test_quotients_see_through_sums(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "k");
    cg_expr i = cg_index(k, add_grid(k, 64)), j = cg_index(k, add_grid(k, 16));
    cg_expr l = cg_index(k, add_grid(k, 30));
    cg_expr flat = cg_add(k, cg_scale(k, i, 16), j);
    assert_int_equal(cg_quotient(k, flat, 16), i);
    assert_int_equal(cg_remainder(k, flat, 16), j);
    expect_text(k, cg_quotient(k, flat, 64), "i0/4");
    expect_text(k, cg_remainder(k, flat, 64), "i0%4*16 + i1");
    expect_text(k, cg_quotient(k, flat, 8), "i0*2 + i1/8");
    expect_text(k, cg_quotient(k, cg_quotient(k, l, 3), 5), "i2/15");
    expect_text(k, cg_remainder(k, cg_remainder(k, l, 12), 4), "i2%4");
    expect_text(k, cg_quotient(k, cg_remainder(k, l, 12), 4), "i2/4%3");
    cg_expr all = cg_add(k, cg_add(k, cg_scale(k, cg_quotient(k, l, 12), 12),
                                   cg_scale(k, cg_remainder(k, cg_quotient(k, l, 4), 3), 4)),
                         cg_remainder(k, l, 4));
    assert_int_equal(all, l);
    // Below zero, and where nothing is known.
    expect_text(k, cg_quotient(k, cg_add(k, j, cg_int(k, -16)), 16), "-1");
    uint32_t b = cg_add_buffer(k, CV_S64, 1, CG_READ);
    cg_expr x = cg_load(k, b, cg_int(k, 0));
    expect_text(k, cg_quotient(k, cg_scale(k, x, 4), 4), "b0[0]*4/4");
    expect_text(k, cg_quotient(k, cg_scale(k, cg_clamp(k, x, 0, 9), 4), 4), "clamp(0, b0[0], 9)");
    cg_kernel_free(k);
}

static void test_ranges_decide(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "k");
    cg_expr i = cg_index(k, add_grid(k, 10)), ten = cg_int(k, 10), nine = cg_int(k, 9);
    cg_expr yes = cg_constant(k, CV_BOOL, &(union ir_scalar){.boolean = 1});
    cg_expr no = cg_constant(k, CV_BOOL, &(union ir_scalar){.boolean = 0});
    assert_int_equal(cg_apply2(k, IR_lt, i, ten), yes);
    assert_int_equal(cg_apply2(k, IR_ge, i, ten), no);
    assert_int_equal(cg_apply2(k, IR_eq, i, ten), no);
    assert_int_equal(cg_apply2(k, IR_lt, i, cg_add(k, i, nine)), yes);
    assert_int_equal(cg_node_of(k, cg_apply2(k, IR_lt, i, nine))->kind, CG_APPLY);
    cg_expr far = cg_add(k, i, cg_int(k, 5 - INT64_MAX)); // the difference to which wraps
    assert_int_equal(cg_apply2(k, IR_lt, far, cg_add(k, i, cg_int(k, 18))), yes);
    assert_int_equal(cg_clamp(k, i, 0, 9), i);
    assert_int_equal(cg_clamp(k, i, -3, 100), i);
    expect_text(k, cg_clamp(k, i, -3, 5), "min(i0, 5)");
    assert_int_equal(cg_clamp(k, i, 20, 30), cg_int(k, 20));
    cg_expr x = f32(k, 1), y = f32(k, 2);
    assert_int_equal(ternary(k, IR_select, CV_F32, cg_apply2(k, IR_le, i, nine), x, y), x);
    assert_int_equal(convert(k, CV_S64, convert(k, CV_S32, i)), i);
    cg_expr narrow = convert(k, CV_S32, i);
    assert_int_equal(convert(k, CV_S64, cg_apply2(k, IR_add, narrow, narrow)), cg_scale(k, i, 2));
    cg_expr p = cg_apply2(k, IR_lt, i, nine);
    assert_int_equal(cg_apply2(k, IR_and, p, yes), p);
    assert_int_equal(cg_apply2(k, IR_and, p, no), no);
    assert_int_equal(cg_apply2(k, IR_or, no, p), p);
    assert_int_equal(unary(k, IR_not, unary(k, IR_not, p)), p);
    expect_text(k, unary(k, IR_not, p), "i0 >= 9");
    expect_text(k, unary(k, IR_not, cg_apply2(k, IR_lt, x, y)), "not(1 < 2)"); // NaN
    cg_kernel_free(k);
}

static void test_affine_forms(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "k");
    int64_t factors[CG_MAX_LOOPS];
    cg_expr i = cg_index(k, add_grid(k, 8)), j = cg_index(k, add_grid(k, 9));
    cg_expr e = cg_add(k, cg_scale(k, cg_apply2(k, IR_sub, cg_scale(k, i, 3), j), 4), cg_quotient(k, j, 2));
    assert_true(cg_affine(k, e, 1, factors));
    assert_int_equal(factors[0], 12);
    assert_false(cg_affine(k, e, 2, factors));
    assert_false(cg_affine(k, e, 3, factors));
    assert_true(cg_affine(k, cg_quotient(k, j, 2), 1, factors));
    assert_int_equal(factors[0], 0);
    assert_true(cg_affine(k, cg_apply2(k, IR_sub, cg_int(k, 7), i), 1, factors));
    assert_int_equal(factors[0], -1);
    cg_kernel_free(k);
}

// Flattening an index and taking it apart for any shape of the same size gives back the index, and the
// same node, however many reshapes lie between.
static cg_expr flatten(cg_kernel *k, const cg_expr *index, const int64_t *shape, int n) {
    cg_expr e = cg_int(k, 0);
    for (int a = 0; a < n; a++) e = cg_add(k, cg_scale(k, e, shape[a]), index[a]);
    return e;
}

static void unflatten(cg_kernel *k, cg_expr e, const int64_t *shape, int n, cg_expr *index) {
    for (int a = n; a-- > 0; e = cg_quotient(k, e, shape[a])) index[a] = cg_remainder(k, e, shape[a]);
}

static void test_reshapes_leave_no_trace(void **state) {
    (void)state;
    for (int round = 0; round < 300; round++) {
        cg_kernel *k = cg_kernel_new(&arena, "k");
        int64_t shape[4], other[4], size = 1;
        cg_expr index[4], there[4], back[4];
        for (int a = 0; a < 4; a++) {
            shape[a] = draw(1, 6);
            size *= shape[a];
            index[a] = cg_index(k, add_grid(k, shape[a]));
        }
        cg_expr flat = flatten(k, index, shape, 4);
        for (int64_t a = 3, rest = size; a >= 0; rest /= other[a--]) {
            do other[a] = a ? draw(1, rest) : rest;
            while (rest % other[a]);
        }
        unflatten(k, flat, other, 4, there);
        assert_int_equal(flatten(k, there, other, 4), flat);
        unflatten(k, flatten(k, there, other, 4), shape, 4, back);
        for (int a = 0; a < 4; a++) assert_int_equal(back[a], index[a]);
        cg_kernel_free(k);
    }
}

// Random expressions: each is built, and evaluated from its tree.

typedef struct tree {
    enum {
        COUNTER, NUMBER, DATA, // leaves
        ADD, SUBTRACT, SCALE, QUOTIENT, REMAINDER, CLAMP, CHOOSE, DIVIDE, NARROW
    } kind;
    const struct tree *x, *y;
    int64_t n, m;
} tree;

enum { POINTS = 3 * 4 * 5 };
static const int64_t extents[] = {3, 4, 5};
static int64_t data[8];

static const tree *random_tree(int depth) {
    tree *t = base_new(&arena, tree);
    t->kind = depth ? (unsigned)draw(ADD, NARROW) : (unsigned)draw(COUNTER, DATA);
    if (!depth && draw(0, 2)) t->kind = COUNTER;
    t->n = draw(-20, 20);
    switch (t->kind) {
    case COUNTER: t->n = draw(0, 2); return t;
    case NUMBER: if (!draw(0, 9)) t->n = INT64_MAX - draw(0, 5); return t;
    case DATA: t->n = draw(0, 7); return t;
    case QUOTIENT:
    case REMAINDER: t->n = draw(1, 12); break;
    case CLAMP: t->m = t->n + draw(0, 20); break;
    default: break;
    }
    t->x = random_tree(draw(0, depth - 1));
    t->y = random_tree(draw(0, depth - 1));
    return t;
}

static cg_expr build(cg_kernel *k, const tree *t) {
    cg_expr x = t->x ? build(k, t->x) : 0, y = t->y ? build(k, t->y) : 0;
    switch (t->kind) {
    case COUNTER: return cg_index(k, (uint32_t)t->n);
    case NUMBER: return cg_int(k, t->n);
    case DATA: return cg_load(k, 0, cg_int(k, t->n));
    case ADD: return cg_add(k, x, y);
    case SUBTRACT: return cg_apply2(k, IR_sub, x, y);
    case SCALE: return cg_scale(k, x, t->n);
    case QUOTIENT: return cg_quotient(k, x, t->n);
    case REMAINDER: return cg_remainder(k, x, t->n);
    case CLAMP: return cg_clamp(k, x, t->n, t->m);
    case CHOOSE: return ternary(k, IR_select, CV_S64, cg_apply2(k, t->n & 1 ? IR_lt : IR_ne, x, y), x, y);
    case DIVIDE: return cg_apply2(k, IR_div, x, cg_int(k, t->n));
    case NARROW: {
        cg_expr a = convert(k, CV_S32, x), b = convert(k, CV_S32, y);
        return convert(k, CV_S64, cg_apply2(k, t->n & 1 ? IR_add : IR_mul, a, b));
    }
    }
    return 0;
}

static int64_t remainder_of(int64_t x, int64_t d) { return x % d + (x % d < 0 ? d : 0); }

static int64_t value_of(const tree *t, const int64_t *at) {
    int64_t x = t->x ? value_of(t->x, at) : 0, y = t->y ? value_of(t->y, at) : 0;
    switch (t->kind) {
    case COUNTER: return at[t->n];
    case NUMBER: return t->n;
    case DATA: return data[t->n];
    case ADD: return (int64_t)((uint64_t)x + (uint64_t)y);
    case SUBTRACT: return (int64_t)((uint64_t)x - (uint64_t)y);
    case SCALE: return (int64_t)((uint64_t)x * (uint64_t)t->n);
    case QUOTIENT: return x / t->n - (x % t->n < 0);
    case REMAINDER: return remainder_of(x, t->n);
    case CLAMP: return x < t->n ? t->n : x > t->m ? t->m : x;
    case CHOOSE: return (t->n & 1 ? x < y : x != y) ? x : y;
    case DIVIDE: return t->n == 0 ? -1 : t->n == -1 ? (int64_t)(0 - (uint64_t)x) : x / t->n;
    case NARROW: {
        // Without saturation: what is converted wraps, as integers do.
        uint32_t a = (uint32_t)(uint64_t)x, b = (uint32_t)(uint64_t)y;
        return (int32_t)(t->n & 1 ? a + b : a * b);
    }
    }
    return 0;
}

static void test_random_expressions(void **state) {
    (void)state;
    for (int i = 0; i < 8; i++) data[i] = i < 6 ? draw(-100, 100) : i == 6 ? INT64_MIN + 3 : INT64_MAX - 1;
    for (int round = 0; round < 12000; round++) {
        cg_kernel *k = cg_kernel_new(&arena, "random");
        int64_t results[POINTS], at[3];
        uint32_t in = cg_add_buffer(k, CV_S64, 8, CG_READ), out = cg_add_buffer(k, CV_S64, POINTS, CG_WRITE);
        cg_expr index[3];
        (void)in;
        for (int a = 0; a < 3; a++) index[a] = cg_index(k, add_grid(k, extents[a]));
        const tree *t = random_tree((int)draw(2, 8));
        cg_expr e = build(k, t);
        add_to(k, &k->body, cg_store(k, out, flatten(k, index, extents, 3), e));
        evaluate(k, (void *[]){data, results});
        for (int p = 0; p < POINTS; p++) {
            at[0] = p / 20, at[1] = p / 5 % 4, at[2] = p % 5;
            int64_t want = value_of(t, at);
            if (results[p] != want)
                fail_msg("round %d, point %d: %lld, not %lld: %s", round, p, (long long)results[p],
                         (long long)want, text_of_expression(k, e));
        }
        cg_kernel_free(k);
    }
}

static void test_long_sums_stay_linear(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "long");
    uint32_t in = cg_add_buffer(k, CV_S64, 20000, CG_READ), out = cg_add_buffer(k, CV_S64, 1, CG_WRITE);
    cg_expr sum = cg_int(k, 0);
    int64_t *values = base_new_array(&arena, int64_t, 20000), result = 0, want = 0;
    for (int i = 0; i < 20000; i++) {
        values[i] = i * 7 - 30000;
        want += values[i];
        sum = cg_add(k, sum, cg_load(k, in, cg_int(k, i)));
    }
    assert_true(k->nodes.n < 70000);
    add_to(k, &k->body, cg_store(k, out, cg_int(k, 0), sum));
    evaluate(k, (void *[]){values, &result});
    assert_int_equal(result, want);
    cg_kernel_finish(k);
    assert_true(strlen(text_of(k)) < 2000000);
}

// Kernels

static cg_kernel *softmax(int64_t rows, int64_t columns, const char *name) {
    cg_kernel *k = cg_kernel_new(&arena, name);
    uint32_t x = cg_add_buffer(k, CV_F32, rows * columns, CG_READ);
    uint32_t y = cg_add_buffer(k, CV_F32, rows * columns, CG_WRITE);
    uint32_t most = cg_add_local(k, CV_F32, 1), sum = cg_add_local(k, CV_F32, 1);
    uint32_t row = cg_add_local(k, CV_F32, columns);
    uint32_t r = add_grid(k, rows), c[3];
    k->loops.at[r].parallel = true;
    k->place = (ir_place){"model.c", 12};
    cg_statement *loops[3];
    for (int i = 0; i < 3; i++) {
        c[i] = cg_add_loop(k, columns, CG_ABSENT);
        k->loops.at[c[i]].lanes = 8;
        loops[i] = cg_for(k, c[i]);
    }
#define AT(i) cg_add(k, cg_scale(k, cg_index(k, r), columns), cg_index(k, c[i]))
    add_to(k, &k->body, cg_set(k, most, f32(k, -INFINITY)));
    add_to(k, &loops[0]->body, cg_reduce(k, most, IR_max, cg_load(k, x, AT(0))));
    add_to(k, &k->body, loops[0]);
    add_to(k, &k->body, cg_set(k, sum, f32(k, 0)));
    cg_expr e = unary(k, IR_exp, cg_apply2(k, IR_sub, cg_load(k, x, AT(1)), cg_local_value(k, most)));
    add_to(k, &loops[1]->body, cg_put(k, row, cg_index(k, c[1]), e));
    add_to(k, &loops[1]->body, cg_reduce(k, sum, IR_add, e));
    add_to(k, &k->body, loops[1]);
    cg_expr quotient = cg_apply2(k, IR_div, cg_element(k, row, cg_index(k, c[2])), cg_local_value(k, sum));
    add_to(k, &loops[2]->body, cg_store(k, y, AT(2), quotient));
    add_to(k, &k->body, loops[2]);
#undef AT
    cg_kernel_finish(k);
    return k;
}

static void test_softmax(void **state) {
    (void)state;
    enum { ROWS = 5, COLUMNS = 7 };
    float x[ROWS * COLUMNS], y[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++) x[i] = (float)draw(-100, 100) / 10;
    cg_kernel *k = softmax(ROWS, COLUMNS, "softmax");
    evaluate(k, (void *[]){x, y});
    for (int r = 0; r < ROWS; r++) {
        float most = -INFINITY, sum = 0;
        for (int c = 0; c < COLUMNS; c++) most = fmaxf(most, x[r * COLUMNS + c]);
        for (int c = 0; c < COLUMNS; c++) sum += expf(x[r * COLUMNS + c] - most);
        for (int c = 0; c < COLUMNS; c++)
            assert_true(y[r * COLUMNS + c] == expf(x[r * COLUMNS + c] - most) / sum);
    }
    cg_kernel_free(k);
}

static void test_text(void **state) {
    (void)state;
    cg_kernel *k = softmax(4096, 1024, "softmax");
    assert_string_equal(text_of(k),
                        "kernel softmax (model.c:12): grid i0 < 4096 parallel\n"
                        "  b0 read f32[4194304], b1 write f32[4194304]; 33554432 bytes, 20971520 operations\n"
                        "  t0 f32, t1 f32, a2 f32[1024]\n"
                        "  t0 := -inf\n"
                        "  for i1 < 1024 lanes 8: reduce\n"
                        "    t0 max= b0[i0*1024 + i1]\n"
                        "  t1 := 0\n"
                        "  for i2 < 1024 lanes 8: map, reduce\n"
                        "    v0 = exp(b0[i0*1024 + i2] - t0)\n"
                        "    a2[i2] := v0\n"
                        "    t1 += v0\n"
                        "  for i3 < 1024 lanes 8: map\n"
                        "    b1[i0*1024 + i3] := a2[i3] / t1\n");
    cg_kernel_free(k);
}

// A name ends where a statement changes what it stands for; a condition has its own.
static void test_text_of_names(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "names");
    uint32_t b = cg_add_buffer(k, CV_F32, 4, CG_READ_WRITE), t = cg_add_local(k, CV_F32, 1);
    cg_expr zero = cg_int(k, 0), x = cg_load(k, b, zero), v = cg_local_value(k, t), one = f32(k, 1);
    cg_expr square = cg_apply2(k, IR_mul, x, x), next = cg_apply2(k, IR_add, v, one);
    cg_expr grows = cg_apply2(k, IR_lt, cg_apply2(k, IR_mul, next, next), f32(k, 50));
    add_to(k, &k->body, cg_set(k, t, cg_apply2(k, IR_add, square, square)));
    add_to(k, &k->body, cg_store(k, b, zero, next));
    add_to(k, &k->body, cg_store(k, b, cg_int(k, 1), square));
    cg_statement *loop = cg_statement_new(k, CG_WHILE);
    loop->value = grows;
    add_to(k, &loop->body, cg_set(k, t, next));
    add_to(k, &k->body, loop);
    cg_statement *both = cg_statement_new(k, CG_IF);
    both->value = cg_apply2(k, IR_or, cg_apply2(k, IR_eq, v, one), cg_apply2(k, IR_gt, v, f32(k, 3)));
    cg_expr again = cg_apply2(k, IR_sub, v, cg_apply2(k, IR_sub, v, one));
    add_to(k, &both->body, cg_store(k, b, cg_int(k, 3), again));
    add_to(k, &k->body, both);
    add_to(k, &k->finish, cg_store(k, b, cg_int(k, 2), one));
    cg_kernel_finish(k);
    assert_string_equal(text_of(k), "kernel names: grid of one\n"
                                    "  b0 read write f32[4]; 20 bytes, 11 operations\n"
                                    "  t0 f32\n"
                                    "  v0 = b0[0]\n"
                                    "  v1 = v0*v0\n"
                                    "  t0 := v1 + v1\n"
                                    "  b0[0] := t0 + 1\n"
                                    "  v2 = b0[0]\n"
                                    "  b0[1] := v2*v2\n"
                                    "  while v3*v3 < 50 where v3 = t0 + 1\n"
                                    "    t0 := t0 + 1\n"
                                    "  if t0 == 1 | t0 > 3\n"
                                    "    b0[3] := t0 - (t0 - 1)\n"
                                    "  finish\n"
                                    "    b0[2] := 1\n");
    float data_in[4] = {2, 0, 0, 0};
    evaluate(k, (void *[]){data_in});
    assert_true(data_in[0] == 9 && data_in[1] == 81 && data_in[2] == 1 && data_in[3] == 1);
    cg_kernel_free(k);
}

static void test_equality(void **state) {
    (void)state;
    cg_kernel *a = softmax(64, 32, "a"), *b = softmax(64, 32, "b"), *c = softmax(64, 33, "a");
    b->place.line = 99;
    cg_int(b, 12345); // made, but used by nothing
    assert_true(cg_kernel_equal(a, b));
    assert_true(cg_kernel_equal(b, a));
    assert_int_equal(cg_kernel_hash(a), cg_kernel_hash(b));
    assert_false(cg_kernel_equal(a, c));
    assert_int_not_equal(cg_kernel_hash(a), cg_kernel_hash(c));
    b->loops.at[2].lanes = 4;
    assert_false(cg_kernel_equal(a, b));
    assert_int_not_equal(cg_kernel_hash(a), cg_kernel_hash(b));
    b->loops.at[2].lanes = 8;
    assert_true(cg_kernel_equal(a, b));
    cg_statement *last = b->body.at[4]->body.at[0];
    last->value = cg_apply2(b, IR_mul, last->value, last->value);
    assert_false(cg_kernel_equal(a, b));
    assert_int_not_equal(cg_kernel_hash(a), cg_kernel_hash(b));
    cg_kernel *kernels[] = {a, b, c};
    for (int i = 0; i < 3; i++) cg_kernel_free(kernels[i]);
}

// The rows are reduced in parts, one for each grid iteration, and `finish` adds the parts.
static void test_column_sum_with_finish(void **state) {
    (void)state;
    enum { ROWS = 12, COLUMNS = 3, PARTS = 4 };
    cg_kernel *k = cg_kernel_new(&arena, "column_sum");
    uint32_t x = cg_add_buffer(k, CV_S32, ROWS * COLUMNS, CG_READ);
    uint32_t parts = cg_add_buffer(k, CV_S32, PARTS * COLUMNS, CG_READ_WRITE);
    uint32_t y = cg_add_buffer(k, CV_S32, COLUMNS, CG_WRITE), sum = cg_add_local(k, CV_S32, 1);
    uint32_t part = add_grid(k, PARTS), c = cg_add_loop(k, COLUMNS, CG_ABSENT);
    uint32_t r = cg_add_loop(k, ROWS / PARTS, CG_ABSENT);
    uint32_t fc = cg_add_loop(k, COLUMNS, CG_ABSENT), fp = cg_add_loop(k, PARTS, CG_ABSENT);
    cg_expr zero = cg_constant(k, CV_S32, &(union ir_scalar){.s32 = 0});
    cg_expr row = cg_add(k, cg_scale(k, cg_index(k, part), 3), cg_index(k, r));
    cg_statement *columns = cg_for(k, c), *rows = cg_for(k, r), *each = cg_for(k, fc), *all = cg_for(k, fp);
    add_to(k, &rows->body,
           cg_reduce(k, sum, IR_add, cg_load(k, x, cg_add(k, cg_scale(k, row, COLUMNS), cg_index(k, c)))));
    add_to(k, &columns->body, cg_set(k, sum, zero));
    add_to(k, &columns->body, rows);
    cg_expr at = cg_add(k, cg_scale(k, cg_index(k, part), COLUMNS), cg_index(k, c));
    add_to(k, &columns->body, cg_store(k, parts, at, cg_local_value(k, sum)));
    add_to(k, &k->body, columns);
    add_to(k, &each->body, cg_set(k, sum, zero));
    cg_expr part_at = cg_add(k, cg_scale(k, cg_index(k, fp), COLUMNS), cg_index(k, fc));
    add_to(k, &all->body, cg_reduce(k, sum, IR_add, cg_load(k, parts, part_at)));
    add_to(k, &each->body, all);
    add_to(k, &each->body, cg_store(k, y, cg_index(k, fc), cg_local_value(k, sum)));
    add_to(k, &k->finish, each);
    cg_kernel_finish(k);
    assert_int_equal(k->operations, ROWS * COLUMNS + PARTS * COLUMNS);
    assert_int_equal(k->bytes, 4 * (ROWS * COLUMNS + 2 * PARTS * COLUMNS + COLUMNS));
    assert_non_null(strstr(text_of(k), "  for i1 < 3: map\n    t0 := 0\n    for i2 < 3: reduce\n"));
    int32_t in[ROWS * COLUMNS], scratch[PARTS * COLUMNS], out[COLUMNS], want[COLUMNS] = {0};
    for (int i = 0; i < ROWS * COLUMNS; i++) want[i % COLUMNS] += in[i] = (int32_t)draw(-1000, 1000);
    evaluate(k, (void *[]){in, scratch, out});
    assert_memory_equal(out, want, sizeof want);
    cg_kernel_free(k);
}

// Fibonacci numbers: both carries are set at once. The length is data.
static void test_scan_sets_all_at_once(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "scan");
    uint32_t length = cg_add_buffer(k, CV_S32, 1, CG_READ), out = cg_add_buffer(k, CV_S64, 20, CG_WRITE);
    uint32_t x = cg_add_local(k, CV_S64, 1), y = cg_add_local(k, CV_S64, 1);
    cg_expr limit = cg_clamp(k, convert(k, CV_S64, cg_load(k, length, cg_int(k, 0))), 0, 20);
    uint32_t i = cg_add_loop(k, 20, limit);
    cg_statement *start = cg_set(k, x, cg_int(k, 0)), *loop = cg_for(k, i);
    cg_statement *step = cg_set(k, x, cg_local_value(k, y));
    base_push(k->arena, &start->ids, y);
    base_push(k->arena, &start->values, cg_int(k, 1));
    base_push(k->arena, &step->ids, y);
    base_push(k->arena, &step->values, cg_add(k, cg_local_value(k, x), cg_local_value(k, y)));
    add_to(k, &loop->body, cg_store(k, out, cg_index(k, i), cg_local_value(k, x)));
    add_to(k, &loop->body, step);
    add_to(k, &k->body, start);
    add_to(k, &k->body, loop);
    cg_kernel_finish(k);
    assert_non_null(strstr(text_of(k), "  t0, t1 := 0, 1\n"
                                       "  for i0 < clamp(0, s64(b0[0]), 20) (at most 20): map, scan\n"
                                       "    b1[i0] := t0\n"
                                       "    t0, t1 := t1, t0 + t1\n"));
    int32_t n = 15;
    int64_t got[20];
    memset(got, 0x55, sizeof got);
    evaluate(k, (void *[]){&n, got});
    assert_int_equal(got[14], 377);
    assert_int_equal(got[15], 0x5555555555555555);
    cg_kernel_free(k);
}

static int32_t arg_of(ir_primitive combiner, const float *values, int n, bool backwards) {
    cg_kernel *k = cg_kernel_new(&arena, "arg");
    uint32_t in = cg_add_buffer(k, CV_F32, n, CG_READ), out = cg_add_buffer(k, CV_S32, 1, CG_WRITE);
    uint32_t best = cg_add_local(k, CV_F32, 1), index = cg_add_local(k, CV_S32, 1);
    uint32_t i = cg_add_loop(k, n, CG_ABSENT);
    cg_expr at = backwards ? cg_apply2(k, IR_sub, cg_int(k, n - 1), cg_index(k, i)) : cg_index(k, i);
    cg_statement *start = cg_set(k, best, f32(k, combiner == IR_max ? -INFINITY : INFINITY));
    cg_statement *loop = cg_for(k, i);
    base_push(k->arena, &start->ids, index);
    base_push(k->arena, &start->values, cg_constant(k, CV_S32, &(union ir_scalar){.s32 = INT32_MAX}));
    cg_statement *arg = cg_statement_new(k, CG_ARG);
    arg->combiner = combiner;
    base_push(k->arena, &arg->ids, best);
    base_push(k->arena, &arg->ids, index);
    base_push(k->arena, &arg->values, cg_load(k, in, at));
    base_push(k->arena, &arg->values, convert(k, CV_S32, at));
    add_to(k, &loop->body, arg);
    add_to(k, &k->body, start);
    add_to(k, &k->body, loop);
    add_to(k, &k->body, cg_store(k, out, cg_int(k, 0), cg_local_value(k, index)));
    int32_t result = -1;
    evaluate(k, (void *[]){(void *)(uintptr_t)values, &result});
    cg_kernel_free(k);
    return result;
}

static void test_arg_prefers_nan_and_small_indices(void **state) {
    (void)state;
    const struct { float values[5]; int32_t max, min; } rows[] = {
        {{3, 1, 4, 1, 4}, 2, 1},           {{2, 2, 2, 2, 2}, 0, 0},
        {{1, NAN, 5, NAN, -5}, 1, 1},      {{-INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY}, 0, 0},
        {{0.0f, -0.0f, 0, 0, 0}, 0, 0},    {{INFINITY, 7, 7, NAN, 7}, 3, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            assert_int_equal(arg_of(IR_max, rows[i].values, 5, backwards), rows[i].max);
            assert_int_equal(arg_of(IR_min, rows[i].values, 5, backwards), rows[i].min);
        }
}

// Verification and checks

static cg_kernel *copy_kernel(cg_expr *index) {
    cg_kernel *k = cg_kernel_new(&arena, "copy");
    cg_add_buffer(k, CV_F32, 8, CG_READ);
    cg_add_buffer(k, CV_F32, 8, CG_WRITE);
    *index = cg_index(k, add_grid(k, 8));
    return k;
}

static void test_wrong_kernels_are_refused(void **state) {
    (void)state;
    cg_expr i;
#define CASE(message, ...)                                                                                   \
    do {                                                                                                     \
        cg_kernel *k = copy_kernel(&i);                                                                      \
        __VA_ARGS__;                                                                                         \
        expect_wrong(k, "kernel copy: " message);                                                            \
        cg_kernel_free(k);                                                                                   \
    } while (0)
    CASE("b0 is written, but is only to be read", add_to(k, &k->body, cg_store(k, 0, i, f32(k, 1))));
    CASE("b1 is read, but is not to be read", add_to(k, &k->body, cg_store(k, 1, i, cg_load(k, 1, i))));
    CASE("b1 of f32 gets s64", add_to(k, &k->body, cg_store(k, 1, i, i)));
    CASE("offsets 1 to 8 in b1, which has 8 elements",
         add_to(k, &k->body, cg_store(k, 1, cg_add(k, i, cg_int(k, 1)), f32(k, 1))));
    CASE("offsets -1 to 6 in b0, which has 8 elements",
         add_to(k, &k->body, cg_store(k, 1, i, cg_load(k, 0, cg_add(k, i, cg_int(k, -1))))));
    CASE("the counter of loop 1 is used outside it", uint32_t l = cg_add_loop(k, 8, CG_ABSENT);
         add_to(k, &k->body, cg_store(k, 1, cg_index(k, l), f32(k, 1))));
    CASE("the counter of loop 0 is used outside it", add_to(k, &k->finish, cg_store(k, 1, i, f32(k, 1))));
    CASE("loop 0 stands inside itself", add_to(k, &k->body, cg_for(k, 0)));
    CASE("b1 gets no value", add_to(k, &k->body, cg_store(k, 1, i, CG_ABSENT)));
    CASE("b1 has no offset", add_to(k, &k->body, cg_store(k, 1, CG_ABSENT, f32(k, 1))));
    CASE("buffer 7 does not exist", add_to(k, &k->body, cg_store(k, 7, i, f32(k, 1))));
    CASE("the condition of an if is not a bool", add_to(k, &k->body, cg_statement_new(k, CG_IF)));
    CASE("array a0 is used as a scalar", cg_add_local(k, CV_F32, 4);
         add_to(k, &k->body, cg_set(k, 0, f32(k, 1))));
    CASE("t0 of f32 is reduced by what does not combine it", cg_add_local(k, CV_F32, 1);
         add_to(k, &k->body, cg_reduce(k, 0, IR_sub, f32(k, 1))));
    CASE("t0 is set twice at once", cg_add_local(k, CV_F32, 1); cg_statement *s = cg_set(k, 0, f32(k, 1));
         base_push(k->arena, &s->ids, 0); base_push(k->arena, &s->values, f32(k, 2)); add_to(k, &k->body, s));
    CASE("node 3: add of f32 and s64", cg_expr x = cg_load(k, 0, i);
         cg_apply(k, IR_add, CV_F32, (cg_expr[]){x, cg_int(k, 3)}, 2));
#undef CASE
}

// A range that only may lie outside is not refused, but evaluation sees the offset.
static void test_evaluation_checks_offsets(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "gather");
    uint32_t at = cg_add_buffer(k, CV_S64, 3, CG_READ), out = cg_add_buffer(k, CV_S64, 3, CG_WRITE);
    cg_expr i = cg_index(k, add_grid(k, 3));
    add_to(k, &k->body, cg_store(k, out, cg_load(k, at, i), i));
    int64_t in[] = {2, 0, 3}, results[3] = {0};
    run r = {k, (void *[]){in, results}, {0}};
    assert_int_equal(base_protect(run_evaluate, &r, &r.failure), CV_INTERNAL);
    assert_string_equal(r.failure.message, "kernel gather: offset 3 in b1, which has 3 elements");
    in[2] = 1;
    evaluate(k, (void *[]){in, results});
    assert_int_equal(results[1], 2);
    cg_kernel_free(k);
}

static void test_empty_grids_do_nothing(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "empty");
    uint32_t b = cg_add_buffer(k, CV_F32, 0, CG_READ_WRITE);
    cg_expr i = cg_index(k, add_grid(k, 0));
    add_to(k, &k->body, cg_store(k, b, i, unary(k, IR_neg, cg_load(k, b, i))));
    evaluate(k, (void *[]){NULL});
    cg_kernel_finish(k);
    assert_int_equal(k->bytes, 0);
    assert_int_equal(k->operations, 0);
}

// What a slice reads is counted, not its buffer; a row that all iterations read counts once.
static void test_bytes_are_those_touched(void **state) {
    (void)state;
    cg_kernel *k = cg_kernel_new(&arena, "slice");
    uint32_t x = cg_add_buffer(k, CV_F64, 1000000, CG_READ), row = cg_add_buffer(k, CV_F64, 16, CG_READ);
    uint32_t y = cg_add_buffer(k, CV_F64, 64, CG_WRITE);
    cg_expr i = cg_index(k, add_grid(k, 4)), j = cg_index(k, add_grid(k, 16));
    cg_expr at = cg_add(k, cg_scale(k, i, 16), j);
    cg_expr a = cg_load(k, x, cg_add(k, at, cg_int(k, 500))), b = cg_load(k, row, j);
    cg_expr shifted = cg_load(k, x, cg_add(k, at, cg_int(k, 501)));
    add_to(k, &k->body, cg_store(k, y, at, ternary(k, IR_fma, CV_F64, a, b, shifted)));
    cg_kernel_finish(k);
    assert_int_equal(k->bytes, 8 * (65 + 16 + 64));
    assert_int_equal(k->operations, 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions_are_shared),
        cmocka_unit_test(test_sums_have_one_form),
        cmocka_unit_test(test_quotients_see_through_sums),
        cmocka_unit_test(test_ranges_decide),
        cmocka_unit_test(test_affine_forms),
        cmocka_unit_test(test_reshapes_leave_no_trace),
        cmocka_unit_test(test_random_expressions),
        cmocka_unit_test(test_long_sums_stay_linear),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_of_names),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_column_sum_with_finish),
        cmocka_unit_test(test_scan_sets_all_at_once),
        cmocka_unit_test(test_arg_prefers_nan_and_small_indices),
        cmocka_unit_test(test_wrong_kernels_are_refused),
        cmocka_unit_test(test_evaluation_checks_offsets),
        cmocka_unit_test(test_empty_grids_do_nothing),
        cmocka_unit_test(test_bytes_are_those_touched),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
